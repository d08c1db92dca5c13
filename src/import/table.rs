//! Tables with a header, as CSV and its relatives.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

/// One row with the line it starts on.
pub struct Row {
    pub line: u32,
    record: StringRecord,
}

impl Row {
    /// A cell, trimmed; empty when the row is too short.
    pub fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|c| self.record.get(c)).unwrap_or("").trim()
    }
}

/// A table, its rows read, and the line of a quotation mark that is never closed.
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Row>,
    pub unclosed: Option<u32>,
}

impl Table {
    /// The column with this name, without regard to case.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h.trim().eq_ignore_ascii_case(name))
    }
}

impl Table {
    /// Rows of one order stand together or apart; they belong to what they say in a column. In the order of their first
    /// rows.
    pub fn grouped(&self, by: usize) -> Vec<Vec<&Row>> {
        let mut at = HashMap::<&str, usize>::new();
        let mut groups: Vec<Vec<&Row>> = Vec::new();
        for row in &self.rows {
            let next = groups.len();
            let own = *at.entry(row.cell(Some(by))).or_insert(next);
            match groups.get_mut(own) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        groups
    }
}

/// The header of a table; `None` when the text is empty or is no table.
pub fn header(text: &str) -> Option<Vec<String>> {
    let first = text.lines().find(|l| !l.trim().is_empty())?;
    let table = read(first);
    (table.header.len() > 1).then_some(table.header)
}

/// The separator that the first line uses most: comma, semicolon, tab.
fn separator(text: &str) -> u8 {
    let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
    let count = |b: u8| first.bytes().filter(|x| *x == b).count();
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|b| count(*b)).unwrap_or(b',')
}

/// Reads a table. Rows may be shorter or longer than the header.
pub fn read(text: &str) -> Table {
    let mut reader =
        ReaderBuilder::new().delimiter(separator(text)).flexible(true).has_headers(true).from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map(|h| h.iter().map(|c| c.trim_start_matches('\u{FEFF}').trim().to_owned()).collect())
        .unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    let mut record = StringRecord::new();
    while matches!(reader.read_record(&mut record), Ok(true)) {
        let line = record.position().map_or(0, |p| u32::try_from(p.line()).unwrap_or(u32::MAX));
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(Row { line, record: record.clone() });
        }
    }
    // A quote that is never closed swallows the rest of the file into one cell.
    let odd = text.bytes().filter(|b| *b == b'"').count() % 2 == 1;
    let unclosed = rows.last().filter(|_| odd).map(|row| row.line);
    Table { header, rows, unclosed }
}
