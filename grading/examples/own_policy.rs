//! The whole `vmlab` command with a policy from outside the project's crates: every subcommand, suite
//! file and table knows it by its name.
//!
//! ```sh
//! cargo run -p grading --example own_policy -- run page-linear --frames 64 --policy two-bit --stats
//! ```

#[path = "../../vm/examples/two_bit/policy.rs"]
mod two_bit;

use std::process::ExitCode;

fn main() -> ExitCode {
    vm::POLICIES.register(two_bit::POLICY);
    grading::cli::main().into()
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command};
    use grading::policies::simulated::simulate;
    use grading::settings::{Policy, Settings};
    use grading::suite::Suite;
    use vm::reference_string::ReferenceString;

    use super::*;

    #[test]
    fn help_suite_files_and_tables_know_it() {
        vm::POLICIES.register(two_bit::POLICY);

        let mut command = Settings::augment_args(Command::new("run"));
        let help = command.render_long_help().to_string();
        assert!(help.contains("- two-bit:"), "{help}");

        let policy: Policy = "two-bit".parse().unwrap();
        let suite = "[suite]\nname = 's'\ntitle = 'S'\n[[test]]\nname = 'hello'\nshows = 'it'\n\
                     points = 1\npolicy = 'two-bit'\nexpect = ''\n";
        let suite = Suite::parse("suite.toml", suite).unwrap();
        assert_eq!(suite.tests[0].settings.policy, Some(policy));

        let string = ReferenceString::of_loads([1, 2, 3, 1]);
        let results = simulate("s".to_owned(), &string, &[2], 0);
        let rows: Vec<_> = results.columns[0].lines().collect();
        let (name, faults, _) = rows.last().unwrap();
        assert_eq!((*name, *faults), ("two-bit", 4));
    }
}
