//! Input files, made from a seed.
//!
//! # Invariants
//!
//! The same kind, size and seed make the same bytes, on every host and in every version: sums of outputs depend on
//! them.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use machine::random::SplitMix;
use serde::Deserialize;

/// Words on a line of text.
const WORDS_A_LINE: u64 = 9;
/// Distinct words of a text.
const VOCABULARY: u32 = 3000;
/// Groups of the rows of a table.
const GROUPS: u32 = 200;
/// Syllables that words are made of.
const SYLLABLES: [&str; 16] = [
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "we",
];

/// How a file is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Made {
    /// Numbers below a million, one per line.
    Numbers {
        /// The lines.
        lines: u32,
        /// The seed.
        seed: u64,
    },
    /// Nine words per line, of 3,000 of which some are frequent and most are rare.
    Words {
        /// The lines.
        lines: u32,
        /// The seed.
        seed: u64,
    },
    /// The same text, compressed by gzip.
    GzipWords {
        /// The lines of the text.
        lines: u32,
        /// The seed.
        seed: u64,
    },
    /// A table as CSV, with a line of headings: number, group (of 200), two words, amount.
    Table {
        /// The rows.
        rows: u32,
        /// The seed.
        seed: u64,
    },
    /// A C source without headers, whose functions call earlier ones.
    CSource {
        /// The functions.
        functions: u32,
        /// The seed.
        seed: u64,
    },
    /// This text.
    Text {
        /// The text.
        text: String,
    },
}

/// Returns a number below `limit`, of which small ones are more frequent.
fn skewed(random: &mut SplitMix, limit: u32) -> u32 {
    let limit = random.below(limit) + 1;
    random.below(limit)
}

impl Made {
    /// Returns the content of the file.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        match self {
            Made::Numbers { lines, seed } => numbers(*lines, *seed).into_bytes(),
            Made::Words { lines, seed } => words(*lines, *seed).into_bytes(),
            Made::GzipWords { lines, seed } => gzip(words(*lines, *seed).as_bytes()),
            Made::Table { rows, seed } => table(*rows, *seed).into_bytes(),
            Made::CSource { functions, seed } => c_source(*functions, *seed).into_bytes(),
            Made::Text { text } => text.clone().into_bytes(),
        }
    }
}

fn numbers(lines: u32, seed: u64) -> String {
    let mut random = SplitMix::new(seed);
    let lines = (0..lines).map(|_| format!("{}\n", random.below(1_000_000)));
    lines.collect()
}

fn words(lines: u32, seed: u64) -> String {
    let mut random = SplitMix::new(seed);
    let mut text = String::new();
    for _ in 0..lines {
        let line = (0..WORDS_A_LINE).map(|_| word(skewed(&mut random, VOCABULARY)));
        text += &(line.collect::<Vec<_>>().join(" ") + "\n");
    }
    text
}

/// Returns a word of the vocabulary: its number, in syllables.
fn word(number: u32) -> String {
    let mut word = String::new();
    let mut left = number + 1;
    while left > 0 {
        word += SYLLABLES[(left % 16) as usize];
        left /= 16;
    }
    word
}

fn table(rows: u32, seed: u64) -> String {
    let mut random = SplitMix::new(seed);
    let mut text = "number,team,first,second,amount\n".to_owned();
    for row in 1..=rows {
        let team = random.below(GROUPS);
        let [first, second] = [(); 2].map(|()| word(skewed(&mut random, VOCABULARY)));
        let amount = random.below(100_000);
        writeln!(text, "{row},{team},{first},{second},{amount}").expect("a String takes all");
    }
    text
}

fn c_source(functions: u32, seed: u64) -> String {
    let mut random = SplitMix::new(seed);
    let mut text = "static int table[256];\n\n".to_owned();
    for function in 0..functions {
        let [add, mask, shift] = [1000, 255, 7].map(|limit| random.below(limit) + 1);
        let name = word(random.below(VOCABULARY));
        let call = match function {
            0 => "left + right".to_owned(),
            _ => format!("f{}(right, left - 1)", random.below(function)),
        };
        write!(
            text,
            "int f{function}(int left, int right)\n{{\n    int {name}_sum = {add};\n\n    \
             for (int at = 0; at < left; at++) {{\n        {name}_sum += table[at & {mask}] * right;\n        \
             if ({name}_sum & {mask})\n            table[at & 255] ^= {name}_sum >> {shift};\n        \
             else\n            {name}_sum -= at * {add};\n    }}\n    \
             return left > right ? {name}_sum : {call};\n}}\n\n"
        )
        .expect("a String takes all");
    }
    text
}

/// Compresses without a name or a time of day.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut writer = GzBuilder::new().write(Vec::new(), Compression::default());
    let written = writer.write_all(content);
    written
        .and_then(|()| writer.finish())
        .expect("a Vec takes all")
}

#[cfg(test)]
mod tests {
    use host::sha256::Sum;

    use super::*;

    #[track_caller]
    fn is(made: Made, sum: &str) {
        assert_eq!(Sum::of(&made.content()).to_string(), sum, "{made:?}");
    }

    #[test]
    fn a_seed_makes_the_same_bytes_for_ever() {
        let (lines, seed) = (500, 7);
        is(
            Made::Numbers { lines, seed },
            "c9cb7c0adb6a142526bdd75ecc07cf02edcfc7c78fa8feeb0cf65560b4a7c078",
        );
        is(
            Made::Words { lines, seed },
            "9d42e71f5cd0e496c3f9ea4c15d580641985cf201534e0632476448c9ddf410b",
        );
        is(
            Made::GzipWords { lines, seed },
            "7ebca2733be58558b1aed8c4d16fb5a718b85023b5d2b99292a62f3c6f705b83",
        );
        is(
            Made::Table { rows: lines, seed },
            "3a975a2e26677b84b65403bc241c0acecf99f368b4989a2976dfa0dbade29be4",
        );
        let functions = 50;
        is(
            Made::CSource { functions, seed },
            "f55edf8951da0537e66d975c731ee8b8829129a7cd175c072d2318d1752e4dbb",
        );
    }

    #[test]
    fn another_seed_makes_other_bytes_of_as_many_lines() {
        for seed in [1, 2] {
            let text = numbers(100, seed);
            assert_eq!(text.lines().count(), 100);
            assert!(
                text.lines()
                    .all(|line| line.parse::<u32>().unwrap() < 1_000_000)
            );
        }
        assert_ne!(numbers(100, 1), numbers(100, 2));
        assert_eq!(table(10, 1).lines().count(), 11);
        assert!(
            table(10, 1)
                .lines()
                .all(|line| line.split(',').count() == 5)
        );
    }

    #[test]
    fn each_word_is_another_and_some_are_frequent() {
        let mut all: Vec<String> = (0..VOCABULARY).map(word).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), VOCABULARY as usize);
        let text = words(1000, 3);
        let most = text.split_whitespace().filter(|found| *found == word(0));
        let rare = text.split_whitespace().filter(|found| *found == word(2900));
        assert!(most.count() > 10 && rare.count() < 3);
    }

    #[test]
    fn a_compressed_text_is_the_text() {
        let compressed = Made::GzipWords { lines: 50, seed: 1 }.content();
        let mut text = String::new();
        let mut reader = flate2::read::GzDecoder::new(&*compressed);
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
        assert_eq!(text, words(50, 1));
    }
}
