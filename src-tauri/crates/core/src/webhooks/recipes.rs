//! How the programs that carry messages on are set up, step by step, and which part of a
//! message goes into which field of a lead there.

use cardfile_domain::{Sentence, say};

/// How one program is set up.
pub struct Recipe {
    /// Its name.
    pub name: &'static str,
    /// What a person does, in order.
    pub steps: Vec<Sentence>,
    /// Fields of a lead there, and the parts of a message that they take (JSON Pointer).
    pub fields: &'static [(&'static str, &'static str)],
}

/// A lead of Salesforce; `LastName` and `Company` are asked for there.
const LEAD: &[(&str, &str)] = &[
    ("LastName", "/data/last_name"),
    ("FirstName", "/data/first_name"),
    ("Company", "/data/company"),
    ("Email", "/data/email"),
    ("Phone", "/data/phone"),
    ("LeadSource", "/data/source"),
    ("CardfileId__c", "/data/id"),
];

/// A contact of any other program.
const CONTACT: &[(&str, &str)] = &[
    ("name", "/data/name"),
    ("email", "/data/email"),
    ("phone", "/data/phone"),
    ("company", "/data/company"),
    ("external_id", "/data/id"),
];

/// All that we know.
pub fn all() -> Vec<Recipe> {
    let here = || say!("Add a webhook here with that address, approve the fields, turn it on, and send a test.");
    vec![
        Recipe {
            name: "Zapier",
            steps: vec![
                say!("In Zapier, make a Zap that begins with Webhooks by Zapier, Catch Hook, and copy its address."),
                here(),
                say!("In Zapier, find the test, then add a filter: event is contact.created."),
                say!("Add Salesforce, Create Lead, fill the fields as below, and publish the Zap."),
            ],
            fields: LEAD,
        },
        Recipe {
            name: "Make",
            steps: vec![
                say!("In Make, begin a scenario with Webhooks, Custom webhook, and copy its address."),
                here(),
                say!(
                    "In Make, let it determine the data structure from the test, then filter: event is contact.created."
                ),
                say!("Add Salesforce, Create a Record, Lead, fill the fields as below, and switch the scenario on."),
            ],
            fields: LEAD,
        },
        Recipe {
            name: "n8n",
            steps: vec![
                say!("In n8n, begin a workflow with a Webhook node, method POST, and copy its production address."),
                here(),
                say!("In n8n, add an If node: body.event is contact.created, then the node of your program."),
                say!("Fill its fields as below, from body, and activate the workflow."),
            ],
            fields: CONTACT,
        },
    ]
}

/// The fields that have to be approved so that a recipe is fed: those its parts come from.
pub fn needs(recipe: &Recipe) -> Vec<&'static str> {
    let parts = recipe.fields.iter().filter_map(|(_, pointer)| pointer.strip_prefix("/data/"));
    parts.filter(|part| *part != "id").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::webhook::field;

    #[test]
    fn a_recipe_asks_for_nothing_that_no_message_has() {
        for recipe in all() {
            for part in needs(&recipe) {
                assert!(field(part).is_some(), "{}: {part}", recipe.name);
            }
        }
    }
}
