//! What belongs to contacts at a system beside their records (conversations, tasks, memories,
//! ratings, names of spaces and secrets), fetched when somebody asks for it. It is brought in
//! like what any other program tells: what is here already stays, and all of it is one step
//! back.

use super::{
    known::Known as KnownPair,
    remotes::{self, Known},
    watch::Watch,
};
use crate::{
    contact, conversations,
    core::{Core, Who},
    error::{Code, Error},
    progress::Progress,
};
use cardfile_connectors::manifest::{Belonging, PartsKind};
use cardfile_domain::{
    Millis, OperationId,
    part::{
        Conversation, Memory, Message, Part, Placement, Rating, Role, Secret, Space, Task, TaskOutcome, TaskStatus,
    },
    restriction::Sort,
    say,
    text::fold_label,
};
use cardfile_store::{ContactRow, OpKind, Tx};
use serde::Serialize;

/// What was fetched. Each count is of parts that are new here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Fetched {
    /// Contacts that were asked about.
    pub contacts: u32,
    /// Conversations, or those that got further messages.
    pub conversations: u32,
    /// Tasks.
    pub tasks: u32,
    /// Memories.
    pub memories: u32,
    /// Ratings.
    pub ratings: u32,
    /// Spaces: their names.
    pub spaces: u32,
    /// Secrets: their names.
    pub secrets: u32,
    /// Parts that were not taken: of somebody who was erased, or without what they need.
    pub left_out: u32,
}

/// Fetches what belongs to one contact, or to all that have a record there.
pub fn fetch(
    core: &Core,
    name: &str,
    of: Option<&str>,
    who: &Who,
    progress: &dyn Progress,
) -> Result<(Fetched, Option<OperationId>), Error> {
    let known = remotes::find(core, name)?;
    let open = known.connector()?.belongings.filter(|_| has_any(&known)).ok_or_else(|| {
        Error::bad_request(say!("{name} has nothing beside its records", name = known.kept.name.as_str()))
    })?;
    let contacts = linked(core, &known, of)?;
    let watch = Watch::default();
    let fetched = watch.over(progress, || {
        let mut belongings = open(remotes::opening(core, &known, &watch.stop)?).map_err(remotes::failed)?;
        let (mut fetched, mut operation) = (Fetched::default(), None);
        for (contact, key) in contacts {
            if watch.stop.is_called() {
                break;
            }
            let all = match belongings.of(&key) {
                Ok(all) => all,
                Err(_) if watch.stop.is_called() => break,
                // What was fetched so far stays, as one step.
                Err(failure) => return Err(remotes::failed(failure)),
            };
            fetched.contacts += 1;
            watch.is_at(fetched.contacts.into());
            let op = who.op(OpKind::Ingest, known.kept.name.as_str());
            let mut counts = fetched;
            let (counts, on) = core.store().write_on(op, operation, |tx| {
                let place = Place { kind: &known.kept.kind, name: &known.kept.name, contact };
                // Restricted while it was asked for.
                if tx.read().restrictions().has(contact, Sort::Restricted)? {
                    counts.left_out += all.len() as u32;
                } else {
                    for one in &all {
                        place.put(tx, one, &mut counts)?;
                    }
                }
                let said = serde_json::to_value(counts).unwrap_or_default();
                Ok::<_, Error>((counts, said))
            })?;
            (fetched, operation) = (counts, on);
        }
        Ok::<_, Error>((fetched, operation))
    })?;
    let (fetched, operation) = fetched;
    let operation = operation.map(|op| core.store().read(|r| r.operations().get(op))).transpose()?.flatten();
    Ok((fetched, operation.map(|row| row.id)))
}

/// Whether anything can be fetched there.
pub fn has_any(known: &Known) -> bool {
    known.manifest().is_some_and(|described| described.belongings().next().is_some())
}

