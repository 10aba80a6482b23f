//! What the page asks of the desktop around it: its menu bar, and a word to somebody
//! who looks elsewhere. The shell carries both out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The menu of the desktop, in the language of the page.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MenuView {
    /// Whether it is shown where a window has its own.
    pub shown: bool,
    /// In order.
    pub menus: Vec<SubmenuView>,
}

/// One of its menus.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SubmenuView {
    /// On the bar.
    pub title: String,
    /// In order.
    pub items: Vec<MenuItemView>,
}

/// A line of a menu.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MenuItemView {
    /// Its id in the page's list of commands.
    pub command: String,
    /// What stands there.
    pub title: String,
}
