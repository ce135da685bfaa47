//! Bounds on what strangers may hand in.

/// Bounds on rule text, facts and evaluation. Passing one is a finding or an error, never a crash.
///
/// ```
/// let limits = layak::Limits { source_bytes: 64 * 1024, ..layak::Limits::default() };
/// assert_eq!(limits.nesting, 64);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one rule file or data table.
    pub source_bytes: usize,
    /// Rule files of one ruleset.
    pub sources: usize,
    /// Brackets and `if` within one another, in rule text.
    pub nesting: usize,
    /// Nodes of the decision graph.
    pub graph_nodes: usize,
    /// Elements that the lists of one household may hold together.
    pub elements: usize,
    /// Pairs of elements that one household's comparisons of a list with itself may form.
    pub pairs: usize,
    /// Cases into which what is open of one programme may be split by values; where these do not tell what matters, four times as
    /// many parts by ranges, and as many households that are looked for.
    pub cases: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            source_bytes: 16 << 20,
            sources: 10_000,
            nesting: 64,
            graph_nodes: 4_000_000,
            elements: 10_000,
            pairs: 1_000_000,
            cases: 256,
        }
    }
}
