//! Automation rules at work: what a rule would do, doing it, and waiting for what
//! wakes it. No rule wakes another: what a rule did is nothing that happened.

use crate::{
    bulk::{self, Deed},
    core::{Core, Who},
    error::{Code, Error},
    parts,
    progress::{Progress, Unwatched},
    segments, tasks,
    view::{self, ViewRequest},
};
use cardfile_domain::{
    Contact, Filter, Millis, OperationId, Sentence, StageBy,
    automation::{Action, Automation, AutomationState, Trigger},
    filter::{FilterField, Test},
    part::Task,
    say,
    text::fold_label,
};
use cardfile_store::{ContactRow, Happening, OpKind};
use serde_json::Value;
use std::collections::HashSet;

/// Up to which change a rule has looked, and on which day (since 1970, UTC) it last
/// ran; kept in the workspace for each rule under its id.
const LOOKED: &str = "automation_looked.";
const DAY: &str = "automation_day.";
/// The door through which a rule acts by itself.
const ORIGIN: &str = "automation";
/// Above so many contacts at once a new rule stops and asks.
const CEILING: u32 = 5_000;

/// What a rule would do now. The first is the sum of all after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Contacts it is about.
    pub matching: u32,
    /// Those it would change.
    pub changing: u32,
    /// Those it leaves alone because a person set their stage.
    pub by_hand: u32,
    /// Those it did the same to within the days of its guard.
    pub guarded: u32,
    /// Those that are so already.
    pub already: u32,
    /// Of those it would change: how many leave each stage, most first; the empty
    /// one has none yet. Empty when it sets no stage.
    pub stages: Vec<(String, u32)>,
    /// Tasks it would make.
    pub tasks: u32,
    /// The first contacts it would change.
    pub first: Vec<ContactRow>,
}

/// What a rule did by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its name.
    pub rule: String,
    /// Contacts it changed; those it would have changed, when it stopped.
    pub changed: u32,
    /// The operation that undoes it; nothing when it stopped and asks.
    pub operation: Option<OperationId>,
}

/// All rules, in the order in which they act.
pub fn all(core: &Core) -> Result<Vec<Automation>, Error> {
    parts::of_workspace(core)
}

/// The rule with this id or name.
pub fn find(core: &Core, name: &str) -> Result<Automation, Error> {
    parts::named(core, name)
}

/// Rules to begin with: the lifecycle (M-101), the three examples of M-102, and
/// the archive (M-104). None of them works before it is turned on.
pub fn templates() -> Vec<Automation> {
    let rule = |name: Sentence, trigger, filter: &str, actions| Automation {
        name: name.to_string(),
        trigger,
        filter: filter.to_owned(),
        actions,
        guard_days: 0,
        ceiling: CEILING,
        ..Automation::default()
    };
    let stage = |stage: &str| vec![Action::Stage { stage: stage.to_owned() }];
    let tag = |tag: &str| vec![Action::Tag { tag: tag.to_owned() }];
    let call = || Action::Task { title: "Call back".to_owned(), days: 2 };
    vec![
        rule(say!("New contacts"), Trigger::Change, "stage:none", stage("new")),
        rule(
            say!("Returning contacts"),
            Trigger::Change,
            "(stage:none or stage:new) conversations:2..3",
            stage("returning"),
        ),
        rule(
            say!("Qualified after 3 chats"),
            Trigger::Change,
            "(stage:none or stage:new,returning) (conversations:>3 or tag:qualified)",
            stage("qualified"),
        ),
        rule(say!("Customers by tag"), Trigger::Change, "tag:customer not stage:customer", stage("customer")),
        rule(say!("Looked at the prices"), Trigger::Change, "page:~pric", tag("pricing-intent")),
        rule(say!("Engaged after 3 chats"), Trigger::Conversation, "conversations:>=3", tag("engaged")),
        Automation {
            guard_days: 30,
            ..rule(
                say!("Asked for a demo"),
                Trigger::Change,
                "action:~demo",
                vec![Action::Tag { tag: "demo-requested".to_owned() }, call()],
            )
        },
        rule(say!("Archive after 24 months"), Trigger::Daily, "seen:any seen:>730d", vec![Action::Archive { keep: 0 }]),
        rule(say!("Keep the 50,000 seen last"), Trigger::Daily, "", vec![Action::Archive { keep: 50_000 }]),
    ]
}

