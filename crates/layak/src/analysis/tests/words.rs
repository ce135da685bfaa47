//! What is told to citizens, and how it is spelt.

use super::of;

#[test]
fn what_a_citizen_is_told_has_a_label_and_a_basis() {
    let rules = |criterion: &str, programme: &str| {
        of(&format!(
            "module m\nentity H {{ a integer }}\ncriterion c {criterion} when a > 1\nprogramme p {programme} requires c gives x = a"
        ))
    };
    assert_eq!(
        rules("", ""),
        [
            "L0717 `c` has no label",
            "L0718 `c` has no legal basis",
            "L0717 `p` has no label",
            "L0718 `p` has no legal basis",
            "L0717 `p.x` has no label",
        ]
    );
    assert_eq!(rules("id \"C\" basis \"l\"", "\"P\" basis \"l\""), ["L0717 `p.x` has no label"]);
    // A helper is told to nobody.
    assert_eq!(of("module m\nentity H { a integer }\ncriterion c when a > 1"), Vec::<String>::new());
}

#[test]
fn texts_that_differ_a_little_are_told() {
    let v = |exprs: &[&str]| {
        let rules: Vec<String> = exprs.iter().enumerate().map(|(i, e)| format!("define v{i} = {e}")).collect();
        of(&format!(
            "module m\nenum Area {{ rural code \"R-1\", big_town }}\nentity H {{ t text  u text  e Area }}\ndefine all = t = u and e = rural\n{}",
            rules.join("\n")
        ))
    };
    let differs = |a: &str, b: &str| vec![format!("L0719 {a:?} differs from {b:?} by case or spelling alone")];
    assert_eq!(v(&["t = \"farmer\"", "t = \"Farmer\""]), differs("Farmer", "farmer"));
    assert_eq!(v(&["t = \"farmer\"", "u = \"Farmer\""]), Vec::<String>::new());
    assert_eq!(v(&["t in [\"farmer\", \"framer\"]"]), differs("framer", "farmer"));
    assert_eq!(v(&["t in [\"farmer\", \"farmers\"]"]), differs("farmers", "farmer"));
    assert_eq!(v(&["t in [\"very low\", \"very_low\"]"]), differs("very_low", "very low"));
    // Codes and short words differ by one letter on purpose.
    assert_eq!(v(&["t in [\"3510\", \"3511\"]", "u in [\"low\", \"law\"]"]), Vec::<String>::new());
    assert_eq!(v(&["t in [\"class a\", \"class b\"]"]), Vec::<String>::new());
    assert_eq!(v(&["t = \"Rural\""]), differs("Rural", "rural"));
    assert_eq!(v(&["t = \"r-1\""]), differs("r-1", "R-1"));
    assert_eq!(v(&["t = \"Big town\""]), differs("Big town", "big_town"));
    // Of a definition whose texts are written out, any other text.
    assert_eq!(
        v(&["if t = \"p\" then \"HIGH\" else \"LOW\"", "v0 = \"high\""]),
        ["L0719 what it is compared with is never \"high\""]
    );
    assert_eq!(v(&["if t = \"p\" then \"HIGH\" else u", "v0 = \"other\""]), Vec::<String>::new());
    assert_eq!(
        of(
            "module m\nentity H { a integer 1..2 }\ntable g: text\n | a || g |\n | 1 || \"Good\" |\n | 2 || \"Bad\" |\n\
            table r\n | g || r |\n | \"good\" || 1 |\n | \"Bad\" || 2 |"
        ),
        [
            "L0701 no row of `r` matches: g = \"Good\"",
            "L0702 this row of `r` can never match",
            "L0719 what it is compared with is never \"good\"",
        ]
    );
}
