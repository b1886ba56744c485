//! The cluster and its nodes with accelerators.

use crate::api::Api;
use crate::object::{Identity, at, entries, label, text};
use crate::pod::{accelerator_product, accelerators};
use crate::report::{Report, SCHEME, Subject};
use inventar_plugin_sdk::collector::said_of;
use inventar_plugin_sdk::{Asset, AssetRef, Version};
use serde_json::Value;

const CLUSTER: &str = "cluster";

/// The cluster. Its version is told to everybody; without it the cluster is one without a version.
pub fn cluster(report: &mut Report<'_>, api: &Api) {
    let version = api.version().unwrap_or_default();
    let mut asset = Asset::new(CLUSTER, "cluster", api.address())
        .identifier("url", api.address())
        .identifier(SCHEME, CLUSTER)
        .property("platform", "kubernetes")
        .seen(said_of(api.address(), "api-server"));
    if !version.is_empty() {
        asset = asset.version(Version::Exact(version));
    }
    report.asset(asset);
}

/// A node, if it has an accelerator.
pub fn report(report: &mut Report<'_>, identity: &Identity, node: &Value) {
    let none = Value::Null;
    let capacity = accelerators(at(node, &["status", "capacity"]).unwrap_or(&none));
    let product = at(node, &["metadata", "labels"]).and_then(accelerator_product);
    if capacity.is_empty() && product.is_none() {
        return;
    }
    let id = identity.id();
    let subject = Subject::object(identity);
    let counts: Vec<String> = capacity.iter().map(|(name, count)| format!("{name}: {count}")).collect();
    let says = if counts.is_empty() { product.unwrap_or_default().to_owned() } else { counts.join(", ") };
    let node_info = |key| text(node, &["status", "nodeInfo", key]);
    let mut asset = Asset::new(id.clone(), "host", identity.name.as_str())
        .identifier(SCHEME, id.clone())
        .property("resource", "core/Node")
        .maybe("accelerator-product", product)
        .maybe("zone", label(node, "topology.kubernetes.io/zone"))
        .maybe("instance-type", label(node, "node.kubernetes.io/instance-type"))
        .maybe("kubelet-version", node_info("kubeletVersion"))
        .maybe("runtime", node_info("containerRuntimeVersion"))
        .maybe("provider-id", text(node, &["spec", "providerID"]));
    if !counts.is_empty() {
        asset = asset.property("accelerators", counts);
    }
    let drivers = entries(node, &["metadata", "labels"])
        .find(|(name, _)| *name == "nvidia.com/cuda.driver-version.full")
        .and_then(|(_, value)| value.as_str());
    report
        .asset(asset.maybe("driver-version", drivers).seen(subject.said("node-accelerator").snippet(&says)));
    let cluster = Subject { from: AssetRef::known_as(SCHEME, CLUSTER), ..subject };
    report.edge(&cluster, "uses", AssetRef::here(id), "node-accelerator");
}
