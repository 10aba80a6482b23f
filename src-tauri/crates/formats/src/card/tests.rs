//! What a card says, and what stays of it when something in it changes.

use super::*;
use cardfile_domain::{Address, Kind};
use proptest::prelude::*;
use rstest::rstest;

const PHONE: &str = concat!(
    "BEGIN:VCARD\r\n",
    "VERSION:3.0\r\n",
    "PRODID:-//Example Inc.//Phone 9//EN\r\n",
    "N:Ruiz;Ana;;;\r\n",
    "FN:Ana Ruiz\r\n",
    "ORG:Linghai Robotics;Sales;East\r\n",
    "item1.EMAIL;type=INTERNET;type=pref:ana@x.example\r\n",
    "item1.X-ABLabel:_$!<Assistant>!$_\r\n",
    "EMAIL;type=INTERNET;type=HOME:ana@home.example\r\n",
    "EMAIL;X-OLD=1:old@x.example\r\n",
    "item2.ADR;type=HOME:;;Lane 9\\, No. 4;Shanghai;;200030;China\r\n",
    "item2.X-ABADR:cn\r\n",
    "item3.X-ABDATE:2019-06-01\r\n",
    "item3.X-ABLabel:_$!<Anniversary>!$_\r\n",
    "BDAY;value=date:--02-29\r\n",
    "NOTE:Two lines\\nof notes\\, with a com\r\n ma\r\n",
    "CATEGORIES:VIP,Robotics\r\n",
    "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////\r\n",
    " ////////8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=\r\n",
    "X-SPARE;X-PARAM=7:kept as it is\r\n",
    "X-CARDFILE-STAGE:lead\r\n",
    "X-CARDFILE-STAMP:phone_1:4\r\n",
    "UID:5d1f7c2e\r\n",
    "REV:2024-03-12T09:14:00Z\r\n",
    "END:VCARD\r\n",
);
const SERVER: &str = concat!(
    "BEGIN:VCARD\r\n",
    "VERSION:4.0\r\n",
    "KIND:individual\r\n",
    "FN:Ana\r\n",
    "FN;LANGUAGE=ja:アナ\r\n",
    "EMAIL;TYPE=work;PREF=1:ana@x.example\r\n",
    "EMAIL:ana@home.example\r\n",
    "TEL;VALUE=uri;TYPE=\"voice,cell\":tel:+47-412-34-567\r\n",
    "ADR;TYPE=work;LABEL=\"Storgata 1 ^'B^'\\n0155 Oslo\":;;Storgata 1;Oslo;;0155;Norway\r\n",
    "BDAY:19900312\r\n",
    "GENDER:F\r\n",
    "REV:20240312T091400Z\r\n",
    "END:VCARD\r\n",
);
const OLD: &str = concat!(
    "BEGIN:VCARD\n",
    "VERSION:2.1\n",
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Concei=C3=A7=C3=A3o;In=C3=AAs;;;\n",
    "TEL;WORK:+351 220 100 200\n",
    "TEL;CELL;PREF:+351 912 044 177\n",
    "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Gosta: azulejos=0D=0A=\n",
    "liga: =C3=A0s segundas\n",
    "PHOTO;ENCODING=BASE64;TYPE=JPEG:\n",
    "/9j/4AAQSkZJRgABAQAAAQABAAD\n",
    "\n",
    "END:VCARD\n",
);

fn units(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|unit| (*unit).to_owned()).collect()
}

fn card(text: &str) -> Contact {
    read(text, None).expect("a card").contact
}

/// The card with one change to what it says.
fn changed(body: &str, unit: &str, change: impl Fn(&mut Contact)) -> String {
    let mut contact = card(body);
    change(&mut contact);
    patch(body, &contact, &units(&[unit]), None, None).expect("a card")
}

fn item(value: &str, label: &str) -> Item {
    Item { label: label.to_owned(), ..Item::new(value, "") }
}

