//! Data to a case: names, types and ranges as the entities declare them, every error of the household at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::arena::Id;
use crate::diagnostic::{Code, phrase};
use crate::facts::data::{Data, Path, shown};
use crate::facts::error::FactsError;
use crate::facts::layout::{Binder, Layout, ListShape, Shape, Slot};
use crate::facts::place::key_of;
use crate::facts::told::{Errors, Hint};
use crate::facts::words::joined;
use crate::facts::{Bound, Case, CaseTable, EvidenceFact, Fact, ListFact, ListState, Row, path_of, words};
use crate::limits::Limits;
use crate::program::*;
use crate::value::Value;

impl Binder {
    /// Binds the facts of one household to the program that the binder was made of. The cost is linear in the facts.
    pub(crate) fn bind(&self, program: &Program, data: &Data<'_>, limits: &Limits) -> Result<Bound, FactsError> {
        let mut task = Task::new(self, program, limits);
        let root = program.root;
        match data {
            Data::Object(entries) => task.object(Spot { entity: root, base: 0, row: 0 }, root, entries, &Path::Root),
            other => {
                let needed = phrase!("an object with the household's facts", "objek berisi fakta rumah tangga");
                task.wrong_type(&needed, other, &Path::Root, None);
            }
        }
        task.finish()
    }
}

impl Binder {
    /// Holds the links of a case, of which the evidence has been settled, to what they must keep. Nothing is done where no
    /// link is given as evidence: `bind` has held the others.
    pub(crate) fn hold_links(
        &self,
        program: &Program,
        case: &mut Case,
        evidence: &[EvidenceFact],
        limits: &Limits,
    ) -> Result<(), FactsError> {
        if !evidence.iter().any(|e| self.is_held(e)) {
            return Ok(());
        }
        let mut task = Task::over(self, program, limits, Case { tables: std::mem::take(&mut case.tables) });
        task.hold();
        let id = key_of(program, &task.case, program.root, 0).map(|id| id.to_string());
        let errors = task.errors.finish(self, program);
        *case = task.case;
        errors.map_err(|errors| FactsError { errors, id })
    }

    /// Whether a fact given as evidence is a link of which something must hold.
    fn is_held(&self, evidence: &EvidenceFact) -> bool {
        let sides = self.pairs.iter().flat_map(|(a, b)| [a, b]).chain(&self.acyclic);
        sides.into_iter().any(|side| {
            (side.entity, side.field) == (evidence.entity, evidence.field) || side.items == Some(evidence.entity)
        })
    }
}

/// Where an object's facts go: the columns from `base` of a row.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub entity: EntityId,
    pub base: usize,
    pub row: u32,
}

impl Spot {
    pub(super) fn at(self, field: usize) -> Slotted {
        Slotted { entity: self.entity, field: self.base + field, row: self.row }
    }
}

/// One fact's place in the case.
#[derive(Clone, Copy)]
pub(super) struct Slotted {
    pub entity: EntityId,
    pub field: usize,
    pub row: u32,
}

/// Where a link goes once every element is there.
pub(super) enum LinkTo {
    Fact(Slotted),
    /// An item of evidence, by the evidence's index and its own.
    Evidence(usize, usize),
}

/// A link that waits for its element. INVARIANT: what it goes to is not read before `resolve_links`.
pub(super) struct Link {
    pub to: LinkTo,
    pub target: EntityId,
    pub key: Value,
    /// Where to tell that there is no such element; None where that is told for another copy of the link.
    pub path: Option<String>,
}

/// The binding of one household.
pub(super) struct Task<'b> {
    pub binder: &'b Binder,
    pub program: &'b Program,
    most: usize,
    pub(super) case: Case,
    pub evidence: Vec<EvidenceFact>,
    pub errors: Errors,
    elements: usize,
    pub links: Vec<Link>,
    /// Lists of links that are not known, and that the other side of the relation may make known.
    pub(super) open_lists: Vec<(Slotted, ListShape, ListState)>,
    /// Whether the names of the last object came sorted: those of the next most likely do as well.
    pub(super) is_sorted: bool,
    /// The facts given as evidence.
    pub(super) stated: BTreeSet<(EntityId, usize, u32)>,
}

/// Which fields of an object have been met. Few entities have more than 64.
#[derive(Default)]
pub(super) struct Seen {
    first: u64,
    more: Vec<u64>,
}

