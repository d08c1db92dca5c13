//! The command line of `daybook`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::import::Kind;

#[derive(Parser)]
#[command(name = "daybook", version, about = "Daybook's server and command line")]
pub struct Cli {
    /// Write the log as JSON, one object a line
    #[arg(long, global = true)]
    pub log_json: bool,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand)]
pub enum Verb {
    /// Serve the console and the sync endpoint
    Serve(Serve),
    /// Read files of other systems, and put what they hold into the store
    Import(Import),
    /// Print a fresh enrolment code for a running or stopped server
    Enrol(Place),
    /// Copy the store into a file while the server goes on serving, and read the copy back
    Backup {
        #[command(flatten)]
        place: Place,
        /// The file to write; a name with the time in DATA/backup when left out
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Put a backup in place of the store; tablets send again what it lacks
    Restore {
        /// The folder with the store's data
        #[arg(long, default_value = ".daybook")]
        data: PathBuf,
        /// The backup
        from: PathBuf,
    },
    /// Walk the whole log and say what is missing or was altered
    Audit {
        #[command(flatten)]
        place: Place,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// If all is well, tell the tablets that a backup of yours holds everything up to this number. For PostgreSQL
        #[arg(long)]
        safe: Option<u64>,
    },
    /// List the tablets of the store
    Tablets(Place),
    /// Print the table of everything that can be written down: who may, what it is about, since when
    Events,
    /// Shut a tablet out for ever, by its letter
    Revoke {
        #[command(flatten)]
        place: Place,
        /// The letter before the tablet's order numbers
        prefix: String,
    },
}

/// Where a store is.
#[derive(clap::Args, Clone)]
pub struct Place {
    /// The folder with the store's data
    #[arg(long, default_value = ".daybook")]
    pub data: PathBuf,
    /// A PostgreSQL database instead of the embedded one: `postgres://user@host/name`
    #[arg(long, env = "DAYBOOK_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
}

#[derive(clap::Args)]
pub struct Serve {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// The port; 0 takes any that is free
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    #[command(flatten)]
    pub place: Place,
    /// The folder with the built console
    #[arg(long)]
    pub console: Option<PathBuf>,
    /// Fill a new store with a small demo shop
    #[arg(long)]
    pub demo: bool,
    /// No demo shop, even with --demo
    #[arg(long)]
    pub empty: bool,
    /// Where backups go; DATA/backup when left out. Another disk is better
    #[arg(long)]
    pub backup: Option<PathBuf>,
    /// Hours between backups; 0 makes none, and tablets then keep everything they ever sent
    #[arg(long, default_value_t = 6)]
    pub backup_hours: u64,
    /// How many backups are kept
    #[arg(long, default_value_t = 28)]
    pub backup_keep: usize,
    /// Serve HTTPS with this certificate chain (PEM)
    #[arg(long, requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[arg(long, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Who may read /metrics: whoever shows this as a bearer token. Nobody when left out
    #[arg(long, env = "DAYBOOK_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
}

#[derive(clap::Args)]
pub struct Import {
    /// The files, in the order in which they are taken in
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What the files are; found out from their content when left out
    #[arg(long, value_parser = kind)]
    pub kind: Option<Kind>,
    /// Where the orders of a table come from; orders of one source and number are the same order
    #[arg(long, default_value = "table")]
    pub source: String,
    /// Change nothing, only say what the files hold
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}

/// Reads a file's kind by the name that it has everywhere.
fn kind(name: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    Kind::ALL.into_iter().find(|k| k.name() == name).ok_or_else(|| format!("one of {}", names()))
}