#[test]
fn a_card_is_read() {
    let read = read(PHONE, None).expect("a card");
    let contact = read.contact;
    assert_eq!((contact.name.as_str(), contact.name_parts.family.as_str()), ("Ana Ruiz", "Ruiz"));
    let emails: Vec<(&str, &str)> =
        contact.emails.iter().map(|item| (item.key.as_str(), item.label.as_str())).collect();
    assert_eq!(emails, [("ana@x.example", "Assistant"), ("ana@home.example", "home"), ("old@x.example", "")]);
    assert_eq!(contact.description, "Two lines\nof notes, with a comma");
    assert_eq!(contact.dates, [item("2019-06-01", "Anniversary"), item("--02-29", "birthday")]);
    assert_eq!((read.uid.as_str(), read.stamps.get("phone_1")), ("5d1f7c2e", Some(&4)));
    assert_eq!((contact.stage.as_str(), contact.metadata.as_str(), contact.links.len()), ("", "", 0));

    let contact = card(SERVER);
    assert_eq!((contact.name.as_str(), contact.phones[0].key.as_str()), ("Ana", "+4741234567"));
    assert_eq!(contact.addresses[0].value, "Storgata 1 \"B\"\n0155 Oslo");

    let contact = card(OLD);
    assert_eq!((contact.name.as_str(), contact.phone()), ("Inês Conceição", "+351 912 044 177"));
    assert_eq!(contact.description.replace("\r\n", "\n"), "Gosta: azulejos\nliga: às segundas");
}

#[test]
fn a_phone_is_read_in_the_country_it_is_typed_in() {
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:612 408 177\r\nEND:VCARD\r\n";
    let contact = read(text, Region::parse("ES")).expect("a card").contact;
    assert_eq!(contact.phones, [Item::new("612 408 177", "+34612408177")]);
}

#[test]
fn a_phone_that_is_there_twice_stays_so() {
    let body = "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:612 408 177\r\nTEL:+34612408177\r\nEND:VCARD\r\n";
    let region = Region::parse("ES");
    let mut contact = read(body, region).expect("a card").contact;
    assert_eq!(contact.phones.len(), 1);
    contact.phones.push(item("+34 912 044 177", ""));
    let text = patch(body, &contact, &units(&["phone"]), region, None).expect("a card");
    assert_eq!(text, body.replace("END:", "TEL:+34 912 044 177\r\nEND:"));
}

#[rstest]
#[case::empty("", "the card cannot be read")]
#[case::something_else("<html>: no", "the card cannot be read")]
#[case::two("BEGIN:VCARD\r\nEND:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\n", "there is more than one card")]
#[case::an_impossible_email("BEGIN:VCARD\r\nEMAIL:ana at x\r\nEND:VCARD\r\n", "email has no @")]
#[case::a_list(
    "BEGIN:VCARD\r\nX-ADDRESSBOOKSERVER-KIND:group\r\nFN:Friends\r\nEND:VCARD\r\n",
    "this is a list of cards, not a contact"
)]
fn what_is_no_card_is_refused(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(read(text, None), Err(expected.to_owned()));
}

#[test]
fn a_card_that_says_nothing_is_a_card() {
    let nothing = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:\r\nN:;;;;\r\nEMAIL:\r\nEND:VCARD\r\n";
    assert_eq!(card(nothing), Contact::default());
}

#[test]
fn a_new_card_is_one_that_all_programs_read() {
    let contact = Contact {
        name: "Zé Bot".into(),
        stage: "lead".into(),
        emails: vec![item("ze@x.example", "work"), item("z@x.example", "Büro")],
        handles: vec![item("ze", "Slack team")],
        dates: vec![item("--05-14", "birthday")],
        ..Contact::default()
    };
    let expected = concat!(
        "BEGIN:VCARD\r\n",
        "VERSION:3.0\r\n",
        "UID:u-1\r\n",
        "FN:Zé Bot\r\n",
        "N;DERIVED=TRUE:Bot;Zé;;;\r\n",
        "EMAIL;TYPE=work,PREF:ze@x.example\r\n",
        "item1.EMAIL:z@x.example\r\n",
        "item1.X-ABLabel:Büro\r\n",
        "IMPP;X-SERVICE-TYPE=\"Slack team\":x-apple:ze\r\n",
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-14\r\n",
        "X-CARDFILE-STAMP:laptop:3\r\n",
        "END:VCARD\r\n",
    );
    assert_eq!(new(&contact, "u-1", Some(("laptop", 3))), expected);
}

#[test]
fn lines_are_folded() {
    let contact = Contact { name: "Ana".into(), description: "día, ".repeat(60), ..Contact::default() };
    let text = new(&contact, "u-1", None);
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert_eq!(card(&text).description, contact.description);
}

