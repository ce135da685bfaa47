//! Durations in words.

use super::Duration;

#[test]
fn durations_are_read_and_written_in_words() {
    for (text, want) in [
        ("18 years", "18 years"),
        ("1 year 6 months", "1 year 6 months"),
        ("2 weeks 1 day", "15 days"),
        ("0 days", "0 days"),
        ("12 months", "1 year"),
        ("-3 months", "-3 months"),
    ] {
        assert_eq!(text.parse::<Duration>().unwrap().to_string(), want);
    }
    for text in ["", "18", "years", "1.5 years", "99999999 days", "1 y", "--1 day"] {
        assert!(text.parse::<Duration>().is_err(), "{text}");
    }
}
