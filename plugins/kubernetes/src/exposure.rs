//! How AI workloads are reached: services, ingresses, routes of gateways and meshes, and how they split the traffic.

use crate::api::{Api, Listing, NoPage};
use crate::directory::{Directory, service_listing};
use crate::object::{Identity, at, entries, items, text};
use crate::report::{Report, SCHEME, Share, Subject, service_of_host};
use crate::slice::gap;
use inventar_analysis::endpoint;
use inventar_catalogue::endpoint_of_url;
use inventar_plugin_sdk::collector::{Cursor, Problem, Sink, Step};
use inventar_plugin_sdk::{Asset, AssetRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// What is listed, one after the other: group, plural, kind.
const ROUTES: &[(&str, &str, &str)] = &[
    ("core", "services", "Service"),
    ("networking.k8s.io", "ingresses", "Ingress"),
    ("gateway.networking.k8s.io", "httproutes", "HTTPRoute"),
    ("networking.istio.io", "virtualservices", "VirtualService"),
];

/// Objects a page: each may bring a namespace whose pods are listed.
const LIMIT: u32 = 100;

/// How often a list that expired is begun anew.
const MAX_RESTARTS: u8 = 3;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    phase: usize,
    version: String,
    token: Option<String>,
    restarts: u8,
    is_partial: bool,
}

impl State {
    fn next_phase(self) -> Self {
        Self { phase: self.phase + 1, version: String::new(), token: None, restarts: 0, ..self }
    }
}

/// One slice.
pub fn slice(
    api: &Api,
    namespace: Option<&str>,
    at: Option<&Cursor>,
    sink: &mut Sink,
) -> Result<Step, Problem> {
    let mut state: State = at.map_or(Ok(State::default()), Cursor::read)?;
    let Some((group, plural, kind)) = ROUTES.get(state.phase) else {
        return Ok(if state.is_partial { Step::partial() } else { Step::complete() });
    };
    if state.version.is_empty() {
        state.version = match *group {
            "core" => "v1".to_owned(),
            group => {
                let served = api.discover(&[group])?;
                match served.get(group).and_then(|group| group.get(*plural)) {
                    Some(version) => version.clone(),
                    None => return Step::more(&state.next_phase()),
                }
            }
        };
    }
    let listing = Listing { group, version: &state.version, plural, namespace, limit: LIMIT };
    let page = match api.page(&listing, state.token.as_deref()) {
        Ok(page) => page,
        Err(NoPage::NotServed) => return Step::more(&state.next_phase()),
        Err(NoPage::Expired) if state.restarts < MAX_RESTARTS => {
            return Step::more(&State { token: None, restarts: state.restarts + 1, ..state });
        }
        Err(why) => {
            sink.gap(gap(&listing, &why));
            return Step::more(&State { is_partial: true, ..state.next_phase() });
        }
    };
    let namespaces = page.items.iter().flat_map(|object| namespaces_of(kind, object)).collect();
    let directory = Directory::of(api, &namespaces);
    let directory = if *kind == "Service" {
        directory
    } else {
        directory.and_then(|directory| directory.with_services(api))
    };
    match directory {
        Ok(directory) => {
            let mut report = Report::into_sink(sink);
            for object in &page.items {
                if let Some(identity) = Identity::of(group, kind, object) {
                    self::report(&mut report, &directory, &identity, object);
                }
            }
        }
        // Services may be refused while pods are not: the next kind of route would say the same.
        Err(gap) => {
            let is_known = gap.at == service_listing(None).action() && state.is_partial;
            if !is_known {
                sink.gap(*gap);
            }
            return Ok(Step::partial());
        }
    }
    Step::more(&match page.next {
        Some(next) => State { token: Some(next), ..state },
        None => state.next_phase(),
    })
}

