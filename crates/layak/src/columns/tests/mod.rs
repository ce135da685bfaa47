//! Households as columns are decided as they are one by one: the same bytes, faults of facts and all.
#![allow(clippy::disallowed_methods)]

mod grown;
mod parity;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::*;
use crate::program::{Range as Allowed, Type};
use crate::value::{Date, Value};
use crate::{Answer, Lang, Ruleset};

/// A small generator of numbers, the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn is_one_in(&mut self, n: u64) -> bool {
        n > 0 && self.below(n) == 0
    }
}

/// How households are made up: how often a fact is not known, and how often it is not as asked; one in so many, or never.
#[derive(Clone, Copy)]
struct Gaps {
    unknown: u64,
    wrong: u64,
}

fn object(c: &mut Chance, program: &Program, entity: EntityId, gaps: Gaps, keys: &mut u64) -> Json {
    let mut out = Map::new();
    for (index, field) in program.entities[entity].own_fields() {
        let is_key = program.entities[entity].key == Some(index);
        let value = match &field.shape {
            FieldShape::List { .. } if c.is_one_in(gaps.unknown * 4) => Json::Null,
            FieldShape::List { item, least, most } => {
                let most = most.unwrap_or(5).min(5);
                let mut count = least + c.below((most - least + 1) as u64) as usize;
                if c.is_one_in(gaps.wrong * 4) {
                    count += 4;
                }
                let is_scalar = program.entities[*item].is_scalar_item;
                (0..count)
                    .map(|_| match object(c, program, *item, gaps, keys) {
                        Json::Object(one) if is_scalar => one.into_iter().next().unwrap().1,
                        other => other,
                    })
                    .collect()
            }
            FieldShape::Record { entity, .. } => object(c, program, *entity, gaps, keys),
            FieldShape::Scalar { ty, range, .. } => {
                let unknown = if is_key { gaps.wrong * 4 } else { gaps.unknown };
                let is_none = matches!(ty, Type::Optional(_)) && c.below(3) == 0;
                if is_none || c.is_one_in(unknown) {
                    Json::Null
                } else if is_key {
                    *keys += u64::from(!c.is_one_in(gaps.wrong * 4));
                    json!(keys.to_string())
                } else if field.format.is_some() {
                    let most = if c.is_one_in(gaps.wrong) { 1_500 } else { 900 };
                    let serial = 1 + c.below(most);
                    json!(format!("A{serial:03}"))
                } else {
                    scalar(c, program, ty, range, gaps.wrong)
                }
            }
        };
        out.insert(field.name.to_string(), value);
    }
    Json::Object(out)
}

fn scalar(c: &mut Chance, program: &Program, ty: &Type, range: &Allowed, wrong: u64) -> Json {
    match ty.required() {
        Type::Boolean => json!(c.below(2) == 0),
        Type::Number(q) => {
            let end = |end: &Option<Value>| if let Some(Value::Number(n)) = end { n.to_i64() } else { None };
            let low = end(&range.low).unwrap_or(-20);
            let wide = [2, 30, 3_000, 9_000_000, 4_000_000_000_000_000_000]
                [if c.below(50) == 0 { 4 } else { c.below(4) as usize }];
            let high = end(&range.high).unwrap_or(low + wide).max(low);
            let mut n = low + c.below((high - low) as u64 + 1) as i64;
            if c.is_one_in(wrong) {
                n = if c.below(2) == 0 { low - 1 } else { high.saturating_add(1) };
            }
            let part = if q.whole && !c.is_one_in(wrong) {
                ""
            } else {
                ["", ".5", ".25", ".00001"][if c.below(50) == 0 { 3 } else { c.below(3) as usize }]
            };
            json!(format!("{n}{part}"))
        }
        Type::Date => {
            let days = [0, 1, 2_193, 2_194, 6_574, 7_670, 21_915][c.below(7) as usize] + c.below(3) as i64;
            let from: Date = "2026-02-16".parse().unwrap();
            json!(from.add_days(-days - if c.is_one_in(wrong) { 600_000 } else { 0 }).unwrap().to_string())
        }
        Type::Text => json!(
            ["35.10", "35.78", "35.78", "elsewhere", "Ünna", ""]
                [if c.below(20) == 0 { 3 + c.below(3) as usize } else { c.below(3) as usize }]
        ),
        Type::Enum(id) => {
            let members = &program.enums[*id].members;
            if c.is_one_in(wrong) {
                json!("nothing")
            } else {
                json!(&*members[c.below(members.len() as u64) as usize].name)
            }
        }
        other => panic!("{other:?}"),
    }
}

