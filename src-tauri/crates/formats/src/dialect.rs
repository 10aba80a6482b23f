//! Dialects: the column layouts of the programs people come from. A dialect is
//! recognised by a few signature columns, never by its whole header, because
//! most programs write only the columns that are used. Sources of the layouts:
//! headers seen in exports of the programs themselves and in the tests of
//! other importers.

use crate::csv_export::{COMPLETE, REFERENCE};
use crate::mapping::{ItemPart, Target};
use cardfile_domain::{text::fold_label, time::DateOrder};
use std::{collections::HashMap, sync::LazyLock};

/// One program's layout.
pub struct Dialect {
    /// Name for programs.
    pub key: &'static str,
    /// Name on screen.
    pub label: &'static str,
    /// Alternatives; all columns of one must be there. Folded.
    signatures: &'static [&'static [&'static str]],
    /// Columns that mean something else here than elsewhere. Folded.
    columns: &'static [(&'static str, &'static str)],
    /// Order of day and month.
    pub dates: DateOrder,
}

/// Our own layout and those of other programs; the first whose signature fits
/// is taken. A new dialect is an entry here and a fixture.
pub static DIALECTS: &[Dialect] = &[
    Dialect {
        key: "cardfile",
        label: "Cardfile or Chatsby",
        signatures: &[&["id", "name", "source", "first_seen", "last_seen", "conversation_count"]],
        columns: &[
            ("id", "id"),
            ("email_label", "email#1.label"),
            ("email", "email#1.value"),
            ("phone_label", "phone#1.label"),
            ("phone", "phone#1.value"),
            ("other_emails", "json:email"),
            ("other_phones", "json:phone"),
            ("handles", "json:handle"),
            ("addresses", "json:address"),
            ("urls", "json:url"),
            ("dates", "json:date"),
            ("external_ids", "external_ids"),
            ("metadata", "metadata"),
            ("tags", "tags"),
            ("identity", "identity"),
            ("verified_at", "verified_at"),
            ("verified_by", "verified_by"),
            ("stage_by", "stage_by"),
            ("stage_since", "stage_since"),
            ("archived_at", "archived_at"),
        ],
        dates: DateOrder::DayFirst,
    },
    Dialect {
        key: "google",
        label: "Google Contacts",
        signatures: &[
            &["first name", "last name", "labels"],
            &["first name", "organization name"],
            &["e-mail 1 - label", "first name"],
            &["phone 1 - label", "first name"],
        ],
        columns: &[
            ("labels", "tags"),
            ("file as", "meta:file_as"),
            ("organization name", "company"),
            ("organization title", "job_title"),
            ("organization department", "department"),
            ("photo", "meta:photo"),
        ],
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "google_legacy",
        label: "Google Contacts (before 2024)",
        signatures: &[
            &["given name", "family name", "group membership"],
            &["given name", "family name", "e-mail 1 - type"],
            &["given name", "family name", "phone 1 - type"],
        ],
        columns: &[
            ("group membership", "tags"),
            ("additional name", "additional_name"),
            ("organization 1 - name", "company"),
            ("organization 1 - title", "job_title"),
            ("organization 1 - department", "department"),
            ("photo", "meta:photo"),
        ],
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "google_outlook",
        label: "Google Contacts, as Outlook CSV",
        signatures: &[
            &["first name", "e-mail address", "internet free busy", "categories"],
            &["first name", "initials", "e-mail address", "categories", "web page"],
        ],
        columns: OUTLOOK,
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "outlook_com",
        label: "Outlook.com",
        signatures: &[&["first name", "e-mail address", "imaddress"], &["first name", "e-mail address", "given yomi"]],
        columns: OUTLOOK,
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "outlook",
        label: "Outlook",
        signatures: &[
            &["first name", "last name", "business street", "e-mail address"],
            &["first name", "last name", "home street", "business phone"],
            &["first name", "last name", "e-mail address", "business phone"],
        ],
        columns: OUTLOOK,
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "hubspot",
        label: "HubSpot",
        signatures: &[
            &["record id", "email"],
            &["record id", "first name"],
            &["contact id", "lifecycle stage"],
            &["contact owner", "email"],
            &["lifecycle stage", "email"],
            &["hs_object_id"],
        ],
        columns: &[
            ("record id", "external_id:hubspot"),
            ("contact id", "external_id:hubspot"),
            ("hs_object_id", "external_id:hubspot"),
            ("lifecycle stage", "stage"),
            ("lifecyclestage", "stage"),
            ("company name", "company"),
            ("associated company", "company"),
            ("create date", "first_seen"),
            ("createdate", "first_seen"),
            ("firstname", "given_name"),
            ("lastname", "family_name"),
            ("salutation", "name_prefix"),
            ("city", "address#1.city"),
            ("state/region", "address#1.region"),
            ("country/region", "address#1.country"),
            ("street address", "address#1.street"),
            ("postal code", "address#1.postal_code"),
            ("website url", "url"),
        ],
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "salesforce",
        label: "Salesforce",
        signatures: &[
            &["account name", "mailing street"],
            &["account name", "mailing city"],
            &["account name", "account owner"],
            &["account name", "contact id"],
            &["lead owner", "last name"],
            &["accountid", "lastname"],
            &["lead id", "lastname"],
            &["lead id", "last name"],
        ],
        columns: &[
            ("contact id", "external_id:salesforce"),
            ("id", "external_id:salesforce"),
            ("lead id", "external_id:salesforce"),
            ("account name", "company"),
            ("company / account", "company"),
            ("salutation", "name_prefix"),
            ("title", "job_title"),
            ("firstname", "given_name"),
            ("lastname", "family_name"),
            ("mobile", "phone:mobile"),
            ("mobile phone", "phone:mobile"),
            ("mobilephone", "phone:mobile"),
            ("fax", "phone:fax"),
            ("mailing street", "address#1.street"),
            ("mailing city", "address#1.city"),
            ("mailing state/province", "address#1.region"),
            ("mailing state", "address#1.region"),
            ("mailing zip/postal code", "address#1.postal_code"),
            ("mailing zip", "address#1.postal_code"),
            ("mailing country", "address#1.country"),
            ("mailingstreet", "address#1.street"),
            ("mailingcity", "address#1.city"),
            ("mailingstate", "address#1.region"),
            ("mailingpostalcode", "address#1.postal_code"),
            ("mailingcountry", "address#1.country"),
            ("street", "address#1.street"),
            ("city", "address#1.city"),
            ("state/province", "address#1.region"),
            ("zip/postal code", "address#1.postal_code"),
            ("country", "address#1.country"),
            ("createddate", "first_seen"),
            ("created date", "first_seen"),
            ("status", "stage"),
            ("lead status", "stage"),
        ],
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "linkedin",
        label: "LinkedIn connections",
        signatures: &[&["first name", "last name", "position", "connected on"]],
        columns: &[("url", "url:linkedin"), ("position", "job_title"), ("connected on", "meta:connected_on")],
        dates: DateOrder::DayFirst,
    },
    Dialect {
        key: "mailchimp",
        label: "Mailchimp audience",
        signatures: &[
            &["email address", "member_rating"],
            &["email address", "leid"],
            &["email address", "optin_time"],
        ],
        columns: &[
            ("tags", "tags"),
            ("leid", "meta:leid"),
            ("euid", "external_id:mailchimp"),
            ("optin_time", "first_seen"),
            ("last_changed", "meta:last_changed"),
            ("notes", "description"),
            ("cc", "ip_country"),
            ("optin_ip", "skip"),
            ("confirm_ip", "skip"),
        ],
        dates: DateOrder::MonthFirst,
    },
    Dialect {
        key: "thunderbird",
        label: "Thunderbird",
        signatures: &[
            &["first name", "display name", "primary email"],
            &["display name", "primary email", "screen name"],
        ],
        columns: &[
            ("display name", "name"),
            ("primary email", "email"),
            ("secondary email", "email"),
            ("screen name", "handle:chat"),
            ("work phone", "phone:work"),
            ("home phone", "phone:home"),
            ("fax number", "phone:fax"),
            ("pager number", "phone:pager"),
            ("mobile number", "phone:mobile"),
            ("home address", "address#1.street:home"),
            ("home address 2", "address#1.street:home"),
            ("home city", "address#1.city:home"),
            ("home state", "address#1.region:home"),
            ("home zipcode", "address#1.postal_code:home"),
            ("home country", "address#1.country:home"),
            ("work address", "address#2.street:work"),
            ("work address 2", "address#2.street:work"),
            ("work city", "address#2.city:work"),
            ("work state", "address#2.region:work"),
            ("work zipcode", "address#2.postal_code:work"),
            ("work country", "address#2.country:work"),
            ("web page 1", "url"),
            ("web page 2", "url"),
            ("organization", "company"),
            ("birth year", "meta:birth_year"),
            ("birth month", "meta:birth_month"),
            ("birth day", "meta:birth_day"),
        ],
        dates: DateOrder::DayFirst,
    },
    Dialect {
        key: "ldif",
        label: "Thunderbird or a directory, as LDIF",
        signatures: &[&["dn", "cn"], &["dn", "mail"], &["dn", "sn"]],
        columns: &[
            ("cn", "name"),
            ("displayname", "name"),
            ("givenname", "given_name"),
            ("sn", "family_name"),
            ("mail", "email"),
            ("mozillasecondemail", "email"),
            ("telephonenumber", "phone:work"),
            ("homephone", "phone:home"),
            ("mobile", "phone:mobile"),
            ("cellphone", "phone:mobile"),
            ("facsimiletelephonenumber", "phone:fax"),
            ("fax", "phone:fax"),
            ("pager", "phone:pager"),
            ("pagerphone", "phone:pager"),
            ("street", "address#1.street:work"),
            ("mozillaworkstreet2", "address#1.street:work"),
            ("postofficebox", "address#1.po_box:work"),
            ("l", "address#1.city:work"),
            ("st", "address#1.region:work"),
            ("postalcode", "address#1.postal_code:work"),
            ("c", "address#1.country:work"),
            ("mozillahomestreet", "address#2.street:home"),
            ("mozillahomestreet2", "address#2.street:home"),
            ("mozillahomelocalityname", "address#2.city:home"),
            ("mozillahomestate", "address#2.region:home"),
            ("mozillahomepostalcode", "address#2.postal_code:home"),
            ("mozillahomecountryname", "address#2.country:home"),
            ("o", "company"),
            ("company", "company"),
            ("ou", "department"),
            ("department", "department"),
            ("title", "job_title"),
            ("description", "description"),
            ("mozillanickname", "nick"),
            ("mozillahomeurl", "url:home"),
            ("mozillaworkurl", "url:work"),
            ("labeleduri", "url"),
            ("uid", "external_id:ldap"),
        ],
        dates: DateOrder::DayFirst,
    },
];

const OUTLOOK: &[(&str, &str)] = &[
    ("title", "name_prefix"),
    ("suffix", "name_suffix"),
    ("e-mail address", "email"),
    ("e-mail 2 address", "email"),
    ("e-mail 3 address", "email"),
    ("home phone", "phone:home"),
    ("home phone 2", "phone:home"),
    ("business phone", "phone:work"),
    ("business phone 2", "phone:work"),
    ("mobile phone", "phone:mobile"),
    ("car phone", "phone:car"),
    ("other phone", "phone:other"),
    ("primary phone", "phone"),
    ("pager", "phone:pager"),
    ("business fax", "phone:fax"),
    ("home fax", "phone:home fax"),
    ("other fax", "phone:other fax"),
    ("company main phone", "phone:main"),
    ("callback", "phone:callback"),
    ("radio phone", "phone:radio"),
    ("telex", "phone:telex"),
    ("tty/tdd phone", "phone:tty"),
    ("isdn", "phone:isdn"),
    ("assistant's phone", "phone:assistant"),
    ("imaddress", "handle:im"),
    ("categories", "tags"),
    ("business street", "address#1.street:work"),
    ("business street 2", "address#1.street:work"),
    ("business street 3", "address#1.street:work"),
    ("business city", "address#1.city:work"),
    ("business state", "address#1.region:work"),
    ("business postal code", "address#1.postal_code:work"),
    ("business country/region", "address#1.country:work"),
    ("business country", "address#1.country:work"),
    ("business address po box", "address#1.po_box:work"),
    ("home street", "address#2.street:home"),
    ("home street 2", "address#2.street:home"),
    ("home street 3", "address#2.street:home"),
    ("home city", "address#2.city:home"),
    ("home state", "address#2.region:home"),
    ("home postal code", "address#2.postal_code:home"),
    ("home country/region", "address#2.country:home"),
    ("home country", "address#2.country:home"),
    ("home address po box", "address#2.po_box:home"),
    ("other street", "address#3.street:other"),
    ("other street 2", "address#3.street:other"),
    ("other street 3", "address#3.street:other"),
    ("other city", "address#3.city:other"),
    ("other state", "address#3.region:other"),
    ("other postal code", "address#3.postal_code:other"),
    ("other country/region", "address#3.country:other"),
    ("other country", "address#3.country:other"),
    ("other address po box", "address#3.po_box:other"),
    ("personal web page", "url:home"),
    ("web page", "url"),
    ("notes", "description"),
    ("business address", "skip"),
    ("home address", "skip"),
    ("other address", "skip"),
];

/// Headings people use themselves, in the languages we met.
static HEADINGS: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "name",
            "full name",
            "contact name",
            "display name",
            "customer",
            "customer name",
            "nome",
            "nome completo",
            "nombre",
            "nombre completo",
            "nom complet",
            "naam",
            "navn",
            "namn",
            "imie i nazwisko",
            "ad soyad",
            "имя",
            "фио",
            "姓名",
            "名前",
            "氏名",
            "이름",
            "الاسم",
            "שם",
        ],
    ),
    (
        "given_name",
        &[
            "first name",
            "firstname",
            "given name",
            "forename",
            "vorname",
            "prenom",
            "primeiro nome",
            "nombre de pila",
            "fornamn",
            "fornavn",
            "voornaam",
            "imie",
            "nome proprio",
            "名",
        ],
    ),
    (
        "family_name",
        &[
            "last name",
            "lastname",
            "family name",
            "surname",
            "nachname",
            "familienname",
            "apellido",
            "apellidos",
            "sobrenome",
            "apelido",
            "cognome",
            "nom",
            "nom de famille",
            "efternamn",
            "etternavn",
            "achternaam",
            "nazwisko",
            "姓",
        ],
    ),
    ("additional_name", &["middle name", "second name"]),
    ("name_prefix", &["name prefix", "prefix", "salutation", "anrede"]),
    ("name_suffix", &["name suffix", "suffix"]),
    ("nick", &["nick", "nickname", "alias"]),
    (
        "email",
        &[
            "email",
            "e-mail",
            "emails",
            "email addresses",
            "email address",
            "e-mail address",
            "mail",
            "email 1",
            "e-mail 1",
            "primary email",
            "correo",
            "correo electronico",
            "courriel",
            "adresse e-mail",
            "adresse email",
            "e-mail-adresse",
            "e-mailadres",
            "epost",
            "e-post",
            "электронная почта",
            "邮箱",
            "电子邮件",
            "電子郵件",
            "メール",
            "メールアドレス",
            "이메일",
            "البريد الالكتروني",
            "דואל",
        ],
    ),
    ("email:work", &["work email", "business email", "email (work)"]),
    ("email:home", &["home email", "personal email", "email (home)"]),
    (
        "phone",
        &[
            "phone",
            "phones",
            "phone numbers",
            "phone number",
            "telephone",
            "tel",
            "telefone",
            "telefono",
            "telefon",
            "telefonnummer",
            "telefoon",
            "numero de telephone",
            "телефон",
            "电话",
            "電話",
            "電話番号",
            "전화번호",
            "전화",
            "الهاتف",
            "טלפון",
            "phone 1",
            "primary phone",
            "contact number",
        ],
    ),
    (
        "phone:mobile",
        &[
            "mobile",
            "mobile phone",
            "mobile number",
            "mobile phone number",
            "cell",
            "cell phone",
            "celular",
            "movil",
            "telemovel",
            "handy",
            "mobil",
            "portable",
            "cellulare",
            "手机",
            "手機",
            "携帯電話",
            "휴대폰",
        ],
    ),
    ("phone:work", &["work phone", "business phone", "office phone"]),
    ("phone:home", &["home phone"]),
    ("phone:fax", &["fax"]),
    (
        "company",
        &[
            "company",
            "company name",
            "organization",
            "organisation",
            "organization name",
            "account",
            "employer",
            "empresa",
            "firma",
            "entreprise",
            "societe",
            "azienda",
            "bedrijf",
            "foretag",
            "компания",
            "公司",
            "会社",
            "会社名",
            "회사",
            "الشركة",
            "חברה",
        ],
    ),
    ("job_title", &["job title", "title", "position", "role", "cargo", "puesto", "beruf", "fonction", "职位", "役職"]),
    ("department", &["department", "abteilung", "departamento"]),
    (
        "description",
        &[
            "description",
            "notes",
            "note",
            "comments",
            "comment",
            "observacoes",
            "notas",
            "bemerkung",
            "notizen",
            "remarques",
            "备注",
        ],
    ),
    ("preferences", &["preferences"]),
    ("tags", &["tags", "labels", "groups", "categories", "etiquetas", "schlagworter", "标签"]),
    ("tier", &["tier", "access tier", "membership level"]),
    ("stage", &["stage", "lifecycle stage", "lead status", "status"]),
    ("source", &["source", "lead source", "original source", "origem", "quelle"]),
    ("url", &["website", "web site", "url", "web page", "homepage", "website url", "sitio web", "webseite", "网站"]),
    (
        "date:birthday",
        &["birthday", "birth date", "date of birth", "geburtstag", "aniversario", "cumpleanos", "nascimento", "生日"],
    ),
    ("date:anniversary", &["anniversary"]),
    (
        "address",
        &["address", "postal address", "full address", "endereco", "direccion", "adresse", "anschrift", "地址", "住所"],
    ),
    (
        "address#1.street",
        &["street", "street address", "address 1", "address line 1", "rua", "calle", "strasse", "rue"],
    ),
    ("address#1.extended", &["address 2", "address line 2"]),
    ("address#1.city", &["city", "town", "cidade", "ciudad", "stadt", "ort", "ville", "citta", "城市"]),
    (
        "address#1.region",
        &["state", "province", "region", "state/province", "state/region", "estado", "provincia", "bundesland"],
    ),
    (
        "address#1.postal_code",
        &[
            "zip",
            "zip code",
            "postal code",
            "postcode",
            "zip/postal code",
            "cep",
            "codigo postal",
            "plz",
            "postleitzahl",
            "code postal",
            "邮编",
        ],
    ),
    ("address#1.country", &["country", "country/region", "pais", "land", "pays", "国家"]),
    (
        "external_id:external",
        &[
            "external id",
            "external_id",
            "user id",
            "user_id",
            "customer id",
            "customer_id",
            "id",
            "contact id",
            "record id",
        ],
    ),
    ("first_seen", &["first_seen", "first seen", "created", "created at", "created_at", "date created", "create date"]),
    ("last_seen", &["last_seen", "last seen", "last activity", "last activity date"]),
    ("conversation_count", &["conversation_count", "conversations"]),
    ("page_url", &["page_url"]),
    ("ip_country", &["ip_country"]),
    ("metadata", &["metadata"]),
];

