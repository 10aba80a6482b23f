//! What other programs tell about contacts: a lead, an event, an action, a piece
//! of a conversation. Files come in here now; a door for programs will stand in
//! front of it.
//!
//! Who is meant is decided by [`resolve`]. Nobody known by nothing gets no card,
//! unless visitors of that source are to have one. An IP address is never kept.

use crate::{
    conversations::{self, Incoming},
    core::{Core, Who},
    error::{Code, Error},
    join,
    resolve::{Resolution, Rule, resolve},
    visitors,
};
use cardfile_domain::{
    Contact, Identity, Item, Link, Millis, OperationId, Region, email,
    import::{Policy, merge},
    part::{Activity, Conversation, Message, Role},
    phone,
    time::DateOrder,
};
use cardfile_formats::{
    record::shorten,
    signals::{Signal, signals},
};
use cardfile_store::{ContactRow, OpKind, Tx};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::path::Path;

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
        "rejected": report.rejected.len(), "countries_left_out": report.countries_left_out });
    let operation = operation.finish(&counts)?;
    Ok((report, operation.map(|row| row.id)))
}

struct Settings {
    region: Option<Region>,
    session_days: i64,
    private_countries: Vec<String>,
    policies: Vec<(String, Policy)>,
    visitors: Vec<String>,
}

impl Settings {
    fn of(core: &Core) -> Result<Self, Error> {
        let private = core.setting(PRIVATE_COUNTRIES)?;
        let private = private
            .as_ref()
            .and_then(Value::as_array)
            .map(|all| all.iter().filter_map(Value::as_str).map(str::to_uppercase).collect());
        let policies = core.store().read(|r| r.settings().with_prefix(POLICY))?;
        Ok(Self {
            region: core.region()?,
            session_days: core.setting(SESSION_DAYS)?.as_ref().and_then(Value::as_i64).unwrap_or(30),
            private_countries: private.unwrap_or_else(|| BY_LAW.map(str::to_owned).to_vec()),
            policies: policies
                .into_iter()
                .filter_map(|(key, value)| {
                    let policy = serde_json::from_value(value).ok()?;
                    Some((key.strip_prefix(POLICY)?.to_owned(), policy))
                })
                .collect(),
            visitors: visitors::sources(core)?,
        })
    }

    fn policy(&self, source: &str) -> Policy {
        self.policies.iter().find(|(known, _)| known == source).map_or(Policy::Fill, |(_, policy)| *policy)
    }
}

/// A record, understood.
struct Told {
    claims: Contact,
    source: String,
    platform: String,
    session_key: String,
    at: Millis,
    conversation: Option<Incoming>,
    activity: Option<Activity>,
    consent: Option<bool>,
    country_left_out: bool,
}

