//! The data inventory: for every column whose data it is, how close it is to a
//! person, how it leaves, how it is erased and whether an agent may read it.
//!
//! Exports, access requests, erasure, retention and agent grants are driven by
//! it. A test compares it with the schema and fails on a column without an entry.

use cardfile_domain::privacy::Privacy;

/// One table: its migrations and the inventory of its columns.
pub struct Table {
    /// Name in SQL.
    pub name: &'static str,
    /// `(schema version, SQL)`. A released migration is never edited.
    pub migrations: &'static [(u32, &'static str)],
    /// Indices that only speed up look-ups: a bulk load may drop them, and
    /// opening a workspace makes the missing ones.
    pub lookups: &'static [(&'static str, &'static str)],
    /// Every column.
    pub columns: &'static [Column],
}

/// One column.
pub struct Column {
    /// Name in SQL.
    pub name: &'static str,
    /// Whose data it is.
    pub whose: Whose,
    /// Privacy class.
    pub class: Privacy,
    /// How it leaves in exports and access requests.
    pub exported: Exported,
    /// What an erasure does to it.
    pub erased: Erased,
    /// Whether an agent grant may name it.
    pub agents: bool,
}

/// Whose data a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The person the contact describes.
    Subject,
    /// The business: settings, fields, tags.
    Business,
    /// Nobody's.
    Nobody,
}

/// How a column leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exported {
    /// With the contact, in every complete export and access request.
    WithContact,
    /// In the history part of an access request.
    InHistory,
    /// In a list of the workspace's own settings.
    WithSettings,
    /// Not at all: it has no meaning outside this file.
    Never,
}

/// What an erasure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// The row goes with the contact.
    WithContact,
    /// The value is blanked, the row stays as a trace without personal data.
    Blanked,
    /// It holds nothing of a person.
    Stays,
}

/// A value that describes the person and goes with the contact.
pub(crate) const fn subject(name: &'static str, class: Privacy) -> Column {
    Column {
        name,
        whose: Whose::Subject,
        class,
        exported: Exported::WithContact,
        erased: Erased::WithContact,
        agents: matches!(class, Privacy::Identifying | Privacy::Contact | Privacy::About),
    }
}

/// What happened, which an agent that is approved for it may be told.
pub(crate) const fn told(name: &'static str) -> Column {
    Column { agents: true, ..subject(name, Privacy::Activity) }
}

/// A key or a derived value that goes with the contact and is not shown.
pub(crate) const fn derived(name: &'static str) -> Column {
    Column {
        name,
        whose: Whose::Subject,
        class: Privacy::Technical,
        exported: Exported::Never,
        erased: Erased::WithContact,
        agents: false,
    }
}

/// A sealed credential: it never leaves.
pub(crate) const fn sealed(name: &'static str) -> Column {
    Column {
        name,
        whose: Whose::Subject,
        class: Privacy::Secret,
        exported: Exported::Never,
        erased: Erased::WithContact,
        agents: false,
    }
}

/// Old and new values of a contact in the log.
pub(crate) const fn history(name: &'static str, erased: Erased) -> Column {
    Column { name, whose: Whose::Subject, class: Privacy::About, exported: Exported::InHistory, erased, agents: false }
}

/// Something the business set up.
pub(crate) const fn business(name: &'static str) -> Column {
    Column {
        name,
        whose: Whose::Business,
        class: Privacy::Technical,
        exported: Exported::WithSettings,
        erased: Erased::Stays,
        agents: false,
    }
}

/// Something the business set up that stands on cards, and goes with the last of them.
pub(crate) const fn shared(name: &'static str) -> Column {
    Column {
        name,
        whose: Whose::Business,
        class: Privacy::Technical,
        exported: Exported::WithContact,
        erased: Erased::WithContact,
        agents: false,
    }
}

/// Book-keeping without personal data.
pub(crate) const fn technical(name: &'static str) -> Column {
    Column {
        name,
        whose: Whose::Nobody,
        class: Privacy::Technical,
        exported: Exported::Never,
        erased: Erased::Stays,
        agents: false,
    }
}
