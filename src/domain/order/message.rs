//! What a customer is to be told. The console has no telephone: it writes the message, and a person sends it with
//! theirs.

use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::{Field, Flaw};

/// The most characters of a message's text.
pub const MOST_MESSAGE: usize = 500;
/// The most messages that one order keeps.
pub const MOST_MESSAGES: usize = 50;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// As it was written, with names in braces for what is filled in when it is sent ([`Message::FIELDS`]): what is
    /// personal is not in here.
    pub text: String,
    /// `None` while it is due, then whether it was sent.
    pub sent: Option<bool>,
}

impl Message {
    /// Names that can stand in braces in a text: `{number}` and so on.
    pub const FIELDS: [&'static str; 6] = ["customer", "number", "total", "due", "promised", "store"];

    pub fn is_due(&self) -> bool {
        self.sent.is_none()
    }

    /// The text with everything filled in. What is in braces and not known stays as it is.
    pub fn filled(&self, value: impl Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            match after.split_once('}') {
                Some((name, after)) if Self::FIELDS.contains(&name) => {
                    out.push_str(&value(name));
                    rest = after;
                }
                _ => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

/// # Errors
/// A text that is empty or too long.
pub fn check_message(text: &str) -> Result<(), Flaw> {
    match text.trim().chars().count() {
        0 => Err(Flaw::Empty { field: Field::Reason }),
        n if n > MOST_MESSAGE => Err(Flaw::TooLong { field: Field::Reason, most: MOST_MESSAGE }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_braces_is_filled_in_and_what_is_not_known_stays() {
        let message = |text: &str| Message { text: text.into(), sent: None };
        let value = |name: &str| name.to_uppercase();
        assert_eq!(message("{customer}, {number} is ready{").filled(value), "CUSTOMER, NUMBER is ready{");
        assert_eq!(message("{{total}} {what} {").filled(value), "{TOTAL} {what} {");
        // A name that has braces itself is not filled in again.
        assert_eq!(message("{customer}").filled(|_| "{number}".into()), "{number}");
    }
}
