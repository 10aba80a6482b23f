//! A system behind a manifest, as the sync engine sees it: for the length of one run.

use super::{
    Manifest,
    auth::Signer,
    budget::Budgets,
    cursor::Cursor,
    exchange::{Exchange, Http},
    format::{Budget, Limits, Strategy},
    given::Given,
    moved::Listing,
    ops::{OpName, Ops},
    place::Place,
    record::Shape,
    shipped,
    span::Span,
    system::System,
    wire::Wire,
};
use crate::Opening;
use cardfile_sync::{
    pair::Key,
    remote::{Answers, Caps, Known, Paged, Remote, Row, Traffic, Write},
    run::Failure,
    value::Unit,
};
use sha2::{Digest as _, Sha256};
use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::runtime::{Builder, Runtime};

/// Writes that are handed over together, where each is a request of its own.
const BATCH: usize = 50;
/// So often a list may be cut off in one run.
const CUTS: u8 = 3;

/// What was asked lately, by whom: two runs one after the other share a budget.
static BUDGETS: Mutex<BTreeMap<[u8; 32], Arc<Mutex<Budgets>>>> = Mutex::new(BTreeMap::new());

/// A system behind a manifest.
pub struct ManifestRemote {
    runtime: Runtime,
    system: System,
    /// Where to begin.
    cursor: Option<Cursor>,
    /// The cursor that was kept is of another kind.
    is_foreign: bool,
    listing: Option<Listing>,
    cuts: u8,
}

/// The manifest of a connection: its own, or the one that comes with the program.
pub(super) fn manifest_of(opening: &Opening) -> Result<Arc<Manifest>, Failure> {
    if !opening.manifest.is_empty() {
        return Manifest::parse(&opening.manifest).map(Arc::new).map_err(|faults| {
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            Failure::Refused(format!("the manifest cannot be used: {first}"))
        });
    }
    let known = shipped(&opening.kind);
    known.ok_or_else(|| Failure::Refused(format!("there is no manifest {}", opening.kind)))
}

/// A system that is asked over HTTP, or over whatever a test puts in its place.
pub(super) fn system(
    manifest: Arc<Manifest>,
    opening: Opening,
    exchange: Option<Box<dyn Exchange>>,
) -> Result<System, Failure> {
    let written = manifest.written();
    let fields = manifest.filled(&opening.fields);
    if let Some(missing) = manifest.missing(&opening.fields).first() {
        return Err(Failure::Refused(format!("{} is missing", missing.label)));
    }
    let mut config = fields.clone();
    for secret in manifest.secrets() {
        config.remove(secret);
    }
    let place = Place::new(&written.http, &config)?;
    let limits = written.limits.filled(&config);
    let budgets = match exchange {
        Some(_) => Arc::new(Mutex::new(Budgets::new(&limits))),
        None => shared(&manifest, &place, &fields, &limits),
    };
    let exchange: Box<dyn Exchange> = match exchange {
        Some(exchange) => exchange,
        None => Box::new(Http::new()?),
    };
    let wire = Wire {
        place,
        signer: Signer::new(&written.auth, &fields),
        budgets,
        limits,
        errors: written.errors.clone(),
        headers: written.http.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        config,
        stop: opening.stop,
        opened: (opening.now.0, exchange.now_ms()),
        counts: Cell::default(),
        server_ms: Cell::default(),
        is_closed: Cell::default(),
        exchange,
    };
    let device = Some(opening.device).filter(|_| opening.stamps && written.identity.stamp.is_some());
    let shape = Shape { region: opening.region, custom: opening.custom, device, manifest };
    Ok(System::new(shape, wire))
}

/// The budget of whoever asks with the same secrets at the same place.
fn shared(
    manifest: &Manifest,
    place: &Place,
    fields: &BTreeMap<String, String>,
    limits: &Limits,
) -> Arc<Mutex<Budgets>> {
    let mut hash = Sha256::new();
    hash.update(place.name());
    for secret in manifest.secrets() {
        hash.update([0_u8]);
        hash.update(fields.get(secret).map(String::as_str).unwrap_or_default());
    }
    let mut all = BUDGETS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = all.entry(hash.finalize().into());
    Arc::clone(known.or_insert_with(|| Arc::new(Mutex::new(Budgets::new(limits)))))
}

/// Requests run on the thread that asks.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Unreachable(error.to_string()))
}

impl ManifestRemote {
    /// Asks nothing yet.
    pub fn new(opening: Opening) -> Result<Self, Failure> {
        let manifest = manifest_of(&opening)?;
        Self::of(system(manifest, opening, None)?)
    }

    /// Over another way than HTTP, for who stands for a system.
    pub fn over(opening: Opening, exchange: Box<dyn Exchange>) -> Result<Self, Failure> {
        Self::read_over(manifest_of(&opening)?, opening, exchange)
    }

