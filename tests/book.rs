//! The book in `docs/book`: its examples show what comes out, its links lead somewhere, its summary names
//! its pages. `docs/book/README.md` says how it is written.
//!
//! # Invariants
//!
//! - An example is run as a reader would run it: by a shell, in the checkout. There is no other command in it
//!   than `./vmlab`, so none is passed over.
//! - Programs are what the compiler makes of them. With the compiler that the book was written with, outputs are the
//!   same to the byte. With another one, addresses and amounts of work differ: then whatever has a digit in it may be
//!   another, and all else is compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use host::program::bundled;
use libtest_mimic::{Arguments, Failed, Trial};
use testkit::{files_below, root};

/// What debug information says of the compiler that the book was written with.
const COMPILER: &str = "GNU C17 12.2.0";
/// Where pages are.
const SOURCE: &str = "docs/book/src";
/// From there to the checkout, and from the built book as well.
const CHECKOUT: &str = "../../../";
/// A line of this stands for any lines; within a line it stands for any text.
const LEFT_OUT: &str = "...";

fn main() -> ExitCode {
    let pages = pages();
    let mut trials = Vec::new();
    for page in &pages {
        for example in examples(page) {
            let name = format!("{}/{}: {}", page.path, example.line, example.command);
            trials.push(Trial::test(name, move || check_example(&example)));
        }
        if page.path.starts_with(|first: char| first.is_ascii_digit()) {
            let page = page.clone();
            let name = format!("{} has what a chapter has", page.path);
            trials.push(Trial::test(name, move || check_chapter(&page)));
        }
    }
    let (linked, shown, named) = (pages.clone(), pages.clone(), pages);
    trials.push(Trial::test("links_lead_somewhere", move || {
        all_well(linked.iter().flat_map(|page| wrong_links(page, &linked)))
    }));
    trials.push(Trial::test(
        "figures_are_shown_and_stand_alone",
        move || all_well(wrong_figures(&shown)),
    ));
    trials.push(Trial::test("the_summary_names_every_page", move || {
        check_summary(&named)
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

// --- Pages ----------------------------------------------------------------------------------------------

/// A Markdown file of the book.
#[derive(Clone)]
struct Page {
    /// Its path from the folder of pages, with '/' between folders.
    path: String,
    text: String,
}

impl Page {
    /// The document of the checkout that stands here, if the page is a stub.
    fn included(&self) -> Option<&str> {
        let inner = self.text.trim().strip_prefix("{{#include ")?;
        inner.strip_suffix("}}")
    }

    /// Its path from the checkout.
    fn place(&self) -> String {
        format!("{SOURCE}/{}", self.path)
    }
}

/// All pages, in the order of their paths.
fn pages() -> Vec<Page> {
    let folder = root().join(SOURCE);
    let mut paths = files_below(&folder);
    paths.retain(|path| path.ends_with(".md"));
    let read = |path: String| Page {
        text: fs::read_to_string(folder.join(&path)).expect("a page is text"),
        path,
    };
    paths.into_iter().map(read).collect()
}

// --- Examples -------------------------------------------------------------------------------------------

/// A command, and what is shown of its output.
struct Example {
    /// The line of the page that has the command.
    line: usize,
    command: String,
    expected: Vec<String>,
}

/// The examples of a page: its blocks `console`.
fn examples(page: &Page) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut is_within = false;
    for (number, line) in (1..).zip(page.text.lines()) {
        if line.starts_with("```") {
            is_within = line == "```console";
        } else if is_within {
            match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => found.push(Example {
                    line: number,
                    command: command.to_owned(),
                    expected: Vec::new(),
                }),
                (None, Some(example)) => example.expected.push(line.trim_end().to_owned()),
                (None, None) => panic!("{}:{number}: an output without a command", page.path),
            }
        }
    }
    found
}

fn check_example(example: &Example) -> Result<(), Failed> {
    let arguments = example.command.strip_prefix("./vmlab ");
    let arguments = arguments.ok_or("only ./vmlab is run here")?;
    let script = format!("exec 2>&1; \"$VMLAB\" {arguments}");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(root())
        .env("VMLAB", vmlab())
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()?;
    let output = String::from_utf8(output.stdout)?;
    let actual: Vec<String> = output.lines().map(|line| line.trim_end().into()).collect();
    let agrees = match is_compiler_of_book() {
        true => lines_match(&example.expected, &actual),
        false => lines_match(&shapes(&example.expected), &shapes(&actual)),
    };
    match agrees {
        true => Ok(()),
        false => Err(format!(
            "the book shows\n{}\nand this comes out\n{}",
            example.expected.join("\n"),
            actual.join("\n")
        )
        .into()),
    }
}

/// The command of the build that this test is of. Whoever tests the whole workspace has built it, and the programs that
/// it becomes; whoever tests this package alone in a new folder gets them built here.
fn vmlab() -> PathBuf {
    static BUILT: std::sync::Once = std::sync::Once::new();
    let test = std::env::current_exe().expect("a test is a program");
    let folder = test.ancestors().nth(2).expect("it is in PROFILE/deps");
    BUILT.call_once(|| {
        let programs = ["vmlab", "vmlab-tools", "vmlab-machine"];
        if !programs.iter().all(|name| folder.join(name).is_file()) {
            build(folder);
        }
    });
    folder.join("vmlab")
}

/// Has cargo build the command in the folder of a profile.
fn build(folder: &Path) {
    let target = folder.parent().expect("a profile's folder is in another");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => panic!("{} is not where cargo builds", folder.display()),
    };
    let packages = ["grading", "tools", "driver"];
    let status = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--profile", profile])
        .args(packages.map(|package| format!("--package={package}")))
        .arg("--target-dir")
        .arg(target)
        .current_dir(root())
        .status();
    assert!(status.expect("cargo starts").success(), "not built");
}

/// Whether the bundled programs are made by the compiler that the book was written with.
fn is_compiler_of_book() -> bool {
    let files = bundled("hello").expect("hello is bundled");
    let executable = &files.first().expect("a program has a file").content;
    let wanted = COMPILER.as_bytes();
    executable
        .windows(wanted.len())
        .any(|bytes| bytes == wanted)
}

/// Lines with each number, name or address that has a digit replaced, and one space between words.
fn shapes(lines: &[String]) -> Vec<String> {
    let shape = |part: &str| {
        let end = part
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(part.len());
        let (word, behind) = part.split_at(end);
        match word.contains(|c: char| c.is_ascii_digit()) {
            true => format!("#{behind}"),
            false => part.to_owned(),
        }
    };
    let shape_of_line = |line: &String| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let line = words.join(" ");
        line.split_inclusive(|c: char| !c.is_alphanumeric())
            .map(shape)
            .collect()
    };
    lines.iter().map(shape_of_line).collect()
}

