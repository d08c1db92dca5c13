//! Backups: a copy while the server goes on serving, read back and audited before anybody relies on it.

use std::path::{Path, PathBuf};

use super::audit::{Report, audit_chains};
use super::journal::{Journal, JournalError, SqlJournal};

/// A copy that was read back.
#[derive(Debug)]
pub struct Verified {
    pub file: PathBuf,
    pub reports: Vec<Report>,
}

impl Verified {
    /// The last number that the copy holds of a store.
    pub fn g(&self, store: &str) -> u64 {
        self.reports.iter().find(|r| r.store == store).map_or(0, |r| r.rows)
    }
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> JournalError + '_ {
    move |e| JournalError(format!("{}: {e}", path.display()))
}

/// Opens a copy and walks everything in it.
///
/// # Errors
/// [`JournalError`] when the file cannot be read or anything in it was altered.
pub async fn verify(file: &Path) -> Result<Verified, JournalError> {
    if !file.is_file() {
        return Err(JournalError(format!("{}: there is no such file", file.display())));
    }
    let journal = SqlJournal::sqlite_file(file).await?;
    journal.check_file().await?;
    let stores = journal.stores().await?;
    let mut reports = Vec::new();
    for store in &stores {
        reports.push(audit_chains(&journal, store).await?);
    }
    journal.close().await;
    if stores.is_empty() {
        return Err(JournalError(format!("{}: there is no store in it", file.display())));
    }
    if let Some(report) = reports.iter().find(|r| !r.findings.is_empty()) {
        return Err(JournalError(format!(
            "{}: {} findings, the first: {:?}",
            file.display(),
            report.findings.len(),
            report.findings[0]
        )));
    }
    Ok(Verified { file: file.to_owned(), reports })
}

/// Copies a journal into a file and verifies the copy. The name is given only to a copy that is good.
///
/// # Errors
/// [`JournalError`]; the file is not there then.
pub async fn back_up(journal: &SqlJournal, file: &Path) -> Result<Verified, JournalError> {
    if file.exists() {
        return Err(JournalError(format!("{}: there is a file already", file.display())));
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    let part = file.with_extension("part");
    let _ = std::fs::remove_file(&part);
    journal.copy_to(&part).await?;
    match verify(&part).await {
        Ok(mut verified) => {
            // What reading it back left beside it.
            for ending in ["part-wal", "part-shm"] {
                let _ = std::fs::remove_file(file.with_extension(ending));
            }
            std::fs::File::open(&part).and_then(|f| f.sync_all()).map_err(failed(&part))?;
            std::fs::rename(&part, file).map_err(failed(file))?;
            file.clone_into(&mut verified.file);
            Ok(verified)
        }
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            Err(error)
        }
    }
}

/// Names of backups sort by time: `daybook-20261123T191500Z.sqlite`.
pub fn name(at_ms: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    format!("daybook-{}.sqlite", at.format("%Y%m%dT%H%M%SZ"))
}

/// Removes all but the newest backups in a folder.
///
/// # Errors
/// [`JournalError`].
pub fn prune(folder: &Path, keep: usize) -> Result<(), JournalError> {
    let entries = std::fs::read_dir(folder).map_err(failed(folder))?;
    let is_ours = |p: &PathBuf| {
        let name = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with("daybook-") && name.ends_with(".sqlite")
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).filter(is_ours).collect();
    files.sort();
    for old in &files[..files.len().saturating_sub(keep.max(1))] {
        std::fs::remove_file(old).map_err(failed(old))?;
    }
    Ok(())
}

/// Puts a backup in place of a data folder's database. What was there is kept beside it. A new epoch begins, so tablets
/// send again what the backup lacks.
///
/// # Errors
/// [`JournalError`]; the folder is as it was then.
pub async fn restore(data: &Path, from: &Path, at_ms: i64) -> Result<Verified, JournalError> {
    std::fs::create_dir_all(data).map_err(failed(data))?;
    let fresh = data.join("daybook.restoring");
    std::fs::copy(from, &fresh).map_err(failed(from))?;
    let mut verified = match verify(&fresh).await {
        Ok(verified) => verified,
        Err(error) => {
            let _ = std::fs::remove_file(&fresh);
            return Err(error);
        }
    };
    let journal = SqlJournal::sqlite_file(&fresh).await?;
    for store in journal.stores().await? {
        let epoch = super::epoch::restored_epoch();
        let mark = super::mark::Mark::open(data, &store.id)?;
        journal.new_epoch(&store.id, &epoch, mark.replica() + 1).await?;
        // The epoch is begun; the next start need not begin another one.
        mark.note(&epoch, store.g);
    }
    journal.close().await;
    // Everything has to be in the one file now; what is left beside it is not taken along.
    let begun = SqlJournal::sqlite_file(&fresh).await?;
    let renewed = begun.stores().await?.iter().all(|s| super::epoch::is_restored(&s.epoch));
    begun.close().await;
    if !renewed || data.join("daybook.restoring-wal").metadata().is_ok_and(|m| m.len() > 0) {
        return Err(JournalError(format!("{}: the copy could not be finished", fresh.display())));
    }
    let file = data.join("daybook.sqlite");
    if file.is_file() {
        // What its write-ahead log holds goes into the file first, as far as it can be read at all.
        if let Ok(old) = SqlJournal::sqlite_file(&file).await {
            old.close().await;
        }
        let aside = data.join(name(at_ms).replace("daybook-", "replaced-"));
        let _ = std::fs::remove_file(&aside);
        std::fs::hard_link(&file, &aside)
            .or_else(|_| std::fs::copy(&file, &aside).map(|_| ()))
            .map_err(failed(&aside))?;
    }
    for left in ["daybook.sqlite-wal", "daybook.sqlite-shm", "daybook.restoring-wal", "daybook.restoring-shm"] {
        let _ = std::fs::remove_file(data.join(left));
    }
    // In one step: there is never a moment without a database, in which a new store would be founded.
    std::fs::rename(&fresh, &file).map_err(failed(&file))?;
    verified.file = file;
    Ok(verified)
}
