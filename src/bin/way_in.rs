//! What a new device shows while the console is on its way (`ui/way_in.rs`).

#[cfg(target_arch = "wasm32")]
fn main() {
    daybook::ui::mount_way_in();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser; build it with ./dev build.");
}
