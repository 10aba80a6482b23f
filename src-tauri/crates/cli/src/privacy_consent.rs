//! Purposes, consents and restrictions from the terminal.

use crate::unlock;
use cardfile_core::{
    Core, Error, Who, contact,
    domain::{
        Millis, Sentence,
        consent::{Basis, Purpose},
        restriction::{Restriction, Sort},
        time::DateOrder,
    },
    privacy::{
        consent::{self, Saying},
        purposes, restriction,
    },
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum PurposeCommand {
    /// All of them with what was said.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Add a purpose, or change what is said of the one with this key.
    Put(PurposeArgs),
    /// Give a purpose up: nobody may be used for it any more.
    Retire { name: String },
    /// Take it up again.
    Resume { name: String },
    /// Ask people with this text from now on.
    Wording {
        name: String,
        /// A file with the text.
        file: PathBuf,
        #[arg(long, default_value = "en")]
        language: String,
    },
}

#[derive(Args)]
pub(crate) struct PurposeArgs {
    /// A small word that never changes: newsletter
    key: String,
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// consent, contract, legal_obligation, vital_interest, public_task, legitimate_interest.
    #[arg(long)]
    basis: Option<String>,
    /// It is direct marketing.
    #[arg(long)]
    marketing: Option<bool>,
    /// What is done.
    #[arg(long)]
    description: Option<String>,
    /// The law, the contract or the interest it rests on.
    #[arg(long)]
    ground: Option<String>,
    /// Whose data.
    #[arg(long)]
    subjects: Option<String>,
    /// Which data.
    #[arg(long)]
    data: Option<String>,
    /// How long it is kept.
    #[arg(long)]
    kept_for: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum ConsentCommand {
    /// What a contact said, and for what they may be used.
    Show {
        contact: String,
        #[arg(long)]
        json: bool,
    },
    /// Write down that a contact says yes.
    Give(SayArgs),
    /// Write down that a contact says no.
    Withdraw(SayArgs),
}

#[derive(Args)]
pub(crate) struct SayArgs {
    contact: String,
    /// Id, key or name of the purpose.
    purpose: String,
    /// Version of the text they were shown; the latest by default, 0 when it is not known.
    #[arg(long)]
    wording: Option<u32>,
    /// How they said it: email, phone, paper.
    #[arg(long, default_value = "")]
    channel: String,
    /// What shows it.
    #[arg(long, default_value = "")]
    proof: String,
    /// When they said it; now by default.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum RestrictionCommand {
    /// Every card with a restriction in force.
    List,
    /// Restrict a card: restricted (kept and not used), objected (not for a purpose), held
    /// (not deleted) or no_agents (not shown to agents).
    Put {
        contact: String,
        sort: String,
        /// Why.
        reason: String,
        /// Of an objection: the purpose; all that can be objected to by default.
        #[arg(long, default_value = "")]
        purpose: String,
    },
    /// Lift a restriction by its id, after the person was told.
    Lift { id: String, because: String },
}

pub(crate) fn purpose(dir: &Path, command: PurposeCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        PurposeCommand::List { json } => {
            let all = purposes::all(&core)?;
            let counts = purposes::counts(&core, &all)?;
            for one in all {
                let said = counts.get(&one.key).copied().unwrap_or_default();
                let version = purposes::wordings(&core, &one)?.first().map_or(0, |wording| wording.version);
                if json {
                    let line = json!({ "purpose": one, "wording": version, "given": said.given,
                        "refused": said.refused, "objected": said.objected });
                    println!("{line}");
                } else {
                    let end = if one.retired_at.is_some() { "  (given up)" } else { "" };
                    let (given, basis) = (said.given, one.basis.as_str());
                    println!("{given:>9} {}  {}  {basis}, wording {version}{end}", one.key, one.name);
                }
            }
        }
        PurposeCommand::Put(args) => println!("{}", put(&core, args, who)?),
        PurposeCommand::Retire { name } => purposes::retire(&core, &name, true, who)?,
        PurposeCommand::Resume { name } => purposes::retire(&core, &name, false, who)?,
        PurposeCommand::Wording { name, file, language } => {
            let text = std::fs::read_to_string(&file).map_err(|e| Error::io(&file, &e))?;
            let wording = purposes::add_wording(&core, &name, &language, &text, who)?;
            println!("version {}, SHA-256 {}", wording.version, wording.sha256);
        }
    }
    Ok(())
}

fn put(core: &Core, args: PurposeArgs, who: &Who) -> Result<String, Error> {
    let known = purposes::all(core)?.into_iter().find(|one| one.key == args.key);
    let mut purpose = known.unwrap_or_else(|| Purpose { name: args.key.clone(), key: args.key, ..Purpose::default() });
    if let Some(word) = args.basis {
        purpose.basis = Basis::parse(&word)
            .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("there is no legal basis {word}"))))?;
    }
    purpose.is_marketing = args.marketing.unwrap_or(purpose.is_marketing);
    for (mine, given) in [
        (&mut purpose.name, args.name),
        (&mut purpose.description, args.description),
        (&mut purpose.ground, args.ground),
        (&mut purpose.subjects, args.subjects),
        (&mut purpose.data, args.data),
        (&mut purpose.kept_for, args.kept_for),
    ] {
        if let Some(given) = given {
            *mine = given;
        }
    }
    purposes::put(core, &purpose, who)
}