/// Columns that own what they hold.
#[derive(Default)]
struct Owned {
    lists: Vec<(String, Vec<i32>, Vec<bool>)>,
    columns: BTreeMap<String, (Type, Vec<Json>)>,
}

impl Owned {
    fn of(program: &Program, homes: &[Json]) -> Owned {
        let mut out = Owned::default();
        out.add(program, program.root, "", &homes.iter().collect::<Vec<_>>());
        out
    }

    fn add(&mut self, program: &Program, entity: EntityId, path: &str, elements: &[&Json]) {
        for (_, field) in program.entities[entity].own_fields() {
            let name = if path.is_empty() { field.name.to_string() } else { format!("{path}.{}", field.name) };
            let values: Vec<&Json> = elements.iter().map(|e| e.get(&*field.name).unwrap_or(&Json::Null)).collect();
            match &field.shape {
                FieldShape::Record { entity, .. } => self.add(program, *entity, &name, &values),
                FieldShape::Scalar { ty, .. } => {
                    self.columns.insert(name, (ty.clone(), values.into_iter().cloned().collect()));
                }
                FieldShape::List { item, .. } => {
                    let mut end = 7;
                    let counts = values.iter().map(|v| v.as_array().map_or(0, Vec::len) as i32);
                    let offsets = std::iter::once(7)
                        .chain(counts.map(|n| {
                            end += n;
                            end
                        }))
                        .collect();
                    self.lists.push((name.clone(), offsets, values.iter().map(|v| v.is_array()).collect()));
                    // What stands before the first offset is nobody's.
                    let nobody = std::iter::repeat_n(&Json::Null, 7);
                    let items: Vec<&Json> =
                        nobody.chain(values.iter().filter_map(|v| v.as_array()).flatten()).collect();
                    if program.entities[*item].is_scalar_item {
                        let FieldShape::Scalar { ty, .. } = &program.entities[*item].fields[0].shape else { panic!() };
                        self.columns.insert(format!("{name}[]"), (ty.clone(), items.into_iter().cloned().collect()));
                    } else {
                        self.add(program, *item, &name, &items);
                    }
                }
            }
        }
    }
}

/// The bytes of a bitmap, of which the first bit is the fourth, and how many bits it has.
type Bytes = (Vec<u8>, usize);

fn bitmap(bits: impl Iterator<Item = bool>) -> Bytes {
    let bits: Vec<bool> = [false; 3].into_iter().chain(bits).collect();
    let bytes = bits.chunks(8).map(|c| c.iter().rev().fold(0, |b, bit| b << 1 | u8::from(*bit))).collect();
    (bytes, bits.len() - 3)
}

enum Held {
    Bits(Vec<u8>, usize),
    Longs(Vec<i64>, u32),
    Ints(Vec<i32>),
    Decimals(Vec<i128>, u32),
    Days(Vec<i32>),
    Texts(Vec<i32>, String),
    Bytes(Vec<u8>, Vec<String>),
    Codes(Vec<i32>, Vec<String>),
}

