//! The `vmlab` command as users call it: what it prints where, and its exit codes.

mod support;

use std::path::Path;
use std::process::Output;

use support::vmlab_in;
use testkit::ended;

fn vmlab(args: &[&str]) -> Output {
    vmlab_in(Path::new("."), args)
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// The command fails with code 2, prints nothing on standard output, and its message has `what`.
#[track_caller]
fn refused(args: &[&str], what: &str) {
    let (out, messages) = ended(2, &vmlab(args));
    assert_eq!(out, "", "{args:?}");
    assert!(messages.contains(what), "{args:?}: {messages}");
}

#[test]
fn help_has_an_example_and_the_exit_codes_of_each_subcommand() {
    let commands = [
        "list",
        "grade",
        "merge",
        "new-test",
        "handout",
        "lab",
        "gradescope",
    ];
    for command in commands {
        let output = vmlab(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("Example"), "{command}");
        assert!(
            stdout(&output).contains(&format!("vmlab {command}")),
            "{command}"
        );
        assert!(stdout(&output).contains("Exit codes:"), "{command}");
    }
    assert_eq!(vmlab(&["--help"]).status.code(), Some(0));
    assert_eq!(vmlab(&["--version"]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    refused(&[], "Usage");
    refused(&["fly"], "fly");
    refused(&["gade"], "grade");
    refused(&["grade", "--fail"], "--failed");
    refused(
        &["grade", "--only", "page-liner"],
        "did you mean page-linear?",
    );
    refused(
        &["grade", "--only", "vm/page-liner"],
        "did you mean vm/page-linear?",
    );
    refused(&["grade", "--tag", "swpa"], "did you mean swap?");
    refused(&["grade", "--suite", "vmm"], "did you mean vm?");
    refused(&["grade", "--policy", "colck"], "clock");
    refused(&["grade", "--report", "juint"], "did you mean junit?");
    refused(&["grade", "--frames", "10K"], "8K or 12K is");
    refused(&["grade", "--swap-slots", "32G"], "0 to 4194304");
    refused(&["list", "--suite", "hostil"], "did you mean hostile?");
    refused(&["grade", "--policy", "best"], "ws-clock");
    refused(&["grade", "--slot-allocator", "best"], "clustered");
    refused(&["grade", "--policy", "BEST"], "lower-case letters");
    refused(&["list", "--suite", "no-such"], "vm");
    refused(&["grade", "--suite", "no-such"], "vm");
    refused(
        &["grade", "--only", "no-such-test"],
        "no test is called 'no-such-test'",
    );
    refused(&["grade", "--jobs", "0"], "--jobs");
}

#[test]
fn the_tools_commands_are_listed_as_the_tools_list_them() {
    let list = |output: Output| -> Vec<String> {
        let help = stdout(&output).to_owned();
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let commands = commands.take_while(|line| line.starts_with("  "));
        commands
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    let all = list(vmlab(&["--help"]));
    let machine = support::programs::machine();
    let tools = std::process::Command::new(machine.with_file_name("vmlab-tools"))
        .arg("--help")
        .output();
    let tools = list(tools.unwrap());
    assert!(tools.len() > 7 && all.len() > tools.len(), "{all:?}");
    for line in tools {
        assert!(all.contains(&line), "{line}");
    }
}

#[test]
fn a_command_of_the_tools_is_handed_on_with_all_its_words() {
    let direct = vmlab(&["run", "args-multiple", "--frames=16", "--", "-x", "--help"]);
    assert_eq!(direct.status.code(), Some(0), "{}", stderr(&direct));
    assert!(stdout(&direct).contains("'--help'"), "{}", stdout(&direct));
    let refusal = vmlab(&["run", "--fames", "64", "hello"]);
    assert_eq!(refusal.status.code(), Some(2));
    for help in [vmlab(&["run", "--help"]), vmlab(&["help", "run"])] {
        assert_eq!(help.status.code(), Some(0));
        assert!(
            stdout(&help).contains("vmlab run page-linear --frames 64"),
            "{}",
            stdout(&help)
        );
    }
}

#[test]
fn the_list_has_every_program() {
    let output = vmlab(&["list", "--json"]);
    let list: Vec<serde_json::Value> = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(list.len(), images::programs().len());
    let lines = stdout(&vmlab(&["list"])).lines().count();
    assert_eq!(lines, list.len());
    let vm = vmlab(&["list", "--suite", "vm"]);
    assert!(
        stdout(&vm)
            .lines()
            .any(|line| line.starts_with("page-linear "))
    );
}

#[test]
fn a_wrong_expectation_fails_with_its_difference() {
    let folder = tempfile::tempdir().unwrap();
    let suite = "[suite]\nname = 'mine'\ntitle = 'My tests'\n\
        [[test]]\nname = 'good'\nprogram = 'hello'\nshows = 'x'\npoints = 1\norder = 'any'\n\
        expect = '''\n@EXPECT@'''\n\
        [[test]]\nname = 'bad'\nprogram = 'hello'\nshows = 'x'\npoints = 3\n\
        expect = '''\n(hello) something else\n'''\n";
    let console = vmlab(&["run", "hello"]);
    let suite = suite.replace("@EXPECT@", stdout(&console));
    std::fs::write(folder.path().join("mine.toml"), suite).unwrap();

    let output = vmlab_in(folder.path(), &["grade", "--suite", "mine.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let board = stdout(&output);
    assert!(board.contains("TOTAL TESTING SCORE: 25.0%"), "{board}");
    assert!(board.contains("-(hello) something else\n"), "{board}");
    assert!(board.contains("+hello: exit(0)\n"), "{board}");

    let args = ["grade", "--suite", "mine.toml", "--only", "go*"];
    let output = vmlab_in(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn an_error_in_a_suite_file_says_where() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("bad.toml"),
        "[suite]\nname = 's'\nnmae = 1\n",
    )
    .unwrap();
    let output = vmlab_in(folder.path(), &["grade", "--suite", "bad.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("bad.toml"), "{}", stderr(&output));
    assert!(stderr(&output).contains("line 3"), "{}", stderr(&output));
}

/// What a score board has in it for these words and this environment: escape sequences or none.
fn is_coloured(words: &[&str], environment: &[(&str, &str)]) -> bool {
    let board = ["grade", "--only", "vm/page-linear"];
    support::programs::machine();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_vmlab"))
        .args([&board[..], words].concat())
        .current_dir(tempfile::tempdir().unwrap().path())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("CLICOLOR")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    stdout(&output).contains('\x1b')
}

#[test]
fn colours_are_where_they_are_wanted() {
    for (words, environment, expected) in [
        (&[][..], &[][..], false),
        (&["--color", "always"], &[], true),
        (&["--color=always"], &[("NO_COLOR", "1")], true),
        (&["--color=auto"], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&["--color=never"], &[("CLICOLOR_FORCE", "1")], false),
    ] {
        assert_eq!(
            is_coloured(words, environment),
            expected,
            "{words:?} {environment:?}"
        );
    }
    refused(&["grade", "--color", "sometimes"], "always");
    refused(&["--color", "always", "fly"], "\x1b[");
    refused(&["run", "--color=always", "--fames", "hello"], "\x1b[");
}
