//! The sources that the lines of a run refer to, as far as they may be shown.
//!
//! # Invariants
//!
//! Only bundled sources are read, and the one that the user named as the program. Debug information
//! of an executable cannot disclose any other file of the host.

use std::collections::BTreeMap;
use std::fs;

use host::debug_info::SourceLine;

/// The largest source that is shown; a person writes no larger one.
const MOST_BYTES: usize = 1 << 18;

/// The requested sources, by their names in debug information.
#[derive(Debug)]
pub struct Sources {
    own: Option<(String, String)>,
    known: BTreeMap<String, Option<String>>,
}

impl Sources {
    /// Returns the sources that may be shown for `program`, a word as `vmlab run` takes it.
    #[must_use]
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

    /// Notes that a line refers to a source.
    pub fn note(&mut self, line: &SourceLine) {
        if !self.known.contains_key(&line.file) {
            let text = self.find(&line.file);
            self.known.insert(line.file.clone(), text);
        }
    }

    /// Returns the texts of all noted files that may be shown and can be read.
    #[must_use]
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
