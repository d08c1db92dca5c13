//! What may stand in the log. The server checks every transaction, which it trusts in nothing; a tablet checks the
//! requests in it before it writes them down.

use crate::domain::book::case::CaseKind;
use crate::domain::book::{Book, known_location};
use crate::domain::decide::{Context, Draft};
use crate::domain::event::{Body, Class, Event, MOST_EVENTS, Transaction};
use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::check_packs;
use crate::domain::goods::price;
use crate::domain::goods::price::{MOST_OFFERS, OfferKind, Offered};
use crate::domain::order::rule::MOST_RULES;
use crate::domain::order::{EditReason, Line, MOST_LINES, add_up, check_mark, check_message};
use crate::domain::payment::till::{self, MOST_REASON};
use crate::domain::rejection::Rejection;
use crate::domain::shop::profile::MOST_PAY_CODE;
use crate::domain::shop::staff::Role;
use crate::domain::shop::tax::MOST_RATE_BP;
use crate::domain::stock::batch::check_batches;
use crate::domain::stock::document::{MOST_GOODS, Ordered, check_supplier};
use crate::domain::value::flaw::{Field, Flaw, check_length, check_name};
use crate::domain::value::id::{CustomerId, LocationId, OrderId, SERVER, StaffId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::part::Parts;
use crate::domain::value::quantity::Quantity;
use crate::domain::work::reconcile::MOST_KEY;

/// The longest detached part: a note of the most characters there may be, each written as an escape. Units: bytes.
const MOST_PART: usize = 32 * 1024;
/// The same for a message of another system as it came.
const MOST_SOURCE: usize = 2 * 1024 * 1024;

/// What the server says of one transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Ok,
    /// A request that may not be.
    Rejected(Rejection),
    /// A fact that cannot be applied: kept as it is, for a person.
    Held(Rejection),
}

/// Checks a transaction against the book, trusting nothing in it.
///
/// Events are checked one after the other against the book as it was before the transaction, and against the orders that
/// the transaction itself places.
pub fn check(book: &Book, tx: &Transaction) -> Verdict {
    let fact = tx.body.ev.iter().any(|e| e.class() == Class::Fact);
    match check_all(book, tx) {
        Ok(()) => Verdict::Ok,
        Err(reason) if fact => Verdict::Held(reason),
        Err(reason) => Verdict::Rejected(reason),
    }
}

fn check_all(book: &Book, tx: &Transaction) -> Result<(), Rejection> {
    if tx.body.ev.len() > MOST_EVENTS {
        return Err(Rejection::TooManyEvents);
    }
    // Whoever founds a store is its owner; there is nobody yet who could be.
    let founding = book.staff.is_empty();
    let role = book.staff.get(&tx.body.by).map(|s| s.role).or(founding.then_some(Role::Owner)).ok_or(Rejection::UnknownStaff)?;
    // What comes in through the server itself is nobody's at the till.
    let role = if tx.replica == SERVER { Role::Owner } else { with_approval(book, role, tx.body.ok) };
    let mut own = Own::default();
    for event in &tx.body.ev {
        if let Some(reference) = event.personal() {
            // An erased part is fine; a part that is not what was hashed is not.
            let most = if matches!(event, Event::SourceKept(_)) { MOST_SOURCE } else { MOST_PART };
            if tx.parts.get(&reference.pd).is_some_and(|part| part.hash() != reference.ph || part.data.len() > most) {
                return Err(Rejection::Part);
            }
        }
        match event {
            Event::OrderPlaced(e) => {
                own.orders.push(e.order);
                own.customers.extend(e.customer.map(|c| (e.order, c)));
            }
            Event::ProductSet(product) => own.variants.extend(product.variants.iter().map(|v| v.id)),
            Event::LocationSet(location) => own.locations.push(location.id),
            Event::CustomerSet(e) => own.cards.push(e.customer),
            _ => {}
        }
        if matches!(event, Event::GoodsHandedOver(_) | Event::GoodsReturned(_)) {
            own.goods += 1;
            if own.goods > MOST_GOODS_EVENTS {
                return Err(Rejection::TooManyEvents);
            }
        }
        // Where an order is placed along with it, that order stands whatever becomes of the other: the fold makes a case of it.
        let alone = own.orders.is_empty();
        if let Some(order) = event.order().filter(|o| alone && book.orders.get(o).is_none()) {
            return Err(Rejection::UnknownOrder { order });
        }
        if matches!(event, Event::LeaseSet(lease) if lease.replica != tx.replica) {
            role.at_least(Role::Manager)?;
        }
        check_request(book, role, event)?;
        check_till(event)?;
        check_lots(event)?;
        check_fact(book, role, event, &own)?;
    }
    Ok(())
}

