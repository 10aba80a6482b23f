//! One program that talks with one person at a time. What it says is read here, tool by tool; what
//! it gets is decided in `core::agents`, and everything it gets is data inside of one JSON object.

pub mod tools;

mod arguments;
mod proof;

pub use arguments::Shown;

use self::arguments::{Context, Nothing, Search, read};
use cardfile_core::{
    Core, Error,
    agents::{
        self, Asked, Denied, calls, grants, pack,
        proposals::{self, Proposed},
        segments::{self, Offered},
    },
    domain::{
        Sentence,
        agent::{AgentClient, AgentGrant, ClientSort, Refusal, Tool},
    },
};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// Proofs that a session remembers: a bot may talk with many people through one program.
const MOST_BOUND: usize = 64;
/// What a call is called in the list of calls that names a tool which there is not.
const UNKNOWN: &str = "unknown";
/// Memories that are given unless another number is asked for.
const FOUND: u32 = 10;

/// One program that is connected, as one client.
pub struct Session {
    core: Arc<Core>,
    /// Its id: another client that takes its name is another one.
    client: String,
    /// Whom it talks with, the latest last.
    bound: Mutex<Vec<Bound>>,
}

/// With whom a proof lets it talk.
struct Bound {
    shown: Shown,
    grant: String,
}

impl Session {
    /// Connects as the client of this name. Whether it gets anything is looked at with each call.
    pub fn open(core: Arc<Core>, client: &str) -> Result<Self, Error> {
        let client = agents::find(&core, client)?.id;
        Ok(Self { core, client, bound: Mutex::default() })
    }

    /// The client as it is set now, if it may ask for anything.
    pub fn client(&self) -> Option<AgentClient> {
        let client = agents::find(&self.core, &self.client).ok()?;
        let may_ask = client.may_ask(self.core.store().environment().clock.now()).is_ok();
        (may_ask && !agents::is_stopped(&self.core).unwrap_or(true)).then_some(client)
    }

    /// Answers one call.
    pub fn call(&self, name: &str, mut arguments: Map<String, Value>) -> Result<Value, Denied> {
        let Some(tool) = Tool::parse(name) else {
            return Err(calls::refused_call(&self.core, &self.client, UNKNOWN, Refusal::NoTool));
        };
        let Some(shown) = Shown::take(&mut arguments) else { return Err(self.senseless(tool, None)) };
        let grant = if tool == Tool::Identify { None } else { self.grant(tool, &shown)? };
        let asked = Asked { client: &self.client, tool, grant: grant.as_deref() };
        let bad = |error: serde_json::Error| self.senseless(tool, Some(&error));
        match tool {
            Tool::Identify => self.identify(&shown, &arguments),
            Tool::GetContactContext => {
                let Context { fields, action } = read(arguments).map_err(bad)?;
                pack::context(&self.core, &asked, fields.as_deref(), action.as_deref())
            }
            Tool::SearchMemories => {
                let Search { query, limit } = read(arguments).map_err(bad)?;
                pack::search(&self.core, &asked, &query, limit.unwrap_or(FOUND))
            }
            Tool::ListTasks => {
                let Nothing {} = read(arguments).map_err(bad)?;
                pack::tasks(&self.core, &asked)
            }
            Tool::Remember => self.propose(&asked, &Proposed::Memory(read(arguments).map_err(bad)?)),
            Tool::ProposeTask => self.propose(&asked, &Proposed::Task(read(arguments).map_err(bad)?)),
            Tool::ProposeUpdate => self.propose(&asked, &Proposed::Update(read(arguments).map_err(bad)?)),
            Tool::LogConversation => self.propose(&asked, &Proposed::Conversation(read(arguments).map_err(bad)?)),
        }
    }

    /// The saved views that it may read.
    pub fn segments(&self) -> Result<Vec<Offered>, Denied> {
        segments::list(&self.core, &self.client)
    }

