//! The reference: rules evaluated as they are written, one expression after another, for one household of which all is
//! known. Slow and obvious, over the program and not over its graph, it shares with the evaluator nothing but the
//! definition of each operator on known values.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::arena::Id;
use crate::facts::Case;
use crate::graph::Day;
use crate::program::*;
use crate::syntax::{Collect, OutcomeWord, StateTest};
use crate::value::{Calendar, Decimal, FaultKind, Function, LeapDay, MonthEnd, Value};

/// A value, or why there is none.
pub(super) type Answer = Result<Value, FaultKind>;

#[derive(Clone, Debug)]
pub(super) enum Naive {
    One(Answer),
    List(List),
    Record(Vec<Answer>),
}

/// The items of a list; those that do not count stay in it.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    items: Vec<Item>,
    ordered: bool,
    /// Values named one by one, not elements of the facts.
    named: bool,
}

#[derive(Clone, Debug)]
struct Item {
    counts: Answer,
    value: Answer,
    /// The outputs of a row that a table collected.
    record: Vec<Answer>,
    key: Option<(Answer, bool)>,
}

/// One household and the rules of a day.
pub(crate) struct Reference<'p> {
    pub program: &'p Program,
    pub case: &'p Case,
    pub day: Day,
}

/// What the names of a body stand for.
#[derive(Clone)]
struct Scope {
    owner: Value,
    arguments: Vec<Naive>,
    vars: BTreeMap<Var, Naive>,
}

fn yes() -> Answer {
    Ok(Value::Boolean(true))
}

fn boolean(b: bool) -> Answer {
    Ok(Value::Boolean(b))
}

fn is_true(answer: &Answer) -> bool {
    *answer == yes()
}

fn is_false(answer: &Answer) -> bool {
    *answer == boolean(false)
}

fn number(n: usize) -> Value {
    Value::Number(Decimal::from(i64::try_from(n).unwrap()))
}

fn first_fault<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Option<FaultKind> {
    answers.into_iter().filter_map(|a| a.as_ref().err()).min().cloned()
}

/// A no decides, then a fault, then yes.
fn all(list: &[Answer]) -> Answer {
    match first_fault(list) {
        _ if list.iter().any(is_false) => boolean(false),
        Some(fault) => Err(fault),
        None => yes(),
    }
}

fn some(list: &[Answer]) -> Answer {
    match first_fault(list) {
        _ if list.iter().any(is_true) => yes(),
        Some(fault) => Err(fault),
        None => boolean(false),
    }
}

fn not(answer: &Answer) -> Answer {
    answer.clone().map(|v| Value::Boolean(v != Value::Boolean(true)))
}

