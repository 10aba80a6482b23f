//! Two tables walked side by side.

use crate::contact::ContactRow;
use rusqlite::Row;

/// A cursor over a table of parts that waits for its contact to come by.
pub(crate) struct Ahead<'s> {
    rows: rusqlite::Rows<'s>,
    contact: Option<ContactRow>,
}

impl<'s> Ahead<'s> {
    pub(crate) fn new(mut rows: rusqlite::Rows<'s>) -> rusqlite::Result<Self> {
        let contact = rows.next()?.map(|row| row.get(0)).transpose()?;
        Ok(Self { rows, contact })
    }

    pub(crate) fn take(
        &mut self,
        contact: ContactRow,
        mut part: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        while self.contact.is_some_and(|at| at <= contact) {
            if self.contact == Some(contact)
                && let Some(row) = self.rows.get_ref_current()
            {
                part(row)?;
            }
            self.contact = self.rows.next()?.map(|row| row.get(0)).transpose()?;
        }
        Ok(())
    }
}

trait Current<'s> {
    fn get_ref_current(&self) -> Option<&Row<'s>>;
}

impl<'s> Current<'s> for rusqlite::Rows<'s> {
    fn get_ref_current(&self) -> Option<&Row<'s>> {
        use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
        FallibleStreamingIterator::get(self)
    }
}
