//! Program to graph: definitions are laid out once and shared, lists become frames, and, where a date is given, the
//! versions of that day alone are taken.
//!
//! A definition that another needs first is laid out on a stack of tasks, so that a chain of any length costs no call depth.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::arena::{Arena, Id};
use crate::graph::*;
use crate::limits::Limits;
use crate::outcome::Possible;
use crate::program::*;
use crate::source::Span;
use crate::syntax::{Collect, OutcomeWord, StateTest};
use crate::value::{Calendar, FaultKind, Function, LeapDay, MonthEnd, Value};

/// What to lay out.
#[derive(Clone, Copy, Default)]
pub(crate) struct Request<'a> {
    pub day: Option<Day>,
    /// The programmes; all where it is None.
    pub programmes: Option<&'a [ProgrammeId]>,
    /// Definitions whose values are asked for.
    pub show: &'a [(Arc<str>, DefinitionId)],
    /// Expressions over the household, as tests have them.
    pub extra: &'a [&'a ExprBody],
}

/// Something that is laid out once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Definition(DefinitionId, NodeId, Vec<NodeId>),
    Output(ProgrammeId, usize),
    /// Whether all required and none refused.
    Eligible(ProgrammeId),
    /// The n-th expression outside of definitions.
    Extra(usize),
    /// The n-th value in the texts of a programme's conditions.
    Text(ProgrammeId, usize),
    Condition(ProgrammeId, usize),
}

/// What is needed first, in this order.
struct Need(Vec<Key>);

type Step<T> = Result<T, Need>;

/// One body on its way.
struct Task<'p> {
    body: &'p ExprBody,
    next: usize,
    done: Vec<Option<Lowered>>,
    owner: NodeId,
    arguments: Vec<NodeId>,
    /// The variables that go through lists: frame and value.
    vars: BTreeMap<Var, NodeId>,
    /// By the expression that goes through a list: the items as its body sees them.
    bound: BTreeMap<ExprRef, Items>,
    /// By list: what goes through it.
    through: BTreeMap<ExprRef, Vec<(ExprRef, Var)>>,
    /// By expression: the variables it reads from outside.
    free: Vec<Vec<Var>>,
}

/// A key on its way: its bodies one after another.
struct Job<'p> {
    key: Key,
    tasks: Vec<(Task<'p>, Option<Period>, Option<TableId>)>,
    results: Vec<(Option<Period>, Lowered)>,
    name: Arc<str>,
    span: Option<Span>,
}

pub(crate) struct Lowering<'p> {
    program: &'p Program,
    request: Request<'p>,
    graph: Graph,
    memo: BTreeMap<Key, Lowered>,
    nodes: BTreeMap<(FrameId, Op), NodeId>,
    frames: BTreeMap<Frame, FrameId>,
    limit: usize,
    /// Expressions laid out so far, and how many may be: functions that call functions can ask for more than any
    /// machine can lay out.
    spent: usize,
    /// By programme: those that exclude it.
    excluders: BTreeMap<ProgrammeId, Vec<ProgrammeId>>,
    /// By programme: the versions that count, with their conditions and the bodies of their texts.
    texts: BTreeMap<ProgrammeId, Vec<&'p ExprBody>>,
    conditions: BTreeMap<ProgrammeId, Vec<&'p Condition>>,
}

/// Lays out a graph. It costs time linear in the rules; with a date, the values of other days are not in it.
pub(crate) fn from_program(program: &Program, request: &Request<'_>, limits: &Limits) -> Graph {
    let calendar = program.calendar.unwrap_or(Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip });
    let graph = Graph {
        day: request.day,
        calendar,
        frames: Arena::default(),
        nodes: Arena::default(),
        fixed: Arc::new([]),
        tables: Vec::new(),
        parameters: Arena::default(),
        unknowns: unknowns(program),
        programmes: Vec::new(),
        values: Vec::new(),
        extra: Vec::new(),
    };
    let mut lowering = Lowering {
        program,
        request: *request,
        graph,
        memo: BTreeMap::new(),
        nodes: BTreeMap::new(),
        frames: BTreeMap::new(),
        limit: limits.graph_nodes,
        spent: 0,
        excluders: BTreeMap::new(),
        texts: BTreeMap::new(),
        conditions: BTreeMap::new(),
    };
    lowering.frame(Frame::Root);
    lowering.parameters();
    lowering.exclusions();
    lowering.programmes();
    lowering.values();
    let graph = compact::compact(lowering.graph);
    debug_assert_eq!(laws::check(&graph), Ok(()));
    graph
}

fn unknowns(program: &Program) -> Vec<Vec<Possible>> {
    let size = |id: EnumId| program.enums[id].members.len();
    let field = |f: &Field| match &f.shape {
        FieldShape::Scalar { ty, range, .. } => Possible::unknown_of(ty, range, size),
        FieldShape::List { .. } | FieldShape::Record { .. } => Possible::any(),
    };
    program.entities.values().map(|e| e.fields.iter().map(field).collect()).collect()
}

const ROOT: u32 = 0;

impl<'p> Lowering<'p> {
    fn root_frame() -> FrameId {
        FrameId::new(ROOT)
    }

    fn frame(&mut self, frame: Frame) -> FrameId {
        if let Some(id) = self.frames.get(&frame) {
            return *id;
        }
        let id = self.graph.frames.push(frame);
        self.frames.insert(frame, id);
        id
    }

    /// The frame of all elements of an entity.
    fn home(&mut self, entity: EntityId) -> FrameId {
        // INVARIANT: entities do not hold themselves, so the way up ends.
        let mut way = vec![entity];
        while let Some(last) = way.last() {
            let holders = &self.program.entities[*last].holders;
            match holders.as_slice() {
                [(parent, _)] if *parent != self.program.root => way.push(*parent),
                _ => break,
            }
        }
        let mut outer = Self::root_frame();
        while let Some(entity) = way.pop() {
            outer = if entity == self.program.root {
                Self::root_frame()
            } else {
                self.frame(Frame::Home { entity, outer })
            };
        }
        outer
    }

    fn node(&mut self, op: Op, frame: FrameId, span: Option<Span>) -> NodeId {
        let key = (frame, op);
        if let Some(id) = self.nodes.get(&key) {
            // Written in several places, it is told of the first, whichever was laid out first.
            let known = &mut self.graph.nodes[*id].span;
            *known = [*known, span].into_iter().flatten().min();
            return *id;
        }
        if self.graph.nodes.len() >= self.limit {
            return self.too_large();
        }
        let id = self.graph.nodes.push(Node { op: key.1.clone(), frame, span });
        self.nodes.insert(key, id);
        id
    }

    fn is_full(&self) -> bool {
        self.graph.nodes.len() >= self.limit || self.spent >= self.limit.saturating_mul(4)
    }

    /// What stands for everything that the limit leaves no room for.
    fn too_large(&mut self) -> NodeId {
        let key = (Self::root_frame(), Op::Fault(FaultKind::TooLarge));
        if let Some(id) = self.nodes.get(&key) {
            return *id;
        }
        let id = self.graph.nodes.push(Node { op: key.1.clone(), frame: key.0, span: None });
        self.nodes.insert(key, id);
        id
    }

    fn constant(&mut self, value: Value) -> NodeId {
        self.node(Op::Constant(value), Self::root_frame(), None)
    }

