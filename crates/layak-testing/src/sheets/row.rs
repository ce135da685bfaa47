//! A row as a case, and a case as a row.

use std::collections::BTreeMap;

use layak::{CaseColumnKind, Date, Decimal, Ruleset};
use serde_json::value::RawValue;

use super::path::{self, Step};
use super::{Cell, RESULT, SheetCase, SheetError, Wrong, address, kinds};

/// What the cells of a column are a part of.
#[derive(Clone, Debug)]
enum Target {
    /// `id`, `as_of` and what else a case has at its top.
    Part,
    /// A fact.
    Input(Vec<Step>),
    /// A value by its name.
    Expect(String),
    /// An outcome, or a part of what a programme comes to.
    Programme { name: String, element: Option<Step>, part: Option<String> },
}

#[derive(Clone, Debug)]
struct Column {
    at: usize,
    name: String,
    target: Target,
    /// None where the rules do not say: a value by its name.
    kind: Option<CaseColumnKind>,
}

/// Lists of members: the fact that is their key, by the list, and by programme the list of those who may get it.
pub(super) struct Columns {
    list: Vec<Column>,
    members: BTreeMap<String, (String, Option<String>)>,
}

const PARTS: [&str; 8] = ["id", "module", "as_of", "known_on", "note", "origin", "error", "tolerance"];

/// What the first row names, and what of it names nothing.
pub(super) fn columns(header: &[Cell], rules: &Ruleset) -> (Columns, Vec<SheetError>) {
    let kinds = kinds(rules);
    let mut errors = Vec::new();
    let mut list: Vec<Column> = Vec::new();
    for (at, cell) in header.iter().enumerate() {
        let name = match cell {
            Cell::Empty => continue,
            Cell::Text(text) => text.trim().to_owned(),
            _ => {
                let wrong = Wrong::new(
                    "the first row names the columns, and this is no name",
                    "baris pertama menyebut kolom, dan ini bukan nama",
                );
                errors.push(SheetError::new(at, 1, wrong));
                continue;
            }
        };
        if name == RESULT {
            continue;
        }
        if let Some(other) = list.iter().find(|c| c.name == name) {
            let first = address(other.at, 1);
            let wrong = Wrong::new(
                format!("the column `{name}` stands at {first} too: leave one of them"),
                format!("kolom `{name}` sudah ada di {first}: sisakan satu saja"),
            );
            errors.push(SheetError::new(at, 1, wrong));
            continue;
        }
        match target(&name, &kinds) {
            Some((target, kind)) => list.push(Column { at, name, target, kind }),
            None => errors.push(SheetError::new(at, 1, unknown(&name, &kinds))),
        }
    }
    let mut members = BTreeMap::new();
    for (field, key, programmes) in rules.member_programmes() {
        for programme in programmes {
            members.entry(programme).or_insert_with(|| (field.clone(), key.clone()));
        }
    }
    (Columns { list, members }, errors)
}

fn target(name: &str, kinds: &BTreeMap<String, CaseColumnKind>) -> Option<(Target, Option<CaseColumnKind>)> {
    let kind = kinds.get(&path::general(name)).cloned();
    if PARTS.contains(&name) {
        return Some((Target::Part, kind));
    }
    if let Some(value) = name.strip_prefix("expect.") {
        return (!value.is_empty()).then(|| (Target::Expect(value.to_owned()), None));
    }
    let mut steps = path::steps(name)?.into_iter();
    match steps.next()? {
        Step::Field(head) if head == "input" => {
            let within = format!("{}.", path::general(name));
            let whole = kinds.keys().any(|known| known.starts_with(&within));
            let kind = kind.or(whole.then_some(CaseColumnKind::Text))?;
            let steps: Vec<Step> = steps.collect();
            let keyed = steps.iter().any(|step| matches!(step, Step::Key(_)));
            (!keyed && !steps.is_empty()).then_some((Target::Input(steps), Some(kind)))
        }
        Step::Field(head) if head == "programmes" => {
            let Step::Field(programme) = steps.next()? else { return None };
            let mut next = steps.next();
            let element = match next {
                Some(step @ (Step::Item(_) | Step::Key(_))) => {
                    next = steps.next();
                    Some(step)
                }
                _ => None,
            };
            let part = match next {
                None => None,
                Some(Step::Field(part)) => Some(part),
                Some(_) => return None,
            };
            // All of a programme of members may stand in one cell, as JSON.
            let all = format!("programmes.{programme}[0]");
            let kind = kind
                .or((element.is_none() && part.is_none() && kinds.contains_key(&all)).then_some(CaseColumnKind::Text))?;
            steps.next().is_none().then_some((Target::Programme { name: programme, element, part }, Some(kind)))
        }
        _ => None,
    }
}

