//! Attributes that each account defines for itself: which there are, and those that are made
//! because somebody lets a custom field leave. What a system would leave out without a word
//! is refused here, with the reason.

use super::{
    call::Call,
    exchange::Heard,
    given::{Given, NewAttribute},
    ops::OpName,
    pager::{Pager, Topic, Turn},
    system::System,
    tree::Tree,
    wire::Missed,
};
use cardfile_sync::{run::Failure, value::Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// An attribute of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) is_archived: bool,
}

impl System {
    /// Why attributes cannot be written, by their names. Those that are missing are made,
    /// where the manifest says how.
    pub(super) async fn unwritable(
        &self,
        wanted: &BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let mut reasons = BTreeMap::new();
        let is_listed = self.call(OpName::SchemaList).is_ok();
        if wanted.is_empty() || !is_listed {
            return Ok(reasons);
        }
        self.list_attributes().await?;
        for (name, value) in wanted {
            let known = self.attributes.borrow().as_ref().and_then(|all| all.get(name).copied());
            match known {
                Some(Attribute { is_archived: true }) => {
                    reasons.insert(name.clone(), format!("the attribute {name} is archived there"));
                }
                Some(Attribute { is_archived: false }) => {}
                // What was never there needs not be emptied.
                None if value.is_absent() => {}
                None => {
                    if let Err(reason) = self.make_attribute(name, value).await? {
                        reasons.insert(name.clone(), reason);
                    }
                }
            }
        }
        Ok(reasons)
    }

    async fn list_attributes(&self) -> Result<(), Failure> {
        if self.attributes.borrow().is_some() {
            return Ok(());
        }
        let call = self.call(OpName::SchemaList)?;
        let custom = self.shape.manifest.written().custom.clone();
        let name = custom.as_ref().and_then(|custom| custom.name.clone()).unwrap_or_default();
        let archived = custom.and_then(|custom| custom.archived);
        let (mut all, mut pager) = (BTreeMap::new(), Pager::new(call, Topic::default()));
        while !pager.is_over() {
            let Turn::Page(items) = pager.next(&self.wire, call).await? else { break };
            for json in &items {
                let is_archived = archived.as_ref().and_then(|at| at.of(json)) == Some(&Json::Bool(true));
                all.extend(name.text(json).map(|name| (name, Attribute { is_archived })));
            }
        }
        self.attributes.replace(Some(all));
        Ok(())
    }

    /// Makes an attribute; else says why not.
    async fn make_attribute(&self, name: &str, value: &Value) -> Result<Result<(), String>, Failure> {
        let Ok(call) = self.call(OpName::SchemaCreate) else {
            return Ok(Err(format!("there is no attribute {name} there; make it first")));
        };
        let json: Json = match value {
            Value::One(json) => serde_json::from_str(json).unwrap_or_default(),
            Value::Absent | Value::Set(_) => Json::Null,
        };
        let kind = match json {
            Json::Number(_) => "number",
            Json::Bool(_) => "boolean",
            _ => "text",
        };
        let kinds = self.shape.manifest.written().custom.as_ref().map(|custom| &custom.kinds);
        let kind = kinds.and_then(|kinds| kinds.get(kind)).map_or(kind, String::as_str).to_owned();
        let attribute = NewAttribute { name: name.to_owned(), label: name.replace('_', " "), kind };
        let given = Given { attribute: Some(&attribute), ..Given::default() };
        self.made(name, self.wire.ask(call, &given).await)
    }

    fn made(&self, name: &str, heard: Result<Heard, Missed>) -> Result<Result<(), String>, Failure> {
        let call = self.call(OpName::SchemaCreate)?;
        let heard = heard?;
        // Somebody else made it in between.
        if call.op.is_ok(heard.status) || call.op.exists.contains(&heard.status) {
            if let Some(all) = self.attributes.borrow_mut().as_mut() {
                all.insert(name.to_owned(), Attribute { is_archived: false });
            }
            return Ok(Ok(()));
        }
        if (400..=499).contains(&heard.status) {
            return Ok(Err(format!("the attribute {name} cannot be made there: {}", self.wire.words(&heard))));
        }
        Err(self.wire.failure(&heard))
    }

    /// The attribute that holds the ID of a person is there before the first record is made.
    pub(super) async fn ensure_identity(&self) -> Result<(), Failure> {
        let Some(ensure) = self.shape.manifest.written().identity.ensure.clone() else { return Ok(()) };
        if self.is_ensured.get() {
            return Ok(());
        }
        self.list_attributes().await?;
        let attribute = ensure.attribute.as_str();
        let is_there = self.attributes.borrow().as_ref().is_some_and(|all| all.contains_key(attribute));
        if !is_there {
            if self.wire.config.get(&ensure.toggle).map(String::as_str) != Some("yes") {
                return Err(Failure::Refused(format!(
                    "there is no attribute {attribute} to hold the ID of a contact, and nobody let it be made"
                )));
            }
            let call = self.call(OpName::SchemaCreate)?;
            let body = Tree::parse(&ensure.body).map_err(Failure::Refused)?;
            let made = Call { body: Some(body), ..call.clone() };
            let heard = self.wire.ask(&made, &Given::default()).await;
            self.made(attribute, heard)?.map_err(Failure::Refused)?;
        }
        self.is_ensured.set(true);
        Ok(())
    }
}
