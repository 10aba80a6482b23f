//! A process that writes until it is killed, and says what is safe only after
//! the commit. The crash suite reads its lines and checks that none was lost.
#![expect(clippy::print_stdout, reason = "its output is what the crash suite reads")]

use cardfile_core::{
    Core, Who, bulk,
    combine::{self, Wish},
    contact,
    domain::{Contact, part::Note},
    generate, history, import, parts,
    progress::Progress,
    system,
};
use serde_json::Value;
use std::{io::Write, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(dir), Some(mode)) = (args.next(), args.next()) else { return Err("DIR MODE".into()) };
    let dir = PathBuf::from(dir);
    if mode == "open" {
        say("opening")?;
    }
    let (core, opening) = Core::open(&dir, None, system::environment())?;
    if mode == "open" {
        say("opened")?;
        // Until it is killed.
        loop {
            std::thread::park();
        }
    }
    for cut in &opening.rolled_back {
        say(&format!("recovered {}", cut.subject))?;
    }
    let who = Who::cli();
    if mode == "import" {
        for round in 0.. {
            let file = dir.with_extension(format!("{round}.csv"));
            generate::write_csv(&mut std::fs::File::create(&file)?, 60_000, round + u64::from(std::process::id()))?;
            let report = import::run(&core, &import::ImportRequest::of(&file), &who, &Loud)?;
            say(&format!("imported {}", report.counts.created))?;
        }
    }
    if mode == "bulk" {
        return bulk_work(&core, &dir, &who);
    }
    if mode == "merge" {
        return merges(&core, &who);
    }
    for n in 0.. {
        let name = format!("Person {} {n}", std::process::id());
        let (id, _) = contact::create(&core, Contact { name: name.clone(), ..Contact::default() }, &who)?;
        say(&format!("created {id} {name}"))?;
        contact::edit(&core, &id, "description", Value::from(format!("edited {n}")), &who)?;
        say(&format!("edited {id} edited {n}"))?;
    }
    Ok(())
}

/// Tags everybody and takes it back, again and again.
fn bulk_work(core: &Core, dir: &std::path::Path, who: &Who) -> Result<(), Box<dyn std::error::Error>> {
    if core.count()? < 30_000 {
        let file = dir.with_extension("bulk.csv");
        generate::write_csv(&mut std::fs::File::create(&file)?, 30_000, u64::from(std::process::id()))?;
        let report = import::run(core, &import::ImportRequest::of(&file), who, &Loud)?;
        say(&format!("imported {}", report.counts.created))?;
    }
    for round in 0.. {
        let rows = bulk::of_filter(core, "")?;
        let tag = format!("crash {} {round}", std::process::id());
        let (done, operation) = bulk::run(core, &rows, &bulk::Deed::Tag(tag), who, &Loud)?;
        say(&format!("tagged {}", done.changed))?;
        let operation = operation.ok_or("nobody was tagged")?;
        if round % 2 == 0 {
            say("undoing")?;
            history::undo(core, Some(operation.as_str()), who)?;
            say("untagged")?;
        }
    }
    Ok(())
}

/// Merges two cards with a note each, and unmerges them, again and again.
fn merges(core: &Core, who: &Who) -> Result<(), Box<dyn std::error::Error>> {
    for round in 0.. {
        let mut pair = Vec::new();
        for side in ["left", "right"] {
            let name = format!("{side} {} {round}", std::process::id());
            let (id, _) = contact::create(core, Contact { name, ..Contact::default() }, who)?;
            parts::add(core, id.as_str(), &Note { text: format!("of the {side}"), ..Note::default() }, who)?;
            pair.push(id.to_string());
        }
        let wish = Wish { survivor: pair[0].clone(), other: pair[1].clone(), ..Wish::default() };
        say(&format!("pair {} {}", pair[0], pair[1]))?;
        let (_, operation) = combine::run(core, &wish, None, who)?;
        say(&format!("merged {} {}", pair[0], pair[1]))?;
        if round % 2 == 0 {
            history::undo(core, operation.as_ref().map(cardfile_core::domain::OperationId::as_str), who)?;
            say(&format!("unmerged {} {}", pair[0], pair[1]))?;
        }
    }
    Ok(())
}

/// Says where an import stands, so that it can be killed at any point of it.
struct Loud;

impl Progress for Loud {
    fn at(&self, done: u64, _: u64) -> bool {
        say(&format!("at {done}")).is_ok()
    }
}

fn say(line: &str) -> std::io::Result<()> {
    println!("{line}");
    std::io::stdout().flush()
}
