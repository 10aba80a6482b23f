//! What an entry of the audit log tells beside its event, as a sentence: the log keeps words and
//! numbers that programs check, and people read sentences.

use super::letters::Letter;
use crate::{agents::grants, identify::Denied, webhooks};
use cardfile_domain::{
    Sentence,
    agent::{Proof, ProposalState},
    request::{Ground, Right},
    restriction::Sort,
    say,
};
use cardfile_store::AuditEntry;
use serde_json::Value;

/// What there is to tell; nothing where the event says all, or where a later version wrote it.
pub(crate) fn facts(entry: &AuditEntry) -> Option<Sentence> {
    let word = |name: &str| entry.facts[name].as_str().unwrap_or_default();
    let count = |name: &str| entry.facts[name].as_u64().unwrap_or_default();
    let is_so = |name: &str| entry.facts[name].as_bool().unwrap_or_default();
    let words = |name: &str| {
        let all = entry.facts[name].as_array().into_iter().flatten();
        all.filter_map(Value::as_str).collect::<Vec<&str>>()
    };
    Some(match entry.event.as_str() {
        "request_received" => {
            say!("{right}, answer by {day}", right = Right::parse(word("right"))?.sentence(), day = word("due"))
        }
        "request_extended" => say!("answer by {day}", day = word("due")),
        "approve" | "erased" => cards(count("cards")),
        "refuse" => Ground::parse(word("ground"))?.sentence(),
        // The first is what versions before wrote down when somebody looked at a letter.
        "letter_written" | "letter_sent" => Letter::parse(word("letter"))?.sentence(),
        "restriction_put" => {
            say!("{what}, {cards}", what = Sort::parse(word("sort"))?.sentence(), cards = cards(count("contacts")))
        }
        "restriction_lifted" => Sort::parse(word("sort"))?.sentence(),
        "consent_given" | "consent_withdrawn" if count("wording") > 0 => {
            say!("{purpose}, version {version} of the text", purpose = word("purpose"), version = count("wording"))
        }
        "consent_given" | "consent_withdrawn" => Sentence::verbatim(word("purpose")),
        "purpose_put" | "purpose_retired" | "purpose_resumed" => Sentence::verbatim(word("key")),
        "wording_added" => {
            say!("{purpose}, version {version} of the text", purpose = word("key"), version = count("version"))
        }
        "retention_put" | "retention_on" | "retention_off" => {
            say!("{days, plural, one {after # day} other {after # days}}", days = count("days"))
        }
        "retention_run" if is_so("stopped") => {
            say!("stopped: {matched, plural, one {# would go} other {# would go}}", matched = count("matched"))
        }
        "retention_run" => say!("{gone} gone, {stayed} stayed", gone = count("deleted"), stayed = count("spared")),
        "register_written" if count("missing") > 0 => {
            say!("{missing, plural, one {# thing is missing} other {# things are missing}}", missing = count("missing"))
        }
        "register_written" => say!("nothing is missing"),
        "audit_exported" => say!("{entries, plural, one {# entry} other {# entries}}", entries = count("entries")),
        "breach_listed" => cards(count("people")),
        "exported" => cards(count("contacts")),
        "dsar_built" => say!("{files, plural, one {# file} other {# files}}", files = count("files")),
        "erasure_verified" if is_so("gone") => say!("nothing is left"),
        "erasure_verified" => say!("something is left"),
        "suppression_lifted" => {
            say!("{count, plural, one {# fingerprint} other {# fingerprints}}", count = count("entries"))
        }
        "webhook_changed" => webhooks::telling(&words("events"), &words("fields")),
        _ => return of_doors(entry),
    })
}

