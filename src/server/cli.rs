//! What `daybook` does from the command line.

use std::collections::HashMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::config::{Cli, Import, Serve, Verb};
use super::journal::Journal;
use super::{Server, auth, demo, now_ms, routes};
use crate::actions::import::{batches, take_orders, take_products};
use crate::domain::location;
use crate::domain::time::Timestamp;
use crate::import::{self, Preview};

type Failure = Box<dyn std::error::Error>;

/// Runs one command.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("DAYBOOK_LOG").unwrap_or_else(|_| "info,sqlx=warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
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
            Verb::Enrol { data } => enrol(&data).await,
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

/// Held while a process writes to a data folder: two would give the same numbers.
fn lock(data: &Path) -> Result<File, Failure> {
    std::fs::create_dir_all(data).map_err(|e| format!("{}: {e}", data.display()))?;
    let file = File::create(data.join("lock")).map_err(|e| format!("{}: {e}", data.display()))?;
    file.try_lock().map_err(|_| format!("{} is in use by a running server", data.display()))?;
    Ok(file)
}

async fn new_code(server: &Server, store: &str) -> Result<String, Failure> {
    let code = auth::new_code();
    server.journal.add_code(store, &auth::sha256(&auth::plain_code(&code)), now_ms() + auth::CODE_LIFE_MS).await?;
    Ok(code)
}

async fn serve(options: Serve) -> Result<(), Failure> {
    let _lock = lock(&options.data)?;
    let (end, ending) = watch::channel(false);
    let server = Server::open(&options.data, ending).await?;
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
    let listener = TcpListener::bind(SocketAddr::new(options.host, options.port))
        .await
        .map_err(|e| format!("cannot listen on {}:{}: {e}", options.host, options.port))?;
    let address = listener.local_addr()?;
    let code = new_code(&server, &shop.id).await?;
    let journal = server.journal.clone();
    let router = routes::router(server, options.console);
    println!("http://{address}/?enrol={code}");
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            stop_signal().await;
            tracing::info!("stopping");
            let _ = end.send(true);
        })
        .await?;
    journal.close().await;
    Ok(())
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

async fn enrol(data: &Path) -> Result<(), Failure> {
    if !data.join("daybook.sqlite").is_file() {
        return Err(format!("{}: there is no store here", data.display()).into());
    }
    // The database takes one writer at a time by itself, so a code can be made beside a running server.
    let journal = super::journal::SqlJournal::sqlite(data).await?;
    let store = journal.stores().await?.into_iter().next().ok_or("the data folder has no store")?;
    let code = auth::new_code();
    journal.add_code(&store.id, &auth::sha256(&auth::plain_code(&code)), now_ms() + auth::CODE_LIFE_MS).await?;
    println!("{code}");
    Ok(())
}

// --- import -----------------------------------------------------------------------------------------------------------

/// Reads GB 18030 as browsers do.
pub fn gbk(bytes: &[u8]) -> String {
    encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned()
}

async fn take_in(options: Import) -> Result<(), Failure> {
    let mut server = None;
    let mut _held = None;
    let mut currency = crate::domain::money::Currency::CNY;
    if !options.dry_run {
        _held = Some(lock(&options.data)?);
        let (_, ending) = watch::channel(false);
        let opened = Server::open(&options.data, ending).await?;
        let shop = opened.shop().ok_or("the data folder has no store")?;
        currency = shop.look(|l| l.book.profile().currency).await;
        server = Some((opened, shop));
    }
    let mut previews = Vec::new();
    for file in &options.files {
        let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let text = import::text::decode(&bytes, &gbk);
        previews.push((file, import::read(&text, options.kind, None, import::Store { currency })));
    }
    if options.json {
        println!("{}", summary(&previews));
    } else {
        for (file, p) in &previews {
            let kind = p.kind.map_or("not recognised", import::Kind::name);
            println!("{}: {kind}: {} products, {} variants, {} orders", file.display(), p.products.len(), p.variants(), p.orders.len());
            for i in &p.issues {
                println!("  line {}, {}: {}", i.line, if i.column.is_empty() { "-" } else { &i.column }, serde_json::to_string(&i.code)?);
            }
        }
    }
    if let Some((server, shop)) = server {
        for (_, preview) in &previews {
            write(&shop, preview).await?;
        }
        server.journal.close().await;
    }
    Ok(())
}

/// Puts a preview into a store, leaving what is there as it is.
async fn write(shop: &super::shop::Shop, preview: &Preview) -> Result<(), Failure> {
    let at = Timestamp(now_ms());
    let opening: HashMap<_, _> = preview.opening.iter().copied().collect();
    for chunk in batches(&preview.products, |p| p.variants.len()) {
        let fresh: Vec<_> = shop.look(|l| chunk.iter().filter(|p| l.book.products.get(&p.id) != Some(p)).collect()).await;
        if !fresh.is_empty() {
            shop.write(at, |book, cx| take_products(book, cx, &fresh, &opening, location::FIRST)).await?;
        }
    }
    let skus = shop.look(|l| l.book.skus()).await;
    for chunk in batches(&preview.orders, |o| o.placed.lines.len()) {
        let fresh: Vec<_> = shop.look(|l| chunk.iter().filter(|o| !l.columns.contains(o.placed.order)).collect()).await;
        if !fresh.is_empty() {
            shop.write(at, |_, cx| Ok(take_orders(cx, &fresh, &skus, location::FIRST))).await?;
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
                .parse::<crate::domain::money::Currency>()
                .map(|c| c.plain(crate::domain::money::Minor(i64::try_from(minor).unwrap_or(i64::MAX))));
            (code, plain.unwrap_or_default().into())
        })
        .collect();
    serde_json::json!({
        "products": products, "variants": variants, "orders": orders, "lines": lines, "totals": totals, "issues": issues,
    })
}
