//! Connections and sync from the terminal.

use crate::{
    Terminal,
    remote_setup::{AddArgs, FieldArgs, add, first_line, kinds, manifest, tell_fetched},
    unlock,
};
use cardfile_core::{
    Core, Error, SecretText, Who,
    domain::Sentence,
    sync::{
        belongings,
        check::{self, Check},
        directions::{Direction, Rule},
        remotes::{self, Known},
        running::{self, Report},
        setup,
    },
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A person has to agree before it goes on.
const ASKS: u8 = 4;

#[derive(Subcommand)]
pub(crate) enum RemoteCommand {
    /// Connect an outside system. Nothing leaves before fields were approved.
    Add(AddArgs),
    /// What can be connected, and what each kind asks for: set with --field and --secret-fd.
    Kinds,
    /// Fill fields of a connection in otherwise.
    Fill {
        name: String,
        #[command(flatten)]
        fields: FieldArgs,
    },
    /// Sign in with the browser, in place of a token.
    SignIn { name: String },
    /// Fetch what belongs to contacts there: conversations, tasks, memories, ratings.
    Fetch {
        name: String,
        /// Of this contact alone: its id, external ID or email.
        #[arg(long, value_name = "CONTACT")]
        of: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Look whether a manifest of your own can be used; without a file, print the JSON Schema.
    Manifest { file: Option<PathBuf> },
    /// All of them, and what goes where.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Say which fields go which way.
    Map {
        name: String,
        /// These may leave: name,email or all or none.
        #[arg(long, value_delimiter = ',', value_name = "FIELDS")]
        send: Option<Vec<String>>,
        /// These only come.
        #[arg(long, value_delimiter = ',', value_name = "FIELDS")]
        only_receive: Vec<String>,
        /// These go no way.
        #[arg(long, value_delimiter = ',', value_name = "FIELDS")]
        off: Vec<String>,
        /// A field leaves only of who consented to this purpose: phone=sales
        #[arg(long, value_name = "FIELD=PURPOSE")]
        purpose: Vec<String>,
        /// Minutes between runs of an open window; 0: only by hand.
        #[arg(long, value_name = "MINUTES")]
        every: Option<u32>,
        /// Records hold how many of our writes they have seen.
        #[arg(long, value_name = "BOOL")]
        stamps: Option<bool>,
    },
    /// What a first run would find, counted by reading only.
    Check {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Let runs write, if the review says yes.
    Enable {
        name: String,
        /// Why they may although the review says no; kept.
        #[arg(long = "override", value_name = "REASON")]
        reason: Option<String>,
    },
    /// Let no run write any more.
    Disable { name: String },
    /// Agree to what the last run asked.
    Agree { name: String },
    /// Keep another password.
    Password {
        name: String,
        /// File descriptor whose first line is the password.
        #[arg(long, value_name = "N")]
        password_fd: u32,
    },
    /// Print what an administrator runs once in a team's PostgreSQL database.
    Schema,
    /// Take it away; the contacts stay, here and there.
    Remove { name: String },
    /// What runs did.
    Runs {
        name: String,
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(crate) struct SyncArgs {
    /// Which connection; all that are on when none is named.
    name: Option<String>,
    /// Say what would happen and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[arg(long)]
    json: bool,
}

pub(crate) fn remote(dir: &Path, command: RemoteCommand, who: &Who) -> Result<(), Error> {
    if matches!(command, RemoteCommand::Schema) {
        remotes::schemas().for_each(|(_, schema)| print!("{schema}"));
        return Ok(());
    }
    if matches!(command, RemoteCommand::Kinds) {
        kinds();
        return Ok(());
    }
    if let RemoteCommand::Manifest { file } = command {
        return manifest(file.as_deref());
    }
    let core = unlock::open(dir)?;
    match command {
        RemoteCommand::Schema | RemoteCommand::Kinds | RemoteCommand::Manifest { .. } => {}
        RemoteCommand::Fill { name, fields } => {
            let known = setup::fill(&core, &name, &fields.read()?, who)?;
            println!("{} talks to {}", known.kept.name, known.settings.hosts.join(", "));
        }
        RemoteCommand::SignIn { name } => {
            let show = |url: &str| println!("Open this address in your browser:\n{url}");
            setup::sign_in(&core, &name, &show, &Terminal, who)?;
            println!("{name} is signed in");
        }
        RemoteCommand::Fetch { name, of, json } => {
            let (fetched, operation) = belongings::fetch(&core, &name, of.as_deref(), who, &Terminal)?;
            let operation = operation.map(|id| id.to_string());
            if json {
                println!("{}", json!({ "fetched": fetched, "operation": operation }));
            } else {
                tell_fetched(&fetched);
                operation.iter().for_each(|id| println!("Undo with: cardfile undo {id}"));
            }
        }
        RemoteCommand::Add(args) => {
            let known = add(&core, args, who)?;
            println!("{}  {}", known.kept.id, known.settings.place);
            println!("Nothing is sent yet. Look with: cardfile remote check {}", known.kept.name);
        }
        RemoteCommand::List { json } => {
            for known in remotes::all(&core)? {
                list(&known, json);
            }
        }
        RemoteCommand::Map { name, send, only_receive, off, purpose, every, stamps } => {
            let known = map(&core, &name, who, &Changes { send, only_receive, off, purpose, every, stamps })?;
            println!("{} {}", known.kept.name, remotes::sentence(&known));
        }
        RemoteCommand::Check { name, json } => said(&core, &check::check(&core, &name, &Terminal)?, json)?,
        RemoteCommand::Enable { name, reason } => {
            let found = check::check(&core, &name, &Terminal)?;
            check::enable(&core, &name, &found, reason.as_deref().unwrap_or_default(), who)?;
            println!("{name} may be synced from now on");
        }
        RemoteCommand::Disable { name } => {
            check::disable(&core, &name, who)?;
            println!("{name} is synced no more");
        }
        RemoteCommand::Agree { name } => {
            for question in remotes::find(&core, &name)?.asked() {
                println!("Agreed: {}", running::asked(&question));
            }
            remotes::agree(&core, &name, who)?;
        }
        RemoteCommand::Password { name, password_fd } => {
            remotes::set_password(&core, &name, SecretText::new(first_line(password_fd)?), who)?;
        }
        RemoteCommand::Remove { name } => remotes::remove(&core, &name, who)?,
        RemoteCommand::Runs { name, limit, json } => {
            for run in running::past(&core, &remotes::find(&core, &name)?, limit)? {
                let end = run.end.as_ref().map_or_else(running::under_way, running::said);
                if json {
                    let line = json!({ "run": run.id, "at": run.at.to_rfc3339(), "end": end.to_string(),
                        "counts": run.counts, "operation": run.operation.map(|id| id.to_string()),
                        "undone": run.is_undone });
                    println!("{line}");
                } else {
                    println!("{}  {}  {end}", run.id, run.at.to_rfc3339());
                }
            }
        }
    }
    Ok(())
}

fn list(known: &Known, json: bool) {
    let sentence = remotes::sentence(known).to_string();
    let is_on = known.settings.enabled_at.is_some();
    if json {
        let asked: Vec<String> = known.asked().iter().map(|question| running::asked(question).to_string()).collect();
        let line = json!({ "id": known.kept.id, "name": known.kept.name, "kind": known.kept.kind,
            "place": known.settings.place, "on": is_on, "sentence": sentence, "asked": asked });
        println!("{line}");
    } else {
        println!("{}  {}  {}", known.kept.name, if is_on { "on" } else { "off" }, known.settings.place);
        println!("  {sentence}");
    }
}

struct Changes {
    send: Option<Vec<String>>,
    only_receive: Vec<String>,
    off: Vec<String>,
    purpose: Vec<String>,
    every: Option<u32>,
    stamps: Option<bool>,
}

fn map(core: &Core, name: &str, who: &Who, changes: &Changes) -> Result<Known, Error> {
    let known = remotes::find(core, name)?;
    let mut rules = known.settings.mapping.0.clone();
    for field in remotes::custom_units(core, &known)? {
        rules.entry(field).or_insert(Rule { direction: Direction::Both, ..Rule::default() });
    }
    let named = changes.send.iter().flatten().filter(|field| !matches!(field.as_str(), "all" | "none"));
    let purposes: Vec<(&str, &str)> = changes.purpose.iter().filter_map(|one| one.split_once('=')).collect();
    let fields = named.chain(&changes.only_receive).chain(&changes.off).map(String::as_str);
    let named: Vec<&str> = fields.chain(purposes.iter().map(|(field, _)| *field)).collect();
    for field in named.iter().copied() {
        if !rules.contains_key(field) {
            let known: Vec<&str> = rules.keys().map(String::as_str).collect();
            return Err(Error::bad_request(Sentence::verbatim(format!("{name} has no field {field}")))
                .hint(Sentence::verbatim(format!("Fields: {}", known.join(", ")))));
        }
    }
    remotes::set(core, name, who, |settings| {
        // A custom field goes nowhere before somebody names it.
        for (field, rule) in rules.into_iter().filter(|(field, _)| named.contains(&field.as_str())) {
            settings.mapping.0.entry(field).or_insert(rule);
        }
        for (field, rule) in &mut settings.mapping.0 {
            if let Some(send) = &changes.send {
                rule.approved =
                    rule.direction != Direction::Pull && send.iter().any(|one| one == field || one == "all");
            }
            if changes.only_receive.contains(field) {
                (rule.direction, rule.approved) = (Direction::Pull, false);
            }
            if changes.off.contains(field) {
                (rule.direction, rule.approved) = (Direction::Off, false);
            }
            if let Some((_, purpose)) = purposes.iter().find(|(one, _)| one == field) {
                rule.purpose = Some((*purpose).to_owned()).filter(|purpose| !purpose.is_empty());
            }
        }
        settings.every_minutes = changes.every.unwrap_or(settings.every_minutes);
        settings.stamps = changes.stamps.unwrap_or(settings.stamps);
    })
}

fn said(core: &Core, found: &Check, json: bool) -> Result<(), Error> {
    let percent = (found.match_percent() * 10.0).round() / 10.0;
    let name = |row| -> Result<String, Error> {
        let stored = core.store().read(|r| r.contacts().get(row))?;
        Ok(stored.map(|stored| stored.contact.display_name().to_owned()).unwrap_or_default())
    };
    if json {
        let mut near = Vec::new();
        for one in &found.near_misses {
            near.push(json!({ "theirs": one.theirs, "ours": one.ours, "contact": name(one.contact)?,
                "difference": one.difference.to_string() }));
        }
        let review: Vec<Value> = found
            .review
            .iter()
            .map(|row| json!({ "about": row.about, "met": row.is_met, "evidence": row.evidence.to_string() }))
            .collect();
        let questions: Vec<String> = found.questions.iter().map(|one| running::asked(one).to_string()).collect();
        let line = json!({ "read": found.read, "sample": found.is_sample, "match_percent": percent,
            "by_id": found.by_id, "by_email": found.by_email, "unknown": found.unknown,
            "unreadable": found.unreadable, "near": found.near, "near_misses": near,
            "collisions": found.collisions.len(), "would": found.totals, "questions": questions, "review": review,
            "passed": found.is_met() });
        println!("{line}");
        return Ok(());
    }
    println!("{percent} % of {} records are people you have", found.read);
    for (number, what) in [
        (found.by_id, "known by an ID or an external ID"),
        (found.by_email, "known by an email"),
        (found.unknown, "of nobody you have"),
        (found.near, "whose external ID is nearly one of yours"),
        (found.collisions.len() as u32, "that mean a contact another record means too"),
        (found.unreadable, "that cannot be read"),
    ] {
        println!("{number:>9} {what}");
    }
    for near in found.near_misses.iter().take(10) {
        println!("  {:?} there, {:?} here ({}): {}", near.theirs, near.ours, name(near.contact)?, near.difference);
    }
    for row in &found.review {
        println!("{} {}: {}", if row.is_met { "yes" } else { "NO " }, row.about, row.evidence);
    }
    println!("Nothing was written on either side.");
    Ok(())
}

pub(crate) fn sync(dir: &Path, args: SyncArgs, who: &Who) -> Result<ExitCode, Error> {
    let core = unlock::open(dir)?;
    let names = match args.name {
        Some(name) => vec![name],
        None => {
            let on = remotes::all(&core)?.into_iter().filter(|known| known.settings.enabled_at.is_some());
            on.map(|known| known.kept.name).collect()
        }
    };
    if names.is_empty() {
        return Err(Error::not_found(Sentence::verbatim("a connection that is on")));
    }
    let mut code = ExitCode::SUCCESS;
    for name in names {
        let report = running::run(&core, &name, args.dry_run, who, &Terminal)?;
        tell(&name, &report, args.dry_run, args.json);
        if let Some(worse) = exit(&report) {
            code = worse;
        }
    }
    Ok(code)
}

/// A question that waits, or a run that did not go on; a dry run only looks.
fn exit(report: &Report) -> Option<ExitCode> {
    if !report.questions.is_empty() && !report.is_done() {
        return Some(ExitCode::from(ASKS));
    }
    (!report.is_done() && !report.is_preview()).then(|| ExitCode::from(3))
}

fn tell(name: &str, report: &Report, dry_run: bool, json: bool) {
    let questions: Vec<String> = report.questions.iter().map(|one| running::asked(one).to_string()).collect();
    if json {
        let mut line = serde_json::to_value(&report.counts).unwrap_or_default();
        line["run"] = report.run.as_str().into();
        line["remote"] = name.into();
        line["end"] = running::said(&report.end).to_string().into();
        line["questions"] = questions.into();
        line["operation"] = report.operation.as_ref().map(ToString::to_string).into();
        if dry_run {
            line["would"] = serde_json::to_value(report.totals).unwrap_or_default();
            line["digest"] = report.digest.as_str().into();
        }
        println!("{line}");
        return;
    }
    println!("{name}: {}", running::said(&report.end));
    let counts = &report.counts;
    let totals = &report.totals;
    let rows = if dry_run {
        vec![
            (totals.created_here, "contacts would be made"),
            (totals.pulled, "contacts would get values"),
            (totals.deleted_here, "contacts would go to the bin"),
            (totals.created_there, "records would be made"),
            (totals.pushed, "records would get values"),
            (totals.deleted_there, "records would be deleted"),
            (totals.held, "would wait for you"),
        ]
    } else {
        vec![
            (counts.pulled, "records came"),
            (counts.created, "contacts were made"),
            (counts.pushed, "records were written"),
            (counts.merged, "were changed on both sides and merged"),
            (counts.conflicts, "have values that wait for you"),
            (counts.held, "have a deletion that waits for you"),
            (counts.relinks, "may be another person's now, which waits for you"),
            (counts.deleted, "were deleted"),
            (counts.quarantined, "cannot be taken"),
            (counts.suppressed, "are of people who were erased, and were not taken"),
        ]
    };
    for (number, what) in rows {
        println!("{number:>9} {what}");
    }
    for (unit, times) in &counts.left_out {
        println!("{times:>9} times {unit} was left out there, without a word");
    }
    for question in questions {
        println!("Asks: {question}. Agree with: cardfile remote agree {name}");
    }
    if report.operation.is_some() {
        println!("Undo with: cardfile undo {}", report.run);
    }
}
