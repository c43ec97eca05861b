//! A recording as a self-contained page for a browser.
//!
//! The parts of the page are separate files in this folder; [`Page`] puts them together with the
//! recording as JSON, which it writes as the run goes on. The scripts share one scope, in the order of
//! [`SCRIPTS`]: reading, replay, wording, drawing, controls.
//!
//! # Invariants
//!
//! The page loads nothing from anywhere; nothing from a guest is ever parsed as HTML or script;
//! equal recordings give equal bytes.

use std::fs::File;
use std::io::{self, Write};

use crate::record::step::{EntryChange, Step};
use crate::record::wire::Wire;
use crate::record::{About, Ended, Sink, Texts};

const TEMPLATE: &str = include_str!("page.html");
const STYLES: [&str; 2] = [include_str!("style.css"), include_str!("panel.css")];
const SCRIPTS: [&str; 17] = [
    include_str!("data.js"),
    include_str!("replay.js"),
    include_str!("history.js"),
    include_str!("words.js"),
    include_str!("canvas.js"),
    include_str!("summary.js"),
    include_str!("view.js"),
    include_str!("timeline.js"),
    include_str!("places.js"),
    include_str!("resident.js"),
    include_str!("marks.js"),
    include_str!("grids.js"),
    include_str!("tables.js"),
    include_str!("stepper.js"),
    include_str!("address.js"),
    include_str!("selftest.js"),
    include_str!("main.js"),
];

/// Where the recording stands in the template.
const DATA: &str = "{{data}}";

/// Writes the page of one run.
#[derive(Debug)]
pub struct Page<W: Write> {
    data: Wire<Inert<W>>,
    /// What comes after the recording.
    tail: String,
}

impl<W: Write> Page<W> {
    /// Writes the page up to the recording. `policies` is a chart (SVG) that compares policies, if
    /// there is one; `spool` is an empty file for what has to wait.
    ///
    /// # Errors
    /// Those of writing.
    pub fn start(
        mut to: W,
        spool: File,
        about: &About,
        policies: Option<&str>,
    ) -> io::Result<Page<W>> {
        let (head, tail) = around_data();
        let policies = policies.map(policies_section).unwrap_or_default();
        let head = filled(
            head,
            [
                ("{{title}}", escaped(&about.command_line)),
                ("{{style}}", STYLES.join("\n")),
                ("{{policies}}", policies),
            ],
        );
        to.write_all(head.as_bytes())?;
        Ok(Page {
            data: Wire::start(Inert(to), spool, about)?,
            tail: filled(tail, [("{{script}}", SCRIPTS.join("\n"))]),
        })
    }

    /// Writes the rest of the page.
    ///
    /// # Errors
    /// The first of all errors of writing since the start.
    pub fn finish(self, ended: &Ended) -> io::Result<W> {
        let Inert(mut to) = self.data.finish(ended)?;
        to.write_all(self.tail.as_bytes())?;
        Ok(to)
    }
}

impl<W: Write> Sink for Page<W> {
    fn take(&mut self, step: &Step, changes: &[EntryChange], texts: &mut Texts) {
        self.data.take(step, changes, texts);
    }
}

/// Returns what the template has before and after the recording.
fn around_data() -> (&'static str, &'static str) {
    TEMPLATE.split_once(DATA).expect("a place for the data")
}

/// Replaces the marks of the template by parts of the page.
fn filled<const N: usize>(template: &str, parts: [(&str, String); N]) -> String {
    let mut page = template.to_owned();
    for (mark, part) in parts {
        page = page.replace(mark, &part);
    }
    page
}

fn policies_section(svg: &str) -> String {
    let svg = svg.replace("{{", "&#123;{");
    format!(
        "<section class=\"card\" aria-labelledby=\"policies-title\">\n\
         <h2 id=\"policies-title\">Replacement policies</h2>\n<div class=\"picture\">{svg}</div>\n</section>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        // A mark of the template that occurs in a file's name must stay text.
        .replace('{', "&#123;")
}

/// Escapes JSON so that it can neither end a script nor begin a comment.
#[derive(Debug)]
struct Inert<W>(W);

impl<W: Write> Write for Inert<W> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        self.write_all(json)?;
        Ok(json.len())
    }

    fn write_all(&mut self, json: &[u8]) -> io::Result<()> {
        let mut parts = json.split(|byte| *byte == b'<');
        self.0.write_all(parts.next().unwrap_or_default())?;
        for part in parts {
            self.0.write_all(b"\\u003c")?;
            self.0.write_all(part)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests;
