//! The placeholder for tasks of the lab that are not written yet.
//!
//! A hand-out of the lab (`vmlab handout`) has a call of [`not_yet`] in place of each body that
//! students write; this tree, which is complete, does not call it. It never returns, so it has the
//! type of any expression: a kernel with open tasks compiles, and runs until it reaches the first
//! of them.

/// Stops the kernel at a task that is not written yet. `task` is its number and its title,
/// `"4.3: get a page out of its frame"`.
///
/// # Panics
/// Always, with the task and the source line of the call, which is where to write it:
///
/// ```should_panic
/// vm::lab::not_yet("4.3: get a page out of its frame");
/// // not written yet: 4.3, get a page out of its frame (vm/src/pager/evict.rs:51)
/// ```
#[track_caller]
pub fn not_yet(task: &'static str) -> ! {
    let (number, title) = task.split_once(": ").unwrap_or((task, "a task of the lab"));
    let place = std::panic::Location::caller();
    panic!(
        "not written yet: {number}, {title} ({}:{})",
        place.file(),
        place.line()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_and_the_line_that_waits_for_it_are_named() {
        let line = line!() + 1;
        let error = std::panic::catch_unwind(|| not_yet("4.3: get a page out of its frame"));
        let message = *error.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(
            message,
            format!(
                "not written yet: 4.3, get a page out of its frame ({}:{line})",
                file!()
            )
        );
    }
}
