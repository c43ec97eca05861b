use std::os::unix::fs::symlink;
use std::path::Path;

use cap_std::ambient_authority;
use tempfile::TempDir;
use vm::FileSource;

use super::*;
use crate::limits::MAX_OPEN_FILES;

const PAGE: u64 = 4096;

fn files_in(path: &Path, quota: u64) -> Files {
    let directory = Dir::open_ambient_dir(path, ambient_authority()).unwrap();
    Files::new(directory, None, quota).unwrap()
}

fn files(quota: u64) -> (TempDir, Files) {
    let folder = tempfile::tempdir().unwrap();
    let files = files_in(folder.path(), quota);
    (folder, files)
}

fn content(inode: &Inode) -> Vec<u8> {
    let mut bytes = vec![0; inode.len() as usize];
    assert_eq!(inode.read_at(0, &mut bytes).unwrap(), bytes.len());
    bytes
}

#[test]
fn a_new_file_is_zeros_and_its_name_is_taken() {
    let (_folder, mut files) = files(1 << 20);
    files.create(b"new", 5).unwrap();
    assert_eq!(content(&files.open(b"new").unwrap()), [0; 5]);
    assert!(matches!(files.create(b"new", 0), Err(FileError::Exists)));
}

#[test]
fn all_opens_of_a_name_share_one_inode_and_its_identity_outlives_them() {
    let (_folder, mut files) = files(1 << 20);
    files.create(b"one", 0).unwrap();
    files.create(b"other", 0).unwrap();
    let first = files.open(b"one").unwrap();
    let second = files.open(b"one").unwrap();
    assert!(Rc::ptr_eq(&first, &second));
    let id = first.id();
    assert_ne!(files.open(b"other").unwrap().id(), id);
    drop((first, second));
    assert_eq!(files.in_use(), 0);
    assert_eq!(files.open(b"one").unwrap().id(), id);
}

#[test]
fn a_removed_file_lives_until_its_last_user_and_its_successor_is_another_file() {
    let (_folder, mut files) = files(10 * PAGE);
    files.create(b"f", 3).unwrap();
    let old = files.open(b"f").unwrap();
    old.allow_writes();
    old.write_at(0, b"old").unwrap();
    files.remove(b"f").unwrap();
    assert!(files.open(b"f").is_err());
    assert!(matches!(files.remove(b"f"), Err(FileError::Host(_))));

    files.create(b"f", 3).unwrap();
    let new = files.open(b"f").unwrap();
    new.allow_writes();
    assert_ne!(new.id(), old.id());
    new.write_at(0, b"new").unwrap();
    assert_eq!(
        (content(&old), content(&new)),
        (b"old".to_vec(), b"new".to_vec())
    );
    assert_eq!(files.quota.used(), 4 * PAGE);
    drop(old);
    assert_eq!(files.quota.used(), 2 * PAGE);
    files.remove(b"f").unwrap();
    drop(new);
    assert_eq!(files.quota.used(), 0);
}

#[test]
fn a_file_that_no_program_writes_to_is_not_written() {
    let (_folder, mut files) = files(4 * PAGE);
    files.create(b"f", 1).unwrap();
    let file = files.open(b"f").unwrap();
    let refused = file.write_at(0, b"x").unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(content(&file), [0]);
    file.allow_writes();
    file.write_at(0, b"x").unwrap();
    assert_eq!(content(&file), b"x");
}

#[test]
fn writes_extend_a_file_with_zeros_between_until_the_quota_says_no() {
    let (_folder, mut files) = files(4 * PAGE);
    files.create(b"f", 0).unwrap();
    let file = files.open(b"f").unwrap();
    file.allow_writes();
    file.write_at(PAGE, b"x").unwrap();
    assert_eq!(file.len(), PAGE + 1);
    assert_eq!(files.quota.used(), 3 * PAGE);
    let full = file.write_at(3 * PAGE, b"y").unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    assert_eq!(
        file.write_at(u64::MAX, b"y").unwrap_err().kind(),
        io::ErrorKind::StorageFull
    );
    assert_eq!((file.len(), files.quota.used()), (PAGE + 1, 3 * PAGE));
    let mut expected = vec![0; PAGE as usize];
    expected.push(b'x');
    assert_eq!(content(&file), expected);
}

#[test]
fn a_file_that_does_not_fit_the_quota_is_not_made() {
    let (folder, mut files) = files(4 * PAGE);
    assert!(files.create(b"big", 4 * PAGE).is_err());
    assert!(files.create(b"huge", u64::MAX).is_err());
    for number in 0..4 {
        files.create(format!("{number}").as_bytes(), 0).unwrap();
    }
    assert!(files.create(b"fifth", 0).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn files_that_were_there_before_count_and_give_their_room_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("before"), [7; 5000]).unwrap();
    let mut files = files_in(folder.path(), 2 * PAGE);
    assert_eq!(files.quota.used(), 3 * PAGE);
    assert!(files.create(b"f", 0).is_err());
    assert_eq!(content(&files.open(b"before").unwrap()), [7; 5000]);
    files.remove(b"before").unwrap();
    files.create(b"f", 0).unwrap();
}

