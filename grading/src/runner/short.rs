//! Cuts texts that a kernel produced: a message of megabytes in each test would fill memory and
//! reports.
//!
//! # Invariants
//! No text in a value is longer than [`LETTERS`] and a few words, and no list longer than [`LINES`].

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The number of characters of a text that are kept. The project's own texts are shorter.
const LETTERS: usize = 4000;
/// The number of items of a list that are kept.
const LINES: usize = 1000;

/// Returns the value with all texts and lists in it cut.
pub(super) fn short<T: Serialize + DeserializeOwned>(value: T) -> T {
    let mut json = serde_json::to_value(value).expect("it is plain data");
    cut(&mut json);
    serde_json::from_value(json).expect("a shorter text is a text")
}

fn cut(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LETTERS) {
                text.truncate(end);
                text.push_str(" ... (cut here)");
            }
        }
        Value::Array(list) => {
            list.truncate(LINES);
            list.iter_mut().for_each(cut);
        }
        Value::Object(fields) => fields.values_mut().for_each(cut),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;
    use protocol::kernel_panic::KernelPanic;

    #[test]
    fn a_flood_is_cut_wherever_it_is_and_what_is_short_stays() {
        let panic = |message: String, frames: Vec<String>| {
            Verdict::KernelPanic(KernelPanic {
                message,
                place: "vm/src/lib.rs:1".to_owned(),
                frames,
            })
        };
        let flood = panic("ä".repeat(3 << 20), vec!["x".repeat(1 << 20); 5000]);
        let Verdict::KernelPanic(kept) = short(flood) else {
            panic!("it is another verdict");
        };
        assert!(kept.message.chars().count() < LETTERS + 20);
        assert!(kept.message.ends_with("ä ... (cut here)"));
        assert_eq!(kept.frames.len(), LINES);
        assert!(kept.frames[0].len() < LETTERS + 20);
        let honest = panic(
            "index out of bounds".to_owned(),
            vec!["a (b.rs:1)".to_owned()],
        );
        assert_eq!(short(honest.clone()), honest);
    }
}
