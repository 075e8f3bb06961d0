//! The types of parameters: how each is read from the init frame, and how a test sets it.

use cloister_contract::date::Date;
use cloister_contract::frame::InitFrame;

use crate::cells::{Label, label_at};

/// The type of a parameter's value.
pub trait Param: Sized {
    /// The parameter at position `index`; `None` if the host wrote what the study cannot have.
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self>;

    /// The value as a command line writes it.
    fn text(&self) -> String;
}

impl Param for i64 {
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self> {
        Some(frame.int(index))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Param for f64 {
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self> {
        Some(frame.float(index))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Param for bool {
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self> {
        Some(frame.int(index) != 0)
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Param for Date {
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self> {
        i32::try_from(frame.int(index)).ok().map(Self::from_days)
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Param for Vec<f64> {
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self> {
        Some(frame.floats(index).collect())
    }

    fn text(&self) -> String {
        listed(self)
    }
}

impl Param for Vec<i64> {
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self> {
        Some(frame.concepts(index).collect())
    }

    fn text(&self) -> String {
        listed(self)
    }
}

impl<L: Label> Param for L {
    fn read(frame: InitFrame<'_>, index: usize) -> Option<Self> {
        u32::try_from(frame.int(index)).ok().and_then(label_at)
    }

    fn text(&self) -> String {
        L::LABELS.get(self.index() as usize).copied().unwrap_or_default().to_owned()
    }
}

fn listed<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}
