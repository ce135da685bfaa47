//! Four numbers a household, as other engines of data are asked for them: which criteria fail of two programmes, the amount of one, and how many
//! members a third takes.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use layak::{Answer, BatchOutcome, Decision, FactsError, Outcome, Plan, TellRoom, Telling};
use layak_batch::{BatchError, Encode, Household, Naming, ParquetFile, Portion, RunOptions, Summary};

use crate::files::Wrong;

/// By bit: the criterion that fails.
const CRITERIA: [&str; 12] = [
    "has_state_employee",
    "has_state_pensioner",
    "has_certified_teacher",
    "has_health_worker",
    "has_village_official",
    "has_company_owner",
    "has_wage_above_umk",
    "high_power",
    "excess_vehicle",
    "desil_within_pkh",
    "has_living_member",
    "has_pkh_component",
];
const AMOUNT: &str = "amount_per_year";

/// What a programme is asked for.
#[derive(Clone, Debug)]
enum Asked {
    /// The criteria that fail, by bit, in this column; and where its amount stands among its outputs.
    Household { column: usize, bits: Vec<i64>, amount: Option<usize> },
    /// How many members it takes.
    Members,
}

#[derive(Debug, Default)]
struct Told {
    failing: [Vec<i64>; 2],
    amount: Vec<i64>,
    insured: Vec<i64>,
    /// The programme that is told of.
    open: usize,
    before: usize,
}

/// The numbers of a portion.
struct Numbers {
    asked: Arc<Vec<Asked>>,
    ids: StringBuilder,
    told: Told,
    room: TellRoom,
}

fn bit(criterion: &str) -> i64 {
    let name = if criterion == "desil_within_sembako" { "desil_within_pkh" } else { criterion };
    CRITERIA.iter().position(|own| *own == name).map_or(0, |place| 1 << place)
}

fn asked(plan: &Plan) -> Vec<Asked> {
    let mut columns = 0..2;
    let of = |shape: layak::ProgrammeShape| match shape.is_of_members {
        true => Asked::Members,
        false => Asked::Household {
            column: columns.next().unwrap_or(0),
            bits: shape.reasons.iter().map(|reason| bit(reason)).collect(),
            amount: shape.outputs.iter().position(|(name, _)| &**name == AMOUNT),
        },
    };
    plan.programme_shapes().into_iter().map(of).collect()
}

struct Teller<'n> {
    asked: &'n [Asked],
    told: &'n mut Told,
}

impl Telling for Teller<'_> {
    fn programme(&mut self, programme: usize) {
        self.told.open = programme;
    }

    fn names_members(&self) -> bool {
        false
    }

    fn outcome(&mut self, household: usize, _: Option<&str>, outcome: BatchOutcome) {
        match self.asked.get(self.told.open) {
            Some(Asked::Household { column, amount, .. }) => {
                if let Some(failing) = self.told.failing.get_mut(*column) {
                    failing.push(0);
                }
                if amount.is_some() {
                    self.told.amount.push(0);
                }
            }
            Some(Asked::Members) if outcome == BatchOutcome::Eligible => {
                let at = self.told.before + household;
                self.told.insured.resize(self.told.insured.len().max(at + 1), 0);
                if let Some(insured) = self.told.insured.last_mut() {
                    *insured += 1;
                }
            }
            _ => {}
        }
    }

    fn output(&mut self, output: usize, answer: &Answer) {
        if let (Some(Asked::Household { amount: Some(amount), .. }), Answer::Number(number)) =
            (self.asked.get(self.told.open), answer)
            && *amount == output
            && let Some(told) = self.told.amount.last_mut()
        {
            *told = number.to_i64().unwrap_or(-1);
        }
    }

    fn reason(&mut self, reason: usize) {
        if let Some(Asked::Household { column, bits, .. }) = self.asked.get(self.told.open)
            && let Some(last) = self.told.failing.get_mut(*column).and_then(|failing| failing.last_mut())
        {
            *last |= bits.get(reason).copied().unwrap_or(0);
        }
    }
}

impl Encode for Numbers {
    type Out = RecordBatch;

    fn begin(&mut self, _: &Portion) {}

    fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> usize {
        let Numbers { asked, ids, told, room } = self;
        told.before = ids_len(ids);
        let count = household.tell(room, &mut Teller { asked, told });
        (0..count).for_each(|after| ids.append_option(household.key(after)));
        self.told.insured.resize(ids_len(&self.ids), 0);
        summary.households += count;
        count
    }

    fn add(&mut self, _: &Household<'_>, decision: &Result<Decision, FactsError>) {
        let decision = decision.as_ref().ok();
        self.ids.append_option(decision.and_then(Decision::id));
        let mut insured = 0;
        for (programme, asked) in decision.iter().flat_map(|d| d.programmes()).zip(self.asked.iter()) {
            for (_, one) in programme.entitlements() {
                match asked {
                    Asked::Household { column, amount, .. } => {
                        if let Some(failing) = self.told.failing.get_mut(*column) {
                            failing.push(one.reasons().iter().fold(0, |bits, reason| bits | bit(&reason.criterion)));
                        }
                        if amount.is_some() {
                            self.told.amount.push(match one.output(AMOUNT) {
                                Some(Answer::Number(number)) => number.to_i64().unwrap_or(-1),
                                _ => 0,
                            });
                        }
                    }
                    Asked::Members => insured += i64::from(matches!(one.outcome(), Outcome::Eligible)),
                }
            }
        }
        self.told.insured.push(insured);
    }

    fn end(&mut self) -> Result<RecordBatch, BatchError> {
        let numbers = |column: &mut Vec<i64>| Arc::new(Int64Array::from(std::mem::take(column))) as ArrayRef;
        let [pkh, sembako] = self.told.failing.each_mut().map(numbers);
        let columns = [
            ("id", Arc::new(self.ids.finish()) as ArrayRef),
            ("pkh", pkh),
            ("sembako", sembako),
            ("amount", numbers(&mut self.told.amount)),
            ("insured", numbers(&mut self.told.insured)),
        ];
        Ok(RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))?)
    }
}

fn ids_len(ids: &StringBuilder) -> usize {
    arrow_array::builder::ArrayBuilder::len(ids)
}

/// Decides a file into a Parquet file of these numbers; how many households there are.
///
/// # Errors
/// One of them cannot be read or written.
pub fn decide(plan: &Plan, from: &Path, to: &Path, threads: usize) -> Result<usize, Wrong> {
    let source = layak_batch::open(plan, from, &[], &Naming::default())?;
    let mut options = RunOptions::default();
    options.threads = threads;
    let asked = Arc::new(asked(plan));
    let encoder = || Numbers {
        asked: Arc::clone(&asked),
        ids: StringBuilder::new(),
        told: Told::default(),
        room: TellRoom::default(),
    };
    let schema = encoder().end()?.schema();
    let mut file = ParquetFile::new(BufWriter::with_capacity(1 << 18, File::create(to)?), &schema)?;
    let summary =
        layak_batch::run(plan, &options, source, encoder, |done| file.write(&done.out).map(ControlFlow::Continue))?;
    file.finish()?.flush()?;
    Ok(summary.households)
}
