//! Which words stand for which keyword in each language of rule files.
//!
//! A lexicon maps words to words and nothing more: the grammar and every later stage know the English ones alone.
//! INVARIANT: within one language no two entries share a spelling, so a translation there and back is the identity.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The language whose keywords a file uses, and the language of messages and reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Bahasa Indonesia.
    Id,
}

impl Lang {
    /// The language of a tag: `en` or `id`.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        match tag {
            "en" => Some(Lang::En),
            "id" => Some(Lang::Id),
            _ => None,
        }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Id => "id",
        }
    }
}

/// Words that begin a declaration, in English. A line that begins with one, unindented, begins a declaration even after
/// a broken one.
pub(crate) const DECLARATIONS: &[&str] = &[
    "module",
    "use",
    "language",
    "title",
    "currency",
    "calendar",
    "enum",
    "source",
    "format",
    "entity",
    "parameter",
    "define",
    "criterion",
    "table",
    "scale",
    "programme",
    "amend",
    "test",
    "property",
];

/// English and Indonesian, longest phrases first where they begin alike.
pub(crate) const PAIRS: &[(&str, &str)] = &[
    // declarations
    ("module", "modul"),
    ("use", "pakai"),
    ("language", "bahasa"),
    ("title", "judul"),
    ("currency", "mata_uang"),
    ("calendar", "kalender"),
    ("leap_day", "hari_kabisat"),
    ("month_end", "akhir_bulan"),
    ("march_1", "maret_1"),
    ("february_28", "februari_28"),
    ("clip", "potong"),
    ("next", "berikut"),
    ("enum", "pilihan"),
    ("code", "kode"),
    ("source", "sumber"),
    ("format", "format"),
    ("digits", "digit"),
    ("fresh for", "berlaku selama"),
    ("unverified", "tanpa verifikasi"),
    ("entity", "entitas"),
    ("root", "akar"),
    ("key", "kunci"),
    ("column", "kolom"),
    ("default", "bawaan"),
    ("fixed", "tetap"),
    ("must be verified", "wajib diverifikasi"),
    ("inverse", "kebalikan"),
    ("acyclic", "tanpa_siklus"),
    ("parameter", "parameter"),
    ("csv", "csv"),
    ("from", "dari"),
    ("until", "sampai"),
    ("through", "sampai_dengan"),
    ("enacted", "diundangkan"),
    ("basis", "dasar"),
    ("define", "tetapkan"),
    ("except", "kecuali"),
    ("to", "ke"),
    ("when", "bila"),
    ("priority", "prioritas"),
    ("criterion", "kriteria"),
    ("otherwise", "sebaliknya"),
    ("table", "tabel"),
    ("unique", "unik"),
    ("collect", "kumpulkan"),
    ("scale", "skala"),
    ("marginal", "marjinal"),
    ("flat", "rata"),
    ("bracket", "lapis"),
    ("programme", "program"),
    ("for all", "untuk semua"),
    ("for", "untuk"),
    ("requires", "syarat"),
    ("refuses", "penolak"),
    ("gives", "memberi"),
    ("excludes", "mengecualikan"),
    ("appeal", "keberatan"),
    ("amend", "ubah"),
    ("replace", "ganti"),
    ("repeal", "cabut"),
    ("allow", "izinkan"),
    ("test", "uji"),
    ("as of", "per tanggal"),
    ("known on", "diketahui pada"),
    ("given", "misal"),
    ("expect", "harapkan"),
    ("because", "karena"),
    ("missing", "kurang"),
    ("property", "sifat"),
    ("let", "misalkan"),
    ("with", "dengan"),
    ("more of", "makin besar"),
    ("less of", "makin kecil"),
    ("never adds", "tidak pernah menambah"),
    ("never takes away", "tidak pernah mengurangi"),
    ("never drops by over", "tidak pernah turun melebihi"),
    ("moves by", "bergeser sebesar"),
    ("never together", "tidak pernah bersama"),
    ("always decided", "selalu diputuskan"),
    ("always in", "selalu dalam"),
    ("unchanged by order of", "tidak bergantung pada urutan"),
    // types
    ("boolean", "ya_tidak"),
    ("integer", "bulat"),
    ("number", "angka"),
    ("money", "uang"),
    ("date", "tanggal"),
    ("duration", "jangka"),
    ("text", "teks"),
    ("list of", "daftar berisi"),
    ("list", "daftar"),
    ("optional", "opsional"),
    ("link to", "tautan ke"),
    // expressions
    ("and", "dan"),
    ("or else", "atau lainnya"),
    ("or", "atau"),
    ("not", "bukan"),
    ("implies", "berarti"),
    ("in", "dalam"),
    ("is", "adalah"),
    ("where", "yang"),
    ("each", "setiap"),
    ("if", "jika"),
    ("then", "maka"),
    ("else", "lainnya"),
    ("sort by", "urut menurut"),
    ("ascending", "menaik"),
    ("descending", "menurun"),
    ("top", "teratas"),
    ("of", "atas"),
    ("per", "per"),
    ("known", "diketahui"),
    ("unknown", "tak_diketahui"),
    ("none", "kosong"),
    ("eligible", "layak"),
    ("not_eligible", "tidak_layak"),
    ("undetermined", "belum_pasti"),
    ("error", "galat"),
    ("yes", "ya"),
    ("no", "tidak"),
    // functions and the words that go with them
    ("as_of", "tanggal_keputusan"),
    ("known_on", "tanggal_pengetahuan"),
    ("count", "banyaknya"),
    ("sum", "jumlah"),
    ("min", "terkecil"),
    ("max", "terbesar"),
    ("average", "rata_rata"),
    ("median", "median"),
    ("any", "ada"),
    ("every", "semua"),
    ("first", "pertama"),
    ("last", "terakhir"),
    ("round", "bulatkan"),
    ("half_up", "setengah_ke_atas"),
    ("half_down", "setengah_ke_bawah"),
    ("half_even", "setengah_genap"),
    ("up", "ke_atas"),
    ("down", "ke_bawah"),
    ("floor", "batas_bawah"),
    ("ceil", "batas_atas"),
    ("abs", "mutlak"),
    ("power", "pangkat"),
    ("remainder", "sisa"),
    ("assume", "anggap"),
    ("length", "panjang"),
    ("fold", "samakan"),
    ("year_of", "tahun_dari"),
    ("month_of", "bulan_dari"),
    ("day_of", "hari_dari"),
    ("first_day_of_month", "awal_bulan"),
    ("last_day_of_month", "hari_terakhir_bulan"),
];

