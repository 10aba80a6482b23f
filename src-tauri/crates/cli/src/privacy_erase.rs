//! Erasing people from the terminal, and what became of it.

use crate::{Terminal, unlock};
use cardfile_core::{
    Error, Who,
    domain::{ContactId, Sentence},
    privacy::{
        erasure::{self, Preview, Reason, Receipt, delivery, suppression},
        letters,
    },
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Args)]
pub(crate) struct EraseArgs {
    /// An email, a phone, an external ID or the id of the person.
    #[arg(long, value_name = "EMAIL")]
    subject: String,
    /// The same again: nothing of it can be undone.
    #[arg(long, value_name = "EMAIL", required_unless_present = "dry_run")]
    confirm: Option<String>,
    /// Ids of the cards that are the person's, where others have this email or phone as well.
    #[arg(long = "card", value_name = "ID")]
    cards: Vec<String>,
    /// The request of the register that asks for it; it has to be approved.
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// Say what would go and delete nothing.
    #[arg(long)]
    dry_run: bool,
    /// The receipt as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub(crate) enum ErasureCommand {
    /// The receipts, newest first.
    List {
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// One receipt, as JSON.
    Show { erasure: String },
    /// Save a receipt with a signature beside it, which anybody can check with minisign.
    Save {
        erasure: String,
        /// The file to write; its signature has .sig behind the name.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Try at once what is left to be done, here and at recipients.
    Retry { erasure: String },
    /// A letter to a recipient whom no program reaches: it names the record and not the person.
    Letter {
        delivery: String,
        /// Their language: en or es.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// Say that a recipient was told by letter.
    Told { delivery: String },
    /// Let somebody come back who wants to: by their email or phone, or by the erasure.
    Lift { subject: String },
}

pub(crate) fn erase(dir: &Path, args: EraseArgs, who: &Who) -> Result<ExitCode, Error> {
    let core = unlock::open(dir)?;
    if args.confirm.as_deref().is_some_and(|typed| typed.trim() != args.subject.trim()) {
        return Err(Error::bad_request(Sentence::verbatim("--confirm is not the same as --subject"))
            .hint(Sentence::verbatim("Nothing was deleted.")));
    }
    let cards = match &args.cards[..] {
        [] => erasure::subject(&core, &args.subject)?,
        named => erasure::chosen(&core, named)?,
    };
    if args.cards.is_empty()
        && let Err(error) = erasure::check_one_person(&core, &cards)
    {
        cards.iter().for_each(|one| eprintln!("perhaps {}  {}", one.id, one.display_name()));
        return Err(error.hint(Sentence::verbatim("Name the person's cards with --card ID. Nothing was deleted.")));
    }
    let ids: Vec<ContactId> = cards.into_iter().map(|contact| contact.id).collect();
    if args.dry_run {
        would(&erasure::preview(&core, &ids)?, args.json);
        return Ok(ExitCode::SUCCESS);
    }
    let done = erasure::erase(&core, &ids, Reason::Request(args.request), who, &Terminal)?;
    // Whoever cannot be told now is told later, by an open window or by `erasure retry`.
    erasure::catch_up(&core)?;
    let receipt = erasure::receipt(&core, &done.erasure)?;
    show(&receipt, args.json);
    Ok(if receipt.state == "pending" { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

pub(crate) fn erasure(dir: &Path, command: ErasureCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        ErasureCommand::List { limit, json } => {
            for receipt in erasure::list(&core, limit)? {
                if json {
                    println!("{}", json!(receipt));
                } else {
                    let (id, state, at) = (&receipt.erasure, receipt.state, &receipt.facts.erased_at);
                    println!("{at}  {id}  {state:<20} turned away {} times", receipt.returns);
                }
            }
        }
        ErasureCommand::Show { erasure } => println!("{}", erasure::receipt(&core, &erasure)?.text()),
        ErasureCommand::Save { erasure, out } => {
            let saved = erasure::save(&core, &erasure, &out, false)?;
            println!("{}", saved.file.display());
            println!("{}", saved.signature.display());
            println!("Signed with {}", saved.fingerprint);
        }
        ErasureCommand::Retry { erasure } => show(&erasure::retry(&core, &erasure, who)?, false),
        ErasureCommand::Letter { delivery, language } => {
            print!("{}", letters::to_recipient(&core, &delivery, &language)?.1);
        }
        ErasureCommand::Told { delivery } => delivery::told(&core, &delivery, who)?,
        ErasureCommand::Lift { subject } => {
            let erasures =
                if subject.starts_with("era_") { vec![subject] } else { suppression::find(&core, &subject)? };
            if erasures.is_empty() {
                return Err(Error::not_found(Sentence::verbatim("somebody of this email or phone who is kept away")));
            }
            // The first lifts those of the others that are of the same person.
            println!("{} entries lifted", suppression::lift(&core, &erasures[0], who)?);
        }
    }
    Ok(())
}

fn would(preview: &Preview, json: bool) {
    if json {
        let ids: Vec<String> = preview.cards.iter().map(|stored| stored.contact.id.to_string()).collect();
        let held = preview.held.as_ref().map(|hold| &hold.reason);
        println!(
            "{}",
            json!({ "cards": ids, "removed_cards": preview.removed_cards, "rows": preview.rows,
                "recipients": preview.recipients, "shared_spaces": preview.shared_spaces, "held": held })
        );
        return;
    }
    for stored in &preview.cards {
        println!("{}  {}", stored.contact.id, stored.contact.display_name());
    }
    if preview.removed_cards > 0 {
        println!("{:>9} cards in the history only", preview.removed_cards);
    }
    for (table, rows) in &preview.rows {
        println!("{rows:>9} {table}");
    }
    for name in &preview.recipients {
        println!("          {name} is told");
    }
    if let Some(hold) = &preview.held {
        println!("It is under legal hold: {}", hold.reason);
    }
    println!("Nothing was deleted.");
}

fn show(receipt: &Receipt, json: bool) {
    if json {
        println!("{}", json!(receipt));
        return;
    }
    println!("{}  {}", receipt.erasure, receipt.state);
    for (table, rows) in &receipt.facts.rows {
        println!("{rows:>9} {table}");
    }
    if let Some(looked) = &receipt.facts.verification {
        println!("{:>9} rows found afterwards", looked.rows_left);
        println!("{:>9} words found in {} files", looked.bytes_found.unwrap_or_default(), looked.files_scanned);
    }
    for recipient in &receipt.recipients {
        println!("{:>9} {} {}", recipient.state, recipient.name, recipient.code);
    }
    if receipt.state == "pending" {
        println!("Another program is reading; the journal is emptied when it has finished.");
    }
}
