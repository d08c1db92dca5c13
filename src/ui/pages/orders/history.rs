//! An order's history, in words.

use crate::domain::order::{Assignee, EditReason, Happened, Mark};
use crate::domain::value::id::{Id, OrderId};
use crate::domain::value::money::Currency;
use crate::i18n::fill;
use crate::ui::state::App;

/// A step of an order, in words.
pub fn happened(app: App, currency: Currency, what: &Happened) -> String {
    let m = app.words();
    let money = |amount| app.money(currency, amount);
    match what {
        Happened::Placed => m.happened_placed.to_owned(),
        Happened::Moved(state) => m.state(*state).to_owned(),
        Happened::Paid(amount) => fill(m.happened_paid, &[&money(*amount)]),
        Happened::Refunded(amount) => fill(m.happened_refunded, &[&money(*amount)]),
        Happened::HandedOver => m.happened_handed_over.to_owned(),
        Happened::Returned => m.happened_returned.to_owned(),
        Happened::Voided(reason) => fill(m.happened_voided, &[&m.void_reason(*reason)]),
        Happened::Noted => m.happened_noted.to_owned(),
        Happened::Edited { before, after, why } => match why {
            EditReason::Edited => fill(m.happened_edited, &[&money(*before), &money(*after)]),
            EditReason::SplitInto(order) => fill(m.happened_split, &[&number(app, *order)]),
            EditReason::Rounded => fill(m.happened_rounded, &[&money(*after)]),
            EditReason::MergedFrom(order) => fill(m.happened_merged, &[&number(app, *order)]),
        },
        Happened::DeliverySet => m.happened_delivery.to_owned(),
        Happened::Marked(mark) => match mark {
            Mark::Priority(priority) => fill(m.happened_priority, &[&m.priority(*priority)]),
            Mark::Hold(Some(reason)) => fill(m.happened_held, &[reason]),
            Mark::Hold(None) => m.happened_goes_on.to_owned(),
            Mark::Assigned(to) => fill(m.happened_assigned, &[&assignee(app, to.as_ref())]),
            Mark::Tag { tag, on: true } => fill(m.happened_tag_on, &[tag]),
            Mark::Tag { tag, on: false } => fill(m.happened_tag_off, &[tag]),
        },
        Happened::Allocated { whole: true } => m.happened_allocated.to_owned(),
        Happened::Allocated { whole: false } => m.happened_allocated_part.to_owned(),
        Happened::AllocatedByHand { .. } => m.happened_allocated_by_hand.to_owned(),
        Happened::Printed(paper) => fill(m.happened_printed, &[&m.paper(*paper)]),
        Happened::Ruled(rule) => fill(m.happened_ruled, &[&rule_name(app, *rule)]),
        Happened::MoneyMoved(amount, order) if amount.0 < 0 => {
            fill(m.happened_money_to, &[&money(crate::domain::value::money::Minor(-amount.0)), &number(app, *order)])
        }
        Happened::MoneyMoved(amount, order) => fill(m.happened_money_from, &[&money(*amount), &number(app, *order)]),
        Happened::LinesReturned(amount, why) => {
            fill(m.happened_lines_returned, &[&money(*amount), &m.return_reason(*why)])
        }
        Happened::CustomerChanged => m.happened_customer_changed.to_owned(),
        Happened::MessageDue => m.happened_message_due.to_owned(),
        Happened::StepUndone(state) => fill(m.happened_step_undone, &[&m.state(*state)]),
        Happened::MessageSent => m.happened_message_sent.to_owned(),
        Happened::Asked(tender, amount, outcome) => {
            fill(m.happened_asked, &[&m.tender(*tender), &money(*amount), &m.outcome(*outcome)])
        }
    }
}

/// What an order is called, also when it is not on this tablet.
pub fn number(app: App, order: OrderId) -> String {
    app.look(|l| l.columns.row(order).and_then(|r| l.columns.summary(r)).map(|s| s.number))
        .unwrap_or_else(|| order.to_string())
}

/// Whose work something is.
pub fn assignee(app: App, who: Option<&Assignee>) -> String {
    match who {
        None => app.words().nobody.to_owned(),
        Some(Assignee::Staff(id)) => app.look(|l| l.book.staff.get(id).map(|s| s.name.clone())).unwrap_or_default(),
        Some(Assignee::Station(name)) => name.clone(),
    }
}

fn rule_name(app: App, rule: Id) -> String {
    app.look(|l| l.book.rules.get(&rule).map(|r| r.name.clone())).unwrap_or_default()
}
