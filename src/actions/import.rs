//! Taking a file in: batch by batch, each one transaction with its journal entry, with progress and cancel.

use std::collections::{HashMap, HashSet};

use super::desk::{ActionError, Desk, Ports};
use super::ledger::Ledger;
use crate::domain::book::Book;
use crate::domain::decide::{Context, Draft, automate};
use crate::domain::event::{CustomerSet, DeliverySet, Event, OrderPlaced};
use crate::domain::goods::product::Product;
use crate::domain::order::{Method, Recipient};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::stock::{Movement, Reason};
use crate::domain::value::id::{CustomerId, Id, LocationId, MovementId, StaffId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::import::ImportedOrder;
use crate::import::batch::Batch;
use crate::store::LocalStore;

/// Progress of an import.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    pub done: usize,
    pub of: usize,
    /// Already there, so left as it is.
    pub known: usize,
}

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Takes everything in a file in: `next` hands over its batches, products before orders, and `None` past the last.
    /// What is there already stays as it is. `go_on` is told the progress between batches, and ends it by answering
    /// `false`; what was taken in until then stays.
    ///
    /// # Errors
    /// [`ActionError`]; batches before it are in.
    pub async fn import(
        &self,
        by: StaffId,
        location: LocationId,
        things: usize,
        mut next: impl AsyncFnMut() -> Option<Batch>,
        mut go_on: impl AsyncFnMut(Progress) -> bool,
    ) -> Result<Progress, ActionError> {
        if self.ledger().sealed.is_stand_in() {
            // Nobody could say what of it is there already.
            return Err(Rejection::NotReadYet.into());
        }
        let mut progress = Progress { done: 0, of: things, known: 0 };
        let mut skus = None;
        while go_on(progress).await {
            let Some(batch) = next().await else { break };
            let fresh: Vec<&Product> = fresh_products(&self.ledger(), &batch);
            progress.known += batch.products.len() - fresh.len();
            if !fresh.is_empty() {
                self.write(by, Vec::new(), |book, cx, _| take_products(book, cx, &fresh, &batch.opening, location))
                    .await?;
            }
            let fresh: Vec<&ImportedOrder> = fresh_orders(&self.ledger(), &batch);
            progress.known += batch.orders.len() - fresh.len();
            if !fresh.is_empty() {
                // Products come first, so whatever lines name is there now.
                let skus = skus.get_or_insert_with(|| self.ledger().book.skus());
                // One after the other where rules act: each sees what those before it were given.
                let at_once = if self.ledger().book.rules.iter().any(|(_, r)| r.on) { 1 } else { fresh.len() };
                for some in fresh.chunks(at_once) {
                    self.write(by, Vec::new(), |book, cx, _| Ok(hand_in(book, cx, some, skus, location))).await?;
                }
            }
            progress.done += batch.products.len() + batch.orders.len();
        }
        Ok(progress)
    }
}

/// Products of a batch that are not in the book as the file has them.
pub fn fresh_products<'a>(ledger: &Ledger, batch: &'a Batch) -> Vec<&'a Product> {
    batch.products.iter().filter(|p| ledger.book.products.get(&p.id) != Some(p)).collect()
}

/// Orders of a batch that are not there yet.
pub fn fresh_orders<'a>(ledger: &Ledger, batch: &'a Batch) -> Vec<&'a ImportedOrder> {
    batch.orders.iter().filter(|o| !ledger.columns.contains(o.placed.order)).collect()
}

/// Events that take products in, with the levels their file gave.
///
/// # Errors
/// [`Rejection`] of a role that is too low.
pub fn take_products(
    book: &Book,
    cx: &mut Context<'_>,
    products: &[&Product],
    opening: &[(VariantId, Quantity)],
    location: LocationId,
) -> Result<Draft, Rejection> {
    let opening: HashMap<VariantId, Quantity> = opening.iter().copied().collect();
    book.staff.get(&cx.by).map_or(Role::Clerk, |s| s.role).at_least(Role::Manager)?;
    let mut events = Vec::new();
    for product in products {
        events.push(Event::ProductSet((*product).clone()));
        for v in &product.variants {
            let Some(change) = opening.get(&v.id).copied() else { continue };
            let id = MovementId(Id::derived("opening", &v.id.to_string(), &location.to_string()));
            let movement =
                Movement { id, variant: v.id, location, change, reason: Reason::Opening, at: cx.at, by: cx.by };
            events.push(Event::StockMoved(movement));
        }
    }
    Ok(Draft { events, ..Draft::default() })
}

/// Events that take a file's orders in, as orders that are to be seen to: where they go, and what the store's rules do.
fn hand_in(
    book: &Book,
    cx: &mut Context<'_>,
    orders: &[&ImportedOrder],
    skus: &HashMap<String, VariantId>,
    location: LocationId,
) -> Draft {
    let mut draft = take_orders(book, cx, orders, skus, location);
    for order in orders.iter().filter(|o| o.placed.state.open() && !o.person.address.is_empty()) {
        let p = &order.person;
        let recipient = Recipient { name: p.name.clone(), phone: p.phone.clone(), address: p.address.clone() };
        let to = Some(draft.set_aside(&mut cx.salts, &recipient));
        draft.events.push(Event::DeliverySet(DeliverySet {
            order: order.placed.order,
            method: Method::Delivery,
            promised: None,
            to,
        }));
    }
    automate(book, &mut draft, cx);
    draft
}

/// Events that take orders in, with their customers; lines find their variants by SKU. A card that somebody keeps is
/// not overwritten by what a file or a form says.
pub fn take_orders(
    book: &Book,
    cx: &mut Context<'_>,
    orders: &[&ImportedOrder],
    skus: &HashMap<String, VariantId>,
    location: LocationId,
) -> Draft {
    let mut draft = Draft::default();
    let mut cards = HashSet::new();
    for order in orders {
        let mut placed: OrderPlaced = order.placed.clone();
        placed.location = location;
        for line in placed.lines.iter_mut().filter(|l| l.variant.is_none() && !l.sku.is_empty()) {
            line.variant = skus.get(&line.sku).copied();
        }
        placed.kits = book.kits_of(&placed.lines);
        if !order.person.called().is_empty() {
            let p = &order.person;
            let key = if !p.phone.is_empty() {
                &p.phone
            } else if !p.email.is_empty() {
                &p.email
            } else {
                &p.name
            };
            let source = placed.external.as_ref().map_or("", |e| e.source.as_str());
            let customer = CustomerId(Id::derived("customer", source, key));
            if book.customers.get(&customer).is_none() && cards.insert(customer) {
                let person = draft.set_aside(&mut cx.salts, p);
                draft.events.push(Event::CustomerSet(CustomerSet { customer, person, was: None }));
            }
            placed.customer = Some(customer);
        }
        if !order.note.is_empty() {
            placed.note = Some(draft.set_aside(&mut cx.salts, &order.note));
        }
        draft.events.push(Event::OrderPlaced(Box::new(placed)));
    }
    draft
}
