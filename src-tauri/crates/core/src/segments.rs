//! Segments: views with a name, a purpose and somebody who answers for them.

use crate::{
    core::{Core, Who},
    error::Error,
    parts,
    privacy::purposes,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Filter, Millis, OperationId,
    consent::Purpose,
    filter::{FilterField, Test},
    restriction::Sort,
    segment::Segment,
};
use cardfile_store::{OpKind, Reader};

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
    let mut segment = Segment { name: segment.name.trim().to_owned(), ..segment.clone() };
    core.store().write(who.op(OpKind::PartChange, parts::subject(&segment)), |tx| {
        settle(tx.read(), &mut segment)?;
        let known = tx.read().parts().get::<Segment>(&segment.id)?;
        segment.created_at = known.map_or(tx.now(), |known| known.value.created_at);
        parts::put_in(tx, None, &segment)
    })
}

/// Changes a segment as it is inside the write; with `seen` only if it is at that version still.
/// Gives whether anything changed; nothing when somebody was faster.
pub fn change(
    core: &Core,
    id: &str,
    seen: Option<i64>,
    who: &Who,
    change: impl FnOnce(&mut Segment),
) -> Result<Option<(bool, Option<OperationId>)>, Error> {
    parts::edit_seen::<Segment>(core, id, seen, who, |reader, stored| {
        change(&mut stored.value);
        settle(reader, &mut stored.value)
    })
}

/// Refuses a name that another one has and a filter without sense, and writes both as they are kept.
fn settle(reader: Reader<'_>, segment: &mut Segment) -> Result<(), Error> {
    segment.name = parts::free_name_in::<Segment>(reader, &segment.id, &segment.name)?.to_owned();
    segment.filter = Filter::parse(&segment.filter).map_err(|e| Error::bad_request(e.sentence()))?.to_string();
    // By its key, which stays when the purpose gets another name.
    let known = purposes::known_in(reader, &segment.purpose)?;
    segment.purpose = known.map_or_else(|| segment.purpose.trim().to_owned(), |known| known.key);
    Ok(())
}

/// Says that somebody looked today whether the segment is still right.
pub fn review(core: &Core, id: &str, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    let reviewed_at = Some(core.store().environment().clock.now());
    put(core, &Segment { reviewed_at, ..find(core, id)? }, who)
}

/// What a segment shows.
pub fn view(segment: &Segment) -> ViewRequest {
    let Segment { id, query, filter, sort, .. } = segment.clone();
    let segment = (!id.is_empty()).then_some(id);
    ViewRequest { query, filter, sort, segment, ..ViewRequest::default() }
}

/// The purpose of the register that a segment is kept for; nothing when it has words of its
/// own, which bind nobody.
pub fn purpose_of(core: &Core, segment: &Segment) -> Result<Option<Purpose>, Error> {
    purposes::known(core, &segment.purpose)
}

/// A filter with what binds a segment: people are kept together to be used, so that nobody is
/// in it who is restricted, and with a purpose only who may be used for it. Restricted people
/// are shown where the filter asks about them.
pub(crate) fn bind(filter: Filter, purpose: Option<&Purpose>) -> Filter {
    let is = |field: FilterField, word: &str| Filter::Is(field, Test::OneOf(vec![word.to_owned()]));
    let mut bound = filter;
    if !bound.mentions(&FilterField::Restriction) {
        bound = bound.and(Filter::Not(Box::new(is(FilterField::Restriction, Sort::Restricted.as_str()))));
    }
    match purpose {
        Some(purpose) => bound.and(is(FilterField::Purpose, &purpose.key)),
        None => bound,
    }
}

/// How many contacts are in each; nothing where the filter makes no sense any more.
pub fn counts(core: &Core, segments: &[Segment]) -> Result<Vec<Option<u32>>, Error> {
    let mut bound = Vec::with_capacity(segments.len());
    for one in segments {
        let purpose = purpose_of(core, one)?;
        bound.push(Filter::parse(&one.filter).ok().map(|filter| bind(filter, purpose.as_ref())));
    }
    let now = core.store().environment().clock.now();
    view::with_index(core, |index, reader| {
        let count = |(one, filter): (&Segment, &Option<Filter>)| match filter {
            Some(filter) => Ok(Some(index.count(reader, &one.query, filter, now)?)),
            None => Ok(None),
        };
        segments.iter().zip(&bound).map(count).collect()
    })
}

/// Whether nobody has looked at it for too long.
pub fn is_stale(core: &Core, segment: &Segment) -> bool {
    let now: Millis = core.store().environment().clock.now();
    segment.is_stale(now)
}
