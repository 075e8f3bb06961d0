//! The types of rows and category columns, and `Person`, which gives them out.

use cloister_contract::abi;
use cloister_contract::study::{Column, ColumnType, Study, Table};
use proc_macro2::TokenStream;
use quote::quote;

use crate::{ident, labels, names};

/// `Person`, and the types of each table.
pub(crate) fn tables(study: &Study) -> TokenStream {
    let rows = study.tables.iter().map(row);
    let mut record = abi::PERSON_HEADER_BYTES;
    let accessors = study.tables.iter().map(|table| {
        let (name, row, lifetime) = (ident(&table.name), names::of_row(&table.name), life(table));
        let doc = format!("The person's rows of `{}`, in canonical order.", table.name);
        let at = record;
        record += abi::TABLE_RECORD_BYTES + table.columns.len() * abi::COLUMN_RECORD_BYTES;
        quote! {
            #[doc = #doc]
            #[must_use]
            pub fn #name(&self) -> ::cloister_guest::Rows<'a, #row #lifetime> {
                ::cloister_guest::Rows::new(self.frame.table(#at))
            }
        }
    });
    quote! {
        #(#rows)*

        /// One person's rows.
        #[derive(Clone, Copy, Debug)]
        pub struct Person<'a> {
            frame: ::cloister_guest::generated::PersonFrame<'a>,
        }

        impl<'a> Person<'a> {
            #(#accessors)*
        }
    }
}

/// The lifetime of a table's rows: only text looks into the frame.
pub(crate) fn life(table: &Table) -> Option<TokenStream> {
    let text = |column: &Column| matches!(column.kind, ColumnType::Text { .. });
    table.columns.iter().any(text).then(|| quote!(<'a>))
}

fn row(table: &Table) -> TokenStream {
    let (row, life) = (names::of_row(&table.name), life(table));
    let doc = format!("A row of the table `{}`; `None` is null.", table.name);
    let columns = || table.columns.iter();
    let fields: Vec<_> = columns().map(|column| ident(&column.name)).collect();
    let docs = columns().map(|column| format!("The column's `{}`.", column.kind.name()));
    let types = columns().map(|column| column_type(table, column));
    let at = 0..table.columns.len();
    let categories = columns().map(|column| {
        let ColumnType::Category { labels } = &column.kind else {
            return TokenStream::new();
        };
        let doc = format!("The column `{}` of the table `{}`", column.name, table.name);
        let name = names::of_category(&table.name, &column.name);
        labels::label_enum(&doc, &name, labels, true)
    });
    quote! {
        #(#categories)*

        #[doc = #doc]
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct #row #life {
            #(#[doc = #docs] pub #fields: ::core::option::Option<#types>,)*
        }

        impl<'a> ::cloister_guest::Row<'a> for #row #life {
            fn read(table: ::cloister_guest::generated::TableView<'a>, row: usize) -> Self {
                Self { #(#fields: ::cloister_guest::generated::Column::read(table, #at, row),)* }
            }

            fn fields(self) -> ::std::vec::Vec<::cloister_guest::generated::Field> {
                ::std::vec![#(::cloister_guest::generated::Column::field(self.#fields)),*]
            }
        }
    }
}

fn column_type(table: &Table, column: &Column) -> TokenStream {
    match &column.kind {
        ColumnType::Int => quote!(i64),
        ColumnType::Float => quote!(f64),
        ColumnType::Bool => quote!(bool),
        ColumnType::Date => quote!(::cloister_guest::Date),
        ColumnType::DateTime => quote!(::cloister_guest::DateTime),
        ColumnType::Link => quote!(::cloister_guest::Link),
        ColumnType::Text { .. } => quote!(&'a str),
        ColumnType::Category { .. } => {
            let category = names::of_category(&table.name, &column.name);
            quote!(#category)
        }
    }
}
