use super::{fine, of, refused};

#[test]
fn items_for_tests_alone_are_not_looked_at() {
    fine("#[cfg(test)] mod t { use std::fs; fn f() { unsafe {} } }");
    fine("#[cfg(test)]\n#[allow(x)]\n/// Text.\npub(crate) mod t { use std::fs; }");
    fine("#[cfg(test)] use std::fs; fn f() {}");
    fine("#[cfg(test)] use std::{fs, net}; fn f() {}");
    fine("mod a { #[cfg(test)] fn f(x: std::fs::File) -> u8 { dbg!(1) } }");
    fine("fn f() { #[cfg(test)] use std::fs; }");
    fine("#[cfg(test)] mod tests;");
}

#[test]
fn a_condition_that_is_not_exactly_test_does_not_count() {
    for condition in [
        "any(test, not(test))",
        "not(test)",
        "all(test)",
        "test,",
        "debug_assertions",
    ] {
        let text = format!("#[cfg({condition})] mod t {{ use std::fs; }}");
        refused(&text, "`std::fs`");
    }
    refused("#[cfg_attr(test, x)] mod t { use std::fs; }", "`std::fs`");
    refused("#[test] fn t() { std::fs::read(\"x\"); }", "`std::fs`");
    refused("#![cfg(test)] use std::fs;", "`std::fs`");
}

#[test]
fn what_comes_behind_an_item_for_tests_is_looked_at() {
    refused("#[cfg(test)] use a; use std::fs;", "`std::fs`");
    refused("#[cfg(test)] use a::{b}; use std::fs;", "`std::fs`");
    refused("#[cfg(test)] mod t {} use std::fs;", "`std::fs`");
    refused("#[cfg(test)] mod t; mod u { use std::fs; }", "`std::fs`");
    refused(
        "#[cfg(test)] fn f() -> X<{ 1 }> {} use std::fs;",
        "`std::fs`",
    );
}

#[test]
fn what_is_no_item_hides_nothing() {
    for text in [
        "struct S { #[cfg(test)] a: u8, b: std::fs::File }",
        "struct S(#[cfg(test)] fn(u8), std::fs::File, X<{ 1 }>);",
        "struct S(#[cfg(test)] impl X, std::fs::File, X<{ 1 }>);",
        "type F = fn(#[cfg(test)] fn(u8), std::fs::File, X<{ 1 }>);",
        "fn f<#[cfg(test)] const N: usize, T: std::fs::X>() {}",
        "fn f(#[cfg(test)] a: u8, b: std::fs::File) {}",
        "fn f() { match x { #[cfg(test)] 1 => {} _ => std::fs::g() } }",
        "fn f() { #[cfg(test)] a(); std::fs::g(); }",
        "fn f() { g(#[cfg(test)] use || 1, std::fs::g, {}) }",
    ] {
        refused(text, "`std::fs`");
    }
}

#[test]
fn in_a_macro_the_attribute_hides_nothing() {
    let found = of("m! { #[cfg(test)] mod t { std::fs } }");
    assert_eq!(found.len(), 2, "{found:?}");
    refused(
        "macro_rules! m { () => { #[cfg(test)] fn f() { std::fs } } }",
        "`std` stands",
    );
    refused(
        "fn f() { assert!({ #[cfg(test)] fn g() { std::fs::h() } }); }",
        "`std::fs`",
    );
}

#[test]
fn a_file_of_such_attributes_is_gone_through_in_one_go() {
    let breaches_in = |text: &str| of(&(text.repeat(100_000) + "; struct S(std::fs::File);")).len();
    assert_eq!(breaches_in("#[cfg(test)] "), 1);
    assert_eq!(breaches_in("#[cfg(test)] use a; "), 1);
    assert_eq!(breaches_in("#[cfg(test)] use a "), 1);
}
