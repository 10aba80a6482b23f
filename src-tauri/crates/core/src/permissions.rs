//! Permissions: knowledge bases of platforms, and rules that say what agents may
//! look up for whom.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    parts,
};
use cardfile_domain::{
    OperationId,
    permission::{Axis, Grant, KnowledgeBase, Rule, query_metadata},
    say,
};
use cardfile_store::{OpKind, Stored, StoredPart};
use serde_json::Value;

/// The knowledge bases of all platforms, in the order they were added.
pub fn bases(core: &Core) -> Result<Vec<KnowledgeBase>, Error> {
    let all = core.store().read(|r| r.parts().of_nobody::<KnowledgeBase>())?;
    Ok(all.into_iter().map(|stored| stored.value).collect())
}

/// The rules that stand on no card.
pub fn rules(core: &Core) -> Result<Vec<Rule>, Error> {
    let all = core.store().read(|r| r.parts().of_nobody::<Rule>())?;
    // One that says it stands on a card and stands on none holds for nobody.
    Ok(all.into_iter().map(|stored| stored.value).filter(|rule| rule.axis != Axis::Card).collect())
}

/// The rules that hold for a contact: its own first, then those of its tier,
/// its department and its tags.
pub fn rules_of(core: &Core, stored: &Stored) -> Result<Vec<Rule>, Error> {
    let own: Vec<StoredPart<Rule>> = parts::of(core, stored)?;
    let own = own.into_iter().map(|rule| rule.value);
    let mut all: Vec<Rule> = own.filter(|rule| rule.axis == Axis::Card).collect();
    all.extend(rules(core)?.into_iter().filter(|rule| rule.is_for(&stored.contact)));
    Ok(all)
}

/// What is sent to a platform about a contact: the rules that hold for it there,
/// without those that may not be sent.
pub fn metadata(core: &Core, stored: &Stored, platform: &str) -> Result<Value, Error> {
    let (rules, bases) = (rules_of(core, stored)?, bases(core)?);
    let grants: Vec<Grant<'_>> = rules.iter().map(|rule| Grant::of(rule, &bases)).collect();
    Ok(query_metadata(&grants, platform))
}

/// Adds a knowledge base, or changes the one with its id. Gives its id.
pub fn put_base(core: &Core, base: &KnowledgeBase, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    for (what, value) in [
        (say!("its platform"), &base.platform),
        (say!("a name"), &base.name),
        (say!("its id there"), &base.external_id),
    ] {
        if value.trim().is_empty() {
            return Err(Error::bad_request(say!("a knowledge base needs {what}", what)));
        }
    }
    parts::put(core, None, base, who)
}

/// Adds a rule, or changes the one with its id. A rule on a card needs the
/// contact. Gives its id.
pub fn put_rule(
    core: &Core,
    contact: Option<&str>,
    rule: &Rule,
    who: &Who,
) -> Result<(String, Option<OperationId>), Error> {
    if rule.platform.trim().is_empty() {
        return Err(Error::bad_request(say!("a rule needs its platform")));
    }
    if parts::get::<KnowledgeBase>(core, &rule.base).is_err() {
        return Err(Error::bad_request(say!("a rule needs a knowledge base that is here")));
    }
    let is_nameless = rule.name.trim().is_empty();
    match (rule.axis, contact) {
        (Axis::Card, None) => return Err(Error::bad_request(say!("a rule on a card needs the card"))),
        (Axis::Card, Some(_)) => {}
        (Axis::Tier, _) if is_nameless => return Err(Error::bad_request(say!("a rule for a tier needs its name"))),
        (Axis::Department, _) if is_nameless => {
            return Err(Error::bad_request(say!("a rule for a department needs its name")));
        }
        (Axis::Tag, _) if is_nameless => return Err(Error::bad_request(say!("a rule for a tag needs its name"))),
        (Axis::Tier | Axis::Department | Axis::Tag, _) => {}
    }
    let contact = contact.filter(|_| rule.axis == Axis::Card).map(|id| contact::find(core, id)).transpose()?;
    parts::put(core, contact.map(|stored| stored.row.into()), rule, who)
}

/// A person says that a rule may be sent although its base belongs elsewhere.
pub fn confirm(core: &Core, rule: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    parts::edit::<Rule>(core, rule, who, |rule| rule.confirmed = true)
}

/// Removes a knowledge base, with the rules that name it.
pub fn remove_base(core: &Core, id: &str, who: &Who) -> Result<Option<OperationId>, Error> {
    let base = parts::get::<KnowledgeBase>(core, id)?.value;
    let (_, operation) = core.store().write(who.op(OpKind::PartChange, parts::subject(&base)), |tx| {
        for rule in tx.read().parts().rules_of_base(id)? {
            tx.remove_part::<Rule>(&rule)?;
        }
        Ok::<_, Error>(tx.remove_part::<KnowledgeBase>(id)?)
    })?;
    Ok(operation)
}
