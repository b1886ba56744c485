//! From a core module and a manifest to a component that can be loaded.

use crate::component::{self, Check};
use crate::error::PackError;
use crate::limits::Limits;
use crate::manifest::{self, Manifest};
use std::borrow::Cow;
use wasm_encoder::{ComponentSection, CustomSection};

/// Makes a component of a core module built with the SDK, and embeds the manifest.
///
/// The module brings a description of its world; what it imports beyond `log`, `types` and `blobs`, or a world other
/// than the manifest's, is an error here as it is at [`crate::Runtime::load`].
pub fn pack(core_wasm: &[u8], manifest: &Manifest) -> Result<Vec<u8>, PackError> {
    let encode = |error: &dyn std::fmt::Display| PackError::Encode(error.to_string());
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(core_wasm)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| encode(&format!("{error:#}")))?;
    let packed = with_manifest(component, &manifest.to_json());
    component::outline(&packed, Check::Full, &Limits::default())?;
    Ok(packed)
}

/// A component is a sequence of sections, so one more goes at the end.
pub(crate) fn with_manifest(mut component: Vec<u8>, json: &str) -> Vec<u8> {
    let section =
        CustomSection { name: Cow::Borrowed(manifest::SECTION), data: Cow::Borrowed(json.as_bytes()) };
    section.append_to_component(&mut component);
    component
}
