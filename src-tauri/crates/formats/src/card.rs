//! One card of an address book: read as a record of a remote, made, and changed line by
//! line.
//!
//! A card that is changed keeps, byte for byte and in its place, every line that says
//! nothing about what changes: what we have no field for is not ours to rewrite. Nothing of
//! ours goes into a card but a stamp for each device.
//!
//! Where a card needs a name that the contact does not have, it gets one marked DERIVED
//! (RFC 9554, 4.4), and such a name is not read: else an echo of ours would name the
//! contact.

use crate::{
    mapping::Reading,
    vcard::{is, is_quoted_printable, short_dates},
    vcard_export::{self, Piece, fold, pieces, without_keys},
    vcard_property::{self, Fault, OWN, is_label, is_scheme},
};
use calcard::vcard::{
    VCard, VCardEntry, VCardParameter, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue,
};
use cardfile_domain::{Contact, FieldDef, Item, NameParts, Region, name, say};
use std::collections::{BTreeMap, BTreeSet};

/// The units that a card can carry. A stage, a tier, preferences and custom fields have no
/// property that others understand, and stay here.
pub const UNITS: &[&str] = &[
    "kind",
    "name",
    "nick",
    "email",
    "email.first",
    "phone",
    "phone.first",
    "company",
    "job_title",
    "department",
    "tags",
    "description",
    "handle",
    "address",
    "url",
    "date",
];

/// A card as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    /// What it says of the contact: its units, no ID and no metadata.
    pub contact: Contact,
    /// Its UID, or nothing.
    pub uid: String,
    /// How many of our writes it has seen, by device.
    pub stamps: BTreeMap<String, u64>,
}

/// Reads a card. `region` is the country of phones typed without one, the same as for the
/// contacts here: else an echo of ours would look like another phone.
pub fn read(text: &str, region: Option<Region>) -> Result<Card, String> {
    Ok(Body::parse(text, region)?.card)
}

/// Makes a card of all that the contact says. It is vCard 3.0, which every server has to
/// take (RFC 6352, 3) and nearly every program writes; 4.0 is optional.
pub fn new(contact: &Contact, uid: &str, stamp: Option<(&str, u64)>) -> String {
    made(contact, uid, stamp, Version::Three)
}

/// Makes a card say what the contact says of these units. Lines about nothing else stay as
/// they are; so does a line about one of them that is still true.
pub fn patch(
    body: &str,
    contact: &Contact,
    units: &BTreeSet<String>,
    region: Option<Region>,
    stamp: Option<(&str, u64)>,
) -> Result<String, String> {
    let parsed = Body::parse(body, region)?;
    let base = &parsed.card.contact;
    let target = aim(base, contact, units);
    let mut changed: BTreeSet<&str> =
        UNITS.iter().copied().filter(|unit| !unit.ends_with(FIRST) && !same(base, &target, unit)).collect();
    if changed.is_empty() && stamp.is_none() {
        return Ok(body.to_owned());
    }
    // One line holds both.
    if changed.contains("company") || changed.contains("department") {
        changed.extend(["company", "department"]);
    }
    // The name that stands for none may be the email that changes.
    let stands_for_none = |line: &Line<'_>| line.entry.as_ref().is_some_and(is_derived);
    if !changed.is_empty() && target.name.is_empty() && parsed.lines.iter().any(stands_for_none) {
        changed.insert("name");
    }
    let text = parsed.with(&target, &changed, stamp, &BTreeSet::new());
    let after = Body::parse(&text, region)?.card.contact;
    let unsaid: BTreeSet<&str> = changed.iter().copied().filter(|unit| !same(&after, &target, unit)).collect();
    Ok(if unsaid.is_empty() { text } else { parsed.with(&target, &changed, stamp, &unsaid) })
}

/// Ends the name of a unit that only tells which item is first.
const FIRST: &str = ".first";
/// A line for each device: how many of its writes the card has seen.
const STAMP: &str = "X-CARDFILE-STAMP";
/// The scheme that Apple gives to a handle whose platform has none.
const NO_SCHEME: &str = "x-apple";
/// The year that Apple gives to a day without one.
const NO_YEAR: &str = "1604";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Two,
    Three,
    Four,
}

