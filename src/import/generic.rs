//! Any table: its columns are guessed from their names and can be set by hand.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::table::{self, Row, Table};
use super::{Found, IssueCode, Origin, Preview, Store, clean};
use crate::domain::customer::Person;
use crate::domain::goods::product::{Product, Variant};
use crate::domain::order::{Line, OrderState};
use crate::domain::value::id::{Id, ProductId, VariantId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::named::Named;
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::Timestamp;

/// Meaning that a column can have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Column {
    Reference,
    Date,
    Name,
    Variant,
    Sku,
    Barcode,
    Category,
    Price,
    Quantity,
    Stock,
    Total,
    Currency,
    Customer,
    Phone,
    Address,
    Note,
}

impl Column {
    pub const ALL: [Self; 16] = [
        Self::Reference,
        Self::Date,
        Self::Name,
        Self::Variant,
        Self::Sku,
        Self::Barcode,
        Self::Category,
        Self::Price,
        Self::Quantity,
        Self::Stock,
        Self::Total,
        Self::Currency,
        Self::Customer,
        Self::Phone,
        Self::Address,
        Self::Note,
    ];

    /// Names of such a column in the wild, without spaces and punctuation, in small letters.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Reference => {
                &["orderid", "order", "orderno", "ordernumber", "reference", "订单号", "订单编号", "单号", "订单"]
            }
            Self::Date => {
                &["date", "orderdate", "createdat", "time", "日期", "下单时间", "订单日期", "时间", "创建时间"]
            }
            Self::Name => &[
                "name",
                "product",
                "productname",
                "item",
                "title",
                "lineitemname",
                "商品",
                "商品名称",
                "品名",
                "名称",
                "产品",
                "货品",
            ],
            Self::Variant => &["variant", "option", "size", "spec", "规格", "型号"],
            Self::Sku => {
                &["sku", "productid", "code", "itemcode", "lineitemsku", "货号", "商品编码", "编码", "产品编号"]
            }
            Self::Barcode => &["barcode", "gtin", "ean", "upc", "条码", "条形码"],
            Self::Category => &["category", "type", "group", "categoryid", "分类", "类别", "品类"],
            Self::Price => &["price", "unitprice", "lineitemprice", "单价", "售价", "价格"],
            Self::Quantity => &["quantity", "qty", "amount", "lineitemquantity", "数量", "件数"],
            Self::Stock => &["stock", "instock", "unitsinstock", "inventory", "onhand", "库存", "库存数量"],
            Self::Total => &["total", "ordertotal", "总价", "金额", "合计", "总金额", "实付"],
            Self::Currency => &["currency", "币种", "货币"],
            Self::Customer => {
                &["customer", "customername", "shipname", "buyer", "contact", "客户", "顾客", "买家", "收货人", "姓名"]
            }
            Self::Phone => &["phone", "tel", "mobile", "电话", "手机", "手机号", "联系电话"],
            Self::Address => &["address", "shipaddress", "地址", "收货地址"],
            Self::Note => &["note", "remark", "comment", "备注", "留言"],
        }
    }
}

/// Map from meanings to the columns of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<Column, usize>);

impl Mapping {
    /// Guesses from the names in a header.
    pub fn guess(header: &[String]) -> Self {
        let plain: Vec<String> = header
            .iter()
            .map(|h| h.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
            .collect();
        let mut mapping = BTreeMap::new();
        for column in Column::ALL {
            let found = column.names().iter().find_map(|name| plain.iter().position(|h| h == name));
            if let Some(at) = found.filter(|at| !mapping.values().any(|taken| taken == at)) {
                mapping.insert(column, at);
            }
        }
        Self(mapping)
    }

    pub fn has(&self, column: Column) -> bool {
        self.0.contains_key(&column)
    }

    fn get(&self, column: Column) -> Option<usize> {
        self.0.get(&column).copied()
    }
}

struct Sheet {
    table: Table,
    mapping: Mapping,
}

impl Sheet {
    fn read(text: &str, mapping: Option<&Mapping>, needed: &[Column], preview: &mut Preview) -> Self {
        let table = table::read(text);
        let mapping = mapping.cloned().unwrap_or_else(|| Mapping::guess(&table.header));
        for column in needed.iter().filter(|c| !mapping.has(**c)) {
            preview.issue(1, column.name(), IssueCode::MissingColumn);
        }
        if let Some(line) = table.unclosed {
            preview.issue(line, "", IssueCode::UnclosedQuote);
        }
        preview.header.clone_from(&table.header);
        preview.mapping = mapping.clone();
        Self { table, mapping }
    }

