//! As much of HTTP/1 as live tests and benches need: messages with the bytes they came in, and
//! a client that shares no line with the product's.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// For one read of a connection.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A request or an answer.
#[derive(Debug, Clone)]
pub struct Message {
    /// As it came, frames of its body included.
    pub raw: Vec<u8>,
    /// Its first line.
    pub first: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// Without frames.
    pub body: Vec<u8>,
    /// The connection ends with it.
    pub is_last: bool,
}

impl Message {
    /// A header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Of a request: its method, or its path.
    pub fn word(&self, number: usize) -> &str {
        self.first.split(' ').nth(number).unwrap_or_default()
    }

    /// Of an answer.
    pub fn status(&self) -> u16 {
        self.word(1).parse().unwrap_or(0)
    }

    /// Its body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Reads a request, or the answer to one with the method `asked`; nothing when the other
/// side has said all it had to say.
pub fn read(from: &mut impl BufRead, asked: Option<&str>) -> io::Result<Option<Message>> {
    let (mut raw, mut headers) = (Vec::new(), Vec::new());
    if from.read_until(b'\n', &mut raw)? == 0 {
        return Ok(None);
    }
    let first = String::from_utf8_lossy(&raw).trim_end().to_owned();
    loop {
        let start = raw.len();
        if from.read_until(b'\n', &mut raw)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&raw[start..]).trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let mut message = Message { raw, first, headers, body: Vec::new(), is_last: false };
    let says = |name: &str, word: &str| message.header(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
    let is_old = message.first.contains("HTTP/1.0") && !says("connection", "keep-alive");
    let (is_last, is_chunked) = (is_old || says("connection", "close"), says("transfer-encoding", "chunked"));
    let length = message.header("content-length").and_then(|length| length.parse::<usize>().ok());
    let has_no_body = asked == Some("HEAD") || asked.is_some() && matches!(message.status(), 100..=199 | 204 | 304);
    let is_until_the_end = asked.is_some() && length.is_none() && !is_chunked && !has_no_body;
    message.is_last = is_last || is_until_the_end;
    if has_no_body {
        return Ok(Some(message));
    }
    let start = message.raw.len();
    if is_chunked {
        message.body = chunks(from, &mut message.raw)?;
    } else if is_until_the_end {
        from.read_to_end(&mut message.raw)?;
        message.body = message.raw[start..].to_vec();
    } else {
        message.body = exactly(from, length.unwrap_or(0), &mut message.raw)?;
    }
    Ok(Some(message))
}

/// A body in parts that say their lengths.
fn chunks(from: &mut impl BufRead, raw: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = line(from, raw)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        if size > 0 {
            body.extend(exactly(from, size, raw)?);
            exactly(from, "\r\n".len(), raw)?;
            continue;
        }
        while !self::line(from, raw)?.is_empty() {}
        return Ok(body);
    }
}

fn line(from: &mut impl BufRead, raw: &mut Vec<u8>) -> io::Result<String> {
    let start = raw.len();
    from.read_until(b'\n', raw)?;
    Ok(String::from_utf8_lossy(&raw[start..]).trim().to_owned())
}

fn exactly(from: &mut impl BufRead, size: usize, raw: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let mut part = vec![0; size];
    from.read_exact(&mut part)?;
    raw.extend(&part);
    Ok(part)
}

/// A connection that waits no longer than [`LIMIT`].
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Somebody else at the same server.
pub struct Client {
    /// Of the server.
    pub address: SocketAddr,
    /// Name and password as Basic authentication has them.
    pub account: Option<&'static str>,
}

impl Client {
    /// Sends a request on a connection of its own.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Message {
        let (address, length) = (self.address, body.len());
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        let account = self.account.map(|account| format!("Basic {account}"));
        let account = account.iter().map(|account| ("Authorization", account.as_str()));
        for (name, value) in account.chain(headers.iter().copied()) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {length}\r\n\r\n{body}"));
        let answer = connect(self.address).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            read(&mut BufReader::new(stream), Some(method))
        });
        answer.expect("the server is there").expect("an answer")
    }

    /// A card with its version.
    pub fn get(&self, path: &str) -> Option<(String, String)> {
        let answer = self.send("GET", path, &[], "");
        let etag = answer.header("etag").unwrap_or_default().to_owned();
        (answer.status() == 200).then(|| (etag, answer.text()))
    }

    /// Writes a card under a condition; the status.
    pub fn put(&self, path: &str, condition: (&str, &str), card: &str) -> u16 {
        self.send("PUT", path, &[("Content-Type", "text/vcard; charset=utf-8"), condition], card).status()
    }

    /// Deletes a card.
    pub fn delete(&self, path: &str) {
        let status = self.send("DELETE", path, &[], "").status();
        assert!(matches!(status, 200 | 204), "{path} cannot be deleted: {status}");
    }

    /// Paths of all cards of an address book.
    pub fn list(&self, book: &str) -> Vec<String> {
        let asked = r#"<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>"#;
        let answer = self.send("PROPFIND", book, &[("Depth", "1"), ("Content-Type", "application/xml")], asked);
        assert_eq!(answer.status(), 207, "{}", answer.text());
        let text = answer.text();
        // What follows a tag that ends in `href>` is a path, or the next tag.
        let hrefs = text.split("href>").filter_map(|part| part.split('<').next());
        hrefs.filter(|href| href.ends_with(".vcf")).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_length("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", false)]
    #[case::parts(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nh\r\n1\r\ni\r\n0\r\nA: b\r\n\r\n",
        "hi",
        false
    )]
    #[case::the_end_of_the_connection("HTTP/1.0 200 OK\r\n\r\nhi", "hi", true)]
    #[case::no_body("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", "", false)]
    fn an_answer_is_read_to_its_end(#[case] text: &str, #[case] body: &str, #[case] is_last: bool) {
        let message = read(&mut text.as_bytes(), Some("GET")).expect("readable").expect("an answer");
        assert_eq!((message.text().as_str(), message.is_last), (body, is_last));
        assert_eq!(message.raw, text.as_bytes(), "every byte can be passed on");
    }
}