/// Contacts that have a record there, with how it is called.
fn linked(core: &Core, known: &Known, of: Option<&str>) -> Result<Vec<(ContactRow, String)>, Error> {
    let only = of.map(|id| contact::find(core, id)).transpose()?.map(|stored| stored.row);
    let mut contacts = Vec::new();
    core.store().read(|r| {
        for (pair, key) in r.pairs().keys(known.kept.row)? {
            let Some(row) = r.pairs().get(pair)? else { continue };
            let Ok(pair) = KnownPair::of(row) else { continue };
            let is_wanted = only.is_none_or(|only| pair.row.contact == Some(only));
            if let Some(contact) = pair.row.contact.filter(|_| is_wanted && !pair.is_erased())
                && r.contacts().get(contact)?.is_some_and(|stored| stored.contact.binned_at.is_none())
                // What is restricted is kept as it is.
                && !r.restrictions().has(contact, Sort::Restricted)?
            {
                contacts.push((contact, key));
            }
        }
        Ok::<_, cardfile_store::SqlError>(())
    })?;
    if contacts.is_empty() {
        let who = if only.is_some() { say!("a record of this contact there") } else { say!("a linked contact") };
        return Err(Error::not_found(who));
    }
    Ok(contacts)
}

/// Where it comes from, and whose it is.
struct Place<'p> {
    kind: &'p str,
    name: &'p str,
    contact: ContactRow,
}

