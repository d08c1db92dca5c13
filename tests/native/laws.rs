//! Laws of the domain, tried on arbitrary values.

use std::collections::HashMap;

use daybook::domain::book::Book;
use daybook::domain::book::layered::Layer;
use daybook::domain::event::{
    Body, Event, GoodsHandedOver, GoodsReturned, LinesReturned, LotReceived, MessageDue, MessageSent, OrderEdited,
    OrderMarked, OrderMoved, OrderPlaced, OrderVoided, PaymentRefunded, PaymentTaken, StepUndone, StockAllocated,
    StockCounted, Transaction,
};
use daybook::domain::goods::kit::Kit;
use daybook::domain::goods::price::Discount;
use daybook::domain::order::{
    Allocation, Assignee, Cart, CartLine, EditReason, Line, Mark, OrderState, ReturnReason, STEPS, VoidReason, add_up,
    step,
};
use daybook::domain::payment::{Payment, Refund};
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location;
use daybook::domain::shop::tax::tax;
use daybook::domain::shop::tender::Tender;
use daybook::domain::stock::batch::{Batch, Lot};
use daybook::domain::stock::{Level, Movement, Reason};
use daybook::domain::value::hash::Hash;
use daybook::domain::value::id::{Id, LocationId, MovementId, OrderId, PaymentId, StaffId, VariantId};
use daybook::domain::value::money::{Currency, Minor};
use daybook::domain::value::part::Parts;
use daybook::domain::value::quantity::{Quantity, Unit};
use daybook::domain::value::time::{Day, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

const STAFF: StaffId = StaffId(Id { replica: 0, n: 1 });

fn cart_line() -> impl Strategy<Value = CartLine> {
    let discount = prop_oneof![
        (0..500_i64).prop_map(|m| Discount::Amount(Minor(m))),
        (0..=10_000_u32).prop_map(Discount::Percent)
    ];
    (500..1_000_000_i64, 1000..100_000_i64, discount, 0..2_500_u32).prop_map(|(price, quantity, discount, rate_bp)| {
        CartLine {
            variant: None,
            name: "x".into(),
            sku: String::new(),
            unit: Unit::Kilogram,
            quantity: Quantity(quantity),
            unit_price: Minor(price),
            discount,
            tax_id: None,
            rate_bp,
        }
    })
}

/// A handful of orders, places and payments, so that events meet each other.
fn event() -> impl Strategy<Value = Event> {
    let order = (0..4_u64).prop_map(|n| OrderId(Id { replica: 2, n }));
    let order2 = order.clone();
    let amount = prop_oneof![Just(Minor(i64::MAX)), Just(Minor(i64::MIN)), (-5_000..5_000_i64).prop_map(Minor)];
    let place = (0..2_u64).prop_map(|n| LocationId(Id { replica: 0, n }));
    let variant = (0..3_u64).prop_map(|n| VariantId(Id { replica: 0, n }));
    let quantity =
        prop_oneof![Just(Quantity(i64::MAX)), Just(Quantity(i64::MIN)), (-9_000..9_000_i64).prop_map(Quantity)];
    let state = proptest::sample::select(OrderState::ALL.to_vec());
    prop_oneof![
        (order.clone(), vec((variant.clone(), quantity.clone(), amount.clone()), 0..3), state.clone()).prop_map(
            |(order, lines, state)| {
                let lines: Vec<Line> = lines
                    .into_iter()
                    .map(|(v, quantity, net)| Line {
                        variant: Some(v),
                        name: "x".into(),
                        sku: String::new(),
                        unit: Unit::Piece,
                        quantity,
                        unit_price: net,
                        discount: Minor(0),
                        tax_id: None,
                        rate_bp: 0,
                        net,
                        tax: Minor(0),
                    })
                    .collect();
                let totals = add_up(&lines, Minor(0), Minor(0), Minor(0)).unwrap_or_default();
                Event::OrderPlaced(Box::new(OrderPlaced {
                    order,
                    number: "A-1".into(),
                    channel: Channel::Counter,
                    external: None,
                    placed_at: None,
                    location: location::FIRST,
                    currency: Currency::CNY,
                    prices_include_tax: true,
                    customer: None,
                    note: None,
                    lines,
                    totals,
                    state,
                    payments: Vec::new(),
                    refunds: Vec::new(),
                    offers: Vec::new(),
                    // One of the three is a kit.
                    kits: vec![Kit {
                        variant: VariantId(Id { replica: 0, n: 2 }),
                        parts: vec![
                            (VariantId(Id { replica: 0, n: 0 }), Quantity(2_500)),
                            (VariantId(Id { replica: 0, n: 1 }), Quantity(1)),
                        ],
                    }],
                }))
            }
        ),
        (order.clone(), state.clone(), state.clone()).prop_map(|(order, from, to)| Event::OrderMoved(OrderMoved {
            order,
            from,
            to
        })),
        (order.clone(), amount.clone()).prop_map(|(order, paid_seen)| Event::OrderVoided(OrderVoided {
            order,
            reason: VoidReason::Mistake,
            paid_seen
        })),
        (order.clone(), place.clone())
            .prop_map(|(order, location)| Event::GoodsHandedOver(GoodsHandedOver { order, location })),
        (order.clone(), place.clone())
            .prop_map(|(order, location)| Event::GoodsReturned(GoodsReturned { order, location })),
        (order.clone(), 0..5_u64, amount.clone()).prop_map(|(order, n, amount)| {
            let id = PaymentId(Id { replica: 2, n });
            let payment = Payment {
                id,
                tender: Tender::Cash,
                amount,
                tendered: amount,
                reference: String::new(),
                at: Timestamp(0),
                by: STAFF,
            };
            Event::PaymentTaken(PaymentTaken { order, payment, customer: None })
        }),
        (order, 5..9_u64, amount).prop_map(|(order, n, amount)| {
            let refund = Refund {
                id: PaymentId(Id { replica: 2, n }),
                tender: Tender::Cash,
                amount,
                at: Timestamp(0),
                by: STAFF,
            };
            Event::PaymentRefunded(PaymentRefunded { order, refund })
        }),
        (order2.clone(), vec((0..3_u16, variant.clone(), place.clone(), quantity.clone()), 0..3)).prop_map(
            |(order, all)| {
                let one = |(line, variant, location, quantity)| Allocation {
                    line,
                    variant,
                    location,
                    quantity,
                    free: quantity,
                };
                Event::StockAllocated(StockAllocated {
                    order,
                    allocated: all.into_iter().map(one).collect(),
                    by_hand: false,
                })
            }
        ),
        (order2.clone(), vec((variant.clone(), quantity.clone()), 0..3)).prop_map(|(order, lines)| {
            let one = |(v, quantity)| Line {
                variant: Some(v),
                name: "y".into(),
                sku: String::new(),
                unit: Unit::Piece,
                quantity,
                unit_price: Minor(7),
                discount: Minor(0),
                tax_id: None,
                rate_bp: 0,
                net: Minor(7),
                tax: Minor(0),
            };
            let lines: Vec<Line> = lines.into_iter().map(one).collect();
            let totals = add_up(&lines, Minor(0), Minor(0), Minor(0)).unwrap_or_default();
            Event::OrderEdited(Box::new(OrderEdited {
                order,
                lines,
                totals,
                was: Hash::default(),
                why: EditReason::Edited,
                kits: Vec::new(),
                offers: None,
            }))
        }),
        (order2.clone(), vec((0..3_u16, quantity.clone()), 0..3), proptest::option::of(place.clone())).prop_map(
            |(order, goods, location)| {
                Event::LinesReturned(LinesReturned { order, goods, why: ReturnReason::Other, location })
            }
        ),
        (order2.clone(), any::<bool>()).prop_map(|(order, sent)| Event::MessageSent(MessageSent {
            order,
            sent,
            seen: 1
        })),
        (order2.clone(), 0..30_i64, state).prop_map(|(order, at, to)| Event::StepUndone(StepUndone {
            order,
            step: Timestamp(at),
            to
        })),
        order2.clone().prop_map(|order| Event::MessageDue(MessageDue { order, text: "{number}".into() })),
        (variant.clone(), place.clone(), quantity.clone(), quantity.clone(), quantity.clone()).prop_map(
            |(variant, location, counted, expected, corrected)| {
                Event::StockCounted(StockCounted { variant, location, counted, expected, corrected })
            }
        ),
        (order2, proptest::option::of(0..2_u64)).prop_map(|(order, who)| {
            let mark = Mark::Assigned(who.map(|n| Assignee::Station(n.to_string())));
            Event::OrderMarked(OrderMarked { order, mark })
        }),
        (variant.clone(), variant.clone(), quantity.clone())
            .prop_map(|(variant, part, quantity)| { Event::KitSet(Kit { variant, parts: vec![(part, quantity)] }) }),
        (variant.clone(), place.clone(), 0..4_i32, quantity.clone()).prop_map(|(variant, location, day, quantity)| {
            let batch = Batch { lot: Lot { code: String::new(), expires: Some(Day(day)) }, quantity };
            Event::LotReceived(LotReceived { variant, location, batch })
        }),
        (variant, place, quantity, any::<bool>(), any::<u64>()).prop_map(|(variant, location, change, opening, n)| {
            let reason = if opening { Reason::Opening } else { Reason::Received };
            Event::StockMoved(Movement {
                id: MovementId(Id { replica: 2, n }),
                variant,
                location,
                change,
                reason,
                at: Timestamp(0),
                by: STAFF,
            })
        }),
    ]
}

fn transactions() -> impl Strategy<Value = Vec<Transaction>> {
    vec(vec(event(), 1..4), 0..30).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(i, ev)| Transaction {
                replica: 2,
                seq: i as u64 + 1,
                body: Body { at: Timestamp(i as i64), off: 0, by: STAFF, ok: None, ev },
                parts: Parts::new(),
            })
            .collect()
    })
}

