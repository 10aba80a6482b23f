//! People out of a mailbox: senders grouped by address, proposed, and kept when a
//! person says so. Lists and addresses that nobody reads are left out. Texts of
//! messages are read only when they are asked for.

use crate::{
    conversations::{self, Incoming},
    core::{Core, Who},
    error::Error,
    progress::{self, Progress},
    resolve,
};
use cardfile_domain::{
    Contact, Item, Millis, OperationId,
    import::Key,
    part::{Conversation, Message},
    suppression::{Mark, MarkKind},
};
use cardfile_formats::{
    mail::{self, Automatic, Letter},
    record::Reject,
};
use cardfile_store::{LargeOperation, OpKind, Tx};
use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

/// What a mailbox holds.
#[derive(Debug, Default)]
pub struct Proposals {
    /// Messages read: those of all senders, and the rejected ones.
    pub messages: u32,
    /// Senders: new people, people who are here, the others; those with most
    /// messages first.
    pub senders: Vec<Sender>,
    /// Messages that say no sender, at most [`SHOWN`] of them.
    pub rejects: Vec<Reject>,
    /// How many of those there were.
    pub rejected: u32,
    /// Senders who were erased; they are not proposed.
    pub suppressed: u32,
}

/// Everybody who wrote from one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Address as it was written first.
    pub address: String,
    /// The address as it is compared.
    pub key: String,
    /// Name beside it, the longest one met.
    pub name: String,
    /// Messages.
    pub messages: u32,
    /// Date of the oldest.
    pub first: Option<Millis>,
    /// Date of the latest.
    pub last: Option<Millis>,
    /// Why it is no person; then it is left out unless it is asked for.
    pub automatic: Option<Automatic>,
    /// The card that has this address already.
    pub contact: Option<String>,
}

/// Rejects kept for the screen.
pub const SHOWN: usize = 1_000;
/// Messages between two looks at the progress.
const STEP: u32 = 500;

/// Says who wrote, and who of them is here already. Writes nothing.
pub fn propose(core: &Core, path: &Path, progress: &dyn Progress) -> Result<Proposals, Error> {
    if !path.exists() {
        return Err(Error::io(path, &std::io::ErrorKind::NotFound.into()));
    }
    let mut found = Proposals::default();
    let mut senders: BTreeMap<String, Sender> = BTreeMap::new();
    let mut stopped = Ok(());
    mail::letters(path, false, |letter| {
        if found.messages % STEP == 0 {
            stopped = progress::check(progress, found.messages.into(), 0);
        }
        found.messages += 1;
        match letter {
            Ok(letter) => senders.entry(letter.key.clone()).or_insert_with(|| Sender::of(&letter)).add(letter),
            Err(reject) => {
                found.rejected += 1;
                if found.rejects.len() < SHOWN {
                    found.rejects.push(*reject);
                }
            }
        }
        stopped.is_ok()
    })?;
    stopped?;
    found.senders = senders.into_values().collect();
    let suppressor = core.store().suppressor();
    core.store().read(|r| {
        if r.suppressions().any()? {
            let all = found.senders.len();
            let mut kept = Vec::with_capacity(all);
            for sender in found.senders.drain(..) {
                if suppressor.hits(r, &[Mark::new(MarkKind::Email, sender.key.as_str())])?.is_empty() {
                    kept.push(sender);
                }
            }
            found.suppressed = (all - kept.len()) as u32;
            found.senders = kept;
        }
        for sender in &mut found.senders {
            if let Some(row) = resolve::by_key(r, &Key::Email(&sender.key))? {
                sender.contact = r.contacts().get(row)?.map(|stored| stored.contact.id.to_string());
            }
        }
        Ok(())
    })?;
    // New people first: a screen shows the beginning.
    found.senders.sort_by_key(|sender| {
        (sender.automatic.is_some(), sender.contact.is_some(), std::cmp::Reverse(sender.messages))
    });
    Ok(found)
}

impl Sender {
    fn of(letter: &Letter) -> Self {
        Self {
            address: letter.address.clone(),
            key: letter.key.clone(),
            name: String::new(),
            messages: 0,
            first: None,
            last: None,
            automatic: None,
            contact: None,
        }
    }

    fn add(&mut self, letter: Letter) {
        self.messages += 1;
        self.first = [self.first, letter.at].into_iter().flatten().min();
        self.last = self.last.max(letter.at);
        self.automatic = self.automatic.or(letter.automatic);
        if letter.name.chars().count() > self.name.chars().count() {
            self.name = letter.name;
        }
    }
}

