//! Finds cards that may be one person, in a workspace of any size. Whether they
//! are is decided by people; what they said is remembered.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    progress::{self, Progress},
};
use cardfile_domain::{
    Millis, OperationId,
    duplicate::{
        Distinction, LIKELY, Mailbox, Reason, Traits, Verdict, company_of, hash_of, judge, name_of, phone_of, plain_of,
        sound_of,
    },
    say,
};
use cardfile_store::{Brief, ContactRow, OpKind, Tx};
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Two cards that may be one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The older card.
    pub one: ContactRow,
    /// The other.
    pub other: ContactRow,
    /// How sure, and why.
    pub verdict: Verdict,
}

/// What the last look found.
#[derive(Debug, Clone, Default)]
struct Found {
    pairs: Vec<Pair>,
    at: Option<Millis>,
}

/// How sure, and the two rows, the smaller first.
pub type Pair = (u8, ContactRow, ContactRow);

/// Kept in memory: a look costs seconds at a million cards, and is never stale,
/// because each pair is judged again when it is shown.
#[derive(Default)]
pub(crate) struct Duplicates(Mutex<Found>);

impl Duplicates {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the search stands.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The surest first.
    pub proposals: Vec<Proposal>,
    /// Pairs beyond those; they come up when these are decided.
    pub left_out: u32,
    /// How many of all most likely are one person.
    pub likely: u32,
    /// When it was last looked; nothing when it was not.
    pub at: Option<Millis>,
}

/// Pairs that are judged again and given at a time.
pub const SHOWN: usize = 2_000;
/// Cards that share one thing and are all compared with each other.
const CROWD: usize = 64;
/// In a larger crowd a card is compared with so many that stand next to it by name.
const NEIGHBOURS: usize = 12;
/// How sure it can be at most when a third card has the same name and company.
const NAMESAKES: u8 = 64;
/// Cards between two looks at the progress.
const STEP: usize = 10_000;

/// Looks through all cards that are shown and keeps what it found. Gives how many
/// pairs that are.
pub fn find(core: &Core, progress: &dyn Progress) -> Result<u32, Error> {
    let pairs = search(core, progress)?;
    let count = pairs.len() as u32;
    let at = Some(core.store().environment().clock.now());
    let mut kept = core.duplicates().found();
    *kept = Found { pairs, at };
    Ok(count)
}

/// Every pair of cards that may be one person and was not told apart, the surest
/// first.
pub fn search(core: &Core, progress: &dyn Progress) -> Result<Vec<Pair>, Error> {
    let mut pack = Pack::default();
    let (all, binned) = core.store().read(|r| r.contacts().count())?;
    let total = u64::from(all - binned) * 2;
    let mut stopped = None;
    core.store().read(|r| {
        r.contacts().scan_brief(|brief| {
            if pack.rows.len() % STEP == 0 {
                stopped = progress::check(progress, pack.rows.len() as u64, total).err();
            }
            if is_shown(brief) {
                pack.add(brief);
            }
            stopped.is_none()
        })
    })?;
    if let Some(stopped) = stopped {
        return Err(stopped);
    }
    let mut found = pack.pairs(progress, total)?;
    let apart = distinctions(core)?;
    found.retain(|(_, one, other)| !apart.contains(&(*one, *other)));
    Ok(found)
}

/// The pairs of the last look that are still to be decided, judged by what the
/// cards say now.
pub fn standing(core: &Core) -> Result<Standing, Error> {
    let found = core.duplicates().found().clone();
    let apart = distinctions(core)?;
    let mut proposals = Vec::new();
    let mut rest = &found.pairs[..];
    while !rest.is_empty() && proposals.len() < SHOWN {
        let some;
        (some, rest) = rest.split_at(rest.len().min(SHOWN));
        let pack = Pack::of(core, some.iter().flat_map(|(_, one, other)| [*one, *other]).collect())?;
        for (score, one, other) in some.iter().filter(|(_, one, other)| !apart.contains(&(*one, *other))) {
            let (Some(first), Some(second)) = (pack.place(*one), pack.place(*other)) else { continue };
            let Some(mut verdict) = judge(&pack.traits(first), &pack.traits(second)) else { continue };
            // Who has many namesakes was seen by the search only.
            if verdict.reasons.first() == Some(&Reason::SameCompany) {
                verdict.score = verdict.score.min(*score);
            }
            proposals.push(Proposal { one: *one, other: *other, verdict });
        }
    }
    proposals.sort_by_key(|one| (std::cmp::Reverse(one.verdict.score), one.one, one.other));
    let surely = proposals.iter().filter(|one| one.verdict.score >= LIKELY).count();
    let perhaps = rest.iter().filter(|(score, ..)| *score >= LIKELY).count();
    Ok(Standing { proposals, left_out: rest.len() as u32, likely: (surely + perhaps) as u32, at: found.at })
}