    fn fault(&mut self, kind: FaultKind, span: Option<Span>) -> NodeId {
        self.node(Op::Fault(kind), Self::root_frame(), span)
    }

    fn op(&self, id: NodeId) -> &Op {
        &self.graph.nodes[id].op
    }

    fn frame_of(&self, id: NodeId) -> FrameId {
        self.graph.nodes[id].frame
    }

    /// The deepest of the frames of some nodes. INVARIANT: they lie on one way up.
    fn join(&self, nodes: impl IntoIterator<Item = NodeId>) -> FrameId {
        let mut frame = Self::root_frame();
        for node in nodes {
            let mine = self.frame_of(node);
            if self.graph.is_outer(frame, mine) {
                frame = mine;
            }
        }
        frame
    }

    fn row(&mut self, frame: FrameId) -> NodeId {
        self.node(Op::Row, frame, None)
    }

    fn owner_row(&mut self, entity: EntityId) -> NodeId {
        let frame = self.home(entity);
        self.row(frame)
    }

    // ---- smart constructors ---------------------------------------------------------------------------------------

    fn apply(&mut self, function: Function, operands: Vec<NodeId>, span: Option<Span>) -> NodeId {
        let values: Option<Vec<&Value>> = operands
            .iter()
            .map(|n| match self.op(*n) {
                Op::Constant(value) => Some(value),
                _ => None,
            })
            .collect();
        if let Some(values) = values {
            return match function.apply(&values, self.graph.calendar) {
                Ok(value) => self.constant(value),
                Err(kind) => self.fault(kind, span),
            };
        }
        let frame = self.join(operands.iter().copied());
        self.node(Op::Apply(function, operands), frame, span)
    }

    fn not(&mut self, of: NodeId) -> NodeId {
        match self.op(of) {
            Op::Constant(Value::Boolean(b)) => {
                let b = !*b;
                self.constant(Value::Boolean(b))
            }
            Op::Not(inner) => *inner,
            _ => {
                let frame = self.frame_of(of);
                self.node(Op::Not(of), frame, None)
            }
        }
    }

    /// All (`and`) or one (`or`) of some conditions; what a constant settles is settled.
    fn junction(&mut self, operands: &[NodeId], is_and: bool) -> NodeId {
        let mut list: Vec<NodeId> = Vec::new();
        for operand in operands {
            match self.op(*operand) {
                Op::Constant(Value::Boolean(b)) if *b == is_and => {}
                Op::Constant(Value::Boolean(b)) => {
                    let b = *b;
                    return self.constant(Value::Boolean(b));
                }
                _ => list.push(*operand),
            }
        }
        list.sort_unstable();
        list.dedup();
        match list.as_slice() {
            [] => self.constant(Value::Boolean(is_and)),
            [one] => *one,
            _ => {
                let frame = self.join(list.iter().copied());
                self.node(if is_and { Op::And(list) } else { Op::Or(list) }, frame, None)
            }
        }
    }

    fn choice(&mut self, arms: Vec<(NodeId, NodeId)>, otherwise: NodeId) -> NodeId {
        let mut kept = Vec::new();
        let mut last = otherwise;
        for (condition, value) in arms {
            match self.op(condition) {
                Op::Constant(Value::Boolean(false)) => {}
                Op::Constant(Value::Boolean(true)) => {
                    last = value;
                    break;
                }
                _ => kept.push((condition, value)),
            }
        }
        if kept.is_empty() {
            return last;
        }
        let frame = self.join(kept.iter().flat_map(|(a, b)| [*a, *b]).chain([last]));
        self.node(Op::If { arms: kept, otherwise: last }, frame, None)
    }

    /// The value that a node has for the element of an entity that `index` gives. The node lives in the entity's home
    /// frame or above.
    fn at(&mut self, node: NodeId, index: NodeId, entity: EntityId) -> NodeId {
        let home = self.home(entity);
        let own = matches!(self.op(index), Op::Row) && self.frame_of(index) == home;
        if own || self.frame_of(node) == Self::root_frame() {
            return node;
        }
        let frame = self.frame_of(index);
        self.node(Op::At { node, index, home }, frame, None)
    }

    /// A node of one frame of a list as another frame `to` of the same list sees it. Nodes from above are the same for
    /// both. It is not enough that `from` lies above `to`: where a list is compared with itself, a row of `from` is the
    /// one element there and a row of `to` the other.
    fn rebase(&mut self, node: NodeId, from: FrameId, to: FrameId) -> NodeId {
        if self.frame_of(node) != from {
            return node;
        }
        match self.op(node) {
            Op::Row => self.row(to),
            Op::Choose(list) => {
                let list = list.clone();
                self.node(Op::Choose(list), to, None)
            }
            _ => self.node(Op::Rebase(node), to, None),
        }
    }

    // ---- the day's parameters ------------------------------------------------------------------------------------

    fn parameters(&mut self) {
        let program = self.program;
        for parameter in program.parameters.values() {
            let mut day = DayParameter { name: Arc::clone(&parameter.declared.name), ..DayParameter::default() };
            day.default = parameter.default.as_ref().and_then(one);
            day.names = parameter.keys.iter().map(|(_, ty)| key_names(program, ty)).collect();
            if let Some(Day { as_of, known_on }) = self.request.day {
                for value in &parameter.values {
                    let version = version_on(&value.versions, |v| &v.period, as_of, known_on);
                    day.values.push((value.keys.clone(), version.and_then(|v| one(&v.value))));
                }
            }
            self.graph.parameters.push(day);
        }
    }

    fn parameter(&mut self, parameter: ParameterId, keys: Vec<NodeId>, span: Option<Span>) -> Lowered {
        let program = self.program;
        let declared = &program.parameters[parameter];
        if let Some(Day { as_of, known_on }) = self.request.day {
            let constants: Option<Vec<Value>> = keys
                .iter()
                .map(|k| match self.op(*k) {
                    Op::Constant(value) => Some(value.clone()),
                    _ => None,
                })
                .collect();
            if let Some(constants) = constants {
                let found = declared.values.binary_search_by(|v| v.keys.cmp(&constants)).ok();
                let version = found
                    .and_then(|i| declared.values.get(i))
                    .and_then(|v| version_on(&v.versions, |v| &v.period, as_of, known_on))
                    .map(|v| &v.value)
                    .or(declared.default.as_ref());
                return match version {
                    Some(Constant::One(value)) => Lowered::One(self.constant(value.clone())),
                    Some(Constant::List(values)) => {
                        let yes = self.constant(Value::Boolean(true));
                        Lowered::Values(values.iter().map(|v| (yes, self.constant(v.clone()))).collect())
                    }
                    None => {
                        let name = Arc::clone(&declared.declared.name);
                        let kind = if keys.is_empty() {
                            FaultKind::NoVersion { name, on: as_of }
                        } else {
                            FaultKind::NoValue { name, keys: key_text(program, parameter, &constants), on: as_of }
                        };
                        Lowered::One(self.fault(kind, span))
                    }
                };
            }
        }
        if matches!(declared.ty, Type::List(_)) && self.request.day.is_some() {
            return self.parameter_list(parameter, &keys, span);
        }
        let frame = self.join(keys.iter().copied());
        Lowered::One(self.node(Op::Parameter { parameter, keys }, frame, span))
    }

