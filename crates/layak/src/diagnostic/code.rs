//! The codes of findings and their pages.

use std::fmt;

use crate::syntax::Lang;

/// The stable code of a finding or an error: `L` and four digits, of which the first two name the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L{:04}", self.0)
    }
}

/// What a code means: a Markdown page with what it is, why, an example that raises it and the way out.
#[derive(Clone, Copy, Debug)]
pub struct CodePage {
    code: Code,
    page: &'static str,
}

impl CodePage {
    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Its name in a language: the page's first line.
    pub fn title(&self, lang: Lang) -> &'static str {
        let heading = self.page.lines().next().unwrap_or("").trim_start_matches(['#', ' ']);
        let names = heading.split_once(' ').map_or("", |(_, names)| names);
        let (en, id) = names.split_once(" | ").unwrap_or((names, names));
        match lang {
            Lang::En => en,
            Lang::Id => id,
        }
    }

    /// The page.
    pub fn text(&self) -> &'static str {
        self.page
    }
}

macro_rules! codes {
    ($($number:literal $page:literal $name:ident;)*) => {
        impl Code {
            $(pub(crate) const $name: Code = Code($number);)*

            /// Every code with its page, in the order of the codes.
            pub fn pages() -> &'static [CodePage] {
                &[$(CodePage {
                    code: Code($number),
                    page: include_str!(concat!("../../codes/", $page, ".md")),
                }),*]
            }
        }
    };
}
include!("codes.in");

/// Codes of what hosts find in the files that they read.
impl Code {
    /// Binary floats in a column.
    pub const FLOATS: Code = Code::COLUMN_FLOATS;
    /// A key that stands twice.
    pub const TWICE: Code = Code::KEY_TWICE;
    /// An element of no household.
    pub const ALONE: Code = Code::ELEMENT_ALONE;
    /// A row that cannot be read.
    pub const UNREADABLE: Code = Code::ROW_UNREADABLE;
    /// An element of a household stands in a row that cannot be read.
    pub const HALF_READ: Code = Code::ELEMENT_UNREADABLE;
}

impl Code {
    /// The code of a text such as `L0201`, if there is one.
    pub fn from_text(text: &str) -> Option<Code> {
        Code::pages().iter().map(CodePage::code).find(|c| c.to_string().eq_ignore_ascii_case(text))
    }

    /// Its page.
    pub fn page(self) -> Option<CodePage> {
        Code::pages().iter().copied().find(|p| p.code == self)
    }
}
