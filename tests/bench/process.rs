//! Jobs as processes of their own, and what they cost.

use serde_json::{Value, json};
use std::{path::Path, process::Command, time::Instant};

/// What a job cost, and what it said.
pub(crate) struct Cost {
    /// User and system time of the process and its children.
    pub(crate) cpu_seconds: f64,
    /// From its start to its end.
    pub(crate) wall_seconds: f64,
    /// One JSON object.
    pub(crate) said: Value,
}

impl Cost {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "cpu_seconds": self.cpu_seconds, "wall_seconds": self.wall_seconds, "said": self.said })
    }
}

/// Runs one job of this program.
pub(crate) fn run_self(job: &str, args: &[&Path]) -> Cost {
    let own = std::env::current_exe().expect("this program");
    let args: Vec<String> = args.iter().map(|arg| format!("'{}'", arg.display())).collect();
    run_shell(&format!("'{}' {job} {}", own.display(), args.join(" ")))
}

/// Runs a script; bash tells what its processes cost, to the millisecond.
pub(crate) fn run_shell(script: &str) -> Cost {
    let timed = format!("TIMEFORMAT='%U %S'; time {{ {script}\n}}");
    let started = Instant::now();
    let output = Command::new("bash").args(["-c", &timed]).output().expect("bash runs");
    let wall_seconds = started.elapsed().as_secs_f64();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {errors}");
    let last = errors.lines().last().unwrap_or_default();
    let cpu_seconds = last.split(' ').map(|part| part.parse::<f64>().expect("a time")).sum();
    let said = String::from_utf8_lossy(&output.stdout);
    let said = said.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    Cost { cpu_seconds, wall_seconds, said }
}

/// The value in the middle.
pub(crate) fn median(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

/// The value below which this share of the values lies.
pub(crate) fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len());
    values[at - 1]
}

/// Largest memory of this process so far, in MiB.
pub(crate) fn peak_mib() -> f64 {
    status_mib("VmHWM:")
}

/// Memory of this process now, in MiB.
pub(crate) fn resident_mib() -> f64 {
    status_mib("VmRSS:")
}

fn status_mib(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or("0 kB");
    line.trim().split(' ').next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
