//! What is known of a model.

use super::Writer;
use super::document::{CardDataset, ModelCard, ModelParameters, Property};
use super::property::texts;
use super::vocabulary::TRAINED_ON;
use inventar_model::{Asset, Target};

/// Properties of ours that describe the model rather than our way to it, in a card's `properties`.
const CARD: &[&str] = &[
    "parameters",
    "dtype",
    "dtypes",
    "quantization",
    "quantisation",
    "context-length",
    "languages",
    "library",
    "format",
    "tokenizer",
    "vocabulary-size",
    "base-model",
];

impl Writer<'_> {
    /// The card of a model; none when nothing is known.
    pub(super) fn model_card(&self, asset: &Asset) -> Option<ModelCard> {
        let text = |names: &[&str]| {
            let property = names.iter().find_map(|name| asset.property(name))?;
            texts(&property.value).into_iter().find(|text| !text.is_empty())
        };
        let trained_on: Vec<Target> = self
            .names
            .relations(asset.uid)
            .filter(|relation| relation.kind.as_str() == TRAINED_ON)
            .map(|relation| relation.target.clone())
            .collect();
        let mut datasets: Vec<CardDataset> = trained_on
            .iter()
            .map(|target| match target {
                Target::Asset(uid) => CardDataset::Ref { bom_ref: uid.to_string() },
                Target::Unresolved(identifier) => named(identifier.value()),
            })
            .collect();
        if let Some(property) = asset.property("datasets") {
            datasets.extend(texts(&property.value).iter().map(|name| named(name)));
        }
        let mut unique: Vec<CardDataset> = Vec::new();
        for dataset in datasets {
            if !unique.contains(&dataset) {
                unique.push(dataset);
            }
        }

        let model_parameters = ModelParameters {
            task: text(&["task", "pipeline-tag", "model-kind"]),
            architecture_family: text(&["architecture-family", "model-type", "family"]),
            model_architecture: text(&["architecture", "architectures"]),
            datasets: unique,
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
}

fn named(name: &str) -> CardDataset {
    CardDataset::Named { kind: "dataset", name: name.to_owned() }
}
