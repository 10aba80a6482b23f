//! What statements for agents touch, by what SQLite itself says of them.

use super::*;
use crate::{inventory::Whose, schema};
use cardfile_domain::privacy::Privacy;
use rstest::rstest;

/// A workspace with two people who have everything.
fn workspace() -> Connection {
    let mut db = Connection::open_in_memory().expect("memory");
    schema::migrate(&mut db, "test", Millis(0)).expect("a schema");
    schema::ensure_lookups(&db).expect("indices");
    for (row, name) in [(1, "Ana"), (2, "Bo")] {
        db.execute_batch(&format!(
            "INSERT INTO contact (row, id, version, kind, name, given_name, nick, description, preferences, company,
                 email, email_key, phone, phone_key, source, conversation_count, custom, metadata, created_at,
                 updated_at)
             VALUES ({row}, 'ctc_{row}', 0, 'person', '{name}', '{name}', 'n{row}', 'd{row}', 'p{row}', 'c{row}',
                 '{name}@x.example', '{name}@x.example', '+34 {row}', '+34{row}', 'test', 0,
                 '{{\"plan\":\"pro{row}\",\"seats\":25,\"other\":\"secret{row}\"}}', '{{\"m\":\"meta{row}\"}}', 1, 1);
             INSERT INTO contact_item (contact, field, pos, label, value, key)
             VALUES ({row}, 'email', 1, 'work', 'second{row}@x.example', 'second{row}@x.example'),
                    ({row}, 'url', 0, NULL, 'https://{name}.example', NULL);
             INSERT INTO link (contact, pos, connector, scope, external_id) VALUES ({row}, 0, 'line', '', 'V-{row}');
             INSERT INTO memory (part, contact, version, id, text, author, source, confidence, pinned, created_at,
                 updated_at)
             VALUES ({row}, {row}, 0, 'mem_{row}', 'memory{row}', 'bot', NULL, NULL, 0, 1000, 1000);
             INSERT INTO note (part, contact, version, id, text, internal, author, created_at, updated_at)
             VALUES (1{row}, {row}, 0, 'nte_{row}', 'note{row}', 0, 'you', 1000, 1000),
                    (2{row}, {row}, 0, 'nte_i{row}', 'internal{row}', 1, 'you', 1000, 1000);
             INSERT INTO conversation (part, contact, version, id, platform, title, external_id, session_key, page_url,
                 unread, first_at, last_at, messages, created_at, updated_at)
             VALUES (3{row}, {row}, 0, 'cnv_{row}', 'widget', 'title{row}', '', '', '', 0, 1, 1, 1, 1, 1);
             INSERT INTO message (part, conversation, version, id, role, author, text, external_id, at)
             VALUES (4{row}, 3{row}, 0, 'msg_{row}', 'contact', '', 'message{row}', '', 1);
             INSERT INTO task (part, contact, version, id, title, starts_at, rule, zone, status, outcome, last_run_at,
                 next_run_at, author, created_at, updated_at)
             VALUES (5{row}, {row}, 0, 'tsk_{row}', 'task{row}', NULL, '', '', 'idle', 'pending', NULL, NULL, 'you', 1, 1);
             INSERT INTO payment_account (part, contact, version, id, label, account, email)
             VALUES (6{row}, {row}, 0, 'pay_{row}', 'Stripe', 'cus_{row}', 'pay{row}@x.example');"
        ))
        .expect("rows");
    }
    db.execute_batch(
        "INSERT INTO tag (tag, name, key) VALUES (1, 'vip', 'vip'); INSERT INTO contact_tag VALUES (1, 0, 1)",
    )
    .expect("a tag");
    db
}

fn approved(card: ContactRow, fields: &[&str]) -> Approval {
    Approval { card, fields: fields.iter().map(|field| (*field).to_owned()).collect() }
}

fn everything() -> Vec<&'static str> {
    READABLE.iter().map(|one| one.key).chain(["custom.plan"]).collect()
}

/// All that can be read of a card.
fn read_all(reader: &NarrowReader<'_>) -> rusqlite::Result<String> {
    let mut all = String::new();
    for key in everything() {
        all += &reader.field(key)?.to_string();
        for part in reader.parts(key, 10)? {
            all += &Value::Object(part).to_string();
        }
    }
    Ok(all)
}

#[test]
fn only_columns_that_the_inventory_gives_to_agents_are_readable() {
    let of = |(table, name): &(&str, &str)| {
        let table = schema::TABLES.iter().find(|one| one.name == *table).expect(table);
        table.columns.iter().find(|one| one.name == *name).unwrap_or_else(|| panic!("{}.{name}", table.name))
    };
    for readable in READABLE {
        for column in readable.columns {
            assert!(of(column).agents, "{column:?} of {}", readable.key);
            assert_ne!(of(column).class, Privacy::Secret);
        }
        for column in readable.keys {
            let key = of(column);
            let is_impersonal = key.class == Privacy::Technical || key.whose == Whose::Business;
            assert!(is_impersonal || *column == ("note", "internal"), "{column:?} says something of a person");
        }
    }
}

