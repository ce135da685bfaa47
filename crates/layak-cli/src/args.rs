//! The call: commands and options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use layak::{Date, Lang};

/// Decides who is eligible for social assistance, by rules that read like the regulation.
#[derive(Parser, Debug)]
#[command(name = "layak", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Language of messages and texts: `id` or `en` [default: that of the environment]
    #[arg(long, global = true, value_name = "LANG", value_parser = lang)]
    lang: Option<Lang>,
}

fn lang(text: &str) -> Result<Lang, String> {
    Lang::from_tag(text).ok_or_else(|| format!("no language `{text}`: write `id` or `en`"))
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| (1..=1024).contains(n)).ok_or_else(|| format!("`{text}` is no number from 1 to 1024"))
}

fn table(text: &str) -> Result<(String, PathBuf), String> {
    let (list, file) = text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form LIST=FILE"))?;
    Ok((list.to_owned(), file.into()))
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("`{text}` is no day of the calendar, written YYYY-MM-DD"))
}

impl Args {
    /// The language asked for, else that of the environment.
    pub(crate) fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(of_environment)
    }
}

fn of_environment() -> Lang {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG")).unwrap_or_default();
    if locale.starts_with("id") { Lang::Id } else { Lang::En }
}

/// The language of a call that has not been read yet: help and what is wrong with it are told in it.
pub(crate) fn lang_of(call: impl Iterator<Item = OsString>) -> Lang {
    let words: Vec<String> = call.map(|word| word.to_string_lossy().into_owned()).collect();
    let after = words.iter().zip(words.iter().skip(1)).find(|(word, _)| *word == "--lang").map(|(_, tag)| tag.as_str());
    let joined = words.iter().find_map(|word| word.strip_prefix("--lang="));
    after.or(joined).and_then(Lang::from_tag).unwrap_or_else(of_environment)
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Checks rules: every finding at once, with its place, the reason and a way out
    Check(CheckCall),
    /// Decides each household of a file of facts
    Decide(DecideCall),
    /// Shows the reasoning for one household
    Explain(ExplainCall),
    /// Decides again what was recorded, and compares bit for bit
    Replay(ReplayCall),
    /// Decides again after facts were corrected or the law changed: what changed, why, what was over- or underpaid
    Redecide(RedecideCall),
    /// Asks about one household, one question at a time, and only what can still matter
    Ask(AskCall),
    /// Runs the tests and properties in the rule files, and the worked cases beside them
    Test(TestCall),
    /// Draws what rests on what
    Graph(GraphCall),
    /// Lays out rule files: blanks and columns; words, comments and line breaks stay
    Fmt(FmtCall),
    /// Tells what changed in meaning between two rulesets
    Diff(DiffCall),
    /// JSON Schema (2020-12) of the facts, the decisions and the records of these
    Schema(SchemaCall),
    /// Shows what a finding means, with an example and the way out
    Codes(CodesCall),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak check rules/bansos")]
pub(crate) struct CheckCall {
    /// A rule file (with all that it uses) or a folder of rule files
    pub rules: PathBuf,
    /// Lay the acts of this file over the rules, for this call alone; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub format: FindingFormat,
    /// Say what of the rules is decided by columns, many households at once, and what row by row
    #[arg(long)]
    pub batch: bool,
    /// With --batch: the rules of this date [default: today]
    #[arg(long, value_name = "DATE", value_parser = date, requires = "batch")]
    pub as_of: Option<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecisionFormat {
    /// For people: a line for each programme.
    Table,
    /// One list.
    Json,
    /// One decision a line.
    Jsonl,
    /// One row for each programme and member.
    Csv,
    /// One row for each household, typed.
    Parquet,
    /// The same as an Arrow file.
    Arrow,
}

/// What a decision is for.
#[derive(ClapArgs, Clone, Copy, Debug)]
pub(crate) struct DayArgs {
    /// The date that the decision is for [default: today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// The date whose knowledge of the law is used [default: that of --as-of]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub known_on: Option<Date>,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak decide rules/bansos households.jsonl --as-of 2026-02-15 --format table
Example: layak decide rules/bansos households.jsonl --as-of 2026-02-15 --amend reform.layak
Example: layak decide rules/bansos households.parquet --as-of 2026-02-15 --format parquet --out decisions.parquet")]
pub(crate) struct DecideCall {
    /// A rule file (with all that it uses) or a folder of rule files
    pub rules: PathBuf,
    /// Households: `.parquet`, `.arrow`, `.jsonl`, `.json` (one or a list), `.csv`, the texts also as `.gz` or `.zst`, a folder with a table
    /// `households` and one for each list, or `-` for JSON lines from standard input
    pub facts: PathBuf,
    /// Lay the acts of this file over the rules, for this call alone; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    #[command(flatten)]
    pub day: DayArgs,
    /// Decide this programme alone; may be given several times
    #[arg(long, value_name = "NAME")]
    pub programme: Vec<String>,
    /// Add the value of a definition, criterion or table; may be given several times
    #[arg(long, value_name = "NAME")]
    pub show: Vec<String>,
    /// How decisions are written [default: table on a terminal, else jsonl]
    #[arg(long, value_enum)]
    pub format: Option<DecisionFormat>,
    /// Keep with each decision what it was made from, for `layak replay` and `layak redecide`: engine, rules, dates, and of the
    /// facts those alone that it cannot be made again without. Formats json and jsonl
    #[arg(long)]
    pub record: bool,
    /// Leave the facts out of the record
    #[arg(long, requires = "record")]
    pub no_facts: bool,
    /// Write to this file, whole or not at all; or, where it ends in `/`, to a folder, by parts with a manifest
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Go on with the run in the folder of --out that was interrupted
    #[arg(long)]
    pub resume: bool,
    /// Keep with each decision a digest of what it was made from: what a later call with --previous goes by
    #[arg(long)]
    pub digest: bool,
    /// Take over from these decisions, kept with --digest in the same format, what would be decided alike, and decide only households
    /// anew whose facts, or the rules that they rest on, are others: a file, or the folder of a run in parts
    #[arg(long, value_name = "DECISIONS")]
    pub previous: Option<PathBuf>,
    /// So many households, or some more, are in a part [default: 131072]
    #[arg(long, value_name = "N")]
    pub part_rows: Option<usize>,
    /// How many threads decide [default: one a core]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,
    /// Write the rows that could not be read to this file, with their places and what is wrong; a key that stands twice is told too
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// End the run after more rejected rows than these [default: it goes on to the end]
    #[arg(long, value_name = "N")]
    pub max_errors: Option<usize>,
    /// The table with the elements of this list, joined by key [default: `NAME.LIST.END` beside FACTS, or `LIST.END` in a folder or
    /// beside `households.END`]; may be given several times
    #[arg(long, value_name = "LIST=FILE", value_parser = table)]
    pub table: Vec<(String, PathBuf)>,
    /// The column of these tables that holds the key of the household [default: the first]
    #[arg(long, value_name = "COLUMN")]
    pub key: Option<String>,
    /// The columns of facts where neither name is the fact's: a JSON object such as `{"members.birth_date": "tgl_lahir"}`
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Put this column of the input beside the decisions as it is; may be given several times
    #[arg(long, value_name = "COLUMN")]
    pub carry: Vec<String>,
    /// With --format parquet or arrow: one row for each programme and member, as CSV always has
    #[arg(long)]
    pub long: bool,
    /// Leave out this column, which holds no fact; may be given several times
    #[arg(long, value_name = "COLUMN")]
    pub ignore: Vec<String>,
    /// Take binary floats of columns as numbers, by their shortest decimals
    #[arg(long)]
    pub allow_floats: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak replay decisions.jsonl

Ends with 1 if a decision is another now, was made by other rules, or cannot be made again. Another version of the engine is \
named; where it gives the same bytes, that is clean.")]
pub(crate) struct ReplayCall {
    /// Decisions kept by `layak decide --record`: `.jsonl`, `.json`, or `-` for JSON lines from standard input
    pub decisions: PathBuf,
    /// Decide by these rules [default: those that the records name, as seen from this folder]
    #[arg(long, value_name = "RULES")]
    pub rules: Option<PathBuf>,
    /// Lay the acts of this file over the rules, beside those that the records name where these name the rules; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    /// Households whose facts were left out of the records, found by their key, else by their line
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// How results are written; json is one object a line
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub format: FindingFormat,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak redecide decisions.jsonl corrected.jsonl
         layak redecide decisions.jsonl households.jsonl --amend act.layak --known-on 2026-06-01 --until 2026-07-01

Each decision of OLD is a period: from the day it was decided for until the next decision on the same household, or --until. \
Households of OLD that are not among FACTS are counted and left as they are. Ends with 1 if a decision cannot be made again.")]
pub(crate) struct RedecideCall {
    /// Decisions kept by `layak decide --record`: `.jsonl`, `.json`, or `-` for JSON lines from standard input
    pub old: PathBuf,
    /// The households as they are known now: `.jsonl`, `.json` or `.csv`
    pub facts: PathBuf,
    /// Decide by these rules [default: those that the records name, as seen from this folder]
    #[arg(long, value_name = "RULES")]
    pub rules: Option<PathBuf>,
    /// Lay the acts of this file over the rules, beside those that the records name where these name the rules; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    /// The date whose knowledge of the law is used [default: that of each record]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub known_on: Option<Date>,
    /// The day on which the last period of a household ends, itself left out: with it rates become amounts
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<Date>,
    /// How results are written; json is one object a line
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub format: FindingFormat,
    /// End with 1 if any decision is another
    #[arg(long)]
    pub check: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people: the reasoning, what is below it indented.
    Tree,
    /// For people: what --for asks for.
    Text,
    /// One page that needs nothing beside it.
    Html,
    /// One object.
    Json,
}

/// Whom it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainReader {
    /// A letter: what was decided, why, what to do next, where to object.
    Family,
    /// What decided, down to facts and parameters.
    Caseworker,
    /// The record to be kept.
    Audit,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak explain rules/bansos households.jsonl --id 3510-000002 --lang id
         layak explain rules/bansos households.jsonl --id 3510-000002 --for family --format html > letter.html")]
pub(crate) struct ExplainCall {
    /// A rule file (with all that it uses) or a folder of rule files
    pub rules: PathBuf,
    /// Households: `.jsonl`, `.json` (one or a list), or `-` for JSON lines from standard input
    pub facts: PathBuf,
    /// Lay the acts of this file over the rules, for this call alone; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    /// The key of the household; may be left out where there is one alone
    #[arg(long)]
    pub id: Option<String>,
    #[command(flatten)]
    pub day: DayArgs,
    /// Tell also what would change it: of the household's own facts, how far they are from the limits, and what time will bring
    #[arg(long)]
    pub changes: bool,
    /// Whom it is for
    #[arg(long = "for", value_enum, value_name = "READER", default_value_t = ExplainReader::Caseworker)]
    pub reader: ExplainReader,
    /// How it is written
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak ask rules/bansos --lang id --as-of 2026-02-15 --out family.json

An answer is typed as one writes it: 3.000.000 or 3,000,000, 17 Agustus 1990, ya. Instead of an answer: \
`?` tells more of the question, `>` leaves it open (not known), `<` goes back. The end of the input (Ctrl-D) ends the interview; \
what was answered is kept.")]
pub(crate) struct AskCall {
    /// A rule file (with all that it uses) or a folder of rule files
    pub rules: PathBuf,
    /// Lay the acts of this file over the rules, for this call alone; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    #[command(flatten)]
    pub day: DayArgs,
    /// Ask for this programme alone; may be given several times
    #[arg(long, value_name = "NAME")]
    pub programme: Vec<String>,
    /// Begin with the facts of this file: one household as JSON
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Ask also for the keys of the household and of its members, which are numbered otherwise
    #[arg(long)]
    pub keys: bool,
    /// Write the facts to this file, which `layak decide` takes [default: they are shown at the end]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak test rules/bansos

A case is a line of JSON:
  {\"id\": \"a\", \"as_of\": \"2026-01-15\", \"input\": {…facts…}, \"expect\": {\"NAME\": \"900\", \"OTHER\": null}}
`null` is unknown, `\"ERROR\"` a fault. Also `programmes`, `error`, `tolerance`, `known_on`, `module`, `note`.
In a CSV the columns are `id`, `as_of`, `input.FACT`, `expect.NAME`, `programmes.NAME`. See docs/language/09-tests.md.")]
pub(crate) struct TestCall {
    /// A rule file (with all that it uses) or a folder of rule files
    pub rules: PathBuf,
    /// Lay the acts of this file over the rules, for this call alone; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    /// Run the cases of this file, `.jsonl`, `.csv` or `.xlsx`; may be given several times [default: `cases.jsonl`,
    /// `cases.csv` and `cases.xlsx` beside the rules, where they are]
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// Write a copy of the sheet of cases with how each came out, `.xlsx` or `.csv`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "mutate"])]
    pub results: Option<PathBuf>,
    /// Write an empty sheet of cases for these rules, `.xlsx` or `.csv`, and run nothing
    #[arg(long, value_name = "FILE", conflicts_with = "mutate")]
    pub template: Option<PathBuf>,
    /// Make up the fewest cases found that show all of the rules, at most so many, with what the rules say now for people to
    /// confirm; run nothing
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["mutate", "template", "results", "coverage"])]
    pub generate: Option<usize>,
    /// With --generate: write them to this file, `.jsonl`, `.csv` or `.xlsx` [default: JSON lines to standard output]
    #[arg(long, value_name = "FILE", requires = "generate")]
    pub out: Option<PathBuf>,
    /// How many elements of each list a sheet has columns for
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u16).range(0..=500))]
    pub elements: u16,
    /// What the households that properties are tried on are made from: the same number makes the same households
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How many households each property is tried on
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: u32,
    /// Tell also what the tests and cases show of the rules: criteria, exceptions, rows and cells of tables, versions of
    /// parameters
    #[arg(long, value_name = "FORMAT", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub coverage: Option<CoverageFormat>,
    /// Write the coverage to this file, whole or not at all
    #[arg(long, value_name = "FILE", requires = "coverage")]
    pub coverage_out: Option<PathBuf>,
    /// Try small faults of the rules instead, one at a time: which of them would the tests, cases and properties not notice?
    #[arg(long, conflicts_with = "coverage")]
    pub mutate: bool,
    /// Try properties, or make up cases, for so many seconds at most; with --mutate begin with no fault after them
    #[arg(long, value_name = "SECONDS")]
    pub budget: Option<u64>,
    /// Try only so many of them, chosen by --seed
    #[arg(long, value_name = "NUMBER", requires = "mutate")]
    pub mutants: Option<usize>,
    /// Keep in this file what is found, and go on from it: of other rules or tests it is begun anew
    #[arg(long, value_name = "FILE", requires = "mutate")]
    pub resume: Option<PathBuf>,
    /// Fail where less than so many per cent is shown, or noticed
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub fail_under: Option<u32>,
    /// How results are written
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub format: FindingFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// For people: a line for each kind, and what has not been shown.
    Text,
    /// One object.
    Json,
    /// For editors and services that show coverage of lines.
    Lcov,
    /// A page: the rules with what has not been shown.
    Html,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak codes L0201")]
pub(crate) struct CodesCall {
    /// A code such as L0201; all codes where it is left out
    pub code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DrawFormat {
    /// For people: of exceptions alone.
    Text,
    /// Graphviz.
    Dot,
    /// Mermaid, for Markdown.
    Mermaid,
    /// A picture.
    Svg,
    /// Nodes and edges; of exceptions, one object a line.
    Json,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak graph rules/bansos --format svg > bansos.svg")]
pub(crate) struct GraphCall {
    /// A rule file (with all that it uses) or a folder of rule files
    pub rules: PathBuf,
    /// Lay the acts of this file over the rules, for this call alone; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
    /// How it is drawn [default: dot; of exceptions, text]
    #[arg(long, value_enum)]
    pub format: Option<DrawFormat>,
    /// List the exceptions instead, each below what it is an exception to: formats text and json
    #[arg(long)]
    pub exceptions: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak diff rules/bansos drafts/bansos
         layak diff rules/bansos drafts/bansos --facts households.jsonl --as-of 2026-01-15

Layout, comments, the language of keywords, the order of declarations and of files are no change, nor are tests. A change
of labels, bases or reasons alone is marked as wording. What itself stands as before but rests on a change is listed last.")]
pub(crate) struct DiffCall {
    /// The rules as they were: a rule file (with all that it uses) or a folder of rule files
    pub old: PathBuf,
    /// The rules as they are to be
    pub new: PathBuf,
    /// Decide the households of this file by both, and tell whose decision differs and why: `.jsonl`, `.json`, `.csv`, or `-`
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// The date that households are decided for [default: today]
    #[arg(long, value_name = "DATE", value_parser = date, requires = "facts")]
    pub as_of: Option<Date>,
    /// The date whose knowledge of the law is used [default: that of --as-of]
    #[arg(long, value_name = "DATE", value_parser = date, requires = "facts")]
    pub known_on: Option<Date>,
    /// How differences are written; json is one object a line
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub format: FindingFormat,
    /// End with 1 if there is any difference
    #[arg(long)]
    pub check: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak schema rules/bansos > bansos.schema.json")]
pub(crate) struct SchemaCall {
    /// A rule file (with all that it uses) or a folder of rule files
    pub rules: PathBuf,
    /// Lay the acts of this file over the rules, for this call alone; may be given several times
    #[arg(long, value_name = "FILE")]
    pub amend: Vec<PathBuf>,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "Example: layak fmt rules/bansos --check
         layak fmt rules/bansos --language id")]
pub(crate) struct FmtCall {
    /// A rule file, a folder of rule files, or `-` for standard input to standard output
    pub rules: PathBuf,
    /// Write nothing; name the files that are laid out otherwise, and end with 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Translate the keywords: `id` or `en`. Names and texts stay, and so does the meaning; translated back, a file has the
    /// same bytes. The rules must have no errors
    #[arg(long, value_name = "LANG", value_parser = lang)]
    pub language: Option<Lang>,
}
