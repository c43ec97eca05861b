//! A small machine, kept from one input to the next while it is able to run.

use std::cell::RefCell;
use std::{fs, io};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use machine::disk::MemoryDisk;
use machine::work::Work;
use tempfile::TempDir;
use userprog::{Kernel, MachineOptions, RunEnd};

/// The work of all programs of one machine.
const WORK: Work = Work(200_000);
/// Few enough that programs which touch some pages swap.
const FRAMES: u32 = 8;
/// Sectors of the swap disk.
const SWAP_SECTORS: u64 = 2048;

struct Machine {
    kernel: Kernel,
    folder: TempDir,
    programs: u64,
}

impl Machine {
    fn new() -> Machine {
        let folder = TempDir::new().expect("a folder for files");
        let files = Dir::open_ambient_dir(folder.path(), ambient_authority());
        let options = MachineOptions::new(Box::new(MemoryDisk::new(SWAP_SECTORS)))
            .frames(FRAMES)
            .max_work(WORK);
        let kernel = Kernel::new(
            options,
            files.expect("the folder"),
            Box::new(io::sink()),
            Box::new(io::empty()),
        );
        Machine {
            kernel: kernel.expect("a machine"),
            folder,
            programs: 0,
        }
    }
}

thread_local! {
    static MACHINE: RefCell<Option<Machine>> = const { RefCell::new(None) };
}

/// Runs an executable. It may do what it likes; afterwards nothing of it is left.
pub fn run(executable: &[u8]) {
    MACHINE.with_borrow_mut(|slot| {
        let machine = slot.get_or_insert_with(Machine::new);
        // Under a name of its own: no run sees the file of another one.
        machine.programs += 1;
        let name = format!("p{}", machine.programs);
        let path = machine.folder.path().join(&name);
        fs::write(&path, executable).expect("a file");
        let end = machine.kernel.run(name.as_bytes()).end;
        machine.kernel.check_clean();
        // The program may have removed it itself.
        let _ = fs::remove_file(path);
        if matches!(end, RunEnd::WorkLimit | RunEnd::Halted) {
            *slot = None;
        }
    });
}
