//! exit, exec, wait, halt, and what ends a program: complete programs on a complete machine.

use executables::asm::*;
use machine::work::Work;
use small::Machine;
use userprog::RunEnd;

const FAILED: u32 = u32::MAX;

fn run(write: impl FnOnce(&mut Asm)) -> small::Done {
    Machine::new().file("main", &program(write)).run("main")
}

/// Returns a program that exits with its `argc` as status.
fn count_args() -> Vec<u8> {
    program(|asm| {
        asm.raw(&[0x8b, 0x44, 0x24, 4]).exit_with_eax(); // mov eax, [esp + 4]
    })
}

#[test]
fn a_program_runs_prints_and_ends_with_its_status() {
    let done = run(|asm| {
        asm.print("(main) hello\n").exit(57);
    });
    assert_eq!(done.text(), "(main) hello\nmain: exit(57)\n");
    assert_eq!(done.report.end, RunEnd::Exited(57));
    assert_eq!(done.report.stats.processes, 1);
    assert_eq!(done.report.stats.system_calls, 2);
}

#[test]
fn arguments_are_counted_and_the_first_is_the_name() {
    let done = Machine::new()
        .file("main", &count_args())
        .run("main  one two   three");
    assert_eq!(done.text(), "main: exit(4)\n");
    // write(1, argv[0], 4)
    let name = program(|asm| {
        asm.raw(&[0x8b, 0x44, 0x24, 8, 0x8b, 0]); // mov eax, [esp + 8]; mov eax, [eax]
        let pointer = asm.word();
        asm.store(pointer)
            .call(WRITE, &[1.into(), Arg::At(pointer), 4.into()])
            .exit(0);
    });
    assert_eq!(
        Machine::new().file("main", &name).run("main x").text(),
        "mainmain: exit(0)\n"
    );
}

