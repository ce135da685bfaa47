//! Later acts over earlier modules: what they change, on which days, by whose knowledge, and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use layak::{Findings, Lang, Limits, PlanOptions, Ruleset, Sources};
use serde_json::{Value, json};

mod households;

const BASE: &str = r#"
module aid
currency IDR
entity Household { id text key  region text  desil integer 1..10  va integer 0..  people list of Person }
entity Person { age integer 0..  ill boolean }
parameter desil_limit: integer
  from 2025-01-01: 4   basis "Decree 79"
parameter amount(kind: text): money per month
  from 2025-01-01:
    "a" => IDR 100_000
    "b" => IDR 200_000
define va_limit = 900
  except trade when region = "X": 1300
define Person.rate = if ill then 2 else 1
define double(n: integer): integer = n * 2
criterion poor "Poor" when desil <= desil_limit basis "Decree 79" otherwise "Decile {desil} above {desil_limit}"
criterion low_power when va <= va_limit
criterion has_ill when any(people where ill)
table step: integer else 0
  | desil || step |
  | 1..2  || 2    |
  | 3..10 || 1    |
programme food "Food" requires poor, low_power gives amount = amount("a") * step
programme care requires has_ill gives total = sum(people.rate)
"#;

fn sources(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(*path, *text);
    }
    sources
}

fn base() -> Ruleset {
    Ruleset::from_text(BASE).unwrap()
}

/// The base with an act, given by what stands in its file after the header.
fn with(act: &str) -> Result<Ruleset, Findings> {
    base().amended(&sources(&[("act.layak", &format!("module act\n{act}"))]))
}

fn amended(act: &str) -> Ruleset {
    with(act).unwrap_or_else(|found| panic!("{found}"))
}

/// The codes of what is wrong with an act, each with the lines of its places.
fn refused(act: &str) -> Vec<(String, Vec<String>)> {
    let found = with(act).err().unwrap();
    let place = |span| {
        let place = found.sources().place(span);
        format!("{}:{}", place.path, place.line)
    };
    let places =
        |f: &layak::Finding| f.span().into_iter().chain(f.secondary().iter().map(|(s, _)| *s)).map(place).collect();
    found.iter().map(|f| (f.code().to_string(), places(f))).collect()
}

fn decided(rules: &Ruleset, (as_of, known_on): (&str, &str), facts: Value, show: &[&str]) -> Value {
    let mut options = PlanOptions::new(as_of.parse().unwrap()).known_on(known_on.parse().unwrap());
    for name in show {
        options = options.show(*name);
    }
    let plan = rules.plan(options).unwrap();
    let decision = plan.decide(&plan.facts(&facts).unwrap());
    serde_json::to_value(decision.to_json(None, Lang::En)).unwrap()
}

fn shown(rules: &Ruleset, day: &str, facts: Value, name: &str) -> Value {
    decided(rules, (day, day), facts, &[name])["values"][name].clone()
}

fn outcome(rules: &Ruleset, day: &str, facts: Value, programme: &str) -> Value {
    decided(rules, (day, day), facts, &[])["programmes"][programme]["outcome"].clone()
}

fn household() -> Value {
    json!({"id": "1", "region": "Y", "desil": 5, "va": 900, "people": [{"age": 3, "ill": true}]})
}

#[test]
fn an_act_gives_a_parameter_new_versions_and_the_base_stays() {
    let base = base();
    let before = base.fingerprint().to_owned();
    let act = "amend aid \"Raise\" basis \"Act 1\" from 2026-01-01 until 2026-12-31 enacted 2025-12-01 {
      parameter desil_limit: integer = 6
      parameter amount(kind: text): money per month
        from 2026-03-01: \"a\" => IDR 150_000
        from 2026-07-01: \"a\" => IDR 175_000
    }";
    let reform = base.amended(&sources(&[("act.layak", act)])).unwrap();
    for (day, right) in [
        ("2025-12-31", "not_eligible"),
        ("2026-01-01", "eligible"),
        ("2026-12-31", "eligible"),
        ("2027-01-01", "not_eligible"),
    ] {
        assert_eq!(outcome(&reform, day, household(), "food"), right, "{day}");
        assert_eq!(outcome(&base, day, household(), "food"), "not_eligible", "{day}");
    }
    let amount = |day: &str| {
        let mut facts = household();
        facts["desil"] = json!(4);
        decided(&reform, (day, day), facts, &[])["programmes"]["food"]["outputs"]["amount"].clone()
    };
    let right =
        [("2026-02-28", "100000"), ("2026-03-01", "150000"), ("2026-07-01", "175000"), ("2027-01-01", "100000")];
    right.iter().for_each(|(day, right)| assert_eq!(amount(day), *right, "{day}"));
    assert_eq!(base.fingerprint(), before);
    assert_ne!(reform.fingerprint(), before);
    assert_eq!(base.amended(&sources(&[])).unwrap().fingerprint(), before);
}

