//! Roles of a Kubernetes cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::str::FromStr;

/// Who gets the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceAccount {
    /// Where it lives.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
}

impl FromStr for ServiceAccount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let label = |text: &str| {
            (1..=63).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !text.starts_with('-')
                && !text.ends_with('-')
        };
        match text.split_once('/') {
            Some((namespace, name)) if label(namespace) && label(name) => {
                Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
            }
            _ => Err("it is not NAMESPACE/NAME in lower-case letters, digits and hyphens".into()),
        }
    }
}

/// A service account, a cluster role that allows exactly these actions, and what binds them, as YAML.
pub(crate) fn cluster_role<'a>(
    actions: impl IntoIterator<Item = &'a str>,
    account: &ServiceAccount,
    about: &str,
) -> String {
    let ServiceAccount { namespace, name } = account;
    let rules = rules(actions);
    format!(
        "# {about}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
  namespace: {namespace}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: inventar-reader
rules:
{rules}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: inventar-reader
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: inventar-reader
subjects:
  - kind: ServiceAccount
    name: {name}
    namespace: {namespace}
"
    )
}

/// The rules of a role that allows these actions: one per group and verbs, sorted.
pub(crate) fn rules<'a>(actions: impl IntoIterator<Item = &'a str>) -> String {
    let mut resources: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut urls: BTreeSet<&str> = BTreeSet::new();
    for action in actions {
        match action.split_once(' ') {
            Some(("get", url)) if url.starts_with('/') => _ = urls.insert(url),
            Some((verb, what)) => {
                if let Some((group, resource)) = what.split_once('/') {
                    resources.entry((group, resource)).or_default().insert(verb);
                }
            }
            None => {}
        }
    }
    let mut rules: BTreeMap<(&str, BTreeSet<&str>), BTreeSet<&str>> = BTreeMap::new();
    for ((group, resource), verbs) in resources {
        let group = if group == "core" { "" } else { group };
        rules.entry((group, verbs)).or_default().insert(resource);
    }
    let mut out = String::new();
    for ((group, verbs), resources) in &rules {
        let _ = writeln!(
            out,
            "  - apiGroups: [\"{group}\"]\n    resources: [{}]\n    verbs: [{}]",
            quoted(resources),
            quoted(verbs)
        );
    }
    if !urls.is_empty() {
        let _ = writeln!(out, "  - nonResourceURLs: [{}]\n    verbs: [\"get\"]", quoted(&urls));
    }
    out
}

/// Names of a manifest are plain: they need no escapes.
fn quoted(words: &BTreeSet<&str>) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(actions: &[&str], expected: &str) {
        assert_eq!(rules(actions.iter().copied()), expected);
    }

    #[test]
    fn rules_by_group_and_verbs() {
        check(
            &["list core/pods", "list core/nodes", "get core/nodes", "list apps/deployments", "get /version"],
            r#"  - apiGroups: [""]
    resources: ["nodes"]
    verbs: ["get", "list"]
  - apiGroups: [""]
    resources: ["pods"]
    verbs: ["list"]
  - apiGroups: ["apps"]
    resources: ["deployments"]
    verbs: ["list"]
  - nonResourceURLs: ["/version"]
    verbs: ["get"]
"#,
        );
        check(&["sagemaker:ListModels"], "");
    }

    #[test]
    fn service_accounts() {
        for (text, good) in
            [("a/b", true), ("a", false), ("a/b/c", false), ("A/b", false), ("a/-b", false), ("/b", false)]
        {
            assert_eq!(text.parse::<ServiceAccount>().is_ok(), good, "{text}");
        }
    }

    #[test]
    fn the_role_is_bound_to_the_account() {
        let account = ServiceAccount { namespace: "ops".into(), name: "inventar".into() };
        let yaml = cluster_role(["list core/pods"], &account, "what acme/estate 0.1.0 calls");
        let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(&yaml).unwrap();
        assert_eq!(documents.len(), 3);
        assert_eq!(documents[1]["rules"][0]["resources"][0], "pods");
        assert_eq!(documents[2]["subjects"][0]["namespace"], "ops");
    }
}
