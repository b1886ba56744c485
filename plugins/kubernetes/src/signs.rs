//! What of a pod specification speaks of AI: images, commands, variables, accelerators, labels, ports.
//!
//! Each sign is a reason with a confidence, and the strongest decides what the workload does. Values of variables are
//! looked at only where they are models or addresses; nothing else of them leaves.

use crate::command::Command;
use crate::location::Location;
use crate::pod::{Container, PodSpec};
use crate::server::{self, Role};
use inventar_analysis::{endpoint, model, secret};
use inventar_catalogue::{container_image, container_images, endpoint_of_url, repository};
use std::collections::{BTreeMap, BTreeSet};

/// Why something is AI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule.
    pub rule: &'static str,
    /// How sure it is.
    pub confidence: u8,
    /// What was seen, for people.
    pub says: String,
}

/// A model, or where one lies, as a specification names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// As written.
    pub text: String,
    /// Whether only software for models takes what stands here, so that an unknown id is a model too.
    pub is_sure: bool,
}

/// Everything that speaks of AI.
#[derive(Debug, Default)]
pub struct Signs {
    /// Strongest first, after [`Signs::of`].
    pub reasons: Vec<Reason>,
    /// What it does.
    pub role: Option<Role>,
    /// The software.
    pub software: Option<&'static str>,
    /// Whose it is.
    pub provider: Option<&'static str>,
    /// Images of the containers that have signs, or of the first one.
    pub images: BTreeSet<String>,
    /// Models it serves or uses.
    pub models: BTreeSet<Named>,
    /// The names under which it serves them.
    pub served_names: BTreeSet<String>,
    /// Addresses that it calls.
    pub endpoints: BTreeSet<String>,
    /// Secrets by name, with the variables that they fill.
    pub secrets: BTreeMap<String, BTreeSet<String>>,
    /// Variables whose key stands in the specification itself.
    pub inline_secrets: BTreeSet<String>,
    /// Accelerators and how many one pod asks for.
    pub accelerators: BTreeMap<String, u64>,
    /// The product that its nodes must have.
    pub accelerator_product: Option<String>,
    /// Under which it runs.
    pub service_accounts: BTreeSet<String>,
    /// Who places it.
    pub scheduler: Option<String>,
    /// The package of an MCP server.
    pub mcp_package: Option<String>,
}

/// Labels that name the software of a pod.
const SOFTWARE_LABELS: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
    "app",
    "component",
];

