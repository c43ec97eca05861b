//! Scripts: files whose first line, `#!` and a path, names the program that they are for.
//!
//! # Invariants
//! Only the first [`HEAD`] bytes of a file are read, and a path has to end within them.

use std::rc::Rc;

use vm::{FileRef, FileSource};

use crate::args::CommandLine;
use crate::files::Inode;
use crate::witness::WatchedPager;

/// What a first line may have, as in Linux.
const HEAD: usize = 256;

/// What a script says about itself.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Script {
    /// The path of the program that it is for.
    pub interpreter: Vec<u8>,
    /// The rest of the line, which is one argument whatever is in it.
    argument: Option<Vec<u8>>,
}

impl Script {
    /// The script in a file; `None` if it is none or cannot be read.
    pub(super) fn read(vm: &mut WatchedPager<'_>, file: &Rc<Inode>) -> Option<Script> {
        let mut head = [0; HEAD];
        let bytes = HEAD.min(usize::try_from(file.len()).unwrap_or(HEAD));
        let source = Rc::clone(file) as FileRef;
        let read = vm.file_read(&source, 0, &mut head[..bytes]).ok()?;
        Script::parse(&head[..read], file.len() > read as u64)
    }

    /// That at the start of these bytes, after which the file `goes_on` or not.
    fn parse(head: &[u8], goes_on: bool) -> Option<Script> {
        let line = head.strip_prefix(b"#!")?;
        let end = line.iter().position(|byte| *byte == b'\n');
        let is_cut = end.is_none() && goes_on;
        let line = line[..end.unwrap_or(line.len())].trim_ascii();
        let space = line.iter().position(|byte| matches!(byte, b' ' | b'\t'));
        if is_cut && space.is_none() {
            return None;
        }
        let (path, rest) = line.split_at(space.unwrap_or(line.len()));
        let rest = rest.trim_ascii();
        (!path.is_empty() && !path.contains(&0)).then(|| Script {
            interpreter: path.to_vec(),
            argument: (!rest.is_empty()).then(|| rest.to_vec()),
        })
    }

    /// The command line with which its program starts, if the script at `path` was started with `line`.
    pub(super) fn command(&self, path: &[u8], line: &CommandLine) -> CommandLine {
        let mut words = vec![self.interpreter.clone()];
        words.extend(self.argument.clone());
        words.push(path.to_vec());
        words.extend(line.words().iter().skip(1).cloned());
        CommandLine::of_words(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_a_program_and_at_most_one_argument() {
        let parse = |text: &[u8]| Script::parse(text, false);
        let script = |path: &[u8], argument: Option<&[u8]>| Script {
            interpreter: path.to_vec(),
            argument: argument.map(<[u8]>::to_vec),
        };
        assert_eq!(parse(b"#!/bin/sh\nexit"), Some(script(b"/bin/sh", None)));
        assert_eq!(parse(b"#! /bin/sh"), Some(script(b"/bin/sh", None)));
        let awk = script(b"/usr/bin/awk", Some(b"-f  x"));
        assert_eq!(parse(b"#!/usr/bin/awk \t-f  x \n"), Some(awk));
        for none in [
            &b"#!"[..],
            b"#!\n/bin/sh",
            b"# /bin/sh",
            b"",
            b"#!/bin/\0sh\n",
        ] {
            assert_eq!(parse(none), None);
        }
        assert_eq!(Script::parse(b"#!/bin/long", true), None);
    }

    #[test]
    fn the_program_gets_the_path_of_the_script() {
        let script = Script::parse(b"#!/bin/sh -e\n", false).unwrap();
        let line = CommandLine::parse(b"run a b").unwrap();
        let words = script.command(b"/run", &line);
        assert_eq!(words.words(), [&b"/bin/sh"[..], b"-e", b"/run", b"a", b"b"]);
    }
}
