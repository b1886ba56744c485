//! Which services of some namespaces lead to AI: what the routes in front of them are judged by.

use crate::adoption::Adoption;
use crate::api::{Api, Listing, NoPage, Page};
use crate::object::{Identity, entries, text};
use crate::running::Running;
use crate::slice::{gap, pod_listing, rest_of};
use inventar_plugin_sdk::collector::Gap;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Namespaces that are asked about at the same time.
const AT_ONCE: usize = 4;

/// Pages of one namespace behind the first.
const MAX_PAGES: usize = 100;

/// Labels that give a workload the name that its service has.
const NAMES: &[&str] = &["app", "app.kubernetes.io/name", "app.kubernetes.io/instance"];

/// Labels of pods and what they belong to.
type Labelled = (BTreeMap<String, String>, Identity);

/// AI workloads and services by namespace.
#[derive(Debug, Default)]
pub struct Directory {
    pods: BTreeMap<String, Vec<Labelled>>,
    services: BTreeMap<(String, String), BTreeSet<Identity>>,
}

impl Directory {
    /// What runs in these namespaces. An error is the gap to report: without pods nothing can be judged.
    pub fn of(api: &Api, namespaces: &BTreeSet<String>) -> Result<Self, Box<Gap>> {
        let mut directory = Self::default();
        let mut adoption = Adoption::default();
        each(api, namespaces, pod_listing, |namespace, pod| {
            if let Some(running) = Running::of(api, &mut adoption, pod) {
                let pods = directory.pods.entry(namespace.to_owned()).or_default();
                let found = (running.labels, running.workload);
                if !pods.contains(&found) {
                    pods.push(found);
                }
            }
        })?;
        Ok(directory)
    }

    /// Adds the services of the namespaces that have AI.
    pub fn with_services(mut self, api: &Api) -> Result<Self, Box<Gap>> {
        let namespaces: BTreeSet<String> = self.pods.keys().cloned().collect();
        let mut found = vec![];
        each(api, &namespaces, service_listing, |namespace, service| {
            let workloads = self.behind(namespace, service);
            if let Some(name) = text(service, &["metadata", "name"]).filter(|_| !workloads.is_empty()) {
                found.push(((namespace.to_owned(), name.to_owned()), workloads));
            }
        })?;
        self.services.extend(found);
        Ok(self)
    }

    /// The AI workloads that a service's selector leads to.
    pub fn behind(&self, namespace: &str, service: &Value) -> BTreeSet<Identity> {
        let selector: Vec<(&str, &str)> = entries(service, &["spec", "selector"])
            .filter_map(|(name, value)| Some((name, value.as_str()?)))
            .collect();
        if selector.is_empty() {
            return BTreeSet::new();
        }
        let matches = |(labels, _): &&Labelled| {
            selector.iter().all(|(name, value)| labels.get(*name).is_some_and(|label| label == value))
        };
        let pods = self.pods.get(namespace).into_iter().flatten();
        pods.filter(matches).map(|(_, workload)| workload.clone()).collect()
    }

    /// The AI workloads behind a service's name; without such a service those of that name.
    pub fn named(&self, namespace: &str, name: &str) -> BTreeSet<Identity> {
        if let Some(workloads) = self.services.get(&(namespace.to_owned(), name.to_owned())) {
            return workloads.clone();
        }
        let is_named = |(labels, workload): &&Labelled| {
            workload.name == name
                || NAMES.iter().any(|label| labels.get(*label).is_some_and(|value| value == name))
        };
        let pods = self.pods.get(namespace).into_iter().flatten();
        pods.filter(is_named).map(|(_, workload)| workload.clone()).collect()
    }
}

/// The list of services.
pub fn service_listing(namespace: Option<&str>) -> Listing<'_> {
    Listing { group: "core", version: "v1", plural: "services", namespace, limit: 100 }
}

/// Every object of a resource in some namespaces.
fn each(
    api: &Api,
    namespaces: &BTreeSet<String>,
    listing: impl Fn(Option<&str>) -> Listing<'_>,
    mut see: impl FnMut(&str, &Value),
) -> Result<(), Box<Gap>> {
    let namespaces: Vec<&str> = namespaces.iter().map(String::as_str).collect();
    for chunk in namespaces.chunks(AT_ONCE) {
        let listings: Vec<Listing<'_>> = chunk.iter().map(|namespace| listing(Some(namespace))).collect();
        let pages: Vec<Result<Page, NoPage>> = api.first_pages(&listings);
        for (listing, page) in listings.iter().zip(pages) {
            let namespace = listing.namespace.unwrap_or_default();
            let read =
                page.and_then(|page| rest_of(api, listing, page, MAX_PAGES, |object| see(namespace, object)));
            match read {
                Ok(_) | Err(NoPage::NotServed) => {}
                Err(why) => return Err(Box::new(gap(listing, &why))),
            }
        }
    }
    Ok(())
}
