//! What a guest may not have because it could not be undone between two persons.
//!
//! *Invariant `resettable`*: all that a guest can change is its memory, by an instruction that
//! [`marks`](super::marks) knows, and its globals, which are numbers. Tables and segments stay as
//! the module has them. Fail closed: an allow-list of proposals, and within them one of every
//! instruction that names a memory, a table or a segment. Answers memory-persist.

use wasmparser::{Data, DataKind, ElementKind, Operator, ValType};

use super::marks;

/// Proposals whose instructions are allowed if they name no memory, table or segment.
const PROPOSALS: [&str; 4] = ["mvp", "sign_extension", "saturating_float_to_int", "simd"];

/// Immediates that name something which could be changed.
const CHANGEABLE: [&str; 9] = [
    "memarg",
    "mem",
    "dst_mem",
    "src_mem",
    "table",
    "dst_table",
    "src_table",
    "elem_index",
    "data_index",
];

/// Says what is wrong with an instruction, if it may not be there.
pub(crate) fn instruction(operator: &Operator<'_>) -> Option<&'static str> {
    let (proposal, immediates) = shape(operator);
    let harmless = PROPOSALS.contains(&proposal)
        && !immediates.iter().any(|immediate| CHANGEABLE.contains(immediate));
    let allowed = harmless || marks::store(operator).is_some() || reads_or_is_handled(operator);
    (!allowed).then(|| named(operator))
}

/// A passive segment is there to be dropped, by an instruction that is refused.
pub(crate) const fn data(kind: &DataKind<'_>) -> Option<&'static str> {
    match kind {
        DataKind::Active { .. } => None,
        DataKind::Passive => Some("a passive data segment"),
    }
}

/// Whether a data segment fits a memory that starts with `bytes`. The rewritten module has more,
/// so the engine would not notice.
pub(crate) fn fits(segment: &Data<'_>, bytes: u64) -> Result<bool, wasmparser::Error> {
    let DataKind::Active { offset_expr, .. } = &segment.kind else { return Ok(true) };
    let place = match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => u64::from(value.cast_unsigned()),
        // Without imported globals there is nothing else that it could be.
        _ => return Ok(false),
    };
    Ok(place + segment.data.len() as u64 <= bytes)
}

/// As [`data`]; a declared segment is no more than a list of functions.
pub(crate) const fn elements(kind: &ElementKind<'_>) -> Option<&'static str> {
    match kind {
        ElementKind::Active { .. } | ElementKind::Declared => None,
        ElementKind::Passive => Some("a passive element segment"),
    }
}

/// A reference cannot be kept in the rewriter's memory, so what changes must be a number.
pub(crate) const fn global(content: ValType, mutable: bool) -> Option<&'static str> {
    match content {
        ValType::Ref(_) if mutable => Some("a mutable global of a reference type"),
        _ => None,
    }
}

/// Instructions that name a memory or a table and do not change it, and those that
/// [`body`](super::body) gives another meaning.
const fn reads_or_is_handled(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        // Read a memory.
        O::I32Load { .. } | O::I64Load { .. } | O::F32Load { .. } | O::F64Load { .. }
            | O::I32Load8S { .. } | O::I32Load8U { .. } | O::I32Load16S { .. }
            | O::I32Load16U { .. } | O::I64Load8S { .. } | O::I64Load8U { .. }
            | O::I64Load16S { .. } | O::I64Load16U { .. } | O::I64Load32S { .. }
            | O::I64Load32U { .. } | O::V128Load { .. } | O::V128Load8x8S { .. }
            | O::V128Load8x8U { .. } | O::V128Load16x4S { .. } | O::V128Load16x4U { .. }
            | O::V128Load32x2S { .. } | O::V128Load32x2U { .. } | O::V128Load8Splat { .. }
            | O::V128Load16Splat { .. } | O::V128Load32Splat { .. } | O::V128Load64Splat { .. }
            | O::V128Load32Zero { .. } | O::V128Load64Zero { .. } | O::V128Load8Lane { .. }
            | O::V128Load16Lane { .. } | O::V128Load32Lane { .. } | O::V128Load64Lane { .. }
            // Read a table, or make a value of what it holds.
            | O::TableGet { .. } | O::TableSize { .. } | O::RefNull { .. } | O::RefIsNull
            | O::RefFunc { .. } | O::TypedSelect { .. }
            // Are marked, or become a global.
            | O::MemoryFill { .. } | O::MemoryCopy { .. } | O::MemorySize { .. }
            | O::MemoryGrow { .. }
    )
}

/// The name of what is refused, as the text format has it.
const fn named(operator: &Operator<'_>) -> &'static str {
    use Operator as O;
    match operator {
        O::MemoryInit { .. } => "`memory.init`",
        O::DataDrop { .. } => "`data.drop`",
        O::ElemDrop { .. } => "`elem.drop`",
        O::TableInit { .. } => "`table.init`",
        O::TableCopy { .. } => "`table.copy`",
        O::TableFill { .. } => "`table.fill`",
        O::TableGrow { .. } => "`table.grow`",
        O::TableSet { .. } => "`table.set`",
        _ => "an instruction that is on no list",
    }
}

macro_rules! shape {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident $rest:tt )*) => {
        /// The proposal that an instruction comes from, and the names of its immediates.
        const fn shape(operator: &Operator<'_>) -> (&'static str, &'static [&'static str]) {
            match operator {
                $( Operator::$op $({ $($arg: _),* })? => {
                    (stringify!($proposal), &[$($(stringify!($arg)),*)?])
                } )*
                // The parser's list says that it may grow.
                _ => ("unknown", &[]),
            }
        }
    };
}
wasmparser::for_each_operator!(shape);
