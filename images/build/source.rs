//! The sources of the programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use toolchain::declared::Declared;

use crate::jobs;

/// One program.
pub(crate) struct Source {
    pub name: String,
    pub suite: String,
    pub file: PathBuf,
    /// What its comments say.
    pub declared: Declared,
    /// The newest header in the program's folder.
    pub headers: SystemTime,
}

impl Source {
    /// Reads all programs, sorted by name.
    pub(crate) fn read_all(images: &Path) -> Result<Vec<Source>, String> {
        let mut programs = Vec::new();
        for suite in entries(&images.join("programs"))?
            .iter()
            .filter(|path| path.is_dir())
        {
            let all = files(suite)?;
            let headers = jobs::newest(all.iter().filter(|file| has_extension(file, &["h"])));
            for file in all.iter().filter(|file| has_extension(file, &["c", "S"])) {
                programs.push(Source::read(&name_of(suite), file, headers)?);
            }
        }
        programs.sort_by(|a, b| a.name.cmp(&b.name));
        match programs
            .windows(2)
            .find(|pair| pair[0].name == pair[1].name)
        {
            Some(pair) => Err(format!("two programs are called {}", pair[0].name)),
            None => Ok(programs),
        }
    }

    fn read(suite: &str, file: &Path, headers: SystemTime) -> Result<Source, String> {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let declared = Declared::of(&text);
        if !declared.also.is_empty() {
            let file = file.display();
            return Err(format!(
                "{file}: a bundled program has one source, so there is no also:"
            ));
        }
        Ok(Source {
            name: name_of(&file.with_extension("")),
            suite: suite.to_string(),
            file: file.to_path_buf(),
            declared,
            headers,
        })
    }
}

/// Returns the paths of all sources and headers, relative to `images`, sorted as strings.
pub(crate) fn all_texts(images: &Path) -> Result<Vec<PathBuf>, String> {
    let mut folders = entries(&images.join("programs"))?;
    folders.retain(|path| path.is_dir());
    folders.push(images.join("lib"));
    let mut all = Vec::new();
    for folder in folders {
        let mut texts = files(&folder)?;
        texts.retain(|file| has_extension(file, &["c", "S", "h"]));
        let relative = |file: &PathBuf| file.strip_prefix(images).map(Path::to_path_buf);
        all.extend(texts.iter().filter_map(|file| relative(file).ok()));
    }
    all.sort_by_key(|file| file.display().to_string());
    Ok(all)
}

/// Returns the files in `folder`, sorted.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut all = entries(folder)?;
    all.retain(|path| path.is_file());
    Ok(all)
}

/// Returns whether `file` has one of the extensions.
pub(crate) fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

/// Returns the last component of a path.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |e| format!("{}: {e}", folder.display());
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        all.push(entry.map_err(failed)?.path());
    }
    all.sort();
    Ok(all)
}
