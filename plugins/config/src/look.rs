//! What is reported of one file, and under which key.

use inventar_analysis::{Extent, Seen, Sightings, endpoint, model, place, prompt, secret};
use inventar_catalogue::{Image, endpoint_of_url, package, purl, repository};
use inventar_documents::Node;
use inventar_plugin_sdk::{Answer, Asset, File, Method, Usage, Version};
use std::collections::BTreeMap;
use std::ops::Range;

/// One look at one file.
pub(crate) struct Look<'f> {
    pub(crate) out: Sightings<'f>,
    path: &'f str,
    text: &'f str,
    usage: Usage,
    /// Weaker within a service that only tests, or a table that only compares.
    pub(crate) within: Usage,
    /// The workload that what is read belongs to.
    pub(crate) owner: Option<String>,
    /// Names that the document gives to models of its own: where one stands, the model is told elsewhere.
    aliases: Vec<String>,
    versions: BTreeMap<String, Version>,
}

impl<'f> Look<'f> {
    pub(crate) fn at(file: &'f File, text: &'f str) -> Self {
        let usage = usage_of(&file.path);
        Self {
            out: Sightings::new(file),
            path: &file.path,
            text,
            usage,
            within: Usage::Runtime,
            owner: None,
            aliases: vec![],
            versions: BTreeMap::new(),
        }
    }

