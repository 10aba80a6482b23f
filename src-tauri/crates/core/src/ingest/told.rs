//! A record of another program, understood: who it is about, and what of it is
//! never kept (addresses of computers, secrets in addresses of pages).

use super::Settings;
use crate::{
    conversations::Incoming,
    error::{Code, Error},
};
use cardfile_domain::{
    Contact, Item, Link, Millis,
    consent::MIRRORED,
    email,
    part::{Activity, Conversation, Message, Role},
    phone, say,
    time::DateOrder,
};
use cardfile_store::{Lead, Tx};
use serde_json::{Map, Value, json};

/// A record, understood.
pub(super) struct Told {
    pub(super) claims: Contact,
    pub(super) source: String,
    pub(super) platform: String,
    pub(super) session_key: String,
    pub(super) at: Millis,
    pub(super) conversation: Option<Incoming>,
    pub(super) activity: Option<Activity>,
    /// What they said of the purposes.
    pub(super) consent: Option<Said>,
    pub(super) country_left_out: bool,
    /// A file says it, and no program.
    pub(super) is_of_file: bool,
}

/// What a person said of some purposes.
pub(super) struct Said {
    pub(super) given: bool,
    /// Keys or names; empty for the one that holds where nobody says otherwise.
    pub(super) purposes: Vec<String>,
    /// Version of the text they were shown, where the program says it.
    pub(super) wording: Option<u32>,
    pub(super) proof: String,
    pub(super) at: Millis,
}

/// The one member of what a file says of somebody. Of a program's there are always more: at
/// least its time.
const CARD: &str = "card";

/// How programs call the page.
const PAGES: [&str; 3] = ["page_url", "pageUrl", "url"];
/// How they call the country.
const COUNTRIES: [&str; 5] = ["ip_country", "ipCountry", "country", "country_code", "countryCode"];
/// How they call the time.
const TIMES: [&str; 4] = ["at", "timestamp", "created_at", "time"];

impl Told {
    /// What a lead that waits says.
    pub(super) fn of(lead: &Lead, settings: &Settings) -> Result<Self, Error> {
        let card = lead.body.get(CARD).filter(|_| lead.body.len() == 1);
        let Some(card) = card else { return Self::read(lead.body.clone(), settings, lead.at) };
        let claims = serde_json::from_value(card.clone());
        let claims = claims.map_err(|_| Error::new(Code::Internal, say!("the card cannot be read")))?;
        Ok(Self {
            claims,
            source: lead.source.clone(),
            platform: lead.source.clone(),
            session_key: String::new(),
            at: lead.at,
            conversation: None,
            activity: None,
            consent: None,
            country_left_out: false,
            is_of_file: true,
        })
    }

