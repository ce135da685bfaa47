//! Households as families are: parents older than their children, couples grown up, one head. Only what a schema tells is known: links
//! between members, the date of birth or the age, and a relation to the head of the family.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Data, data_of};
use crate::program::*;
use crate::value::{Date, Decimal, Function, Value};

use super::generate::{Chance, Maker, stated};
use super::tree::{Path, Step, insert, look};

/// Years between a parent and a child, at the least.
const APART: i64 = 15;

/// Years of who has a husband or wife, at the least.
const GROWN: i64 = 18;

/// An age that is drawn lies so many years above the least, at the most.
const SPREAD: i64 = 45;

/// What is told of an age by its name.
const BIRTHS: [&str; 6] = ["birth_date", "date_of_birth", "born", "born_on", "tanggal_lahir", "tgl_lahir"];
const AGES: [&str; 3] = ["age", "umur", "usia"];

/// What a member is to the head of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Head,
    Partner,
    Child,
    Grandchild,
    Parent,
}

impl Role {
    /// By the name of an enum's member.
    fn of(name: &str) -> Option<Role> {
        Some(match name {
            "head" | "householder" | "kepala" | "kepala_keluarga" => Role::Head,
            "spouse" | "partner" | "husband" | "wife" | "suami" | "istri" | "pasangan" => Role::Partner,
            "child" | "son" | "daughter" | "anak" | "anak_kandung" => Role::Child,
            "grandchild" | "cucu" => Role::Grandchild,
            "parent" | "mother" | "father" | "orang_tua" | "ibu" | "ayah" => Role::Parent,
            _ => return None,
        })
    }
}

/// An entity whose elements have an age, and what their ages hang on. INVARIANT: something does.
#[derive(Clone, Debug)]
pub(super) struct Family {
    entity: EntityId,
    /// Its date of birth, else its age in years.
    birth: usize,
    /// Links to an elder.
    elders: Vec<usize>,
    /// Links that go both ways between two.
    partners: Vec<usize>,
    /// What it is to the head of the family, by the members of the enum.
    relation: Option<(usize, Vec<Option<Role>>)>,
}

impl Family {
    pub(super) fn entity(&self) -> EntityId {
        self.entity
    }
}

/// The families of a program. `own` are the fields of each entity that are not columns of a record.
pub(super) fn families(program: &Program, own: &[Vec<usize>]) -> Vec<Family> {
    let measured = measured(program);
    let mut out = Vec::new();
    for ((id, entity), own) in program.entities.iter().zip(own) {
        let fields: Vec<(usize, &Field)> =
            own.iter().filter_map(|index| Some((*index, entity.fields.get(*index)?))).collect();
        let Some(birth) = birth(id, &fields, &measured).filter(|_| id != program.root) else { continue };
        let links = || fields.iter().filter(|(_, f)| f.link(&program.entities) == Some((id, false)));
        let inverse = |f: &Field| f.inverse.and_then(|(e, f)| program.entities[e].fields.get(f));
        let is_elder = |f: &Field| {
            let back = inverse(f);
            let to_several = back.is_none_or(|b| matches!(b.shape, FieldShape::List { .. }));
            to_several && (f.acyclic || back.is_some_and(|b| b.acyclic))
        };
        let elders: Vec<usize> = links().filter(|(_, f)| is_elder(f)).map(|(index, _)| *index).collect();
        let partners: Vec<usize> =
            links().filter(|(index, f)| f.inverse == Some((id, *index))).map(|(index, _)| *index).collect();
        let relation = fields.iter().find_map(|(index, field)| {
            let FieldShape::Scalar { ty, .. } = &field.shape else { return None };
            let Type::Enum(kind) = ty.required() else { return None };
            let roles: Vec<_> = program.enums[*kind].members.iter().map(|m| Role::of(&m.name)).collect();
            roles.contains(&Some(Role::Head)).then_some((*index, roles))
        });
        if !elders.is_empty() || !partners.is_empty() || relation.is_some() {
            out.push(Family { entity: id, birth, elders, partners, relation });
        }
    }
    out
}

