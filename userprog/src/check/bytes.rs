//! Differences between bytes and what they should be.

use std::fmt;

use machine::memory::FrameBytes;

/// The first byte that differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    pub at: usize,
    pub was: u8,
    pub is: u8,
}

/// Returns the first difference within the length of `is`.
pub(crate) fn difference(was: &FrameBytes, is: &[u8]) -> Option<Difference> {
    if was[..is.len()] == *is {
        return None;
    }
    let mut pairs = was.iter().zip(is).enumerate();
    let (at, (was, is)) = pairs.find(|(_, (was, is))| was != is)?;
    Some(Difference {
        at,
        was: *was,
        is: *is,
    })
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { at, was, is } = self;
        write!(f, "byte {at:#x} should be {was:#04x} and is {is:#04x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_differs_is_told() {
        let was = [7; 4096];
        let mut is = was;
        assert_eq!(difference(&was, &is), None);
        (is[0x10], is[0x20]) = (0, 1);
        let differs = difference(&was, &is).unwrap();
        assert_eq!(differs.to_string(), "byte 0x10 should be 0x07 and is 0x00");
        assert_eq!(difference(&was, &is[..0x10]), None);
    }
}
