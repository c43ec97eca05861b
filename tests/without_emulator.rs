//! The virtual memory is built and tested without the emulator, and the grader without the virtual memory.
//!
//! # Invariants
//! Nothing of the kernel or the emulator is in what `cargo build -p grading` builds. Nothing that `cargo test -p vm` builds binds or builds Unicorn, and none of our own crates among it
//! has a build script.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Crates that build or bind the emulator, or need cmake or libclang.
const UNWANTED: [&str; 5] = [
    "unicorn-engine",
    "unicorn-engine-sys",
    "bindgen",
    "clang-sys",
    "cmake",
];

/// What a crate is built for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Itself,
    Tests,
}

/// What cargo knows of the workspace.
struct Workspace {
    /// All packages by their identifiers.
    packages: BTreeMap<String, Value>,
    /// What each depends on, by identifiers.
    resolved: BTreeMap<String, Value>,
}

impl Workspace {
    fn read() -> Workspace {
        let manifest = testkit::root().join("Cargo.toml");
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .arg("--manifest-path")
            .arg(manifest)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let by_id = |list: &Value| {
            let list = list.as_array().unwrap().iter();
            list.map(|one| (text(&one["id"]), one.clone())).collect()
        };
        Workspace {
            packages: by_id(&metadata["packages"]),
            resolved: by_id(&metadata["resolve"]["nodes"]),
        }
    }

    /// What is built for the tests of a crate of ours: all that it depends on, its tests' own
    /// dependencies among it, but not those of other crates' tests.
    fn built_for_tests_of(&self, name: &str) -> BTreeSet<String> {
        self.built(name, Purpose::Tests)
    }

    /// The names of what is built for a crate of ours itself.
    fn built_for(&self, name: &str) -> BTreeSet<String> {
        let built = self.built(name, Purpose::Itself);
        built
            .iter()
            .map(|id| text(&self.packages[id]["name"]))
            .collect()
    }

    fn built(&self, name: &str, purpose: Purpose) -> BTreeSet<String> {
        let is_it = |package: &&Value| package["source"].is_null() && package["name"] == name;
        let root = self.packages.values().find(is_it).unwrap();
        let root = text(&root["id"]);
        let mut built = BTreeSet::from([root.clone()]);
        let mut waiting = vec![root.clone()];
        while let Some(one) = waiting.pop() {
            for dependency in self.resolved[&one]["deps"].as_array().unwrap() {
                let kinds = dependency["dep_kinds"].as_array().unwrap();
                let for_tests = one == root && purpose == Purpose::Tests;
                let is_built = for_tests || kinds.iter().any(|kind| kind["kind"] != "dev");
                let id = text(&dependency["pkg"]);
                if is_built && built.insert(id.clone()) {
                    waiting.push(id);
                }
            }
        }
        built
    }

    /// What of these packages needs the emulator or could: unwanted crates, and build scripts of ours.
    fn objections(&self, built: &BTreeSet<String>) -> Vec<String> {
        let mut found = Vec::new();
        for package in built.iter().map(|id| &self.packages[id]) {
            let name = text(&package["name"]);
            if UNWANTED.contains(&name.as_str()) {
                found.push(name.clone());
            }
            let mut targets = package["targets"].as_array().unwrap().iter();
            let has_script = targets.any(|target| target["kind"][0] == "custom-build");
            if package["source"].is_null() && has_script {
                found.push(format!("{name}/build.rs"));
            }
        }
        found
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn nothing_that_the_tests_of_the_virtual_memory_build_knows_the_emulator() {
    let workspace = Workspace::read();
    for name in ["machine", "vm"] {
        let built = workspace.built_for_tests_of(name);
        assert_eq!(workspace.objections(&built), <[String; 0]>::default());
    }
}

#[test]
fn the_emulator_would_be_found() {
    let workspace = Workspace::read();
    let found = workspace.objections(&workspace.built_for_tests_of("userprog"));
    for name in [
        "unicorn-engine",
        "unicorn-engine-sys",
        "bindgen",
        "cpu/build.rs",
    ] {
        assert!(found.contains(&name.to_owned()), "{name} in {found:?}");
    }
}

#[test]
fn the_grader_has_nothing_of_the_kernel_in_it_and_the_machine_program_no_tools() {
    let workspace = Workspace::read();
    let grader = workspace.built_for("grading");
    for name in ["vm", "userprog", "cpu", "driver", "tools", "unicorn-engine"] {
        assert!(!grader.contains(name), "{name}");
    }
    let machine_program = workspace.built_for("driver");
    assert!(machine_program.contains("vm"));
    for name in ["tools", "grading", "lab", "gdbstub"] {
        assert!(!machine_program.contains(name), "{name}");
    }
}