#[test]
fn what_was_known_decides_between_acts() {
    let rules = amended(
        "amend aid from 2026-01-01 enacted 2025-12-01 { parameter desil_limit: integer = 6 }
         amend aid from 2026-01-01 enacted 2026-06-01 { parameter desil_limit: integer = 4 }",
    );
    let ask =
        |known: &str| decided(&rules, ("2026-02-01", known), household(), &[])["programmes"]["food"]["outcome"].clone();
    assert_eq!(ask("2025-11-30"), "not_eligible");
    assert_eq!(ask("2025-12-01"), "eligible");
    assert_eq!(ask("2026-05-31"), "eligible");
    assert_eq!(ask("2026-06-01"), "not_eligible");
}

/// A reform without a date of enactment stands over all that is enacted, whatever is known.
#[test]
fn a_proposal_stands_over_what_is_enacted() {
    let rules = amended(
        "amend aid from 2026-01-01 { parameter desil_limit: integer = 9 }
         amend aid from 2026-01-01 enacted 2026-06-01 { parameter desil_limit: integer = 1 }",
    );
    for known in ["2025-01-01", "2026-07-01"] {
        let decision = decided(&rules, ("2026-02-01", known), household(), &[]);
        assert_eq!(decision["programmes"]["food"]["outcome"], "eligible", "{known}");
    }
}

#[test]
fn definitions_criteria_tables_and_programmes_are_replaced() {
    let rules = amended(
        "amend aid basis \"Act 2\" from 2026-01-01 {
           replace define Person.rate = if ill then 5 else 0
           replace define double(n: integer): integer = n * 3
           replace criterion poor when desil <= 2 otherwise \"Only {desil}\"
           replace table step: integer else 0
             | desil || step |
             | 1..10 || 7    |
           replace programme care \"Care\" requires has_ill, low_power gives total = sum(people.rate), more = double(2)
         }",
    );
    let day = ("2026-01-01", "2026-01-01");
    let decision = decided(&rules, day, household(), &["step"]);
    assert_eq!(decision["values"]["step"], 7);
    assert_eq!(decision["programmes"]["care"]["outputs"], json!({"more": 6, "total": 5}));
    let reason = &decision["programmes"]["food"]["reasons"][0];
    assert_eq!((&reason["text"], &reason["basis"]), (&json!("Only 5"), &json!("Act 2")));
    let earlier = decided(&rules, ("2025-12-31", "2025-12-31"), household(), &["step"]);
    assert_eq!(earlier["values"]["step"], 1);
    assert_eq!(earlier["programmes"]["care"]["outputs"], json!({"total": 2}));
    let reason = &earlier["programmes"]["food"]["reasons"][0];
    assert_eq!((&reason["text"], &reason["basis"]), (&json!("Decile 5 above 4"), &json!("Decree 79")));
}

