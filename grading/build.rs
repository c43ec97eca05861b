//! Embeds the suite files into the command: `OUT_DIR/suites.rs` lists `suites/*.toml` by name.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=suites");

    let variable = |name| PathBuf::from(env::var_os(name).expect("cargo sets it"));
    let folder = variable("CARGO_MANIFEST_DIR").join("suites");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of suites can be read")
        .map(|entry| entry.expect("the folder of suites can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();

    let mut list = String::from(
        "/// The suite files: name and text.\npub(super) const FILES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        let name = file.file_name().expect("it is a file").to_string_lossy();
        // Relative to the checkout at compile time: it may have been moved since.
        let place = format!("/suites/{name}");
        let text = format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {place:?}))");
        list += &format!("    ({name:?}, {text}),\n");
    }
    list += "];\n";
    fs::write(variable("OUT_DIR").join("suites.rs"), list).expect("OUT_DIR can be written");
}
