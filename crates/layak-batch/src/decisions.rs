//! Decisions as record batches: a row a household, a struct a programme.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
};
use arrow_array::types::Int8Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int8Array, ListArray, RecordBatch, StringArray, StructArray};
use arrow_buffer::{NullBuffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use layak::{Answer, Date, Decimal, Decision, Entitlement, FactKind, FactsError, Lang, Outcome, Plan, ProgrammeShape};

use crate::BatchError;
use crate::words::{plain, told};

mod tell;

/// The version of the schema, as its metadata has it under `layak.schema`.
pub const SCHEMA_VERSION: &str = "1";

/// The outcomes in the order of their codes.
pub(crate) const OUTCOMES: [&str; 4] = ["eligible", "not_eligible", "undetermined", "error"];

/// The digits behind the point of amounts of money, and of other numbers. What has more stands under `others`.
const MONEY_SCALE: i8 = 2;
const NUMBER_SCALE: i8 = 10;

/// Puts decisions into columns.
///
/// The schema: `line` (int64), `id` (utf8), a struct for each programme, by name, or a list of structs for one of members;
/// `findings`, `values` where a plan shows some, and `errors`, which is empty for who was decided. See `docs/batch.md`.
#[derive(Debug)]
pub struct DecisionColumns {
    schema: SchemaRef,
    lang: Lang,
    line: Int64Builder,
    id: StringBuilder,
    programmes: Vec<ProgrammeColumn>,
    findings: Parts,
    values: Parts,
    errors: Parts,
    room: tell::Room,
}

/// One programme.
#[derive(Debug)]
struct ProgrammeColumn {
    name: Arc<str>,
    is_of_members: bool,
    /// As its shape has them.
    reasons: Vec<Arc<str>>,
    /// Of members: where those of each household end.
    ends: Ends,
    /// Whether the household was decided.
    known: NullBufferBuilder,
    entitlements: Entitlements,
}

/// Entitlements as columns.
#[derive(Debug)]
struct Entitlements {
    fields: Fields,
    member: Option<StringBuilder>,
    outcome: Vec<i8>,
    outputs: Vec<(Arc<str>, OutputColumn)>,
    others: Parts,
    bounds: Parts,
    reasons: TextLists,
    missing: TextLists,
    error: Parts,
}

#[derive(Debug)]
enum OutputColumn {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Decimal(Decimal128Builder, u32),
    Date(Date32Builder),
    Text(StringBuilder),
}

/// Where the list of each row ends. Rows whose lists are empty are told together.
#[derive(Debug)]
pub(crate) struct Ends(Vec<i32>);

impl Ends {
    pub(crate) fn new() -> Ends {
        Ends(vec![0])
    }

    /// So many rows have ended; those that are new end where there are so many elements.
    pub(crate) fn until(&mut self, rows: usize, elements: usize) {
        if self.0.len() <= rows {
            self.0.resize(rows + 1, i32::try_from(elements).unwrap_or(i32::MAX));
        }
    }

    pub(crate) fn finish(&mut self, rows: usize, elements: usize) -> OffsetBuffer<i32> {
        self.until(rows, elements);
        OffsetBuffer::new(std::mem::replace(&mut self.0, vec![0]).into())
    }
}

/// A list of texts.
#[derive(Debug)]
pub(crate) struct TextLists {
    ends: Ends,
    texts: StringBuilder,
}

impl TextLists {
    pub(crate) fn new() -> TextLists {
        TextLists { ends: Ends::new(), texts: StringBuilder::new() }
    }

    /// Adds to the list of a row, the last or one after it.
    pub(crate) fn add(&mut self, row: usize, text: &str) {
        self.ends.until(row, self.texts.len());
        self.texts.append_value(text);
    }

    /// The lists of so many rows.
    pub(crate) fn finish(&mut self, rows: usize) -> Result<ArrayRef, BatchError> {
        let ends = self.ends.finish(rows, self.texts.len());
        let item = Arc::new(Field::new("item", DataType::Utf8, true));
        Ok(Arc::new(ListArray::try_new(item, ends, Arc::new(self.texts.finish()), None)?))
    }
}

/// A list of structs of texts.
#[derive(Debug)]
pub(crate) struct Parts {
    fields: Fields,
    ends: Ends,
    texts: Vec<StringBuilder>,
}

impl Parts {
    pub(crate) fn new(names: &[&str]) -> Parts {
        let fields = names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
        Parts { fields, ends: Ends::new(), texts: names.iter().map(|_| StringBuilder::new()).collect() }
    }

    pub(crate) fn data_type(&self) -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Struct(self.fields.clone()), false)))
    }

    fn len(&self) -> usize {
        self.texts.first().map_or(0, ArrayBuilder::len)
    }

    /// Adds to the list of a row, the last or one after it.
    pub(crate) fn add(&mut self, row: usize, texts: &[Option<&str>]) {
        self.ends.until(row, self.len());
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            builder.append_option(*text);
        }
    }

    /// The lists of so many rows.
    pub(crate) fn finish(&mut self, rows: usize) -> Result<ArrayRef, BatchError> {
        let ends = self.ends.finish(rows, self.len());
        let columns: Vec<ArrayRef> = self.texts.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef).collect();
        let elements = StructArray::try_new(self.fields.clone(), columns, None)?;
        let item = Arc::new(Field::new("item", DataType::Struct(self.fields.clone()), false));
        Ok(Arc::new(ListArray::try_new(item, ends, Arc::new(elements), None)?))
    }
}

