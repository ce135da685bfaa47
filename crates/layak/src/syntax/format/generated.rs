//! Rule texts made up by chance from the grammar, every kind of declaration, in both languages: laying one out keeps its tree
//! and changes nothing the second time.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;

use crate::diagnostic::{Code, Severity};
use crate::source::{Source, SourceId};
use crate::syntax::{Lang, lexicon, parse};
use crate::{Limits, format};

/// A piece of a rule text: a keyword (one word or several) by its English, or what is written the same everywhere.
#[derive(Clone, Debug)]
enum Piece {
    Keyword(&'static str),
    Plain(String),
    /// The first word of a declaration, which stands at the start of a line.
    Start(&'static str),
}

type Pieces = BoxedStrategy<Vec<Piece>>;

/// A keyword, or a sign.
fn k(word: &'static str) -> Pieces {
    let is_word = word.starts_with(|c: char| c.is_alphabetic());
    let piece = if is_word { Piece::Keyword(word) } else { Piece::Plain(word.to_owned()) };
    Just(vec![piece]).boxed()
}

fn plain(text: impl Strategy<Value = String> + 'static) -> Pieces {
    text.prop_map(|t| vec![Piece::Plain(t)]).boxed()
}

fn one_of(texts: &'static [&'static str]) -> Pieces {
    plain(prop::sample::select(texts).prop_map(str::to_owned))
}

fn seq(parts: Vec<Pieces>) -> Pieces {
    parts.prop_map(|p| p.concat()).boxed()
}

fn any_of(parts: Vec<Pieces>) -> Pieces {
    proptest::strategy::Union::new(parts).boxed()
}

fn maybe(part: Pieces) -> Pieces {
    prop_oneof![Just(Vec::new()), part].boxed()
}

fn times(part: Pieces, count: std::ops::Range<usize>) -> Pieces {
    prop::collection::vec(part, count).prop_map(|p| p.concat()).boxed()
}

fn list(part: Pieces) -> Pieces {
    seq(vec![part.clone(), times(seq(vec![k(","), part]), 0..3)])
}

fn name() -> Pieces {
    one_of(&[
        "a",
        "bb",
        "kartu",
        "x_1",
        "a_long_name_of_what_a_household_has_told_us",
        "unité",
        "名前",
        "`where`",
        "`yang`",
    ])
}

fn path() -> Pieces {
    seq(vec![name(), times(plain("[a-c]{1,3}".prop_map(|n| format!(".q{n}"))), 0..2)])
}

fn string() -> Pieces {
    one_of(&["\"T\"", "\"\"", "\"a \\\"b\\\" # c\"", "\"panjang | sekali: {a}\"", "\"é\\n日本\""])
}

fn texts() -> Pieces {
    any_of(vec![string(), one_of(&["id \"satu\" en \"one\"", "en \"e\"", "\"x\" id \"y\""])])
}

fn date() -> Pieces {
    one_of(&["2025-01-31", "1999-12-01"])
}

fn number() -> Pieces {
    one_of(&["0", "7", "1_000", "3.25", "25%"])
}

fn money() -> Pieces {
    one_of(&["IDR 1_000", "Rp 5", "EUR 0.5"])
}

fn unit() -> Pieces {
    any_of(vec![k("years"), k("months"), k("weeks"), k("days")])
}

fn literal() -> Pieces {
    any_of(vec![number(), date(), money(), string(), seq(vec![one_of(&["2", "18"]), unit()]), k("yes"), k("no")])
}

fn bound() -> Pieces {
    any_of(vec![number(), date(), money()])
}

fn range() -> Pieces {
    let dots = one_of(&["..", "..<"]);
    any_of(vec![seq(vec![bound(), dots.clone(), bound()]), seq(vec![bound(), k("..")]), seq(vec![dots, bound()])])
}

/// A type; what follows a range or a number must not go on with it.
fn type_of() -> Pieces {
    let per = || maybe(seq(vec![k("per"), unit()]));
    let base = any_of(vec![
        k("boolean"),
        seq(vec![k("integer"), maybe(range())]),
        seq(vec![k("number"), per()]),
        seq(vec![k("money"), per(), maybe(one_of(&["IDR"]))]),
        k("date"),
        seq(vec![k("duration"), maybe(seq(vec![k("in"), unit()]))]),
        k("text"),
        seq(vec![k("list of"), name(), maybe(range())]),
        seq(vec![k("link to"), name()]),
        name(),
    ]);
    seq(vec![maybe(k("optional")), base])
}

/// What an operator joins, of expressions that are made already: made anew for each place, they would be too many.
fn operand_of(inner: Option<Pieces>) -> Pieces {
    let within = |part: Pieces| seq(vec![k("("), part, k(")")]);
    let Some(inner) = inner else { return any_of(vec![literal(), path()]) };
    let e = || inner.clone();
    any_of(vec![
        literal(),
        path(),
        within(e()),
        seq(vec![path(), k("("), list(any_of(vec![e(), seq(vec![name(), k(":"), e()])])), k(")")]),
        seq(vec![k("["), list(e()), k("]")]),
        seq(vec![k("count"), within(seq(vec![path(), maybe(name()), k("where"), e()]))]),
        seq(vec![k("round"), k("("), e(), k(","), k("to"), k(":"), number(), k(","), k("half_even"), k(")")]),
        within(seq(vec![
            k("if"),
            e(),
            k("then"),
            e(),
            k("else"),
            k("if"),
            e(),
            k("then"),
            e(),
            k("else"),
            within(e()),
        ])),
        within(seq(vec![unit(), k("from"), path(), any_of(vec![k("to"), k("through")]), path()])),
        k("as_of"),
    ])
}

fn operand(depth: u32) -> Pieces {
    operand_of(depth.checked_sub(1).map(expression))
}

fn expression(depth: u32) -> Pieces {
    let operand = operand(depth);
    if depth == 0 {
        return operand;
    }
    let o = || operand.clone();
    let infix = any_of(["+", "-", "*", "/", "and", "or", "implies", "or else"].into_iter().map(k).collect());
    let compare = one_of(&["=", "!=", "<", "<=", ">", ">="]);
    any_of(vec![
        o(),
        seq(vec![k("not"), o()]),
        seq(vec![k("-"), path()]),
        seq(vec![o(), infix, o()]),
        seq(vec![o(), compare, o()]),
        seq(vec![o(), maybe(k("not")), k("in"), any_of(vec![seq(vec![k("["), list(o()), k("]")]), range()])]),
        seq(vec![path(), k("is"), maybe(k("not")), any_of(vec![k("known"), k("unknown"), k("none")])]),
        seq(vec![path(), k("where"), o(), k("each"), o()]),
        seq(vec![path(), k("sort by"), path(), any_of(vec![k("ascending"), k("descending")])]),
        seq(vec![k("top"), one_of(&["4"]), k("of"), path()]),
        seq(vec![path(), k("per"), unit()]),
        seq(vec![path(), maybe(k("is")), outcome()]),
    ])
}

fn outcome() -> Pieces {
    any_of(vec![k("eligible"), k("not_eligible"), k("undetermined"), k("error")])
}

fn validity() -> Pieces {
    let enacted = || maybe(seq(vec![k("enacted"), date()]));
    any_of(vec![
        seq(vec![k("from"), date(), maybe(seq(vec![k("until"), date()])), enacted()]),
        seq(vec![k("until"), date(), enacted()]),
    ])
}

fn basis() -> Pieces {
    maybe(seq(vec![k("basis"), texts()]))
}

fn allow() -> Pieces {
    maybe(seq(vec![k("allow"), one_of(&["L0704"]), string()]))
}

fn exceptions() -> Pieces {
    let target = seq(vec![k("to"), name()]);
    let rank = maybe(seq(vec![k("priority"), one_of(&["2"])]));
    let one = seq(vec![
        k("except"),
        maybe(name()),
        maybe(target),
        k("when"),
        expression(1),
        k(":"),
        expression(1),
        basis(),
        rank,
        maybe(validity()),
    ]);
    times(one, 0..3)
}

fn owned() -> Pieces {
    seq(vec![name(), maybe(one_of(&[".milik"]))])
}

/// A declaration without its first word, which is given beside it.
fn define() -> Pieces {
    let arguments = seq(vec![k("("), list(seq(vec![name(), k(":"), k("integer")])), k(")")]);
    seq(vec![
        owned(),
        maybe(arguments),
        maybe(seq(vec![k(":"), type_of()])),
        maybe(texts()),
        maybe(validity()),
        k("="),
        expression(3),
        exceptions(),
        allow(),
    ])
}

fn criterion() -> Pieces {
    seq(vec![
        owned(),
        maybe(texts()),
        k("when"),
        expression(3),
        basis(),
        maybe(seq(vec![k("otherwise"), texts()])),
        maybe(validity()),
        // Last, for what follows an exception is a clause of it.
        exceptions(),
    ])
}

fn parameter() -> Pieces {
    // In brackets after a value, keys would be those of a call.
    let first = any_of(vec![path(), seq(vec![k("("), path(), k(","), string(), k(")")])]);
    let entry = |key: Pieces| seq(vec![key, k("=>"), operand(0)]);
    let entries = || seq(vec![entry(first.clone()), times(entry(path()), 0..3)]);
    let value = || any_of(vec![operand(0), entries()]);
    let versions = times(seq(vec![validity(), k(":"), value(), basis()]), 1..3);
    let arguments = maybe(seq(vec![k("("), list(seq(vec![name(), k(":"), name()])), k(")")]));
    let values = any_of(vec![versions, seq(vec![k("="), value()]), seq(vec![k("csv"), one_of(&["\"data/x.csv\""])])]);
    seq(vec![
        name(),
        arguments,
        k(":"),
        any_of(vec![k("integer"), k("money"), name()]),
        maybe(texts()),
        values,
        maybe(seq(vec![k("default"), operand(0)])),
        allow(),
    ])
}

fn table() -> Pieces {
    let collect = seq(vec![k("collect"), maybe(any_of(vec![k("sum"), k("min"), k("max"), k("count"), k("list")]))]);
    let policy = any_of(vec![
        k("unique"),
        k("first"),
        k("any"),
        collect,
        seq(vec![k("priority"), k("["), list(name()), k("]")]),
    ]);
    let test =
        any_of(vec![operand(0), range(), seq(vec![one_of(&["<", "<=", ">", ">=", "="]), operand(0)]), k("unknown")]);
    let cell = any_of(vec![k("-"), seq(vec![maybe(k("not")), list(test)])]);
    let row = seq(vec![k("|"), cell.clone(), k("|"), cell, k("||"), operand(1), k("|"), basis()]);
    let header = seq(vec![k("|"), path(), k("|"), path(), k("||"), name(), k("|")]);
    seq(vec![
        owned(),
        maybe(seq(vec![k(":"), type_of()])),
        maybe(texts()),
        maybe(policy),
        maybe(seq(vec![k("else"), operand(1)])),
        maybe(validity()),
        basis(),
        header,
        times(row, 0..4),
    ])
}

fn scale() -> Pieces {
    // A value that stands before `..` would begin the next range.
    let bracket = seq(vec![bound(), one_of(&["..", "..<"]), bound(), k("=>"), operand(0), k(",")]);
    let kind = any_of(vec![k("marginal"), k("flat"), k("bracket")]);
    seq(vec![owned(), k("of"), path(), k(":"), kind, maybe(validity()), k("{"), times(bracket, 1..4), k("}"), basis()])
}

fn programme() -> Pieces {
    let names = |word| maybe(seq(vec![k(word), list(path())]));
    let gift = seq(vec![name(), maybe(seq(vec![k(":"), k("integer")])), maybe(texts()), k("="), expression(2)]);
    seq(vec![
        name(),
        maybe(seq(vec![k("for"), name()])),
        maybe(texts()),
        basis(),
        maybe(validity()),
        names("requires"),
        names("refuses"),
        maybe(seq(vec![k("gives"), list(gift)])),
        names("excludes"),
    ])
}

fn object(depth: u32) -> Pieces {
    let simple = || any_of(vec![literal(), path(), k("unknown")]);
    let fact = if depth == 0 {
        simple()
    } else {
        any_of(vec![simple(), object(depth - 1), seq(vec![k("["), list(object(depth - 1)), k("]")])])
    };
    seq(vec![k("{"), maybe(list(seq(vec![name(), k(":"), fact]))), k("}")])
}

fn declarations() -> Vec<(&'static str, Pieces)> {
    let member = seq(vec![name(), maybe(texts()), maybe(seq(vec![k("code"), list(string())]))]);
    let field = seq(vec![
        name(),
        maybe(k(":")),
        type_of(),
        maybe(k("key")),
        maybe(texts()),
        maybe(seq(vec![k("column"), string()])),
        maybe(seq(vec![k("from"), list(one_of(&["s", "tt"]))])),
        maybe(seq(vec![k("default"), literal()])),
    ]);
    let changed = |word| seq(vec![k("replace"), k(word)]);
    let amendment = any_of(vec![
        seq(vec![k("repeal"), owned()]),
        seq(vec![changed("define"), define()]),
        seq(vec![changed("criterion"), criterion()]),
        seq(vec![changed("programme"), programme()]),
        seq(vec![k("parameter"), parameter()]),
        seq(vec![k("table"), table()]),
    ]);
    let place = seq(vec![name(), maybe(one_of(&["[0]", "[\"k\"]"])), maybe(one_of(&[".hasil"]))]);
    let reasons = maybe(seq(vec![k("because"), list(name())]));
    let expectation = any_of(vec![seq(vec![place, outcome(), reasons]), seq(vec![path(), k("="), operand(0)])]);
    let changes = seq(vec![k("{"), list(seq(vec![name(), k(":"), expression(1)])), k("}")]);
    vec![
        ("use", seq(vec![path(), maybe(seq(vec![k("("), list(name()), k(")")]))])),
        ("enum", seq(vec![name(), maybe(texts()), k("{"), list(member), maybe(k(",")), k("}")])),
        ("source", seq(vec![name(), maybe(texts()), maybe(seq(vec![k("fresh for"), one_of(&["3"]), unit()]))])),
        (
            "format",
            seq(vec![
                name(),
                maybe(texts()),
                k("{"),
                times(
                    any_of(vec![
                        seq(vec![k("fixed"), one_of(&["\"-\""])]),
                        seq(vec![name(), k("digits"), one_of(&["2", "4 1..31, 41..71"]), maybe(texts())]),
                    ]),
                    1..4,
                ),
                k("}"),
            ]),
        ),
        ("entity", seq(vec![name(), maybe(texts()), maybe(k("root")), k("{"), times(field, 0..4), k("}")])),
        ("parameter", parameter()),
        ("define", define()),
        ("criterion", criterion()),
        ("table", table()),
        ("scale", scale()),
        ("programme", programme()),
        ("amend", seq(vec![path(), maybe(texts()), basis(), k("{"), times(amendment, 0..3), k("}")])),
        (
            "test",
            seq(vec![
                string(),
                maybe(seq(vec![k("as of"), date()])),
                k("given"),
                object(2),
                k("expect"),
                list(expectation),
            ]),
        ),
        (
            "property",
            seq(vec![
                name(),
                k("for all"),
                name(),
                k(":"),
                name(),
                maybe(seq(vec![k("let"), name(), k("="), name(), k("with"), changes])),
                k("expect"),
                any_of(vec![
                    expression(2),
                    seq(vec![
                        any_of(vec![k("more of"), k("less of")]),
                        path(),
                        any_of(vec![k("never adds"), k("never takes away")]),
                        list(path()),
                    ]),
                    seq(vec![
                        path(),
                        k("never drops by over"),
                        expression(1),
                        k("when"),
                        path(),
                        k("moves by"),
                        expression(1),
                    ]),
                    seq(vec![list(path()), any_of(vec![k("never together"), k("always decided")])]),
                    seq(vec![path(), k("always in"), range()]),
                    seq(vec![list(path()), k("unchanged by order of"), path()]),
                ]),
            ]),
        ),
    ]
}

/// A program, and the blanks, line breaks and comments that stand before its pieces.
fn programs() -> impl Strategy<Value = (Vec<Piece>, Vec<usize>)> {
    let one = declarations()
        .into_iter()
        .map(|(word, rest)| rest.prop_map(move |rest| [vec![Piece::Start(word)], rest].concat()).boxed());
    let all = prop::collection::vec(any_of(one.collect()), 1..6).prop_map(|p| p.concat());
    (all, prop::collection::vec(0..14usize, 60))
}

fn written(pieces: &[Piece], gaps: &[usize], lang: Lang) -> String {
    let mut out = String::new();
    if lang == Lang::Id {
        out.push_str("bahasa id\n");
    }
    let spelt = |word: &'static str| {
        lexicon::translated(&[word], Lang::En, lang).map_or_else(|| lexicon::spelling(word, lang), |(spelt, _)| spelt)
    };
    for (piece, gap) in pieces.iter().zip(gaps.iter().cycle()) {
        let gap = match gap {
            0 => "   ",
            1 => " \t ",
            2 => "\n  ",
            3 => "  # c \n\n\n    ",
            4 => "\r\n\t",
            5 => " # \"x\" | y\n  # z\n ",
            _ => " ",
        };
        match piece {
            Piece::Start(word) => {
                if !out.is_empty() && !out.ends_with('\n') {
                    out.push_str(if gap.len() > 1 { "\n\n\n" } else { "  \n" });
                }
                out.push_str(spelt(word));
            }
            Piece::Keyword(word) => {
                out.push_str(gap);
                let word = if word.contains(' ') { lexicon::spelling(word, lang) } else { spelt(word) };
                // What may stand between two words may stand between those of one keyword; once, for the other language may have
                // more words.
                out.push_str(&word.replacen(' ', gap, 1));
            }
            Piece::Plain(text) if text.starts_with(['.', '[']) && text.len() > 2 && !text.starts_with("..") => {
                out.push_str(text)
            }
            Piece::Plain(text) => {
                out.push_str(gap);
                out.push_str(text);
            }
        }
    }
    out.push('\n');
    out
}

