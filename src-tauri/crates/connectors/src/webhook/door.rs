//! A door on this computer at which another program may knock: it takes small signed requests
//! and nothing else, and only from this computer. What a knock means, and whether it is
//! believed, is for who opened the door to say.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Between two looks whether somebody knocks.
const LOOK: Duration = Duration::from_millis(50);
/// For each part of a request.
const PATIENCE: Duration = Duration::from_secs(2);
/// Parts in which a request may come.
const PARTS: u32 = 64;
/// Bytes before the body.
const HEAD: usize = 16 << 10;
/// Bytes of the body: what it says is not used, and its signature is over all of it.
const BODY: usize = 1 << 20;

/// A request whose form is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `/hints/rem_…`
    pub path: String,
    /// Header `webhook-id`.
    pub id: String,
    /// Header `webhook-timestamp`; 0 when it is no number.
    pub seconds: i64,
    /// Header `webhook-signature`.
    pub signatures: String,
    /// Byte for byte.
    pub body: Vec<u8>,
}

/// Closed when it is dropped.
pub struct Door(TcpListener);

impl Door {
    /// Opens it on the loopback address; on any free port for 0.
    pub fn open(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Where it is.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.0.local_addr()?.port())
    }

    /// Answers whoever knocks within a time, one after the other. `judge` gives the status.
    pub fn attend(&self, time: Duration, judge: &mut dyn FnMut(&Asked) -> u16) -> io::Result<()> {
        let looks = (time.as_millis() / LOOK.as_millis()).max(1);
        for _ in 0..looks {
            match self.0.accept() {
                Ok((stream, _)) => {
                    // Who hangs up loses the answer and nothing else.
                    let _ = serve(&stream, judge);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(LOOK),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn serve(stream: &TcpStream, judge: &mut dyn FnMut(&Asked) -> u16) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let status = match read(&mut &*stream) {
        Ok(asked) => judge(&asked),
        Err(status) => status,
    };
    let words = match status {
        204 => "No Content",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        _ => "Bad Request",
    };
    let answer = format!("HTTP/1.1 {status} {words}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let mut stream = stream;
    stream.write_all(answer.as_bytes())
}

/// Reads a request; the error is the status of the answer.
fn read(from: &mut impl Read) -> Result<Asked, u16> {
    let mut parts = 0;
    let mut more = |bytes: &mut Vec<u8>| -> Result<(), u16> {
        parts += 1;
        let mut part = [0; 16 << 10];
        match from.read(&mut part) {
            Ok(0) => Err(400),
            Ok(_) if parts > PARTS => Err(408),
            Ok(read) => {
                bytes.extend_from_slice(&part[..read]);
                Ok(())
            }
            Err(_) => Err(408),
        }
    };
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > HEAD {
            return Err(431);
        }
        more(&mut bytes)?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).map_err(|_| 400_u16)?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let said = |name: &str| {
        let mut all = headers.iter().filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
        all.next().map(|(_, value)| value.trim())
    };
    if method != "POST" {
        return Err(405);
    }
    // A page in a browser is no outside system.
    if said("origin").is_some() {
        return Err(403);
    }
    let Some(length) = said("content-length").filter(|_| said("transfer-encoding").is_none()) else { return Err(411) };
    let length: usize = length.parse().map_err(|_| 400_u16)?;
    if length > BODY {
        return Err(413);
    }
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        more(&mut body)?;
    }
    if body.len() > length {
        return Err(400);
    }
    Ok(Asked {
        path: path.to_owned(),
        id: said("webhook-id").unwrap_or_default().to_owned(),
        seconds: said("webhook-timestamp").and_then(|text| text.parse().ok()).unwrap_or(0),
        signatures: said("webhook-signature").unwrap_or_default().to_owned(),
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn request(head: &str, body: &str) -> String {
        format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_request_is_read_byte_for_byte() {
        let text = request(
            "POST /hints/rem_1 HTTP/1.1\r\nWebhook-Id: msg_1\r\nwebhook-timestamp: 7\r\nWEBHOOK-SIGNATURE: v1,x",
            "{ \"a\":1}\n",
        );
        let asked = read(&mut text.as_bytes()).expect("a request");
        assert_eq!((asked.path.as_str(), asked.id.as_str(), asked.seconds), ("/hints/rem_1", "msg_1", 7));
        assert_eq!((asked.signatures.as_str(), asked.body.as_slice()), ("v1,x", &b"{ \"a\":1}\n"[..]));
    }

    #[rstest]
    #[case::asks_for_something("GET /hints/rem_1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405)]
    #[case::from_a_page("POST / HTTP/1.1\r\nOrigin: https://x.example\r\nContent-Length: 0\r\n\r\n", 403)]
    #[case::no_length("POST / HTTP/1.1\r\n\r\n", 411)]
    #[case::in_parts("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1", 411)]
    #[case::no_number("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400)]
    #[case::too_long("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413)]
    #[case::cut_off("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", 400)]
    #[case::more_than_it_says("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nabc", 400)]
    #[case::nothing("", 400)]
    fn anything_else_is_refused(#[case] text: &str, #[case] status: u16) {
        assert_eq!(read(&mut text.as_bytes()), Err(status));
    }

    #[test]
    fn a_head_without_an_end_is_refused() {
        let text = format!("POST / HTTP/1.1\r\nX: {}", "x".repeat(HEAD + 1));
        assert_eq!(read(&mut text.as_bytes()), Err(431));
    }

    /// Gives one byte at a time, for ever.
    struct Slow;

    impl Read for Slow {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            into[0] = b'x';
            Ok(1)
        }
    }

    #[test]
    fn who_says_one_letter_at_a_time_is_not_waited_for() {
        assert_eq!(read(&mut Slow), Err(408));
    }
}
