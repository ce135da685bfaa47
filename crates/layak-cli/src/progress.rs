//! How far a long run is: on a terminal alone, and only once it has lasted a moment.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs shorter than this show nothing.
const MOMENT: Duration = Duration::from_secs(1);

pub(crate) struct Progress {
    /// None where nobody looks.
    bar: Option<ProgressBar>,
    begun: Instant,
    /// How much has been read.
    read: Arc<AtomicU64>,
    households: usize,
    is_shown: bool,
}

impl Progress {
    /// Of a file of so many bytes or rows; None where that is not known.
    pub(crate) fn new(size: Option<u64>, read: Arc<AtomicU64>) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::hidden());
            let template = match size {
                Some(_) => "{wide_bar} {percent}% {msg} {eta}",
                None => "{spinner} {msg}",
            };
            bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { bar, begun: Instant::now(), read, households: 0, is_shown: false }
    }

    /// So many households more.
    pub(crate) fn more(&mut self, households: usize) {
        let Some(bar) = &self.bar else { return };
        let before = self.households;
        self.households += households;
        // The clock is asked now and then.
        if self.households / 1024 > before / 1024 {
            let seconds = self.begun.elapsed();
            if !self.is_shown && seconds > MOMENT {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                self.is_shown = true;
            }
            bar.set_position(self.read.load(Ordering::Relaxed));
            let rate = u128::try_from(self.households).unwrap_or(0) * 1000 / seconds.as_millis().max(1);
            bar.set_message(format!("{} ({rate}/s)", self.households));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