/// What a transaction itself brings, which its later events may name.
#[derive(Default)]
struct Own {
    orders: Vec<OrderId>,
    customers: Vec<(OrderId, CustomerId)>,
    cards: Vec<CustomerId>,
    variants: Vec<VariantId>,
    locations: Vec<LocationId>,
    /// Goods that left or came back; each moves every line of an order.
    goods: usize,
}

/// The most such events in one transaction.
const MOST_GOODS_EVENTS: usize = 20;

impl Own {
    fn customer_of(&self, book: &Book, order: OrderId) -> Option<CustomerId> {
        let own = self.customers.iter().find(|(o, _)| *o == order).map(|(_, c)| *c);
        own.or_else(|| book.orders.get(&order).and_then(|o| o.customer))
    }

    fn knows(&self, book: &Book, customer: CustomerId) -> bool {
        self.cards.contains(&customer) || book.customers.get(&customer).is_some()
    }

    fn location(&self, book: &Book, location: LocationId) -> Result<(), Rejection> {
        if self.locations.contains(&location) { Ok(()) } else { known_location(book, location) }
    }
}

/// Events that were refused once, to be asked for again as they are.
///
/// # Errors
/// Why they may still not be.
pub fn ask_again(book: &Book, body: &Body, parts: &Parts, cx: &Context<'_>) -> Result<Draft, Rejection> {
    book.staff.get(&cx.by).filter(|s| s.active).ok_or(Rejection::UnknownStaff)?;
    let tx =
        Transaction { replica: cx.ids.replica, seq: 0, body: Body { by: cx.by, ok: cx.approved, ..body.clone() }, parts: parts.clone() };
    check_all(book, &tx)?;
    Ok(Draft { events: body.ev.clone(), parts: parts.clone() })
}

/// What somebody may do with another's consent: what the higher of the two may.
pub(in crate::domain) fn with_approval(book: &Book, role: Role, approved: Option<StaffId>) -> Role {
    let other = approved.and_then(|id| book.staff.get(&id)).filter(|s| s.active).map(|s| s.role);
    other.map_or(role, |other| role.max(other))
}

