//! The server's addresses. Everything that is not under `/v1` is the console itself.

mod console;
mod enrol;
mod hints;
mod sync;

use std::path::PathBuf;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use super::Server;
use super::error::ApiError;
use crate::sync::protocol::MOST_REQUEST_BYTES;

/// All routes. `console` is the folder with the built console; without it only the API is served.
pub fn router(server: Server, console: Option<PathBuf>) -> Router {
    let api = Router::new()
        .route("/sync", post(sync::sync))
        .route("/donate", post(sync::donate))
        .route("/enrol", post(enrol::enrol))
        .route("/codes", post(enrol::new_code))
        .route("/health", get(health))
        .fallback(|| async { ApiError::new(StatusCode::NOT_FOUND, "no_such_route", "there is nothing at this address") })
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(MOST_REQUEST_BYTES))
        .layer(RequestDecompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(MOST_REQUEST_BYTES))
        .layer(CompressionLayer::new());
    // Hints are a stream; nothing may wait for a compressor's buffer to fill.
    let api = Router::new().route("/hints", get(hints::hints)).merge(api);
    let router = Router::new().nest("/v1", api).with_state(server);
    match console {
        Some(folder) => router.fallback_service(console::service(folder)),
        None => router,
    }
}

async fn health() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "ok": true }))
}
