//! How a contact is said in units, for any remote, and how units are written into one.
//!
//! Texts are said without blanks at their ends, with `\n` for a line end and without other
//! control characters, which few remotes can hold. Unicode is not normalised: what was typed
//! is what is sent, and who composes it anew has changed it. What the program alone keeps
//! (IDs, links, times, metadata) is no unit.

use crate::value::{BETWEEN, Element, Units, Value};
use cardfile_domain::{
    Address, Contact, Item, Kind, NameParts, email, phone,
    text::{fold, fold_label},
};
use std::collections::{BTreeMap, BTreeSet};

/// A unit of a contact.
pub struct UnitDef {
    /// Its name.
    pub key: &'static str,
    /// The fields of the catalogue that it covers.
    pub fields: &'static [&'static str],
    get: fn(&Contact) -> Value,
    /// Writes a value that says something else than the contact does.
    put: fn(&mut Contact, &Value),
}

macro_rules! units {
    ($( $key:literal, $fields:expr, $get:expr, $put:expr; )*) => {
        /// All units of a contact but its custom fields, in the order of the field
        /// catalogue.
        pub static UNITS: &[UnitDef] = &[ $( UnitDef { key: $key, fields: &$fields, get: $get, put: $put } ),* ];
    };
}

// key, fields, how it is read, how it is written
units! {
    "kind", ["kind"], kind, put_kind;
    "name", ["name", "name_parts"], name, put_name;
    "nick", ["nick"], |contact| one(&contact.nick), |contact, value| put_one(&mut contact.nick, value);
    "email", ["email"], |contact| set(&contact.emails, email_said),
        |contact, value| put_set(&mut contact.emails, value, email_said, email_of);
    "email.first", ["email"], |contact| first(&contact.emails, email_said),
        |contact, value| put_first(&mut contact.emails, value, email_said);
    "phone", ["phone"], |contact| set(&contact.phones, phone_said),
        |contact, value| put_set(&mut contact.phones, value, phone_said, phone_of);
    "phone.first", ["phone"], |contact| first(&contact.phones, phone_said),
        |contact, value| put_first(&mut contact.phones, value, phone_said);
    "company", ["company"], |contact| one(&contact.company), |contact, value| put_one(&mut contact.company, value);
    "job_title", ["job_title"], |contact| one(&contact.job_title),
        |contact, value| put_one(&mut contact.job_title, value);
    "department", ["department"], |contact| one(&contact.department),
        |contact, value| put_one(&mut contact.department, value);
    "stage", ["stage"], |contact| one(&contact.stage), |contact, value| put_one(&mut contact.stage, value);
    "tier", ["tier"], |contact| one(&contact.tier), |contact, value| put_one(&mut contact.tier, value);
    "tags", ["tags"], |contact| set(&contact.tags, |tag, _| tag_said(tag)),
        |contact, value| put_set(&mut contact.tags, value, |tag, _| tag_said(tag), |_, tag| tag.typed.clone());
    "description", ["description"], |contact| one(&contact.description),
        |contact, value| put_one(&mut contact.description, value);
    "preferences", ["preferences"], |contact| one(&contact.preferences),
        |contact, value| put_one(&mut contact.preferences, value);
    "handle", ["handle"], |contact| set(&contact.handles, handle_said),
        |contact, value| put_set(&mut contact.handles, value, handle_said, item_of);
    "address", ["address"], |contact| set(&contact.addresses, address_said),
        |contact, value| put_set(&mut contact.addresses, value, address_said, address_of);
    "url", ["url"], |contact| set(&contact.urls, url_said),
        |contact, value| put_set(&mut contact.urls, value, url_said, item_of);
    "date", ["date"], |contact| set(&contact.dates, date_said),
        |contact, value| put_set(&mut contact.dates, value, date_said, item_of);
}