#[test]
fn a_parameter_replaced_whole_keeps_no_other_key() {
    let act = |replace: &str| {
        amended(&format!(
            "amend aid from 2026-01-01 {{ {replace} parameter amount(kind: text): money per month = \"a\" => IDR 1_000 }}
             define b = amount(\"b\")"
        ))
    };
    assert_eq!(shown(&act(""), "2026-01-01", household(), "b"), "200000");
    assert_eq!(shown(&act("replace"), "2026-01-01", household(), "b")["error"]["code"], "L0502");
    assert_eq!(shown(&act("replace"), "2025-12-31", household(), "b"), "200000");
}

#[test]
fn exceptions_are_added_beside_those_that_are_there() {
    let rules = amended(
        "amend aid basis \"Act 3\" from 2026-01-01 {
           except in va_limit small when desil = 1: 2200
           except in va_limit to trade when desil = 2: 3500
           except in Person.rate when age > 60: 9
           except in poor when region = \"Z\": desil <= 9
         }",
    );
    let ask = |region: &str, desil: u8, day: &str| {
        let facts = json!({"id": "1", "region": region, "desil": desil, "va": 1, "people": []});
        shown(&rules, day, facts, "va_limit")
    };
    assert_eq!(ask("Y", 1, "2026-01-01"), 2200);
    assert_eq!(ask("Y", 1, "2025-12-31"), 900);
    assert_eq!(ask("X", 2, "2026-01-01"), 3500);
    assert_eq!(ask("X", 3, "2026-01-01"), 1300);
    assert_eq!(ask("X", 1, "2026-01-01")["error"]["code"], "L0507");
    let old = json!({"id": "1", "region": "Z", "desil": 9, "va": 1, "people": [{"age": 61, "ill": true}, {"age": 9, "ill": true}]});
    let decision = decided(&rules, ("2026-01-01", "2026-01-01"), old, &[]);
    assert_eq!(decision["programmes"]["care"]["outputs"]["total"], 11);
    assert_eq!(decision["programmes"]["food"]["outcome"], "eligible");
    let plan = rules.as_of("2026-01-01".parse().unwrap());
    let explained = plan.explain(&plan.facts(&household()).unwrap()).render(Lang::En);
    assert!(explained.contains("Act 3"), "{explained}");
}

/// What goes whole takes its exceptions with it, but for those that the same act or a later one adds.
#[test]
fn exceptions_of_earlier_acts_go_with_the_rule() {
    let rules = amended(
        "amend aid from 2026-01-01 enacted 2025-06-01 { except in va_limit when desil = 5: 1 }
         amend aid from 2026-01-01 enacted 2025-07-01 { replace define va_limit = 700 }
         amend aid from 2026-01-01 enacted 2025-08-01 { except in va_limit when desil = 6: 2 }",
    );
    let ask = |known: &str, desil: u8| {
        let facts = json!({"id": "1", "region": "Y", "desil": desil, "va": 1, "people": []});
        decided(&rules, ("2026-01-01", known), facts, &["va_limit"])["values"]["va_limit"].clone()
    };
    assert_eq!([ask("2025-06-01", 5), ask("2025-06-01", 6)], [1, 900]);
    assert_eq!([ask("2025-07-01", 5), ask("2025-07-01", 6)], [700, 700]);
    assert_eq!([ask("2025-08-01", 5), ask("2025-08-01", 6)], [700, 2]);
}

#[test]
fn what_is_repealed_is_no_longer_asked_for() {
    let rules = amended(
        "amend aid from 2026-01-01 enacted 2025-12-01 { repeal poor  repeal care  repeal desil_limit }
         amend aid from 2026-01-01 enacted 2026-12-01 { replace criterion poor when desil <= 2 }
         define limit = desil_limit",
    );
    let decision = decided(&rules, ("2026-06-01", "2026-06-01"), household(), &["limit", "poor"]);
    assert_eq!(decision["programmes"]["food"]["outcome"], "eligible");
    assert_eq!(decision["programmes"]["care"]["outcome"], "not_eligible");
    assert_eq!(decision["programmes"]["care"]["reasons"][0]["criterion"], "in_force");
    assert_eq!(decision["values"]["limit"]["error"]["code"], "L0501");
    assert_eq!(decision["values"]["poor"]["error"]["code"], "L0501");
    let plan = rules.as_of("2026-06-01".parse().unwrap());
    let explained = plan.explain(&plan.facts(&household()).unwrap()).render(Lang::En);
    assert!(!explained.contains("Poor"), "{explained}");
    let later = decided(&rules, ("2026-06-01", "2026-12-01"), household(), &[]);
    assert_eq!(later["programmes"]["food"]["reasons"][0]["criterion"], "poor");
    let earlier = decided(&rules, ("2025-12-31", "2025-12-31"), household(), &[]);
    assert_eq!(earlier["programmes"]["food"]["outcome"], "not_eligible");
    assert_eq!(earlier["programmes"]["care"]["outcome"], "eligible");
}

#[test]
fn an_act_adds_names_of_its_own() {
    let rules = amended(
        "parameter bonus: integer from 2026-01-01: 3
         define small = people where age < 6
         amend aid from 2026-01-01 {
           define helped = count(small) * bonus
           programme pilot requires has_ill gives n = helped
         }",
    );
    assert_eq!(outcome(&rules, "2025-12-31", household(), "pilot"), "not_eligible");
    let decision = decided(&rules, ("2026-01-01", "2026-01-01"), household(), &["aid.helped"]);
    assert_eq!(decision["programmes"]["pilot"]["outputs"]["n"], 3);
    assert_eq!(decision["values"]["aid.helped"], 3);
}

