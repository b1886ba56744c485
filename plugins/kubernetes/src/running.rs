//! Pods: what runs, whoever started it.

use crate::adoption::Adoption;
use crate::api::Api;
use crate::object::{Identity, items, owner, text};
use crate::pod::PodSpec;
use crate::report::{Report, Subject};
use crate::signs::Signs;
use crate::workload;
use inventar_catalogue::repository;
use serde_json::Value;
use std::collections::BTreeMap;

/// A pod that is AI.
#[derive(Debug)]
pub struct Running {
    /// What it belongs to: the object that people made, or the pod itself.
    pub workload: Identity,
    /// Its namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it says.
    pub signs: Signs,
    /// Whether it belongs to that only because a selector matches it.
    pub is_adopted: bool,
}

impl Running {
    /// Of a pod. None: nothing of it speaks of AI, or it is only the other side of the API server (a mirror of a file).
    pub fn of(api: &Api, adoption: &mut Adoption, pod: &Value) -> Option<Self> {
        let specs = PodSpec::all(pod);
        let owned = owner(pod);
        let by_type =
            owned.as_ref().and_then(Identity::resource).is_some_and(|resource| resource.known().is_some());
        let signs = Signs::of(&specs, by_type);
        if !signs.is_ai() && !by_type {
            return None;
        }
        let itself = Identity::of("core", "Pod", pod)?;
        let labels = crate::object::entries(pod, &["metadata", "labels"])
            .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())))
            .collect();
        let adopter = if owned.is_none() { adoption.owner(api, pod) } else { None };
        Some(Self {
            namespace: itself.namespace.clone().unwrap_or_default(),
            is_adopted: adopter.is_some(),
            workload: owned.or(adopter).unwrap_or(itself),
            labels,
            signs,
        })
    }
}

/// Reports a pod, as what it belongs to.
pub fn report(report: &mut Report<'_>, api: &Api, adoption: &mut Adoption, pod: &Value) {
    let Some(running) = Running::of(api, adoption, pod) else { return };
    // Its controller is reported by itself. Who adopts is known only while controllers may be listed, and what is said here
    // must not change with that: it would look as if something had gone.
    if running.is_adopted {
        return;
    }
    let mut signs = running.signs;
    if signs.reasons.is_empty() {
        signs.reasons.push(crate::signs::Reason {
            rule: "pod",
            confidence: 90,
            says: format!("runs pods of {}", running.workload.kind),
        });
    }
    let subject = Subject::object(&running.workload);
    // What runs is known by its digest, whatever the tag says meanwhile.
    for reference in std::mem::take(&mut signs.images) {
        report.image(&subject, &reference, digest(pod, &reference).as_deref());
    }
    workload::controller(report, &running.workload, pod, &signs);
}

/// The digest of the image that a container of the pod runs.
fn digest(pod: &Value, reference: &str) -> Option<String> {
    let mut statuses = items(pod, &["status", "containerStatuses"])
        .iter()
        .chain(items(pod, &["status", "initContainerStatuses"]));
    let status = statuses.find(|status| {
        text(status, &["image"]).is_some_and(|image| repository(image) == repository(reference))
    })?;
    let (_, digest) = text(status, &["imageID"])?.rsplit_once('@')?;
    digest.starts_with("sha256:").then(|| digest.to_owned())
}
