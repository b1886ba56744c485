//! What is known of a model.

use super::Writer;
use super::document::{CardDataset, ModelCard, ModelParameters, Property};
use super::property::texts;
use super::vocabulary::TRAINED_ON;
use inventar_model::{Asset, Target};

/// Properties of ours that describe the model rather than our way to it: a card's `properties`.
const CARD: &[&str] = &[
    "adapter-type",
    "base-model",
    "context-length",
    "dtype",
    "format",
    "framework",
    "languages",
    "library",
    "model-class",
    "opset",
    "parameters",
    "quantization",
    "tensors",
    "tokenizer",
];

impl Writer<'_> {
    /// The card of a model; none when nothing is known.
    pub(super) fn model_card(&self, asset: &Asset) -> Option<ModelCard> {
        let text = |names: &[&str]| {
            let property = names.iter().find_map(|name| asset.property(name))?;
            texts(&property.value).into_iter().find(|text| !text.is_empty())
        };
        let model_parameters = ModelParameters {
            task: text(&["task", "model-kind"]),
            architecture_family: text(&["family"]),
            model_architecture: text(&["architecture"]),
            datasets: self.datasets(asset),
        };
        let mut properties = Vec::new();
        for property in asset.properties.iter().filter(|property| CARD.contains(&property.name.as_str())) {
            let name = format!("inventar:{}", property.name);
            properties
                .extend(texts(&property.value).into_iter().map(|value| Property::new(name.clone(), value)));
        }
        let known = !model_parameters.is_empty() || !properties.is_empty();
        known.then_some(ModelCard { model_parameters, properties })
    }

    /// What it was trained on: data sets of this document, and names of others, each once.
    fn datasets(&self, asset: &Asset) -> Vec<CardDataset> {
        let mut datasets: Vec<CardDataset> = Vec::new();
        let mut add = |dataset| {
            if !datasets.contains(&dataset) {
                datasets.push(dataset);
            }
        };
        for relation in
            self.names.relations(asset.uid).filter(|relation| relation.kind.as_str() == TRAINED_ON)
        {
            add(match &relation.target {
                Target::Asset(uid) => CardDataset::Ref { bom_ref: uid.to_string() },
                Target::Unresolved(identifier) => named(identifier.value()),
            });
        }
        if let Some(property) = asset.property("datasets") {
            texts(&property.value).iter().for_each(|name| add(named(name)));
        }
        datasets
    }
}

/// `datasets/` is how hubs tell data sets from models in an address; it is no part of the name.
fn named(name: &str) -> CardDataset {
    let name = name.strip_prefix("datasets/").unwrap_or(name);
    CardDataset::Named { kind: "dataset", name: name.to_owned() }
}
