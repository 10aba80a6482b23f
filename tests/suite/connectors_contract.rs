//! One list of promises, tried on every connector that there is a server for here: the fakes of
//! seven vendors and the address book in memory. Real servers keep the same ones in the live tests.

use cardfile_testkit::contract;
use std::io::Write as _;

#[test]
fn every_connection_keeps_what_is_promised_or_says_why_it_cannot() {
    let table = contract::tried(&contract::fakes());
    // Beside the captured output of a test, so that it is seen.
    let _ = writeln!(std::io::stderr(), "{}", table.text());
    assert_eq!(table.broken(), [""; 0]);
}

#[test]
fn no_promise_has_the_name_of_another() {
    let mut names: Vec<&str> = contract::promises().iter().map(|promise| promise.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
