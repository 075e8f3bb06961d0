//! `Outputs`: one field per output, whose `add` takes the typed dimensions.

use cloister_contract::study::{Output, OutputKind, Study};
use proc_macro2::TokenStream;
use quote::quote;

use crate::{ident, listed, names};

/// `Outputs`, and the type of each output.
pub(crate) fn outputs(study: &Study) -> TokenStream {
    let types = study.outputs.iter().map(|output| one(study, output));
    let fields: Vec<_> = study.outputs.iter().map(|output| ident(&output.name)).collect();
    let names: Vec<_> = study.outputs.iter().map(|o| names::of_output(&o.name)).collect();
    let docs = study.outputs.iter().map(|output| format!("The output `{}`.", output.name));
    // At most 64 outputs.
    let at = (0_i32..).take(study.outputs.len());
    quote! {
        #(#types)*

        /// Where a person's contributions go.
        #[derive(Debug)]
        pub struct Outputs {
            #(#[doc = #docs] pub #fields: #names,)*
        }

        impl Outputs {
            fn new(log: &::cloister_guest::generated::Log) -> Self {
                Self {
                    #(#fields: #names(::cloister_guest::generated::Channel::new(#at, log)),)*
                }
            }
        }
    }
}

/// What `add` takes, as one type: a bare one, or a tuple.
pub(crate) fn contribution(study: &Study, output: &Output) -> TokenStream {
    let dimensions = by(study, output).map(names::of_type);
    let dimensions = dimensions.map(|name| quote!(#name));
    tuple(dimensions.chain(has_value(output).then(|| quote!(f64))).collect())
}

fn one(study: &Study, output: &Output) -> TokenStream {
    let name = names::of_output(&output.name);
    let dimensions: Vec<_> = by(study, output).map(ident).collect();
    let types = by(study, output).map(names::of_type);
    let seen = contribution(study, output);
    // No two arguments may have one name; a study's own names never end with `_`.
    let taken = by(study, output).any(|name| name == "value");
    let value = ident(if taken { "value_" } else { "value" });
    let number = quote!(::cloister_guest::Number::to_f64(#value));
    let given = dimensions.iter().map(|name| quote!(#name));
    let given = tuple(given.chain(has_value(output).then(|| number.clone())).collect());
    let (argument, number) = if has_value(output) {
        (quote!(, #value: impl ::cloister_guest::Number), number)
    } else {
        (quote!(), quote!(1.0))
    };
    let (doc, doc_of_add) = docs(study, output);
    quote! {
        #[doc = #doc]
        #[derive(Debug)]
        pub struct #name(::cloister_guest::generated::Channel<#seen>);

        impl #name {
            #[doc = #doc_of_add]
            pub fn add(&mut self #(, #dimensions: #types)* #argument) {
                self.0.add(
                    ::cloister_guest::generated::cell(&[
                        #(::cloister_guest::generated::Dimension::bin(#dimensions)),*
                    ]),
                    #number,
                    #given,
                );
            }
        }
    }
}

fn docs(study: &Study, output: &Output) -> (String, &'static str) {
    let (kind, add) = match &output.kind {
        OutputKind::Count => ("persons", "Counts this person in the cell; again changes nothing."),
        OutputKind::Sum(_) => ("sum over persons", "Adds to this person's value in the cell."),
        OutputKind::Moments(_) => {
            ("moments over persons", "Adds to this person's value in the cell.")
        }
        OutputKind::Histogram { .. } => {
            ("persons by bin", "Counts this person in the bin of the value; the host finds it.")
        }
    };
    let by = listed(by(study, output));
    let by = if by.is_empty() { by } else { format!(", by {by}") };
    (format!("The output `{}`: {kind}{by}.", output.name), add)
}

fn by<'s>(study: &'s Study, output: &'s Output) -> impl Iterator<Item = &'s str> {
    let dimensions = output.by.iter().filter_map(|at| study.dimensions.get(*at));
    dimensions.map(|dimension| dimension.name.as_str())
}

const fn has_value(output: &Output) -> bool {
    !matches!(output.kind, OutputKind::Count)
}

fn tuple(mut parts: Vec<TokenStream>) -> TokenStream {
    match parts.len() {
        1 => parts.remove(0),
        _ => quote!((#(#parts),*)),
    }
}
