//! Lists the manifests that come with the program: each file of `manifests` is one, so that
//! a new system is a file there and nothing else.

use std::{
    env, fs,
    io::{self, Write as _},
    path::PathBuf,
};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("manifests");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
    files.sort();
    let mut list = String::from("&[");
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        list.push_str(&format!("({name:?}, include_str!({file:?})),"));
    }
    list.push(']');
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("manifests.rs"), list)?;
    writeln!(io::stdout(), "cargo::rerun-if-changed=manifests")
}
