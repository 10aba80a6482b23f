//! The desktop's menu, as the page wants it: the page has the one list of commands and
//! speaks the person's language.

use cardfile_core::desktop::MenuView;
use tauri::{
    AppHandle,
    menu::{MenuBuilder, MenuItemBuilder, SubmenuBuilder},
};

/// Builds the menu in place of the one before.
pub(crate) fn show(app: &AppHandle, wanted: &MenuView) -> tauri::Result<()> {
    let mut menu = MenuBuilder::new(app);
    // Without these two a Mac has no keys to copy, to paste and to leave.
    if cfg!(target_os = "macos") {
        let own = SubmenuBuilder::new(app, "Cardfile").about(None).separator().hide().hide_others().separator().quit();
        let edit = SubmenuBuilder::new(app, "Edit").undo().redo().separator().cut().copy().paste().select_all();
        menu = menu.items(&[&own.build()?, &edit.build()?]);
    }
    for one in &wanted.menus {
        let mut submenu = SubmenuBuilder::new(app, &one.title);
        for item in &one.items {
            // No keys: the page hears them itself, also those that a person chose.
            submenu = submenu.item(&MenuItemBuilder::with_id(&item.command, &item.title).build(app)?);
        }
        menu = menu.item(&submenu.build()?);
    }
    // On macOS the bar is the desktop's; elsewhere a window has its own, which can be hidden.
    if wanted.shown || cfg!(target_os = "macos") {
        app.set_menu(menu.build()?)?;
    } else {
        app.remove_menu()?;
    }
    Ok(())
}
