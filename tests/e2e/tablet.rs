//! A tablet: a Chromium profile of its own, driven through ChromeDriver.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::extensions::cdp::ChromeDevTools;
use thirtyfour::prelude::*;

use crate::server::Server;

/// How long anything may take that has no time of its own.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One ChromeDriver for each test.
pub struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    pub fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed (./dev e2e sees to it)");
        Self { process, address: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub struct Tablet {
    pub page: WebDriver,
    profile: TempDir,
    base: String,
}

impl Tablet {
    /// A browser that was never used.
    pub async fn new(driver: &Driver, base: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let page = open(driver, profile.path(), &[]).await;
        Self { page, profile, base: base.to_owned() }
    }

    /// One with the market's catalogue, whose camera sees a film.
    pub async fn with_camera(driver: &Driver, server: &Server, film: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let arguments = [
            "--use-fake-ui-for-media-stream".to_owned(),
            "--use-fake-device-for-media-stream".to_owned(),
            format!("--use-file-for-fake-video-capture={}", film.display()),
        ];
        let page = open(driver, profile.path(), &arguments).await;
        let tablet = Self { page, profile, base: server.address() };
        tablet.enrol(&server.code()).await;
        tablet.import("market_products.csv").await;
        tablet.ready_for_offline().await;
        tablet.sent().await;
        tablet
    }

    /// A new tablet of the store.
    pub async fn enrolled(driver: &Driver, base: &str, code: &str) -> Self {
        let tablet = Self::new(driver, base).await;
        tablet.enrol(code).await;
        tablet
    }

    /// One with the market's catalogue, everything sent, ready to be cut off.
    pub async fn with_goods(driver: &Driver, server: &Server) -> Self {
        let tablet = Self::enrolled(driver, &server.address(), &server.code()).await;
        tablet.import("market_products.csv").await;
        tablet.ready_for_offline().await;
        tablet.sent().await;
        tablet
    }

    /// Two of one store, with the market's catalogue on both.
    pub async fn two_with_goods(driver: &Driver, server: &Server) -> (Self, Self) {
        let a = Self::enrolled(driver, &server.address(), &server.code()).await;
        let b = Self::enrolled(driver, &server.address(), &server.code()).await;
        a.import("market_products.csv").await;
        b.wait(".tile").await;
        (a, b)
    }

    /// Waits until the server has everything.
    pub async fn sent(&self) {
        let script =
            "return document.querySelector('[data-link=connected]') && !document.querySelector('[data-waiting]')";
        self.until("everything is sent", script).await;
    }

    /// Waits until the list of orders counts so many.
    pub async fn shows_orders(&self, count: usize) {
        let script =
            format!("const c = document.querySelector('[data-count]'); return c && c.dataset.count === '{count}'");
        self.until(&format!("{count} orders are listed"), &script).await;
    }

    pub async fn enrol(&self, code: &str) {
        self.goto(&format!("/?enrol={code}")).await;
        self.click(".enrol button[type=submit]").await;
        self.wait(".shell").await;
    }

    pub async fn goto(&self, path: &str) {
        self.page.goto(format!("{}{path}", self.base)).await.expect("the page opens");
    }

    pub async fn script(&self, script: &str) -> Value {
        self.page.execute(script, vec![]).await.expect("the script runs").json().clone()
    }

    /// Waits until a script answers with something true.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        self.within(PATIENCE, what, script).await
    }

    pub async fn within(&self, patience: Duration, what: &str, script: &str) -> Value {
        let start = Instant::now();
        loop {
            let value = self.script(script).await;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            assert!(start.elapsed() < patience, "{what} did not happen: {script}\n{}", self.screen().await);
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// What the page says, for messages of failed tests.
    async fn screen(&self) -> String {
        self.script("return document.body.innerText.slice(0, 1500)").await.to_string()
    }

    pub async fn wait(&self, css: &str) {
        self.until(css, &format!("return !!document.querySelector({})", json!(css))).await;
    }

    pub async fn click(&self, css: &str) {
        let script = format!(
            "const e = document.querySelector({}); if (!e || e.disabled) return false; e.click(); return true;",
            json!(css)
        );
        self.until(css, &script).await;
    }

    /// Clicks the first element of a kind whose text has these words in it.
    pub async fn click_text(&self, css: &str, text: &str) {
        let script = format!(
            "const e = [...document.querySelectorAll({})].find(e => e.textContent.includes({}) && !e.disabled); if (!e) return false; e.click(); return true;",
            json!(css),
            json!(text)
        );
        self.until(text, &script).await;
    }

    pub async fn text(&self, css: &str) -> String {
        let script = format!("const e = document.querySelector({}); return e ? e.textContent : null;", json!(css));
        self.until(css, &script).await.as_str().expect("text").to_owned()
    }

    pub async fn attribute(&self, css: &str, name: &str) -> String {
        let script = format!(
            "const e = document.querySelector({}); return e ? e.getAttribute({}) : null;",
            json!(css),
            json!(name)
        );
        self.until(css, &script).await.as_str().expect("text").to_owned()
    }

    /// Types into a field as a person would.
    pub async fn fill(&self, css: &str, text: &str) {
        self.wait(css).await;
        let field = self.page.find(By::Css(css)).await.expect("it is there");
        field.clear().await.unwrap_or_else(|e| panic!("{css} cannot be cleared: {e}"));
        field.send_keys(text).await.expect("it takes keys");
        // So quick a hand looks like a scanner for a moment, until nothing more comes.
        let script =
            format!("const e = document.querySelector({}); return !e || e.value === {}", json!(css), json!(text));
        self.until("it is typed", &script).await;
    }

    /// Types into the field with this label in the open sheet.
    pub async fn type_in(&self, label: &str, text: &str) {
        let mark = format!(
            "const f = [...document.querySelectorAll('.dialog .field, .dialog .part')].find(f => f.textContent.trim().startsWith('{label}')); \
             if (!f) return false; f.querySelector('input, textarea').dataset.typing = ''; return true"
        );
        self.until(label, &mark).await;
        self.fill("[data-typing]", text).await;
        self.script("delete document.querySelector('[data-typing]').dataset.typing").await;
    }

    /// Where downloads go.
    pub async fn downloads_to(&self, folder: &Path) {
        self.cdp("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": folder })).await;
    }

    /// Waits for a file of this kind among what was downloaded. The browser keeps its name free with an empty file
    /// first, and puts the whole one in that place.
    pub async fn downloaded(&self, folder: &Path, ending: &str) -> PathBuf {
        let start = Instant::now();
        loop {
            let files = std::fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path());
            let whole = |file: &PathBuf| file.metadata().is_ok_and(|file| file.len() > 0);
            if let Some(file) = files.filter(|file| file.to_string_lossy().ends_with(ending)).find(whole) {
                return file;
            }
            assert!(start.elapsed() < PATIENCE, "no {ending} was downloaded\n{}", self.screen().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Chooses a file.
    pub async fn choose(&self, css: &str, file: &Path) {
        self.wait(css).await;
        let input = self.page.find(By::Css(css)).await.expect("it is there");
        input.send_keys(file.to_string_lossy()).await.expect("a file can be chosen");
    }

    /// Freezes the tab that is shown, as a browser does with tabs it has no use for.
    pub async fn freeze(&self) {
        self.cdp("Page.enable", json!({})).await;
        self.cdp("Page.setWebLifecycleState", json!({ "state": "frozen" })).await;
    }

    /// The lid is closed, or another program comes to the front.
    pub async fn put_away(&self) {
        self.script("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))").await;
    }

    /// How many rows a table of the storage has.
    pub async fn rows_of(&self, table: &str) -> u64 {
        let script = format!(
            "return new Promise((done, fail) => {{ const o = indexedDB.open('daybook'); o.onerror = fail; o.onsuccess = () => {{ \
             const c = o.result.transaction('{table}').objectStore('{table}').count(); \
             c.onsuccess = () => {{ o.result.close(); done(c.result); }}; c.onerror = fail; }} }})"
        );
        self.script(&script).await.as_u64().expect("a count")
    }

    /// Until the mirror has whatever waits.
    pub async fn mirrored(&self) {
        let script = "return new Promise((done, fail) => { const o = indexedDB.open('daybook'); o.onerror = fail; o.onsuccess = () => { \
             const k = o.result.transaction('out').objectStore('out').getAllKeys(); k.onerror = fail; \
             k.onsuccess = async () => { o.result.close(); const there = await (await caches.open('mirror')).keys(); \
             done(k.result.every(seq => there.some(r => r.url.endsWith('/out/' + seq)))); }; } })";
        self.until("the mirror has followed", script).await;
    }

    /// Until the mirror has goods, too.
    pub async fn goods_kept(&self) {
        let script =
            "return caches.open('mirror').then(c => c.keys()).then(there => there.some(r => r.url.endsWith('/goods')))";
        self.until("goods are in the mirror", script).await;
    }

    /// Until what was read of the log is sealed.
    pub async fn sealed(&self) {
        let start = Instant::now();
        while self.rows_of("tail").await > 0 {
            assert!(start.elapsed() < PATIENCE, "what the day left is not sealed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Throws the database and its mirror away and leaves everything else, as a browser short of room may.
    pub async fn evict(&self) {
        let types = "indexeddb,cache_storage";
        self.cdp("Storage.clearDataForOrigin", json!({ "origin": self.base, "storageTypes": types })).await;
    }

    /// The browser throws everything away that pages can write.
    pub async fn evict_all(&self) {
        let all = "indexeddb,local_storage,service_workers,cache_storage,file_systems";
        self.cdp("Storage.clearDataForOrigin", json!({ "origin": self.base, "storageTypes": all })).await;
    }

    /// The browser throws the program away, and nothing else but the mirror.
    pub async fn forget_program(&self) {
        let program = "service_workers,cache_storage";
        self.cdp("Storage.clearDataForOrigin", json!({ "origin": self.base, "storageTypes": program })).await;
        self.cdp("Network.clearBrowserCache", json!({})).await;
    }

    /// The server does not answer for files of these names.
    pub async fn block(&self, patterns: &[&str]) {
        self.cdp("Network.enable", json!({})).await;
        self.cdp("Network.setBlockedURLs", json!({ "urls": patterns })).await;
    }

    /// Touches a tile and pays, without waiting for anything.
    pub async fn begin_to_sell(&self, name: &str) {
        let script = format!(
            "const t = [...document.querySelectorAll('.virtual .tile')].find(e => e.textContent.includes({})); if (!t) return; t.click(); \
             requestAnimationFrame(() => {{ const b = document.querySelector('[data-tender=cash]'); if (b) b.click(); }});",
            json!(name)
        );
        self.script(&script).await;
    }

    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        let tools = ChromeDevTools::new(self.page.handle.clone());
        tools.execute_cdp_with_params(command, parameters).await.unwrap_or_else(|e| panic!("{command}: {e}"))
    }

    /// Cuts or restores the network. A page that is loaded while it is cut may get a first request out, and never hears
    /// the answer.
    pub async fn network(&self, there: bool) {
        self.cdp("Network.enable", json!({})).await;
        let limits = json!({ "offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.cdp("Network.emulateNetworkConditions", limits).await;
    }

    /// Runs a script in every page before anything else does.
    pub async fn before_every_page(&self, script: &str) {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Leaves the browser so many bytes for this site; `None` gives it back what it had.
    pub async fn quota(&self, bytes: Option<u64>) {
        let mut parameters = json!({ "origin": self.base });
        if let Some(bytes) = bytes {
            parameters["quotaSize"] = json!(bytes);
        }
        self.cdp("Storage.overrideQuotaForOrigin", parameters).await;
    }

    /// Waits until the whole app is held for opening without a network.
    pub async fn ready_for_offline(&self) {
        // A page that was under way while the worker became active is not controlled by it; the next one is.
        let script = "return navigator.serviceWorker.getRegistration().then(r => !!(r && r.active && r.active.state === 'activated'))";
        self.until("the service worker holds the app", script).await;
    }

    /// With everything sent and the app at hand, the network goes.
    pub async fn go_offline(&self) {
        self.ready_for_offline().await;
        self.sent().await;
        self.network(false).await;
    }

    /// Imports a file through the screen.
    pub async fn import(&self, file: &str) {
        self.goto("/import").await;
        self.wait("input[type=file]").await;
        let path = format!("{}/tests/data/import/{file}", env!("CARGO_MANIFEST_DIR"));
        let input = self.page.find(By::Css("input[type=file]")).await.expect("it is there");
        input.send_keys(path).await.expect("a file can be chosen");
        self.click("[data-import]").await;
        self.wait("[data-imported]").await;
    }

    /// Sells two articles for cash: three taps. Returns the order's number, once the screen says it was taken.
    pub async fn sell(&self, first: &str, second: &str) -> String {
        let before =
            self.script("const t = document.querySelector('[data-taken]'); return t ? t.dataset.taken : ''").await;
        self.click_text(".virtual .tile", first).await;
        self.click_text(".virtual .tile", second).await;
        self.click("[data-tender=cash]").await;
        let script = format!(
            "const t = document.querySelector('[data-taken]'); return t && t.dataset.taken !== {before} ? t.dataset.taken : null"
        );
        self.until("the order is taken", &script).await.as_str().expect("a number").to_owned()
    }

    /// Sells so many for cash, as quickly as the console can, and waits until they are sent.
    pub async fn sell_many(&self, name: &str, times: usize) {
        self.before_every_page(include_str!("../bench/page.js")).await;
        self.goto("/").await;
        self.wait(".virtual .tile").await;
        self.script(&format!("window.sell({}, {times})", json!(name))).await;
        self.within(Duration::from_secs(60), "everything is sold", "return window.sold").await;
        self.sent().await;
    }

    /// How many transactions wait on this tablet.
    pub async fn waiting(&self) -> u64 {
        let value =
            self.script("const w = document.querySelector('[data-waiting]'); return w ? +w.dataset.waiting : 0").await;
        value.as_u64().expect("a figure")
    }

    /// Every variant's level, by name, at the location of this tablet.
    pub async fn levels(&self) -> Value {
        self.open_room("/stock").await;
        self.wait(".virtual .row").await;
        self.script(
            "return Object.fromEntries([...document.querySelectorAll('.virtual .row')].map(r => \
             [r.dataset.variant, r.querySelector('[data-on-hand]').dataset.onHand]))",
        )
        .await
    }

    /// Waits until no sheet is open.
    pub async fn sheet_is_closed(&self) {
        self.until("the sheet is closed", "return !document.querySelector('.dialog')").await;
    }

    /// The network is there again, and everything is sent.
    pub async fn comes_back(&self) {
        self.network(true).await;
        self.open_room("/settings").await;
        self.click("[data-send-now]").await;
        self.sent().await;
    }

    /// Opens one order's page.
    pub async fn open_order(&self, number: &str) {
        self.open_room("/orders").await;
        self.click(&format!(".order-row[data-number='{number}']")).await;
        self.wait(".order__lines").await;
    }

    /// Opens the till with so much in it, and leaves its report on the screen.
    pub async fn open_till(&self, float: &str) {
        self.open_room("/reports").await;
        self.wait("[data-till-open]").await;
        self.fill(".settings form .input--figure", float).await;
        self.click("[data-till-open]").await;
        self.wait("[data-till]").await;
    }

    /// Goes to a room by the rail, without loading the page again.
    pub async fn open_room(&self, path: &str) {
        self.click(&format!(".rail a[href='{path}']")).await;
    }

    /// SIGKILL to the browser and all that belongs to it, found by the profile that only it uses.
    pub fn kill(self) -> Stopped {
        let processes = || processes(self.profile.path());
        // The next life begins when the last one is over: two browsers in one profile would take its files from each
        // other.
        loop {
            let alive = processes();
            if alive.is_empty() {
                break;
            }
            for id in alive {
                let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        std::mem::forget(self.page);
        for lock in ["SingletonLock", "SingletonSocket", "SingletonCookie"] {
            let _ = std::fs::remove_file(self.profile.path().join(lock));
        }
        Stopped { profile: self.profile, base: self.base }
    }

    pub async fn close(self) {
        let _ = self.page.quit().await;
    }

    /// The browser is closed as a person closes it; everything that it was about to write is written.
    pub async fn stop(self) -> Stopped {
        let Self { page, profile, base } = self;
        let _ = page.quit().await;
        let start = Instant::now();
        while !processes(profile.path()).is_empty() {
            assert!(start.elapsed() < PATIENCE, "the browser does not end");
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        Stopped { profile, base }
    }
}

/// What runs in a profile.
fn processes(profile: &Path) -> Vec<u32> {
    let profile = format!("--user-data-dir={}", profile.display());
    let all = std::fs::read_dir("/proc").expect("a Linux machine").flatten();
    let own = all.filter(|entry| {
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(&profile)
    });
    own.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect()
}

/// A tablet whose browser is not running.
pub struct Stopped {
    profile: TempDir,
    base: String,
}

impl Stopped {
    pub fn profile(&self) -> &Path {
        self.profile.path()
    }

    pub async fn start(self, driver: &Driver) -> Tablet {
        let page = open(driver, self.profile.path(), &[]).await;
        Tablet { page, profile: self.profile, base: self.base }
    }
}

async fn open(driver: &Driver, profile: &Path, more: &[String]) -> WebDriver {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1180,900",
        "--lang=zh-CN",
        &format!("--user-data-dir={}", profile.display()),
    ] {
        capabilities.add_arg(argument).expect("an argument");
    }
    for argument in more {
        capabilities.add_arg(argument).expect("an argument");
    }
    let start = Instant::now();
    loop {
        match WebDriver::new(&driver.address, capabilities.clone()).await {
            Ok(page) => return page,
            Err(error) => assert!(start.elapsed() < PATIENCE, "no browser: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
