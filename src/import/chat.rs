//! The text of a chat or an e-mail as an order: what was understood of each line, and the rest as it stands.

use super::promise::promised;
use crate::domain::book::Book;
use crate::domain::customer::is_phone;
use crate::domain::value::id::VariantId;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;
use crate::domain::work::search::Index;

/// The most lines that are looked at.
const MOST_LINES: usize = 200;

/// Meaning of a piece of the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Meaning {
    Goods {
        variant: VariantId,
        quantity: Quantity,
    },
    Name(String),
    Phone(String),
    Email(String),
    Address(String),
    /// Time at which it is wanted.
    Promised(Timestamp),
    /// Not understood: it stays to be read by a person.
    Rest,
}

/// One line, or one part of a line between commas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    pub text: String,
    pub meaning: Meaning,
}

/// Words before a name, a number, an address.
const NAME: &[&str] = &["姓名", "收件人", "收货人", "联系人", "客户", "name", "customer", "to"];
const PHONE: &[&str] = &["电话", "手机", "手机号", "联系电话", "tel", "phone", "mobile"];
const EMAIL: &[&str] = &["邮箱", "电子邮件", "email", "e-mail", "mail"];
const ADDRESS: &[&str] = &["地址", "收货地址", "送货地址", "送到", "送至", "address", "deliver to", "ship to"];
/// Words that an address usually has in it.
const STREET: &[&str] = &[
    "路", "街", "巷", "弄", "小区", "号楼", "单元", "室", "省", "市", "区", "县", "镇", "村", " street", " st.",
    " road", " rd", " avenue", " ave", " lane",
];
/// Between quantity and thing, and before a quantity.
const COUNTERS: &[&str] = &[
    "公斤", "千克", "斤", "两", "克", "个", "件", "盒", "包", "袋", "瓶", "罐", "箱", "份", "把", "只", "支", "条",
    "张", "块", "斗", "杯", "jin", "kg", "kilo", "kilos", "g", "l", "pcs", "pc", "pieces", "piece", "boxes", "box",
    "packs", "pack", "bags", "bag", "bottles", "bottle", "x", "×", "*",
];

/// Words around goods that say nothing of them.
const FILLERS: &[&str] = &[
    "of", "the", "a", "an", "some", "and", "please", "pls", "i", "we", "want", "need", "would", "like", "order", "请",
    "谢谢",
];
/// Before goods, without a blank.
const LEADS: &[&str] = &["我们要", "我想要", "我要", "再来", "给我", "帮我", "来", "要", "请"];

/// Reads a text. Goods are found in the catalogue by their names, SKUs and barcodes; days count from `now`, in the
/// shop's time.
pub fn read(text: &str, book: &Book, index: &Index, now: Timestamp) -> Vec<Piece> {
    let offset_min = book.profile().offset_min;
    let meaning = |text: &str| meaning(text, book, index, (now, offset_min));
    let mut pieces = Vec::new();
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    for line in lines.by_ref().take(MOST_LINES) {
        // A line may be one thing as it stands (an address has commas of its own); if not, its parts may be.
        let whole = meaning(line);
        if whole != Meaning::Rest {
            pieces.push(Piece { text: line.to_owned(), meaning: whole });
            continue;
        }
        let parts: Vec<Piece> = line
            .split(['，', ',', '；', ';', '、'])
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(|p| Piece { text: p.to_owned(), meaning: meaning(p) })
            .collect();
        let is_goods = |p: &Piece| matches!(p.meaning, Meaning::Goods { .. });
        let apart = || {
            let words = line.split_whitespace().map(|p| Piece { text: p.to_owned(), meaning: meaning(p) });
            words.collect::<Vec<Piece>>()
        };
        if parts.iter().any(|p| p.meaning != Meaning::Rest) {
            pieces.extend(parts);
        } else if let Some(words) = Some(apart()).filter(|words| words.len() > 1 && words.iter().all(is_goods)) {
            // `鸡蛋两盒 苹果三斤`: with nothing but a blank between them, only where all of it is goods.
            pieces.extend(words);
        } else {
            pieces.push(Piece { text: line.to_owned(), meaning: Meaning::Rest });
        }
    }
    // Nobody reads a longer one as an order; it stays visible all the same.
    let rest = lines.collect::<Vec<_>>().join("\n");
    if !rest.is_empty() {
        pieces.push(Piece { text: rest, meaning: Meaning::Rest });
    }
    pieces
}

