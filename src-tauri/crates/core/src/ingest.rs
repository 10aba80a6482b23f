//! What other programs tell about contacts: a lead, an event, an action, a piece
//! of a conversation. Files come in here, and what programs say at the door.
//!
//! Who is meant is decided by [`resolve`]. Nobody known by nothing gets no card,
//! unless visitors of that source are to have one. An IP address is never kept.

mod declined;
mod settings;
mod told;

use crate::{
    conversations::{self, Incoming},
    core::{Core, Who},
    error::{Code, Error},
    join,
    privacy::{self, erasure::suppression},
    resolve::{Resolution, Rule, resolve},
};
use cardfile_domain::{
    Contact, Identity, Millis, OperationId, Sentence,
    consent::{Consent, Purpose},
    import::{Policy, merge},
    part::{Activity, Conversation},
    say,
    suppression::Mark,
};
use cardfile_formats::{
    record::shorten,
    signals::{Signal, signals},
};
use cardfile_store::{ContactRow, Lead, OpKind, StoreError, Tx};
use serde::Serialize;
use serde_json::{Map, Value, json};
use settings::Settings;
use std::path::Path;
use told::Told;

pub use declined::COUNT as DECLINED;
pub(crate) use settings::private_countries;
pub use settings::{PRIVATE_COUNTRIES, SESSION_DAYS, policies, set_policy};
pub(crate) use told::hold;

/// What became of the records of a file; the counts add up to `records`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestReport {
    /// Records read.
    pub records: u32,
    /// New contacts.
    pub created: u32,
    /// Contacts that were here.
    pub matched: u32,
    /// New visitors, where their source is to have cards of them.
    pub visitors: u32,
    /// Conversations of nobody known; they wait in the inbox.
    pub unattached: u32,
    /// Events of nobody known: nothing of them is kept.
    pub dropped: u32,
    /// Of people who were erased: nothing of them is kept either.
    pub suppressed: u32,
    /// People who declined: no card was made of them, and what they said is kept of nobody.
    pub declined: u32,
    /// People who may be somebody that is here: they wait for a person who says so.
    pub held: u32,
    /// Records that were not taken.
    pub rejected: Vec<conversations::RejectedLine>,
    /// Countries that were not kept, because the law asks for consent there.
    pub countries_left_out: u32,
    /// Why each contact was found or made, in the order of the records; at most
    /// [`SHOWN`].
    pub explained: Vec<Explained>,
    /// What became of each record, in their order; at most [`SHOWN`].
    #[serde(skip)]
    pub each: Vec<Ended>,
}

/// What becomes of somebody who may be here already, by a phone or a name at a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    /// They get a card, and whom they may be is said.
    Made,
    /// They wait for a person. So does what would replace values of a card, where the source is to ask,
    /// and an ID that a key proves, where only an email says whose it is.
    Held,
}

/// How one record ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Where it stands.
    pub line: u32,
    /// `created`, `matched`, `visitor`, `unattached`, `dropped`, `suppressed`, `declined`,
    /// `held` or `rejected`.
    pub outcome: &'static str,
    /// Whom it is about; nothing for who is not here.
    pub contact: Option<ContactRow>,
    /// Why it was not taken.
    pub message: Option<Sentence>,
}

/// What was decided about one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Where it stands in its file.
    pub line: u32,
    /// `ctc_…`
    pub contact: String,
    /// `matched by external ID V-17 at line`, `created`.
    pub why: String,
    /// Contacts that may be the same person, and why.
    pub suggestions: Vec<(String, String)>,
}

/// Decisions that are explained.
pub const SHOWN: usize = 1_000;
/// Records of one transaction.
const STEP: usize = 500;

/// Takes all records of a file, one operation. Bad records are named with their
/// line, the others are kept.
pub fn file(core: &Core, path: &Path, who: &Who) -> Result<(IngestReport, Option<OperationId>), Error> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    all(core, &name, signals(path)?, who)
}

/// The same for records that are here already.
pub fn all(
    core: &Core,
    subject: &str,
    records: Vec<Signal>,
    who: &Who,
) -> Result<(IngestReport, Option<OperationId>), Error> {
    all_told(core, subject, records, Doubtful::Made, who)
}