/// Whether nothing in it is near the end of its integer.
fn small(event: &Event) -> bool {
    match event {
        Event::StockAllocated(e) => e.allocated.iter().all(|a| a.quantity < Quantity(1_000_000_000_000)),
        _ => true,
    }
}

proptest! {
    #[test]
    fn shares_add_up_to_the_whole(whole in any::<i32>(), weights in vec(0..1_000_000_i64, 1..40)) {
        prop_assume!(weights.iter().any(|w| *w > 0));
        let shares = Minor(i64::from(whole)).share(&weights).expect("there are weights");
        prop_assert_eq!(shares.iter().map(|s| s.0).sum::<i64>(), i64::from(whole));
        for (share, weight) in shares.iter().zip(&weights) {
            prop_assert!(*weight > 0 || share.0 == 0, "nothing goes where there is no weight");
        }
    }

    #[test]
    fn net_and_tax_make_the_gross(amount in -1_000_000_000..1_000_000_000_i64, rate in 0..=10_000_u32) {
        let inside = tax(Minor(amount), rate, true).expect("small");
        prop_assert_eq!(inside.net.0 + inside.tax.0, amount);
        let on_top = tax(Minor(amount), rate, false).expect("small");
        prop_assert_eq!(on_top.net.0, amount);
    }

    #[test]
    fn every_cent_of_a_cart_is_conserved(lines in vec(cart_line(), 1..20), percent in 0..=10_000_u32, included in any::<bool>()) {
        let cart = Cart { lines, discount: Discount::Percent(percent), ..Cart::default() };
        let Ok(priced) = cart.price(included) else { return Ok(()) };
        let full: i64 = priced.lines.iter().map(|l| l.unit_price.ratio(l.quantity.0, 1000).expect("small").0).sum();
        let net: i64 = priced.lines.iter().map(|l| l.net.0).sum();
        let tax: i64 = priced.lines.iter().map(|l| l.tax.0).sum();
        prop_assert_eq!(full - priced.totals.discount.0, if included { net + tax } else { net });
        prop_assert_eq!(priced.totals.total.0, net + tax);
        prop_assert_eq!(priced.totals.tax.0, tax);
    }

    #[test]
    fn the_fold_takes_any_sequence_of_events(all in transactions()) {
        let mut book = Book::default();
        for tx in &all {
            book.apply(Layer::Confirmed, tx);
        }
        let mut again = Book::default();
        for tx in &all {
            again.apply(Layer::Confirmed, tx);
        }
        prop_assert_eq!(book.digest(), again.digest());
        for (place, batches) in book.batches.confirmed() {
            prop_assert!(batches.total() <= book.level(*place).on_hand.max(Quantity::ZERO), "of batches there is more than there is");
        }
    }

    #[test]
    fn what_is_pending_looks_as_it_will_when_it_is_confirmed(all in transactions(), split in 0..30_usize) {
        let mut whole = Book::default();
        for tx in &all {
            whole.apply(Layer::Confirmed, tx);
        }
        let split = split.min(all.len());
        let mut parted = Book::default();
        for tx in &all[..split] {
            parted.apply(Layer::Confirmed, tx);
        }
        let before = parted.digest();
        for tx in &all[split..] {
            parted.apply(Layer::Pending, tx);
        }
        prop_assert_eq!(parted.digest(), before, "pending events leave what is confirmed alone");
        for (id, order) in whole.orders.confirmed() {
            prop_assert_eq!(parted.orders.get(id), Some(order));
        }
        for (place, level) in whole.levels.confirmed() {
            prop_assert_eq!(parted.levels.get(place), Some(level));
        }
        for tx in &all[split..] {
            parted.apply(Layer::Confirmed, tx);
        }
        parted.reset_pending();
        prop_assert_eq!(parted.digest(), whole.digest());
    }

    #[test]
    fn what_is_set_aside_who_works_and_what_is_outstanding_is_as_the_orders_say(all in transactions()) {
        let mut book = Book::default();
        for tx in &all {
            book.apply(Layer::Confirmed, tx);
        }
        let (mut claimed, mut worked) = (HashMap::new(), HashMap::new());
        for (_, order) in book.orders.iter() {
            for (place, q) in order.claims() {
                let sum = claimed.entry(place).or_insert(Quantity::ZERO);
                *sum = Quantity(sum.0.wrapping_add(q.0));
            }
            if let Some(who) = order.worked_on_by() {
                *worked.entry(who.clone()).or_insert(0_u32) += 1;
            }
        }
        for (who, n) in book.workload.iter() {
            prop_assert_eq!(worked.get(who).copied().unwrap_or_default(), *n);
        }
        for (id, order) in book.orders.iter() {
            prop_assert_eq!(book.outstanding.get(id).copied().unwrap_or_default(), order.is_outstanding());
        }
        let most = Quantity(1_000_000_000_000);
        // Sums that do not fit their integer stay at its end; nobody has so many of anything.
        if book.orders.iter().all(|(_, o)| o.claims().values().all(|q| *q < most)) && all.iter().flat_map(|t| &t.body.ev).all(small) {
            for (place, q) in book.allocated.iter() {
                prop_assert_eq!(claimed.get(place).copied().unwrap_or_default(), *q);
            }
        }
    }

    #[test]
    fn a_level_is_the_sum_of_its_movements(changes in vec(-50_000..50_000_i64, 0..60)) {
        let level = changes.iter().fold(Level::default(), |l, c| l.moved(Quantity(*c)));
        prop_assert_eq!(level.on_hand.0, changes.iter().sum::<i64>());
        prop_assert_eq!(level.movements, changes.len() as u64);
    }

    #[test]
    fn amounts_read_back_as_they_were_written(amount in any::<i64>(), code in proptest::sample::select(vec!["CNY", "JPY", "KWD"])) {
        prop_assume!(amount != i64::MIN);
        let currency: Currency = code.parse().expect("a currency");
        prop_assert_eq!(currency.parse(&currency.plain(Minor(amount))), Ok(Minor(amount)));
    }
}

#[test]
fn every_pair_of_states_is_a_step_of_the_table_or_none() {
    let mut steps = 0;
    for from in OrderState::ALL {
        for to in OrderState::ALL {
            let found = step(from, to);
            steps += usize::from(found.is_some());
            if let Some(found) = found {
                assert_eq!((found.from, found.to), (from, to));
                assert_ne!(from, to);
                assert_ne!(from, OrderState::Voided);
            }
        }
    }
    assert_eq!(steps, STEPS.len());
}
