//! Pages for the person: one file each, without script and without anything from elsewhere, read
//! in a browser that is offline and printed on paper. Every text is escaped; nothing of the data
//! becomes a link, because a link in somebody's data may lead anywhere.

use std::fmt::Write as _;

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// ISO 639-1.
    pub language: String,
    /// Its heading and its title.
    pub title: String,
    /// Paragraphs below the heading.
    pub intro: Vec<String>,
    /// What the list of sections is called; empty for none.
    pub contents: String,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A section of a page.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// What follows them.
    pub body: Body,
}

/// What stands in a section.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// Nothing more.
    #[default]
    None,
    /// Rows under headings.
    Table {
        /// One for each column.
        head: Vec<String>,
        /// Cells; the first of a row says what the row is about.
        rows: Vec<Vec<String>>,
    },
    /// Files of the bundle, each with what it is. A path is ours and never the person's.
    Files(Vec<(String, String)>),
    /// What was said, in order.
    Talk(Vec<Said>),
    /// Commands to be typed.
    Commands(Vec<String>),
}

/// One message.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// By whom.
    pub who: String,
    /// When, for programs (RFC 3339).
    pub at: String,
    /// The same in words.
    pub when: String,
    /// What.
    pub text: String,
}

const STYLE: &str = "
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; color: #1b2330; background: #fff;
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid #cfd6e0; }
p { margin: .5rem 0; max-width: 44rem; white-space: pre-line; }
a { color: #0b4f9e; text-decoration: underline; }
nav ol { columns: 2; padding-left: 1.25rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #dfe4ec;
  overflow-wrap: anywhere; white-space: pre-wrap; }
thead th { border-bottom: 2px solid #8592a6; }
tbody th { font-weight: 600; }
ol.talk { list-style: none; padding: 0; }
ol.talk li { margin: .75rem 0; padding: .5rem .75rem; border-left: 3px solid #8592a6; break-inside: avoid; }
ol.talk b { margin-right: .75rem; }
ol.talk p { white-space: pre-wrap; overflow-wrap: anywhere; }
pre { padding: .75rem; background: #f2f4f8; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
@page { size: A4; margin: 18mm 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; }
}
";

impl Page {
    /// The page as HTML.
    pub fn html(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             base-uri 'none'; form-action 'none'\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n</header>\n",
            escaped(&self.language),
            escaped(&self.title),
            escaped(&self.title)
        );
        if !self.contents.is_empty() {
            let _ = write!(out, "<nav aria-label=\"{}\">\n<ol>\n", escaped(&self.contents));
            for (at, section) in self.sections.iter().enumerate() {
                let _ = writeln!(out, "<li><a href=\"#part-{at}\">{}</a></li>", escaped(&section.heading));
            }
            out.push_str("</ol>\n</nav>\n");
        }
        out.push_str("<main>\n");
        paragraphs(&mut out, &self.intro);
        for (at, section) in self.sections.iter().enumerate() {
            let heading = escaped(&section.heading);
            let _ = write!(out, "<section aria-labelledby=\"part-{at}\">\n<h2 id=\"part-{at}\">{heading}</h2>\n");
            paragraphs(&mut out, &section.text);
            section.body.html(&heading, &mut out);
            out.push_str("</section>\n");
        }
        out.push_str("</main>\n</body>\n</html>\n");
        out
    }
}

impl Body {
    /// `called` is the heading, escaped: a table has a name, and one that is scrolled can be
    /// reached by the keyboard.
    fn html(&self, called: &str, out: &mut String) {
        match self {
            Self::None => {}
            Self::Table { head, rows } => {
                let _ = write!(
                    out,
                    "<div class=\"wide\" role=\"group\" aria-label=\"{called}\" tabindex=\"0\">\n\
                     <table aria-label=\"{called}\">\n<thead>\n<tr>"
                );
                for heading in head {
                    let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(heading));
                }
                out.push_str("</tr>\n</thead>\n<tbody>\n");
                for row in rows {
                    out.push_str("<tr>");
                    for (at, cell) in row.iter().enumerate() {
                        let (open, close) = if at == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
                        let _ = write!(out, "<{open}>{}</{close}>", escaped(cell));
                    }
                    out.push_str("</tr>\n");
                }
                out.push_str("</tbody>\n</table>\n</div>\n");
            }
            Self::Files(files) => {
                out.push_str("<ul>\n");
                for (path, what) in files {
                    let (path, what) = (escaped(path), escaped(what));
                    let _ = writeln!(out, "<li><a href=\"{path}\">{path}</a> – {what}</li>");
                }
                out.push_str("</ul>\n");
            }
            Self::Talk(all) => {
                out.push_str("<ol class=\"talk\">\n");
                for said in all {
                    let [who, at, when, text] = [&said.who, &said.at, &said.when, &said.text].map(|text| escaped(text));
                    let _ = writeln!(out, "<li><b>{who}</b> <time datetime=\"{at}\">{when}</time><p>{text}</p></li>");
                }
                out.push_str("</ol>\n");
            }
            Self::Commands(all) => {
                for command in all {
                    let _ = writeln!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", escaped(command));
                }
            }
        }
    }
}

fn paragraphs(out: &mut String, all: &[String]) {
    for text in all.iter().filter(|text| !text.is_empty()) {
        let _ = writeln!(out, "<p>{}</p>", escaped(text));
    }
}

/// Text in which no browser finds anything but text. Signs that turn the direction of writing
/// round are shown, so that nothing reads as what it is not.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
            // HTML has no way to say these.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_data_becomes_anything_but_text() {
        let nasty = "<script>alert(1)</script><img src=https://evil.example/x onerror=\"x()\"> 'q' \u{202e}\u{0}";
        let cell = || nasty.to_owned();
        let page = Page {
            language: "en".into(),
            title: cell(),
            intro: vec![cell()],
            contents: cell(),
            sections: vec![
                Section {
                    heading: cell(),
                    text: vec![cell()],
                    body: Body::Table { head: vec![cell()], rows: vec![vec![cell(), cell()]] },
                },
                Section {
                    body: Body::Talk(vec![Said { who: cell(), at: cell(), when: cell(), text: cell() }]),
                    ..Section::default()
                },
                Section { body: Body::Commands(vec![cell()]), ..Section::default() },
            ],
        };
        let html = page.html();
        for mark in ["<script", "<img", "onerror=\"", "src=\"", "href=\"http", "@import", "url(", "\u{202e}", "\u{0}"] {
            assert!(!html.contains(mark), "{mark}");
        }
        assert!(html.contains("&lt;script&gt;") && html.contains("[U+202E]"));
    }

    #[test]
    fn a_page_says_its_language_and_has_one_heading_and_one_main_part() {
        let page = Page { language: "es".into(), title: "Sus datos".into(), ..Page::default() };
        let html = page.html();
        assert!(html.contains("<html lang=\"es\">"));
        for once in ["<h1>", "<main>", "<title>Sus datos</title>"] {
            assert_eq!(html.matches(once).count(), 1, "{once}");
        }
    }
}
