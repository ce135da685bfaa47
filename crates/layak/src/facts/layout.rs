//! What the entities of a program ask of facts, laid out once so that many households are bound quickly.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::data::composed;
use crate::program::*;
use crate::value::Value;

/// Binds the facts of households to one program. Made once: the cost is linear in the program's entities and enums.
#[derive(Clone, Debug)]
pub(crate) struct Binder {
    /// By `EntityId`.
    layouts: Vec<Layout>,
    /// By `EnumId`.
    enums: Vec<Names>,
    pub(super) sources: Names,
    /// Links with an inverse, each pair once, and links that never come back.
    pub(super) pairs: Vec<(LinkSide, LinkSide)>,
    pub(super) acyclic: Vec<LinkSide>,
}

/// A link of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkSide {
    pub entity: EntityId,
    pub field: usize,
    /// For a list of links: the entity of its items.
    pub items: Option<EntityId>,
}

/// The fields of one entity. INVARIANT: its slots stand at the indexes of the entity's fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub slots: Vec<Slot>,
    /// Fields by name and by column; not those that lie within a record.
    pub names: Names,
    /// Those fields as they are declared, and as their names are sorted.
    orders: [Order; 2],
    /// Fields that something must be done about when they are not given.
    pub wanting: Vec<usize>,
    pub key: Option<usize>,
    pub is_scalar_item: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub name: Arc<str>,
    pub shape: Shape,
    pub is_key: bool,
    /// Whether objects of the entity hold it themselves, not within a record.
    pub own: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Scalar(Scalar),
    List(ListShape),
    Record { entity: EntityId, first: usize, count: usize },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ListShape {
    pub item: EntityId,
    pub least: usize,
    pub most: Option<usize>,
    /// Whether what is linked back says what it holds.
    pub has_inverse: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub expect: Expect,
    pub optional: bool,
    pub range: Range,
    pub default: Option<Value>,
    /// Whether a value given alone is a mere statement of it.
    pub verified: bool,
    /// Of a text: the structure that it must have.
    pub format: Option<FormatId>,
    /// What is read of it with no more ado.
    pub plainly: Plainly,
}

/// What plain values a scalar takes when nothing is to be seen to but their range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plainly {
    Boolean,
    /// Whole numbers between these, which are held to the range so.
    Whole {
        low: i64,
        high: i64,
    },
    Date,
    Text,
    Enum(EnumId),
    Nothing,
}

/// What a scalar is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    Boolean,
    Number {
        whole: bool,
        money: bool,
    },
    Date,
    Duration(DurationKind),
    Text,
    Enum(EnumId),
    Link(EntityId),
    /// A type that no field has.
    Nothing,
}

/// What is asked of a scalar field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldRule<'b> {
    pub ty: &'b Type,
    pub optional: bool,
    pub range: &'b Range,
    pub default: Option<&'b Value>,
    pub is_key: bool,
    pub format: Option<FormatId>,
}

impl FieldRule<'_> {
    pub(crate) fn has_range(&self) -> bool {
        self.range.low.is_some() || self.range.high.is_some()
    }
}

impl Binder {
    pub(crate) fn new(program: &Program) -> Binder {
        let enums = program.enums.values().map(|e| {
            let numbered = || e.members.iter().zip(0u32..);
            let names = numbered().map(|(m, i)| (&m.name, i));
            names.chain(numbered().flat_map(|(m, i)| m.codes.iter().map(move |c| (c, i)))).collect()
        });
        let (pairs, acyclic) = (pairs(program), acyclic(program));
        let layouts = program.entities.values().map(Layout::new).collect();
        Binder {
            layouts,
            enums: enums.collect(),
            sources: program.sources.values().map(|s| &s.declared.name).zip(0u32..).collect(),
            pairs,
            acyclic,
        }
    }

    pub(super) fn layout(&self, entity: EntityId) -> Option<&Layout> {
        self.layouts.get(entity.index())
    }

    /// What is asked of a scalar field.
    pub(crate) fn rule<'b>(&'b self, program: &'b Program, entity: EntityId, field: usize) -> Option<FieldRule<'b>> {
        let slot = self.layout(entity)?.slots.get(field)?;
        let (Shape::Scalar(scalar), FieldShape::Scalar { ty, .. }) =
            (&slot.shape, &program.entities[entity].fields.get(field)?.shape)
        else {
            return None;
        };
        Some(FieldRule {
            ty: ty.required(),
            optional: scalar.optional,
            range: &scalar.range,
            default: scalar.default.as_ref(),
            is_key: slot.is_key,
            format: scalar.format,
        })
    }

