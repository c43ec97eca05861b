//! Exact LRU and OPT, the clock and SIEVE, word by word as they are defined: what those of the library
//! must agree with.

use vm::simulator::PageNumber;

/// Faults of exact least recently used.
pub fn lru(frames: usize, string: &[PageNumber]) -> u64 {
    faults(frames, string, |resident, now| {
        let last_use = |page| string[..now].iter().rposition(|p| *p == page);
        place_of(resident, |a, b| last_use(b).cmp(&last_use(a)))
    })
}

/// Faults of the best choice possible: the page whose next use is furthest ahead goes.
pub fn opt(frames: usize, string: &[PageNumber]) -> u64 {
    faults(frames, string, |resident, now| {
        let next_use = |page| {
            string[now..]
                .iter()
                .position(|p| *p == page)
                .unwrap_or(string.len())
        };
        place_of(resident, |a, b| next_use(a).cmp(&next_use(b)))
    })
}

fn faults(
    frames: usize,
    string: &[PageNumber],
    victim: impl Fn(&[PageNumber], usize) -> usize,
) -> u64 {
    let mut resident = Vec::new();
    let mut faults = 0;
    for (now, page) in string.iter().enumerate() {
        if resident.contains(page) {
            continue;
        }
        faults += 1;
        if resident.len() == frames {
            resident.swap_remove(victim(&resident, now));
        }
        resident.push(*page);
    }
    faults
}

/// Where the greatest of the pages stands.
fn place_of(
    pages: &[PageNumber],
    compare: impl Fn(PageNumber, PageNumber) -> std::cmp::Ordering,
) -> usize {
    (0..pages.len())
        .max_by(|a, b| compare(pages[*a], pages[*b]))
        .expect("a full pool")
}

/// Faults of the clock: a ring of frames, and a hand that stays behind the last victim.
pub fn clock(frames: usize, string: &[PageNumber]) -> u64 {
    let mut ring: Vec<(PageNumber, bool)> = Vec::new();
    let (mut hand, mut faults) = (0, 0);
    for page in string {
        if let Some((_, used)) = ring.iter_mut().find(|(p, _)| p == page) {
            *used = true;
            continue;
        }
        faults += 1;
        if ring.len() < frames {
            ring.push((*page, true));
            continue;
        }
        while std::mem::take(&mut ring[hand].1) {
            hand = (hand + 1) % frames;
        }
        ring[hand] = (*page, true);
        hand = (hand + 1) % frames;
    }
    faults
}

/// Faults of SIEVE (Zhang et al., NSDI 2024, algorithm 1). An accessed bit does not tell the use for
/// which a page came from another before the next page comes, so a hit counts only after that.
pub fn sieve(frames: usize, string: &[PageNumber]) -> u64 {
    // From the tail to the head of the queue, with the visited bits.
    let mut queue: Vec<(PageNumber, bool)> = Vec::new();
    let (mut hand, mut faults) = (0, 0);
    for page in string {
        if let Some(at) = queue.iter().position(|(p, _)| p == page) {
            queue[at].1 = at + 1 < queue.len();
            continue;
        }
        faults += 1;
        if queue.len() == frames {
            while std::mem::take(&mut queue[hand].1) {
                hand = (hand + 1) % frames;
            }
            queue.remove(hand);
            if hand == queue.len() {
                hand = 0;
            }
        }
        queue.push((*page, false));
    }
    faults
}
