//! `POST /v1/sync`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::server::error::ApiError;
use crate::server::journal::JournalError;
use crate::server::shop::SyncError;
use crate::server::{Server, auth};
use crate::sync::protocol::{MOST_PUSH, SCHEMA, SyncRequest, SyncResponse, VERSION};

pub async fn sync(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Result<Json<SyncResponse>, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let request = read(&body)?;
    if request.store != tablet.store || request.replica != tablet.replica {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "other_tablet", "the token belongs to another tablet or store"));
    }
    if request.push.len() > MOST_PUSH {
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many", format!("at most {MOST_PUSH} transactions at a time")));
    }
    let shop = server.shops.get(&tablet.store).cloned().ok_or_else(ApiError::unknown_token)?;
    // A task of its own: a tablet that hangs up ends this function at any await, and a round that has begun to write must
    // come to its end, or the fold in memory would fall behind the journal.
    let round = tokio::spawn(async move { shop.sync(tablet.replica, &request).await });
    match round.await {
        Ok(Ok(response)) => Ok(Json(response)),
        Ok(Err(SyncError::Journal(error))) => Err(error.into()),
        Ok(Err(SyncError::Malformed(what))) => Err(ApiError::new(StatusCode::BAD_REQUEST, "malformed", what)),
        Err(error) => Err(JournalError(format!("a round broke off: {error}")).into()),
    }
}

/// Versions are looked at before the form, so that a form of another version is called what it is.
fn read(body: &[u8]) -> Result<SyncRequest, ApiError> {
    #[derive(serde::Deserialize)]
    struct Versions {
        v: u32,
        schema: u32,
    }
    let malformed = |e: serde_json::Error| {
        ApiError::new(StatusCode::BAD_REQUEST, "malformed", format!("not a sync request: line {}, column {}", e.line(), e.column()))
    };
    let versions: Versions = serde_json::from_slice(body).map_err(malformed)?;
    if versions.v != VERSION || versions.schema > SCHEMA || versions.schema + 3 < SCHEMA {
        let message = format!("this server speaks version {VERSION} and schemas {} to {SCHEMA}", SCHEMA.saturating_sub(3));
        return Err(ApiError::new(StatusCode::UPGRADE_REQUIRED, "version", message));
    }
    serde_json::from_slice(body).map_err(malformed)
}