/// The field that says how old an element is: a date of birth by its name, else the one date from which the rules count years to the day, else an age.
fn birth(id: EntityId, fields: &[(usize, &Field)], measured: &BTreeSet<(EntityId, usize)>) -> Option<usize> {
    let of_type = |wanted: fn(&Type) -> bool| {
        fields.iter().filter(move |(_, f)| matches!(&f.shape, FieldShape::Scalar { ty, .. } if wanted(ty.required())))
    };
    let dates = || of_type(|ty| matches!(ty, Type::Date));
    let named = |(_, f): &&(usize, &Field)| BIRTHS.contains(&&*f.name);
    let counted: Vec<usize> =
        dates().map(|(index, _)| *index).filter(|index| measured.contains(&(id, *index))).collect();
    let only = counted.first().copied().filter(|_| counted.len() == 1);
    let age = || of_type(|ty| matches!(ty, Type::Number(_))).find(|(_, f)| AGES.contains(&&*f.name)).map(|(i, _)| *i);
    dates().find(named).map(|(index, _)| *index).or(only).or_else(age)
}

/// The dates from which years are counted to the date of the decision.
fn measured(program: &Program) -> BTreeSet<(EntityId, usize)> {
    let mut out = BTreeSet::new();
    let bodies = program.definitions.values().flat_map(|d| &d.versions).map(|v| v.body(program));
    for body in bodies {
        for (_, expr) in body.iter() {
            if let Kind::Apply(Function::YearsBetween, list) = &expr.kind
                && let [from, to] = list.as_slice()
                && let (Kind::Field { entity, field, .. }, Kind::AsOf) = (&body[*from].kind, &body[*to].kind)
            {
                out.insert((*entity, *field));
            }
        }
    }
    out
}

/// An element of a household: where it stands, and its key.
pub(super) struct Member {
    pub path: Path,
    pub key: Option<Data<'static>>,
}

/// Gives the elements ages and relations as people have them; those that are so already stay as they are.
pub(super) fn settle(
    maker: &Maker<'_>,
    family: &Family,
    members: &[Member],
    chance: &mut Chance,
    data: &mut Data<'static>,
) {
    let mut work = Work { maker, family, members, roles: vec![None; members.len()] };
    work.relations(chance, data);
    let (elders, grown) = work.hangs_on(data);
    let Some(order) = order(members.len(), &elders) else { return };
    // Who has descendants is at least so old that they can be there.
    let mut least: Vec<i64> = (0..members.len()).map(|n| if grown.contains(&n) { GROWN } else { 0 }).collect();
    for younger in order.iter().rev() {
        let own = least.get(*younger).copied().unwrap_or(0);
        for (elder, _, years) in elders.iter().filter(|(_, y, _)| y == younger) {
            if let Some(slot) = least.get_mut(*elder) {
                *slot = (*slot).max(own.saturating_add(*years));
            }
        }
    }
    let mut settled: BTreeMap<usize, Value> = BTreeMap::new();
    for member in order {
        let before = elders.iter().filter(|(_, y, _)| *y == member);
        let before: Vec<(Value, i64)> =
            before.filter_map(|(elder, _, years)| Some((settled.get(elder)?.clone(), *years))).collect();
        let own = least.get(member).copied().unwrap_or(0);
        settled.extend(work.age(member, own, &before, chance, data).map(|value| (member, value)));
    }
}

/// The elements, elders first; nothing where some are their own elders.
fn order(count: usize, elders: &[(usize, usize, i64)]) -> Option<Vec<usize>> {
    let mut waiting: Vec<usize> = vec![0; count];
    for (_, younger, _) in elders {
        if let Some(slot) = waiting.get_mut(*younger) {
            *slot = slot.saturating_add(1);
        }
    }
    let mut out: Vec<usize> = (0..count).filter(|n| waiting.get(*n) == Some(&0)).collect();
    let mut next = 0;
    while let Some(elder) = out.get(next).copied() {
        for (_, younger, _) in elders.iter().filter(|(e, ..)| *e == elder) {
            if let Some(slot) = waiting.get_mut(*younger) {
                *slot = slot.saturating_sub(1);
                if *slot == 0 {
                    out.push(*younger);
                }
            }
        }
        next += 1;
    }
    (out.len() == count).then_some(out)
}

