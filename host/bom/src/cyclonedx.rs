//! The CycloneDX document of an inventory.

mod component;
mod document;
mod evidence;
mod graph;
mod license;
mod model_card;
mod property;
mod service;
#[cfg(test)]
mod tests;
mod vocabulary;

use crate::{BomContext, BomError, SpecVersion};
use document::{Bom, Citation, Component, Lifecycle, Metadata, Property, Tools};
use inventar_model::{Asset, Digest, Inventory, SourceName, Timestamp, Uid};
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::Shape;

/// The inventory as one CycloneDX JSON document, ending in a newline.
pub fn cyclonedx(inventory: &Inventory, context: &BomContext<'_>) -> Result<String, BomError> {
    let committed = context.revision.as_ref().map(|revision| revision.committed);
    let timestamp = context.epoch.or(committed).map(rfc3339).transpose()?;
    let names = property::Names::of(inventory);
    let cited = context.spec >= SpecVersion::V1_7 && timestamp.is_some();
    let writer = Writer { inventory, context, names, cited };

    let mut components = Vec::new();
    let mut services = Vec::new();
    let mut citations: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for asset in &inventory.assets {
        let pointer = match vocabulary::shape(asset) {
            Shape::Component(component) => {
                components.push(writer.component(asset, component));
                format!("/components/{}", components.len() - 1)
            }
            Shape::Service => {
                services.push(writer.service(asset));
                format!("/services/{}", services.len() - 1)
            }
        };
        for plugin in &asset.plugins {
            citations.entry(plugin.as_str()).or_default().push(pointer.clone());
        }
    }
    let citations = match &timestamp {
        Some(timestamp) if cited => citations
            .into_iter()
            .map(|(plugin, pointers)| Citation {
                bom_ref: format!("citation:{plugin}"),
                pointers,
                timestamp: timestamp.clone(),
                attributed_to: plugin_ref(plugin),
            })
            .collect(),
        _ => vec![],
    };

    let root = root_ref(&inventory.source);
    let mut bom = Bom {
        schema: match context.spec {
            SpecVersion::V1_6 => "http://cyclonedx.org/schema/bom-1.6.schema.json",
            SpecVersion::V1_7 => "http://cyclonedx.org/schema/bom-1.7.schema.json",
        },
        bom_format: "CycloneDX",
        spec_version: context.spec.as_str(),
        serial_number: None,
        version: 1,
        metadata: writer.metadata(&root, timestamp),
        components,
        services,
        dependencies: graph::dependencies(inventory, &root),
        compositions: graph::compositions(inventory, &root, context.complete),
        citations,
    };
    let content = serde_json::to_vec(&bom)?;
    let serial =
        Digest::of_parts([b"inventar bom".as_slice(), inventory.source.as_str().as_bytes(), &content]);
    bom.serial_number = Some(format!("urn:uuid:{}", Uid::from_digest(&serial)));

    let mut text = serde_json::to_string_pretty(&bom)?;
    text.push('\n');
    Ok(text)
}

/// What the parts of a document need to know of the whole.
struct Writer<'a> {
    inventory: &'a Inventory,
    context: &'a BomContext<'a>,
    names: property::Names<'a>,
    /// Citations say who reported what; else a property does.
    cited: bool,
}

impl Writer<'_> {
    fn metadata(&self, root: &str, timestamp: Option<String>) -> Metadata {
        let plugins: BTreeSet<&str> = self
            .inventory
            .assets
            .iter()
            .flat_map(|asset| &asset.plugins)
            .map(|plugin| plugin.as_str())
            .collect();
        let mut tools = vec![Component {
            group: Some("inventar".into()),
            version: Some(self.context.tool_version.to_owned()),
            ..Component::new("application", "inventar", "inventar")
        }];
        for plugin in plugins {
            let (group, name) = plugin.split_once('/').unwrap_or(("", plugin));
            tools.push(Component {
                group: Some(group.to_owned()),
                ..Component::new("application", plugin_ref(plugin), name)
            });
        }
        Metadata {
            timestamp,
            lifecycles: vec![Lifecycle { phase: "pre-build" }, Lifecycle { phase: "discovery" }],
            tools: Tools { components: tools },
            component: Component {
                version: self.context.revision.as_ref().map(|revision| revision.commit.clone()),
                ..Component::new("application", root, public_name(&self.inventory.source))
            },
            properties: self.gaps(),
        }
    }

    /// What could not be looked at, so that an empty list is never mistaken for an empty world.
    fn gaps(&self) -> Vec<Property> {
        let gaps: BTreeSet<Property> = self
            .inventory
            .gaps
            .iter()
            .map(|stamped| {
                let plugin = stamped.plugin.as_ref().map_or("the walk", |plugin| plugin.as_str());
                Property::new(
                    "inventar:gap",
                    format!("{}: {} ({plugin})", stamped.gap.at, stamped.gap.reason.as_str()),
                )
            })
            .collect();
        gaps.into_iter().collect()
    }

    /// Who reported an asset, when no citation says it.
    fn reporters(&self, asset: &Asset, properties: &mut Vec<Property>) {
        if !self.cited {
            let plugins =
                asset.plugins.iter().map(|plugin| Property::new("inventar:source", plugin.as_str()));
            properties.extend(plugins);
        }
    }
}

fn plugin_ref(plugin: &str) -> String {
    format!("plugin:{plugin}")
}

/// The scanned source itself.
fn root_ref(source: &SourceName) -> String {
    Uid::from_digest(&Digest::of_parts([b"inventar source".as_slice(), source.as_str().as_bytes()]))
        .to_string()
}

/// A source that has no better name is called by its path; of that, only the last folder is anybody else's business.
fn public_name(source: &SourceName) -> &str {
    let name = source.as_str();
    if !is_absolute(name) {
        return name;
    }
    name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or("source")
}

fn is_absolute(text: &str) -> bool {
    let drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    text.starts_with(['/', '\\', '~']) || drive || text.starts_with("file:")
}

fn rfc3339(timestamp: Timestamp) -> Result<String, BomError> {
    let Timestamp(ms) = timestamp;
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(time) => Ok(time.to_string()),
        Err(_) => Err(BomError::Time(ms)),
    }
}