pub(crate) fn consent(dir: &Path, command: ConsentCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        ConsentCommand::Show { contact, json } => show(&core, &contact, json)?,
        ConsentCommand::Give(args) => say(&core, args, true, who)?,
        ConsentCommand::Withdraw(args) => say(&core, args, false, who)?,
    }
    Ok(())
}

fn show(core: &Core, name: &str, json: bool) -> Result<(), Error> {
    let stored = contact::find(core, name)?;
    let ledger = consent::ledger(core, &stored)?;
    let standings = consent::standings(core, &stored)?;
    if json {
        let may: Vec<_> = standings
            .iter()
            .map(|one| {
                json!({ "purpose": one.purpose.key, "may_use": one.may.is_ok(),
                "why_not": one.may.err().map(|bar| bar.as_str()) })
            })
            .collect();
        println!("{}", json!({ "purposes": may, "ledger": ledger }));
        return Ok(());
    }
    for one in standings {
        let may = one.may.map_or_else(|bar| bar.sentence().to_string(), |()| "may be used".to_owned());
        println!("{:<20} {may}", one.purpose.key);
    }
    for one in ledger {
        let (at, word) = (one.at.to_rfc3339_seconds(), if one.given { "yes" } else { "no" });
        println!("{at}  {:<20} {word:<3} wording {}  {} {}", one.purpose, one.wording, one.channel, one.proof);
    }
    Ok(())
}

fn say(core: &Core, args: SayArgs, given: bool, who: &Who) -> Result<(), Error> {
    let at = match &args.at {
        None => None,
        Some(text) => Some(
            Millis::parse(text, DateOrder::DayFirst)
                .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("{text} is no time"))))?,
        ),
    };
    let SayArgs { contact, purpose, wording, channel, proof, .. } = args;
    let saying = Saying { purpose, given, wording, channel, proof, at };
    let (is_new, _) = consent::record(core, &contact, &saying, who)?;
    println!("{}", if is_new { "written down" } else { "was written down already" });
    Ok(())
}

pub(crate) fn restriction(dir: &Path, command: RestrictionCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        RestrictionCommand::List => {
            for (stored, restrictions) in restriction::all(&core)? {
                for one in restrictions {
                    let (id, name) = (&stored.contact.id, contact::called(&stored.contact));
                    println!("{}  {id}  {name}: {} {}; {}", one.id, one.sort.sentence(), one.purpose, one.reason);
                }
            }
        }
        RestrictionCommand::Put { contact: name, sort, reason, purpose } => {
            let sort = Sort::parse(&sort)
                .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("there is no restriction {sort}"))))?;
            let row = contact::find(&core, &name)?.row;
            let new = Restriction { sort, purpose, reason, ..Restriction::default() };
            let (count, _) = restriction::put(&core, &[row], &new, who)?;
            println!("{}", if count > 0 { "restricted" } else { "was so already" });
        }
        RestrictionCommand::Lift { id, because } => {
            let (is_lifted, _) = restriction::lift(&core, &id, &because, who)?;
            println!("{}", if is_lifted { "lifted" } else { "was lifted already" });
        }
    }
    Ok(())
}
