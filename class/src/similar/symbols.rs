//! A file's tokens as symbols, without the details that a plagiarist would change first.
//!
//! # Invariants
//! - All names are one symbol, all lifetimes one, all literals of a kind one. Keywords, punctuation and
//!   brackets are themselves.
//! - Documentation comments are comments here: they leave no symbol.

use proc_macro2::Delimiter;

use crate::rules::tokens::{Kind, Literal, Token};

/// The words that are not names, those of Rust's grammar.
const KEYWORDS: &[&str] = &[
    "_", "Self", "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else",
    "enum", "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod",
    "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "type", "unsafe", "use", "where", "while",
];

/// Returns the symbols of a file.
pub(super) fn symbols(tokens: &[Token]) -> Vec<u64> {
    let mut symbols = Vec::new();
    add(tokens, &mut symbols);
    symbols
}

fn add(tokens: &[Token], symbols: &mut Vec<u64>) {
    let mut rest = tokens;
    while let Some((token, behind)) = rest.split_first() {
        if let Some(behind) = behind_documentation(rest) {
            rest = behind;
            continue;
        }
        match &token.kind {
            Kind::Group(delimiter, inner) => {
                let (open, close) = brackets(*delimiter);
                symbols.push(hash(open));
                add(inner, symbols);
                symbols.push(hash(close));
            }
            Kind::Name { text, raw } => symbols.push(hash(name(text, *raw))),
            Kind::Lifetime => symbols.push(hash("a lifetime")),
            Kind::Literal(literal) => symbols.push(hash(kind_of(*literal))),
            Kind::Sign(sign) => symbols.push(hash(sign.encode_utf8(&mut [0; 4]))),
        }
        rest = behind;
    }
}

/// What follows `#[doc = "…"]` or `#![doc = "…"]`, as which the lexer reads documentation comments.
fn behind_documentation(tokens: &[Token]) -> Option<&[Token]> {
    let (group, rest) = match tokens {
        [hash, bang, group, rest @ ..] if hash.is_sign('#') && bang.is_sign('!') => (group, rest),
        [hash, group, rest @ ..] if hash.is_sign('#') => (group, rest),
        _ => return None,
    };
    match group.group(Delimiter::Bracket) {
        Some([doc, equals, text]) if doc.word() == Some("doc") && equals.is_sign('=') => {
            matches!(text.kind, Kind::Literal(_)).then_some(rest)
        }
        _ => None,
    }
}

fn name(text: &str, raw: bool) -> &str {
    if !raw && KEYWORDS.contains(&text) {
        text
    } else {
        "a name"
    }
}

fn kind_of(literal: Literal) -> &'static str {
    match literal {
        Literal::Number => "a number",
        Literal::Character => "a character",
        Literal::Text => "a text",
    }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// FNV-1a of 64 bits: the same on every machine and in every version.
pub(super) fn hash(bytes: impl AsRef<[u8]>) -> u64 {
    bytes
        .as_ref()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}
