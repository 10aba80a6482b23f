//! Made-up people with something of every kind, in words that occur nowhere else: whoever
//! looks for one of these words finds the person it was said of, or nobody.

use crate::identity::link;
use cardfile_core::{
    Core, Protection, SecretText, bin,
    combine::{self, Wish},
    contact,
    conversations::{self, Incoming},
    duplicates,
    generate::Seeded,
    history, parts,
    privacy::{
        consent::{self, Saying},
        erasure::{self, Reason, Receipt},
        requests, restriction,
    },
    progress::{Progress, Unwatched},
    secrets, spaces, tasks,
};
use cardfile_domain::{
    Contact, Item, Millis, NameParts,
    part::{Activity, Avatar, Conversation, File, Memory, Message, Note, PaymentAccount, Rating, Task},
    request::Request,
    restriction::{Restriction, Sort},
};
use cardfile_testkit::{TestClock, environment_at, who};
use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

/// Letters of a word.
const LETTERS: usize = 12;
/// What of its middle is looked for: half a word that is left is left.
const MIDDLE: usize = 8;

/// One person as they were made.
pub(crate) struct Made {
    /// `ctc_…`
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// `+34…`, twelve characters.
    pub(crate) phone: String,
    /// Every word that was ever said of them where no cipher is around it.
    pub(crate) said: Vec<String>,
    /// The same where one is.
    pub(crate) sealed: Vec<String>,
}

/// What opens a [`Place`] under a cipher.
pub(crate) const PASSPHRASE: &str = "correct horse battery";

/// A workspace whose bytes anybody can read, or one under a cipher.
pub(crate) struct Place {
    pub(crate) core: Core,
    pub(crate) dir: PathBuf,
    /// For what is no part of the workspace.
    pub(crate) files: PathBuf,
    pub(crate) clock: Arc<TestClock>,
    _temp: TempDir,
}

impl Place {
    pub(crate) fn new(in_clear: bool) -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let (dir, files) = (temp.path().join("workspace"), temp.path().join("files"));
        std::fs::create_dir(&files).expect("a temporary folder");
        let clock = Arc::<TestClock>::default();
        let environment = environment_at(Arc::clone(&clock));
        let core = if in_clear {
            Core::in_clear(&dir, environment).expect("a new workspace")
        } else {
            let passphrase = Protection::Passphrase(PASSPHRASE.to_owned().into());
            Core::create(&dir, &passphrase, environment).expect("a new workspace").0
        };
        Self { core, dir, files, clock, _temp: temp }
    }

    /// Writes a file for the test.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.join(name);
        std::fs::write(&path, text).expect("a temporary file");
        path
    }

    /// Erases them, as they asked for it.
    pub(crate) fn erase(&self, made: &Made, progress: &dyn Progress) -> Receipt {
        let found = erasure::subject(&self.core, &made.email).expect("they are here");
        let ids: Vec<_> = found.into_iter().map(|contact| contact.id).collect();
        erasure::erase(&self.core, &ids, Reason::Request(None), &who(), progress).expect("erased")
    }

    /// Whether a card of theirs is here, by its id or by their email.
    pub(crate) fn is_here(&self, made: &Made) -> bool {
        [&made.id, &made.email].iter().any(|known_by| contact::find(&self.core, known_by).is_ok())
    }
}

struct Words {
    random: Seeded,
    said: Vec<String>,
}

