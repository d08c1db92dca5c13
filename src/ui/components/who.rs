//! Who is at the till, and who agrees: people to tap, and the PIN of whoever has one.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

use super::{Alert, Choice, Dialog};
use crate::domain::shop::staff::{Role, Staff};
use crate::domain::value::id::StaffId;
use crate::platform::http::Shown;
use crate::ui::lock::Tries;
use crate::ui::state::{Asked, app};

/// How long a word about wrong PINs stays. Units: ms.
const WAIT_MS: u32 = 30_000;

/// The question that is open, if there is one.
#[component]
pub fn Who() -> impl IntoView {
    let app = app();
    move || app.asked.get().map(|asked| view! { <Ask asked /> })
}

#[component]
fn Ask(asked: Asked) -> impl IntoView {
    let app = app();
    let m = app.words();
    let least = if let Asked::Consent(role) = asked { role } else { Role::Clerk };
    let consent = matches!(asked, Asked::Consent(_));
    let people: Vec<Staff> = app.look(|l| {
        let fits = |s: &Staff| s.active && s.role >= least && (!consent || s.pin.is_some());
        let mut people: Vec<Staff> = l.book.staff.iter().filter(|(_, s)| fits(s)).map(|(_, s)| s.clone()).collect();
        people.sort_by_key(|s| s.id);
        people
    });
    let here = app.staff();
    let first = people.iter().find(|s| s.id == here).or(people.first()).map(|s| s.id).unwrap_or_default();
    let who = RwSignal::new(first);
    let digits = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<&'static str>);
    let names: Vec<(StaffId, String)> = people.iter().map(|s| (s.id, s.name.clone())).collect();
    let people = StoredValue::new(people);
    let pin_of = move |id: StaffId| people.with_value(|p| p.iter().find(|s| s.id == id).and_then(|s| s.pin));
    let enter = move || {
        let id = who.get_untracked();
        let pin = pin_of(id);
        let tries = Tries::known();
        let now = app.now().0;
        if pin.is_some() && tries.blocked(now) {
            trouble.set(Some(m.pin_wait));
            return;
        }
        if pin.is_none_or(|pin| digits.with_untracked(|d| pin.fits(d.trim()))) {
            if pin.is_some() {
                Tries::right();
            }
            app.answer(Some(Shown { by: id, pin: digits.get_untracked().trim().to_owned() }));
            return;
        }
        digits.set(String::new());
        let blocked = tries.wrong(now).blocked(now);
        trouble.set(Some(if blocked { m.pin_wait } else { m.wrong_pin }));
        if blocked {
            let again = move || {
                trouble.try_set(None);
            };
            Timeout::new(WAIT_MS, again).forget();
        }
    };
    let close = move || {
        if asked != Asked::Locked {
            app.answer(None);
        }
    };
    view! {
        <Dialog
            title=Signal::derive(move || if consent { m.who_agrees } else { m.who_is_it }.to_owned())
            close=close
            fixed=asked == Asked::Locked
        >
            <form
                class="form"
                data-who=""
                on:submit=move |e| {
                    e.prevent_default();
                    enter();
                }
            >
                <Choice
                    options=names
                    value=who
                    choose=move |s| {
                        who.set(s);
                        digits.set(String::new());
                        trouble.set(None);
                    }
                    label=m.whose_turn
                />
                {move || {
                    pin_of(who.get())
                        .is_some()
                        .then(|| {
                            view! {
                                <label class="field">
                                    <span class="field__label">{m.pin}</span>
                                    <input
                                        class="input input--figure"
                                        type="password"
                                        inputmode="numeric"
                                        autocomplete="off"
                                        maxlength="8"
                                        autofocus=true
                                        prop:value=move || digits.get()
                                        on:input=move |e| digits.set(event_target_value(&e))
                                    />
                                </label>
                            }
                        })
                }}
                <Alert text=trouble />
                <div class="form__do">
                    <button class="button button--primary" type="submit">
                        {if consent { m.agree } else { m.enter }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
