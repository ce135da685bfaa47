#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;

use crate::{Limits, format};

fn laid_out(text: &str) -> String {
    format("a.layak", text, Limits::default()).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn fields_cells_and_arrows_stand_in_columns() {
    let before = "module a   \r\n\r\n\r\nentity H \"É\" {\r\n  id text key \"Nomor\" from self\r\n\trooms  integer 0.. from self # all\r\n  日本 text\r\n}\r\nsource self\r\n\
        enum E{a,b}\r\nparameter p(e:E): integer\r\n  from 2025-01-01:\r\n    a=>1\r\n    bbb => 2\r\n\
        table t :integer\r\n  |rooms|id||t|\r\n  # half open\r\n  |>=10|-||  1|\r\n  | - | \"x\" || 12 |\r\n";
    let after = "module a\n\nentity H \"É\" {\n  id     text key     \"Nomor\"  from self\n  rooms  integer 0..           from self  # all\n  日本   text\n}\nsource self\n\
        enum E { a, b }\nparameter p(e: E): integer\n  from 2025-01-01:\n    a   => 1\n    bbb => 2\n\
        table t: integer\n  | rooms | id  || t  |\n  # half open\n  | >= 10 | -   || 1  |\n  | -     | \"x\" || 12 |\n";
    assert_eq!(laid_out(before), after);
    assert_eq!(laid_out(after), after);
}

#[test]
fn a_file_with_errors_is_refused_with_its_findings() {
    let found = format("a.layak", "module a\ndefine x = = 1\n", Limits::default()).unwrap_err();
    assert_eq!(found.iter().map(|f| f.code().to_string()).collect::<Vec<_>>(), ["L0103"]);
}

#[test]
fn a_mark_at_the_beginning_goes_and_of_markdown_the_blocks_alone_are_laid_out() {
    assert_eq!(laid_out("\u{feff}module  a\n"), "module  a\n");
    let text = "# T  \r\n\r\n\r\n```layak\r\ndefine a=1\r\n```\r\nx=1\r\n";
    let after = format("a.layak.md", text, Limits::default()).unwrap();
    assert_eq!(after, "# T  \r\n\r\n\r\n```layak\r\ndefine a = 1\r\n```\r\nx=1\r\n");
}

#[test]
fn one_long_cell_does_not_widen_a_whole_file() {
    let long = "x".repeat(100_000);
    let text = format!("module a\nentity H {{\n  {long} text key\n{}}}\n", "  b integer\n".repeat(10_000));
    let after = laid_out(&text);
    assert!(after.len() < 2 * text.len(), "{}", after.len());
    assert_eq!(laid_out(&after), after);
}

#[test]
fn the_name_of_a_column_is_no_label_and_the_basis_of_a_row_stands_behind_it() {
    let before = "entity H {\n  a integer column \"age\"\n  bc text \"B\" # c\n}\ntable t\n  | a || t |\n  | > 1 || 1 | basis \"L\" # c\n  | - || 12 |# d\n";
    let after = "entity H {\n  a   integer column \"age\"\n  bc  text                  \"B\"  # c\n}\ntable t\n  | a   || t  |\n  | > 1 || 1  | basis \"L\"  # c\n  | -   || 12 |  # d\n";
    assert_eq!(laid_out(before), after);
    assert_eq!(laid_out(after), after);
}

#[test]
fn what_a_field_allows_stands_behind_its_sources() {
    let before = "entity H {\n  a integer allow L0705 \"x\"\n  allow text \"B\" from s\n  c text \"C\" from s allow L0705 \"y\" # d\n}\n";
    let after = "entity H {\n  a      integer               allow L0705 \"x\"\n  allow  text     \"B\"  from s\n  c      text     \"C\"  from s  allow L0705 \"y\"  # d\n}\n";
    assert_eq!(laid_out(before), after);
    assert_eq!(laid_out(after), after);
}

#[test]
fn a_line_that_is_too_wide_is_broken_where_it_binds_least() {
    let before = "module a
title en \"A title that says in English what these rules are about\" id \"Judul yang menyatakan isi aturan ini\"
enum Occupation { farmer \"Petani\", laborer \"Buruh\", trader \"Pedagang\", employee \"Karyawan\", military \"TNI\", police }
entity Household { id text key \"Nomor keluarga\" region text \"Kode kabupaten\" desil integer 1..10 \"Desil kesejahteraan\" }
define share(cost: money, income: money) = if income < 0 then cost else if income < cost and not (cost in 1..2) then cost - 100 else cost - income # why
criterion c \"Label\" when a_long_condition or another_long_condition and a_third_long_condition or the_last_condition_of_all basis \"B\"
define total = first_long_amount_of_money + second_long_amount_of_money - (third_long_amount * 3 + fourth_long_amount)
programme p requires a_long_condition, another_long_condition, a_third_long_condition, the_last_condition gives x = 1, y = 2
define d = max(a_long_condition,
  another_long_condition
  )
test \"t\" given { id: \"a\", members: [{ nik: \"1\", birth_date: 1990-05-01, occupation: farmer, wage: 0 }, { nik: \"2\", wage: 0 }] } expect p eligible
";
    let after = "module a
title en \"A title that says in English what these rules are about\"
      id \"Judul yang menyatakan isi aturan ini\"
enum Occupation {
  farmer \"Petani\", laborer \"Buruh\", trader \"Pedagang\", employee \"Karyawan\", military \"TNI\", police
}
entity Household {
  id      text key       \"Nomor keluarga\"
  region  text           \"Kode kabupaten\"
  desil   integer 1..10  \"Desil kesejahteraan\"
}
define share(cost: money, income: money) =
  if income < 0 then cost
  else if income < cost and not (cost in 1..2) then cost - 100
  else cost - income  # why
criterion c \"Label\"
  when a_long_condition
    or another_long_condition and a_third_long_condition
    or the_last_condition_of_all
  basis \"B\"
define total =
  first_long_amount_of_money + second_long_amount_of_money
    - (third_long_amount * 3 + fourth_long_amount)
programme p
  requires a_long_condition, another_long_condition, a_third_long_condition, the_last_condition
  gives x = 1, y = 2
define d = max(a_long_condition, another_long_condition)
test \"t\"
  given { id: \"a\",
          members: [{ nik: \"1\", birth_date: 1990-05-01, occupation: farmer, wage: 0 },
                    { nik: \"2\", wage: 0 }] }
  expect p eligible
";
    assert_eq!(laid_out(before), after);
    assert_eq!(laid_out(after), after);
}

#[test]
fn the_lines_of_a_writer_stay_where_they_part_no_list_and_no_operator() {
    let text = "define a =
  if b
  then c
  else d
programme p
  gives x \"X\" = 1,
        y \"Y\" = 2
enum E {
  a \"A\",
  b \"B\"
}
amend m \"Act\" from 2026-01-01 {
  define z = [a, b]
  repeal y
}
define l = [a,  # the first
  b]
";
    assert_eq!(laid_out(text), text);
}

#[test]
fn a_comment_may_stand_between_the_words_of_a_keyword() {
    let text = "bahasa id\nuji \"t\" per  # tanggal\n  tanggal 2026-01-01 misal {} harapkan a layak\n";
    assert_eq!(laid_out(text), text);
}

const DECLARATIONS: &[&[&str]] = &[
    &["enum", "E", "{", "a", "\"A\"", ",", "b", "code", "\"2\"", "}"],
    &[
        "entity", "H", "{", "\n", "id", "text", "key", "\n", "n", ":", "integer", "1", "..", "10", "\"N\"", "from",
        "s", ",", "t", "\n", "}",
    ],
    &[
        "parameter",
        "p",
        "(",
        "e",
        ":",
        "E",
        ")",
        ":",
        "money",
        "per",
        "year",
        "\n",
        "from",
        "2025-01-01",
        ":",
        "\n",
        "a",
        "=>",
        "IDR",
        "1_000",
        "\n",
        "bcd",
        "=>",
        "IDR",
        "25",
    ],
    &["define", "x", "=", "not", "(", "a", "+", "-", "1", ">=", "2", ")", "or", "b", "in", "[", "c", ",", "d", "]"],
    &[
        "define", "y", ":", "integer", "=", "if", "a", "!=", "1", "then", "max", "(", "1", ",", "2", ")", "else", "3",
        "\n", "except", "l", "when", "b", ":", "4", "priority", "2",
    ],
    &[
        "criterion",
        "c",
        "\"C {x}\"",
        "\n",
        "when",
        "x",
        "<",
        "3",
        "\n",
        "basis",
        "\"L\"",
        "\n",
        "otherwise",
        "id \"i\"",
        "en \"e\"",
    ],
    &[
        "table", "t", ":", "integer", "first", "\n", "|", "a", "|", "b", "||", "t", "|", "\n", "|", "-", "|", "<=",
        "6", ",", "9", "||", "1", "|", "\n", "|", "1", "..", "<", "5", "|", "not", "sd", "||", "22", "|", "basis",
        "\"L\"", "\n", "|", "2", "|", "-", "||", "basis", "|", "basis", "id", "\"L\"", "\n",
    ],
    &[
        "scale", "s", "of", "x", ":", "marginal", "{", "\n", "..", "5", "=>", "1", "\n", "5", "..", "=>", "200", "\n",
        "}",
    ],
    &[
        "programme",
        "g",
        "\n",
        "requires",
        "c",
        ",",
        "d",
        "\n",
        "gives",
        "amount",
        "=",
        "sum",
        "(",
        "m",
        "where",
        "x",
        ")",
        "*",
        "2",
    ],
    &[
        "amend", "a.b", "{", "\n", "table", "t", "\n", "|", "a", "||", "t", "|", "\n", "|", "-", "||", "1", "|", "\n",
        "define", "z", "=", "1", "\n", "}",
    ],
    &["amend", "a.b", "{", "\n", "repeal", "x", "\n", "replace", "define", "y", "=", "1", "\n", "}"],
    &[
        "test",
        "\"T\"",
        "as",
        "of",
        "2026-01-01",
        "\n",
        "given",
        "{",
        "id",
        ":",
        "\"a\"",
        ",",
        "m",
        ":",
        "[",
        "{",
        "}",
        "]",
        "}",
        "\n",
        "expect",
        "g",
        "eligible",
    ],
    &[
        "property", "q", "\n", "for", "all", "h", ":", "H", "\n", "let", "o", "=", "h", "with", "{", "n", ":", "h.n",
        "-", "1", "}", "\n", "expect", "h.g", "eligible",
    ],
    &[
        "property",
        "q",
        "\n",
        "for",
        "all",
        "h",
        ":",
        "H",
        "\n",
        "expect",
        "more",
        "of",
        "h.n",
        "never",
        "takes",
        "away",
        "h.g",
        ",",
        "h.g.x",
        "\n",
        "expect",
        "h.g.x",
        "never",
        "drops",
        "by",
        "over",
        "3",
        "*",
        "h.n",
        "when",
        "h.n",
        "moves",
        "by",
        "1",
        "\n",
        "expect",
        "h.g.x",
        "always",
        "in",
        "0",
        "..",
        "h.n",
        "\n",
        "expect",
        "h.g",
        "unchanged",
        "by",
        "order",
        "of",
        "h.m",
    ],
];

/// Declarations with blanks, line breaks and comments wherever they may stand.
fn programs() -> impl Strategy<Value = String> {
    let gaps = prop::collection::vec(0..12usize, 40);
    prop::collection::vec((prop::sample::select(DECLARATIONS), gaps), 1..6).prop_map(|all| {
        let mut out = String::from("module a\n");
        for (words, gaps) in all {
            let mut gaps = gaps.iter().cycle();
            let mut table = false;
            for (i, word) in words.iter().enumerate() {
                table |= *word == "|";
                match gaps.next() {
                    _ if i == 0 => {}
                    _ if *word == "\n" => {}
                    Some(0) => out.push_str("   "),
                    Some(1) => out.push_str(" \t "),
                    Some(2) if !table => out.push_str("\r\n   "),
                    Some(3) if !table => out.push_str("#c  \n\n\n  # d\n\t"),
                    _ => out.push(' '),
                }
                out.push_str(word);
                if *word == "\n" {
                    out.push_str("  ");
                }
            }
            out.push_str(if words.len() % 2 == 0 { "  # end\n" } else { "\n\n\n" });
        }
        out
    })
}

proptest! {
    /// Laying out twice changes nothing, and no word or comment is lost: what differs is white space.
    #[test]
    fn generated_programs_keep_their_words_and_their_layout(text in programs()) {
        let once = laid_out(&text);
        prop_assert_eq!(laid_out(&once), once.clone());
        let words = |t: &str| t.split_whitespace().collect::<String>();
        prop_assert_eq!(words(&text), words(&once));
    }
}

#[test]
fn a_text_in_a_second_language_hangs_alike_in_both_languages_of_a_file() {
    let rest = |code: &str| {
        format!(
            "   `where`   \"x\" id \"y\" {{ kartu \"é\\n日本\"   , kartu {code} \"panjang | sekali: {{a}}\"   , kartu id \"satu\" en \"one\" }}\n"
        )
    };
    let lines = |text: &str| format("a.layak", text, Limits::default()).unwrap().lines().count();
    let english = lines(&format!("enum{}", rest("code")));
    assert_eq!(english, 2);
    assert_eq!(lines(&format!("bahasa id\npilihan{}", rest("kode"))), english + 1);
}
