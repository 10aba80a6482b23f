//! Saved views from the terminal.

use crate::unlock;
use cardfile_core::{Code, Core, Error, Who, domain::segment::Segment, parts, segments, view::ViewRequest};
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
    /// Save a view; of one of this name only what is given changes.
    Save {
        name: String,
        /// Whom it shows: source:widget seen:<30d
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
        /// Column to sort by; - in front means descending, as in --sort=-last_seen.
        #[arg(long, allow_hyphen_values = true, value_delimiter = ',')]
        sort: Option<Vec<String>>,
        /// What the people in it are kept together for.
        #[arg(long)]
        purpose: Option<String>,
        /// Who answers for it.
        #[arg(long)]
        owner: Option<String>,
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
            let mut one = match segments::find(&core, &name) {
                Ok(known) => known,
                Err(error) if error.code == Code::NotFound => Segment { name, ..Segment::default() },
                Err(error) => return Err(error),
            };
            if let Some(filter) = filter {
                (one.filter, one.query) = (filter, String::new());
            }
            one.sort = sort.unwrap_or(one.sort);
            one.purpose = purpose.unwrap_or(one.purpose);
            one.owner = owner.unwrap_or(one.owner);
            println!("{}", segments::put(&core, &one, who)?.0);
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
