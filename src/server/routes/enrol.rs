//! `POST /v1/enrol`: a one-time code becomes a tablet's identity. `POST /v1/codes`: a tablet asks for a code for
//! another. `POST /v1/leave`: a tablet is signed out.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::shop::staff::Role;
use crate::server::error::ApiError;
use crate::server::journal::{NewTablet, TabletRow};
use crate::server::shop::SERVER;
use crate::server::{Server, auth, now_ms};
use crate::sync::protocol::{EnrolRequest, NewCode, TabletChange, TabletLine, Was, hints_ticket};

/// Whoever has no token yet is counted together.
const ANYBODY: &str = "";

pub async fn enrol(State(server): State<Server>, body: Bytes) -> Result<impl IntoResponse, ApiError> {
    let request: EnrolRequest = serde_json::from_slice(&body)
        .map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "malformed", "not an enrolment request"))?;
    if !server.guesses.try_one(ANYBODY) {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_codes",
            "too many wrong codes; wait a minute",
        ));
    }
    let token = auth::new_token();
    let device: String = request.device.chars().filter(|c| !c.is_control()).take(80).collect();
    let new = NewTablet {
        device: &device,
        token_hash: auth::sha256(&token),
        ticket_hash: auth::sha256(&hints_ticket(&token)),
        at: now_ms(),
    };
    let code = auth::sha256(&auth::plain_code(&request.code));
    let Some(tablet) = server.journal.enrol(&code, new).await? else {
        tracing::warn!("a wrong enrolment code");
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "wrong_code",
            "this code is wrong, used or older than ten minutes",
        ));
    };
    server.guesses.right(ANYBODY);
    tracing::info!(store = tablet.store, replica = tablet.replica, prefix = tablet.prefix, "a tablet was enrolled");
    let gone = || ApiError::new(StatusCode::NOT_FOUND, "unknown_store", "this store is not served here");
    let shop = server.shops.get(&tablet.store).ok_or_else(gone)?;
    let remember = (header::SET_COOKIE, remember(&hints_ticket(&token), REMEMBERED_FOR_S));
    Ok(([remember], Json(shop.identity(tablet, token, &request.last).await?)))
}

/// How long a browser remembers which tablet it was: as long as browsers let a cookie live. Units: seconds.
const REMEMBERED_FOR_S: u32 = 400 * 86_400;
const WAS: &str = "daybook-was";

/// A cookie beside what the page itself can keep: a browser that throws a page's storage away leaves it, and no script
/// can read it. It says which tablet this was, and opens nothing.
fn remember(ticket: &str, seconds: u32) -> String {
    format!("{WAS}={ticket}; Path=/v1/was; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict")
}

/// `GET /v1/was`: which tablet this browser was, and how far the server has what it wrote. 204 for one that was none.
pub async fn was(State(server): State<Server>, headers: HeaderMap) -> Result<Response, ApiError> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|c| c.to_str().ok()).flat_map(|c| c.split(';'));
    let ticket = cookies
        .filter_map(|c| c.trim().split_once('='))
        .find(|(name, _)| *name == WAS)
        .map(|(_, ticket)| ticket.to_owned());
    let Some(ticket) = ticket else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let Some(tablet) = server.journal.tablet_by_ticket(&auth::sha256(&ticket)).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    Ok(Json(Was { prefix: tablet.prefix, transactions: tablet.chain.last_seq }).into_response())
}

pub async fn new_code(State(server): State<Server>, headers: HeaderMap) -> Result<Json<NewCode>, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    auth::person(&server, &tablet, &headers, Role::Manager).await?;
    let code = auth::new_code();
    let expires_at = now_ms() + auth::CODE_LIFE_MS;
    server.journal.add_code(&tablet.store, &auth::sha256(&auth::plain_code(&code)), expires_at).await?;
    Ok(Json(NewCode { code, expires_at }))
}

/// `POST /v1/tablets`: which tablets a store has, and shutting one out.
pub async fn tablets(
    State(server): State<Server>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Vec<TabletLine>>, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let malformed = |what: &str| ApiError::new(StatusCode::BAD_REQUEST, "malformed", what);
    match serde_json::from_slice(&body).map_err(|_| malformed("not a change of tablets"))? {
        TabletChange::Look => {}
        TabletChange::ShutOut { replica } if replica == tablet.replica || replica == SERVER => {
            return Err(malformed("a tablet signs itself out, and the server stays"));
        }
        TabletChange::ShutOut { replica } => {
            auth::person(&server, &tablet, &headers, Role::Manager).await?;
            server.journal.revoke(&tablet.store, replica, now_ms()).await?;
            tracing::info!(store = tablet.store, replica, "a tablet was shut out");
        }
    }
    let all = server.journal.tablets(&tablet.store).await?.into_iter().filter(|t| t.replica != SERVER);
    let line = |t: TabletRow| TabletLine {
        replica: t.replica,
        prefix: t.prefix,
        device: t.device,
        enrolled_at: t.enrolled_at,
        shut_out: t.revoked,
        transactions: t.chain.last_seq,
    };
    Ok(Json(all.map(line).collect()))
}

/// `POST /v1/leave`: a tablet is taken out of use; its token says nothing from now on.
pub async fn leave(State(server): State<Server>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    server.journal.revoke(&tablet.store, tablet.replica, now_ms()).await?;
    tracing::info!(store = tablet.store, replica = tablet.replica, "a tablet was signed out");
    // On purpose: nothing vanished here.
    Ok(([(header::SET_COOKIE, remember("", 0))], Json(())))
}
