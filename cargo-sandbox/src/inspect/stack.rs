//! Where the C stack lies in linear memory, and how large it is.

use wasmparser::{ConstExpr, Data, DataKind, Operator};

/// What a module says of the beginning of its memory.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The bytes that data segments hold.
    pub data: u64,
    /// The lowest address that one of them is copied to; `None` without any.
    lowest: Option<u64>,
    /// A segment lies where the file does not say.
    unknown: bool,
}

impl Layout {
    pub(super) fn add(&mut self, segment: &Data<'_>) {
        self.data += segment.data.len() as u64;
        let DataKind::Active { offset_expr, .. } = &segment.kind else { return };
        match constant(offset_expr) {
            Some(address) if !segment.data.is_empty() => self.lowest = Some(self.lowest.map_or(address, |lowest| lowest.min(address))),
            Some(_) => {}
            None => self.unknown = true,
        }
    }

    /// Gives the size of the stack, which grows down from where `__stack_pointer` begins: to address 0, if no data lies below.
    pub(super) fn stack(&self, pointer: Option<u64>) -> Option<u64> {
        pointer.filter(|pointer| !self.unknown && self.lowest.is_none_or(|lowest| lowest >= *pointer))
    }
}

/// Gives the number that an expression is.
pub(super) fn constant(expression: &ConstExpr<'_>) -> Option<u64> {
    let mut operators = expression.get_operators_reader();
    let number = match operators.read().ok()? {
        Operator::I32Const { value } => value.cast_unsigned().into(),
        Operator::I64Const { value } => value.cast_unsigned(),
        _ => return None,
    };
    matches!(operators.read().ok()?, Operator::End).then_some(number)
}
