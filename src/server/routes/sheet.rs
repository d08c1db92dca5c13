//! `POST /v1/sheet`: a workbook in, its first sheet as CSV out. Nothing is kept.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;

use crate::server::error::ApiError;
use crate::server::{Server, auth, sheet};

pub async fn sheet(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Result<impl IntoResponse, ApiError> {
    auth::tablet(&server, &headers).await?;
    let unreadable = |what: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", what);
    let read = tokio::task::spawn_blocking(move || sheet::to_csv(&body)).await;
    let text = read.map_err(|_| unreadable("the workbook cannot be read".into()))?.map_err(unreadable)?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text))
}
