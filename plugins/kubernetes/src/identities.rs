//! Service accounts of AI workloads and what they may do: in the cloud, by their annotations; in the cluster, by the
//! roles bound to them.

use crate::adoption::Adoption;
use crate::api::{Api, Listing, NoPage};
use crate::object::{Identity, items, text};
use crate::report::{Report, SCHEME, Subject};
use crate::running::Running;
use crate::slice::{gap, pod_listing};
use inventar_plugin_sdk::collector::{Cursor, Gap, Problem, Reason, Sink, Step};
use inventar_plugin_sdk::{Asset, AssetRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Pages a slice.
const PAGES: usize = 4;

/// Accounts that are followed: the cursor has to hold them, and the roles of each.
const MAX_ACCOUNTS: usize = 400;

/// Roles that are followed.
const MAX_ROLES: usize = 300;

/// Rights of one account that are told.
const MAX_RIGHTS: usize = 60;

/// Bytes of the state that a cursor holds safely.
const MAX_STATE: usize = 56 << 10;

const RBAC: &str = "rbac.authorization.k8s.io";

/// What is listed, one after the other; whether it needs the whole cluster.
const PHASES: &[(&str, &str, bool)] = &[
    ("core", "pods", false),
    ("core", "serviceaccounts", false),
    (RBAC, "rolebindings", false),
    (RBAC, "clusterrolebindings", true),
    (RBAC, "roles", false),
    (RBAC, "clusterroles", true),
];

/// Annotations that give an account an identity of a cloud: name, property.
const CLOUDS: &[(&str, &str)] = &[
    ("eks.amazonaws.com/role-arn", "role-arn"),
    ("iam.gke.io/gcp-service-account", "gcp-service-account"),
    ("azure.workload.identity/client-id", "azure-client-id"),
];

/// Where the slice before stopped, and what it knew.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    phase: usize,
    token: Option<String>,
    is_partial: bool,
    /// `namespace/name` of the accounts of AI workloads, with the roles bound to each.
    accounts: BTreeMap<String, BTreeSet<String>>,
    /// What the roles that are bound allow.
    rights: BTreeMap<String, BTreeSet<String>>,
}

/// One slice.
pub fn slice(
    api: &Api,
    namespace: Option<&str>,
    at: Option<&Cursor>,
    sink: &mut Sink,
) -> Result<Step, Problem> {
    let mut state: State = at.map_or(Ok(State::default()), Cursor::read)?;
    // Nobody to follow, or everything read: what is known is told.
    let Some((group, plural, needs_cluster)) = PHASES.get(state.phase) else {
        return Ok(close(state, sink));
    };
    if state.phase > 0 && state.accounts.is_empty() {
        return Ok(close(state, sink));
    }
    if *needs_cluster && namespace.is_some() {
        state.phase += 1;
        return Step::more(&state);
    }
    let listing = match *plural {
        "pods" => pod_listing(namespace),
        plural => Listing { group, version: "v1", plural, namespace, limit: 250 },
    };
    let mut adoption = Adoption::default();
    for _ in 0..PAGES {
        let page = match api.page(&listing, state.token.as_deref()) {
            Ok(page) => page,
            Err(NoPage::Expired) if state.token.is_some() => {
                state.token = None;
                return Step::more(&state);
            }
            Err(why) => {
                sink.gap(gap(&listing, &why));
                state.is_partial = true;
                state.token = None;
                state.phase += 1;
                return Step::more(&state);
            }
        };
        let mut report = Report::into_sink(sink);
        for object in &page.items {
            state.see(api, &mut adoption, &mut report, plural, object);
        }
        state.token = page.next;
        if state.token.is_none() {
            state.phase += 1;
            break;
        }
    }
    if serde_json::to_vec(&state).map_or(true, |state| state.len() > MAX_STATE) {
        sink.gap(too_many(plural));
        state.is_partial = true;
        return Ok(close(state, sink));
    }
    Step::more(&state)
}

fn too_many(plural: &str) -> Gap {
    let detail = "more service accounts and roles than one run follows: give the source a list of namespaces";
    Gap {
        at: plural.to_owned(),
        reason: Reason::Other(detail.to_owned()),
        detail: detail.to_owned(),
        retriable: false,
    }
}

