//! What is reported: assets and edges, each once a slice, with evidence at the object that says so.

use crate::location::Location;
use crate::object::Identity;
use crate::signs::{Named, Reason, Signs, sighted};
use inventar_analysis::endpoint;
use inventar_catalogue::{endpoint_of_url, repository};
use inventar_plugin_sdk::collector::{Sink, said_of};
use inventar_plugin_sdk::{Asset, AssetRef, Evidence, Finding, Relation, Severity, Version};
use std::collections::BTreeSet;

/// The identifier scheme for objects of the cluster.
pub const SCHEME: &str = "x-kubernetes";

/// How many reasons are shown of one object.
const MAX_REASONS: usize = 8;

/// How many models, secrets or endpoints of one object are reported.
const MAX_EDGES: usize = 200;

/// Where a slice's findings go.
#[derive(Debug)]
pub struct Report<'s> {
    /// The host's side.
    pub sink: &'s mut Sink,
    seen: BTreeSet<String>,
}

/// What edges leave from: an asset, and the object that says so.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The asset.
    pub from: AssetRef,
    /// Its namespace, for names that are meant within it.
    pub namespace: Option<String>,
    /// The object.
    pub place: String,
}

impl Subject {
    /// An object.
    pub fn object(identity: &Identity) -> Self {
        Self {
            from: AssetRef::known_as(SCHEME, identity.id()),
            namespace: identity.namespace.clone(),
            place: identity.place(),
        }
    }

    /// Evidence that the object said so.
    pub fn said(&self, rule: &str) -> Evidence {
        said_of(self.place.clone(), rule)
    }
}

/// A share of traffic.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// The asset that takes it.
    pub target: AssetRef,
    /// A relative weight; none: a copy of the traffic.
    pub weight: Option<f64>,
}

impl<'s> Report<'s> {
    /// Into a sink.
    pub fn into_sink(sink: &'s mut Sink) -> Self {
        Self { sink, seen: BTreeSet::new() }
    }

    /// An asset, the first time that it is reported in this slice.
    pub fn asset(&mut self, asset: Asset) {
        if self.seen.insert(format!("asset {}", asset.key)) {
            self.sink.asset(asset);
        }
    }

    /// The asset of an object of the cluster.
    pub fn object(
        &mut self,
        identity: &Identity,
        kind: &str,
        reasons: &[Reason],
        fill: impl FnOnce(Asset) -> Asset,
    ) {
        let id = identity.id();
        let mut asset = Asset::new(id.clone(), kind, identity.name.as_str())
            .identifier(SCHEME, id)
            .maybe("namespace", identity.namespace.as_deref())
            .property("resource", format!("{}/{}", identity.group, identity.kind));
        for reason in reasons.iter().take(MAX_REASONS) {
            let seen = said_of(identity.place(), reason.rule).confidence(reason.confidence);
            asset = asset.seen(seen.snippet(&reason.says));
        }
        self.asset(fill(asset));
    }

    /// An edge.
    pub fn edge(&mut self, subject: &Subject, kind: &str, target: AssetRef, rule: &str) {
        self.relation(Relation::new(subject.from.clone(), kind, target), subject, rule);
    }

    /// An edge with properties.
    pub fn relation(&mut self, relation: Relation, subject: &Subject, rule: &str) {
        let key = format!("{} {:?} {:?}", relation.kind, relation.source, relation.target);
        if self.seen.insert(key) {
            self.sink.relation(relation.seen(subject.said(rule)));
        }
    }

    /// The edge to a model, by its id or by where it lies.
    pub fn model(&mut self, subject: &Subject, relation: &str, named: &Named, rule: &str) {
        if let Some(target) = self.named_model(subject, named, rule) {
            self.edge(subject, relation, target, rule);
        }
    }

    /// The model itself. None: the text names none.
    pub fn named_model(&mut self, subject: &Subject, named: &Named, rule: &str) -> Option<AssetRef> {
        Some(match Location::of(&named.text) {
            Some(Location::Model(id)) => {
                self.model_asset(subject, &Named { text: id, is_sure: true }, rule)?
            }
            Some(Location::Artifact(url)) => self.stored(subject, "model-artifact", &url, rule),
            Some(Location::Registered(address)) => address.name().reference(),
            Some(Location::Image(reference)) => self.image_asset(subject, &reference, None, rule),
            None if named.text.contains("://") => return None,
            None => self.model_asset(subject, named, rule)?,
        })
    }

    fn model_asset(&mut self, subject: &Subject, named: &Named, rule: &str) -> Option<AssetRef> {
        let (model, confidence) = sighted(named)?;
        let key = model.key.clone();
        let mut seen = subject.said(rule).snippet(&named.text);
        seen.confidence = confidence;
        if let Some(home) = model.home(&key) {
            self.relation(home, subject, rule);
        }
        self.asset(model.asset().seen(seen));
        Some(AssetRef::here(key))
    }

