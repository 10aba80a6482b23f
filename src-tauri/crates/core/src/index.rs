//! The memory index: what makes a million contacts answer within a frame.
//!
//! Packed folded text for search, small columns for filters, order arrays for
//! sorting. It is built once from the database, follows the change log (also
//! the changes of other programs), is dropped when the workspace is locked, and
//! is never written to disk.

mod columns;
mod letters;
mod pack;
mod seen;
mod uses;

use cardfile_domain::{
    Filter, Identity, Millis,
    consent::Purpose,
    filter::{FilterField, Test},
    text,
};
use cardfile_store::{Brief, ContactRow, Reader, SqlResult};
use columns::{Dictionary, NO_TIME, Tags};
use pack::{Pack, Query};
use std::collections::HashMap;
use uses::Uses;

pub(crate) use seen::Seen;

/// A set of slots, one bit each.
pub(crate) type Bits = Vec<u64>;

/// A contact's place in the index: dense, in the order they came.
type Slot = u32;
const GONE: Slot = u32::MAX;

/// What a list can be sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum SortKey {
    /// In the alphabet.
    Name,
    /// As typed, folded.
    Email,
    /// By digits.
    Phone,
    /// As typed, folded.
    Company,
    /// As typed.
    Source,
    /// As typed.
    Stage,
    /// Number.
    Conversations,
    /// Time.
    FirstSeen,
    /// Time.
    LastSeen,
    /// Time.
    Created,
    /// Time.
    Updated,
    /// A custom field: numbers by size, before words.
    Custom(String),
}

impl SortKey {
    /// Reads the key of a column; an unknown one is a custom field.
    pub(crate) fn parse(key: &str) -> Self {
        match key {
            "name" => Self::Name,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "company" => Self::Company,
            "source" => Self::Source,
            "stage" => Self::Stage,
            "conversation_count" => Self::Conversations,
            "first_seen" => Self::FirstSeen,
            "last_seen" => Self::LastSeen,
            "created_at" => Self::Created,
            "updated_at" => Self::Updated,
            other => Self::Custom(other.strip_prefix("custom.").unwrap_or(other).to_owned()),
        }
    }
}

/// The index at one change of the log.
pub(crate) struct Index {
    /// Number of the last change it knows.
    seq: i64,
    rows: Vec<ContactRow>,
    slot_of: Vec<Slot>,
    live: Bits,
    binned: Bits,
    archived: Bits,
    /// When; only of the few that are.
    archived_at: HashMap<Slot, u32>,
    by_hand: Bits,
    pack: Pack,
    name: Bits,
    email: Bits,
    phone: Bits,
    organization: Bits,
    anonymous: Bits,
    verified: Bits,
    company: Dictionary,
    source: Dictionary,
    stage: Dictionary,
    tier: Dictionary,
    country: Dictionary,
    conversations: Vec<u32>,
    first_seen: Vec<u32>,
    last_seen: Vec<u32>,
    created: Vec<u32>,
    updated: Vec<u32>,
    tags: Tags,
    custom: HashMap<String, Dictionary>,
    /// Read when a filter first asks.
    page: Option<Dictionary>,
    /// Names of activities, and who has one; read when a filter first asks.
    actions: Option<HashMap<String, Bits>>,
    /// Whom may be used for what; read when a filter first asks.
    uses: Option<Uses>,
    /// As they were when a filter last asked: no change of the log tells of them.
    purposes: Vec<Purpose>,
    /// Who has a record or an external ID where; read anew whenever it is asked for, because
    /// becoming linked is no change of a contact.
    remotes: HashMap<String, Bits>,
    orders: HashMap<SortKey, Order>,
}

/// All slots in the order of one column.
struct Order {
    slots: Vec<Slot>,
    /// Place of each slot in `slots`.
    rank: Vec<u32>,
}

