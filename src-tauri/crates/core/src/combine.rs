//! Two cards of one person become one: field by field as a person chose, with
//! every value kept on the card or in its history. One undo brings both back.

use crate::{
    contact,
    core::{Core, Who},
    duplicates,
    error::Error,
    join,
};
use cardfile_domain::{
    Contact, FIELDS, Field, Item, Link, OperationId, PartKind, duplicate::phone_of, part::Placement, say,
};
use cardfile_store::{OpKind, Reader, SqlResult, Stored};
use serde_json::Value;
use std::collections::BTreeSet;

/// Two cards, and which fields are taken from the one that goes.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// `ctc_…`, an external ID or an email of the card that stays.
    pub survivor: String,
    /// The same of the card that goes.
    pub other: String,
    /// Fields whose value is taken from the other card. Of a list the other
    /// card's values come first; all stay.
    pub take: BTreeSet<String>,
}

/// What a field will say.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPlan {
    /// Key in the catalogue, or `custom.` and a key.
    pub field: String,
    /// On the card that stays.
    pub survivor: Value,
    /// On the card that goes.
    pub other: Value,
    /// On the one card.
    pub after: Value,
    /// Whether both values stay on the card; else one goes to its history.
    pub joins: bool,
}

/// What merging two cards will do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The card that stays.
    pub survivor: Stored,
    /// The card that goes.
    pub other: Stored,
    /// Fields that at least one of them has, in the order of a form.
    pub fields: Vec<FieldPlan>,
    /// Parts of each kind: on the card that stays, on the other, on the one card.
    pub parts: Vec<(PartKind, u32, u32, u32)>,
}

/// Says what merging two cards will do. Writes nothing.
pub fn preview(core: &Core, wish: &Wish) -> Result<Preview, Error> {
    let (survivor, other) = (contact::find(core, &wish.survivor)?, contact::find(core, &wish.other)?);
    check(&survivor, &other, wish)?;
    let after = combined(&survivor.contact, &other.contact, &wish.take);
    let fields = fields_of(&survivor.contact, &other.contact);
    let fields = fields.map(|(field, joins)| FieldPlan {
        survivor: survivor.contact.value(&field).unwrap_or_default(),
        other: other.contact.value(&field).unwrap_or_default(),
        after: after.value(&field).unwrap_or_default(),
        field,
        joins,
    });
    let fields = fields.collect();
    let parts = core.store().read(|r| parts_of(r, &survivor, &other))?;
    Ok(Preview { survivor, other, fields, parts })
}

/// Merges two cards. `seen` are the versions of both that a preview showed: when
/// one changed since, nothing is done. Gives the id of the card that stays.
pub fn run(
    core: &Core,
    wish: &Wish,
    seen: Option<(i64, i64)>,
    who: &Who,
) -> Result<(String, Option<OperationId>), Error> {
    let (survivor, other) = (contact::find(core, &wish.survivor)?, contact::find(core, &wish.other)?);
    check(&survivor, &other, wish)?;
    let subject = format!("{} and {}", contact::called(&survivor.contact), contact::called(&other.contact));
    let after = combined(&survivor.contact, &other.contact, &wish.take);
    let done = core.store().write(who.op(OpKind::ContactCombine, subject), |tx| {
        let now = |row| tx.read().contacts().get(row).map(|stored| stored.map(|stored| stored.version));
        let current = now(survivor.row)?.zip(now(other.row)?);
        if current != Some((survivor.version, other.version)) || seen.is_some_and(|seen| Some(seen) != current) {
            return Err(Error::bad_request(say!("one of the two cards changed just now; look again")));
        }
        duplicates::hand_over(tx, other.contact.id.as_str(), survivor.contact.id.as_str())?;
        // Written on the card before it is overwritten: a value that loses stays in its history.
        let lost = with_lost_values(&survivor.contact, &other.contact, &after);
        let before = tx.read().contacts().get(survivor.row)?.ok_or_else(|| Error::not_found(say!("a contact")))?;
        tx.update(&before, lost)?;
        join::put_as(tx, other.row, survivor.row, |_, _| after)?;
        Ok(survivor.contact.id.to_string())
    })?;
    duplicates::became(core, other.row, survivor.row);
    Ok(done)
}

