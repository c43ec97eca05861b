//! Submissions as they are handed in.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use class::sources::Sources;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use zip::write::SimpleFileOptions;

/// The form in which something is handed in.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pack {
    /// A folder.
    #[default]
    Folder,
    /// A ZIP, with all in a folder as GitHub makes them.
    Zip,
    /// A TAR, packed by gzip.
    TarGz,
    /// A bundle of git.
    Bundle,
    /// A TAR in which `vm/src/lib.rs` is a link to a file of the host.
    TarWithLink,
    /// A TAR with a path that leads out of it.
    TarLeadsOut,
    /// A ZIP of 300 MB of zeros.
    ZipBomb,
    /// A folder in which `vm/src` is a link to a folder of the host.
    FolderWithLink,
    /// A TAR with two files of one name.
    TarTwice,
}

/// Writes a submission to a folder of submissions.
///
/// # Errors
/// The host's.
pub fn pack(form: Pack, name: &str, files: &Sources, folder: &Path) -> io::Result<PathBuf> {
    let path = |ending: &str| folder.join(format!("{name}{ending}"));
    match form {
        Pack::Folder => write_folder(&path(""), files),
        Pack::FolderWithLink => {
            write_folder(&path(""), files)?;
            fs::create_dir_all(path("").join("vm"))?;
            symlink("/etc", path("").join("vm/src"))?;
            Ok(path(""))
        }
        Pack::Zip => zip(path(".zip"), files),
        Pack::ZipBomb => zip(
            path(".zip"),
            &Sources::from([("vm/src/lib.rs".to_owned(), vec![0; 300 << 20])]),
        ),
        Pack::TarGz => tar(path(".tar.gz"), files, |_| Ok(())),
        Pack::TarWithLink => tar(path(".tar.gz"), files, |tar| {
            let mut header = header(0);
            header.set_entry_type(tar::EntryType::Symlink);
            tar.append_link(&mut header, "vm/src/lib.rs", "/etc/passwd")
        }),
        Pack::TarLeadsOut => tar(path(".tar.gz"), files, |tar| {
            let mut header = header(1);
            // The crate refuses to write such a path: it is put into the header as it is.
            let name = b"vm/src/../../../../tmp/vmlab-was-here.rs";
            header.as_old_mut().name[..name.len()].copy_from_slice(name);
            header.set_cksum();
            tar.append(&header, &b"x"[..])
        }),
        Pack::TarTwice => tar(path(".tar.gz"), files, |tar| {
            for text in ["// one\n", "// two\n"] {
                tar.append_data(&mut header(text.len()), "vm/src/lib.rs", text.as_bytes())?;
            }
            Ok(())
        }),
        Pack::Bundle => bundle(path(".bundle"), files),
    }
}

fn write_folder(folder: &Path, files: &Sources) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(folder.to_owned())
}

fn zip(path: PathBuf, files: &Sources) -> io::Result<PathBuf> {
    let mut zip = zip::ZipWriter::new(File::create(&path)?);
    // The same date each time: the crate's own first one.
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, bytes) in files {
        zip.start_file(format!("lab-main/{name}"), options)?;
        zip.write_all(bytes)?;
    }
    zip.finish()?;
    Ok(path)
}

type Tar = tar::Builder<GzEncoder<File>>;

fn tar(
    path: PathBuf,
    files: &Sources,
    more: impl FnOnce(&mut Tar) -> io::Result<()>,
) -> io::Result<PathBuf> {
    let mut tar = Tar::new(GzEncoder::new(File::create(&path)?, Compression::best()));
    for (name, bytes) in files {
        tar.append_data(&mut header(bytes.len()), name, bytes.as_slice())?;
    }
    more(&mut tar)?;
    tar.into_inner()?.finish()?;
    Ok(path)
}

fn header(size: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size as u64);
    header.set_mode(0o644);
    header
}

fn bundle(path: PathBuf, files: &Sources) -> io::Result<PathBuf> {
    let folder = tempfile::tempdir()?;
    write_folder(folder.path(), files)?;
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        command
            .current_dir(folder.path())
            .args([
                "-c",
                "user.name=A student",
                "-c",
                "user.email=student@example.org",
            ])
            .args(words)
            .envs([
                ("GIT_AUTHOR_DATE", "2026-11-01T00:00:00Z"),
                ("GIT_COMMITTER_DATE", "2026-11-01T00:00:00Z"),
            ])
            .envs([
                ("GIT_CONFIG_GLOBAL", "/dev/null"),
                ("GIT_CONFIG_NOSYSTEM", "1"),
            ]);
        match command.output()? {
            output if output.status.success() => Ok(()),
            output => Err(io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            )),
        }
    };
    git(&["init", "--quiet", "--initial-branch=main"])?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message=Milestones"])?;
    let target = path.to_string_lossy().into_owned();
    git(&["bundle", "create", "--quiet", &target, "HEAD", "main"])?;
    Ok(path)
}
