//! Agents from the terminal: what each may, what it would see, what it asked for.

use crate::unlock;
use cardfile_core::{
    Core, Error, Who,
    agents::{self, calls, configuration, fields, grants, pack, proposals, review},
    domain::{
        Millis, Sentence,
        agent::{ActionGrant, AgentClient, ClientSort, Tool},
        time::DateOrder,
    },
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

#[derive(Subcommand)]
pub(crate) enum AgentCommand {
    /// Let a program read these fields of whom it talks with, and turn it on.
    Approve(ApproveArgs),
    /// All clients.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// What a client may, and whom it may see now.
    Show {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Revoke a client for good.
    Revoke { name: String },
    /// Pause a client: it gets nothing until it is resumed.
    Pause { name: String },
    /// Turn a client on again.
    Resume {
        name: String,
        /// Why, although the review says no.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Stop all clients at once.
    Stop,
    /// Let them ask again.
    Start,
    /// What can be approved.
    Fields {
        #[arg(long)]
        json: bool,
    },
    /// Whether a client may be turned on: the four conditions.
    Review { name: String },
    /// Exactly what a client would see of a contact.
    Preview { name: String, contact: String },
    /// Let a client see a contact without a proof, for a while.
    Allow {
        name: String,
        contact: String,
        /// Minutes; those of the client by default.
        #[arg(long)]
        minutes: Option<u32>,
    },
    /// End a grant before its time.
    End { grant: String },
    /// What agents want to be written, and wait for.
    Proposals {
        /// Of one client alone.
        name: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Decide a proposal: approve, reject, or always for this kind of it.
    Decide { proposal: String, choice: String },
    /// Let a client ask again for what it need not ask: memory, task, field:job_title.
    AskAgain { name: String, word: String },
    /// Every call, newest first, with the fields that left.
    Calls(CallsArgs),
    /// Why nobody was found by an ID: those that are nearly it.
    WhyNot { id: String },
    /// What to paste into the program that is to ask.
    Config { name: String },
}

#[derive(Args)]
pub(crate) struct ApproveArgs {
    name: String,
    /// Fields that it may read; name, description and preferences by default.
    #[arg(long, value_delimiter = ',')]
    fields: Option<Vec<String>>,
    /// Tools that it may use; all by default.
    #[arg(long, value_delimiter = ',')]
    tools: Option<Vec<String>>,
    /// What it reads for: whoever may not be used for it is not shown to it.
    #[arg(long)]
    purpose: Option<String>,
    /// It talks with somebody of the business, who may name any card and read saved views.
    #[arg(long)]
    staff: bool,
    /// Until when it may ask.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Calls a minute.
    #[arg(long)]
    per_minute: Option<u32>,
    /// Minutes for which it may see a person after they were verified.
    #[arg(long)]
    minutes: Option<u32>,
    /// What one action of it gets: refund:name,email:support:2027-01-31
    #[arg(long, value_name = "ACTION:FIELDS:PURPOSE:UNTIL")]
    action: Vec<String>,
    /// Why, although the review says no.
    #[arg(long, default_value = "")]
    reason: String,
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct CallsArgs {
    /// Of one client alone.
    name: Option<String>,
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// All that are kept, into a file.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// Serves one client over the standard input and output.
pub(crate) fn mcp(dir: &Path, client: &str) -> Result<(), Error> {
    cardfile_gateway::mcp::serve(Arc::new(unlock::open(dir)?), client)
}

pub(crate) fn agent(dir: &Path, command: AgentCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        AgentCommand::Approve(args) => approve(&core, args, who)?,
        AgentCommand::List { json } => list(&core, json)?,
        AgentCommand::Show { name, json } => show(&core, &name, json)?,
        AgentCommand::Revoke { name } => agents::revoke(&core, &name, who)?,
        AgentCommand::Pause { name } => agents::turn_off(&core, &name, who)?,
        AgentCommand::Resume { name, reason } => {
            agents::turn_on(&core, &name, &reason, who)?;
        }
        AgentCommand::Stop => agents::stop(&core, true, who)?,
        AgentCommand::Start => agents::stop(&core, false, who)?,
        AgentCommand::Fields { json } => {
            for one in fields::approvable(&core)? {
                if json {
                    println!("{}", json!({ "field": one.key, "class": one.class, "default": one.is_default }));
                } else {
                    println!("{:<24} {:<12} {}", one.key, one.class, one.label);
                }
            }
        }
        AgentCommand::Review { name } => {
            for row in review::review(&core, &agents::find(&core, &name)?)? {
                let word = if row.is_met { "yes" } else { "no" };
                println!("{word:<4} {:<16} {}", row.about, row.evidence);
            }
        }
        AgentCommand::Preview { name, contact } => {
            let seen = pack::preview(&core, &agents::find(&core, &name)?, &contact)?;
            if let Some(bar) = seen.barred {
                eprintln!("It would see nothing of this contact: {}", bar.sentence());
            }
            println!("{:#}", seen.packed);
        }
        AgentCommand::Allow { name, contact, minutes } => {
            println!("{}", grants::confirm(&core, &name, &contact, minutes, who)?.id);
        }
        AgentCommand::End { grant } => {
            println!("{}", if grants::end(&core, &grant, who)? { "ended" } else { "was ended already" });
        }
        AgentCommand::Proposals { name, json } => waiting(&core, name.as_deref(), json)?,
        AgentCommand::Decide { proposal, choice } => {
            let decision = proposals::Decision::parse(&choice)
                .ok_or_else(|| Error::bad_request(said(format!("there is no decision {choice}"))))?;
            if let Some(operation) = proposals::decide(&core, &proposal, decision, who)?.operation {
                println!("Undo with: cardfile undo {operation}");
            }
        }
        AgentCommand::AskAgain { name, word } => proposals::ask_again(&core, &name, &word, who)?,
        AgentCommand::Calls(args) => show_calls(&core, &args)?,
        AgentCommand::WhyNot { id } => {
            for near in grants::why_not(&core, &id)? {
                println!("{}  {}", near.link.external_id, near.difference);
            }
        }
        AgentCommand::Config { name } => {
            let client = agents::find(&core, &name)?;
            for one in configuration::snippets(&client, core.store().dir(), &configuration::command()) {
                println!("{} {}\n{}\n", one.label, one.file, one.text.trim_end());
            }
        }
    }
    Ok(())
}

fn approve(core: &Core, args: ApproveArgs, who: &Who) -> Result<(), Error> {
    let is_meant = |one: &AgentClient| one.id == args.name || (one.name == args.name && one.revoked_at.is_none());
    let known = agents::all(core)?.into_iter().find(is_meant).unwrap_or_else(|| AgentClient::new(&args.name));
    let mut client = known.clone();
    if let Some(fields) = args.fields {
        client.fields = fields;
    }
    if let Some(names) = args.tools {
        client.tools = names.iter().map(|name| tool(name.trim())).collect::<Result<_, _>>()?;
    }
    if let Some(purpose) = args.purpose {
        client.purpose = purpose;
    }
    if args.staff {
        client.sort = ClientSort::Staff;
    }
    if let Some(until) = &args.until {
        client.expires_at = Some(moment(until)?);
    }
    client.per_minute = args.per_minute.unwrap_or(client.per_minute);
    client.grant_minutes = args.minutes.unwrap_or(client.grant_minutes);
    if !args.action.is_empty() {
        client.actions = args.action.iter().map(|text| action(text)).collect::<Result<_, _>>()?;
    }
    let client = agents::approve_seen(core, Some(&known), &client, &args.reason, who)?;
    if args.json {
        println!("{}", json!(client));
    } else {
        println!("{}  {} reads {}", client.id, client.name, client.fields.join(", "));
        println!("Show it what to start: cardfile agent config {}", client.id);
    }
    Ok(())
}

/// `refund:name,email:support:2027-01-31`
fn action(text: &str) -> Result<ActionGrant, Error> {
    let mut parts = text.splitn(4, ':');
    let mut part = || parts.next().unwrap_or_default().trim().to_owned();
    let (tool, fields, purpose, until) = (part(), part(), part(), part());
    let expires_at = if until.is_empty() { None } else { Some(moment(&until)?) };
    let fields = fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect();
    Ok(ActionGrant { tool, fields, purpose, expires_at })
}

fn tool(name: &str) -> Result<Tool, Error> {
    Tool::parse(name).ok_or_else(|| Error::bad_request(said(format!("there is no tool {name}"))))
}

fn moment(text: &str) -> Result<Millis, Error> {
    Millis::parse(text, DateOrder::DayFirst).ok_or_else(|| Error::bad_request(said(format!("{text} is no time"))))
}

fn said(text: String) -> Sentence {
    Sentence::verbatim(text)
}

fn list(core: &Core, json: bool) -> Result<(), Error> {
    if agents::is_stopped(core)? && !json {
        println!("All clients are stopped: cardfile agent start lets them ask again.");
    }
    for client in agents::all(core)? {
        let state = state(core, &client);
        if json {
            println!("{}", with_state(&client, &state));
        } else {
            println!("{}  {}  {state}: {}", client.id, client.name, client.fields.join(", "));
        }
    }
    Ok(())
}

/// `on`, or why it gets nothing.
fn state(core: &Core, client: &AgentClient) -> String {
    let now = core.store().environment().clock.now();
    client.may_ask(now).map_or_else(|refusal| refusal.as_str().to_owned(), |()| "on".to_owned())
}

fn with_state(client: &AgentClient, state: &str) -> serde_json::Value {
    let mut value = json!(client);
    value["state"] = json!(state);
    value
}

fn show(core: &Core, name: &str, json: bool) -> Result<(), Error> {
    let client = agents::find(core, name)?;
    let state = state(core, &client);
    let held = grants::held(core, &client)?;
    if json {
        let mut value = with_state(&client, &state);
        let grant = |one: &grants::Held| {
            json!({ "id": one.grant.id, "contact": one.card.0, "how": one.grant.how.as_str(),
                "until": one.grant.expires_at.to_rfc3339_seconds() })
        };
        value["grants"] = held.iter().map(grant).collect();
        println!("{value}");
        return Ok(());
    }
    println!("{}  {}  {state}", client.id, client.name);
    println!("  {:<12} {}", "reads", client.fields.join(", "));
    let tools: Vec<&str> = client.tools.iter().map(|tool| tool.as_str()).collect();
    println!("  {:<12} {}", "tools", tools.join(", "));
    for (word, text) in [("purpose", &client.purpose), ("overruled", &client.reason)] {
        if !text.is_empty() {
            println!("  {word:<12} {text}");
        }
    }
    for one in &client.actions {
        println!("  {:<12} {}: {}", "action", one.tool, one.fields.join(", "));
    }
    for word in &client.always {
        println!("  {:<12} {word}", "need not ask");
    }
    for one in held {
        let (until, how) = (one.grant.expires_at.to_rfc3339_seconds(), grants::how_said(one.grant.how));
        println!("  {:<12} {} {} until {until}, {how}", one.grant.id, one.card.0, one.card.1);
    }
    Ok(())
}

fn waiting(core: &Core, name: Option<&str>, json: bool) -> Result<(), Error> {
    for one in proposals::waiting(core, name)? {
        if json {
            println!(
                "{}",
                json!({ "id": one.proposal.id, "client": one.client, "contact": one.card.0,
                    "sort": one.proposal.sort.as_str(), "field": one.proposal.field, "says": one.says.to_string(),
                    "more": one.more, "at": one.proposal.at.to_rfc3339() })
            );
        } else {
            println!("{}  {}, for {}: {}", one.proposal.id, one.client, one.card.1, one.says);
            for line in one.more.iter().flat_map(|text| text.lines()) {
                println!("  {line}");
            }
        }
    }
    Ok(())
}

fn show_calls(core: &Core, args: &CallsArgs) -> Result<(), Error> {
    if let Some(file) = &args.export {
        println!("{} calls in {}", calls::export(core, file)?, file.display());
        return Ok(());
    }
    for one in calls::list(core, args.name.as_deref(), None, args.limit)? {
        if args.json {
            println!("{}", calls::to_json(&one));
            continue;
        }
        let name = one.card.as_ref().map_or("nobody", |(_, name)| name.as_str());
        let (at, call) = (one.call.at.to_rfc3339_seconds(), &one.call);
        let left = if call.why.is_empty() { call.fields.join(", ") } else { call.why.clone() };
        println!("{at}  {}  {:<20} {:<8} {name}: {left}", one.client, call.tool, call.result);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_read_with_its_fields_its_purpose_and_its_end() {
        let all = action("refund:name,email:support:2027-01-31T10:00:00Z").expect("an action");
        assert_eq!((all.tool.as_str(), all.purpose.as_str()), ("refund", "support"));
        assert_eq!(all.fields, ["name", "email"]);
        assert_eq!(all.expires_at.map(Millis::to_rfc3339_seconds).as_deref(), Some("2027-01-31T10:00:00Z"));
        let bare = action("refund").expect("an action");
        assert!(bare.fields.is_empty() && bare.expires_at.is_none());
        assert!(action("refund:name::soon").is_err());
    }
}
