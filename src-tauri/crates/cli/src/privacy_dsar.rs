//! Access requests from the terminal: who asks, what the answer would hold, the answer, and
//! checking one.

use crate::{Terminal, unlock};
use cardfile_core::{
    Code, Core, Error, Who,
    domain::Sentence,
    formats::{age::Recipient, dsar::Language},
    privacy::{
        bundle::{self, Request},
        check, signing,
        subject::{self, Match},
        third_party::Decision,
    },
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Subcommand)]
pub(crate) enum DsarCommand {
    /// Find the cards of a person by an email, a phone, an ID, a handle or a name.
    Find {
        text: String,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Say what the answer would hold, and who else is named in it.
    Review {
        #[command(flatten)]
        request: RequestArgs,
        #[arg(long)]
        json: bool,
    },
    /// Build the signed answer.
    Build {
        #[command(flatten)]
        request: RequestArgs,
        /// The archive to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Encrypt it for this key of age, age1…
        #[arg(long, value_name = "KEY")]
        age_recipient: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// The public key that answers are signed with, and its fingerprint for letters.
    Key {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(crate) struct RequestArgs {
    /// An email, a phone, an external ID, a handle or our id of the person.
    #[arg(long, value_name = "WHO")]
    subject: String,
    /// Ids of further cards that are the person's.
    #[arg(long = "card", value_name = "ID")]
    cards: Vec<String>,
    /// What the register calls the request.
    #[arg(long, default_value = "", value_name = "REFERENCE")]
    request: String,
    /// Language of the pages: en or es.
    #[arg(long, default_value = "en", value_parser = language)]
    language: Language,
    /// Third persons who may stand in the answer, by the keys of the review.
    #[arg(long, value_name = "KEY")]
    keep: Vec<String>,
    /// Internal notes that are given out.
    #[arg(long = "note", value_name = "ID")]
    notes: Vec<String>,
    /// Files on other cards too that are given out.
    #[arg(long = "file", value_name = "ID")]
    files: Vec<String>,
    /// Names of the team stay.
    #[arg(long)]
    staff_names: bool,
    /// Nobody is found: answer that nothing is held.
    #[arg(long)]
    nothing: bool,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// The answer to an access request.
    bundle: PathBuf,
    /// The public key that is expected, RW…; without it, the bundle's own.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    #[arg(long)]
    json: bool,
}

fn language(code: &str) -> Result<Language, String> {
    Language::parse(code).ok_or_else(|| "en or es".to_owned())
}

pub(crate) fn dsar(dir: &Path, command: DsarCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        DsarCommand::Find { text, json } => subject::find(&core, &text)?.iter().for_each(|one| found(one, json)),
        DsarCommand::Review { request, json } => review(&core, request, json)?,
        DsarCommand::Build { request, out, age_recipient, json } => {
            let to = age_recipient
                .map(|text| {
                    Recipient::parse(&text)
                        .ok_or_else(|| Error::bad_request(Sentence::verbatim("--age-recipient: not a key of age")))
                })
                .transpose()?;
            let asked = as_request(&core, request)?;
            let built = bundle::build(&core, &asked, &out, to.as_ref(), who, &Terminal)?;
            print(&built, json);
        }
        DsarCommand::Key { json } => {
            let public = signing::key(&core)?.public();
            if json {
                println!("{}", json!({ "key": public.line(), "fingerprint": public.fingerprint() }));
            } else {
                println!("{public}");
                println!("{}", public.fingerprint());
            }
        }
    }
    Ok(())
}

/// Whom the words of a request mean, and what was decided about it.
fn as_request(core: &Core, args: RequestArgs) -> Result<Request, Error> {
    let cards = subject::rows(core, &args.subject, &args.cards)?;
    if cards.is_empty() && !args.nothing {
        let near = subject::find(core, &args.subject)?;
        near.iter().for_each(|one| eprintln!("perhaps {}  {}: {}", one.id, one.name, one.why));
        let hint = if near.is_empty() {
            "Answer that nothing is held with --nothing."
        } else {
            "Choose the person's cards with --card ID, or answer that nothing is held with --nothing."
        };
        return Err(Error::new(Code::NotFound, Sentence::verbatim("nobody is named by this for certain"))
            .hint(Sentence::verbatim(hint)));
    }
    Ok(Request {
        reference: args.request,
        identifier: args.subject,
        cards,
        language: args.language,
        decisions: args.keep.into_iter().map(|key| (key, Decision::Keep)).collect(),
        internal_notes: args.notes.into_iter().collect(),
        shared_files: args.files.into_iter().collect(),
        staff_names: args.staff_names,
    })
}

fn found(one: &Match, json: bool) {
    if json {
        let line = json!({ "id": one.id, "name": one.name, "email": one.email, "why": one.why,
            "sure": one.is_sure, "gone": one.is_gone });
        println!("{line}");
    } else {
        println!("{} {}  {}: {}", if one.is_sure { "=" } else { "?" }, one.id, one.name, one.why);
    }
}

fn review(core: &Core, request: RequestArgs, json: bool) -> Result<(), Error> {
    let seen = bundle::preview(core, &as_request(core, request)?)?;
    if json {
        let people: Vec<Value> = seen
            .people
            .iter()
            .map(|one| {
                let by: Vec<&str> = one.found.keys().map(|by| by.as_str()).collect();
                json!({ "key": one.key, "name": one.name, "by": by, "count": one.found.values().sum::<u32>(),
                    "sure": one.is_sure, "kept": one.decision == Some(Decision::Keep), "example": one.example })
            })
            .collect();
        let whole = json!({ "reference": seen.reference, "people": people, "internal_notes": seen.internal_notes,
            "shared_files": seen.shared_files, "recipients": seen.recipients, "tables": seen.tables,
            "conversations": seen.conversations, "attachments": seen.attachments, "reviewed": !seen.is_unreviewed });
        println!("{whole}");
        return Ok(());
    }
    println!("{}", seen.reference);
    for line in seen.tables.iter().filter(|line| line.rows_of_subject > 0) {
        println!("{:>9} {}  ({} left out {})", line.rows_exported, line.table, line.rows_withheld, line.reason);
    }
    for one in &seen.people {
        let mark = match (one.decision, one.is_sure) {
            (Some(Decision::Keep), _) => "stays",
            (_, true) => "left out",
            (_, false) => "left out?",
        };
        println!("{:>9} {}  {}: {}", mark, one.key, one.name, one.example);
    }
    for (id, text) in seen.internal_notes.iter().chain(&seen.shared_files) {
        println!("{:>9} {id}  {}", "stays in", text.lines().next().unwrap_or_default());
    }
    Ok(())
}

fn print(built: &bundle::Built, json: bool) {
    let (exported, withheld) = built.rows;
    if json {
        let line = json!({ "file": built.file, "reference": built.reference, "bytes": built.bytes,
            "sha256": built.sha256, "files": built.files, "rows_exported": exported, "rows_withheld": withheld,
            "masked": built.masked, "undecided": built.undecided, "key": built.key.0,
            "fingerprint": built.key.1, "reviewed": !built.is_unreviewed });
        println!("{line}");
        return;
    }
    println!("{} files, {exported} rows shown, {withheld} left out, in {}", built.files, built.file.display());
    println!("SHA-256 {}", built.sha256);
    println!("Key {}", built.key.0);
    println!("Fingerprint for the letter: {}", built.key.1);
    if built.masked > 0 {
        println!(
            "{:>9} places name somebody else and are left out; nobody decided about {} of them",
            built.masked, built.undecided
        );
    }
    if built.is_unreviewed {
        eprintln!("The texts of Art. 15(1) are general words: say yours with cardfile processing and purpose.");
    }
}

pub(crate) fn verify(args: VerifyArgs) -> Result<ExitCode, Error> {
    let found = check::verify(&args.bundle, args.key.as_deref())?;
    let faults: Vec<Value> =
        found.faults.iter().map(|fault| json!({ "file": fault.file, "what": fault.sentence() })).collect();
    let manifest = found.manifest.as_ref();
    let fingerprint = found.key.as_ref().map(|key| key.fingerprint());
    if args.json {
        let line = json!({ "holds": found.holds(), "faults": faults, "fingerprint": fingerprint,
            "expected_key": found.is_expected_key, "request": manifest.map(|one| &one.request),
            "created": manifest.map(|one| &one.created), "files": manifest.map(|one| one.files.len()) });
        println!("{line}");
    } else {
        for fault in &found.faults {
            println!("{}", fault.sentence());
        }
        if let (true, Some(manifest)) = (found.holds(), manifest) {
            println!("{}: {} files, all as they were signed", manifest.request, manifest.files.len());
            println!("Signed with {}", fingerprint.unwrap_or_default());
            if !found.is_expected_key {
                println!("That key is the bundle's own: compare its fingerprint with the letter, or give --key.");
            }
        }
    }
    Ok(if found.holds() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
