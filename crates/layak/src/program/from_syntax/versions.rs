//! Versions in time: none may cover a day twice, none may leave a gap.

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::Period;
use crate::source::Span;
use crate::syntax::Validity;
use crate::value::Date;

use super::Builder;

pub(super) fn period(validity: &Validity) -> Period {
    Period { from: validity.from, until: validity.until, enacted: validity.enacted }
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

    /// Sorts versions by their first day and ends an open one where the next begins. A version that was enacted later
    /// replaces others on the days it covers; among those of one enactment, an overlap or a gap is a finding.
    pub(super) fn settle_versions<T>(
        &mut self,
        name: &str,
        versions: &mut [T],
        get: impl Fn(&mut T) -> (&mut Period, Span),
    ) {
        let mut order: Vec<(Period, Span)> = versions
            .iter_mut()
            .map(|v| {
                let (period, span) = get(v);
                (*period, span)
            })
            .collect();
        if order.len() > 1 {
            let sorted = {
                let mut index: Vec<usize> = (0..order.len()).collect();
                index.sort_by_key(|i| order.get(*i).map(|(p, s)| (p.from, p.enacted, *s)));
                index
            };
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
        for (version, (settled, _)) in versions.iter_mut().zip(order) {
            *get(version).0 = settled;
        }
    }
}
