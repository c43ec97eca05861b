use super::{fine, of, refused};

#[test]
fn macros_of_ones_own_are_there() {
    fine("macro_rules! m { ($($x:expr),*) => { $crate::f(&[$($x),*]) } } fn f() { m!(1, 2); }");
    fine("fn f(a: bool) { if !(a && std::mem::take(&mut b)) { return !(std::mem::take(c)) } }");
    fine("impl !Send for X { fn f() -> ! { std::mem::drop(1); loop {} } }");
}

#[test]
fn a_refused_name_cannot_be_passed_to_a_macro() {
    refused(
        "macro_rules! m { ($i:ident) => { $i!(\"x\") } } m!(include_str);",
        "`include_str`",
    );
    refused(
        "macro_rules! m { ($i:ident) => { $i!(\"x\") } } m!(print);",
        "`print` stands",
    );
    refused("m!(std);", "`std` stands in a macro");
}

#[test]
fn a_path_cannot_be_put_together_by_a_macro() {
    for text in [
        "macro_rules! m { ($s:tt :: $v:tt $f:tt) => { $s::$f::read(\"x\") } } m!(std::vec fs);",
        "macro_rules! m { ($f:ident) => { std::$f::read(\"x\") } } m!(fs);",
        "crate::m! { std::vec }",
        "m![[(std::vec)]];",
        "fn f() { assert!(m!(std::vec)); }",
        "fn f() { m!(assert!(std::vec)); }",
        "fn f() { r#try!(std::vec); }",
    ] {
        refused(text, "`std` stands in a macro of one's own");
    }
    refused("m!(core::cell);", "`core` stands in a macro");
    fine("fn f() { assert!(a == std::mem::take(b), \"{}\", std::mem::size_of::<u8>()); }");
    fine("fn f() { log::info!(\"{}\", std::any::type_name::<u8>()); vec![std::mem::take(x)]; }");
}

#[test]
fn a_macro_gets_no_words_to_build_items_of_the_host_with() {
    let module = "macro_rules! m { ($a:ident) => { #[$a = \"/x\"] mod x; } } m!(path);";
    refused(module, "`mod` stands in a macro");
    refused("m!(path = \"/x\"; mod x;);", "`mod` stands in a macro");
    refused(
        "m!(extern crate alloc; libc);",
        "`extern` stands in a macro",
    );
    refused(
        "macro_rules! m { ($t:tt) => { use crate::own as $t; } }",
        "`use` stands in a macro",
    );
}

#[test]
fn a_known_macro_has_no_namesake() {
    refused(
        "macro_rules! assert { () => {} }",
        "`assert` is a macro already",
    );
    refused(
        "macro_rules! r#vec { () => {} }",
        "`vec` is a macro already",
    );
    refused("use crate::own as matches;", "`matches` is a macro already");
    refused("m!(macro_rules);", "`macro_rules` stands in a macro");
    refused(
        "macro_rules! $n { () => {} }",
        "`macro_rules` is not followed",
    );
    refused("use a::macro_rules;", "`macro_rules` is not followed");
    fine("fn f(vec: u8) -> bool { vec as u8 == 1 && x.matches('a').count() == 1 }");
}

#[test]
fn the_line_is_that_of_the_name() {
    assert_eq!(
        of("m!(\n    a,\n    std\n);")[0].split(':').next(),
        Some("3")
    );
}