/// [`HEADINGS`] by folded word.
static KNOWN: LazyLock<HashMap<String, Target>> = LazyLock::new(|| {
    HEADINGS
        .iter()
        .filter_map(|(target, words)| Some((Target::parse(target)?, words)))
        .flat_map(|(target, words)| words.iter().map(move |word| (fold_label(word), target.clone())))
        .collect()
});

/// The dialect of a header, if it is one we know.
pub fn find(header: &[String]) -> Option<&'static Dialect> {
    let folded: Vec<String> = header.iter().map(|h| fold_label(h)).collect();
    let has = |column: &&str| folded.iter().any(|h| h == column);
    DIALECTS.iter().find(|dialect| dialect.signatures.iter().any(|all| all.iter().all(has)))
}

/// A dialect by its name for programs.
pub fn by_key(key: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.key == key)
}

/// Where each column of a header goes. What nobody knows goes into the
/// metadata under its own heading, so that nothing is lost; a column without a
/// heading is left out.
pub fn map(header: &[String], dialect: Option<&Dialect>, custom: &[String]) -> Vec<Target> {
    let mut taken: Vec<Target> = Vec::new();
    let mut targets = header
        .iter()
        .map(|heading| {
            let target = target(heading, dialect, custom);
            // A second column for a single value would be glued to the first.
            let target = match &target {
                Target::Field("description") => target,
                Target::Field(_) | Target::NamePart(_) | Target::Id if taken.contains(&target) => meta(heading),
                _ => target,
            };
            taken.push(target.clone());
            target
        })
        .collect::<Vec<_>>();
    // A value whose label has no column in this file stands alone.
    let grouped = targets.clone();
    for target in &mut targets {
        if let Target::Item { field, group, part: ItemPart::Value, label } = target
            && *group > 0
            && *field != "address"
            && grouped
                .iter()
                .filter(|other| matches!(other, Target::Item { field: f, group: g, .. } if f == field && g == group))
                .count()
                == 1
        {
            *target = Target::item(field, label);
        }
    }
    targets
}