/// What holds for a request, on the tablet and on the server.
pub(in crate::domain) fn check_request(book: &Book, role: Role, event: &Event) -> Result<(), Rejection> {
    match event {
        Event::ProfileSet(e) => {
            role.at_least(Role::Owner)?;
            check_name(&e.name, Field::Name)?;
            for text in [&e.address, &e.phone, &e.tax_number, &e.slip_foot] {
                check_length(text, Field::Name)?;
            }
            if e.pay_codes.values().any(|code| code.is_empty() || code.len() > MOST_PAY_CODE) {
                return Err(Rejection::Flaw(Flaw::TooLong { field: Field::Name, most: MOST_PAY_CODE }));
            }
            if e.scale.as_ref().is_some_and(|codes| !codes.are_right()) {
                return Err(Rejection::Flaw(Flaw::NotAnAmount { field: Field::Barcode }));
            }
            match e.cash_rounding {
                Some(rounding) if !(2..=1_000_000).contains(&rounding.step.0) => {
                    Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Amount }))
                }
                _ => Ok(()),
            }
        }
        Event::TaxRateSet(e) => {
            role.at_least(Role::Manager)?;
            check_name(&e.name, Field::Name)?;
            Ok(e.check()?)
        }
        Event::LocationSet(e) => {
            role.at_least(Role::Manager)?;
            Ok(check_name(&e.name, Field::Name)?)
        }
        Event::StaffSet(e) => {
            role.at_least(Role::Owner)?;
            check_name(&e.name, Field::Name)?;
            let others = book.staff.iter().any(|(id, s)| *id != e.id && s.active && s.role == Role::Owner);
            if others || (e.active && e.role == Role::Owner) { Ok(()) } else { Err(Rejection::LastOwner) }
        }
        Event::ProductSet(e) => {
            role.at_least(Role::Manager)?;
            if let Some(tax) = e.tax {
                book.taxes.get(&tax).ok_or(Rejection::UnknownTax)?;
            }
            Ok(e.check()?)
        }
        Event::ProductEdited(e) => {
            role.at_least(Role::Manager)?;
            book.products.get(&e.product.id).ok_or(Rejection::Flaw(Flaw::NoVariants))?;
            if let Some(tax) = e.product.tax {
                book.taxes.get(&tax).ok_or(Rejection::UnknownTax)?;
            }
            Ok(e.product.check()?)
        }
        Event::ScarcitySet(e) => {
            role.at_least(Role::Manager)?;
            book.variants.get(&e.variant).map(|_| ()).ok_or(Rejection::UnknownVariant { variant: e.variant })
        }
        Event::LeaseSet(e) => {
            book.variants.get(&e.variant).ok_or(Rejection::UnknownVariant { variant: e.variant })?;
            known_location(book, e.location)?;
            if e.quantity < Quantity::ZERO {
                return Err(Rejection::Flaw(Flaw::Negative { field: Field::Quantity }));
            }
            let place = (e.variant, e.location);
            let set_aside = book.leased_to_others(place, e.replica).saturating_add(book.allocated(place));
            let free = book.level(place).on_hand.saturating_add(set_aside.saturating_neg());
            let less = e.quantity <= book.leased(place, e.replica);
            if e.quantity > free && !less { Err(Rejection::NotFree { free: free.max(Quantity::ZERO) }) } else { Ok(()) }
        }
        Event::SupplierSet(e) => {
            role.at_least(Role::Manager)?;
            Ok(check_supplier(e)?)
        }
        Event::StocktakeEnded(_) => Ok(role.at_least(Role::Manager)?),
        Event::RuleSet(e) => {
            role.at_least(Role::Manager)?;
            if book.rules.get(&e.id).is_none_or(|r| r.gone) && !e.gone && book.rules().len() >= MOST_RULES {
                return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
            }
            Ok(e.check()?)
        }
        Event::SourcingSet(_) => Ok(role.at_least(Role::Manager)?),
        Event::SettingEdited(e) => match e.set.setting() {
            Some(_) => check_request(book, role, &e.set),
            None => Err(Rejection::UnknownEvent),
        },
        // Let go of, it counts nowhere.
        Event::CaseResolved(e) if matches!(book.cases.get(&e.case).map(|c| &c.kind), Some(CaseKind::HeldFacts { .. })) => {
            Ok(role.at_least(Role::Manager)?)
        }
        Event::HeldAccepted(e) => {
            role.at_least(Role::Manager)?;
            match book.cases.get(&e.case).filter(|case| case.open).map(|case| &case.kind) {
                Some(CaseKind::HeldFacts { kept, .. }) => kept.may_count(&e.orders, |o| book.orders.get(&o).is_some()),
                _ => Err(Rejection::Gone),
            }
        }
        Event::AccountSet(e) => {
            role.at_least(Role::Manager)?;
            if e.limit < Minor::ZERO {
                return Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount }));
            }
            e.group.as_ref().map_or(Ok(()), |g| Ok(check_length(g, Field::Category)?))
        }
        Event::KitSet(e) => {
            role.at_least(Role::Manager)?;
            e.check()?;
            book.variants.get(&e.variant).ok_or(Rejection::UnknownVariant { variant: e.variant })?;
            for (variant, quantity) in &e.parts {
                let (product, _) = book.variant(*variant).ok_or(Rejection::UnknownVariant { variant: *variant })?;
                // A kit of kits would have to be taken apart again and again.
                if book.kit(*variant).is_some() {
                    return Err(Rejection::IsKit);
                }
                if !product.unit.divisible() && !quantity.is_whole() {
                    return Err(Rejection::Flaw(Flaw::NotDivisible));
                }
            }
            let inside = |k: &Kit| k.parts.iter().any(|(v, _)| *v == e.variant);
            if !e.parts.is_empty() && book.kits.iter().any(|(_, k)| inside(k)) { Err(Rejection::IsKit) } else { Ok(()) }
        }
        Event::PacksSet(e) => {
            role.at_least(Role::Manager)?;
            book.variants.get(&e.variant).ok_or(Rejection::UnknownVariant { variant: e.variant })?;
            Ok(check_packs(&e.packs)?)
        }
        Event::PriceListSet(e) => {
            role.at_least(Role::Manager)?;
            if book.price_lists.get(&e.id).is_none() && book.price_lists.len() >= MOST_OFFERS {
                return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
            }
            Ok(e.check()?)
        }
        Event::PromotionSet(e) => {
            role.at_least(Role::Manager)?;
            if book.promotions.get(&e.id).is_none() && book.promotions.len() >= MOST_OFFERS {
                return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
            }
            Ok(e.check()?)
        }
        Event::PriceSet(e) => {
            role.at_least(Role::Manager)?;
            if e.price < Minor::ZERO {
                return Err(Rejection::Flaw(Flaw::Negative { field: Field::Price }));
            }
            book.variants.get(&e.variant).map(|_| ()).ok_or(Rejection::UnknownVariant { variant: e.variant })
        }
        _ => Ok(()),
    }
}

