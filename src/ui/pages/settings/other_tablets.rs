//! The store's other tablets: a code for a new one, and shutting one out that was lost. Needs the network.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::domain::shop::staff::Role;
use crate::domain::value::id::Replica;
use crate::domain::value::time::Timestamp;
use crate::i18n::fill;
use crate::platform::http::{self, Reply, Shown};
use crate::sync::protocol::{NewCode, TabletChange, TabletLine};
use crate::ui::components::Dialog;
use crate::ui::state::{App, app};

/// Says why the server did not do it.
pub fn complain<T>(app: App, reply: &Reply<T>) {
    let m = app.words();
    match reply {
        Reply::Status(403, code) if code == "wrong_pin" => app.say(m.wrong_pin.to_owned(), true),
        Reply::Status(403, _) => app.say(fill(m.why_role_too_low, &[&m.role(Role::Manager)]), true),
        Reply::Status(429, _) => app.say(m.pin_wait.to_owned(), true),
        Reply::Status(401, _) => app.say(m.link_not_enrolled.to_owned(), true),
        _ => app.say(m.needs_network.to_owned(), true),
    }
}

#[component]
pub fn OtherTablets() -> impl IntoView {
    let app = app();
    let m = app.words();
    let code = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let known = RwSignal::new(Vec::<TabletLine>::new());
    let losing = RwSignal::new(None::<TabletLine>);
    let token = move || app.look(|l| l.identity.as_ref().map(|i| i.token.clone()));
    let own = move || app.look(|l| l.identity.as_ref().map_or(0, |i| i.replica));
    let look = move || {
        spawn_local(async move {
            // Without a network there is no list, and nothing to say: the panel says what it needs.
            if let Reply::Ok(all) = http::post("/v1/tablets", token().as_deref(), &TabletChange::Look).await {
                known.try_set(all);
            }
        });
    };
    Effect::new(move |_| look());
    let make = move |_| {
        spawn_local(async move {
            let Some(who) = app.somebody(Role::Manager).await else { return };
            busy.set(true);
            let reply: Reply<NewCode> = http::post_as("/v1/codes", token().as_deref(), Some(&who), &()).await;
            busy.try_set(false);
            match reply {
                Reply::Ok(answer) => {
                    code.try_set(Some(answer.code));
                }
                other => complain(app, &other),
            }
        });
    };
    let shut_out = move |replica: Replica| {
        losing.set(None);
        spawn_local(async move {
            let Some(who) = app.somebody(Role::Manager).await else { return };
            let reply: Reply<Vec<TabletLine>> = http::post_as(
                "/v1/tablets",
                token().as_deref(),
                Some::<&Shown>(&who),
                &TabletChange::ShutOut { replica },
            )
            .await;
            match reply {
                Reply::Ok(all) => {
                    known.try_set(all);
                }
                other => complain(app, &other),
            }
        });
    };
    let address = move || window().location().origin().unwrap_or_default();
    view! {
        <section class="panel" data-other-tablets="">
            <h2>{m.other_tablets}</h2>
            <p>{m.other_tablets_text}</p>
            {move || {
                known
                    .get()
                    .into_iter()
                    .filter(|t| !t.shut_out)
                    .map(|t| {
                        let line = t.clone();
                        let here = t.replica == own();
                        view! {
                            <div class="row" data-tablet=t.prefix>
                                <span class="row__main">
                                    {t.prefix.clone()}
                                    {(!t.device.trim().is_empty()).then(|| format!(" · {}", t.device))}
                                    <small>
                                        {fill(
                                            m.tablet_since,
                                            &[&app.full_moment(Timestamp(t.enrolled_at)), &t.transactions],
                                        )}
                                    </small>
                                </span>
                                {if here {
                                    view! { <span class="badge">{m.this_tablet}</span> }.into_any()
                                } else {
                                    view! {
                                        <button
                                            class="button button--small"
                                            data-shut-out=""
                                            on:click=move |_| losing.set(Some(line.clone()))
                                        >
                                            {m.shut_out}
                                        </button>
                                    }
                                        .into_any()
                                }}
                            </div>
                        }
                    })
                    .collect_view()
            }}
            {move || {
                code
                    .get()
                    .map(|c| {
                        let link = format!("{}/?enrol={c}", address());
                        view! {
                            <p class="code">
                                <strong data-code=c>{c.clone()}</strong>
                                <span class="quiet">{link}</span>
                            </p>
                        }
                    })
            }}
            <button class="button" data-new-code="" disabled=move || busy.get() on:click=make>
                {m.new_code}
            </button>
            {move || {
                losing
                    .get()
                    .map(|t| {
                        let replica = t.replica;
                        view! {
                            <Dialog title=fill("{} · {}", &[&m.shut_out, &t.prefix]) close=move || losing.set(None)>
                                <p>{m.shut_out_text}</p>
                                <div class="form__do">
                                    <button
                                        class="button button--danger"
                                        data-shut-out-now=""
                                        on:click=move |_| shut_out(replica)
                                    >
                                        {m.shut_out}
                                    </button>
                                </div>
                            </Dialog>
                        }
                    })
            }}
        </section>
    }
}
