//! Bytes to text. Files come as UTF-8 with or without a mark, UTF-16 and, from older Chinese programs, GBK.

/// Turns bytes of GB 18030 (of which GBK is a part) into text. The edge brings it: a browser has it built in.
pub type GbkDecoder<'a> = &'a dyn Fn(&[u8]) -> String;

/// Finds out how a file is written and reads it. Never fails: what cannot be read becomes `U+FFFD`.
pub fn decode(bytes: &[u8], gbk: GbkDecoder<'_>) -> String {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [_, 0, _, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, _, 0, _, ..] => utf16(bytes, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => gbk(bytes),
        },
    }
}

fn utf16(bytes: &[u8], order: fn([u8; 2]) -> u16) -> String {
    char::decode_utf16(bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]])))
        .map(|c| c.unwrap_or('\u{FFFD}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_wide_characters_are_seen_through() {
        let gbk = |_: &[u8]| "gbk".to_owned();
        let wide = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        assert_eq!(decode("\u{FEFF}茶".as_bytes(), &gbk), "茶");
        assert_eq!(decode(&wide("\u{FEFF}茶,1", false), &gbk), "茶,1");
        assert_eq!(decode(&wide("\u{FEFF}茶,1", true), &gbk), "茶,1");
        assert_eq!(decode(&wide("tea,1", false), &gbk), "tea,1");
        assert_eq!(decode(&[0xB2, 0xE8], &gbk), "gbk");
        assert_eq!(decode(&[], &gbk), "");
    }
}
