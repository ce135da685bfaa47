//! Households made by chance: from what the entities declare, and most often with the values that the rules compare with.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::{Data, data_of};
use crate::program::*;
use crate::value::{Calendar, Date, Decimal, Duration, LeapDay, MonthEnd, Value};

use super::interests::Interests;
use super::plausible::{Family, Member, families, settle};
use super::tree::{Path, Step, insert};

/// Numbers by chance, the same everywhere for the same seed.
pub(in crate::testing) struct Chance {
    state: u64,
    /// How many facts of eight are the plainest of their kind: no, 0, none, the first of an enum. Most of what keeps people
    /// out of a programme is not so of plain households.
    plain: u64,
}

impl Chance {
    pub(in crate::testing) fn new(seed: u64, household: u64) -> Chance {
        let mut chance = Chance { state: seed, plain: 0 };
        chance.state = chance.next() ^ household.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        chance.plain = [0, 0, 4, 7].get(chance.index(4)).copied().unwrap_or(0);
        chance
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below another; 0 below 0.
    pub(in crate::testing) fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11).checked_rem(n).unwrap_or(0)
    }

    pub(in crate::testing) fn index(&mut self, n: usize) -> usize {
        usize::try_from(self.below(u64::try_from(n).unwrap_or(0))).unwrap_or(0)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.index(of.len()))
    }

    /// So many times of a number.
    pub(in crate::testing) fn times(&mut self, n: u64, of: u64) -> bool {
        self.below(of) < n
    }
}

/// Elements of one list beyond the least it must hold.
const MORE_ELEMENTS: u64 = 4;

/// Elements of one household, unless its lists must hold more.
const MOST_ELEMENTS: usize = 60;

/// Lists within lists, beyond which nothing is said.
const MOST_DEPTH: usize = 12;

/// What a household is made of. Made once for a program and a date.
pub(in crate::testing) struct Maker<'p> {
    program: &'p Program,
    as_of: Date,
    materials: Arc<Materials>,
}

/// What is worked out of a program once.
pub(in crate::testing) struct Materials {
    /// By entity and field: values that the rules compare with, and those beside them.
    values: BTreeMap<(EntityId, usize), Vec<Value>>,
    /// By entity: its fields that are not columns of a record.
    own: Vec<Vec<usize>>,
    families: Vec<Family>,
    longest: i64,
}

/// A household on its way.
struct Household<'c> {
    chance: &'c mut Chance,
    elements: usize,
    /// By entity.
    made: BTreeMap<EntityId, Vec<Member>>,
}

impl<'p> Maker<'p> {
    pub(in crate::testing) fn new(program: &'p Program, as_of: Date) -> Maker<'p> {
        let calendar = program.calendar.unwrap_or(Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip });
        let interests = Interests::of(program);
        let own = program.entities.values().map(|entity| {
            let mut within = vec![false; entity.fields.len()];
            for field in &entity.fields {
                if let FieldShape::Record { first, count, .. } = field.shape {
                    within.iter_mut().skip(first).take(count).for_each(|w| *w = true);
                }
            }
            within.iter().enumerate().filter(|(_, within)| !**within).map(|(index, _)| index).collect()
        });
        let own: Vec<Vec<usize>> = own.collect();
        let families = families(program, &own);
        let longest = interests.numbers.iter().filter_map(|(_, n)| n.to_i64()).max().unwrap_or(0).clamp(10, 1 << 50);
        let mut values = BTreeMap::new();
        for (id, entity) in program.entities.iter() {
            for (index, field) in entity.fields.iter().enumerate() {
                if let FieldShape::Scalar { ty, range, .. } = &field.shape {
                    values.insert((id, index), interests.for_field(ty, range, as_of, calendar));
                }
            }
        }
        Maker { program, as_of, materials: Arc::new(Materials { values, own, families, longest }) }
    }

