//! What a source declares in the comments at its top. The build script reads those of the bundled
//! programs, and whoever compiles a user's own source reads the same there.
//!
//! Each such line starts with `//` and one of these words:
//!
//! - `needs:` names of other programs and of files in `files/` that the guest has to have;
//! - `shows:` one sentence that says what the program shows;
//! - `flags:` more arguments for the compiler;
//! - `layout:` the linker script in `lib/` to use, without its extension;
//! - `also:` other sources, beside this one, that belong to the program.

/// The layout of a program that declares none.
const USUAL_LAYOUT: &str = "link";

/// What a source declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Other programs and files.
    pub needs: Vec<String>,
    /// What the program shows.
    pub shows: String,
    /// More arguments for the compiler.
    pub flags: Vec<String>,
    /// The linker script.
    pub layout: String,
    /// Other sources.
    pub also: Vec<String>,
}

impl Declared {
    /// Reads the comments of a source.
    #[must_use]
    pub fn of(text: &str) -> Declared {
        let words = |word| {
            let words = declared(text, word);
            words.split_whitespace().map(str::to_string).collect()
        };
        let layout = declared(text, "layout");
        Declared {
            needs: words("needs"),
            shows: declared(text, "shows"),
            flags: words("flags"),
            layout: match layout.is_empty() {
                true => USUAL_LAYOUT.to_string(),
                false => layout,
            },
            also: words("also"),
        }
    }
}

/// What stands behind a word, on however many lines.
fn declared(text: &str, word: &str) -> String {
    let lines = text.lines().take_while(|line| line.starts_with("//"));
    let found = lines.filter_map(|line| line[2..].trim().strip_prefix(word)?.strip_prefix(':'));
    found.map(str::trim).collect::<Vec<_>>().join(" ")
}
