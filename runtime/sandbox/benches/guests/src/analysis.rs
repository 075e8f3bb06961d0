//! What the guests compute, for WebAssembly and, by the bench, natively.
//!
//! A frame is a row of 64-bit words: which guest, the person's age, the number of rows n, then n
//! codes and n values (as bits).

use std::collections::HashMap;

/// The guests, as a frame names them.
pub(crate) const SMALL: u64 = 0;
/// See [`allocating`].
pub(crate) const ALLOCATING: u64 = 1;
/// See [`sorting`].
pub(crate) const SORTING: u64 = 2;
/// See [`dirtying`].
pub(crate) const DIRTYING: u64 = 3;

/// The code that the small guest looks for.
pub(crate) const CODE: u64 = 3_004_249;

/// Runs the guest that `frame` names over the person in it.
pub(crate) fn person(frame: &[u64], contribute: &mut dyn FnMut(i32, i64, f64)) {
    let [guest, age, n, rows @ ..] = frame else { return };
    let Some((codes, values)) = rows.split_at_checked(*n as usize) else { return };
    match *guest {
        SMALL => small(*age, codes, values, contribute),
        ALLOCATING => allocating(codes, values, contribute),
        SORTING => sorting(values, contribute),
        _ => dirtying(*age, contribute),
    }
}

/// Filters and counts: what most studies do.
fn small(age: u64, codes: &[u64], values: &[u64], contribute: &mut dyn FnMut(i32, i64, f64)) {
    let (mut rows, mut sum) = (0_u32, 0.0);
    for (code, value) in codes.iter().zip(values) {
        if *code == CODE {
            rows += 1;
            sum += f64::from_bits(*value);
        }
    }
    if rows > 0 {
        contribute(0, (age / 10) as i64, 1.0);
        contribute(1, (age / 10) as i64, sum / f64::from(rows));
    }
}

/// Groups values by their codes, on the heap.
fn allocating(codes: &[u64], values: &[u64], contribute: &mut dyn FnMut(i32, i64, f64)) {
    let mut groups: HashMap<u64, Vec<f64>> = HashMap::new();
    for (code, value) in codes.iter().zip(values) {
        groups.entry(*code).or_default().push(f64::from_bits(*value));
    }
    let most = groups.values().map(Vec::len).max().unwrap_or(0);
    contribute(0, groups.len() as i64, most as f64);
}

/// Sorts all values, for their median.
fn sorting(values: &[u64], contribute: &mut dyn FnMut(i32, i64, f64)) {
    let mut sorted: Vec<f64> = values.iter().map(|value| f64::from_bits(*value)).collect();
    sorted.sort_by(f64::total_cmp);
    contribute(0, 0, sorted.get(sorted.len() / 2).copied().unwrap_or(0.0));
}

/// Writes `kib` KiB of the heap, word by word.
fn dirtying(kib: u64, contribute: &mut dyn FnMut(i32, i64, f64)) {
    let written: Vec<u64> = (0..kib * 128).map(|word| word ^ kib).collect();
    contribute(0, 0, std::hint::black_box(&written)[written.len() / 2] as f64);
}
