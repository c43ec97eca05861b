//! The rubric of a hand-out: the weights of the tests of each milestone.

use crate::course::{Course, Glob};
use crate::manifest::quoted;

/// The text of `grading/rubric.toml`. What is given comes first, then the milestones; a test belongs to
/// the first set that has it.
#[must_use]
pub fn text(course: &Course) -> String {
    let mut text = format!(
        "# What the tests of each milestone weigh in the score, in per cent: made from {}.\n",
        crate::course::PATH
    );
    for set in course.sets() {
        let title = quoted(&set.title);
        text += &format!("\n[[set]]\ntitle = {title}\nweight = {}\n", set.points);
        text += &format!("tests = [{}]\n", patterns(set.tests));
    }
    text
}

fn patterns(tests: &[Glob]) -> String {
    let lines = tests
        .iter()
        .map(|glob| format!("\n    {},", quoted(glob.text())));
    let mut lines: String = lines.collect();
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy;

    #[test]
    fn each_set_has_its_points_and_patterns() {
        let text = text(&toy::course());
        let grow = "\n[[set]]\ntitle = \"1: grow\"\nweight = 40\ntests = [\n    \"vm/grow*\",\n]\n";
        assert!(text.contains(grow), "{text}");
        assert!(
            text.contains("title = \"Given: files\"\nweight = 20"),
            "{text}"
        );
        assert!(
            text.ends_with("title = \"3: share\"\nweight = 10\ntests = []\n"),
            "{text}"
        );
    }
}