/// What was kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// New cards.
    pub created: u32,
    /// Cards that were here and got earlier or later times.
    pub updated: u32,
    /// Cards that said the same already.
    pub unchanged: u32,
    /// Senders who were erased, and are turned away.
    pub suppressed: u32,
}

/// Letters whose texts are written in one transaction.
const LETTERS: usize = 200;

/// Keeps the senders with these addresses: new cards with the source `email`, or
/// the times of those that are here. With `texts`, what they wrote becomes
/// conversations, one for each exchange. One operation.
pub fn keep(
    core: &Core,
    path: &Path,
    proposals: &Proposals,
    keys: &HashSet<String>,
    texts: bool,
    who: &Who,
) -> Result<(Kept, Option<OperationId>), Error> {
    let chosen: Vec<&Sender> = proposals.senders.iter().filter(|sender| keys.contains(&sender.key)).collect();
    let mut operation = core.store().begin(who.op(OpKind::Import, "mail"))?;
    let written = operation.chunk(|tx| keep_senders(tx, &chosen)).and_then(|kept| {
        if texts {
            keep_texts(&mut operation, path, keys)?;
        }
        Ok(kept)
    });
    match written {
        Ok(kept) => {
            let counts = serde_json::json!({ "created": kept.created, "updated": kept.updated,
                "unchanged": kept.unchanged, "suppressed": kept.suppressed });
            Ok((kept, operation.finish(&counts)?.map(|row| row.id)))
        }
        Err(error) => {
            operation.roll_back()?;
            Err(error)
        }
    }
}

fn keep_senders(tx: &mut Tx<'_>, chosen: &[&Sender]) -> Result<Kept, Error> {
    let mut kept = Kept::default();
    for sender in chosen {
        match resolve::by_key(tx.read(), &Key::Email(&sender.key))? {
            Some(row) => {
                let changed = tx.edit(row, |contact| {
                    contact.first_seen = [contact.first_seen, sender.first].into_iter().flatten().min();
                    contact.last_seen = contact.last_seen.max(sender.last);
                })?;
                if changed { kept.updated += 1 } else { kept.unchanged += 1 }
            }
            None => {
                let tags = tx.suppressed(&[Mark::new(MarkKind::Email, sender.key.as_str())])?;
                if tags.is_empty() {
                    insert(tx, sender)?;
                    kept.created += 1;
                } else {
                    tx.note_return(&tags)?;
                    kept.suppressed += 1;
                }
            }
        }
    }
    Ok(kept)
}

fn keep_texts(operation: &mut LargeOperation<'_>, path: &Path, keys: &HashSet<String>) -> Result<(), Error> {
    let mut held: Vec<Letter> = Vec::new();
    let mut written = Ok(());
    mail::letters(path, true, |letter| {
        // A message without a sender was counted when it was proposed.
        held.extend(letter.ok().filter(|letter| keys.contains(&letter.key)));
        if held.len() == LETTERS {
            written = operation.chunk(|tx| put_texts(tx, &std::mem::take(&mut held)));
        }
        written.is_ok()
    })?;
    written?;
    operation.chunk(|tx| put_texts(tx, &held))
}

fn put_texts(tx: &mut Tx<'_>, letters: &[Letter]) -> Result<(), Error> {
    for letter in letters {
        let (Some(text), Some(row)) = (&letter.text, resolve::by_key(tx.read(), &Key::Email(&letter.key))?) else {
            continue;
        };
        let at = letter.at.unwrap_or_else(|| tx.now());
        let said = Message { text: text.text.clone(), external_id: text.id.clone(), at, ..Message::default() };
        let about = Conversation {
            platform: "email".into(),
            title: text.subject.clone(),
            // An exchange with several people is one with each of them.
            external_id: if text.thread.is_empty() { String::new() } else { format!("{} {}", text.thread, letter.key) },
            ..Conversation::default()
        };
        conversations::put(tx, Some(row), &Incoming { about, messages: vec![said] })?;
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, sender: &Sender) -> Result<(), Error> {
    let mut contact = Contact {
        name: sender.name.clone(),
        emails: vec![Item::new(&sender.address, &sender.key)],
        source: "email".into(),
        first_seen: sender.first,
        last_seen: sender.last,
        ..Contact::default()
    };
    cardfile_domain::import::complete(&mut contact).map_err(|error| Error::bad_request(error.sentence()))?;
    tx.insert(contact)?;
    Ok(())
}
