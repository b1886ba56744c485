//! Pods without an owner that a controller's selector matches: controllers adopt them, and so do we.

use crate::api::{Api, Listing, NoPage};
use crate::object::{Identity, entries, items, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// Objects a page.
const LIMIT: u32 = 250;

/// Pages of one kind in one namespace.
const MAX_PAGES: usize = 8;

/// Namespaces that one slice looks into.
const MAX_NAMESPACES: usize = 16;

/// Controllers that adopt, with their plural.
const ADOPTERS: &[(&str, &str)] = &[("Deployment", "deployments"), ("StatefulSet", "statefulsets")];

#[derive(Debug)]
struct Selector {
    labels: Vec<(String, String)>,
    owner: Identity,
}

/// The selectors of the namespaces that were asked about.
#[derive(Debug, Default)]
pub struct Adoption {
    namespaces: BTreeMap<String, Vec<Selector>>,
}

impl Adoption {
    /// Who adopts a pod that has no owner. What may not be listed adopts nothing: the pod then stands for itself.
    pub fn owner(&mut self, api: &Api, pod: &Value) -> Option<Identity> {
        let namespace = text(pod, &["metadata", "namespace"])?;
        entries(pod, &["metadata", "labels"]).next()?;
        if !self.namespaces.contains_key(namespace) {
            if self.namespaces.len() >= MAX_NAMESPACES {
                return None;
            }
            self.namespaces.insert(namespace.to_owned(), selectors(api, namespace));
        }
        let matches = |selector: &&Selector| {
            selector
                .labels
                .iter()
                .all(|(name, value)| text(pod, &["metadata", "labels", name]) == Some(value.as_str()))
        };
        self.namespaces[namespace].iter().find(matches).map(|selector| selector.owner.clone())
    }
}

fn selectors(api: &Api, namespace: &str) -> Vec<Selector> {
    let mut found = vec![];
    for (kind, plural) in ADOPTERS {
        let listing =
            Listing { group: "apps", version: "v1", plural, namespace: Some(namespace), limit: LIMIT };
        let listed: Result<bool, NoPage> = api.all(&listing, MAX_PAGES, |objects| {
            found.extend(objects.iter().filter_map(|object| selector(kind, object)));
        });
        // Refused is what the scope of that resource says, not this one.
        let _ = listed;
    }
    found
}

fn selector(kind: &str, object: &Value) -> Option<Selector> {
    // Expressions besides the labels are beyond this.
    if !items(object, &["spec", "selector", "matchExpressions"]).is_empty() {
        return None;
    }
    let labels: Vec<(String, String)> = entries(object, &["spec", "selector", "matchLabels"])
        .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())))
        .collect();
    let owner = Identity::of("apps", kind, object)?;
    (!labels.is_empty()).then_some(Selector { labels, owner })
}
