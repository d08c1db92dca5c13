//! Web shops that hand orders in: who signed a message, and what it says.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::journal::IntakeRow;
use super::shop::Shop;
use crate::actions::intake::{HandedIn, Words, read_web_order};
use crate::domain::shop::location;
use crate::domain::value::id::OrderId;
use crate::domain::value::time::Timestamp;
use crate::import::web::{Dialect, WebOrder};
use crate::import::{self, Kind, Origin, Store};
use crate::server::shop::WriteError;

/// The most characters of a shop's name, which stands in its address.
pub const MOST_NAME: usize = 40;

/// What an order is marked with that was called off or changed when money or goods were out already.
const WORDS: Words<'static> = Words {
    called_off: "网店已取消 Called off in the web shop",
    changed: "网店有改动 Changed in the web shop",
};

/// Why a message was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not an order that can be read: where, and what is wrong.
    #[error("unreadable: {0}")]
    Unreadable(String),
    #[error(transparent)]
    NotWritten(#[from] WriteError),
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    Placed(OrderId),
    /// It was there already, and something new was said of it.
    Changed(OrderId),
    /// Nothing new.
    Known(OrderId),
}

/// The header in which a shop's signature stands.
pub fn signature_header(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Shopify => "x-shopify-hmac-sha256",
        Dialect::Woocommerce => "x-wc-webhook-signature",
        Dialect::Json => "x-daybook-signature",
    }
}

/// Says whether a body was signed with a secret: HMAC-SHA256 over its exact bytes, as base64 or as hex, compared in a
/// time that does not depend on where they differ.
pub fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let signature = signature.trim().trim_start_matches("sha256=");
    let hex = || {
        let digits = signature
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok()));
        digits.collect::<Option<Vec<u8>>>().filter(|b| b.len() == 32)
    };
    let Some(given) = hex().or_else(|| Base64::decode_vec(signature).ok()) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(&given).is_ok()
}

/// Takes a signed message in.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub async fn take_in(shop: &Shop, row: &IntakeRow, body: &str, at: Timestamp) -> Result<Taken, Refused> {
    let dialect =
        Dialect::named(&row.kind).ok_or_else(|| Refused::Unreadable("this shop's kind is not known".into()))?;
    let currency = shop.look(|l| l.book.profile().currency).await;
    let handed = match dialect {
        Dialect::Json => {
            let web: WebOrder = serde_json::from_str(body)
                .map_err(|e| Refused::Unreadable(format!("line {}, column {}: {e}", e.line(), e.column())))?;
            let read = shop.look(|l| read_web_order(&l.book, &row.name, &web, body.to_owned(), at)).await;
            read.map_err(|reason| Refused::Unreadable(reason.to_string()))?
        }
        other => {
            let kind = if other == Dialect::Shopify { Kind::ShopifyOrders } else { Kind::WoocommerceOrders };
            let preview = import::read(body, Some(kind), None, &Origin::default(), Store { currency });
            let Some(order) = preview.orders.into_iter().next() else {
                let issues: Vec<String> =
                    preview.issues.iter().map(|i| format!("{}: {:?}", i.column, i.code)).collect();
                return Err(Refused::Unreadable(issues.join("; ")));
            };
            // The first shop of a kind goes by the kind's name, as files of it do: an order of both is one.
            let source = if row.name == other.name() {
                other.name().to_owned()
            } else {
                format!("{}:{}", other.name(), row.name)
            };
            HandedIn::new(order, &source, body.to_owned())
        }
    };
    let id = handed.id();
    let mut taken = Taken::Known(id);
    let done = shop
        .write_about(at, &[id], |book, cx| {
            let draft = match book.orders.get(&id) {
                None => {
                    taken = Taken::Placed(id);
                    handed.place(book, cx, location::FIRST)
                }
                Some(known) => {
                    let draft = handed.again(book, known, WORDS, cx);
                    taken = if draft.events.is_empty() { Taken::Known(id) } else { Taken::Changed(id) };
                    draft
                }
            };
            Ok(draft)
        })
        .await;
    done?;
    Ok(taken)
}
