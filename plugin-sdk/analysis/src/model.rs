//! Models: whether a text names one, and the asset that it is.

use inventar_catalogue::Model;
use inventar_plugin_sdk::Asset;

/// A model as it will be reported.
#[derive(Debug)]
pub struct Sighted {
    pub key: String,
    name: String,
    identity: Option<String>,
    hub: Option<String>,
    provider: Option<String>,
    kind: Option<&'static str>,
    family: Option<&'static str>,
    route: Option<&'static str>,
}

impl Sighted {
    pub fn known(text: &str, model: &Model) -> Self {
        Self {
            key: format!("model:{}", model.identity()),
            name: text.to_owned(),
            identity: Some(model.identity()),
            hub: model.hub.clone(),
            provider: Some(model.provider.to_owned()),
            kind: Some(model.kind),
            family: Some(model.family),
            route: model.route,
        }
    }

    fn unknown(text: &str, provider: Option<&str>) -> Self {
        let hub = is_hub_id(text).then(|| text.to_owned());
        let organisation =
            hub.as_ref().and_then(|hub| hub.split_once('/')).map(|(organisation, _)| organisation);
        let provider = organisation.and_then(inventar_catalogue::hub_organisation).or(if hub.is_some() {
            None
        } else {
            provider
        });
        let identity = match (&hub, provider) {
            (None, Some(provider)) => Some(format!("{provider}/{}", text.to_ascii_lowercase())),
            _ => None,
        };
        Self {
            key: format!("model:{}", identity.as_deref().unwrap_or(text)),
            name: text.to_owned(),
            identity,
            hub,
            provider: provider.map(str::to_owned),
            kind: None,
            family: None,
            route: None,
        }
    }

    pub fn asset(self) -> Asset {
        let mut asset = Asset::new(self.key, "model-reference", self.name);
        if let Some(identity) = self.identity {
            asset = asset.identifier("model", identity);
        }
        if let Some(hub) = self.hub {
            asset = asset.identifier("hf", hub);
        }
        asset
            .maybe("provider", self.provider)
            .maybe("model-kind", self.kind)
            .maybe("family", self.family)
            .maybe("route", self.route)
    }
}

/// The model that a text names at a place, and how sure that is. `sure`: the place is an argument of an AI library, so a
/// text that the catalogue does not know is a model too; `provider` is then asked for whose library it is.
pub fn named<'p>(
    text: &str,
    sure: bool,
    provider: impl FnOnce() -> Option<&'p str>,
) -> Option<(Sighted, u8)> {
    let text = text.trim();
    if let Some(model) = inventar_catalogue::model_at_model_place(text) {
        return Some((Sighted::known(text, &model), if sure { 95 } else { 85 }));
    }
    (sure && is_id(text)).then(|| (Sighted::unknown(text, provider()), 75))
}

/// Words that hold a model's id; `llm` and `embedding` may hold a name of the project's own.
pub fn is_strong_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.contains("model")
        || lower.contains("deployment")
        || lower.contains("engine")
        || lower.contains("repo_id")
}

/// Keywords whose value is a model's id in any library; `llm` and `embedding_model` may take an object's name.
pub fn is_model_word(word: &str) -> bool {
    is_strong_word(word) || matches!(word, "llm" | "llm_name")
}

/// Whether an unknown text reads like an id and not like a placeholder, a path or a sentence.
pub fn is_id(text: &str) -> bool {
    const NOT: &[&str] = &[
        "none",
        "default",
        "auto",
        "custom",
        "test",
        "model",
        "string",
        "null",
        "local",
        "mock",
        "fake",
        "dummy",
        "foo",
        "main",
        "base",
        "cpu",
        "cuda",
        "true",
        "false",
        "unknown",
        "gpt",
        "any",
        "text",
        "chat",
        "your-model",
    ];
    let lower = text.to_ascii_lowercase();
    (3..=120).contains(&text.len())
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'@')
        })
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !text.starts_with(['.', '/', '-', '_'])
        && !text.contains("://")
        && text.matches('/').count() <= 3
        && !NOT.contains(&lower.as_str())
        && !["mock", "fake", "dummy", "your-", "your_", "test-", "my-", "my_", "some-", "s3:"]
            .iter()
            .any(|front| lower.starts_with(front))
        && ![".py", ".json", ".yaml", ".txt", ".pt", ".bin", ".csv"].iter().any(|end| lower.ends_with(end))
}

/// `org/name`.
pub fn is_hub_id(text: &str) -> bool {
    let word = |part: &str| {
        part.len() >= 2
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !part.starts_with('.')
    };
    is_id(text) && text.split_once('/').is_some_and(|(organisation, name)| word(organisation) && word(name))
}

/// Spares the catalogue: an id has a digit, a hyphen or a route.
pub fn may_be_known(text: &str) -> bool {
    text.len() <= 100 && text.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        for id in ["gpt-next", "acme/llama-tune", "ft:gpt-4o:acme::1", "qwen-max"] {
            assert!(is_id(id), "{id}");
        }
        for other in ["", "a b", "./model", "model", "https://x.y/z", "my-model", "weights.pt", "123"] {
            assert!(!is_id(other), "{other}");
        }
        assert!(is_hub_id("BAAI/bge-m3"));
        assert!(!is_hub_id("a/b/c"));
    }
}
