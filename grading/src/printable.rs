//! Text of strangers, made fit for a terminal, for XML 1.0 and for a block of YAML.
//!
//! # Invariants
//!
//! What comes out has no character that one of them forbids or takes for a line's end, and none
//! that hides: such are written as `\u{...}`. Tabs and line ends stay. Text that was made fit once
//! stays as it is.

/// The text, with what cannot be shown or read written out.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if is_fit(c) {
            printable.push(c);
        } else {
            printable.extend(c.escape_default());
        }
    }
    printable
}

/// Whether a character can stay: no control character but tab and line end, none that XML 1.0
/// (section 2.2) has not, none that YAML takes for a line's end or a byte-order mark, and none that
/// turns the direction of a line.
fn is_fit(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{fffe}' | '\u{ffff}' | '\u{feff}' | '\u{2028}' | '\u{2029}' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_written_out_and_the_rest_stays() {
        let text =
            "a\tb\n\u{1b}[31m\u{0}\r\u{85}\u{feff}\u{fffe}\u{ffff}\u{2028}\u{202e}ä\u{fffd}😀";
        let shown = "a\tb\n\\u{1b}[31m\\u{0}\\r\\u{85}\\u{feff}\\u{fffe}\\u{ffff}\\u{2028}\\u{202e}ä\u{fffd}😀";
        assert_eq!(printable(text), shown);
        assert_eq!(printable(shown), shown);
    }
}
