//! Customers. What is personal stands beside the event that names it, so that it can be forgotten.

pub mod account;

use serde::{Deserialize, Serialize};

use crate::domain::value::hash::Hash;
use crate::domain::value::id::CustomerId;

/// A customer as the shop knows them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    /// Empty in every field once the person asked to be forgotten.
    pub person: Person,
}

/// The personal side of a customer. Travels as a detached part.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub note: String,
}

impl Person {
    /// A hash that only tells something to whoever has the salt.
    pub fn hash(&self, salt: Hash) -> Hash {
        Hash::of(&[&salt.0, &serde_json::to_vec(self).unwrap_or_default()])
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Says whether what somebody types is a part of name, e-mail address or telephone number; a number however it is
    /// written. Nothing is a part of everybody.
    pub fn is_found_by(&self, typed: &str) -> bool {
        let wanted = typed.trim().to_lowercase();
        let digits = phone_digits(&wanted);
        let is_number = !digits.is_empty() && wanted.chars().all(|c| !c.is_alphabetic());
        self.name.to_lowercase().contains(&wanted)
            || self.email.to_lowercase().contains(&wanted)
            || (is_number && phone_digits(&self.phone).contains(&digits))
    }

    /// The best short way to call them.
    pub fn called(&self) -> &str {
        [&self.name, &self.phone, &self.email].into_iter().find(|s| !s.is_empty()).map_or("", String::as_str)
    }
}

/// A telephone number without what people put between its digits.
pub fn phone_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Digits as people write them: seven to fifteen, with a plus, brackets, dots, dashes, blanks and an extension.
/// Source: ITU-T E.164 for the most digits.
pub fn is_phone(text: &str) -> bool {
    let (number, extension) = match text.to_lowercase().split_once(['x', '转']) {
        Some((number, extension)) => (number.to_owned(), extension.to_owned()),
        None => (text.to_owned(), String::new()),
    };
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let plain =
        |t: &str, more: &[char]| t.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || more.contains(&c));
    (7..=15).contains(&digits)
        && plain(number.trim().trim_start_matches('+'), &['-', '(', ')', '.', '/', '（', '）'])
        && plain(&extension, &['.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_found_by_a_number_however_it_is_written() {
        let li = Person {
            name: "Li Wei".into(),
            phone: "138-0013 8000".into(),
            email: "li@example.com".into(),
            ..Person::default()
        };
        for typed in ["li", "WEI", "example", "1380013", "138 0013", "0013-8000", ""] {
            assert!(li.is_found_by(typed), "{typed}");
        }
        for typed in ["mei", "139", "li 138"] {
            assert!(!li.is_found_by(typed), "{typed}");
        }
    }

    #[test]
    fn a_telephone_number_is_known_by_its_form() {
        for good in [
            "13800138000",
            "+86 138-0013-8000",
            "0571-8800 0000",
            "(020) 7946 0958",
            "010-12345678 转 801",
            "555-1234 x12",
        ] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["1234", "138001380001380013", "call me", "1380013800O", "138*0013", "@wechat"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }
}