impl Version {
    /// What the card says; most that say nothing are old.
    fn of(lines: &[&str]) -> Self {
        let said = lines.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("VERSION").then(|| value.trim())
        });
        match said {
            Some("4.0") => Self::Four,
            Some(number) if number.starts_with('2') => Self::Two,
            _ => Self::Three,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Two => "2.1",
            Self::Three => "3.0",
            Self::Four => "4.0",
        }
    }
}

/// A card with its lines.
struct Body<'t> {
    version: Version,
    lines: Vec<Line<'t>>,
    card: Card,
}

/// A logical line: put together again, all of them are the card.
struct Line<'t> {
    /// As it stands, with its folds and its end.
    raw: &'t str,
    /// Nothing where it is no property, or one that frames the card.
    entry: Option<VCardEntry>,
    /// What it says by itself, without keys.
    alone: Contact,
    /// Whether the card would say less without it.
    adds: bool,
}

impl<'t> Body<'t> {
    fn parse(text: &'t str, region: Option<Region>) -> Result<Self, String> {
        let raws = split(text);
        if !raws.iter().find(|raw| !raw.trim().is_empty()).is_some_and(|raw| frames(raw, b"BEGIN")) {
            return Err(say!("the card cannot be read").to_string());
        }
        if raws.iter().filter(|raw| frames(raw, b"BEGIN")).count() > 1 {
            return Err("there is more than one card".to_owned());
        }
        let version = Version::of(&raws);
        let end = raws.iter().position(|raw| frames(raw, b"END")).unwrap_or(raws.len());
        let entries: Vec<Option<VCardEntry>> =
            raws.iter().enumerate().map(|(at, raw)| if at < end { entry_of(raw, version) } else { None }).collect();
        let labels: Vec<VCardEntry> = entries.iter().flatten().filter(|entry| is_label(entry)).cloned().collect();
        let reading = Reading::new(region, &[]);
        let mut whole = vcard_property::Card::new(labels.iter(), &reading);
        let (mut uid, mut stamps) = (String::new(), BTreeMap::new());
        let mut lines = Vec::with_capacity(raws.len());
        for (raw, entry) in raws.into_iter().zip(entries) {
            let mut line = Line { raw, entry, alone: Contact::default(), adds: false };
            if let Some(entry) = &line.entry {
                if is_list(entry) {
                    return Err("this is a list of cards, not a contact".to_owned());
                }
                if entry.name == VCardProperty::Uid && uid.is_empty() {
                    first_text(entry).clone_into(&mut uid);
                }
                if let Some((device, number)) = stamp_of(entry) {
                    let seen = stamps.entry(device.to_owned()).or_insert(number);
                    *seen = number.max(*seen);
                }
                let before = whole.contact.clone();
                let alone = said(entry, &labels, &reading).map_err(|fault| fault.message.to_string())?;
                hear(&mut whole, entry, &alone).map_err(|fault| fault.message.to_string())?;
                line.adds = whole.contact != before;
                line.alone = without_keys(alone);
            }
            lines.push(line);
        }
        let mut contact = whole.contact;
        if contact.name.is_empty() {
            contact.name = name::from_parts(&contact.name_parts);
        }
        Ok(Self { version, lines, card: Card { contact, uid, stamps } })
    }