fn target(heading: &str, dialect: Option<&Dialect>, custom: &[String]) -> Target {
    let folded = fold_label(heading);
    if folded.is_empty() || folded.starts_with("_cardfile_") {
        return Target::Skip;
    }
    // `external_id:line` says of which remote, in any layout.
    if let Some(remote) = folded.strip_prefix("external_id:").map(str::trim).filter(|remote| !remote.is_empty()) {
        return Target::ExternalId(remote.to_owned());
    }
    if let Some(dialect) = dialect {
        if let Some((_, target)) = dialect.columns.iter().find(|(column, _)| *column == folded) {
            return Target::parse(target).unwrap_or(Target::Skip);
        }
        if dialect.key == "cardfile" {
            if let Some(target) =
                REFERENCE.into_iter().chain(COMPLETE).find(|own| *own == folded).and_then(Target::parse)
            {
                return target;
            }
            if let Some(key) = heading.strip_prefix("custom.") {
                return Target::Custom(key.to_owned());
            }
        }
        if dialect.key.starts_with("google")
            && let Some(target) = google_group(&folded)
        {
            return target;
        }
    }
    if let Some(key) = custom.iter().find(|key| **key == folded || key.replace('_', " ") == folded) {
        return Target::Custom(key.clone());
    }
    // Programs write `job_title` where people write `Job title`.
    match KNOWN.get(&folded).or_else(|| KNOWN.get(&folded.replace('_', " "))) {
        Some(target) => target.clone(),
        None => meta(heading),
    }
}

