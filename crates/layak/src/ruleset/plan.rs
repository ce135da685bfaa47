//! A plan: rules specialised to a date, and the facts that it decides.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use super::Explanation;
use super::Ruleset;
use crate::facts::{Bound, Case, Data, EvidenceFact, FactsError, from_serialize, key_of, settle};
use crate::graph::{Graph, Origins, Request, traced};
use crate::limits::Limits;
use crate::outcome::{Columns, Frames, Machine};
use crate::program::{Program, ProgrammeId, Type};
use crate::report::{Answer, Asked, Assumptions, Decision, Reporter, Wordings, answer_words};
use crate::syntax::Lang;
use crate::value::Date;

/// What a plan decides, and for when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanOptions {
    pub(super) as_of: Date,
    pub(super) known_on: Date,
    pub(super) programmes: Option<Vec<String>>,
    pub(super) show: Vec<String>,
}

impl PlanOptions {
    /// For a date, with the law as it was known then, all programmes, no values shown.
    pub fn new(as_of: Date) -> PlanOptions {
        PlanOptions { as_of, known_on: as_of, programmes: None, show: Vec::new() }
    }

    /// With the law as it was known on another date.
    #[must_use]
    pub fn known_on(mut self, date: Date) -> PlanOptions {
        self.known_on = date;
        self
    }

    /// Decides one programme more of those named; all where none is named.
    #[must_use]
    pub fn programme(mut self, name: impl Into<String>) -> PlanOptions {
        self.programmes.get_or_insert_with(Vec::new).push(name.into());
        self
    }

    /// Shows one value more: a definition, criterion or table by its name.
    #[must_use]
    pub fn show(mut self, name: impl Into<String>) -> PlanOptions {
        self.show.push(name.into());
        self
    }
}

/// Rules specialised to a date: the parameters of the day are folded in. Cheap to clone, shared between threads freely.
#[derive(Clone)]
pub struct Plan {
    ruleset: Ruleset,
    pub(super) graph: Arc<Graph>,
    machine: Option<Arc<Machine>>,
    /// How the machine runs over many households; made when it is first asked for.
    frames: Arc<OnceLock<Arc<Frames>>>,
    wordings: Arc<Wordings>,
    assumptions: Arc<Assumptions>,
    /// Where the values of the rules are in the graph, once somebody has asked why.
    origins: Arc<OnceLock<Origins>>,
    pub(super) traced: Arc<PlanOptions>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("ruleset", &self.ruleset).field("day", &self.graph.day).finish_non_exhaustive()
    }
}

/// The facts of one household, checked against the entities of a ruleset.
#[derive(Clone, Debug)]
pub struct Facts {
    /// With the evidence as it counts on the day of the plan that read them.
    pub(crate) case: Arc<Case>,
    pub(crate) evidence: Vec<EvidenceFact>,
    day: Date,
    /// The same as the plan that read them wants them.
    pub(super) columns: Option<Columns>,
}

impl PartialEq for Facts {
    fn eq(&self, other: &Facts) -> bool {
        self.case == other.case && self.evidence == other.evidence
    }
}

impl Plan {
    pub(crate) fn from_graph(ruleset: &Ruleset, graph: Graph, options: PlanOptions) -> Plan {
        let program = &ruleset.inner().program;
        let machine = Machine::of(&graph, program).map(Arc::new);
        let wordings = Arc::new(Wordings::of(program, &graph));
        let assumptions = Arc::new(Assumptions::of(&graph));
        Plan {
            ruleset: ruleset.clone(),
            graph: Arc::new(graph),
            machine,
            frames: Arc::default(),
            wordings,
            assumptions,
            origins: Arc::default(),
            traced: Arc::new(options),
        }
    }

    /// A plan of which it is known already where the values of the rules are in its graph.
    pub(crate) fn traced(ruleset: &Ruleset, request: &Request<'_>, options: PlanOptions) -> Plan {
        let (graph, origins) = traced(&ruleset.inner().program, request, &ruleset.inner().limits);
        let plan = Plan::from_graph(ruleset, graph, options);
        // Nobody has asked yet.
        plan.origins.get_or_init(|| origins);
        plan
    }

