//! The time that a processor spent on this thread, so that what else the machine does counts little; where the system does not tell, the time that
//! passed.

use std::time::{Duration, Instant};

pub struct Clock {
    spent: Option<u64>,
    begun: Instant,
}

impl Clock {
    pub fn start() -> Clock {
        Clock { spent: spent(), begun: Instant::now() }
    }

    pub fn elapsed(&self) -> Duration {
        match (self.spent, spent()) {
            (Some(before), Some(now)) => Duration::from_nanos(now - before),
            _ => self.begun.elapsed(),
        }
    }
}

/// In nanoseconds.
fn spent() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_ascii_whitespace().next()?.parse().ok()
}
