//! The browser console, and where it is cut in two: what selling takes, and the other rooms.

#[cfg(target_arch = "wasm32")]
fn main() {
    daybook::ui::mount(|| Box::pin(fetched()));
}

#[cfg(all(target_arch = "wasm32", feature = "split"))]
async fn fetched() -> Option<daybook::ui::rooms::Rooms> {
    rooms().await.ok()
}

#[cfg(all(target_arch = "wasm32", not(feature = "split")))]
async fn fetched() -> Option<daybook::ui::rooms::Rooms> {
    Some(daybook::ui::rooms::rooms())
}

// Here and not in the library: the other programs that use it would have all rooms in them.
#[cfg(all(target_arch = "wasm32", feature = "split"))]
#[leptos::wasm_split::wasm_split(rooms, fallible, wasm_split_path = ::leptos::wasm_split)]
fn rooms() -> Result<daybook::ui::rooms::Rooms, leptos::wasm_split::SplitLoaderError> {
    Ok(daybook::ui::rooms::rooms())
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser; build it with ./dev build. The server is `daybook serve`.");
}
