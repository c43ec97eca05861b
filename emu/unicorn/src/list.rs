//! The corrections in words, as `docs/corrections.md` has them.

use std::fmt::Write as _;

use crate::Error;
use crate::correction::{Correction, read_all};
use crate::origin::home;

const HEAD: &str = "\
# Corrections of the emulator

What is wrong in the emulator, what is right and where the manual says so (SDM: Intel's Software
Developer's Manual), and the test that fails without the correction. The list is made from
`emu/unicorn/corrections` (`cargo run -p corrected-unicorn -- list`).
";

/// All corrections, one section each.
///
/// # Errors
/// If one cannot be read.
pub(crate) fn all() -> Result<String, Error> {
    let corrections = read_all(&home().join("corrections"))?;
    let mut text = HEAD.to_owned();
    for (name, correction) in &corrections {
        section(&mut text, name, correction);
    }
    Ok(text)
}

fn section(text: &mut String, name: &str, correction: &Correction) {
    let Correction {
        wrong,
        right,
        manual,
        upstream,
        test,
        edits,
    } = correction;
    let mut files: Vec<&str> = edits.iter().map(|edit| edit.file.as_str()).collect();
    files.dedup();
    let upstream = upstream.as_ref().map(|link| format!(" Known as <{link}>."));
    let _ = write!(
        text,
        "\n## {name}\n\n{wrong}\n\nRight: {right}{}\n\n{manual}. In `{}`. Test: `{test}`.\n",
        upstream.unwrap_or_default(),
        files.join("`, `"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_in_docs_is_the_one_that_is_built() {
        let listed = std::fs::read_to_string(home().join("../../docs/corrections.md")).unwrap();
        assert!(
            listed == all().unwrap(),
            "run: cargo run -p corrected-unicorn -- list > docs/corrections.md"
        );
    }
}
