//! Sixty applets and more, each with a small input, on many machines.
//!
//! # Invariants
//! - Each applet runs with 8, 16, 64 and 4,096 frames under the usual policy.
//! - With [`PRESSED`] frames, each runs under two of all pairs of a policy and a setting of kernel aliases. The
//!   pairs go round in each kind of applet, which has half as many applets as there are pairs at least: so every
//!   pair meets every kind, and which ones meet is always the same.
//! - What comes of it is what comes of it on the host: 8 frames are enough for each of these.

use std::collections::BTreeSet;

use machine::paging::KernelHalf;
use small::side_by_side::Case;
use vm::{AliasPolicy, PolicyKind};

use super::side_by_side::{Kind, differences_on};
use super::{numbers, package, text};

/// Frames with which any of the applets evicts.
const PRESSED: u32 = 16;
/// How many different applets there are at least.
const APPLETS: usize = 60;

/// Those that read lines and write others.
const FILTERS: [&str; 18] = [
    "cat -n text",
    "wc text",
    "head -n 5 text",
    "tail -n 5 text",
    "cut -c 3-9 text",
    "rev text",
    "nl text",
    "fold -w 9 text",
    "tac text",
    "uniq -c text",
    "expand -t 4 text",
    "unexpand -a text",
    "paste text numbers",
    "tr a-m n-z",
    "ascii",
    "strings text",
    "shuf -n 0 text",
    "tee",
];
/// Those that look for something, or put in order.
const SEARCHES: [&str; 10] = [
    "grep -n swap text",
    "egrep fr|pin text",
    "fgrep -c page text",
    "sort text",
    "sort -nr numbers",
    "cmp text numbers",
    "diff text numbers",
    "readlink text",
    "find . -name text",
    "which none",
];
/// Those that compute, and that make bytes of bytes.
const CODES: [&str; 17] = [
    "md5sum text",
    "sha1sum text",
    "sha256sum text",
    "sha512sum text",
    "sha3sum text",
    "ipcalc -n 10.1.2.3/8",
    "base64 text",
    "uuencode text copy",
    "gzip -c text",
    "bzip2 -c text",
    "od -x text",
    "hexdump -C text",
    "xxd text",
    "crc32 text",
    "factor 1234567890",
    "seq 1 3 30",
    "lzop -c text",
];
/// Those that change files.
const CHANGES: [&str; 17] = [
    "cp text copy",
    "mv text moved",
    "rm text",
    "mkdir -p a/b",
    "touch new",
    "truncate -s 99 text",
    "dd if=text of=part bs=100 skip=1 count=3",
    "unix2dos text",
    "sed -i s/swap/SWAP/ text",
    "tar cf archive.tar text",
    "unlink text",
    "mktemp -u -p . none",
    "stat -c %s-%F text",
    "ls -1",
    "rmdir none",
    "fallocate -l 5000 new",
    "patch small fix",
];
/// Those that have a language of their own, or start others.
const PROGRAMS: [&str; 18] = [
    "awk { n[$2]++ } END { print n[\"page\"], sqrt(2) } text",
    "sed -n /swap/p text",
    "bc -q sum",
    "dc -e 2 100 ^ p",
    "expr 6 * 7",
    "sh -c echo $((6*7)) | ./busybox cat",
    "sh script",
    "xargs ./busybox echo got",
    "env -i A=b ./busybox env",
    "printf %05d-%s\\n 42 x",
    "echo hello world",
    "test -f text",
    "basename a/b.c .c",
    "dirname a/b.c",
    "timeout 5 ./busybox echo in time",
    "cal 9 2001",
    "true",
    "false",
];

/// Words by their spaces; the first two kinds of programs have one word with spaces in it.
fn words(line: &'static str) -> Vec<&'static str> {
    if let Some(rest) = line.strip_prefix("awk ") {
        let (program, file) = rest.rsplit_once(' ').expect("a program and a file");
        return vec!["awk", program, file];
    }
    for start in ["sh -c ", "dc -e "] {
        if let Some(rest) = line.strip_prefix(start) {
            let mut words: Vec<&str> = start.split_whitespace().collect();
            words.push(rest);
            return words;
        }
    }
    line.split(' ').collect()
}

fn case(line: &'static str) -> Case {
    const SCRIPT: &[u8] = b"for i in 1 2 3; do echo line $i; done | ./busybox sort -r > sorted\n\
                            read x < sorted; echo \"$x\"; exit 3\n";
    const FIX: &[u8] = b"--- small\n+++ small\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n";
    Case::new(words(line))
        .file("text", &text(60))
        .file("numbers", &numbers(60))
        .file("sum", b"2^70\n7/3\nscale=20\n7/3\nquit\n")
        .file("script", SCRIPT)
        .file("small", b"one\ntwo\nthree\n")
        .file("fix", FIX)
        .input(&text(20))
}

/// All pairs of a policy and a setting of aliases.
fn pairs() -> Vec<(PolicyKind, AliasPolicy)> {
    let aliases = [AliasPolicy::Sync, AliasPolicy::UserAddress];
    let policies = vm::POLICIES.all();
    let pairs = policies
        .into_iter()
        .flat_map(|policy| aliases.map(|alias| (policy, alias)));
    pairs.collect()
}

/// The machines on which the applet at this place of its kind runs.
fn machines(at: usize) -> Vec<Kind> {
    let usual = |frames| Kind {
        frames,
        half: KernelHalf::Shared,
        policy: PolicyKind::default(),
        alias: AliasPolicy::Sync,
    };
    let pairs = pairs();
    let chosen = [2 * at, 2 * at + 1].map(|index| pairs[index % pairs.len()]);
    let pressed = chosen.map(|(policy, alias)| Kind {
        policy,
        alias,
        ..usual(PRESSED)
    });
    [8, 16, 64, 4096]
        .map(usual)
        .into_iter()
        .chain(pressed)
        .collect()
}

/// Compares what each applet of a kind does.
fn same(kind: &[&'static str]) {
    let Some(busybox) = package::busybox() else {
        return;
    };
    let compare = |(at, line): (usize, &&'static str)| -> Vec<String> {
        differences_on(&case(line), busybox, &machines(at))
    };
    let different: Vec<String> = kind.iter().enumerate().flat_map(compare).collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

const KINDS: [&[&str]; 5] = [&FILTERS, &SEARCHES, &CODES, &CHANGES, &PROGRAMS];

#[test]
fn every_policy_meets_every_kind_of_applet() {
    let applets: BTreeSet<&str> = KINDS
        .iter()
        .flat_map(|kind| kind.iter())
        .map(|line| words(line)[0])
        .collect();
    assert!(applets.len() >= APPLETS, "{}", applets.len());
    for kind in KINDS {
        assert!(2 * kind.len() >= pairs().len());
    }
}

#[test]
fn filters_do_what_they_do_on_the_host() {
    same(&FILTERS);
}

#[test]
fn searches_do_what_they_do_on_the_host() {
    same(&SEARCHES);
}

#[test]
fn sums_and_codes_are_those_of_the_host() {
    same(&CODES);
}

#[test]
fn files_are_changed_as_on_the_host() {
    same(&CHANGES);
}

#[test]
fn programs_of_applets_do_what_they_do_on_the_host() {
    same(&PROGRAMS);
}