/// Adds a rule, or changes the one with its id. A rule that is changed is off: who
/// turns it on sees first what it will do. Gives its id.
pub fn put(core: &Core, rule: &Automation, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    let name = parts::free_name::<Automation>(core, &rule.id, &rule.name)?;
    let filter = Filter::parse(&rule.filter).map_err(|e| Error::bad_request(e.sentence()))?;
    if rule.actions.is_empty() {
        return Err(Error::bad_request(say!("a rule needs something to do")));
    }
    for action in &rule.actions {
        check(action)?;
    }
    let known = all(core)?.into_iter().find(|known| !rule.id.is_empty() && known.id == rule.id);
    let created_at = known.map_or_else(|| core.store().environment().clock.now(), |known| known.created_at);
    let rule = Automation {
        name: name.to_owned(),
        filter: filter.to_string(),
        state: AutomationState::Off,
        created_at,
        ..rule.clone()
    };
    parts::put(core, None, &rule, who)
}

/// The part of an action that is a deed like any other.
fn deed(action: &Action) -> Option<Deed> {
    match action {
        Action::Tag { tag } => Some(Deed::Tag(tag.clone())),
        Action::Untag { tag } => Some(Deed::Untag(tag.clone())),
        Action::Archive { .. } => Some(Deed::Archive),
        // A stage gives way to a person, and a task is no value of the contact.
        Action::Stage { .. } | Action::Task { .. } => None,
    }
}

fn check(action: &Action) -> Result<(), Error> {
    if let Some(deed) = deed(action) {
        bulk::check(&deed)?;
    }
    let problem = match action {
        Action::Stage { stage } if stage.trim().is_empty() => say!("a stage needs a name"),
        Action::Task { title, .. } if title.trim().is_empty() => say!("a task needs a title"),
        Action::Task { days, .. } if *days > 3_650 => say!("a task is due within ten years"),
        _ => return Ok(()),
    };
    Err(Error::bad_request(problem))
}

/// Whom the rule is about, and `also` lets through; in the order of the list, the
/// one seen last first, where that matters: sorting a million costs more than
/// finding them.
fn matching(core: &Core, rule: &Automation, also: Filter, in_order: bool) -> Result<Vec<ContactRow>, Error> {
    let own = Filter::parse(&rule.filter).map_err(|e| Error::bad_request(e.sentence()))?;
    // Who never talked is not meant by what happens to conversations.
    let talked = match rule.trigger {
        Trigger::Conversation => Filter::Is(FilterField::Conversations, Test::Number(Some(1.0), None)),
        _ => Filter::default(),
    };
    let filter = Filter::All([own, talked, also].into_iter().filter(|part| !part.is_everything()).collect());
    // Whoever is restricted is kept and not used: no rule does anything to them.
    let filter = segments::bind(filter, None);
    let sort = if in_order { vec!["-last_seen".to_owned()] } else { Vec::new() };
    Ok(view::resolve(core, &ViewRequest { filter: filter.to_string(), sort, ..ViewRequest::default() })?.1)
}

/// So many are looked at one by one.
const FEW: usize = 1_000;

/// Whom it would change, and the rest with the reason.
struct Sifted {
    all: usize,
    changing: Vec<ContactRow>,
    by_hand: usize,
    guarded: usize,
}

fn sift(core: &Core, rule: &Automation, among: Option<&HashSet<ContactRow>>) -> Result<Sifted, Error> {
    // Those that stay are the ones seen last of everybody, whatever happened just now.
    let keep = rule.actions.iter().find_map(|action| match action {
        Action::Archive { keep } => Some(*keep as usize),
        _ => None,
    });
    let among = among.filter(|_| keep.unwrap_or(0) == 0);
    let mut rows = matching(core, rule, Filter::default(), among.is_none())?;
    if let Some(among) = among {
        rows.retain(|row| among.contains(row));
    }
    if let Some(keep) = keep {
        // Who was never seen counts from the day it was made.
        view::with_index(core, |index, _| {
            index.latest_first(&mut rows);
            Ok(())
        })?;
        rows.drain(..keep.min(rows.len()));
    }
    let all = rows.len();
    spare_guarded(core, rule, &mut rows, among.is_some())?;
    let guarded = all - rows.len();
    // Nearly everybody may match where a single one was woken.
    let within = |rows: Vec<ContactRow>| -> HashSet<ContactRow> {
        rows.into_iter().filter(|row| among.is_none_or(|among| among.contains(row))).collect()
    };
    let any = |parts: Vec<Filter>| match parts.iter().any(Filter::is_everything) {
        true => Filter::default(),
        false => Filter::Any(parts),
    };
    let would = any(rule.actions.iter().map(Action::would_change).collect());
    let mut changing = rows.clone();
    if !would.is_everything() {
        let set = within(matching(core, rule, would, false)?);
        changing.retain(|row| set.contains(row));
    }
    let held: Vec<Filter> = rule.actions.iter().filter_map(Action::held_by_hand).collect();
    let by_hand = if held.is_empty() {
        0
    } else {
        let held = within(matching(core, rule, Filter::Any(held), false)?);
        let changing: HashSet<&ContactRow> = changing.iter().collect();
        rows.iter().filter(|row| held.contains(row) && !changing.contains(row)).count()
    };
    Ok(Sifted { all, changing, by_hand, guarded })
}