impl State {
    fn see(
        &mut self,
        api: &Api,
        adoption: &mut Adoption,
        report: &mut Report<'_>,
        plural: &str,
        object: &Value,
    ) {
        match plural {
            "pods" => {
                let Some(running) = Running::of(api, adoption, object) else { return };
                for account in running.signs.service_accounts {
                    if self.accounts.len() < MAX_ACCOUNTS {
                        self.accounts.entry(format!("{}/{account}", running.namespace)).or_default();
                    } else if !self.is_partial {
                        report.sink.gap(too_many("serviceaccounts"));
                        self.is_partial = true;
                    }
                }
            }
            "serviceaccounts" => account(report, object, &self.accounts),
            "rolebindings" | "clusterrolebindings" => self.binding(object),
            "roles" => self.role("Role", object),
            _ => self.role("ClusterRole", object),
        }
    }

    /// A binding gives its role to the accounts among its subjects, one by one or as a group.
    fn binding(&mut self, object: &Value) {
        let within = text(object, &["metadata", "namespace"]);
        let (Some(kind), Some(name)) =
            (text(object, &["roleRef", "kind"]), text(object, &["roleRef", "name"]))
        else {
            return;
        };
        // Where a role counts: everywhere, or in the binding's namespace. A role stands in that namespace too.
        let role = match within {
            Some(within) => format!("{kind}/{name} in {within}"),
            None => format!("{kind}/{name}"),
        };
        for subject in items(object, &["subjects"]) {
            let Some(name) = text(subject, &["name"]) else { continue };
            match text(subject, &["kind"]) {
                Some("ServiceAccount") => {
                    let Some(namespace) = text(subject, &["namespace"]).or(within) else { continue };
                    if let Some(roles) = self.accounts.get_mut(&format!("{namespace}/{name}")) {
                        roles.insert(role.clone());
                    }
                }
                Some("Group") => {
                    let everyone = matches!(name, "system:serviceaccounts" | "system:authenticated");
                    let of = name.strip_prefix("system:serviceaccounts:");
                    // What Kubernetes itself gives everybody says nothing of anybody.
                    if text(object, &["metadata", "name"]).is_some_and(|name| name.starts_with("system:")) {
                        continue;
                    }
                    for (account, roles) in &mut self.accounts {
                        if everyone
                            || of.is_some_and(|of| account.split_once('/').is_some_and(|(n, _)| n == of))
                        {
                            roles.insert(role.clone());
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn role(&mut self, kind: &str, object: &Value) {
        let Some(name) = text(object, &["metadata", "name"]) else { return };
        let bare = format!("{kind}/{name}");
        let is_bound = |role: &String| match (kind, text(object, &["metadata", "namespace"])) {
            ("Role", Some(namespace)) => *role == format!("{bare} in {namespace}"),
            _ => {
                role == &bare || role.strip_prefix(bare.as_str()).is_some_and(|rest| rest.starts_with(" in "))
            }
        };
        let bound: BTreeSet<String> =
            self.accounts.values().flatten().filter(|role| is_bound(role)).cloned().collect();
        for role in bound {
            if self.rights.len() < MAX_ROLES {
                self.rights.insert(role, rights(object));
            }
        }
    }
}

/// `get,list core/secrets`: what a role's rules allow.
fn rights(role: &Value) -> BTreeSet<String> {
    let words = |rule: &Value, key: &str| -> Vec<String> {
        items(rule, &[key]).iter().filter_map(|word| Some(word.as_str()?.to_owned())).collect()
    };
    let mut rights = BTreeSet::new();
    for rule in items(role, &["rules"]) {
        let verbs = words(rule, "verbs").join(",");
        for group in words(rule, "apiGroups") {
            let group = if group.is_empty() { "core" } else { group.as_str() };
            rights.extend(
                words(rule, "resources").iter().map(|resource| format!("{verbs} {group}/{resource}")),
            );
        }
    }
    rights.into_iter().take(MAX_RIGHTS).collect()
}

/// Whether rights let their holder do anything, or read secrets.
fn allows(rights: &BTreeSet<String>, resource: &str) -> bool {
    rights.iter().any(|right| {
        let Some((verbs, what)) = right.split_once(' ') else { return false };
        let reads = verbs.split(',').any(|verb| matches!(verb, "*" | "get" | "list"));
        let is_any = what == "*/*" && verbs.split(',').any(|verb| verb == "*");
        is_any || reads && (what == resource || what == "core/*" && resource.starts_with("core/"))
    })
}

fn account_asset(identity: &Identity, subject: &Subject) -> Asset {
    let id = identity.id();
    Asset::new(id.clone(), "identity", identity.name.as_str())
        .identifier(SCHEME, id)
        .property("resource", "core/ServiceAccount")
        .maybe("namespace", identity.namespace.as_deref())
        .seen(subject.said("service-account"))
}

/// The identities of clouds that an account's annotations give it.
fn account(report: &mut Report<'_>, object: &Value, known: &BTreeMap<String, BTreeSet<String>>) {
    let Some(identity) = Identity::of("core", "ServiceAccount", object) else { return };
    if !known.contains_key(&format!(
        "{}/{}",
        identity.namespace.as_deref().unwrap_or_default(),
        identity.name
    )) {
        return;
    }
    let subject = Subject::object(&identity);
    for (annotation, property) in CLOUDS {
        let Some(value) = text(object, &["metadata", "annotations", annotation]) else { continue };
        let (scheme, key) = match *property {
            "role-arn" => ("arn", value.to_owned()),
            _ => ("x-cloud-identity", value.to_owned()),
        };
        let name = value.rsplit('/').next().unwrap_or(value);
        let cloud = Asset::new(key.clone(), "identity", name)
            .identifier(scheme, value)
            .property(property, value)
            .seen(subject.said("cloud-identity").snippet(value));
        report.asset(cloud);
        report.edge(&subject, "runs-as", AssetRef::here(key), "cloud-identity");
    }
}

/// Tells what is known of each account.
fn close(state: State, sink: &mut Sink) -> Step {
    let mut report = Report::into_sink(sink);
    for (account, roles) in &state.accounts {
        let Some((namespace, name)) = account.split_once('/') else { continue };
        let identity = Identity::new("core", "ServiceAccount", Some(namespace), name);
        let subject = Subject::object(&identity);
        let mut rights = BTreeSet::new();
        for role in roles {
            rights.extend(state.rights.get(role).into_iter().flatten().cloned());
        }
        let is_admin = rights.iter().any(|right| right == "* */*");
        let mut asset = account_asset(&identity, &subject);
        if !roles.is_empty() {
            asset = asset
                .property("roles", roles.iter().take(MAX_RIGHTS).cloned().collect::<Vec<_>>())
                .property("rights", rights.iter().take(MAX_RIGHTS).cloned().collect::<Vec<_>>())
                .property("reads-secrets", allows(&rights, "core/secrets"))
                .property("administrator", is_admin);
        }
        report.asset(asset);
    }
    if state.is_partial { Step::partial() } else { Step::complete() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rights_of_a_role() {
        let role = json!({"rules": [{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["secrets", "pods"]},
            {"verbs": ["*"], "apiGroups": ["apps"], "resources": ["*"]}, {"verbs": ["get"], "nonResourceURLs": ["/x"]}]});
        let rights = rights(&role);
        let expected: Vec<&str> = rights.iter().map(String::as_str).collect();
        assert_eq!(expected, ["* apps/*", "get,list core/pods", "get,list core/secrets"]);
        assert!(allows(&rights, "core/secrets"));
        assert!(!allows(&rights, "core/configmaps"));
    }

    #[test]
    fn bindings() {
        let mut state = State::default();
        state.accounts.insert("ml/bot".into(), BTreeSet::new());
        state.accounts.insert("web/x".into(), BTreeSet::new());
        let bind = |subject: Value, namespace: Option<&str>| {
            json!({"metadata": {"name": "b", "namespace": namespace}, "roleRef": {"kind": "ClusterRole", "name": "view"},
                "subjects": [subject]})
        };
        state.binding(&bind(json!({"kind": "ServiceAccount", "name": "bot", "namespace": "ml"}), None));
        state.binding(&bind(json!({"kind": "ServiceAccount", "name": "bot"}), Some("ml")));
        state.binding(&bind(json!({"kind": "Group", "name": "system:serviceaccounts:web"}), None));
        state.binding(&bind(json!({"kind": "User", "name": "bot"}), None));
        let roles = |account: &str| state.accounts[account].iter().cloned().collect::<Vec<_>>();
        assert_eq!(roles("ml/bot"), ["ClusterRole/view", "ClusterRole/view in ml"]);
        assert_eq!(roles("web/x"), ["ClusterRole/view"]);
    }
}
