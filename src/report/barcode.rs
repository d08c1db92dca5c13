//! Barcodes as strokes of a drawing: what is dark, in modules.
//!
//! The symbologies are `barcoders` and `qrcode`; here is only what goes into them and how it is drawn.

use barcoders::sym::code128::Code128;
use barcoders::sym::ean13::EAN13;
use qrcode::{Color, EcLevel, QrCode};

/// A symbol to be drawn: an SVG path of unit squares or unit-wide bars.
///
/// Units: modules, without the quiet zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    pub width: usize,
    pub height: usize,
    pub path: String,
}

/// Height of a bar. Units: modules.
const BAR: usize = 24;

/// Code 128 of a text in ASCII; `None` for anything else, and for nothing.
pub fn code128(text: &str) -> Option<Symbol> {
    if text.is_empty() || text.len() > 80 || !text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return None;
    }
    // The first letter chooses the character set; set B has everything printable.
    let bars = Code128::new(format!("\u{0181}{text}")).ok()?.encode();
    Some(bars_of(&bars))
}

/// EAN-13 of twelve or thirteen digits; of thirteen the last has to be right.
pub fn ean13(digits: &str) -> Option<Symbol> {
    let gtin = crate::domain::goods::gtin::Gtin::parse(digits)?;
    let thirteen = gtin.ean13()?;
    Some(bars_of(&EAN13::new(thirteen).ok()?.encode()))
}

/// A QR code that bears a quarter of it being dirty.
pub fn qr(text: &str) -> Option<Symbol> {
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (i, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", i % width, i / width));
        }
    }
    Some(Symbol { width, height: width, path })
}

/// Returns the symbol that suits a text best: EAN-13 for a GTIN, Code 128 for what is ASCII, else a QR code.
pub fn best(text: &str) -> Option<Symbol> {
    ean13(text).or_else(|| code128(text)).or_else(|| qr(text))
}

fn bars_of(bars: &[u8]) -> Symbol {
    let mut path = String::new();
    let mut at = 0;
    while at < bars.len() {
        let same = bars[at..].iter().take_while(|b| **b == bars[at]).count();
        if bars[at] == 1 {
            path.push_str(&format!("M{at} 0h{same}v{BAR}h-{same}z"));
        }
        at += same;
    }
    Symbol { width: bars.len(), height: BAR, path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_begins_and_ends_with_a_bar_and_nonsense_has_none() {
        for symbol in [code128("D-A-12"), ean13("4006381333931"), ean13("400638133393")] {
            let symbol = symbol.expect("a symbol");
            assert!(symbol.path.starts_with("M0 0"), "{}", symbol.path);
        }
        assert_eq!(ean13("4006381333931").expect("a symbol").width, 95);
        // Eleven modules each for start, six letters and check, thirteen for the stop.
        assert_eq!(code128("D-A-12").expect("a symbol").width, 11 * 8 + 13);
        assert_eq!(ean13("4006381333930"), None, "a wrong check digit");
        for text in ["", "单号", "a\u{7f}"] {
            assert_eq!(code128(text), None);
        }
        assert!(qr("单号 A-12").is_some_and(|s| s.width == s.height));
    }
}
