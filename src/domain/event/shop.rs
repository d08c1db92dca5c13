//! Events of the shop itself: its profile, rates, places and people.

use super::check::{Check, Own};
use super::fold::Fold;
use super::{Happening, Setting};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, table};
use crate::domain::rejection::Rejection;
use crate::domain::shop::location::Location;
use crate::domain::shop::profile::{MOST_PAY_CODE, Profile};
use crate::domain::shop::staff::{Role, Staff};
use crate::domain::shop::tax::TaxRate;
use crate::domain::value::flaw::{Field, Flaw, check_length, check_name};

impl Happening for Profile {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        check_name(&self.name, Field::Name)?;
        for text in [&self.address, &self.phone, &self.tax_number, &self.slip_foot] {
            check_length(text, Field::Name)?;
        }
        if self.pay_codes.values().any(|code| code.is_empty() || code.len() > MOST_PAY_CODE) {
            return Err(Flaw::TooLong { field: Field::Name, most: MOST_PAY_CODE }.into());
        }
        if self.scale.as_ref().is_some_and(|codes| !codes.are_right()) {
            return Err(Flaw::NotAnAmount { field: Field::Barcode }.into());
        }
        match self.cash_rounding {
            Some(rounding) if !(2..=1_000_000).contains(&rounding.step.0) => {
                Err(Flaw::TooMuch { field: Field::Amount }.into())
            }
            _ => Ok(()),
        }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::profile, (), self.clone());
    }
}

impl Setting for Profile {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.profile.at(layer, &()).cloned()
    }
}

impl Happening for TaxRate {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        check_name(&self.name, Field::Name)?;
        Ok(TaxRate::check(self)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::taxes, self.id, self.clone());
    }
}

impl Setting for TaxRate {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.taxes.at(layer, &self.id).cloned()
    }
}

impl Happening for Location {
    fn bring(&self, own: &mut Own) {
        own.locations.push(self.id);
    }

    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(check_name(&self.name, Field::Name)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::locations, self.id, self.clone());
    }
}

impl Setting for Location {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.locations.at(layer, &self.id).cloned()
    }
}

impl Happening for Staff {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        check_name(&self.name, Field::Name)?;
        let others = cx.book.staff.iter().any(|(id, s)| *id != self.id && s.active && s.role == Role::Owner);
        if others || (self.active && self.role == Role::Owner) { Ok(()) } else { Err(Rejection::LastOwner) }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::staff, self.id, self.clone());
    }
}

impl Setting for Staff {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.staff.at(layer, &self.id).cloned()
    }
}
