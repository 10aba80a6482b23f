//! Views: `{query, filter, sort}` resolved to a snapshot of contacts, so that
//! any window of rows is a slice and scrolling never drifts.

use crate::{
    contact,
    core::Core,
    error::Error,
    index::{Index, Search, SortKey},
    said::{self, Said},
    segments,
};
use cardfile_domain::{Filter, Sentence, restriction::Sort, say};
use cardfile_store::{ContactRow, Listed, Reader, SqlError, SqlResult, Stored};
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use ts_rs::TS;

/// What to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(default, rename_all = "camelCase")]
pub struct ViewRequest {
    /// Search text as typed.
    pub query: String,
    /// Filter in its text form.
    pub filter: String,
    /// Keys of columns, the first first; `-` in front means descending.
    pub sort: Vec<String>,
    /// The bin instead of everything else.
    pub in_bin: bool,
    /// The search looks into notes, memories and messages too.
    pub in_texts: bool,
    /// The saved view this is, `seg_…`: nobody is shown whom its purpose does not allow.
    #[ts(optional)]
    pub segment: Option<String>,
}

/// A resolved view.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ViewOpened {
    /// Number by which windows of rows are asked for.
    pub view: u32,
    /// Exact count.
    pub total: u32,
    /// The filter as a sentence.
    #[serde(serialize_with = "said::serialize")]
    #[ts(as = "Said")]
    pub sentence: Sentence,
    /// The filter in its text form, as it was understood.
    pub filter: String,
    /// Only the first page, because the index is still being built; the window
    /// hears when it is there, and asks again.
    pub is_first_page: bool,
    /// Key of the purpose that says who may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub purpose: Option<String>,
}

/// One row of a list.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ContactRowView {
    /// `ctc_…`
    pub id: String,
    /// `person` or `organization`.
    pub kind: &'static str,
    /// What to call it.
    pub name: String,
    /// Primary email.
    pub email: String,
    /// Primary phone as typed.
    pub phone: String,
    /// Company.
    pub company: String,
    /// First source.
    pub source: String,
    /// Lifecycle stage.
    pub stage: String,
    /// RFC 3339, or nothing.
    pub first_seen: Option<String>,
    /// RFC 3339, or nothing.
    pub last_seen: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Conversations so far.
    pub conversation_count: u32,
    /// Tags in order.
    pub tags: Vec<String>,
    /// Custom fields as text by key.
    #[ts(type = "Record<string, string>")]
    pub custom: std::collections::BTreeMap<String, String>,
    /// `restricted` or `held`, where either holds: kept and not used, or not deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub lock: Option<&'static str>,
}

/// Snapshots kept: as many as fit into so many rows (32 MiB), the latest always.
const KEPT_ROWS: usize = 8 << 20;

/// The memory index and the views that are open. Dropped when locked.
#[derive(Default)]
pub(crate) struct Views {
    index: Mutex<Option<Index>>,
    built: AtomicBool,
    open: Mutex<Snapshots>,
}

/// The open views: how many there were, and those kept, the one looked at last at the end.
#[derive(Default)]
struct Snapshots {
    opened: u32,
    kept: VecDeque<Snapshot>,
}

#[derive(Clone)]
struct Snapshot {
    number: u32,
    rows: Arc<Vec<ContactRow>>,
    /// Key of the purpose that binds it.
    purpose: Option<String>,
}

