//! What a shell needs to complete the words of `vmlab`.

use clap::Command;
use clap_complete::{Shell, generate};

/// The script for a shell.
#[must_use]
pub fn script(shell: Shell, mut command: Command) -> String {
    let mut script = Vec::new();
    generate(shell, &mut command, "vmlab", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use std::process::Command as Process;

    use clap::ValueEnum;

    use super::*;
    use crate::whole;

    #[test]
    fn each_shell_is_told_of_options_that_different_programs_read() {
        for shell in Shell::value_variants() {
            let script = script(*shell, whole::command(Vec::new()));
            for option in ["fault-log", "require-sandbox", "more"] {
                assert!(script.contains(option), "{shell}: {option}");
            }
            // The scripts for the other shells complete no values.
            if [Shell::Bash, Shell::Zsh, Shell::Fish].contains(shell) {
                assert!(script.contains("ws-clock"), "{shell}");
            }
        }
    }

    /// What bash offers when these words are typed and the tab key is pressed.
    fn offered(words: &[&str]) -> String {
        let script = script(Shell::Bash, whole::command(Vec::new()));
        let last = words.len() - 1;
        let before = words[last - 1];
        let typed = words.iter().map(|word| format!("'{word}'"));
        let typed = typed.collect::<Vec<_>>().join(" ");
        let ask = format!(
            "{script}\nCOMP_WORDS=({typed}); COMP_CWORD={last}\n\
             _vmlab '{}' '{}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words[0], words[last]
        );
        let bash = Process::new("bash")
            .args(["--norc", "-c", &ask])
            .output()
            .unwrap();
        assert!(
            bash.status.success(),
            "{}",
            String::from_utf8_lossy(&bash.stderr)
        );
        String::from_utf8(bash.stdout).unwrap()
    }

    #[test]
    fn bash_completes_commands_options_and_values() {
        assert_eq!(offered(&["vmlab", "insp"]), "inspect\n");
        assert_eq!(offered(&["vmlab", "run", "--swap-f"]), "--swap-file\n");
        assert_eq!(offered(&["./vmlab", "run", "--policy", "ws"]), "ws-clock\n");
        assert_eq!(offered(&["vmlab", "lab", "hint", "--mo"]), "--more\n");
        assert_eq!(offered(&["vmlab", "completions", "po"]), "powershell\n");
    }
}
