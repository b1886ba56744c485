//! What a component file says before anything of it is compiled: manifest, imports, exports.

use crate::error::LoadError;
use crate::limits::Limits;
use crate::manifest::{self, Manifest, World};
use wasmparser::{Encoding, Parser, Payload, WasmFeatures};

/// The only interfaces a detector may import.
const GRANTED: &[&str] =
    &["inventar:discovery/types@0.1.0", "inventar:discovery/log@0.1.0", "inventar:discovery/blobs@0.1.0"];
/// The only interfaces a collector may import.
const GRANTED_TO_COLLECTORS: &[&str] = &[
    "inventar:discovery/types@0.1.0",
    "inventar:discovery/log@0.1.0",
    "inventar:discovery/http@0.1.0",
    "inventar:discovery/sink@0.1.0",
];
const DETECT: &str = "inventar:discovery/detect@0.1.0";
const LINK: &str = "inventar:discovery/link@0.1.0";
const COLLECT: &str = "inventar:discovery/collect@0.1.0";

const CONTRACT: &str = "inventar:discovery/";
/// The track of the contract that this host serves, as all names above say.
const TRACK: &str = "0.1.0";

/// The version in a name of our contract, when it is not ours.
fn other_track(name: &str) -> Option<&str> {
    let (_, version) = name.strip_prefix(CONTRACT)?.split_once('@')?;
    (version != TRACK).then_some(version)
}

/// WebAssembly as Rust emits it for `wasm32-unknown-unknown`, the component model, and nothing else. The engine is
/// configured to the same set.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::COMPONENT_MODEL);

/// How far a component is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Every instruction is validated.
    Full,
    /// It travelled inside the program: its outline is read.
    Outline,
}

/// The outline of a component that may be loaded.
#[derive(Debug)]
pub(crate) struct Outline {
    pub(crate) manifest: Manifest,
    pub(crate) imports: Vec<String>,
}

/// Reads and checks a component.
pub(crate) fn outline(bytes: &[u8], check: Check, limits: &Limits) -> Result<Outline, LoadError> {
    let size = bytes.len() as u64;
    if size > limits.component_bytes {
        return Err(LoadError::TooLarge { size, limit: limits.component_bytes });
    }
    recognise(bytes)?;
    let raw = read(bytes).map_err(|error| LoadError::Invalid(error.to_string()))?;
    if let Some(found) = raw.imports.iter().chain(&raw.exports).find_map(|name| other_track(name)) {
        return Err(LoadError::Track { found: shown(found), served: TRACK });
    }
    let exports = |name: &str| raw.exports.iter().any(|export| export == name);
    let granted = if exports(COLLECT) { GRANTED_TO_COLLECTORS } else { GRANTED };
    if let Some(import) = raw.imports.iter().find(|import| !granted.contains(&import.as_str())) {
        return Err(LoadError::Import(shown(import)));
    }
    let manifest = manifest(&raw.manifests)?;
    let exported = match (exports(DETECT), exports(LINK), exports(COLLECT)) {
        (true, false, false) => Some(World::Detector),
        (true, true, false) => Some(World::LinkingDetector),
        (false, false, true) => Some(World::Collector),
        _ => None,
    };
    if exported != Some(manifest.world) {
        let exported = match exported {
            Some(world) => format!("is a `{world}`"),
            None => "exports the interfaces of no single world of track 0.1".to_owned(),
        };
        return Err(LoadError::World { declared: manifest.world, exported });
    }
    if check == Check::Full {
        wasmparser::Validator::new_with_features(FEATURES)
            .validate_all(bytes)
            .map_err(|error| LoadError::Invalid(error.to_string()))?;
    }
    Ok(Outline { manifest, imports: raw.imports })
}

/// Names what is often mistaken for a plugin.
fn recognise(bytes: &[u8]) -> Result<(), LoadError> {
    let what = match bytes {
        [] => "an empty file",
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => return Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => "a core WebAssembly module",
        [0, b'a', b's', b'm', ..] => "a WebAssembly binary of another version",
        [0x7f, b'E', b'L', b'F', ..] => "compiled code",
        [b'P', b'K', ..] => "a zip archive",
        [b'(', ..] => "WebAssembly text",
        _ => "something else",
    };
    Err(LoadError::NotAComponent(what))
}

#[derive(Debug, Default)]
struct Raw {
    manifests: Vec<Vec<u8>>,
    imports: Vec<String>,
    exports: Vec<String>,
}

/// The outermost level only: what nested modules and components say of themselves means nothing here.
fn read(bytes: &[u8]) -> Result<Raw, wasmparser::BinaryReaderError> {
    let mut raw = Raw::default();
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } => {
                debug_assert!(depth > 0 || encoding == Encoding::Component);
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 1 && section.name() == manifest::SECTION => {
                raw.manifests.push(section.data().to_vec());
            }
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    raw.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    raw.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(raw)
}

fn manifest(sections: &[Vec<u8>]) -> Result<Manifest, LoadError> {
    match sections {
        [] => Err(LoadError::NoManifest),
        [json] => {
            let json = std::str::from_utf8(json)
                .map_err(|_| LoadError::Invalid("its manifest is not UTF-8".into()))?;
            Ok(Manifest::from_json(json)?)
        }
        several => Err(LoadError::Manifests(several.len())),
    }
}

/// A foreign name in a message.
fn shown(name: &str) -> String {
    name.chars().take(120).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
