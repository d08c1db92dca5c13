//! The recovery file: what a tablet has not sent, sealed with a passphrase, to be taken in on any other tablet.
//!
//! Shape: an `age` v1 file (<https://age-encryption.org/v1>) with one scrypt recipient, so that it can be opened
//! without Daybook too. The `age` crate itself would more than double what it adds to the download; a test holds this
//! against it.

use base64ct::{Base64Unpadded, Encoding};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::desk::{ActionError, Desk, Ports};
use super::ledger::{from_json, json};
use crate::domain::event::Body;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::Replica;
use crate::domain::value::time::Timestamp;
use crate::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch};
use crate::sync::protocol::{MOST_REQUEST_BYTES, PushEntry};

const VERSION_LINE: &str = "age-encryption.org/v1";
const LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
/// scrypt's work factor for files that are written: half a second on a tablet.
const WORK: u8 = 15;
/// The most that a file may ask for: 1 GiB would bring a tablet down.
const MOST_WORK: u8 = 18;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
/// Shorter ones can be tried out.
pub const LEAST_PASSPHRASE: usize = 8;

/// Content of the file.
#[derive(Serialize, Deserialize)]
pub struct Recovery {
    pub v: u32,
    pub store: String,
    pub replica: Replica,
    pub prefix: String,
    pub at: Timestamp,
    pub tx: Vec<PushEntry>,
}

/// Why a file could not be taken in.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RecoveryError {
    /// Not such a file, or a broken one.
    #[error("this is no recovery file, or a broken one")]
    NotOurs,
    /// The passphrase is another one.
    #[error("the passphrase is another one")]
    Passphrase,
    /// From another store.
    #[error("it is of another store")]
    OtherStore,
    #[error("the passphrase is too short")]
    TooShort,
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl From<StoreError> for RecoveryError {
    fn from(error: StoreError) -> Self {
        Self::Action(error.into())
    }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(*key))
}

fn wrap_key(passphrase: &str, salt: &[u8], work: u8) -> Option<[u8; 32]> {
    let salt = [LABEL, salt].concat();
    let params = scrypt::Params::new(work, 8, 1).ok()?;
    let mut key = [0; 32];
    scrypt::scrypt(passphrase.as_bytes(), &salt, &params, &mut key).ok()?;
    Some(key)
}

fn derive(file_key: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    // 32 bytes are far below what HKDF can give.
    let _ = Hkdf::<Sha256>::new(Some(salt), file_key).expand(info, &mut key);
    key
}

fn header_mac(file_key: &[u8], header: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&derive(file_key, b"", b"header")).ok()?;
    mac.update(header.as_bytes());
    Some(mac)
}

/// The nonce of a chunk: its number, and whether it is the last.
fn chunk_nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce.into()
}

/// Seals bytes with a passphrase. `dice` are 48 bytes that nobody can guess.
pub fn seal(plain: &[u8], passphrase: &str, dice: &[u8; 48]) -> Option<Vec<u8>> {
    let (file_key, rest) = dice.split_at(16);
    let (salt, nonce) = rest.split_at(16);
    let body = cipher(&wrap_key(passphrase, salt, WORK)?).encrypt(&Nonce::default(), file_key).ok()?;
    let encode = Base64Unpadded::encode_string;
    let header = format!("{VERSION_LINE}\n-> scrypt {} {WORK}\n{}\n---", encode(salt), encode(&body));
    let mac = header_mac(file_key, &header)?.finalize().into_bytes();
    let mut file = format!("{header} {}\n", encode(&mac)).into_bytes();
    file.extend_from_slice(nonce);
    let payload = cipher(&derive(file_key, nonce, b"payload"));
    let chunks: Vec<&[u8]> = if plain.is_empty() { vec![plain] } else { plain.chunks(CHUNK).collect() };
    for (number, chunk) in chunks.iter().enumerate() {
        file.extend(payload.encrypt(&chunk_nonce(number as u64, number + 1 == chunks.len()), *chunk).ok()?);
    }
    Some(file)
}

