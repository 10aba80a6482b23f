//! Spaces: files that belong together, on one card or on several.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    parts,
};
use cardfile_domain::{
    OperationId,
    part::{File, Placement, Space},
    say,
};
use cardfile_store::{NewBlob, OpKind, Stored, StoredPart};
use serde_json::Value;
use std::{
    io,
    path::{Path, PathBuf},
};

/// A space on a card.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The space.
    pub space: Space,
    /// Its files, oldest first.
    pub files: Vec<File>,
    /// On how many cards it stands.
    pub cards: u32,
}

/// Setting: bytes that all files may take.
const QUOTA: &str = "files_quota";
/// What holds until somebody says otherwise: 10 GB.
const DEFAULT_QUOTA: u64 = 10_000_000_000;

/// The spaces of a contact, in the order they were put there.
pub fn of(core: &Core, stored: &Stored) -> Result<Vec<Placed>, Error> {
    let places = parts::of::<Placement>(core, stored)?;
    core.store()
        .read(|r| {
            let mut all = Vec::new();
            for place in places {
                let Some(space) = r.parts().get::<Space>(&place.value.space)? else { continue };
                let files = r.parts().of::<File>(space.row)?.into_iter().map(|file| file.value).collect();
                let cards = r.parts().contacts_of_space(&space.value.id)?.len() as u32;
                all.push(Placed { space: space.value, files, cards });
            }
            Ok(all)
        })
        .map_err(Error::from)
}

/// All spaces by name.
pub fn all(core: &Core) -> Result<Vec<Space>, Error> {
    let mut all: Vec<Space> =
        core.store().read(|r| r.parts().of_nobody::<Space>())?.into_iter().map(|space| space.value).collect();
    all.sort_by_key(|space| cardfile_domain::text::fold(&space.name));
    Ok(all)
}

/// Bytes that are taken, by removed files too as long as they can come back, and
/// bytes that may be.
pub fn room(core: &Core) -> Result<(u64, u64), Error> {
    Ok((core.store().bytes_of_blobs()?, core.setting(QUOTA)?.as_ref().and_then(Value::as_u64).unwrap_or(DEFAULT_QUOTA)))
}

/// Makes a space on a card. Gives its id.
pub fn create(core: &Core, contact: &str, name: &str, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    if name.trim().is_empty() {
        return Err(Error::bad_request(say!("a space needs a name")));
    }
    let owner = contact::find(core, contact)?;
    let space = Space { name: name.trim().into(), ..Space::default() };
    core.store().write(who.op(OpKind::PartChange, parts::subject(&space)), |tx| {
        let now = tx.now();
        let (id, _) = tx.add_part(None, &Space { created_at: now, ..space })?;
        tx.add_part(Some(owner.row.into()), &Placement { space: id.clone(), ..Placement::default() })?;
        Ok(id)
    })
}

/// Puts a space on one more card. `false` when it stands there already.
pub fn place(core: &Core, space: &str, contact: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let found: StoredPart<Space> = parts::get(core, space)?;
    let owner = contact::find(core, contact)?;
    core.store().write(who.op(OpKind::PartChange, parts::subject(&found.value)), |tx| {
        if tx.read().parts().contacts_of_space(space)?.contains(&owner.row) {
            return Ok(false);
        }
        tx.add_part(Some(owner.row.into()), &Placement { space: space.into(), ..Placement::default() })?;
        Ok(true)
    })
}

/// Takes a space off a card; off its last card it goes with its files.
pub fn displace(core: &Core, space: &str, contact: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let found: StoredPart<Space> = parts::get(core, space)?;
    let owner = contact::find(core, contact)?;
    core.store().write(who.op(OpKind::PartChange, parts::subject(&found.value)), |tx| {
        let places = tx.read().parts().of::<Placement>(owner.row.into())?;
        let Some(place) = places.iter().find(|place| place.value.space == space) else { return Ok(false) };
        tx.remove_part::<Placement>(&place.value.id)?;
        if tx.read().parts().contacts_of_space(space)?.is_empty() {
            tx.remove_part::<Space>(space)?;
        }
        Ok(true)
    })
}

/// Copies files into a space, all of them or none. Gives how many.
pub fn add_files(core: &Core, space: &str, files: &[PathBuf], who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let found: StoredPart<Space> = parts::get(core, space)?;
    let (taken, quota) = room(core)?;
    let mut wanted = 0;
    for file in files {
        wanted += std::fs::metadata(file).map_err(|error| Error::io(file, &error))?.len();
    }
    if taken + wanted > quota {
        let mib = |bytes: u64| bytes >> 20;
        return Err(Error::bad_request(say!(
            "files may take {quota} MiB; {taken} MiB are taken and these need {wanted} MiB",
            quota = mib(quota),
            taken = mib(taken),
            wanted = mib(wanted) + 1
        )));
    }
    let mut blobs: Vec<NewBlob> = Vec::with_capacity(files.len());
    let kept = put_all(core, &found, files, &mut blobs, who);
    if kept.is_err() {
        blobs.iter().for_each(|blob| core.store().drop_blob(blob));
    }
    kept
}