fn meaning(text: &str, book: &Book, index: &Index, (now, offset_min): (Timestamp, i32)) -> Meaning {
    if let Some(rest) = after(text, PHONE).filter(|r| is_phone(r)) {
        return Meaning::Phone(rest);
    }
    if let Some(rest) = after(text, EMAIL).filter(|r| is_email(r)) {
        return Meaning::Email(rest);
    }
    if is_email(text) {
        return Meaning::Email(text.to_owned());
    }
    if let Some(rest) = after(text, ADDRESS) {
        return Meaning::Address(rest);
    }
    if let Some(rest) = after(text, NAME) {
        return Meaning::Name(rest);
    }
    if is_phone(text) {
        return Meaning::Phone(text.to_owned());
    }
    if let Some((variant, quantity)) = goods(text, book, index) {
        return Meaning::Goods { variant, quantity };
    }
    if let Some(at) = promised(text, now, offset_min) {
        return Meaning::Promised(at);
    }
    let small = format!("{} ", text.to_lowercase());
    if text.chars().any(|c| c.is_ascii_digit()) && text.chars().count() >= 6 && STREET.iter().any(|s| small.contains(s))
    {
        return Meaning::Address(text.to_owned());
    }
    Meaning::Rest
}

/// One address, as people write them: something before and after one `@`, and a dot behind it.
fn is_email(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && name.chars().all(fits)
            && host.chars().all(fits)
            && host.split('.').filter(|part| !part.is_empty()).count() >= 2
    })
}

/// Returns what follows one of these words and a colon, or a blank.
fn after(text: &str, words: &[&str]) -> Option<String> {
    let small = text.to_lowercase();
    // Small letters may be of another length; where they are, the word is not one of ours.
    let word =
        words.iter().filter(|w| small.starts_with(**w) && text.is_char_boundary(w.len())).max_by_key(|w| w.len())?;
    let rest = &text[word.len()..];
    let colon = rest.trim_start().starts_with([':', '：']);
    let value = rest.trim_start_matches([':', '：', ' ', '\u{3000}']).trim();
    (!value.is_empty() && (colon || rest.starts_with(' '))).then(|| value.to_owned())
}

/// A thing of the catalogue with how much of it: `绿茶 2`, `两盒绿茶`, `2 x Green tea`, `green tea x2`.
fn goods(text: &str, book: &Book, index: &Index) -> Option<(VariantId, Quantity)> {
    let text = text.trim_start_matches(['-', '•', '·', '*', '+']).trim();
    let text = LEADS.iter().find_map(|lead| text.strip_prefix(lead)).map_or(text, str::trim);
    // An e-mail's `2. ` or `(1)` before a line is no quantity when one follows; the last figure that is a quantity
    // counts.
    let tokens = tokens(text);
    let figures: Vec<usize> = (0..tokens.len()).filter(|i| figure(&tokens[*i]).is_some()).collect();
    let mut tries: Vec<Option<usize>> = figures.iter().rev().map(|i| Some(*i)).collect();
    tries.push(None);
    for at in tries {
        let quantity = at.and_then(|i| figure(&tokens[i])).unwrap_or(Quantity::ONE);
        let words: Vec<&str> = tokens
            .iter()
            .enumerate()
            .filter(|(i, t)| Some(*i) != at && !COUNTERS.contains(&t.to_lowercase().as_str()))
            .map(|(_, t)| t.as_str())
            .collect();
        // As it stands; without words that say nothing; of one where there are several.
        let telling: Vec<&str> =
            words.iter().copied().filter(|w| !FILLERS.contains(&w.to_lowercase().as_str())).collect();
        let single: Vec<&str> = telling
            .iter()
            .map(|w| w.strip_suffix('s').filter(|one| one.len() > 2 && one.is_ascii()).unwrap_or(w))
            .collect();
        for words in [&words, &telling, &single] {
            let name = words.join(" ");
            if name.chars().count() < 2 {
                continue;
            }
            if let Some(variant) = only(&name, book, index) {
                return Some((variant, quantity));
            }
        }
    }
    None
}