    pub(crate) fn path(&self) -> &'f str {
        self.path
    }

    pub(crate) fn text(&self) -> &'f str {
        self.text
    }

    pub(crate) fn usage(&self) -> Usage {
        self.usage.at_most(self.within)
    }

    /// `models: {fast: {provider, model}}`: `fast` is a name and no model.
    pub(crate) fn learn_aliases(&mut self, root: &Node) {
        let models = root.get("models").map(Node::entries).unwrap_or_default();
        let named = models.iter().filter(|entry| entry.node.get("model").is_some());
        self.aliases = named.take(200).map(|entry| entry.key.clone()).collect();
    }

    pub(crate) fn seen(&self, at: &Range<usize>, rule: &'static str, confidence: u8) -> Seen {
        let at = Extent::new(at.start as u32, at.end as u32);
        Seen { at, rule, method: Method::Parsed, usage: self.usage(), confidence }
    }

    /// Runs with a weaker usage.
    pub(crate) fn within(&mut self, usage: Usage, read: impl FnOnce(&mut Self)) {
        let before = self.within;
        self.within = before.at_most(usage);
        read(self);
        self.within = before;
    }

    /// The model that a text names. `sure`: the place holds models of AI software, so that an unknown id is one too.
    pub(crate) fn model(
        &mut self,
        text: &str,
        at: &Range<usize>,
        sure: bool,
        rule: &'static str,
    ) -> Option<String> {
        let text = text.trim();
        if self.aliases.iter().any(|alias| alias == text) {
            return None;
        }
        // `hf://org/name`, `ollama://llama3`: stores address what they serve.
        let stores = ["hf://", "ollama://", "huggingface://", "ngc://", "oci://ghcr.io/kserve/"];
        let bare = stores.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
        // `huggingface://org/name/file`.
        let is_file = bare.len() < text.len() && bare.matches('/').count() >= 2;
        let bare =
            if is_file { bare.splitn(3, '/').take(2).map(str::len).sum::<usize>() + 1 } else { bare.len() };
        let bare = &stores.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text)[..bare];
        // `models:/churn@champion`: an alias is part of the address.
        let ends: &[char] = if text.starts_with("models:/") { &['?'] } else { &['?', '@'] };
        let bare = bare.split(ends).next().unwrap_or(bare).trim_end_matches('/');
        let is_stored = bare.len() < text.len() && text.contains("://");
        if bare.contains("://") || bare.starts_with(['/', '.', '~']) {
            return None;
        }
        let (sighted, confidence) = model::named(bare, (sure || is_stored) && is_telling(bare), || None)?;
        let seen = self.seen(at, rule, confidence);
        let key = self.out.model(sighted, seen);
        self.belongs(&key, "uses", seen);
        Some(key)
    }

    /// What stands where a URL is expected: `any_host`, the place belongs to AI software.
    pub(crate) fn endpoint(&mut self, text: &str, at: &Range<usize>, any_host: bool) -> bool {
        let Some(url) = endpoint::clean(text) else { return false };
        let known = endpoint_of_url(&url);
        let is_address = known.is_some_and(|known| known.kind != "model-hub");
        let host = endpoint::host_of(&url);
        if !is_address && (!any_host || host.contains(['{', '$', '<', '%', '_']) || is_page(&url)) {
            return false;
        }
        let seen = self.seen(at, "base-url", if known.is_some() { 95 } else { 80 });
        let key = self.out.endpoint(&url, None, seen);
        self.belongs(&key, "calls", seen);
        true
    }

    /// An endpoint that is known only by the variable that holds it.
    pub(crate) fn endpoint_variable(&mut self, name: &str, at: &Range<usize>) {
        let seen = self.seen(at, "base-url-variable", 75);
        self.out.see(&endpoint::variable_key(name), seen, |key| endpoint::variable(key, name));
    }

    /// A variable that holds a key, if it is known for one, or if it stands where AI software takes its key.
    pub(crate) fn secret(&mut self, name: &str, at: &Range<usize>, is_key_place: bool) -> bool {
        let is_known = inventar_catalogue::secret(name).is_some();
        let is_likely = is_key_place && secret::reads_like_key(name) && !secret::is_of_another_service(name);
        if !is_known && !is_likely {
            return false;
        }
        let seen = self.seen(at, "secret-name", if is_known { 95 } else { 75 });
        let key = secret::key(name);
        self.out.see(&key, seen, |key| secret::asset(key, name));
        self.belongs(&key, "reads-secret", seen);
        true
    }

    /// The path of a setting that holds a key.
    pub(crate) fn secret_setting(&mut self, name: &str, at: &Range<usize>) {
        let seen = self.seen(at, "settings-key", 75);
        self.out.see(&secret::key(name), seen, |key| secret::asset(key, name));
    }

    /// A container image, if it is AI.
    pub(crate) fn image(&mut self, reference: &str, at: &Range<usize>) -> Option<&'static Image> {
        let reference = reference.trim().trim_matches('"');
        let image = inventar_catalogue::container_image(reference)?;
        let name = repository(reference).to_owned();
        if name.contains(['$', '{', ' ', '_']) && name.contains(['$', '{', ' ']) {
            return None;
        }
        let version = image_version(reference);
        let key = format!("image:{name}");
        let seen = self.seen(at, "container-image", 95);
        let oci = oci_name(&name);
        let asset = |key| {
            Asset::new(key, "image", &name)
                .identifier("oci", oci)
                .property("provider", image.provider)
                .property("category", image.category)
        };
        self.out.see(&key, seen, asset);
        if let Some(version) = version {
            self.versions.entry(key.clone()).or_insert(version);
        }
        self.belongs(&key, "uses", seen);
        Some(image)
    }

    /// A package that a command installs: `openai==1.2`, `@anthropic-ai/sdk@0.3`.
    pub(crate) fn package(&mut self, ecosystem: &str, requirement: &str, at: &Range<usize>) {
        let (name, version) = match ecosystem {
            "npm" => match requirement.get(1..).and_then(|rest| rest.find('@')) {
                Some(cut) => (&requirement[..=cut], Some(&requirement[cut + 2..])),
                None => (requirement, None),
            },
            _ => {
                let end =
                    requirement.find(['=', '<', '>', '~', '!', '[', ';', ' ']).unwrap_or(requirement.len());
                (&requirement[..end], requirement.split_once("==").map(|(_, version)| version))
            }
        };
        let (kind, provider) = match package(ecosystem, name) {
            Some(package) => (package.kind, package.provider),
            None => match inventar_catalogue::family(ecosystem, name) {
                Some(family) => (family.kind, family.provider),
                None => return,
            },
        };
        let key = format!("package:{ecosystem}:{}", name.to_ascii_lowercase());
        let seen = self.seen(at, "installed-by-command", 90);
        let purl = purl(ecosystem, name);
        self.out.see(&key, seen, |key| {
            Asset::new(key, kind, name).identifier("purl", purl).maybe("provider", provider)
        });
        let is_exact = |version: &&str| {
            version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains(['*', '$', ' ', ',', 'x'])
        };
        if let Some(version) =
            version.map(|text| text.split([';', ' ']).next().unwrap_or(text)).filter(is_exact)
        {
            self.versions.entry(key).or_insert_with(|| Version::Exact(version.to_owned()));
        }
    }

    /// A text for a model: in a system position prose is enough, elsewhere it must read like an instruction.
    pub(crate) fn prompt(&mut self, name: &str, text: &str, at: &Range<usize>, is_system: bool) {
        let is_prompt = prompt::is_prose(text) && (is_system || prompt::instructs(text) >= 4);
        if !is_prompt {
            return;
        }
        let key = self.out.fresh_key(format!("prompt:{name}"));
        let role = if is_system { "system" } else { "template" };
        let seen = self.seen(at, "prompt-setting", if is_system { 90 } else { 80 });
        let name = name.to_owned();
        self.out.see(&key, seen, |key| prompt::asset(key, &name, role, text));
        self.belongs(&key, "uses", seen);
    }

    /// A server that a gateway starts by its name in a catalogue.
    pub(crate) fn mcp_server(&mut self, name: &str, gateway: &str, at: &Range<usize>) {
        let key = format!("mcp-server:{name}");
        let seen = self.seen(at, "gateway-server", 90);
        let gateway = repository(gateway).to_owned();
        self.out.see(&key, seen, |key| Asset::new(key, "mcp-server", name).property("gateway", gateway));
        self.belongs(&key, "uses", seen);
    }

    /// An MCP server that runs as a service, known by its image.
    pub(crate) fn mcp_service(&mut self, name: &str, image: &str, at: &Range<usize>) {
        let seen = self.seen(at, "mcp-image", 85);
        let image = oci_name(repository(image));
        self.out.see(&format!("mcp-server:{name}"), seen, |key| {
            Asset::new(key, "mcp-server", name).property("image", image)
        });
    }

    /// What an extension gives to the assistant of an editor.
    pub(crate) fn offered(&mut self, kind: &'static str, name: &str, at: &Range<usize>) {
        let seen = self.seen(at, "editor-extension", 90);
        self.out.see(&format!("{kind}:{name}"), seen, |key| {
            Asset::new(key, kind, name).property("framework", "vscode")
        });
    }

    /// A step of CI that runs an agent of one's own.
    pub(crate) fn ci_agent(&mut self, name: &str, step: Option<&str>, at: &Range<usize>) -> String {
        let key = format!("ci-agent:{name}");
        let seen = self.seen(at, "ci-own-agent", 75);
        self.out.see(&key, seen, |key| Asset::new(key, "ci-agent", name).maybe("step", step));
        key
    }

    /// The MCP server that a framework makes of the program.
    pub(crate) fn served(&mut self, name: &str, framework: &str, version: Option<&str>, at: &Range<usize>) {
        let key = format!("mcp-server:{name}");
        let seen = self.seen(at, "mcp-server-setting", 90);
        let framework = Some(framework).filter(|word| matches!(*word, "spring" | "quarkus" | "micronaut"));
        self.out.see(&key, seen, |key| Asset::new(key, "mcp-server", name).maybe("framework", framework));
        if let Some(version) = version.filter(|text| text.starts_with(|c: char| c.is_ascii_digit())) {
            self.versions.entry(key).or_insert_with(|| Version::Exact(version.to_owned()));
        }
    }

    /// A vector store that a framework is set up with.
    pub(crate) fn vector_store(&mut self, name: &str, framework: &str, at: &Range<usize>) {
        let key = format!("vector-store:{name}");
        let seen = self.seen(at, "vector-store-setting", 85);
        self.out
            .see(&key, seen, |key| Asset::new(key, "vector-store", name).property("framework", framework));
    }

    /// Something that runs. What is read while it is the owner belongs to it.
    pub(crate) fn workload(&mut self, name: &str, kind: &str, at: &Range<usize>, confidence: u8) -> String {
        let key = self.out.fresh_key(format!("workload:{name}"));
        let seen = self.seen(at, "ai-workload", confidence);
        self.out.see(&key, seen, |key| Asset::new(key, "workload", name).property("workload-kind", kind));
        key
    }

    /// Draws the edge from the owner.
    fn belongs(&mut self, key: &str, relation: &'static str, seen: Seen) {
        if let Some(owner) = &self.owner {
            self.out.edge(owner, relation, key, seen);
        }
    }

    /// Whether a node's text is only known at run time.
    pub(crate) fn finish(self) -> Answer {
        let mut answer = self.out.finish();
        for asset in &mut answer.assets {
            asset.version = self.versions.get(&asset.key).cloned();
        }
        answer
    }
}

