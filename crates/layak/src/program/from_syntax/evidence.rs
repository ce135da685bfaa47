//! Where facts may come from: freshness of sources, and fields that must be verified.

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
        let name = &decl.name.text;
        if !matches!(shape, FieldShape::Scalar { .. }) || decl.key.is_some() {
            let finding = Finding::error(
                Code::NOT_ONE_FACT,
                span,
                phrase!(
                    "`{0}` is a key, a list or a whole entity, for which no evidence is given",
                    "`{0}` adalah kunci, daftar, atau satu entitas, yang tidak diberi bukti",
                    name
                ),
            );
            self.tell(
                finding.help(phrase!("write it on the single facts within", "tulis pada fakta tunggal di dalamnya")),
            );
            return false;
        }
        // A source that has no declaration has been told.
        if sources.len() < decl.sources.len() || sources.iter().any(|s| self.source_decls[*s].verifies) {
            return true;
        }
        self.unverifiable(span, decl, sources);
        false
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