/// What a contact says, by unit: all of [`UNITS`], and the custom fields that it has. Two
/// custom values are the same when their JSON is.
pub fn units_of(contact: &Contact) -> Units {
    let custom = contact.custom.iter().filter(|(_, value)| !value.is_null());
    let custom = custom.map(|(key, value)| (format!("{}{key}", Contact::CUSTOM_PREFIX), Value::one(value.to_string())));
    UNITS.iter().map(|unit| (unit.key.to_owned(), (unit.get)(contact))).chain(custom).collect()
}

/// Writes units into a contact. What it says already stays as it was typed and in its
/// order; a unit that is unknown, or of another shape, is passed over.
pub fn put(contact: &mut Contact, units: &Units) {
    for unit in UNITS {
        if let Some(value) = units.get(unit.key)
            && (unit.get)(contact) != *value
        {
            (unit.put)(contact, value);
        }
    }
    for (unit, value) in units {
        if let Some(key) = unit.strip_prefix(Contact::CUSTOM_PREFIX)
            && !key.is_empty()
        {
            put_custom(contact, key, value);
        }
    }
}

/// The fields of the catalogue that a unit covers: none for a custom field, which the
/// catalogue does not have, and for an unknown unit.
pub fn fields_of(unit: &str) -> &'static [&'static str] {
    UNITS.iter().find(|known| known.key == unit).map(|known| known.fields).unwrap_or_default()
}

/// The unit of whose elements this one names the first: `phone` of `phone.first`.
pub(crate) fn whole_of(unit: &str) -> Option<&str> {
    let whole = unit.strip_suffix(".first")?;
    UNITS.iter().any(|known| known.key == whole).then_some(whole)
}

/// A text in the form in which it is compared.
fn canonical(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.trim().to_owned();
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().to_owned()
}

fn one(text: &str) -> Value {
    Value::one(canonical(text))
}

fn put_one(text: &mut String, value: &Value) {
    let wanted = match value {
        Value::Absent => String::new(),
        Value::One(wanted) => canonical(wanted),
        Value::Set(_) => return,
    };
    if canonical(text) != wanted {
        *text = wanted;
    }
}

fn kind(contact: &Contact) -> Value {
    match contact.kind {
        Kind::Person => Value::Absent,
        Kind::Organization => Value::one(contact.kind.as_str()),
    }
}

fn put_kind(contact: &mut Contact, value: &Value) {
    let kind = match value {
        Value::Absent => Some(Kind::Person),
        Value::One(word) => Kind::parse(word),
        Value::Set(_) => None,
    };
    contact.kind = kind.unwrap_or(contact.kind);
}

/// The name with its parts: half of one name and half of another would be a name that
/// nobody typed.
fn name(contact: &Contact) -> Value {
    let NameParts { given, additional, family, prefix, suffix } = &contact.name_parts;
    let parts = [given, additional, family, prefix, suffix].map(|part| canonical(part));
    let mut text = canonical(&contact.name);
    if parts.iter().any(|part| !part.is_empty()) {
        for part in &parts {
            text.push(BETWEEN);
            text.push_str(part);
        }
    }
    Value::one(text)
}

fn put_name(contact: &mut Contact, value: &Value) {
    let text = match value {
        Value::Absent => "",
        Value::One(text) => text.as_str(),
        Value::Set(_) => return,
    };
    let mut parts = text.split(BETWEEN).map(canonical);
    let mut next = || parts.next().unwrap_or_default();
    contact.name = next();
    contact.name_parts =
        NameParts { given: next(), additional: next(), family: next(), prefix: next(), suffix: next() };
}

fn put_custom(contact: &mut Contact, key: &str, value: &Value) {
    let json = match value {
        Value::Absent => Ok(serde_json::Value::Null),
        Value::One(json) => serde_json::from_str(json),
        Value::Set(_) => return,
    };
    match json {
        Ok(serde_json::Value::Null) => {
            contact.custom.remove(key);
        }
        Ok(value) => {
            contact.custom.insert(key.to_owned(), value);
        }
        // Text that is no JSON is nobody's value.
        Err(_) => {}
    }
}

/// One of several values: the key that tells it apart, and how it is said. Without a key
/// it says nothing.
type Said = (String, Element);

