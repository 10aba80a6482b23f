//! Cells of the pages of an answer as the person reads them: moments and words of closed lists in
//! their language, what we call something by inside in words of theirs. The files for programs
//! keep what stands in the workspace.

use super::history::is_time;
use cardfile_domain::consent::MIRRORED;
use cardfile_formats::dsar::{Language, Words};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a cell may name.
pub(super) struct Reading<'m> {
    pub(super) language: Language,
    /// Ids of the person's cards, in the order of the answer.
    pub(super) cards: Vec<&'m str>,
    /// Ids of the conversations, in the order of their pages.
    pub(super) talks: Vec<&'m str>,
    /// What purposes are called, by their keys.
    pub(super) purposes: &'m BTreeMap<String, String>,
}

impl Reading<'_> {
    pub(super) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// What stands under a column or a field.
    pub(super) fn cell(&self, key: &str, value: &Value) -> String {
        match value {
            Value::String(text) => self.text(key, text),
            Value::Array(all) if matches!(key, "documents" | "faqs") => all.len().to_string(),
            Value::Array(all) => {
                let between = if matches!(key, "fields" | "tags" | "purposes") { ", " } else { "\n" };
                all.iter().map(|one| self.cell(key, one)).collect::<Vec<_>>().join(between)
            }
            Value::Object(map) => self.object(key, map),
            Value::Number(number) => self.number(key, number.as_f64().unwrap_or_default()),
            Value::Null | Value::Bool(_) => plain(value, self.words()),
        }
    }

    fn text(&self, key: &str, text: &str) -> String {
        if let Some(at) = self.cards.iter().position(|id| *id == text) {
            // Which of their cards: the number under which the page shows it.
            return if key == "card" { (at + 1).to_string() } else { self.words().you.to_owned() };
        }
        if let Some(at) = self.talks.iter().position(|id| *id == text) {
            return format!("{} {}", self.words().conversation, at + 1);
        }
        let said = match key {
            "date" => self.language.day(text),
            "rule" => self.language.repeats(text),
            "purpose" | "purposes" => self.purposes.get(text).cloned(),
            "fields" => Some(self.language.value("format", text).unwrap_or_else(|| self.language.label(text))),
            "basis" => Some(text.split(", ").map(|one| self.word("basis", one)).collect::<Vec<_>>().join("\n")),
            // What was said of an occurrence, as its source said it.
            "detail" => serde_json::from_str::<Map<String, Value>>(text).ok().map(|map| lines(&map, self.words())),
            _ if is_moment(key) => self.language.moment(text),
            _ => None,
        };
        said.unwrap_or_else(|| self.word(key, text))
    }

    /// A word of a closed list in words; any other text as it is.
    pub(super) fn word(&self, list: &str, text: &str) -> String {
        self.language.value(list, text).unwrap_or_else(|| text.to_owned())
    }

    fn object(&self, key: &str, map: &Map<String, Value>) -> String {
        let said = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
        match key {
            "name_parts" => {
                let order = ["prefix", "given", "additional", "family", "suffix"];
                order.map(said).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
            }
            "external_id" => {
                let system = [self.word("connector", said("connector")), said("scope").to_owned()];
                let system: Vec<String> = system.into_iter().filter(|part| !part.is_empty()).collect();
                format!("{}: {}", system.join(", "), said("external_id"))
            }
            // What was agreed to stands among the consents.
            "metadata" => {
                let own = map.iter().filter(|(name, _)| !MIRRORED.contains(&name.as_str()));
                lines(own, self.words())
            }
            // What a rule did.
            "value" if map.contains_key("rule") => {
                let about = self.word("about", said("changed"));
                let fields = map.get("fields").map(|fields| self.cell("fields", fields)).unwrap_or_default();
                format!("{}: {}", said("rule"), [about, fields].join(", ").trim_end_matches(", "))
            }
            _ => match map.get("value").filter(|_| map.len() <= 3) {
                Some(main) => {
                    // A label of the card is somebody's word.
                    let main = if key == "date" { self.cell("date", main) } else { plain(main, self.words()) };
                    let label = said("label");
                    if label.is_empty() { main } else { format!("{main} ({label})") }
                }
                None => lines(map, self.words()),
            },
        }
    }

    fn number(&self, key: &str, number: f64) -> String {
        match key {
            "confidence" => format!("{} %", (number * 100.0).round()),
            // Zero says that nobody knows.
            "wording" if number < 1.0 => self.words().unknown_time.to_owned(),
            _ => number.to_string(),
        }
    }
}

fn is_moment(key: &str) -> bool {
    is_time(key) || matches!(key, "first_sent" | "last_sent" | "last_changed")
}

/// A value as text, whatever it is.
pub(super) fn plain(value: &Value, words: &Words) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { words.yes } else { words.no }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(|one| plain(one, words)).collect::<Vec<_>>().join("\n"),
        Value::Object(map) => lines(map, words),
    }
}

/// What another program sent, under its own names.
fn lines<'v>(all: impl IntoIterator<Item = (&'v String, &'v Value)>, words: &Words) -> String {
    let lines = all.into_iter().map(|(key, one)| format!("{key}: {}", plain(one, words)));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case("at", json!("2026-11-21T09:00:05Z"), "21 nov 2026, 09:00 UTC")]
    #[case("consent_at", json!("some day in May"), "some day in May")]
    #[case("text", json!("2026-11-21T09:00:05Z"), "2026-11-21T09:00:05Z")]
    #[case("kind", json!("person"), "una persona")]
    #[case("text", json!("person"), "person")]
    #[case("card", json!("ctc_b"), "2")]
    #[case("one", json!("ctc_b"), "Usted")]
    #[case("source", json!("cnv_a"), "Conversación 1")]
    #[case("purpose", json!("news"), "Our newsletter")]
    #[case("fields", json!(["email", "job_title", "custom.order_ref"]), "Correo, Cargo, order ref")]
    #[case("fields", json!(["everything"]), "la ficha completa con todo lo que contiene")]
    #[case("basis", json!("6(1)(a), 6(1)(c)"), "su consentimiento (art. 6(1)(a))\nuna ley (art. 6(1)(c))")]
    #[case("name_parts", json!({ "family": "Ruiz", "given": "Ana" }), "Ana Ruiz")]
    #[case("external_id", json!([{ "connector": "crm", "scope": "eu", "external_id": "7" }]), "crm, eu: 7")]
    #[case("phone", json!([{ "value": "+34 612", "label": "work" }]), "+34 612 (work)")]
    #[case("date", json!([{ "value": "1990-05-01", "label": "birthday" }]), "1 may 1990 (birthday)")]
    #[case("detail", json!("{\"page\":\"/prices\"}"), "page: /prices")]
    #[case("metadata", json!({ "kind": "person", "consent_given": true }), "kind: person")]
    #[case("confidence", json!(0.8), "80 %")]
    #[case("value", json!(4.0), "4")]
    #[case("given", json!(true), "sí")]
    #[case("documents", json!(["doc_1", "doc_2"]), "2")]
    #[case("value", json!({ "rule": "Engaged", "changed": "contact", "fields": ["stage"] }), "Engaged: Ficha, Etapa")]
    fn a_cell_is_said_in_words_of_the_person(#[case] key: &str, #[case] value: Value, #[case] said: &str) {
        let purposes = BTreeMap::from([("news".to_owned(), "Our newsletter".to_owned())]);
        let (cards, talks) = (vec!["ctc_a", "ctc_b"], vec!["cnv_a"]);
        let reading = Reading { language: Language::Spanish, cards, talks, purposes: &purposes };
        assert_eq!(reading.cell(key, &value), said);
    }
}
