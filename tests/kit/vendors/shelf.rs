//! The records of a fake: what is there, what was there, and what its searches know of.

use super::{
    call::{self, text},
    habits::Habits,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// When a fake begins: 2026-11-21T09:00:00Z, where the clock of the tests begins too.
const BEGIN_MS: i64 = 1_795_251_600_000;
/// Each write is so much later than the one before: several in one second.
const STEP_MS: i64 = 7;

/// A record.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// The so-manieth that was made.
    pub(super) number: u64,
    /// How the vendor calls it.
    pub(super) id: String,
    /// What it says, in the words of the vendor.
    pub(super) said: Value,
    pub(super) made_ms: i64,
    pub(super) moved_ms: i64,
}

/// What became of a record that is not there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gone {
    /// It is kept out of sight, and can be brought back.
    Archived,
    /// Nothing of it is left.
    Deleted,
    /// It is part of the record with this id.
    Merged(String),
}

/// Where records are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// As they are.
    Now,
    /// As searches know them.
    Index,
}

/// Rows of a list.
pub(super) struct Page {
    pub(super) rows: Vec<Value>,
    /// The number of the last record in it.
    pub(super) last: u64,
    /// How many of the list come before what follows.
    pub(super) end: usize,
    pub(super) total: usize,
}

impl Page {
    pub(super) fn is_last(&self) -> bool {
        self.end >= self.total
    }
}

pub(super) struct Shelf {
    records: BTreeMap<u64, Record>,
    /// As searches know them, where that is not how they are.
    index: Option<BTreeMap<u64, Record>>,
    numbers: HashMap<String, u64>,
    gone: BTreeMap<String, (Gone, Record)>,
    /// Records by what they say at the places that are looked up often.
    keys: HashMap<(&'static str, String), BTreeSet<u64>>,
    looked_up: &'static [&'static str],
    id_of: fn(u64) -> String,
    last: u64,
    now_ms: i64,
    /// Cursors of another number are not known any more.
    epoch: u64,
    pub(super) habits: Habits,
    /// What records may say, by name, as the vendor describes it.
    pub(super) attributes: BTreeMap<String, Value>,
    /// What belongs to a record beside its fields, by its id and the kind: tasks, conversations.
    pub(super) parts: BTreeMap<(String, String), Vec<Value>>,
    /// Emails that nobody may have any more.
    pub(super) blocked: BTreeSet<String>,
}

