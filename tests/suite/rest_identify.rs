//! With whom a program speaks: a proof holds or it does not, its ID is the one that is here byte
//! for byte, and the program is told of that one card what the owner approved.

use crate::identity::{card, link, named};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use cardfile_core::{
    IdentityKey, SecretText,
    clients::{self, NewClient, Scope},
    contact, history, identify,
    privacy::{audit, restriction},
};
use cardfile_domain::{
    Contact, Identity,
    restriction::{Restriction, Sort},
};
use cardfile_store::{Client, Op, OpKind};
use cardfile_testkit::{
    door::{OpenDoor, Program},
    who,
};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use rstest::rstest;
use serde_json::{Map, Value, json};
use std::{sync::Barrier, thread};

const SECRET: &str = "a secret of thirty-two characters";
const OTHER: &str = "another secret of as many characters";

fn key(name: &str, algorithm: &str) -> IdentityKey {
    IdentityKey {
        name: name.into(),
        algorithm: algorithm.into(),
        connector: "shop".into(),
        issuer: "https://shop.example".into(),
        audience: "cardfile".into(),
        claims: vec!["name".into(), "email".into()],
        grant_minutes: 60,
        ..IdentityKey::default()
    }
}

fn put(door: &OpenDoor, key: &IdentityKey, secret: Option<&str>) {
    let secret = secret.map(|secret| SecretText::new(secret.to_owned()));
    identify::put_key(&door.core, key, secret, &who()).expect("a key");
}

fn seconds(door: &OpenDoor, minutes: i64) -> i64 {
    door.core.store().environment().clock.now().0 / 1000 + minutes * 60
}

