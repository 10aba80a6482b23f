//! How connections are set up from the terminal: forms, manifests and secrets.

use cardfile_core::{
    Core, Error, SecretText, Who,
    domain::Sentence,
    sync::{
        belongings,
        remotes::{self, Known, NewRemote},
        setup::{self, NewManifest},
    },
};
use clap::Args;
use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
};

#[derive(Args)]
pub(crate) struct AddArgs {
    name: String,
    /// carddav, postgres, hubspot and others: see cardfile remote kinds.
    #[arg(long, default_value = "")]
    kind: String,
    /// A manifest of your own.
    #[arg(long, value_name = "FILE", conflicts_with = "kind")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    fields: FieldArgs,
    /// Address of the server, of the account or of the address book; of a database
    /// postgres://HOST/DATABASE
    #[arg(long, default_value = "")]
    url: String,
    #[arg(long, default_value = "")]
    user: String,
    /// File descriptor whose first line is the password.
    #[arg(long, value_name = "N")]
    password_fd: Option<u32>,
    /// Address of the address book, or name of the workspace, where there are several.
    #[arg(long, default_value = "", value_name = "URL")]
    place: String,
}

/// What the form of a manifest is filled in with.
#[derive(Args)]
pub(crate) struct FieldArgs {
    /// A field of the form: chatbot=abc
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// A secret field, and the file descriptor whose first line it is: token=3
    #[arg(long = "secret-fd", value_name = "NAME=N")]
    secrets: Vec<String>,
}

impl FieldArgs {
    pub(crate) fn read(self) -> Result<BTreeMap<String, String>, Error> {
        let pair = |text: &str| {
            let pair = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
            pair.ok_or_else(|| Error::bad_request(Sentence::verbatim(format!("{text} is not like NAME=VALUE"))))
        };
        let mut all: BTreeMap<String, String> = self.fields.iter().map(|text| pair(text)).collect::<Result<_, _>>()?;
        for text in &self.secrets {
            let (name, number) = pair(text)?;
            let number = number.parse();
            let number =
                number.map_err(|_| Error::bad_request(Sentence::verbatim(format!("{text} names no number"))))?;
            all.insert(name, first_line(number)?);
        }
        Ok(all)
    }
}

pub(crate) fn add(core: &Core, args: AddArgs, who: &Who) -> Result<Known, Error> {
    let AddArgs { name, kind, manifest, fields, url, user, password_fd, place } = args;
    let fields = fields.read()?;
    if fields.is_empty() && manifest.is_none() {
        let password = SecretText::new(password_fd.map(first_line).transpose()?.unwrap_or_default());
        return remotes::add(core, NewRemote { name, kind, url, user, password, place }, who);
    }
    let manifest = manifest.as_deref().map(read).transpose()?.unwrap_or_default();
    setup::add(core, NewManifest { name, kind, fields, manifest }, who)
}

fn read(file: &Path) -> Result<String, Error> {
    std::fs::read_to_string(file).map_err(|error| Error::io(file, &error))
}

pub(crate) fn manifest(file: Option<&Path>) -> Result<(), Error> {
    let Some(file) = file else {
        println!("{:#}", setup::schema());
        return Ok(());
    };
    let (described, form) = setup::form_of(&read(file)?)?;
    let about = &described.written().connector;
    println!("{} (version {}) can be used", about.label, about.version);
    for field in form {
        println!("  {}{}", field.config.name, if field.is_required { ", has to be filled in" } else { "" });
    }
    described.cannot().iter().for_each(|what| println!("  {what}"));
    about.assumed.iter().for_each(|what| println!("  Taken to be so: {what}"));
    Ok(())
}

pub(crate) fn kinds() {
    for (kind, label) in remotes::kinds() {
        println!("{kind}  {label}");
        for field in setup::form(kind) {
            let needed = if field.is_required { " (has to be filled in)" } else { "" };
            println!("  {}: {}{needed}", field.config.name, field.config.label);
        }
    }
}

pub(crate) fn tell_fetched(fetched: &belongings::Fetched) {
    for (number, what) in [
        (fetched.contacts, "contacts were asked about"),
        (fetched.conversations, "conversations are new, or have new messages"),
        (fetched.tasks, "tasks are new or changed"),
        (fetched.memories, "memories are new"),
        (fetched.ratings, "ratings are new"),
        (fetched.spaces, "spaces are new: their names"),
        (fetched.secrets, "secrets are new: their names"),
        (fetched.left_out, "were not taken"),
    ] {
        println!("{number:>9} {what}");
    }
}

/// The first line of an open file descriptor.
pub(crate) fn first_line(number: u32) -> Result<String, Error> {
    let path = PathBuf::from(format!("/dev/fd/{number}"));
    let mut text = String::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(4096).read_to_string(&mut text))
        .map_err(|error| Error::io(&path, &error))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