impl Told {
    fn read(mut members: Map<String, Value>, settings: &Settings, now: Millis) -> Result<Self, Error> {
        let mut text = |names: &[&str]| -> Result<String, Error> {
            let mut found = String::new();
            for name in names {
                match members.shift_remove(*name) {
                    None | Some(Value::Null) => {}
                    Some(Value::String(value)) if value.trim().is_empty() => {}
                    Some(Value::String(value)) if found.is_empty() => found = value,
                    // A larger number was rounded when it was read: two ids would be one.
                    Some(Value::Number(value)) if found.is_empty() && (value.is_i64() || value.is_u64()) => {
                        found = value.to_string();
                    }
                    Some(Value::Bool(value)) if found.is_empty() => found = value.to_string(),
                    Some(Value::String(value)) if found == value => {}
                    Some(_) if found.is_empty() => return Err(Error::bad_request(format!("{name} is no text"))),
                    // Two names for one thing that say different things: nobody can know which is right.
                    Some(_) => return Err(Error::bad_request(format!("{} and {name} differ", names[0]))),
                }
            }
            Ok(found)
        };
        let external_id = text(&["external_id", "user_id", "source_id", "externalId", "userId", "sourceId"])?;
        let kind = text(&["kind", "type"])?;
        let source = text(&["source"])?;
        let platform = text(&["platform", "channel"])?.trim().to_lowercase();
        let scope = text(&["scope", "inbox", "inbox_id"])?;
        let session_key = text(&["session_key", "session_id", "sessionKey"])?;
        let mut line = |names: &[&str]| text(names).map(|value| value.trim().to_owned());
        let (email_text, phone_text) = (line(&["email"])?, line(&["phone", "phone_number"])?);
        let name = line(&["name", "full_name"])?;
        let company = line(&["company"])?;
        let job_title = line(&["job_title"])?;
        let tier = line(&["tier"])?;
        let page_url = line(&["page_url", "pageUrl", "url"])?;
        let country = line(&["ip_country", "ipCountry", "country", "country_code", "countryCode"])?;
        let event = text(&["event", "event_name"])?;
        let action = text(&["action", "action_name"])?;
        let (conversation_id, title) = (text(&["conversation_id"])?, text(&["title", "subject"])?);
        let message = text(&["message", "text"])?;
        let consent = text(&["consent_given", "consent"])?;
        let consent_at = text(&["consent_at"])?;
        let at = text(&["at", "timestamp", "created_at", "time"])?;
        let time = |text: &str| {
            Millis::parse(text, DateOrder::DayFirst).ok_or_else(|| Error::bad_request(format!("{text} is no time")))
        };
        let at = if at.is_empty() { now } else { time(&at)? };
        let consent = match consent.to_lowercase().as_str() {
            "" => None,
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => return Err(Error::bad_request("consent_given is true or false")),
        };
        let source = match (source.as_str(), platform.as_str()) {
            ("", "") => "ingest".to_owned(),
            ("", platform) => platform.to_owned(),
            _ => source,
        };
        let tags = match members.shift_remove("tags") {
            Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(tags)) => {
                tags.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
            }
            _ => Vec::new(),
        };
        let messages = members.shift_remove("messages");
        let detail = ["properties", "detail", "data"].iter().find_map(|name| members.shift_remove(*name));
        let mut claims = Contact { name, company, job_title, tier, tags, source: source.clone(), ..Contact::default() };
        if !external_id.is_empty() {
            let connector = if platform.is_empty() { source.to_lowercase() } else { platform.clone() };
            claims.links.push(Link { connector, scope, external_id });
        }
        if !email_text.is_empty() {
            let key = email::key(&email_text).map_err(|error| Error::bad_request(format!("email: {error}")))?;
            claims.emails.push(Item::new(email_text, key));
        }
        if !phone_text.is_empty() {
            let key = phone::key(&phone_text, settings.region).unwrap_or_default();
            claims.phones.push(Item::new(phone_text, key));
        }
        claims.page_url = without_secrets(&page_url);
        let (country, is_code) = country_code(&country);
        // What is no code may be a country of the list, written out.
        let needs_consent = settings.private_countries.contains(&country) && consent != Some(true);
        let country_left_out = !country.is_empty() && (needs_consent || !is_code);
        if !country_left_out {
            claims.ip_country = country;
        }
        (claims.first_seen, claims.last_seen) = (Some(at), Some(at));
        let mut metadata = Value::Object(members);
        scrub(&mut metadata);
        let mut metadata = metadata.as_object_mut().map(std::mem::take).unwrap_or_default();
        if let Some(given) = consent {
            metadata.insert("consent_given".into(), given.into());
            let when = if consent_at.is_empty() { at } else { time(&consent_at)? };
            metadata.insert("consent_at".into(), when.to_rfc3339_seconds().into());
        }
        let is_about_card = !metadata.is_empty() && kind != "event" && kind != "action";
        let activity = match (event.as_str(), action.as_str()) {
            ("", "") => None,
            (event, action) => {
                let name = if action.is_empty() { event.to_owned() } else { format!("action.triggered {action}") };
                let detail = detail.map(|mut detail| {
                    scrub(&mut detail);
                    detail.to_string()
                });
                let detail = detail.unwrap_or_default();
                Some(Activity { name, detail, source: source.clone(), at, ..Activity::default() })
            }
        };
        if activity.is_none() && matches!(kind.as_str(), "event" | "action") {
            return Err(Error::bad_request(format!("an {kind} has no name")));
        }
        if is_about_card || consent.is_some() {
            claims.metadata = Value::Object(metadata).to_string();
        }
        let mut told = read_messages(messages)?;
        if !message.is_empty() {
            told.push(Message { text: message, at, ..Message::default() });
        }
        let platform = if platform.is_empty() { source.clone() } else { platform };
        let has_conversation = !told.is_empty() || !conversation_id.is_empty();
        // Messages of one session without an id of their conversation are one.
        let conversation_id = match (conversation_id.as_str(), session_key.as_str()) {
            ("", "") => String::new(),
            ("", session) => format!("session {session}"),
            _ => conversation_id,
        };
        let conversation = has_conversation.then(|| Incoming {
            about: Conversation {
                platform: platform.clone(),
                title,
                external_id: conversation_id,
                session_key: session_key.clone(),
                page_url: claims.page_url.clone(),
                unread: true,
                ..Conversation::default()
            },
            messages: told,
        });
        Ok(Self { claims, source, platform, session_key, at, conversation, activity, consent, country_left_out })
    }

    /// By what a visitor is known again: the session, where it was held.
    fn session(&self) -> Link {
        let (connector, scope) = (Link::SESSION.to_owned(), self.platform.clone());
        Link { connector, scope, external_id: self.session_key.clone() }
    }

    /// Whether it says who it is: a name or a handle alone does not.
    fn identifies(&self) -> bool {
        !(self.claims.links.is_empty() && self.claims.emails.is_empty() && self.claims.phones.is_empty())
    }
}

