//! Versions in time: none may cover a day twice, none may leave a gap.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::{ActId, Period};
use crate::source::Span;
use crate::syntax::Validity;
use crate::value::Date;

use super::Builder;

pub(super) fn period(validity: &Validity) -> Period {
    Period { from: validity.from, until: validity.until, enacted: validity.enacted, ..Period::default() }
}

fn day_before(day: Date) -> Option<Date> {
    day.add_days(-1)
}

impl Builder<'_> {
    pub(super) fn check_period(&mut self, validity: &Validity) {
        if let (Some(from), Some(until), Some(span)) = (validity.from, validity.until, validity.span)
            && until < from
        {
            self.tell(
                Finding::error(
                    Code::PERIOD_REVERSED,
                    span,
                    phrase!("the period ends before it begins", "masa berlaku berakhir sebelum mulai"),
                )
                .help(phrase!(
                    "both ends belong to the period; write the earlier date first",
                    "kedua ujung termasuk; tulis tanggal yang lebih awal dahulu"
                )),
            );
        }
    }

    /// Ends an open version where the next begins, among those of the module and among those of each act. A version that was
    /// enacted later replaces others on the days it covers; among those of one enactment, an overlap or a gap is a finding.
    pub(super) fn settle_versions<T>(
        &mut self,
        name: &str,
        versions: &mut [T],
        get: impl Fn(&mut T) -> (&mut Period, Span, Option<ActId>),
    ) {
        let mut order: Vec<(Period, Span)> = Vec::with_capacity(versions.len());
        let mut of_act: BTreeMap<Option<ActId>, Vec<usize>> = BTreeMap::new();
        for (version, at) in versions.iter_mut().zip(0..) {
            let (period, span, act) = get(version);
            order.push((*period, span));
            of_act.entry(act).or_default().push(at);
        }
        for (act, index) in &mut of_act {
            index.sort_by_key(|i| order.get(*i).map(|(p, s)| (p.from, p.enacted, *s)));
            self.settle_one(name, &mut order, index, act.is_some());
            let end = act.and_then(|act| self.acts[act].period.until);
            for i in index {
                if let Some((period, _)) = order.get_mut(*i) {
                    period.until = period.until.or(end);
                }
            }
        }
        if of_act.keys().any(Option::is_some) {
            self.conflicts(name, &order, &of_act);
        }
        for (version, (settled, _)) in versions.iter_mut().zip(order) {
            *get(version).0 = settled;
        }
    }

    /// Of versions of equal rank that two acts, or an act and the module, have made, none may cover a day of another.
    fn conflicts(&mut self, name: &str, all: &[(Period, Span)], of_act: &BTreeMap<Option<ActId>, Vec<usize>>) {
        type Version = (Period, Span, Option<ActId>);
        let mut ranks: BTreeMap<(bool, Option<Date>), Vec<Version>> = BTreeMap::new();
        for (act, index) in of_act {
            for (period, span) in index.iter().filter_map(|i| all.get(*i)) {
                ranks.entry((period.proposed, period.enacted)).or_default().push((*period, *span, *act));
            }
        }
        for mut list in ranks.into_values() {
            list.sort_by_key(|(period, span, _)| (period.from, *span));
            let mut open: Vec<Version> = Vec::new();
            for version in list {
                let (period, span, act) = version;
                open.retain(|(other, ..)| other.until.is_none_or(|until| period.from.is_none_or(|from| from <= until)));
                let other =
                    open.iter().find(|(other, _, of)| *of != act && other.meets(&period) && !self.is_apart(*of, act));
                if let Some((_, other, of)) = other {
                    let (mine, theirs) = if act.is_some() { (span, *other) } else { (*other, span) };
                    let by =
                        of.and(act).map_or(phrase!("the version of the same date", "versi bertanggal sama"), |_| {
                            phrase!("the other act", "peraturan yang lain")
                        });
                    self.tell(
                        Finding::error(
                            Code::AMENDMENT_CONFLICT,
                            mine,
                            match period.enacted {
                                Some(day) => phrase!(
                                    "`{0}` is changed twice for the same days, with one date of enactment, {1}",
                                    "`{0}` diubah dua kali untuk hari yang sama, dengan satu tanggal pengundangan, {1}",
                                    name,
                                    day
                                ),
                                None => phrase!(
                                    "`{0}` is changed twice for the same days, by acts without a date of enactment",
                                    "`{0}` diubah dua kali untuk hari yang sama, oleh peraturan tanpa tanggal pengundangan",
                                    name
                                ),
                            },
                        )
                        .also(theirs, by)
                        .help(phrase!(
                            "say which is later by `enacted DATE`, or let one end before the other begins",
                            "nyatakan mana yang belakangan dengan `enacted` (`diundangkan`), atau akhiri satu sebelum yang lain mulai"
                        )),
                    );
                }
                open.push(version);
            }
        }
    }

    /// As `settle_versions`, for those of one origin, sorted. What an act leaves out is what was before: no gap.
    fn settle_one(&mut self, name: &str, order: &mut [(Period, Span)], sorted: &[usize], is_act: bool) {
        if sorted.len() > 1 {
            for (at, i) in sorted.iter().enumerate() {
                let Some((mine, span)) = order.get(*i).copied() else { continue };
                let next =
                    sorted.iter().skip(at + 1).filter_map(|j| order.get(*j)).find(|(p, _)| p.enacted <= mine.enacted);
                let Some((next, next_span)) = next.copied() else { continue };
                match (mine.until, next.from) {
                    (None, Some(from)) if mine.from.is_none_or(|f| f < from) => {
                        if let Some((period, _)) = order.get_mut(*i) {
                            period.until = day_before(from);
                        }
                    }
                    (Some(until), Some(from)) if until < from && is_act => {}
                    (Some(until), Some(from)) if until < from => {
                        let expected = until.add_days(1);
                        let covered = sorted
                            .iter()
                            .filter_map(|j| order.get(*j))
                            .any(|(p, _)| expected.is_some_and(|d| p.holds(d)));
                        if expected != Some(from) && !covered {
                            let (first, last) = (expected.unwrap_or(until), day_before(from).unwrap_or(from));
                            self.tell(
                                Finding::error(
                                    Code::VERSION_GAP,
                                    next_span,
                                    phrase!(
                                        "`{0}` has no version from {1} to {2}",
                                        "`{0}` tidak punya versi dari {1} sampai {2}",
                                        name,
                                        first,
                                        last
                                    ),
                                )
                                .also(span, phrase!("the version before", "versi sebelumnya"))
                                .help(phrase!(
                                    "let one version end the day before the next begins",
                                    "akhiri satu versi sehari sebelum versi berikutnya mulai"
                                )),
                            );
                        }
                    }
                    _ if mine.enacted == next.enacted => {
                        let day = next.from.or(mine.from);
                        let message = match day {
                            Some(day) => {
                                phrase!("two versions of `{0}` cover {1}", "dua versi `{0}` mencakup {1}", name, day)
                            }
                            None => phrase!(
                                "two versions of `{0}` cover the same days",
                                "dua versi `{0}` mencakup hari yang sama",
                                name
                            ),
                        };
                        self.tell(
                            Finding::error(Code::OVERLAPPING_VERSIONS, next_span, message)
                                .also(span, phrase!("the other version", "versi yang lain"))
                                .help(phrase!(
                                    "end the earlier with `until`, or say of the later since when it is known: `enacted DATE`",
                                    "akhiri yang lebih awal dengan `until` (`sampai`), atau nyatakan sejak kapan yang baru diketahui: `enacted` (`diundangkan`)"
                                )),
                        );
                    }
                    _ => {}
                }
            }
        }
    }
}