impl Order {
    fn of(slots: Vec<Slot>, total: usize) -> Self {
        let mut rank = vec![0; total];
        for (place, slot) in (0u32..).zip(&slots) {
            rank[*slot as usize] = place;
        }
        Self { slots, rank }
    }
}

/// What is searched for.
#[derive(Clone, Copy)]
pub(crate) struct Search<'t> {
    /// As typed.
    pub(crate) text: &'t str,
    /// Also in notes, memories and messages.
    pub(crate) in_texts: bool,
}

/// Of a list this much shorter than all contacts, only its own places are sorted.
const FEW: usize = 24;

impl Index {
    /// Reads all contacts once: about a second for a million.
    pub(crate) fn build(reader: Reader<'_>) -> SqlResult<Self> {
        let mut index = Self {
            seq: reader.changes().last()?,
            rows: Vec::new(),
            slot_of: Vec::new(),
            live: Vec::new(),
            binned: Vec::new(),
            archived: Vec::new(),
            archived_at: HashMap::new(),
            by_hand: Vec::new(),
            pack: Pack::default(),
            name: Vec::new(),
            email: Vec::new(),
            phone: Vec::new(),
            organization: Vec::new(),
            anonymous: Vec::new(),
            verified: Vec::new(),
            company: Dictionary::default(),
            source: Dictionary::default(),
            stage: Dictionary::default(),
            tier: Dictionary::default(),
            country: Dictionary::default(),
            conversations: Vec::new(),
            first_seen: Vec::new(),
            last_seen: Vec::new(),
            created: Vec::new(),
            updated: Vec::new(),
            tags: Tags::default(),
            custom: HashMap::new(),
            page: None,
            actions: None,
            uses: None,
            purposes: Vec::new(),
            remotes: HashMap::new(),
            orders: HashMap::new(),
        };
        index.tags.names(&reader.tags().all()?);
        let mut text = String::new();
        reader.contacts().scan_brief(|brief| {
            index.push(brief, &mut text);
            true
        })?;
        index.pack.seal();
        Ok(index)
    }

    /// Follows the change log to now. Returns whether anything changed.
    pub(crate) fn catch_up(&mut self, reader: Reader<'_>) -> SqlResult<bool> {
        let (rows, seq) = reader.changes().contacts_after(self.seq)?;
        if seq == self.seq {
            return Ok(false);
        }
        if rows.len() > 20_000 {
            *self = Self::build(reader)?;
            return Ok(true);
        }
        self.tags.names(&reader.tags().all()?);
        for row in &rows {
            if let Some(slot) = self.slot(*row) {
                clear(&mut self.live, slot);
                self.pack.remove(slot);
                self.tags.clear(slot);
            }
        }
        let mut text = String::new();
        reader.contacts().brief_of(&rows, |brief| self.push(brief, &mut text))?;
        if self.pack.is_ragged() {
            self.pack.seal();
        }
        self.custom.clear();
        (self.page, self.actions, self.uses) = (None, None, None);
        self.orders.clear();
        self.seq = seq;
        Ok(true)
    }

    fn slot(&self, row: ContactRow) -> Option<Slot> {
        self.slot_of.get(row as usize).copied().filter(|slot| *slot != GONE)
    }