/// The same, and says what becomes of who may be here already.
pub fn all_told(
    core: &Core,
    subject: &str,
    records: Vec<Signal>,
    doubtful: Doubtful,
    who: &Who,
) -> Result<(IngestReport, Option<OperationId>), Error> {
    let settings = Settings::of(core)?;
    let mut report = IngestReport::default();
    let mut operation = core.store().begin(who.op(OpKind::Ingest, subject))?;
    let mut records = records.into_iter();
    let written = (|| {
        loop {
            let chunk: Vec<Signal> = records.by_ref().take(STEP).collect();
            if chunk.is_empty() {
                return Ok::<_, Error>(());
            }
            operation.chunk(|tx| {
                for signal in chunk {
                    report.records += 1;
                    let (line, before) = (signal.line, report.counted());
                    let taken = signal.members.map_err(Error::bad_request).and_then(|members| {
                        let held = (doubtful == Doubtful::Held).then(|| members.clone());
                        let told = Told::read(members, &settings, tx.now())?;
                        take(tx, &told, held, &settings, line, &mut report)
                    });
                    let (contact, message) = match taken {
                        Ok(contact) => (contact, None),
                        Err(error) if error.code == Code::BadRequest => {
                            let message = error.message;
                            report.rejected.push(conversations::RejectedLine { line, message: message.clone() });
                            (None, Some(message))
                        }
                        Err(error) => return Err(error),
                    };
                    if report.each.len() < SHOWN {
                        let outcome = report.ended_since(&before);
                        report.each.push(Ended { line, outcome, contact, message });
                    }
                }
                Ok(())
            })?;
        }
    })();
    if let Err(error) = written {
        operation.roll_back()?;
        return Err(error);
    }
    let counts = json!({ "records": report.records, "created": report.created, "matched": report.matched,
        "visitors": report.visitors, "unattached": report.unattached, "dropped": report.dropped,
        "suppressed": report.suppressed, "declined": report.declined, "held": report.held,
        "rejected": report.rejected.len(), "countries_left_out": report.countries_left_out });
    let operation = operation.finish(&counts)?;
    Ok((report, operation.map(|row| row.id)))
}

/// What the counts of a report are called, record by record.
const ENDS: [&str; 9] =
    ["created", "matched", "visitor", "unattached", "dropped", "suppressed", "declined", "held", "rejected"];

impl IngestReport {
    fn counted(&self) -> [u32; 9] {
        let rejected = self.rejected.len() as u32;
        let Self { created, matched, visitors, unattached, dropped, suppressed, declined, held, .. } = *self;
        [created, matched, visitors, unattached, dropped, suppressed, declined, held, rejected]
    }

    /// How the one record ended that came since.
    fn ended_since(&self, before: &[u32; 9]) -> &'static str {
        let now = self.counted();
        let place = before.iter().zip(&now).position(|(was, is)| was != is);
        place.map_or("", |place| ENDS[place])
    }
}

/// Takes a record; gives whom it is about. With `held`, what was told, somebody who may be here
/// waits for a person.
fn take(
    tx: &mut Tx<'_>,
    told: &Told,
    held: Option<Map<String, Value>>,
    settings: &Settings,
    line: u32,
    report: &mut IngestReport,
) -> Result<Option<ContactRow>, Error> {
    // Whoever speaks of a purpose that is not there is refused before anything is written.
    let said = told.consent.as_ref().map(|said| settings.said(said, &told.platform)).transpose()?.unwrap_or_default();
    let owner = owner_of_conversation(tx, told)?;
    if is_turned_away(tx, told, owner)? {
        report.suppressed += 1;
        return Ok(None);
    }
    if told.consent.as_ref().is_some_and(|said| !said.given) {
        declined::take(tx, told, &said, settings, report)?;
        return Ok(None);
    }
    if !told.identifies() {
        let row = take_visitor(tx, told, owner, settings, report)?;
        if let Some(row) = row
            && keep(tx, row, &said)?
        {
            tx.mirror_consents(row)?;
        }
        report.countries_left_out += u32::from(told.country_left_out);
        return Ok(row);
    }
    let found = resolve(tx.read(), &told.claims)?;
    let waits = match (found.contact, &held) {
        (_, None) => false,
        (None, Some(_)) => !found.suggestions.is_empty(),
        (Some(row), Some(_)) => settings.binds(told, &found) || is_asked_about(tx, row, told, settings)?,
    };
    if let Some(members) = held.filter(|_| waits) {
        tx.put_lead(&told.source, &told.kept(members), told.at)?;
        report.held += 1;
        return Ok(None);
    }
    put(tx, told, &found, (settings, &said), line, report).map(Some)
}