    /// The card as it says what `target` says of the units that changed. A line whose field
    /// another line holds stays, as a name in a second language does, and so does a true
    /// line that does not tell which item is first. Not so where the unit is in `strict`:
    /// with such lines the card said something else.
    fn with(
        &self,
        target: &Contact,
        changed: &BTreeSet<&str>,
        stamp: Option<(&str, u64)>,
        strict: &BTreeSet<&str>,
    ) -> String {
        let base = &self.card.contact;
        let is_marked = |field: &str| {
            let is_it = |line: &Line<'_>| ranked(&line.alone) == field && line.entry.as_ref().is_some_and(is_preferred);
            !field.is_empty() && self.lines.iter().any(is_it)
        };
        let moves = |field: &str| is_marked(field) && first_of(base, field) != first_of(target, field);
        let marks_count = |field: &str| strict.contains(field) || moves(field);

        let mut left: Vec<Piece> = pieces_of(target, self.version)
            .into_iter()
            .filter(|piece| is_about(changed, &piece.entries[0].name, &piece.alone))
            .collect();
        let mut stays = vec![true; self.lines.len()];
        let mut is_stamped = stamp.is_none();
        for (line, stays) in self.lines.iter().zip(&mut stays) {
            let Some(entry) = &line.entry else { continue };
            if let (Some((device, number)), Some((theirs, seen))) = (stamp, stamp_of(entry))
                && device == theirs
            {
                *stays = seen == number && !is_stamped;
                is_stamped |= *stays;
            } else if entry.name == VCardProperty::Rev {
                // It would be the time of another card, and there is no clock here.
                *stays = changed.is_empty();
            } else if is_about(changed, &entry.name, &line.alone) {
                if !line.adds && line.alone != Contact::default() {
                    *stays = !is_about(strict, &entry.name, &line.alone);
                    continue;
                }
                let is_it = |piece: &Piece| answers(line, entry, piece, marks_count(ranked(&piece.alone)));
                match left.iter().position(is_it) {
                    Some(at) => drop(left.remove(at)),
                    None => *stays = false,
                }
            }
        }
        let groups = |wanted: bool| -> BTreeSet<&str> {
            let lines = self.lines.iter().zip(&stays).filter(|(line, stays)| **stays == wanted && !is_satellite(line));
            lines.filter_map(|(line, _)| group_of(line)).collect()
        };
        let (kept, lost) = (groups(true), groups(false));
        for (line, stays) in self.lines.iter().zip(&mut stays) {
            let is_alone = |group: &str| lost.contains(group) && !kept.contains(group);
            if is_satellite(line) && group_of(line).is_some_and(is_alone) {
                *stays = false;
            }
        }
        if let (Some((device, number)), false) = (stamp, is_stamped) {
            left.push(stamp_piece(device, number));
        }

        // New lines stand where the first one of their name stood that went.
        let end = self.lines.iter().position(|line| frames(line.raw, b"END")).unwrap_or(self.lines.len());
        let mut added: BTreeMap<usize, String> = BTreeMap::new();
        let mut next_group = first_free_group(&self.lines);
        for mut piece in left {
            let name = &piece.entries[0].name;
            let place = self
                .lines
                .iter()
                .zip(&stays)
                .position(|(line, stays)| !stays && line.entry.as_ref().is_some_and(|entry| entry.name == *name));
            let field = ranked(&piece.alone);
            if !strict.contains(field) && !is_marked(field) {
                piece.entries[0].params.retain(|param| !is_mark(param));
            }
            write(piece, self.version, &mut next_group, added.entry(place.unwrap_or(end)).or_default());
        }

        let first_end = self.lines.iter().find_map(|line| line.raw.find('\n').map(|at| &line.raw[..at]));
        let line_end = if first_end.is_some_and(|before| !before.ends_with('\r')) { "\n" } else { "\r\n" };
        let mut text = String::new();
        let raws = self.lines.iter().zip(&stays).map(|(line, stays)| if *stays { line.raw } else { "" });
        for (at, raw) in raws.chain([""]).enumerate() {
            if let Some(lines) = added.get(&at) {
                end_line(&mut text, line_end);
                text.push_str(&lines.replace("\r\n", line_end));
            }
            text.push_str(raw);
        }
        if end == self.lines.len() {
            // No server takes a card without its end.
            end_line(&mut text, line_end);
            text.push_str("END:VCARD");
            text.push_str(line_end);
        }
        text
    }
}

fn end_line(text: &mut String, line_end: &str) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(line_end);
    }
}

