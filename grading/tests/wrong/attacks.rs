//! Policies that attack the host. Each makes its attempt once, at the first eviction, and panics
//! with the outcome.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::kill;
use nix::unistd::{Pid, setsid};
use vm::replacement::{BuildPolicy, Frame, Frames, Policy, PolicyKind};

/// The outcome of an attack that was stopped.
pub(crate) const STOPPED: &str = "stopped";
/// The file that the attacks write; a test checks whether they did.
pub(crate) const FORGED: &str = "results.json";

/// All attacks: the name of a policy, and how to build it.
pub(crate) const ATTACKS: [(&str, BuildPolicy); 13] = [
    ("reads-a-file", |_, _| {
        attack(|| outcome(fs::read("/etc/passwd")))
    }),
    ("reads-a-folder", |_, _| {
        attack(|| outcome(fs::read_dir("/")))
    }),
    ("reads-its-environment", |_, _| {
        attack(|| outcome(fs::read("/proc/self/environ")))
    }),
    ("reads-another-process", |_, _| {
        attack(|| outcome(fs::read("/proc/1/maps")))
    }),
    ("forges-the-result", |_, _| {
        attack(|| outcome(fs::write(FORGED, "100")))
    }),
    ("forges-it-elsewhere", |_, _| {
        attack(|| outcome(fs::write(std::env::temp_dir().join(FORGED), "100")))
    }),
    ("makes-a-folder", |_, _| {
        attack(|| outcome(fs::create_dir("mine")))
    }),
    ("starts-a-process", |_, _| {
        attack(|| outcome(Command::new("true").spawn()))
    }),
    ("starts-a-thread", |_, _| {
        attack(|| outcome(std::thread::Builder::new().spawn(|| ())))
    }),
    ("ends-another-process", |_, _| {
        // Without a signal the call only checks whether it could send one.
        attack(|| outcome(kill(Pid::from_raw(1), None)))
    }),
    ("leaves-its-session", |_, _| attack(|| outcome(setsid()))),
    ("uses-the-network", |_, _| {
        attack(|| match TcpListener::bind("127.0.0.1:0") {
            Ok(listener) => outcome(TcpStream::connect(
                listener.local_addr().expect("it has one"),
            )),
            refused => outcome(refused),
        })
    }),
    ("raises-its-limits", |_, _| {
        attack(|| {
            let limits = getrlimit(Resource::RLIMIT_AS);
            outcome(limits.and_then(|(soft, hard)| setrlimit(Resource::RLIMIT_AS, soft, hard)))
        })
    }),
];

/// Registers them.
pub(crate) fn register() {
    for (name, build) in ATTACKS {
        vm::POLICIES.register(PolicyKind {
            name,
            about: "attacks",
            build,
        });
    }
}

struct Attack(fn() -> String);

impl Policy for Attack {
    fn loaded(&mut self, _: Frame, _: &mut dyn Frames) {}

    fn released(&mut self, _: Frame) {}

    fn victim(&mut self, _: &mut dyn Frames) -> Option<Frame> {
        panic!("the attack was {}", (self.0)())
    }
}

fn attack(attempt: fn() -> String) -> Box<dyn Policy> {
    Box::new(Attack(attempt))
}

/// Returns the outcome of an attempt, which counts as stopped if the host does not permit it.
fn outcome<T, E: Into<std::io::Error>>(result: Result<T, E>) -> String {
    match result.map_err(Into::into) {
        Ok(_) => "a success".to_owned(),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => STOPPED.to_owned(),
        Err(error) => format!("of no use here: {error}"),
    }
}
