//! A run of a device at a remote, in which others act at any moment, and which the power ends
//! at any moment. Where a team shares the remote the run takes its lease first, and brings
//! the database of the team in step by runs of its own.

use crate::{
    described::Described,
    device::{self, Device},
    line::Line,
    people::{name_of, tags_of},
    promised::Promised,
    remote::Way,
    team::{FakeLeases, Registry},
    wire::{Sender, Wire},
    world::{Broken, HUB, World},
};
use cardfile_core::sync::{self, Answer, Bridge, Engine, SharedRemote, Team};
use cardfile_store::{ContactRow, OpKind, Remote as Configured};
use cardfile_sync::{
    bridge::Epoch,
    pair::Key,
    plan::{Limits, Plan},
    record::RecordPlan,
    remote::Remote,
    run::{Effect, End, Event, Failure, Op, Reason, Run, step},
    value::{Units, Value},
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Steps of one run: more means that it does not end.
const STEPS: usize = 2_000;

/// What became of a run.
#[derive(Debug)]
pub(crate) enum Ended {
    At(End),
    /// The power went out.
    Cut,
}

impl World {
    /// A run of one remote.
    pub(crate) fn sync(&self, d: usize, at: usize, in_peace: bool) -> Result<Ended, Broken> {
        self.running.borrow_mut().insert(d);
        let ended = match self.lease_of(at) {
            Some(team) => self.serve(d, at, in_peace, team),
            None => self.drive(d, at, in_peace, None),
        };
        self.running.borrow_mut().remove(&d);
        if let Ok(ended) = &ended {
            self.say(|| format!("{d} remote {at}: ended {ended:?}"));
        }
        ended
    }

    /// A run of a remote that a team shares.
    fn serve(&self, d: usize, at: usize, in_peace: bool, team: &Rc<RefCell<Registry>>) -> Result<Ended, Broken> {
        let device = &self.devices[d];
        let leases = FakeLeases::new(Rc::clone(team), Rc::clone(&self.random), device.name());
        let members = Team {
            leases: Box::new(leases),
            row: device.row(HUB),
            mapping: self.mapping_of(HUB).clone(),
            rules: self.mapping_of(at).clone(),
            in_step: Box::new(move || self.in_step(d, in_peace)),
        };
        let who = device::op(OpKind::SyncRun);
        let taken = Bridge::take(&device.store, members, self.name(at), &device.remote(at), &device.name(), who);
        if let Some(cut) = self.is_cut()? {
            return Ok(cut);
        }
        self.hear(at)?;
        let bridge = match taken.map_err(|error| ("a run goes on", format!("remote {at}: {error}")))? {
            Ok(Some(bridge)) => bridge,
            Ok(None) => return Ok(Ended::At(End::Paused(Reason::Leased))),
            Err(failure) => return Ok(Ended::At(End::Paused(failure.into()))),
        };
        self.say(|| format!("{d} remote {at}: it is ours"));
        let ended = self.drive(d, at, in_peace, Some(bridge));
        self.forget_untold(d, at);
        ended
    }

    /// Brings the database of the team in step, within a run of a remote that it shares.
    fn in_step(&self, d: usize, in_peace: bool) -> Answer<()> {
        let ended = self.drive(d, HUB, in_peace, None);
        self.say(|| format!("{d} in step: {ended:?}"));
        Ok(match ended {
            Ok(Ended::At(End::Done)) => Ok(()),
            Ok(Ended::At(End::Paused(Reason::Busy { after_ms }))) => Err(Failure::Busy { after_ms: Some(after_ms) }),
            Ok(Ended::At(End::Paused(Reason::Unreachable(said)))) => Err(Failure::Unreachable(said)),
            Ok(Ended::At(end)) => Err(Failure::Refused(format!("{end:?}"))),
            Ok(Ended::Cut) => {
                self.is_out.set(true);
                Err(Failure::Refused("the power is out".into()))
            }
            Err(broken) => {
                *self.broken.borrow_mut() = Some(broken);
                Err(Failure::Refused("a promise is broken".into()))
            }
        })
    }

    /// Whether a run within this one came to an end that is this one's too.
    fn is_cut(&self) -> Result<Option<Ended>, Broken> {
        match self.broken.take() {
            Some(broken) => Err(broken),
            None => Ok(self.is_out.take().then_some(Ended::Cut)),
        }
    }

    /// Carries out a run, step by step.
    fn drive(&self, d: usize, at: usize, in_peace: bool, bridge: Option<Bridge<'_>>) -> Result<Ended, Broken> {
        let device = &self.devices[d];
        let configured = device.remote(at);
        if let Some(end) = self.tell_links(d, at)? {
            return Ok(end);
        }
        let erased = Rc::new(RefCell::new(BTreeSet::new()));
        let mut wire = self.wire(d, at, &configured, &erased);
        let who = device::op(OpKind::SyncRun);
        let mapping = self.mapping_of(at).clone();
        let mut engine = Engine::new(&device.store, &mut *wire, &configured, mapping, who)
            .bridged(bridge)
            .of_team(self.team.is_some() && at == HUB);
        let mut has_agreed = false;
        let (mut run, mut effects) = step(Run::default(), Event::Start { preview: false });
        for _ in 0..STEPS {
            let Some(effect) = effects.pop() else {
                return Ok(Ended::At(run.end().cloned().unwrap_or(End::Cancelled)));
            };
            if !in_peace && self.disturbs(d, at, &effect)? {
                return Ok(Ended::Cut);
            }
            self.say(|| format!("{d} remote {at}: {effect:?}"));
            mutant_cut(!in_peace && self.percent(3));
            let mut promised = None;
            match (&effect, engine.planned()) {
                (Effect::Apply, Some(plan)) => {
                    let decided = engine.decided().expect("a store in memory can be read");
                    self.look_at_plan(d, at, plan, &decided, has_agreed)?;
                    promised = Some(Promised::of(device, &decided));
                }
                (Effect::Keep(_), _) => erased.borrow_mut().clone_from(&device.erased.borrow()),
                _ => {}
            }
            let asks = matches!(effect, Effect::Ask(_));
            let done = engine.perform(effect);
            if let Some(cut) = self.is_cut()? {
                return Ok(cut);
            }
            self.hear(at)?;
            let Some(mut event) = done.map_err(|error| ("a run goes on", format!("remote {at}: {error}")))? else {
                return Ok(Ended::At(run.end().cloned().unwrap_or(End::Cancelled)));
            };
            if asks {
                // Somebody is there and agrees.
                (has_agreed, event) = (true, Event::Answered(true));
            }
            if let (Event::Applied { moved, .. }, Some(promised)) = (&event, promised) {
                promised.is_kept(device, moved)?;
            }
            if !in_peace && self.percent(2) {
                self.say(|| format!("{d} remote {at}: the power goes out after {event:?}"));
                return Ok(Ended::Cut);
            }
            if let Event::Planned { .. } = &event {
                self.say(|| format!("{d} remote {at}: {:?}", engine.decided()));
            }
            (run, effects) = step(run, event);
        }
        Err(("a run ends", format!("remote {at} after {STEPS} steps")))
    }

    /// Before contacts go to the team's database it is told whose records they are.
    fn tell_links(&self, d: usize, at: usize) -> Result<Option<Ended>, Broken> {
        let Some(team) = self.team.as_ref().filter(|_| at == HUB) else { return Ok(None) };
        let device = &self.devices[d];
        let mut leases = FakeLeases::new(Rc::clone(team), Rc::clone(&self.random), device.name());
        for other in (0..self.remotes.len()).filter(|other| *other != HUB) {
            let Some(epoch) = device.remote(other).epoch else { continue };
            let remote = SharedRemote { row: device.row(other), name: self.name(other), epoch: Epoch(epoch) };
            let who = device::op(OpKind::SyncRun);
            match sync::tell_links(&device.store, &mut leases, device.row(HUB), &remote, &who) {
                Ok(Ok(_)) => {}
                Ok(Err(failure)) => return Ok(Some(Ended::At(End::Paused(failure.into())))),
                Err(error) => return Err(("a run goes on", format!("the links of {other}: {error}"))),
            }
        }
        Ok(None)
    }

    /// A remote as a run of a device meets it.
    fn wire(
        &self,
        d: usize,
        at: usize,
        configured: &Configured,
        erased: &Rc<RefCell<BTreeSet<ContactRow>>>,
    ) -> Box<dyn Remote> {
        let device = &self.devices[d];
        let sender = Sender {
            name: configured.device.clone().unwrap_or_else(|| device.name()),
            erased: Rc::clone(erased),
            anew: Rc::clone(&device.anew),
            at,
            lease: self.lease_of(at).map(|team| (Rc::clone(team), self.name(at), device.name())),
        };
        let (remote, random) = (Rc::clone(&self.remotes[at]), Rc::clone(&self.random));
        let way = remote.borrow().caps.way;
        match way {
            Way::Direct => Box::new(Wire::new(remote, random, sender)),
            Way::Described { .. } => {
                let (people, story, waited) = (Rc::clone(&self.people), self.listener(), Cell::default());
                let line = Line { remote, at, random, people, story, waited };
                Box::new(Described::new(line, sender, device.store.environment().clock.now()))
            }
        }
    }

    /// Others do something before a step, or the power goes out: then `true`.
    fn disturbs(&self, d: usize, at: usize, effect: &Effect) -> Result<bool, Broken> {
        if self.percent(15) {
            self.act();
        }
        if self.devices.len() > 1 && self.percent(if self.team.is_some() { 4 } else { 1 }) {
            self.another()?;
        }
        let is_out = self.percent(3);
        if is_out {
            self.say(|| format!("{d} remote {at}: the power goes out before {effect:?}"));
        }
        Ok(is_out)
    }

    /// Another device runs meanwhile, perhaps because it has the remote by now.
    fn another(&self) -> Result<(), Broken> {
        let idle: Vec<usize> = (0..self.devices.len()).filter(|d| !self.running.borrow().contains(d)).collect();
        let Some(d) = self.one_of(&idle) else { return Ok(()) };
        let at = self.below(self.remotes.len());
        if let Some(team) = self.lease_of(at)
            && self.percent(60)
        {
            team.borrow_mut().run_out(&self.name(at));
        }
        self.say(|| format!("meanwhile {d} at remote {at}"));
        if self.falls_back && self.percent(10) {
            self.fall_back(d);
        }
        self.sync(d, at, false).map(drop)
    }

    /// A plan that deletes much was agreed to; and what it takes of a shared remote is not
    /// known to the team yet.
    fn look_at_plan(
        &self,
        d: usize,
        at: usize,
        plan: &Plan,
        decided: &BTreeMap<Op, RecordPlan>,
        has_agreed: bool,
    ) -> Result<(), Broken> {
        let device = &self.devices[d];
        let deletions = plan.totals.deleted_here.max(plan.totals.deleted_there);
        let most = Limits::default().deletions.max(device.linked(at) / 50);
        if deletions > most && !has_agreed {
            return Err(("a mass deletion asks first", format!("remote {at}: {deletions}")));
        }
        let Some(team) = self.lease_of(at) else { return Ok(()) };
        let kept = team.borrow().kept(&self.name(at), &device.name());
        let mut all = self.untold.borrow_mut();
        let untold = all.entry(d).or_default();
        if kept != untold.kept {
            untold.taken.clear();
        }
        untold.kept = kept;
        for record in decided.values().filter(|record| !record.take.is_empty()) {
            let tags = tags_of(&record.take);
            let mut taken = Units::from([("tags".to_owned(), Value::set(tags))]);
            let name = name_of(&record.take).filter(|_| record.creates_contact);
            taken.extend(name.map(|name| ("name".to_owned(), Value::One(name))));
            untold.taken.push(taken);
        }
        Ok(())
    }

    /// What was taken of a shared remote, and not passed on, is taken again by whoever serves
    /// the remote next: somebody whom the first device made a contact is there twice, and what
    /// was removed meanwhile comes back. What was changed meanwhile is a conflict for the
    /// first device, and until that is decided it says what it took. Nothing is lost.
    fn forget_untold(&self, d: usize, at: usize) {
        let (Some(team), Some(untold)) = (self.lease_of(at), self.untold.borrow_mut().remove(&d)) else { return };
        let is_told = team.borrow().kept(&self.name(at), &self.devices[d].name()) != untold.kept;
        if !is_told && !untold.taken.is_empty() {
            let mut people = self.people.borrow_mut();
            untold.taken.iter().for_each(|units| people.let_return(units));
            self.remotes[at].borrow_mut().is_remembered = false;
        }
    }

    /// Whether a record is another contact's too, whom the team's database has.
    fn is_known_elsewhere(&self, at: usize, key: &Key) -> bool {
        let hub = self.remotes[HUB].borrow();
        let key_in_team = |device: &Device| device.in_team(at, key).and_then(|pair| pair.key);
        let is_there = |device: &Device| key_in_team(device).is_some_and(|key| hub.records.contains_key(&key));
        self.lease_of(at).is_some() && self.devices.iter().any(is_there)
    }

    /// What a remote noticed, and the team.
    fn hear(&self, at: usize) -> Result<(), Broken> {
        let (deleted, erased, late, fault) = {
            let mut remote = self.remotes[at].borrow_mut();
            let (deleted, erased) = (std::mem::take(&mut remote.deleted), std::mem::take(&mut remote.erased));
            (deleted, erased, std::mem::take(&mut remote.late), remote.fault.take())
        };
        for (key, record) in deleted {
            self.was_deleted(at, &key, &record);
        }
        let patched = std::mem::take(&mut self.remotes[at].borrow_mut().patched);
        for (key, before) in patched {
            let after = self.remotes[at].borrow().records.get(&key).map(|record| record.units.clone());
            self.was_emptied(at, &key, &before, &after.unwrap_or_default());
        }
        let mut people = self.people.borrow_mut();
        for (key, units) in &erased {
            people.give_up(units);
            // Of a team somebody else has them who was not told, and makes the record again.
            if self.is_known_elsewhere(at, key) {
                people.let_return(units);
            }
        }
        // Whoever served the remote meanwhile may know that nobody wants it any more.
        late.iter().for_each(|units| people.let_return(units));
        let fault = fault.or_else(|| self.team.as_ref().and_then(|team| team.borrow_mut().fault.take()));
        match fault {
            Some((promise, what)) => Err((promise, format!("remote {at}: {what}"))),
            None => Ok(()),
        }
    }
}

/// The power goes out within the next step, where a broken rule makes that of two parts.
fn mutant_cut(is: bool) {
    #[cfg(feature = "mutants")]
    cardfile_sync::mutant::cut(is);
    let _ = is;
}
