//! The fakes of vendors: everybody comes once, and many changes leave once. What is measured is
//! how many requests that takes beside the fewest that a vendor's interface allows, what our own
//! process takes, and whether the vendor was ever asked more often than it wants to be.
//!
//! The fake stands in this process, and the product runs in one of its own.

use super::{figure, people, run_job, text};
use crate::{
    floor::workspace,
    process::Cost,
    report::{Goal, Line},
};
use cardfile_core::{
    Error, Who,
    domain::Item,
    sync::{
        directions::Direction,
        remotes::{self, Settings},
    },
};
use cardfile_domain::Millis;
use cardfile_store::{Op, OpKind};
use cardfile_testkit::{
    setup,
    vendors::{Fake, Person, Vendor},
};
use serde_json::{Value, json};
use std::path::Path;

/// What stands above the table.
pub(super) const HEADING: &str = "Systems of vendors, played by fakes that keep the vendor's documented pages, batches \
    and budgets; one run of each. Engine time is the CPU of our process without the connection it opens.";
/// Requests beside those for pages and records: who it is, what is declared, what was archived.
const BESIDE: usize = 5;
/// CPU of our process for each thousand records.
const ENGINE_MS: f64 = 20.0;
/// A tenth of the records may need less by this, and no more.
const GROWN_MIB: f64 = 64.0;
/// What is written is read just before, and looked at after.
const AROUND_A_WRITE: usize = 3;
/// Where a budget is the bound, a run takes no longer than that by more than this share.
const OVER_BUDGET: f64 = 1.3;

/// What was measured at one vendor.
pub(super) struct Measured {
    vendor: Vendor,
    pulled: usize,
    pushed: usize,
    /// The same with a tenth of the people.
    small: Cost,
    pull: Cost,
    push: Cost,
    /// Requests that changed records.
    writes: u64,
    over_limit: u64,
    impatient: u64,
}

/// Everybody comes, and then so many changes leave.
pub(super) fn measure(dir: &Path, vendor: Vendor, pulled: usize, pushed: usize) -> Measured {
    eprintln!("bench: {} with {pulled} people, of whom {pushed} change", vendor.name());
    let workspace = dir.join("workspace");
    let small = pull(&filled(vendor, pulled / 10), &workspace, pulled / 10);
    std::fs::remove_dir_all(&workspace).expect("it is ours");
    let fake = filled(vendor, pulled);
    let pull = pull(&fake, &workspace, pulled);
    let mut state = fake.state();
    fake.forget();
    run_job("vendor-edit", &[text(&workspace), &pushed.to_string()]);
    let push = run_job("sync-run", &[text(&workspace)]);
    assert_eq!(push.said["pushed"], pushed, "all left: {}", push.said);
    let after = fake.state();
    state.over_limit += after.over_limit;
    state.impatient += after.impatient;
    std::fs::remove_dir_all(&workspace).expect("it is ours");
    let (over_limit, impatient) = (state.over_limit, state.impatient);
    Measured { vendor, pulled, pushed, small, pull, push, writes: after.writes, over_limit, impatient }
}

fn filled(vendor: Vendor, count: usize) -> Fake {
    let fake = Fake::start(vendor);
    (0..count as u64).for_each(|number| fake.put(&Person::numbered(number)));
    fake
}

fn pull(fake: &Fake, workspace: &Path, count: usize) -> Cost {
    let settings: Vec<Value> = fake.settings().iter().map(|(name, value)| json!([name, value])).collect();
    let settings = Value::Array(settings).to_string();
    run_job("vendor-connect", &[text(workspace), fake.vendor().kind(), &settings]);
    fake.forget();
    let cost = run_job("sync-run", &[text(workspace)]);
    assert_eq!(cost.said["created"], count, "all came: {}", cost.said);
    cost
}

/// Of the job `vendor-connect`: a new workspace, connected; all that can leave may.
pub(super) fn connect(dir: &Path, kind: &str, settings: &str) -> Value {
    let core = workspace(dir);
    let settings: Vec<(String, String)> = serde_json::from_str(settings).expect("names and values");
    let settings: Vec<(&str, String)> = settings.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    setup::connect(&core, super::ours::NAME, kind, &settings);
    let open = |settings: &mut Settings| {
        settings.mapping.0.values_mut().for_each(|rule| rule.approved = rule.direction != Direction::Pull);
        settings.enabled_at = Some(Millis(1));
    };
    remotes::set(&core, super::ours::NAME, &Who { actor: "bench".into(), origin: "bench".into() }, open)
        .expect("it is kept");
    json!({})
}

