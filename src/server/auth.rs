//! Who may ask: enrolment codes, tablets' tokens, tickets for hints. Only hashes of them are kept.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use rand::RngExt;
use sha2::{Digest, Sha256};

use super::Server;
use super::error::ApiError;
use super::journal::TabletRow;
use crate::domain::shop::staff::Role;
use crate::domain::value::id::StaffId;
use crate::sync::protocol::{PIN_HEADER, STAFF_HEADER};

/// How long an enrolment code can be used.
pub const CODE_LIFE_MS: i64 = 10 * 60 * 1000;
/// Letters that nobody mistakes for another.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const CODE_LETTERS: usize = 8;
/// Wrong codes (or PINs) in one minute before nobody may try any more; neither 31^8 codes nor ten thousand PINs can be
/// walked at this pace without somebody seeing it in the log.
const MOST_GUESSES: usize = 20;

pub fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A fresh enrolment code, as people read it out: `7KQ2-M9XD`.
pub fn new_code() -> String {
    let mut rng = rand::rng();
    let letters: Vec<u8> = (0..CODE_LETTERS).map(|_| ALPHABET[rng.random_range(0..ALPHABET.len())]).collect();
    let text = String::from_utf8(letters).unwrap_or_default();
    format!("{}-{}", &text[..4], &text[4..])
}

/// A code without what people add to it.
pub fn plain_code(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(64).collect()
}

/// A fresh token: 32 random bytes in hex.
pub fn new_token() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The token that a request shows.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The tablet that a request comes from.
///
/// # Errors
/// 401 when the token is missing, unknown or revoked.
pub async fn tablet(server: &Server, headers: &HeaderMap) -> Result<TabletRow, ApiError> {
    let token = sha256(bearer(headers).ok_or_else(ApiError::unknown_token)?);
    if let Some(tablet) = server.known.get(&token) {
        return Ok(tablet);
    }
    let tablet = server.journal.tablet_by_token(&token).await?.ok_or_else(ApiError::unknown_token)?;
    server.known.put(token, tablet.clone());
    Ok(tablet)
}

/// Says whether somebody who may is at the tablet that asks: the person in [`STAFF_HEADER`], with their PIN in
/// [`PIN_HEADER`] if they have one.
///
/// # Errors
/// 403 when nobody is named, the role is too low or the PIN is wrong; 429 after too many wrong ones.
pub async fn person(server: &Server, tablet: &TabletRow, headers: &HeaderMap, least: Role) -> Result<(), ApiError> {
    let may_not = || {
        ApiError::new(StatusCode::FORBIDDEN, "role_too_low", "somebody with a higher role has to ask, with their PIN")
    };
    let text = |name: &str| headers.get(name).and_then(|h| h.to_str().ok());
    let id: StaffId = text(STAFF_HEADER).and_then(|id| id.parse().ok()).ok_or_else(may_not)?;
    let shop = server.shops.get(&tablet.store).ok_or_else(may_not)?;
    let person = shop
        .look(|l| l.book.staff.get(&id).cloned())
        .await
        .filter(|p| p.active && p.role >= least)
        .ok_or_else(may_not)?;
    let Some(pin) = person.pin else { return Ok(()) };
    // Counted before it is looked at, so that a burst gains nothing, and for each tablet, so that none keeps others
    // waiting.
    let who = format!("{}/{}", tablet.store, tablet.replica);
    if !server.pin_guesses.try_one(&who) {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_pins",
            "too many wrong PINs; wait a minute",
        ));
    }
    let typed = text(PIN_HEADER).unwrap_or_default().to_owned();
    // A tenth of a second of work, on purpose.
    let fits = tokio::task::spawn_blocking(move || pin.fits(&typed)).await.unwrap_or(false);
    if fits {
        server.pin_guesses.right(&who);
        return Ok(());
    }
    tracing::warn!(store = tablet.store, replica = tablet.replica, "a wrong PIN");
    Err(ApiError::new(StatusCode::FORBIDDEN, "wrong_pin", "this is not their PIN"))
}

/// Tablets that showed their token lately, so that the database is not asked at every request. One that is shut out is
/// unknown after three seconds at the latest.
#[derive(Default)]
pub struct KnownTablets(Mutex<HashMap<[u8; 32], (Instant, TabletRow)>>);

const KNOWN_FOR: Duration = Duration::from_secs(3);

impl KnownTablets {
    fn get(&self, token: &[u8; 32]) -> Option<TabletRow> {
        let known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.get(token).filter(|(at, _)| at.elapsed() < KNOWN_FOR).map(|(_, tablet)| tablet.clone())
    }

    fn put(&self, token: [u8; 32], tablet: TabletRow) {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.retain(|_, (at, _)| at.elapsed() < KNOWN_FOR);
        known.insert(token, (Instant::now(), tablet));
    }
}

/// Counts wrong guesses of each who guesses, within a minute.
#[derive(Default)]
pub struct Guesses(Mutex<HashMap<String, Vec<Instant>>>);

impl Guesses {
    fn with<T>(&self, who: &str, work: impl FnOnce(&mut Vec<Instant>) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.values_mut().for_each(|wrong| wrong.retain(|t| t.elapsed() < Duration::from_secs(60)));
        all.retain(|_, wrong| !wrong.is_empty());
        work(all.entry(who.to_owned()).or_default())
    }

    /// Says whether another may be tried now, which counts as wrong until it turns out to be right.
    pub fn try_one(&self, who: &str) -> bool {
        self.with(who, |wrong| {
            let may = wrong.len() < MOST_GUESSES;
            if may {
                wrong.push(Instant::now());
            }
            may
        })
    }

    /// The last one was right.
    pub fn right(&self, who: &str) {
        self.with(who, |wrong| wrong.pop());
    }
}
