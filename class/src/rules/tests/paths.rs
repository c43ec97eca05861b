use super::{fine, of, refused};

#[test]
fn modules_that_compute_are_there_and_modules_of_the_host_are_not() {
    for module in ["fmt", "collections", "rc", "sync", "u8", "vec"] {
        fine(&format!("use std::{module};"));
        fine(&format!("fn f() {{ ::std::{module}::g(); }}"));
    }
    for module in [
        "fs",
        "net",
        "process",
        "env",
        "os",
        "path",
        "time",
        "thread",
        "backtrace",
        "alloc",
        "arch",
        "ffi",
        "intrinsics",
        "simd",
        "panic",
    ] {
        let found = of(&format!("use std::{module};"));
        let what = format!("1: `std::{module}` is not there for a kernel");
        assert!(found.iter().any(|one| one.starts_with(&what)), "{found:?}");
    }
    refused("use ::std::fs;", "`std::fs` is not there for a kernel");
    refused("use r#std::fs;", "`std::fs`");
    refused("use std::r#fs;", "`std::fs`");
    refused("fn f() { <std::fs::File>::open(\"x\"); }", "`std::fs`");
    refused("use crate::std::fs;", "`std::fs`");
}

#[test]
fn each_branch_of_a_group_is_judged() {
    fine("use std::{collections::{BTreeMap, BTreeSet}, fmt::{self, Write as _}, mem,};");
    refused("use std::{collections::BTreeMap, fs};", "`std::fs`");
    refused("use std::{{{fs}}, fmt};", "`std::fs`");
    refused("use std::{fs::{self, File}};", "`std::fs`");
    refused("use std::{fs as fmt};", "`std::fs`");
}

#[test]
fn std_is_not_bound_to_another_name_nor_imported_whole() {
    for text in [
        "use std;",
        "use std as s;",
        "use {std as s};",
        "use {std};",
        "use std::{self as s};",
        "use std::{self, fmt};",
        "use std::self;",
        "use std::*;",
        "use std::{*};",
        "fn std() {}",
        "use std::",
        "mod std;",
    ] {
        refused(text, "`std` stands without `::` and a module");
    }
    fine("fn f<'std>(x: &'std u8) { 'std: loop { break 'std; } }");
    fine("use std::{};");
}

#[test]
fn some_modules_are_there_in_part() {
    fine("use std::io;");
    fine("use std::{fmt, io};");
    fine("use std::{io, fmt};");
    fine("use std::io::{self, Error, ErrorKind};");
    fine("fn f() -> std::io::Result<()> { Err(std::io::ErrorKind::Other.into()) }");
    refused("use std::io as x;", "`std::io` is not there");
    refused("use std::{io as x, fmt};", "`std::io` is not there");
    refused("use std::io::{self as x};", "`std::io` is not there");
    refused("use std::io::*;", "`std::io` is not there");
    refused(
        "use std::io::{Error, repeat};",
        "`std::io::repeat` is not there",
    );
    fine("fn f() { std::panic::Location::caller(); assert!(std::thread::panicking()); }");
    fine("use std::{panic::Location, thread::panicking};");
    refused(
        "use std::panic::catch_unwind;",
        "`std::panic::catch_unwind`",
    );
    refused(
        "use std::panic::{self, Location};",
        "`std::panic` is not there",
    );
    refused("use std::thread;", "`std::thread` is not there");
    refused("fn f() { std::thread::spawn(g); }", "`std::thread::spawn`");
}

#[test]
fn core_is_there_but_for_the_processors_instructions() {
    fine("use core::{cell::Cell, time::Duration};");
    refused("use core::arch::x86_64;", "`core::arch` is not there");
    refused("use core::{fmt, intrinsics};", "`core::intrinsics`");
    refused("use core as c;", "`core` stands without");
    refused("use core::*;", "`core` stands without");
}

#[test]
fn macros_of_std_are_judged_by_their_names() {
    fine("fn f() { std::panic!(\"x\"); std::assert!(true); }");
    refused("fn f() { std::println!(\"x\"); }", "`println`");
    refused("use std::print as p;", "`std::print` is not there");
}

#[test]
fn extern_is_refused_but_for_alloc() {
    fine("extern crate alloc; use alloc::vec::Vec; fn f(x: X) { x.alloc(); }");
    refused("extern crate alloc as a;", "`extern` is refused");
    refused("extern crate libc;", "`extern` is refused");
    refused(
        "extern \"C\" { fn getpid() -> i32; }",
        "`extern` is refused",
    );
    refused("pub extern \"C\" fn f() {}", "`extern` is refused");
}
