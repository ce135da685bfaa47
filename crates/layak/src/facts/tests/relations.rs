//! Links between the members of a household.

use super::*;
use crate::diagnostic::Phrase;

/// A small generator of numbers, the same everywhere.
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

const FAMILY: &str = r#"
module family
entity Household { people list of Person  pets list of Pet }
entity Person {
  nik      text key
  mother   optional link to Person inverse children acyclic
  children list of link to Person
  spouse   optional link to Person inverse spouse
  guardian optional link to Person inverse ward
  ward     optional link to Person
  pet      optional link to Pet inverse owner
}
entity Pet { name text key  owner optional link to Person }
define one = 1
"#;

fn family(json: &str) -> Case {
    bound(&program_of(FAMILY), json).case
}

fn errors(rules: &str, json: &str) -> Vec<(String, String, Phrase)> {
    let errors = read_bound(&program_of(rules), json).err().map(|e| e.errors).unwrap_or_default();
    errors.into_iter().map(|e| (e.code.to_string(), e.path, e.message)).collect()
}

fn the_error(json: &str) -> (String, String, String, String) {
    let [(code, path, message)] = errors(FAMILY, json).try_into().unwrap_or_else(|e| panic!("{e:?}"));
    (code, path, message.en, message.id)
}

/// The elements that a link of a row names; None where that is not known.
fn linked(program: &Program, case: &Case, field: &str, row: u32) -> Option<Vec<u32>> {
    let element = |fact: &Fact| match fact {
        Fact::Known(Value::Element(to)) => Some(vec![*to]),
        Fact::Known(_) => Some(Vec::new()),
        Fact::Unknown | Fact::Asked => None,
    };
    if field != "children" {
        return element(&fact(program, case, "Person", field, row));
    }
    let held = list(program, case, "Person", field, row);
    let items = program.entities.iter().find(|(_, e)| e.is_scalar_item).unwrap().0;
    let mut out = Vec::new();
    for item in held.start..held.start + held.count {
        out.extend(element(case.fact(items, 0, item).unwrap())?);
    }
    (held.state == ListState::Known).then_some(out)
}

#[test]
fn one_side_of_a_relation_says_the_other() {
    let p = program_of(FAMILY);
    let case = family(
        r#"{"people": [{"nik": "a", "mother": "b", "spouse": "c"}, {"nik": "b", "mother": null, "guardian": "a"},
            {"nik": "c", "mother": "b", "children": null}], "pets": [{"name": "Manis", "owner": "c"}]}"#,
    );
    assert_eq!(linked(&p, &case, "children", 1), Some(vec![0, 2]));
    assert_eq!(linked(&p, &case, "children", 2), Some(vec![]));
    assert_eq!(linked(&p, &case, "spouse", 2), Some(vec![0]));
    assert_eq!(linked(&p, &case, "spouse", 1), None, "may be somebody who is not listed as a spouse yet");
    assert_eq!(linked(&p, &case, "ward", 0), Some(vec![1]));
    assert_eq!(linked(&p, &case, "pet", 2), Some(vec![0]));
    assert_eq!(linked(&p, &case, "pet", 0), Some(vec![]), "the one pet has its owner");
    // From the list to the single side; who stands in no list has no mother once every list is known.
    let case = family(
        r#"{"people": [{"nik": "a", "children": []}, {"nik": "b", "children": ["a"]}, {"nik": "c", "children": []}], "pets": []}"#,
    );
    assert_eq!(linked(&p, &case, "mother", 0), Some(vec![1]));
    assert_eq!(linked(&p, &case, "mother", 1), Some(vec![]));
    // While one list is open, only what stands in a list is known.
    let case = family(r#"{"people": [{"nik": "a", "children": []}, {"nik": "b", "children": ["a"]}, {"nik": "c"}]}"#);
    assert_eq!(linked(&p, &case, "mother", 0), Some(vec![1]));
    assert_eq!(linked(&p, &case, "mother", 1), None);
    assert_eq!(linked(&p, &case, "children", 2), None);
}