/// What a column holds, in one of the ways in which it can; junk stands where nothing is known.
fn held(c: &mut Chance, ty: &Type, values: &[Json]) -> Held {
    let text = |v: &Json| v.as_str().unwrap_or("junk").to_owned();
    match ty.required() {
        Type::Boolean => {
            let (bytes, len) = bitmap(values.iter().map(|v| v.as_bool().unwrap_or(true)));
            return Held::Bits(bytes, len);
        }
        Type::Number(_) if c.below(4) > 0 => {
            let scaled = |v: &Json, scale: u32| {
                v.as_str().map_or(Some(-77), |t| t.parse::<crate::Decimal>().unwrap().to_scaled_i64(scale))
            };
            let scale = (0..6).find(|scale| values.iter().all(|v| scaled(v, *scale).is_some()));
            if let Some(scale) = scale {
                let longs: Vec<i64> = values.iter().map(|v| scaled(v, scale).unwrap()).collect();
                if scale == 0 && longs.iter().all(|n| i32::try_from(*n).is_ok()) && c.below(2) == 0 {
                    return Held::Ints(longs.iter().map(|n| *n as i32).collect());
                }
                return if c.below(2) == 0 {
                    Held::Longs(longs, scale)
                } else {
                    Held::Decimals(longs.into_iter().map(|n| i128::from(n) * 10).collect(), scale + 1)
                };
            }
        }
        Type::Date if c.below(3) > 0 => {
            let day = |v: &Json| v.as_str().map_or(i32::MIN, |t| t.parse::<Date>().unwrap().ordinal() - rows::EPOCH);
            return Held::Days(values.iter().map(day).collect());
        }
        _ => {}
    }
    if c.below(3) == 0 {
        let mut offsets = vec![0];
        let mut all = String::new();
        for value in values {
            all.push_str(&text(value));
            offsets.push(all.len() as i32);
        }
        return Held::Texts(offsets, all);
    }
    let mut dictionary: Vec<String> = values.iter().map(text).collect();
    dictionary.sort();
    dictionary.dedup();
    let codes = values.iter().map(|v| dictionary.binary_search(&text(v)).unwrap());
    if dictionary.len() < 256 && c.below(2) == 0 {
        Held::Bytes(codes.map(|n| n as u8).collect(), dictionary)
    } else {
        Held::Codes(codes.map(|n| n as i32).collect(), dictionary)
    }
}

/// Holds columns to single households.
fn agree(plan: &Plan, homes: &[Json], c: &mut Chance) -> Told {
    let program = plan.program();
    let owned = Owned::of(program, homes);
    let known_lists: Vec<(Vec<u8>, usize)> =
        owned.lists.iter().map(|(_, _, known)| bitmap(known.iter().copied())).collect();
    let helds: Vec<(&String, Held, Bytes)> = owned
        .columns
        .iter()
        .map(|(name, (ty, values))| (name, held(c, ty, values), bitmap(values.iter().map(|v| !v.is_null()))))
        .collect();
    let dictionaries: Vec<Vec<&str>> = helds
        .iter()
        .map(|(_, held, _)| match held {
            Held::Bytes(_, texts) | Held::Codes(_, texts) => texts.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        })
        .collect();
    let mut households = Households::new(plan, homes.len());
    for ((name, offsets, known), (bytes, len)) in owned.lists.iter().zip(&known_lists) {
        let known = known.iter().any(|k| !k).then(|| Bitmap::new(bytes, 3, *len).unwrap());
        households.list(name, offsets, known).unwrap();
    }
    for ((name, held, (bytes, len)), texts) in helds.iter().zip(&dictionaries) {
        let values = match held {
            Held::Bits(bytes, len) => Values::Booleans(Bitmap::new(bytes, 3, *len).unwrap()),
            Held::Longs(values, scale) => Values::Longs { values, scale: *scale },
            Held::Ints(values) => Values::Ints { values, scale: 0 },
            Held::Decimals(values, scale) => Values::Decimals { values, scale: *scale },
            Held::Days(days) => Values::Days(days),
            Held::Texts(offsets, text) => Values::Texts { offsets, text },
            Held::Bytes(codes, _) => Values::Codes { codes: Codes::Bytes(codes), texts },
            Held::Codes(codes, _) => Values::Codes { codes: Codes::Ints(codes), texts },
        };
        let column = Column::new(values).known(Bitmap::new(bytes, 3, *len).unwrap());
        households.column(name, column).unwrap_or_else(|e| panic!("{e}"));
    }
    let mut batch = Batch::new(&households);
    let (mut columnar, mut others, mut settled) = (0, 0, 0);
    let mut start = 0;
    while start < homes.len() {
        let end = (start + 1 + c.below(200) as usize).min(homes.len());
        let decided = batch.decide(start..end);
        for (home, facts) in homes[start..end].iter().enumerate() {
            let single = plan.facts_from_json(facts.to_string().as_bytes()).map(|facts| plan.decide(&facts));
            let told = |d: &HouseholdDecision| match d {
                Ok(decision) => serde_json::to_string(&decision.to_json(None, Lang::En)).unwrap(),
                Err(errors) => errors.to_string(),
            };
            assert_eq!(told(&decided.decision(home)), told(&single), "{facts}");
            settled += outcomes_agree(plan, &decided, home, &single, facts);
            if decided.is_columnar(home) {
                columnar += 1;
                assert!(single.is_ok(), "{facts}");
                for programme in single.unwrap().programmes() {
                    if let Some(outcome) = programme.outcome() {
                        let wanted = Some(outcome == crate::Outcome::Eligible);
                        assert_eq!(decided.is_eligible(programme.name(), home), wanted);
                    }
                }
            } else {
                others += 1;
            }
        }
        start = end;
    }
    Told { columnar, others, settled }
}

