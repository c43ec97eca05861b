//! The folder of a class's results.
//!
//! ```text
//! grades.csv              a line for each student
//! class.html, class.json  the class
//! students/NAME/          result.html and result.json, which the student may see
//! times.csv               the costs, which differ from run to run
//! .work/                  the plan, complete records, costs
//! ```

use std::path::{Path, PathBuf};
use std::{fs, io};

use host::replacement::Replacement;
use serde::{Deserialize, Serialize};

use crate::json;
use crate::pages;
use crate::plan::Plan;
use crate::record::Record;
use crate::similar::Pair;

/// The folder.
#[derive(Debug)]
pub struct ResultsFolder {
    root: PathBuf,
}

/// The cost of one submission.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// Seconds of CPU time for compiling it.
    pub compiling: f64,
    /// Seconds of CPU time for its tests.
    pub tests: f64,
    /// The most memory that one process had, in MiB.
    pub mebibytes: u64,
}

impl ResultsFolder {
    /// Returns the folder at a path.
    #[must_use]
    pub fn new(root: &Path) -> ResultsFolder {
        ResultsFolder {
            root: root.to_owned(),
        }
    }

    /// Creates the folder if needed.
    ///
    /// # Errors
    /// The host's.
    pub fn make(&self) -> io::Result<()> {
        fs::create_dir_all(self.root.join(".work/costs"))?;
        fs::create_dir_all(self.root.join(".work/records"))?;
        fs::create_dir_all(self.done())
    }

    /// Returns the path of the plan.
    #[must_use]
    pub fn plan(&self) -> PathBuf {
        self.root.join(".work/plan.json")
    }

    /// Returns the record of a student, if there is one that can be read.
    ///
    /// # Errors
    /// The host's, except that the file does not exist.
    pub fn record(&self, student: &str) -> io::Result<Option<Record>> {
        match fs::read(self.record_of(student)) {
            // A record of another version is made again.
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stores a record.
    ///
    /// # Errors
    /// The host's.
    pub fn keep(&self, record: &Record) -> io::Result<()> {
        let json = json::readable(record);
        Replacement::of(&self.record_of(&record.student))?.write(json.as_bytes())
    }

    /// Stores the cost of a submission.
    ///
    /// # Errors
    /// The host's.
    pub fn keep_cost(&self, student: &str, cost: Cost) -> io::Result<()> {
        let json = json::compact(&cost);
        Replacement::of(&self.cost_of(student))?.write(&json)
    }

    /// Writes the pages and tables made from all records.
    ///
    /// # Errors
    /// The host's.
    pub fn write_pages(&self, plan: &Plan, records: &[Record], pairs: &[Pair]) -> io::Result<()> {
        let grades = pages::grades::rows(plan, records);
        self.write("grades.csv", &pages::grades::csv(&grades))?;
        self.write(
            "class.html",
            &pages::overview::page(plan, records, &grades, pairs),
        )?;
        let class = serde_json::json!({
            "vmlab": env!("CARGO_PKG_VERSION"),
            "handout": plan.pristine.hash(),
            "grader": plan.grader,
            "options": plan.options.by_name(),
            "late_penalty": plan.late_penalty,
            "grades": grades,
        });
        let json = json::readable(&class);
        self.write("class.json", &(json + "\n"))?;
        for record in records {
            let (page, json) = (
                pages::student::page(plan, record),
                pages::student::json(plan, record),
            );
            fs::create_dir_all(self.root.join("students").join(&record.student))?;
            self.write(&format!("students/{}/result.html", record.student), &page)?;
            self.write(&format!("students/{}/result.json", record.student), &json)?;
        }
        let costs = plan
            .submissions
            .iter()
            .map(|one| (one.student.as_str(), self.cost(&one.student)));
        self.write("times.csv", &pages::grades::costs(costs))
    }

    /// Notes that a submission has its record, in this call of the command.
    ///
    /// # Errors
    /// The host's.
    pub fn note_done(&self, number: usize) -> io::Result<()> {
        fs::write(self.done().join(number.to_string()), "")
    }

    /// Clears these notes, and returns their folder.
    ///
    /// # Errors
    /// The host's.
    pub fn clear_done(&self) -> io::Result<PathBuf> {
        let done = self.done();
        match fs::remove_dir_all(&done) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir(&done)?,
        }
        Ok(done)
    }

    fn done(&self) -> PathBuf {
        self.root.join(".work/done")
    }

    fn cost(&self, student: &str) -> Option<Cost> {
        serde_json::from_slice(&fs::read(self.cost_of(student)).ok()?).ok()
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        Replacement::of(&self.root.join(name))?.write(text.as_bytes())
    }

    fn record_of(&self, student: &str) -> PathBuf {
        self.root
            .join(".work/records")
            .join(format!("{student}.json"))
    }

    fn cost_of(&self, student: &str) -> PathBuf {
        self.root
            .join(".work/costs")
            .join(format!("{student}.json"))
    }
}