#[test]
fn a_module_may_hold_the_acts_that_change_it() {
    let text = format!("{BASE}\namend aid from 2026-01-01 {{ parameter desil_limit: integer = 5 }}\n");
    let rules = Ruleset::from_text(&text).unwrap();
    assert_eq!(outcome(&rules, "2026-01-01", household(), "food"), "eligible");
    assert_eq!(outcome(&rules, "2025-12-31", household(), "food"), "not_eligible");
}

#[test]
fn neither_the_order_of_files_nor_the_language_changes_what_acts_mean() {
    let one = "module one\namend aid from 2026-01-01 enacted 2025-12-01 { except in va_limit a when desil = 5: 1 }";
    let two = "module two\namend aid from 2026-01-01 enacted 2025-12-02 { except in va_limit b when desil = 6: 2  repeal care }";
    let of = |files: &[(&str, &str)]| base().amended(&sources(files)).unwrap();
    let first = of(&[("a.layak", one), ("b.layak", two)]);
    let second = of(&[("b.layak", one), ("a.layak", two)]);
    assert_eq!(first.fingerprint(), second.fingerprint());
    let one_id = "bahasa id\nmodul one\nubah aid dari 2026-01-01 diundangkan 2025-12-01 { kecuali dalam va_limit a bila desil = 5: 1 }";
    let two_id = "bahasa id\nmodul two\nubah aid dari 2026-01-01 diundangkan 2025-12-02 { kecuali dalam va_limit b bila desil = 6: 2  cabut care }";
    let third = of(&[("a.layak", one_id), ("b.layak", two_id)]);
    assert_eq!(first.fingerprint(), third.fingerprint());
    // What an act changes is part of what the rules mean.
    let other = of(&[("a.layak", one), ("b.layak", &two.replace(": 2", ": 3"))]);
    assert_ne!(first.fingerprint(), other.fingerprint());
}

fn found(code: &str, places: &[&str]) -> Vec<(String, Vec<String>)> {
    vec![(code.to_owned(), places.iter().map(|p| (*p).to_owned()).collect())]
}

