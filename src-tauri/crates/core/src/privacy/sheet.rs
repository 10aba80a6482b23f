//! The register of processing as a page to print, without a script and without anything
//! from outside, and as JSON.

use super::processing::{Activity, Recipient, Register};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// As JSON.
pub(super) fn json(register: &Register) -> Value {
    let activity = |Activity { purpose, said }: &Activity| {
        json!({
            "purpose": purpose.name, "key": purpose.key, "basis": purpose.basis.as_str(),
            "article": purpose.basis.article(), "rests_on": purpose.ground, "marketing": purpose.is_marketing,
            "description": purpose.description, "data_subjects": purpose.subjects, "data": purpose.data,
            "kept_for": purpose.kept_for, "consented": said.given, "refused": said.refused, "objected": said.objected,
        })
    };
    let recipient = |one: &Recipient| {
        let fields = one.fields.iter().map(|(field, purpose)| json!({ "field": field, "purpose": purpose }));
        json!({
            "name": one.name, "kind": one.kind, "fields": fields.collect::<Vec<_>>(),
            "country": one.location.country, "safeguard": one.location.safeguard,
        })
    };
    json!({
        "format": "cardfile-processing/1",
        "at": register.at.to_rfc3339_seconds(),
        "controller": register.controller,
        "activities": register.activities.iter().map(activity).collect::<Vec<_>>(),
        "recipients": register.recipients.iter().map(recipient).collect::<Vec<_>>(),
        "sources": register.sources.iter().map(|(name, contacts)| json!({ "name": name, "contacts": contacts }))
            .collect::<Vec<_>>(),
        "retention": register.rules,
        "protection": register.protection,
        "missing": register.missing,
    })
}

