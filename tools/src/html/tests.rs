use super::*;
use crate::record::testing::{Recording, record, record_all};

fn page(recording: &Recording, policies: Option<&str>) -> String {
    let spool = tempfile::tempfile().unwrap();
    let mut page = Page::start(Vec::new(), spool, &recording.about, policies).unwrap();
    let ended = recording.pass_to(&mut page);
    String::from_utf8(page.finish(&ended).unwrap()).unwrap()
}

#[test]
fn the_page_asks_for_nothing_from_anywhere() {
    let page = page(&record_all("exit", 64, 0), None);
    let without_data = page.split("id=\"data\">").next().unwrap().to_owned()
        + &SCRIPTS.join("")
        + &STYLES.join("");
    for word in [
        "http:",
        "https:",
        "src=",
        "@import",
        "url(",
        "fetch(",
        "eval(",
        "XMLHttpRequest",
    ] {
        assert!(!without_data.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn nothing_of_a_guest_is_html() {
    let mut recording = record("exit", 64, 0, 1000);
    recording.about.command_line = "</script><b>{{data}} & \"x\"".to_owned();
    recording.ended.texts.number("</script><!-- ");
    let page = page(&recording, None);
    assert!(!page.contains("<b>"));
    assert!(page.contains("<h1>&lt;/script>&lt;b>"));
    assert_eq!(
        page.matches("</script>").count(),
        2,
        "the data's and the program's own"
    );
    let data = page.split("id=\"data\">").nth(1).unwrap();
    let data = data.split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["command_line"], recording.about.command_line);
}

#[test]
fn a_picture_of_policies_has_a_place() {
    let recording = record("exit", 64, 0, 1000);
    let page_with = page(&recording, Some("<svg>{{data}}</svg>"));
    assert!(page_with.contains("<svg>&#123;{data}}</svg>"));
    assert!(!page(&recording, None).contains("policies-title"));
}

#[test]
fn the_same_run_is_the_same_page() {
    let make = || page(&record_all("fork-tree", 16, 300), None);
    assert_eq!(make(), make());
}

#[test]
fn an_error_of_writing_is_told_at_the_end() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let left = self.0.checked_sub(bytes.len());
            self.0 = left.ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let recording = record("exit", 64, 0, 1000);
    let up_to_some_steps = page(&recording, None).find("\"steps\":").unwrap() + 100;
    let spool = tempfile::tempfile().unwrap();
    let full = Full(up_to_some_steps);
    let mut page = Page::start(full, spool, &recording.about, None).unwrap();
    let ended = recording.pass_to(&mut page);
    let error = page.finish(&ended).err().expect("the disk is full");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn no_file_is_too_long_to_be_read() {
    for script in SCRIPTS {
        assert!(script.lines().count() <= 400);
        assert!(script.starts_with("// "), "what it is for");
    }
    for style in STYLES {
        assert!(style.lines().count() <= 400);
    }
}