    /// The same by a manifest that was read already, for who opens many one after the other.
    pub fn read_over(manifest: Arc<Manifest>, opening: Opening, exchange: Box<dyn Exchange>) -> Result<Self, Failure> {
        Self::of(system(manifest, opening, Some(exchange))?)
    }

    fn of(system: System) -> Result<Self, Failure> {
        Ok(Self { runtime: runtime()?, system, cursor: None, is_foreign: false, listing: None, cuts: 0 })
    }

    /// The parts of an account that are meant, as they were filled in.
    fn scope(&self) -> String {
        let names = &self.system.shape.manifest.written().identity.scope;
        let parts = names.iter().filter_map(|name| self.system.wire.config.get(name));
        parts.map(|part| format!(" {}", part.trim())).collect()
    }
}

impl Limits {
    /// With what a person knows better.
    fn filled(&self, config: &BTreeMap<String, String>) -> Self {
        let said = self.per_minute.as_ref().and_then(|name| config.get(name)?.trim().parse::<u32>().ok());
        match said.filter(|said| *said > 0) {
            Some(n) => Self { budget: vec![Budget { n, per: Span(60_000), ops: Vec::new() }], ..self.clone() },
            None => self.clone(),
        }
    }
}

impl Ops {
    /// Records that go in one request, at most, whatever is done with them.
    fn most(&self) -> Option<usize> {
        let all = [&self.create, &self.update, &self.upsert];
        all.into_iter().flatten().filter_map(|op| op.batch).max().map(|most| most as usize)
    }
}

impl Remote for ManifestRemote {
    fn caps(&self) -> Caps {
        let written = self.system.shape.manifest.written();
        Caps {
            stamp: self.system.shape.device.is_some(),
            creates_once: written.write.strategy == Strategy::EnsureThenUpdate,
            bound_cursor: written.ops.check.is_none(),
            needs_body: false,
            numbered: written.changes.numbered,
            batch: written.ops.most().unwrap_or(BATCH),
        }
    }

    fn identity(&mut self) -> Result<String, Failure> {
        let own = format!("{}{}", self.system.wire.place.name(), self.scope());
        let Ok(call) = self.system.call(OpName::Check) else { return Ok(own) };
        let heard = self.runtime.block_on(self.system.wire.ask(call, &Given::default()))?;
        if !call.op.is_ok(heard.status) {
            return Err(self.system.wire.failure(&heard));
        }
        let json = self.system.wire.json(&heard)?;
        let account = call.op.identity.as_ref().and_then(|pointer| pointer.text(&json));
        Ok(account.map_or(own.clone(), |account| format!("{own} {account}")))
    }

    fn begin(&mut self, cursor: Option<&str>) {
        self.cursor = cursor.and_then(Cursor::parse);
        self.is_foreign = cursor.is_some() && self.cursor.is_none();
        self.listing = None;
    }

    fn page(&mut self, known: &Known<'_>) -> Result<Paged, Failure> {
        if std::mem::take(&mut self.is_foreign) {
            return Ok(Paged::Expired);
        }
        let mut listing = match self.listing.take() {
            Some(listing) => listing,
            None => Listing::after(&self.system, self.cursor)?,
        };
        let paged = self.runtime.block_on(listing.page(&self.system, known));
        match &paged {
            Ok(Paged::Page(page)) if page.more => self.listing = Some(listing),
            Ok(Paged::Page(page)) => self.cursor = page.cursor.as_deref().and_then(Cursor::parse),
            Ok(Paged::Expired) => {
                self.cuts += 1;
                self.cursor = None;
                if self.cuts > CUTS {
                    return Err(Failure::Refused("the system cuts its list off again and again".into()));
                }
            }
            // It is asked for again.
            Err(_) => self.listing = Some(listing),
        }
        paged
    }

    fn read(&mut self, keys: &[Key]) -> Result<Vec<Row>, Failure> {
        let fetched = self.runtime.block_on(self.system.fetch(keys))?;
        Ok(fetched.into_iter().map(|fetched| fetched.row).collect())
    }

    fn find(&mut self, external_ids: &[String]) -> Result<Vec<Option<Key>>, Failure> {
        self.runtime.block_on(self.system.find(external_ids))
    }

    /// Searches by ID look at the records themselves, whatever their index of changes does.
    fn find_proves(&self) -> bool {
        true
    }

    fn write(&mut self, writes: Vec<Write>) -> Answers {
        self.runtime.block_on(self.system.write(&writes))
    }

    fn traffic(&self) -> Traffic {
        self.system.wire.counts.get()
    }

    fn renew(&mut self) -> Result<Option<String>, Failure> {
        let fields = self.runtime.block_on(self.system.wire.renew())?;
        Ok(fields.map(|fields| self.system.shape.manifest.credential(&fields)))
    }

    fn left_out(&self) -> BTreeMap<Unit, u32> {
        self.system.left_out.borrow().clone()
    }

    fn records(&self) -> Option<u64> {
        self.system.records.get()
    }
}