fn unknown(name: &str, kinds: &BTreeMap<String, CaseColumnKind>) -> Wrong {
    let general = path::general(name);
    let known = kinds.keys().map(String::as_str).chain(PARTS);
    let near = known.map(|k| (strsim::damerau_levenshtein(k, &general), k)).min().filter(|(far, _)| *far <= 4);
    match near {
        Some((_, near)) => Wrong::new(
            format!("a case has no column `{name}`: did you mean `{near}`?"),
            format!("kasus tidak mengenal kolom `{name}`: maksud Anda `{near}`?"),
        ),
        None => Wrong::new(
            format!("a case has no column `{name}`: `layak test RULES --template FILE` writes all columns"),
            format!("kasus tidak mengenal kolom `{name}`: `layak test RULES --template FILE` menulis semua kolom"),
        ),
    }
}

/// A part of a case under way.
#[derive(Debug)]
enum Node {
    Json(String),
    Object(Vec<(String, Node)>),
    List(BTreeMap<usize, Node>),
}

/// A row as a case.
pub(super) fn case(row: usize, cells: &[Cell], columns: &Columns) -> Result<SheetCase, Vec<SheetError>> {
    let mut errors = Vec::new();
    let mut case = Node::Object(Vec::new());
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    // Programmes name members by keys, which are facts.
    for programmes in [false, true] {
        for column in &columns.list {
            let cell = cells.get(column.at).unwrap_or(&Cell::Empty);
            let is_programme = matches!(column.target, Target::Programme { .. });
            if *cell == Cell::Empty || is_programme != programmes {
                continue;
            }
            let error = |wrong| SheetError::new(column.at, row, wrong);
            if let (Some(CaseColumnKind::List), Some(count)) = (&column.kind, count(cell)) {
                counts.insert(column.name.clone(), (count, column.at));
                continue;
            }
            let json = match json(cell, column.kind.as_ref()) {
                Ok(json) => json,
                Err(wrong) => {
                    errors.push(error(wrong));
                    continue;
                }
            };
            let put = place(column, columns, &case).and_then(|(steps, part)| {
                found.insert(part, column.at);
                put(&mut case, &steps, json)
            });
            if let Err(wrong) = put {
                errors.push(error(wrong));
            }
        }
    }
    // A list of so many elements of which nothing is known.
    for (name, (count, at)) in &counts {
        let steps = path::steps(name).unwrap_or_default();
        if at_path(&case, &steps).is_none()
            && let Err(wrong) = put_node(&mut case, &steps, Node::List(BTreeMap::new()))
        {
            errors.push(SheetError::new(*at, row, wrong));
        }
        let _ = count;
    }
    let first = |prefix: &str| {
        let of = columns.list.iter().filter(|c| c.name.starts_with(prefix));
        of.map(|c| c.at).find(|at| cells.get(*at).is_some_and(|cell| *cell != Cell::Empty))
    };
    let mut out = String::new();
    write(
        &case,
        "",
        &counts,
        &mut |path, wrong| {
            let at = counts.get(path).map(|(_, at)| *at).or_else(|| first(&format!("{path}["))).unwrap_or(0);
            errors.push(SheetError::new(at, row, wrong));
        },
        &mut out,
    );
    // A case without facts states none.
    if at_path(&case, &[Step::Field("input".to_owned())]).is_none() {
        let comma = if out == "{}" { "" } else { "," };
        out.truncate(out.len().saturating_sub(1));
        out.push_str(&format!("{comma}\"input\":{{}}}}"));
    }
    if errors.is_empty() { Ok(SheetCase { row, json: out, columns: found }) } else { Err(errors) }
}

