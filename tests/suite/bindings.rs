//! What the window is made from is fresh: the types of the command table, and the
//! sentences of the engine for its catalogues. `make bindings` writes both.

use cardfile_core::commands;
use cardfile_testkit::{files_below, project};
use std::{collections::BTreeSet, fmt::Write};

#[test]
fn the_windows_types_are_those_of_the_command_table() {
    assert_fresh("ui/src/api/generated/commands.ts", &commands::bindings());
}

#[test]
fn the_catalogues_know_every_sentence_of_the_engine() {
    let mut text = String::from(
        "import type { MessageDescriptor } from \"@lingui/core\";\nimport { msg } from \"@lingui/core/macro\";\n\n\
         // Made from the sentences of the engine, so that the catalogues know them. Not edited by hand: `make bindings`.\n\
         export const SENTENCES: Record<string, MessageDescriptor> = {\n",
    );
    for template in templates() {
        let literal = serde_json::to_string(&template).expect("a text");
        writeln!(text, "  {literal}: msg({{ message: {literal} }}),").expect("memory");
    }
    text.push_str("};\n");
    assert_fresh("ui/src/api/generated/sentences.ts", &text);
}

/// The literals of every `say!("…")` below the doors, and labels; the command line speaks English only.
fn templates() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for path in files_below(&project().join("src-tauri"), &["rs"])
        .into_iter()
        .filter(|path| !path.components().any(|part| part.as_os_str() == "cli"))
    {
        let text = std::fs::read_to_string(&path).expect("a source");
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = program.lines().filter(|line| !line.trim_start().starts_with("//"));
        let program = code.collect::<Vec<_>>().join("\n");
        // Programs, layouts and rules to begin with are called by labels, which are names as well.
        for (at, mark) in program
            .match_indices("say!(")
            .chain(program.match_indices("    label: \"").map(|(at, _)| (at, "    label: ")))
        {
            let after = program[at + mark.len()..].trim_start();
            if let Some(literal) = after.strip_prefix('"') {
                let end = literal.find('"').expect("a literal ends");
                assert!(!literal[..end].contains('\\'), "{}: a sentence needs no escapes", path.display());
                let braces = |brace| literal[..end].matches(brace).count();
                assert_eq!(braces('{'), braces('}'), "{}: {}", path.display(), &literal[..end]);
                all.insert(literal[..end].to_owned());
            }
        }
    }
    all.extend(manifests());
    all
}

/// What manifests say to a person: labels, help, and what they take to be so.
fn manifests() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for path in files_below(&project().join("src-tauri/crates/connectors/manifests"), &["toml"]) {
        let text = std::fs::read_to_string(&path).expect("a manifest");
        for line in text.lines() {
            let said = ["label = \"", "help = \""].iter().find_map(|key| line.strip_prefix(key));
            all.extend(said.and_then(|said| said.split('"').next()).map(str::to_owned));
        }
        let assumed = text.split_once("assumed = [").and_then(|(_, rest)| rest.split_once(']'));
        all.extend(assumed.into_iter().flat_map(|(list, _)| quoted(list)));
    }
    all
}

/// The texts between quotation marks.
fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_place_that_a_sentence_names_is_in_the_window() {
    let read = |path: &str| std::fs::read_to_string(project().join("ui/src/screens").join(path)).expect("a page");
    let places = [
        ("Settings, ", read("settings/settings.tsx")),
        ("Privacy, ", read("privacy/privacy.tsx")),
        ("in the card, under ", read("contacts/parts.tsx")),
    ];
    let mut named = 0;
    for template in templates() {
        for (begins, page) in &places {
            let Some((_, rest)) = template.split_once(begins) else { continue };
            let place = rest.split(['.', ',', ':']).next().unwrap_or_default();
            // What is no name goes on with the sentence.
            if !place.starts_with(char::is_uppercase) {
                continue;
            }
            assert!(page.contains(&format!("`{place}`")), "{template} There is no {place}.");
            named += 1;
        }
    }
    assert!(named > 3, "{named}: the test looks for other words than there are");
}

fn assert_fresh(path: &str, fresh: &str) {
    let path = project().join(path);
    if std::env::var_os("CARDFILE_ACCEPT").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(&path, fresh).expect("writable");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == fresh, "{} is out of date: make bindings", path.display());
}
