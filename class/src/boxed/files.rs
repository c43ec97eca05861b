//! The wall around files and the network: Landlock.

use std::path::Path;

use host::command::UsageError;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

use super::Openings;

/// The newest Landlock version that is used. What an older host does not know stays allowed.
const VERSION: ABI = ABI::V6;

/// Forbids everything that is not listed, and returns whether the host supports all of that.
pub(super) fn close(openings: &Openings) -> Result<bool, UsageError> {
    let read = AccessFs::from_read(VERSION);
    let all = AccessFs::from_all(VERSION);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .handle_access(AccessNet::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))?
        .create()?;
    for path in &openings.read {
        rules = allow(rules, path, read)?;
    }
    for path in &openings.write {
        rules = allow(rules, path, all)?;
    }
    let status = rules.restrict_self()?;
    Ok(status.ruleset == RulesetStatus::FullyEnforced)
}

/// Opens a path for the rules; a missing one needs no rule.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else {
        return Ok(rules);
    };
    let access = match path.is_dir() {
        true => access,
        false => access & AccessFs::from_file(VERSION),
    };
    rules.add_rule(PathBeneath::new(opened, access))
}