/// Units of time: English singular, English plural, Indonesian.
pub(crate) const UNITS: &[(&str, &str, &str)] =
    &[("year", "years", "tahun"), ("month", "months", "bulan"), ("week", "weeks", "minggu"), ("day", "days", "hari")];

/// How a phrase is written in a language, given in English.
pub(crate) fn spelling(english: &'static str, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::Id => PAIRS.iter().find(|(en, _)| *en == english).map_or(english, |(_, id)| id),
    }
}

/// The longest phrase of `lang` with which `words` begins: its English spelling and how many words it takes.
/// Units are given in the plural.
pub(crate) fn phrase(words: &[&str], lang: Lang) -> Option<(&'static str, usize)> {
    static ENGLISH: OnceLock<Beginnings> = OnceLock::new();
    static INDONESIAN: OnceLock<Beginnings> = OnceLock::new();
    let beginnings = match lang {
        Lang::En => ENGLISH.get_or_init(|| beginnings(PAIRS.iter().map(|(en, _)| (*en, *en)))),
        Lang::Id => INDONESIAN.get_or_init(|| {
            let units = UNITS.iter().map(|(_, plural, id)| (*id, *plural));
            beginnings(PAIRS.iter().map(|(en, id)| (*id, *en)).chain(units))
        }),
    };
    let agrees = |spelt: &[&str]| words.get(..spelt.len()) == Some(spelt);
    let (spelt, english) = beginnings.get(words.first()?)?.iter().find(|(spelt, _)| agrees(spelt))?;
    Some((english, spelt.len()))
}

