//! The built-in forms of properties: each as households, how they are changed, and laws over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Finding, Phrase, phrase};
use crate::program::*;
use crate::source::Span;
use crate::syntax::{Body, ExprKind, FormDecl, FormKind, OutcomeWord, PropertyDecl};
use crate::value::{Function, Value};

use super::check::{Checker, Checking, World as NamedWorld};
use super::{At, Builder};

/// Where a form stands: the property, its entity and the household's name.
#[derive(Clone, Copy)]
struct Place<'p, 'a> {
    at: At<'a, PropertyDecl>,
    entity: EntityId,
    names: &'p [NamedWorld],
}

/// What a form speaks of: a programme, an output of one, or a value.
struct Aim {
    span: Span,
    /// The element that has the programme, the programme and where it is named.
    programme: Option<(ExprBody, ProgrammeId, Span)>,
    value: Option<ExprBody>,
}

/// A law under way: an expression, and which of its parts which household says.
struct Terms {
    body: ExprBody,
    worlds: usize,
    parts: BTreeMap<ExprRef, usize>,
}

impl<'a> Builder<'a> {
    /// The claims of a property's built-in forms.
    pub(super) fn forms(&mut self, at: At<'a, PropertyDecl>, entity: EntityId, names: &[NamedWorld]) -> Vec<Claim> {
        let place = Place { at, entity, names: names.get(..1).unwrap_or(&[]) };
        let mut claims = Vec::new();
        for (form, number) in at.decl.forms.iter().zip(1..) {
            claims.extend(self.form(place, form, number).unwrap_or_default());
        }
        claims
    }

    fn form(&mut self, place: Place<'_, 'a>, form: &'a FormDecl, number: usize) -> Option<Vec<Claim>> {
        let name = place.names.first().map(|n| Arc::clone(&n.name));
        let world = |changes, order| World { name: name.clone(), base: 0, changes, order };
        let claim = |moved: Option<World>, laws| Claim {
            worlds: std::iter::once(world(Vec::new(), None)).chain(moved).collect(),
            laws,
            expectation: number,
            span: form.span,
            complete: false,
        };
        Some(match form.kind {
            FormKind::Monotone { more, fact, adds } => {
                let (field, ty) = self.moved_fact(place, fact)?;
                let laws = self.of_each(place, form, |builder, aim| builder.never_moves(aim, adds))?;
                let reaches: &[Reach] = match ty.required() {
                    Type::Boolean => &[Reach::Unit],
                    _ => &[Reach::Unit, Reach::Next, Reach::Last],
                };
                let moved = |reach| FactChange { field, value: NewValue::Step { up: more, reach } };
                let worlds = reaches.iter().map(|reach| world(vec![moved(*reach)], None));
                worlds.map(|moved| claim(Some(moved), laws.clone())).collect()
            }
            FormKind::Drop { most, fact, step } => {
                let (field, ty) = self.moved_fact(place, fact)?;
                let laws = self.of_each(place, form, |builder, aim| builder.never_drops(place, aim, most))?;
                let moves = self.moves(place, fact, step, &ty)?.into_iter();
                let moved = |value| FactChange { field, value: NewValue::Of(value) };
                moves.map(|value| claim(Some(world(vec![moved(value)], None)), laws.clone())).collect()
            }
            FormKind::Together => vec![claim(None, vec![self.together(place, form)?])],
            FormKind::Decided => {
                let laws = self.of_each(place, form, |builder, aim| {
                    let (element, programme, span) = builder.programme_of(aim)?;
                    let mut terms = Terms::new(1);
                    let open = [OutcomeWord::Undetermined, OutcomeWord::Error]
                        .map(|word| terms.outcome(element, programme, word, 0, span));
                    let open = terms.push(Kind::Or(open.to_vec()), Type::Boolean, span);
                    let law = terms.push(Kind::Not(open), Type::Boolean, span);
                    Some((terms.finish(law), Says::Decided { programme: span }))
                })?;
                vec![Claim { complete: true, ..claim(None, laws) }]
            }
            FormKind::Bounded { within } => vec![claim(None, vec![self.bounded(place, form, within)?])],
            FormKind::Reordered { list } => {
                let field = self.own_field(place, list, |shape| matches!(shape, FieldShape::List { .. }))?.0;
                let laws = self.of_each(place, form, |builder, aim| builder.stays(aim))?;
                let orders = [NewOrder::Reversed, NewOrder::Turned, NewOrder::Swapped];
                let worlds = orders.iter().map(|order| world(Vec::new(), Some((field, *order))));
                worlds.map(|moved| claim(Some(moved), laws.clone())).collect()
            }
        })
    }

