//! Trees to a program: names, types and versions in time, with every finding on the way.
//!
//! `names` finds what is declared where, `shapes` reads the facts' types, `parameters` the values of policy; `bodies` drives
//! the checking of expressions (`check` and below), `cycles` refuses definitions that need themselves.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::arena::{Arena, Id};
use crate::diagnostic::{Code, Finding, Phrase, Severity, nearest, phrase};
use crate::limits::Limits;
use crate::program::*;
use crate::source::{SourceId, SourceMap, Span};
use crate::syntax::{self, Name, Tree};
use crate::value::Calendar;

mod act_findings;
mod acts;
mod bodies;
mod bound;
mod bound_parameters;
mod bound_programmes;
mod calls;
mod check;
mod coerce;
mod cycles;
mod defaults;
mod evidence;
mod exceptions;
mod formats;
mod forms;
mod greatest;
mod links;
mod members;
mod names;
mod operators;
mod parameters;
mod programmes;
mod properties;
mod records;
mod resolve;
mod scales;
mod shadows;
mod shapes;
mod single;
mod tables;
mod templates;
mod tests_declared;
mod versions;

use acts::Amendments;
pub(crate) use parameters::csv_path;

/// What the trees are made into a program with.
pub(crate) struct Input<'a> {
    pub trees: &'a [Tree],
    pub sources: &'a SourceMap,
    /// The data tables that could be read, by the path that `csv_path` gives.
    pub tables: &'a BTreeMap<String, SourceId>,
    pub limits: &'a Limits,
}

/// The program, unless the rules have an error.
pub(crate) fn program(input: &Input<'_>, findings: &mut Vec<Finding>) -> Option<Program> {
    let mut builder = Builder::new(input);
    builder.modules();
    builder.headers();
    builder.declare();
    builder.enums_and_sources();
    builder.entities();
    // Without any entity there is nothing that an expression could speak of.
    let (tests, properties) = if builder.entities.len() == 0 {
        (Vec::new(), Vec::new())
    } else {
        builder.acts();
        builder.parameters();
        builder.declare_types();
        builder.bodies();
        builder.programmes();
        builder.single_values();
        builder.greatest();
        builder.cycles();
        builder.shadows();
        (builder.tests(), builder.properties())
    };
    let root = builder.root;
    for finding in builder.findings {
        if !Allowed::silence(&mut builder.allowed, &finding) {
            findings.push(finding);
        }
    }
    let program = root.map(|root| Program {
        modules: builder.modules,
        currency: builder.currency.map(|(name, _)| name),
        calendar: builder.calendar.map(|(calendar, _)| calendar),
        enums: builder.enums,
        sources: builder.source_decls,
        formats: builder.formats,
        entities: builder.entities,
        root,
        parameters: builder.parameters,
        definitions: builder.definitions,
        tables: builder.tables,
        programmes: builder.programmes,
        acts: builder.acts,
        tests,
        words: builder.words.into_inner(),
        properties,
        allows: builder.allowed,
        shadows: builder.shadows,
    });
    program.filter(|_| findings.iter().all(|f| f.severity() != Severity::Error))
}

/// Where the name of the one root entity stands; nothing where there is none or more than one.
pub(crate) fn root(input: &Input<'_>) -> Option<Span> {
    let mut builder = Builder::new(input);
    builder.modules();
    builder.headers();
    builder.declare();
    builder.enums_and_sources();
    builder.entities();
    if builder.findings.iter().any(|f| f.code() == Code::NO_ROOT) {
        return None;
    }
    builder.root.map(|root| builder.entities[root].declared.span)
}

/// What a module can see of another.
#[derive(Clone, Debug)]
struct Import {
    module: ModuleId,
    /// All public names, or these.
    names: Option<BTreeSet<Arc<str>>>,
}

/// A declared name outside entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Enum(EnumId),
    Source(SourceDeclId),
    Format(FormatId),
    Entity(EntityId),
    Parameter(ParameterId),
    Programme(ProgrammeId),
}

/// A version of something with the tree it stands in.
struct At<'a, T> {
    tree: &'a Tree,
    /// The module whose names it sees.
    module: ModuleId,
    decl: &'a T,
    span: Span,
    /// The act that puts it in.
    act: Option<ActId>,
}

impl<T> Clone for At<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for At<'_, T> {}

