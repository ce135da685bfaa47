//! Defaults of facts: of the type, the range and the structure of their field, for what rules conclude from these must hold of a default too.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::syntax::FieldDecl;
use crate::value::Value;

use super::Builder;

impl Builder<'_> {
    /// The default that a field declares, if it declares one; nothing where that is no value of its type.
    pub(super) fn default_of(
        &mut self,
        decl: &FieldDecl,
        ty: &Type,
        range: &Range,
        format: Option<FormatId>,
        module: ModuleId,
    ) -> Option<Option<Value>> {
        let Some(written) = &decl.default else { return Some(None) };
        let default = self.simple_value(written, ty, module)?;
        if let (Value::Text(text), Some(format)) = (&default, format)
            && self.formats[format].check(text).is_err()
        {
            let name = Arc::clone(&self.formats[format].declared.name);
            let message =
                phrase!("`{0}` does not have the structure of `{1}`", "`{0}` tidak berstruktur `{1}`", text, name);
            self.wrong_format(decl.span, message);
        }
        if default != Value::None && !range.holds(&default) {
            let message = phrase!(
                "the default of `{0}` lies outside its range",
                "nilai bawaan `{0}` berada di luar rentangnya",
                decl.name.text
            );
            self.tell(Finding::error(Code::BAD_RANGE, decl.span, message).help(phrase!(
                "widen the range, or give another default",
                "perlebar rentangnya, atau beri nilai bawaan lain"
            )));
        }
        Some(Some(default))
    }
}
