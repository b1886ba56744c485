//! What a collector may do: the egress rules and credential slots of its manifest.
//!
//! ```toml
//! [[credential]]
//! slot = "aws"
//! kinds = ["aws"]
//! reason = "Reads the account's AI services"
//!
//! [[egress]]
//! service = "sagemaker"
//! hosts = ["api.sagemaker.*.amazonaws.com"]      # the first `*` is the region that requests are signed for
//! protocol = "aws-json"                          # the operation is what `x-amz-target` names
//! target = "SageMaker"
//! credential = "aws"
//! reason = "Lists models and endpoints"
//! operations = ["ListModels", "DescribeModel"]   # actions: sagemaker:ListModels …
//!
//! [[egress]]
//! service = "bedrock-agent"
//! hosts = ["bedrock-agent.*.amazonaws.com"]
//! protocol = "rest"                              # NAME METHOD PATH, and "= ACTION" where the action has another name
//! credential = "aws"
//! reason = "Lists agents"
//! operations = ["ListAgents POST /agents/ = bedrock:ListAgents"]
//! ```
//!
//! A host is a name whose labels may be `*` (exactly one label), or `{endpoint}`: the address that the operator
//! connected, with its scheme, port and base path.

use crate::evidence::words;
use crate::exchange::HttpMethod;

words! {
    /// How the operation of a request is told.
    Protocol {
        /// By method and path.
        Rest = "rest",
        /// By the header `x-amz-target`: `target.Operation` (AWS JSON 1.0 and 1.1).
        AwsJson = "aws-json",
        /// By the parameter `Action` of the form body or the query, once (AWS query protocol).
        AwsQuery = "aws-query",
        /// By method and path, in Kubernetes' words: `VERB GROUP/RESOURCE`, verb `list` or `get`, group `core` for the
        /// first one; `get /PATH` for a path that is no resource.
        Kubernetes = "kubernetes",
    }
}

words! {
    /// What can fill a credential slot.
    CredentialKind {
        /// `authorization: Bearer …`.
        Bearer = "bearer",
        /// `authorization: Basic …`; the secret is `user:password`.
        Basic = "basic",
        /// A header named by the slot.
        Header = "header",
        /// AWS Signature Version 4.
        Aws = "aws",
        /// OAuth 2 client credentials, sent as a bearer token.
        OAuth2 = "oauth2",
        /// A Google service account, sent as a bearer token.
        Gcp = "gcp",
        /// A Microsoft Entra application, sent as a bearer token.
        Azure = "azure",
        /// A kubeconfig: token or client certificate, with the cluster's own authority.
        Kubeconfig = "kubeconfig",
    }
}

/// The host of a rule that stands for what the operator connected.
pub const ENDPOINT: &str = "{endpoint}";

/// A place for a credential. What fills it is the operator's choice and never known to the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialSlot {
    /// Kebab-case, unique in the manifest.
    pub slot: String,
    /// What may fill it, at least one.
    pub kinds: Vec<CredentialKind>,
    /// The header, exactly when `header` is among the kinds; lower case.
    pub header: Option<String>,
    /// Whether the plugin works without it.
    pub optional: bool,
    /// One sentence for the operator.
    pub reason: String,
}

/// Requests a plugin may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Egress {
    /// What is called: the unit of signing, rate limits and coverage. Kebab-case.
    pub service: String,
    /// Any of them. Lower case.
    pub hosts: Vec<String>,
    /// How the operation is told.
    pub protocol: Protocol,
    /// What `x-amz-target` begins with, without the dot; only with [`Protocol::AwsJson`].
    pub target: Option<String>,
    /// The slot that may be used here; no other.
    pub credential: Option<String>,
    /// What may be called. Nothing else is.
    pub operations: Vec<Operation>,
    /// Headers a guest may set here beyond the host's list; lower case.
    pub headers: Vec<String>,
    /// Calls a second that the service takes without complaint. None: the host's default.
    pub per_second: Option<u32>,
    /// What a call costs, in millionths of a US dollar.
    pub cost_microusd: u64,
    /// One sentence for the operator.
    pub reason: String,
}

