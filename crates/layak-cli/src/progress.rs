//! How far a long run is: on a terminal alone, and only once it has lasted a moment.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs shorter than this show nothing.
const MOMENT: Duration = Duration::from_secs(1);

pub(crate) struct Progress {
    /// None where nobody looks.
    bar: Option<ProgressBar>,
    begun: Instant,
    households: u64,
    is_shown: bool,
}

impl Progress {
    /// Of a file of so many bytes; None where the length is not known.
    pub(crate) fn new(bytes: Option<u64>) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(bytes, ProgressDrawTarget::hidden());
            let template = match bytes {
                Some(_) => "{wide_bar} {percent}% {msg} {eta}",
                None => "{spinner} {msg}",
            };
            bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { bar, begun: Instant::now(), households: 0, is_shown: false }
    }

    /// One more, of so many bytes.
    pub(crate) fn household(&mut self, bytes: usize) {
        let Some(bar) = &self.bar else { return };
        self.households += 1;
        bar.inc(u64::try_from(bytes).unwrap_or(0) + 1);
        // The clock is asked now and then.
        if self.households.is_multiple_of(1024) {
            let seconds = self.begun.elapsed();
            if !self.is_shown && seconds > MOMENT {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                self.is_shown = true;
            }
            let rate = u128::from(self.households) * 1000 / seconds.as_millis().max(1);
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