    /// A list for keys that the facts decide: the values of every list, each counting where its keys are those given.
    fn parameter_list(&mut self, parameter: ParameterId, keys: &[NodeId], span: Option<Span>) -> Lowered {
        let program = self.program;
        let declared = &program.parameters[parameter];
        let Some(Day { as_of, known_on }) = self.request.day else { return Lowered::Values(Vec::new()) };
        let mut out = Vec::new();
        let mut listed = Vec::new();
        for value in &declared.values {
            let Some(version) = version_on(&value.versions, |v| &v.period, as_of, known_on) else { continue };
            let mut same = Vec::new();
            for (key, wanted) in keys.iter().zip(&value.keys) {
                let wanted = self.constant(wanted.clone());
                same.push(self.apply(Function::Equal, vec![*key, wanted], None));
            }
            let here = self.junction(&same, true);
            listed.push(here);
            if let Constant::List(values) = &version.value {
                for value in values {
                    out.push((here, self.constant(value.clone())));
                }
            }
        }
        let found = self.junction(&listed, false);
        let other = self.not(found);
        match &declared.default {
            Some(Constant::List(values)) => {
                for value in values {
                    out.push((other, self.constant(value.clone())));
                }
            }
            _ => {
                let name = Arc::clone(&declared.declared.name);
                let fault = self.fault(FaultKind::NoValue { name, keys: "".into(), on: as_of }, span);
                let no = self.constant(Value::Boolean(false));
                out.push((self.choice(vec![(other, fault)], no), fault));
            }
        }
        Lowered::Values(out)
    }

    // ---- programmes, values, tests -------------------------------------------------------------------------------

    fn programmes(&mut self) {
        let program = self.program;
        let wanted: Vec<ProgrammeId> = match self.request.programmes {
            Some(list) => list.to_vec(),
            None => program.programmes.ids().collect(),
        };
        for id in wanted {
            let programme = &program.programmes[id];
            let eligible = self.run_node(Key::Eligible(id));
            let frame = self.home(programme.owner);
            let in_force = self.versions(id).next().is_some();
            let refused: BTreeSet<*const Condition> =
                self.versions(id).flat_map(|v| &v.refuses).map(std::ptr::from_ref).collect();
            let mut conditions = Vec::new();
            let mut text = 0;
            for (index, condition) in self.conditions.get(&id).cloned().unwrap_or_default().into_iter().enumerate() {
                let node = self.run_node(Key::Condition(id, index));
                let kind = if refused.contains(&std::ptr::from_ref(condition)) {
                    ConditionKind::Refuses
                } else {
                    ConditionKind::Requires
                };
                let definition = condition.definition.map(|d| &program.definitions[d]);
                let version = definition.and_then(|d| self.definition_version(d));
                let mut texts = Vec::new();
                for (lang, template) in version.map_or(&[][..], |v| &v.otherwise) {
                    let mut parts = Vec::new();
                    for part in &template.parts {
                        parts.push(match part {
                            TemplatePart::Text(text) => TextPart::Text(Arc::clone(text)),
                            TemplatePart::Value(body) => {
                                let ty = body.root().map_or(Type::Poison, |r| body[r].ty.clone());
                                let owner = definition.map_or(programme.owner, |d| d.owner);
                                let node = self.text(id, text, body, owner);
                                text += 1;
                                TextPart::Value(node, ty)
                            }
                        });
                    }
                    texts.push((*lang, parts));
                }
                conditions.push(RootCondition {
                    name: Arc::clone(&condition.name),
                    kind,
                    node,
                    label: definition.map(|d| d.declared.label.clone()).unwrap_or_default(),
                    basis: version.map(|v| v.basis.clone()).unwrap_or_default(),
                    texts,
                });
            }
            for other in self.excluders.get(&id).cloned().unwrap_or_default() {
                let node = self.run_node(Key::Eligible(other));
                let declared = &program.programmes[other];
                conditions.push(RootCondition {
                    name: Arc::clone(&declared.declared.name),
                    kind: ConditionKind::Excluded(other),
                    node,
                    label: declared.declared.label.clone(),
                    basis: self.versions(other).next().map(|v| v.basis.clone()).unwrap_or_default(),
                    texts: Vec::new(),
                });
            }
            let mut outputs = Vec::new();
            for output in 0..programme.outputs.len() {
                if self.versions(id).any(|v| v.gives.iter().any(|(o, _)| *o == output)) {
                    outputs.push((output, self.run_node(Key::Output(id, output))));
                }
            }
            self.graph.programmes.push(RootProgramme { programme: id, frame, in_force, conditions, eligible, outputs });
        }
    }

    /// A value in a reason's text, for the elements of the criterion's own entity.
    fn text(&mut self, id: ProgrammeId, index: usize, body: &'p ExprBody, owner: EntityId) -> NodeId {
        let list = self.texts.entry(id).or_default();
        list.resize(index + 1, body);
        let owner = self.owner_row(owner);
        let key = Key::Text(id, index);
        let task = self.task(body, owner, Vec::new());
        let job =
            Job { key: key.clone(), tasks: vec![(task, None, None)], results: Vec::new(), name: "".into(), span: None };
        match self.run_job(job) {
            Lowered::One(node) => node,
            Lowered::List(_) | Lowered::Values(_) | Lowered::Record(_) => self.fault(FaultKind::Overflow, None),
        }
    }

    fn values(&mut self) {
        let program = self.program;
        for (name, definition) in self.request.show {
            let declared = &program.definitions[*definition];
            let owner = self.owner_row(declared.owner);
            let value = self.run(Key::Definition(*definition, owner, Vec::new()));
            self.graph.values.push(RootValue {
                name: Arc::clone(name),
                definition: *definition,
                owner: declared.owner,
                ty: declared.ty.clone(),
                value,
            });
        }
        for index in 0..self.request.extra.len() {
            let value = self.run(Key::Extra(index));
            self.graph.extra.push(value);
        }
    }

