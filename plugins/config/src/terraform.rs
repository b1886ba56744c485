//! Terraform and OpenTofu: resources that are AI, and workloads that are given keys of AI services.

use crate::compose::has_key;
use crate::look::Look;
use crate::settings::{self, Context, Place, assign};
use inventar_catalogue::{ResourceType, endpoint, resource_type};
use inventar_documents::{Entry, Node};
use inventar_plugin_sdk::Asset;

/// Beginnings of types that run a program.
const RUNS: &[&str] = &[
    "aws_ecs_",
    "aws_lambda_",
    "aws_apprunner_",
    "aws_batch_job",
    "aws_instance",
    "google_cloud_run",
    "google_cloudfunctions",
    "google_compute_instance",
    "azurerm_container_app",
    "azurerm_container_group",
    "azurerm_linux_",
    "azurerm_windows_",
    "azurerm_function_app",
    "kubernetes_",
    "helm_release",
    "nomad_job",
    "docker_container",
    "fly_",
    "render_",
    "railway_",
    "vercel_project",
];

pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    for entry in root.entries() {
        match entry.key.as_str() {
            "resource" | "data" => {
                for kind in entry.node.entries() {
                    for name in kind.node.entries() {
                        resource(look, entry, kind, name);
                    }
                }
            }
            "module" => {
                for module in entry.node.entries() {
                    if is_ai_module(&module.node) {
                        ai_module(look, module);
                    } else {
                        running(look, &module.key, "terraform-module", module);
                    }
                }
            }
            "variable" => {
                for variable in entry.node.entries() {
                    defaulted(look, variable);
                }
            }
            // `locals`, `provider`, and the names of a `.tfvars` file.
            _ => {
                let one = Node {
                    value: inventar_documents::Value::Table(vec![entry.clone()]),
                    span: entry.key_span.start..entry.node.span.end.max(entry.key_span.start),
                };
                settings::walk(look, &one, Context::default());
            }
        }
    }
}

/// `source = "aws-ia/bedrock/aws"`: a module that is about AI by its own name.
fn is_ai_module(module: &Node) -> bool {
    const WORDS: &[&str] = &[
        "bedrock",
        "sagemaker",
        "vertex-ai",
        "vertexai",
        "openai",
        "cognitive",
        "ai-foundry",
        "litellm",
        "langfuse",
        "vllm",
        "kserve",
        "ollama",
        "mlflow",
        "qdrant",
        "weaviate",
        "milvus",
        "machine-learning",
        "machinelearning",
        "dialogflow",
        "genai",
    ];
    let source = module.get("source").and_then(Node::text).unwrap_or_default().to_ascii_lowercase();
    // Of a path in the same repository nobody outside knows what it is.
    !source.starts_with('.') && WORDS.iter().any(|word| source.contains(word))
}

fn ai_module(look: &mut Look<'_>, module: &Entry) {
    let name = format!("module.{}", module.key);
    let key = look.out.fresh_key(format!("resource:{name}"));
    let seen = look.seen(&module.key_span, "ai-module", 85);
    let source = module.node.get("source").and_then(Node::text).map(str::to_owned);
    look.out.see(&key, seen, |key| Asset::new(key, "iac-resource", &name).maybe("source", source));
    look.owner = Some(key);
    settings::walk(look, &module.node, Context::of_ai(true));
    look.owner = None;
}

/// The type of a resource; `azapi_resource` says it in an attribute.
fn known_type(kind: &Entry, name: &Entry) -> Option<&'static ResourceType> {
    if kind.key.starts_with("azapi_") {
        let written = name.node.get("type").and_then(Node::text)?;
        return resource_type("arm", written.split('@').next().unwrap_or(written));
    }
    resource_type("terraform", &kind.key)
}

fn resource(look: &mut Look<'_>, block: &Entry, kind: &Entry, name: &Entry) {
    let at = block.key_span.start..name.key_span.end.max(block.key_span.end);
    let full = format!("{}.{}", kind.key, name.key);
    if let Some(known) = known_type(kind, name) {
        let key = look.out.fresh_key(format!("resource:{full}"));
        let seen = look.seen(&at, "ai-resource", if block.key == "data" { 80 } else { 95 });
        look.out.see(&key, seen, |key| {
            Asset::new(key, "iac-resource", &full)
                .property("resource-type", &*kind.key)
                .property("provider", known.provider)
                .property("category", known.category)
        });
        look.owner = Some(key);
        settings::walk(look, &name.node, Context::of_ai(true));
        look.owner = None;
    } else if kind.key == "google_project_service" {
        let service = name.node.get("service").and_then(Node::text);
        if let Some(known) = service.and_then(endpoint) {
            let key = look.out.fresh_key(format!("resource:{full}"));
            let seen = look.seen(&at, "ai-resource", 90);
            look.out.see(&key, seen, |key| {
                Asset::new(key, "iac-resource", &full)
                    .property("resource-type", &*kind.key)
                    .property("provider", known.provider)
            });
        }
    } else if RUNS.iter().any(|front| kind.key.starts_with(front)) {
        running(look, &full, &kind.key, name);
    } else {
        settings::walk(look, &name.node, Context::default());
    }
}

/// Something that runs: an AI workload if it is given a key.
fn running(look: &mut Look<'_>, name: &str, kind: &str, entry: &Entry) {
    if has_key(&entry.node, 0) {
        look.owner = Some(look.workload(name, kind, &entry.key_span, 80));
    }
    settings::walk(look, &entry.node, Context::default());
    look.owner = None;
}

/// `variable "model_id" { default = "…" }`.
fn defaulted(look: &mut Look<'_>, variable: &Entry) {
    let Some(default) = variable.node.get("default") else { return };
    match default.scalar() {
        Some(text) => {
            let context = Context::default();
            let place =
                Place { name: &variable.key, at: &variable.key_span, value_at: &default.span, context };
            assign(look, &place, text);
        }
        None => {
            let entry = Entry {
                key: variable.key.clone(),
                key_span: variable.key_span.clone(),
                node: default.clone(),
            };
            let span = default.span.clone();
            let table = Node { value: inventar_documents::Value::Table(vec![entry]), span };
            settings::walk(look, &table, Context::default());
        }
    }
}
