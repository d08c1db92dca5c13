//! What `daybook` does from the command line.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use tokio::sync::watch;

use super::config::{Cli, Import, Place, Serve, Verb};
use super::journal::{Journal, SqlJournal};
use super::{Server, auth, backup, demo, now_ms, routes};
use crate::actions::import::{fresh_orders, fresh_products, take_orders, take_products};
use crate::domain::event::{Class, Event};
use crate::domain::shop::location;
use crate::domain::shop::staff::Role;
use crate::domain::value::time::Timestamp;
use crate::import::batch::Batches;
use crate::import::{self, Preview};

type Failure = Box<dyn std::error::Error>;

/// Runs one command.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("DAYBOOK_LOG").unwrap_or_else(|_| "info,sqlx=warn".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if cli.log_json {
        log.json().init();
    } else {
        log.init();
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("daybook: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match cli.verb {
            Verb::Serve(options) => serve(options).await,
            Verb::Import(options) => take_in(options).await,
            Verb::Enrol(place) => enrol(&place).await,
            Verb::Backup { place, to } => back_up(&place, to).await,
            Verb::Restore { data, from } => restore(&data, &from).await,
            Verb::Audit { place, json, safe } => audit(&place, json, safe).await,
            Verb::Tablets(place) => tablets(&place).await,
            Verb::Events => {
                println!("{}", events());
                Ok(())
            }
            Verb::Revoke { place, prefix } => revoke(&place, &prefix).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daybook: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The table of events, as Markdown.
pub fn events() -> String {
    let mut lines = vec![
        "| Event | What it says | Class | Least role | Since | About | Setting | Detached parts |".to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(Event::TABLE.iter().map(|row| {
        let class = match row.class {
            Class::Fact => "fact",
            Class::Request => "request",
        };
        let least = match row.least {
            Role::Clerk => "clerk",
            Role::Manager => "manager",
            Role::Owner => "owner",
        };
        let (about, parts, setting) = (row.about.join(", "), row.parts.join(", "), row.setting.unwrap_or_default());
        format!("| `{}` | {} | {class} | {least} | {} | {about} | {setting} | {parts} |", row.name, row.doc, row.since)
    }));
    lines.join("\n")
}

/// Held while a process writes to a data folder: two would give the same numbers.
fn lock(data: &Path) -> Result<File, Failure> {
    std::fs::create_dir_all(data).map_err(|e| format!("{}: {e}", data.display()))?;
    let file = File::create(data.join("lock")).map_err(|e| format!("{}: {e}", data.display()))?;
    file.try_lock().map_err(|_| format!("{} is in use by a running server", data.display()))?;
    Ok(file)
}

/// Opens the journal of a place that has one already.
async fn journal(place: &Place) -> Result<SqlJournal, Failure> {
    Ok(match &place.database {
        Some(address) => SqlJournal::postgres(address).await?,
        None if place.data.join("daybook.sqlite").is_file() => SqlJournal::sqlite(&place.data).await?,
        None => return Err(format!("{}: there is no store here", place.data.display()).into()),
    })
}

/// Opens a place to serve or write, making a store when there is none. The embedded database is locked meanwhile.
async fn open(place: &Place, ending: watch::Receiver<bool>) -> Result<(Server, SqlJournal, Option<File>), Failure> {
    let (journal, lock) = match &place.database {
        Some(address) => {
            std::fs::create_dir_all(&place.data).map_err(|e| format!("{}: {e}", place.data.display()))?;
            (SqlJournal::postgres(address).await?, None)
        }
        None => {
            let lock = lock(&place.data)?;
            (SqlJournal::sqlite(&place.data).await?, Some(lock))
        }
    };
    let server = Server::with(Arc::new(journal.clone()), &place.data, ending).await?;
    Ok((server, journal, lock))
}

async fn new_code(journal: &dyn Journal, store: &str) -> Result<String, Failure> {
    let code = auth::new_code();
    journal.add_code(store, &auth::sha256(&auth::plain_code(&code)), now_ms() + auth::CODE_LIFE_MS).await?;
    Ok(code)
}

async fn serve(options: Serve) -> Result<(), Failure> {
    let (end, ending) = watch::channel(false);
    let (mut server, journal, _lock) = open(&options.place, ending).await?;
    server.metrics_token = options.metrics_token.as_deref().map(auth::sha256);
    let shop = server.shop().ok_or("the data folder has no store")?;
    if options.demo && !options.empty && shop.look(|l| l.book.products.is_empty() && l.columns.is_empty()).await {
        let profile = shop.look(|l| l.book.profile()).await;
        let at = Timestamp(now_ms());
        shop.write(at, |_, _| Ok(demo::shop(profile, at))).await?;
    }
    if let Some(console) = &options.console
        && !console.join("index.html").is_file()
    {
        return Err(format!("{}: there is no built console here (./dev build --release)", console.display()).into());
    }
    let tls = match options.tls_cert.as_ref().zip(options.tls_key.as_ref()) {
        Some((cert, key)) => Some(super::tls::config(cert, key).await?),
        None => None,
    };
    let address = SocketAddr::new(options.host, options.port);
    let listener = std::net::TcpListener::bind(address).map_err(|e| format!("cannot listen on {address}: {e}"))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let code = new_code(&journal, &shop.id).await?;
    if options.backup_hours > 0 && journal.is_sqlite() {
        let folder = options.backup.clone().unwrap_or_else(|| options.place.data.join("backup"));
        tokio::spawn(keep_backing_up(
            server.clone(),
            journal.clone(),
            folder,
            options.backup_hours,
            options.backup_keep,
        ));
    }
    let service = routes::router(server, options.console).into_make_service_with_connect_info::<SocketAddr>();
    let handle = axum_server::Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        let _ = end.send(true);
        stopping.graceful_shutdown(Some(Duration::from_secs(10)));
    });
    println!("{}://{address}/?enrol={code}", if tls.is_some() { "https" } else { "http" });
    match tls {
        Some(tls) => axum_server::from_tcp_rustls(listener, tls)?.handle(handle).serve(service).await?,
        None => axum_server::from_tcp(listener)?.handle(handle).serve(service).await?,
    }
    journal.close().await;
    Ok(())
}

/// A verified backup every few hours, when there is anything new. What goes wrong is logged, and tried again.
async fn keep_backing_up(server: Server, journal: SqlJournal, folder: PathBuf, hours: u64, keep: usize) {
    let mut done = 0;
    // Soon after the start: a server that is started each morning is backed up each day.
    let mut pause = Duration::from_secs(60);
    loop {
        tokio::time::sleep(pause).await;
        pause = Duration::from_secs(hours * 3600);
        let Some(shop) = server.shop() else { return };
        if shop.look(|l| l.cursor.g).await == done {
            continue;
        }
        let made = async {
            let verified = backup::back_up(&journal, &folder.join(backup::name(now_ms()))).await?;
            shop.backed_up(verified.g(&shop.id)).await?;
            backup::prune(&folder, keep)?;
            Ok::<_, super::journal::JournalError>(verified)
        };
        match made.await {
            Ok(verified) => {
                done = verified.g(&shop.id);
                tracing::info!(file = %verified.file.display(), g = done, "backed up and read back");
            }
            Err(error) => {
                tracing::error!(%error, "no backup was made");
                pause = Duration::from_secs(600);
            }
        }
    }
}

async fn back_up(place: &Place, to: Option<PathBuf>) -> Result<(), Failure> {
    let journal = journal(place).await?;
    if !journal.is_sqlite() {
        return Err(
            "a PostgreSQL database is backed up with its own tools (pg_dump, continuous archiving); see README.md"
                .into(),
        );
    }
    let file = to.unwrap_or_else(|| place.data.join("backup").join(backup::name(now_ms())));
    let verified = backup::back_up(&journal, &file).await?;
    for report in &verified.reports {
        journal.set_safe(&report.store, report.rows).await?;
        println!(
            "{}: {} transactions of {}, read back and audited",
            verified.file.display(),
            report.rows,
            report.store
        );
    }
    journal.close().await;
    Ok(())
}

async fn restore(data: &Path, from: &Path) -> Result<(), Failure> {
    let _lock = lock(data)?;
    let verified = backup::restore(data, from, now_ms()).await?;
    for report in &verified.reports {
        println!(
            "{}: {} transactions of {}; what came later will be sent again by the tablets",
            from.display(),
            report.rows,
            report.store
        );
    }
    Ok(())
}

async fn audit(place: &Place, json: bool, safe: Option<u64>) -> Result<(), Failure> {
    let journal = journal(place).await?;
    journal.check_file().await?;
    let mut findings = 0;
    for store in journal.stores().await? {
        let report = super::audit::audit(&journal, &store).await?;
        findings += report.findings.len();
        if let Some(g) = safe.filter(|_| report.findings.is_empty()) {
            journal.set_safe(&store.id, g.min(report.rows)).await?;
        }
        if json {
            println!("{}", serde_json::to_string(&report)?);
            continue;
        }
        println!(
            "{}: {} transactions of {} tablets, digest {}",
            report.store,
            report.rows,
            report.chains.len(),
            report.log
        );
        for (replica, last) in &report.chains {
            println!("  replica {replica}: 1 to {last}");
        }
        for finding in &report.findings {
            println!("  {}", serde_json::to_string(finding)?);
        }
    }
    journal.close().await;
    if findings > 0 { Err(format!("{findings} findings").into()) } else { Ok(()) }
}

async fn tablets(place: &Place) -> Result<(), Failure> {
    let journal = journal(place).await?;
    for store in journal.stores().await? {
        for t in journal.tablets(&store.id).await?.into_iter().filter(|t| t.replica > 1) {
            let state = if t.revoked { "shut out" } else { "enrolled" };
            println!("{}\t{}\t{state}\t{} transactions", t.prefix, t.device, t.chain.last_seq);
        }
    }
    Ok(())
}

async fn revoke(place: &Place, prefix: &str) -> Result<(), Failure> {
    let journal = journal(place).await?;
    for store in journal.stores().await? {
        let found = journal
            .tablets(&store.id)
            .await?
            .into_iter()
            .find(|t| t.prefix.eq_ignore_ascii_case(prefix) && t.replica > 1);
        if let Some(tablet) = found
            && journal.revoke(&store.id, tablet.replica, now_ms()).await?
        {
            println!("{} ({}) is shut out; what it has not sent stays with it", tablet.prefix, tablet.device);
            return Ok(());
        }
    }
    Err(format!("no enrolled tablet has the letter {prefix}").into())
}

async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn enrol(place: &Place) -> Result<(), Failure> {
    // The database takes one writer at a time by itself, so a code can be made beside a running server.
    let journal = journal(place).await?;
    let store = journal.stores().await?.into_iter().next().ok_or("there is no store")?;
    println!("{}", new_code(&journal, &store.id).await?);
    Ok(())
}

// --- import -----------------------------------------------------------------------------------------------------------

/// Reads GB 18030 as browsers do.
pub fn gbk(bytes: &[u8]) -> String {
    encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned()
}

async fn take_in(options: Import) -> Result<(), Failure> {
    let mut server = None;
    let mut currency = crate::domain::value::money::Currency::CNY;
    if !options.dry_run {
        let (_, ending) = watch::channel(false);
        let opened = open(&options.place, ending).await?;
        let shop = opened.0.shop().ok_or("the data folder has no store")?;
        currency = shop.look(|l| l.book.profile().currency).await;
        server = Some((opened, shop));
    }
    let mut previews = Vec::new();
    let origin = import::Origin { name: options.source.clone(), ..import::Origin::default() };
    for file in &options.files {
        let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let text = match import::sheet::is_workbook(&bytes) {
            true => import::sheet::to_csv(&bytes).map_err(|e| format!("{}: {e}", file.display()))?,
            false => import::text::decode(&bytes, &gbk),
        };
        previews.push((file, import::read(&text, options.kind, None, &origin, import::Store { currency })));
    }
    if options.json {
        println!("{}", summary(&previews));
    } else {
        for (file, p) in &previews {
            let kind = p.kind.map_or("not recognised", import::Kind::name);
            println!(
                "{}: {kind}: {} products, {} variants, {} orders",
                file.display(),
                p.products.len(),
                p.variants(),
                p.orders.len()
            );
            for i in &p.issues {
                println!(
                    "  line {}, {}: {}",
                    i.line,
                    if i.column.is_empty() { "-" } else { &i.column },
                    serde_json::to_string(&i.code)?
                );
            }
        }
    }
    if let Some(((server, ..), shop)) = &server {
        for (_, preview) in previews {
            write(shop, &Batches::of(preview)).await?;
        }
        server.journal.close().await;
    }
    Ok(())
}

/// Puts what a file holds into a store, leaving what is there as it is.
async fn write(shop: &super::shop::Shop, batches: &Batches) -> Result<(), Failure> {
    let at = Timestamp(now_ms());
    let mut skus = None;
    for batch in batches.iter() {
        let fresh: Vec<_> = shop.look(|l| fresh_products(l, &batch)).await;
        if !fresh.is_empty() {
            shop.write(at, |book, cx| take_products(book, cx, &fresh, &batch.opening, location::FIRST)).await?;
        }
        let fresh: Vec<_> = shop.look(|l| fresh_orders(l, &batch)).await;
        if !fresh.is_empty() {
            // Products come first, so whatever lines name is there now.
            let skus = match &skus {
                Some(skus) => skus,
                None => skus.insert(shop.look(|l| l.book.skus()).await),
            };
            shop.write(at, |book, cx| Ok(take_orders(book, cx, &fresh, skus, location::FIRST))).await?;
        }
    }
    Ok(())
}

fn summary(previews: &[(&std::path::PathBuf, Preview)]) -> serde_json::Value {
    let mut totals = std::collections::BTreeMap::<String, i128>::new();
    let mut issues = Vec::new();
    let (mut products, mut variants, mut orders, mut lines) = (0, 0, 0, 0);
    for (file, p) in previews {
        products += p.products.len();
        variants += p.variants();
        orders += p.orders.len();
        lines += p.lines();
        for (currency, minor) in p.totals() {
            *totals.entry(currency.code().to_owned()).or_default() += minor;
        }
        for issue in &p.issues {
            let mut value = serde_json::to_value(issue).unwrap_or_default();
            value["file"] = file.display().to_string().into();
            value["severity"] = serde_json::to_value(issue.code.severity()).unwrap_or_default();
            issues.push(value);
        }
    }
    let totals: serde_json::Map<String, serde_json::Value> = totals
        .into_iter()
        .map(|(code, minor)| {
            let plain = code
                .parse::<crate::domain::value::money::Currency>()
                .map(|c| c.plain(crate::domain::value::money::Minor(i64::try_from(minor).unwrap_or(i64::MAX))));
            (code, plain.unwrap_or_default().into())
        })
        .collect();
    serde_json::json!({
        "products": products, "variants": variants, "orders": orders, "lines": lines, "totals": totals, "issues": issues,
    })
}
