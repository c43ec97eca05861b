//! Open hand-outs: crate `vm` is a kernel without paging, and its design is left to students.
//!
//! That crate is in `FOLDER`, with what is its own; what it has in common with crate `vm` of this tree are
//! links to that crate's files and folders. So it is compiled and tested in this tree, and says itself which
//! files students get.
//!
//! # Invariants
//! - Of crate `vm` of this tree an open hand-out has the files that are linked so, without the solutions of any
//!   milestone; and nothing else but the manifest, the kit and a policy of an example.
//! - No hint, no task and nothing about the design of this tree's virtual memory is in it.

use toml::{Table, Value};

use crate::course;
use crate::handout::{
    self, HandoutError, Kind, description, edit, given, given_files, reduce_workspace, text_of,
};
use crate::ids::Unsolved;
use crate::manifest;
use crate::source::Source;
use crate::tree::{File, Files, HANDOUT};

/// The folder of the crate and its other files.
const FOLDER: &str = "lab/open/";
/// What students read first.
const README: &str = "lab/open/README.md";
/// The crate that it replaces.
const VM: &str = "vm/";
/// Its manifest, which stays.
const MANIFEST: &str = "vm/Cargo.toml";
/// Files of the replaced crate that are handed out in addition to those that are linked.
const KEPT: [&str; 3] = [MANIFEST, "vm/kit/", "vm/examples/two_bit/policy.rs"];
/// How the crate names its policies.
const POLICIES: &str = "pub mod replacement;\n";
/// What a hand-out says above that, for there two of them are left to do.
const LEFT_TO_DO: &str = "#[allow(unused, reason = \"two policies are left to be written\")]\n";
/// The document about the design.
const DESIGN: &str = "docs/architecture.md";
/// How its part about the virtual memory begins.
const PART: &str = "## The virtual memory (`vm`)\n";
/// The text that replaces it.
const INSTEAD: &str = "\nIts design is yours. [vm/README.md](../vm/README.md) says what the rest of the \
                       kernel asks for.\n\n";

/// Returns all files of a hand-out of a kind; an open one has no marks, and so no choice of milestones.
///
/// # Errors
/// Why it cannot be made.
pub fn files_of(source: &Source, kind: Kind, unsolved: &Unsolved) -> Result<Files, HandoutError> {
    match kind {
        Kind::Marked => handout::files(source, unsolved),
        Kind::Open => files(source),
    }
}

/// The files of the open hand-out.
///
/// # Errors
/// Why it cannot be made.
pub fn files(source: &Source) -> Result<Files, HandoutError> {
    let all = everything(source);
    let mut files = given_files(source, &all);
    files.retain(|path, _| {
        let is_kept = KEPT.iter().any(|kept| path.starts_with(kept));
        !path.starts_with(VM) || is_kept
    });
    files.extend(files_of_the_crate(source, &all));
    let readme = text_of(source.files(), README)?;
    files.insert("README.md".to_owned(), File::plain(readme));
    let description = description(Kind::Open, &all);
    files.insert(HANDOUT.to_owned(), File::plain(description));
    edit(&mut files, course::PATH, guide)?;
    edit(&mut files, DESIGN, without_design)?;
    edit(&mut files, "vm/src/lib.rs", |text| {
        Ok(text.replacen(POLICIES, &format!("{LEFT_TO_DO}{POLICIES}"), 1))
    })?;
    edit(&mut files, MANIFEST, |text| {
        Ok(manifest::without_examples(text)?)
    })?;
    reduce_workspace(&mut files)?;
    Ok(files)
}

/// All milestones.
#[must_use]
pub fn everything(source: &Source) -> Unsolved {
    let stages = source.course.milestones.iter();
    Unsolved(stages.map(|stage| stage.number).collect())
}

/// The files that are handed out as crate `vm` instead of those of this tree.
fn files_of_the_crate<'a>(
    source: &'a Source,
    unsolved: &'a Unsolved,
) -> impl Iterator<Item = (String, File)> {
    let files = source.files().iter().filter(|(path, _)| {
        let place = path.strip_prefix(FOLDER);
        place.is_some_and(|place| place.starts_with(VM) && place != MANIFEST)
    });
    files
        .flat_map(|(path, file)| given(source, path, file, unsolved))
        .map(|(path, file)| (path[FOLDER.len()..].to_owned(), file))
}

/// The description of the course without its tasks: a guide.
///
/// # Errors
/// The text is not such a description.
fn guide(text: &str) -> Result<String, HandoutError> {
    let wrong = |problem: String| HandoutError::Open {
        file: course::PATH.to_owned(),
        problem,
    };
    let mut table: Table = text.parse().map_err(|error| wrong(format!("{error}")))?;
    let stages = table.get_mut("milestone").and_then(Value::as_array_mut);
    let stages = stages.ok_or_else(|| wrong("no milestones".to_owned()))?;
    for stage in stages.iter_mut().filter_map(Value::as_table_mut) {
        for tied_to_a_design in ["task", "files", "kernel-tests"] {
            stage.remove(tied_to_a_design);
        }
    }
    let nothing = Table::from_iter([("files".to_owned(), Value::Array(Vec::new()))]);
    table.insert("leave-out".to_owned(), Value::Table(nothing));
    let text = toml::to_string(&table).map_err(|error| wrong(error.to_string()))?;
    Ok(format!(
        "# The milestones as a guide: which tests show each.\n\n{text}"
    ))
}

/// The document about the design without the part that is students' to find.
///
/// # Errors
/// That there is no such part.
fn without_design(text: &str) -> Result<String, HandoutError> {
    let missing = || HandoutError::Open {
        file: DESIGN.to_owned(),
        problem: format!("no heading {}", PART.trim_end()),
    };
    let (before, part) = text.split_once(PART).ok_or_else(missing)?;
    let after = part.find("\n## ").map_or("", |end| &part[end + 1..]);
    Ok(format!("{before}{PART}{INSTEAD}{after}"))
}
