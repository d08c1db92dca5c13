//! The house rules that a machine can check: the import law, no floats in the domain, every style sheet linked.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room of `src`, and the rooms that it may use. `lib.rs` has the same table in words.
const LAW: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("import", &["domain"]),
    ("report", &["domain"]),
    ("i18n", &["domain", "import"]),
    ("sync", &["domain"]),
    ("store", &["domain", "sync"]),
    ("actions", &["domain", "import", "i18n", "sync", "store"]),
    ("platform", &["domain", "sync", "store", "actions"]),
    ("ui", &["domain", "import", "report", "i18n", "sync", "store", "actions", "platform"]),
    ("server", &["domain", "import", "i18n", "sync", "store", "actions"]),
];

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("source is text");
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_room_uses_only_the_rooms_that_the_import_law_allows() {
    let rooms: Vec<&str> = LAW.iter().map(|(room, _)| *room).collect();
    let mut broken = Vec::new();
    for (room, allowed) in LAW {
        for file in files(&root().join("src").join(room), ".rs") {
            for used in code(&file).split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if rooms.contains(&used.as_str()) && used != *room && !allowed.contains(&used.as_str()) {
                    broken.push(format!("{} uses {used}", file.display()));
                }
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn every_room_stands_in_the_law() {
    for entry in fs::read_dir(root().join("src")).expect("src") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(!path.is_dir() || name == "bin" || LAW.iter().any(|(room, _)| *room == name), "{name} is not in the import law");
    }
}

#[test]
fn the_domain_has_no_floats() {
    for file in files(&root().join("src/domain"), ".rs") {
        for float in ["f32", "f64"] {
            assert!(!code(&file).contains(float), "{} has {float}", file.display());
        }
    }
}

#[test]
fn every_style_sheet_is_linked_and_the_layers_come_first() {
    let page = fs::read_to_string(root().join("index.html")).expect("index.html");
    for sheet in files(&root().join("style"), ".css") {
        let name = sheet.strip_prefix(root()).expect("inside").to_string_lossy().into_owned();
        assert!(page.contains(&format!("href=\"{name}\"")), "index.html does not link {name}");
    }
    let first = page.find("rel=\"css\" href=\"").expect("a sheet");
    assert!(page[first..].starts_with("rel=\"css\" href=\"style/layers.css\""));
}

#[test]
fn the_page_has_no_inline_script_and_no_inline_style() {
    let page = fs::read_to_string(root().join("index.html")).expect("index.html");
    assert!(!page.contains("<script>") && !page.contains("<style") && !page.contains("style=\""));
}
