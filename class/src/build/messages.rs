//! The compiler's messages, cut to a readable length.

/// The most bytes that are kept.
const MOST: usize = 16 << 10;

/// Returns the errors in a compiler's output, without the warnings before and after, cut if too long.
#[must_use]
pub fn errors(said: &str) -> String {
    let is_head = |line: &str| line.starts_with("error") || line.starts_with("warning");
    let mut kept = String::new();
    let mut wanted = true;
    for line in said.lines() {
        if is_head(line) {
            wanted = line.starts_with("error");
        }
        if !wanted {
            continue;
        }
        if kept.len() + line.len() > MOST {
            kept.push_str("... and more; this is cut here\n");
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_left_out_and_what_is_long_is_cut() {
        let said =
            "warning: unused\n --> a\n\nerror[E1]: wrong\n --> b\n\nwarning: again\n --> c\n";
        assert_eq!(errors(said), "error[E1]: wrong\n --> b\n\n");
        let long = format!("error: {}\n", "x".repeat(100)).repeat(1000);
        let kept = errors(&long);
        assert!(kept.len() < MOST + 100);
        assert!(kept.ends_with("this is cut here\n"));
    }

    #[test]
    fn what_is_no_message_of_rustc_is_kept() {
        assert_eq!(
            errors("memory allocation failed"),
            "memory allocation failed\n"
        );
    }
}