    /// Adds a contact, or puts it over what its slot held.
    fn push(&mut self, brief: &Brief<'_>, buffer: &mut String) {
        let slot = match self.slot(brief.row) {
            Some(slot) => slot,
            None => {
                let slot = self.rows.len() as Slot;
                self.rows.push(brief.row);
                if self.slot_of.len() <= brief.row as usize {
                    self.slot_of.resize(brief.row as usize + 1, GONE);
                }
                self.slot_of[brief.row as usize] = slot;
                slot
            }
        };
        let has = |field: &str| brief.more.iter().any(|(f, _)| f == field);
        put(&mut self.live, slot, true);
        put(&mut self.binned, slot, brief.binned);
        put(&mut self.archived, slot, brief.archived_at.is_some());
        match brief.archived_at {
            Some(at) => self.archived_at.insert(slot, seconds(Some(at))),
            None => self.archived_at.remove(&slot),
        };
        put(&mut self.by_hand, slot, brief.stage_by_hand);
        put(&mut self.name, slot, !brief.name.is_empty());
        put(&mut self.email, slot, !brief.email.is_empty() || has("email"));
        put(&mut self.phone, slot, !brief.phone.is_empty() || has("phone"));
        put(&mut self.organization, slot, brief.is_organization);
        self.company.set(slot, brief.company);
        self.source.set(slot, brief.source);
        self.stage.set(slot, brief.stage);
        self.tier.set(slot, brief.tier);
        put(&mut self.anonymous, slot, brief.identity == Identity::Anonymous.as_str());
        put(&mut self.verified, slot, brief.identity == Identity::Verified.as_str());
        self.country.set(slot, brief.ip_country);
        set(&mut self.conversations, slot, brief.conversation_count);
        set(&mut self.first_seen, slot, seconds(brief.first_seen));
        set(&mut self.last_seen, slot, seconds(brief.last_seen));
        set(&mut self.created, slot, seconds(Some(brief.created_at)));
        set(&mut self.updated, slot, seconds(Some(brief.updated_at)));
        self.tags.set(slot, brief.tags);
        searched(brief, buffer);
        self.pack.put(slot, buffer);
    }

    /// What a list shows: neither in the bin nor in the archive nor a visitor.
    fn is_shown(&self, slot: Slot) -> bool {
        get(&self.live, slot) && ![&self.binned, &self.archived, &self.anonymous].iter().any(|bits| get(bits, slot))
    }

    /// How many contacts that are shown each source has, most first.
    pub(crate) fn sources(&self) -> Vec<(String, u32)> {
        self.source.counts(|slot| self.is_shown(slot))
    }

    /// The same for stages.
    pub(crate) fn stages(&self) -> Vec<(String, u32)> {
        self.stage.counts(|slot| self.is_shown(slot))
    }

    /// Puts contacts in the order in which they were seen or made, the latest first.
    pub(crate) fn latest_first(&self, rows: &mut [ContactRow]) {
        rows.sort_by_cached_key(|row| {
            let slot = self.slot(*row).unwrap_or(GONE) as usize;
            let at = |column: &[u32]| column.get(slot).copied().unwrap_or(NO_TIME);
            let seen = at(&self.last_seen);
            std::cmp::Reverse(if seen == NO_TIME { at(&self.created) } else { seen })
        });
    }

    /// How many of these contacts have each stage, most first.
    pub(crate) fn stages_of(&self, rows: &[ContactRow]) -> Vec<(String, u32)> {
        let slots: std::collections::HashSet<Slot> = rows.iter().filter_map(|row| self.slot(*row)).collect();
        self.stage.counts(|slot| slots.contains(&slot))
    }

    /// The same for these tags.
    pub(crate) fn tag_counts(&self, tags: Vec<(i64, String)>) -> Vec<(String, u32)> {
        let mut shown: Bits = self.live.iter().zip(&self.binned).map(|(l, b)| l & !b).collect();
        without(&mut shown, &self.anonymous);
        without(&mut shown, &self.archived);
        tags.into_iter().map(|(tag, name)| (name, self.tags.count(tag, &shown))).collect()
    }

    /// The tags of a contact, in the alphabet.
    pub(crate) fn tags(&self) -> impl Fn(ContactRow) -> Vec<String> {
        let names = self.tags.names_by_slot();
        move |row| self.slot(row).map(&names).unwrap_or_default()
    }

    /// Resolves a view: the contacts that pass, in order.
    pub(crate) fn resolve(
        &mut self,
        reader: Reader<'_>,
        search: Search<'_>,
        filter: &Filter,
        sort: &[(SortKey, bool)],
        in_bin: bool,
        now: Millis,
    ) -> SqlResult<Vec<ContactRow>> {
        self.prepare(reader, filter, sort)?;
        let passing = self.passing(reader, search, filter, in_bin, now)?;
        Ok(self.in_order(&passing, sort))
    }