/// What holds for every batch, on the tablet and on the server.
pub(in crate::domain) fn check_lots(event: &Event) -> Result<(), Rejection> {
    match event {
        Event::LotReceived(e) => Ok(check_batches(std::slice::from_ref(&e.batch))?),
        Event::BatchesSet(e) => Ok(check_batches(&e.batches)?),
        _ => Ok(()),
    }
}

/// What holds for everything about a till, on the tablet and on the server.
pub(in crate::domain) fn check_till(event: &Event) -> Result<(), Rejection> {
    let not_negative = |amount| if amount < Minor::ZERO { Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount })) } else { Ok(()) };
    match event {
        Event::TillOpened(e) => not_negative(e.float),
        Event::CashMoved(e) if e.amount == Minor::ZERO => Err(Rejection::Flaw(Flaw::Empty { field: Field::Amount })),
        Event::CashMoved(e) if e.reason.is_empty() => Err(Rejection::Flaw(Flaw::Empty { field: Field::Reason })),
        Event::CashMoved(e) if e.reason.chars().count() > MOST_REASON => {
            Err(Rejection::Flaw(Flaw::TooLong { field: Field::Reason, most: MOST_REASON }))
        }
        Event::TillClosed(e) if e.taxes.len() > MOST_TAXES || e.taxes.iter().any(|t| t.rate_bp > MOST_RATE_BP) => {
            Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Rate }))
        }
        Event::TillClosed(e) => {
            not_negative(e.left)?;
            let counted = till::add_up(&e.counted)?;
            if e.left > counted { Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Amount })) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// More rates than any country has at once.
const MOST_TAXES: usize = 100;

/// More than this for one unit is a slip of the finger. Units: minor units.
const MOST_COST: Minor = Minor(1_000_000_000_000);

fn costs_in_range(lines: &[Ordered]) -> Result<(), Rejection> {
    match lines.iter().all(|l| (Minor::ZERO..=MOST_COST).contains(&l.cost)) {
        true => Ok(()),
        false => Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Price })),
    }
}