#[test]
fn a_contact_without_a_name_does_not_get_one_by_its_echo() {
    let contact = Contact { emails: vec![item("ana@x.example", "")], ..Contact::default() };
    let text = new(&contact, "u-1", None);
    assert!(text.contains("FN;DERIVED=TRUE:ana@x.example\r\nN:;;;;\r\n"), "{text}");
    assert_eq!(card(&text).name, "");
    let text = changed(&text, "email", |contact| contact.emails = vec![item("bo@x.example", "")]);
    assert!(text.contains("FN;DERIVED=TRUE:bo@x.example\r\nN:;;;;\r\n"), "{text}");
}

#[rstest]
#[case::of_a_phone(PHONE)]
#[case::of_a_server(SERVER)]
#[case::old(OLD)]
#[case::without_end("BEGIN:VCARD\r\nFN:Ana")]
#[case::with_junk("\r\nBEGIN:VCARD\r\nFN:Ana\r\nno colon\r\nEND:VCARD\r\n\r\n")]
fn a_card_that_is_told_what_it_says_stays_as_it_is(#[case] body: &str) {
    assert_eq!(patch(body, &card(body), &units(UNITS), None, None).expect("a card"), body);
    assert_eq!(patch(body, &Contact::default(), &units(&[]), None, None).expect("a card"), body);
    assert_eq!(patch(body, &Contact::default(), &units(&["stage"]), None, None).expect("a card"), body);
}

#[test]
fn of_three_emails_only_the_changed_one_is_written() {
    let text = changed(PHONE, "email", |contact| contact.emails[1].value = "ana@new.example".into());
    let expected = PHONE
        .replace("EMAIL;type=INTERNET;type=HOME:ana@home.example", "EMAIL;TYPE=home:ana@new.example")
        .replace("REV:2024-03-12T09:14:00Z\r\n", "");
    assert_eq!(text, expected);
}

#[test]
fn a_removed_email_takes_its_label_along_and_the_next_one_is_preferred() {
    let text = changed(PHONE, "email", |contact| drop(contact.emails.remove(0)));
    let expected = PHONE
        .replace("item1.EMAIL;type=INTERNET;type=pref:ana@x.example", "EMAIL;TYPE=home,PREF:ana@home.example")
        .replace("item1.X-ABLabel:_$!<Assistant>!$_\r\n", "")
        .replace("EMAIL;type=INTERNET;type=HOME:ana@home.example\r\n", "")
        .replace("REV:2024-03-12T09:14:00Z\r\n", "");
    assert_eq!(text, expected);
}

#[test]
fn an_added_value_stands_at_the_end_in_a_group_of_its_own() {
    let text = changed(PHONE, "url", |contact| contact.urls.push(item("https://x.example", "Laden")));
    let added = "item4.URL:https://x.example\r\nitem4.X-ABLabel:Laden\r\nEND:VCARD\r\n";
    assert!(text.ends_with(added), "{text}");
}

#[test]
fn the_country_of_an_address_goes_with_it() {
    let text = changed(PHONE, "address", |contact| contact.addresses.clear());
    assert!(!text.contains("item2."), "{text}");
}

#[test]
fn which_email_is_first_is_said_by_a_mark_where_the_order_says_something_else() {
    let body = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nEMAIL:a@x.example\r\nEMAIL:b@x.example\r\nEND:VCARD\r\n";
    let text = changed(body, "email.first", |contact| contact.emails.reverse());
    assert_eq!(text, body.replace("EMAIL:b@", "EMAIL;TYPE=PREF:b@"));
    let text = changed(SERVER, "email.first", |contact| contact.emails.reverse());
    let expected = "EMAIL;PREF=1:ana@home.example\r\n";
    assert!(text.contains(expected) && text.matches("PREF").count() == 1, "{text}");
    assert_eq!(changed(body, "email", |contact| contact.emails.reverse()), body, "nobody asked for that");
}

#[test]
fn the_department_stays_where_only_the_company_changes() {
    let company = Contact { company: "Beta".into(), ..Contact::default() };
    let text = patch(PHONE, &company, &units(&["company"]), None, None).expect("a card");
    assert!(text.contains("\r\nORG:Beta;Sales\r\n"), "{text}");
}

#[test]
fn tags_of_several_lines_become_one_line() {
    let body = PHONE.replace("VIP,Robotics\r\n", "VIP\r\nX-A:1\r\nCATEGORIES:Robotics\r\n");
    let text = changed(&body, "tags", |contact| contact.tags.push("a, b".into()));
    assert!(text.contains("CATEGORIES:VIP,Robotics,a\\, b\r\nX-A:1\r\nPHOTO"), "{text}");
}