    /// One of materials that have been worked out, of the same program and date.
    pub(in crate::testing) fn of(program: &'p Program, as_of: Date, materials: Arc<Materials>) -> Maker<'p> {
        Maker { program, as_of, materials }
    }

    pub(in crate::testing) fn materials(&self) -> Arc<Materials> {
        Arc::clone(&self.materials)
    }

    /// A household, of which every fact is known that can be.
    pub(in crate::testing) fn household(&self, chance: &mut Chance) -> Data<'static> {
        let mut household = Household { chance, elements: 0, made: BTreeMap::new() };
        let mut data = self.object(self.program.root, &Vec::new(), 0, &mut household);
        for (entity, own) in self.program.entities.ids().zip(&self.materials.own) {
            for index in own {
                self.links(entity, *index, &mut household, &mut data);
            }
        }
        // One in four is as chance has it: whatever is valid must be decided rightly.
        if !self.materials.families.is_empty() && household.chance.times(3, 4) {
            for family in &self.materials.families {
                let made = household.made.remove(&family.entity()).unwrap_or_default();
                settle(self, family, &made, household.chance, &mut data);
            }
        }
        data
    }

    pub(super) fn program(&self) -> &'p Program {
        self.program
    }

    pub(super) fn as_of(&self) -> Date {
        self.as_of
    }

    /// How years are counted: where the rules do not say, they do not count them.
    pub(super) fn calendar(&self) -> Calendar {
        self.program.calendar.unwrap_or(Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip })
    }

    /// Another value of the fact at a place; nothing where it is no single fact, or a key or link.
    pub(in crate::testing) fn another(&self, path: &[Step], chance: &mut Chance) -> Option<Data<'static>> {
        let (owner, field) = field_at(self.program, path)?;
        let is_key = self.program.entities[owner].key == Some(field);
        match &self.program.entities[owner].fields.get(field)?.shape {
            FieldShape::Scalar { ty, range, .. } if !is_key && !matches!(ty.required(), Type::Element(_)) => {
                let value = self.scalar((owner, field), ty, range, chance);
                let shape = self.program.entities[owner].fields.get(field)?;
                Some(stated(self.program, shape, value, self.as_of))
            }
            FieldShape::Scalar { .. } | FieldShape::List { .. } | FieldShape::Record { .. } => None,
        }
    }

    /// The values of a field on which something may turn, in their order.
    pub(super) fn values_of(&self, at: (EntityId, usize)) -> &[Value] {
        self.materials.values.get(&at).map_or(&[], Vec::as_slice)
    }

    /// More than a value of a field, or less; nothing where there is none within its range.
    pub(super) fn step(&self, at: (EntityId, usize), now: &Value, up: bool, reach: Reach) -> Option<Value> {
        let FieldShape::Scalar { ty, range, .. } = &self.program.entities[at.0].fields.get(at.1)?.shape else {
            return None;
        };
        let one: i64 = if up { 1 } else { -1 };
        let unit = match (now, ty.required()) {
            (Value::Boolean(yes), _) => Value::Boolean((*yes != up).then_some(up)?),
            (Value::Number(n), _) => Value::Number(n.checked_add(&Decimal::from(one))?),
            (Value::Date(day), _) => Value::Date(day.add_days(one)?),
            (Value::Duration(length), Type::Duration(DurationKind::Days)) => {
                Value::Duration(Duration { days: length.days.checked_add(one)?, ..*length })
            }
            (Value::Duration(length), Type::Duration(DurationKind::Months)) => {
                Value::Duration(Duration { months: length.months.checked_add(one)?, ..*length })
            }
            _ => return None,
        };
        let values = self.values_of(at);
        let mut beyond = values.iter().filter(|v| if up { *v > now } else { *v < now });
        let found = match (reach, up) {
            (Reach::Unit, _) => return Some(unit).filter(|v| range.holds(v)),
            (Reach::Next, true) | (Reach::Last, false) => beyond.next(),
            (Reach::Next, false) | (Reach::Last, true) => beyond.next_back(),
        };
        found.filter(|v| **v != unit).cloned()
    }

    fn object(&self, id: EntityId, path: &Path, depth: usize, household: &mut Household<'_>) -> Data<'static> {
        let entity = &self.program.entities[id];
        let mut entries: Vec<(Cow<'static, str>, Data<'static>)> = Vec::new();
        let mut key = None;
        let own = self.materials.own.get(id.index()).map_or(&[][..], Vec::as_slice);
        let number = household.made.get(&id).map_or(0, Vec::len);
        // Known before what it holds, so that its number is its own.
        household.made.entry(id).or_default().push(Member { path: path.clone(), key: None });
        for index in own {
            let Some(field) = entity.fields.get(*index) else { continue };
            let mut inner = path.clone();
            inner.push(Step::Field(Arc::clone(&field.name)));
            let value = match &field.shape {
                FieldShape::Scalar { ty, range, .. } => {
                    if matches!(ty.required(), Type::Element(_)) {
                        continue;
                    }
                    if entity.key == Some(*index) {
                        let value = self.key(field, number);
                        key.clone_from(&value);
                        value
                    } else {
                        let value = self.scalar((id, *index), ty, range, household.chance);
                        Some(stated(self.program, field, value, self.as_of))
                    }
                }
                FieldShape::Record { entity, .. } if depth < MOST_DEPTH => {
                    Some(self.object(*entity, &inner, depth + 1, household))
                }
                FieldShape::List { item, least, most } if field.link(&self.program.entities).is_none() => {
                    self.list(*item, *least, *most, &inner, depth, household)
                }
                FieldShape::Record { .. } | FieldShape::List { .. } => None,
            };
            entries.extend(value.map(|v| (Cow::Owned(field.name.to_string()), v)));
        }
        if let Some(made) = household.made.get_mut(&id).and_then(|m| m.get_mut(number)) {
            made.key = key;
        }
        Data::Object(entries)
    }

    fn list(
        &self,
        item: EntityId,
        least: usize,
        most: Option<usize>,
        path: &Path,
        depth: usize,
        household: &mut Household<'_>,
    ) -> Option<Data<'static>> {
        if depth >= MOST_DEPTH || least > MOST_ELEMENTS {
            return None;
        }
        // One time in sixteen as many as there can be: rules turn on that too.
        let more = match household.chance.below(16) {
            15 => most.unwrap_or(usize::MAX).saturating_sub(least).min(MOST_ELEMENTS),
            n => usize::try_from(n % (MORE_ELEMENTS + 1)).unwrap_or(0),
        };
        let mut count = least.saturating_add(more).min(most.unwrap_or(usize::MAX));
        if household.elements.saturating_add(count) > MOST_ELEMENTS {
            count = least;
        }
        // Lists that must hold many, within lists that must hold many.
        if household.elements.saturating_add(count) > 4 * MOST_ELEMENTS {
            return None;
        }
        household.elements = household.elements.saturating_add(count);
        let entity = &self.program.entities[item];
        let mut items = Vec::new();
        for position in 0..count {
            let scalar = entity.fields.first().filter(|_| entity.is_scalar_item).map(|f| &f.shape);
            if let Some(FieldShape::Scalar { ty, range, .. }) = scalar {
                items.push(self.scalar((item, 0), ty, range, household.chance));
                continue;
            }
            let mut inner = path.clone();
            inner.push(Step::Item(position));
            items.push(self.object(item, &inner, depth + 1, household));
        }
        Some(Data::List(items))
    }

    /// The n-th value of a key, so that no two are alike.
    fn key(&self, field: &Field, number: usize) -> Option<Data<'static>> {
        let FieldShape::Scalar { ty, range, .. } = &field.shape else { return None };
        if let Some(format) = field.format {
            return Some(Data::Text(self.program.formats[format].example(u64::try_from(number).ok()?).into()));
        }
        let n = i64::try_from(number).ok()?.checked_add(1)?;
        match ty.required() {
            Type::Number(_) => {
                let low = match &range.low {
                    Some(Value::Number(low)) => low.clone(),
                    _ => Decimal::ZERO,
                };
                let value = low.ceil()?.checked_add(&Decimal::from(n))?;
                Some(Data::Number(value.to_string().into()))
            }
            Type::Enum(id) => {
                let member = self.program.enums[*id].members.get(number)?;
                Some(Data::Text(member.name.to_string().into()))
            }
            Type::Date => Some(Data::Text(Date::new(2000, 1, 1)?.add_days(n)?.to_string().into())),
            Type::Text => Some(Data::Text(n.to_string().into())),
            _ => None,
        }
    }

    fn scalar(&self, at: (EntityId, usize), ty: &Type, range: &Range, chance: &mut Chance) -> Data<'static> {
        let plain = chance.times(chance.plain, 8);
        if matches!(ty, Type::Optional(_)) && (plain || chance.times(1, 3)) {
            return Data::Null;
        }
        if let Some(value) = plain.then(|| plainest(ty, range)).flatten() {
            return data_of(self.program, ty, &value);
        }
        let interesting = self.materials.values.get(&at).map_or(&[][..], Vec::as_slice);
        let field = self.program.entities[at.0].fields.get(at.1);
        if let Some(format) = field.and_then(|f| f.format).map(|id| &self.program.formats[id]) {
            let fits = |v: &&Value| matches!(v, Value::Text(text) if format.check(text).is_ok());
            let named: Vec<&Value> = interesting.iter().filter(fits).collect();
            return match chance.one(&named).filter(|_| chance.times(1, 2)) {
                Some(value) => data_of(self.program, ty, value),
                None => Data::Text(format.example(chance.below(u64::MAX)).into()),
            };
        }
        let chosen = if chance.times(3, 5) { chance.one(interesting).cloned() } else { None };
        let value = chosen.or_else(|| self.any(ty, range, chance)).or_else(|| chance.one(interesting).cloned());
        value.map_or(Data::Null, |value| data_of(self.program, ty, &value))
    }

    /// Any value of a type and range.
    fn any(&self, ty: &Type, range: &Range, chance: &mut Chance) -> Option<Value> {
        let value = match ty.required() {
            Type::Boolean => Value::Boolean(chance.times(1, 2)),
            Type::Enum(id) => {
                let count = u64::try_from(self.program.enums[*id].members.len()).ok()?;
                Value::Enum(u32::try_from(chance.below(count)).ok()?)
            }
            Type::Number(_) => {
                let end = |end: &Option<Value>| match end {
                    Some(Value::Number(n)) => n.ceil().and_then(|n| n.to_i64()),
                    _ => None,
                };
                let low = end(&range.low).unwrap_or(0);
                let high =
                    end(&range.high).unwrap_or_else(|| low.saturating_add(self.materials.longest.saturating_mul(2)));
                let span = u64::try_from(high.checked_sub(low)?).ok()?.checked_add(1)?;
                let n = low.checked_add(i64::try_from(chance.below(span)).ok()?)?;
                Value::Number(Decimal::from(n))
            }
            Type::Date => Value::Date(self.as_of.add_days(-i64::try_from(chance.below(36_525)).ok()?)?),
            Type::Duration(kind) => {
                let n = i64::try_from(chance.below(240)).ok()?;
                Value::Duration(match kind {
                    DurationKind::Months | DurationKind::Mixed => Duration { months: n, days: 0 },
                    DurationKind::Days => Duration { months: 0, days: n },
                })
            }
            _ => return None,
        };
        range.holds(&value).then_some(value)
    }

    /// Links one field of every element of an entity.
    fn links(&self, entity: EntityId, index: usize, household: &mut Household<'_>, data: &mut Data<'static>) {
        let entities = &self.program.entities;
        let Some(field) = entities[entity].fields.get(index) else { return };
        let Some((target, several)) = field.link(entities) else { return };
        let other = field.inverse.and_then(|(e, f)| Some((e, f, entities[e].fields.get(f)?)));
        // Of two sides one is stated, the single one where there is one; the other follows.
        let back_is_single = other.is_some_and(|(_, _, f)| f.link(entities).is_some_and(|(_, several)| !several));
        if let Some((e, f, _)) = other {
            let mine_first = match (several, !back_is_single) {
                (false, true) => true,
                (true, false) => false,
                _ => (entity, index) <= (e, f),
            };
            if !mine_first {
                return;
            }
        }
        let is_own = other.is_some_and(|(e, f, _)| (e, f) == (entity, index));
        let forward = field.acyclic || other.is_some_and(|(_, _, f)| f.acyclic);
        let (least, most, optional) = match &field.shape {
            FieldShape::List { least, most, .. } => (*least, most.unwrap_or(usize::MAX), false),
            FieldShape::Scalar { ty, .. } => (0, 1, matches!(ty, Type::Optional(_))),
            FieldShape::Record { .. } => return,
        };
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        let count = household.made.get(&entity).map_or(0, Vec::len);
        for me in 0..count {
            if is_own && !several && taken.contains(&me) {
                continue;
            }
            let targets = household.made.get(&target).map_or(&[][..], Vec::as_slice);
            let mut free: Vec<usize> = (0..targets.len())
                // Who has found nobody has been said to have nobody.
                .filter(|to| !is_own || *to > me)
                .filter(|to| target != entity || (*to != me && (!forward || *to > me)))
                .filter(|to| !back_is_single || !taken.contains(to))
                .collect();
            let mut chosen: Vec<usize> = Vec::new();
            let wanted = if several {
                least.saturating_add(household.chance.index(3)).min(most)
            } else {
                usize::from(!(optional && household.chance.times(1, 3)))
            };
            while chosen.len() < wanted && !free.is_empty() {
                let at = household.chance.index(free.len());
                chosen.push(free.swap_remove(at));
            }
            chosen.sort_unstable();
            if back_is_single {
                taken.extend(&chosen);
                if is_own && !chosen.is_empty() {
                    taken.insert(me);
                }
            }
            let mut keys = chosen.iter().filter_map(|to| targets.get(*to)?.key.clone());
            let value = match several {
                // Friends of one another: whoever is named would have to name back.
                true if is_own => Data::List(Vec::new()),
                true => Data::List(keys.collect()),
                false => match keys.next() {
                    Some(key) => key,
                    None if optional => Data::Null,
                    None => continue,
                },
            };
            if let Some(path) = household.made.get(&entity).and_then(|m| m.get(me)).map(|m| m.path.clone()) {
                let value = if several { value } else { stated(self.program, field, value, self.as_of) };
                insert(data, &path, &field.name, value);
            }
        }
    }
}