/// By the first word: the phrases that begin with it as their words, the longest first, and in English.
type Beginnings = BTreeMap<&'static str, Vec<(Vec<&'static str>, &'static str)>>;

fn beginnings(phrases: impl Iterator<Item = (&'static str, &'static str)>) -> Beginnings {
    let mut beginnings = Beginnings::new();
    for (spelt, english) in phrases {
        let words: Vec<&str> = spelt.split(' ').collect();
        beginnings.entry(words.first().copied().unwrap_or("")).or_default().push((words, english));
    }
    for phrases in beginnings.values_mut() {
        phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    }
    beginnings
}

/// A word or a phrase of one language, given as it is written there, in another. Units of time stand in the plural.
pub(crate) fn translated(words: &[&str], from: Lang, to: Lang) -> Option<(&'static str, usize)> {
    let (english, count) = match (phrase(words, from), words.first()) {
        (Some(found), _) => found,
        (None, Some(word)) => (UNITS.iter().find(|(one, many, _)| one == word || many == word)?.1, 1),
        (None, None) => return None,
    };
    let unit = UNITS.iter().find(|(_, many, _)| *many == english && to == Lang::Id);
    Some((unit.map_or_else(|| spelling(english, to), |(.., id)| id), count))
}

/// How many characters a word or a phrase of either language takes in English, units of time in the plural.
pub(crate) fn english_width(words: &str) -> Option<usize> {
    static WIDTHS: OnceLock<BTreeMap<&str, usize>> = OnceLock::new();
    let widths = WIDTHS.get_or_init(|| {
        let units = UNITS.iter().flat_map(|(one, many, id)| [(*one, many), (*many, many), (*id, many)]);
        let all = PAIRS.iter().flat_map(|(en, id)| [(*en, en), (*id, en)]).chain(units);
        all.map(|(word, english)| (word, english.len())).collect()
    });
    widths.get(words).copied()
}

/// Whether a word alone means something in a language.
pub(crate) fn is_word(word: &str, lang: Lang) -> bool {
    phrase(&[word], lang).is_some() || (lang == Lang::En && is_english_word(word))
}

/// Whether a word is one of the keywords of either language.
pub(crate) fn is_keyword(word: &str) -> bool {
    let is_in = |phrase: &str| phrase.split(' ').any(|w| w == word);
    PAIRS.iter().any(|(en, id)| is_in(en) || is_in(id)) || UNITS.iter().any(|(s, p, id)| [*s, *p, *id].contains(&word))
}

