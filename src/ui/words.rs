//! Reasons in words: what happened, what was kept, what to do.

use super::state::App;
use crate::actions::ActionError;
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::value::flaw::{Field, Flaw};
use crate::i18n::{Messages, fill};
use crate::store::StoreError;
use crate::sync::engine::Link;

/// Where the connection stands.
pub fn link_words(m: &'static Messages, link: Link) -> String {
    match link {
        Link::Unknown => m.link_unknown.to_owned(),
        Link::Connected => m.link_connected.to_owned(),
        Link::Offline => m.link_offline.to_owned(),
        Link::Trouble(status) => fill(m.link_trouble, &[&status]),
        Link::NotEnrolled => m.link_not_enrolled.to_owned(),
        Link::Outdated => m.link_outdated.to_owned(),
        Link::NotStored => m.link_not_stored.to_owned(),
    }
}

/// Why an action did not happen.
pub fn action_error(app: App, error: &ActionError) -> String {
    let m = app.words();
    match error {
        ActionError::Rejected(reason) => rejection(app, reason),
        ActionError::NotEnrolled => m.link_not_enrolled.to_owned(),
        ActionError::NotSaved(StoreError::Superseded) => m.storage_superseded.to_owned(),
        ActionError::NotSaved(StoreError::Full) => m.not_saved_full.to_owned(),
        ActionError::NotSaved(StoreError::Closed | StoreError::Blocked) => m.not_saved_closed.to_owned(),
        ActionError::NotSaved(StoreError::NotHere { .. }) => m.order_not_here.to_owned(),
        ActionError::NotSaved(StoreError::Stale) => m.not_saved_stale.to_owned(),
        ActionError::NotSaved(StoreError::Refused { .. }) => m.storage_refused.to_owned(),
        ActionError::NotSaved(StoreError::Corrupt { .. }) => m.storage_corrupt.to_owned(),
    }
}