#[test]
fn sides_that_disagree_are_told_with_both_names() {
    let told =
        the_error(r#"{"people": [{"nik": "Ani", "mother": "Budi"}, {"nik": "Budi", "mother": null, "children": []}]}"#);
    assert_eq!(told.0, "L0530");
    assert_eq!(told.1, "people[0].mother");
    assert_eq!(told.2, "`mother` of `Ani` names `Budi`, but `children` of `Budi` does not name `Ani`");
    assert_eq!(told.3, "`mother` dari `Ani` menyebut `Budi`, tetapi `children` dari `Budi` tidak menyebut `Ani`");
    let told = the_error(r#"{"people": [{"nik": "Ani", "mother": null}, {"nik": "Budi", "children": ["Ani"]}]}"#);
    assert_eq!((told.0.as_str(), told.1.as_str()), ("L0530", "people[1].children[0]"));
    let told = the_error(r#"{"people": [{"nik": "a", "spouse": "b"}, {"nik": "b", "spouse": null}]}"#);
    assert_eq!((told.0.as_str(), told.1.as_str()), ("L0530", "people[0].spouse"));
}

#[test]
fn nobody_is_linked_to_themselves() {
    for (json, path) in [
        (r#"{"people": [{"nik": "a", "mother": "a"}]}"#, "people[0].mother"),
        (r#"{"people": [{"nik": "a", "children": ["a"]}]}"#, "people[0].children[0]"),
        (r#"{"people": [{"nik": "a", "spouse": "a"}]}"#, "people[0].spouse"),
    ] {
        let told = the_error(json);
        assert_eq!((told.0.as_str(), told.1.as_str()), ("L0531", path));
        assert_eq!(told.2, "`a` is linked to itself");
        assert_eq!(told.3, "`a` tertaut ke dirinya sendiri");
    }
    let by_source = "module m\nsource s\nentity H { people list of P }\nentity P { nik text key  of optional link to P from s }\ndefine one = 1";
    let json =
        r#"{"people": [{"nik": "a", "of": {"evidence": [{"value": "a", "source": "s", "date": "2026-01-01"}]}}]}"#;
    let told = errors(by_source, json);
    assert_eq!(
        told.iter().map(|(c, p, _)| (c.as_str(), p.as_str())).collect::<Vec<_>>(),
        [("L0531", "people[0].of.evidence[0].value")]
    );
}

#[test]
fn links_that_come_back_are_told_where_they_are_declared_not_to() {
    let round = r#"{"people": [{"nik": "x", "mother": null}, {"nik": "a", "mother": "c"}, {"nik": "b", "mother": "a"}, {"nik": "c", "mother": "b"}]}"#;
    let told = the_error(round);
    assert_eq!((told.0.as_str(), told.1.as_str()), ("L0532", "people[1].mother"));
    assert_eq!(told.2, "`mother` of `a` leads back to itself: `a` → `c` → `b` → `a`");
    assert_eq!(told.3, "`mother` dari `a` kembali ke dirinya sendiri: `a` → `c` → `b` → `a`");
    // Known from the other side alone it is as wrong.
    let told = the_error(r#"{"people": [{"nik": "a", "children": ["b"]}, {"nik": "b", "children": ["a"]}]}"#);
    assert_eq!((told.0.as_str(), told.1.as_str()), ("L0532", "people[0].mother"));
    // Two rounds are two errors, and others may come back.
    let two = r#"{"people": [{"nik": "a", "mother": "b"}, {"nik": "b", "mother": "a"}, {"nik": "c", "mother": "d"}, {"nik": "d", "mother": "c"}]}"#;
    assert_eq!(errors(FAMILY, two).len(), 2);
    let circle =
        r#"{"people": [{"nik": "a", "guardian": "b"}, {"nik": "b", "guardian": "c"}, {"nik": "c", "guardian": "a"}]}"#;
    family(circle);
}

#[test]
fn a_link_holds_one_element_and_a_list_as_many_as_its_range() {
    let told = the_error(
        r#"{"people": [{"nik": "a", "guardian": "c"}, {"nik": "b", "guardian": "c"}, {"nik": "c", "guardian": null}]}"#,
    );
    assert_eq!((told.0.as_str(), told.1.as_str()), ("L0533", "people[1].guardian"));
    assert_eq!(told.2, "`guardian` of `a` and of `b` both name `c`, whose `ward` is one");
    let told =
        the_error(r#"{"people": [{"nik": "a", "children": ["c"]}, {"nik": "b", "children": ["c"]}, {"nik": "c"}]}"#);
    assert_eq!((told.0.as_str(), told.1.as_str()), ("L0533", "people[1].children[0]"));
    let told = the_error(r#"{"people": [{"nik": "a", "children": ["c", "c"]}, {"nik": "c"}]}"#);
    assert_eq!((told.0.as_str(), told.1.as_str()), ("L0533", "people[0].children[1]"));
    let few = FAMILY.replace("children list of link to Person", "children list of link to Person 0..1");
    let json =
        r#"{"people": [{"nik": "a", "mother": "c"}, {"nik": "b", "mother": "c"}, {"nik": "c", "mother": null}]}"#;
    let told = errors(&few, json);
    assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("L0615", "people[2].children"));
    assert_eq!(told[0].2.en, "2 are linked to `c` by `children`, but the list holds from 0 to 1");
}

/// Families made by chance, of which some facts are then hidden: whatever a link is read as is what it was, one whole side
/// says the other whole, and a link changed is found.
#[test]
fn what_is_filled_is_what_was_hidden() {
    let p = program_of(FAMILY);
    let fields = ["mother", "children", "spouse", "guardian", "ward"];
    let (mut filled, mut refused) = (0, 0);
    for seed in 0..2_000 {
        let mut chance = Chance::new(seed);
        let count = 2 + chance.below(4) as u32;
        let mut truth: Vec<[Vec<u32>; 5]> = vec![Default::default(); count as usize];
        for me in 0..count {
            // Mothers stand later in the list, so that none comes back.
            let mother = me + 1 + chance.below(3) as u32;
            if mother < count {
                truth[me as usize][0].push(mother);
                truth[mother as usize][1].push(me);
            }
            let other = chance.below(u64::from(count)) as u32;
            if other != me && truth[me as usize][2].is_empty() && truth[other as usize][2].is_empty() {
                truth[me as usize][2].push(other);
                truth[other as usize][2].push(me);
            }
            let ward = chance.below(u64::from(count)) as u32;
            if ward != me && truth[ward as usize][3].is_empty() && truth[me as usize][4].is_empty() {
                truth[ward as usize][3].push(me);
                truth[me as usize][4].push(ward);
            }
        }
        let hidden = chance.below(5);
        let changed = (chance.below(4) == 0).then(|| (chance.below(u64::from(count)), chance.below(5)));
        let whole = chance.below(2) as usize;
        let mut given: Vec<Vec<Option<Vec<u32>>>> = Vec::new();
        for (me, links) in truth.iter().enumerate() {
            let mut row = Vec::new();
            for (field, link) in links.iter().enumerate() {
                // Of mothers and children one side is whole.
                let hide = if field < 2 && changed.is_none() { field != whole } else { chance.below(4) < hidden };
                let mut link = link.clone();
                if changed == Some((me as u64, field as u64)) {
                    let other = (0..count).find(|o| *o != me as u32 && !link.contains(o));
                    link = other.into_iter().collect();
                }
                row.push((!hide).then_some(link));
            }
            given.push(row);
        }
        let people: Vec<String> = given
            .iter()
            .enumerate()
            .map(|(me, links)| {
                let mut out = format!(r#"{{"nik": "p{me}""#);
                for (field, link) in fields.iter().zip(links) {
                    let Some(link) = link else { continue };
                    let names: Vec<String> = link.iter().map(|to| format!(r#""p{to}""#)).collect();
                    let text = if *field == "children" {
                        format!("[{}]", names.join(","))
                    } else {
                        names.first().cloned().unwrap_or("null".into())
                    };
                    out.push_str(&format!(r#", "{field}": {text}"#));
                }
                out + "}"
            })
            .collect();
        let json = format!(r#"{{"people": [{}]}}"#, people.join(","));
        let result = read_bound(&p, &json);
        if changed.is_some() {
            refused += usize::from(result.is_err());
            // What is read keeps the law on both sides.
            let Ok(bound) = result else { continue };
            for (field, back) in [(0, 1), (2, 2), (3, 4)] {
                for me in 0..count {
                    for to in linked(&p, &bound.case, fields[field], me).unwrap_or_default() {
                        let known = linked(&p, &bound.case, fields[back], to);
                        assert!(known.is_none_or(|k| k.contains(&me)), "{json}: {} of {me}", fields[field]);
                    }
                }
            }
            continue;
        }
        let case = result.unwrap_or_else(|e| panic!("{json}\n{e}")).case;
        for (me, links) in truth.iter().enumerate() {
            for (index, (field, was)) in fields.iter().zip(links).enumerate() {
                let read = linked(&p, &case, field, me as u32);
                assert!(index > 1 || read.is_some(), "{json}: {field} of {me} follows");
                if let Some(mut read) = read {
                    let mut was = was.clone();
                    read.sort_unstable();
                    was.sort_unstable();
                    assert_eq!(read, was, "{json}: {field} of {me}");
                    filled += usize::from(given[me][index].is_none());
                }
            }
        }
    }
    assert!(filled > 1_000 && refused > 100, "{filled} {refused}");
}

/// A hundred thousand generations, on a small stack.
#[test]
fn a_long_line_of_mothers_needs_no_stack() {
    const COUNT: u32 = 100_000;
    let work = || {
        let p = program_of(FAMILY);
        let limits = Limits { elements: 1_000_000, ..limits() };
        let people = |closed: bool| {
            let person = |n: u32| match n + 1 {
                COUNT if closed => format!(r#"{{"nik": "{n}", "mother": "0"}}"#),
                COUNT => format!(r#"{{"nik": "{n}", "mother": null}}"#),
                next => format!(r#"{{"nik": "{n}", "mother": "{next}"}}"#),
            };
            let people: Vec<String> = (0..COUNT).map(person).collect();
            format!(r#"{{"people": [{}]}}"#, people.join(","))
        };
        let bind = |json: &str| Binder::new(&p).bind(&p, &read(json.as_bytes(), limits.nesting).unwrap(), &limits);
        let line = bind(&people(false)).unwrap().case;
        let round = bind(&people(true)).unwrap_err();
        (linked(&p, &line, "children", COUNT - 1), linked(&p, &line, "children", 0), round)
    };
    let (last, first, round) = std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
    assert_eq!((last, first), (Some(vec![COUNT - 2]), Some(vec![])));
    let told: Vec<_> = round.iter().map(|e| (e.code(), e.path())).collect();
    assert_eq!(told, [(Code::LINK_CYCLE, "people[0].mother")]);
    let text = "`mother` of `0` leads back to itself: `0` → `1` → `2` → `3` → `4` → `5` → `6` → …";
    assert_eq!(round.first().unwrap().message().en, text);
}

/// Everybody the child of everybody: as many errors as are told of any household, in the time of its links.
#[test]
fn many_links_cost_no_more_than_their_number() {
    let rules = "module m\nentity H { people list of P }\nentity P { nik text key  near list of link to P acyclic }\ndefine one = 1";
    let names: Vec<String> = (0..300).map(|n| format!(r#""{n}""#)).collect();
    let people: Vec<String> = (0..300)
        .map(|n| {
            let near: Vec<&str> = names.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, t)| t.as_str()).collect();
            format!(r#"{{"nik": {}, "near": [{}]}}"#, names[n], near.join(","))
        })
        .collect();
    let p = program_of(rules);
    let limits = Limits { elements: 1_000_000, ..limits() };
    let json = format!(r#"{{"people": [{}]}}"#, people.join(","));
    let error = Binder::new(&p).bind(&p, &read(json.as_bytes(), limits.nesting).unwrap(), &limits).unwrap_err();
    assert!(error.iter().all(|e| e.code() == Code::LINK_CYCLE));
    assert_eq!(error.iter().count(), 20);
}
