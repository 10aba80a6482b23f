//! Retention rules from the terminal.

use crate::{Terminal, unlock};
use cardfile_core::{
    Error, Who,
    domain::{
        Sentence,
        retention::{Kept, RetentionRule, RetentionRun},
    },
    privacy::retention::{self, CEILING, Preview},
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::Path;

#[derive(Subcommand)]
pub(crate) enum RetentionCommand {
    /// All rules.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Add a rule, or change the one of this name; it does nothing before it is turned on.
    Put(RuleArgs),
    /// Say what a rule would take now, and write nothing.
    Preview {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Let a rule work once, now. EXPECTED is what the preview said: when it is not that many
    /// any more, nothing is deleted.
    Run {
        name: String,
        #[arg(long)]
        expected: u32,
    },
    /// Let a rule work now and every day from now on.
    On {
        name: String,
        #[arg(long)]
        expected: u32,
    },
    /// Let a rule do nothing by itself any more.
    Off { name: String },
    /// Let the rules that are on work if their day has come. An open window does this by itself.
    CatchUp,
    /// Take a rule away; the times it worked stay.
    Delete { name: String },
    /// When rules worked, newest first.
    Runs {
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

#[derive(Args)]
pub(crate) struct RuleArgs {
    name: String,
    /// contacts, conversations or exports.
    #[arg(long)]
    what: Option<String>,
    /// Days after the last sign of life.
    #[arg(long)]
    days: Option<u32>,
    /// Only of this source or platform.
    #[arg(long)]
    source: Option<String>,
    /// Only at this level: anonymous, identified, verified.
    #[arg(long)]
    identity: Option<String>,
    /// By itself no more than so many at once; 0 for no limit.
    #[arg(long)]
    ceiling: Option<u32>,
}

pub(crate) fn retention(dir: &Path, command: RetentionCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        RetentionCommand::List { json } => {
            for one in retention::rules(&core)? {
                if json {
                    println!("{}", json!(one));
                    continue;
                }
                let (state, what, days) = (one.state.as_str(), one.what.as_str(), one.days);
                println!("{state:>8} {}: {what} {} {} after {days} days", one.name, one.source, one.identity);
            }
        }
        RetentionCommand::Put(args) => {
            let known = retention::rules(&core)?.into_iter().find(|one| one.name == args.name);
            let mut rule = known.unwrap_or_else(|| RetentionRule { ceiling: CEILING, ..RetentionRule::default() });
            if let Some(what) = args.what {
                rule.what = Kept::parse(&what)
                    .ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("no rule takes {what}"))))?;
            }
            rule.name = args.name;
            rule.days = args.days.unwrap_or(rule.days);
            rule.source = args.source.unwrap_or(rule.source);
            rule.identity = args.identity.unwrap_or(rule.identity);
            rule.ceiling = args.ceiling.unwrap_or(rule.ceiling);
            println!("{}", retention::put(&core, &rule, who)?);
        }
        RetentionCommand::Preview { name, json } => {
            let rule = retention::find(&core, &name)?;
            let Preview { matched, going, held, restricted, asked_about, in_history, .. } =
                retention::preview(&core, &rule)?;
            if json {
                let line = json!({ "matched": matched, "going": going, "held": held, "restricted": restricted,
                    "asked_about": asked_about, "in_history": in_history });
                println!("{line}");
                return Ok(());
            }
            for (count, what) in [
                (matched, "whose time is over"),
                (held, "stay: they are on hold"),
                (restricted, "stay: they are restricted"),
                (asked_about, "stay: an open request asks about them"),
                (going, "would go"),
            ] {
                println!("{count:>9} {what}");
            }
        }
        RetentionCommand::Run { name, expected } => {
            worked(&retention::run(&core, &name, expected, who, &Terminal)?);
        }
        RetentionCommand::On { name, expected } => {
            worked(&retention::turn_on(&core, &name, expected, who, &Terminal)?);
        }
        RetentionCommand::Off { name } => retention::turn_off(&core, &name, who)?,
        RetentionCommand::CatchUp => retention::catch_up(&core)?.iter().for_each(worked),
        RetentionCommand::Delete { name } => retention::delete(&core, &name, who)?,
        RetentionCommand::Runs { limit } => {
            for run in retention::runs(&core, limit)? {
                print!("{}  {}", run.at.to_rfc3339_seconds(), run.rule);
                worked(&run);
            }
        }
    }
    Ok(())
}

fn worked(run: &RetentionRun) {
    let end = if run.is_stopped { "; stopped, and asks to be turned on" } else { "" };
    println!("{:>9} deleted, {} stayed{end}", run.deleted, run.spared);
}