/// The namespaces in which what an object leads to may run.
fn namespaces_of(kind: &str, object: &Value) -> BTreeSet<String> {
    let own = text(object, &["metadata", "namespace"]);
    let mut namespaces = BTreeSet::new();
    let own_name = own.map(str::to_owned);
    match kind {
        "Service" => {
            namespaces.extend(own_name.filter(|_| entries(object, &["spec", "selector"]).next().is_some()));
        }
        "VirtualService" => {
            for (destination, _) in destinations(object) {
                if let Some(service) =
                    text(destination, &["host"]).and_then(|host| service_of_host(host, own))
                {
                    namespaces.extend(service.namespace);
                }
            }
        }
        "HTTPRoute" => {
            namespaces.extend(own_name);
            for rule in items(object, &["spec", "rules"]) {
                let named =
                    items(rule, &["backendRefs"]).iter().filter_map(|backend| text(backend, &["namespace"]));
                namespaces.extend(named.map(str::to_owned));
            }
        }
        _ => namespaces.extend(own_name),
    }
    namespaces
}

fn report(report: &mut Report<'_>, directory: &Directory, identity: &Identity, object: &Value) {
    match identity.kind.as_str() {
        "Service" => service(report, directory, identity, object),
        "Ingress" => ingress(report, directory, identity, object),
        "HTTPRoute" => http_route(report, directory, identity, object),
        _ => virtual_service(report, directory, identity, object),
    }
}

fn exposing(identity: &Identity, kind: &str, subject: &Subject, rule: &str, says: &str) -> Asset {
    let id = identity.id();
    Asset::new(id.clone(), kind, identity.name.as_str())
        .identifier(SCHEME, id)
        .maybe("namespace", identity.namespace.as_deref())
        .property("resource", format!("{}/{}", identity.group, identity.kind))
        .seen(subject.said(rule).snippet(says))
}

fn texts(values: impl Iterator<Item = impl Into<String>>) -> Option<Vec<String>> {
    let texts: Vec<String> = values.map(Into::into).take(100).collect();
    (!texts.is_empty()).then_some(texts)
}

/// Where a load balancer listens.
fn addresses(object: &Value) -> Option<Vec<String>> {
    let ingress = items(object, &["status", "loadBalancer", "ingress"]).iter();
    texts(ingress.filter_map(|one| text(one, &["hostname"]).or_else(|| text(one, &["ip"]))))
}

