//! The simulation: the real client core and the real server core, a nemesis between them, one seed for everything.
//!
//! The nemesis drops, repeats, delays, reorders and cuts messages, refuses with every status code, kills tablets, cuts
//! their power, loses their databases, fails their writes, opens second tabs, jumps clocks by years, wipes and clones
//! tablets, restarts the server and puts it back to an older backup. When it is done and the network heals, nothing
//! that a clerk saw as taken may be missing or doubled, and everybody must have folded the same.
//!
//! `DAYBOOK_SEEDS` and `DAYBOOK_FROM` say how many and from where (`./dev sim`). A seed that fails is played again with
//! ever fewer steps, and printed with the shortest history that still fails.

pub mod dice;
mod money;
mod world;

use std::cell::RefCell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use daybook::planted::Bug;
use world::World;

/// Steps of one run, before everything heals.
const STEPS: usize = 120;

/// One run without some of its steps: what went wrong, and the history.
fn play(seed: u64, skip: &HashSet<usize>) -> Result<(), (String, Vec<String>)> {
    let history = RefCell::new(Vec::new());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(seed, &history);
        for step in (0..STEPS).filter(|s| !skip.contains(s)) {
            world.step(step);
        }
        world.heal_and_check();
    }));
    outcome.map_err(|cause| {
        let text =
            cause.downcast_ref::<String>().cloned().or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        (text.unwrap_or_default(), history.into_inner())
    })
}

/// The shortest history that still fails: whole stretches are left out first, then single steps.
fn shrink(seed: u64) -> (String, Vec<String>) {
    let mut skip = HashSet::new();
    let mut worst = play(seed, &skip).expect_err("this seed fails");
    for size in [60, 30, 15, 8, 4, 2, 1, 1] {
        for start in (0..STEPS).step_by(size) {
            let more: HashSet<usize> = skip.iter().copied().chain(start..(start + size).min(STEPS)).collect();
            if more.len() == skip.len() {
                continue;
            }
            if let Err(failure) = play(seed, &more) {
                worst = failure;
                skip = more;
            }
        }
    }
    worst
}

/// Says nothing while histories are tried that are meant to fail.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    thread_local! {
        static QUIET: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let done = work();
    QUIET.set(false);
    done
}

/// Runs one seed; on failure its shortest history is printed.
fn run(seed: u64) {
    if quietly(|| play(seed, &HashSet::new())).is_err() {
        let (what, history) = quietly(|| shrink(seed));
        panic!("seed {seed} fails: {what}\nits shortest history:\n  {}", history.join("\n  "));
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn nothing_is_lost_or_doubled_whatever_happens() {
    let (from, seeds) = (setting("DAYBOOK_FROM", 1), setting("DAYBOOK_SEEDS", 400));
    let start = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64).min(seeds.max(1));
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..threads)
            .map(|t| {
                scope.spawn(move || {
                    for seed in (from..from + seeds).filter(|s| s % threads == t) {
                        run(seed);
                        if seeds > 20_000 && seed % 20_000 == 0 {
                            println!("seed {seed}: clean so far, {:.0} s", start.elapsed().as_secs_f64());
                        }
                    }
                })
            })
            .collect();
        for run in runs {
            if let Err(cause) = run.join() {
                std::panic::resume_unwind(cause);
            }
        }
    });
    let rate = seeds as f64 / start.elapsed().as_secs_f64().max(0.001);
    println!("{seeds} seeds from {from}, all clean, {rate:.0} seeds a second");
}

#[test]
fn a_seed_plays_the_same_twice() {
    for seed in [3, 77] {
        let histories: Vec<Vec<String>> = (0..2)
            .map(|_| {
                let history = RefCell::new(Vec::new());
                let mut world = World::new(seed, &history);
                (0..STEPS).for_each(|step| world.step(step));
                world.heal_and_check();
                drop(world);
                history.into_inner()
            })
            .collect();
        assert_eq!(histories[0], histories[1]);
    }
}

/// The simulation is worth what it can find: each of these has lost or doubled orders in a real system.
#[cfg(feature = "planted")]
#[test]
fn every_planted_bug_is_found() {
    use daybook::planted::plant;
    for bug in Bug::ALL {
        plant(Some(bug));
        let found = quietly(|| (1..=1_000).find(|seed| play(*seed, &HashSet::new()).is_err()));
        let story = found.map(|seed| (seed, quietly(|| shrink(seed))));
        plant(None);
        let (seed, (what, history)) = story.unwrap_or_else(|| panic!("{bug:?} is not found within 1,000 seeds"));
        println!("{bug:?}: seed {seed}, {} steps: {}", history.len(), what.lines().next().unwrap_or_default());
    }
}

/// Without the feature there is nothing to plant.
#[cfg(not(feature = "planted"))]
#[test]
fn no_bug_is_planted_in_an_ordinary_build() {
    assert!(Bug::ALL.into_iter().all(|bug| !daybook::planted::is(bug)));
}
