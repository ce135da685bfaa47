//! Instruments for those who test eligibility rules: what tests show of the rules ([`coverage`]), and which small faults of
//! the rules they would not notice ([`mutation`]), and worked cases as tables and Excel files ([`sheets`]).
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use layak::{Lang, Ruleset};
//! let rules = Ruleset::from_text(r#"
//!   module aid
//!   entity Household { desil integer 1..10 }
//!   criterion poor when desil <= 4
//!   programme food requires poor
//!   test "a poor household" as of 2026-01-15
//!     given { desil: 4 }
//!     expect food eligible
//! "#)?;
//! let mut coverage = rules.coverage();
//! rules.run_tests_covered(&mut coverage);
//! let text = layak_testing::coverage::text(&coverage, Lang::En);
//! assert!(text.contains("criterion `poor`: never no, never unknown"), "{text}");
//! # Ok(())
//! # }
//! ```

pub mod coverage;
pub mod mutation;
pub mod sheets;
