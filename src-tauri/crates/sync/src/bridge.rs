//! A remote that a team shares is served by one device at a time. What that device knows of
//! it is kept in the database of the team, so that the next one goes on where it stopped.
//!
//! Of the values only those are kept there that the team's database may hold anyway
//! ([`Mapping::approve`]). What is left out is read again from the remote, and what nobody
//! agreed on is never overwritten.

use crate::{
    mapping::Mapping,
    mutant::{self, Mutant},
    pair::{Intent, Key, Pair, Remote},
    remote::Traffic,
    run::Failure,
    value::{Unit, Units},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How often the lease of a remote was taken. Whoever took it later has a higher one, and
/// nothing is kept for a lower one any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub i64);

/// Whose pair it is, in words that all devices of a team understand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// What the team's database calls the contact; nothing where there is none.
    pub contact: Option<String>,
    /// The ID in the record.
    pub external_id: Option<String>,
    /// Key of the record that has the contact meant by this one.
    pub rival: Option<Key>,
    /// What became of the contact, once it is gone: a number of the store.
    pub fate: u8,
    /// Units of writes without an answer that are not the team's: what was sent of them the
    /// team's contact does not say, and a person is asked about that.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unsettled: BTreeSet<Unit>,
}

/// What the next device is told of one pair.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shared {
    /// Whose it is.
    pub owner: Owner,
    pair: Pair,
}

impl Shared {
    /// As far as the team's database may know it: `team` says what may leave for there, of a
    /// contact with these consents, and `rules` what goes which way at the remote.
    pub fn of(owner: Owner, pair: &Pair, rules: &Mapping, team: &Mapping, consents: &[String]) -> Self {
        let shared = |units: &Units| {
            if mutant::is(Mutant::TellsTeamAll) {
                units.clone()
            } else {
                team.approve(units.clone(), consents).units().clone()
            }
        };
        let intent = |intent: &Intent| Intent { sent: shared(&intent.sent), ..intent.clone() };
        let base = shared(&pair.base);
        // Who does not know what was agreed on would take the record for empty there.
        let is_told =
            |unit: &Unit| pair.base.get(unit).is_some_and(|value| value.is_absent() || base.contains_key(unit));
        let is_whole = rules.units().all(is_told) || mutant::is(Mutant::LeftOutIsEmpty);
        // What was left out, was read and is not applied, or waits for a person, is read again.
        let remote = match &pair.remote {
            Remote::Gone => Remote::Gone,
            // One that was not made yet cannot be read.
            Remote::Unheard | Remote::Live { .. } | Remote::Doubtful if pair.key.is_none() => Remote::Unheard,
            Remote::Unheard if pair.held.is_empty() && is_whole => Remote::Unheard,
            Remote::Unheard | Remote::Live { .. } | Remote::Doubtful => Remote::Doubtful,
        };
        let pair = Pair {
            key: pair.key.clone(),
            version: pair.version.clone(),
            base,
            ours: shared(&pair.ours),
            team_base: shared(&pair.team_base),
            remote,
            intents: pair.intents.iter().map(intent).collect(),
            held_deletion: pair.held_deletion,
            relink: pair.relink.clone(),
            is_apart: pair.is_apart,
            ..Pair::default()
        };
        Self { owner, pair }
    }

    /// Only whose record it is: told before anything else of a contact that was made of it, so
    /// that nobody makes another one.
    pub fn link(owner: Owner, key: Key) -> Self {
        Self { owner, pair: Pair { key: Some(key), remote: Remote::Doubtful, ..Pair::default() } }
    }

    /// Whether it says no more than whose record it is.
    pub fn is_link(&self) -> bool {
        self.pair.version.is_none() && self.pair.base.is_empty() && self.pair.intents.is_empty()
    }

    /// Number of the latest write of it without an answer; 0 where there is none.
    pub fn latest_write(&self) -> u64 {
        self.pair.intents.iter().map(|intent| intent.stamp).max().unwrap_or_default()
    }

    /// As the next device knows it.
    pub fn into_pair(self) -> Pair {
        self.pair
    }
}

/// How far the remote was read, and under which name the team writes to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Where to read on.
    pub cursor: Option<String>,
    /// Number of the latest write.
    pub stamp: u64,
    /// What records call whoever wrote them.
    pub device: String,
}

/// One thing that is known of a shared remote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A pair.
    Pair(Box<Shared>),
    /// A record that both sides know to be gone.
    Gone(Key),
    /// How far it was read.
    Progress(Progress),
}

/// Parts by their names; nothing takes one away.
pub type Parts = BTreeMap<String, Option<Part>>;

