//! A tablet whose database the browser lost: it goes on as who it was, and sells until it reaches the server.

use super::bootstrap::plain;
use super::desk::{Desk, Ports};
use super::ledger::{Sealed, json};
use super::open::load;
use crate::store::mirror::Mirror;
use crate::store::{LocalStore, MetaKey, Mirrored, StoreError, Table, WriteBatch};

impl<S: LocalStore, M: Mirror, P: Ports> Desk<Mirrored<S, M>, P> {
    /// Puts back what a mirror has where there is no identity: the browser lost the database, and this tablet goes on
    /// as who it was, with goods that stand in for the store's until those are read. Returns whether that was so.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was put back then.
    pub async fn restore(&self) -> Result<bool, StoreError> {
        let lost = self.ledger().identity.is_none() && self.store.restore().await?;
        if lost {
            self.reload().await?;
        }
        // Goods are a write of their own, that may be all that is missing.
        let (is_new, sealed) = (self.ledger().is_new(), self.ledger().sealed);
        if is_new && sealed == Sealed::default() {
            self.stand_in().await?;
        }
        Ok(lost)
    }

    /// Takes in goods as the mirror has them. What is not there or cannot be read changes nothing.
    async fn stand_in(&self) -> Result<(), StoreError> {
        let Some(goods) = self.store.goods().await else { return Ok(()) };
        let identity = self.ledger().identity.as_ref().map(json);
        if identity.as_deref() != Some(&goods.identity[..]) || goods.rows.len() != Table::MIRRORED.len() {
            return Ok(());
        }
        let sealed = goods.sealed.and_then(|row| serde_json::from_slice::<Sealed>(&row).ok()).unwrap_or_default();
        let _turn = self.take_turn().await?;
        let mut batch = WriteBatch::relaxed();
        // Another tab may have done the same, and read on.
        batch.guards.push((MetaKey::Identity, identity));
        batch.guards.extend([(MetaKey::Cursor, None), (MetaKey::Sealed, None)]);
        for (table, rows) in Table::MIRRORED.iter().copied().zip(goods.rows) {
            plain(rows).into_iter().for_each(|(key, bytes)| batch.put(table, key, bytes));
        }
        if let Some(settings) = goods.settings {
            batch.put_meta(MetaKey::Settings, settings.into_vec());
        }
        batch.put_meta(MetaKey::Sealed, json(&sealed.stand_in()));
        let Ok(fresh) = load(&self.as_if_written(&batch, Vec::new()).await?).await else { return Ok(()) };
        match self.store.write(batch).await {
            Ok(()) => self.take_over(fresh),
            Err(StoreError::Stale) => self.reload_in_turn().await?,
            // Without goods it has what it had not sent all the same.
            Err(_) => {}
        }
        Ok(())
    }
}

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Lets go of goods that stand in for the store's, before the store's log is read from its start.
    pub(super) async fn let_go_of_stand_in(&self) -> Result<(), StoreError> {
        let sealed = self.ledger().sealed;
        if !sealed.is_stand_in() {
            return Ok(());
        }
        let mut batch = WriteBatch::relaxed();
        batch.guards.push((MetaKey::Sealed, Some(json(&sealed))));
        batch.clear_sealed();
        // If a tab that did not know of it has read on, that was on top of it.
        batch.deletes.push((Table::Meta, MetaKey::Cursor as u64));
        match self.store.write(batch).await {
            Ok(()) | Err(StoreError::Stale) => self.reload_in_turn().await,
            Err(error) => Err(error),
        }
    }
}