/// How many households were decided by columns, how many were not, and of how many of these columns told all outcomes.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    columnar: usize,
    others: usize,
    settled: usize,
}

/// Holds outcomes and bounds that columns tell to the decision: 1 where they tell every outcome and the decision is not by columns.
fn outcomes_agree(
    plan: &Plan,
    decided: &Decided<'_, '_>,
    home: usize,
    single: &HouseholdDecision,
    facts: &Json,
) -> usize {
    let program = plan.program();
    let mut all = true;
    for root in &plan.plan_graph().programmes {
        let programme = &program.programmes[root.programme];
        let name = &*programme.declared.name;
        let told: Vec<Option<BatchOutcome>> = decided.outcomes(name, home).collect();
        all &= told.iter().all(Option::is_some);
        let Ok(single) = single else {
            assert!(told.iter().all(Option::is_none), "{facts}");
            continue;
        };
        let single = single.programme(name).unwrap();
        let wanted: Vec<&crate::Entitlement> = match single.entitlement() {
            Some(one) => vec![one],
            None => single.members().map(|(_, one)| one).collect(),
        };
        if told.iter().any(Option::is_some) {
            assert_eq!(told.len(), wanted.len(), "{facts}");
        }
        for (told, wanted) in told.iter().zip(&wanted) {
            let outcome = match wanted.outcome() {
                crate::Outcome::Eligible => BatchOutcome::Eligible,
                crate::Outcome::NotEligible => BatchOutcome::NotEligible,
                crate::Outcome::Undetermined(_) => BatchOutcome::Undetermined,
                crate::Outcome::Error(error) => {
                    assert_eq!(*told, None, "{name}: {error:?} {facts}");
                    continue;
                }
            };
            assert!(told.is_none_or(|told| told == outcome), "{name} is {outcome:?}, not {told:?}: {facts}");
        }
        for output in &programme.outputs {
            let told: Vec<_> = decided.bounds(name, &output.name, home).collect();
            for (told, wanted) in told.iter().zip(&wanted) {
                let Some((low, high)) = told else { continue };
                let known = wanted.output(&output.name).map(|answer| (answer.clone(), answer.clone()));
                let wanted = known.or_else(|| {
                    wanted
                        .bounds()
                        .find(|(n, _)| *n == &*output.name)
                        .map(|(_, (low, high))| (low.clone(), high.clone()))
                });
                let none = |(low, high): (Answer, Answer)| {
                    if low == Answer::None { (Answer::Unknown, Answer::Unknown) } else { (low, high) }
                };
                assert_eq!(Some((low.clone(), high.clone())), wanted.map(none), "{name}.{}: {facts}", output.name);
            }
        }
    }
    usize::from(all && !decided.is_columnar(home))
}

