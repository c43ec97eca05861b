//! A program does the same in any page state.

use crate::case::{self, Case, PLACES};
use crate::compare::{Findings, Latitude, states};
use crate::emulated::Emulated;
use crate::outcome::{End, Fault, Float, Outcome};
use crate::pages::{Page, Pages, STATES};
use crate::{FLOATS, floats, forms, setting};
use bare::Random;

#[test]
fn every_form_does_the_same_in_every_page_state() {
    let mut random = Random::new(setting("VMLAB_SEED", 1));
    let floats = floats(&mut random);
    let mut emulated = Emulated::new(&floats);
    let mut findings = Findings::default();
    let mut cases = 0;
    let forms = forms::all();
    for _ in 0..setting("VMLAB_DIFFERENTIAL_ROUNDS", 1) {
        for form in &forms {
            for place in PLACES {
                let case = case::random(form, place, FLOATS, &mut random);
                let whole = emulated.run(&case, Pages::RESIDENT);
                if !whole.faults.is_empty() || whole.end == End::Endless {
                    findings.note(&case, "does not end", || format!("{:?}", whole.faults));
                }
                let others = 0..setting("VMLAB_DIFFERENTIAL_STATES", 6);
                for pages in others.map(|_| STATES[random.below(STATES.len() as u32) as usize]) {
                    let outcome = emulated.run(&case, pages);
                    cases += 1;
                    match pages.are_resolved() {
                        true => check_same(&case, pages, &whole, &outcome, &mut findings),
                        false => {
                            let float = Float::of_fxsave(&floats[case.float]);
                            let before = before(&case, float, &outcome);
                            let expected = Expected {
                                whole: &whole,
                                before: &before,
                            };
                            check_nothing_done(&case, pages, expected, &outcome, &mut findings);
                        }
                    }
                }
            }
        }
    }
    findings.assert_none(cases);
}

/// Checks that after resolved faults everything is as if there had been none.
fn check_same(
    case: &Case,
    pages: Pages,
    whole: &Outcome,
    outcome: &Outcome,
    findings: &mut Findings,
) {
    let detail = |text: String| move || format!("{pages:?}: {text}; {:x?}", outcome.faults);
    if outcome.end != whole.end {
        let way = format!("ends in another way over {}", kinds(pages));
        let text = format!("expected {:x?}, got {:x?}", whole.end, outcome.end);
        findings.note(case, &way, detail(text));
        return;
    }
    for (part, text) in states(whole, outcome, Latitude::NONE) {
        let way = format!("{part} over {}", kinds(pages));
        findings.note(case, &way, detail(text));
    }
    let repeats = outcome.faults.iter().enumerate().find(|(i, fault)| {
        let earlier = &outcome.faults[..*i];
        let same = |other: &&Fault| other.addr >> 12 == fault.addr >> 12;
        earlier.iter().filter(same).count() > usize::from(is_swapped(pages))
    });
    if let Some((_, fault)) = repeats {
        findings.note(case, "faults again", detail(format!("{fault:x?}")));
    }
    let is_update = case::updates_memory(&case.instruction);
    if is_update
        && outcome.faults.iter().any(|fault| {
            fault.code & 2 == 0 && fault.addr < case::STACK - 0x1000 && fault.addr >> 24 == 0xa
        })
    {
        findings.note(
            case,
            "read-modify-write faults as a load",
            detail(String::new()),
        );
    }
}

fn is_swapped(pages: Pages) -> bool {
    pages.first == Page::Swapped || pages.second == Page::Swapped
}

/// Returns the kind of page states: those that are resolved in the same way find the same mistakes.
fn kinds(pages: Pages) -> &'static str {
    let all = pages.all();
    match () {
        () if all.contains(&Page::Swapped) => "swapped pages",
        () if all.contains(&Page::Untouched) => "missing pages",
        () => "copy-on-write pages",
    }
}

/// What an instruction may have done if its pages are never present: all of its work if it does not
/// need them, otherwise none.
struct Expected<'a> {
    whole: &'a Outcome,
    before: &'a Outcome,
}

/// Returns the initial state of a case, with its unknown parts taken from its final state.
fn before(case: &Case, float: Float, outcome: &Outcome) -> Outcome {
    Outcome {
        general: case.general,
        eip: case.eip,
        eflags: case.eflags & case::FLAGS,
        float,
        data: case.data,
        stack: case.stack,
        ..outcome.clone()
    }
}

/// Checks that a fault that is never resolved leaves nothing of the instruction visible.
fn check_nothing_done(
    case: &Case,
    pages: Pages,
    expected: Expected<'_>,
    outcome: &Outcome,
    findings: &mut Findings,
) {
    let Expected { whole, before } = expected;
    if outcome.end == whole.end {
        // It did not come to the page.
        for (part, text) in states(whole, outcome, Latitude::NONE) {
            let way = format!("{part}, page never there");
            findings.note(case, &way, || format!("{pages:?}: {text}"));
        }
        return;
    }
    let End::PageFault(fault) = outcome.end else {
        findings.note(case, "another exception, page never there", || {
            let (old, new) = (whole.end, outcome.end);
            format!("{pages:?}: expected {old:x?}, got {new:x?}")
        });
        return;
    };
    let has_branched = outcome.eip != case.eip && fault.addr == outcome.eip;
    if case::repeats(&case.instruction) || has_branched {
        return;
    }
    for (part, text) in states(before, outcome, Latitude::NONE) {
        let way = format!("{part} changed by an instruction that faults");
        findings.note(case, &way, || format!("{pages:?}: {text}; {fault:x?}"));
    }
}
