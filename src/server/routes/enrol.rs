//! `POST /v1/enrol`: a one-time code becomes a tablet's identity. `POST /v1/codes`: a tablet asks for a code for another.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::server::error::ApiError;
use crate::server::journal::NewTablet;
use crate::server::{Server, auth, now_ms};
use crate::sync::protocol::{EnrolRequest, Enrolment, NewCode, hints_ticket};

/// The most earlier identities of one tablet that are looked up.
const MOST_IDENTITIES: usize = 64;

pub async fn enrol(State(server): State<Server>, body: Bytes) -> Result<Json<Enrolment>, ApiError> {
    let request: EnrolRequest =
        serde_json::from_slice(&body).map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "malformed", "not an enrolment request"))?;
    if !server.guesses.allowed() {
        return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_codes", "too many wrong codes; wait a minute"));
    }
    let token = auth::new_token();
    let device: String = request.device.chars().filter(|c| !c.is_control()).take(80).collect();
    let new =
        NewTablet { device: &device, token_hash: auth::sha256(&token), ticket_hash: auth::sha256(&hints_ticket(&token)), at: now_ms() };
    let code = auth::sha256(&auth::plain_code(&request.code));
    let Some(tablet) = server.journal.enrol(&code, new).await? else {
        server.guesses.wrong();
        return Err(ApiError::new(StatusCode::FORBIDDEN, "wrong_code", "this code is wrong, used or older than ten minutes"));
    };
    if let Some(shop) = server.shops.get(&tablet.store) {
        shop.enrolled(tablet.replica);
    }
    let mut lacks = Vec::new();
    for last in request.last.iter().take(MOST_IDENTITIES) {
        if server.journal.answered(&tablet.store, last.replica, last.seq).await?.is_none_or(|row| row.h != last.h) {
            lacks.push(last.replica);
        }
    }
    tracing::info!(store = tablet.store, replica = tablet.replica, prefix = tablet.prefix, "a tablet was enrolled");
    Ok(Json(Enrolment { store: tablet.store, token, replica: tablet.replica, prefix: tablet.prefix, lacks }))
}

pub async fn new_code(State(server): State<Server>, headers: HeaderMap) -> Result<Json<NewCode>, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let code = auth::new_code();
    let expires_at = now_ms() + auth::CODE_LIFE_MS;
    server.journal.add_code(&tablet.store, &auth::sha256(&auth::plain_code(&code)), expires_at).await?;
    Ok(Json(NewCode { code, expires_at }))
}