/// Where a column's cell stands in a case, and what the difference there is called.
fn place(column: &Column, columns: &Columns, case: &Node) -> Result<(Vec<Step>, String), Wrong> {
    let field = |name: &str| Step::Field(name.to_owned());
    match &column.target {
        Target::Part => Ok((vec![field(&column.name)], column.name.clone())),
        Target::Input(steps) => {
            Ok((std::iter::once(field("input")).chain(steps.iter().cloned()).collect(), column.name.clone()))
        }
        Target::Expect(name) => Ok((vec![field("expect"), field(name)], format!("expect.{name}"))),
        Target::Programme { name, element, part } => {
            let mut steps = vec![field("programmes"), field(name)];
            let mut place = format!("programmes.{name}");
            if let Some(element) = element {
                let key = match element {
                    Step::Key(key) | Step::Field(key) => key.clone(),
                    Step::Item(n) => key_of(name, *n, columns, case)?,
                };
                place.push_str(&format!("[{key}]"));
                steps.push(field(&key));
            }
            match part.as_deref() {
                None => {}
                Some(part @ ("because" | "missing")) => {
                    place.push_str(&format!(".{part}"));
                    steps.push(field(part));
                }
                Some(output) => {
                    place.push_str(&format!(".{output}"));
                    steps.extend([field("outputs"), field(output)]);
                }
            }
            // All of a programme stands in the place of its outcome where the cell is JSON; a word is the outcome.
            Ok((steps, place))
        }
    }
}

/// The key of the n-th member, which a case names it by.
fn key_of(programme: &str, n: usize, columns: &Columns, case: &Node) -> Result<String, Wrong> {
    let Some((list, key)) = columns.members.get(programme) else { return Ok(n.to_string()) };
    let Some(key) = key else { return Ok(n.to_string()) };
    let steps = [Step::Field("input".to_owned()), Step::Field(list.clone()), Step::Item(n), Step::Field(key.clone())];
    let text = match at_path(case, &steps) {
        Some(Node::Json(json)) => serde_json::from_str::<String>(json).unwrap_or_else(|_| json.clone()),
        _ => {
            return Err(Wrong::new(
                format!("something is expected of `{list}[{n}]`, which has no `{key}` in this row"),
                format!("ada yang diharapkan dari `{list}[{n}]`, tetapi baris ini tidak mengisi `{key}`-nya"),
            ));
        }
    };
    Ok(text)
}

fn at_path<'n>(node: &'n Node, steps: &[Step]) -> Option<&'n Node> {
    let Some((first, rest)) = steps.split_first() else { return Some(node) };
    match (node, first) {
        (Node::Object(entries), Step::Field(name)) => {
            at_path(entries.iter().find(|(have, _)| have == name).map(|(_, inner)| inner)?, rest)
        }
        (Node::List(items), Step::Item(n)) => at_path(items.get(n)?, rest),
        _ => None,
    }
}

fn put(node: &mut Node, steps: &[Step], json: String) -> Result<(), Wrong> {
    put_node(node, steps, Node::Json(json))
}

fn put_node(node: &mut Node, steps: &[Step], value: Node) -> Result<(), Wrong> {
    let Some((first, rest)) = steps.split_first() else {
        // The outcome of a programme of which more is expected.
        if let (Node::Object(entries), Node::Json(_)) = (&mut *node, &value)
            && !entries.is_empty()
        {
            entries.insert(0, ("outcome".to_owned(), value));
            return Ok(());
        }
        *node = value;
        return Ok(());
    };
    let both = || {
        Wrong::new(
            "this stands in another cell too: as a whole, or in parts",
            "ini sudah ada di sel lain: tulis seluruhnya, atau bagian demi bagian",
        )
    };
    if let Node::Json(json) = node {
        // A word is the outcome; what else is expected goes beside it.
        if !json.starts_with('"') {
            return Err(both());
        }
        *node = Node::Object(vec![("outcome".to_owned(), Node::Json(std::mem::take(json)))]);
    }
    match (node, first) {
        (Node::Object(entries), Step::Field(name) | Step::Key(name)) => {
            let at = match entries.iter().position(|(have, _)| have == name) {
                Some(at) => at,
                None => {
                    let inner = match rest.first() {
                        Some(Step::Item(_)) => Node::List(BTreeMap::new()),
                        _ => Node::Object(Vec::new()),
                    };
                    entries.push((name.clone(), inner));
                    entries.len() - 1
                }
            };
            match entries.get_mut(at) {
                Some((_, inner)) => put_node(inner, rest, value),
                None => Ok(()),
            }
        }
        (Node::List(items), Step::Item(n)) => {
            let inner = match rest.first() {
                Some(Step::Item(_)) => Node::List(BTreeMap::new()),
                _ => Node::Object(Vec::new()),
            };
            put_node(items.entry(*n).or_insert(inner), rest, value)
        }
        _ => Err(both()),
    }
}

