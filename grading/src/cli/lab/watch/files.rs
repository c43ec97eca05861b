//! Notices that a source was saved.
//!
//! # Invariants
//! - What a build or a test writes (`target`, files whose names begin with a dot) is not a save.
//! - Saves in quick succession count as one.

use std::path::{Component, Path};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use std::{fs, thread};

use notify::event::{EventKind, MetadataKind, ModifyKind};
use notify::{Config, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use super::news::News;

/// The time without changes after which a save is reported.
const QUIET: Duration = Duration::from_millis(100);
/// Interval of polling, if the system does not report saves.
const EVERY: Duration = Duration::from_secs(1);

/// The way to learn of a save.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// The system reports it.
    Told,
    /// All files are polled.
    Looking,
}

/// Watches the sources of a tree until it is dropped.
pub(super) struct Watched {
    /// How it learns of a save.
    pub way: Way,
    _watcher: Box<dyn Watcher>,
}

impl Watched {
    /// Starts to report saves in the tree with this root, by polling if the system does not report
    /// them.
    ///
    /// # Errors
    /// The tree cannot be polled either.
    pub(super) fn start(root: &Path, asked: Way, news: Sender<News>) -> notify::Result<Watched> {
        let way = match is_remote(root) {
            true => Way::Looking,
            false => asked,
        };
        let (events, receiver) = mpsc::channel();
        let base = root.to_owned();
        let told = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_save(&event, &base)) {
                // It is the interface's end if nobody listens.
                let _ = events.send(());
            }
        };
        let config = Config::default().with_poll_interval(EVERY);
        let watched = match way {
            Way::Told => all_of(root, RecommendedWatcher::new(told.clone(), config)).map(boxed),
            Way::Looking => Err(notify::Error::generic("not asked for")),
        };
        let (watcher, way) = match watched {
            Ok(watcher) => (watcher, Way::Told),
            Err(_) => {
                let watcher = all_of(root, PollWatcher::new(told, config)).map(boxed)?;
                (watcher, Way::Looking)
            }
        };
        thread::spawn(move || tell(&receiver, &news));
        Ok(Watched {
            way,
            _watcher: watcher,
        })
    }
}

fn boxed(watcher: impl Watcher + 'static) -> Box<dyn Watcher> {
    Box::new(watcher)
}

/// Watches all folders of a tree that may have sources.
fn all_of<W: Watcher>(root: &Path, watcher: notify::Result<W>) -> notify::Result<W> {
    let mut watcher = watcher?;
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() && is_source(&path, root) {
            watcher.watch(&path, RecursiveMode::Recursive)?;
        }
    }
    Ok(watcher)
}

/// Returns whether a file may be a source: one made neither by a build nor by an editor for itself.
fn is_source(path: &Path, root: &Path) -> bool {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.into_iter().all(|part| match part {
        Component::Normal(name) => {
            let name = name.to_string_lossy();
            name != "target" && !name.starts_with(['.', '#']) && !name.ends_with('~')
        }
        _ => true,
    })
}

/// Returns whether an event is one that a save causes.
fn is_save(event: &Event, root: &Path) -> bool {
    let is_change = match event.kind {
        EventKind::Modify(ModifyKind::Metadata(kind)) => kind == MetadataKind::WriteTime,
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        _ => false,
    };
    is_change && event.paths.iter().any(|path| is_source(path, root))
}

/// Reports each save after a pause without changes.
fn tell(events: &Receiver<()>, news: &Sender<News>) {
    while events.recv().is_ok() {
        while events.recv_timeout(QUIET).is_ok() {}
        if news.send(News::Saved).is_err() {
            break;
        }
    }
}

/// Returns whether a folder is on a file system that does not report changes made elsewhere.
#[cfg(target_os = "linux")]
fn is_remote(folder: &Path) -> bool {
    use nix::sys::statfs::{FUSE_SUPER_MAGIC, FsType, NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, statfs};

    /// Of the host of a virtual machine, such as Windows under WSL.
    const V9FS: FsType = FsType(0x0102_1997);
    /// SMB from its second version on.
    const SMB2: FsType = FsType(0xfe53_4d42);

    let remote = [
        FUSE_SUPER_MAGIC,
        NFS_SUPER_MAGIC,
        SMB_SUPER_MAGIC,
        SMB2,
        V9FS,
    ];
    statfs(folder).is_ok_and(|facts| remote.contains(&facts.filesystem_type()))
}

/// Returns whether a folder is on a file system that does not report changes made elsewhere.
#[cfg(not(target_os = "linux"))]
fn is_remote(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn builds_and_editors_save_nothing() {
        let root = Path::new("/home/.me/target/lab");
        let is_source = |path: &str| is_source(&root.join(path), root);
        assert!(is_source("vm/src/pager/evict.rs") && is_source("Cargo.toml"));
        for path in [
            "target/lab/passed",
            ".git/index",
            "vm/src/.evict.rs.swp",
            "vm/src/a.rs~",
        ] {
            assert!(!is_source(path), "{path}");
        }
    }

    /// A save is reported either way, and several files count as one save.
    fn saved(way: Way) {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("vm/src/evict.rs");
        fs::create_dir_all(source.parent().unwrap()).unwrap();
        fs::create_dir_all(folder.path().join("target")).unwrap();
        fs::write(&source, "one").unwrap();
        let (sender, news) = mpsc::channel();
        let watched = Watched::start(folder.path(), way, sender).unwrap();
        assert_eq!(watched.way, way);
        fs::write(folder.path().join("target/built"), "x").unwrap();
        fs::read_to_string(&source).unwrap();
        assert!(news.recv_timeout(QUIET * 2).is_err());
        // A file system may keep the time of a change in whole seconds.
        let begun = Instant::now();
        fs::write(&source, "two, longer").unwrap();
        fs::write(source.with_file_name("new.rs"), "new").unwrap();
        assert!(matches!(news.recv_timeout(EVERY * 20), Ok(News::Saved)));
        assert!(begun.elapsed() >= QUIET);
    }

    #[test]
    fn a_save_is_told() {
        saved(Way::Told);
    }

    #[test]
    fn a_save_is_seen() {
        saved(Way::Looking);
    }
}
