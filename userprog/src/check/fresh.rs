//! A page that is touched for the first time has the bytes that its region defines: zeros, or its
//! part of the file.

use vm::Event;
use vm::event::{Fault, Outcome};

use super::bytes::difference;
use super::regions::{by, given};
use super::shadow::Shadow;
use super::spot::Spot;

/// The rule.
pub(super) const RULE: &str = "a fresh page has what its region gives it";

/// Returns what is wrong with a page that a fault has just filled.
pub(super) fn broken(event: &Event, before: &Shadow) -> Option<String> {
    let Event::Fault(Fault {
        owner,
        addr,
        outcome,
        ..
    }) = event
    else {
        return None;
    };
    let frame = match outcome {
        Outcome::ZeroFilled(frame) | Outcome::StackGrown(frame) | Outcome::FileRead(frame, ..) => {
            frame
        }
        _ => return None,
    };
    let spot = Spot::of(*owner, addr.page());
    let region = before.region(spot)?;
    let given = given(region, spot.page)?;
    let bytes = before.bytes(*frame);
    let differs = difference(&given.bytes, &bytes[..])?;
    Some(format!(
        "{spot} was touched for the first time and should be {}, but in frame {frame}, which it got, {differs}",
        by(region, spot.page)
    ))
}

#[cfg(test)]
mod tests {
    use vm::{FileId, Sharing};

    use super::*;
    use crate::check::testing::*;

    #[test]
    fn a_frame_of_zeros_has_nothing_else() {
        let shadow = after(zeros(), &[maps(mine(), FRAME)]);
        let filled = fault(mine(), Outcome::ZeroFilled(FRAME));
        assert_eq!(broken(&filled, &shadow), None);
        fill(&shadow, FRAME, 1);
        let what = broken(&filled, &shadow).unwrap();
        assert!(
            what.ends_with("byte 0x0 should be 0x00 and is 0x01"),
            "{what}"
        );
    }

    #[test]
    fn a_page_of_a_file_is_the_one_that_the_region_says() {
        let shadow = shadow(&region(Sharing::Private, true));
        fill(&shadow, FRAME, 3);
        let read = fault(mine(), Outcome::FileRead(FRAME, FileId(7), 0x2000));
        assert_eq!(broken(&read, &shadow), None);
        fill(&shadow, FRAME, 2);
        let what = broken(&read, &shadow).unwrap();
        assert!(what.contains("page 2 of file #7 (offset 0x2000)"), "{what}");
    }
}
