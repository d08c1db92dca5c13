//! `GET /v1/bootstrap`: what a new tablet reads first. `GET /v1/bootstrap/{first}/{count}`: the orders, in parts.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::server::error::ApiError;
use crate::server::{Server, auth};

/// What the tablet knows of its own.
#[derive(Deserialize)]
pub struct From {
    /// The first of its transactions of which it does not know what became.
    seq: u64,
}

/// Answered with 204 when the log is as good.
pub async fn first(
    State(server): State<Server>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let shop = server.shops.get(&tablet.store).cloned().ok_or_else(ApiError::unknown_token)?;
    Ok(rows(shop.bootstrap(tablet.replica, from.seq).await?, StatusCode::NO_CONTENT))
}

/// Blocks never change once a bootstrap has named them, except when the server folds its log anew; their hash tells.
pub async fn part(
    State(server): State<Server>,
    Path((first, count)): Path<(u32, u32)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let shop = server.shops.get(&tablet.store).cloned().ok_or_else(ApiError::unknown_token)?;
    Ok(rows(shop.part(first, count).await?, StatusCode::GONE))
}

fn rows(found: Option<impl Serialize>, none: StatusCode) -> Response {
    match found.and_then(|rows| postcard::to_stdvec(&rows).ok()) {
        Some(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        None => none.into_response(),
    }
}
