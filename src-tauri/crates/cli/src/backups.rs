//! Backups from the terminal.

use crate::unlock;
use cardfile_core::{BackupEntry, BackupPlan, BackupState, Error, Restored, backups, domain::Clock, system};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Args)]
pub(crate) struct BackupArgs {
    /// A file that is not there yet; by default one where backups go by themselves.
    file: Option<PathBuf>,
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    file: PathBuf,
    /// Restore into this folder, which is empty or not there.
    #[arg(long, value_name = "DIR", required_unless_present = "replace", conflicts_with = "replace")]
    into: Option<PathBuf>,
    /// Put it in the place of the workspace, which is kept beside it.
    #[arg(long)]
    replace: bool,
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct SalvageArgs {
    /// A folder that is empty or not there.
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub(crate) enum BackupsCommand {
    /// All that are known, newest first.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Read one from beginning to end, or all, and say whether they are as they were written.
    Check { file: Option<PathBuf> },
    /// Show when they are made by themselves, or set it.
    Plan(PlanArgs),
    /// Make one if its time has come, and give up those whose time is over. An open window
    /// does this by itself.
    Run,
    /// Delete one, or a workspace that a restore put aside.
    Delete { file: PathBuf },
}

#[derive(Args)]
pub(crate) struct PlanArgs {
    /// Hours between two; 0 turns it off.
    #[arg(long, value_name = "HOURS")]
    every: Option<u32>,
    /// A folder that is there.
    #[arg(long, value_name = "DIR", conflicts_with = "own_folder")]
    folder: Option<PathBuf>,
    /// The folder in the workspace.
    #[arg(long)]
    own_folder: bool,
    /// Days after which one that was made by itself is given up; 0 keeps them.
    #[arg(long, value_name = "DAYS")]
    keep: Option<u32>,
}

pub(crate) fn backup(dir: &Path, args: &BackupArgs) -> Result<(), Error> {
    let (file, manifest) = backups::write(&unlock::open(dir)?, args.file.as_deref())?;
    if args.json {
        println!("{}", json!({ "file": file, "manifest": manifest }));
    } else {
        println!("{}", file.display());
        eprintln!("{} contacts, {} bytes, checked after writing", manifest.contacts, manifest.bytes);
    }
    Ok(())
}

pub(crate) fn restore(dir: &Path, args: &RestoreArgs) -> Result<(), Error> {
    let (place, restored) = match &args.into {
        Some(into) => (into.as_path(), unlock::restore(&args.file, into, dir)?),
        None => (dir, unlock::restore_over(&args.file, dir)?),
    };
    if args.json {
        let Restored { manifest, knows_since, not_carried, kept } = restored;
        let told = json!({ "dir": place, "manifest": manifest, "knows_since": knows_since,
            "not_carried": not_carried, "kept": kept });
        println!("{told}");
        return Ok(());
    }
    let Restored { manifest, knows_since, not_carried, kept } = restored;
    eprintln!("{} contacts from {} restored into {}", manifest.contacts, manifest.created_at, place.display());
    if let Some(kept) = kept {
        eprintln!("What was there is kept in {}", kept.display());
    }
    if !knows_since {
        eprintln!("The workspace it is of was not there to say who was erased after it was written: erase them again.");
    }
    if !not_carried.is_empty() {
        let tables = not_carried.join(", ");
        eprintln!("Not brought over from the workspace that was there, because it cannot be read: {tables}");
    }
    Ok(())
}

/// Exit code 1 says that something is missing.
pub(crate) fn salvage(dir: &Path, args: &SalvageArgs) -> Result<ExitCode, Error> {
    let saved = unlock::salvage(dir, &args.into)?;
    let gaps: Vec<_> = saved.tables.iter().filter(|(_, _, gaps)| *gaps > 0).collect();
    if args.json {
        println!("{}", json!({ "contacts": saved.contacts, "gaps": gaps, "orphans": saved.orphans }));
    } else {
        println!("{} contacts", saved.contacts);
        for (name, rows, stretches) in &gaps {
            println!("{name}: {rows} rows, and {stretches} stretches that cannot be read");
        }
        println!("{} rows were left out because what they belong to is lost", saved.orphans);
    }
    Ok(if gaps.is_empty() && saved.orphans == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

pub(crate) fn backups(dir: &Path, command: BackupsCommand) -> Result<ExitCode, Error> {
    match command {
        BackupsCommand::List { json } => {
            let known = backups::list(dir);
            for entry in known.backups.iter().rev() {
                line(dir, &known.plan, entry, json);
            }
            for kept in backups::kept(dir).iter().rev().filter(|_| !json) {
                println!("{}  kept      put aside by a restore, {} bytes", kept.dir.display(), kept.bytes);
            }
        }
        BackupsCommand::Check { file } => {
            let known = backups::list(dir);
            let all = known.backups.iter().map(|entry| entry.path(dir));
            let files: Vec<PathBuf> = match file {
                Some(file) => vec![whole(&file)],
                None => all.collect(),
            };
            let mut are_whole = true;
            for file in files {
                let entry = backups::check(dir, &file, system::SystemClock.now())?;
                are_whole &= entry.state == BackupState::Whole;
                line(dir, &known.plan, &entry, false);
            }
            return Ok(if are_whole { ExitCode::SUCCESS } else { ExitCode::from(1) });
        }
        BackupsCommand::Plan(args) => plan(dir, args)?,
        BackupsCommand::Run => {
            let done = backups::catch_up(&unlock::open(dir)?)?;
            if let Some(file) = done.written {
                println!("{}", file.display());
            }
            eprintln!("{} given up", done.given_up);
            let failed = backups::list(dir).failed;
            if let Some(failed) = failed {
                eprintln!("{} {}", failed.at.to_rfc3339(), backups::sentence(failed.why));
                return Ok(ExitCode::from(1));
            }
        }
        BackupsCommand::Delete { file } => {
            let file = whole(&file);
            match backups::kept(dir).into_iter().find(|kept| whole(&kept.dir) == file) {
                Some(kept) => backups::delete_kept(dir, &kept.name)?,
                None => backups::delete(dir, &file)?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn plan(dir: &Path, args: PlanArgs) -> Result<(), Error> {
    let now = backups::list(dir).plan;
    let plan = BackupPlan {
        every_hours: args.every.unwrap_or(now.every_hours),
        folder: args.folder.map(|folder| whole(&folder)).or(now.folder.clone().filter(|_| !args.own_folder)),
        keep_days: args.keep.unwrap_or(now.keep_days),
    };
    if plan != now {
        backups::set_plan(dir, plan.clone())?;
    }
    let folder = plan.folder.map_or_else(|| "the workspace".to_owned(), |folder| folder.display().to_string());
    match plan.every_hours {
        0 => println!("No backup is made by itself."),
        hours => println!("A backup every {hours} hours into {folder}"),
    }
    match plan.keep_days {
        0 => println!("None is given up."),
        days => println!("Those made by themselves are given up after {days} days; the newest stays."),
    }
    Ok(())
}

fn line(dir: &Path, plan: &BackupPlan, entry: &BackupEntry, json: bool) {
    let path = entry.path(dir);
    let goes_at = backups::goes_at(plan, entry).map(|at| at.to_rfc3339());
    if json {
        let state = entry.state.as_str();
        println!("{}", json!({ "path": path, "goes_at": goes_at, "state": state, "backup": entry }));
        return;
    }
    let goes = goes_at.map_or_else(|| "stays".to_owned(), |at| format!("until {at}"));
    println!(
        "{}  {:<8}  {} contacts, {} bytes, {}, {goes}",
        path.display(),
        entry.state.as_str(),
        entry.contacts,
        entry.bytes,
        entry.reason.as_str()
    );
}

/// The list has whole paths.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
