//! Decisions as they are written: texts of several forms, or columns.

use std::io::Write as _;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use layak::{Decision, Entitlement, FactFinding, Facts, FactsError, Lang, Outcome, Plan, Record};
use layak_batch::{
    BatchError, Before, Carried, DecisionColumns, Encode, Household, LongColumns, Mixing, Portion, Seal, Summary, cell,
    plain, sealed, told,
};

use crate::args::{DecideCall, DecisionFormat};
use crate::decide::{entitlements, in_words, word};

/// What goes into records.
pub(crate) struct Keeping {
    rules: String,
    acts: Vec<String>,
    facts: bool,
}

impl Keeping {
    pub(crate) fn of(call: &DecideCall) -> Keeping {
        let acts = call.amend.iter().map(|path| path.display().to_string());
        Keeping { rules: call.rules.display().to_string(), acts: acts.collect(), facts: !call.no_facts }
    }

    fn record(&self, plan: &Plan, facts: &Facts) -> Record {
        let record = plan.record(facts).of_rules(self.rules.clone(), self.acts.iter().cloned());
        if self.facts { record } else { record.without_facts() }
    }
}

/// Decisions as columns: a row a household, or in long form.
pub(crate) struct Columns<'c> {
    form: Form,
    carried: &'c Carried,
    /// Those of the portion.
    own: Vec<ArrayRef>,
    mixing: Mixing,
}

enum Form {
    Wide(Box<DecisionColumns>),
    Long(Box<LongColumns>),
}

impl Form {
    fn of(plan: &Plan, lang: Lang, is_long: bool) -> Form {
        match is_long {
            true => Form::Long(Box::new(LongColumns::new(plan, lang))),
            false => Form::Wide(Box::new(DecisionColumns::new(plan, lang))),
        }
    }

    fn schema(&self) -> &SchemaRef {
        match self {
            Form::Wide(columns) => columns.schema(),
            Form::Long(columns) => columns.schema(),
        }
    }
}

impl<'c> Columns<'c> {
    pub(crate) fn new(plan: &Plan, lang: Lang, call: &DecideCall, carried: &'c Carried) -> Columns<'c> {
        let form = Form::of(plan, lang, call.long);
        Columns { form, carried, own: Vec::new(), mixing: Mixing::new(call.digest) }
    }

    /// The schema of what comes out.
    pub(crate) fn schema(&self) -> Result<SchemaRef, BatchError> {
        self.carried.beside(&self.mixing.schema(self.form.schema()))
    }

    /// The schema of the decisions alone.
    pub(crate) fn decisions(plan: &Plan, lang: Lang, is_long: bool) -> SchemaRef {
        Form::of(plan, lang, is_long).schema().clone()
    }
}

impl Encode for Columns<'_> {
    type Out = RecordBatch;

    fn begin(&mut self, portion: &Portion) {
        self.own = self.carried.columns(portion);
    }

    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>) {
        match &mut self.form {
            Form::Wide(columns) => columns.add(household.line(), decision),
            Form::Long(columns) => columns.add(household.line(), decision),
        }
        self.mixing.made(household, 1);
    }

    fn tell(&mut self, household: &Household<'_>, summary: &mut Summary) -> usize {
        let count = match &mut self.form {
            Form::Wide(columns) => columns.tell(household, summary),
            Form::Long(_) => 0,
        };
        self.mixing.made(household, count);
        count
    }

    fn take(&mut self, household: &Household<'_>, before: &Before) -> bool {
        self.mixing.taken(household, before)
    }

    fn end(&mut self) -> Result<RecordBatch, BatchError> {
        match &mut self.form {
            Form::Wide(columns) => {
                let (rows, _) = self.mixing.finish(&columns.finish()?, None)?;
                self.carried.put(&rows, &self.own, None)
            }
            Form::Long(columns) => {
                let (made, households) = columns.finish()?;
                let (rows, households) = self.mixing.finish(&made, Some(&households))?;
                self.carried.put(&rows, &self.own, Some(&households))
            }
        }
    }
}

