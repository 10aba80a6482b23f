//! What waits for a person, decided from the terminal: once, or for good by a rule.

use crate::unlock;
use cardfile_core::{
    Code, Core, Error, Who,
    domain::{OperationId, Sentence},
    sync::{
        aside, remotes, rules,
        waits::{self, Conflict, Decided},
    },
};
use clap::Subcommand;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;

#[derive(Subcommand)]
pub(crate) enum ConflictCommand {
    /// What waits for a person: values, deletions, re-links, refused writes, records set aside.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Decide something that waits.
    Resolve {
        /// Its number, as listed; of a record that was set aside its key.
        what: String,
        /// mine, theirs or edit; of a deletion delete or keep; of a re-link relink or apart; of a
        /// refused write, or a record set aside, retry or dismiss.
        choice: String,
        /// Which field; all that wait when none is named.
        #[arg(long)]
        field: Option<String>,
        /// With edit: the value for both sides.
        #[arg(long, default_value = "")]
        text: String,
        /// The connection of a record that was set aside.
        #[arg(long, value_name = "NAME")]
        at: Option<String>,
    },
    /// Print a record that was set aside, as the remote wrote it.
    Show {
        /// Its key, as listed.
        key: String,
        /// Its connection.
        #[arg(long, value_name = "NAME")]
        at: String,
    },
    /// Decide conflicts of a field once and for all.
    Rule {
        /// Which connection.
        remote: String,
        /// Which field.
        field: String,
        /// mine or theirs; ask takes the rule away.
        keep: String,
        /// Say what it would settle and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// The rules of all connections.
    Rules {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn conflict(dir: &Path, command: ConflictCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        ConflictCommand::List { json } => list(&core, json),
        ConflictCommand::Resolve { what, choice, at: Some(remote), .. } => record(&core, &remote, &what, &choice, who),
        ConflictCommand::Resolve { what, choice, field, text, at: None } => {
            let number = what.parse::<i64>().map_err(|_| {
                Error::bad_request(Sentence::verbatim(format!("{what} is no number of the list")))
                    .hint(Sentence::verbatim("Of a record that was set aside, name its connection with --at."))
            })?;
            resolve(&core, number, &choice, field, text, who)
        }
        ConflictCommand::Show { key, at } => {
            println!("{}", aside::record(&core, &at, &key)?.body);
            Ok(())
        }
        ConflictCommand::Rule { remote, field, keep, dry_run, json } => {
            rule(&core, (remote.as_str(), field.as_str()), &keep, dry_run, json, who)
        }
        ConflictCommand::Rules { json } => {
            for known in remotes::all(&core)? {
                for rule in rules::of(&known) {
                    let name = &known.kept.name;
                    if json {
                        println!("{}", json!({ "remote": name, "field": rule.field, "keep": rule.keep }));
                    } else {
                        println!("{name}  {}: {}", rule.field, rule.keep);
                    }
                }
            }
            Ok(())
        }
    }
}

fn list(core: &Core, json: bool) -> Result<(), Error> {
    for conflict in waits::all(core)? {
        if json {
            println!("{}", serde_json::to_value(&conflict).unwrap_or_default());
        } else {
            tell(&conflict);
        }
    }
    for write in aside::writes(core)? {
        if json {
            println!("{}", of_kind("refused", &write));
            continue;
        }
        println!("{}  refused  {} at {}", write.pair, write.name, write.remote_name);
        println!("  {} (sent {} times)", write.reason, write.times);
        for value in write.values {
            println!("  {}: {:?}", value.field, line(&value.value));
        }
    }
    for record in aside::records(core)? {
        if json {
            println!("{}", of_kind("set_aside", &record));
            continue;
        }
        println!("{}  set aside  at {}", record.key, record.remote_name);
        println!("  {}", record.reason);
    }
    Ok(())
}

fn of_kind(kind: &str, one: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(one).unwrap_or_default();
    value["kind"] = kind.into();
    value
}

/// In one line.
fn line(text: &str) -> String {
    text.replace('\n', "; ")
}

fn tell(conflict: &Conflict) {
    println!("{}  {}  {} at {}", conflict.pair, conflict.kind, conflict.name, conflict.remote_name);
    if let Some(side) = conflict.deleted {
        println!("  deleted {side}, edited on the other side");
    }
    if let Some(relink) = &conflict.relink {
        let what = match relink.how {
            "renamed" => "its record says another ID",
            _ => "its record is gone, and another came with the same email",
        };
        println!("  {what}: {:?} was known, {:?} is there ({})", relink.from, relink.to, relink.name);
        if let Some(name) = &relink.taken_by {
            println!("  {:?} is the ID of {name} already", relink.to);
        }
    }
    for held in &conflict.fields {
        println!("  {}: {:?} here, {:?} there", held.field, line(&held.mine), line(&held.theirs));
    }
}

fn resolve(
    core: &Core,
    number: i64,
    choice: &str,
    field: Option<String>,
    text: String,
    who: &Who,
) -> Result<(), Error> {
    let decided = match (field, choice) {
        (None, "mine" | "theirs") => {
            let waiting = waits::all(core)?.into_iter().find(|conflict| conflict.pair == number);
            let fields = waiting.map(|conflict| conflict.fields).unwrap_or_default();
            let one = |held: waits::Held| Decided::parse(number, Some(held.field), choice, String::new());
            fields.into_iter().map(one).collect::<Result<Vec<_>, _>>()?
        }
        (field, _) => vec![Decided::parse(number, field, choice, text)?],
    };
    let (count, operation) = waits::decide(core, &decided, who)?;
    done(count, operation)
}

fn record(core: &Core, remote: &str, key: &str, choice: &str, who: &Who) -> Result<(), Error> {
    let again = match choice {
        "retry" => true,
        "dismiss" => false,
        _ => return Err(Error::bad_request(Sentence::verbatim(format!("{choice} is no decision: retry or dismiss")))),
    };
    done(u32::from(aside::decide_record(core, remote, key, again, who)?), None)
}

fn done(count: u32, operation: Option<OperationId>) -> Result<(), Error> {
    if count == 0 {
        return Err(Error::new(Code::NotFound, Sentence::verbatim("nothing of it waits any more")));
    }
    println!("{count:>9} decided; the next run carries it out");
    if let Some(operation) = operation {
        println!("Undo with: cardfile undo {operation}");
    }
    Ok(())
}

fn rule(
    core: &Core,
    (remote, field): (&str, &str),
    keep: &str,
    dry_run: bool,
    json: bool,
    who: &Who,
) -> Result<(), Error> {
    if keep == "ask" {
        rules::remove(core, remote, field, who)?;
        println!("Conflicts about {field} at {remote} wait for you again");
        return Ok(());
    }
    let side = rules::parse(keep)?;
    if dry_run {
        let found = rules::preview(core, remote, field)?;
        if json {
            println!("{}", serde_json::to_value(&found).unwrap_or_default());
            return Ok(());
        }
        println!("{:>9} values would be settled for {keep}", found.settles);
        for value in found.values {
            println!("  {}: {:?} here, {:?} there", value.name, line(&value.mine), line(&value.theirs));
        }
        return Ok(());
    }
    let (settled, operation) = rules::set(core, remote, field, side, None, who)?;
    if json {
        let operation = operation.map(|id| id.to_string());
        println!("{}", json!({ "settled": settled, "operation": operation }));
        return Ok(());
    }
    println!("{settled:>9} values settled; from now on {keep} is kept for {field} at {remote}");
    println!("Take the rule away with: cardfile conflicts rule {remote} {field} ask");
    if let Some(operation) = operation {
        println!("Undo with: cardfile undo {operation}");
    }
    Ok(())
}
