//! What somebody said of files by the names of their columns: a file of the same form is read the same way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::import::{Mapping, Origin};
use crate::platform::preferences;

/// What somebody said of files with such columns.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// `None` while the guess stands.
    pub mapping: Option<Mapping>,
    pub origin: Origin,
}

/// Where that is remembered, by the names of a file's columns.
const FORMS: &str = "daybook.forms";
/// Where earlier versions remembered mappings alone.
const MAPPINGS: &str = "daybook.mappings";
/// The most that are remembered.
const MOST_FORMS: usize = 50;

pub fn remembered() -> BTreeMap<String, Form> {
    let earlier = || {
        let mappings: BTreeMap<String, Mapping> = preferences::load(MAPPINGS).unwrap_or_default();
        mappings
            .into_iter()
            .map(|(header, mapping)| (header, Form { mapping: Some(mapping), ..Form::default() }))
            .collect()
    };
    preferences::load(FORMS).unwrap_or_else(earlier)
}

pub fn remember(header: &str, form: Form) {
    let mut all = remembered();
    if all.len() >= MOST_FORMS {
        all.pop_first();
    }
    all.insert(header.to_owned(), form);
    preferences::save(FORMS, &all);
}
