//! Pasted orders and scanned codes, against a catalogue.

use daybook::domain::book::Book;
use daybook::domain::book::layered::Layer;
use daybook::domain::event::{Body, Event, Transaction};
use daybook::domain::goods::gtin::Gtin;
use daybook::domain::goods::product::{Product, Variant};
use daybook::domain::shop::staff;
use daybook::domain::value::id::{Id, ProductId, VariantId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::part::Parts;
use daybook::domain::value::quantity::{Quantity, Unit};
use daybook::domain::value::time::Timestamp;
use daybook::domain::work::scan::{Article, look_up};
use daybook::domain::work::search::{Index, Initials};
use daybook::import::chat::{Meaning, Piece, read};

/// Friday, 27 November 2026, 11:00 in the shop.
const NOW: Timestamp = Timestamp(1_795_748_400_000);

pub fn shop() -> (Book, Index) {
    let goods = [
        ("绿茶 Green tea", "MK-01", "6900000000007", Unit::Piece, 1800),
        ("豆腐 Tofu", "MK-05", "036000291452", Unit::Piece, 450),
        ("豆腐干 Dried tofu", "MK-06", "", Unit::Piece, 650),
        ("红富士苹果 Fuji apples", "123", "", Unit::Kilogram, 1200),
        ("酱牛肉 Braised beef", "00045", "", Unit::Jin, 6800),
    ];
    let mut book = Book::default();
    let event = |(i, (name, sku, barcode, unit, price)): (usize, &(&str, &str, &str, Unit, i64))| {
        let id = VariantId(Id { replica: 0, n: i as u64 });
        let variant =
            Variant { id, sku: (*sku).into(), barcode: (*barcode).into(), price: Minor(*price), ..Variant::default() };
        let id = ProductId(Id { replica: 0, n: i as u64 });
        Event::ProductSet(Product {
            id,
            name: (*name).into(),
            unit: *unit,
            active: true,
            variants: vec![variant],
            ..Product::default()
        })
    };
    let body = Body {
        at: Timestamp(0),
        off: 0,
        by: staff::FIRST,
        ok: None,
        ev: goods.iter().enumerate().map(event).collect(),
    };
    book.apply(Layer::Confirmed, &Transaction { replica: 0, seq: 1, body, parts: Parts::new() });
    let index = Index::build(&book, &Initials::new(daybook::server::cli::gbk));
    (book, index)
}

fn variant(n: u64) -> VariantId {
    VariantId(Id { replica: 0, n })
}

fn goods(n: u64, quantity: Quantity) -> Meaning {
    Meaning::Goods { variant: variant(n), quantity }
}

#[test]
fn an_order_in_a_chat_is_understood_as_people_write_it() {
    let (book, index) = shop();
    let one = |text: &str| read(text, &book, &index, NOW).into_iter().map(|p: Piece| p.meaning).collect::<Vec<_>>();
    let q = Quantity::whole;
    for (text, n, quantity) in [
        ("绿茶 2", 0, q(2)),
        ("绿茶2盒", 0, q(2)),
        ("两盒绿茶", 0, q(2)),
        ("绿茶三包", 0, q(3)),
        ("2 x Green tea", 0, q(2)),
        ("Green tea x2", 0, q(2)),
        ("- green tea × 12", 0, q(12)),
        ("MK-01 4", 0, q(4)),
        ("豆腐", 1, q(1)),
        ("豆腐干 3个", 2, q(3)),
        ("苹果 1.5公斤", 3, Quantity(1_500)),
        ("lc 2", 0, q(2)),
        ("2 boxes of green tea", 0, q(2)),
        ("please 3 jin of fuji apple", 3, q(3)),
        ("2 jin fuji apples", 3, q(2)),
        ("要2斤苹果", 3, q(2)),
        ("我要绿茶两盒", 0, q(2)),
    ] {
        assert_eq!(one(text), [goods(n, quantity)], "{text}");
    }
    assert_eq!(one("绿茶2盒，豆腐3块"), [goods(0, q(2)), goods(1, q(3))]);
    assert_eq!(one("绿茶两盒 苹果三斤"), [goods(0, q(2)), goods(3, q(3))]);
    assert_eq!(one("绿茶两盒 明天来"), [Meaning::Rest], "one of them is no goods, so a person reads the line");
}

#[test]
fn who_and_where_are_found_and_the_rest_stays_to_be_read() {
    let (book, index) = shop();
    let text = "老板你好！\n收件人：李雷\n电话 138-0013-8000\n地址：浙江省杭州市西湖区学院路 5 号, 3 栋 2 单元\n要绿茶两盒\n绿茶 2\n下午三点前送到可以吗";
    let found = read(text, &book, &index, NOW);
    assert_eq!(found[1].meaning, Meaning::Name("李雷".into()));
    assert_eq!(found[2].meaning, Meaning::Phone("138-0013-8000".into()));
    assert_eq!(found[3].meaning, Meaning::Address("浙江省杭州市西湖区学院路 5 号, 3 栋 2 单元".into()));
    assert_eq!(found[5].meaning, goods(0, Quantity::whole(2)));
    let rest: Vec<&str> = found.iter().filter(|p| p.meaning == Meaning::Rest).map(|p| p.text.as_str()).collect();
    assert_eq!(rest, ["老板你好！"]);
    assert_eq!(found[4].meaning, goods(0, Quantity::whole(2)));
    let at = Timestamp::parse("2026-11-27T07:00:00Z").expect("a time");
    assert_eq!(found.last().map(|p| p.meaning.clone()), Some(Meaning::Promised(at)));
    for text in ["li.lei+shop@example.com", "邮箱：li.lei+shop@example.com", "Email: li.lei+shop@example.com"] {
        assert_eq!(
            read(text, &book, &index, NOW)[0].meaning,
            Meaning::Email("li.lei+shop@example.com".into()),
            "{text}"
        );
    }
    for text in ["@home", "li@lei", "see you @ 3.30", "a@b@c.d"] {
        assert_eq!(read(text, &book, &index, NOW)[0].meaning, Meaning::Rest, "{text}");
    }
    assert_eq!(read("13900139000", &book, &index, NOW)[0].meaning, Meaning::Phone("13900139000".into()));
    assert_eq!(
        read("12 Garden Road, Bath", &book, &index, NOW)[0].meaning,
        Meaning::Address("12 Garden Road, Bath".into())
    );
}

#[test]
fn nothing_that_is_pasted_is_lost_or_breaks_it() {
    let (book, index) = shop();
    for text in [
        "",
        "\n\n",
        "，，，",
        "x",
        "2",
        "×××",
        "İİİ 电话",
        "电话：",
        "\u{0}\u{1f}\u{1f}",
        &"绿".repeat(5_000),
        &"茶,".repeat(3_000),
    ] {
        let kept: usize = read(text, &book, &index, NOW).iter().map(|p| p.text.chars().count()).sum();
        assert!(kept <= text.chars().count());
    }
}

#[test]
fn a_code_is_found_with_whatever_digits_it_has_and_a_scales_label_says_how_much() {
    let (book, index) = shop();
    let one = Quantity::ONE;
    for (code, n) in
        [("6900000000007", 0), ("06900000000007", 0), ("036000291452", 1), ("0036000291452", 1), ("mk-06", 2)]
    {
        assert_eq!(
            look_up(&book, &index, code),
            Some(Article { variant: variant(n), quantity: one, off: Minor::ZERO }),
            "{code}"
        );
    }
    let with_check = |twelve: &str| Gtin::parse(twelve).and_then(Gtin::ean13).expect("twelve digits");
    let weighed = look_up(&book, &index, &with_check("280012301250"));
    assert_eq!(weighed, Some(Article { variant: variant(3), quantity: Quantity(1_250), off: Minor::ZERO }));
    let jin = look_up(&book, &index, &with_check("280004500500"));
    assert_eq!(
        jin,
        Some(Article { variant: variant(4), quantity: Quantity(1_000), off: Minor::ZERO }),
        "500 g are one jin"
    );
    let priced = look_up(&book, &index, &with_check("210012300600"));
    assert_eq!(priced, Some(Article { variant: variant(3), quantity: Quantity(500), off: Minor::ZERO }));
    for nonsense in ["", "0000", "2800123012508", "9999999999999"] {
        assert_eq!(look_up(&book, &index, nonsense), None, "{nonsense}");
    }
}
