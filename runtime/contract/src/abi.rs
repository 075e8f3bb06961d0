//! The names and magic numbers of the boundary between host and guest; `ABI.md` is its text.

/// The module name of a guest's only import.
pub const IMPORT_MODULE: &str = "cloister";
/// The name of a guest's only import, `contribute(output: i32, cell: i64, value: f64)`.
pub const IMPORT_CONTRIBUTE: &str = "contribute";

/// The export under which a guest shows its memory.
pub const EXPORT_MEMORY: &str = "memory";
/// `(len: i32) -> ptr: i32`: the guest names the place, of `len` bytes, where frames are written.
pub const EXPORT_ARENA: &str = "cloister_v1_arena";
/// `(ptr: i32, len: i32)`: reads the init frame; no data is in sight.
pub const EXPORT_INIT: &str = "cloister_v1_init";
/// `(ptr: i32, len: i32)`: reads one person's frame and contributes.
pub const EXPORT_PERSON: &str = "cloister_v1_person";

/// The custom section that holds the study file, verbatim; a module has exactly one.
pub const STUDY_SECTION: &str = "cloister.study";

/// The custom section in which `cloister study build` says with what it built; no host reads it to
/// decide anything.
pub const BUILD_SECTION: &str = "cloister.build";

/// The first four bytes of an init frame: `CLI1`.
pub const INIT_MAGIC: [u8; 4] = *b"CLI1";
/// The first four bytes of a person's frame: `CLP1`.
pub const PERSON_MAGIC: [u8; 4] = *b"CLP1";

/// Bytes before the first table record of a person's frame.
pub const PERSON_HEADER_BYTES: usize = 8;
/// Bytes of a table record before its column records.
pub const TABLE_RECORD_BYTES: usize = 8;
/// Bytes of one column record: validity, values, text bytes and their length, each a `u32`.
pub const COLUMN_RECORD_BYTES: usize = 16;
/// Bytes before the first parameter record of an init frame.
pub const INIT_HEADER_BYTES: usize = 16;
/// Bytes of one parameter record.
pub const PARAM_RECORD_BYTES: usize = 16;
/// Bytes of one code-set record.
pub const CODES_RECORD_BYTES: usize = 32;

/// Bytes of a WebAssembly page.
pub const PAGE_BYTES: u64 = 65_536;
