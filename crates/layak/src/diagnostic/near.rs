//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest in spelling, if it is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A long word would make the search slow, and nobody mistypes one that long.
    if word.len() > 80 {
        return None;
    }
    let folded = word.trim().to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().filter(|c| c.len() <= 80) {
        let lower = candidate.to_lowercase();
        // A different case or separators alone are the nearest there is.
        let plain = |s: &str| s.replace(['_', '-', ' '], "");
        let distance = if plain(&lower) == plain(&folded) { 0 } else { strsim::osa_distance(&lower, &folded) };
        let limit = (folded.chars().count().max(lower.chars().count()) / 3).max(1);
        if distance <= limit && best.is_none_or(|(d, name)| (distance, candidate) < (d, name)) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found_or_none() {
        let names = ["motorbikes", "desil", "has_car", "died_on", "wage", "members", "birth_date"];
        for (word, want) in [
            ("motorbike", Some("motorbikes")),
            ("Desil", Some("desil")),
            ("hascar", Some("has_car")),
            ("dead_on", Some("died_on")),
            ("wages", Some("wage")),
            ("birthdate", Some("birth_date")),
            ("xyzzy_quux", None),
            ("note", None),
        ] {
            assert_eq!(nearest(word, names), want, "{word}");
        }
    }
}
