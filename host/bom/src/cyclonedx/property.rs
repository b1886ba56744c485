//! What has no field of its own in CycloneDX: our names `inventar:*`, and the ones cdxgen coined where they exist.

use super::document::Property;
use inventar_model::{Asset, Finding, Inventory, Relation, Target, Uid, Value, Version};
use std::collections::{BTreeMap, BTreeSet};

/// A header as it stands in a model file: what matters of it has properties of its own.
const BULKY: &str = "metadata";

/// What is said of each asset elsewhere in the inventory.
pub(super) struct Names<'a> {
    assets: BTreeMap<Uid, &'a Asset>,
    relations: BTreeMap<Uid, Vec<&'a Relation>>,
    findings: BTreeMap<Uid, Vec<&'a Finding>>,
}

impl<'a> Names<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut relations: BTreeMap<Uid, Vec<&Relation>> = BTreeMap::new();
        for relation in &inventory.relations {
            relations.entry(relation.source).or_default().push(relation);
        }
        let mut findings: BTreeMap<Uid, Vec<&Finding>> = BTreeMap::new();
        for finding in &inventory.findings {
            for target in &finding.about {
                if let Target::Asset(uid) = target {
                    findings.entry(*uid).or_default().push(finding);
                }
            }
        }
        Self {
            assets: inventory.assets.iter().map(|asset| (asset.uid, asset)).collect(),
            relations,
            findings,
        }
    }

    /// The name of an asset of this document.
    pub(super) fn name(&self, uid: &Uid) -> Option<&'a str> {
        self.assets.get(uid).map(|asset| asset.name.as_str())
    }

    /// The findings about an asset, worst first as in the inventory.
    pub(super) fn findings(&self, about: Uid) -> impl Iterator<Item = Property> {
        self.findings.get(&about).into_iter().flatten().map(|finding| {
            let value = format!("{} {}: {}", finding.severity, finding.rule, finding.title);
            Property::new("inventar:finding", value)
        })
    }

    /// The relations of one kind that start at an asset.
    pub(super) fn relations(&self, from: Uid) -> impl Iterator<Item = &'a Relation> {
        self.relations.get(&from).into_iter().flatten().copied()
    }

    /// What a relation points at: a `bom-ref` of this document, or an identifier that no asset of the source has.
    pub(super) fn target(&self, target: &Target) -> String {
        match target {
            Target::Asset(uid) if self.assets.contains_key(uid) => uid.to_string(),
            Target::Asset(uid) => format!("unresolved:{uid}"),
            Target::Unresolved(identifier) => format!("unresolved:{identifier}"),
        }
    }

    /// Everything that is said of an asset and has no field: sorted, each once.
    pub(super) fn properties(&self, asset: &Asset) -> Vec<Property> {
        let mut all = BTreeSet::new();
        all.insert(Property::new("inventar:kind", asset.kind.as_str()));
        all.insert(Property::new("inventar:usage", asset.usage().as_str()));
        all.insert(Property::new("inventar:confidence", asset.confidence().label()));
        match &asset.version {
            Some(Version::Range(range)) => _ = all.insert(Property::new("inventar:version-range", range)),
            Some(Version::Floating(name)) => _ = all.insert(Property::new("inventar:version-floating", name)),
            Some(Version::Exact(_)) | None => {}
        }
        for identifier in &asset.identifiers {
            all.insert(Property::new(format!("inventar:id:{}", identifier.scheme()), identifier.value()));
        }
        for property in asset.properties.iter().filter(|property| property.name != BULKY) {
            let foreign = foreign_name(asset.kind.as_str(), &property.name);
            for value in texts(&property.value) {
                if let Some(name) = foreign {
                    all.insert(Property::new(name, value.clone()));
                }
                all.insert(Property::new(format!("inventar:{}", property.name), value));
            }
        }
        for relation in self.relations(asset.uid) {
            let name = format!("inventar:rel:{}", relation.kind.as_str());
            all.insert(Property::new(name, self.target(&relation.target)));
        }
        if is_model(asset.kind.as_str()) {
            all.insert(Property::new("cdx:ai:modelId", asset.name.as_str()));
        }
        all.into_iter().collect()
    }
}

/// A value as the texts that a property can hold.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) | Value::Json(text) => vec![text.clone()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Number(number) => vec![number.to_string()],
        Value::Boolean(yes) => vec![yes.to_string()],
        Value::Texts(texts) => texts.clone(),
    }
}

fn is_model(kind: &str) -> bool {
    matches!(kind, "model-reference" | "model-artifact" | "model-version" | "model-family")
}

/// cdxgen's name for a property of ours.
fn foreign_name(kind: &str, name: &str) -> Option<&'static str> {
    let name = match (kind, name) {
        ("mcp-server" | "mcp-client", "transport") => "cdx:mcp:transport",
        ("mcp-server", "command") => "cdx:mcp:command",
        ("mcp-server", "package") => "cdx:mcp:package",
        ("mcp-server", "tool-count") => "cdx:mcp:toolCount",
        ("mcp-server", "auth") => "cdx:mcp:authPosture",
        ("mcp-server" | "mcp-client", "config-format") => "cdx:mcp:configFormat",
        ("agent" | "ci-agent", "framework") => "cdx:agent:framework",
        ("agent" | "ci-agent", "description") => "cdx:agent:description",
        ("agent" | "ci-agent", "role") => "cdx:agent:role",
        ("agent" | "ci-agent", "model") => "cdx:agent:model",
        ("skill", "name") => "cdx:skill:name",
        (_, "provider") => "cdx:ai:provider",
        (kind, name) if is_model(kind) => match name {
            "model-kind" => "cdx:ai:kind",
            "family" => "cdx:ai:modelFamily",
            "format" => "cdx:ai:artifactFormat",
            "quantization" => "cdx:ai:quantization",
            "parameters" => "cdx:ai:parameterCount",
            "context-length" => "cdx:ai:contextWindow",
            _ => return None,
        },
        _ => return None,
    };
    Some(name)
}
