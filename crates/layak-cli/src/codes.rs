//! `layak codes`

use layak::{Code, Lang};

use crate::args::CodesCall;
use crate::{CallError, Done, Ending, output};

pub(crate) fn run(call: &CodesCall, lang: Lang) -> Done {
    let Some(text) = &call.code else {
        for page in Code::pages() {
            output::say(&format!("{}  {}\n", page.code(), page.title(lang)))?;
        }
        return Ok(Ending::Clean);
    };
    match Code::from_text(text).and_then(Code::page) {
        Some(page) => {
            output::say(&format!("{}\n", page.text().trim_end()))?;
            Ok(Ending::Clean)
        }
        None => Err(CallError(format!("no code `{text}`; `layak codes` lists all"))),
    }
}
