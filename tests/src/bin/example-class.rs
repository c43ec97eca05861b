//! Makes the submissions of the bundled class in grading/examples/class anew, from tests/class.toml and the tree as it
//! is.

use std::error::Error;
use std::fs;
use std::process::ExitCode;

use lab::source::Source;
use testkit::root;
use tests::submissions::{CLASS, of_class, pack};

fn main() -> ExitCode {
    tests::tried("example-class", make().map(|()| true))
}

fn make() -> Result<(), Box<dyn Error>> {
    let source = Source::read(&root())?;
    let folder = root().join(CLASS);
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            // The grades that the class gets are not made here.
            false if entry.file_name() == "grades.csv" => {}
            false => fs::remove_file(entry.path())?,
        }
    }
    for recipe in of_class()? {
        let files = recipe
            .files(&source)
            .map_err(|error| format!("{}: {error}", recipe.name))?;
        pack(recipe.pack, &recipe.name, &files, &folder)?;
    }
    Ok(())
}
