//! What rests on what changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::fingerprint::Aspect;
use crate::program::*;
use crate::value::Function;

use super::compare::Difference;
use super::{Affected, Change, DeclarationName};

/// What others rest on: a declaration, or of an entity one field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ground {
    of: DeclarationName,
    field: Option<Arc<str>>,
}

/// What a change leaves nothing resting on as it was: of an entity that both sides have, the fields that differ. What
/// differs in wording alone is no ground.
pub(super) fn roots(declaration: &DeclarationName, differences: &[Difference<'_, '_>]) -> Vec<Ground> {
    let whole = || vec![Ground { of: declaration.clone(), field: None }];
    if differences.is_empty() {
        return whole();
    }
    let mut out = Vec::new();
    for difference in differences {
        let nodes = || difference.path.iter().filter_map(super::compare::Step::node);
        if nodes().any(|n| n.key.aspect.is_wording()) {
            continue;
        }
        let field = nodes().find(|n| n.key.aspect == Aspect::Field).map(|n| Arc::clone(&n.key.name));
        if declaration.kind == Aspect::Entity && field.is_none() {
            continue;
        }
        out.push(Ground { of: declaration.clone(), field });
    }
    out
}

/// The declarations that rest on changed ones and are not themselves changed in more than wording, each with the nearest
/// cause. The cost is linear in the rules.
pub(super) fn affected(program: &Program, roots: Vec<Ground>, changes: &[Change]) -> Vec<Affected> {
    let mut users: BTreeMap<Ground, BTreeSet<Ground>> = BTreeMap::new();
    for (user, used) in uses(program) {
        for ground in used {
            users.entry(ground).or_default().insert(user.clone());
        }
    }
    let changed: BTreeSet<&DeclarationName> =
        changes.iter().filter(|c| !c.is_wording()).map(|c| &c.declaration).collect();
    let mut causes: BTreeMap<Ground, DeclarationName> = BTreeMap::new();
    let mut open: VecDeque<Ground> = VecDeque::new();
    let mut roots = roots;
    roots.sort();
    for root in roots {
        if causes.insert(root.clone(), root.of.clone()).is_none() {
            open.push_back(root);
        }
    }
    while let Some(ground) = open.pop_front() {
        let Some(cause) = causes.get(&ground).cloned() else { continue };
        for user in users.get(&ground).into_iter().flatten() {
            if !causes.contains_key(user) {
                causes.insert(user.clone(), cause.clone());
                open.push_back(user.clone());
            }
        }
    }
    let tells = |g: &Ground| {
        let is_rule = matches!(
            g.of.kind,
            Aspect::Parameter | Aspect::Definition | Aspect::Criterion | Aspect::Table | Aspect::Programme
        );
        is_rule && !changed.contains(&g.of)
    };
    causes
        .into_iter()
        .filter(|(ground, _)| tells(ground))
        .map(|(ground, because)| Affected { declaration: ground.of, because })
        .collect()
}

/// Whatever each declaration and field rests on directly.
fn uses(program: &Program) -> Vec<(Ground, BTreeSet<Ground>)> {
    let names = Names { program };
    let mut out = Vec::new();
    for entity in program.entities.values() {
        for (_, field) in entity.own_fields() {
            let mut used = BTreeSet::new();
            let mut formats: Vec<FormatId> = field.format.into_iter().collect();
            match &field.shape {
                FieldShape::Scalar { ty, .. } => names.of_type(ty, &mut used),
                FieldShape::List { item, .. } => {
                    let item = &program.entities[*item];
                    formats.extend(item.fields.first().filter(|_| item.is_scalar_item).and_then(|f| f.format));
                    if let Some(FieldShape::Scalar { ty, .. }) =
                        item.fields.first().filter(|_| item.is_scalar_item).map(|f| &f.shape)
                    {
                        names.of_type(ty, &mut used);
                    }
                }
                FieldShape::Record { .. } => {}
            }
            used.extend(formats.iter().map(|f| names.whole(Aspect::Format, &program.formats[*f].declared)));
            used.extend(field.sources.iter().map(|s| names.whole(Aspect::Source, &program.sources[*s].declared)));
            out.push((names.field(entity, &field.name), used));
        }
    }
    for p in program.parameters.values().filter(|p| p.part_of.is_none()) {
        let mut used = BTreeSet::new();
        names.of_type(&p.ty, &mut used);
        p.keys.iter().for_each(|(_, ty)| names.of_type(ty, &mut used));
        out.push((names.whole(Aspect::Parameter, &p.declared), used));
    }
    for (id, d) in program.definitions.iter().filter(|(_, d)| d.part_of.is_none()) {
        let mut used = BTreeSet::new();
        d.arguments.iter().for_each(|(_, ty)| names.of_type(ty, &mut used));
        for v in &d.versions {
            match &v.value {
                DefinitionValue::Expr(body) => names.of_body(body, &mut used),
                DefinitionValue::Table(table) => names.of_body(&program.tables[*table].body, &mut used),
            }
        }
        out.push((names.definition(id), used));
    }
    for p in program.programmes.values() {
        let mut used = BTreeSet::new();
        for v in &p.versions {
            v.requires.iter().chain(&v.refuses).for_each(|c| names.of_body(&c.body, &mut used));
            v.gives.iter().for_each(|(_, body)| names.of_body(body, &mut used));
            used.extend(v.excludes.iter().map(|e| names.programme(*e)));
        }
        out.push((names.whole(Aspect::Programme, &p.declared), used));
    }
    out
}

