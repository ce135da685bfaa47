//! Lists nobody knows, records, limits, and where facts stand.

use super::*;

fn phantom_rows(case: &Case, id: EntityId) -> usize {
    case.table(id).unwrap().rows.iter().filter(|r| r.phantom.is_some()).count()
}

#[test]
fn an_unknown_list_holds_one_phantom_of_which_nothing_is_known() {
    let p = program();
    let person = entity(&p, "Person");
    for (members, state, inner) in
        [("null", ListState::Unknown, Fact::Unknown), (r#"{"unknown":true}"#, ListState::Asked, Fact::Asked)]
    {
        let case = bound(&p, &format!(r#"{{"id":"h","members":{members}}}"#)).case;
        let members = list(&p, &case, "Household", "members", 0);
        assert_eq!(members, ListFact { start: 0, count: 1, state });
        assert_eq!(case.table(person).unwrap().rows[0].phantom, Some((0, Some(4))));
        assert_eq!(fact(&p, &case, "Person", "nik", 0), inner);
        assert_eq!(fact(&p, &case, "Person", "died_on", 0), inner, "a default is no knowledge of an unknown person");
        assert_eq!(list(&p, &case, "Person", "jobs", 0), ListFact { start: 0, count: 1, state });
        assert_eq!(path_of(&p, &case, person, 1, 0), "members.birth_date");
    }
    let absent = bound(&p, r#"{"id":"h"}"#).case;
    assert_eq!(phantom_rows(&absent, person), 1);
    assert_eq!(absent, bound(&p, r#"{"id":"h","members":null,"flags":null}"#).case);
}

#[test]
fn the_elements_of_one_list_lie_side_by_side() {
    let p = program();
    let case = bound(
        &p,
        r#"{"id":"h","members":[{"nik":"a","jobs":[{"title":"1"},{"title":"2"}]},{"nik":"b"},{"nik":"c","jobs":[{"title":"3"}]}]}"#,
    )
    .case;
    let jobs: Vec<_> = (0..3).map(|row| list(&p, &case, "Person", "jobs", row)).map(|l| (l.start, l.count)).collect();
    assert_eq!(jobs, [(0, 2), (2, 1), (3, 1)]);
    let job = entity(&p, "Job");
    assert_eq!(case.table(job).unwrap().rows[3].holder, Some((entity(&p, "Person"), 8, 2)));
    assert_eq!(path_of(&p, &case, job, 0, 3), "members[2].jobs[0].title");
    assert_eq!(path_of(&p, &case, job, 0, 2), "members[1].jobs.title");
    assert_eq!(path_of(&p, &case, p.root, 2, 0), "desil");
    assert_eq!(key_of(&p, &case, entity(&p, "Person"), 1).as_deref(), Some("b"));
}

#[test]
fn a_list_of_scalars_is_a_list_of_places() {
    let p = program();
    let case = bound(&p, r#"{"id":"h","flags":[true,null]}"#).case;
    assert_eq!(path_of(&p, &case, entity(&p, "flags"), 0, 1), "flags[1]");
}

#[test]
fn too_many_elements_are_an_error_before_they_are_memory() {
    let p = program();
    let with = |json: &str, elements: usize| {
        let limits = Limits { elements, ..Limits::default() };
        Binder::new(&p).bind(&p, &read(json.as_bytes(), 64).unwrap(), &limits)
    };
    let flags = |n: usize| format!(r#"{{"id":"h","members":[],"flags":[{}]}}"#, vec!["true"; n].join(","));
    assert!(with(&flags(20), 20).is_ok());
    let told = |e: FactsError| e.errors.into_iter().map(|e| (e.code, e.path)).collect::<Vec<_>>();
    assert_eq!(told(with(&flags(21), 20).unwrap_err()), [(Code::FACT_ELEMENTS, "flags".to_owned())]);
    // Told once, though nothing after it fits either.
    let two = r#"{"id":"h","flags":[true,true,true],"members":[{"nik":"a"},{"nik":"b"}]}"#;
    assert_eq!(told(with(two, 2).unwrap_err()), [(Code::FACT_ELEMENTS, "flags".to_owned())]);
}

#[test]
fn unknown_lists_of_unknown_lists_do_not_multiply_without_end() {
    let mut rules = String::from("module deep\nentity E0 { a list of E1 b list of E1 }\n");
    for level in 1..40 {
        rules += &format!("entity E{level} {{ a list of E{0} b list of E{0} }}\n", level + 1);
    }
    rules += "entity E40 { x integer }\ndefine one = 1\n";
    let p = program_of(&rules);
    let told = wrong(&p, "{}");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, Code::FACT_ELEMENTS);
}

/// A household with an address that holds a place; no rule text makes records yet.
fn with_records() -> Program {
    let mut p = program_of(
        "module r\nentity Household { id text key  street text  city text  lat number  rooms list of Room  zip integer 0.. }\n\
         entity Room { size number }\ndefine one = 1\n",
    );
    let household = p.root;
    let old: Vec<Field> = p.entities[household].fields.clone();
    let declared = p.entities[household].declared.clone();
    let room = entity(&p, "Room");
    let named = |name: &str, shape: FieldShape| Field { name: name.into(), shape, ..old[0].clone() };
    let blank = |fields: Vec<Field>| Entity {
        declared: declared.clone(),
        fields,
        key: None,
        holders: Vec::new(),
        is_scalar_item: false,
    };
    // Place { city, lat }, Address { street, place: Place, rooms }
    let place = p.entities.push(blank(vec![old[2].clone(), old[3].clone()]));
    let inner = vec![
        old[1].clone(),
        named("place", FieldShape::Record { entity: place, first: 2, count: 2 }),
        old[2].clone(),
        old[3].clone(),
        old[4].clone(),
    ];
    let address = p.entities.push(blank(inner.clone()));
    let mut fields = vec![old[0].clone(), named("home", FieldShape::Record { entity: address, first: 3, count: 5 })];
    fields.push(old[5].clone());
    fields.extend(inner);
    // Everywhere `first` counts in the entity whose field it is.
    fields[4].shape = FieldShape::Record { entity: place, first: 5, count: 2 };
    p.entities[household].fields = fields;
    p.entities[household].key = Some(0);
    p.entities[room].holders = vec![(household, 7)];
    p
}

#[test]
fn records_are_columns_of_what_holds_them() {
    let p = with_records();
    let case = bound(
        &p,
        r#"{"id":"h","home":{"street":"s","place":{"city":"c","lat":1.5},"rooms":[{"size":3},{"size":4}]},"zip":9}"#,
    )
    .case;
    let column = |case: &Case, i: usize| case.fact(p.root, i, 0).cloned();
    assert_eq!(column(&case, 2), Some(number("9")));
    assert_eq!(column(&case, 3), Some(text("s")));
    assert_eq!(column(&case, 5), Some(text("c")));
    assert_eq!(column(&case, 6), Some(number("1.5")));
    assert_eq!(case.list(p.root, 7, 0).map(|l| l.count), Some(2));
    assert_eq!(path_of(&p, &case, p.root, 5, 0), "home.place.city");
    assert_eq!(path_of(&p, &case, p.root, 2, 0), "zip");
    assert_eq!(path_of(&p, &case, entity(&p, "Room"), 0, 1), "home.rooms[1].size");
    for unknown in [r#"{"id":"h"}"#, r#"{"id":"h","home":null}"#, r#"{"id":"h","home":{"place":null}}"#] {
        let case = bound(&p, unknown).case;
        assert_eq!(column(&case, 5), Some(Fact::Unknown));
        assert_eq!(case.list(p.root, 7, 0).map(|l| (l.count, l.state)), Some((1, ListState::Unknown)));
    }
    let case = bound(&p, r#"{"id":"h","home":{"unknown":true}}"#).case;
    assert_eq!(column(&case, 6), Some(Fact::Asked));
    assert_eq!(case.list(p.root, 7, 0).map(|l| l.state), Some(ListState::Asked));
    for (json, code, path) in [
        (r#"{"id":"h","street":"s"}"#, Code::FACT_UNKNOWN_FIELD, "street"),
        (r#"{"id":"h","home":3}"#, Code::FACT_TYPE, "home"),
        (r#"{"id":"h","home":{"place":{"lat":"x"}}}"#, Code::FACT_TYPE, "home.place.lat"),
        (r#"{"id":"h","home":{"city":"x"}}"#, Code::FACT_UNKNOWN_FIELD, "home.city"),
        (r#"{"id":"h","home":{"rooms":[{"size":true}]}}"#, Code::FACT_TYPE, "home.rooms[0].size"),
    ] {
        assert_eq!(wrong(&p, json), [(code, path.to_owned())], "{json}");
    }
}

#[test]
fn large_enums_and_wide_entities_are_whole() {
    let members: Vec<String> = (0..600).map(|i| format!("m{i}")).collect();
    let fields: Vec<String> = (0..200).map(|i| format!("f{i} integer default {i}")).collect();
    let rules = format!(
        "module w\nenum E {{ {} }}\nentity H {{ e E {} }}\ndefine one = 1\n",
        members.join(", "),
        fields.join("\n")
    );
    let p = program_of(&rules);
    let case = bound(&p, r#"{"e":"m599","f150":-1,"f10":-2}"#).case;
    assert_eq!(case.fact(p.root, 0, 0), Some(&Fact::Known(Value::Enum(599))));
    for i in 0..200usize {
        let want = match i {
            150 => "-1".to_owned(),
            10 => "-2".to_owned(),
            i => i.to_string(),
        };
        assert_eq!(case.fact(p.root, i + 1, 0), Some(&number(&want)));
    }
    assert_eq!(wrong(&p, r#"{"f150":1,"f150":1}"#), [(Code::FACT_DUPLICATE, "f150".to_owned())]);
}

#[test]
fn keys_of_long_lists_are_compared_too_and_may_be_numbers() {
    let p = program_of(
        "module k\nentity H { m list of P  first optional link to P }\nentity P { n integer key }\ndefine one = 1\n",
    );
    let many: Vec<String> = (0..500).map(|i| format!(r#"{{"n":{}}}"#, i % 499)).collect();
    let json = format!(r#"{{"m":[{}],"first":"2.0"}}"#, many.join(","));
    assert_eq!(wrong(&p, &json), [(Code::FACT_REPEATED_KEY, "m[499].n".to_owned())]);
    let case = bound(&p, r#"{"m":[{"n":1},{"n":2}],"first":2.0}"#).case;
    assert_eq!(fact(&p, &case, "H", "first", 0), Fact::Known(Value::Element(1)));
}

#[test]
fn whole_numbers_and_names_are_held_to_the_letter() {
    let rules = Ruleset::from_text(
        "module m\nenum Word { abcdefgh, abcdefghi, abcdefghj, abcd, abdd, abcdd, ab, ba, a }\n\
         entity H { whole integer 1..10  half number 0.5..2.5  below number 0..<3  part number 0..<2.5\n\
         under integer ..-1  far number 0..99_999_999_999_999_999_999  any number  word Word }\ndefine one = 1\n",
    )
    .unwrap_or_else(|e| panic!("{e}"));
    let plan = rules.as_of("2026-01-15".parse().unwrap());
    let takes = |field: &str, value: &str| {
        let json = format!(r#"{{"{field}": {value}}}"#);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let (text, value) = (plan.facts_from_json(json.as_bytes()).is_ok(), plan.facts_from_value(&value).is_ok());
        assert_eq!(text, value, "{json}");
        text
    };
    for (field, taken, refused) in [
        ("whole", ["1", "10"], ["0", "11"]),
        ("half", ["1", "2"], ["0", "3"]),
        ("below", ["0", "2"], ["-1", "3"]),
        ("part", ["0", "2"], ["-1", "3"]),
        ("under", ["-1", "-9223372036854775808"], ["0", "1"]),
        ("far", ["0", "9223372036854775807"], ["-1", "-9223372036854775808"]),
        ("any", ["-9223372036854775808", "9223372036854775807"], ["true", "\"x\""]),
        ("word", ["\"abcdefghi\"", "\"abcdefghj\""], ["\"abcdefghk\"", "\"abcdefg\""]),
        ("word", ["\"abcdd\"", "\"ba\""], ["\"abddd\"", "\"b\""]),
    ] {
        assert_eq!(taken.map(|value| takes(field, value)), [true; 2], "{field} {taken:?}");
        assert_eq!(refused.map(|value| takes(field, value)), [false; 2], "{field} {refused:?}");
    }
    // Each name is its own member.
    for (number, name) in
        ["abcdefgh", "abcdefghi", "abcdefghj", "abcd", "abdd", "abcdd", "ab", "ba", "a"].iter().enumerate()
    {
        let facts =
            plan.facts_from_json(format!(r#"{{"word": "{name}"}}"#).as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        let program = &rules.inner().program;
        let member = Fact::Known(Value::Enum(u32::try_from(number).unwrap()));
        assert_eq!(fact(program, &facts.case, "H", "word", 0), member, "{name}");
    }
}
