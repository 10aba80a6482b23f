//! With whom a program speaks: another system proved who somebody is, and here it is looked up
//! and kept. The external ID is compared byte for byte and nothing else counts: whoever is not
//! found by it is nobody, however much else fits.
//!
//! How a proof is checked is the matter of the door; what it says is believed here, as far as
//! the key allows.

use crate::{
    clients,
    core::{Core, Who},
    error::Error,
    privacy::{erasure::suppression, standing},
    programs::Sight,
    resolve::{self, NearMiss},
};
use cardfile_domain::{
    Contact, Identity, Item, Link, Millis, OperationId, Sentence, email,
    import::merge,
    phone, say,
    suppression::{MarkKind, marks},
};
use cardfile_store::{
    Approval, Client, ContactRow, IdentityGrant, IdentityKey, OpKind, Reader, Remote, SecretText, SqlResult, Stored, Tx,
};
use serde_json::{Map, Value, json};

/// Fields that a proof may write, where its key allows it.
pub const CLAIMS: [&str; 7] = ["name", "email", "phone", "company", "job_title", "nick", "preferences"];
/// The algorithms of keys.
pub const ALGORITHMS: [&str; 4] = ["HS256", "RS256", "ES256", "user_hash"];
/// Bytes that a secret has at least (RFC 7518, 3.2).
const SECRET: usize = 32;
/// Nobody needs a proof for longer.
const LONGEST_MINUTES: u32 = 24 * 60;

/// Makes a key, or changes the one of its name. With a secret, that is sealed; a key that has
/// one and gets none keeps it. Gives its id.
pub fn put_key(core: &Core, key: &IdentityKey, secret: Option<SecretText>, who: &Who) -> Result<String, Error> {
    check(key)?;
    let known = core.store().read(|r| r.identity_keys().named(key.name.trim()))?;
    let needs_secret = matches!(key.algorithm.as_str(), "HS256" | "user_hash");
    let id = match &known {
        Some(known) => known.id.clone(),
        None => core.store().new_id("idk_"),
    };
    let sealed = match secret {
        Some(secret) => {
            let text = secret.show();
            if text.trim().len() < SECRET {
                return Err(Error::bad_request(say!(
                    "a secret has at least {count} characters",
                    count = SECRET as u64
                )));
            }
            Some(core.store().seal_credential(&id, &SecretText::new(text.trim().to_owned()))?)
        }
        None if needs_secret && !core.store().is_sealed(&id)? => {
            return Err(Error::bad_request(say!("this key needs its secret")));
        }
        None => None,
    };
    let now = core.store().environment().clock.now();
    let key = IdentityKey {
        id: id.clone(),
        name: key.name.trim().to_owned(),
        connector: key.connector.trim().to_owned(),
        created_at: known.map_or(now, |known| known.created_at),
        revoked_at: None,
        ..key.clone()
    };
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        if let Some(sealed) = &sealed {
            tx.put_sealed(sealed)?;
        }
        tx.put_identity_key(&key)?;
        let facts = json!({ "algorithm": key.algorithm, "claims": key.claims, "creates": key.creates });
        Ok::<_, Error>(tx.audit("identity_key_put", Some(&key.id), &facts)?)
    })?;
    Ok(id)
}

fn check(key: &IdentityKey) -> Result<(), Error> {
    if key.name.trim().is_empty() {
        return Err(Error::bad_request(say!("a key needs a name")));
    }
    if !ALGORITHMS.contains(&key.algorithm.as_str()) {
        return Err(Error::bad_request(say!("a key is of HS256, RS256, ES256 or user_hash")));
    }
    if matches!(key.algorithm.as_str(), "RS256" | "ES256") && key.public_key.trim().is_empty() {
        return Err(Error::bad_request(say!("this key needs its public key")));
    }
    if key.connector.trim().is_empty() {
        return Err(Error::bad_request(say!("say at which remote the IDs are that it proves")));
    }
    if let Some(unknown) = key.claims.iter().find(|claim| !CLAIMS.contains(&claim.as_str())) {
        return Err(Error::bad_request(say!("a proof may not write {unknown}", unknown)));
    }
    if !(1..=LONGEST_MINUTES).contains(&key.grant_minutes) {
        return Err(Error::bad_request(say!("a proof counts for a minute up to a day")));
    }
    Ok(())
}

