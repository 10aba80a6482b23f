//! Mail: who wrote, and when, from `.eml` files, mbox files and Maildir folders
//! (RFC 5322, RFC 4155). Only one message is kept in memory, and of it only the
//! head unless its text is asked for, so that a mailbox of any size passes through.

use crate::record::{Position, Refusal, Reject, RejectCode, shorten};
use cardfile_domain::{Millis, Sentence, email, say};
use mail_parser::{HeaderValue, MessageParser};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// One message as far as it says who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Name beside the address, as it was written; may be empty.
    pub name: String,
    /// Address as it was written.
    pub address: String,
    /// The address as it is compared.
    pub key: String,
    /// When it was sent.
    pub at: Option<Millis>,
    /// Why its sender is no person to keep.
    pub automatic: Option<Automatic>,
    /// What it says, when that was asked for.
    pub text: Option<Text>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// Its subject.
    pub subject: String,
    /// Its text without markup and attachments, at most [`TEXT_LIMIT`] bytes.
    pub text: String,
    /// Its own id (RFC 5322, 3.6.4); may be empty.
    pub id: String,
    /// The id of the message that began the exchange; its own when none did.
    pub thread: String,
}

/// Longest text of a message that is kept.
pub const TEXT_LIMIT: usize = 100_000;
/// How much of a message is looked at for its text; attachments come after it.
const BODY_LIMIT: usize = 4 << 20;

/// Why a sender is no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Automatic {
    /// A mailing list or bulk mail (RFC 2919, RFC 2369, `Precedence`).
    List,
    /// Nobody reads there: `no-reply@…`.
    NoReply,
    /// A program answered (RFC 3834).
    Program,
}

impl Automatic {
    /// In words.
    pub fn sentence(self) -> Sentence {
        match self {
            Self::List => say!("a list"),
            Self::NoReply => say!("nobody reads there"),
            Self::Program => say!("sent by a program"),
        }
    }
}

/// Longest head of a message; longer ones are not taken.
const HEAD_LIMIT: usize = 1 << 20;
/// Longest line that is looked at; the rest of it is skipped.
const LINE_LIMIT: u64 = 1 << 20;
/// Addresses at which nobody reads.
const NOBODY: [&str; 12] = [
    "no-reply",
    "noreply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "mailer-daemon",
    "postmaster",
    "bounce",
    "bounces",
    "notifications",
    "notification",
];