impl Words {
    fn word(&mut self) -> String {
        let word: String = (0..LETTERS).map(|_| char::from(b'a' + self.random.below(26) as u8)).collect();
        self.said.push(word.clone());
        word
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn email(&mut self) -> String {
        format!("{}@{}.example", self.word(), self.word())
    }

    fn contact(&mut self) -> Contact {
        Contact {
            name: self.words(2),
            name_parts: NameParts { given: self.word(), family: self.word(), ..NameParts::default() },
            nick: self.word(),
            description: self.words(6),
            preferences: self.words(3),
            company: self.words(2),
            job_title: self.word(),
            department: self.word(),
            emails: vec![Item::new(self.email(), ""), Item::new(self.email(), "")],
            handles: vec![Item::new(self.word(), "")],
            addresses: vec![Item::new(self.words(3), "")],
            urls: vec![Item::new(format!("https://{}.example/{}", self.word(), self.word()), "")],
            page_url: format!("https://shop.example/{}", self.word()),
            metadata: format!("{{\"order\":\"{}\"}}", self.word()),
            links: vec![link("crm", &self.word())],
            tags: vec!["vip".into()],
            ..Contact::default()
        }
    }
}

/// Words that are said of nobody yet.
pub(crate) fn fresh_words(seed: u64, count: usize) -> Vec<String> {
    let mut words = Words { random: Seeded::new(seed), said: Vec::new() };
    (0..count).map(|_| words.word()).collect()
}

/// Makes a person, with a past. `neighbor` is another card, from which it is told apart.
pub(crate) fn make(core: &Core, files: &Path, seed: u64, neighbor: Option<&str>) -> Made {
    let who = who();
    let mut words = Words { random: Seeded::new(seed), said: Vec::new() };
    let phone = format!("+346{:08}", words.random.below(100_000_000));
    let contact = Contact { phones: vec![Item::new(&phone, "")], ..words.contact() };
    let (name, email) = (contact.name.clone(), contact.email().to_owned());
    let id = contact::create(core, contact, &who).expect("a card").0;
    let card = id.to_string();
    for field in ["job_title", "description", "name"] {
        contact::edit(core, &id, field, words.words(2).into(), &who).expect("an edit");
    }
    contact::edit(core, &id, "name", name.clone().into(), &who).expect("an edit");

    let note = Note { text: words.words(8), ..Note::default() };
    let note = parts::add(core, &card, &note, &who).expect("a note").0;
    parts::edit::<Note>(core, &note, &who, |note| note.text = words.words(8)).expect("an edit");
    let gone = parts::add(core, &card, &Note { text: words.words(4), ..Note::default() }, &who).expect("a note").0;
    parts::remove::<Note>(core, &gone, &who).expect("removed");
    parts::add(core, &card, &Note { text: words.words(4), ..Note::default() }, &who).expect("a note");
    history::undo(core, None, &who).expect("undone");
    tasks::add(core, &card, Task { title: words.words(3), ..Task::default() }, &who).expect("a task");
    let memory = Memory { text: words.words(5), author: "agent".into(), ..Memory::default() };
    parts::add(core, &card, &memory, &who).expect("a memory");
    parts::rate(core, &card, Rating { value: 2.0, reason: words.words(3), ..Rating::default() }, &who).expect("one");
    let activity = Activity {
        name: words.word(),
        detail: format!("{{\"page\":\"{}\"}}", words.word()),
        source: "widget".into(),
        ..Activity::default()
    };
    parts::add(core, &card, &activity, &who).expect("an activity");
    let account = PaymentAccount {
        label: words.word(),
        account: format!("cus_{}", words.word()),
        email: words.email(),
        ..PaymentAccount::default()
    };
    parts::add(core, &card, &account, &who).expect("an account");
    parts::add(core, &card, &Avatar { png: words.word(), ..Avatar::default() }, &who).expect("a picture");
    conversations::add(core, Some(&card), &chat(&mut words), &who).expect("a chat");
    let waiting = conversations::add(core, None, &chat(&mut words), &who).expect("a chat of nobody").0;
    conversations::claim(core, &waiting, &card, &who).expect("it is theirs");
    let opened = put_file(core, files, &card, &mut words);
    let yes = Saying { purpose: "contact".into(), given: true, proof: words.words(3), ..Saying::default() };
    consent::record(core, &card, &yes, &who).expect("written down");
    let objects = Restriction { sort: Sort::Objected, reason: words.words(3), ..Restriction::default() };
    let row = contact::find(core, &card).expect("there").row;
    restriction::put(core, &[row], &objects, &who).expect("put");
    let asks = Request { subject: email.clone(), note: words.words(3), ..Request::default() };
    requests::add(core, &asks, &who).expect("written down");

    // A second card that became part of this one, and a third that was thrown away.
    let other = contact::create(core, words.contact(), &who).expect("a card").0.to_string();
    parts::add(core, &other, &Note { text: words.words(3), ..Note::default() }, &who).expect("a note");
    let wish = Wish { survivor: card.clone(), other, take: BTreeSet::new() };
    combine::run(core, &wish, None, &who).expect("one card");
    let third = Contact { emails: vec![Item::new(&email, "")], links: Vec::new(), ..words.contact() };
    let third = contact::create(core, third, &who).expect("a card").0;
    parts::add(core, third.as_str(), &Memory { text: words.words(3), ..Memory::default() }, &who).expect("a memory");
    let row = contact::find(core, third.as_str()).expect("there").row;
    contact::bin(core, &[row], &who).expect("binned");
    bin::empty(core, &who, &Unwatched).expect("emptied");
    if let Some(neighbor) = neighbor {
        duplicates::distinguish(core, &card, neighbor, &who).expect("two people");
    }

    let said = std::mem::take(&mut words.said);
    let value = SecretText::new(words.word());
    let mut sealed = std::mem::take(&mut words.said);
    secrets::add(core, &card, &words.word(), "token", &value, &who).expect("sealed");
    let said = said.into_iter().chain(words.said).collect::<Vec<_>>();
    // The opened copy of the file lies open: it is found only there.
    sealed.push(opened);
    Made { id: card, name, email, phone, said, sealed }
}

fn chat(words: &mut Words) -> Incoming {
    let message = |words: &mut Words, at| Message { text: words.words(6), at: Millis(at), ..Message::default() };
    Incoming {
        about: Conversation {
            platform: "widget".into(),
            title: words.words(2),
            external_id: words.word(),
            session_key: words.word(),
            page_url: format!("https://shop.example/{}", words.word()),
            ..Conversation::default()
        },
        messages: vec![message(words, 1_000), message(words, 2_000)],
    }
}

/// A file of the card, with an opened copy. Gives the word that is in it.
fn put_file(core: &Core, files: &Path, card: &str, words: &mut Words) -> String {
    let space = spaces::create(core, card, &words.words(2), &who()).expect("a space").0;
    let path = files.join(format!("{}.txt", words.word()));
    let inside = words.word();
    std::fs::write(&path, &inside).expect("a file");
    spaces::add_files(core, &space, std::slice::from_ref(&path), &who()).expect("copied");
    std::fs::remove_file(&path).expect("it was here");
    let stored = contact::find(core, card).expect("there");
    let kept: File = spaces::of(core, &stored).expect("spaces").remove(0).files.remove(0);
    spaces::open_copy(core, &kept.id, false).expect("opened");
    words.said.retain(|word| *word != inside);
    inside
}

/// Words of people that are looked for in bytes, each with the number of its person.
#[derive(Default)]
pub(crate) struct Needles {
    words: HashMap<Vec<u8>, usize>,
    phones: HashMap<Vec<u8>, usize>,
}

impl Needles {
    /// Adds what was said of a person in the open.
    pub(crate) fn add(&mut self, person: usize, made: &Made) {
        self.add_words(person, &made.said);
        self.phones.insert(made.phone.clone().into_bytes(), person);
    }

