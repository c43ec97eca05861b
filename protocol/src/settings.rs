//! The choices that make a machine, as a user writes them: on a command line or in a suite file.
//!
//! # Invariants
//!
//! Each choice is in its range once it is read, whichever way it came, and what is not chosen has
//! the default that `--help` tells. Which policies and slot allocators there are, only the machine
//! program knows: here they are names.

use std::fmt;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use machine::layout::Layout;
use serde::{Deserialize, Deserializer, de};

use crate::kind::KindName;

/// The choices; `None` where the user made none.
#[derive(Clone, PartialEq, Eq, Default, Debug, Args)]
#[command(next_help_heading = "Machine")]
pub struct Settings {
    /// Frames of RAM for user pages, 4 KiB each [default: 367]
    #[arg(long, value_name = "N")]
    pub frames: Option<Frames>,

    /// Which page is evicted [default: clock]
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<KindName>,

    /// Seed of all that is random in the machine. `run` takes one, `grade` several, so that each
    /// has an option of its own for it.
    #[arg(skip)]
    pub seed: Option<u64>,

    /// Whether each event is checked against the rules of the virtual memory. `run` and `grade` have
    /// options of their own for it.
    #[arg(skip)]
    pub check: bool,

    /// The others.
    #[command(flatten)]
    pub base: Base,
}

/// The choices that stay the same when policies and numbers of frames are compared.
#[derive(Clone, PartialEq, Eq, Default, Debug, Args)]
#[command(next_help_heading = "Machine")]
pub struct Base {
    /// Slots of the swap disk, 4 KiB each; 0 for a machine without swap [default: 1024]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=i64::from(MOST_SLOTS)))]
    pub swap_slots: Option<u32>,

    /// Which slot of the swap disk a page gets [default: last-freed]
    #[arg(long, value_name = "ALLOCATOR")]
    pub slot_allocator: Option<KindName>,

    /// Frames of the kernel for page directories and page tables [default: its whole pool, over
    /// 8000]
    #[arg(long, value_name = "N")]
    pub kernel_pages: Option<u32>,

    /// What programs run on: `shared` is one page directory for them and the kernel, whose half they may
    /// not use; `kpti` is a directory of their own without the kernel's half, but for the page that
    /// entering the kernel takes [default: shared]
    #[arg(long, value_name = "WAY")]
    pub page_tables: Option<PageTables>,

    /// How the kernel reaches user memory: `sync` uses its own address of a frame and reads the
    /// accessed and dirty bits of all of them, `user` walks the user's address [default: sync]
    #[arg(long, value_name = "WAY")]
    pub alias: Option<Alias>,

    /// Ends the guest after this much work (basic blocks executed) [default: 10000000000]
    #[arg(long, value_name = "N")]
    pub max_work: Option<u64>,

    /// Work that passes while a disk transfers a page and other processes run [default: 0]
    #[arg(long, value_name = "N")]
    pub disk_latency: Option<u64>,
}

/// The most swap slots: 16 GiB.
pub const MOST_SLOTS: u32 = 4 << 20;
/// User frames unless told otherwise.
pub const DEFAULT_FRAMES: u32 = 367;
/// Swap slots unless told otherwise.
pub const DEFAULT_SLOTS: u32 = 1024;
/// The work limit of `run` unless told otherwise: minutes.
pub const DEFAULT_MAX_WORK: u64 = 10_000_000_000;
/// That of a test: many times what any bundled one needs, and over before the watchdog's time.
pub const TEST_MAX_WORK: u64 = 1_000_000_000;

impl Settings {
    /// These choices, and where they make none those of `others`.
    pub fn or(&self, others: &Settings) -> Settings {
        Settings {
            frames: self.frames.or(others.frames),
            policy: self.policy.as_ref().or(others.policy.as_ref()).cloned(),
            seed: self.seed.or(others.seed),
            check: self.check || others.check,
            base: self.base.or(&others.base),
        }
    }

    /// The options of `vmlab run` that make these choices.
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
        add("policy", named(&self.policy));
        add("seed", self.seed.map(|seed| seed.to_string()));
        add("max-work", base.max_work.map(|work| work.to_string()));
        add(
            "disk-latency",
            base.disk_latency.map(|latency| latency.to_string()),
        );
        args.extend(self.check.then(|| "--check".to_owned()));
        args
    }
}

impl Base {
    /// These choices, and where they make none those of `others`.
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
            max_work: self.max_work.or(others.max_work),
            disk_latency: self.disk_latency.or(others.disk_latency),
        }
    }

    /// How many slots the swap disk has.
    pub fn slots(&self) -> u32 {
        self.swap_slots.unwrap_or(DEFAULT_SLOTS)
    }
}

/// A number of user frames that a machine can have: [`Frames::FEWEST`] to
/// [`Layout::MAX_USER_FRAMES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frames(u32);

impl Frames {
    /// Below this, one instruction with the pages it touches may not fit beside what the kernel
    /// pins for a system call.
    pub const FEWEST: u32 = 8;

    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Frames {
    type Error = String;

    fn try_from(number: u32) -> Result<Frames, String> {
        let most = Layout::MAX_USER_FRAMES;
        if (Frames::FEWEST..=most).contains(&number) {
            Ok(Frames(number))
        } else {
            Err(format!(
                "a machine has {} to {most} user frames",
                Frames::FEWEST
            ))
        }
    }
}

impl FromStr for Frames {
    type Err = String;

    fn from_str(text: &str) -> Result<Frames, String> {
        text.parse::<u32>()
            .map_err(|error| error.to_string())?
            .try_into()
    }
}

impl<'de> Deserialize<'de> for Frames {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Frames, D::Error> {
        u32::deserialize(from)?
            .try_into()
            .map_err(de::Error::custom)
    }
}

/// What programs run on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum PageTables {
    /// The directory that the kernel runs on.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_a_range() {
        for good in ["8", "367", &Layout::MAX_USER_FRAMES.to_string()] {
            assert!(good.parse::<Frames>().is_ok(), "{good}");
        }
        for bad in ["7", "0", "-1", "x", "", "4294967295", "99999999999"] {
            assert!(bad.parse::<Frames>().is_err(), "{bad}");
        }
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
            check: true,
            base: Base {
                alias: Some(Alias::User),
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
                "--policy=clock",
                "--check"
            ]
        );
    }
}
