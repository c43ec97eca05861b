use super::*;
use proptest::prelude::*;

const R: Protection = Protection::READ;
const RX: Protection = Protection::READ.union(Protection::EXEC);
const RW: Protection = Protection::READ.union(Protection::WRITE);
const RWX: Protection = RW.union(Protection::EXEC);

fn segment(start: u32, offset: u32, file: u32, memory: u32, protection: Protection) -> Segment {
    Segment {
        start,
        memory_bytes: memory,
        file_bytes: file,
        offset,
        protection,
    }
}

fn region(pages: Range<u32>, protection: Protection, content: PlannedContent) -> PlannedRegion {
    let (start, end) = (Page::new(pages.start), Page::new(pages.end));
    PlannedRegion {
        start,
        end,
        protection,
        content,
    }
}

fn piece(at: u16, bytes: u16, offset: u64) -> Piece {
    Piece { at, bytes, offset }
}

#[test]
fn code_then_data_with_bss_from_the_middle_of_a_page() {
    let planned = plan(&[
        segment(0x0804_8000, 0, 0x2345, 0x2345, RX),
        segment(0x0804_b345, 0x2345, 0x1000, 0x20_0000, RW),
    ]);
    assert_eq!(
        planned,
        [
            region(0x8048..0x804a, RX, PlannedContent::File { first: 0 }),
            region(
                0x804a..0x804b,
                RX,
                PlannedContent::Mixed(vec![piece(0, 0x345, 0x2000)])
            ),
            region(0x804b..0x804c, RW, PlannedContent::File { first: 2 }),
            region(
                0x804c..0x804d,
                RW,
                PlannedContent::Mixed(vec![piece(0, 0x345, 0x3000)])
            ),
            region(0x804d..0x824c, RW, PlannedContent::Zero),
        ]
    );
}

#[test]
fn header_and_code_segment_sharing_a_page_have_the_rights_of_both() {
    let planned = plan(&[
        segment(0x0804_8000, 0, 0x174, 0x174, R),
        segment(0x0804_8180, 0x180, 0x3000, 0x3000, RX),
        segment(0x0804_b180, 0x3180, 0x10, 0x20, RW),
    ]);
    assert_eq!(
        planned,
        [
            // Between the two segments are bytes of the file, as if the second had been loaded from
            // the start of the page.
            region(0x8048..0x804b, RX, PlannedContent::File { first: 0 }),
            region(
                0x804b..0x804c,
                RWX,
                PlannedContent::Mixed(vec![piece(0, 0x190, 0x3000)])
            ),
        ]
    );
}

#[test]
fn the_later_segment_wins_a_byte_that_both_have_in_the_file() {
    let planned = plan(&[
        segment(0x1000, 0x1000, 0x3000, 0x3000, R),
        segment(0x2800, 0x5800, 0x100, 0x100, RW),
    ]);
    let mixed = vec![
        piece(0, 0x800, 0x2000),
        piece(0x800, 0x100, 0x5800),
        piece(0x900, 0x700, 0x2900),
    ];
    assert_eq!(
        planned,
        [
            region(1..2, R, PlannedContent::File { first: 1 }),
            region(2..3, RW, PlannedContent::Mixed(mixed)),
            region(3..4, R, PlannedContent::File { first: 3 }),
        ]
    );
}

#[test]
fn a_huge_bss_is_one_region() {
    let planned = plan(&[segment(0x0804_8000, 0, 0, 1 << 30, RW)]);
    assert_eq!(
        planned,
        [region(0x8048..0x4_8048, RW, PlannedContent::Zero)]
    );
}

#[test]
fn no_segments_make_no_regions() {
    assert_eq!(plan(&[]), []);
}

#[test]
fn a_thousand_segments_over_all_of_memory_are_planned_at_once() {
    let segments: Vec<Segment> = (0..1024)
        .map(|i| segment(0x1000 + 0x1004 * i, 4 * i, 0, 0xa000_0000, RWX))
        .collect();
    assert!(plan(&segments).len() <= 6 * 1024);
}

/// Returns the source of a byte by the rule in the module's documentation.
fn byte_of(segments: &[Segment], at: u32) -> Option<Source> {
    let page = at & !(PAGE_SIZE - 1);
    let touching: Vec<_> = segments
        .iter()
        .filter(|s| s.start < page + PAGE_SIZE && page < s.end())
        .collect();
    if touching.is_empty() {
        return None;
    }
    let in_file = touching
        .iter()
        .rev()
        .find(|s| (s.start..s.file_end()).contains(&at));
    let in_rest = touching
        .iter()
        .any(|s| (s.file_end()..s.end()).contains(&at));
    let before = touching
        .iter()
        .rev()
        .find(|s| s.file_bytes > 0 && (page..s.start).contains(&at));
    Some(match (in_file, in_rest, before) {
        (Some(s), _, _) => Source::File(s.offset + at - s.start),
        (None, true, _) => Source::Zero,
        (None, false, Some(s)) => Source::File(s.offset - (s.start - at)),
        (None, false, None) => Source::Zero,
    })
}

fn planned_byte(regions: &[PlannedRegion], at: u32) -> Option<Source> {
    let page = VirtAddr(at).page();
    let region = regions.iter().find(|r| (r.start..r.end).contains(&page))?;
    let in_page = at % PAGE_SIZE;
    Some(match &region.content {
        PlannedContent::Zero => Source::Zero,
        PlannedContent::File { first } => {
            let page = first + page.number() - region.start.number();
            Source::File(page * PAGE_SIZE + in_page)
        }
        PlannedContent::Mixed(pieces) => pieces
            .iter()
            .find(|p| (p.at.into()..u32::from(p.at + p.bytes)).contains(&in_page))
            .map_or(Source::Zero, |p| {
                Source::File(p.offset as u32 + in_page - u32::from(p.at))
            }),
    })
}

fn any_segment() -> impl Strategy<Value = Segment> {
    (
        0x1000u32..0x6000,
        0u32..4,
        0u32..0x2800,
        0u32..0x2800,
        0u8..4,
    )
        .prop_map(|(start, page, file, extra, flags)| {
            let memory = (file + extra).max(1);
            let offset = page * PAGE_SIZE + start % PAGE_SIZE;
            let rights = Protection::from_bits_truncate(flags << 1) | Protection::READ;
            segment(start, offset, file, memory, rights)
        })
}

proptest! {
    #[test]
    fn every_byte_is_where_the_rule_says(
        segments in prop::collection::vec(any_segment(), 0..6)
    ) {
        let planned = plan(&segments);
        prop_assert!(planned.windows(2).all(|pair| pair[0].end <= pair[1].start));
        for at in (0..0xc000).step_by(31).chain((0x1000..0xc000).step_by(4096)) {
            prop_assert!(planned_byte(&planned, at) == byte_of(&segments, at), "{at:#x}");
        }
    }
}