    /// A law for each of what a form speaks of; nothing where one of them has a finding.
    fn of_each(
        &mut self,
        place: Place<'_, 'a>,
        form: &FormDecl,
        mut law: impl FnMut(&mut Builder<'a>, &Aim) -> Option<(Mixed, Says)>,
    ) -> Option<Vec<Law>> {
        let mut laws = Vec::new();
        let mut sound = true;
        for target in &form.targets {
            match self.aim(place, *target).and_then(|aim| law(self, &aim)) {
                Some((value, says)) => laws.push(Law { value, span: form.span, says }),
                None => sound = false,
            }
        }
        sound.then_some(laws)
    }

    fn checking(&self, place: Place<'_, 'a>) -> Checking<'a> {
        let owner = if place.names.is_empty() { self.root } else { None };
        let mut state = Checking::new(&place.at.tree.exprs, place.at.module, owner);
        state.worlds = place.names.to_vec();
        state
    }

    fn aim(&mut self, place: Place<'_, 'a>, target: Body) -> Option<Aim> {
        let mut state = self.checking(place);
        let (aim, _) = self.aim_in(&mut state, place, target)?;
        Checker { builder: self, state: &mut state }.finish();
        Some(aim)
    }

    /// What a name stands for, and its value as an expression under way.
    fn aim_in(
        &mut self,
        state: &mut Checking<'a>,
        place: Place<'_, 'a>,
        target: Body,
    ) -> Option<(Aim, Option<ExprRef>)> {
        let root = self.check_body(state, target)?;
        let exprs = &place.at.tree.exprs;
        let span = exprs[target.root].span;
        if let Some((of, programme)) = state.programmes.get(&root).copied() {
            state.pending.remove(&root);
            let element = state.out.part(of, 1);
            return Some((Aim { span, programme: Some((element, programme, span)), value: None }, None));
        }
        let programme = match (&state.out[root].kind, &exprs[target.root].kind) {
            (Kind::Output { of, programme, .. }, ExprKind::Member { of: named, .. }) => {
                Some((state.out.part(*of, 1), *programme, exprs[*named].span))
            }
            _ => None,
        };
        let mut checker = Checker { builder: self, state };
        let value = checker.required(root);
        let ty = checker.ty(value);
        if ty.is_poison() {
            return None;
        }
        if !ty.is_scalar() {
            let name = self.type_name(&ty);
            self.wrong_aim(
                span,
                Phrase {
                    en: format!("a property speaks of single values, this is {}", name.en),
                    id: format!("sifat berbicara tentang nilai tunggal, ini {}", name.id),
                },
            );
            return None;
        }
        let body = state.out.part(value, 1);
        Some((Aim { span, programme, value: Some(body) }, Some(value)))
    }

    fn wrong_aim(&mut self, span: Span, message: Phrase) {
        self.tell(Finding::error(Code::FORM_TARGET, span, message).help(phrase!(
            "name a programme, such as `pkh`, or one of its outputs, such as `pkh.amount`",
            "sebut program, misalnya `pkh`, atau salah satu keluarannya, misalnya `pkh.amount`"
        )));
    }

