//! Requests to our own server.
//!
//! JSON is read from bytes everywhere in the console: a second reader for text would double its code in the download.

use std::pin::pin;

use futures::future::{Either, select};
use gloo::net::http::Request;
use gloo::timers::future::TimeoutFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::AbortController;

use crate::domain::value::id::StaffId;
use crate::sync::protocol::{PIN_HEADER, STAFF_HEADER};

/// Time that a round may take before it counts as unanswered.
const TIMEOUT_MS: u32 = 20_000;

/// Answer that came back.
#[derive(Debug)]
pub enum Reply<T> {
    Ok(T),
    /// An answer with another status; the code is the server's, if it gave one.
    Status(u16, String),
    /// No answer, a broken one, or one that is not of our server.
    None,
}

/// Somebody at this tablet who asks the server for what not everybody may.
#[derive(Clone)]
pub struct Shown {
    pub by: StaffId,
    /// Secret; empty for somebody who has none.
    pub pin: String,
}

/// Posts JSON and reads JSON.
pub async fn post<B: Serialize, T: DeserializeOwned>(path: &str, token: Option<&str>, body: &B) -> Reply<T> {
    post_as(path, token, None, body).await
}

/// The same, as somebody.
pub async fn post_as<B: Serialize, T: DeserializeOwned>(
    path: &str,
    token: Option<&str>,
    who: Option<&Shown>,
    body: &B,
) -> Reply<T> {
    let abort = AbortController::new().ok();
    let mut request = Request::post(path).abort_signal(abort.as_ref().map(AbortController::signal).as_ref());
    if let Some(token) = token {
        request = request.header("authorization", &format!("Bearer {token}"));
    }
    if let Some(who) = who {
        request = request.header(STAFF_HEADER, &who.by.to_string()).header(PIN_HEADER, &who.pin);
    }
    let Ok(request) = request.json(body) else { return Reply::None };
    let answer = async {
        let response = request.send().await.ok()?;
        let body = response.binary().await.ok()?;
        Some((response.status(), body))
    };
    match select(pin!(answer), pin!(TimeoutFuture::new(TIMEOUT_MS))).await {
        Either::Left((Some((200, body)), _)) => serde_json::from_slice(&body).map_or(Reply::None, Reply::Ok),
        Either::Left((Some((status, body)), _)) => {
            let code =
                serde_json::from_slice::<crate::sync::protocol::ErrorBody>(&body).map(|e| e.code).unwrap_or_default();
            Reply::Status(status, code)
        }
        Either::Left((None, _)) => Reply::None,
        Either::Right(_) => {
            if let Some(abort) = abort {
                abort.abort();
            }
            Reply::None
        }
    }
}

/// Gets bytes. Takes as long as it takes, up to two minutes: it may be megabytes over a market's network.
pub async fn get_bytes(path: &str, token: &str) -> Reply<Vec<u8>> {
    let answer = async {
        let response = Request::get(path).header("authorization", &format!("Bearer {token}")).send().await.ok()?;
        Some((response.status(), response.binary().await.ok()?))
    };
    match select(pin!(answer), pin!(TimeoutFuture::new(6 * TIMEOUT_MS))).await {
        Either::Left((Some((200, bytes)), _)) => Reply::Ok(bytes),
        Either::Left((Some((status, _)), _)) => Reply::Status(status, String::new()),
        _ => Reply::None,
    }
}

/// Gets JSON that takes no token. `None` for whatever is not a 200 of our server.
pub async fn get<T: DeserializeOwned>(path: &str) -> Option<T> {
    let answer = async { Request::get(path).send().await.ok()?.binary().await.ok() };
    match select(pin!(answer), pin!(TimeoutFuture::new(TIMEOUT_MS))).await {
        Either::Left((Some(body), _)) => serde_json::from_slice(&body).ok(),
        _ => None,
    }
}
