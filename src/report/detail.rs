//! What sales are made of: tax by rate, money by tender, the goods that sell, and what they leave.

use std::collections::{BTreeMap, HashMap};

use crate::domain::order::{Line, Order, OrderState, by_rate};
use crate::domain::shop::tax::RateSum;
use crate::domain::shop::tender::Tender;
use crate::domain::stock::document::{Cost, Margin};
use crate::domain::value::id::VariantId;
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::{Quantity, Unit};

/// Sales of one thing, less what came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Article {
    pub variant: Option<VariantId>,
    pub name: String,
    pub unit: Unit,
    pub quantity: Quantity,
    /// Sum that customers are charged for it, tax included.
    pub gross: Minor,
    pub net: Minor,
    /// Cost of it, where that is known.
    pub cost: Option<Minor>,
}

impl Article {
    /// Returns what is left of the net.
    pub fn margin(&self) -> Option<Minor> {
        self.cost.map(|cost| Margin::new(self.net, cost).left)
    }
}

/// See the module. In one currency.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Detail {
    /// Sum that customers are charged.
    pub charged: Minor,
    /// Cost of the goods that came back.
    pub returned: Minor,
    pub taxes: Vec<RateSum>,
    /// Taken and given back, by tender.
    pub tenders: Vec<(Tender, Minor, Minor)>,
    /// The largest first.
    pub articles: Vec<Article>,
}

impl Detail {
    /// Returns what is left of the net of everything whose cost is known, what that cost, and how many articles' is
    /// not.
    pub fn margin(&self) -> (Margin, Minor, usize) {
        let known = self.articles.iter().filter_map(|a| Some((a.net, a.cost?)));
        let (net, cost) =
            known.fold((0_i64, 0_i64), |(n, c), (net, cost)| (n.saturating_add(net.0), c.saturating_add(cost.0)));
        (Margin::new(Minor(net), Minor(cost)), Minor(cost), self.articles.iter().filter(|a| a.cost.is_none()).count())
    }
}

/// Adds orders up one after the other, so that a year does not have to be in memory at once.
#[derive(Clone, Debug, Default)]
pub struct Adding {
    charged: Minor,
    returned: Minor,
    taxes: Vec<RateSum>,
    tenders: BTreeMap<Tender, (Minor, Minor)>,
    articles: HashMap<(Option<VariantId>, String), Article>,
}

fn add(sum: &mut Minor, more: Minor) {
    *sum = Minor(sum.0.saturating_add(more.0));
}

impl Adding {
    /// Orders that were voided or only quoted, or are in another currency, do not count; money that was taken for a
    /// voided one does.
    pub fn order(&mut self, order: &Order, currency: Currency, cost: impl Fn(VariantId) -> Option<Cost>) {
        if order.currency != currency {
            return;
        }
        for p in &order.payments {
            add(&mut self.tenders.entry(p.tender).or_default().0, p.amount);
        }
        for r in &order.refunds {
            add(&mut self.tenders.entry(r.tender).or_default().1, r.amount);
        }
        if matches!(order.state, OrderState::Voided | OrderState::Draft) {
            return;
        }
        add(&mut self.charged, order.charged());
        add(&mut self.returned, order.returned());
        self.taxes = by_rate(self.taxes.drain(..).chain(order.taxes()));
        for (i, line) in order.lines.iter().enumerate() {
            let kept = order.kept_of(i);
            let back = order.returned.iter().filter(|r| usize::from(r.line) == i);
            let (gross, tax) = back.fold((line.gross().0, line.tax.0), |(g, t), r| {
                (g.saturating_sub(r.amount.0), t.saturating_sub(r.tax.0))
            });
            // Of a kit, what it is made of has a cost.
            let goods = order.goods(&Line { quantity: kept, ..line.clone() });
            let each = |(variant, quantity): (VariantId, Quantity)| cost(variant)?.minor_of(quantity);
            let costs: Option<Vec<Minor>> = goods.into_iter().map(each).collect();
            let cost = costs.filter(|all| !all.is_empty()).map(|all| all.into_iter().sum::<Minor>());
            // Names may change; what is sold under its number is one thing.
            let key = (line.variant, if line.variant.is_some() { String::new() } else { line.name.clone() });
            let article = self.articles.entry(key).or_insert_with(|| Article {
                variant: line.variant,
                name: line.name.clone(),
                unit: line.unit,
                quantity: Quantity::ZERO,
                gross: Minor::ZERO,
                net: Minor::ZERO,
                cost: Some(Minor::ZERO),
            });
            article.quantity = article.quantity.saturating_add(kept);
            add(&mut article.gross, Minor(gross));
            add(&mut article.net, Minor(gross.saturating_sub(tax)));
            article.cost = article.cost.zip(cost).map(|(sum, more)| Minor(sum.0.saturating_add(more.0)));
        }
    }

    pub fn done(self) -> Detail {
        let mut articles: Vec<Article> =
            self.articles.into_values().filter(|a| a.quantity.0 != 0 || a.gross.0 != 0).collect();
        articles.sort_by(|a, b| (b.gross, &a.name, a.variant).cmp(&(a.gross, &b.name, b.variant)));
        Detail {
            charged: self.charged,
            returned: self.returned,
            taxes: self.taxes,
            tenders: self.tenders.into_iter().map(|(tender, (taken, back))| (tender, taken, back)).collect(),
            articles,
        }
    }
}