impl Reference<'_> {
    fn calendar(&self) -> Calendar {
        self.program.calendar.unwrap_or(Calendar { leap_day: LeapDay::March1, month_end: MonthEnd::Clip })
    }

    fn apply(&self, function: Function, operands: &[Answer]) -> Answer {
        if let Some(fault) = first_fault(operands) {
            return Err(fault);
        }
        let values: Vec<&Value> = operands.iter().map(|a| a.as_ref().unwrap()).collect();
        function.apply(&values, self.calendar())
    }

    /// A definition of an element, by its identity.
    pub(super) fn definition(&self, id: DefinitionId, owner: &Answer, arguments: Vec<Naive>) -> Naive {
        let definition = &self.program.definitions[id];
        let owner = match owner {
            Ok(Value::None) => return Naive::One(Err(FaultKind::NoneUsed)),
            Err(fault) => return Naive::One(Err(fault.clone())),
            Ok(owner) => owner.clone(),
        };
        let version = version_on(&definition.versions, |v| &v.period, self.day.as_of, self.day.known_on);
        let Some(version) = version else {
            let name = Arc::clone(&definition.declared.name);
            return Naive::One(Err(FaultKind::NoVersion { name, on: self.day.as_of }));
        };
        let scope = Scope { owner, arguments, vars: BTreeMap::new() };
        match &version.value {
            DefinitionValue::Expr(body) => self.body(body, &scope),
            DefinitionValue::Table(table) => self.table(&self.program.tables[*table], &scope),
        }
    }

    fn body(&self, body: &ExprBody, scope: &Scope) -> Naive {
        self.eval(body, body.root().unwrap(), scope)
    }

    /// Whether all that a programme requires holds and nothing that it refuses.
    pub(crate) fn eligible(&self, id: ProgrammeId, owner: &Value) -> Answer {
        let programme = &self.program.programmes[id];
        let at = |v: &Vec<ProgrammeVersion>| version_on(v, |v| &v.period, self.day.as_of, self.day.known_on).cloned();
        let Some(version) = at(&programme.versions) else { return boolean(false) };
        let scope = Scope { owner: owner.clone(), arguments: Vec::new(), vars: BTreeMap::new() };
        let mut conditions = Vec::new();
        conditions.extend(version.requires.iter().map(|c| self.body(&c.body, &scope).one()));
        conditions.extend(version.refuses.iter().map(|c| not(&self.body(&c.body, &scope).one())));
        for (other, declared) in self.program.programmes.iter() {
            if at(&declared.versions).is_some_and(|v| v.excludes.contains(&id)) {
                conditions.push(not(&self.eligible(other, owner)));
            }
        }
        all(&conditions)
    }

    pub(crate) fn output(&self, id: ProgrammeId, output: usize, owner: &Value) -> Answer {
        let programme = &self.program.programmes[id];
        let scope = Scope { owner: owner.clone(), arguments: Vec::new(), vars: BTreeMap::new() };
        let version = version_on(&programme.versions, |v| &v.period, self.day.as_of, self.day.known_on);
        match version.and_then(|v| v.gives.iter().find(|(o, _)| *o == output)) {
            Some((_, body)) => self.body(body, &scope).one(),
            None => {
                let name = Arc::clone(&programme.outputs[output].name);
                Err(FaultKind::NoVersion { name, on: self.day.as_of })
            }
        }
    }

    fn eval(&self, body: &ExprBody, id: ExprRef, scope: &Scope) -> Naive {
        let one = |id: &ExprRef| self.eval(body, *id, scope).one();
        let many = |ids: &[ExprRef]| ids.iter().map(one).collect::<Vec<_>>();
        Naive::One(match &body[id].kind {
            Kind::Constant(value) => Ok(value.clone()),
            Kind::Var(Var::OWNER) => Ok(scope.owner.clone()),
            Kind::Var(var) => return scope.vars[var].clone(),
            Kind::Argument(n) => return scope.arguments[*n].clone(),
            Kind::AsOf => Ok(Value::Date(self.day.as_of)),
            Kind::KnownOn => Ok(Value::Date(self.day.known_on)),
            Kind::Root(_) => Ok(Value::Element(0)),
            Kind::Parent(of) => self.parent(one(of), &body[*of].ty, &body[id].ty),
            Kind::Field { of, entity, field } => return self.field(one(of), *entity, *field),
            Kind::Definition { of, definition, arguments } => {
                let arguments = arguments.iter().map(|a| self.eval(body, *a, scope)).collect();
                return self.definition(*definition, &one(of), arguments);
            }
            Kind::Parameter { parameter, keys } => return self.parameter(*parameter, many(keys)),
            Kind::Outcome { of, programme, outcome } => {
                let eligible = match one(of) {
                    Ok(owner) => self.eligible(*programme, &owner),
                    Err(fault) => Err(fault),
                };
                match outcome {
                    OutcomeWord::Eligible => eligible,
                    OutcomeWord::NotEligible => not(&eligible),
                    OutcomeWord::Undetermined => boolean(false),
                    OutcomeWord::Error => boolean(eligible.is_err()),
                }
            }
            Kind::Output { of, programme, output } => match one(of) {
                Ok(owner) => self.output(*programme, *output, &owner),
                Err(fault) => Err(fault),
            },
            Kind::RecordField { of, output, .. } => match self.eval(body, *of, scope) {
                Naive::Record(list) => list[*output].clone(),
                Naive::One(answer) => answer,
                Naive::List(mut list) => {
                    for item in &mut list.items {
                        item.value = item.record.get(*output).unwrap_or(&item.value).clone();
                    }
                    return Naive::List(list);
                }
            },
            Kind::Apply(function, operands) => self.apply(*function, &many(operands)),
            Kind::Not(of) => not(&one(of)),
            Kind::And(list) => all(&many(list)),
            Kind::Or(list) => some(&many(list)),
            Kind::State(test, of) => one(of).map(|value| match test {
                StateTest::Known => Value::Boolean(true),
                StateTest::Unknown => Value::Boolean(false),
                StateTest::None => Value::Boolean(value == Value::None),
            }),
            Kind::Assume(of, _) => one(of),
            Kind::OrElse(of, other) => match one(of) {
                Ok(Value::None) => one(other),
                answer => answer,
            },
            Kind::If { arms, otherwise } => return self.choice(body, arms, *otherwise, scope),
            Kind::Exceptions { exceptions, otherwise } => {
                let conditions: Vec<Answer> = exceptions.iter().map(|(c, _, _)| one(c)).collect();
                let values: Vec<Answer> = exceptions
                    .iter()
                    .zip(&conditions)
                    .filter(|(_, holds)| is_true(holds))
                    .map(|((_, value, _), _)| one(value))
                    .collect();
                let same = |v: &Answer| self.apply(Function::Equal, &[values[0].clone(), v.clone()]);
                match first_fault(conditions.iter().chain(&values)) {
                    Some(fault) => Err(fault),
                    None if values.is_empty() => one(otherwise),
                    None if values.iter().all(|v| is_true(&same(v))) => values[0].clone(),
                    None => Err(FaultKind::Conflict { exceptions: ("".into(), "".into()) }),
                }
            }
            Kind::List(list) => {
                let item = |value| Item { counts: yes(), value, record: Vec::new(), key: None };
                let items = many(list).into_iter().map(item).collect();
                return Naive::List(List { items, ordered: false, named: true });
            }
            Kind::Contains { list, item } => {
                let item = one(item);
                match self.eval(body, *list, scope) {
                    Naive::List(list) => {
                        let holds = |i: &Item| {
                            let equal = self.apply(Function::Equal, &[i.value.clone(), item.clone()]);
                            all(&[i.counts.clone(), equal])
                        };
                        some(&list.items.iter().map(holds).collect::<Vec<_>>())
                    }
                    other => other.one(),
                }
            }
            Kind::Where { list, var, condition } => {
                return self.through(body, *list, scope, *var, |item, inner| {
                    let holds = self.eval(body, *condition, inner).one();
                    item.counts = all(&[item.counts.clone(), holds]);
                });
            }
            Kind::Each { list, var, value } => {
                return self.through(body, *list, scope, *var, |item, inner| {
                    item.value = self.eval(body, *value, inner).one();
                });
            }
            Kind::SortBy { list, var, key, descending } => {
                let sorted = self.through(body, *list, scope, *var, |item, inner| {
                    item.key = Some((self.eval(body, *key, inner).one(), *descending));
                });
                return match sorted {
                    Naive::List(list) => Naive::List(List { ordered: true, ..list }),
                    other => other,
                };
            }
            Kind::Top { list, count } => {
                let count = one(count);
                return match self.eval(body, *list, scope) {
                    Naive::List(list) => Naive::List(top(list, &count)),
                    other => other,
                };
            }
            Kind::Aggregate { function, list, empty } => match self.eval(body, *list, scope) {
                Naive::List(list) => self.aggregate(*function, &list, empty.as_ref().map(one)),
                other => other.one(),
            },
            Kind::Element { list, at } => match (self.eval(body, *list, scope), at) {
                (Naive::List(list), ElementAt::Position(n)) => list.items[*n].value.clone(),
                other => panic!("{other:?}"),
            },
            Kind::Pending(_) | Kind::Broken => panic!("no program has one"),
        })
    }

    fn parent(&self, of: Answer, child: &Type, parent: &Type) -> Answer {
        let (Type::Element(child), Type::Element(parent)) = (child.required(), parent.required()) else { panic!() };
        if *parent == self.program.root {
            return Ok(Value::Element(0));
        }
        match of? {
            Value::Element(row) => {
                let holder = self.case.tables[child.index()].rows[row as usize].holder.unwrap();
                Ok(Value::Element(holder.2))
            }
            _ => Err(FaultKind::NoneUsed),
        }
    }

    fn field(&self, of: Answer, entity: EntityId, field: usize) -> Naive {
        let row = match of {
            Ok(Value::Element(row)) => row,
            Ok(_) => return Naive::One(Err(FaultKind::NoneUsed)),
            Err(fault) => return Naive::One(Err(fault)),
        };
        match &self.program.entities[entity].fields[field].shape {
            FieldShape::List { item, .. } => {
                let list = self.case.list(entity, field, row).unwrap();
                let scalar = self.program.entities[*item].is_scalar_item;
                let of = |row: u32| Item {
                    counts: yes(),
                    value: if scalar {
                        self.field(Ok(Value::Element(row)), *item, 0).one()
                    } else {
                        Ok(Value::Element(row))
                    },
                    record: Vec::new(),
                    key: None,
                };
                let items = (list.start..list.start + list.count).map(of).collect();
                Naive::List(List { items, ordered: false, named: false })
            }
            _ => {
                let fact = self.case.fact(entity, field, row).unwrap();
                Naive::One(Ok(fact.value().expect("all facts are known").clone()))
            }
        }
    }

    fn parameter(&self, id: ParameterId, keys: Vec<Answer>) -> Naive {
        let parameter = &self.program.parameters[id];
        let fault = |fault: FaultKind| match (&parameter.ty, keys.is_empty()) {
            // Which list it is hangs on the keys: it holds at least something that cannot be given.
            (Type::List(_), false) => {
                let item = Item { counts: Err(fault.clone()), value: Err(fault), record: Vec::new(), key: None };
                Naive::List(List { items: vec![item], ordered: false, named: true })
            }
            _ => Naive::One(Err(fault)),
        };
        if let Some(first) = first_fault(&keys) {
            return fault(first);
        }
        let keys: Vec<Value> = keys.iter().map(|k| k.clone().unwrap()).collect();
        let versions = parameter.values.iter().find(|v| v.keys == keys).map_or(&[][..], |v| &v.versions);
        let version = version_on(versions, |v| &v.period, self.day.as_of, self.day.known_on);
        match version.map(|v| &v.value).or(parameter.default.as_ref()) {
            Some(Constant::One(value)) => Naive::One(Ok(value.clone())),
            Some(Constant::List(values)) => {
                let item = |v: &Value| Item { counts: yes(), value: Ok(v.clone()), record: Vec::new(), key: None };
                Naive::List(List { items: values.iter().map(item).collect(), ordered: false, named: true })
            }
            None => {
                let (name, on) = (Arc::clone(&parameter.declared.name), self.day.as_of);
                fault(match keys.is_empty() {
                    true => FaultKind::NoVersion { name, on },
                    false => FaultKind::NoValue { name, keys: "".into(), on },
                })
            }
        }
    }

    fn choice(&self, body: &ExprBody, arms: &[(ExprRef, ExprRef)], otherwise: ExprRef, scope: &Scope) -> Naive {
        for (index, (condition, value)) in arms.iter().enumerate() {
            let holds = self.eval(body, *condition, scope).one();
            let Err(fault) = &holds else {
                if is_true(&holds) {
                    return self.eval(body, *value, scope);
                }
                continue;
            };
            // It cannot be said which of the lists it is: nor whether their items count.
            let values = arms[index..].iter().map(|(_, v)| *v).chain([otherwise]);
            let mut lists = values.map(|v| self.eval(body, v, scope));
            let Some(Naive::List(mut list)) = lists.next() else { return Naive::One(Err(fault.clone())) };
            for more in lists {
                match more {
                    Naive::List(more) if list.named => list.items.extend(more.items),
                    _ => {}
                }
            }
            for item in &mut list.items {
                if list.named {
                    item.counts = all(&[item.counts.clone(), Err(fault.clone())]);
                } else {
                    (item.counts, item.value) = (Err(fault.clone()), Err(fault.clone()));
                }
            }
            return Naive::List(list);
        }
        self.eval(body, otherwise, scope)
    }

    /// Changes each item of a list, with a name for its value.
    fn through(
        &self,
        body: &ExprBody,
        list: ExprRef,
        scope: &Scope,
        var: Var,
        change: impl Fn(&mut Item, &Scope),
    ) -> Naive {
        let mut list = match self.eval(body, list, scope) {
            Naive::List(list) => list,
            fault => return fault,
        };
        for item in &mut list.items {
            let mut inner = scope.clone();
            inner.vars.insert(var, Naive::One(item.value.clone()));
            change(item, &inner);
        }
        Naive::List(list)
    }

    fn aggregate(&self, function: Aggregate, list: &List, empty: Option<Answer>) -> Answer {
        match function {
            Aggregate::Any | Aggregate::None => {
                let each: Vec<Answer> = list.items.iter().map(|i| all(&[i.counts.clone(), i.value.clone()])).collect();
                return if function == Aggregate::Any { some(&each) } else { not(&some(&each)) };
            }
            Aggregate::Every => {
                let each: Vec<Answer> = list.items.iter().map(|i| some(&[not(&i.counts), i.value.clone()])).collect();
                return all(&each);
            }
            _ => {}
        }
        let counted: Vec<&Item> = list.items.iter().filter(|i| !is_false(&i.counts)).collect();
        let presence = counted.iter().map(|i| &i.counts);
        if function == Aggregate::Count {
            return match first_fault(presence) {
                Some(fault) => Err(fault),
                None => Ok(number(counted.len())),
            };
        }
        let keys = counted.iter().filter_map(|i| i.key.as_ref().map(|(k, _)| k));
        if let Some(fault) = first_fault(presence.chain(counted.iter().map(|i| &i.value)).chain(keys)) {
            return Err(fault);
        }
        let values: Vec<Value> = counted.iter().map(|i| i.value.clone().unwrap()).collect();
        if function == Aggregate::Sum {
            return self.sum(&values);
        }
        if values.is_empty() {
            return empty.unwrap_or(Err(FaultKind::Empty { function: function.word() }));
        }
        match function {
            Aggregate::Min => Ok(values.into_iter().min().unwrap()),
            Aggregate::Max => Ok(values.into_iter().max().unwrap()),
            Aggregate::Average => {
                let count = Ok(number(values.len()));
                self.apply(Function::Divide, &[self.sum(&values), count])
            }
            Aggregate::Median => {
                let mut values = values;
                values.sort();
                let middle = values.len() / 2;
                if values.len() % 2 == 1 {
                    return Ok(values[middle].clone());
                }
                self.apply(Function::Divide, &[self.sum(&values[middle - 1..=middle]), Ok(number(2))])
            }
            _ => {
                let mut counted = counted;
                counted.sort_by(|a, b| key_order(a, b));
                let chosen = if function == Aggregate::First { counted[0] } else { counted[counted.len() - 1] };
                let tied = |i: &Item| i.key.is_some() && key_order(i, chosen) == Ordering::Equal;
                if counted.iter().any(|i| tied(i) && i.value != chosen.value) {
                    return Err(FaultKind::Tie);
                }
                chosen.value.clone()
            }
        }
    }

    fn sum(&self, values: &[Value]) -> Answer {
        let add = |sum: Answer, v: &Value| self.apply(Function::Add, &[sum, Ok(v.clone())]);
        values.iter().fold(Ok(number(0)), add)
    }

    fn table(&self, table: &Table, scope: &Scope) -> Naive {
        let one = |id: &ExprRef| self.eval(&table.body, *id, scope).one();
        let inputs: Vec<Answer> = table.inputs.iter().map(one).collect();
        let matches = |row: &Row| {
            let cells = row.cells.iter().zip(&inputs).map(|(cell, input)| self.cell(cell, input, &one));
            all(&cells.collect::<Vec<_>>())
        };
        let found: Vec<Answer> = table.rows.iter().map(matches).collect();
        let outputs = |output: usize| -> Vec<Answer> { table.rows.iter().map(|r| one(&r.outputs[output])).collect() };
        let otherwise: Vec<Answer> = table.otherwise.iter().map(one).collect();
        let several = if table.policy == HitPolicy::Collect(Collect::Count) { 1 } else { table.outputs.len() };
        if table.policy == HitPolicy::Collect(Collect::List) {
            let columns: Vec<Vec<Answer>> = (0..several).map(outputs).collect();
            let record = |row: usize| columns.iter().map(|c| c[row].clone()).collect::<Vec<_>>();
            let item = |(row, counts): (usize, &Answer)| {
                let record = record(row);
                Item { counts: counts.clone(), value: record[0].clone(), record, key: None }
            };
            let mut items: Vec<Item> = found.iter().enumerate().map(item).collect();
            if !otherwise.is_empty() {
                let counts = not(&some(&found));
                items.push(Item { counts, value: otherwise[0].clone(), record: otherwise, key: None });
            }
            let rank = |v: &Answer| table.ranking.iter().position(|r| Ok(r) == v.as_ref()).unwrap_or(usize::MAX);
            items.sort_by_key(|i| if table.ranking.is_empty() { 0 } else { rank(&i.value) });
            return Naive::List(List { items, ordered: false, named: true });
        }
        let ranks = outputs(0);
        let answers: Vec<Answer> = (0..several)
            .map(|output| self.row(table, &found, &outputs(output), &ranks, otherwise.get(output).cloned()))
            .collect();
        if several == 1 { Naive::One(answers[0].clone()) } else { Naive::Record(answers) }
    }

    /// One output of a table.
    fn row(
        &self,
        table: &Table,
        found: &[Answer],
        values: &[Answer],
        ranks: &[Answer],
        otherwise: Option<Answer>,
    ) -> Answer {
        let mut kept: Vec<usize> = (0..found.len()).filter(|r| !is_false(&found[*r])).collect();
        let no_row = FaultKind::NoRow { table: Arc::clone(&table.name) };
        let several = || Err(FaultKind::SeveralRows { table: Arc::clone(&table.name), rows: (0, 0) });
        if let HitPolicy::Collect(collect) = table.policy {
            let item = |r: &usize| Item {
                counts: found[*r].clone(),
                value: values[*r].clone(),
                record: Vec::new(),
                key: None,
            };
            let list = List { items: kept.iter().map(item).collect(), ordered: false, named: true };
            let function = match collect {
                Collect::Sum => Aggregate::Sum,
                Collect::Min => Aggregate::Min,
                Collect::Max => Aggregate::Max,
                Collect::Count | Collect::List => Aggregate::Count,
            };
            return match otherwise {
                Some(otherwise) if kept.is_empty() => otherwise,
                _ => self.aggregate(function, &list, None),
            };
        }
        if kept.is_empty() {
            return otherwise.unwrap_or(Err(no_row));
        }
        match table.policy {
            HitPolicy::First => match &found[kept[0]] {
                Err(fault) => Err(fault.clone()),
                Ok(_) => values[kept[0]].clone(),
            },
            HitPolicy::Unique => match first_fault(kept.iter().map(|r| &found[*r])) {
                Some(fault) => Err(fault),
                None if kept.len() > 1 => several(),
                None => values[kept[0]].clone(),
            },
            _ => {
                if table.policy == HitPolicy::Priority {
                    let place = |r: usize| match &ranks[r] {
                        Err(_) => None,
                        Ok(v) => Some(table.ranking.iter().position(|x| x == v).unwrap_or(usize::MAX)),
                    };
                    let best = kept.iter().filter(|r| is_true(&found[**r])).filter_map(|r| place(*r)).min();
                    kept.retain(|r| place(*r).is_none_or(|p| best.is_none_or(|best| p <= best)));
                }
                let told = kept.iter().flat_map(|r| {
                    let by = (table.policy == HitPolicy::Priority).then_some(&ranks[*r]);
                    let value = is_true(&found[*r]).then_some(&values[*r]);
                    [Some(&found[*r]), value, by.filter(|_| is_true(&found[*r]))].into_iter().flatten()
                });
                if let Some(fault) = first_fault(told) {
                    return Err(fault);
                }
                let first = &values[kept[0]];
                if kept.iter().any(|r| values[*r] != *first) { several() } else { first.clone() }
            }
        }
    }

    fn cell(&self, cell: &CellTests, input: &Answer, one: &impl Fn(&ExprRef) -> Answer) -> Answer {
        if cell.tests.is_empty() {
            return yes();
        }
        let compare = |open: bool, a: Answer, b: Answer| {
            self.apply(if open { Function::Less } else { Function::LessEqual }, &[a, b])
        };
        let test = |test: &CellTest| match test {
            CellTest::Equal(value) => self.apply(Function::Equal, &[input.clone(), one(value)]),
            CellTest::Unknown => input.clone().map(|_| Value::Boolean(false)),
            CellTest::Range { .. } if *input == Ok(Value::None) => boolean(false),
            CellTest::Range { low, low_open, high, high_open } => {
                let low = low.iter().map(|low| compare(*low_open, one(low), input.clone()));
                let high = high.iter().map(|high| compare(*high_open, input.clone(), one(high)));
                all(&low.chain(high).collect::<Vec<_>>())
            }
        };
        let holds = some(&cell.tests.iter().map(test).collect::<Vec<_>>());
        if cell.negated { not(&holds) } else { holds }
    }
}

