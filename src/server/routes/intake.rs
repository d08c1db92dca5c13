//! `POST /v1/intake/{name}`: a web shop hands an order in, signed. `POST /v1/intakes`: a tablet sets shops up.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::domain::shop::staff::Role;
use crate::domain::value::time::Timestamp;
use crate::import::web::Dialect;
use crate::server::error::ApiError;
use crate::server::intake::{MOST_NAME, Refused, Taken, is_signed, signature_header, take_in};
use crate::server::journal::IntakeRow;
use crate::server::shop::WriteError;
use crate::server::{Server, auth, now_ms};
use crate::sync::protocol::{IntakeAnswer, IntakeChange, IntakeShop};

pub async fn intake(
    State(server): State<Server>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    // The same answer for a shop that is not there and for a signature that is not right: nobody learns which.
    let unsigned = || {
        ApiError::new(StatusCode::UNAUTHORIZED, "bad_signature", "no such shop, or the signature does not fit the body")
    };
    // WooCommerce tries an address with this before it saves it.
    if body.starts_with(b"webhook_id=") {
        return Ok(Json(json!({ "taken": "nothing" })));
    }
    let row = server.journal.intake(&name).await?.ok_or_else(unsigned)?;
    let header = Dialect::named(&row.kind).map(signature_header).ok_or_else(unsigned)?;
    let signature = headers.get(header).and_then(|h| h.to_str().ok()).ok_or_else(unsigned)?;
    if !is_signed(&row.secret, &body, signature) {
        return Err(unsigned());
    }
    let unreadable = |what: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", what);
    let text = String::from_utf8(body.to_vec()).map_err(|_| unreadable("not UTF-8".into()))?;
    let shop = server.shops.get(&row.store).cloned().ok_or_else(unsigned)?;
    server.journal.heard_intake(&name, now_ms()).await?;
    // A task of its own, as for a tablet's round: a shop that hangs up must not break a write off.
    let taken = tokio::spawn(async move { take_in(&shop, &row, &text, Timestamp(now_ms())).await }).await;
    let taken = taken.map_err(|e| crate::server::journal::JournalError(format!("taking in broke off: {e}")))?;
    match taken {
        Ok(Taken::Placed(id)) => Ok(Json(json!({ "taken": "placed", "order": id }))),
        Ok(Taken::Changed(id)) => Ok(Json(json!({ "taken": "changed", "order": id }))),
        Ok(Taken::Known(id)) => Ok(Json(json!({ "taken": "known", "order": id }))),
        Err(Refused::Unreadable(what)) => Err(unreadable(what)),
        Err(Refused::NotWritten(WriteError::Refused(code))) => {
            // Said as what it is: a shop that is told to come again would come for ever.
            Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", format!("this may not be: {code}")))
        }
        Err(Refused::NotWritten(WriteError::Journal(error))) => Err(error.into()),
    }
}

/// Adds or removes a shop, and says which there are. A secret is shown once, when it is made here.
pub async fn intakes(
    State(server): State<Server>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<IntakeAnswer>, ApiError> {
    let tablet = auth::tablet(&server, &headers).await?;
    let malformed = |what: &str| ApiError::new(StatusCode::BAD_REQUEST, "malformed", what);
    let change: IntakeChange = serde_json::from_slice(&body).map_err(|_| malformed("not a change of web shops"))?;
    let mut secret = None;
    if change != IntakeChange::Look {
        auth::person(&server, &tablet, &headers, Role::Manager).await?;
    }
    match change {
        IntakeChange::Look => {}
        IntakeChange::Remove { name } => {
            server.journal.remove_intake(&tablet.store, &name).await?;
            tracing::info!(store = tablet.store, name, "a web shop was removed");
        }
        IntakeChange::Set { name, kind, secret: given } => {
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.is_empty() || name.len() > MOST_NAME || !name.chars().all(letters) {
                return Err(malformed("a shop's name is small letters, digits and dashes"));
            }
            let kind = Dialect::named(&kind).ok_or_else(|| malformed("a kind is shopify, woocommerce or json"))?;
            if server.journal.intake(&name).await?.is_some_and(|row| row.store != tablet.store) {
                return Err(ApiError::new(StatusCode::CONFLICT, "name_taken", "this name is taken"));
            }
            let made = given.is_none().then(auth::new_token);
            let row = IntakeRow {
                name: name.clone(),
                store: tablet.store.clone(),
                kind: kind.name().to_owned(),
                secret: given
                    .or_else(|| made.clone())
                    .filter(|s| s.len() >= 8)
                    .ok_or_else(|| malformed("a secret has 8 letters or more"))?,
                heard_at: None,
            };
            server.journal.set_intake(&row, now_ms()).await?;
            tracing::info!(store = tablet.store, name, kind = kind.name(), "a web shop was set up");
            secret = made;
        }
    }
    let shops = server.journal.intakes(&tablet.store).await?;
    let shops = shops.into_iter().map(|r| IntakeShop { name: r.name, kind: r.kind, heard_at: r.heard_at }).collect();
    Ok(Json(IntakeAnswer { shops, secret }))
}