/// Why something may not happen.
pub fn rejection(app: App, reason: &Rejection) -> String {
    let m = app.words();
    match reason {
        Rejection::Flaw(Flaw::NoLines) => m.why_empty_cart.to_owned(),
        Rejection::Flaw(Flaw::NoVariants) => m.why_no_variants.to_owned(),
        Rejection::Flaw(Flaw::Empty { field: Field::Reason }) => fill(m.why_empty, &[&m.reason]),
        Rejection::Flaw(Flaw::Empty { field: f }) => fill(m.why_empty, &[&field(m, *f)]),
        Rejection::Flaw(Flaw::TooLong { field: f, most }) => fill(m.why_too_long, &[&field(m, *f), most]),
        Rejection::Flaw(Flaw::Negative { field: Field::Price }) => fill(m.why_below_zero, &[&m.price]),
        Rejection::Flaw(Flaw::Negative { field: f }) => fill(m.why_negative, &[&field(m, *f)]),
        Rejection::Flaw(Flaw::TooMuch { field: f }) => fill(m.why_too_much, &[&field(m, *f)]),
        Rejection::Flaw(Flaw::NotAnAmount { field: f }) => fill("{}: {}", &[&field(m, *f), &m.bad_amount]),
        Rejection::Flaw(Flaw::NotDivisible) => m.why_not_divisible.to_owned(),
        Rejection::UnknownVariant { .. } => m.why_unknown_variant.to_owned(),
        Rejection::UnknownOrder { .. } => m.why_unknown_order.to_owned(),
        Rejection::UnknownLocation => m.why_unknown_location.to_owned(),
        Rejection::SamePlace => m.why_same_place.to_owned(),
        Rejection::UnknownStaff => m.why_unknown_staff.to_owned(),
        Rejection::IllegalStep { from, to } => fill(m.why_illegal_step, &[&m.state(*from), &m.state(*to)]),
        Rejection::NotPaid { due } => fill(m.why_not_paid, &[&app.price(*due)]),
        Rejection::TenderedTooLittle => m.why_tendered_too_little.to_owned(),
        Rejection::OverRefund { most } => fill(m.why_over_refund, &[&app.price(*most)]),
        Rejection::RoleTooLow { needs } => fill(m.why_role_too_low, &[&m.role(*needs)]),
        Rejection::Flaw(Flaw::Pin) => m.why_pin.to_owned(),
        Rejection::Scarce { variant, left } => fill(m.why_scarce, &[&left.plain(), &app.line_name(*variant)]),
        Rejection::NotFree { free } => fill(m.why_not_free, &[&free.plain()]),
        Rejection::NotReadYet => m.not_read_yet.to_owned(),
        Rejection::TillOpen => m.why_till_open.to_owned(),
        Rejection::TillClosed => m.why_till_closed.to_owned(),
        Rejection::ShortOf { short } => fill(m.why_short_of, &[&short.plain()]),
        Rejection::OnHold => m.why_on_hold.to_owned(),
        Rejection::OverCredit { left } => fill(m.why_over_credit, &[&app.price(*left)]),
        Rejection::NoCustomer => m.why_no_customer.to_owned(),
        Rejection::AnswerOpen => m.why_answer_open.to_owned(),
        Rejection::IsKit => m.why_is_kit.to_owned(),
        Rejection::BeingCounted => m.why_being_counted.to_owned(),
        Rejection::Gone => m.why_gone.to_owned(),
        Rejection::LastOwner => m.why_last_owner.to_owned(),
        Rejection::Flaw(Flaw::Overflow | Flaw::NoWeights) => m.why_sum.to_owned(),
        Rejection::Flaw(Flaw::Twice { field: f }) => fill(m.why_twice, &[&field(m, *f)]),
        Rejection::Flaw(Flaw::Totals) => m.found_totals.to_owned(),
        Rejection::UnknownProduct => m.why_unknown_product.to_owned(),
        Rejection::UnknownCase => m.why_case_closed.to_owned(),
        Rejection::PaymentKnown => m.why_payment_known.to_owned(),
        Rejection::UnknownTax => m.why_unknown_tax.to_owned(),
        Rejection::UnknownEvent => m.held_unknown_event.to_owned(),
        Rejection::Part => m.why_part.to_owned(),
        Rejection::TooManyEvents => m.why_too_many.to_owned(),
        Rejection::Found => m.why_found.to_owned(),
    }
}

/// A server's code in words, as far as there are any.
pub fn code_words(app: App, code: &str) -> String {
    let m = app.words();
    match code {
        "role_too_low" => fill(m.why_role_too_low, &[&m.role(Role::Manager)]),
        "last_owner" => m.why_last_owner.to_owned(),
        "unknown_staff" => m.why_unknown_staff.to_owned(),
        "unknown_variant" => m.why_unknown_variant.to_owned(),
        "unknown_order" => m.why_unknown_order.to_owned(),
        "unknown_location" => m.held_unknown_location.to_owned(),
        "unknown_event" | "unreadable" => m.held_unknown_event.to_owned(),
        "totals" => m.found_totals.to_owned(),
        "no_customer" => m.why_no_customer.to_owned(),
        "too_much" | "negative" | "overflow" | "tendered_too_little" | "no_weights" | "twice" => {
            m.held_figures.to_owned()
        }
        "unknown_product" => m.why_unknown_product.to_owned(),
        "unknown_tax" => m.why_unknown_tax.to_owned(),
        "unknown_case" => m.why_case_closed.to_owned(),
        "payment_known" => m.why_payment_known.to_owned(),
        "part" => m.why_part.to_owned(),
        "too_many_events" => m.why_too_many.to_owned(),
        other => other.to_owned(),
    }
}

fn field(m: &'static Messages, field: Field) -> &'static str {
    match field {
        Field::Name => m.name,
        Field::Category => m.category,
        Field::Sku => m.sku,
        Field::Barcode => m.barcode,
        Field::Price => m.price,
        Field::Quantity => m.quantity,
        Field::Discount => m.discount,
        Field::Amount => m.amount,
        Field::Rate => m.rate,
        Field::Phone => m.phone,
        Field::Reason => m.note,
    }
}