    /// Who is in a saved view.
    pub fn segment(&self, id: &str) -> Result<Value, Denied> {
        segments::read(&self.core, &self.client, id)
    }

    fn propose(&self, asked: &Asked<'_>, proposed: &Proposed) -> Result<Value, Denied> {
        proposals::propose(&self.core, asked, proposed)
    }

    fn identify(&self, shown: &Shown, others: &Map<String, Value>) -> Result<Value, Denied> {
        if !others.is_empty() || shown.is_nothing() {
            return Err(self.senseless(Tool::Identify, None));
        }
        let grant = self.prove(shown)?;
        let how = grant.how.as_str();
        Ok(json!({ "verified": true, "how": how, "until": grant.expires_at.to_rfc3339(), "kind": pack::KIND }))
    }

    /// Lets it see whom something is shown for, from now on.
    fn prove(&self, shown: &Shown) -> Result<AgentGrant, Denied> {
        let asked = Asked { client: &self.client, tool: Tool::Identify, grant: None };
        calls::may_ask(&self.core, &asked)?;
        let grant = match proof::check(&self.core, &self.client, shown) {
            Ok(Some((key, proof))) => grants::verified(&self.core, &self.client, &key, &proof)?,
            Ok(None) => grants::named(&self.core, &self.client, &shown.user_id)?,
            Err(proof::Fault::Bad) => return Err(calls::refused(&self.core, &asked, Refusal::BadProof, None)),
            Err(proof::Fault::Failed(error)) => return Err(error.into()),
        };
        let mut bound = self.bound();
        bound.retain(|one| one.shown != *shown);
        if bound.len() >= MOST_BOUND {
            bound.remove(0);
        }
        bound.push(Bound { shown: shown.clone(), grant: grant.id.clone() });
        Ok(grant)
    }

    /// The grant of a call: of what is shown with it, else of whom it talks with.
    fn grant(&self, tool: Tool, shown: &Shown) -> Result<Option<String>, Denied> {
        let (known, latest) = {
            let bound = self.bound();
            let known = bound.iter().find(|one| one.shown == *shown).map(|one| one.grant.clone());
            (known, bound.last().map(|one| one.grant.clone()))
        };
        if shown.is_nothing() {
            return Ok(latest);
        }
        if let Some(grant) = known.filter(|grant| self.holds(grant)) {
            return Ok(Some(grant));
        }
        match latest {
            // An ID alone does not lead to somebody else than who was proven.
            Some(grant) if !shown.is_proof() && self.holds(&grant) => {
                if grants::is_of(&self.core, &grant, &shown.user_id)? {
                    return Ok(Some(grant));
                }
                if self.client().is_some_and(|client| client.sort == ClientSort::Staff) {
                    return Ok(Some(self.prove(shown)?.id));
                }
                let asked = Asked { client: &self.client, tool, grant: Some(&grant) };
                Err(calls::refused(&self.core, &asked, Refusal::AnotherCard, None))
            }
            _ => Ok(Some(self.prove(shown)?.id)),
        }
    }

    fn holds(&self, grant: &str) -> bool {
        let now = self.core.store().environment().clock.now();
        let grant = self.core.store().read(|r| r.agents().grant(grant));
        grant.is_ok_and(|grant| grant.is_some_and(|grant| grant.is_in_force(now)))
    }

    /// The call makes no sense; what is wrong with it is of its own words.
    fn senseless(&self, tool: Tool, error: Option<&serde_json::Error>) -> Denied {
        let asked = Asked { client: &self.client, tool, grant: None };
        calls::refused(&self.core, &asked, Refusal::BadRequest, error.map(Sentence::verbatim))
    }

    fn bound(&self) -> std::sync::MutexGuard<'_, Vec<Bound>> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an agent is told that gets nothing: a word, and a sentence without anything of a card.
pub fn denied(denied: &Denied) -> Value {
    json!({ "error": { "code": denied.code(), "message": denied.message().to_string() }, "kind": pack::KIND })
}
