//! Statements of a bank or a payment service: when, how much, and what they say of it.
//!
//! Columns are known by their names; what stands before the table (an account number, a period) is passed over.

use super::table;
use crate::domain::value::hash::Hash;
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::time::Timestamp;
use crate::domain::work::reconcile::Booking;

/// A statement as far as it could be read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statement {
    pub bookings: Vec<Booking>,
    /// Lines without a day or an amount that could be read.
    pub unread: Vec<u32>,
}

/// Most lines that may stand before the table.
const MOST_BEFORE: usize = 40;
/// The most bookings that are looked at.
pub const MOST_BOOKINGS: usize = 20_000;

const DAY: [&str; 13] = [
    "date",
    "bookingdate",
    "transactiondate",
    "valuedate",
    "time",
    "交易时间",
    "交易日期",
    "日期",
    "入账时间",
    "记账日期",
    "创建时间",
    "付款时间",
    "buchungstag",
];
const AMOUNT: [&str; 9] =
    ["amount", "transactionamount", "金额", "金额元", "交易金额", "发生额", "订单金额", "实收金额", "betrag"];
const CREDIT: [&str; 8] = ["credit", "paidin", "moneyin", "收入", "收入金额", "贷方", "贷方发生额", "收入元"];
const DEBIT: [&str; 7] = ["debit", "paidout", "moneyout", "支出", "支出金额", "借方", "借方发生额"];
const DIRECTION: [&str; 4] = ["收支", "收支类型", "类型", "direction"];

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The line that the table begins on.
fn begins(text: &str) -> Option<&str> {
    let mut rest = text;
    for _ in 0..MOST_BEFORE {
        let header: Vec<String> = table::header(rest).unwrap_or_default().iter().map(|h| plain(h)).collect();
        let has = |names: &[&str]| header.iter().any(|h| names.contains(&h.as_str()));
        if has(&DAY) && (has(&AMOUNT) || has(&CREDIT)) {
            return Some(rest);
        }
        rest = rest.split_once('\n')?.1;
    }
    None
}

/// Reads a statement. Times without a zone are the store's, `offset_ms` ahead of UTC. `None` when it is none.
pub fn read(text: &str, currency: Currency, offset_ms: i64) -> Option<Statement> {
    let text = text.trim_start_matches('\u{FEFF}');
    let from = begins(text)?;
    let before = u32::try_from(text[..text.len() - from.len()].lines().count()).unwrap_or_default();
    let table = table::read(from);
    let header: Vec<String> = table.header.iter().map(|h| plain(h)).collect();
    let column = |names: &[&str]| header.iter().position(|h| names.contains(&h.as_str()));
    let (day, amount, credit, debit, direction) =
        (column(&DAY), column(&AMOUNT), column(&CREDIT), column(&DEBIT), column(&DIRECTION));
    let mut statement = Statement::default();
    for row in table.rows.iter().take(MOST_BOOKINGS) {
        let money = |column: Option<usize>| {
            let cell = row.cell(column);
            if cell.is_empty() { None } else { currency.parse(cell).ok() }
        };
        let out = row.cell(direction).contains(['支', '出']) || row.cell(direction).eq_ignore_ascii_case("out");
        let read = money(amount)
            .map(|a| if out { Minor(-a.0.abs()) } else { a })
            .or_else(|| money(credit).filter(|a| a.0 != 0))
            .or_else(|| money(debit).map(|a| Minor(-a.0.abs())));
        let cells: Vec<&str> = (0..header.len()).map(|c| row.cell(Some(c))).collect();
        match (Timestamp::parse(row.cell(day)), read) {
            (Some(at), Some(amount)) => {
                let known = [day, amount_column(amount, credit, debit, column(&AMOUNT)), direction];
                let said = cells.iter().enumerate().filter(|(c, cell)| !known.contains(&Some(*c)) && !cell.is_empty());
                let text = said.map(|(_, cell)| *cell).collect::<Vec<_>>().join(" · ");
                let mut key = Hash::of(&[cells.join("\t").as_bytes()]).to_string();
                // Two equal lines of one statement are two bookings.
                let same = statement.bookings.iter().filter(|b: &&Booking| b.key.starts_with(&key)).count();
                if same > 0 {
                    key.push_str(&format!("/{same}"));
                }
                statement.bookings.push(Booking {
                    line: row.line + before,
                    at: Timestamp(at.0.saturating_sub(offset_ms)),
                    amount,
                    text,
                    key,
                });
            }
            // A line that sums up, or says that there are no more.
            _ if row.cell(day).is_empty() => {}
            _ => statement.unread.push(row.line + before),
        }
    }
    Some(statement)
}

/// Returns the column an amount was read from.
fn amount_column(amount: Minor, credit: Option<usize>, debit: Option<usize>, plain: Option<usize>) -> Option<usize> {
    plain.or(if amount.0 >= 0 { credit } else { debit })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_banks_table_is_found_below_what_stands_before_it() {
        let text = "Account;DE00\nPeriod;November\n\nDate;Description;Debit;Credit\n2026-11-20;Rent;800.00;\n2026-11-21;ORDER A-12 Li;;38.40\n;Balance;;1\nsoon;x;;2\n";
        let read = read(text, Currency::CNY, 8 * HOUR).expect("a statement");
        assert_eq!(read.bookings.iter().map(|b| b.amount.0).collect::<Vec<_>>(), [-80_000, 3_840]);
        assert_eq!((read.bookings[1].line, read.bookings[1].text.as_str()), (6, "ORDER A-12 Li"));
        assert_eq!(read.bookings[1].at, Timestamp(Timestamp::parse("2026-11-21").expect("a day").0 - 8 * HOUR));
        assert_eq!(read.unread, [8]);
    }

    #[test]
    fn a_payment_services_list_says_which_way_money_went() {
        let text = "微信支付账单明细\n交易时间,交易类型,收/支,金额(元),交易单号\n2026-11-20 10:01:00,二维码收款,收入,¥12.80,4200001\n2026-11-20 10:02:00,转账,支出,¥5.00,4200002\n2026-11-20 10:01:00,二维码收款,收入,¥12.80,4200001\n";
        let read = read(text, Currency::CNY, 8 * HOUR).expect("a statement");
        assert_eq!(read.bookings.iter().map(|b| b.amount.0).collect::<Vec<_>>(), [1_280, -500, 1_280]);
        assert!(read.bookings[0].text.contains("4200001"));
        assert_ne!(read.bookings[0].key, read.bookings[2].key, "two equal lines are two bookings");
    }

    #[test]
    fn what_is_no_statement_is_none() {
        for text in ["", "a,b\n1,2\n", "{}", "name,price\nx,1\n"] {
            assert_eq!(read(text, Currency::CNY, 0), None, "{text}");
        }
    }
}
