//! Values as findings show them.

use crate::program::*;
use crate::value::Value;

/// A value; of an enum by the name of its member.
pub(super) fn value(value: &Value, names: Option<&EnumType>) -> String {
    match value {
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Duration(duration) => duration.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Enum(at) => {
            names.and_then(|e| e.members.get(*at as usize)).map_or_else(|| "?".to_owned(), |m| m.name.to_string())
        }
        Value::None => "none".to_owned(),
        Value::Element(_) => "-".to_owned(),
    }
}

/// The facts of a household, or of any.
pub(super) fn household(program: &Program, facts: &[(EntityId, usize, Value)]) -> String {
    let mut texts: Vec<String> = facts
        .iter()
        .filter_map(|(entity, field, of)| {
            let declared = program.entities[*entity].fields.get(*field)?;
            let names = match &declared.shape {
                FieldShape::Scalar { ty, .. } => match ty.required() {
                    Type::Enum(id) => Some(&program.enums[*id]),
                    _ => None,
                },
                _ => None,
            };
            // The one value of a list of scalars has the name of the list.
            let name = if program.entities[*entity].is_scalar_item {
                program.entities[*entity].declared.name.to_string()
            } else {
                program.owned(*entity, &declared.name)
            };
            Some(format!("{name} = {}", value(of, names)))
        })
        .collect();
    texts.sort();
    if texts.is_empty() { "-".to_owned() } else { texts.join(", ") }
}