/// The field of the fact at a place: of an element of a list of scalars, that of the element.
pub(in crate::testing) fn field_at(program: &Program, path: &[Step]) -> Option<(EntityId, usize)> {
    let mut entity = program.root;
    let mut found: Option<(EntityId, usize)> = None;
    for step in path {
        match (step, found) {
            (Step::Item(_), Some((_, _))) => {}
            (Step::Item(_), None) => return None,
            (Step::Field(name), _) => {
                let field = program.entities[entity].fields.iter().position(|f| f.name == *name)?;
                found = Some((entity, field));
                match &program.entities[entity].fields.get(field)?.shape {
                    FieldShape::List { item: inner, .. } | FieldShape::Record { entity: inner, .. } => entity = *inner,
                    FieldShape::Scalar { .. } => {}
                }
            }
        }
    }
    if program.entities[entity].is_scalar_item && matches!(path.last(), Some(Step::Item(_))) {
        return Some((entity, 0));
    }
    found
}

/// A fact as it must come to be known: of one that must be verified, by a source that verifies it, on the day.
pub(super) fn stated(program: &Program, field: &Field, value: Data<'static>, day: Date) -> Data<'static> {
    let source = field.sources.iter().map(|s| &program.sources[*s]).find(|s| s.verifies).filter(|_| field.verified);
    let Some(source) = source else { return value };
    let statement = vec![
        ("value".into(), value),
        ("source".into(), Data::Text(source.declared.name.to_string().into())),
        ("date".into(), Data::Text(day.to_string().into())),
    ];
    Data::Object(vec![("evidence".into(), Data::List(vec![Data::Object(statement)]))])
}

/// The plainest value of a type and range, where one is plainer than others.
fn plainest(ty: &Type, range: &Range) -> Option<Value> {
    let value = match ty.required() {
        Type::Boolean => Value::Boolean(false),
        Type::Enum(_) => Value::Enum(0),
        Type::Number(_) => Value::Number(Decimal::ZERO),
        _ => return None,
    };
    if range.holds(&value) { Some(value) } else { range.low.clone() }
}
