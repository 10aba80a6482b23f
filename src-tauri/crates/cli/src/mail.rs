//! People out of a mailbox from the terminal.

use crate::{Terminal, unlock};
use cardfile_core::{
    Error, Who,
    domain::{Millis, email},
    formats::mail::Automatic,
    mail::{self, Sender},
};
use clap::Subcommand;
use serde_json::json;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub(crate) enum MailCommand {
    /// Say who wrote: an .eml file, an mbox file or a Maildir folder. Writes nothing.
    Propose {
        file: PathBuf,
        #[arg(long)]
        json: bool,
    },
    /// Keep senders as cards: those named, or all people.
    Keep {
        file: PathBuf,
        /// Only these addresses, also those that look automatic.
        #[arg(long, value_name = "EMAIL")]
        address: Vec<String>,
        /// What they wrote becomes conversations; else no text is read.
        #[arg(long)]
        bodies: bool,
        #[arg(long)]
        json: bool,
    },
}

/// `true` when a message said no sender.
pub(crate) fn mail(dir: &Path, command: MailCommand, who: &Who) -> Result<bool, Error> {
    let core = unlock::open(dir)?;
    let (file, address, bodies, json, is_proposal) = match command {
        MailCommand::Propose { file, json } => (file, Vec::new(), false, json, true),
        MailCommand::Keep { file, address, bodies, json } => (file, address, bodies, json, false),
    };
    let proposals = mail::propose(&core, &file, &Terminal)?;
    for reject in &proposals.rejects {
        eprintln!("message {} at line {}: {}", reject.position.record, reject.position.line, reject.message);
    }
    if is_proposal {
        for sender in &proposals.senders {
            println!("{}", if json { object(sender) } else { line(sender) });
        }
    } else {
        let mut keys: HashSet<String> = HashSet::new();
        for one in &address {
            keys.insert(email::key(one).map_err(|error| Error::bad_request(error.sentence()))?);
        }
        if address.is_empty() {
            keys = proposals.senders.iter().filter(|one| one.automatic.is_none()).map(|one| one.key.clone()).collect();
        }
        let (kept, operation) = mail::keep(&core, &file, &proposals, &keys, bodies, who)?;
        let operation = operation.map(|id| id.to_string());
        if json {
            let counts = json!({ "messages": proposals.messages, "senders": proposals.senders.len(), "created": kept.created,
                "updated": kept.updated, "unchanged": kept.unchanged, "rejected": proposals.rejected,
                "suppressed": proposals.suppressed + kept.suppressed, "operation": operation });
            println!("{counts}");
        } else {
            println!("{:>9} messages read", proposals.messages);
            println!("{:>9} senders", proposals.senders.len());
            println!("{:>9} created", kept.created);
            println!("{:>9} updated", kept.updated);
            println!("{:>9} unchanged", kept.unchanged);
            println!("{:>9} messages without a sender", proposals.rejected);
            println!("{:>9} senders who were erased, left out", proposals.suppressed + kept.suppressed);
            if let Some(id) = operation {
                println!("Undo with: cardfile undo {id}");
            }
        }
    }
    Ok(proposals.rejected > 0)
}

fn line(sender: &Sender) -> String {
    let about = match (&sender.contact, sender.automatic) {
        (Some(id), _) => format!("is here: {id}"),
        (None, Some(automatic)) => format!("left out, {}", automatic.sentence()),
        (None, None) => "new".to_owned(),
    };
    format!("{:>6}  {}  {}  {about}", sender.messages, sender.address, sender.name)
}

fn object(sender: &Sender) -> String {
    json!({
        "address": sender.address,
        "name": sender.name,
        "messages": sender.messages,
        "first": sender.first.map(Millis::to_rfc3339_seconds),
        "last": sender.last.map(Millis::to_rfc3339_seconds),
        "left_out": sender.automatic.map(Automatic::sentence),
        "contact": sender.contact,
    })
    .to_string()
}