/// Puts what was told on the card of whom it is about, which is made when there is none.
fn put(
    tx: &mut Tx<'_>,
    told: &Told,
    found: &Resolution,
    (settings, said): (&Settings, &[(&Purpose, Consent)]),
    line: u32,
    report: &mut IngestReport,
) -> Result<ContactRow, Error> {
    let owner = owner_of_conversation(tx, told)?;
    // Before anything is written: a rejected record leaves nothing.
    let visitor = match owner {
        Some(owner) if found.contact == Some(owner) => None,
        Some(owner) if is_visitor(tx, owner)? => Some(owner),
        Some(_) => return Err(Error::bad_request(say!("its conversation belongs to somebody else here"))),
        None => None,
    };
    let (row, is_new) = match found.contact {
        Some(row) => (row, false),
        None => (tx.insert(new_card(told))?, true),
    };
    let is_said = keep(tx, row, said)?;
    if !is_new {
        recognize(tx, row, told, found, settings)?;
    }
    if is_said {
        tx.mirror_consents(row)?;
    }
    if let Some(visitor) = visitor {
        join::put(tx, visitor, row)?;
    }
    claim_session(tx, row, told, settings)?;
    add_parts(tx, row, told)?;
    if report.explained.len() < SHOWN {
        let explained = explain(tx, line, row, found)?;
        report.explained.push(explained);
    }
    report.countries_left_out += u32::from(told.country_left_out);
    if is_new {
        report.created += 1
    } else {
        report.matched += 1
    }
    Ok(row)
}

/// What a lead that waits says.
pub(crate) struct Looked {
    /// Of who it is.
    pub(crate) claims: Contact,
    /// Whom it may be.
    pub(crate) found: Resolution,
    /// How its source changes cards, now that a person decides.
    policy: Policy,
}

impl Looked {
    /// The card as it would be when it is theirs.
    pub(crate) fn joined(&self, card: &Contact) -> Contact {
        joined(card, &self.claims, self.policy)
    }
}

/// What a lead that waits says of who it is, and whom it may be.
pub(crate) fn look_at(core: &Core, lead: &Lead) -> Result<Looked, Error> {
    let settings = Settings::of(core)?.decided();
    let told = Told::of(lead, &settings)?;
    let found = core.store().read(|r| resolve(r, &told.claims))?;
    Ok(Looked { policy: settings.policy(&told), claims: told.claims, found })
}

/// A person says of a lead that waits who it is: one of those who are here, or somebody new.
pub(crate) fn decided(
    core: &Core,
    lead: &Lead,
    owner: Option<ContactRow>,
    who: &Who,
) -> Result<(ContactRow, Option<OperationId>), Error> {
    let mut settings = Settings::of(core)?.decided();
    if owner.is_some() {
        // Whoever says of whom it is says whose its ID is.
        settings.proven.clear();
    }
    let told = Told::of(lead, &settings)?;
    core.store().write(who.op(OpKind::Ingest, told.claims.display_name()), |tx| {
        if tx.read().leads().get(&lead.id)?.is_none() {
            return Err(Error::not_found(say!("the lead")));
        }
        let talks_with = owner_of_conversation(tx, &told)?;
        if is_turned_away(tx, &told, talks_with)? {
            return Err(StoreError::Suppressed.into());
        }
        let said = told.consent.as_ref().map(|said| settings.said(said, &told.platform));
        let said = said.transpose()?.unwrap_or_default();
        // Who has one of its IDs or emails by now is meant, whatever the person saw.
        let mut found = resolve(tx.read(), &told.claims)?;
        match (found.contact, owner) {
            (Some(known), Some(owner)) if known != owner => {
                return Err(Error::bad_request(say!("somebody else here has its ID or email by now"))
                    .hint(say!("Look at it again.")));
            }
            (None, Some(_)) => found.contact = owner,
            (Some(_), _) | (None, None) => {}
        }
        let row = put(tx, &told, &found, (&settings, &said), 1, &mut IngestReport::default())?;
        tx.drop_lead(&lead.id)?;
        Ok(row)
    })
}

