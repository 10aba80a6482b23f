//! A fake as a process, for the stories of the window: the address book, or with `--vendor` the
//! system of a vendor. It says where it listens, and is told by requests to `/control/` what to
//! do; of a vendor at a door of their own.
#![expect(clippy::print_stdout, reason = "the stories read where it listens")]

use cardfile_testkit::{
    fake_remote::FakeRemote,
    vendors::{Control, Fake, Vendor},
};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (None, _) => address_book(0)?,
        (Some("--port"), Some(port)) => address_book(port.parse()?)?,
        (Some("--vendor"), Some(kind)) => vendor(&kind)?,
        _ => return Err("[--port N | --vendor KIND]".into()),
    }
    Ok(())
}

fn address_book(port: u16) -> Result<(), Box<dyn Error>> {
    let remote = FakeRemote::at(port)?;
    println!("listening on {}", remote.address());
    remote.wait();
    Ok(())
}

fn vendor(kind: &str) -> Result<(), Box<dyn Error>> {
    let vendor = Vendor::ALL.into_iter().find(|vendor| vendor.kind() == kind);
    let fake = Fake::start(vendor.ok_or_else(|| format!("there is no fake of {kind}"))?);
    let address = fake.address();
    let control = Control::of(fake);
    println!("listening on {address}, told at {}", control.address());
    control.wait();
    Ok(())
}
