//! The plan of how submissions are graded, as options say it.

use std::path::Path;
use std::{fs, io};

use grading::cli::select::Selection;
use grading::suite::Suite;
use host::command::UsageError;
use host::waiting::Waiting;

use super::handout::HandoutArgs;
use crate::build::recipe::Recipe;
use crate::class::SILENCE;
use crate::hash::Hash;
use crate::plan::{Options, Plan, Submission};

/// Makes the plan, of which `again` are the only tests to grade again. Compiles the machine program of this tree, which
/// takes a while the first time.
pub(super) fn planned(
    handout: &HandoutArgs,
    options: &Options,
    again: &[String],
    submissions: Vec<Submission>,
) -> Result<Plan, UsageError> {
    let (root, pristine, mut grader) = handout.pristine()?;
    let (options, hidden) = named(options)?;
    // What is mistyped is no submission's fault, and told before anything is compiled.
    let suites = [&options.suite[..], &options.hidden].concat();
    Selection::check(&suites, &[&options.only[..], again].concat())?;
    for suite in options.suite.iter().chain(&options.hidden) {
        add_suite(&mut grader, Path::new(suite))?;
    }
    let waiting = Waiting::start("compiling the machine program", SILENCE);
    let recipe = Recipe::of(&root)?;
    drop(waiting);
    grader.add(recipe.compiler()?.as_bytes());
    Ok(Plan {
        root,
        grader: grader.text(),
        recipe,
        pristine,
        options,
        hidden,
        again: again.to_vec(),
        late_penalty: 0,
        submissions,
    })
}

/// Returns options with paths that hold wherever they are read and with all suites named, and the names of the
/// hidden ones.
fn named(options: &Options) -> Result<(Options, Vec<String>), UsageError> {
    let mut options = options.clone();
    if options.suite.is_empty() && !options.hidden.is_empty() {
        options.suite = Suite::bundled()?
            .into_iter()
            .map(|suite| suite.name)
            .collect();
    }
    let mut hidden = Vec::new();
    for suite in &mut options.suite {
        suite_name(suite)?;
    }
    for suite in &mut options.hidden {
        hidden.push(suite_name(suite)?);
    }
    Ok((options, hidden))
}

/// Adds what is in the folder of a suite of one's own. A bundled one is in the tree.
fn add_suite(hash: &mut Hash, suite: &Path) -> io::Result<()> {
    if !suite.exists() {
        return Ok(());
    }
    let folder = if suite.is_dir() {
        suite
    } else {
        suite.parent().unwrap_or(suite)
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file()) {
        hash.add(path.file_name().unwrap_or_default().as_encoded_bytes());
        hash.add(&fs::read(path)?);
    }
    Ok(())
}

/// The name of a suite that is given by its name or its path, which is made one that holds everywhere.
fn suite_name(suite: &mut String) -> Result<String, UsageError> {
    let Ok(path) = Path::new(suite.as_str()).canonicalize() else {
        return Ok(suite.clone());
    };
    *suite = path.display().to_string();
    let file = match path.is_dir() {
        true => path.join("suite.toml"),
        false => path,
    };
    Ok(Suite::read(&file)?.name)
}
