//! Answers and errors as plain texts.

use layak::{Answer, FactError, Lang};

/// An answer as one plain text: what a cell of a table holds. Exact, and without a currency.
///
/// ```
/// let list = layak::Answer::List(vec![layak::Answer::Boolean(true), layak::Answer::None]);
/// assert_eq!(layak_batch::plain(&list), "[true, none]");
/// ```
pub fn plain(answer: &Answer) -> String {
    match answer {
        Answer::Boolean(b) => b.to_string(),
        Answer::Integer(n) | Answer::Number(n) => n.to_string(),
        Answer::Date(d) => d.to_string(),
        Answer::Duration(d) => d.to_string(),
        Answer::Text(t) | Answer::Enum(t) => t.to_string(),
        Answer::Element(key) => key.clone(),
        Answer::None => "none".to_owned(),
        Answer::Failure(failure) => format!("!{}", failure.code()),
        Answer::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Answer::Record(parts) => {
            format!("{{{}}}", parts.iter().map(|(n, a)| format!("{n}: {}", plain(a))).collect::<Vec<_>>().join(", "))
        }
        _ => "?".to_owned(),
    }
}

/// What is wrong with a fact, and the way out.
pub fn told(error: &FactError, lang: Lang) -> String {
    let mut text = error.message().in_lang(lang).to_owned();
    if let Some(help) = error.help() {
        text.push_str("; ");
        text.push_str(help.in_lang(lang));
    }
    text
}
