//! `docs/wrong-kernels.md`: what each mistake looks like, for students.
//!
//! # Invariants
//!
//! It has a section for each wrong kernel, in their order, and no line of a solution.

use super::WrongKernel;

/// Where it is, from the root of the workspace.
pub const PATH: &str = "docs/wrong-kernels.md";

const HEAD: &str = "\
# What each mistake looks like

Kernels with one mistake each, and what `vmlab grade` says of the test that shows it: the first lines of the
failure, without the last events of the fault log that follow there. `N` stands for a line's number. Look here
for the words that your kernel's verdict has, to see what led to them in another one.

A test that fails is run once more with the rules of the virtual memory checked, as `vmlab run --check` does, so
most verdicts name the rule that was broken first, the page, and when.
";

/// The document: all kernels, each with its verdict.
#[must_use]
pub fn render(kernels: &[(WrongKernel, String)]) -> String {
    let mut text = HEAD.to_owned();
    for (kernel, verdict) in kernels {
        let WrongKernel {
            name,
            mistake,
            file,
            ..
        } = kernel;
        text += &format!("\n## {name}\n\n{mistake} (in `{file}`).\n\n```\n{verdict}\n```\n");
    }
    text
}

/// The kernels that a document has, in its order.
#[must_use]
pub fn named(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect()
}