fn service(report: &mut Report<'_>, directory: &Directory, identity: &Identity, object: &Value) {
    let subject = Subject::object(identity);
    let r#type = text(object, &["spec", "type"]).unwrap_or("ClusterIP");
    if let Some(host) = text(object, &["spec", "externalName"]).filter(|_| r#type == "ExternalName") {
        // A name within the cluster for a model service outside.
        let url = format!("https://{host}");
        if endpoint_of_url(&url).is_some_and(|known| known.kind != "model-hub") {
            let asset = exposing(identity, "endpoint", &subject, "external-name", host);
            report.asset(asset.property("type", r#type));
            if let Some(url) = endpoint::clean(&url) {
                report.endpoint(&subject, &url, "external-name");
            }
        }
        return;
    }
    let namespace = identity.namespace.as_deref().unwrap_or_default();
    let workloads = directory.behind(namespace, object);
    if workloads.is_empty() {
        return;
    }
    let external = texts(items(object, &["spec", "externalIPs"]).iter().filter_map(Value::as_str));
    let is_outside = matches!(r#type, "LoadBalancer" | "NodePort") || external.is_some();
    let kind = if is_outside { "network-exposure" } else { "endpoint" };
    let ports = items(object, &["spec", "ports"]).iter().filter_map(|port| port.get("port")?.as_u64());
    let annotation = |name: &str| text(object, &["metadata", "annotations", name]);
    let is_internal =
        ["networking.gke.io/load-balancer-type", "service.beta.kubernetes.io/aws-load-balancer-scheme"]
            .iter()
            .filter_map(|name| annotation(name))
            .any(|value| value.eq_ignore_ascii_case("internal"))
            || annotation("service.beta.kubernetes.io/azure-load-balancer-internal") == Some("true")
            || annotation("service.beta.kubernetes.io/aws-load-balancer-internal") == Some("true");
    report.asset(
        exposing(identity, kind, &subject, "service-selector", r#type)
            .property("type", r#type)
            .maybe("ports", texts(ports.map(|port| port.to_string())))
            .maybe("addresses", addresses(object).or(external))
            .maybe("internal", is_internal.then_some(true)),
    );
    for workload in &workloads {
        report.edge(&subject, "exposes", AssetRef::known_as(SCHEME, workload.id()), "service-selector");
    }
}

fn service_ref(namespace: &str, name: &str) -> AssetRef {
    AssetRef::known_as(SCHEME, Identity::new("core", "Service", Some(namespace), name).id())
}

fn ingress(report: &mut Report<'_>, directory: &Directory, identity: &Identity, object: &Value) {
    let namespace = identity.namespace.as_deref().unwrap_or_default();
    let rules = items(object, &["spec", "rules"]);
    let mut backends: Vec<&Value> = rules
        .iter()
        .flat_map(|rule| items(rule, &["http", "paths"]))
        .filter_map(|path| path.get("backend"))
        .collect();
    backends.extend(at(object, &["spec", "defaultBackend"]).or_else(|| at(object, &["spec", "backend"])));
    // `serviceName` is the form before `networking.k8s.io/v1`.
    let names: BTreeSet<&str> = backends
        .iter()
        .filter_map(|backend| text(backend, &["service", "name"]).or_else(|| text(backend, &["serviceName"])))
        .filter(|name| !directory.named(namespace, name).is_empty())
        .collect();
    if names.is_empty() {
        return;
    }
    let subject = Subject::object(identity);
    let annotation = |name: &str| text(object, &["metadata", "annotations", name]);
    let class =
        text(object, &["spec", "ingressClassName"]).or_else(|| annotation("kubernetes.io/ingress.class"));
    let has_login = entries(object, &["metadata", "annotations"]).any(|(name, _)| {
        ["auth-url", "auth-type", "auth-tls-secret", "auth-secret"].iter().any(|end| name.ends_with(end))
    });
    let tls = !items(object, &["spec", "tls"]).is_empty();
    report.asset(
        exposing(
            identity,
            "network-exposure",
            &subject,
            "ingress-backend",
            "leads to a service of an AI workload",
        )
        .maybe("hosts", texts(rules.iter().filter_map(|rule| text(rule, &["host"]))))
        .maybe("class", class)
        .maybe("addresses", addresses(object))
        .property("tls", tls)
        .property("login", has_login),
    );
    // A canary takes its share from the ingress beside it.
    let weight =
        annotation("nginx.ingress.kubernetes.io/canary-weight").and_then(|weight| weight.parse::<f64>().ok());
    let is_canary = annotation("nginx.ingress.kubernetes.io/canary") == Some("true");
    for name in names {
        let target = service_ref(namespace, name);
        report.edge(&subject, "exposes", target.clone(), "ingress-backend");
        if let Some(weight) = weight.filter(|weight| is_canary && (0.0..=100.0).contains(weight)) {
            let relation = inventar_plugin_sdk::Relation::new(subject.from.clone(), "serves", target)
                .property("weight", weight as i64)
                .property("role", "canary");
            report.relation(relation, &subject, "canary-weight");
        }
    }
}

fn http_route(report: &mut Report<'_>, directory: &Directory, identity: &Identity, object: &Value) {
    let own = identity.namespace.as_deref().unwrap_or_default();
    let target = |backend: &Value| {
        let name = text(backend, &["name"])?;
        let namespace = text(backend, &["namespace"]).unwrap_or(own);
        let kind = text(backend, &["kind"]).unwrap_or("Service");
        let group = text(backend, &["group"]).unwrap_or("core");
        let is_ai = kind == "InferencePool" || !directory.named(namespace, name).is_empty();
        Some((AssetRef::known_as(SCHEME, Identity::new(group, kind, Some(namespace), name).id()), is_ai))
    };
    let mut is_ai = false;
    let mut rules = vec![];
    for rule in items(object, &["spec", "rules"]) {
        let mut shares = vec![];
        for backend in items(rule, &["backendRefs"]) {
            let Some((target, leads_to_ai)) = target(backend) else { continue };
            is_ai |= leads_to_ai;
            shares.push(Share { target, weight: Some(backend["weight"].as_f64().unwrap_or(1.0)) });
        }
        for filter in items(rule, &["filters"]) {
            if let Some((target, _)) =
                filter.get("requestMirror").and_then(|mirror| target(mirror.get("backendRef")?))
            {
                shares.push(Share { target, weight: None });
            }
        }
        rules.push(shares);
    }
    if !is_ai {
        return;
    }
    let subject = Subject::object(identity);
    let gateways = items(object, &["spec", "parentRefs"]).iter().filter_map(|parent| text(parent, &["name"]));
    let hosts = items(object, &["spec", "hostnames"]).iter().filter_map(Value::as_str);
    report.asset(
        exposing(
            identity,
            "network-exposure",
            &subject,
            "route-backend",
            "leads to a service of an AI workload",
        )
        .maybe("hosts", texts(hosts))
        .maybe("gateways", texts(gateways)),
    );
    splits(report, &subject, &rules);
}

/// Rules that split traffic, or the first one when none does.
fn splits(report: &mut Report<'_>, subject: &Subject, rules: &[Vec<Share>]) {
    let mut splitting = rules.iter().filter(|shares| shares.len() > 1).peekable();
    if splitting.peek().is_none() {
        for share in rules.iter().flatten() {
            report.split(subject, std::slice::from_ref(share), "route");
        }
        return;
    }
    splitting.for_each(|shares| report.split(subject, shares, "route-weights"));
}

/// The destinations of a virtual service: weighted, or none for a mirror; in the order of the rules.
fn destinations(object: &Value) -> Vec<(&Value, Option<f64>)> {
    rules(object).into_iter().flatten().collect()
}

fn rules(object: &Value) -> Vec<Vec<(&Value, Option<f64>)>> {
    let mut rules = vec![];
    for protocol in ["http", "tls", "tcp"] {
        for rule in items(object, &["spec", protocol]) {
            let routes = items(rule, &["route"]);
            let alone = if routes.len() == 1 { 100.0 } else { 0.0 };
            let mut shares: Vec<(&Value, Option<f64>)> = routes
                .iter()
                .filter_map(|route| {
                    Some((route.get("destination")?, Some(route["weight"].as_f64().unwrap_or(alone))))
                })
                .collect();
            shares.extend(rule.get("mirror").map(|mirror| (mirror, None)));
            let mirrors = items(rule, &["mirrors"]).iter();
            shares.extend(mirrors.filter_map(|mirror| Some((mirror.get("destination")?, None))));
            rules.push(shares);
        }
    }
    rules
}

fn virtual_service(report: &mut Report<'_>, directory: &Directory, identity: &Identity, object: &Value) {
    let own = identity.namespace.as_deref();
    let resolved = |destination: &Value| {
        let service = service_of_host(text(destination, &["host"])?, own)?;
        let workloads = directory.named(service.namespace.as_deref().unwrap_or_default(), &service.name);
        Some((service, workloads))
    };
    let found = destinations(object);
    if !found
        .iter()
        .filter_map(|(destination, _)| resolved(destination))
        .any(|(_, workloads)| !workloads.is_empty())
    {
        return;
    }
    let subject = Subject::object(identity);
    let gateways: Vec<&str> = items(object, &["spec", "gateways"])
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| *name != "mesh")
        .collect();
    let kind = if gateways.is_empty() { "endpoint" } else { "network-exposure" };
    let hosts = items(object, &["spec", "hosts"]).iter().filter_map(Value::as_str);
    report.asset(
        exposing(identity, kind, &subject, "route-backend", "leads to a service of an AI workload")
            .maybe("hosts", texts(hosts))
            .maybe("gateways", texts(gateways.into_iter())),
    );
    let mut split = vec![];
    for rule in rules(object) {
        let mut shares = vec![];
        for (destination, weight) in rule {
            let Some((service, workloads)) = resolved(destination) else { continue };
            let whole = AssetRef::known_as(SCHEME, service.id());
            let target = match text(destination, &["subset"]) {
                None => whole,
                Some(subset) => {
                    let name = format!("{}:{subset}", service.name);
                    let part = crate::custom::variant(report, &subject, identity, &name);
                    let of_part = Subject { from: part.clone(), ..subject.clone() };
                    for workload in &workloads {
                        let workload = AssetRef::known_as(SCHEME, workload.id());
                        report.edge(&of_part, "resolves-to", workload, "route-subset");
                    }
                    part
                }
            };
            shares.push(Share { target, weight });
        }
        split.push(shares);
    }
    splits(report, &subject, &split);
}
