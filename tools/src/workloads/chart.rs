//! All workloads as one picture: a self-contained SVG, in the light or dark colors that the reader prefers.
//!
//! # Invariants
//!
//! Each cell has its number in it, so that nobody has to tell colors apart; a darker one is further from OPT.

use std::fmt::Write;

use super::Measured;
use crate::policies::Column;

const MARGIN: u32 = 16;
/// Right edges of the numbers of frames and of the faults of OPT.
const FRAMES: u32 = 112;
const OPT: u32 = 176;
/// Left edge and width of the cells.
const CELLS: u32 = 188;
const CELL: u32 = 74;
const LINE: u32 = 20;
/// Height of the title and the lines under it.
const HEAD: u32 = 70;
/// Height of the heading of a workload, with the space above.
const HEADING: u32 = 34;
/// The ratio to OPT of the darkest cells, and their opacity in hundredths.
const DARKEST: f64 = 3.0;
const OPACITY: f64 = 75.0;

const STYLE: &str = "\
.vmlab-workloads{font:13px system-ui,sans-serif;--ink:#1f2328;--soft:#59636e;--cell:#d9822b;--ground:#ffffff}\
@media(prefers-color-scheme:dark){.vmlab-workloads{--ink:#e6edf3;--soft:#9198a1;--cell:#b3661a;--ground:#0d1117}}\
.vmlab-workloads text{fill:var(--ink)}\
.vmlab-workloads .ground{fill:var(--ground)}\
.vmlab-workloads .soft{fill:var(--soft)}\
.vmlab-workloads .title{font-size:16px;font-weight:600}\
.vmlab-workloads .name{font-weight:600}\
.vmlab-workloads .end{text-anchor:end}\
.vmlab-workloads .cell{fill:var(--cell)}";

/// Returns a table with a line for each number of frames of each workload: the faults of OPT, and those of LRU and
/// each policy relative to them.
#[must_use]
pub fn svg(all: &[Measured]) -> String {
    let mut rows = String::new();
    let mut top = HEAD;
    for measured in all {
        top = workload(&mut rows, measured, top);
    }
    let columns = all
        .first()
        .and_then(|measured| measured.results.columns.first());
    let cells = columns.map_or(0, |column| column.lines().count() as u32 - 1);
    let (width, height) = (CELLS + CELL * cells + MARGIN, top + MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"vmlab-workloads\" role=\"img\" \
         viewBox=\"0 0 {width} {height}\" width=\"{width}\" style=\"max-width:100%;height:auto\">\n\
         <title>Page faults of real programs under each replacement policy, relative to OPT</title>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"28\">Page faults of real programs, relative to OPT</text>\n\
         <text class=\"soft\" x=\"{MARGIN}\" y=\"48\">OPT, the least possible, in pages brought into a frame; \
         the others: how many times as many</text>\n\
         {rows}</svg>\n"
    )
}

/// Writes a heading and a line for each number of frames, and returns where they end.
fn workload(to: &mut String, measured: &Measured, top: u32) -> u32 {
    let columns = &measured.results.columns;
    let mut line = |text: String| writeln!(to, "{text}").expect("a String takes all");
    let y = top + HEADING - 10;
    let name = &measured.workload.name;
    line(format!(
        "<text class=\"name\" x=\"{MARGIN}\" y=\"{y}\">{name}</text>"
    ));
    line(format!(
        "<text class=\"soft end\" x=\"{FRAMES}\" y=\"{y}\">frames</text>"
    ));
    line(format!(
        "<text class=\"soft end\" x=\"{OPT}\" y=\"{y}\">opt</text>"
    ));
    for (at, (name, ..)) in columns.first().into_iter().flat_map(others).enumerate() {
        let x = right_of(at);
        line(format!(
            "<text class=\"soft end\" x=\"{x}\" y=\"{y}\">{}</text>",
            short(name)
        ));
    }
    for (at, column) in columns.iter().enumerate() {
        let top = top + HEADING + LINE * at as u32;
        let y = top + LINE - 6;
        let (frames, opt) = (column.frames, column.opt);
        line(format!(
            "<text class=\"end\" x=\"{FRAMES}\" y=\"{y}\">{frames}</text>\
             <text class=\"end\" x=\"{OPT}\" y=\"{y}\">{opt}</text>"
        ));
        for (at, (_, _, of_opt)) in others(column).enumerate() {
            let (x, left) = (right_of(at), CELLS + CELL * at as u32);
            let shade = ((of_opt - 1.0) / (DARKEST - 1.0)).clamp(0.0, 1.0) * OPACITY;
            line(format!(
                "<rect class=\"cell\" opacity=\"{:.2}\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\"/>\
                 <text class=\"end\" x=\"{x}\" y=\"{y}\">{of_opt:.2}</text>",
                shade.round() / 100.0,
                CELL - 2,
                LINE - 2
            ));
        }
    }
    top + HEADING + LINE * columns.len() as u32
}

/// LRU and the policies, as in [`Column::lines`].
fn others(column: &Column) -> impl Iterator<Item = (&'static str, u64, f64)> {
    column.lines().skip(1)
}

/// Right edge of the number in a cell.
fn right_of(cell: usize) -> u32 {
    CELLS + CELL * (cell as u32 + 1) - 10
}

/// A name that fits above a cell.
fn short(name: &str) -> &str {
    match name {
        "second-chance" => "second",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Workload;
    use super::*;
    use crate::policies;

    #[test]
    fn each_policy_has_a_cell_with_its_number_for_each_number_of_frames() {
        let workload = Workload::all().unwrap().remove(0);
        let name = format!(">{}</text>", workload.name);
        let results = policies::example();
        let svg = svg(&[Measured { workload, results }]);
        assert_eq!(svg.matches("class=\"cell\"").count(), 2 * 3);
        assert!(svg.contains(&name) && svg.contains(">2.00</text>"), "{svg}");
        assert_eq!(
            svg.matches("http").count(),
            1,
            "nothing but the name of SVG"
        );
    }
}
