//! Who may ask: enrolment codes, tablets' tokens, tickets for hints. Only hashes of them are kept.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use rand::Rng;
use sha2::{Digest, Sha256};

use super::Server;
use super::error::ApiError;
use super::journal::TabletRow;

/// How long an enrolment code can be used.
pub const CODE_LIFE_MS: i64 = 10 * 60 * 1000;
/// Letters that nobody mistakes for another.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const CODE_LETTERS: usize = 8;
/// Wrong codes in one minute before nobody may try any more; 31^8 codes cannot be walked at this pace.
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

/// Counts wrong codes.
#[derive(Default)]
pub struct Guesses(Mutex<Vec<Instant>>);

impl Guesses {
    /// Whether another code may be tried now.
    pub fn allowed(&self) -> bool {
        let mut wrong = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        wrong.retain(|t| t.elapsed() < Duration::from_secs(60));
        wrong.len() < MOST_GUESSES
    }

    pub fn wrong(&self) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(Instant::now());
    }
}
