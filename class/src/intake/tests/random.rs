//! No bytes whatever make the readers panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::testing::{Item, gzip, take_bytes, tar, zip};

const ITEMS: [Item<'static>; 3] = [
    ("vm/src/lib.rs", "mod options;\n"),
    ("vm/src/options.rs", "// Options, options, options.\n"),
    ("README.md", "Read me\n"),
];

/// First bytes that lead to each of the readers in memory.
fn magic() -> impl Strategy<Value = Vec<u8>> {
    let tar = [vec![b'a'; 257], b"ustar\x0000".to_vec()].concat();
    prop_oneof![
        Just(b"PK\x03\x04".to_vec()),
        Just(b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec()),
        Just(tar),
        Just(Vec::new()),
    ]
}

fn valid() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(zip(&ITEMS)),
        Just(tar(&ITEMS)),
        Just(gzip(&tar(&ITEMS)))
    ]
}

/// Makes the checksums of all headers right again, so that a changed field is believed.
fn correct(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(512) {
        if block[257..262] == *b"ustar" {
            let mut header = tar::Header::new_old();
            header.as_mut_bytes().copy_from_slice(block);
            header.set_cksum();
            block.copy_from_slice(header.as_bytes());
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_are_refused_or_taken(magic in magic(), rest in vec(any::<u8>(), 0..2000)) {
        let _ = take_bytes(&[magic, rest].concat());
    }

    #[test]
    fn changed_archives_are_refused_or_taken(
        bytes in valid(),
        changes in vec((any::<Index>(), any::<u8>()), 1..8),
        length in any::<Index>(),
    ) {
        let mut bytes = bytes;
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = take_bytes(&bytes);
        let _ = take_bytes(&bytes[..length.index(bytes.len())]);
    }

    #[test]
    fn changed_headers_of_a_tar_are_refused_or_taken(
        changes in vec((0..512usize, any::<u8>()), 1..12),
        block in 0..5usize,
    ) {
        let mut bytes = tar(&ITEMS);
        for (at, byte) in changes {
            bytes[block * 512 + at] = byte;
        }
        correct(&mut bytes);
        let _ = take_bytes(&bytes);
        let _ = take_bytes(&gzip(&bytes));
    }

    #[test]
    fn a_changed_directory_of_a_zip_is_refused_or_taken(
        changes in vec((any::<Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = zip(&ITEMS);
        let start = bytes.windows(4).position(|four| four == b"PK\x01\x02");
        let start = start.expect("it has a directory");
        for (at, byte) in changes {
            let at = start + at.index(bytes.len() - start);
            bytes[at] = byte;
        }
        let _ = take_bytes(&bytes);
    }
}
