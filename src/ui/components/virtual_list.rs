//! A list or grid of which only what can be seen is in the page.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::ResizeObserver;

/// Rows kept ready above and below what is seen.
const SPARE: usize = 4;

/// Draws `items` in rows of one height; with `least_width` as many stand side by side as fit.
#[component]
pub fn VirtualList<T, V>(
    /// Everything, in order.
    #[prop(into)]
    items: Signal<Vec<T>>,
    /// Units: CSS pixels, with the gap below.
    row_height: f64,
    /// The least width of one item; zero makes a list. Units: CSS pixels.
    #[prop(default = 0.0)]
    least_width: f64,
    /// Draws what shows one item, and later another: while a list is scrolled, what left it is used again.
    draw: fn(Signal<T>) -> V,
) -> impl IntoView
where
    T: Copy + Eq + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let frame = NodeRef::<Div>::new();
    let top = RwSignal::new(0.0);
    let size = RwSignal::new((0.0, 0.0));
    frame.on_load(move |element| {
        let measured = element.clone();
        let measure = move || size.set((f64::from(measured.client_width()), f64::from(measured.client_height())));
        measure();
        let resized = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let observer = StoredValue::new_local((observer, resized));
            on_cleanup(move || observer.with_value(|(o, _)| o.disconnect()));
        }
    });
    let columns = Memo::new(move |_| {
        let width = size.get().0;
        if least_width > 0.0 { ((width / least_width).floor() as usize).max(1) } else { 1 }
    });
    let rows = Memo::new(move |_| items.with(Vec::len).div_ceil(columns.get()));
    let first = Memo::new(move |_| ((top.get() / row_height).floor() as usize).saturating_sub(SPARE));
    let seen = Memo::new(move |_| (size.get().1 / row_height).ceil() as usize + 2 * SPARE);
    let window = Memo::new(move |_| {
        let (columns, first) = (columns.get(), first.get());
        items.with(|all| all.iter().skip(first * columns).take(seen.get() * columns).copied().collect::<Vec<T>>())
    });
    let slots = StoredValue::new(Vec::<Slot<T>>::new());
    let shown = move || {
        let items = window.get();
        slots.update_value(|slots| show(slots, &items));
        slots.get_value()
    };
    // A list that changed is read from its top.
    Effect::new(move |last: Option<usize>| {
        let count = items.with(Vec::len);
        if last.is_some_and(|l| l > count)
            && let Some(element) = frame.get_untracked()
            && f64::from(element.scroll_top()) > count as f64 * row_height
        {
            element.set_scroll_top(0);
        }
        count
    });
    view! {
        <div
            class="virtual"
            node_ref=frame
            on:scroll=move |_| {
                if let Some(e) = frame.get_untracked() {
                    top.set(f64::from(e.scroll_top()));
                }
            }
        >
            <div class="virtual__all" style:height=move || format!("{}px", rows.get() as f64 * row_height)>
                <div
                    class="virtual__seen"
                    style:transform=move || format!("translateY({}px)", first.get() as f64 * row_height)
                    style:grid-template-columns=move || format!("repeat({}, minmax(0, 1fr))", columns.get())
                    style:grid-auto-rows=format!("{row_height}px")
                >
                    <For each=shown key=|slot| slot.key children=move |slot| draw(slot.item.into()) />
                </div>
            </div>
        </div>
    }
}

/// A place in the page that shows an item.
#[derive(Clone)]
struct Slot<T> {
    key: usize,
    item: ArcRwSignal<T>,
}

/// Has the slots show these items, in this order. While most of them stay, each stays where it is drawn, and what left
/// the window shows what came into it. After a jump every slot shows what its place shows now: nothing is moved.
fn show<T: Copy + Eq + Send + Sync + 'static>(slots: &mut Vec<Slot<T>>, items: &[T]) {
    let next_key = slots.iter().map(|slot| slot.key + 1).max().unwrap_or(0);
    let mut keys = next_key..;
    let mut places: Vec<Option<Slot<T>>> = items.iter().map(|_| None).collect();
    let mut free = Vec::new();
    // A few dozen at most.
    let place_of = |slot: &Slot<T>| {
        let shows = slot.item.get_untracked();
        items.iter().position(|item| *item == shows)
    };
    let stay = slots.iter().filter(|slot| place_of(slot).is_some()).count();
    for (at, slot) in slots.drain(..).enumerate() {
        let at = if 2 * stay < items.len() { Some(at) } else { place_of(&slot) };
        match at.and_then(|at| places.get_mut(at)) {
            Some(place) if place.is_none() => *place = Some(slot),
            _ => free.push(slot),
        }
    }
    let mut used_again = free.into_iter();
    slots.extend(places.into_iter().zip(items).map(|(place, item)| match place.or_else(|| used_again.next()) {
        Some(slot) => {
            if slot.item.get_untracked() != *item {
                slot.item.set(*item);
            }
            slot
        }
        None => Slot { key: keys.next().unwrap_or_default(), item: ArcRwSignal::new(*item) },
    }));
}
