//! The wrong kernels still fit the sources, and the document for students has each of them.

use testkit::root;
use tests::wrong::{bundled, document};

#[test]
fn each_mistake_has_its_name_its_test_and_its_place() {
    let kernels = bundled().unwrap();
    assert!(kernels.iter().all(|kernel| kernel.find != kernel.replace));
}

#[test]
fn the_document_has_a_section_for_each() {
    let kernels = bundled().unwrap();
    let names: Vec<&str> = kernels.iter().map(|kernel| kernel.name.as_str()).collect();
    let text = std::fs::read_to_string(root().join(document::PATH)).unwrap();
    assert_eq!(
        document::named(&text),
        names,
        "run `cargo run --release -p tests --bin try-wrong-kernels -- --write`"
    );
}
