//! Daybook (日单): an order console for small sellers that works with or without a network.
//!
//! One package, two programs: `console` runs in the browser (wasm32), `daybook` is the server and the command line.
//! They share the middle, so they cannot disagree by a cent or a piece.
//!
//! # The map, in reading order
//!
//! | Room | What it is | It may use |
//! |---|---|---|
//! | [`domain`] | nouns, rules, `decide` (what may happen), `check` (what may stand in the log), `fold` (what follows), `book` (what it adds up to) | nothing |
//! | [`import`] | other systems' files: bytes to a preview | domain |
//! | [`report`] | figures and exports: rows to sums and files | domain |
//! | [`i18n`] | every word on the screen, in every language | domain, import |
//! | [`sync`] | the wire form, and when to sync: a pure state machine | domain |
//! | [`store`] | what a tablet keeps: one trait, blocks, chunks, columns, a dictionary of what they name | domain, sync |
//! | [`actions`] | what a person or a timer can do; one write each | all above |
//! | `platform` | the browser, one file a facility (wasm32) | domain, sync, store, actions |
//! | `ui` | the screens (wasm32) | everything but server |
//! | [`server`] | the other side (native): journals, shop, backups, routes | domain, import, i18n, sync, store, actions |
//!
//! The first five compute: no await, clock, randomness, log, browser or database; time and identifiers are arguments.
//! `tests/native/tidy.rs` holds this table against the code. A noun is a path: stock is `domain/stock.rs`,
//! `ui/pages/stock/`, and so on; a new capability finds its place in a room before it gets a new one.
//!
//! # What always holds
//!
//! - Money is whole minor units, quantities whole thousandths of a unit, rates basis points. No floats in `domain`.
//! - What is divided is conserved: shares add up to the whole.
//! - `decide` may refuse; the fold may not: any sequence of events yields a state and, where people must look, cases.
//! - Facts (a sale, a payment) are never refused by the server: what it cannot apply it keeps as it is (`held`).
//!   Requests (a price) may be.
//! - A view is `fold(confirmed) + replay(unsent)`, in two layers ([`domain::layered`]) and on disk in two places.
//! - Stock is only a ledger of movements; below zero is a state, not an error.
//! - What a screen calls taken or saved is on the medium: one strict IndexedDB transaction with order, number and
//!   journal entry. It claims, for ever, the state that it goes on from, so two tabs never go on from the same
//!   ([`store::WriteBatch::claims`]).
//! - The journal of unsent transactions is never migrated, pruned or cleared by a timer. Only an answer that names a
//!   transaction takes it out, and then it is kept beside until a verified backup of the server holds it.
//! - Browsers lose databases, strict durability or not. What only this tablet has stands in a second place of another
//!   kind, too ([`store::mirror`]): a tablet whose database is gone is who it was, with everything that it had not
//!   sent. Goods that were kept there, too, stand in for the store's until the log is read ([`actions::restore`]); they
//!   are never sealed or sent.
//! - Every cursor carries one hash over the whole log before it: a log that was cut, replaced or altered shows at the
//!   next round. The tablet sends what it lacks and reads again from where it had sealed; if that is not of this log
//!   either, from the start, but for the blocks of orders that are here as they are there (`actions/run_sync.rs`,
//!   `reset`).
//! - Server and tablets seal their fold into the same rows ([`actions::ledger`]); neither ever folds its log from the
//!   start.
//! - Two people who change one thing without knowing of each other: the later counts, the earlier is a case with both
//!   versions.
//! - Of what is scarce a tablet promises what is leased to it, and without a network no more.
//! - What is set aside at a place is what open orders claim there, kept as a sum by the fold; so are workloads, and
//!   which orders are outstanding: closed ones, too, until the customer was told.
//! - Rules act where an order is written down, in its own transaction: once, without a network, everywhere the same.
//!   The console has no telephone: a rule writes what the customer is told, a person sends it
//!   ([`domain::order::Message`]).
//! - A closing freezes the tax in what its tablet sold; reports add orders up again, one after the other
//!   ([`report::detail`]).
//! - The update waits for an empty cart and until everything is sent, unless the server takes nothing from this version
//!   any more.
//! - For an order that stands, a terminal is asked only after the log says so; nobody is charged again before somebody
//!   has looked what it said.
//! - The last step with an order's goods can be taken back while nothing rests on it ([`domain::order::LastStep`]).
//!   Which one is meant is said by its moment: two tablets take it back once, and a step on that nobody knew of makes
//!   it a case.
//! - Goods under way are at neither place, and arrive once; a count stands against what was there when it was counted,
//!   and says which corrections it knew of: a shelf is never corrected twice ([`domain::stock::Level::variance`]).
//! - However a line comes back, piece by piece or at once, it is worth what it came to; what two tablets took back
//!   comes back once ([`domain::order::Returned`]). Money goes back the way it came, unless the owner says otherwise.
//! - What a web shop changes changes here until somebody picks it or it is split, told by what the shop said, never by
//!   prices here; what people changed here is put aside as a case (`actions/intake.rs`).
//! - What the server could not apply is a case that has it whole ([`domain::case::Kept`]): a manager may have it count,
//!   in the order in which it happened; what was only asked for is never accepted along.
//! - What an earlier program folded stands until the server's own fold takes its place (`actions::ledger::FOLD`).
//! - A till is a fold over its tablet's facts; a closing is never changed, a wrong count is a difference.
//! - What sealed rows name by number ([`store::dictionary`]) only grows: a number means the same for ever.
//! - The newest orders are shown before the rest is read ([`actions::open::glance`]); nothing is decided, written or
//!   opened on that much.
//! - A stored row that cannot be read and that the server has, too, is let go of with all of its kind and fetched
//!   again; what only this tablet has is never touched ([`store::StoreError::can_be_fetched_again`]).
//! - A tablet may sell before older orders are here; nothing is folded past one that is not ([`actions::bootstrap`]).
//! - What is sealed says its format; whatever an earlier program sealed is read ([`store::earlier`]), and golden files
//!   of whole tablets hold that (`tests/data/stores`).
//! - The console opens with what selling takes; its other rooms are a part of the program of their own (`ui/rooms.rs`),
//!   fetched once it is open, and the camera's reader (`bin/scanner.rs`) when it is used. All of it is one version.
//! - A device that was never a tablet is shown the form before the console is there: a small program of its own
//!   (`ui/way_in.rs`), with words of its own ([`i18n::WayIn`]). The console takes the form over as it stands, under the
//!   hand that types (`ui/form.rs`).
//! - Two taps at once at one place are one, unless what is tapped says that it is meant to be tapped again
//!   (`platform/taps.rs`); what was typed into a dialog goes by its cross, and by nothing else
//!   (`ui/components/dialog.rs`).
//! - What may take long has a program of its own beside the page (`platform/worker.rs`): reading files
//!   (`bin/reader.rs`), reading pictures.
//! - Personal data stands beside a transaction's hashed body, so it can be erased without breaking the chain.
//! - Clocks are recorded, never obeyed.
//!
//! # Four journeys
//!
//! **Tap "cash", and the other tablet shows the order.** `ui/pages/take_order/cart.rs` hands a `Command::Place` to
//! `App::act` -> [`actions::desk`] takes time, identifiers and number, asks [`domain::decide`] for events, hashes the
//! body onto the chain and writes journal entry, counters and the emptied cart in one strict transaction -> only then
//! the book's pending layer is folded, and cart and "taken" are drawn at once; the other tabs are told; the engine is
//! woken -> `ui/driver.rs` posts `/v1/sync` -> `server/shop.rs` lets whoever has the lock work for everybody who waits,
//! `server/group.rs` judges each transaction against `server/fold.rs`, one turn of the journal appends them with
//! gap-free numbers, and every tablet is hinted -> they ask, `actions/run_sync.rs` writes page, cursor and the removal
//! of own echoed transactions in one write, folds, and the row appears.
//!
//! **A movement arrives.** Hint -> round -> `apply_answer` -> confirmed layer, then the unsent ones replayed on top ->
//! `Changes` names the places -> one signal is bumped, and only the rows that are on the screen look again. An open
//! cart is never changed.
//!
//! **A file is imported.** The file goes to a worker (`bin/reader.rs`): bytes -> [`import::text`], or a workbook's
//! first sheet ([`import::sheet`]) -> [`import::read`] -> an outline with line-numbered issues ([`import::reading`]) ->
//! confirm ->
//! [`actions::import`] asks for [`import::batch`]es, each one transaction with its journal entry, with progress and
//! cancel. Identifiers are derived from the source's own, so the same file twice changes nothing.
//!
//! **A web shop's order.** `server/routes/intake.rs` checks the signature -> `server/intake.rs` reads the body with the
//! same readers as files -> [`actions::intake`] drafts the order under identifiers derived from the shop's -> the
//! store's rules ([`domain::rule`]) confirm, allocate ([`domain::allocation`]) and assign it in the same transaction,
//! unless the checks ([`domain::finding`]) found something that stops it -> it reaches every tablet as any movement
//! does.

pub mod actions;
pub mod domain;
pub mod i18n;
pub mod import;
#[doc(hidden)]
pub mod planted;
#[cfg(target_arch = "wasm32")]
pub mod platform;
pub mod report;
#[cfg(not(target_arch = "wasm32"))]
pub mod server;
pub mod store;
pub mod sync;
#[cfg(target_arch = "wasm32")]
pub mod ui;
