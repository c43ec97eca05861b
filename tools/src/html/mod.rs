//! A recording as a page for a browser, with everything in it.
//!
//! The page's parts are files of their own beside this one; [`page`] puts them together with the
//! recording as JSON. Its scripts share one scope, in the order of [`SCRIPTS`]: reading, replay,
//! words, pictures, controls.
//!
//! # Invariants
//!
//! The page asks for nothing from anywhere; nothing of a guest's is ever read as HTML or script;
//! equal recordings are equal bytes.

use crate::record::{Recording, wire};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPTS: [&str; 12] = [
    include_str!("data.js"),
    include_str!("replay.js"),
    include_str!("history.js"),
    include_str!("words.js"),
    include_str!("canvas.js"),
    include_str!("summary.js"),
    include_str!("timeline.js"),
    include_str!("grids.js"),
    include_str!("tables.js"),
    include_str!("stepper.js"),
    include_str!("selftest.js"),
    include_str!("main.js"),
];

/// The page. `policies` is a picture (SVG) that compares policies, if there is one.
pub fn page(recording: &Recording, policies: Option<&str>) -> String {
    let policies = policies.map(policies_section).unwrap_or_default();
    let parts = [
        ("{{title}}", escaped(&recording.command_line)),
        ("{{style}}", STYLE.to_owned()),
        ("{{policies}}", policies),
        ("{{script}}", SCRIPTS.join("\n")),
        // Last, so that nothing in it is taken for a part.
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
        // A mark of the template in a file's name is no mark.
        .replace('{', "&#123;")
}

/// JSON that ends no script and begins no comment, whatever is in it.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests;