/// What stands before every element of a list.
const BETWEEN: &[u8] = b",\n ";

/// Where the part of a decision begins that says nothing of where it stands.
const BODY: &[u8] = b",\"programmes\":";

/// Decisions as text.
pub(crate) struct Text<'c> {
    plan: &'c Plan,
    format: DecisionFormat,
    lang: Lang,
    /// What is kept with each decision.
    record: Option<&'c Keeping>,
    /// Whether digests are kept.
    digest: bool,
    carried: &'c Carried,
    /// Those of the portion, and which household of it is next.
    own: Vec<ArrayRef>,
    row: usize,
    out: Vec<u8>,
    error: Option<std::io::Error>,
}

impl<'c> Text<'c> {
    pub(crate) fn new(
        plan: &'c Plan,
        format: DecisionFormat,
        lang: Lang,
        record: Option<&'c Keeping>,
        carried: &'c Carried,
        digest: bool,
    ) -> Text<'c> {
        Text { plan, format, lang, record, digest, carried, own: Vec::new(), row: 0, out: Vec::new(), error: None }
    }

    /// What the household carries through, as texts.
    fn cells(&self) -> impl Iterator<Item = Option<String>> {
        self.own.iter().map(|column| cell(column, self.row))
    }

    /// Puts what the household carries through into its JSON object.
    fn carry(&mut self) -> std::io::Result<()> {
        if !self.carried.is_empty() && self.out.pop() == Some(b'}') {
            let all: serde_json::Map<String, serde_json::Value> =
                self.carried.names().map(str::to_owned).zip(self.cells().map(serde_json::Value::from)).collect();
            write!(self.out, ",\"carried\":{}}}", serde_json::Value::from(all))?;
        }
        Ok(())
    }
}

impl Encode for Text<'_> {
    type Out = Vec<u8>;

    fn begin(&mut self, portion: &Portion) {
        self.own = self.carried.columns(portion);
        self.row = 0;
    }

    fn add(&mut self, household: &Household<'_>, decision: &Result<Decision, FactsError>) {
        if self.format == DecisionFormat::Json {
            self.out.extend_from_slice(BETWEEN);
        }
        let written = match (decision, self.record) {
            (Err(error), _) => self.error(household.line(), error),
            (Ok(decision), None) => self.decision(household, decision),
            (Ok(_), Some(keeping)) => match household.facts() {
                Ok(facts) => {
                    let record = keeping.record(self.plan, &facts);
                    self.recorded(household.line(), &record)
                }
                Err(error) => self.error(household.line(), &error),
            },
        };
        self.row += 1;
        self.error = self.error.take().or(written.err());
    }

    fn take(&mut self, household: &Household<'_>, before: &Before) -> bool {
        let written = match before {
            Before::Json(body) => self.before(household, body),
            Before::Cells(rows) => self.rows(household, rows),
            _ => return false,
        };
        self.row += 1;
        self.error = self.error.take().or(written.err());
        true
    }

    fn end(&mut self) -> Result<Vec<u8>, BatchError> {
        match self.error.take() {
            Some(error) => Err(io(error)),
            None => Ok(std::mem::take(&mut self.out)),
        }
    }
}

fn io(error: std::io::Error) -> BatchError {
    BatchError::Io { path: "-".into(), error }
}

