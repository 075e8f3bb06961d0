//! The bytes that carry parameters and one person's rows to a guest; `ABI.md` fixes each of them.
//!
//! A person's frame for one table of two rows, with a nullable `int` and a `date`:
//!
//! ```text
//!  0  "CLP1"              4  120              length of the frame
//!  8  2                  12  0                table: rows, reserved
//! 16  validity 48        20  values 56        column 1; text offset and length 0
//! 32  validity 0 (none)  36  values 72        column 2
//! 48  0b01               the first row's value is there, the second row's is null
//! 56  1118084, 0         two i64; the slot of a null is zero
//! 72  18262, 18300       two i32, and zeros up to the next multiple of eight
//! ```

mod read;
pub use read::{
    BoolColumn, CodeView, DateColumn, FloatColumn, InitFrame, IntColumn, OrdinalColumn,
    PersonFrame, TableView, TextColumn,
};

#[cfg(feature = "host")]
mod init;
#[cfg(feature = "host")]
mod order;
#[cfg(feature = "host")]
mod write;
#[cfg(feature = "host")]
pub use init::write_init;
#[cfg(feature = "host")]
pub use write::{
    Bits, ColumnSlice, FrameWriter, TableRows, TooLong, Values, person_frame_bytes_max,
};