/// Whether lines are as expected, with any where some were left out.
fn lines_match(expected: &[String], actual: &[String]) -> bool {
    match (expected.split_first(), actual.split_first()) {
        (None, _) => actual.is_empty(),
        (Some((line, rest)), _) if line == LEFT_OUT => {
            (0..=actual.len()).any(|skipped| lines_match(rest, &actual[skipped..]))
        }
        (Some(_), None) => false,
        (Some((line, rest)), Some((first, others))) => {
            line_matches(line, first) && lines_match(rest, others)
        }
    }
}

/// Whether a line is as expected, with any text where some was left out.
fn line_matches(expected: &str, actual: &str) -> bool {
    let Some((start, rest)) = expected.split_once(LEFT_OUT) else {
        return expected == actual;
    };
    let Some(left) = actual.strip_prefix(start) else {
        return false;
    };
    let ends = left.char_indices().map(|(at, _)| at).chain([left.len()]);
    ends.into_iter()
        .any(|skipped| line_matches(rest, &left[skipped..]))
}

// --- Links ----------------------------------------------------------------------------------------------

/// What is wrong with the links of a page, or of the document that stands there.
fn wrong_links(page: &Page, pages: &[Page]) -> Vec<String> {
    let complain = |what: String| format!("{}: {what}", page.path);
    let Some(included) = page.included() else {
        let links = links(&page.text);
        let wrong = links
            .iter()
            .filter_map(|link| wrong_link(page, link, pages));
        return wrong.map(complain).collect();
    };
    let document = within(&page.place(), included);
    if document != page.path {
        return vec![complain(format!("it stands for {document}"))];
    }
    let Ok(text) = fs::read_to_string(root().join(&document)) else {
        return vec![complain("no such document".to_owned())];
    };
    let links = links(&text);
    let wrong = links
        .iter()
        .filter_map(|link| wrong_link_of_document(page, link, &text));
    wrong.map(complain).collect()
}

