//! Every limit of the sandbox, each with its unit in its name and its reason.

/// Limits on a module's bytes, checked before the engine sees them: denial of service while
/// compiling is not treated as a vulnerability upstream, so we bound what is compiled.
#[derive(Clone, Copy, Debug)]
pub struct ModuleLimits {
    /// Bytes of a module. A study of the SDK has some 20 KiB.
    pub module_bytes_max: usize,
    /// Functions with a body.
    pub functions_max: u32,
    /// Bytes of one function's body: compile time grows faster than linearly in it.
    pub body_bytes_max: usize,
    /// Local variables of one function.
    pub locals_max: u32,
    /// Bytes of a body times its locals: what the compiler keeps alive grows with both. A body of
    /// 16 KiB may have all the locals, one of 128 KiB sixty-four.
    pub body_bytes_times_locals_max: u64,
    /// Parameters of one function type.
    pub params_max: usize,
    /// Types, globals, exports, element and data segments, of each.
    pub items_max: u32,
    /// Tables. LLVM makes one, for calls through a pointer.
    pub tables_max: u32,
    /// Entries of the one table, at its start and grown.
    pub table_elements_max: usize,
    /// Bytes of one custom section other than the study file.
    pub custom_bytes_max: usize,
    /// Custom sections.
    pub custom_sections_max: u32,
}

/// The limits that [`crate::check`] applies.
pub const MODULE_LIMITS: ModuleLimits = ModuleLimits {
    module_bytes_max: 8 << 20,
    functions_max: 10_000,
    body_bytes_max: 128 << 10,
    locals_max: 500,
    body_bytes_times_locals_max: 8 << 20,
    params_max: 64,
    items_max: 10_000,
    tables_max: 1,
    table_elements_max: 10_000,
    custom_bytes_max: 256 << 10,
    custom_sections_max: 64,
};

/// Limits on one call, from the study file.
#[derive(Clone, Copy, Debug)]
pub struct CallLimits {
    /// Fuel for one person, in the engine's units.
    pub fuel: u64,
    /// Bytes that the guest's memory may have.
    pub memory_bytes_max: usize,
    /// Bytes of the largest frame that a call may be given.
    pub frame_bytes_max: usize,
}

/// Fuel for arena and init together: no data is in sight, and code sets may be large.
pub(crate) const INIT_FUEL: u64 = 100_000_000;

/// Contributions of one person that are kept; a person with more contributes nothing, so that a
/// guest cannot fill the host's memory.
pub(crate) const CONTRIBUTIONS_MAX: usize = 100_000;

/// Depth of a person's calls, in estimated bytes of native stack: a quarter of what there is.
pub(crate) const DEPTH_BYTES_MAX: u32 = 256 << 10;

/// Bytes of native stack for a guest, half of the 2 MiB of a worker thread.
pub(crate) const STACK_BYTES_MAX: usize = 1 << 20;

/// Fuel for an instruction that leaves the guest's code for the host's, and for each page that
/// `memory.grow` asks for. The engine prices them as one addition; measured, `memory.grow` of
/// nothing takes as long as some two hundred of those.
pub(crate) const HOST_CALL_FUEL: u8 = 255;
