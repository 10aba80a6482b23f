//! `make bench`: what the product costs beside what the same work costs at
//! least (the floor) and beside other programs, all in one run.
//!
//! CPU seconds are the measure, because wall time on a shared machine is noise;
//! only where a server does most of the work the wall counts too. Long jobs run
//! as processes of their own, side by side in pairs, and the ratio is the median
//! of the pairs' ratios: a machine that slows down does so for both. Answers of
//! the index are timed by the clock of their thread.
//!
//! `BENCH_ONLY=engine`, `gateway`, `sync` or `vendors` measures one part.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench prints, and runs its peers as programs"
)]

mod answers;
mod duplicates;
mod engine;
mod floor;
mod gateway;
mod process;
mod report;
mod sync;

use std::path::{Path, PathBuf};

/// Measures a part, and keeps the result in a folder; long jobs run so often.
type Bench = fn(&Path, usize);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [job, rest @ ..] = &args[..] {
        let said = engine::job(job, rest).or_else(|| sync::job(job, rest)).or_else(|| gateway::job(job, rest));
        println!("{}", said.unwrap_or_else(|| panic!("no job {job}")));
        return;
    }
    let out = PathBuf::from(std::env::var("BENCH_OUT").unwrap_or_else(|_| "../target/bench".into()));
    std::fs::create_dir_all(&out).expect("a folder for the results");
    // Other programs are told where their files are.
    let out = out.canonicalize().expect("it is there");
    let pairs = number("BENCH_PAIRS", 3).max(1);
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let parts: [(&str, Bench); 4] = [
        ("engine", engine::bench),
        ("gateway", gateway::bench),
        ("sync", sync::bench),
        ("vendors", sync::bench_vendors),
    ];
    assert!(
        only.is_empty() || parts.iter().any(|(name, _)| *name == only),
        "BENCH_ONLY is engine, gateway, sync or vendors, not {only}"
    );
    for (name, bench) in parts {
        if only.is_empty() || only == name {
            bench(&out, pairs);
        }
    }
}

/// A setting of the environment.
fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
