//! Clients: programs that may come in, each with a token that is shown once. What a client may
//! do is a closed list of words; whom it sees is the matter of [`crate::programs`].

pub mod deeds;

use crate::{
    core::{Core, Who},
    error::Error,
    privacy::purposes,
};
use cardfile_domain::{Millis, say};
use cardfile_store::{Client, OpKind, Readable};
use serde_json::json;
use sha2::{Digest, Sha256};

macro_rules! scopes {
    ($( $(#[doc = $about:literal])* $name:ident = $word:literal; )+) => {
        /// One thing that a client may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Scope { $( $(#[doc = $about])* $name, )+ }

        impl Scope {
            /// All of them.
            pub const ALL: &[Self] = &[ $( Self::$name, )+ ];

            /// The word of tokens, commands and documents.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$name => $word, )+ }
            }

            /// What it lets a client do.
            pub fn about(self) -> &'static str {
                match self { $( Self::$name => concat!($($about),*).trim(), )+ }
            }
        }
    };
}

scopes! {
    /// List contacts and read them, with their tags.
    ContactsRead = "contacts:read";
    /// Make contacts, change them, move them to the bin and back.
    ContactsWrite = "contacts:write";
    /// Erase people for ever.
    Erase = "erase";
    /// Export contacts to a file.
    Export = "export";
    /// Import many contacts at once.
    Import = "import";
    /// Read conversations and their messages.
    ConversationsRead = "conversations:read";
    /// Add conversations and messages.
    ConversationsWrite = "conversations:write";
    /// Read tasks.
    TasksRead = "tasks:read";
    /// Make tasks, change them and say that they are done.
    TasksWrite = "tasks:write";
    /// Read memories.
    MemoriesRead = "memories:read";
    /// Write memories.
    MemoriesWrite = "memories:write";
    /// Read notes of the team.
    NotesRead = "notes:read";
    /// Write notes.
    NotesWrite = "notes:write";
    /// Read saved views.
    SegmentsRead = "segments:read";
    /// Save views, and rename or delete tags.
    SegmentsWrite = "segments:write";
    /// Read webhooks and what became of their messages.
    WebhooksRead = "webhooks:read";
    /// Set webhooks up.
    WebhooksWrite = "webhooks:write";
    /// Tell of leads, events and actions.
    Ingest = "ingest";
    /// Prove with whom a program speaks, and be told the approved fields of that card.
    Identify = "identify";
}

impl Scope {
    /// Reads the word again.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == word)
    }
}

/// What a client is told of whom it proved to speak with, until somebody says otherwise.
pub const FIELDS: [&str; 3] = ["name", "description", "preferences"];
/// Requests of a client in a minute, until somebody says otherwise.
pub const PER_MINUTE: u32 = 6_000;

/// A client that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClient {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What it is told of whom it proved to speak with.
    pub fields: Vec<String>,
    /// The purpose it serves, by id, key or name; empty for none.
    pub purpose: String,
    /// Requests in a minute.
    pub per_minute: u32,
    /// Days after which its token does not count any more; 0 for never.
    pub days: u32,
}

impl NewClient {
    /// One that may do these things.
    pub fn new(name: impl Into<String>, scopes: &[Scope]) -> Self {
        Self {
            name: name.into(),
            scopes: scopes.to_vec(),
            fields: FIELDS.map(str::to_owned).to_vec(),
            purpose: String::new(),
            per_minute: PER_MINUTE,
            days: 0,
        }
    }
}

/// How a token begins: whoever finds one somewhere knows what it is.
const PREFIX: &str = "cardfile_";

