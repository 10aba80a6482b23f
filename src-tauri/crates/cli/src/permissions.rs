//! Knowledge bases and rules from the terminal. They are given as JSON, as they
//! are stored.

use crate::unlock;
use cardfile_core::{
    Error, Who, contact,
    domain::{
        Sentence,
        permission::{Grant, KnowledgeBase, Rule},
    },
    parts, permissions,
};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum PermissionCommand {
    /// The rules that hold for a card, or all that stand on none.
    List { contact: Option<String> },
    /// What is sent to a platform about a card, as JSON.
    Json { contact: String, platform: String },
    /// Add a knowledge base from a JSON file: platform, external_id, name, documents, faqs.
    Base { file: PathBuf },
    /// Add a rule from a JSON file: axis, name, platform, base, everything, documents, faqs, labels.
    Rule {
        file: PathBuf,
        /// The card it stands on.
        #[arg(long)]
        contact: Option<String>,
    },
    /// Let a rule be sent although its knowledge base belongs to another platform.
    Confirm { rule: String },
    /// Remove a rule, or a knowledge base with its rules.
    Remove { id: String },
}

pub(crate) fn permission(dir: &Path, command: PermissionCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        PermissionCommand::List { contact } => {
            let bases = permissions::bases(&core)?;
            let rules = match contact {
                Some(id) => permissions::rules_of(&core, &contact::find(&core, &id)?)?,
                None => {
                    for base in &bases {
                        println!("{}  {}  {}", base.id, base.platform, base.name);
                    }
                    permissions::rules(&core)?
                }
            };
            for rule in &rules {
                let grant = Grant::of(rule, &bases);
                println!("{}  {}", rule.id, grant.sentence());
                if let Some(warning) = grant.warning() {
                    let sent = if grant.is_pushable() { "confirmed" } else { "not sent" };
                    println!("  {sent}: {warning}");
                }
            }
        }
        PermissionCommand::Json { contact, platform } => {
            println!("{:#}", permissions::metadata(&core, &contact::find(&core, &contact)?, &platform)?);
        }
        PermissionCommand::Base { file } => {
            println!("{}", permissions::put_base(&core, &read::<KnowledgeBase>(&file)?, who)?.0);
        }
        PermissionCommand::Rule { file, contact } => {
            println!("{}", permissions::put_rule(&core, contact.as_deref(), &read::<Rule>(&file)?, who)?.0);
        }
        PermissionCommand::Confirm { rule } => {
            permissions::confirm(&core, &rule, who)?;
        }
        PermissionCommand::Remove { id } => {
            parts::remove_any(&core, &id, who)?;
        }
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, Error> {
    let text = std::fs::read_to_string(file).map_err(|error| Error::io(file, &error))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::bad_request(Sentence::verbatim(format!("{}: {error}", file.display()))))
}
