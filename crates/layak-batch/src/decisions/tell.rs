//! Decisions into columns without putting each together first: what columns say of a household goes from column to column.

use layak::{Answer, BatchOutcome, TellRoom, Telling};

use super::{DecisionColumns, Entitlements, ProgrammeColumn};
use crate::Summary;
use crate::run::Household;
use crate::words::plain;

/// Room for one household, kept and used again.
#[derive(Debug, Default)]
pub(super) struct Room {
    tell: TellRoom,
    /// By output of the entitlement that is open: whether it was told.
    told: Vec<bool>,
    /// Its outputs that their columns cannot hold.
    others: Vec<(usize, String)>,
}

struct Teller<'c> {
    programmes: &'c mut [ProgrammeColumn],
    summary: &'c mut Summary,
    told: &'c mut Vec<bool>,
    others: &'c mut Vec<(usize, String)>,
    /// The programme of the entitlement that is open.
    open: Option<usize>,
}

impl DecisionColumns {
    /// Adds what a household came to, where columns alone say all of it, and counts it; whether they do. The same as
    /// [`add`](DecisionColumns::add) of its decision, which is never made.
    pub fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> bool {
        let DecisionColumns { line, id, programmes, room, .. } = self;
        let Room { tell, told, others } = room;
        let mut teller = Teller { programmes, summary, told, others, open: None };
        if !household.tell(tell, &mut teller) {
            return false;
        }
        teller.close();
        summary.households += 1;
        for programme in programmes {
            programme.known.append(true);
            if programme.is_of_members {
                programme.ends.push(programme.entitlements.len());
            }
        }
        line.append_value(i64::try_from(household.line()).unwrap_or(i64::MAX));
        id.append_option(household.key());
        self.findings.end();
        self.values.end();
        self.errors.end();
        true
    }
}

impl Teller<'_> {
    fn entitlements(&mut self) -> Option<&mut Entitlements> {
        self.programmes.get_mut(self.open?).map(|programme| &mut programme.entitlements)
    }

    /// Ends the entitlement that is open.
    fn close(&mut self) {
        let Some(programme) = self.open.take().and_then(|open| self.programmes.get_mut(open)) else { return };
        let one = &mut programme.entitlements;
        for ((_, column), _) in one.outputs.iter_mut().zip(self.told.iter()).filter(|(_, told)| !**told) {
            column.add_null();
        }
        // In the order of the columns.
        self.others.sort_by_key(|(output, _)| *output);
        for (output, text) in self.others.drain(..) {
            let name = one.outputs.get(output).map(|(name, _)| &**name);
            one.others.add(&[name, Some(&text)]);
        }
        one.others.end();
        one.bounds.end();
        one.reasons.append(true);
        one.missing.append(true);
        one.error.end();
    }
}

impl Telling for Teller<'_> {
    fn outcome(&mut self, programme: usize, member: Option<&str>, outcome: BatchOutcome) {
        self.close();
        self.open = Some(programme);
        let Some(of) = self.programmes.get_mut(programme) else { return };
        let (code, word) = match outcome {
            BatchOutcome::Eligible => (0, "eligible"),
            BatchOutcome::NotEligible => (1, "not_eligible"),
            _ => (2, "undetermined"),
        };
        self.summary.counted(&of.name, word, std::iter::empty());
        let one = &mut of.entitlements;
        if let Some(members) = &mut one.member {
            members.append_option(member);
        }
        one.outcome.push(code);
        self.told.clear();
        self.told.resize(one.outputs.len(), false);
    }

    fn output(&mut self, output: usize, answer: &Answer) {
        let Some(one) = self.entitlements() else { return };
        let Some((_, column)) = one.outputs.get_mut(output) else { return };
        let fits = column.add(answer);
        if let Some(told) = self.told.get_mut(output) {
            *told = true;
        }
        if !fits {
            self.others.push((output, plain(answer)));
        }
    }

    fn reason(&mut self, criterion: &str) {
        let Some(of) = self.open.and_then(|open| self.programmes.get_mut(open)) else { return };
        of.entitlements.reasons.values().append_value(criterion);
        self.summary.reason(&of.name, criterion);
    }
}
