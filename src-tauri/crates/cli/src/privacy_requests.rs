//! The register of requests from the terminal.

use crate::unlock;
use cardfile_core::{
    Core, Error, Who,
    domain::{
        Millis, Sentence,
        request::{Ground, Request, Right, Step},
        time::DateOrder,
    },
    privacy::{
        audit,
        letters::{self, Letter},
        requests::{self, Details, Standing},
        subject,
    },
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::Path;

#[derive(Subcommand)]
pub(crate) enum RequestCommand {
    /// All requests, the most urgent first.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Write a request down.
    Add(AddArgs),
    /// One request, and what was done with it.
    Show {
        id: String,
        #[arg(long)]
        json: bool,
    },
    /// Say how it was made sure who asks: what was seen, never a copy of it.
    Identity { id: String, how: String },
    /// Say that it will be done. A restriction and an objection hold from now on; who is to be
    /// erased is frozen.
    Approve {
        id: String,
        #[arg(long, default_value = "")]
        note: String,
        /// Ids of the cards that are meant; all that are the person's for certain by default.
        #[arg(long = "card", value_name = "ID")]
        cards: Vec<String>,
    },
    /// Say that it will not be done, and on what that rests: unfounded, excessive,
    /// identity_unknown, rights_of_others, expression, legal_obligation, public_health,
    /// archiving, legal_claims, compelling_grounds.
    Refuse {
        id: String,
        #[arg(long)]
        ground: String,
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Add two months, once and within the first.
    Extend { id: String, reason: String },
    /// Say that it was done.
    Done {
        id: String,
        /// What came of it: an erasure, or the SHA-256 of a bundle.
        #[arg(long, default_value = "")]
        outcome: String,
        /// What was not done, and why.
        #[arg(long)]
        except: Option<String>,
    },
    /// Say that the person took it back.
    Withdraw { id: String },
    /// Write a letter: received, identity, extension, refusal, done, lifting.
    Letter {
        id: String,
        letter: String,
        /// Write down that it was sent.
        #[arg(long)]
        sent: bool,
    },
}

#[derive(Args)]
pub(crate) struct AddArgs {
    /// access, rectification, erasure, restriction, portability or objection.
    right: String,
    /// By what the person is found: an email, a phone, an external ID.
    subject: String,
    /// How the person is called.
    #[arg(long, default_value = "")]
    name: String,
    /// Where the answer goes.
    #[arg(long, default_value = "")]
    reply_to: String,
    /// Language of the letters.
    #[arg(long, default_value = "en")]
    language: String,
    /// How it came: email, letter, phone.
    #[arg(long, default_value = "")]
    channel: String,
    /// The day it came; today by default.
    #[arg(long, value_name = "DAY")]
    received: Option<String>,
    /// Of an objection: the purpose; all that can be objected to by default.
    #[arg(long, default_value = "")]
    purpose: String,
    #[arg(long, default_value = "")]
    note: String,
}

pub(crate) fn request(dir: &Path, command: RequestCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        RequestCommand::List { json } => {
            for one in requests::all(&core)? {
                show(&one, json);
            }
        }
        RequestCommand::Add(args) => println!("{}", add(&core, args, who)?),
        RequestCommand::Show { id, json } => detail(&core, &id, json)?,
        RequestCommand::Identity { id, how } => {
            step(&core, &id, Step::ProveIdentity, Details { how, ..Details::default() }, who)?;
        }
        RequestCommand::Approve { id, note, cards } => {
            let chosen = subject::chosen(&core, &cards)?.into_iter().filter(|one| !one.is_gone);
            let cards = (!cards.is_empty()).then(|| chosen.map(|one| one.row).collect());
            step(&core, &id, Step::Approve, Details { text: note, cards, ..Details::default() }, who)?;
        }
        RequestCommand::Refuse { id, ground, note } => {
            let ground = Ground::parse(&ground)
                .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("there is no ground {ground}"))))?;
            let details = Details { ground: Some(ground), text: note, ..Details::default() };
            step(&core, &id, Step::Refuse, details, who)?;
        }
        RequestCommand::Extend { id, reason } => show(&requests::extend(&core, &id, &reason, who)?, false),
        RequestCommand::Done { id, outcome, except } => {
            let how = if except.is_some() { Step::FinishWithExceptions } else { Step::Finish };
            let details = Details { outcome, text: except.unwrap_or_default(), ..Details::default() };
            step(&core, &id, how, details, who)?;
        }
        RequestCommand::Withdraw { id } => step(&core, &id, Step::Withdraw, Details::default(), who)?,
        RequestCommand::Letter { id, letter, sent } => {
            let letter = Letter::parse(&letter)
                .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("there is no letter {letter}"))))?;
            let standing = requests::find(&core, &id)?;
            if sent {
                letters::sent(&core, &standing.request, letter, who)?;
            } else {
                print!("{}", letters::write(&core, &standing, letter)?);
            }
        }
    }
    Ok(())
}

fn add(core: &Core, args: AddArgs, who: &Who) -> Result<String, Error> {
    let right = Right::parse(&args.right)
        .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("there is no right {}", args.right))))?;
    let received_at = match &args.received {
        None => Millis::default(),
        Some(day) => Millis::parse(day, DateOrder::DayFirst)
            .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("{day} is no day"))))?,
    };
    let AddArgs { subject, name, reply_to, language, channel, purpose, note, .. } = args;
    let request =
        Request { right, subject, name, reply_to, language, channel, purpose, note, received_at, ..Request::default() };
    requests::add(core, &request, who)
}

fn step(core: &Core, id: &str, step: Step, details: Details, who: &Who) -> Result<(), Error> {
    show(&requests::step(core, id, step, &details, who)?, false);
    Ok(())
}

fn detail(core: &Core, id: &str, json: bool) -> Result<(), Error> {
    let standing = requests::find(core, id)?;
    let cards = requests::cards(core, &standing.request)?.len();
    let trail = requests::trail(core, id)?;
    if json {
        let trail: Vec<_> = trail.iter().map(audit::line).collect();
        println!(
            "{}",
            json!({ "request": standing.request, "due": standing.deadline.day, "cards": cards, "trail": trail })
        );
        return Ok(());
    }
    show(&standing, false);
    println!("{cards:>9} cards");
    for entry in trail {
        println!("{}  {}  {} {}", entry.at.to_rfc3339_seconds(), entry.event, entry.actor, entry.facts);
    }
    Ok(())
}

fn show(Standing { request, deadline, number }: &Standing, json: bool) {
    if json {
        let line = json!({ "request": request, "due": deadline.day, "days_left": deadline.days_left,
            "light": deadline.light.as_str(), "law_gives_until": deadline.law_gives_until, "number": number });
        println!("{line}");
        return;
    }
    let Request { id, right, state, subject, .. } = request;
    let (light, due, left) = (deadline.light.as_str(), &deadline.day, deadline.days_left);
    println!("{light:>6}  {due} ({left:>3} days)  {id}  {:<13} {}  {subject}", right.as_str(), state.sentence());
}
