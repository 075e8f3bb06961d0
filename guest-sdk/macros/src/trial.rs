//! What only a study's tests have: `Person::builder()`, `Study` and `Found`.

use cloister_contract::study::{Codes, Param, ParamKind, Study};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::{ident, names, outputs, params, rows};

/// `PersonBuilder`, `Study` and `Found`.
pub(crate) fn trial(study: &Study, file: &str) -> TokenStream {
    let parts = [builder(study), run(study, file), found(study)];
    quote!(#(#parts)*)
}

fn builder(study: &Study) -> TokenStream {
    let adders = study.tables.iter().enumerate().map(|(at, table)| {
        let (name, row) = (ident(&table.name), names::of_row(&table.name));
        let life = rows::life(table).map(|_| quote!(<'_>));
        let doc = format!("Adds a row of `{}`.", table.name);
        quote! {
            #[doc = #doc]
            #[must_use]
            pub fn #name(mut self, row: #row #life) -> Self {
                self.0.add(#at, row);
                self
            }
        }
    });
    quote! {
        /// A person for a test: rows in any order, sorted and cut as the host does.
        #[cfg(not(target_arch = "wasm32"))]
        #[derive(Clone, Debug, Default)]
        pub struct PersonBuilder(::cloister_guest::generated::PersonRows);

        #[cfg(not(target_arch = "wasm32"))]
        impl PersonBuilder {
            #(#adders)*
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl Person<'_> {
            /// A person without rows, for a test to add some.
            #[must_use]
            pub fn builder() -> PersonBuilder {
                PersonBuilder::default()
            }
        }
    }
}

fn run(study: &Study, file: &str) -> TokenStream {
    let file = format!("/{file}");
    let setters = study.params.iter().map(param_setter);
    let sets = study.codes.iter().enumerate();
    let sets = sets.map(|(at, set)| codes_setter(at, &ident(&set.name), &set.codes));
    let runs = runs();
    quote! {
        /// The study in a test, with parameters and code sets of the test's choice.
        #[cfg(not(target_arch = "wasm32"))]
        #[derive(Clone, Debug)]
        pub struct Study(::cloister_guest::generated::Trial);

        #[cfg(not(target_arch = "wasm32"))]
        impl Study {
            /// The study with default parameters, code sets as listed (descendants are in no
            /// study file), and the snapshot date 2020-01-01.
            #[must_use]
            pub fn test() -> Self {
                Self(::cloister_guest::generated::Trial::new(::core::include_str!(
                    ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #file)
                )))
            }

            /// Sets the snapshot date.
            #[must_use]
            pub fn snapshot_date(mut self, date: ::cloister_guest::Date) -> Self {
                self.0.snapshot_date(date);
                self
            }

            #(#setters)*
            #(#sets)*
        }

        #runs
    }
}

/// What a test does with a study: run it over a person, or over a host's own frames.
fn runs() -> TokenStream {
    quote! {
        #[cfg(not(target_arch = "wasm32"))]
        impl Study {
            /// What `analyse` contributes for this person.
            ///
            /// # Panics
            /// If a parameter has no value or one that the study does not allow, or if a text is
            /// longer than its `bytes_max`.
            #[must_use]
            pub fn run(&self, person: PersonBuilder) -> Found {
                Self::replay(&self.init_frame(), &self.person_frame(&person))
            }

            /// What `analyse` contributes for the frames of a host.
            ///
            /// # Panics
            /// If a frame is malformed.
            #[must_use]
            pub fn replay(init: &[u8], person: &[u8]) -> Found {
                use ::cloister_guest::generated::{Log, PersonFrame, wrong};
                let params = Params::of_frame(init);
                let frame = PersonFrame::new(person);
                let frame = frame.unwrap_or_else(|| wrong("the person's frame is malformed"));
                let log = Log::default();
                let mut out = Outputs::new(&log);
                analyse(&Person { frame }, &params, &mut out);
                Found::new(out, &log)
            }

            /// The parameters as `analyse` gets them.
            ///
            /// # Panics
            /// As [`Self::run`].
            #[must_use]
            pub fn params(&self) -> Params {
                Params::of_frame(&self.init_frame())
            }

            /// The init frame that a host writes.
            ///
            /// # Panics
            /// As [`Self::run`].
            #[must_use]
            pub fn init_frame(&self) -> ::std::vec::Vec<u8> {
                self.0.init_frame()
            }

            /// The person's frame that a host writes.
            ///
            /// # Panics
            /// As [`Self::run`].
            #[must_use]
            pub fn person_frame(&self, person: &PersonBuilder) -> ::std::vec::Vec<u8> {
                self.0.person_frame(&person.0)
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl Params {
            fn of_frame(init: &[u8]) -> Self {
                use ::cloister_guest::generated::{init_frame, wrong};
                let params = Self::read(init_frame(init));
                params.unwrap_or_else(|| wrong("the init frame is not of this study"))
            }
        }
    }
}

fn param_setter(param: &Param) -> TokenStream {
    let (name, text) = (ident(&param.name), &param.name);
    let doc = format!("Sets the parameter `{text}`.");
    let of = params::param_type(param);
    let (argument, value) = match &param.kind {
        ParamKind::Floats { .. } | ParamKind::Edges { .. } => (list(&quote!(f64)), collected(&of)),
        ParamKind::Concepts { .. } => (list(&quote!(i64)), collected(&of)),
        _ => (of, quote!(value)),
    };
    quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #name(mut self, value: #argument) -> Self {
            self.0.param(#text, &#value);
            self
        }
    }
}

fn list(of: &TokenStream) -> TokenStream {
    quote!(impl ::core::iter::IntoIterator<Item = #of>)
}

fn collected(of: &TokenStream) -> TokenStream {
    quote!(::core::iter::Iterator::collect::<#of>(::core::iter::IntoIterator::into_iter(value)))
}

fn codes_setter(at: usize, name: &Ident, codes: &Codes) -> TokenStream {
    let (doc, argument, set) = match codes {
        Codes::Concepts { .. } => (
            format!("Sets the code set `{name}`, descendants included, for the test to say."),
            list(&quote!(i64)),
            ident("concepts"),
        ),
        Codes::Text(_) => (
            format!("Sets the code set `{name}`; a code that ends in `*` is a prefix."),
            list(&quote!(&'c str)),
            ident("texts"),
        ),
    };
    let life = matches!(codes, Codes::Text(_)).then(|| quote!(<'c>));
    quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #name #life(mut self, codes: #argument) -> Self {
            self.0.#set(#at, codes);
            self
        }
    }
}

fn found(study: &Study) -> TokenStream {
    let fields: Vec<_> = study.outputs.iter().map(|output| ident(&output.name)).collect();
    let types = study.outputs.iter().map(|output| outputs::contribution(study, output));
    let docs = study
        .outputs
        .iter()
        .map(|output| format!("What `{}` was given, in call order.", output.name));
    quote! {
        /// What one person contributed: for each output, what its `add` was given. Several values
        /// are a tuple, none is `()`.
        #[cfg(not(target_arch = "wasm32"))]
        #[derive(Clone, Debug, PartialEq)]
        pub struct Found {
            #(#[doc = #docs] pub #fields: ::std::vec::Vec<#types>,)*
            // A name that no output can have.
            all_: ::std::vec::Vec<::cloister_guest::Contribution>,
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl Found {
            fn new(out: Outputs, log: &::cloister_guest::generated::Log) -> Self {
                Self { #(#fields: out.#fields.0.seen(),)* all_: log.take() }
            }

            /// Every contribution in call order, as the host gets it.
            #[must_use]
            pub fn contributions(&self) -> &[::cloister_guest::Contribution] {
                &self.all_
            }
        }
    }
}
