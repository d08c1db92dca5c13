//! Price lists and promotions: for whom, when, on what, and what they give.

use leptos::prelude::*;

use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::goods::price::{Audience, Discount, Gift, ListPrice, PriceList, Promotion, Scope, Tag};
use crate::domain::shop::channel::Channel;
use crate::domain::value::id::{Id, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::i18n::{Messages, fill};
use crate::ui::components::{Alert, AmountField, CheckField, Choice, Dialog, Icon, QuantityField, Submit, TextField};
use crate::ui::pages::take_order::{discount_text, read_discount};
use crate::ui::state::{App, app};

/// The most products, and the most categories, that are offered to be chosen.
const MOST_FOUND: usize = 6;

#[component]
pub fn Prices() -> impl IntoView {
    let app = app();
    let m = app.words();
    let list = RwSignal::new(None::<PriceList>);
    let promotion = RwSignal::new(None::<Promotion>);
    let lists = move || {
        app.settings.track();
        let mut all: Vec<PriceList> = app.look(|l| l.book.price_lists.iter().map(|(_, p)| p.clone()).collect());
        all.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        all
    };
    let promotions = move || {
        app.settings.track();
        let mut all: Vec<Promotion> = app.look(|l| l.book.promotions.iter().map(|(_, p)| p.clone()).collect());
        all.sort_by_key(|p| (p.rank, p.id));
        all
    };
    let new_list = move |_| {
        list.set(Some(PriceList {
            id: Id::default(),
            name: String::new(),
            on: true,
            audience: Audience::default(),
            prices: Vec::new(),
        }));
    };
    let new_promotion = move |_| {
        let rank = promotions().iter().map(|p| p.rank).max().unwrap_or_default().saturating_add(1);
        promotion.set(Some(Promotion {
            id: Id::default(),
            name: String::new(),
            on: true,
            rank,
            alone: false,
            audience: Audience::default(),
            scopes: Vec::new(),
            gives: Gift::Percent(1_000),
        }));
    };
    view! {
        <section class="panel">
            <h2>{m.price_lists}</h2>
            <p class="quiet">{m.price_lists_text}</p>
            {move || {
                lists()
                    .into_iter()
                    .map(|p| {
                        let edited = p.clone();
                        view! {
                            <div class="row" data-price-list=p.name.clone() data-off=(!p.on).then_some("")>
                                <span class="row__main">
                                    {p.name.clone()}
                                    <small>
                                        {said_of(app, &p.audience)} " · " {fill(m.prices_count, &[&p.prices.len()])}
                                    </small>
                                </span>
                                {(!p.on).then(|| view! { <span class="badge">{m.rule_off}</span> })}
                                <button class="button button--small" on:click=move |_| list.set(Some(edited.clone()))>
                                    {m.edit}
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <button class="button" data-add-list="" on:click=new_list>
                <Icon name="plus" />
                <span>{m.add_price_list}</span>
            </button>
        </section>
        <section class="panel">
            <h2>{m.promotions}</h2>
            <p class="quiet">{m.promotions_text}</p>
            {move || {
                promotions()
                    .into_iter()
                    .map(|p| {
                        let edited = p.clone();
                        view! {
                            <div class="row" data-promotion=p.name.clone() data-off=(!p.on).then_some("")>
                                <span class="row__main">
                                    {p.name.clone()}
                                    <small>
                                        {gift_said(app, p.gives)} " · " {goods_said(app, &p.scopes)} " · "
                                        {said_of(app, &p.audience)}
                                    </small>
                                </span>
                                {p.alone.then(|| view! { <span class="badge">{m.promotion_alone}</span> })}
                                {(!p.on).then(|| view! { <span class="badge">{m.rule_off}</span> })}
                                <button
                                    class="button button--small"
                                    on:click=move |_| promotion.set(Some(edited.clone()))
                                >
                                    {m.edit}
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <button class="button" data-add-promotion="" on:click=new_promotion>
                <Icon name="plus" />
                <span>{m.add_promotion}</span>
            </button>
            {move || list.get().map(|p| view! { <ListSheet list=p editing=list /> })}
            {move || promotion.get().map(|p| view! { <PromotionSheet promotion=p editing=promotion /> })}
        </section>
    }
}

// --- in words
// -----------------------------------------------------------------------------------------------------------

fn said_of(app: App, audience: &Audience) -> String {
    let m = app.words();
    let mut said: Vec<String> = audience.groups.clone();
    said.extend(audience.channels.iter().map(|c| m.channel(*c).to_owned()));
    if said.is_empty() {
        said.push(m.for_everybody.to_owned());
    }
    match (audience.from, audience.until) {
        (None, None) => {}
        (from, until) => said.push(format!(
            "{} – {}",
            from.map(|t| app.local(t).replace('T', " ")).unwrap_or_default(),
            until.map(|t| app.local(t).replace('T', " ")).unwrap_or_default()
        )),
    }
    said.join(" · ")
}

fn goods_said(app: App, scopes: &[Scope]) -> String {
    if scopes.is_empty() {
        return app.words().all_goods.to_owned();
    }
    scopes.iter().map(|s| scope_said(app, s)).collect::<Vec<_>>().join(", ")
}

fn scope_said(app: App, scope: &Scope) -> String {
    match scope {
        Scope::All => app.words().all_goods.to_owned(),
        Scope::Category(name) => fill(app.words().category_of, &[name]),
        Scope::Variant(variant) => app.line_name(*variant),
    }
}

fn gift_said(app: App, gift: Gift) -> String {
    let m = app.words();
    let percent = |bp| discount_text(app.currency(), Discount::Percent(bp));
    match gift {
        Gift::Percent(bp) => fill(m.gift_percent_said, &[&percent(bp)]),
        Gift::Amount(amount) => fill(m.gift_amount_said, &[&app.price(amount)]),
        Gift::BuyGet { buy, get, off_bp } => fill(m.gift_buy_get_said, &[&buy, &get, &percent(off_bp)]),
        Gift::Together { from, off } => {
            fill(m.gift_together_said, &[&app.price(from), &discount_text(app.currency(), off)])
        }
    }
}

// --- for whom and when
// ----------------------------------------------------------------------------------------------------

/// An audience as it is being typed.
#[derive(Clone, Copy)]
struct Whom {
    channels: RwSignal<Vec<Channel>>,
    groups: RwSignal<String>,
    from: RwSignal<String>,
    until: RwSignal<String>,
}

impl Whom {
    fn of(app: App, audience: &Audience) -> Self {
        Self {
            channels: RwSignal::new(audience.channels.clone()),
            groups: RwSignal::new(audience.groups.join(", ")),
            from: RwSignal::new(audience.from.map(|t| app.local(t)).unwrap_or_default()),
            until: RwSignal::new(audience.until.map(|t| app.local(t)).unwrap_or_default()),
        }
    }

    fn read(self, app: App) -> Audience {
        let groups = self.groups.get_untracked();
        Audience {
            channels: self.channels.get_untracked(),
            groups: groups.split([',', '，', '、']).map(|g| g.trim().to_owned()).filter(|g| !g.is_empty()).collect(),
            from: self.from.with_untracked(|t| app.read_local(t)),
            until: self.until.with_untracked(|t| app.read_local(t)),
        }
    }
}

/// Groups that customers are of.
pub fn known_groups(app: App) -> Vec<String> {
    app.look(|l| {
        let mut all: Vec<String> =
            l.book.accounts.iter().map(|(_, a)| a.group.clone()).filter(|g| !g.is_empty()).collect();
        all.extend(l.book.price_lists.iter().flat_map(|(_, p)| p.audience.groups.clone()));
        all.sort();
        all.dedup();
        all
    })
}

#[component]
fn WhomFields(whom: Whom) -> impl IntoView {
    let app = app();
    let m = app.words();
    let has = move |channel| whom.channels.with(|all| all.contains(&channel));
    let flip = move |channel| {
        whom.channels.update(|all| match all.iter().position(|c| *c == channel) {
            Some(at) => {
                all.remove(at);
            }
            None => all.push(channel),
        });
    };
    let add_group = move |group: String| {
        whom.groups.update(|text| {
            if !text.split([',', '，', '、']).any(|g| g.trim() == group) {
                *text = if text.trim().is_empty() { group } else { format!("{text}, {group}") };
            }
        });
    };
    view! {
        <h3>{m.for_whom}</h3>
        <div class="chips" role="group" aria-label=m.channel_label>
            {Channel::ALL
                .into_iter()
                .map(|c| {
                    view! {
                        <button
                            type="button"
                            class="chip"
                            aria-pressed=move || has(c).to_string()
                            on:click=move |_| flip(c)
                        >
                            {m.channel(c)}
                        </button>
                    }
                })
                .collect_view()}
        </div>
        <TextField label=m.customer_groups value=whom.groups placeholder=m.for_everybody />
        <div class="chips">
            {known_groups(app)
                .into_iter()
                .map(|g| {
                    let added = g.clone();
                    view! {
                        <button type="button" class="chip" on:click=move |_| add_group(added.clone())>
                            {g}
                        </button>
                    }
                })
                .collect_view()}
        </div>
        <div class="form__pair">
            <TextField label=m.valid_from value=whom.from kind="datetime-local" />
            <TextField label=m.valid_until value=whom.until kind="datetime-local" />
        </div>
    }
}

/// Chooses goods: all, a category, or one thing.
#[component]
fn GoodsPicker(choose: impl Fn(Scope) + Copy + Send + Sync + 'static, #[prop(optional)] all: bool) -> impl IntoView {
    let app = app();
    let m = app.words();
    let query = RwSignal::new(String::new());
    let categories = app.look(|l| {
        let mut all: Vec<String> =
            l.book.products.iter().map(|(_, p)| p.category.clone()).filter(|c| !c.is_empty()).collect();
        all.sort();
        all.dedup();
        all
    });
    let found = Memo::new(move |_| {
        if query.with(|q| q.trim().is_empty()) {
            Vec::new()
        } else {
            app.find(&query.read()).into_iter().take(MOST_FOUND).collect::<Vec<VariantId>>()
        }
    });
    let matching = move || {
        let wanted = query.get().trim().to_lowercase();
        categories.iter().filter(|c| c.to_lowercase().contains(&wanted)).take(MOST_FOUND).cloned().collect::<Vec<_>>()
    };
    let take = move |scope| {
        choose(scope);
        query.set(String::new());
    };
    view! {
        <TextField label=m.add_goods value=query placeholder=m.search_products />
        <div class="chips">
            {all
                .then(|| {
                    view! {
                        <button type="button" class="chip" data-scope="all" on:click=move |_| take(Scope::All)>
                            {m.all_goods}
                        </button>
                    }
                })}
            {move || {
                matching()
                    .into_iter()
                    .map(|c| {
                        let name = c.clone();
                        view! {
                            <button type="button" class="chip" on:click=move |_| take(Scope::Category(name.clone()))>
                                {fill(m.category_of, &[&c])}
                            </button>
                        }
                    })
                    .collect_view()
            }}
        </div>
        {move || {
            found
                .get()
                .into_iter()
                .map(|v| {
                    view! {
                        <button type="button" class="row row--button" on:click=move |_| take(Scope::Variant(v))>
                            <Icon name="plus" />
                            <span class="row__main">{app.line_name(v)}</span>
                        </button>
                    }
                })
                .collect_view()
        }}
    }
}

// --- price lists
// ----------------------------------------------------------------------------------------------------------

/// A line of a list as it is being typed.
#[derive(Clone)]
struct Row {
    scope: Scope,
    least: RwSignal<String>,
    price: RwSignal<String>,
}

fn tag_text(app: App, tag: Tag) -> String {
    match tag {
        Tag::Amount(amount) => app.currency().plain(amount),
        Tag::Less(bp) => discount_text(app.currency(), Discount::Percent(bp)),
    }
}

fn read_tag(app: App, text: &str) -> Option<Tag> {
    if text.trim().is_empty() {
        return None;
    }
    Some(match read_discount(app.currency(), text)? {
        Discount::Amount(amount) => Tag::Amount(amount),
        Discount::Percent(bp) => Tag::Less(bp),
    })
}

#[component]
fn ListSheet(list: PriceList, editing: RwSignal<Option<PriceList>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = list.id;
    let seen = StoredValue::new(Event::PriceListSet(list.clone()));
    let name = RwSignal::new(list.name.clone());
    let on = RwSignal::new(list.on);
    let whom = Whom::of(app, &list.audience);
    let row = move |p: &ListPrice| {
        let least = if p.least == Quantity::ZERO { String::new() } else { p.least.plain() };
        Row { scope: p.scope.clone(), least: RwSignal::new(least), price: RwSignal::new(tag_text(app, p.price)) }
    };
    let rows = RwSignal::new(list.prices.iter().map(row).collect::<Vec<_>>());
    let trouble = RwSignal::new(None::<&'static str>);
    // A handler's signals belong to whatever drew the button; these have to outlive the list of what was found.
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let add = move |scope: Scope| {
        let fresh = owner.get_value().with(|| Row {
            scope,
            least: RwSignal::new(String::new()),
            price: RwSignal::new(String::new()),
        });
        rows.update(|all| all.push(fresh));
    };
    let save = move || {
        let mut prices = Vec::new();
        for row in rows.get_untracked() {
            let least = row
                .least
                .with_untracked(|t| if t.trim().is_empty() { Some(Quantity::ZERO) } else { Quantity::parse(t) });
            let (Some(least), Some(price)) = (least, row.price.with_untracked(|t| read_tag(app, t))) else {
                trouble.set(Some(m.bad_list_price));
                return;
            };
            prices.push(ListPrice { scope: row.scope, least, price });
        }
        let list = PriceList {
            id,
            name: name.get_untracked().trim().to_owned(),
            on: on.get_untracked(),
            audience: whom.read(app),
            prices,
        };
        app.save_setting(&seen.get_value(), Command::SavePriceList(list), move |_| editing.set(None));
    };
    view! {
        <Dialog title=m.price_list wide=true close=move || editing.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <div class="form__pair">
                    <TextField label=m.name value=name />
                    <CheckField label=m.rule_on value=on />
                </div>
                <h3>{m.prices}</h3>
                <p class="form__note">{m.list_price_text}</p>
                {move || {
                    rows
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(at, row)| {
                            view! {
                                <div class="price-line">
                                    <span>{scope_said(app, &row.scope)}</span>
                                    <AmountField label=m.from_quantity value=row.least placeholder="1" />
                                    <AmountField label=m.list_price value=row.price placeholder=m.list_price_example />
                                    <button
                                        type="button"
                                        class="button button--bare"
                                        aria-label=m.remove
                                        on:click=move |_| {
                                            rows
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
                <GoodsPicker choose=add all=true />
                <WhomFields whom />
                <Alert text=trouble />
                <Submit label=m.save />
            </form>
        </Dialog>
    }
}

// --- promotions
// -----------------------------------------------------------------------------------------------------------

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Percent,
    Amount,
    BuyGet,
    Together,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Percent, Self::Amount, Self::BuyGet, Self::Together];

    fn of(gift: Gift) -> Self {
        match gift {
            Gift::Percent(_) => Self::Percent,
            Gift::Amount(_) => Self::Amount,
            Gift::BuyGet { .. } => Self::BuyGet,
            Gift::Together { .. } => Self::Together,
        }
    }

    fn word(self, m: &Messages) -> &'static str {
        match self {
            Self::Percent => m.gift_percent,
            Self::Amount => m.gift_amount,
            Self::BuyGet => m.gift_buy_get,
            Self::Together => m.gift_together,
        }
    }
}

#[component]
fn PromotionSheet(promotion: Promotion, editing: RwSignal<Option<Promotion>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = promotion.id;
    let seen = StoredValue::new(Event::PromotionSet(promotion.clone()));
    let currency = app.currency();
    let name = RwSignal::new(promotion.name.clone());
    let on = RwSignal::new(promotion.on);
    let alone = RwSignal::new(promotion.alone);
    let rank = RwSignal::new(promotion.rank.to_string());
    let whom = Whom::of(app, &promotion.audience);
    let scopes = RwSignal::new(promotion.scopes.clone());
    let kind = RwSignal::new(Kind::of(promotion.gives));
    // What is typed for each kind.
    let (share, amount, buy, get, from) = match promotion.gives {
        Gift::Percent(bp) => (discount_text(currency, Discount::Percent(bp)), String::new(), 2, 1, Minor::ZERO),
        Gift::Amount(off) => ("10%".into(), currency.plain(off), 2, 1, Minor::ZERO),
        Gift::BuyGet { buy, get, off_bp } => {
            (discount_text(currency, Discount::Percent(off_bp)), String::new(), buy, get, Minor::ZERO)
        }
        Gift::Together { from, off } => (discount_text(currency, off), String::new(), 2, 1, from),
    };
    let share = RwSignal::new(share);
    let amount = RwSignal::new(amount);
    let (buy, get) = (RwSignal::new(buy.to_string()), RwSignal::new(get.to_string()));
    let from = RwSignal::new(currency.plain(from));
    let trouble = RwSignal::new(None::<&'static str>);
    let read = move || -> Result<Gift, &'static str> {
        let whole =
            |text: RwSignal<String>| text.with_untracked(|t| t.trim().parse::<u32>().map_err(|_| m.bad_quantity));
        let discount = || share.with_untracked(|t| read_discount(currency, t)).ok_or(m.bad_discount);
        let percent = || match discount()? {
            Discount::Percent(bp) => Ok(bp),
            Discount::Amount(_) => Err(m.bad_discount),
        };
        let money = |text: RwSignal<String>| text.with_untracked(|t| currency.parse(t)).map_err(|_| m.bad_amount);
        Ok(match kind.get_untracked() {
            Kind::Percent => Gift::Percent(percent()?),
            Kind::Amount => Gift::Amount(money(amount)?),
            Kind::BuyGet => Gift::BuyGet { buy: whole(buy)?, get: whole(get)?, off_bp: percent()? },
            Kind::Together => Gift::Together { from: money(from)?, off: discount()? },
        })
    };
    let save = move || {
        let gives = match read() {
            Ok(gives) => gives,
            Err(text) => return trouble.set(Some(text)),
        };
        let Ok(rank) = rank.with_untracked(|r| r.trim().parse()) else { return trouble.set(Some(m.bad_quantity)) };
        let promotion = Promotion {
            id,
            name: name.get_untracked().trim().to_owned(),
            on: on.get_untracked(),
            rank,
            alone: alone.get_untracked(),
            audience: whom.read(app),
            scopes: scopes.get_untracked(),
            gives,
        };
        app.save_setting(&seen.get_value(), Command::SavePromotion(promotion), move |_| editing.set(None));
    };
    let add = move |scope: Scope| {
        scopes.update(|all| {
            if !all.contains(&scope) {
                all.push(scope);
            }
        });
    };
    view! {
        <Dialog title=m.promotion wide=true close=move || editing.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <div class="form__pair">
                    <TextField label=m.name value=name placeholder=m.promotion_example />
                    <CheckField label=m.rule_on value=on />
                </div>
                <h3>{m.promotion_gives}</h3>
                <Choice
                    options=Kind::ALL.iter().map(|k| (*k, k.word(m).to_owned())).collect()
                    value=kind
                    choose=move |k| {
                        kind.set(k);
                        if k == Kind::BuyGet {
                            share.set("100%".into());
                        }
                    }
                    label=m.promotion_gives
                />
                {move || match kind.get() {
                    Kind::Percent => {
                        view! { <AmountField label=m.percent_off value=share placeholder="10%" /> }.into_any()
                    }
                    Kind::Amount => view! { <AmountField label=m.amount_off_each value=amount /> }.into_any(),
                    Kind::BuyGet => {
                        view! {
                            <div class="form__pair">
                                <QuantityField label=m.buy_so_many value=buy />
                                <QuantityField label=m.get_so_many value=get />
                            </div>
                            <AmountField label=m.percent_off_those value=share placeholder="100%" />
                        }
                            .into_any()
                    }
                    Kind::Together => {
                        view! {
                            <div class="form__pair">
                                <AmountField label=m.from_sum value=from />
                                <AmountField label=m.amount_or_percent_off value=share placeholder=m.discount_example />
                            </div>
                        }
                            .into_any()
                    }
                }}
                <h3>{m.promotion_on}</h3>
                <div class="chips">
                    {move || scopes.with(Vec::is_empty).then(|| view! { <span class="badge">{m.all_goods}</span> })}
                    {move || {
                        scopes
                            .get()
                            .into_iter()
                            .enumerate()
                            .map(|(at, s)| {
                                view! {
                                    <button
                                        type="button"
                                        class="chip"
                                        aria-pressed="true"
                                        on:click=move |_| {
                                            scopes
                                                .update(|all| {
                                                    all.remove(at);
                                                });
                                        }
                                    >
                                        {scope_said(app, &s)}
                                        <Icon name="close" />
                                    </button>
                                }
                            })
                            .collect_view()
                    }}
                </div>
                <GoodsPicker choose=add />
                <WhomFields whom />
                <h3>{m.promotion_together}</h3>
                <div class="form__pair">
                    <AmountField label=m.promotion_rank value=rank />
                    <CheckField label=m.promotion_alone_text value=alone />
                </div>
                <Alert text=trouble />
                <Submit label=m.save />
            </form>
        </Dialog>
    }
}
