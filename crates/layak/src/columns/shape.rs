//! What facts and outputs there are, by name and kind, for hosts that lay them out as columns.

use std::sync::Arc;

use crate::program::{Entity, EntityId, Field, FieldShape, Program, Type};
use crate::ruleset::Plan;

/// A fact as its entity declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FactShape {
    /// Its name.
    pub name: Arc<str>,
    /// The other name that data may give it.
    pub column: Option<Arc<str>>,
    /// What it holds.
    pub kind: FactKind,
    /// Whether it identifies what it is a fact of.
    pub is_key: bool,
    /// Whether it may be known to be none.
    pub is_optional: bool,
}

/// What a fact or an output holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactKind {
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer,
    /// An amount of money.
    Money,
    /// Any other number.
    Number,
    /// A date.
    Date,
    /// A duration.
    Duration,
    /// A text.
    Text,
    /// A member of an enum, of these names.
    Enum(Vec<Arc<str>>),
    /// The key of another element.
    Link,
    /// Elements, with their facts.
    List(Vec<FactShape>),
    /// Values without names.
    Values(Box<FactKind>),
    /// Facts within one object.
    Record(Vec<FactShape>),
    /// Several values, or named parts: of outputs alone.
    Parts,
}

/// What is decided of a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgrammeShape {
    /// Its name.
    pub name: Arc<str>,
    /// Whether every element of a list is decided on its own.
    pub is_of_members: bool,
    /// What it gives, by name.
    pub outputs: Vec<(Arc<str>, FactKind)>,
    /// The criteria for which somebody is not eligible, by name; then, where it is not in force on the day, the one that says so.
    pub reasons: Vec<Arc<str>>,
}

impl Plan {
    /// The facts of a household as the entities declare them, in that order. The cost is linear in the entities.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{FactKind, Ruleset};
    /// let rules = Ruleset::from_text("module aid entity Home { rooms integer 0.. } criterion any_room when rooms > 0")?;
    /// let shape = rules.as_of("2026-01-15".parse()?).fact_shapes();
    /// assert_eq!((&*shape[0].name, &shape[0].kind), ("rooms", &FactKind::Integer));
    /// # Ok(())
    /// # }
    /// ```
    pub fn fact_shapes(&self) -> Vec<FactShape> {
        facts_of(self.program(), self.program().root)
    }

    /// The programmes that it decides, in the order of decisions. The cost is linear in them.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module aid entity Home { rooms integer 0.. } criterion any_room when rooms > 0
    ///      programme aid requires any_room gives beds = rooms * 2",
    /// )?;
    /// let shapes = rules.as_of("2026-01-15".parse()?).programme_shapes();
    /// assert_eq!((&*shapes[0].name, &*shapes[0].outputs[0].0), ("aid", "beds"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn programme_shapes(&self) -> Vec<ProgrammeShape> {
        let program = self.program();
        let shape = |id| {
            let programme = &program.programmes[id];
            let mut reasons = Vec::new();
            if let Some(root) = self.plan_graph().programmes.iter().find(|root| root.programme == id) {
                let order = root.by_name();
                let named = order.iter().filter_map(|at| root.conditions.get(*at));
                reasons.extend(named.map(|condition| Arc::clone(&condition.name)));
                reasons.extend((!root.in_force).then(|| self.not_in_force().into()));
            }
            ProgrammeShape {
                reasons,
                name: Arc::clone(&programme.declared.name),
                is_of_members: programme.owner != program.root,
                outputs: programme.outputs.iter().map(|o| (Arc::clone(&o.name), kind_of(program, &o.ty))).collect(),
            }
        };
        let mut all: Vec<ProgrammeShape> = self.programmes().into_iter().map(shape).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
}

/// INVARIANT: it recurses with lists and records within one another, which the checked program has no circle of.
fn facts_of(program: &Program, entity: EntityId) -> Vec<FactShape> {
    let entity = &program.entities[entity];
    entity.own_fields().map(|(index, field)| shape_of(program, entity, index, field)).collect()
}

fn shape_of(program: &Program, entity: &Entity, index: usize, field: &Field) -> FactShape {
    let (kind, is_optional) = match &field.shape {
        FieldShape::Scalar { ty, .. } => (kind_of(program, ty), matches!(ty, Type::Optional(_))),
        FieldShape::List { item, .. } => {
            let item_entity = &program.entities[*item];
            let scalar = item_entity.fields.first().filter(|_| item_entity.is_scalar_item).map(|f| &f.shape);
            match scalar {
                Some(FieldShape::Scalar { ty, .. }) => (FactKind::Values(Box::new(kind_of(program, ty))), false),
                _ => (FactKind::List(facts_of(program, *item)), false),
            }
        }
        FieldShape::Record { entity, .. } => (FactKind::Record(facts_of(program, *entity)), false),
    };
    FactShape {
        name: Arc::clone(&field.name),
        column: field.column.clone(),
        kind,
        is_key: entity.key == Some(index),
        is_optional,
    }
}

fn kind_of(program: &Program, ty: &Type) -> FactKind {
    match ty.required() {
        Type::Boolean => FactKind::Boolean,
        Type::Number(q) if q.money => FactKind::Money,
        Type::Number(q) if q.whole => FactKind::Integer,
        Type::Number(_) => FactKind::Number,
        Type::Date => FactKind::Date,
        Type::Duration(_) => FactKind::Duration,
        Type::Text => FactKind::Text,
        Type::Enum(id) => FactKind::Enum(program.enums[*id].members.iter().map(|m| Arc::clone(&m.name)).collect()),
        Type::Element(_) => FactKind::Link,
        Type::List(_) | Type::Optional(_) | Type::Record(_) | Type::Pending | Type::Poison => FactKind::Parts,
    }
}
