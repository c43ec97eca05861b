//! A Rust file as a tree of tokens.
//!
//! # Invariants
//! - Comments and white space are gone; documentation comments are attributes, as in rustc.
//! - Groups are nested at most [`DEEPEST`] deep, so a function may call itself for each.
//! - Every name that rustc sees in a file is a name here. Where proc-macro2 reads a file differently from
//!   rustc, in the first line alone, the file is refused.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// How deep groups may be nested.
pub(crate) const DEEPEST: usize = 256;

/// A token and where it begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a token is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A name or keyword, without `r#`.
    Name { text: String, raw: bool },
    /// A lifetime or a label.
    Lifetime,
    /// A literal.
    Literal(Literal),
    /// One character of punctuation.
    Sign(char),
    /// The tokens between brackets.
    Group(Delimiter, Vec<Token>),
}

/// The kinds of literals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Literal {
    Number,
    Character,
    Text,
}

/// Why a file has no tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unreadable {
    /// The line, from 1.
    pub line: usize,
    /// A sentence without its full stop.
    pub why: &'static str,
}

const NOT_TEXT: &str = "the file cannot be read as Rust: it is not UTF-8";
const NOT_RUST: &str = "the file cannot be read as Rust: a bracket, a literal or a comment is not closed, or a character \
     is not one of the language";
const FIRST_LINE: &str =
    "the file cannot be read as Rust: a kernel's file does not begin as a script does";
const TOO_DEEP: &str = "brackets are nested too deeply";

/// Returns the tokens of a file.
///
/// # Errors
/// If it cannot be read as Rust, or is nested too deeply.
pub(crate) fn tokens(text: &[u8]) -> Result<Vec<Token>, Unreadable> {
    let text = std::str::from_utf8(text).map_err(|error| not_text(text, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    not_a_script(text)?;
    let tokens = lexed(text);
    // The lexer keeps each text for its spans, which nothing refers to any more.
    proc_macro2::extra::invalidate_current_thread_spans();
    let tokens = tokens?;
    match tokens.first() {
        // rustc removes a block that begins with `---` before it parses the file.
        Some(first) if first.is_sign('-') => Err(Unreadable {
            line: first.line,
            why: FIRST_LINE,
        }),
        _ => Ok(tokens),
    }
}

fn not_text(text: &[u8], valid_up_to: usize) -> Unreadable {
    let before = text[..valid_up_to].iter();
    Unreadable {
        line: 1 + before.filter(|&&byte| byte == b'\n').count(),
        why: NOT_TEXT,
    }
}

/// rustc skips a first line `#!…` that does not begin an attribute. The lexer here does not: a quotation mark
/// there would make it take the code after it for a string.
fn not_a_script(text: &str) -> Result<(), Unreadable> {
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => Err(Unreadable {
            line: 1,
            why: FIRST_LINE,
        }),
        _ => Ok(()),
    }
}

fn lexed(text: &str) -> Result<Vec<Token>, Unreadable> {
    let stream: TokenStream = text
        .parse()
        .map_err(|error: proc_macro2::LexError| Unreadable {
            line: error.span().start().line,
            why: NOT_RUST,
        })?;
    tree(stream, 0)
}

fn tree(stream: TokenStream, depth: usize) -> Result<Vec<Token>, Unreadable> {
    let mut tokens = Vec::new();
    let mut after_quote = false;
    for token in stream {
        let line = token.span().start().line;
        let kind = match token {
            TokenTree::Punct(sign) if sign.as_char() == '\'' => {
                // A quotation mark alone begins a lifetime, whose name comes next.
                after_quote = sign.spacing() == Spacing::Joint;
                continue;
            }
            TokenTree::Ident(_) if after_quote => Kind::Lifetime,
            TokenTree::Ident(name) => named(&name.to_string()),
            TokenTree::Punct(sign) => Kind::Sign(sign.as_char()),
            TokenTree::Literal(literal) => Kind::Literal(literal_kind(&literal.to_string())),
            TokenTree::Group(_) if depth == DEEPEST => {
                return Err(Unreadable {
                    line,
                    why: TOO_DEEP,
                });
            }
            TokenTree::Group(group) => {
                Kind::Group(group.delimiter(), tree(group.stream(), depth + 1)?)
            }
        };
        after_quote = false;
        tokens.push(Token { line, kind });
    }
    Ok(tokens)
}

fn named(written: &str) -> Kind {
    let (text, raw) = match written.strip_prefix("r#") {
        Some(text) => (text, true),
        None => (written, false),
    };
    Kind::Name {
        // rustc normalises names (NFC), which makes an ASCII letter of one other character: the Kelvin sign.
        text: text.replace('\u{212a}', "K"),
        raw,
    }
}

fn literal_kind(written: &str) -> Literal {
    // At most a prefix is before the quotation mark; what comes after it does not matter.
    match written.find(['"', '\'']).map(|at| written.as_bytes()[at]) {
        Some(b'"') => Literal::Text,
        Some(_) => Literal::Character,
        None => Literal::Number,
    }
}

impl Token {
    /// The name, if it is one.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The name, if it is one and is written without `r#`, as a keyword is.
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name { text, raw: false } => Some(text),
            _ => None,
        }
    }

    /// Whether it is this character of punctuation.
    pub(crate) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    /// Returns the tokens between these brackets, if it is such a group.
    pub(crate) fn group(&self, delimiter: Delimiter) -> Option<&[Token]> {
        match &self.kind {
            Kind::Group(own, inner) if *own == delimiter => Some(inner),
            _ => None,
        }
    }
}

/// What follows `::` if `tokens` begin with it.
pub(crate) fn after_colons(tokens: &[Token]) -> Option<&[Token]> {
    match tokens {
        [first, second, rest @ ..] if first.is_sign(':') && second.is_sign(':') => Some(rest),
        _ => None,
    }
}
