//! The page of `vmlab report` in a real browser: it opens without an error, steps through the run
//! both ways, and its numbers are the machine's. The page tests itself on request
//! (`tools/src/html/selftest.js`); these tests drive a browser and read the result.
//!
//! Without a browser the tests say so and pass; `tests/browser.sh` finds or installs one.

mod support;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use support::vmlab_in;
use testkit::assert_ended;

/// Milliseconds in which a page loads, and in which it shows a step, on a host that many builds share.
/// On an idle one a step takes about 10.
const LOAD: f64 = 30_000.0;
const STEP: f64 = 1000.0;
/// Seconds after which a browser counts as hung.
const PATIENCE: &str = "600";

/// The browser, found or installed once for all tests.
fn browser() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(find_browser).clone()
}

fn find_browser() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser.sh");
    let found = Command::new(script).output().expect("a shell");
    if !found.status.success() {
        let why = String::from_utf8_lossy(&found.stderr);
        assert!(std::env::var_os("VMLAB_BROWSER").is_none(), "{why}");
        // Not by a macro, whose output is hidden for a test that passes.
        writeln!(io::stderr(), "skipped: {}", why.trim()).expect("somebody reads it");
        return None;
    }
    Some(String::from_utf8(found.stdout).unwrap().trim().into())
}

/// Returns the page as the browser has it when all scripts have run, and their error messages.
fn open(browser: &Path, page: &Path, fragment: &str) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("timeout")
        .arg(PATIENCE)
        .arg(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args([
            "--no-first-run",
            "--disable-background-networking",
            "--disable-sync",
        ])
        .args([
            "--disable-component-update",
            "--allow-file-access-from-files",
        ])
        .args(["--enable-logging=stderr", "--window-size=1280,900"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--dump-dom")
        .arg(format!("file://{}{fragment}", page.display()))
        .stdin(Stdio::null())
        .output()
        .expect("the browser starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let messages = text(&output.stderr);
    let console: Vec<_> = messages
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .collect();
    (text(&output.stdout), console.join("\n"))
}

/// The page of a run, at the width of a screen or of a phone, passes its own test.
#[track_caller]
fn passes(code: i32, args: &[&str]) {
    let Some(browser) = browser() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let args = [&["report", "-o", "report.html"], args].concat();
    assert_ended(code, &vmlab_in(folder.path(), &args));
    let phone = folder.path().join("phone.html");
    std::fs::write(&phone, PHONE).unwrap();
    for (page, fragment) in [("report.html", "#selftest"), ("phone.html", "")] {
        let (dom, console) = open(&browser, &folder.path().join(page), fragment);
        let result = dom.split("<pre id=\"selftest\">").nth(1);
        let result = result.and_then(|rest| rest.split("</pre>").next());
        let result = result.unwrap_or_else(|| panic!("{page}: no result; {console}"));
        let result: Value = serde_json::from_str(result).unwrap();
        eprintln!("{page} {args:?}: {result}");
        assert_eq!(result["problems"], Value::Array(vec![]), "{page}");
        assert_eq!(console, "", "{page}");
        assert!(result["load_ms"].as_f64() < Some(LOAD), "{page}: {result}");
        assert!(result["step_ms"].as_f64() < Some(STEP), "{page}: {result}");
        assert!(result["visited"].as_u64() > Some(20), "{page}");
    }
}

/// No browser window is as narrow as a phone, but a frame in it can be.
const PHONE: &str = r#"<!doctype html><body>
<iframe id="phone" src="report.html#selftest" style="width:360px;height:740px;border:0"></iframe>
<script>
const phone = document.getElementById("phone");
phone.onload = () => document.body.append(phone.contentDocument.getElementById("selftest"));
</script>"#;

#[test]
fn a_run_of_several_processes_can_be_stepped_through() {
    passes(0, &["page-parallel", "--frames", "48"]);
}

#[test]
fn forks_and_swap_are_replayed_rightly() {
    passes(0, &["fork-tree", "--frames", "16", "--disk-latency", "300"]);
}

#[test]
fn a_hundred_thousand_events_and_a_run_that_is_cut_off() {
    passes(
        0,
        &["page-shuffle", "--frames", "16", "--max-events", "100000"],
    );
}

#[test]
fn a_killed_run_opens_at_the_kill() {
    passes(1, &["bad-read"]);
}

#[test]
fn the_words_of_a_picture_of_policies_can_be_read_on_a_phone() {
    passes(0, &["hello", "--policies", "8,16"]);
}

#[test]
fn an_address_leads_to_its_step() {
    let Some(browser) = browser() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let args = ["report", "hello", "-o", "report.html"];
    assert_ended(0, &vmlab_in(folder.path(), &args));
    let (dom, console) = open(&browser, &folder.path().join("report.html"), "#step=7");
    assert!(dom.contains(">step 7 / "), "{console}");
}