impl Naive {
    pub(super) fn one(self) -> Answer {
        match self {
            Naive::One(answer) => answer,
            other => panic!("one value: {other:?}"),
        }
    }

    /// The outputs of a table's record; each the same fault where there is no version.
    pub(super) fn record(self) -> Vec<Answer> {
        match self {
            Naive::Record(list) => list,
            Naive::One(answer) => vec![answer],
            other @ Naive::List(_) => panic!("a record: {other:?}"),
        }
    }

    /// The values of a list's items that count, in order; a fault where it cannot be said which do.
    pub(super) fn list(self) -> Result<Vec<Answer>, FaultKind> {
        let Naive::List(list) = self else { panic!("a list: {self:?}") };
        let mut items: Vec<&Item> = list.items.iter().filter(|i| !is_false(&i.counts)).collect();
        if let Some(fault) = first_fault(items.iter().map(|i| &i.counts)) {
            return Err(fault);
        }
        items.sort_by(|a, b| key_order(a, b));
        Ok(items.into_iter().map(|i| i.value.clone()).collect())
    }
}

fn key_order(a: &Item, b: &Item) -> Ordering {
    match (&a.key, &b.key) {
        (Some((Ok(a), true)), Some((Ok(b), _))) => b.cmp(a),
        (Some((Ok(a), false)), Some((Ok(b), _))) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

/// The first so many by the order, else the greatest values; elements without an order as the facts list them.
fn top(mut list: List, count: &Answer) -> List {
    let counted: Vec<usize> = (0..list.items.len()).filter(|i| !is_false(&list.items[*i].counts)).collect();
    let by = |item: &Item| match &item.key {
        Some((key, down)) if list.ordered => Some((key.clone(), *down)),
        _ if list.ordered || matches!(item.value, Ok(Value::Element(_))) => None,
        _ => Some((item.value.clone(), true)),
    };
    let ranks: Vec<Option<(Answer, bool)>> = list.items.iter().map(by).collect();
    let told = counted.iter().flat_map(|i| {
        let rank = ranks[*i].as_ref().map(|(key, _)| key);
        std::iter::once(&list.items[*i].counts).chain(rank)
    });
    let fault = first_fault(told.chain([count]));
    if let Some(fault) = fault {
        for index in counted {
            list.items[index].counts = all(&[list.items[index].counts.clone(), Err(fault.clone())]);
        }
        return list;
    }
    let Ok(Value::Number(count)) = count else { panic!("a number: {count:?}") };
    let wanted = usize::try_from(count.to_i64().unwrap()).unwrap_or(0);
    let mut order = counted;
    order.sort_by(|a, b| match (&ranks[*a], &ranks[*b]) {
        (Some((Ok(a), true)), Some((Ok(b), _))) => b.cmp(a),
        (Some((Ok(a), false)), Some((Ok(b), _))) => a.cmp(b),
        _ => Ordering::Equal,
    });
    for index in order.into_iter().skip(wanted) {
        list.items[index].counts = boolean(false);
    }
    list
}
