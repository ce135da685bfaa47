//! Decisions into columns without putting each together first: what columns say of households goes from column to column.

use layak::{Answer, BatchOutcome, TellRoom, Telling};

use super::{DecisionColumns, OUTCOMES, ProgrammeColumn};
use crate::Summary;
use crate::run::Household;
use crate::words::plain;

/// Room for what is told, kept and used again.
#[derive(Debug, Default)]
pub(super) struct Room {
    tell: TellRoom,
    /// By programme.
    counts: Vec<Counts>,
}

/// How many entitlements of a programme have each outcome, and each reason of its shape.
#[derive(Debug, Default)]
struct Counts {
    outcomes: [usize; OUTCOMES.len()],
    reasons: Vec<usize>,
}

struct Teller<'c> {
    programmes: &'c mut [ProgrammeColumn],
    counts: &'c mut [Counts],
    /// How many households the columns have before.
    before: usize,
    /// The programme that is told of.
    open: usize,
}

impl DecisionColumns {
    /// Adds what a household and those that follow it came to, as far as columns alone say all of it, and counts them; how many these
    /// are. The same as [`add`](DecisionColumns::add) of their decisions, which are never made.
    pub fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> usize {
        let before = self.len();
        let DecisionColumns { line, id, programmes, room, .. } = self;
        let Room { tell, counts } = room;
        counts.resize_with(programmes.len(), Counts::default);
        for (counts, programme) in counts.iter_mut().zip(&*programmes) {
            counts.reasons.resize(programme.reasons.len(), 0);
        }
        let count = household.tell(tell, &mut Teller { programmes, counts, before, open: 0 });
        if count == 0 {
            return 0;
        }
        for (programme, counts) in programmes.iter_mut().zip(counts) {
            programme.known.append_n_non_nulls(count);
            if programme.is_of_members {
                programme.ends.until(before + count, programme.entitlements.len());
            }
            let outcomes = OUTCOMES.into_iter().zip(std::mem::take(&mut counts.outcomes));
            let reasons = programme.reasons.iter().map(|name| &**name).zip(counts.reasons.drain(..));
            summary.told(&programme.name, outcomes, reasons);
        }
        summary.households += count;
        for after in 0..count {
            line.append_value(i64::try_from(household.line() + after).unwrap_or(i64::MAX));
            id.append_option(household.key(after));
        }
        count
    }
}

impl Telling for Teller<'_> {
    fn programme(&mut self, programme: usize) {
        self.open = programme;
    }

    fn outcome(&mut self, household: usize, member: Option<&str>, outcome: BatchOutcome) {
        let (Some(of), Some(counts)) = (self.programmes.get_mut(self.open), self.counts.get_mut(self.open)) else {
            return;
        };
        let one = &mut of.entitlements;
        if of.is_of_members {
            of.ends.until(self.before + household, one.len());
        }
        let code: i8 = match outcome {
            BatchOutcome::Eligible => 0,
            BatchOutcome::NotEligible => 1,
            _ => 2,
        };
        if let Some(count) = counts.outcomes.get_mut(usize::from(code.unsigned_abs())) {
            *count += 1;
        }
        one.outcome.push(code);
        if let Some(members) = &mut one.member {
            members.append_option(member);
        }
        if outcome != BatchOutcome::Eligible {
            one.outputs.iter_mut().for_each(|(_, column)| column.add_null());
        }
    }

    fn output(&mut self, output: usize, answer: &Answer) {
        let Some(one) = self.programmes.get_mut(self.open).map(|of| &mut of.entitlements) else { return };
        let row = one.outcome.len().saturating_sub(1);
        let Some((name, column)) = one.outputs.get_mut(output) else { return };
        if !column.add(answer) {
            one.others.add(row, &[Some(&**name), Some(&plain(answer))]);
        }
    }

    fn reason(&mut self, reason: usize) {
        let (Some(of), Some(counts)) = (self.programmes.get_mut(self.open), self.counts.get_mut(self.open)) else {
            return;
        };
        let row = of.entitlements.outcome.len().saturating_sub(1);
        if let Some(name) = of.reasons.get(reason) {
            of.entitlements.reasons.add(row, name);
        }
        if let Some(count) = counts.reasons.get_mut(reason) {
            *count += 1;
        }
    }
}