    /// How many contacts a search and a filter let through.
    pub(crate) fn count(&mut self, reader: Reader<'_>, query: &str, filter: &Filter, now: Millis) -> SqlResult<u32> {
        self.prepare(reader, filter, &[])?;
        let search = Search { text: query, in_texts: false };
        Ok(self.passing(reader, search, filter, false, now)?.iter().map(|word| word.count_ones()).sum())
    }

    fn passing(
        &self,
        reader: Reader<'_>,
        search: Search<'_>,
        filter: &Filter,
        in_bin: bool,
        now: Millis,
    ) -> SqlResult<Bits> {
        let mut passing: Bits =
            self.live.iter().zip(&self.binned).map(|(l, b)| l & if in_bin { *b } else { !b }).collect();
        // The archive and visitors are shown where they are asked for.
        if !in_bin && !filter.mentions(&FilterField::Archived) {
            without(&mut passing, &self.archived);
        }
        if !in_bin && !filter.mentions(&FilterField::Identity) {
            without(&mut passing, &self.anonymous);
        }
        if !filter.is_everything() {
            and(&mut passing, &self.filter(filter, now));
        }
        if !search.text.trim().is_empty() {
            let mut found = self.search(reader, search.text)?;
            if search.in_texts {
                for slot in reader.texts().contacts_of(search.text)?.into_iter().filter_map(|row| self.slot(row)) {
                    put(&mut found, slot, true);
                }
            }
            and(&mut passing, &found);
        }
        Ok(passing)
    }

    /// Reads what filter and sort need and the index has not got yet.
    fn prepare(&mut self, reader: Reader<'_>, filter: &Filter, sort: &[(SortKey, bool)]) -> SqlResult<()> {
        let mut keys = Vec::new();
        custom_keys(filter, &mut keys);
        keys.extend(sort.iter().filter_map(|(key, _)| match key {
            SortKey::Custom(key) => Some(key.clone()),
            _ => None,
        }));
        for key in keys {
            if !self.custom.contains_key(&key) {
                let mut column = Dictionary::default();
                reader.contacts().scan_custom(&key, |row, value| {
                    if let Some(slot) = self.slot(row) {
                        column.set(slot, value);
                    }
                })?;
                self.custom.insert(key, column);
            }
        }
        if self.page.is_none() && filter.mentions(&FilterField::Page) {
            let mut column = Dictionary::default();
            reader.contacts().scan_page(|row, page| {
                if let Some(slot) = self.slot(row) {
                    column.set(slot, page);
                }
            })?;
            self.page = Some(column);
        }
        if self.actions.is_none() && filter.mentions(&FilterField::Action) {
            let mut actions: HashMap<String, Bits> = HashMap::new();
            reader.contacts().scan_actions(|row, name| {
                if let Some(slot) = self.slot(row) {
                    put(actions.entry(text::fold_label(name)).or_default(), slot, true);
                }
            })?;
            self.actions = Some(actions);
        }
        let asks_purpose = filter.mentions(&FilterField::Purpose);
        if asks_purpose {
            self.purposes = reader.purposes().all()?;
        }
        let asks_uses = asks_purpose || filter.mentions(&FilterField::Restriction);
        if asks_uses && self.uses.as_ref().is_none_or(|uses| asks_purpose && !uses.knows_consents) {
            let uses = Uses::read(reader, asks_purpose, |row| self.slot(row))?;
            self.uses = Some(uses);
        }
        if filter.mentions(&FilterField::Remote) {
            let mut remotes: HashMap<String, Bits> = HashMap::new();
            reader.contacts().scan_remotes(|row, name| {
                if let Some(slot) = self.slot(row).filter(|_| !name.is_empty()) {
                    put(remotes.entry(text::fold_label(name)).or_default(), slot, true);
                }
            })?;
            self.remotes = remotes;
        }
        for (key, _) in sort {
            if !self.orders.contains_key(key) {
                let order = self.order(reader, key)?;
                self.orders.insert(key.clone(), Order::of(order, self.rows.len()));
            }
        }
        Ok(())
    }

