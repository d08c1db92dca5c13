//! Every word on the screen, in every language. A missing text does not compile.
//!
//! Texts are fields of one struct; words for the domain's variants are functions, so a new variant asks for its words.
//! A `{}` stands for a figure or a name, in order; see [`fill`].

mod en;
mod zh;

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::domain::allocation::Sourcing;
use crate::domain::location::LocationKind;
use crate::domain::order::{Channel, Method, OrderState, Paper, PaymentState, Priority, StepKind, VoidReason};
use crate::domain::payment::{Outcome, Tender};
use crate::domain::quantity::Unit;
use crate::domain::staff::Role;
use crate::import::{Column, Kind};

/// A language of the console.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    pub fn messages(self) -> &'static Messages {
        match self {
            Self::Chinese => &zh::MESSAGES,
            Self::English => &en::MESSAGES,
        }
    }

    /// The tag that a browser's `Intl` takes.
    pub fn locale(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en-GB",
        }
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }
}

/// Puts values in the places of a text, in order.
pub fn fill(text: &str, values: &[&dyn Display]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut pieces = text.split("{}");
    filled.push_str(pieces.next().unwrap_or_default());
    for (i, piece) in pieces.enumerate() {
        if let Some(value) = values.get(i) {
            filled.push_str(&value.to_string());
        }
        filled.push_str(piece);
    }
    filled
}

