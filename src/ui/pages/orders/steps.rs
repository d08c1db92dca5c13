//! Taking a step with an order, and taking it back.

use crate::domain::decide::Command;
use crate::domain::order::OrderState;
use crate::domain::value::id::OrderId;
use crate::i18n::fill;
use crate::ui::state::App;

/// Takes the step to `to`; for some seconds it can be had back with one tap, after that on the order's page.
pub fn take_step(app: App, order: OrderId, to: OrderState) {
    app.dispatch(Command::Step { order, to, location: app.location() }, move |_| {
        let done = app.look(|l| l.book.orders.get(&order).map(|o| (o.number.clone(), o.state, o.last_step())));
        if let Some((number, state, Some(last))) = done {
            let m = app.words();
            app.say_done(fill(m.step_done, &[&number, &m.state(state)]), move || undo_step(app, order, last.step.from));
        }
    });
}

/// Takes the step back that led away from `to`.
pub fn undo_step(app: App, order: OrderId, to: OrderState) {
    app.dispatch(Command::UndoStep { order, to }, |_| {});
}
