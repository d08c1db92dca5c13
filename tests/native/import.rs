//! The readers, on files as they are met in the wild: marks, GBK, UTF-16, odd amounts, broken ends.

use daybook::actions::import::Progress;
use daybook::domain::customer::Person;
use daybook::domain::decide::Command;
use daybook::domain::order::rule::{Act, Rule};
use daybook::domain::order::{OrderState, PaymentState};
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::{location, staff};
use daybook::domain::value::money::{Currency, Minor};
use daybook::domain::value::quantity::{Quantity, Unit};
use daybook::import::batch::{Batch, Batches};
use daybook::import::reading::{How, Reader, Unreadable};
use daybook::import::{self, IssueCode, Kind, Origin, Preview, Severity, Store};
use futures::executor::block_on;

use crate::support::{Shop, Tablet};

fn read(name: &str) -> Preview {
    let path = format!("{}/tests/data/import/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let text = import::text::decode(&bytes, &daybook::server::cli::gbk);
    import::read(&text, None, None, &Origin::default(), Store { currency: Currency::CNY })
}

/// Takes a file in as a console does: each batch as the bytes in which the reader hands it over.
fn take_in(tablet: &Tablet, preview: &Preview, mut go_on: impl FnMut(Progress) -> bool) -> Progress {
    let batches = Batches::of(preview.clone());
    let mut handed = batches.iter().inspect(|batch| {
        let bytes = postcard::to_stdvec(batch).expect("bytes");
        assert_eq!(postcard::from_bytes::<Batch>(&bytes).as_ref(), Ok(batch));
    });
    let imported = tablet.desk.import(
        staff::FIRST,
        location::FIRST,
        batches.things(),
        async || handed.next(),
        async |progress| go_on(progress),
    );
    block_on(imported).expect("a good file")
}

/// Line and code of every issue.
fn issues(preview: &Preview) -> Vec<(u32, String)> {
    preview
        .issues
        .iter()
        .map(|i| (i.line, serde_json::to_value(i).expect("JSON")["code"].as_str().expect("a code").to_owned()))
        .collect()
}

#[test]
fn a_shopify_catalogue_is_read_with_its_variants_and_levels() {
    let p = read("shopify_products.csv");
    assert_eq!((p.kind, p.products.len(), p.variants()), (Some(Kind::ShopifyProducts), 3, 4));
    assert_eq!(issues(&p), [(5, "bad_amount".into()), (8, "no_name".into()), (9, "no_reference".into())],);
    let apron = &p.products[0];
    assert_eq!(apron.variants.iter().map(|v| v.label.as_str()).collect::<Vec<_>>(), ["Indigo / M", "Indigo / L"]);
    assert_eq!((apron.variants[0].price, apron.variants[0].barcode.as_str()), (Minor(3900), "4006381333931"));
    let towel = &p.products[1];
    assert_eq!((towel.active, towel.variants[0].label.as_str(), towel.variants[0].price), (false, "", Minor(125_000)));
    assert_eq!(p.opening.iter().map(|(_, q)| q.0).collect::<Vec<_>>(), [4_000, 12_000, -3_000]);
}

#[test]
fn shopify_orders_keep_every_digit_and_every_cent() {
    let p = read("shopify_orders.json");
    assert_eq!((p.kind, p.orders.len()), (Some(Kind::ShopifyOrders), 3));
    let first = &p.orders[0];
    assert_eq!(first.placed.external.as_ref().map(|e| e.reference.as_str()), Some("18446744073709551615"));
    let t = first.placed.totals;
    assert_eq!(
        (t.total, t.tax, t.discount, t.shipping, t.adjustment),
        (Minor(5300), Minor(846), Minor(500), Minor(500), Minor(0))
    );
    assert_eq!((first.placed.state, first.placed.payments[0].amount), (OrderState::Closed, Minor(5300)));
    assert_eq!((first.person.name.as_str(), first.note.as_str()), ("Mara Lind", "ring twice"));
    let yen = &p.orders[1];
    assert_eq!((yen.placed.totals.total, yen.placed.totals.tax), (Minor(3300), Minor(300)));
    assert_eq!((yen.placed.payments[0].amount, yen.placed.refunds[0].amount), (Minor(3300), Minor(3300)));
    assert_eq!(
        issues(&p),
        [
            (22, "odd_currency".into()),
            (23, "bad_quantity".into()),
            (24, "paid_unknown".into()),
            (24, "bad_date".into()),
            (24, "total_differs".into()),
        ],
    );
    assert_eq!(
        p.totals().into_iter().map(|(c, t)| (c.code().to_owned(), t)).collect::<Vec<_>>(),
        [("EUR".into(), 5500), ("JPY".into(), 3300)]
    );
}

#[test]
fn woocommerce_orders_are_net_with_tax_beside() {
    let p = read("woocommerce_orders.json");
    assert_eq!((p.kind, p.orders.len()), (Some(Kind::WoocommerceOrders), 2));
    let first = &p.orders[0].placed;
    assert_eq!(
        (first.lines[0].unit_price, first.lines[0].discount, first.lines[0].net, first.lines[0].tax),
        (Minor(800), Minor(300), Minor(2100), Minor(420))
    );
    assert_eq!(
        (first.totals.total, first.totals.shipping, first.totals.adjustment),
        (Minor(3120), Minor(600), Minor(0))
    );
    assert_eq!((first.state, p.orders[1].placed.refunds[0].amount), (OrderState::Confirmed, Minor(400)));
    assert_eq!(issues(&p), [(9, "unknown_status".into())]);
}

#[test]
fn a_chinese_table_in_gbk_becomes_orders_of_several_lines() {
    let p = read("orders_gbk.csv");
    assert_eq!((p.kind, p.orders.len(), p.lines()), (Some(Kind::OrdersCsv), 2, 3));
    assert_eq!((p.orders[0].person.name.as_str(), p.orders[0].placed.totals.total), ("王芳", Minor(35_400)));
    assert_eq!(
        (p.orders[1].placed.lines[0].quantity, p.orders[1].placed.lines[0].unit),
        (Quantity(1500), Unit::Kilogram)
    );
    assert_eq!(
        issues(&p),
        [(4, "bad_quantity".into()), (4, "no_lines".into()), (5, "bad_date".into()), (6, "no_reference".into())]
    );
}

#[test]
fn a_table_in_utf_16_becomes_products() {
    let p = read("products_utf16.csv");
    assert_eq!((p.kind, p.products.len(), p.variants()), (Some(Kind::ProductsCsv), 2, 3));
    assert_eq!((p.products[0].variants[1].price, p.products[1].unit), (Minor(24_000), Unit::Kilogram));
    assert_eq!(issues(&p), [(5, "bad_amount".into())]);
}

#[test]
fn a_broken_file_says_where_and_keeps_the_rest() {
    let csv = read("broken.csv");
    assert_eq!(csv.products.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Bread"]);
    assert!(issues(&csv).contains(&(3, "unclosed_quote".into())), "{:?}", csv.issues);
    let json = read("broken.json");
    assert_eq!(json.orders.len(), 1);
    assert_eq!(issues(&json), [(3, "bad_json".into())]);
    assert_eq!(json.issues[0].code.severity(), Severity::Error);
}

#[test]
fn what_is_no_file_at_all_is_not_recognised_and_nothing_panics() {
    for text in [
        "",
        "\u{FEFF}",
        "hello",
        "{",
        "[",
        "[]",
        "{}",
        "null",
        "a,b\n1,2",
        "\"",
        "[[[[",
        "{\"orders\":7}",
        "{\"orders\":[7,null,\"x\"]}",
    ] {
        let p = import::read(text, None, None, &Origin::default(), Store { currency: Currency::CNY });
        assert!(p.products.is_empty() && p.orders.is_empty(), "{text:?}");
        for kind in Kind::ALL {
            let p = import::read(text, Some(kind), None, &Origin::default(), Store { currency: Currency::CNY });
            assert!(p.products.is_empty() && p.orders.is_empty(), "{kind:?} {text:?}");
        }
    }
}

#[test]
fn a_file_taken_in_twice_or_on_two_tablets_changes_nothing_the_second_time() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let files = [read("products_utf16.csv"), read("shopify_orders.json"), read("orders_gbk.csv")];
    for tablet in [&a, &b, &a] {
        for preview in &files {
            take_in(tablet, preview, |_| true);
        }
    }
    a.sync_all();
    b.sync_all();
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
    assert_eq!(b.full_digest(), shop.digest());
    assert_eq!(a.desk.ledger().book.open_cases().map(|(_, c)| c.kind.clone()).collect::<Vec<_>>(), []);
    assert_eq!(a.orders().len(), 5);
    let ledger = a.desk.ledger();
    let dragonwell = ledger.book.products.iter().map(|(_, p)| p).find(|p| p.name == "龙井茶").expect("it was taken in");
    assert_eq!(ledger.book.level((dragonwell.variants[0].id, location::FIRST)).on_hand, Quantity::whole(24));
    assert_eq!(ledger.book.open_cases().count(), 0);
    let order = ledger.book.orders.iter().map(|(_, o)| o).find(|o| o.number == "1001").expect("it was taken in");
    assert_eq!(
        (order.payment_state(), order.lines[0].variant),
        (PaymentState::Unpaid, Some(dragonwell.variants[0].id))
    );
    assert_eq!(ledger.book.customers.len(), 3);
    let refunded = ledger.book.orders.iter().map(|(_, o)| o).find(|o| o.number == "#2002").expect("it was taken in");
    assert_eq!((refunded.payment_state(), refunded.due()), (PaymentState::Refunded, Minor(0)));
}

#[test]
fn an_import_that_is_cancelled_keeps_what_is_in_and_can_go_on() {
    let shop = Shop::new();
    let a = shop.tablet();
    let mut rows = String::from("order,name,price,quantity\n");
    for n in 0..500 {
        rows.push_str(&format!("{n},Tea,1.00,1\n"));
    }
    let preview = import::read(&rows, None, None, &Origin::default(), Store { currency: Currency::CNY });
    let stopped = take_in(&a, &preview, |p| p.done == 0);
    assert!((50..=200).contains(&stopped.done), "{stopped:?}");
    assert_eq!((stopped.of, a.orders().len()), (500, stopped.done));
    let done = take_in(&a, &preview, |_| true);
    assert_eq!((done.done, done.known, a.orders().len()), (500, stopped.done, 500));
}

#[test]
fn whatever_a_file_holds_is_cut_into_transactions_that_the_server_can_take() {
    // The longest names there are, each letter of which takes the most bytes, of as many variants and lines as may be.
    let (long, quoted) = ("茶".repeat(200), "\"\"".repeat(100));
    let mut products = String::from("name,variant,sku,price,stock\n");
    let mut orders = String::from("order,name,sku,price,quantity,customer,address,note\n");
    for n in 0..3_000 {
        products.push_str(&format!("{}{long},\"{n}{quoted}\",{n},1.00,1\n", n / 300));
        orders.push_str(&format!("{},\"{n}{quoted}\",{n}{long},1.00,1,{long},{long},{long}\n", n / 100));
    }
    let shop = Shop::new();
    let a = shop.tablet();
    for text in [products, orders] {
        let preview = import::read(&text, None, None, &Origin::default(), Store { currency: Currency::CNY });
        assert!(
            !Batches::of(preview.clone()).iter().any(|b| b.products.is_empty() && b.orders.is_empty()),
            "none is empty"
        );
        let done = take_in(&a, &preview, |_| true);
        assert_eq!((done.done, done.known), (done.of, 0));
    }
    a.sync_all();
    assert_eq!((a.orders().len(), a.waiting()), (30, 0));
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn a_reader_holds_one_file_and_reads_it_again_as_it_is_told() {
    let file =
        |name: &str| std::fs::read(format!("{}/tests/data/import/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a file");
    let how = How { kind: None, mapping: None, origin: Origin::default(), currency: Currency::CNY };
    let mut reader = Reader::default();
    reader.take(&file("orders.xlsx"), &daybook::server::cli::gbk).expect("a workbook is read without a server");
    let outline = reader.read(&how);
    assert_eq!((outline.kind, outline.orders, outline.lines, outline.issue_count), (Some(Kind::OrdersCsv), 2, 3, 0));
    assert_eq!(outline.totals, [(Currency::CNY, Minor(5_850))]);
    assert_eq!(serde_json::from_slice(&serde_json::to_vec(&outline).expect("JSON")).ok(), Some(outline.clone()));
    let batch = reader.batch(0).expect("there is one");
    assert_eq!((batch.orders.len(), reader.batch(1)), (2, None));
    let elsewhere = How { origin: Origin { name: "jd".into(), channel: Channel::Marketplace }, ..how.clone() };
    assert_eq!(reader.read(&elsewhere).orders, 2);
    assert_ne!(
        reader.batch(0).expect("there is one").orders[0].placed.order,
        batch.orders[0].placed.order,
        "of another source"
    );
    assert_eq!(reader.take(b"PK\x03\x04 is no workbook", &daybook::server::cli::gbk), Err(Unreadable::Broken));
    assert_eq!((reader.read(&how).things(), reader.batch(0)), (0, None), "nothing of the file before is left");
}

#[test]
fn a_workbook_reads_as_the_table_that_it_is() {
    let path = format!("{}/tests/data/import/orders.xlsx", env!("CARGO_MANIFEST_DIR"));
    let text = daybook::import::sheet::to_csv(&std::fs::read(path).expect("a workbook")).expect("it reads");
    let preview = import::read(&text, None, None, &Origin::default(), Store { currency: Currency::CNY });
    assert_eq!((preview.orders.len(), preview.lines(), preview.issues.len()), (2, 3, 0));
    assert_eq!(preview.orders[0].placed.totals.total, Minor(1850 * 2 + 450 * 3));
    assert_eq!(preview.orders[0].person.phone, "13800138000");
}

#[test]
fn the_tables_that_web_shops_export_are_orders_with_their_lines_together() {
    let shopify = read("shopify_orders.csv");
    assert_eq!(shopify.kind, Some(Kind::ShopifyOrdersCsv));
    assert_eq!((shopify.orders.len(), shopify.lines()), (2, 3));
    let first = &shopify.orders[0];
    assert_eq!((first.placed.number.as_str(), first.placed.totals.total), ("#1001", Minor(6_200)));
    assert_eq!((first.placed.totals.discount, first.placed.payments[0].amount), (Minor(600), Minor(6_200)));
    assert_eq!(
        (first.person.phone.as_str(), first.person.name.as_str(), first.note.as_str()),
        ("+8613800138000", "Mei Lin", "Ring twice")
    );
    assert_eq!(first.placed.external.as_ref().expect("it has one").reference, "5210001", "as its webhooks say it");
    assert_eq!(shopify.orders[1].placed.refunds[0].amount, Minor(3_600));
    let issues: Vec<_> = shopify.issues.iter().map(|i| (i.line, &i.code)).collect();
    assert!(matches!(issues[..], [(5, IssueCode::BadQuantity { .. })]), "{issues:?}");

    let woo = read("woocommerce_orders.csv");
    assert_eq!(woo.kind, Some(Kind::WoocommerceOrdersCsv));
    assert_eq!((woo.orders.len(), woo.lines(), woo.issues.len()), (2, 3, 0), "{:?}", woo.issues);
    let first = &woo.orders[0];
    assert_eq!(
        (first.placed.state, first.placed.totals.total, first.placed.totals.tax),
        (OrderState::Confirmed, Minor(4_130), Minor(630))
    );
    assert_eq!(first.placed.lines.iter().map(|l| l.tax).collect::<Vec<_>>(), [Minor(420), Minor(210)]);
    assert_eq!(woo.orders[1].placed.payments, []);
}

#[test]
fn two_marketplaces_may_call_their_orders_by_one_number() {
    let text = "order number,product,price,quantity\n1001,Tea,18.00,1\n";
    let from = |name: &str| {
        let origin = Origin { name: name.into(), channel: Channel::Marketplace };
        import::read(text, None, None, &origin, Store { currency: Currency::CNY }).orders.remove(0).placed
    };
    let (one, other, again) = (from("taobao"), from("jd"), from("taobao"));
    assert_ne!(one.order, other.order);
    assert_eq!((one.order, one.channel), (again.order, Channel::Marketplace));
}

#[test]
fn rules_see_to_a_files_orders_and_no_card_that_somebody_keeps_is_overwritten() {
    let text = "order number,product,sku,price,quantity,customer,phone,address\n\
                1,Tea,LJ-1,12.80,2,Li,13800138000,1 Road\n2,Tea,LJ-1,12.80,1,Li,13800138000,2 Road\n";
    let preview = import::read(text, None, None, &Origin::default(), Store { currency: Currency::CNY });
    let shop = Shop::new();
    let a = shop.tablet();
    take_in(&a, &preview, |_| true);
    let (customer, known) =
        a.desk.ledger().book.customers.iter().map(|(id, c)| (*id, c.person.clone())).next().expect("a card");
    let kept = Person { name: "Li Wei".into(), ..known.clone() };
    a.act(Command::SaveCustomer { customer: Some(customer), person: kept.clone(), seen: Some(known) })
        .expect("anybody may");
    let goods = vec![(a.variant(), Quantity::whole(2))];
    a.act(Command::Receive { location: location::FIRST, goods }).expect("goods in");
    let rule = Rule { name: "All".into(), on: true, acts: vec![Act::Confirm, Act::Allocate], ..Rule::default() };
    a.act(Command::SaveRule(rule)).expect("an owner may");
    let later = text.replace("\n1,", "\n3,").replace("\n2,", "\n4,");
    let preview = import::read(&later, None, None, &Origin::default(), Store { currency: Currency::CNY });
    take_in(&a, &preview, |_| true);
    assert_eq!(a.desk.ledger().book.customers.get(&customer).map(|c| c.person.clone()), Some(kept));
    let states: Vec<_> =
        a.orders().iter().filter(|o| matches!(&*o.number, "3" | "4")).map(|o| (o.number.clone(), o.state)).collect();
    assert!(
        states.contains(&("3".into(), OrderState::Allocated)) && states.contains(&("4".into(), OrderState::Confirmed)),
        "{states:?}"
    );
    let to = |n: &str| {
        a.orders().into_iter().find(|o| o.number == n).and_then(|o| o.fulfilment?.delivery).map(|d| d.recipient.address)
    };
    assert_eq!((to("3").as_deref(), to("4").as_deref()), (Some("1 Road"), Some("2 Road")));
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}
