//! The Gradescope upload, run in a folder that is laid out like Gradescope's.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::vmlab_in;
use tempfile::TempDir;
use testkit::{assert_ended, ended};

/// A substitute for the project's launcher: this build of the command, with one test. A submission
/// with the word `broken` in it does not compile.
const LAUNCHER: &str = "#!/bin/sh\n\
    if grep -q broken vm/src/lib.rs; then printf 'error: \"bro\\\\ken\"\\tat 1\\n' >&2; exit 2; fi\n\
    if [ \"$1\" = grade ]; then shift; set -- grade --suite userprog --only args-none \"$@\"; fi\n\
    exec \"@VMLAB@\" \"$@\"\n";

struct Gradescope {
    folder: TempDir,
}

impl Gradescope {
    fn new() -> Gradescope {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        for name in ["project/vm/src", "project/target", "autograder/submission"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let write = |name: &str, text: &str| fs::write(project.join(name), text).unwrap();
        write(
            "vmlab",
            &LAUNCHER.replace("@VMLAB@", env!("CARGO_BIN_EXE_vmlab")),
        );
        fs::set_permissions(project.join("vmlab"), fs::Permissions::from_mode(0o755)).unwrap();
        write("Cargo.toml", "");
        write("vm/src/lib.rs", "handed out");
        write("vm/src/old.rs", "");
        write("target/built", "");
        let gradescope = Gradescope { folder };
        let args = ["gradescope", "../autograder/source"];
        assert_ended(0, &vmlab_in(&project, &args));
        gradescope
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("autograder").join(name)
    }

    fn run(&self, script: &str) {
        let status = Command::new(self.at("source").join(script))
            .env("VMLAB_AUTOGRADER", self.folder.path().join("autograder"))
            .current_dir("/")
            .output()
            .unwrap();
        assert_ended(0, &status);
    }

    fn results(&self) -> Value {
        let text = fs::read_to_string(self.at("results/results.json")).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn submit(&self, text: &str) {
        let folder = self.at("submission/vm/src");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("lib.rs"), text).unwrap();
    }
}

#[test]
fn a_submission_is_graded_in_place_of_what_was_handed_out() {
    let gradescope = Gradescope::new();
    assert!(!gradescope.at("source/project/target").exists());
    gradescope.run("setup.sh");
    gradescope.submit("handed in");
    gradescope.run("run_autograder");
    let results = gradescope.results();
    assert_eq!(results["score"], 100.0);
    assert_eq!(results["tests"][0]["name"], "userprog/args-none");
    let project = gradescope.at("source/project/vm/src");
    assert_eq!(
        fs::read_to_string(project.join("lib.rs")).unwrap(),
        "handed in"
    );
    assert!(!project.join("old.rs").exists());
}

#[test]
fn what_cannot_be_graded_has_a_result_that_says_why() {
    let gradescope = Gradescope::new();
    gradescope.run("run_autograder");
    let results = gradescope.results();
    assert_eq!(results["score"], 0);
    assert!(
        results["output"].as_str().unwrap().contains("vm/src"),
        "{results}"
    );

    gradescope.submit("broken");
    gradescope.run("run_autograder");
    let results = gradescope.results();
    assert_eq!(results["score"], 0);
    let output = results["output"].as_str().unwrap();
    assert!(output.contains("cannot be built"), "{output}");
    assert!(output.contains("error: \"bro\\ken\"\tat 1"), "{output}");
}

#[test]
fn only_a_project_is_packed_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (_, message) = ended(2, &vmlab_in(folder.path(), &["gradescope", "upload"]));
    assert!(message.contains("--project"), "{message}");
    let gradescope = Gradescope::new();
    let project = gradescope.folder.path().join("project");
    let again = vmlab_in(&project, &["gradescope", "../autograder/source"]);
    assert!(ended(2, &again).1.contains("not empty"));
    let args = ["gradescope", "new", "--submit", "no/such"];
    assert!(
        ended(2, &vmlab_in(Path::new(&project), &args))
            .1
            .contains("no/such")
    );
}