/// Takes a key away: it proves nothing any more, and its secret is gone.
pub fn revoke_key(core: &Core, name: &str, who: &Who) -> Result<(), Error> {
    let key = find_key(core, name)?;
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        let revoked_at = Some(tx.now());
        tx.put_identity_key(&IdentityKey { revoked_at, ..key.clone() })?;
        tx.destroy_sealed(&key.id)?;
        Ok::<_, Error>(tx.audit("identity_key_revoked", Some(&key.id), &json!({}))?)
    })?;
    Ok(())
}

/// All keys, those that are gone too.
pub fn keys(core: &Core) -> Result<Vec<IdentityKey>, Error> {
    Ok(core.store().read(|r| r.identity_keys().all())?)
}

/// The key with this id or name.
pub fn find_key(core: &Core, name: &str) -> Result<IdentityKey, Error> {
    core.store().read(|r| r.identity_keys().named(name))?.ok_or_else(|| Error::not_found(say!("the key {name}", name)))
}

/// The secret of a key; nothing where it has none. It is used and shown to nobody.
pub fn secret(core: &Core, key: &IdentityKey) -> Result<Option<SecretText>, Error> {
    Ok(core.store().credential(&key.id)?)
}

/// What a checked proof says.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The external ID, byte for byte.
    pub user_id: String,
    /// What the proof calls itself, where it counts once.
    pub once: Option<String>,
    /// From when on it would not count any more.
    pub expires_at: Option<Millis>,
    /// What it says of the person, by field.
    pub claims: Map<String, Value>,
}

/// Why somebody is not who was proven, in a word for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Denied {
    /// The proof was used before.
    Replayed,
    /// Nobody here has this external ID.
    Unknown,
    /// Their card may not be used, or is in the bin.
    Barred,
    /// They were erased.
    Erased,
    /// What the proof says of them makes no sense.
    Unreadable,
    /// The proof itself does not hold: signature, time, or for whom it is.
    Invalid,
}

impl Denied {
    const ALL: [Self; 6] = [Self::Replayed, Self::Unknown, Self::Barred, Self::Erased, Self::Unreadable, Self::Invalid];

    /// The word of the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replayed => "replayed",
            Self::Unknown => "unknown_id",
            Self::Barred => "barred",
            Self::Erased => "erased",
            Self::Unreadable => "unreadable",
            Self::Invalid => "invalid_proof",
        }
    }

    /// Reads the word again.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// What the owner reads; the program that asked learns less.
    pub(crate) fn sentence(self) -> Sentence {
        match self {
            Self::Replayed => say!("the proof was used before"),
            Self::Unknown => say!("nobody here has this ID"),
            Self::Barred => say!("their card may not be used, or is in the bin"),
            Self::Erased => say!("they were erased"),
            Self::Unreadable => say!("what it says of them makes no sense"),
            Self::Invalid => say!("its signature, its time or its recipient is wrong"),
        }
    }
}

/// With whom a program speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted {
    /// The card.
    pub stored: Stored,
    /// `created`, `updated` or `unchanged`.
    pub outcome: &'static str,
    /// What the client shows to ask about this card; shown once.
    pub grant: String,
    /// From when on it does not count.
    pub expires_at: Millis,
    /// To undo what it changed.
    pub operation: Option<OperationId>,
}

