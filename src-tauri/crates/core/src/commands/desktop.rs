//! What the page asks of the desktop around it.

use super::answer::Nothing;
use crate::{
    desktop::MenuView,
    error::Error,
    session::{Event, Session},
};
use serde::Deserialize;
use ts_rs::TS;

/// Something that was done.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DoneText {
    /// In the person's language.
    pub text: String,
}

pub(super) fn menu_show(session: &Session, menu: MenuView) -> Result<Nothing, Error> {
    session.tell(Event::Menu(menu));
    Ok(Nothing {})
}

pub(super) fn desktop_tell(session: &Session, request: DoneText) -> Result<Nothing, Error> {
    session.tell(Event::Done { text: request.text });
    Ok(Nothing {})
}
