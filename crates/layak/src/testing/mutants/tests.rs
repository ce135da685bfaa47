//! Which changes are found, and what they come to.

use layak_generator::drawn;

use crate::ruleset::Ruleset;
use crate::testing::{EquivalenceProof, Mutant, MutantKind, PropertyOptions};

fn rules(text: &str) -> Ruleset {
    Ruleset::from_text(text).unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// The changes of a kind, as `before -> after`.
fn changes(rules: &Ruleset, kind: MutantKind) -> Vec<String> {
    let of = rules.mutants().into_iter().filter(|m| m.kind() == kind);
    of.map(|m| format!("{} -> {}", m.before(), m.after())).collect()
}

fn find(rules: &Ruleset, before: &str, after: &str) -> Mutant {
    let found = rules.mutants().into_iter().find(|m| m.before() == before && m.after() == after);
    found.unwrap_or_else(|| panic!("no `{before}` -> `{after}`"))
}

const AID: &str = "module aid
currency IDR
calendar leap_day march_1, month_end clip
enum Kind { hut, house, flat }
entity Home { n integer 0..9  rich boolean  kind Kind  rent money IDR 0..  built date }
parameter limit: integer from 2025-01-01 until 2025-12-31: 4 from 2026-01-01: 5
define share = round(rent * 12.5%, to: IDR 1_000, half_up)
define old = built + 18 years <= as_of and built < 2000-03-01
define few = limit
  except poor_hut when kind = hut: 7
table grant: integer else 0
  | n     | kind  || grant |
  | <= 4  | hut   || 10    |
  | 5..9  | -     || 5     |
criterion low when n <= few or not rich
criterion paid when grant > 0
programme a requires low, paid refuses old gives amount = share
";

#[test]
fn every_kind_of_change_is_found() {
    let rules = rules(AID);
    let has = |kind, wanted: &[&str]| {
        let all = changes(&rules, kind);
        for one in wanted {
            assert!(all.iter().any(|c| c == one), "{one} in {all:?}");
        }
    };
    has(
        MutantKind::Threshold,
        &["5 -> 4", "12.5% -> 12.4%", "12.5% -> 12.6%", "IDR 1_000 -> IDR 999", "IDR 1_000 -> IDR 1_001"],
    );
    has(MutantKind::Threshold, &["18 years -> 17 years", "2000-03-01 -> 2000-02-29", "2000-03-01 -> 2000-03-02"]);
    has(MutantKind::Comparison, &["<= -> <", "< -> <=", "= -> !=", "> -> >="]);
    has(MutantKind::Junction, &["and -> or", "or -> and"]);
    has(MutantKind::Negation, &["not rich -> rich", "grant > 0 -> not (grant > 0)"]);
    has(MutantKind::DropCriterion, &["low,  -> ", ", paid -> ", "refuses old -> "]);
    has(MutantKind::DropException, &["except poor_hut when kind = hut: 7 -> "]);
    has(MutantKind::EnumValue, &["hut -> house"]);
    has(MutantKind::Date, &["2025-12-31 -> 2025-12-30", "2025-12-31 -> 2026-01-01", "2026-01-01 -> 2025-12-31"]);
    has(MutantKind::Table, &["<= 4 -> -", "hut -> -", "5..9 -> not 5..9"]);
    has(MutantKind::Rounding, &["half_up -> up", "half_up -> down"]);
}

#[test]
fn all_but_few_compile_and_a_household_tells_most_apart() {
    let rules = rules(AID);
    let options = PropertyOptions::new().count(400);
    let (mut compiled, mut told, mut all) = (0, 0, 0);
    let mutants = rules.mutants();
    for mutant in mutants.iter().step_by(mutants.len() / drawn(mutants.len())) {
        all += 1;
        let Ok(Some(changed)) = rules.mutated(mutant) else { continue };
        compiled += 1;
        let telltale = rules.told_apart(&changed, &options);
        // What is proved the same no household tells apart.
        assert!(telltale.is_none() || !rules.is_equivalent(&changed), "{mutant}: {telltale:?}");
        told += usize::from(telltale.is_some());
    }
    assert!(compiled * 10 >= all * 8, "{compiled} of {all} compile");
    assert!(told * 10 >= compiled * 7, "{told} of {compiled} told apart");
}

#[test]
fn indonesian_rules_are_changed_in_their_own_words() {
    let rules = rules(
        "bahasa id
         modul bantuan
         entitas Keluarga { desil bulat 1..10  kaya ya_tidak }
         kriteria miskin bila desil <= 4 dan bukan kaya
         program pangan syarat miskin",
    );
    assert_eq!(changes(&rules, MutantKind::Junction), ["dan -> atau"]);
    assert!(changes(&rules, MutantKind::Negation).contains(&"bukan kaya -> kaya".to_owned()));
    let changed = rules.mutated(&find(&rules, "dan", "atau")).expect("it compiles").expect("it is of these rules");
    assert!(rules.told_apart(&changed, &PropertyOptions::new()).is_some());
}

#[test]
fn what_means_the_same_is_proved_equivalent() {
    let one = rules(
        "module m entity H { n integer 0..9 } criterion a when 3 < n criterion b when n < 5 programme p requires a, b",
    );
    let same = |text: &str| one.is_equivalent(&rules(text));
    // The same once it is laid out: the order of criteria, and twice the same.
    assert!(same(
        "module m entity H { n integer 0..9 } criterion a when 3 < n and 3 < n criterion b when n < 5 programme p requires a, b"
    ));
    assert!(!same(
        "module m entity H { n integer 0..9 } criterion a when 3 <= n criterion b when n < 5 programme p requires a, b"
    ));
    let dated = |from: &str, grant: &str| {
        rules(&format!(
            "module m enum K {{ x, y }} entity H {{ k K }} parameter g(k: K): integer from {from}: x => {grant} y => 2
             criterion a when g(k) > 1 programme p requires a"
        ))
    };
    assert!(!dated("2025-01-01", "1").is_equivalent(&dated("2025-01-01", "2")));
    assert!(!dated("2025-01-01", "1").is_equivalent(&dated("2025-01-02", "1")));
    assert!(dated("2025-01-01", "1").is_equivalent(&dated("2025-01-01", "1")));
}

#[test]
fn a_change_of_other_rules_is_none_of_these() {
    let (own, other) =
        (rules(AID), rules("module m entity H { n integer } criterion c when n > 1 programme p requires c"));
    let foreign = find(&other, ">", ">=");
    assert!(own.mutated(&foreign).expect("nothing is compiled").is_none());
}

#[test]
fn the_same_seed_tells_the_same_household() {
    let rules = rules(AID);
    let changed = rules.mutated(&find(&rules, ">", ">=")).expect("it compiles").expect("it is of these rules");
    let options = PropertyOptions::new().seed(7);
    let first = rules.told_apart(&changed, &options);
    assert!(first.is_some());
    assert_eq!(first, rules.told_apart(&changed, &options));
}

#[test]
fn membership_arithmetic_and_data_tables_are_changed() {
    let mut sources = crate::ruleset::Sources::new();
    sources.add(
        "m.layak",
        "module m currency IDR enum K { x, y } entity H { n integer 0..9  k K  region text }
         parameter umk(region: text): money per month csv \"data/umk.csv\" default IDR 1 per month
         define pay = umk(region) * 3 months + IDR 7
         criterion a when n in 2..4 and k not in [y]
         criterion b when pay - IDR 1 > IDR 20 and n / 2 < 3
         programme p requires a, b",
    );
    sources.add(
        "data/umk.csv",
        "region,from,value,basis\n35.10,2025-01-01,10,law 3\n\"x,y\",2025-01-01,4,law\n35.11,2025-02-01,0.25,5\n",
    );
    let rules = Ruleset::from_sources(&sources, crate::limits::Limits::default()).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(changes(&rules, MutantKind::Membership), ["in -> not in", "not in -> in"]);
    assert_eq!(changes(&rules, MutantKind::Arithmetic), ["* -> /", "+ -> -", "- -> +", "/ -> *"]);
    assert_eq!(
        changes(&rules, MutantKind::Data),
        [
            "2025-01-01 -> 2024-12-31",
            "2025-01-01 -> 2025-01-02",
            "10 -> 11",
            "10 -> 9",
            "2025-02-01 -> 2025-01-31",
            "2025-02-01 -> 2025-02-02",
            "0.25 -> 0.24",
            "0.25 -> 0.26",
        ]
    );
    let differs = |before: &str, after: &str| {
        let changed = rules.mutated(&find(&rules, before, after)).expect("it compiles").expect("it is of these rules");
        assert!(!rules.is_equivalent(&changed), "{before}");
        rules.told_apart(&changed, &PropertyOptions::new())
    };
    let apart = differs("in", "not in").expect("a household tells");
    assert_eq!(apart.own(crate::Lang::En).split(' ').next(), Some("p"));
    let words = [apart.own(crate::Lang::Id), apart.other(crate::Lang::Id)].concat();
    assert!(words.contains("layak") && !words.contains("eligible"), "{words}");
    differs("not in", "in").expect("a household tells");
    differs("+", "-");
    differs("10", "9");
    // A criterion that is left out takes its comma with it, but is told without.
    let left_out = find(&rules, "a, ", "");
    assert_eq!(left_out.to_string(), "m.layak:6:31: `a` left out");
}

/// Rules that ask for grants by name, on the days of two versions.
fn granting(first: &str, versions: &str, condition: &str) -> Ruleset {
    rules(&format!(
        "module m enum K {{ x, y, z }} entity H {{ n integer 0..9  k K }}
         parameter g(k: K): integer {versions}
         define share = g({first}) + n
         table best: integer else g({first})
           | k || best |
           | x || g(y) |
         criterion a when {condition}
         programme p requires a gives much = share + best"
    ))
}

#[test]
fn keys_of_the_same_value_on_every_day_are_proved_equivalent() {
    let versions = "from 2025-01-01: x => 5 y => 5 z => 7 from 2026-01-01: x => 6 y => 6 z => 6";
    let one = granting("x", versions, "n > g(x)");
    let proof = |first: &str, versions: &str, condition: &str| one.equivalence(&granting(first, versions, condition));
    assert_eq!(proof("x", versions, "n > g(x)"), Some(EquivalenceProof::Meaning));
    assert_eq!(proof("y", versions, "n > g(x)"), Some(EquivalenceProof::Values));
    assert_eq!(proof("x", versions, "n > g(y)"), Some(EquivalenceProof::Values));
    // In 2025 `z` is another.
    assert_eq!(proof("z", versions, "n > g(x)"), None);
    assert_eq!(proof("x", versions, "n > g(z)"), None);
    // A key that is known with the household is not taken for another.
    assert_eq!(proof("x", versions, "n > g(k)"), None);
    // A member of the enum that is no key keeps its meaning.
    let asks = |member: &str| granting("x", versions, &format!("n > g(x) and k = {member}"));
    assert_eq!(asks("x").equivalence(&asks("y")), None);
}

#[test]
fn a_date_at_which_nothing_changes_is_proved_equivalent() {
    let rules = |from: &str, grant: &str| {
        granting(
            "x",
            &format!("from 2025-01-01: x => 5 y => 4 z => 3 from {from}: x => {grant} y => 4 z => 3"),
            "n > 1",
        )
    };
    assert_eq!(rules("2026-01-01", "5").equivalence(&rules("2026-01-02", "5")), Some(EquivalenceProof::Values));
    assert_eq!(rules("2026-01-01", "6").equivalence(&rules("2026-01-02", "6")), None);
    // Who knows the law of another day may see another value.
    let known = |enacted: &str, grant: &str| {
        granting(
            "x",
            &format!(
                "from 2025-01-01 enacted 2025-01-01: x => 5 y => 4 z => 3 from 2025-01-01 enacted {enacted}: x => {grant} y => 4 z => 3"
            ),
            "n > 1",
        )
    };
    assert_eq!(known("2025-03-01", "6").equivalence(&known("2025-03-02", "6")), None);
    assert_eq!(known("2025-03-01", "5").equivalence(&known("2025-03-02", "5")), Some(EquivalenceProof::Values));
}

/// What is proved by equal values no household tells apart, on any day on which something changes: of keys taken by chance.
#[test]
fn equal_values_are_held_to_decisions() {
    let keys = ["x", "y", "z"];
    let (mut proved, mut apart) = (0, 0);
    for seed in 0..24_usize {
        let of = |n: usize| (seed / 3_usize.pow(u32::try_from(n).unwrap_or(0)) + n) % 2 + 4;
        let versions = format!(
            "from 2025-01-01: x => {} y => {} z => {} from 2026-01-01: x => {} y => {} z => {}",
            of(0),
            of(1),
            of(2),
            of(3),
            of(0),
            of(1)
        );
        for (first, second) in [(0, 1), (1, 2), (2, 0)] {
            let one = granting(keys[first], &versions, &format!("n >= g({})", keys[first]));
            let other = granting(keys[second], &versions, &format!("n >= g({})", keys[second]));
            let told = one.told_apart(&other, &PropertyOptions::new().count(60));
            match one.equivalence(&other) {
                Some(_) => {
                    proved += 1;
                    assert_eq!(told, None, "{versions}: {} for {}", keys[second], keys[first]);
                }
                None => apart += usize::from(told.is_some()),
            }
        }
    }
    assert!(proved >= 8 && apart >= 20, "{proved} proved, {apart} told apart");
}

const DECLARED: &str = "module m
calendar leap_day march_1, month_end clip
enum Kind { hut \"Hut\", house \"House\", flat \"Flat\" }
source office fresh for 12 months
source neighbour fresh for 3 months
source form unverified
entity Home {
  id     text key                     from office
  n      integer 0..9                 from form, office must be verified
  rich   boolean default no           from form
  kind   Kind                         from form
  since  optional date default none   from form
  note   optional text default none   from office
  people list of Person 1..4
}
entity Person {
  nik    text key                              from office
  mother optional link to Person acyclic       from office
}
criterion low when n < 5 and not rich and (since is none or since < 2020-01-01) and count(people where mother is none) > 1
programme a requires low
";

#[test]
fn what_is_declared_of_facts_is_changed() {
    let rules = rules(DECLARED);
    let has = |kind, wanted: &[&str]| {
        let all = changes(&rules, kind);
        for one in wanted {
            assert!(all.iter().any(|c| c == one), "{one} in {all:?}");
        }
    };
    has(MutantKind::Field, &["0 -> -1", "0 -> 1", "9 -> 8", "9 -> 10", "1 -> 0", "1 -> 2", "4 -> 3", "4 -> 5"]);
    has(MutantKind::Field, &["no -> yes", "default no -> ", "default none -> ", "optional -> ", "acyclic -> "]);
    has(MutantKind::Field, &["must be verified -> "]);
    has(MutantKind::DropMember, &["hut \"Hut\",  -> ", "house \"House\",  -> ", ", flat \"Flat\" -> "]);
    has(MutantKind::Source, &["12 months -> 11 months", "12 months -> 13 months", "unverified -> "]);
    assert_eq!(find(&rules, "0", "-1").kind().name(), "field");
}

#[test]
fn a_household_tells_what_is_declared_otherwise_or_nothing_hangs_on_it() {
    let rules = rules(DECLARED);
    let options = PropertyOptions::new().count(1_500);
    let kinds = [MutantKind::Field, MutantKind::DropMember, MutantKind::Source];
    let mut equal = Vec::new();
    let mut untold = Vec::new();
    for mutant in rules.mutants().into_iter().filter(|mutant| kinds.contains(&mutant.kind())) {
        let Ok(Some(changed)) = rules.mutated(&mutant) else { continue };
        match (rules.equivalence(&changed), rules.told_apart(&changed, &options)) {
            (Some(_), None) => equal.push(mutant.to_string()),
            (None, Some(_)) => {}
            (None, None) => untold.push(mutant.to_string()),
            (Some(proof), Some(told)) => panic!("{mutant}: {proof:?}, but {told:?}"),
        }
    }
    // No field takes what neighbours say, and nothing reads the note.
    let wanted = ["rules.layak:5:28: `3 months` -> `2 months`", "rules.layak:5:28: `3 months` -> `4 months`"];
    assert!(wanted.iter().all(|one| equal.iter().any(|have| have == one)), "{equal:?}");
    assert!(equal.iter().any(|one| one.contains(":13:") && one.contains("`default none` left out")), "{equal:?}");
    assert_eq!(equal.len(), 3, "{equal:?}");
    assert_eq!(untold, Vec::<String>::new());
    let told = rules.told_apart(
        &rules.mutated(&find(&rules, "9", "8")).expect("it compiles").expect("it is of these rules"),
        &options,
    );
    let told = told.expect("a household tells");
    assert!(told.household().contains("\"value\":9"), "{told:?}");
    assert_eq!(told.own(crate::syntax::Lang::En), "the facts are accepted");
    assert!(told.other(crate::syntax::Lang::Id).starts_with("faktanya ditolak (n.evidence[0].value: "), "{told:?}");
}
