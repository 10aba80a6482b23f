//! Tasks: what is to be done for somebody, and when it is due. A reminder is
//! given once for each due time, at its time or at the next start.

use crate::{
    core::{Core, Who},
    error::Error,
    parts,
};
use cardfile_domain::{
    Millis, OperationId,
    part::{Task, TaskOutcome, TaskStatus},
    say,
    schedule::{self, InvalidSchedule},
};
use cardfile_store::StoredPart;
use serde_json::Value;

/// Until when people were reminded; kept in the workspace.
const REMINDED: &str = "reminded_until";

/// A task that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// The task.
    pub task: Task,
    /// Whom it is about.
    pub contact: String,
    /// The contact's id, `ctc_…`.
    pub contact_id: String,
}

impl From<InvalidSchedule> for Error {
    fn from(error: InvalidSchedule) -> Self {
        Self::bad_request(error.sentence())
    }
}

/// Makes a task; its first due time follows from its schedule.
pub fn add(core: &Core, contact: &str, mut task: Task, who: &Who) -> Result<(String, Option<OperationId>), Error> {
    check(&mut task)?;
    task.author.clone_from(&who.actor);
    parts::add(core, contact, &task, who)
}

/// Gives a task another title or schedule.
pub fn change(core: &Core, id: &str, to: &Task, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let mut checked = to.clone();
    check(&mut checked)?;
    parts::edit::<Task>(core, id, who, |task| {
        (task.title, task.starts_at) = (checked.title, checked.starts_at);
        (task.rule, task.zone) = (checked.rule, checked.zone);
        task.next_run_at = checked.next_run_at;
        task.status = TaskStatus::Idle;
    })
}

/// Inside a write, after a task was given another title or schedule: when it is due follows from
/// that, and one that was canceled is to be done again.
pub fn replan(task: &mut Task) -> Result<(), Error> {
    check(task)?;
    task.status = TaskStatus::Idle;
    Ok(())
}

/// The task was done; a recurring one waits for its next time.
pub fn done(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let now = core.store().environment().clock.now();
    let done = parts::edit_seen::<Task>(core, id, None, who, |_, stored| finish(&mut stored.value, now))?;
    Ok(done.unwrap_or_default())
}

/// The same of a task inside a write.
pub fn finish(task: &mut Task, now: Millis) -> Result<(), Error> {
    let next = if task.rule.is_empty() { None } else { schedule::next_after(task, task.next_run_at.max(Some(now)))? };
    task.last_run_at = Some(now);
    task.outcome = TaskOutcome::Success;
    task.next_run_at = next;
    Ok(())
}

/// The task will not be done.
pub fn cancel(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    parts::edit::<Task>(core, id, who, give_up)
}

/// The same of a task inside a write.
pub fn give_up(task: &mut Task) {
    task.status = TaskStatus::Canceled;
    task.next_run_at = None;
}

pub(crate) fn check(task: &mut Task) -> Result<(), Error> {
    if task.title.trim().is_empty() {
        return Err(Error::bad_request(say!("a task says what is to be done")));
    }
    task.next_run_at = schedule::next_after(task, None)?;
    Ok(())
}

/// The tasks that became due since people were reminded last. They are not given
/// again: neither to another window nor after a restart.
pub fn remind(core: &Core) -> Result<Vec<Due>, Error> {
    let now = core.store().environment().clock.now();
    // A clock that once stood in the future must not silence what comes.
    let until = core.setting(REMINDED)?.as_ref().and_then(Value::as_i64).map_or(Millis(i64::MIN), Millis).min(now);
    let due: Vec<StoredPart<Task>> = core.store().read(|r| r.parts().tasks_due(until, now))?;
    let is_new = |task: &Task| match task.next_run_at {
        // Written down since, also for a time that is over.
        Some(at) if at > until || task.created_at > until => true,
        // Not done since its last time: it is due again at the next.
        Some(_) => schedule::next_after(task, Some(until)).ok().flatten().is_some_and(|again| again <= now),
        None => false,
    };
    let new: Vec<StoredPart<Task>> = due.into_iter().filter(|task| is_new(&task.value)).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for stored in new {
        let contact = stored.parent.and_then(|row| u32::try_from(row).ok());
        let contact = match contact {
            Some(row) => core.store().read(|r| r.contacts().get(row))?,
            None => None,
        };
        if let Some(contact) = contact.filter(|stored| stored.contact.binned_at.is_none()) {
            all.push(Due {
                task: stored.value,
                contact: contact.contact.display_name().to_owned(),
                contact_id: contact.contact.id.to_string(),
            });
        }
    }
    core.set_setting(REMINDED, &now.0.into(), &Who { actor: "cardfile".into(), origin: "reminder".into() })?;
    Ok(all)
}