fn check(survivor: &Stored, other: &Stored, wish: &Wish) -> Result<(), Error> {
    if survivor.row == other.row {
        return Err(Error::bad_request(say!("this is the same card")));
    }
    for stored in [survivor, other] {
        if stored.contact.binned_at.is_some() {
            let name = contact::called(&stored.contact);
            return Err(Error::bad_request(say!("{name} is in the bin", name)).hint(say!("Bring it back first.")));
        }
    }
    let known: Vec<String> = fields_of(&survivor.contact, &other.contact).map(|(field, _)| field).collect();
    match wish.take.iter().find(|field| !known.contains(field)) {
        Some(field) => Err(Error::bad_request(say!("there is nothing to choose for {field}", field))),
        None => Ok(()),
    }
}

/// Fields of which at least one card has a value a person may choose, and
/// whether both values stay.
fn fields_of<'c>(survivor: &'c Contact, other: &'c Contact) -> impl Iterator<Item = (String, bool)> + 'c {
    // The parts of a name go with the name; the rest is no person's choice.
    const ALONE: [&str; 5] = ["kind", "name_parts", "company_id", "metadata", "binned_at"];
    let built_in = FIELDS.iter().filter(|field| field.editable && !ALONE.contains(&field.key)).filter(|field| {
        let empty = Contact::default();
        !((field.same)(survivor, &empty) && (field.same)(other, &empty))
    });
    let built_in = built_in.map(|field| (field.key.to_owned(), field.is_list() || field.kind == Field::LongText));
    let custom: BTreeSet<&String> = survivor.custom.keys().chain(other.custom.keys()).collect();
    built_in.chain(custom.into_iter().map(|key| (format!("{}{key}", Contact::CUSTOM_PREFIX), false)))
}

/// The one card: what the survivor says, blanks filled, lists and long texts of
/// both, and the other card's value where it was chosen.
fn combined(survivor: &Contact, other: &Contact, take: &BTreeSet<String>) -> Contact {
    let mut after = join::joined(survivor, other);
    let takes = |field: &str| take.contains(field);
    after.phones = phones(survivor, other, takes("phone"));
    // The same name at two platforms, the same day for two occasions: these are two.
    for (mine, theirs) in [(&mut after.handles, &other.handles), (&mut after.dates, &other.dates)] {
        for item in theirs {
            if !mine.iter().any(|known| known.value == item.value && known.label == item.label) {
                mine.push(item.clone());
            }
        }
    }
    for field in FIELDS {
        let chosen = takes(field.key);
        match field.kind {
            Field::LongText => {
                let (mine, theirs) = (text(survivor, field.key), text(other, field.key));
                let (first, second) = if chosen { (theirs, mine) } else { (mine, theirs) };
                let both = if second.is_empty() || first.contains(&second) {
                    first
                } else if first.is_empty() || second.contains(&first) {
                    second
                } else {
                    format!("{first}\n{second}")
                };
                after.set_value(field.key, Value::String(both));
            }
            Field::Items | Field::Tags | Field::Links if chosen => {
                let first = list(other, field.key);
                let mut all: Vec<Value> = list(&after, field.key);
                // What the other card has comes first; the order within each stays.
                all.sort_by_key(|one| !first.contains(one));
                after.set_value(field.key, Value::Array(all));
            }
            _ if chosen => {
                after.set_value(field.key, other.value(field.key).unwrap_or_default());
            }
            _ => {}
        }
    }
    for key in take.iter().filter(|key| key.starts_with(Contact::CUSTOM_PREFIX)) {
        after.set_value(key, other.value(key).unwrap_or_default());
    }
    // What belongs to a text goes with it: parts with their name, a card with its company.
    let named_by = if after.name == survivor.name { survivor } else { other };
    after.name_parts.clone_from(&named_by.name_parts);
    if after.name_parts == Default::default() && survivor.name == other.name {
        after.name_parts.clone_from(&other.name_parts);
    }
    let employed_by = if after.company == survivor.company { survivor } else { other };
    after.company_id.clone_from(&employed_by.company_id);
    after
}

