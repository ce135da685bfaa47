//! What to say where the grammar gave up.

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::source::Span;
use crate::syntax::lexicon::{self, Lang};
use crate::syntax::parser::Rule;

/// `found` is the word at the place, empty at the end; `declaration` the word that began what could not be read.
pub(super) fn finding(span: Span, found: &str, declaration: &str, rules: &[Rule], lang: Lang) -> Finding {
    if declaration.is_empty() {
        return Finding::error(
            Code::NOT_A_DECLARATION,
            span,
            phrase!("no declaration begins here", "tidak ada deklarasi yang dimulai di sini"),
        )
        .help(phrase!(
            "a declaration begins with a word such as `{0}`, `{1}` or `{2}` at the start of a line",
            "deklarasi dimulai dengan kata seperti `{0}`, `{1}` atau `{2}` di awal baris",
            lexicon::spelling("define", lang),
            lexicon::spelling("criterion", lang),
            lexicon::spelling("programme", lang)
        ));
    }
    let mut expected: Vec<(String, String)> = Vec::new();
    for rule in rules {
        let words = describe(*rule, lang);
        if let Some(words) = words
            && !expected.contains(&words)
        {
            expected.push(words);
        }
    }
    // An expression can begin and go on in many ways; naming it is enough.
    if expected.iter().any(|(en, _)| en == EXPRESSION.0) {
        expected.retain(|(en, _)| {
            en == EXPRESSION.0 || en.starts_with("`|") || en.starts_with("`)") || en.starts_with("`]")
        });
    }
    expected.truncate(5);
    let join = |last: &str, pick: fn(&(String, String)) -> &String| {
        let mut out = String::new();
        for (i, item) in expected.iter().enumerate() {
            if i > 0 {
                out.push_str(if i + 1 == expected.len() { last } else { ", " });
            }
            out.push_str(pick(item));
        }
        out
    };
    let (en, id) = (join(" or ", |e| &e.0), join(" atau ", |e| &e.1));
    let seen = if found.is_empty() {
        phrase!("the end of the declaration", "akhir deklarasi")
    } else {
        phrase!("`{0}`", "`{0}`", found)
    };
    let declaration = match lang {
        Lang::En => declaration,
        Lang::Id => lexicon::PAIRS.iter().find(|(en, _)| *en == declaration).map_or(declaration, |(_, id)| id),
    };
    let message = if expected.is_empty() {
        Phrase { en: format!("{} cannot stand here", seen.en), id: format!("{} tidak boleh berada di sini", seen.id) }
    } else {
        Phrase {
            en: format!("expected {en}, found {}", seen.en),
            id: format!("di sini seharusnya {id}, tetapi ada {}", seen.id),
        }
    };
    Finding::error(Code::SYNTAX, span, message).label(phrase!("in this `{0}`", "dalam `{0}` ini", declaration)).help(
        hint(found).unwrap_or_else(|| {
            phrase!(
                "`layak codes L0103` shows the form of each declaration",
                "`layak codes L0103` menunjukkan bentuk setiap deklarasi"
            )
        }),
    )
}

const EXPRESSION: (&str, &str) = ("an expression", "sebuah ungkapan");

/// Slips that people bring from other languages.
fn hint(found: &str) -> Option<Phrase> {
    Some(match found {
        "&" => phrase!("write `and`", "tulis `and` (atau `dan` bila `bahasa id`)"),
        "!" => phrase!("write `not`", "tulis `not` (atau `bukan` bila `bahasa id`)"),
        "'" => phrase!("texts stand in double quotes", "teks ditulis dalam tanda petik ganda"),
        ";" => phrase!("declarations need no `;`", "deklarasi tidak memerlukan `;`"),
        "/" => phrase!("a comment begins with `#`", "komentar dimulai dengan `#`"),
        "true" | "True" | "TRUE" => phrase!("write `yes`", "tulis `yes` (atau `ya` bila `bahasa id`)"),
        _ => return None,
    })
}

fn word(english: &'static str, lang: Lang) -> Option<(String, String)> {
    let spelt = lexicon::spelling(english, lang);
    Some((format!("`{spelt}`"), format!("`{spelt}`")))
}

