//! Retention: what had its time goes, by rules that are shown before they work. Contacts go
//! through the erasure, so that nothing of them stays behind. A card on hold, a restricted
//! one and one that an open request asks about stay.

use super::{erasure, requests};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    progress::{Progress, Unwatched},
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Filter, Identity, Millis,
    request::Right,
    restriction::Sort,
    retention::{Kept, RetentionRule, RetentionRun, RuleState},
    say,
    text::fold_label,
};
use cardfile_store::{ContactRow, OpKind, Reader, SqlResult};
use serde_json::json;
use std::collections::HashSet;

/// What a rule would take now. The first two add up from the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Whose time is over.
    pub matched: u32,
    /// Those that would go.
    pub going: u32,
    /// Those that are on hold.
    pub held: u32,
    /// Those that are restricted.
    pub restricted: u32,
    /// Those that an open request asks about.
    pub asked_about: u32,
    /// Removed conversations that the history still tells of are emptied there as well.
    pub in_history: bool,
    /// The first contacts that would go.
    pub first: Vec<ContactRow>,
}

/// What is to go.
struct Going {
    preview: Preview,
    contacts: Vec<ContactRow>,
    /// Those of them that left the bin and stand in the history only.
    gone: HashSet<ContactRow>,
    /// Each with its contact, where that is known.
    conversations: Vec<(i64, Option<ContactRow>)>,
    /// The last change when it was looked at.
    since: i64,
}

const FIRST: usize = 5;
/// Conversations of one transaction.
const STEP: usize = 200;
/// Above so many at once a new rule stops and asks.
pub const CEILING: u32 = 1_000;

/// All rules, in the order they were made.
pub fn rules(core: &Core) -> Result<Vec<RetentionRule>, Error> {
    Ok(core.store().read(|r| r.retention().rules())?)
}

/// The rule with this id or name.
pub fn find(core: &Core, name: &str) -> Result<RetentionRule, Error> {
    let (all, wanted) = (rules(core)?, fold_label(name));
    let place = all
        .iter()
        .position(|one| one.id == name)
        .or_else(|| all.iter().position(|one| fold_label(&one.name) == wanted));
    place
        .and_then(|place| all.into_iter().nth(place))
        .ok_or_else(|| Error::not_found(say!("the retention rule {name}", name)))
}

/// The latest times that rules worked, newest first.
pub fn runs(core: &Core, limit: u32) -> Result<Vec<RetentionRun>, Error> {
    Ok(core.store().read(|r| r.retention().runs(limit))?)
}

/// Adds a rule, or changes the one with its id. A rule that is changed is off: who turns it
/// on sees first what it will take. Gives its id.
pub fn put(core: &Core, rule: &RetentionRule, who: &Who) -> Result<String, Error> {
    let name = rule.name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(say!("a retention rule needs a name")));
    }
    if rule.days == 0 {
        return Err(Error::bad_request(say!("a retention rule keeps for a day at least")));
    }
    if !rule.identity.is_empty() && Identity::parse(&rule.identity).is_none() {
        return Err(Error::bad_request(say!("{word} is no level of identity", word = rule.identity)));
    }
    let all = rules(core)?;
    if all.iter().any(|one| one.id != rule.id && fold_label(&one.name) == fold_label(name)) {
        return Err(Error::bad_request(say!("there is a retention rule {name} already", name)));
    }
    let known = all.iter().find(|one| !rule.id.is_empty() && one.id == rule.id);
    if known.is_none() && !rule.id.is_empty() {
        return Err(Error::not_found(say!("the retention rule")));
    }
    let rule = RetentionRule {
        name: name.to_owned(),
        state: RuleState::Off,
        created_at: known.map_or_else(Millis::default, |known| known.created_at),
        last_run_at: known.and_then(|known| known.last_run_at),
        ..rule.clone()
    };
    keep(core, &rule, "retention_put", who)
}

fn keep(core: &Core, rule: &RetentionRule, event: &str, who: &Who) -> Result<String, Error> {
    let (id, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let id = tx.put_retention_rule(rule)?;
        let facts = json!({ "what": rule.what.as_str(), "days": rule.days, "identity": rule.identity,
            "state": rule.state.as_str() });
        tx.audit(event, Some(&id), &facts)?;
        Ok::<_, Error>(id)
    })?;
    Ok(id)
}

