//! The types of dimensions, and every enum over declared labels.

use cloister_contract::study::{Dimension, Domain, EdgeSource, Study, camel_case};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::{ident, listed, names};

/// The type of each dimension.
pub(crate) fn dimensions(study: &Study) -> TokenStream {
    let types = study.dimensions.iter().map(|dimension| {
        let name = names::of_type(&dimension.name);
        let doc = format!("The dimension `{}`", dimension.name);
        match &dimension.domain {
            Domain::Labels(labels) => label_enum(&doc, &name, labels, dimension.other),
            _ => bins(study, dimension, &name, &doc),
        }
    });
    quote!(#(#types)*)
}

/// An enum over `labels`, with `Other` for everything else if `other`.
pub(crate) fn label_enum(doc: &str, name: &Ident, labels: &[String], other: bool) -> TokenStream {
    let doc = format!("{doc}: {}.", listed(labels.iter().map(String::as_str)));
    let mut variants: Vec<_> = labels.iter().map(|label| ident(&camel_case(label))).collect();
    let mut docs: Vec<_> =
        labels.iter().map(|label| listed([label.as_str()].into_iter())).collect();
    if other {
        variants.push(ident("Other"));
        docs.push("None of the labels.".to_owned());
    }
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum #name { #(#[doc = #docs] #variants),* }

        impl #name {
            /// The variant of a label as the study file spells it.
            #[must_use]
            pub fn of(label: &str) -> ::core::option::Option<Self> {
                ::cloister_guest::generated::label_of(label)
            }
        }

        impl ::cloister_guest::generated::Label for #name {
            const ALL: &'static [Self] = &[#(Self::#variants),*];
            const LABELS: &'static [&'static str] = &[#(#labels),*];

            fn index(self) -> u32 {
                self as u32
            }
        }
    }
}

/// A type of bins: between listed edges, between edges of a parameter, or whole numbers.
fn bins(study: &Study, dimension: &Dimension, name: &Ident, doc: &str) -> TokenStream {
    let sdk = quote!(::cloister_guest::generated);
    let parts = match &dimension.domain {
        Domain::Range { min, max } => range_bins(dimension, name, doc, (*min, *max)),
        Domain::Edges(EdgeSource::Param(at)) => {
            let param = study.params.get(*at).map_or("", |param| param.name.as_str());
            param_bins(dimension, name, doc, param)
        }
        Domain::Edges(EdgeSource::Listed(edges)) => listed_bins(dimension, name, doc, edges),
        Domain::Labels(_) => return TokenStream::new(),
    };
    let Bins { doc, of, show, other } = parts;
    let other = dimension.other.then_some(other);
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #name(#sdk::Bin);

        impl #name {
            #of
            #other
        }

        impl #sdk::Dimension for #name {
            fn bin(self) -> #sdk::Bin {
                self.0
            }
        }

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #show
            }
        }
    }
}

/// What differs between the kinds of bins.
struct Bins {
    doc: String,
    of: TokenStream,
    show: TokenStream,
    other: TokenStream,
}

fn range_bins(dimension: &Dimension, name: &Ident, doc: &str, (min, max): (i64, i64)) -> Bins {
    let (other, label) = (dimension.other, name.to_string());
    Bins {
        doc: format!("{doc}: the whole numbers from {min} to {max}."),
        of: quote! {
            /// The bin of a whole number; `None` if the dimension does not hold it.
            #[must_use]
            pub fn of(value: impl ::core::convert::Into<i64>) -> ::core::option::Option<Self> {
                let value = ::core::convert::Into::into(value);
                ::cloister_guest::generated::Bin::in_range(#min, #max, #other, value).map(Self)
            }
        },
        show: quote!(self.0.show_range(#label, (#min, #max), f)),
        other: other_const(max.abs_diff(min).saturating_add(1)),
    }
}

fn param_bins(dimension: &Dimension, name: &Ident, doc: &str, param: &str) -> Bins {
    let (other, label, field) = (dimension.other, name.to_string(), ident(param));
    Bins {
        doc: format!("{doc}: bins between the edges of the parameter `{param}`."),
        of: quote! {
            /// The bin that holds a number: its lower edge is in it, its upper one is not.
            #[must_use]
            pub fn of(
                value: impl ::cloister_guest::Number,
                params: &Params,
            ) -> ::core::option::Option<Self> {
                let value = ::cloister_guest::Number::to_f64(value);
                let bin = ::cloister_guest::generated::Bin::in_edges(&params.#field, #other, value);
                bin.map(Self)
            }
        },
        show: quote!(::core::write!(f, "{} {:?}", #label, self.0)),
        other: quote! {
            /// What no bin holds.
            #[must_use]
            pub fn other(params: &Params) -> Self {
                Self(::cloister_guest::generated::Bin::other_than(&params.#field))
            }
        },
    }
}

fn listed_bins(dimension: &Dimension, name: &Ident, doc: &str, edges: &[f64]) -> Bins {
    let (other, label) = (dimension.other, name.to_string());
    Bins {
        doc: format!("{doc}: bins between {edges:?}."),
        of: quote! {
            const EDGES: &'static [f64] = &[#(#edges),*];

            /// The bin that holds a number: its lower edge is in it, its upper one is not.
            #[must_use]
            pub fn of(value: impl ::cloister_guest::Number) -> ::core::option::Option<Self> {
                let value = ::cloister_guest::Number::to_f64(value);
                ::cloister_guest::generated::Bin::in_edges(Self::EDGES, #other, value).map(Self)
            }
        },
        show: quote!(self.0.show(#label, Self::EDGES, f)),
        other: other_const(edges.len().saturating_sub(1) as u64),
    }
}

fn other_const(bins: u64) -> TokenStream {
    // A study has at most a hundred thousand cells.
    let bins = u32::try_from(bins).unwrap_or(u32::MAX - 1);
    quote! {
        /// What no bin holds.
        pub const OTHER: Self = Self(::cloister_guest::generated::Bin::other(#bins));
    }
}
