//! What a person pastes into the program that is to ask: how it starts this one. No secret stands
//! in it; who can start the program on this computer is who can use it.

use cardfile_domain::{Sentence, agent::AgentClient, say};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The configuration of one kind of program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// `claude`, `vscode`, `codex`, `other`.
    pub program: &'static str,
    /// What it is called.
    pub label: Sentence,
    /// In which file of it this belongs.
    pub file: &'static str,
    /// What to paste.
    pub text: String,
}

/// One for each kind of program. `command` is where this program's command line is.
pub fn snippets(client: &AgentClient, workspace: &Path, command: &Path) -> Vec<Snippet> {
    let command = command.display().to_string();
    let dir = workspace.display().to_string();
    // Its id: another client that takes its name is not started by what was pasted for this one.
    let args = ["--workspace", dir.as_str(), "mcp", "--client", client.id.as_str()];
    let server = json!({ "command": command, "args": args });
    let typed = json!({ "type": "stdio", "command": command, "args": args });
    let toml = format!("[mcp_servers.cardfile]\ncommand = {}\nargs = {}\n", json!(command), json!(args));
    let line = std::iter::once(command.as_str()).chain(args).map(quoted).collect::<Vec<_>>().join(" ");
    vec![
        Snippet {
            program: "claude",
            label: say!("Claude, Cursor and most others"),
            file: "claude_desktop_config.json, .cursor/mcp.json",
            text: pretty(&json!({ "mcpServers": { "cardfile": server } })),
        },
        Snippet {
            program: "vscode",
            label: say!("Visual Studio Code"),
            file: ".vscode/mcp.json",
            text: pretty(&json!({ "servers": { "cardfile": typed } })),
        },
        Snippet { program: "codex", label: say!("Codex"), file: "config.toml", text: toml },
        Snippet { program: "other", label: say!("Anything that starts a command"), file: "", text: line },
    ]
}

/// Where the command line of this program is: beside the running one, or on the path.
pub fn command() -> PathBuf {
    let name = if cfg!(windows) { "cardfile.exe" } else { "cardfile" };
    let beside = std::env::current_exe().ok().map(|running| running.with_file_name(name));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(name))
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A word of a command, quoted where a shell would take it apart.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snippet_starts_this_client_and_holds_no_secret() {
        let client = AgentClient { id: "agc_1".into(), ..AgentClient::new("Bot") };
        let all = snippets(&client, Path::new("/home/ana/Ana's files"), Path::new("/opt/cardfile"));
        for one in &all {
            assert!(one.text.contains("/opt/cardfile") && one.text.contains("mcp"), "{}", one.text);
        }
        let json: serde_json::Value = serde_json::from_str(&all[0].text).expect("json");
        assert_eq!(json["mcpServers"]["cardfile"]["args"][4], "agc_1");
        assert_eq!(all[3].text, "/opt/cardfile --workspace '/home/ana/Ana'\\''s files' mcp --client agc_1");
    }
}