    fn programme_of<'t>(&mut self, aim: &'t Aim) -> Option<(&'t ExprBody, ProgrammeId, Span)> {
        match (&aim.programme, &aim.value) {
            (Some((element, programme, span)), None) => Some((element, *programme, *span)),
            _ => {
                self.wrong_aim(aim.span, phrase!("a programme is needed here", "di sini perlu sebuah program"));
                None
            }
        }
    }

    /// `more of fact never adds …`: the moved household is no better off, or no worse.
    fn never_moves(&mut self, aim: &Aim, adds: bool) -> Option<(Mixed, Says)> {
        let mut terms = Terms::new(2);
        let (least, most) = if adds { (1, 0) } else { (0, 1) };
        let ty = aim.ty();
        let is_ordered = match &ty {
            Type::Boolean => true,
            Type::Number(_) => true,
            // What a programme that refuses gives is nothing, and there is no day or length of time that is nothing.
            Type::Date | Type::Duration(DurationKind::Months | DurationKind::Days) => aim.programme.is_none(),
            _ => false,
        };
        if !is_ordered {
            self.no_order(aim.span, &ty);
            return None;
        }
        let (low, high) = (terms.worth(aim, least), terms.worth(aim, most));
        let law = match ty {
            Type::Boolean => {
                let not = terms.push(Kind::Not(low), Type::Boolean, aim.span);
                terms.push(Kind::Or(vec![not, high]), Type::Boolean, aim.span)
            }
            _ => terms.push(Kind::Apply(Function::LessEqual, vec![low, high]), Type::Boolean, aim.span),
        };
        Some((terms.finish(law), Says::Parts))
    }

    fn no_order(&mut self, span: Span, ty: &Type) {
        let name = self.type_name(ty);
        self.wrong_aim(
            span,
            Phrase {
                en: format!("there is no more or less of {}", name.en),
                id: format!("tidak ada lebih besar atau lebih kecil pada {}", name.id),
            },
        );
    }

    /// `target never drops by over most …`
    fn never_drops(&mut self, place: Place<'_, 'a>, aim: &Aim, most: Body) -> Option<(Mixed, Says)> {
        let Type::Number(quantity) = aim.ty() else {
            self.wrong_aim(aim.span, phrase!("a number is needed here", "di sini perlu bilangan"));
            return None;
        };
        let ty = Type::Number(Quantity { whole: false, ..quantity });
        let most = self.mixed(most, place.at, place.names, &ty)?.body;
        let mut terms = Terms::new(2);
        let (before, after) = (terms.worth(aim, 0), terms.worth(aim, 1));
        let most = terms.part(&most, 0);
        let least = terms.push(Kind::Apply(Function::Subtract, vec![before, most]), ty, aim.span);
        let law = terms.push(Kind::Apply(Function::LessEqual, vec![least, after]), Type::Boolean, aim.span);
        Some((terms.finish(law), Says::Parts))
    }

    /// `… unchanged by order of list`
    fn stays(&mut self, aim: &Aim) -> Option<(Mixed, Says)> {
        let mut terms = Terms::new(2);
        let outcomes = [0, 1].map(|world| terms.eligible(aim, world));
        let values = [0, 1].map(|world| aim.value.as_ref().map(|value| terms.part(value, world)));
        let span = aim.span;
        let same = |terms: &mut Terms, pair: [ExprRef; 2]| {
            terms.push(Kind::Apply(Function::Equal, pair.to_vec()), Type::Boolean, span)
        };
        let law = match (outcomes, values) {
            ([Some(a), Some(b)], [Some(v), Some(w)]) => {
                let neither = [a, b].map(|e| terms.push(Kind::Not(e), Type::Boolean, span));
                let neither = terms.push(Kind::And(neither.to_vec()), Type::Boolean, span);
                let equal = same(&mut terms, [v, w]);
                let both = terms.push(Kind::And(vec![a, b, equal]), Type::Boolean, span);
                terms.push(Kind::Or(vec![neither, both]), Type::Boolean, span)
            }
            ([Some(a), Some(b)], _) => same(&mut terms, [a, b]),
            (_, [Some(v), Some(w)]) => same(&mut terms, [v, w]),
            _ => return None,
        };
        Some((terms.finish(law), Says::Parts))
    }

    /// `… never together`
    fn together(&mut self, place: Place<'_, 'a>, form: &FormDecl) -> Option<Law> {
        let mut terms = Terms::new(1);
        let mut sound = true;
        // Whether any of those before is eligible, and of each that it is not after one that is.
        let (mut before, mut laws): (Option<ExprRef>, Vec<ExprRef>) = (None, Vec::new());
        for target in &form.targets {
            let aim = self.aim(place, *target);
            let aim = aim.as_ref().and_then(|aim| self.programme_of(aim));
            let Some((element, programme, span)) = aim else {
                sound = false;
                continue;
            };
            let this = terms.outcome(element, programme, OutcomeWord::Eligible, 0, span);
            before = Some(match before {
                None => this,
                Some(before) => {
                    let not = [before, this].map(|e| terms.push(Kind::Not(e), Type::Boolean, span));
                    laws.push(terms.push(Kind::Or(not.to_vec()), Type::Boolean, span));
                    terms.push(Kind::Or(vec![before, this]), Type::Boolean, span)
                }
            });
        }
        if !sound {
            return None;
        }
        if laws.is_empty() {
            self.wrong_aim(
                form.span,
                phrase!("one programme alone is never together", "satu program saja tidak pernah bersama"),
            );
            return None;
        }
        let law = terms.push(Kind::And(laws), Type::Boolean, form.span);
        Some(Law { value: terms.finish(law), span: form.span, says: Says::Together })
    }

    /// `target always in within`
    fn bounded(&mut self, place: Place<'_, 'a>, form: &FormDecl, within: Body) -> Option<Law> {
        let target = form.targets.first()?;
        let mut state = self.checking(place);
        let (aim, value) = self.aim_in(&mut state, place, *target)?;
        let Some(value) = value else {
            self.wrong_aim(aim.span, phrase!("a programme is not a value", "program bukan nilai"));
            return None;
        };
        let range = self.check_body(&mut state, within)?;
        let mut checker = Checker { builder: self, state: &mut state };
        let mut law = checker.contains(value, range, form.span);
        checker.finish();
        if checker.ty(law).is_poison() {
            return None;
        }
        let mut terms = Terms::new(1);
        let inside = state.out.part(law, 1);
        law = terms.copy(&inside, 0);
        if let Some(eligible) = terms.eligible(&aim, 0) {
            let not = terms.push(Kind::Not(eligible), Type::Boolean, aim.span);
            law = terms.push(Kind::Or(vec![not, law]), Type::Boolean, form.span);
        }
        terms.parts = BTreeMap::from([(law, 0)]);
        let says = Says::Bounded {
            value: aim.span,
            programme: aim.programme.as_ref().map(|(_, _, span)| *span),
            within: place.at.tree.exprs[within.root].span,
        };
        Some(Law { value: terms.finish(law), span: form.span, says })
    }

    /// A fact that a form moves, and its type.
    fn moved_fact(&mut self, place: Place<'_, 'a>, fact: Body) -> Option<(usize, Type)> {
        let (field, ty) = self.own_field(place, fact, |shape| matches!(shape, FieldShape::Scalar { .. }))?;
        match ty.required() {
            Type::Boolean | Type::Number(_) | Type::Date => Some((field, ty)),
            Type::Duration(DurationKind::Months | DurationKind::Days) => Some((field, ty)),
            other => {
                let name = self.type_name(other);
                self.tell(
                    Finding::error(
                        Code::FORM_FACT,
                        place.at.tree.exprs[fact.root].span,
                        Phrase {
                            en: format!("there is no more or less of {}", name.en),
                            id: format!("tidak ada lebih besar atau lebih kecil pada {}", name.id),
                        },
                    )
                    .help(phrase!(
                        "write what changes as a free property: `let other = h with {{ … }}`",
                        "tulis perubahannya sebagai sifat bebas: `let other = h with {{ … }}` (`misalkan … dengan`)"
                    )),
                );
                None
            }
        }
    }

    /// A fact or list of the household, or of the element, that a property speaks of; not its key.
    fn own_field(
        &mut self,
        place: Place<'_, 'a>,
        body: Body,
        fits: impl Fn(&FieldShape) -> bool,
    ) -> Option<(usize, Type)> {
        let mut state = self.checking(place);
        let root = self.check_body(&mut state, body)?;
        let mut checker = Checker { builder: self, state: &mut state };
        let root = checker.resolved(root);
        checker.finish();
        let (kind, ty) = (state.out[root].kind.clone(), state.out[root].ty.clone());
        if ty.is_poison() {
            return None;
        }
        if let Kind::Field { of, entity, field } = kind
            && entity == place.entity
            && matches!(state.out[of].kind, Kind::Var(Var(0)))
            && self.entities[entity].key != Some(field)
            && self.entities[entity].fields.get(field).is_some_and(|f| fits(&f.shape))
        {
            return Some((field, ty));
        }
        let name = Arc::clone(&self.entities[place.entity].declared.name);
        self.tell(
            Finding::error(
                Code::FORM_FACT,
                place.at.tree.exprs[body.root].span,
                phrase!(
                    "this is nothing of a `{0}` that can be changed here",
                    "ini bukan bagian dari `{0}` yang bisa diubah di sini",
                    name
                ),
            )
            .help(phrase!(
                "name a single fact of it, or after `order of` a list; for a fact of members write `for all p: Person`",
                "sebut satu faktanya, atau sebuah daftar setelah `order of` (`pada urutan`); untuk fakta anggota tulis `for all p: Person` (`untuk semua`)"
            )),
        );
        None
    }

    /// A fact with a step added, and with it taken away.
    fn moves(&mut self, place: Place<'_, 'a>, fact: Body, step: Body, ty: &Type) -> Option<[Mixed; 2]> {
        let mut state = self.checking(place);
        let fact = self.check_body(&mut state, fact)?;
        let step = self.check_body(&mut state, step)?;
        let mut checker = Checker { builder: self, state: &mut state };
        let span = checker.span_of(step);
        let (step, fact) = (checker.resolved(step), checker.resolved(fact));
        let up = checker.add(fact, step, span, span);
        let up = checker.want(up, ty);
        if checker.ty(up).is_poison() {
            checker.finish();
            return None;
        }
        let down = checker.subtract(fact, step, span, span);
        let down = checker.want(down, ty);
        checker.finish();
        let bodies = [up, down].map(|at| state.out.part(at, 1));
        let [up, down] = bodies.map(|body| self.take_apart(body, 1));
        Some([up?, down?])
    }
}

