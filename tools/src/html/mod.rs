//! A recording as a self-contained page for a browser.
//!
//! The parts of the page are separate files in this folder; [`page`] puts them together with the
//! recording as JSON. The scripts share one scope, in the order of [`SCRIPTS`]: reading, replay,
//! wording, drawing, controls.
//!
//! # Invariants
//!
//! The page loads nothing from anywhere; nothing from a guest is ever parsed as HTML or script;
//! equal recordings give equal bytes.

use crate::record::{Recording, wire};

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

/// Returns the page. `policies` is a chart (SVG) that compares policies, if there is one.
pub fn page(recording: &Recording, policies: Option<&str>) -> String {
    let policies = policies.map(policies_section).unwrap_or_default();
    let parts = [
        ("{{title}}", escaped(&recording.command_line)),
        ("{{style}}", STYLES.join("\n")),
        ("{{policies}}", policies),
        ("{{script}}", SCRIPTS.join("\n")),
        // Last, so that nothing in it is taken for the mark of a part.
        ("{{data}}", inert(&wire::json(recording))),
    ];
    let mut page = TEMPLATE.to_owned();
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
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests;
