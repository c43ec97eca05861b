//! The choices that make a machine, as a user writes them: on a command line or in a suite file.
//!
//! # Invariants
//!
//! Each choice is in its range once it is parsed, wherever it came from, and defaults are those
//! that `--help` lists. Only the machine program knows the policies and slot allocators: here they
//! are names.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use machine::layout::Layout;
use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use crate::kind::KindName;
use crate::pages::{self, PagesError};

/// The choices; `None` where the user made none.
#[derive(Clone, PartialEq, Eq, Default, Debug, Args)]
#[command(next_help_heading = "Machine")]
pub struct Settings {
    /// Frames of RAM for user pages, 4 KiB each, or their size: 64, 256K, 4M [default: 367]
    #[arg(long, value_name = "N|SIZE")]
    pub frames: Option<Frames>,

    /// Which page is evicted [default: clock]
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<KindName>,

    /// Seed of everything random in the machine. `run` takes one, `grade` several, so each has an
    /// option of its own for it.
    #[arg(skip)]
    pub seed: Option<u64>,

    /// What is checked of the virtual memory while programs run. `run` and `grade` have options of
    /// their own for it.
    #[arg(skip)]
    pub check: Checks,

    /// The other choices.
    #[command(flatten)]
    pub base: Base,
}

/// The choices that stay the same when policies and numbers of frames are compared.
#[derive(Clone, PartialEq, Eq, Default, Debug, Args)]
#[command(next_help_heading = "Machine")]
pub struct Base {
    /// Slots of the swap disk, 4 KiB each, or its size: 1024, 512K, 4M; 0 for a machine without
    /// swap [default: 1024]
    #[arg(long, value_name = "N|SIZE", value_parser = slots)]
    pub swap_slots: Option<u32>,

    /// Which slot of the swap disk a page gets [default: last-freed]
    #[arg(long, value_name = "ALLOCATOR")]
    pub slot_allocator: Option<KindName>,

    /// Frames of the kernel for page directories and page tables [default: its whole pool, over
    /// 8000]
    #[arg(long, value_name = "N")]
    pub kernel_pages: Option<u32>,

    /// Page directory that programs run on: `shared` is the kernel's, whose half they cannot
    /// access; `kpti` is one of their own without the kernel's half, except for the page needed to
    /// enter the kernel [default: shared]
    #[arg(long, value_name = "WAY")]
    pub page_tables: Option<PageTables>,

    /// How the kernel reaches user memory: `sync` uses its own address of a frame and reads the
    /// accessed and dirty bits of all of them, `user` walks the user's address [default: sync]
    #[arg(long, value_name = "WAY")]
    pub alias: Option<Alias>,

    /// Which system calls programs make: `pintos`, or those of `linux` for the i386 [default: what the
    /// executable's notes say, or else pintos]
    #[arg(long, value_name = "INTERFACE")]
    pub abi: Option<Abi>,

    /// A folder whose files Linux programs find too, to be read, where the guest's own have nothing of a name
    #[arg(long, value_name = "DIR", help_heading = "Files")]
    pub root: Option<PathBuf>,

    /// Put the parts of Linux programs where this seed says: a position-independent program, its heap, its
    /// mappings and its stack [default: always in the same places]
    #[arg(long, value_name = "SEED")]
    pub aslr: Option<u64>,

    /// End the guest after this much work (basic blocks executed) [default: 10000000000]
    #[arg(long, value_name = "N")]
    pub max_work: Option<u64>,

    /// Work that passes while a disk transfers a page and other processes run [default: 0]
    #[arg(long, value_name = "N")]
    pub disk_latency: Option<u64>,
}

/// The most swap slots: 16 GiB.
pub const MOST_SLOTS: u32 = 4 << 20;
/// What is checked of the virtual memory while programs run, from nothing to everything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug, ValueEnum)]
pub enum Checks {
    /// Nothing.
    #[default]
    #[value(skip)]
    Nothing,
    /// That a program's memory holds what the program put there, which costs little.
    Bytes,
    /// All rules, after each event.
    Rules,
}

impl Checks {
    /// Returns the option of `vmlab run` for it.
    #[must_use]
    pub fn option(self) -> Option<&'static str> {
        match self {
            Checks::Nothing => None,
            Checks::Bytes => Some("--check=bytes"),
            Checks::Rules => Some("--check"),
        }
    }
}