/// A list's number of elements.
fn count(cell: &Cell) -> Option<usize> {
    match cell {
        Cell::Number(text) | Cell::Text(text) => text.trim().parse().ok().filter(|n| *n <= 10_000),
        _ => None,
    }
}

/// The case as JSON. An element that no cell speaks of is one of which nothing is known, if a cell says that it is there.
fn write(
    node: &Node,
    path: &str,
    counts: &BTreeMap<String, (usize, usize)>,
    wrong: &mut impl FnMut(&str, Wrong),
    out: &mut String,
) {
    match node {
        Node::Json(json) => out.push_str(json),
        Node::Object(entries) => {
            out.push('{');
            for (index, (name, inner)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::Value::from(name.as_str()).to_string());
                out.push(':');
                let inner_path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                write(inner, &inner_path, counts, wrong, out);
            }
            out.push('}');
        }
        Node::List(items) => {
            let filled = items.keys().next_back().map_or(0, |last| last + 1);
            let count = counts.get(path).map_or(filled, |(count, _)| *count);
            if count < filled {
                wrong(
                    path,
                    Wrong::new(
                        format!("there are {count} elements by this cell, and facts of {filled}"),
                        format!("menurut sel ini ada {count} anggota daftar, padahal ada fakta untuk {filled}"),
                    ),
                );
            }
            out.push('[');
            for n in 0..count {
                if n > 0 {
                    out.push(',');
                }
                match items.get(&n) {
                    Some(inner) => write(inner, &format!("{path}[{n}]"), counts, wrong, out),
                    None if counts.contains_key(path) => out.push_str("{}"),
                    None => wrong(
                        path,
                        Wrong::new(
                            format!("`{path}[{n}]` is empty, and one after it is not: fill them in order"),
                            format!("`{path}[{n}]` kosong, padahal yang sesudahnya terisi: isi berurutan"),
                        ),
                    ),
                }
            }
            out.push(']');
        }
    }
}

