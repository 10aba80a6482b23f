//! What opens the workspace, from the terminal. A new passphrase comes from a prompt or from
//! the file descriptor named by `CARDFILE_NEW_PASSPHRASE_FD`, never from an argument.

use crate::unlock;
use cardfile_core::{Error, RecoveryCode, Secret, SlotKind, domain::Sentence, keys};
use clap::{Subcommand, ValueEnum};
use std::{path::Path, process::ExitCode};

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// What opens the workspace.
    List,
    /// Say whether a passphrase or a recovery code opens it.
    Try,
    /// Make a new recovery code; the old one opens nothing any more.
    Code,
    /// Set or change the passphrase.
    Passphrase,
    /// Let the keychain of this computer open it.
    Keychain,
    /// Take a way away.
    Remove { way: WayArg },
    /// Encrypt everything with another key: the old one and old recovery codes open nothing
    /// any more, except backups from before.
    Renew,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum WayArg {
    Keychain,
    Passphrase,
}

pub(crate) fn key(dir: &Path, command: KeyCommand) -> Result<ExitCode, Error> {
    match command {
        KeyCommand::List => {
            for way in unlock::open(dir)?.ways() {
                println!("{way}");
            }
        }
        KeyCommand::Try => {
            if !keys::is_opened_by(dir, &unlock::offered()?)? {
                println!("It does not open the workspace.");
                return Ok(ExitCode::from(1));
            }
            println!("It opens the workspace.");
        }
        KeyCommand::Code => show(Some(&unlock::open(dir)?.store().renew_recovery()?)),
        KeyCommand::Passphrase => {
            let core = unlock::open(dir)?;
            let passphrase = unlock::new_passphrase()?;
            if passphrase.chars().count() < 8 {
                return Err(Error::bad_request(Sentence::verbatim("a passphrase needs at least 8 characters")));
            }
            show(core.store().set_passphrase(&passphrase)?.as_ref());
        }
        KeyCommand::Keychain => show(unlock::open(dir)?.store().add_keychain()?.as_ref()),
        KeyCommand::Remove { way } => {
            let way = match way {
                WayArg::Keychain => SlotKind::Keychain,
                WayArg::Passphrase => SlotKind::Passphrase,
            };
            unlock::open(dir)?.store().remove_way(way)?;
        }
        KeyCommand::Renew => {
            let (core, offered) = unlock::open_told(dir)?;
            let offered = match offered {
                None if core.ways().contains(&"passphrase") => Some(unlock::offered()?),
                other => other,
            };
            let typed = match &offered {
                Some(Secret::Passphrase(text)) => text.as_str(),
                Some(Secret::Recovery(_)) | None => "",
            };
            show(keys::renew(core, typed)?.as_ref());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(code: Option<&RecoveryCode>) {
    if let Some(code) = code {
        eprintln!("Recovery code, shown once: it opens the workspace when every other key is lost.");
        println!("{}", code.as_str());
    }
}