/// The numbers of both cards; one that is written in two ways is kept as the card
/// that comes first has it.
fn phones(survivor: &Contact, other: &Contact, other_first: bool) -> Vec<Item> {
    let (first, second) = if other_first { (other, survivor) } else { (survivor, other) };
    let mut all = first.phones.clone();
    for phone in &second.phones {
        if !all.iter().any(|known| is_one_number(known, phone)) {
            all.push(phone.clone());
        }
    }
    all
}

/// Two numbers of the whole world are one when they are equal. One that lacks its
/// country is the other when its end is; an extension makes it another.
fn is_one_number(one: &Item, other: &Item) -> bool {
    if !one.key.is_empty() && !other.key.is_empty() {
        return one.key == other.key;
    }
    let has_extension = |item: &Item| item.value.contains(['x', 'X', ';', '#']);
    let tail = phone_of(&one.value);
    one.value.trim() == other.value.trim()
        || (tail.is_some() && tail == phone_of(&other.value) && !has_extension(one) && !has_extension(other))
}

/// The survivor with what the other card says where only one value can stay: what
/// the survivor keeps instead is written after it, so that the other value is in
/// its history and can be restored from there.
fn with_lost_values(survivor: &Contact, other: &Contact, after: &Contact) -> Contact {
    let mut lost = survivor.clone();
    let single = |kind| !matches!(kind, Field::Items | Field::Tags | Field::Links | Field::LongText | Field::Json);
    let keys = FIELDS.iter().filter(|field| field.editable && single(field.kind)).map(|field| field.key.to_owned());
    let custom = other.custom.keys().map(|key| format!("{}{key}", Contact::CUSTOM_PREFIX));
    for key in keys.chain(custom).filter(|key| !matches!(key.as_str(), "kind" | "name_parts" | "company_id")) {
        let (theirs, stays) = (other.value(&key).unwrap_or_default(), after.value(&key).unwrap_or_default());
        let is_empty = theirs.is_null() || theirs.as_str().is_some_and(str::is_empty);
        if !is_empty && theirs != stays {
            lost.set_value(&key, theirs);
        }
    }
    lost
}

fn text(contact: &Contact, field: &str) -> String {
    contact.value(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn list(contact: &Contact, field: &str) -> Vec<Value> {
    match contact.value(field) {
        Some(Value::Array(all)) => all,
        _ => Vec::new(),
    }
}

fn parts_of(reader: Reader<'_>, survivor: &Stored, other: &Stored) -> SqlResult<Vec<(PartKind, u32, u32, u32)>> {
    let (mine, theirs) = (reader.parts().count(survivor.row)?, reader.parts().count(other.row)?);
    let of = |all: &[(PartKind, u32)], kind| all.iter().find(|(k, _)| *k == kind).map_or(0, |(_, n)| *n);
    let mut parts = Vec::new();
    for kind in PartKind::ALL.iter().copied() {
        let (left, right) = (of(&mine, kind), of(&theirs, kind));
        let doubles = match kind {
            PartKind::Avatar => u32::from(left > 0 && right > 0) * right,
            PartKind::Placement => {
                let spaces = |row: u32| -> SqlResult<BTreeSet<String>> {
                    let all = reader.parts().of::<Placement>(row.into())?;
                    Ok(all.into_iter().map(|place| place.value.space).collect())
                };
                spaces(survivor.row)?.intersection(&spaces(other.row)?).count() as u32
            }
            _ => 0,
        };
        if left + right > 0 {
            parts.push((kind, left, right, left + right - doubles));
        }
    }
    Ok(parts)
}

/// Remotes that know the two cards by different external IDs: they have two, and
/// keep them until they are told otherwise.
pub fn remotes(preview: &Preview) -> Vec<(String, u32)> {
    let mut all: Vec<(String, u32)> = Vec::new();
    let links = preview.survivor.contact.links.iter().chain(&preview.other.contact.links);
    for link in links.filter(|link| link.connector != Link::SESSION) {
        match all.iter_mut().find(|(connector, _)| *connector == link.connector) {
            Some((_, count)) => *count += 1,
            None => all.push((link.connector.clone(), 1)),
        }
    }
    all
}
