//! Names of epochs: one for each log that a store has had.

/// What the name of an epoch begins with that was begun because the log was put back to an older state.
const RESTORED: char = 'r';

/// Says whether an epoch began because the log went back.
pub fn is_restored(epoch: &str) -> bool {
    epoch.starts_with(RESTORED)
}

/// The name of a first epoch.
pub fn new_epoch() -> String {
    super::auth::new_token()[..8].to_owned()
}

/// The name of an epoch that begins because the log went back.
pub fn restored_epoch() -> String {
    format!("{RESTORED}{}", &new_epoch()[1..])
}