    fn order(&self, reader: Reader<'_>, key: &SortKey) -> SqlResult<Vec<Slot>> {
        let by_number = |column: &[u32]| {
            let mut keyed: Vec<u64> =
                column.iter().zip(0u64..).map(|(value, slot)| u64::from(*value) << 32 | slot).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|pair| pair as u32).collect()
        };
        let empty = Dictionary::default();
        Ok(match key {
            SortKey::Name => reader.contacts().rows_by_name()?.into_iter().filter_map(|row| self.slot(row)).collect(),
            SortKey::Email => by_number(&self.pack.ranks(pack::Part::Email, self.rows.len())),
            SortKey::Phone => by_number(&self.pack.ranks(pack::Part::Phone, self.rows.len())),
            SortKey::Company => by_number(&self.company.ranks(self.rows.len())),
            SortKey::Source => by_number(&self.source.ranks(self.rows.len())),
            SortKey::Stage => by_number(&self.stage.ranks(self.rows.len())),
            SortKey::Conversations => by_number(&self.conversations),
            SortKey::FirstSeen => by_number(&self.first_seen),
            SortKey::LastSeen => by_number(&self.last_seen),
            SortKey::Created => by_number(&self.created),
            SortKey::Updated => by_number(&self.updated),
            SortKey::Custom(key) => by_number(&self.custom.get(key).unwrap_or(&empty).ranks(self.rows.len())),
        })
    }

    fn in_order(&self, passing: &Bits, sort: &[(SortKey, bool)]) -> Vec<ContactRow> {
        let total = passing.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        let mut rows = Vec::with_capacity(total);
        let first = sort.first().and_then(|(key, down)| Some((self.orders.get(key)?, *down)));
        match first {
            Some((order, down)) if total < self.rows.len() / FEW => {
                let mut places: Vec<u32> = slots(passing).map(|slot| order.rank[slot as usize]).collect();
                places.sort_unstable();
                if down {
                    places.reverse();
                }
                rows.extend(places.into_iter().map(|place| self.rows[order.slots[place as usize] as usize]));
            }
            Some((order, down)) => {
                let mut keep = |slot: &Slot| {
                    if get(passing, *slot) {
                        rows.push(self.rows[*slot as usize]);
                    }
                };
                if down { order.slots.iter().rev().for_each(keep) } else { order.slots.iter().for_each(&mut keep) }
            }
            None => rows.extend(slots(passing).map(|slot| self.rows[slot as usize])),
        }
        if let [_, (second, down), ..] = sort
            && let (Some(first), Some(order)) = (sort.first(), self.orders.get(second))
        {
            self.sort_within(&mut rows, &first.0, order, *down);
        }
        rows
    }

    /// Orders runs of equal first values by the second key.
    fn sort_within(&self, rows: &mut [ContactRow], first: &SortKey, order: &Order, down: bool) {
        let rank = |slot: Slot| {
            let place = order.rank[slot as usize];
            if down { u32::MAX - place } else { place }
        };
        let value = |row: &ContactRow| self.slot(*row).map(|slot| self.value(first, slot));
        rows.chunk_by_mut(|a, b| value(a) == value(b)).for_each(|run| {
            run.sort_by_key(|row| self.slot(*row).map(rank));
        });
    }

    /// A number that is equal for equal values of a column.
    fn value(&self, key: &SortKey, slot: Slot) -> u32 {
        let at = slot as usize;
        match key {
            SortKey::Company => self.company.id(slot),
            SortKey::Source => self.source.id(slot),
            SortKey::Stage => self.stage.id(slot),
            SortKey::Conversations => self.conversations[at],
            SortKey::FirstSeen => self.first_seen[at],
            SortKey::LastSeen => self.last_seen[at],
            SortKey::Created => self.created[at],
            SortKey::Updated => self.updated[at],
            SortKey::Custom(key) => self.custom.get(key).map_or(0, |column| column.id(slot)),
            // Names, emails and phones are hardly ever equal.
            SortKey::Name | SortKey::Email | SortKey::Phone => slot,
        }
    }

    fn search(&self, reader: Reader<'_>, typed: &str) -> SqlResult<Bits> {
        let mut found = vec![0; self.live.len()];
        let query = Query::of(typed);
        self.pack.search(&query, &mut found);
        self.company.search(&query, &mut found);
        self.tags.search(&query, &mut found);
        // Ids and external IDs by prefix, short ones whole: inside them every short text is found.
        let typed = typed.trim();
        if !typed.is_empty() && typed.len() < 4 {
            for slot in reader.links().contacts_of(typed)?.into_iter().filter_map(|row| self.slot(row)) {
                put(&mut found, slot, true);
            }
        }
        if typed.len() >= 4 && !typed.contains(char::is_whitespace) {
            let mut rows = reader.links().contacts_of_prefix(typed, 10_000)?;
            if typed.starts_with("ctc_") {
                rows.extend(reader.contacts().rows_of_id_prefix(typed, 10_000)?);
            }
            for slot in rows.into_iter().filter_map(|row| self.slot(row)) {
                put(&mut found, slot, true);
            }
        }
        Ok(found)
    }

    fn filter(&self, filter: &Filter, now: Millis) -> Bits {
        match filter {
            Filter::All(parts) => {
                let mut bits = self.live.clone();
                for part in parts {
                    and(&mut bits, &self.filter(part, now));
                }
                bits
            }
            Filter::Any(parts) => {
                let mut bits = vec![0; self.live.len()];
                for part in parts {
                    bits.iter_mut().zip(self.filter(part, now)).for_each(|(mine, theirs)| *mine |= theirs);
                }
                bits
            }
            Filter::Not(part) => {
                let mut bits = self.filter(part, now);
                bits.iter_mut().zip(&self.live).for_each(|(mine, live)| *mine = !*mine & live);
                bits
            }
            Filter::Is(field, test) => self.test(field, test, now),
        }
    }

    fn test(&self, field: &FilterField, test: &Test, now: Millis) -> Bits {
        let words = self.live.len();
        let complement = |bits: &Bits| self.live.iter().zip(bits).map(|(l, b)| l & !b).collect();
        let presence = |bits: &Bits| match test {
            Test::None => complement(bits),
            _ => bits.clone(),
        };
        let by_part = |part, bits: &Bits| match test {
            Test::None | Test::Set => presence(bits),
            Test::OneOf(values) => self.pack.find(part, values, true, words),
            Test::Contains(value) => self.pack.find(part, std::slice::from_ref(value), false, words),
            _ => vec![0; words],
        };
        match field {
            FilterField::Name => by_part(pack::Part::Name, &self.name),
            FilterField::Email => by_part(pack::Part::Email, &self.email),
            FilterField::Phone => by_part(pack::Part::Phone, &self.phone),
            FilterField::Company => self.company.test(test, &self.live),
            FilterField::Source => self.source.test(test, &self.live),
            FilterField::Stage => self.stage.test(test, &self.live),
            FilterField::StageBy => match test {
                Test::OneOf(words) if words.iter().all(|word| word == "rule") => complement(&self.by_hand),
                Test::None => vec![0; words],
                _ => self.by_hand.clone(),
            },
            FilterField::Tier => self.tier.test(test, &self.live),
            FilterField::Identity => match test {
                Test::OneOf(levels) => {
                    let mut bits = vec![0; words];
                    for (at, word) in bits.iter_mut().enumerate() {
                        let part = |of: &Bits| of.get(at).copied().unwrap_or_default();
                        let (anonymous, verified) = (part(&self.anonymous), part(&self.verified));
                        for level in levels {
                            *word |= match Identity::parse(level) {
                                Some(Identity::Anonymous) => anonymous,
                                Some(Identity::Verified) => verified,
                                Some(Identity::Identified) => !anonymous & !verified,
                                None => 0,
                            };
                        }
                        *word &= self.live[at];
                    }
                    bits
                }
                // Everybody has one.
                Test::None => vec![0; words],
                _ => self.live.clone(),
            },
            FilterField::Country => self.country.test(test, &self.live),
            FilterField::Kind => match test {
                Test::OneOf(kinds) if kinds.iter().any(|k| k == "person") && kinds.len() == 1 => {
                    complement(&self.organization)
                }
                Test::OneOf(kinds) if kinds.len() == 1 => self.organization.clone(),
                _ => self.live.clone(),
            },
            FilterField::Tag => self.tags.test(test, &self.live),
            FilterField::Conversations => {
                let (from, to) = match test {
                    Test::Number(from, to) => (from.unwrap_or(0.0), to.unwrap_or(f64::MAX)),
                    Test::None => (0.0, 0.0),
                    _ => (1.0, f64::MAX),
                };
                columns::between(&self.conversations, from.max(0.0) as u32, to.clamp(0.0, u32::MAX.into()) as u32)
            }
            FilterField::Created => times(&self.created, test, now),
            FilterField::Updated => times(&self.updated, test, now),
            FilterField::FirstSeen => times(&self.first_seen, test, now),
            FilterField::Seen => times(&self.last_seen, test, now),
            FilterField::Archived => match test {
                Test::None | Test::Set => presence(&self.archived),
                test => {
                    let mut found = vec![0; words];
                    for (slot, at) in &self.archived_at {
                        let passes = times(&[*at], test, now).first().is_some_and(|word| word & 1 == 1);
                        put(&mut found, *slot, passes);
                    }
                    found
                }
            },
            FilterField::Page => self.page.as_ref().map_or_else(|| vec![0; words], |page| page.test(test, &self.live)),
            FilterField::Action => presence(&named(self.actions.iter().flatten(), test, words)),
            FilterField::Remote => presence(&named(&self.remotes, test, words)),
            // What is not read says that nobody may be used.
            FilterField::Purpose => self
                .uses
                .as_ref()
                .map_or_else(|| vec![0; words], |uses| uses.for_purpose(test, &self.purposes, &self.live)),
            FilterField::Restriction => {
                self.uses.as_ref().map_or_else(|| vec![0; words], |uses| uses.restricted(test, &self.live))
            }
            FilterField::Custom(key) => match self.custom.get(key) {
                Some(column) => column.test(test, &self.live),
                None => presence(&vec![0; words]),
            },
        }
    }
}

