//! Made-up people: the same for the same seed, in many scripts, in our own CSV
//! layout. For benches, demos and the sample data; none of them exists.

use cardfile_domain::Millis;
use std::io::{self, Write};

/// SplitMix64: small, fast and the same everywhere.
pub struct Seeded(u64);

impl Seeded {
    /// A sequence for this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Given names, family names, the country code of phones, the digits after it,
/// the end of domains and whether the family name comes first.
struct Script {
    given: &'static [&'static str],
    family: &'static [&'static str],
    country: &'static str,
    code: &'static str,
    digits: u32,
    domain: &'static str,
    family_first: bool,
    share: u64,
}

const SCRIPTS: &[Script] = &[
    Script {
        given: &[
            "Oliver", "Emma", "Liam", "Grace", "Noah", "Hannah", "Ethan", "Chloe", "Mason", "Ruby", "Lucas", "Ella",
            "Henry", "Isla", "Jack", "Maya", "Owen", "Nora", "Samuel", "Tessa",
        ],
        family: &[
            "Carter",
            "Bennett",
            "Hughes",
            "Marsh",
            "Fletcher",
            "Dalton",
            "Whitfield",
            "Barlow",
            "Kerr",
            "Sutton",
            "Ashby",
            "Pryce",
            "Langley",
            "Thorne",
            "Holt",
            "Granger",
            "Wells",
            "Rowe",
            "Finch",
            "Lowell",
        ],
        country: "US",
        code: "+1 555",
        digits: 7,
        domain: "com",
        family_first: false,
        share: 55,
    },
    Script {
        given: &[
            "José", "Amélie", "Jürgen", "Zoë", "Łukasz", "Siobhán", "Renée", "Björn", "Inês", "Chloé", "Anaïs",
            "Søren", "Mónica", "Håkon", "Žofia",
        ],
        family: &[
            "García",
            "Côté",
            "Höß",
            "Núñez",
            "Wójcik",
            "Ó Briain",
            "Lefèvre",
            "Åkesson",
            "Conceição",
            "Müller",
            "Dvořák",
            "Sørensen",
            "Peña",
            "Żak",
            "Grønli",
        ],
        country: "ES",
        code: "+34 6",
        digits: 8,
        domain: "es",
        family_first: false,
        share: 15,
    },
    Script {
        given: &["志强", "雨桐", "伟", "秀英", "敏", "静", "丽", "强", "磊", "军"],
        family: &["张", "陈", "王", "李", "刘", "杨", "赵", "黄", "周", "吴"],
        country: "CN",
        code: "+86 138",
        digits: 8,
        domain: "cn",
        family_first: true,
        share: 7,
    },
    Script {
        given: &["美咲", "陽菜", "蓮", "葵", "翔太", "結衣", "大輝", "さくら"],
        family: &["佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村"],
        country: "JP",
        code: "+81 90",
        digits: 8,
        domain: "jp",
        family_first: true,
        share: 4,
    },
    Script {
        given: &["서연", "민준", "지우", "서준", "하은", "도윤"],
        family: &["김", "이", "박", "최", "정", "강"],
        country: "KR",
        code: "+82 10",
        digits: 8,
        domain: "kr",
        family_first: true,
        share: 3,
    },
    Script {
        given: &["Мария", "Иван", "Елена", "Алексей", "Ольга", "Дмитрий"],
        family: &["Стоянова", "Петров", "Иванова", "Смирнов", "Кузнецова", "Соколов"],
        country: "BG",
        code: "+359 88",
        digits: 7,
        domain: "bg",
        family_first: false,
        share: 5,
    },
    Script {
        given: &["Ελένη", "Γιώργος", "Μαρία", "Νίκος"],
        family: &["Παπαδοπούλου", "Νικολάου", "Γεωργίου", "Οικονόμου"],
        country: "GR",
        code: "+30 69",
        digits: 8,
        domain: "gr",
        family_first: false,
        share: 3,
    },
    Script {
        given: &["ليلى", "محمد", "فاطمة", "أحمد"],
        family: &["حدّاد", "منصور", "الخطيب", "ناصر"],
        country: "AE",
        code: "+971 50",
        digits: 7,
        domain: "ae",
        family_first: false,
        share: 3,
    },
    Script {
        given: &["अनन्या", "आरव", "प्रिया", "राहुल"],
        family: &["शर्मा", "वर्मा", "गुप्ता", "सिंह"],
        country: "IN",
        code: "+91 98",
        digits: 8,
        domain: "in",
        family_first: false,
        share: 2,
    },
    Script {
        given: &["ธนพร", "สมชาย", "กมลวรรณ"],
        family: &["ศรีสุข", "วงศ์ทอง", "บุญมา"],
        country: "TH",
        code: "+66 81",
        digits: 7,
        domain: "co.th",
        family_first: false,
        share: 1,
    },
    Script {
        given: &["יעל", "נועם", "תמר"],
        family: &["כהן", "לוי", "מזרחי"],
        country: "IL",
        code: "+972 52",
        digits: 7,
        domain: "co.il",
        family_first: false,
        share: 1,
    },
];

