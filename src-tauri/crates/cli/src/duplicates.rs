//! Duplicates from the terminal: find them, merge them, say that they are none.

use crate::{Terminal, unlock};
use cardfile_core::{
    Error, Who,
    combine::{self, Wish},
    contact,
    domain::Sentence,
    duplicates,
};
use clap::Subcommand;
use serde_json::json;
use std::path::Path;

#[derive(Subcommand)]
pub(crate) enum DuplicateCommand {
    /// Look for cards that may be one person. Writes nothing.
    Find {
        /// Only those that are at least so sure, 60 to 99.
        #[arg(long, default_value_t = 60)]
        least: u8,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Two cards become one; undo brings both back.
    Merge {
        /// The card that stays: our id, an external ID or an email.
        survivor: String,
        /// The card that goes.
        other: String,
        /// A field that is taken from the card that goes; may be given again.
        #[arg(long, value_name = "FIELD")]
        take: Vec<String>,
        /// Say what it would do and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Say that two cards are two people; they are not proposed again.
    Distinct { one: String, other: String },
}

pub(crate) fn duplicate(dir: &Path, command: DuplicateCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    let id = |row| -> Result<(String, String), Error> {
        let stored = core
            .store()
            .read(|r| r.contacts().get(row))?
            .ok_or_else(|| Error::not_found(Sentence::verbatim("a contact")))?;
        Ok((stored.contact.id.to_string(), contact::called(&stored.contact)))
    };
    let operation = match command {
        DuplicateCommand::Find { least, json } => {
            let pairs = duplicates::find(&core, &Terminal)?;
            let standing = duplicates::standing(&core)?;
            for proposal in standing.proposals.iter().filter(|one| one.verdict.score >= least) {
                let ((one, name), (other, other_name)) = (id(proposal.one)?, id(proposal.other)?);
                let reasons: Vec<_> = proposal.verdict.reasons.iter().map(ToString::to_string).collect();
                if json {
                    let line =
                        json!({ "score": proposal.verdict.score, "one": one, "other": other, "reasons": reasons });
                    println!("{line}");
                } else {
                    println!(
                        "{:>3} %  {one} {name}, {other} {other_name}: {}",
                        proposal.verdict.score,
                        reasons.join(", ")
                    );
                }
            }
            if !json {
                println!("{pairs:>9} pairs");
                if standing.left_out > 0 {
                    println!("{:>9} of them come up when these are decided", standing.left_out);
                }
            }
            None
        }
        DuplicateCommand::Merge { survivor, other, take, dry_run } => {
            let wish = Wish { survivor, other, take: take.into_iter().collect() };
            let preview = combine::preview(&core, &wish)?;
            for plan in preview.fields.iter().filter(|plan| plan.after != plan.survivor) {
                println!("  {}: {} -> {}", plan.field, plan.survivor, plan.after);
            }
            for (kind, left, right, after) in &preview.parts {
                println!("{after:>9} {} ({left} and {right})", kind.as_str());
            }
            if dry_run {
                return Ok(());
            }
            let seen = (preview.survivor.version, preview.other.version);
            let (id, operation) = combine::run(&core, &wish, Some(seen), who)?;
            println!("Merged into {id}");
            operation
        }
        DuplicateCommand::Distinct { one, other } => {
            let (done, operation) = duplicates::distinguish(&core, &one, &other, who)?;
            println!("{}", if done { "Remembered: two people" } else { "That was said before" });
            operation
        }
    };
    if let Some(operation) = operation {
        println!("Undo with: cardfile undo {operation}");
    }
    Ok(())
}
