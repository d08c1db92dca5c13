//! Products and customers' cards.

use super::{Context, Draft, one};
use crate::domain::customer::Person;
use crate::domain::event::{CustomerSet, Event, ProductEdited};
use crate::domain::goods::product::Product;
use crate::domain::rejection::Rejection;
use crate::domain::value::flaw::{Field, Flaw, check_length};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{CustomerId, ProductId, VariantId};

pub(super) fn save_product(mut product: Product, seen: Option<Hash>, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    if product.id == ProductId::default() {
        product.id = ProductId(cx.ids.take());
    }
    for v in &mut product.variants {
        if v.id == VariantId::default() {
            v.id = VariantId(cx.ids.take());
        }
    }
    one(match seen {
        Some(was) => Event::ProductEdited(Box::new(ProductEdited { product, was })),
        None => Event::ProductSet(product),
    })
}

pub(super) fn customer_event(
    draft: &mut Draft,
    customer: Option<CustomerId>,
    person: &Person,
    seen: Option<&Person>,
    cx: &mut Context<'_>,
) -> Result<CustomerId, Rejection> {
    if person.called().is_empty() {
        return Err(Rejection::Flaw(Flaw::Empty { field: Field::Name }));
    }
    for text in [&person.name, &person.email, &person.address, &person.note] {
        check_length(text, Field::Name)?;
    }
    check_length(&person.phone, Field::Phone)?;
    let customer = customer.unwrap_or_else(|| CustomerId(cx.ids.take()));
    let person = draft.set_aside(&mut cx.salts, person);
    let was = draft.parts.get(&person.pd).zip(seen).map(|(part, seen)| seen.hash(part.salt));
    draft.events.push(Event::CustomerSet(CustomerSet { customer, person, was }));
    Ok(customer)
}