/// Everybody under a name that passes; to be asked for its presence, everybody under any.
fn named<'n>(all: impl IntoIterator<Item = (&'n String, &'n Bits)>, test: &Test, words: usize) -> Bits {
    let passes = |name: &str| match test {
        Test::None | Test::Set => true,
        Test::OneOf(wanted) => wanted.iter().any(|one| text::fold_label(one) == name),
        Test::Contains(part) => name.contains(&text::fold_label(part)),
        _ => false,
    };
    let mut found = vec![0; words];
    for (_, bits) in all.into_iter().filter(|(name, _)| passes(name)) {
        found.iter_mut().zip(bits).for_each(|(mine, theirs)| *mine |= theirs);
    }
    found
}

/// Times are whole seconds; 0 is "never", and sorts first.
fn times(column: &[u32], test: &Test, now: Millis) -> Bits {
    const DAY: i64 = 86_400;
    let now = now.0.div_euclid(1000);
    let clamp = |at: i64| at.clamp(1, i64::from(u32::MAX)) as u32;
    let (from, to) = match test {
        Test::None => (NO_TIME, NO_TIME),
        Test::WithinDays(days) => (clamp(now - i64::from(*days) * DAY), u32::MAX),
        // Longer ago, or never.
        Test::NotWithinDays(days) => (NO_TIME, clamp(now - i64::from(*days) * DAY - 1)),
        Test::Today => (clamp(now - now.rem_euclid(DAY)), u32::MAX),
        Test::Between(from, to) => (
            from.map_or(1, |at| clamp(at.0.div_euclid(1000))),
            to.map_or(u32::MAX, |at| clamp((at.0 - 1).div_euclid(1000))),
        ),
        _ => (1, u32::MAX),
    };
    columns::between(column, from, to)
}

