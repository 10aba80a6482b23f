//! What the register of requests says of a person.

use super::search::{Search, link_of};
use crate::request::Requests;
use cardfile_domain::suppression::MarkKind;
use std::collections::BTreeSet;

impl Search<'_> {
    /// Requests by whatever the person is known by. One that is open and only names them is
    /// somebody else's, who still waits for an answer.
    pub(super) fn requests(&mut self) -> rusqlite::Result<()> {
        let person = &self.person;
        let known_by: BTreeSet<String> = person
            .marks
            .iter()
            .filter_map(|mark| match mark.kind {
                MarkKind::Email | MarkKind::OwnId => Some(mark.value.clone()),
                MarkKind::Phone => Some(format!("+{}", mark.value)),
                MarkKind::ExternalId => Some(link_of(&mark.value).external_id),
                MarkKind::Conversation | MarkKind::ImportRow | MarkKind::Record => None,
            })
            .collect();
        let is_by = |subject: &str| !subject.is_empty() && known_by.contains(subject);
        let found = Requests(self.db).naming(is_by, |text| person.needles.mentions(text))?;
        self.person.requests = found;
        Ok(())
    }
}
