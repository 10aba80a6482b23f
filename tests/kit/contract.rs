//! What is promised of every connection, whatever system it is with: one list of promises, tried
//! on every remote that can be had, fake or real, with a table of what came of it.
//!
//! A remote that cannot do something says so, and why: that stands in the table too.

mod address_book;
mod deeds;
mod faults;
mod scene;
mod vendor;

pub use address_book::{card_of, person_of};
pub use scene::{NAME, Scene};

use crate::{Workspace, fake_remote::Held, vendors::Person};
use std::{
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Writes a person at a remote, from another thread.
pub type Write = Box<dyn Fn(&Person) + Send>;

/// A remote with people in it, as somebody sees it who uses it beside us.
pub trait Counterpart: Sync {
    /// A person connects a workspace with it, under this name.
    fn connect(&self, ws: &Workspace, name: &str);

    /// Somebody makes a record, or makes the one with this ID say this.
    fn put(&self, person: &Person);

    /// Somebody deletes the record with this ID.
    fn delete(&self, external_id: &str);

    /// Everybody, in order.
    fn people(&self) -> Vec<Person>;

    /// Requests that would have changed a record, so far.
    fn writes(&self) -> u64;

    /// So many days go by.
    fn pass_days(&self, _: i64) {}

    /// From now on it behaves like this; `false` when it never does.
    fn behave(&self, _: Habit) -> bool {
        false
    }

    /// Whether who was told to wait came all the same.
    fn was_hurried(&self) -> bool {
        false
    }

    /// Holds up the next request that reads, or that writes. Nothing when that cannot be done.
    fn hold(&self, _writes: bool) -> Option<Held> {
        None
    }

    /// Somebody else, who writes in the meantime, on another thread.
    fn other(&self) -> Option<Write> {
        None
    }

    /// Somebody puts something into the record with this ID that nobody mapped; `false` when that
    /// cannot be done.
    fn mark(&self, _external_id: &str) -> bool {
        false
    }

    /// Whether that is still there.
    fn is_marked(&self, _external_id: &str) -> bool {
        false
    }

    /// Somebody makes a second record with the same ID; `false` when the remote makes none.
    fn put_twin(&self, _: &Person) -> bool {
        false
    }

    /// Somebody makes one record of two, and the first one goes; `false` when the remote does not
    /// say so.
    fn merge(&self, _from: &str, _into: &str) -> bool {
        false
    }

    /// Searches know all that is there from now on.
    fn index(&self) {}

    /// Cursors that were given are not known any more; `false` when there are none.
    fn expire(&self) -> bool {
        false
    }
}

/// What a remote does worse than it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Nothing.
    None,
    /// Each third request is sent away, and may come again after a second.
    Busy,
    /// Each third request is sent away without a word of when.
    BusyWithoutAWord,
    /// Each third request meets a fault.
    Faults,
    /// Every write is done, and nobody hears of it.
    LosesAnswers,
    /// Answers have half of what was asked for.
    HalfPages,
    /// Pages begin with the end of the one before.
    RepeatsPages,
    /// Somebody deletes a record of each page that was read.
    Shifts,
    /// Phones that are written get lost without a word.
    DropsPhones,
    /// Nobody may be called Captain.
    RefusesCaptains,
    /// The same, and one that is not taken makes a batch fail as a whole.
    RefusesBatchesOfCaptains,
    /// Nobody can be deleted.
    RefusesDeletions,
    /// Results of a batch come in another order.
    Reorders,
    /// Searches know nothing of what is written from now on.
    Lags,
}

/// A kind of remote.
pub struct Candidate {
    /// What people call it.
    pub name: &'static str,
    /// A new one, with nobody in it.
    pub start: fn() -> Box<dyn Counterpart>,
    /// Why a promise cannot be asked of it, by the name of the promise.
    pub cannot: fn(&str) -> Option<&'static str>,
}

/// Tries a promise at a remote.
pub type Keep = fn(&Candidate) -> Kept;

/// What is promised.
pub struct Promise {
    /// As a sentence.
    pub name: &'static str,
    /// Panics when it is not kept.
    pub keep: Keep,
}

/// What came of trying a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Yes,
    /// This remote cannot be brought to the case.
    NoCase,
}

/// All promises.
pub fn promises() -> Vec<Promise> {
    [deeds::PROMISES, faults::PROMISES].concat().into_iter().map(|(name, keep)| Promise { name, keep }).collect()
}

/// The fakes of all vendors, and the address book in memory.
pub fn fakes() -> Vec<Candidate> {
    vendor::candidates().into_iter().chain([address_book::CANDIDATE]).collect()
}

