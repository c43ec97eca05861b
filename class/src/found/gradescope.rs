//! The students of an export of Gradescope: `submission_metadata.yml`, which lies beside the submissions.
//!
//! It has an entry for each submission, under the name of its folder, with its submitters:
//!
//! ```yaml
//! submission_4711:
//!   :submitters:
//!   - :name: Ada Lovelace
//!     :sid: "17"
//!     :email: ada@example.edu
//! ```
//!
//! # Invariants
//! - A student is called by number, e-mail address or name: the first that is there and can be a folder's name.
//! - A group's submission is each submitter's.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use thiserror::Error;
use yaml_rust2::yaml::Hash;
use yaml_rust2::{ScanError, Yaml, YamlLoader};

use super::is_folder_name;

/// The file in an export.
const METADATA: &str = "submission_metadata.yml";
/// What a student is called by, the best first.
const NAMES: [&str; 3] = [":sid", ":email", ":name"];

/// Why the students of an export are unknown.
#[derive(Debug, Error)]
pub enum MetadataError {
    /// It cannot be read.
    #[error("{METADATA}: {0}")]
    Host(#[from] io::Error),
    /// It is no YAML.
    #[error("{METADATA}: {0}; export the submissions again")]
    Yaml(#[from] ScanError),
    /// A submission has no submitter with a name.
    #[error(
        "{METADATA}: {0} has no submitter with a :sid:, an :email: or a :name: that can be the name of a folder"
    )]
    Nobody(String),
}

/// The submitters of each entry of an export.
#[derive(Default)]
pub(super) struct Submitters(BTreeMap<String, Vec<String>>);

impl Submitters {
    /// Reads the submitters, if the folder is an export of Gradescope; there are none if it is not.
    ///
    /// # Errors
    /// [`MetadataError`]
    pub(super) fn read(folder: &Path) -> Result<Self, MetadataError> {
        match fs::read_to_string(folder.join(METADATA)) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    fn parse(text: &str) -> Result<Self, MetadataError> {
        let documents = YamlLoader::load_from_str(text)?;
        let entries = documents.first().and_then(Yaml::as_hash);
        let mut submitters = BTreeMap::new();
        for (entry, data) in entries.into_iter().flatten() {
            let entry = entry.as_str().unwrap_or_default().to_owned();
            let people = data.as_hash().and_then(|data| field(data, ":submitters"));
            let people = people.and_then(Yaml::as_vec).into_iter().flatten();
            let names: Vec<String> = people.filter_map(name).collect();
            if names.is_empty() {
                return Err(MetadataError::Nobody(entry));
            }
            submitters.insert(entry, names);
        }
        Ok(Self(submitters))
    }

    /// Takes the students of an entry; the entry's own name if the export says nothing about it.
    pub(super) fn take(&mut self, entry: String) -> Vec<String> {
        self.0.remove(&entry).unwrap_or_else(|| vec![entry])
    }
}

/// Returns a field. Its name was a symbol of Ruby, which is written with a colon before or around it.
fn field<'a>(data: &'a Hash, name: &str) -> Option<&'a Yaml> {
    let is_named = |key: &Yaml| {
        key.as_str()
            .is_some_and(|key| key.trim_end_matches(':') == name)
    };
    data.iter()
        .find(|(key, _)| is_named(key))
        .map(|(_, value)| value)
}

fn name(person: &Yaml) -> Option<String> {
    let person = person.as_hash()?;
    let names = NAMES.iter().filter_map(|name| match field(person, name)? {
        Yaml::String(text) => Some(text.trim().to_owned()),
        Yaml::Integer(number) => Some(number.to_string()),
        _ => None,
    });
    names.into_iter().find(|name| is_folder_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = r#"
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: 17
    :email: ada@example.edu
  :created_at: 2026-11-29 01:00:00.000000000 Z
  :score: 90.0
submission_2:
  :submitters:
  - :name: Ben
    :sid: ""
    :email: ben@example.edu
  - :name: Cleo
    :sid: "../../etc"
    :email:
"#;

    #[test]
    fn a_student_is_called_by_number_address_or_name() {
        let mut submitters = Submitters::parse(EXPORT).unwrap();
        assert_eq!(submitters.take("submission_1".to_owned()), ["17"]);
        let group = submitters.take("submission_2".to_owned());
        assert_eq!(group, ["ben@example.edu", "Cleo"]);
        let other = submitters.take("submission_3".to_owned());
        assert_eq!(other, ["submission_3"]);
    }

    #[test]
    fn an_export_that_names_nobody_is_refused() {
        let error = Submitters::parse("submission_1:\n  :submitters:\n  - :sid: ..\n");
        assert!(matches!(error, Err(MetadataError::Nobody(entry)) if entry == "submission_1"));
        let error = Submitters::parse("a: [");
        assert!(matches!(error, Err(MetadataError::Yaml(_))));
    }

    #[test]
    fn another_folder_has_no_submitters() {
        let folder = tempfile::tempdir().unwrap();
        let mut none = Submitters::read(folder.path()).unwrap();
        assert_eq!(none.take("zoe".to_owned()), ["zoe"]);
    }
}
