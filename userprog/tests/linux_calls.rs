//! Linux' system calls, one by one: what they return is what Linux returns, and nothing that is passed to them
//! harms the kernel.
//!
//! The comparisons run the same program on the host, where that runs i386 programs.

use std::fs;
use std::process::Command;

use executables::asm::{CODE, DATA, DATA_BYTES};
use executables::linux::{Row, SCRATCH, calls, results};
use machine::work::Work;
use small::Machine;

/// A file that programs find.
const CONTENT: &[u8] = b"some content of a file";
/// Paths in the scratch area.
const FILE: u32 = SCRATCH;
const NONE: u32 = SCRATCH + 16;
const NEW: u32 = SCRATCH + 32;
const EMPTY: u32 = SCRATCH + 48;
/// A vector of two buffers, one of which is bad.
const VECTOR: u32 = SCRATCH + 64;
/// Sets of descriptors, and zeros before them.
const SETS: u32 = SCRATCH + 3000;
const ZEROS: u32 = SCRATCH + 2048;
/// Room for what calls return.
const BUFFER: u32 = SCRATCH + 256;
/// Addresses that are not the program's: null, unmapped, code, the kernel's, the last.
const BAD: [u32; 5] = [0, 0x1000_0000, 0xc000_0000, 0xf000_0000, u32::MAX];

fn scratch() -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in ["file", "none", "new", ""] {
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(16), 0);
        if text.is_empty() {
            bytes.resize(bytes.len() + 16, 0);
        }
    }
    for word in [BUFFER, 4, 0x1000_0000, 4] {
        bytes.extend(u32::to_le_bytes(word));
    }
    bytes.resize((SOON - SCRATCH) as usize, 0);
    for word in [0, 1_000_000, 0, 1_000_000_000] {
        bytes.extend(u32::to_le_bytes(word));
    }
    // Sets of descriptors: 0, 0, 0, and 4. Then the arguments of a select of none, for no time.
    bytes.resize((SETS - SCRATCH) as usize, 0);
    for word in [1, 1, 1, 16, 0, 0, 0, 0, ZEROS] {
        bytes.extend(u32::to_le_bytes(word));
    }
    bytes
}

fn row<const COUNT: usize>(words: [u32; COUNT]) -> Row {
    let mut row = [0; 7];
    row[..COUNT].copy_from_slice(&words);
    row
}

fn guest(rows: &[Row]) -> Vec<i32> {
    let done = Machine::new()
        .file("main", &calls(rows, &scratch()))
        .file("file", CONTENT)
        .run("main");
    assert_eq!(done.status(), 0);
    results(&done.console)
}

/// What the host returns; `None` if it runs no i386 programs.
fn native(rows: &[Row]) -> Option<Vec<i32>> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("main");
    fs::write(&program, calls(rows, &scratch())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.path().join("file"), CONTENT).unwrap();
    let output = Command::new(&program).current_dir(folder.path()).output();
    match output {
        Ok(output) if output.status.success() => Some(results(&output.stdout)),
        _ => {
            eprintln!("skipped: this host runs no i386 programs");
            None
        }
    }
}