/// Whether a word means something in English as it stands.
pub(crate) fn is_english_word(word: &str) -> bool {
    static WORDS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    WORDS.get_or_init(|| PAIRS.iter().flat_map(|(en, _)| en.split(' ')).collect()).contains(word)
        || UNITS.iter().any(|(s, p, _)| *s == word || *p == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_entries_share_a_spelling() {
        let english: BTreeSet<_> = PAIRS.iter().map(|(en, _)| en).collect();
        let indonesian: BTreeSet<_> = PAIRS.iter().map(|(_, id)| *id).chain(UNITS.iter().map(|u| u.2)).collect();
        assert_eq!(english.len(), PAIRS.len());
        assert_eq!(indonesian.len(), PAIRS.len() + UNITS.len());
    }

    /// A word of one language that meant something else in the other would make a file with the wrong header readable.
    #[test]
    fn no_word_means_two_things_in_the_two_languages() {
        for (english, indonesian) in PAIRS {
            let other = PAIRS.iter().find(|(en, _)| en == indonesian).map(|(en, _)| en);
            assert!(other.is_none_or(|en| en == english), "{indonesian}");
            assert!(UNITS.iter().all(|(one, many, _)| one != indonesian && many != indonesian), "{indonesian}");
        }
    }

    /// The phrases that the grammar spells as keywords: `k_fresh_for = @{ "fresh" ~ gap ~ "for" ~ !XID_CONTINUE }`.
    fn grammar_phrases() -> Vec<String> {
        let spelt = |rule: &str| rule.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        include_str!("grammar.pest")
            .lines()
            .filter(|line| line.starts_with("k_") && line.contains("@{"))
            .map(|line| spelt(line).join(" "))
            .collect()
    }

    #[test]
    fn every_terminal_of_the_grammar_is_in_the_lexicon() {
        let known: BTreeSet<&str> = PAIRS.iter().map(|(en, _)| *en).collect();
        let phrases = grammar_phrases();
        assert!(phrases.len() > 100, "{}", phrases.len());
        let missing: Vec<&String> = phrases.iter().filter(|p| !known.contains(p.as_str()) && *p != "link").collect();
        assert_eq!(missing, Vec::<&String>::new());
        let words = |rule: &str| -> Vec<&str> {
            let line = include_str!("grammar.pest").lines().find(|l| l.split(' ').next() == Some(rule)).unwrap_or("");
            line.split('"').skip(1).step_by(2).collect()
        };
        assert!(words("reserved").iter().all(|w| known.contains(w)), "{:?}", words("reserved"));
        let units: BTreeSet<&str> = UNITS.iter().flat_map(|(one, many, _)| [*one, *many]).collect();
        assert_eq!(words("unit").into_iter().collect::<BTreeSet<_>>(), units);
    }

    /// The reference lists every word with its counterpart.
    #[test]
    fn the_reference_lists_every_word() {
        let page = include_str!("../../../../docs/language/18-two-languages.md");
        let rows: BTreeSet<String> = page.lines().filter(|l| l.starts_with("| `")).map(str::to_owned).collect();
        let pairs = PAIRS.iter().map(|(en, id)| format!("| `{en}` | `{id}` |"));
        let units = UNITS.iter().map(|(one, many, id)| format!("| `{one}`, `{many}` | `{id}` |"));
        assert_eq!(rows, pairs.chain(units).collect());
    }

    /// Every word before every two that go on with some phrase, and before others.
    #[test]
    fn a_phrase_is_found_as_by_looking_at_all_of_them() {
        let split = |spelt: &'static str| spelt.split(' ').collect::<Vec<_>>();
        let later = |at: usize| {
            let all = PAIRS.iter().flat_map(|(en, id)| [split(en), split(id)]);
            all.filter_map(|words| words.get(at).copied()).chain(["x"]).collect::<BTreeSet<_>>()
        };
        let (firsts, seconds, thirds) = (later(0), later(1), later(2));
        let units = UNITS.iter().map(|(_, many, id)| (*many, split(id)));
        let english: Vec<_> = PAIRS.iter().map(|(en, _)| (*en, split(en))).collect();
        let indonesian: Vec<_> = PAIRS.iter().map(|(en, id)| (*en, split(id))).chain(units).collect();
        let mut found = 0;
        for (lang, all) in [(Lang::En, english), (Lang::Id, indonesian)] {
            for words in firsts.iter().flat_map(|a| seconds.iter().flat_map(|b| thirds.iter().map(|c| [*a, *b, *c]))) {
                let expected =
                    all.iter().filter(|(_, spelt)| words.starts_with(spelt)).max_by_key(|(_, spelt)| spelt.len());
                let expected = expected.map(|(en, spelt)| (*en, spelt.len()));
                assert_eq!(phrase(&words, lang), expected, "{words:?}");
                found += usize::from(expected.is_some_and(|(_, count)| count > 1));
            }
        }
        assert!(found > 100, "{found} of several words");
        assert_eq!(phrase(&[], Lang::Id), None);
    }

    #[test]
    fn the_longest_phrase_wins() {
        assert_eq!(phrase(&["or", "else"], Lang::En), Some(("or else", 2)));
        assert_eq!(phrase(&["or", "other"], Lang::En), Some(("or", 1)));
        assert_eq!(phrase(&["per", "tanggal", "x"], Lang::Id), Some(("as of", 2)));
        assert_eq!(phrase(&["per", "tahun"], Lang::Id), Some(("per", 1)));
        assert_eq!(phrase(&["desil"], Lang::Id), None);
    }
}
