//! One function of the guest, instruction by instruction.
//!
//! Every instruction is written as it was, but for those that [`marks`], [`growth`](super::growth)
//! and [`depth`] speak of. What is on the guest's operand stack stays as it is at each of them.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{Function, ValType};
use wasmparser::{FuncValidator, FunctionBody, Operator, WasmModuleResources};

use super::marks::{self, Scratch};
use super::places::Places;
use super::{Unexpected, depth};
use crate::faults::{Faults, Mechanism};

/// What must be known of a function before its first instruction is written.
struct Shape {
    /// Its locals, as its bytes declare them.
    locals: Vec<(u32, ValType)>,
    /// How many parameters and locals it has.
    variables: u32,
    /// The most operands at once.
    operands: u32,
    /// How many instructions it has.
    instructions: u32,
    /// Whether it calls another function, and so has a depth.
    calls: bool,
}

/// Rewrites one function.
pub(super) fn rewrite<R: WasmModuleResources>(
    body: &FunctionBody<'_>,
    validator: &mut FuncValidator<R>,
    places: &Places,
    import: Option<u32>,
    faults: Faults,
) -> Result<Function, Unexpected> {
    let Shape { mut locals, variables, operands, instructions, calls } =
        shape(body, validator, import)?;
    locals.extend(Scratch::LOCALS);
    let scratch = Scratch { first: variables };
    let depth = variables + Scratch::LOCALS.iter().map(|(count, _)| count).sum::<u32>();
    locals.push((1, ValType::I32));
    let mut function = Function::new(locals);
    let counted = calls && faults.works(Mechanism::DepthLimit);
    if counted {
        let weight = depth::weight(variables.saturating_add(operands), instructions);
        depth::begin(&mut function.instructions(), places, depth, weight);
    }
    for operator in body.get_operators_reader()? {
        let operator = operator?;
        let mut code = function.instructions();
        match &operator {
            Operator::MemorySize { .. } => {
                code.global_get(places.pages());
                continue;
            }
            Operator::MemoryGrow { .. } => {
                code.call(places.grow());
                continue;
            }
            Operator::MemoryFill { .. } if faults.works(Mechanism::MemoryFill) => {
                marks::before_bulk(&mut code, places, scratch);
            }
            Operator::MemoryCopy { .. } if faults.works(Mechanism::MemoryCopy) => {
                marks::before_bulk(&mut code, places, scratch);
            }
            operator if counted && is_call(operator, import) => {
                depth::before_call(&mut code, places, depth);
            }
            operator => {
                if let Some(store) = marks::store(operator).filter(|s| faults.works(s.mechanism)) {
                    marks::before_store(&mut code, places, scratch, &store);
                }
            }
        }
        function.instruction(&RoundtripReencoder.instruction(operator)?);
    }
    Ok(function)
}

/// Walks over a function without writing it.
fn shape<R: WasmModuleResources>(
    body: &FunctionBody<'_>,
    validator: &mut FuncValidator<R>,
    import: Option<u32>,
) -> Result<Shape, Unexpected> {
    let mut locals = Vec::new();
    let mut reader = body.get_locals_reader()?;
    for _ in 0..reader.get_count() {
        let at = reader.original_position();
        let (count, of) = reader.read()?;
        validator.define_locals(at, count, of)?;
        locals.push((count, RoundtripReencoder.val_type(of)?));
    }
    let (mut operands, mut instructions, mut calls) = (0, 0, false);
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let at = operators.original_position();
        let operator = operators.read()?;
        validator.op(at, &operator)?;
        operands = operands.max(validator.operand_stack_height());
        instructions += 1;
        calls |= is_call(&operator, import);
    }
    let variables = validator.len_locals();
    Ok(Shape { locals, variables, operands, instructions, calls })
}

/// Whether the instruction calls a function that may call others.
fn is_call(operator: &Operator<'_>, import: Option<u32>) -> bool {
    match operator {
        Operator::Call { function_index } => Some(*function_index) != import,
        Operator::CallIndirect { .. } => true,
        _ => false,
    }
}
