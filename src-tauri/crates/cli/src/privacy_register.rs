//! The register of processing, the audit log and breaches from the terminal.

use crate::unlock;
use cardfile_core::{
    Error, Who,
    domain::{Millis, Sentence, time::DateOrder},
    privacy::{
        audit,
        breach::{self, Incident, What},
        processing::{self, Location},
    },
};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum ProcessingCommand {
    /// What has to be said and was not.
    Missing,
    /// Say who answers for the data; what is not given stays as it is.
    Controller {
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        address: Option<String>,
        #[arg(long)]
        email: Option<String>,
        /// Data protection officer, if there has to be one.
        #[arg(long)]
        officer: Option<String>,
        /// The supervisory authority.
        #[arg(long)]
        authority: Option<String>,
        /// How the data is protected beside what this program does.
        #[arg(long)]
        security: Option<String>,
        /// Whether anything is decided by programs alone.
        #[arg(long)]
        decisions: Option<String>,
    },
    /// Say where a connection is, and outside of Europe what protects the data there.
    Recipient {
        name: String,
        country: String,
        #[arg(long, default_value = "")]
        safeguard: String,
    },
    /// Write the register to a file: a page to print, or JSON for a name that ends so.
    Write {
        file: PathBuf,
        #[arg(long, default_value = "en")]
        language: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// The latest entries, newest first; one JSON object a line.
    List {
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Work out every hash again; of a FILE that was exported when one is given.
    Verify { file: Option<PathBuf> },
    /// Write the whole log to a file.
    Export { file: PathBuf },
}

#[derive(Args)]
pub(crate) struct BreachArgs {
    /// From when.
    #[arg(long)]
    from: String,
    /// Until when.
    #[arg(long)]
    until: String,
    /// What a connection holds.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["export", "filter"])]
    remote: Option<String>,
    /// A file that was exported: the end of its path, or the beginning of its SHA-256.
    #[arg(long, value_name = "FILE", conflicts_with = "filter")]
    export: Option<String>,
    /// The contacts a filter lets through. Without any of these: everybody.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// When it was found out; now by default.
    #[arg(long)]
    found: Option<String>,
    /// Write who is affected to a file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn processing(dir: &Path, command: ProcessingCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        ProcessingCommand::Missing => {
            for what in processing::register(&core)?.missing {
                println!("{what}");
            }
        }
        ProcessingCommand::Controller { name, address, email, officer, authority, security, decisions } => {
            let mut controller = processing::controller(&core)?;
            for (mine, given) in [
                (&mut controller.name, name),
                (&mut controller.address, address),
                (&mut controller.email, email),
                (&mut controller.officer, officer),
                (&mut controller.authority, authority),
                (&mut controller.security, security),
                (&mut controller.decisions, decisions),
            ] {
                if let Some(given) = given {
                    *mine = given;
                }
            }
            processing::set_controller(&core, &controller, who)?;
        }
        ProcessingCommand::Recipient { name, country, safeguard } => {
            processing::set_location(&core, &name, &Location { country, safeguard }, who)?;
        }
        ProcessingCommand::Write { file, language } => {
            let register = processing::write(&core, &file, &language, who)?;
            println!("{} activities, {} recipients", register.activities.len(), register.recipients.len());
            for what in register.missing {
                eprintln!("not said yet: {what}");
            }
        }
    }
    Ok(())
}

pub(crate) fn audit(dir: &Path, command: AuditCommand, who: &Who) -> Result<(), Error> {
    match command {
        AuditCommand::List { limit } => {
            for entry in audit::latest(&unlock::open(dir)?, None, limit)? {
                println!("{}", audit::line(&entry));
            }
        }
        AuditCommand::Verify { file } => {
            let check = match file {
                Some(file) => audit::check_file(&file)?,
                None => audit::check(&unlock::open(dir)?)?,
            };
            if let Some(entry) = check.broken {
                return Err(audit::broken(entry));
            }
            println!("{} entries, all as they were written; the last hash is {}", check.entries, check.head);
        }
        AuditCommand::Export { file } => {
            let check = audit::export(&unlock::open(dir)?, &file, who)?;
            println!("{} entries; the last hash is {}", check.entries, check.head);
        }
    }
    Ok(())
}

pub(crate) fn breach(dir: &Path, args: BreachArgs, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    let time = |text: &str| {
        Millis::parse(text, DateOrder::DayFirst)
            .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("{text} is no time"))))
    };
    let what = match (args.remote, args.export, args.filter) {
        (Some(name), _, _) => What::Remote(name),
        (None, Some(file), _) => What::Export(file),
        (None, None, Some(filter)) => What::Filter(filter),
        (None, None, None) => What::Everything,
    };
    let found_at = match &args.found {
        Some(text) => time(text)?,
        None => core.store().environment().clock.now(),
    };
    let incident = Incident { what, from: time(&args.from)?, until: time(&args.until)?, found_at };
    let found = match &args.out {
        Some(file) => breach::export(&core, &incident, file, who)?,
        None => breach::affected(&core, &incident)?,
    };
    for (count, what) in [
        (found.people.len() as u32, "people are affected"),
        (found.gone, "were there and are gone from here since"),
        (found.unreachable, "have neither an email nor a phone"),
    ] {
        println!("{count:>9} {what}");
    }
    for remark in &found.remarks {
        println!("{remark}");
    }
    println!("The authority is to be told by {}", found.tell_by.to_rfc3339_seconds());
    Ok(())
}
