//! Modules that are as large as they may be and as hard to compile as they can be: each compiles,
//! or is refused, within the time and memory that the compiler is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use cloister_sandbox::MODULE_LIMITS;
use wasm_encoder::{
    BlockType, CodeSection, CustomSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, ImportSection, Instruction, MemArg, MemorySection, MemoryType, Module,
    TypeSection, ValType,
};

use crate::confined::{children, is_child};
use crate::harness::{command, fresh, text};
use crate::hostile::{STUDY, dataset};

/// Seconds of a run on a busy machine: what compiling may take, and as much again.
const SECONDS_MAX: u64 = 300;
/// KiB of the compiler: 1 GiB that it can write to, and the program itself.
const COMPILER_KIB_MAX: u64 = (1 << 20) + (300 << 10);
/// KiB of the parent, which holds the module and its machine code a few times over.
const PARENT_KIB_MAX: u64 = 1 << 20;

/// A guest whose three functions do nothing, and beside them as many `function`s as fit.
fn bomb(folder: &Path, function: &Function) -> PathBuf {
    let room = MODULE_LIMITS.module_bytes_max - STUDY.len() - 1_000;
    let count = (room / function.byte_len()).min(MODULE_LIMITS.functions_max as usize - 3);
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32, ValType::I64, ValType::F64], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32, ValType::I32], []);
    let mut imports = ImportSection::new();
    imports.import("cloister", "contribute", EntityType::Function(0));
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for (at, ty) in [1, 2, 2].into_iter().chain(std::iter::repeat_n(2, count)).enumerate() {
        functions.function(ty);
        let mut own = Function::new([]);
        if at == 0 {
            own.instruction(&Instruction::I32Const(1_024));
        }
        own.instruction(&Instruction::End);
        code.function(if at < 3 { &own } else { function });
    }
    let mut memories = MemorySection::new();
    let (memory64, shared, page_size_log2) = (false, false, None);
    memories.memory(MemoryType { minimum: 2, maximum: None, memory64, shared, page_size_log2 });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("cloister_v1_arena", ExportKind::Func, 1);
    exports.export("cloister_v1_init", ExportKind::Func, 2);
    exports.export("cloister_v1_person", ExportKind::Func, 3);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories);
    module.section(&exports).section(&code);
    module.section(&CustomSection { name: "cloister.study".into(), data: STUDY.as_bytes().into() });
    let bytes = module.finish();
    assert!(bytes.len() * 10 > MODULE_LIMITS.module_bytes_max * 9 || count > 9_000, "{count}");
    let file = folder.join("bomb.wasm");
    fs::write(&file, bytes).unwrap();
    file
}

/// A function as long as it may be: `depth` times `begin`, then `again` with 0, 1, … while there is
/// room.
fn maximal(
    locals: u32,
    begin: &Instruction<'_>,
    depth: usize,
    mut again: impl FnMut(u32, &mut Function),
) -> Function {
    let product = usize::try_from(MODULE_LIMITS.body_bytes_times_locals_max).unwrap();
    let most = MODULE_LIMITS.body_bytes_max.min(product / (locals as usize + 2)) - 4_100;
    let mut function = Function::new([(locals, ValType::I64)]);
    for _ in 0..depth {
        function.instruction(begin);
    }
    let mut at = 0;
    while function.byte_len() < most {
        again(at, &mut function);
        at += 1;
    }
    for _ in 0..=depth {
        function.instruction(&Instruction::End);
    }
    function
}

/// Runs the bomb, and watches both processes' memory; gives whether it ran, and what was said.
fn explode(function: &Function) -> (bool, String) {
    let folder = fresh();
    let module = bomb(folder.path(), function);
    let (_data, dataset) = dataset(&[1, 2, 3]);
    let out = folder.path().join("out");
    let run = ["run", text(&module), "--dataset", text(&dataset), "--profile", "exact"];
    let mut command = command(&[&run[..], &["--out", text(&out)]].concat());
    let begin = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut parent, mut compiler) = (0, 0);
    while child.try_wait().unwrap().is_none() {
        parent = peak_kib(child.id()).max(parent);
        for pid in children(child.id()).into_iter().filter(|pid| is_child(*pid, ":compiler")) {
            compiler = peak_kib(pid).max(compiler);
        }
        assert!(begin.elapsed() < Duration::from_secs(SECONDS_MAX), "it runs and runs");
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(compiler > 0 && compiler < COMPILER_KIB_MAX, "the compiler had {compiler} KiB");
    assert!(parent > 0 && parent < PARENT_KIB_MAX, "the parent had {parent} KiB");
    assert_eq!(ended.status.success(), out.exists());
    (ended.status.success(), said)
}

/// The most memory that a process had so far, in KiB.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}

fn compiles_or_is_refused(function: &Function) {
    let (ran, said) = explode(function);
    assert!(ran || said.contains("compiling the module takes more than"), "{said}");
}

#[test]
fn long_functions_of_stores() {
    let memarg = MemArg { offset: 0, align: 0, memory_index: 0 };
    compiles_or_is_refused(&maximal(
        60,
        &Instruction::Loop(BlockType::Empty),
        1,
        |at, function| {
            function
                .instruction(&Instruction::LocalGet(0))
                .instruction(&Instruction::LocalGet(2 + at % 60))
                .instruction(&Instruction::LocalTee(2 + (at * 7 + 1) % 60))
                .instruction(&Instruction::I64Store(memarg));
        },
    ));
}

#[test]
fn tables_of_branches() {
    compiles_or_is_refused(&maximal(
        60,
        &Instruction::Block(BlockType::Empty),
        500,
        |at, function| {
            let targets: Vec<u32> = (0..500).map(|to| (to * 7 + at) % 500).collect();
            function
                .instruction(&Instruction::Block(BlockType::Empty))
                .instruction(&Instruction::LocalGet(at % 2))
                .instruction(&Instruction::BrTable(targets.into(), 0))
                .instruction(&Instruction::End);
        },
    ));
}

#[test]
fn locals_that_all_live_through_loops() {
    compiles_or_is_refused(&maximal(
        400,
        &Instruction::Loop(BlockType::Empty),
        100,
        |at, function| {
            function
                .instruction(&Instruction::LocalGet(2 + at % 400))
                .instruction(&Instruction::LocalGet(2 + (at * 31 + 7) % 400))
                .instruction(&Instruction::I64Mul)
                .instruction(&Instruction::LocalSet(2 + (at * 17 + 3) % 400))
                .instruction(&Instruction::LocalGet(at % 2))
                .instruction(&Instruction::BrIf(at % 100));
        },
    ));
}
