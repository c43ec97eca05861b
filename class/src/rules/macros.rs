//! Finds tokens that are passed to a macro, and whether it could recombine them.
//!
//! # Invariants
//! - The macros of std, log, bitflags and smallvec leave paths as they are, and nothing of the student's has
//!   their names: they may not be given to a macro, neither by `macro_rules!` nor by `as`.
//! - The definition of any other macro, and its arguments, contain no word that is harmless only together
//!   with what follows it. `m!(std::vec fs)` could expand to `std::fs`.

use proc_macro2::Delimiter;

use super::look::Found;
use super::tokens::Token;

/// How the tokens at a place are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// rustc reads them as they are.
    Code,
    /// They keep their order, but are not items: between brackets, or arguments of a known macro.
    Kept,
    /// They belong to a macro that may do anything with them.
    Own,
}

/// Macros that leave paths as they are.
const KNOWN: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "bitflags",
    "cfg",
    "column",
    "compile_error",
    "concat",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "error",
    "file",
    "format",
    "format_args",
    "info",
    "line",
    "log",
    "log_enabled",
    "matches",
    "module_path",
    "panic",
    "smallvec",
    "stringify",
    "thread_local",
    "todo",
    "trace",
    "unimplemented",
    "unreachable",
    "vec",
    "warn",
    "write",
    "writeln",
];

/// Words that are judged by what follows them, which a macro could change.
const NOT_IN_OWN: &[&str] = &[
    "std",
    "core",
    "extern",
    "macro_rules",
    "mod",
    "print",
    "use",
];

/// Words before a `!` that is not a macro call, as in `if !(a && b)`.
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "box", "break", "const", "continue", "do", "else", "enum", "fn", "for",
    "if", "impl", "in", "let", "loop", "match", "move", "mut", "pub", "ref", "return", "static",
    "type", "where", "while", "yield",
];

/// The place inside the group at `at` of `tokens`, which are at `outer` themselves.
pub(super) fn place(tokens: &[Token], at: usize, outer: Place) -> Place {
    if outer == Place::Own {
        return Place::Own;
    }
    if let Some(place) = behind_macro(&tokens[..at]) {
        return place;
    }
    match tokens[at].group(Delimiter::Brace) {
        Some(_) => outer,
        None => Place::Kept,
    }
}

/// Returns the place inside a group after these tokens, if they name a macro that gets it.
fn behind_macro(before: &[Token]) -> Option<Place> {
    match before {
        [.., word, bang, _] if is(word, "macro_rules") && bang.is_sign('!') => Some(Place::Own),
        [.., name, bang] if bang.is_sign('!') && !is_keyword(name) => match name.name() {
            Some(name) if KNOWN.contains(&name) => Some(Place::Kept),
            Some(_) => Some(Place::Own),
            None => None,
        },
        _ => None,
    }
}

fn is_keyword(token: &Token) -> bool {
    token.word().is_some_and(|word| KEYWORDS.contains(&word))
}

fn is(token: &Token, name: &str) -> bool {
    token.name() == Some(name)
}

/// Returns why a word must not be in a macro of the student's own, if it must not.
pub(super) fn refused_in_own(name: &str) -> Option<String> {
    NOT_IN_OWN.contains(&name).then(|| {
        format!(
            "`{name}` stands in a macro of one's own, which could put something else behind it: write it \
             outside, where it can be read"
        )
    })
}

/// Judges a definition: what follows `macro_rules` in line `line`.
pub(super) fn judge_definition(line: usize, rest: &[Token], found: &mut Found) {
    match rest {
        [bang, name, ..] if bang.is_sign('!') => match name.name() {
            Some(name) => found.extend(taken(line, name)),
            None => found.push((line, WITHOUT_NAME.to_string())),
        },
        _ => found.push((line, WITHOUT_NAME.to_string())),
    }
}

const WITHOUT_NAME: &str = "`macro_rules` is not followed by `!` and a name";

/// Judges what follows `as`: a new name, or a type.
pub(super) fn judge_new_name(line: usize, rest: &[Token], found: &mut Found) {
    if let Some(name) = rest.first().and_then(Token::name) {
        found.extend(taken(line, name));
    }
}

fn taken(line: usize, name: &str) -> Option<(usize, String)> {
    KNOWN.contains(&name).then(|| {
        (
            line,
            format!("`{name}` is a macro already: one's own has another name"),
        )
    })
}