fn meta(heading: &str) -> Target {
    Target::Meta(heading.trim().trim_start_matches('\u{feff}').to_owned())
}

/// Google's numbered groups: `e-mail 2 - value`, `address 1 - postal code`.
fn google_group(folded: &str) -> Option<Target> {
    let (group, part) = folded.split_once(" - ")?;
    let (word, number) = group.rsplit_once(' ')?;
    let number: u8 = number.parse().ok()?;
    let field = match word {
        "e-mail" => "email",
        "phone" => "phone",
        "address" => "address",
        "website" => "url",
        "event" => "date",
        "im" => "handle",
        _ => return None,
    };
    let part = match part {
        "value" | "formatted" => ItemPart::Value,
        "label" | "type" => ItemPart::Label,
        "service" => return Some(Target::part(field, number, ItemPart::Label)),
        "street" => ItemPart::Street,
        "city" => ItemPart::City,
        "po box" => ItemPart::PoBox,
        "region" => ItemPart::Region,
        "postal code" => ItemPart::PostalCode,
        "country" => ItemPart::Country,
        "extended address" => ItemPart::Extended,
        _ => return None,
    };
    Some(Target::part(field, number, part))
}

/// How much a row of cells looks like a header: columns that identify a
/// contact, and columns we know at all.
pub fn header_score(cells: &[String]) -> (usize, usize) {
    let dialect = find(cells);
    let targets = map(cells, dialect, &[]);
    let known = targets.iter().filter(|t| !matches!(t, Target::Skip | Target::Meta(_))).count();
    let identifying = targets.iter().filter(|t| t.identifies()).count();
    (identifying + if dialect.is_some() { 10 } else { 0 }, known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn header(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[rstest]
    #[case(
        "id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country",
        "cardfile"
    )]
    #[case(
        "First Name,Middle Name,Last Name,Organization Name,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value",
        "google"
    )]
    #[case(
        "Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value",
        "google_legacy"
    )]
    #[case(
        "First Name,Middle Name,Last Name,Title,Suffix,Initials,Web Page,Gender,Birthday,E-mail Address,Categories",
        "google_outlook"
    )]
    #[case("First Name,Last Name,Given Yomi,Surname Yomi,E-mail Address,IMAddress", "outlook_com")]
    #[case("Title,First Name,Last Name,Company,Business Street,E-mail Address,Business Phone", "outlook")]
    #[case("Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Create Date", "hubspot")]
    #[case(
        "Salutation,First Name,Last Name,Title,Mailing Street,Mailing City,Phone,Email,Account Name,Account Owner",
        "salesforce"
    )]
    #[case("First Name,Last Name,URL,Email Address,Company,Position,Connected On", "linkedin")]
    #[case("Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,LEID,EUID,NOTES,TAGS", "mailchimp")]
    #[case("First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name", "thunderbird")]
    fn recognises_a_program_by_its_columns(#[case] columns: &str, #[case] expected: &str) {
        assert_eq!(find(&header(columns)).map(|d| d.key), Some(expected));
    }

    #[test]
    fn an_ordinary_spreadsheet_is_no_dialect_but_is_mapped() {
        let header = header("Nome,Telefone,E-mail,Empresa,Kundennummer");
        assert!(find(&header).is_none());
        let targets: Vec<String> = map(&header, None, &[]).iter().map(ToString::to_string).collect();
        assert_eq!(targets, ["name", "phone", "email", "company", "meta:Kundennummer"]);
    }

    #[test]
    fn headings_of_programs_are_those_of_people_with_underscores() {
        let targets: Vec<String> =
            map(&header("full_name,job_title,email_address"), None, &[]).iter().map(ToString::to_string).collect();
        assert_eq!(targets, ["name", "job_title", "email"]);
    }

    #[test]
    fn every_target_named_in_a_table_exists() {
        let named =
            DIALECTS.iter().flat_map(|d| d.columns.iter().map(|(_, t)| *t)).chain(HEADINGS.iter().map(|(t, _)| *t));
        for target in named {
            assert!(Target::parse(target).is_some(), "{target}");
        }
    }

    #[test]
    fn columns_are_written_folded() {
        for dialect in DIALECTS {
            for (column, _) in dialect.columns {
                assert_eq!(&fold_label(column), column);
            }
        }
    }
}
