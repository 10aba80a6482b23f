//! Keys with which other systems prove who somebody is.

use crate::remote_setup::first_line;
use cardfile_core::{
    Core, Error, IdentityKey, SecretText, Who,
    domain::{Sentence, import::Policy},
    identify::{self, ALGORITHMS, CLAIMS},
};
use cardfile_gateway::proof;
use clap::{Args, Subcommand, ValueEnum, builder::PossibleValuesParser};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Add a key, or change the one of this name.
    Add(AddArgs),
    /// Keys that there are and were.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Take a key away: it proves nothing any more.
    Revoke { name: String },
}

#[derive(Args)]
pub(crate) struct AddArgs {
    /// A token may name it as its kid.
    name: String,
    /// The one algorithm that it is used with.
    #[arg(long, value_name = "ALGORITHM", value_parser = PossibleValuesParser::new(ALGORITHMS))]
    alg: String,
    /// Whose external IDs it proves.
    #[arg(long, value_name = "REMOTE")]
    remote: String,
    /// Account, inbox or bot of the remote.
    #[arg(long, default_value = "")]
    scope: String,
    /// What a token must say of who made it.
    #[arg(long, default_value = "")]
    issuer: String,
    /// What it must say of whom it is for.
    #[arg(long, default_value = "")]
    audience: String,
    /// Fields that what it says may be written to.
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(CLAIMS))]
    claims: Vec<String>,
    /// How they may change a card.
    #[arg(long, value_enum, default_value_t = PolicyArg::Fill)]
    policy: PolicyArg,
    /// Make a card of whoever is not here yet.
    #[arg(long)]
    create: bool,
    /// How long a proof counts.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    minutes: u32,
    /// The public key (PEM) of RS256 and ES256.
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// The secret of HS256 and user_hash is the first line of this file descriptor.
    #[arg(long, value_name = "FD", conflicts_with = "public_key")]
    secret_fd: Option<u32>,
}

#[derive(Clone, Copy, ValueEnum)]
enum PolicyArg {
    /// Only what is empty is filled.
    Fill,
    /// What a proof says wins over the card.
    Newest,
}

pub(crate) fn key(core: &Core, command: KeyCommand, who: &Who) -> Result<(), Error> {
    match command {
        KeyCommand::Add(args) => {
            let public_key = args.public_key.as_deref().map(|file| public(file, &args.alg)).transpose()?;
            let secret = args.secret_fd.map(first_line).transpose()?.map(SecretText::new);
            let key = IdentityKey {
                name: args.name,
                algorithm: args.alg,
                public_key: public_key.unwrap_or_default(),
                connector: args.remote,
                scope: args.scope,
                issuer: args.issuer,
                audience: args.audience,
                claims: args.claims,
                policy: match args.policy {
                    PolicyArg::Fill => Policy::Fill,
                    PolicyArg::Newest => Policy::Newest,
                },
                creates: args.create,
                grant_minutes: args.minutes,
                ..IdentityKey::default()
            };
            println!("{}", identify::put_key(core, &key, secret, who)?);
        }
        KeyCommand::List { json } => identify::keys(core)?.iter().for_each(|key| show(key, json)),
        KeyCommand::Revoke { name } => identify::revoke_key(core, &name, who)?,
    }
    Ok(())
}

fn public(file: &Path, algorithm: &str) -> Result<String, Error> {
    let text = fs::read_to_string(file).map_err(|error| Error::io(file, &error))?;
    if proof::is_public_key(&text, algorithm) {
        return Ok(text);
    }
    let said = format!("{} is no public key (PEM) for {algorithm}", file.display());
    Err(Error::bad_request(Sentence::verbatim(said)))
}

fn show(key: &IdentityKey, json: bool) {
    let IdentityKey { id, name, algorithm, connector, scope, issuer, audience, claims, .. } = key;
    if json {
        println!(
            "{}",
            json!({
                "id": id, "name": name, "alg": algorithm, "remote": connector, "scope": scope, "issuer": issuer,
                "audience": audience, "claims": claims, "create": key.creates, "minutes": key.grant_minutes,
                "created_at": key.created_at.to_rfc3339(), "revoked_at": key.revoked_at.map(|at| at.to_rfc3339()),
            })
        );
        return;
    }
    let gone = if key.revoked_at.is_some() { "  revoked" } else { "" };
    println!("{id}  {name}  {algorithm}  {connector} {scope}  {}{gone}", claims.join(","));
}