impl Signs {
    /// Everything that the pod specifications of one object say. `is_ai`: its type already says that it is AI.
    pub fn of(specs: &[PodSpec<'_>], is_ai: bool) -> Self {
        let mut signs = Self::default();
        for spec in specs {
            signs.read(spec, is_ai);
        }
        signs.reasons.sort_by(|a, b| b.confidence.cmp(&a.confidence).then_with(|| a.says.cmp(&b.says)));
        signs.reasons.dedup();
        signs
    }

    /// Whether anything says so.
    pub fn is_ai(&self) -> bool {
        !self.reasons.is_empty()
    }

    fn read(&mut self, spec: &PodSpec<'_>, is_ai: bool) {
        let before = self.reasons.len();
        let mut with_signs = vec![];
        for container in &spec.containers {
            let known = self.reasons.len();
            self.container(container);
            if self.reasons.len() > known {
                with_signs.push(container);
            }
        }
        self.labels(spec);
        if self.reasons.len() == before && !is_ai {
            return;
        }
        if with_signs.is_empty() {
            with_signs.extend(spec.containers.first());
        }
        self.images.extend(with_signs.iter().filter_map(|container| container.image).map(str::to_owned));
        for container in with_signs {
            self.surroundings(container);
        }
        for name in &spec.mounted_secrets {
            self.secrets.entry((*name).to_owned()).or_default();
        }
        self.service_accounts.insert(spec.service_account.unwrap_or("default").to_owned());
        self.scheduler = self.scheduler.take().or(spec.scheduler.map(str::to_owned));
        self.accelerator_product =
            self.accelerator_product.take().or(spec.accelerator_product.map(str::to_owned));
    }

    fn reason(&mut self, rule: &'static str, confidence: u8, says: impl Into<String>) {
        self.reasons.push(Reason { rule, confidence, says: says.into() });
    }

    fn acts(&mut self, role: Role, software: Option<&'static str>, provider: Option<&'static str>) {
        if self.role.is_none_or(|known| known < role) {
            self.role = Some(role);
            self.software = software.or(self.software);
            self.provider = provider.or(self.provider);
        }
    }

    fn container(&mut self, container: &Container<'_>) {
        let image = container.image.unwrap_or_default();
        if let Some((provider, category, confidence)) = known_image(image) {
            self.reason("container-image", confidence, format!("image {}", repository(image)));
            let software = server::of_words(last_part(image)).map(|server| server.name);
            self.acts(Role::of_category(category), software, Some(provider));
            if category == "agent-platform" && last_part(image).contains("mcp") || provider_is_mcp(image) {
                self.acts(Role::Mcp, None, Some(provider));
            }
        } else if let Some(server) = server::of_words(last_part(image)) {
            self.reason("image-name", 75, format!("image {}", repository(image)));
            self.acts(server.role, Some(server.name), Some(server.provider));
        }
        let command = Command::read(&container.words);
        if let Some(server) = command.server {
            self.reason("command", 90, format!("starts {}", server.name));
            self.acts(command.role.unwrap_or(server.role), Some(server.name), Some(server.provider));
        }
        if let Some(package) = command.mcp_package {
            self.reason("mcp-command", 90, format!("starts {package}"));
            self.acts(Role::Mcp, Some("MCP server"), None);
            self.mcp_package = Some(package.to_owned());
        }
        let is_server = self.role.is_some_and(|role| role > Role::Client);
        for text in &command.models {
            let known = is_known_model(text);
            if known {
                self.reason("model-argument", 85, format!("argument {text}"));
                self.acts(Role::Client, None, None);
            }
            if known || is_server {
                self.models.insert(Named { text: (*text).to_owned(), is_sure: is_server });
            }
        }
        if is_server {
            self.served_names.extend(command.served_names.iter().map(|name| (*name).to_owned()));
        }
        self.variables(container);
        if !container.accelerators.is_empty() {
            let asked: Vec<&str> = container.accelerators.keys().map(String::as_str).collect();
            self.reason("accelerator", 65, format!("asks for {}", asked.join(", ")));
            self.acts(Role::Accelerated, None, None);
            for (name, count) in &container.accelerators {
                *self.accelerators.entry(name.clone()).or_default() += count;
            }
        }
        // The ports of Ollama, and of Ray's dashboard and clients together, are nobody else's.
        if container.ports.contains(&11434) {
            self.reason("port", 60, "listens on 11434, Ollama's port");
            self.acts(Role::Inference, Some("Ollama"), Some("ollama"));
        } else if container.ports.contains(&8265) && container.ports.contains(&10001) {
            self.reason("port", 60, "listens on 8265 and 10001, Ray's ports");
            self.acts(Role::Other("distributed-computing"), Some("Ray"), Some("ray"));
        }
    }

    fn variables(&mut self, container: &Container<'_>) {
        for variable in &container.env {
            let name = variable.name;
            if let Some(known) = inventar_catalogue::secret(name)
                && !matches!(known.kind, "search" | "tool-api")
            {
                self.reason("key-name", 85, format!("variable {name}"));
                self.acts(Role::Client, None, None);
            }
            if name == "MLFLOW_TRACKING_URI" {
                self.reason("tracking-server", 70, "variable MLFLOW_TRACKING_URI");
                self.acts(Role::Client, None, None);
            }
            let Some(value) = variable.value else { continue };
            if let Some(url) = endpoint::clean(value) {
                let is_service = endpoint_of_url(&url)
                    .is_some_and(|known| !matches!(known.kind, "model-hub" | "search" | "tool-api"));
                if is_service || endpoint::is_model_host(name) {
                    self.reason("base-url", 85, format!("variable {name}: {url}"));
                    self.acts(Role::Client, None, None);
                    self.endpoints.insert(url);
                }
            } else if is_model_name(name) && is_known_model(value) {
                self.reason("model-variable", 85, format!("variable {name}: {value}"));
                self.acts(Role::Client, None, None);
                self.models.insert(Named { text: value.to_owned(), is_sure: false });
            }
        }
    }

    /// What a container that is AI reads and names besides.
    fn surroundings(&mut self, container: &Container<'_>) {
        for variable in &container.env {
            if let Some((name, _)) = variable.secret {
                self.secrets.entry(name.to_owned()).or_default().insert(variable.name.to_owned());
            }
            match variable.value {
                Some(_) if inventar_catalogue::secret(variable.name).is_some() => {
                    self.inline_secrets.insert(variable.name.to_owned());
                }
                Some(value) if is_model_name(variable.name) && !secret::reads_like_key(variable.name) => {
                    let is_sure = self.role.is_some_and(|role| role >= Role::Gateway);
                    self.models.insert(Named { text: value.to_owned(), is_sure });
                }
                _ => {}
            }
        }
        for name in &container.env_from {
            self.secrets.entry((*name).to_owned()).or_default();
        }
    }

    fn labels(&mut self, spec: &PodSpec<'_>) {
        for name in SOFTWARE_LABELS {
            let Some(value) = spec.labels.get(name) else { continue };
            // Only the software's own name: `vllm-client-dashboard` is somebody's.
            if let Some(server) = server::of_words(value).filter(|server| server.is_named(value)) {
                self.reason("label", 65, format!("label {name}={value}"));
                self.acts(server.role, Some(server.name), Some(server.provider));
            }
        }
        if let Some(product) = spec.accelerator_product {
            self.reason("accelerator-node", 60, format!("runs on nodes with {product}"));
            self.acts(Role::Accelerated, None, None);
        }
    }
}

/// Whether a text is a model wherever it stands.
fn is_known_model(text: &str) -> bool {
    inventar_catalogue::model(text).is_some()
        || matches!(Location::of(text), Some(Location::Model(_) | Location::Registered(_)))
}

/// Whether a variable of that name holds a model's id.
fn is_model_name(name: &str) -> bool {
    const ENDS: &[&str] =
        &["MODEL", "MODEL_ID", "MODEL_NAME", "MODEL_PATH", "MODEL_URI", "DEPLOYMENT_NAME", "STORAGE_URI"];
    ENDS.iter().any(|end| name == *end || name.strip_suffix(end).is_some_and(|front| front.ends_with('_')))
}

fn last_part(image: &str) -> &str {
    let repository = repository(image);
    repository.rsplit('/').next().unwrap_or(repository)
}

fn provider_is_mcp(image: &str) -> bool {
    let repository = repository(image);
    ["mcp/", "ghcr.io/modelcontextprotocol/"].iter().any(|front| repository.starts_with(front))
        || last_part(image).split(['-', '_']).any(|word| word == "mcp")
}

/// Provider and category of an image, and how sure that is. A mirror keeps the end of the name:
/// `registry.corp/mirror/vllm/vllm-openai`.
fn known_image(reference: &str) -> Option<(&'static str, &'static str, u8)> {
    if reference.is_empty() {
        return None;
    }
    if let Some(image) = container_image(reference) {
        return Some((image.provider, image.category, 95));
    }
    let repository = repository(reference).to_ascii_lowercase();
    let mut rest = repository.as_str();
    while let Some((_, end)) = rest.split_once('/') {
        rest = end;
        if !rest.contains('/') {
            return None;
        }
        // Whole names only: `ai/*` behind any registry would be everybody's.
        let found = container_images().iter().find(|image| {
            let name = image.name;
            let bare =
                name.strip_prefix("ghcr.io/").or_else(|| name.strip_prefix("nvcr.io/")).unwrap_or(name);
            bare == rest && !bare.ends_with('*')
        });
        if let Some(image) = found {
            return Some((image.provider, image.category, 85));
        }
    }
    None
}

/// The model that a text names, as the shared judgement of all plugins has it.
pub fn sighted(named: &Named) -> Option<(model::Sighted, u8)> {
    model::named(&named.text, named.is_sure, || None)
}
