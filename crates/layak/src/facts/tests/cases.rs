//! One household at a time: what is read and what is refused.

use super::*;

#[test]
fn facts_are_read_by_name_column_and_code() {
    let p = program();
    let case = bound(
        &p,
        r#"{"id":"h1","region":"35.10","desil":3.0,"electricity_va":"9e2","has_car":false,"land":1e-1,"nilai":"2989145.00",
            "since":"2020-02-29","lease":"1 year 6 months","stay":"2 weeks","head":"b",
            "members":[{"nik":"a","tgl_lahir":"1990-01-15","sex":"L","school":"sd","wage":2.989145e6,"mother":"b","jobs":[]},
                       {"nik":"b","sex":"female","died_on":null,"moved_on":null,"jobs":[{"title":"x"},{"hours":40}]}],
            "flags":[true,null,{"unknown":true},false]}"#,
    )
    .case;
    let h = |field| fact(&p, &case, "Household", field, 0);
    assert_eq!(h("desil"), number("3"));
    assert_eq!(h("electricity_va"), number("900"));
    assert_eq!(h("land"), number("0.1"));
    assert_eq!(h("value"), number("2989145"));
    assert_eq!(h("head"), Fact::Known(Value::Element(1)));
    assert_eq!(h("rating"), number("3"), "its default");
    let m = |field, row| fact(&p, &case, "Person", field, row);
    assert_eq!(m("birth_date", 0), Fact::Known(Value::Date("1990-01-15".parse().unwrap())));
    assert_eq!((m("sex", 0), m("sex", 1)), (Fact::Known(Value::Enum(0)), Fact::Known(Value::Enum(1))));
    assert_eq!(m("wage", 0), number("2989145"));
    assert_eq!(m("mother", 0), Fact::Known(Value::Element(1)));
    assert_eq!(m("mother", 1), Fact::Unknown);
    assert_eq!((m("died_on", 0), m("died_on", 1)), (Fact::Known(Value::None), Fact::Known(Value::None)));
    assert_eq!((m("moved_on", 0), m("moved_on", 1)), (Fact::Unknown, Fact::Known(Value::None)));
    assert_eq!(list(&p, &case, "Person", "jobs", 0), ListFact { start: 0, count: 0, state: ListState::Known });
    assert_eq!(list(&p, &case, "Person", "jobs", 1), ListFact { start: 0, count: 2, state: ListState::Known });
    assert_eq!(fact(&p, &case, "Job", "hours", 1), number("40"));
    let flags: Vec<Fact> = (0..4).map(|row| fact(&p, &case, "flags", "", row)).collect();
    let yes = |b| Fact::Known(Value::Boolean(b));
    assert_eq!(flags, [yes(true), Fact::Unknown, Fact::Asked, yes(false)]);
}

