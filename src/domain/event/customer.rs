//! Events of customers: their cards and accounts.

use super::Happening;
use super::check::{Check, Own};
use super::fold::Fold;
use super::table::payloads;
use crate::domain::book::case::{CaseKind, Edited};
use crate::domain::book::table;
use crate::domain::customer::account::Account;
use crate::domain::customer::{Customer, Person};
use crate::domain::order::Order;
use crate::domain::payment::Payment;
use crate::domain::rejection::Rejection;
use crate::domain::shop::tender::Tender;
use crate::domain::value::flaw::{Field, Flaw, check_length};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::CustomerId;
use crate::domain::value::money::Minor;
use crate::domain::value::part::PersonalRef;

payloads! {
    /// A customer's card, whose content is the detached part `person`.
    CustomerSet {
        customer: CustomerId,
        person: PersonalRef,
        /// A hash of the card that whoever edited it saw, with the salt of the part: it says nothing once that is
        /// erased.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Hash>,
    }
    /// The sum that a customer may owe, and which group they are of.
    AccountSet {
        customer: CustomerId,
        limit: Minor,
        /// The group whose prices are theirs; `None` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    }
    /// A customer paid what they owe.
    AccountSettled { customer: CustomerId, payment: Payment, }
}

impl Happening for CustomerSet {
    fn bring(&self, own: &mut Own) {
        own.cards.push(self.customer);
    }

    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let part = fold.parts.get(&self.person.pd);
        let person = part.and_then(|p| serde_json::from_slice::<Person>(p.data.as_bytes()).ok()).unwrap_or_default();
        let known = fold.get(table::customers, &self.customer).map(|c| &c.person);
        if let (Some(part), Some(was), Some(known)) = (part, self.was, known)
            && known.hash(part.salt) != was
            && *known != person
        {
            let put_aside = Edited::Customer { customer: self.customer, person: known.clone() };
            fold.open_case(CaseKind::EditedTwice { put_aside });
        }
        fold.put(table::customers, self.customer, Customer { id: self.customer, person });
    }
}

impl Happening for AccountSet {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        if self.limit < Minor::ZERO {
            return Err(Flaw::Negative { field: Field::Amount }.into());
        }
        Ok(self.group.as_ref().map_or(Ok(()), |g| check_length(g, Field::Category))?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_account(self.customer, |account| {
            account.limit = self.limit;
            if let Some(group) = &self.group {
                account.group.clone_from(group);
            }
        });
    }
}

impl Happening for AccountSettled {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        if self.payment.tender.needs_customer() {
            return Err(Rejection::NoCustomer);
        }
        if self.payment.amount <= Minor::ZERO { Err(Flaw::Negative { field: Field::Amount }.into()) } else { Ok(()) }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_account(self.customer, |account| account.settle(self.payment.amount));
        fold.with_shift(|shift| {
            shift.take(self.payment.tender, self.payment.amount);
            shift.payments += 1;
        });
    }
}

impl Fold<'_> {
    fn with_account(&mut self, customer: CustomerId, change: impl FnOnce(&mut Account)) {
        let mut account = self.get(table::accounts, &customer).cloned().unwrap_or_default();
        change(&mut account);
        self.put(table::accounts, customer, account);
    }

    /// Books money for an order that is somebody's debt or credit.
    pub(super) fn on_account(&mut self, order: &Order, tender: Tender, amount: Minor) {
        if let Some(customer) = order.customer.filter(|_| tender.needs_customer()) {
            self.with_account(customer, |account| account.take(tender, amount));
        }
    }
}