/// A card became part of another: what was found about it holds for that one.
pub(crate) fn became(core: &Core, from: ContactRow, to: ContactRow) {
    let mut kept = core.duplicates().found();
    let mut seen = HashSet::new();
    let mut also = Vec::new();
    for (score, one, other) in &kept.pairs {
        let next = |row: &ContactRow| if *row == from { to } else { *row };
        let (one, other) = (next(one), next(other));
        if one != other {
            also.push((*score, one.min(other), one.max(other)));
        }
    }
    // An unmerge brings the old pairs back: they stay, and are passed over until then.
    also.extend(kept.pairs.iter().filter(|(_, one, other)| *one == from || *other == from));
    also.retain(|(_, one, other)| seen.insert((*one, *other)));
    also.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    kept.pairs = also;
}

/// What two cards have in common; nothing when there is no reason to look at them.
pub fn compare(core: &Core, one: ContactRow, other: ContactRow) -> Result<Option<Verdict>, Error> {
    let pack = Pack::of(core, vec![one, other])?;
    let (Some(first), Some(second)) = (pack.place(one), pack.place(other)) else { return Ok(None) };
    Ok(judge(&pack.traits(first), &pack.traits(second)))
}

/// Remembers that two cards are two people. `false` when that was said before.
pub fn distinguish(core: &Core, one: &str, other: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let (one, other) = (contact::find(core, one)?, contact::find(core, other)?);
    if one.row == other.row {
        return Err(Error::bad_request(say!("this is the same card")));
    }
    let subject = format!("{} and {}", contact::called(&one.contact), contact::called(&other.contact));
    let at = core.store().environment().clock.now();
    let new = pair(one.contact.id.as_str(), other.contact.id.as_str());
    core.store().write(who.op(OpKind::ContactDistinguish, subject), |tx| {
        if is_known(tx, &new)? {
            return Ok(false);
        }
        let part = Distinction { author: who.actor.clone(), created_at: at, ..new };
        tx.add_part(None, &part)?;
        Ok::<_, Error>(true)
    })
}

/// What was said about a card that becomes part of another is said about that
/// one from now on.
pub(crate) fn hand_over(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), Error> {
    for known in tx.read().parts().distinctions_of(from)? {
        let third = if known.one == from { &known.other } else { &known.one };
        let next = pair(third, to);
        if third == to || is_known(tx, &next)? {
            tx.remove_part::<Distinction>(&known.id)?;
        } else {
            tx.edit_part::<Distinction>(&known.id, |part, _| (part.one, part.other) = (next.one, next.other))?;
        }
    }
    Ok(())
}

fn pair(one: &str, other: &str) -> Distinction {
    let (one, other) = if one < other { (one, other) } else { (other, one) };
    Distinction { one: one.to_owned(), other: other.to_owned(), ..Distinction::default() }
}

fn is_known(tx: &Tx<'_>, wanted: &Distinction) -> Result<bool, Error> {
    let all = tx.read().parts().distinctions_of(&wanted.one)?;
    Ok(all.iter().any(|known| known.one == wanted.one && known.other == wanted.other))
}

/// The pairs that a person said are two people, the smaller row first.
fn distinctions(core: &Core) -> Result<HashSet<(ContactRow, ContactRow)>, Error> {
    core.store()
        .read(|r| {
            let mut apart = HashSet::new();
            for known in r.parts().of_nobody::<Distinction>()? {
                let (Some(one), Some(other)) =
                    (r.contacts().row_of(&known.value.one)?, r.contacts().row_of(&known.value.other)?)
                else {
                    continue;
                };
                apart.insert((one.min(other), one.max(other)));
            }
            Ok(apart)
        })
        .map_err(Error::from)
}

fn is_shown(brief: &Brief<'_>) -> bool {
    !brief.binned && brief.identity != "anonymous"
}

/// Adds the keys of a card under which others are looked for.
type KeysOf = fn(&Pack, usize, &mut Vec<(u64, u32)>);

/// What all cards are compared by, beside each other in few large blocks.
#[derive(Default)]
struct Pack {
    /// In ascending order.
    rows: Vec<ContactRow>,
    /// Each name, then the same in plain letters.
    names: String,
    /// Where name and plain name end.
    ends: Vec<(u32, u32)>,
    companies: Vec<u64>,
    mailboxes: Vec<Mailbox>,
    mailbox_ends: Vec<u32>,
    phones: Vec<u64>,
    phone_ends: Vec<u32>,
}

impl Pack {
    /// What these cards are compared by, those that are shown.
    fn of(core: &Core, mut rows: Vec<ContactRow>) -> Result<Self, Error> {
        rows.sort_unstable();
        rows.dedup();
        let mut pack = Self::default();
        core.store().read(|r| {
            r.contacts().brief_of(&rows, |brief| {
                if is_shown(brief) {
                    pack.add(brief);
                }
            })
        })?;
        Ok(pack)
    }

