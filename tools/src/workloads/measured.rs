//! A workload under every policy.

use std::path::Path;

use thiserror::Error;

use super::Workload;
use super::description::{Linking, WorkloadError};
use crate::policies::Results;
use crate::policies::measured::{Experiment, ExperimentError};
use crate::policies::output::Expected;
use host::guest_name::{GuestName, NameError};
use protocol::settings::{Abi, Base, Frames};

/// A workload and what was measured of it.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The workload.
    pub workload: Workload,
    /// The faults under every policy.
    pub results: Results,
}

/// Why nothing was measured.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The workload cannot be made ready.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// The result has a name that no guest can have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A run could not be made.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
}

impl Measured {
    /// Runs a workload whose packages are in a folder under every policy, with these numbers of frames or, if there
    /// are none, with its own.
    ///
    /// # Errors
    /// [`MeasureError`] if a run could not be made. A program that fails, or puts out something else than it should,
    /// is part of the results.
    pub fn new(
        workload: Workload,
        packages: &Path,
        frames: &[Frames],
    ) -> Result<Measured, MeasureError> {
        let files = workload.files(packages)?;
        let base = Base {
            abi: Some(Abi::Linux),
            root: (workload.linking == Linking::Dynamic).then(|| files.clone()),
            ..Base::default()
        };
        let result = workload.result.as_ref().map(|name| GuestName::new(name));
        let expected = Expected {
            sum: workload.output,
            result: result.transpose()?,
        };
        let experiment = Experiment {
            guest: &workload.guest(&files)?,
            frames: match frames.is_empty() {
                true => &workload.frames,
                false => frames,
            },
            base: &base,
            seed: None,
            expected: Some(&expected),
        };
        let (mut results, _) = experiment.measure()?;
        results.subject.clone_from(&workload.name);
        Ok(Measured { workload, results })
    }
}