#[test]
fn a_parent_gets_its_childs_status_once() {
    let child = program(|asm| {
        asm.exit(81);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pid = asm.result_of(EXEC, &[line.into()]);
        asm.call(WAIT, &[Arg::At(pid)]).expect(81, 1);
        asm.call(WAIT, &[Arg::At(pid)]).expect(FAILED, 2);
        asm.call(WAIT, &[0x0c02_0301.into()]).expect(FAILED, 3);
        asm.call(WAIT, &[FAILED.into()]).expect(FAILED, 4);
        asm.exit(0);
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert_eq!(done.text(), "child: exit(81)\nmain: exit(0)\n");
}

#[test]
fn a_child_that_ended_long_ago_can_be_waited_for() {
    let child = program(|asm| {
        asm.exit(-7);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pid = asm.result_of(EXEC, &[line.into()]);
        asm.repeat(100_000, |_| {});
        asm.call(WAIT, &[Arg::At(pid)]).exit_with_eax();
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert_eq!(done.text(), "child: exit(-7)\nmain: exit(-7)\n");
}

#[test]
fn a_killed_child_gives_minus_1_and_the_others_go_on() {
    let child = program(|asm| {
        asm.load(0);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pid = asm.result_of(EXEC, &[line.into()]);
        asm.call(WAIT, &[Arg::At(pid)]).exit_with_eax();
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert!(
        done.text().ends_with("child: exit(-1)\nmain: exit(-1)\n"),
        "{}",
        done.text()
    );
    assert_eq!(done.report.end, RunEnd::Exited(-1));
}

#[test]
fn a_grandchild_is_no_child_and_outlives_its_parent() {
    let grandchild = program(|asm| {
        asm.repeat(200_000, |_| {}).print("late\n").exit(3);
    });
    // Exits with its child's pid, without waiting for it.
    let child = program(|asm| {
        let line = asm.string("grandchild");
        asm.call(EXEC, &[line.into()]).exit_with_eax();
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pid = asm.result_of(EXEC, &[line.into()]);
        let orphan = asm.result_of(WAIT, &[Arg::At(pid)]);
        asm.call(WAIT, &[Arg::At(orphan)]).expect(FAILED, 1);
        asm.repeat(1_000_000, |_| {}).exit(0);
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("child", &child)
        .file("grandchild", &grandchild)
        .run("main");
    assert_eq!(
        done.text(),
        "child: exit(3)\nlate\ngrandchild: exit(3)\nmain: exit(0)\n"
    );
}

#[test]
fn exec_of_what_cannot_be_loaded_gives_minus_1_and_says_why() {
    let parent = program(|asm| {
        for line in ["no-such x y", "text", "", "../main"] {
            let line = asm.string(line);
            asm.call(EXEC, &[line.into()]).expect(FAILED, 1);
        }
        let long = asm.string(&format!("main {}", "x".repeat(5000)));
        asm.call(EXEC, &[long.into()]).expect(FAILED, 2);
        let many = asm.string(&"main ".repeat(800));
        asm.call(EXEC, &[many.into()]).expect(FAILED, 3);
        asm.exit(0);
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("text", b"no program")
        .run("main");
    assert_eq!(
        done.text(),
        "load: no-such: open failed\nno-such: exit(-1)\n\
         load: text: error loading executable\ntext: exit(-1)\n\
         load: : open failed\n: exit(-1)\n\
         load: ../main: open failed\n../main: exit(-1)\n\
         load: main: error loading executable\nmain: exit(-1)\n\
         main: exit(0)\n"
    );
    assert_eq!(done.report.stats.processes, 1);
}

#[test]
fn a_first_program_that_cannot_be_loaded_is_the_end() {
    let done = Machine::new().run("nothing here");
    assert_eq!(
        done.text(),
        "load: nothing: open failed\nnothing: exit(-1)\n"
    );
    assert!(
        matches!(done.report.end, RunEnd::NotLoaded(_)),
        "{:?}",
        done.report.end
    );
}

#[test]
fn halt_powers_off_without_a_word() {
    let child = program(|asm| {
        asm.call(HALT, &[]);
    });
    let parent = program(|asm| {
        let line = asm.string("child");
        let pid = asm.result_of(EXEC, &[line.into()]);
        asm.call(WAIT, &[Arg::At(pid)]).exit(9);
    });
    let done = Machine::new()
        .file("main", &parent)
        .file("child", &child)
        .run("main");
    assert_eq!(
        (done.text().as_str(), done.report.end),
        ("", RunEnd::Halted)
    );
}

#[test]
fn an_endless_loop_ends_at_the_work_limit_and_nothing_is_left() {
    let endless = program(|asm| {
        asm.print("on and on\n").raw(&[0xeb, 0xfe]); // jmp to itself
    });
    let machine = Machine::new().options(|options| options.max_work(Work(1_000_000)));
    let done = machine.file("main", &endless).run("main");
    assert_eq!(
        (done.text().as_str(), &done.report.end),
        ("on and on\n", &RunEnd::WorkLimit)
    );
    assert!((1_000_000..1_000_100).contains(&done.report.stats.work));
}

#[test]
fn system_calls_cost_work_so_that_a_loop_of_them_ends_too() {
    let endless = program(|asm| {
        let start = asm.here();
        asm.call(TELL, &[2.into()]);
        asm.raw(&[0xb8])
            .raw(&start.to_le_bytes())
            .raw(&[0xff, 0xe0]); // mov eax, start; jmp eax
    });
    let machine = Machine::new().options(|options| options.max_work(Work(100_000)));
    let done = machine.file("main", &endless).run("main");
    assert_eq!(done.report.end, RunEnd::WorkLimit);
    assert!(done.report.stats.system_calls < 100_000 / 20);
}

#[test]
fn exceptions_end_a_program_with_its_registers_shown() {
    for (code, line) in [
        (&[0x31, 0xc0, 0xf7, 0xf0][..], "0x00 (#DE Divide Error)"), // xor eax, eax; div eax
        (&[0x0f, 0x0b], "0x06 (#UD Invalid Opcode Exception)"),     // ud2
        (&[0xf4], "0x0d (#GP General Protection Exception)"),       // hlt
        (&[0xcc], "0x03 (#BP Breakpoint Exception)"),               // int3
    ] {
        let done = run(|asm| {
            asm.raw(code);
        });
        let text = done.text();
        assert!(
            text.starts_with(&format!("main: dying due to interrupt {line}.\n")),
            "{text}"
        );
        assert!(
            text.contains(&format!("Interrupt {line} at eip=0x8048")),
            "{text}"
        );
        assert!(text.ends_with("ss=0023\nmain: exit(-1)\n"), "{text}");
        assert_eq!(done.report.end, RunEnd::Killed);
    }
}

#[test]
fn page_faults_say_what_was_tried_where() {
    for (write, line) in [
        (
            &[0xa1, 0x34, 0x12, 0, 0][..],
            "0x1234: not present error reading",
        ),
        (
            &[0xa3, 0, 0, 0, 0x10],
            "0x10000000: not present error writing",
        ),
        (
            &[0xa1, 0, 0, 0, 0xc0],
            "0xc0000000: rights violation error reading",
        ),
        (
            &[0xa3, 0, 0x80, 0x04, 0x08],
            "0x8048000: rights violation error writing",
        ),
    ] {
        let done = run(|asm| {
            asm.raw(write);
        });
        let text = done.text();
        let first = format!("Page fault at {line} page in user context.\n");
        assert!(text.starts_with(&first), "{text}");
        assert!(text.contains("main: dying due to interrupt 0x0e (#PF Page-Fault Exception).\n"));
        assert!(text.ends_with("main: exit(-1)\n"), "{text}");
    }
}

#[test]
fn unknown_system_calls_end_the_process() {
    for number in [20, 63, 1 << 31, u32::MAX] {
        let done = run(|asm| {
            asm.call(number, &[]).exit(0);
        });
        assert_eq!(done.text(), "main: exit(-1)\n", "call {number}");
        assert_eq!(done.report.end, RunEnd::Killed, "call {number}");
    }
}

#[test]
fn registers_but_for_eax_are_kept_across_a_call_and_a_switch() {
    let done = run(|asm| {
        // ecx, edx, esi, edi, ebp get values; then calls and turns; then their sum is the status.
        for (code, value) in [(0xb9, 1u32), (0xba, 2), (0xbe, 4), (0xbf, 8), (0xbd, 16)] {
            asm.raw(&[code]).raw(&value.to_le_bytes());
        }
        let line = asm.string("no-such");
        asm.repeat(30_000, |_| {}).call(EXEC, &[line.into()]);
        asm.raw(&[0x89, 0xc8, 0x01, 0xd0, 0x01, 0xf0, 0x01, 0xf8, 0x01, 0xe8])
            .exit_with_eax();
    });
    assert_eq!(done.status(), 31);
}