/// Calls `each` with every message of a file or a Maildir folder, in order, until
/// it answers `false`. A message that says no sender is a reject. With `texts`,
/// what the messages say is read too.
pub fn letters(
    path: &Path,
    texts: bool,
    mut each: impl FnMut(Result<Letter, Box<Reject>>) -> bool,
) -> Result<(), Refusal> {
    if path.is_dir() {
        let (mut files, mut number) = (Vec::new(), 0);
        for part in ["cur", "new"] {
            let folder = path.join(part);
            if folder.is_dir() {
                files.extend(list(&folder)?);
            }
        }
        if files.is_empty() {
            return Err(Refusal::NoList(say!("a mail folder has cur and new in it, with messages")));
        }
        for file in files {
            number += 1;
            let head = File::open(&file).and_then(|file| Heads::new(file, false, texts).next());
            let read = match head {
                Ok(None) => continue,
                Ok(Some(head)) => letter(&Head { position: Position { record: number, ..head.position }, ..head }),
                // A mail program moved or deleted it meanwhile; the others are there.
                Err(error) => {
                    let position = Position { record: number, line: 1, byte: 0 };
                    let place = file.file_name().map(|name| name.to_string_lossy().into_owned());
                    let reject = Reject::new(
                        position,
                        RejectCode::Syntax,
                        say!("it could not be read: {why}", why = error.to_string()),
                    );
                    Err(Box::new(Reject { place, ..reject }))
                }
            };
            if !each(read) {
                break;
            }
        }
        return Ok(());
    }
    let mut file = BufReader::new(File::open(path)?);
    let start = file.fill_buf()?;
    if start.is_empty() {
        return Err(Refusal::Empty);
    }
    let is_mbox = start.starts_with(b"From ");
    if !is_mbox && !looks_like_head(start) {
        return Err(Refusal::NoList(say!("it begins like no mail")));
    }
    let mut heads = Heads::new(file, is_mbox, texts);
    while let Some(head) = heads.next()? {
        if !each(letter(&head)) {
            break;
        }
    }
    Ok(())
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// `Name: value` in the first line.
fn looks_like_head(start: &[u8]) -> bool {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = line.iter().position(|byte| *byte == b':').unwrap_or(0);
    name > 0 && line[..name].iter().all(|byte| byte.is_ascii_graphic())
}

struct Head {
    position: Position,
    /// The head, and the body after it when texts are read.
    raw: Vec<u8>,
    too_long: bool,
    with_body: bool,
}

/// Cuts the heads of messages out of a stream.
struct Heads<R> {
    file: BufReader<R>,
    is_mbox: bool,
    texts: bool,
    /// The line in `buffer` begins the next message.
    at_next: bool,
    line: u32,
    record: u32,
    byte: u64,
    buffer: Vec<u8>,
}

impl<R: Read> Heads<R> {
    fn new(file: R, is_mbox: bool, texts: bool) -> Self {
        Self {
            file: BufReader::new(file),
            is_mbox,
            texts,
            at_next: false,
            line: 0,
            record: 0,
            byte: 0,
            buffer: Vec::new(),
        }
    }

    /// The next line is in `buffer` then, cut at the limit; `false` at the end.
    fn read_line(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        let mut read = (&mut self.file).take(LINE_LIMIT).read_until(b'\n', &mut self.buffer)? as u64;
        if read == 0 {
            return Ok(false);
        }
        while !self.buffer.ends_with(b"\n") {
            let rest = self.file.fill_buf()?;
            let Some(length) = Some(rest.len()).filter(|length| *length > 0) else { break };
            let end = rest.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            self.file.consume(end.unwrap_or(length));
            read += end.unwrap_or(length) as u64;
            if end.is_some() {
                self.buffer.push(b'\n');
            }
        }
        self.line += 1;
        self.byte += read;
        Ok(true)
    }

    fn next(&mut self) -> io::Result<Option<Head>> {
        // To the line that begins a message (RFC 4155); it stands after an empty one.
        if self.is_mbox && !std::mem::take(&mut self.at_next) {
            let mut after_empty = self.record == 0 || self.buffer.trim_ascii().is_empty();
            loop {
                if !self.read_line()? {
                    return Ok(None);
                }
                if after_empty && self.buffer.starts_with(b"From ") {
                    break;
                }
                after_empty = self.buffer.trim_ascii().is_empty();
            }
        } else if !self.is_mbox && self.record > 0 {
            return Ok(None);
        }
        self.record += 1;
        let position = Position { record: self.record, line: self.line.max(1), byte: self.byte };
        let (mut raw, mut too_long) = (Vec::new(), false);
        while self.read_line()? && !self.buffer.trim_ascii().is_empty() {
            too_long |= raw.len() + self.buffer.len() > HEAD_LIMIT;
            if !too_long {
                raw.extend_from_slice(&self.buffer);
            }
        }
        if self.texts {
            raw.extend_from_slice(b"\n");
            self.read_body(&mut raw)?;
        }
        Ok(Some(Head { position, raw, too_long, with_body: self.texts }))
    }
}

impl<R: Read> Heads<R> {
    /// To the line that begins the next message, or to the end.
    fn read_body(&mut self, raw: &mut Vec<u8>) -> io::Result<()> {
        let (mut after_empty, start) = (true, raw.len());
        while self.read_line()? {
            if self.is_mbox && after_empty && self.buffer.starts_with(b"From ") {
                self.at_next = true;
                break;
            }
            after_empty = self.buffer.trim_ascii().is_empty();
            if raw.len() - start + self.buffer.len() <= BODY_LIMIT {
                // `>From` stands for `From` in the text of an mbox.
                let quoted = self.is_mbox && self.buffer.trim_ascii_start().starts_with(b">From ");
                raw.extend_from_slice(if quoted { &self.buffer[1..] } else { &self.buffer });
            }
        }
        Ok(())
    }
}

/// What a whole message says.
fn text_of(raw: &[u8]) -> Text {
    let Some(message) = MessageParser::new().parse(raw) else { return Text::default() };
    let mut text = message.body_text(0).map(|text| text.trim().to_owned()).unwrap_or_default();
    let end = (0..=TEXT_LIMIT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    text.truncate(end);
    let id = message.message_id().unwrap_or_default().to_owned();
    let first = |value: &HeaderValue<'_>| match value {
        HeaderValue::Text(id) => Some(id.to_string()),
        HeaderValue::TextList(ids) => ids.first().map(ToString::to_string),
        _ => None,
    };
    let thread = first(message.references()).or_else(|| first(message.in_reply_to()));
    Text {
        subject: message.subject().unwrap_or_default().trim().to_owned(),
        thread: thread.unwrap_or_else(|| id.clone()),
        text,
        id,
    }
}

fn letter(head: &Head) -> Result<Letter, Box<Reject>> {
    let reject = |code, message: Sentence| {
        let value = shorten(&String::from_utf8_lossy(&head.raw));
        Box::new(Reject { value, ..Reject::new(head.position, code, message) })
    };
    if head.too_long {
        return Err(reject(RejectCode::TooLong, say!("the head of the message is larger than 1 MiB")));
    }
    let message = MessageParser::new()
        .with_minimal_headers()
        .with_date_headers()
        .parse_headers(&head.raw)
        .ok_or_else(|| reject(RejectCode::Syntax, say!("this is no mail")))?;
    let from = message.from().and_then(|from| from.first());
    let address = from.and_then(|from| from.address.as_deref()).unwrap_or_default().trim().to_owned();
    if address.is_empty() {
        return Err(reject(RejectCode::Empty, say!("nobody is named as the sender")));
    }
    let key = email::key(&address).map_err(|error| reject(RejectCode::Email, error.sentence()))?;
    let name = from.and_then(|from| from.name.as_deref()).unwrap_or_default().trim().to_owned();
    let text = |name: &str| message.header_raw(name.to_owned()).map(|text| text.trim().to_ascii_lowercase());
    let is_there = |name: &str| message.header(name.to_owned()).is_some_and(|value| *value != HeaderValue::Empty);
    let local = key.split('@').next().unwrap_or_default();
    let is_bulk = text("Precedence").is_some_and(|value| matches!(value.as_str(), "bulk" | "list" | "junk"));
    let automatic = if NOBODY.iter().any(|nobody| local == *nobody || local.starts_with(&format!("{nobody}+"))) {
        Some(Automatic::NoReply)
    } else if is_there("List-Id") || is_there("List-Unsubscribe") || is_bulk {
        Some(Automatic::List)
    } else if text("Auto-Submitted").is_some_and(|value| value != "no") {
        Some(Automatic::Program)
    } else {
        None
    };
    let at = message.date().map(|date| Millis(date.to_timestamp() * 1000));
    let text = head.with_body.then(|| text_of(&head.raw));
    Ok(Letter { name, address, key, at, automatic, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(bytes: &[u8]) -> Vec<Result<Letter, Box<Reject>>> {
        let temp = tempfile::tempdir().expect("a folder");
        let file = temp.path().join("mail");
        std::fs::write(&file, bytes).expect("written");
        let mut all = Vec::new();
        letters(&file, false, |one| {
            all.push(one);
            true
        })
        .expect("mail");
        all
    }

    const MBOX: &str = "From ana@x.example Mon Mar  2 10:00:00 2026\nFrom: =?utf-8?q?Ana_Garc=C3=ADa?= <Ana@x.example>\nDate: Mon, 2 Mar 2026 11:00:00 +0100\nSubject: Hi\n\nHello.\n>From here on it is text.\nFrom the harbour, Ana\n\nFrom list@y.example Mon Mar  2 10:00:00 2026\nFrom: News <news@y.example>\nList-Unsubscribe: <https://y.example>\n\nBuy.\n\nFrom x Mon Mar  2 10:00:00 2026\nSubject: nobody\n\n";

    #[test]
    fn a_mailbox_gives_its_senders_with_their_times_and_what_is_no_person() {
        let all = read(MBOX.as_bytes());
        assert_eq!(all.len(), 3);
        let ana = all[0].as_ref().expect("a letter");
        assert_eq!((ana.name.as_str(), ana.key.as_str(), ana.automatic), ("Ana García", "ana@x.example", None));
        assert_eq!(ana.at.map(Millis::to_rfc3339), Some("2026-03-02T10:00:00Z".into()));
        assert_eq!(all[1].as_ref().expect("a letter").automatic, Some(Automatic::List));
        let nobody = all[2].as_ref().expect_err("no sender");
        assert_eq!((nobody.position.line, nobody.message.to_string().as_str()), (16, "nobody is named as the sender"));
    }

    #[test]
    fn texts_are_read_when_asked_for_without_markup_and_attachments() {
        let temp = tempfile::tempdir().expect("a folder");
        let file = temp.path().join("mail");
        let mbox = "From x\nFrom: ana@x.example\nSubject: =?utf-8?q?Env=C3=ADo?=\nMessage-ID: <2@x>\nReferences: <1@x> <1b@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n<p>Hola, <b>adi=F3s</b></p>\n--b\nContent-Disposition: attachment; filename=../../etc/passwd\n\nroot\n--b--\n\nFrom y\nFrom: bo@x.example\n\n>From here on\nit is text.\n";
        std::fs::write(&file, mbox).expect("written");
        let mut all = Vec::new();
        letters(&file, true, |one| {
            all.push(one.expect("a letter").text.expect("a text"));
            true
        })
        .expect("mail");
        assert_eq!((all.len(), all[0].subject.as_str(), all[0].thread.as_str()), (2, "Envío", "1@x"));
        assert!(all[0].text.contains("adiós") && !all[0].text.contains("root"), "{:?}", all[0].text);
        assert_eq!(all[1].text, "From here on\nit is text.");
    }

    #[test]
    fn a_part_within_a_part_a_thousand_deep_and_a_charset_nobody_knows_do_no_harm() {
        let temp = tempfile::tempdir().expect("a folder");
        let file = temp.path().join("mail");
        let mut deep = "From x\nFrom: ana@x.example\n".to_owned();
        for level in 0..1000 {
            deep.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"));
        }
        deep.push_str("\nFrom y\nFrom: bo@x.example\nContent-Type: text/plain; charset=klingon\n\n\u{ff}ok\n");
        std::fs::write(&file, deep).expect("written");
        let mut all = 0;
        letters(&file, true, |one| {
            all += i32::from(one.is_ok());
            true
        })
        .expect("mail");
        assert_eq!(all, 2);
    }

    #[rstest]
    #[case("From: no-reply@x.example\n\n", Some(Automatic::NoReply))]
    #[case("From: noreply+123@x.example\n\n", Some(Automatic::NoReply))]
    #[case("From: MAILER-DAEMON@x.example\n\n", Some(Automatic::NoReply))]
    #[case("From: a@x.example\nPrecedence: bulk\n\n", Some(Automatic::List))]
    #[case("From: a@x.example\nAuto-Submitted: auto-replied\n\n", Some(Automatic::Program))]
    #[case("From: a@x.example\nAuto-Submitted: no\n\n", None)]
    #[case("From: a@x.example\r\n\r\n", None)]
    fn tells_people_from_programs(#[case] mail: &str, #[case] expected: Option<Automatic>) {
        assert_eq!(read(mail.as_bytes())[0].as_ref().expect("a letter").automatic, expected);
    }

    #[rstest]
    #[case::a_head_that_never_ends(format!("From: a@x.example\nX: {}\n", "y".repeat(2 << 20)).into_bytes())]
    #[case::an_address_that_is_none(b"From: not an address\n\n".to_vec())]
    #[case::a_broken_word(b"From: =?utf-8?q?=FF=FE?= <>\n\n".to_vec())]
    fn a_broken_message_costs_only_itself(#[case] broken: Vec<u8>) {
        let mut mbox = b"From x\n".to_vec();
        mbox.extend(broken);
        mbox.extend(b"\nFrom y\nFrom: bo@x.example\n\ntext\n");
        let all = read(&mbox);
        assert_eq!(all.last().expect("two").as_ref().expect("a letter").key, "bo@x.example");
        assert_eq!(all.len(), 2, "{all:?}");
    }
}