#[test]
fn only_plain_files_of_the_directory_itself_can_be_reached() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let (folder, mut files) = files(1 << 20);
    std::fs::write(folder.path().join("plain"), "plain").unwrap();
    symlink(outside.path().join("secret"), folder.path().join("out")).unwrap();
    symlink("plain", folder.path().join("in")).unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for name in [&b"out"[..], b"in", b"dangling", b"folder"] {
        assert!(
            matches!(files.open(name), Err(FileError::NotPlain)),
            "{name:?}"
        );
        assert!(
            matches!(files.remove(name), Err(FileError::NotPlain)),
            "{name:?}"
        );
        assert!(
            matches!(files.create(name, 0), Err(FileError::Exists)),
            "{name:?}"
        );
    }
    assert!(matches!(files.open(b"../secret"), Err(FileError::Name(_))));
    assert_eq!(
        std::fs::read(outside.path().join("secret")).unwrap(),
        b"secret"
    );
}

#[test]
fn a_file_that_the_host_protects_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, mut files) = files(1 << 20);
    let path = folder.path().join("locked");
    std::fs::write(&path, "text").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(content(&files.open(b"locked").unwrap()), b"text");
}

#[test]
fn files_in_use_are_limited_and_a_dropped_one_makes_room() {
    let (_folder, mut files) = files(64 << 20);
    let mut open = Vec::new();
    for number in 0..=MAX_FILES_IN_USE {
        files.create(number.to_string().as_bytes(), 0).unwrap();
    }
    for number in 0..MAX_FILES_IN_USE {
        open.push(files.open(number.to_string().as_bytes()).unwrap());
    }
    let last = MAX_FILES_IN_USE.to_string();
    assert!(matches!(
        files.open(last.as_bytes()),
        Err(FileError::TooMany)
    ));
    open.push(files.open(b"0").unwrap());
    open.truncate(MAX_FILES_IN_USE - 1);
    assert!(files.open(last.as_bytes()).is_ok());
}

#[test]
fn a_file_is_executed_until_the_last_process_that_does_ends() {
    let (_folder, mut files) = files(1 << 20);
    files.create(b"program", 0).unwrap();
    let inode = files.open(b"program").unwrap();
    let first = Executable::new(Rc::clone(&inode));
    let second = Executable::new(Rc::clone(&inode));
    drop(first);
    assert!(inode.is_executed());
    drop(second);
    assert!(!inode.is_executed());
}

#[test]
fn descriptors_are_the_lowest_free_numbers_from_2_on() {
    let (_folder, mut files) = files(1 << 20);
    files.create(b"f", 0).unwrap();
    let inode = files.open(b"f").unwrap();
    let mut table = Descriptors::default();
    let open = |table: &mut Descriptors| table.open(Rc::clone(&inode)).unwrap();
    assert_eq!(
        [open(&mut table), open(&mut table), open(&mut table)],
        [Fd(2), Fd(3), Fd(4)]
    );
    table.close(Fd(3));
    table.close(Fd(99));
    assert!(table.get(Fd(3)).is_none());
    assert_eq!(open(&mut table), Fd(3));
    table.get_mut(Fd(4)).unwrap().position = 7;
    assert_eq!(table.get(Fd(2)).unwrap().position, 0);
    while table.open(Rc::clone(&inode)).is_some() {}
    assert!(table.get(Fd(MAX_OPEN_FILES as u32 + 1)).is_some());
    assert!(table.get(Fd(MAX_OPEN_FILES as u32 + 2)).is_none());
}

#[test]
fn the_lower_directory_is_found_below_and_never_changed() {
    let (upper, lower) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir(lower.path().join("etc")).unwrap();
    std::fs::write(lower.path().join("etc/passwd"), "root").unwrap();
    std::fs::write(upper.path().join("own"), "mine").unwrap();
    let open =
        |folder: &TempDir| Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
    let mut files = Files::new(open(&upper), Some(open(&lower)), 1 << 20).unwrap();
    let name = |path: &str| FileName::of_path(path.as_bytes()).unwrap();

    let passwd = files.open_named(name("etc/passwd")).unwrap();
    assert_eq!(passwd.len(), 4);
    assert!(passwd.write_at(0, b"x").is_err());
    assert_eq!(files.names_in(None).unwrap(), [&b"etc"[..], b"own"]);
    assert!(matches!(
        files.create_named(&name("etc/passwd"), 0),
        Err(FileError::Exists)
    ));
    for changed in [
        files.remove_named(&name("etc/passwd")),
        files.remove_directory(&name("etc")),
        files.rename(&name("own"), &name("etc/passwd")),
        files.rename(&name("etc"), &name("other")),
    ] {
        let error = changed.unwrap_err();
        assert!(
            error.to_string().to_lowercase().contains("read-only"),
            "{error}"
        );
    }
    files.create_named(&name("etc/group"), 3).unwrap();
    assert_eq!(
        files.names_in(Some(&name("etc"))).unwrap(),
        [&b"group"[..], b"passwd"]
    );
    assert!(upper.path().join("etc/group").exists());
    assert!(!lower.path().join("etc/group").exists());
}
