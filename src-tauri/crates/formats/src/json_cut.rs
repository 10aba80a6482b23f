//! JSON cut into objects: where the list of a file begins, and the bytes of one
//! object after the other, with their place in the file.

use crate::record::{Position, Refusal, RejectCode};
use cardfile_domain::{Sentence, say};
use std::io::{self, BufRead, BufReader, Read};

/// Largest object.
const OBJECT_LIMIT: usize = 16 << 20;
/// Deepest nesting.
const DEPTH_LIMIT: usize = 64;
/// How far into a file its list may begin.
const HEAD: u64 = 1 << 18;
/// Where programming interfaces put their list.
const LISTS: [&str; 8] = ["contacts", "data", "items", "results", "records", "people", "rows", "value"];

/// Where the objects stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// One a line.
    Lines,
    /// One after the other, each over several lines.
    Objects,
    /// In a list that begins at this byte and is all of the file.
    List(u64),
    /// In a list that begins at this byte, inside an object.
    Inner(u64),
}

impl Place {
    /// Looks where the objects of a file are, by its beginning.
    pub(crate) fn find(file: Box<dyn Read>) -> Result<Self, Refusal> {
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head)?;
        let first = head.iter().position(|byte| !byte.is_ascii_whitespace()).ok_or(Refusal::Empty)?;
        if head[first] == b'[' {
            return Ok(Self::List(first as u64 + 1));
        }
        let (mut nesting, mut keys) = (Nesting::default(), Keys::default());
        let mut several_lines = false;
        for (at, byte) in head.iter().enumerate().skip(first) {
            let before = nesting.depth;
            nesting.step(*byte);
            if keys.begins_list(*byte, before, &nesting) {
                let next = head[at + 1..].iter().find(|byte| !byte.is_ascii_whitespace());
                if matches!(next, Some(b'{' | b']')) {
                    return Ok(Self::Inner(at as u64 + 1));
                }
            }
            if before == 1 && nesting.depth == 0 {
                return Ok(if several_lines { Self::Objects } else { Self::Lines });
            }
            several_lines |= *byte == b'\n';
        }
        Ok(Self::Lines)
    }

    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::List(_) | Self::Inner(_))
    }
}

/// How deep a text is nested; brackets inside texts do not count.
#[derive(Default)]
struct Nesting {
    depth: usize,
    deepest: usize,
    in_text: bool,
    escaped: bool,
}

impl Nesting {
    fn step(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            b'{' | b'[' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn fault(&self) -> Option<(RejectCode, Sentence)> {
        (self.deepest > DEPTH_LIMIT).then(|| (RejectCode::TooLong, say!("nested deeper than 64 levels")))
    }
}

/// The latest text of an object, to know the name of a list in it.
#[derive(Default)]
struct Keys {
    latest: Vec<u8>,
    in_text: bool,
}

impl Keys {
    /// Whether this byte, one level inside the outermost object, begins a list
    /// with one of the known names. `nesting` has taken the byte already.
    fn begins_list(&mut self, byte: u8, before: usize, nesting: &Nesting) -> bool {
        if nesting.in_text {
            if !self.in_text {
                self.latest.clear();
            } else if self.latest.len() < 32 {
                self.latest.push(byte);
            }
        }
        self.in_text = nesting.in_text;
        let known = || LISTS.iter().any(|list| list.as_bytes().eq_ignore_ascii_case(&self.latest));
        byte == b'[' && before == 1 && nesting.depth == 2 && known()
    }
}

/// Cuts objects out of a stream of bytes.
pub(crate) struct Cutter {
    file: BufReader<Box<dyn Read>>,
    place: Place,
    line: u32,
    column: u32,
    byte: u64,
    record: u32,
    raw: Vec<u8>,
    ended: bool,
}

/// An object that was cut out.
pub(crate) struct Cut {
    pub(crate) position: Position,
    /// Column of its first byte, from 1.
    pub(crate) column: u32,
    pub(crate) fault: Option<(RejectCode, Sentence)>,
}

impl Cutter {
    pub(crate) fn new(file: Box<dyn Read>, place: Place) -> io::Result<Self> {
        let file = BufReader::with_capacity(1 << 16, file);
        let mut cutter = Self { file, place, line: 1, column: 1, byte: 0, record: 0, raw: Vec::new(), ended: false };
        if let Place::List(from) | Place::Inner(from) = place {
            while cutter.byte < from && cutter.take()?.is_some() {}
        }
        Ok(cutter)
    }