/// Looks up whom a proof is about, keeps what it may say of them, and lets the client ask
/// about this card for as long as the key says.
pub fn admit(
    core: &Core,
    key: &IdentityKey,
    proof: &Proof,
    client: &Client,
    who: &Who,
) -> Result<Result<Admitted, Denied>, Error> {
    let sight = Sight::of(core, &client.purpose)?;
    let link = Link { connector: key.connector.clone(), scope: key.scope.clone(), external_id: proof.user_id.clone() };
    let Ok(claims) = claims(core, key, &link, &proof.claims) else {
        deny(core, key, Denied::Unreadable, 0, who)?;
        return Ok(Err(Denied::Unreadable));
    };
    let now = core.store().environment().clock.now();
    let expires_at = Millis(now.0 + i64::from(key.grant_minutes) * 60_000);
    let id = core.store().new_id("idg_");
    let grant = format!("{id}.{}", random(core));
    let once = proof.once.as_ref().map(|once| once_tag(core, key, once));
    let subject = claims.display_name().to_owned();
    let (kept, operation) = core.store().write(who.op(OpKind::Ingest, subject), |tx| {
        // Looked at here, where nobody is restricted, binned or erased meanwhile.
        if let Some(denied) = denied(tx, key, &sight, &link, &claims)? {
            return Ok(Err(denied));
        }
        if let Some(once) = &once
            && !tx.note_proof(&key.id, once, proof.expires_at.unwrap_or(expires_at))?
        {
            return Ok(Err(Denied::Replayed));
        }
        let (row, outcome) = keep(tx, key, &link, claims)?;
        tx.put_identity_grant(&IdentityGrant {
            id,
            hash: clients::hash(&grant),
            contact: row,
            client: client.id.clone(),
            key: key.id.clone(),
            at: now,
            expires_at,
        })?;
        tx.audit("identity_proven", Some(&key.id), &json!({ "client": client.id, "outcome": outcome }))?;
        let stored = tx.read().contacts().get(row)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
        Ok::<_, Error>(Ok((stored, outcome)))
    })?;
    match kept {
        Ok((stored, outcome)) => Ok(Ok(Admitted { stored, outcome, grant, expires_at, operation })),
        Err(denied) => {
            let near = if denied == Denied::Unknown { near_misses(core, &proof.user_id)?.len() } else { 0 };
            deny(core, key, denied, near, who)?;
            Ok(Err(denied))
        }
    }
}

/// Why a proof that holds opens no card; nothing where it does.
fn denied(
    tx: &Tx<'_>,
    key: &IdentityKey,
    sight: &Sight,
    link: &Link,
    claims: &Contact,
) -> Result<Option<Denied>, Error> {
    let reader = tx.read();
    let Some(row) = reader.links().contact_of(link)? else {
        if !key.creates {
            return Ok(Some(Denied::Unknown));
        }
        let is_erased = !tx.suppressed(&marks(claims))?.is_empty();
        return Ok(is_erased.then_some(Denied::Erased));
    };
    let is_binned = reader.contacts().get(row)?.is_some_and(|stored| stored.contact.binned_at.is_some());
    Ok((is_binned || !is_told_of(reader, sight, row)?).then_some(Denied::Barred))
}

/// Whether a program that speaks with somebody may be told of them: it may be an agent.
fn is_told_of(reader: Reader<'_>, sight: &Sight, contact: ContactRow) -> SqlResult<bool> {
    Ok(standing::for_agents(reader, contact, sight.purpose.as_ref())?.is_ok())
}

/// What is noted of a proof that counts once. Nobody learns from it what the proof was.
pub(crate) fn once_tag(core: &Core, key: &IdentityKey, once: &str) -> [u8; 32] {
    core.store().suppressor().tag(MarkKind::Record, &format!("{}\0{once}", key.id))
}

fn random(core: &Core) -> String {
    let mut bytes = [0; 32];
    core.store().environment().entropy.fill(&mut bytes);
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Writes down that a proof was not enough. Names nobody.
pub fn deny(core: &Core, key: &IdentityKey, why: Denied, near: usize, who: &Who) -> Result<(), Error> {
    core.store().write(who.op(OpKind::Privacy, ""), |tx| note_denied(tx, key, why, near))?;
    Ok(())
}

/// The same inside a transaction.
pub(crate) fn note_denied(tx: &mut Tx<'_>, key: &IdentityKey, why: Denied, near: usize) -> Result<(), Error> {
    let facts = json!({ "reason": why.as_str(), "near_misses": near });
    Ok(tx.audit("identity_denied", Some(&key.id), &facts)?)
}

/// For the owner who asks why somebody was not found: IDs that nearly are the one.
pub fn near_misses(core: &Core, user_id: &str) -> Result<Vec<NearMiss>, Error> {
    const SHOWN: u32 = 20;
    Ok(core.store().read(|r| resolve::near_misses(r, user_id, SHOWN))?)
}

/// What a proof may say of a person, as a card.
fn claims(core: &Core, key: &IdentityKey, link: &Link, said: &Map<String, Value>) -> Result<Contact, Error> {
    let region = core.region()?;
    let mut card = Contact { source: key.connector.clone(), links: vec![link.clone()], ..Contact::default() };
    for claim in &key.claims {
        let Some(text) = said.get(claim).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()) else {
            continue;
        };
        match claim.as_str() {
            "email" => {
                let key = email::key(text).map_err(|e| Error::bad_request(e.sentence()))?;
                card.emails.push(Item::new(text, key));
            }
            "phone" => card.phones.push(Item::new(text, phone::key(text, region).unwrap_or_default())),
            field => {
                card.set_value(field, text.into());
            }
        }
    }
    Ok(card)
}