/// The default number of user frames.
pub const DEFAULT_FRAMES: u32 = 367;
/// The default number of swap slots.
pub const DEFAULT_SLOTS: u32 = 1024;
/// The default work limit of `run`: some minutes.
pub const DEFAULT_MAX_WORK: u64 = 10_000_000_000;
/// The default work limit of a test: many times what any bundled one needs, and reached before the
/// watchdog's time.
pub const TEST_MAX_WORK: u64 = 1_000_000_000;

impl Settings {
    /// Returns these choices, with those of `others` where they make none.
    #[must_use]
    pub fn or(&self, others: &Settings) -> Settings {
        Settings {
            frames: self.frames.or(others.frames),
            policy: self.policy.as_ref().or(others.policy.as_ref()).cloned(),
            seed: self.seed.or(others.seed),
            check: self.check.max(others.check),
            base: self.base.or(&others.base),
        }
    }

    /// Returns the options of `vmlab run` that make these choices.
    ///
    /// # Examples
    ///
    /// ```
    /// use protocol::settings::Settings;
    ///
    /// let asked = Settings { seed: Some(7), ..Settings::default() };
    /// let of_the_test = Settings {
    ///     frames: "16".parse().ok(),
    ///     policy: "fifo".parse().ok(),
    ///     seed: Some(1),
    ///     ..Settings::default()
    /// };
    /// assert_eq!(asked.or(&of_the_test).to_args(), ["--frames=16", "--policy=fifo", "--seed=7"]);
    /// ```
    pub fn to_args(&self) -> Vec<String> {
        let mut args = Vec::new();
        let mut add = |option: &str, value: Option<String>| {
            args.extend(value.map(|value| format!("--{option}={value}")));
        };
        add("frames", self.frames.map(|frames| frames.0.to_string()));
        let base = &self.base;
        add("swap-slots", base.swap_slots.map(|slots| slots.to_string()));
        let named = |kind: &Option<KindName>| kind.as_ref().map(KindName::to_string);
        add("slot-allocator", named(&base.slot_allocator));
        add(
            "kernel-pages",
            base.kernel_pages.map(|pages| pages.to_string()),
        );
        add("page-tables", base.page_tables.map(|way| way.to_string()));
        add("alias", base.alias.map(|alias| alias.to_string()));
        add("abi", base.abi.map(|abi| abi.to_string()));
        add(
            "root",
            base.root.as_ref().map(|root| root.display().to_string()),
        );
        add("aslr", base.aslr.map(|seed| seed.to_string()));
        add("policy", named(&self.policy));
        add("seed", self.seed.map(|seed| seed.to_string()));
        add("max-work", base.max_work.map(|work| work.to_string()));
        add(
            "disk-latency",
            base.disk_latency.map(|latency| latency.to_string()),
        );
        args.extend(self.check.option().map(str::to_owned));
        args
    }
}

impl Base {
    /// Returns these choices, with those of `others` where they make none.
    fn or(&self, others: &Base) -> Base {
        Base {
            swap_slots: self.swap_slots.or(others.swap_slots),
            slot_allocator: self
                .slot_allocator
                .as_ref()
                .or(others.slot_allocator.as_ref())
                .cloned(),
            kernel_pages: self.kernel_pages.or(others.kernel_pages),
            page_tables: self.page_tables.or(others.page_tables),
            alias: self.alias.or(others.alias),
            abi: self.abi.or(others.abi),
            root: self.root.as_ref().or(others.root.as_ref()).cloned(),
            aslr: self.aslr.or(others.aslr),
            max_work: self.max_work.or(others.max_work),
            disk_latency: self.disk_latency.or(others.disk_latency),
        }
    }

    /// Returns the number of slots of the swap disk.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.swap_slots.unwrap_or(DEFAULT_SLOTS)
    }
}

/// Reads a number of swap slots that a machine can have, or the size of its swap disk.
fn slots(text: &str) -> Result<u32, String> {
    match pages::parse(text).map_err(|error| error.to_string())? {
        slots if slots <= MOST_SLOTS => Ok(slots),
        _ => Err(format!("a machine has 0 to {MOST_SLOTS} swap slots, 16G")),
    }
}

/// A number of user frames that a machine can have: [`Frames::FEWEST`] to
/// [`Layout::MAX_USER_FRAMES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frames(u32);

