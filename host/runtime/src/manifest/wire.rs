//! The two spellings of a manifest: `plugin.toml` and canonical JSON.

use super::schema::canonical;
use super::{MAX_BYTES, Manifest, ManifestError};
use inventar_model::CredentialSlot;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;

/// Keys that were not expected; TOML refuses them, JSON passes over them.
type Unknown = BTreeMap<String, Value>;

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Wire {
    pub schema: u32,
    pub id: String,
    pub version: String,
    pub world: String,
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_host: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_understand: Vec<String>,
    #[serde(default)]
    pub kinds: Vec<String>,
    #[serde(default)]
    pub detect: Detect,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claim: Vec<Claim>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credential: Vec<Credential>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub egress: Vec<Egress>,
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub settings: Settings,
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Detect {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline_max: Option<Size>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Size>,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Claim {
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub globs: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub literals: Vec<String>,
    /// Literals that are no text, as hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub literals_hex: Vec<String>,
    #[serde(skip_serializing)]
    literals_file: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regexes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub magic: Vec<Magic>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<Size>,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Magic {
    pub offset: u64,
    pub bytes: String,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Link {
    #[serde(default)]
    pub pulls: Vec<String>,
    pub hops: Option<u8>,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Credential {
    pub slot: String,
    pub kinds: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    pub reason: String,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Egress {
    pub service: String,
    pub hosts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    pub operations: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u32>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cost_microusd: u64,
    pub reason: String,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// In TOML `schema` is the name of a file; in JSON, what was in it.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

impl Settings {
    fn is_empty(&self) -> bool {
        self.schema.is_none()
    }
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute_ms: Option<u32>,
    #[serde(flatten, skip_serializing)]
    unknown: Unknown,
}

impl Limits {
    fn is_empty(&self) -> bool {
        self.memory_mib.is_none() && self.compute_ms.is_none()
    }
}

/// `1048576` or "1 MiB".
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Size {
    Bytes(u64),
    Text(String),
}

impl Size {
    /// The bytes, if the text is a number and a unit.
    pub(super) fn bytes(&self) -> Option<u64> {
        let text = match self {
            Self::Bytes(bytes) => return Some(*bytes),
            Self::Text(text) => text.trim(),
        };
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let unit = match text[digits..].trim() {
            "" | "B" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            _ => return None,
        };
        text[..digits].parse::<u64>().ok()?.checked_mul(1 << unit)
    }
}

impl Wire {
    pub(super) fn from_toml(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MAX_BYTES {
            return Err(ManifestError::TooLarge(text.len()));
        }
        let wire: Self = toml::from_str(text).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        wire.refuse_unknown()?;
        Ok(wire)
    }

    pub(super) fn from_json(json: &str) -> Result<Self, ManifestError> {
        if json.len() > MAX_BYTES {
            return Err(ManifestError::TooLarge(json.len()));
        }
        let wire: Self =
            serde_json::from_str(json).map_err(|error| ManifestError::Syntax(error.to_string()))?;
        if wire.claim.iter().any(|claim| claim.literals_file.is_some()) {
            return Err(ManifestError::Invalid {
                at: "claim.literals-file".into(),
                why: "a packed manifest has no files beside it".into(),
            });
        }
        Ok(wire)
    }

    /// Replaces the names of files by what is in them.
    pub(super) fn with_files(
        mut self,
        read: impl Fn(&str) -> io::Result<String>,
    ) -> Result<Self, ManifestError> {
        let read = |file: &str| {
            if file.is_empty() || file.contains(['/', '\\']) || file.starts_with('.') {
                let why = io::Error::new(io::ErrorKind::InvalidInput, "it must be a file beside plugin.toml");
                return Err(ManifestError::Beside { file: file.to_owned(), source: why });
            }
            read(file).map_err(|source| ManifestError::Beside { file: file.to_owned(), source })
        };
        for claim in &mut self.claim {
            if let Some(file) = claim.literals_file.take() {
                let text = read(&file)?;
                let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
                claim.literals.extend(lines.map(str::to_owned));
            }
        }
        if let Some(schema) = &mut self.settings.schema {
            let Some(file) = schema.as_str() else {
                let why = "it names a JSON file beside plugin.toml".into();
                return Err(ManifestError::Invalid { at: "settings.schema".into(), why });
            };
            *schema = serde_json::from_str(&read(file)?)
                .map_err(|error| ManifestError::Syntax(format!("{file}: {error}")))?;
        }
        Ok(self)
    }

    fn refuse_unknown(&self) -> Result<(), ManifestError> {
        const TOP: &[&str] = &[
            "schema",
            "id",
            "version",
            "world",
            "description",
            "min-host",
            "must-understand",
            "kinds",
            "detect",
            "claim",
            "link",
            "credential",
            "egress",
            "settings",
            "limits",
        ];
        const CREDENTIAL: &[&str] = &["slot", "kinds", "header", "optional", "reason"];
        const EGRESS: &[&str] = &[
            "service",
            "hosts",
            "protocol",
            "target",
            "credential",
            "operations",
            "headers",
            "per-second",
            "cost-microusd",
            "reason",
        ];
        const CLAIM: &[&str] = &[
            "name",
            "globs",
            "literals",
            "literals-hex",
            "literals-file",
            "ignore-case",
            "regexes",
            "magic",
            "ignored",
            "max-size",
        ];
        refuse("", &self.unknown, TOP)?;
        refuse("detect.", &self.detect.unknown, &["inline-max", "head"])?;
        for claim in &self.claim {
            refuse("claim.", &claim.unknown, CLAIM)?;
            for magic in &claim.magic {
                refuse("claim.magic.", &magic.unknown, &["offset", "bytes"])?;
            }
        }
        if let Some(link) = &self.link {
            refuse("link.", &link.unknown, &["pulls", "hops"])?;
        }
        for credential in &self.credential {
            refuse("credential.", &credential.unknown, CREDENTIAL)?;
        }
        for egress in &self.egress {
            refuse("egress.", &egress.unknown, EGRESS)?;
        }
        refuse("settings.", &self.settings.unknown, &["schema"])?;
        refuse("limits.", &self.limits.unknown, &["memory-mib", "compute-ms"])
    }
}

fn refuse(table: &str, unknown: &Unknown, known: &[&str]) -> Result<(), ManifestError> {
    let Some(key) = unknown.keys().next() else { return Ok(()) };
    let nearest = known.iter().map(|word| (distance(key, word), *word)).min();
    let hint = nearest.filter(|(distance, _)| *distance <= 2).map(|(_, word)| word.to_owned());
    Err(ManifestError::UnknownKey { key: format!("{table}{key}"), hint })
}

/// Edits between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

pub(super) fn to_json(manifest: &Manifest) -> String {
    let size = |bytes: u64, default: u64| (bytes != default).then_some(Size::Bytes(bytes));
    let wire = Wire {
        schema: 1,
        id: manifest.id.to_string(),
        version: manifest.version.clone(),
        world: manifest.world.to_string(),
        description: manifest.description.clone(),
        min_host: manifest.min_host.clone(),
        must_understand: manifest.must_understand.clone(),
        kinds: manifest.kinds.iter().map(ToString::to_string).collect(),
        detect: Detect {
            inline_max: size(manifest.inline_max, Manifest::INLINE_DEFAULT),
            head: size(manifest.head, Manifest::HEAD_DEFAULT),
            unknown: Unknown::new(),
        },
        claim: manifest.claims.iter().map(claim).collect(),
        link: manifest.link.as_ref().map(|link| Link {
            pulls: link.pulls.clone(),
            hops: Some(link.hops),
            unknown: Unknown::new(),
        }),
        credential: manifest.credentials.iter().map(credential).collect(),
        egress: manifest.egress.iter().map(egress).collect(),
        settings: Settings {
            schema: manifest.settings_schema.as_deref().and_then(|schema| serde_json::from_str(schema).ok()),
            unknown: Unknown::new(),
        },
        limits: Limits {
            memory_mib: manifest.limits.memory_mib,
            compute_ms: manifest.limits.compute_ms,
            unknown: Unknown::new(),
        },
        unknown: Unknown::new(),
    };
    // Strings, numbers and lists always serialise.
    canonical(&serde_json::to_value(&wire).unwrap_or_default())
}

fn claim(claim: &super::Claim) -> Claim {
    let text = |literal: &Vec<u8>| String::from_utf8(literal.clone());
    Claim {
        name: claim.name.clone(),
        globs: claim.globs.clone(),
        literals: claim.literals.iter().filter_map(|literal| text(literal).ok()).collect(),
        literals_hex: claim
            .literals
            .iter()
            .filter(|literal| text(literal).is_err())
            .map(|l| hex(l))
            .collect(),
        literals_file: None,
        ignore_case: claim.ignore_case,
        regexes: claim.regexes.clone(),
        magic: claim
            .magic
            .iter()
            .map(|magic| Magic { offset: magic.offset, bytes: hex(&magic.bytes), unknown: Unknown::new() })
            .collect(),
        ignored: claim.ignored,
        max_size: claim.max_size.map(Size::Bytes),
        unknown: Unknown::new(),
    }
}

fn credential(slot: &CredentialSlot) -> Credential {
    Credential {
        slot: slot.slot.clone(),
        kinds: slot.kinds.iter().map(ToString::to_string).collect(),
        header: slot.header.clone(),
        optional: slot.optional,
        reason: slot.reason.clone(),
        unknown: Unknown::new(),
    }
}

fn egress(rule: &inventar_model::Egress) -> Egress {
    let operations = rule.operations.iter();
    Egress {
        service: rule.service.clone(),
        hosts: rule.hosts.clone(),
        protocol: Some(rule.protocol.to_string()),
        target: rule.target.clone(),
        credential: rule.credential.clone(),
        operations: operations.map(|operation| operation.to_text(rule.protocol, &rule.service)).collect(),
        headers: rule.headers.clone(),
        per_second: rule.per_second,
        cost_microusd: rule.cost_microusd,
        reason: rule.reason.clone(),
        unknown: Unknown::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    digits
        .len()
        .is_multiple_of(2)
        .then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
