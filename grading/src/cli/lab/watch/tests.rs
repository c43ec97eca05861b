//! The interface without a terminal: how it reacts to news and keys, and what it looks like.

use std::path::PathBuf;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::failure::Failure;
use super::ground::Next;
use super::model::{Effect, Model, Panel, Phase};
use super::news::{Ended, Failed, News, Scope};
use super::{keys, view};

/// Returns the state for a milestone of three tests, before anything was run.
fn model() -> Model {
    let tests = ["vm/page-linear", "vm/page-parallel", "vm/page-shuffle"].map(str::to_owned);
    let mut all = tests.to_vec();
    all.push("vm/mmap-read".to_owned());
    let mut model = Model::new("Milestone 4: Eviction".to_owned(), tests.to_vec(), all);
    model.learn(News::Begun(Scope::Milestone));
    model.learn(News::Next(Next {
        text: "4.1: find a frame for a page\nvm/src/pager/evict.rs:43  Vm::frame".to_owned(),
        task: Some("4.1".parse().unwrap()),
    }));
    model
}

fn ended(name: &str, passed: bool) -> News {
    let id = name.to_owned();
    News::Test(Ended { id, passed })
}

fn failed(id: &str, summary: &str) -> Failed {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    Failed {
        id: id.to_owned(),
        why: Failure {
            summary: summary.to_owned(),
            excerpt: lines(&[
                "vm/src/pager/evict.rs:43",
                "    42 pub fn frame(&mut self) -> Frame {",
                ">   43     self.frames[slot]",
                "    44 }",
            ]),
            details: lines(&[
                "shows: 64 pages of data survive in 16 frames.",
                "again: ./vmlab run --frames=16 page-linear",
                "in vm::pager::evict::frame (vm/src/pager/evict.rs:43)",
                "last events of the fault log (work, event):",
                "  2022 fault n=3 pid=1 name=page-linear eip=0x08048c71 at=images/lib/start.c:16:_start \
                 addr=0x0824a0e4 symbol=test_name access=write by=user error=6 area=bss rights=rw- \
                 page=untouched: zero-fill frame=8204",
            ]),
            again: (!id.starts_with("cargo/")).then(|| format!("./vmlab run {id}")),
        },
    }
}

/// Two of three tests have failed, and one of crate vm.
fn failures() -> Model {
    let mut model = model();
    model.learn(ended("vm/page-linear", true));
    model.learn(ended("vm/page-parallel", false));
    model.learn(ended("vm/page-shuffle", false));
    let panic = "the kernel panicked at vm/src/pager/evict.rs:43: index out of bounds";
    let first = failed("vm/page-shuffle", panic);
    let second = failed(
        "vm/page-parallel",
        "the console differs from what is expected",
    );
    model.learn(News::TestsDone(vec![first, second]));
    model.learn(News::KernelTests(2));
    for (id, passed) in [("cargo/a", true), ("cargo/b", false)] {
        let id = id.to_owned();
        model.learn(News::KernelTest(Ended { id, passed }));
    }
    model.learn(News::KernelTestsDone(vec![failed("cargo/b", "left is 3")]));
    model.learn(News::Done);
    model
}

fn press(model: &mut Model, key: char) -> Option<Effect> {
    let wish = keys::wish(KeyEvent::from(KeyCode::Char(key)));
    model.obey(wish.unwrap())
}

fn selected(model: &Model) -> &str {
    model.selected().map_or("", |failed| failed.id.as_str())
}