/// Opens what [`seal`] or any other age program sealed with a passphrase.
///
/// # Errors
/// [`RecoveryError::NotOurs`], [`RecoveryError::Passphrase`].
pub fn open(file: &[u8], passphrase: &str) -> Result<Vec<u8>, RecoveryError> {
    const NOT: RecoveryError = RecoveryError::NotOurs;
    let end = file.windows(4).take(4096).position(|w| w == b"\n---").ok_or(NOT)?;
    let header = std::str::from_utf8(&file[..end + 4]).map_err(|_| NOT)?;
    let line = file[end + 4..].iter().position(|b| *b == b'\n').filter(|n| *n < 100).ok_or(NOT)? + end + 4;
    let mac = std::str::from_utf8(&file[end + 4..line]).map_err(|_| NOT)?.trim();
    let rest = &file[line + 1..];
    let mut lines = header.lines();
    if lines.next() != Some(VERSION_LINE) {
        return Err(NOT);
    }
    let stanza: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let ["->", "scrypt", salt, work] = stanza[..] else { return Err(NOT) };
    let decode = |text: &str| Base64Unpadded::decode_vec(text).map_err(|_| NOT);
    let work = work.parse::<u8>().ok().filter(|w| (1..=MOST_WORK).contains(w)).ok_or(NOT)?;
    let body = decode(lines.next().unwrap_or_default())?;
    let key = wrap_key(passphrase, &decode(salt)?, work).ok_or(NOT)?;
    let file_key = cipher(&key).decrypt(&Nonce::default(), body.as_slice()).map_err(|_| RecoveryError::Passphrase)?;
    header_mac(&file_key, header).ok_or(NOT)?.verify_slice(&decode(mac)?).map_err(|_| NOT)?;
    let (nonce, sealed) = rest.split_at_checked(16).ok_or(NOT)?;
    let payload = cipher(&derive(&file_key, nonce, b"payload"));
    let chunks: Vec<&[u8]> = sealed.chunks(CHUNK + TAG).collect();
    let mut plain = Vec::with_capacity(sealed.len());
    for (number, chunk) in chunks.iter().enumerate() {
        plain
            .extend(payload.decrypt(&chunk_nonce(number as u64, number + 1 == chunks.len()), *chunk).map_err(|_| NOT)?);
    }
    if chunks.is_empty() { Err(NOT) } else { Ok(plain) }
}

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Writes what has not been sent as a sealed file; nothing here changes. `None` when nothing waits.
    ///
    /// # Errors
    /// [`RecoveryError::TooShort`].
    pub fn recovery_file(&self, passphrase: &str) -> Result<Option<Vec<u8>>, RecoveryError> {
        if passphrase.chars().count() < LEAST_PASSPHRASE {
            return Err(RecoveryError::TooShort);
        }
        let ledger = self.ledger();
        let identity = ledger.identity.as_ref().ok_or(ActionError::NotEnrolled)?;
        if ledger.unsent.is_empty() {
            return Ok(None);
        }
        let recovery = Recovery {
            v: 1,
            store: identity.store.clone(),
            replica: identity.replica,
            prefix: identity.prefix.clone(),
            at: self.ports.now(),
            tx: ledger.unsent.values().map(|u| u.entry.clone()).collect(),
        };
        let mut dice = [0; 48];
        dice[..32].copy_from_slice(&self.ports.random());
        dice[32..].copy_from_slice(&self.ports.random()[..16]);
        seal(&json(&recovery), passphrase, &dice).map(Some).ok_or(RecoveryError::NotOurs)
    }

    /// Takes another tablet's recovery file in: its transactions go on as this tablet's own, byte for byte, so the
    /// server knows them again if they come from elsewhere too. How many were new here.
    ///
    /// # Errors
    /// [`RecoveryError`]; nothing was taken in then.
    pub async fn take_recovery(&self, file: &[u8], passphrase: &str) -> Result<usize, RecoveryError> {
        let plain = open(file, passphrase)?;
        let recovery: Recovery = serde_json::from_slice(&plain).map_err(|_| RecoveryError::NotOurs)?;
        let store = self.ledger().identity.as_ref().map(|i| i.store.clone()).ok_or(ActionError::NotEnrolled)?;
        if recovery.v != 1 || recovery.store != store {
            return Err(RecoveryError::OtherStore);
        }
        // What this version cannot read, or the server could never take, must not stand in the queue.
        let fits = |e: &PushEntry| {
            serde_json::from_slice::<Body>(e.body.get().as_bytes()).is_ok() && json(e).len() <= MOST_REQUEST_BYTES / 2
        };
        if !recovery.tx.iter().all(fits) {
            return Err(RecoveryError::NotOurs);
        }
        let _turn = self.take_turn().await?;
        for _ in 0..8 {
            let key = MetaKey::Recovered as u64;
            let known_row = self.store.get(Table::Meta, &[key]).await?.into_iter().next().flatten();
            let mut taken: Vec<Hash> =
                known_row.as_ref().map_or(Ok(Vec::new()), |row| from_json(Table::Meta, key, row))?;
            let mut batch = WriteBatch::strict();
            let mut count = 0;
            {
                let ledger = self.ledger();
                let mut writer = ledger.writer;
                let own: Vec<Hash> = ledger.unsent.values().map(|u| Hash::of_body(u.entry.body.get())).collect();
                for entry in &recovery.tx {
                    let hash = Hash::of_body(entry.body.get());
                    if taken.contains(&hash) || own.contains(&hash) {
                        continue;
                    }
                    let entry = writer.chain(entry);
                    batch.put(Table::Out, entry.seq, json(&entry));
                    taken.push(hash);
                    count += 1;
                }
                batch.guards.push((MetaKey::Writer, Some(json(&ledger.writer))));
                batch.guards.push((MetaKey::Recovered, known_row));
                batch.put(Table::Claim, ledger.writer.claim(), Vec::new());
                batch.put_meta(MetaKey::Writer, json(&writer));
                batch.put_meta(MetaKey::Recovered, json(&taken));
            }
            if count == 0 {
                return Ok(0);
            }
            match self.store.write(batch).await {
                Ok(()) => {
                    self.reload_in_turn().await?;
                    return Ok(count);
                }
                Err(StoreError::Stale) => self.reload_in_turn().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Stale.into())
    }
}