/// The tree of a text without its places, and the errors of syntax in it.
fn tree(text: &str) -> (String, Vec<String>) {
    let mut findings = Vec::new();
    let tree = parse(SourceId(0), &Source::new("a.layak", text), &Limits::default(), &mut findings);
    let errors = findings
        .iter()
        .filter(|f| f.severity() == Severity::Error && f.code() != Code::NOT_SUPPORTED)
        .map(|f| format!("{} {}", f.code(), f.message().in_lang(Lang::En)))
        .collect();
    let debug = format!("{tree:?}");
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug.as_str();
    while let Some((before, after)) = rest.split_once("Span {") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    (out, errors)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_layout_keeps_the_tree_and_is_the_last((pieces, gaps) in programs()) {
        // Lines are broken at the same places in both languages; the first says which one it is.
        let lines = |lang| format("a.layak", &written(&pieces, &gaps, lang), Limits::default()).map(|t| t.lines().count());
        prop_assert_eq!(lines(Lang::En).map(|count| count + 1).ok(), lines(Lang::Id).ok());
        for lang in [Lang::En, Lang::Id] {
            let text = written(&pieces, &gaps, lang);
            let (before, errors) = tree(&text);
            prop_assert!(errors.is_empty(), "{:?}\n{}", errors, text);
            let laid_out = format("a.layak", &text, Limits::default());
            let laid_out = laid_out.map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            prop_assert_eq!(&tree(&laid_out).0, &before, "{}\n{}", text, laid_out);
            let again = format("a.layak", &laid_out, Limits::default());
            prop_assert_eq!(again.ok(), Some(laid_out), "{}", text);
        }
    }
}
