//! The desktop shell: one window over the use cases of `core`. It carries
//! messages and knows no rule about contacts.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![expect(clippy::print_stderr, reason = "a program that cannot open its window can only say so here")]

mod invoke;
mod menu;
mod start;

use cardfile_core::{
    knock,
    session::{Event, Session},
    system,
};
use std::{process::ExitCode, sync::Arc};
use tauri::{Emitter, Manager, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_notification::NotificationExt;
use tauri_plugin_opener::OpenerExt;

/// The event that brings [`cardfile_core::session::Event`] to the page.
const EVENT: &str = "cardfile";

fn main() -> ExitCode {
    start::with_working_renderer();
    let arguments = start::Arguments::read();
    if knock::knock(&arguments.workspace, &arguments.wish) {
        eprintln!("cardfile: this workspace is open in another window; it was told");
        return ExitCode::SUCCESS;
    }
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .on_menu_event(|app, chosen| {
            let _ = app.emit(EVENT, Event::Chosen { command: chosen.id().0.clone() });
        })
        .invoke_handler(tauri::generate_handler![invoke::call])
        .setup(move |app| {
            let handle = app.handle().clone();
            let session =
                Session::new(arguments.workspace, system::workspaces(), system::environment(), move |event| {
                    if let Event::Reminder { title, contact, .. } = &event {
                        // A desktop without notifications: the window says it all the same.
                        let _ = handle.notification().builder().title(title).body(contact).show();
                    }
                    if let (Event::Knocked { .. }, Some(window)) = (&event, handle.get_webview_window("main")) {
                        // A desktop that lets no program come to the front shows that it wants to.
                        let _ = window.unminimize().and_then(|()| window.set_focus());
                    }
                    if let Event::Done { text } = &event {
                        let _ = handle.notification().builder().title("Cardfile").body(text).show();
                        return;
                    }
                    if let Event::Menu(wanted) = &event {
                        // A desktop without menus: the palette has every command.
                        let _ = menu::show(&handle, wanted);
                        return;
                    }
                    if let Event::OpenFile { path } = &event {
                        // A desktop without a program for it says so itself.
                        let _ = handle.opener().open_path(path, None::<&str>);
                        return;
                    }
                    if let Event::OpenUrl { url } = &event {
                        // Who has no browser reads why in the window.
                        let _ = handle.opener().open_url(url, None::<&str>);
                        return;
                    }
                    // A window that is closing hears nothing, and that is right.
                    let _ = handle.emit(EVENT, event);
                });
            session.hand_over(arguments.wish);
            let session = Arc::new(session);
            session.keep_watch();
            app.manage(session);
            WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Cardfile")
                .inner_size(1440.0, 900.0)
                .min_inner_size(800.0, 560.0)
                // Nothing in a contact may lead the window away from our page.
                .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    match app {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cardfile: the window could not be opened: {error}");
            ExitCode::from(3)
        }
    }
}
