//! A manual page for each command, in section 1.
//!
//! # Invariants
//!
//! The pages say what `--help` says, with lines kept where help has them: examples can be copied.
//! Nothing of this machine or of today is in them.

use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use host::command::UsageError;
use roff::{Roff, roman};

/// Where what `--help` says beside examples and exit codes goes.
const NOTES: &str = "NOTES";

/// Writes the pages of a command and of all below it into a folder, which is made if it is not
/// there. Returns how many there are.
///
/// # Errors
/// A file that cannot be written.
pub fn write(folder: &Path, command: Command) -> Result<usize, UsageError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?;
    let mut waiting = vec![command];
    let mut count = 0;
    while let Some(command) = waiting.pop() {
        let path = folder.join(format!("{}.1", name(&command)));
        std::fs::write(&path, page(&command)?)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        count += 1;
        let below = command.get_subcommands();
        waiting.extend(below.filter(|one| is_described(one)).cloned());
    }
    Ok(count)
}

/// Whether a command has a page: what clap adds on its own has none.
fn is_described(command: &Command) -> bool {
    !command.is_hide_set() && command.get_name() != "help"
}

/// The command's name as a page has it: `vmlab-lab-hint`.
fn name(command: &Command) -> String {
    let name = command.get_display_name();
    name.unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone())
        .title(name(command))
        .section("1")
        .source(format!("vmlab {version}"))
        .manual("vmlab");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if command.get_subcommands().any(is_described) {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(help) = command.get_after_help() {
        after(&help.to_string()).to_writer(&mut page)?;
    }
    Ok(page)
}

/// What stands at the end of a command's help: sections for what has a heading there, and notes.
fn after(help: &str) -> Roff {
    let mut roff = Roff::new();
    let mut section = "";
    for paragraph in help.split("\n\n") {
        let (first, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        let (own, text) = match first {
            "Example:" | "Examples:" => ("EXAMPLES", rest),
            "Exit codes:" => ("EXIT STATUS", rest),
            _ => (NOTES, paragraph),
        };
        match own == section {
            true => roff.control("PP", []),
            false => roff.control("SH", [own]),
        };
        section = own;
        lines(&mut roff, text);
    }
    roff
}

/// Lines of help: those that are set in stay as they are, the others are text.
fn lines(roff: &mut Roff, text: &str) {
    let mut is_kept = false;
    for line in text.lines() {
        let keep = line.starts_with("  ");
        if keep != is_kept {
            match keep {
                true => roff.control("nf", []),
                false => roff.control("fi", []),
            };
            is_kept = keep;
        }
        roff.text([roman(line)]);
    }
    if is_kept {
        roff.control("fi", []);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whole;

    fn written() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("man"), whole::command(Vec::new())).unwrap();
        folder
    }

    fn read(folder: &tempfile::TempDir, page: &str) -> String {
        std::fs::read_to_string(folder.path().join("man").join(page)).unwrap()
    }

    #[test]
    fn each_command_has_a_page_that_the_page_above_names() {
        let folder = written();
        let run = read(&folder, "vmlab-run.1");
        assert!(
            run.starts_with(".ie") || run.contains(".TH vmlab-run 1"),
            "{run}"
        );
        for wanted in [
            "frames",
            "fault\\-log\\-level",
            ".SH EXAMPLES",
            "EXIT STATUS",
        ] {
            assert!(run.contains(wanted), "{wanted}: {run}");
        }
        assert!(read(&folder, "vmlab.1").contains("vmlab\\-run(1)"));
        assert!(read(&folder, "vmlab-lab-hint.1").contains("more"));
        assert!(!folder.path().join("man/vmlab-help.1").exists());
    }

    #[test]
    fn examples_keep_their_lines() {
        let text = "Some text\nin lines.\n\nExamples:\n  vmlab run a\n  vmlab run b\n\nExit codes:\n  0  good";
        let rendered = after(text).to_roff();
        let expected = ".SH NOTES\nSome text\nin lines.\n.SH EXAMPLES\n.nf\n  vmlab run a\n  vmlab run b\n.fi\n\
                        .SH \"EXIT STATUS\"\n.nf\n  0  good\n.fi\n";
        assert_eq!(rendered, expected);
    }

    /// A page that groff warns about shows garbage to somebody.
    #[test]
    fn groff_has_nothing_to_say_against_the_pages() {
        let folder = written();
        for entry in std::fs::read_dir(folder.path().join("man")).unwrap() {
            let path = entry.unwrap().path();
            let groff = std::process::Command::new("groff")
                .args(["-man", "-Tutf8", "-ww", "-z"])
                .arg(&path)
                .output();
            let Ok(groff) = groff else {
                eprintln!("skipped: there is no groff");
                return;
            };
            let said = String::from_utf8_lossy(&groff.stderr);
            assert_eq!(said, "", "{}", path.display());
        }
    }
}
