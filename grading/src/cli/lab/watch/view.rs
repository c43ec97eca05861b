//! Draws the interface.
//!
//! # Invariants
//! Colours only repeat what words and marks say.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, List, ListItem, ListState, Paragraph, Wrap};

use super::keys;
use super::model::{Counts, Model, Panel, Phase, Test};

const GOOD: Style = Style::new().fg(Color::Green);
const BAD: Style = Style::new().fg(Color::Red);
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const KEYS: &str = "j k failure  r rerun  a all  h hint  o report  g gdb  ? keys  q quit";

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, model: &mut Model) {
    let tests = u16::try_from(model.tests.len().max(1)).unwrap_or(u16::MAX);
    let next = next_lines(model);
    let next_height = u16::try_from(next.len())
        .unwrap_or(u16::MAX)
        .saturating_add(1);
    let list_height = tests.saturating_add(1).min(frame.area().height / 3);
    let [head, list, panel, below, keys] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(list_height),
        Constraint::Fill(1),
        Constraint::Length(next_height.min(4)),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Paragraph::new(head_lines(model)), head);
    draw_tests(frame, model, list);
    draw_panel(frame, model, panel);
    let next = Paragraph::new(next).wrap(Wrap { trim: false });
    frame.render_widget(next.block(section("Next")), below);
    let last = model.note.as_deref().unwrap_or(KEYS);
    frame.render_widget(Paragraph::new(last), keys);
}

/// Returns a part of the screen, with its title in the line above.
fn section(title: impl Into<String>) -> Block<'static> {
    let title = Span::styled(format!("{} ", title.into()), BOLD);
    Block::new().borders(Borders::TOP).title(title)
}

fn head_lines(model: &Model) -> Vec<Line<'static>> {
    let (phase, style) = phase_in_words(model);
    let title = Span::styled(model.title.clone(), BOLD);
    let mut counts = in_words("tests", model.counts());
    counts.push(Span::raw(";  "));
    counts.extend(in_words("crate vm", model.kernel));
    vec![
        Line::from(vec![title, Span::raw("  "), Span::styled(phase, style)]),
        Line::from(counts),
    ]
}

fn phase_in_words(model: &Model) -> (String, Style) {
    let running = |what: &str,
                   Counts {
                       all,
                       passed,
                       failed,
                   }: Counts| {
        let ended = passed + failed;
        (
            format!("running {what}: {ended} of {all} have ended"),
            Style::new(),
        )
    };
    match &model.phase {
        Phase::Building => ("building...".to_owned(), Style::new()),
        Phase::Tests => running("tests", model.counts()),
        Phase::KernelTests if model.kernel.all == 0 => {
            ("building the tests of crate vm...".to_owned(), Style::new())
        }
        Phase::KernelTests => running("those of crate vm", model.kernel),
        Phase::Done if model.all_passed() => ("ALL PASSED".to_owned(), GOOD),
        Phase::Done => ("FAILED".to_owned(), BAD),
        Phase::NotBuilt(_) => ("DOES NOT COMPILE".to_owned(), BAD),
        Phase::Broken(_) => ("NO VERDICT".to_owned(), BAD),
    }
}

/// `tests: 3 ok, 1 FAIL of 7`
fn in_words(
    what: &str,
    Counts {
        all,
        passed,
        failed,
    }: Counts,
) -> Vec<Span<'static>> {
    let plain = Style::new();
    let style = |count, style| if count > 0 { style } else { plain };
    vec![
        Span::raw(format!("{what}: ")),
        Span::styled(format!("{passed} ok"), style(passed, GOOD)),
        Span::raw(", "),
        Span::styled(format!("{failed} FAIL"), style(failed, BAD)),
        Span::raw(format!(" of {all}")),
    ]
}

