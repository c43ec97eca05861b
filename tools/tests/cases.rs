//! Regression tests: small programs that once ran wrongly, each a source in `cases/` with the right
//! behaviour in its first comments. They do the same on machines of 8, 16 and 367 frames, and end.
//!
//! The comments are `code: N`, the command's exit code; `expect: TEXT`, which the console shows, in
//! this order; `expect at FRAMES: TEXT`, for one machine alone; `never: TEXT`, which it must not
//! show.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use testkit::command;

/// The program of the tools.
const VMLAB: &str = env!("CARGO_BIN_EXE_vmlab-tools");

const FRAMES: [u32; 3] = [8, 16, 367];
/// More work than any of them does.
const MAX_WORK: &str = "100000000";

/// The behaviour that the first comments of a source promise.
#[derive(Default)]
struct Promise {
    code: Option<i32>,
    expect: Vec<(Option<u32>, String)>,
    never: Vec<String>,
}

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let listing = fs::read_dir(&folder).expect("the cases are there");
    let mut sources: Vec<PathBuf> = listing.map(|entry| entry.expect("a file").path()).collect();
    sources.retain(|path| path.extension().is_some_and(|end| end == "c" || end == "S"));
    sources.sort();
    let mut trials = Vec::new();
    for source in sources {
        for frames in FRAMES {
            let name = source.file_name().unwrap_or_default().to_string_lossy();
            let (source, name) = (source.clone(), format!("{name}/{frames}"));
            trials.push(Trial::test(name, move || check(&source, frames)));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(source: &Path, frames: u32) -> Result<(), Failed> {
    let promise = promise(&fs::read_to_string(source)?)?;
    let path = source.to_string_lossy();
    let frames_text = frames.to_string();
    let arguments = [
        "run",
        &path,
        "--frames",
        &frames_text,
        "--max-work",
        MAX_WORK,
    ];
    let output = command(VMLAB).args(arguments).output()?;
    let console = String::from_utf8_lossy(&output.stdout);
    let messages = String::from_utf8_lossy(&output.stderr);
    let all = format!("{console}\n{messages}");
    if output.status.code() != promise.code {
        return Err(format!("ended with {}: {all}", output.status).into());
    }
    let mut rest = &*console;
    for (on, text) in &promise.expect {
        if on.is_none_or(|on| on == frames) {
            let at = rest.find(text.as_str());
            let at = at.ok_or_else(|| format!("no {text:?} where it belongs: {all}"))?;
            rest = &rest[at..];
        }
    }
    match promise
        .never
        .iter()
        .find(|text| console.contains(text.as_str()))
    {
        Some(text) => Err(format!("{text:?} in: {all}").into()),
        None => Ok(()),
    }
}

fn promise(source: &str) -> Result<Promise, Failed> {
    let mut promise = Promise::default();
    let comment = |line: &str| line.trim_start_matches(['/', '#']).trim().to_owned();
    for line in source
        .lines()
        .take_while(|line| line.starts_with(['/', '#']))
        .map(comment)
    {
        if let Some(code) = line.strip_prefix("code: ") {
            promise.code = Some(code.parse()?);
        } else if let Some(text) = line.strip_prefix("never: ") {
            promise.never.push(text.to_owned());
        } else if let Some(text) = line.strip_prefix("expect: ") {
            promise.expect.push((None, text.to_owned()));
        } else if let Some((frames, text)) = line
            .strip_prefix("expect at ")
            .and_then(|line| line.split_once(": "))
        {
            promise
                .expect
                .push((Some(frames.parse()?), text.to_owned()));
        }
    }
    match promise.code {
        Some(_) => Ok(promise),
        None => Err("the first comments have no code".into()),
    }
}
