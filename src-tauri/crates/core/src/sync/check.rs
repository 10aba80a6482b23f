//! The pre-flight check: what a first run would find, counted by reading only. Neither side
//! is written to; not even what was read is kept.

use super::{
    known::Known as KnownPair,
    place::{self, At, Placed},
    remotes::{self, Known},
    watch::Watch,
};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    progress::Progress,
    resolve, segments,
};
use cardfile_domain::{ContactId, Filter, Sentence, filter::FilterField, say};
use cardfile_store::{ContactRow, Reader};
use cardfile_sync::{
    mapping::Direction,
    plan::{Limits, Planner, Question, Totals},
    remote::{Paged, Record, Row},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Records that are looked at, at most.
pub const MOST: usize = 20_000;
/// Near misses that are shown, at most.
pub const SHOWN: usize = 200;
/// So many of a hundred may nearly match, and the review still says yes.
const NEAR_PERCENT: u32 = 1;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Check {
    /// Records that were looked at.
    pub read: u32,
    /// There are more.
    pub is_sample: bool,
    /// Of those: whose ID, or external ID, is one of ours.
    pub by_id: u32,
    /// Whose email is one of ours.
    pub by_email: u32,
    /// Of nobody we know.
    pub unknown: u32,
    /// Of those: whose ID was given by another Cardfile.
    pub elsewhere: u32,
    /// That cannot be read.
    pub unreadable: u32,
    /// External IDs that are nearly one of ours, and were not taken for it.
    pub near: u32,
    /// The first of them.
    pub near_misses: Vec<Near>,
    /// Records that mean a contact that another record means too.
    pub collisions: Vec<Collision>,
    /// What a run would do.
    pub totals: Totals,
    /// What it would ask.
    pub questions: Vec<Question>,
    /// The review.
    pub review: Vec<Reviewed>,
}

/// An external ID that is nearly one of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// As the remote has it.
    pub theirs: String,
    /// As we have it.
    pub ours: String,
    /// Whose.
    pub contact: ContactRow,
    /// How they differ.
    pub difference: Sentence,
}

/// Two records of one contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Collision {
    /// Whose; nothing for two records of one person we do not know.
    pub contact: Option<ContactRow>,
    /// The external ID of the second record, or how the remote calls it.
    pub theirs: String,
}

/// A row of the review.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    /// `personalization`, `actions`, `segmentation`, `synchronization`.
    pub about: &'static str,
    /// Whether its condition holds.
    pub is_met: bool,
    /// What was found.
    pub evidence: Sentence,
}

impl Reviewed {
    /// What speaks against it, in one sentence; nothing when all conditions hold.
    pub(crate) fn against(rows: &[Self]) -> Option<Sentence> {
        let found = rows.iter().filter(|row| !row.is_met).map(|row| row.evidence.clone());
        Sentence::joined(found.collect(), |left, right| say!("{left}; {right}", left, right))
    }
}

impl Check {
    /// Records of people we know, of a hundred.
    pub fn match_percent(&self) -> f64 {
        if self.read == 0 { 100.0 } else { f64::from(self.by_id + self.by_email) * 100.0 / f64::from(self.read) }
    }

    /// Whether the review says yes.
    pub fn is_met(&self) -> bool {
        self.review.iter().all(|row| row.is_met)
    }
}

/// Looks at a remote.
pub fn check(core: &Core, name: &str, progress: &dyn Progress) -> Result<Check, Error> {
    let watch = Watch::default();
    match watch.over(progress, || look(core, name, progress, &watch)) {
        Err(_) if watch.stop.is_called() => Err(stopped()),
        looked => looked,
    }
}

fn stopped() -> Error {
    Error::new(Code::Cancelled, say!("stopped; nothing was changed"))
}

fn look(core: &Core, name: &str, progress: &dyn Progress, watch: &Watch) -> Result<Check, Error> {
    let known = remotes::find(core, name)?;
    let mut remote = remotes::open(core, &known, &watch.stop)?;
    remote.identity().map_err(remotes::failed)?;
    remote.begin(None);
    let (mut records, mut found) = (Vec::new(), Check::default());
    loop {
        watch.is_at(records.len() as u64);
        if !progress.at(watch.done(), 0) {
            return Err(stopped());
        }
        let Paged::Page(page) = remote.page(&|_| None).map_err(remotes::failed)? else { break };
        for row in page.rows {
            match row {
                Row::Live(record) => records.push(*record),
                Row::Unreadable { .. } => found.unreadable += 1,
                Row::Same(_) | Row::Gone(_) => {}
            }
        }
        found.is_sample = page.more;
        if !page.more || records.len() >= MOST {
            break;
        }
    }
    found.read = records.len() as u32 + found.unreadable;
    core.store().read(|r| Ok(compare(r, &known, records, &mut found)))??;
    found.review = review(core, &known, &found)?;
    Ok(found)
}

