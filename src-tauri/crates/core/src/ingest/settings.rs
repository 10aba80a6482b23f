//! What holds for the records of a source: whether it may replace what a card says, whether its
//! visitors get cards, and which countries and purposes there are.

use super::told::{Said, Told};
use crate::{
    core::{Core, Who},
    drop_folder,
    error::Error,
    privacy::purposes,
    resolve::{Resolution, Rule},
    visitors,
};
use cardfile_domain::{
    Link, Region,
    consent::{Consent, Purpose, Wording},
    import::Policy,
    say,
};
use serde_json::{Value, json};

/// Setting: days in which a session key claims earlier conversations (M-30).
pub const SESSION_DAYS: &str = "session_days";
/// Setting: countries whose people must consent before their country is kept.
pub const PRIVATE_COUNTRIES: &str = "ip_country_consent";
/// Setting: how records of a source change contacts; the source follows.
const POLICY: &str = "ingest_policy.";
/// European Economic Area (GDPR), United Kingdom, Switzerland.
const BY_LAW: [&str; 32] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

pub(super) struct Settings {
    pub(super) region: Option<Region>,
    pub(super) session_days: i64,
    pub(super) private_countries: Vec<String>,
    pub(super) visitors: Vec<String>,
    /// Remotes and scopes whose IDs alone say who somebody is: a key proves them.
    pub(super) proven: Vec<(String, String)>,
    policies: Vec<(String, Policy)>,
    /// How files of the drop folder change cards.
    of_files: Policy,
    purposes: Vec<(Purpose, Vec<Wording>)>,
}

impl Settings {
    pub(super) fn of(core: &Core) -> Result<Self, Error> {
        Ok(Self {
            region: core.region()?,
            session_days: core.setting(SESSION_DAYS)?.as_ref().and_then(Value::as_i64).unwrap_or(30),
            private_countries: private_countries(core)?,
            policies: policies(core)?,
            of_files: drop_folder::get(core)?.map(|drop| drop.policy).unwrap_or_default(),
            visitors: visitors::sources(core)?,
            proven: core.store().read(|r| {
                let keys = r.identity_keys().all()?.into_iter().filter(|key| key.revoked_at.is_none());
                Ok(keys.map(|key| (key.connector, key.scope)).collect::<Vec<_>>())
            })?,
            purposes: core.store().read(|r| {
                let mut all = Vec::new();
                for purpose in r.purposes().all()? {
                    let wordings = r.purposes().wordings(&purpose.id)?;
                    all.push((purpose, wordings));
                }
                Ok(all)
            })?,
        })
    }

    /// As they are when a person said yes: whom a source was to ask is answered.
    pub(super) fn decided(mut self) -> Self {
        for (_, policy) in &mut self.policies {
            if *policy == Policy::Ask {
                *policy = Policy::Newest;
            }
        }
        self
    }

    /// The purposes somebody spoke of, with what is said of them. One that is not in the
    /// register proves nothing, so the record is not taken.
    pub(super) fn said(&self, said: &Said, channel: &str) -> Result<Vec<(&Purpose, Consent)>, Error> {
        let named: Vec<&str> = match said.purposes.len() {
            0 => vec![purposes::DEFAULT],
            _ => said.purposes.iter().map(String::as_str).collect(),
        };
        let mut all = Vec::with_capacity(named.len());
        for name in named {
            let found = self.purposes.iter().find(|(purpose, _)| purpose.key == name || purpose.name == name);
            let (purpose, wordings) =
                found.ok_or_else(|| Error::bad_request(say!("there is no purpose {name}", name)))?;
            if said.given && purpose.retired_at.is_some() {
                return Err(Error::bad_request(say!("the purpose {name} is given up", name)));
            }
            let wording = purposes::wording(wordings, said.wording)?;
            let consent = Consent {
                purpose: purpose.key.clone(),
                given: said.given,
                wording: wording.map_or(0, |wording| wording.version),
                sha256: wording.map(|wording| wording.sha256.clone()).unwrap_or_default(),
                channel: channel.to_owned(),
                proof: said.proof.clone(),
                at: said.at,
                ..Consent::default()
            };
            all.push((purpose, consent));
        }
        Ok(all)
    }

    /// Whether an email alone would put an ID on a card that says who somebody is. Anybody can type
    /// the email of somebody else, and with the ID goes all that a proof of it opens. The ID itself
    /// is the word of the program that tells it, as where a card is known by it: on a new card it
    /// waits for nobody.
    pub(super) fn binds(&self, told: &Told, found: &Resolution) -> bool {
        matches!(found.rule, Some(Rule::Email(_))) && told.claims.links.iter().any(|link| self.proves(link))
    }

    /// Whether a key takes this ID for who somebody is.
    pub(super) fn proves(&self, link: &Link) -> bool {
        self.proven.iter().any(|(connector, scope)| *connector == link.connector && *scope == link.scope)
    }

    pub(super) fn policy(&self, told: &Told) -> Policy {
        if told.is_of_file {
            return self.of_files;
        }
        self.policies.iter().find(|(known, _)| *known == told.source).map_or(Policy::Fill, |(_, policy)| *policy)
    }
}

/// How records of each source change cards; a source that is not named fills blanks.
pub fn policies(core: &Core) -> Result<Vec<(String, Policy)>, Error> {
    let kept = core.store().read(|r| r.settings().with_prefix(POLICY))?;
    let policy = |(key, value): (String, Value)| {
        let policy = serde_json::from_value(value).ok()?;
        Some((key.strip_prefix(POLICY)?.to_owned(), policy))
    };
    Ok(kept.into_iter().filter_map(policy).collect())
}

/// Says how records of a source change cards.
pub fn set_policy(core: &Core, source: &str, policy: Policy, who: &Who) -> Result<(), Error> {
    if source.is_empty() {
        return Err(Error::bad_request(say!("a source has a name")));
    }
    core.set_setting(&format!("{POLICY}{source}"), &json!(policy), who)
}

/// Countries whose people must consent before their country is kept (M-15).
pub(crate) fn private_countries(core: &Core) -> Result<Vec<String>, Error> {
    let kept = core.setting(PRIVATE_COUNTRIES)?;
    let kept = kept.as_ref().and_then(Value::as_array);
    let kept = kept.map(|all| all.iter().filter_map(Value::as_str).map(str::to_uppercase).collect());
    Ok(kept.unwrap_or_else(|| BY_LAW.map(str::to_owned).to_vec()))
}