/// Takes a rule away; the times it worked stay.
pub fn delete(core: &Core, name: &str, who: &Who) -> Result<(), Error> {
    let rule = find(core, name)?;
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        tx.delete_retention_rule(&rule.id)?;
        Ok::<_, Error>(tx.audit("retention_deleted", Some(&rule.id), &json!({}))?)
    })?;
    Ok(())
}

/// Says what a rule would take now. Writes nothing; the rule need not be kept.
pub fn preview(core: &Core, rule: &RetentionRule) -> Result<Preview, Error> {
    Ok(going(core, rule)?.preview)
}

fn going(core: &Core, rule: &RetentionRule) -> Result<Going, Error> {
    let now = core.store().environment().clock.now();
    let before = rule.before(now);
    let since = core.store().read(|r| r.changes().last())?;
    let mut found = Going {
        preview: Preview::default(),
        contacts: Vec::new(),
        gone: HashSet::new(),
        conversations: Vec::new(),
        since,
    };
    match rule.what {
        Kept::Contacts => {
            contacts(core, &rule.filter(), &mut found)?;
            removed(core, rule, before, &mut found)?;
        }
        Kept::Conversations => {
            let old = core.store().read(|r| r.retention().old_conversations(before, &rule.source, &rule.identity))?;
            found.preview.matched = old.len() as u32;
            let asked = requests::asked_about(core)?;
            for one in old {
                if one.is_spared {
                    found.preview.held += 1;
                } else if one.contact.is_some_and(|contact| asked.contains(&contact)) {
                    found.preview.asked_about += 1;
                } else {
                    found.conversations.push((one.part, one.contact));
                }
            }
            found.preview.going = found.conversations.len() as u32;
            // Of whom a removed one was is not known any more.
            found.preview.in_history = rule.identity.is_empty();
        }
        Kept::Exports => {
            let (old, is_asked) =
                core.store().read(|r| Ok((r.retention().count_old_exports(before)?, asks_who_got_it(r)?)))?;
            let counted = if is_asked { &mut found.preview.asked_about } else { &mut found.preview.going };
            *counted = old;
            found.preview.matched = old;
        }
    }
    Ok(found)
}

/// Whether somebody waits to be told who got their data (Art. 15(1)(c)): the log of exports
/// says it, and of nobody else.
fn asks_who_got_it(reader: Reader<'_>) -> SqlResult<bool> {
    Ok(reader.requests().open()?.iter().any(|request| request.right == Right::Access))
}

/// Whether a contact has to stay with what belongs to it.
fn has_to_stay(reader: Reader<'_>, contact: ContactRow, asked: &HashSet<ContactRow>) -> SqlResult<bool> {
    let restrictions = reader.restrictions();
    Ok(asked.contains(&contact)
        || restrictions.has(contact, Sort::Held)?
        || restrictions.has(contact, Sort::Restricted)?)
}

/// The contacts of a filter, wherever they are, without those that have to stay.
fn contacts(core: &Core, filter: &Filter, found: &mut Going) -> Result<(), Error> {
    let mut rows = Vec::new();
    for in_bin in [false, true] {
        let request = ViewRequest { filter: filter.to_string(), in_bin, ..ViewRequest::default() };
        rows.extend(view::resolve(core, &request)?.1);
    }
    rows.sort_unstable();
    let asked = requests::asked_about(core)?;
    let preview = &mut found.preview;
    preview.matched = rows.len() as u32;
    let (held, restricted) = core.store().read(|r| {
        let (mut held, mut restricted) = (HashSet::new(), HashSet::new());
        r.restrictions().each_in_force(|contact, sort, _| match sort {
            Sort::Held => {
                held.insert(contact);
            }
            Sort::Restricted => {
                restricted.insert(contact);
            }
            Sort::Objected => {}
        })?;
        Ok((held, restricted))
    })?;
    rows.retain(|row| {
        let why = if held.contains(row) {
            &mut preview.held
        } else if restricted.contains(row) {
            &mut preview.restricted
        } else if asked.contains(row) {
            &mut preview.asked_about
        } else {
            return true;
        };
        *why += 1;
        false
    });
    preview.going = rows.len() as u32;
    preview.first = rows.iter().copied().take(FIRST).collect();
    found.contacts = rows;
    Ok(())
}

