//! `vmlab lab watch`: builds the kernel at each save, runs the tests of a milestone, and shows the
//! results in place.
//!
//! [`model`] has the state and its transitions, [`view`] draws it, [`keys`] has the meaning of
//! keys. [`worker`] builds and tests on a thread of its own and [`files`] reports saves, both by
//! [`news`]. This module has the loop that puts them together.
//!
//! # Invariants
//! - The interface never waits for a build, a test or a report.
//! - However the command ends, short of SIGKILL, the terminal is restored, and nothing that was
//!   started here is still running.

mod again;
mod child;
mod debug;
mod failure;
mod files;
mod ground;
mod keys;
mod libtest;
mod model;
mod news;
mod terminal;
#[cfg(test)]
mod tests;
mod view;
mod worker;

use std::env;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use clap::Args;
use lab::ids::Milestone;
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use self::again::Again;
use self::files::{Watched, Way};
use self::ground::Ground;
use self::model::{Effect, Model, Panel};
use self::news::{News, Scope};
use self::terminal::{Screen, Signal, Signals};
use self::worker::Worker;
use super::hint;
use host::command::UsageError;
use protocol::exit::{Exit, PRINT_CODES};

/// How long the loop waits for a key before it polls for news.
const TICK: Duration = Duration::from_millis(50);

/// Builds at each save, runs the tests of a milestone and shows what failed and why
#[derive(Args)]
#[command(after_help = format!("\
Each save ends what is still running for the last one, builds the kernel, runs the
milestone's tests and then those of crate vm. The screen shows the progress, why the
selected test failed, and what to write next. The results are kept in target/lab, for
`vmlab lab`.

Keys:
{keys}
The system reports saves; on network file systems, and with --poll, all sources are
polled once a second. NO_COLOR=1 turns colours off.

Examples:
  vmlab lab watch
  vmlab lab watch 4

{PRINT_CODES}", keys = keys::help()))]
pub(super) struct WatchArgs {
    /// The milestone [default: the one that is next]
    #[arg(value_name = "M")]
    milestone: Option<Milestone>,

    /// Poll the sources once a second, if the system does not report saves
    #[arg(long)]
    poll: bool,
}

impl WatchArgs {
    /// Shows the interface until the user quits.
    pub(super) fn execute(&self) -> Result<Exit, UsageError> {
        let ground = Arc::new(Ground::find(&env::current_dir()?, self.milestone)?);
        if !terminal::is_there() {
            let number = ground.stage.number;
            return Err(format!(
                "`vmlab lab watch` needs a terminal; `vmlab lab grade {number}` runs the tests once"
            )
            .into());
        }
        let signals = Signals::note()?;
        let (sender, news) = mpsc::channel();
        let way = if self.poll { Way::Looking } else { Way::Told };
        let watched = Watched::start(&ground.root, way, sender.clone())
            .map_err(|error| format!("{} cannot be watched: {error}", ground.root.display()))?;
        let title = format!("Milestone {}: {}", ground.stage.number, ground.stage.title);
        let mut model = Model::new(title, ground.tests.clone(), ground.all_tests.clone());
        if watched.way != way {
            let note = "the system does not report saves here: polling for them once a second";
            model.note = Some(note.to_owned());
        }
        let worker = Worker::start(Arc::clone(&ground), sender);
        let mut interface = Interface {
            ground,
            model,
            worker,
            news,
            signals,
        };
        let end = interface.run(&mut Screen::open()?);
        interface.worker.end();
        if let End::Signal(signal) = end? {
            signal.obey()?;
        }
        Ok(Exit::Success)
    }
}

/// How the interface ended.
enum End {
    /// The user has quit.
    Quit,
    /// By a signal.
    Signal(Signal),
}

/// The parts of the interface that the loop connects.
struct Interface {
    ground: Arc<Ground>,
    model: Model,
    worker: Worker,
    news: Receiver<News>,
    signals: Signals,
}

impl Interface {
    fn run(&mut self, screen: &mut Screen) -> Result<End, UsageError> {
        self.worker.order(Scope::Milestone);
        loop {
            screen.draw(&mut self.model)?;
            let mut effects = Vec::from_iter(self.key()?);
            effects.extend(
                self.news
                    .try_iter()
                    .filter_map(|news| self.model.learn(news)),
            );
            for effect in effects {
                if effect == Effect::Quit {
                    return Ok(End::Quit);
                }
                self.carry_out(effect, screen)?;
            }
            if let Some(signal) = self.signals.come() {
                return Ok(End::Signal(signal));
            }
            self.worker.check();
        }
    }

    /// Returns the effect of a key, if one was pressed.
    fn key(&mut self) -> Result<Option<Effect>, UsageError> {
        if !event::poll(TICK)? {
            return Ok(None);
        }
        Ok(match event::read()? {
            Event::Key(key) if key.kind == KeyEventKind::Press => {
                keys::wish(key).and_then(|wish| self.model.obey(wish))
            }
            _ => None,
        })
    }

    fn carry_out(&mut self, effect: Effect, screen: &mut Screen) -> Result<(), UsageError> {
        match effect {
            Effect::Run(scope) => self.worker.order(scope),
            Effect::Hint { task, more } => {
                let wish = if more {
                    hint::Wish::More
                } else {
                    hint::Wish::Same
                };
                match self.ground.hint(task, wish) {
                    Ok(text) => self.model.show(Panel::Hint(text)),
                    Err(error) => self.model.note = Some(error.to_string()),
                }
            }
            Effect::Report { id, again } => {
                self.worker.report(Again::new(&self.ground.root, id, again));
            }
            Effect::Open(file) => {
                if let Err(error) = open::that_detached(self.ground.root.join(&file)) {
                    let file = file.display();
                    let note = format!("the report is in {file}, and cannot be opened: {error}");
                    self.model.note = Some(note);
                }
            }
            Effect::Debug { id, again } => {
                let again = Again::new(&self.ground.root, id, again);
                if let Err(error) = screen.lend(|| debug::run(&again, &self.signals))? {
                    self.model.note = Some(format!("it cannot be debugged: {error}"));
                }
            }
            // The loop has ended before.
            Effect::Quit => {}
        }
        Ok(())
    }
}
