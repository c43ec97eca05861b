//! How similar the texts of two submissions are: a hint where to look, and no more.
//!
//! The method is winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
//! Fingerprinting", SIGMOD 2003). Each file becomes a sequence of symbols, in which names, comments and
//! spacing do not count. Each run of [`GRAM`] symbols, a k-gram, has a hash; of each [`WINDOW`] hashes in a
//! row the least is kept. Two submissions are compared by the hashes that both have kept.
//!
//! # Invariants
//! - The same sources have the same fingerprint on every machine.
//! - Renaming what is in a file, renaming, reordering or reformatting files changes nothing.
//! - If two files have [`SURELY_FOUND`] symbols in a row in common, their fingerprints have a hash in common;
//!   with fewer than [`GRAM`], they have none because of it.
//!
//! # What it does not see
//! A file that cannot be read as Rust, and a change of structure: another order of statements, a loop
//! written as another one. A shared hash is no proof: small tasks have few good solutions.

mod symbols;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::rules::{is_rust, tokens};
use crate::sources::Sources;

/// Symbols in a k-gram: matches that are shorter are not found.
pub const GRAM: usize = 25;

/// Hashes in a window, of which one is kept.
pub const WINDOW: usize = 15;

/// Symbols in a row that are found in any case.
pub const SURELY_FOUND: usize = GRAM + WINDOW - 1;

/// The fewest hashes that are significant. A submission that has fewer of its own is in no pair: such a
/// small text may be the task's only solution.
pub const LEAST: usize = 20;

/// Hashes that stand for a submission's text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fingerprint(BTreeSet<u64>);

/// Returns the fingerprint of the Rust files of `sources`.
///
/// # Examples
///
/// ```
/// use class::similar::fingerprint;
/// use class::sources::Sources;
///
/// let text = r#"
///     pub fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
///         (0..self.hand.round()).map(|_| self.hand.advance()).find(|frame| {
///             frames.is_evictable(*frame) && !frames.accessed(*frame)
///         })
///     }
/// "#;
/// let of = |text: String| fingerprint(&Sources::from([("a.rs".to_owned(), text.into_bytes())]));
/// let original = of(text.to_owned());
/// assert!(!original.is_empty());
/// // Other names and comments are the same text; another order of its parts is not.
/// assert_eq!(of(text.replace("hand", "arm") + "// my own work"), original);
/// assert_ne!(of(text.replace("is_evictable(*frame) && !", "")), original);
/// ```
pub fn fingerprint(sources: &Sources) -> Fingerprint {
    of_files(sources, winnowed)
}

/// Returns the hashes of all k-grams, not only those that are kept of each window: what to take out of a
/// fingerprint that was made of text given to everybody. Where somebody's own text meets it, a window
/// reaches into both, and may keep another hash of the given text than a window within it would.
#[must_use]
pub fn every_gram(sources: &Sources) -> Fingerprint {
    of_files(sources, |grams| grams.to_vec())
}

fn of_files(sources: &Sources, kept: fn(&[u64]) -> Vec<u64>) -> Fingerprint {
    let files = sources.iter().filter(|(file, _)| is_rust(file));
    let readable = files.filter_map(|(_, text)| tokens::tokens(text).ok());
    Fingerprint(
        readable
            .flat_map(|tokens| kept(&grams(&symbols::symbols(&tokens))))
            .collect(),
    )
}

fn grams(symbols: &[u64]) -> Vec<u64> {
    let bytes =
        |gram: &[u64]| -> Vec<u8> { gram.iter().flat_map(|one| one.to_le_bytes()).collect() };
    let grams = symbols.windows(GRAM);
    grams.map(|gram| symbols::hash(bytes(gram))).collect()
}

/// The least hash of each window, the last of equal ones. Hashes that fill no window count as one.
fn winnowed(grams: &[u64]) -> Vec<u64> {
    grams
        .windows(WINDOW.min(grams.len()).max(1))
        .filter_map(|window| window.iter().min().copied())
        .collect()
}

impl Fingerprint {
    /// Removes what is in `other`, for example [`every_gram`] of the hand-out.
    #[must_use]
    pub fn without(mut self, other: &Fingerprint) -> Fingerprint {
        self.0.retain(|hash| !other.0.contains(hash));
        self
    }

    /// Returns the number of hashes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no hash at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn says_something(&self) -> bool {
        self.len() >= LEAST
    }
}

/// Two submissions with text in common, by their index among those compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The lower index.
    pub first: usize,
    /// The higher index.
    pub second: usize,
    /// The part of the smaller fingerprint that the other has, too, in per cent, rounded down.
    pub share: u32,
}

/// Returns the pairs that share `at_least` per cent, highest share first, then by index. Fingerprints of
/// fewer than [`LEAST`] hashes are in none.
#[must_use]
pub fn pairs(prints: &[Fingerprint], at_least: u32) -> Vec<Pair> {
    let holders = holders(prints);
    let mut pairs: Vec<Pair> = (0..prints.len())
        .filter(|&first| prints[first].says_something())
        .flat_map(|first| pairs_of(first, prints, &holders))
        .filter(|pair| pair.share >= at_least)
        .collect();
    pairs.sort_by_key(|pair| (Reverse(pair.share), pair.first, pair.second));
    pairs
}

/// Returns the submissions that have each hash, in ascending order.
fn holders(prints: &[Fingerprint]) -> BTreeMap<u64, Vec<usize>> {
    let mut holders = BTreeMap::<u64, Vec<usize>>::new();
    for (index, print) in prints.iter().enumerate() {
        if print.says_something() {
            for &hash in &print.0 {
                holders.entry(hash).or_default().push(index);
            }
        }
    }
    holders
}

/// Returns the pairs of `first` with those after it that share at least one hash.
fn pairs_of(
    first: usize,
    prints: &[Fingerprint],
    holders: &BTreeMap<u64, Vec<usize>>,
) -> Vec<Pair> {
    let mut shared = vec![0; prints.len()];
    for hash in &prints[first].0 {
        let others = holders.get(hash).into_iter().flatten();
        for &other in others {
            shared[other] += 1;
        }
    }
    let behind = (first + 1)..prints.len();
    behind
        .filter(|&second| shared[second] > 0)
        .map(|second| Pair {
            first,
            second,
            share: per_cent(
                shared[second],
                prints[first].len().min(prints[second].len()),
            ),
        })
        .collect()
}

fn per_cent(part: usize, whole: usize) -> u32 {
    u32::try_from(part * 100 / whole).expect("a part of at most the whole")
}