/// Cards that left the bin, as far as the history still tells of them and nobody asks.
fn removed(core: &Core, rule: &RetentionRule, before: Millis, found: &mut Going) -> Result<(), Error> {
    let (old, asked) = core.store().read(|r| {
        let old = r.retention().old_removed(before, &rule.source, &rule.identity)?;
        let asked = if old.is_empty() { HashSet::new() } else { requests::asked_about_gone(r)? };
        Ok((old, asked))
    })?;
    found.preview.matched += old.len() as u32;
    for row in old {
        if asked.contains(&row) {
            found.preview.asked_about += 1;
        } else {
            found.preview.going += 1;
            found.contacts.push(row);
            found.gone.insert(row);
        }
    }
    Ok(())
}

/// Lets a rule work by itself from now on. `expected` is how many the person was told will
/// go at once; when it is not that many any more, nothing happens and they are asked again.
pub fn turn_on(
    core: &Core,
    name: &str,
    expected: u32,
    who: &Who,
    progress: &dyn Progress,
) -> Result<RetentionRun, Error> {
    let rule = find(core, name)?;
    let found = going(core, &rule)?;
    check_expected(&found.preview, expected)?;
    let rule = RetentionRule { state: RuleState::On, ..rule };
    keep(core, &rule, "retention_on", who)?;
    act(core, &rule, found, who, progress)
}

/// Lets a rule work once, now.
pub fn run(core: &Core, name: &str, expected: u32, who: &Who, progress: &dyn Progress) -> Result<RetentionRun, Error> {
    let rule = find(core, name)?;
    let found = going(core, &rule)?;
    check_expected(&found.preview, expected)?;
    act(core, &rule, found, who, progress)
}

fn check_expected(preview: &Preview, expected: u32) -> Result<(), Error> {
    let going = preview.going;
    if going == expected {
        return Ok(());
    }
    Err(Error::new(Code::Refused, say!("{going} would go, and not {expected}", going, expected))
        .hint(say!("Look at the preview again. Nothing was deleted.")))
}

/// Lets a rule do nothing by itself any more.
pub fn turn_off(core: &Core, name: &str, who: &Who) -> Result<(), Error> {
    let rule = RetentionRule { state: RuleState::Off, ..find(core, name)? };
    keep(core, &rule, "retention_off", who)?;
    Ok(())
}

/// Lets the rules that are on work, each once a day. One that would take more than its
/// ceiling stops and asks: much at once is more likely a mistake than a date.
pub fn catch_up(core: &Core) -> Result<Vec<RetentionRun>, Error> {
    let now = core.store().environment().clock.now();
    let who = Who { actor: "cardfile".to_owned(), origin: "retention".to_owned() };
    let mut all = Vec::new();
    for rule in rules(core)? {
        let is_due = rule.last_run_at.is_none_or(|at| now.0 - at.0 >= Millis::DAY);
        if rule.state != RuleState::On || !is_due {
            continue;
        }
        let found = going(core, &rule)?;
        if rule.ceiling > 0 && found.preview.going > rule.ceiling {
            let Preview { matched, going, .. } = found.preview;
            let rule = RetentionRule { state: RuleState::Stopped, last_run_at: Some(now), ..rule };
            keep(core, &rule, "retention_stopped", &who)?;
            let run = RetentionRun { matched, spared: matched - going, is_stopped: true, ..RetentionRun::default() };
            all.push(log(core, &rule, run, &who)?);
            continue;
        }
        all.push(act(core, &rule, found, &who, &Unwatched)?);
    }
    Ok(all)
}

/// Does it, and keeps that it was done.
fn act(
    core: &Core,
    rule: &RetentionRule,
    found: Going,
    who: &Who,
    progress: &dyn Progress,
) -> Result<RetentionRun, Error> {
    let now = core.store().environment().clock.now();
    let mut deleted = 0;
    let done = remove(core, rule, &found, rule.before(now), who, progress, &mut deleted);
    let rule = RetentionRule { last_run_at: Some(now), ..rule.clone() };
    let Preview { matched, .. } = found.preview;
    let run = RetentionRun { matched, deleted, spared: matched.saturating_sub(deleted), ..RetentionRun::default() };
    // What went is gone, also when something failed after it.
    let run = log(core, &rule, run, who)?;
    done.map(|()| run)
}

