//! `study!`: turns a study file into types, so that what is not in the contract does not compile.
//!
//! What can be a plain function is one in `cloister-guest`; here is only what depends on names.

mod exports;
mod labels;
mod names;
mod outputs;
mod params;
mod rows;
mod trial;

use std::path::Path;

use cloister_contract::study::{Study, StudyError};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{LitStr, parse_macro_input};

/// Makes the types of the study file at this path, relative to the crate's `Cargo.toml`.
///
/// The documentation of `cloister-guest` lists the types. A mistake in the file is a compile error
/// that starts with its place, `study.toml:14:9: …`, and a change of the file rebuilds the crate.
#[proc_macro]
pub fn study(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let path = parse_macro_input!(input as LitStr);
    let types = read(&path.value())
        .and_then(|text| expand(&path.value(), &text).map_err(|error| error.to_string()));
    types.unwrap_or_else(|error| syn::Error::new(path.span(), error).to_compile_error()).into()
}

fn read(file: &str) -> Result<String, String> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    std::fs::read_to_string(Path::new(&folder).join(file))
        .map_err(|error| format!("{file}: {error}; the path starts at the crate's `Cargo.toml`"))
}

/// The types of the study file `text`, whose path in the crate is `file`.
fn expand(file: &str, text: &str) -> Result<TokenStream, StudyError> {
    let study = Study::parse(file, text)?;
    names::check(&study, file, text)?;
    let parts = [
        labels::dimensions(&study),
        rows::tables(&study),
        params::params(&study),
        outputs::outputs(&study),
        trial::trial(&study, file),
        exports::exports(file, text.len()),
    ];
    Ok(quote!(#(#parts)*))
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// `` `a`, `b` `` for documentation; a long list is cut, and a back-tick cannot end the code early.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<_> = names.map(|name| format!("`{}`", name.replace('`', "'"))).collect();
    if names.len() > 20 {
        names.truncate(20);
        names.push("…".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests;
