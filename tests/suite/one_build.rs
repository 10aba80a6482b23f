//! What is tested is what ships: cargo gives a crate the features that all who use it ask for,
//! and one that only tests use could ask for more. Then the crates of the window would also be
//! built twice. (A crate that build scripts use too has one line for each set of features: that
//! one grows into the other is not seen.)

use cardfile_testkit::project;
use std::{collections::BTreeSet, process::Command};

/// Name and version of a crate with its features, a line each. `edges` is which dependencies count.
#[expect(clippy::disallowed_methods, reason = "what is asked is what the build is told")]
fn features(edges: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--locked", "--prefix", "none", "--color", "never"])
        .args(["--edges", edges, "--format", "{p} [{f}]"])
        .current_dir(project())
        .output()
        .expect("cargo");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).expect("UTF-8").lines().map(|line| line.replace(" (*)", "")).collect()
}

#[test]
fn the_window_is_built_with_the_features_its_tests_have() {
    let name = |line: &str| line.split(" [").next().expect("a name").to_owned();
    let shipped = features("normal,build");
    let tested = features("normal,build,dev");
    assert!(shipped.len() > 100, "{shipped:?}");
    let names: BTreeSet<_> = shipped.iter().map(|line| name(line)).collect();
    let differing: Vec<_> = tested.difference(&shipped).filter(|line| names.contains(&name(line))).collect();
    assert!(differing.is_empty(), "with its tests a crate is another one: {differing:#?}");
}
