//! The guests that are measured, in one module: a frame says which of them it is for.

mod analysis;

use std::alloc::{Layout, alloc_zeroed};

#[used]
#[unsafe(link_section = "cloister.study")]
static STUDY: [u8; 7] = *b"[study]";

#[link(wasm_import_module = "cloister")]
unsafe extern "C" {
    safe fn contribute(output: i32, cell: i64, value: f64);
}

/// Room for frames, which nobody frees.
#[unsafe(no_mangle)]
extern "C" fn cloister_v1_arena(len: usize) -> *mut u8 {
    match Layout::from_size_align(len, 8) {
        // SAFETY: `len` is not 0, as no frame is empty.
        Ok(layout) => unsafe { alloc_zeroed(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

#[unsafe(no_mangle)]
extern "C" fn cloister_v1_init(_frame: *const u8, _len: usize) {}

#[unsafe(no_mangle)]
extern "C" fn cloister_v1_person(frame: *const u8, len: usize) {
    // SAFETY: the host wrote `len` bytes there, aligned to 8, and writes no more during this call.
    let frame = unsafe { std::slice::from_raw_parts(frame.cast::<u64>(), len / 8) };
    analysis::person(frame, &mut |output, cell, value| contribute(output, cell, value));
}
