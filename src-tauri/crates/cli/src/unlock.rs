//! Which workspace, and where its key comes from.

use cardfile_core::{
    Code, Core, Environment, Error, Manifest, Protection, Secret, domain::Sentence, privacy::erasure, system,
};
use std::{
    io::{BufRead, IsTerminal, Read},
    path::{Path, PathBuf},
};

/// Opens a workspace and says what opening it did.
pub(crate) fn open(dir: &Path) -> Result<Core, Error> {
    let opened = match asked()? {
        Some(secret) => Core::open(dir, Some(&secret), system::environment()),
        None => match Core::open(dir, None, system::environment()) {
            Err(error) if error.code == Code::Locked && std::io::stdin().is_terminal() => {
                let secret = prompt("Passphrase or recovery code: ")?;
                Core::open(dir, Some(&secret), system::environment())
            }
            other => other,
        },
    };
    let (core, opening) = opened?;
    for operation in &opening.rolled_back {
        eprintln!("{} {} had been cut off and was taken back", operation.kind.as_str(), operation.subject);
    }
    if let Some(backup) = &opening.backup {
        eprintln!("Brought up to date; a backup of the old state is in {}", backup.display());
    }
    Ok(core)
}

/// Opens a workspace with what a person offers now, and gives that too: who wants
/// to see a secret proves it each time.
pub(crate) fn open_proven(dir: &Path) -> Result<(Core, Secret), Error> {
    let secret = match asked()? {
        Some(secret) => secret,
        None if std::io::stdin().is_terminal() => prompt("Passphrase or recovery code: ")?,
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

/// Restores a backup, with the key the workspace was made with. `since` is the workspace at
/// hand: if it is the same one, it knows who was erased since.
pub(crate) fn restore(file: &Path, into: &Path, since: &Path) -> Result<Manifest, Error> {
    let (core, manifest) = restored(file, into)?;
    erasure::replay_from(&core, since)?;
    Ok(manifest)
}

fn restored(file: &Path, into: &Path) -> Result<(Core, Manifest), Error> {
    let secret = match asked()? {
        Some(secret) => Some(secret),
        None if std::io::stdin().is_terminal() && system::environment().keystore.is_none() => {
            match Core::restore(file, into, None, system::environment()) {
                Err(error) if error.code == Code::Locked => Some(prompt("Passphrase or recovery code: ")?),
                other => return other,
            }
        }
        None => None,
    };
    Core::restore(file, into, secret.as_ref(), system::environment())
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
    let (Secret::Passphrase(first), Secret::Passphrase(second)) = (prompt("New passphrase: ")?, prompt("Again: ")?)
    else {
        return Err(Error::bad_request(Sentence::verbatim("no passphrase")));
    };
    if *first != *second {
        return Err(Error::bad_request(Sentence::verbatim("the two passphrases differ")));
    }
    Ok(Protection::Passphrase(first))
}

/// The passphrase of a script: the first line of an open file descriptor, so
/// that it stands in no process list and no environment.
fn asked() -> Result<Option<Secret>, Error> {
    let Some(number) = std::env::var_os("CARDFILE_PASSPHRASE_FD") else { return Ok(None) };
    let number: u32 = number
        .to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::bad_request(Sentence::verbatim("CARDFILE_PASSPHRASE_FD is not a number")))?;
    let mut text = String::new();
    if number == 0 {
        // Standard input may be a socket, which cannot be opened again; and what
        // follows the first line is left to who reads on.
        let read = std::io::stdin().lock().take(4096).read_line(&mut text);
        read.map_err(|e| Error::io(Path::new("standard input"), &e))?;
        return Ok(Some(Secret::Passphrase(text.trim_end_matches(['\n', '\r']).to_owned().into())));
    }
    let path = PathBuf::from(format!("/dev/fd/{number}"));
    std::fs::File::open(&path)
        .and_then(|file| file.take(4096).read_to_string(&mut text))
        .map_err(|e| Error::io(&path, &e))?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    Ok(Some(Secret::Passphrase(line.into())))
}

fn prompt(question: &str) -> Result<Secret, Error> {
    let typed = rpassword::prompt_password(question).map_err(|e| Error::io(Path::new("terminal"), &e))?;
    Ok(Secret::Passphrase(typed.into()))
}
