//! Walks over the tokens of a file and applies each rule where it belongs.

use super::macros::{self, Place};
use super::tokens::{Kind, Token};
use super::{attributes, names, paths, test_items};

/// Lines, and what is wrong in each.
pub(super) type Found = Vec<(usize, String)>;

/// Returns what is wrong in a file, in any order.
pub(super) fn look(tokens: &[Token]) -> Found {
    let mut found = Found::new();
    look_at(tokens, Place::Code, &mut found);
    found
}

fn look_at(tokens: &[Token], place: Place, found: &mut Found) {
    let mut at = 0;
    while at < tokens.len() {
        // Arguments of a macro are not items yet: it could drop the attribute.
        if place == Place::Code
            && let Some(end) = test_items::end_of_test_item(tokens, at)
        {
            at = end;
            continue;
        }
        if let Some(attribute) = attributes::attribute(tokens, at) {
            attributes::judge(attribute, found);
        }
        match &tokens[at].kind {
            Kind::Name { text, .. } => look_at_name(text, tokens, at, place, found),
            Kind::Group(_, inner) => look_at(inner, macros::place(tokens, at, place), found),
            Kind::Lifetime | Kind::Literal(_) | Kind::Sign(_) => {}
        }
        at += 1;
    }
}

fn look_at_name(name: &str, tokens: &[Token], at: usize, place: Place, found: &mut Found) {
    let line = tokens[at].line;
    if let Some(what) = names::refused(name) {
        return found.push((line, what));
    }
    if place == Place::Own
        && let Some(what) = macros::refused_in_own(name)
    {
        return found.push((line, what));
    }
    let rest = &tokens[at + 1..];
    match name {
        "extern" if !is_alloc(rest) => found.push((line, EXTERN.to_string())),
        "print" if rest.first().is_some_and(|next| next.is_sign('!')) => {
            found.push((line, PRINT.to_string()));
        }
        "macro_rules" => macros::judge_definition(line, rest, found),
        "as" => macros::judge_new_name(line, rest, found),
        _ => {
            if let Some(root) = paths::root(name) {
                root.judge(line, rest, found);
            }
        }
    }
}

const EXTERN: &str = "`extern` is refused: a kernel has the crates of the hand-out, and no other language's functions";
const PRINT: &str = "`print` writes past the log: use the macros of crate `log`";

/// Whether `crate alloc;` follows.
fn is_alloc(rest: &[Token]) -> bool {
    match rest {
        [first, second, end, ..] => {
            first.word() == Some("crate") && second.name() == Some("alloc") && end.is_sign(';')
        }
        _ => false,
    }
}
