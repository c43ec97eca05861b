//! Tokens: an unused frame, and a pin.
//!
//! Each stands for an obligation: its holder must hand it back to [`Residency`](super::Residency),
//! which alone creates tokens. Dropping a token does not hand it back, since its `drop` would need
//! mutable access to tables that others use at that time. It is a mistake that a debug build
//! reports at once and that the invariants find.

use machine::addr::Frame;

/// A user frame that is neither free nor holds a content: it was just allocated, or just emptied by
/// an eviction. The token ends when a content is put into the frame or the frame is given back.
#[must_use = "the frame is lost: adopt a content into it or give it back"]
#[derive(Debug)]
pub(crate) struct FreeFrame(Held);

/// Keeps a frame's content where it is until [`Residency::unpin`](super::Residency::unpin).
#[must_use = "the pin is never ended: unpin it or have an address space keep it"]
#[derive(Debug)]
pub(crate) struct Pin(Held);

/// A frame in a token, which must not be dropped.
#[derive(Debug)]
struct Held(Frame);

impl Held {
    /// Ends the token without the complaint of its `drop`.
    fn end(self) -> Frame {
        let frame = self.0;
        std::mem::forget(self);
        frame
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        debug_assert!(
            std::thread::panicking(),
            "a token for frame {} was dropped",
            self.0
        );
    }
}

impl FreeFrame {
    pub(super) fn new(frame: Frame) -> FreeFrame {
        FreeFrame(Held(frame))
    }

    /// Returns the frame.
    pub(crate) fn frame(&self) -> Frame {
        self.0.0
    }

    pub(super) fn end(self) -> Frame {
        self.0.end()
    }
}

impl Pin {
    pub(super) fn new(frame: Frame) -> Pin {
        Pin(Held(frame))
    }

    /// Returns the pinned frame.
    pub(crate) fn frame(&self) -> Frame {
        self.0.0
    }

    pub(super) fn end(self) -> Frame {
        self.0.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "a token for frame 7 was dropped")]
    fn a_frame_that_is_dropped_on_the_way_is_noticed() {
        drop(FreeFrame::new(Frame::new(7)));
    }

    #[test]
    fn a_token_that_ends_says_which_frame_it_stood_for() {
        assert_eq!(Pin::new(Frame::new(7)).end(), Frame::new(7));
    }
}
