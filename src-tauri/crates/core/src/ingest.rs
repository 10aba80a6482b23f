//! What other programs tell about contacts: a lead, an event, an action, a piece
//! of a conversation. Files come in here now; a door for programs will stand in
//! front of it.
//!
//! Who is meant is decided by [`resolve`]. Nobody known by nothing gets no card,
//! unless visitors of that source are to have one. An IP address is never kept.

mod declined;
mod told;

use crate::{
    conversations::{self, Incoming},
    core::{Core, Who},
    error::{Code, Error},
    join,
    privacy::{self, erasure::suppression, purposes},
    resolve::{Resolution, Rule, resolve},
    visitors,
};
use cardfile_domain::{
    Contact, Identity, Millis, OperationId, Region,
    consent::{Consent, Purpose, Wording},
    import::{Policy, merge},
    part::{Activity, Conversation},
    say,
    suppression::Mark,
};
use cardfile_formats::{
    record::shorten,
    signals::{Signal, signals},
};
use cardfile_store::{ContactRow, OpKind, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;
use told::{Said, Told};

pub use declined::COUNT as DECLINED;

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
    /// Records that were not taken.
    pub rejected: Vec<conversations::RejectedLine>,
    /// Countries that were not kept, because the law asks for consent there.
    pub countries_left_out: u32,
    /// Why each contact was found or made, in the order of the records; at most
    /// [`SHOWN`].
    pub explained: Vec<Explained>,
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

/// Setting: days in which a session key claims earlier conversations (M-30).
pub const SESSION_DAYS: &str = "session_days";
/// Setting: countries whose people must consent before their country is kept.
pub const PRIVATE_COUNTRIES: &str = "ip_country_consent";
/// Setting: how records of a source change contacts; the source follows.
const POLICY: &str = "ingest_policy.";
/// European Economic Area (GDPR), United Kingdom, Switzerland.
const BY_LAW: [&str; 32] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

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
                    let taken = signal
                        .members
                        .map_err(Error::bad_request)
                        .and_then(|members| Told::read(members, &settings, tx.now()))
                        .and_then(|told| take(tx, &told, &settings, signal.line, &mut report));
                    match taken {
                        Ok(()) => {}
                        Err(error) if error.code == Code::BadRequest => {
                            let line = signal.line;
                            report.rejected.push(conversations::RejectedLine { line, message: error.message });
                        }
                        Err(error) => return Err(error),
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
        "suppressed": report.suppressed, "declined": report.declined, "rejected": report.rejected.len(),
        "countries_left_out": report.countries_left_out });
    let operation = operation.finish(&counts)?;
    Ok((report, operation.map(|row| row.id)))
}

struct Settings {
    region: Option<Region>,
    session_days: i64,
    private_countries: Vec<String>,
    policies: Vec<(String, Policy)>,
    visitors: Vec<String>,
    purposes: Vec<(Purpose, Vec<Wording>)>,
}

impl Settings {
    fn of(core: &Core) -> Result<Self, Error> {
        let policies = core.store().read(|r| r.settings().with_prefix(POLICY))?;
        Ok(Self {
            region: core.region()?,
            session_days: core.setting(SESSION_DAYS)?.as_ref().and_then(Value::as_i64).unwrap_or(30),
            private_countries: private_countries(core)?,
            policies: policies
                .into_iter()
                .filter_map(|(key, value)| {
                    let policy = serde_json::from_value(value).ok()?;
                    Some((key.strip_prefix(POLICY)?.to_owned(), policy))
                })
                .collect(),
            visitors: visitors::sources(core)?,
            purposes: core.store().read(|r| {
                let mut all = Vec::new();
                for purpose in r.purposes().all()? {
                    let wordings = r.purposes().wordings(&purpose.id)?;
                    all.push((purpose, wordings));
                }
                Ok(all)
            })?,
        })
    }

    /// The purposes somebody spoke of, with what is said of them. One that is not in the
    /// register proves nothing, so the record is not taken.
    fn said(&self, said: &Said, channel: &str) -> Result<Vec<(&Purpose, Consent)>, Error> {
        let named: Vec<&str> = match said.purposes.len() {
            0 => vec![purposes::DEFAULT],
            _ => said.purposes.iter().map(String::as_str).collect(),
        };
        let mut all = Vec::with_capacity(named.len());
        for name in named {
            let found = self.purposes.iter().find(|(purpose, _)| purpose.key == name || purpose.name == name);
            let (purpose, wordings) =
                found.ok_or_else(|| Error::bad_request(say!("there is no purpose {name}", name)))?;
            if said.given && purpose.retired_at.is_some() {
                return Err(Error::bad_request(say!("the purpose {name} is given up", name)));
            }
            let wording = purposes::wording(wordings, said.wording)?;
            let consent = Consent {
                purpose: purpose.key.clone(),
                given: said.given,
                wording: wording.map_or(0, |wording| wording.version),
                sha256: wording.map(|wording| wording.sha256.clone()).unwrap_or_default(),
                channel: channel.to_owned(),
                proof: said.proof.clone(),
                at: said.at,
                ..Consent::default()
            };
            all.push((purpose, consent));
        }
        Ok(all)
    }

    fn policy(&self, source: &str) -> Policy {
        self.policies.iter().find(|(known, _)| known == source).map_or(Policy::Fill, |(_, policy)| *policy)
    }
}

/// Countries whose people must consent before their country is kept (M-15).
pub(crate) fn private_countries(core: &Core) -> Result<Vec<String>, Error> {
    let kept = core.setting(PRIVATE_COUNTRIES)?;
    let kept = kept.as_ref().and_then(Value::as_array);
    let kept = kept.map(|all| all.iter().filter_map(Value::as_str).map(str::to_uppercase).collect());
    Ok(kept.unwrap_or_else(|| BY_LAW.map(str::to_owned).to_vec()))
}

fn take(tx: &mut Tx<'_>, told: &Told, settings: &Settings, line: u32, report: &mut IngestReport) -> Result<(), Error> {
    // Whoever speaks of a purpose that is not there is refused before anything is written.
    let said = told.consent.as_ref().map(|said| settings.said(said, &told.platform)).transpose()?.unwrap_or_default();
    let owner = owner_of_conversation(tx, told)?;
    if is_turned_away(tx, told, owner)? {
        report.suppressed += 1;
        return Ok(());
    }
    if told.consent.as_ref().is_some_and(|said| !said.given) {
        return declined::take(tx, told, &said, settings, report);
    }
    if !told.identifies() {
        if let Some(row) = take_visitor(tx, told, owner, settings, report)?
            && keep(tx, row, &said)?
        {
            tx.mirror_consents(row)?;
        }
        report.countries_left_out += u32::from(told.country_left_out);
        return Ok(());
    }
    let found = resolve(tx.read(), &told.claims)?;
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
    let is_said = keep(tx, row, &said)?;
    if !is_new {
        recognize(tx, row, told, &found, settings)?;
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
        let explained = explain(tx, line, row, &found)?;
        report.explained.push(explained);
    }
    report.countries_left_out += u32::from(told.country_left_out);
    if is_new {
        report.created += 1
    } else {
        report.matched += 1
    }
    Ok(())
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
    let mut claims = told.claims.clone();
    // Where a contact first came from, and on which page, is said once.
    claims.page_url.clear();
    let mut after = merge(&stored.contact, &claims, settings.policy(&told.source)).unwrap_or(stored.contact.clone());
    // An older yes says nothing any more, of the country neither.
    if settings.private_countries.contains(&after.ip_country) && privacy::consent::declines(tx.read(), row)? {
        after.ip_country.clear();
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