    /// The names and codes of an enum's members.
    pub(crate) fn names(&self, id: EnumId) -> impl Iterator<Item = (&str, u32)> {
        self.enums.get(id.index()).into_iter().flat_map(|names| names.0.iter().map(|name| (&*name.text, name.number)))
    }

    /// Whether no fact is a link.
    pub(crate) fn has_plain_links(&self) -> bool {
        let is_link = |slot: &Slot| match &slot.shape {
            Shape::Scalar(scalar) => matches!(scalar.expect, Expect::Link(_)),
            Shape::List(list) => list.has_inverse,
            Shape::Record { .. } => false,
        };
        self.pairs.is_empty()
            && self.acyclic.is_empty()
            && !self.layouts.iter().any(|layout| layout.slots.iter().any(is_link))
    }

    /// The member of an enum by its name or a code.
    pub(super) fn member(&self, id: EnumId, name: &str) -> Option<u32> {
        self.enums.get(id.index())?.get(name)
    }
}

fn sides(program: &Program) -> impl Iterator<Item = (LinkSide, &Field)> {
    program
        .entities
        .iter()
        .flat_map(|(entity, e)| e.fields.iter().enumerate().map(move |(field, f)| (LinkSide::new(entity, field, f), f)))
}

impl LinkSide {
    fn new(entity: EntityId, field: usize, shape: &Field) -> LinkSide {
        let items = match shape.shape {
            FieldShape::List { item, .. } => Some(item),
            FieldShape::Scalar { .. } | FieldShape::Record { .. } => None,
        };
        LinkSide { entity, field, items }
    }
}

fn pairs(program: &Program) -> Vec<(LinkSide, LinkSide)> {
    let mut out = Vec::new();
    for (side, field) in sides(program) {
        let Some((entity, back)) = field.inverse else { continue };
        if (side.entity, side.field) > (entity, back) {
            continue;
        }
        let other = program.entities[entity].fields.get(back);
        out.extend(other.map(|f| (side, LinkSide::new(entity, back, f))));
    }
    out
}

/// Of two that are each other's inverse, one is enough.
fn acyclic(program: &Program) -> Vec<LinkSide> {
    let declared =
        |entity: EntityId, field: usize| program.entities[entity].fields.get(field).is_some_and(|f| f.acyclic);
    let first = |side: LinkSide, field: &Field| match field.inverse {
        Some((entity, back)) => (side.entity, side.field) <= (entity, back) || !declared(entity, back),
        None => true,
    };
    sides(program).filter(|(side, f)| f.acyclic && first(*side, f)).map(|(side, _)| side).collect()
}

impl Layout {
    fn new(entity: &Entity) -> Layout {
        let mut within = vec![false; entity.fields.len()];
        for field in &entity.fields {
            if let FieldShape::Record { first, count, .. } = field.shape {
                within.iter_mut().skip(first).take(count).for_each(|w| *w = true);
            }
        }
        let within_record = |index: usize| within.get(index).copied().unwrap_or(false);
        let slot = |(index, field): (usize, &Field)| Slot {
            name: Arc::clone(&field.name),
            shape: Shape::new(field),
            is_key: entity.key == Some(index),
            own: !within_record(index),
        };
        let slots: Vec<Slot> = entity.fields.iter().enumerate().map(slot).collect();
        let own = || entity.fields.iter().zip(0u32..).filter(|(_, i)| !within_record(*i as usize));
        let columns = own().filter_map(|(f, i)| f.column.as_ref().map(|c| (c, i)));
        let is_wanting = |slot: &Slot| match &slot.shape {
            Shape::Scalar(scalar) => slot.is_key || scalar.default.is_some(),
            Shape::List(_) | Shape::Record { .. } => true,
        };
        let wanting = slots.iter().enumerate().filter(|(_, s)| s.own && is_wanting(s)).map(|(i, _)| i);
        let declared: Vec<usize> = (0..slots.len()).filter(|index| !within_record(*index)).collect();
        let mut sorted = declared.clone();
        sorted.sort_by_key(|index| slots.get(*index).map(|slot| &slot.name));
        Layout {
            orders: [declared, sorted].map(|fields| Order::new(fields, slots.len())),
            names: own().map(|(f, i)| (&f.name, i)).chain(columns).collect(),
            wanting: wanting.collect(),
            slots,
            key: entity.key,
            is_scalar_item: entity.is_scalar_item,
        }
    }

