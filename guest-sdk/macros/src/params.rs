//! `Params` and `Codes`, and the enums of parameters.

use cloister_contract::study::{Codes, Param, ParamKind, Study};
use proc_macro2::TokenStream;
use quote::quote;

use crate::{ident, labels, names};

/// `Params`, `Codes`, and the enum of each parameter that has one.
pub(crate) fn params(study: &Study) -> TokenStream {
    let enums = study.params.iter().map(|param| match &param.kind {
        ParamKind::Enum { labels, .. } => {
            let doc = format!("The parameter `{}`", param.name);
            labels::label_enum(&doc, &names::of_type(&param.name), labels, false)
        }
        _ => TokenStream::new(),
    });
    let fields: Vec<_> = study.params.iter().map(|param| ident(&param.name)).collect();
    let types = study.params.iter().map(param_type);
    let docs = study.params.iter().map(|param| format!("The parameter `{}`.", param.name));
    let at = 0..study.params.len();
    let sets: Vec<_> = study.codes.iter().map(|set| ident(&set.name)).collect();
    let set_docs = study.codes.iter().map(|set| format!("The code set `{}`.", set.name));
    let set_types: Vec<_> = study.codes.iter().map(|set| set_type(&set.codes)).collect();
    let (set_at, count) = (0..study.codes.len(), study.params.len());
    quote! {
        #(#enums)*

        /// What a run sets.
        #[derive(Clone, Debug)]
        pub struct Params {
            /// The dataset's snapshot date: nothing in it is later.
            pub snapshot_date: ::cloister_guest::Date,
            #(#[doc = #docs] pub #fields: #types,)*
            /// The code sets, as the host resolved them.
            pub codes: Codes,
        }

        /// The code sets.
        #[derive(Clone, Copy, Debug)]
        pub struct Codes {
            #(#[doc = #set_docs] pub #sets: #set_types,)*
        }

        impl Params {
            fn read(
                frame: ::cloister_guest::generated::InitFrame<'static>,
            ) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(Self {
                    snapshot_date: frame.snapshot_date(),
                    #(#fields: ::cloister_guest::generated::Param::read(frame, #at)?,)*
                    codes: Codes { #(#sets: #set_types::new(frame.codes(#count, #set_at)),)* },
                })
            }
        }
    }
}

/// The type of a parameter's field.
pub(crate) fn param_type(param: &Param) -> TokenStream {
    match &param.kind {
        ParamKind::Int { .. } => quote!(i64),
        ParamKind::Float { .. } => quote!(f64),
        ParamKind::Bool { .. } => quote!(bool),
        ParamKind::Date { .. } => quote!(::cloister_guest::Date),
        ParamKind::Floats { .. } | ParamKind::Edges { .. } => quote!(::std::vec::Vec<f64>),
        ParamKind::Concepts { .. } => quote!(::std::vec::Vec<i64>),
        ParamKind::Enum { .. } => {
            let name = names::of_type(&param.name);
            quote!(#name)
        }
    }
}

fn set_type(codes: &Codes) -> TokenStream {
    match codes {
        Codes::Concepts { .. } => quote!(::cloister_guest::ConceptSet),
        Codes::Text(_) => quote!(::cloister_guest::TextSet),
    }
}
