//! HTTPS from certificate files. A store's tablets need it: without it a browser gives no service worker.

use std::path::Path;

use axum_server::tls_rustls::RustlsConfig;

/// Reads a certificate chain and its key.
///
/// # Errors
/// What is wrong with the files, in words.
pub async fn config(cert: &Path, key: &Path) -> Result<RustlsConfig, String> {
    // A second call finds the provider there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let said = |e: std::io::Error| format!("{} and {}: {e}", cert.display(), key.display());
    RustlsConfig::from_pem_file(cert, key).await.map_err(said)
}
