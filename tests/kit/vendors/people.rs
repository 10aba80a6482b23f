//! Made-up people, as any vendor can hold them.

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Person {
    /// The ID that another system gave them; may be empty.
    pub external_id: String,
    /// Given and family name.
    pub name: String,
    /// May be empty.
    pub email: String,
    /// May be empty.
    pub phone: String,
}

impl Person {
    /// The so-manieth: `u-7` is `Given7 Family7`.
    pub fn numbered(number: u64) -> Self {
        Self {
            external_id: format!("u-{number}"),
            name: format!("Given{number} Family{number}"),
            email: format!("p{number}@x.example"),
            phone: format!("+346{number:08}"),
        }
    }
}
