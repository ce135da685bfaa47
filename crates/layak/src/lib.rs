//! Layak decides who may receive what: rules of social assistance, written as the regulation reads, compiled to a decision
//! graph that answers for one household or for millions, exactly, with its reasons, and says what it still needs to know.
//!
//! Rules are compiled once into a [`Ruleset`], specialised to a date as a [`Plan`], and decide [`Facts`] from then on:
//! nothing is global, nothing fails by panic, every error is typed.

#![forbid(unsafe_code)]

mod analysis;
mod arena;
mod changes;
mod columns;
mod diagnostic;
mod diff;
mod facts;
#[cfg(feature = "files")]
mod files;
mod fingerprint;
mod graph;
mod interview;
mod layout;
mod limits;
mod outcome;
mod program;
mod record;
mod report;
mod ruleset;
mod source;
mod syntax;
mod testing;
mod value;

pub use changes::{Changes, FactChange, InTime, ProgrammeChanges, Threshold, Way};
pub use columns::{
    Batch, BatchForm, BatchOutcome, Bitmap, Codes, Column, ColumnError, Decided, FactKind, FactShape,
    HouseholdDecision, Households, ProgrammeShape, TellRoom, Telling, Values,
};
pub use diagnostic::{Code, CodePage, Finding, Findings, Phrase, Severity};
pub use diff::{Affected, Change, ChangeKind, DeclarationName, Detail, Diff};
pub use facts::{FactError, FactsError};
#[cfg(feature = "files")]
pub use files::LoadError;
pub use interview::{Choice, Interview, InterviewState, Question, QuestionKind, RestoreError};
pub use layout::format;
pub use limits::Limits;
pub use record::{
    Difference, PaidAmount, PaidTotal, PaidTotals, Record, RecordError, Recorded, Redecision, Replay, Replayer,
};
pub use report::{
    AmendedRule, Answer, Decision, DecisionJson, Entitlement, ExceptionsFormat, FactFinding, FactFindingKind, Failure,
    GraphFormat, Missing, Outcome, ProgrammeDecision, Reason, ReasonKind,
};
pub use ruleset::{Explanation, Facts, Package, Plan, PlanOptions, Reader, Ruleset, Sources, UnknownName};
pub use source::{Place, Source, SourceId, SourceMap, Span};
pub use syntax::Lang;
pub use testing::{
    CaseColumn, CaseColumnKind, CaseDifference, CaseResult, Cases, Counterexample, Coverage, CoverageGoal,
    CoverageItem, CoverageKind, EquivalenceProof, GeneratedCases, HouseholdKind, HouseholdMaker, MadeHousehold, Mutant,
    MutantKind, PropertyHousehold, PropertyOptions, PropertyResult, Telltale, TestResult,
};
pub use value::{Calendar, Date, Decimal, Duration, ParseDateError, ParseDecimalError, ParseDurationError, Rounding};

/// The README's programs run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
