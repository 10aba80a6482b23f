//! What keys are derived for, each for one use only. All uses stand here, because another key
//! of the workspace has to take over what was made with each: a use that is not listed has no
//! key, and one that is says what becomes of it.

macro_rules! uses {
    ($( $(#[$doc:meta])* $name:ident($text:literal) => $renewal:ident; )+) => {
        /// What a derived key is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum KeyUse { $( $(#[$doc])* $name, )+ }

        impl KeyUse {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[ $( Self::$name, )+ ];

            /// What its key is made from. Never changed: what was sealed would not open.
            pub(crate) fn name(self) -> &'static str {
                match self { $( Self::$name => $text, )+ }
            }

            /// What another key of the workspace means for what was made with this one.
            pub(crate) fn renewal(self) -> Renewal {
                match self { $( Self::$name => Renewal::$renewal, )+ }
            }
        }
    };
}

uses! {
    /// Values of secrets: a person proves each time that they may see one.
    Secrets("cardfile secrets/1") => Row;
    /// What the program needs with nobody there: passwords and tokens of connections, and what
    /// messages of webhooks and answers to people are signed with.
    Credentials("cardfile credentials/1") => Row;
    /// Bytes of files.
    Files("cardfile files/1") => File;
    /// Names of files on the disk. The log of a card knows its files by them, and to who has not
    /// got the key of then they say nothing.
    FileNames("cardfile file names/1") => Stays;
    /// The key of the list of erasures, in the key slots and in the list beside the database.
    Suppression("cardfile suppression/1") => List;
    /// The own key of each backup. It opens with what opened the workspace then.
    Backups("cardfile backups/1") => Stays;
    /// What recipients know erased people by; from the key of the list, which stays.
    Deliveries("cardfile deliveries/1") => Stays;
    /// What people are called where nobody may read who they are: the same before and after
    /// another key, and so from the key of the list too.
    Pseudonyms("cardfile pseudonyms/1") => Stays;
}

/// What another key of the workspace does to what was made with a derived one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// A row of the database that is sealed again.
    Row,
    /// A file that is sealed again.
    File,
    /// The key of the list of erasures is wrapped again.
    List,
    /// It is as good as before.
    Stays,
}
