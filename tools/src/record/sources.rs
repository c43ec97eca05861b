//! The texts of the sources that a run's lines come from, as far as they may be shown.
//!
//! # Invariants
//!
//! Only sources that are bundled are read, and the one that the user named as the program. What an
//! executable says of itself makes no other file of the host known.

use std::collections::BTreeMap;
use std::fs;

use driver::debug_info::SourceLine;

/// More than this is no source that a person wrote.
const MOST_BYTES: usize = 1 << 18;

/// The sources that were asked for, by their names in debug information.
pub struct Sources {
    own: Option<(String, String)>,
    known: BTreeMap<String, Option<String>>,
}

impl Sources {
    /// Those that can be had while `program` runs, a word as `vmlab run` takes it.
    pub fn new(program: &str) -> Sources {
        let is_source = program.ends_with(".c") || program.ends_with(".S");
        let text = is_source
            .then(|| fs::read_to_string(program).ok())
            .flatten();
        let text = text.filter(|text| text.len() <= MOST_BYTES);
        let name = program.strip_prefix("./").unwrap_or(program);
        Sources {
            own: text.map(|text| (name.to_owned(), text)),
            known: BTreeMap::new(),
        }
    }

    /// A line was named.
    pub fn note(&mut self, line: &SourceLine) {
        if !self.known.contains_key(&line.file) {
            let text = self.find(&line.file);
            self.known.insert(line.file.clone(), text);
        }
    }

    /// The texts of all files that were named, as far as they can be had.
    pub fn texts(self) -> BTreeMap<String, String> {
        let known = self.known.into_iter();
        known
            .filter_map(|(name, text)| Some((name, text?)))
            .collect()
    }

    fn find(&self, file: &str) -> Option<String> {
        match &self.own {
            Some((name, text)) if name == file => Some(text.clone()),
            _ => images::source(file).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(program: &str, file: &str) -> BTreeMap<String, String> {
        let mut sources = Sources::new(program);
        sources.note(&SourceLine {
            file: file.to_owned(),
            line: Some(1),
            function: None,
        });
        sources.texts()
    }

    #[test]
    fn bundled_sources_and_the_program_are_shown_and_no_other_file() {
        assert_eq!(texts("exit", "images/lib/start.c").len(), 1);
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(file("own.c"), "int x;").unwrap();
        std::fs::write(file("secret.c"), "42").unwrap();
        assert_eq!(
            texts(&file("own.c"), &file("own.c"))[&file("own.c")],
            "int x;"
        );
        assert!(texts(&file("own.c"), &file("secret.c")).is_empty());
        assert!(texts(&file("secret"), &file("secret")).is_empty());
    }
}
