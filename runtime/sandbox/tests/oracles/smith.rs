//! Guests that `wasm-smith` makes: any instruction that guests may have, in any order.
//!
//! Left alone, most of them would be refused, or trap at their first access to memory. So what is
//! refused is taken out, and most addresses are made small; the rest stays as it came.

use arbitrary::Unstructured;
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{CodeSection, ConstExpr, Function, InstructionSink, MemArg, ValType};
use wasm_smith::Config;
use wasmparser::{ElementItems, FunctionBody, Operator, Parser, Payload};

use super::dice::Dice;

/// What every guest imports and exports; the globals make state likely.
const SHAPE: &str = r#"(module
  (import "cloister" "contribute" (func (param i32 i64 f64)))
  (memory (export "memory") 1 3)
  (global (export "a") (mut i32) (i32.const 0)) (global (export "b") (mut i64) (i64.const 0))
  (global (export "c") (mut f32) (f32.const 0)) (global (export "d") (mut f64) (f64.const 0))
  (global (export "e") (mut v128) (v128.const i64x2 0 0))
  (func (export "cloister_v1_arena") (param i32) (result i32) unreachable)
  (func (export "cloister_v1_init") (param i32 i32))
  (func (export "cloister_v1_person") (param i32 i32)))"#;

/// The bytes of a guest from a seed, or `None` if the seed makes none.
pub(crate) fn guest(seed: u64) -> Option<Vec<u8>> {
    let mut dice = Dice::new(seed);
    let bytes = dice.bytes(3_000);
    let made = wasm_smith::Module::new(config(), &mut Unstructured::new(&bytes)).ok()?.to_bytes();
    let mut tamed = Tamed::new(&made, dice);
    let mut module = wasm_encoder::Module::new();
    tamed.parse_core_module(&mut module, Parser::new(0), &made).unwrap();
    module.section(&wasm_encoder::CustomSection {
        name: "cloister.study".into(),
        data: b"[study]".into(),
    });
    Some(module.finish())
}

fn config() -> Config {
    Config {
        module_shape: Some(wat::parse_str(SHAPE).unwrap()),
        max_instructions: 150,
        max_funcs: 12,
        max_memories: 1,
        max_memory32_bytes: 3 << 16,
        max_tables: 1,
        max_table_elements: 50,
        min_data_segments: 1,
        allow_start_export: false,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        multi_value_enabled: false,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        extended_const_enabled: false,
        ..Config::default()
    }
}

/// A function that is written as something else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Arena,
    Init,
    Person,
    Other,
}

struct Tamed {
    dice: Dice,
    /// Parameters of each function with a body, and which it is.
    functions: Vec<(u32, Entry)>,
    /// Functions whose body was written.
    written: usize,
    table_elements: usize,
    /// A global of the type `f64`.
    global: u32,
}

impl Tamed {
    fn new(bytes: &[u8], dice: Dice) -> Self {
        let (mut params, mut functions, mut table_elements) = (Vec::new(), Vec::new(), 0);
        let mut global = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.unwrap() {
                Payload::TypeSection(section) => {
                    params.extend(
                        section
                            .into_iter_err_on_gc_types()
                            .map(|ty| ty.unwrap().params().len() as u32),
                    );
                }
                Payload::FunctionSection(section) => {
                    let of = |ty: Result<u32, _>| (params[ty.unwrap() as usize], Entry::Other);
                    functions.extend(section.into_iter().map(of));
                }
                Payload::TableSection(section) => {
                    table_elements = section.into_iter().next().unwrap().unwrap().ty.initial;
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.unwrap();
                        let entry = match export.name {
                            "cloister_v1_arena" => Entry::Arena,
                            "cloister_v1_init" => Entry::Init,
                            "cloister_v1_person" => Entry::Person,
                            "d" => {
                                global = export.index;
                                continue;
                            }
                            _ => continue,
                        };
                        // The one import comes first.
                        functions[export.index as usize - 1].1 = entry;
                    }
                }
                _ => {}
            }
        }
        Self { dice, functions, written: 0, table_elements: table_elements as usize, global }
    }

    /// Contributes something of the state that a person finds.
    fn look(&mut self, code: &mut InstructionSink<'_>) {
        for _ in 0..4 {
            let place =
                MemArg { offset: self.dice.below(60_000).into(), align: 0, memory_index: 0 };
            code.i32_const(0).i64_const(0).i32_const(0).f64_load(place).call(0);
        }
        code.i32_const(1).i64_const(0).global_get(self.global).call(0);
    }

    /// Makes most addresses and lengths small; the operands are on the stack.
    fn tame(&mut self, code: &mut InstructionSink<'_>, operator: &Operator<'_>, scratch: u32) {
        if self.dice.one_in(12) {
            return;
        }
        let small = *self.dice.pick(&[0xffff, 0x3ff, 0xf0ff]);
        let (i32s, value) = (scratch, |of: ValType| match of {
            ValType::I64 => scratch + 2,
            ValType::F32 => scratch + 3,
            ValType::F64 => scratch + 4,
            ValType::V128 => scratch + 5,
            _ => scratch,
        });
        match operator {
            Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } => {
                code.i32_const(0x3ff).i32_and().local_set(i32s);
                code.i32_const(small).i32_and().local_set(i32s + 1);
                code.i32_const(small).i32_and().local_get(i32s + 1).local_get(i32s);
            }
            Operator::I32Load { .. }
            | Operator::I64Load { .. }
            | Operator::F32Load { .. }
            | Operator::F64Load { .. }
            | Operator::I32Load8U { .. }
            | Operator::I64Load16S { .. }
            | Operator::V128Load { .. } => {
                code.i32_const(small).i32_and();
            }
            operator => {
                if let Some(of) = stored(operator) {
                    code.local_set(value(of)).i32_const(small).i32_and().local_get(value(of));
                }
            }
        }
    }
}

