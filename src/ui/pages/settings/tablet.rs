//! This tablet: language, light, who and where; its connection, its queue, its storage.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{Language, fill};
use crate::platform::storage::{self, Room};
use crate::sync::engine::Link;
use crate::ui::components::{Choice, Icon};
use crate::ui::lock;
use crate::ui::preferences::Light;
use crate::ui::state::{Asked, app};
use crate::ui::words::link_words;

/// How much history a tablet may keep. Units: months; 0 is everything.
const MONTHS: [u32; 3] = [3, 13, 0];

#[component]
pub fn Look() -> impl IntoView {
    let app = app();
    let m = app.words();
    let lights = vec![
        (Light::Day, m.light_day.to_owned()),
        (Light::Night, m.light_night.to_owned()),
        (Light::Market, m.light_market.to_owned()),
    ];
    let places = app.places();
    let location = Signal::derive(move || app.preferences.with(|p| p.location));
    let person = move || {
        app.settings.track();
        let id = app.preferences.with(|p| p.staff);
        app.look(|l| l.book.staff.get(&id).map(|p| (p.name.clone(), p.pin.is_some()))).unwrap_or_default()
    };
    view! {
        <section class="panel">
            <h2>{m.this_tablet}</h2>
            <h3>{m.language}</h3>
            <Choice
                options=Language::ALL.iter().map(|l| (*l, l.own_name().to_owned())).collect()
                value=Signal::derive(move || app.preferences.with(|p| p.language))
                choose=move |l| app.prefer(|p| p.language = l)
                label=m.language
            />
            <h3>{m.light}</h3>
            <Choice
                options=lights
                value=Signal::derive(move || app.preferences.with(|p| p.light))
                choose=move |l| app.prefer(|p| p.light = l)
                label=m.light
            />
            <h3>{m.sells_at}</h3>
            {move || {
                view! {
                    <Choice
                        options=places.get()
                        value=location
                        choose=move |l| app.prefer(|p| p.location = l)
                        label=m.sells_at
                    />
                }
            }}
            <h3>{m.whose_turn}</h3>
            <div class="chips">
                <button class="button" data-whose-turn="" on:click=move |_| app.asked.set(Some(Asked::Turn))>
                    <Icon name="person" />
                    <span>{move || person().0}</span>
                </button>
                {move || {
                    person()
                        .1
                        .then(|| {
                            view! {
                                <button class="button" on:click=move |_| app.lock()>
                                    {m.lock}
                                </button>
                            }
                        })
                }}
            </div>
            <h3>{m.lock_after}</h3>
            <Choice
                options=lock::CHOICES
                    .iter()
                    .map(|n| (*n, if *n == 0 { m.never.to_owned() } else { fill(m.minutes, &[n]) }))
                    .collect()
                value=Signal::derive(move || app.preferences.with(|p| p.lock_after_min))
                choose=move |n| app.prefer(|p| p.lock_after_min = n)
                label=m.lock_after
            />
        </section>
    }
}

#[component]
pub fn Tablet() -> impl IntoView {
    let app = app();
    let m = app.words();
    let room = RwSignal::new(None::<Room>);
    let measure = move || {
        spawn_local(async move {
            let found = storage::room().await;
            room.try_set(found);
        });
    };
    measure();
    let ask = move |_| {
        spawn_local(async move {
            let kept = storage::persist().await;
            app.say(if kept { m.storage_persistent } else { m.storage_not_persistent }.to_owned(), !kept);
            measure();
        });
    };
    let (prefix, replica) =
        app.look(|l| l.identity.as_ref().map(|i| (i.prefix.clone(), i.replica)).unwrap_or_default());
    let keep = move |months: u32| {
        app.prefer(|p| p.history_months = months);
        app.inner().no_room.set(false);
        app.inner().room_checked.set(false);
        app.fetch_parts(None);
    };
    let megabytes = |bytes: f64| format!("{:.1}", bytes / 1_000_000.0);
    view! {
        <section class="panel">
            <h2>{m.connection}</h2>
            <dl class="facts">
                <div>
                    <dt>{m.tablet_name}</dt>
                    <dd>{prefix} " · #" {replica}</dd>
                </div>
                <div>
                    <dt>{m.connection}</dt>
                    <dd>{move || link_words(m, app.sync.with(|s| s.link))}</dd>
                </div>
                <div>
                    <dt>{m.waiting_label}</dt>
                    <dd data-waiting-count=move || {
                        app.sync.with(|s| s.waiting).to_string()
                    }>
                        {move || {
                            let (n, oldest) = app.sync.with(|s| (s.waiting, s.oldest));
                            match oldest {
                                Some(at) if n > 0 => fill(m.waiting, &[&n, &app.age(at)]),
                                _ => m.nothing_waits.to_owned(),
                            }
                        }}
                    </dd>
                </div>
                <div>
                    <dt>{m.clock}</dt>
                    <dd>
                        {move || {
                            let seconds = app.sync.with(|s| s.clock_offset) / 1000;
                            if seconds.abs() < 5 { m.clock_right.to_owned() } else { fill(m.clock_off, &[&seconds]) }
                        }}
                    </dd>
                </div>
                <div>
                    <dt>{m.storage}</dt>
                    <dd>
                        {move || {
                            room
                                .get()
                                .map_or_else(
                                    || m.storage_unknown.to_owned(),
                                    |r| fill(m.storage_room, &[&megabytes(r.used), &megabytes(r.quota)]),
                                )
                        }}
                    </dd>
                </div>
                <div>
                    <dt>{m.storage_kept}</dt>
                    <dd>
                        {move || match room.get() {
                            Some(r) if r.persistent => m.storage_persistent,
                            _ => m.storage_not_persistent,
                        }}
                    </dd>
                </div>
            </dl>
            <h3>{m.history_kept}</h3>
            <Choice
                options=MONTHS
                    .iter()
                    .map(|n| (*n, if *n == 0 { m.everything.to_owned() } else { fill(m.months, &[n]) }))
                    .collect()
                value=Signal::derive(move || app.preferences.with(|p| p.history_months))
                choose=keep
                label=m.history_kept
            />
            <p class="quiet">{m.history_kept_text}</p>
            <div class="form__do">
                <button class="button" on:click=ask>
                    {m.ask_to_keep}
                </button>
                <button
                    class="button button--primary"
                    data-send-now=""
                    disabled=move || app.sync.with(|s| s.running)
                    on:click=move |_| app.wake()
                >
                    <Icon name="sync" />
                    <span>{m.send_now}</span>
                </button>
            </div>
            {move || {
                (app.sync.with(|s| s.link) == Link::NotEnrolled)
                    .then(|| {
                        view! {
                            <p class="trouble">
                                <span>{m.enrol_again_text}</span>
                                <button class="button" on:click=move |_| app.enrolled.set(false)>
                                    {m.enrol_go}
                                </button>
                            </p>
                        }
                    })
            }}
        </section>
    }
}
