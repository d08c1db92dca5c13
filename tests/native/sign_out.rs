//! A tablet is taken out of use only when nothing of it can be lost.

use daybook::actions::sign_out::SignOut;
use daybook::store::{LocalStore, Table};
use futures::executor::block_on;

use crate::support::Shop;

#[test]
fn a_tablet_is_signed_out_only_once_everything_is_sent_and_then_nothing_is_left_of_it() {
    let shop = Shop::new();
    let tablet = shop.tablet();
    let order = tablet.sell(1);
    assert_eq!(block_on(tablet.desk.sign_out()), Err(SignOut::Waits(1)));
    assert_eq!(tablet.restart().order(order).id, order, "it is still there");
    tablet.sync_all();
    assert_eq!(block_on(tablet.desk.sign_out()), Ok(()));
    // What was claimed says nothing of the store, and keeps a tab that does not know yet from going on.
    let tables: Vec<Table> = Table::ALL.iter().copied().filter(|table| *table != Table::Claim).collect();
    let left = block_on(tablet.store.read(&tables)).expect("memory");
    assert!(left.iter().all(Vec::is_empty), "{left:?}");
    assert!(tablet.restart().desk.ledger().identity.is_none());
}

#[test]
fn an_order_that_another_tab_takes_meanwhile_keeps_the_tablet() {
    let shop = Shop::new();
    let tablet = shop.tablet();
    let other = tablet.restart();
    other.sell(1);
    assert!(matches!(block_on(tablet.desk.sign_out()), Err(SignOut::Store(_))));
    assert_eq!(tablet.restart().waiting(), 1);
}