/// A schema with facts of every kind that columns hold.
const KINDS: &str = "module kinds
calendar leap_day march_1, month_end clip
currency IDR
enum Colour { red, green, blue code \"3\" }
enum Size { small, large }
format Card \"Card\" {
  office text 1
  serial digits 3 1..900
}
entity Home {
  id text key
  area text
  rooms integer 0..40
  land number 0..
  income money
  since optional date
  tint optional Colour
  has_car boolean
  paid boolean default no
  debt money default IDR 5
  place Place
  hours list of integer 0..24
  people list of Person 0..7
}
entity Place { street text  floor integer 0..  lit boolean }
entity Person {
  nik text key
  born date 1900-01-01..
  died optional date default none
  colour Colour
  size Size default large
  wage money 0..
  share number
  rank integer -3..3
  works boolean
  card Card
  note text
}
parameter least(area: text): money
  from 2020-01-01: \"35.10\" => IDR 900  \"35.78\" => IDR 4_000_000
parameter weight(c: Colour, s: Size): number
  from 2020-01-01:
    (red, small) => 1.5
    (red, large) => 2
    (green, small) => 0.25
    (blue, large) => 3
define Person.age = years from born to as_of
define Person.living = died is none or died > as_of
define Person.points = if works then rank * 3 else if colour = red then 2 else rank
define Person.part = wage * share
define earned = sum(people where living each wage)
define best = max(people where works each rank) or else 0
define total = income + earned - debt
define spread = land * 2 + rooms
criterion Person.grown when age >= 18
criterion Person.warm when colour in [red, blue] otherwise \"{colour} {note}\"
criterion Person.ranked when points > best - 2
criterion many_rooms when rooms > 3 or place.floor >= 2 and place.lit
criterion poor when total < IDR 3_000_000 otherwise \"{total} of {earned}\"
criterion some_worker when any(people where works and living)
criterion long_hours when sum(hours) > 30
criterion no_dear when none(people where living each part > IDR 9_000)
criterion in_time when since is none or since > 2020-01-01
criterion of_area when area = \"35.10\" or area = \"35.78\"
criterion greenish when tint = green
criterion wealthy when income >= least(area) otherwise \"{least(area)}\"
criterion owing when paid and debt > IDR 5
programme house requires poor, in_time, some_worker refuses many_rooms, wealthy
  gives amount = max(IDR 0, total * 0.5), crowd = count(people where living), tint = tint
programme wide requires long_hours or_else refuses owing, has_car_is gives land = spread
programme help for Person requires grown, warm, poor refuses ranked gives amount = part + IDR 1, age = age, weight = weight(colour, size)
programme area requires of_area, no_dear, greenish gives since = since
";

fn kinds() -> Ruleset {
    let text = KINDS.replace("long_hours or_else", "long_hours").replace(", has_car_is", ", driven")
        + "criterion driven when has_car\n";
    Ruleset::from_text(&text).unwrap_or_else(|e| panic!("{e}"))
}

fn bansos() -> Ruleset {
    Ruleset::from_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/bansos")).unwrap()
}

fn made_up(rules: &Ruleset, seed: u64, rounds: usize) -> [Told; 3] {
    let plan = rules.as_of("2026-02-15".parse().unwrap());
    let c = &mut Chance(seed | 1);
    let all = [Gaps { unknown: 0, wrong: 0 }, Gaps { unknown: 30, wrong: 0 }, Gaps { unknown: 40, wrong: 40 }];
    all.map(|gaps| {
        let mut sum = Told::default();
        for _ in 0..rounds {
            let mut keys = 0;
            let count = 1 + c.below(300) as usize;
            let homes: Vec<Json> =
                (0..count).map(|_| object(c, plan.program(), plan.program().root, gaps, &mut keys)).collect();
            let told = agree(&plan, &homes, c);
            sum.columnar += told.columnar;
            sum.others += told.others;
            sum.settled += told.settled;
        }
        sum
    })
}

