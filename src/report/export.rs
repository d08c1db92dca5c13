//! Orders as a CSV file that other programs open.

use super::detail::Article;
use super::sales::Row;
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::time::Timestamp;

/// Heads of the columns, in the reader's language.
pub type Heads<'a> = [&'a str; 8];

/// Orders, a line each. `words` puts channel, state and payment into words, `time` a moment into digits.
pub fn orders(
    rows: &[Row],
    heads: Heads<'_>,
    words: impl Fn(&Row) -> [String; 3],
    time: impl Fn(Timestamp) -> String,
) -> String {
    table(heads, rows, |row| {
        let [channel, state, payment] = words(row);
        let total = row.currency.plain(row.total);
        let at = time(row.placed_at);
        [row.number.clone(), row.reference.clone(), at, channel, state, payment, total, row.currency.code().to_owned()]
    })
}

/// Writes what was sold of each thing. A figure that is not known is left empty.
pub fn articles(articles: &[Article], currency: Currency, heads: [&str; 6]) -> String {
    table(heads, articles, |a| {
        let known = |amount: Option<Minor>| amount.map(|m| currency.plain(m)).unwrap_or_default();
        let (gross, net) = (currency.plain(a.gross), currency.plain(a.net));
        [a.name.clone(), a.quantity.plain(), gross, net, known(a.cost), known(a.margin())]
    })
}

/// A CSV with a byte order mark, which makes spreadsheets read it as UTF-8.
fn table<T, const N: usize>(heads: [&str; N], rows: &[T], cells: impl Fn(&T) -> [String; N]) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: [String; N]| {
        // A vector takes everything.
        let _ = csv.write_record(cells.map(|c| harmless(&c)));
    };
    write(heads.map(str::to_owned));
    rows.iter().for_each(|row| write(cells(row)));
    let bytes = csv.into_inner().unwrap_or_default();
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}

/// A cell that a spreadsheet would take for a formula is quoted as text. Source: OWASP, CSV injection.
fn harmless(cell: &str) -> String {
    let number = cell.parse::<f64>().is_ok();
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::{OrderState, PaymentState};
    use crate::domain::shop::channel::Channel;

    #[test]
    fn every_order_is_a_line_and_no_cell_is_a_formula() {
        let row = |number: &str, total| Row {
            number: number.into(),
            reference: "=cmd|'x'!A1".into(),
            placed_at: Timestamp(0),
            channel: Channel::Counter,
            state: OrderState::Closed,
            payment: PaymentState::Paid,
            currency: Currency::CNY,
            total: Minor(total),
        };
        let heads = ["number", "reference", "time", "channel", "state", "payment", "total", "currency"];
        let words = |_: &Row| ["柜台, front".to_owned(), "closed".to_owned(), "paid".to_owned()];
        let text = orders(&[row("A-1", 1_280), row("A-2", -50)], heads, words, |_| "1970-01-01".into());
        let mut read = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let lines: Vec<csv::StringRecord> = read.records().map(|r| r.expect("a line")).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(&lines[0][1], "'=cmd|'x'!A1");
        assert_eq!((&lines[0][3], &lines[0][6], &lines[1][6]), ("柜台, front", "12.80", "-0.50"));
    }
}
