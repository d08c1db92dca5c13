//! The house rules that a machine can check: who may use whom, no floats in the domain, how long a function and a line
//! may be, every style sheet linked.

mod size;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use source::{files, root, short, sources};

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

/// The floors of `domain`, the lowest first: a file uses its own floor and those below it.
const FLOORS: &[&str] = &[
    "value",
    "shop",
    "goods",
    "customer",
    "payment",
    "stock",
    "order",
    "rejection",
    "book",
    "work",
    "event",
    "decide",
];

/// Folders that are one module in several files: what is in one of them stands in its `mod.rs`, too.
const ONE_MODULE: &[&str] = &["order", "stock::document", "event", "decide", "book"];

#[test]
fn every_room_uses_only_the_rooms_that_the_import_law_allows() {
    let rooms: Vec<&str> = LAW.iter().map(|(room, _)| *room).collect();
    let mut broken = Vec::new();
    for source in sources() {
        let Some((room, allowed)) = LAW.iter().find(|(room, _)| source.module[0] == *room) else { continue };
        for used in source.named() {
            let Some(used) = used.first().filter(|used| rooms.contains(&used.as_str())) else { continue };
            if used != room && !allowed.contains(&used.as_str()) {
                broken.push(format!("{} uses {used}", short(&source.path)));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn every_room_stands_in_the_law_and_every_folder_of_the_domain_on_a_floor() {
    let names = |folder: &str| -> Vec<(String, bool)> {
        let entries = fs::read_dir(root().join(folder)).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path.is_dir())).collect()
    };
    for (name, is_dir) in names("src") {
        assert!(
            !is_dir || name == "bin" || LAW.iter().any(|(room, _)| *room == name),
            "{name} is not in the import law"
        );
    }
    for (name, _) in names("src/domain") {
        assert!(name == "mod" || FLOORS.contains(&name.as_str()), "{name} is on no floor");
    }
}

/// The names of the domain that each of its files uses, from the domain on.
fn domain() -> Vec<(Vec<String>, BTreeSet<Vec<String>>)> {
    let inside = |path: &Vec<String>| path.first().is_some_and(|first| first == "domain") && path.len() > 1;
    let files = sources().into_iter().filter(|source| inside(&source.module));
    let named =
        |source: &source::Source| source.named().into_iter().filter(inside).map(|path| path[1..].to_vec()).collect();
    files.map(|source| (source.module[1..].to_vec(), named(&source))).collect()
}

#[test]
fn in_the_domain_every_floor_uses_only_itself_and_floors_below_it() {
    let floor = |path: &[String]| FLOORS.iter().position(|floor| path.first().is_some_and(|first| first == floor));
    // `domain` itself says again what is most used: the book, an event, a transaction, a rejection.
    let again = |name: &str| match name {
        "Book" => "book",
        "Event" | "Transaction" => "event",
        "Rejection" => "rejection",
        other => panic!("{other} is on no floor"),
    };
    let mut broken = Vec::new();
    for (module, used) in domain() {
        let own = floor(&module).unwrap_or_else(|| panic!("{module:?} is on no floor"));
        for path in used {
            let above = floor(&path).or_else(|| floor(&[again(&path[0]).to_owned()])).is_some_and(|other| other > own);
            if above {
                broken.push(format!("domain::{} uses domain::{}", module.join("::"), path.join("::")));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn no_module_of_the_domain_uses_one_that_uses_it() {
    let files = domain();
    let known: BTreeSet<String> = files.iter().map(|(module, _)| module.join("::")).collect();
    // A file's module; the whole folder where that is one.
    let whole = |module: String| {
        ONE_MODULE
            .iter()
            .find(|one| module == **one || module.starts_with(&format!("{one}::")))
            .map_or(module.clone(), |one| (*one).to_owned())
    };
    let of = |path: &[String]| {
        let longest = (1..=path.len()).rev().map(|n| path[..n].join("::")).find(|name| known.contains(name));
        longest.map(whole)
    };
    let mut uses = BTreeMap::<String, BTreeSet<String>>::new();
    for (module, used) in &files {
        let own = whole(module.join("::"));
        let others = used.iter().filter_map(|path| of(path)).filter(|other| *other != own);
        uses.entry(own.clone()).or_default().extend(others);
    }
    let reaches = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            next.extend(uses.get(module).into_iter().flatten().filter(|other| seen.insert((*other).clone())));
        }
        seen
    };
    let circles: Vec<&String> = uses.keys().filter(|module| reaches(module).contains(*module)).collect();
    assert_eq!(circles, Vec::<&String>::new(), "each of these uses itself by way of others");
}

#[test]
fn the_domain_has_no_floats() {
    for file in files(&root().join("src/domain"), ".rs") {
        let text = fs::read_to_string(&file).expect("source is text");
        let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        for float in ["f32", "f64"] {
            assert!(!code.iter().any(|line| line.contains(float)), "{} has {float}", file.display());
        }
    }
}

#[test]
fn every_style_sheet_is_linked_and_the_layers_come_first() {
    let page = fs::read_to_string(root().join("index.html")).expect("index.html");
    for sheet in files(&root().join("style"), ".css") {
        let name = short(&sheet);
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

#[test]
fn every_invariant_of_the_map_is_numbered_and_names_a_test_that_there_is() {
    let map = fs::read_to_string(root().join("src/lib.rs")).expect("the map");
    let map: String = map.lines().filter_map(|line| line.strip_prefix("//!")).collect::<Vec<_>>().join("");
    let (_, rest) = map.split_once("# What always holds").expect("a chapter");
    let (chapter, _) = rest.split_once("Held by journeys").expect("its end");
    let mut held = 0;
    while let Some(at) = chapter.find(&format!(" {}. ", held + 1)) {
        let own = &chapter[at..];
        let own = own.find(&format!(" {}. ", held + 2)).map_or(own, |end| &own[..end]);
        let (_, link) = own.rsplit_once("(`").unwrap_or_else(|| panic!("{own} names no test"));
        let names: Vec<&str> = link.split('`').map(str::trim).filter(|part| part.len() > 1).collect();
        let [file, test] = names[..] else { panic!("{own}: a file and a test, and not {names:?}") };
        let text = fs::read_to_string(root().join("tests/native").join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(text.contains(&format!("fn {test}(")), "{file} has no {test}");
        held += 1;
    }
    assert!(held > 30, "only {held} were found");
}

/// Rooms of which every doc comment was read again; the others follow.
const DOCUMENTED: [&str; 7] = ["actions", "domain", "import", "platform", "report", "store", "sync"];

#[test]
fn a_doc_comment_begins_with_a_noun_or_a_verb() {
    let asks = ["What", "Whether", "Who", "Whose", "Whom", "Which", "How", "Where", "When"];
    let mut wrong = Vec::new();
    for file in DOCUMENTED.iter().flat_map(|room| files(&root().join("src").join(room), ".rs")) {
        let text = fs::read_to_string(&file).expect("source is text");
        let mut before = "";
        for (line, number) in text.lines().map(str::trim_start).zip(1..) {
            let first =
                |line: &str| line.strip_prefix("/// ").and_then(|doc| doc.split([' ', ',']).next()).map(str::to_owned);
            if !before.starts_with("///") && first(line).is_some_and(|word| asks.contains(&word.as_str())) {
                wrong.push(format!("{}:{number}", short(&file)));
            }
            before = line;
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What is true of every event stands in their table; whoever goes over events otherwise would not hear of a new one.
#[test]
fn no_match_over_events_in_the_domain_has_an_arm_for_all_others() {
    let mut wrong = Vec::new();
    for file in files(&root().join("src/domain"), ".rs") {
        let text = fs::read_to_string(&file).expect("source is text");
        let mut arms = 0;
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            arms = if line.starts_with("Event::") && line.contains("=>") { 3 } else { arms - 1 };
            if arms > 0 && line.starts_with("_ =>") {
                wrong.push(format!("{}:{number}", short(&file)));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
