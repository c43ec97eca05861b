//! What a program puts out, compared with what it should.
//!
//! # Invariants
//!
//! Outputs are the same exactly if their sums are; no output is kept.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use host::guest_dir::GuestDir;
use host::guest_name::GuestName;
use host::sha256::{Sum, Summing};

/// The output that a program should have.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The sum of all that it prints, followed by its result.
    pub sum: Sum,
    /// The file that is its result; None if it only prints.
    pub result: Option<GuestName>,
}

/// A console that sums up what is printed. Clones share one sum.
#[derive(Clone, Default, Debug)]
pub struct Console(Rc<RefCell<Summing>>);

impl Console {
    /// Returns the sum of what was printed so far.
    #[must_use]
    pub fn sum(&self) -> Sum {
        self.0.borrow().clone().sum()
    }
}

impl Expected {
    /// Returns what is wrong with what was printed and with the result; None if nothing is.
    #[must_use]
    pub fn difference(&self, console: &Console, dir: &GuestDir) -> Option<String> {
        let mut summing = console.0.borrow().clone();
        if let Some(name) = &self.result {
            match dir.get(name) {
                Ok(content) => summing.add(&content),
                Err(error) => return Some(error.to_string()),
            }
        }
        let found = summing.sum();
        (found != self.sum).then(|| {
            format!(
                "its output is not the expected one: its SHA-256 sum is {found}, and not {}",
                self.sum
            )
        })
    }
}

impl Write for Console {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use host::program::GuestFile;

    use super::*;

    #[test]
    fn what_is_printed_counts_and_then_the_result() {
        let dir = GuestDir::temporary().unwrap();
        let name = GuestName::new("result").unwrap();
        let mut console = Console::default();
        console.clone().write_all(b"prin").unwrap();
        console.write_all(b"ted").unwrap();
        let printed = Expected {
            sum: Sum::of(b"printed"),
            result: None,
        };
        assert_eq!(printed.difference(&console, &dir), None);
        let both = Expected {
            sum: Sum::of(b"printed, written"),
            result: Some(name.clone()),
        };
        let missing = both.difference(&console, &dir).unwrap();
        assert!(missing.contains("result"), "{missing}");
        let content = b", written".to_vec();
        dir.put(&GuestFile { name, content }).unwrap();
        assert_eq!(both.difference(&console, &dir), None);
        let other = printed.difference(&Console::default(), &dir).unwrap();
        assert!(other.contains("not the expected one"), "{other}");
    }
}