#[rstest]
#[case::the_default(&["name", "description", "preferences"], &["contact.description", "contact.name", "contact.preferences"])]
#[case::a_custom_field(&["custom.plan"], &["contact.custom"])]
#[case::emails(&["email"], &["contact.email", "contact.email_label", "contact_item.contact", "contact_item.field", "contact_item.label", "contact_item.pos", "contact_item.value"])]
#[case::memories(&["memories"], &["memory.author", "memory.contact", "memory.created_at", "memory.part", "memory.pinned", "memory.text"])]
#[case::nothing(&[], &[])]
fn the_statements_of_approved_fields_touch_their_columns_and_no_others(
    #[case] fields: &[&str],
    #[case] expected: &[&str],
) {
    let mut db = workspace();
    let seen = narrowly(&mut db, &approved(1, fields), |reader| {
        for field in fields {
            reader.field(field)?;
            reader.parts(field, 10)?;
        }
        Ok(())
    })
    .expect("readable");
    let gate: Vec<String> = GATE.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    let own: Vec<&str> = seen.columns.iter().filter(|name| !gate.contains(name)).map(String::as_str).collect();
    assert_eq!(own, expected);
}

#[test]
fn a_field_that_was_not_approved_cannot_be_read_even_by_a_tool_that_asks_for_it() {
    let mut db = workspace();
    for key in everything() {
        let others: Vec<&str> = everything().into_iter().filter(|other| *other != key).collect();
        let only = approved(1, &["kind"]);
        let asked = narrowly(&mut db, &only, |reader| {
            let value = reader.field(key)?;
            Ok((value, reader.parts(key, 10)?))
        });
        match asked {
            Ok(seen) => assert!(key == "kind" || (seen.value.0.is_null() && seen.value.1.is_empty()), "{key}"),
            Err(error) => assert!(error.to_string().contains("prohibited"), "{key}: {error}"),
        }
        let rest = narrowly(&mut db, &approved(1, &others), |reader| reader.field("metadata")).expect("readable");
        assert_eq!(rest.value, Value::Null);
    }
    let wild = narrowly(&mut db, &approved(1, &everything()), |reader| {
        reader.db.query_row("SELECT metadata FROM contact", [], |row| row.get::<_, String>(0))
    });
    assert!(wild.expect_err("refused").to_string().contains("prohibited"));
    let write = narrowly(&mut db, &approved(1, &everything()), |reader| reader.db.execute("DELETE FROM contact", []));
    assert!(write.is_err(), "nor written");
}

#[test]
fn everything_approved_gives_everything_of_one_card_and_nothing_of_another() {
    let mut db = workspace();
    let all = narrowly(&mut db, &approved(1, &everything()), read_all).expect("readable").value;
    for word in ["Ana", "second1", "V-1", "memory1", "note1", "title1", "message1", "task1", "cus_1", "pro1", "vip"] {
        assert!(all.contains(word), "{word} in {all}");
    }
    for word in ["Bo", "second2", "V-2", "memory2", "note2", "secret", "meta1", "internal1"] {
        assert!(!all.contains(word), "{word} in {all}");
    }
}

#[rstest]
#[case::restricted(
    "INSERT INTO restriction VALUES (90, 1, 0, 'rst_1', 'restricted', '', '', '', '', 1, NULL, '', '', 1)"
)]
#[case::not_for_agents(
    "INSERT INTO restriction VALUES (90, 1, 0, 'rst_1', 'no_agents', '', '', '', '', 1, NULL, '', '', 1)"
)]
#[case::in_the_bin("UPDATE contact SET binned_at = 1 WHERE row = 1")]
fn a_card_that_agents_may_not_see_gives_nothing_whatever_is_approved(#[case] sql: &str) {
    let mut db = workspace();
    let before = narrowly(&mut db, &approved(1, &everything()), |reader| reader.is_there()).expect("readable");
    assert!(before.value);
    db.execute_batch(sql).expect(sql);
    let seen = narrowly(&mut db, &approved(1, &everything()), |reader| Ok((reader.is_there()?, read_all(reader)?)));
    let (is_there, all) = seen.expect("readable").value;
    assert!(!is_there && all.replace("null", "").is_empty(), "{all}");
    let lifted = "UPDATE restriction SET lifted_at = 2; UPDATE contact SET binned_at = NULL";
    db.execute_batch(lifted).expect("lifted");
    assert!(narrowly(&mut db, &approved(1, &[]), |reader| reader.is_there()).expect("readable").value);
}

#[test]
fn afterwards_the_connection_is_as_any_other() {
    let mut db = workspace();
    narrowly(&mut db, &approved(1, &["name"]), |reader| reader.field("name")).expect("readable");
    let phone: String =
        db.query_row("SELECT phone FROM contact WHERE row = 1", [], |row| row.get(0)).expect("readable again");
    assert_eq!(phone, "+34 1");
    let refused = narrowly(&mut db, &approved(1, &["name"]), |reader| reader.field("phone"));
    assert!(refused.is_err());
    db.query_row("SELECT phone FROM contact WHERE row = 1", [], |row| row.get::<_, String>(0)).expect("readable again");
}

#[test]
fn a_key_of_a_custom_field_is_no_way_into_the_others() {
    let mut db = workspace();
    let asked = |db: &mut Connection, key: &str| {
        narrowly(db, &approved(1, &["custom.plan"]), |reader| reader.field(key)).expect("readable").value
    };
    assert_eq!(asked(&mut db, "custom.plan"), json!("pro1"));
    assert_eq!(asked(&mut db, "custom.seats"), json!(25));
    assert_eq!(asked(&mut db, "custom.x\" , \"$.other"), Value::Null);
    assert_eq!(asked(&mut db, "custom."), Value::Null);
}