fn lines_in_range(lines: &[Line]) -> Result<(), Rejection> {
    if lines.len() > MOST_LINES || lines.iter().any(|l| l.quantity > Quantity::MOST || l.quantity < Quantity::ZERO) {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    Ok(())
}

fn check_offers(offers: &[Offered], lines: &[Line]) -> Result<(), Rejection> {
    let beyond = |o: &Offered| o.kind == OfferKind::Promotion && o.amount < Minor::ZERO || usize::from(o.line) >= lines.len();
    let more = |(i, l): (usize, &Line)| price::off(offers, i) > l.discount;
    if offers.len() > MOST_EVENTS || offers.iter().any(beyond) || lines.iter().enumerate().any(more) {
        return Err(Rejection::Flaw(Flaw::Totals));
    }
    Ok(())
}

fn check_kits(kits: &[Kit]) -> Result<(), Rejection> {
    if kits.len() > MOST_LINES {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    Ok(kits.iter().try_for_each(Kit::check)?)
}

fn goods_in_range(mut goods: impl ExactSizeIterator<Item = Quantity>) -> Result<(), Rejection> {
    if goods.len() > MOST_GOODS || goods.any(|q| q <= Quantity::ZERO || q > Quantity::MOST) {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    Ok(())
}

/// What holds for a fact that comes from outside.
fn check_fact(book: &Book, role: Role, event: &Event, own: &Own) -> Result<(), Rejection> {
    match event {
        Event::OrderPlaced(e) => {
            lines_in_range(&e.lines)?;
            let t = e.totals;
            if add_up(&e.lines, t.shipping, t.shipping_tax, t.adjustment)? != t {
                return Err(Rejection::Flaw(Flaw::Totals));
            }
            check_offers(&e.offers, &e.lines)?;
            check_kits(&e.kits)?;
            // Debts and credit are a fold over payments of their own.
            if e.payments.iter().any(|p| p.tender.needs_customer()) || e.refunds.iter().any(|r| r.tender.needs_customer()) {
                return Err(Rejection::NoCustomer);
            }
            own.location(book, e.location)
        }
        Event::GoodsHandedOver(e) | Event::GoodsReturned(e) => own.location(book, e.location),
        Event::PaymentTaken(e) if e.customer.is_some_and(|c| !own.knows(book, c)) => Err(Rejection::NoCustomer),
        Event::PaymentTaken(e) if e.payment.tender.needs_customer() && e.customer.or(own.customer_of(book, e.order)).is_none() => {
            Err(Rejection::NoCustomer)
        }
        Event::PaymentTaken(e) if e.payment.amount <= Minor::ZERO => Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount })),
        Event::PaymentTaken(e) if e.payment.tendered < e.payment.amount => Err(Rejection::TenderedTooLittle),
        Event::PaymentRefunded(e) if e.refund.amount <= Minor::ZERO => Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount })),
        // Money that went out without consent is kept, and is a case; it is not part of the books by itself.
        Event::PaymentRefunded(_) => Ok(role.at_least(Role::Manager)?),
        Event::LinesReturned(e) => {
            goods_in_range(e.goods.iter().map(|(_, q)| *q))?;
            e.location.map_or(Ok(()), |location| own.location(book, location))
        }
        Event::CustomerChanged(e) => {
            if e.customer.is_none_or(|c| own.knows(book, c)) {
                Ok(())
            } else {
                Err(Rejection::NoCustomer)
            }
        }
        Event::MessageDue(e) => Ok(check_message(&e.text)?),
        Event::StockCounted(e) => {
            own.location(book, e.location)?;
            if book.variants.get(&e.variant).is_none() && !own.variants.contains(&e.variant) {
                return Err(Rejection::UnknownVariant { variant: e.variant });
            }
            if e.counted < Quantity::ZERO || e.counted > Quantity::MOST {
                Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }))
            } else {
                Ok(())
            }
        }
        Event::OrderEdited(e) => {
            lines_in_range(&e.lines)?;
            check_kits(&e.kits)?;
            if let Some(offers) = &e.offers {
                check_offers(offers, &e.lines)?;
            }
            let t = e.totals;
            if add_up(&e.lines, t.shipping, t.shipping_tax, t.adjustment)? != t {
                return Err(Rejection::Flaw(Flaw::Totals));
            }
            if let (EditReason::Rounded, Some(known)) = (e.why, book.orders.get(&e.order)) {
                // More than rounding takes is a discount.
                let step = book.profile().cash_rounding.map_or(0, |r| r.step.0);
                if t.total.0.abs_diff(known.totals.total.0) >= step.unsigned_abs() {
                    role.at_least(Role::Manager)?;
                }
            }
            Ok(())
        }
        Event::OrderMarked(e) => Ok(check_mark(&e.mark)?),
        Event::TransferSent(e) => {
            own.location(book, e.from)?;
            own.location(book, e.to)?;
            goods_in_range(e.goods.iter().map(|(_, q)| *q))
        }
        Event::TransferReceived(e) => goods_in_range(e.goods.iter().map(|(_, q)| *q)),
        Event::PurchaseOrdered(e) => {
            own.location(book, e.location)?;
            costs_in_range(&e.lines)?;
            goods_in_range(e.lines.iter().map(|l| l.quantity))
        }
        Event::PurchaseReceived(e) => {
            costs_in_range(&e.goods)?;
            goods_in_range(e.goods.iter().map(|l| l.quantity))
        }
        Event::StocktakeOpened(e) => own.location(book, e.location),
        Event::StocktakeCounted(e) if e.counted < Quantity::ZERO || e.counted > Quantity::MOST => {
            Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }))
        }
        Event::StockAllocated(e) => e.allocated.iter().try_for_each(|a| {
            if a.quantity <= Quantity::ZERO || a.quantity > Quantity::MOST {
                return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
            }
            own.location(book, a.location)
        }),
        Event::AccountSettled(e) if e.payment.tender.needs_customer() => Err(Rejection::NoCustomer),
        Event::AccountSettled(e) if e.payment.amount <= Minor::ZERO => Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount })),
        Event::PaymentAsked(e) if e.attempt.amount <= Minor::ZERO => Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount })),
        Event::PaymentMatched(e) => {
            role.at_least(Role::Manager)?;
            let length = e.booking.chars().count();
            if length == 0 || length > MOST_KEY {
                Err(Rejection::Flaw(Flaw::TooLong { field: Field::Name, most: MOST_KEY }))
            } else {
                Ok(())
            }
        }
        Event::MoneyMoved(e) if e.parts.len() > MOST_LINES => Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity })),
        Event::MoneyMoved(e) => {
            // Taken under a name that is in use, it would count twice or not at all.
            let used = |id| [e.from, e.to].iter().filter_map(|o| book.orders.get(o)).any(|o| o.payments.iter().any(|p| p.id == id));
            match e.parts.iter().any(|p| p.amount <= Minor::ZERO || used(p.new)) {
                true => Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount })),
                false => Ok(()),
            }
        }
        Event::LotReceived(e) => own.location(book, e.location),
        Event::BatchesSet(e) => own.location(book, e.location),
        Event::StockMoved(e) => {
            own.location(book, e.location)?;
            if book.variants.get(&e.variant).is_none() && !own.variants.contains(&e.variant) {
                return Err(Rejection::UnknownVariant { variant: e.variant });
            }
            Ok(())
        }
        Event::CaseResolved(e) => {
            // What is short closes itself when the goods are there; nobody can wish it away.
            match book.cases.get(&e.case).map(|c| &c.kind) {
                Some(CaseKind::Oversold { .. } | CaseKind::OverAllocated { .. }) | None => {
                    Err(Rejection::Flaw(Flaw::Empty { field: Field::Reason }))
                }
                Some(_) => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