/// The one thing that a name fits. Of a product with several variants, none, unless the name says which.
fn only(name: &str, book: &Book, index: &Index) -> Option<VariantId> {
    if let Some(variant) = index.exact(name) {
        return Some(variant);
    }
    let found = index.find(name);
    if found.len() == 1 {
        return found.first().copied();
    }
    // `豆腐` among `豆腐` and `豆腐干`: the one that is called so to the letter.
    let wanted = name.to_lowercase();
    let called = |v: &VariantId| {
        book.variant(*v).is_some_and(|(p, variant)| {
            let line = p.line_name(variant).to_lowercase();
            line == wanted || line.split_whitespace().next() == Some(wanted.as_str())
        })
    };
    let mut exact = found.into_iter().filter(called);
    exact.next().filter(|_| exact.next().is_none())
}

/// Words, figures and counters apart, also where nothing stands between them: `绿茶2盒` -> `绿茶`, `2`, `盒`.
fn tokens(text: &str) -> Vec<String> {
    #[derive(PartialEq, Clone, Copy)]
    enum Kind {
        Blank,
        Figure,
        Word,
    }
    let mut tokens: Vec<String> = Vec::new();
    let mut last = Kind::Blank;
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().copied().enumerate() {
        let kind = match c {
            ' ' | '\t' | '\u{3000}' | ':' | '：' | '(' | ')' | '（' | '）' | '=' => Kind::Blank,
            '0'..='9' => Kind::Figure,
            '.' if last == Kind::Figure && chars.get(i + 1).is_some_and(char::is_ascii_digit) => Kind::Figure,
            _ => Kind::Word,
        };
        // A figure inside a code (`MK-01`) belongs to the code.
        let inside = kind == Kind::Figure
            && last == Kind::Word
            && chars[i - 1].is_ascii()
            && !matches!(chars[i - 1], 'x' | 'X' | '*');
        match kind {
            Kind::Blank => {}
            _ if inside => {
                if let Some(t) = tokens.last_mut() {
                    t.push(c);
                }
                continue;
            }
            _ if kind == last => {
                if let Some(t) = tokens.last_mut() {
                    t.push(c);
                }
            }
            _ => tokens.push(c.to_string()),
        }
        last = kind;
    }
    tokens.into_iter().flat_map(|t| apart(&t)).collect()
}

/// A Chinese figure with its counter before or after a word: `两盒绿茶` -> `两`, `盒`, `绿茶`; `绿茶三包` -> `绿茶`, `三`, `包`.
fn apart(token: &str) -> Vec<String> {
    let chars: Vec<char> = token.chars().collect();
    let count = |c: char| chinese(c).is_some();
    let counter = |c: char| COUNTERS.contains(&c.to_string().as_str());
    if chars.len() > 2 && count(chars[0]) && counter(chars[1]) {
        return vec![chars[0].to_string(), chars[1].to_string(), chars[2..].iter().collect()];
    }
    let n = chars.len();
    if n > 2 && counter(chars[n - 1]) && count(chars[n - 2]) {
        return vec![chars[..n - 2].iter().collect(), chars[n - 2].to_string(), chars[n - 1].to_string()];
    }
    if n > 1 && counter(chars[0]) && !token.is_ascii() {
        return vec![chars[0].to_string(), chars[1..].iter().collect()];
    }
    if n > 2 && token.is_ascii() && matches!(chars[n - 1], 'x' | 'X') && chars[n - 2] == ' ' {
        return vec![chars[..n - 1].iter().collect(), "x".into()];
    }
    vec![token.to_owned()]
}

fn chinese(c: char) -> Option<i64> {
    "零一二三四五六七八九十".chars().position(|d| d == c).map(|n| n as i64).or((c == '两').then_some(2))
}

fn figure(token: &str) -> Option<Quantity> {
    let mut chars = token.chars();
    if let (Some(c), None) = (chars.next(), chars.next())
        && let Some(n) = chinese(c)
    {
        return Some(Quantity::whole(n)).filter(|q| *q > Quantity::ZERO);
    }
    let plain = token.trim_start_matches(['x', 'X', '×', '*']);
    Quantity::parse(plain).filter(|q| *q > Quantity::ZERO && *q <= Quantity::MOST)
}