impl Shelf {
    pub(super) fn new(id_of: fn(u64) -> String, looked_up: &'static [&'static str]) -> Self {
        Self {
            records: BTreeMap::new(),
            index: None,
            numbers: HashMap::new(),
            gone: BTreeMap::new(),
            keys: HashMap::new(),
            looked_up,
            id_of,
            last: 0,
            now_ms: BEGIN_MS,
            epoch: 0,
            habits: Habits::default(),
            attributes: BTreeMap::new(),
            parts: BTreeMap::new(),
            blocked: BTreeSet::new(),
        }
    }

    /// Makes a record.
    pub(super) fn make(&mut self, said: Value) -> u64 {
        self.last += 1;
        let (number, at) = (self.last, self.tick());
        let record = Record { number, id: (self.id_of)(number), said, made_ms: at, moved_ms: at };
        self.numbers.insert(record.id.clone(), number);
        self.enter(&record);
        self.records.insert(number, record);
        number
    }

    /// A record says something else from now on.
    pub(super) fn change(&mut self, number: u64, change: impl FnOnce(&mut Value)) {
        let at = self.tick();
        let Some(mut record) = self.records.remove(&number) else { return };
        self.leave(&record);
        change(&mut record.said);
        record.moved_ms = at;
        self.enter(&record);
        self.records.insert(number, record);
    }

    /// A record is not there any more; whether it was.
    pub(super) fn remove(&mut self, number: u64, how: Gone) -> bool {
        let at = self.tick();
        let Some(mut record) = self.records.remove(&number) else { return false };
        self.leave(&record);
        self.numbers.remove(&record.id);
        record.moved_ms = at;
        self.gone.insert(record.id.clone(), (how, record));
        true
    }

    /// Forgets what is known of a record that is gone.
    pub(super) fn forget(&mut self, id: &str) {
        self.gone.remove(id);
    }

    pub(super) fn record(&self, number: u64) -> Option<&Record> {
        self.records.get(&number)
    }

    /// The record that the vendor calls so.
    pub(super) fn named(&self, id: &str) -> Option<&Record> {
        self.records.get(self.numbers.get(id)?)
    }

    /// What became of the record that was called so.
    pub(super) fn gone(&self, id: &str) -> Option<&Gone> {
        self.gone.get(id).map(|(gone, _)| gone)
    }

    /// Records that became part of others, with the ids of those.
    pub(super) fn merged(&self) -> impl Iterator<Item = (&Record, &str)> {
        self.gone.values().filter_map(|(gone, record)| match gone {
            Gone::Merged(into) => Some((record, into.as_str())),
            Gone::Archived | Gone::Deleted => None,
        })
    }

    /// Records that are kept out of sight, by their numbers.
    pub(super) fn archived(&self) -> Vec<&Record> {
        let archived = self.gone.values().filter(|(gone, _)| *gone == Gone::Archived);
        let mut records: Vec<&Record> = archived.map(|(_, record)| record).collect();
        records.sort_by_key(|record| record.number);
        records
    }

    /// The first record that says this there.
    pub(super) fn saying(&self, pointer: &str, wanted: &str) -> Option<&Record> {
        self.all_saying(pointer, wanted).into_iter().next()
    }

    /// All records that say this there, byte for byte.
    pub(super) fn all_saying(&self, pointer: &str, wanted: &str) -> Vec<&Record> {
        if let Some(place) = self.looked_up.iter().find(|place| **place == pointer) {
            let numbers = self.keys.get(&(*place, wanted.to_owned())).into_iter().flatten();
            return numbers.filter_map(|number| self.records.get(number)).collect();
        }
        self.records.values().filter(|record| text(&record.said, pointer) == wanted).collect()
    }

    /// Whether another record says the same there, and that may not be.
    pub(super) fn is_taken(&self, pointer: &str, said: &Value, by_other_than: Option<u64>) -> Option<&Record> {
        let wanted = text(said, pointer);
        if wanted.is_empty() || self.habits.duplicates {
            return None;
        }
        self.all_saying(pointer, &wanted).into_iter().find(|record| Some(record.number) != by_other_than)
    }

    pub(super) fn count(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no room for so many more.
    pub(super) fn is_full(&self, more: usize) -> bool {
        self.habits.plan.is_some_and(|most| self.records.len() + more > most)
    }

    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.values()
    }

    /// Records as searches know them.
    pub(super) fn indexed(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.index.as_ref().unwrap_or(&self.records).values()
    }

    /// From now on searches lag behind, or know what there is.
    pub(super) fn behave(&mut self, habits: Habits) {
        self.index = habits.index_lag.then(|| self.records.clone());
        self.habits = habits;
    }

    /// Searches know what there is now.
    pub(super) fn catch_up(&mut self) {
        if self.index.is_some() {
            self.index = Some(self.records.clone());
        }
    }

    /// Rows from a place on of a list of numbers, with the habits of pages.
    pub(super) fn page(
        &mut self,
        view: View,
        numbers: &[u64],
        start: usize,
        size: usize,
        say: impl Fn(&Record) -> Value,
    ) -> Page {
        let size = self.length(size);
        let end = (start + size).min(numbers.len());
        // Nothing comes again after the end: somebody may wait for an empty page.
        let again = if self.habits.repeat_page && start < end { size.div_ceil(2).min(start) } else { 0 };
        let shown = numbers.get(start.min(end) - again..end).unwrap_or_default();
        let all = match view {
            View::Now => &self.records,
            View::Index => self.index.as_ref().unwrap_or(&self.records),
        };
        let rows = shown.iter().filter_map(|number| all.get(number)).map(say).collect();
        let page = Page { rows, last: shown.last().copied().unwrap_or(0), end, total: numbers.len() };
        if self.habits.shift > 0 && !page.is_last() && start < end {
            self.habits.shift -= 1;
            self.remove(numbers[start], Gone::Deleted);
        }
        page
    }

    /// How long a page is of which somebody wants so much.
    pub(super) fn length(&self, size: usize) -> usize {
        let size = self.habits.short_pages.map_or(size, |most| size.min(most));
        if self.habits.half_pages { size.div_ceil(2).max(1) } else { size.max(1) }
    }

    /// How many of the records that are asked for together are answered.
    pub(super) fn answered(&self, asked: usize) -> usize {
        if self.habits.half_pages { asked.div_ceil(2) } else { asked }
    }

    /// A cursor to behind a record. It has signs in it that a query must not have as they are.
    pub(super) fn cursor(&self, number: u64) -> String {
        format!("A+{}/{number}==", self.epoch)
    }

    /// Behind which record a cursor goes on; nothing when it is not known any more.
    pub(super) fn place(&self, cursor: &str) -> Option<u64> {
        let (epoch, number) = cursor.strip_prefix("A+")?.strip_suffix("==")?.split_once('/')?;
        let is_known = epoch.parse::<u64>().is_ok_and(|epoch| epoch == self.epoch);
        number.parse().ok().filter(|_| is_known)
    }

    /// No cursor that was given so far is known any more.
    pub(super) fn expire(&mut self) {
        self.epoch += 1;
    }

    /// What is left of a record that is written, after the fields that get lost.
    pub(super) fn stripped(&self, said: &Value) -> Value {
        let mut left = said.clone();
        self.habits.strip.iter().for_each(|pointer| call::take(&mut left, pointer));
        left
    }

    /// The word in a record for which it is not taken.
    pub(super) fn refused(&self, said: &Value) -> Option<&str> {
        let text = said.to_string();
        self.habits.refuse.iter().map(String::as_str).find(|word| text.contains(word))
    }

    /// What its clock says.
    pub(super) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub(super) fn pass(&mut self, ms: i64) {
        self.now_ms += ms;
    }

    fn tick(&mut self) -> i64 {
        self.now_ms += STEP_MS;
        self.now_ms
    }

    fn enter(&mut self, record: &Record) {
        for place in self.looked_up {
            let said = text(&record.said, place);
            if !said.is_empty() {
                self.keys.entry((*place, said)).or_default().insert(record.number);
            }
        }
    }

    fn leave(&mut self, record: &Record) {
        for place in self.looked_up {
            let key = (*place, text(&record.said, place));
            if let Some(numbers) = self.keys.get_mut(&key) {
                numbers.remove(&record.number);
                if numbers.is_empty() {
                    self.keys.remove(&key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shelf(count: u64) -> Shelf {
        let mut shelf = Shelf::new(|number| format!("r{number}"), &["/key"]);
        (0..count).for_each(|n| {
            shelf.make(json!({ "key": format!("u-{n}"), "more": n }));
        });
        shelf
    }

    fn read(shelf: &mut Shelf, start: usize, size: usize) -> (Vec<u64>, usize) {
        let numbers: Vec<u64> = shelf.records().map(|record| record.number).collect();
        let page = shelf.page(View::Now, &numbers, start, size, |record| Value::from(record.number));
        (page.rows.iter().filter_map(Value::as_u64).collect(), page.end)
    }

    #[test]
    fn a_record_is_found_by_what_it_says_now() {
        let mut shelf = shelf(3);
        assert_eq!(shelf.saying("/key", "u-1").map(|record| record.number), Some(2));
        shelf.change(2, |said| said["key"] = json!("u-9"));
        assert!(shelf.saying("/key", "u-1").is_none());
        assert_eq!(shelf.saying("/key", "u-9").map(|record| record.id.as_str()), Some("r2"));
        assert_eq!(shelf.saying("/more", "2").map(|record| record.number), Some(3));
        assert!(shelf.remove(2, Gone::Merged("r1".into())));
        assert!(shelf.saying("/key", "u-9").is_none() && shelf.named("r2").is_none());
        assert_eq!(shelf.gone("r2"), Some(&Gone::Merged("r1".into())));
    }

    #[test]
    fn pages_are_halved_repeated_and_shifted_by_habit() {
        let mut shelf = shelf(10);
        assert_eq!(read(&mut shelf, 0, 4), (vec![1, 2, 3, 4], 4));
        shelf.behave(Habits { half_pages: true, ..Habits::default() });
        assert_eq!(read(&mut shelf, 4, 4), (vec![5, 6], 6));
        shelf.behave(Habits { repeat_page: true, ..Habits::default() });
        assert_eq!(read(&mut shelf, 4, 4), (vec![3, 4, 5, 6, 7, 8], 8));
        assert_eq!(read(&mut shelf, 20, 4), (vec![], 10));
        shelf.behave(Habits { shift: 1, ..Habits::default() });
        assert_eq!(read(&mut shelf, 0, 4), (vec![1, 2, 3, 4], 4));
        assert_eq!(read(&mut shelf, 4, 4), (vec![6, 7, 8, 9], 8), "one moved up and is in no page");
        assert!(shelf.named("r5").is_some() && shelf.named("r1").is_none());
    }

    #[test]
    fn a_search_may_know_less_than_there_is() {
        let mut shelf = shelf(2);
        shelf.behave(Habits { index_lag: true, ..Habits::default() });
        shelf.make(json!({ "key": "u-2" }));
        shelf.change(1, |said| said["more"] = json!("new"));
        assert_eq!((shelf.records().count(), shelf.indexed().count()), (3, 2));
        shelf.catch_up();
        assert_eq!(shelf.indexed().filter(|record| record.said["more"] == "new").count(), 1);
    }

    #[test]
    fn a_cursor_is_known_until_all_are_forgotten() {
        let mut shelf = shelf(1);
        let cursor = shelf.cursor(17);
        assert_eq!((shelf.place(&cursor), shelf.place("17")), (Some(17), None));
        shelf.expire();
        assert_eq!(shelf.place(&cursor), None);
    }
}
