//! A process that writes until it is killed, and says what is safe only after
//! the commit. The crash suite reads its lines and checks that none was lost.
#![expect(clippy::print_stdout, reason = "its output is what the crash suite reads")]

use cardfile_core::{Core, Who, contact, domain::Contact, generate, import, progress::Progress, system};
use serde_json::Value;
use std::{io::Write, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(dir), Some(mode)) = (args.next(), args.next()) else { return Err("DIR MODE".into()) };
    let dir = PathBuf::from(dir);
    let (core, opening) = Core::open(&dir, None, system::environment())?;
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
    for n in 0.. {
        let name = format!("Person {} {n}", std::process::id());
        let (id, _) = contact::create(&core, Contact { name: name.clone(), ..Contact::default() }, &who)?;
        say(&format!("created {id} {name}"))?;
        contact::edit(&core, &id, "description", Value::from(format!("edited {n}")), &who)?;
        say(&format!("edited {id} edited {n}"))?;
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
