//! Attributes that change what is compiled, or what it is linked with.
//!
//! # Invariants
//! An attribute is judged by its name, also inside `cfg_attr`; its arguments are tokens like all others.
//! Macros cannot give these attributes to an item out of sight: those that need no `unsafe` are for modules
//! and crates, and `mod` is refused in macros of one's own.

use proc_macro2::Delimiter;

use super::look::Found;
use super::tokens::Token;

/// Attributes and what is wrong with each, a text that follows the name.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &["path"],
        "takes a module from elsewhere: a module is in the file of its name",
    ),
    (
        &["debugger_visualizer"],
        "reads a file of the host while the kernel is compiled",
    ),
    (
        &[
            "link",
            "no_mangle",
            "export_name",
            "link_section",
            "used",
            "global_allocator",
        ],
        "is about linking with something other than Rust: a kernel is a crate for the machine alone",
    ),
    (
        &[
            "crate_name",
            "crate_type",
            "feature",
            "no_main",
            "no_std",
            "recursion_limit",
            "type_length_limit",
            "windows_subsystem",
        ],
        "changes how the crate is compiled, which is the same for everybody",
    ),
    (
        &["proc_macro", "proc_macro_attribute", "proc_macro_derive"],
        "is executed by the compiler, on the host",
    ),
];

/// Returns the tokens in the brackets of an attribute that begins at `at`, if one does.
pub(super) fn attribute(tokens: &[Token], at: usize) -> Option<&[Token]> {
    let (hash, rest) = tokens[at..].split_first()?;
    if !hash.is_sign('#') {
        return None;
    }
    let inner = rest.first().is_some_and(|next| next.is_sign('!'));
    rest.get(usize::from(inner))?.group(Delimiter::Bracket)
}

/// Judges the tokens in the brackets of an attribute.
pub(super) fn judge(attribute: &[Token], found: &mut Found) {
    let length = attribute
        .iter()
        .take_while(|token| token.name().is_some() || token.is_sign(':'))
        .count();
    let (path, arguments) = attribute.split_at(length);
    for token in path {
        found.extend(refused(token));
    }
    let conditional = path.last().and_then(Token::name) == Some("cfg_attr");
    if let Some(arguments) = arguments.first().filter(|_| conditional) {
        judge_conditional(arguments, found);
    }
}

/// The attributes of a `cfg_attr`, which come after the condition.
fn judge_conditional(arguments: &Token, found: &mut Found) {
    let arguments = arguments.group(Delimiter::Parenthesis).unwrap_or_default();
    for attribute in arguments.split(|token| token.is_sign(',')).skip(1) {
        judge(attribute, found);
    }
}

fn refused(token: &Token) -> Option<(usize, String)> {
    let name = token.name()?;
    let (_, why) = REFUSED.iter().find(|(names, _)| names.contains(&name))?;
    Some((token.line, format!("the attribute `{name}` {why}")))
}
