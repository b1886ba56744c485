//! What a path says: the set a shard belongs to, the repository of a hub cache, the folder's other files.

/// A file of a set: `model-00002-of-00004.safetensors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// The set's name, `model.safetensors`.
    pub set: String,
    /// 1-based.
    pub number: u32,
    /// How many files the set has.
    pub of: u32,
    /// Digits of a number.
    width: usize,
    stem: String,
    extension: String,
}

impl Shard {
    /// By a file's name.
    pub fn of(name: &str) -> Option<Self> {
        let (body, extension) = name.rsplit_once('.')?;
        let (body, of) = body.rsplit_once("-of-")?;
        let (stem, number) = body.rsplit_once('-')?;
        let count = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten()
        };
        let (width, number, of) = (number.len(), count(number)?, count(of)?);
        let is_one = !stem.is_empty()
            && (1..=of).contains(&number)
            && (2..=10_000).contains(&of)
            && (1..=8).contains(&width);
        is_one.then(|| Self {
            set: format!("{stem}.{extension}"),
            number,
            of,
            width,
            stem: stem.to_owned(),
            extension: extension.to_owned(),
        })
    }

    /// The name of another file of the set.
    pub fn name(&self, number: u32) -> String {
        format!(
            "{}-{number:0width$}-of-{:0width$}.{}",
            self.stem,
            self.of,
            self.extension,
            width = self.width
        )
    }
}

/// A repository in a hub cache: `models--org--name/snapshots/<commit>/…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// `org/name`.
    pub repository: String,
    /// The commit, where the path has it.
    pub revision: Option<String>,
}

impl Cached {
    /// By a path.
    pub fn of(path: &str) -> Option<Self> {
        Self::below("models--", path).or_else(|| Self::in_studio(path))
    }

    /// A dataset in a hub cache.
    pub fn dataset(path: &str) -> Option<Self> {
        Self::below("datasets--", path)
    }

    /// LM Studio keeps `models/<publisher>/<repository>/<file>` in its own folder.
    fn in_studio(path: &str) -> Option<Self> {
        let at = [".lmstudio/models/", ".cache/lm-studio/models/"]
            .iter()
            .find_map(|store| path.find(store).map(|at| at + store.len()))?;
        let mut parts = path[at..].split('/');
        let (publisher, name, file) = (parts.next()?, parts.next()?, parts.next()?);
        let is_whole = [publisher, name, file].iter().all(|part| !part.is_empty());
        is_whole.then(|| Self { repository: format!("{publisher}/{name}"), revision: None })
    }

    fn below(prefix: &str, path: &str) -> Option<Self> {
        let mut parts = path.split('/');
        let repository = parts.by_ref().find_map(|part| part.strip_prefix(prefix))?;
        let repository = repository.replace("--", "/");
        let revision = match (parts.next(), parts.next()) {
            (Some("snapshots"), Some(commit)) => Some(commit.to_owned()),
            _ => None,
        };
        Some(Self { repository, revision })
    }
}

/// A model of an Ollama store, by its manifest: `manifests/<registry>/<namespace>/<model>/<tag>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The folder that holds `manifests` and `blobs`; empty for the root.
    pub store: String,
    /// `namespace/model:tag`, with the registry in front where it is not Ollama's own.
    pub name: String,
}

impl Stored {
    /// By a path.
    pub fn of(path: &str) -> Option<Self> {
        let (store, rest) = match path.rfind("/manifests/") {
            Some(at) => (&path[..at], &path[at + 11..]),
            None => ("", path.strip_prefix("manifests/")?),
        };
        let parts: Vec<&str> = rest.split('/').collect();
        let [registry, namespace, model, tag] = parts[..] else { return None };
        let own = if registry == "registry.ollama.ai" { String::new() } else { format!("{registry}/") };
        Some(Self { store: store.to_owned(), name: format!("{own}{namespace}/{model}:{tag}") })
    }

    /// Where the content of that digest is kept.
    pub fn blob(&self, sha256: &str) -> String {
        let folder = if self.store.is_empty() { String::new() } else { format!("{}/", self.store) };
        format!("{folder}blobs/sha256-{sha256}")
    }
}

/// The digest that a content-addressed store calls a file by: said, and not verified.
pub fn claimed_digest(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    let hex = name.strip_prefix("sha256-").unwrap_or(name);
    let is_store = folder.ends_with("blobs") || folder.ends_with("blobs/sha256");
    (is_store && hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hex)
}

/// Subfolders whose model is described one folder up: diffusers' parts, other formats of the same weights.
const PARTS: &[&str] = &[
    "onnx",
    "openvino",
    "unet",
    "vae",
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
    "transformer",
    "prior",
    "safety_checker",
    "image_encoder",
    "original",
    "gguf",
    "coreml",
];

