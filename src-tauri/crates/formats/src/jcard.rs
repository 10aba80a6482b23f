//! jCard out (RFC 7095): a contact as JSON that other programs take, for who takes their own
//! data along.

use cardfile_domain::{Contact, Item, Kind};
use serde_json::{Map, Value, json};

/// The contact as a jCard of version 4. Empty values are left out.
pub fn to_value(contact: &Contact) -> Value {
    let mut all = vec![property("version", json!({}), "text", "4.0".into())];
    let mut text = |name: &str, value: &str| {
        if !value.is_empty() {
            all.push(property(name, json!({}), "text", value.into()));
        }
    };
    text("kind", if contact.kind == Kind::Organization { "org" } else { "individual" });
    text("nickname", &contact.nick);
    text("title", &contact.job_title);
    text("note", &contact.preferences);
    // It is asked for, also of somebody without a name (RFC 6350, 6.2.1).
    all.push(property("fn", json!({}), "text", contact.display_name().into()));
    let parts = &contact.name_parts;
    let name = [&parts.family, &parts.given, &parts.additional, &parts.prefix, &parts.suffix];
    if name.iter().any(|part| !part.is_empty()) {
        all.push(property("n", json!({}), "text", json!(name)));
    }
    match (contact.company.as_str(), contact.department.as_str()) {
        ("", "") => {}
        (company, "") => all.push(property("org", json!({}), "text", company.into())),
        (company, unit) => all.push(property("org", json!({}), "text", json!([company, unit]))),
    }
    for (name, sort, items) in [
        ("email", "text", &contact.emails),
        ("tel", "text", &contact.phones),
        ("impp", "text", &contact.handles),
        ("url", "uri", &contact.urls),
    ] {
        all.extend(items.iter().map(|item| property(name, parameters(item), sort, item.value.as_str().into())));
    }
    for item in &contact.addresses {
        let value = match &item.address {
            Some(a) => json!([a.po_box, a.extended, a.street, a.city, a.region, a.postal_code, a.country]),
            None => json!(["", "", item.value, "", "", "", ""]),
        };
        all.push(property("adr", parameters(item), "text", value));
    }
    for item in &contact.dates {
        let name = match item.label.as_str() {
            "birthday" => "bday",
            "anniversary" => "anniversary",
            _ => "x-date",
        };
        all.push(property(name, parameters(item), "date-and-or-time", item.value.as_str().into()));
    }
    json!(["vcard", all])
}

fn property(name: &str, parameters: Value, sort: &str, value: Value) -> Value {
    json!([name, parameters, sort, value])
}

fn parameters(item: &Item) -> Value {
    let mut all = Map::new();
    if !item.label.is_empty() {
        all.insert("type".into(), item.label.to_lowercase().into());
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::NameParts;

    #[test]
    fn a_contact_is_a_card_that_others_read() {
        let work = Item { label: "Work".into(), ..Item::new("ana@x.example", "ana@x.example") };
        let ana = Contact {
            name: "Ana Ruiz".into(),
            name_parts: NameParts { given: "Ana".into(), family: "Ruiz".into(), ..NameParts::default() },
            company: "Solvento".into(),
            emails: vec![work],
            dates: vec![Item { label: "birthday".into(), ..Item::new("--02-29", "") }],
            ..Contact::default()
        };
        assert_eq!(
            to_value(&ana),
            json!(["vcard", [
                ["version", {}, "text", "4.0"],
                ["kind", {}, "text", "individual"],
                ["fn", {}, "text", "Ana Ruiz"],
                ["n", {}, "text", ["Ruiz", "Ana", "", "", ""]],
                ["org", {}, "text", "Solvento"],
                ["email", { "type": "work" }, "text", "ana@x.example"],
                ["bday", { "type": "birthday" }, "date-and-or-time", "--02-29"],
            ]])
        );
    }
}
