//! Data to a case: names, types and ranges as the entities declare them, every error of the household at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::arena::Id;
use crate::diagnostic::{Code, Phrase, nearest, phrase};
use crate::facts::data::{Data, Path};
use crate::facts::error::{FactError, FactsError};
use crate::facts::{Case, CaseTable, Fact, ListFact, ListState, Row};
use crate::limits::Limits;
use crate::program::*;
use crate::value::{Date, Decimal, ParseDecimalError, Value};

/// So many errors of one household are told; more would help nobody.
const MOST_ERRORS: usize = 100;

/// Binds the facts of one household. The cost is linear in the facts.
pub(crate) fn bind(program: &Program, data: &Data<'_>, limits: &Limits) -> Result<Case, FactsError> {
    let mut binder = Binder {
        program,
        limits,
        case: Case {
            tables: program
                .entities
                .values()
                .map(|e| CaseTable {
                    rows: Vec::new(),
                    columns: vec![Vec::new(); e.fields.len()],
                    lists: vec![Vec::new(); e.fields.len()],
                })
                .collect(),
        },
        errors: Vec::new(),
        hidden: 0,
        elements: 0,
        links: Vec::new(),
    };
    let root = program.root;
    match data {
        Data::Object(entries) => {
            binder.push_row(root, None, 0, None);
            binder.element(root, 0, entries, &Path::Root);
        }
        _ => binder.tell(FactError::new(
            Code::FACT_TYPE,
            Path::Root,
            phrase!("a household is an object with its facts", "rumah tangga adalah objek berisi faktanya"),
        )),
    }
    binder.resolve_links();
    let id = binder.key_text(root, 0);
    if binder.errors.is_empty() {
        return Ok(binder.case);
    }
    if binder.hidden > 0 {
        let more = phrase!("{0} more errors", "{0} galat lagi", binder.hidden);
        binder.errors.push(FactError::new(Code::FACT_TYPE, Path::Root, more));
    }
    Err(FactsError { errors: binder.errors, id })
}

struct Binder<'p> {
    program: &'p Program,
    limits: &'p Limits,
    case: Case,
    errors: Vec<FactError>,
    hidden: usize,
    elements: usize,
    /// Links to resolve once every element is there: entity, field, row, key, path, target.
    links: Vec<(EntityId, usize, u32, String, String, EntityId)>,
}

