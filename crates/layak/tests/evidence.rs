//! Facts given as evidence: what counts, what is said of it, and whether an outcome hangs on it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods)]

use layak::{Answer, Decision, FactFindingKind, Lang, Limits, Outcome, Plan, Ruleset, Sources};

const RULES: &str = r#"
module aid
currency IDR
calendar leap_day march_1, month_end clip
source pln    id "Data meter PLN" en "Meter data"   fresh for 3 months
source bkn    id "BKN" en "Civil service"
source survey id "Kunjungan" en "Visit"
source rt     id "Ketua RT" en "Neighbourhood head" unverified
source self   id "Pernyataan sendiri" en "Own statement"   fresh for 1 year

enum Job { farmer "Petani", civil_servant "ASN" }
entity Household {
  id       text key
  desil    integer 1..10
  power    integer 0..           from pln, rt, self
  rent     money 0.. per month
  members  list of Person 0..30
}
entity Person {
  name  text key
  job   Job          from bkn, self must be verified
  wage  money 0.. per month      from self
}

criterion poor when desil <= 4
criterion high_power when power >= 2_200
criterion state_paid when any(members where job = civil_servant)
criterion high_wage when sum(members each assume(wage, IDR 0 per month)) > IDR 3_000_000 per month

programme food requires poor refuses high_power
programme grant requires poor refuses state_paid, high_wage gives amount = assume(rent, IDR 500 per month) * 1 month
"#;

fn plan() -> Plan {
    rules().as_of("2026-01-15".parse().unwrap())
}

fn rules() -> Ruleset {
    Ruleset::from_text(RULES).unwrap_or_else(|e| panic!("{e}"))
}

fn decided(plan: &Plan, json: &str) -> Decision {
    plan.decide(&plan.facts_from_json(json.as_bytes()).unwrap_or_else(|e| panic!("{json}\n{e}")))
}

fn power(items: &str) -> String {
    format!(r#"{{"id":"h","desil":2,"power":{{"evidence":[{items}]}},"rent":5,"members":[]}}"#)
}

/// Every finding as kind, fact and what it decides.
fn told(decision: &Decision) -> Vec<String> {
    let one = |f: &layak::FactFinding| {
        format!("{} {}: {}", f.kind().name(), f.fact(), f.programmes().collect::<Vec<_>>().join(", "))
    };
    decision.findings().iter().map(one).collect()
}

fn outcome(decision: &Decision, name: &str) -> &'static str {
    match decision.programme(name).unwrap().outcome().unwrap() {
        Outcome::Eligible => "eligible",
        Outcome::NotEligible => "not eligible",
        Outcome::Undetermined(_) => "undetermined",
        _ => "error",
    }
}

const PLN_900: &str = r#"{"value":900,"source":"pln","date":"2025-12-01"}"#;
const PLN_2200: &str = r#"{"value":2200,"source":"pln","date":"2025-12-01"}"#;
const PLN_OLD: &str = r#"{"value":2200,"source":"pln","date":"2024-12-01"}"#;
const OWN_900: &str = r#"{"value":900,"source":"self","date":"2025-12-01"}"#;
const OWN_450: &str = r#"{"value":450,"source":"self","date":"2025-12-01"}"#;

#[test]
fn the_registry_outranks_the_statement_and_the_conflict_is_told() {
    let plan = plan();
    let decision = decided(&plan, &power(&format!("{OWN_900},{PLN_2200}")));
    assert_eq!((outcome(&decision, "food"), outcome(&decision, "grant")), ("not eligible", "eligible"));
    assert_eq!(told(&decision), ["conflict power: food"]);
    let text = decision.findings()[0].text();
    assert_eq!(
        text.in_lang(Lang::En),
        "sources disagree: Meter data: 2,200 (1 December 2025); Own statement: 900 (1 December 2025); 2,200 counts"
    );
    assert_eq!(
        text.in_lang(Lang::Id),
        "sumber berbeda: Data meter PLN: 2.200 (1 Desember 2025); Pernyataan sendiri: 900 (1 Desember 2025); yang dipakai 2.200"
    );
    // Either way eligible: told all the same.
    let decision = decided(&plan, &power(&format!("{OWN_450},{PLN_900}")));
    assert_eq!((outcome(&decision, "food"), told(&decision)), ("eligible", vec!["conflict power: ".to_owned()]));
    assert_eq!(decision.findings()[0].depends(), Some(false));
    // Agreement needs no word; nor does a source that has changed its own with time.
    assert_eq!(told(&decided(&plan, &power(&format!("{OWN_900},{PLN_900}")))), Vec::<String>::new());
    assert_eq!(told(&decided(&plan, &power(&format!("{PLN_OLD},{PLN_900}")))), Vec::<String>::new());
}

