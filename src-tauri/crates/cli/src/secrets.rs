//! Secrets from the terminal. A value comes from standard input, never from an
//! argument that other programs can see, and goes to standard output only after
//! the passphrase or the recovery code was given again.

use crate::unlock;
use cardfile_core::{Error, SecretText, Who, contact, domain::Sentence, parts, secrets};
use clap::Subcommand;
use std::{io::Read, path::Path};

#[derive(Subcommand)]
pub(crate) enum SecretCommand {
    /// Seal a value read from standard input.
    Add {
        contact: String,
        /// What it opens.
        name: String,
        /// What it is: token, password, key.
        #[arg(long, default_value = "token")]
        sort: String,
    },
    /// What is known about the secrets of a card; no values.
    List { contact: String },
    /// Show a value, after the passphrase or the recovery code.
    Reveal { secret: String },
    /// Somebody saw it work.
    Verify { secret: String },
    /// Destroy its value for ever.
    Revoke { secret: String },
    /// Take a revoked one off its card.
    Remove { secret: String },
}

pub(crate) fn secret(dir: &Path, command: SecretCommand, who: &Who) -> Result<(), Error> {
    if let SecretCommand::Reveal { secret } = command {
        let (core, proof) = unlock::open_proven(dir)?;
        println!("{}", secrets::reveal(&core, &secret, &proof)?.show().as_str());
        return Ok(());
    }
    let core = unlock::open(dir)?;
    match command {
        SecretCommand::Add { contact, name, sort } => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| Error::bad_request(Sentence::verbatim(format!("standard input: {error}"))))?;
            let text = SecretText::new(text.trim_end_matches(['\n', '\r']).to_owned());
            println!("{}", secrets::add(&core, &contact, &name, &sort, &text, who)?.0);
        }
        SecretCommand::List { contact } => {
            for known in secrets::of(&core, &contact::find(&core, &contact)?)? {
                let state = if known.is_sealed { "sealed" } else { "revoked" };
                println!("{}  {state}  {}  {}", known.secret.id, known.secret.sort, known.secret.name);
            }
        }
        SecretCommand::Verify { secret } => {
            secrets::verify(&core, &secret, who)?;
        }
        SecretCommand::Revoke { secret } => {
            secrets::revoke(&core, &secret, who)?;
        }
        SecretCommand::Remove { secret } => {
            parts::remove_any(&core, &secret, who)?;
        }
        SecretCommand::Reveal { .. } => {}
    }
    Ok(())
}