impl Binder<'_> {
    fn tell(&mut self, error: FactError) {
        if self.errors.len() < MOST_ERRORS { self.errors.push(error) } else { self.hidden += 1 }
    }

    fn table(&mut self, entity: EntityId) -> Option<&mut CaseTable> {
        self.case.tables.get_mut(entity.index())
    }

    /// A new element of which nothing is known yet.
    fn push_row(
        &mut self,
        entity: EntityId,
        holder: Option<(EntityId, usize, u32)>,
        position: u32,
        phantom: Option<(usize, Option<usize>)>,
    ) -> u32 {
        let fields = &self.program.entities[entity].fields;
        let Some(table) = self.case.tables.get_mut(entity.index()) else { return 0 };
        let row = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        table.rows.push(Row { holder, position, phantom });
        for ((field, column), list) in fields.iter().zip(&mut table.columns).zip(&mut table.lists) {
            match &field.shape {
                FieldShape::Scalar { .. } => column.push(Fact::Unknown),
                FieldShape::List { .. } => list.push(ListFact { start: 0, count: 0, state: ListState::Unknown }),
                FieldShape::Record { .. } => {}
            }
        }
        row
    }

    fn set(&mut self, entity: EntityId, field: usize, row: u32, fact: Fact) {
        if let Some(slot) =
            self.table(entity).and_then(|t| t.columns.get_mut(field)).and_then(|c| c.get_mut(row as usize))
        {
            *slot = fact;
        }
    }

    fn element(&mut self, entity: EntityId, row: u32, entries: &[(Cow<'_, str>, Data<'_>)], path: &Path<'_>) {
        let program = self.program;
        let fields = &program.entities[entity].fields;
        let mut given: Vec<Option<&Data<'_>>> = vec![None; fields.len()];
        let mut guess = 0;
        for (name, value) in entries {
            // Keys usually come in the order of the declaration.
            let found = match fields.get(guess).filter(|f| *f.name == **name) {
                Some(_) => Some(guess),
                None => fields
                    .iter()
                    .position(|f| *f.name == **name)
                    .or_else(|| fields.iter().position(|f| f.column.as_deref() == Some(&**name))),
            };
            let Some(found) = found else {
                self.unknown_field(entity, name, path);
                continue;
            };
            guess = found + 1;
            match given.get_mut(found) {
                Some(slot @ None) => *slot = Some(value),
                _ => self.tell(FactError::new(
                    Code::FACT_DUPLICATE,
                    Path::Field(path, name),
                    phrase!("`{0}` is given twice", "`{0}` diberikan dua kali", name),
                )),
            }
        }
        let key = program.entities[entity].key;
        // Scalars first, so that all of one element lies before what it holds.
        for (index, field) in fields.iter().enumerate() {
            let at = Path::Field(path, &field.name);
            let value = given.get(index).copied().flatten();
            match &field.shape {
                FieldShape::Scalar { ty, range, default } => {
                    self.scalar(entity, index, row, (ty, range, default.as_ref()), value, key == Some(index), &at);
                }
                FieldShape::List { .. } | FieldShape::Record { .. } => {}
            }
        }
        for (index, field) in fields.iter().enumerate() {
            if let FieldShape::List { item, least, most } = &field.shape {
                let at = Path::Field(path, &field.name);
                let value = given.get(index).copied().flatten();
                self.list(entity, index, row, (*item, *least, *most), value, &at);
            }
        }
    }

    fn unknown_field(&mut self, entity: EntityId, name: &str, path: &Path<'_>) {
        let fields = &self.program.entities[entity].fields;
        let known = fields.iter().map(|f| &*f.name).chain(fields.iter().filter_map(|f| f.column.as_deref()));
        let near = nearest(name, known);
        let shown: String = name.chars().take(80).collect();
        let mut error = FactError::new(
            Code::FACT_UNKNOWN_FIELD,
            Path::Field(path, &shown),
            phrase!("there is no fact `{0}`", "tidak ada fakta `{0}`", shown),
        );
        if let Some(near) = near {
            // The nearest name belongs to the message: it is what most readers need.
            error.message = phrase!(
                "there is no fact `{0}`; did you mean `{1}`?",
                "tidak ada fakta `{0}`; maksud Anda `{1}`?",
                shown,
                near
            );
        } else {
            let list: Vec<&str> = fields.iter().map(|f| &*f.name).take(30).collect();
            error.help = Some(phrase!("the facts are {0}", "faktanya: {0}", list.join(", ")));
        }
        self.tell(error);
    }

    #[expect(clippy::too_many_arguments, reason = "a slot and what may stand in it")]
    fn scalar(
        &mut self,
        entity: EntityId,
        field: usize,
        row: u32,
        (ty, range, default): (&Type, &Range, Option<&Value>),
        value: Option<&Data<'_>>,
        is_key: bool,
        path: &Path<'_>,
    ) {
        let optional = matches!(ty, Type::Optional(_));
        let fact = match value {
            None | Some(Data::Null) if is_key => {
                self.tell(FactError::new(
                    Code::FACT_MISSING_KEY,
                    path,
                    phrase!("the key is missing", "kunci tidak ada"),
                ));
                return;
            }
            None => default.map_or(Fact::Unknown, |v| Fact::Known(v.clone())),
            Some(Data::Null) if optional => Fact::Known(Value::None),
            Some(Data::Null) => default.map_or(Fact::Unknown, |v| Fact::Known(v.clone())),
            Some(Data::Object(entries)) => match self.object(entity, field, row, entries, ty, range, path) {
                Some(fact) => fact,
                None => return,
            },
            Some(value) => {
                if let Type::Element(target) = ty.required() {
                    self.link(entity, field, row, value, *target, path);
                    return;
                }
                match self.value(value, ty.required(), range, path) {
                    Some(value) => Fact::Known(value),
                    None => return,
                }
            }
        };
        self.set(entity, field, row, fact);
    }

    /// `{"unknown": true}` or evidence.
    #[expect(clippy::too_many_arguments, reason = "a slot and what may stand in it")]
    fn object(
        &mut self,
        entity: EntityId,
        field: usize,
        row: u32,
        entries: &[(Cow<'_, str>, Data<'_>)],
        ty: &Type,
        range: &Range,
        path: &Path<'_>,
    ) -> Option<Fact> {
        match entries {
            [(name, Data::Boolean(true))] if name == "unknown" => Some(Fact::Asked),
            [(name, Data::List(items))] if name == "evidence" => {
                self.evidence(entity, field, row, items, ty, range, path)
            }
            _ => {
                self.wrong_type(ty, path, "an object", "sebuah objek");
                None
            }
        }
    }

    /// The value of the most trusted evidence, of equally trusted the latest. Evidence from a source that the fact does
    /// not accept says nothing.
    #[expect(clippy::too_many_arguments, reason = "a slot and what may stand in it")]
    fn evidence(
        &mut self,
        entity: EntityId,
        field: usize,
        row: u32,
        items: &[Data<'_>],
        ty: &Type,
        range: &Range,
        path: &Path<'_>,
    ) -> Option<Fact> {
        let program = self.program;
        let sources = program.entities[entity].fields.get(field).map_or(&[][..], |f| &f.sources);
        let mut best: Option<(usize, Option<Date>, Fact)> = None;
        for (index, item) in items.iter().enumerate() {
            let list = Path::Field(path, "evidence");
            let at = Path::Item(&list, index);
            let Data::Object(entries) = item else {
                self.wrong_type(&Type::Text, &at, "no evidence", "bukan bukti");
                continue;
            };
            let part = |name: &str| entries.iter().find(|(k, _)| k == name).map(|(_, v)| v);
            if let Some((name, _)) = entries.iter().find(|(k, _)| !matches!(&**k, "value" | "source" | "date")) {
                let near = nearest(name, ["value", "source", "date"]).unwrap_or("value");
                self.tell(FactError::new(
                    Code::FACT_UNKNOWN_FIELD,
                    Path::Field(&at, name),
                    phrase!(
                        "evidence has no `{0}`; did you mean `{1}`?",
                        "bukti tidak punya `{0}`; maksud Anda `{1}`?",
                        name,
                        near
                    ),
                ));
                continue;
            }
            let date = match part("date") {
                None | Some(Data::Null) => None,
                Some(value) => match self.value(value, &Type::Date, &Range::default(), &Path::Field(&at, "date")) {
                    Some(Value::Date(date)) => Some(date),
                    _ => continue,
                },
            };
            let rank = match part("source") {
                Some(Data::Text(name)) => {
                    let known = program.sources.iter().find(|(_, s)| *s.declared.name == **name).map(|(id, _)| id);
                    match known {
                        Some(id) if sources.is_empty() => Some((0, id)).map(|(rank, _)| rank),
                        Some(id) => sources.iter().position(|s| *s == id),
                        None => {
                            let near = nearest(name, program.sources.values().map(|s| &*s.declared.name));
                            let message = match near {
                                Some(near) => phrase!(
                                    "no source `{0}`; did you mean `{1}`?",
                                    "tidak ada sumber `{0}`; maksud Anda `{1}`?",
                                    name,
                                    near
                                ),
                                None => phrase!("no source `{0}`", "tidak ada sumber `{0}`", name),
                            };
                            self.tell(FactError::new(Code::FACT_UNKNOWN_VALUE, Path::Field(&at, "source"), message));
                            continue;
                        }
                    }
                }
                _ => {
                    self.wrong_type(&Type::Text, &Path::Field(&at, "source"), "no source", "bukan sumber");
                    continue;
                }
            };
            let value_path = Path::Field(&at, "value");
            let fact = match part("value") {
                None => Fact::Unknown,
                Some(Data::Null) if matches!(ty, Type::Optional(_)) => Fact::Known(Value::None),
                Some(Data::Null) => Fact::Unknown,
                Some(value) => match self.value(value, ty.required(), range, &value_path) {
                    Some(value) => Fact::Known(value),
                    None => continue,
                },
            };
            let Some(rank) = rank else { continue };
            let better = best.as_ref().is_none_or(|(r, d, _)| rank < *r || (rank == *r && date > *d));
            if better && fact != Fact::Unknown {
                best = Some((rank, date, fact));
            }
        }
        let _ = row;
        Some(best.map_or(Fact::Unknown, |(_, _, fact)| fact))
    }

    fn link(&mut self, entity: EntityId, field: usize, row: u32, value: &Data<'_>, target: EntityId, path: &Path<'_>) {
        match value {
            Data::Text(key) => {
                let key = text(key).to_string();
                self.links.push((entity, field, row, key, path.to_string(), target));
            }
            other => self.wrong_type(&Type::Element(target), path, describe(other).0, describe(other).1),
        }
    }

    fn resolve_links(&mut self) {
        let links = std::mem::take(&mut self.links);
        let mut keys: BTreeMap<EntityId, BTreeMap<String, u32>> = BTreeMap::new();
        for (entity, field, row, key, path, target) in links {
            let known = keys.entry(target).or_insert_with(|| {
                let rows = self.case.table(target).map_or(0, |t| t.rows.len());
                (0..u32::try_from(rows).unwrap_or(u32::MAX))
                    .filter_map(|r| key_of(self.program, &self.case, target, r).map(|k| (k, r)))
                    .collect()
            });
            match known.get(&key) {
                Some(found) => {
                    let found = Value::Element(*found);
                    self.set(entity, field, row, Fact::Known(found));
                }
                None => {
                    let near = nearest(&key, known.keys().map(String::as_str)).map(str::to_owned);
                    let message = match near {
                        Some(near) => phrase!(
                            "nobody here has the key `{0}`; did you mean `{1}`?",
                            "tidak ada yang berkunci `{0}` di sini; maksud Anda `{1}`?",
                            key,
                            near
                        ),
                        None => phrase!("nobody here has the key `{0}`", "tidak ada yang berkunci `{0}` di sini", key),
                    };
                    self.tell(FactError::new(Code::FACT_LINK, path, message));
                }
            }
        }
    }

    fn list(
        &mut self,
        entity: EntityId,
        field: usize,
        row: u32,
        (item, least, most): (EntityId, usize, Option<usize>),
        value: Option<&Data<'_>>,
        path: &Path<'_>,
    ) {
        let start = u32::try_from(self.case.table(item).map_or(0, |t| t.rows.len())).unwrap_or(u32::MAX);
        let (count, state) = match value {
            None | Some(Data::Null) => (1, ListState::Unknown),
            Some(Data::Object(entries)) => match entries.as_slice() {
                [(name, Data::Boolean(true))] if name == "unknown" => (1, ListState::Asked),
                _ => {
                    self.wrong_type(&Type::list_of(Type::Element(item)), path, "an object", "sebuah objek");
                    return;
                }
            },
            Some(Data::List(items)) => {
                let count = items.len();
                if count < least || most.is_some_and(|most| count > most) {
                    let most = most.map_or(String::new(), |m| m.to_string());
                    self.tell(FactError::new(
                        Code::FACT_RANGE,
                        path,
                        phrase!(
                            "{0} elements, allowed are {1}..{2}",
                            "{0} anggota, yang boleh {1}..{2}",
                            count,
                            least,
                            most
                        ),
                    ));
                }
                self.elements = self.elements.saturating_add(count);
                if self.elements > self.limits.elements {
                    let limit = self.limits.elements;
                    self.tell(FactError::new(
                        Code::FACT_RANGE,
                        path,
                        phrase!(
                            "the household holds more than {0} elements",
                            "rumah tangga memuat lebih dari {0} anggota",
                            limit
                        ),
                    ));
                    return;
                }
                self.items(entity, field, row, item, items, path);
                (u32::try_from(count).unwrap_or(u32::MAX), ListState::Known)
            }
            Some(other) => {
                let (en, id) = describe(other);
                self.wrong_type(&Type::list_of(Type::Element(item)), path, en, id);
                return;
            }
        };
        if state != ListState::Known {
            self.phantom(entity, field, row, item, (least, most));
        }
        if let Some(slot) =
            self.table(entity).and_then(|t| t.lists.get_mut(field)).and_then(|l| l.get_mut(row as usize))
        {
            *slot = ListFact { start, count, state };
        }
    }

    /// The one element that an unknown list holds, and those of its own lists.
    fn phantom(&mut self, entity: EntityId, field: usize, row: u32, item: EntityId, size: (usize, Option<usize>)) {
        let mut open = vec![(entity, field, row, item, size)];
        while let Some((entity, field, row, item, size)) = open.pop() {
            let start = u32::try_from(self.case.table(item).map_or(0, |t| t.rows.len())).unwrap_or(u32::MAX);
            let element = self.push_row(item, Some((entity, field, row)), 0, Some(size));
            if let Some(slot) =
                self.table(entity).and_then(|t| t.lists.get_mut(field)).and_then(|l| l.get_mut(row as usize))
            {
                *slot = ListFact { start, count: 1, state: ListState::Unknown };
            }
            for (index, inner) in self.program.entities[item].fields.iter().enumerate() {
                if let FieldShape::List { item: below, least, most } = &inner.shape {
                    open.push((item, index, element, *below, (*least, *most)));
                }
            }
        }
    }

    fn items(&mut self, entity: EntityId, field: usize, row: u32, item: EntityId, items: &[Data<'_>], path: &Path<'_>) {
        let program = self.program;
        let shape = &program.entities[item];
        let mut rows = Vec::with_capacity(items.len());
        // All elements of a list lie side by side, so their own lists come after.
        for position in 0..items.len() {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            rows.push(self.push_row(item, Some((entity, field, row)), position, None));
        }
        for ((index, value), element) in items.iter().enumerate().zip(&rows) {
            let at = Path::Item(path, index);
            if let (true, Some(FieldShape::Scalar { ty, range, .. })) =
                (shape.is_scalar_item, shape.fields.first().map(|f| &f.shape))
            {
                self.scalar(item, 0, *element, (ty, range, None), Some(value), false, &at);
                continue;
            }
            match value {
                Data::Object(entries) => self.element(item, *element, entries, &at),
                other => {
                    let (en, id) = describe(other);
                    self.wrong_type(&Type::Element(item), &at, en, id);
                }
            }
        }
        let Some(key) = shape.key.and_then(|k| shape.fields.get(k).map(|f| (k, f))) else { return };
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (index, element) in rows.iter().enumerate() {
            let Some(text) = key_of(program, &self.case, item, *element) else { continue };
            match seen.get(&text) {
                None => {
                    seen.insert(text, index);
                }
                Some(first) => {
                    let at = Path::Item(path, index);
                    self.tell(FactError::new(
                        Code::FACT_REPEATED_KEY,
                        Path::Field(&at, &key.1.name),
                        phrase!("`{0}` is also that of {1}[{2}]", "`{0}` juga milik {1}[{2}]", text, path, first),
                    ));
                }
            }
        }
    }

    fn wrong_type(&mut self, ty: &Type, path: &Path<'_>, en: &str, id: &str) {
        let want = self.type_words(ty);
        self.tell(FactError::new(
            Code::FACT_TYPE,
            path,
            Phrase { en: format!("{} is needed, this is {en}", want.en), id: format!("perlu {}, ini {id}", want.id) },
        ));
    }

    fn type_words(&self, ty: &Type) -> Phrase {
        match ty.required() {
            Type::Boolean => phrase!("true or false", "true atau false"),
            Type::Number(q) if q.whole => phrase!("a whole number", "bilangan bulat"),
            Type::Number(q) if q.money => phrase!("an amount of money", "jumlah uang"),
            Type::Number(_) => phrase!("a number", "bilangan"),
            Type::Date => phrase!("a date as text, YYYY-MM-DD", "tanggal sebagai teks, YYYY-MM-DD"),
            Type::Duration(_) => {
                phrase!("a duration such as `1 year 6 months`", "jangka waktu seperti `1 year 6 months`")
            }
            Type::Text => phrase!("a text", "teks"),
            Type::Enum(id) => {
                let members: Vec<&str> = self.program.enums[*id].members.iter().map(|m| &*m.name).take(20).collect();
                phrase!("one of {0}", "salah satu dari {0}", members.join(", "))
            }
            Type::Element(id) => {
                phrase!(
                    "an object with the facts of `{0}`",
                    "objek berisi fakta `{0}`",
                    self.program.entities[*id].declared.name
                )
            }
            Type::List(_) => phrase!("a list", "daftar"),
            Type::Optional(_) | Type::Record(_) | Type::Pending | Type::Poison => phrase!("a value", "nilai"),
        }
    }

    fn value(&mut self, data: &Data<'_>, ty: &Type, range: &Range, path: &Path<'_>) -> Option<Value> {
        let value = match (ty, data) {
            (Type::Boolean, Data::Boolean(b)) => Value::Boolean(*b),
            (Type::Number(q), Data::Number(text) | Data::Text(text)) => {
                let number = match text.parse::<Decimal>() {
                    Ok(number) => number,
                    Err(ParseDecimalError::Malformed) => {
                        let shown: String = text.chars().take(60).collect();
                        self.wrong_type(ty, path, &format!("`{shown}`"), &format!("`{shown}`"));
                        return None;
                    }
                    Err(ParseDecimalError::TooLong) => {
                        self.tell(FactError::new(
                            Code::FACT_TOO_LONG,
                            path,
                            phrase!("the number has more than 38 digits", "bilangan ini lebih dari 38 digit"),
                        ));
                        return None;
                    }
                };
                if q.whole && !number.is_integer() {
                    self.wrong_type(ty, path, &format!("`{text}`"), &format!("`{text}`"));
                    return None;
                }
                Value::Number(number)
            }
            (Type::Date, Data::Text(text)) => match text.parse::<Date>() {
                Ok(date) => Value::Date(date),
                Err(_) => {
                    let shown: String = text.chars().take(60).collect();
                    self.tell(FactError::new(
                        Code::FACT_DATE,
                        path,
                        phrase!(
                            "`{0}` is no day of the calendar, written YYYY-MM-DD",
                            "`{0}` bukan hari di kalender, ditulis YYYY-MM-DD",
                            shown
                        ),
                    ));
                    return None;
                }
            },
            (Type::Duration(_), Data::Text(text)) => match text.parse() {
                Ok(duration) => Value::Duration(duration),
                Err(_) => {
                    self.wrong_type(ty, path, "another text", "teks lain");
                    return None;
                }
            },
            (Type::Text, Data::Text(value)) => Value::Text(Arc::from(&*text(value))),
            (Type::Enum(id), Data::Text(value)) => return self.member(*id, &text(value), path),
            (_, other) => {
                let (en, id) = describe(other);
                self.wrong_type(ty, path, en, id);
                return None;
            }
        };
        if !range.holds(&value) {
            let (en, id) = (range_text(range), shown(&value));
            self.tell(FactError::new(
                Code::FACT_RANGE,
                path,
                phrase!("{1} lies outside {0}", "{1} di luar {0}", en, id),
            ));
            return None;
        }
        Some(value)
    }

    fn member(&mut self, id: EnumId, text: &str, path: &Path<'_>) -> Option<Value> {
        let members = &self.program.enums[id].members;
        let found = members
            .iter()
            .position(|m| *m.name == *text)
            .or_else(|| members.iter().position(|m| m.codes.iter().any(|c| **c == *text)));
        if let Some(found) = found {
            return Some(Value::Enum(u32::try_from(found).unwrap_or(u32::MAX)));
        }
        let near = nearest(text, members.iter().map(|m| &*m.name));
        let shown: String = text.chars().take(60).collect();
        let message = match near {
            Some(near) => phrase!(
                "`{0}` is not a declared value; did you mean `{1}`?",
                "`{0}` bukan nilai yang dideklarasikan; maksud Anda `{1}`?",
                shown,
                near
            ),
            None => {
                let list: Vec<&str> = members.iter().map(|m| &*m.name).take(20).collect();
                phrase!(
                    "`{0}` is not a declared value, such as {1}",
                    "`{0}` bukan nilai yang dideklarasikan, seperti {1}",
                    shown,
                    list.join(", ")
                )
            }
        };
        self.tell(FactError::new(Code::FACT_UNKNOWN_VALUE, path, message));
        None
    }

    fn key_text(&self, entity: EntityId, row: u32) -> Option<String> {
        key_of(self.program, &self.case, entity, row)
    }
}

/// A text in composed form.
fn text<'a>(text: &'a str) -> Cow<'a, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