    fn add(&mut self, brief: &Brief<'_>) {
        let name = name_of(brief.name);
        self.names.push_str(&name);
        let name_end = self.names.len() as u32;
        self.names.push_str(&plain_of(&name));
        self.ends.push((name_end, self.names.len() as u32));
        self.companies.push(company_of(brief.company));
        let more = |field: &'static str| brief.more.iter().filter(move |(f, _)| f == field).map(|(_, v)| v.as_str());
        self.mailboxes.extend(std::iter::once(brief.email).chain(more("email")).filter_map(Mailbox::of));
        self.mailbox_ends.push(self.mailboxes.len() as u32);
        self.phones.extend(std::iter::once(brief.phone).chain(more("phone")).filter_map(phone_of));
        self.phone_ends.push(self.phones.len() as u32);
        self.rows.push(brief.row);
    }

    fn place(&self, row: ContactRow) -> Option<usize> {
        self.rows.binary_search(&row).ok()
    }

    fn traits(&self, place: usize) -> Traits<'_> {
        let before = |ends: &[u32]| if place == 0 { 0 } else { ends[place - 1] as usize };
        let start = if place == 0 { 0 } else { self.ends[place - 1].1 as usize };
        let (name_end, end) = self.ends[place];
        Traits {
            name: &self.names[start..name_end as usize],
            plain: &self.names[name_end as usize..end as usize],
            company: self.companies[place],
            mailboxes: &self.mailboxes[before(&self.mailbox_ends)..self.mailbox_ends[place] as usize],
            phones: &self.phones[before(&self.phone_ends)..self.phone_ends[place] as usize],
        }
    }

    /// Pairs that are worth a look, the surest first: score and rows, the smaller
    /// row first. Only cards that share a mailbox, a phone, or a company and a
    /// word of the name are compared, so that the work grows with the cards and
    /// not with their square.
    fn pairs(&self, progress: &dyn Progress, total: u64) -> Result<Vec<Pair>, Error> {
        let mut found = Vec::new();
        let keys: [KeysOf; 3] = [Self::by_mailbox, Self::by_phone, Self::by_company];
        for (pass, keys_of) in keys.into_iter().enumerate() {
            let mut keyed = Vec::with_capacity(self.rows.len());
            for place in 0..self.rows.len() {
                keys_of(self, place, &mut keyed);
            }
            keyed.sort_unstable();
            for crowd in keyed.chunk_by(|one, other| one.0 == other.0) {
                self.compare_all(crowd, &mut found);
            }
            progress::check(progress, total - total / 2 * (2 - pass as u64) / 3, total)?;
        }
        // A pair that was found in two ways is as sure as the surer one.
        found.sort_unstable_by_key(|(score, one, other)| (*one, *other, std::cmp::Reverse(*score)));
        found.dedup_by_key(|(_, one, other)| (*one, *other));
        found.sort_unstable_by_key(|(score, one, other)| (std::cmp::Reverse(*score), *one, *other));
        Ok(found)
    }

    fn by_mailbox(&self, place: usize, keyed: &mut Vec<(u64, u32)>) {
        keyed.extend(self.traits(place).mailboxes.iter().map(|mailbox| (mailbox.bare, place as u32)));
    }

    fn by_phone(&self, place: usize, keyed: &mut Vec<(u64, u32)>) {
        keyed.extend(self.traits(place).phones.iter().map(|phone| (*phone, place as u32)));
    }

    fn by_company(&self, place: usize, keyed: &mut Vec<(u64, u32)>) {
        let traits = self.traits(place);
        if traits.company != 0 {
            let words = traits.plain.split(' ').filter(|word| word.len() > 1);
            keyed.extend(words.map(|word| (hash_of(&(traits.company, sound_of(word))), place as u32)));
        }
    }

    fn compare_all(&self, crowd: &[(u64, u32)], found: &mut Vec<Pair>) {
        let mut by_name: Vec<usize> = crowd.iter().map(|(_, place)| *place as usize).collect();
        let is_crowded = by_name.len() > CROWD;
        if is_crowded {
            by_name.sort_unstable_by_key(|place| self.traits(*place).plain);
        }
        let reach = if is_crowded { NEIGHBOURS } else { CROWD };
        for (at, one) in by_name.iter().enumerate() {
            for other in by_name[at + 1..].iter().take(reach).filter(|other| *other != one) {
                let Some(verdict) = judge(&self.traits(*one), &self.traits(*other)) else { continue };
                let mut score = verdict.score;
                if verdict.reasons.first() == Some(&Reason::SameCompany) {
                    // Where many are called the same, the name says little.
                    if is_crowded {
                        continue;
                    }
                    let called = |name: &str| by_name.iter().filter(|place| self.traits(**place).plain == name).count();
                    if called(self.traits(*one).plain).max(called(self.traits(*other).plain)) > 2 {
                        score = score.min(NAMESAKES);
                    }
                }
                let (one, other) = (self.rows[*one], self.rows[*other]);
                found.push((score, one.min(other), one.max(other)));
            }
        }
    }
}
