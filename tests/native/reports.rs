//! Reports: every cent goes from the lines of orders to every figure.

use daybook::domain::order::{Line, Order, OrderState, Totals, add_up};
use daybook::domain::payment::{Payment, Refund};
use daybook::domain::shop::tax::tax;
use daybook::domain::shop::tender::Tender;
use daybook::domain::stock::document::Cost;
use daybook::domain::value::id::{Id, OrderId, PaymentId, StaffId, VariantId};
use daybook::domain::value::money::{Currency, Minor};
use daybook::domain::value::quantity::{Quantity, Unit};
use daybook::domain::value::time::Timestamp;
use daybook::report::detail::Adding;
use proptest::prelude::*;

use crate::support;

fn order(n: u64, state: OrderState, lines: Vec<(i64, i64, u32)>, shipping: i64, back: i64) -> Order {
    let line = |(i, (price, pieces, rate_bp)): (usize, (i64, i64, u32))| {
        let taxed = tax(Minor(price * pieces), rate_bp, true).expect("small");
        Line {
            variant: (i % 2 == 0).then_some(VariantId(Id { replica: 0, n: i as u64 })),
            name: format!("thing {i}"),
            sku: String::new(),
            unit: Unit::Piece,
            quantity: Quantity::whole(pieces),
            unit_price: Minor(price),
            discount: Minor::ZERO,
            tax_id: None,
            rate_bp,
            net: taxed.net,
            tax: taxed.tax,
        }
    };
    let lines: Vec<Line> = lines.into_iter().enumerate().map(line).collect();
    let totals: Totals = add_up(&lines, Minor(shipping), Minor(shipping / 10), Minor(-3)).expect("small");
    let order = Order {
        id: OrderId(Id { replica: 1, n }),
        state,
        payments: vec![Payment {
            id: PaymentId(Id { replica: 1, n }),
            tender: Tender::Cash,
            amount: totals.total,
            tendered: totals.total,
            reference: String::new(),
            at: Timestamp(0),
            by: StaffId::default(),
        }],
        refunds: vec![Refund {
            id: PaymentId(Id { replica: 2, n }),
            tender: Tender::Card,
            amount: Minor(back),
            at: Timestamp(0),
            by: StaffId::default(),
        }],
        lines,
        totals,
        ..support::blank()
    };
    let goods: Vec<(u16, Quantity)> =
        (0..order.lines.len()).map(|i| (i as u16, Quantity::whole(back).min(order.kept_of(i)))).collect();
    order.after_return(&goods, Default::default())
}

proptest! {
    #[test]
    fn every_cent_goes_from_the_lines_to_every_figure(
        orders in prop::collection::vec((prop::collection::vec((1..50_000_i64, 1..9_i64, 0..2_500_u32), 1..6), 0..5_000_i64, 0..4_i64, 0..3_u8), 0..12)
    ) {
        let mut adding = Adding::default();
        let (mut charged, mut beside, mut paid) = (0, 0, 0);
        for (n, (lines, shipping, back, kind)) in orders.into_iter().enumerate() {
            let state = [OrderState::Closed, OrderState::Placed, OrderState::Voided][usize::from(kind)];
            let order = order(n as u64, state, lines, shipping, back);
            paid += order.paid().0;
            if state != OrderState::Voided {
                charged += order.charged().0;
                beside += order.totals.shipping.0 + order.totals.adjustment.0;
            }
            adding.order(&order, Currency::CNY, |v| (v.0.n == 0).then_some(Cost { average: 100_000 }));
            adding.order(&order, "USD".parse().expect("a currency"), |_| None);
        }
        let detail = adding.done();
        prop_assert_eq!(detail.charged.0, charged);
        prop_assert_eq!(detail.taxes.iter().map(|t| t.net.0 + t.tax.0).sum::<i64>(), charged);
        prop_assert_eq!(detail.articles.iter().map(|a| a.gross.0).sum::<i64>() + beside, charged);
        prop_assert_eq!(detail.tenders.iter().map(|(_, taken, back)| taken.0 - back.0).sum::<i64>(), paid);
        for a in &detail.articles {
            prop_assert_eq!(a.cost.is_some(), a.variant.is_some_and(|v| v.0.n == 0));
        }
        let (margin, cost, unknown) = detail.margin();
        let net: i64 = detail.articles.iter().filter(|a| a.cost.is_some()).map(|a| a.net.0).sum();
        prop_assert_eq!(margin.left.0 + cost.0, net);
        prop_assert_eq!(unknown, detail.articles.iter().filter(|a| a.cost.is_none()).count());
    }
}
