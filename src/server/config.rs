//! The command line of `daybook`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::import::Kind;

#[derive(Parser)]
#[command(name = "daybook", version, about = "Daybook's server and command line")]
pub struct Cli {
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
    Enrol {
        /// The folder with the store's data
        #[arg(long, default_value = ".daybook")]
        data: PathBuf,
    },
}

#[derive(clap::Args)]
pub struct Serve {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// The port; 0 takes any that is free
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// The folder with the store's data
    #[arg(long, default_value = ".daybook")]
    pub data: PathBuf,
    /// The folder with the built console
    #[arg(long)]
    pub console: Option<PathBuf>,
    /// Fill a new store with a small demo shop
    #[arg(long)]
    pub demo: bool,
    /// No demo shop, even with --demo
    #[arg(long)]
    pub empty: bool,
}

#[derive(clap::Args)]
pub struct Import {
    /// The files, in the order in which they are taken in
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What the files are; found out from their content when left out
    #[arg(long, value_parser = kind)]
    pub kind: Option<Kind>,
    /// Change nothing, only say what the files hold
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// The folder with the store's data
    #[arg(long, default_value = ".daybook")]
    pub data: PathBuf,
}

/// Reads a file's kind by the name that it has everywhere.
fn kind(name: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    Kind::ALL.into_iter().find(|k| k.name() == name).ok_or_else(|| format!("one of {}", names()))
}