fn custom_keys(filter: &Filter, keys: &mut Vec<String>) {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().for_each(|part| custom_keys(part, keys)),
        Filter::Not(part) => custom_keys(part, keys),
        Filter::Is(FilterField::Custom(key), _) => keys.push(key.clone()),
        Filter::Is(..) => {}
    }
}

/// The folded text a contact is found by: name, nick and handles; emails;
/// digits of phones. The parts are kept apart, so that nothing is found across them.
fn searched(brief: &Brief<'_>, out: &mut String) {
    out.clear();
    let more =
        |field: &'static str| brief.more.iter().filter(move |(f, _)| f == field).map(|(_, value)| value.as_str());
    fold_line(brief.name, out);
    for part in std::iter::once(brief.nick).chain(more("handle")).filter(|part| !part.is_empty()) {
        out.push(pack::VALUE);
        fold_line(part, out);
    }
    out.push(pack::PART);
    fold_line(brief.email, out);
    for email in more("email") {
        out.push(pack::VALUE);
        fold_line(email, out);
    }
    out.push(pack::PART);
    out.push_str(&text::digits(brief.phone));
    for phone in more("phone") {
        out.push(pack::VALUE);
        out.push_str(&text::digits(phone));
    }
}

/// Folds a value into its line: a line end or a separator in it would be taken
/// for one of ours.
fn fold_line(value: &str, out: &mut String) {
    if value.contains(|c: char| c.is_ascii_control()) {
        text::fold_into(&value.replace(|c: char| c.is_ascii_control(), " "), out);
    } else {
        text::fold_into(value, out);
    }
}

