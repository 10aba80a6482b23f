//! Saved views from the terminal.

use crate::unlock;
use cardfile_core::{Core, Error, Who, domain::segment::Segment, parts, segments, view::ViewRequest};
use clap::Subcommand;
use serde_json::json;
use std::path::Path;

#[derive(Subcommand)]
pub(crate) enum SegmentCommand {
    /// All of them with their counts.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Save a view; one of this name is changed.
    Save {
        name: String,
        /// Whom it shows: source:widget seen:<30d
        #[arg(long, default_value = "", value_name = "TEXT")]
        filter: String,
        /// Column to sort by; - in front means descending, as in --sort=-last_seen.
        #[arg(long, allow_hyphen_values = true, value_delimiter = ',')]
        sort: Vec<String>,
        /// What the people in it are kept together for.
        #[arg(long, default_value = "")]
        purpose: String,
        /// Who answers for it.
        #[arg(long, default_value = "")]
        owner: String,
    },
    /// Say that it was looked at today.
    Review { name: String },
    /// Delete it; the contacts stay.
    Delete { name: String },
}

/// What a saved view shows.
pub(crate) fn view(core: &Core, name: &str) -> Result<ViewRequest, Error> {
    Ok(segments::view(&segments::find(core, name)?))
}

pub(crate) fn segment(dir: &Path, command: SegmentCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        SegmentCommand::List { json } => {
            let all = segments::all(&core)?;
            for (one, count) in all.iter().zip(segments::counts(&core, &all)?) {
                let stale = segments::is_stale(&core, one);
                if json {
                    let line = json!({ "id": one.id, "name": one.name, "filter": one.filter, "count": count,
                        "purpose": one.purpose, "owner": one.owner, "stale": stale });
                    println!("{line}");
                } else {
                    let count = count.map_or_else(|| "?".into(), |n| n.to_string());
                    println!(
                        "{count:>9} {}  {}{}",
                        one.name,
                        one.filter,
                        if stale { "  (to be reviewed)" } else { "" }
                    );
                }
            }
        }
        SegmentCommand::Save { name, filter, sort, purpose, owner } => {
            let known = segments::find(&core, &name).unwrap_or_default();
            println!("{}", segments::put(&core, &Segment { name, filter, sort, purpose, owner, ..known }, who)?.0);
        }
        SegmentCommand::Review { name } => println!("{}", segments::review(&core, &name, who)?.0),
        SegmentCommand::Delete { name } => {
            let known = segments::find(&core, &name)?;
            parts::remove::<Segment>(&core, &known.id, who)?;
            println!("{} is gone; its contacts stay", known.name);
        }
    }
    Ok(())
}
