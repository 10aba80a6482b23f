//! Spaces, their files, and pictures of contacts from the terminal.

use crate::unlock;
use cardfile_core::{Error, Who, avatar, contact, parts, spaces};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum SpaceCommand {
    /// Make a space on a card.
    Add { contact: String, name: String },
    /// The spaces of a card with their files.
    List { contact: String },
    /// Copy files into a space.
    Put {
        space: String,
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write a file of a space to a new file.
    Get { file: String, target: PathBuf },
    /// Put a space on one more card.
    Share { space: String, contact: String },
    /// Take a space off a card; off its last card it goes with its files.
    Remove { space: String, contact: String },
    /// Take a file out of its space.
    Drop { file: String },
}

#[derive(Subcommand)]
pub(crate) enum AvatarCommand {
    /// Take the picture of a PNG, JPEG, GIF or WebP file.
    Set { contact: String, file: PathBuf },
    /// Take the picture away.
    Remove { contact: String },
}

pub(crate) fn space(dir: &Path, command: SpaceCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        SpaceCommand::Add { contact, name } => println!("{}", spaces::create(&core, &contact, &name, who)?.0),
        SpaceCommand::List { contact } => {
            for placed in spaces::of(&core, &contact::find(&core, &contact)?)? {
                println!("{}  {}  (on {} cards)", placed.space.id, placed.space.name, placed.cards);
                for file in placed.files {
                    println!("  {}  {:>12}  {}", file.id, file.bytes, file.name);
                }
            }
            let (taken, quota) = spaces::room(&core)?;
            eprintln!("{} of {} MiB taken", taken >> 20, quota >> 20);
        }
        SpaceCommand::Put { space, files } => {
            println!("{} files copied", spaces::add_files(&core, &space, &files, who)?.0);
        }
        SpaceCommand::Get { file, target } => println!("{} bytes", spaces::save(&core, &file, &target)?),
        SpaceCommand::Share { space, contact } => {
            spaces::place(&core, &space, &contact, who)?;
        }
        SpaceCommand::Remove { space, contact } => {
            spaces::displace(&core, &space, &contact, who)?;
        }
        SpaceCommand::Drop { file } => {
            parts::remove_any(&core, &file, who)?;
        }
    }
    Ok(())
}

pub(crate) fn avatar(dir: &Path, command: AvatarCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        AvatarCommand::Set { contact, file } => avatar::set(&core, &contact, &file, who)?,
        AvatarCommand::Remove { contact } => avatar::remove(&core, &contact, who)?,
    };
    Ok(())
}
