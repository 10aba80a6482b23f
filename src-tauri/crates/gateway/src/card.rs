//! A contact as programs see it and as they write it.

mod read;
mod write;

pub(crate) use read::{FIELDS, Row, pick, value};
pub(crate) use write::{from_form, patched};

use crate::shape::{ANY, Kind, Member, Shape, any, may, must, shape};

const LINE: usize = 1_000;
const LONG: usize = 100_000;
/// Values of a list on a card.
const SEVERAL: usize = 1_000;

pub(crate) static NAME_PARTS: Shape = shape(
    "NameParts",
    "Parts of a person's name.",
    &[
        may("given", Kind::Text(LINE), "First name."),
        may("additional", Kind::Text(LINE), "Middle names."),
        may("family", Kind::Text(LINE), "Last name."),
        may("prefix", Kind::Text(LINE), "Dr."),
        may("suffix", Kind::Text(LINE), "Jr."),
    ],
);

pub(crate) static ADDRESS: Shape = shape(
    "AddressParts",
    "Parts of a postal address.",
    &[
        may("street", Kind::Text(LINE), "Street and number."),
        may("extended", Kind::Text(LINE), "Flat, floor."),
        may("po_box", Kind::Text(LINE), "Post office box."),
        may("city", Kind::Text(LINE), "Town."),
        may("region", Kind::Text(LINE), "State or province."),
        may("postal_code", Kind::Text(LINE), "Postal code."),
        may("country", Kind::Text(LINE), "Country."),
    ],
);

pub(crate) static ITEM: Shape = shape(
    "Item",
    "One of several values; the first is the primary one.",
    &[
        must("value", Kind::Said(LINE), "As it was typed."),
        may("label", Kind::Text(100), "work, home, or the name of a platform."),
    ],
);

pub(crate) static POSTAL: Shape = shape(
    "PostalAddress",
    "One of several postal addresses.",
    &[
        may("value", Kind::Text(4 * LINE), "The whole address; made of the parts where it is left out."),
        may("label", Kind::Text(100), "work, home."),
        may("parts", Kind::Object(&ADDRESS), ""),
    ],
);

pub(crate) static EXTERNAL_ID: Shape = shape(
    "ExternalId",
    "What another system calls the contact. Compared byte for byte.",
    &[
        must("remote", Kind::Said(100), "Which system: hubspot, or a word of your own."),
        may("scope", Kind::Text(200), "Account, inbox or bot there."),
        must("id", Kind::Said(500), "Its ID there."),
    ],
);

/// What a contact says, for one who reads it. `fields` may leave members out.
pub(crate) static CONTACT: Shape = shape(
    "Contact",
    "A person or an organization. Lists show the first fifteen members unless fields says otherwise.",
    &[
        must("id", Kind::Id("ctc_"), "Ours; it never changes."),
        any("name", Kind::Text(ANY), "What to call them."),
        any("email", Kind::Text(ANY), "The primary email."),
        any("phone", Kind::Text(ANY), "The primary phone, as it was typed."),
        any("company", Kind::Text(ANY), ""),
        any("source", Kind::Text(ANY), "Where they first came from."),
        any("first_seen", Kind::Time, ""),
        any("last_seen", Kind::Time, ""),
        may("conversation_count", Kind::Whole(0, 4_294_967_295), ""),
        may("tags", Kind::List(&Kind::Text(ANY), SEVERAL * 10), "By name."),
        any("page_url", Kind::Text(ANY), "Page of the first contact."),
        any("ip_country", Kind::Text(ANY), "Where law and the person allow to keep it."),
        may("metadata", Kind::Open, "Whatever sources sent beyond these fields."),
        may("created_at", Kind::Time, ""),
        may("updated_at", Kind::Time, ""),
        may("kind", Kind::Word(&["person", "organization"]), ""),
        may("name_parts", Kind::Open, "Parts of the name."),
        any("nick", Kind::Text(ANY), ""),
        any("description", Kind::Text(ANY), "Who this is."),
        any("preferences", Kind::Text(ANY), "How they want to be helped."),
        any("company_id", Kind::Id("ctc_"), "The contact that the company is."),
        any("job_title", Kind::Text(ANY), ""),
        any("department", Kind::Text(ANY), ""),
        may("emails", Kind::List(&Kind::Open, SEVERAL * 10), "All emails, the primary one first."),
        may("phones", Kind::List(&Kind::Open, SEVERAL * 10), ""),
        may("handles", Kind::List(&Kind::Open, SEVERAL * 10), "Names at platforms."),
        may("addresses", Kind::List(&Kind::Open, SEVERAL * 10), ""),
        may("urls", Kind::List(&Kind::Open, SEVERAL * 10), ""),
        may("dates", Kind::List(&Kind::Open, SEVERAL * 10), "Birthday and others (ISO 8601, the year may be missing)."),
        any("stage", Kind::Text(ANY), ""),
        may("stage_by", Kind::Word(&["rule", "hand"]), ""),
        any("stage_since", Kind::Time, ""),
        any("tier", Kind::Text(ANY), ""),
        may("identity", Kind::Word(&["anonymous", "identified", "verified"]), ""),
        any("verified_at", Kind::Time, ""),
        any("verified_by", Kind::Text(ANY), ""),
        may("external_ids", Kind::List(&Kind::Open, SEVERAL * 10), ""),
        may("custom", Kind::Open, "Values of custom fields by key."),
        any("binned_at", Kind::Time, "In the bin since."),
        any("archived_at", Kind::Time, "In the archive since."),
        may("version", Kind::Whole(0, 9_007_199_254_740_991), "As in the ETag."),
        may("conversations", Kind::List(&Kind::Open, 1_000), "With include."),
        may("tasks", Kind::List(&Kind::Open, 1_000), "With include."),
        may("memories", Kind::List(&Kind::Open, 1_000), "With include."),
        may("notes", Kind::List(&Kind::Open, 1_000), "With include."),
        may("ratings", Kind::List(&Kind::Open, 1_000), "With include."),
        may("activities", Kind::List(&Kind::Open, 1_000), "With include."),
    ],
);

