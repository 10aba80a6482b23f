//! Leads of other programs that wait for a person, because they may be of somebody who is here.

use crate::unlock;
use cardfile_core::{
    Core, Error, Who,
    domain::import::Policy,
    ingest,
    leads::{self, Choice, Waiting},
};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::path::Path;

#[derive(Subcommand)]
pub(crate) enum LeadCommand {
    /// Leads that wait, with who they may be of.
    List {
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// It is of this contact.
    Join { lead: String, contact: String },
    /// It is of somebody who is not here yet.
    New { lead: String },
    /// It is not wanted: nothing of it is kept.
    Dismiss { lead: String },
    /// How what a source tells changes a card that is here; without a source, how each does.
    Policy {
        source: Option<String>,
        #[arg(value_enum)]
        policy: Option<PolicyArg>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PolicyArg {
    /// Only what is empty is filled.
    Fill,
    /// What it tells wins over the card.
    Newest,
    /// What would win over the card waits for you.
    Ask,
}

pub(crate) fn lead(dir: &Path, command: LeadCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        LeadCommand::List { limit, json } => {
            leads::waiting(&core, limit)?.iter().for_each(|waiting| show(waiting, json));
            Ok(())
        }
        LeadCommand::Join { lead, contact } => decide(&core, &lead, &Choice::Join(contact), who),
        LeadCommand::New { lead } => decide(&core, &lead, &Choice::New, who),
        LeadCommand::Dismiss { lead } => decide(&core, &lead, &Choice::Dismiss, who),
        LeadCommand::Policy { source: Some(source), policy: Some(policy) } => {
            let policy = match policy {
                PolicyArg::Fill => Policy::Fill,
                PolicyArg::Newest => Policy::Newest,
                PolicyArg::Ask => Policy::Ask,
            };
            ingest::set_policy(&core, &source, policy, who)
        }
        LeadCommand::Policy { source, .. } => {
            for (known, policy) in ingest::policies(&core)? {
                if source.as_ref().is_none_or(|source| *source == known) {
                    println!("{known}  {}", word(policy));
                }
            }
            Ok(())
        }
    }
}

fn word(policy: Policy) -> &'static str {
    match policy {
        Policy::Fill => "fill",
        Policy::Newest => "newest",
        Policy::Ask => "ask",
    }
}

fn decide(core: &Core, lead: &str, choice: &Choice, who: &Who) -> Result<(), Error> {
    if let Some((stored, operation)) = leads::decide(core, lead, choice, who)? {
        println!("{}", stored.contact.id);
        if let Some(operation) = operation {
            eprintln!("Undo with: cardfile undo {operation}");
        }
    }
    Ok(())
}

fn show(waiting: &Waiting, json: bool) {
    let Waiting { lead, claims, is_known, perhaps } = waiting;
    if json {
        let perhaps: Vec<_> =
            perhaps.iter().map(|one| json!({ "contact": one.stored.contact.id, "why": one.why.to_string() })).collect();
        let at = lead.at.to_rfc3339();
        println!(
            "{}",
            json!({ "id": lead.id, "source": lead.source, "at": at, "told": lead.body, "known": is_known,
                "perhaps": perhaps })
        );
        return;
    }
    println!("{}  {}  {}  {}", lead.id, lead.source, claims.display_name(), claims.email());
    for (number, one) in perhaps.iter().enumerate() {
        let word = if *is_known && number == 0 { "it is" } else { "perhaps" };
        println!("  {word} {} {}: {}", one.stored.contact.id, one.stored.contact.display_name(), one.why);
    }
}