/// The place's usage; a file of examples by its name is one, and `.env.example` is how the program is set up.
fn usage_of(path: &str) -> Usage {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let by_name = if name.contains(".test.") || name.ends_with(".test") || name.contains("-test.") {
        Usage::Test
    } else {
        Usage::Runtime
    };
    // What a run left behind says what was used, not what is.
    let is_left = name.ends_with(".json")
        && path.to_ascii_lowercase().split(['/', '_', '-', '.']).any(|word| {
            matches!(
                word,
                "results"
                    | "result"
                    | "outputs"
                    | "output"
                    | "logs"
                    | "traces"
                    | "trajectories"
                    | "predictions"
            )
        });
    let by_name = if is_left { by_name.at_most(Usage::Test) } else { by_name };
    // What the developers' assistants are set to.
    const ASSISTANTS: &[&str] = &[
        ".claude",
        ".cursor",
        ".codex",
        ".gemini",
        ".continue",
        ".opencode",
        ".kiro",
        ".roo",
        ".cline",
        ".windsurf",
        ".amazonq",
        ".qwen",
        ".factory",
        ".junie",
        ".augment",
        ".amp",
        ".trae",
        ".goose",
        ".zed",
        ".kilocode",
        ".copilot",
    ];
    let is_assistant = path.split('/').any(|folder| ASSISTANTS.contains(&folder))
        || name.starts_with(".aider")
        || name.starts_with(".coderabbit")
        || matches!(&*name, "opencode.json" | "opencode.jsonc" | "crush.json" | ".pr_agent.toml");
    let is_task =
        matches!(&*name, "taskfile.yml" | "taskfile.yaml" | ".pre-commit-config.yaml" | "noxfile.toml");
    let is_ci = is_task
        || is_assistant
        || path.contains(".vscode/")
        || path.contains(".idea/")
        || path.contains(".github/")
        || name == ".gitlab-ci.yml"
        || path.contains(".circleci/");
    let by_place = if is_ci || path.contains(".devcontainer/") { Usage::Development } else { Usage::Runtime };
    place::usage_of(path).at_most(by_name).at_most(by_place)
}

