//! What only a guest has: the study file in its custom section, and the exports of the ABI.

use proc_macro2::TokenStream;
use quote::quote;

/// The section with the `len` bytes of `file`, and the exports.
pub(crate) fn exports(file: &str, len: usize) -> TokenStream {
    let file = format!("/{file}");
    quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use ::cloister_guest::generated::{Guest, Log, arena};

            // The bytes as they are: reviewer, host and broker read the same contract.
            #[used]
            #[unsafe(link_section = "cloister.study")]
            static STUDY: [u8; #len] =
                *::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #file));

            static GUEST: Guest<Params> = Guest::new();

            #[unsafe(no_mangle)]
            extern "C" fn cloister_v1_arena(len: usize) -> usize {
                arena(len)
            }

            #[unsafe(no_mangle)]
            extern "C" fn cloister_v1_init(start: usize, len: usize) {
                GUEST.init(start, len, Params::read);
            }

            #[unsafe(no_mangle)]
            extern "C" fn cloister_v1_person(start: usize, len: usize) {
                GUEST.person(start, len, |frame, params| {
                    analyse(&Person { frame }, params, &mut Outputs::new(&Log::default()));
                });
            }
        };
    }
}