#[test]
fn equally_trusted_sources_that_differ_leave_the_fact_unknown() {
    let plan = plan();
    let decision = decided(&plan, &power(&format!("{PLN_900},{PLN_2200}")));
    assert_eq!(outcome(&decision, "food"), "undetermined");
    assert_eq!(told(&decision), ["conflict power: food"]);
    assert!(decision.findings()[0].text().in_lang(Lang::En).ends_with("so it is not known"));
    let missing = decision.programme("food").unwrap().entitlement().unwrap().missing();
    assert_eq!((missing[0].fact.as_str(), missing[0].verify), ("power", false));
}

#[test]
fn what_is_too_old_does_not_count() {
    let plan = plan();
    let decision = decided(&plan, &power(PLN_OLD));
    assert_eq!(outcome(&decision, "food"), "undetermined");
    assert_eq!(told(&decision), ["stale power: food"]);
    // The next in trust takes its place.
    let decision = decided(&plan, &power(&format!("{PLN_OLD},{OWN_900}")));
    assert_eq!(outcome(&decision, "food"), "eligible");
    assert_eq!(told(&decision), ["stale power: food", "unverified power: food"]);
    assert_eq!(
        decision.findings()[0].text().in_lang(Lang::En),
        "too old to count: Meter data: 2,200 (1 December 2024)"
    );
    let decision = decided(&plan, &power(r#"{"value":900,"source":"pln"}"#));
    assert_eq!((outcome(&decision, "food"), told(&decision)), ("undetermined", vec!["stale power: food".to_owned()]));
    assert!(decision.findings()[0].text().in_lang(Lang::Id).ends_with("900 (tanpa tanggal)"));
}

#[test]
fn a_statement_that_is_accepted_is_told() {
    let plan = plan();
    for source in ["self", "rt"] {
        let item = format!(r#"{{"value":900,"source":"{source}","date":"2025-12-01"}}"#);
        let decision = decided(&plan, &power(&item));
        assert_eq!(
            (outcome(&decision, "food"), told(&decision)),
            ("eligible", vec!["unverified power: food".to_owned()])
        );
    }
    // Refused whatever the power is: the outcome does not hang on it.
    let refused = power(OWN_900).replace("\"desil\":2", "\"desil\":9");
    assert_eq!(told(&decided(&plan, &refused)), ["unverified power: "]);
    // A value given alone makes no claim.
    let plain = r#"{"id":"h","desil":2,"power":900,"rent":5,"members":[]}"#;
    assert_eq!(told(&decided(&plan, plain)), Vec::<String>::new());
}

#[test]
fn a_source_that_the_fact_does_not_accept_does_not_count() {
    let plan = plan();
    let decision = decided(&plan, &power(r#"{"value":900,"source":"survey"}"#));
    assert_eq!(outcome(&decision, "food"), "undetermined");
    assert_eq!(told(&decision), ["not_accepted power: food"]);
    assert_eq!(decision.findings()[0].kind(), FactFindingKind::NotAccepted);
}

fn member(job: &str) -> String {
    format!(r#"{{"id":"h","desil":2,"power":900,"rent":5,"members":[{{"name":"a","job":{job},"wage":5}}]}}"#)
}

#[test]
fn what_must_be_verified_is_missing_until_it_is() {
    let plan = plan();
    for stated in [r#""farmer""#, r#"{"evidence":[{"value":"farmer","source":"self","date":"2025-12-01"}]}"#] {
        let decision = decided(&plan, &member(stated));
        assert_eq!(outcome(&decision, "grant"), "undetermined");
        assert_eq!(told(&decision), ["unverified members[0].job: grant"]);
        let missing = decision.programme("grant").unwrap().entitlement().unwrap().missing();
        let [one] = missing else { panic!("{missing:?}") };
        assert_eq!((one.fact.as_str(), one.verify), ("members[0].job", true));
        assert_eq!(one.ask.iter().map(|s| &**s).collect::<Vec<_>>(), ["bkn"], "not the household itself");
        let json = serde_json::to_value(decision.to_json(None, Lang::En)).unwrap();
        assert_eq!(
            json["programmes"]["grant"]["missing"],
            serde_json::json!([{"fact": "members[0].job", "ask": ["bkn"], "verify": true}])
        );
    }
    let verified = r#"{"evidence":[{"value":"farmer","source":"bkn"}]}"#;
    let decision = decided(&plan, &member(verified));
    assert_eq!((outcome(&decision, "grant"), told(&decision)), ("eligible", Vec::new()));
    // Verified otherwise than stated.
    let both = r#"{"evidence":[{"value":"farmer","source":"self","date":"2025-12-01"},{"value":"civil_servant","source":"bkn"}]}"#;
    let decision = decided(&plan, &member(both));
    assert_eq!(
        (outcome(&decision, "grant"), told(&decision)),
        ("not eligible", vec!["conflict members[0].job: grant".to_owned()])
    );
}

#[test]
fn what_is_assumed_is_told_where_it_has_a_part() {
    let plan = plan();
    let household = |desil: u8, wages: [&str; 2], rent: &str| {
        let job = r#"{"evidence":[{"value":"farmer","source":"bkn"}]}"#;
        let people = ["a", "b"].iter().zip(wages).map(|(n, w)| format!(r#"{{"name":"{n}","job":{job},"wage":{w}}}"#));
        let people = people.collect::<Vec<_>>().join(",");
        format!(r#"{{"id":"h","desil":{desil},"power":900,"rent":{rent},"members":[{people}]}}"#)
    };
    let decision = decided(&plan, &household(2, ["null", "5"], "5"));
    assert_eq!(outcome(&decision, "grant"), "eligible");
    assert_eq!(told(&decision), ["assumed members[0].wage: grant"]);
    assert_eq!(decision.findings()[0].text().in_lang(Lang::Id), "belum diketahui; dianggap: Rp0 per bulan");
    // Another member alone is over the limit: what this one earns changes nothing.
    let decision = decided(&plan, &household(2, ["null", "3_000_001".replace('_', "").as_str()], "5"));
    assert_eq!(
        (outcome(&decision, "grant"), told(&decision)),
        ("not eligible", vec!["assumed members[0].wage: ".to_owned()])
    );
    // An output that rests on a default.
    let decision = decided(&plan, &household(2, ["5", "5"], "null"));
    assert_eq!(told(&decision), ["assumed rent: grant"]);
    let one = decision.programme("grant").unwrap().entitlement().unwrap();
    assert_eq!(one.output("amount"), Some(&Answer::Number("500".parse().unwrap())));
    // Refused: the amount has no part in it.
    assert_eq!(told(&decided(&plan, &household(2, ["5", "4000000"], "null"))), Vec::<String>::new());
    assert_eq!(told(&decided(&plan, &household(2, ["5", "5"], "5"))), Vec::<String>::new());
}

#[test]
fn facts_are_weighed_anew_for_the_day_of_each_plan() {
    let rules = rules();
    let read_by = rules.as_of("2026-01-15".parse().unwrap());
    let facts = read_by.facts_from_json(power(PLN_900).as_bytes()).unwrap();
    let on = |day: &str| rules.as_of(day.parse().unwrap()).decide(&facts);
    assert_eq!(outcome(&on("2026-03-01"), "food"), "eligible", "the last day on which it is fresh");
    let later = on("2026-03-02");
    assert_eq!((outcome(&later, "food"), told(&later)), ("undetermined", vec!["stale power: food".to_owned()]));
    assert_eq!(outcome(&read_by.decide(&facts), "food"), "eligible");
}

#[test]
fn findings_are_in_the_json_and_in_the_explanation() {
    let plan = plan();
    let facts = plan.facts_from_json(power(&format!("{OWN_900},{PLN_2200}")).as_bytes()).unwrap();
    let json = serde_json::to_value(plan.decide(&facts).to_json(Some(1), Lang::En)).unwrap();
    let text =
        "sources disagree: Meter data: 2,200 (1 December 2025); Own statement: 900 (1 December 2025); 2,200 counts";
    assert_eq!(
        json["findings"],
        serde_json::json!([{"kind": "conflict", "code": "L0540", "fact": "power", "text": text, "depends": true,
            "programmes": ["food"]}])
    );
    let explanation = plan.explain(&facts);
    assert_eq!(explanation.decision(), &plan.decide(&facts));
    let told = explanation.render(Lang::Id);
    assert!(told.contains("Catatan atas fakta\n  ! power: sumber berbeda: "), "{told}");
    assert!(told.contains("yang dipakai 2.200 (menentukan `food`)\n"), "{told}");
}

#[test]
fn what_is_tried_is_bounded() {
    let mut sources = Sources::new();
    sources.add("aid.layak", RULES);
    let rules = Ruleset::from_sources(&sources, Limits { cases: 1, ..Limits::default() }).unwrap();
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let decision = decided(&plan, &power(&format!("{PLN_OLD},{OWN_900}")));
    assert_eq!(decision.findings().iter().map(layak::FactFinding::depends).collect::<Vec<_>>(), [Some(true), None]);
    assert_eq!(decision.findings()[1].dependence().in_lang(Lang::En), "what hangs on it was not worked out");
}

#[test]
fn words_of_evidence_stand_where_they_mean_something() {
    let codes = |text: &str| match Ruleset::from_text(text) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(|f| f.code().to_string()).collect(),
    };
    let of = |field: &str, source: &str| {
        codes(&format!(
            "module m\n{source}\nentity H {{ a {field}\n b list of P }}\nentity P {{ n text }}\ndefine one = 1"
        ))
    };
    assert_eq!(of("integer from s must be verified", "source s"), Vec::<String>::new());
    assert_eq!(of("integer from s must be verified", "source s unverified"), ["L0360"]);
    assert_eq!(of("integer from self must be verified", "source self"), ["L0360"]);
    assert_eq!(of("integer must be verified", "source s"), ["L0360"]);
    assert_eq!(of("text key from s must be verified", "source s"), ["L0361"]);
    assert_eq!(of("list of P from s must be verified", "source s"), ["L0361"]);
    assert_eq!(of("list of P fixed", "source s"), ["L0361"]);
    assert_eq!(of("text key fixed", "source s"), Vec::<String>::new());
    let linked = "module m\nsource s\nentity H { list list of P }\n\
                  entity P { nik text key\n a optional link to P from s must be verified\n b list of link to P inverse a }\ndefine one = 1";
    assert_eq!(codes(linked), ["L0361"]);
    // Months are counted: the ruleset must say how; days need no calendar.
    assert_eq!(of("integer from s", "source s fresh for 3 months"), ["L0304"]);
    assert_eq!(of("integer from s", "source s unverified fresh for 90 days"), Vec::<String>::new());
}

#[test]
fn the_words_are_those_of_either_language() {
    let en = "module m\nsource s unverified fresh for 90 days\nsource t\nentity H { a integer from t, s must be verified }\ndefine one = 1";
    let id = "modul m\nbahasa id\nsumber s tanpa verifikasi berlaku selama 90 hari\nsumber t\n\
              entitas H { a bulat dari t, s wajib diverifikasi }\ntetapkan one = 1";
    let (en_rules, id_rules) =
        (Ruleset::from_text(en).unwrap(), Ruleset::from_text(id).unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(en_rules.fingerprint(), id_rules.fingerprint());
    for other in [en.replace(" unverified", ""), en.replace(" must be verified", ""), en.replace("90", "91")] {
        assert_ne!(Ruleset::from_text(&other).unwrap().fingerprint(), en_rules.fingerprint(), "{other}");
    }
}

/// Worked cases of the fact sheet of bansos (its numbers in brackets), by the rules of the package.
mod bansos {
    use super::{outcome, told};
    use layak::{Decision, Ruleset};
    use serde_json::{Value, json};

    fn decided(as_of: &str, household: &Value) -> Decision {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/bansos");
        let rules = Ruleset::from_dir(folder).unwrap_or_else(|e| panic!("{e}"));
        let plan = rules.as_of(as_of.parse().unwrap());
        plan.decide(&plan.facts(household).unwrap_or_else(|e| panic!("{e}")))
    }

    fn member(nik: &str, born: &str, school: &str) -> Value {
        json!({"nik": nik, "birth_date": born, "sex": "male", "relation": "child", "registered": true, "pregnant": false,
            "pregnancy_number": 0, "school_level": school, "attends_school": school != "none", "finished_sma": false,
            "disability": "none", "occupation": "other", "wage": 0, "company_owner": false, "covered_by_employer": false})
    }

    fn family(desil: u8, members: Vec<Value>) -> Value {
        json!({"id": "k", "region": "35.10", "desil": desil, "electricity_va": 900, "has_car": false, "motorbikes": 1,
            "vehicle_value": 0, "members": members})
    }

    fn evidence(items: &[(Value, &str, &str)]) -> Value {
        let item =
            |(value, source, date): &(Value, &str, &str)| json!({"value": value, "source": source, "date": date});
        json!({"evidence": items.iter().map(item).collect::<Vec<_>>()})
    }

    fn amount(decision: &Decision) -> String {
        let one = decision.programme("pkh").unwrap().entitlement().unwrap();
        match one.output("amount_per_quarter") {
            Some(layak::Answer::Number(n)) => n.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_meter_of_the_landlord() {
        // [12] The meter says 2,200 VA, the family 900; once the register is put right the grandchild's grant is due.
        let mut household = family(3, vec![member("1", "2013-05-01", "smp")]);
        let meter = (json!(2200), "pln", "2026-01-05");
        household["electricity_va"] = evidence(&[meter.clone(), (json!(900), "self", "2026-02-01")]);
        let decision = decided("2026-02-15", &household);
        assert_eq!(outcome(&decision, "pkh"), "not eligible");
        assert_eq!(told(&decision), ["conflict electricity_va: pkh, sembako"]);
        household["electricity_va"] = evidence(&[meter, (json!(1300), "pln", "2026-02-10")]);
        let decision = decided("2026-02-15", &household);
        assert_eq!((outcome(&decision, "pkh"), amount(&decision)), ("eligible", "375000".to_owned()));
        assert_eq!(told(&decision), Vec::<String>::new());
    }

    #[test]
    fn the_wage_by_the_register_and_by_the_family() {
        // [11] A wage of 2,900,000 is above the minimum of 2025 and below that of 2026.
        let mut father = member("1", "1985-05-01", "none");
        father["wage"] =
            evidence(&[(json!(2_900_000), "bpjs_tk", "2025-11-30"), (json!(1_500_000), "self", "2025-12-01")]);
        let household = family(2, vec![father, member("2", "2017-05-01", "sd")]);
        let december = decided("2025-12-15", &household);
        assert_eq!(outcome(&december, "pkh"), "not eligible");
        assert_eq!(told(&december), ["conflict members[0].wage: pkh, sembako"]);
        let february = decided("2026-02-15", &household);
        assert_eq!((outcome(&february, "pkh"), amount(&february)), ("eligible", "225000".to_owned()));
        assert_eq!(told(&february), ["conflict members[0].wage: "], "either wage is below the limit now");
    }

    #[test]
    fn the_head_who_died_and_the_family_that_goes_on() {
        // [15] The registry knows of the death, the family's list does not yet.
        let mut head = member("1", "1957-05-01", "none");
        head["died_on"] = evidence(&[(json!("2026-01-03"), "dukcapil", "2026-01-10")]);
        let mut household =
            family(2, vec![head.clone(), member("2", "1967-05-01", "none"), member("3", "2017-05-01", "sd")]);
        let decision = decided("2026-02-15", &household);
        assert_eq!((outcome(&decision, "pkh"), amount(&decision)), ("eligible", "225000".to_owned()));
        household["members"] = json!([head]);
        assert_eq!(outcome(&decided("2026-02-15", &household), "pkh"), "not eligible");
        // Hearsay is no source of a death: it does not count, and is told with what hangs on it.
        let mut alive = member("1", "1957-05-01", "none");
        alive["died_on"] = evidence(&[(json!("2026-01-03"), "self", "2026-01-10")]);
        household["members"] = json!([alive]);
        let decision = decided("2026-02-15", &household);
        assert_eq!(outcome(&decision, "pkh"), "undetermined");
        assert_eq!(told(&decision), ["not_accepted members[0].died_on: pbi_jk, pkh, sembako"]);
    }

    #[test]
    fn the_family_that_moved() {
        // The registry has the family in Jember, the older register still in Banyuwangi: the minimum wage is that of Jember.
        let mut mother = member("1", "1985-05-01", "none");
        mother["wage"] = json!(2_960_000);
        let mut household = family(2, vec![mother, member("2", "2017-05-01", "sd")]);
        household["region"] =
            evidence(&[(json!("35.09"), "dukcapil", "2026-01-20"), (json!("35.10"), "dtsen", "2025-11-01")]);
        let decision = decided("2026-02-15", &household);
        assert_eq!(outcome(&decision, "pkh"), "not eligible");
        assert_eq!(told(&decision), ["conflict region: pkh, sembako"]);
    }
}