/// One thing that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// `ListModels`; for Kubernetes `list apps/deployments`.
    pub name: String,
    /// Of [`Protocol::Rest`] and [`Protocol::Kubernetes`].
    pub method: Option<HttpMethod>,
    /// Paths, any of them: segments that may be `{name}` (exactly one segment) and at the end `{name+}` (the rest, at
    /// least one). Of [`Protocol::Rest`] and [`Protocol::Kubernetes`].
    pub paths: Vec<String>,
    /// What the operator must grant: `sagemaker:ListModels`; for Kubernetes `list apps/deployments`. May be empty.
    pub actions: Vec<String>,
}

impl Operation {
    /// Reads `NAME [METHOD PATH] [= ACTION[,ACTION]]` of a protocol. The error says what is wrong.
    pub fn parse(text: &str, protocol: Protocol, service: &str) -> Result<Self, String> {
        let (call, actions) = match text.split_once(" = ") {
            Some((call, actions)) => (call.trim(), Some(actions)),
            None => (text.trim(), None),
        };
        let words: Vec<&str> = call.split_whitespace().collect();
        let mut operation = match (protocol, words.as_slice()) {
            (Protocol::AwsJson | Protocol::AwsQuery, [name]) => {
                if !reads(name) {
                    return Err(format!(
                        "`{name}` does not read: its name begins with none of Get, List, Describe, BatchGet, Search, Query and Lookup"
                    ));
                }
                Self {
                    name: (*name).to_owned(),
                    method: None,
                    paths: vec![],
                    actions: vec![format!("{service}:{name}")],
                }
            }
            (Protocol::Rest, [name, method, path]) => {
                let Some(method) = HttpMethod::from_word(method) else {
                    return Err(format!("`{method}` is none of GET, HEAD and POST"));
                };
                Self {
                    name: (*name).to_owned(),
                    method: Some(method),
                    paths: vec![pattern(path)?],
                    actions: vec![format!("{service}:{name}")],
                }
            }
            (Protocol::Kubernetes, [verb @ ("list" | "get"), what]) => kubernetes(verb, what)?,
            (Protocol::Kubernetes, _) => {
                return Err("it is not `list GROUP/RESOURCE`, `get GROUP/RESOURCE` or `get /PATH`".into());
            }
            (Protocol::Rest, _) => return Err("it is not `NAME METHOD PATH [= ACTION,…]`".into()),
            _ => return Err("it is not `NAME [= ACTION,…]`".into()),
        };
        let printable = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        if operation.name.len() > 128 || !operation.name.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            return Err("its name is longer than 128 bytes or not printable".into());
        }
        if let Some(actions) = actions {
            operation.actions =
                actions.split(',').map(|action| action.trim().to_owned()).filter(|a| !a.is_empty()).collect();
        }
        match operation
            .actions
            .iter()
            .find(|action| action.len() > 128 || !printable(&action.replace(' ', "")))
        {
            Some(action) => Err(format!("`{action}` is no action")),
            None => Ok(operation),
        }
    }

    /// The inverse of [`Operation::parse`].
    pub fn to_text(&self, protocol: Protocol, service: &str) -> String {
        let call = match (protocol, self.method, self.paths.first()) {
            (Protocol::Rest, Some(method), Some(path)) => format!("{} {method} {path}", self.name),
            _ => self.name.clone(),
        };
        let usual = match protocol {
            Protocol::Kubernetes => self.name.clone(),
            _ => format!("{service}:{}", self.name),
        };
        if self.actions == [usual] { call } else { format!("{call} = {}", self.actions.join(",")) }
    }
}

/// Whether the name of an AWS operation is that of a reading one.
fn reads(name: &str) -> bool {
    ["Get", "List", "Describe", "BatchGet", "Search", "Query", "Lookup"].iter().any(|verb| {
        name.strip_prefix(verb)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase()))
    }) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A path pattern: absolute, printable, without a query, a dot segment or an escape.