/// What a shop says of its user.
fn said(door: &OpenDoor, user_id: &str) -> Value {
    json!({ "user_id": user_id, "iss": "https://shop.example", "aud": "cardfile", "exp": seconds(door, 10),
        "iat": seconds(door, 0) })
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn token(body: &Value, secret: &str) -> String {
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT", "kid": "shop" })), part(body));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

fn proven(program: &Program, proof: &Value) -> (u16, Value) {
    program.send("POST", "/v1/identify", proof)
}

/// The last reason why somebody was denied.
fn reason(door: &OpenDoor) -> String {
    let entries = audit::latest(&door.core, None, 20).expect("a log");
    let denied = entries.iter().find(|entry| entry.event == "identity_denied").expect("it is written down");
    denied.facts["reason"].as_str().expect("a reason").to_owned()
}

fn customer(door: &OpenDoor, name: &str, user_id: &str) -> String {
    door.owner().contact(&json!({ "name": name, "email": format!("{name}@x.example"), "phone": "+34 612 408 177",
        "preferences": "Writes in Spanish", "external_ids": [{ "remote": "shop", "id": user_id }] }))
}

#[test]
fn a_token_that_holds_names_one_card_and_what_was_approved_of_it() {
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    let ana = customer(&door, "Ana", "V-17");
    let assistant = door.program("assistant", &[Scope::Identify]);
    let token = token(&said(&door, "V-17"), SECRET);
    let (status, answer) = proven(&assistant, &json!({ "token": token }));
    assert_eq!(
        (status, &answer["contact_id"], &answer["outcome"]),
        (200, &json!(ana), &json!("unchanged")),
        "{answer}"
    );
    let me = &answer["me"];
    assert_eq!(me["fields"], json!({ "name": "Ana", "preferences": "Writes in Spanish" }), "and nothing else");
    assert_eq!((&me["known"], &me["missing"]), (&json!(["name", "preferences"]), &json!(["description"])));
    let stored = door.contact(&ana);
    assert_eq!((stored.identity, stored.verified_by.as_str()), (Identity::Verified, "proof by shop"));

    let grant = answer["grant"].as_str().expect("a grant").to_owned();
    let me = |program: &Program, grant: &str| program.ask("GET", "/v1/me", &[("Cardfile-Grant", grant)], b"").status();
    assert_eq!(me(&assistant, &grant), 200);
    assert_eq!(me(&assistant, &grant.replace("idg_", "idg_x")), 403);
    let other = door.program("other", &[Scope::Identify]);
    assert_eq!(me(&other, &grant), 403, "a grant is of one client");
    assert_eq!(assistant.refused("GET", &format!("/v1/contacts/{ana}"), &Value::Null).0, 403, "and of this card alone");
    door.clock.pass_minutes(61);
    assert_eq!(me(&assistant, &grant), 403, "and for a while");
    let entries = audit::latest(&door.core, None, 20).expect("a log");
    assert!(entries.iter().any(|entry| entry.event == "identity_proven"));
    let whole = format!("{entries:?}");
    assert!(!whole.contains("V-17") && !whole.contains("Ana"), "the log names nobody: {whole}");
}

#[test]
fn whoever_is_not_proven_gets_one_answer_and_the_owner_the_reason() {
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    let ana = customer(&door, "Ana", "V-17");
    let assistant = door.program("assistant", &[Scope::Identify]);
    let with = |name: &str, value: Value| {
        let mut body = said(&door, "V-17");
        body[name] = value;
        body
    };
    let mut answers = Vec::new();
    for (what, body, secret, why) in [
        ("another secret", said(&door, "V-17"), OTHER, "invalid_proof"),
        ("over", with("exp", json!(seconds(&door, -5))), SECRET, "invalid_proof"),
        ("for another", with("aud", json!("crm")), SECRET, "invalid_proof"),
        ("of another", with("iss", json!("https://evil.example")), SECRET, "invalid_proof"),
        ("nobody", said(&door, "V-18"), SECRET, "unknown_id"),
        ("small letters", said(&door, "v-17"), SECRET, "unknown_id"),
        ("a blank more", said(&door, "V-17 "), SECRET, "unknown_id"),
    ] {
        let (status, answer) = proven(&assistant, &json!({ "token": token(&body, secret) }));
        assert_eq!((status, reason(&door).as_str()), (403, why), "{what}: {answer}");
        answers.push(answer);
    }
    // Keys and tokens that say nothing to us look the same.
    for proof in [json!({ "token": "a.b.c" }), json!({ "key": "crm", "token": "a.b.c" })] {
        let (status, answer) = proven(&assistant, &proof);
        assert_eq!(status, 403);
        answers.push(answer);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    contact::bin(&door.core, &[door.row(&ana)], &who()).expect("binned");
    assert_eq!(proven(&assistant, &json!({ "token": token(&said(&door, "V-17"), SECRET) })).0, 403);
    assert_eq!(reason(&door), "barred");
    // The owner sees which ID nearly was it.
    let near = identify::near_misses(&door.core, "v-17").expect("near ones");
    assert_eq!((near.len(), near[0].link.external_id.as_str()), (1, "V-17"));
}

#[test]
fn nobody_is_proven_any_more_once_they_were_restricted() {
    const ROUNDS: u32 = 20;
    const ASKING: usize = 4;
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    let shop = identify::find_key(&door.core, "shop").expect("a key");
    let assistant = NewClient::new("assistant", &[Scope::Identify]);
    let (client, _) = clients::create(&door.core, &assistant, &who()).expect("a client");
    let lock = Restriction { sort: Sort::Restricted, reason: "she asked for it".into(), ..Restriction::default() };
    for round in 0..ROUNDS {
        let user_id = format!("V-{round}");
        let row = door.row(&card(&door.core, Contact { links: vec![link("shop", &user_id)], ..named("Ana") }));
        let proof = identify::Proof { user_id, once: None, expires_at: None, claims: Map::new() };
        let start = Barrier::new(ASKING + 1);
        thread::scope(|scope| {
            for _ in 0..ASKING {
                scope.spawn(|| {
                    start.wait();
                    identify::admit(&door.core, &shop, &proof, &client, &who()).expect("no fault")
                });
            }
            scope.spawn(|| {
                start.wait();
                restriction::put(&door.core, &[row], &lock, &who()).expect("restricted")
            });
        });
        let events = audit::latest(&door.core, None, ASKING as u32 + 1).expect("a log").into_iter();
        let events: Vec<String> = events.map(|entry| entry.event).collect();
        let since = events.iter().position(|event| event == "restriction_put").expect("it is written down");
        assert!(events[..since].iter().all(|event| event == "identity_denied"), "round {round}: {events:?}");
    }
}

#[test]
fn a_token_that_names_itself_counts_once() {
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    customer(&door, "Ana", "V-17");
    let assistant = door.program("assistant", &[Scope::Identify]);
    let mut body = said(&door, "V-17");
    body["jti"] = json!("once");
    let proof = json!({ "token": token(&body, SECRET) });
    assert_eq!(proven(&assistant, &proof).0, 200);
    assert_eq!((proven(&assistant, &proof).0, reason(&door).as_str()), (403, "replayed"));
    body["jti"] = json!("twice");
    assert_eq!(proven(&assistant, &json!({ "token": token(&body, SECRET) })).0, 200);
}

#[test]
fn a_proof_writes_what_its_key_lets_it_write_and_no_more() {
    let door = OpenDoor::default();
    put(&door, &IdentityKey { creates: true, ..key("shop", "HS256") }, Some(SECRET));
    let assistant = door.program("assistant", &[Scope::Identify]);
    let mut body = said(&door, "V-99");
    let claims = json!({ "name": "Bo Lund", "email": "bo@x.example", "phone": "+34 600 000 000", "stage": "vip",
        "tags": ["x"], "metadata": { "a": 1 } });
    for (name, value) in claims.as_object().expect("claims") {
        body[name] = value.clone();
    }
    let (status, answer) = proven(&assistant, &json!({ "token": token(&body, SECRET) }));
    assert_eq!((status, &answer["outcome"]), (200, &json!("created")), "{answer}");
    let [bo] = &door.contacts()[..] else { panic!("one card") };
    assert_eq!((bo.name.as_str(), bo.email(), bo.phone(), bo.stage.as_str()), ("Bo Lund", "bo@x.example", "", ""));
    assert!(bo.tags.is_empty() && bo.metadata.is_empty() && bo.links[0].external_id == "V-99");
    // Blanks only, until the key says otherwise.
    body["name"] = json!("Robert");
    assert_eq!(proven(&assistant, &json!({ "token": token(&body, SECRET) })).1["outcome"], "unchanged");
    let newest = cardfile_domain::import::Policy::Newest;
    put(&door, &IdentityKey { policy: newest, ..key("shop", "HS256") }, None);
    assert_eq!(proven(&assistant, &json!({ "token": token(&body, SECRET) })).1["outcome"], "updated");
    assert_eq!(door.contacts()[0].name, "Robert");
    let all = history::list(&door.core, 1).expect("a history");
    assert_eq!((all[0].kind, all[0].origin.as_str()), ("ingest", "api"));
    identify::put_key(
        &door.core,
        &IdentityKey { claims: vec!["stage".into()], ..key("x", "HS256") },
        Some(SecretText::new(SECRET.to_owned())),
        &who(),
    )
    .expect_err("a claim that no proof may write");
}

#[test]
fn a_key_is_used_with_its_own_algorithm_and_no_other() {
    let door = OpenDoor::default();
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a pair");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pair.as_ref(), &random).expect("a pair");
    // SubjectPublicKeyInfo of a point on P-256.
    let mut der = vec![0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08];
    der.extend([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00]);
    der.extend(pair.public_key().as_ref());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
    put(&door, &IdentityKey { public_key: pem.clone(), ..key("shop", "ES256") }, None);
    customer(&door, "Ana", "V-17");
    let assistant = door.program("assistant", &[Scope::Identify]);
    let body = said(&door, "V-17");
    let signed = format!("{}.{}", part(&json!({ "alg": "ES256" })), part(&body));
    let signature = pair.sign(&random, signed.as_bytes()).expect("signed");
    let whole = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    assert_eq!(proven(&assistant, &json!({ "key": "shop", "token": whole })).0, 200);
    // The public key is no secret, whatever a token says of its algorithm.
    assert_eq!(proven(&assistant, &json!({ "key": "shop", "token": token(&body, &pem) })).0, 403);
    let none = format!("{}.{}.", part(&json!({ "alg": "none" })), part(&body));
    assert_eq!(proven(&assistant, &json!({ "key": "shop", "token": none })).0, 403);
    // The secret of one algorithm proves nothing under another.
    put(&door, &key("chat", "user_hash"), Some(SECRET));
    let other = json!({ "key": "chat", "token": token(&body, SECRET) });
    assert_eq!(proven(&assistant, &other).0, 403);
}

#[test]
fn a_key_that_is_gone_proves_nothing_and_takes_its_grants_along() {
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    customer(&door, "Ana", "V-17");
    let assistant = door.program("assistant", &[Scope::Identify]);
    let (_, answer) = proven(&assistant, &json!({ "token": token(&said(&door, "V-17"), SECRET) }));
    let grant = answer["grant"].as_str().expect("a grant");
    identify::revoke_key(&door.core, "shop", &who()).expect("revoked");
    assert_eq!(assistant.ask("GET", "/v1/me", &[("Cardfile-Grant", grant)], b"").status(), 403);
    assert_eq!(proven(&assistant, &json!({ "token": token(&said(&door, "V-17"), SECRET) })).0, 403);
    put(&door, &key("shop", "HS256"), Some(OTHER));
    assert_eq!(proven(&assistant, &json!({ "token": token(&said(&door, "V-17"), SECRET) })).0, 403, "its secret went");
}

#[rstest]
#[case("phone", true)]
#[case("preferences", true)]
#[case("email", true)]
#[case("ip_country", false)]
#[case("conversation_count", false)]
#[case("password", false)]
#[case("metadata", false)]
#[case("memories", false)]
fn only_fields_of_who_somebody_is_may_be_approved(#[case] field: &str, #[case] may_be: bool) {
    let door = OpenDoor::default();
    let new = NewClient { fields: vec![field.into()], ..NewClient::new("assistant", &[Scope::Identify]) };
    assert_eq!(clients::create(&door.core, &new, &who()).is_ok(), may_be, "{field}");
}

#[test]
fn what_a_client_was_told_of_a_card_is_kept_each_time() {
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    let row = door.row(&customer(&door, "Ana", "V-17"));
    let assistant = door.program("assistant", &[Scope::Identify]);
    let reads = || {
        let entries = audit::latest(&door.core, None, 20).expect("a log").into_iter();
        entries.filter(|entry| entry.event == "identity_read").map(|entry| entry.facts).collect::<Vec<_>>()
    };
    let (_, answer) = proven(&assistant, &json!({ "token": token(&said(&door, "V-17"), SECRET) }));
    assert_eq!(reads(), [json!({ "fields": ["name", "preferences"] })]);
    let grant = answer["grant"].as_str().expect("a grant");
    assert_eq!(assistant.ask("GET", "/v1/me", &[("Cardfile-Grant", grant)], b"").status(), 200);
    assert_eq!(reads().len(), 2);
    let told = door.core.store().read(|r| r.disclosures().of(row)).expect("readable");
    let [one] = &told[..] else { panic!("one recipient: {told:?}") };
    assert_eq!(one.name, "assistant");
    assert_eq!(one.fields.keys().collect::<Vec<_>>(), ["name", "preferences"]);
}

#[test]
fn a_client_of_an_earlier_version_is_not_told_what_may_not_be_approved() {
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    let links = vec![link("shop", "V-17"), link("session", "8f2c")];
    card(&door.core, Contact { links, metadata: r#"{"plan":"pro"}"#.into(), ..named("Ana") });
    let new = NewClient::new("assistant", &[Scope::Identify]);
    let (client, shown) = clients::create(&door.core, &new, &who()).expect("a client");
    let fields = ["name", "metadata", "external_id"].map(str::to_owned).to_vec();
    let client = Client { fields, ..client };
    let op = Op { kind: OpKind::FieldChange, subject: String::new(), actor: "tester".into(), origin: "test".into() };
    door.core.store().write(op, |tx| Ok::<_, cardfile_core::Error>(tx.put_client(&client)?)).expect("kept");
    let assistant = Program { address: door.address, token: shown };
    let (_, answer) = proven(&assistant, &json!({ "token": token(&said(&door, "V-17"), SECRET) }));
    let fields = json!({ "name": "Ana", "external_id": [{ "remote": "shop", "external_id": "V-17" }] });
    assert_eq!((&answer["me"]["fields"], &answer["me"]["missing"]), (&fields, &json!(["metadata"])), "{answer}");
}

#[test]
fn the_secret_of_a_key_is_shown_to_nobody() {
    let door = OpenDoor::default();
    put(&door, &key("shop", "HS256"), Some(SECRET));
    let shown = format!("{:?}", identify::keys(&door.core).expect("keys"));
    assert!(!shown.contains(SECRET));
    identify::put_key(&door.core, &key("brief", "HS256"), Some(SecretText::new("short".to_owned())), &who())
        .expect_err("a secret anybody guesses");
}