fn set<T>(all: &[T], say: impl Fn(&T, &[T]) -> Said) -> Value {
    let mut elements = BTreeMap::new();
    for one in all {
        let (key, element) = say(one, all);
        if !key.is_empty() {
            // Of two that are the same, the first is said.
            elements.entry(key).or_insert(element);
        }
    }
    Value::set(elements)
}

/// Those that stay keep their order, and those that say the same are not touched.
fn put_set<T>(all: &mut Vec<T>, value: &Value, say: impl Fn(&T, &[T]) -> Said, make: impl Fn(&str, &Element) -> T) {
    let Some(wanted) = value.elements() else { return };
    let before = std::mem::take(all);
    let said: Vec<Said> = before.iter().map(|one| say(one, &before)).collect();
    let mut seen = BTreeSet::new();
    for (one, (key, element)) in before.into_iter().zip(said) {
        let is_first = seen.insert(key.clone());
        match wanted.get(key.as_str()) {
            // What is not said is not changed either.
            _ if key.is_empty() => all.push(one),
            Some(new) if is_first && **new != element => all.push(make(&key, new)),
            // It was there twice, and is another by now.
            Some(new) if **new != element => {}
            Some(_) => all.push(one),
            None => {}
        }
    }
    for (key, element) in wanted {
        if !key.is_empty() && !seen.contains(key) {
            all.push(make(key, element));
        }
    }
}

/// Which one is first, where there are several.
fn first(items: &[Item], say: fn(&Item, &[Item]) -> Said) -> Value {
    let keys = items.iter().map(|item| say(item, items).0).filter(|key| !key.is_empty());
    let keys: Vec<String> = keys.collect();
    match keys.first() {
        Some(first) if keys.iter().any(|key| key != first) => Value::one(first.as_str()),
        _ => Value::Absent,
    }
}

fn put_first(items: &mut [Item], value: &Value, say: fn(&Item, &[Item]) -> Said) {
    let Value::One(wanted) = value else { return };
    let all: &[Item] = items;
    let place = all.iter().position(|item| say(item, all).0 == *wanted);
    if let Some(place) = place {
        items[..=place].rotate_right(1);
    }
}

fn element_of(item: &Item) -> Element {
    Element { typed: canonical(&item.value), label: canonical(&item.label) }
}

fn item_of(_: &str, element: &Element) -> Item {
    Item { label: element.label.clone(), ..Item::new(element.typed.as_str(), "") }
}

fn email_said(item: &Item, _: &[Item]) -> Said {
    keyed_said(item, |typed| email::key(typed).ok())
}

fn email_of(key: &str, element: &Element) -> Item {
    keyed_item(key, element, email::key(&element.typed).ok())
}

fn phone_said(item: &Item, _: &[Item]) -> Said {
    keyed_said(item, |typed| phone::key(typed, None))
}

fn phone_of(key: &str, element: &Element) -> Item {
    keyed_item(key, element, phone::key(&element.typed, None))
}

fn keyed_said(item: &Item, key: impl Fn(&str) -> Option<String>) -> Said {
    let element = element_of(item);
    let key = match item.key.as_str() {
        "" => key(&element.typed).unwrap_or_else(|| element.typed.clone()),
        known => known.to_owned(),
    };
    (key, element)
}

/// `computed` is the key that the text alone gives. One that needed more, the country of a
/// national number, is in the unit.
fn keyed_item(key: &str, element: &Element, computed: Option<String>) -> Item {
    let key = if key == element.typed { computed.unwrap_or_default() } else { key.to_owned() };
    Item { key, ..item_of("", element) }
}

fn tag_said(tag: &str) -> Said {
    let typed = canonical(tag);
    (typed.to_lowercase(), Element { typed, label: String::new() })
}

/// The same name on two platforms is two handles.
fn handle_said(item: &Item, _: &[Item]) -> Said {
    let element = element_of(item);
    let key = match element.typed.as_str() {
        "" => String::new(),
        name => format!("{}:{}", element.label, fold(name)),
    };
    (key, element)
}

