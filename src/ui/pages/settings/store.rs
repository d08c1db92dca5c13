//! What the whole store goes by: its profile, tax rates, places and people.

use leptos::prelude::*;

use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::shop::location::{Location, LocationKind};
use crate::domain::shop::profile::{CashRounding, Profile as Kept, ScaleCodes};
use crate::domain::shop::staff::{Pin, Role, Staff};
use crate::domain::shop::tax::{RateChange, TaxRate};
use crate::domain::shop::tender::Tender;
use crate::domain::value::id::{LocationId, StaffId, TaxId};
use crate::domain::value::money::{Currency, Minor, parse_decimal, plain_decimal};
use crate::domain::value::named::{Named, named};
use crate::i18n::fill;
use crate::platform::intl;
use crate::ui::components::{
    Alert, AmountField, CheckField, Choice, Confirm, Dialog, Icon, SelectField, Submit, TextField,
};
use crate::ui::state::app;

fn text(signal: RwSignal<String>) -> String {
    signal.get_untracked().trim().to_owned()
}

/// Numbers with commas between them.
fn listed(numbers: &[u8]) -> String {
    numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

fn read_list(text: &str) -> Option<Vec<u8>> {
    text.split([',', '，', ' ', '、']).filter(|t| !t.is_empty()).map(|t| t.parse().ok()).collect()
}

/// A share as it is typed, `12.5` or `12.5%`. Units: basis points.
fn read_percent(text: &str) -> Option<u32> {
    parse_decimal(text.trim().trim_end_matches('%'), 2).and_then(|bp| u32::try_from(bp).ok())
}

fn percent(bp: u32) -> String {
    plain_decimal(i64::from(bp), 2)
}

#[component]
pub fn Profile() -> impl IntoView {
    let app = app();
    let m = app.words();
    // Drawn anew when the profile changes, and not with every other setting: somebody may be typing.
    let profile = Memo::new(move |_| {
        app.settings.track();
        app.look(|l| l.book.profile())
    });
    let asked = RwSignal::new(None::<(Kept, Kept)>);
    let put = move |before: Kept, profile: Kept| {
        app.save_setting(&Event::ProfileSet(before), Command::SaveProfile(profile), move |_| {
            app.say(m.saved.to_owned(), false);
        });
    };
    let form = move || {
        let p = profile.get();
        let kept = p.clone();
        let name = RwSignal::new(p.name);
        let address = RwSignal::new(p.address);
        let phone = RwSignal::new(p.phone);
        let tax_number = RwSignal::new(p.tax_number);
        let foot = RwSignal::new(p.slip_foot);
        let currency = RwSignal::new(p.currency.code().to_owned());
        let included = RwSignal::new(p.prices_include_tax);
        let clerks = RwSignal::new(p.clerk_discount_bp.map(percent).unwrap_or_default());
        let step = RwSignal::new(p.cash_rounding.map_or(0, |r| r.step.0).to_string());
        let down = RwSignal::new(p.cash_rounding.is_some_and(|r| r.down));
        let steps = [0, 5, 10, 50, 100]
            .map(|n| (n.to_string(), if n == 0 { m.not_rounded.to_owned() } else { p.currency.plain(Minor(n)) }));
        let code = |tender| RwSignal::new(kept.pay_codes.get(&tender).cloned().unwrap_or_default());
        let (wechat, alipay) = (code(Tender::WechatPay), code(Tender::Alipay));
        let mut rates: Vec<(String, String)> =
            app.look(|l| l.book.taxes.iter().map(|(id, t)| (id.to_string(), t.name.clone())).collect());
        rates.sort();
        rates.insert(0, (String::new(), m.no_tax.to_owned()));
        let carriage = RwSignal::new(p.shipping_tax.map(|id| id.to_string()).unwrap_or_default());
        let codes = p.scale.unwrap_or_default();
        let (by_price, by_weight) = (RwSignal::new(listed(&codes.price)), RwSignal::new(listed(&codes.weight)));
        let trouble = RwSignal::new(None::<&'static str>);
        let save = move || {
            let scale = by_price.with_untracked(|t| read_list(t)).zip(by_weight.with_untracked(|t| read_list(t)));
            let Some(scale) = scale.map(|(price, weight)| ScaleCodes { price, weight }).filter(ScaleCodes::are_right)
            else {
                trouble.set(Some(m.scale_bad));
                return;
            };
            let Some(currency) =
                currency.with_untracked(|c| c.trim().parse::<Currency>().ok()).filter(|c| intl::is_currency(*c))
            else {
                trouble.set(Some(m.bad_currency));
                return;
            };
            let clerk_discount_bp = clerks.with_untracked(|t| (!t.trim().is_empty()).then(|| read_percent(t)));
            if clerk_discount_bp.is_some_and(|bp| bp.is_none_or(|bp| bp > 10_000)) {
                trouble.set(Some(m.bad_discount));
                return;
            }
            trouble.set(None);
            let profile = Kept {
                name: text(name),
                address: text(address),
                phone: text(phone),
                tax_number: text(tax_number),
                slip_foot: text(foot),
                currency,
                prices_include_tax: included.get_untracked(),
                cash_rounding: match step.with_untracked(|s| s.parse().unwrap_or(0)) {
                    0 => None,
                    step => Some(CashRounding { step: Minor(step), down: down.get_untracked() }),
                },
                pay_codes: [(Tender::WechatPay, text(wechat)), (Tender::Alipay, text(alipay))]
                    .into_iter()
                    .filter(|(_, t)| !t.is_empty())
                    .collect(),
                shipping_tax: carriage.with_untracked(|id| id.parse().ok()),
                scale: (scale != ScaleCodes::default()).then_some(scale),
                clerk_discount_bp: clerk_discount_bp.flatten(),
                ..kept.clone()
            };
            // Prices are numbers beside it: they stay as they are and mean something else.
            if currency != kept.currency && app.look(|l| !l.book.products.is_empty() || !l.columns.is_empty()) {
                return asked.set(Some((kept.clone(), profile)));
            }
            put(kept.clone(), profile);
        };
        view! {
            <section class="panel" data-store-profile="">
                <h2>{m.store_profile}</h2>
                <form
                    class="form"
                    on:submit=move |e| {
                        e.prevent_default();
                        save();
                    }
                >
                    <TextField label=m.store_name value=name />
                    <TextField label=m.address value=address />
                    <div class="form__pair">
                        <TextField label=m.phone value=phone kind="tel" />
                        <TextField label=m.tax_number value=tax_number />
                    </div>
                    <TextField label=m.slip_foot value=foot />
                    <div class="form__pair">
                        <TextField label=m.currency value=currency />
                        <CheckField label=m.prices_include_tax value=included />
                    </div>
                    <div class="form__pair">
                        <SelectField label=m.cash_rounding options=steps.to_vec() value=step />
                        <CheckField label=m.round_down value=down />
                    </div>
                    <div class="form__pair">
                        <TextField label=fill(m.pay_code, &[&m.tender(Tender::WechatPay)]) value=wechat />
                        <TextField label=fill(m.pay_code, &[&m.tender(Tender::Alipay)]) value=alipay />
                    </div>
                    <p class="form__note">{m.pay_code_help}</p>
                    <SelectField label=m.shipping_tax options=rates value=carriage />
                    <div class="form__pair">
                        <TextField label=m.scale_price value=by_price />
                        <TextField label=m.scale_weight value=by_weight />
                    </div>
                    <p class="form__note">{m.scale_text}</p>
                    <AmountField label=m.clerk_discount value=clerks placeholder=m.clerk_discount_any />
                    <p class="form__note">{m.clerk_discount_text}</p>
                    <Alert text=trouble />
                    <Submit label=m.save />
                </form>
            </section>
        }
    };
    view! {
        {form}
        {move || {
            asked
                .get()
                .map(|(before, profile)| {
                    let text = fill(m.currency_changes, &[&before.currency, &profile.currency]);
                    view! {
                        <Confirm
                            title=m.currency
                            text
                            yes=m.save
                            close=move || asked.set(None)
                            act=move || put(before.clone(), profile.clone())
                        />
                    }
                })
        }}
    }
}

#[component]
pub fn Taxes() -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing = RwSignal::new(None::<TaxRate>);
    let rates = move || {
        app.settings.track();
        let mut all: Vec<TaxRate> = app.look(|l| l.book.taxes.iter().map(|(_, t)| t.clone()).collect());
        all.sort_by_key(|t| t.id);
        all
    };
    let usual = move || app.look(|l| l.book.profile.get(&()).and_then(|p| p.usual_tax));
    let set_usual = move |id: TaxId| {
        let profile = crate::domain::shop::profile::Profile { usual_tax: Some(id), ..app.look(|l| l.book.profile()) };
        app.dispatch(Command::SaveProfile(profile), |_| {});
    };
    view! {
        <section class="panel">
            <h2>{m.taxes}</h2>
            {move || {
                let all = rates();
                if all.is_empty() {
                    return view! { <p class="quiet">{m.no_taxes}</p> }.into_any();
                }
                all.into_iter()
                    .map(|t| {
                        let (id, edited) = (t.id, t.clone());
                        let is_usual = usual() == Some(id);
                        view! {
                            <div class="row">
                                <span class="row__main">{t.name.clone()}</span>
                                <span>
                                    {app.percent(t.at(app.now()))}
                                    {t
                                        .changes
                                        .iter()
                                        .filter(|c| c.from > app.now())
                                        .map(|c| {
                                            view! { <small>{app.percent(c.rate_bp)} " · " {app.day(c.from)}</small> }
                                        })
                                        .collect_view()}
                                </span>
                                {if is_usual {
                                    view! { <span class="badge">{m.usual}</span> }.into_any()
                                } else {
                                    view! {
                                        <button class="button button--small" on:click=move |_| set_usual(id)>
                                            {m.make_usual}
                                        </button>
                                    }
                                        .into_any()
                                }}
                                <button
                                    class="button button--small"
                                    on:click=move |_| editing.set(Some(edited.clone()))
                                >
                                    {m.edit}
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
                    .into_any()
            }}
            <button
                class="button"
                on:click=move |_| {
                    editing
                        .set(
                            Some(TaxRate {
                                id: TaxId::default(),
                                name: String::new(),
                                rate_bp: 0,
                                active: true,
                                changes: Vec::new(),
                            }),
                        );
                }
            >
                <Icon name="plus" />
                <span>{m.add_tax}</span>
            </button>
            {move || {
                editing
                    .get()
                    .map(|t| {
                        let name = RwSignal::new(t.name.clone());
                        let rate = RwSignal::new(percent(t.rate_bp));
                        let typed = |from: String, bp: u32| (RwSignal::new(from), RwSignal::new(percent(bp)));
                        let changes = RwSignal::new(
                            t
                                .changes
                                .iter()
                                .map(|c| typed(app.local(c.from).chars().take(10).collect(), c.rate_bp))
                                .collect::<Vec<_>>(),
                        );
                        let owner = StoredValue::new(Owner::current().unwrap_or_default());
                        let later = move |_| {
                            let fresh = owner.get_value().with(|| typed(String::new(), 0));
                            changes.update(|all| all.push(fresh));
                        };
                        let trouble = RwSignal::new(None::<&'static str>);
                        let save = move || {
                            let read = |text: RwSignal<String>| text.with_untracked(|t| read_percent(t));
                            let all: Option<Vec<RateChange>> = changes
                                .get_untracked()
                                .into_iter()
                                .map(|(from, bp)| {
                                    let from = from.with_untracked(|f| app.read_local(&format!("{}T00:00", f.trim())))?;
                                    Some(RateChange {
                                        from,
                                        rate_bp: read(bp)?,
                                    })
                                })
                                .collect();
                            let Some(mut changes) = all else {
                                trouble.set(Some(m.bad_amount));
                                return;
                            };
                            changes.sort_by_key(|c| c.from);
                            let Some(rate_bp) = read(rate) else {
                                trouble.set(Some(m.bad_amount));
                                return;
                            };
                            app.save_setting(
                                &Event::TaxRateSet(t.clone()),
                                Command::SaveTaxRate(TaxRate {
                                    id: t.id,
                                    name: text(name),
                                    rate_bp,
                                    active: true,
                                    changes,
                                }),
                                move |_| editing.set(None),
                            );
                        };
                        view! {
                            <Dialog title=m.tax close=move || editing.set(None)>
                                <form
                                    class="form"
                                    on:submit=move |e| {
                                        e.prevent_default();
                                        save();
                                    }
                                >
                                    <TextField label=m.name value=name />
                                    <AmountField label=m.rate_percent value=rate />
                                    {move || {
                                        changes
                                            .get()
                                            .into_iter()
                                            .enumerate()
                                            .map(|(at, (from, bp))| {
                                                view! {
                                                    <div class="price-line">
                                                        <TextField label=m.rate_from value=from kind="date" />
                                                        <AmountField label=m.rate_percent value=bp />
                                                        <button
                                                            type="button"
                                                            class="button button--bare"
                                                            aria-label=m.remove
                                                            on:click=move |_| {
                                                                changes
                                                                    .update(|all| {
                                                                        all.remove(at);
                                                                    });
                                                            }
                                                        >
                                                            <Icon name="close" />
                                                        </button>
                                                    </div>
                                                }
                                            })
                                            .collect_view()
                                    }}
                                    <button type="button" class="button button--small" on:click=later>
                                        <Icon name="plus" />
                                        <span>{m.add_rate_change}</span>
                                    </button>
                                    <Alert text=trouble />
                                    <Submit label=m.save />
                                </form>
                            </Dialog>
                        }
                    })
            }}
        </section>
    }
}

#[component]
pub fn Locations() -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing = RwSignal::new(None::<Location>);
    let places = move || {
        app.settings.track();
        let mut all: Vec<Location> = app.look(|l| l.book.locations.iter().map(|(_, p)| p.clone()).collect());
        all.sort_by_key(|p| p.id);
        all
    };
    view! {
        <section class="panel">
            <h2>{m.locations}</h2>
            {move || {
                places()
                    .into_iter()
                    .map(|p| {
                        let edited = p.clone();
                        view! {
                            <div class="row" data-off=(!p.active).then_some("")>
                                <span class="row__main">{p.name.clone()}</span>
                                <span class="badge">{m.location_kind(p.kind)}</span>
                                <button
                                    class="button button--small"
                                    on:click=move |_| editing.set(Some(edited.clone()))
                                >
                                    {m.edit}
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <button
                class="button"
                on:click=move |_| {
                    editing
                        .set(
                            Some(Location {
                                id: LocationId::default(),
                                name: String::new(),
                                kind: LocationKind::Stall,
                                active: true,
                            }),
                        );
                }
            >
                <Icon name="plus" />
                <span>{m.add_location}</span>
            </button>
            {move || {
                editing
                    .get()
                    .map(|p| {
                        let name = RwSignal::new(p.name.clone());
                        let kind = RwSignal::new(p.kind);
                        let active = RwSignal::new(p.active);
                        let save = move || {
                            let place = Location {
                                id: p.id,
                                name: text(name),
                                kind: kind.get_untracked(),
                                active: active.get_untracked(),
                            };
                            app.save_setting(
                                &Event::LocationSet(p.clone()),
                                Command::SaveLocation(place),
                                move |_| editing.set(None),
                            );
                        };
                        view! {
                            <Dialog title=m.location close=move || editing.set(None)>
                                <form
                                    class="form"
                                    on:submit=move |e| {
                                        e.prevent_default();
                                        save();
                                    }
                                >
                                    <TextField label=m.name value=name />
                                    <Choice
                                        options=LocationKind::ALL
                                            .iter()
                                            .map(|k| (*k, m.location_kind(*k).to_owned()))
                                            .collect()
                                        value=kind
                                        choose=move |k| kind.set(k)
                                        label=m.location
                                    />
                                    <CheckField label=m.in_use value=active />
                                    <Submit label=m.save />
                                </form>
                            </Dialog>
                        }
                    })
            }}
        </section>
    }
}

#[component]
pub fn People() -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing = RwSignal::new(None::<Staff>);
    let people = move || {
        app.settings.track();
        let mut all: Vec<Staff> = app.look(|l| l.book.staff.iter().map(|(_, p)| p.clone()).collect());
        all.sort_by_key(|p| p.id);
        all
    };
    view! {
        <section class="panel">
            <h2>{m.staff}</h2>
            {move || {
                people()
                    .into_iter()
                    .map(|p| {
                        let edited = p.clone();
                        view! {
                            <div class="row" data-off=(!p.active).then_some("")>
                                <span class="row__main">{p.name.clone()}</span>
                                <span class="badge">{m.role(p.role)}</span>
                                <button
                                    class="button button--small"
                                    on:click=move |_| editing.set(Some(edited.clone()))
                                >
                                    {m.edit}
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <button
                class="button"
                data-add-staff=""
                on:click=move |_| {
                    editing
                        .set(
                            Some(Staff {
                                id: StaffId::default(),
                                name: String::new(),
                                role: Role::Clerk,
                                active: true,
                                pin: None,
                            }),
                        );
                }
            >
                <Icon name="plus" />
                <span>{m.add_staff}</span>
            </button>
            {move || {
                editing
                    .get()
                    .map(|p| {
                        let name = RwSignal::new(p.name.clone());
                        let role = RwSignal::new(p.role.name().to_owned());
                        let active = RwSignal::new(p.active);
                        let pin = RwSignal::new(String::new());
                        let without = RwSignal::new(p.pin.is_none());
                        let had_pin = p.pin.is_some();
                        let roles = Role::ALL.iter().map(|r| (r.name().to_owned(), m.role(*r).to_owned())).collect();
                        let save = move || {
                            let role = role
                                .with_untracked(|r| named(Role::ALL, r))
                                .unwrap_or_default();
                            let typed = pin.with_untracked(|t| t.trim().to_owned());
                            let pin = match (typed.is_empty(), without.get_untracked()) {
                                (true, true) => Ok(None),
                                (true, false) => Ok(p.pin),
                                (false, _) => Pin::new(&typed, app.salt()).map(Some),
                            };
                            let pin = match pin {
                                Ok(pin) => pin,
                                Err(reason) => {
                                    app.complain(&reason.into());
                                    return;
                                }
                            };
                            let person = Staff {
                                id: p.id,
                                name: text(name),
                                role,
                                active: active.get_untracked(),
                                pin,
                            };
                            app.save_setting(
                                &Event::StaffSet(p.clone()),
                                Command::SaveStaff(person),
                                move |_| editing.set(None),
                            );
                        };
                        view! {
                            <Dialog title=m.staff close=move || editing.set(None)>
                                <form
                                    class="form"
                                    on:submit=move |e| {
                                        e.prevent_default();
                                        save();
                                    }
                                >
                                    <TextField label=m.name value=name />
                                    <SelectField label=m.role_label options=roles value=role />
                                    <CheckField label=m.works_here value=active />
                                    <TextField label=m.new_pin value=pin kind="password" />
                                    {had_pin.then(|| view! { <CheckField label=m.no_pin value=without /> })}
                                    <Submit label=m.save />
                                </form>
                            </Dialog>
                        }
                    })
            }}
        </section>
    }
}
