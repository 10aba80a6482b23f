//! Files with planted faults.

use cardfile_core::generate::Seeded;
use std::fmt::Write;

/// The owner's spreadsheet of the first five minutes: 20,000 rows with
/// semicolons in Windows-1252, 312 of them repeated, 40 with a bad email.
/// Phones have leading zeros, names have accents.
pub fn owners_spreadsheet() -> Vec<u8> {
    const GIVEN: [&str; 8] = ["João", "Conceição", "Inês", "Ana", "Luís", "Estêvão", "Mônica", "Rui"];
    const FAMILY: [&str; 7] = ["Simões", "Araújo", "Gonçalves", "Peña", "Müller", "Côté", "Lopes"];
    let mut random = Seeded::new(11);
    let mut rows = Vec::new();
    for n in 0..19_688 {
        let given = GIVEN[random.below(8) as usize];
        let family = FAMILY[random.below(7) as usize];
        let email = match n % 493 {
            7 => format!("cliente{n}.exemplo.pt"),
            _ => format!("cliente{n}@exemplo.pt"),
        };
        let phone = format!("0{} {:03} {:03}", 20 + n % 70, random.below(1000), random.below(1000));
        rows.push(format!("{given} {family};{phone};{email};Empresa nº {}", n % 300));
    }
    let bad = rows.iter().filter(|row| !row.contains('@')).count();
    assert_eq!(bad, 40, "the file is made with 40 bad emails");
    // Repeats of good rows, spread over the file.
    let good: Vec<String> = rows.iter().filter(|row| row.contains('@')).step_by(60).take(312).cloned().collect();
    for (n, row) in good.into_iter().enumerate() {
        rows.insert(500 + n * 61, row);
    }
    assert_eq!(rows.len(), 20_000);
    let mut text = String::from("Nome;Telefone;E-mail;Empresa\r\n");
    for row in rows {
        let _ = write!(text, "{row}\r\n");
    }
    windows_1252(&text)
}

/// Latin letters as Windows-1252 has them; nothing else occurs here.
pub fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c as u32).expect("a Latin-1 letter")).collect()
}