    /// Finds the names of one object, one after the other; they are expected sorted or as they are declared.
    pub(super) fn names_in_order(&self, is_sorted: bool) -> NamesInOrder<'_> {
        NamesInOrder { layout: self, next: self.behind(None, is_sorted), last: None, is_sorted }
    }

    /// The fields that come behind one where names come sorted, or as they are declared; all of them where there is none.
    fn behind(&self, last: Option<usize>, is_sorted: bool) -> &[usize] {
        let [declared, sorted] = &self.orders;
        if is_sorted { sorted.behind(last) } else { declared.behind(last) }
    }

    /// How the key of an element is read.
    pub(super) fn key_scalar(&self) -> Option<&Scalar> {
        match &self.slots.get(self.key?)?.shape {
            Shape::Scalar(scalar) if !matches!(scalar.expect, Expect::Link(_)) => Some(scalar),
            Shape::Scalar(_) | Shape::List(_) | Shape::Record { .. } => None,
        }
    }
}

/// Fields one after another.
#[derive(Clone, Debug, Default)]
struct Order {
    fields: Vec<usize>,
    /// By field: how many come up to it, itself counted.
    places: Vec<usize>,
}

impl Order {
    fn new(fields: Vec<usize>, count: usize) -> Order {
        let mut places = vec![0; count];
        for (field, place) in fields.iter().zip(1..) {
            places.get_mut(*field).into_iter().for_each(|at| *at = place);
        }
        Order { fields, places }
    }

    fn behind(&self, field: Option<usize>) -> &[usize] {
        let place = field.and_then(|field| self.places.get(field)).copied().unwrap_or(0);
        self.fields.get(place..).unwrap_or(&[])
    }
}

/// The fields that the names of an object mean, found at once where they come as they are declared or as a map sorts them.
pub(super) struct NamesInOrder<'l> {
    layout: &'l Layout,
    /// The fields that are expected, the next first.
    next: &'l [usize],
    last: Option<usize>,
    /// Whether names have come sorted of late.
    pub is_sorted: bool,
}

impl<'l> NamesInOrder<'l> {
    #[inline]
    pub(super) fn find(&mut self, name: &str) -> Option<(usize, &'l Slot)> {
        match self.guess().filter(|(_, slot)| *slot.name == *name) {
            Some(expected) => Some(self.took(expected)),
            None => self.search(name),
        }
    }

    /// The field that most likely comes next.
    pub(super) fn guess(&self) -> Option<(usize, &'l Slot)> {
        let index = *self.next.first()?;
        self.layout.slots.get(index).map(|slot| (index, slot))
    }