/// A cell as JSON, as its column wants it.
fn json(cell: &Cell, kind: Option<&CaseColumnKind>) -> Result<String, Wrong> {
    let text = match cell {
        Cell::Empty => return Ok("null".to_owned()),
        Cell::Refused(wrong) => return Err(wrong.clone()),
        Cell::Text(text) => Some(text.trim()),
        _ => None,
    };
    match text {
        Some("null") => return Ok("null".to_owned()),
        Some(text) if text.starts_with(['[', '{']) => {
            return match serde_json::from_str::<&RawValue>(text) {
                Ok(raw) => Ok(raw.get().to_owned()),
                Err(error) => Err(Wrong::new(format!("this is no JSON: {error}"), format!("ini bukan JSON: {error}"))),
            };
        }
        _ => {}
    }
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    match kind {
        Some(CaseColumnKind::Boolean) => match (cell, text.map(str::to_lowercase).as_deref()) {
            (Cell::Boolean(yes), _) => Ok(yes.to_string()),
            (_, Some("yes" | "ya" | "true")) => Ok("true".to_owned()),
            (_, Some("no" | "tidak" | "false")) => Ok("false".to_owned()),
            _ => Err(Wrong::new(
                format!(
                    "`{}` is neither yes nor no: write `yes` or `no`, or leave the cell empty where it is not known",
                    cell.shown()
                ),
                format!(
                    "`{}` bukan ya atau tidak: tulis `ya` atau `tidak`, atau kosongkan bila tidak diketahui",
                    cell.shown()
                ),
            )),
        },
        Some(CaseColumnKind::Number) => match (cell, text) {
            (Cell::Number(digits), _) => Ok(digits.clone()),
            (_, Some("ERROR")) => Ok(quoted("ERROR")),
            (_, Some(text)) if text.parse::<Decimal>().is_ok() => Ok(quoted(text)),
            _ => Err(Wrong::new(
                format!(
                    "`{}` is no number: write it without a currency and without marks between its digits, such as 1500000 or 0.5",
                    cell.shown()
                ),
                format!(
                    "`{}` bukan bilangan: tulis tanpa mata uang dan tanpa pemisah ribuan, misalnya 1500000 atau 0.5",
                    cell.shown()
                ),
            )),
        },
        Some(CaseColumnKind::Date) => match (cell, text) {
            (Cell::Date(day), _) => Ok(quoted(day)),
            (_, Some(text)) if text.parse::<Date>().is_ok() => Ok(quoted(text)),
            (Cell::Number(digits), _) => Err(Wrong::new(
                format!("{digits} is a number where a date is needed: give the cell the format of a date"),
                format!("{digits} adalah bilangan, padahal di sini perlu tanggal: beri sel ini format tanggal"),
            )),
            _ => Err(Wrong::new(
                format!("`{}` is no date: write it as 2026-01-31", cell.shown()),
                format!("`{}` bukan tanggal: tulis seperti 2026-01-31", cell.shown()),
            )),
        },
        Some(CaseColumnKind::Names) => {
            let names = text.unwrap_or_else(|| cell.shown()).split(',').map(str::trim).filter(|name| !name.is_empty());
            Ok(format!("[{}]", names.map(quoted).collect::<Vec<_>>().join(",")))
        }
        Some(CaseColumnKind::Choice(words)) => {
            let is_outcome = words.iter().any(|word| word == "not_eligible");
            match cell {
                _ if is_outcome && !words.iter().any(|word| word == cell.shown().trim()) => Err(Wrong::new(
                    format!("`{}` is no outcome: it is one of {}", cell.shown(), words.join(", ")),
                    format!("`{}` bukan hasil: hasil adalah salah satu dari {}", cell.shown(), words.join(", ")),
                )),
                // A member of an enum may be named by a code, which looks like a number or a yes.
                _ => Ok(quoted(cell.shown().trim())),
            }
        }
        Some(CaseColumnKind::Text | CaseColumnKind::List) => match cell {
            Cell::Number(digits) => Err(Wrong::new(
                format!(
                    "{digits} is a number where a text is needed, and may have lost zeros before it: give the cell the format of a text and write it again"
                ),
                format!(
                    "{digits} adalah bilangan, padahal di sini perlu teks, dan nol di depannya bisa hilang: beri sel ini format teks lalu tulis ulang"
                ),
            )),
            _ => Ok(quoted(cell.shown())),
        },
        // What a value by its name is, the rules say when they are run.
        _ => Ok(match (cell, text) {
            (Cell::Boolean(yes), _) => yes.to_string(),
            (Cell::Number(digits), _) => digits.clone(),
            (_, Some("true" | "yes" | "ya")) => "true".to_owned(),
            (_, Some("false" | "no" | "tidak")) => "false".to_owned(),
            _ => quoted(cell.shown().trim()),
        }),
    }
}

/// A case as the cells of a row.
pub(super) fn from_json(json: &str, header: &[Cell], rules: &Ruleset) -> Result<Vec<Cell>, Wrong> {
    let mut cells = vec![Cell::Empty; header.len()];
    let places: BTreeMap<&str, usize> = header.iter().enumerate().map(|(at, cell)| (cell.shown(), at)).collect();
    let mut flat: Vec<(String, Cell)> = Vec::new();
    let bad = || Wrong::new("a case is a JSON object", "kasus adalah objek JSON");
    let parts = object(json).ok_or_else(bad)?;
    let keys: BTreeMap<String, (String, Option<String>)> = rules
        .member_programmes()
        .into_iter()
        .flat_map(|(list, key, programmes)| programmes.into_iter().map(move |p| (p, (list.clone(), key.clone()))))
        .collect();
    let input = parts.iter().find(|(name, _)| name == "input").map_or("{}", |(_, raw)| raw.get());
    for (name, raw) in &parts {
        match name.as_str() {
            "input" => facts("input", raw.get(), &places, &mut flat),
            "programmes" => {
                for (programme, want) in object(raw.get()).unwrap_or_default() {
                    expected(&programme, want.get(), input, &keys, &mut flat);
                }
            }
            "expect" => {
                let values = object(raw.get()).unwrap_or_default();
                flat.extend(values.into_iter().map(|(name, raw)| (format!("expect.{name}"), scalar(raw.get()))));
            }
            _ => flat.push((name.clone(), scalar(raw.get()))),
        }
    }
    for (name, cell) in flat {
        let Some(slot) = places.get(name.as_str()).and_then(|at| cells.get_mut(*at)) else {
            return Err(Wrong::new(
                format!("the sheet has no column `{name}`"),
                format!("lembar ini tidak punya kolom `{name}`"),
            ));
        };
        *slot = cell;
    }
    Ok(cells)
}

