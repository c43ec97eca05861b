//! The programs that use the virtual memory hardest give the same console text under every
//! replacement policy, either way for the kernel to touch user memory, and any disk latency.

use libtest_mimic::{Arguments, Failed, Trial};
use tests::{Machine, bundled_test, check};
use vm::{AliasPolicy, POLICIES};

const PROGRAMS: [&str; 7] = [
    "mmap-shuffle",
    "fork-cow",
    "fork-swap",
    "pageout-states",
    "share-code",
    "page-parallel",
    "fpu-switch",
];
const ALIASES: [AliasPolicy; 2] = [AliasPolicy::Sync, AliasPolicy::UserAddress];
const FRAMES: [u32; 2] = [8, 48];
const LATENCIES: [u64; 3] = [1, 700, 100_000];

fn main() {
    let mut trials = Vec::new();
    for program in PROGRAMS {
        for policy in POLICIES.all() {
            for alias in ALIASES {
                let name = format!("{program}/{policy}/{alias:?}");
                trials.push(Trial::test(name, move || {
                    for frames in FRAMES {
                        let machine = Machine {
                            alias,
                            policy,
                            ..Machine::with_frames(frames)
                        };
                        check(&bundled_test(program), machine)?;
                    }
                    Ok(())
                }));
            }
        }
        trials.push(Trial::test(format!("{program}/latency"), move || {
            for disk_latency in LATENCIES {
                let machine = Machine {
                    disk_latency,
                    ..Machine::with_frames(24)
                };
                check(&bundled_test(program), machine)?;
            }
            Ok(())
        }));
    }
    for program in ["fork-many", "fork-tree", "share-code"] {
        let name = format!("{program}/crowded_and_slow");
        trials.push(Trial::test(name, move || {
            let machine = Machine {
                disk_latency: 100,
                ..Machine::with_frames(8)
            };
            // Were they to take each other's pages for ever, it would be for all the work.
            let stats = check(&bundled_test(program), machine)?.report.stats;
            match stats.work {
                0..200_000_000 => Ok(()),
                work => Err(format!("it takes {work} work").into()),
            }
        }));
    }
    trials.push(Trial::test(
        "processes_wait_for_their_disks_side_by_side",
        overlap,
    ));
    trials.push(Trial::test("code_is_shared_by_all_who_run_it", shared_code));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// While one process waits for its page others run: the time in which nobody could run is less
/// than what all transfers take, one after the other.
fn overlap() -> Result<(), Failed> {
    let disk_latency = 2_000;
    let machine = Machine {
        disk_latency,
        ..Machine::with_frames(48)
    };
    let stats = check(&bundled_test("page-parallel"), machine)?.report.stats;
    let transfers = stats.vm.swap_reads + stats.vm.swap_writes + stats.vm.file_reads;
    let all = transfers * disk_latency;
    if transfers < 100 || stats.idle >= all / 10 * 9 {
        return Err(format!("idle for {} of {all} in transfers", stats.idle).into());
    }
    Ok(())
}

/// Eighteen children more take the frames of what they write, far fewer than their code has.
fn shared_code() -> Result<(), Failed> {
    let frames_of = |children: &str| -> Result<u64, String> {
        let mut test = bundled_test("share-code");
        test.args = vec![children.to_owned()];
        let machine = Machine::with_frames(1000);
        Ok(tests::run(&test, machine)?.report.stats.vm.peak_frames)
    };
    let (few, many) = (frames_of("2")?, frames_of("20")?);
    let for_each = (many - few) / 18;
    if for_each > 8 {
        return Err(format!("{few} frames for 2, {many} for 20 children").into());
    }
    Ok(())
}