/// What became of one promise at one remote.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Kept,
    Cannot(&'static str),
    Broken,
}

/// What became of all promises at all remotes.
pub struct Table {
    names: Vec<&'static str>,
    rows: Vec<(&'static str, Vec<Cell>)>,
}

/// Tries every promise on every remote; the remotes side by side.
pub fn tried(candidates: &[Candidate]) -> Table {
    let promises = promises();
    let columns: Vec<Vec<Cell>> = std::thread::scope(|scope| {
        let promises = &promises;
        let column = |candidate| scope.spawn(move || promises.iter().map(|one| cell(candidate, one)).collect());
        let under_way: Vec<_> = candidates.iter().map(column).collect();
        under_way.into_iter().map(|one| one.join().expect("a column")).collect()
    });
    let row = |(at, promise): (usize, &Promise)| {
        (promise.name, columns.iter().map(|column| column[at].clone()).collect::<Vec<Cell>>())
    };
    Table {
        names: candidates.iter().map(|candidate| candidate.name).collect(),
        rows: promises.iter().enumerate().map(row).collect(),
    }
}

fn cell(candidate: &Candidate, promise: &Promise) -> Cell {
    if let Some(why) = (candidate.cannot)(promise.name) {
        return Cell::Cannot(why);
    }
    match catch_unwind(AssertUnwindSafe(|| (promise.keep)(candidate))) {
        Ok(Kept::Yes) => Cell::Kept,
        Ok(Kept::NoCase) => Cell::Cannot("it cannot be brought to this"),
        // What was wrong stands among what the test said.
        Err(_) => Cell::Broken,
    }
}

impl Table {
    /// Promises that are not kept, and by whom.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for (promise, cells) in &self.rows {
            let who = self.names.iter().zip(cells).filter(|(_, cell)| **cell == Cell::Broken);
            broken.extend(who.map(|(name, _)| format!("{name}: {promise}")));
        }
        broken
    }

    /// Whether a promise is kept by this remote, and not only cannot be asked of it.
    pub fn is_kept(&self, name: &str, promise: &str) -> bool {
        let at = self.names.iter().position(|known| *known == name);
        let row = self.rows.iter().find(|(known, _)| *known == promise);
        at.zip(row).is_some_and(|(at, (_, cells))| cells[at] == Cell::Kept)
    }

    /// For a reader: what is kept, and below it what cannot be done and why.
    pub fn text(&self) -> String {
        let widest = self.rows.iter().map(|(promise, _)| promise.chars().count()).max().unwrap_or(0);
        let mut text = format!("\n{:widest$}", "");
        for name in &self.names {
            let _ = write!(text, "  {name}");
        }
        let mut notes: Vec<&'static str> = Vec::new();
        for (promise, cells) in &self.rows {
            let _ = write!(text, "\n{promise:widest$}");
            for (name, cell) in self.names.iter().zip(cells) {
                let mark = match cell {
                    Cell::Kept => "yes".to_owned(),
                    Cell::Broken => "BROKEN".to_owned(),
                    Cell::Cannot(why) => {
                        let at = notes.iter().position(|note| note == why).unwrap_or_else(|| {
                            notes.push(*why);
                            notes.len() - 1
                        });
                        format!("({})", at + 1)
                    }
                };
                let width = name.chars().count();
                let _ = write!(text, "  {mark:^width$}");
            }
        }
        text.push('\n');
        for (at, note) in notes.iter().enumerate() {
            let _ = write!(text, "\n({}) {note}", at + 1);
        }
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_is_kept_what_is_broken_and_what_cannot_be_done() {
        let rows = vec![("one", vec![Cell::Kept, Cell::Cannot("No way.")]), ("two", vec![Cell::Broken, Cell::Kept])];
        let table = Table { names: vec!["Left", "Right"], rows };
        let text = "\n     Left  Right\none  yes    (1) \ntwo  BROKEN   yes \n\n(1) No way.\n";
        assert_eq!(table.text(), text);
        assert_eq!(table.broken(), ["Left: two"]);
        assert!(table.is_kept("Left", "one") && !table.is_kept("Right", "one"));
    }

    #[test]
    fn a_promise_that_panics_is_broken_and_the_others_are_tried() {
        let candidate = fakes().remove(0);
        let promise = |keep: fn(&Candidate) -> Kept| Promise { name: "one", keep };
        assert_eq!(cell(&candidate, &promise(|_| panic!("it is not so"))), Cell::Broken);
        assert_eq!(cell(&candidate, &promise(|_| Kept::Yes)), Cell::Kept);
    }
}