/// The two letters of a country (ISO 3166-1), and whether it is such a code.
fn country_code(text: &str) -> (String, bool) {
    let code = match text.trim().to_uppercase().as_str() {
        "UK" => "GB".to_owned(),
        "EL" => "GR".to_owned(),
        other => other.to_owned(),
    };
    let is_code = code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    (code, is_code)
}

/// Keys, in letters and digits only, whose values say where somebody was on the net.
const ADDRESSES: [&str; 16] = [
    "ip",
    "ipaddress",
    "ipaddr",
    "ipv4",
    "ipv6",
    "clientip",
    "userip",
    "visitorip",
    "remoteip",
    "remoteaddr",
    "remoteaddress",
    "xforwardedfor",
    "xrealip",
    "geoip",
    "ipcountry",
    "countrycode",
];

/// Takes addresses of computers, and secrets in addresses of pages, out of what
/// came beside our own fields, however deep they stand.
fn scrub(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let bare = |key: &str| key.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            map.retain(|key, value| !ADDRESSES.contains(&bare(key).as_str()) && !is_address(value));
            map.values_mut().for_each(scrub);
        }
        Value::Array(all) => {
            all.retain(|value| !is_address(value));
            all.iter_mut().for_each(scrub);
        }
        Value::String(text) if text.contains("://") => *text = without_secrets(text),
        _ => {}
    }
}

/// Whether a value is the address of a computer, with or without a port.
fn is_address(value: &Value) -> bool {
    let Some(text) = value.as_str().map(str::trim) else { return false };
    text.parse::<std::net::IpAddr>().is_ok() || text.parse::<std::net::SocketAddr>().is_ok()
}

/// The page without what may be secret: of its query only `utm_…` stays, and no
/// name or password before its host.
fn without_secrets(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let bare = url.split_once("://").map(|(scheme, rest)| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let rest = &rest[host.rfind('@').map_or(0, |at| at + 1)..];
        format!("{scheme}://{rest}")
    });
    let url = bare.as_deref().unwrap_or(url);
    let Some((page, query)) = url.split_once('?') else { return url.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| pair.starts_with("utm_")).collect();
    if kept.is_empty() { page.to_owned() } else { format!("{page}?{}", kept.join("&")) }
}

fn read_messages(given: Option<Value>) -> Result<Vec<Message>, Error> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let Value::Array(given) = given else { return Err(Error::bad_request("messages is no list")) };
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        let part = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let role = match one["role"].as_str() {
            None | Some("contact" | "user" | "customer") => Role::Contact,
            Some("agent" | "assistant" | "bot") => Role::Agent,
            Some("staff" | "operator") => Role::Staff,
            Some(other) => return Err(Error::bad_request(format!("{other} is no role of a message"))),
        };
        let at = match &one["at"] {
            Value::String(text) => Millis::parse(text, DateOrder::DayFirst),
            Value::Number(number) => Millis::parse(&number.to_string(), DateOrder::DayFirst),
            _ => None,
        };
        let at = at.ok_or_else(|| Error::bad_request("a message has no time"))?;
        all.push(Message {
            role,
            at,
            author: part("author"),
            text: part("text"),
            external_id: part("external_id"),
            ..Message::default()
        });
    }
    Ok(all)
}