/// Leaves out whom the rule did the same to within the days of its guard.
fn spare_guarded(core: &Core, rule: &Automation, rows: &mut Vec<ContactRow>, woken: bool) -> Result<(), Error> {
    if rule.guard_days == 0 || rule.id.is_empty() {
        return Ok(());
    }
    let now = core.store().environment().clock.now();
    let since = Millis(now.0 - i64::from(rule.guard_days) * Millis::DAY);
    let guarded = core.store().read(|r| {
        if !woken || rows.len() > FEW {
            return r.changes().contacts_of_actor(&rule.id, since);
        }
        // Of a few, each is asked about: a large run of the rule is not read again.
        let mut guarded = HashSet::new();
        for row in &*rows {
            if r.changes().is_of_actor(*row, &rule.id, since)? {
                guarded.insert(*row);
            }
        }
        Ok(guarded)
    })?;
    rows.retain(|row| !guarded.contains(row));
    Ok(())
}

/// Says what a rule would do now. Writes nothing; the rule need not be saved.
pub fn preview(core: &Core, rule: &Automation) -> Result<Preview, Error> {
    const FIRST: usize = 5;
    for action in &rule.actions {
        check(action)?;
    }
    let Sifted { all, changing, by_hand, guarded } = sift(core, rule, None)?;
    let mut stages = Vec::new();
    let mut sets_stage = rule.actions.iter().filter(|action| matches!(action, Action::Stage { .. }));
    if let Some(action) = sets_stage.next_back() {
        let moved: HashSet<ContactRow> = matching(core, rule, action.would_change(), false)?.into_iter().collect();
        let moved: Vec<ContactRow> = changing.iter().copied().filter(|row| moved.contains(row)).collect();
        stages = view::with_index(core, |index, _| Ok(index.stages_of(&moved)))?;
        let without = moved.len() as u32 - stages.iter().map(|(_, count)| count).sum::<u32>();
        if without > 0 {
            stages.push((String::new(), without));
        }
    }
    let tasks = rule.actions.iter().filter(|action| matches!(action, Action::Task { .. })).count();
    Ok(Preview {
        matching: all as u32,
        changing: changing.len() as u32,
        by_hand: by_hand as u32,
        guarded: guarded as u32,
        already: (all - changing.len() - by_hand - guarded) as u32,
        stages,
        tasks: (changing.len() * tasks) as u32,
        first: changing.into_iter().take(FIRST).collect(),
    })
}

/// Turns a rule on and does it once for everybody it is about. Gives how many changed.
pub fn turn_on(
    core: &Core,
    name: &str,
    who: &Who,
    progress: &dyn Progress,
) -> Result<(u32, Option<OperationId>), Error> {
    let rule = find(core, name)?;
    let _alone = core
        .store()
        .lock_rules(true)?
        .ok_or_else(|| Error::new(Code::InUse, say!("another program lets the rules act just now")))?;
    // What happens while it runs is looked at after it.
    let last = core.store().read(|r| r.changes().last())?;
    let changing = sift(core, &rule, None)?.changing;
    act(core, &rule, &changing, who, progress, &Position { last, is_turned_on: true })
}

/// What is kept with the deed of a rule, in its operation.
struct Position {
    /// The change up to which it has looked.
    last: i64,
    /// It is on from now on.
    is_turned_on: bool,
}

/// Turns a rule off. `false` when it was off.
pub fn turn_off(core: &Core, name: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    set_state(core, &find(core, name)?, AutomationState::Off, who)
}

fn set_state(
    core: &Core,
    rule: &Automation,
    state: AutomationState,
    who: &Who,
) -> Result<(bool, Option<OperationId>), Error> {
    parts::edit::<Automation>(core, &rule.id, who, |rule| rule.state = state)
}

