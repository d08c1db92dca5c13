//! Web shops that hand orders in through the server. Needs the network: their secrets are kept nowhere but there.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::other_tablets::complain;
use crate::domain::shop::staff::Role;
use crate::domain::value::time::Timestamp;
use crate::i18n::fill;
use crate::import::web::Dialect;
use crate::platform::http::{self, Reply};
use crate::sync::protocol::{IntakeAnswer, IntakeChange};
use crate::ui::components::{Choice, Dialog, Icon, Submit, TextField};
use crate::ui::state::{App, app};

fn word(app: App, dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Shopify => "Shopify",
        Dialect::Woocommerce => "WooCommerce",
        Dialect::Json => app.words().web_shop_json,
    }
}

#[component]
pub fn WebShops() -> impl IntoView {
    let app = app();
    let m = app.words();
    let known = RwSignal::new(None::<IntakeAnswer>);
    let adding = RwSignal::new(false);
    let ask = move |change: IntakeChange| {
        spawn_local(async move {
            let token = app.look(|l| l.identity.as_ref().map(|i| i.token.clone()));
            let who = match change {
                IntakeChange::Look => None,
                _ => match app.somebody(Role::Manager).await {
                    Some(who) => Some(who),
                    None => return,
                },
            };
            match http::post_as("/v1/intakes", token.as_deref(), who.as_ref(), &change).await {
                Reply::Ok(answer) => {
                    known.try_set(Some(answer));
                    adding.try_set(false);
                }
                Reply::Status(400 | 409, _) => app.say(m.web_shop_taken.to_owned(), true),
                _ if change == IntakeChange::Look => {}
                other => complain(app, &other),
            }
        });
    };
    Effect::new(move |_| ask(IntakeChange::Look));
    let origin = move || window().location().origin().unwrap_or_default();
    view! {
        <section class="panel" data-web-shops="">
            <h2>{m.web_shops}</h2>
            <p class="quiet">{m.web_shops_text}</p>
            {move || match known.get() {
                None => view! { <p class="quiet">{m.needs_network}</p> }.into_any(),
                Some(answer) => {
                    view! {
                        {answer.shops.is_empty().then(|| view! { <p class="quiet">{m.web_shops_none}</p> })}
                        {answer
                            .secret
                            .map(|secret| {
                                view! {
                                    <p class="code">
                                        <span>{fill(m.web_shop_made, &[&""])}</span>
                                        <strong class="code__long" data-secret=secret>
                                            {secret.clone()}
                                        </strong>
                                    </p>
                                }
                            })}
                        {answer
                            .shops
                            .into_iter()
                            .map(|s| {
                                let heard = s
                                    .heard_at
                                    .map_or(
                                        m.web_shop_never.to_owned(),
                                        |at| fill(m.web_shop_heard, &[&app.age(Timestamp(at))]),
                                    );
                                let dialect = Dialect::named(&s.kind).map_or("", |d| word(app, d));
                                let name = s.name.clone();
                                view! {
                                    <div class="row" data-shop=s.name>
                                        <span class="row__main">
                                            {s.name.clone()} " · " {dialect}
                                            <small>{format!("{}/v1/intake/{}", origin(), s.name)}</small>
                                            <small>{heard}</small>
                                        </span>
                                        <button
                                            class="button button--small"
                                            on:click=move |_| ask(IntakeChange::Remove {
                                                name: name.clone(),
                                            })
                                        >
                                            {m.remove}
                                        </button>
                                    </div>
                                }
                            })
                            .collect_view()}
                        <button class="button" data-add-shop="" on:click=move |_| adding.set(true)>
                            <Icon name="plus" />
                            <span>{m.web_shop_add}</span>
                        </button>
                    }
                        .into_any()
                }
            }}
            {move || {
                adding
                    .get()
                    .then(|| {
                        let name = RwSignal::new(String::new());
                        let secret = RwSignal::new(String::new());
                        let dialect = RwSignal::new(Dialect::Json);
                        let save = move || {
                            let secret = Some(secret.get_untracked().trim().to_owned()).filter(|s| !s.is_empty());
                            let name = name.get_untracked().trim().to_lowercase();
                            ask(IntakeChange::Set {
                                name,
                                kind: dialect.get_untracked().name().to_owned(),
                                secret,
                            });
                        };
                        view! {
                            <Dialog title=m.web_shop_add close=move || adding.set(false)>
                                <form
                                    class="form"
                                    on:submit=move |e| {
                                        e.prevent_default();
                                        save();
                                    }
                                >
                                    <Choice
                                        options=Dialect::ALL.iter().map(|d| (*d, word(app, *d).to_owned())).collect()
                                        value=dialect
                                        choose=move |d| dialect.set(d)
                                        label=m.kind_label
                                    />
                                    <TextField label=m.web_shop_name value=name />
                                    <TextField label=m.web_shop_secret value=secret />
                                    <Submit label=m.save />
                                </form>
                            </Dialog>
                        }
                    })
            }}
        </section>
    }
}
