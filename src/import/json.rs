//! JSON as other systems send it: numbers as text, lists in wrappers, files that break off.

use std::ops::Deref;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{IssueCode, Preview};

/// A value that some send as text and some as a number: its digits as they were written, so that no digit is lost.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text(String);

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Text {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let raw = raw.get();
        Ok(Self(match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_slice::<String>(raw.as_bytes()).unwrap_or_default(),
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => raw.to_owned(),
            _ => String::new(),
        }))
    }
}

/// One order of a file and the line it starts on.
pub struct Each<T> {
    pub order: T,
    pub line: u32,
}

/// Hands every order of a JSON text out: one order, a list, or an object that has them under `order` or `orders`.
/// What cannot be read is told, and the others go on.
pub fn each_order<T: DeserializeOwned>(text: &str, preview: &mut Preview, mut each: impl FnMut(Each<T>, &mut Preview)) {
    #[derive(Deserialize)]
    struct Wrapped<'a> {
        #[serde(borrow)]
        orders: Option<Vec<&'a RawValue>>,
        #[serde(borrow)]
        order: Option<&'a RawValue>,
        #[serde(borrow)]
        data: Option<&'a RawValue>,
    }
    let start = text.trim_start();
    let bad = |e: &serde_json::Error| {
        (u32::try_from(e.line()).unwrap_or(u32::MAX), IssueCode::BadJson { column_number: e.column() })
    };
    let raws: Vec<&RawValue> = if start.starts_with('[') {
        match serde_json::from_slice(text.as_bytes()) {
            Ok(list) => list,
            Err(e) => {
                let (line, code) = bad(&e);
                preview.issue(line, "", code);
                whole_items(text)
            }
        }
    } else {
        match serde_json::from_slice::<Wrapped<'_>>(text.as_bytes()) {
            Ok(Wrapped { orders: Some(list), .. }) => list,
            Ok(Wrapped { order: Some(one), .. }) => vec![one],
            // An order of its own may have a `data`; a wrapper has nothing else.
            Ok(Wrapped { data: Some(data), .. })
                if !text.contains("\"line_items\"") || data.get().contains("\"line_items\"") =>
            {
                return each_order(data.get(), preview, each);
            }
            Ok(_) => match serde_json::from_slice(text.as_bytes()) {
                Ok(one) => vec![one],
                Err(_) => Vec::new(),
            },
            Err(e) => {
                let (line, code) = bad(&e);
                preview.issue(line, "", code);
                whole_items(text)
            }
        }
    };
    // They come in the order of the text, so each line is counted once.
    let (mut counted, mut line) = (0, 1_u32);
    for raw in raws {
        let offset = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize).clamp(counted, text.len());
        let newlines = memchr::memchr_iter(b'\n', &text.as_bytes()[counted..offset]).count();
        (counted, line) = (offset, line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX)));
        match serde_json::from_slice::<T>(raw.get().as_bytes()) {
            Ok(order) => each(Each { order, line }, preview),
            Err(e) => {
                let (inner, code) = bad(&e);
                preview.issue(line.saturating_add(inner.saturating_sub(1)), "", code);
            }
        }
    }
}

/// The whole items at the start of a list that breaks off.
fn whole_items(text: &str) -> Vec<&RawValue> {
    let Some(open) = text.find('[') else { return Vec::new() };
    let mut rest = &text[open + 1..];
    let mut items = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let mut stream = serde_json::Deserializer::from_slice(rest.as_bytes()).into_iter::<&RawValue>();
        match stream.next() {
            Some(Ok(item)) => items.push(item),
            _ => return items,
        }
        rest = &rest[stream.byte_offset()..];
    }
}
