//! Automation rules from the terminal.

use crate::{Terminal, unlock};
use cardfile_core::{
    Error, Who, automations,
    domain::{
        Sentence,
        automation::{Automation, AutomationState},
    },
    parts,
};
use clap::Subcommand;
use serde_json::json;
use std::path::Path;

#[derive(Subcommand)]
pub(crate) enum AutomationCommand {
    /// All of them in the order in which they act.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Rules to begin with.
    Templates,
    /// Add one of the templates; it does nothing before it is turned on.
    Add { template: String },
    /// Say what a rule would do now, and write nothing.
    Preview {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Turn a rule on; it is done once for everybody it is about.
    On { name: String },
    /// Let the rules that are on look at what happened since they last did. An open
    /// window does this by itself.
    Run,
    /// Turn a rule off.
    Off { name: String },
    /// Delete a rule; what it did stays.
    Delete { name: String },
}

pub(crate) fn automation(dir: &Path, command: AutomationCommand, who: &Who) -> Result<(), Error> {
    let core = unlock::open(dir)?;
    match command {
        AutomationCommand::List { json } => {
            for one in automations::all(&core)? {
                let state = match one.state {
                    AutomationState::Off => "off",
                    AutomationState::On => "on",
                    AutomationState::Stopped => "stopped",
                };
                if json {
                    println!("{}", json!({ "rule": one, "sentence": one.sentence() }));
                } else {
                    println!("{state:>9} {}: {}", one.name, one.sentence());
                }
            }
        }
        AutomationCommand::Templates => {
            for one in automations::templates() {
                println!("{}: {}", one.name, one.sentence());
            }
        }
        AutomationCommand::Add { template } => {
            let all = automations::templates();
            let found = all.iter().find(|one| one.name.eq_ignore_ascii_case(&template));
            let rule = found.ok_or_else(|| Error::not_found(Sentence::verbatim(format!("the template {template}"))))?;
            println!("{}", automations::put(&core, rule, who)?.0);
        }
        AutomationCommand::Preview { name, json } => {
            let found = automations::preview(&core, &automations::find(&core, &name)?)?;
            if json {
                let counts = json!({ "matching": found.matching, "changing": found.changing,
                    "by_hand": found.by_hand, "guarded": found.guarded, "already": found.already, "tasks": found.tasks });
                println!("{counts}");
                return Ok(());
            }
            println!("{:>9} contacts would change", found.changing);
            println!("{:>9} are left alone: a person set their stage", found.by_hand);
            println!("{:>9} are left alone: the rule did so lately", found.guarded);
            println!("{:>9} are so already", found.already);
            println!("{:>9} contacts it is about", found.matching);
            println!("{:>9} tasks would be made", found.tasks);
        }
        AutomationCommand::On { name } => {
            let (changed, operation) = automations::turn_on(&core, &name, who, &Terminal)?;
            println!("{changed:>9} contacts changed");
            if let Some(operation) = operation {
                println!("Undo with: cardfile undo {operation}");
            }
        }
        AutomationCommand::Run => {
            for ran in automations::catch_up(&core)? {
                match ran.operation {
                    Some(operation) => println!("{:>9} contacts changed by {} ({operation})", ran.changed, ran.rule),
                    None => println!("{:>9} contacts: {} stopped, and asks to be turned on", ran.changed, ran.rule),
                }
            }
        }
        AutomationCommand::Off { name } => {
            automations::turn_off(&core, &name, who)?;
        }
        AutomationCommand::Delete { name } => {
            let known = automations::find(&core, &name)?;
            parts::remove::<Automation>(&core, &known.id, who)?;
            println!("{} is gone; what it did stays", known.name);
        }
    }
    Ok(())
}
