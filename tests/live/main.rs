//! Live peers: sync against servers and a client that nobody here wrote, on loopback, and the
//! door for other programs before one that makes requests out of its document.
//!
//! Radicale and Xandikos keep the same cards in different ways (one rewrites what it is
//! given and speaks HTTP/1.0, the other takes two cards with one UID), so nearly every test
//! runs against both. They come, and PostgreSQL with them, from `.ci/install peers`; without
//! them the tests fail and say so. Nothing here leaves this computer.

mod carddav;
mod door;
mod handover;
mod kill;
mod postgres;
mod proxy;
mod scene;
mod second_client;

use cardfile_testkit::{http, peers};