    /// The facts of a household from anything that serialises: a struct, a `serde_json::Value` (which
    /// [`facts_from_value`](Plan::facts_from_value) takes in less time). Floats are refused, for they are not exact.
    ///
    /// # Errors
    /// Everything that is wrong with the facts, each with its path.
    pub fn facts(&self, household: &(impl Serialize + ?Sized)) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        let data = from_serialize(household, inner.limits.nesting)?;
        self.bind(&data)
    }

    /// The facts of a household from a `serde_json::Value`: the same as [`facts`](Plan::facts) gives, without a copy of its texts.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = layak::Ruleset::from_text(
    ///     "module aid entity Home { rooms integer 0.. } criterion small when rooms <= 2 programme aid requires small",
    /// )?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let facts = plan.facts_from_value(&serde_json::json!({"rooms": 2}))?;
    /// let decision = plan.decide(&facts);
    /// let aid = decision.programme("aid").and_then(|aid| aid.entitlement());
    /// assert!(aid.is_some_and(|aid| matches!(aid.outcome(), layak::Outcome::Eligible)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with the facts, each with its path.
    pub fn facts_from_value(&self, household: &serde_json::Value) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        self.settled(inner.binder.bind_value(&inner.program, household, &inner.limits)?)
    }

    /// The facts of a household from JSON text. Numbers keep every digit.
    ///
    /// # Errors
    /// Everything that is wrong with the facts, each with its path.
    pub fn facts_from_json(&self, json: &[u8]) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        self.settled(inner.binder.bind_text(&inner.program, json, &inner.limits)?)
    }

    pub(crate) fn bind(&self, data: &Data<'_>) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        self.settled(inner.binder.bind(&inner.program, data, &inner.limits)?)
    }

    /// The facts with what their evidence comes to on the plan's day.
    fn settled(&self, Bound { mut case, evidence }: Bound) -> Result<Facts, FactsError> {
        let inner = self.ruleset.inner();
        settle(&inner.program, &evidence, &mut case, self.as_of());
        inner.binder.hold_links(&inner.program, &mut case, &evidence, &inner.limits)?;
        let columns = self.machine.as_ref().and_then(|machine| machine.columns(&case));
        Ok(Facts { case: Arc::new(case), evidence, day: self.as_of(), columns })
    }

    /// The household's key as decisions name it, without deciding.
    pub fn id(&self, facts: &Facts) -> Option<Arc<str>> {
        let program = &self.ruleset.inner().program;
        key_of(program, &facts.case, program.root, 0)
    }

    /// Decides a household. It never fails: what cannot be decided is an outcome.
    pub fn decide(&self, facts: &Facts) -> Decision {
        match self.case_of(facts) {
            Cow::Borrowed(case) => self.reporter().decision(case, facts.columns.as_ref(), &facts.evidence),
            Cow::Owned(case) => self.reporter().decision(&case, None, &facts.evidence),
        }
    }

    /// An output of a programme as a language writes it for readers: `Rp3.000.000`, `31 Januari 2026`. An output that the rules do
    /// not have is written without a currency.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use layak::{Lang, Ruleset};
    /// let rules = Ruleset::from_text(
    ///     "module aid currency IDR entity Home { rooms integer 0.. } criterion any_room when rooms > 0
    ///      programme aid requires any_room gives amount = IDR 1_000_000 * rooms",
    /// )?;
    /// let plan = rules.as_of("2026-01-15".parse()?);
    /// let decision = plan.decide(&plan.facts_from_json(br#"{"rooms": 3}"#)?);
    /// let amount = decision.programme("aid").and_then(|p| p.entitlement()?.output("amount"));
    /// let text = amount.map(|amount| plan.output_in_words("aid", "amount", amount, Lang::Id));
    /// assert_eq!(text.as_deref(), Some("Rp3.000.000"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn output_in_words(&self, programme: &str, output: &str, answer: &Answer, lang: Lang) -> String {
        let program = &self.ruleset.inner().program;
        let programme = program.programmes.values().find(|p| *p.declared.name == *programme);
        let declared = programme.and_then(|p| p.outputs.iter().find(|o| *o.name == *output));
        answer_words(program, answer, declared.map_or(&Type::NUMBER, |o| &o.ty), lang)
    }

    /// A value that was asked for by name, as a language writes it for readers. See [`Plan::output_in_words`].
    pub fn value_in_words(&self, name: &str, answer: &Answer, lang: Lang) -> String {
        let program = &self.ruleset.inner().program;
        let shown = self.ruleset.definition_id(name).ok();
        answer_words(program, answer, shown.map_or(&Type::NUMBER, |id| &program.definitions[id].ty), lang)
    }

    /// Decides a household and keeps the recording of it, from which the reasoning is read.
    pub fn explain(&self, facts: &Facts) -> Explanation {
        Explanation::of(self, facts)
    }

    /// What it was asked for.
    pub(super) fn asked(&self) -> Asked<'_> {
        let options = &*self.traced;
        Asked { known_on: options.known_on, programmes: options.programmes.as_deref(), show: &options.show }
    }

    /// Where the values of the rules are in the graph. The first who asks waits for the rules to be laid out once more.
    pub(crate) fn origins(&self) -> &Origins {
        self.origins.get_or_init(|| self.ruleset.origins(&self.traced))
    }

    /// The facts as they are on the plan's day: evidence may count on one day and be too old on another.
    pub(crate) fn case_of<'f>(&self, facts: &'f Facts) -> Cow<'f, Case> {
        if facts.evidence.is_empty() || facts.day == self.as_of() {
            return Cow::Borrowed(&facts.case);
        }
        let mut case = Case::clone(&facts.case);
        settle(&self.ruleset.inner().program, &facts.evidence, &mut case, self.as_of());
        Cow::Owned(case)
    }

    /// The same, to keep.
    pub(super) fn shared_case_of(&self, facts: &Facts) -> Arc<Case> {
        match self.case_of(facts) {
            Cow::Borrowed(_) => Arc::clone(&facts.case),
            Cow::Owned(case) => Arc::new(case),
        }
    }

    pub(crate) fn reporter(&self) -> Reporter<'_> {
        let inner = self.ruleset.inner();
        Reporter {
            program: &inner.program,
            sources: &inner.sources,
            graph: &self.graph,
            machine: self.machine.as_deref(),
            wordings: &self.wordings,
            assumptions: &self.assumptions,
            fingerprint: &inner.fingerprint,
            limits: &inner.limits,
        }
    }

    /// The criterion that decisions name of a programme that is not in force.
    pub(crate) fn not_in_force(&self) -> &str {
        self.wordings.not_in_force_name()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.ruleset.inner().limits
    }

    pub(crate) fn ruleset(&self) -> &Ruleset {
        &self.ruleset
    }

    /// The programmes that it decides.
    pub(crate) fn programmes(&self) -> Vec<ProgrammeId> {
        self.graph.programmes.iter().map(|root| root.programme).collect()
    }

    pub(crate) fn program(&self) -> &Program {
        &self.ruleset.inner().program
    }

    pub(crate) fn machine(&self) -> Option<&Machine> {
        self.machine.as_deref()
    }

    pub(crate) fn assumptions(&self) -> &Assumptions {
        &self.assumptions
    }

    /// How the machine runs over many households.
    pub(crate) fn frames(&self) -> Option<&Arc<Frames>> {
        let machine = self.machine.as_ref()?;
        Some(self.frames.get_or_init(|| Arc::new(Frames::of(machine))))
    }

    /// The number of a programme among those that it decides.
    pub(crate) fn programme_number(&self, name: &str) -> Option<usize> {
        let program = self.program();
        self.graph.programmes.iter().position(|p| *program.programmes[p.programme].declared.name == *name)
    }

    /// The conditions and outputs of programmes that have no steps, as `programme.name`.
    pub(crate) fn without_columns(&self) -> Vec<Arc<str>> {
        let program = self.program();
        let made = Machine::made(&self.graph, program);
        let mut out = Vec::new();
        for root in &self.graph.programmes {
            let programme = &program.programmes[root.programme];
            let conditions = root.conditions.iter().map(|c| (c.node, &*c.name));
            let outputs = root.outputs.iter().filter_map(|(o, node)| Some((*node, &*programme.outputs.get(*o)?.name)));
            let open = conditions.chain(outputs).filter(|(node, _)| !made(*node));
            out.extend(open.map(|(_, name)| format!("{}.{name}", programme.declared.name).into()));
        }
        out
    }

    pub(crate) fn plan_graph(&self) -> &Graph {
        &self.graph
    }

    /// The fingerprint of the rules, as [`Ruleset::fingerprint`] has it.
    pub fn fingerprint(&self) -> &str {
        self.ruleset.fingerprint()
    }

    /// The date that it decides for.
    pub fn as_of(&self) -> Date {
        self.graph.day.map_or(Date::MIN, |d| d.as_of)
    }
}
