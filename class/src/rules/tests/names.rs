use super::super::names;
use super::{fine, of, refused};

#[test]
fn a_refused_name_is_refused_wherever_it_stands() {
    for name in [
        "include",
        "include_str",
        "include_bytes",
        "env",
        "option_env",
        "asm",
        "global_asm",
        "naked_asm",
        "println",
        "eprint",
        "eprintln",
        "dbg",
        "stdin",
        "stdout",
        "stderr",
        "pipe",
        "FileDisk",
        "RandomState",
        "concat_idents",
        "trace_macros",
        "unsafe",
        "__private",
    ] {
        let starts = format!("`{name}` ");
        refused(&format!("fn f() {{ {name}!(\"x\"); }}"), &starts);
        refused(&format!("use a::{name} as x;"), &starts);
        refused(&format!("m!({name});"), &starts);
        refused(&format!("#[doc = {name}!(\"x\")] struct S;"), &starts);
        refused(
            &format!("macro_rules! m {{ () => {{ {name}!() }} }}"),
            &starts,
        );
        refused(&format!("fn f() {{ r#{name}; }}"), &starts);
        fine(&format!("// {name}!\nfn f() {{ \"{name}\"; x{name}(); }}"));
    }
}

#[test]
fn names_are_refused_inside_the_macros_that_are_known() {
    refused("fn f() { concat!(env!(\"HOME\")); }", "`env`");
    refused(
        "fn f() { assert!(io::stdin().lines().next().is_none()); }",
        "`stdin`",
    );
}

#[test]
fn unsafe_has_its_own_sentence() {
    assert_eq!(
        of("\nunsafe impl Send for X {}"),
        ["2: `unsafe` is refused: kernels here are written without `unsafe`"]
    );
    fine("#![forbid(unsafe_code)]");
}

#[test]
fn print_is_refused_as_a_macro_alone() {
    refused("fn f() { print!(\"x\"); }", "`print` writes past the log");
    fine("impl X { fn print(&self) { self.print(); write!(self, \"x\"); log::info!(\"x\"); } }");
}

#[test]
fn comments_and_strings_say_what_they_like() {
    fine("//! std::fs\n/// std::fs\n/** std::fs */ fn f() {} /* /* std::fs */ unsafe */ // env!()");
    fine("fn f() { \"std::fs\"; r#\"std::fs \"unsafe\" \"#; b\"std\"; br##\"std\"##; c\"std\"; }");
    fine("fn f(c: char) { if c == '\"' || c == '\\'' { g('\"') } }");
    refused("fn f() { '\"'; std::fs::read(\"\"); '\"' }", "`std::fs`");
    refused("/* /* */ */ use std::fs; /* */", "`std::fs`");
    refused(
        "fn f<'a>(x: &'a str) -> &'a str { std::env!(\"x\") }",
        "`env`",
    );
}

#[test]
fn a_name_that_rustc_normalises_to_another_is_that_other() {
    // No name that is refused has a capital K today; the two are the same name here all the same.
    assert_eq!(names::refused("K"), None);
    refused("macro_rules! m { () => { __\u{212a} } }", "`__K`");
}

#[test]
fn attributes_are_refused_by_name() {
    for (name, text) in [
        ("path", "# [path = \"/etc/passwd\"] mod x;"),
        ("path", "#[r#path = \"/etc/passwd\"] mod x;"),
        ("path", "#[cfg_attr(all(), path = \"/etc/passwd\")] mod x;"),
        (
            "path",
            "#[cfg_attr(all(), cfg_attr(all(), inline, path = \"x\"))] mod x;",
        ),
        ("path", "#[cfg_attr(all(), allow(x), path = \"x\")] mod x;"),
        ("path", "#![path = \"x\"]"),
        ("path", "mod a { #![path = \"x\"] }"),
        ("link", "#[link(name = \"c\")] mod x {}"),
        ("no_mangle", "#[no_mangle] fn f() {}"),
        ("export_name", "#[export_name = \"x\"] fn f() {}"),
        (
            "link_section",
            "#[link_section = \".init\"] static X: u8 = 0;",
        ),
        ("global_allocator", "#[global_allocator] static X: A = A;"),
        (
            "global_allocator",
            "#[a::global_allocator] static X: A = A;",
        ),
        ("used", "#[used] static X: u8 = 0;"),
        ("feature", "#![feature(rustc_private)]"),
        ("recursion_limit", "#![recursion_limit = \"9999\"]"),
        ("type_length_limit", "#![type_length_limit = \"9999\"]"),
        ("proc_macro", "#[proc_macro] fn f() {}"),
        ("proc_macro_derive", "#[proc_macro_derive(X)] fn f() {}"),
        ("no_std", "#![no_std]"),
        ("no_main", "#![cfg_attr(all(), no_main)]"),
        ("windows_subsystem", "#![windows_subsystem = \"console\"]"),
        ("crate_type", "#![crate_type = \"dylib\"]"),
        ("crate_name", "#![crate_name = \"x\"]"),
        (
            "debugger_visualizer",
            "#![debugger_visualizer(gdb_script_file = \"/x\")]",
        ),
    ] {
        refused(text, &format!("the attribute `{name}` "));
    }
}

#[test]
fn what_is_no_attributes_name_is_not_judged_as_one() {
    fine("#[error(\"{}: {} used\", .path, used)] struct E { path: String, used: u8 }");
    fine("#[cfg(feature = \"x\")] #[derive(Debug)] #[must_use] fn path(used: u8) { a[path]; }");
    fine("#[cfg_attr(feature = \"x\", inline)] #[macro_export] macro_rules! m { () => {} }");
    fine("#[allow(unsafe_code)] fn f() {}");
}