fn pattern(path: &str) -> Result<String, String> {
    let segments: Vec<&str> = match path.strip_prefix('/') {
        Some(rest) => rest.split('/').collect(),
        None => return Err(format!("`{path}` does not begin with `/`")),
    };
    for (at, segment) in segments.iter().enumerate() {
        let last = at + 1 == segments.len();
        let named = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let good = match named {
            Some(name) => {
                let (name, rest) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
                !name.is_empty()
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                    && (!rest || last)
            }
            None => {
                (!segment.is_empty() || last)
                    && *segment != "."
                    && *segment != ".."
                    && segment.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:$".contains(c))
            }
        };
        if !good {
            return Err(format!("`{segment}` is no segment of a path pattern"));
        }
    }
    Ok(path.to_owned())
}

fn kubernetes(verb: &str, what: &str) -> Result<Operation, String> {
    let name = format!("{verb} {what}");
    if what.starts_with('/') {
        if verb != "get" {
            return Err("a path that is no resource can only be got".into());
        }
        let paths = vec![pattern(what)?];
        return Ok(Operation { actions: vec![name.clone()], name, method: Some(HttpMethod::Get), paths });
    }
    let word = |text: &str, more: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
    };
    let Some((group, resource)) =
        what.split_once('/').filter(|(group, resource)| word(group, "-.") && word(resource, "-"))
    else {
        return Err(format!("`{what}` is not GROUP/RESOURCE, such as apps/deployments or core/pods"));
    };
    let root =
        if group == "core" { "/api/{version}".to_owned() } else { format!("/apis/{group}/{{version}}") };
    let end = if verb == "get" { "/{name}" } else { "" };
    let paths =
        vec![format!("{root}/{resource}{end}"), format!("{root}/namespaces/{{namespace}}/{resource}{end}")];
    Ok(Operation { actions: vec![name.clone()], name, method: Some(HttpMethod::Get), paths })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(protocol: Protocol, text: &str, expected: &str) {
        let outcome = match Operation::parse(text, protocol, "svc") {
            Ok(operation) => {
                let text = operation.to_text(protocol, "svc");
                assert_eq!(Operation::parse(&text, protocol, "svc").as_ref(), Ok(&operation));
                format!(
                    "{} | {} | {}",
                    operation.name,
                    operation.paths.join(" "),
                    operation.actions.join(" + ")
                )
            }
            Err(why) => why,
        };
        assert!(outcome.starts_with(expected), "{text}: {outcome}");
    }

    #[test]
    fn operations() {
        check(Protocol::AwsJson, "ListModels", "ListModels |  | svc:ListModels");
        check(
            Protocol::AwsQuery,
            "GetRole = iam:GetRole,iam:ListRoles",
            "GetRole |  | iam:GetRole + iam:ListRoles",
        );
        check(Protocol::AwsJson, "DeleteModel", "`DeleteModel` does not read");
        check(Protocol::AwsJson, "Search", "Search |  | svc:Search");
        check(Protocol::AwsJson, "Listen", "`Listen` does not read");
        check(Protocol::AwsJson, "ListModels GET /", "it is not");
        check(Protocol::Rest, "ListAgents POST /agents/", "ListAgents | /agents/ | svc:ListAgents");
        check(Protocol::Rest, "GetObject GET /{bucket}/{key+} =", "it is not");
        check(Protocol::Rest, "Get GET /a/{b}/c", "Get | /a/{b}/c | svc:Get");
        check(Protocol::Rest, "Get PUT /a", "`PUT` is none of");
        check(Protocol::Rest, "Get GET a", "`a` does not begin");
        check(Protocol::Rest, "Get GET /a/../b", "`..` is no segment");
        check(Protocol::Rest, "Get GET /a//b", "`` is no segment");
        check(Protocol::Rest, "Get GET /{a+}/b", "`{a+}` is no segment");
        check(
            Protocol::Kubernetes,
            "list core/pods",
            "list core/pods | /api/{version}/pods /api/{version}/namespaces/{namespace}/pods | list core/pods",
        );
        check(
            Protocol::Kubernetes,
            "get apps/deployments",
            "get apps/deployments | /apis/apps/{version}/deployments/{name} ",
        );
        check(Protocol::Kubernetes, "get /version", "get /version | /version | get /version");
        check(Protocol::Kubernetes, "delete core/pods", "it is not `list");
        check(Protocol::Kubernetes, "list /version", "a path that is no resource");
    }
}
