//! Which workspace, and where its key comes from.

use cardfile_core::{
    Code, Core, Environment, Error, Protection, Restored, Salvaged, Secret, backups, domain::Sentence, system,
};
use std::{
    io::{BufRead, IsTerminal, Read},
    path::{Path, PathBuf},
};

/// Opens a workspace and says what opening it did.
pub(crate) fn open(dir: &Path) -> Result<Core, Error> {
    Ok(open_told(dir)?.0)
}

/// The same, with what was offered for it, if anything had to be.
pub(crate) fn open_told(dir: &Path) -> Result<(Core, Option<Secret>), Error> {
    let mut offered = asked()?;
    let opened = match Core::open(dir, offered.as_ref(), system::environment()) {
        Err(error) if error.code == Code::Locked && offered.is_none() && std::io::stdin().is_terminal() => {
            let secret = offered.insert(prompt(ASK)?);
            Core::open(dir, Some(&*secret), system::environment())
        }
        other => other,
    };
    let (core, opening) = opened?;
    for operation in &opening.rolled_back {
        eprintln!("{} {} had been cut off and was taken back", operation.kind.as_str(), operation.subject);
    }
    if let Some(backup) = &opening.backup {
        eprintln!("Brought up to date; a backup of the old state is in {}", backup.display());
    }
    if opening.keychain_mended {
        eprintln!("The keychain of this computer opens it again from now on.");
    }
    Ok((core, offered))
}

const ASK: &str = "Passphrase or recovery code: ";

/// What a person offers now.
pub(crate) fn offered() -> Result<Secret, Error> {
    match asked()? {
        Some(secret) => Ok(secret),
        None if std::io::stdin().is_terminal() => prompt(ASK),
        None => Err(nobody("CARDFILE_PASSPHRASE_FD")),
    }
}

/// A passphrase that is to open the workspace from now on.
pub(crate) fn new_passphrase() -> Result<String, Error> {
    if let Some(line) = line_of("CARDFILE_NEW_PASSPHRASE_FD")? {
        return Ok(line);
    }
    if !std::io::stdin().is_terminal() {
        return Err(nobody("CARDFILE_NEW_PASSPHRASE_FD"));
    }
    match typed_twice()? {
        Secret::Passphrase(text) => Ok(text.to_string()),
        Secret::Recovery(_) => Err(Error::bad_request(Sentence::verbatim("no passphrase"))),
    }
}

/// There is nobody to be asked.
fn nobody(variable: &str) -> Error {
    Error::new(Code::Locked, Sentence::verbatim("a passphrase is needed and none was given"))
        .hint(Sentence::verbatim(format!("Pass it through the file descriptor named by {variable}.")))
}

/// Opens a workspace with what a person offers now, and gives that too: who wants
/// to see a secret proves it each time.
pub(crate) fn open_proven(dir: &Path) -> Result<(Core, Secret), Error> {
    let secret = match asked()? {
        Some(secret) => secret,
        None if std::io::stdin().is_terminal() => prompt(ASK)?,
        None => {
            return Err(Error::new(
                Code::Locked,
                Sentence::verbatim("a secret is shown after the passphrase or the recovery code only"),
            )
            .hint(Sentence::verbatim("Pass one through the file descriptor named by CARDFILE_PASSPHRASE_FD.")));
        }
    };
    let (core, _) = Core::open(dir, Some(&secret), system::environment())?;
    Ok((core, secret))
}

/// Restores a backup into a new folder. The workspace in `since`, if the backup is of that
/// one, says who was erased after it was written.
pub(crate) fn restore(file: &Path, into: &Path, since: &Path) -> Result<Restored, Error> {
    let restore = |secret: Option<&Secret>| {
        let since = Some(since).filter(|dir| dir.is_dir());
        backups::into(file, into, secret, since, system::environment()).map(|(_, restored)| restored)
    };
    with_secret(restore)
}

/// Puts a backup in the place of the workspace, which is kept beside it.
pub(crate) fn restore_over(file: &Path, dir: &Path) -> Result<Restored, Error> {
    with_secret(|secret| backups::over(file, dir, None, secret, system::environment()))
}

/// Copies what can be read of a damaged workspace into a new folder.
pub(crate) fn salvage(dir: &Path, into: &Path) -> Result<Salvaged, Error> {
    with_secret(|secret| backups::salvage(dir, into, None, secret, &system::environment()))
}

/// Tries with what was offered, and asks when it needs more.
fn with_secret<T>(work: impl Fn(Option<&Secret>) -> Result<T, Error>) -> Result<T, Error> {
    let offered = asked()?;
    match work(offered.as_ref()) {
        Err(error) if error.code == Code::Locked && offered.is_none() && std::io::stdin().is_terminal() => {
            work(Some(&prompt(ASK)?))
        }
        other => other,
    }
}

/// How a new workspace is protected: a passphrase when one is given or can be
/// asked for, else the keychain. Never silently without.
pub(crate) fn protection(environment: &Environment) -> Result<Protection, Error> {
    if let Some(Secret::Passphrase(passphrase)) = asked()? {
        return Ok(Protection::Passphrase(passphrase));
    }
    if environment.keystore.is_some() {
        return Ok(Protection::Keychain);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::new(
            Code::Locked,
            Sentence::verbatim("this computer has no keychain and no passphrase was given"),
        )
        .hint(Sentence::verbatim(
            "Pass one through the file descriptor named by CARDFILE_PASSPHRASE_FD, or choose init --unprotected.",
        )));
    }
    match typed_twice()? {
        Secret::Passphrase(text) => Ok(Protection::Passphrase(text)),
        Secret::Recovery(_) => Err(Error::bad_request(Sentence::verbatim("no passphrase"))),
    }
}

fn typed_twice() -> Result<Secret, Error> {
    let (Secret::Passphrase(first), Secret::Passphrase(second)) = (prompt("New passphrase: ")?, prompt("Again: ")?)
    else {
        return Err(Error::bad_request(Sentence::verbatim("no passphrase")));
    };
    if *first != *second {
        return Err(Error::bad_request(Sentence::verbatim("the two passphrases differ")));
    }
    Ok(Secret::Passphrase(first))
}

/// The passphrase of a script.
fn asked() -> Result<Option<Secret>, Error> {
    Ok(line_of("CARDFILE_PASSPHRASE_FD")?.map(|line| Secret::Passphrase(line.into())))
}

/// The first line of an open file descriptor whose number is in a variable, so that it
/// stands in no process list and no environment.
fn line_of(variable: &str) -> Result<Option<String>, Error> {
    let Some(number) = std::env::var_os(variable) else { return Ok(None) };
    let number: u32 = number
        .to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("{variable} is not a number"))))?;
    let mut text = String::new();
    if number == 0 {
        // Standard input may be a socket, which cannot be opened again; and what
        // follows the first line is left to who reads on.
        let read = std::io::stdin().lock().take(4096).read_line(&mut text);
        read.map_err(|e| Error::io(Path::new("standard input"), &e))?;
        return Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()));
    }
    let path = PathBuf::from(format!("/dev/fd/{number}"));
    std::fs::File::open(&path)
        .and_then(|file| file.take(4096).read_to_string(&mut text))
        .map_err(|e| Error::io(&path, &e))?;
    Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
}

fn prompt(question: &str) -> Result<Secret, Error> {
    let typed = rpassword::prompt_password(question).map_err(|e| Error::io(Path::new("terminal"), &e))?;
    Ok(Secret::Passphrase(typed.into()))
}
