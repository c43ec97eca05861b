//! The statistics of a run, as the machine program prints them: one flat JSON object, the last line
//! of its messages.
//!
//! # Invariants
//!
//! `end` says how the guest ended, `status` is its exit code or null; all others are counts with
//! the names in [`NAMES`].

use serde_json::{Map, Value};

/// `end` of a guest that was ended by its work limit.
pub const WORK_LIMIT: &str = "work-limit";

/// The names of all counts, in the order in which they are printed.
pub const NAMES: [&str; 17] = [
    "faults",
    "minor_faults",
    "major_faults",
    "evictions",
    "swap_reads",
    "swap_writes",
    "swap_cached",
    "file_reads",
    "write_backs",
    "copies",
    "context_switches",
    "kpti_flushes",
    "system_calls",
    "processes",
    "peak_frames",
    "peak_slots",
    "work",
];

/// The numbers in the statistics.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter()
}

/// Returns whether the statistics have a number of this name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The statistics that a machine printed.
///
/// # Examples
///
/// ```
/// use protocol::stats::Printed;
///
/// let messages = r#"vmlab: a warning
/// {"end":"exited","status":0,"faults":12,"work":8000}"#;
/// let printed = Printed::in_messages(messages);
/// assert_eq!(printed.number("faults"), Some(12));
/// assert_eq!(printed.number("pages"), None);
/// assert!(!printed.work_limit());
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Printed {
    object: Map<String, Value>,
}

impl Printed {
    /// Finds them on the last line of the command's messages; empty if they are not there.
    #[must_use]
    pub fn in_messages(messages: &str) -> Printed {
        let last = messages.lines().last().unwrap_or_default();
        Printed {
            object: serde_json::from_str(last).unwrap_or_default(),
        }
    }

    /// Returns whether the work limit ended the guest.
    #[must_use]
    pub fn work_limit(&self) -> bool {
        self.object.get("end") == Some(&WORK_LIMIT.into())
    }

    /// Returns a number by its name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.object.get(name)?.as_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALTED: &str = r#"{"end":"halted","status":null,"work":7}"#;

    #[test]
    fn a_number_is_found_by_its_name() {
        let printed = Printed::in_messages(HALTED);
        assert_eq!(printed.number("work"), Some(7));
        assert_eq!((printed.number("end"), printed.number("x")), (None, None));
        assert!(is_name("swap_writes") && !is_name("end"));
    }

    #[test]
    fn a_work_limit_is_told_from_other_ends_and_messages() {
        let limit = HALTED.replace("halted", WORK_LIMIT);
        let work_limit = |messages: &str| Printed::in_messages(messages).work_limit();
        assert!(work_limit(&format!("vmlab: some warning\n{limit}\n")));
        assert!(!work_limit(HALTED));
        assert!(!work_limit(WORK_LIMIT));
        assert!(!work_limit(""));
    }
}