/// Draws the list: failures in their order, then tests without a result, then the rest.
fn draw_tests(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let selected = model.selected().map(|failed| failed.id.as_str());
    let mut lines = Vec::new();
    let mut at = None;
    for failed in model.failures() {
        let test = model.tests.iter().find(|test| test.id == failed.id);
        // Tests of crate vm are in no list; one that has passed since is listed below.
        if test.is_some_and(|test| test.passed == Some(true)) {
            continue;
        }
        if selected == Some(failed.id.as_str()) {
            at = Some(lines.len());
        }
        let word = match test {
            Some(test) => word(test.passed, test.is_new),
            None => word(Some(false), model.kernel_is_new),
        };
        let text = format!("{word} {}: {}", failed.id, failed.why.summary);
        lines.push(ListItem::new(Span::styled(text, BAD)));
    }
    let is_told = |test: &&Test| model.failures().any(|failed| failed.id == test.id);
    let (unknown, known): (Vec<&Test>, Vec<&Test>) = model
        .tests
        .iter()
        .filter(|test| test.passed == Some(true) || !is_told(test))
        .partition(|test| test.passed != Some(true));
    for test in unknown.into_iter().chain(known) {
        let style = match test.passed {
            Some(false) => BAD,
            Some(true) if test.is_new => GOOD,
            _ => Style::new(),
        };
        let text = format!("{} {}", word(test.passed, test.is_new), test.id);
        lines.push(ListItem::new(Span::styled(text, style)));
    }
    let list = List::new(lines)
        .block(section("Tests"))
        .highlight_symbol("> ")
        .highlight_style(BOLD)
        .highlight_spacing(ratatui::widgets::HighlightSpacing::Always);
    frame.render_stateful_widget(list, area, &mut ListState::default().with_selected(at));
}

/// Returns a test's last result, with a mark if it is older than the last save.
fn word(passed: Option<bool>, is_new: bool) -> &'static str {
    match (passed, is_new) {
        (None, _) => "...     ",
        (Some(true), true) => "ok      ",
        (Some(true), false) => "ok   ...",
        (Some(false), true) => "FAIL    ",
        (Some(false), false) => "FAIL ...",
    }
}

fn draw_panel(frame: &mut Frame<'_>, model: &mut Model, area: Rect) {
    let (title, lines) = panel(model);
    model.limit_scroll(lines.len());
    let shown: Vec<Line<'_>> = lines.into_iter().skip(model.scroll).collect();
    let text = Paragraph::new(shown).wrap(Wrap { trim: false });
    frame.render_widget(text.block(section(title)), area);
}

fn panel(model: &Model) -> (String, Vec<Line<'static>>) {
    let lines = |text: &[String]| text.iter().map(|line| Line::from(line.clone())).collect();
    match (&model.panel, &model.phase) {
        (Panel::Keys, _) => {
            let keys = keys::TABLE.iter();
            let keys = keys.map(|(key, what)| Line::from(format!("{key:<8} {what}")));
            let mark = "... after a result: not run since the last save";
            ("Keys".to_owned(), keys.chain([Line::from(mark)]).collect())
        }
        (Panel::Hint(text), _) => {
            let text = text.lines().map(|line| Line::from(line.to_owned()));
            ("Hints".to_owned(), text.collect())
        }
        (Panel::Failure, Phase::NotBuilt(said)) => ("It does not compile".to_owned(), lines(said)),
        (Panel::Failure, Phase::Broken(said)) => ("There is no verdict".to_owned(), lines(said)),
        (Panel::Failure, _) => failure(model),
    }
}

/// Returns the selected failure in full.
fn failure(model: &Model) -> (String, Vec<Line<'static>>) {
    let Some(failed) = model.selected() else {
        let text = match model.all_passed() {
            true => "All tests have passed.",
            false => "The first failure will be explained here.",
        };
        return ("Failure".to_owned(), vec![Line::from(text)]);
    };
    let why = &failed.why;
    let mut lines = vec![Line::styled(why.summary.clone(), BAD)];
    lines.extend(why.excerpt.iter().map(|line| match line.starts_with('>') {
        true => Line::styled(line.clone(), BOLD),
        false => Line::from(line.clone()),
    }));
    let details = why.details.iter().filter(|line| **line != why.summary);
    lines.extend(details.map(|line| Line::from(line.clone())));
    (failed.id.clone(), lines)
}

fn next_lines(model: &Model) -> Vec<Line<'static>> {
    let Some(next) = &model.next else {
        return Vec::new();
    };
    let text = match next.task.is_none() && model.all_passed() {
        true => "the milestone is done; `vmlab lab` shows what is next",
        false => &next.text,
    };
    text.lines()
        .map(|line| Line::from(line.to_owned()))
        .collect()
}