struct Names<'a> {
    program: &'a Program,
}

impl Names<'_> {
    fn whole(&self, kind: Aspect, declared: &Declared) -> Ground {
        let module = Arc::clone(&self.program.modules[declared.module].name);
        Ground { of: DeclarationName { kind, module, name: declared.name.to_string() }, field: None }
    }

    fn definition(&self, id: DefinitionId) -> Ground {
        let d = &self.program.definitions[id];
        let kind = match d.kind {
            DefinitionKind::Define => Aspect::Definition,
            DefinitionKind::Criterion => Aspect::Criterion,
            DefinitionKind::Table => Aspect::Table,
        };
        let mut ground = self.whole(kind, &d.declared);
        ground.of.name = self.program.owned(d.owner, &d.declared.name);
        ground
    }

    fn programme(&self, id: ProgrammeId) -> Ground {
        self.whole(Aspect::Programme, &self.program.programmes[id].declared)
    }

    fn field(&self, entity: &Entity, name: &Arc<str>) -> Ground {
        // The items of a list of scalars are those of the field that holds the list.
        if let Some((holder, at)) = entity.holders.first().filter(|_| entity.is_scalar_item)
            && let Some(list) = self.program.entities[*holder].fields.get(*at)
        {
            return self.field(&self.program.entities[*holder], &list.name);
        }
        // A column that a record adds is a field of the record's entity.
        if let Some((record, column)) = name.split_once('.')
            && let Some(FieldShape::Record { entity: inner, .. }) =
                entity.fields.iter().find(|f| *f.name == *record).map(|f| &f.shape)
        {
            return self.field(&self.program.entities[*inner], &column.into());
        }
        let mut ground = self.whole(Aspect::Entity, &entity.declared);
        ground.field = Some(Arc::clone(name));
        ground
    }

    fn ruleset(&self) -> Ground {
        let of = DeclarationName { kind: Aspect::Ruleset, module: "".into(), name: String::new() };
        Ground { of, field: None }
    }

    fn of_type(&self, ty: &Type, out: &mut BTreeSet<Ground>) {
        let mut ty = ty;
        while let Type::List(inner) | Type::Optional(inner) = ty {
            ty = inner;
        }
        match ty {
            Type::Enum(id) => {
                out.insert(self.whole(Aspect::Enum, &self.program.enums[*id].declared));
            }
            Type::Number(q) if q.money => {
                out.insert(self.ruleset());
            }
            Type::Number(_)
            | Type::Boolean
            | Type::Date
            | Type::Duration(_)
            | Type::Text
            | Type::Element(_)
            | Type::List(_)
            | Type::Optional(_)
            | Type::Record(_)
            | Type::Pending
            | Type::Poison => {}
        }
    }

    /// What acts put in belongs to what names it.
    fn of_body(&self, body: &ExprBody, out: &mut BTreeSet<Ground>) {
        let mut seen: BTreeSet<DefinitionId> = BTreeSet::new();
        let mut open: Vec<&ExprBody> = vec![body];
        while let Some(body) = open.pop() {
            let parts = self.of_one(body, out).into_iter().filter(|part| seen.insert(*part));
            let parts: Vec<DefinitionId> = parts.collect();
            let versions = parts.iter().flat_map(|part| &self.program.definitions[*part].versions);
            open.extend(versions.map(|v| v.body(self.program)));
        }
    }

    fn of_one(&self, body: &ExprBody, out: &mut BTreeSet<Ground>) -> Vec<DefinitionId> {
        let mut parts = Vec::new();
        for (_, expr) in body.iter() {
            match &expr.kind {
                Kind::Definition { definition, .. } if self.program.definitions[*definition].part_of.is_some() => {
                    parts.push(*definition);
                }
                Kind::Constant(_) => self.of_type(&expr.ty, out),
                Kind::Field { entity, field, .. } => {
                    let entity = &self.program.entities[*entity];
                    if let Some(field) = entity.fields.get(*field) {
                        out.insert(self.field(entity, &field.name));
                    }
                }
                Kind::Definition { definition, .. } => {
                    out.insert(self.definition(*definition));
                }
                Kind::Parameter { parameter, .. } => {
                    out.insert(self.whole(Aspect::Parameter, &self.program.parameters[*parameter].declared));
                }
                Kind::Outcome { programme, .. } | Kind::Output { programme, .. } => {
                    out.insert(self.programme(*programme));
                }
                // These ask the calendar, which the ruleset states.
                Kind::Apply(
                    Function::DateAdd
                    | Function::DateSubtract
                    | Function::YearsBetween
                    | Function::MonthsBetween
                    | Function::DaysBetween
                    | Function::DaysThrough,
                    _,
                ) => {
                    out.insert(self.ruleset());
                }
                _ => {}
            }
        }
        parts
    }
}
