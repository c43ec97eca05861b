use proptest::prelude::*;

use super::super::tokens::DEEPEST;
use super::{Sources, breaches, fine, of, refused};

#[test]
fn what_is_no_rust_is_a_breach() {
    for text in [
        "fn f() {", "fn f() }", "(]", "\"", "/* ", "'ab'", "r#\"x\"", "`", "\u{1}",
    ] {
        refused(text, "the file cannot be read as Rust: a bracket");
    }
    assert!(of("\n\nfn f() }")[0].starts_with("3: "));
    let sources = Sources::from([("x.rs".to_string(), b"a\n\nb\xff".to_vec())]);
    let found = breaches(&sources, &Sources::new());
    assert_eq!(
        found[0].to_string(),
        "x.rs:3: the file cannot be read as Rust: it is not UTF-8"
    );
    fine("");
}

#[test]
fn a_first_line_that_rustc_skips_is_a_breach() {
    let script = "the file cannot be read as Rust: a kernel's file does not begin as a script does";
    refused("#!/x \"\nuse std::fs;\n// \"", script);
    refused("\u{feff}#! x \"\nuse std::fs;\n// \"", script);
    refused("---\n\"\n---\nuse std::fs;\n// \"", script);
    fine("#![allow(x)]\nfn f() {}");
    fine("\u{feff}#! [allow(x)]\nfn f() {}");
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth| format!("fn f() {{{}{}}}", "(".repeat(depth), ")".repeat(depth));
    fine(&nested(DEEPEST - 1));
    refused(&nested(DEEPEST), "brackets are nested too deeply");
    refused(&nested(100_000), "brackets are nested too deeply");
    refused(&"(".repeat(100_000), "the file cannot be read as Rust");
    refused(&"/*".repeat(100_000), "the file cannot be read as Rust");
    fine(&format!("{}{}", "/*".repeat(10_000), "*/".repeat(10_000)));
}

/// Pieces that the rules look for, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "std",
        "core",
        "::",
        ":",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "#",
        "!",
        "cfg",
        "(test)",
        "[cfg(test)]",
        "mod",
        "use",
        "fn",
        "x",
        ",",
        ";",
        "*",
        "self",
        "as",
        "io",
        "macro_rules",
        "cfg_attr",
        "extern",
        "crate",
        "alloc",
        "'",
        "\"",
        "r#",
        "/*",
        "*/",
        "//",
        "\n",
        "$",
        "assert",
        "pub",
        "=",
        "1",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.join(" "))
}

/// Pieces of code that is compiled, brackets closed.
fn balanced() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "std",
        "core",
        "::",
        ":",
        "#",
        "!",
        "#[cfg(not(test))]",
        "mod",
        "use",
        "fn",
        "x",
        ",",
        ";",
        "*",
        "self",
        "as",
        "io",
        "macro_rules",
        "cfg_attr",
        "extern",
        "crate",
        "alloc",
        "$",
        "assert",
        "pub",
        "=",
        "1",
        "'a",
        "'\"'",
        "\"'\"",
        "/* \" */",
        "r#\"\"\"#",
        "r#x",
    ]);
    let one = piece.prop_map(str::to_string);
    let nested = one.prop_recursive(4, 40, 8, |one| {
        let inner = prop::collection::vec(one, 0..8).prop_map(|pieces| pieces.join(" "));
        let brackets = prop::sample::select(vec![("(", ")"), ("[", "]"), ("{", "}")]);
        (inner, brackets).prop_map(|(inner, (open, close))| format!("{open}{inner}{close}"))
    });
    prop::collection::vec(nested, 0..20).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let sources = Sources::from([("x.rs".to_string(), text)]);
        let _ = breaches(&sources, &Sources::new());
    }

    #[test]
    fn any_text_is_judged_without_a_panic(text in any::<String>()) {
        of(&text);
    }

    #[test]
    fn any_pieces_are_judged_without_a_panic(text in pieces()) {
        of(&text);
    }

    #[test]
    fn what_stands_before_a_file_of_the_host_does_not_hide_it(before in balanced()) {
        let text = format!("{before}\nfn f() {{ std::fs::read(1); }}");
        let found = of(&text);
        prop_assert!(found.iter().any(|one| one.starts_with("2: ")), "{text}: {found:?}");
    }
}
