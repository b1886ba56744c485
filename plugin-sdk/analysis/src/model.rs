//! Models: whether a text names one, and the asset that it is.

use crate::names::{Address, Name};
use inventar_catalogue::Model;
use inventar_plugin_sdk::{Asset, AssetRef, Relation};

/// A model as it will be reported.
#[derive(Debug)]
pub struct Sighted {
    pub key: String,
    name: String,
    identity: Option<String>,
    hub: Option<String>,
    bedrock: Option<String>,
    provider: Option<String>,
    kind: Option<&'static str>,
    family: Option<&'static str>,
    route: Option<&'static str>,
    home: Option<Home>,
}

/// What has the model, and under which name.
#[derive(Debug)]
struct Home {
    edge: &'static str,
    at: AssetRef,
    /// What tells it from others in this source.
    identity: (&'static str, String),
}

impl Sighted {
    pub fn known(text: &str, model: &Model) -> Self {
        Self {
            key: format!("model:{}", model.identity()),
            name: text.to_owned(),
            identity: Some(model.identity()),
            hub: model.hub.clone(),
            bedrock: model.bedrock.clone(),
            provider: Some(model.provider.to_owned()),
            kind: Some(model.kind),
            family: Some(model.family),
            route: model.route,
            home: None,
        }
    }

    /// A model of an MLflow registry.
    pub fn registered(address: &Address) -> Self {
        let name = address.name();
        let written = match address {
            Address::Model(..) | Address::Logged(_) => format!("models:/{}", name.bare()),
            Address::Run(_) => format!("runs:/{}", name.bare()),
        };
        Self::of_service(&name, written, address.edge())
    }

    /// A version of what a group of SageMaker's registry holds, no matter which.
    pub fn of_group(group: &str) -> Self {
        Self::of_service(&Name::sagemaker_group(group), group.to_owned(), "instance-of")
    }

    fn of_service(name: &Name, written: String, edge: &'static str) -> Self {
        Self {
            key: format!("model:{name}"),
            name: written,
            identity: None,
            hub: None,
            bedrock: None,
            provider: Some(name.provider().to_owned()),
            kind: None,
            family: None,
            route: None,
            home: Some(Home {
                edge,
                at: name.reference(),
                identity: (name.vendor_scheme(), name.identity()),
            }),
        }
    }

    /// A model that an account of AWS has under an ARN.
    fn of_account(arn: &str) -> Self {
        Self {
            key: format!("model:{arn}"),
            name: arn.to_owned(),
            identity: None,
            hub: None,
            bedrock: None,
            provider: Some("aws".to_owned()),
            kind: None,
            family: None,
            route: Some("bedrock").filter(|_| arn.split(':').nth(2) == Some("bedrock")),
            home: Some(Home {
                edge: "resolves-to",
                at: AssetRef::known_as("arn", arn),
                identity: ("x-aws", arn.to_owned()),
            }),
        }
    }

    /// The model whose weights are in a file, by what llama.cpp and whisper.cpp call their files: `models/base-q4.gguf`,
    /// `ggml-base.en.bin`.
    pub fn of_file(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let stem = name
            .strip_suffix(".gguf")
            .or_else(|| name.strip_suffix(".bin")?.starts_with("ggml-").then_some(name))?;
        let is_name = (4..=120).contains(&stem.len())
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && stem.bytes().any(|byte| byte == b'-' || byte.is_ascii_digit());
        let known = inventar_catalogue::model(name).or_else(|| inventar_catalogue::model(stem));
        match known {
            Some(model) => Some(Self::known(name, &model)),
            None => is_name.then(|| Self::unknown(name, None)),
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
            bedrock: None,
            provider: provider.map(str::to_owned),
            kind: None,
            family: None,
            route: None,
            home: None,
        }
    }

    /// The edge to what has it, for the asset of that key.
    pub fn home(&self, key: &str) -> Option<Relation> {
        let home = self.home.as_ref()?;
        Some(Relation::new(AssetRef::here(key), home.edge, home.at.clone()))
    }

    /// What it is called where it is served, which another sighting of the same model need not say: a model that is asked
    /// for at its maker's and at Bedrock is one model with the ids of both.
    pub fn served_as(&self) -> Option<(&'static str, String)> {
        Some(("x-bedrock", self.bedrock.clone()?))
    }