#[derive(Clone, Copy)]
enum DefinitionDecl<'a> {
    Define(At<'a, syntax::DefineDecl>),
    Criterion(At<'a, syntax::CriterionDecl>),
    Table(At<'a, syntax::TableDecl>),
    Scale(At<'a, syntax::ScaleDecl>),
    /// A condition or a value that an act puts in.
    Part(At<'a, syntax::Body>),
}

impl DefinitionDecl<'_> {
    fn act(&self) -> Option<ActId> {
        match self {
            DefinitionDecl::Define(at) => at.act,
            DefinitionDecl::Criterion(at) => at.act,
            DefinitionDecl::Table(at) => at.act,
            DefinitionDecl::Scale(at) => at.act,
            DefinitionDecl::Part(at) => at.act,
        }
    }
}

/// A named value whose type others may ask for before it has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Definition(DefinitionId),
    Output(ProgrammeId, usize),
}

#[derive(Clone, Debug)]
enum TypeState {
    NotYet,
    Underway,
    Known(Type),
}

struct Builder<'a> {
    input: &'a Input<'a>,
    findings: Vec<Finding>,
    modules: Arena<ModuleId, Module>,
    module_of: Vec<ModuleId>,
    imports: Vec<Vec<Import>>,
    currency: Option<(Arc<str>, Span)>,
    calendar: Option<(Calendar, Span)>,
    enums: Arena<EnumId, EnumType>,
    source_decls: Arena<SourceDeclId, SourceDeclared>,
    formats: Arena<FormatId, TextFormat>,
    entities: Arena<EntityId, Entity>,
    root: Option<EntityId>,
    parameters: Arena<ParameterId, Parameter>,
    definitions: Arena<DefinitionId, Definition>,
    tables: Arena<TableId, Table>,
    programmes: Arena<ProgrammeId, Programme>,
    /// By name, every item of any module.
    items: BTreeMap<Arc<str>, Vec<(ModuleId, Item)>>,
    /// By owner and name, every definition of any module.
    defined: BTreeMap<(EntityId, Arc<str>), Vec<DefinitionId>>,
    entity_decls: Vec<(EntityId, At<'a, syntax::EntityDecl>)>,
    enum_decls: Vec<(EnumId, At<'a, syntax::EnumDecl>)>,
    source_trees: Vec<(SourceDeclId, At<'a, syntax::SourceDecl>)>,
    format_trees: Vec<(FormatId, At<'a, syntax::FormatDecl>)>,
    parameter_decls: Vec<(ParameterId, At<'a, syntax::ParameterDecl>)>,
    definition_decls: Vec<Vec<DefinitionDecl<'a>>>,
    programme_decls: Vec<Vec<At<'a, syntax::ProgrammeDecl>>>,
    definition_types: Vec<TypeState>,
    output_types: Vec<Vec<TypeState>>,
    /// See `Program::words`.
    words: RefCell<BTreeSet<(Span, Arc<str>)>>,
    acts: Arena<ActId, Act>,
    /// What acts do to each parameter, definition and programme.
    amendments: Amendments<'a>,
    allowed: Vec<Allowed>,
    shadows: Vec<Finding>,
    calendar_told: bool,
}

impl<'a> Builder<'a> {
    /// Keeps in mind that a name is none, but a word of the language.
    fn read_as_word(&self, name: &Name) {
        self.words.borrow_mut().insert((name.span, Arc::clone(&name.text)));
    }

    fn new(input: &'a Input<'a>) -> Builder<'a> {
        Builder {
            input,
            findings: Vec::new(),
            modules: Arena::default(),
            module_of: Vec::new(),
            imports: Vec::new(),
            currency: None,
            calendar: None,
            enums: Arena::default(),
            source_decls: Arena::default(),
            formats: Arena::default(),
            entities: Arena::default(),
            root: None,
            parameters: Arena::default(),
            definitions: Arena::default(),
            tables: Arena::default(),
            programmes: Arena::default(),
            items: BTreeMap::new(),
            defined: BTreeMap::new(),
            entity_decls: Vec::new(),
            enum_decls: Vec::new(),
            source_trees: Vec::new(),
            format_trees: Vec::new(),
            parameter_decls: Vec::new(),
            definition_decls: Vec::new(),
            programme_decls: Vec::new(),
            definition_types: Vec::new(),
            output_types: Vec::new(),
            acts: Arena::default(),
            amendments: Amendments::default(),
            allowed: Vec::new(),
            words: RefCell::default(),
            shadows: Vec::new(),
            calendar_told: false,
        }
    }

    fn error(&mut self, code: Code, span: Span, message: Phrase) -> &mut Finding {
        self.tell(Finding::error(code, span, message))
    }

    fn tell(&mut self, finding: Finding) -> &mut Finding {
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "an element has just been pushed")]
        &mut self.findings[last]
    }

    /// A name that nothing has, with the nearest that something has.
    fn unknown_name(&mut self, what: Phrase, name: &Name, candidates: &[Arc<str>]) {
        let near = nearest(&name.text, candidates.iter().map(|c| &**c));
        let finding = Finding::error(Code::UNKNOWN_NAME, name.span, what)
            .maybe_help(near.map(|near| phrase!("did you mean `{0}`?", "maksud Anda `{0}`?", near)));
        self.tell(finding);
    }

    /// The entity that owns it when a definition does not say: the root.
    fn visible(&self, from: ModuleId, declared_in: ModuleId, name: &str) -> bool {
        from == declared_in
            || self.imports.get(from.index()).is_some_and(|imports| {
                imports
                    .iter()
                    .any(|i| i.module == declared_in && i.names.as_ref().is_none_or(|names| names.contains(name)))
            })
    }

    fn module_name(&self, id: ModuleId) -> Arc<str> {
        Arc::clone(&self.modules[id].name)
    }
}