fn describe(data: &Data<'_>) -> (&'static str, &'static str) {
    match data {
        Data::Null => ("null", "null"),
        Data::Boolean(_) => ("true or false", "true atau false"),
        Data::Number(_) => ("a number", "bilangan"),
        Data::Text(_) => ("a text", "teks"),
        Data::List(_) => ("a list", "daftar"),
        Data::Object(_) => ("an object", "objek"),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(n) => n.to_string(),
        Value::Date(d) => d.to_string(),
        Value::Duration(d) => d.to_string(),
        Value::Text(t) => t.to_string(),
        Value::Boolean(b) => b.to_string(),
        Value::Enum(_) | Value::Element(_) | Value::None => String::new(),
    }
}

fn range_text(range: &Range) -> String {
    let end = |v: &Option<Value>| v.as_ref().map(shown).unwrap_or_default();
    format!("{}..{}{}", end(&range.low), if range.open { "<" } else { "" }, end(&range.high))
}

/// The key of an element as text.
pub(crate) fn key_of(program: &Program, case: &Case, entity: EntityId, row: u32) -> Option<String> {
    let key = program.entities[entity].key?;
    let value = case.fact(entity, key, row)?.value()?;
    Some(match (value, program.entities[entity].fields.get(key).map(|f| &f.shape)) {
        (Value::Enum(n), Some(FieldShape::Scalar { ty: Type::Enum(id), .. })) => {
            program.enums[*id].members.get(*n as usize)?.name.to_string()
        }
        (value, _) => shown(value),
    })
}

/// Where a fact stands: `members[1].occupation`.
pub(crate) fn path_of(program: &Program, case: &Case, entity: EntityId, field: usize, row: u32) -> String {
    let mut parts: Vec<String> = Vec::new();
    let (mut entity, mut row) = (entity, row);
    let name = program.entities[entity].fields.get(field).map_or("", |f| &f.name);
    if !name.is_empty() {
        parts.push(name.to_owned());
    }
    while let Some(element) = case.table(entity).and_then(|t| t.rows.get(row as usize)) {
        let Some((above, list, holder)) = element.holder else { break };
        let name = program.entities[above].fields.get(list).map_or("", |f| &f.name);
        parts.push(if element.phantom.is_some() { name.to_owned() } else { format!("{name}[{}]", element.position) });
        (entity, row) = (above, holder);
    }
    parts.reverse();
    parts.join(".")
}
