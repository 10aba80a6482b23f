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
mod tests {
    use super::*;
    use cardfile_domain::{Address, Kind};
    use proptest::prelude::*;
    use rstest::rstest;

    const PHONE: &str = concat!(
        "BEGIN:VCARD\r\n",
        "VERSION:3.0\r\n",
        "PRODID:-//Example Inc.//Phone 9//EN\r\n",
        "N:Ruiz;Ana;;;\r\n",
        "FN:Ana Ruiz\r\n",
        "ORG:Linghai Robotics;Sales;East\r\n",
        "item1.EMAIL;type=INTERNET;type=pref:ana@x.example\r\n",
        "item1.X-ABLabel:_$!<Assistant>!$_\r\n",
        "EMAIL;type=INTERNET;type=HOME:ana@home.example\r\n",
        "EMAIL;X-OLD=1:old@x.example\r\n",
        "item2.ADR;type=HOME:;;Lane 9\\, No. 4;Shanghai;;200030;China\r\n",
        "item2.X-ABADR:cn\r\n",
        "item3.X-ABDATE:2019-06-01\r\n",
        "item3.X-ABLabel:_$!<Anniversary>!$_\r\n",
        "BDAY;value=date:--02-29\r\n",
        "NOTE:Two lines\\nof notes\\, with a com\r\n ma\r\n",
        "CATEGORIES:VIP,Robotics\r\n",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////\r\n",
        " ////////8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=\r\n",
        "X-SPARE;X-PARAM=7:kept as it is\r\n",
        "X-CARDFILE-STAGE:lead\r\n",
        "X-CARDFILE-STAMP:phone_1:4\r\n",
        "UID:5d1f7c2e\r\n",
        "REV:2024-03-12T09:14:00Z\r\n",
        "END:VCARD\r\n",
    );
    const SERVER: &str = concat!(
        "BEGIN:VCARD\r\n",
        "VERSION:4.0\r\n",
        "KIND:individual\r\n",
        "FN:Ana\r\n",
        "FN;LANGUAGE=ja:アナ\r\n",
        "EMAIL;TYPE=work;PREF=1:ana@x.example\r\n",
        "EMAIL:ana@home.example\r\n",
        "TEL;VALUE=uri;TYPE=\"voice,cell\":tel:+47-412-34-567\r\n",
        "ADR;TYPE=work;LABEL=\"Storgata 1 ^'B^'\\n0155 Oslo\":;;Storgata 1;Oslo;;0155;Norway\r\n",
        "BDAY:19900312\r\n",
        "GENDER:F\r\n",
        "REV:20240312T091400Z\r\n",
        "END:VCARD\r\n",
    );
    const OLD: &str = concat!(
        "BEGIN:VCARD\n",
        "VERSION:2.1\n",
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Concei=C3=A7=C3=A3o;In=C3=AAs;;;\n",
        "TEL;WORK:+351 220 100 200\n",
        "TEL;CELL;PREF:+351 912 044 177\n",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Gosta: azulejos=0D=0A=\n",
        "liga: =C3=A0s segundas\n",
        "PHOTO;ENCODING=BASE64;TYPE=JPEG:\n",
        "/9j/4AAQSkZJRgABAQAAAQABAAD\n",
        "\n",
        "END:VCARD\n",
    );

