//! What is hardly meant in rules that are otherwise whole: it reads the checked program and nothing that runs.

use crate::diagnostic::Finding;
use crate::program::Program;

mod cover;
mod tables;
#[cfg(test)]
mod tests;

/// Everything found in a program, in no order.
pub(crate) fn analyse(program: &Program) -> Vec<Finding> {
    let mut found = Vec::new();
    tables::analyse(program, &mut found);
    found
}
