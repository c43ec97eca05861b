//! ZIPs and tars that are made to do harm, and those that are damaged.

use tar::{Builder, EntryType};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::super::testing::{Item, append, gzip, take_bytes, tar, zip, zip_with};
use super::super::{Refusal, limits};

const ITEMS: [Item<'static>; 2] = [
    ("vm/src/lib.rs", "mod options;\n"),
    ("vm/src/options.rs", "// Options, and more options.\n"),
];

fn tar_with(path: &str, kind: EntryType, link: &str) -> Vec<u8> {
    let mut builder = Builder::new(tar_open(&ITEMS));
    append(&mut builder, path, kind, "", link);
    builder.into_inner().expect("it is in memory")
}

/// A tar without its end mark, to which more can be appended.
fn tar_open(items: &[Item<'_>]) -> Vec<u8> {
    let mut bytes = tar(items);
    bytes.truncate(bytes.len() - 1024);
    bytes
}

/// Replaces bytes wherever they are. In a ZIP, each name is in two places.
fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    for at in 0..=bytes.len() - old.len() {
        if bytes[at..].starts_with(old) {
            bytes[at..at + new.len()].copy_from_slice(new);
        }
    }
}

#[test]
fn links_in_a_tar_are_refused_among_the_sources_only() {
    for kind in [EntryType::Symlink, EntryType::Link] {
        let refusal = take_bytes(&tar_with("vm/src/evict.rs", kind, "/etc/passwd"));
        assert!(matches!(refusal, Err(Refusal::Link { path }) if path == "vm/src/evict.rs"));
        take_bytes(&tar_with("docs/link.rs", kind, "/etc/passwd")).expect("it is not wanted");
    }
    let refusal = take_bytes(&tar_with("vm/src/tty", EntryType::Char, ""));
    assert!(matches!(refusal, Err(Refusal::NoFile { .. })));
}

#[test]
fn a_link_in_a_zip_is_refused_among_the_sources() {
    let options = SimpleFileOptions::default().unix_permissions(0o777);
    let mut bytes = zip_with(&[("vm/src/lib.rs", "/etc/passwd")], options);
    replace(
        &mut bytes,
        &0o100_777u16.to_le_bytes(),
        &0o120_777u16.to_le_bytes(),
    );
    let refusal = take_bytes(&bytes);
    assert!(matches!(refusal, Err(Refusal::Link { .. })));
}

#[test]
fn an_archive_with_a_path_that_leads_out_is_refused_as_a_whole() {
    for path in ["../../x", "/etc/cron.d/x"] {
        let refusal = take_bytes(&tar_with(path, EntryType::Regular, ""));
        assert!(matches!(refusal, Err(Refusal::LeadsOut { .. })), "{path}");
        let refusal = take_bytes(&zip(&[ITEMS[0], (path, "")]));
        assert!(matches!(refusal, Err(Refusal::LeadsOut { .. })), "{path}");
    }
}

#[test]
fn two_entries_of_one_path_are_refused() {
    let refusal = take_bytes(&tar_with("vm/src/lib.rs", EntryType::Regular, ""));
    assert!(matches!(refusal, Err(Refusal::Duplicate { .. })));
    let mut bytes = zip(&[ITEMS[0], ("vm/src/lib.rx", "")]);
    replace(&mut bytes, b"vm/src/lib.rx", b"vm/src/lib.rs");
    let refusal = take_bytes(&bytes);
    assert!(matches!(refusal, Err(Refusal::Duplicate { path }) if path == "vm/src/lib.rs"));
}

#[test]
fn a_path_that_is_file_and_folder_is_refused() {
    let refusal = take_bytes(&zip(&[ITEMS[0], ("vm/src/lib.rs/x.rs", "")]));
    assert!(matches!(refusal, Err(Refusal::FileAndFolder { .. })));
    let refusal = take_bytes(&zip(&[("vm/src/options.rs/x.rs", "")]));
    assert!(matches!(refusal, Err(Refusal::FileAndFolder { .. })));
}

#[test]
fn windows_separators_are_understood() {
    let mut bytes = zip(&ITEMS);
    replace(&mut bytes, b"vm/src/", b"vm\\src\\");
    let taken = take_bytes(&bytes).expect("it is taken");
    assert_eq!(taken, take_bytes(&zip(&ITEMS)).expect("it is taken"));
}

#[test]
fn a_stored_zip_is_read_like_a_compressed_one() {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let taken = take_bytes(&zip_with(&ITEMS, stored)).expect("it is taken");
    assert_eq!(taken, take_bytes(&zip(&ITEMS)).expect("it is taken"));
}

