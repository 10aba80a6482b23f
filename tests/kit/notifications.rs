//! The notification service of a desktop (Desktop Notifications Specification
//! 1.2) that shows nothing: each notification is a line of a file, its summary
//! and its body with a tab between.

use std::{collections::HashMap, fs::OpenOptions, io::Write, path::PathBuf};
use zbus::{connection, interface, wire::OwnedVariant};

struct Notifications {
    file: PathBuf,
    shown: u32,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "they are those of the specification")]
    fn notify(
        &mut self,
        _app_name: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<&str>,
        _hints: HashMap<String, OwnedVariant>,
        _timeout: i32,
    ) -> zbus::fdo::Result<u32> {
        let fail = |error: std::io::Error| zbus::fdo::Error::IOError(error.to_string());
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file).map_err(fail)?;
        writeln!(file, "{summary}\t{body}").map_err(fail)?;
        self.shown += 1;
        Ok(self.shown)
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<&str> {
        vec!["body"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("cardfile-notifications", "Cardfile", "1", "1.2")
    }
}

fn main() -> Result<(), zbus::Error> {
    let file = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "notifications.txt".into()));
    futures_lite::future::block_on(async {
        let service = Notifications { file: file.clone(), shown: 0 };
        let _connection = connection::Builder::session()
            .name("org.freedesktop.Notifications")
            .serve_at("/org/freedesktop/Notifications", service)
            .build()
            .await?;
        // The file says that it is there.
        let _ = OpenOptions::new().create(true).append(true).open(&file);
        std::future::pending::<()>().await;
        Ok(())
    })
}
