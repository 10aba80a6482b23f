//! With whom a program speaks: it brings a proof of another system, and is told of that one
//! card what the owner approved.

use super::{Gives, Route, Takes};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, text},
    proof::{self, Claimed},
    shape::{ANY, Issue, Kind, Shape, may, must, null, shape},
};
use cardfile_core::{clients::Scope, identify};
use http::{HeaderName, Method, StatusCode};
use serde_json::{Map, Value, json};

/// The header that says for whom a client asks.
static GRANT: HeaderName = HeaderName::from_static("cardfile-grant");

static WRITE: Shape = shape(
    "Proof",
    "Either a token, or a user_id with its user_hash.",
    &[
        may("key", Kind::Said(200), "Name of the key; without it a token names it as its kid."),
        may("token", Kind::Said(8_192), "A signed token (JWT)."),
        may("user_id", Kind::Said(500), "The external ID, byte for byte."),
        may("user_hash", Kind::Said(200), "HMAC-SHA256 of the user_id, in hexadecimal digits."),
    ],
);

static PROVEN: Shape = shape(
    "Proven",
    "With whom the program speaks.",
    &[
        must("contact_id", Kind::Id("ctc_"), ""),
        must("outcome", Kind::Word(&["created", "updated", "unchanged"]), ""),
        must("grant", Kind::Text(200), "Shown once: the header Cardfile-Grant of requests about this card."),
        must("expires_at", Kind::Time, "From when on it does not count."),
        must("me", Kind::Object(&ME), ""),
    ],
);

static ME: Shape = shape(
    "Me",
    "What the owner approved of one card.",
    &[
        must("contact_id", Kind::Id("ctc_"), ""),
        must("fields", Kind::Open, "Approved fields that are known."),
        must("known", Kind::List(&Kind::Text(100), 200), "What need not be asked."),
        must("missing", Kind::List(&Kind::Text(100), 200), "Approved fields that nobody filled in."),
        null("purpose", Kind::Text(ANY), "What the client may use it for."),
    ],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/v1/identify",
        id: "identify",
        about: "Proves with whom the program speaks. The user_id of the proof has to be an external ID here, byte for \
                byte; nothing else counts.",
        scope: Some(Scope::Identify),
        query: &[],
        takes: Takes::Json(&WRITE),
        gives: &[(200, Gives::Json(&PROVEN))],
        handler: prove,
        again: None,
    },
    Route {
        method: Method::GET,
        path: "/v1/me",
        id: "getMe",
        about: "What the owner approved of the card that was proven, with the header Cardfile-Grant.",
        scope: Some(Scope::Identify),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&ME))],
        handler: me,
        again: None,
    },
];

fn prove(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&WRITE)?;
    let claimed = match (text(&form, "token"), text(&form, "user_id"), text(&form, "user_hash")) {
        (Some(token), None, None) => Claimed::Token(token),
        (None, Some(user_id), Some(user_hash)) => Claimed::Hash { user_id, user_hash },
        _ => {
            let issue = Issue::new("token", "give this, or a user_id with its user_hash");
            return Err(Problem::invalid(vec![issue]));
        }
    };
    let found = proof::identify(asked.core(), text(&form, "key"), &claimed, &asked.client, &asked.who)?;
    // Why not is for the owner: who tries out proofs learns nothing from it.
    let admitted = found.map_err(|_| not_proven())?;
    let me = told(asked, &admitted.stored)?;
    let body = json!({
        "contact_id": admitted.stored.contact.id, "outcome": admitted.outcome, "grant": admitted.grant,
        "expires_at": admitted.expires_at.to_rfc3339(), "me": me,
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

fn not_proven() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not_proven", "it was not proven who this is")
        .hint("The owner sees the reason in the audit log, and asks with: cardfile identity why ID")
}

fn me(asked: &Asked) -> Result<Answer, Problem> {
    let grant = asked.header(&GRANT).unwrap_or_default();
    let stored = identify::granted(asked.core(), &asked.client, grant)?;
    let stored = stored.ok_or_else(not_proven)?;
    Ok(Answer::json(StatusCode::OK, &told(asked, &stored)?).tagged_by_body(asked.known()))
}

/// The approved fields of a card, and which of them nobody filled in.
fn told(asked: &Asked, stored: &cardfile_core::Stored) -> Result<Value, Problem> {
    let said = identify::told(asked.core(), &asked.client, stored.row, &asked.who)?.ok_or_else(not_proven)?;
    let mut fields = Map::new();
    let (mut known, mut missing) = (Vec::new(), Vec::new());
    for (name, value) in said {
        if value.is_null() {
            missing.push(name);
        } else {
            known.push(name.clone());
            fields.insert(name, value);
        }
    }
    let purpose = Some(asked.client.purpose.as_str()).filter(|purpose| !purpose.is_empty());
    Ok(json!({ "contact_id": stored.contact.id, "fields": fields, "known": known, "missing": missing,
        "purpose": purpose }))
}