fn take(tx: &mut Tx<'_>, told: &Told, settings: &Settings, line: u32, report: &mut IngestReport) -> Result<(), Error> {
    let owner = owner_of_conversation(tx, told)?;
    if !told.identifies() {
        take_visitor(tx, told, owner, settings, report)?;
        report.countries_left_out += u32::from(told.country_left_out);
        return Ok(());
    }
    let found = resolve(tx.read(), &told.claims)?;
    // Before anything is written: a rejected record leaves nothing.
    let visitor = match owner {
        Some(owner) if found.contact == Some(owner) => None,
        Some(owner) if is_visitor(tx, owner)? => Some(owner),
        Some(_) => return Err(Error::bad_request("its conversation belongs to somebody else here")),
        None => None,
    };
    let (row, is_new) = match found.contact {
        Some(row) => (row, false),
        None => (tx.insert(new_card(told))?, true),
    };
    if !is_new {
        recognize(tx, row, told, &found, settings)?;
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
    // The name of a person who gave none is not invented.
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
    if told.consent.is_some() {
        take_consent(&mut after, &claims, settings);
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

/// The latest consent holds, whatever the policy; an older one says nothing any
/// more. Who withdraws it is from nowhere again.
fn take_consent(after: &mut Contact, claims: &Contact, settings: &Settings) {
    let mut all: Map<String, Value> = serde_json::from_str(&after.metadata).unwrap_or_default();
    let new: Map<String, Value> = serde_json::from_str(&claims.metadata).unwrap_or_default();
    let when = |of: &Map<String, Value>| {
        let text = of.get("consent_at").and_then(Value::as_str).unwrap_or_default();
        Millis::parse(text, DateOrder::DayFirst)
    };
    if when(&new) >= when(&all) || !all.contains_key("consent_given") {
        for key in ["consent_given", "consent_at"] {
            if let Some(value) = new.get(key) {
                all.insert(key.into(), value.clone());
            }
        }
        after.metadata = Value::Object(all.clone()).to_string();
    }
    let is_withdrawn = all.get("consent_given") == Some(&Value::Bool(false));
    if is_withdrawn && settings.private_countries.contains(&after.ip_country) {
        after.ip_country.clear();
    }
}

/// Conversations and the visitor of the same session at the same place, not too
/// long before or after, are theirs.
fn claim_session(tx: &mut Tx<'_>, row: ContactRow, told: &Told, settings: &Settings) -> Result<(), Error> {
    const DAY: i64 = 86_400_000;
    if told.session_key.is_empty() {
        return Ok(());
    }
    let window = settings.session_days * DAY;
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

/// Somebody of whom nothing is known: no card, unless the source is to have one.
fn take_visitor(
    tx: &mut Tx<'_>,
    told: &Told,
    owner: Option<ContactRow>,
    settings: &Settings,
    report: &mut IngestReport,
) -> Result<(), Error> {
    if let Some(row) = owner {
        // A conversation that is somebody's already goes on.
        add_parts(tx, row, told)?;
        report.matched += 1;
        return Ok(());
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
        return add_parts(tx, row, told);
    }
    match &told.conversation {
        Some(incoming) => {
            conversations::put(tx, None, incoming)?;
            report.unattached += 1;
        }
        None => report.dropped += 1,
    }
    Ok(())
}

fn explain(tx: &Tx<'_>, line: u32, row: ContactRow, found: &Resolution) -> Result<Explained, Error> {
    let id = |row: ContactRow| -> Result<String, Error> {
        Ok(tx.read().contacts().get(row)?.map(|stored| stored.contact.id.to_string()).unwrap_or_default())
    };
    let suggestions = found.suggestions.iter().map(|(row, rule): &(ContactRow, Rule)| Ok((id(*row)?, rule.sentence())));
    Ok(Explained {
        line,
        contact: id(row)?,
        why: match &found.rule {
            Some(rule) => format!("matched by {}", shorten(&rule.sentence())),
            None => "created: nobody here has such an id or email".into(),
        },
        suggestions: suggestions.collect::<Result<_, Error>>()?,
    })
}