/// The leases of a team. Times are by the clock of its database.
pub trait Leases {
    /// Takes the lease of a remote for so many seconds; nothing while somebody else has it.
    /// Our own is taken again, with a new epoch.
    fn take(&mut self, remote: &str, seconds: u32) -> Result<Option<Epoch>, Failure>;

    /// Holds a lease for so many seconds from now; `false` when it is not ours any more.
    fn renew(&mut self, remote: &str, epoch: Epoch, seconds: u32) -> Result<bool, Failure>;

    /// Gives a lease back; `false` when it was not ours any more.
    fn release(&mut self, remote: &str, epoch: Epoch) -> Result<bool, Failure>;

    /// What is known of a remote.
    fn parts(&mut self, remote: &str) -> Result<BTreeMap<String, Part>, Failure>;

    /// Keeps parts of what is known of a remote, all of them or none. `false`, and nothing
    /// is kept, when the lease is not ours any more.
    fn put(&mut self, remote: &str, epoch: Epoch, parts: &Parts) -> Result<bool, Failure>;

    /// What went over the wire so far.
    fn traffic(&self) -> Traffic;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mapping::{Direction, Rule},
        merge::Held,
        pair::{Local, Side, Version},
        record::plan_record,
        value::Value,
    };
    use rstest::rstest;

    /// The name may leave for the team's database; of the notes nobody approved it, and the
    /// email needs a consent.
    fn team() -> Mapping {
        let rule = |approved, purpose: Option<&str>| Rule {
            direction: Direction::Both,
            approved,
            purpose: purpose.map(str::to_owned),
            ..Rule::default()
        };
        Mapping(BTreeMap::from([
            ("name".into(), rule(true, None)),
            ("email".into(), rule(true, Some("news"))),
            ("description".into(), rule(false, None)),
        ]))
    }

    fn units(value: &str) -> Units {
        ["name", "email", "description"].map(|unit| (unit.to_owned(), Value::one(value))).into()
    }

    fn pair() -> Pair {
        Pair {
            key: Some("7.vcf".into()),
            version: Some(Version { text: "5".into(), order: Some(5) }),
            base: units("base"),
            ours: units("ours"),
            intents: vec![Intent { sent: units("sent"), expected: None, stamp: 3 }],
            held_deletion: Some(Side::There),
            ..Pair::default()
        }
    }

    fn passed_on(pair: &Pair, consents: &[String]) -> (Pair, String) {
        passed_on_of(pair, &Mapping::default(), consents)
    }

    fn passed_on_of(pair: &Pair, rules: &Mapping, consents: &[String]) -> (Pair, String) {
        let shared = Shared::of(Owner::default(), pair, rules, &team(), consents);
        let text = serde_json::to_string(&Part::Pair(Box::new(shared))).expect("JSON");
        let Ok(Part::Pair(shared)) = serde_json::from_str(&text) else { panic!("{text}") };
        (shared.into_pair(), text)
    }

    #[test]
    fn only_what_the_team_may_know_is_passed_on() {
        let (next, text) = passed_on(&Pair { team_base: units("agreed"), ..pair() }, &[]);
        let agreed = [&next.base, &next.ours, &next.team_base].into_iter().flat_map(Units::keys);
        let names: Vec<&String> = agreed.chain(next.intents.iter().flat_map(|i| i.sent.keys())).collect();
        assert_eq!(names, ["name", "name", "name", "name"]);
        assert!(!text.contains("description") && !text.contains("email"), "{text}");
        let (next, _) = passed_on(&pair(), &["news".to_owned()]);
        assert_eq!(next.base.len(), 2, "with consent the email too");
    }

    #[test]
    fn what_was_left_out_and_is_empty_is_not_read_again() {
        let (name, nothing) = (("name".to_owned(), Value::one("base")), ("email".to_owned(), Value::Absent));
        let known = Pair { base: BTreeMap::from([name, nothing]), ..pair() };
        let goes = |unit: &str| (unit.to_owned(), Rule { direction: Direction::Both, ..Rule::default() });
        let rules = Mapping(["name", "email"].map(goes).into());
        let (next, _) = passed_on_of(&known, &rules, &[]);
        assert_eq!((next.remote, next.base.len()), (Remote::Unheard, 1));
        let more = Mapping(["name", "email", "nick"].map(goes).into());
        assert_eq!(passed_on_of(&known, &more, &[]).0.remote, Remote::Doubtful, "of the nick nobody knows");
    }

    #[test]
    fn what_was_sent_and_is_unsettled_is_agreed_on_only_where_it_was_said() {
        let owner = Owner { unsettled: BTreeSet::from(["name".to_owned()]), ..Owner::default() };
        let made = Pair { key: None, version: None, base: Units::new(), ours: Units::new(), ..pair() };
        let told = Shared::of(owner, &made, &team(), &team(), &["news".to_owned()]);
        let text = serde_json::to_string(&Part::Pair(Box::new(told))).expect("JSON");
        // Whether a device with this of its own agrees on the name and on the email, once it reads
        // the record.
        let agrees = |own: &Pair| {
            let Ok(Part::Pair(told)) = serde_json::from_str(&text) else { panic!("{text}") };
            let owner = told.owner.clone();
            let mut next = told.into_pair();
            next.doubt_writes(own, |unit| owner.unsettled.contains(unit));
            let version = Version { text: "6".into(), order: Some(6) };
            next.observe(Remote::Live { version, units: units("sent"), stamp: Some(3) });
            assert!(next.intents.is_empty(), "it arrived, whoever sent it");
            ["name", "email"].map(|unit| next.base.contains_key(unit))
        };
        let older = Pair { intents: Vec::new(), base: units("base"), ..made.clone() };
        let heard = Pair { base: units("sent"), ..older.clone() };
        assert_eq!(agrees(&Pair::default()), [false, true], "the record is new here");
        assert_eq!(agrees(&older), [false, true], "it is known from before");
        assert_eq!(agrees(&made), [true, true], "it was sent here");
        assert_eq!(agrees(&heard), [true, true], "and was answered");
    }

    #[test]
    fn the_next_device_knows_what_was_agreed_and_what_was_sent() {
        let whole = Pair { base: BTreeMap::from([("name".into(), Value::one("base"))]), ..pair() };
        let (next, _) = passed_on(&whole, &[]);
        assert_eq!((next.key.as_deref(), next.version), (Some("7.vcf"), pair().version));
        assert_eq!((next.intents[0].stamp, next.held_deletion), (3, Some(Side::There)));
        assert_eq!(next.remote, Remote::Unheard);
    }

    /// It was deleted here, and the team took the tag a off.
    #[test]
    fn what_the_team_agreed_on_is_the_base_of_a_contact_that_stays() {
        let tags = |text: &str| Units::from([("tags".to_owned(), Value::words(text.split_whitespace()))]);
        let rule = Rule { direction: Direction::Both, approved: true, ..Rule::default() };
        let mapping = Mapping(BTreeMap::from([("tags".to_owned(), rule)]));
        let version = |number: u64| Version { text: number.to_string(), order: Some(number) };
        let there = Remote::Live { version: version(6), units: tags("a b c"), stamp: None };
        let mut asked = Pair {
            key: Some("7.vcf".into()),
            version: Some(version(5)),
            local: Local::Deleted { units: Units::new() },
            team_base: tags("a b"),
            remote: there.clone(),
            ..Pair::default()
        };
        let waits = plan_record(&asked, &mapping);
        assert_eq!((waits.held_deletion, &waits.push), (Some(Side::Here), &None));
        asked.apply(&waits);
        let mut next = Shared::of(Owner::default(), &asked, &mapping, &mapping, &[]).into_pair();
        for pair in [&mut asked, &mut next] {
            pair.recall(|_| true);
            assert_eq!((&pair.base, &pair.remote), (&tags("a b"), &Remote::Doubtful));
            pair.local = Local::Live { units: tags("b"), consents: Vec::new() };
            pair.observe(there.clone());
            assert_eq!(plan_record(pair, &mapping).take, tags("b c"));
        }
    }

    #[rstest]
    #[case::read_and_not_applied(Pair {
        remote: Remote::Live { version: Version::default(), units: units("theirs"), stamp: None },
        ..pair()
    })]
    #[case::in_doubt(Pair { remote: Remote::Doubtful, ..pair() })]
    #[case::waits_for_a_person(Pair {
        held: BTreeMap::from([(
            "name".into(),
            Held { base: None, mine: Value::one("ours"), theirs: Value::one("theirs"), elements: BTreeSet::new() },
        )]),
        ..pair()
    })]
    fn what_is_not_settled_is_read_again(#[case] pair: Pair) {
        let (next, text) = passed_on(&pair, &[]);
        assert_eq!((next.remote, next.held.len()), (Remote::Doubtful, 0));
        assert_eq!(passed_on_of(&super::tests::pair(), &team(), &[]).0.remote, Remote::Doubtful, "left out");
        let not_made = Pair { key: None, version: None, ..pair };
        assert_eq!(passed_on(&not_made, &[]).0.remote, Remote::Unheard, "there is nothing to read yet");
        assert!(!text.contains("theirs"), "{text}");
    }
}