/// What a program may write. All but where a contact comes from: that is said once, of a new one.
pub(crate) static CONTACT_WRITE: Shape = {
    let [_source, members @ ..] = &CHANGED;
    shape("ContactWrite", "What a contact is to say. In a patch a member that is null is emptied.", members)
};

/// A new contact says where it comes from, once.
pub(crate) static CONTACT_NEW: Shape = shape("ContactNew", "A new contact.", &NEW);

static CHANGED: [Member; 24] = written(&Words {
    stage: "Set by hand from then on; null gives it back to the rules.",
    tags: "All tags.",
    external_ids: "All of them.",
    custom: "Values of custom fields by key; in a patch only those that are named change.",
    metadata: "In a patch only the members that are named change.",
});

static NEW: [Member; 24] = written(&Words {
    stage: "",
    tags: "",
    external_ids: "",
    custom: "Values of custom fields by key.",
    metadata: "Whatever else there is to say.",
});

/// What is said of the members that do more to a contact that is here than to a new one.
struct Words {
    stage: &'static str,
    tags: &'static str,
    external_ids: &'static str,
    custom: &'static str,
    metadata: &'static str,
}

// A list borrows what it is of, for ever; nothing that a function makes lasts so long.
static ONE_ITEM: Kind = Kind::Object(&ITEM);
static ONE_ADDRESS: Kind = Kind::Object(&POSTAL);
static ONE_ID: Kind = Kind::Object(&EXTERNAL_ID);

/// What may be written of a contact, where it comes from first.
const fn written(words: &Words) -> [Member; 24] {
    [
        may("source", Kind::Said(100), "Where they come from; api when left out."),
        may("kind", Kind::Word(&["person", "organization"]), ""),
        any("name", Kind::Text(LINE), "What to call them."),
        any("name_parts", Kind::Object(&NAME_PARTS), ""),
        any("nick", Kind::Text(LINE), ""),
        any("description", Kind::Text(LONG), "Who this is."),
        any("preferences", Kind::Text(LONG), "How they want to be helped."),
        any("company", Kind::Text(LINE), ""),
        any("job_title", Kind::Text(LINE), ""),
        any("department", Kind::Text(LINE), ""),
        any("email", Kind::Said(LINE), "The primary email. Give this or emails."),
        any("emails", Kind::List(&ONE_ITEM, SEVERAL), "All emails, the primary one first."),
        any("phone", Kind::Said(LINE), "The primary phone. Give this or phones."),
        any("phones", Kind::List(&ONE_ITEM, SEVERAL), ""),
        any("handles", Kind::List(&ONE_ITEM, SEVERAL), "Names at platforms; the label is the platform."),
        any("addresses", Kind::List(&ONE_ADDRESS, SEVERAL), ""),
        any("urls", Kind::List(&ONE_ITEM, SEVERAL), ""),
        any("dates", Kind::List(&ONE_ITEM, SEVERAL), ""),
        any("stage", Kind::Text(LINE), words.stage),
        any("tier", Kind::Text(LINE), ""),
        any("tags", Kind::List(&Kind::Said(200), SEVERAL), words.tags),
        any("external_ids", Kind::List(&ONE_ID, SEVERAL), words.external_ids),
        any("custom", Kind::Open, words.custom),
        any("metadata", Kind::Open, words.metadata),
    ]
}