impl Frames {
    /// With fewer, the pages of one instruction might not fit next to those that the kernel pins
    /// for a system call.
    pub const FEWEST: u32 = 8;

    /// Returns the number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// Why a machine cannot have so many frames.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum FramesError {
    /// It is no number of pages.
    #[error(transparent)]
    Pages(#[from] PagesError),
    /// It is a number that no machine has.
    #[error(
        "a machine has {} to {} user frames, {}K to {}M",
        Frames::FEWEST,
        Layout::MAX_USER_FRAMES,
        Frames::FEWEST * 4,
        Layout::MAX_USER_FRAMES / 256
    )]
    OutOfRange,
}

impl TryFrom<u32> for Frames {
    type Error = FramesError;

    fn try_from(number: u32) -> Result<Frames, FramesError> {
        let possible = Frames::FEWEST..=Layout::MAX_USER_FRAMES;
        let frames = possible.contains(&number).then_some(Frames(number));
        frames.ok_or(FramesError::OutOfRange)
    }
}

impl FromStr for Frames {
    type Err = FramesError;

    fn from_str(text: &str) -> Result<Frames, FramesError> {
        pages::parse(text)?.try_into()
    }
}

impl<'de> Deserialize<'de> for Frames {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Frames, D::Error> {
        u32::deserialize(from)?
            .try_into()
            .map_err(de::Error::custom)
    }
}

/// The page directory that programs run on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum PageTables {
    /// The kernel's.
    Shared,
    /// One of their own, without the kernel's half.
    Kpti,
}

impl fmt::Display for PageTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PageTables::Shared => "shared",
            PageTables::Kpti => "kpti",
        })
    }
}

/// How the kernel reaches user memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Alias {
    /// By its own address of each frame.
    Sync,
    /// By the user's address.
    User,
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Alias::Sync => "sync",
            Alias::User => "user",
        })
    }
}

/// Whose system calls programs make.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Abi {
    /// Those of Pintos, and what this kernel has beyond them.
    Pintos,
    /// Those of Linux for the i386.
    Linux,
}

impl fmt::Display for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Abi::Pintos => "pintos",
            Abi::Linux => "linux",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_a_range() {
        for good in ["8", "367", &Layout::MAX_USER_FRAMES.to_string()] {
            assert!(good.parse::<Frames>().is_ok(), "{good}");
        }
        assert_eq!("4M".parse::<Frames>().map(Frames::number), Ok(1024));
        for bad in ["28K", "7", "0", "-1", "x", "", "4294967295", "99999999999"] {
            assert!(bad.parse::<Frames>().is_err(), "{bad}");
        }
    }

    #[test]
    fn slots_have_a_range() {
        for (text, number) in [("0", 0), ("512K", 128), ("16G", MOST_SLOTS)] {
            assert_eq!(slots(text), Ok(number));
        }
        let refusal = slots("4194305").unwrap_err();
        assert_eq!(refusal, "a machine has 0 to 4194304 swap slots, 16G");
    }

    #[test]
    fn a_choice_goes_before_a_choice_of_others() {
        let mine = Settings {
            seed: Some(1),
            ..Settings::default()
        };
        let others = Settings {
            seed: Some(2),
            base: Base {
                swap_slots: Some(64),
                ..Base::default()
            },
            ..Settings::default()
        };
        let both = mine.or(&others);
        assert_eq!(
            (both.seed, both.base.slots(), both.base.max_work),
            (Some(1), 64, None)
        );
    }

    #[test]
    fn choices_written_as_options_say_the_same() {
        let settings = Settings {
            frames: "64".parse().ok(),
            policy: "clock".parse().ok(),
            check: Checks::Rules,
            base: Base {
                alias: Some(Alias::User),
                abi: Some(Abi::Linux),
                aslr: Some(5),
                page_tables: Some(PageTables::Kpti),
                slot_allocator: "next-fit".parse().ok(),
                ..Base::default()
            },
            ..Settings::default()
        };
        assert_eq!(
            settings.to_args(),
            [
                "--frames=64",
                "--slot-allocator=next-fit",
                "--page-tables=kpti",
                "--alias=user",
                "--abi=linux",
                "--aslr=5",
                "--policy=clock",
                "--check"
            ]
        );
    }
}
