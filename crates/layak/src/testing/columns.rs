//! The columns of a sheet of worked cases: what of a case stands in each, and what may be written there.

use std::sync::Arc;

use crate::diagnostic::Phrase;
use crate::program::*;
use crate::ruleset::Ruleset;
use crate::syntax::Lang;

/// A column of a sheet of worked cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseColumn {
    name: String,
    also: Option<String>,
    title: Phrase,
    kind: CaseColumnKind,
}

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaseColumnKind {
    /// Any text.
    Text,
    /// A day.
    Date,
    /// Yes or no.
    Boolean,
    /// One of these words.
    Choice(Vec<String>),
    /// A number.
    Number,
    /// Names, separated by commas.
    Names,
    /// Of a list: how many elements it has, or all of it as JSON. The elements have columns of their own.
    List,
}

impl CaseColumn {
    /// What stands at the head of the column, such as `input.members[0].birth_date` or `programmes.pkh.amount`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its other name, of a fact that has one in files and tables.
    pub fn also(&self) -> Option<&str> {
        self.also.as_deref()
    }

    /// What people call it; its name where the rules have no label for it.
    pub fn title(&self, lang: Lang) -> &str {
        self.title.in_lang(lang)
    }

    /// What its cells hold.
    pub fn kind(&self) -> &CaseColumnKind {
        &self.kind
    }

    fn new(name: String, label: Option<&Label>, kind: CaseColumnKind) -> CaseColumn {
        let text = |lang| label.and_then(|l| l.get(lang)).map_or_else(|| name.clone(), |label| label.to_string());
        let title = Phrase { en: text(Lang::En), id: text(Lang::Id) };
        CaseColumn { name, also: None, title, kind }
    }
}

/// Columns of lists within lists, beyond which a sheet has none.
const MOST_DEPTH: usize = 6;

/// So many columns of facts a sheet has at most.
const MOST_COLUMNS: usize = 4_000;

/// The outcomes of a programme, as cases write them.
const OUTCOMES: [&str; 4] = ["eligible", "not_eligible", "undetermined", "error"];

impl Ruleset {
    /// The columns of a sheet of worked cases for these rules: what identifies a case, its dates, every fact by its path with so
    /// many elements of each list, and of every programme its outcome, outputs, reasons and missing facts. Of a programme of
    /// members there is one of each for so many members.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text("
    ///   module aid
    ///   entity Home { members list of Person 0..9 }
    ///   entity Person { nik text key  age integer 0..120 }
    ///   criterion few when count(members) < 3
    ///   programme food requires few")?;
    /// let columns = rules.case_columns(1);
    /// let names: Vec<&str> = columns.iter().map(layak::CaseColumn::name).collect();
    /// assert_eq!(names, [
    ///     "id", "as_of", "known_on", "note", "origin", "input.members", "input.members[0].nik", "input.members[0].age",
    ///     "programmes.food", "programmes.food.because", "programmes.food.missing",
    /// ]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn case_columns(&self, elements: usize) -> Vec<CaseColumn> {
        let program = &self.inner().program;
        let mut out = vec![
            CaseColumn::new("id".into(), None, CaseColumnKind::Text),
            CaseColumn::new("as_of".into(), None, CaseColumnKind::Date),
            CaseColumn::new("known_on".into(), None, CaseColumnKind::Date),
            CaseColumn::new("note".into(), None, CaseColumnKind::Text),
            CaseColumn::new("origin".into(), None, CaseColumnKind::Text),
        ];
        facts(program, program.root, "input.", elements, 0, &mut out);
        for programme in program.programmes.values() {
            let name = &programme.declared.name;
            // Members of lists within lists have no position of their own.
            let is_listed = program.entities[programme.owner].holders.iter().any(|(holder, _)| *holder == program.root);
            let places: Vec<String> = match programme.owner == program.root {
                true => vec![format!("programmes.{name}")],
                false if is_listed => (0..elements).map(|n| format!("programmes.{name}[{n}]")).collect(),
                false => Vec::new(),
            };
            for place in places {
                let outcomes = OUTCOMES.iter().map(|o| (*o).to_owned()).collect();
                let label = &programme.declared.label;
                out.push(CaseColumn::new(place.clone(), Some(label), CaseColumnKind::Choice(outcomes)));
                for output in &programme.outputs {
                    let kind = kind(program, &output.ty);
                    out.push(CaseColumn::new(format!("{place}.{}", output.name), Some(&output.label), kind));
                }
                out.push(CaseColumn::new(format!("{place}.because"), None, CaseColumnKind::Names));
                out.push(CaseColumn::new(format!("{place}.missing"), None, CaseColumnKind::Names));
            }
        }
        out
    }

    /// By the path of a list of members, without positions, such as `members`: the fact that is their key, and the programmes
    /// of such members. A sheet names members by their position, a case by their key.
    pub fn member_programmes(&self) -> Vec<(String, Option<String>, Vec<String>)> {
        let program = &self.inner().program;
        let root = &program.entities[program.root];
        let lists = root.fields.iter().filter_map(|field| match &field.shape {
            FieldShape::List { item, .. } if field.link(&program.entities).is_none() => Some((field, *item)),
            _ => None,
        });
        lists
            .map(|(field, item)| {
                let entity = &program.entities[item];
                let key = entity.key.and_then(|k| entity.fields.get(k)).map(|k| k.name.to_string());
                let own = program.programmes.values().filter(|p| p.owner == item);
                (field.name.to_string(), key, own.map(|p| p.declared.name.to_string()).collect())
            })
            .collect()
    }
}

fn facts(program: &Program, entity: EntityId, before: &str, elements: usize, depth: usize, out: &mut Vec<CaseColumn>) {
    for (_, field) in program.entities[entity].own_fields() {
        if out.len() >= MOST_COLUMNS || depth > MOST_DEPTH {
            return;
        }
        let name = format!("{before}{}", field.name);
        match &field.shape {
            FieldShape::Scalar { ty, .. } => {
                let also = field.column.as_ref().map(|column| format!("{before}{column}"));
                out.push(CaseColumn { also, ..CaseColumn::new(name, Some(&field.label), kind(program, ty)) });
            }
            FieldShape::Record { entity, .. } => {
                facts(program, *entity, &format!("{name}."), elements, depth + 1, out);
            }
            FieldShape::List { item, most, .. } => {
                out.push(CaseColumn::new(name.clone(), Some(&field.label), CaseColumnKind::List));
                let shown = elements.min(most.unwrap_or(usize::MAX));
                if program.entities[*item].is_scalar_item || field.link(&program.entities).is_some() {
                    continue;
                }
                for n in 0..shown {
                    facts(program, *item, &format!("{name}[{n}]."), elements, depth + 1, out);
                }
            }
        }
    }
}

fn kind(program: &Program, ty: &Type) -> CaseColumnKind {
    let words = |id: EnumId| {
        let names: Vec<Arc<str>> = program.enums[id].members.iter().map(|m| Arc::clone(&m.name)).collect();
        names.iter().map(|name| name.to_string()).collect()
    };
    match ty.required() {
        Type::Boolean => CaseColumnKind::Boolean,
        Type::Number(_) => CaseColumnKind::Number,
        Type::Date => CaseColumnKind::Date,
        Type::Enum(id) => CaseColumnKind::Choice(words(*id)),
        _ => CaseColumnKind::Text,
    }
}
