//! Where the emulator must stop translating, lest one of its tables overflow.
//!
//! Its translator has room for 512 temporary values in a block, of which some 40 are taken from the
//! start, and never gives back those it makes for x87 instructions (two at the most for each) and a
//! few others (one); it does not look how many there are (unicorn issue 2240). A straight row of some
//! 235 such instructions would write past the table. So dense pages are given *cuts*: addresses at
//! which translation ends, and the CPU goes on with another block.
//!
//! What always holds: a block that is translated needs no more than [`ROOM`]. It lies on two pages at
//! the most. A page that is not dense needs at most [`DENSE`], whatever way it is decoded, and two of
//! them fit, also with what was stored into them since they were looked at. On a dense page no way to
//! decode it leads over more than [`BETWEEN_CUTS`] without a cut, so that one next to any other page
//! fits as well.

use iced_x86::{Decoder, DecoderOptions, FlowControl};

use crate::memory::FrameBytes;

/// Temporary values that a block may keep: what there is but for those taken from the start and those
/// of one instruction.
const ROOM: usize = 440;
/// A page that could need more than this is dense.
const DENSE: usize = 200;
/// What may be stored into pages that are not dense before all are looked at again.
pub const STORED: usize = 40;
/// What may lie between two cuts.
const BETWEEN_CUTS: usize = 200;

const _: () = assert!(2 * DENSE + STORED <= ROOM);
const _: () = assert!(BETWEEN_CUTS + DENSE + STORED <= ROOM && 2 * BETWEEN_CUTS <= ROOM);

/// Whether a page with these bytes needs cuts.
pub fn is_dense(page: &FrameBytes) -> bool {
    most_kept(page) > DENSE
}

/// The most that bytes can add to what blocks keep, wherever they are stored.
pub fn most_added(bytes: &[u8]) -> usize {
    let most = |byte: &u8| match byte {
        0xd8..=0xdf => 2,
        0xd4 | 0xd5 | 0x8e | 0x0f | 0x70 | 0xa1 | 0xa9 | 0xb4 | 0xb5 => 1,
        _ => 0,
    };
    bytes.iter().map(most).sum()
}

/// The offsets at which translation must end on a dense page.
pub fn cuts(page: &FrameBytes) -> Vec<u16> {
    let mut cuts = Vec::new();
    // For each offset, what a block from there on keeps until it ends, is cut or leaves the page.
    let mut kept = vec![0; page.len()];
    for start in (0..page.len()).rev() {
        let mut decoder = Decoder::new(32, &page[start..], DecoderOptions::NO_INVALID_CHECK);
        let instruction = decoder.decode();
        // One that reaches over the end of the page is not whole, and counts all the same.
        let own = kept_by(&page[start..]);
        let goes_on = instruction.flow_control() == FlowControl::Next && !instruction.is_invalid();
        let next = start + instruction.len();
        let behind = if goes_on {
            kept.get(next).copied().unwrap_or(0)
        } else {
            0
        };
        kept[start] = own + behind;
        if kept[start] > BETWEEN_CUTS {
            cuts.push(next as u16);
            kept[start] = own;
        }
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// The most that any block on a page can keep: what all its bytes would if each began an
/// instruction.
fn most_kept(page: &FrameBytes) -> usize {
    (0..page.len())
        .map(|at| kept_without_prefixes(&page[at..]))
        .sum()
}

/// What the instruction that begins with these bytes keeps.
fn kept_by(bytes: &[u8]) -> usize {
    let prefixes = bytes.iter().take_while(|byte| is_prefix(**byte)).count();
    kept_without_prefixes(&bytes[prefixes..])
}

/// What an instruction with this opcode keeps, as was found out by counting.
fn kept_without_prefixes(bytes: &[u8]) -> usize {
    match bytes {
        [0xd8..=0xdf, ..] => 2,
        // aam, aad, mov to a segment register; pshufw; pop, lfs and lgs.
        [0xd4 | 0xd5 | 0x8e, ..] | [0x0f, 0x70 | 0xa1 | 0xa9 | 0xb4 | 0xb5, ..] => 1,
        // The second byte is on the next page.
        [0x0f] => 1,
        _ => 0,
    }
}

fn is_prefix(byte: u8) -> bool {
    matches!(
        byte,
        0xf0 | 0xf2 | 0xf3 | 0x2e | 0x36 | 0x3e | 0x26 | 0x64..=0x67
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::PAGE_SIZE;

    fn page(bytes: impl Iterator<Item = u8>) -> FrameBytes {
        let mut page = [0x90; PAGE_SIZE as usize];
        for (at, byte) in page.iter_mut().zip(bytes) {
            *at = byte;
        }
        page
    }

    /// What a block from `start` on keeps on its page.
    fn block(page: &FrameBytes, cuts: &[u16], start: usize) -> usize {
        let (mut at, mut kept) = (start, 0);
        while at < page.len() && (at == start || !cuts.contains(&(at as u16))) {
            let mut decoder = Decoder::new(32, &page[at..], DecoderOptions::NO_INVALID_CHECK);
            let instruction = decoder.decode();
            kept += kept_by(&page[at..]);
            if instruction.is_invalid() || instruction.flow_control() != FlowControl::Next {
                break;
            }
            at += instruction.len();
        }
        kept
    }

    #[test]
    fn ordinary_code_is_not_cut() {
        // A byte in fifty is more than most pages of code have.
        let sparse = (0..4096).map(|at| if at % 50 == 0 { 0xd9 } else { 0x90 });
        assert!(!is_dense(&page(sparse)));
    }

    #[test]
    fn no_way_to_decode_a_dense_page_keeps_too_much() {
        let fxch = page([0xd9, 0xc9].into_iter().cycle());
        let aam = page([0xd4].into_iter().cycle());
        let mut state = 1u32;
        let noise = page(std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let byte = (state >> 24) as u8;
            if byte < 160 { 0xd8 + byte % 8 } else { byte }
        }));
        for page in [fxch, aam, noise] {
            assert!(is_dense(&page));
            let cuts = cuts(&page);
            for start in 0..page.len() {
                let kept = block(&page, &cuts, start);
                assert!(kept <= BETWEEN_CUTS, "{kept} from {start}");
            }
        }
    }
}
