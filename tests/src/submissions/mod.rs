//! Submissions that are made of recipes: those of the bundled class, and attacks.
//!
//! # Invariants
//! A recipe begins with the hand-out of this tree, some of whose milestones are solved, and changes it: so its
//! submission always fits the tree, and only what it changes is written here.

mod pack;

use std::collections::BTreeMap;

use class::breaks::edit;
use class::pristine::Pristine;
use class::sources::Sources;
use lab::handout::Kind;
use lab::ids::{Milestone, Unsolved};
use lab::source::Source;
use serde::Deserialize;

pub use pack::{Pack, pack};

/// Where the bundled class is, with the grades that it gets.
pub const CLASS: &str = "grading/examples/class";

/// How a submission is made.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// Whose it is, or what the attack is called.
    pub name: String,
    /// What it shows, or what is tried.
    pub about: String,
    /// The first milestone that is left to do; without it all are solved.
    #[serde(default)]
    pub from: Option<Milestone>,
    /// What is changed.
    #[serde(default)]
    pub edit: Vec<Edit>,
    /// Statements at the start of `Vm::new`, which each run of a program calls.
    #[serde(default)]
    pub at_start: String,
    /// Items at the end of `vm/src/lib.rs`.
    #[serde(default)]
    pub items: String,
    /// Files that are there besides, by their path.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// How it is handed in.
    #[serde(default)]
    pub pack: Pack,
    /// What stops it; of attacks only.
    #[serde(default)]
    pub wall: Option<Wall>,
}

/// A change of a file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    file: String,
    find: String,
    replace: String,
}

/// What stops an attack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wall {
    /// It is not taken.
    Intake,
    /// It says what a kernel must not.
    Types,
    /// The compiler refuses it, or is stopped in its box.
    Compiler,
    /// It runs, and gets no more than a kernel that does not try.
    Process,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipes {
    submission: Vec<Recipe>,
}

/// Reads recipes.
///
/// # Errors
/// A message.
pub fn parse(text: &str) -> Result<Vec<Recipe>, String> {
    let recipes: Recipes = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(recipes.submission)
}

/// The recipes of the bundled class.
///
/// # Errors
/// A message.
pub fn of_class() -> Result<Vec<Recipe>, String> {
    parse(include_str!("../../class.toml"))
}

/// The recipes of the attacks.
///
/// # Errors
/// A message.
pub fn attacks() -> Result<Vec<Recipe>, String> {
    parse(include_str!("../../attacks.toml"))
}

/// The file with `Vm::new`, and the line that it begins with.
const START: (&str, &str) = (
    "vm/src/pager/serve.rs",
    "pub fn new(tables: PageTables, tlb: Tlb, swap: Box<dyn BlockDevice>, options: VmOptions) -> Vm {\n",
);
const LIB: &str = "vm/src/lib.rs";

impl Recipe {
    /// The hand-out with milestones before `from` solved, and a note.
    #[must_use]
    pub fn of_nothing(from: Option<Milestone>) -> Recipe {
        let note = ("vm/src/notes.rs".to_owned(), "//! Nothing.\n".to_owned());
        Recipe {
            name: String::new(),
            about: String::new(),
            from,
            edit: Vec::new(),
            at_start: String::new(),
            items: String::new(),
            files: BTreeMap::from([note]),
            pack: Pack::Folder,
            wall: None,
        }
    }

    /// The files that it hands in: those that differ from the hand-out's, or all of them.
    ///
    /// # Errors
    /// That something to be changed is not there, or not once.
    pub fn files(&self, source: &Source) -> Result<Sources, String> {
        let begun = kernel(source, Some(Milestone::FIRST))?;
        let mut files = kernel(source, self.from)?;
        // It allows what is unused until everything is solved, and students leave it so.
        files.extend(begun.get(LIB).map(|lib| (LIB.to_owned(), lib.clone())));
        if !self.at_start.is_empty() {
            let replace = format!("{}{}\n", START.1, self.at_start);
            change(&mut files, START.0, START.1, &replace)?;
        }
        for Edit {
            file,
            find,
            replace,
        } in &self.edit
        {
            change(&mut files, file, find, replace)?;
        }
        if !self.items.is_empty() {
            let lib = files.get_mut(LIB).ok_or("there is no vm/src/lib.rs")?;
            lib.extend_from_slice(format!("\n{}", self.items).as_bytes());
        }
        // With lib.rs it is a whole kernel, and without it some files.
        if files.get(LIB) == begun.get(LIB) {
            files.retain(|path, bytes| begun.get(path) != Some(bytes));
        }
        files.extend(
            self.files
                .iter()
                .map(|(path, text)| (path.clone(), text.clone().into_bytes())),
        );
        Ok(files)
    }
}

/// `vm/src` with the milestones before `first` solved.
fn kernel(source: &Source, first: Option<Milestone>) -> Result<Sources, String> {
    let milestones = source.course.milestones.iter().map(|stage| stage.number);
    let is_left = |milestone: &Milestone| first.is_some_and(|first| *milestone >= first);
    let unsolved = Unsolved(milestones.filter(is_left).collect());
    let pristine = Pristine::of(source, Kind::Marked, &unsolved);
    Ok(pristine.map_err(|error| error.to_string())?.kernel)
}

fn change(files: &mut Sources, file: &str, find: &str, replace: &str) -> Result<(), String> {
    let bytes = files
        .get_mut(file)
        .ok_or_else(|| format!("there is no {file}"))?;
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    let edit = edit::Edit {
        name: file.to_owned(),
        file: file.to_owned(),
        find: find.to_owned(),
        replace: replace.to_owned(),
        within: None,
    };
    let place = edit.place(&text).map_err(|error| error.to_string())?;
    text.replace_range(place, replace);
    *bytes = text.into_bytes();
    Ok(())
}