    /// Adds words of a person.
    pub(crate) fn add_words(&mut self, person: usize, words: &[String]) {
        let from = (LETTERS - MIDDLE) / 2;
        for word in words {
            self.words.insert(word.as_bytes()[from..from + MIDDLE].to_vec(), person);
        }
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len() + self.phones.len()
    }

    /// What is found in these bytes, with whose it is.
    pub(crate) fn find(&self, bytes: &[u8], found: &mut HashMap<Vec<u8>, usize>) {
        let mut letters = 0;
        for (at, byte) in bytes.iter().enumerate() {
            letters = if byte.is_ascii_lowercase() { letters + 1 } else { 0 };
            let (known, there) = match byte {
                b'+' => (&self.phones, bytes.get(at..at + LETTERS)),
                _ if letters >= MIDDLE => (&self.words, bytes.get(at + 1 - MIDDLE..=at)),
                _ => continue,
            };
            if let Some((word, person)) = there.and_then(|word| known.get_key_value(word)) {
                found.insert(word.clone(), *person);
            }
        }
    }

    /// What is found in all files below a folder, and in their names.
    pub(crate) fn find_below(&self, dir: &Path) -> HashMap<Vec<u8>, usize> {
        let mut found = HashMap::new();
        for path in every_file_below(dir) {
            self.find(path.to_string_lossy().as_bytes(), &mut found);
            self.find(&std::fs::read(path).expect("readable"), &mut found);
        }
        found
    }
}

/// Every file below a folder, whatever its name.
pub(crate) fn every_file_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(every_file_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn half_a_word_that_is_left_is_found_and_what_nobody_said_is_not() {
    let mut needles = Needles::default();
    needles.add_words(3, &["abcdefghijkl".to_owned()]);
    needles.phones.insert(b"+34612345678".to_vec(), 4);
    let mut found = HashMap::new();
    needles.find(b"..cdefghij\0+346123456789 +34612345", &mut found);
    assert_eq!(found, HashMap::from([(b"cdefghij".to_vec(), 3), (b"+34612345678".to_vec(), 4)]));
    let mut nothing = HashMap::new();
    needles.find(b"cdefghi jkl +3461234567", &mut nothing);
    assert!(nothing.is_empty());
}
