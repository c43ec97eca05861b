//! Items that are not compiled when a submission is graded: those under exactly `#[cfg(test)]`.
//!
//! # Invariants
//! - Skipping never goes beyond the item. It ends with the first `;` or `{…}`, and a module, a
//!   `use` and a function end with one of the two, not before the first.
//! - Only these three are skipped. A field, an argument or an arm of a `match` ends with a comma: what comes
//!   after it is compiled. They begin with none of the three: a type begins with `fn`, but has no name after it.
//! - `mod x;` alone is skipped, not its file, which another `mod x;` could name.

use proc_macro2::Delimiter;

use super::tokens::Token;

/// The number of tokens in which an item is looked for, a group counting as one: without a limit, a file of
/// nothing but such attributes would take quadratic time.
const REACH: usize = 256;

/// Returns the index after the item that begins at `at`, if it is compiled for tests only.
pub(super) fn end_of_test_item(tokens: &[Token], at: usize) -> Option<usize> {
    let tokens = &tokens[..tokens.len().min(at + REACH)];
    if !is_for_tests(outer_attribute(tokens, at)?) {
        return None;
    }
    let mut next = at + 2;
    while outer_attribute(tokens, next).is_some() {
        next += 2;
    }
    next = behind_visibility(tokens, next);
    if !begins_item(&tokens[next..]) {
        return None;
    }
    let length = tokens[next..].iter().position(ends_item)?;
    Some(next + length + 1)
}

fn outer_attribute(tokens: &[Token], at: usize) -> Option<&[Token]> {
    let hash = tokens.get(at)?.is_sign('#');
    let group = tokens.get(at + 1)?.group(Delimiter::Bracket);
    group.filter(|_| hash)
}

fn is_for_tests(attribute: &[Token]) -> bool {
    match attribute {
        [cfg, condition] if cfg.word() == Some("cfg") => {
            match condition.group(Delimiter::Parenthesis) {
                Some([test]) => test.word() == Some("test"),
                _ => false,
            }
        }
        _ => false,
    }
}

fn behind_visibility(tokens: &[Token], at: usize) -> usize {
    let is_group = |at: usize| {
        let token = tokens.get(at);
        token.is_some_and(|token| token.group(Delimiter::Parenthesis).is_some())
    };
    match tokens.get(at).and_then(Token::word) {
        Some("pub") => at + 1 + usize::from(is_group(at + 1)),
        _ => at,
    }
}

fn begins_item(tokens: &[Token]) -> bool {
    let name_follows = tokens.get(1).is_some_and(|next| next.name().is_some());
    match tokens.first().and_then(Token::word) {
        Some("mod" | "fn") => name_follows,
        Some("use") => true,
        _ => false,
    }
}

fn ends_item(token: &Token) -> bool {
    token.is_sign(';') || token.group(Delimiter::Brace).is_some()
}
