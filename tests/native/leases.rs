//! Scarce goods: what is set aside for a tablet it can sell without a network, and nobody else promises it.

use daybook::actions::ActionError;
use daybook::domain::decide::Command;
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::location;
use daybook::domain::stock::lease::{Lease, Scarcity};
use daybook::domain::value::id::VariantId;
use daybook::domain::value::quantity::Quantity;

use crate::support::{Shop, Tablet};

fn lease(tablet: &Tablet, pieces: i64) -> Command {
    let replica = tablet.desk.ledger().identity.as_ref().expect("enrolled").replica;
    Command::SetAside(Lease {
        variant: tablet.variant(),
        location: location::FIRST,
        replica,
        quantity: Quantity::whole(pieces),
    })
}

/// Ten pieces of something scarce, and two tablets that know of it.
fn scarce(how: Scarcity) -> (Shop, Tablet, Tablet, VariantId) {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let variant = a.variant();
    a.act(Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(10))] }).expect("goods");
    a.act(Command::SetScarcity { variant, scarcity: Some(how) }).expect("an owner may");
    a.sync_all();
    b.sync_all();
    (shop, a, b, variant)
}

fn offline(tablet: &Tablet, offline: bool) {
    tablet.desk.offline.set(offline);
}

#[test]
fn within_its_lease_a_tablet_without_a_network_sells_and_nobody_else_promises_those_pieces() {
    let (_shop, a, b, variant) = scarce(Scarcity::Block);
    a.act(lease(&a, 6)).expect("ten are free");
    a.sync_all();
    b.sync_all();
    offline(&a, true);
    offline(&b, false);
    let left = |pieces| Some(ActionError::Rejected(Rejection::Scarce { variant, left: Quantity::whole(pieces) }));
    a.place(4, None, false);
    assert_eq!(a.try_place(3, None, false).err(), left(2), "what it promised already counts");
    a.place(2, None, false);
    assert_eq!(a.try_place(1, None, false).err(), left(0));
    assert_eq!(b.try_place(5, None, false).err(), left(4));
    b.place(4, None, false);
    // What is in the customer's hand is sold, whatever was set aside.
    b.sell(5);
    assert_eq!(b.try_place(1, None, false).err(), left(0));
}

#[test]
fn what_was_promised_counts_after_it_was_sealed_and_opened_again() {
    let (_shop, a, _b, variant) = scarce(Scarcity::Block);
    offline(&a, false);
    a.place(7, None, false);
    a.sync_all();
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    let again = a.restart();
    offline(&again, false);
    let left = Some(ActionError::Rejected(Rejection::Scarce { variant, left: Quantity::whole(3) }));
    assert_eq!(again.try_place(4, None, false).err(), left);
    again.place(3, None, false);
}

#[test]
fn a_sale_uses_the_lease_up_and_every_tablet_agrees_on_what_is_left() {
    let (shop, a, b, variant) = scarce(Scarcity::Warn);
    a.act(lease(&a, 6)).expect("ten are free");
    a.sell(2);
    a.sync_all();
    b.sync_all();
    let place = (variant, location::FIRST);
    for tablet in [&a, &b, &a.restart()] {
        assert_eq!(tablet.desk.ledger().book.leased(place, 2), Quantity::whole(4));
        assert_eq!(tablet.desk.ledger().book.level(place).on_hand, Quantity::whole(8));
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    // Sealed and read back.
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    assert_eq!(a.restart().desk.ledger().book.leased(place, 2), Quantity::whole(4));
    assert_eq!(a.restart().full_digest(), shop.digest());
    a.act(lease(&a, 0)).expect("it may be given back");
    a.sync_all();
    assert_eq!(a.restart().full_digest(), shop.digest());
}

#[test]
fn no_more_is_set_aside_than_is_free_and_the_server_says_so_of_two_who_ask_at_once() {
    let (shop, a, b, _) = scarce(Scarcity::Block);
    let refused = a.act(lease(&a, 11));
    assert_eq!(refused.err(), Some(ActionError::Rejected(Rejection::NotFree { free: Quantity::whole(10) })));
    a.act(lease(&a, 7)).expect("seven are free");
    b.act(lease(&b, 7)).expect("as far as it knows seven are free");
    a.sync_all();
    b.sync_all();
    a.sync_all();
    assert_eq!(b.desk.ledger().refused.len(), 1, "a person sees that it was refused");
    let book = shop.runtime.block_on(shop.shop().look(|l| l.book.clone()));
    let leased: i64 = book.leases.iter().map(|(_, q)| q.0).sum();
    assert_eq!(leased, 7_000);
    assert_eq!(a.full_digest(), b.full_digest());
}
