//! What belongs to a contact at a system beside its record: conversations, tasks, memories,
//! ratings, and the names of spaces and secrets. It is fetched when somebody asks for it, one
//! contact at a time; values of secrets are never asked for.

use super::{
    Manifest,
    call::Call,
    codec::moment,
    format::TimeFormat,
    mapped::{Parts, PartsKind},
    ops::{Op, OpName},
    pager::{Pager, Topic, Turn},
    pointer::Pointer,
    remote,
    system::System,
};
use crate::Opening;
use cardfile_sync::run::Failure;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use tokio::runtime::Runtime;

/// Requests that fetch parts of one kind, understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PartsCalls {
    written: Parts,
    list: Call,
    messages: Option<Call>,
}

/// Something that belongs to a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// What it is here.
    pub kind: PartsKind,
    /// What it says, by the names of our fields.
    pub values: BTreeMap<String, String>,
    /// When, by the names of our fields: milliseconds since 1970.
    pub times: BTreeMap<String, i64>,
    /// Of a conversation: its messages, in the order of the system. Their `role` is `contact`,
    /// `agent` or `staff`.
    pub messages: Vec<Self>,
}

/// Fetches what belongs to contacts.
pub trait Belongings {
    /// Everything of one contact, by the key of its record.
    fn of(&mut self, key: &str) -> Result<Vec<Belonging>, Failure>;
}

impl PartsCalls {
    pub(super) fn new(written: &Parts) -> Result<Self, (String, String)> {
        let call = |op: &Op| Call::new(OpName::Parts, op);
        let messages = written.messages.as_ref().map(call).transpose()?;
        Ok(Self { written: written.clone(), list: call(&written.list)?, messages })
    }
}

struct Fetching {
    runtime: Runtime,
    system: System,
    calls: Vec<PartsCalls>,
}

/// Asks nothing yet.
pub(crate) fn open(opening: Opening) -> Result<Box<dyn Belongings>, Failure> {
    let manifest = remote::manifest_of(&opening)?;
    let calls = manifest.parts.clone();
    if calls.is_empty() {
        return Err(Failure::Refused("the manifest names nothing that belongs to a contact".into()));
    }
    let system = remote::system(manifest, opening, None)?;
    Ok(Box::new(Fetching { runtime: remote::runtime()?, system, calls }))
}

impl Belongings for Fetching {
    fn of(&mut self, key: &str) -> Result<Vec<Belonging>, Failure> {
        self.runtime.block_on(async {
            let mut all = Vec::new();
            for calls in &self.calls {
                all.extend(self.system.parts(calls, key).await?);
            }
            Ok(all)
        })
    }
}

impl System {
    async fn parts(&self, calls: &PartsCalls, key: &str) -> Result<Vec<Belonging>, Failure> {
        let PartsCalls { written, list, messages } = calls;
        let topic = Topic { remote_id: key.to_owned(), ..Topic::default() };
        let mut all = Vec::new();
        for json in self.listed(list, topic).await? {
            let mut one = told(&json, written.kind, &written.fields, written.format);
            if let Some(call) = messages {
                let item = one.values.get("id").cloned().unwrap_or_default();
                let topic = Topic { remote_id: key.to_owned(), item, ..Topic::default() };
                for json in self.listed(call, topic).await? {
                    let mut message = told(&json, written.kind, &written.message_fields, written.format);
                    if let Some(role) = message.values.get_mut("role")
                        && let Some(ours) = written.roles.get(role.as_str())
                    {
                        role.clone_from(ours);
                    }
                    one.messages.push(message);
                }
            }
            all.push(one);
        }
        Ok(all)
    }

    async fn listed(&self, call: &Call, topic: Topic) -> Result<Vec<Json>, Failure> {
        let (mut all, mut pager) = (Vec::new(), Pager::new(call, topic));
        while !pager.is_over() {
            match pager.next(&self.wire, call).await? {
                Turn::Page(items) => all.extend(items),
                Turn::Expired => return Err(Failure::Unreachable("the list was cut off".into())),
            }
        }
        Ok(all)
    }
}

fn told(json: &Json, kind: PartsKind, fields: &BTreeMap<String, Pointer>, format: TimeFormat) -> Belonging {
    let (mut values, mut times) = (BTreeMap::new(), BTreeMap::new());
    for (name, pointer) in fields {
        if name == "at" || name.ends_with("_at") {
            times.extend(pointer.of(json).and_then(|value| moment(value, format)).map(|at| (name.clone(), at)));
        } else {
            values.extend(pointer.text(json).map(|text| (name.clone(), text)));
        }
    }
    Belonging { kind, values, times, messages: Vec::new() }
}

impl Manifest {
    /// What belongs to a contact there and can be fetched.
    pub fn belongings(&self) -> impl Iterator<Item = PartsKind> {
        self.parts.iter().map(|calls| calls.written.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_a_time_is_read_as_one_and_the_rest_as_texts() {
        let pointer = |text: &str| Pointer::try_from(text.to_owned()).expect("a pointer");
        let fields = [("id", "/id"), ("text", "/text"), ("created_at", "/createdAt"), ("title", "/none")];
        let fields = fields.into_iter().map(|(name, at)| (name.to_owned(), pointer(at))).collect();
        let json = json!({ "id": 7, "text": "Likes tea", "createdAt": 1_704_067_200_000_i64 });
        let one = told(&json, PartsKind::Memory, &fields, TimeFormat::EpochMs);
        assert_eq!(one.values, BTreeMap::from([("id".into(), "7".into()), ("text".into(), "Likes tea".into())]));
        assert_eq!(one.times, BTreeMap::from([("created_at".into(), 1_704_067_200_000)]));
    }
}
