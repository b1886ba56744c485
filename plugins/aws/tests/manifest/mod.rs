//! What `plugin.toml` allows, read the way a host reads it, to hold requests against it.

use inventar_plugin_sdk::collector::Request;
use serde::Deserialize;
use std::sync::OnceLock;

#[derive(Debug, Deserialize)]
struct Manifest {
    egress: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    service: String,
    hosts: Vec<String>,
    protocol: String,
    #[serde(default)]
    target: String,
    operations: Vec<String>,
}

/// An operation of the manifest and the actions that it needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation {
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) actions: Vec<String>,
}

fn operation(rule: &Rule, text: &str) -> Operation {
    let (call, actions) = text.split_once(" = ").unwrap_or((text, ""));
    let name = call.split(' ').next().unwrap().to_owned();
    let actions = match actions {
        "" => vec![format!("{}:{name}", rule.service)],
        actions => actions.split(',').map(str::to_owned).collect(),
    };
    Operation { service: rule.service.clone(), name, actions }
}

fn rules() -> &'static [Rule] {
    static MANIFEST: OnceLock<Manifest> = OnceLock::new();
    &MANIFEST.get_or_init(|| toml::from_str(include_str!("../../plugin.toml")).unwrap()).egress
}

/// All of them.
pub(crate) fn operations() -> Vec<Operation> {
    rules().iter().flat_map(|rule| rule.operations.iter().map(|text| operation(rule, text))).collect()
}

fn labels_fit(pattern: &str, text: &str, separator: char) -> bool {
    let (pattern, text): (Vec<&str>, Vec<&str>) =
        (pattern.split(separator).collect(), text.split(separator).collect());
    pattern.len() == text.len()
        && pattern.iter().zip(&text).all(|(pattern, text)| {
            pattern == text || !text.is_empty() && (*pattern == "*" || pattern.starts_with('{'))
        })
}

/// The operation that a request is; none: the manifest does not allow it.
pub(crate) fn allowed(request: &Request) -> Option<Operation> {
    let (host, path) = request.url.strip_prefix("https://")?.split_once('/')?;
    let path = format!("/{}", path.split('?').next()?);
    for rule in rules().iter().filter(|rule| rule.hosts.iter().any(|pattern| labels_fit(pattern, host, '.')))
    {
        let header =
            |name: &str| request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let body = String::from_utf8(request.body.clone().unwrap_or_default()).ok()?;
        let asked = match rule.protocol.as_str() {
            "aws-json" => header("x-amz-target")?.strip_prefix(&format!("{}.", rule.target))?.to_owned(),
            "aws-query" => body.strip_prefix("Action=")?.split('&').next()?.to_owned(),
            _ => String::new(),
        };
        let method = format!("{:?}", request.method).to_uppercase();
        let found = rule.operations.iter().find(|text| {
            let mut words = text.split(' ');
            let name = words.next().unwrap();
            if rule.protocol == "rest" {
                words.next() == Some(&method) && labels_fit(words.next().unwrap(), &path, '/')
            } else {
                name == asked
            }
        });
        if let Some(found) = found {
            return Some(operation(rule, found));
        }
    }
    None
}
