//! The coverage as lcov has it: a line is hit where all that begins on it has been shown; each goal is a branch of its line.

use std::collections::BTreeMap;

use layak::{Coverage, CoverageItem};

/// The coverage in the lcov tracefile format, which editors and services read.
///
/// The count of a line is that of the goal shown least of those that stand on it; each goal is a branch, in the order of the
/// parts on the line.
pub fn lcov(coverage: &Coverage) -> String {
    let mut files: BTreeMap<&str, BTreeMap<usize, Vec<CoverageItem<'_>>>> = BTreeMap::new();
    for item in coverage.items() {
        let place = item.place();
        files.entry(&place.path).or_default().entry(place.line).or_default().push(item);
    }
    let mut out = String::new();
    for (path, lines) in files {
        out.push_str(&format!("TN:\nSF:{path}\n"));
        let (mut found, mut hit) = (0usize, 0usize);
        for (line, items) in &lines {
            for (block, item) in items.iter().enumerate() {
                for (branch, (_, times)) in item.goals().enumerate() {
                    let taken =
                        if item.goals().all(|(_, times)| times == 0) { "-".to_owned() } else { times.to_string() };
                    out.push_str(&format!("BRDA:{line},{block},{branch},{taken}\n"));
                    found = found.saturating_add(1);
                    hit = hit.saturating_add(usize::from(times > 0));
                }
            }
        }
        out.push_str(&format!("BRF:{found}\nBRH:{hit}\n"));
        let counts: Vec<(usize, u64)> = lines
            .iter()
            .map(|(line, items)| {
                let least = items.iter().flat_map(CoverageItem::goals).map(|(_, times)| times).min();
                (*line, least.unwrap_or(0))
            })
            .collect();
        counts.iter().for_each(|(line, times)| out.push_str(&format!("DA:{line},{times}\n")));
        let hit = counts.iter().filter(|(_, times)| *times > 0).map(|_| 1usize).sum::<usize>();
        out.push_str(&format!("LF:{}\nLH:{hit}\nend_of_record\n", counts.len()));
    }
    out
}
