//! Two people change the same thing, neither knowing of the other: the later counts, and what it put aside is shown.

use daybook::actions::ActionError;
use daybook::domain::book::Book;
use daybook::domain::book::case::{CaseKind, Edited, Kept};
use daybook::domain::customer::Person;
use daybook::domain::decide::{Command, Context, Money, decide};
use daybook::domain::event::{Body, Event, TillOpened};
use daybook::domain::goods::product::Product;
use daybook::domain::order::{Cart, OrderState};
use daybook::domain::payment::till::CashMove;
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::profile::Profile;
use daybook::domain::shop::staff::{Role, Staff};
use daybook::domain::shop::tender::Tender;
use daybook::domain::shop::{location, staff};
use daybook::domain::value::id::{CustomerId, OrderId, StaffId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::part::Parts;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Timestamp;
use futures::executor::block_on;

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
    let edited = |name: &str| Command::SaveProduct {
        product: Product { name: name.into(), ..known.clone() },
        seen: Some(known.hash()),
    };
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
    let edited =
        |phone: &str| Command::SaveCustomer { customer: Some(id), person: person(phone), seen: Some(person("1")) };
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

#[test]
fn a_setting_changed_twice_shows_what_was_put_aside_and_can_be_put_back() {
    let (shop, a, b) = two();
    let named = |tablet: &Tablet, name: &str| Profile { name: name.into(), ..tablet.desk.ledger().book.profile() };
    a.act(Command::SaveProfile(named(&a, "Spring"))).expect("an owner may");
    b.act(Command::SaveProfile(named(&b, "Autumn"))).expect("an owner may");
    settle(&a, &b);
    for tablet in [&a, &b, &a.restart()] {
        let [Edited::Setting { event, .. }] = &put_aside(tablet)[..] else { panic!("one version was put aside") };
        let Ok(Event::ProfileSet(aside)) = serde_json::from_str(event) else { panic!("it reads") };
        assert_eq!((aside.name.as_str(), tablet.desk.ledger().book.profile().name.as_str()), ("Spring", "Autumn"));
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    let case = b.desk.ledger().book.open_cases().map(|(id, _)| *id).next().expect("a case");
    b.act(Command::TakePutAside(case)).expect("an owner may");
    settle(&b, &a);
    assert_eq!(a.desk.ledger().book.profile().name, "Spring");
    assert_eq!(put_aside(&a), []);
    // Whoever had the form open before somebody else's change arrived is not taken to have seen it.
    let seen = Event::ProfileSet(a.desk.ledger().book.profile()).hash();
    b.act(Command::SaveProfile(named(&b, "Winter"))).expect("an owner may");
    settle(&b, &a);
    let late = Command::AsSeen(seen, Box::new(Command::SaveProfile(named(&a, "Summer"))));
    a.act(late).expect("an owner may");
    settle(&a, &b);
    assert_eq!(put_aside(&b).len(), 1);
}

/// An order whose sum is not that of its lines: a fact that the server keeps and cannot apply.
fn wrong_order(tablet: &Tablet) -> OrderId {
    let customer = Person { name: "Li".into(), phone: "13800000001".into(), ..Person::default() };
    let cart = Cart { new_customer: Some(customer), ..tablet.cart(2) };
    let make = |book: &Book, cx: &mut Context<'_>, number: &str| {
        let place = Command::Place {
            cart: cart.clone(),
            number: number.into(),
            location: location::FIRST,
            money: None,
            hand_over: false,
        };
        let mut draft = decide(book, place, cx)?;
        for event in &mut draft.events {
            if let Event::OrderPlaced(order) = event {
                order.totals.total = Minor(1);
            }
        }
        draft.events.push(Event::StaffSet(Staff {
            role: Role::Owner,
            ..book.staff.get(&staff::FIRST).cloned().expect("an owner")
        }));
        Ok(draft)
    };
    let receipt = block_on(tablet.desk.write(staff::FIRST, Vec::new(), make)).expect("it is written");
    receipt.placed.expect("an order")
}

#[test]
fn facts_that_could_not_be_applied_count_once_a_manager_accepts_them() {
    let (shop, a, b) = two();
    let clerk = Staff { id: StaffId::default(), name: "Mei".into(), role: Role::Clerk, active: true, pin: None };
    b.act(Command::SaveStaff(clerk)).expect("an owner may");
    settle(&b, &a);
    let clerk =
        a.desk.ledger().book.staff.iter().find(|(_, s)| s.role == Role::Clerk).map(|(id, _)| *id).expect("a clerk");
    let order = wrong_order(&a);
    settle(&a, &b);
    for seal in [false, true] {
        if seal {
            block_on(b.desk.seal(true)).expect("memory");
        }
        let b = b.restart();
        assert!(b.desk.ledger().book.orders.get(&order).is_none(), "it does not count yet");
        let open = b.desk.ledger().book.open_cases().map(|(_, c)| c.kind.clone()).next();
        assert!(
            matches!(open, Some(CaseKind::HeldFacts { kept, .. }) if kept.orders() == [order]),
            "and what it says is here"
        );
    }
    let case = b.desk.ledger().book.open_cases().map(|(id, _)| *id).next().expect("a case");
    assert!(b.act_as(clerk, Command::AcceptHeld(case)).is_err(), "a clerk may not");
    // Two managers, neither knowing of the other.
    a.act(Command::AcceptHeld(case)).expect("a manager may");
    b.act(Command::AcceptHeld(case)).expect("a manager may");
    settle(&b, &a);
    for tablet in [&a, &b, &b.restart()] {
        let known = tablet.order(order);
        assert_eq!((known.lines.len(), known.totals.total), (1, Minor(1)), "as it was written");
        let customer = known.customer.expect("a customer");
        assert_eq!(
            tablet.desk.ledger().book.customers.get(&customer).map(|c| c.person.name.clone()),
            Some("Li".into())
        );
        assert_eq!(tablet.desk.ledger().book.open_cases().count(), 0);
        assert_eq!(tablet.full_digest(), shop.digest());
        let ledger = tablet.desk.ledger();
        let kept = ledger.book.cases.iter().any(|(_, c)| matches!(c.kind, CaseKind::HeldFacts { .. }));
        assert!(!kept, "what is personal is not kept with a case that is settled");
    }
}

#[test]
fn what_was_only_asked_for_is_not_accepted_along_with_facts() {
    let kept = |ev| {
        let body = Body { at: Timestamp(5), off: 0, by: staff::FIRST, ok: None, ev };
        Kept { body: serde_json::to_string(&body).expect("JSON"), parts: Parts::new() }
    };
    let owner =
        Event::StaffSet(Staff { id: staff::FIRST, name: "Me".into(), role: Role::Owner, active: true, pin: None });
    // A till that was opened then is in another shift by now.
    let till = Event::TillOpened(TillOpened { float: Minor(5) });
    let cash =
        Event::CashMoved(CashMove { amount: Minor(5), reason: "change".into(), at: Timestamp(5), by: staff::FIRST });
    assert_eq!(kept(vec![owner, till, cash.clone()]).facts(), [cash]);
}

#[test]
fn lines_that_come_in_after_the_goods_went_out_are_a_case_with_what_they_were() {
    let (shop, a, b) = two();
    let order = a.place(1, None, false);
    settle(&a, &b);
    a.act(Command::Step { order, to: OrderState::HandedOver, location: location::FIRST }).expect("it may go");
    b.act(Command::Edit { order, cart: b.cart(4) }).expect("it is still here, as far as this tablet knows");
    settle(&a, &b);
    for tablet in [&a, &b] {
        let open: Vec<CaseKind> = tablet.desk.ledger().book.open_cases().map(|(_, c)| c.kind.clone()).collect();
        let [CaseKind::LateLines { order: late, lines, .. }] =
            &open.into_iter().filter(|k| !matches!(k, CaseKind::Oversold { .. })).collect::<Vec<_>>()[..]
        else {
            panic!("the lines are a case")
        };
        assert_eq!((*late, lines[0].quantity), (order, Quantity::whole(4)));
        assert_eq!(tablet.order(order).lines[0].quantity, Quantity::whole(1), "and not in the order");
        assert_eq!(tablet.full_digest(), shop.digest());
    }
}

#[test]
fn facts_are_accepted_in_the_order_in_which_they_happened_and_let_go_by_a_manager_only() {
    let (shop, a, b) = two();
    let clerk = Staff { id: StaffId::default(), name: "Mei".into(), role: Role::Clerk, active: true, pin: None };
    b.act(Command::SaveStaff(clerk)).expect("an owner may");
    let order = wrong_order(&a);
    let money = Money { tender: Tender::Cash, amount: Minor(1), tendered: Minor(1), reference: String::new() };
    a.act(Command::Pay { order, money }).expect("it is here, as far as this tablet knows");
    settle(&a, &b);
    let clerk =
        a.desk.ledger().book.staff.iter().find(|(_, s)| s.role == Role::Clerk).map(|(id, _)| *id).expect("a clerk");
    let held = |placed: bool| {
        let ledger = b.desk.ledger();
        let is = |k: &CaseKind| matches!(k, CaseKind::HeldFacts { kept, .. } if kept.facts().iter().any(|e| matches!(e, Event::OrderPlaced(_))) == placed);
        ledger.book.open_cases().find(|(_, c)| is(&c.kind)).map(|(id, _)| *id).expect("both are held")
    };
    let (first, second) = (held(true), held(false));
    let early = b.act(Command::AcceptHeld(second));
    assert_eq!(
        early.map(|_| ()),
        Err(ActionError::Rejected(Rejection::UnknownOrder { order })),
        "what it pays for comes first"
    );
    assert!(b.act_as(clerk, Command::ResolveCase(first)).is_err(), "a clerk does not let a sale go");
    b.act(Command::AcceptHeld(first)).expect("a manager may");
    b.act(Command::AcceptHeld(second)).expect("and then this");
    settle(&b, &a);
    assert_eq!((a.order(order).paid(), a.full_digest()), (Minor(1), shop.digest()));
}
