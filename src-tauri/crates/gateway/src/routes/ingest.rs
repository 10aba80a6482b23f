//! What other programs tell: leads, events and conversations, actions. What is decided of each
//! is `core::ingest`; somebody who may be here already waits for a person.

use super::{Gives, Route, Takes};
use crate::{
    answer::{Answer, Problem},
    asked::Asked,
    shape::{self, ANY, Issue, Kind, Shape, may, must, null, shape},
};
use cardfile_core::{
    clients::{self, Scope},
    formats::signals::Signal,
    ingest::{self, Doubtful, Ended},
    programs,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

/// Records of one request.
const MOST: usize = 1_000;

static TOLD: Shape = shape(
    "ToldRecord",
    "What became of one record.",
    &[
        must("record", Kind::Whole(1, 4_294_967_295), ""),
        must(
            "outcome",
            Kind::Word(&[
                "created",
                "matched",
                "visitor",
                "unattached",
                "dropped",
                "suppressed",
                "declined",
                "held",
                "rejected",
            ]),
            "held: it may be somebody who is here, or would replace what a card says, and waits for a person. \
             declined: no card was made.",
        ),
        null("contact_id", Kind::Id("ctc_"), "For clients that may read contacts."),
        null("message", Kind::Text(ANY), "Why it was not taken."),
    ],
);

static REPORT: Shape = shape(
    "IngestReport",
    "",
    &[
        must("records", Kind::Whole(0, 4_294_967_295), ""),
        must("countries_left_out", Kind::Whole(0, 4_294_967_295), "Not kept, because law asks for consent there."),
        must("results", Kind::List(&Kind::Object(&TOLD), MOST), ""),
        null("operation", Kind::Id("opr_"), "The step of the history."),
    ],
);

/// Members that every record may have. Others are kept in the metadata of the card.
const COMMON: &str =
    "Further members are kept in the metadata of the card; an address of a computer or a tier never is.";

macro_rules! record {
    ($name:literal, [ $( $own:expr ),* $(,)? ]) => {
        Shape {
            name: $name,
            about: COMMON,
            is_open: true,
            members: &[
                $( $own, )*
                may("source", Kind::Text(100), "Which program tells it."),
                may("platform", Kind::Text(100), "widget, line, whatsapp, …"),
                may("scope", Kind::Text(200), "Account, inbox or bot there."),
                may(
                    "external_id",
                    Kind::Text(500),
                    "What the source calls the person, byte for byte: of who is logged in, never what a page says.",
                ),
                may("user_id", Kind::Text(500), "The same in another word; where both are said they are equal."),
                may("session_key", Kind::Text(500), "By what a visitor is known until somebody says who it is."),
                may("email", Kind::Text(1_000), ""),
                may("phone", Kind::Text(200), ""),
                may("name", Kind::Text(1_000), ""),
                may("company", Kind::Text(1_000), ""),
                may("page_url", Kind::Text(5_000), "Of its query only utm_… is kept."),
                may("ip_country", Kind::Text(100), "Two letters; kept where law or consent allows it."),
                may("consent_given", Kind::Flag, "false: no card is made, and what was said is kept of nobody."),
                may("consent_at", Kind::Text(100), ""),
                may("consent_purposes", Kind::List(&Kind::Text(200), 100), "Keys or names of purposes."),
                may("consent_wording", Kind::Whole(0, 4_294_967_295), "Version of the text that was shown."),
                may("consent_proof", Kind::Text(2_000), ""),
                may("tags", Kind::List(&Kind::Text(200), 100), ""),
                may("at", Kind::Text(100), "When; now where nothing is said."),
            ],
        }
    };
}

static LEAD: Shape = record!("Lead", [may("message", Kind::Text(100_000), "What they wrote.")]);

static EVENT: Shape = record!(
    "Event",
    [
        may("event", Kind::Text(200), "What happened: page_viewed. Not needed beside messages."),
        may("properties", Kind::Open, "What came with it."),
        may("conversation_id", Kind::Text(500), ""),
        may("title", Kind::Text(1_000), ""),
        may("messages", Kind::List(&Kind::Open, 1_000), "Each with role, text and at."),
        may("message", Kind::Text(100_000), "One message of the person."),
    ]
);

static ACTION: Shape = record!(
    "Action",
    [
        must("action", Kind::Said(200), "What was done: open_ticket."),
        may("properties", Kind::Open, "What came with it."),
    ]
);

macro_rules! route {
    ($path:literal, $id:literal, $shape:expr, $kind:literal, $about:literal) => {
        Route {
            method: Method::POST,
            path: $path,
            id: $id,
            about: $about,
            scope: Some(Scope::Ingest),
            query: &[],
            takes: Takes::OneOrMany($shape, MOST),
            gives: &[(200, Gives::Json(&REPORT))],
            handler: |asked| take(asked, $shape, $kind),
            again: Some(|_, outcome| Ok(Answer::json(StatusCode::OK, outcome))),
        }
    };
}

pub(super) static ROUTES: &[Route] = &[
    route!(
        "/v1/ingest/lead",
        "ingestLead",
        &LEAD,
        "lead",
        "Somebody left their name, email or phone. One object, or a list of at most a thousand."
    ),
    route!(
        "/v1/ingest/event",
        "ingestEvent",
        &EVENT,
        "event",
        "Something happened in a widget: an event, messages of a conversation, or both."
    ),
    route!("/v1/ingest/action", "ingestAction", &ACTION, "action", "An action was triggered for somebody."),
];

fn take(asked: &Asked, shape: &Shape, kind: &str) -> Result<Answer, Problem> {
    let records = records(asked.json()?, shape)?;
    let signals = (1..).zip(records).map(|(line, members)| Signal { line, members: Ok(told(members, kind)) });
    let subject = format!("{kind} from {}", asked.client.name);
    let (report, operation) = ingest::all_told(asked.core(), &subject, signals.collect(), Doubtful::Held, &asked.who)?;
    let only_fault = match &report.each[..] {
        [Ended { outcome: "rejected", message: Some(message), .. }] => Some(message.to_string()),
        _ => None,
    };
    if let Some(message) = only_fault {
        return Err(Problem::invalid(vec![Issue::new("", message)]));
    }
    let ids = ids(asked, &report.each)?;
    let result = |(ended, id): (&Ended, Option<String>)| {
        json!({ "record": ended.line, "outcome": ended.outcome, "contact_id": id,
            "message": ended.message.as_ref().map(ToString::to_string) })
    };
    let body = json!({
        "records": report.records, "countries_left_out": report.countries_left_out,
        "results": report.each.iter().zip(ids).map(result).collect::<Vec<_>>(),
        "operation": operation.map(|id| id.to_string()),
    });
    // Kept for who asks again: the counts, and not whom it was about.
    let mut kept = body.clone();
    for result in kept["results"].as_array_mut().into_iter().flatten() {
        (result["contact_id"], result["message"]) = (Value::Null, Value::Null);
    }
    Ok(Answer::json(StatusCode::OK, &body).made(kept))
}

/// One record or a list of them, each checked; the issues of a list say which one.
fn records(value: Value, shape: &Shape) -> Result<Vec<Map<String, Value>>, Problem> {
    let is_list = value.is_array();
    let all = match value {
        Value::Array(all) => all,
        one => vec![one],
    };
    if all.len() > MOST {
        return Err(Problem::invalid(vec![Issue::new("", format!("has more than {MOST} records"))]));
    }
    let (mut records, mut issues) = (Vec::with_capacity(all.len()), Vec::new());
    for (place, value) in all.into_iter().enumerate() {
        for mut issue in shape::issues(shape, &value) {
            if is_list {
                issue.field = format!("{place}.{}", issue.field).trim_end_matches('.').to_owned();
            }
            issues.push(issue);
        }
        if let Value::Object(map) = value {
            records.push(map);
        }
    }
    issues.truncate(50);
    if issues.is_empty() { Ok(records) } else { Err(Problem::invalid(issues)) }
}

/// A record with what kind it is. An event that has messages and no name is a conversation. What
/// somebody may have is said by people: a form that is passed on whole says no tier.
fn told(mut members: Map<String, Value>, kind: &str) -> Map<String, Value> {
    members.shift_remove("type");
    members.shift_remove("tier");
    let is_named = |name: &str| members.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    let kind = if kind == "event" && !is_named("event") { "conversation" } else { kind };
    members.insert("kind".to_owned(), kind.into());
    members
}

/// Whom the records were about, for a client that may read and sees them.
fn ids(asked: &Asked, each: &[Ended]) -> Result<Vec<Option<String>>, Problem> {
    if !clients::may(&asked.client, Scope::ContactsRead) {
        return Ok(vec![None; each.len()]);
    }
    let rows: Vec<u32> = each.iter().filter_map(|ended| ended.contact).collect();
    let seen = programs::seen_of(asked.core(), &asked.sight()?, &rows)?;
    let found = asked.core().store().read(|r| r.contacts().ids_of(&seen)).map_err(cardfile_core::Error::from)?;
    let known: std::collections::HashMap<u32, Option<String>> = seen.into_iter().zip(found).collect();
    Ok(each.iter().map(|ended| ended.contact.and_then(|row| known.get(&row).cloned().flatten())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_kinds_share_what_they_say_of_the_person() {
        for shape in [&LEAD, &EVENT, &ACTION] {
            for name in ["email", "consent_given", "page_url", "external_id", "session_key"] {
                assert!(shape.members.iter().any(|member| member.name == name), "{} lacks {name}", shape.name);
            }
        }
    }

    #[test]
    fn a_list_says_which_record_is_at_fault() {
        let problem = records(json!([{ "action": "a" }, { "action": 1 }, 3]), &ACTION).expect_err("two faults");
        let fields: Vec<&str> = problem.issues.iter().map(|issue| issue.field.as_str()).collect();
        assert_eq!(fields, ["1.action", "2"]);
    }

    #[test]
    fn an_event_without_a_name_is_a_conversation() {
        let kind = |value: Value| told(value.as_object().cloned().expect("an object"), "event")["kind"].clone();
        assert_eq!(kind(json!({ "event": "page_viewed" })), "event");
        assert_eq!(kind(json!({ "messages": [] })), "conversation");
    }
}
