//! Policies with typical mistakes of students.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::hint::black_box;

use vm::replacement::{BuildPolicy, Frame, FramePool, Frames, Policy, PolicyKind};

/// Registers them.
pub(crate) fn register() {
    let kinds: [(&'static str, BuildPolicy); 9] = [
        ("panics", |pool, _| {
            wrong(pool, |_, _| panic!("no frame is to go"))
        }),
        ("out-of-bounds", |pool, _| wrong(pool, out_of_bounds)),
        ("borrows-twice", |pool, _| wrong(pool, borrows_twice)),
        ("not-written", |pool, _| wrong(pool, not_written)),
        ("looks-for-ever", |pool, _| wrong(pool, looks_for_ever)),
        ("hangs", |pool, _| wrong(pool, hangs)),
        ("eats-memory", |pool, _| wrong(pool, eats_memory)),
        ("recurses", |pool, _| {
            wrong(pool, |pool, _| recurses(pool.count))
        }),
        ("picks-a-wrong-frame", |pool, _| {
            wrong(pool, picks_a_wrong_frame)
        }),
    ];
    for (name, build) in kinds {
        vm::POLICIES.register(PolicyKind {
            name,
            about: "goes wrong",
            build,
        });
    }
}

/// A function that chooses a victim.
type Choose = fn(FramePool, &mut dyn Frames) -> Option<Frame>;

/// A policy without state.
struct Wrong {
    pool: FramePool,
    choose: Choose,
}

fn wrong(pool: FramePool, choose: Choose) -> Box<dyn Policy> {
    Box::new(Wrong { pool, choose })
}

impl Policy for Wrong {
    fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, frames: &mut dyn Frames) -> Option<Frame> {
        (self.choose)(self.pool, frames)
    }
}

fn out_of_bounds(pool: FramePool, _: &mut dyn Frames) -> Option<Frame> {
    let ages = vec![0; pool.count as usize];
    let next = black_box(ages.len());
    (ages[next] == 0).then_some(pool.first)
}

fn borrows_twice(pool: FramePool, _: &mut dyn Frames) -> Option<Frame> {
    let queue = RefCell::new(VecDeque::from([pool.first]));
    let mut oldest = queue.borrow_mut();
    queue.borrow_mut().push_back(pool.first);
    oldest.pop_front()
}

fn not_written(_: FramePool, _: &mut dyn Frames) -> Option<Frame> {
    panic!("not written yet: 9.1, choose a victim (vm/src/replacement/mine.rs:63)")
}

fn looks_for_ever(pool: FramePool, frames: &mut dyn Frames) -> Option<Frame> {
    loop {
        if !frames.is_evictable(pool.first) && frames.count() == 0 {
            return None;
        }
    }
}

fn hangs(_: FramePool, _: &mut dyn Frames) -> Option<Frame> {
    loop {
        black_box(());
    }
}

fn eats_memory(pool: FramePool, _: &mut dyn Frames) -> Option<Frame> {
    let mut history: Vec<Vec<u8>> = Vec::new();
    // Ends when the host has no more.
    while history.len() < 1 << 20 {
        history.push(black_box(vec![0; 64 << 20]));
    }
    Some(pool.first)
}

fn recurses(depth: u32) -> Option<Frame> {
    let below = black_box(depth.checked_add(1)?);
    let found = recurses(below);
    black_box(below);
    found
}

/// Returns a frame outside of the pool.
fn picks_a_wrong_frame(pool: FramePool, _: &mut dyn Frames) -> Option<Frame> {
    Some(Frame::new(pool.first.number() + pool.count))
}