fn describe(rule: Rule, lang: Lang) -> Option<(String, String)> {
    let both = |en: &str, id: &str| Some((en.to_owned(), id.to_owned()));
    match rule {
        Rule::expression | Rule::operand | Rule::applied | Rule::prefix => both(EXPRESSION.0, EXPRESSION.1),
        Rule::name | Rule::owned_name | Rule::path => both("a name", "sebuah nama"),
        Rule::type_of => both("a type", "sebuah tipe"),
        Rule::date => both("a date such as `2026-01-31`", "tanggal seperti `2026-01-31`"),
        Rule::string | Rule::texts => both("a text in quotes", "teks dalam tanda petik"),
        Rule::number => both("a number", "sebuah bilangan"),
        Rule::duration => both("a duration such as `18 years`", "jangka waktu seperti `18 years`"),
        Rule::simple | Rule::simple_bound | Rule::bound => both("a value", "sebuah nilai"),
        Rule::infix | Rule::suffix | Rule::compare => both("an operator", "sebuah operator"),
        Rule::header => both("a header such as `| column || output |`", "kepala tabel seperti `| kolom || hasil |`"),
        Rule::row => both("a row", "sebuah baris"),
        Rule::cell | Rule::cell_test | Rule::dash => both("a cell", "sebuah sel"),
        Rule::field => both("a field", "sebuah kolom isian"),
        Rule::member => both("a member", "sebuah anggota pilihan"),
        Rule::object => both("facts such as `{ desil: 2 }`", "fakta seperti `{ desil: 2 }`"),
        Rule::fact => both("a fact", "sebuah fakta"),
        Rule::validity | Rule::version => word("from", lang),
        Rule::condition | Rule::k_when => word("when", lang),
        Rule::basis | Rule::k_basis => word("basis", lang),
        Rule::appeal | Rule::k_appeal => word("appeal", lang),
        Rule::otherwise => word("otherwise", lang),
        Rule::given | Rule::k_given => word("given", lang),
        Rule::expect | Rule::k_expect => word("expect", lang),
        Rule::as_of | Rule::k_as_of => word("as of", lang),
        Rule::requires => word("requires", lang),
        Rule::refuses => word("refuses", lang),
        Rule::gives => word("gives", lang),
        Rule::excludes => word("excludes", lang),
        Rule::k_then => word("then", lang),
        Rule::k_else => word("else", lang),
        Rule::k_to => word("to", lang),
        Rule::k_through => word("through", lang),
        Rule::k_of => word("of", lang),
        Rule::k_from => word("from", lang),
        Rule::k_known => word("known", lang),
        Rule::k_unknown => word("unknown", lang),
        Rule::k_none => word("none", lang),
        Rule::k_leap_day => word("leap_day", lang),
        Rule::k_month_end => word("month_end", lang),
        Rule::k_fresh_for => word("fresh for", lang),
        Rule::k_unverified => word("unverified", lang),
        Rule::csv_table | Rule::k_csv => word("csv", lang),
        Rule::k_never_adds => word("never adds", lang),
        Rule::k_never_takes_away => word("never takes away", lang),
        Rule::k_never_drops => word("never drops by over", lang),
        Rule::k_moves_by => word("moves by", lang),
        Rule::k_never_together => word("never together", lang),
        Rule::k_always_decided => word("always decided", lang),
        Rule::k_always_in => word("always in", lang),
        Rule::k_unchanged_by => word("unchanged by order of", lang),
        Rule::always => both("`=`", "`=`"),
        Rule::EOI
        | Rule::module
        | Rule::language
        | Rule::title
        | Rule::currency
        | Rule::calendar
        | Rule::use_modules
        | Rule::enumeration
        | Rule::source
        | Rule::text_format
        | Rule::entity
        | Rule::parameter
        | Rule::define
        | Rule::criterion
        | Rule::table
        | Rule::programme
        | Rule::test => both("the next declaration", "deklarasi berikutnya"),
        _ => None,
    }
}