/// All texts of one language.
pub struct Messages {
    pub take_order: &'static str,
    pub orders: &'static str,
    pub work: &'static str,
    pub stock: &'static str,
    pub customers: &'static str,
    pub reports: &'static str,
    pub sales: &'static str,
    pub last_days: &'static str,
    pub nothing_sold: &'static str,
    pub average_order: &'static str,
    pub by_day: &'static str,
    pub export_csv: &'static str,
    pub number: &'static str,
    pub time: &'static str,
    pub state_label: &'static str,
    pub payment: &'static str,
    pub refunds: &'static str,
    pub till: &'static str,
    pub till_text: &'static str,
    pub till_float: &'static str,
    pub till_open: &'static str,
    pub till_opened: &'static str,
    pub till_expected: &'static str,
    pub till_move: &'static str,
    pub till_paid_in: &'static str,
    pub till_paid_out: &'static str,
    pub till_close: &'static str,
    pub till_waiting: &'static str,
    pub till_left: &'static str,
    pub till_closings: &'static str,
    pub till_z: &'static str,
    pub till_right: &'static str,
    pub till_over: &'static str,
    pub till_short: &'static str,
    pub till_counted: &'static str,
    pub till_difference: &'static str,
    pub why_till_open: &'static str,
    pub why_till_closed: &'static str,
    pub settings: &'static str,
    pub rooms: &'static str,
    pub close: &'static str,
    pub back: &'static str,
    pub cancel: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub done: &'static str,
    pub edit: &'static str,
    pub remove: &'static str,
    pub look: &'static str,
    pub export: &'static str,
    pub drop: &'static str,
    pub all: &'static str,
    pub try_again: &'static str,
    pub working: &'static str,
    pub opening: &'static str,
    pub no_such_page: &'static str,
    pub nothing_found: &'static str,
    pub just_now: &'static str,
    pub minutes_ago: &'static str,
    pub hours_ago: &'static str,
    pub days_ago: &'static str,
    pub storage_title: &'static str,
    pub storage_refused: &'static str,
    pub storage_blocked: &'static str,
    pub storage_corrupt: &'static str,
    pub storage_full: &'static str,
    pub not_saved: &'static str,
    pub not_saved_full: &'static str,
    pub not_saved_closed: &'static str,
    pub link_unknown: &'static str,
    pub link_connected: &'static str,
    pub link_offline: &'static str,
    pub link_trouble: &'static str,
    pub link_not_enrolled: &'static str,
    pub link_outdated: &'static str,
    pub link_not_stored: &'static str,
    pub waiting: &'static str,
    pub waiting_label: &'static str,
    pub nothing_waits: &'static str,
    pub update_now: &'static str,
    pub update_after_cart: &'static str,
    pub enrol_title: &'static str,
    pub enrol_text: &'static str,
    /// Letter, last number, how many were not sent.
    pub vanished: &'static str,
    pub enrol_code: &'static str,
    pub enrol_device: &'static str,
    pub enrol_device_example: &'static str,
    pub enrol_go: &'static str,
    pub enrol_wrong_code: &'static str,
    pub enrol_too_many: &'static str,
    pub enrol_refused: &'static str,
    pub enrol_no_network: &'static str,
    pub enrol_again_text: &'static str,
    pub products: &'static str,
    pub product: &'static str,
    pub search_products: &'static str,
    pub category: &'static str,
    pub no_products: &'static str,
    pub add_product: &'static str,
    pub import_file: &'static str,
    pub from_price: &'static str,
    pub cart: &'static str,
    pub empty_cart: &'static str,
    pub lines_count: &'static str,
    pub hold: &'static str,
    pub clear: &'static str,
    pub held_count: &'static str,
    pub held_carts: &'static str,
    pub details_hint: &'static str,
    pub order_details: &'static str,
    pub discount: &'static str,
    pub line_discount: &'static str,
    pub order_discount: &'static str,
    pub discount_example: &'static str,
    pub total: &'static str,
    pub shipping: &'static str,
    pub adjustment: &'static str,
    pub tax_included: &'static str,
    pub tax_number: &'static str,
    pub change: &'static str,
    pub change_is: &'static str,
    pub place_order: &'static str,
    pub take_payment: &'static str,
    pub more_ways: &'static str,
    pub pay_later: &'static str,
    pub take_order_now: &'static str,
    pub received: &'static str,
    pub reference: &'static str,
    pub left_to_pay: &'static str,
    pub paid: &'static str,
    pub one_less: &'static str,
    pub one_more: &'static str,
    pub taken: &'static str,
    pub still_due: &'static str,
    pub print_slip: &'static str,
    pub undo: &'static str,
    pub undone: &'static str,
    pub next_customer: &'static str,
    pub channel_label: &'static str,
    pub all_channels: &'static str,
    pub find_customer: &'static str,
    pub find_customer_example: &'static str,
    pub customer: &'static str,
    pub customer_name: &'static str,
    pub no_customer: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
    pub address: &'static str,
    pub note: &'static str,
    pub bad_quantity: &'static str,
    pub bad_amount: &'static str,
    pub bad_discount: &'static str,
    pub bad_currency: &'static str,
    pub open_orders: &'static str,
    pub unpaid: &'static str,
    pub today: &'static str,
    pub closed_orders: &'static str,
    pub voided_orders: &'static str,
    pub orders_count: &'static str,
    pub search_orders: &'static str,
    pub filter: &'static str,
    pub no_orders: &'static str,
    pub take_first_order: &'static str,
    pub not_sent: &'static str,
    pub order_not_here: &'static str,
    pub no_such_order: &'static str,
    pub lines: &'static str,
    pub payments: &'static str,
    pub no_payments: &'static str,
    pub history: &'static str,
    pub refund_by: &'static str,
    pub pay_amount: &'static str,
    pub pay_first: &'static str,
    pub void_title: &'static str,
    pub void_refunds: &'static str,
    pub void_returns: &'static str,
    pub happened_placed: &'static str,
    pub happened_paid: &'static str,
    pub happened_refunded: &'static str,
    pub happened_handed_over: &'static str,
    pub happened_returned: &'static str,
    pub happened_voided: &'static str,
    pub happened_noted: &'static str,
    pub nothing_to_do: &'static str,
    pub needs_attention: &'static str,
    pub needs_attention_text: &'static str,
    pub refused_row: &'static str,
    pub try_again_change: &'static str,
    pub drop_reason: &'static str,
    pub give_back: &'static str,
    pub take_back: &'static str,
    pub void_for_good: &'static str,
    pub keep_as_is: &'static str,
    pub what_price: &'static str,
    pub what_product: &'static str,
    pub what_staff: &'static str,
    pub what_setting: &'static str,
    pub what_customer: &'static str,
    pub what_case: &'static str,
    pub cases: &'static str,
    pub unknown_product: &'static str,
    pub case_oversold: &'static str,
    pub case_overpaid: &'static str,
    pub case_paid_after_void: &'static str,
    pub case_voided_though_paid: &'static str,
    pub case_over_refunded: &'static str,
    pub case_handed_over_twice: &'static str,
    pub case_step_lost: &'static str,
    pub case_unknown_order: &'static str,
    pub sold_from_here: &'static str,
    pub put_aside: &'static str,
    pub counts_now: &'static str,
    pub use_put_aside: &'static str,
    pub case_price_twice: &'static str,
    pub case_product_twice: &'static str,
    pub case_customer_twice: &'static str,
    pub what_scarcity: &'static str,
    pub what_lease: &'static str,
    pub why_scarce: &'static str,
    pub why_not_free: &'static str,
    pub scarce: &'static str,
    pub scarce_no: &'static str,
    pub scarce_warn: &'static str,
    pub scarce_block: &'static str,
    pub scarce_text: &'static str,
    pub set_aside: &'static str,
    pub set_aside_for: &'static str,
    pub give_free: &'static str,
    pub scarce_left: &'static str,
    pub sign_out: &'static str,
    pub sign_out_text: &'static str,
    pub sign_out_waits: &'static str,
    pub sign_out_refused: &'static str,
    pub sign_out_sure: &'static str,
    pub read_anew: &'static str,
    pub read_anew_text: &'static str,
    pub read_anew_done: &'static str,
    pub case_held: &'static str,
    pub customers_count: &'static str,
    pub add_customer: &'static str,
    pub no_customers: &'static str,
    pub levels: &'static str,
    pub location: &'static str,
    pub locations: &'static str,
    pub low: &'static str,
    pub out: &'static str,
    pub oversold: &'static str,
    pub variants_count: &'static str,
    pub receive: &'static str,
    pub count: &'static str,
    pub write_off: &'static str,
    pub transfer: &'static str,
    pub transfer_to: &'static str,
    pub choose_location: &'static str,
    pub reason: &'static str,
    pub quantity: &'static str,
    pub counted: &'static str,
    pub movements: &'static str,
    pub no_movements: &'static str,
    pub reason_received: &'static str,
    pub reason_sold: &'static str,
    pub reason_returned: &'static str,
    pub reason_damaged: &'static str,
    pub reason_expired: &'static str,
    pub reason_lost: &'static str,
    pub reason_own_use: &'static str,
    pub reason_counted: &'static str,
    pub reason_opening: &'static str,
    pub reason_transfer_out: &'static str,
    pub reason_transfer_in: &'static str,
    pub products_count: &'static str,
    pub not_sold: &'static str,
    pub name: &'static str,
    pub sku: &'static str,
    pub barcode: &'static str,
    pub price: &'static str,
    pub amount: &'static str,
    pub rate: &'static str,
    pub unit_label: &'static str,
    pub tax: &'static str,
    pub usual_tax: &'static str,
    pub is_sold: &'static str,
    pub variant: &'static str,
    pub variants: &'static str,
    pub add_variant: &'static str,
    pub low_at: &'static str,
    pub import: &'static str,
    pub import_text: &'static str,
    pub choose_file: &'static str,
    pub file_unreadable: &'static str,
    pub kind_label: &'static str,
    pub kind_auto: &'static str,
    pub columns: &'static str,
    pub import_go: &'static str,
    pub import_nothing: &'static str,
    pub import_running: &'static str,
    pub import_done: &'static str,
    pub import_cancelled: &'static str,
    pub import_result: &'static str,
    pub issues_count: &'static str,
    pub issues_text: &'static str,
    pub file_line: &'static str,
    pub file_column: &'static str,
    pub file_issue: &'static str,
    pub issue_not_recognised: &'static str,
    pub issue_bad_json: &'static str,
    pub issue_unclosed_quote: &'static str,
    pub issue_missing_column: &'static str,
    pub issue_bad_amount: &'static str,
    pub issue_bad_quantity: &'static str,
    pub issue_bad_date: &'static str,
    pub issue_odd_currency: &'static str,
    pub issue_no_name: &'static str,
    pub issue_no_reference: &'static str,
    pub issue_no_lines: &'static str,
    pub issue_too_many_lines: &'static str,
    pub issue_duplicate_sku: &'static str,
    pub issue_unknown_status: &'static str,
    pub issue_total_differs: &'static str,
    pub issue_paid_unknown: &'static str,
    pub this_tablet: &'static str,
    pub language: &'static str,
    pub light: &'static str,
    pub light_day: &'static str,
    pub light_night: &'static str,
    pub light_market: &'static str,
    pub sells_at: &'static str,
    pub whose_turn: &'static str,
    pub connection: &'static str,
    pub tablet_name: &'static str,
    pub clock: &'static str,
    pub clock_right: &'static str,
    pub clock_off: &'static str,
    pub storage: &'static str,
    pub storage_room: &'static str,
    pub storage_unknown: &'static str,
    pub storage_kept: &'static str,
    pub storage_persistent: &'static str,
    pub storage_not_persistent: &'static str,
    pub ask_to_keep: &'static str,
    pub send_now: &'static str,
    pub other_tablets: &'static str,
    pub other_tablets_text: &'static str,
    pub recovery: &'static str,
    pub recovery_text: &'static str,
    pub recovery_passphrase: &'static str,
    pub recovery_auto: &'static str,
    pub recovery_by_hand: &'static str,
    pub recovery_hours: &'static str,
    pub recovery_save: &'static str,
    pub recovery_take: &'static str,
    pub recovery_saved: &'static str,
    pub recovery_taken: &'static str,
    pub recovery_not_ours: &'static str,
    pub recovery_wrong: &'static str,
    pub recovery_other_store: &'static str,
    pub recovery_short: &'static str,
    pub new_code: &'static str,
    pub needs_network: &'static str,
    pub store_profile: &'static str,
    pub store_name: &'static str,
    pub slip_foot: &'static str,
    pub currency: &'static str,
    pub prices_include_tax: &'static str,
    pub taxes: &'static str,
    pub no_taxes: &'static str,
    pub usual: &'static str,
    pub make_usual: &'static str,
    pub add_tax: &'static str,
    pub rate_percent: &'static str,
    pub add_location: &'static str,
    pub in_use: &'static str,
    pub staff: &'static str,
    pub add_staff: &'static str,
    pub role_label: &'static str,
    pub works_here: &'static str,
    pub why_empty_cart: &'static str,
    pub why_no_variants: &'static str,
    pub why_empty: &'static str,
    pub why_too_long: &'static str,
    pub why_negative: &'static str,
    pub why_too_much: &'static str,
    pub why_not_divisible: &'static str,
    pub why_unknown_variant: &'static str,
    pub why_unknown_order: &'static str,
    pub why_unknown_location: &'static str,
    pub why_unknown_staff: &'static str,
    pub why_illegal_step: &'static str,
    pub why_not_paid: &'static str,
    pub why_tendered_too_little: &'static str,
    pub why_over_refund: &'static str,
    pub why_role_too_low: &'static str,
    pub why_last_owner: &'static str,
    pub pin: &'static str,
    pub new_pin: &'static str,
    pub no_pin: &'static str,
    pub who_is_it: &'static str,
    pub who_agrees: &'static str,
    pub agree: &'static str,
    pub enter: &'static str,
    pub lock: &'static str,
    pub wrong_pin: &'static str,
    pub pin_wait: &'static str,
    pub why_pin: &'static str,
    pub fulfilment: &'static str,
    pub checks: &'static str,
    pub checks_clean: &'static str,
    pub delivery: &'static str,
    pub promised: &'static str,
    pub promised_short: &'static str,
    pub recipient: &'static str,
    pub recipient_address: &'static str,
    pub as_on_card: &'static str,
    pub priority_label: &'static str,
    pub assigned_to: &'static str,
    pub nobody: &'static str,
    pub station: &'static str,
    pub tags: &'static str,
    pub add_tag: &'static str,
    pub hold_order: &'static str,
    pub hold_why: &'static str,
    pub on_hold: &'static str,
    pub go_on: &'static str,
    pub allocation: &'static str,
    pub allocated_from: &'static str,
    pub short_by: &'static str,
    pub allocate_part: &'static str,
    pub nothing_allocated: &'static str,
    pub edit_lines: &'static str,
    pub split: &'static str,
    pub split_text: &'static str,
    pub split_out: &'static str,
    pub merge: &'static str,
    pub merge_text: &'static str,
    pub merge_none: &'static str,
    pub quotation: &'static str,
    pub save_quotation: &'static str,
    pub deposit: &'static str,
    pub print_papers: &'static str,
    pub copy_mark: &'static str,
    pub picked_by: &'static str,
    pub received_by: &'static str,
    pub items_count: &'static str,
    pub add_line: &'static str,
    pub found_totals: &'static str,
    pub found_no_address: &'static str,
    pub found_no_phone: &'static str,
    pub found_phone_form: &'static str,
    pub found_duplicate: &'static str,
    pub found_price: &'static str,
    pub found_not_sold: &'static str,
    pub found_unknown: &'static str,
    pub found_short: &'static str,
    pub found_unusual: &'static str,
    pub found_late: &'static str,
    pub found_credit: &'static str,
    pub happened_edited: &'static str,
    pub happened_split: &'static str,
    pub happened_merged: &'static str,
    pub happened_delivery: &'static str,
    pub happened_priority: &'static str,
    pub happened_held: &'static str,
    pub happened_goes_on: &'static str,
    pub happened_assigned: &'static str,
    pub happened_tag_on: &'static str,
    pub happened_tag_off: &'static str,
    pub happened_allocated: &'static str,
    pub happened_allocated_part: &'static str,
    pub happened_printed: &'static str,
    pub happened_ruled: &'static str,
    pub happened_asked: &'static str,
    pub case_over_allocated: &'static str,
    pub case_order_twice: &'static str,
    pub allocate_again: &'static str,
    pub queue_look: &'static str,
    pub queue_check: &'static str,
    pub queue_allocate: &'static str,
    pub queue_pick: &'static str,
    pub queue_send: &'static str,
    pub queue_quotes: &'static str,
    pub queue_mine: &'static str,
    pub queue_everyone: &'static str,
    pub queue_empty: &'static str,
    pub allocate_all: &'static str,
    pub pick_list_for: &'static str,
    pub choose_all: &'static str,
    pub rules: &'static str,
    pub rules_text: &'static str,
    pub no_rules: &'static str,
    pub add_rule: &'static str,
    pub rule_name: &'static str,
    pub rule_when: &'static str,
    pub rule_if: &'static str,
    pub rule_then: &'static str,
    pub rule_on: &'static str,
    pub rule_always: &'static str,
    pub rule_add_condition: &'static str,
    pub rule_add_act: &'static str,
    pub rule_try: &'static str,
    pub rule_tried: &'static str,
    pub rule_off: &'static str,
    pub when_placed: &'static str,
    pub when_paid: &'static str,
    pub if_channel: &'static str,
    pub if_at_least: &'static str,
    pub if_below: &'static str,
    pub if_paid: &'static str,
    pub if_method: &'static str,
    pub if_tag: &'static str,
    pub if_category: &'static str,
    pub if_clean: &'static str,
    pub then_confirm: &'static str,
    pub then_allocate: &'static str,
    pub then_priority: &'static str,
    pub then_assign: &'static str,
    pub then_least_busy: &'static str,
    pub then_tag: &'static str,
    pub then_hold: &'static str,
    pub then_note: &'static str,
    pub why_short_of: &'static str,
    pub why_on_hold: &'static str,
    pub why_over_credit: &'static str,
    pub why_no_customer: &'static str,
    pub why_answer_open: &'static str,
    pub why_gone: &'static str,
    pub ask_terminal: &'static str,
    pub terminal_text: &'static str,
    pub terminal_open: &'static str,
    pub terminal_confirmed: &'static str,
    pub terminal_declined: &'static str,
    pub terminal_unknown: &'static str,
    pub account: &'static str,
    pub account_limit: &'static str,
    pub account_owed: &'static str,
    pub account_credit: &'static str,
    pub account_settle: &'static str,
    pub refund: &'static str,
    pub refund_most: &'static str,
    pub web_shops: &'static str,
    pub web_shops_text: &'static str,
    pub web_shops_none: &'static str,
    pub web_shop_add: &'static str,
    pub web_shop_name: &'static str,
    pub web_shop_secret: &'static str,
    pub web_shop_made: &'static str,
    pub web_shop_heard: &'static str,
    pub web_shop_never: &'static str,
    pub web_shop_taken: &'static str,
    pub web_shop_json: &'static str,
    pub available: &'static str,
    pub incoming: &'static str,
    pub set_aside_for_orders: &'static str,
    pub loads: &'static str,
    pub purchases: &'static str,
    pub stocktakes: &'static str,
    pub new_load: &'static str,
    pub load_from: &'static str,
    pub load_all_back: &'static str,
    pub load_as_before: &'static str,
    pub load_send: &'static str,
    pub under_way: &'static str,
    pub arrived: &'static str,
    pub load_receive: &'static str,
    pub load_receive_text: &'static str,
    pub load_missing: &'static str,
    pub no_loads: &'static str,
    pub load_from_to: &'static str,
    pub new_purchase: &'static str,
    pub purchase_propose: &'static str,
    pub purchase_nothing: &'static str,
    pub no_purchases: &'static str,
    pub supplier: &'static str,
    pub suppliers: &'static str,
    pub add_supplier: &'static str,
    pub lead_days: &'static str,
    pub no_suppliers: &'static str,
    pub cost: &'static str,
    pub average_cost: &'static str,
    pub purchase_last: &'static str,
    pub purchase_order: &'static str,
    pub purchase_open: &'static str,
    pub purchase_done: &'static str,
    pub new_stocktake: &'static str,
    pub stocktake_all: &'static str,
    pub stocktake_blind: &'static str,
    pub stocktake_counted: &'static str,
    pub stocktake_variance: &'static str,
    pub stocktake_post: &'static str,
    pub stocktake_drop: &'static str,
    pub stocktake_posted: &'static str,
    pub stocktake_dropped: &'static str,
    pub stocktake_text: &'static str,
    pub stocktake_expected: &'static str,
    pub stocktake_not_yet: &'static str,
    pub no_stocktakes: &'static str,
    pub counted_times: &'static str,
    pub what_stocktake: &'static str,
    pub what_supplier: &'static str,
    pub sold_lately: &'static str,
    pub print_labels: &'static str,
    pub labels: &'static str,
    pub labels_count: &'static str,
    pub scan_unknown: &'static str,
    pub scan_price: &'static str,
    pub scans: &'static str,
    pub paste: &'static str,
    pub paste_title: &'static str,
    pub paste_text: &'static str,
    pub paste_example: &'static str,
    pub paste_take: &'static str,
    pub workbook_needs_network: &'static str,
    pub why_being_counted: &'static str,
    pub why_other: &'static str,
    state: fn(OrderState) -> &'static str,
    step: fn(StepKind) -> &'static str,
    payment_state: fn(PaymentState) -> &'static str,
    channel: fn(Channel) -> &'static str,
    tender: fn(Tender) -> &'static str,
    void_reason: fn(VoidReason) -> &'static str,
    unit: fn(Unit) -> &'static str,
    role: fn(Role) -> &'static str,
    location_kind: fn(LocationKind) -> &'static str,
    priority: fn(Priority) -> &'static str,
    method: fn(Method) -> &'static str,
    paper: fn(Paper) -> &'static str,
    outcome: fn(Outcome) -> &'static str,
    sourcing: fn(Sourcing) -> &'static str,
    file_kind: fn(Kind) -> &'static str,
    file_column_name: fn(Column) -> &'static str,
}

