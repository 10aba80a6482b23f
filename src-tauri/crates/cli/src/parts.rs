//! Notes, tasks, memories, conversations, ratings and payment accounts from the terminal.

use crate::unlock;
use cardfile_core::{
    Core, Error, Who, contact, conversations,
    domain::{
        Millis, Part, Sentence,
        part::{Conversation, Memory, Note, PaymentAccount, Rating, Task},
        time::DateOrder,
    },
    parts, tasks,
};
use clap::Subcommand;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum NoteCommand {
    /// Write a note on a card.
    Add {
        contact: String,
        text: String,
        /// Leave it out of access requests unless decided otherwise.
        #[arg(long)]
        internal: bool,
    },
    /// The notes of a card, one JSON object a line with --json.
    List {
        contact: String,
        #[arg(long)]
        json: bool,
    },
    /// Delete a note.
    Remove { note: String },
}

#[derive(Subcommand)]
pub(crate) enum TaskCommand {
    /// Something to be done for a contact.
    Add {
        contact: String,
        title: String,
        /// When, as 2026-11-27T09:00:00Z.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// How often, as FREQ=WEEKLY;BYDAY=FR (RFC 5545).
        #[arg(long, default_value = "", value_name = "RULE")]
        rule: String,
        /// Time zone of the rule, as Europe/Madrid.
        #[arg(long, default_value = "", value_name = "ZONE")]
        zone: String,
    },
    /// The tasks of a card, one JSON object a line with --json.
    List {
        contact: String,
        #[arg(long)]
        json: bool,
    },
    /// It was done.
    Done { task: String },
    /// It will not be done.
    Cancel { task: String },
    /// Delete a task.
    Remove { task: String },
}

#[derive(Subcommand)]
pub(crate) enum MemoryCommand {
    /// Keep something in mind about a contact.
    Add { contact: String, text: String },
    /// The memories of a card, one JSON object a line with --json.
    List {
        contact: String,
        #[arg(long)]
        json: bool,
    },
    /// Forget it.
    Forget { memory: String },
}

#[derive(Subcommand)]
pub(crate) enum ConversationCommand {
    /// Import conversations from NDJSON, one object a line.
    Import {
        file: PathBuf,
        #[arg(long)]
        json: bool,
    },
    /// The conversations of a card, one JSON object a line with --json.
    List {
        contact: String,
        #[arg(long)]
        json: bool,
    },
    /// The messages of a conversation, one JSON object a line with --json.
    Show {
        conversation: String,
        #[arg(long)]
        json: bool,
    },
    /// Give a conversation of nobody known to a contact.
    Claim { conversation: String, contact: String },
    /// Delete a conversation with its messages.
    Remove { conversation: String },
}

#[derive(Subcommand)]
pub(crate) enum RatingCommand {
    /// What a contact thought of a reply, from 1 to 5.
    Add {
        contact: String,
        value: f64,
        /// Why, in the contact's words.
        #[arg(default_value = "")]
        reason: String,
    },
    /// The ratings of a card, one JSON object a line with --json.
    List {
        contact: String,
        #[arg(long)]
        json: bool,
    },
    /// Delete a rating.
    Remove { rating: String },
}

#[derive(Subcommand)]
pub(crate) enum PaymentCommand {
    /// The contact's account at a payment provider.
    Add {
        contact: String,
        /// Its id at the provider.
        account: String,
        /// What to call it.
        #[arg(long, default_value = "")]
        label: String,
        /// Email it is kept under there.
        #[arg(long, default_value = "")]
        email: String,
    },
    /// The payment accounts of a card, one JSON object a line with --json.
    List {
        contact: String,
        #[arg(long)]
        json: bool,
    },
    /// Forget an account.
    Remove { account: String },
}

pub(crate) fn rating(dir: &Path, command: RatingCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        RatingCommand::Add { contact, value, reason } => {
            println!("{}", parts::rate(&core, &contact, Rating { value, reason, ..Rating::default() }, who)?.0);
        }
        RatingCommand::List { contact, json } => {
            list::<Rating>(&core, &contact, json, |rating| format!("{}  {}", rating.value, rating.reason))?;
        }
        RatingCommand::Remove { rating } => {
            parts::remove::<Rating>(&core, &rating, who)?;
        }
    }
    Ok(())
}

pub(crate) fn payment(dir: &Path, command: PaymentCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        PaymentCommand::Add { contact, account, label, email } => {
            let one = PaymentAccount { label, account, email, ..PaymentAccount::default() };
            println!("{}", parts::add(&core, &contact, &one, who)?.0);
        }
        PaymentCommand::List { contact, json } => {
            list::<PaymentAccount>(&core, &contact, json, |one| format!("{}  {}", one.account, one.label))?;
        }
        PaymentCommand::Remove { account } => {
            parts::remove::<PaymentAccount>(&core, &account, who)?;
        }
    }
    Ok(())
}

