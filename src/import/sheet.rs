//! Workbooks (XLSX, XLS, ODS) as tables: the first sheet with something in it becomes CSV, which the same readers take
//! as any other file.
//!
//! Its reader is large, so it is in the worker that reads files (`bin/reader.rs`) and not in the console.

use std::io::Cursor;

use calamine::{Data, Reader, open_workbook_auto_from_rs};

/// Most that a workbook may unpack to. Units: bytes.
const MOST_UNPACKED: u64 = 256 * 1024 * 1024;
/// The most cells that are read.
const MOST_CELLS: usize = 2_000_000;

/// Says whether bytes look like a workbook: a zip archive, or a compound file of older programs.
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0")
}

/// The first sheet with something in it, as CSV.
///
/// # Errors
/// In words, what is wrong with it.
pub fn to_csv(bytes: &[u8]) -> Result<String, String> {
    if unpacked(bytes) > MOST_UNPACKED {
        return Err("the workbook unpacks to too much".into());
    }
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| format!("not a workbook: {e}"))?;
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|e| format!("sheet {name}: {e}"))?;
        if range.is_empty() {
            continue;
        }
        let (height, width) = range.get_size();
        if height.saturating_mul(width) > MOST_CELLS {
            return Err(format!("sheet {name} has more than {MOST_CELLS} cells"));
        }
        let mut table = csv::Writer::from_writer(Vec::new());
        for row in range.rows() {
            table.write_record(row.iter().map(cell)).map_err(|e| e.to_string())?;
        }
        let written = table.into_inner().map_err(|e| e.to_string())?;
        return String::from_utf8(written).map_err(|e| e.to_string());
    }
    Err("the workbook is empty".into())
}

/// Adds up what a zip archive says its files unpack to. Units: bytes.
fn unpacked(bytes: &[u8]) -> u64 {
    let size = |at: usize| bytes.get(at + 24..at + 28).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    memchr::memmem::find_iter(bytes, b"PK\x01\x02").map(|at| u64::from(size(at))).sum()
}

/// A cell as a person reads it: whole numbers without a point, dates as ISO 8601.
fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(yes) => yes.to_string(),
        Data::Int(n) => n.to_string(),
        // Codes and amounts are stored as floats; what a person sees has no more digits than this.
        Data::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        Data::Float(n) => {
            let text = format!("{n:.8}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Data::DateTime(at) => at.as_datetime().map(|t| t.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_a_table_and_what_is_none_says_so() {
        let path = format!("{}/tests/data/import/orders.xlsx", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).expect("a workbook");
        assert!(is_workbook(&bytes));
        let text = to_csv(&bytes).expect("it reads");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "订单编号,下单时间,商品名称,SKU,单价,数量,收件人,电话");
        assert_eq!(lines[1], "T-1001,2026-03-05 14:30:00,龙井茶,MK-01,18.5,2,李雷,13800138000");
        for cut in [0, 10, bytes.len() / 2, bytes.len() - 30] {
            assert!(to_csv(&bytes[..cut]).is_err(), "{cut}");
        }
        let mut bomb = bytes;
        let at = memchr::memmem::find(&bomb, b"PK\x01\x02").expect("a directory");
        bomb[at + 24..at + 28].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(to_csv(&bomb), Err("the workbook unpacks to too much".into()));
    }
}
