//! A workspace with agents: people with IDs at a shop, a key by which the shop proves who
//! somebody is, and a program that asks.

use crate::identity::{card, link};
use cardfile_core::{
    Core, Protection, SecretText, agents,
    agents::calls::{self, Listed},
    identify,
};
use cardfile_domain::{Contact, agent::AgentClient};
use cardfile_gateway::agent::{Session, denied};
use cardfile_store::{Environment, IdentityKey};
use cardfile_testkit::{TestClock, environment_at, who};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fmt::Write, path::PathBuf, sync::Arc};
use tempfile::TempDir;

/// What the shop and the workspace alone know.
pub(crate) const SECRET: &str = "a secret of the shop, long enough for HS256";
/// Seconds at which tests begin.
const START: i64 = 1_795_251_600;

pub(crate) struct Scene {
    pub(crate) core: Arc<Core>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) files: PathBuf,
    _temp: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::protected_by(&Protection::None)
    }

    fn protected_by(protection: &Protection) -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let (dir, files) = (temp.path().join("workspace"), temp.path().join("files"));
        std::fs::create_dir(&files).expect("a temporary folder");
        let clock = Arc::<TestClock>::default();
        let environment: Environment = environment_at(Arc::clone(&clock));
        let (core, _) = Core::create(&dir, protection, environment).expect("a new workspace");
        Self { core: Arc::new(core), clock, files, _temp: temp }
    }

    /// The same with keys of the shop for tokens and for keyed hashes.
    pub(crate) fn with_keys() -> Self {
        Self::new().and_keys()
    }

    /// The same under a passphrase: it may keep secrets.
    pub(crate) fn under_a_passphrase() -> Self {
        Self::protected_by(&Protection::Passphrase("correct horse battery".to_owned().into())).and_keys()
    }

    fn and_keys(self) -> Self {
        for (name, algorithm) in [("shop", "HS256"), ("shop-hash", "user_hash")] {
            put_key(&self.core, name, algorithm);
        }
        self
    }

    /// Somebody whom the shop knows by this ID.
    pub(crate) fn person(&self, contact: Contact, user_id: &str) -> String {
        card(&self.core, Contact { links: vec![link("shop", user_id)], ..contact })
    }

    /// A client with all tools that may read these fields, turned on.
    pub(crate) fn bot(&self, fields: &[&str]) -> AgentClient {
        self.approve(AgentClient { fields: texts(fields), ..AgentClient::new("Bot") })
    }

    pub(crate) fn approve(&self, client: AgentClient) -> AgentClient {
        agents::approve(&self.core, &client, "it is a test", &who()).expect("approved")
    }

    pub(crate) fn session(&self, client: &AgentClient) -> Session {
        Session::open(Arc::clone(&self.core), &client.id).expect("a client")
    }

    /// Every call, the first first.
    pub(crate) fn calls(&self) -> Vec<Listed> {
        let mut all = calls::list(&self.core, None, None, 1_000).expect("calls");
        all.reverse();
        all
    }

    /// What the last call was, what became of it, and the fields that left.
    pub(crate) fn last_call(&self) -> (String, &'static str, Vec<String>) {
        let last = self.calls().pop().expect("a call").call;
        (last.tool, last.result, last.fields)
    }
}

pub(crate) fn put_key(core: &Core, name: &str, algorithm: &str) {
    let key = IdentityKey {
        name: name.into(),
        algorithm: algorithm.into(),
        connector: "shop".into(),
        grant_minutes: 600,
        ..IdentityKey::default()
    };
    identify::put_key(core, &key, Some(SecretText::new(SECRET.to_owned())), &who()).expect("a key");
}

pub(crate) fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

/// What the program is told, whether it gets something or not.
pub(crate) fn ask(session: &Session, tool: &str, arguments: Value) -> Value {
    let arguments = arguments.as_object().cloned().expect("an object");
    session.call(tool, arguments).unwrap_or_else(|why| denied(&why))
}

/// The word that the program is told that gets nothing.
pub(crate) fn refusal(told: &Value) -> &str {
    told["error"]["code"].as_str().unwrap_or_else(|| panic!("it got {told}"))
}

/// Proves that this person talks, by a keyed hash.
pub(crate) fn prove(session: &Session, user_id: &str) {
    let told = ask(session, "identify", shown(user_id));
    assert_eq!(told["verified"], true, "{told}");
}

/// The arguments by which this person is shown.
pub(crate) fn shown(user_id: &str) -> Value {
    json!({ "user_id": user_id, "user_hash": user_hash(user_id) })
}

/// The keyed hash of an ID, as the shop makes it.
pub(crate) fn user_hash(user_id: &str) -> String {
    hmac(SECRET.as_bytes(), user_id.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A token of the shop that ends so many minutes from now.
pub(crate) fn token(user_id: &str, minutes: i64) -> String {
    signed(&json!({ "user_id": user_id, "exp": START + minutes * 60 }), SECRET)
}

/// A token with these claims.
pub(crate) fn signed(claims: &Value, secret: &str) -> String {
    let head = base64(json!({ "alg": "HS256", "typ": "JWT", "kid": "shop" }).to_string().as_bytes());
    let body = format!("{head}.{}", base64(claims.to_string().as_bytes()));
    let seal = base64(&hmac(secret.as_bytes(), body.as_bytes()));
    format!("{body}.{seal}")
}

/// RFC 2104, written out: the checker is another program than the maker.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    assert!(key.len() <= 64, "a block");
    let padded = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

/// RFC 4648, 5, without padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().fold(0u32, |all, byte| (all << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[((all >> (18 - 6 * place)) & 63) as usize]));
        }
    }
    text
}

#[test]
fn the_shop_signs_as_the_rfcs_say() {
    // RFC 4231, 4.3.
    let hash = hmac(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(hash[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    assert_eq!(["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())), ["", "Zg", "Zm8", "Zm9v", "Zm9vYg"]);
}
