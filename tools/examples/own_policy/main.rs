//! The commands that inspect a machine, and the machine program, with a policy from outside the
//! project's crates: every subcommand, suite file and table knows it by its name.
//!
//! ```sh
//! cargo run -p tools --example own_policy -- run page-linear --frames 64 --policy two-bit --stats
//! ./vmlab grade --machine target/debug/examples/own_policy --policy two-bit --only 'page-*'
//! ```

mod two_bit;

use std::process::ExitCode;

fn main() -> ExitCode {
    vm::POLICIES.register(two_bit::POLICY);
    if driver::command::is_asked() {
        driver::command::main().into()
    } else {
        tools::cli::main().into()
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command};
    use driver::kinds;
    use protocol::settings::Settings;
    use tools::policies::simulated::simulate;
    use vm::reference_string::ReferenceString;

    use super::*;

    #[test]
    fn help_suite_files_and_tables_know_it() {
        vm::POLICIES.register(two_bit::POLICY);

        let run = Settings::augment_args(Command::new("run"));
        let mut command = kinds::listed_in(Command::new("vmlab").subcommand(run));
        let run = command.find_subcommand_mut("run").unwrap();
        let help = run.render_long_help().to_string();
        assert!(help.contains("- two-bit:"), "{help}");

        let settings = Settings {
            policy: "two-bit".parse().ok(),
            ..Settings::default()
        };
        assert_eq!(kinds::known().check(&settings), Ok(()));

        let string = ReferenceString::of_loads([1, 2, 3, 1]);
        let results = simulate("s".to_owned(), &string, &[2], 0);
        let rows: Vec<_> = results.columns[0].lines().collect();
        let (name, faults, _) = rows.last().unwrap();
        assert_eq!((*name, *faults), ("two-bit", 4));
    }
}