pub(crate) fn note(dir: &Path, command: NoteCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        NoteCommand::Add { contact, text, internal } => {
            let note = Note { text, internal, author: who.actor.clone(), ..Note::default() };
            println!("{}", parts::add(&core, &contact, &note, who)?.0);
        }
        NoteCommand::List { contact, json } => list::<Note>(&core, &contact, json, |note| note.text.clone())?,
        NoteCommand::Remove { note } => {
            parts::remove::<Note>(&core, &note, who)?;
        }
    }
    Ok(())
}

pub(crate) fn task(dir: &Path, command: TaskCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        TaskCommand::Add { contact, title, at, rule, zone } => {
            let time = |text: String| {
                let parsed = Millis::parse(&text, DateOrder::DayFirst);
                parsed.ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("{text} is no time"))))
            };
            let task = Task { title, starts_at: at.map(time).transpose()?, rule, zone, ..Task::default() };
            println!("{}", tasks::add(&core, &contact, task, who)?.0);
        }
        TaskCommand::List { contact, json } => list::<Task>(&core, &contact, json, |task| {
            let due = task.next_run_at.map(Millis::to_rfc3339_seconds).unwrap_or_default();
            format!("{due:<20}  {}", task.title)
        })?,
        TaskCommand::Done { task } => {
            tasks::done(&core, &task, who)?;
        }
        TaskCommand::Cancel { task } => {
            tasks::cancel(&core, &task, who)?;
        }
        TaskCommand::Remove { task } => {
            parts::remove::<Task>(&core, &task, who)?;
        }
    }
    Ok(())
}

pub(crate) fn memory(dir: &Path, command: MemoryCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        MemoryCommand::Add { contact, text } => {
            let memory = Memory { text, author: who.actor.clone(), ..Memory::default() };
            println!("{}", parts::add(&core, &contact, &memory, who)?.0);
        }
        MemoryCommand::List { contact, json } => {
            list::<Memory>(&core, &contact, json, |memory| memory.text.clone())?;
        }
        MemoryCommand::Forget { memory } => {
            parts::remove::<Memory>(&core, &memory, who)?;
        }
    }
    Ok(())
}

/// `true` when a line was not taken.
pub(crate) fn conversation(dir: &Path, command: ConversationCommand, who: &Who) -> Result<bool, Error> {
    let core = unlock::open(dir)?;
    match command {
        ConversationCommand::Import { file, json } => {
            let (report, operation) = conversations::import(&core, &file, who)?;
            if json {
                line(&report);
            } else {
                println!("{:>9} conversations read", report.records);
                println!("{:>9} created", report.created);
                println!("{:>9} of nobody known", report.unattached);
                println!("{:>9} here already", report.known);
                println!("{:>9} rejected", report.rejected.len());
                for reject in &report.rejected {
                    eprintln!("line {}: {}", reject.line, reject.message);
                }
                if let Some(id) = operation {
                    println!("Undo with: cardfile undo {id}");
                }
            }
            return Ok(!report.rejected.is_empty());
        }
        ConversationCommand::List { contact, json } => {
            list::<Conversation>(&core, &contact, json, |conversation| {
                format!("{}  {:>5}  {}", conversation.platform, conversation.messages, conversation.title)
            })?;
        }
        ConversationCommand::Show { conversation, json } => {
            let total = parts::get::<Conversation>(&core, &conversation)?.value.messages;
            for from in (0..total).step_by(500) {
                for message in conversations::messages(&core, &conversation, from, from + 500)? {
                    if json {
                        line(&message);
                    } else {
                        println!("{}  {}: {}", message.at.to_rfc3339_seconds(), message.author, message.text);
                    }
                }
            }
        }
        ConversationCommand::Claim { conversation, contact } => {
            conversations::claim(&core, &conversation, &contact, who)?;
        }
        ConversationCommand::Remove { conversation } => {
            parts::remove::<Conversation>(&core, &conversation, who)?;
        }
    }
    Ok(false)
}

fn list<T: Part>(core: &Core, contact: &str, json: bool, text: impl Fn(&T) -> String) -> Result<(), Error> {
    for stored in parts::of::<T>(core, &contact::find(core, contact)?)? {
        if json {
            line(&stored.value);
        } else {
            println!("{}  {}", stored.value.id(), text(&stored.value));
        }
    }
    Ok(())
}

fn line(value: &impl Serialize) {
    println!("{}", serde_json::to_string(value).unwrap_or_default());
}
