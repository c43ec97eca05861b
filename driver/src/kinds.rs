//! The registered replacement policies and slot allocators, for command lines.
//!
//! # Invariants
//!
//! They are those of the registries of `vm`, always in the same order.

use clap::Command;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use protocol::kind::{KindName, Kinds};
use vm::registry::Registry;
use vm::{POLICIES, SLOT_ALLOCATORS};

/// Returns all of them.
#[must_use]
pub fn known() -> Kinds {
    Kinds {
        policies: names(&POLICIES),
        slot_allocators: names(&SLOT_ALLOCATORS),
    }
}

/// Returns the command with options that accept only these names, and list them in `--help`, each
/// with its description.
#[must_use]
pub fn listed_in(mut command: Command) -> Command {
    for (option, values) in [
        ("policy", values_of(&POLICIES)),
        ("slot_allocator", values_of(&SLOT_ALLOCATORS)),
    ] {
        let with_it: Vec<String> = command
            .get_subcommands()
            .filter(|one| one.get_arguments().any(|arg| arg.get_id() == option))
            .map(|one| one.get_name().to_owned())
            .collect();
        for name in with_it {
            let values = values.clone().try_map(|name| name.parse::<KindName>());
            command = command.mut_subcommand(name, |one| {
                one.mut_arg(option, |arg| arg.value_parser(values))
            });
        }
    }
    command
}

fn names<B: Copy>(registry: &Registry<B>) -> Vec<String> {
    let kinds = registry.all().into_iter();
    kinds.map(|kind| kind.name.to_owned()).collect()
}

fn values_of<B: Copy>(registry: &Registry<B>) -> PossibleValuesParser {
    let kinds = registry.all().into_iter();
    PossibleValuesParser::new(kinds.map(|kind| PossibleValue::new(kind.name).help(kind.about)))
}
