//! The server and the command line.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    daybook::server::cli::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
