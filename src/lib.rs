//! Daybook (日单): an order console for small sellers that works with or without a network.
//!
//! One package, two programs: `console` runs in the browser (wasm32), `daybook` is the server and the command line.
//! They share the middle, so they cannot disagree by a cent or a piece.
//!
//! # The map, in reading order
//!
//! | Room | What it is | It may use |
//! |---|---|---|
//! | [`domain`] | what the shop is: nouns, the book, events, what may happen; floors of its own | nothing |
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
//!
//! The floors of [`domain`], the lowest first; a file uses its own floor and those below it:
//!
//! | Floor | What it is |
//! |---|---|
//! | [`domain::value`] | hash, identifiers, money, quantity, time, detached parts, names, flaws |
//! | [`domain::shop`] | profile, tax, places, people, channels, tenders |
//! | [`domain::goods`] | products, prices, GTINs, packs, kits |
//! | [`domain::customer`] | persons, accounts |
//! | [`domain::payment`] | payments, refunds, attempts, tills |
//! | [`domain::stock`] | movements, levels, batches, leases, documents of the stockroom |
//! | [`domain::order`] | lines, carts, totals, states, work on an order, rules |
//! | [`domain::rejection`] | why something may not happen |
//! | [`domain::book`] | what all events add up to: tables, cases, questions |
//! | [`domain::work`] | computed from the book: prices, allocation, findings, reordering, reconciling, search, scans |
//! | [`domain::event`] | what is written down: one table; by noun, the payload, its check and its fold |
//! | [`domain::decide`] | commands become events, or a reason why not |
//!
//! A thing is declared once: an event in [`domain::event`]'s table, a table of the book in `domain/book/tables.rs`.
//! `tests/native/tidy` holds rooms and floors against the code. A noun is a path: stock is `domain/stock`,
//! `ui/pages/stock/`, and so on; a new capability finds its place in a room before it gets a new one. How to add an
//! event, a table, a screen, an importer or a text stands in `.github/CONTRIBUTING.md`, with a glossary.
//!
//! # What always holds
//!
//! Each is held by the test named behind it (a file of `tests/native`, and a test in it).
//!
//! 1. Money is whole minor units, quantities whole thousandths of a unit, rates basis points. No floats in
//!    `domain`. (`tidy/mod.rs`: `the_domain_has_no_floats`)
//! 2. What is divided is conserved: shares add up to the whole. (`payments.rs`:
//!    `a_paid_order_is_split_and_every_cent_stays_with_goods_that_cost_it`)
//! 3. `decide` may refuse; the fold may not: any sequence of events yields a state and, where people must look,
//!    cases. (`laws.rs`: `the_fold_takes_any_sequence_of_events`)
//! 4. What `decide` asks, the server asks, too: one check of an event, one table of least roles. (`staff.rs`:
//!    `a_clerk_voids_what_is_paid_only_with_a_managers_consent_and_the_server_says_the_same`)
//! 5. Facts (a sale, a payment) are never refused by the server: what it cannot apply it keeps as it is (`held`).
//!    Requests (a price) may be. (`sync.rs`: `a_fact_that_cannot_be_applied_is_kept_and_everybody_is_told`)
//! 6. A view is `fold(confirmed) + replay(unsent)`, in two layers ([`domain::book::layered`]) and on disk in two
//!    places. (`sync.rs`: `what_came_back_of_a_long_queue_is_seen_as_if_the_rest_were_played_anew`)
//! 7. Stock is only a ledger of movements; below zero is a state, not an error. (`sync.rs`:
//!    `selling_below_zero_is_a_case_that_closes_itself`)
//! 8. What a screen calls taken or saved is on the medium: one strict IndexedDB transaction with order, number and
//!    journal entry. It claims, for ever, the state that it goes on from, so two tabs never go on from the same
//!    ([`store::WriteBatch::claims`]). (`sync.rs`: `two_tabs_of_one_tablet_never_use_one_number_twice`)
//! 9. The journal of unsent transactions is never migrated, pruned or cleared by a timer. Only an answer that names
//!    a transaction takes it out, and then it is kept beside until a verified backup of the server holds it.
//!    (`backup.rs`: `what_a_verified_backup_holds_tablets_let_go_of`)
//! 10. Browsers lose databases, strict durability or not. What only this tablet has stands in a second place of
//!     another kind, too ([`store::mirror`]): a tablet whose database is gone is who it was, with everything that
//!     it had not sent. (`mirror.rs`:
//!     `a_tablet_whose_database_is_lost_is_who_it_was_with_everything_that_was_not_sent_and_no_number_twice`)
//! 11. Goods that were kept in the mirror stand in for the store's until the log is read ([`actions::restore`]);
//!     they are never sealed or sent. (`mirror.rs`:
//!     `without_a_network_a_tablet_whose_database_is_lost_sells_what_was_kept_and_ends_where_the_log_ends`)
//! 12. Every cursor carries one hash over the whole log before it: a log that was cut, replaced or altered shows at
//!     the next round. The tablet sends what it lacks and reads again from where it had sealed; if that is not of
//!     this log either, from the start, but for the blocks of orders that are here as they are there. (`backup.rs`:
//!     `a_tablet_whose_server_was_put_back_reads_again_only_what_it_had_not_sealed`)
//! 13. Server and tablets seal their fold into the same rows ([`actions::ledger`]); neither ever folds its log from
//!     the start. (`bootstrap.rs`: `a_new_tablet_reads_the_servers_rows_and_ends_where_the_log_ends`)
//! 14. Two people who change one thing without knowing of each other: the later counts, the earlier is a case with
//!     both versions. (`cases.rs`: `a_setting_changed_twice_shows_what_was_put_aside_and_can_be_put_back`)
//! 15. Of what is scarce a tablet promises what is leased to it, and without a network no more. (`leases.rs`:
//!     `within_its_lease_a_tablet_without_a_network_sells_and_nobody_else_promises_those_pieces`)
//! 16. What is set aside at a place is what open orders claim there, kept as a sum by the fold; so are workloads,
//!     and which orders are outstanding: closed ones, too, until the customer was told. (`payments.rs`:
//!     `the_sum_set_aside_at_a_place_is_what_open_orders_claim_there`)
//! 17. Rules act where an order is written down, in its own transaction: once, without a network. The console has
//!     no telephone: a rule writes what the customer is told, a person sends it ([`domain::order::Message`]). What
//!     a rule is asked of orders in memory (a likely duplicate, an unusual quantity) may differ from tablet to
//!     tablet; sums in the book are still to take its place. (`rules.rs`:
//!     `with_a_rule_on_a_valid_order_with_stock_goes_through_untouched`)
//! 18. A closing freezes the tax in what its tablet sold; reports add orders up again, one after the other
//!     ([`report::detail`]). (`returns.rs`: `a_closing_has_the_tax_of_what_was_sold_rate_by_rate_and_keeps_it`)
//! 19. The update waits for an empty cart and until everything is sent, unless the server takes nothing from this
//!     version any more. (`server.rs`: `a_malformed_request_is_a_4xx_with_a_code_and_changes_nothing`)
//! 20. For an order that stands, a terminal is asked only after the log says so; nobody is charged again before
//!     somebody has looked what it said. (`payments.rs`:
//!     `nobody_is_charged_again_before_somebody_has_looked_what_the_terminal_said`)
//! 21. The last step with an order's goods can be taken back while nothing rests on it
//!     ([`domain::order::LastStep`]). Which one is meant is said by its moment: two tablets take it back once, and
//!     a step on that nobody knew of makes it a case. (`undo.rs`:
//!     `a_step_that_two_tablets_take_back_is_taken_back_once`)
//! 22. Goods under way are at neither place, and arrive once. (`stockroom.rs`:
//!     `goods_under_way_are_at_neither_place_and_arrive_once`)
//! 23. A count stands against what was there when it was counted, and says which corrections it knew of: a shelf is
//!     never corrected twice ([`domain::stock::Level::variance`]). (`returns.rs`:
//!     `two_tablets_that_count_the_same_shelf_correct_it_once_whoever_hears_of_whom_when`)
//! 24. However a line comes back, piece by piece or at once, it is worth what it came to; what two tablets took
//!     back comes back once ([`domain::order::Returned`]). (`returns.rs`:
//!     `two_tablets_that_take_the_same_goods_back_put_them_on_the_shelf_once_and_somebody_looks`)
//! 25. Money goes back the way it came, unless the owner says otherwise. (`returns.rs`:
//!     `money_goes_back_the_way_it_came_unless_the_owner_says_otherwise`)
//! 26. What a web shop changes changes here until somebody picks it or it is split, told by what the shop said,
//!     never by prices here; what people changed here is put aside as a case (`actions/intake.rs`). (`intake.rs`:
//!     `what_is_changed_in_the_shop_is_changed_here_until_the_goods_are_gone_and_what_people_changed_is_kept_beside_it`)
//! 27. What the server could not apply is a case that has it whole ([`domain::book::case::Kept`]): a manager may
//!     have it count, in the order in which it happened; what was only asked for is never accepted along.
//!     (`cases.rs`: `facts_are_accepted_in_the_order_in_which_they_happened_and_let_go_by_a_manager_only`)
//! 28. What another program folded stands until the server's own fold takes its place (`actions::ledger::FOLD`).
//!     (`bootstrap.rs`:
//!     `what_another_program_folded_stands_until_the_servers_own_takes_its_place_and_nothing_unsent_is_lost`)
//! 29. A till is a fold over its tablet's facts; a closing is never changed, a wrong count is a difference.
//!     (`till.rs`: `what_should_be_in_the_till_is_its_float_and_all_cash_since_and_no_other_money`)
//! 30. What sealed rows name by number ([`store::dictionary`]) only grows: a number means the same for ever.
//!     (`store.rs`: `what_was_sealed_is_the_same_after_opening_again`)
//! 31. The newest orders are shown before the rest is read ([`actions::open::glance`]); nothing is decided, written
//!     or opened on that much. (`store.rs`:
//!     `a_glance_shows_the_newest_orders_as_they_are_and_whatever_writes_reads_the_rest_first`)
//! 32. A stored row that cannot be read and that the server has, too, is let go of with all of its kind and fetched
//!     again; what only this tablet has is never touched ([`store::StoreError::can_be_fetched_again`]).
//!     (`store.rs`: `a_row_that_cannot_be_read_is_fetched_again_and_nothing_that_only_this_tablet_has_is_lost`)
//! 33. A tablet may sell before older orders are here; nothing is folded past one that is not
//!     ([`actions::bootstrap`]). (`bootstrap.rs`:
//!     `a_tablet_sells_before_the_older_orders_are_here_and_goes_on_where_it_broke_off`)
//! 34. What is sealed says its format; rows of another one are let go of and fetched again. There is one format
//!     until 1.0; from then on golden files hold every one. (`bootstrap.rs`:
//!     `rows_of_another_format_are_let_go_of_and_fetched_again_and_nothing_unsent_is_lost`)
//! 35. A schema says which events a program knows; a tablet of an earlier one is handed nothing that it cannot
//!     read. (`sync.rs`:
//!     `a_tablet_of_an_earlier_schema_is_handed_nothing_that_it_cannot_read_and_all_of_it_once_it_is_updated`)
//! 36. A request that may not be is refused as that, and never as a failure of the database. (`journal.rs`:
//!     `what_may_not_be_is_refused_as_that_and_not_as_a_failure_of_the_database`)
//! 37. Clocks are recorded, never obeyed. (`simulation/mod.rs`: `nothing_is_lost_or_doubled_whatever_happens`)
//!
//! Held by journeys in Chromium, `tests/e2e`: the console opens with what selling takes, its other rooms are a part of
//! the program of their own (`ui/rooms.rs`), the camera's reader another (`bin/scanner.rs`), and all of it is one
//! version (`updates.rs`); a device that was never a tablet is shown the form before the console is there
//! (`way_in.rs`); two taps at once at one place are one, unless what is tapped says that it is meant to be tapped
//! again, and what was typed into a dialog goes by its cross and by nothing else (`slips.rs`); what may take long has a
//! program of its own beside the page (`import.rs`).
//!
//! Promised and not built: personal data stands beside a transaction's hashed body ([`domain::value::part`]) so that it
//! can be erased without breaking the chain, but nothing erases it yet.
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
//! store's rules (`domain/order/rule.rs`, `domain/decide/automation.rs`) confirm, allocate
//! ([`domain::work::allocation`]) and assign it in the same transaction, unless the checks ([`domain::work::finding`])
//! found something that stops it -> it reaches every tablet as any movement does.

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
