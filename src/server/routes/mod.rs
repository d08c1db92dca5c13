//! The server's addresses. Everything that is not under `/v1` is the console itself.

mod bootstrap;
mod console;
mod enrol;
mod hints;
mod intake;
mod limits;
mod sync;
mod watch;

use std::path::PathBuf;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use super::Server;
use super::error::ApiError;
use crate::sync::protocol::MOST_REQUEST_BYTES;

pub use limits::Limits;
pub use watch::Metrics;

/// The API in words for programs; a test holds it against the routes.
pub const OPENAPI: &str = include_str!("openapi.json");
/// How parts of a first read are compressed: a fifth less to send than at the fastest, for three milliseconds a part,
/// of which no tablet waits.
const PARTS: CompressionLevel = CompressionLevel::Precise(5);

/// All routes. `console` is the folder with the built console; without it only the API is served.
pub fn router(server: Server, console: Option<PathBuf>) -> Router {
    let api = Router::new()
        .route("/sync", post(sync::sync))
        .route("/bootstrap", get(bootstrap::first))
        .route("/bootstrap/{first}/{count}", get(bootstrap::part).layer(CompressionLayer::new().quality(PARTS)))
        .route("/donate", post(sync::donate))
        .route("/enrol", post(enrol::enrol))
        .route("/codes", post(enrol::new_code))
        .route("/tablets", post(enrol::tablets))
        .route("/was", get(enrol::was))
        .route("/leave", post(enrol::leave))
        .route("/intake/{name}", post(intake::intake))
        .route("/intakes", post(intake::intakes))
        .route("/openapi.json", get(openapi))
        .fallback(|| async {
            ApiError::new(StatusCode::NOT_FOUND, "no_such_route", "there is nothing at this address")
        })
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(MOST_REQUEST_BYTES))
        .layer(RequestDecompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(MOST_REQUEST_BYTES))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));
    // Hints are a stream; nothing may wait for a compressor's buffer to fill.
    let api = Router::new().route("/hints", get(hints::hints)).merge(api);
    let api = api.layer(from_fn_with_state(server.clone(), limits::limit));
    let router = Router::new()
        .nest("/v1", api)
        .route("/healthz", get(watch::healthz))
        .route("/metrics", get(watch::metrics))
        .layer(from_fn_with_state(server.clone(), watch::count))
        .with_state(server);
    match console {
        Some(folder) => router.fallback_service(console::service(folder)),
        None => router,
    }
}

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