    pub(super) fn read(mut members: Map<String, Value>, settings: &Settings, now: Millis) -> Result<Self, Error> {
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
                    Some(_) if found.is_empty() => return Err(Error::bad_request(say!("{name} is no text", name))),
                    // Two names for one thing that say different things: nobody can know which is right.
                    Some(_) => {
                        return Err(Error::bad_request(say!("{first} and {name} differ", first = names[0], name)));
                    }
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
        let page_url = line(&PAGES)?;
        let country = line(&COUNTRIES)?;
        let event = text(&["event", "event_name"])?;
        let action = text(&["action", "action_name"])?;
        let (conversation_id, title) = (text(&["conversation_id"])?, text(&["title", "subject"])?);
        let message = text(&["message", "text"])?;
        let consent = text(&["consent_given", "consent"])?;
        let consent_at = text(&["consent_at"])?;
        let (wording, proof) = (text(&["consent_wording", "wording_version"])?, text(&["consent_proof"])?);
        let at = text(&TIMES)?;
        let time = |text: &str| {
            Millis::parse(text, DateOrder::DayFirst).ok_or_else(|| Error::bad_request(say!("{text} is no time", text)))
        };
        let at = if at.is_empty() { now } else { time(&at)? };
        let consent = match consent.to_lowercase().as_str() {
            "" => None,
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => return Err(Error::bad_request(say!("consent_given is true or false"))),
        };
        let wording = match wording.as_str() {
            "" => None,
            number => match number.parse() {
                Ok(version) => Some(version),
                Err(_) => return Err(Error::bad_request(say!("the version of a wording is a number"))),
            },
        };
        let source = match (source.as_str(), platform.as_str()) {
            ("", "") => "ingest".to_owned(),
            ("", platform) => platform.to_owned(),
            _ => source,
        };
        let tags = words(members.shift_remove("tags"));
        let purposes = words(members.shift_remove("consent_purposes"));
        let messages = members.shift_remove("messages");
        let detail = ["properties", "detail", "data"].iter().find_map(|name| members.shift_remove(*name));
        let mut claims = Contact { name, company, job_title, tier, tags, source: source.clone(), ..Contact::default() };
        if !external_id.is_empty() {
            let connector = if platform.is_empty() { source.to_lowercase() } else { platform.clone() };
            claims.links.push(Link { connector, scope, external_id });
        }
        if !email_text.is_empty() {
            let key = email::key(&email_text)
                .map_err(|error| Error::bad_request(say!("email: {why}", why = error.sentence())))?;
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
        // The ledger says it there, and nobody else.
        metadata.retain(|key, _| !MIRRORED.contains(&key.as_str()));
        let consent_at = if consent_at.is_empty() { at } else { time(&consent_at)? };
        // A clock may go wrong, and nobody says anything in the future.
        let consent_at = consent_at.min(now);
        let consent = consent.map(|given| Said { given, purposes, wording, proof, at: consent_at });
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
            return Err(Error::bad_request(say!("an {kind} has no name", kind)));
        }
        if is_about_card {
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
        Ok(Self {
            claims,
            source,
            platform,
            session_key,
            at,
            conversation,
            activity,
            consent,
            country_left_out,
            is_of_file: false,
        })
    }

    /// What is kept of a record that waits: without what is never kept, and with its time.
    pub(super) fn kept(&self, members: Map<String, Value>) -> Map<String, Value> {
        let mut value = Value::Object(members);
        scrub(&mut value);
        let mut kept = value.as_object_mut().map(std::mem::take).unwrap_or_default();
        kept.retain(|name, _| {
            ![&PAGES[..], &COUNTRIES[..], &TIMES[..]].iter().any(|names| names.contains(&name.as_str()))
        });
        kept.insert("at".into(), self.at.to_rfc3339().into());
        for (name, value) in [("page_url", &self.claims.page_url), ("ip_country", &self.claims.ip_country)] {
            if !value.is_empty() {
                kept.insert(name.into(), value.as_str().into());
            }
        }
        kept
    }

    /// By what a visitor is known again: the session, where it was held.
    pub(super) fn session(&self) -> Link {
        let (connector, scope) = (Link::SESSION.to_owned(), self.platform.clone());
        Link { connector, scope, external_id: self.session_key.clone() }
    }

    /// Whether it says who it is: a name or a handle alone does not.
    pub(super) fn identifies(&self) -> bool {
        !(self.claims.links.is_empty() && self.claims.emails.is_empty() && self.claims.phones.is_empty())
    }
}

/// Keeps what a file says of somebody who may be here, until a person looked at it. The same
/// file again says nothing new: its time is not part of it.
pub(crate) fn hold(tx: &mut Tx<'_>, card: &Contact, file: &str) -> Result<(), Error> {
    let body = Map::from_iter([(CARD.to_owned(), json!(card))]);
    let now = tx.now();
    tx.put_lead(file, &body, now)?;
    Ok(())
}

/// A list of words, or one text with commas between them.
fn words(value: Option<Value>) -> Vec<String> {
    match value {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(all)) => {
            all.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
        }
        _ => Vec::new(),
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
    let Value::Array(given) = given else { return Err(Error::bad_request(say!("messages is no list"))) };
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        let part = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let role = match one["role"].as_str() {
            None | Some("contact" | "user" | "customer") => Role::Contact,
            Some("agent" | "assistant" | "bot") => Role::Agent,
            Some("staff" | "operator") => Role::Staff,
            Some(other) => return Err(Error::bad_request(say!("{other} is no role of a message", other))),
        };
        let at = match &one["at"] {
            Value::String(text) => Millis::parse(text, DateOrder::DayFirst),
            Value::Number(number) => Millis::parse(&number.to_string(), DateOrder::DayFirst),
            _ => None,
        };
        let at = at.ok_or_else(|| Error::bad_request(say!("a message has no time")))?;
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