/// What is wrong with a link of a page, if anything is.
fn wrong_link(page: &Page, link: &str, pages: &[Page]) -> Option<String> {
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => page.place(),
        file => within(&page.place(), file),
    };
    let Ok(bytes) = fs::read(root().join(&target)) else {
        return Some(format!("{link} leads nowhere"));
    };
    if !heading.is_empty() && !headings(&String::from_utf8_lossy(&bytes)).contains(heading) {
        return Some(format!("{link}: no such heading"));
    }
    let leads_out = !target.starts_with(SOURCE);
    if leads_out && !file.starts_with(CHECKOUT) {
        return Some(format!("{link} does not begin with {CHECKOUT}"));
    }
    let is_document = leads_out && target.ends_with(".md");
    let has_stub = pages.iter().any(|stub| stub.path == target);
    (is_document && !has_stub).then(|| format!("{link}: the book has no page {target}"))
}

/// What is wrong, in the book, with a link of a document that a page includes.
fn wrong_link_of_document(page: &Page, link: &str, text: &str) -> Option<String> {
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    if file.is_empty() {
        let found = headings(text).contains(heading);
        return (!found).then(|| format!("{link}: no such heading"));
    }
    let place = within(&page.place(), file);
    let found = root().join(&place).is_file();
    (!found).then(|| format!("{link}: the book has no {place}"))
}

/// The targets of all links in a text to what is no address of the network. Code has none.
fn links(text: &str) -> Vec<String> {
    let mut prose = String::new();
    let mut is_code = false;
    for line in text.lines() {
        match line.trim_start().starts_with("```") {
            true => is_code = !is_code,
            false if is_code => {}
            false => prose.extend(line.split('`').step_by(2)),
        }
    }
    let ends = prose.split("](").skip(1);
    let targets = ends.filter_map(|rest| rest.split(')').next());
    targets
        .filter(|target| !target.starts_with("http"))
        .map(str::to_owned)
        .collect()
}

/// What links to headings of a text say, as forges and mdBook make it.
fn headings(text: &str) -> BTreeSet<String> {
    let heading = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().replace(' ', "-")
    };
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines.map(heading).collect()
}

/// A path that is relative to the folder of a file, from where that file's path begins.
fn within(file: &str, path: &str) -> String {
    let folder = Path::new(file).parent().expect("a file is in a folder");
    let mut parts: Vec<&str> = Vec::new();
    let joined = folder.join(path);
    for component in joined.components() {
        match component {
            Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other.as_os_str().to_str().expect("a path is text")),
        }
    }
    parts.join("/")
}

// --- Chapters, figures, the summary ---------------------------------------------------------------------

fn check_chapter(page: &Page) -> Result<(), Failed> {
    let has_figure = links(&page.text)
        .iter()
        .any(|link| link.starts_with("figures/"));
    let has_exercises = headings(&page.text).contains("exercises");
    let examples = examples(page).len();
    match has_figure && has_exercises && examples >= 2 {
        true => Ok(()),
        false => Err(format!(
            "a figure: {has_figure}; exercises: {has_exercises}; {examples} examples"
        )
        .into()),
    }
}

/// Figures that no page shows, or that need more than themselves.
fn wrong_figures(pages: &[Page]) -> Vec<String> {
    let shown: BTreeSet<String> = pages.iter().flat_map(|page| links(&page.text)).collect();
    let folder = root().join(SOURCE).join("figures");
    let mut wrong = Vec::new();
    for name in files_below(&folder) {
        let text = fs::read_to_string(folder.join(&name)).expect("a figure is text");
        if !shown.contains(&format!("figures/{name}")) {
            wrong.push(format!("no page shows {name}"));
        }
        for needed in [
            "<title",
            "<desc",
            "role=\"img\"",
            "prefers-color-scheme: dark",
        ] {
            if !text.contains(needed) {
                wrong.push(format!("{name} has no {needed}"));
            }
        }
        // The name of the format is the one address in it.
        let addresses = text.matches("http").count();
        let leads_out = ["@import", "@font-face", "<image", "<script"]
            .iter()
            .any(|word| text.contains(word));
        if addresses != 1 || leads_out {
            wrong.push(format!("{name} needs something from elsewhere"));
        }
    }
    wrong
}

fn check_summary(pages: &[Page]) -> Result<(), Failed> {
    const SUMMARY: &str = "SUMMARY.md";
    let summary = pages.iter().find(|page| page.path == SUMMARY);
    let summary = summary.ok_or("there is no summary")?;
    let named: BTreeSet<String> = links(&summary.text).into_iter().collect();
    let there: BTreeSet<String> = pages.iter().map(|page| page.path.clone()).collect();
    let differ = named.symmetric_difference(&there);
    all_well(differ.filter(|path| *path != SUMMARY).cloned())
}

fn all_well(wrong: impl IntoIterator<Item = String>) -> Result<(), Failed> {
    let wrong: Vec<String> = wrong.into_iter().collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n").into()),
    }
}
