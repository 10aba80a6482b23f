//! The house rules that a compiler does not check.

use cardfile_testkit::{files_below, project};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Who may depend on whom. Everything not listed is forbidden.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("formats", &["domain"]),
    ("sync", &["domain"]),
    ("connectors", &["domain", "formats", "sync"]),
    ("core", &["domain", "store", "formats", "sync", "connectors"]),
    ("gateway", &["core"]),
    ("cli", &["core", "gateway"]),
];

/// Crates that only one of ours may name.
const OWNED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("tauri", &[]),
    ("reqwest", &["connectors"]),
    ("libdav", &["connectors"]),
    ("tokio", &["connectors", "gateway"]),
    ("rmcp", &["gateway"]),
    ("hyper", &["gateway"]),
    ("csv", &["formats"]),
    ("keyring-core", &["store"]),
];

fn manifests() -> BTreeMap<String, String> {
    let crates = project().join("src-tauri/crates");
    std::fs::read_dir(crates)
        .expect("the crates")
        .map(|entry| entry.expect("a crate"))
        .map(|entry| {
            let manifest = std::fs::read_to_string(entry.path().join("Cargo.toml")).expect("a manifest");
            (entry.file_name().to_string_lossy().into_owned(), manifest)
        })
        .collect()
}

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap_or(("", ""));
    rest.lines()
        .take_while(|line| !line.starts_with('[') || line.starts_with("[target"))
        .filter_map(|line| line.split_once(" = ").map(|(name, _)| name.to_owned()))
        .collect()
}

#[test]
fn dependencies_point_down_to_domain() {
    let manifests = manifests();
    let known: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(manifests.keys().map(String::as_str).collect::<BTreeSet<_>>(), known, "every crate has its arrows");
    for (name, allowed) in ARROWS {
        for dependency in dependencies(&manifests[*name]) {
            if let Some(ours) = dependency.strip_prefix("cardfile-") {
                assert!(allowed.contains(&ours), "{name} may not depend on {ours}");
            }
            if let Some((_, owners)) = OWNED.iter().find(|(owned, _)| *owned == dependency) {
                assert!(owners.contains(name), "{name} may not name {dependency}");
            }
        }
    }
}

#[test]
fn the_top_level_is_the_agreed_one() {
    let allowed = ["src-tauri", "ui", "assets", "tests", "target"];
    for entry in std::fs::read_dir(project()).expect("the project") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let folder = entry.path().is_dir() && !name.starts_with('.');
        assert!(!folder || allowed.contains(&name.as_str()), "{name} is not an agreed folder");
    }
}

#[test]
fn the_tests_leave_nothing_beside_themselves() {
    for entry in std::fs::read_dir(project().join("tests")).expect("the tests") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let known = ["Cargo.toml", "bench", "fixtures", "kit", "live", "out", "sim", "stories", "suite"];
        assert!(known.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn no_source_file_grows_beyond_a_thousand_lines_or_hides_its_purpose() {
    for path in sources(&project().join("src-tauri")).into_iter().chain(sources(&project().join("tests"))) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        for hollow in ["utils", "util", "helpers", "helper", "common", "misc", "manager", "service"] {
            assert_ne!(name, hollow, "{}", path.display());
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(text.lines().count() <= 1_000, "{} is too long", path.display());
    }
}

#[test]
fn sql_is_written_in_the_store_only() {
    for (name, _) in ARROWS.iter().filter(|(name, _)| *name != "store") {
        for path in sources(&project().join("src-tauri/crates").join(name)) {
            let text = std::fs::read_to_string(&path).expect("readable");
            for word in ["SELECT ", "INSERT INTO", "DELETE FROM", "PRAGMA "] {
                assert!(!text.contains(word), "{} has SQL", path.display());
            }
        }
    }
}

#[test]
fn a_screen_never_imports_another_screen() {
    let screens = project().join("ui/src/screens");
    for path in files_below(&screens, &["ts", "tsx"]) {
        let text = std::fs::read_to_string(&path).expect("readable");
        let own = path.parent().and_then(Path::file_name).expect("a screen").to_string_lossy().into_owned();
        for target in text.split(" from \"../").skip(1).filter_map(|rest| rest.split('"').next()) {
            let is_above = target.starts_with("../");
            assert!(is_above && !target.contains("screens/"), "{} in {own} imports {target}", path.display());
        }
    }
}

#[test]
fn the_readme_names_only_commands_that_exist() {
    let readme = std::fs::read_to_string(project().join("README.md")).expect("a README");
    let makefile = std::fs::read_to_string(project().join("Makefile")).expect("a Makefile");
    let named: BTreeSet<&str> =
        readme.split("`make ").skip(1).filter_map(|rest| rest.split(['`', ' ']).next()).collect();
    assert!(!named.is_empty());
    for target in named {
        assert!(makefile.contains(&format!("\n{target}:")), "make {target} is in the README only");
    }
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    files_below(dir, &["rs"])
}
