//! Two people change the same thing, neither knowing of the other: the later counts, and what it put aside is shown.

use daybook::domain::case::{CaseKind, Edited};
use daybook::domain::catalog::Product;
use daybook::domain::customer::Person;
use daybook::domain::decide::Command;
use daybook::domain::id::CustomerId;
use daybook::domain::money::Minor;

use crate::support::{Shop, Tablet};

fn put_aside(tablet: &Tablet) -> Vec<Edited> {
    let ledger = tablet.desk.ledger();
    let open = ledger.book.open_cases().filter_map(|(_, c)| match &c.kind {
        CaseKind::EditedTwice { put_aside } => Some(put_aside.clone()),
        _ => None,
    });
    open.collect()
}

fn two() -> (Shop, Tablet, Tablet) {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    (shop, a, b)
}

fn settle(a: &Tablet, b: &Tablet) {
    for tablet in [a, b, a] {
        tablet.sync_all();
    }
}

#[test]
fn a_price_set_twice_is_a_case_and_set_again_in_turn_is_not() {
    let (shop, a, b) = two();
    let variant = a.variant();
    a.act(Command::SetPrice { variant, price: Minor(1_300) }).expect("an owner may");
    b.act(Command::SetPrice { variant, price: Minor(1_400) }).expect("an owner may");
    settle(&a, &b);
    for tablet in [&a, &b, &a.restart()] {
        assert_eq!(put_aside(tablet), [Edited::Price { variant, price: Minor(1_300) }]);
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    let case = a.desk.ledger().book.open_cases().map(|(id, _)| *id).next().expect("a case");
    a.act(Command::ResolveCase(case)).expect("anybody may");
    a.act(Command::SetPrice { variant, price: Minor(1_300) }).expect("an owner may");
    a.act(Command::SetPrice { variant, price: Minor(1_350) }).expect("an owner may");
    settle(&a, &b);
    b.act(Command::SetPrice { variant, price: Minor(1_500) }).expect("an owner may");
    settle(&b, &a);
    assert_eq!(put_aside(&a), []);
    assert_eq!(put_aside(&b), []);
}

#[test]
fn a_product_edited_twice_shows_what_was_put_aside() {
    let (shop, a, b) = two();
    let known: Product = a.desk.ledger().book.products.iter().map(|(_, p)| p.clone()).next().expect("a product");
    let edited = |name: &str| Command::SaveProduct { product: Product { name: name.into(), ..known.clone() }, seen: Some(known.hash()) };
    a.act(edited("Green tea")).expect("an owner may");
    b.act(edited("Black tea")).expect("an owner may");
    settle(&a, &b);
    let aside = Product { name: "Green tea".into(), ..known.clone() };
    for tablet in [&a, &b] {
        assert_eq!(put_aside(tablet), [Edited::Product(Box::new(aside.clone()))]);
        assert_eq!(tablet.full_digest(), shop.digest());
    }
}

#[test]
fn a_customers_card_edited_twice_shows_both_and_the_log_says_nothing_of_the_person() {
    let (shop, a, b) = two();
    let person = |phone: &str| Person { name: "Li".into(), phone: phone.into(), ..Person::default() };
    a.act(Command::SaveCustomer { customer: None, person: person("1"), seen: None }).expect("anybody may");
    settle(&a, &b);
    let id: CustomerId = a.desk.ledger().book.customers.iter().map(|(id, _)| *id).next().expect("a customer");
    let edited = |phone: &str| Command::SaveCustomer { customer: Some(id), person: person(phone), seen: Some(person("1")) };
    a.act(edited("13800000001")).expect("anybody may");
    b.act(edited("13900000002")).expect("anybody may");
    settle(&a, &b);
    for tablet in [&a, &b] {
        assert_eq!(put_aside(tablet), [Edited::Customer { customer: id, person: person("13800000001") }]);
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    let (log, _) = shop.runtime.block_on(shop.server.journal.page(&shop.shop().id, 0, 100)).expect("the journal");
    assert!(log.iter().all(|row| !row.body.contains("1380000") && !row.body.contains("1390000")));
}
