//! What is done with a code that was scanned: the page that is open takes the article; a number of an order opens it.

use std::rc::Rc;

use leptos::prelude::*;

use super::routes;
use super::state::{App, Asked};
use crate::domain::order::Paper;
use crate::domain::value::id::{OrderId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;
use crate::domain::work::scan::{Article, look_up};
use crate::i18n::fill;
use crate::platform::scanner;

/// Scans that are remembered, so that one can be taken back.
const MOST_SCANS: usize = 50;

/// A scan that went into the cart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scan {
    pub code: String,
    pub variant: VariantId,
    pub quantity: Quantity,
    pub at: Timestamp,
}

/// What was scanned last, with a running number, and how many pages wait for it.
#[derive(Clone, Copy)]
pub struct Scans {
    pub last: RwSignal<(u32, Option<(Article, String)>)>,
    takers: StoredValue<u32>,
    /// Newest first.
    pub log: RwSignal<Vec<Scan>>,
    /// Says whether the camera is open.
    pub camera: RwSignal<bool>,
}

impl Scans {
    pub fn new() -> Self {
        Self {
            last: RwSignal::new((0, None)),
            takers: StoredValue::new(0),
            log: RwSignal::default(),
            camera: RwSignal::new(false),
        }
    }
}

impl App {
    /// Listens to the scanner, for as long as the caller is shown.
    pub fn listen_to_scanner(self) {
        let take = self.scanner();
        let listener = scanner::listen(move |code| take(code));
        // It goes with its owner: the frame is drawn anew when the language changes.
        StoredValue::new_local(listener);
    }

    /// What takes a code, whatever read it.
    pub fn scanner(self) -> Rc<dyn Fn(String)> {
        let navigate = leptos_router::hooks::use_navigate();
        Rc::new(move |code| {
            // Nobody is at the till yet, or somebody types a PIN.
            if matches!(self.asked.get_untracked(), Some(Asked::Locked | Asked::Consent(_))) {
                return;
            }
            if let Some(article) = self.article(&code) {
                if self.scans.takers.get_value() > 0 {
                    self.scans.last.update(|(n, last)| {
                        *n = n.wrapping_add(1);
                        *last = Some((article, code));
                    });
                } else {
                    self.say_price(article.variant);
                }
            } else if let Some(order) = self.order_called(&code) {
                navigate(&routes::order(order), Default::default());
            } else {
                self.say(fill(self.words().scan_unknown, &[&code]), true);
            }
        })
    }

    /// Calls `take` with every article that is scanned while the caller's page is shown.
    pub fn on_scan(self, take: impl Fn(Article, &str) + 'static) {
        let seen = self.scans.last.with_untracked(|(n, _)| *n);
        self.scans.takers.update_value(|n| *n += 1);
        on_cleanup(move || self.scans.takers.update_value(|n| *n = n.saturating_sub(1)));
        Effect::new(move |_| {
            let (n, scanned) = self.scans.last.get();
            if let Some((article, code)) = scanned.filter(|_| n != seen) {
                untrack(|| take(article, &code));
            }
        });
    }

    fn article(self, code: &str) -> Option<Article> {
        let index = self.index();
        self.look(|l| look_up(&l.book, &index, code))
    }

    /// Remembers what went into the cart.
    pub fn remember_scan(self, code: &str, article: Article) {
        let scan = Scan { code: code.to_owned(), variant: article.variant, quantity: article.quantity, at: self.now() };
        self.scans.log.update(|log| {
            log.insert(0, scan);
            log.truncate(MOST_SCANS);
        });
    }

    /// The order with this number, or with a paper of this number.
    fn order_called(self, code: &str) -> Option<OrderId> {
        let code = code.trim();
        self.look_mut(|l| {
            let letters = Paper::ALL.map(|p| p.number(""));
            let plain = letters.iter().find_map(|letter| code.strip_prefix(letter.as_str()));
            let wanted = [Some(code), plain];
            wanted.into_iter().flatten().find_map(|number| {
                let filter = crate::store::columns::Filter { text: number.to_owned(), ..Default::default() };
                let rows = l.columns.select(&filter);
                rows.into_iter()
                    .filter_map(|r| l.columns.summary(r))
                    .find(|s| s.number.eq_ignore_ascii_case(number))
                    .map(|s| s.id)
            })
        })
    }

    fn say_price(self, variant: VariantId) {
        let found = self.look(|l| {
            let (p, v) = l.book.variant(variant)?;
            Some((p.line_name(v), v.price, p.unit, l.book.available((variant, self.location()))))
        });
        if let Some((name, price, unit, available)) = found {
            self.say(
                fill(self.words().scan_price, &[&name, &self.price(price), &self.quantity(available, unit)]),
                false,
            );
        }
    }
}
