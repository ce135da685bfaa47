//! Rules that do not fit together are refused, each fault by its code.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

use layak::{Lang, Limits, Ruleset, Severity, Sources};

const FACTS: &str = r#"module m
currency IDR
calendar leap_day march_1, month_end clip
enum Work { farmer, trader }
enum Level { low, high }
source office
source self unverified
entity Home root {
  id text key
  n integer 0..10
  x number
  cash money 0..
  rent money per month
  has_car boolean
  since date
  stay duration in days
  span duration
  work Work
  level Level
  left optional date
  place Place
  people list of Person 0..4
  amounts list of number
}
entity Place { region text  floor integer }
entity Person { nik text key  age integer  born date  wage money  ill boolean  mother optional link to Person }
parameter limit: integer from 2025-01-01: 4
parameter rate(work: Work): number from 2025-01-01: farmer => 1  trader => 2
define Person.grown = age >= 18
define twice(a: number) = a * 2
criterion poor when n <= limit
table offer first
| n   || amount: number | name: text |
| < 3 || 1              | "a"        |
| -   || 2              | "b"        |
programme aid requires poor gives amount = cash
"#;

/// The codes of the errors in what follows the facts, and all messages in both languages.
fn errors(body: &str) -> Vec<String> {
    let mut sources = Sources::new();
    sources.add("m.layak", format!("{FACTS}{body}\n"));
    sources.add(
        "other.layak",
        "module other\ndefine hidden = 1\nparameter key(a: integer): integer from 2025-01-01: 1 => 2",
    );
    match Ruleset::from_sources(&sources, Limits::default()) {
        Ok(_) => Vec::new(),
        Err(findings) => {
            assert!(!findings.to_json(Lang::Id).is_empty());
            findings.iter().filter(|f| f.severity() == Severity::Error).map(|f| f.code().to_string()).collect()
        }
    }
}