struct Work<'a, 'p> {
    maker: &'a Maker<'p>,
    family: &'a Family,
    members: &'a [Member],
    roles: Vec<Option<Role>>,
}

impl Work<'_, '_> {
    fn field(&self, index: usize) -> Option<&Field> {
        self.maker.program().entities[self.family.entity].fields.get(index)
    }

    /// What is said of an element's field: where it comes as evidence, by that.
    fn fact(&self, member: usize, index: usize, data: &Data<'static>) -> Option<Data<'static>> {
        let mut path = self.members.get(member)?.path.clone();
        path.push(Step::Field(std::sync::Arc::clone(&self.field(index)?.name)));
        match look(data, &path)? {
            Data::Object(entries) => match entries.first() {
                Some((_, Data::List(list))) => match list.first() {
                    Some(Data::Object(statement)) => statement.first().map(|(_, value)| value.clone()),
                    _ => None,
                },
                _ => None,
            },
            value => Some(value.clone()),
        }
    }

    fn say(&self, member: usize, index: usize, value: Data<'static>, data: &mut Data<'static>) {
        if let (Some(member), Some(field)) = (self.members.get(member), self.field(index)) {
            let value = stated(self.maker.program(), field, value, self.maker.as_of());
            insert(data, &member.path, &field.name, value);
        }
    }

    /// Of each list the first is the head, nobody else is, and at most one is the husband or wife.
    fn relations(&mut self, chance: &mut Chance, data: &mut Data<'static>) {
        let Some((index, roles)) = &self.family.relation else { return };
        let Some(FieldShape::Scalar { ty, .. }) = self.field(*index).map(|f| &f.shape) else { return };
        let Type::Enum(kind) = ty.required() else { return };
        let names = &self.maker.program().enums[*kind].members;
        let head = roles.iter().position(|role| *role == Some(Role::Head));
        let others: Vec<usize> =
            (0..roles.len()).filter(|n| !matches!(roles.get(*n), Some(Some(Role::Head | Role::Partner)))).collect();
        let mut seen: BTreeMap<Path, bool> = BTreeMap::new();
        let mut found = Vec::new();
        for (number, member) in self.members.iter().enumerate() {
            let list: Path = member.path.iter().take(member.path.len().saturating_sub(1)).cloned().collect();
            let Some(Data::Text(now)) = self.fact(number, *index, data) else {
                found.push(None);
                continue;
            };
            let mut place = names.iter().position(|m| *m.name == *now);
            let role = |place: Option<usize>| place.and_then(|n| roles.get(n)).copied().flatten();
            let has_partner = seen.get(&list).copied();
            let is_another = match (role(place), has_partner) {
                (_, None) => {
                    place = head;
                    true
                }
                (Some(Role::Head), _) | (Some(Role::Partner), Some(true)) => {
                    place = others.get(chance.index(others.len())).copied();
                    true
                }
                _ => false,
            };
            if let Some(name) = place.and_then(|n| names.get(n)).filter(|_| is_another) {
                self.say(number, *index, Data::Text(name.name.to_string().into()), data);
            }
            let role = role(place);
            let partner = has_partner == Some(true) || role == Some(Role::Partner);
            seen.insert(list, partner);
            found.push(role);
        }
        self.roles = found;
    }

    /// Who is older than whom, by how many years at the least, and who is grown up.
    fn hangs_on(&self, data: &Data<'static>) -> (Vec<(usize, usize, i64)>, BTreeSet<usize>) {
        let (mut elders, mut grown) = (Vec::new(), BTreeSet::new());
        let links =
            self.family.elders.iter().map(|f| (*f, true)).chain(self.family.partners.iter().map(|f| (*f, false)));
        for (field, to_elder) in links {
            for number in 0..self.members.len() {
                let key = self.fact(number, field, data).filter(|key| !matches!(key, Data::Null));
                let Some(other) = key.and_then(|key| self.members.iter().position(|m| m.key.as_ref() == Some(&key)))
                else {
                    continue;
                };
                if to_elder {
                    elders.push((other, number, APART));
                } else {
                    grown.extend([number, other]);
                }
            }
        }
        let mut lists: BTreeMap<&[Step], Vec<usize>> = BTreeMap::new();
        for (number, member) in self.members.iter().enumerate() {
            let list = member.path.split_last().map_or(&[][..], |(_, list)| list);
            lists.entry(list).or_default().push(number);
        }
        for list in lists.values() {
            let role = |n: usize| self.roles.get(n).copied().flatten();
            let Some(head) = list.iter().copied().find(|n| role(*n) == Some(Role::Head)) else { continue };
            for number in list.iter().copied() {
                match role(number) {
                    Some(Role::Partner) => grown.extend([head, number]),
                    Some(Role::Child) => elders.push((head, number, APART)),
                    Some(Role::Grandchild) => elders.push((head, number, 2 * APART)),
                    Some(Role::Parent) => elders.push((number, head, APART)),
                    Some(Role::Head) | None => {}
                }
            }
        }
        (elders, grown)
    }

    /// Makes an element so old at the least, and so many years younger than others; tells its birth or age.
    fn age(
        &self,
        member: usize,
        least: i64,
        elders: &[(Value, i64)],
        chance: &mut Chance,
        data: &mut Data<'static>,
    ) -> Option<Value> {
        let index = self.family.birth;
        let FieldShape::Scalar { ty, range, .. } = &self.field(index)?.shape else { return None };
        let is_date = matches!(ty.required(), Type::Date);
        let now = match self.fact(member, index, data)? {
            Data::Text(text) if is_date => Value::Date(text.parse().ok()?),
            Data::Number(number) if !is_date => Value::Number(number.text().parse().ok()?),
            _ => return None,
        };
        let calendar = self.maker.calendar();
        let after = |day: &Date, years: i64| calendar.add_months(*day, years.checked_mul(12)?);
        let mut fits = Range::default();
        match is_date {
            true => {
                fits.high = after(&self.maker.as_of(), -least).map(Value::Date);
                let first = elders.iter().filter_map(|(elder, years)| match elder {
                    Value::Date(day) => after(day, *years),
                    _ => None,
                });
                fits.low = first.max().map(Value::Date);
            }
            false => {
                fits.low = Some(Value::Number(Decimal::from(least)));
                let most = elders.iter().filter_map(|(elder, years)| match elder {
                    Value::Number(age) => age.checked_sub(&Decimal::from(*years)),
                    _ => None,
                });
                fits.high = most.min().map(Value::Number);
            }
        }
        if fits.holds(&now) {
            return Some(now);
        }
        let beside: Vec<&Value> =
            self.maker.values_of((self.family.entity, index)).iter().filter(|v| fits.holds(v)).collect();
        let chosen = beside.get(chance.index(beside.len())).map(|v| Value::clone(v)).filter(|_| chance.times(3, 5));
        let value = chosen.or_else(|| between(&fits, is_date, chance)).filter(|v| range.holds(v) && fits.holds(v));
        // Within its range there is nobody so old.
        let Some(value) = value else { return Some(now) };
        self.say(member, index, data_of(self.maker.program(), ty, &value), data);
        Some(value)
    }
}

/// A value within a range, not far from the least age.
fn between(fits: &Range, is_date: bool, chance: &mut Chance) -> Option<Value> {
    let mut below = |n: i64| i64::try_from(chance.below(u64::try_from(n.max(0)).ok()?.checked_add(1)?)).ok();
    match (&fits.low, &fits.high) {
        (low, Some(Value::Date(last))) if is_date => {
            let spread = SPREAD * 365;
            let span = match low {
                Some(Value::Date(first)) => first.days_to(*last).min(spread),
                _ => spread,
            };
            last.add_days(-below(span)?).map(Value::Date)
        }
        (Some(Value::Number(least)), high) => {
            let span = match high {
                Some(Value::Number(most)) => most.checked_sub(least)?.floor()?.to_i64()?.min(SPREAD),
                _ => SPREAD,
            };
            least.checked_add(&Decimal::from(below(span)?)).map(Value::Number)
        }
        _ => None,
    }
}
