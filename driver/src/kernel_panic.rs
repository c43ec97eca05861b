//! Panics of the kernel under test: they are distinguished from panics of vmlab itself, and their
//! backtraces cut down to the frames of the kernel's author.
//!
//! # Invariants
//! - A panic is the kernel's if the innermost frame in the project is in `vm`, `userprog` or
//!   `machine`, or in a policy from outside; it is vmlab's own if that is in any other crate of the
//!   project.
//! - The frames shown are those of the kernel, the innermost first.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fmt;
use std::panic::PanicHookInfo;

use protocol::kernel_panic::{KernelPanic, NOT_WRITTEN};

/// The number of frames that are shown.
const FRAMES: usize = 12;
/// Folders whose panics are the kernel's.
const KERNEL: [&str; 6] = [
    "vm/src/",
    "vm/examples/",
    "userprog/src/",
    "emu/machine/src/",
    "driver/examples/",
    "grading/tests/",
];
/// Folders whose panics are vmlab's own.
const OURS: [&str; 8] = [
    "driver/src/",
    "tools/src/",
    "host/src/",
    "protocol/src/",
    "grading/src/",
    "emu/cpu/src/",
    "emu/unicorn/src/",
    "images/src/",
];
/// Files that panic to stop their caller: the cause is in the frames below.
const STOPPING: [&str; 2] = ["vm/src/replacement/fuel.rs", "vm/src/pager/candidates.rs"];

thread_local! {
    /// The last panic of the kernel on this thread.
    static LAST: RefCell<Option<KernelPanic>> = const { RefCell::new(None) };
}

/// Returns a panic as it is reported, if it is the kernel's. `location` is its file and line,
/// `backtrace` the text of its frames.
fn panic_of(message: &str, location: Option<(&str, u32)>, backtrace: &str) -> Option<KernelPanic> {
    let calls = Call::all_in(backtrace);
    let location = location.map(|(file, line)| (in_project(file), line));
    let is_ours = match (&location, calls.first()) {
        (Some((Some(file), _)), _) => is_in(file, &OURS),
        (_, Some(innermost)) => is_in(&innermost.file, &OURS),
        (_, None) => true,
    };
    if is_ours {
        return None;
    }
    let kernel = calls.iter().filter(|call| is_in(&call.file, &KERNEL));
    let stopped = kernel.filter(|call| !is_in(&call.file, &STOPPING) && !call.is_closure());
    let frames: Vec<&Call> = stopped.collect();
    let own_place = match location {
        Some((Some(file), line)) if !is_in(file, &STOPPING) && !file.starts_with("emu/") => {
            Some(format!("{file}:{line}"))
        }
        _ => None,
    };
    let innermost = frames.iter().find(|call| !call.file.starts_with("emu/"));
    let place = own_place.or_else(|| innermost.map(|call| call.place()));
    Some(KernelPanic {
        message: message.to_owned(),
        place: place.unwrap_or_else(|| "a place that is not known".to_owned()),
        frames: frames
            .into_iter()
            .take(FRAMES)
            .map(Call::to_string)
            .collect(),
    })
}

/// Reports panics of the kernel as such from now on, and passes them to `note`. Others are reported
/// as usual.
pub fn tell_apart(note: impl Fn(&KernelPanic) + Send + Sync + 'static) {
    let as_ever = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match of_kernel(info) {
        Some(panic) => {
            anstream::eprintln!("vmlab: {panic}");
            for frame in &panic.frames {
                anstream::eprintln!("  in {frame}");
            }
            note(&panic);
            LAST.with_borrow_mut(|last| {
                last.get_or_insert(panic);
            });
        }
        None => as_ever(info),
    }));
}

/// Takes the first panic of the kernel on this thread since the last call.
#[must_use]
pub fn take_last() -> Option<KernelPanic> {
    LAST.take()
}

fn of_kernel(info: &PanicHookInfo<'_>) -> Option<KernelPanic> {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("something that is no text");
    let location = info.location().map(|place| (place.file(), place.line()));
    if message.starts_with(NOT_WRITTEN) {
        // It names its place, and an unfinished kernel panics often: a backtrace costs time.
        return panic_of(message, location, "");
    }
    let backtrace = Backtrace::force_capture().to_string();
    panic_of(message, location, &backtrace)
}

/// A frame of a backtrace that is in the project.
struct Call {
    function: String,
    file: String,
    line: String,
}

impl Call {
    /// Returns those in the text of a backtrace, the innermost first.
    fn all_in(backtrace: &str) -> Vec<Call> {
        let mut calls = Vec::new();
        let mut function = "";
        for line in backtrace.lines().map(str::trim) {
            let Some(place) = line.strip_prefix("at ") else {
                function = line.split_once(": ").map_or(line, |(_, name)| name);
                continue;
            };
            // FILE:LINE:COLUMN
            let mut parts = place.rsplitn(3, ':');
            let (_, line, file) = (parts.next(), parts.next(), parts.next());
            let (Some(line), Some(file)) = (line, file.and_then(in_project)) else {
                continue;
            };
            // The frames of the panic handler did not lead to the panic.
            if file != "driver/src/kernel_panic.rs" {
                calls.push(Call {
                    function: function.to_owned(),
                    file: file.to_owned(),
                    line: line.to_owned(),
                });
            }
        }
        calls
    }

