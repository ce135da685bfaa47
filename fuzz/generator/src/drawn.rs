//! How many made-up cases a law is held to.

/// So many of `count` cases as this build tries: all where it is optimised, else a sixth, as each takes ten times as long. What a law wants to have met
/// at least is drawn alike.
pub const fn drawn(count: usize) -> usize {
    if cfg!(debug_assertions) { count.div_ceil(6) } else { count }
}
