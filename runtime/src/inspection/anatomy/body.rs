//! A function's body: digests that two versions share, constants, and what a reviewer counts.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cloister_contract::digest::Digest;
use wasmparser::{BlockType, FunctionBody, Operator};

use super::NotTakenApart;
use super::names::Names;

/// What a body refers to by number.
pub(super) struct Context<'m> {
    /// Signatures in words.
    pub(super) types: &'m [String],
    /// The type of each function, imports first.
    pub(super) functions: &'m [u32],
    pub(super) names: &'m Names,
}

/// A constant in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Constant {
    /// A 32-bit integer, which may be an address.
    Word(i32),
    /// A 64-bit integer.
    Long(i64),
    /// The bits of a double.
    Double(u64),
}

/// How often a body does what a reviewer looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Tally {
    /// Calls whose callee only a run decides.
    pub(in super::super) indirect_calls: u32,
    /// A float's bits taken as an integer, or an integer's as a float.
    pub(in super::super) float_bits: u32,
    /// Instructions that always trap.
    pub(in super::super) traps: u32,
    /// Instructions that ask for more memory.
    pub(in super::super) grows: u32,
}

/// A body as read.
pub(super) struct Read {
    pub(super) body: Digest,
    pub(super) shape: Digest,
    pub(super) constants: BTreeSet<Constant>,
    pub(super) tally: Tally,
    pub(super) calls: Vec<u32>,
}

/// Reads a body, operator by operator.
pub(super) fn read(context: &Context<'_>, body: &FunctionBody<'_>) -> Result<Read, NotTakenApart> {
    let mut text = String::new();
    for local in body.get_locals_reader()? {
        let (count, ty) = local?;
        let _ = writeln!(text, "{count} {ty}");
    }
    let mut shape = text.clone();
    let mut constants = BTreeSet::new();
    let mut tally = Tally::default();
    let mut calls = Vec::new();
    for operator in body.get_operators_reader()? {
        let operator = operator?;
        count(&operator, &mut tally);
        if let Some(constant) = constant(&operator) {
            constants.insert(constant);
        }
        if let Operator::Call { function_index } | Operator::RefFunc { function_index } = operator {
            calls.push(function_index);
        }
        let _ = writeln!(text, "{}", context.words(&operator));
        match operator {
            Operator::I32Const { .. } => shape += "i32\n",
            Operator::I64Const { .. } => shape += "i64\n",
            Operator::F32Const { .. } => shape += "f32\n",
            Operator::F64Const { .. } => shape += "f64\n",
            Operator::V128Const { .. } => shape += "v128\n",
            _ => {
                let _ = writeln!(shape, "{}", context.words(&operator));
            }
        }
    }
    let (body, shape) = (Digest::of(text.as_bytes()), Digest::of(shape.as_bytes()));
    Ok(Read { body, shape, constants, tally, calls })
}

impl Context<'_> {
    /// An operator in words that do not change with the numbers of functions and types.
    fn words(&self, operator: &Operator<'_>) -> String {
        let signature = |ty: u32| self.types.get(ty as usize).map_or("", String::as_str);
        let callee = |index: u32| {
            let ty = self.functions.get(index as usize).copied();
            self.names.known(index).unwrap_or_else(|| ty.map_or("", signature))
        };
        match operator {
            Operator::Call { function_index } => format!("call {}", callee(*function_index)),
            Operator::RefFunc { function_index } => format!("ref {}", callee(*function_index)),
            Operator::CallIndirect { type_index, table_index } => {
                format!("call through {table_index} {}", signature(*type_index))
            }
            Operator::Block { blockty: BlockType::FuncType(ty) } => {
                format!("block {}", signature(*ty))
            }
            Operator::Loop { blockty: BlockType::FuncType(ty) } => {
                format!("loop {}", signature(*ty))
            }
            Operator::If { blockty: BlockType::FuncType(ty) } => format!("if {}", signature(*ty)),
            other => format!("{other:?}"),
        }
    }
}

fn constant(operator: &Operator<'_>) -> Option<Constant> {
    match operator {
        Operator::I32Const { value } => Some(Constant::Word(*value)),
        Operator::I64Const { value } => Some(Constant::Long(*value)),
        Operator::F64Const { value } => Some(Constant::Double(value.bits())),
        _ => None,
    }
}

fn count(operator: &Operator<'_>, tally: &mut Tally) {
    match operator {
        Operator::CallIndirect { .. } => tally.indirect_calls += 1,
        Operator::I64ReinterpretF64
        | Operator::F64ReinterpretI64
        | Operator::I32ReinterpretF32
        | Operator::F32ReinterpretI32 => tally.float_bits += 1,
        Operator::Unreachable => tally.traps += 1,
        Operator::MemoryGrow { .. } => tally.grows += 1,
        _ => {}
    }
}
