//! The fake address book as a process, for the stories of the window: it says where it
//! listens, and is told by requests to `/control/` what to do.
#![expect(clippy::print_stdout, reason = "the stories read where it listens")]

use cardfile_testkit::fake_remote::FakeRemote;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let port = match (args.next().as_deref(), args.next()) {
        (None, _) => 0,
        (Some("--port"), Some(port)) => port.parse()?,
        _ => return Err("[--port N]".into()),
    };
    let remote = FakeRemote::at(port)?;
    println!("listening on {}", remote.address());
    remote.wait();
    Ok(())
}