    /// Something that lies at an address of a store.
    pub fn stored(&mut self, subject: &Subject, kind: &str, url: &str, rule: &str) -> AssetRef {
        let name = url.rsplit_once("://").map_or(url, |(_, rest)| rest);
        let key = format!("{kind}:{url}");
        self.asset(
            Asset::new(key.clone(), kind, name).identifier("url", url).seen(subject.said(rule).snippet(url)),
        );
        AssetRef::here(key)
    }

    /// An image that an object runs.
    pub fn image(&mut self, subject: &Subject, reference: &str, digest: Option<&str>) {
        let target = self.image_asset(subject, reference, digest, "container-image");
        self.edge(subject, "uses", target, "container-image");
    }

    fn image_asset(
        &mut self,
        subject: &Subject,
        reference: &str,
        digest: Option<&str>,
        rule: &str,
    ) -> AssetRef {
        let name = repository(reference);
        let known = inventar_catalogue::container_image(reference);
        // One asset a version here; the host joins them by the repository.
        let key = match digest {
            Some(digest) => format!("image:{reference}@{digest}"),
            None => format!("image:{reference}"),
        };
        let mut asset = Asset::new(key.clone(), "image", name)
            .identifier("oci", oci_name(name))
            .maybe("provider", known.map(|known| known.provider))
            .maybe("category", known.map(|known| known.category))
            .maybe("digest", digest);
        if let Some(version) = image_version(reference) {
            asset = asset.version(version);
        }
        self.asset(asset.seen(subject.said(rule).snippet(reference)));
        AssetRef::here(key)
    }

    /// An address that an object calls: a service of the cluster, or an endpoint.
    pub fn endpoint(&mut self, subject: &Subject, url: &str, rule: &str) {
        if let Some(service) = service_of_host(host_of(url), subject.namespace.as_deref()) {
            return self.edge(subject, "calls", AssetRef::known_as(SCHEME, service.id()), rule);
        }
        let key = endpoint::key(url);
        if let Some(home) = endpoint::home(&key, url) {
            self.relation(home, subject, rule);
        }
        self.asset(endpoint::asset(key.clone(), url, None).seen(subject.said(rule).snippet(url)));
        self.edge(subject, "calls", AssetRef::here(key), rule);
    }

    /// An address at which an object is reached.
    pub fn address(&mut self, subject: &Subject, url: &str, rule: &str) {
        let Some(url) = endpoint::clean(url) else { return };
        let key = endpoint::key(&url);
        let known = endpoint_of_url(&url).map(|known| known.provider);
        let asset = Asset::new(key.clone(), "endpoint", url.as_str()).identifier("url", url.as_str());
        self.asset(asset.maybe("provider", known).seen(subject.said(rule).snippet(&url)));
        self.edge(subject, "exposes", AssetRef::here(key), rule);
    }

    /// A secret that an object reads, by name.
    pub fn secret<'n>(&mut self, subject: &Subject, name: &str, variables: impl Iterator<Item = &'n str>) {
        let secret = Identity::new("core", "Secret", subject.namespace.as_deref(), name);
        let id = secret.id();
        self.asset(
            Asset::new(id.clone(), "secret-reference", name)
                .identifier(SCHEME, id.clone())
                .maybe("namespace", secret.namespace.as_deref())
                .seen(subject.said("secret-name")),
        );
        let mut relation = Relation::new(subject.from.clone(), "reads-secret", AssetRef::here(id));
        let variables: Vec<String> = variables.take(MAX_EDGES).map(str::to_owned).collect();
        if !variables.is_empty() {
            relation = relation.property("env", variables);
        }
        self.relation(relation, subject, "secret-name");
    }

    /// The service account under which an object runs.
    pub fn runs_as(&mut self, subject: &Subject, account: &str) {
        let identity = Identity::new("core", "ServiceAccount", subject.namespace.as_deref(), account);
        let id = identity.id();
        self.asset(
            Asset::new(id.clone(), "identity", account)
                .identifier(SCHEME, id.clone())
                .property("resource", "core/ServiceAccount")
                .maybe("namespace", identity.namespace.as_deref())
                .seen(subject.said("service-account")),
        );
        self.edge(subject, "runs-as", AssetRef::here(id), "service-account");
    }

    /// How traffic is split. Weights become shares of a hundred; the largest is the primary.
    pub fn split(&mut self, subject: &Subject, shares: &[Share], rule: &str) {
        let total: f64 = shares.iter().filter_map(|share| share.weight).sum();
        let largest = shares.iter().filter_map(|share| share.weight).fold(0.0, f64::max);
        for share in shares {
            let relation = Relation::new(subject.from.clone(), "serves", share.target.clone());
            let relation = match share.weight {
                Some(weight) if total > 0.0 => {
                    let percent = (weight * 10_000.0 / total).round() / 100.0;
                    let role = if weight >= largest { "primary" } else { "canary" };
                    if percent.fract() == 0.0 {
                        relation.property("weight", percent as i64).property("role", role)
                    } else {
                        relation.property("weight", percent).property("role", role)
                    }
                }
                Some(_) => relation.property("weight", 0_i64).property("role", "primary"),
                None => relation.property("role", "shadow"),
            };
            self.relation(relation, subject, rule);
        }
    }

    /// Everything around a workload that its pod specifications say.
    pub fn surroundings(&mut self, subject: &Subject, signs: &Signs, relation: &str) {
        for reference in &signs.images {
            self.image(subject, reference, None);
        }
        for named in signs.models.iter().take(MAX_EDGES) {
            self.model(subject, relation, named, "model-name");
        }
        for url in signs.endpoints.iter().take(MAX_EDGES) {
            self.endpoint(subject, url, "base-url");
        }
        for (name, variables) in signs.secrets.iter().take(MAX_EDGES) {
            self.secret(subject, name, variables.iter().map(String::as_str));
        }
        for account in &signs.service_accounts {
            self.runs_as(subject, account);
        }
        if !signs.inline_secrets.is_empty() {
            let names: Vec<String> = signs.inline_secrets.iter().cloned().collect();
            self.sink.finding(Finding {
                rule: "inline-secret".to_owned(),
                severity: Severity::Medium,
                title: format!(
                    "{} has the value of {} in its specification",
                    subject.place,
                    names.join(", ")
                ),
                about: vec![subject.from.clone()],
                properties: vec![],
                evidence: vec![subject.said("inline-secret")],
            });
        }
    }
}