impl Aim {
    /// The type of what is compared.
    fn ty(&self) -> Type {
        let root = self.value.as_ref().and_then(|body| Some(body[body.root()?].ty.clone()));
        root.unwrap_or(Type::Boolean)
    }
}

impl Terms {
    fn new(worlds: usize) -> Terms {
        let mut body = ExprBody::with_owner();
        body.vars = u32::try_from(worlds).unwrap_or(1);
        Terms { body, worlds, parts: BTreeMap::new() }
    }

    fn push(&mut self, kind: Kind, ty: Type, span: Span) -> ExprRef {
        self.body.push(kind, ty, span)
    }

    /// An expression of one household, said of another.
    fn copy(&mut self, from: &ExprBody, world: usize) -> ExprRef {
        let world = u32::try_from(world).unwrap_or(0);
        self.body.append(from, Var(world))
    }

    /// The same, as a part that the household says.
    fn part(&mut self, from: &ExprBody, world: usize) -> ExprRef {
        let at = self.copy(from, world);
        if !matches!(self.body[at].kind, Kind::Constant(_)) {
            self.parts.insert(at, world);
        }
        at
    }

    fn outcome(
        &mut self,
        element: &ExprBody,
        programme: ProgrammeId,
        outcome: OutcomeWord,
        world: usize,
        span: Span,
    ) -> ExprRef {
        let of = self.copy(element, world);
        let at = self.push(Kind::Outcome { of, programme, outcome }, Type::Boolean, span);
        self.parts.insert(at, world);
        at
    }