    /// The bytes of the latest object.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.file.fill_buf()?.first().copied())
    }

    fn take(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.file.consume(1);
            self.byte += 1;
            if byte == b'\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        Ok(byte)
    }

    /// The bytes of the next object are in `raw` then.
    pub(crate) fn next(&mut self) -> io::Result<Option<Cut>> {
        self.raw.clear();
        loop {
            match self.peek()? {
                None => {
                    // A list that is not closed was cut off.
                    let cut_off = self.place.is_list() && !std::mem::replace(&mut self.ended, true);
                    return Ok(cut_off.then(|| self.broken(say!("the file ends inside the list"))));
                }
                _ if self.ended => return Ok(None),
                Some(byte) if byte.is_ascii_whitespace() || byte == b',' => {
                    self.take()?;
                }
                Some(b']') if self.place.is_list() => {
                    self.take()?;
                    self.ended = true;
                    return self.after_list();
                }
                Some(_) => break,
            }
        }
        self.record += 1;
        let column = self.column;
        let position = self.position();
        let fault = if self.place == Place::Lines { self.cut_line()? } else { self.cut_object()? };
        Ok(Some(Cut { position, column, fault }))
    }

    fn position(&self) -> Position {
        Position { record: self.record, line: self.line, byte: self.byte }
    }

    /// What follows the list must not go unsaid.
    fn after_list(&mut self) -> io::Result<Option<Cut>> {
        if matches!(self.place, Place::List(_)) {
            while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.take()?;
            }
            let goes_on = self.peek()?.is_some();
            return Ok(goes_on.then(|| self.broken(say!("the file goes on after the list; that part was not read"))));
        }
        let (mut nesting, mut keys) = (Nesting { depth: 1, ..Nesting::default() }, Keys::default());
        let mut begun = false;
        while let Some(byte) = self.take()? {
            let before = nesting.depth;
            nesting.step(byte);
            if begun && byte == b'{' {
                return Ok(Some(self.broken(say!("another list follows the first one; it was not read"))));
            }
            begun = keys.begins_list(byte, before, &nesting) || begun && byte.is_ascii_whitespace();
        }
        Ok(None)
    }

    fn broken(&mut self, message: Sentence) -> Cut {
        self.record += 1;
        Cut { position: self.position(), column: self.column, fault: Some((RejectCode::Syntax, message)) }
    }

    fn cut_line(&mut self) -> io::Result<Option<(RejectCode, Sentence)>> {
        let mut nesting = Nesting::default();
        loop {
            match self.take()? {
                None | Some(b'\n') => break,
                Some(byte) if self.raw.len() <= OBJECT_LIMIT => {
                    nesting.step(byte);
                    self.raw.push(byte);
                }
                Some(_) => {}
            }
        }
        let end = self.raw.trim_ascii_end().len();
        self.raw.truncate(end);
        if self.raw.len() > OBJECT_LIMIT {
            return Ok(Some((RejectCode::TooLong, say!("a record is larger than 16 MiB"))));
        }
        Ok(nesting.fault())
    }

    fn cut_object(&mut self) -> io::Result<Option<(RejectCode, Sentence)>> {
        let mut nesting = Nesting::default();
        loop {
            // A bare word or number ends before what cannot belong to it.
            let between = nesting.depth == 0 && !nesting.in_text && !self.raw.is_empty();
            if between && matches!(self.peek()?, None | Some(b',' | b']' | b'\n')) {
                break;
            }
            let Some(byte) = self.take()? else {
                self.ended = true;
                return Ok(Some((RejectCode::Syntax, say!("the file ends inside this record"))));
            };
            self.raw.push(byte);
            if self.raw.len() > OBJECT_LIMIT {
                // Nobody can tell where the next record begins.
                self.ended = true;
                let message =
                    say!("a record is larger than 16 MiB, or a text in it is not closed; the file was not read on");
                return Ok(Some((RejectCode::TooLong, message)));
            }
            let closes = matches!(byte, b'}' | b']') && !nesting.in_text;
            nesting.step(byte);
            if closes && nesting.depth == 0 {
                break;
            }
        }
        Ok(nesting.fault())
    }
}
