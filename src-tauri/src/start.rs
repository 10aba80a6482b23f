//! How the program was started, and what the webview needs before it starts.

use cardfile_core::{knock::Wish, system};
use std::path::PathBuf;

/// `cardfile-desktop [--workspace DIR] [FILE | cardfile://contact/ID]`; a file is
/// handed over to the import, as "open with" does.
pub(crate) struct Arguments {
    pub(crate) workspace: PathBuf,
    pub(crate) wish: Wish,
}

impl Arguments {
    pub(crate) fn read() -> Self {
        let named = std::env::var_os("CARDFILE_WORKSPACE").map(PathBuf::from);
        let mut found = Self { workspace: named.unwrap_or_else(system::default_workspace), wish: Wish::default() };
        let mut arguments = std::env::args_os().skip(1);
        while let Some(argument) = arguments.next() {
            if argument == "--workspace" {
                if let Some(dir) = arguments.next() {
                    found.workspace = dir.into();
                }
            } else if !argument.to_string_lossy().starts_with('-') {
                found.wish = Wish::of(&argument.to_string_lossy());
            }
        }
        found
    }
}

/// WebKitGTK's DMA-BUF renderer paints nothing on some drivers. The variable
/// that switches it off must be set before the process starts, so the program
/// starts itself again with it. Not under automation: there a screenshot would
/// never come back.
#[cfg(target_os = "linux")]
pub(crate) fn with_working_renderer() {
    use std::os::unix::process::CommandExt;
    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let automated = std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some();
    if automated || std::env::var_os(SWITCH).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        #[expect(clippy::disallowed_methods, reason = "it starts itself, with one more variable")]
        let mut again = std::process::Command::new(program);
        // Returns only when it failed; then the window is tried as it is.
        let _ = again.args(std::env::args_os().skip(1)).env(SWITCH, "1").exec();
    }
}

/// Other systems have their own webviews.
#[cfg(not(target_os = "linux"))]
pub(crate) fn with_working_renderer() {}
