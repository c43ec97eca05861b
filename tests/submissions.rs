//! The bundled class and the attacks: they are what their recipes say, and what can be stopped without a compiler is.
//!
//! `./vmlab class grade grading/examples/class` and `try-attacks` have them graded.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use class::intake;
use class::pristine::Pristine;
use class::rules;
use class::sources::Sources;
use lab::handout::Kind;
use lab::ids::Milestone;
use lab::source::Source;
use testkit::root;
use tests::submissions::{CLASS, Recipe, Wall, attacks, of_class, pack};

static SOURCE: LazyLock<Source> =
    LazyLock::new(|| Source::read(&root()).unwrap_or_else(|error| panic!("{error}")));
static PRISTINE: LazyLock<Pristine> = LazyLock::new(|| {
    let unsolved = SOURCE.course.from(Milestone::FIRST).unwrap();
    Pristine::of(&SOURCE, Kind::Marked, &unsolved).unwrap()
});

/// What is taken of a submission, or why nothing is.
fn taken(path: &Path) -> Result<Sources, String> {
    let taken = intake::take(path, &PRISTINE.kernel).map_err(|refusal| refusal.to_string())?;
    Ok(taken.over(&PRISTINE.kernel))
}

/// Makes the submission of a recipe in a folder, and takes it.
fn made(recipe: &Recipe, folder: &Path) -> (std::path::PathBuf, Result<Sources, String>) {
    let files = recipe
        .files(&SOURCE)
        .unwrap_or_else(|error| panic!("{}: {error}", recipe.name));
    let path = pack(recipe.pack, &recipe.name, &files, folder).unwrap();
    let taken = taken(&path);
    (path, taken)
}

#[test]
fn the_bundled_class_is_what_its_recipes_make() {
    let folder = tempfile::tempdir().unwrap();
    let mut names = BTreeSet::from(["grades.csv".to_owned()]);
    for recipe in of_class().unwrap() {
        let (path, fresh) = made(&recipe, folder.path());
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let kept = taken(&root().join(CLASS).join(&name));
        assert!(
            kept == fresh,
            "{name} is of another tree: cargo run --release -p tests --bin example-class"
        );
        names.insert(name);
    }
    let there = fs::read_dir(root().join(CLASS)).unwrap();
    let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(BTreeSet::from_iter(there), names);
}

#[test]
fn the_bundled_class_has_a_grade_for_each_student() {
    let grades = fs::read_to_string(root().join(CLASS).join("grades.csv")).unwrap();
    let students = grades
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap().to_owned());
    let recipes = of_class().unwrap();
    let names = recipes.iter().map(|recipe| recipe.name.clone());
    assert_eq!(Vec::from_iter(students), Vec::from_iter(names));
}

#[test]
fn attacks_that_need_no_compiler_to_be_stopped_are_stopped_by_the_wall_that_they_name() {
    let folder = tempfile::tempdir().unwrap();
    let attacks = attacks().unwrap();
    assert!(attacks.len() >= 40, "{}", attacks.len());
    for attack in &attacks {
        let wall = match made(attack, folder.path()).1 {
            Err(_) => Some(Wall::Intake),
            Ok(sources) => {
                let breaches = rules::breaches(&sources, &PRISTINE.kernel);
                (!breaches.is_empty()).then_some(Wall::Types)
            }
        };
        let early = attack
            .wall
            .filter(|wall| [Wall::Intake, Wall::Types].contains(wall));
        assert_eq!(wall, early, "{}", attack.name);
    }
}

#[test]
fn the_document_has_each_attack() {
    let document = fs::read_to_string(root().join("docs/attacks.md")).unwrap();
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    let names = rows.map(|row| row.split('`').nth(1).unwrap().to_owned());
    let attacks = attacks().unwrap();
    let attacks = attacks.iter().map(|attack| attack.name.clone());
    assert_eq!(Vec::from_iter(names), Vec::from_iter(attacks));
}