impl Text<'_> {
    fn recorded(&mut self, line: usize, record: &Record) -> std::io::Result<()> {
        self.out.extend_from_slice(record.to_json(Some(line), self.lang).as_bytes());
        self.carry()?;
        self.end_line();
        Ok(())
    }

    /// A line an element, but for elements of a list.
    fn end_line(&mut self) {
        if self.format == DecisionFormat::Jsonl {
            self.out.push(b'\n');
        }
    }

    fn decision(&mut self, household: &Household<'_>, decision: &Decision) -> std::io::Result<()> {
        let line = household.line();
        match self.format {
            DecisionFormat::Json | DecisionFormat::Jsonl => {
                let start = self.out.len();
                serde_json::to_writer(&mut self.out, &decision.to_json(Some(line), self.lang))?;
                if let Some(digest) = household.digest().filter(|_| self.digest) {
                    self.out.pop();
                    let text = self.out.get(start..).unwrap_or(&[]);
                    // The same part of it that a later run takes over.
                    let body = text.windows(BODY.len()).position(|part| part == BODY).unwrap_or(text.len());
                    let mut seal = Seal::default();
                    seal.add(text.get(body..).unwrap_or(&[]));
                    write!(self.out, ",\"digest\":\"{}\"}}", sealed(digest, seal.value()))?;
                }
                self.carry()?;
                self.end_line();
                Ok(())
            }
            DecisionFormat::Csv => {
                let rows = self.cells_of(decision);
                self.rows(household, &rows)
            }
            DecisionFormat::Table | DecisionFormat::Parquet | DecisionFormat::Arrow => {
                writeln!(self.out, "{} ({line})", decision.id().unwrap_or("-"))?;
                self.out.extend_from_slice(in_words(self.plan, decision, self.lang).as_bytes());
                Ok(())
            }
        }
    }

    /// A decision that is taken over, of which all is as it was but for what says where it stands.
    fn before(&mut self, household: &Household<'_>, body: &str) -> std::io::Result<()> {
        if self.format == DecisionFormat::Json {
            self.out.extend_from_slice(BETWEEN);
        }
        let id = serde_json::Value::from(household.id());
        let (line, as_of, rules) = (household.line(), self.plan.as_of(), self.plan.fingerprint());
        write!(self.out, "{{\"line\":{line},\"id\":{id},\"as_of\":\"{as_of}\",\"ruleset\":\"{rules}\"{body}")?;
        if let Some(digest) = household.digest().filter(|_| self.digest) {
            let seal = Before::Json(body.to_owned()).seal();
            write!(self.out, ",\"digest\":\"{}\"", sealed(digest, seal))?;
        }
        self.out.push(b'}');
        self.carry()?;
        self.end_line();
        Ok(())
    }

    fn error(&mut self, line: usize, error: &FactsError) -> std::io::Result<()> {
        let Some(first) = error.first() else { return Ok(()) };
        let texts: Vec<String> = error.iter().map(|e| told(e, self.lang)).collect();
        match self.format {
            DecisionFormat::Json | DecisionFormat::Jsonl => {
                let all: Vec<serde_json::Value> = error
                    .iter()
                    .map(|e| {
                        serde_json::json!({"code": e.code().to_string(), "path": e.path(), "text": told(e, self.lang)})
                    })
                    .collect();
                let line = serde_json::json!({
                    "line": line,
                    "id": error.id(),
                    "error": {"code": first.code().to_string(), "path": first.path(), "text": told(first, self.lang)},
                    "errors": all,
                });
                write!(self.out, "{line}")?;
                self.carry()?;
                self.end_line();
                Ok(())
            }
            DecisionFormat::Csv => {
                let cells: Vec<String> = self.cells().map(Option::unwrap_or_default).collect();
                let mut writer = csv::Writer::from_writer(&mut self.out);
                let line = line.to_string();
                let text = texts.join("; ");
                let id = error.id().unwrap_or("");
                let own = [&line, id, "", "", "unreadable", "", "", "", "", &text, ""];
                let digest = self.digest.then_some("");
                writer.write_record(own.into_iter().chain(digest).chain(cells.iter().map(String::as_str)))?;
                writer.flush()
            }
            DecisionFormat::Table | DecisionFormat::Parquet | DecisionFormat::Arrow => {
                let id = error.id().unwrap_or("?");
                writeln!(self.out, "{id} ({line}): {}", texts.join("; "))
            }
        }
    }

    /// The rows of a decision, without its line.
    fn cells_of(&self, decision: &Decision) -> Vec<Vec<String>> {
        let row = |(programme, member, one): (&str, Option<&str>, &Entitlement)| {
            let outputs: Vec<String> = one.outputs().map(|(n, a)| format!("{n}={}", plain(a))).collect();
            let bounds: Vec<String> =
                one.bounds().map(|(n, (low, high))| format!("{n}={}..{}", plain(low), plain(high))).collect();
            let reasons: Vec<&str> = one.reasons().iter().map(|r| &*r.criterion).collect();
            let missing: Vec<&str> = one.missing().iter().map(|m| m.fact.as_str()).collect();
            let error = match one.outcome() {
                Outcome::Error(failure) => failure.text().in_lang(self.lang).to_owned(),
                _ => String::new(),
            };
            // Those that decide this programme, and those of which that is not known.
            let decides = |f: &&FactFinding| f.depends().is_none() || f.programmes().any(|name| name == programme);
            let findings = decision.findings().iter().filter(decides);
            let findings: Vec<String> = findings.map(|f| format!("{}:{}", f.kind().name(), f.fact())).collect();
            vec![
                decision.id().unwrap_or("").to_owned(),
                programme.to_owned(),
                member.unwrap_or("").to_owned(),
                word(one, None).to_owned(),
                outputs.join(" "),
                bounds.join(" "),
                reasons.join(" "),
                missing.join(" "),
                error,
                findings.join(" "),
            ]
        };
        entitlements(decision).into_iter().map(row).collect()
    }

    /// Rows of CSV, as they are made or taken over.
    fn rows(&mut self, household: &Household<'_>, rows: &[Vec<String>]) -> std::io::Result<()> {
        let cells: Vec<String> = self.cells().map(Option::unwrap_or_default).collect();
        let digest = self.digest.then(|| {
            let digest = household.digest();
            digest.map_or_else(String::new, |digest| sealed(digest, Before::Cells(rows.to_vec()).seal()))
        });
        let line = household.line().to_string();
        let mut writer = csv::Writer::from_writer(&mut self.out);
        for row in rows {
            let own = std::iter::once(&line).chain(row);
            writer.write_record(own.chain(&digest).chain(&cells))?;
        }
        writer.flush()
    }
}