/// Whose record each one is, and what a plan would make of it.
fn compare(r: Reader<'_>, known: &Known, records: Vec<Record>, found: &mut Check) -> Result<(), Error> {
    let at = At::of(&known.kept);
    let mut bare: HashMap<String, (ContactRow, String)> = HashMap::new();
    r.links().each(|contact, link| {
        bare.insert(bare_of(&link.external_id), (contact, link.external_id));
    })?;
    let mut pairs = BTreeMap::new();
    let (mut met, mut met_ids) = (BTreeSet::new(), BTreeSet::new());
    for (number, record) in records.into_iter().enumerate() {
        let by_id = match &record.external_id {
            Some(id) => place::of_id(r, &at, 0, id)?,
            None => Placed::Nobody,
        };
        let (contact, is_by_id) = match (contact_of(by_id), &record.external_id) {
            (Some(contact), _) => (Some(contact), true),
            _ => (contact_of(place::of_record(r, &at, 0, &record, false)?), false),
        };
        let mut pair = KnownPair::new(known.kept.row, contact);
        let is_twin = record.external_id.as_ref().is_some_and(|id| !met_ids.insert(id.clone()));
        if is_twin || contact.is_some_and(|contact| !met.insert(contact)) {
            let theirs = record.external_id.clone().unwrap_or_else(|| record.key.clone());
            found.collisions.push(Collision { contact, theirs });
            continue;
        }
        match contact {
            Some(_) if is_by_id => found.by_id += 1,
            Some(_) => found.by_email += 1,
            None => {
                found.unknown += 1;
                let is_ours = |id: &String| ContactId::parse(id).is_ok_and(|id| id.is_made_here());
                found.elsewhere += u32::from(record.external_id.as_ref().is_some_and(is_ours));
                pair.row.pair = number as i64 + 1;
            }
        }
        if !is_by_id
            && let Some(theirs) = &record.external_id
            && let Some((contact, ours)) = bare.get(&bare_of(theirs))
            && ours != theirs
        {
            found.near += 1;
            if found.near_misses.len() < SHOWN {
                let difference = resolve::difference(theirs, ours);
                found.near_misses.push(Near {
                    theirs: theirs.clone(),
                    ours: ours.clone(),
                    contact: *contact,
                    difference,
                });
            }
        }
        pair.observe(&record);
        if pair.is_frozen(r)? {
            continue;
        }
        pair.pair.local = pair.local(r)?.0;
        pairs.insert(pair.op(), pair.pair);
    }
    for contact in r.pairs().unlinked(known.kept.row)? {
        if !found.is_sample && !met.contains(&contact) {
            let mut pair = KnownPair::new(known.kept.row, Some(contact));
            if pair.is_frozen(r)? {
                continue;
            }
            pair.pair.local = pair.local(r)?.0;
            pairs.insert(pair.op(), pair.pair);
        }
    }
    let mut planner = Planner::new(&known.settings.mapping);
    for (op, pair) in &pairs {
        planner.take(*op, pair);
    }
    let linked = || Ok::<_, Error>(pairs.len() as u32);
    let room = known.quota().map(|quota| quota.saturating_sub(found.read));
    let made = planner.finish(Limits { room, ..Limits::default() }, Totals::default(), linked)?;
    (found.totals, found.questions) = (made.totals, made.questions);
    Ok(())
}

fn contact_of(placed: Placed) -> Option<ContactRow> {
    match placed {
        Placed::Nobody => None,
        Placed::Contact(contact) => Some(contact),
        Placed::Pair(pair) => pair.contact,
    }
}

/// An external ID without what people get wrong in it.
fn bare_of(text: &str) -> String {
    let folded = cardfile_domain::text::fold(text);
    let kept: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    kept.trim_start_matches('0').to_owned()
}

