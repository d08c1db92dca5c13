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
    ("src/actions/intake.rs", "read_web_order", 77),
    ("src/actions/run_sync.rs", "apply_answer", 75),
    ("src/domain/decide/fulfilment.rs", "split", 89),
    ("src/domain/decide/mod.rs", "decide", 198),
    ("src/domain/decide/orders.rs", "place", 98),
    ("src/domain/work/reconcile.rs", "propose", 80),
    ("src/import/shopify.rs", "order", 71),
    ("src/import/woocommerce.rs", "order", 116),
    ("src/server/demo.rs", "shop", 71),
    ("src/store/blocks.rs", "unpack", 98),
    ("src/ui/app.rs", "StatusLine", 79),
    ("src/ui/components/camera.rs", "CameraSheet", 83),
    ("src/ui/components/dialog.rs", "frame", 105),
    ("src/ui/components/papers.rs", "PickList", 123),
    ("src/ui/components/papers.rs", "Sheet", 149),
    ("src/ui/components/slip.rs", "Slip", 154),
    ("src/ui/components/virtual_list.rs", "VirtualList", 81),
    ("src/ui/components/who.rs", "Ask", 105),
    ("src/ui/driver.rs", "round", 81),
    ("src/ui/pages/customers.rs", "AccountPart", 105),
    ("src/ui/pages/import/mod.rs", "Import", 168),
    ("src/ui/pages/import/preview.rs", "Shown", 127),
    ("src/ui/pages/orders/edit.rs", "EditSheet", 130),
    ("src/ui/pages/orders/handling.rs", "Allocated", 117),
    ("src/ui/pages/orders/handling.rs", "Handling", 175),
    ("src/ui/pages/orders/list.rs", "Orders", 82),
    ("src/ui/pages/orders/order.rs", "Shown", 465),
    ("src/ui/pages/orders/returns.rs", "RefundSheet", 78),
    ("src/ui/pages/orders/returns.rs", "ReturnSheet", 142),
    ("src/ui/pages/orders/sheets.rs", "PaySheet", 85),
    ("src/ui/pages/products/mod.rs", "Edit", 165),
    ("src/ui/pages/products/mod.rs", "Products", 79),
    ("src/ui/pages/reports/detail.rs", "Shown", 98),
    ("src/ui/pages/reports/reconcile.rs", "Reconcile", 184),
    ("src/ui/pages/reports/sales.rs", "Sales", 106),
    ("src/ui/pages/reports/till.rs", "CloseSheet", 102),
    ("src/ui/pages/reports/till.rs", "TillPanel", 186),
    ("src/ui/pages/settings/other_tablets.rs", "OtherTablets", 135),
    ("src/ui/pages/settings/prices.rs", "ListSheet", 97),
    ("src/ui/pages/settings/prices.rs", "Prices", 109),
    ("src/ui/pages/settings/prices.rs", "PromotionSheet", 160),
    ("src/ui/pages/settings/recovery.rs", "Recovery", 82),
    ("src/ui/pages/settings/sign_out.rs", "SignOut", 109),
    ("src/ui/pages/settings/rules/mod.rs", "Rules", 101),
    ("src/ui/pages/settings/rules/parts.rs", "PartRow", 96),
    ("src/ui/pages/settings/rules/sheet.rs", "RuleSheet", 100),
    ("src/ui/pages/settings/store.rs", "Locations", 99),
    ("src/ui/pages/settings/store.rs", "People", 116),
    ("src/ui/pages/settings/store.rs", "Profile", 149),
    ("src/ui/pages/settings/store.rs", "Taxes", 188),
    ("src/ui/pages/settings/tablet.rs", "Look", 74),
    ("src/ui/pages/settings/tablet.rs", "Tablet", 126),
    ("src/ui/pages/settings/web_shops.rs", "WebShops", 130),
    ("src/ui/pages/stock/batches.rs", "Batches", 107),
    ("src/ui/pages/stock/goods.rs", "GoodsList", 146),
    ("src/ui/pages/stock/levels.rs", "Stock", 142),
    ("src/ui/pages/stock/loads.rs", "Loads", 84),
    ("src/ui/pages/stock/loads.rs", "NewLoad", 109),
    ("src/ui/pages/stock/purchases.rs", "Purchases", 124),
    ("src/ui/pages/stock/sheet.rs", "Scarce", 97),
    ("src/ui/pages/stock/sheet.rs", "VariantSheet", 205),
    ("src/ui/pages/stock/stocktakes.rs", "Sheets", 156),
    ("src/ui/pages/stock/stocktakes.rs", "Stocktakes", 84),
    ("src/ui/pages/take_order/cart.rs", "CartPane", 190),
    ("src/ui/pages/take_order/cart.rs", "CartRow", 89),
    ("src/ui/pages/take_order/cart.rs", "Pay", 96),
    ("src/ui/pages/take_order/catalogue.rs", "Catalogue", 119),
    ("src/ui/pages/take_order/details.rs", "Details", 104),
    ("src/ui/pages/take_order/mod.rs", "TakeOrder", 78),
    ("src/ui/pages/take_order/paste.rs", "Paste", 109),
    ("src/ui/pages/take_order/tender.rs", "Tenders", 144),
    ("src/ui/pages/work/cases.rs", "CaseRow", 138),
    ("src/ui/pages/work/mod.rs", "Attention", 160),
    ("src/ui/pages/work/queue.rs", "QueueList", 100),
    ("src/ui/pages/work/queue.rs", "QueueRow", 87),
    ("src/ui/pages/work/short.rs", "Short", 85),
    ("src/ui/pages/work/sides.rs", "two_versions", 73),
    ("src/ui/state.rs", "open", 76),
];

/// Files of `src` with longer lines, and how many each may have.
const WIDE: &[(&str, usize)] = &[
    ("src/actions/sealed.rs", 4),
    ("src/domain/book/mod.rs", 1),
    ("src/domain/book/tables.rs", 10),
    ("src/domain/decide/fulfilment.rs", 1),
    ("src/domain/event/stock.rs", 1),
    ("src/domain/value/texts.rs", 2),
    ("src/i18n/en.rs", 31),
    ("src/import/generic.rs", 1),
    ("src/import/shopify.rs", 1),
    ("src/import/statement.rs", 2),
    ("src/lib.rs", 3),
    ("src/platform/timing.rs", 1),
    ("src/report/sales.rs", 1),
    ("src/server/cli.rs", 2),
    ("src/server/journal/sql.rs", 3),
    ("src/server/routes/console.rs", 2),
    ("src/store/packed.rs", 3),
    ("src/store/row_of.rs", 1),
    ("src/store/schema.rs", 1),
    ("src/ui/components/icon.rs", 1),
    ("src/ui/pages/products/mod.rs", 1),
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