    /// Returns whether it is a closure, whose name does not help a reader.
    fn is_closure(&self) -> bool {
        self.function.starts_with("{closure")
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.function, self.place())
    }
}

/// Returns the path of a file relative to the project's folder; None if it is outside.
fn in_project(path: &str) -> Option<&str> {
    KERNEL.iter().chain(&OURS).find_map(|folder| {
        let at = path.rfind(folder)?;
        let starts_a_name = at == 0 || path[..at].ends_with('/');
        starts_a_name.then(|| &path[at..])
    })
}

fn is_in(file: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| file.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use protocol::kernel_panic::{ENDLESS_SEARCH, Kind, RULE_BROKEN};

    use super::*;

    const BACKTRACE: &str = "   0: driver::kernel_panic::of_kernel
             at /home/s/lab/driver/src/kernel_panic.rs:141:21
   1: core::panicking::panic_bounds_check
             at /rustc/0123/library/core/src/panicking.rs:271:5
   2: <vm::replacement::clock::Clock as vm::replacement::Policy>::victim
             at /home/s/lab/vm/src/replacement/clock.rs:40:9
   3: vm::pager::evict::<impl vm::pager::Vm>::find_victim
             at ./vm/src/pager/evict.rs:94:9
   4: userprog::exits::<impl userprog::kernel::Kernel>::page_fault
             at ./lab/userprog/src/exits.rs:96:26
   5: driver::run::run
             at ./driver/src/run.rs:70:5
";

    #[test]
    fn frames_are_those_of_the_kernel() {
        let panic = panic_of("index out of bounds", None, BACKTRACE).unwrap();
        assert_eq!(panic.place, "vm/src/replacement/clock.rs:40");
        assert_eq!(
            panic.frames,
            [
                "<vm::replacement::clock::Clock as vm::replacement::Policy>::victim \
                 (vm/src/replacement/clock.rs:40)",
                "vm::pager::evict::<impl vm::pager::Vm>::find_victim (vm/src/pager/evict.rs:94)",
                "userprog::exits::<impl userprog::kernel::Kernel>::page_fault \
                 (userprog/src/exits.rs:96)",
            ]
        );
    }

    #[test]
    fn the_innermost_line_of_the_project_says_whose_panic_it_is() {
        let of = |file| panic_of("x", Some((file, 7)), BACKTRACE);
        assert_eq!(
            of("vm/src/pager/fault.rs").unwrap().place,
            "vm/src/pager/fault.rs:7"
        );
        assert_eq!(of("driver/src/names.rs"), None);
        assert_eq!(of("emu/cpu/src/run.rs"), None);
        let library = "/home/s/.cargo/registry/src/smallvec-1.15.0/src/lib.rs";
        assert_eq!(of(library).unwrap().place, "vm/src/replacement/clock.rs:40");
        // What the machine refuses is the mistake of its caller.
        let refused = of("emu/machine/src/paging.rs").unwrap();
        assert_eq!(refused.place, "vm/src/replacement/clock.rs:40");
        assert_eq!(panic_of("x", None, ""), None);
    }

    #[test]
    fn a_search_that_is_stopped_is_where_the_policy_is() {
        let message = format!("{ENDLESS_SEARCH}the policy clock looked");
        let stopped = Some(("vm/src/replacement/fuel.rs", 40));
        let panic = panic_of(&message, stopped, BACKTRACE).unwrap();
        assert_eq!(
            panic.to_string(),
            "the policy clock looked (at vm/src/replacement/clock.rs:40)"
        );
    }

    #[test]
    fn what_is_not_written_says_so_and_nothing_else() {
        let message = "not written yet: 3.2, choose a victim (vm/src/pager/evict.rs:63)";
        let panic = panic_of(message, Some(("vm/src/pager/evict.rs", 63)), "").unwrap();
        assert_eq!(panic.to_string(), message);
        let task = "3.2, choose a victim (vm/src/pager/evict.rs:63)";
        assert_eq!(panic.kind(), Kind::NotWritten(task));
    }

    #[test]
    fn the_kernel_and_the_protocol_use_the_same_words() {
        assert_eq!(vm::replacement::fuel::ENDLESS_SEARCH, ENDLESS_SEARCH);
        assert_eq!(userprog::RULE_BROKEN, RULE_BROKEN);
        let panic = std::panic::catch_unwind(|| vm::lab::not_yet("1.1: x")).unwrap_err();
        assert!(panic.downcast::<String>().unwrap().starts_with(NOT_WRITTEN));
    }
}
