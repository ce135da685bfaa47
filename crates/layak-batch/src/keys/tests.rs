//! Keys by row, and taken together.

use std::sync::Arc;

use arrow_array::{Int32Array, StringArray, StringViewArray};

use super::*;

#[test]
fn keys_are_texts_unless_they_are_numbers_written_plainly() {
    assert_eq!(Key::of_text("42"), Key::Int(42));
    assert_eq!(Key::of_text("042"), Key::Text("042".into()));
    assert_eq!(Key::of_text(""), Key::None);
    let texts = ["0", "-0", "00", "-1", "-01", "+1", " 1", "1 ", "-", "--1", "1a", "१", "-9223372036854775808"];
    for text in texts.into_iter().chain(["9223372036854775807", "9223372036854775808", "1000"]) {
        let told_back = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        assert_eq!(Key::of_text(text), told_back.map_or(Key::Text(text.into()), Key::Int), "{text}");
    }
    assert!(Key::of_text("9") < Key::of_text("10") && Key::of_text("10") < Key::of_text("1a"));
}

#[test]
fn rows_side_by_side_share_a_key() {
    let texts = ["1", "1", "b", "b", "", "", "1", "01"];
    let arrays: [ArrayRef; 2] =
        [Arc::new(StringArray::from(texts.to_vec())), Arc::new(StringViewArray::from(texts.to_vec()))];
    let run = |key, row, places| KeyRun { key, row, places };
    for array in &arrays {
        let keys = Keys::of(array, 11);
        assert_eq!((keys.len(), keys.is_empty()), (8, false));
        assert_eq!(keys.iter().cloned().collect::<Vec<_>>(), texts.map(Key::of_text));
        let runs = [
            run(Key::Int(1), 11, 0..2),
            run(Key::Text("b".into()), 13, 2..4),
            run(Key::None, 15, 4..6),
            run(Key::Int(1), 17, 6..7),
            run(Key::Text("01".into()), 18, 7..8),
        ];
        assert_eq!(keys.into_runs().collect::<Vec<_>>(), runs);
    }
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![Some(7), Some(7), None, Some(7)]));
    let keys: Vec<Key> = Keys::of(&numbers, 1).iter().cloned().collect();
    assert_eq!(keys, [Key::Int(7), Key::Int(7), Key::None, Key::Int(7)]);
}

#[test]
fn a_row_that_is_left_out_parts_two_runs() {
    let mut keys = Keys::default();
    for (key, row) in [("a", 1), ("a", 2), ("a", 4), ("b", 5)] {
        keys.push(Key::of_text(key), row);
    }
    let runs: Vec<_> = keys.into_runs().map(|run| (run.key.text(), run.row, run.places)).collect();
    let a = Some("a".to_owned());
    assert_eq!(runs, [(a.clone(), 1, 0..2), (a, 4, 2..3), (Some("b".to_owned()), 5, 3..4)]);
}