/// The same for the doors of other programs: tokens, proofs of who somebody is, and agents.
fn of_doors(entry: &AuditEntry) -> Option<Sentence> {
    let word = |name: &str| entry.facts[name].as_str().unwrap_or_default();
    let count = |name: &str| entry.facts[name].as_u64().unwrap_or_default();
    let words = |name: &str| entry.facts[name].as_array().map(Vec::as_slice).unwrap_or_default();
    Some(match entry.event.as_str() {
        "agent_put" | "agent_approved" | "agent_always" | "agent_paused" if entry.facts["fields"].is_array() => {
            // Names of custom fields may say anything: they were only counted.
            let fields = words("fields").len() as u64 + count("custom_fields");
            let fields = say!("{fields, plural, one {# field} other {# fields}}", fields);
            match entry.facts["overruled"].as_bool() {
                Some(true) => say!("{fields}, although the review says no", fields),
                _ => fields,
            }
        }
        "agent_revoked" | "agents_stopped" if count("grants_ended") > 0 => {
            say!("{ended, plural, one {# grant ended} other {# grants ended}}", ended = count("grants_ended"))
        }
        "agent_granted" => grants::how_said(Proof::parse(word("how"))?),
        "agent_decided" => match ProposalState::parse(word("state"))? {
            ProposalState::Approved => say!("approved"),
            ProposalState::Rejected => say!("rejected"),
            ProposalState::Waiting => return None,
        },
        "client_made" => {
            let scopes: Vec<&str> = words("scopes").iter().filter_map(|scope| scope.as_str()).collect();
            Sentence::verbatim(scopes.join(", "))
        }
        "identity_read" if !words("fields").is_empty() => {
            let fields: Vec<&str> = words("fields").iter().filter_map(|field| field.as_str()).collect();
            Sentence::verbatim(fields.join(", "))
        }
        "identity_key_put" => Sentence::verbatim(word("algorithm")),
        "identity_denied" => {
            let why = Denied::parse(word("reason"))?.sentence();
            match count("near_misses") {
                0 => why,
                near => say!("{why}; {near, plural, one {# ID is nearly it} other {# IDs are nearly it}}", why, near),
            }
        }
        _ => return None,
    })
}

fn cards(count: u64) -> Sentence {
    say!("{count, plural, one {# card} other {# cards}}", count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::Millis;
    use rstest::rstest;
    use serde_json::{Value, json};

    fn said(event: &str, facts: Value) -> Option<String> {
        let entry = AuditEntry {
            entry: 1,
            at: Millis::default(),
            actor: "Marta Ruiz".into(),
            origin: "desktop".into(),
            event: event.into(),
            about: None,
            facts,
            hash: String::new(),
        };
        super::facts(&entry).map(|said| said.to_string())
    }

    #[rstest]
    #[case::a_request("request_received", json!({ "right": "access", "due": "May" }), "access, answer by May")]
    #[case::one_card("approve", json!({ "cards": 1 }), "1 card")]
    #[case::a_letter("letter_sent", json!({ "letter": "done", "language": "es" }), "completion")]
    #[case::a_run("retention_run", json!({ "deleted": 5, "spared": 2 }), "5 gone, 2 stayed")]
    #[case::a_webhook(
        "webhook_changed",
        json!({ "events": ["contact.created"], "fields": ["name", "email"] }),
        "is told of contact.created; gets ids, name, email"
    )]
    #[case::an_answer("dsar_built", json!({ "files": 12, "sha256": "00" }), "12 files")]
    #[case::an_overruled_review(
        "agent_put",
        json!({ "fields": ["name"], "custom_fields": 1, "overruled": true }),
        "2 fields, although the review says no"
    )]
    #[case::a_grant("agent_granted", json!({ "how": "token" }), "by a signed token")]
    #[case::a_decision("agent_decided", json!({ "sort": "memory", "state": "rejected" }), "rejected")]
    #[case::a_token("client_made", json!({ "scopes": ["ingest", "tasks"] }), "ingest, tasks")]
    #[case::what_was_read("identity_read", json!({ "fields": ["name", "email"] }), "name, email")]
    #[case::why_not(
        "identity_denied",
        json!({ "reason": "unknown_id", "near_misses": 1 }),
        "nobody here has this ID; 1 ID is nearly it"
    )]
    fn people_read_a_sentence(#[case] event: &str, #[case] facts: Value, #[case] expected: &str) {
        assert_eq!(said(event, facts).as_deref(), Some(expected));
    }

    #[test]
    fn an_event_that_says_all_has_nothing_beside_it() {
        assert_eq!(said("withdraw", json!({ "right": "access", "state": "withdrawn" })), None);
        assert_eq!(said("something_of_tomorrow", json!({ "cards": 3 })), None);
    }
}
