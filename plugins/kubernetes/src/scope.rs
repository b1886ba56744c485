//! Scopes: the smallest parts of a cluster that one permission, or the few that must come together, can complete.
//!
//! | scope | is complete when |
//! |---|---|
//! | `cluster/apps/deployments`, one for each resource | that resource can be listed |
//! | `cluster/core/pods` | pods can be listed |
//! | `cluster/core/nodes` | nodes can be listed |
//! | `cluster/exposure` | pods, services, ingresses and routes can be listed |
//! | `cluster/identities` | pods, service accounts, roles and their bindings can be listed |
//!
//! With namespaces in the settings, each has scopes of its own: `namespace/fraud/apps/deployments`. Nodes and bindings of
//! the whole cluster are then left out.

use crate::api::Api;
use crate::resource::{RESOURCES, Resource, named};
use inventar_plugin_sdk::collector::{Problem, Scope};
use std::collections::BTreeSet;

/// What a scope is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The objects of a resource.
    Resource(&'static Resource),
    /// Pods.
    Pods,
    /// Nodes with accelerators, and the cluster itself.
    Nodes,
    /// How AI workloads are reached.
    Exposure,
    /// What AI workloads may do.
    Identities,
}

/// A scope taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is about.
    pub subject: Subject,
    /// None: the cluster.
    pub namespace: Option<String>,
}

impl Place {
    /// Reads a scope's id.
    pub fn of(scope: &Scope) -> Result<Self, Problem> {
        let unknown = || Problem::new("scope", format!("`{}` is no scope of this plugin", scope.id));
        let (front, rest) = scope.id.split_once('/').ok_or_else(unknown)?;
        let (namespace, subject) = match front {
            "cluster" => (None, rest),
            "namespace" => {
                let (namespace, rest) = rest.split_once('/').ok_or_else(unknown)?;
                (Some(namespace.to_owned()), rest)
            }
            _ => return Err(unknown()),
        };
        let subject = match subject {
            "core/pods" => Subject::Pods,
            "core/nodes" => Subject::Nodes,
            "exposure" => Subject::Exposure,
            "identities" => Subject::Identities,
            other => Subject::Resource(named(other).ok_or_else(unknown)?),
        };
        Ok(Self { subject, namespace })
    }
}

/// The groups whose discovery the plan needs.
pub fn groups() -> Vec<&'static str> {
    let groups: BTreeSet<&str> = RESOURCES.iter().map(|resource| resource.group).collect();
    groups.into_iter().collect()
}

/// The scopes of a cluster: a resource that it does not serve has none.
pub fn plan(api: &Api, namespaces: &[String]) -> Result<Vec<Scope>, Problem> {
    let served = api.discover(&groups())?;
    let is_served = |resource: &&Resource| {
        served.get(resource.group).is_some_and(|group| group.contains_key(resource.plural))
    };
    let resources: Vec<&Resource> = RESOURCES.iter().filter(is_served).collect();
    let mut scopes = vec![];
    if namespaces.is_empty() {
        let scope = |name: &str| Scope::new(format!("cluster/{name}"), "cluster", name);
        scopes.extend(resources.iter().map(|resource| scope(&resource.name())));
        scopes.extend(["core/pods", "core/nodes", "exposure", "identities"].map(scope));
    }
    let unique: BTreeSet<&String> = namespaces.iter().collect();
    for namespace in unique {
        let scope = |name: &str| {
            Scope::new(format!("namespace/{namespace}/{name}"), "namespace", format!("{namespace}: {name}"))
        };
        let namespaced = resources.iter().filter(|resource| resource.is_namespaced);
        scopes.extend(namespaced.map(|resource| scope(&resource.name())));
        scopes.extend(["core/pods", "exposure", "identities"].map(scope));
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let check = |id: &str, namespace: Option<&str>| {
            let place = Place::of(&Scope::new(id, "", "")).unwrap();
            assert_eq!(place.namespace.as_deref(), namespace, "{id}");
        };
        check("cluster/apps/deployments", None);
        check("cluster/core/pods", None);
        check("namespace/fraud/ray.io/rayservices", Some("fraud"));
        check("namespace/fraud/exposure", Some("fraud"));
        for bad in ["cluster", "cluster/core/secrets", "namespace/fraud", "x/apps/deployments"] {
            assert!(Place::of(&Scope::new(bad, "", "")).is_err(), "{bad}");
        }
    }
}