/// Does it, as one operation.
fn act(
    core: &Core,
    rule: &Automation,
    rows: &[ContactRow],
    who: &Who,
    progress: &dyn Progress,
    position: &Position,
) -> Result<(u32, Option<OperationId>), Error> {
    // Its id stands for who did it: the guard asks for it.
    let who = Who { actor: rule.id.clone(), origin: who.origin.clone() };
    let edit = |tx: &mut cardfile_store::Tx<'_>, row: ContactRow| {
        let now = tx.now();
        let mut changed = tx.edit(row, |contact| {
            for action in &rule.actions {
                apply(action, contact, now);
            }
        })?;
        for action in &rule.actions {
            if let Action::Task { title, days } = action {
                let due = Millis(now.0 + i64::from(*days) * Millis::DAY);
                let mut task =
                    Task { title: title.clone(), starts_at: Some(due), author: rule.name.clone(), ..Task::default() };
                tasks::check(&mut task)?;
                tx.add_part(Some(row.into()), &task)?;
                changed = true;
            }
        }
        Ok(changed)
    };
    bulk::each(core, who.op(OpKind::RuleRun, rule.name.clone()), rows, progress, edit, |tx| {
        if position.is_turned_on {
            tx.edit_part::<Automation>(&rule.id, |rule, _| rule.state = AutomationState::On)?;
        }
        looked(tx, rule, position.last)
    })
}

/// Keeps how far a rule has looked.
fn looked(tx: &mut cardfile_store::Tx<'_>, rule: &Automation, last: i64) -> Result<(), Error> {
    let today = tx.now().0.div_euclid(Millis::DAY);
    tx.set_setting(&format!("{LOOKED}{}", rule.id), &Value::from(last))?;
    tx.set_setting(&format!("{DAY}{}", rule.id), &Value::from(today))?;
    Ok(())
}

fn apply(action: &Action, contact: &mut Contact, now: Millis) {
    if let Some(deed) = deed(action) {
        deed.apply(contact, now);
    }
    if let Action::Stage { stage } = action
        && contact.stage_by == StageBy::Rule
        && fold_label(&contact.stage) != fold_label(stage)
    {
        stage.trim().clone_into(&mut contact.stage);
    }
}

/// Lets the rules that are on look at what happened since they last did. What they
/// did is one operation of each, and undone like any other. A rule that fails looks
/// again at the next time; the others are not kept from theirs.
pub fn catch_up(core: &Core) -> Result<Vec<Ran>, Error> {
    let rules: Vec<Automation> = all(core)?.into_iter().filter(|rule| rule.state == AutomationState::On).collect();
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let Some(_alone) = core.store().lock_rules(false)? else { return Ok(Vec::new()) };
    // Of a program that was killed: what it left half done would hide what happens after it.
    core.store().take_back_cut()?;
    let mut ran = Vec::new();
    let mut failure = None;
    for rule in &rules {
        match look(core, rule) {
            Ok(done) => ran.extend(done),
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if ran.is_empty() => Err(error),
        _ => Ok(ran),
    }
}

/// Lets one rule look.
fn look(core: &Core, rule: &Automation) -> Result<Option<Ran>, Error> {
    let who = Who { actor: rule.id.clone(), origin: ORIGIN.to_owned() };
    let number = |key: &str| -> Result<Option<i64>, Error> {
        Ok(core.setting(&format!("{key}{}", rule.id))?.and_then(|value| value.as_i64()))
    };
    let now = core.store().read(|r| r.changes().last())?;
    // A rule that came on by an undo or a redo begins here.
    let known = number(LOOKED)?;
    let before = known.unwrap_or(now);
    let today = core.store().environment().clock.now().0.div_euclid(Millis::DAY);
    let is_daily = rule.trigger == Trigger::Daily;
    if is_daily && number(DAY)?.is_some_and(|day| day >= today) {
        return Ok(None);
    }
    let (happened, last) =
        if now > before { core.store().read(|r| r.changes().happened_after(before))? } else { (Vec::new(), before) };
    let woken: HashSet<ContactRow> = happened
        .into_iter()
        .filter(|(_, happening)| match rule.trigger {
            Trigger::Change => true,
            Trigger::Arrival => *happening == Happening::Arrived,
            // Whoever came with one has it already; see `matching`.
            Trigger::Conversation => matches!(happening, Happening::Conversed | Happening::Arrived),
            Trigger::Daily => false,
        })
        .map(|(row, _)| row)
        .collect();
    let changing = match is_daily || !woken.is_empty() {
        true => sift(core, rule, (!is_daily).then_some(&woken))?.changing,
        false => Vec::new(),
    };
    if changing.is_empty() {
        if known != Some(last) || is_daily {
            // No row of the history: nothing was done.
            core.store().write(who.op(OpKind::RuleRun, ""), |tx| looked(tx, rule, last))?;
        }
        return Ok(None);
    }
    let changed = changing.len() as u32;
    if rule.ceiling > 0 && changed > rule.ceiling {
        set_state(core, rule, AutomationState::Stopped, &who)?;
        return Ok(Some(Ran { rule: rule.name.clone(), changed, operation: None }));
    }
    let position = Position { last, is_turned_on: false };
    let (changed, operation) = act(core, rule, &changing, &who, &Unwatched, &position)?;
    Ok((changed > 0).then(|| Ran { rule: rule.name.clone(), changed, operation }))
}