/// The key and value of an item that is a pair: `{name: X, value: Y}`, `{key: X, value: Y}`, `{Name: X, Value: Y}`.
pub(crate) fn pair(node: &Node) -> Option<(&Node, Option<&Node>)> {
    let name = node.any(&["name", "Name", "key", "Key"]).filter(|name| name.text().is_some())?;
    let value = node.any(&["value", "Value", "default"]);
    let from = node.any(&["valueFrom", "ValueFrom", "value_from", "secretRef"]);
    (value.is_some() || from.is_some() || node.entries().len() == 1).then_some((name, value))
}

/// An id that tells itself from a label: it has a digit or stands in an organisation.
fn is_telling(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| matches!(byte, b'-' | b'.' | b'/' | b':'))
        || model::is_hub_id(text) && !text.starts_with(|c: char| c.is_ascii_digit())
        || has_size(text)
}

/// Whether a part of a name is the size of a model: `model-7b`, `Acme_30B`, `mix-8x7B`.
pub(crate) fn has_size(text: &str) -> bool {
    text.split(['/', '-', '_', ':']).any(|part| {
        part.strip_suffix(['b', 'B']).is_some_and(|digits| {
            digits.starts_with(|c: char| c.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'x')
        })
    })
}

/// `https://docs.x.y`, `https://github.com/…`: for people.
fn is_page(url: &str) -> bool {
    let host = endpoint::host_of(url);
    ["docs.", "www.", "github.com", "raw.githubusercontent.com", "json.schemastore.org", "schema"]
        .iter()
        .any(|front| host.starts_with(front))
        || [".html", ".md", ".json", ".yaml", ".png", ".svg", ".git"].iter().any(|end| url.ends_with(end))
}

