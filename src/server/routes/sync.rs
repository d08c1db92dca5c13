//! `POST /v1/sync`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::server::error::ApiError;
use crate::server::journal::JournalError;
use crate::server::shop::SyncError;
use crate::server::{Server, auth};
use crate::sync::protocol::{Donation, MOST_PUSH, OLDEST_SCHEMA, SCHEMA, SyncRequest, SyncResponse, VERSION};

pub async fn sync(
    State(server): State<Server>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<SyncResponse>, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let request = read(&body)?;
    if request.store != tablet.store || request.replica != tablet.replica {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "other_tablet",
            "the token belongs to another tablet or store",
        ));
    }
    if request.push.len() > MOST_PUSH {
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_many",
            format!("at most {MOST_PUSH} transactions at a time"),
        ));
    }
    let shop = server.shops.get(&tablet.store).cloned().ok_or_else(ApiError::unknown_token)?;
    // A task of its own: a tablet that hangs up ends this function at any await, and a round that has begun to write
    // must come to its end, or the fold in memory would fall behind the journal.
    answer(tokio::spawn(async move { shop.sync(tablet.replica, request).await }).await)
}

/// `POST /v1/donate`: what other tablets wrote and this log lost. Answered with how many were taken in.
pub async fn donate(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Result<Json<usize>, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let donation: Donation = serde_json::from_slice(&body).map_err(|e| malformed(&e))?;
    if donation.v != VERSION {
        return Err(ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            "version",
            format!("this server speaks version {VERSION}"),
        ));
    }
    if donation.tx.len() > MOST_PUSH {
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_many",
            format!("at most {MOST_PUSH} transactions at a time"),
        ));
    }
    let shop = server.shops.get(&tablet.store).cloned().ok_or_else(ApiError::unknown_token)?;
    tracing::info!(replica = tablet.replica, count = donation.tx.len(), "a tablet hands in what this log lost");
    answer(tokio::spawn(async move { shop.donate(donation).await }).await)
}

fn answer<T>(round: Result<Result<T, SyncError>, tokio::task::JoinError>) -> Result<Json<T>, ApiError> {
    match round {
        Ok(Ok(response)) => Ok(Json(response)),
        Ok(Err(SyncError::Journal(error))) => Err(error.into()),
        Ok(Err(SyncError::Malformed(what))) => Err(ApiError::new(StatusCode::BAD_REQUEST, "malformed", what)),
        Err(error) => Err(JournalError(format!("a round broke off: {error}")).into()),
    }
}

fn malformed(e: &serde_json::Error) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "malformed",
        format!("not a sync request: line {}, column {}", e.line(), e.column()),
    )
}

/// Versions are looked at before the form, so that a form of another version is called what it is.
fn read(body: &[u8]) -> Result<SyncRequest, ApiError> {
    #[derive(serde::Deserialize)]
    struct Versions {
        v: u32,
        schema: u32,
    }
    let versions: Versions = serde_json::from_slice(body).map_err(|e| malformed(&e))?;
    if versions.v != VERSION || !(OLDEST_SCHEMA..=SCHEMA).contains(&versions.schema) {
        let message = format!("this server speaks version {VERSION} and schemas {OLDEST_SCHEMA} to {SCHEMA}");
        return Err(ApiError::new(StatusCode::UPGRADE_REQUIRED, "version", message));
    }
    serde_json::from_slice(body).map_err(|e| malformed(&e))
}
