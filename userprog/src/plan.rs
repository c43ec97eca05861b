//! From segments to pages: the initial content of each page of a program.
//!
//! Segments begin and end anywhere, so one page can belong to several of them, while regions of the
//! virtual memory consist of whole pages. The plan maps the one to the other.
//!
//! # Invariants
//!
//! - Regions of a plan do not overlap, are in order, and cover exactly the pages that overlap a
//!   segment.
//! - A page has the rights of all its segments together.
//! - A byte comes from the last segment (in the order of the file) that has it among its bytes from
//!   the file. Otherwise it is zero if it is in the rest of a segment. Otherwise it lies outside
//!   all segments, and comes from the file as if the next segment in its page had been loaded from
//!   the start of the page. Otherwise it is zero.
//! - A plan for `n` segments has at most `6 n` regions, however the segments overlap.

use std::collections::BTreeSet;
use std::ops::Range;

use machine::addr::{PAGE_SHIFT, PAGE_SIZE, Page, VirtAddr};
use vm::{Piece, Protection};

use crate::elf::Segment;

/// Pages with the same protection and the same kind of content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedRegion {
    /// First page.
    pub start: Page,
    /// The page after the last.
    pub end: Page,
    /// What the program may do there.
    pub protection: Protection,
    /// Their initial content.
    pub content: PlannedContent,
}

/// The initial content of pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlannedContent {
    /// Zeros.
    Zero,
    /// Whole pages of the file, beginning with this one.
    File {
        /// The number of that page in the file.
        first: u32,
    },
    /// One page assembled from pieces of the file, zero elsewhere.
    Mixed(Vec<Piece>),
}

/// Returns the plan for a program with these segments.
///
/// # Examples
///
/// ```
/// use userprog::elf::Segment;
/// use userprog::plan::{PlannedContent, plan};
/// use vm::Protection;
///
/// // Data up to the middle of a page, and .bss up to the middle of the next but one.
/// let data = Segment {
///     start: 0x0805_0000,
///     file_bytes: 0x800,
///     memory_bytes: 0x2800,
///     offset: 0x1000,
///     protection: Protection::READ | Protection::WRITE,
/// };
/// let regions = plan(&[data]);
/// let pages = |index: usize| regions[index].end.number() - regions[index].start.number();
/// assert_eq!((regions.len(), pages(0), pages(1)), (2, 1, 2));
/// assert_eq!(regions[1].content, PlannedContent::Zero);
/// ```
#[must_use]
pub fn plan(segments: &[Segment]) -> Vec<PlannedRegion> {
    let cuts: Vec<Page> = cuts(segments).into_iter().collect();
    let mut regions: Vec<PlannedRegion> = Vec::new();
    for pages in cuts.windows(2) {
        // No segment begins or ends within these pages, unless they are a single page. So what
        // holds for the first page holds for all.
        if let Some(region) = compose(segments, pages[0]..pages[1]) {
            match regions.last_mut() {
                Some(last) if last.goes_on_as(&region) => last.end = region.end,
                _ => regions.push(region),
            }
        }
    }
    regions
}

impl PlannedRegion {
    /// Returns whether `next` continues this region, so that both can be joined.
    fn goes_on_as(&self, next: &PlannedRegion) -> bool {
        let content = match (&self.content, &next.content) {
            (PlannedContent::Zero, PlannedContent::Zero) => true,
            (PlannedContent::File { first }, PlannedContent::File { first: next_first }) => {
                first + (self.end.number() - self.start.number()) == *next_first
            }
            _ => false,
        };
        content && self.end == next.start && self.protection == next.protection
    }
}

/// Returns the pages at which something begins or ends. The pages between two neighbours are all
/// alike, or a single page.
fn cuts(segments: &[Segment]) -> BTreeSet<Page> {
    let mut cuts = BTreeSet::new();
    for segment in segments {
        for edge in [segment.start, segment.file_end(), segment.end()].map(VirtAddr) {
            cuts.insert(edge.page());
            if !edge.is_aligned() {
                cuts.extend(edge.page().checked_add(1));
            }
        }
    }
    cuts
}

/// Returns the region for `pages`, which are like the first; `None` if no segment overlaps them.
fn compose(segments: &[Segment], pages: Range<Page>) -> Option<PlannedRegion> {
    let window = pages.start.start().0;
    let touching: Vec<&Segment> = segments
        .iter()
        .filter(|s| s.start < window + PAGE_SIZE && window < s.end())
        .collect();
    let protection = touching
        .iter()
        .map(|s| s.protection)
        .reduce(|all, one| all | one)?;
    let content = paint(&touching, window).into_content();
    Some(PlannedRegion {
        start: pages.start,
        end: pages.end,
        protection,
        content,
    })
}

/// Determines the source of each byte of the page at `window`, in the order of precedence.
fn paint(segments: &[&Segment], window: u32) -> Canvas {
    let mut canvas = Canvas::new(window);
    for segment in segments.iter().rev() {
        let bytes = segment.start..segment.file_end();
        canvas.claim(bytes, |at| {
            Source::File(segment.offset + (at - segment.start))
        });
    }
    for segment in segments {
        canvas.claim(segment.file_end()..segment.end(), |_| Source::Zero);
    }
    for segment in segments
        .iter()
        .rev()
        .filter(|s| s.file_bytes > 0 && s.start > window)
    {
        // Offset and address agree modulo the page size, so this does not leave the file.
        canvas.claim(window..segment.start, |at| {
            Source::File(segment.offset - (segment.start - at))
        });
    }
    canvas
}

/// The source of a byte of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Undecided,
    Zero,
    File(u32),
}

/// The sources of the bytes of one page, each set at most once.
struct Canvas {
    window: u32,
    bytes: Vec<Source>,
    undecided: usize,
}

impl Canvas {
    fn new(window: u32) -> Canvas {
        let size = PAGE_SIZE as usize;
        Canvas {
            window,
            bytes: vec![Source::Undecided; size],
            undecided: size,
        }
    }

    /// Sets the source of those of `addresses` that lie in the page and have none yet.
    fn claim(&mut self, addresses: Range<u32>, source: impl Fn(u32) -> Source) {
        if self.undecided == 0 {
            return;
        }
        let start = addresses.start.max(self.window);
        let end = addresses.end.min(self.window + PAGE_SIZE);
        for at in start..end {
            let byte = &mut self.bytes[(at - self.window) as usize];
            if *byte == Source::Undecided {
                *byte = source(at);
                self.undecided -= 1;
            }
        }
    }

    fn into_content(self) -> PlannedContent {
        let pieces = self.pieces();
        match pieces[..] {
            [] => PlannedContent::Zero,
            [
                Piece {
                    at: 0,
                    bytes: 4096,
                    offset,
                },
            ] if offset % u64::from(PAGE_SIZE) == 0 => PlannedContent::File {
                first: (offset >> PAGE_SHIFT) as u32,
            },
            _ => PlannedContent::Mixed(pieces),
        }
    }

    /// Returns the runs of bytes that are consecutive in the file.
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        for (at, source) in self.bytes.iter().enumerate() {
            let Source::File(offset) = *source else {
                continue;
            };
            let offset = u64::from(offset);
            match pieces.last_mut() {
                Some(last)
                    if usize::from(last.at + last.bytes) == at
                        && last.offset + u64::from(last.bytes) == offset =>
                {
                    last.bytes += 1;
                }
                _ => pieces.push(Piece {
                    at: at as u16,
                    bytes: 1,
                    offset,
                }),
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests;
