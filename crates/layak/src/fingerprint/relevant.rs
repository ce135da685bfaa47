//! The part of a program that some of its programmes and values rest on.

use std::collections::BTreeSet;

use crate::program::{DefinitionId, ExprBody, Kind, ParameterId, Program, ProgrammeId, TemplatePart};

use super::{Aspect, Declaration, Frame, Key, Listener, Shown, digest, joined, piece_text, walk};

/// A hash of all that decisions on these programmes and values can hang on, whatever the date: the facts, and the rules that
/// are met on the way from them. Whatever no rule on the way names is not in it. The cost is linear in the program.
pub(crate) fn relevant(program: &Program, programmes: &[ProgrammeId], values: &[DefinitionId]) -> String {
    let mut reach = Reach::of(program);
    programmes.iter().for_each(|id| reach.programme(*id));
    values.iter().for_each(|id| reach.definition(*id));
    reach.close();
    let mut hasher = Hasher { names: reach.names(), frames: vec![Frame::default()] };
    walk(program, &mut hasher);
    let mut text = hasher.frames.pop().map_or(String::new(), |frame| joined(frame.pieces, frame.is_ordered));
    // Acts are told by decisions, and who they are for by the rules that they change.
    for act in program.acts.values() {
        text.push_str(&format!("{:?} {:?} {:?}", act.label, act.basis, act.period));
    }
    digest(&text).trim_start_matches('#').to_owned()
}

struct Reach<'p> {
    program: &'p Program,
    programmes: BTreeSet<ProgrammeId>,
    definitions: BTreeSet<DefinitionId>,
    parameters: BTreeSet<ParameterId>,
    /// Those whose own rules have not been looked through yet.
    open: Vec<Open>,
}

enum Open {
    Programme(ProgrammeId),
    Definition(DefinitionId),
    Parameter(ParameterId),
}

impl<'p> Reach<'p> {
    fn of(program: &'p Program) -> Reach<'p> {
        let mut reach = Reach {
            program,
            programmes: BTreeSet::new(),
            definitions: BTreeSet::new(),
            parameters: BTreeSet::new(),
            open: Vec::new(),
        };
        program.acts.values().filter_map(|act| act.condition).for_each(|id| reach.definition(id));
        reach
    }

    fn programme(&mut self, id: ProgrammeId) {
        if self.programmes.insert(id) {
            self.open.push(Open::Programme(id));
        }
    }

    fn definition(&mut self, id: DefinitionId) {
        if self.definitions.insert(id) {
            self.open.push(Open::Definition(id));
        }
    }

    fn parameter(&mut self, id: ParameterId) {
        if self.parameters.insert(id) {
            self.open.push(Open::Parameter(id));
        }
    }

    fn body(&mut self, body: &ExprBody) {
        for (_, expr) in body.iter() {
            match &expr.kind {
                Kind::Definition { definition, .. } => self.definition(*definition),
                Kind::Parameter { parameter, .. } => self.parameter(*parameter),
                Kind::Outcome { programme, .. } | Kind::Output { programme, .. } => self.programme(*programme),
                // Facts are in it, all of them; a table's record is that of a definition, which the operand names.
                _ => {}
            }
        }
    }

    fn close(&mut self) {
        let program = self.program;
        while let Some(open) = self.open.pop() {
            match open {
                Open::Programme(id) => {
                    let versions = |of: ProgrammeId| program.programmes[of].versions.iter();
                    for version in versions(id) {
                        for condition in version.requires.iter().chain(&version.refuses) {
                            self.body(&condition.body);
                            condition.definition.into_iter().chain(condition.guard).for_each(|d| self.definition(d));
                        }
                        version.gives.iter().for_each(|(_, body)| self.body(body));
                        version.excludes.iter().for_each(|other| self.programme(*other));
                    }
                    // Those that exclude it.
                    let excludes = |other: &ProgrammeId| versions(*other).any(|v| v.excludes.contains(&id));
                    program.programmes.ids().filter(excludes).for_each(|other| self.programme(other));
                }
                Open::Definition(id) => {
                    let definition = &program.definitions[id];
                    for version in &definition.versions {
                        self.body(version.body(program));
                        for part in version.otherwise.iter().flat_map(|(_, template)| &template.parts) {
                            if let TemplatePart::Value(body) = part {
                                self.body(body);
                            }
                        }
                    }
                    definition.base.into_iter().chain(definition.part_of).for_each(|d| self.definition(d));
                }
                Open::Parameter(id) => {
                    let parameter = &program.parameters[id];
                    parameter.bound.into_iter().for_each(|d| self.definition(d));
                    parameter.part_of.into_iter().for_each(|p| self.parameter(p));
                }
            }
        }
    }

    /// Their keys, as the walk tells of them.
    fn names(&self) -> BTreeSet<(Aspect, String)> {
        let program = self.program;
        let name = |module, name: &str| format!("{} {name}", program.modules[module].name);
        let mut out = BTreeSet::new();
        for id in &self.programmes {
            let declared = &program.programmes[*id].declared;
            out.insert((Aspect::Programme, name(declared.module, &declared.name)));
        }
        for id in &self.parameters {
            let declared = &program.parameters[*id].declared;
            out.insert((Aspect::Parameter, name(declared.module, &declared.name)));
        }
        for id in &self.definitions {
            let definition = &program.definitions[*id];
            let owned = program.owned(definition.owner, &definition.declared.name);
            for aspect in [Aspect::Definition, Aspect::Criterion, Aspect::Table] {
                out.insert((aspect, name(definition.declared.module, &owned)));
            }
        }
        out
    }
}

struct Hasher {
    names: BTreeSet<(Aspect, String)>,
    frames: Vec<Frame>,
}

impl Hasher {
    fn add(&mut self, text: String) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pieces.push(text);
        }
    }
}

impl<'a> Listener<'a> for Hasher {
    fn declaration(&mut self, of: Declaration) {
        let key = Key { aspect: of.aspect, name: format!("{} {}", of.module, of.name).into() };
        self.open(key, false, Shown::Nothing);
    }

    fn open(&mut self, key: Key, is_ordered: bool, _: Shown<'a>) {
        self.frames.push(Frame { key: Some(key), is_ordered, pieces: Vec::new() });
    }

    fn close(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        let Some(key) = frame.key.take() else { return };
        let is_rule = matches!(
            key.aspect,
            Aspect::Parameter | Aspect::Definition | Aspect::Criterion | Aspect::Table | Aspect::Programme
        );
        // A declaration, when what holds it is the whole.
        if self.frames.len() == 1 && is_rule && !self.names.contains(&(key.aspect, key.name.to_string())) {
            return;
        }
        self.add(piece_text(&key, &frame.text()));
    }

    fn piece(&mut self, key: Key, meaning: String, _: Shown<'a>) {
        self.add(piece_text(&key, &meaning));
    }
}