/// Of the job `vendor-edit`: so many get another phone.
pub(super) fn edit(dir: &Path, count: usize) -> Value {
    let core = workspace(dir);
    let mut rows = Vec::new();
    let read = core.store().read(|r| {
        r.contacts().scan(|stored| {
            rows.push(stored.row);
            rows.len() < count
        })
    });
    read.expect("readable");
    let op = Op { kind: OpKind::Import, subject: "phones".into(), actor: "bench".into(), origin: "bench".into() };
    let written = core.store().write(op, |tx| {
        for (number, row) in rows.iter().enumerate() {
            let phone = people::phone(50_000_000 + number);
            tx.edit(*row, |contact| contact.phones = vec![Item::new(&phone, &phone)])?;
        }
        Ok::<_, Error>(())
    });
    written.expect("they are kept");
    json!({})
}

impl Measured {
    fn pages(&self) -> usize {
        self.pulled.div_ceil(self.vendor.longest_page())
    }

    fn batches(&self) -> usize {
        self.pushed.div_ceil(self.vendor.largest_batch())
    }

    /// Milliseconds that so many requests take at least, where the vendor says how often it may
    /// be asked.
    fn budget_ms(&self, requests: f64) -> Option<f64> {
        let limit = self.vendor.limits().into_iter().find(|limit| !limit.searches)?;
        Some((requests / f64::from(limit.most)).floor() * limit.per_ms as f64)
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        let what = |about: &str| format!("{}: {about}", self.vendor.name());
        let note =
            if self.vendor.documents_its_pages() { "" } else { "the vendor does not say how long its pages are" };
        let below = |most: usize| Goal::Below(most as f64);
        let first = |most: usize| Some(("fewest possible", most as f64));
        let (pulls, pushes) = (figure(&self.pull, "requests"), figure(&self.push, "requests"));
        let (pages, batches) = (self.pages(), self.batches());
        let per_thousand = |cost: &Cost, count: usize| figure(cost, "engine_ms") * 1e3 / count as f64;
        let grown = figure(&self.pull, "peak_mib") - figure(&self.small, "peak_mib");
        let pull = format!("{} come", self.pulled);
        let push = format!("{} changes leave", self.pushed);
        let about = |deed: &str, what: &str| format!("{deed}, {what}");
        let around = pages + AROUND_A_WRITE * batches + BESIDE;
        let engine = Goal::Below(ENGINE_MS);
        let mut lines = vec![
            Line::new(&what(&about(&pull, "requests")), "requests", first(pages), pulls, below(pages + BESIDE), note),
            Line::new(
                &what(&about(&pull, "engine time for each 1,000")),
                "ms",
                None,
                per_thousand(&self.pull, self.pulled),
                engine,
                "",
            ),
            Line::new(
                &what(&about(&pull, "memory beside a tenth of them")),
                "MiB more",
                None,
                grown,
                Goal::Below(GROWN_MIB),
                "",
            ),
            Line::new(
                &what(&about(&push, "writes")),
                "requests",
                first(batches),
                self.writes as f64,
                below(batches),
                "",
            ),
            Line::new(
                &what(&about(&push, "requests")),
                "requests",
                first(batches),
                pushes,
                below(around),
                "all is listed, and each record read before and looked at after",
            ),
            Line::new(
                &what(&about(&push, "engine time for each 1,000")),
                "ms",
                None,
                per_thousand(&self.push, self.pulled + self.pushed),
                engine,
                "of those that were listed or written",
            ),
            Line::new(
                &what("requests that were too many or too early"),
                "requests",
                None,
                (self.over_limit + self.impatient) as f64,
                Goal::Below(0.0),
                "",
            ),
        ];
        for (deed, cost, requests) in [(&pull, &self.pull, pulls), (&push, &self.push, pushes)] {
            let Some(budget_ms) = self.budget_ms(requests).filter(|ms| *ms > figure(cost, "engine_ms")) else {
                continue;
            };
            lines.push(Line::new(
                &what(&about(deed, "wall time, where the budget is the bound")),
                "s",
                Some(("budget", budget_ms / 1e3)),
                figure(cost, "wall_ms") / 1e3,
                Goal::AtLeast(1.0 / OVER_BUDGET),
                "",
            ));
        }
        lines
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "vendor": self.vendor.name(),
            "people": self.pulled,
            "changes": self.pushed,
            "first pull of a tenth": self.small.to_json(),
            "first pull": self.pull.to_json(),
            "push": self.push.to_json(),
            "writes": self.writes,
        })
    }
}
