//! Tables that other programs take: their columns under their own headings, as
//! [`crate::dialect`] knows those that they write.

/// Keys of columns and their headings.
pub type Headed = &'static [(&'static str, &'static str)];

/// Name, format and columns: what other programs ask for when contacts are brought in, under the headings
/// that their own import assistants know.
pub const LAYOUTS: [(&str, &str, Headed); 4] = [
    (
        "HubSpot import",
        "csv",
        &[
            ("first_name", "First Name"),
            ("last_name", "Last Name"),
            ("email", "Email"),
            ("phone", "Phone Number"),
            ("company", "Company Name"),
            ("job_title", "Job Title"),
            ("website", "Website URL"),
            ("stage", "Lifecycle Stage"),
        ],
    ),
    (
        "Salesforce leads",
        "csv",
        &[
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
    ),
    (
        "Mail merge",
        "xlsx",
        &[
            ("name", "Full name"),
            ("first_name", "First name"),
            ("last_name", "Last name"),
            ("company", "Company"),
            ("address", "Address"),
            ("email", "Email"),
        ],
    ),
    (
        "Analytics",
        "csv",
        &[
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
    ),
];