impl Place<'_> {
    fn put(&self, tx: &mut Tx<'_>, one: &Belonging, fetched: &mut Fetched) -> Result<(), Error> {
        let count = match one.kind {
            PartsKind::Conversation => &mut fetched.conversations,
            PartsKind::Task => &mut fetched.tasks,
            PartsKind::Memory => &mut fetched.memories,
            PartsKind::Rating => &mut fetched.ratings,
            PartsKind::Space => &mut fetched.spaces,
            PartsKind::Secret => &mut fetched.secrets,
        };
        let is_new = match one.kind {
            PartsKind::Conversation => self.conversation(tx, one),
            PartsKind::Task => self.task(tx, one),
            PartsKind::Memory => self.memory(tx, one),
            PartsKind::Rating => self.rating(tx, one),
            PartsKind::Space => self.space(tx, one),
            PartsKind::Secret => self.secret(tx, one),
        };
        match is_new {
            Ok(is_new) => *count += u32::from(is_new),
            Err(error) if error.code == Code::BadRequest => fetched.left_out += 1,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Adds a part that the contact does not have yet.
    fn add<T: Part>(&self, tx: &mut Tx<'_>, part: &T, is_it: impl Fn(&T) -> bool) -> Result<bool, Error> {
        let here = tx.read().parts().of::<T>(self.contact.into())?;
        if here.iter().any(|known| is_it(&known.value)) {
            return Ok(false);
        }
        tx.add_part(Some(self.contact.into()), part)?;
        Ok(true)
    }

    fn conversation(&self, tx: &mut Tx<'_>, one: &Belonging) -> Result<bool, Error> {
        let about = Conversation {
            platform: self.kind.to_owned(),
            title: text(one, "title"),
            external_id: needed(one, "id")?,
            ..Conversation::default()
        };
        let messages = one.messages.iter().filter_map(|message| {
            let role = match message.values.get("role").map(String::as_str) {
                Some("agent") => Role::Agent,
                Some("staff") => Role::Staff,
                _ => Role::Contact,
            };
            let at = Millis(*message.times.get("at")?);
            let (text, external_id, author) = (text(message, "text"), text(message, "id"), text(message, "author"));
            Some(Message { role, at, text, external_id, author, ..Message::default() })
        });
        let incoming = conversations::Incoming { about, messages: messages.collect() };
        let known = tx.read().parts().conversation_of(&incoming.about.platform, &incoming.about.external_id)?;
        let before = known.as_ref().map(|id| tx.read().parts().get::<Conversation>(id)).transpose()?.flatten();
        let id = conversations::put(tx, Some(self.contact), &incoming)?;
        let after = tx.read().parts().get::<Conversation>(&id)?;
        let messages = |stored: Option<cardfile_store::StoredPart<Conversation>>| stored.map(|one| one.value.messages);
        Ok(messages(after) != messages(before))
    }

    fn task(&self, tx: &mut Tx<'_>, one: &Belonging) -> Result<bool, Error> {
        let status = match text(one, "status").as_str() {
            "running" => TaskStatus::Running,
            "canceled" | "cancelled" => TaskStatus::Canceled,
            _ => TaskStatus::Idle,
        };
        let outcome = match text(one, "outcome").as_str() {
            "success" => TaskOutcome::Success,
            "failure" => TaskOutcome::Failure,
            _ => TaskOutcome::Pending,
        };
        let task = Task {
            title: needed(one, "title")?,
            zone: text(one, "zone"),
            status,
            outcome,
            starts_at: time(one, "starts_at"),
            last_run_at: time(one, "last_run_at"),
            next_run_at: time(one, "next_run_at"),
            author: self.name.to_owned(),
            ..Task::default()
        };
        let here = tx.read().parts().of::<Task>(self.contact.into())?;
        let known = here.into_iter().find(|known| known.value.author == task.author && known.value.title == task.title);
        let Some(known) = known else {
            tx.add_part(Some(self.contact.into()), &task)?;
            return Ok(true);
        };
        // It goes on there, and not here.
        Ok(tx.edit_part::<Task>(&known.value.id, |here, _| {
            (here.status, here.outcome) = (task.status, task.outcome);
            (here.last_run_at, here.next_run_at) = (task.last_run_at, task.next_run_at);
        })?)
    }

    fn memory(&self, tx: &mut Tx<'_>, one: &Belonging) -> Result<bool, Error> {
        let at = time(one, "created_at").unwrap_or_default();
        let memory = Memory {
            text: needed(one, "text")?,
            author: self.name.to_owned(),
            created_at: at,
            updated_at: at,
            ..Memory::default()
        };
        self.add(tx, &memory, |known| known.text == memory.text)
    }

    fn rating(&self, tx: &mut Tx<'_>, one: &Belonging) -> Result<bool, Error> {
        let value = needed(one, "value")?.parse().unwrap_or(0.0);
        if !(1.0..=5.0).contains(&value) {
            return Err(Error::bad_request(say!("a rating is from 1 to 5")));
        }
        let conversation = match one.values.get("conversation") {
            Some(id) => tx.read().parts().conversation_of(self.kind, id)?,
            None => None,
        };
        let at = time(one, "at").ok_or_else(|| Error::bad_request(say!("a rating has no time")))?;
        let rating = Rating { value, reason: text(one, "reason"), conversation, at, ..Rating::default() };
        self.add(tx, &rating, |known| known.at == rating.at && known.reason == rating.reason)
    }

    fn space(&self, tx: &mut Tx<'_>, one: &Belonging) -> Result<bool, Error> {
        let name = needed(one, "name")?;
        for placement in tx.read().parts().of::<Placement>(self.contact.into())? {
            let space = tx.read().parts().get::<Space>(&placement.value.space)?;
            if space.is_some_and(|space| fold_label(&space.value.name) == fold_label(&name)) {
                return Ok(false);
            }
        }
        let created_at = time(one, "created_at").unwrap_or_else(|| tx.now());
        let (space, _) = tx.add_part(None, &Space { name, created_at, ..Space::default() })?;
        tx.add_part(Some(self.contact.into()), &Placement { space, ..Placement::default() })?;
        Ok(true)
    }

    fn secret(&self, tx: &mut Tx<'_>, one: &Belonging) -> Result<bool, Error> {
        let secret = Secret { name: needed(one, "name")?, sort: text(one, "sort"), ..Secret::default() };
        self.add(tx, &secret, |known| fold_label(&known.name) == fold_label(&secret.name))
    }
}

fn text(one: &Belonging, name: &str) -> String {
    one.values.get(name).cloned().unwrap_or_default()
}

fn needed(one: &Belonging, name: &str) -> Result<String, Error> {
    let text = text(one, name);
    if text.trim().is_empty() {
        return Err(Error::bad_request(say!("it has no {name}", name)));
    }
    Ok(text)
}

fn time(one: &Belonging, name: &str) -> Option<Millis> {
    one.times.get(name).copied().map(Millis)
}
