//! Leads of other programs that wait for a person, because they may be of somebody who is here.

use crate::unlock;
use cardfile_core::{
    Core, Error, Who,
    leads::{self, Choice, Waiting},
};
use clap::Subcommand;
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
    let Waiting { lead, claims, perhaps } = waiting;
    if json {
        let perhaps: Vec<_> = perhaps
            .iter()
            .map(|(stored, why)| json!({ "contact": stored.contact.id, "why": why.to_string() }))
            .collect();
        let at = lead.at.to_rfc3339();
        println!(
            "{}",
            json!({ "id": lead.id, "source": lead.source, "at": at, "told": lead.body, "perhaps": perhaps })
        );
        return;
    }
    println!("{}  {}  {}  {}", lead.id, lead.source, claims.display_name(), claims.email());
    for (stored, why) in perhaps {
        println!("  perhaps {} {}: {why}", stored.contact.id, stored.contact.display_name());
    }
}
