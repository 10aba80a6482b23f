//! Bulk work from the terminal: the same deed on everything a filter lets through.

use crate::{Terminal, unlock};
use cardfile_core::{
    Error, Who,
    bulk::{self, Deed},
};
use clap::{Args, Subcommand};
use std::path::Path;

#[derive(Args)]
pub(crate) struct BulkArgs {
    /// Which contacts: source:widget seen:<30d. An empty one means all.
    #[arg(long, value_name = "TEXT")]
    filter: String,
    /// Say how many it would be and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(subcommand)]
    deed: BulkDeed,
}

#[derive(Subcommand)]
enum BulkDeed {
    /// They get a tag.
    Tag { tag: String },
    /// They lose a tag.
    Untag { tag: String },
    /// A field gets a value; an empty one empties it.
    Set { field: String, value: String },
    /// They go to the bin.
    Bin,
    /// They go to the archive.
    Archive,
    /// They come back from the archive; find them with --filter archived:any.
    Unarchive,
}

pub(crate) fn bulk(dir: &Path, args: BulkArgs, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    let rows = bulk::of_filter(&core, &args.filter)?;
    if args.dry_run {
        println!("{:>9} contacts", rows.len());
        return Ok(());
    }
    let deed = match args.deed {
        BulkDeed::Tag { tag } => Deed::Tag(tag),
        BulkDeed::Untag { tag } => Deed::Untag(tag),
        BulkDeed::Set { field, value } => {
            let value =
                if value.is_empty() && field.starts_with("custom.") { serde_json::Value::Null } else { value.into() };
            Deed::Set(field, value)
        }
        BulkDeed::Bin => Deed::Bin,
        BulkDeed::Archive => Deed::Archive,
        BulkDeed::Unarchive => Deed::Unarchive,
    };
    let (done, operation) = bulk::run(&core, &rows, &deed, who, &Terminal)?;
    println!("{:>9} contacts changed", done.changed);
    println!("{:>9} were so already", done.unchanged);
    if let Some(operation) = operation {
        println!("Undo with: cardfile undo {operation}");
    }
    Ok(())
}
