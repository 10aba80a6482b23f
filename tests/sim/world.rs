//! One schedule: people and other programs do things in any order, everything that can
//! fail fails, then everything is left in peace and what must hold is looked at.

use crate::{
    device::{Device, Workspace},
    line::Story,
    mapping::{MAPPING, NARROW},
    people::People,
    random::Random,
    remote::{Caps, FakeRemote},
    run::Ended,
    shrink::{Actions, MOST},
    team::{Registry, Untold},
};
use cardfile_sync::{mapping::Mapping, run::End};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::LazyLock,
};

/// Rounds in peace, over all devices and remotes, in which something moves although nobody
/// decided anything.
const ROUNDS: usize = 6;
/// The database of a team is the first of its remotes.
pub(crate) const HUB: usize = 0;

/// One device with up to three remotes, or two devices that share one.
const ALONE: [(usize, usize); 4] = [(1, 1), (1, 2), (1, 3), (2, 1)];
/// Devices of a team, and its database with the remotes that it shares.
const TEAMS: [(usize, usize); 4] = [(2, 2), (2, 3), (3, 2), (3, 3)];
/// Devices of one schedule, at most.
pub(crate) const DEVICES: usize = 3;

/// What went wrong, by the name of the promise.
pub(crate) type Broken = (&'static str, String);

pub(crate) struct World {
    seed: u64,
    pub(crate) random: Rc<RefCell<Random>>,
    pub(crate) devices: Vec<Device>,
    pub(crate) remotes: Vec<Rc<RefCell<FakeRemote>>>,
    /// Where all remotes but the first are shared by a team.
    pub(crate) team: Option<Rc<RefCell<Registry>>>,
    pub(crate) people: Rc<RefCell<People>>,
    /// People delete contacts and records too.
    pub(crate) deletions: bool,
    /// They do not, and erase some.
    pub(crate) erasures: bool,
    /// Copies of workspaces are made, and come back.
    pub(crate) falls_back: bool,
    /// Devices in the middle of a run.
    pub(crate) running: RefCell<BTreeSet<usize>>,
    /// What devices took and the team does not know of.
    pub(crate) untold: RefCell<BTreeMap<usize, Untold>>,
    /// The power went out in a run that is part of another.
    pub(crate) is_out: Cell<bool>,
    /// A promise that was broken in such a run.
    pub(crate) broken: RefCell<Option<Broken>>,
    log: bool,
    story: Story,
}

impl World {
    /// Remotes `are_described` by manifests, but for the database of a team.
    pub(crate) fn new(seed: u64, log: bool, workspaces: &[Workspace], are_described: bool) -> Self {
        // Of sixteen schedules four are a team's.
        let kind = (seed % 16) as usize;
        let is_team = kind >= 12;
        let (devices, remotes) = if is_team { TEAMS[kind % 4] } else { ALONE[kind % 4] };
        let deletions = (seed / 16).is_multiple_of(2);
        let mut random = Random(seed);
        // A deletion is against an edit only where the edit may go: of the rest nobody is asked.
        let is_narrow = is_team && !deletions && random.percent(40);
        let remote = |at: usize| {
            let is_hub = is_team && at == HUB;
            let caps = if is_hub { Caps::of_team(&mut random) } else { Caps::any(&mut random) };
            let caps = if are_described && !is_hub { caps.described(&mut random) } else { caps };
            let mapping = LazyLock::force(if is_hub && is_narrow { &NARROW } else { &MAPPING });
            Rc::new(RefCell::new(FakeRemote::new(caps, mapping)))
        };
        let remotes: Vec<_> = (0..remotes).map(remote).collect();
        let team = is_team.then(|| Rc::new(RefCell::new(Registry::new(remotes[HUB].borrow().mapping))));
        let device = |number: usize| {
            let store = workspaces[number].reset(seed * DEVICES as u64 + number as u64);
            Device::new(store, number, remotes.len())
        };
        Self {
            seed,
            devices: (0..devices).map(device).collect(),
            remotes,
            team,
            people: Rc::default(),
            deletions,
            erasures: !deletions && !is_narrow,
            falls_back: random.percent(25),
            random: Rc::new(RefCell::new(random)),
            running: RefCell::default(),
            untold: RefCell::default(),
            is_out: Cell::default(),
            broken: RefCell::default(),
            log,
            story: Story::default(),
        }
    }

    /// What happened.
    pub(crate) fn into_story(self) -> Vec<String> {
        self.story.take()
    }

    /// Where the lines to remotes tell what is asked there, if somebody listens.
    pub(crate) fn listener(&self) -> Option<Story> {
        self.log.then(|| Rc::clone(&self.story))
    }

    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        if self.log {
            self.story.borrow_mut().push(what());
        }
    }

    pub(crate) fn percent(&self, often: usize) -> bool {
        self.random.borrow_mut().percent(often)
    }

    pub(crate) fn below(&self, most: usize) -> usize {
        self.random.borrow_mut().below(most)
    }

    pub(crate) fn one_of<T: Clone>(&self, all: &[T]) -> Option<T> {
        self.random.borrow_mut().of(all).cloned()
    }

    /// What a team calls a remote.
    pub(crate) fn name(&self, at: usize) -> String {
        format!("fake r{at}")
    }

    /// What may go where, at a remote.
    pub(crate) fn mapping_of(&self, at: usize) -> &'static Mapping {
        self.remotes[at].borrow().mapping
    }

    /// What goes which way between a device and a remote.
    pub(crate) fn rules(&self, at: usize) -> Mapping {
        match self.lease_of(at) {
            Some(_) => self.mapping_of(at).within(self.mapping_of(HUB)),
            None => self.mapping_of(at).clone(),
        }
    }

    /// Whether a team shares a remote.
    pub(crate) fn lease_of(&self, at: usize) -> Option<&Rc<RefCell<Registry>>> {
        self.team.as_ref().filter(|_| at != HUB)
    }

    /// Runs these actions of the schedule, and looks at every promise.
    pub(crate) fn run(&self, some: &Actions) -> Result<(), Broken> {
        let actions = 6 + Random::of_action(self.seed, MOST).below(20);
        for action in (0..actions).filter(|action| some.has(*action)) {
            *self.random.borrow_mut() = Random::of_action(self.seed, action);
            self.say(|| format!("action {action}"));
            let d = self.below(self.devices.len());
            if self.percent(35) {
                let at = self.below(self.remotes.len());
                self.sync(d, at, false)?;
            } else if self.falls_back && self.percent(8) {
                self.fall_back(d);
            } else {
                self.act();
            }
        }
        *self.random.borrow_mut() = Random::of_action(self.seed, MOST + 1);
        self.say(|| "from here on there is peace".into());
        self.remotes.iter().for_each(|remote| remote.borrow_mut().calm());
        self.team.iter().for_each(|team| team.borrow_mut().calm());
        self.rest()?;
        self.look()
    }

    /// Goes on until nothing moves any more.
    fn rest(&self) -> Result<(), Broken> {
        let (mut quiet, mut busy) = (0, 0);
        // What is decided may move something, but not for ever.
        for _ in 0..3 * ROUNDS {
            let before = self.traces();
            let decided = self.round()?;
            let is_quiet = !decided && before == self.traces();
            // What lagged in the first round shows in the second.
            quiet = if is_quiet { quiet + 1 } else { 0 };
            busy += usize::from(!is_quiet && !decided);
            if quiet == 2 {
                return Ok(());
            }
            if busy > ROUNDS {
                break;
            }
        }
        Err(("it comes to rest", format!("not in {busy} rounds in which nobody decided anything")))
    }

    /// Every device serves every remote; whether somebody decided anything.
    fn round(&self) -> Result<bool, Broken> {
        let mut decided = false;
        for d in 0..self.devices.len() {
            for at in 0..self.remotes.len() {
                self.sync_in_peace(d, at)?;
                // Who decides something of a shared remote does so while it is theirs.
                if self.team.is_some() && self.decide(d, at) {
                    decided = true;
                    self.sync_in_peace(d, at)?;
                }
            }
        }
        if self.team.is_none() {
            for d in 0..self.devices.len() {
                for at in 0..self.remotes.len() {
                    decided |= self.decide(d, at);
                }
            }
        }
        Ok(decided)
    }

    fn sync_in_peace(&self, d: usize, at: usize) -> Result<(), Broken> {
        match self.sync(d, at, true)? {
            Ended::At(End::Done) => Ok(()),
            ended => Err(("a run in peace is done", format!("{d} at remote {at}: {ended:?}"))),
        }
    }

    /// How often anything was written, anywhere.
    fn traces(&self) -> (Vec<u64>, Vec<i64>) {
        let there = self.remotes.iter().map(|remote| remote.borrow().writes);
        (there.collect(), self.devices.iter().map(Device::changes).collect())
    }
}
