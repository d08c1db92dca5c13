//! What clerks do: every kind of command, on whatever orders and documents there are.

use daybook::actions::ActionError;
use daybook::domain::book::Book;
use daybook::domain::book::case::CaseKind;
use daybook::domain::decide::{Command, Context, Money, decide};
use daybook::domain::event::Event;
use daybook::domain::goods::price::Discount;
use daybook::domain::order::rule::{Act, Rule, Trigger};
use daybook::domain::order::{self, Assignee, Cart, CartLine, OrderState, ReturnReason, VoidReason, steps_from};
use daybook::domain::payment::Outcome as Answer;
use daybook::domain::payment::till::Counted;
use daybook::domain::shop::location::{Location, LocationKind};
use daybook::domain::shop::profile::Profile;
use daybook::domain::shop::tender::Tender;
use daybook::domain::shop::{location, staff};
use daybook::domain::stock::Adjustment;
use daybook::domain::stock::document::Document;
use daybook::domain::stock::lease::{Lease, Scarcity};
use daybook::domain::value::id::{Id, IdSource, LocationId, OrderId, VariantId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::{Quantity, Unit};
use futures::executor::block_on;

use super::{Taken, World};

impl World<'_> {
    pub(super) fn act(&mut self, t: usize) {
        let tab = self.dice.below(self.tablets[t].tabs.len() as u64) as usize;
        let command = self.command(t, tab);
        let desk = &self.tablets[t].tabs[tab];
        let done = block_on(desk.act(staff::FIRST, command.clone(), Vec::new()));
        let name = format!("{command:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned();
        match done {
            Ok(receipt) => {
                if let Some(id) = receipt.placed {
                    let number = desk.ledger().book.orders.get(&id).map(|o| o.number.clone()).unwrap_or_default();
                    let shared = self.shares_identity(t);
                    let before = self.taken.insert(id, Taken { number, tablet: t, shared });
                    assert!(before.is_none(), "an identifier twice: {id}");
                }
                self.note(format!("tablet {t}.{tab} {name} seq {}", receipt.seq));
            }
            Err(ActionError::NotSaved(error)) => self.note(format!("tablet {t}.{tab} {name} not saved: {error}")),
            Err(ActionError::Rejected(_)) => {}
            Err(ActionError::NotEnrolled) => panic!("the tablet forgot who it is"),
        }
    }

    /// A paid order whose sum is not that of its lines: the server keeps it and cannot apply it, until somebody accepts
    /// it.
    pub(super) fn write_wrong(&mut self, t: usize) {
        let desk = &self.tablets[t].tabs[0];
        let Some(variant) = desk.ledger().book.products.iter().map(|(_, p)| p.variants[0].id).min() else { return };
        let make = |book: &Book, cx: &mut Context<'_>, number: &str| {
            let money =
                Money { tender: Tender::Cash, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
            let cart = Cart { lines: vec![tea_line(variant, 1)], ..Cart::default() };
            let place = Command::Place {
                cart,
                number: number.into(),
                location: location::FIRST,
                money: Some(money),
                hand_over: true,
            };
            let mut draft = decide(book, place, cx)?;
            for event in &mut draft.events {
                if let Event::OrderPlaced(order) = event {
                    order.totals.total = Minor(1);
                }
            }
            Ok(draft)
        };
        let done = block_on(desk.write(staff::FIRST, Vec::new(), make));
        self.note(format!("tablet {t} writes what the server cannot apply: {:?}", done.map(|r| r.seq)));
    }

    pub(super) fn shares_identity(&self, t: usize) -> bool {
        let replica = |t: usize| self.tablets[t].tabs[0].ledger().identity.as_ref().map(|i| i.replica);
        (0..self.tablets.len()).any(|other| other != t && !self.gone.contains(&other) && replica(other) == replica(t))
    }

    fn command(&mut self, t: usize, tab: usize) -> Command {
        let dice = &mut self.dice;
        let ledger = self.tablets[t].tabs[tab].ledger();
        let Some(variant) = ledger.book.products.iter().map(|(_, p)| p.variants[0].id).min() else {
            return Command::ResolveCase(IdSource { replica: 0, next: 0 }.take());
        };
        let mut orders: Vec<OrderId> = ledger.book.orders.iter().map(|(id, _)| *id).collect();
        orders.sort();
        let order = (!orders.is_empty()).then(|| orders[dice.below(orders.len() as u64) as usize]);
        let pieces = 1 + dice.below(3) as i64;
        let mut documents: Vec<Id> = ledger.book.documents.iter().map(|(id, _)| *id).collect();
        documents.sort();
        let document = (!documents.is_empty()).then(|| documents[dice.below(documents.len() as u64) as usize]);
        match (dice.below(34), order) {
            (28, _) => {
                let held = ledger
                    .book
                    .open_cases()
                    .filter(|(_, c)| matches!(c.kind, CaseKind::HeldFacts { .. }))
                    .map(|(id, _)| *id);
                let case = held.min().unwrap_or_default();
                if pieces == 1 { Command::ResolveCase(case) } else { Command::AcceptHeld(case) }
            }
            (29, _) => Command::SaveProfile(Profile { name: format!("sim {pieces}"), ..ledger.book.profile() }),
            (30, _) => {
                let aside = ledger
                    .book
                    .open_cases()
                    .filter(|(_, c)| matches!(c.kind, CaseKind::EditedTwice { .. }))
                    .map(|(id, _)| *id);
                Command::TakePutAside(aside.min().unwrap_or_default())
            }
            (31 | 32, Some(order)) => {
                let refund = if pieces == 1 { vec![(Tender::Cash, Minor(1_280))] } else { Vec::new() };
                let location = (pieces < 3).then_some(location::FIRST);
                Command::Return { order, goods: vec![(0, Quantity::ONE)], why: ReturnReason::Other, location, refund }
            }
            (33, Some(order)) if pieces == 1 => Command::Tell { order, text: "{number}".into() },
            (33, Some(order)) => Command::Told { order, sent: pieces == 2 },
            (24, _) => Command::OpenStocktake { location: location::FIRST, category: String::new(), blind: false },
            (25 | 26, _) => match document.and_then(|id| ledger.book.documents.get(&id).map(|d| (id, d))) {
                Some((id, Document::Stocktake(_))) if pieces > 1 => {
                    Command::CountFor { stocktake: id, variant, counted: Quantity::whole(pieces) }
                }
                Some((id, Document::Stocktake(_))) => Command::EndStocktake { stocktake: id, post: true },
                Some((id, Document::Transfer(t))) => Command::Arrived { transfer: id, goods: t.goods.clone() },
                _ => Command::Count { location: location::FIRST, variant, counted: Quantity::whole(pieces) },
            },
            (27, _) => {
                let other = LocationId(Id::derived("location", "sim", "van"));
                let (from, to) = if ledger.book.locations.get(&other).is_some() {
                    (location::FIRST, other)
                } else {
                    let van = Location { id: other, name: "Van".into(), kind: LocationKind::Van, active: true };
                    return Command::SaveLocation(van);
                };
                Command::Send { from, to, goods: vec![(variant, Quantity::whole(pieces))] }
            }
            (17, _) => Command::AllocateAll(orders.into_iter().collect()),
            (18, Some(order)) => Command::Step { order, to: OrderState::Allocated, location: location::FIRST },
            (19, Some(order)) => Command::Split { order, take: vec![(0, Quantity::ONE)], number: String::new() },
            (20, Some(order)) => {
                Command::Edit { order, cart: Cart { lines: vec![tea_line(variant, pieces)], ..Cart::default() } }
            }
            (21, Some(order)) => {
                let who = (pieces > 1).then(|| Assignee::Station(format!("station {pieces}")));
                Command::Mark { order, mark: order::Mark::Assigned(who) }
            }
            (22, Some(order)) => match ledger.book.orders.get(&order).and_then(|o| o.attempts.last()) {
                Some(attempt) => {
                    let outcome = [Answer::Unknown, Answer::Confirmed, Answer::Declined][pieces as usize - 1];
                    Command::Answer { order, attempt: attempt.id, outcome, reference: String::new() }
                }
                None => Command::Ask { order, tender: Tender::Card, amount: Minor(100 * pieces) },
            },
            (23, _) => Command::SaveRule(Rule {
                id: Id::derived("rule", "sim", &pieces.to_string()),
                name: "sim".into(),
                on: dice.one_in(2),
                when: Trigger::Placed,
                conditions: Vec::new(),
                acts: vec![
                    Act::Confirm,
                    Act::Allocate,
                    Act::AssignLeastBusy,
                    Act::DeliveryNote,
                    Act::Message("{number}".into()),
                ],
                rank: pieces as u32,
                gone: dice.one_in(4),
            }),
            (14, _) => Command::OpenTill { float: Minor(1_000 * pieces) },
            (15, _) => Command::MoveCash { amount: Minor(500 - 400 * pieces), reason: "sim".into() },
            (16, _) => Command::CloseTill {
                counted: vec![Counted { worth: Minor(100), pieces: 7 }],
                left: Minor(100),
                taxes: Vec::new(),
            },
            (12, _) => Command::SetScarcity { variant, scarcity: dice.one_in(3).then_some(Scarcity::Warn) },
            (13, _) => {
                let replica = ledger.identity.as_ref().map_or(0, |i| i.replica);
                Command::SetAside(Lease {
                    variant,
                    location: location::FIRST,
                    replica,
                    quantity: Quantity::whole(pieces),
                })
            }
            (0, _) => Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(pieces))] },
            (1, _) => {
                Command::Adjust { location: location::FIRST, variant, lost: Quantity::whole(1), why: Adjustment::Lost }
            }
            (2, _) => Command::Count { location: location::FIRST, variant, counted: Quantity::whole(pieces) },
            (3, _) => Command::SetPrice { variant, price: Minor(1_000 + pieces) },
            (4, Some(order)) => {
                let due = ledger.book.orders.get(&order).map_or(Minor(0), |o| o.due());
                Command::Pay {
                    order,
                    money: Money { tender: Tender::Cash, amount: due, tendered: due, reference: String::new() },
                }
            }
            (5, Some(order)) => Command::Void { order, reason: VoidReason::Mistake },
            (6, Some(order)) if dice.one_in(3) => {
                let last = ledger.book.orders.get(&order).and_then(|o| o.last_step());
                Command::UndoStep { order, to: last.map_or(OrderState::Placed, |last| last.step.from) }
            }
            (6 | 7, Some(order)) => {
                let from = ledger.book.orders.get(&order).map_or(OrderState::Placed, |o| o.state);
                let steps: Vec<OrderState> = steps_from(from).map(|s| s.to).collect();
                let to =
                    if steps.is_empty() { OrderState::Closed } else { steps[dice.below(steps.len() as u64) as usize] };
                Command::Step { order, to, location: location::FIRST }
            }
            (sort, _) => {
                let total = Minor(1_280 * pieces);
                let money = Money { tender: Tender::Cash, amount: total, tendered: total, reference: String::new() };
                let cart = Cart { lines: vec![tea_line(variant, pieces)], ..Cart::default() };
                let paid = sort != 11;
                Command::Place {
                    cart,
                    number: String::new(),
                    location: location::FIRST,
                    money: paid.then_some(money),
                    hand_over: paid,
                }
            }
        }
    }
}

fn tea_line(variant: VariantId, pieces: i64) -> CartLine {
    CartLine {
        variant: Some(variant),
        name: "Tea".into(),
        sku: String::new(),
        unit: Unit::Piece,
        quantity: Quantity::whole(pieces),
        unit_price: Minor(1_280),
        discount: Discount::default(),
        tax_id: None,
        rate_bp: 300,
    }
}