impl OutputColumn {
    fn of(kind: &FactKind) -> OutputColumn {
        let decimals = |scale: i8| {
            let builder = Decimal128Builder::new().with_data_type(DataType::Decimal128(38, scale));
            OutputColumn::Decimal(builder, scale.unsigned_abs().into())
        };
        match kind {
            FactKind::Boolean => OutputColumn::Boolean(BooleanBuilder::new()),
            FactKind::Integer => OutputColumn::Integer(Int64Builder::new()),
            FactKind::Money => decimals(MONEY_SCALE),
            FactKind::Number => decimals(NUMBER_SCALE),
            FactKind::Date => OutputColumn::Date(Date32Builder::new()),
            _ => OutputColumn::Text(StringBuilder::new()),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            OutputColumn::Boolean(_) => DataType::Boolean,
            OutputColumn::Integer(_) => DataType::Int64,
            OutputColumn::Decimal(_, scale) => DataType::Decimal128(38, i8::try_from(*scale).unwrap_or(0)),
            OutputColumn::Date(_) => DataType::Date32,
            OutputColumn::Text(_) => DataType::Utf8,
        }
    }

    fn add_null(&mut self) {
        match self {
            OutputColumn::Boolean(b) => b.append_null(),
            OutputColumn::Integer(b) => b.append_null(),
            OutputColumn::Decimal(b, _) => b.append_null(),
            OutputColumn::Date(b) => b.append_null(),
            OutputColumn::Text(b) => b.append_null(),
        }
    }

    /// Whether the column holds the answer exactly; where it does not it holds null.
    fn add(&mut self, answer: &Answer) -> bool {
        // All digits that 38 of them can be.
        let fits = |number: &Decimal, scale: u32| {
            number.to_scaled(scale).filter(|n| n.unsigned_abs() < 10u128.saturating_pow(38))
        };
        match (&mut *self, answer) {
            (OutputColumn::Boolean(b), Answer::Boolean(value)) => b.append_value(*value),
            (OutputColumn::Integer(b), Answer::Integer(n) | Answer::Number(n)) if n.to_i64().is_some() => {
                b.append_option(n.to_i64());
            }
            (OutputColumn::Decimal(b, scale), Answer::Integer(n) | Answer::Number(n)) if fits(n, *scale).is_some() => {
                b.append_option(fits(n, *scale));
            }
            (OutputColumn::Date(b), Answer::Date(date)) if days(*date).is_some() => b.append_option(days(*date)),
            (OutputColumn::Text(b), answer)
                if !matches!(answer, Answer::None | Answer::Unknown | Answer::Failure(_)) =>
            {
                b.append_value(plain(answer));
            }
            (_, Answer::None | Answer::Unknown) => self.add_null(),
            _ => {
                self.add_null();
                return false;
            }
        }
        true
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            OutputColumn::Boolean(b) => Arc::new(b.finish()),
            OutputColumn::Integer(b) => Arc::new(b.finish()),
            OutputColumn::Decimal(b, _) => Arc::new(b.finish()),
            OutputColumn::Date(b) => Arc::new(b.finish()),
            OutputColumn::Text(b) => Arc::new(b.finish()),
        }
    }
}

/// Days since 1970-01-01.
fn days(date: Date) -> Option<i32> {
    let epoch: Date = "1970-01-01".parse().ok()?;
    i32::try_from(epoch.days_to(date)).ok()
}

/// What the metadata of a file of decisions says.
pub(crate) fn about(plan: &Plan, lang: Lang, form: &str) -> HashMap<String, String> {
    let about = [
        ("layak.schema", SCHEMA_VERSION.to_owned()),
        ("layak.form", form.to_owned()),
        ("layak.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("layak.ruleset", plan.fingerprint().to_owned()),
        ("layak.as_of", plan.as_of().to_string()),
        ("layak.lang", if lang == Lang::Id { "id" } else { "en" }.to_owned()),
    ];
    about.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

pub(crate) fn outcome_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8))
}

