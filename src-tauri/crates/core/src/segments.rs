//! Segments: views with a name, a purpose and somebody who answers for them.

use crate::{
    core::{Core, Who},
    error::Error,
    parts,
    view::{self, ViewRequest},
};
use cardfile_domain::{Filter, Millis, OperationId, segment::Segment};

/// All segments, in the order they were made.
pub fn all(core: &Core) -> Result<Vec<Segment>, Error> {
    parts::of_workspace(core)
}

/// The segment with this id or name.
pub fn find(core: &Core, name: &str) -> Result<Segment, Error> {
    parts::named(core, name)
}

/// Adds a segment, or changes the one with its id. Its filter is kept in the text
/// form of this program. Gives its id.
pub fn put(core: &Core, segment: &Segment, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    let name = parts::free_name::<Segment>(core, &segment.id, &segment.name)?;
    let filter = Filter::parse(&segment.filter).map_err(|e| Error::bad_request(e.sentence()))?;
    let known = all(core)?.into_iter().find(|known| !segment.id.is_empty() && known.id == segment.id);
    let created_at = known.map_or_else(|| core.store().environment().clock.now(), |known| known.created_at);
    let segment = Segment { name: name.to_owned(), filter: filter.to_string(), created_at, ..segment.clone() };
    parts::put(core, None, &segment, who)
}

/// Says that somebody looked today whether the segment is still right.
pub fn review(core: &Core, id: &str, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    let reviewed_at = Some(core.store().environment().clock.now());
    put(core, &Segment { reviewed_at, ..find(core, id)? }, who)
}

/// What a segment shows.
pub fn view(segment: &Segment) -> ViewRequest {
    let Segment { query, filter, sort, .. } = segment.clone();
    ViewRequest { query, filter, sort, ..ViewRequest::default() }
}

/// How many contacts are in each; nothing where the filter makes no sense any more.
pub fn counts(core: &Core, segments: &[Segment]) -> Result<Vec<Option<u32>>, Error> {
    let wanted: Vec<(&str, &str)> = segments.iter().map(|one| (one.query.as_str(), one.filter.as_str())).collect();
    view::counts(core, &wanted)
}

/// Whether nobody has looked at it for too long.
pub fn is_stale(core: &Core, segment: &Segment) -> bool {
    let now: Millis = core.store().environment().clock.now();
    segment.is_stale(now)
}
