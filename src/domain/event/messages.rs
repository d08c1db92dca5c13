//! Events of what the customer is told.

use super::Happening;
use super::check::Check;
use super::fold::Fold;
use super::table::payloads;
use crate::domain::order::{Happened, MOST_MESSAGES, Message, check_message};
use crate::domain::rejection::Rejection;
use crate::domain::value::id::OrderId;

payloads! {
    /// The customer is to be told; nothing personal is in the text, which has names in braces for what is.
    MessageDue { order: OrderId, text: String, }
    /// Somebody sent the messages that were due, or let them go.
    MessageSent { order: OrderId, sent: bool, /** How many of its messages whoever says so had seen. */ seen: u16, }
}

impl Happening for MessageDue {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(check_message(&self.text)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.messages.len() < MOST_MESSAGES {
                order.messages.push(Message { text: self.text.clone(), sent: None });
                fold.note(order, Happened::MessageDue);
            }
        });
    }
}

impl Happening for MessageSent {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            // Whoever sent them had seen so many; what came meanwhile is still to be sent.
            let due = order.messages.iter_mut().take(usize::from(self.seen)).filter(|m| m.is_due());
            // Seen to on two tablets: the first counts.
            if due.map(|m| m.sent = Some(self.sent)).count() > 0 && self.sent {
                fold.note(order, Happened::MessageSent);
            }
        });
    }
}
