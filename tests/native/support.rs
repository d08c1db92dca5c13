//! A shop in memory: the real server core on a temporary SQLite file, and tablets on memory stores.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use daybook::actions::desk::Receipt;
use daybook::actions::{ActionError, Desk, Ports};
use daybook::domain::decide::{Command, Money};
use daybook::domain::goods::price::Discount;
use daybook::domain::goods::product::{Product, Variant};
use daybook::domain::order::{Cart, CartLine, Order};
use daybook::domain::shop::tender::Tender;
use daybook::domain::shop::{location, staff};
use daybook::domain::value::hash::Hash;
use daybook::domain::value::id::{OrderId, StaffId, VariantId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::{Quantity, Unit};
use daybook::domain::value::time::Timestamp;
use daybook::server::{Server, auth, journal, now_ms};
use daybook::store::{LocalStore, MemoryStore, Table};
use daybook::sync::engine::Outcome;
use daybook::sync::protocol::{Enrolment, Known, SyncRequest, SyncResponse, hints_ticket};
use futures::executor::block_on;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A clock that moves a second at each look, and dice that are not random.
#[derive(Clone, Default)]
pub struct Bench(Rc<Cell<i64>>);

impl Ports for Bench {
    fn now(&self) -> Timestamp {
        self.0.set(self.0.get() + 1000);
        Timestamp(1_700_000_000_000 + self.0.get())
    }

    fn random(&self) -> [u8; 32] {
        // Two tabs never draw the same.
        static DRAWN: AtomicU64 = AtomicU64::new(0);
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&DRAWN.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        bytes
    }
}

pub struct Shop {
    pub runtime: Arc<Runtime>,
    pub server: Server,
    folder: Arc<TempDir>,
}

impl Shop {
    pub fn new() -> Self {
        let runtime = Arc::new(Runtime::new().expect("a runtime"));
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let server = runtime.block_on(open(folder.path()));
        Self { runtime, server, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server ends and begins again on the same folder.
    pub fn reopen(&mut self) {
        self.runtime.block_on(self.server.journal.close());
        self.server = self.runtime.block_on(open(self.folder.path()));
    }

    /// A tablet, opened again, that speaks to the server as it is now.
    pub fn again(&self, tablet: &Tablet) -> Tablet {
        Tablet { shop: self.shop(), ..tablet.restart() }
    }

    /// Groups of own confirmed transactions that a tablet keeps.
    pub fn kept_by(&self, tablet: &Tablet) -> Vec<u64> {
        let rows = block_on(tablet.store.read(&[Table::Sent])).expect("memory");
        rows.into_iter().flatten().map(|(key, _)| key).collect()
    }

    pub fn shop(&self) -> Arc<daybook::server::shop::Shop> {
        self.server.shop().expect("a store")
    }

    /// An enrolled tablet that has read everything so far; the first one brings a product.
    pub fn tablet(&self) -> Tablet {
        let tablet = self.fresh();
        tablet.sync_all();
        if tablet.desk.ledger().book.products.is_empty() {
            tablet.act(Command::SaveProduct { product: tea(), seen: None }).expect("an owner may");
            tablet.sync_all();
        }
        tablet
    }

    /// An enrolled tablet that has read nothing yet.
    pub fn fresh(&self) -> Tablet {
        let identity = self.runtime.block_on(self.enrol(Vec::new()));
        let store = MemoryStore::default();
        let desk = block_on(Desk::open(store.clone(), Bench::default())).expect("an empty store opens");
        block_on(desk.enrol(identity)).expect("a memory store takes it");
        Tablet { desk, store, runtime: self.runtime.clone(), shop: self.shop() }
    }

    /// Gives a tablet a second identity.
    pub fn enrol_again(&self, tablet: &Tablet) {
        let last = block_on(tablet.desk.last_sent()).expect("memory");
        let identity = self.runtime.block_on(self.enrol(last));
        block_on(tablet.desk.enrol(identity)).expect("a memory store takes it");
    }

    async fn enrol(&self, last: Vec<Known>) -> Enrolment {
        let code = auth::sha256(&auth::plain_code(&auth::new_code()));
        let token = auth::new_token();
        self.server.journal.add_code(&self.shop().id, &code, now_ms() + 60_000).await.expect("a code");
        let new = journal::NewTablet {
            device: "test",
            token_hash: auth::sha256(&token),
            ticket_hash: auth::sha256(&hints_ticket(&token)),
            at: now_ms(),
        };
        let row = self.server.journal.enrol(&code, new).await.expect("the journal").expect("a fresh code");
        self.shop().identity(row, token, &last).await.expect("the journal")
    }

    pub fn digest(&self) -> Hash {
        self.runtime.block_on(self.shop().digest()).expect("the journal")
    }
}

async fn open(folder: &Path) -> Server {
    let (_, ending) = tokio::sync::watch::channel(false);
    Server::open(folder, ending).await.expect("a server")
}

pub fn tea() -> Product {
    Product {
        name: "龙井 Longjing".into(),
        unit: Unit::Piece,
        active: true,
        variants: vec![Variant { price: Minor(1280), sku: "LJ-1".into(), ..Variant::default() }],
        ..Product::default()
    }
}

pub struct Tablet {
    pub desk: Desk<MemoryStore, Bench>,
    pub store: MemoryStore,
    runtime: Arc<Runtime>,
    shop: Arc<daybook::server::shop::Shop>,
}

impl Tablet {
    pub fn act(&self, command: Command) -> Result<Receipt, ActionError> {
        self.act_as(staff::FIRST, command)
    }

    pub fn act_as(&self, by: StaffId, command: Command) -> Result<Receipt, ActionError> {
        block_on(self.desk.act(by, command, Vec::new()))
    }

    pub fn variant(&self) -> VariantId {
        let ledger = self.desk.ledger();
        let product = ledger.book.products.iter().map(|(_, p)| p).min_by_key(|p| p.id).expect("there is a product");
        product.variants[0].id
    }

    pub fn cart(&self, pieces: i64) -> Cart {
        let variant = self.variant();
        let line = CartLine {
            variant: Some(variant),
            name: "Tea".into(),
            sku: "LJ-1".into(),
            unit: Unit::Piece,
            quantity: Quantity::whole(pieces),
            unit_price: Minor(1280),
            discount: Discount::default(),
            tax_id: None,
            rate_bp: 300,
        };
        Cart { lines: vec![line], ..Cart::default() }
    }

    /// Sells over the counter for exact cash.
    pub fn sell(&self, pieces: i64) -> OrderId {
        let total = Minor(1280 * pieces);
        let money = Money { tender: Tender::Cash, amount: total, tendered: total, reference: String::new() };
        self.place(pieces, Some(money), true)
    }

    pub fn place(&self, pieces: i64, money: Option<Money>, hand_over: bool) -> OrderId {
        self.try_place(pieces, money, hand_over).expect("a good order").placed.expect("an order was placed")
    }

    pub fn try_place(&self, pieces: i64, money: Option<Money>, hand_over: bool) -> Result<Receipt, ActionError> {
        let cart = self.cart(pieces);
        self.act(Command::Place { cart, number: String::new(), location: location::FIRST, money, hand_over })
    }

    pub fn order(&self, id: OrderId) -> Order {
        block_on(self.desk.load_orders([id].into_iter())).expect("blocks can be read");
        self.desk.ledger().book.orders.get(&id).cloned().expect("the order is here")
    }

    pub fn orders(&self) -> Vec<Order> {
        let mut orders: Vec<Order> = self.desk.ledger().book.orders.iter().map(|(_, o)| o.clone()).collect();
        orders.sort_by_key(|o| o.id);
        orders
    }

    pub fn on_hand(&self) -> Quantity {
        self.desk.ledger().book.level((self.variant(), location::FIRST)).on_hand
    }

    pub fn waiting(&self) -> usize {
        self.desk.ledger().unsent.len()
    }

    /// Sends a request as bytes and reads the answer as bytes, as a network would carry them.
    pub fn ask(&self, request: &SyncRequest) -> SyncResponse {
        let bytes = serde_json::to_vec(request).expect("a request is JSON");
        let read: SyncRequest = serde_json::from_slice(&bytes).expect("and reads back");
        let answer = self.runtime.block_on(self.shop.sync(read.replica, read)).expect("the server answers");
        serde_json::from_slice(&serde_json::to_vec(&answer).expect("an answer is JSON")).expect("and reads back")
    }

    pub fn round(&self) -> Outcome {
        let request = self.desk.sync_request(256).expect("the tablet is enrolled");
        let answer = self.ask(&request);
        for donation in block_on(self.desk.donations(&answer)).expect("memory") {
            self.runtime.block_on(self.shop.donate(donation)).expect("the server answers");
        }
        block_on(self.desk.apply_answer(answer)).expect("a memory store takes it").outcome
    }

    /// Rounds until nothing is left on either side.
    pub fn sync_all(&self) {
        for _ in 0..1000 {
            if self.round() == (Outcome::Applied { more: false }) {
                return;
            }
        }
        panic!("the queue does not drain");
    }

    pub fn seal(&self) -> bool {
        block_on(self.desk.seal(false)).expect("a memory store takes it")
    }

    /// The same storage, opened again after a crash.
    pub fn restart(&self) -> Self {
        let desk = block_on(Desk::open(self.store.clone(), Bench::default())).expect("what was written opens");
        self.over(desk)
    }

    /// The same storage, opened otherwise.
    pub fn over(&self, desk: Desk<MemoryStore, Bench>) -> Self {
        Self { desk, store: self.store.clone(), runtime: self.runtime.clone(), shop: self.shop.clone() }
    }

    /// Another storage, opened.
    pub fn with(&self, store: MemoryStore, desk: Desk<MemoryStore, Bench>) -> Self {
        Self { store, ..self.over(desk) }
    }

    /// A copy of the storage on another machine: the same identity twice.
    pub fn clone_profile(&self) -> Self {
        Self { store: self.store.copy(), ..self.restart() }.restart()
    }

    /// The digest with every order brought back into memory.
    pub fn full_digest(&self) -> Hash {
        let ids: Vec<OrderId> = {
            let ledger = self.desk.ledger();
            (0..ledger.columns.len() as u32).filter_map(|r| ledger.columns.summary(r)).map(|s| s.id).collect()
        };
        block_on(self.desk.load_orders(ids.into_iter())).expect("blocks can be read");
        self.desk.ledger().book.digest()
    }
}

/// Runs a statement as somebody with the database's file in hand could.
pub async fn tamper(file: &Path, sql: &str) {
    let mut file = SqliteConnectOptions::new().filename(file).connect().await.expect("a file");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut file).await.expect("SQL");
    file.close().await.expect("a file");
}

/// An order with nothing in it.
pub fn blank() -> Order {
    Order {
        id: OrderId::default(),
        number: String::new(),
        channel: Default::default(),
        external: None,
        placed_at: Default::default(),
        by: Default::default(),
        location: Default::default(),
        currency: daybook::domain::value::money::Currency::CNY,
        prices_include_tax: true,
        state: daybook::domain::order::OrderState::Closed,
        customer: None,
        note: String::new(),
        lines: Vec::new(),
        totals: Default::default(),
        payments: Vec::new(),
        refunds: Vec::new(),
        handed_over: None,
        history: Vec::new(),
        fulfilment: None,
        attempts: Vec::new(),
        offers: Vec::new(),
        kits: Vec::new(),
        matched: Vec::new(),
        returned: Vec::new(),
        messages: Vec::new(),
        source: None,
    }
}