    /// The asset that it is.
    pub fn asset(self) -> Asset {
        let served_as = self.served_as();
        let mut asset = Asset::new(self.key, "model-reference", self.name);
        if let Some(identity) = self.identity {
            asset = asset.identifier("model", identity);
        }
        if let Some(hub) = self.hub {
            asset = asset.identifier("hf", hub);
        }
        if let Some(Home { identity: (scheme, value), .. }) = self.home {
            asset = asset.identifier(scheme, value);
        }
        if let Some((scheme, value)) = served_as {
            asset = asset.identifier(scheme, value);
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
    if let Some(address) = Address::read(text) {
        return Some((Sighted::registered(&address), if sure { 95 } else { 85 }));
    }
    if let Some(model) = inventar_catalogue::model_at_model_place(text) {
        return Some((Sighted::known(text, &model), if sure { 95 } else { 85 }));
    }
    if is_arn_of_model(text) {
        return Some((Sighted::of_account(text), if sure { 95 } else { 85 }));
    }
    (sure && is_id(text)).then(|| (Sighted::unknown(text, provider()), 75))
}

/// `arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/x`: what an account has for calling a model.
fn is_arn_of_model(text: &str) -> bool {
    const KINDS: &[&str] = &[
        "application-inference-profile",
        "custom-model",
        "custom-model-deployment",
        "default-prompt-router",
        "imported-model",
        "inference-profile",
        "prompt-router",
        "model",
        "model-package",
        "model-package-group",
        "provisioned-model",
    ];
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (arn, partition, service, region, account) = (next(), next(), next(), next(), next());
    let (kind, name) = next().split_once('/').unwrap_or_default();
    let is_word =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
    arn == "arn"
        && partition.starts_with("aws")
        && matches!(service, "bedrock" | "sagemaker")
        && !region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && KINDS.contains(&kind)
        && (1..=200).contains(&name.len())
        && is_word(name)
        && is_word(region)
}

/// Whether a text names a model that the catalogue knows.
pub fn is_known(text: &str) -> bool {
    may_be_known(text) && inventar_catalogue::model(text).is_some()
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

/// Whether a text is a name with a size behind it, as Ollama has them: `openhermes2.5-mistral:7b-q6_K`.
pub fn is_tagged_id(text: &str) -> bool {
    let Some((name, tag)) = text.split_once(':') else { return false };
    let digits = tag.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    // `7b`, `135M`; `17beta1` is a version.
    let is_size = digits > 0
        && tag[digits..]
            .strip_prefix(['b', 'B', 'm', 'M'])
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    is_id(text)
        && name.len() >= 2
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && is_size
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
        for arn in [
            "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/k1",
            "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:provisioned-model/x",
            "arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/3",
        ] {
            let (sighted, _) = named(arn, false, || None).unwrap();
            assert!(format!("{:?}", sighted.home(&sighted.key)).contains(arn), "{arn}");
        }
        for other in [
            "arn:aws:bedrock:eu-west-1:<account>:provisioned-model/x",
            "arn:aws:bedrock:eu-west-1:123456789012:guardrail/x",
            "arn:aws:sns:eu-west-1:123456789012:provisioned-model/x",
        ] {
            assert!(!is_arn_of_model(other), "{other}");
        }
        for file in ["src/ggml-base.en.bin", "C:\\models\\tiny-7b.Q4_K_M.gguf", "acme-chat.gguf"] {
            assert!(Sighted::of_file(file).is_some(), "{file}");
        }
        for other in [".gguf", "*.gguf", "model.gguf", "firmware.bin", "{}.gguf", "a-b.gguf.txt"] {
            assert!(Sighted::of_file(other).is_none(), "{other}");
        }
        for id in ["openhermes2.5-mistral:7b-q6_K", "smollm:135M", "phi:1.5b"] {
            assert!(is_tagged_id(id), "{id}");
        }
        for other in ["postgres:17beta1", "node:20-bookworm", "redis:7", "postgres:16bullseye"] {
            assert!(!is_tagged_id(other), "{other}");
        }
        assert!(is_hub_id("BAAI/bge-m3"));
        assert!(!is_hub_id("a/b/c"));
    }
}