/// Units by which views are made.
const USED_BY_VIEWS: [(&str, FilterField); 7] = [
    ("name", FilterField::Name),
    ("email", FilterField::Email),
    ("phone", FilterField::Phone),
    ("company", FilterField::Company),
    ("stage", FilterField::Stage),
    ("tags", FilterField::Tag),
    ("tier", FilterField::Tier),
];

/// One condition for each purpose, evaluated with what was found.
fn review(core: &Core, known: &Known, found: &Check) -> Result<Vec<Reviewed>, Error> {
    let mapping = &known.settings.mapping;
    let is_mapped = |unit: &str| mapping.0.get(unit).is_some_and(|rule| rule.direction != Direction::Off);
    let lacking: Vec<&str> = ["name", "email"].into_iter().filter(|unit| !is_mapped(unit)).collect();
    let personalization = if lacking.is_empty() {
        (true, say!("name and email are mapped"))
    } else {
        (false, say!("not mapped: {fields}", fields = lacking.join(", ")))
    };
    let leaving: Vec<&str> = mapping
        .0
        .iter()
        .filter(|(_, rule)| matches!(rule.direction, Direction::Push | Direction::Both) && rule.approved)
        .map(|(unit, _)| unit.as_str())
        .collect();
    let actions = if leaving.is_empty() {
        (true, say!("nothing was approved to leave: records there are only read"))
    } else {
        (true, say!("only what a person approved leaves: {fields}", fields = leaving.join(", ")))
    };
    let (carried, mut missing) = (known.carried().units, Vec::new());
    for segment in segments::all(core)? {
        let Ok(filter) = Filter::parse(&segment.filter) else { continue };
        let unmapped = USED_BY_VIEWS.iter().any(|(unit, field)| {
            let is_carried = carried.iter().any(|one| one == unit);
            is_carried && !is_mapped(unit) && filter.mentions(field)
        });
        if unmapped {
            missing.push(segment.name);
        }
    }
    let segmentation = if missing.is_empty() {
        (true, say!("every saved view works with the fields that come"))
    } else {
        (false, say!("these views use fields that do not come: {views}", views = missing.join(", ")))
    };
    let collisions = found.collisions.len() as u32;
    let (near, read) = (found.near, found.read);
    let (elsewhere, is_alone) = (found.elsewhere, is_alone(core, known)?);
    let synchronization = if collisions > 0 {
        (false, say!("{collisions} records mean a contact that another record means too", collisions))
    } else if elsewhere > 0 && !is_alone {
        (
            false,
            say!(
                "{elsewhere} records were made by another Cardfile: connect the database of the team first",
                elsewhere
            ),
        )
    } else if near * 100 > read * NEAR_PERCENT {
        (false, say!("not the same external ID on both sides: {near} of {read} differ a little", near, read))
    } else {
        (true, say!("the external IDs of both sides are the same"))
    };
    let row = |about, (is_met, evidence)| Reviewed { about, is_met, evidence };
    Ok(vec![
        row("personalization", personalization),
        row("actions", actions),
        row("segmentation", segmentation),
        row("synchronization", synchronization),
    ])
}

/// Whether nothing goes back and forth between this remote, another one and other devices:
/// it is the only one here, or a team has a database in which all of them meet.
fn is_alone(core: &Core, known: &Known) -> Result<bool, Error> {
    let others = remotes::all(core)?;
    let mut others = others.iter().filter(|other| other.kept.row != known.kept.row);
    Ok(known.is_team() || remotes::team(core)?.is_some() || !others.any(|other| other.settings.enabled_at.is_some()))
}

/// Lets runs write from now on. A review that says no is overruled only with a reason, which
/// is kept.
pub fn enable(core: &Core, name: &str, check: &Check, reason: &str, who: &Who) -> Result<Known, Error> {
    let reason = reason.trim();
    if let Some(rows) = Reviewed::against(&check.review)
        && reason.is_empty()
    {
        return Err(Error::new(Code::Refused, say!("the review says no: {rows}", rows)).hint(say!(
            "Mend it, or give a reason why it may be turned on anyway. Nothing was written on either side."
        )));
    }
    let now = core.store().environment().clock.now();
    remotes::set(core, name, who, |settings| {
        settings.enabled_at = Some(now);
        reason.clone_into(&mut settings.reason);
    })
}

/// Lets no run write any more.
pub fn disable(core: &Core, name: &str, who: &Who) -> Result<Known, Error> {
    remotes::set(core, name, who, |settings| settings.enabled_at = None)
}