impl Seen {
    /// Notes a field and says whether it was met before.
    #[inline]
    pub(super) fn note(&mut self, field: usize) -> bool {
        match field.checked_sub(64) {
            None => note(&mut self.first, field),
            Some(far) => self.note_far(far),
        }
    }

    fn note_far(&mut self, field: usize) -> bool {
        let index = field / 64;
        if self.more.len() <= index {
            self.more.resize(index + 1, 0);
        }
        self.more.get_mut(index).is_some_and(|word| note(word, field % 64))
    }
}

/// Sets a bit and says whether it was set before.
#[inline]
fn note(word: &mut u64, bit: usize) -> bool {
    let bit = 1u64 << bit;
    let before = *word & bit != 0;
    *word |= bit;
    before
}

impl<'b> Task<'b> {
    /// Of a household of which nothing is known yet.
    pub(super) fn new(binder: &'b Binder, program: &'b Program, limits: &Limits) -> Task<'b> {
        let case = Case { tables: program.entities.values().map(CaseTable::of).collect() };
        let mut task = Task::over(binder, program, limits, case);
        task.push_rows(program.root, 0..1, None, None, &Fact::Unknown);
        task
    }

    fn over(binder: &'b Binder, program: &'b Program, limits: &Limits, case: Case) -> Task<'b> {
        Task {
            binder,
            program,
            most: limits.elements,
            case,
            evidence: Vec::new(),
            errors: Errors::default(),
            elements: 0,
            links: Vec::new(),
            open_lists: Vec::new(),
            is_sorted: false,
            stated: BTreeSet::new(),
        }
    }

    /// Every value has been read: links find their elements, and what holds between facts is held.
    pub(super) fn finish(mut self) -> Result<Bound, FactsError> {
        let program = self.program;
        self.resolve_links();
        for fact in &mut self.evidence {
            fact.sort(program);
        }
        self.evidence.sort_by_key(|e| (e.entity, e.field, e.row));
        self.relate();
        match self.errors.finish(self.binder, program) {
            Ok(()) => Ok(Bound { case: self.case, evidence: self.evidence }),
            Err(errors) => {
                let id = key_of(program, &self.case, program.root, 0).map(|id| id.to_string());
                Err(FactsError { errors, id })
            }
        }
    }

    /// New elements side by side at these positions of their list, with one fact for all of their scalars. None where the program has no such entity.
    fn push_rows(
        &mut self,
        entity: EntityId,
        positions: Range<u32>,
        holder: Option<(EntityId, usize, u32)>,
        phantom: Option<(usize, Option<usize>)>,
        fact: &Fact,
    ) -> Option<u32> {
        let table = self.case.tables.get_mut(entity.index())?;
        let start = u32::try_from(table.rows.len()).ok()?;
        table.extend(positions.map(|position| Row { holder, position, phantom }), fact);
        Some(start)
    }

    /// New elements of a list, unless the household would hold too many.
    pub(super) fn grow(
        &mut self,
        list: Slotted,
        item: EntityId,
        count: usize,
        phantom: Option<(usize, Option<usize>)>,
        fact: &Fact,
    ) -> Option<u32> {
        self.grow_from(list, item, 0, count, phantom, fact)
    }

    /// The next element of a list, of which nothing is known.
    pub(super) fn grow_one(&mut self, list: Slotted, item: EntityId, position: u32) -> Option<u32> {
        self.grow_from(list, item, position, 1, None, &Fact::Unknown)
    }

    fn grow_from(
        &mut self,
        list: Slotted,
        item: EntityId,
        position: u32,
        count: usize,
        phantom: Option<(usize, Option<usize>)>,
        fact: &Fact,
    ) -> Option<u32> {
        let fits = self.elements.checked_add(count).filter(|n| *n <= self.most);
        let end = u32::try_from(count).ok().and_then(|count| position.checked_add(count));
        match (fits, end) {
            (Some(elements), Some(end)) => {
                self.elements = elements;
                let holder = Some((list.entity, list.field, list.row));
                self.push_rows(item, position..end, holder, phantom, fact)
            }
            _ => {
                // Told once: every list after it would say the same.
                if self.elements <= self.most {
                    let path = path_of(self.program, &self.case, list.entity, list.field, list.row);
                    self.errors.tell(
                        Code::FACT_ELEMENTS,
                        path,
                        phrase!(
                            "the household's lists hold more than {0} elements together",
                            "daftar-daftar rumah tangga memuat lebih dari {0} anggota seluruhnya",
                            self.most
                        ),
                        Hint::None,
                    );
                }
                self.elements = usize::MAX;
                None
            }
        }
    }

    /// Room for so many elements more.
    pub(super) fn make_room(&mut self, item: EntityId, count: usize) {
        if let Some(table) = self.case.tables.get_mut(item.index()) {
            table.reserve(count);
        }
    }

    #[inline(always)]
    pub(super) fn set(&mut self, at: Slotted, fact: Fact) {
        self.case.set((at.entity, at.field, at.row), fact);
    }

    pub(super) fn set_list(&mut self, at: Slotted, list: ListFact) {
        if let Some(table) = self.case.tables.get_mut(at.entity.index()) {
            table.set_list(at.field, at.row, list);
        }
    }

    /// The fields of `of`, which is the entity of the spot or that of a record within it.
    fn object(&mut self, spot: Spot, of: EntityId, entries: &[(Cow<'_, str>, Data<'_>)], path: &Path<'_>) {
        let Some(layout) = self.binder.layout(of) else { return };
        let mut seen = Seen::default();
        let mut names = layout.names_in_order(self.is_sorted);
        for (name, value) in entries {
            let at = Path::Field(path, name);
            let Some((index, slot)) = names.find(name) else {
                self.errors.tell(
                    Code::FACT_UNKNOWN_FIELD,
                    at,
                    phrase!("there is no fact `{0}`", "tidak ada fakta `{0}`", shown(name)),
                    Hint::Field(of, name.chars().take(81).collect()),
                );
                continue;
            };
            if seen.note(index) {
                self.duplicate(&at, name);
                continue;
            }
            match &slot.shape {
                Shape::Scalar(scalar) => self.scalar(spot.at(index), scalar, slot.is_key, value, &at),
                Shape::List(shape) => self.list(spot.at(index), *shape, value, &at),
                Shape::Record { entity, first, count } => {
                    let inner = Spot { base: spot.base + first, ..spot };
                    self.record(inner, *entity, *count, value, &at);
                }
            }
        }
        self.is_sorted = names.is_sorted;
        self.absent_fields(spot, layout, &mut seen, path);
    }

    /// The fields that were not given and must not be left alone.
    pub(super) fn absent_fields(&mut self, spot: Spot, layout: &'b Layout, seen: &mut Seen, path: &Path<'_>) {
        for index in &layout.wanting {
            if !seen.note(*index)
                && let Some(slot) = layout.slots.get(*index)
            {
                self.absent(spot, layout, *index, slot, path);
            }
        }
    }

    pub(super) fn duplicate(&mut self, at: &Path<'_>, name: &str) {
        let message = phrase!("`{0}` is given twice", "`{0}` diberikan dua kali", shown(name));
        self.errors.tell(Code::FACT_DUPLICATE, at, message, Hint::None);
    }

    /// A field that was not given.
    fn absent(&mut self, spot: Spot, layout: &'b Layout, index: usize, slot: &'b Slot, path: &Path<'_>) {
        match &slot.shape {
            Shape::Scalar(_) if slot.is_key => self.missing_key(&Path::Field(path, &slot.name)),
            Shape::Scalar(scalar) => {
                if let Some(value) = &scalar.default {
                    self.set(spot.at(index), Fact::Known(value.clone()));
                }
            }
            Shape::List(shape) => self.open_list(spot.at(index), *shape, ListState::Unknown),
            Shape::Record { first, count, .. } => self.unknown_record(spot, layout, *first, *count, &Fact::Unknown),
        }
    }

    /// A record of which nothing is known. The records within it lie within its own stretch of fields.
    fn unknown_record(&mut self, spot: Spot, layout: &'b Layout, first: usize, count: usize, fact: &Fact) {
        for (index, slot) in layout.slots.iter().enumerate().skip(first).take(count) {
            match (&slot.shape, fact) {
                (Shape::Scalar(_), Fact::Asked) => self.set(spot.at(index), Fact::Asked),
                (Shape::Scalar(scalar), _) => {
                    if let Some(value) = &scalar.default {
                        self.set(spot.at(index), Fact::Known(value.clone()));
                    }
                }
                (Shape::List(shape), Fact::Asked) => self.phantoms(spot.at(index), *shape, ListState::Asked),
                (Shape::List(shape), _) => self.phantoms(spot.at(index), *shape, ListState::Unknown),
                (Shape::Record { .. }, _) => {}
            }
        }
    }

    /// `spot` is where the record's own fields begin.
    fn record(&mut self, spot: Spot, entity: EntityId, count: usize, value: &Data<'_>, path: &Path<'_>) {
        let Some(layout) = self.binder.layout(entity) else { return };
        match value {
            Data::Null => self.unknown_record(spot, layout, 0, count, &Fact::Unknown),
            Data::Object(entries) if is_wrapped(entries, "unknown") && layout.names.get("unknown").is_none() => {
                if self.asked(entries, path) {
                    self.unknown_record(spot, layout, 0, count, &Fact::Asked);
                }
            }
            Data::Object(entries) => self.object(spot, entity, entries, path),
            other => self.not_an_object(entity, other, path),
        }
    }

    fn not_an_object(&mut self, entity: EntityId, given: &Data<'_>, path: &Path<'_>) {
        let name = &self.program.entities[entity].declared.name;
        let needed = phrase!("an object with the facts of `{0}`", "objek berisi fakta `{0}`", name);
        self.wrong_type(&needed, given, path, None);
    }

    fn list(&mut self, at: Slotted, shape: ListShape, data: &Data<'_>, path: &Path<'_>) {
        let items = match data {
            Data::Null => return self.open_list(at, shape, ListState::Unknown),
            Data::Object(entries) if is_wrapped(entries, "unknown") => {
                if self.asked(entries, path) {
                    self.open_list(at, shape, ListState::Asked);
                }
                return;
            }
            Data::Object(entries) if is_wrapped(entries, "evidence") => {
                let message = phrase!(
                    "evidence is given for single values, not for a list",
                    "bukti untuk nilai tunggal, bukan daftar"
                );
                return self.errors.tell(Code::FACT_EVIDENCE, path, message, Hint::None);
            }
            Data::List(items) => items,
            other => return self.wrong_type(&phrase!("a list", "daftar"), other, path, None),
        };
        let count = items.len();
        if !shape.allows(count) {
            let allowed = words::length(shape.least, shape.most);
            let count = words::plain(count);
            let message = joined!(
                "{0} elements, but the list holds {1}",
                "{0} anggota, padahal daftar memuat {1}",
                count,
                allowed
            );
            self.errors.tell(Code::FACT_LIST_SIZE, path, message, Hint::None);
        }
        let Some(start) = self.grow(at, shape.item, count, None, &Fact::Unknown) else { return };
        let held = u32::try_from(count).unwrap_or(u32::MAX);
        self.set_list(at, ListFact { start, count: held, state: ListState::Known });
        let Some(layout) = self.binder.layout(shape.item) else { return };
        for ((index, item), row) in items.iter().enumerate().zip(start..) {
            let place = Path::Item(path, index);
            let spot = Spot { entity: shape.item, base: 0, row };
            match (layout.slots.first().filter(|_| layout.is_scalar_item), item) {
                (Some(Slot { shape: Shape::Scalar(scalar), .. }), item) => {
                    self.scalar(spot.at(0), scalar, false, item, &place);
                }
                (_, Data::Object(entries)) => self.object(spot, shape.item, entries, &place),
                (_, other) => self.not_an_object(shape.item, other, &place),
            }
        }
        self.repeated_keys(layout, shape.item, start, held, path);
    }

    pub(super) fn repeated_keys(&mut self, layout: &Layout, item: EntityId, start: u32, count: u32, path: &Path<'_>) {
        let Some((key, slot)) = layout.key.and_then(|k| layout.slots.get(k).map(|s| (k, s))) else { return };
        let Some(table) = self.case.table(item) else { return };
        let elements = table.column_from(key, start).take(count as usize).enumerate();
        let keys = elements.filter_map(|(i, f)| f.value().map(|v| (i, v)));
        let mut repeated: Vec<(usize, usize)> = Vec::new();
        if count <= 12 {
            for (index, key) in keys.clone() {
                if let Some((first, _)) = keys.clone().take_while(|(i, _)| *i < index).find(|(_, k)| *k == key) {
                    repeated.push((first, index));
                }
            }
        } else {
            let mut firsts: BTreeMap<&Value, usize> = BTreeMap::new();
            for (index, key) in keys {
                match firsts.get(key) {
                    None => {
                        firsts.insert(key, index);
                    }
                    Some(first) => repeated.push((*first, index)),
                }
            }
        }
        for (first, second) in repeated {
            let row = start.saturating_add(u32::try_from(second).unwrap_or(u32::MAX));
            let text = key_of(self.program, &self.case, item, row).unwrap_or_default();
            let at = Path::Item(path, second);
            let first = Path::Item(path, first);
            self.errors.tell(
                Code::FACT_REPEATED_KEY,
                Path::Field(&at, &slot.name),
                phrase!("`{0}` is the key of {1} too", "`{0}` juga kunci {1}", shown(&text), first),
                Hint::None,
            );
        }
    }

    /// A list that is not known. One of links with an inverse waits until every link has been read.
    fn open_list(&mut self, at: Slotted, shape: ListShape, state: ListState) {
        if shape.has_inverse {
            self.open_lists.push((at, shape, state));
        } else {
            self.phantoms(at, shape, state);
        }
    }

    /// The one element that an unknown list holds, and those of its own lists: a loop, for entities may nest without end.
    pub(super) fn phantoms(&mut self, at: Slotted, shape: ListShape, state: ListState) {
        let fact = if state == ListState::Asked { Fact::Asked } else { Fact::Unknown };
        let mut open = vec![(at, shape)];
        while let Some((at, shape)) = open.pop() {
            let size = Some((shape.least, shape.most));
            let Some(row) = self.grow(at, shape.item, 1, size, &fact) else { return };
            self.set_list(at, ListFact { start: row, count: 1, state });
            let slots = self.binder.layout(shape.item).map_or(&[][..], |l| &l.slots);
            open.extend(slots.iter().enumerate().filter_map(|(field, slot)| match &slot.shape {
                Shape::List(inner) => Some((Slotted { entity: shape.item, field, row }, *inner)),
                Shape::Scalar(_) | Shape::Record { .. } => None,
            }));
        }
    }

    /// Links name elements anywhere in the household, so they are looked up last.
    fn resolve_links(&mut self) {
        let mut tables: BTreeMap<EntityId, Keys> = BTreeMap::new();
        for link in std::mem::take(&mut self.links) {
            let keys = tables.entry(link.target).or_insert_with(|| Keys::of(self.program, &self.case, link.target));
            let target = keys.rows.get(&link.key);
            if let Some((row, false)) = target
                && self.holder_of(&link.to) == Some((link.target, *row))
            {
                self.linked_to_itself(&link, *row);
                continue;
            }
            let fact = match target {
                Some((row, false)) => Fact::Known(Value::Element(*row)),
                Some((_, true)) => {
                    self.not_one(
                        &link,
                        phrase!(
                            "several `{0}` of the household have the key `{1}`",
                            "beberapa `{0}` rumah tangga ini berkunci `{1}`",
                            self.program.entities[link.target].declared.name,
                            shown(&words::value(&link.key))
                        ),
                    );
                    continue;
                }
                // It may be among elements that are not known yet, or whose key is wrong, which has been told.
                None if keys.open => Fact::Unknown,
                None => {
                    self.not_one(
                        &link,
                        phrase!(
                            "no `{0}` of the household has the key `{1}`",
                            "tidak ada `{0}` rumah tangga ini yang berkunci `{1}`",
                            self.program.entities[link.target].declared.name,
                            shown(&words::value(&link.key))
                        ),
                    );
                    continue;
                }
            };
            match link.to {
                LinkTo::Fact(at) => self.set(at, fact),
                LinkTo::Evidence(index, item) => {
                    if let Some(item) = self.evidence.get_mut(index).and_then(|e| e.items.get_mut(item)) {
                        item.value = fact;
                    }
                }
            }
        }
    }

    fn not_one(&mut self, link: &Link, message: crate::diagnostic::Phrase) {
        if let Some(path) = &link.path {
            self.errors.tell(Code::FACT_LINK, path, message, Hint::None);
        }
    }
}

/// The keys of the elements of an entity.
struct Keys {
    /// The element of a key, and whether there are several.
    rows: BTreeMap<Value, (u32, bool)>,
    /// Whether there are elements whose key is not known.
    open: bool,
}

impl Keys {
    fn of(program: &Program, case: &Case, entity: EntityId) -> Keys {
        let mut keys = Keys { rows: BTreeMap::new(), open: false };
        let column = program.entities[entity].key.and_then(|k| Some(case.table(entity)?.column(k)));
        for (fact, row) in column.into_iter().flatten().zip(0u32..) {
            match fact.value() {
                Some(key) => {
                    keys.rows.entry(key.clone()).and_modify(|(_, several)| *several = true).or_insert((row, false));
                }
                None => keys.open = true,
            }
        }
        keys
    }
}

/// Whether an object stands for a value: `{"unknown": …}` or `{"evidence": …}`.
pub(super) fn is_wrapped(entries: &[(Cow<'_, str>, Data<'_>)], word: &str) -> bool {
    entries.iter().any(|(name, _)| name == word)
}