    fn units(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|unit| (*unit).to_owned()).collect()
    }

    fn card(text: &str) -> Contact {
        read(text, None).expect("a card").contact
    }

    /// The card with one change to what it says.
    fn changed(body: &str, unit: &str, change: impl Fn(&mut Contact)) -> String {
        let mut contact = card(body);
        change(&mut contact);
        patch(body, &contact, &units(&[unit]), None, None).expect("a card")
    }

    fn item(value: &str, label: &str) -> Item {
        Item { label: label.to_owned(), ..Item::new(value, "") }
    }

    #[test]
    fn a_card_is_read() {
        let read = read(PHONE, None).expect("a card");
        let contact = read.contact;
        assert_eq!((contact.name.as_str(), contact.name_parts.family.as_str()), ("Ana Ruiz", "Ruiz"));
        let emails: Vec<(&str, &str)> =
            contact.emails.iter().map(|item| (item.key.as_str(), item.label.as_str())).collect();
        assert_eq!(emails, [("ana@x.example", "Assistant"), ("ana@home.example", "home"), ("old@x.example", "")]);
        assert_eq!(contact.description, "Two lines\nof notes, with a comma");
        assert_eq!(contact.dates, [item("2019-06-01", "Anniversary"), item("--02-29", "birthday")]);
        assert_eq!((read.uid.as_str(), read.stamps.get("phone_1")), ("5d1f7c2e", Some(&4)));
        assert_eq!((contact.stage.as_str(), contact.metadata.as_str(), contact.links.len()), ("", "", 0));

        let contact = card(SERVER);
        assert_eq!((contact.name.as_str(), contact.phones[0].key.as_str()), ("Ana", "+4741234567"));
        assert_eq!(contact.addresses[0].value, "Storgata 1 \"B\"\n0155 Oslo");

        let contact = card(OLD);
        assert_eq!((contact.name.as_str(), contact.phone()), ("Inês Conceição", "+351 912 044 177"));
        assert_eq!(contact.description.replace("\r\n", "\n"), "Gosta: azulejos\nliga: às segundas");
    }

    #[test]
    fn a_phone_is_read_in_the_country_it_is_typed_in() {
        let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:612 408 177\r\nEND:VCARD\r\n";
        let contact = read(text, Region::parse("ES")).expect("a card").contact;
        assert_eq!(contact.phones, [Item::new("612 408 177", "+34612408177")]);
    }

    #[test]
    fn a_phone_that_is_there_twice_stays_so() {
        let body = "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:612 408 177\r\nTEL:+34612408177\r\nEND:VCARD\r\n";
        let region = Region::parse("ES");
        let mut contact = read(body, region).expect("a card").contact;
        assert_eq!(contact.phones.len(), 1);
        contact.phones.push(item("+34 912 044 177", ""));
        let text = patch(body, &contact, &units(&["phone"]), region, None).expect("a card");
        assert_eq!(text, body.replace("END:", "TEL:+34 912 044 177\r\nEND:"));
    }

    #[rstest]
    #[case::empty("", "the card cannot be read")]
    #[case::something_else("<html>: no", "the card cannot be read")]
    #[case::two("BEGIN:VCARD\r\nEND:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\n", "there is more than one card")]
    #[case::an_impossible_email("BEGIN:VCARD\r\nEMAIL:ana at x\r\nEND:VCARD\r\n", "email has no @")]
    #[case::a_list(
        "BEGIN:VCARD\r\nX-ADDRESSBOOKSERVER-KIND:group\r\nFN:Friends\r\nEND:VCARD\r\n",
        "this is a list of cards, not a contact"
    )]
    fn what_is_no_card_is_refused(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(read(text, None), Err(expected.to_owned()));
    }

    #[test]
    fn a_card_that_says_nothing_is_a_card() {
        let nothing = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:\r\nN:;;;;\r\nEMAIL:\r\nEND:VCARD\r\n";
        assert_eq!(card(nothing), Contact::default());
    }

    #[test]
    fn a_new_card_is_one_that_all_programs_read() {
        let contact = Contact {
            name: "Zé Bot".into(),
            stage: "lead".into(),
            emails: vec![item("ze@x.example", "work"), item("z@x.example", "Büro")],
            handles: vec![item("ze", "Slack team")],
            dates: vec![item("--05-14", "birthday")],
            ..Contact::default()
        };
        let expected = concat!(
            "BEGIN:VCARD\r\n",
            "VERSION:3.0\r\n",
            "UID:u-1\r\n",
            "FN:Zé Bot\r\n",
            "N;DERIVED=TRUE:Bot;Zé;;;\r\n",
            "EMAIL;TYPE=work,PREF:ze@x.example\r\n",
            "item1.EMAIL:z@x.example\r\n",
            "item1.X-ABLabel:Büro\r\n",
            "IMPP;X-SERVICE-TYPE=\"Slack team\":x-apple:ze\r\n",
            "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-14\r\n",
            "X-CARDFILE-STAMP:laptop:3\r\n",
            "END:VCARD\r\n",
        );
        assert_eq!(new(&contact, "u-1", Some(("laptop", 3))), expected);
    }

    #[test]
    fn lines_are_folded() {
        let contact = Contact { name: "Ana".into(), description: "día, ".repeat(60), ..Contact::default() };
        let text = new(&contact, "u-1", None);
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        assert_eq!(card(&text).description, contact.description);
    }

    #[test]
    fn a_contact_without_a_name_does_not_get_one_by_its_echo() {
        let contact = Contact { emails: vec![item("ana@x.example", "")], ..Contact::default() };
        let text = new(&contact, "u-1", None);
        assert!(text.contains("FN;DERIVED=TRUE:ana@x.example\r\nN:;;;;\r\n"), "{text}");
        assert_eq!(card(&text).name, "");
        let text = changed(&text, "email", |contact| contact.emails = vec![item("bo@x.example", "")]);
        assert!(text.contains("FN;DERIVED=TRUE:bo@x.example\r\nN:;;;;\r\n"), "{text}");
    }

    #[rstest]
    #[case::of_a_phone(PHONE)]
    #[case::of_a_server(SERVER)]
    #[case::old(OLD)]
    #[case::without_end("BEGIN:VCARD\r\nFN:Ana")]
    #[case::with_junk("\r\nBEGIN:VCARD\r\nFN:Ana\r\nno colon\r\nEND:VCARD\r\n\r\n")]
    fn a_card_that_is_told_what_it_says_stays_as_it_is(#[case] body: &str) {
        assert_eq!(patch(body, &card(body), &units(UNITS), None, None).expect("a card"), body);
        assert_eq!(patch(body, &Contact::default(), &units(&[]), None, None).expect("a card"), body);
        assert_eq!(patch(body, &Contact::default(), &units(&["stage"]), None, None).expect("a card"), body);
    }

    #[test]
    fn of_three_emails_only_the_changed_one_is_written() {
        let text = changed(PHONE, "email", |contact| contact.emails[1].value = "ana@new.example".into());
        let expected = PHONE
            .replace("EMAIL;type=INTERNET;type=HOME:ana@home.example", "EMAIL;TYPE=home:ana@new.example")
            .replace("REV:2024-03-12T09:14:00Z\r\n", "");
        assert_eq!(text, expected);
    }

    #[test]
    fn a_removed_email_takes_its_label_along_and_the_next_one_is_preferred() {
        let text = changed(PHONE, "email", |contact| drop(contact.emails.remove(0)));
        let expected = PHONE
            .replace("item1.EMAIL;type=INTERNET;type=pref:ana@x.example", "EMAIL;TYPE=home,PREF:ana@home.example")
            .replace("item1.X-ABLabel:_$!<Assistant>!$_\r\n", "")
            .replace("EMAIL;type=INTERNET;type=HOME:ana@home.example\r\n", "")
            .replace("REV:2024-03-12T09:14:00Z\r\n", "");
        assert_eq!(text, expected);
    }

    #[test]
    fn an_added_value_stands_at_the_end_in_a_group_of_its_own() {
        let text = changed(PHONE, "url", |contact| contact.urls.push(item("https://x.example", "Laden")));
        let added = "item4.URL:https://x.example\r\nitem4.X-ABLabel:Laden\r\nEND:VCARD\r\n";
        assert!(text.ends_with(added), "{text}");
    }

    #[test]
    fn the_country_of_an_address_goes_with_it() {
        let text = changed(PHONE, "address", |contact| contact.addresses.clear());
        assert!(!text.contains("item2."), "{text}");
    }

    #[test]
    fn which_email_is_first_is_said_by_a_mark_where_the_order_says_something_else() {
        let body = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nEMAIL:a@x.example\r\nEMAIL:b@x.example\r\nEND:VCARD\r\n";
        let text = changed(body, "email.first", |contact| contact.emails.reverse());
        assert_eq!(text, body.replace("EMAIL:b@", "EMAIL;TYPE=PREF:b@"));
        let text = changed(SERVER, "email.first", |contact| contact.emails.reverse());
        let expected = "EMAIL;PREF=1:ana@home.example\r\n";
        assert!(text.contains(expected) && text.matches("PREF").count() == 1, "{text}");
        assert_eq!(changed(body, "email", |contact| contact.emails.reverse()), body, "nobody asked for that");
    }

    #[test]
    fn the_department_stays_where_only_the_company_changes() {
        let company = Contact { company: "Beta".into(), ..Contact::default() };
        let text = patch(PHONE, &company, &units(&["company"]), None, None).expect("a card");
        assert!(text.contains("\r\nORG:Beta;Sales\r\n"), "{text}");
    }

    #[test]
    fn tags_of_several_lines_become_one_line() {
        let body = PHONE.replace("VIP,Robotics\r\n", "VIP\r\nX-A:1\r\nCATEGORIES:Robotics\r\n");
        let text = changed(&body, "tags", |contact| contact.tags.push("a, b".into()));
        assert!(text.contains("CATEGORIES:VIP,Robotics,a\\, b\r\nX-A:1\r\nPHOTO"), "{text}");
    }

    #[test]
    fn a_name_in_another_language_stays() {
        let text = changed(SERVER, "name", |contact| contact.name = "Ana Ruiz".into());
        assert!(text.contains("KIND:individual\r\nFN:Ana Ruiz\r\nFN;LANGUAGE=ja:アナ\r\nEMAIL"), "{text}");
    }

    #[test]
    fn what_would_take_the_place_of_an_emptied_value_goes_with_it() {
        let body = PHONE.replace("END:VCARD", "NOTE:another\r\nEND:VCARD");
        let text = changed(&body, "description", |contact| contact.description = "new".into());
        assert!(text.contains("NOTE:new\r\n") && text.contains("NOTE:another\r\n"), "{text}");
        let text = changed(&body, "description", |contact| contact.description.clear());
        assert!(!text.contains("NOTE"), "{text}");
    }

    #[test]
    fn a_kind_is_said_as_the_version_says_it() {
        let organization = |contact: &mut Contact| contact.kind = Kind::Organization;
        let text = changed(SERVER, "kind", organization);
        let expected = SERVER.replace("KIND:individual", "KIND:org").replace("REV:20240312T091400Z\r\n", "");
        assert_eq!(text, expected);
        let text = changed(PHONE, "kind", organization);
        assert!(text.contains("X-ABShowAs:COMPANY\r\n") && !text.contains("KIND:"), "{text}");
    }

    #[test]
    fn old_cards_keep_their_lines_and_their_line_ends() {
        let text = changed(OLD, "nick", |contact| contact.nick = "Nê".into());
        assert_eq!(text, OLD.replace("END:VCARD", "NICKNAME;CHARSET=UTF-8:Nê\nEND:VCARD"));
        let text = changed(&PHONE.replace("\r\n", "\n"), "nick", |contact| contact.nick = "Anê".into());
        let expected = PHONE.replace("END:VCARD", "NICKNAME:Anê\r\nEND:VCARD");
        let expected = expected.replace("REV:2024-03-12T09:14:00Z\r\n", "").replace("\r\n", "\n");
        assert_eq!(text, expected);
    }

    #[test]
    fn a_card_without_end_gets_one() {
        let text = changed("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana", "nick", |contact| contact.nick = "Ani".into());
        assert_eq!(text, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana\r\nNICKNAME:Ani\r\nEND:VCARD\r\n");
    }

    #[rstest]
    #[case::our_own("phone_1", 5, PHONE.replace("phone_1:4", "phone_1:5"))]
    #[case::the_same("phone_1", 4, PHONE.to_owned())]
    #[case::of_another("laptop", 1, PHONE.replace("END:", "X-CARDFILE-STAMP:laptop:1\r\nEND:"))]
    fn each_device_has_one_stamp(#[case] device: &str, #[case] number: u64, #[case] expected: String) {
        let text = patch(PHONE, &card(PHONE), &units(UNITS), None, Some((device, number))).expect("a card");
        assert_eq!(text, expected);
    }

    #[test]
    fn a_value_that_no_card_can_hold_is_told() {
        let contact = Contact { emails: vec![item("ana at x", "")], ..Contact::default() };
        assert_eq!(patch(PHONE, &contact, &units(&["email"]), None, None), Err("email has no @".to_owned()));
    }

    /// Nothing or a word, with what has to be escaped.
    const TEXT: &str = "([a-cé]{1,3}([,;:\\\\\"^ ][a-cé]{1,2})?)?";

    fn any_items(value: &'static str, labels: &'static [&'static str]) -> impl Strategy<Value = Vec<Item>> {
        let one = (value, proptest::sample::select(labels)).prop_map(|(value, label)| item(&value, label));
        proptest::collection::vec(one, 0..4)
    }

    fn any_address() -> impl Strategy<Value = Item> {
        let parts = ("[a-c]{1,3}( [a-c,]{1,2})?", "([a-c]{1,3})?");
        let labels = proptest::sample::select(vec!["", "home", "Büro"]);
        let text = "([a-c]{1,3}[\"^,;:\n][a-c]{1,2})?";
        (parts, text, labels, any::<bool>()).prop_map(|((street, city), text, label, has_parts)| {
            let parts = Address { street, city, ..Address::default() };
            let value = if text.is_empty() { parts.formatted() } else { text };
            Item { address: has_parts.then(|| Box::new(parts)), ..item(&value, label) }
        })
    }

    /// Items of which no two are the same to a card.
    fn distinct(items: Vec<Item>, by_label: bool) -> Vec<Item> {
        let mut all: Vec<Item> = Vec::new();
        for item in items {
            let is_same = |known: &Item| {
                known.value == item.value && known.address == item.address && (!by_label || known.label == item.label)
            };
            if !all.iter().any(is_same) {
                all.push(item);
            }
        }
        all
    }

    fn any_contact() -> impl Strategy<Value = Contact> {
        let lists = (
            any_items("[a-c]{1,2}@x\\.example", &["", "home", "work", "Büro"]),
            any_items("\\+34 612 408 1[0-9]{2}", &["", "mobile", "home fax", "Laden"]),
            any_items("[a-c]{1,2}", &["", "telegram", "skype", "Slack team", "x-apple"]),
            proptest::collection::vec(any_address(), 0..3),
            any_items("https://[a-c]{1,2}\\.example", &["", "home", "Laden"]),
            any_items("(19[0-9]{2}-0[1-9]-1[0-9]|--0[1-9]-1[0-9])", &["", "birthday", "anniversary", "Namenstag"]),
        );
        let texts = (proptest::collection::vec(TEXT, 6), proptest::collection::vec(TEXT, 5));
        let tags = proptest::collection::btree_set("[a-cé]{1,3}( [a-c]{1,2})?", 0..4);
        (texts, lists, tags, any::<bool>()).prop_map(|((texts, parts), lists, tags, is_organization)| {
            let (emails, phones, handles, addresses, urls, dates) = lists;
            let [name, nick, company, department, job_title, description]: [String; 6] =
                texts.try_into().expect("six texts");
            let [given, additional, family, prefix, suffix]: [String; 5] = parts.try_into().expect("five parts");
            let parts = NameParts { given, additional, family, prefix, suffix };
            Contact {
                kind: if is_organization { Kind::Organization } else { Kind::Person },
                // A card that has parts has a name.
                name_parts: if name.is_empty() { NameParts::default() } else { parts },
                name,
                nick,
                company,
                department,
                job_title,
                description: description.replace(' ', "\n"),
                emails: distinct(emails, false),
                phones: distinct(phones, false),
                handles: distinct(handles, true),
                addresses: distinct(addresses, false),
                urls: distinct(urls, false),
                dates: distinct(dates, true),
                tags: tags.into_iter().collect(),
                ..Contact::default()
            }
        })
    }

    fn any_version() -> impl Strategy<Value = Version> {
        proptest::sample::select(vec![Version::Two, Version::Three, Version::Four])
    }

    proptest! {
        #[test]
        fn a_card_says_what_the_contact_says(contact in any_contact(), version in any_version()) {
            let text = made(&contact, "u-1", Some(("laptop", 7)), version);
            let read = read(&text, None).expect("a card");
            for unit in UNITS {
                prop_assert!(same(&read.contact, &contact, unit), "{unit}: {text}");
            }
            prop_assert_eq!(read.uid, "u-1");
            prop_assert!(version == Version::Two || !text.contains("CHARSET"));
        }

        #[test]
        fn a_patched_card_says_what_it_was_told_and_else_what_it_said(
            before in any_contact(), after in any_contact(), bits in any::<u16>(), version in any_version(),
        ) {
            let body = made(&before, "u-1", None, version).replace("END:VCARD", "X-SPARE;X-PARAM=1:kept\r\nEND:VCARD");
            let mut told: BTreeSet<String> = UNITS
                .iter()
                .enumerate()
                .filter(|(at, unit)| !unit.ends_with(FIRST) && (bits >> at) & 1 == 1)
                .map(|(_, unit)| (*unit).to_owned())
                .collect();
            for field in ["email", "phone"] {
                if told.contains(field) {
                    told.insert(format!("{field}{FIRST}"));
                }
            }
            let text = patch(&body, &after, &told, None, Some(("laptop", 7))).expect("a card");
            let read = read(&text, None).expect("a card");
            for unit in UNITS {
                let expected = if told.contains(*unit) { &after } else { &before };
                prop_assert!(same(&read.contact, expected, unit), "{unit}: {body}{text}");
            }
            prop_assert_eq!(read.stamps.get("laptop"), Some(&7));
            prop_assert!(text.contains("X-SPARE;X-PARAM=1:kept\r\n"));
        }
    }
}