fn put_all(
    core: &Core,
    found: &StoredPart<Space>,
    files: &[PathBuf],
    blobs: &mut Vec<NewBlob>,
    who: &Who,
) -> Result<(u32, Option<OperationId>), Error> {
    let mut copied = Vec::with_capacity(files.len());
    for file in files {
        // Only the name: a path says where somebody keeps their files.
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let blob = core.store().put_blob(file)?;
        let file = File { name, blob: blob.name.clone(), bytes: blob.bytes, ..File::default() };
        copied.push(File { author: who.actor.clone(), ..file });
        blobs.push(blob);
    }
    let subject = match &copied[..] {
        [one] => parts::subject(one),
        several => format!("{} files in {}", several.len(), found.value.name),
    };
    core.store().write(who.op(OpKind::PartChange, subject), |tx| {
        let now = tx.now();
        for (file, source) in copied.iter_mut().zip(files) {
            // An erasure may have taken the same bytes away since: nothing said yet that they
            // are needed. From here on none can.
            if !core.store().has_blob(&file.blob) {
                let blob = core.store().put_blob(source)?;
                (file.blob, file.bytes) = (blob.name.clone(), blob.bytes);
                blobs.push(blob);
            }
            tx.add_part(Some(found.row), &File { created_at: now, ..file.clone() })?;
        }
        Ok(copied.len() as u32)
    })
}

/// Writes a file of a space to `target`, which must not exist.
pub fn save(core: &Core, id: &str, target: &Path) -> Result<u64, Error> {
    let file = parts::get::<File>(core, id)?.value;
    let fail = |error: io::Error| Error::io(target, &error);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(target).map_err(fail)?;
    let copied = core
        .store()
        .blob(&file.blob)
        .map_err(Error::from)
        .and_then(|mut bytes| io::copy(&mut bytes, &mut out).map_err(fail));
    if copied.is_err() {
        let _ = std::fs::remove_file(target);
    }
    copied
}

/// Endings of files that run when they are opened, on any system.
const PROGRAMS: [&str; 34] = [
    "app", "appimage", "bat", "cmd", "com", "command", "cpl", "deb", "desktop", "dll", "dmg", "exe", "hta", "jar",
    "js", "jse", "lnk", "msc", "msi", "pif", "pkg", "ps1", "py", "reg", "rpm", "run", "scr", "sh", "so", "url", "vb",
    "vbe", "vbs", "wsf",
];

/// Whether opening such a file may run it; macros of office files count.
pub fn is_program(name: &str) -> bool {
    // Some systems drop blanks and dots at the end before they look.
    let ending = name.trim_end_matches([' ', '.']).rsplit('.').next().unwrap_or_default().to_lowercase();
    PROGRAMS.contains(&ending.as_str())
        || matches!(ending.as_str(), "docm" | "xlsm" | "pptm" | "xlam" | "html" | "htm" | "svg")
}

/// Folder of copies that were opened; emptied when the workspace opens and locks.
const OPENED: &str = "opened";

/// Makes a copy that another program can open. One that may run is refused
/// unless the person said so.
pub fn open_copy(core: &Core, id: &str, even_a_program: bool) -> Result<PathBuf, Error> {
    let file = parts::get::<File>(core, id)?.value;
    if is_program(&file.name) && !even_a_program {
        return Err(Error::bad_request(say!("{name} may run when it is opened", name = file.name)));
    }
    let folder = core.store().dir().join(OPENED).join(&file.id);
    let fail = |error: io::Error| Error::io(&folder, &error);
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).map_err(fail)?;
    let target = folder.join(safe_name(&file.name));
    let _ = std::fs::remove_file(&target);
    save(core, id, &target)?;
    Ok(target)
}

/// A name that no system takes for a path, a device or nothing.
fn safe_name(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '_' } else { c }).collect();
    let name = name.trim_matches([' ', '.']);
    if name.is_empty() { "file".into() } else { name.to_owned() }
}

/// Removes the copies that were opened.
pub(crate) fn forget_copies(dir: &Path) {
    let _ = std::fs::remove_dir_all(dir.join(OPENED));
}

/// The same for the copies of some files.
pub(crate) fn forget_copies_of(dir: &Path, files: &[String]) {
    for file in files.iter().filter(|file| file.starts_with("fil_")) {
        let _ = std::fs::remove_dir_all(dir.join(OPENED).join(file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("contract.pdf", false)]
    #[case("setup.EXE", true)]
    #[case("invoice.pdf.scr", true)]
    #[case("run.sh. ", true)]
    #[case("macros.xlsm", true)]
    #[case("notes", false)]
    fn what_may_run_is_known_by_its_ending(#[case] name: &str, #[case] runs: bool) {
        assert_eq!(is_program(name), runs);
    }

    #[rstest]
    #[case("../../etc/passwd", "_.._etc_passwd")]
    #[case("C:\\x.txt", "C__x.txt")]
    #[case("...", "file")]
    fn a_name_is_never_a_path(#[case] name: &str, #[case] safe: &str) {
        assert_eq!(safe_name(name), safe);
    }
}
