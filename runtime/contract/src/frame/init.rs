//! Writes the init frame: the snapshot date, the parameters, and the code sets as resolved.

use super::write::TooLong;
use crate::abi;
use crate::job::{CodeList, Job, ParamValue};

/// The bytes of the init frame of `job`.
///
/// # Errors
/// [`TooLong`] if the frame is over 4 GiB.
pub fn write_init(job: &Job) -> Result<Vec<u8>, TooLong> {
    let (params, codes) = (job.params(), job.codes());
    let records = params.len() * abi::PARAM_RECORD_BYTES + codes.len() * abi::CODES_RECORD_BYTES;
    let mut frame = Frame(vec![0; abi::INIT_HEADER_BYTES + records]);
    frame.put(0, &abi::INIT_MAGIC);
    frame.put(8, &job.snapshot_date().days().to_le_bytes());
    let mut record = abi::INIT_HEADER_BYTES;
    for value in params {
        frame.param(record, value)?;
        record += abi::PARAM_RECORD_BYTES;
    }
    for list in codes {
        frame.codes(record, list)?;
        record += abi::CODES_RECORD_BYTES;
    }
    let len = u32_of(frame.0.len())?;
    frame.put(4, &len);
    Ok(frame.0)
}

struct Frame(Vec<u8>);

impl Frame {
    fn param(&mut self, record: usize, value: &ParamValue) -> Result<(), TooLong> {
        match value {
            ParamValue::Int(value) => self.put(record, &value.to_le_bytes()),
            ParamValue::Float(value) => self.put(record, &value.to_le_bytes()),
            ParamValue::Bool(value) => self.put(record, &i64::from(*value).to_le_bytes()),
            ParamValue::Date(value) => self.put(record, &i64::from(value.days()).to_le_bytes()),
            ParamValue::Label(index) => self.put(record, &u64::from(*index).to_le_bytes()),
            ParamValue::Floats(list) | ParamValue::Edges(list) => {
                self.list(record, list.iter().map(|value| value.to_le_bytes()))?;
            }
            ParamValue::Concepts(list) => {
                self.list(record, list.iter().map(|value| value.to_le_bytes()))?;
            }
        }
        Ok(())
    }

    fn codes(&mut self, record: usize, list: &CodeList) -> Result<(), TooLong> {
        match list {
            CodeList::Concepts(concepts) => {
                self.list(record, concepts.iter().map(|concept| concept.to_le_bytes()))
            }
            CodeList::Text(codes) => {
                let lists =
                    [&codes.exact, &codes.prefixes, &codes.exclude_exact, &codes.exclude_prefixes];
                for (number, list) in lists.into_iter().enumerate() {
                    self.texts(record + number * 8, list)?;
                }
                Ok(())
            }
        }
    }

    /// A list of eight-byte values, its place and count written at `record`.
    fn list(
        &mut self,
        record: usize,
        values: impl ExactSizeIterator<Item = [u8; 8]>,
    ) -> Result<(), TooLong> {
        self.put(record, &u32_of(self.0.len())?);
        self.put(record + 4, &u32_of(values.len())?);
        self.0.extend(values.flatten());
        Ok(())
    }

    /// A list of texts: their offsets in the frame and the end of the last, then their bytes.
    fn texts(&mut self, record: usize, texts: &[String]) -> Result<(), TooLong> {
        self.put(record, &u32_of(self.0.len())?);
        self.put(record + 4, &u32_of(texts.len())?);
        let mut end = (self.0.len() + (texts.len() + 1) * 4).next_multiple_of(8);
        let start = end;
        self.0.extend(u32_of(end)?);
        for text in texts {
            end += text.len();
            self.0.extend(u32_of(end)?);
        }
        self.0.resize(start, 0);
        self.0.extend(texts.iter().flat_map(|text| text.bytes()));
        self.0.resize(end.next_multiple_of(8), 0);
        Ok(())
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(slot) = self.0.get_mut(at..at + bytes.len()) {
            slot.copy_from_slice(bytes);
        }
    }
}

fn u32_of(value: usize) -> Result<[u8; 4], TooLong> {
    u32::try_from(value).map(u32::to_le_bytes).map_err(|_| TooLong)
}
