//! Parses the TOML of a suite file into a checked [`Suite`].

use std::collections::BTreeSet;
use std::str::FromStr;

use glob::Pattern;
use serde::Deserialize;
use toml::Spanned;

use super::file_expectation::FileEntry;
use super::place::{EntryPlace, SuiteError};
use super::{Compare, FileExpectation, Order, Snapshot, Suite, Test};
use protocol::kind::KindName;
use protocol::level::Level;
use protocol::settings::{Abi, Alias, Base, Checks, Frames, PageTables, Settings};
use protocol::similar::DidYouMean;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteFile {
    suite: Header,
    #[serde(default)]
    test: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    name: String,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: Spanned<String>,
    program: Option<Spanned<String>>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    nonce: bool,
    shows: String,
    points: Spanned<u32>,
    #[serde(default)]
    put: Vec<Spanned<String>>,
    frames: Option<Frames>,
    swap_slots: Option<u32>,
    slot_allocator: Option<KindName>,
    kernel_pages: Option<u32>,
    page_tables: Option<PageTables>,
    abi: Option<Abi>,
    alias: Option<Alias>,
    policy: Option<KindName>,
    seed: Option<u64>,
    #[serde(default)]
    seeds: Vec<u64>,
    max_work: Option<u64>,
    disk_latency: Option<u64>,
    #[serde(default)]
    input: String,
    #[serde(default)]
    order: Order,
    exits: Option<Compare>,
    faults: Option<Compare>,
    expect: Option<String>,
    expect_file: Option<Spanned<String>>,
    #[serde(default)]
    files: Vec<FileEntry>,
    #[serde(default)]
    stats: Vec<Spanned<String>>,
    #[serde(default)]
    log: Vec<Spanned<String>>,
    #[serde(default)]
    log_never: Vec<Spanned<String>>,
    snapshot: Option<Spanned<String>>,
    snapshot_level: Option<Level>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    needs: Vec<Spanned<String>>,
}

/// Reads a suite.
pub(super) fn parse(place: &EntryPlace<'_>) -> Result<Suite, SuiteError> {
    let parsed: SuiteFile = toml::from_str(place.text).map_err(|error| SuiteError::Format {
        file: place.file.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })?;
    if parsed.test.is_empty() {
        return Err(SuiteError::Empty {
            file: place.file.to_owned(),
        });
    }
    let mut names = BTreeSet::new();
    for entry in &parsed.test {
        if !names.insert(entry.name.get_ref().clone()) {
            let what = format!("there are two tests of the name '{}'", entry.name.get_ref());
            return Err(place.error(&entry.name, what));
        }
    }
    let needs = parsed.test.iter().flat_map(|entry| &entry.needs);
    if let Some(need) = needs
        .into_iter()
        .find(|need| !names.contains(need.get_ref()))
    {
        let similar = DidYouMean::among(need.get_ref(), names.iter().map(String::as_str));
        let what = format!(
            "there is no test '{}' in this suite{similar}",
            need.get_ref()
        );
        return Err(place.error(need, what));
    }
    let tests = parsed.test.into_iter().map(|entry| entry.check(place));
    Ok(Suite {
        name: parsed.suite.name,
        title: parsed.suite.title,
        tests: tests.collect::<Result<_, _>>()?,
    })
}

impl Entry {
    fn check(self, place: &EntryPlace<'_>) -> Result<Test, SuiteError> {
        let program = match &self.program {
            Some(program) => place.program(program)?,
            None => place.program_of_name(&self.name)?,
        };
        if *self.points.get_ref() == 0 {
            return Err(place.error(&self.points, "a test is worth at least 1 point"));
        }
        let put = self.put.iter().map(|put| place.put(put));
        let put = put.collect::<Result<_, _>>()?;
        let expect = self.expected(place)?;
        let snapshot = self.snapshot(place)?;
        let files = self.files.into_iter();
        let files = files.map(|entry| FileExpectation::check(place, entry));
        Ok(Test {
            program,
            name: self.name.into_inner(),
            args: self.args,
            shows: self.shows,
            points: self.points.into_inner(),
            put,
            settings: Settings {
                frames: self.frames,
                policy: self.policy,
                seed: self.seed,
                check: Checks::Nothing,
                base: Base {
                    swap_slots: self.swap_slots,
                    slot_allocator: self.slot_allocator,
                    kernel_pages: self.kernel_pages,
                    page_tables: self.page_tables,
                    alias: self.alias,
                    abi: self.abi,
                    root: None,
                    aslr: None,
                    max_work: self.max_work,
                    disk_latency: self.disk_latency,
                },
            },
            seeds: self.seeds,
            nonce: self.nonce,
            input: self.input,
            order: self.order,
            exits: self.exits.unwrap_or(Compare::Exact),
            faults: self.faults.unwrap_or(Compare::Any),
            expect,
            files: files.collect::<Result<_, _>>()?,
            stats: parsed(place, &self.stats)?,
            log: patterns(place, &self.log)?,
            log_never: patterns(place, &self.log_never)?,
            snapshot,
            tags: self.tags,
            needs: self.needs.into_iter().map(Spanned::into_inner).collect(),
        })
    }

    fn snapshot(&self, place: &EntryPlace<'_>) -> Result<Option<Snapshot>, SuiteError> {
        let Some(file) = &self.snapshot else {
            return match self.snapshot_level {
                Some(_) => {
                    Err(place.error(&self.name, "snapshot-level needs a snapshot = \"FILE\""))
                }
                None => Ok(None),
            };
        };
        if place.beside(file.get_ref()).is_none() {
            let what = "no such snapshot next to the suite file; `vmlab snapshot PROGRAM -o FILE` records it";
            return Err(place.error(file, what));
        }
        let text = String::from_utf8(place.content(file)?)
            .map_err(|_| place.error(file, format!("'{}' is not text", file.get_ref())))?;
        Ok(Some(Snapshot {
            file: file.get_ref().clone(),
            text,
            level: self.snapshot_level.unwrap_or_default(),
        }))
    }

    /// Returns the expected console text.
    fn expected(&self, place: &EntryPlace<'_>) -> Result<String, SuiteError> {
        match (&self.expect, &self.expect_file) {
            (Some(text), None) => Ok(text.clone()),
            (None, Some(file)) => String::from_utf8(place.content(file)?)
                .map_err(|_| place.error(file, format!("'{}' is not text", file.get_ref()))),
            _ => Err(place.error(
                &self.name,
                "a test has one of: expect = \"TEXT\", expect-file = \"FILE\"",
            )),
        }
    }
}

/// Parses values that are written as strings.
fn parsed<T: FromStr<Err = String>>(
    place: &EntryPlace<'_>,
    texts: &[Spanned<String>],
) -> Result<Vec<T>, SuiteError> {
    let parse = |text: &Spanned<String>| {
        let value = text.get_ref().parse();
        value.map_err(|what: String| place.error(text, what))
    };
    texts.iter().map(parse).collect()
}

fn patterns(place: &EntryPlace<'_>, texts: &[Spanned<String>]) -> Result<Vec<Pattern>, SuiteError> {
    let parse = |text: &Spanned<String>| {
        let pattern = Pattern::new(text.get_ref());
        pattern.map_err(|error| place.error(text, format!("'{}': {error}", text.get_ref())))
    };
    texts.iter().map(parse).collect()
}
