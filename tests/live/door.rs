//! The door for other programs beside what nobody here wrote: Schemathesis makes thousands of
//! requests out of its document and holds the answers to it, PyJWT makes the tokens.

use cardfile_core::{
    IdentityKey, SecretText,
    clients::{NewClient, Scope},
    identify,
};
use cardfile_testkit::{
    door::OpenDoor,
    hash_of,
    peers::{ended_in, program_at},
    project, who,
};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, time::Duration};

/// Requests that are made up for each of sixty operations, beside those of the edges of its shapes.
const EXAMPLES: u32 = 120;
const ALL: u32 = 10_000;
const PATIENCE: Duration = Duration::from_secs(3_600);

fn program(name: &str) -> PathBuf {
    let program = project().join("target/probes/bin").join(name);
    assert!(program.exists(), "{name} is missing: .ci/install peers brings it");
    program
}

#[test]
fn ten_thousand_requests_out_of_the_document_get_no_answer_that_it_does_not_describe() {
    let door = OpenDoor::default();
    let owner = door.owner();
    for name in ["Ana", "Bo", "Cy"] {
        let own = owner.contact(&json!({ "name": name, "email": format!("{name}@x.example"), "tags": ["vip"] }));
        owner.make(&format!("/v1/contacts/{own}/notes"), &json!({ "text": "Blue" }));
    }
    let eager = NewClient { per_minute: u32::MAX, ..NewClient::new("schemathesis", Scope::ALL) };
    let token = door.program_of(&eager).token;
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program_at(&program("schemathesis"));
    command.arg("run").arg(format!("http://{}/v1/openapi.json", door.address));
    command.arg("--url").arg(format!("http://{}", door.address));
    command.arg("--header").arg(format!("Authorization: Bearer {token}"));
    command.args(["--max-examples", &EXAMPLES.to_string(), "--seed", "8", "--generation-database", "none"]);
    command.args(["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--no-color"]);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                  response_schema_conformance";
    command.args(["--checks", checks, "--suppress-health-check", "all"]);
    command.current_dir(folder.path()).env("HOME", folder.path()).env("NO_PROXY", "127.0.0.1");
    let out = std::fs::File::create(folder.path().join("said")).expect("a file");
    command.stdin(Stdio::null()).stdout(out.try_clone().expect("a file")).stderr(out);
    let output = ended_in(command.spawn().expect("Schemathesis starts"), PATIENCE);
    let said = std::fs::read_to_string(folder.path().join("said")).expect("what it said");
    let tail = &said[said.char_indices().rev().nth(20_000).map_or(0, |(at, _)| at)..];
    assert!(output.status.success(), "{tail}");
    // `  10412 generated, …`
    let made = said.split(" generated, ").next().and_then(|before| before.split_whitespace().last());
    let made: u32 = made.and_then(|made| made.replace(',', "").parse().ok()).unwrap_or_default();
    assert!(made >= ALL, "{made} requests were made\n{tail}");
    door.core.store().verify().expect("every page and every reference is whole");
    assert!(!hash_of(&door.core).is_empty());
}

/// Keys and tokens as PyJWT makes them, as one JSON object.
const TOKENS: &str = r#"
import json, sys
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
said = json.loads(sys.argv[1])
def public(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
secret = "a secret of thirty-two characters"
r = rsa.generate_private_key(public_exponent=65537, key_size=2048)
e = ec.generate_private_key(ec.SECP256R1())
print(json.dumps({
    "HS256": {"token": jwt.encode(said, secret, algorithm="HS256"), "secret": secret},
    "RS256": {"token": jwt.encode(said, r, algorithm="RS256"), "public": public(r)},
    "ES256": {"token": jwt.encode(said, e, algorithm="ES256"), "public": public(e)},
    "none": {"token": jwt.encode(said, None, algorithm="none")},
    "HS512": {"token": jwt.encode(said, secret * 3, algorithm="HS512"), "secret": secret * 3},
}))
"#;

#[test]
fn tokens_of_another_maker_hold_and_only_under_their_own_key() {
    let door = OpenDoor::default();
    let ana = door.owner().contact(&json!({ "name": "Ana", "external_ids": [{ "remote": "shop", "id": "V-17" }] }));
    let now = door.core.store().environment().clock.now().0 / 1000;
    let said = json!({ "user_id": "V-17", "iss": "https://shop.example", "aud": "cardfile", "iat": now,
        "exp": now + 3_600 });
    let mut command = program_at(&program("python"));
    command.args(["-c", TOKENS, &said.to_string()]).stdin(Stdio::null()).stdout(Stdio::piped());
    let output = ended_in(command.spawn().expect("Python starts"), PATIENCE);
    assert!(output.status.success());
    let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |algorithm: &str, name: &str| made[algorithm][name].as_str().unwrap_or_default().to_owned();
    let kept = ["HS256", "RS256", "ES256"];
    for algorithm in kept {
        let key = IdentityKey {
            name: algorithm.into(),
            algorithm: algorithm.into(),
            public_key: text(algorithm, "public"),
            connector: "shop".into(),
            issuer: "https://shop.example".into(),
            audience: "cardfile".into(),
            grant_minutes: 60,
            ..IdentityKey::default()
        };
        let secret = Some(text(algorithm, "secret")).filter(|secret| !secret.is_empty()).map(SecretText::new);
        identify::put_key(&door.core, &key, secret, &who()).expect("a key");
    }
    let assistant = door.program("assistant", &[Scope::Identify]);
    for key in kept {
        for algorithm in ["HS256", "RS256", "ES256", "none", "HS512"] {
            let proof = json!({ "key": key, "token": text(algorithm, "token") });
            let (status, answer) = assistant.send("POST", "/v1/identify", &proof);
            let expected = if key == algorithm { (200, json!(ana)) } else { (403, Value::Null) };
            assert_eq!((status, answer["contact_id"].clone()), expected, "{algorithm} under {key}: {answer}");
        }
    }
}
