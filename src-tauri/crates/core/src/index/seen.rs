//! Whom other programs see: what passes a search and a filter, without those whose data may
//! not be used. In the order they were made, so that a program can go on where it was while
//! others write: a place is never given twice.

use super::{Bits, Index, Search, SortKey, get, put, uses::Uses};
use cardfile_domain::{Filter, Millis, consent::Purpose};
use cardfile_store::{ContactRow, Reader, SqlResult};

/// What a program asks for.
pub(crate) struct Seen<'a> {
    pub(crate) search: Search<'a>,
    pub(crate) filter: &'a Filter,
    /// Nobody is seen who may not be used for these.
    pub(crate) purposes: &'a [Purpose],
    pub(crate) in_bin: bool,
    pub(crate) now: Millis,
}

/// Some of those who are seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) rows: Vec<ContactRow>,
    /// How many there are in all.
    pub(crate) total: u32,
    /// Whether others follow.
    pub(crate) more: bool,
}

impl Index {
    /// Those after a place, at most so many.
    pub(crate) fn page(
        &mut self,
        reader: Reader<'_>,
        seen: &Seen<'_>,
        after: ContactRow,
        limit: usize,
    ) -> SqlResult<Page> {
        let passing = self.seen(reader, seen, &[])?;
        let total = passing.iter().map(|word| word.count_ones()).sum();
        let mut page = Page { rows: Vec::new(), total, more: false };
        let end = u32::try_from(self.slot_of.len()).unwrap_or(u32::MAX);
        // By place and not by slot: what an undo brought back has a late slot and an early place.
        for row in after.saturating_add(1)..end {
            if self.slot(row).is_some_and(|slot| get(&passing, slot)) {
                if page.rows.len() == limit {
                    page.more = true;
                    break;
                }
                page.rows.push(row);
            }
        }
        Ok(page)
    }

    /// All of them in an order.
    pub(crate) fn seen_in_order(
        &mut self,
        reader: Reader<'_>,
        seen: &Seen<'_>,
        sort: &[(SortKey, bool)],
    ) -> SqlResult<Vec<ContactRow>> {
        let passing = self.seen(reader, seen, sort)?;
        Ok(self.in_order(&passing, sort))
    }

    fn seen(&mut self, reader: Reader<'_>, seen: &Seen<'_>, sort: &[(SortKey, bool)]) -> SqlResult<Bits> {
        self.prepare(reader, seen.filter, sort)?;
        let mut passing = self.passing(reader, seen.search, seen.filter, seen.in_bin, seen.now)?;
        self.leave(reader, seen.purposes, &mut passing)?;
        Ok(passing)
    }

    /// Those of some who are still in the bin or still outside it, and may still be used.
    pub(crate) fn still(
        &mut self,
        reader: Reader<'_>,
        rows: &[ContactRow],
        purposes: &[Purpose],
        in_bin: bool,
    ) -> SqlResult<Vec<ContactRow>> {
        let mut passing: Bits = vec![0; self.live.len()];
        for slot in rows.iter().filter_map(|row| self.slot(*row)) {
            if get(&self.live, slot) && get(&self.binned, slot) == in_bin {
                put(&mut passing, slot, true);
            }
        }
        self.leave(reader, purposes, &mut passing)?;
        let is_here = |row: &ContactRow| self.slot(*row).is_some_and(|slot| get(&passing, slot));
        Ok(rows.iter().copied().filter(is_here).collect())
    }

    /// Takes out who is restricted, and who may not be used for one of the purposes.
    fn leave(&mut self, reader: Reader<'_>, purposes: &[Purpose], passing: &mut Bits) -> SqlResult<()> {
        let asks_consents = !purposes.is_empty();
        // Mostly nobody is restricted, and then nobody is asked about.
        if !asks_consents && !reader.restrictions().any_in_force()? {
            return Ok(());
        }
        if self.uses.as_ref().is_none_or(|uses| asks_consents && !uses.knows_consents) {
            let uses = Uses::read(reader, asks_consents, |row| self.slot(row))?;
            self.uses = Some(uses);
        }
        if let Some(uses) = &self.uses {
            uses.leave(passing, None);
            for purpose in purposes {
                uses.leave(passing, Some(purpose));
            }
        }
        Ok(())
    }
}