    /// The versions of a programme that count: that of the date, or all without one.
    fn versions(&self, id: ProgrammeId) -> impl Iterator<Item = &'p ProgrammeVersion> + use<'p> {
        let program = self.program;
        let versions = &program.programmes[id].versions;
        let chosen: Vec<&'p ProgrammeVersion> = match self.request.day {
            Some(day) => version_on(versions, |v| &v.period, day.as_of, day.known_on).into_iter().collect(),
            None => versions.iter().collect(),
        };
        chosen.into_iter()
    }

    fn definition_version(&self, definition: &'p Definition) -> Option<&'p DefinitionVersion> {
        match self.request.day {
            Some(day) => version_on(&definition.versions, |v| &v.period, day.as_of, day.known_on),
            None => definition.versions.last(),
        }
    }

    fn exclusions(&mut self) {
        for other in self.program.programmes.ids() {
            for excluded in self.versions(other).flat_map(|v| &v.excludes) {
                self.excluders.entry(*excluded).or_default().push(other);
            }
        }
        for list in self.excluders.values_mut() {
            list.dedup();
        }
    }

    fn run_node(&mut self, key: Key) -> NodeId {
        match self.run(key) {
            Lowered::One(node) => node,
            Lowered::List(_) | Lowered::Values(_) | Lowered::Record(_) => self.fault(FaultKind::Overflow, None),
        }
    }

    fn run(&mut self, key: Key) -> Lowered {
        if let Some(done) = self.memo.get(&key) {
            return done.clone();
        }
        let job = self.job(key);
        self.run_job(job)
    }

    fn run_job(&mut self, job: Job<'p>) -> Lowered {
        let mut stack = vec![job];
        let mut last = None;
        while let Some(job) = stack.last_mut() {
            let needed = match self.advance(job) {
                Err(Need(keys)) => keys,
                Ok(()) => match self.complete(job) {
                    Err(Need(keys)) => keys,
                    Ok(lowered) => {
                        self.memo.insert(job.key.clone(), lowered.clone());
                        last = Some(lowered);
                        stack.pop();
                        Vec::new()
                    }
                },
            };
            for key in needed.into_iter().rev() {
                if self.is_full() {
                    let full = Lowered::One(self.too_large());
                    self.memo.insert(key, full);
                } else if !self.memo.contains_key(&key) {
                    let job = self.job(key);
                    stack.push(job);
                }
            }
        }
        last.unwrap_or(Lowered::Values(Vec::new()))
    }

    fn task(&self, body: &'p ExprBody, owner: NodeId, arguments: Vec<NodeId>) -> Task<'p> {
        let mut through: BTreeMap<ExprRef, Vec<(ExprRef, Var)>> = BTreeMap::new();
        let mut free: Vec<Vec<Var>> = Vec::with_capacity(body.len());
        for (id, expr) in body.iter() {
            let mut vars: Vec<Var> = Vec::new();
            for operand in operands(&expr.kind) {
                vars.extend(free.get(operand.0 as usize).into_iter().flatten());
            }
            match &expr.kind {
                // The household is one, whichever element asks for it.
                Kind::Root(_) => vars.clear(),
                Kind::Argument(n) => vars.push(argument_var(*n)),
                Kind::Var(var) => vars.push(*var),
                Kind::Where { list, var, .. } | Kind::Each { list, var, .. } | Kind::SortBy { list, var, .. } => {
                    through.entry(*list).or_default().push((id, *var));
                    vars.retain(|v| v != var);
                }
                _ => {}
            }
            vars.sort_unstable();
            vars.dedup();
            free.push(vars);
        }
        Task {
            body,
            next: 0,
            done: vec![None; body.len()],
            owner,
            arguments,
            vars: BTreeMap::new(),
            bound: BTreeMap::new(),
            through,
            free,
        }
    }

    fn job(&mut self, key: Key) -> Job<'p> {
        let program = self.program;
        let mut job = Job { key: key.clone(), tasks: Vec::new(), results: Vec::new(), name: "".into(), span: None };
        match key {
            Key::Definition(id, owner, arguments) => {
                let definition = &program.definitions[id];
                job.name = Arc::clone(&definition.declared.name);
                job.span = Some(definition.declared.span);
                let versions: Vec<&DefinitionVersion> = match self.request.day {
                    Some(_) => self.definition_version(definition).into_iter().collect(),
                    None => definition.versions.iter().collect(),
                };
                for version in versions {
                    let (body, table) = match &version.value {
                        DefinitionValue::Expr(body) => (body, None),
                        DefinitionValue::Table(table) => (&program.tables[*table].body, Some(*table)),
                    };
                    let task = self.task(body, owner, arguments.clone());
                    job.tasks.push((task, Some(version.period), table));
                }
            }
            Key::Output(id, output) => {
                let programme = &program.programmes[id];
                job.name = programme.outputs.get(output).map(|o| Arc::clone(&o.name)).unwrap_or_default();
                job.span = Some(programme.declared.span);
                let owner = self.owner_row(programme.owner);
                for version in self.versions(id) {
                    for (_, body) in version.gives.iter().filter(|(o, _)| *o == output) {
                        let task = self.task(body, owner, Vec::new());
                        job.tasks.push((task, Some(version.period), None));
                    }
                }
            }
            Key::Eligible(id) => {
                let conditions: Vec<&'p Condition> =
                    self.versions(id).flat_map(|v| v.requires.iter().chain(&v.refuses)).collect();
                self.conditions.insert(id, conditions);
            }
            Key::Condition(id, index) => {
                let owner = self.owner_row(program.programmes[id].owner);
                if let Some(condition) = self.conditions.get(&id).and_then(|c| c.get(index)).copied() {
                    let task = self.task(&condition.body, owner, Vec::new());
                    job.tasks.push((task, None, None));
                }
            }
            Key::Extra(index) => {
                let owner = self.owner_row(program.root);
                if let Some(body) = self.request.extra.get(index) {
                    let task = self.task(body, owner, Vec::new());
                    job.tasks.push((task, None, None));
                }
            }
            Key::Text(..) => {}
        }
        job
    }

    fn advance(&mut self, job: &mut Job<'p>) -> Step<()> {
        while let Some((task, period, table)) = job.tasks.get_mut(job.results.len()) {
            while task.next < task.body.len() {
                self.spent = self.spent.saturating_add(1);
                let id = ExprRef(u32::try_from(task.next).unwrap_or(u32::MAX));
                let lowered = self.lower(task, id)?;
                if let Some(slot) = task.done.get_mut(task.next) {
                    *slot = Some(lowered);
                }
                task.next += 1;
                self.bind(task, id);
            }
            let lowered = match table {
                None => task.body.root().map(|root| self.get(task, root)),
                Some(table) => Some(self.table(task, *table)),
            };
            let fault = self.fault(FaultKind::Overflow, None);
            let result = (*period, lowered.unwrap_or(Lowered::One(fault)));
            job.results.push(result);
        }
        Ok(())
    }

    fn complete(&mut self, job: &mut Job<'p>) -> Step<Lowered> {
        if let Key::Eligible(id) = job.key {
            return self.eligible(id);
        }
        let mut results = std::mem::take(&mut job.results);
        if let Some(day) = self.request.day {
            return Ok(results.pop().map(|(_, lowered)| lowered).unwrap_or_else(|| {
                let kind = FaultKind::NoVersion { name: Arc::clone(&job.name), on: day.as_of };
                Lowered::One(self.fault(kind, job.span))
            }));
        }
        let dated = results.len() != 1 || results.iter().any(|(p, _)| p.is_some_and(|p| p != Period::default()));
        if !dated {
            return Ok(results.pop().map_or(Lowered::Values(Vec::new()), |(_, lowered)| lowered));
        }
        let versions: Vec<(Period, NodeId)> = results
            .iter()
            .filter_map(|(period, lowered)| match lowered {
                Lowered::One(node) => Some((period.unwrap_or_default(), *node)),
                Lowered::List(_) | Lowered::Values(_) | Lowered::Record(_) => None,
            })
            .collect();
        if versions.len() != results.len() {
            // Without a date, of a list the last version stands for all.
            return Ok(results.pop().map_or(Lowered::Values(Vec::new()), |(_, lowered)| lowered));
        }
        let frame = self.join(versions.iter().map(|(_, n)| *n));
        Ok(Lowered::One(self.node(Op::Dated { name: Arc::clone(&job.name), versions }, frame, job.span)))
    }

    fn eligible(&mut self, id: ProgrammeId) -> Step<Lowered> {
        if self.versions(id).next().is_none() {
            return Ok(Lowered::One(self.constant(Value::Boolean(false))));
        }
        let conditions = self.conditions.get(&id).cloned().unwrap_or_default();
        let excluders = self.excluders.get(&id).cloned().unwrap_or_default();
        let keys = (0..conditions.len()).map(|index| Key::Condition(id, index));
        let missing: Vec<Key> = keys
            .chain(excluders.iter().map(|other| Key::Eligible(*other)))
            .filter(|key| !self.memo.contains_key(key))
            .collect();
        if !missing.is_empty() {
            return Err(Need(missing));
        }
        let refused: BTreeSet<*const Condition> =
            self.versions(id).flat_map(|v| &v.refuses).map(std::ptr::from_ref).collect();
        let mut all = Vec::new();
        for (index, condition) in conditions.into_iter().enumerate() {
            let node = self.needed_node(Key::Condition(id, index))?;
            all.push(if refused.contains(&std::ptr::from_ref(condition)) { self.not(node) } else { node });
        }
        for other in excluders {
            let node = self.needed_node(Key::Eligible(other))?;
            all.push(self.not(node));
        }
        Ok(Lowered::One(self.junction(&all, true)))
    }

    fn needed_node(&mut self, key: Key) -> Step<NodeId> {
        match self.memo.get(&key) {
            Some(Lowered::One(node)) => Ok(*node),
            Some(Lowered::List(_) | Lowered::Values(_) | Lowered::Record(_)) => {
                Ok(self.fault(FaultKind::Overflow, None))
            }
            None => Err(Need(vec![key])),
        }
    }

    // ---- expressions ---------------------------------------------------------------------------------------------

    fn get(&mut self, task: &Task<'p>, id: ExprRef) -> Lowered {
        match task.done.get(id.0 as usize).cloned().flatten() {
            Some(lowered) => lowered,
            None => Lowered::One(self.fault(FaultKind::Overflow, None)),
        }
    }

    fn one(&mut self, task: &Task<'p>, id: ExprRef) -> NodeId {
        match self.get(task, id) {
            Lowered::One(node) => node,
            Lowered::List(_) | Lowered::Values(_) | Lowered::Record(_) => self.fault(FaultKind::Overflow, None),
        }
    }

    fn many(&mut self, task: &Task<'p>, ids: &[ExprRef]) -> Vec<NodeId> {
        ids.iter().map(|id| self.one(task, *id)).collect()
    }

    /// Once a list is laid out, gives the variables that go through it their frame: the list's own, or, where the body
    /// reads variables from further in, one for every pair.
    fn bind(&mut self, task: &mut Task<'p>, list: ExprRef) {
        let Some(through) = task.through.get(&list).cloned() else { return };
        for (expr, var) in through {
            let items = match self.get(task, list) {
                Lowered::List(items) => items,
                Lowered::Values(values) => self.listed(&values),
                // A list that is a fault: so is all that goes through it.
                Lowered::One(fault) => {
                    task.vars.insert(var, fault);
                    continue;
                }
                Lowered::Record(_) => {
                    let fault = self.fault(FaultKind::Overflow, None);
                    task.vars.insert(var, fault);
                    continue;
                }
            };
            // What the body reads from outside, all but the list's own.
            let outside: Vec<NodeId> = task
                .free
                .get(expr.0 as usize)
                .into_iter()
                .flatten()
                .map(|v| match v {
                    Var(0) => task.owner,
                    v => {
                        let argument = task.arguments.iter().enumerate().find(|(n, _)| argument_var(*n) == *v);
                        argument.map(|(_, node)| *node).or_else(|| task.vars.get(v).copied()).unwrap_or(task.owner)
                    }
                })
                .collect();
            let deepest = self.join(outside);
            let items = self.deepen(items, deepest);
            task.vars.insert(var, items.value);
            task.bound.insert(expr, items);
        }
    }

    /// Values named one by one as the rows of a frame, for what goes through them.
    fn listed(&mut self, values: &[(NodeId, NodeId)]) -> Items {
        let outer = self.join(values.iter().flat_map(|(presence, value)| [*presence, *value]));
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let frame = self.frame(Frame::Listed { outer, count });
        let presence = self.choose(values.iter().map(|(presence, _)| *presence).collect(), frame);
        let value = self.choose(values.iter().map(|(_, value)| *value).collect(), frame);
        Items { frame, presence, value, order: None, top: None }
    }

    fn choose(&mut self, list: Vec<NodeId>, frame: FrameId) -> NodeId {
        match list.split_first() {
            Some((first, rest)) if rest.iter().all(|n| n == first) => *first,
            Some(_) => self.node(Op::Choose(list), frame, None),
            // No row ever asks.
            None => self.constant(Value::Boolean(true)),
        }
    }

    /// The items for every row of a frame as deep as `deepest`.
    fn deepen(&mut self, items: Items, deepest: FrameId) -> Items {
        let outer = self.graph.frames[items.frame].outer().unwrap_or_else(Self::root_frame);
        if self.graph.is_outer(deepest, outer) || deepest == outer {
            return items;
        }
        let frame = match self.graph.frames[items.frame] {
            Frame::Root => return items,
            Frame::Home { entity: item, outer } => {
                let Some((entity, field)) = self.program.entities[item].holders.first().copied() else { return items };
                let holder = self.row(outer);
                Frame::Item { outer: deepest, holder, entity, field, item }
            }
            Frame::Item { holder, entity, field, item, .. } => {
                Frame::Item { outer: deepest, holder, entity, field, item }
            }
            Frame::Listed { count, .. } => Frame::Listed { outer: deepest, count },
        };
        let frame = self.frame(frame);
        Items {
            frame,
            presence: self.rebase(items.presence, items.frame, frame),
            value: self.rebase(items.value, items.frame, frame),
            order: items.order.map(|(key, down)| (self.rebase(key, items.frame, frame), down)),
            top: items.top,
        }
    }

    fn list_of(&mut self, of: NodeId, entity: EntityId, field: usize, item: EntityId) -> Items {
        let only = matches!(self.program.entities[item].holders.as_slice(), [_]);
        let own = matches!(self.op(of), Op::Row) && self.frame_of(of) == self.home(entity);
        let frame = if only && own {
            self.home(item)
        } else {
            let outer = self.frame_of(of);
            self.frame(Frame::Item { outer, holder: of, entity, field, item })
        };
        let presence = self.constant(Value::Boolean(true));
        let row = self.row(frame);
        let scalar = self.program.entities[item].is_scalar_item;
        let value = if scalar { self.fact(row, item, 0) } else { row };
        Items { frame, presence, value, order: None, top: None }
    }

    fn fact(&mut self, of: NodeId, entity: EntityId, field: usize) -> NodeId {
        let home = self.home(entity);
        let fact = self.node(Op::Fact { entity, field }, home, None);
        self.at(fact, of, entity)
    }

    /// The items a further step goes through: a `top` becomes a condition.
    fn settled(&mut self, items: Items) -> Items {
        if items.top.is_none() {
            return items;
        }
        let presence = self.node(Op::InTop(items), items.frame, None);
        Items { presence, top: None, ..items }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression")]
    fn lower(&mut self, task: &mut Task<'p>, id: ExprRef) -> Step<Lowered> {
        let program = self.program;
        let expr = &task.body[id];
        let span = Some(expr.span);
        Ok(Lowered::One(match &expr.kind {
            Kind::Constant(value) => self.constant(value.clone()),
            Kind::Var(Var::OWNER) => task.owner,
            Kind::Var(var) => {
                let fault = self.fault(FaultKind::Overflow, None);
                task.vars.get(var).copied().unwrap_or(fault)
            }
            Kind::Argument(n) => {
                let fault = self.fault(FaultKind::Overflow, None);
                task.arguments.get(*n).copied().unwrap_or(fault)
            }
            Kind::AsOf => match self.request.day {
                Some(day) => self.constant(Value::Date(day.as_of)),
                None => self.node(Op::AsOf, Self::root_frame(), None),
            },
            Kind::KnownOn => match self.request.day {
                Some(day) => self.constant(Value::Date(day.known_on)),
                None => self.node(Op::KnownOn, Self::root_frame(), None),
            },
            Kind::Root(_) => self.row(Self::root_frame()),
            Kind::Parent(of) => {
                let child = match task.body[*of].ty.required() {
                    Type::Element(entity) => *entity,
                    _ => program.root,
                };
                let of = self.one(task, *of);
                self.parent(of, child, expr)
            }
            Kind::Field { of, entity, field } => {
                let of = self.one(task, *of);
                match program.entities[*entity].fields.get(*field).map(|f| &f.shape) {
                    Some(FieldShape::List { item, .. }) => {
                        return Ok(Lowered::List(self.list_of(of, *entity, *field, *item)));
                    }
                    _ => self.fact(of, *entity, *field),
                }
            }
            Kind::Definition { of, definition, arguments } => {
                let of = self.one(task, *of);
                let arguments = self.many(task, arguments);
                return self.definition(of, *definition, arguments);
            }
            Kind::Parameter { parameter, keys } => {
                let keys = self.many(task, keys);
                return Ok(self.parameter(*parameter, keys, span));
            }
            Kind::Outcome { of, programme, outcome } => {
                let of = self.one(task, *of);
                let eligible = self.needed_node(Key::Eligible(*programme))?;
                let eligible = self.at(eligible, of, program.programmes[*programme].owner);
                let frame = self.frame_of(eligible);
                match outcome {
                    OutcomeWord::Eligible => eligible,
                    OutcomeWord::NotEligible => self.not(eligible),
                    // An error is not undetermined.
                    OutcomeWord::Undetermined => {
                        let error = self.node(Op::IsFault(eligible), frame, span);
                        let unknown = self.node(Op::State(StateTest::Unknown, eligible), frame, span);
                        let no = self.constant(Value::Boolean(false));
                        self.choice(vec![(error, no)], unknown)
                    }
                    OutcomeWord::Error => self.node(Op::IsFault(eligible), frame, span),
                }
            }
            Kind::Output { of, programme, output } => {
                let of = self.one(task, *of);
                let node = self.needed_node(Key::Output(*programme, *output))?;
                self.at(node, of, program.programmes[*programme].owner)
            }
            Kind::RecordField { of, output, .. } => match self.get(task, *of) {
                Lowered::Record(list) => match list.get(*output) {
                    Some((_, node)) => *node,
                    None => self.fault(FaultKind::Overflow, span),
                },
                // A table without a version in force is one fault.
                Lowered::One(node) => node,
                Lowered::List(_) | Lowered::Values(_) => self.fault(FaultKind::Overflow, span),
            },
            Kind::Apply(function, operands) => {
                let operands = self.many(task, operands);
                self.apply(*function, operands, span)
            }
            Kind::Not(of) => {
                let of = self.one(task, *of);
                self.not(of)
            }
            Kind::And(list) => {
                let list = self.many(task, list);
                self.junction(&list, true)
            }
            Kind::Or(list) => {
                let list = self.many(task, list);
                self.junction(&list, false)
            }
            Kind::State(test, of) => {
                let of = self.one(task, *of);
                let frame = self.frame_of(of);
                self.node(Op::State(*test, of), frame, span)
            }
            Kind::Assume(a, b) => {
                let (a, b) = (self.one(task, *a), self.one(task, *b));
                let frame = self.join([a, b]);
                self.node(Op::Assume(a, b), frame, span)
            }
            Kind::OrElse(a, b) => {
                let (a, b) = (self.one(task, *a), self.one(task, *b));
                let frame = self.join([a, b]);
                self.node(Op::OrElse(a, b), frame, span)
            }
            Kind::If { arms, otherwise } if matches!(expr.ty, Type::List(_)) => {
                return Ok(self.choice_of_lists(task, arms, *otherwise, span));
            }
            Kind::If { arms, otherwise } => {
                let arms = arms.iter().map(|(c, v)| (self.one(task, *c), self.one(task, *v))).collect();
                let otherwise = self.one(task, *otherwise);
                self.choice(arms, otherwise)
            }
            Kind::List(items) => {
                let yes = self.constant(Value::Boolean(true));
                return Ok(Lowered::Values(self.many(task, items).into_iter().map(|v| (yes, v)).collect()));
            }
            Kind::Contains { list, item } => {
                let item = self.one(task, *item);
                self.contains(task, *list, item)
            }
            Kind::Where { list, condition, .. } => {
                let condition = self.one(task, *condition);
                return Ok(match task.bound.get(&id).copied() {
                    Some(items) => {
                        let items = self.settled(items);
                        let presence = self.junction(&[items.presence, condition], true);
                        Lowered::List(Items { presence, ..items })
                    }
                    None => self.get(task, *list),
                });
            }
            Kind::Each { list, value, .. } => {
                let value = self.one(task, *value);
                return Ok(match task.bound.get(&id).copied() {
                    Some(items) => {
                        let items = self.settled(items);
                        Lowered::List(Items { value, ..items })
                    }
                    None => self.get(task, *list),
                });
            }
            Kind::SortBy { list, key, descending, .. } => {
                let key = self.one(task, *key);
                return Ok(match task.bound.get(&id).copied() {
                    Some(items) => {
                        let items = self.settled(items);
                        Lowered::List(Items { order: Some((key, *descending)), ..items })
                    }
                    None => self.get(task, *list),
                });
            }
            Kind::Top { list, count } => {
                let count = self.one(task, *count);
                return Ok(match self.get(task, *list) {
                    Lowered::List(items) => {
                        let items = self.settled(items);
                        Lowered::List(Items { top: Some(count), ..items })
                    }
                    Lowered::Values(values) => {
                        let items = self.listed(&values);
                        Lowered::List(Items { top: Some(count), ..items })
                    }
                    other @ (Lowered::One(_) | Lowered::Record(_)) => other,
                });
            }
            Kind::Aggregate { function, list, empty } => {
                let empty = empty.map(|e| self.one(task, e));
                self.aggregate(task, *function, *list, empty, span)
            }
            Kind::Element { list, at } => self.element(task, *list, at, span),
            Kind::Pending(_) | Kind::Broken => self.fault(FaultKind::Overflow, span),
        }))
    }

    /// One list or another: of one list of facts, its items count as either has them; of values named one by one, each
    /// counts where its own list is taken.
    fn choice_of_lists(
        &mut self,
        task: &Task<'p>,
        arms: &[(ExprRef, ExprRef)],
        otherwise: ExprRef,
        span: Option<Span>,
    ) -> Lowered {
        let conditions: Vec<NodeId> = arms.iter().map(|(c, _)| self.one(task, *c)).collect();
        let lists: Vec<Lowered> = arms.iter().map(|(_, v)| *v).chain([otherwise]).map(|v| self.get(task, v)).collect();
        let items: Vec<Items> =
            lists.iter().filter_map(|l| if let Lowered::List(i) = l { Some(*i) } else { None }).collect();
        if items.len() == lists.len() {
            let outers = items.iter().filter_map(|i| self.graph.frames[i.frame].outer());
            let mut deepest = self.join(conditions.iter().copied());
            for outer in outers.collect::<Vec<_>>() {
                if self.graph.is_outer(deepest, outer) {
                    deepest = outer;
                }
            }
            let items: Vec<Items> = items
                .into_iter()
                .map(|i| {
                    let i = self.deepen(i, deepest);
                    self.settled(i)
                })
                .collect();
            let Some((last, rest)) = items.split_last() else { return Lowered::Values(Vec::new()) };
            if rest.iter().all(|i| i.frame == last.frame && i.order == last.order) {
                let arm = |part: fn(&Items) -> NodeId| {
                    conditions.iter().copied().zip(rest.iter().map(part)).collect::<Vec<_>>()
                };
                let presence = self.choice(arm(|i| i.presence), last.presence);
                let value = self.choice(arm(|i| i.value), last.value);
                return Lowered::List(Items { presence, value, ..*last });
            }
            return Lowered::One(self.fault(FaultKind::Overflow, span));
        }
        let mut out = Vec::new();
        let mut earlier = Vec::new();
        for (index, list) in lists.iter().enumerate() {
            let mut taken = earlier.clone();
            if let Some(condition) = conditions.get(index) {
                taken.push(*condition);
                earlier.push(self.not(*condition));
            }
            let taken = self.junction(&taken, true);
            match list {
                Lowered::Values(values) => {
                    for (presence, value) in values {
                        out.push((self.junction(&[taken, *presence], true), *value));
                    }
                }
                // A list that is a fault, where it is taken.
                Lowered::One(fault) => {
                    let no = self.constant(Value::Boolean(false));
                    out.push((self.choice(vec![(taken, *fault)], no), *fault));
                }
                Lowered::List(_) | Lowered::Record(_) => return Lowered::One(self.fault(FaultKind::Overflow, span)),
            }
        }
        Lowered::Values(out)
    }

    fn parent(&mut self, of: NodeId, child: EntityId, expr: &TypedExpr) -> NodeId {
        let Type::Element(parent) = expr.ty else { return self.fault(FaultKind::Overflow, Some(expr.span)) };
        let row = self.owner_row(parent);
        if parent == self.program.root {
            return row;
        }
        self.at(row, of, child)
    }

    fn definition(&mut self, of: NodeId, definition: DefinitionId, arguments: Vec<NodeId>) -> Step<Lowered> {
        let declared = &self.program.definitions[definition];
        let own = self.owner_row(declared.owner);
        if !arguments.is_empty() || (matches!(declared.ty, Type::List(_)) && own != of) {
            let key = Key::Definition(definition, of, arguments);
            return self.memo.get(&key).cloned().ok_or_else(|| Need(vec![key]));
        }
        let key = Key::Definition(definition, own, Vec::new());
        let Some(lowered) = self.memo.get(&key).cloned() else { return Err(Need(vec![key])) };
        Ok(match lowered {
            Lowered::One(node) => Lowered::One(self.at(node, of, declared.owner)),
            Lowered::Record(list) => Lowered::Record(
                list.into_iter().map(|(name, node)| (name, self.at(node, of, declared.owner))).collect(),
            ),
            other @ (Lowered::List(_) | Lowered::Values(_)) => other,
        })
    }

    fn contains(&mut self, task: &Task<'p>, list: ExprRef, item: NodeId) -> NodeId {
        match self.get(task, list) {
            Lowered::Values(values) => {
                let mut tests = Vec::new();
                for (presence, value) in values {
                    let equal = self.apply(Function::Equal, vec![item, value], None);
                    tests.push(self.junction(&[presence, equal], true));
                }
                self.junction(&tests, false)
            }
            Lowered::List(items) => {
                let frame = self.frame_of(item);
                let items = self.deepen(items, frame);
                let outer = self.graph.frames[items.frame].outer().unwrap_or_else(Self::root_frame);
                self.node(Op::Contains { items, item }, outer, None)
            }
            Lowered::One(node) => node,
            Lowered::Record(_) => self.fault(FaultKind::Overflow, None),
        }
    }

    fn aggregate(
        &mut self,
        task: &Task<'p>,
        function: Aggregate,
        list: ExprRef,
        empty: Option<NodeId>,
        span: Option<Span>,
    ) -> NodeId {
        match self.get(task, list) {
            Lowered::List(items) => {
                let reads = empty.into_iter().chain(items.top);
                let deepest = self.join(reads);
                let items = self.deepen(items, deepest);
                let outer = self.graph.frames[items.frame].outer().unwrap_or_else(Self::root_frame);
                self.node(Op::Aggregate { function, items, empty }, outer, span)
            }
            Lowered::Values(items) => {
                let frame = self.join(items.iter().flat_map(|(p, v)| [*p, *v]).chain(empty));
                self.node(Op::Combine { function, items, empty }, frame, span)
            }
            // A list parameter without a version in force is one fault.
            Lowered::One(node) => node,
            Lowered::Record(_) => self.fault(FaultKind::Overflow, span),
        }
    }

    /// One element of a list of the household, as tests name it.
    fn element(&mut self, task: &Task<'p>, list: ExprRef, at: &ElementAt, span: Option<Span>) -> NodeId {
        let Lowered::List(items) = self.get(task, list) else { return self.fault(FaultKind::Overflow, span) };
        let Frame::Home { entity, .. } = self.graph.frames[items.frame] else {
            return self.fault(FaultKind::Overflow, span);
        };
        match at {
            // INVARIANT: the list is one of the household's own, whose elements are the rows of their home frame.
            ElementAt::Position(n) => {
                let index = self.constant(Value::Element(u32::try_from(*n).unwrap_or(u32::MAX)));
                self.at_constant(items.value, index)
            }
            ElementAt::Key(key) => {
                let Some(field) = self.program.entities[entity].key else {
                    return self.fault(FaultKind::Overflow, span);
                };
                let row = self.row(items.frame);
                let fact = self.fact(row, entity, field);
                let key = self.constant(Value::Text(Arc::clone(key)));
                let same = self.apply(Function::Equal, vec![fact, key], None);
                let items = Items { presence: same, ..items };
                self.node(Op::Aggregate { function: Aggregate::First, items, empty: None }, Self::root_frame(), span)
            }
        }
    }

    fn at_constant(&mut self, value: NodeId, index: NodeId) -> NodeId {
        if matches!(self.op(value), Op::Row) {
            return index;
        }
        let home = self.frame_of(value);
        self.node(Op::At { node: value, index, home }, Self::root_frame(), None)
    }

    // ---- tables --------------------------------------------------------------------------------------------------

    fn table(&mut self, task: &Task<'p>, id: TableId) -> Lowered {
        let program = self.program;
        let table = &program.tables[id];
        let inputs = self.many(task, &table.inputs);
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let mut cells = Vec::with_capacity(row.cells.len());
            for cell in &row.cells {
                let tests = cell
                    .tests
                    .iter()
                    .map(|test| match test {
                        CellTest::Equal(value) => GraphTest::Equal(self.one(task, *value)),
                        CellTest::Range { low, low_open, high, high_open } => GraphTest::Range {
                            low: low.map(|e| self.one(task, e)),
                            low_open: *low_open,
                            high: high.map(|e| self.one(task, e)),
                            high_open: *high_open,
                        },
                        CellTest::Unknown => GraphTest::Unknown,
                    })
                    .collect();
                cells.push(GraphCell { tests, negated: cell.negated });
            }
            rows.push(GraphRow { cells, outputs: self.many(task, &row.outputs) });
        }
        let otherwise = self.many(task, &table.otherwise);
        if table.policy == HitPolicy::Collect(Collect::List) {
            return self.collected(&inputs, &rows, &otherwise, table);
        }
        let graph_table = GraphTable {
            name: Arc::clone(&table.name),
            policy: table.policy,
            inputs,
            rows,
            otherwise,
            ranking: table.ranking.clone(),
            index: None,
            exclusive: false,
        };
        let (index, exclusive) = index::index(&graph_table, &|node| self.graph.constant(node));
        let graph_table = GraphTable { index, exclusive, ..graph_table };
        let number = self.graph.tables.len();
        self.graph.tables.push(graph_table);
        let outputs = if table.policy == HitPolicy::Collect(Collect::Count) { 1 } else { table.outputs.len() };
        let mut nodes = Vec::new();
        for output in 0..outputs {
            let reads = self.graph.tables.get(number).map_or(Vec::new(), |t| table_inputs(t, output));
            let frame = self.join(reads);
            nodes.push(self.node(Op::Table { table: number, output }, frame, Some(table.span)));
        }
        match nodes.as_slice() {
            [one] => Lowered::One(*one),
            _ => Lowered::Record(table.outputs.iter().map(|(n, _)| Arc::clone(n)).zip(nodes).collect()),
        }
    }
}

