//! The recovery file: what has not been sent, sealed, for the day on which this tablet does not come back.

use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::actions::recovery::RecoveryError;
use crate::i18n::{Messages, fill};
use crate::platform::files;
use crate::ui::components::{Choice, Icon, TextField};
use crate::ui::recovery::{Plan, plan, save_plan};
use crate::ui::state::{App, app};
use crate::ui::words::action_error;

fn words(app: App, m: &'static Messages, error: &RecoveryError) -> String {
    match error {
        RecoveryError::NotOurs => m.recovery_not_ours.to_owned(),
        RecoveryError::Passphrase => m.recovery_wrong.to_owned(),
        RecoveryError::OtherStore => m.recovery_other_store.to_owned(),
        RecoveryError::TooShort => m.recovery_short.to_owned(),
        RecoveryError::Action(error) => action_error(app, error),
    }
}

#[component]
pub fn Recovery() -> impl IntoView {
    let app = app();
    let m = app.words();
    let known = plan();
    let passphrase = RwSignal::new(known.passphrase.clone());
    let hours = RwSignal::new(known.hours);
    let file = NodeRef::<Input>::new();
    let waits = Memo::new(move |_| app.sync.with(|s| s.waiting > 0));
    let save = move |_| match app.recovery_file(&passphrase.get_untracked()) {
        Ok(true) => app.say(m.recovery_saved.to_owned(), false),
        Ok(false) => app.say(m.nothing_waits.to_owned(), false),
        Err(error) => app.say(words(app, m, &error), true),
    };
    let keep = move |h: u32| {
        let chosen = Plan { hours: h, passphrase: if h > 0 { passphrase.get_untracked() } else { String::new() } };
        if h > 0 && chosen.passphrase.chars().count() < crate::actions::recovery::LEAST_PASSPHRASE {
            app.say(m.recovery_short.to_owned(), true);
            return;
        }
        hours.set(h);
        save_plan(&chosen);
    };
    let take = move |_| {
        let input = file.get_untracked();
        let Some(chosen) = input.as_ref().and_then(|i| i.files()).and_then(|f| f.get(0)) else { return };
        spawn_local(async move {
            let Some(bytes) = files::bytes(chosen).await else { return app.say(m.file_unreadable.to_owned(), true) };
            match app.inner().desk.take_recovery(&bytes, &passphrase.get_untracked()).await {
                Ok(count) => {
                    app.all_changed();
                    app.wrote();
                    app.say(fill(m.recovery_taken, &[&count]), false);
                }
                Err(error) => app.say(words(app, m, &error), true),
            }
            if let Some(input) = input {
                input.set_value("");
            }
        });
    };
    let often = vec![
        (0, m.recovery_by_hand.to_owned()),
        (1, fill(m.recovery_hours, &[&1])),
        (4, fill(m.recovery_hours, &[&4])),
        (24, fill(m.recovery_hours, &[&24])),
    ];
    view! {
        <section class="panel">
            <h2>{m.recovery}</h2>
            <div class="form">
                <p>{m.recovery_text}</p>
                <TextField label=m.recovery_passphrase value=passphrase kind="password" />
                <div>
                    <h3>{m.recovery_auto}</h3>
                    <Choice options=often value=hours choose=keep label=m.recovery_auto />
                </div>
                <div class="form__do">
                    <button
                        class="button button--primary"
                        data-recovery-save=""
                        disabled=move || !waits.get()
                        on:click=save
                    >
                        <Icon name="file" />
                        <span>{m.recovery_save}</span>
                    </button>
                    <label class="button">
                        <span>{m.recovery_take}</span>
                        <input
                            class="visually-hidden"
                            type="file"
                            accept=".age"
                            data-recovery-take=""
                            node_ref=file
                            on:change=take
                        />
                    </label>
                </div>
            </div>
        </section>
    }
}
