//! The archive of a bundle: a ZIP that any program opens, in one form only. Entries are stored as
//! they are, in the order of their names, with one time for all, so that the same content gives
//! the same bytes; and what is read must be exactly what would be written, so that no byte can be
//! changed anywhere, not even in what programs pass over.
//!
//! Sizes beyond 4 GiB are written as ZIP64 (APPNOTE 4.5.3).

use std::io::{self, Read, Seek, SeekFrom, Write};

/// Above this a number stands in 64 bits elsewhere.
const MOST: u64 = 0xffff_ffff;
/// 1980-01-01, as MS-DOS says it: the earliest that a ZIP can.
const DAY: u16 = 0x21;
/// Names are UTF-8.
const FLAGS: u16 = 0x800;
const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
/// The directory of a bundle is small; one that claims more is no bundle.
const LARGEST_DIRECTORY: u64 = 256 << 20;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) crc: u32,
    /// Where its header begins.
    pub(super) offset: u64,
}

impl Item {
    /// Where its bytes begin.
    pub(super) fn start(&self) -> u64 {
        self.offset + local(self).len() as u64
    }

    fn is_large(&self) -> bool {
        self.size >= MOST
    }

    fn is_far(&self) -> bool {
        self.is_large() || self.offset >= MOST
    }
}

/// Bytes of a header, one number after the other.
#[derive(Default)]
struct Header(Vec<u8>);

impl Header {
    fn of(signature: u32) -> Self {
        Self::default().u32(signature)
    }

    fn u16(mut self, number: u16) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn u32(mut self, number: u32) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn u64(mut self, number: u64) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    /// In 32 bits, unless it stands elsewhere.
    fn low(self, number: u64, is_elsewhere: bool) -> Self {
        let short = u32::try_from(number).unwrap_or(u32::MAX);
        self.u32(if is_elsewhere { u32::MAX } else { short })
    }

    fn length(self, number: usize) -> Self {
        self.u16(u16::try_from(number).unwrap_or(u16::MAX))
    }
}

fn local(item: &Item) -> Vec<u8> {
    let large = item.is_large();
    let mut bytes = Header::of(LOCAL)
        .u16(if large { 45 } else { 10 })
        .u16(FLAGS)
        .u16(0)
        .u16(0)
        .u16(DAY)
        .u32(item.crc)
        .low(item.size, large)
        .low(item.size, large)
        .length(item.name.len())
        .u16(if large { 20 } else { 0 })
        .0;
    bytes.extend(item.name.as_bytes());
    if large {
        bytes.extend(Header::default().u16(1).u16(16).u64(item.size).u64(item.size).0);
    }
    bytes
}

fn central(item: &Item) -> Vec<u8> {
    let far = item.is_far();
    let mut bytes = Header::of(CENTRAL)
        // Made on a system with modes: a file that its owner can read.
        .u16((3 << 8) | 45)
        .u16(if far { 45 } else { 10 })
        .u16(FLAGS)
        .u16(0)
        .u16(0)
        .u16(DAY)
        .u32(item.crc)
        .low(item.size, far)
        .low(item.size, far)
        .length(item.name.len())
        .u16(if far { 28 } else { 0 })
        .u16(0)
        .u16(0)
        .u16(0)
        .u32(0o100_600 << 16)
        .low(item.offset, far)
        .0;
    bytes.extend(item.name.as_bytes());
    if far {
        bytes.extend(Header::default().u16(1).u16(24).u64(item.size).u64(item.size).u64(item.offset).0);
    }
    bytes
}

fn end(count: u64, size: u64, offset: u64) -> Vec<u8> {
    let far = count >= 0xffff || size >= MOST || offset >= MOST;
    let mut bytes = Vec::new();
    if far {
        let long = Header::of(END_64)
            .u64(44)
            .u16((3 << 8) | 45)
            .u16(45)
            .u32(0)
            .u32(0)
            .u64(count)
            .u64(count)
            .u64(size)
            .u64(offset);
        bytes.extend(long.0);
        bytes.extend(Header::of(LOCATOR_64).u32(0).u64(offset + size).u32(1).0);
    }
    let short = if far { u16::MAX } else { u16::try_from(count).unwrap_or(u16::MAX) };
    let last = Header::of(END).u16(0).u16(0).u16(short).u16(short).low(size, far).low(offset, far).u16(0);
    bytes.extend(last.0);
    bytes
}

