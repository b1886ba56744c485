//! Where a model lies: the addresses that servers and operators are given.

use inventar_analysis::model;
use inventar_analysis::names::Address;

/// What a text that says where a model lies leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A model of a hub or a maker, by its id.
    Model(String),
    /// A file or folder: `s3://bucket/key`.
    Artifact(String),
    /// A model of an MLflow registry.
    Registered(Address),
    /// An image that holds it.
    Image(String),
}

/// Schemes in front of a hub's ids.
const HUBS: &[&str] = &["hf://", "huggingface://", "ollama://", "ngc://", "https://huggingface.co/", "ms://"];

/// Schemes of object and file stores.
const STORES: &[&str] = &[
    "s3://",
    "gs://",
    "gcs://",
    "abfs://",
    "abfss://",
    "wasbs://",
    "azureml://",
    "hdfs://",
    "webhdfs://",
    "oss://",
    "cos://",
    "minio://",
];

impl Location {
    /// Reads an address with a scheme. None: it is none that can be spoken of, such as a path in the container.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 1_000 || text.contains(char::is_whitespace) || text.contains(['$', '{']) {
            return None;
        }
        if let Some(address) = Address::read(text) {
            return Some(Self::Registered(address));
        }
        if let Some(reference) = text.strip_prefix("oci://") {
            return Some(Self::Image(reference.to_owned()));
        }
        if let Some(id) = HUBS.iter().find_map(|hub| text.strip_prefix(hub)) {
            let id = id.split(['?', '#']).next().unwrap_or(id);
            // `hf://org/name:revision`, `…/name/file`.
            let mut parts = id.split('/');
            let id = match (parts.next(), parts.next()) {
                (Some(organisation), Some(name)) if !name.is_empty() => {
                    format!("{organisation}/{}", name.split([':', '@']).next().unwrap_or(name))
                }
                (Some(id), _) => id.to_owned(),
                _ => return None,
            };
            return model::is_id(&id).then_some(Self::Model(id));
        }
        if STORES.iter().any(|store| text.starts_with(store)) {
            let bare = text.split(['?', '#']).next().unwrap_or(text);
            return Some(Self::Artifact(bare.trim_end_matches('/').to_owned()));
        }
        let is_file = |url: &str| {
            let path = url.split_once("://").map_or(url, |(_, rest)| rest);
            path.split(['?', '#']).next().is_some_and(|path| path.contains('/'))
        };
        if (text.starts_with("https://") || text.starts_with("http://")) && is_file(text) {
            return inventar_analysis::endpoint::clean(text).map(Self::Artifact);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let model = |id: &str| Some(Location::Model(id.to_owned()));
        let artifact = |url: &str| Some(Location::Artifact(url.to_owned()));
        let registered = |text: &str| Some(Location::Registered(Address::read(text).unwrap()));
        for (text, expected) in [
            ("hf://Qwen/Qwen2.5-7B-Instruct", model("Qwen/Qwen2.5-7B-Instruct")),
            ("hf://org/name:main", model("org/name")),
            ("hf://org/name/file.gguf", model("org/name")),
            ("ollama://gemma2:2b", model("gemma2:2b")),
            ("https://huggingface.co/org/name/resolve/main/x", model("org/name")),
            ("s3://fraud-models/iris/v2/", artifact("s3://fraud-models/iris/v2")),
            ("https://user:pw@store.corp/models/x.bin?sig=1", artifact("https://store.corp/models/x.bin")),
            ("models:/churn/3", registered("models:/churn/3")),
            ("models:/churn@champion", registered("models:/churn@champion")),
            ("models:/", None),
            ("oci://ghcr.io/a/b:1", Some(Location::Image("ghcr.io/a/b:1".to_owned()))),
            ("pvc://claim/path", None),
            ("/models/x", None),
            ("s3://${BUCKET}/x", None),
            ("https://corp", None),
        ] {
            assert_eq!(Location::of(text), expected, "{text}");
        }
    }
}
