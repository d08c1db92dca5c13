//! What a new store starts with, and the small demo shop that `--demo` fills it with.

use crate::domain::decide::Draft;
use crate::domain::event::Event;
use crate::domain::goods::product::{Product, Variant};
use crate::domain::shop::location::{self, Location, LocationKind};
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::{self, Role, Staff};
use crate::domain::shop::tax::TaxRate;
use crate::domain::stock::{Movement, Reason};
use crate::domain::value::id::{Id, LocationId, MovementId, ProductId, TaxId, VariantId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::Timestamp;

const USUAL_TAX: TaxId = TaxId(Id { replica: 0, n: 1 });
const STALL: LocationId = LocationId(Id { replica: 0, n: 2 });

/// A store's first events: one owner, one place, a profile to be filled in.
pub fn founding() -> Draft {
    let owner = Staff { id: staff::FIRST, name: "店主 Owner".into(), role: Role::Owner, active: true, pin: None };
    let store = Location { id: location::FIRST, name: "门店 Store".into(), kind: LocationKind::Store, active: true };
    let profile = Profile { name: "日单 Daybook".into(), ..Profile::default() };
    Draft {
        events: vec![Event::StaffSet(owner), Event::LocationSet(store), Event::ProfileSet(profile)],
        ..Draft::default()
    }
}

/// Goods of a tea and grocery stall: name, category, unit, price, pieces in the store and at the stall, variants.
type Goods = (&'static str, &'static str, Unit, i64, i64, i64, &'static [(&'static str, i64)]);

const GOODS: &[Goods] = &[
    ("龙井茶 Longjing tea", "茶叶 Tea", Unit::Piece, 12800, 24, 12, &[("50 g", 0), ("100 g", 11200), ("250 g", 42000)]),
    ("铁观音 Tieguanyin", "茶叶 Tea", Unit::Piece, 9800, 30, 10, &[("100 g", 0), ("250 g", 13000)]),
    ("普洱茶饼 Pu'er cake", "茶叶 Tea", Unit::Piece, 16800, 12, 4, &[]),
    ("茉莉花茶 Jasmine tea", "茶叶 Tea", Unit::Piece, 5800, 40, 20, &[]),
    ("红富士苹果 Fuji apples", "水果 Fruit", Unit::Jin, 680, 80, 40, &[]),
    ("赣南脐橙 Navel oranges", "水果 Fruit", Unit::Jin, 790, 60, 35, &[]),
    ("香蕉 Bananas", "水果 Fruit", Unit::Jin, 450, 50, 30, &[]),
    ("巨峰葡萄 Kyoho grapes", "水果 Fruit", Unit::Jin, 1280, 25, 15, &[]),
    (
        "手工水饺 Dumplings",
        "熟食 Kitchen",
        Unit::Pack,
        2500,
        30,
        18,
        &[("猪肉白菜 Pork", 0), ("韭菜鸡蛋 Chives", 0), ("虾仁 Prawn", 800)],
    ),
    ("酱牛肉 Braised beef", "熟食 Kitchen", Unit::Jin, 6800, 15, 8, &[]),
    ("葱油饼 Scallion pancake", "熟食 Kitchen", Unit::Piece, 800, 0, 60, &[]),
    ("土鸡蛋 Farm eggs", "粮油 Staples", Unit::Box, 2880, 40, 15, &[]),
    ("东北大米 Rice", "粮油 Staples", Unit::Kilogram, 890, 120, 30, &[]),
    ("菜籽油 Rapeseed oil", "粮油 Staples", Unit::Litre, 1850, 60, 10, &[]),
    ("老干妈 Chilli crisp", "调味 Condiments", Unit::Piece, 1090, 48, 12, &[]),
    ("生抽 Light soy sauce", "调味 Condiments", Unit::Piece, 1280, 36, 6, &[]),
    ("景德镇茶杯 Tea cup", "器具 Wares", Unit::Piece, 3600, 20, 8, &[("青花 Blue", 0), ("白瓷 White", 0)]),
    ("竹编篮 Bamboo basket", "器具 Wares", Unit::Piece, 4500, 8, 3, &[]),
];

/// Fills a store with goods, a tax rate and a stall.
pub fn shop(profile: Profile, at: Timestamp) -> Draft {
    let profile = Profile {
        name: "春风小铺 Spring Breeze".into(),
        address: "城南路 18 号".into(),
        phone: "0571-8800 0000".into(),
        slip_foot: "谢谢惠顾 Thank you".into(),
        currency: Currency::CNY,
        usual_tax: Some(USUAL_TAX),
        ..profile
    };
    let mut events = vec![
        Event::TaxRateSet(TaxRate {
            id: USUAL_TAX,
            name: "增值税 VAT 3%".into(),
            rate_bp: 300,
            active: true,
            changes: Vec::new(),
        }),
        Event::LocationSet(Location {
            id: STALL,
            name: "周末市集 Market stall".into(),
            kind: LocationKind::Stall,
            active: true,
        }),
        Event::ProfileSet(profile),
    ];
    for (name, category, unit, price, store, stall, variants) in GOODS {
        let plain = [("", 0)];
        let variants = if variants.is_empty() { &plain[..] } else { variants };
        let made: Vec<Variant> = variants
            .iter()
            .enumerate()
            .map(|(i, (label, more))| Variant {
                id: VariantId(Id::derived("variant", "demo", &format!("{name}/{i}"))),
                label: (*label).into(),
                price: Minor(price + more),
                low_at: Some(Quantity::whole(5)),
                ..Variant::default()
            })
            .collect();
        let mut moved = Vec::new();
        for v in &made {
            for (location, pieces) in [(location::FIRST, *store), (STALL, *stall)] {
                let id = MovementId(Id::derived("opening", &v.id.to_string(), &location.to_string()));
                let change = Quantity::whole(pieces);
                moved.push(Event::StockMoved(Movement {
                    id,
                    variant: v.id,
                    location,
                    change,
                    reason: Reason::Opening,
                    at,
                    by: staff::FIRST,
                }));
            }
        }
        let id = ProductId(Id::derived("product", "demo", name));
        let product = Product {
            id,
            name: (*name).into(),
            category: (*category).into(),
            unit: *unit,
            tax: None,
            active: true,
            variants: made,
        };
        events.push(Event::ProductSet(product));
        events.extend(moved);
    }
    Draft { events, ..Draft::default() }
}