/// Writes an archive one entry after the other.
pub(super) struct Writer<W> {
    out: W,
    at: u64,
    items: Vec<Item>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, at: 0, items: Vec::new() }
    }

    /// Adds an entry whose size and checksum are known. Bytes that are not those any more are an
    /// error: the file changed while it was written.
    pub(super) fn add(&mut self, name: &str, size: u64, crc: u32, from: &mut dyn Read) -> io::Result<()> {
        let item = Item { name: name.to_owned(), size, crc, offset: self.at };
        let header = local(&item);
        self.out.write_all(&header)?;
        let (copied, counted) = copy(from, &mut self.out, size + 1)?;
        if (copied, counted) != (size, crc) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a file changed while it was read"));
        }
        self.at += header.len() as u64 + size;
        self.items.push(item);
        Ok(())
    }

    /// Writes the directory and gives the output back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let directory: Vec<u8> = self.items.iter().flat_map(central).collect();
        self.out.write_all(&directory)?;
        self.out.write_all(&end(self.items.len() as u64, directory.len() as u64, self.at))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Copies at most so many bytes; gives how many there were, and their checksum.
pub(super) fn copy(from: &mut dyn Read, to: &mut dyn Write, most: u64) -> io::Result<(u64, u32)> {
    let (mut crc, mut copied, mut buffer) = (crc32fast::Hasher::new(), 0, vec![0; 1 << 16]);
    let mut from = from.take(most);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok((copied, crc.finalize()));
        }
        crc.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
        copied += read as u64;
    }
}

/// Why an archive is none of ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is no archive at all, or its end is missing.
    NoArchive,
    /// What surrounds the entry of this name is not as it was written; without a name, the
    /// directory.
    Changed(Option<String>),
}

/// The entries of an archive. Every byte outside of their content is compared with what would
/// be written.
pub(super) fn read<F: Read + Seek>(file: &mut F) -> io::Result<Result<Vec<Item>, Broken>> {
    let length = file.seek(SeekFrom::End(0))?;
    let Some((count, size, offset)) = find_directory(file, length)? else { return Ok(Err(Broken::NoArchive)) };
    let tail = end(count, size, offset);
    let fits = offset.checked_add(size).and_then(|at| at.checked_add(tail.len() as u64)) == Some(length);
    if !fits || size > LARGEST_DIRECTORY || bytes_at(file, length - tail.len() as u64, tail.len())? != tail {
        return Ok(Err(Broken::Changed(None)));
    }
    let directory = bytes_at(file, offset, usize::try_from(size).unwrap_or(usize::MAX))?;
    let (mut rest, mut items, mut at) = (&directory[..], Vec::new(), 0);
    while !rest.is_empty() {
        // Its header says the name too, where the directory cannot be read.
        let there = name_at(file, at, offset)?;
        let Some(item) = parse_central(rest) else { return Ok(Err(Broken::Changed(there))) };
        let (record, header) = (central(&item), local(&item));
        let name = there.unwrap_or_else(|| item.name.clone());
        let is_in_place = item.offset == at && at + header.len() as u64 <= offset;
        if !is_in_place || !rest.starts_with(&record) || bytes_at(file, at, header.len())? != header {
            return Ok(Err(Broken::Changed(Some(name))));
        }
        rest = &rest[record.len()..];
        at = match at.checked_add(header.len() as u64).and_then(|at| at.checked_add(item.size)) {
            Some(next) if next <= offset => next,
            _ => return Ok(Err(Broken::Changed(Some(name)))),
        };
        items.push(item);
    }
    let is_whole = at == offset && items.len() as u64 == count;
    Ok(if is_whole { Ok(items) } else { Err(Broken::Changed(None)) })
}

/// Count of entries, size and place of the directory, as the end of the file says.
fn find_directory<F: Read + Seek>(file: &mut F, length: u64) -> io::Result<Option<(u64, u64, u64)>> {
    let Some(at) = length.checked_sub(22) else { return Ok(None) };
    let last = bytes_at(file, at, 22)?;
    if u32_at(&last, 0) != Some(END) {
        return Ok(None);
    }
    let short = (u16_at(&last, 10).map(u64::from), u32_at(&last, 12).map(u64::from), u32_at(&last, 16).map(u64::from));
    let (Some(count), Some(size), Some(offset)) = short else { return Ok(None) };
    let Some(long) = at.checked_sub(20 + 56).filter(|_| count == 0xffff) else {
        return Ok(Some((count, size, offset)));
    };
    let long = bytes_at(file, long, 56)?;
    let (count, size, offset) = (u64_at(&long, 32), u64_at(&long, 40), u64_at(&long, 48));
    Ok(count.zip(size).zip(offset).map(|((count, size), offset)| (count, size, offset)))
}

