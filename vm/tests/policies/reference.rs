//! Exact LRU and OPT, literally as they are defined. Those of the library must agree with them.

use vm::simulator::PageNumber;

/// Returns the number of faults of exact LRU.
pub(crate) fn lru(frames: usize, string: &[PageNumber]) -> u64 {
    faults(frames, string, |resident, now| {
        let last_use = |page| string[..now].iter().rposition(|p| *p == page);
        place_of(resident, |a, b| last_use(b).cmp(&last_use(a)))
    })
}

/// Returns the number of faults of OPT, which evicts the page whose next use is furthest ahead.
pub(crate) fn opt(frames: usize, string: &[PageNumber]) -> u64 {
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

/// Returns the position of the greatest of the pages.
fn place_of(
    pages: &[PageNumber],
    compare: impl Fn(PageNumber, PageNumber) -> std::cmp::Ordering,
) -> usize {
    (0..pages.len())
        .max_by(|a, b| compare(pages[*a], pages[*b]))
        .expect("a full pool")
}
