//! The meaning of the keys.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What the user wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// Build and run the milestone's tests again.
    Rerun,
    /// Build and run all tests.
    RunAll,
    /// Make the report of the selected failure's run.
    Report,
    /// Run the selected failure's program under gdb.
    Debug,
    /// Show a hint for what is next, or one more.
    Hint,
    /// Select the previous failure.
    Previous,
    /// Select the next failure.
    Next,
    /// Scroll up.
    Up,
    /// Scroll down.
    Down,
    /// What the keys mean.
    Keys,
    /// Go back to the failures.
    Back,
    /// End.
    Quit,
}

/// All keys, as `?` shows them.
pub(super) const TABLE: [(&str, &str); 10] = [
    (
        "r",
        "build and run the milestone's tests again, as each save does",
    ),
    ("a", "build and run all tests"),
    ("j k", "the next, the previous failure (or the arrows)"),
    ("space b", "scroll down, up (or PgDn, PgUp)"),
    ("o", "make the report of its run, and open it in a browser"),
    ("g", "run its program under gdb"),
    ("h", "the hints for the next task; h again: one more"),
    ("?", "this list"),
    ("Esc", "back to the failure"),
    ("q", "quit (or Ctrl-C)"),
];

/// Returns the table as text.
pub(super) fn help() -> String {
    let lines = TABLE.iter();
    lines
        .map(|(key, what)| format!("  {key:<8} {what}\n"))
        .collect()
}

/// Returns the meaning of a key.
pub(super) fn wish(key: KeyEvent) -> Option<Wish> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Wish::Quit);
    }
    Some(match key.code {
        KeyCode::Char('r') => Wish::Rerun,
        KeyCode::Char('a') => Wish::RunAll,
        KeyCode::Char('o') => Wish::Report,
        KeyCode::Char('g') => Wish::Debug,
        KeyCode::Char('h') => Wish::Hint,
        KeyCode::Char('k') | KeyCode::Up => Wish::Previous,
        KeyCode::Char('j') | KeyCode::Down => Wish::Next,
        KeyCode::Char('b') | KeyCode::PageUp => Wish::Up,
        KeyCode::Char(' ') | KeyCode::PageDown => Wish::Down,
        KeyCode::Char('?') => Wish::Keys,
        KeyCode::Esc => Wish::Back,
        KeyCode::Char('q') => Wish::Quit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_means_something() {
        for (keys, _) in TABLE {
            for key in keys.split(' ') {
                let code = match key {
                    "Esc" => KeyCode::Esc,
                    "space" => KeyCode::Char(' '),
                    one => KeyCode::Char(one.chars().next().unwrap()),
                };
                assert!(wish(KeyEvent::from(code)).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn ctrl_c_is_the_end_and_other_keys_with_ctrl_nothing() {
        let ctrl = |c| wish(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
        assert_eq!((ctrl('c'), ctrl('r')), (Some(Wish::Quit), None));
    }
}
