//! What sales are made of, read order by order: tax by rate, money by tender, the goods that sell, what they leave.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::domain::value::id::OrderId;
use crate::domain::value::named::Named;
use crate::domain::value::time::Timestamp;
use crate::i18n::fill;
use crate::platform::{files, timing};
use crate::report::detail::{Adding, Detail as Figures};
use crate::report::export;
use crate::store::columns::Filter;
use crate::ui::components::Icon;
use crate::ui::state::{App, app};

/// Orders in one go; the screen has its turn between.
const AT_ONCE: usize = 256;
/// More than these are read when somebody asks.
const AT_HAND: usize = 2_000;
/// Goods that are listed; the file has all.
const MOST_GOODS: usize = 20;

/// How far the reading is.
#[derive(Clone)]
enum Reading {
    /// So many orders, which nobody has asked for.
    NotAsked(usize),
    Busy,
    /// The figures, and how many orders are not on this tablet.
    Done(Box<Figures>, usize),
}

#[component]
pub fn Detail(#[prop(into)] since: Signal<Option<Timestamp>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let reading = RwSignal::new(Reading::NotAsked(0));
    // Whatever was begun for another span, or before something changed, is not shown any more.
    let turn = StoredValue::new(0_u32);
    let read = move |ids: Vec<OrderId>| {
        let own = turn.with_value(|t| t + 1);
        turn.set_value(own);
        spawn_local(async move {
            let done = add_up(app, &ids, || turn.try_with_value(|t| *t == own) == Some(true)).await;
            if let Some((figures, missing)) = done {
                reading.try_set(Reading::Done(Box::new(figures), missing));
            }
        });
    };
    Effect::new(move |_| {
        app.orders.track();
        let ids = ids(app, since.get());
        if ids.len() <= AT_HAND {
            read(ids);
        } else {
            turn.update_value(|t| *t += 1);
            reading.set(Reading::NotAsked(ids.len()));
        }
    });
    let all = move |_| {
        reading.set(Reading::Busy);
        read(ids(app, since.get_untracked()));
    };
    let save = move |_| {
        let Reading::Done(figures, _) = reading.get_untracked() else { return };
        let heads = [m.name, m.quantity, m.amount, m.net_amount, m.report_cost, m.report_margin];
        let text = export::articles(&figures.articles, app.currency(), heads);
        files::save_bytes("daybook-products.csv", text.as_bytes(), "text/csv");
    };
    move || match reading.get() {
        Reading::NotAsked(0) => ().into_any(),
        Reading::NotAsked(n) => view! {
            <button class="button" data-detail="" on:click=all>
                {m.report_more}
                " · "
                {fill(m.orders_count, &[&n])}
            </button>
        }
        .into_any(),
        Reading::Busy => view! {
            <p class="quiet" aria-busy="true">
                {m.report_reading}
            </p>
        }
        .into_any(),
        Reading::Done(figures, missing) => view! {
            {(missing > 0).then(|| view! { <p class="form__note">{fill(m.report_part, &[&missing])}</p> })}
            <Shown figures=*figures />
            <div class="form__do form__do--start">
                <button class="button" data-export-products="" on:click=save>
                    <Icon name="file" />
                    <span>{m.export_goods}</span>
                </button>
            </div>
        }
        .into_any(),
    }
}

fn ids(app: App, since: Option<Timestamp>) -> Vec<OrderId> {
    app.look_mut(|l| {
        let rows = l.columns.select(&Filter { since, ..Filter::default() });
        rows.into_iter().filter_map(|r| l.columns.id(r)).collect()
    })
}

/// Reads orders and adds them up; `None` once nobody waits for it any more.
async fn add_up(app: App, ids: &[OrderId], wanted: impl Fn() -> bool) -> Option<(Figures, usize)> {
    let _span = timing::span("report detail");
    let mut adding = Adding::default();
    let mut missing = 0;
    let currency = app.currency();
    for part in ids.chunks(AT_ONCE) {
        let orders = match app.inner().desk.read_orders(part).await {
            Ok(orders) => orders,
            Err(error) => {
                app.complain(&error.into());
                return None;
            }
        };
        if !wanted() {
            return None;
        }
        missing += part.len() - orders.len();
        app.look(|l| orders.iter().for_each(|o| adding.order(o, currency, |v| l.book.costs.get(&v).copied())));
    }
    Some((adding.done(), missing))
}

#[component]
fn Shown(figures: Figures) -> impl IntoView {
    let app = app();
    let m = app.words();
    let (margin, cost, unknown) = figures.margin();
    let known = figures.articles.len() - unknown;
    let manager = app.manages();
    let name = move |a: &crate::report::detail::Article| {
        a.variant.map(|v| app.line_name(v)).filter(|n| !n.is_empty()).unwrap_or_else(|| a.name.clone())
    };
    view! {
        {(figures.returned.0 > 0)
            .then(|| view! { <p class="form__note">{m.goods_returned} " " {app.price(figures.returned)}</p> })}
        <h3>{m.report_tenders}</h3>
        <ul class="plain">
            {figures
                .tenders
                .iter()
                .map(|(tender, taken, back)| {
                    view! {
                        <li
                            class="row"
                            data-tender=tender.name()
                            data-minor=(taken.0 - back.0).to_string()
                        >
                            <span class="row__main">{m.tender(*tender)}</span>
                            {(back.0 > 0).then(|| view! { <span>{m.refunds} " " {app.price(*back)}</span> })}
                            <strong class="row__figure">
                                {app.price(crate::domain::value::money::Minor(taken.0.saturating_sub(back.0)))}
                            </strong>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <h3>{m.report_taxes}</h3>
        {figures.taxes.iter().all(|t| t.tax.0 == 0).then(|| view! { <p class="quiet">{m.report_taxes_none}</p> })}
        <ul class="plain">
            {figures
                .taxes
                .iter()
                .filter(|t| t.tax.0 != 0)
                .map(|t| {
                    view! {
                        <li class="row" data-rate=t.rate_bp.to_string() data-tax=t.tax.0.to_string()>
                            <span class="row__main">{m.tax} " " {app.percent(t.rate_bp)}</span>
                            <span>{m.net_amount} " " {app.price(t.net)}</span>
                            <strong class="row__figure">{app.price(t.tax)}</strong>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        {(manager && known > 0)
            .then(|| {
                view! {
                    <h3>{m.report_margin}</h3>
                    <dl class="facts" data-margin=margin.left.0.to_string()>
                        <div>
                            <dt>{m.report_cost}</dt>
                            <dd>{app.price(cost)}</dd>
                        </div>
                        <div>
                            <dt>{m.report_margin}</dt>
                            <dd>
                                {app.price(margin.left)} {margin.share_bp.map(|bp| format!(" · {}", app.percent(bp)))}
                            </dd>
                        </div>
                    </dl>
                    <p class="quiet">{fill(m.report_margin_text, &[&unknown, &figures.articles.len()])}</p>
                }
            })}
        <h3>{m.report_products}</h3>
        <ul class="plain">
            {figures
                .articles
                .iter()
                .take(MOST_GOODS)
                .map(|a| {
                    view! {
                        <li class="row" data-article=a.gross.0.to_string()>
                            <span class="row__main">
                                {name(a)}
                                <small>
                                    {app.quantity(a.quantity, a.unit)}
                                    {a
                                        .margin()
                                        .filter(|_| manager)
                                        .map(|left| format!(" · {} {}", m.report_margin, app.price(left)))}
                                </small>
                            </span>
                            <strong class="row__figure">{app.price(a.gross)}</strong>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