/// Whether the record is of somebody who was erased. What the contact that it means has
/// already is its own: people share phones. So is a conversation that is here.
fn is_turned_away(tx: &mut Tx<'_>, told: &Told, owner: Option<ContactRow>) -> Result<bool, Error> {
    if !tx.suppresses() {
        return Ok(false);
    }
    let mut claims = told.claims.clone();
    if !told.session_key.is_empty() {
        claims.links.push(told.session());
    }
    let card = match resolve(tx.read(), &told.claims)?.contact.or(owner) {
        Some(row) => tx.read().contacts().get(row)?.map(|stored| stored.contact),
        None => None,
    };
    let mut tags = suppression::anew(tx, &card.unwrap_or_default(), &claims)?;
    if owner.is_none()
        && let Some(Incoming { about, .. }) = &told.conversation
    {
        let mark = Mark::conversation(&about.platform, &about.external_id);
        tags.extend(tx.suppressed(mark.as_slice())?);
    }
    tx.note_return(&tags)?;
    Ok(!tags.is_empty())
}

/// Whose conversation it is that the record names, if it is here.
fn owner_of_conversation(tx: &Tx<'_>, told: &Told) -> Result<Option<ContactRow>, Error> {
    let Some(incoming) = &told.conversation else { return Ok(None) };
    let parts = tx.read().parts();
    let known = parts.conversation_of(&incoming.about.platform, &incoming.about.external_id)?;
    let known = known.map(|id| parts.get::<Conversation>(&id)).transpose()?.flatten();
    Ok(known.and_then(|known| known.parent).and_then(|row| ContactRow::try_from(row).ok()))
}

fn is_visitor(tx: &Tx<'_>, row: ContactRow) -> Result<bool, Error> {
    Ok(tx.read().contacts().get(row)?.is_some_and(|stored| stored.contact.identity == Identity::Anonymous))
}

fn new_card(told: &Told) -> Contact {
    let mut card = told.claims.clone();
    // Whoever gave an address or an id is no visitor any more.
    card.settle_identity();
    card
}

/// The card with what was told of it.
fn joined(card: &Contact, claims: &Contact, policy: Policy) -> Contact {
    let mut claims = claims.clone();
    // Where a contact first came from, and on which page, is said once.
    claims.page_url.clear();
    merge(card, &claims, policy).unwrap_or_else(|| card.clone())
}

/// Whether a person is to be asked first: it says otherwise than the card does.
fn is_asked_about(tx: &Tx<'_>, row: ContactRow, told: &Told, settings: &Settings) -> Result<bool, Error> {
    if settings.policy(told) != Policy::Ask {
        return Ok(false);
    }
    let stored = tx.read().contacts().get(row)?;
    let differs =
        |card: &Contact| joined(card, &told.claims, Policy::Fill) != joined(card, &told.claims, Policy::Newest);
    Ok(stored.is_some_and(|stored| differs(&stored.contact)))
}

/// Joins what was told to the contact. One that was prepared and is met for the
/// first time is said to be recognised (M-31).
fn recognize(
    tx: &mut Tx<'_>,
    row: ContactRow,
    told: &Told,
    found: &Resolution,
    settings: &Settings,
) -> Result<(), Error> {
    let Some(stored) = tx.read().contacts().get(row)? else { return Ok(()) };
    let was_never_seen = stored.contact.last_seen.is_none();
    let mut after = joined(&stored.contact, &told.claims, settings.policy(told));
    // An older yes says nothing any more, of the country neither.
    if settings.private_countries.contains(&after.ip_country) && privacy::consent::declines(tx.read(), row)? {
        after.ip_country.clear();
    }
    // Where nobody could be asked: all but the ID.
    if settings.binds(told, found) {
        after.links.retain(|link| stored.contact.links.contains(link) || !settings.proves(link));
    }
    tx.update(&stored, after)?;
    if let (true, Some(rule)) = (was_never_seen, &found.rule) {
        let activity = Activity {
            name: format!("recognized on {} by {}", told.platform, rule.sentence()),
            source: told.source.clone(),
            at: told.at,
            ..Activity::default()
        };
        tx.add_part(Some(row.into()), &activity)?;
    }
    Ok(())
}