/// The entry that the directory begins with.
fn parse_central(record: &[u8]) -> Option<Item> {
    if u32_at(record, 0)? != CENTRAL {
        return None;
    }
    let (crc, size, offset) = (u32_at(record, 16)?, u64::from(u32_at(record, 24)?), u64::from(u32_at(record, 42)?));
    let (name, extra) = (usize::from(u16_at(record, 28)?), usize::from(u16_at(record, 30)?));
    let text = String::from_utf8(record.get(46..46 + name)?.to_vec()).ok()?;
    let long = record.get(46 + name..46 + name + extra)?;
    let (size, offset) = match extra {
        0 => (size, offset),
        _ => (u64_at(long, 4)?, u64_at(long, 20)?),
    };
    Some(Item { name: text, size, crc, offset })
}

/// The name in the header at a place, if there is one before `until`.
fn name_at<F: Read + Seek>(file: &mut F, at: u64, until: u64) -> io::Result<Option<String>> {
    if at.checked_add(30).is_none_or(|end| end > until) {
        return Ok(None);
    }
    let header = bytes_at(file, at, 30)?;
    let length = usize::from(u16_at(&header, 26).unwrap_or_default());
    if length == 0 || at + 30 + length as u64 > until {
        return Ok(None);
    }
    Ok(String::from_utf8(bytes_at(file, at + 30, length)?).ok())
}

/// So many bytes at a place, or as many as there are.
fn bytes_at<F: Read + Seek>(file: &mut F, at: u64, length: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn archive() -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        for (name, text) in [("a/é.txt", "hello"), ("a/empty", ""), ("b.bin", "\u{0}\u{1}")] {
            let crc = crc32fast::hash(text.as_bytes());
            writer.add(name, text.len() as u64, crc, &mut text.as_bytes()).expect("memory");
        }
        writer.finish().expect("memory")
    }

    #[test]
    fn another_program_reads_what_is_written() {
        let mut zip = zip::ZipArchive::new(Cursor::new(archive())).expect("a ZIP");
        let mut text = String::new();
        zip.by_name("a/é.txt").expect("there").read_to_string(&mut text).expect("readable");
        assert_eq!((text.as_str(), zip.len()), ("hello", 3));
    }

    #[test]
    fn what_was_written_is_read_and_no_byte_outside_of_the_content_can_be_changed() {
        let bytes = archive();
        let items = read(&mut Cursor::new(&bytes)).expect("memory").expect("ours");
        let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["a/é.txt", "a/empty", "b.bin"]);
        let is_content =
            |at: usize| items.iter().any(|item| (item.start()..item.start() + item.size).contains(&(at as u64)));
        for at in (0..bytes.len()).filter(|at| !is_content(*at)) {
            for flip in [1, 0x10, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                assert!(read(&mut Cursor::new(&changed)).expect("memory").is_err(), "byte {at} with {flip}");
            }
        }
        for length in 0..bytes.len() {
            assert!(read(&mut Cursor::new(&bytes[..length])).expect("memory").is_err(), "cut at {length}");
        }
        let longer = [&bytes[..], b"x"].concat();
        assert!(read(&mut Cursor::new(&longer)).expect("memory").is_err());
    }

    #[test]
    fn a_changed_header_names_its_entry() {
        let mut bytes = archive();
        let items = read(&mut Cursor::new(&bytes)).expect("memory").expect("ours");
        let at = usize::try_from(items[2].offset).expect("small") + 10;
        bytes[at] ^= 1;
        assert_eq!(read(&mut Cursor::new(&bytes)).expect("memory"), Err(Broken::Changed(Some("b.bin".into()))));
    }

    #[test]
    fn large_entries_and_many_of_them_stand_in_64_bits() {
        let large = Item { name: "x".into(), size: 5 << 32, crc: 7, offset: 6 << 32 };
        let record = central(&large);
        assert_eq!(parse_central(&record), Some(large.clone()));
        assert_eq!(local(&large).len(), 30 + 1 + 20);
        let tail = end(70_000, 80_000, 6 << 32);
        let mut file = Cursor::new(tail.clone());
        let found = find_directory(&mut file, tail.len() as u64).expect("memory");
        assert_eq!(found, Some((70_000, 80_000, 6 << 32)));
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_stops_the_archive() {
        let mut writer = Writer::new(Vec::new());
        for text in ["hell", "hello!", "hellO"] {
            assert!(writer.add("a", 5, crc32fast::hash(b"hello"), &mut text.as_bytes()).is_err(), "{text}");
        }
    }
}
