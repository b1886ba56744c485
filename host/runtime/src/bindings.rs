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

pub use exports::inventar::discovery::{detect, link};
pub use inventar::discovery::{blobs, log, types};