/// Lists that tables collect.
impl Lowering<'_> {
    /// The values of the rows that match, in the order of the rows or of the ranking.
    fn collected(&mut self, inputs: &[NodeId], rows: &[GraphRow], otherwise: &[NodeId], table: &Table) -> Lowered {
        let mut out: Vec<(NodeId, NodeId)> = Vec::new();
        for row in rows {
            let mut tests = Vec::new();
            for (cell, input) in row.cells.iter().zip(inputs) {
                tests.push(self.cell(cell, *input));
            }
            let presence = self.junction(&tests, true);
            out.extend(row.outputs.first().map(|value| (presence, *value)));
        }
        if let Some(otherwise) = otherwise.first() {
            let matched: Vec<NodeId> = out.iter().map(|(p, _)| *p).collect();
            let any = self.junction(&matched, false);
            let none = self.not(any);
            out.push((none, *otherwise));
        }
        if !table.ranking.is_empty() {
            let rank = |lowering: &Self, value: NodeId| match lowering.op(value) {
                Op::Constant(value) => table.ranking.iter().position(|r| r == value).unwrap_or(usize::MAX),
                _ => usize::MAX,
            };
            out.sort_by_key(|(_, value)| rank(self, *value));
        }
        Lowered::Values(out)
    }

    fn cell(&mut self, cell: &GraphCell, input: NodeId) -> NodeId {
        let mut tests = Vec::new();
        for test in &cell.tests {
            tests.push(match test {
                GraphTest::Equal(value) => self.apply(Function::Equal, vec![input, *value], None),
                GraphTest::Range { low, low_open, high, high_open } => {
                    let mut ends = Vec::new();
                    if let Some(low) = low {
                        let function = if *low_open { Function::Less } else { Function::LessEqual };
                        ends.push(self.apply(function, vec![*low, input], None));
                    }
                    if let Some(high) = high {
                        let function = if *high_open { Function::Less } else { Function::LessEqual };
                        ends.push(self.apply(function, vec![input, *high], None));
                    }
                    self.junction(&ends, true)
                }
                GraphTest::Unknown => {
                    let frame = self.frame_of(input);
                    self.node(Op::State(StateTest::Unknown, input), frame, None)
                }
            });
        }
        if tests.is_empty() {
            return self.constant(Value::Boolean(true));
        }
        let any = self.junction(&tests, false);
        if cell.negated { self.not(any) } else { any }
    }
}

