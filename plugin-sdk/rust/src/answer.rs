//! What a file says.

use crate::evidence::Evidence;

/// A value of a property or a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// Several texts.
    Texts(Vec<String>),
    /// A JSON document as text.
    Json(String),
}

/// What can stand as a property's value: texts, numbers, booleans, lists of texts, [`serde_json::Value`].
pub trait IntoValue {
    /// The value.
    fn into_value(self) -> Value;
}

macro_rules! into_value {
    ($($from:ty => |$x:ident| $to:expr;)*) => {
        $(impl IntoValue for $from { fn into_value(self) -> Value { let $x = self; $to } })*
    };
}
into_value! {
    Value => |x| x;
    &str => |x| Value::Text(x.to_owned());
    String => |x| Value::Text(x);
    &String => |x| Value::Text(x.clone());
    i64 => |x| Value::Integer(x);
    u32 => |x| Value::Integer(x.into());
    u64 => |x| i64::try_from(x).map_or(Value::Number(x as f64), Value::Integer);
    usize => |x| (x as u64).into_value();
    f64 => |x| Value::Number(x);
    bool => |x| Value::Boolean(x);
    Vec<String> => |x| Value::Texts(x);
    serde_json::Value => |x| Value::Json(x.to_string());
}

/// A named value.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Kebab-case, at most 128 bytes.
    pub name: String,
    /// The value.
    pub value: Value,
}

impl Property {
    /// A property or fact.
    pub fn new(name: impl Into<String>, value: impl IntoValue) -> Self {
        Self { name: name.into(), value: value.into_value() }
    }
}

/// A strong identity; see the table of schemes in `docs/plugins.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// "purl", "model", "hf", "env", "path" …
    pub scheme: String,
    /// The value in that scheme.
    pub value: String,
}

impl Identifier {
    /// An identifier.
    pub fn new(scheme: &str, value: impl Into<String>) -> Self {
        Self { scheme: scheme.to_owned(), value: value.into() }
    }
}

/// A version as this place states it. A range in a manifest is not a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// Fixed by a pin or a lock.
    Exact(String),
    /// A constraint.
    Range(String),
    /// A name that moves: `latest`, a branch.
    Floating(String),
}

/// One thing seen in this file.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Unique and stable inside the file.
    pub key: String,
    /// A kind of the registry, or `x-vendor.kind`.
    pub kind: String,
    /// The name a person would give it.
    pub name: String,
    /// Its version, where this place states one.
    pub version: Option<Version>,
    /// What it is known by elsewhere.
    pub identifiers: Vec<Identifier>,
    /// Anything else.
    pub properties: Vec<Property>,
    /// At least one, else the host has nothing to show and refuses the asset.
    pub evidence: Vec<Evidence>,
}

impl Asset {
    /// An asset without evidence yet.
    pub fn new(key: impl Into<String>, kind: &str, name: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            kind: kind.to_owned(),
            name: name.into(),
            version: None,
            identifiers: vec![],
            properties: vec![],
            evidence: vec![],
        }
    }

    /// Sets the version.
    pub fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// Adds an identity.
    pub fn identifier(mut self, scheme: &str, value: impl Into<String>) -> Self {
        self.identifiers.push(Identifier::new(scheme, value));
        self
    }

    /// Adds a property.
    pub fn property(mut self, name: &str, value: impl IntoValue) -> Self {
        self.properties.push(Property::new(name, value));
        self
    }

    /// Adds a property if there is a value.
    pub fn maybe(self, name: &str, value: Option<impl IntoValue>) -> Self {
        match value {
            Some(value) => self.property(name, value),
            None => self,
        }
    }

    /// Adds evidence.
    pub fn seen(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }
}

/// What a relation or a finding points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetRef {
    /// An asset of this plugin, by the part it is in and its key.
    Local {
        /// 0: the file itself.
        part: u32,
        /// The asset's key there.
        key: String,
    },
    /// Whatever asset of the source has this identifier, whoever reports it.
    Identifier(Identifier),
}

impl AssetRef {
    /// An asset of the same file.
    pub fn here(key: impl Into<String>) -> Self {
        Self::Local { part: 0, key: key.into() }
    }

