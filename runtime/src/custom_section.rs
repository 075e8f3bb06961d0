//! Custom sections that `study build` writes at the end of a module.

use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload};

/// The subsection of a name section that names functions.
const FUNCTION_NAMES: u8 = 1;

/// Adds the custom section `name` with `data` to a module.
pub(crate) fn append(module: &mut Vec<u8>, name: &str, data: &[u8]) {
    let mut section = Vec::new();
    put(&mut section, name.as_bytes());
    section.extend(data);
    module.push(0);
    put(module, &section);
}

/// The module with the names of its functions as people write them, and no other names.
///
/// A compiler puts a hash behind each name, and the hash knows where a crate lay when it was
/// compiled. So it would tell two folders apart whose code is the same.
///
/// # Errors
/// The parser's, if this is no module.
pub(crate) fn with_plain_names(module: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut plain = Vec::with_capacity(module.len());
    let mut names = Vec::new();
    let mut before = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let end = match &payload {
            Payload::Version { range, .. } => range.end,
            // The code section is one range with the bodies in it.
            other => other.as_section().map_or(before, |(_, range)| range.end),
        };
        match payload {
            Payload::CustomSection(section) if section.name() == "name" => {
                if let KnownCustom::Name(reader) = section.as_known() {
                    names.extend(reader.into_iter().map_while(Result::ok));
                }
            }
            _ => plain.extend(module.get(before..end).unwrap_or_default()),
        }
        before = before.max(end);
    }
    let mut functions = Vec::new();
    for name in names {
        if let Name::Function(map) = name {
            for naming in map {
                let naming = naming?;
                functions.push((naming.index, readable(naming.name)));
            }
        }
    }
    if !functions.is_empty() {
        append(&mut plain, "name", &function_names(&functions));
    }
    Ok(plain)
}

/// A function's name as a person wrote it, without a compiler's hash.
pub(crate) fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

fn function_names(functions: &[(u32, String)]) -> Vec<u8> {
    let mut map = Vec::new();
    leb128(&mut map, functions.len() as u64);
    for (index, name) in functions {
        leb128(&mut map, u64::from(*index));
        put(&mut map, name.as_bytes());
    }
    let mut section = vec![FUNCTION_NAMES];
    put(&mut section, &map);
    section
}

/// Adds the length of `data`, and `data`.
fn put(bytes: &mut Vec<u8>, data: &[u8]) {
    leb128(bytes, data.len() as u64);
    bytes.extend(data);
}

/// Adds an unsigned number as WebAssembly writes it: seven bits a byte, the least first.
fn leb128(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_the_format_wants() {
        for (number, wanted) in
            [(0, &[0_u8][..]), (127, &[127]), (128, &[0x80, 1]), (624_485, &[0xe5, 0x8e, 0x26])]
        {
            let mut bytes = Vec::new();
            leb128(&mut bytes, number);
            assert_eq!(bytes, wanted, "{number}");
        }
    }

    /// A module of two functions, one with the name `name`, between other sections.
    fn module(name: &str) -> Vec<u8> {
        let text = format!(
            "(module (func ${name} (local $x i32)) (func $plain (call ${name}))
                (memory 1) (data (i32.const 0) \"x\") (@custom \"kept\" \"kept\"))"
        );
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn a_hash_goes_and_all_else_stays() {
        let one = with_plain_names(&module("_ZN5study7analyse17h0123456789abcdefE")).unwrap();
        let two = with_plain_names(&module("_ZN5study7analyse17hfedcba9876543210E")).unwrap();
        assert_eq!(one, two);
        wasmparser::validate(&one).unwrap();
        let names = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            ["study::analyse", "plain", "kept"].map(|name| text.matches(name).count())
        };
        assert_eq!(names(&one), [1, 1, 2]);
        // Without names there is nothing to write, and nothing changes.
        let bare = wat::parse_str("(module (memory 1))").unwrap();
        assert_eq!(with_plain_names(&bare).unwrap(), bare);
        assert!(with_plain_names(&one[..one.len() - 1]).is_err());
    }
}