/// Writes down what somebody said of purposes; whether any of it is new.
fn keep(tx: &mut Tx<'_>, row: ContactRow, said: &[(&Purpose, Consent)]) -> Result<bool, Error> {
    let mut any = false;
    for (purpose, consent) in said {
        if tx.keep_consent(row, consent)? {
            privacy::consent::audit(tx, purpose, consent)?;
            any = true;
        }
    }
    Ok(any)
}

/// Conversations and the visitor of the same session at the same place, not too
/// long before or after, are theirs.
fn claim_session(tx: &mut Tx<'_>, row: ContactRow, told: &Told, settings: &Settings) -> Result<(), Error> {
    if told.session_key.is_empty() {
        return Ok(());
    }
    let window = settings.session_days * Millis::DAY;
    let (since, until) = (Millis(told.at.0 - window), Millis(told.at.0 + window));
    for id in tx.read().parts().conversations_of_session(&told.platform, &told.session_key, since, until)? {
        conversations::give(tx, &id, row)?;
    }
    if let Some(visitor) = tx.read().links().contact_of(&told.session())?.filter(|visitor| *visitor != row) {
        let seen = tx.read().contacts().get(visitor)?.and_then(|stored| stored.contact.last_seen);
        if is_visitor(tx, visitor)? && seen.is_none_or(|seen| seen >= since && seen <= until) {
            join::put(tx, visitor, row)?;
        }
    }
    Ok(())
}

fn add_parts(tx: &mut Tx<'_>, row: ContactRow, told: &Told) -> Result<(), Error> {
    if let Some(incoming) = &told.conversation {
        conversations::put(tx, Some(row), incoming)?;
    }
    if let Some(activity) = &told.activity
        && !tx.read().parts().has_activity(row, activity)?
    {
        tx.add_part(Some(row.into()), activity)?;
    }
    Ok(())
}

/// Somebody of whom nothing is known: no card, unless the source is to have one. Gives it.
fn take_visitor(
    tx: &mut Tx<'_>,
    told: &Told,
    owner: Option<ContactRow>,
    settings: &Settings,
    report: &mut IngestReport,
) -> Result<Option<ContactRow>, Error> {
    if let Some(row) = owner {
        // A conversation that is somebody's already goes on.
        add_parts(tx, row, told)?;
        report.matched += 1;
        return Ok(None);
    }
    if settings.visitors.contains(&told.source) {
        let known = if told.session_key.is_empty() { None } else { tx.read().links().contact_of(&told.session())? };
        let row = match known {
            Some(row) => {
                tx.edit(row, |card| card.last_seen = card.last_seen.max(Some(told.at)))?;
                report.matched += 1;
                row
            }
            None => {
                let mut card = Contact { identity: Identity::Anonymous, ..told.claims.clone() };
                if !told.session_key.is_empty() {
                    card.links.push(told.session());
                }
                report.visitors += 1;
                tx.insert(card)?
            }
        };
        add_parts(tx, row, told)?;
        return Ok(Some(row));
    }
    match &told.conversation {
        Some(incoming) => {
            conversations::put(tx, None, incoming)?;
            report.unattached += 1;
        }
        None => report.dropped += 1,
    }
    Ok(None)
}

fn explain(tx: &Tx<'_>, line: u32, row: ContactRow, found: &Resolution) -> Result<Explained, Error> {
    let id = |row: ContactRow| -> Result<String, Error> {
        Ok(tx.read().contacts().get(row)?.map(|stored| stored.contact.id.to_string()).unwrap_or_default())
    };
    let suggestions =
        found.suggestions.iter().map(|(row, rule): &(ContactRow, Rule)| Ok((id(*row)?, rule.sentence().to_string())));
    Ok(Explained {
        line,
        contact: id(row)?,
        why: match &found.rule {
            Some(rule) => format!("matched by {}", shorten(&rule.sentence().to_string())),
            None => "created: nobody here has such an id or email".into(),
        },
        suggestions: suggestions.collect::<Result<_, Error>>()?,
    })
}