#[test]
fn conflicts_are_told_with_both_places() {
    for (what, other) in [
        ("parameter desil_limit: integer = 5", "parameter desil_limit: integer = 6"),
        ("parameter desil_limit: integer = 5", "repeal desil_limit"),
        ("replace define va_limit = 1", "replace define va_limit = 1"),
        ("replace define Person.rate = 1", "repeal Person.rate"),
        ("repeal food", "replace programme food requires poor"),
    ] {
        for date in ["", "enacted 2025-12-01"] {
            let act = format!(
                "amend aid from 2026-01-01 {date} {{\n{what} }}\namend aid from 2026-06-01 {date} {{\n{other} }}"
            );
            assert_eq!(refused(&act), found("L0232", &["act.layak:5", "act.layak:3"]), "{act}");
            let apart = act.replace(&format!("2026-01-01 {date}"), &format!("2026-01-01 until 2026-05-31 {date}"));
            amended(&apart);
        }
        let later = format!(
            "amend aid from 2026-01-01 enacted 2025-12-01 {{\n{what} }}\namend aid from 2026-06-01 enacted 2025-12-02 {{\n{other} }}"
        );
        amended(&later);
    }
    // A key that only one of them changes is no conflict.
    amended(
        "amend aid from 2026-01-01 { parameter amount(kind: text): money per month = \"a\" => IDR 1 }
         amend aid from 2026-01-01 { parameter amount(kind: text): money per month = \"b\" => IDR 2 }",
    );
    // A version of the module itself that was enacted on the same day.
    let base = BASE.replace("  from 2025-01-01: 4   basis", "  from 2025-01-01: 4 enacted 2025-12-01 basis");
    let base = base.replace(": 4 enacted 2025-12-01", " enacted 2025-12-01: 4");
    let act = "module act\namend aid from 2026-01-01 enacted 2025-12-01 { parameter desil_limit: integer = 6 }";
    let found = Ruleset::from_text(&base).unwrap().amended(&sources(&[("act.layak", act)])).err().unwrap();
    assert_eq!(found.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0232"]);
}

#[test]
fn an_act_that_does_not_fit_is_told_with_both_places() {
    let act = |inner: &str| format!("amend aid from 2026-01-01 {{\n{inner}\n}}");
    let check = |inner: &str, code: &str, other: &str| {
        assert_eq!(refused(&act(inner)), found(code, &["act.layak:3", other]), "{inner}");
    };
    // Names.
    assert_eq!(refused(&act("repeal nothing")), found("L0230", &["act.layak:3"]));
    assert_eq!(refused(&act("parameter new: integer = 3")), found("L0230", &["act.layak:3"]));
    assert_eq!(refused(&act("repeal Person.poor")), found("L0230", &["act.layak:3"]));
    assert_eq!(refused(&act("except in nothing when desil = 1: 3")), found("L0230", &["act.layak:3"]));
    assert_eq!(refused(&act("replace programme nothing requires poor")), found("L0230", &["act.layak:3"]));
    assert_eq!(refused("amend nothing { repeal poor }"), found("L0204", &["act.layak:2"]));
    check("define va_limit = 3", "L0231", "rules.layak:12");
    check("programme food requires poor", "L0231", "rules.layak:23");
    // Kinds.
    check("replace define poor = yes", "L0233", "rules.layak:16");
    check("replace define food = yes", "L0233", "rules.layak:23");
    check("replace programme poor requires low_power", "L0233", "rules.layak:16");
    check("parameter food: integer = 3", "L0233", "rules.layak:23");
    check("except in step when desil = 1: 3", "L0233", "rules.layak:19");
    check("except in desil_limit when desil = 1: 3", "L0233", "rules.layak:6");
    check("replace programme food for Person requires poor", "L0233", "rules.layak:23");
    // Types.
    check("parameter desil_limit: number = 3.5", "L0234", "rules.layak:6");
    check("parameter amount(sort: text): money per month = \"a\" => IDR 3", "L0234", "rules.layak:8");
    check("replace define va_limit = \"much\"", "L0234", "rules.layak:12");
    check("replace define va_limit: text = \"much\"", "L0234", "rules.layak:12");
    check("replace define Person.rate = 1.5", "L0234", "rules.layak:14");
    check("replace define double(m: integer): integer = m", "L0234", "rules.layak:15");
    check("except in va_limit when desil = 1: 3.5", "L0234", "rules.layak:12");
    check("replace table step: number else 0\n | desil || step |\n | 1..2 || 2 |", "L0234", "rules.layak:19");
    // Periods.
    assert_eq!(refused(&act("repeal poor from 2025-01-01")), found("L0235", &["act.layak:3", "act.layak:2"]));
    let ended = act("parameter desil_limit: integer from 2026-01-01 until 2027-01-01: 4")
        .replace("{\n", "until 2026-12-31 {\n");
    assert_eq!(refused(&ended), found("L0235", &["act.layak:3", "act.layak:2"]));
    // Twice in one act.
    assert_eq!(refused(&act("repeal poor\nreplace criterion poor when yes"))[0].0, "L0402");
}

#[test]
fn names_of_another_module_are_amended_there() {
    let other = "module other\ndefine far = 1";
    let act = "module act\namend aid from 2026-01-01 {\nrepeal far }";
    let found = base().amended(&sources(&[("act.layak", act), ("other.layak", other)])).err().unwrap();
    let finding = found.iter().next().unwrap();
    assert_eq!(finding.code().to_string(), "L0230");
    assert_eq!(found.sources().place(finding.secondary()[0].0).to_string(), "other.layak:2:8");
    assert!(finding.ways_out()[0].in_lang(Lang::En).contains("amend other"), "{found}");
}

#[test]
fn a_module_that_uses_what_amends_it_is_a_circle() {
    let files = [
        ("a.layak", "module a\nuse b\nentity H { n integer }\ndefine x = 1"),
        ("b.layak", "module b\namend a { replace define x = 2 }"),
    ];
    let found = Ruleset::from_sources(&sources(&files), Limits::default()).err().unwrap();
    assert_eq!(found.iter().next().unwrap().code().to_string(), "L0205");
}

#[test]
fn an_act_takes_the_place_of_no_file() {
    let rules = base();
    let found = rules.amended(&sources(&[("rules.layak", "module act\namend aid { repeal poor }")])).err().unwrap();
    assert_eq!(found.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0238"]);
    // The same file once more is no other.
    assert_eq!(rules.amended(&sources(&[("rules.layak", BASE)])).unwrap().fingerprint(), rules.fingerprint());
}

#[test]
fn acts_read_tables_beside_them() {
    let act = "module act\namend aid basis \"Act 4\" from 2026-01-01 { parameter amount(kind: text): money per month csv \"data/a.csv\" }";
    let csv = "kind,from,value\na,2026-03-01,300\nb,,400\n";
    let files = sources(&[("acts/act.layak", act), ("acts/data/a.csv", csv)]);
    let rules = base().amended(&files).unwrap();
    let mut facts = household();
    facts["desil"] = json!(4);
    let amount =
        |day: &str| decided(&rules, (day, day), facts.clone(), &[])["programmes"]["food"]["outputs"]["amount"].clone();
    assert_eq!([amount("2026-02-28"), amount("2026-03-01")], ["100000", "300"]);
    let early = sources(&[("acts/act.layak", act), ("acts/data/a.csv", "kind,from,value\na,2025-03-01,300\n")]);
    let found = base().amended(&early).err().unwrap();
    assert_eq!(found.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0235"]);
}

#[test]
fn the_tests_of_an_act_are_run_with_it() {
    let rules = amended(
        "amend aid from 2026-01-01 { parameter desil_limit: integer = 5 }
         test \"reform\" as of 2026-01-01 given { id: \"1\", region: \"Y\", desil: 5, va: 900, people: [] } expect food eligible",
    );
    assert_eq!(rules.run_tests().iter().map(|t| t.failures().len()).collect::<Vec<_>>(), [0]);
}

/// What stands between the brackets belongs to the act, however it is indented; what is broken in it is told once.
#[test]
fn the_brackets_hold_an_act_together() {
    let rules = amended(
        "amend aid from 2026-01-01 {
parameter desil_limit: integer = 5
replace define va_limit = 1
}
define after = 7",
    );
    assert_eq!(shown(&rules, "2026-01-01", household(), "after"), 7);
    assert_eq!(outcome(&rules, "2026-01-01", household(), "food"), "not_eligible");
    let broken = "amend aid from 2026-01-01 {\nparameter desil_limit: integer = 5\nreplace va_limit = 1\ndefine y = 1\n}\ndefine after = nothing";
    let found = refused(broken);
    assert_eq!(
        found,
        [("L0103".to_owned(), vec!["act.layak:4".to_owned()]), ("L0201".to_owned(), vec!["act.layak:7".to_owned()])]
    );
    // A bracket that is not closed takes no other declaration with it.
    let codes: Vec<String> =
        refused("amend aid from 2026-01-01 {\ndefine after = nothing").into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["L0103", "L0201"]);
}

/// Many choices side by side are not nested.
#[test]
fn an_act_may_hold_many_rules() {
    let rules: String = (0..200).map(|n| format!("define r{n} = if va > {n} then 1 else 0\n")).collect();
    let rules = amended(&format!("amend aid from 2026-01-01 {{\n{rules}}}"));
    assert_eq!(shown(&rules, "2026-01-01", household(), "aid.r199"), 1);
    let nested = "if a\ndefine then ".repeat(10_000);
    assert_eq!(refused(&format!("amend aid {{ define x = {nested} }}"))[0].0, "L0105".to_owned());
}

/// Many acts are taken up in good time; too many over one thing are refused.
#[test]
fn acts_without_end_are_refused() {
    let acts = |count: usize, what: &str| -> String {
        let act = |n: usize| {
            let (year, month, day) = (1900 + n / 200, 1 + n / 20 % 10, 1 + n % 20);
            format!("amend aid from 2026-01-01 enacted {year}-{month:02}-{day:02} when desil != {n} {{ {what} }}\n")
        };
        (0..count).map(act).collect()
    };
    for what in [
        "parameter desil_limit: integer = 6",
        "replace define va_limit = 1",
        "except in va_limit when desil = 1: 3",
        "replace criterion poor when yes",
        "replace programme care requires has_ill gives total = 1",
        "repeal low_power",
    ] {
        amended(&acts(40, what));
        let found = refused(&acts(300, what));
        assert_eq!(found.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["L0116"], "{what}");
    }
}

#[test]
fn what_could_not_be_read_is_not_told_again_by_the_acts_over_it() {
    let base = "module aid\nentity H { a integer }\ndefine x = = 1\n";
    let files = [("a.layak", base), ("b.layak", "module b\namend aid from 2026-01-01 { replace define x = 2 }")];
    let found = Ruleset::from_sources(&sources(&files), Limits::default()).err().unwrap();
    assert_eq!(found.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0103"]);
}