pub(crate) fn text_list() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
}

impl Entitlements {
    fn of(shape: &ProgrammeShape) -> Entitlements {
        let outputs: Vec<(Arc<str>, OutputColumn)> =
            shape.outputs.iter().map(|(name, kind)| (Arc::clone(name), OutputColumn::of(kind))).collect();
        let (others, bounds) = (Parts::new(&["output", "value"]), Parts::new(&["output", "low", "high"]));
        let error = Parts::new(&["code", "text", "at"]);
        let mut fields = Vec::new();
        if shape.is_of_members {
            fields.push(Field::new("member", DataType::Utf8, true));
        }
        fields.push(Field::new("outcome", outcome_type(), false));
        // Parquet has no struct without columns.
        if !outputs.is_empty() {
            let given = outputs.iter().map(|(name, column)| Field::new(&**name, column.data_type(), true));
            fields.push(Field::new("outputs", DataType::Struct(given.collect()), false));
        }
        fields.extend([
            Field::new("others", others.data_type(), false),
            Field::new("bounds", bounds.data_type(), false),
            Field::new("reasons", text_list(), false),
            Field::new("missing", text_list(), false),
            Field::new("error", error.data_type(), false),
        ]);
        Entitlements {
            fields: fields.into(),
            member: shape.is_of_members.then(StringBuilder::new),
            outcome: Vec::new(),
            outputs,
            others,
            bounds,
            reasons: TextLists::new(),
            missing: TextLists::new(),
            error,
        }
    }

    fn len(&self) -> usize {
        self.outcome.len()
    }

    fn add(&mut self, member: Option<&str>, one: Option<&Entitlement>, lang: Lang) {
        if let Some(builder) = &mut self.member {
            builder.append_option(member);
        }
        let outcome = one.map(Entitlement::outcome);
        let row = self.len();
        self.outcome.push(match outcome {
            Some(Outcome::Eligible) => 0,
            Some(Outcome::NotEligible) => 1,
            Some(Outcome::Error(_)) => 3,
            _ => 2,
        });
        for (name, column) in &mut self.outputs {
            match one.and_then(|one| one.output(name)) {
                None => column.add_null(),
                Some(answer) => {
                    if !column.add(answer) {
                        self.others.add(row, &[Some(&**name), Some(&plain(answer))]);
                    }
                }
            }
        }
        for (name, (low, high)) in one.iter().flat_map(|one| one.bounds()) {
            let end = |answer: &Answer| (!matches!(answer, Answer::Unknown)).then(|| plain(answer));
            self.bounds.add(row, &[Some(name), end(low).as_deref(), end(high).as_deref()]);
        }
        for reason in one.map_or(&[][..], Entitlement::reasons) {
            self.reasons.add(row, &reason.criterion);
        }
        for missing in one.map_or(&[][..], Entitlement::missing) {
            self.missing.add(row, &missing.fact);
        }
        if let Some(Outcome::Error(failure)) = outcome {
            let code = failure.code().to_string();
            self.error.add(row, &[Some(&code), Some(failure.text().in_lang(lang)), failure.at()]);
        }
    }

    fn finish(&mut self, known: Option<NullBuffer>) -> Result<StructArray, BatchError> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        if let Some(member) = &mut self.member {
            columns.push(Arc::new(member.finish()));
        }
        let rows = self.outcome.len();
        let keys = Int8Array::from(std::mem::take(&mut self.outcome));
        let words = StringArray::from_iter_values(OUTCOMES);
        columns.push(Arc::new(DictionaryArray::<Int8Type>::try_new(keys, Arc::new(words))?));
        if let Some(DataType::Struct(fields)) =
            self.fields.iter().find(|f| f.name() == "outputs").map(|f| f.data_type().clone())
        {
            let outputs = self.outputs.iter_mut().map(|(_, column)| column.finish()).collect();
            columns.push(Arc::new(StructArray::try_new_with_length(fields, outputs, None, rows)?));
        }
        columns.extend([self.others.finish(rows)?, self.bounds.finish(rows)?]);
        columns.extend([self.reasons.finish(rows)?, self.missing.finish(rows)?, self.error.finish(rows)?]);
        Ok(StructArray::try_new(self.fields.clone(), columns, known)?)
    }
}

impl ProgrammeColumn {
    fn of(shape: &ProgrammeShape) -> ProgrammeColumn {
        ProgrammeColumn {
            name: Arc::clone(&shape.name),
            is_of_members: shape.is_of_members,
            reasons: shape.reasons.clone(),
            ends: Ends::new(),
            known: NullBufferBuilder::new(0),
            entitlements: Entitlements::of(shape),
        }
    }