fn screen(model: &mut Model, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn a_save_begins_a_run_in_which_old_results_stay_and_are_known_to_be_old() {
    let mut model = failures();
    assert_eq!(
        model.learn(News::Saved),
        Some(Effect::Run(Scope::Milestone))
    );
    model.learn(News::Begun(Scope::Milestone));
    assert_eq!(model.phase, Phase::Building);
    assert_eq!((model.counts().failed, model.counts().all), (0, 3));
    assert!(
        model
            .tests
            .iter()
            .all(|test| test.passed.is_some() && !test.is_new)
    );
    model.learn(ended("vm/page-shuffle", true));
    assert_eq!(
        (model.phase.clone(), model.counts().passed),
        (Phase::Tests, 1)
    );
}

#[test]
fn the_selection_goes_from_failure_to_failure_and_stays_while_it_fails() {
    let mut model = failures();
    assert_eq!(selected(&model), "vm/page-shuffle");
    let mut go = |keys: &str| {
        for key in keys.chars() {
            assert_eq!(press(&mut model, key), None);
        }
        selected(&model).to_owned()
    };
    assert_eq!(go("k"), "vm/page-shuffle");
    assert_eq!(go("j"), "vm/page-parallel");
    assert_eq!(go("jj"), "cargo/b");
    assert_eq!(go("k"), "vm/page-parallel");
    let second = || failed("vm/page-parallel", "still");
    model.learn(News::TestsDone(vec![
        failed("vm/page-linear", "new"),
        second(),
    ]));
    assert_eq!(selected(&model), "vm/page-parallel");
    model.learn(News::TestsDone(vec![failed("vm/page-linear", "new")]));
    assert_eq!(selected(&model), "vm/page-linear");
    model.learn(News::TestsDone(Vec::new()));
    model.learn(News::KernelTestsDone(Vec::new()));
    assert_eq!(selected(&model), "");
}

#[test]
fn keys_have_their_effects() {
    let mut model = failures();
    assert_eq!(press(&mut model, 'r'), Some(Effect::Run(Scope::Milestone)));
    assert_eq!(press(&mut model, 'a'), Some(Effect::Run(Scope::All)));
    assert_eq!(press(&mut model, 'q'), Some(Effect::Quit));
    let id = "vm/page-shuffle".to_owned();
    let again = "./vmlab run vm/page-shuffle".to_owned();
    let effect = Effect::Debug {
        id: id.clone(),
        again: again.clone(),
    };
    assert_eq!(press(&mut model, 'g'), Some(effect));
    assert_eq!(press(&mut model, 'o'), Some(Effect::Report { id, again }));
    let file = PathBuf::from("r.html");
    let open = model.learn(News::Report(Ok(file.clone())));
    assert_eq!(open, Some(Effect::Open(file)));
    // Crate vm's own tests run no program.
    assert_eq!(
        (press(&mut model, 'j'), press(&mut model, 'j')),
        (None, None)
    );
    assert_eq!(press(&mut model, 'g'), None);
    assert!(model.note.unwrap().contains("has no program"));
}

#[test]
fn the_first_h_shows_the_hints_and_the_next_one_asks_for_more() {
    let mut model = failures();
    let task = "4.1".parse().unwrap();
    let first = Effect::Hint { task, more: false };
    assert_eq!(press(&mut model, 'h'), Some(first));
    model.show(Panel::Hint("4.1: find a frame".to_owned()));
    let next = Effect::Hint { task, more: true };
    assert_eq!(press(&mut model, 'h'), Some(next));
    model.obey(keys::Wish::Back);
    assert_eq!(model.panel, Panel::Failure);
    let text = "nothing is left".to_owned();
    model.learn(News::Next(Next { text, task: None }));
    assert_eq!(press(&mut model, 'h'), None);
}

#[test]
fn what_is_in_the_way_of_a_verdict_is_shown_until_the_next_run() {
    let mut model = failures();
    press(&mut model, '?');
    model.learn(News::Begun(Scope::All));
    let said = vec!["error[E0308]: mismatched types".to_owned()];
    model.learn(News::NotBuilt(said.clone()));
    model.learn(News::Done);
    assert_eq!(
        (&model.phase, &model.panel),
        (&Phase::NotBuilt(said), &Panel::Failure)
    );
    assert_eq!(model.tests.len(), 4);
    model.learn(News::Begun(Scope::Milestone));
    assert_eq!(model.phase, Phase::Building);
}

#[test]
fn one_cannot_scroll_past_the_last_line() {
    let mut model = failures();
    for _ in 0..100 {
        press(&mut model, ' ');
        screen(&mut model, 80, 24);
    }
    assert!(screen(&mut model, 80, 24).contains("frame=8204"));
    press(&mut model, 'b');
    assert!(screen(&mut model, 80, 24).contains("again: ./vmlab run"));
}

#[test]
fn it_builds() {
    insta::assert_snapshot!(screen(&mut model(), 80, 24));
}

#[test]
fn tests_run() {
    let mut model = model();
    model.learn(ended("vm/page-linear", true));
    model.learn(ended("vm/page-shuffle", false));
    insta::assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn failures_are_explained() {
    insta::assert_snapshot!(screen(&mut failures(), 80, 24));
}

#[test]
fn a_wide_screen_has_longer_lines() {
    insta::assert_snapshot!(screen(&mut failures(), 120, 30));
}

#[test]
fn a_small_screen_shows_what_it_can() {
    insta::assert_snapshot!(screen(&mut failures(), 40, 12));
    for (width, height) in [(1, 1), (10, 3), (200, 2), (3, 60)] {
        screen(&mut failures(), width, height);
    }
}

#[test]
fn it_does_not_compile() {
    let mut model = failures();
    model.learn(News::Begun(Scope::Milestone));
    let said = [
        "error[E0308]: mismatched types",
        " --> vm/src/pager/evict.rs:43:9",
    ];
    model.learn(News::NotBuilt(said.map(str::to_owned).to_vec()));
    insta::assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn all_passed() {
    let mut model = model();
    for test in ["vm/page-linear", "vm/page-parallel", "vm/page-shuffle"] {
        model.learn(ended(test, true));
    }
    model.learn(News::TestsDone(Vec::new()));
    model.learn(News::KernelTestsDone(Vec::new()));
    model.learn(News::Done);
    insta::assert_snapshot!(screen(&mut model, 80, 24));
}

#[test]
fn keys_are_told() {
    let mut model = failures();
    press(&mut model, '?');
    insta::assert_snapshot!(screen(&mut model, 80, 24));
}