fn keep(tx: &mut Tx<'_>, key: &IdentityKey, link: &Link, claims: Contact) -> Result<(u32, &'static str), Error> {
    let now = tx.now();
    let prove = |card: &mut Contact| {
        card.identity = Identity::Verified;
        card.verified_at = Some(now);
        card.verified_by = format!("proof by {}", key.name);
    };
    match tx.read().links().contact_of(link)? {
        Some(row) => {
            let before = tx.read().contacts().get(row)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
            let mut after = merge(&before.contact, &claims, key.policy).unwrap_or_else(|| before.contact.clone());
            suppression::refuse_anew(tx, &before.contact, &after)?;
            let said_more = after != before.contact;
            after.last_seen = after.last_seen.max(Some(now));
            prove(&mut after);
            tx.update(&before, after)?;
            Ok((row, if said_more { "updated" } else { "unchanged" }))
        }
        None => {
            let mut card = claims;
            (card.first_seen, card.last_seen) = (Some(now), Some(now));
            prove(&mut card);
            Ok((tx.insert(card)?, "created"))
        }
    }
}

/// The card that a grant is for, while it counts: the client that got it may ask about this
/// one and about no other.
pub fn granted(core: &Core, client: &Client, grant: &str) -> Result<Option<Stored>, Error> {
    let Some((id, _)) = grant.split_once('.') else { return Ok(None) };
    let Some(known) = core.store().read(|r| r.identity_keys().grant(id))? else { return Ok(None) };
    let now = core.store().environment().clock.now();
    let counts = clients::is_same(&known.hash, &clients::hash(grant)) && known.client == client.id;
    let holds = core.store().read(|r| r.identity_keys().named(&known.key))?.is_some();
    if !counts || !holds || now >= known.expires_at {
        return Ok(None);
    }
    let sight = Sight::of(core, &client.purpose)?;
    if !core.store().read(|r| is_told_of(r, &sight, known.contact))? {
        return Ok(None);
    }
    let stored = core.store().read(|r| r.contacts().get(known.contact))?;
    Ok(stored.filter(|stored| stored.contact.binned_at.is_none()))
}

/// What a card says in the fields that were approved for a client, each by its name; null where it
/// says nothing. Nothing else of it is read, and who got what is kept before it is told. Nothing
/// when the client may not be told of it.
pub fn told(
    core: &Core,
    client: &Client,
    contact: ContactRow,
    who: &Who,
) -> Result<Option<Vec<(String, Value)>>, Error> {
    let sight = Sight::of(core, &client.purpose)?;
    let ((), seen) = core.store().read_narrowly(
        |r| {
            let approval = Approval { card: contact, fields: client.fields.clone() };
            Ok(((), is_told_of(r, &sight, contact)?.then_some(approval)))
        },
        |reader| {
            if !reader.is_there()? {
                return Ok(None);
            }
            let said = reader.fields().iter().map(|field| Ok((field.clone(), reader.field(field)?)));
            said.collect::<SqlResult<Vec<_>>>().map(Some)
        },
    )?;
    let Some(said) = seen.and_then(|seen| seen.value) else { return Ok(None) };
    let known: Vec<&String> = said.iter().filter(|(_, value)| !value.is_null()).map(|(field, _)| field).collect();
    let recipient =
        Remote { id: client.id.clone(), name: client.name.clone(), kind: "program".into(), ..Remote::default() };
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        tx.disclose(contact, &recipient, known.iter().copied())?;
        Ok::<_, Error>(tx.audit("identity_read", Some(&client.id), &json!({ "fields": known }))?)
    })?;
    Ok(Some(said))
}

/// Forgets grants and proofs whose time is over.
pub fn expire(core: &Core) -> Result<(), Error> {
    let who = Who { actor: "cardfile".into(), origin: "retention".into() };
    core.store().write(who.op(OpKind::FieldChange, ""), |tx| {
        let now = tx.now();
        tx.expire_client_deeds(Millis(now.0 - Millis::DAY))?;
        Ok::<_, Error>(tx.expire_identity(now)?)
    })?;
    Ok(())
}
