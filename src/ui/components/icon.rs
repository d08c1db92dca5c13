//! Icons: strokes of one weight on a 24-unit grid.

use leptos::prelude::*;

fn path(name: &str) -> &'static str {
    match name {
        "take" => "M4 5h16v4H4zM6 9v10h12V9M9 13h6M9 16h4",
        "orders" => "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7",
        "work" => "M4 6h3M4 12h3M4 18h3M10 6h10M10 12h10M10 18h6",
        "stock" => "M3 8l9-5 9 5v9l-9 5-9-5zM3 8l9 5 9-5M12 13v9",
        "customers" => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.5-6 8-6s8 2 8 6",
        "reports" => "M4 20V4M4 20h16M8 16v-5M12 16V7M16 16v-7",
        "settings" => "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.5v5M8 14.5v5",
        "search" => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21",
        "plus" => "M12 5v14M5 12h14",
        "minus" => "M5 12h14",
        "close" => "M6 6l12 12M18 6L6 18",
        "back" => "M15 5l-7 7 7 7",
        "next" => "M9 5l7 7-7 7",
        "up" => "M6 15l6-6 6 6",
        "down" => "M6 9l6 6 6-6",
        "check" => "M4 12.5l5.5 5.5L20 7",
        "print" => "M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z",
        "hold" => "M8 5v14M16 5v14",
        "note" => "M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3",
        "person" => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 21c0-4 3-6 7-6s7 2 7 6",
        "online" => "M4 10a12 12 0 0 1 16 0M7 13.5a7.5 7.5 0 0 1 10 0M10 17a3 3 0 0 1 4 0",
        "offline" => "M4 10a12 12 0 0 1 16 0M10 17a3 3 0 0 1 4 0M4 20L20 4",
        "alert" => "M12 4l9 16H3zM12 10v4M12 17v.5",
        "place" => "M12 21s7-6.5 7-11a7 7 0 0 0-14 0c0 4.5 7 11 7 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
        "sync" => "M4 12a8 8 0 0 1 14-5l2 2M20 5v4h-4M20 12a8 8 0 0 1-14 5l-2-2M4 19v-4h4",
        "file" => "M6 3h9l4 4v14H6zM12 18v-7M9 14l3-3 3 3",
        "undo" => "M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3",
        "cash" => "M3 7h18v10H3zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6 10v4M18 10v4",
        "camera" => {
            "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M8 9v6M11 9v6M13.5 9v6M16 9v6"
        }
        "bin" => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
        "phone" => "M8 2h8v20H8zM11 19h2",
        _ => "M4 12h16",
    }
}

#[component]
pub fn Icon(
    /// Which one; see `path`.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=path(name) />
        </svg>
    }
}
