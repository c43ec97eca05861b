//! Facts about the kernel that are repeated in crates without the kernel agree with it.

use host::guest_name::{GuestName, MAX_NAME};
use protocol::settings::DEFAULT_FRAMES;
use userprog::FileName;

#[test]
fn a_guests_file_has_a_name_exactly_if_the_kernel_takes_it() {
    assert_eq!(MAX_NAME, userprog::MAX_NAME);
    let long = "x".repeat(MAX_NAME + 1);
    let names = [
        "",
        "a",
        ".",
        "..",
        "...",
        "a/b",
        "/",
        "a\0b",
        "\0",
        " ",
        "~",
        "a\nb",
        "é",
        "ééééééé",
        "éééééééx",
        &long[1..],
        &long,
    ];
    let mut taken = 0;
    for name in names {
        let is_taken = FileName::new(name.as_bytes()).is_ok();
        assert_eq!(GuestName::new(name).is_ok(), is_taken, "{name:?}");
        taken += usize::from(is_taken);
    }
    assert!(taken > 5 && taken < names.len() - 5);
}

#[test]
fn a_machine_has_as_many_frames_as_the_settings_say() {
    assert_eq!(DEFAULT_FRAMES, userprog::limits::DEFAULT_FRAMES);
}