#[test]
fn each_fault_is_found_by_its_code() {
    let cases = [
        (r#"define v = nobody"#, "L0201"),
        (r#"define v = n.part"#, "L0301"),
        (r#"define v = place.nothing"#, "L0201"),
        (r#"define v = place.region.part"#, "L0301"),
        (r#"define v = people.nothing"#, "L0201"),
        (r#"define v = amounts.part"#, "L0201"),
        (r#"define v = work.farmer"#, "L0301"),
        (r#"define v = Work.clerk"#, "L0201"),
        (r#"define v = work = clerk"#, "L0201"),
        (r#"define v = offer.nothing"#, "L0201"),
        (r#"define v = other.hidden"#, "L0207"),
        (r#"define v = hidden"#, "L0207"),
        (r#"define v = other.nothing"#, "L0207"),
        (r#"define v = other.key(3)"#, "L0201"),
        (r#"define v = nothing.at_all"#, "L0201"),
        (r#"define v = nobody(3)"#, "L0201"),
        (r#"define v = n(3)"#, "L0209"),
        (r#"define v = poor(3)"#, "L0209"),
        (r#"define v = twice(1, 2)"#, "L0303"),
        (r#"define v = twice(yes)"#, "L0301"),
        (r#"define v = twice"#, "L0303"),
        (r#"define v = rate"#, "L0303"),
        (r#"define v = rate(farmer, trader)"#, "L0303 L0201 L0201"),
        (r#"define v = rate(low)"#, "L0201"),
        (r#"define v = rate(3)"#, "L0301"),
        (r#"define v = limit(3)"#, "L0303"),
        (r#"define v = cash + n"#, "L0302"),
        (r#"define v = cash + rent"#, "L0302"),
        (r#"define v = cash * cash"#, "L0302"),
        (r#"define v = n / cash"#, "L0302"),
        (r#"define v = rent / cash"#, "L0302"),
        (r#"define v = since + since"#, "L0301"),
        (r#"define v = since - n"#, "L0301"),
        (r#"define v = since + 3"#, "L0301"),
        (r#"define v = span < stay"#, "L0301"),
        (r#"define v = stay * cash"#, "L0301"),
        (r#"define v = has_car + 1"#, "L0301"),
        (r#"define v = -has_car"#, "L0301"),
        (r#"define v = -since"#, "L0301"),
        (r#"define v = not n"#, "L0301"),
        (r#"define v = n and has_car"#, "L0301"),
        (r#"define v = has_car or n"#, "L0301"),
        (r#"define v = n implies has_car"#, "L0301"),
        (r#"define v = has_car < yes"#, "L0301"),
        (r#"define v = work < trader"#, "L0201"),
        (r#"define v = work = low"#, "L0201"),
        (r#"define v = work = n"#, "L0301"),
        (r#"define v = since = n"#, "L0301"),
        (r#"define v = since < n"#, "L0301"),
        (r#"define v = people = people"#, "L0301"),
        (r#"define v = amounts < amounts"#, "L0301"),
        (r#"define v = offer = offer"#, "L0301"),
        (r#"define v = n in 1"#, "L0301"),
        (r#"define v = n in [1, yes]"#, "L0301"),
        (r#"define v = n in [farmer]"#, "L0201"),
        (r#"define v = n in since"#, "L0301"),
        (r#"define v = since in 1..3"#, "L0301 L0301"),
        (r#"define v = cash in 1..3"#, "L0302 L0302"),
        (r#"define v = work in [low]"#, "L0201"),
        (r#"define v = [1, yes]"#, "L0301"),
        (r#"define v = if n then 1 else 2"#, "L0301"),
        (r#"define v = if has_car then 1 else yes"#, "L0301"),
        (r#"define v = if has_car then cash else rent"#, "L0302"),
        (r#"define v = if has_car then people else amounts"#, "L0301"),
        (r#"define v = count(n)"#, "L0301"),
        (r#"define v = count()"#, "L0303"),
        (r#"define v = sum(people)"#, "L0301"),
        (r#"define v = sum(people.ill)"#, "L0301"),
        (r#"define v = sum(people.nik)"#, "L0301"),
        (r#"define v = max()"#, "L0303"),
        (r#"define v = max(people.ill)"#, "L0301"),
        (r#"define v = min(1, yes)"#, "L0301"),
        (r#"define v = average(people.born)"#, "L0301"),
        (r#"define v = any(amounts)"#, "L0301"),
        (r#"define v = any(1)"#, "L0301"),
        (r#"define v = every(people)"#, "L0301"),
        (r#"define v = none(people.age)"#, "L0301"),
        (r#"define v = first(n)"#, "L0301"),
        (r#"define v = top 3 of n"#, "L0301"),
        (r#"define v = top yes of amounts"#, "L0103"),
        // Values without an order, in a list that nothing sorts.
        (r#"define v = count(top 2 of people)"#, "L0301"),
        (r#"define v = count(top 2 of (people where ill))"#, "L0301"),
        (r#"define v = count(top 2 of people.ill)"#, "L0301"),
        (r#"define v = work in (top 2 of [work])"#, "L0301"),
        (r#"define v = count(if has_car then top 1 of people else people)"#, "L0301"),
        (r#"define v = people where age"#, "L0301"),
        (r#"define v = n where yes"#, "L0301"),
        (r#"define v = n each 1"#, "L0301"),
        (r#"define v = n sort by n"#, "L0301"),
        (r#"define v = people sort by nothing"#, "L0201"),
        (r#"define v = round(yes)"#, "L0301"),
        (r#"define v = round(n, to: yes)"#, "L0301"),
        (r#"define v = round(cash, to: rent)"#, "L0302"),
        (r#"define v = round(n, 1, 2)"#, "L0303"),
        (r#"define v = round(n, sideways)"#, "L0201"),
        (r#"define v = round()"#, "L0303"),
        (r#"define v = floor(cash, 1)"#, "L0303"),
        (r#"define v = abs(since)"#, "L0301"),
        (r#"define v = power(n)"#, "L0303"),
        (r#"define v = power(n, cash)"#, "L0302"),
        (r#"define v = remainder(n, cash)"#, "L0302"),
        (r#"define v = remainder(n, yes)"#, "L0301"),
        (r#"define v = remainder(since, n)"#, "L0301"),
        (r#"define v = assume(n)"#, "L0303"),
        (r#"define v = assume(n, yes)"#, "L0301"),
        (r#"define v = length(n)"#, "L0301"),
        (r#"define v = fold(n)"#, "L0301"),
        (r#"define v = date(n)"#, "L0301"),
        (r#"define v = year_of(n)"#, "L0301"),
        (r#"define v = first_day_of_month(n)"#, "L0301"),
        (r#"define v = years from n to as_of"#, "L0301"),
        (r#"define v = years from since to n"#, "L0301"),
        (r#"define v = n is none"#, "L0311"),
        (r#"define v = n or else 3"#, "L0311"),
        (r#"define v = left or else 3"#, "L0301"),
        (r#"define v = rent per day"#, "L0302"),
        (r#"define v = aid"#, "L0209"),
        (r#"define v = aid is elegible"#, "L0103"),
        (r#"define v = poor is eligible"#, "L0209"),
        (r#"define v = n is eligible"#, "L0209"),
        (r#"define v = aid.nothing"#, "L0201"),
        (r#"define v = Home"#, "L0201"),
        (r#"define v = Work"#, "L0201"),
        (r#"define v = office"#, "L0201"),
        (r#"define v: text = n"#, "L0301"),
        (r#"define v: integer = x"#, "L0301"),
        (r#"define v: money = n"#, "L0302"),
        (r#"define v: Work = low"#, "L0201"),
        (r#"define v: Nothing = n"#, "L0201"),
        (r#"define v: list of number = people"#, "L0301"),
        (r#"define n = 3"#, "L0202"),
        (r#"define poor = yes"#, "L0202"),
        (r#"define Nobody.v = 3"#, "L0201"),
        (r#"define Place.v = floor"#, "L0312"),
        (r#"define Work.v = 3"#, "L0201"),
        (r#"define v(a: number, a: number) = a"#, "L0202"),
        (r#"parameter p(a: Work, a: Work): integer from 2025-01-01: (farmer, farmer) => 1"#, "L0202"),
        (r#"criterion c when has_car except when has_car: no basis "a" basis "b""#, "L0117"),
        ("table t collect sum\n| n || s: text |\n| - || \"a\" |", "L0301"),
        ("table t collect max\n| n || s: boolean |\n| - || yes |", "L0301"),
        ("table t collect min\n| n || s: optional number |\n| - || none |", "L0301"),
        ("table t collect sum\n| n || s: number | m: date |\n| - || 1 | 2026-01-01 |", "L0301"),
        // No one value: the outputs of a table, a list, a record.
        (
            "table two first\n| n || a: number | b: number |\n| - || 1 | 2 |\nprogramme q requires poor gives x = two",
            "L0301",
        ),
        ("table two first\n| n || a: number | b: number |\n| - || 1 | 2 |\ndefine v = [two]", "L0301"),
        ("table two first\n| n || a: number | b: number |\n| - || 1 | 2 |\ndefine v = two is known", "L0301"),
        (
            "table two first\n| n || a: number | b: number |\n| - || 1 | 2 |\ndefine v = if has_car then two else two",
            "L0301 L0301",
        ),
        ("table t first\n| n || l |\n| - || people |", "L0301"),
        ("table t first else people\n| n || l: list of Person |\n| < 3 || people |", "L0301 L0301"),
        ("table t collect list\n| n || l |\n| - || amounts |", "L0301"),
        ("table t first\n| place || l: number |\n| - || 1 |", "L0301"),
        ("table t first\n| people || l: number |\n| - || 1 |", "L0301"),
        (r#"programme q requires poor gives x = people"#, "L0301"),
        (r#"programme q requires poor gives x = people each age"#, "L0301"),
        (r#"programme q requires poor gives x = place"#, "L0301"),
        (r#"define v = [people, people]"#, "L0301 L0301"),
        (r#"define v = [place]"#, "L0301"),
        (r#"define v = place"#, "L0301"),
        (r#"define v = people each place"#, "L0301"),
        (r#"define v = people is known"#, "L0301"),
        (r#"define v = place is unknown"#, "L0301"),
        (r#"define v = place = place"#, "L0301 L0301"),
        (r#"define v = if has_car then place else place"#, "L0301 L0301"),
        (
            r#"entity House { name text  own Room  others list of Room } entity Room { size number } define House.v = own is known"#,
            "L0301",
        ),
        (r#"define v = assume(amounts, [1])"#, "L0301 L0301"),
        (r#"define v(a: list of number) = sum(a)"#, "L0301"),
        (r#"define v(a: Place) = a.floor define w = v(place)"#, "L0301"),
        (r#"define v(a: Nothing) = a"#, "L0201"),
        (r#"define v(a: number) = v(a)"#, "L0401"),
        (r#"define v = w define w = v"#, "L0401"),
        (r#"define v = 1 define v = 2"#, "L0402"),
        (r#"define v from 2025-01-01 until 2024-01-01 = 1"#, "L0409"),
        (r#"define v = 1 except when n: 2"#, "L0301"),
        (r#"define v = 1 except when has_car: yes"#, "L0301"),
        (r#"define v = 1 except to nothing when has_car: 2"#, "L0220"),
        (r#"define v = 1 except a when has_car: 2 except a when ill: 3"#, "L0201"),
        (r#"define v = 1 except to a when has_car: 2"#, "L0220"),
        (r#"define v = 1 except a to b when has_car: 2 except b to a when has_car: 3"#, "L0320"),
        (r#"criterion c when n"#, "L0301"),
        (r#"criterion c when has_car when has_car"#, "L0117"),
        (r#"criterion c"#, "L0408"),
        (r#"criterion c when has_car otherwise "{nothing}""#, "L0201"),
        (r#"criterion c when has_car otherwise "{people}""#, "L0407"),
        (r#"criterion c when has_car otherwise "{n""#, "L0407"),
        (r#"criterion Nobody.c when has_car"#, "L0201"),
        (r#"criterion Place.c when yes"#, "L0312"),
        (r#"table t: number | n || t | | yes || 1 |"#, "L0301"),
        (r#"table t: number | n || t | | < yes || 1 |"#, "L0301"),
        (r#"table t: number | n || t | | 1 || yes |"#, "L0301"),
        (r#"table t: number | n | has_car || t | | 1 || 1 |"#, "L0406"),
        (r#"table t: number | n || t | | 1 || 1 | 2 |"#, "L0406"),
        (r#"table t: number | people || t | | 1 || 1 |"#, "L0301 L0301"),
        (r#"table t: number | work || t | | low || 1 |"#, "L0201"),
        (r#"table t: number | n || t | | unknown, 1..yes || 1 |"#, "L0103"),
        (r#"table t: number priority [1, yes] | n || t | | 1 || 1 |"#, "L0301 L0307"),
        (r#"table t: number first else yes | n || t | | 1 || 1 |"#, "L0301"),
        (r#"table t first else 1 | n || a: number | b: number | | 1 || 1 | 2 |"#, "L0406"),
        (r#"scale s of has_car: flat { 0.. => 1% }"#, "L0301"),
        (r#"scale s of n: flat { 0..yes => 1% }"#, "L0103"),
        (r#"scale s of n: flat { 0.. => yes }"#, "L0301"),
        (r#"scale s of n: marginal { 0..5 => 1% 4.. => 2% }"#, "L0331"),
        (r#"scale s of n: marginal { 0..5 => 1% 6.. => 2% }"#, "L0332"),
        (r#"scale s of n: flat { }"#, "L0330"),
        (r#"scale s of people: flat { 0.. => 1% }"#, "L0301"),
        (r#"scale s of cash: marginal { 0..5 => 1% }"#, "L0302 L0302"),
        (r#"programme p requires nothing"#, "L0201"),
        (r#"programme p requires n"#, "L0301"),
        (r#"programme p requires poor, poor"#, "L0202"),
        (r#"programme p requires grown"#, "L0201"),
        (r#"programme p requires poor refuses nothing"#, "L0201"),
        (r#"programme p requires poor excludes nothing"#, "L0201"),
        (r#"programme p requires poor excludes p"#, "L0401"),
        (r#"programme p for Nobody requires poor"#, "L0201"),
        (r#"programme p for Place requires poor"#, "L0312"),
        (r#"programme p requires poor gives a = nothing"#, "L0201"),
        (r#"programme p requires poor gives a = 1, a = 2"#, "L0202"),
        (r#"programme p requires poor gives a: text = 1"#, "L0301"),
        (r#"programme p from 2025-01-01 until 2024-01-01 requires poor"#, "L0409"),
        (r#"programme aid for Person requires grown"#, "L0402 L0201"),
        (r#"parameter p: integer from 2025-01-01: yes"#, "L0301"),
        (r#"parameter p: integer from 2025-01-01: 1.5"#, "L0301"),
        (r#"parameter p: integer from 2025-01-01: n"#, "L0201 L0307"),
        (r#"parameter p: integer from 2025-01-01: 1 from 2025-01-01: 2"#, "L0402"),
        (r#"parameter p: integer from 2025-01-01 until 2025-03-01: 1 from 2025-06-01: 2"#, "L0403"),
        (r#"parameter p: integer from 2025-01-01: farmer => 1"#, "L0303"),
        (r#"parameter p(a: Work): integer from 2025-01-01: 1"#, "L0303"),
        (r#"parameter p(a: Work): integer from 2025-01-01: low => 1"#, "L0201"),
        (r#"parameter p(a: Work): integer from 2025-01-01: farmer => 1 farmer => 2"#, "L0402"),
        (r#"parameter p(a: Work): integer from 2025-01-01: (farmer, low) => 1"#, "L0303"),
        (r#"parameter p(a: Home): integer from 2025-01-01: 1 => 1"#, "L0301"),
        (r#"parameter p: Home from 2025-01-01: 1"#, "L0301"),
        (r#"parameter p: integer from 2025-01-01: 1 default yes"#, "L0301"),
        (r#"parameter p: integer csv "nothing.csv""#, "L0405"),
        (r#"parameter p: integer csv "../m.csv""#, "L0410"),
        (r#"parameter limit: integer from 2025-01-01: 4"#, "L0203 L0202"),
        (r#"enum Work { a }"#, "L0202"),
        (r#"enum E { a, a }"#, "L0202"),
        (r#"enum E { a code "1", b code "1" }"#, "L0202"),
        (r#"enum E { }"#, "L0211"),
        (r#"entity Home { a text }"#, "L0202"),
        (r#"entity E { a nothing }"#, "L0201"),
        (r#"entity E { a text a text }"#, "L0202"),
        (r#"entity E { a text key b text key }"#, "L0210"),
        (r#"entity E { a integer 5..1 }"#, "L0309"),
        (r#"entity E { a boolean default 3 }"#, "L0301"),
        (r#"entity E { a integer 0..9 default 10 }"#, "L0309"),
        (r#"entity E { a money 0..<9 default 9 }"#, "L0309"),
        (r#"entity E { a optional integer 0..9 default none }"#, ""),
        (r#"entity E { a Work default low }"#, "L0201"),
        (r#"entity E { a text from nowhere }"#, "L0201"),
        (r#"entity E { a text from self must be verified }"#, "L0360"),
        (r#"entity E { a text must be verified }"#, "L0360"),
        (r#"entity E { a link to Nobody }"#, "L0201"),
        (r#"entity E { a E }"#, "L0212"),
        (r#"entity E { a list of E }"#, "L0212"),
        (r#"entity E { a text inverse b }"#, "L0341"),
        (r#"entity E { a text acyclic }"#, "L0341"),
        (r#"entity E { people list of Person fixed }"#, "L0361"),
        (r#"source office"#, "L0202"),
        (r#"source s fresh for 3"#, "L0103"),
        (r#"format F { }"#, "L0370"),
        (r#"format F { a digits 0 }"#, "L0370"),
        (r#"format F { a digits 2 5..100 }"#, "L0370"),
        (r#"format F { a digits 2 9..1 }"#, "L0370"),
        (r#"format F { a digits 2 a digits 3 }"#, "L0202"),
        (r#"format F { a text 2 1..3 }"#, "L0370"),
        (r#"define v: F = "a" format F { a digits 2 }"#, "L0371"),
        (r#"test "t" given { n: 3 } expect nothing eligible"#, "L0201"),
        (r#"test "t" given { n: 3 } expect aid eligible because nothing"#, "L0201"),
        (r#"test "t" given { n: 3 } expect n"#, "L0301"),
        (r#"test "t" given { n: 3 } expect aid.nothing = 3"#, "L0201"),
        (r#"test "t" given { n: 3 } expect aid.amount = 3"#, "L0302"),
        (r#"test "t" given { n: 3 } expect people[0].nothing = 3"#, "L0201"),
        (r#"test "t" given { n: 3 } expect n[0] = 3"#, "L0301"),
        (r#"property p"#, "L0350"),
        (r#"property p for all h: Nobody expect yes"#, "L0201"),
        (r#"property p for all h: Place expect yes"#, "L0350"),
        (r#"property p for all h: Home let g = i with { n: 1 } expect h.n = g.n"#, "L0201 L0201"),
        (r#"property p for all h: Home let g = h with { nothing: 1 } expect h.n = g.n"#, "L0201"),
        (r#"property p for all h: Home let g = h with { n: yes } expect h.n = g.n"#, "L0301"),
        (r#"property p for all h: Home let g = h with { people: 1 } expect h.n = g.n"#, "L0351"),
        (r#"property p for all h: Home let g = h with { n: 1, n: 2 } expect h.n = g.n"#, "L0202"),
        (r#"property p for all h: Home let h = h with { n: 1 } expect h.n = 1"#, "L0202"),
        (r#"property p for all h: Home expect n = 1"#, "L0201"),
        (r#"property p for all h: Home expect h.n"#, "L0301"),
        (r#"property p expect nothing always decided"#, "L0201"),
        (r#"property p expect poor always decided"#, "L0480"),
        (r#"property p expect more of nothing never adds aid"#, "L0201"),
        (r#"property p expect more of people never adds aid"#, "L0481"),
        (r#"property p expect more of work never adds aid"#, "L0481"),
        (r#"property p expect more of n never adds nothing"#, "L0201"),
        (r#"property p expect aid never together"#, "L0480"),
        (r#"property p expect aid.amount always in 3"#, "L0301"),
        (r#"property p expect aid.amount always in 1..2"#, "L0302 L0302"),
        (r#"property p expect aid.nothing always in 1..2"#, "L0201"),
        (r#"property p expect aid unchanged by order of n"#, "L0481"),
        (r#"property p expect aid unchanged by order of nothing"#, "L0201"),
        (r#"property p expect aid.amount never drops by over 3 when n moves by 1"#, "L0302"),
        (r#"property p expect aid.amount never drops by over IDR 3 when n moves by yes"#, "L0301"),
        (r#"property p expect aid.amount never drops by over IDR 3 when work moves by 1"#, "L0481"),
        (r#"amend nothing { }"#, "L0204"),
        (r#"amend m from 2025-01-01 { repeal nothing }"#, "L0230"),
        (r#"amend m from 2025-01-01 { replace define nothing = 3 }"#, "L0230"),
        (r#"amend m from 2025-01-01 { define poor = yes }"#, "L0231"),
        (r#"amend m from 2025-01-01 { replace criterion poor when n }"#, "L0234"),
        (r#"amend m from 2025-01-01 { parameter limit: number = 4 }"#, "L0234"),
        (r#"amend m from 2025-01-01 { parameter limit: integer = yes }"#, "L0301"),
        (r#"amend m from 2025-01-01 when n { parameter limit: integer = 3 }"#, "L0301"),
        (r#"amend m from 2025-01-01 { except in nothing when has_car: yes }"#, "L0230"),
        (r#"amend m from 2025-01-01 { except in poor when has_car: 3 }"#, "L0234"),
        (r#"amend m from 2025-01-01 { except in poor to nothing when has_car: yes }"#, "L0220"),
        (r#"amend m from 2026-01-01 until 2025-01-01 { parameter limit: integer = 3 }"#, "L0409"),
        (r#"use nothing"#, "L0204"),
        (r#"use other (nothing)"#, "L0201"),
        (r#"currency USD"#, "L0107"),
        (r#"calendar leap_day february_28, month_end clip"#, "L0107"),
        (r#"calendar leap_day never, month_end clip"#, "L0107"),
        (r#"calendar leap_day march_1"#, "L0107"),
        (r#"define v = 1 allow L9999 "why""#, "L0201"),
        (r#"module n"#, "L0107"),
        (r#"title "One" title "Two""#, "L0107"),
        (r#"language en language en"#, "L0107"),
        (r#"source pln entity E { a integer from pln, self, pln }"#, "L0117"),
        (r#"define v = 1 basis "a" basis "b""#, "L0117"),
        (r#"define v = 1 except when has_car: 2 priority 1 priority 2"#, "L0117"),
        (r#"criterion c "a" "b" when has_car"#, "L0103"),
        (r#"table t: number first unique | n || t | | 1 || 1 |"#, "L0117"),
        (r#"table t: number else 1 else 2 | n || t | | 1 || 1 |"#, "L0117"),
        (r#"programme p from 2025-01-01 until 2025-12-31 from 2026-01-01 requires poor"#, "L0117"),
        (r#"parameter p: integer from 2025-01-01: 1 default 2 default 3"#, "L0117"),
        (r#"entity E { a integer default 1 default 2 }"#, "L0117"),
        (r#"amend m from 2025-01-01 { replace criterion poor when has_car when yes }"#, "L0117"),
        (r#"property p for all h: Home for all g: Home expect h.has_car"#, "L0350"),
    ];
    let mut wrong = Vec::new();
    for (body, wanted) in cases {
        let found = errors(body).join(" ");
        if found != wanted {
            wrong.push(format!("{body}\u{1}{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_sorted_somewhere_has_a_top() {
    let fits = [
        "define v = count(top 2 of (people sort by age))",
        "define v = count(top 2 of (people sort by age descending where ill))",
        "define old = people sort by age descending define v = any(top 1 of (old where ill) each ill)",
        "define old = people sort by age descending define older = old where age > 60 define v = count(top 1 of older each ill)",
        "define old = if has_car then people sort by age else people sort by wage define v = count(top 1 of old)",
        "define v = sum(top 2 of amounts)",
        "define v = first(top 2 of people.born)",
        "define v = count(top 2 of people.nik)",
    ];
    for body in fits {
        assert!(errors(body).is_empty(), "{body} {:?}", errors(body));
    }
}

#[test]
fn a_type_that_is_nearly_one_is_named() {
    let findings = Ruleset::from_text(&format!("{FACTS}entity Pet {{ home Plce }}")).err().unwrap().to_string();
    assert!(findings.contains("no type `Plce`") && findings.contains("`Place`"), "{findings}");
}

#[test]
fn names_that_nothing_gives_a_meaning_are_told_wherever_they_stand() {
    let text = "define v = one\n  except when has_car: two\n  except when n > 3: if n > 4 then three else four";
    let findings = Ruleset::from_text(&format!("{FACTS}{text}\n")).err().unwrap();
    let told: Vec<String> = findings.iter().map(|f| f.message().in_lang(Lang::En).to_owned()).collect();
    for name in ["one", "two", "three", "four"] {
        assert!(told.iter().any(|message| message.contains(&format!("`{name}`"))), "{name}: {told:?}");
    }
}

#[test]
fn modules_that_use_each_other_are_told_where_they_do() {
    let told = |c: &str| {
        let mut sources = Sources::new();
        sources.add("a.layak", "module a\nuse b\nuse c\nentity Home { n integer }\ndefine two = 2\n");
        sources.add("b.layak", "module b\ndefine one = 1\n");
        sources.add("c.layak", format!("module c\n{c}\n"));
        let findings = Ruleset::from_sources(&sources, Limits::default()).err().unwrap().to_string();
        findings.lines().find(|line| line.contains("error[L0205]")).unwrap_or_default().to_owned()
    };
    let circle = "error[L0205]: modules import each other in a circle: a → c → a";
    assert_eq!(told("use b\nuse a"), format!("c.layak:3:5: {circle}"));
    let amend = |module: &str, name: &str| format!("amend {module} from 2025-01-01 {{ replace define {name} = 3 }}\n");
    assert_eq!(told(&(amend("b", "one") + &amend("a", "two"))), format!("c.layak:3:7: {circle}"));
}
