//! What to grade and how: everything that is needed to grade one submission, on any machine.

use std::path::{Path, PathBuf};
use std::{fs, io};

use host::command::UsageError;
use host::replacement::Replacement;
use serde::{Deserialize, Serialize};

use crate::build::recipe::Recipe;
use crate::json;
use crate::pristine::Pristine;

/// The plan of a class. Cargo is not asked again: the same crates are used for each submission, wherever it is graded.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The tree whose machine and grader are used.
    pub root: PathBuf,
    /// A hash of the grader: the tree's sources, the compiler, and the instructor's own suites.
    pub grader: String,
    /// How the machine program is compiled there.
    pub recipe: Recipe,
    /// The hand-out.
    pub pristine: Pristine,
    /// How it is graded.
    pub options: Options,
    /// The names of the suites whose tests students do not see.
    pub hidden: Vec<String>,
    /// The only tests to grade again (`NAME` or `SUITE/NAME`); none if whole submissions are graded.
    #[serde(default)]
    pub again: Vec<String>,
    /// The penalty for each day late, in per cent of the score.
    pub late_penalty: u32,
    /// The submissions, in the order of their students' names.
    pub submissions: Vec<Submission>,
}

/// A submission.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Submission {
    /// The student: the name of a folder in the results.
    pub student: String,
    /// Its path; None if nothing was submitted.
    pub path: Option<PathBuf>,
    /// The number of days that it was late.
    pub late_days: u32,
}

/// How submissions are graded.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize, clap::Args)]
pub struct Options {
    /// Only this suite of tests: a bundled one, the path of a suite file, or of a folder with a
    /// suite.toml. May be given several times
    #[arg(long, value_name = "SUITE")]
    pub suite: Vec<String>,

    /// A suite whose tests students do not see: their pages have the number that passed. May be given
    /// several times
    #[arg(long, value_name = "SUITE")]
    pub hidden: Vec<String>,

    /// Only tests whose NAME or SUITE/NAME matches. May be given several times
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,

    /// Run each test with all rules of the virtual memory checked; it takes four times as long. That a
    /// program's memory holds what the program put there is checked always
    #[arg(long)]
    pub check: bool,

    /// Seeds of everything random in the machine: each test must pass with each of them
    #[arg(long, value_name = "N[..M]")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,

    /// The number that tests with `nonce = true` compute with instead of 0, unknown to students before: their
    /// expected output is what they print on the kernel of this tree
    #[arg(long, value_name = "NUMBER")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<u64>,

    /// Seconds after which no more tests of a submission are started; those that have ended count
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub budget: u64,

    /// Run nothing if the host cannot build all walls
    #[arg(long)]
    pub require_sandbox: bool,
}

impl Options {
    /// With the names of suites in place of their paths, which are of this host.
    #[must_use]
    pub fn by_name(&self) -> Options {
        let name = |suite: &String| {
            let path = Path::new(suite);
            path.file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned()
        };
        Options {
            suite: self.suite.iter().map(name).collect(),
            hidden: self.hidden.iter().map(name).collect(),
            ..self.clone()
        }
    }
}

impl Plan {
    /// Returns the indices of some students' submissions.
    ///
    /// # Errors
    /// One of them has none.
    pub fn numbers_of(&self, students: &[String]) -> Result<Vec<usize>, UsageError> {
        let number = |student: &String| {
            let at = self
                .submissions
                .iter()
                .position(|one| one.student == *student);
            at.ok_or_else(|| format!("no submission is {student}'s").into())
        };
        students.iter().map(number).collect()
    }

    /// Writes it.
    ///
    /// # Errors
    /// The host's.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        Replacement::of(path)?.write(json::readable(self).as_bytes())
    }

    /// Reads one.
    ///
    /// # Errors
    /// The host's, or the file is not a plan.
    pub fn read(path: &Path) -> io::Result<Plan> {
        serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)
    }
}
