//! A program piece by piece, in the terms in which its rules are written: what the fingerprint hashes and a diff compares.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::program::*;
use crate::source::Span;
use crate::syntax::{Collect, Lang};
use crate::value::{Date, Duration};

use super::canon::{Canon, cell_text, constant_text, declared, part_text, type_text, value_text};

/// What a piece of the rules is to the piece that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Aspect {
    // Declarations.
    Ruleset,
    Enum,
    Source,
    Format,
    Entity,
    Parameter,
    Definition,
    Criterion,
    Table,
    Programme,
    // Their pieces.
    Currency,
    Calendar,
    Label,
    Basis,
    Appeal,
    Reason,
    Order,
    Member,
    Part,
    Codes,
    Fresh,
    Unverified,
    Root,
    Key,
    Field,
    Type,
    Range,
    Count,
    Default,
    Column,
    Sources,
    Inverse,
    Acyclic,
    Verified,
    Fixed,
    Keys,
    Entry,
    Owner,
    Arguments,
    Version,
    From,
    Until,
    Enacted,
    Value,
    Exception,
    To,
    Condition,
    Priority,
    Policy,
    Input,
    Output,
    Otherwise,
    Ranking,
    Rows,
    Row,
    Requires,
    Refuses,
    Excludes,
    Gives,
    /// Where a row stands among the others: told by diffs alone.
    Position,
}

impl Aspect {
    /// Whether it is said to people alone: no decision, only how it reads, hangs on it.
    pub(crate) fn is_wording(self) -> bool {
        matches!(self, Aspect::Label | Aspect::Basis | Aspect::Appeal | Aspect::Reason | Aspect::Order)
    }
}

/// A piece among those that belong together: what it is and which one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub aspect: Aspect,
    pub name: Arc<str>,
}

/// How a piece is shown to a reader.
#[derive(Clone, Debug)]
pub(crate) enum Shown<'a> {
    Nothing,
    /// As the rules write it.
    Written(Span),
    /// A table or a scale as a whole, which is shown by its pieces alone.
    Table(Span),
    Text(Arc<str>),
    Value(&'a Constant, &'a Type),
    Duration(Duration),
    Type(&'a Type),
    /// A day, and whether it is there only because another version begins the day after.
    Day(Date, bool),
    Range(&'a Range, &'a Type),
    /// How many elements.
    Count(usize, Option<usize>),
    Names(Vec<Arc<str>>),
    Policy(HitPolicy),
    /// A cell of a table, and where the head of its column stands.
    Cell(&'a ExprBody, &'a CellTests, Span),
}

/// A declaration as it is told to the walk's listener.
pub(crate) struct Declaration {
    pub aspect: Aspect,
    pub module: Arc<str>,
    pub name: String,
    pub span: Option<Span>,
}

/// Listens to a walk over a program.
pub(crate) trait Listener<'a> {
    fn declaration(&mut self, declaration: Declaration);
    /// A piece made of pieces, which are told until `close`; whether the order in which they stand says something.
    fn open(&mut self, key: Key, is_ordered: bool, shown: Shown<'a>);
    fn close(&mut self);
    /// A piece with its meaning; two that mean the same have one text.
    fn piece(&mut self, key: Key, meaning: String, shown: Shown<'a>);
}

/// Tells of every declaration of a program, in an order of its own.
pub(crate) fn walk<'a>(program: &'a Program, to: &mut dyn Listener<'a>) {
    let mut walk = Walk { p: program, to };
    walk.ruleset();
    program.enums.values().for_each(|e| walk.enumeration(e));
    program.sources.values().for_each(|s| walk.source(s));
    program.formats.values().for_each(|f| walk.format(f));
    for (id, entity) in program.entities.iter().filter(|(_, e)| !e.is_scalar_item) {
        walk.entity(id, entity);
    }
    program.parameters.values().filter(|p| p.part_of.is_none()).for_each(|p| walk.parameter(p));
    program.definitions.values().filter(|d| d.part_of.is_none()).for_each(|d| walk.definition(d));
    program.programmes.values().for_each(|p| walk.programme(p));
}

struct Walk<'a, 't> {
    p: &'a Program,
    to: &'t mut dyn Listener<'a>,
}

