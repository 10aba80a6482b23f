//! The TypeScript side of the command table is fresh: `make bindings` writes it.

use cardfile_core::commands;
use cardfile_testkit::project;

#[test]
fn the_windows_types_are_those_of_the_command_table() {
    let path = project().join("ui/src/api/generated/commands.ts");
    let fresh = commands::bindings();
    if std::env::var_os("CARDFILE_ACCEPT").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(&path, &fresh).expect("writable");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == fresh, "{} is out of date: make bindings", path.display());
}