    fn cell<'a>(&self, row: &'a Row, column: Column) -> &'a str {
        row.cell(self.mapping.get(column))
    }

    /// The name that the file gives a column.
    fn called(&self, column: Column) -> &str {
        self.mapping.get(column).and_then(|at| self.table.header.get(at)).map_or("", String::as_str)
    }
}

// --- products
// ---------------------------------------------------------------------------------------------------------

/// Reads products: rows with the same name are variants of one.
pub fn products(text: &str, mapping: Option<&Mapping>, store: Store) -> Preview {
    let mut preview = Preview::default();
    let sheet = Sheet::read(text, mapping, &[Column::Name, Column::Price], &mut preview);
    if preview.issues.iter().any(|i| i.code == IssueCode::MissingColumn) {
        return preview;
    }
    let mut position = HashMap::<String, usize>::new();
    let mut skus = HashMap::<String, u32>::new();
    for row in &sheet.table.rows {
        let name = clean(sheet.cell(row, Column::Name));
        if name.is_empty() {
            preview.issue(row.line, sheet.called(Column::Name), IssueCode::NoName);
            continue;
        }
        let text = sheet.cell(row, Column::Price);
        let price = match store.currency.parse(text) {
            Ok(price) if price >= Minor::ZERO => price,
            _ => {
                preview.issue(row.line, sheet.called(Column::Price), IssueCode::BadAmount { text: clean(text) });
                continue;
            }
        };
        let at = *position.entry(name.clone()).or_insert_with(|| {
            preview.products.push(Product {
                id: ProductId(Id::derived("product", "table", &name)),
                name: name.clone(),
                category: clean(sheet.cell(row, Column::Category)),
                active: true,
                ..Product::default()
            });
            preview.products.len() - 1
        });
        let label = clean(sheet.cell(row, Column::Variant));
        let sku = clean(sheet.cell(row, Column::Sku));
        if !sku.is_empty() && skus.insert(sku.clone(), row.line).is_some() {
            preview.issue(row.line, sheet.called(Column::Sku), IssueCode::DuplicateSku { sku: sku.clone() });
        }
        let id = VariantId(Id::derived("variant", "table", &format!("{name}\u{1f}{label}\u{1f}{sku}")));
        let barcode = clean(sheet.cell(row, Column::Barcode));
        let variant = Variant { id, label, sku, barcode, price, low_at: None };
        let stock = sheet.cell(row, Column::Stock);
        match Quantity::parse(stock) {
            Some(q) if q != Quantity::ZERO => preview.opening.push((id, q)),
            None if !stock.is_empty() => {
                preview.issue(row.line, sheet.called(Column::Stock), IssueCode::BadQuantity { text: clean(stock) });
            }
            _ => {}
        }
        let product = &mut preview.products[at];
        match product.variants.iter_mut().find(|v| v.id == id) {
            Some(same) => *same = variant,
            None => product.variants.push(variant),
        }
        if preview.opening.last().is_some_and(|(v, q)| *v == id && !q.is_whole()) {
            preview.products[at].unit = Unit::Kilogram;
        }
    }
    preview
}

// --- orders -----------------------------------------------------------------------------------------------------------

