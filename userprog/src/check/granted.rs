//! A fault that is resolved leaves an entry that grants the access, for the program and for the
//! kernel.

use machine::mmu::Access;
use machine::pte::{Pte, PteFlags};
use vm::Event;
use vm::event::Fault;

use super::shadow::Shadow;
use super::spot::Spot;
use crate::stuck::{EntryInWords, in_words};

/// The rule.
pub(super) const RULE: &str = "a fault that is resolved leaves an entry that grants the access";

/// Returns the entry in words after a fault that was resolved, if it forbids the access.
pub(super) fn broken(event: &Event, before: &Shadow) -> Option<String> {
    let Event::Fault(Fault {
        number,
        owner,
        addr,
        access,
        outcome,
        ..
    }) = event
    else {
        return None;
    };
    let frame = outcome.frame()?;
    let spot = Spot::of(*owner, addr.page());
    let mut entries = before.entries(frame);
    let entry = entries.find(|(whose, _)| *whose == spot);
    let entry = entry.map_or(Pte::EMPTY, |(_, entry)| entry);
    let needed = match access {
        Access::Write => PteFlags::USER_WRITE,
        Access::Read | Access::Fetch => PteFlags::USER_READ,
    };
    (!entry.has(needed)).then(|| {
        format!(
            "fault {number} put {spot} into frame {frame}, but its entry is {}, and should allow {} by the user",
            EntryInWords(entry),
            in_words(*access)
        )
    })
}

#[cfg(test)]
mod tests {
    use vm::event::Outcome;

    use super::*;
    use crate::check::testing::*;

    #[test]
    fn an_entry_that_forbids_the_access_is_told() {
        let filled = fault(mine(), Outcome::ZeroFilled(FRAME));
        let what = broken(&filled, &zeros()).unwrap();
        assert!(
            what.ends_with("but its entry is not present, and should allow a store by the user"),
            "{what}"
        );
        let read_only = after(zeros(), &[maps_read_only(mine(), FRAME)]);
        assert!(broken(&filled, &read_only).unwrap().contains("read-only"));
        let writable = after(zeros(), &[maps(mine(), FRAME)]);
        assert_eq!(broken(&filled, &writable), None);
    }

    #[test]
    fn who_waits_or_ends_gets_no_entry() {
        assert_eq!(broken(&fault(mine(), Outcome::Waited), &zeros()), None);
    }
}
