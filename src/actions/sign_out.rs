//! Taking a tablet out of use, without losing anything of it.

use super::desk::{Desk, Ports};
use super::ledger::json;
use crate::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch};

/// Why a tablet cannot be signed out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignOut {
    /// So many transactions are not sent.
    Waits(usize),
    /// Changes that the server refused wait for a person.
    Refused,
    Store(StoreError),
}

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Removes everything from this tablet, once the server has it all.
    ///
    /// # Errors
    /// [`SignOut`]; nothing was removed then.
    pub async fn sign_out(&self) -> Result<(), SignOut> {
        let _turn = self.take_turn().await.map_err(SignOut::Store)?;
        self.may_sign_out()?;
        let mut batch = WriteBatch::strict();
        // Another tab may be taking an order at this moment.
        batch.guards.push((MetaKey::Writer, Some(json(&self.ledger().writer))));
        batch.clears.extend(Table::ALL.iter().copied().filter(|table| *table != Table::Claim));
        // It may not go on as who this was.
        batch.put(Table::Claim, self.ledger().writer.claim(), Vec::new());
        self.store.write(batch).await.map_err(SignOut::Store)?;
        self.reload_in_turn().await.map_err(SignOut::Store)
    }

    /// Says whether signing out would lose nothing.
    ///
    /// # Errors
    /// [`SignOut::Waits`], [`SignOut::Refused`].
    pub fn may_sign_out(&self) -> Result<(), SignOut> {
        let ledger = self.ledger();
        match (ledger.unsent.len(), ledger.refused.len()) {
            (0, 0) => Ok(()),
            (0, _) => Err(SignOut::Refused),
            (waits, _) => Err(SignOut::Waits(waits)),
        }
    }
}