    /// Whatever has that identifier.
    pub fn known_as(scheme: &str, value: impl Into<String>) -> Self {
        Self::Identifier(Identifier::new(scheme, value))
    }
}

/// An edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// From.
    pub source: AssetRef,
    /// A relation of the registry ("uses", "reads-secret" …), or `x-vendor.relation`.
    pub kind: String,
    /// To.
    pub target: AssetRef,
    /// Anything else.
    pub properties: Vec<Property>,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
}

impl Relation {
    /// An edge without properties or evidence yet.
    pub fn new(source: AssetRef, kind: &str, target: AssetRef) -> Self {
        Self { source, kind: kind.to_owned(), target, properties: vec![], evidence: vec![] }
    }

    /// Adds a property.
    pub fn property(mut self, name: &str, value: impl IntoValue) -> Self {
        self.properties.push(Property::new(name, value));
        self
    }

    /// Adds evidence.
    pub fn seen(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Of little harm alone.
    Low,
    /// Should be looked at.
    Medium,
    /// Should be mended.
    High,
    /// Should be mended now.
    Critical,
}

/// Something a person should know.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Kebab-case, stable.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub title: String,
    /// What it speaks of.
    pub about: Vec<AssetRef>,
    /// Anything else.
    pub properties: Vec<Property>,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
}

/// Why a place was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapReason {
    /// Over a declared limit, in bytes.
    TooLarge(u64),
    /// The content is broken.
    Unparsable,
    /// A format, encoding or feature that is not understood.
    Unsupported(String),
    /// Anything else.
    Other(String),
}

/// "I could not look here" is a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The file's path, or a place inside it.
    pub at: String,
    /// Why.
    pub reason: GapReason,
    /// What to do or know.
    pub detail: String,
}

/// "I can say more once I know what another file says."
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// A re-export: followed only if another file wants this name from this file; "*" serves every name, which is then
    /// the name needed there too. None: the file itself needs it.
    pub serves: Option<String>,
    /// The name needed there. None: the whole file.
    pub name: Option<String>,
    /// Best first, from the source root, at most 16; `**/x/y.py` counts when exactly one path ends so.
    pub paths: Vec<String>,
}

impl Want {
    /// A name of another file.
    pub fn name(name: impl Into<String>, paths: Vec<String>) -> Self {
        Self { serves: None, name: Some(name.into()), paths }
    }

    /// The whole of another file.
    pub fn file(paths: Vec<String>) -> Self {
        Self { serves: None, name: None, paths }
    }
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// Things seen.
    pub assets: Vec<Asset>,
    /// Edges seen.
    pub relations: Vec<Relation>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub gaps: Vec<Gap>,
    /// What this file tells others, at most 16 KiB.
    pub facts: Vec<Property>,
    /// What it would know of others.
    pub wants: Vec<Want>,
}

impl Answer {
    /// Adds an asset.
    pub fn asset(&mut self, asset: Asset) {
        self.assets.push(asset);
    }

    /// Adds evidence to the asset with that key, or the asset made by `new` with it.
    pub fn sight(&mut self, key: &str, evidence: Evidence, new: impl FnOnce() -> Asset) {
        match self.assets.iter_mut().find(|asset| asset.key == key) {
            Some(asset) => asset.evidence.push(evidence),
            None => self.assets.push(new().seen(evidence)),
        }
    }

    /// Adds a relation.
    pub fn relation(&mut self, relation: Relation) {
        self.relations.push(relation);
    }

    /// Adds a finding.
    pub fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The content of `path` is broken: what, in words that help to mend it.
    pub fn unparsable(&mut self, path: &str, detail: impl Into<String>) {
        self.gap(path, GapReason::Unparsable, detail);
    }

    /// Adds a gap.
    pub fn gap(&mut self, at: &str, reason: GapReason, detail: impl Into<String>) {
        self.gaps.push(Gap { at: at.to_owned(), reason, detail: detail.into() });
    }

    /// Adds a fact.
    pub fn fact(&mut self, name: impl Into<String>, value: impl IntoValue) {
        self.facts.push(Property::new(name, value));
    }

    /// Adds a want.
    pub fn want(&mut self, want: Want) {
        self.wants.push(want);
    }
}