impl<'a> Walk<'a, '_> {
    fn declare(&mut self, aspect: Aspect, name: String, of: &'a Declared) {
        let module = Arc::clone(&self.p.modules[of.module].name);
        self.to.declaration(Declaration { aspect, module, name, span: Some(of.span) });
        self.label(Aspect::Label, &of.label);
    }

    fn open(&mut self, aspect: Aspect, name: impl Into<Arc<str>>, shown: Shown<'a>) {
        self.to.open(Key { aspect, name: name.into() }, false, shown);
    }

    fn piece(&mut self, aspect: Aspect, name: impl Into<Arc<str>>, meaning: String, shown: Shown<'a>) {
        self.to.piece(Key { aspect, name: name.into() }, meaning, shown);
    }

    fn label(&mut self, aspect: Aspect, label: &'a Label) {
        for (lang, text) in [(Lang::En, &label.en), (Lang::Id, &label.id)] {
            if let Some(text) = text {
                self.piece(aspect, lang.tag(), text.to_string(), Shown::Text(Arc::clone(text)));
            }
        }
    }

    fn names(&mut self, aspect: Aspect, names: Vec<Arc<str>>) {
        if !names.is_empty() {
            self.piece(aspect, "", format!("{names:?}"), Shown::Names(names));
        }
    }

    fn ty(&mut self, name: impl Into<Arc<str>>, ty: &'a Type) {
        self.piece(Aspect::Type, name, type_text(self.p, ty), Shown::Type(ty));
    }

    fn body(&mut self, aspect: Aspect, name: impl Into<Arc<str>>, body: &'a ExprBody) {
        let shown = body.root().map_or(Shown::Nothing, |root| Shown::Written(body[root].span));
        self.piece(aspect, name, Canon::whole(self.p, body), shown);
    }

    fn ruleset(&mut self) {
        self.to.declaration(Declaration {
            aspect: Aspect::Ruleset,
            module: "".into(),
            name: String::new(),
            span: None,
        });
        if let Some(currency) = &self.p.currency {
            self.piece(Aspect::Currency, "", currency.to_string(), Shown::Text(Arc::clone(currency)));
        }
        if let Some(calendar) = &self.p.calendar {
            let text = calendar_text(calendar);
            self.piece(Aspect::Calendar, "", text.to_owned(), Shown::Text(text.into()));
        }
        self.to.close();
    }

    fn enumeration(&mut self, e: &'a EnumType) {
        self.declare(Aspect::Enum, e.declared.name.to_string(), &e.declared);
        for m in &e.members {
            self.open(Aspect::Member, Arc::clone(&m.name), Shown::Nothing);
            self.label(Aspect::Label, &m.label);
            let mut codes = m.codes.clone();
            codes.sort();
            self.names(Aspect::Codes, codes);
            self.to.close();
        }
        self.names(Aspect::Order, e.members.iter().map(|m| Arc::clone(&m.name)).collect());
        self.to.close();
    }

    fn source(&mut self, s: &'a SourceDeclared) {
        self.declare(Aspect::Source, s.declared.name.to_string(), &s.declared);
        if let Some(fresh) = s.fresh {
            self.piece(Aspect::Fresh, "", fresh.to_string(), Shown::Duration(fresh));
        }
        if !s.verifies {
            self.piece(Aspect::Unverified, "", String::new(), Shown::Nothing);
        }
        self.to.close();
    }

    fn format(&mut self, f: &'a TextFormat) {
        self.declare(Aspect::Format, f.declared.name.to_string(), &f.declared);
        // A fixed text is called by its place.
        let name = |(at, part): (usize, &FormatPart)| match &part.kind {
            PartKind::Fixed(_) => (at + 1).to_string().into(),
            PartKind::Digits { .. } | PartKind::Text { .. } => Arc::clone(&part.name),
        };
        for (at, part) in f.parts.iter().enumerate() {
            self.open(Aspect::Part, name((at, part)), Shown::Nothing);
            self.label(Aspect::Label, &part.label);
            let text = match &part.kind {
                PartKind::Fixed(text) => format!("fixed {text:?}"),
                PartKind::Text { count } => format!("text {count}"),
                PartKind::Digits { count, ranges } => {
                    let ranges: Vec<String> = ranges.iter().map(|(low, high)| format!("{low}..{high}")).collect();
                    format!("digits {count} {}", ranges.join(", ")).trim_end().to_owned()
                }
            };
            self.piece(Aspect::Value, "", text.clone(), Shown::Text(text.into()));
            self.to.close();
        }
        self.names(Aspect::Order, f.parts.iter().enumerate().map(name).collect());
        self.to.close();
    }

    fn field_format(&mut self, f: &'a Field) {
        if let Some(format) = f.format {
            let format = &self.p.formats[format].declared;
            self.piece(Aspect::Type, "format", declared(self.p, format), Shown::Text(Arc::clone(&format.name)));
        }
    }

    fn entity(&mut self, id: EntityId, e: &'a Entity) {
        self.declare(Aspect::Entity, e.declared.name.to_string(), &e.declared);
        if id == self.p.root {
            self.piece(Aspect::Root, "", String::new(), Shown::Nothing);
        }
        if let Some(key) = e.key.and_then(|k| e.fields.get(k)) {
            self.piece(Aspect::Key, "", key.name.to_string(), Shown::Text(Arc::clone(&key.name)));
        }
        // The columns of a record are those of its entity, which tells of them itself.
        let own: Vec<&'a Field> = e.own_fields().map(|(_, field)| field).collect();
        for f in &own {
            self.field(f);
        }
        self.names(Aspect::Order, own.iter().map(|f| Arc::clone(&f.name)).collect());
        self.to.close();
    }

    fn field(&mut self, f: &'a Field) {
        self.open(Aspect::Field, Arc::clone(&f.name), Shown::Nothing);
        self.label(Aspect::Label, &f.label);
        self.field_format(f);
        match &f.shape {
            FieldShape::Scalar { ty, range, default } => self.scalar(ty, range, default.as_ref()),
            FieldShape::List { item, least, most } => {
                let entity = &self.p.entities[*item];
                match entity.fields.first().filter(|_| entity.is_scalar_item).map(|f| &f.shape) {
                    Some(FieldShape::Scalar { ty, range, default }) => {
                        entity.fields.first().into_iter().for_each(|item| self.field_format(item));
                        self.piece(Aspect::Type, "list", type_text(self.p, ty), Shown::Type(ty));
                        self.scalar(ty, range, default.as_ref());
                    }
                    _ => self.piece(
                        Aspect::Type,
                        "list",
                        declared(self.p, &entity.declared),
                        Shown::Text(Arc::clone(&entity.declared.name)),
                    ),
                }
                self.piece(Aspect::Count, "", format!("{least}..{most:?}"), Shown::Count(*least, *most));
            }
            FieldShape::Record { entity, .. } => {
                let entity = &self.p.entities[*entity].declared;
                self.piece(Aspect::Type, "record", declared(self.p, entity), Shown::Text(Arc::clone(&entity.name)));
            }
        }
        if let Some(column) = &f.column {
            self.piece(Aspect::Column, "", column.to_string(), Shown::Text(Arc::clone(column)));
        }
        let sources = f.sources.iter().map(|s| Arc::clone(&self.p.sources[*s].declared.name)).collect();
        self.names(Aspect::Sources, sources);
        if let Some((entity, field)) = f.inverse {
            let other = self.p.entities[entity].fields.get(field);
            let name = other.map_or_else(|| Arc::from(""), |f| Arc::clone(&f.name));
            self.piece(Aspect::Inverse, "", name.to_string(), Shown::Text(name));
        }
        if f.acyclic {
            self.piece(Aspect::Acyclic, "", String::new(), Shown::Nothing);
        }
        if f.verified {
            self.piece(Aspect::Verified, "", String::new(), Shown::Nothing);
        }
        if f.fixed {
            self.piece(Aspect::Fixed, "", String::new(), Shown::Nothing);
        }
        self.to.close();
    }

    fn scalar(&mut self, ty: &'a Type, range: &'a Range, default: Option<&'a crate::value::Value>) {
        self.ty("", ty);
        if range.low.is_some() || range.high.is_some() {
            let end = |v: &Option<crate::value::Value>| v.as_ref().map(|v| value_text(self.p, v, ty));
            let text = format!("{:?} {:?} {}", end(&range.low), end(&range.high), range.open);
            self.piece(Aspect::Range, "", text, Shown::Range(range, ty));
        }
        if let Some(default) = default {
            let text = value_text(self.p, default, ty);
            self.piece(Aspect::Default, "", text.clone(), Shown::Text(text.into()));
        }
    }

    fn parameter(&mut self, p: &'a Parameter) {
        self.declare(Aspect::Parameter, p.declared.name.to_string(), &p.declared);
        self.ty("", &p.ty);
        let keys: Vec<String> = p.keys.iter().map(|(n, t)| format!("{n}: {}", type_text(self.p, t))).collect();
        if !keys.is_empty() {
            let names = p.keys.iter().map(|(n, _)| Arc::clone(n)).collect();
            self.piece(Aspect::Keys, "", keys.join(", "), Shown::Names(names));
        }
        if let Some(default) = &p.default {
            self.piece(Aspect::Default, "", constant_text(self.p, default, &p.ty), Shown::Value(default, &p.ty));
        }
        self.label(Aspect::Basis, &p.basis);
        for entry in &p.values {
            let keys = entry.keys.iter().zip(&p.keys).map(|(v, (_, ty))| value_text(self.p, v, ty));
            let name = keys.collect::<Vec<_>>().join(", ");
            self.open(Aspect::Entry, name, Shown::Nothing);
            let firsts: BTreeSet<Date> = entry.versions.iter().filter_map(|v| v.period.from).collect();
            for v in &entry.versions {
                self.version(&v.period, &firsts, Shown::Value(&v.value, &p.ty));
                self.piece(Aspect::Value, "", constant_text(self.p, &v.value, &p.ty), Shown::Value(&v.value, &p.ty));
                self.label(Aspect::Basis, &v.basis);
                self.act(v.act);
                self.to.close();
            }
            self.to.close();
        }
        // What acts make of it for some households.
        if let Some(bound) = p.bound {
            let meaning = part_text(self.p, bound);
            self.piece(Aspect::Condition, "", meaning.to_string(), Shown::Nothing);
        }
        self.to.close();
    }

    /// The label of the act that a version is of, which decisions name.
    fn act(&mut self, act: Option<ActId>) {
        if let Some(act) = act {
            self.label(Aspect::Label, &self.p.acts[act].label);
        }
    }

    fn version(&mut self, period: &Period, firsts: &BTreeSet<Date>, shown: Shown<'a>) {
        let mut name = period.from.map_or(String::new(), |d| d.to_string());
        if let Some(day) = period.enacted {
            name.push_str(&format!(" enacted {day}"));
        }
        if period.proposed {
            name.push_str(" proposed");
        }
        if period.repeals {
            name.push_str(" repealed");
        }
        self.open(Aspect::Version, name, shown);
        let next = period.until.and_then(|d| d.add_days(1));
        let implied = next.is_some_and(|d| firsts.contains(&d));
        let days = [
            (Aspect::From, period.from, false),
            (Aspect::Until, period.until, implied),
            (Aspect::Enacted, period.enacted, false),
        ];
        for (aspect, day, implied) in days {
            if let Some(day) = day {
                self.piece(aspect, "", day.to_string(), Shown::Day(day, implied));
            }
        }
    }

    fn definition(&mut self, d: &'a Definition) {
        let aspect = match d.kind {
            DefinitionKind::Define => Aspect::Definition,
            DefinitionKind::Criterion => Aspect::Criterion,
            DefinitionKind::Table => Aspect::Table,
        };
        self.declare(aspect, self.p.owned(d.owner, &d.declared.name), &d.declared);
        self.ty("", &d.ty);
        let arguments: Vec<String> = d.arguments.iter().map(|(_, ty)| type_text(self.p, ty)).collect();
        if !arguments.is_empty() {
            let names = d.arguments.iter().map(|(name, _)| Arc::clone(name)).collect();
            self.piece(Aspect::Arguments, "", arguments.join(", "), Shown::Names(names));
        }
        // Where acts change it for some households: what it is for all others, then these.
        let versions = d.base.map_or(&d.versions, |base| &self.p.definitions[base].versions);
        let firsts: BTreeSet<Date> = versions.iter().filter_map(|v| v.period.from).collect();
        for v in versions {
            let shown = match &v.value {
                DefinitionValue::Expr(_) => Shown::Written(v.written),
                DefinitionValue::Table(_) => Shown::Table(v.written),
            };
            self.version(&v.period, &firsts, shown);
            self.label(Aspect::Basis, &v.basis);
            match &v.value {
                DefinitionValue::Expr(body) => {
                    self.piece(Aspect::Value, "", Canon::whole(self.p, body), Shown::Written(v.written));
                    self.exceptions(body, &v.exceptions);
                }
                DefinitionValue::Table(table) => self.table(&self.p.tables[*table]),
            }
            for (lang, template) in &v.otherwise {
                self.template(*lang, template);
            }
            self.act(v.act);
            self.label(Aspect::Label, &v.label);
            self.to.close();
        }
        for v in d.versions.iter().filter(|_| d.base.is_some()) {
            if let DefinitionValue::Expr(body) = &v.value {
                self.exceptions(body, &v.exceptions);
            }
        }
        self.to.close();
    }

    /// What is written of each exception. What the exceptions do is part of the value.
    fn exceptions(&mut self, body: &'a ExprBody, rules: &'a [ExceptionRule]) {
        if rules.is_empty() {
            return;
        }
        let mut canon = Canon::of(self.p, body);
        let mut met = BTreeMap::new();
        for (_, expr) in body.iter() {
            if let Kind::Exceptions { exceptions, .. } = &expr.kind {
                met.extend(exceptions.iter().map(|(when, value, named)| (Arc::as_ptr(named), (*when, *value))));
            }
        }
        for rule in rules {
            let label = rule.provision.label.clone().unwrap_or_default();
            let Some((when, value)) = met.get(&Arc::as_ptr(&rule.provision)) else { continue };
            self.open(Aspect::Exception, label, Shown::Written(rule.value));
            self.piece(Aspect::Condition, "", canon.text(*when), Shown::Written(rule.condition));
            self.piece(Aspect::Value, "", canon.text(*value), Shown::Written(rule.value));
            // All that one exception is an exception to has one label.
            let to = rule.to.first().and_then(|t| rules.get(*t)).and_then(|t| t.provision.label.clone());
            self.names(Aspect::To, to.into_iter().collect());
            let rank = rule.priority.to_string();
            self.piece(Aspect::Priority, "", rank.clone(), Shown::Text(rank.into()));
            let days = [(Aspect::From, rule.period.from), (Aspect::Until, rule.period.until)];
            for (aspect, day) in days.into_iter().chain([(Aspect::Enacted, rule.period.enacted)]) {
                if let Some(day) = day {
                    self.piece(aspect, "", day.to_string(), Shown::Day(day, false));
                }
            }
            self.label(Aspect::Basis, &rule.provision.basis);
            self.act(rule.provision.act);
            self.to.close();
        }
    }

    fn template(&mut self, lang: Lang, template: &'a Template) {
        let mut meaning = String::new();
        let mut shown = Shown::Nothing;
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => {
                    meaning.push_str(&format!("{text:?}"));
                    if matches!(shown, Shown::Nothing) {
                        shown = Shown::Text(Arc::clone(text));
                    }
                }
                TemplatePart::Value(body) => {
                    meaning.push_str(&format!("{{{}}}", Canon::whole(self.p, body)));
                    // The values of a text stand where all of it does.
                    shown = body.root().map_or(Shown::Nothing, |root| Shown::Written(body[root].span));
                }
            }
        }
        self.piece(Aspect::Reason, lang.tag(), meaning, shown);
    }

    fn table(&mut self, table: &'a Table) {
        let mut canon = Canon::of(self.p, &table.body);
        self.piece(Aspect::Policy, "", format!("{:?}", table.policy), Shown::Policy(table.policy));
        for (name, ty) in &table.outputs {
            self.ty(Arc::clone(name), ty);
        }
        let written = |expr: ExprRef| Shown::Written(table.body[expr].span);
        for ((name, _), value) in table.outputs.iter().zip(&table.otherwise) {
            self.piece(Aspect::Otherwise, Arc::clone(name), canon.text(*value), written(*value));
        }
        if let Some((_, ty)) = table.outputs.first() {
            let ranking = table.ranking.iter().map(|v| value_text(self.p, v, ty).into()).collect();
            self.names(Aspect::Ranking, ranking);
        }
        // The order of columns says nothing: each is known by what it tests.
        let mut columns: Vec<(Arc<str>, usize)> =
            table.inputs.iter().zip(0..).map(|(input, at)| (canon.text(*input).into(), at)).collect();
        columns.sort();
        for (input, at) in &columns {
            let shown = table.inputs.get(*at).map_or(Shown::Nothing, |i| written(*i));
            self.piece(Aspect::Input, Arc::clone(input), String::new(), shown);
        }
        let is_ordered = match table.policy {
            HitPolicy::First | HitPolicy::Collect(Collect::List) => true,
            HitPolicy::Unique | HitPolicy::Any | HitPolicy::Priority => false,
            HitPolicy::Collect(Collect::Sum | Collect::Min | Collect::Max | Collect::Count) => false,
        };
        self.to.open(Key { aspect: Aspect::Rows, name: "".into() }, is_ordered, Shown::Nothing);
        for row in &table.rows {
            self.open(Aspect::Row, "", Shown::Written(row.span));
            for (input, at) in &columns {
                if let Some(cell) = row.cells.get(*at).filter(|c| c.negated || !c.tests.is_empty()) {
                    let text = cell_text(&mut canon, cell);
                    let head = table.inputs.get(*at).map_or(row.span, |i| table.body[*i].span);
                    self.piece(Aspect::Input, Arc::clone(input), text, Shown::Cell(&table.body, cell, head));
                }
            }
            for ((name, _), value) in table.outputs.iter().zip(&row.outputs) {
                self.piece(Aspect::Output, Arc::clone(name), canon.text(*value), written(*value));
            }
            self.label(Aspect::Basis, &row.basis);
            self.to.close();
        }
        self.to.close();
    }

    fn programme(&mut self, p: &'a Programme) {
        self.declare(Aspect::Programme, p.declared.name.to_string(), &p.declared);
        let owner = &self.p.entities[p.owner].declared;
        self.piece(Aspect::Owner, "", declared(self.p, owner), Shown::Text(Arc::clone(&owner.name)));
        for output in &p.outputs {
            self.open(Aspect::Output, Arc::clone(&output.name), Shown::Nothing);
            self.ty("", &output.ty);
            self.label(Aspect::Label, &output.label);
            self.to.close();
        }
        let firsts: BTreeSet<Date> = p.versions.iter().filter_map(|v| v.period.from).collect();
        for v in &p.versions {
            self.version(&v.period, &firsts, Shown::Nothing);
            self.label(Aspect::Basis, &v.basis);
            self.label(Aspect::Appeal, &v.appeal);
            self.act(v.act);
            for (aspect, list) in [(Aspect::Requires, &v.requires), (Aspect::Refuses, &v.refuses)] {
                for condition in list {
                    let meaning = Canon::whole(self.p, &condition.body);
                    self.piece(aspect, Arc::clone(&condition.name), meaning, Shown::Written(condition.span));
                }
            }
            for other in &v.excludes {
                let other = &self.p.programmes[*other].declared;
                let meaning = declared(self.p, other);
                self.piece(Aspect::Excludes, Arc::clone(&other.name), meaning, Shown::Text(Arc::clone(&other.name)));
            }
            for (output, body) in &v.gives {
                let name = p.outputs.get(*output).map_or_else(|| "".into(), |o| Arc::clone(&o.name));
                self.body(Aspect::Gives, name, body);
            }
            self.to.close();
        }
        self.to.close();
    }
}

fn calendar_text(calendar: &crate::value::Calendar) -> &'static str {
    use crate::value::{LeapDay, MonthEnd};
    match (calendar.leap_day, calendar.month_end) {
        (LeapDay::March1, MonthEnd::Clip) => "leap_day march_1, month_end clip",
        (LeapDay::March1, MonthEnd::Next) => "leap_day march_1, month_end next",
        (LeapDay::February28, MonthEnd::Clip) => "leap_day february_28, month_end clip",
        (LeapDay::February28, MonthEnd::Next) => "leap_day february_28, month_end next",
    }
}