    fn field(&self) -> Field {
        let one = DataType::Struct(self.entitlements.fields.clone());
        let data_type = match self.is_of_members {
            true => DataType::List(Arc::new(Field::new("item", one, false))),
            false => one,
        };
        Field::new(&*self.name, data_type, true)
    }

    fn add(&mut self, decision: Option<&Decision>, lang: Lang) {
        let programme = decision.and_then(|d| d.programme(&self.name));
        self.known.append(programme.is_some());
        if self.is_of_members {
            for (member, one) in programme.iter().flat_map(|p| p.entitlements()) {
                self.entitlements.add(member, Some(one), lang);
            }
            self.ends.until(self.known.len(), self.entitlements.len());
        } else {
            self.entitlements.add(None, programme.and_then(|p| p.entitlement()), lang);
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, BatchError> {
        let rows = self.known.len();
        let known = std::mem::replace(&mut self.known, NullBufferBuilder::new(0)).finish();
        if !self.is_of_members {
            return Ok(Arc::new(self.entitlements.finish(known)?));
        }
        let elements = self.entitlements.finish(None)?;
        let item = Arc::new(Field::new("item", elements.data_type().clone(), false));
        let ends = self.ends.finish(rows, elements.len());
        Ok(Arc::new(ListArray::try_new(item, ends, Arc::new(elements), known)?))
    }
}

impl DecisionColumns {
    /// Columns for the decisions of a plan, with texts in a language.
    pub fn new(plan: &Plan, lang: Lang) -> DecisionColumns {
        let programmes: Vec<ProgrammeColumn> = plan.programme_shapes().iter().map(ProgrammeColumn::of).collect();
        let findings = Parts::new(&["kind", "fact", "text"]);
        let values = Parts::new(&["name", "value", "low", "high"]);
        let errors = Parts::new(&["code", "path", "text"]);
        let mut fields = vec![Field::new("line", DataType::Int64, false), Field::new("id", DataType::Utf8, true)];
        fields.extend(programmes.iter().map(ProgrammeColumn::field));
        fields.push(Field::new("findings", findings.data_type(), false));
        fields.push(Field::new("values", values.data_type(), false));
        fields.push(Field::new("errors", errors.data_type(), false));
        DecisionColumns {
            schema: Arc::new(Schema::new_with_metadata(fields, about(plan, lang, "wide"))),
            lang,
            line: Int64Builder::new(),
            id: StringBuilder::new(),
            programmes,
            findings,
            values,
            errors,
            room: tell::Room::default(),
        }
    }

    /// The schema of what comes out.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many households have been added since the last batch.
    pub fn len(&self) -> usize {
        ArrayBuilder::len(&self.line)
    }

    /// Whether none has been.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the decision on a household, or what is wrong with its facts.
    pub fn add(&mut self, line: usize, decision: &Result<Decision, FactsError>) {
        let row = self.len();
        self.line.append_value(i64::try_from(line).unwrap_or(i64::MAX));
        let (decided, error) = (decision.as_ref().ok(), decision.as_ref().err());
        self.id.append_option(decided.and_then(Decision::id).or(error.and_then(FactsError::id)));
        for programme in &mut self.programmes {
            programme.add(decided, self.lang);
        }
        for finding in decided.map_or(&[][..], Decision::findings) {
            let text = finding.text().in_lang(self.lang);
            self.findings.add(row, &[Some(finding.kind().name()), Some(finding.fact()), Some(text)]);
        }
        for (name, answer) in decided.iter().flat_map(|d| d.values()) {
            let value = (!matches!(answer, Answer::Unknown | Answer::None)).then(|| plain(answer));
            self.values.add(row, &[Some(name), value.as_deref(), None, None]);
        }
        for (name, (low, high)) in decided.iter().flat_map(|d| d.value_bounds()) {
            let end = |answer: &Answer| (!matches!(answer, Answer::Unknown)).then(|| plain(answer));
            self.values.add(row, &[Some(name), None, end(low).as_deref(), end(high).as_deref()]);
        }
        for fault in error.iter().flat_map(|e| e.iter()) {
            let (code, text) = (fault.code().to_string(), told(fault, self.lang));
            self.errors.add(row, &[Some(&code), Some(fault.path()), Some(&text)]);
        }
    }

    /// The batch of what has been added; the columns are empty again.
    ///
    /// # Errors
    /// None but by a fault of this crate.
    pub fn finish(&mut self) -> Result<RecordBatch, BatchError> {
        let rows = self.len();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.line.finish()), Arc::new(self.id.finish())];
        for programme in &mut self.programmes {
            columns.push(programme.finish()?);
        }
        columns.extend([self.findings.finish(rows)?, self.values.finish(rows)?, self.errors.finish(rows)?]);
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}