/// The variable that stands for an argument where free variables are counted.
fn argument_var(n: usize) -> Var {
    Var(u32::MAX.saturating_sub(u32::try_from(n).unwrap_or(0)))
}

/// The expressions that an expression is made of.
pub(crate) fn operands(kind: &Kind) -> Vec<ExprRef> {
    match kind {
        Kind::Constant(_)
        | Kind::Var(_)
        | Kind::Argument(_)
        | Kind::AsOf
        | Kind::KnownOn
        | Kind::Pending(_)
        | Kind::Broken => Vec::new(),
        Kind::Root(a) | Kind::Parent(a) | Kind::Not(a) | Kind::State(_, a) => vec![*a],
        Kind::Field { of, .. } | Kind::Outcome { of, .. } | Kind::Output { of, .. } | Kind::RecordField { of, .. } => {
            vec![*of]
        }
        Kind::Definition { of, arguments, .. } => std::iter::once(*of).chain(arguments.iter().copied()).collect(),
        Kind::Parameter { keys: list, .. }
        | Kind::Apply(_, list)
        | Kind::And(list)
        | Kind::Or(list)
        | Kind::List(list) => list.clone(),
        Kind::Assume(a, b) | Kind::OrElse(a, b) => vec![*a, *b],
        Kind::If { arms, otherwise } => arms.iter().flat_map(|(a, b)| [*a, *b]).chain([*otherwise]).collect(),
        Kind::Contains { list, item } => vec![*list, *item],
        Kind::Where { list, condition: body, .. }
        | Kind::Each { list, value: body, .. }
        | Kind::SortBy { list, key: body, .. } => {
            vec![*list, *body]
        }
        Kind::Top { list, count } => vec![*list, *count],
        Kind::Aggregate { list, empty, .. } => std::iter::once(*list).chain(*empty).collect(),
        Kind::Element { list, .. } => vec![*list],
    }
}