fn url_said(item: &Item, _: &[Item]) -> Said {
    let element = element_of(item);
    (element.typed.clone(), element)
}

/// A birthday is one value, whichever day it is; of two dates of the same name the day
/// tells which.
fn date_said(item: &Item, all: &[Item]) -> Said {
    let element = element_of(item);
    let is_other = |other: &Item| {
        let other = element_of(other);
        other.label == element.label && other.typed != element.typed && !other.typed.is_empty()
    };
    let key = if element.typed.is_empty() {
        String::new()
    } else if element.label.is_empty() || all.iter().any(is_other) {
        format!("{}:{}", element.label, element.typed)
    } else {
        element.label.clone()
    };
    (key, element)
}

fn address_said(item: &Item, _: &[Item]) -> Said {
    let parts = item.address.as_deref().cloned().unwrap_or_default();
    let parts = Address {
        street: canonical(&parts.street),
        extended: canonical(&parts.extended),
        po_box: canonical(&parts.po_box),
        city: canonical(&parts.city),
        region: canonical(&parts.region),
        postal_code: canonical(&parts.postal_code),
        country: canonical(&parts.country),
    };
    let mut value = canonical(&item.value);
    if value.is_empty() {
        value = parts.formatted();
    }
    let Address { street, extended, po_box, city, region, postal_code, country } = &parts;
    let key = fold_label(
        &[po_box, extended, street, postal_code, city, region, country, &value].map(String::as_str).join(" "),
    );
    let address = (parts != Address::default()).then(|| Box::new(parts));
    let said = Item { value, address, ..Item::default() };
    let typed = serde_json::to_string(&said).unwrap_or_default();
    (key, Element { typed, label: canonical(&item.label) })
}

