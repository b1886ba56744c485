//! Signed models, in OpenSSF's format: a Sigstore bundle around an in-toto statement of every file's digest.
//!
//! ```text
//! model.sig ──scan──► Bundle (digest of the envelope, signature, chain) ─┐
//! public.pem, ca.pem ──scan──► text ─────────────────────────────────────┼─link─► valid, invalid (why), unchecked (why)
//! each file of the model ──scan──► sha256 ───────────────────────────────┘
//! ```
//!
//! Nothing is asked of anybody: keys are those of the settings, or stand beside the signature, which is then said. A
//! signature without a key (Sigstore's certificates of minutes) needs a pinned root and a log, and is left unchecked.

mod verify;

pub use verify::{Signer, signer};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256, Sha384};
use std::fmt::Write as _;

/// Files that one signature is checked over: a subject of `link` has at most 64 parts.
pub const MAX_RESOURCES: usize = 50;
/// Certificates of a chain.
const MAX_CHAIN: usize = 5;
/// A bundle is read up to here.
pub const MAX_BUNDLE: u64 = 1 << 20;

const STATEMENT: &str = "application/vnd.in-toto+json";
const PREDICATE: &str = "https://model_signing/signature/v1.0";

/// What a bundle says, small enough to be a fact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bundle {
    /// What the statement is about: the model's folder.
    pub subject: String,
    /// Name and SHA-256 of each file.
    pub resources: Vec<(String, String)>,
    /// Names that need not be listed.
    pub ignored: Vec<String>,
    /// How many files are listed.
    pub n_resources: usize,
    /// What is signed, digested for a key of 256 bits and for one of 384.
    pub digests: [String; 2],
    /// DER, in base64.
    pub signature: String,
    /// From the signer's certificate upwards, in base64.
    pub chain: Vec<String>,
    /// SHA-256 of the key, as its user wrote it down.
    pub hint: String,
    /// Why it cannot be valid, whatever its signature is.
    pub wrong: Option<String>,
    /// Why it cannot be checked.
    pub unchecked: Option<String>,
}

/// Reads a bundle. None: it is none of a model.
pub fn read(text: &str) -> Option<Bundle> {
    let json: Json = serde_json::from_str(text).ok()?;
    let envelope = json.get("dsseEnvelope")?;
    let kind = envelope["payloadType"].as_str()?;
    let payload = STANDARD.decode(envelope["payload"].as_str()?).ok()?;
    let statement: Json = serde_json::from_slice(&payload).ok()?;
    let predicate_type = statement["predicateType"].as_str()?;
    if !predicate_type.starts_with("https://model_signing/") {
        return None;
    }
    let mut bundle = Bundle {
        subject: statement["subject"][0]["name"].as_str().unwrap_or_default().to_owned(),
        signature: envelope["signatures"][0]["sig"].as_str().unwrap_or_default().to_owned(),
        ..Bundle::default()
    };
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
    let signed = [head.as_bytes(), &payload].concat();
    bundle.digests = [hex(&Sha256::digest(&signed)), hex(&Sha384::digest(&signed))];
    if kind != STATEMENT {
        bundle.wrong = Some(format!("the envelope holds `{kind}`"));
    } else if predicate_type != PREDICATE {
        bundle.unchecked = Some(format!("the statement is a `{predicate_type}`"));
    }
    material(&json["verificationMaterial"], &mut bundle);
    resources(&statement, &mut bundle);
    Some(bundle)
}

fn material(material: &Json, bundle: &mut Bundle) {
    bundle.hint = material["publicKey"]["hint"].as_str().unwrap_or_default().to_owned();
    let chain = material["x509CertificateChain"]["certificates"].as_array();
    bundle.chain = chain
        .into_iter()
        .flatten()
        .filter_map(|certificate| certificate["rawBytes"].as_str())
        .filter(|text| text.len() < 4096)
        .take(MAX_CHAIN)
        .map(str::to_owned)
        .collect();
    if bundle.hint.is_empty() && bundle.chain.is_empty() {
        bundle.unchecked = Some("it is signed without a key, which needs Sigstore's root and log".to_owned());
    }
}

fn resources(statement: &Json, bundle: &mut Bundle) {
    let predicate = &statement["predicate"];
    let listed: &[Json] = predicate["resources"].as_array().map_or(&[], Vec::as_slice);
    bundle.n_resources = listed.len();
    let ignored = predicate["serialization"]["ignore_paths"].as_array();
    bundle.ignored =
        ignored.into_iter().flatten().filter_map(Json::as_str).take(32).map(str::to_owned).collect();
    // The subject's digest is that of all digests in their order.
    let mut all = Sha256::new();
    for resource in listed {
        let (name, digest) =
            (resource["name"].as_str().unwrap_or_default(), resource["digest"].as_str().unwrap_or_default());
        match unhex(digest) {
            Some(raw) => all.update(&raw),
            None => bundle.wrong = Some(format!("the digest of `{name}` is none")),
        }
        if resource["algorithm"].as_str() != Some("sha256") {
            bundle.unchecked = Some(format!(
                "`{name}` is digested with `{}`",
                resource["algorithm"].as_str().unwrap_or("?")
            ));
        }
        if bundle.resources.len() < MAX_RESOURCES {
            bundle.resources.push((name.to_owned(), digest.to_owned()));
        }
    }
    if statement["subject"][0]["digest"]["sha256"].as_str() != Some(&hex(&all.finalize())) {
        bundle.wrong = Some("the digests of the files are not those of the statement's subject".to_owned());
    }
    if listed.len() > MAX_RESOURCES {
        bundle.unchecked = Some(format!("it lists more than {MAX_RESOURCES} files"));
    }
}

impl Bundle {
    /// Whether a file below the model's folder is one that the signature speaks of, or passes over.
    pub fn covers(&self, name: &str) -> bool {
        let is_listed = self.resources.iter().any(|(listed, _)| listed == name);
        is_listed
            || self.resources.len() < self.n_resources
            || self.ignored.iter().any(|ignored| {
                name == ignored
                    || name.strip_prefix(ignored.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
    }
}

/// The digest of a file's bytes.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A digest in the making, for files that are read in pieces.
#[derive(Debug, Clone, Default)]
pub struct Digesting(Sha256);

impl Digesting {
    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    /// The digest.
    pub fn end(self) -> String {
        hex(&self.0.finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests;
