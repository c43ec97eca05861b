//! Makes the submissions of the bundled class in grading/examples/class anew, from tests/class.toml and the tree as it
//! is.

use std::error::Error;
use std::process::ExitCode;
use std::{fs, io};

use lab::source::Source;
use tests::breaks::root;
use tests::submissions::{CLASS, of_class, pack};

fn main() -> ExitCode {
    match make() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-class: {error}");
            ExitCode::from(2)
        }
    }
}

fn make() -> Result<(), Box<dyn Error>> {
    let source = Source::read(&root())?;
    let folder = root().join(CLASS);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&folder)?,
    }
    for recipe in of_class()? {
        let files = recipe
            .files(&source)
            .map_err(|error| format!("{}: {error}", recipe.name))?;
        pack(recipe.pack, &recipe.name, &files, &folder)?;
    }
    Ok(())
}
