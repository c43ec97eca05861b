//! Which break of the kernel is on: in a copy of the sources that is made to try them.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

static SWITCH: OnceLock<Switch> = OnceLock::new();

struct Switch {
    on: usize,
    /// Where it is noted which breaks a program comes by.
    notes: Option<Mutex<Notes>>,
}

struct Notes {
    file: File,
    noted: BTreeSet<usize>,
}

/// Whether the break of this number is on, by the environment.
#[inline]
pub fn is(number: usize) -> bool {
    let switch = prepare();
    if let Some(notes) = &switch.notes {
        let mut notes = notes.lock().unwrap();
        if notes.noted.insert(number) {
            // At once: the process may be ended at any time.
            notes.file.write_all(format!("{number}\n").as_bytes()).unwrap();
        }
    }
    switch.on == number
}

/// Opens what is to be open before the walls around the kernel stand.
pub fn prepare_to_break() {
    prepare();
}

fn prepare() -> &'static Switch {
    SWITCH.get_or_init(|| {
        let number = std::env::var("VMLAB_BREAK").ok();
        // The machine program's last words are `-- PROGRAM ARGUMENTS`.
        let program = std::env::args().skip_while(|word| word != "--").nth(1);
        let folder = std::env::var_os("VMLAB_BREAK_NOTES").zip(program);
        Switch {
            on: number.and_then(|number| number.parse().ok()).unwrap_or(0),
            notes: folder.map(|(folder, program)| {
                // The program of a test of somebody's own is a path.
                let path = PathBuf::from(folder).join(program.replace('/', "_"));
                let file = OpenOptions::new().create(true).append(true).open(path);
                Mutex::new(Notes {
                    file: file.unwrap(),
                    noted: BTreeSet::new(),
                })
            }),
        }
    })
}
