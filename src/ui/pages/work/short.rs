//! A place that is short of something: the orders that want it, and what can be done: count again, order something
//! else, let a part wait, give the money back.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_router::components::A;

use super::cases::MOST_SHOWN;
use crate::domain::decide::Command;
use crate::domain::order::{Order, PaymentState};
use crate::domain::stock::{Place, Reason};
use crate::domain::value::id::OrderId;
use crate::domain::value::quantity::Quantity;
use crate::ui::components::{Alert, QuantityField};
use crate::ui::routes;
use crate::ui::state::{App, app};

/// The latest orders that took from a place, or for which something is set aside there.
fn orders(app: App, place: Place, promised: bool) -> Vec<OrderId> {
    app.look(|l| {
        if promised {
            let mut waiting: Vec<&Order> =
                l.book.orders.iter().map(|(_, o)| o).filter(|o| o.claims().contains_key(&place)).collect();
            waiting.sort_by_key(|o| std::cmp::Reverse((o.placed_at, o.id)));
            return waiting.into_iter().take(MOST_SHOWN).map(|o| o.id).collect();
        }
        let mut found: Vec<OrderId> = Vec::new();
        for movement in l.book.movements().filter(|x| (x.variant, x.location) == place) {
            match movement.reason {
                Reason::Sold(order) if !found.contains(&order) && found.len() < MOST_SHOWN => found.push(order),
                _ => {}
            }
        }
        found
    })
}

#[component]
pub fn Short(place: Place, promised: bool) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counted = RwSignal::new(String::new());
    let trouble = RwSignal::new(false);
    let count = move || match counted.with_untracked(|q| Quantity::parse(q)) {
        Some(counted) => {
            trouble.set(false);
            app.dispatch(Command::Count { location: place.1, variant: place.0, counted }, |_| {});
        }
        None => trouble.set(true),
    };
    let shown = orders(app, place, promised);
    let open: BTreeSet<OrderId> = app.look(|l| {
        let editable = |o: &Order| o.handed_over.is_none() && o.state.open();
        shown.iter().filter(|id| l.book.orders.get(id).is_some_and(editable)).copied().collect()
    });
    let rows = shown
        .into_iter()
        .filter_map(|id| app.look(|l| l.columns.row(id).and_then(|r| l.columns.summary(r))))
        .map(|s| {
            let open = open.contains(&s.id);
            let paid = matches!(s.payment, PaymentState::Paid | PaymentState::Part);
            view! {
                <li class="case__order">
                    <time>{app.full_moment(s.placed_at)}</time>
                    <A href=routes::order(s.id)>{s.number}</A>
                    <span class="figure">{app.money(s.currency, s.total)}</span>
                    <span class="chips">
                        {open
                            .then(|| {
                                view! {
                                    <A
                                        href=routes::order_doing(s.id, routes::EDIT)
                                        attr:class="button button--small"
                                        attr:data-substitute=""
                                    >
                                        {m.substitute}
                                    </A>
                                    <A
                                        href=routes::order_doing(s.id, routes::SPLIT)
                                        attr:class="button button--small"
                                        attr:data-back-order=""
                                    >
                                        {m.back_order}
                                    </A>
                                }
                            })}
                        {paid
                            .then(|| {
                                view! {
                                    <A href=routes::order_doing(s.id, routes::REFUND) attr:class="button button--small">
                                        {m.refund}
                                    </A>
                                }
                            })}
                    </span>
                </li>
            }
        })
        .collect::<Vec<_>>();
    view! {
        {(!rows.is_empty())
            .then(|| {
                view! {
                    <p class="quiet">{m.sold_from_here}</p>
                    <ul class="history">{rows}</ul>
                }
            })}
        <form
            class="case__count"
            data-recount=""
            on:submit=move |e| {
                e.prevent_default();
                count();
            }
        >
            <QuantityField label=m.counted value=counted />
            <button class="button button--small" type="submit">
                {m.recount}
            </button>
        </form>
        <Alert text=Signal::derive(move || trouble.get().then_some(m.bad_quantity)) />
    }
}
