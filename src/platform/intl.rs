//! Money and dates as people of a language write them, by the browser's `Intl`.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::time::Timestamp;

thread_local! {
    /// Making a formatter costs a hundred times what using it does.
    static FORMATTERS: RefCell<HashMap<(String, String), Function>> = RefCell::default();
}

fn formatter(locale: &str, key: &str, make: impl FnOnce() -> Function) -> Function {
    FORMATTERS.with(|all| all.borrow_mut().entry((locale.to_owned(), key.to_owned())).or_insert_with(make).clone())
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        let _ = Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    object
}

fn text(function: &Function, value: &JsValue) -> String {
    function.call1(&JsValue::UNDEFINED, value).ok().and_then(|v| v.as_string()).unwrap_or_default()
}

/// `¥12.50`; a currency that is not the store's own is named by its code, because yen and yuan share a sign.
/// Goes in as digits, so no amount is rounded by a float.
pub fn money(locale: &str, currency: Currency, foreign: bool, amount: Minor) -> String {
    let display = if foreign { "code" } else { "narrowSymbol" };
    let function = formatter(locale, &format!("{currency} {display}"), || {
        let options = options(&[("style", "currency"), ("currency", currency.code()), ("currencyDisplay", display)]);
        Intl::NumberFormat::new(&Array::of1(&locale.into()), &options).format()
    });
    text(&function, &JsValue::from_str(&currency.plain(amount)))
}

/// Has the browser read what it needs to write amounts, which takes 60 ms the first time: to be called while something
/// else is waited for.
pub fn prepare(locale: &str) {
    let options = options(&[("style", "currency"), ("currency", "USD"), ("currencyDisplay", "narrowSymbol")]);
    let _ = Intl::NumberFormat::new(&Array::of1(&locale.into()), &options);
}

/// Says whether there is such a currency, as far as the browser knows; one that does not tell knows all.
pub fn is_currency(currency: Currency) -> bool {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).unwrap_or_default();
    let list = Reflect::get(&intl, &"supportedValuesOf".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
    let known = list.and_then(|f| f.call1(&intl, &"currency".into()).ok()).and_then(|all| all.dyn_into::<Array>().ok());
    known.is_none_or(|all| all.includes(&currency.code().into(), 0))
}

/// A clock's time of today, or day and time.
pub fn time(locale: &str, at: Timestamp, now: Timestamp) -> String {
    let date = Date::new(&JsValue::from_f64(at.0 as f64));
    let today = Date::new(&JsValue::from_f64(now.0 as f64));
    let same = date.get_date() == today.get_date() && (now.0 - at.0).abs() < 86_400_000;
    let this_year = date.get_full_year() == today.get_full_year();
    let (key, pairs): (&str, &[(&str, &str)]) = match (same, this_year) {
        (true, _) => ("time", &[("hour", "2-digit"), ("minute", "2-digit")]),
        (false, true) => {
            ("day", &[("month", "2-digit"), ("day", "2-digit"), ("hour", "2-digit"), ("minute", "2-digit")])
        }
        (false, false) => ("year", &[("year", "numeric"), ("month", "2-digit"), ("day", "2-digit")]),
    };
    date_text(locale, key, pairs, &date)
}

/// Day and time in full.
pub fn full(locale: &str, at: Timestamp) -> String {
    let pairs =
        [("year", "numeric"), ("month", "2-digit"), ("day", "2-digit"), ("hour", "2-digit"), ("minute", "2-digit")];
    date_text(locale, "full", &pairs, &Date::new(&JsValue::from_f64(at.0 as f64)))
}

/// A day.
pub fn day(locale: &str, at: Timestamp) -> String {
    date_text(
        locale,
        "date",
        &[("month", "2-digit"), ("day", "2-digit"), ("weekday", "short")],
        &Date::new(&JsValue::from_f64(at.0 as f64)),
    )
}

fn date_text(locale: &str, key: &str, pairs: &[(&str, &str)], date: &Date) -> String {
    let function = formatter(locale, key, || {
        let options = options(pairs);
        Intl::DateTimeFormat::new(&Array::of1(&locale.into()), &options).format()
    });
    text(&function, date.unchecked_ref())
}