fn address_of(_: &str, element: &Element) -> Item {
    // A remote without parts says the text alone.
    let said = serde_json::from_str(&element.typed).unwrap_or_else(|_| Item::new(element.typed.as_str(), ""));
    Item { label: element.label.clone(), key: String::new(), ..said }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::FIELDS;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    fn item(value: &str, key: &str, label: &str) -> Item {
        Item { label: label.to_owned(), ..Item::new(value, key) }
    }

    fn element(typed: &str, label: &str) -> Element {
        Element { typed: typed.to_owned(), label: label.to_owned() }
    }

    fn elements(all: &[(&str, &str, &str)]) -> Value {
        Value::set(all.iter().map(|(key, typed, label)| ((*key).to_owned(), element(typed, label))).collect())
    }

    fn units(all: &[(&str, Value)]) -> Units {
        all.iter().map(|(unit, value)| ((*unit).to_owned(), value.clone())).collect()
    }

    fn ana() -> Contact {
        Contact {
            name: "Ana Ruiz".into(),
            emails: vec![item("Ana@X.example", "ana@x.example", "work"), item("ana@home.example", "", "")],
            phones: vec![item("612 408 177", "+34612408177", "mobile")],
            tags: vec!["VIP".into(), "lead".into()],
            ..Contact::default()
        }
    }

    #[test]
    fn units_follow_the_catalogue_and_cover_fields_that_are_in_it() {
        let place = |field: &str| FIELDS.iter().position(|known| known.key == field).expect(field);
        let places: Vec<usize> = UNITS.iter().flat_map(|unit| unit.fields).map(|field| place(field)).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(fields_of("name"), ["name", "name_parts"]);
        assert_eq!(fields_of("email.first"), ["email"]);
        assert!(fields_of("custom.plan").is_empty() && fields_of("mood").is_empty());
    }

    #[test]
    fn an_empty_contact_says_that_all_is_absent() {
        let said = units_of(&Contact::default());
        assert_eq!(said.len(), UNITS.len());
        assert!(said.values().all(Value::is_absent));
    }

    #[rstest]
    #[case::a_name_alone(Contact { name: " Ana ".into(), ..Contact::default() }, "name", Value::one("Ana"))]
    #[case::a_name_with_parts(
        Contact {
            name: "Ana Ruiz".into(),
            name_parts: NameParts { given: "Ana".into(), family: "Ruiz".into(), ..NameParts::default() },
            ..Contact::default()
        },
        "name",
        Value::one("Ana Ruiz\u{1f}Ana\u{1f}\u{1f}Ruiz\u{1f}\u{1f}")
    )]
    #[case::lines_end_in_one_way(
        Contact { description: "one\r\ntwo\rthree\u{0}\r\n".into(), ..Contact::default() },
        "description",
        Value::one("one\ntwo\nthree")
    )]
    #[case::an_organization(
        Contact { kind: Kind::Organization, ..Contact::default() },
        "kind",
        Value::one("organization")
    )]
    #[case::emails(
        ana(),
        "email",
        elements(&[("ana@x.example", "Ana@X.example", "work"), ("ana@home.example", "ana@home.example", "")])
    )]
    #[case::the_first_of_several(ana(), "email.first", Value::one("ana@x.example"))]
    #[case::one_alone_is_not_said_to_be_first(ana(), "phone.first", Value::Absent)]
    #[case::a_national_number(ana(), "phone", elements(&[("+34612408177", "612 408 177", "mobile")]))]
    #[case::tags(ana(), "tags", Value::words(["VIP", "lead"]))]
    #[case::a_name_on_two_platforms(
        Contact { handles: vec![item("Ana", "", "telegram"), item("Ana", "", "skype")], ..Contact::default() },
        "handle",
        elements(&[("telegram:ana", "Ana", "telegram"), ("skype:ana", "Ana", "skype")])
    )]
    #[case::a_website(
        Contact { urls: vec![item(" https://x.example ", "", "")], ..Contact::default() },
        "url",
        elements(&[("https://x.example", "https://x.example", "")])
    )]
    #[case::dates(
        Contact {
            dates: vec![
                item("1980-03-22", "", "birthday"),
                item("2010-05-01", "", "visit"),
                item("2011-05-01", "", "visit"),
                item("--12-24", "", ""),
            ],
            ..Contact::default()
        },
        "date",
        elements(&[
            ("birthday", "1980-03-22", "birthday"),
            ("visit:2010-05-01", "2010-05-01", "visit"),
            ("visit:2011-05-01", "2011-05-01", "visit"),
            (":--12-24", "--12-24", ""),
        ])
    )]
    fn a_field_is_said(#[case] contact: Contact, #[case] unit: &str, #[case] expected: Value) {
        assert_eq!(units_of(&contact).get(unit), Some(&expected));
    }

    #[test]
    fn an_address_is_said_with_its_parts() {
        let parts = Address { street: "Calle Mayor 1".into(), city: "León".into(), ..Address::default() };
        let home = Item { address: Some(Box::new(parts)), ..item("Calle Mayor 1\r\nLeón", "", "home") };
        let contact = Contact { addresses: vec![home], ..Contact::default() };
        let typed = r#"{"value":"Calle Mayor 1\nLeón","address":{"street":"Calle Mayor 1","city":"León"}}"#;
        let expected = elements(&[("calle mayor 1 leon calle mayor 1 leon", typed, "home")]);
        assert_eq!(units_of(&contact).get("address"), Some(&expected));
    }

    #[test]
    fn custom_fields_are_said_with_their_type() {
        let custom = [("plan", json!("7")), ("seats", json!(7)), ("empty", json!(null))];
        let custom = custom.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut contact = Contact { custom, ..Contact::default() };
        let said = units_of(&contact);
        assert_eq!(said.get("custom.plan"), Some(&Value::one("\"7\"")));
        assert_eq!(said.get("custom.seats"), Some(&Value::one("7")));
        assert_eq!(said.get("custom.empty"), None);
        put(
            &mut contact,
            &units(&[
                ("custom.plan", Value::Absent),
                ("custom.seats", Value::one("8")),
                ("custom.empty", Value::one("no JSON")),
            ]),
        );
        assert_eq!(contact.value("custom.plan"), Some(json!(null)));
        assert_eq!(contact.value("custom.seats"), Some(json!(8)));
        assert_eq!(contact.value("custom.empty"), Some(json!(null)));
    }

    #[test]
    fn what_is_said_already_stays_as_it_was_typed() {
        let typed = Contact {
            name: "Ana  Ruiz ".into(),
            description: "one\r\ntwo".into(),
            emails: vec![item("Ana@X.example", "ana@x.example", "work"), item(" b@x.example", "b@x.example", "")],
            tags: vec!["lead".into(), "VIP".into()],
            ..Contact::default()
        };
        let mut contact = typed.clone();
        put(&mut contact, &units_of(&typed));
        assert_eq!(contact, typed);
    }

    #[test]
    fn of_a_set_only_what_changed_is_touched() {
        let mut contact = Contact {
            emails: vec![
                item("C@x.example ", "c@x.example", "work"),
                item("b@x.example", "b@x.example", ""),
                item("a@x.example", "a@x.example", ""),
            ],
            ..Contact::default()
        };
        let wanted = elements(&[
            ("a@x.example", "a@x.example", "home"),
            ("c@x.example", "C@x.example", "work"),
            ("e@x.example", "E@x.example", ""),
            ("d@x.example", "d@x.example", ""),
        ]);
        put(&mut contact, &units(&[("email", wanted)]));
        let expected = [
            item("C@x.example ", "c@x.example", "work"),
            item("a@x.example", "a@x.example", "home"),
            item("d@x.example", "d@x.example", ""),
            item("E@x.example", "e@x.example", ""),
        ];
        assert_eq!(contact.emails, expected);
    }

    #[test]
    fn what_is_there_twice_changes_once() {
        let day = |value: &str| item(value, "", "visit");
        let mut contact = Contact { dates: vec![day("1980-01-01"), day("1980-01-01")], ..Contact::default() };
        let wanted = elements(&[("visit", "1980-02-01", "visit")]);
        put(&mut contact, &units(&[("date", wanted.clone())]));
        assert_eq!(units_of(&contact).get("date"), Some(&wanted));
    }

    #[test]
    fn the_first_one_is_moved_to_the_front_if_it_is_there() {
        let mut contact = ana();
        put(&mut contact, &units(&[("email.first", Value::one("ana@home.example"))]));
        assert_eq!(contact.email(), "ana@home.example");
        for nobody in [Value::one("bo@x.example"), Value::Absent] {
            put(&mut contact, &units(&[("email.first", nobody)]));
            assert_eq!((contact.email(), contact.emails.len()), ("ana@home.example", 2));
        }
    }

    #[rstest]
    #[case::the_text_says_all("+34 612 408 177", "+34612408177", "+34612408177")]
    #[case::the_country_is_in_the_key("612 408 177", "+34612408177", "+34612408177")]
    #[case::nobody_knows_the_country("612 408 177", "612 408 177", "")]
    fn a_new_phone_gets_the_key_it_is_compared_by(#[case] typed: &str, #[case] key: &str, #[case] expected: &str) {
        let mut contact = Contact::default();
        let wanted = elements(&[(key, typed, "")]);
        put(&mut contact, &units(&[("phone", wanted.clone())]));
        assert_eq!(contact.phones, [item(typed, expected, "")]);
        assert_eq!(units_of(&contact).get("phone"), Some(&wanted));
    }

    #[rstest]
    #[case::unknown("mood", Value::one("good"))]
    #[case::the_program_s_own("created_at", Value::one("1"))]
    #[case::one_for_several("email", Value::one("ana@x.example"))]
    #[case::several_for_one("nick", Value::words(["ana", "ani"]))]
    #[case::no_kind("kind", Value::one("robot"))]
    fn what_is_not_understood_is_passed_over(#[case] unit: &str, #[case] value: Value) {
        let mut contact = ana();
        put(&mut contact, &units(&[(unit, value)]));
        assert_eq!(contact, ana());
    }

    #[test]
    fn absent_empties() {
        let full = Contact {
            kind: Kind::Organization,
            name_parts: NameParts { given: "Ana".into(), ..NameParts::default() },
            nick: "Ani".into(),
            ..ana()
        };
        let mut contact = full.clone();
        let absent = units_of(&full).into_keys().map(|unit| (unit, Value::Absent)).collect();
        put(&mut contact, &absent);
        assert_eq!(contact, Contact::default());
    }

    const TEXT: &str = "[a-bÁ \r\n\u{1f}]{0,4}";

    fn any_items(value: &'static str) -> impl Strategy<Value = Vec<Item>> {
        let one = (value, "(work|home)?").prop_map(|(value, label)| Item { label, ..Item::new(value, "") });
        proptest::collection::vec(one, 0..4)
    }

    fn any_address() -> impl Strategy<Value = Item> {
        let parts = proptest::collection::vec(TEXT, 7);
        (parts, TEXT, "(home)?").prop_map(|(parts, value, label)| {
            let [street, extended, po_box, city, region, postal_code, country]: [String; 7] =
                parts.try_into().expect("seven parts");
            let parts = Address { street, extended, po_box, city, region, postal_code, country };
            Item { label, address: Some(Box::new(parts)), ..Item::new(value, "") }
        })
    }

    fn any_contact() -> impl Strategy<Value = Contact> {
        let custom = prop_oneof![
            "[a-b]{0,2}".prop_map(serde_json::Value::from),
            any::<i32>().prop_map(serde_json::Value::from),
            any::<bool>().prop_map(serde_json::Value::from),
        ];
        let lists = (
            any_items("[a-cA-C]{1,2}@x(\\.example)?"),
            any_items("(\\+34 612 408 17[0-2]|612 408 17[0-2]|\\+3461240817[0-2]|)"),
            any_items("[a-cA-C ]{0,3}"),
            proptest::collection::vec(any_address(), 0..3),
            any_items("[a-c ]{0,3}"),
            any_items("(1980-0[1-3]-01|--05-1[0-2])"),
        );
        let texts = proptest::collection::vec(TEXT, 14);
        let tags = proptest::collection::vec("[a-cA-C ]{0,3}", 0..4);
        let custom = proptest::collection::btree_map("[a-c]", custom, 0..3);
        (texts, lists, tags, custom, any::<bool>()).prop_map(|(texts, lists, tags, custom, is_organization)| {
            let (emails, phones, handles, addresses, urls, dates) = lists;
            let [
                name,
                given,
                additional,
                family,
                prefix,
                suffix,
                nick,
                company,
                job_title,
                department,
                stage,
                tier,
                description,
                preferences,
            ]: [String; 14] = texts.try_into().expect("fourteen texts");
            Contact {
                kind: if is_organization { Kind::Organization } else { Kind::Person },
                name,
                name_parts: NameParts { given, additional, family, prefix, suffix },
                nick,
                company,
                job_title,
                department,
                stage,
                tier,
                description,
                preferences,
                emails,
                phones,
                handles,
                addresses,
                urls,
                dates,
                tags,
                custom,
                ..Contact::default()
            }
        })
    }

    proptest! {
        #[test]
        fn a_copy_made_of_units_says_the_same(contact in any_contact()) {
            let said = units_of(&contact);
            let mut copy = Contact::default();
            put(&mut copy, &said);
            prop_assert_eq!(units_of(&copy), said);
        }

        #[test]
        fn any_contact_comes_to_say_what_it_is_told(mut contact in any_contact(), other in any_contact()) {
            let mut wanted = units_of(&other);
            // What is not said of custom fields stays.
            for key in contact.custom.keys() {
                wanted.entry(format!("custom.{key}")).or_default();
            }
            put(&mut contact, &wanted);
            wanted.retain(|unit, value| !unit.starts_with("custom.") || !value.is_absent());
            prop_assert_eq!(units_of(&contact), wanted);
        }

        #[test]
        fn putting_what_is_said_changes_nothing(contact in any_contact()) {
            let mut same = contact.clone();
            put(&mut same, &units_of(&contact));
            prop_assert_eq!(same, contact);
        }
    }
}