impl Views {
    fn index(&self) -> MutexGuard<'_, Option<Index>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works on the index, built when it is not there and brought up to date.
pub(crate) fn with_index<T>(
    core: &Core,
    work: impl FnOnce(&mut Index, cardfile_store::Reader<'_>) -> cardfile_store::SqlResult<T>,
) -> Result<T, Error> {
    let mut guard = core.views().index();
    Ok(core.store().read(|reader| {
        let mut index = match guard.take() {
            Some(mut index) => {
                index.catch_up(reader)?;
                index
            }
            None => Index::build(reader)?,
        };
        let value = work(&mut index, reader)?;
        *guard = Some(index);
        core.views().built.store(true, Ordering::Release);
        Ok(value)
    })?)
}

/// The contacts of a view, in order.
pub fn resolve(core: &Core, request: &ViewRequest) -> Result<(Filter, Vec<ContactRow>), Error> {
    let (filter, rows, _) = resolve_bound(core, request)?;
    Ok((filter, rows))
}

/// The same with the key of the purpose that binds it.
fn resolve_bound(core: &Core, request: &ViewRequest) -> Result<(Filter, Vec<ContactRow>, Option<String>), Error> {
    let filter = Filter::parse(&request.filter).map_err(|e| Error::bad_request(e.sentence()))?;
    let (bound, purpose) = match request.segment.as_deref() {
        None | Some("") => (filter.clone(), None),
        Some(segment) => {
            let purpose = segments::purpose_of(core, &segments::find(core, segment)?)?;
            (segments::bind(filter.clone(), purpose.as_ref()), purpose.map(|purpose| purpose.key))
        }
    };
    let sort: Vec<(SortKey, bool)> = request
        .sort
        .iter()
        .map(|key| match key.strip_prefix('-') {
            Some(key) => (SortKey::parse(key), true),
            None => (SortKey::parse(key), false),
        })
        .collect();
    let now = core.store().environment().clock.now();
    let search = Search { text: &request.query, in_texts: request.in_texts };
    let rows = with_index(core, |index, reader| index.resolve(reader, search, &bound, &sort, request.in_bin, now))?;
    Ok((filter, rows, purpose))
}

/// How many contacts each search and filter lets through; nothing for a filter
/// that makes no sense.
pub fn counts(core: &Core, views: &[(&str, &str)]) -> Result<Vec<Option<u32>>, Error> {
    let now = core.store().environment().clock.now();
    with_index(core, |index, reader| {
        let count = |(query, filter): &(&str, &str)| {
            let Ok(filter) = Filter::parse(filter) else { return Ok(None) };
            Ok(Some(index.count(reader, query, &filter, now)?))
        };
        views.iter().map(count).collect()
    })
}

/// Builds the index if it is not there: about a second for a million contacts.
pub fn warm(core: &Core) -> Result<(), Error> {
    with_index(core, |_, _| Ok(()))
}

/// What the window shows first, before the index is there: the contacts seen
/// last, from the database itself.
pub fn first_page(core: &Core, limit: u32) -> Result<Vec<Option<ContactRowView>>, Error> {
    let rows = core.store().read(|r| r.contacts().rows_seen_last(limit))?;
    listed(core, &rows)
}

/// Rows of the first page.
const FIRST_PAGE: u32 = 200;

/// Resolves a view for the window. While the index is being built, the list
/// that a window opens with is answered by its first page.
pub fn open_soon(core: &Core, request: &ViewRequest) -> Result<ViewOpened, Error> {
    let plain = request.query.is_empty()
        && request.filter.is_empty()
        && request.segment.is_none()
        && !request.in_bin
        && request.sort == ["-last_seen"];
    if !plain || core.views().built.load(Ordering::Acquire) {
        return open(core, request);
    }
    let rows = core.store().read(|r| r.contacts().rows_seen_last(FIRST_PAGE))?;
    let is_first_page = rows.len() == FIRST_PAGE as usize;
    Ok(ViewOpened { is_first_page, ..keep(core, &Filter::default(), rows, None) })
}

/// Resolves a view and keeps its snapshot.
pub fn open(core: &Core, request: &ViewRequest) -> Result<ViewOpened, Error> {
    let (filter, rows, purpose) = resolve_bound(core, request)?;
    Ok(keep(core, &filter, rows, purpose))
}

fn keep(core: &Core, filter: &Filter, rows: Vec<ContactRow>, purpose: Option<String>) -> ViewOpened {
    let total = rows.len() as u32;
    let mut open = core.views().open.lock().unwrap_or_else(PoisonError::into_inner);
    open.opened += 1;
    let view = open.opened;
    open.kept.push_back(Snapshot { number: view, rows: Arc::new(rows), purpose: purpose.clone() });
    while open.kept.len() > 1 && open.kept.iter().map(|one| one.rows.len() + 1024).sum::<usize>() > KEPT_ROWS {
        open.kept.pop_front();
    }
    let (sentence, filter) = (filter.sentence(), filter.to_string());
    ViewOpened { view, total, sentence, filter, is_first_page: false, purpose }
}

/// The snapshot of an open view.
pub(crate) fn snapshot(core: &Core, view: u32) -> Result<Arc<Vec<ContactRow>>, Error> {
    Ok(kept(core, view)?.rows)
}

/// Key of the purpose that binds an open view: what leaves of it is bound as well.
pub(crate) fn purpose_of(core: &Core, view: u32) -> Result<Option<String>, Error> {
    Ok(kept(core, view)?.purpose)
}

fn kept(core: &Core, view: u32) -> Result<Snapshot, Error> {
    let mut open = core.views().open.lock().unwrap_or_else(PoisonError::into_inner);
    let place = open.kept.iter().position(|one| one.number == view);
    let found = place.and_then(|place| open.kept.remove(place)).ok_or_else(|| Error::not_found(say!("the view")))?;
    // What is looked at is dropped last.
    open.kept.push_back(found.clone());
    Ok(found)
}

/// A window of rows of an open view. A contact that is gone since leaves a gap (`None`).
pub fn rows(core: &Core, view: u32, from: u32, to: u32) -> Result<Vec<Option<ContactRowView>>, Error> {
    let snapshot = snapshot(core, view)?;
    let from = (from as usize).min(snapshot.len());
    let to = (to as usize).clamp(from, snapshot.len()).min(from + 500);
    listed(core, &snapshot[from..to])
}

/// What a list shows of these contacts; nothing for one that is gone.
pub(crate) fn listed(core: &Core, rows: &[ContactRow]) -> Result<Vec<Option<ContactRowView>>, Error> {
    let read = |r: Reader<'_>, tags: &dyn Fn(ContactRow) -> SqlResult<Vec<String>>| {
        let mut all = Vec::with_capacity(rows.len());
        // Mostly nobody is restricted, and then nobody is asked about.
        let any_locked = r.restrictions().any_in_force()?;
        r.contacts().listed(rows, |place, one| {
            let lock = if any_locked { lock_of(r, *place)? } else { None };
            all.push(one.map(|one| Ok::<_, SqlError>(row(one, tags(*place)?, lock))).transpose()?);
            Ok(())
        })?;
        Ok(all)
    };
    if core.views().built.load(Ordering::Acquire) {
        // The index knows the tags: reading them would double the pages of a jump.
        return with_index(core, |index, r| {
            let tags = index.tags();
            read(r, &|at| Ok(tags(at)))
        });
    }
    Ok(core.store().read(|r| read(r, &|at| r.tags().of_contact(at)))?)
}

/// Whole contacts by place.
pub fn contacts(core: &Core, rows: &[ContactRow]) -> Result<Vec<Option<Stored>>, Error> {
    Ok(core.store().read(|r| rows.iter().map(|row| r.contacts().get(*row)).collect())?)
}

/// What a list shows a lock for.
fn lock_of(r: Reader<'_>, contact: ContactRow) -> SqlResult<Option<&'static str>> {
    for sort in [Sort::Restricted, Sort::Held] {
        if r.restrictions().has(contact, sort)? {
            return Ok(Some(sort.as_str()));
        }
    }
    Ok(None)
}

/// What the window shows of a contact in a list.
fn row(c: Listed<'_>, tags: Vec<String>, lock: Option<&'static str>) -> ContactRowView {
    let name = [c.name, c.nick, c.email, c.phone, c.company].into_iter().find(|text| !text.is_empty());
    ContactRowView {
        id: c.id.to_owned(),
        kind: if c.is_organization { "organization" } else { "person" },
        name: name.map_or_else(|| contact::visitor(c.id), str::to_owned),
        email: c.email.to_owned(),
        phone: c.phone.to_owned(),
        company: c.company.to_owned(),
        source: c.source.to_owned(),
        stage: c.stage.to_owned(),
        first_seen: c.first_seen.map(|at| at.to_rfc3339()),
        last_seen: c.last_seen.map(|at| at.to_rfc3339()),
        created_at: c.created_at.to_rfc3339(),
        conversation_count: c.conversation_count,
        tags,
        custom: c.custom,
        lock,
    }
}