/// Makes a client. Gives its token too, which is nowhere else and shown once.
pub fn create(core: &Core, new: &NewClient, who: &Who) -> Result<(Client, String), Error> {
    let name = new.name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(say!("a client needs a name")));
    }
    if new.scopes.is_empty() {
        return Err(Error::bad_request(say!("a client that may do nothing needs no token")));
    }
    if core.store().read(|r| r.clients().named(name))?.is_some() {
        return Err(Error::bad_request(say!("there is a client {name} already", name)));
    }
    for field in &new.fields {
        check_field(field)?;
    }
    let purpose = match new.purpose.trim() {
        "" => String::new(),
        purpose => purposes::find(core, purpose)?.key,
    };
    let id = core.store().new_id("cli_");
    let token = format!("{PREFIX}{}_{}", id.trim_start_matches("cli_"), secret(core));
    let now = core.store().environment().clock.now();
    let client = Client {
        id,
        name: name.to_owned(),
        hash: hash(&token),
        scopes: new.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        fields: new.fields.clone(),
        purpose,
        per_minute: new.per_minute,
        created_at: now,
        expires_at: (new.days > 0).then(|| Millis(now.0 + i64::from(new.days) * Millis::DAY)),
        ..Client::default()
    };
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        tx.put_client(&client)?;
        Ok::<_, Error>(tx.audit("client_made", Some(&client.id), &json!({ "scopes": client.scopes }))?)
    })?;
    Ok((client, token))
}

/// A field that a program may be told: one of the card that agents can be approved for. Nobody
/// knows what is in metadata, and lists of parts are for agents alone.
fn check_field(field: &str) -> Result<(), Error> {
    let is_open = Readable::find(field).is_some_and(|field| !field.is_parts());
    if is_open { Ok(()) } else { Err(Error::bad_request(say!("{field} is no field that may be approved", field))) }
}

/// 256 bits in letters and digits.
fn secret(core: &Core) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut bytes = [0; 32];
    core.store().environment().entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Takes a client's token away, at once and for ever.
pub fn revoke(core: &Core, name: &str, who: &Who) -> Result<(), Error> {
    let client = find(core, name)?;
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        let revoked_at = Some(client.revoked_at.unwrap_or_else(|| tx.now()));
        tx.put_client(&Client { revoked_at, ..client.clone() })?;
        Ok::<_, Error>(tx.audit("client_revoked", Some(&client.id), &json!({}))?)
    })?;
    Ok(())
}

/// All clients, those that are gone too, in the order they were made.
pub fn all(core: &Core) -> Result<Vec<Client>, Error> {
    Ok(core.store().read(|r| r.clients().all())?)
}

/// The client with this id or name.
pub fn find(core: &Core, name: &str) -> Result<Client, Error> {
    core.store().read(|r| r.clients().named(name))?.ok_or_else(|| Error::not_found(say!("the client {name}", name)))
}

/// The client with this token, if it counts. Why it does not is not said.
pub fn admit(core: &Core, token: &str) -> Result<Option<Client>, Error> {
    let Some((id, _)) = token.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) else { return Ok(None) };
    let id = format!("cli_{id}");
    let found = core.store().read(|r| r.clients().get(&id))?;
    let now = core.store().environment().clock.now();
    let counts = |client: &Client| {
        is_same(&client.hash, &hash(token))
            && client.revoked_at.is_none()
            && client.expires_at.is_none_or(|until| now < until)
    };
    Ok(found.filter(counts))
}

/// Compares in a time that says nothing about where two differ.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differ == 0
}

/// Notes that clients were here.
pub fn note(core: &Core, seen: &[(String, Millis)]) -> Result<(), Error> {
    let who = Who { actor: "cardfile".into(), origin: "api".into() };
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        for (id, at) in seen {
            tx.note_client(id, *at)?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(())
}

/// Whether a client may do something.
pub fn may(client: &Client, scope: Scope) -> bool {
    client.scopes.iter().any(|word| word == scope.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_is_read_from_its_word_and_says_what_it_is() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(*scope));
            assert!(!scope.about().is_empty());
        }
        assert_eq!(Scope::parse("everything"), None);
    }

    #[test]
    fn only_what_is_wholly_the_same_is_the_same() {
        assert!(is_same("abc", "abc"));
        for other in ["abd", "ab", "abcd", ""] {
            assert!(!is_same("abc", other), "{other}");
        }
    }

    #[test]
    fn fields_of_what_somebody_did_and_of_nobody_knows_what_are_not_approved() {
        for field in FIELDS.iter().chain(&["email", "tags"]) {
            check_field(field).expect(field);
        }
        for field in ["last_seen", "page_url", "metadata", "memories", "secret", ""] {
            check_field(field).expect_err(field);
        }
    }
}
