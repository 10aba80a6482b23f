//! The door for other programs, from the terminal: open it, and hand out tokens.

use crate::unlock;
use cardfile_core::{
    Client, Error, Who,
    clients::{self, FIELDS, NewClient, PER_MINUTE, Scope},
    domain::Millis,
};
use cardfile_gateway::serve::{self, Place, Settings};
use clap::{
    Args, Subcommand,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use serde_json::json;
use std::{path::Path, sync::Arc};

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Port on this computer; any that is free by default.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// An origin that is let in besides programs, as `https://shop.example`.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Say where it is as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Stays until it is told to end.
pub(crate) fn serve(dir: &Path, args: ServeArgs) -> Result<(), Error> {
    let core = Arc::new(unlock::open(dir)?);
    let settings = Settings { port: args.port, origins: args.origins };
    serve::run(core, &settings, |Place { address, pid }| {
        if args.json {
            println!("{}", json!({ "address": address.to_string(), "pid": pid }));
        } else {
            println!("Open at http://{address}/v1 until this program ends.");
        }
    })
}

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a client with a token, which is shown once.
    Create(CreateArgs),
    /// Take the token of a client away, at once and for ever.
    Revoke { name: String },
    /// Clients, with what they may do and when they were here last.
    List {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    name: String,
    /// What it may do, with commas between.
    #[arg(long, value_delimiter = ',', required = true, value_parser = scopes())]
    scopes: Vec<Scope>,
    /// The purpose it serves: it sees nobody who may not be used for it.
    #[arg(long, default_value = "", value_name = "PURPOSE")]
    purpose: String,
    /// Fields it is told of whom it proved to speak with.
    #[arg(long, value_delimiter = ',', default_values_t = FIELDS.map(str::to_owned))]
    fields: Vec<String>,
    /// Requests it may make in a minute.
    #[arg(long, default_value_t = PER_MINUTE, value_parser = clap::value_parser!(u32).range(1..))]
    per_minute: u32,
    /// Days after which the token does not count any more; 0 for never.
    #[arg(long, default_value_t = 0)]
    days: u32,
    #[arg(long)]
    json: bool,
}

fn scopes() -> impl TypedValueParser<Value = Scope> {
    let words = Scope::ALL.iter().map(|scope| PossibleValue::new(scope.as_str()).help(scope.about()));
    PossibleValuesParser::new(words).try_map(|word| Scope::parse(&word).ok_or("no scope"))
}

pub(crate) fn token(dir: &Path, command: TokenCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        TokenCommand::Create(args) => {
            let CreateArgs { name, scopes, purpose, fields, per_minute, days, json } = args;
            let new = NewClient { name, scopes, fields, purpose, per_minute, days };
            let (client, token) = clients::create(&core, &new, who)?;
            if json {
                println!("{}", json!({ "token": token }));
            } else {
                eprintln!("Token of {}, shown once:", client.name);
                println!("{token}");
            }
        }
        TokenCommand::Revoke { name } => clients::revoke(&core, &name, who)?,
        TokenCommand::List { json } => clients::all(&core)?.iter().for_each(|client| show(client, json)),
    }
    Ok(())
}

fn show(client: &Client, json: bool) {
    let time = |at: Option<Millis>| at.map(Millis::to_rfc3339);
    let Client { id, name, scopes, fields, purpose, per_minute, .. } = client;
    if json {
        println!(
            "{}",
            json!({
                "id": id, "name": name, "scopes": scopes, "fields": fields, "purpose": purpose,
                "per_minute": per_minute, "created_at": client.created_at.to_rfc3339(),
                "expires_at": time(client.expires_at), "last_used_at": time(client.last_used_at),
                "revoked_at": time(client.revoked_at),
            })
        );
        return;
    }
    let last = time(client.last_used_at).unwrap_or_else(|| "never here".to_owned());
    let gone = if client.revoked_at.is_some() { "  revoked" } else { "" };
    println!("{id}  {name}  {}  {last}{gone}", scopes.join(","));
}
