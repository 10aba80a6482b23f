//! Quick add: one typed line of name, email and phone becomes a contact.

use crate::{
    core::Core,
    error::Error,
    resolve::{Rule, resolve},
    said::Said,
};
use cardfile_domain::{Contact, Item, email, phone, say, text};
use serde::Serialize;
use ts_rs::TS;

/// What a typed line says, and who may be the same person.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QuickAdd {
    /// The name.
    pub name: String,
    /// The email, if there is one.
    pub email: String,
    /// The phone, if there is one.
    pub phone: String,
    /// Contacts with the same email or phone.
    pub duplicates: Vec<Duplicate>,
}

/// Somebody who may be the same person.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Duplicate {
    /// `ctc_…`
    pub id: String,
    /// What to call them.
    pub name: String,
    /// What it shares: `same email`, `same phone`.
    pub reason: Said,
}

/// Reads a line: `Ana Ruiz ana@x.example +34 612 408 177`, in any order.
pub fn parse(line: &str) -> Contact {
    let mut contact = Contact::default();
    let (mut words, mut number) = (Vec::new(), Vec::new());
    for word in line.split_whitespace() {
        let bare = word.trim_matches(|c| matches!(c, ',' | ';' | '<' | '>'));
        if bare.contains('@') && email::key(bare).is_ok() {
            contact.emails.push(Item::new(bare, email::key(bare).unwrap_or_default()));
        } else if !bare.is_empty() && bare.chars().all(|c| c.is_numeric() || "+-()./".contains(c)) {
            number.push(bare);
        } else {
            words.push(bare);
        }
    }
    let number = number.join(" ");
    if text::digits(&number).len() >= 5 {
        contact.phones.push(Item::new(number, ""));
    } else if !number.is_empty() {
        words.push(&number);
    }
    contact.name = words.join(" ");
    contact
}

/// Reads a line and looks for the same person.
pub fn preview(core: &Core, line: &str) -> Result<QuickAdd, Error> {
    let contact = parse(line);
    let mut claims = contact.clone();
    let region = core.region()?;
    for item in &mut claims.phones {
        item.key = phone::key(&item.value, region).unwrap_or_default();
    }
    let duplicates = core.store().read(|r| {
        let found = resolve(r, &claims)?;
        let sure = found.contact.zip(found.rule);
        let mut all = Vec::new();
        for (row, rule) in sure.into_iter().chain(found.suggestions) {
            if let Some(stored) = r.contacts().get(row)? {
                let name = stored.contact.display_name().to_owned();
                let reason = match rule {
                    Rule::Phone(_) => say!("same phone"),
                    Rule::Email(_) | Rule::VerifiedEmail(_) => say!("same email"),
                    Rule::OwnId | Rule::ExternalId(_) => say!("same id"),
                    Rule::Handle(_) => say!("same name at a platform"),
                };
                all.push(Duplicate { id: stored.contact.id.to_string(), name, reason: reason.into() });
            }
        }
        Ok(all)
    })?;
    Ok(QuickAdd {
        name: contact.name.clone(),
        email: contact.email().to_owned(),
        phone: contact.phone().to_owned(),
        duplicates,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Ana Ruiz ana@x.example +34 612 408 177", "Ana Ruiz", "ana@x.example", "+34 612 408 177")]
    #[case("ana@x.example, Ana Ruiz", "Ana Ruiz", "ana@x.example", "")]
    #[case("+34 612408177 Ana", "Ana", "", "+34 612408177")]
    #[case("陈雨桐 <yutong@linghai.example>", "陈雨桐", "yutong@linghai.example", "")]
    #[case("Studio 54", "Studio 54", "", "")]
    fn reads_a_line(#[case] line: &str, #[case] name: &str, #[case] email: &str, #[case] phone: &str) {
        let contact = parse(line);
        assert_eq!((contact.name.as_str(), contact.email(), contact.phone()), (name, email, phone));
    }
}
