//! Tables that other programs take: their columns under their own headings, as
//! [`crate::dialect`] knows those that they write.

/// Keys of columns and their headings.
pub type Headed = &'static [(&'static str, &'static str)];

/// What another program asks for when contacts are brought in.
pub struct Layout {
    /// What it is called.
    pub label: &'static str,
    /// The format of the file.
    pub format: &'static str,
    /// Its columns under the headings that the program's own assistant knows.
    pub columns: Headed,
}

/// All that we know.
pub const LAYOUTS: [Layout; 4] = [
    Layout {
        label: "HubSpot import",
        format: "csv",
        columns: &[
            ("first_name", "First Name"),
            ("last_name", "Last Name"),
            ("email", "Email"),
            ("phone", "Phone Number"),
            ("company", "Company Name"),
            ("job_title", "Job Title"),
            ("website", "Website URL"),
            ("stage", "Lifecycle Stage"),
        ],
    },
    Layout {
        label: "Salesforce leads",
        format: "csv",
        columns: &[
            ("first_name", "First Name"),
            ("last_name", "Last Name"),
            ("company", "Company"),
            ("job_title", "Title"),
            ("email", "Email"),
            ("phone", "Phone"),
            ("website", "Website"),
            ("source", "Lead Source"),
            ("description", "Description"),
        ],
    },
    Layout {
        label: "Mail merge",
        format: "xlsx",
        columns: &[
            ("name", "Full name"),
            ("first_name", "First name"),
            ("last_name", "Last name"),
            ("company", "Company"),
            ("address", "Address"),
            ("email", "Email"),
        ],
    },
    Layout {
        label: "Analytics",
        format: "csv",
        columns: &[
            ("id", "id"),
            ("source", "source"),
            ("stage", "stage"),
            ("tags", "tags"),
            ("ip_country", "ip_country"),
            ("first_seen", "first_seen"),
            ("last_seen", "last_seen"),
            ("conversation_count", "conversation_count"),
            ("created_at", "created_at"),
        ],
    },
];