fn object(json: &str) -> Option<Vec<(String, Box<RawValue>)>> {
    // A map would put the names in order; the first of two alike is no case that anything here makes.
    let map: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
    Some(map.into_iter().collect())
}

fn scalar(json: &str) -> Cell {
    match json.trim() {
        "true" => Cell::Boolean(true),
        "false" => Cell::Boolean(false),
        text if text.starts_with('"') => {
            let text: String = serde_json::from_str(text).unwrap_or_default();
            if text.parse::<Date>().is_ok() { Cell::Date(text) } else { Cell::Text(text) }
        }
        text if text.parse::<Decimal>().is_ok() => Cell::Number(text.to_owned()),
        text => Cell::Text(text.to_owned()),
    }
}

fn facts(path: &str, json: &str, places: &BTreeMap<&str, usize>, out: &mut Vec<(String, Cell)>) {
    let within = format!("{path}.");
    if json.starts_with('{') && (path == "input" || places.keys().any(|name| name.starts_with(&within))) {
        for (name, raw) in object(json).unwrap_or_default() {
            facts(&format!("{path}.{name}"), raw.get(), places, out);
        }
        return;
    }
    if json.starts_with('[') {
        let items: Vec<Box<RawValue>> = serde_json::from_str(json).unwrap_or_default();
        let last = items.len().checked_sub(1).map(|last| format!("{path}[{last}]."));
        let fits = last.is_none_or(|last| places.keys().any(|name| name.starts_with(&last)));
        if fits {
            out.push((path.to_owned(), Cell::Number(items.len().to_string())));
            for (n, item) in items.iter().enumerate() {
                facts(&format!("{path}[{n}]"), item.get(), places, out);
            }
            return;
        }
    }
    out.push((path.to_owned(), scalar(json)));
}

fn expected(
    programme: &str,
    want: &str,
    input: &str,
    keys: &BTreeMap<String, (String, Option<String>)>,
    out: &mut Vec<(String, Cell)>,
) {
    if let Some((list, key)) = keys.get(programme) {
        let lists = object(input).unwrap_or_default();
        let items: Vec<Box<RawValue>> = lists
            .iter()
            .find(|(name, _)| name == list)
            .and_then(|(_, raw)| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        for (name, want) in object(want).unwrap_or_default() {
            let is_it = |item: &RawValue| {
                let entries = object(item.get()).unwrap_or_default();
                let own = entries.iter().find(|(field, _)| Some(field) == key.as_ref());
                own.is_some_and(|(_, raw)| scalar(raw.get()).shown() == name)
            };
            let at = items.iter().position(|item| is_it(item)).or_else(|| name.parse().ok());
            if let Some(at) = at {
                entitlement(&format!("programmes.{programme}[{at}]"), want.get(), out);
            }
        }
        return;
    }
    entitlement(&format!("programmes.{programme}"), want, out);
}

fn entitlement(place: &str, want: &str, out: &mut Vec<(String, Cell)>) {
    if !want.starts_with('{') {
        out.push((place.to_owned(), scalar(want)));
        return;
    }
    for (part, raw) in object(want).unwrap_or_default() {
        match part.as_str() {
            "outcome" => out.push((place.to_owned(), scalar(raw.get()))),
            "outputs" => {
                let outputs = object(raw.get()).unwrap_or_default();
                out.extend(outputs.into_iter().map(|(name, raw)| (format!("{place}.{name}"), scalar(raw.get()))));
            }
            list => {
                let names: Vec<String> = serde_json::from_str(raw.get()).unwrap_or_default();
                // An empty list says that there is none, an empty cell nothing.
                let text = if names.is_empty() { "[]".to_owned() } else { names.join(", ") };
                out.push((format!("{place}.{list}"), Cell::Text(text)));
            }
        }
    }
}