/// Words of the page, in the order in which it uses them.
struct Words {
    language: &'static str,
    title: &'static str,
    made: &'static str,
    controller: [&'static str; 6],
    activities: &'static str,
    activity: [&'static str; 7],
    recipients: &'static str,
    recipient: [&'static str; 4],
    nobody: &'static str,
    sources: &'static str,
    source: [&'static str; 2],
    retention: &'static str,
    rule: [&'static str; 4],
    security: &'static str,
    encrypted: &'static str,
    open: &'static str,
    missing: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    title: "Records of processing activities",
    made: "GDPR, Article 30. Made on",
    controller: [
        "Controller",
        "Address",
        "Email",
        "Data protection officer",
        "Supervisory authority",
        "Automated decisions",
    ],
    activities: "Processing activities",
    activity: ["Purpose", "Legal basis", "What is done", "Data subjects", "Data", "Kept for", "Consents"],
    recipients: "Recipients",
    recipient: ["Recipient", "Data", "Country", "Safeguard"],
    nobody: "Nobody gets data by itself.",
    sources: "Sources",
    source: ["Source", "Contacts"],
    retention: "Retention",
    rule: ["Rule", "What", "Days", "State"],
    security: "Security",
    encrypted: "The database, its files and its backups are encrypted; who opens them holds a key.",
    open: "The key of the workspace lies open: whoever uses this computer can read it.",
    missing: "Not said yet",
};

const SPANISH: Words = Words {
    language: "es",
    title: "Registro de actividades de tratamiento",
    made: "RGPD, artículo 30. Generado el",
    controller: [
        "Responsable",
        "Dirección",
        "Correo",
        "Delegado de protección de datos",
        "Autoridad de control",
        "Decisiones automatizadas",
    ],
    activities: "Actividades de tratamiento",
    activity: ["Finalidad", "Base jurídica", "Qué se hace", "Interesados", "Datos", "Conservación", "Consentimientos"],
    recipients: "Destinatarios",
    recipient: ["Destinatario", "Datos", "País", "Garantía"],
    nobody: "Nadie recibe datos de forma automática.",
    sources: "Procedencia",
    source: ["Fuente", "Contactos"],
    retention: "Plazos de conservación",
    rule: ["Regla", "Qué", "Días", "Estado"],
    security: "Seguridad",
    encrypted: "La base de datos, sus archivos y sus copias están cifrados; quien los abre tiene una clave.",
    open: "La clave del espacio de trabajo no está protegida: quien use este equipo puede leerlo.",
    missing: "Falta por indicar",
};

/// As a page in English or Spanish.
pub(super) fn html(register: &Register, language: &str) -> String {
    let words = if language == "es" { &SPANISH } else { &ENGLISH };
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n<p>{} {}.</p>\n",
        words.language,
        words.title,
        words.title,
        words.made,
        register.at.to_rfc3339_seconds().chars().take(10).collect::<String>(),
    );
    let controller = &register.controller;
    let values = [
        &controller.name,
        &controller.address,
        &controller.email,
        &controller.officer,
        &controller.authority,
        &controller.decisions,
    ];
    page.push_str("<dl>\n");
    for (word, value) in words.controller.iter().zip(values).filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(page, "<dt>{word}</dt><dd>{}</dd>", escaped(value));
    }
    page.push_str("</dl>\n");
    let activities = register.activities.iter().map(|Activity { purpose, said }| {
        vec![
            purpose.name.clone(),
            [purpose.basis.article(), &purpose.ground].join(" ").trim().to_owned(),
            purpose.description.clone(),
            purpose.subjects.clone(),
            purpose.data.clone(),
            purpose.kept_for.clone(),
            format!("+{} −{} ⊘{}", said.given, said.refused, said.objected),
        ]
    });
    table(&mut page, words.activities, &words.activity, activities.collect());
    let recipients: Vec<Vec<String>> = register
        .recipients
        .iter()
        .map(|one| {
            let field = |(field, purpose): &(String, Option<String>)| match purpose {
                Some(purpose) => format!("{field} ({purpose})"),
                None => field.clone(),
            };
            let fields: Vec<String> = one.fields.iter().map(field).collect();
            vec![one.name.clone(), fields.join(", "), one.location.country.clone(), one.location.safeguard.clone()]
        })
        .collect();
    if recipients.is_empty() {
        let _ = writeln!(page, "<h2>{}</h2>\n<p>{}</p>", words.recipients, words.nobody);
    } else {
        table(&mut page, words.recipients, &words.recipient, recipients);
    }
    let sources = register.sources.iter().map(|(name, contacts)| vec![name.clone(), contacts.to_string()]);
    table(&mut page, words.sources, &words.source, sources.collect());
    let rules = register.rules.iter().map(|rule| {
        let what = [rule.what.as_str(), &rule.source, &rule.identity].join(" ").trim().to_owned();
        vec![rule.name.clone(), what, rule.days.to_string(), rule.state.as_str().to_owned()]
    });
    table(&mut page, words.retention, &words.rule, rules.collect());
    let is_open = register.protection.contains(&"unprotected");
    let own = if is_open { words.open } else { words.encrypted };
    let _ = writeln!(page, "<h2>{}</h2>\n<p>{own} {}</p>", words.security, escaped(&controller.security));
    if !register.missing.is_empty() {
        let _ = writeln!(page, "<h2>{}</h2>\n<ul>", words.missing);
        for what in &register.missing {
            let _ = writeln!(page, "<li>{}</li>", escaped(&what.to_string()));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

const STYLE: &str = "@page{size:A4;margin:18mm}body{font:14px/1.45 system-ui,sans-serif;color:#111;background:#fff}\
main{max-width:60rem;margin:auto}h1{font-size:1.6em}h2{font-size:1.15em;margin-top:1.6em;break-after:avoid}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3em .5em;text-align:start;\
vertical-align:top;overflow-wrap:anywhere}th{background:#eee}tr{break-inside:avoid}dt{font-weight:600}\
dd{margin:0 0 .4em}";

fn table(page: &mut String, title: &str, heads: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(page, "<h2>{title}</h2>\n<table>\n<thead><tr>");
    for head in heads {
        let _ = write!(page, "<th scope=\"col\">{head}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        page.push_str("<tr>");
        for cell in row {
            let _ = write!(page, "<td>{}</td>", escaped(&cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n");
}

/// A text as it may stand on a page.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_person_becomes_a_part_of_the_page() {
        assert_eq!(escaped("<b>\"R&D\"</b>\nx"), "&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt;<br>x");
    }
}