#[test]
fn a_name_in_another_language_stays() {
    let text = changed(SERVER, "name", |contact| contact.name = "Ana Ruiz".into());
    assert!(text.contains("KIND:individual\r\nFN:Ana Ruiz\r\nFN;LANGUAGE=ja:アナ\r\nEMAIL"), "{text}");
}

#[test]
fn what_would_take_the_place_of_an_emptied_value_goes_with_it() {
    let body = PHONE.replace("END:VCARD", "NOTE:another\r\nEND:VCARD");
    let text = changed(&body, "description", |contact| contact.description = "new".into());
    assert!(text.contains("NOTE:new\r\n") && text.contains("NOTE:another\r\n"), "{text}");
    let text = changed(&body, "description", |contact| contact.description.clear());
    assert!(!text.contains("NOTE"), "{text}");
}

#[test]
fn a_kind_is_said_as_the_version_says_it() {
    let organization = |contact: &mut Contact| contact.kind = Kind::Organization;
    let text = changed(SERVER, "kind", organization);
    let expected = SERVER.replace("KIND:individual", "KIND:org").replace("REV:20240312T091400Z\r\n", "");
    assert_eq!(text, expected);
    let text = changed(PHONE, "kind", organization);
    assert!(text.contains("X-ABShowAs:COMPANY\r\n") && !text.contains("KIND:"), "{text}");
}

#[test]
fn old_cards_keep_their_lines_and_their_line_ends() {
    let text = changed(OLD, "nick", |contact| contact.nick = "Nê".into());
    assert_eq!(text, OLD.replace("END:VCARD", "NICKNAME;CHARSET=UTF-8:Nê\nEND:VCARD"));
    let text = changed(&PHONE.replace("\r\n", "\n"), "nick", |contact| contact.nick = "Anê".into());
    let expected = PHONE.replace("END:VCARD", "NICKNAME:Anê\r\nEND:VCARD");
    let expected = expected.replace("REV:2024-03-12T09:14:00Z\r\n", "").replace("\r\n", "\n");
    assert_eq!(text, expected);
}