/// Cuts a card into its logical lines.
fn split(text: &str) -> Vec<&str> {
    let (mut starts, mut at, mut quoted) = (Vec::new(), 0, false);
    for physical in text.split_inclusive('\n') {
        if starts.is_empty() || !(quoted || physical.starts_with([' ', '\t'])) {
            starts.push(at);
        }
        let content = physical.trim_end_matches(['\r', '\n']);
        // vCard 2.1: a quoted-printable value goes on after a line that ends in `=`.
        quoted = content.ends_with('=') && (quoted || is_quoted_printable(content.as_bytes()));
        at += physical.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut lines: Vec<(usize, usize)> = Vec::new();
    for (start, end) in starts.iter().copied().zip(ends) {
        // A line without a colon is no property: the rest of an old picture, or blank.
        match lines.last_mut().filter(|_| !text[start..end].contains(':')) {
            Some(last) => last.1 = end,
            None => lines.push((start, end)),
        }
    }
    lines.into_iter().map(|(start, end)| &text[start..end]).collect()
}

/// `BEGIN:VCARD` and `END:VCARD`.
fn frames(raw: &str, word: &[u8]) -> bool {
    let first = raw.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    is(first.as_bytes(), word)
}

/// A logical line in one physical one; what only the parser can join stays as it is.
fn unfolded(raw: &str) -> String {
    if is_quoted_printable(raw.as_bytes()) {
        return raw.trim_end().to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    for (at, physical) in raw.lines().enumerate() {
        match physical.strip_prefix([' ', '\t']) {
            Some(rest) if at > 0 => text.push_str(rest),
            _ if at == 0 => text.push_str(physical),
            _ => {
                text.push_str("\r\n");
                text.push_str(physical);
            }
        }
    }
    text
}

/// Reads a line as the version of its card writes it.
fn entry_of(raw: &str, version: Version) -> Option<VCardEntry> {
    // What is read in 2.1 and 3.0 differs from 4.0 in dates alone.
    let version = if version == Version::Two { Version::Three } else { version };
    let line = unfolded(raw);
    let (version, line) = (version.as_str(), short_dates(&line));
    let card = VCard::parse(format!("BEGIN:VCARD\r\nVERSION:{version}\r\n{line}\r\nEND:VCARD\r\n")).ok()?;
    let frames =
        |name: &VCardProperty| matches!(name, VCardProperty::Begin | VCardProperty::End | VCardProperty::Version);
    let mut entry = card.entries.into_iter().find(|entry| !frames(&entry.name))?;
    for param in &mut entry.params {
        if param.name == VCardParameterName::Pref && param.value == VCardParameterValue::Null {
            // vCard 2.1: TEL;PREF:
            *param = vcard_export::parameter(VCardParameterName::Type, "PREF");
        } else if let VCardParameterValue::Text(text) = &mut param.value {
            *text = decoded(text);
        }
    }
    Some(entry)
}

/// What a property says by itself.
fn said(entry: &VCardEntry, labels: &[VCardEntry], reading: &Reading) -> Result<Contact, Fault> {
    let mut card = vcard_property::Card::new(labels.iter(), reading);
    let is_blank = |value: &VCardValue| matches!(value, VCardValue::Text(text) if text.trim().is_empty());
    let has_label = entry.params.iter().any(|param| param.name == VCardParameterName::Label);
    let is_ours = entry.name.as_str().to_ascii_uppercase().starts_with(OWN);
    let is_about_the_card =
        matches!(entry.name, VCardProperty::Uid | VCardProperty::Rev | VCardProperty::Created) || is_ours;
    if is_about_the_card || is_derived(entry) || (entry.values.iter().all(is_blank) && !has_label) {
        return Ok(card.contact);
    }
    card.apply(entry)?;
    if card.contact.dates.is_empty() && entry.name.as_str().eq_ignore_ascii_case("X-ABDATE") {
        // A date of no name is read as one of a name, which it does not get.
        card.apply(&VCardEntry { name: VCardProperty::Other("X-ANNIVERSARY".into()), ..entry.clone() })?;
        card.contact.dates.iter_mut().for_each(|date| date.label.clear());
    }
    for handle in card.contact.handles.iter_mut().filter(|handle| handle.label == NO_SCHEME) {
        handle.label = platform(entry);
    }
    Ok(card.contact)
}

/// Puts what a property says to what the others said.
fn hear(whole: &mut vcard_property::Card<'_>, entry: &VCardEntry, alone: &Contact) -> Result<(), Fault> {
    if alone.handles.is_empty() && alone.dates.is_empty() {
        if *alone != Contact::default() {
            whole.apply(entry)?;
        }
        return Ok(());
    }
    // An import takes values that are equal for one; here the same name on two platforms is
    // two handles, and one day may be two dates.
    for (field, items) in [("handle", &alone.handles), ("date", &alone.dates)] {
        let known = whole.contact.items_mut(field);
        for item in items {
            if !known.contains(item) {
                known.push(item.clone());
            }
        }
    }
    Ok(())
}

/// What the contact is to say: of these units what the given one says, of the others what
/// the card says.
fn aim(base: &Contact, contact: &Contact, units: &BTreeSet<String>) -> Contact {
    let mut target = base.clone();
    for unit in UNITS.iter().filter(|unit| units.contains(**unit) && !unit.ends_with(FIRST)) {
        for field in fields(unit) {
            if let Some(value) = contact.value(field) {
                target.set_value(field, value);
            }
        }
    }
    for (field, first) in [("email", "email.first"), ("phone", "phone.first")] {
        let source = if units.contains(first) { contact } else { base };
        let wanted = if field == "email" { source.emails.first() } else { source.phones.first() };
        let items = target.items_mut(field);
        if let Some(place) = wanted.and_then(|wanted| items.iter().position(|item| item.same_value(wanted))) {
            items[..=place].rotate_right(1);
        }
    }
    target
}

/// The fields of the catalogue that a unit covers.
fn fields(unit: &str) -> impl Iterator<Item = &str> {
    let field = unit.strip_suffix(FIRST).unwrap_or(unit);
    std::iter::once(field).chain((field == "name").then_some("name_parts"))
}

/// Whether both say the same of a unit. The order of a list says nothing, but for the
/// first email and the first phone.
fn same(one: &Contact, other: &Contact, unit: &str) -> bool {
    let items = |one: &[Item], other: &[Item]| {
        let says = |item: &Item, known: &Item| {
            item.label == known.label && item.value == known.value && item.address == known.address
        };
        one.len() == other.len() && one.iter().all(|item| other.iter().any(|known| says(item, known)))
    };
    match unit.strip_suffix(FIRST).unwrap_or(unit) {
        "email" => items(&one.emails, &other.emails) && one.email() == other.email(),
        "phone" => items(&one.phones, &other.phones) && one.phone() == other.phone(),
        "handle" => items(&one.handles, &other.handles),
        "address" => items(&one.addresses, &other.addresses),
        "url" => items(&one.urls, &other.urls),
        "date" => items(&one.dates, &other.dates),
        "tags" => one.tags.len() == other.tags.len() && one.tags.iter().all(|tag| other.tags.contains(tag)),
        _ => fields(unit).all(|field| same_field(one, other, field)),
    }
}

fn same_field(one: &Contact, other: &Contact, field: &str) -> bool {
    FieldDef::find(field).is_some_and(|field| (field.same)(one, other))
}

/// Whether a property that says this is about one of the units.
fn is_about(units: &BTreeSet<&str>, name: &VCardProperty, alone: &Contact) -> bool {
    // They may say nothing and be in the way all the same: `KIND:individual`, `N:;;;;`.
    let by_name = match name {
        VCardProperty::Fn | VCardProperty::N => "name",
        VCardProperty::Kind => "kind",
        _ => "",
    };
    let empty = Contact::default();
    units.contains(by_name) || units.iter().any(|unit| fields(unit).any(|field| !same_field(alone, &empty, field)))
}

/// Whether a line says what a piece is to say.
fn answers(line: &Line<'_>, entry: &VCardEntry, piece: &Piece, marks_count: bool) -> bool {
    let made = &piece.entries[0];
    let is_equal = || entry.name == made.name && entry.values == made.values && is_derived(entry) == is_derived(made);
    line.alone == piece.alone
        && (line.alone != Contact::default() || is_equal())
        && (!marks_count || is_preferred(entry) == is_preferred(made))
}

/// The field that it is a value of, where one value is the preferred one.
fn ranked(alone: &Contact) -> &'static str {
    if !alone.emails.is_empty() {
        "email"
    } else if !alone.phones.is_empty() {
        "phone"
    } else {
        ""
    }
}

fn first_of<'c>(contact: &'c Contact, field: &str) -> &'c str {
    if field == "email" { contact.email() } else { contact.phone() }
}

