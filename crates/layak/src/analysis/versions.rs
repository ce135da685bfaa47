//! Versions that no decision made on or after its day can use: another, enacted later, was known before the first
//! day of each of theirs; or the rule they belong to is not in force then.

use super::warning;
use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;
use crate::value::Date;

pub(super) fn analyse(program: &Program, found: &mut Vec<Finding>) {
    for parameter in program.parameters.values() {
        for value in &parameter.values {
            let periods: Vec<Period> = value.versions.iter().map(|v| v.period).collect();
            for (version, by) in superseded(&periods) {
                let (Some(version), Some(by)) = (value.versions.get(version), value.versions.get(by)) else { continue };
                // A row of a data table belongs to the declaration that names the table.
                let is_row = version.span.source != parameter.declared.span.source;
                let at = if is_row { parameter.declared.span } else { version.span };
                let mut finding = never(at, &parameter.declared.name, by.span);
                if is_row {
                    finding = finding.also(version.span, phrase!("this row", "baris ini"));
                }
                found.push(finding);
            }
        }
    }
    for definition in program.definitions.values() {
        let name = program.owned(definition.owner, &definition.declared.name);
        let versions: Vec<(Period, Span)> = definition.versions.iter().map(|v| (v.period, v.span)).collect();
        all(&name, &versions, found);
        for version in &definition.versions {
            for exception in &version.exceptions {
                if !meet(exception.period, version.period) {
                    let at = Span { start: exception.condition.start, ..exception.value };
                    found.push(out_of_time(at, &name, version.span));
                }
            }
        }
    }
    for programme in program.programmes.values() {
        let versions: Vec<(Period, Span)> = programme.versions.iter().map(|v| (v.period, v.span)).collect();
        all(&programme.declared.name, &versions, found);
    }
}

fn all(name: &str, versions: &[(Period, Span)], found: &mut Vec<Finding>) {
    let periods: Vec<Period> = versions.iter().map(|(period, _)| *period).collect();
    for (version, by) in superseded(&periods) {
        if let (Some((_, at)), Some((_, by))) = (versions.get(version), versions.get(by)) {
            found.push(never(*at, name, *by));
        }
    }
}

fn never(at: Span, name: &str, by: Span) -> Finding {
    out(
        at,
        phrase!(
            "this version of `{0}` never applies: what was enacted later replaces all of it",
            "versi `{0}` ini tidak pernah berlaku: yang diundangkan kemudian menggantikan seluruhnya",
            name
        ),
    )
    .also(by, phrase!("which replaces it", "yang menggantikannya"))
}

fn out_of_time(at: Span, name: &str, rule: Span) -> Finding {
    out(
        at,
        phrase!(
            "this exception to `{0}` never applies: the rule is not in force in its period",
            "pengecualian `{0}` ini tidak pernah berlaku: aturannya tidak berlaku pada masa itu",
            name
        ),
    )
    .also(rule, phrase!("the rule", "aturannya"))
}

fn out(at: Span, message: Phrase) -> Finding {
    warning(
        Code::NEVER_IN_FORCE,
        at,
        message,
        phrase!("remove it, or correct its dates", "hapus, atau betulkan tanggalnya"),
    )
}

fn meet(a: Period, b: Period) -> bool {
    let (from, until) = (a.from.max(b.from), [a.until, b.until].into_iter().flatten().min());
    from.zip(until).is_none_or(|(from, until)| from <= until)
}

/// The versions that are replaced wholly, each with one that replaces part of it. The cost is the square of the versions
/// that share days.
fn superseded(periods: &[Period]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    if periods.iter().all(|p| p.enacted.is_none()) {
        return out;
    }
    for (at, own) in periods.iter().enumerate() {
        let (mut open, last) = (own.from.unwrap_or(Date::MIN), own.until.unwrap_or(Date::MAX));
        // From when each of the others is in force and known.
        let mut others: Vec<(Date, Date, usize)> = periods
            .iter()
            .enumerate()
            .filter(|(_, other)| other.enacted > own.enacted)
            .filter_map(|(other, p)| {
                Some((p.from.unwrap_or(Date::MIN).max(p.enacted?), p.until.unwrap_or(Date::MAX), other))
            })
            .collect();
        others.sort();
        let mut by = None;
        for (from, until, other) in others {
            if from > open || open > last {
                break;
            }
            if until >= open {
                by = by.or(Some(other));
                match until.add_days(1) {
                    Some(next) => open = next,
                    None => {
                        out.extend(by.map(|by| (at, by)));
                        break;
                    }
                }
            }
        }
        if open > last {
            out.extend(by.map(|by| (at, by)));
        }
    }
    out
}
