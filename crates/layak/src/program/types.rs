//! Types and dimensions.

use crate::program::{EntityId, EnumId, TableId};
use crate::syntax::Unit;

/// What a number counts: plain or money, whole or not, and per which unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Quantity {
    pub money: bool,
    pub whole: bool,
    pub per: Option<Unit>,
}

impl Quantity {
    pub(crate) const NUMBER: Quantity = Quantity { money: false, whole: false, per: None };
    pub(crate) const INTEGER: Quantity = Quantity { money: false, whole: true, per: None };
    pub(crate) const MONEY: Quantity = Quantity { money: true, whole: false, per: None };

    /// Whether two quantities measure the same.
    pub(crate) fn same_dimension(self, other: Quantity) -> bool {
        self.money == other.money && self.per == other.per
    }

    pub(crate) fn is_plain(self) -> bool {
        !self.money && self.per.is_none()
    }
}

/// Of which parts a duration can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum DurationKind {
    Months,
    Days,
    Mixed,
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Type {
    Boolean,
    Number(Quantity),
    Date,
    Duration(DurationKind),
    Text,
    Enum(EnumId),
    /// An element of the household's lists, or the household itself.
    Element(EntityId),
    List(Box<Type>),
    Optional(Box<Type>),
    /// The outputs of a table that has several.
    Record(TableId),
    /// A bare name that only an enum's member can give a meaning, until its type is known.
    Pending,
    /// Something a finding has been raised on: it fits everywhere, so that one fault is told once.
    Poison,
}

impl Type {
    pub(crate) const INTEGER: Type = Type::Number(Quantity::INTEGER);
    pub(crate) const NUMBER: Type = Type::Number(Quantity::NUMBER);

    pub(crate) fn list_of(item: Type) -> Type {
        Type::List(Box::new(item))
    }

    pub(crate) fn optional(inner: Type) -> Type {
        match inner {
            inner @ (Type::Optional(_) | Type::Poison) => inner,
            inner => Type::Optional(Box::new(inner)),
        }
    }

    /// Without `optional`.
    pub(crate) fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    pub(crate) fn is_poison(&self) -> bool {
        matches!(self, Type::Poison)
    }

    /// Whether values of the type stand for themselves: no list, element or record.
    pub(crate) fn is_scalar(&self) -> bool {
        match self {
            Type::Boolean
            | Type::Number(_)
            | Type::Date
            | Type::Duration(_)
            | Type::Text
            | Type::Enum(_)
            | Type::Poison => true,
            Type::Optional(inner) => inner.is_scalar(),
            Type::Element(_) | Type::List(_) | Type::Record(_) | Type::Pending => false,
        }
    }

    /// Whether the values have an order.
    pub(crate) fn is_ordered(&self) -> bool {
        matches!(
            self,
            Type::Number(_) | Type::Date | Type::Text | Type::Duration(DurationKind::Months | DurationKind::Days)
        )
    }
}
