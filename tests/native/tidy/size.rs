//! How long a function and a line may be, what stands in `view!` included. What is longer is listed with its length: it
//! may become shorter, and nothing is added to the lists without a reason.

use std::collections::BTreeMap;
use std::fs;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{files, root, short};

/// The most lines of a function.
const MOST_LINES: usize = 70;
/// The most columns of a line.
const MOST_COLUMNS: usize = 120;

/// Functions of `src` that are longer, and how long each may be.
const LONG: &[(&str, &str, usize)] = &[
    ("src/ui/pages/stock/stocktakes.rs", "Stocktakes", 84),
];

/// Files of `src` with longer lines, and how many each may have.
const WIDE: &[(&str, usize)] = &[
    ("src/server/journal/sql.rs", 3),
];

struct Functions {
    found: Vec<(String, usize)>,
}

impl Functions {
    fn note(&mut self, name: &syn::Ident, whole: Span) {
        self.found.push((name.to_string(), whole.end().line - whole.start().line + 1));
    }
}

impl<'a> Visit<'a> for Functions {
    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        self.note(
            &function.sig.ident,
            function.sig.span().join(function.block.span()).unwrap_or_else(|| function.block.span()),
        );
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        self.note(&function.sig.ident, function.block.span());
        visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let mut wrong = Vec::new();
    let own = |(file, name, most): &(&str, &str, usize)| (((*file).to_owned(), (*name).to_owned()), *most);
    let mut listed: BTreeMap<(String, String), usize> = LONG.iter().map(own).collect();
    for path in files(&root().join("src"), ".rs") {
        let file = short(&path);
        let syntax = syn::parse_file(&fs::read_to_string(&path).expect("source is text")).expect("it compiles");
        let mut functions = Functions { found: Vec::new() };
        functions.visit_file(&syntax);
        for (name, lines) in functions.found.into_iter().filter(|(_, lines)| *lines > MOST_LINES) {
            let most = listed.remove(&(file.clone(), name.clone())).unwrap_or(MOST_LINES);
            if lines > most {
                wrong.push(format!("(\"{file}\", \"{name}\", {lines}), and not {most}"));
            }
        }
    }
    wrong.extend(listed.keys().map(|(file, name)| format!("{file} {name} is short now: take it off the list")));
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_line_is_wider_than_a_screen() {
    let mut wrong = Vec::new();
    let listed: BTreeMap<&str, usize> = WIDE.iter().copied().collect();
    for path in files(&root().join("src"), ".rs") {
        let file = short(&path);
        let text = fs::read_to_string(&path).expect("source is text");
        let wide = text.lines().filter(|line| line.chars().count() > MOST_COLUMNS).count();
        let most = listed.get(file.as_str()).copied().unwrap_or_default();
        if wide != most {
            wrong.push(format!("(\"{file}\", {wide}), and not {most}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