#[test]
fn columns_and_single_households_agree_on_the_rules_of_the_product() {
    let [complete, partial, faulty] = made_up(&bansos(), 11, 4);
    assert!(complete.columnar > 0, "{complete:?} {partial:?} {faulty:?}");
    assert!(partial.others > 0 && faulty.others > 0, "{partial:?} {faulty:?}");
    println!("{partial:?} {faulty:?}");
    assert!(partial.settled > 0, "{partial:?}");
}

#[test]
fn columns_and_single_households_agree_on_facts_of_every_kind() {
    let rules = kinds();
    let [complete, partial, faulty] = made_up(&rules, 5, 6);
    println!("{partial:?} {faulty:?}");
    assert!(complete.columnar * 3 > complete.others, "many of {complete:?} by columns");
    assert!(partial.columnar > 0 && partial.settled > 0 && faulty.others > 0, "{partial:?} {faulty:?}");
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let plan = kinds().as_of("2026-02-15".parse().unwrap());
    let codes = |result: Result<(), ColumnError>| {
        result.map_err(|e| (e.code().to_string(), e.message().en.clone())).unwrap_err()
    };
    let mut homes = Households::new(&plan, 2);
    let ints = |values| Column::new(Values::Ints { values, scale: 0 });
    assert_eq!(
        codes(homes.column("room", ints(&[1, 2]))),
        ("L0640".into(), "`Home` has no fact `room`; there is `rooms`".into())
    );
    assert_eq!(codes(homes.column("people.rank", ints(&[1, 2]))).0, "L0640", "the list comes first");
    assert_eq!(codes(homes.column("since", ints(&[1, 2]))).0, "L0641");
    assert_eq!(codes(homes.column("place", ints(&[1, 2]))).0, "L0641");
    assert_eq!(codes(homes.list("rooms", &[0, 1, 2], None)).0, "L0641");
    assert_eq!(codes(homes.column("rooms", ints(&[1]))).0, "L0642");
    assert_eq!(codes(homes.list("people", &[0, 2, 1], None)).0, "L0642");
    assert_eq!(codes(homes.list("people", &[-1, 2, 3], None)).0, "L0642");
    homes.column("rooms", ints(&[1, 2])).unwrap();
    assert_eq!(codes(homes.column("rooms", ints(&[1, 2]))).0, "L0642");
    homes.list("people", &[0, 2, 3], None).unwrap();
    homes.column("people.rank", ints(&[1, 2, 3])).unwrap();
    homes.column("place.floor", ints(&[1, 2])).unwrap();
    homes.list("hours", &[0, 0, 1], None).unwrap();
    homes.column("hours[]", ints(&[8])).unwrap();
    let json = homes.data(1).to_json();
    assert_eq!(json, r#"{"rooms":2,"place":{"floor":2},"people":[{"rank":3}],"hours":[8]}"#);
}

#[test]
fn in_a_long_list_a_key_that_stands_twice_is_found_wherever_it_stands() {
    let text = "module m\nentity Home { people list of Person 0..40 }\nentity Person { n text key  old boolean }\n\
                criterion any_old when any(people where old)\nprogramme p requires any_old";
    let plan = Ruleset::from_text(text).unwrap_or_else(|e| panic!("{e}")).as_of("2026-02-15".parse().unwrap());
    let person = |n: u32| json!({"n": format!("k{n}"), "old": true});
    let whole: Vec<Json> = (0..30).map(|n| person(n * 17 % 30)).collect();
    for repeated in 1..30 {
        let mut twice = whole.clone();
        twice[repeated] = twice[0].clone();
        let homes = [json!({"people": whole}), json!({"people": twice}), json!({"people": whole})];
        let told = agree(&plan, &homes, &mut Chance(3));
        assert_eq!((told.columnar, told.others), (2, 1), "{repeated}");
    }
}
