//! The malicious manifests of the threat model, and honest mistakes.

use super::super::Manifest;
use rstest::rstest;

/// A made-up system, as short as it can be.
const HONEST: &str = r#"
format = "cardfile.connector/1"
[connector]
id = "acme"
label = "Acme"
version = 1
[[config]]
name = "token"
label = "Token"
kind = "secret"
[[config]]
name = "shop"
label = "Shop"
[auth]
kind = "bearer"
token = "token"
[http]
base = "https://api.acme.example"
hosts = ["api.acme.example"]
[identity]
remote_id = "/id"
external_id = "/ref"
scope = ["shop"]
[changes]
mode = "full_scan"
[ops.list]
method = "GET"
path = "v1/{config.shop}/people"
items = "/people"
[ops.read]
method = "GET"
path = "v1/people/{remote_id}"
[ops.create]
method = "POST"
path = "v1/people"
body = { person = { record = "" } }
[ops.update]
method = "PATCH"
path = "v1/people/{remote_id}"
body = { person = { record = "" } }
[[field]]
local = "email"
remote = "/email"
[[field]]
local = "name"
remote = "/name"
"#;

fn faults(text: &str) -> Vec<String> {
    Manifest::parse(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn an_honest_manifest_is_taken() {
    assert_eq!(faults(HONEST), Vec::<String>::new());
}

#[rstest]
#[case::a_foreign_host("base = \"https://api.acme.example\"", "base = \"https://evil.example\"", "http.base")]
#[case::any_host("hosts = [\"api.acme.example\"]", "hosts = [\"*.acme.example\"]", "http.hosts[0]")]
#[case::no_hosts("hosts = [\"api.acme.example\"]", "hosts = []", "http.hosts")]
#[case::in_clear("https://api.acme.example", "http://api.acme.example", "http.base")]
#[case::an_address_for_a_path("path = \"v1/people\"\nbody", "path = \"//evil.example/x\"\nbody", "ops.create.path")]
#[case::a_path_that_leads_up("v1/people/{remote_id}\"\n[ops.create]", "../admin\"\n[ops.create]", "ops.read.path")]
#[case::a_question_in_a_path("path = \"v1/people\"\nbody", "path = \"v1/people?to=x\"\nbody", "ops.create.path")]
#[case::a_secret_in_a_path("v1/{config.shop}/people", "v1/{config.token}/people", "ops.list.path")]
#[case::a_secret_in_a_query(
    "items = \"/people\"",
    "items = \"/people\"\nquery = { key = { from = \"config.token\" } }",
    "ops.list.query"
)]
#[case::a_secret_in_a_body(
    "body = { person = { record = \"\" } }\n[ops.update]",
    "body = { person = { record = \"\" }, key = { from = \"config.token\" } }\n[ops.update]",
    "ops.create.body"
)]
#[case::a_secret_in_a_header(
    "hosts = [\"api.acme.example\"]",
    "hosts = [\"api.acme.example\"]\nheaders = { X-Key = \"{config.token}\" }",
    "http.headers.X-Key"
)]
#[case::a_header_that_is_not_its_own(
    "hosts = [\"api.acme.example\"]",
    "hosts = [\"api.acme.example\"]\nheaders = { Cookie = \"x\" }",
    "http.headers.Cookie"
)]
#[case::a_secret_that_is_given("kind = \"secret\"", "kind = \"secret\"\ndefault = \"x\"", "config[0].default")]
#[case::a_token_that_is_none("token = \"token\"", "token = \"shop\"", "auth.token")]
#[case::an_expression(
    "{ record = \"\" } }\n[ops.update]",
    "{ from = \"email | upper\" } }\n[ops.update]",
    "ops.create.body"
)]
#[case::tokens_from_elsewhere(
    "token = \"token\"",
    "token = \"token\"\noauth = { authorize = \"https://api.acme.example/a\", token = \"https://evil.example/t\", client_id = \"shop\" }",
    "auth.oauth.token"
)]
fn a_malicious_manifest_is_refused_with_a_reason(#[case] honest: &str, #[case] malicious: &str, #[case] path: &str) {
    assert!(HONEST.contains(honest), "the case is about something that is there");
    let found = faults(&HONEST.replacen(honest, malicious, 1));
    assert!(found.iter().any(|fault| fault.contains(&format!(" {path}: "))), "{path}: {found:?}");
}

#[rstest]
#[case::an_unknown_section("[identity]", "[run]\ncmd = \"sh\"\n[identity]", "unknown field `run`")]
#[case::an_unknown_key("scope = [\"shop\"]", "script = \"x\"", "unknown field `script`")]
#[case::another_version("cardfile.connector/1", "cardfile.connector/2", "unknown variant")]
#[case::no_pointer("remote = \"/email\"", "remote = \"email\"", "did not match")]
#[case::no_toml("[identity]", "[identity", "")]
fn what_the_format_does_not_have_is_refused_where_it_stands(
    #[case] right: &str,
    #[case] wrong: &str,
    #[case] says: &str,
) {
    let text = HONEST.replacen(right, wrong, 1);
    let found = Manifest::parse(&text).expect_err("it is refused");
    assert!(found[0].message.contains(says), "{found:?}");
    assert!(found[0].line > 1, "{found:?}");
}

#[rstest]
#[case::an_unknown_field("local = \"email\"", "local = \"ssn\"", "field[0].local")]
#[case::one_twice("local = \"email\"", "local = \"name\"", "field[1].local")]
#[case::two_in_one_place("remote = \"/email\"", "remote = \"/name\"", "field[1].remote")]
#[case::over_the_id("remote = \"/email\"", "remote = \"/id\"", "field[0].remote")]
#[case::a_codec_of_another("remote = \"/email\"", "remote = \"/email\"\ncodec = \"name_split\"", "field[0].codec")]
#[case::nothing_is_sent(
    "body = { person = { record = \"\" } }\n[ops.update]",
    "body = { a = 1 }\n[ops.update]",
    "ops.create.body"
)]
#[case::no_search("mode = \"full_scan\"", "mode = \"search_since\"", "changes.field")]
#[case::a_batch_without_result("path = \"v1/people\"", "path = \"v1/people\"\nbatch = 50", "ops.create.batch")]
#[case::a_value_that_is_not_known(
    "v1/people/{remote_id}\"\n[ops.create]",
    "v1/people/{trace}\"\n[ops.create]",
    "ops.read.path"
)]
#[case::no_condition("[changes]", "[write]\nguard = \"condition\"\n[changes]", "write.guard")]
fn what_would_lose_something_is_refused(#[case] right: &str, #[case] wrong: &str, #[case] path: &str) {
    assert!(HONEST.contains(right), "the case is about something that is there");
    let found = faults(&HONEST.replacen(right, wrong, 1));
    assert!(found.iter().any(|fault| fault.contains(&format!(" {path}: "))), "{path}: {found:?}");
}
