//! A variant of the lab: its own solution passes all tests, and that of this tree does not.

use std::error::Error;

use grading::results::Results;
use lab::source::Source;
use lab::tree::Files;
use lab::variant::{self, VariantName};

use crate::workbench::Workbench;

/// Builds the variant with its own solution and with this tree's, and runs all tests; prints a line.
/// Whether all is as it should be.
pub(crate) fn try_it(bench: &Workbench<'_>, name: &VariantName) -> Result<bool, Box<dyn Error>> {
    let here = bench.source;
    let varied = Source::of(variant::apply(here.files(), std::slice::from_ref(name))?)?;
    bench.put(varied.files())?;
    bench.build()?;
    let own = failed(&bench.grade(&[])?);
    bench.put(&with_solution_of(here, &varied))?;
    let others = match bench.build() {
        Err(_) => None,
        Ok(()) => Some(failed(&bench.grade(&[])?)),
    };
    let is_good = own.is_empty() && others.as_ref().is_none_or(|failed| !failed.is_empty());
    let word = if is_good { "ok" } else { "WRONG" };
    let others = match others {
        None => "does not compile".to_owned(),
        Some(failed) => format!("fails {}", list(&failed)),
    };
    let own = list(&own);
    println!("{name}: its own solution fails {own}, this tree's {others}: {word}");
    Ok(is_good)
}

fn failed(results: &Results) -> Vec<String> {
    let failed = results.tests.iter().filter(|test| !test.verdict.passed());
    failed.map(|test| test.id()).collect()
}

fn list(tests: &[String]) -> String {
    match tests {
        [] => "no test".to_owned(),
        some => some.join(", "),
    }
}

/// The variant with the files in which students write as they are here.
fn with_solution_of(here: &Source, varied: &Source) -> Files {
    let mut files = varied.files().clone();
    for path in here.marked().keys() {
        files.insert(path.clone(), here.files()[path].clone());
    }
    files
}
