//! The browser console.

#[cfg(target_arch = "wasm32")]
fn main() {
    daybook::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser; build it with ./dev build. The server is `daybook serve`.");
}
