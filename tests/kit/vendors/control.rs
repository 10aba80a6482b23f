//! A fake as a process of its own, for the stories of the window: what they tell it and ask of it
//! goes to a door beside the vendor's interface, which stays as it is.

use super::{Fake, Person};
use crate::{
    http::Message,
    server::{self, Server, Speaks},
};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};

/// The door. It closes when it is dropped, and the fake with it.
pub struct Control(Server);

impl Control {
    /// Of a fake, on a port that is free.
    pub fn of(fake: Fake) -> Self {
        Self(Server::start(Arc::new(Desk(fake))))
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Until somebody ends the process.
    pub fn wait(self) {
        self.0.wait();
    }
}

/// Behind the door.
struct Desk(Fake);

impl Speaks for Desk {
    fn speak(&self, request: &Message) -> Option<Vec<u8>> {
        let (status, body) = match (request.word(0), request.word(1)) {
            ("GET", "/control/settings") => (200, self.0.settings().into_iter().collect()),
            ("GET", "/control/state") => (200, self.state()),
            ("POST", "/control/people") => self.put(&request.text()),
            _ => (404, json!("there is no such control")),
        };
        Some(server::json(status, &[], Some(&body.to_string())))
    }
}

impl Desk {
    /// Who is there, and what was asked.
    fn state(&self) -> Value {
        let people = self.0.people().into_iter().map(
            |one| json!({ "external_id": one.external_id, "name": one.name, "email": one.email, "phone": one.phone }),
        );
        let people: Vec<Value> = people.collect();
        let state = self.0.state();
        let asked = state.asked.iter();
        let asked = asked.map(|one| json!({ "method": one.method, "path": one.path, "status": one.status }));
        let asked: Vec<Value> = asked.collect();
        json!({ "people": people, "writes": state.writes, "requests": asked })
    }

    /// Somebody else types people in.
    fn put(&self, body: &str) -> (u16, Value) {
        let said: Value = serde_json::from_str(body).unwrap_or_default();
        let Some(all) = said.as_array() else { return (400, json!("people are a list")) };
        for one in all {
            let of = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            let (external_id, name, email, phone) = (of("external_id"), of("name"), of("email"), of("phone"));
            self.0.put(&Person { external_id, name, email, phone });
        }
        (200, json!({ "count": self.0.count() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::Client, vendors::Vendor};

    #[test]
    fn people_are_typed_in_and_seen_beside_the_interface_of_the_vendor() {
        let control = Control::of(Fake::start(Vendor::Chatwoot));
        let client = Client { address: control.address(), account: None };
        let people = json!([{ "external_id": "u-1", "name": "Ana Ruiz", "email": "ana@x.example", "phone": "" }]);
        let put = |body: &str| client.send("POST", "/control/people", &[], body).status();
        assert_eq!((put(&people.to_string()), put("{}")), (200, 400));
        let get = |path: &str| -> Value {
            serde_json::from_slice(&client.send("GET", path, &[], "").body).expect("an answer is JSON")
        };
        let state = get("/control/state");
        assert_eq!((&state["people"], &state["writes"]), (&people, &json!(0)));
        assert_eq!(get("/control/settings")["account"], "1");
    }
}
