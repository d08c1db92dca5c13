//! What whoever runs the server looks at: `/healthz`, `/metrics`, and a line in the log for what took long or failed.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

use crate::server::error::ApiError;
use crate::server::{Server, auth};

/// Counts and times of requests, and what the stores hold when it is asked for.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    log: IntGaugeVec,
    safe: IntGaugeVec,
    orders: IntGaugeVec,
    cases: IntGaugeVec,
    listening: IntGaugeVec,
}

impl Metrics {
    /// # Errors
    /// A name that is taken twice.
    fn try_new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let gauge = |name: &str, help: &str| IntGaugeVec::new(Opts::new(name, help), &["store"]);
        let buckets = vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
        let metrics = Self {
            requests: IntCounterVec::new(
                Opts::new("daybook_requests_total", "Requests by route and status"),
                &["route", "status"],
            )?,
            seconds: HistogramVec::new(
                HistogramOpts::new("daybook_request_seconds", "Time to answer").buckets(buckets),
                &["route"],
            )?,
            log: gauge("daybook_log_transactions", "The last number of the log")?,
            safe: gauge("daybook_safe_transactions", "The last number that a verified backup holds")?,
            orders: gauge("daybook_orders", "Orders in the fold")?,
            cases: gauge("daybook_open_cases", "Cases that wait for a person")?,
            listening: gauge("daybook_tablets_listening", "Tablets that listen to hints")?,
            registry,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.seconds.clone()))?;
        for gauge in [&metrics.log, &metrics.safe, &metrics.orders, &metrics.cases, &metrics.listening] {
            metrics.registry.register(Box::new(gauge.clone()))?;
        }
        Ok(metrics)
    }

    /// # Panics
    /// Never: the names are fixed, and each stands once.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::try_new().unwrap_or_else(|e| unreachable!("{e}")))
    }
}

/// Counts a request. A token, a code or anything else that was sent is never written down.
pub async fn count(State(server): State<Server>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "other".to_owned(), |p| p.as_str().to_owned());
    let method = request.method().clone();
    let start = Instant::now();
    let response = next.run(request).await;
    let (status, took) = (response.status(), start.elapsed());
    server.metrics.requests.with_label_values(&[route.as_str(), status.as_str()]).inc();
    server.metrics.seconds.with_label_values(&[route.as_str()]).observe(took.as_secs_f64());
    if status.is_server_error() {
        tracing::warn!(%method, route, status = status.as_u16(), ms = took.as_millis() as u64, "a request failed");
    } else {
        tracing::debug!(%method, route, status = status.as_u16(), ms = took.as_millis() as u64, "answered");
    }
    response
}

/// Says whether the database answers.
pub async fn healthz(State(server): State<Server>) -> Response {
    match server.journal.ping().await {
        Ok(()) => Json(serde_json::json!({ "ok": true })).into_response(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// For whoever shows the token that the server was started with; for everybody else there is nothing here.
pub async fn metrics(State(server): State<Server>, headers: HeaderMap) -> Response {
    let shown = auth::bearer(&headers).map(auth::sha256);
    if server.metrics_token.is_none() || shown != server.metrics_token {
        return ApiError::new(StatusCode::NOT_FOUND, "no_such_route", "there is nothing at this address")
            .into_response();
    }
    let m = &server.metrics;
    for shop in server.shops.values() {
        let (g, orders, cases) = shop.look(|l| (l.cursor.g, l.columns.len(), l.book.open_cases().count())).await;
        let set = |gauge: &IntGaugeVec, n: usize| {
            gauge.with_label_values(&[shop.id.as_str()]).set(i64::try_from(n).unwrap_or(i64::MAX));
        };
        set(&m.log, g as usize);
        set(&m.safe, shop.safe().await as usize);
        set(&m.orders, orders);
        set(&m.cases, cases);
        set(&m.listening, shop.listening());
    }
    let mut text = Vec::new();
    if let Err(error) = TextEncoder::new().encode(&m.registry.gather(), &mut text) {
        tracing::error!(%error, "metrics cannot be written");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
