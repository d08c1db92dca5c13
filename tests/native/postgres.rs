//! A PostgreSQL of the tests' own: a cluster in a temporary folder, reached by a socket, gone when the last test lets
//! go.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub struct Cluster {
    process: Child,
    folder: TempDir,
}

static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// Where Debian and others put the server's programs, the newest first.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions
                .filter_map(|v| Some(v.ok()?.path().join("bin")))
                .filter(|bin| bin.join("initdb").is_file())
                .collect()
        })
        .unwrap_or_default();
    found.sort();
    found.pop().unwrap_or_default()
}

/// PostgreSQL does not run as root; then its own user runs it.
fn run(program: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"));
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let _ = Command::new("chown").arg("postgres:").arg(folder.path()).stderr(Stdio::null()).status();
        let data = folder.path().join("data");
        let init = run(&programs().join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--no-sync", "-D"])
            .arg(&data)
            .output();
        let init = init.expect("PostgreSQL is installed (./dev setup does it)");
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        let process = run(&programs().join("postgres"))
            .args(["-c", "listen_addresses=", "-c", "max_connections=200", "-D"])
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("PostgreSQL starts");
        let cluster = Self { process, folder };
        let limit = Instant::now() + Duration::from_secs(30);
        while !cluster.sql("postgres", "select 1") {
            assert!(Instant::now() < limit, "PostgreSQL does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        cluster
    }

    /// The cluster that all tests of this process share.
    pub fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::start());
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    fn sql(&self, database: &str, sql: &str) -> bool {
        let mut psql = Command::new(programs().join("psql"));
        psql.args(["-q", "-U", "postgres", "-d", database, "-c", sql, "-h"]).arg(self.folder.path());
        psql.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    }

    /// The address of a fresh database.
    pub fn database(&self) -> String {
        let name = format!("daybook_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        assert!(self.sql("postgres", &format!("create database {name}")));
        format!("postgres://postgres@localhost/{name}?host={}", self.folder.path().display())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