/// `TYPE=PREF`, and `PREF=1` of vCard 4.
fn is_mark(param: &VCardParameter) -> bool {
    match (&param.name, &param.value) {
        (VCardParameterName::Type, VCardParameterValue::Text(word)) => word.eq_ignore_ascii_case("pref"),
        (VCardParameterName::Pref, VCardParameterValue::Integer(rank)) => *rank == 1,
        _ => false,
    }
}

fn is_preferred(entry: &VCardEntry) -> bool {
    entry.params.iter().any(is_mark)
}

/// Whether it is a name that others say already, or that stands for none.
fn is_derived(entry: &VCardEntry) -> bool {
    let is_mark = |param: &VCardParameter| {
        param.name == VCardParameterName::Derived && param.value == VCardParameterValue::Bool(true)
    };
    matches!(entry.name, VCardProperty::Fn | VCardProperty::N) && entry.params.iter().any(is_mark)
}

/// Apple and vCard 4 keep lists of contacts as cards.
fn is_list(entry: &VCardEntry) -> bool {
    let is_kind =
        entry.name == VCardProperty::Kind || entry.name.as_str().eq_ignore_ascii_case("X-ADDRESSBOOKSERVER-KIND");
    is_kind && first_text(entry).eq_ignore_ascii_case("group")
}