    /// Whether the programme that an aim names is eligible; nothing for a value.
    fn eligible(&mut self, aim: &Aim, world: usize) -> Option<ExprRef> {
        let (element, programme, span) = aim.programme.as_ref()?;
        Some(self.outcome(element, *programme, OutcomeWord::Eligible, world, *span))
    }

    /// What a household gets: whether it is eligible, an output of a programme that is, or else nothing; or a value.
    fn worth(&mut self, aim: &Aim, world: usize) -> ExprRef {
        let eligible = self.eligible(aim, world);
        let Some(value) = &aim.value else { return eligible.unwrap_or(ExprRef(0)) };
        let value = self.part(value, world);
        let Some(eligible) = eligible else { return value };
        let ty = aim.ty();
        let nothing = match ty {
            Type::Boolean => Value::Boolean(false),
            _ => Value::Number(crate::value::Decimal::ZERO),
        };
        let nothing = self.push(Kind::Constant(nothing), ty.clone(), aim.span);
        self.push(Kind::If { arms: vec![(eligible, value)], otherwise: nothing }, ty, aim.span)
    }

    fn finish(mut self, law: ExprRef) -> Mixed {
        self.body.close(law);
        let (body, worlds) = (self.body, self.worlds);
        let root = body.root();
        // INVARIANT: the root is the last, where `close` has put a copy of it.
        let moved = |at: ExprRef| if at == law { root.unwrap_or(at) } else { at };
        let parts = self.parts.into_iter().map(|(at, world)| {
            let at = moved(at);
            Part { at, world, body: body.part(at, worlds) }
        });
        let parts = parts.collect();
        Mixed { body, parts }
    }
}