#[test]
fn every_way_to_write_a_number_gives_one_exact_value() {
    let p = program();
    let value =
        |json: &str| fact(&p, &bound(&p, &format!(r#"{{"id":"h","value":{json}}}"#)).case, "Household", "value", 0);
    for spelt in ["2989145", "2989145.00", "2.989145e6", "2989145E0", "29891450e-1", "298914500E-2", "2989145e+0"] {
        assert_eq!(value(spelt), number("2989145"), "{spelt}");
        assert_eq!(value(&format!("\"{spelt}\"")), number("2989145"), "{spelt} as text");
    }
    for exact in ["9007199254740993", "2989145.000000000000000000001", "0.000001", "123456789012345678.90", "99999999"]
    {
        assert_eq!(value(exact), number(exact));
    }
    assert_eq!(value("1e-6"), number("0.000001"));
    assert_eq!(value("-0"), number("0"));
    assert_eq!(value("-0.0"), number("0"));
    assert_eq!(value("0e5"), number("0"));
}

#[test]
fn what_is_wrong_has_its_code_and_path() {
    let p = program();
    for (json, code, path) in [
        (r#"[]"#, Code::FACT_TYPE, ""),
        (r#"null"#, Code::FACT_TYPE, ""),
        (r#"{}"#, Code::FACT_MISSING_KEY, "id"),
        (r#"{"id":null}"#, Code::FACT_MISSING_KEY, "id"),
        (r#"{"id":{"unknown":true}}"#, Code::FACT_MISSING_KEY, "id"),
        (r#"{"id":{"evidence":[]}}"#, Code::FACT_TYPE, "id"),
        (r#"{"id":5}"#, Code::FACT_TYPE, "id"),
        (r#"{"id":"h","desil":0}"#, Code::FACT_RANGE, "desil"),
        (r#"{"id":"h","desil":11}"#, Code::FACT_RANGE, "desil"),
        (r#"{"id":"h","desil":1.5}"#, Code::FACT_NOT_WHOLE, "desil"),
        (r#"{"id":"h","desil":"3 "}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":"0x10"}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":"012"}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":""}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":"NaN"}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":true}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":[3]}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":1e400}"#, Code::FACT_TOO_LONG, "desil"),
        (r#"{"id":"h","value":1e-999999999999999999999}"#, Code::FACT_TOO_LONG, "value"),
        (r#"{"id":"h","value":"1.000.000"}"#, Code::FACT_TYPE, "value"),
        (r#"{"id":"h","value":"Rp 5"}"#, Code::FACT_TYPE, "value"),
        (r#"{"id":"h","value":-0.01}"#, Code::FACT_RANGE, "value"),
        (r#"{"id":"h","land":100}"#, Code::FACT_RANGE, "land"),
        (r#"{"id":"h","has_car":"true"}"#, Code::FACT_TYPE, "has_car"),
        (r#"{"id":"h","has_car":1}"#, Code::FACT_TYPE, "has_car"),
        (r#"{"id":"h","region":3510}"#, Code::FACT_TYPE, "region"),
        (r#"{"id":"h","since":"2025-02-29"}"#, Code::FACT_DATE, "since"),
        (r#"{"id":"h","since":"1990-1-5"}"#, Code::FACT_DATE, "since"),
        (r#"{"id":"h","since":"1990-01-15T00:00:00"}"#, Code::FACT_DATE, "since"),
        (r#"{"id":"h","since":19900115}"#, Code::FACT_TYPE, "since"),
        (r#"{"id":"h","since":"1899-12-31"}"#, Code::FACT_RANGE, "since"),
        (r#"{"id":"h","lease":"3 days"}"#, Code::FACT_DURATION, "lease"),
        (r#"{"id":"h","stay":"soon"}"#, Code::FACT_DURATION, "stay"),
        (r#"{"id":"h","stay":3}"#, Code::FACT_TYPE, "stay"),
        (r#"{"id":"h","desl":3}"#, Code::FACT_UNKNOWN_FIELD, "desl"),
        (r#"{"id":"h","desil":3,"desil":3}"#, Code::FACT_DUPLICATE, "desil"),
        (r#"{"id":"h","desil":3,"de\u0073il":3}"#, Code::FACT_DUPLICATE, "desil"),
        (r#"{"id":"h","value":3,"nilai":3}"#, Code::FACT_DUPLICATE, "nilai"),
        (r#"{"id":"h","members":{}}"#, Code::FACT_TYPE, "members"),
        (r#"{"id":"h","members":"x"}"#, Code::FACT_TYPE, "members"),
        (r#"{"id":"h","members":{"evidence":[]}}"#, Code::FACT_EVIDENCE, "members"),
        (r#"{"id":"h","members":[null]}"#, Code::FACT_TYPE, "members[0]"),
        (r#"{"id":"h","members":[{"nik":"a"},[]]}"#, Code::FACT_TYPE, "members[1]"),
        (r#"{"id":"h","members":[{}]}"#, Code::FACT_MISSING_KEY, "members[0].nik"),
        (r#"{"id":"h","members":[{"nik":"a"},{"nik":"b"},{"nik":"a"}]}"#, Code::FACT_REPEATED_KEY, "members[2].nik"),
        (
            r#"{"id":"h","members":[{"nik":"1"},{"nik":"2"},{"nik":"3"},{"nik":"4"},{"nik":"5"}]}"#,
            Code::FACT_LIST_SIZE,
            "members",
        ),
        (r#"{"id":"h","members":[{"nik":"a","sex":"F"}]}"#, Code::FACT_UNKNOWN_VALUE, "members[0].sex"),
        (r#"{"id":"h","members":[{"nik":"a","sex":"Female"}]}"#, Code::FACT_UNKNOWN_VALUE, "members[0].sex"),
        (r#"{"id":"h","members":[{"nik":"a","sex":1}]}"#, Code::FACT_TYPE, "members[0].sex"),
        (r#"{"id":"h","members":[{"nik":"a","tgl_lahir":"kemarin"}]}"#, Code::FACT_DATE, "members[0].tgl_lahir"),
        (r#"{"id":"h","members":[{"nik":"a","jobs":[{"hours":169}]}]}"#, Code::FACT_RANGE, "members[0].jobs[0].hours"),
        (r#"{"id":"h","members":[{"nik":"a","mother":"b"}]}"#, Code::FACT_LINK, "members[0].mother"),
        (r#"{"id":"h","members":[],"head":"a"}"#, Code::FACT_LINK, "head"),
        (r#"{"id":"h","head":true}"#, Code::FACT_TYPE, "head"),
        (r#"{"id":"h","flags":[true,"no"]}"#, Code::FACT_TYPE, "flags[1]"),
        (r#"{"id":"h","desil":{}}"#, Code::FACT_TYPE, "desil"),
        (r#"{"id":"h","desil":{"unknown":false}}"#, Code::FACT_TYPE, "desil.unknown"),
        (r#"{"id":"h","desil":{"unknown":true,"x":1}}"#, Code::FACT_UNKNOWN_FIELD, "desil.x"),
        (r#"{"id":"h","desil":{"unknown":true,"unknown":true}}"#, Code::FACT_DUPLICATE, "desil.unknown"),
        (r#"{"id":"h","desil":{"evidence":3}}"#, Code::FACT_TYPE, "desil.evidence"),
        (r#"{"id":"h","desil":{"evidence":[3]}}"#, Code::FACT_TYPE, "desil.evidence[0]"),
        (r#"{"id":"h","desil":{"evidence":[{"value":3}]}}"#, Code::FACT_EVIDENCE, "desil.evidence[0].source"),
        (r#"{"id":"h","desil":{"evidence":[{"source":"pln"}]}}"#, Code::FACT_EVIDENCE, "desil.evidence[0].value"),
        (
            r#"{"id":"h","desil":{"evidence":[{"value":3,"source":"pnl"}]}}"#,
            Code::FACT_SOURCE,
            "desil.evidence[0].source",
        ),
        (
            r#"{"id":"h","desil":{"evidence":[{"value":11,"source":"pln"}]}}"#,
            Code::FACT_RANGE,
            "desil.evidence[0].value",
        ),
        (
            r#"{"id":"h","desil":{"evidence":[{"value":1,"source":"pln","date":"x"}]}}"#,
            Code::FACT_DATE,
            "desil.evidence[0].date",
        ),
        (
            r#"{"id":"h","desil":{"evidence":[{"valeu":1,"value":1,"source":"pln"}]}}"#,
            Code::FACT_UNKNOWN_FIELD,
            "desil.evidence[0].valeu",
        ),
    ] {
        assert_eq!(wrong(&p, json), [(code, path.to_owned())], "{json}");
    }
}

#[test]
fn help_names_the_nearest_right_name() {
    let p = program();
    for (json, near) in [
        (r#"{"id":"h","hascar":true}"#, "has_car"),
        (r#"{"id":"h","Desil":3}"#, "desil"),
        (r#"{"id":"h","member":[]}"#, "members"),
        (r#"{"id":"h","nilay":3}"#, "nilai"),
        (r#"{"id":"h","members":[{"nik":"a","birthdate":"1990-01-15"}]}"#, "birth_date"),
        (r#"{"id":"h","members":[{"nik":"a","school":"SD"}]}"#, "sd"),
        (r#"{"id":"h","desil":{"evidence":[{"value":3,"source":"surve"}]}}"#, "survey"),
        (r#"{"id":"h","xyzzy_quux":3}"#, "electricity_va"),
        (r#"{"id":"h","desil":11}"#, "from 1 to 10"),
        (r#"{"id":5}"#, "\"5\""),
    ] {
        let error = read_bound(&p, json).unwrap_err();
        assert!(error.to_string().contains(near), "{json}: {error}");
    }
}

#[test]
fn all_errors_are_told_together_by_path_whatever_the_order_of_keys() {
    let p = program();
    let ten = |middle: &str| {
        let flags = ["true"; 10].join(",");
        format!(r#"{{"flags":[0,{flags},"x"],{middle}}}"#)
    };
    let a = ten(r#""desil":0,"members":[{"sex":"x"}],"hascar":1"#);
    let b = ten(r#""hascar":1,"members":[{"sex":"x"}],"desil":0"#);
    let told: Vec<String> = wrong(&p, &a).into_iter().map(|(_, path)| path).collect();
    assert_eq!(told, ["desil", "flags[0]", "flags[11]", "hascar", "id", "members[0].nik", "members[0].sex"]);
    assert_eq!(read_bound(&p, &a), read_bound(&p, &b));
}

#[test]
fn very_many_errors_are_counted() {
    let p = program();
    let flags = |n: usize| format!(r#"{{"id":"h","flags":[{}]}}"#, vec!["1"; n].join(","));
    assert_eq!(wrong(&p, &flags(100)).len(), 100);
    let error = read_bound(&p, &flags(5_000)).unwrap_err();
    assert_eq!(error.errors.len(), 101);
    assert_eq!(error.errors[0].path, "flags[0]");
    assert_eq!(error.errors[99].path, "flags[99]");
    assert!(error.errors[100].message.en.contains("4900"));
    assert_eq!(error.id(), Some("h"));
}

#[test]
fn messages_stay_on_one_line_and_short() {
    let p = program();
    let long = "x".repeat(100_000);
    let error = read_bound(&p, &format!(r#"{{"id":"h\n","desil":"a\n{long}","a\nb{long}":1}}"#)).unwrap_err();
    assert_eq!(error.errors.len(), 2);
    let shown = error.to_string();
    assert_eq!(shown.lines().count(), 2);
    assert!(shown.len() < 2_000, "{}", shown.len());
}

#[test]
fn evidence_is_weighed_by_trust_then_date() {
    let p = program();
    let va = |items: &str| {
        let bound = bound(&p, &format!(r#"{{"id":"h","electricity_va":{{"evidence":[{items}]}}}}"#));
        assert_eq!(bound.evidence.len(), 1);
        fact(&p, &bound.case, "Household", "electricity_va", 0)
    };
    let pln = r#"{"value":900,"source":"pln","date":"2025-12-01"}"#;
    let newer = r#"{"value":1300,"source":"pln","date":"2026-01-01"}"#;
    let same_day = r#"{"value":450,"source":"pln","date":"2026-01-01"}"#;
    let later = r#"{"value":3500,"source":"pln","date":"2026-02-16"}"#;
    let latest = r#"{"value":5500,"source":"pln","date":"2026-03-16"}"#;
    let undated = r#"{"value":2200,"source":"pln"}"#;
    let own = r#"{"value":450,"source":"self","date":"2026-02-01"}"#;
    let other = r#"{"value":0,"source":"survey","date":"2026-02-01"}"#;
    let silent = r#"{"value":null,"source":"pln","date":"2026-02-01"}"#;
    let asked = r#"{"value":{"unknown":true},"source":"pln","date":"2026-02-01"}"#;
    assert_eq!(va(&format!("{own},{pln}")), number("900"));
    assert_eq!(va(&format!("{pln},{newer},{own}")), number("1300"));
    assert_eq!(va(&format!("{undated},{pln}")), number("900"));
    assert_eq!(va(undated), Fact::Unknown, "nothing shows that it is fresh");
    assert_eq!(va(&format!("{silent},{own}")), number("450"));
    assert_eq!(va(&format!("{asked},{own}")), number("450"));
    assert_eq!(va(other), Fact::Unknown, "not a source of this fact");
    assert_eq!(va(asked), Fact::Asked);
    assert_eq!(va(""), Fact::Unknown);
    assert_eq!(va(&format!("{newer},{newer}")), number("1300"));
    assert_eq!(va(&format!("{newer},{same_day}")), Fact::Unknown, "nothing tells them apart");
    assert_eq!(va(&format!("{same_day},{newer}")), Fact::Unknown);
    // What was found after the day of the decision counts where nothing earlier does, the earliest first.
    assert_eq!(va(&format!("{later},{newer}")), number("1300"));
    assert_eq!(va(&format!("{latest},{later},{own}")), number("3500"));
    // A field without sources takes any: the latest.
    let case = bound(&p, &format!(r#"{{"id":"h","value":{{"evidence":[{own},{pln}]}}}}"#)).case;
    assert_eq!(fact(&p, &case, "Household", "value", 0), number("450"));
}

#[test]
fn evidence_is_fresh_to_the_last_day_of_its_time() {
    let p = program();
    let on = |stated: &str, day: &str| {
        let json = format!(
            r#"{{"id":"h","electricity_va":{{"evidence":[{{"value":900,"source":"pln","date":"{stated}"}}]}}}}"#
        );
        let mut bound = read_bound(&p, &json).unwrap();
        settle(&p, &bound.evidence, &mut bound.case, day.parse().unwrap());
        fact(&p, &bound.case, "Household", "electricity_va", 0)
    };
    assert_eq!(on("2025-10-15", "2026-01-15"), number("900"));
    assert_eq!(on("2025-10-15", "2026-01-16"), Fact::Unknown);
    assert_eq!(on("2025-11-30", "2026-02-28"), number("900"), "the last day of the month");
    assert_eq!(on("2025-11-30", "2026-03-01"), Fact::Unknown);
    assert_eq!(on("9999-12-01", "9999-12-31"), number("900"), "to the end of the calendar");
}

#[test]
fn what_must_be_verified_is_not_known_by_a_statement() {
    let p = program();
    let job = |given: &str| {
        let bound = bound(&p, &format!(r#"{{"id":"h","members":[{{"nik":"a","job":{given}}}]}}"#));
        (fact(&p, &bound.case, "Person", "job", 0), bound.evidence.len())
    };
    let of = |source: &str| format!(r#"{{"value":"clerk","source":"{source}"}}"#);
    let evidence = |items: &str| format!(r#"{{"evidence":[{items}]}}"#);
    assert_eq!(job(r#""clerk""#), (Fact::Unknown, 1));
    assert_eq!(job("null"), (Fact::Unknown, 1), "that there is none is a statement too");
    assert_eq!(job(&evidence(&of("self"))), (Fact::Unknown, 1));
    assert_eq!(job(&evidence(&of("pln"))), (Fact::Unknown, 1), "not a source of it");
    assert_eq!(job(&evidence(&of("survey"))), (text("clerk"), 1));
    assert_eq!(job(&evidence(&format!("{},{}", of("self"), of("survey")))), (text("clerk"), 1));
    assert_eq!(job(&evidence(r#"{"value":null,"source":"survey"}"#)), (Fact::Known(Value::None), 1));
    assert_eq!(job(r#"{"unknown":true}"#), (Fact::Asked, 0));
    // A link that is only stated is looked up all the same.
    let p = program_of(
        "module m\nsource dukcapil\nentity H { head link to P from dukcapil must be verified  list list of P }\n\
         entity P { nik text key }\ndefine one = 1",
    );
    let json = r#"{"head":"b","list":[{"nik":"a"},{"nik":"b"}]}"#;
    let stated = bound(&p, json);
    assert_eq!(fact(&p, &stated.case, "H", "head", 0), Fact::Unknown);
    assert_eq!(stated.evidence[0].items[0].value, Fact::Known(Value::Element(1)));
    assert_eq!(wrong(&p, &json.replace(":\"b\",", ":\"z\",")), [(Code::FACT_LINK, "head".to_owned())]);
}

#[test]
fn the_order_of_statements_and_of_facts_means_nothing() {
    let p = program();
    let a = r#"{"value":900,"source":"pln","date":"2025-12-01"}"#;
    let b = r#"{"value":1300,"source":"self"}"#;
    let one =
        bound(&p, &format!(r#"{{"id":"h","value":{{"evidence":[{b}]}},"electricity_va":{{"evidence":[{a},{b}]}}}}"#));
    let two =
        bound(&p, &format!(r#"{{"electricity_va":{{"evidence":[{b},{a}]}},"value":{{"evidence":[{b}]}},"id":"h"}}"#));
    assert_eq!(one, two);
}

#[test]
fn links_are_looked_up_everywhere_and_never_guessed() {
    let p = program();
    let head = |json: &str| fact(&p, &bound(&p, json).case, "Household", "head", 0);
    assert_eq!(head(r#"{"head":"b","id":"h","members":[{"nik":"a"},{"nik":"b"}]}"#), Fact::Known(Value::Element(1)));
    assert_eq!(head(r#"{"head":null,"id":"h"}"#), Fact::Known(Value::None));
    assert_eq!(head(r#"{"id":"h"}"#), Fact::Unknown);
    assert_eq!(head(r#"{"head":"b","id":"h"}"#), Fact::Unknown, "the members are not known");
    let json = r#"{"id":"h","members":[{"nik":"a"},{"nik":"b"}],
        "head":{"evidence":[{"value":"b","source":"pln","date":"2026-01-01"},{"value":"a","source":"self"}]}}"#;
    let both = bound(&p, json);
    assert_eq!(fact(&p, &both.case, "Household", "head", 0), Fact::Known(Value::Element(1)));
    let values: Vec<_> = both.evidence[0].items.iter().map(|i| i.value.clone()).collect();
    assert_eq!(values, [Fact::Known(Value::Element(1)), Fact::Known(Value::Element(0))]);
    let dangling = json.replace("\"value\":\"a\"", "\"value\":\"z\"");
    assert_eq!(wrong(&p, &dangling), [(Code::FACT_LINK, "head.evidence[1].value".to_owned())]);
}

#[test]
fn texts_are_composed() {
    let p = program();
    let case = bound(
        &p,
        "{\"id\":\"Zoe\u{308}\",\"members\":[{\"nik\":\"Zo\u{eb}\"},{\"nik\":\"b\",\"mother\":\"Zoe\u{308}\"}]}",
    )
    .case;
    assert_eq!(fact(&p, &case, "Household", "id", 0), text("Zoë"));
    assert_eq!(fact(&p, &case, "Person", "mother", 1), Fact::Known(Value::Element(0)));
    let same = "{\"id\":\"h\",\"members\":[{\"nik\":\"Zo\u{eb}\"},{\"nik\":\"Zoe\u{308}\"}]}";
    assert_eq!(wrong(&p, same), [(Code::FACT_REPEATED_KEY, "members[1].nik".to_owned())]);
}
