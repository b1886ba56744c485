//! The generated host side of the contract. Nothing outside this module and `lift`, `lower` and `call` names these types.
//!
//! One generated world serves both: a plain detector is a linking detector without `link`, and the interfaces are
//! looked up one by one.
#![allow(missing_debug_implementations, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    world: "linking-detector",
    path: "../../wit",
    imports: { default: trappable },
    with: { "inventar:discovery/blobs.blob": crate::call::OpenBlob },
});

/// World `collector`: its calls wait, so they are asynchronous; types and log are those above.
pub mod collector {
    wasmtime::component::bindgen!({
        world: "collector",
        path: "../../wit",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "inventar:discovery/types": super::inventar::discovery::types,
            "inventar:discovery/log": super::inventar::discovery::log,
            "inventar:discovery/http.body": crate::collect::OpenBody,
        },
    });
}

pub use collector::exports::inventar::discovery::collect;
pub use collector::inventar::discovery::{http, sink};
pub use exports::inventar::discovery::{detect, link};
pub use inventar::discovery::{blobs, log, types};
