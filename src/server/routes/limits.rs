//! How often one may ask: each tablet, and each address. Beyond it the answer is 429; tablets back off and lose
//! nothing.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::server::error::ApiError;
use crate::server::{Server, auth};

/// Requests a second of one tablet, and how many at once. A tablet that drains a day's queue needs a dozen.
const TABLET: (u32, u32) = (50, 200);
/// The same for one address; a market's tablets may share one.
const ADDRESS: (u32, u32) = (2_000, 5_000);

pub struct Limits {
    tablets: DefaultKeyedRateLimiter<[u8; 32]>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

fn quota((each_second, at_once): (u32, u32)) -> Quota {
    Quota::per_second(NonZeroU32::new(each_second).unwrap_or(NonZeroU32::MIN))
        .allow_burst(NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN))
}

impl Limits {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { tablets: RateLimiter::keyed(quota(TABLET)), addresses: RateLimiter::keyed(quota(ADDRESS)) })
    }

    /// Forgets who has not asked lately, for as long as the server runs.
    pub async fn tidy(self: Arc<Self>) {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            self.tablets.retain_recent();
            self.addresses.retain_recent();
        }
    }
}

pub async fn limit(State(server): State<Server>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let limits = &server.limits;
    let fine = address.is_none_or(|a| limits.addresses.check_key(&a).is_ok())
        && auth::bearer(request.headers()).is_none_or(|token| limits.tablets.check_key(&auth::sha256(token)).is_ok());
    if fine {
        return next.run(request).await;
    }
    let mut response =
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "asked too often; try again in a second")
            .into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
