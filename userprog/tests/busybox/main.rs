//! A real program: Debian's static busybox for the i386 does under this kernel what it does under Linux, with
//! few frames and with many.
//!
//! The package is fetched once, into the checkout's `target`, by `apt-get` with lists of its own; nothing is
//! installed. Where that cannot be done, or where the host runs no i386 programs, the tests say so and are
//! skipped, unless `VMLAB_REQUIRE_BUSYBOX` is set.

mod applets;
mod package;
mod side_by_side;

use side_by_side::differences;
use small::side_by_side::Case;

/// Compares what each command does.
fn same(cases: &[Case]) {
    let Some(busybox) = package::busybox() else {
        return;
    };
    let different: Vec<String> = cases
        .iter()
        .flat_map(|case| differences(case, busybox))
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Numbers in no order, a line each, always the same.
fn numbers(count: u32) -> Vec<u8> {
    let number = |index: u32| index.wrapping_mul(2_654_435_761) % 1_000_003;
    let lines = (1..=count).map(|index| format!("{}\n", number(index)));
    lines.collect::<String>().into_bytes()
}

/// A text of some words, always the same.
fn text(lines: u32) -> Vec<u8> {
    const WORDS: [&str; 8] = [
        "page", "frame", "fault", "swap", "clock", "region", "dirty", "pin",
    ];
    let word = |at: u32| WORDS[(at.wrapping_mul(2_246_822_519) >> 13) as usize % WORDS.len()];
    let line = |line: u32| {
        format!(
            "{line} {} {} {}\n",
            word(line),
            word(line + 7),
            word(line * 3)
        )
    };
    (1..=lines).map(line).collect::<String>().into_bytes()
}

fn case(words: &str) -> Case {
    Case::new(words.split(' '))
        .file("numbers", &numbers(3000))
        .file("text", &text(800))
}

#[test]
fn applets_that_work_on_text() {
    same(&[
        case("echo hello world"),
        case("cat text"),
        case("cat text numbers text"),
        case("wc text numbers"),
        case("head -n 7 text"),
        case("tail -n 7 text"),
        case("grep -n swap text"),
        case("grep -c -v page text"),
        case("sed s/page/PAGE/g text"),
        case("cut -d  -f2,3 text"),
        case("tr a-z A-Z").input(&text(50)),
        case("rev text"),
        case("nl text"),
        case("fold -w 11 text"),
        case("seq 1 7 500"),
        case("uniq -c text"),
        case("tac numbers"),
        case("od -c text"),
        case("hexdump -C numbers"),
        case("strings busybox"),
        case("no-such-applet"),
        case("cat no-such-file"),
    ]);
}

#[test]
fn applets_that_need_memory() {
    same(&[
        case("sort -n numbers"),
        case("sort -r text"),
        case("gzip -c text"),
        case("bzip2 -c text"),
        case("md5sum text numbers"),
        case("sha256sum text numbers busybox"),
        case("sha512sum busybox"),
        case("tar c text numbers"),
    ]);
}

#[test]
fn programs_in_languages_of_their_own() {
    same(&[
        Case::new([
            "awk",
            "{ n[$2]++; s += $1 } END { for (w in n) print w, n[w] | \"cat\"; print s }",
        ])
        .input(b""),
        Case::new([
            "awk",
            "{ s += $1 } END { print NR, s, s / NR, sqrt(s), sin(s) }",
            "numbers",
        ])
        .file("numbers", &numbers(3000)),
        Case::new(["bc"]).input(b"2^200\n7/3\nscale=30\n7/3\nsqrt(2)\n"),
        Case::new(["dc", "-e", "2 300 ^ p"]),
        Case::new(["sed", "-n", "/fault/{s/^[0-9]*/<&>/;p}", "text"]).file("text", &text(300)),
    ]);
}

#[test]
fn applets_that_change_files() {
    same(&[
        case("cp text copy"),
        case("mv text moved"),
        case("rm text"),
        case("gzip text"),
        case("touch new"),
        case("mkdir -p a/b/c"),
        case("ls -1"),
        case("dd if=text of=part bs=1000 skip=1 count=3"),
        case("split -l 100 text"),
        case("tee copy").input(&text(30)),
        case("truncate -s 5000 numbers"),
        case("sed -i s/swap/SWAP/ text"),
        case("sort -o text text"),
        case("test -f text"),
        case("test -f none"),
        case("stat -c %s-%F text"),
        case("find . -name text"),
        case("cmp text numbers"),
        case("diff text numbers"),
    ]);
}

/// A script for busybox' shell.
fn script(commands: &str) -> Case {
    Case::new(["sh", "-c", commands])
        .file("numbers", &numbers(3000))
        .file("text", &text(800))
}

#[test]
fn shells_with_pipes_and_many_processes() {
    same(&[
        script("echo a | cat"),
        script(
            "cat text | ./busybox grep swap | ./busybox sort | ./busybox uniq -c | ./busybox wc",
        ),
        script("for i in 1 2 3 4 5; do echo $i; done | ./busybox tac"),
        script("./busybox gzip -c text | ./busybox gunzip -c | ./busybox cmp - text && echo same"),
        script("./busybox tar c text numbers | ./busybox tar tv"),
        script("./busybox yes | ./busybox head -n 3"),
        script("./busybox seq 1 100000 | ./busybox tail -n 2"),
        script("x=$(./busybox wc -l < text); echo \"$x lines\""),
        script("exit 7"),
        script("./busybox false || echo failed; ./busybox true && echo fine"),
        script("(echo one; echo two >&2; exit 3); echo $?"),
        script("./busybox sort -n numbers > sorted; ./busybox md5sum sorted"),
        script("mkdir d; cd d; echo x > y; ls; cat y; cd ..; rm -r d"),
        script("./busybox find . -name 't*' -exec ./busybox echo found {} ';'"),
        script("echo text numbers | ./busybox xargs ./busybox wc -l"),
        script("cat > here <<END\nline $((6 * 7))\nEND\ncat here"),
        script("nonsense-command; echo $?"),
        script(
            "f() { local n=$1; [ $n -le 1 ] && echo 1 || echo $(( n * $(f $((n - 1))) )); }; f 6",
        ),
        script("echo abc > a; echo def >> a; read x < a; echo $x; set -- q w e; echo $# $2"),
        script("./busybox awk '{ print $2 | \"./busybox sort | ./busybox uniq -c\" }' text"),
        script("i=0; while [ $i -lt 50 ]; do i=$((i + 1)); ./busybox true; done; echo $i"),
        script("./busybox sleep 0.01 & wait; echo waited"),
        script(
            "umask 027; echo x > f; mkdir -m 710 d; ./busybox install -m 705 f g; chmod u+x,o=r f; ./busybox stat -c '%A %n' f d g",
        ),
        script("echo 'echo ran' > s; ./s; echo $?; chmod +x s; ./s; mv s t; ./t"),
    ]);
}

#[test]
fn signals_come_and_are_handled() {
    same(&[
        script("trap 'echo caught' USR1; kill -USR1 $$; echo after"),
        script("trap 'echo leaving' EXIT; echo staying"),
        script("trap '' TERM; kill -TERM $$; echo ignored"),
        script("./busybox sleep 100 & kill -9 $!; wait $!; echo $?"),
        script("./busybox sh -c 'kill -TERM $$'; echo $?"),
        script("./busybox sh -c 'kill -SEGV $$'; echo $?"),
        script("kill -0 $$ && echo there; kill -0 99999 2>/dev/null || echo gone"),
        script("trap 'echo child' CHLD; ./busybox true; echo done"),
        script("(trap 'echo pipe; exit 1' PIPE; ./busybox yes) | ./busybox head -n 1"),
    ]);
}
