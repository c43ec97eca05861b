//! A variant of the lab: its own solution passes all tests, and that of this tree does not.

use std::error::Error;

use lab::source::Source;
use lab::tree::Files;
use lab::variant::{self, VariantName};

use crate::workbench::Workbench;

/// Builds the variant with its own solution and with this tree's, and runs all tests; prints a line.
/// Whether all is as it should be.
pub fn try_it(bench: &Workbench<'_>, name: &VariantName) -> Result<bool, Box<dyn Error>> {
    let here = bench.source;
    let varied = Source::of(variant::apply(here.files(), std::slice::from_ref(name))?)?;
    bench.put(varied.files())?;
    bench.build()?;
    let own = bench.grade(&[])?;
    let own_passed = own
        .tests
        .iter()
        .filter(|test| test.verdict.passed())
        .count();
    bench.put(&with_solution_of(here, &varied))?;
    let (others_fail, others) = match bench.build() {
        Err(_) => (true, "does not compile".to_owned()),
        Ok(()) => {
            let results = bench.grade(&[])?;
            let failed = results.tests.iter().filter(|test| !test.verdict.passed());
            let failed: Vec<String> = failed.map(|test| test.id()).collect();
            (!failed.is_empty(), format!("fails {}", failed.join(", ")))
        }
    };
    let is_good = own_passed == own.tests.len() && others_fail;
    let word = if is_good { "ok" } else { "WRONG" };
    println!(
        "{name}: its own solution passes {own_passed}/{}, this tree's {others}: {word}",
        own.tests.len()
    );
    Ok(is_good)
}

/// The variant with the files in which students write as they are here.
fn with_solution_of(here: &Source, varied: &Source) -> Files {
    let mut files = varied.files().clone();
    for path in here.marked().keys() {
        files.insert(path.clone(), here.files()[path].clone());
    }
    files
}
