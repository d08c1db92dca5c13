//! Reading everything anew, and taking this tablet out of use.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::actions::sign_out::SignOut as Why;
use crate::domain::decide::Command;
use crate::domain::stock::lease::Lease;
use crate::domain::value::id::Replica;
use crate::domain::value::quantity::Quantity;
use crate::i18n::fill;
use crate::platform::http::{self, Reply};
use crate::ui::components::Dialog;
use crate::ui::marker::Marker;
use crate::ui::state::{App, app};
use crate::ui::words::action_error;

fn said(app: App, why: Why) -> String {
    let m = app.words();
    match why {
        Why::Waits(count) => fill(m.sign_out_waits, &[&count]),
        Why::Refused => m.sign_out_refused.to_owned(),
        Why::Store(error) => action_error(app, &error.into()),
    }
}

/// What is set aside for this tablet goes back, so that others can sell it.
async fn give_back(app: App) {
    let own: Vec<Lease> = app.look(|l| {
        let me: Replica = l.identity.as_ref().map_or(0, |i| i.replica);
        let leases = l.book.leases.iter().filter(|((_, replica), left)| *replica == me && **left > Quantity::ZERO);
        leases
            .map(|((place, replica), _)| Lease {
                variant: place.0,
                location: place.1,
                replica: *replica,
                quantity: Quantity::ZERO,
            })
            .collect()
    });
    for lease in own {
        // What could not be given back is said there, and nothing is signed out then.
        let _ = app.act(Command::SetAside(lease), Vec::new()).await;
    }
}

#[component]
pub fn SignOut() -> impl IntoView {
    let app = app();
    let m = app.words();
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let go = move |_| {
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let desk = &app.inner().desk;
            give_back(app).await;
            let done = async {
                desk.may_sign_out().map_err(|why| said(app, why))?;
                let token = app.look(|l| l.identity.as_ref().map(|i| i.token.clone()));
                match http::post::<_, ()>("/v1/leave", token.as_deref(), &()).await {
                    // Shut out already is as good.
                    Reply::Ok(()) | Reply::Status(401, _) => {}
                    _ => return Err(m.needs_network.to_owned()),
                }
                desk.sign_out().await.map_err(|why| said(app, why))
            };
            match done.await {
                Ok(()) => {
                    Marker::forget();
                    let _ = window().location().set_href("/");
                }
                Err(text) => {
                    trouble.try_set(Some(text));
                    busy.try_set(false);
                }
            }
        });
    };
    let anew = move |_| {
        spawn_local(async move {
            let desk = &app.inner().desk;
            let waiting = desk.ledger().unsent.len();
            if waiting > 0 {
                app.say(said(app, Why::Waits(waiting)), true);
                return;
            }
            if app.sync.with_untracked(|s| s.link) != crate::sync::engine::Link::Connected {
                app.say(m.needs_network.to_owned(), true);
                return;
            }
            match desk.begin_anew().await {
                Ok(()) => {
                    app.all_changed();
                    app.wrote();
                    app.say(m.read_anew_done.to_owned(), false);
                }
                Err(error) => app.complain(&error.into()),
            }
        });
    };
    view! {
        <section class="panel">
            <h2>{m.sign_out}</h2>
            <p>{m.read_anew_text}</p>
            <button class="button" data-read-anew="" on:click=anew>
                {m.read_anew}
            </button>
            <p class="form__note">{m.sign_out_text}</p>
            <button
                class="button button--danger"
                data-sign-out=""
                on:click=move |_| {
                    trouble.set(None);
                    asking.set(true);
                }
            >
                {m.sign_out}
            </button>
        </section>
        {move || {
            asking
                .get()
                .then(|| {
                    view! {
                        <Dialog title=m.sign_out.to_owned() close=move || asking.set(false)>
                            <p>{m.sign_out_text}</p>
                            {move || {
                                trouble
                                    .get()
                                    .map(|t| {
                                        view! {
                                            <p class="trouble" role="alert">
                                                {t}
                                            </p>
                                        }
                                    })
                            }}
                            <div class="form__do">
                                <button
                                    class="button button--danger"
                                    data-sign-out-sure=""
                                    disabled=move || busy.get()
                                    on:click=go
                                >
                                    {m.sign_out_sure}
                                </button>
                            </div>
                        </Dialog>
                    }
                })
        }}
    }
}
