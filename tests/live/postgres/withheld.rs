//! What may not leave is in no byte that is sent to the database. It is looked for in the
//! bytes themselves, which nothing encrypts on this computer; what may leave is found there
//! in the same way.

use super::{Database, PASSWORD, database, recorder::Recorder};
use cardfile_core::{
    SecretText, contact,
    domain::{
        Contact, ContactId, Identity, Item,
        consent::Purpose,
        part::{Memory, Note},
    },
    parts,
    privacy::{
        consent::{self, Saying},
        purposes,
    },
    progress::Unwatched,
    spaces,
    sync::{
        check,
        remotes::{self, NewRemote},
        running,
    },
};
use cardfile_sync::{
    mapping::{Direction, Rule},
    run::End,
};
use cardfile_testkit::{Workspace, who};

/// What the connection is called.
const TEAM: &str = "team";
/// In fields that are not approved, only come, go no way, or lack a consent: a person can
/// let them go.
const WITHHELD: [&str; 7] = [
    "withheld-description",
    "withheld-department",
    "withheld-title",
    "600 999 111",
    "600999111",
    "600 999 222",
    "600999222",
];
/// In what no field map lets go: a field without a rule, what is no field, parts of a card,
/// a visitor, and somebody in the bin.
const NEVER: [&str; 8] = [
    "never-custom",
    "never-metadata",
    "never-page",
    "never-note",
    "never-memory",
    "never-file",
    "never-visitor",
    "never-binned",
];
const NOTHING: [&str; 0] = [];

/// A workspace of one of the team, and what stands between it and the database.
struct Office {
    ws: Workspace,
    recorder: Recorder,
}

impl Office {
    /// Turned on; nothing may leave.
    fn connected(database: &Database) -> Self {
        let (ws, recorder) = (Workspace::default(), Recorder::before(database.server.port));
        let url = database.url().replace(&database.server.port.to_string(), &recorder.port().to_string());
        let new = NewRemote {
            name: TEAM.into(),
            kind: "postgres".into(),
            url,
            user: "ana".into(),
            password: SecretText::new(PASSWORD.to_owned()),
            // The only one there is.
            place: String::new(),
        };
        remotes::add(&ws.core, new, &who()).expect("the server lets her in");
        let found = check::check(&ws.core, TEAM, &Unwatched).expect("looked at");
        check::enable(&ws.core, TEAM, &found, "", &who()).expect("turned on");
        Self { ws, recorder }
    }

    fn add(&self, contact: Contact) -> ContactId {
        contact::create(&self.ws.core, contact, &who()).expect("made").0
    }

    fn bin(&self, id: &ContactId) {
        let row = contact::find(&self.ws.core, id.as_str()).expect("they are there").row;
        contact::bin(&self.ws.core, &[row], &who()).expect("binned");
    }

    fn set_rules(&self, change: impl Fn(&str, &mut Rule)) {
        let set = remotes::set(&self.ws.core, TEAM, &who(), |settings| {
            settings.mapping.0.iter_mut().for_each(|(unit, rule)| change(unit, rule));
        });
        set.expect("a field map");
    }

    fn sync(&self) {
        let report = running::run(&self.ws.core, TEAM, false, &who(), &Unwatched).expect("a run");
        assert_eq!(report.end, End::Done, "{report:?}");
    }

    /// Which of these were sent until now.
    fn sent<'m>(&self, markers: &[&'m str]) -> Vec<&'m str> {
        let sent = self.recorder.sent();
        markers.iter().copied().filter(|marker| holds(&sent, marker)).collect()
    }
}

fn holds(bytes: &[u8], marker: &str) -> bool {
    bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
}

fn people(office: &Office) -> [ContactId; 2] {
    let nora = office.add(Contact {
        name: "Nora sent-name".into(),
        emails: vec![Item::new("nora@x.example", "")],
        description: "withheld-description".into(),
        department: "withheld-department".into(),
        job_title: "withheld-title".into(),
        // Two, so that one of them is the first.
        phones: ["+34 600 999 111", "+34 600 999 222"].map(|phone| Item::new(phone, "")).into(),
        custom: [("plan".to_owned(), "never-custom".into())].into(),
        metadata: r#"{"crm": "never-metadata"}"#.into(),
        page_url: "https://x.example/never-page".into(),
        ..Contact::default()
    });
    let otto = office.add(Contact {
        name: "Otto Open".into(),
        emails: vec![Item::new("otto@x.example", "")],
        job_title: "sent-title".into(),
        ..Contact::default()
    });
    office.add(Contact { name: "never-visitor".into(), identity: Identity::Anonymous, ..Contact::default() });
    let binned = office.add(Contact { name: "never-binned".into(), ..Contact::default() });
    office.bin(&binned);

    let (core, id) = (&office.ws.core, nora.as_str());
    let news = Purpose { key: "news".into(), name: "News".into(), ..Purpose::default() };
    purposes::put(core, &news, &who()).expect("a purpose");
    let yes = Saying { purpose: "news".into(), given: true, ..Saying::default() };
    consent::record(core, otto.as_str(), &yes, &who()).expect("a consent");
    parts::add(core, id, &Note { text: "never-note".into(), ..Note::default() }, &who()).expect("a note");
    parts::add(core, id, &Memory { text: "never-memory".into(), ..Memory::default() }, &who()).expect("a memory");
    let space = spaces::create(core, id, "Offer", &who()).expect("a space").0;
    let file = office.ws.file("never-file.txt", "never-file");
    spaces::add_files(core, &space, &[file], &who()).expect("a file");
    [nora, otto]
}

#[test]
fn what_was_not_approved_or_consented_to_or_only_comes_is_in_no_byte_that_is_sent() {
    let database = database();
    let office = Office::connected(&database);
    let [nora, otto] = people(&office);
    office.sync();
    assert_eq!(office.sent(&WITHHELD), NOTHING);
    assert_eq!(office.sent(&["sent-name", "nora@x.example", "sent-title"]), NOTHING, "nothing was approved");
    assert_eq!(database.admin().one("SELECT count(*) FROM cardfile.contact"), "0");

    office.set_rules(|unit, rule| {
        rule.approved = unit != "description";
        match unit {
            "phone" => rule.direction = Direction::Pull,
            "department" => rule.direction = Direction::Off,
            "job_title" => rule.purpose = Some("news".into()),
            _ => {}
        }
    });
    office.sync();
    assert_eq!(database.admin().one("SELECT count(*) FROM cardfile.contact"), "2");
    let approved = ["sent-name", "nora@x.example", "sent-title"];
    assert_eq!(office.sent(&approved), approved, "it would be seen");
    assert!(holds(&office.recorder.answered(), "sent-name"), "and what is answered as well");
    // Changes and deletions say no more than new contacts.
    let edit = |field: &str, value: &str| {
        contact::edit(&office.ws.core, &nora, field, value.into(), &who()).expect("edited");
    };
    edit("description", "withheld-description, edited");
    edit("nick", "sent-nick");
    office.bin(&otto);
    office.sync();
    assert_eq!(office.sent(&["sent-nick"]), ["sent-nick"]);
    assert_eq!(office.sent(&WITHHELD), NOTHING);

    office.set_rules(|_, rule| *rule = Rule { direction: Direction::Both, approved: true, ..Rule::default() });
    office.sync();
    let said = ["withheld-description, edited", "withheld-department", "withheld-title", "600 999 111", "600 999 222"];
    assert_eq!(office.sent(&said), said, "a person let it go");
    assert_eq!(office.sent(&NEVER), NOTHING);
}