fn seconds(at: Option<Millis>) -> u32 {
    at.map_or(NO_TIME, |at| at.0.div_euclid(1000).clamp(1, i64::from(u32::MAX)) as u32)
}

pub(crate) fn get(bits: &[u64], slot: Slot) -> bool {
    bits.get(slot as usize / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
}

pub(crate) fn put(bits: &mut Bits, slot: Slot, value: bool) {
    let word = slot as usize / 64;
    if bits.len() <= word {
        bits.resize(word + 1, 0);
    }
    let mask = 1 << (slot % 64);
    if value {
        bits[word] |= mask;
    } else {
        bits[word] &= !mask;
    }
}

/// The members of a set.
fn slots(bits: &Bits) -> impl Iterator<Item = Slot> {
    (0u32..).zip(bits).flat_map(|(word, bits)| {
        let mut left = *bits;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros();
            (left != 0).then(|| {
                left &= left - 1;
                word * 64 + bit
            })
        })
    })
}

fn clear(bits: &mut Bits, slot: Slot) {
    put(bits, slot, false);
}

fn set(column: &mut Vec<u32>, slot: Slot, value: u32) {
    if column.len() <= slot as usize {
        column.resize(slot as usize + 1, 0);
    }
    column[slot as usize] = value;
}

fn without(mine: &mut Bits, theirs: &Bits) {
    mine.iter_mut().zip(theirs).for_each(|(word, other)| *word &= !other);
}

fn and(mine: &mut Bits, theirs: &Bits) {
    for (at, word) in mine.iter_mut().enumerate() {
        *word &= theirs.get(at).copied().unwrap_or(0);
    }
}
