//! A dataset in one file: `dataset.toml`, and after each line `# --- NAME STEPS` another file.
//!
//! | step | what becomes of the text |
//! |---|---|
//! | `table` | Parquet or Arrow IPC, by the file's ending, of CSV with types: `day:date` |
//! | `bytes` | `\xE9` becomes the byte |
//! | `gzip`, `zstd` | it is compressed |
//! | `cut N` | the last N bytes go |
//! | `spoil N` | the first N bytes become others |
//! | `repeat N` | it is there N times |
//! | `link TARGET` | a symbolic link instead |
//! | `folder` | a folder instead |

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::parquet::arrow::ArrowWriter;

/// Writes the files of `broken` into `folder`.
pub(super) fn unpack(folder: &Path, broken: &str) {
    let broken = format!("# --- dataset.toml\n{broken}");
    // What a later section writes replaces an earlier one's: a dataset.toml that is no TOML.
    for section in broken.split("# --- ").skip(1) {
        let (head, body) = section.split_once('\n').unwrap();
        let mut words = head.split_whitespace();
        let path = folder.join(words.next().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write(&path, body.as_bytes().to_vec(), words);
    }
}

fn write<'w>(path: &Path, mut bytes: Vec<u8>, mut steps: impl Iterator<Item = &'w str>) {
    while let Some(step) = steps.next() {
        let mut number = || steps.next().unwrap().parse::<usize>().unwrap();
        match step {
            "table" => bytes = table(path, &bytes),
            "bytes" => bytes = escaped(&bytes),
            "gzip" => {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
                gzip.write_all(&bytes).unwrap();
                bytes = gzip.finish().unwrap();
            }
            "zstd" => bytes = zstd::encode_all(&bytes[..], 0).unwrap(),
            "cut" => bytes.truncate(bytes.len() - number()),
            "spoil" => bytes.iter_mut().take(number()).for_each(|byte| *byte ^= 0x55),
            "repeat" => bytes = bytes.repeat(number()),
            "link" => return std::os::unix::fs::symlink(steps.next().unwrap(), path).unwrap(),
            "folder" => return fs::create_dir(path).unwrap(),
            other => assert_eq!(other, "", "no such step"),
        }
    }
    fs::write(path, bytes).unwrap();
}

fn escaped(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    bytes
}

/// The file at `path` of CSV whose header is `name:type,…`; an empty field is null.
fn table(path: &Path, csv: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(csv).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |(at, name): (usize, &&str)| {
        let (name, ty) = name.split_once(':').unwrap();
        let field = |row: &Vec<&str>| Some(row[at].to_owned()).filter(|field| !field.is_empty());
        (name.to_owned(), array(ty, &rows.iter().map(field).collect::<Vec<_>>()))
    };
    let batch = RecordBatch::try_from_iter(head.iter().enumerate().map(column)).unwrap();
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|ending| ending == "arrow") {
        let mut writer = FileWriter::try_new(&mut bytes, &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    } else {
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    bytes
}

fn array(ty: &str, fields: &[Option<String>]) -> ArrayRef {
    fn read<T: std::str::FromStr>(fields: &[Option<String>]) -> Vec<Option<T>> {
        let parse = |field: &String| field.parse().ok().unwrap();
        fields.iter().map(|field| field.as_ref().map(parse)).collect()
    }
    match ty {
        "int" => Arc::new(Int64Array::from(read::<i64>(fields))),
        "float" => Arc::new(Float64Array::from(read::<f64>(fields))),
        "bool" => Arc::new(BooleanArray::from(read::<bool>(fields))),
        "date" => {
            let days = read::<cloister_contract::date::Date>(fields);
            let days = days.iter().map(|day| day.map(cloister_contract::date::Date::days));
            Arc::new(days.collect::<Date32Array>())
        }
        _ => Arc::new(StringArray::from(fields.to_vec())),
    }
}
