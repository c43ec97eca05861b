//! The wall around files and the network: Landlock, which needs no privileges.
//!
//! # Invariants
//!
//! What is not listed here cannot be opened, whatever its permissions are and whoever runs this.
//! Files that are already open stay open.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use protocol::record::Wall;

use super::Openings;

/// The newest Landlock version that is used. What an older host does not know stays allowed, which
/// is reported.
const VERSION: ABI = ABI::V6;

/// Builds the wall.
///
/// # Errors
/// A message, if the host has Landlock but refuses the rules.
pub(super) fn close(openings: &Openings<'_>) -> Result<Wall, String> {
    let failed = |error: RulesetError| format!("cannot close the file system: {error}");
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(VERSION))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(VERSION)))
        .and_then(|rules| rules.scope(Scope::from_all(VERSION)))
        .and_then(Ruleset::create)
        .map_err(failed)?;
    let files = AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::RemoveFile
        | AccessFs::MakeDir
        | AccessFs::RemoveDir
        // A file can be moved from one of its directories to another.
        | AccessFs::Refer;
    let mut rules = allow(rules, openings.guest_files, files)?;
    if let Some(root) = openings.root {
        rules = allow(rules, root, AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    let rules = allow(
        rules,
        openings.record,
        AccessFs::WriteFile | AccessFs::Truncate,
    )?;
    // The backtrace of a panic needs the debug information, which is in the program itself.
    let program = std::env::current_exe();
    let program = program.map_err(|error| format!("cannot find this program: {error}"))?;
    let rules = allow(rules, &program, AccessFs::ReadFile.into())?;
    let rules = allow(
        rules,
        Path::new("/proc/self/maps"),
        AccessFs::ReadFile.into(),
    )?;

    let status = rules.restrict_self().map_err(failed)?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Wall::Stands,
        RulesetStatus::PartiallyEnforced => Wall::Partly,
        RulesetStatus::NotEnforced => Wall::Missing,
    })
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, String> {
    let opened = PathFd::new(path);
    let opened = opened.map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    rules
        .add_rule(PathBeneath::new(opened, access))
        .map_err(|error| format!("cannot keep {} open: {error}", path.display()))
}
