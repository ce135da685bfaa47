//! The values of policy on the day.

use super::*;

impl<'p> Lowering<'p> {
    pub(super) fn parameters(&mut self) {
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

    pub(super) fn parameter(&mut self, parameter: ParameterId, keys: Vec<NodeId>, span: Option<Span>) -> Lowered {
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
    pub(super) fn parameter_list(&mut self, parameter: ParameterId, keys: &[NodeId], span: Option<Span>) -> Lowered {
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