/// Reads orders: rows with the same reference are lines of one.
pub fn orders(text: &str, mapping: Option<&Mapping>, origin: &Origin, store: Store) -> Preview {
    let mut preview = Preview::default();
    let sheet = Sheet::read(text, mapping, &[Column::Reference], &mut preview);
    if preview.issues.iter().any(|i| i.code == IssueCode::MissingColumn) {
        return preview;
    }
    for rows in sheet.table.grouped(sheet.mapping.get(Column::Reference).unwrap_or_default()) {
        let reference = sheet.cell(rows[0], Column::Reference);
        if reference.is_empty() {
            rows.iter()
                .for_each(|row| preview.issue(row.line, sheet.called(Column::Reference), IssueCode::NoReference));
            continue;
        }
        if let Some(found) = one_order(&sheet, reference, &rows, origin, store, &mut preview) {
            found.finish(&mut preview);
        }
    }
    preview
}

fn one_order(
    sheet: &Sheet,
    reference: &str,
    rows: &[&Row],
    origin: &Origin,
    store: Store,
    preview: &mut Preview,
) -> Option<Found> {
    let first = rows.first()?;
    let text = sheet.cell(first, Column::Currency);
    let currency = match text {
        "" => store.currency,
        text => match text.parse::<Currency>() {
            Ok(currency) => currency,
            Err(_) => {
                preview.issue(first.line, sheet.called(Column::Currency), IssueCode::OddCurrency { text: clean(text) });
                return None;
            }
        },
    };
    let lines: Vec<Line> = rows.iter().filter_map(|row| one_line(sheet, row, currency, preview)).collect();
    if lines.is_empty() {
        preview.issue(first.line, "", IssueCode::NoLines);
        return None;
    }
    let text = sheet.cell(first, Column::Date);
    let placed_at = Timestamp::parse(text);
    if placed_at.is_none() && sheet.mapping.has(Column::Date) {
        preview.issue(first.line, sheet.called(Column::Date), IssueCode::BadDate { text: clean(text) });
    }
    let cell = |column| clean(sheet.cell(first, column));
    Some(Found {
        source: origin.name.clone(),
        reference: clean(reference),
        number: String::new(),
        placed_at,
        currency,
        prices_include_tax: true,
        channel: origin.channel,
        state: OrderState::Placed,
        lines,
        shipping: Minor::ZERO,
        shipping_tax: Minor::ZERO,
        total: None,
        paid: Minor::ZERO,
        refunded: Minor::ZERO,
        person: Person {
            name: cell(Column::Customer),
            phone: cell(Column::Phone),
            address: cell(Column::Address),
            ..Person::default()
        },
        note: cell(Column::Note),
        line: first.line,
    })
}

fn one_line(sheet: &Sheet, row: &Row, currency: Currency, preview: &mut Preview) -> Option<Line> {
    let text = sheet.cell(row, Column::Quantity);
    let quantity = if text.is_empty() { Some(Quantity::ONE) } else { Quantity::parse(text) };
    let Some(quantity) = quantity.filter(|q| *q > Quantity::ZERO && *q <= Quantity::MOST) else {
        preview.issue(row.line, sheet.called(Column::Quantity), IssueCode::BadQuantity { text: clean(text) });
        return None;
    };
    let priced = sheet.mapping.has(Column::Price);
    let column = if priced { Column::Price } else { Column::Total };
    let text = sheet.cell(row, column);
    let Some(amount) = currency.parse(text).ok().filter(|a| *a >= Minor::ZERO) else {
        preview.issue(row.line, sheet.called(column), IssueCode::BadAmount { text: clean(text) });
        return None;
    };
    let (unit_price, full) = match priced {
        true => (amount, amount.ratio(quantity.0, 1000).ok()?),
        false => (amount.ratio(1000, quantity.0).ok()?, amount),
    };
    let sku = clean(sheet.cell(row, Column::Sku));
    let name = clean(sheet.cell(row, Column::Name));
    let name = [&name, &sku].into_iter().find(|s| !s.is_empty()).cloned().unwrap_or_else(|| "—".into());
    Some(Line {
        variant: None,
        name,
        sku,
        unit: if quantity.is_whole() { Unit::Piece } else { Unit::Kilogram },
        quantity,
        unit_price,
        discount: Minor::ZERO,
        tax_id: None,
        rate_bp: 0,
        net: full,
        tax: Minor::ZERO,
    })
}