/// Keys of a parameter as a message shows them.
fn key_text(program: &Program, parameter: ParameterId, keys: &[Value]) -> Arc<str> {
    let names: Vec<Vec<Arc<str>>> =
        program.parameters[parameter].keys.iter().map(|(_, ty)| key_names(program, ty)).collect();
    text_of_keys(&names, keys)
}

fn key_names(program: &Program, ty: &Type) -> Vec<Arc<str>> {
    match ty.required() {
        Type::Enum(id) => program.enums[*id].members.iter().map(|m| Arc::clone(&m.name)).collect(),
        _ => Vec::new(),
    }
}

/// Keys as a message shows them; `names` are those of the members of enums.
pub(crate) fn text_of_keys(names: &[Vec<Arc<str>>], keys: &[Value]) -> Arc<str> {
    let texts: Vec<String> = keys
        .iter()
        .zip(names)
        .map(|(key, names)| match key {
            Value::Enum(n) => names.get(*n as usize).map(ToString::to_string).unwrap_or_default(),
            Value::Text(text) => format!("`{text}`"),
            Value::Number(n) => n.to_string(),
            Value::Date(d) => d.to_string(),
            Value::Boolean(b) => if *b { "yes" } else { "no" }.to_owned(),
            Value::Duration(d) => d.to_string(),
            Value::Element(_) => String::new(),
            Value::None => "none".to_owned(),
        })
        .collect();
    texts.join(", ").into()
}