/// The version of an image reference: a digest or a full version is exact, another tag moves.
fn image_version(reference: &str) -> Option<Version> {
    if let Some((_, digest)) = reference.split_once('@') {
        return Some(Version::Exact(digest.to_owned()));
    }
    let tag = &reference[reference.rfind(':')? + 1..];
    if tag.contains(['/', '$', '{', '_', ' ']) && tag.contains(['/', '$', '{', ' ']) || tag.contains("__") {
        return None;
    }
    let bare = tag.trim_start_matches('v');
    let is_full = bare.starts_with(|c: char| c.is_ascii_digit()) && bare.matches('.').count() >= 2;
    Some(if is_full { Version::Exact(tag.to_owned()) } else { Version::Floating(tag.to_owned()) })
}

/// A repository with its registry, as the identifier wants it.
fn oci_name(repository: &str) -> String {
    let first = repository.split('/').next().unwrap_or_default();
    let has_registry =
        repository.contains('/') && (first.contains('.') || first.contains(':') || first == "localhost");
    match (has_registry, repository.contains('/')) {
        (true, _) => repository.to_owned(),
        (false, true) => format!("docker.io/{repository}"),
        (false, false) => format!("docker.io/library/{repository}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_images() {
        for (reference, version) in [
            ("a/b:1.2.3", Some(Version::Exact("1.2.3".into()))),
            ("a/b:v0.5.1-gpu", Some(Version::Exact("v0.5.1-gpu".into()))),
            ("a/b:latest", Some(Version::Floating("latest".into()))),
            ("a/b:1", Some(Version::Floating("1".into()))),
            ("a/b@sha256:0a", Some(Version::Exact("sha256:0a".into()))),
            ("a/b:${TAG}", None),
            ("localhost:5000/b", None),
            ("a/b", None),
        ] {
            assert_eq!(image_version(reference), version, "{reference}");
        }
    }

    #[test]
    fn usages() {
        for (path, usage) in [
            (".env.example", Usage::Runtime),
            (".env.test", Usage::Test),
            ("settings-test.yaml", Usage::Test),
            (".github/workflows/review.yml", Usage::Development),
            ("examples/compose.yaml", Usage::Example),
            (".claude/settings.json", Usage::Development),
            (".aider.conf.yml", Usage::Development),
            ("deploy/values.yaml", Usage::Runtime),
            ("bench_results/2026.json", Usage::Test),
        ] {
            assert_eq!(usage_of(path), usage, "{path}");
        }
    }
}