fn stored(operator: &Operator<'_>) -> Option<ValType> {
    use Operator as O;
    Some(match operator {
        O::I32Store { .. } | O::I32Store8 { .. } | O::I32Store16 { .. } => ValType::I32,
        O::I64Store { .. } | O::I64Store8 { .. } => ValType::I64,
        O::I64Store16 { .. } | O::I64Store32 { .. } => ValType::I64,
        O::F32Store { .. } => ValType::F32,
        O::F64Store { .. } => ValType::F64,
        O::V128Store { .. } | O::V128Store8Lane { .. } | O::V128Store16Lane { .. } => ValType::V128,
        O::V128Store32Lane { .. } | O::V128Store64Lane { .. } => ValType::V128,
        _ => return None,
    })
}

impl Reencode for Tamed {
    type Error = std::convert::Infallible;

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error> {
        let (params, entry) = self.functions[self.written];
        self.written += 1;
        let mut locals: Vec<(u32, ValType)> = Vec::new();
        for local in body.get_locals_reader()? {
            let (count, of) = local?;
            locals.push((count, self.val_type(of)?));
        }
        let scratch = params + locals.iter().map(|(count, _)| count).sum::<u32>();
        locals.extend([(2, ValType::I32), (1, ValType::I64), (1, ValType::F32)]);
        locals.extend([(1, ValType::F64), (1, ValType::V128)]);
        let mut function = Function::new(locals);
        // An arena that nobody can tell is no arena, and init is as hostile as it may be: half of
        // them do something.
        if entry == Entry::Arena || (entry == Entry::Init && self.dice.one_in(2)) {
            if entry == Entry::Arena {
                function.instructions().i32_const(1_024);
            }
            function.instructions().end();
            section.function(&function);
            return Ok(());
        }
        if entry == Entry::Person {
            self.look(&mut function.instructions());
        }
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            let mut code = function.instructions();
            match &operator {
                Operator::MemoryInit { .. }
                | Operator::TableInit { .. }
                | Operator::TableCopy { .. } => {
                    code.drop().drop().drop();
                }
                Operator::DataDrop { .. } | Operator::ElemDrop { .. } => {}
                operator_kept => {
                    self.tame(&mut code, operator_kept, scratch);
                    function.instruction(&RoundtripReencoder.instruction(operator)?);
                }
            }
        }
        section.function(&function);
        Ok(())
    }

    fn parse_data(
        &mut self,
        section: &mut wasm_encoder::DataSection,
        data: wasmparser::Data<'_>,
    ) -> Result<(), Error> {
        let bytes = &data.data[..data.data.len().min(2_000)];
        section.active(0, &ConstExpr::i32_const(self.dice.below(60_000) as i32), bytes.to_vec());
        Ok(())
    }

    fn parse_element(
        &mut self,
        section: &mut wasm_encoder::ElementSection,
        element: wasmparser::Element<'_>,
    ) -> Result<(), Error> {
        let count = match &element.items {
            ElementItems::Functions(functions) => functions.count(),
            ElementItems::Expressions(_, expressions) => expressions.count(),
        };
        let items = self.element_items(element.items)?;
        if (1..=self.table_elements).contains(&(count as usize)) {
            section.active(None, &ConstExpr::i32_const(0), items);
        } else {
            section.declared(items);
        }
        Ok(())
    }
}