fn remove(
    core: &Core,
    rule: &RetentionRule,
    found: &Going,
    before: Millis,
    who: &Who,
    progress: &dyn Progress,
    deleted: &mut u32,
) -> Result<(), Error> {
    let region = core.region()?;
    match rule.what {
        Kept::Contacts => erase(core, found, who, progress, deleted)?,
        Kept::Conversations => {
            purge(core, rule, &found.conversations, who, progress, deleted)?;
            if found.preview.in_history {
                core.store().write(who.op(OpKind::Privacy, rule.name.as_str()), |tx| {
                    let asked = requests::asked_about_in(tx.read(), region)?;
                    Ok::<_, Error>(tx.purge_removed_conversations(before, &rule.source, &asked)?)
                })?;
            }
        }
        Kept::Exports => {
            let purged = core.store().write(who.op(OpKind::Privacy, rule.name.as_str()), |tx| {
                if asks_who_got_it(tx.read())? {
                    return Ok(0);
                }
                Ok::<_, Error>(tx.purge_exports(before)?)
            })?;
            *deleted = purged.0;
        }
    }
    Ok(())
}

/// The one way in which contacts go for good. Looked at once more in the transaction: what
/// changed since the list was made is looked at by the next run.
fn erase(core: &Core, found: &Going, who: &Who, progress: &dyn Progress, deleted: &mut u32) -> Result<(), Error> {
    if found.contacts.is_empty() {
        return Ok(());
    }
    let region = core.region()?;
    let goes = |reader: Reader<'_>, people: &[Vec<ContactRow>]| -> Result<Vec<Vec<ContactRow>>, Error> {
        let mut asked = requests::asked_about_in(reader, region)?;
        if people.iter().flatten().any(|row| found.gone.contains(row)) {
            asked.extend(requests::asked_about_gone(reader)?);
        }
        let mut going = Vec::with_capacity(people.len());
        for cards in people {
            let mut stays = false;
            for row in cards {
                let is_as_it_was = match reader.contacts().get(*row)? {
                    Some(stored) => stored.version <= found.since,
                    None => found.gone.contains(row),
                };
                stays |= !is_as_it_was || has_to_stay(reader, *row, &asked)?;
            }
            if !stays {
                going.push(cards.clone());
            }
        }
        Ok(going)
    };
    erasure::erase_old(core, &found.contacts, who, progress, &goes, deleted)
}

fn purge(
    core: &Core,
    rule: &RetentionRule,
    parts: &[(i64, Option<ContactRow>)],
    who: &Who,
    progress: &dyn Progress,
    removed: &mut u32,
) -> Result<(), Error> {
    let region = core.region()?;
    for chunk in parts.chunks(STEP) {
        // What went is gone: a run that is stopped has done what it did.
        if !progress.at(u64::from(*removed), parts.len() as u64) {
            break;
        }
        let (count, _) = core.store().write(who.op(OpKind::Privacy, rule.name.as_str()), |tx| {
            let asked = requests::asked_about_in(tx.read(), region)?;
            let mut going = Vec::with_capacity(chunk.len());
            for (part, contact) in chunk {
                let stays = contact.map(|contact| has_to_stay(tx.read(), contact, &asked)).transpose()?;
                if stays != Some(true) {
                    going.push(*part);
                }
            }
            Ok::<_, Error>(tx.purge_conversations(&going)?)
        })?;
        *removed += count;
    }
    Ok(())
}

fn log(core: &Core, rule: &RetentionRule, run: RetentionRun, who: &Who) -> Result<RetentionRun, Error> {
    let (run, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let mut run = RetentionRun { rule: rule.id.clone(), at: tx.now(), ..run };
        run.id = tx.log_retention_run(&run)?;
        if !rule.id.is_empty() {
            tx.put_retention_rule(rule)?;
        }
        let facts = json!({ "what": rule.what.as_str(), "matched": run.matched, "deleted": run.deleted,
            "spared": run.spared, "stopped": run.is_stopped });
        tx.audit("retention_run", Some(&rule.id), &facts)?;
        Ok::<_, Error>(run)
    })?;
    Ok(run)
}