/// Where a folder's file of that name is, best first.
pub fn beside(folder: &str, name: &str) -> Vec<String> {
    let join = |folder: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let mut paths = vec![join(folder)];
    let (parent, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    if PARTS.contains(&last) {
        paths.push(join(parent));
    }
    paths
}

/// Names that say nothing without their folder.
const GENERIC: &[&str] = &[
    "model",
    "pytorch_model",
    "adapter_model",
    "diffusion_pytorch_model",
    "consolidated",
    "tf_model",
    "flax_model",
    "weights",
    "checkpoint",
    "last",
    "best",
    "final",
    "data",
    "optimizer",
    "scheduler",
    "training_args",
    "ggml-model",
    "saved_model",
    "keras_metadata",
    "MLmodel",
    "chat_template",
    "graph",
    "frozen_inference_graph",
];

/// Whether a file is called by a digest, as in the blobs of hub caches and Ollama.
pub fn is_digest(name: &str) -> bool {
    let digits = name.rsplit(['-', ':']).next().unwrap_or(name);
    digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The name a person would give to a file; `said` is what the file itself is called by.
pub fn display_name(path: &str, name: &str, said: Option<&str>) -> String {
    if is_digest(name) {
        let short = &name[..name.len().min(name.rfind(['-', ':']).map_or(0, |at| at + 1) + 12)];
        let repository = Cached::of(path).map(|cached| cached.repository);
        return match repository.as_deref().or(said) {
            Some(called) => format!("{called} ({short})"),
            None => short.to_owned(),
        };
    }
    let stem = name.split('.').next().unwrap_or(name);
    let folder = Cached::of(path).map(|cached| cached.repository);
    let folder = folder.or_else(|| path.rsplit('/').nth(1).map(str::to_owned));
    match folder {
        Some(folder) if GENERIC.contains(&stem) => format!("{folder}/{name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards() {
        let shard = Shard::of("model-00002-of-00004.safetensors").unwrap();
        assert_eq!((shard.set.as_str(), shard.number, shard.of), ("model.safetensors", 2, 4));
        assert_eq!(shard.name(1), "model-00001-of-00004.safetensors");
        for no in [
            "model.safetensors",
            "a-1-of-1.bin",
            "a-5-of-4.bin",
            "a-0-of-4.bin",
            "-1-of-2.x",
            "a-x-of-2.bin",
            "out-of-memory.bin",
            "a-1-of-99999999999.bin",
        ] {
            assert_eq!(Shard::of(no), None, "{no}");
        }
    }

    #[test]
    fn places() {
        let cached = Cached::of("hub/models--org--tiny/snapshots/abc/config.json").unwrap();
        assert_eq!((cached.repository.as_str(), cached.revision.as_deref()), ("org/tiny", Some("abc")));
        assert_eq!(Cached::of("hub/models--gpt2/blobs/00").unwrap().revision, None);
        assert_eq!(Cached::of("a/b"), None);
        let studio = Cached::of("home/.lmstudio/models/org/tiny-GGUF/tiny.gguf").unwrap();
        assert_eq!((studio.repository.as_str(), studio.revision), ("org/tiny-GGUF", None));
        assert_eq!(Cached::dataset("hub/datasets--o--d/refs/main").unwrap().repository, "o/d");
        let stored = Stored::of("o/manifests/registry.ollama.ai/library/tiny/latest").unwrap();
        assert_eq!((stored.store.as_str(), stored.name.as_str()), ("o", "library/tiny:latest"));
        assert_eq!(Stored::of("manifests/hf.co/org/m/Q4").unwrap().name, "hf.co/org/m:Q4");
        assert_eq!(Stored::of("manifests/a"), None);
        let hex = "0".repeat(64);
        assert_eq!(claimed_digest(&format!("m/blobs/sha256-{hex}")), Some(hex.as_str()));
        assert_eq!(claimed_digest(&format!("m/{hex}")), None);
        assert_eq!(beside("m/onnx", "config.json"), ["m/onnx/config.json", "m/config.json"]);
        assert_eq!(beside("", "README.md"), ["README.md"]);
        assert_eq!(
            display_name("a/llama/model.safetensors", "model.safetensors", None),
            "llama/model.safetensors"
        );
        assert_eq!(display_name("a/tiny.gguf", "tiny.gguf", Some("Tiny")), "tiny.gguf");
        assert_eq!(display_name("model.pt", "model.pt", None), "model.pt");
        let digest = "0123456789abcdef0123456789abcdef";
        assert_eq!(display_name("models--o--n/blobs/0", digest, None), "o/n (0123456789ab)");
        assert_eq!(
            display_name("blobs/x", &format!("sha256-{digest}"), Some("Tiny")),
            "Tiny (sha256-0123456789ab)"
        );
    }
}
