//! The variants of the lab: each changes this tree into one that can be handed out, and in which the
//! solution of this tree is none.
//!
//! Only the kernel of each is compiled here; `try-handout --variant` builds and grades them.

use std::path::Path;
use std::sync::LazyLock;

use lab::course::Course;
use lab::ids::Milestone;
use lab::source::Source;
use lab::tree::{self, Files};
use lab::variant::{self, VariantName};
use lab::{course, handout, solution};
use testkit::root;
use tests::handouts::check;

static TREE: LazyLock<Files> = LazyLock::new(|| tree::read(&root()).unwrap());

fn names() -> Vec<VariantName> {
    variant::all(&TREE).unwrap().into_keys().collect()
}

fn varied(names: &[VariantName]) -> Source {
    let files = variant::apply(&TREE, names).unwrap_or_else(|error| panic!("{error}"));
    Source::of(files).unwrap_or_else(|error| panic!("{names:?}: {error}"))
}

#[test]
fn each_variant_and_all_together_can_be_handed_out_and_compile() {
    let names = names();
    assert!(names.len() >= 3, "{names:?}");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hand-outs");
    let alone = names.iter().map(std::slice::from_ref);
    for chosen in alone.chain([&names[..]]) {
        let source = varied(chosen);
        assert_eq!(
            check("userprog", source.files(), &target),
            Ok(()),
            "{chosen:?}, solved"
        );
        let unsolved = source.course.from(Milestone::FIRST).unwrap();
        let files = handout::files(&source, &unsolved).unwrap();
        assert!(!files.keys().any(|path| path.starts_with(variant::FOLDER)));
        assert_eq!(
            check("vm", &files, &target),
            Ok(()),
            "{chosen:?}, handed out"
        );
    }
}

#[test]
fn each_variant_asks_for_another_solution() {
    let here = Source::of(TREE.clone()).unwrap();
    let all = here.course.from(Milestone::FIRST).unwrap();
    let lines = solution::lines(&here, &all);
    for name in names() {
        let others = solution::lines(&varied(std::slice::from_ref(&name)), &all);
        assert_ne!(others, lines, "{name}");
    }
}

#[test]
fn a_variant_that_adds_tests_gives_them_to_a_milestone() {
    for name in names() {
        let source = varied(std::slice::from_ref(&name));
        let added: Vec<&String> = source
            .files()
            .keys()
            .filter(|path| path.starts_with("grading/suites/") && !TREE.contains_key(*path))
            .collect();
        let text = source.files()[course::PATH].text().unwrap();
        let course = Course::parse(text).unwrap();
        for suite in added {
            let suite = Path::new(suite).file_stem().unwrap().to_str().unwrap();
            let is_its = |glob: &lab::course::Glob| glob.text().starts_with(&format!("{suite}/"));
            let has_it = course
                .milestones
                .iter()
                .any(|stage| stage.tests.iter().any(is_its));
            assert!(has_it, "{name}: no milestone has the tests of {suite}");
        }
    }
}
