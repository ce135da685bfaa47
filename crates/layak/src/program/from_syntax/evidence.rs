//! Where facts may come from: freshness of sources, and fields that must be verified.

use std::sync::Arc;

use crate::diagnostic::{Code, Finding, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax;

use super::Builder;

/// The one source whose name has a meaning: the household's own statement.
const OWN_WORD: &str = "self";

impl Builder<'_> {
    pub(super) fn sources(&mut self) {
        for (id, at) in std::mem::take(&mut self.source_trees) {
            self.source_decls[id].verifies = at.decl.unverified.is_none() && &*at.decl.name.text != OWN_WORD;
            if let Some((fresh, span)) = at.decl.fresh
                && fresh.months != 0
            {
                self.need_calendar(span);
            }
        }
    }

    /// Whether a field must be verified; what stands in the way of it is told.
    pub(super) fn is_verified(
        &mut self,
        decl: &syntax::FieldDecl,
        shape: &FieldShape,
        sources: &[SourceDeclId],
    ) -> bool {
        let Some(span) = decl.verified else { return false };
        if !matches!(shape, FieldShape::Scalar { .. }) || decl.key.is_some() {
            self.not_one_fact(span, decl);
            return false;
        }
        // A source that has no declaration has been told.
        if sources.len() < decl.sources.len() || sources.iter().any(|s| self.source_decls[*s].verifies) {
            return true;
        }
        self.unverifiable(span, decl, sources);
        false
    }

    /// A link that is held to others is not one fact by itself.
    pub(super) fn verified_links(&mut self) {
        let fields = self.entities.values().flat_map(|e| &e.fields);
        let related = fields.filter(|f| f.verified && (f.inverse.is_some() || f.acyclic));
        let found: Vec<(Span, Arc<str>)> = related.map(|f| (f.span, Arc::clone(&f.name))).collect();
        for (span, name) in found {
            let finding = Finding::error(
                Code::NOT_ONE_FACT,
                span,
                phrase!(
                    "`{0}` must be verified and is held to other links: no evidence is given for such a link",
                    "`{0}` wajib diverifikasi dan terikat pada tautan lain: tautan seperti itu tidak diberi bukti",
                    name
                ),
            );
            self.tell(finding.help(phrase!(
                "leave out `must be verified`, or `inverse` and `acyclic`",
                "hilangkan `must be verified` (`wajib diverifikasi`), atau `inverse` (`kebalikan`) dan `acyclic` (`tanpa_siklus`)"
            )));
        }
    }

    /// Whether a field is one that nobody may be told to change.
    pub(super) fn is_fixed(&mut self, decl: &syntax::FieldDecl, shape: &FieldShape) -> bool {
        let Some(span) = decl.fixed else { return false };
        let is_one = matches!(shape, FieldShape::Scalar { .. });
        if !is_one {
            self.not_one_fact(span, decl);
        }
        is_one
    }

    fn not_one_fact(&mut self, span: Span, decl: &syntax::FieldDecl) {
        let finding = Finding::error(
            Code::NOT_ONE_FACT,
            span,
            phrase!(
                "`{0}` is not one fact: it is a key, a list or a whole entity",
                "`{0}` bukan satu fakta: ini kunci, daftar, atau satu entitas",
                decl.name.text
            ),
        );
        self.tell(finding.help(phrase!("write it on the single facts within", "tulis pada fakta tunggal di dalamnya")));
    }

    fn unverifiable(&mut self, span: Span, decl: &syntax::FieldDecl, sources: &[SourceDeclId]) {
        let finding = Finding::error(
            Code::UNVERIFIABLE,
            span,
            phrase!(
                "no source of `{0}` verifies it: it would never be known",
                "tidak ada sumber `{0}` yang memverifikasinya: fakta ini tidak akan pernah diketahui",
                decl.name.text
            ),
        );
        let places: Vec<Span> = sources.iter().map(|s| self.source_decls[*s].declared.span).collect();
        let say = || phrase!("this one does not verify", "yang ini tidak memverifikasi");
        let finding = places.into_iter().fold(finding, |finding, place| finding.also(place, say()));
        self.tell(finding.help(phrase!(
            "name a source that verifies after `from`; `self`, and a source declared `unverified`, does not",
            "sebut sumber yang memverifikasi setelah `from` (`dari`); `self`, dan sumber yang dinyatakan `unverified` \
             (`tanpa verifikasi`), tidak"
        )));
    }

    /// Years and months cannot be counted before the ruleset says how.
    pub(super) fn need_calendar(&mut self, span: Span) {
        if self.calendar.is_some() || self.calendar_told {
            return;
        }
        self.calendar_told = true;
        self.tell(
            Finding::error(
                Code::NO_CALENDAR,
                span,
                phrase!(
                    "years and months are counted here, and the ruleset does not say how",
                    "di sini tahun atau bulan dihitung, dan kumpulan aturan belum menyatakan caranya"
                ),
            )
            .help(phrase!(
                "write `calendar leap_day march_1, month_end clip` (or `february_28`, `next`) at the head of one file",
                "tulis `calendar leap_day march_1, month_end clip` (atau `february_28`, `next`) di kepala salah satu berkas"
            )),
        );
    }
}