/// Host without the port.
pub fn host_of(url: &str) -> &str {
    let host = endpoint::host_of(url);
    host.rsplit_once(':').map_or(host, |(host, _)| host)
}

/// The service of the cluster that a host name means: `name`, `name.namespace`, `name.namespace.svc…`.
pub fn service_of_host(host: &str, namespace: Option<&str>) -> Option<Identity> {
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if !labels.iter().all(is_label) || host.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (name, namespace) = match labels.as_slice() {
        ["localhost"] => return None,
        [name] => (*name, namespace?),
        [name, namespace, "svc", ..] => (*name, *namespace),
        _ => return None,
    };
    Some(Identity::new("core", "Service", Some(namespace), name))
}

/// A repository with its registry, as the identifier wants it.
fn oci_name(repository: &str) -> String {
    let first = repository.split('/').next().unwrap_or_default();
    let has_registry =
        repository.contains('/') && (first.contains('.') || first.contains(':') || first == "localhost");
    match (has_registry, repository.contains('/')) {
        (true, _) => repository.to_owned(),
        (false, true) => format!("docker.io/{repository}"),
        (false, false) => format!("docker.io/library/{repository}"),
    }
}

/// A digest or a full version is fixed; any other tag moves.
fn image_version(reference: &str) -> Option<Version> {
    if let Some((_, digest)) = reference.split_once('@') {
        return Some(Version::Exact(digest.to_owned()));
    }
    let (_, tag) = reference.rsplit_once(':').filter(|(_, tag)| !tag.contains('/') && !tag.is_empty())?;
    let bare = tag.trim_start_matches('v');
    let is_full = bare.starts_with(|c: char| c.is_ascii_digit()) && bare.matches('.').count() >= 2;
    Some(if is_full { Version::Exact(tag.to_owned()) } else { Version::Floating(tag.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services() {
        let check = |host, expected: Option<&str>| {
            assert_eq!(
                service_of_host(host, Some("ml")).map(|service| service.id()).as_deref(),
                expected,
                "{host}"
            );
        };
        check("vllm", Some("ml/service/vllm"));
        check("vllm.fraud.svc", Some("fraud/service/vllm"));
        check("vllm.fraud.svc.cluster.local", Some("fraud/service/vllm"));
        check("api.openai.com", None);
        check("localhost", None);
        check("10.0.0.1", None);
    }

    #[test]
    fn versions() {
        assert_eq!(image_version("localhost:5000/a"), None);
        assert_eq!(image_version("a/b:v1.2.3"), Some(Version::Exact("v1.2.3".into())));
        assert_eq!(image_version("a/b:2"), Some(Version::Floating("2".into())));
        assert_eq!(oci_name("a/b"), "docker.io/a/b");
    }

    #[test]
    fn shares() {
        let mut sink = Sink::default();
        let mut report = Report::into_sink(&mut sink);
        let subject = Subject::object(&Identity::new("core", "Service", Some("a"), "b"));
        let share = |name: &str, weight| Share { target: AssetRef::known_as("x", name), weight };
        report.split(
            &subject,
            &[share("new", Some(1.0)), share("old", Some(9.0)), share("copy", None)],
            "split",
        );
        let text = format!("{sink:?}");
        for part in ["Integer(10)", "Integer(90)", "\"primary\"", "\"canary\"", "\"shadow\""] {
            assert!(text.contains(part), "{part}");
        }
    }
}
