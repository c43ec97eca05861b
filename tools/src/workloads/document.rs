//! What was measured, as JSON and as a page of Markdown.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Measured;
use crate::policies::data;

/// The version of the JSON; it changes when the meaning of a field changes.
const VERSION: u32 = 1;

/// Returns one object on one line.
#[must_use]
pub fn json(all: &[Measured]) -> String {
    let workloads = all.iter().map(|measured| {
        json!({
            "name": measured.workload.name,
            "title": measured.workload.title,
            "packages": measured.workload.packages,
            "results": data::object(&measured.results),
        })
    });
    let workloads: Vec<Value> = workloads.collect();
    format!(
        "{}\n",
        json!({ "version": VERSION, "workloads": workloads })
    )
}

/// Returns a page with a table for each workload; `picture` is the address of a picture of all.
#[must_use]
pub fn markdown(all: &[Measured], picture: Option<&str>) -> String {
    let mut text = HEAD.to_owned();
    if let Some(picture) = picture {
        writeln!(
            text,
            "\n![For each workload and number of frames, the faults of every policy relative to OPT]({picture})"
        )
        .expect("a String takes all");
    }
    for measured in all {
        text += &section(measured);
    }
    text
}

const HEAD: &str = "\
# Workloads

Real programs under every replacement policy. Each is a file in `images/workloads`: a program from Debian's packages
for the i386, input that a seed makes, and what both show. Nothing of the packages is in the repository:

```sh
./vmlab workloads fetch     # fetches the packages, checks their SHA-256 sums, takes them apart; installs nothing
./vmlab workloads run       # measures all of this
```

This page is written by `./vmlab workloads run --document docs/workloads.md --picture docs/pictures/workloads.svg`, and is
the same on every host. A *fault* is a page that is brought into a frame, the first time included. Behind the faults
stands how many times as many they are as under OPT, the least possible. Under each policy and with each number of
frames the output is the one that the program has under Linux.
";

fn section(measured: &Measured) -> String {
    let (workload, results) = (&measured.workload, &measured.results);
    let mut text = format!(
        "\n## {}\n\n{}: `{}` ({}, packages `{}`), {} pages.\n\n{}\n\n",
        workload.name,
        workload.title,
        workload.command_line(),
        workload.linking,
        workload.packages,
        results.pages,
        workload.shows.trim()
    );
    let columns = &results.columns;
    text += "| policy |";
    for column in columns {
        write!(text, " {} frames | |", column.frames).expect("a String takes all");
    }
    text += "\n|---|";
    text += &"--:|--:|".repeat(columns.len());
    let names = columns
        .first()
        .into_iter()
        .flat_map(|column| column.lines());
    for (at, (name, ..)) in names.enumerate() {
        write!(text, "\n| {name} |").expect("a String takes all");
        for (_, faults, of_opt) in columns.iter().filter_map(|column| column.lines().nth(at)) {
            write!(text, " {faults} | {of_opt:.2} |").expect("a String takes all");
        }
    }
    text += "\n";
    if results.strings_differ {
        text += "\nIts processes take turns differently under each policy, so each run is compared with OPT on its own \
                 reference\nstring; the rows opt and lru are of the string with the least OPT.\n";
    }
    text
}
