//! Values as each language writes them.

use super::*;

#[test]
fn numbers_and_dates_are_written_as_each_language_writes_them() {
    let n = |t: &str| t.parse::<Decimal>().unwrap();
    assert_eq!(money(Some("IDR"), &n("3000000"), Lang::Id), "Rp3.000.000");
    assert_eq!(money(Some("IDR"), &n("-3000000.5"), Lang::En), "-Rp3,000,000.5");
    assert_eq!(number(&n("999"), Lang::Id), "999");
    assert_eq!(number(&n("-1234567.25"), Lang::Id), "-1.234.567,25");
    assert_eq!(date_words("2026-01-31".parse().unwrap(), Lang::Id), "31 Januari 2026");
}
