//! What a manifest must not do, found before it is used: talk to a host that it does not name,
//! send a secret anywhere but in the headers that say who asks, lose what it writes.

use super::{
    call::Call,
    fault::Fault,
    format::{Auth, AuthKind, ConfigKind, Deletes, Guard, MapMerge, Mode, Strategy, Written},
    given::Source,
    mapped::Way,
    ops::{Op, OpName},
    place::{self, TYPED_HOST},
    slots::LOCALS,
    template::Template,
    tree::{Many, Tree},
};
use std::collections::{BTreeMap, BTreeSet};

/// Headers that a manifest does not set: they say who asks, whom, or how long a body is.
const OWN_HEADERS: [&str; 7] =
    ["authorization", "cookie", "host", "content-length", "content-type", "transfer-encoding", "connection"];
/// Records of one request, at most.
const MOST: u32 = 10_000;

/// Looks at all of it; gives the requests, understood.
pub(super) struct Check<'w> {
    text: &'w str,
    written: &'w Written,
    faults: Vec<Fault>,
}

impl<'w> Check<'w> {
    /// Everything that is wrong; the requests where nothing is.
    pub(super) fn of(text: &'w str, written: &'w Written) -> Result<BTreeMap<OpName, Call>, Vec<Fault>> {
        let mut check = Self { text, written, faults: Vec::new() };
        check.about();
        check.config();
        check.hosts();
        check.auth();
        check.limits();
        let calls = check.calls();
        check.needs(&calls);
        check.fields();
        check.parts();
        if check.faults.is_empty() { Ok(calls) } else { Err(check.faults) }
    }

    fn fault(&mut self, path: &str, message: impl Into<String>) {
        self.faults.push(Fault::at(self.text, path, message));
    }