#[test]
fn a_zip_bomb_stops_at_the_limit_of_a_file_whatever_size_it_claims() {
    let zeros = " ".repeat(100 << 20);
    let mut bytes = zip(&[("vm/src/lib.rs", &zeros)]);
    assert!(bytes.len() < 1 << 20, "it is small");
    let claimed = (zeros.len() as u32).to_le_bytes();
    replace(&mut bytes, &claimed, &10u32.to_le_bytes());
    let refusal = take_bytes(&bytes);
    assert!(matches!(refusal, Err(Refusal::TooLarge { path }) if path == "vm/src/lib.rs"));
}

#[test]
fn a_bomb_that_is_not_wanted_is_not_decompressed_in_a_zip() {
    let zeros = " ".repeat(20 << 20);
    take_bytes(&zip(&[ITEMS[0], ("docs/data", &zeros)])).expect("it is not wanted");
}

#[test]
fn a_tar_bomb_stops_at_the_limit_of_the_stream() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut header = tar::Header::new_gnu();
    header.set_path("docs/data").expect("it is short");
    header.set_size(limits::STREAM_BYTES * 2);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    let zeros = std::io::Read::take(std::io::repeat(0), limits::STREAM_BYTES);
    let mut bomb = std::io::Read::chain(&header.as_bytes()[..], zeros);
    std::io::copy(&mut bomb, &mut encoder).expect("it is in memory");
    let bytes = encoder.finish().expect("it is in memory");
    assert!(matches!(take_bytes(&bytes), Err(Refusal::Bomb)));
}

#[test]
fn long_names_without_end_stop_at_the_limit_of_headers() {
    let name = "x".repeat(2 * limits::HEADER_BYTES as usize);
    let mut builder = Builder::new(Vec::new());
    append(&mut builder, "long", EntryType::GNULongName, &name, "");
    append(&mut builder, "x", EntryType::Regular, "", "");
    let bytes = builder.into_inner().expect("it is in memory");
    assert!(matches!(take_bytes(&bytes), Err(Refusal::Bomb)));
}

#[test]
fn long_names_of_tar_are_read() {
    let long = format!("repo/{}/vm/src/lib.rs", "n".repeat(120));
    let mut builder = Builder::new(Vec::new());
    append(&mut builder, "long", EntryType::GNULongName, &long, "");
    append(&mut builder, "x", EntryType::Regular, "// Mine.\n", "");
    let bytes = builder.into_inner().expect("it is in memory");
    let taken = take_bytes(&bytes).expect("it is taken");
    assert_eq!(taken.files["vm/src/lib.rs"], b"// Mine.\n");
}

#[test]
fn more_entries_than_the_limit_are_refused() {
    let names: Vec<String> = (0..=limits::ENTRIES)
        .map(|number| number.to_string())
        .collect();
    let items: Vec<Item<'_>> = names.iter().map(|name| (name.as_str(), "")).collect();
    for bytes in [zip(&items), gzip(&tar(&items))] {
        assert!(matches!(take_bytes(&bytes), Err(Refusal::TooMany)));
    }
}

#[test]
fn an_encrypted_zip_is_refused() {
    let mut bytes = zip(&ITEMS);
    let at = bytes.windows(4).position(|bytes| bytes == b"PK\x01\x02");
    bytes[at.expect("it has a directory") + 8] |= 1;
    assert!(matches!(take_bytes(&bytes), Err(Refusal::Encrypted { .. })));
}

#[test]
fn a_wrong_checksum_is_damage() {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut bytes = zip_with(&ITEMS, stored);
    replace(&mut bytes, b"more options", b"less options");
    assert!(matches!(
        take_bytes(&bytes),
        Err(Refusal::Damaged { kind: "ZIP", .. })
    ));
}

#[test]
fn a_zip_cut_off_anywhere_is_damaged() {
    let bytes = zip(&ITEMS);
    for length in 4..bytes.len() {
        let refusal = take_bytes(&bytes[..length]);
        assert!(matches!(refusal, Err(Refusal::Damaged { .. })), "{length}");
    }
}

#[test]
fn a_tar_cut_off_before_its_end_mark_is_damaged() {
    let bytes = tar_open(&ITEMS);
    for length in 263..=bytes.len() {
        let refusal = take_bytes(&bytes[..length]);
        assert!(matches!(refusal, Err(Refusal::Damaged { .. })), "{length}");
    }
}

#[test]
fn a_compressed_tar_cut_off_anywhere_is_damaged() {
    let bytes = gzip(&tar(&ITEMS));
    for length in 2..bytes.len() {
        let refusal = take_bytes(&bytes[..length]);
        assert!(matches!(refusal, Err(Refusal::Damaged { .. })), "{length}");
    }
}