    /// The name of the field that was guessed has come.
    pub(super) fn took(&mut self, (index, slot): (usize, &'l Slot)) -> (usize, &'l Slot) {
        self.next = self.next.get(1..).unwrap_or(&[]);
        self.last = Some(index);
        (index, slot)
    }

    /// A name that was not expected.
    #[inline(never)]
    fn search(&mut self, name: &str) -> Option<(usize, &'l Slot)> {
        let layout = self.layout;
        let index = usize::try_from(layout.names.get(name)?).ok()?;
        // It is the next in the other order, or some are left out.
        self.is_sorted ^= layout.behind(self.last, !self.is_sorted).first() == Some(&index);
        self.next = layout.behind(Some(index), self.is_sorted);
        self.last = Some(index);
        layout.slots.get(index).map(|slot| (index, slot))
    }
}

impl ListShape {
    /// Whether so many elements may be in the list.
    pub(super) fn allows(self, count: usize) -> bool {
        count >= self.least && self.most.is_none_or(|most| count <= most)
    }
}

impl Shape {
    fn new(field: &Field) -> Shape {
        match &field.shape {
            FieldShape::Scalar { ty, range, default } => {
                let expect = Expect::new(ty.required());
                let is_seen_to = field.verified || field.format.is_some();
                Shape::Scalar(Scalar {
                    expect,
                    optional: matches!(ty, Type::Optional(_)),
                    range: range.clone(),
                    default: default.clone(),
                    verified: field.verified,
                    format: field.format,
                    plainly: if is_seen_to { Plainly::Nothing } else { Plainly::new(expect, range) },
                })
            }
            FieldShape::List { item, least, most } => {
                let has_inverse = field.inverse.is_some();
                Shape::List(ListShape { item: *item, least: *least, most: *most, has_inverse })
            }
            FieldShape::Record { entity, first, count } => {
                Shape::Record { entity: *entity, first: *first, count: *count }
            }
        }
    }
}

impl Expect {
    fn new(ty: &Type) -> Expect {
        match ty {
            Type::Boolean => Expect::Boolean,
            Type::Number(q) => Expect::Number { whole: q.whole, money: q.money },
            Type::Date => Expect::Date,
            Type::Duration(kind) => Expect::Duration(*kind),
            Type::Text => Expect::Text,
            Type::Enum(id) => Expect::Enum(*id),
            Type::Element(id) => Expect::Link(*id),
            Type::List(_) | Type::Optional(_) | Type::Record(_) | Type::Pending | Type::Poison => Expect::Nothing,
        }
    }
}

impl Plainly {
    fn new(expect: Expect, range: &Range) -> Plainly {
        match expect {
            Expect::Boolean => Plainly::Boolean,
            Expect::Number { .. } => whole(range).map_or(Plainly::Nothing, |(low, high)| Plainly::Whole { low, high }),
            Expect::Date => Plainly::Date,
            Expect::Text => Plainly::Text,
            Expect::Enum(id) => Plainly::Enum(id),
            Expect::Duration(_) | Expect::Link(_) | Expect::Nothing => Plainly::Nothing,
        }
    }
}

/// The least and the greatest whole number in a range of numbers, as far as words of 64 bits go; nothing where an end lies beyond them.
fn whole(range: &Range) -> Option<(i64, i64)> {
    let number = |value: &Value| match value {
        Value::Number(n) => Some(n.clone()),
        _ => None,
    };
    let low = match &range.low {
        Some(low) => number(low)?.ceil()?.to_i64()?,
        None => i64::MIN,
    };
    let high = match &range.high {
        Some(high) => {
            let high = number(high)?;
            let last = high.floor()?.to_i64()?;
            if range.open && high.is_integer() { last.checked_sub(1)? } else { last }
        }
        None => i64::MAX,
    };
    Some((low, high))
}

/// The bytes of a name that has no more than eight, or the first eight, and its length: most names are told apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    start: u64,
    length: usize,
}

impl Head {
    #[inline]
    fn of(name: &str) -> Head {
        let bytes = name.as_bytes();
        let pair = |first, last| first | last << 32;
        // Those of one length read alike, though a byte may be read twice.
        let start = match (bytes.first_chunk::<8>(), bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(chunk), ..) => u64::from_le_bytes(*chunk),
            (None, Some(first), Some(last)) => {
                pair(u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
            }
            _ => bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        Head { start, length: bytes.len() }
    }
}

/// Numbers by name. INVARIANT: sorted by length, then bytes; of one name given twice the first stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<Name>);

#[derive(Clone, Debug)]
struct Name {
    head: Head,
    number: u32,
    text: Arc<str>,
}

fn order(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes()))
}

impl Names {
    pub(super) fn get(&self, name: &str) -> Option<u32> {
        self.find(name).or_else(|| match composed(name) {
            Cow::Borrowed(_) => None,
            Cow::Owned(name) => self.find(&name),
        })
    }

    fn find(&self, name: &str) -> Option<u32> {
        if self.0.len() <= 16 {
            let head = Head::of(name);
            let mut alike = self.0.iter().filter(|own| own.head == head);
            return alike.find(|own| head.length <= 8 || *own.text == *name).map(|own| own.number);
        }
        let at = self.0.binary_search_by(|own| order(&own.text, name)).ok()?;
        self.0.get(at).map(|own| own.number)
    }
}

impl<'n> FromIterator<(&'n Arc<str>, u32)> for Names {
    fn from_iter<I: IntoIterator<Item = (&'n Arc<str>, u32)>>(names: I) -> Names {
        let name = |(name, number): (&Arc<str>, u32)| {
            let text = match composed(name) {
                Cow::Borrowed(_) => Arc::clone(name),
                Cow::Owned(text) => text.into(),
            };
            Name { head: Head::of(&text), number, text }
        };
        let mut list: Vec<Name> = names.into_iter().map(name).collect();
        list.sort_by(|a, b| order(&a.text, &b.text));
        list.dedup_by(|later, first| later.text == first.text);
        Names(list)
    }
}