    fn about(&mut self) {
        let id = &self.written.connector.id;
        if id.is_empty() || !id.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')) {
            self.fault("connector.id", "it is made of small letters, digits and _");
        }
        if self.written.connector.label.trim().is_empty() {
            self.fault("connector.label", "people call it something");
        }
    }

    fn config(&mut self) {
        let mut met = BTreeSet::new();
        for (at, config) in self.written.config.iter().enumerate() {
            let path = |part: &str| format!("config[{at}].{part}");
            let is_word = config.name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
            if config.name.is_empty() || !is_word || !met.insert(config.name.as_str()) {
                self.fault(&path("name"), "it is a word of small letters, and no other field has it");
            }
            let default = config.default.as_deref();
            match config.kind {
                ConfigKind::Secret if default.is_some() => {
                    self.fault(&path("default"), "a secret is typed, and never given")
                }
                ConfigKind::Choice if config.choices.is_empty() => {
                    self.fault(&path("choices"), "there is nothing to choose")
                }
                ConfigKind::Choice
                    if default.is_some_and(|default| !config.choices.iter().any(|one| one == default)) =>
                {
                    self.fault(&path("default"), "it is none of the choices");
                }
                ConfigKind::Toggle if !matches!(default, Some("yes" | "no")) => {
                    self.fault(&path("default"), "a toggle is yes or no to begin with");
                }
                _ => {}
            }
        }
    }

    fn hosts(&mut self) {
        let http = &self.written.http;
        if http.hosts.is_empty() {
            self.fault("http.hosts", "a connection names the hosts it talks to");
        }
        for (at, host) in http.hosts.iter().enumerate() {
            // An address may hold a star.
            let is_name = host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c));
            let is_host = place::address(host).is_ok_and(|url| url.path() == "/" && place::host_of(&url) == *host);
            if host != TYPED_HOST && !(is_name && is_host) {
                self.fault(&format!("http.hosts[{at}]"), "it is the name of one host, and no pattern");
            }
        }
        if http.base != format!("{{config.{}}}", place::BASE_URL) {
            match place::address(&http.base) {
                Err(why) => self.fault("http.base", why),
                Ok(url) if url.scheme() != "https" => {
                    self.fault("http.base", "only a person may type an address in clear")
                }
                Ok(url) if !http.hosts.contains(&place::host_of(&url)) => {
                    self.fault("http.base", "its host is none of http.hosts");
                }
                Ok(_) => {}
            }
        } else if !self.written.config.iter().any(|config| config.name == place::BASE_URL) {
            self.fault("http.base", "nobody is asked for base_url");
        }
        for (name, value) in &http.headers {
            let path = format!("http.headers.{name}");
            if OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                self.fault(&path, "this header is not the manifest's to set");
            } else if value.contains(['{', '}', '\r', '\n']) {
                self.fault(&path, "a header is the same for everybody");
            }
        }
    }

    fn is_secret(&self, name: &str) -> Option<bool> {
        let config = self.written.config.iter().find(|config| config.name == name);
        config.map(|config| config.kind == ConfigKind::Secret)
    }

    fn auth(&mut self) {
        let Auth { kind, token, user, header, prefix, oauth } = &self.written.auth;
        let secret = |name: &Option<String>| name.as_ref().and_then(|name| self.is_secret(name));
        let (is_secret, is_user_secret) = (secret(token), secret(user));
        if *kind != AuthKind::None && is_secret != Some(true) {
            self.fault("auth.token", "it names a field of the form that is a secret");
        }
        if *kind == AuthKind::Basic && is_user_secret != Some(false) {
            self.fault("auth.user", "it names a field of the form that is no secret");
        }
        if *kind == AuthKind::Header && header.is_empty() {
            self.fault("auth.header", "the header has a name");
        }
        for (path, text) in [("auth.header", header), ("auth.prefix", prefix)] {
            match Template::parse(text) {
                Err(why) => self.fault(path, why),
                Ok(template) => {
                    let sources: Vec<Source> = template.sources().cloned().collect();
                    sources.iter().for_each(|source| self.source(path, source, &[]));
                }
            }
        }
        if let Some(oauth) = oauth {
            let is_encrypted = |address: &str| place::address(address).is_ok_and(|url| url.scheme() == "https");
            if !is_encrypted(&oauth.authorize) {
                self.fault("auth.oauth.authorize", "the browser opens an encrypted address");
            }
            let host = place::address(&oauth.token).map(|url| place::host_of(&url));
            if !is_encrypted(&oauth.token) || !host.is_ok_and(|host| self.written.http.hosts.contains(&host)) {
                self.fault("auth.oauth.token", "it is an encrypted address of one of http.hosts");
            }
            if self.is_secret(&oauth.client_id) != Some(false) {
                self.fault("auth.oauth.client_id", "it names a field of the form that is no secret");
            }
            let client_secret = oauth.client_secret.as_ref().map(|name| self.is_secret(name));
            if client_secret.is_some_and(|is_secret| is_secret != Some(true)) {
                self.fault("auth.oauth.client_secret", "it names a field of the form that is a secret");
            }
        }
    }

    fn limits(&mut self) {
        for (at, budget) in self.written.limits.budget.iter().enumerate() {
            if budget.n == 0 || budget.per.0 == 0 {
                self.fault(&format!("limits.budget[{at}]"), "nothing could ever be asked");
            }
        }
        if let Some(name) = &self.written.limits.per_minute
            && self.is_secret(name) != Some(false)
        {
            self.fault("limits.per_minute", "it names a field of the form that is no secret");
        }
    }

    /// One value that a request needs: one there is, no secret, and known by then.
    fn source(&mut self, path: &str, source: &Source, known: &[Source]) {
        match source {
            Source::Config(name) => match self.is_secret(name) {
                Some(false) => {}
                Some(true) => self.fault(path, format!("{name} is a secret: it leaves in the headers of [auth] alone")),
                None => self.fault(path, format!("the form has no field {name}")),
            },
            other if known.contains(other) => {}
            _ => self.fault(path, "this value is not known when the request is made"),
        }
    }

    fn calls(&mut self) -> BTreeMap<OpName, Call> {
        let mut calls = BTreeMap::new();
        let all: Vec<(OpName, Op)> = self.written.ops.all().into_iter().map(|(name, op)| (name, op.clone())).collect();
        for (name, op) in all {
            let path = format!("ops.{}", name.as_str());
            if let Some(call) = self.call(&path, name, &op) {
                calls.insert(name, call);
            }
        }
        calls
    }

    fn call(&mut self, path: &str, name: OpName, op: &Op) -> Option<Call> {
        let call = match Call::new(name, op) {
            Ok(call) => call,
            Err((part, why)) => {
                self.fault(&format!("{path}.{part}"), why);
                return None;
            }
        };
        let is_safe = |text: &str| {
            let signs = text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/".contains(c));
            signs && !text.split('/').any(|part| matches!(part, "." | ".."))
        };
        if op.path.starts_with('/') || op.path.contains("//") || !call.path.texts().all(is_safe) {
            self.fault(&format!("{path}.path"), "it is a path below the address, without signs that lead elsewhere");
        }
        if op.batch.is_some_and(|batch| batch == 0 || batch > MOST) {
            self.fault(&format!("{path}.batch"), format!("it is at least 1 and at most {MOST}"));
        }
        let known = Source::known_in(name, call.is_batch());
        let sources: Vec<(&'static str, Source)> =
            call.sources().into_iter().map(|(part, source)| (part, source.clone())).collect();
        for (part, source) in &sources {
            self.source(&format!("{path}.{part}"), source, &known);
        }
        let sends = |many: Many| call.has(|tree| matches!(tree, Tree::Each { of, .. } if *of == many));
        let writes = matches!(name, OpName::Create | OpName::Update | OpName::Upsert | OpName::Ensure);
        if writes && call.is_batch() && (!sends(Many::Writes) || op.result.is_none()) {
            self.fault(
                &format!("{path}.batch"),
                "a batch sends each of writes, and its result says what became of each",
            );
        }
        if writes && !call.has(|tree| matches!(tree, Tree::Record { .. })) {
            self.fault(&format!("{path}.body"), "it sends nothing of the record");
        }
        let is_of_ids = matches!(name, OpName::ReadMany | OpName::FindMany)
            || matches!(name, OpName::Delete | OpName::Purge) && call.is_batch();
        if is_of_ids && !sends(Many::Ids) {
            self.fault(&format!("{path}.body"), "it sends each of ids");
        }
        Some(call)
    }

    fn needs(&mut self, calls: &BTreeMap<OpName, Call>) {
        let written = self.written;
        let mut needs = vec![OpName::List, OpName::Read];
        if written.changes.mode != Mode::FullScan {
            needs.push(OpName::Changes);
            if written.changes.field.is_none() {
                self.fault("changes.field", "a search by time needs to know where a record says it");
            }
        }
        if written.changes.deletes == Deletes::ArchivedList {
            needs.push(OpName::Archived);
        }
        let leaves = written.fields.iter().any(|field| field.direction != Way::Pull);
        if leaves && !written.ops.is_read_only() {
            needs.push(match written.write.strategy {
                Strategy::FindThenWrite => OpName::Create,
                Strategy::Upsert => OpName::Upsert,
                Strategy::EnsureThenUpdate => OpName::Ensure,
            });
            if written.write.strategy != Strategy::Upsert {
                needs.push(OpName::Update);
            }
        }
        let custom = written.custom.as_ref();
        if custom.is_some_and(|custom| custom.map_merge == MapMerge::MergeKeysWithDeleteOp) {
            needs.push(OpName::ForgetKeys);
        }
        if written.identity.ensure.is_some() {
            needs.extend([OpName::SchemaList, OpName::SchemaCreate]);
        }
        for name in needs {
            if written.ops.all().iter().all(|(known, _)| *known != name) {
                let name = name.as_str();
                self.fault("ops", format!("there has to be ops.{name}"));
            }
        }
        let is_conditional = calls.get(&OpName::Update).is_some_and(|call| call.op.if_match);
        if written.write.guard == Guard::Condition && (!is_conditional || written.identity.version.is_none()) {
            self.fault("write.guard", "a condition needs ops.update.if_match and identity.version");
        }
        if written.ops.schema_list.is_some() && custom.is_none_or(|custom| custom.name.is_none()) {
            self.fault("custom.name", "the list of attributes says their names somewhere");
        }
        if let Some(ensure) = &written.identity.ensure {
            let is_toggle =
                written.config.iter().any(|one| one.name == ensure.toggle && one.kind == ConfigKind::Toggle);
            if !is_toggle {
                self.fault("identity.ensure.toggle", "it names a toggle of the form");
            }
            match Tree::parse(&ensure.body) {
                Err(why) => self.fault("identity.ensure.body", why),
                Ok(tree) if !tree.sources().is_empty() => {
                    self.fault("identity.ensure.body", "it is the same for everybody")
                }
                Ok(_) => {}
            }
        }
        for (at, name) in written.identity.scope.iter().enumerate() {
            if self.is_secret(name) != Some(false) {
                self.fault(&format!("identity.scope[{at}]"), "it names a field of the form that is no secret");
            }
        }
        if let Some(quota) = &written.quota
            && self.is_secret(&quota.limit) != Some(false)
        {
            self.fault("quota.limit", "it names a field of the form that is no secret");
        }
    }

    fn fields(&mut self) {
        let written = self.written;
        if written.fields.is_empty() {
            self.fault("field", "nothing would come, and nothing would leave");
        }
        let identity = &written.identity;
        let mut taken: Vec<_> =
            identity.external_id.iter().chain([&identity.remote_id]).chain(&identity.stamp).collect();
        let mut met = BTreeSet::new();
        for (at, field) in written.fields.iter().enumerate() {
            let path = |part: &str| format!("field[{at}].{part}");
            if !LOCALS.contains(&field.local.as_str()) {
                self.fault(&path("local"), format!("there are {}", LOCALS.join(", ")));
                continue;
            }
            if !met.insert(&field.local) {
                self.fault(&path("local"), "another field is mapped to it already");
            }
            let places = field.remote.all();
            if field.places() != Some(places.len()) {
                self.fault(&path("codec"), format!("{} is not written so, or in so many places", field.local));
                continue;
            }
            for place in places {
                if taken.iter().any(|other| place.is_within(other) || other.is_within(place)) {
                    self.fault(&path("remote"), format!("{place} holds something else already"));
                }
                taken.push(place);
            }
            if field.direction == Way::Both && !field.comes_back() {
                self.fault(&path("codec"), "what is written does not come back as it was");
            }
        }
    }

    fn parts(&mut self) {
        let all = self.written.parts.clone();
        for (at, part) in all.iter().enumerate() {
            let path = format!("part[{at}]");
            self.call(&format!("{path}.list"), OpName::Parts, &part.list);
            if let Some(messages) = &part.messages {
                self.call(&format!("{path}.messages"), OpName::Parts, messages);
            }
            for word in part.roles.values() {
                if !matches!(word.as_str(), "contact" | "agent" | "staff") {
                    self.fault(&format!("{path}.roles"), "a writer is contact, agent or staff");
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