/// Whether it only says something about its group: a label, the country of an address.
fn is_satellite(line: &Line<'_>) -> bool {
    let speaks = |entry: &VCardEntry| is_label(entry) || entry.name.as_str().eq_ignore_ascii_case("X-ABADR");
    line.entry.as_ref().is_some_and(speaks)
}

fn group_of<'l>(line: &'l Line<'_>) -> Option<&'l str> {
    line.entry.as_ref()?.group.as_deref()
}

fn first_free_group(lines: &[Line<'_>]) -> u32 {
    let used = lines.iter().filter_map(|line| group_of(line)?.strip_prefix("item")?.parse::<u32>().ok());
    // A number this high is nobody's count of groups.
    used.filter(|number| *number < 1_000_000).max().unwrap_or(0) + 1
}

fn first_text(entry: &VCardEntry) -> &str {
    entry.values.first().and_then(VCardValue::as_text).unwrap_or_default()
}

/// Which device, and its number.
fn stamp_of(entry: &VCardEntry) -> Option<(&str, u64)> {
    if !entry.name.as_str().eq_ignore_ascii_case(STAMP) {
        return None;
    }
    let (device, number) = first_text(entry).trim().rsplit_once(':')?;
    let is_device = !device.is_empty() && device.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    Some((device, number.parse().ok()?)).filter(|_| is_device)
}

fn stamp_piece(device: &str, number: u64) -> Piece {
    let entry = vcard_export::text(VCardProperty::Other(STAMP.to_owned()), &format!("{device}:{number}"));
    Piece { alone: Contact::default(), entries: vec![entry] }
}

/// The platform of a handle without a scheme.
fn platform(entry: &VCardEntry) -> String {
    let said = entry.params.iter().find_map(|param| match (&param.name, &param.value) {
        (VCardParameterName::ServiceType, VCardParameterValue::Text(word)) => Some(word.clone()),
        (VCardParameterName::Other(name), VCardParameterValue::Text(word))
            if name.eq_ignore_ascii_case("X-SERVICE-TYPE") =>
        {
            Some(word.clone())
        }
        _ => None,
    });
    said.unwrap_or_default()
}

fn made(contact: &Contact, uid: &str, stamp: Option<(&str, u64)>, version: Version) -> String {
    let mut out = format!("BEGIN:VCARD\r\nVERSION:{}\r\n", version.as_str());
    fold(&written(&vcard_export::text(VCardProperty::Uid, uid), version), &mut out);
    let stamp = stamp.map(|(device, number)| stamp_piece(device, number));
    let mut next_group = 1;
    for piece in pieces_of(contact, version).into_iter().chain(stamp) {
        write(piece, version, &mut next_group, &mut out);
    }
    out.push_str("END:VCARD\r\n");
    out
}

/// All that the contact says, each in the words of this version. Nothing is lost that the
/// export would put into a property of ours: what others have a way for is said that way.
fn pieces_of(contact: &Contact, version: Version) -> Vec<Piece> {
    let mut all = Vec::new();
    for mut piece in pieces(contact) {
        piece.alone = without_keys(piece.alone);
        let name = piece.entries[0].name.clone();
        let is_of_the_card = matches!(name, VCardProperty::Uid | VCardProperty::Created | VCardProperty::Rev);
        if is_of_the_card || is_blank(&piece.alone) {
            continue;
        }
        match name {
            VCardProperty::Kind if version != Version::Four => {
                piece.entries = vec![vcard_export::text(VCardProperty::Other("X-ABShowAs".into()), "COMPANY")];
            }
            VCardProperty::Fn if contact.name.is_empty() => {
                piece.entries = vec![derived(vcard_export::text(VCardProperty::Fn, &called(contact)))];
            }
            _ => {}
        }
        if let Some(date) = piece.alone.dates.first() {
            piece.entries = date_entries(date, version);
        }
        if let Some(handle) = piece.alone.handles.first()
            && (handle.label == NO_SCHEME || !is_scheme(&handle.label))
        {
            piece.entries = vec![handle_entry(handle, version)];
        }
        let is_ranked = !ranked(&piece.alone).is_empty();
        piece.entries.iter_mut().for_each(|entry| adapt(entry, version, is_ranked));
        all.push(piece);
        // The older versions ask for parts, and some programs show nothing else.
        if name == VCardProperty::Fn && version != Version::Four && contact.name_parts == NameParts::default() {
            all.push(guessed_parts(contact));
        }
    }
    all
}

/// Whether it is a value of which nothing would be read again.
fn is_blank(alone: &Contact) -> bool {
    let Contact { emails, phones, handles, addresses, urls, dates, .. } = alone;
    let mut items = [emails, phones, handles, addresses, urls, dates].into_iter().flatten();
    items.any(|item| item.value.trim().is_empty() && item.address.is_none())
}

/// What to call a contact without a name.
fn called(contact: &Contact) -> String {
    let made = name::from_parts(&contact.name_parts);
    if made.is_empty() { contact.display_name().to_owned() } else { made }
}

fn guessed_parts(contact: &Contact) -> Piece {
    let (given, family) = name::first_and_last(contact);
    let values = [family.as_str(), &given, "", "", ""].map(|part| VCardValue::Text(plain(part)));
    let entry = vcard_export::property(VCardProperty::N, values.into());
    let entry = if contact.name.is_empty() { entry } else { derived(entry) };
    Piece { alone: Contact::default(), entries: vec![entry] }
}

fn derived(mut entry: VCardEntry) -> VCardEntry {
    entry.params.push(VCardParameter { name: VCardParameterName::Derived, value: VCardParameterValue::Bool(true) });
    entry
}

fn date_entries(item: &Item, version: Version) -> Vec<VCardEntry> {
    let (name, is_labelled) = match (item.label.as_str(), version) {
        ("birthday", _) => (VCardProperty::Bday, false),
        ("anniversary", Version::Four) => (VCardProperty::Anniversary, false),
        ("anniversary", _) => (VCardProperty::Other("X-ANNIVERSARY".into()), false),
        (label, _) => (VCardProperty::Other("X-ABDATE".into()), !label.is_empty()),
    };
    let entry = match (item.value.strip_prefix("--"), version) {
        (Some(day), Version::Four) => vcard_export::text(name, &format!("--{}", day.replace('-', ""))),
        (None, Version::Four) => vcard_export::text(name, &item.value.replace('-', "")),
        (None, _) => vcard_export::text(name, &item.value),
        // The older versions have no day without a year; Apple's way is the one most read.
        (Some(day), _) => {
            let mut entry = vcard_export::text(name, &format!("{NO_YEAR}-{day}"));
            let omits = VCardParameterName::Other("X-APPLE-OMIT-YEAR".into());
            entry.params.push(vcard_export::parameter(omits, NO_YEAR));
            entry
        }
    };
    let label = is_labelled.then(|| vcard_export::text(VCardProperty::Other("X-ABLabel".into()), &item.label));
    std::iter::once(entry).chain(label).collect()
}

fn handle_entry(item: &Item, version: Version) -> VCardEntry {
    let mut entry = vcard_export::text(VCardProperty::Impp, &format!("{NO_SCHEME}:{}", item.value));
    if !item.label.is_empty() {
        let name = match version {
            Version::Four => VCardParameterName::ServiceType,
            Version::Two | Version::Three => VCardParameterName::Other("X-SERVICE-TYPE".into()),
        };
        entry.params.push(vcard_export::parameter(name, &item.label));
    }
    entry
}

/// Makes an entry of vCard 4 one of its version, with nothing in it that a line cannot hold.
fn adapt(entry: &mut VCardEntry, version: Version, is_ranked: bool) {
    for value in &mut entry.values {
        if let VCardValue::Text(text) = value {
            *text = plain(text);
        }
    }
    let is_empty_label = |param: &VCardParameter| {
        param.name == VCardParameterName::Label
            && matches!(&param.value, VCardParameterValue::Text(text) if text.trim().is_empty())
    };
    entry.params.retain(|param| !is_empty_label(param) && (is_ranked || !is_mark(param)));
    for param in &mut entry.params {
        if version != Version::Four && is_mark(param) {
            *param = vcard_export::parameter(VCardParameterName::Type, "PREF");
        } else if let VCardParameterValue::Text(text) = &mut param.value {
            *text = encoded(&plain(text));
        }
    }
}

/// A text with one kind of line end and no other control character.
fn plain(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// A parameter cannot hold a quote (RFC 6868).
fn encoded(text: &str) -> String {
    text.replace('^', "^^").replace('"', "^'")
}

/// Takes [`encoded`] back.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('^') {
        let (c, length) = match rest.as_bytes().get(at + 1) {
            Some(b'^') => ('^', 2),
            Some(b'\'') => ('"', 2),
            Some(b'n') => ('\n', 2),
            _ => ('^', 1),
        };
        out.push_str(&rest[..at]);
        out.push(c);
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    out
}

/// Writes the lines of a piece; several are one group.
fn write(mut piece: Piece, version: Version, next_group: &mut u32, out: &mut String) {
    if piece.entries.len() > 1 {
        for entry in &mut piece.entries {
            entry.group = Some(format!("item{next_group}"));
        }
        *next_group += 1;
    }
    for entry in &piece.entries {
        fold(&written(entry, version), out);
    }
}

/// One line, not folded. Only vCard 2.1 has to say that its text is UTF-8; the others must
/// not (RFC 2426, 5), and the parser's writer would.
fn written(entry: &VCardEntry, version: Version) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = entry.write_to(&mut text, version != Version::Two);
    text.replace("\r\n ", "").trim_end_matches("\r\n").to_owned()
}

#[cfg(test)]
mod tests;
