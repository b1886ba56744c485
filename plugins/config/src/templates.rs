//! CloudFormation and SAM, ARM, Pulumi YAML: resources that are AI.

use crate::compose::has_key;
use crate::look::Look;
use crate::settings::{self, Context};
use inventar_catalogue::{ResourceType, resource_type};
use inventar_documents::{Node, Value};
use inventar_plugin_sdk::Asset;
use std::ops::Range;

/// It has resources with types.
pub(crate) fn is_template(root: &Node) -> bool {
    let of = |node: &Node| {
        node.any(&["Type", "type"]).and_then(Node::text).is_some_and(|text| text.contains([':', '/', '.']))
    };
    match root.any(&["Resources", "resources"]) {
        Some(node) => node.entries().iter().any(|entry| of(&entry.node)) || node.items().iter().any(of),
        None => false,
    }
}

pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    for entry in root.entries() {
        if matches!(entry.key.as_str(), "Resources" | "resources") {
            resources(look, &entry.node, "", 0);
        } else if entry.key == "Parameters" || entry.key == "parameters" {
            // `ModelId: {Type: String, Default: …}`.
            for parameter in entry.node.entries() {
                if let Some(default) = parameter.node.any(&["Default", "defaultValue", "value"])
                    && let Some(text) = default.scalar()
                {
                    let context = Context::default();
                    let place = settings::Place {
                        name: &parameter.key,
                        at: &parameter.key_span,
                        value_at: &default.span,
                        context,
                    };
                    settings::assign(look, &place, text);
                }
            }
        } else {
            settings::walk(look, &entry.node, Context::default());
        }
    }
}

fn resources(look: &mut Look<'_>, node: &Node, outer: &str, depth: usize) {
    if depth > 8 {
        return;
    }
    for entry in node.entries() {
        resource(look, &entry.key, &entry.key_span, &entry.node, outer, depth);
    }
    for item in node.items() {
        let name = item.get("name");
        let at = item.get("type").map_or(item.span.clone(), |kind| kind.span.clone());
        let label = name.and_then(Node::text).filter(|name| !name.starts_with('['));
        let label = label.or_else(|| item.get("type").and_then(Node::text)).unwrap_or("resource");
        resource(look, label, &at, item, outer, depth);
    }
}

fn resource(look: &mut Look<'_>, name: &str, at: &Range<usize>, node: &Node, outer: &str, depth: usize) {
    let written = node.any(&["Type", "type"]).and_then(Node::text).unwrap_or_default();
    // A nested ARM resource is named below its parent.
    let nested = format!("{outer}/{written}");
    let full = if outer.is_empty() || written.contains('.') { written } else { &nested };
    let known = known(full);
    if let Some(known) = known {
        let key = look.out.fresh_key(format!("resource:{name}"));
        let seen = look.seen(at, "ai-resource", 95);
        look.out.see(&key, seen, |key| {
            Asset::new(key, "iac-resource", name)
                .property("resource-type", full)
                .property("provider", known.provider)
                .property("category", known.category)
        });
        look.owner = Some(key);
    } else if runs(full) && has_key(node, 0) {
        look.owner = Some(look.workload(name, full, at, 80));
    }
    let body = Node {
        value: Value::Table(
            node.entries().iter().filter(|entry| entry.key != "resources").cloned().collect(),
        ),
        span: node.span.clone(),
    };
    settings::walk(look, &body, Context::of_ai(known.is_some()));
    look.owner = None;
    if let Some(inner) = node.get("resources") {
        resources(look, inner, full, depth + 1);
    }
}

fn known(kind: &str) -> Option<&'static ResourceType> {
    ["cloudformation", "arm", "pulumi"].iter().find_map(|dialect| resource_type(dialect, kind))
}

fn runs(kind: &str) -> bool {
    [
        "AWS::Lambda::Function",
        "AWS::Serverless::Function",
        "AWS::ECS::TaskDefinition",
        "AWS::AppRunner::Service",
        "AWS::Batch::JobDefinition",
        "Microsoft.Web/sites",
        "Microsoft.App/containerApps",
        "Microsoft.ContainerInstance/containerGroups",
    ]
    .contains(&kind)
        || kind.starts_with("gcp:cloudrun")
        || kind.starts_with("aws:lambda")
        || kind.starts_with("aws:ecs")
}
