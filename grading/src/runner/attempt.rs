//! Combines several attempts at one test.
//!
//! # Invariants
//!
//! A test passes only if every attempt does. Attempts with the same seed must print the same; if
//! they do not, that is the kernel's fault and not the program's.

use std::mem::discriminant;

use protocol::record::Walls;

use crate::verdict::Verdict;

/// One run of a test.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// The seed of its machine; None for the default.
    pub seed: Option<u64>,
    /// The command line that repeats it.
    pub repeat: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// What the guest printed.
    pub console: Vec<u8>,
    /// What the kernel was doing, if it failed.
    pub during: Option<String>,
    /// Why processes died.
    pub deaths: Vec<String>,
    /// The last events of the fault log.
    pub events: Vec<String>,
    /// The walls between the kernel and the host; None if it did not get that far.
    pub walls: Option<Walls>,
}

/// The attempt that represents all, and notes about the others.
pub(super) struct Combined {
    /// The first that failed; the first, if none did.
    pub attempt: Attempt,
    /// How the others differ.
    pub notes: Vec<String>,
}

/// Combines attempts, of which there is at least one.
pub(super) fn combine(mut attempts: Vec<Attempt>) -> Combined {
    if let Some(unsteady) = unsteady(&attempts) {
        let mut attempt = attempts.swap_remove(unsteady);
        attempt.verdict = Verdict::Unsteady(format!("two runs with {}", seeds(&[attempt.seed])));
        let notes = Vec::new();
        return Combined { attempt, notes };
    }
    let first_failed = attempts
        .iter()
        .position(|attempt| !attempt.verdict.passed());
    let chosen = first_failed.unwrap_or(0);
    let kind = discriminant(&attempts[chosen].verdict);
    let (same, other): (Vec<&Attempt>, Vec<&Attempt>) = attempts
        .iter()
        .partition(|attempt| discriminant(&attempt.verdict) == kind);
    let mut notes = Vec::new();
    if !other.is_empty() {
        let of = |attempts: &[&Attempt]| {
            let mut all: Vec<_> = attempts.iter().map(|attempt| attempt.seed).collect();
            all.dedup();
            seeds(&all)
        };
        let (same, other) = (of(&same), of(&other));
        notes.push(format!(
            "the result depends on the seed: this one with {same}, another with {other}"
        ));
    }
    Combined {
        attempt: attempts.swap_remove(chosen),
        notes,
    }
}

/// Returns the index of an attempt that differs from an earlier one with the same seed.
fn unsteady(attempts: &[Attempt]) -> Option<usize> {
    (0..attempts.len()).find(|&at| {
        let this = &attempts[at];
        attempts[..at].iter().any(|earlier| {
            earlier.seed == this.seed
                && (earlier.console != this.console || earlier.verdict != this.verdict)
        })
    })
}

fn seeds(seeds: &[Option<u64>]) -> String {
    let numbers: Vec<String> = seeds.iter().map(|s| s.unwrap_or(0).to_string()).collect();
    let plural = if numbers.len() == 1 { "" } else { "s" };
    format!("seed{plural} {}", numbers.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(seed: u64, verdict: Verdict) -> Attempt {
        Attempt {
            seed: Some(seed),
            repeat: String::new(),
            verdict,
            console: Vec::new(),
            during: None,
            deaths: Vec::new(),
            events: Vec::new(),
            walls: None,
        }
    }

    fn failed() -> Verdict {
        Verdict::Failed(Vec::new())
    }

    #[test]
    fn all_must_pass() {
        let all = vec![attempt(1, Verdict::Passed), attempt(2, Verdict::Passed)];
        let combined = combine(all);
        assert!(combined.attempt.verdict.passed() && combined.notes.is_empty());
    }

    #[test]
    fn a_seed_that_differs_is_named() {
        let all = vec![
            attempt(1, Verdict::Passed),
            attempt(2, failed()),
            attempt(3, Verdict::Passed),
        ];
        let combined = combine(all);
        assert_eq!(combined.attempt.seed, Some(2));
        assert_eq!(
            combined.notes,
            ["the result depends on the seed: this one with seed 2, another with seeds 1, 3"]
        );
    }

    #[test]
    fn that_all_fail_needs_no_note() {
        let combined = combine(vec![attempt(1, failed()), attempt(2, failed())]);
        assert_eq!(combined.attempt.seed, Some(1));
        assert!(combined.notes.is_empty());
    }

    #[test]
    fn one_seed_that_does_not_repeat_is_the_kernels_fault() {
        let mut other = attempt(1, Verdict::Passed);
        other.console = b"x".to_vec();
        let combined = combine(vec![attempt(1, Verdict::Passed), other]);
        assert!(matches!(combined.attempt.verdict, Verdict::Unsteady(_)));
    }
}
