//! Tasks: what is to be done for a contact, once or again and again.

use super::{
    Gives, Route, Takes,
    paged::{WORDS, page, page_of},
    part,
};
use crate::{
    answer::{Answer, Problem},
    asked::{Asked, text, time},
    shape::{ANY, Kind, Shape, any, must, null, shape},
};
use cardfile_core::{clients::Scope, domain::part::Task, programs, tasks};
use http::{Method, StatusCode};
use serde_json::{Map, Value};

static TASK: Shape = shape(
    "Task",
    "Something to be done.",
    &[
        must("id", Kind::Id("tsk_"), ""),
        null("contact_id", Kind::Id("ctc_"), ""),
        null("title", Kind::Text(ANY), "What is to be done."),
        null("starts_at", Kind::Time, "First time it is due."),
        null("rule", Kind::Text(ANY), "Recurrence (RFC 5545, 3.3.10)."),
        null("zone", Kind::Text(ANY), "IANA time zone in which the rule counts."),
        must("status", Kind::Word(&["idle", "running", "canceled"]), ""),
        must("outcome", Kind::Word(&["pending", "success", "failure"]), "How its latest run ended."),
        null("last_run_at", Kind::Time, ""),
        null("next_run_at", Kind::Time, "When it is due next."),
        null("author", Kind::Text(ANY), ""),
        must("created_at", Kind::Time, ""),
        must("updated_at", Kind::Time, ""),
        must("version", Kind::Whole(0, 9_007_199_254_740_991), ""),
    ],
);

static TASKS: Shape = page!("TaskPage", TASK);

static WRITE: Shape = shape(
    "TaskWrite",
    "",
    &[
        must("title", Kind::Said(1_000), "What is to be done."),
        any("starts_at", Kind::Time, "First time it is due."),
        any("rule", Kind::Text(1_000), "Recurrence: FREQ=WEEKLY;BYDAY=FR"),
        any("zone", Kind::Text(100), "IANA time zone: Europe/Madrid"),
    ],
);

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/v1/contacts/{id}/tasks",
        id: "listTasks",
        about: "The tasks for a contact, oldest first.",
        scope: Some(Scope::TasksRead),
        query: WORDS,
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&TASKS))],
        handler: |asked| page_of(asked, "tasks", part::of_card::<Task>(asked)?),
        again: None,
    },
    Route {
        method: Method::POST,
        path: "/v1/contacts/{id}/tasks",
        id: "createTask",
        about: "Makes a task; its first due time follows from its schedule.",
        scope: Some(Scope::TasksWrite),
        query: &[],
        takes: Takes::Json(&WRITE),
        gives: &[(201, Gives::Json(&TASK))],
        handler: create,
        again: Some(|asked, outcome| part::made_again::<Task>(asked, outcome, "/v1/tasks")),
    },
    Route {
        method: Method::GET,
        path: "/v1/tasks/{id}",
        id: "getTask",
        about: "A task.",
        scope: Some(Scope::TasksRead),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(200, Gives::Json(&TASK))],
        handler: |asked| part::answer::<Task>(asked, StatusCode::OK, asked.param(0)),
        again: None,
    },
    Route {
        method: Method::PATCH,
        path: "/v1/tasks/{id}",
        id: "updateTask",
        about: "Gives a task another title or schedule; one that was canceled is to be done again.",
        scope: Some(Scope::TasksWrite),
        query: &[],
        takes: Takes::Patch(&WRITE),
        gives: &[(200, Gives::Json(&TASK))],
        handler: update,
        again: None,
    },
    Route::deed(
        "/v1/tasks/{id}/done",
        "finishTask",
        "Says that a task was done; a recurring one waits for its next time.",
        Scope::TasksWrite,
        &[(200, Gives::Json(&TASK))],
        |asked| part::edit::<Task>(asked, |_, stored| tasks::finish(&mut stored.value, asked.now())),
    ),
    Route::deed(
        "/v1/tasks/{id}/cancel",
        "cancelTask",
        "Says that a task will not be done.",
        Scope::TasksWrite,
        &[(200, Gives::Json(&TASK))],
        |asked| {
            part::edit::<Task>(asked, |_, stored| {
                tasks::give_up(&mut stored.value);
                Ok(())
            })
        },
    ),
    Route {
        method: Method::DELETE,
        path: "/v1/tasks/{id}",
        id: "deleteTask",
        about: "Takes a task away; an undo in the window brings it back.",
        scope: Some(Scope::TasksWrite),
        query: &[],
        takes: Takes::Nothing,
        gives: &[(204, Gives::Nothing)],
        handler: part::remove::<Task>,
        again: None,
    },
];

fn create(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.form(&WRITE)?;
    let stored = programs::card(asked.core(), &asked.sight()?, asked.param(0))?;
    let mut task = Task::default();
    put(&mut task, &form);
    let (id, _) = tasks::add(asked.core(), stored.contact.id.as_str(), task, &asked.who)?;
    part::made::<Task>(asked, &id, "/v1/tasks")
}

fn update(asked: &Asked) -> Result<Answer, Problem> {
    let form = asked.patch(&WRITE)?;
    part::edit::<Task>(asked, |_, stored| {
        put(&mut stored.value, &form);
        tasks::replan(&mut stored.value)
    })
}

/// Writes what a form says on a task.
fn put(task: &mut Task, form: &Map<String, Value>) {
    if let Some(title) = text(form, "title") {
        title.clone_into(&mut task.title);
    }
    if form.contains_key("starts_at") {
        task.starts_at = time(form, "starts_at");
    }
    for (name, place) in [("rule", &mut task.rule), ("zone", &mut task.zone)] {
        if form.contains_key(name) {
            text(form, name).unwrap_or_default().trim().clone_into(place);
        }
    }
}
