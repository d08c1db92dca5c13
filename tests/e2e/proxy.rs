//! A wire between tablet and server that can lose what the server says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub struct Proxy {
    pub port: u16,
    deaf: Arc<AtomicBool>,
    lost: Arc<AtomicUsize>,
    /// Answers everything with this status; 0 lets everything through.
    status: Arc<AtomicU16>,
    refused: Arc<AtomicUsize>,
    /// Connections that are open end when this changes.
    hang_up: watch::Sender<u32>,
}

impl Proxy {
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (deaf, lost) = (Arc::new(AtomicBool::default()), Arc::new(AtomicUsize::default()));
        let (d, l) = (deaf.clone(), lost.clone());
        let (status, refused) = (Arc::new(AtomicU16::default()), Arc::new(AtomicUsize::default()));
        let (s, r) = (status.clone(), refused.clone());
        let (hang_up, hung_up) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                match s.load(Ordering::SeqCst) {
                    0 => {
                        let mut hung_up = hung_up.clone();
                        hung_up.mark_unchanged();
                        let carried = carry(client, server, d.clone(), l.clone());
                        tokio::spawn(async move {
                            tokio::select! {
                                () = carried => {}
                                _ = hung_up.changed() => {}
                            }
                        });
                    }
                    status => drop(tokio::spawn(refuse(client, status, r.clone()))),
                }
            }
        });
        Self { port, deaf, lost, status, refused, hang_up }
    }

    /// From now on everything is answered with this status; 0 lets everything through again.
    pub fn answer(&self, status: u16) {
        self.refused.store(0, Ordering::SeqCst);
        self.status.store(status, Ordering::SeqCst);
        self.hang_up.send_modify(|n| *n += 1);
    }

    /// How many requests were answered so.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// From now on the server hears everything and nothing it says arrives.
    pub fn lose_answers(&self, lose: bool) {
        self.deaf.store(lose, Ordering::SeqCst);
    }

    /// How many answers were lost.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, server: u16, deaf: Arc<AtomicBool>, lost: Arc<AtomicUsize>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n) = from_server.read(&mut buffer).await {
        if n == 0 {
            break;
        }
        if deaf.load(Ordering::SeqCst) {
            lost.fetch_add(1, Ordering::SeqCst);
            break;
        }
        if to_client.write_all(&buffer[..n]).await.is_err() {
            break;
        }
    }
    up.abort();
}

async fn refuse(mut client: TcpStream, status: u16, refused: Arc<AtomicUsize>) {
    // The request is read whole first, or the browser sees a broken connection instead of the answer.
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let Ok(n) = client.read(&mut buffer).await else { return };
        request.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if n == 0 {
                return;
            }
            continue;
        };
        let length = head
            .lines()
            .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:").and_then(|v| v.trim().parse().ok()));
        if n == 0 || body.len() >= length.unwrap_or(0_usize) {
            if head.starts_with("POST /v1/sync") {
                refused.fetch_add(1, Ordering::SeqCst);
            }
            break;
        }
    }
    let answer = format!(
        "HTTP/1.1 {status} No\r\ncontent-type: text/html\r\ncontent-length: 9\r\nconnection: close\r\n\r\n<b>no</b>"
    );
    let _ = client.write_all(answer.as_bytes()).await;
    let _ = client.shutdown().await;
}
