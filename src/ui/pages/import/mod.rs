//! Import: a file in, a preview with every issue, and only then a change.

mod preview;
mod reader;
mod remembered;

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use self::preview::Shown;
use self::reader::{Failure, Reader};
use self::remembered::remembered;
use super::stock::StockTabs;
use crate::actions::import::Progress;
use crate::i18n::fill;
use crate::import::reading::{How, Outline, Unreadable};
use crate::import::{Kind, Mapping, Origin};
use crate::ui::components::Icon;
use crate::ui::state::app;

/// Where it stands.
#[derive(Clone)]
enum Stage {
    Choose,
    Reading,
    Preview,
    Running(Progress),
    Done(Progress),
}

/// What a person said of the file.
#[derive(Clone, Copy)]
struct Said {
    /// Empty finds out.
    kind: RwSignal<String>,
    mapping: RwSignal<Option<Mapping>>,
    origin: RwSignal<Origin>,
}

#[component]
pub fn Import() -> impl IntoView {
    let app = app();
    let m = app.words();
    let file = NodeRef::<Input>::new();
    let name = RwSignal::new(String::new());
    let said = Said {
        kind: RwSignal::new(String::new()),
        mapping: RwSignal::new(None),
        origin: RwSignal::new(Origin::default()),
    };
    let outline = RwSignal::new(None::<Outline>);
    let stage = RwSignal::new_local(Stage::Choose);
    let cancel = StoredValue::new_local(Rc::new(Cell::new(false)));
    let reader = StoredValue::new_local(None::<Rc<Reader>>);
    // Loaded while a person looks for the file.
    let idle = StoredValue::new_local(None::<Reader>);
    spawn_local(async move {
        let loaded = Reader::load().await.ok();
        let _ = idle.try_update_value(|idle| *idle = loaded);
    });
    let how = move || How {
        kind: said.kind.with_untracked(|k| Kind::ALL.into_iter().find(|x| x.name() == k)),
        mapping: said.mapping.get_untracked(),
        origin: said.origin.get_untracked(),
        currency: app.currency(),
    };
    let failed = move |failure: Failure| {
        reader.set_value(None);
        stage.set(Stage::Choose);
        let why = match failure {
            Failure::NoReader => m.room_missing,
            Failure::File(Unreadable::TooLarge) => m.file_too_large,
            Failure::File(Unreadable::Broken) => m.file_unreadable,
        };
        app.say(why.to_owned(), true);
    };
    // Reads the file again, as it was said to be.
    let read = move || {
        let Some(held) = reader.get_value() else { return };
        spawn_local(async move {
            match held.read(&how(), None).await {
                Ok(found) => outline.set(Some(found)),
                Err(failure) => failed(failure),
            }
        });
    };
    let choose = move |_| {
        let Some(input) = file.get_untracked() else { return };
        let Some(chosen) = input.files().and_then(|f| f.get(0)) else { return };
        // A file that was mended may be chosen again.
        input.set_value("");
        name.set(chosen.name());
        said.mapping.set(None);
        said.kind.set(String::new());
        said.origin.set(Origin::default());
        stage.set(Stage::Reading);
        spawn_local(async move {
            let loaded = idle.try_update_value(Option::take).flatten();
            match open(loaded, chosen, how(), said).await {
                Ok((held, found)) => {
                    reader.set_value(Some(Rc::new(held)));
                    outline.set(Some(found));
                    stage.set(Stage::Preview);
                }
                Err(failure) => failed(failure),
            }
        });
    };
    let run = move |_| {
        let (Some(held), Some(things)) =
            (reader.get_value(), outline.with_untracked(|o| o.as_ref().map(Outline::things)))
        else {
            return;
        };
        let stop = cancel.with_value(Rc::clone);
        stop.set(false);
        stage.set(Stage::Running(Progress { of: things, ..Progress::default() }));
        spawn_local(async move {
            let go_on = async |progress: Progress| {
                stage.set(Stage::Running(progress));
                // Lets the page paint and an order be taken meanwhile.
                TimeoutFuture::new(0).await;
                !stop.get()
            };
            let mut batches = held.batches();
            let done = app
                .inner()
                .desk
                .import(app.staff(), app.location(), things, async || batches.next().await, go_on)
                .await;
            let lost = batches.failed();
            app.all_changed();
            app.wrote();
            match done {
                Ok(progress) => {
                    stage.set(Stage::Done(progress));
                    reader.set_value(None);
                    if lost {
                        app.say(m.file_unreadable.to_owned(), true);
                    }
                }
                Err(error) => {
                    app.complain(&error);
                    stage.set(Stage::Preview);
                }
            }
        });
    };
    view! {
        <section class="page">
            <header class="page__head">
                <h1>{m.import}</h1>
                <StockTabs />
            </header>
            <section class="panel import">
                <p>{m.import_text}</p>
                <label class="button button--primary import__choose">
                    <Icon name="file" />
                    <span>{m.choose_file}</span>
                    <input
                        class="visually-hidden"
                        type="file"
                        accept=".csv,.tsv,.txt,.json,.xlsx,.xls,.ods"
                        node_ref=file
                        on:change=choose
                        prop:disabled=move || matches!(stage.get(), Stage::Reading | Stage::Running(_))
                    />
                </label>
                <p class="quiet">{move || name.get()}</p>
            </section>
            {move || match stage.get() {
                Stage::Choose => ().into_any(),
                Stage::Reading => {
                    view! {
                        <p class="opening" aria-busy="true">
                            {m.opening}
                        </p>
                    }
                        .into_any()
                }
                Stage::Preview => {
                    outline.get().map(|found| view! { <Shown found said read=move || read() run /> }).into_any()
                }
                Stage::Running(p) => {
                    view! {
                        <section class="panel" aria-live="polite">
                            <p>{fill(m.import_running, &[&p.done, &p.of])}</p>
                            <progress max=p.of.to_string() value=p.done.to_string()></progress>
                            <button class="button" on:click=move |_| cancel.with_value(|c| c.set(true))>
                                {m.cancel}
                            </button>
                        </section>
                    }
                        .into_any()
                }
                Stage::Done(p) => {
                    view! {
                        <section class="panel" data-imported=p.done.to_string()>
                            <h2>{if p.done == p.of { m.import_done } else { m.import_cancelled }}</h2>
                            <p>{fill(m.import_result, &[&(p.done - p.known), &p.known])}</p>
                        </section>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// Has a reader of its own read a file. What somebody said of files of this form before holds again.
async fn open(loaded: Option<Reader>, file: File, how: How, said: Said) -> Result<(Reader, Outline), Failure> {
    let reader = match loaded {
        Some(reader) => reader,
        None => Reader::load().await?,
    };
    let found = reader.read(&how, Some(&file)).await?;
    let Some(known) = remembered().remove(&found.header.join("\t")) else { return Ok((reader, found)) };
    said.mapping.set(known.mapping.clone());
    said.origin.set(known.origin.clone());
    let found = reader.read(&How { mapping: known.mapping, origin: known.origin, ..how }, None).await?;
    Ok((reader, found))
}
