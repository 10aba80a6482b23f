//! Who is who, from the terminal: linking cards, external IDs, verification, and
//! what other programs told.

use crate::{identity_keys, unlock};
use cardfile_core::{
    Error, Who, contact,
    domain::Link,
    ingest,
    join::{self, Target},
    resolve, visitors,
};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct LinkArgs {
    /// The card that goes.
    from: String,
    /// Our id, an external ID or an email of the card that stays.
    to: String,
    /// TO is an external ID at this remote; the card gets it itself when nobody has it.
    #[arg(long, value_name = "REMOTE")]
    at: Option<String>,
    /// Account, inbox or bot of the remote.
    #[arg(long, default_value = "", requires = "at")]
    scope: String,
    /// Say what would happen and write nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Subcommand)]
pub(crate) enum IdentityCommand {
    /// Say that it was made sure who this is, and how.
    Verify { contact: String, how: String },
    /// Take that back.
    Doubt { contact: String },
    /// Why is this external ID not found? Shows those that nearly are it.
    Why { external_id: String },
    /// Keys with which other systems prove who somebody is.
    #[command(subcommand)]
    Key(identity_keys::KeyCommand),
    /// Make cards of visitors of this source from now on, or with --off no more.
    Visitors {
        source: String,
        #[arg(long)]
        off: bool,
    },
}

#[derive(Args)]
pub(crate) struct IngestArgs {
    /// JSON, JSON lines, or the CSV of a chat widget.
    file: PathBuf,
    #[arg(long)]
    json: bool,
}

pub(crate) fn link(dir: &Path, args: LinkArgs, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    let target = match args.at {
        Some(connector) => Target::ExternalId(Link { connector, scope: args.scope, external_id: args.to }),
        None => Target::Contact(args.to),
    };
    if args.dry_run {
        let plan = join::preview(&core, &args.from, &target)?;
        match &plan.to {
            Some(to) => println!("joins {} ({})", to.contact.display_name(), to.contact.id),
            None => println!("nobody has this external ID: the card gets it itself"),
        }
        for (kind, count) in plan.moves.iter().filter(|(_, count)| *count > 0) {
            println!("{count:>9} {} move", kind.as_str());
        }
        near(&core, &plan.near)?;
        return Ok(());
    }
    let (id, operation) = join::link(&core, &args.from, &target, None, who)?;
    println!("{id}");
    if let Some(operation) = operation {
        eprintln!("Undo with: cardfile undo {operation}");
    }
    Ok(())
}

pub(crate) fn identity(dir: &Path, command: IdentityCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        IdentityCommand::Key(command) => identity_keys::key(&core, command, who)?,
        IdentityCommand::Verify { contact, how } => {
            contact::verify(&core, &contact, &how, who)?;
        }
        IdentityCommand::Doubt { contact } => {
            contact::unverify(&core, &contact, who)?;
        }
        IdentityCommand::Why { external_id } => {
            let misses = core.store().read(|r| resolve::near_misses(r, &external_id, 20))?;
            if misses.is_empty() {
                println!("nothing like {external_id} is here");
            }
            near(&core, &misses)?;
        }
        IdentityCommand::Visitors { source, off } => visitors::set_source(&core, &source, !off, who)?,
    }
    Ok(())
}

fn near(core: &cardfile_core::Core, misses: &[resolve::NearMiss]) -> Result<(), Error> {
    for miss in misses {
        let stored = core.store().read(|r| r.contacts().get(miss.contact))?;
        let name = stored.as_ref().map(|one| one.contact.display_name()).unwrap_or_default();
        let Link { connector, scope, external_id } = &miss.link;
        println!("{external_id:?} at {connector} {scope}: {name}; {}", miss.difference);
    }
    Ok(())
}

/// `true` when a record was not taken.
pub(crate) fn ingest(dir: &Path, args: IngestArgs, who: &Who) -> Result<bool, Error> {
    let core = unlock::open(dir)?;
    let (report, operation) = ingest::file(&core, &args.file, who)?;
    if args.json {
        println!("{}", serde_json::to_string(&report).unwrap_or_default());
        return Ok(!report.rejected.is_empty());
    }
    for (count, what) in [
        (report.records, "records read"),
        (report.created, "new contacts"),
        (report.matched, "of contacts that were here"),
        (report.visitors, "new visitors"),
        (report.unattached, "conversations of nobody known"),
        (report.dropped, "events of nobody known, not kept"),
        (report.suppressed, "of people who were erased, not kept"),
        (report.declined, "declined: no card, and nothing that says who"),
        (report.rejected.len() as u32, "rejected"),
        (report.countries_left_out, "countries not kept without consent"),
    ] {
        println!("{count:>9} {what}");
    }
    for one in &report.explained {
        println!("line {}: {} {}", one.line, one.contact, one.why);
        for (contact, why) in &one.suggestions {
            println!("  perhaps {contact}: {why}");
        }
    }
    for reject in &report.rejected {
        eprintln!("line {}: {}", reject.line, reject.message);
    }
    if let Some(id) = operation {
        println!("Undo with: cardfile undo {id}");
    }
    Ok(!report.rejected.is_empty())
}