#[test]
fn a_card_without_end_gets_one() {
    let text = changed("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana", "nick", |contact| contact.nick = "Ani".into());
    assert_eq!(text, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana\r\nNICKNAME:Ani\r\nEND:VCARD\r\n");
}

#[rstest]
#[case::our_own("phone_1", 5, PHONE.replace("phone_1:4", "phone_1:5"))]
#[case::the_same("phone_1", 4, PHONE.to_owned())]
#[case::of_another("laptop", 1, PHONE.replace("END:", "X-CARDFILE-STAMP:laptop:1\r\nEND:"))]
fn each_device_has_one_stamp(#[case] device: &str, #[case] number: u64, #[case] expected: String) {
    let text = patch(PHONE, &card(PHONE), &units(UNITS), None, Some((device, number))).expect("a card");
    assert_eq!(text, expected);
}

#[test]
fn a_value_that_no_card_can_hold_is_told() {
    let contact = Contact { emails: vec![item("ana at x", "")], ..Contact::default() };
    assert_eq!(patch(PHONE, &contact, &units(&["email"]), None, None), Err("email has no @".to_owned()));
}

/// Nothing or a word, with what has to be escaped.
const TEXT: &str = "([a-cé]{1,3}([,;:\\\\\"^ ][a-cé]{1,2})?)?";

fn any_items(value: &'static str, labels: &'static [&'static str]) -> impl Strategy<Value = Vec<Item>> {
    let one = (value, proptest::sample::select(labels)).prop_map(|(value, label)| item(&value, label));
    proptest::collection::vec(one, 0..4)
}

fn any_address() -> impl Strategy<Value = Item> {
    let parts = ("[a-c]{1,3}( [a-c,]{1,2})?", "([a-c]{1,3})?");
    let labels = proptest::sample::select(vec!["", "home", "Büro"]);
    let text = "([a-c]{1,3}[\"^,;:\n][a-c]{1,2})?";
    (parts, text, labels, any::<bool>()).prop_map(|((street, city), text, label, has_parts)| {
        let parts = Address { street, city, ..Address::default() };
        let value = if text.is_empty() { parts.formatted() } else { text };
        Item { address: has_parts.then(|| Box::new(parts)), ..item(&value, label) }
    })
}

/// Items of which no two are the same to a card.
fn distinct(items: Vec<Item>, by_label: bool) -> Vec<Item> {
    let mut all: Vec<Item> = Vec::new();
    for item in items {
        let is_same = |known: &Item| {
            known.value == item.value && known.address == item.address && (!by_label || known.label == item.label)
        };
        if !all.iter().any(is_same) {
            all.push(item);
        }
    }
    all
}

fn any_contact() -> impl Strategy<Value = Contact> {
    let lists = (
        any_items("[a-c]{1,2}@x\\.example", &["", "home", "work", "Büro"]),
        any_items("\\+34 612 408 1[0-9]{2}", &["", "mobile", "home fax", "Laden"]),
        any_items("[a-c]{1,2}", &["", "telegram", "skype", "Slack team", "x-apple"]),
        proptest::collection::vec(any_address(), 0..3),
        any_items("https://[a-c]{1,2}\\.example", &["", "home", "Laden"]),
        any_items("(19[0-9]{2}-0[1-9]-1[0-9]|--0[1-9]-1[0-9])", &["", "birthday", "anniversary", "Namenstag"]),
    );
    let texts = (proptest::collection::vec(TEXT, 6), proptest::collection::vec(TEXT, 5));
    let tags = proptest::collection::btree_set("[a-cé]{1,3}( [a-c]{1,2})?", 0..4);
    (texts, lists, tags, any::<bool>()).prop_map(|((texts, parts), lists, tags, is_organization)| {
        let (emails, phones, handles, addresses, urls, dates) = lists;
        let [name, nick, company, department, job_title, description]: [String; 6] =
            texts.try_into().expect("six texts");
        let [given, additional, family, prefix, suffix]: [String; 5] = parts.try_into().expect("five parts");
        let parts = NameParts { given, additional, family, prefix, suffix };
        Contact {
            kind: if is_organization { Kind::Organization } else { Kind::Person },
            // A card that has parts has a name.
            name_parts: if name.is_empty() { NameParts::default() } else { parts },
            name,
            nick,
            company,
            department,
            job_title,
            description: description.replace(' ', "\n"),
            emails: distinct(emails, false),
            phones: distinct(phones, false),
            handles: distinct(handles, true),
            addresses: distinct(addresses, false),
            urls: distinct(urls, false),
            dates: distinct(dates, true),
            tags: tags.into_iter().collect(),
            ..Contact::default()
        }
    })
}

fn any_version() -> impl Strategy<Value = Version> {
    proptest::sample::select(vec![Version::Two, Version::Three, Version::Four])
}

proptest! {
    #[test]
    fn a_card_says_what_the_contact_says(contact in any_contact(), version in any_version()) {
        let text = made(&contact, "u-1", Some(("laptop", 7)), version);
        let read = read(&text, None).expect("a card");
        for unit in UNITS {
            prop_assert!(same(&read.contact, &contact, unit), "{unit}: {text}");
        }
        prop_assert_eq!(read.uid, "u-1");
        prop_assert!(version == Version::Two || !text.contains("CHARSET"));
    }

    #[test]
    fn a_patched_card_says_what_it_was_told_and_else_what_it_said(
        before in any_contact(), after in any_contact(), bits in any::<u16>(), version in any_version(),
    ) {
        let body = made(&before, "u-1", None, version).replace("END:VCARD", "X-SPARE;X-PARAM=1:kept\r\nEND:VCARD");
        let mut told: BTreeSet<String> = UNITS
            .iter()
            .enumerate()
            .filter(|(at, unit)| !unit.ends_with(FIRST) && (bits >> at) & 1 == 1)
            .map(|(_, unit)| (*unit).to_owned())
            .collect();
        for field in ["email", "phone"] {
            if told.contains(field) {
                told.insert(format!("{field}{FIRST}"));
            }
        }
        let text = patch(&body, &after, &told, None, Some(("laptop", 7))).expect("a card");
        let read = read(&text, None).expect("a card");
        for unit in UNITS {
            let expected = if told.contains(*unit) { &after } else { &before };
            prop_assert!(same(&read.contact, expected, unit), "{unit}: {body}{text}");
        }
        prop_assert_eq!(read.stamps.get("laptop"), Some(&7));
        prop_assert!(text.contains("X-SPARE;X-PARAM=1:kept\r\n"));
    }
}
