//! Results as a chart: self-contained SVG, in the light or dark colors that the reader prefers.
//!
//! # Invariants
//!
//! It works alone or inside an HTML page, whose styles it neither needs nor changes. It is
//! well-formed whatever a program or file is called. Every bar has its name and numbers before it,
//! in columns with headings, so that nobody has to distinguish colors or scroll to the end of a bar.

use std::fmt::Write;

use super::{Column, Results};

/// Narrow, so that its words are not too small where it is fitted to a phone.
const WIDTH: u32 = 560;
const MARGIN: u32 = 16;
/// Right edges of the columns before the bars: names, faults, and their ratio to OPT's.
const NAMES: u32 = 112;
const FAULTS: u32 = 176;
const RATIOS: u32 = 232;
/// Left edge of the bars.
const BARS: u32 = 248;
/// Length of the longest bar.
const LONGEST: u32 = WIDTH - MARGIN - BARS;
const BAR: u32 = 16;
const LINE: u32 = 22;
/// Height of the title and the lines under it.
const HEAD: u32 = 76;
/// Height of the heading of a group, with the space above.
const HEADING: u32 = 36;

const STYLE: &str = "\
.vmlab-policies{font:13px system-ui,sans-serif;--ink:#1f2328;--soft:#59636e;--bar:#4a7ebb;\
--bound:#8a949e;--least:#1a7f37;--ground:#ffffff}\
@media(prefers-color-scheme:dark){.vmlab-policies{--ink:#e6edf3;--soft:#9198a1;--bar:#6ca4e0;\
--bound:#7d8590;--least:#3fb950;--ground:#0d1117}}\
.vmlab-policies text{fill:var(--ink)}\
.vmlab-policies .ground{fill:var(--ground)}\
.vmlab-policies .soft{fill:var(--soft)}\
.vmlab-policies .title{font-size:16px;font-weight:600}\
.vmlab-policies .heading{font-weight:600}\
.vmlab-policies .end{text-anchor:end}\
.vmlab-policies .policy{fill:var(--bar)}\
.vmlab-policies .lru{fill:var(--bound)}\
.vmlab-policies .opt{fill:var(--least)}\
.vmlab-policies line{stroke:var(--ink);stroke-dasharray:4 3}";

/// Returns a chart with a group of bars for each number of frames: one for OPT, LRU and each
/// policy. Each group has its own scale.
#[must_use]
pub fn svg(results: &Results) -> String {
    let mut groups = String::new();
    let mut top = HEAD;
    for column in &results.columns {
        group(&mut groups, column, top);
        top += height(column);
    }
    let height = top + MARGIN;
    let subject = escaped(&results.subject);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"vmlab-policies\" role=\"img\" \
         viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" style=\"max-width:100%;height:auto\">\n\
         <title>Page faults of {subject} under each replacement policy</title>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"28\">Page faults of {subject}</text>\n\
         <text class=\"soft\" x=\"{MARGIN}\" y=\"48\">faults: pages brought into a frame, the first \
         time included</text>\n\
         <text class=\"soft\" x=\"{MARGIN}\" y=\"66\">\u{d7} OPT: how many times as many as under OPT, \
         the least possible (dashed)</text>\n\
         {groups}</svg>\n"
    )
}

fn height(column: &Column) -> u32 {
    HEADING + LINE * column.lines().count() as u32
}

fn group(to: &mut String, column: &Column, top: u32) {
    let most = column.lines().map(|(_, faults, _)| faults).max();
    let length = |faults: u64| {
        let part = faults as f64 / most.unwrap_or(0).max(1) as f64;
        (part * f64::from(LONGEST)).round() as u32
    };
    let heading = top + HEADING - 12;
    let mut line = |text: String| writeln!(to, "{text}").expect("a String takes all");
    line(format!(
        "<text class=\"heading\" x=\"{MARGIN}\" y=\"{heading}\">{} frames</text>\
         <text class=\"soft end\" x=\"{FAULTS}\" y=\"{heading}\">faults</text>\
         <text class=\"soft end\" x=\"{RATIOS}\" y=\"{heading}\">\u{d7} OPT</text>",
        column.frames
    ));
    let mut y = top + HEADING;
    for (name, faults, of_opt) in column.lines() {
        let class = match name {
            "opt" | "lru" => name,
            _ => "policy",
        };
        let (middle, width) = (y + BAR - 4, length(faults).max(1));
        line(format!(
            "<text class=\"end\" x=\"{NAMES}\" y=\"{middle}\">{name}</text>\
             <text class=\"end\" x=\"{FAULTS}\" y=\"{middle}\">{faults}</text>\
             <text class=\"soft end\" x=\"{RATIOS}\" y=\"{middle}\">{of_opt:.2}</text>\
             <rect class=\"{class}\" x=\"{BARS}\" y=\"{y}\" width=\"{width}\" height=\"{BAR}\" rx=\"2\"/>"
        ));
        y += LINE;
    }
    let (least, bottom) = (BARS + length(column.opt), y - (LINE - BAR));
    line(format!(
        "<line x1=\"{least}\" x2=\"{least}\" y1=\"{}\" y2=\"{bottom}\"/>",
        top + HEADING
    ));
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            // Not allowed in XML, even escaped.
            letter if letter.is_control() => "\u{fffd}".to_owned(),
            letter => letter.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn every_line_of_every_group_has_a_bar_and_names_are_escaped() {
        let svg = svg(&example());
        assert_eq!(svg.matches("rx=\"2\"").count(), 2 * 4);
        assert_eq!(
            svg.matches("\u{d7} OPT</text>").count(),
            2,
            "a heading in each group says what the ratio is"
        );
        assert!(svg.contains("Page faults of page-&lt;mix&gt; 3"));
        assert!(!svg.contains("page-<"));
        assert_eq!(
            svg.matches("http").count(),
            1,
            "nothing but the name of SVG"
        );
    }
}
