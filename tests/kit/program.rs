//! Servers that nobody here wrote and that speak JSON: Datasette, a table with an interface of its
//! own, and Prism, which knows from a vendor's description what the vendor takes. Each is there when
//! it was started and gone when it is dropped.

use crate::{
    http::{Client, Message},
    peers::{PORTS, free_address, is_there, path_of, peer, program_at, start},
};
use serde_json::Value;
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// By which Datasette knows its own tokens again.
const SECRET: &str = "correct horse battery staple";
/// What is in the database; the table has to be there before.
const DATABASE: &str = "crm.db";

/// A server that runs.
pub struct Program {
    address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Program {
    /// Datasette with the database that `fill` makes; the token of somebody who may change it.
    pub fn datasette(fill: impl FnOnce(&Path)) -> (Self, String) {
        let folder = tempfile::tempdir().expect("a folder");
        fill(&folder.path().join(DATABASE));
        let asked = peer("datasette").args(["create-token", "root", "--secret", SECRET]).stdin(Stdio::null()).output();
        let output = asked.expect("Datasette starts");
        let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(output.status.success() && token.starts_with("dstok_"), "no token: {}", output.status);
        let program = Self::serve(folder, |folder, address| {
            let mut command = peer("datasette");
            command.arg("serve").arg(folder.join(DATABASE)).args(["--root", "--secret", SECRET]);
            command.args(["--host", "127.0.0.1", "--port", &address.port().to_string()]);
            for deed in ["insert-row", "update-row", "delete-row"] {
                command.args(["--setting", &format!("permissions.{deed}.id"), "root"]);
            }
            command
        });
        (program, token)
    }

    /// Prism with a description of an interface.
    pub fn prism(description: &Path) -> Self {
        let prism = path_of("../prism/node_modules/.bin/prism");
        let folder = tempfile::tempdir().expect("a folder");
        Self::serve(folder, |_, address| {
            let mut command = program_at(&prism);
            command.args(["mock", "--host", "127.0.0.1", "--port", &address.port().to_string()]).arg(description);
            command
        })
    }

    fn serve(folder: TempDir, command: impl Fn(&Path, SocketAddr) -> Command) -> Self {
        for _ in 0..PORTS {
            let address = free_address();
            let mut child = start(&mut command(folder.path(), address), folder.path());
            if is_there(&mut child, address) {
                return Self { address, child, _folder: folder };
            }
        }
        panic!("it does not start: {}", fs::read_to_string(folder.path().join("log")).unwrap_or_default());
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks it something in JSON.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Message {
        let client = Client { address: self.address, account: None };
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut headers = headers.to_vec();
        if !text.is_empty() {
            headers.push(("Content-Type", "application/json"));
        }
        client.send(method, path, &headers, &text)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It fails only when the server has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
