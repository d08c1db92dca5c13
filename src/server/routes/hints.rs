//! `GET /v1/hints`: a stream of numbers. Each says "the log has come this far"; what is in it has to be asked for.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};

use crate::server::error::ApiError;
use crate::server::{Server, auth};

#[derive(serde::Deserialize)]
pub struct Ticket {
    ticket: String,
}

pub async fn hints(
    State(server): State<Server>,
    Query(query): Query<Ticket>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let tablet =
        server.journal.tablet_by_ticket(&auth::sha256(&query.ticket)).await?.ok_or_else(ApiError::unknown_token)?;
    let shop = server.shops.get(&tablet.store).ok_or_else(ApiError::unknown_token)?;
    let mut hints = shop.hints();
    hints.mark_changed();
    let ending = server.ending.clone();
    let events = stream::unfold((hints, ending), |(mut hints, mut ending)| async move {
        tokio::select! {
            changed = hints.changed() => changed.ok()?,
            _ = ending.wait_for(|e| *e) => return None,
        }
        let g = *hints.borrow_and_update();
        let event = Event::default().data(format!("{{\"g\":{g}}}")).retry(Duration::from_millis(500));
        Some((Ok(event), (hints, ending)))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}
