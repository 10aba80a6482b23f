//! All reads of a workspace, table by table.

use crate::{
    agent::Agents, audit::AuditLog, bridge::Bridges, change::Changes, client::Clients, client_deed::ClientDeeds,
    consent::Consents, contact::Contacts, custom_field::CustomFields, disclosure::Disclosures, erasure::Erasures,
    export_log::ExportLog, held::Holdings, identity_key::IdentityKeys, import_memory::ImportMemory, lead::Leads,
    link::Links, operation::Operations, pair::Pairs, part::Parts, person::Persons, purpose::Purposes, remote::Remotes,
    request::Requests, restriction::Restrictions, retention::Retention, setting::Settings, subject::Subjects,
    suppression::Suppressions, sync_run::SyncRuns, tag::Tags, texts::Texts, webhook::Webhooks,
};
use rusqlite::Connection;

/// A connection that is only read from.
#[derive(Clone, Copy)]
pub struct Reader<'c>(pub(crate) &'c Connection);

impl<'c> Reader<'c> {
    /// Contacts.
    pub fn contacts(self) -> Contacts<'c> {
        Contacts(self.0)
    }

    /// Tags.
    pub fn tags(self) -> Tags<'c> {
        Tags(self.0)
    }

    /// External IDs.
    pub fn links(self) -> Links<'c> {
        Links(self.0)
    }

    /// Definitions of custom fields.
    pub fn custom_fields(self) -> CustomFields<'c> {
        CustomFields(self.0)
    }

    /// Settings.
    pub fn settings(self) -> Settings<'c> {
        Settings(self.0)
    }

    /// The history.
    pub fn operations(self) -> Operations<'c> {
        Operations(self.0)
    }

    /// Parts of cards.
    pub fn parts(self) -> Parts<'c> {
        Parts(self.0)
    }

    /// Full-text search.
    pub fn texts(self) -> Texts<'c> {
        Texts(self.0)
    }

    /// The change log.
    pub fn changes(self) -> Changes<'c> {
        Changes(self.0)
    }

    /// Exports.
    pub fn export_log(self) -> ExportLog<'c> {
        ExportLog(self.0)
    }

    /// Configured outside systems.
    pub fn remotes(self) -> Remotes<'c> {
        Remotes(self.0)
    }

    /// What is known of contacts at them.
    pub fn pairs(self) -> Pairs<'c> {
        Pairs(self.0)
    }

    /// What of that the database of a team does not know yet.
    pub fn bridges(self) -> Bridges<'c> {
        Bridges(self.0)
    }

    /// When they were synced.
    pub fn sync_runs(self) -> SyncRuns<'c> {
        SyncRuns(self.0)
    }

    /// What erased persons are known by.
    pub fn suppressions(self) -> Suppressions<'c> {
        Suppressions(self.0)
    }

    /// Erasures, and what their recipients were told.
    pub fn erasures(self) -> Erasures<'c> {
        Erasures(self.0)
    }

    /// Everything that is kept of a person.
    pub fn persons(self) -> Persons<'c> {
        Persons(self.0)
    }

    /// What remotes got of contacts.
    pub fn disclosures(self) -> Disclosures<'c> {
        Disclosures(self.0)
    }

    /// Whose data is where.
    pub fn subjects(self) -> Subjects<'c> {
        Subjects(self.0)
    }

    /// What is held of a person, table by table.
    pub fn holdings(self) -> Holdings<'c> {
        Holdings(self.0)
    }

    /// What contacts said of purposes.
    pub fn consents(self) -> Consents<'c> {
        Consents(self.0)
    }

    /// What may not be done with the data of contacts.
    pub fn restrictions(self) -> Restrictions<'c> {
        Restrictions(self.0)
    }

    /// Purposes and their wordings.
    pub fn purposes(self) -> Purposes<'c> {
        Purposes(self.0)
    }

    /// The register of requests.
    pub fn requests(self) -> Requests<'c> {
        Requests(self.0)
    }

    /// Retention rules, their runs and what their time is over.
    pub fn retention(self) -> Retention<'c> {
        Retention(self.0)
    }

    /// The audit log.
    pub fn audit_log(self) -> AuditLog<'c> {
        AuditLog(self.0)
    }

    /// Who is told when something happens to a contact.
    pub fn webhooks(self) -> Webhooks<'c> {
        Webhooks(self.0)
    }

    /// Agents: clients, grants, proposals and calls.
    pub fn agents(self) -> Agents<'c> {
        Agents(self.0)
    }

    /// Programs that may come in through a door.
    pub fn clients(self) -> Clients<'c> {
        Clients(self.0)
    }

    /// What they asked for under keys of their own.
    pub fn client_deeds(self) -> ClientDeeds<'c> {
        ClientDeeds(self.0)
    }

    /// Keys with which other systems prove who somebody is.
    pub fn identity_keys(self) -> IdentityKeys<'c> {
        IdentityKeys(self.0)
    }

    /// Leads that wait for a person.
    pub fn leads(self) -> Leads<'c> {
        Leads(self.0)
    }

    /// Records that earlier imports brought in.
    pub fn import_memory(self) -> ImportMemory<'c> {
        ImportMemory(self.0)
    }
}
