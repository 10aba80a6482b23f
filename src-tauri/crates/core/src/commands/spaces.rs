//! Spaces of a card, their files, and its picture.

use super::{
    answer::{Changed, Made, Nothing},
    parts::{made, one},
};
use crate::{
    avatar,
    error::Error,
    session::{Event, Session},
    spaces::{self, Placed},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// A space on a card.
#[derive(Debug, Serialize, TS)]
pub(super) struct SpaceView {
    /// `spc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// On how many cards it stands.
    pub cards: u32,
    /// Oldest first.
    pub files: Vec<FileView>,
}

/// A file of a space.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileView {
    /// `fil_…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// How long it is.
    #[ts(type = "number")]
    pub bytes: u64,
    /// By whom it was added.
    pub author: String,
    /// RFC 3339.
    pub created_at: String,
    /// Opening it may run it.
    pub is_program: bool,
}

/// All spaces, and the room for files.
#[derive(Debug, Serialize, TS)]
pub(super) struct SpacesView {
    /// By name: `spc_…` and what to call it.
    pub spaces: Vec<(String, String)>,
    /// Bytes taken.
    #[ts(type = "number")]
    pub taken: u64,
    /// Bytes that may be taken.
    #[ts(type = "number")]
    pub quota: u64,
}

/// A new space on a card.
#[derive(Debug, Deserialize, TS)]
pub(super) struct NewSpace {
    /// `ctc_…`
    pub contact: String,
    /// What to call it.
    pub name: String,
}

/// A space and a card.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SpaceOnCard {
    /// `ctc_…`
    pub contact: String,
    /// `spc_…`
    pub space: String,
}

/// Files for a space.
#[derive(Debug, Deserialize, TS)]
pub(super) struct AddFiles {
    /// `spc_…`
    pub space: String,
    /// Paths on this computer.
    pub files: Vec<String>,
}

/// A file to open.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenFile {
    /// `fil_…`
    pub id: String,
    /// The person said that it may be opened though it may run.
    pub even_a_program: bool,
}

/// Where a file goes.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SaveFile {
    /// `fil_…`
    pub id: String,
    /// A path that does not exist yet.
    pub target: String,
}

/// A picture for a card.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SetAvatar {
    /// `ctc_…`
    pub contact: String,
    /// Path on this computer; nothing takes the picture away.
    pub file: Option<String>,
}

pub(super) fn space_list(session: &Session, _: Nothing) -> Result<SpacesView, Error> {
    let core = session.core()?;
    let (taken, quota) = spaces::room(&core)?;
    let all = spaces::all(&core)?.into_iter().map(|space| (space.id, space.name)).collect();
    Ok(SpacesView { spaces: all, taken, quota })
}

pub(super) fn space_create(session: &Session, request: NewSpace) -> Result<Made, Error> {
    made(spaces::create(&*session.core()?, &request.contact, &request.name, &session.who()))
}

pub(super) fn space_place(session: &Session, request: SpaceOnCard) -> Result<Changed, Error> {
    Ok(one(spaces::place(&*session.core()?, &request.space, &request.contact, &session.who())?))
}

pub(super) fn space_displace(session: &Session, request: SpaceOnCard) -> Result<Changed, Error> {
    Ok(one(spaces::displace(&*session.core()?, &request.space, &request.contact, &session.who())?))
}

pub(super) fn file_add(session: &Session, request: AddFiles) -> Result<Changed, Error> {
    let files: Vec<PathBuf> = request.files.into_iter().map(PathBuf::from).collect();
    Ok(Changed::of(spaces::add_files(&*session.core()?, &request.space, &files, &session.who())?))
}

pub(super) fn file_open(session: &Session, request: OpenFile) -> Result<Nothing, Error> {
    let path = spaces::open_copy(&*session.core()?, &request.id, request.even_a_program)?;
    session.tell(Event::OpenFile { path: path.display().to_string() });
    Ok(Nothing {})
}

pub(super) fn file_save(session: &Session, request: SaveFile) -> Result<Nothing, Error> {
    spaces::save(&*session.core()?, &request.id, &PathBuf::from(request.target))?;
    Ok(Nothing {})
}

pub(super) fn avatar_set(session: &Session, request: SetAvatar) -> Result<Changed, Error> {
    let (core, who) = (session.core()?, session.who());
    let operation = match request.file {
        Some(file) => avatar::set(&core, &request.contact, &PathBuf::from(file), &who)?,
        None => avatar::remove(&core, &request.contact, &who)?,
    };
    Ok(Changed::of((operation.is_some().into(), operation)))
}

impl From<Placed> for SpaceView {
    fn from(placed: Placed) -> Self {
        let files = placed.files.into_iter().map(|file| FileView {
            created_at: file.created_at.to_rfc3339(),
            is_program: spaces::is_program(&file.name),
            id: file.id,
            name: file.name,
            bytes: file.bytes,
            author: file.author,
        });
        Self { id: placed.space.id, name: placed.space.name, cards: placed.cards, files: files.collect() }
    }
}