/// Each call returns what it returns on the host.
#[track_caller]
fn same_as_linux(rows: &[Row]) {
    let Some(native) = native(rows) else {
        return;
    };
    let guest = guest(rows);
    let pairs = rows.iter().zip(native.into_iter().zip(guest));
    let different: Vec<String> = pairs
        .filter(|(_, (native, guest))| native != guest)
        .map(|(row, (native, guest))| format!("{row:x?}: {guest}, and {native} by Linux"))
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// A time of a millisecond, and one that is none.
const SOON: u32 = SCRATCH + 96;
const NO_TIME: u32 = SCRATCH + 104;

#[test]
fn futexes_are_looked_at_and_nobody_waits_for_nothing() {
    const FUTEX: u32 = 240;
    let mut rows = Vec::new();
    for flag in [0, 128] {
        rows.extend([
            row([FUTEX, ZEROS, flag, 1, SOON]),     // WAIT: another value
            row([FUTEX, ZEROS, flag, 0, SOON]),     // WAIT: the time passes
            row([FUTEX, ZEROS, flag, 0, ZEROS]),    // no time at all
            row([FUTEX, ZEROS, flag, 0, NO_TIME]),  // a time that is none
            row([FUTEX, ZEROS + 1, flag, 0, SOON]), // no word
            row([FUTEX, ZEROS, flag | 9, 0, SOON, 0, 1]), // WAIT_BITSET: long ago
            row([FUTEX, ZEROS, flag | 9, 0, SOON, 0, 0]), // no bits
            row([FUTEX, ZEROS, flag | 0x109, 0, SOON, 0, 1]), // by the clock of the day
            row([FUTEX, ZEROS, flag | 1, 5]),       // WAKE
            row([FUTEX, ZEROS, flag | 3, 1, 1, ZEROS + 4]), // REQUEUE
            row([FUTEX, ZEROS, flag | 4, 1, 1, ZEROS + 4, 0]), // CMP_REQUEUE
            row([FUTEX, ZEROS, flag | 4, 1, 1, ZEROS + 4, 1]), // another value
        ]);
        rows.extend(BAD.map(|at| row([FUTEX, at & !3, flag, 0, SOON])));
    }
    rows.push(row([FUTEX, 0x1000_0000, 1, 5])); // WAKE of nothing that others could have
    rows.push(row([435, ZEROS, 8])); // clone3, which the C library then does without
    same_as_linux(&rows[..rows.len() - 1]);
    assert_eq!(guest(&rows).last(), Some(&-38));
}

#[test]
fn threads_that_would_share_half_are_none_and_others_are_not_found() {
    // CLONE_THREAD alone, without the handlers, and the handlers without the memory.
    let halves = [0x1_0000, 0x1_0900, 0x800].map(|flags| row([120, flags]));
    let others = [
        row([270, 0, 1, 0]),     // tgkill: no process
        row([270, 1, 0, 0]),     // tgkill: no thread
        row([238, 0, 0]),        // tkill: no thread
        row([238, 1 << 30, 0]),  // tkill: nobody
        row([311, SCRATCH, 11]), // set_robust_list: of another size
        row([311, SCRATCH, 12]), // set_robust_list
    ];
    same_as_linux(&[&halves[..], &others].concat());
}

#[test]
fn files_are_opened_read_written_and_closed() {
    const CREATE: u32 = 0o102;
    let mut rows = vec![
        row([5, FILE, 0]),                        // open: 3
        row([3, 3, BUFFER, 100]),                 // read: all of it
        row([3, 3, BUFFER, 100]),                 // read: the end
        row([19, 3, 5, 0]),                       // lseek
        row([3, 3, BUFFER, 4]),                   // read
        row([19, 3, 0, 1]),                       // lseek: where
        row([19, 3, -100i32 as u32, 1]),          // lseek: before the start
        row([19, 3, 0, 9]),                       // lseek: no such way
        row([19, 3, 0, 2]),                       // lseek: the end
        row([4, 3, FILE, 4]),                     // write to what is only read
        row([180, 3, BUFFER, 7, 2]),              // pread64
        row([180, 3, BUFFER, 7, 0, 0x8000_0000]), // pread64 before the start
        row([5, NONE, 0]),                        // open: nothing there
        row([5, EMPTY, 0]),                       // open: no name
        row([5, NEW, CREATE | 0o200, 0o644]),     // open: new
        row([5, NEW, CREATE | 0o200, 0o644]),     // open: there already
        row([4, 4, FILE, 12]),                    // write
        row([93, 4, 5]),                          // ftruncate
        row([19, 4, 0, 2]),                       // lseek
        row([93, 3, 5]),                          // ftruncate what is only read
        row([93, 99, 5]),                         // ftruncate nothing
        row([145, 3, VECTOR, 2]),                 // readv at the end
        row([146, 4, VECTOR, 2]),                 // writev: half of it
        row([146, 4, VECTOR, 1025]),              // writev: too many
        row([41, 3]),                             // dup: 5
        row([63, 3, 9]),                          // dup2
        row([63, 99, 9]),                         // dup2 of nothing
        row([63, 3, 3]),                          // dup2 to itself
        row([330, 3, 3, 0]),                      // dup3 to itself
        row([330, 3, 10, 1]),                     // dup3 with a wrong flag
        row([221, 3, 0, 20]),                     // fcntl: F_DUPFD
        row([221, 9, 1]),                         // fcntl: F_GETFD
        row([221, 9, 2, 1]),                      // fcntl: F_SETFD
        row([221, 9, 1]),                         // fcntl: F_GETFD
        row([221, 99, 3]),                        // fcntl of nothing
        row([6, 3]),                              // close
        row([6, 3]),                              // close once more
        row([3, 3, BUFFER, 1]),                   // read from what is closed
        row([3, 5, BUFFER, 3]),                   // read: the position is shared
        row([33, FILE, 4]),                       // access
        row([33, NONE, 0]),                       // access
        row([33, FILE, 1]),                       // access: not a program
        row([195, NONE, BUFFER]),                 // stat64
        row([197, 99, BUFFER]),                   // fstat64
        row([38, NEW, NONE]),                     // rename
        row([38, NEW, NONE]),                     // rename: gone
        row([10, NONE]),                          // unlink
        row([10, NONE]),                          // unlink: gone
        row([39, NEW, 0o755]),                    // mkdir
        row([39, NEW, 0o755]),                    // mkdir: there already
        row([10, NEW]),                           // unlink a directory
        row([5, NEW, 1]),                         // open a directory to write
        row([40, FILE]),                          // rmdir of a file
        row([40, NEW]),                           // rmdir
        row([54, 5, 0x5401, BUFFER]),             // ioctl: TCGETS of a file
        row([220, 5, BUFFER, 100]),               // getdents64 of a file
    ];
    for bad in BAD {
        rows.extend([
            row([5, bad, 0]),
            row([3, 5, bad, 8]),
            row([4, 4, bad, 8]),
            row([195, FILE, bad]),
            row([195, bad, BUFFER]),
            row([10, bad]),
        ]);
    }
    same_as_linux(&rows);
}

#[test]
fn memory_is_mapped_changed_and_unmapped() {
    const AT: u32 = 0x2000_0000;
    const PAGE: u32 = 4096;
    const PRIVATE: u32 = 0x22; // with MAP_ANONYMOUS
    const FIXED: u32 = 0x10;
    let nothing = u32::MAX;
    let rows = [
        row([192, AT, 4 * PAGE, 3, PRIVATE | FIXED, nothing, 0]), // mmap2
        row([125, AT, PAGE, 1]),                                  // mprotect
        row([125, AT + PAGE, PAGE, 0]),                           // mprotect: PROT_NONE
        row([125, AT + 1, PAGE, 1]),                              // mprotect: misaligned
        row([125, AT, 0, 1]),                                     // mprotect: nothing
        row([125, 0x3000_0000, PAGE, 1]),                         // mprotect: a hole
        row([13, AT]),                                            // time, to what is read-only
        row([91, AT + PAGE, PAGE]),                               // munmap
        row([91, AT + PAGE, PAGE]),                               // munmap: nothing there
        row([91, AT + 1, PAGE]),                                  // munmap: misaligned
        row([91, AT, 0]),                                         // munmap: nothing
        row([91, 0xffff_f000, PAGE]),                             // munmap: the kernel's
        row([192, AT, 0, 3, PRIVATE | FIXED, nothing, 0]),        // mmap2: nothing
        row([192, AT + 1, PAGE, 3, PRIVATE | FIXED, nothing, 0]), // mmap2: misaligned
        row([192, AT, PAGE, 3, 0x20 | FIXED, nothing, 0]),        // mmap2: neither kind
        row([192, AT, PAGE, 3, 0x12, 99, 0]),                     // mmap2: no such file
        row([192, AT, PAGE, 3, PRIVATE | 0x10_0000, nothing, 0]), // mmap2: there already
        row([192, 0, 0xffff_f000, 3, PRIVATE, nothing, 0]),       // mmap2: too much
        row([219, AT, PAGE, 4]),                                  // madvise: MADV_DONTNEED
        row([219, AT, PAGE, 0]),                                  // madvise: MADV_NORMAL
        row([219, AT + 1, PAGE, 4]),                              // madvise: misaligned
        row([219, AT, PAGE, 99]),                                 // madvise: no such advice
        row([219, AT + PAGE, PAGE, 4]),                           // madvise: a hole
        row([218, AT + PAGE, PAGE, BUFFER]),                      // mincore: a hole
        row([218, AT + 1, PAGE, BUFFER]),                         // mincore: misaligned
        row([163, AT + 2 * PAGE, 2 * PAGE, PAGE, 0]),             // mremap: shorter
        row([163, AT + 2 * PAGE, PAGE, 3 * PAGE, 0]),             // mremap: longer
        row([163, AT + 2 * PAGE, PAGE, 0, 0]),                    // mremap: nothing
        row([5, FILE, 0]),                                        // open
        row([192, AT, PAGE, 1, 0x12, 3, 0]),                      // mmap2: the file
        row([192, AT, PAGE, 3, 0x11, 3, 0]), // mmap2: shared, not to be written
        row([192, AT + 8 * PAGE, PAGE, 1, 0x11, 3, 0]), // mmap2: shared
        row([125, AT + 8 * PAGE, PAGE, 3]), // mprotect: stores to a file that was opened to be read
        row([125, AT, PAGE, 3]),            // mprotect: the private one, whose stores reach no file
        row([144, AT + 8 * PAGE, PAGE, 4]), // msync
    ];
    same_as_linux(&rows);
}

#[test]
fn stacks_alarms_and_sets_of_descriptors_are_checked() {
    let mut rows = vec![
        row([186, 0, BUFFER]),                   // sigaltstack: there is none
        row([186, VECTOR, 0]),                   // sigaltstack: wrong flags, and too small
        row([186, SETS, 0]),                     // sigaltstack: too small
        row([27, 100]),                          // alarm
        row([27, 0]),                            // alarm: what was left
        row([27, 0]),                            // alarm: nothing was left
        row([105, 0, BUFFER]),                   // getitimer
        row([105, 9, BUFFER]),                   // getitimer: no such timer
        row([104, 0, VECTOR, 0]),                // setitimer: a long one
        row([82, SETS + 16]),                    // select nothing, for no time
        row([142, 0, 0, 0, 0, ZEROS]),           // _newselect nothing
        row([142, u32::MAX, 0, 0, 0, 0]),        // _newselect: a negative number
        row([42, BUFFER]),                       // pipe
        row([6, 0]),                             // close
        row([41, 3]),                            // dup: 0
        row([142, 1, SETS, 0, 0, ZEROS]),        // _newselect: nothing to read
        row([4, 4, FILE, 4]),                    // write to the pipe
        row([308, 1, SETS + 4, 0, 0, ZEROS, 0]), // pselect6: something to read
        row([413, 1, SETS + 8, 0, 0, 0, 0]),     // pselect6_time64
        row([142, 5, 0, SETS + 12, 0, 0]),       // _newselect: can be written
        row([6, 0]),                             // close
        row([142, 1, SETS + 4, 0, 0, ZEROS]),    // _newselect: nothing is open
    ];
    for bad in BAD.into_iter().skip(1) {
        rows.extend([
            row([186, bad, 0]),
            row([186, 0, bad]),
            row([104, 0, bad, 0]),
            row([105, 0, bad]),
            row([82, bad]),
            row([142, 1, bad, 0, 0, ZEROS]),
            row([142, 1, 0, 0, 0, bad]),
            row([308, 1, 0, 0, 0, bad, 0]),
        ]);
    }
    same_as_linux(&rows);
}

#[test]
fn signals_clocks_and_names_are_asked_for() {
    let mut rows = vec![
        row([174, 9, BUFFER, 0, 8]),   // rt_sigaction: SIGKILL
        row([174, 10, 0, BUFFER, 8]),  // rt_sigaction: asked
        row([174, 0, 0, BUFFER, 8]),   // rt_sigaction: no signal
        row([174, 65, 0, BUFFER, 8]),  // rt_sigaction: no signal
        row([174, 10, 0, BUFFER, 4]),  // rt_sigaction: another size
        row([175, 0, 0, BUFFER, 8]),   // rt_sigprocmask: asked
        row([175, 9, BUFFER, 0, 8]),   // rt_sigprocmask: no such way
        row([175, 0, 0, BUFFER, 4]),   // rt_sigprocmask: another size
        row([265, 99, BUFFER]),        // clock_gettime: no clock
        row([265, 1, BUFFER]),         // clock_gettime
        row([403, 1, BUFFER]),         // clock_gettime64
        row([266, 1, 0]),              // clock_getres
        row([78, BUFFER, 0]),          // gettimeofday
        row([122, BUFFER]),            // uname
        row([191, 3, BUFFER]),         // ugetrlimit
        row([191, 99, BUFFER]),        // ugetrlimit: no such limit
        row([116, BUFFER]),            // sysinfo
        row([199]),                    // getuid32
        row([60, 0o22]),               // umask
        row([60, 0o77]),               // umask
        row([172, 16, BUFFER]),        // prctl: PR_GET_NAME
        row([355, BUFFER, 16, 0]),     // getrandom
        row([7, 99, 0, 0]),            // waitpid: no child
        row([114, u32::MAX, 0, 1, 0]), // wait4: no child
        row([42, BUFFER]),             // pipe
        row([331, BUFFER, 1]),         // pipe2: no such flag
        row([4, 4, FILE, 4]),          // write to it
        row([3, 3, BUFFER, 9]),        // read from it
        row([19, 3, 0, 0]),            // lseek in it
        row([3, 4, BUFFER, 1]),        // read from the wrong end
        row([4, 3, BUFFER, 1]),        // write to the wrong end
        row([6, 4]),                   // close
        row([3, 3, BUFFER, 9]),        // read: the end
        row([168, SCRATCH, 0, 0]),     // poll nothing
        row([243, SCRATCH]),           // set_thread_area: no such entry
        row([11, NONE, 0, 0]),         // execve: nothing there
    ];
    for bad in BAD.into_iter().skip(1) {
        rows.extend([
            row([174, 10, bad, 0, 8]),
            row([174, 10, 0, bad, 8]),
            row([175, 0, bad, 0, 8]),
            row([265, 1, bad]),
            row([122, bad]),
            row([191, 3, bad]),
            row([116, bad]),
            row([355, bad, 16, 0]),
            row([42, bad]),
            row([162, bad, 0]),
            row([11, bad, 0, 0]),
            row([243, bad]),
            row([183, bad, 100]),
        ]);
    }
    same_as_linux(&rows);
}

/// Patterns of arguments that mean no good.
fn hostile() -> Vec<[u32; 6]> {
    let far = [CODE, DATA + DATA_BYTES - 2, 0xbfff_fffc, 0x7fff_f000];
    let values = BAD.into_iter().chain(far).chain([1, 3, 4096, 0x8000_0000]);
    let mut patterns: Vec<[u32; 6]> = values.clone().map(|value| [value; 6]).collect();
    for value in values {
        patterns.push([0, value, value, value, value, value]);
        patterns.push([1, BUFFER, value, value, value, value]);
        patterns.push([BUFFER, value, value, BUFFER, value, value]);
        patterns.push([FILE, BUFFER, value, value, 8, value]);
        patterns.push([3, SCRATCH, 2, value, value, value]);
    }
    patterns
}

/// No call, whatever its number and its arguments, does more than fail, end the program or have it wait.
#[test]
fn no_number_and_no_argument_harms_the_kernel() {
    for number in (0..460).chain([0x7fff_ffff, 0x8000_0000, u32::MAX]) {
        let row_of = |[a, b, c, d, e, f]: [u32; 6]| [number, a, b, c, d, e, f];
        let mut rows = vec![row([5, FILE, 2])];
        rows.extend(hostile().into_iter().map(row_of));
        let program = calls(&rows, &scratch());
        let machine = Machine::new().file("main", &program).file("file", CONTENT);
        // Nothing may be left behind, which the machine checks.
        let machine = machine.options(|options| options.frames(40).max_work(Work(3_000_000)));
        let _ = machine.run("main");
    }
}
