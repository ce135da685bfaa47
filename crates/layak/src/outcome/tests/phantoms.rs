//! Lists of which it is not known how long they are: `pets` has one to three, `people` none to four.

use super::*;

#[test]
fn an_unknown_list_has_as_many_as_its_range_allows() {
    assert_eq!(of("count(pets)", "{}"), whole("1", "3"));
    assert_eq!(of("count(people)", "{}"), whole("0", "4"));
    assert_eq!(of("count(people where age > 200)", "{}"), n("0"));
    assert_eq!(of("count(pets where legs >= 0)", "{}"), whole("1", "3"));
    assert_eq!(of("count(bills)", "{}"), whole("0", ""));
}

#[test]
fn sums_and_extremes_of_an_unknown_list() {
    assert_eq!(of("sum(pets.legs)", "{}"), whole("0", "24"));
    assert_eq!(of("sum(pets p each 2)", "{}"), whole("2", "6"));
    assert_eq!(of("max(pets.legs)", "{}"), whole("0", "8"));
    let average = of("average(pets.legs)", "{}");
    assert_eq!((average.low(), average.high(), &average.fault), (whole("0", "8").low(), whole("0", "8").high(), &None));
    let empty = of("max(people.age)", "{}");
    assert!(matches!(&empty.fault, Some(f) if matches!(f.kind, FaultKind::Empty { .. })));
    assert_eq!(of("max(people.age) or else 7", "{}"), whole("0", "120"));
}

#[test]
fn any_and_every_of_an_unknown_list() {
    assert_eq!(of("any(pets p each p.legs >= 0)", "{}"), yes(), "there is at least one");
    assert_eq!(of("any(people p each p.age >= 0)", "{}"), Possible::booleans(), "there may be none");
    assert_eq!(of("every(people p each p.age >= 0)", "{}"), yes());
    assert_eq!(of("any(people p each p.age > 120)", "{}"), no());
    assert_eq!(of("none(pets p each p.legs > 8)", "{}"), yes());
}

#[test]
fn the_greatest_of_an_unknown_list() {
    assert_eq!(of("sum(top 2 of pets.legs)", "{}"), whole("0", "16"));
    assert_eq!(of("count(top 2 of pets.legs)", "{}"), whole("1", "2"));
    assert_eq!(of("sum(top 2 of (people p each 3))", "{}"), whole("0", "6"));
    assert_eq!(of("sum(top n of (pets p each 3))", "{}"), whole("0", "9"));
}

#[test]
fn pairs_of_unknown_people() {
    assert_eq!(of("count(people p where any(people q where q.age > p.age))", "{}"), whole("0", "4"));
    assert_eq!(of("count(people p where any(people q where q.age > 120))", "{}"), n("0"));
}

#[test]
fn one_who_may_not_count_may_lower_the_greatest() {
    let people = r#"{"people":[{"id":"a","debt":5,"ill":true,"toys":[]},{"id":"b","debt":-5,"toys":[]}]}"#;
    assert_eq!(of("sum(top 2 of ((people p where p.ill) p each p.debt))", people), whole("0", "5"));
    assert_eq!(of("sum(top 1 of ((people p where p.ill) p each p.debt))", people), n("5"));
}