impl Messages {
    /// The words of an order's state.
    pub fn state(&self, of: OrderState) -> &'static str {
        (self.state)(of)
    }

    /// The words on a button of the state table.
    pub fn step(&self, of: StepKind) -> &'static str {
        (self.step)(of)
    }

    /// Whether an order is paid.
    pub fn payment_state(&self, of: PaymentState) -> &'static str {
        (self.payment_state)(of)
    }

    /// Where an order came from.
    pub fn channel(&self, of: Channel) -> &'static str {
        (self.channel)(of)
    }

    /// How money changes hands.
    pub fn tender(&self, of: Tender) -> &'static str {
        (self.tender)(of)
    }

    /// Why an order was voided.
    pub fn void_reason(&self, of: VoidReason) -> &'static str {
        (self.void_reason)(of)
    }

    /// What one of a thing is.
    pub fn unit(&self, of: Unit) -> &'static str {
        (self.unit)(of)
    }

    /// What somebody is in the store.
    pub fn role(&self, of: Role) -> &'static str {
        (self.role)(of)
    }

    /// What a location is.
    pub fn location_kind(&self, of: LocationKind) -> &'static str {
        (self.location_kind)(of)
    }

    /// How urgent an order is.
    pub fn priority(&self, of: Priority) -> &'static str {
        (self.priority)(of)
    }

    /// How goods get to the customer.
    pub fn method(&self, of: Method) -> &'static str {
        (self.method)(of)
    }

    /// What is printed for an order.
    pub fn paper(&self, of: Paper) -> &'static str {
        (self.paper)(of)
    }

    /// What a terminal said.
    pub fn outcome(&self, of: Outcome) -> &'static str {
        (self.outcome)(of)
    }

    /// Where goods for an order come from.
    pub fn sourcing(&self, of: Sourcing) -> &'static str {
        (self.sourcing)(of)
    }

    /// What a file is.
    pub fn file_kind(&self, of: Kind) -> &'static str {
        (self.file_kind)(of)
    }

    /// What a column of a file means.
    pub fn file_column_name(&self, of: Column) -> &'static str {
        (self.file_column_name)(of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_order_and_none_is_left() {
        assert_eq!(fill("{} of {}", &[&1, &"two"]), "1 of two");
        assert_eq!(fill("{} of {}", &[&1]), "1 of ");
        assert_eq!(fill("none", &[&1]), "none");
    }
}
