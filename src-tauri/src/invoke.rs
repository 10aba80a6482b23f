//! The one door of the page: a command's name and its request.

use cardfile_core::{Code, Error, commands, domain::say, session::Session};
use serde_json::Value;
use std::sync::Arc;
use tauri::State;

/// Calls a command of the table, away from the thread that paints.
#[tauri::command]
pub(crate) async fn call(session: State<'_, Arc<Session>>, name: String, payload: Value) -> Result<Value, Error> {
    let session = Arc::clone(&session);
    tauri::async_runtime::spawn_blocking(move || commands::dispatch(&session, &name, payload))
        .await
        .unwrap_or_else(|_| Err(Error::new(Code::Internal, say!("the command failed; nothing was changed"))))
}
