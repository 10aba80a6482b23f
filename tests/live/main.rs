//! Live peers: sync against servers and a client that nobody here wrote, on loopback, and the
//! door for other programs before one that makes requests out of its document.
//!
//! An agent made with the official SDK of another language talks with our program over its
//! standard streams, and shows tokens that PyJWT made.
//!
//! Radicale and Xandikos keep the same cards in different ways (one rewrites what it is
//! given and speaks HTTP/1.0, the other takes two cards with one UID), so nearly every test
//! runs against both. Datasette stands for a backend of somebody's own, and Prism says whether a
//! vendor would take a request. They come, and PostgreSQL with them, from `.ci/install peers`;
//! without them the tests fail and say so. Nothing here leaves this computer.

mod carddav;
mod contract;
mod door;
mod handover;
mod kill;
mod mcp;
mod postgres;
mod prism;
mod proxy;
mod scene;
mod second_client;
mod tables;

use cardfile_testkit::{http, peers};
