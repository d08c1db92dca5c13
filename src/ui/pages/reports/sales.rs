//! What was sold, by channel and by day, and all of it as a file.

use leptos::prelude::*;

use super::detail::Detail;
use crate::domain::value::time::Timestamp;
use crate::i18n::fill;
use crate::platform::{files, timing};
use crate::report::export;
use crate::report::sales::{Row, Sum, sales};
use crate::store::columns::Filter;
use crate::ui::components::{Choice, Icon};
use crate::ui::state::{App, app};

/// Days that are drawn as bars.
const MOST_BARS: usize = 31;

fn rows(app: App, since: Option<Timestamp>) -> Vec<Row> {
    let filter = Filter { since, ..Filter::default() };
    app.look_mut(|l| {
        let _span = timing::span("report");
        let found = l.columns.select(&filter);
        let summaries = found.into_iter().filter_map(|r| l.columns.summary(r));
        summaries
            .map(|s| Row {
                number: s.number,
                reference: s.reference,
                placed_at: s.placed_at,
                channel: s.channel,
                state: s.state,
                payment: s.payment,
                currency: s.currency,
                total: s.total,
            })
            .collect()
    })
}

#[component]
pub fn Sales() -> impl IntoView {
    let app = app();
    let m = app.words();
    let days = RwSignal::new(1_i64);
    let since = move || (days.get() > 0).then(|| Timestamp(app.midnight().0 - (days.get() - 1) * 86_400_000));
    let found = Memo::new(move |_| {
        app.orders.track();
        sales(&rows(app, since()), app.currency(), app.offset_ms())
    });
    let spans = vec![
        (1, m.today.to_owned()),
        (7, fill(m.last_days, &[&7])),
        (30, fill(m.last_days, &[&30])),
        (0, m.all.to_owned()),
    ];
    let save = move |_| {
        let heads = [m.number, m.reference, m.time, m.channel_label, m.state_label, m.payment, m.total, m.currency];
        let words = |r: &Row| {
            [m.channel(r.channel).to_owned(), m.state(r.state).to_owned(), m.payment_state(r.payment).to_owned()]
        };
        let text = export::orders(&rows(app, since()), heads, words, |at| app.full_moment(at));
        files::save_bytes("daybook-orders.csv", text.as_bytes(), "text/csv");
    };
    let count = move |label: &'static str, name: &'static str, sum: Sum| {
        view! {
            <li>
                <strong data-report=name data-orders=sum.orders.to_string() data-minor=sum.total.0.to_string()>
                    {app.price(sum.total)}
                </strong>
                <span>{label} " · " {fill(m.orders_count, &[&sum.orders])}</span>
            </li>
        }
    };
    view! {
        <section class="panel">
            <h2>{m.sales}</h2>
            <Choice options=spans value=days choose=move |d| days.set(d) label=m.sales />
            {move || {
                found
                    .with(|s| {
                        if s.all.orders + s.voided.orders == 0 {
                            return view! { <p class="empty">{m.nothing_sold}</p> }.into_any();
                        }
                        let most = s.days.iter().map(|(_, sum)| sum.total.0).max().unwrap_or_default().max(1);
                        let bars = s
                            .days
                            .iter()
                            .rev()
                            .take(MOST_BARS)
                            .map(|(day, sum)| {
                                let at = Timestamp(day * 86_400_000 - app.offset_ms() + 43_200_000);
                                let width = format!("{}%", sum.total.0.max(0) * 100 / most);
                                view! {
                                    <li class="bar">
                                        <span>{app.day(at)}</span>
                                        <i style:width=width></i>
                                        <strong>{app.price(sum.total)}</strong>
                                    </li>
                                }
                            });
                        view! {
                            <ul class="counts">
                                {count(m.sales, "all", s.all)}
                                {(s.unpaid.orders > 0).then(|| count(m.unpaid, "unpaid", s.unpaid))}
                                {(s.voided.orders > 0).then(|| count(m.voided_orders, "voided", s.voided))} <li>
                                    <strong>{app.price(s.all.average())}</strong>
                                    <span>{m.average_order}</span>
                                </li>
                            </ul>
                            <h3>{m.channel_label}</h3>
                            <ul class="plain">
                                {s
                                    .channels
                                    .iter()
                                    .map(|(channel, sum)| {
                                        view! {
                                            <li class="row">
                                                <span class="row__main">{m.channel(*channel)}</span>
                                                <span>{fill(m.orders_count, &[&sum.orders])}</span>
                                                <strong class="row__figure">{app.price(sum.total)}</strong>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                            {(s.days.len() > 1)
                                .then(|| {
                                    view! {
                                        <h3>{m.by_day}</h3>
                                        <ul class="bars">{bars.collect_view()}</ul>
                                    }
                                })}
                            <Detail since=Signal::derive(since) />
                            <div class="form__do form__do--start">
                                <button class="button" data-export="" on:click=save>
                                    <Icon name="file" />
                                    <span>{m.export_orders}</span>
                                </button>
                            </div>
                        }
                            .into_any()
                    })
            }}
        </section>
    }
}
