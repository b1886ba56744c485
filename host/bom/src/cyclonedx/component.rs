//! One asset as a component.

use super::document::{Component, CryptoProperties, Data, Hash, Organization, Pedigree, RelatedMaterial};
use super::vocabulary::{CRYPTO, DERIVED_FROM, FILE, Form, MODEL};
use super::{Writer, evidence, license};
use crate::SpecVersion;
use inventar_model::{Asset, Target, Usage, Value, Version};
use packageurl::PackageUrl;
use std::str::FromStr;

impl Writer<'_> {
    pub(super) fn component(&self, asset: &Asset, form: Form) -> Component {
        let naming = Naming::of(asset);
        let mut properties = self.names.properties(asset);
        properties.extend(self.names.findings(asset.uid));
        self.reporters(asset, &mut properties);

        let is_model = form.kind == MODEL;
        let external =
            is_model && asset.kind.as_str() == "model-reference" && self.context.spec >= SpecVersion::V1_7;
        let (field, value) = match &naming.purl {
            Some(purl) => ("purl", purl.clone()),
            None => ("name", naming.name.clone()),
        };
        Component {
            mime_type: (form.kind == FILE).then_some("application/x-ipynb+json"),
            supplier: provider(asset),
            group: naming.group,
            version: naming.version,
            is_external: external.then_some(true),
            description: text(asset, "description"),
            scope: Some(scope(asset.usage())),
            hashes: hashes(asset),
            licenses: license::of(asset),
            purl: naming.purl,
            pedigree: is_model.then(|| self.pedigree(asset)).flatten(),
            evidence: Some(evidence::of(asset, field, value)),
            model_card: is_model.then(|| self.model_card(asset)).flatten(),
            data: form.data.map(|kind| Data { kind, name: asset.name.clone() }).into_iter().collect(),
            crypto_properties: (form.kind == CRYPTO).then(|| credential(asset)),
            properties,
            ..Component::new(form.kind, asset.uid.to_string(), naming.name)
        }
    }

    /// What a model was made from. An ancestor is a description, so it has no `bom-ref`: the dependency graph has it.
    fn pedigree(&self, asset: &Asset) -> Option<Pedigree> {
        let ancestors: Vec<Component> = self
            .names
            .relations(asset.uid)
            .filter(|relation| relation.kind.as_str() == DERIVED_FROM)
            .map(|relation| match &relation.target {
                Target::Asset(uid) => self.names.name(uid).map_or_else(|| uid.to_string(), str::to_owned),
                Target::Unresolved(identifier) => identifier.value().to_owned(),
            })
            .map(|name| Component { kind: MODEL, name, ..Component::default() })
            .collect();
        (!ancestors.is_empty()).then_some(Pedigree { ancestors })
    }
}

/// Group, name, version and package URL: they must agree.
struct Naming {
    group: Option<String>,
    name: String,
    version: Option<String>,
    purl: Option<String>,
}

impl Naming {
    fn of(asset: &Asset) -> Self {
        let version = asset.version.as_ref().and_then(Version::exact).map(str::to_owned);
        let named = Self { group: None, name: asset.name.clone(), version, purl: None };
        named.by_purl(asset).unwrap_or_else(|named| named.by_hub(asset))
    }

    /// The purl identifier with the exact version put in.
    fn by_purl(self, asset: &Asset) -> Result<Self, Self> {
        let Some(identifier) = asset.identifiers.iter().find(|identifier| identifier.scheme() == "purl")
        else {
            return Err(self);
        };
        let Ok(mut purl) = PackageUrl::from_str(identifier.value()) else { return Err(self) };
        if let Some(version) = &self.version
            && purl.with_version(version.clone()).is_err()
        {
            return Err(self);
        }
        Ok(Self {
            group: purl.namespace().map(str::to_owned),
            name: purl.name().to_owned(),
            purl: Some(purl.to_string()),
            version: self.version,
        })
    }

    /// A model of a hub is a package too; a branch is not a version of it, a commit is.
    fn by_hub(self, asset: &Asset) -> Self {
        let hub = asset.identifiers.iter().find(|identifier| identifier.scheme() == "hf");
        let Some((group, name)) = hub.and_then(|identifier| identifier.value().split_once('/')) else {
            return self;
        };
        let commit =
            self.version.as_deref().filter(|version| is_commit(version)).map(str::to_ascii_lowercase);
        let is_model = asset.kind.as_str().starts_with("model-");
        let purl = is_model.then(|| PackageUrl::new("huggingface", name.to_owned()).ok()).flatten().and_then(
            |mut purl| {
                purl.with_namespace(group.to_owned()).ok()?;
                if let Some(commit) = commit {
                    purl.with_version(commit).ok()?;
                }
                Some(purl.to_string())
            },
        );
        Self { group: Some(group.to_owned()), name: name.to_owned(), purl, version: self.version }
    }
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn scope(usage: Usage) -> &'static str {
    match usage {
        Usage::Runtime => "required",
        Usage::Optional => "optional",
        Usage::Development | Usage::Test | Usage::Example | Usage::Docs | Usage::Mentioned => "excluded",
    }
}

fn hashes(asset: &Asset) -> Vec<Hash> {
    asset
        .identifiers
        .iter()
        .filter(|identifier| identifier.scheme() == "sha256")
        .map(|identifier| identifier.value().to_ascii_lowercase())
        .filter(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(|content| Hash { alg: "SHA-256", content })
        .collect()
}

/// The name of a credential, never more.
fn credential(asset: &Asset) -> CryptoProperties {
    CryptoProperties {
        asset_type: "related-crypto-material",
        related_crypto_material_properties: RelatedMaterial { kind: "credential", id: asset.name.clone() },
    }
}

/// Who answers for the asset, when somebody said so.
pub(super) fn provider(asset: &Asset) -> Option<Organization> {
    text(asset, "provider").map(|name| Organization { name })
}

/// The text property of that name.
pub(super) fn text(asset: &Asset, name: &str) -> Option<String> {
    match &asset.property(name)?.value {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}
