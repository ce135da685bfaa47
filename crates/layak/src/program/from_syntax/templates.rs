//! Texts with values in them: `Desil {desil} di atas batas {desil_limit}`.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::syntax::{self, Lang, Texts, Written};

use super::Builder;
use super::check::{Checker, Checking};

impl<'a> Builder<'a> {
    pub(super) fn templates(
        &mut self,
        texts: &Texts,
        lang: Lang,
        module: ModuleId,
        owner: Option<EntityId>,
    ) -> Vec<(Lang, Template)> {
        let mut out = Vec::new();
        for (of, written) in &texts.texts {
            if let Some(template) = self.template(written, lang, module, owner) {
                out.push((*of, template));
            }
        }
        out
    }

    fn template(
        &mut self,
        written: &Written,
        lang: Lang,
        module: ModuleId,
        owner: Option<EntityId>,
    ) -> Option<Template> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest: &str = &written.text;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{{") {
                text.push('{');
                rest = after;
            } else if let Some(after) = rest.strip_prefix("}}") {
                text.push('}');
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let Some((inner, after)) = after.split_once('}') else {
                    self.bad_template(written);
                    return None;
                };
                rest = after;
                if !text.is_empty() {
                    parts.push(TemplatePart::Text(Arc::from(std::mem::take(&mut text))));
                }
                let body = self.template_value(inner, written, lang, module, owner)?;
                parts.push(TemplatePart::Value(body));
            } else {
                text.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or("");
            }
        }
        if !text.is_empty() {
            parts.push(TemplatePart::Text(text.into()));
        }
        Some(Template { parts })
    }

    fn template_value(
        &mut self,
        inner: &str,
        written: &Written,
        lang: Lang,
        module: ModuleId,
        owner: Option<EntityId>,
    ) -> Option<ExprBody> {
        let mut findings = Vec::new();
        let fragment = syntax::parse_fragment(inner, lang, written.span, self.input.limits, &mut findings);
        self.findings.append(&mut findings);
        let (exprs, body) = fragment?;
        let mut state = Checking::new(&exprs, module, owner);
        // The fragment's expressions live here alone, and what is checked is plain data afterwards.
        let root = loop {
            let mut checker = Checker { builder: self, state: &mut state };
            match checker.body(body) {
                Ok(root) => break root,
                Err(super::check::Need(wanted)) => self.run(wanted),
            }
        };
        let mut checker = Checker { builder: self, state: &mut state };
        let root = checker.resolved(root);
        let ty = checker.ty(root);
        checker.finish();
        if !ty.is_scalar() {
            self.bad_template(written);
            return None;
        }
        let mut out = state.out;
        out.close(root);
        Some(out)
    }

    fn bad_template(&mut self, written: &Written) {
        self.tell(
            Finding::error(
                Code::BAD_TEMPLATE,
                written.span,
                phrase!(
                    "`{{` begins a value here, and no single value ends with `}}`",
                    "`{{` memulai sebuah nilai di sini, tetapi tidak ada satu nilai yang ditutup `}}`"
                ),
            )
            .help(phrase!(
                "write `{{desil}}` for a value, `{{{{` for a brace",
                "tulis `{{desil}}` untuk nilai, `{{{{` untuk kurung kurawal"
            )),
        );
    }
}