const COMPANIES: [&str; 24] = [
    "Solvento",
    "Harbour & Vale",
    "Northwind Joinery",
    "Blue Lantern",
    "Okafor Farms",
    "Linghai Trading",
    "Maison Lefèvre",
    "Thalassa",
    "Höß Metallbau",
    "Hanbit Studio",
    "Haddad Studio",
    "Wójcik Dachy",
    "Aozora Design",
    "Sharma Textiles",
    "Brightwater Dental",
    "Copperfield Press",
    "Larkspur Labs",
    "Meridian Movers",
    "Pine & Pearl",
    "Quarry Road Cafe",
    "Redwood Legal",
    "Silverline Optics",
    "Tidewater Marine",
    "Umbra Lighting",
];
const SOURCES: [&str; 6] = ["widget", "api", "whatsapp", "slack", "import", "manual"];
const TAGS: [&str; 12] = [
    "lead",
    "vip",
    "customer",
    "newsletter",
    "enterprise",
    "pricing-intent",
    "engaged",
    "partner",
    "supplier",
    "madrid",
    "trial",
    "demo-requested",
];
const PLANS: [&str; 4] = ["free", "starter", "pro", "enterprise"];
const CITIES: [&str; 10] =
    ["Madrid", "Porto", "Lyon", "Leipzig", "Gdańsk", "Osaka", "Chennai", "Austin", "Leeds", "Haifa"];
const MANAGERS: [&str; 5] = ["Marta Ruiz", "Iker Soler", "Paula Brandt", "Tom Weller", "Aiko Mori"];

/// Columns of [`write_csv`]: the reference's twelve and five custom fields.
pub const HEADER: &str = "id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country,\
custom.plan,custom.mrr,custom.city,custom.account_manager,custom.consent_given";

/// The last day any of them was seen: 2026-11-21T00:00:00Z.
const LAST_DAY: i64 = 1_795_219_200;

/// Writes `rows` made-up people as CSV.
pub fn write_csv(out: &mut impl Write, rows: u64, seed: u64) -> io::Result<()> {
    let mut random = Seeded::new(seed);
    writeln!(out, "{HEADER}")?;
    for n in 0..rows {
        write_row(out, &mut random, n)?;
    }
    out.flush()
}

fn write_row(out: &mut impl Write, random: &mut Seeded, n: u64) -> io::Result<()> {
    let script = script(random);
    let (given, family) = (random.pick(script.given), random.pick(script.family));
    let nameless = random.below(100) == 0;
    let name = match (nameless, script.family_first) {
        (true, _) => String::new(),
        (false, true) => format!("{family}{given}"),
        (false, false) => format!("{given} {family}"),
    };
    let local = cardfile_domain::text::fold(given);
    let local = if local.is_ascii() { local.replace(' ', "") } else { format!("kontakt{}", random.below(1000)) };
    let email = if random.below(100) < 92 || nameless {
        format!(
            "{local}.{n}@{}{}.{}",
            ["mail", "post", "office", "studio"][random.below(4) as usize],
            random.below(400),
            script.domain
        )
    } else {
        String::new()
    };
    let phone = if random.below(100) < 78 {
        let number = random.below(10u64.pow(script.digits));
        format!("{} {number:0width$}", script.code, width = script.digits as usize)
    } else {
        String::new()
    };
    let company = if random.below(100) < 70 { COMPANIES[random.below(24) as usize] } else { "" };
    let source = SOURCES[random.below(6) as usize];
    let first = LAST_DAY - random.below(3 * 365 * 86_400) as i64;
    let last = (first + random.below(400 * 86_400) as i64).min(LAST_DAY - random.below(86_400) as i64).max(first);
    let conversations = random.below(24) * random.below(2);
    let mut tags = Vec::new();
    for _ in 0..random.below(4) {
        let tag = TAGS[random.below(12) as usize];
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let tags = if tags.is_empty() { String::new() } else { format!("\"{}\"", tags.join(",")) };
    let page =
        if source == "widget" { format!("https://shop{}.example/pricing", random.below(50)) } else { String::new() };
    let country = if random.below(2) == 0 { script.country } else { "" };
    let id = id(random, n);
    let (first, last) = (Millis(first * 1000).to_rfc3339(), Millis(last * 1000).to_rfc3339());
    let (plan, mrr) = (PLANS[random.below(4) as usize], random.below(900));
    let (city, manager) = (CITIES[random.below(10) as usize], MANAGERS[random.below(5) as usize]);
    let consent = ["true", "false", ""][random.below(3) as usize];
    writeln!(
        out,
        "{id},{name},{email},{phone},{company},{source},{first},{last},{conversations},{tags},{page},{country},\
         {plan},{mrr},{city},{manager},{consent}"
    )
}

fn script(random: &mut Seeded) -> &'static Script {
    let mut place = random.below(99);
    for script in SCRIPTS {
        if place < script.share {
            return script;
        }
        place -= script.share;
    }
    &SCRIPTS[0]
}

/// Eight base-36 characters as the reference product writes them; the number
/// is in it, so that a million of them are a million ids.
fn id(random: &mut Seeded, n: u64) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut value = n * 36 * 36 * 36 + random.below(36 * 36 * 36);
    // Spread, so that ids do not sort by number: odd, so it is a bijection.
    value = value.wrapping_mul(1_664_525) % 36u64.pow(8);
    let mut text = [b'0'; 8];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(value % 36) as usize];
        value /= 36;
    }
    format!("ctc_{}", String::from_utf8_lossy(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_gives_the_same_people_and_ids_are_unique() {
        let make = |seed| {
            let mut out = Vec::new();
            write_csv(&mut out, 20_000, seed).expect("memory");
            String::from_utf8(out).expect("utf-8")
        };
        let one = make(7);
        assert_eq!(one, make(7));
        assert_ne!(one, make(8));
        let ids: HashSet<&str> = one.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(ids.len(), 20_000);
    }
}
