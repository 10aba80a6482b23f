//! How tests connect a workspace with a system that a manifest describes: by what a person fills
//! into the form.

use crate::who;
use cardfile_core::{
    Core,
    sync::setup::{self, NewManifest},
};

/// With a manifest that comes with the program. `settings` are names and values of its form.
pub fn connect(core: &Core, name: &str, kind: &str, settings: &[(&str, String)]) {
    add(core, name, kind, "", settings);
}

/// With a manifest of the person's own.
pub fn connect_by(core: &Core, name: &str, manifest: &str, settings: &[(&str, String)]) {
    add(core, name, "", manifest, settings);
}

fn add(core: &Core, name: &str, kind: &str, manifest: &str, settings: &[(&str, String)]) {
    let new = NewManifest {
        name: name.to_owned(),
        kind: kind.to_owned(),
        fields: settings.iter().map(|(field, value)| ((*field).to_owned(), value.clone())).collect(),
        manifest: manifest.to_owned(),
    };
    setup::add(core, new, &who()).expect("a connection");
}
