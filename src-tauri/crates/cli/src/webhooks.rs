//! Webhooks, hints and the drop folder from the terminal.

use crate::{PolicyArg, Terminal, unlock};
use cardfile_core::{
    Error, Who,
    domain::{
        Sentence,
        import::Policy,
        webhook::{Event, FIELDS},
    },
    drop_folder::{self, DropFolder, Taken},
    progress::Unwatched,
    sync::remotes,
    webhooks::{self, Known, hints, recipes},
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub(crate) enum WebhookCommand {
    /// Add an address that is told when something happens to a contact; prints its secret once.
    Add {
        name: String,
        /// https://…; http:// on this computer only
        #[arg(long)]
        url: String,
    },
    /// All of them, and what each is told.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Say what it is told, and what may be in it.
    Set(SetArgs),
    /// Tell it from now on.
    On { name: String },
    /// Tell it nothing any more.
    Off { name: String },
    /// Send a test; it is about nobody.
    Ping { name: String },
    /// Give it another secret, printed once. For a day messages are signed with both.
    Rotate { name: String },
    /// Take it away with what waits for it.
    Remove { name: String },
    /// What it was told, newest first.
    Log {
        name: String,
        /// Only what was given up.
        #[arg(long)]
        dead: bool,
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// Try again what was given up: one message, or all.
    Replay { name: String, message: Option<String> },
    /// Send what is due now; an open window does it by itself.
    Deliver,
    /// How Zapier, Make and n8n are set up, step by step.
    Recipes,
}

#[derive(Args)]
pub(crate) struct SetArgs {
    name: String,
    /// contact.created,contact.updated or all or none
    #[arg(long, value_delimiter = ',', value_name = "EVENTS")]
    events: Option<Vec<String>>,
    /// These may leave, and no others: name,email or all or none.
    #[arg(long, value_delimiter = ',', value_name = "FIELDS")]
    send: Option<Vec<String>>,
    /// A field leaves only of who consented to this purpose: phone=sales
    #[arg(long, value_name = "FIELD=PURPOSE")]
    purpose: Vec<String>,
    #[arg(long)]
    url: Option<String>,
    /// Another name.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum HintCommand {
    /// Which connections may say that something changed there.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Let one; prints the address and the secret once. An open window hears it.
    On {
        name: String,
        /// Where this computer listens, on 127.0.0.1 alone.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Hear nothing of one any more.
    Off { name: String },
}

#[derive(Subcommand)]
pub(crate) enum DropCommand {
    /// Import every contact file that is put into a folder.
    Set {
        folder: PathBuf,
        #[arg(long, value_enum, default_value_t = PolicyArg::Fill)]
        policy: PolicyArg,
    },
    /// Watch no folder.
    Off,
    /// Which folder is watched.
    Show,
    /// Import what is there now; an open window does it by itself.
    Take {
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn webhook(dir: &Path, command: WebhookCommand, who: &Who) -> Result<(), Error> {
    if matches!(command, WebhookCommand::Recipes) {
        tell_recipes();
        return Ok(());
    }
    let core = unlock::open(dir)?;
    match command {
        WebhookCommand::Recipes => {}
        WebhookCommand::Add { name, url } => {
            let (known, secret) = webhooks::add(&core, &name, &url, who)?;
            eprintln!("Its secret, shown once. Whoever gets the messages checks their signatures with it.");
            println!("{secret}");
            eprintln!("Nothing is sent yet. Approve fields with: cardfile webhook set {} --send all", known.kept.name);
        }
        WebhookCommand::List { json } => {
            for known in webhooks::all(&core)? {
                let counts = webhooks::counts(&core, &known)?;
                list(&known, counts, json);
            }
        }
        WebhookCommand::Set(args) => {
            let name = args.name.clone();
            let events = args.events.as_deref().map(events).transpose()?;
            let fields = args.send.iter().flatten().map(String::as_str);
            let purposes: Vec<(&str, &str)> = args.purpose.iter().filter_map(|one| one.split_once('=')).collect();
            let named = fields.filter(|field| !matches!(*field, "all" | "none"));
            for field in named.chain(purposes.iter().map(|(field, _)| *field)) {
                check_field(field)?;
            }
            let known = webhooks::set(&core, &name, who, |choice| {
                for (field, rule) in &mut choice.mapping.0 {
                    if let Some(send) = &args.send {
                        rule.approved = send.iter().any(|one| one == field || one == "all");
                    }
                    if let Some((_, purpose)) = purposes.iter().find(|(one, _)| one == field) {
                        rule.purpose = Some((*purpose).to_owned()).filter(|purpose| !purpose.is_empty());
                    }
                }
                if let Some(events) = events {
                    *choice.events = events;
                }
                if let Some(url) = args.url {
                    *choice.url = url;
                }
                if let Some(name) = args.rename {
                    *choice.name = name;
                }
            })?;
            println!("{} {}", known.kept.name, webhooks::sentence(&known));
        }
        WebhookCommand::On { name } => {
            webhooks::turn(&core, &name, true, who)?;
            let known = webhooks::find(&core, &name)?;
            println!("{name} {}", webhooks::sentence(&known));
        }
        WebhookCommand::Off { name } => {
            webhooks::turn(&core, &name, false, who)?;
            println!("{name} is told nothing any more");
        }
        WebhookCommand::Ping { name } => {
            println!("{name} took the test: {}", webhooks::ping(&core, &name, who)?);
        }
        WebhookCommand::Rotate { name } => {
            let secret = webhooks::rotate(&core, &name, who)?;
            eprintln!("The new secret, shown once. The old one signs a day longer beside it.");
            println!("{secret}");
        }
        WebhookCommand::Remove { name } => webhooks::remove(&core, &name, who)?,
        WebhookCommand::Log { name, dead, limit, json } => {
            for entry in webhooks::log(&core, &name, dead, limit)? {
                let (message, contact) = (entry.message, entry.contact);
                if json {
                    let line = json!({ "id": message.id, "event": message.event, "contact": message.subject,
                        "at": message.at.to_rfc3339(), "state": message.state, "attempts": message.attempts,
                        "status": message.status, "next_at": message.next_at.map(|at| at.to_rfc3339()) });
                    println!("{line}");
                } else {
                    let status = message.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                    let status = if message.attempts == 0 { "not tried".to_owned() } else { status };
                    let (id, at, event, state) = (message.id, message.at.to_rfc3339(), message.event, message.state);
                    let about = contact.unwrap_or(message.subject);
                    println!("{at}  {id}  {event:<24} {state:<8} {status:<10} {about}");
                }
            }
        }
        WebhookCommand::Replay { name, message } => {
            println!("{:>9} to be tried again", webhooks::replay(&core, &name, message.as_deref(), who)?);
        }
        WebhookCommand::Deliver => println!("{:>9} attempts", webhooks::deliver(&core, &Unwatched)?),
    }
    Ok(())
}

fn list(known: &Known, (waiting, dead): (u32, u32), json: bool) {
    let (kept, sentence) = (&known.kept, webhooks::sentence(known).to_string());
    if json {
        let fields: Vec<&str> = FIELDS.iter().map(|field| field.key).filter(|field| known.is_approved(field)).collect();
        let line = json!({ "id": kept.id, "name": kept.name, "url": kept.url, "state": kept.state,
            "events": kept.events, "fields": fields, "waiting": waiting, "dead": dead, "status": kept.status,
            "failing_since": kept.failing_since.map(|at| at.to_rfc3339()) });
        println!("{line}");
        return;
    }
    println!("{}  {}  {}", kept.name, kept.state, kept.url);
    println!("  {sentence}");
    println!("  {waiting} wait, {dead} given up");
}

fn events(words: &[String]) -> Result<BTreeSet<Event>, Error> {
    let all = Event::ALL.iter();
    match words {
        [one] if one == "all" => return Ok(all.map(|(event, _)| *event).collect()),
        [one] if one == "none" => return Ok(BTreeSet::new()),
        _ => {}
    }
    let known: Vec<&str> = all.map(|(_, word)| *word).collect();
    let parse = |word: &String| {
        Event::parse(word).ok_or_else(|| {
            Error::bad_request(Sentence::verbatim(format!("there is no event {word}")))
                .hint(Sentence::verbatim(format!("Events: {}", known.join(", "))))
        })
    };
    words.iter().map(parse).collect()
}

fn check_field(field: &str) -> Result<(), Error> {
    if FIELDS.iter().any(|known| known.key == field) {
        return Ok(());
    }
    let known: Vec<&str> = FIELDS.iter().map(|field| field.key).collect();
    Err(Error::bad_request(Sentence::verbatim(format!("no message has a field {field}")))
        .hint(Sentence::verbatim(format!("Fields: {}", known.join(", ")))))
}

fn tell_recipes() {
    for recipe in recipes::all() {
        println!("{}", recipe.name);
        for (number, step) in recipe.steps.iter().enumerate() {
            println!("  {}. {step}", number + 1);
        }
        for (field, pointer) in recipe.fields {
            println!("     {field:<14} {pointer}");
        }
        println!("     Approve with: cardfile webhook set NAME --send {}", recipes::needs(&recipe).join(","));
    }
}

pub(crate) fn hint(dir: &Path, command: HintCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        HintCommand::List { json } => {
            let hints = hints::get(&core)?;
            for known in remotes::all(&core)? {
                let (id, name) = (&known.kept.id, &known.kept.name);
                let (on, url) = (hints.remotes.contains(id), hints.url(id));
                if json {
                    println!("{}", json!({ "id": id, "name": name, "on": on, "url": url }));
                } else {
                    println!("{name}  {}", if on { url.as_str() } else { "off" });
                }
            }
        }
        HintCommand::On { name, port } => {
            let (url, secret) = hints::turn_on(&core, &name, port, who)?;
            eprintln!("Hints go to {url}");
            eprintln!("Their secret, shown once. They are signed as Standard Webhooks are.");
            println!("{secret}");
        }
        HintCommand::Off { name } => {
            hints::turn_off(&core, &name, who)?;
            println!("hints of {name} are not heard any more");
        }
    }
    Ok(())
}

/// `true` when a file, or a record of one, was not taken.
pub(crate) fn drop_folder(dir: &Path, command: DropCommand, who: &Who) -> Result<bool, Error> {
    let core = unlock::open(dir)?;
    match command {
        DropCommand::Set { folder, policy } => {
            let policy = match policy {
                PolicyArg::Fill => Policy::Fill,
                PolicyArg::Newest => Policy::Newest,
            };
            drop_folder::set(&core, Some(&DropFolder { folder, policy }), who)?;
        }
        DropCommand::Off => drop_folder::set(&core, None, who)?,
        DropCommand::Show => match drop_folder::get(&core)? {
            Some(drop) => println!("{}", drop.folder.display()),
            None => println!("no folder is watched"),
        },
        DropCommand::Take { json } => {
            let taken = drop_folder::take(&core, &Terminal)?;
            taken.iter().for_each(|taken| show(taken, json));
            return Ok(!taken.iter().all(|taken| taken.outcome.as_ref().is_ok_and(|counts| counts.rejected == 0)));
        }
    }
    Ok(false)
}

fn show(taken: &Taken, json: bool) {
    let Taken { file, outcome, rejects } = taken;
    match outcome {
        Ok(counts) if json => println!("{}", json!({ "file": file, "counts": counts, "rejects_file": rejects })),
        Err(error) if json => println!("{}", json!({ "file": file, "error": error.message.to_string() })),
        Ok(counts) => println!(
            "{file}: {} records, {} created, {} updated, {} wait in the Inbox, {} rejected",
            counts.records, counts.created, counts.updated, counts.held, counts.rejected
        ),
        Err(error) => println!("{file}: {}", error.message),
    }
}