/// The columns of CSV.
pub(crate) const CSV_HEAD: [&str; 11] =
    ["line", "id", "programme", "member", "outcome", "outputs", "bounds", "reasons", "missing", "error", "findings"];

/// The text of a whole run.
pub(crate) struct Writing<W> {
    output: W,
    format: DecisionFormat,
    is_first: bool,
}

impl<W: std::io::Write> Writing<W> {
    pub(crate) fn new(output: W, format: DecisionFormat) -> Writing<W> {
        Writing { output, format, is_first: true }
    }

    pub(crate) fn head(&mut self, carried: &[String]) -> Result<(), BatchError> {
        if self.format != DecisionFormat::Csv {
            return Ok(());
        }
        let mut writer = csv::Writer::from_writer(&mut self.output);
        writer
            .write_record(CSV_HEAD.into_iter().chain(carried.iter().map(String::as_str)))
            .map_err(|error| io(error.into()))?;
        writer.flush().map_err(io)
    }

    pub(crate) fn portion(&mut self, text: &[u8]) -> Result<(), BatchError> {
        let text = match text.strip_prefix(BETWEEN) {
            Some(rest) if self.is_first && self.format == DecisionFormat::Json => {
                self.output.write_all(b"[").map_err(io)?;
                rest
            }
            _ => text,
        };
        self.is_first = false;
        self.output.write_all(text).map_err(io)
    }

    pub(crate) fn end(mut self) -> Result<W, BatchError> {
        if self.format == DecisionFormat::Json {
            writeln!(self.output, "{}]", if self.is_first { "[" } else { "\n" }).map_err(io)?;
        }
        Ok(self.output)
    }
}
