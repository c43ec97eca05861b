//! The fault log as JSON, an object an event, made of the event itself.
//!
//! # Invariants
//!
//! An object has what the event's line has ([`super::line`]) under the same keys and in the same
//! order: `work`, `event` (the word), the fields, and `then`, a list of what came of it (each with
//! `did` for the word), or `why`. What is counted is a number; names, addresses and places are
//! texts, whatever they look like.

use std::fmt::Display;

use machine::mmu::Ring;
use serde_json::{Map, Value};
use userprog::{MachineEvent, Origin};
use vm::event::{
    Area, EntryText, Eviction, Fate, Fault, Outcome, PageState, RightsText, SourceText, access_name,
};
use vm::{Event, Owner};

use crate::names::NameBook;

/// An object that is being made, field by field.
struct Object(Map<String, Value>);

impl Object {
    /// An event at its time.
    fn event(work: u64, word: &str) -> Object {
        Object(Map::new()).number("work", work).text("event", word)
    }

    /// What came of one.
    fn did(word: &str) -> Object {
        Object(Map::new()).text("did", word)
    }

    fn text(mut self, key: &str, value: impl Display) -> Object {
        self.0.insert(key.to_owned(), value.to_string().into());
        self
    }

    fn optional(self, key: &str, value: Option<impl Display>) -> Object {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    fn number(mut self, key: &str, number: impl Into<u64>) -> Object {
        self.0.insert(key.to_owned(), number.into().into());
        self
    }

    fn owner(self, owner: Owner) -> Object {
        self.number("pid", owner.0)
    }

    fn state(self, state: &PageState) -> Object {
        let lies_in = match state.area {
            Some(area) => self.text("area", area).text("rights", state.rights),
            None => self,
        };
        lies_in.text("page", state.place)
    }

    fn then(mut self, then: Vec<Object>) -> Object {
        let then = then.into_iter().map(|Object(map)| Value::Object(map));
        self.0.insert("then".to_owned(), then.collect());
        self
    }
}

/// The object of an event that the log has.
pub fn object(work: u64, event: &MachineEvent<'_>, names: &mut NameBook) -> Option<Value> {
    let object = match event {
        MachineEvent::Memory(event) => of_memory(work, event, names),
        MachineEvent::Started {
            pid,
            parent,
            name,
            origin,
            ..
        } => {
            let name = name.as_bytes().escape_ascii();
            let start = Object::event(work, "start")
                .number("pid", pid.0)
                .text("name", name);
            let start = match parent {
                Some(parent) => start.number("parent", parent.0),
                None => start,
            };
            start.text(
                "by",
                match origin {
                    Origin::Exec => "exec",
                    Origin::Fork => "fork",
                    Origin::Clone => "clone",
                },
            )
        }
        MachineEvent::Ended { pid, status } => {
            let mut end = Object::event(work, "end").number("pid", pid.0);
            end.0.insert("status".to_owned(), status.code().into());
            end
        }
        _ => return None,
    };
    Some(Value::Object(object.0))
}

fn of_memory(work: u64, event: &Event, names: &mut NameBook) -> Object {
    let of = |word| Object::event(work, word);
    match event {
        Event::Fault(fault) => of_fault(of("fault"), fault, names),
        Event::Refused {
            owner,
            addr,
            access,
            state,
            why,
        } => {
            let refused = of("refused").owner(*owner).text("addr", addr);
            let access = access_name(*access);
            refused.text("access", access).state(state).text("why", why)
        }
        Event::Evicted(eviction) => of_eviction(of("evict"), eviction),
        Event::PageOutFailed { frame } => of("page-out-failed").number("frame", frame.number()),
        Event::WrittenBack { frame, file, page } => of("write-back")
            .number("frame", frame.number())
            .text("file", file)
            .number("page", *page),
        Event::WriteBackFailed { file, page } => of("write-back-failed")
            .text("file", file)
            .number("page", *page),
        Event::FrameFreed { frame } => of("free").number("frame", frame.number()),
        Event::SlotFreed { slot } => of("free").number("slot", slot.number()),
        Event::Mapped { owner, region } => {
            let (start, end) = (region.start.start(), region.end.start());
            of("map")
                .owner(*owner)
                .text("pages", format_args!("{start}-{end}"))
                .text("area", Area::of(region))
                .text("rights", RightsText(region))
                .text("from", SourceText(region))
        }
        Event::Unmapped { owner, start, end } => {
            let pages = format!("{}-{}", start.start(), end.start());
            of("unmap").owner(*owner).text("pages", pages)
        }
        Event::Entry {
            owner,
            page,
            old,
            new,
        } => of("pte")
            .owner(*owner)
            .text("page", page.start())
            .text("old", EntryText(*old))
            .text("new", EntryText(*new)),
    }
}

fn of_fault(object: Object, fault: &Fault, names: &mut NameBook) -> Object {
    let names = names.of_fault(fault);
    let object = object
        .number("n", fault.number)
        .owner(fault.owner)
        .optional("name", names.process)
        .text("eip", fault.eip)
        .optional("at", names.source)
        .text("addr", fault.addr)
        .optional("symbol", names.symbol)
        .text("access", access_name(fault.access))
        .text(
            "by",
            match fault.ring {
                Ring::User => "user",
                Ring::Kernel => "kernel",
            },
        )
        .number("error", fault.code.bits());
    let object = match fault.before.area {
        Some(Area::Stack) => object.text("esp", fault.esp),
        _ => object,
    };
    let mut then = of_outcome(&fault.outcome);
    let displaced = fault.displaced.iter();
    then.extend(displaced.map(|eviction| of_eviction(Object::did("evict"), eviction)));
    object.state(&fault.before).then(then)
}

fn of_outcome(outcome: &Outcome) -> Vec<Object> {
    let did = Object::did;
    let frame = |word, frame: &machine::addr::Frame| did(word).number("frame", frame.number());
    vec![match outcome {
        Outcome::ZeroFilled(at) => frame("zero-fill", at),
        Outcome::StackGrown(at) => frame("grow-stack", at),
        Outcome::FileRead(at, file, offset) => did("file-read")
            .text("file", file)
            .number("offset", *offset)
            .number("frame", at.number()),
        Outcome::Shared(at) => frame("share", at),
        Outcome::SwappedIn(at, slot) => did("swap-in")
            .number("slot", slot.number())
            .number("frame", at.number()),
        Outcome::SwappedInAndCopied(at, slot, copy) => {
            let swap_in = did("swap-in")
                .number("slot", slot.number())
                .number("frame", at.number());
            return vec![swap_in, frame("copy", copy)];
        }
        Outcome::Copied(at) => frame("copy", at),
        Outcome::Claimed(at) => frame("claim", at),
        Outcome::Upgraded(at) => frame("upgrade", at),
        Outcome::Waited => did("wait"),
        Outcome::Killed(kill) => did("killed").text("why", kill),
    }]
}

fn of_eviction(object: Object, eviction: &Eviction) -> Object {
    let fate = match eviction.fate {
        Fate::Dropped => Object::did("dropped"),
        Fate::SwappedOut(slot) => Object::did("swap-out").number("slot", slot.number()),
        Fate::StillInSwap(slot) => Object::did("swap-cached").number("slot", slot.number()),
        Fate::WrittenBack(file) => Object::did("write-back").text("file", file),
    };
    object
        .number("frame", eviction.frame.number())
        .owner(eviction.owner)
        .text("page", eviction.page.start())
        .then(vec![fate])
}
