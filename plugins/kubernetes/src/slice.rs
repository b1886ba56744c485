//! Slices: lists read page by page, to be gone on with by the cursor alone.

use crate::api::{Api, Listing, NoPage, Page};
use crate::object::Identity;
use crate::report::Report;
use crate::resource::{Reading, Resource};
use crate::{adoption::Adoption, node, running, workload};
use inventar_plugin_sdk::collector::{Cursor, Gap, Problem, Reason, Sink, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Pages a slice: an object may become a dozen assets and edges, and what a slice may say is limited.
const PAGES: usize = 3;

/// Objects a page: pods and custom resources are long.
const LIMIT: u32 = 200;

/// How often a list that expired is begun anew.
const MAX_RESTARTS: u8 = 3;

/// Where a list was left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    version: String,
    token: Option<String>,
    done: u64,
    restarts: u8,
}

/// One slice of a list: `each` reports an object.
pub fn list(
    api: &Api,
    listing: &Listing<'_>,
    at: Paging,
    sink: &mut Sink,
    mut each: impl FnMut(&mut Report<'_>, &Value),
) -> Result<Step, Problem> {
    let mut state = at;
    for _ in 0..PAGES {
        let page = match api.page(listing, state.token.as_deref()) {
            Ok(page) => page,
            // A resource that is not there has no objects.
            Err(NoPage::NotServed) => return Ok(Step::complete()),
            Err(NoPage::Expired) if state.restarts < MAX_RESTARTS => {
                state = Paging { token: None, done: 0, restarts: state.restarts + 1, ..state };
                return Step::more(&state);
            }
            Err(why) => {
                sink.gap(gap(listing, &why));
                return Ok(Step::partial());
            }
        };
        let mut report = Report::into_sink(sink);
        page.items.iter().for_each(|object| each(&mut report, object));
        state.done += page.items.len() as u64;
        sink.progress(state.done, page.remaining.map(|rest| state.done + rest));
        match page.next {
            Some(next) => state.token = Some(next),
            None => return Ok(Step::complete()),
        }
    }
    Step::more(&state)
}

/// The gap for a list that could not be read: at the permission, so that the host can say what to add.
pub fn gap(listing: &Listing<'_>, why: &NoPage) -> Gap {
    let action = listing.action();
    let within = listing.namespace.map_or(String::new(), |name| format!("namespace {name}: "));
    let mut gap = match why {
        NoPage::Failed(failure) => failure.gap(&action),
        NoPage::NotServed => other(&action, "the server does not have this resource"),
        NoPage::Expired => {
            Gap { retriable: true, ..other(&action, "the list changes faster than it can be read") }
        }
        NoPage::Broken(problem) => Gap {
            at: action.clone(),
            reason: Reason::Unparsable,
            detail: problem.message.clone(),
            retriable: false,
        },
    };
    gap.detail = format!("{within}{}", gap.detail);
    gap
}

fn other(action: &str, detail: &str) -> Gap {
    Gap {
        at: action.to_owned(),
        reason: Reason::Other(detail.to_owned()),
        detail: detail.to_owned(),
        retriable: false,
    }
}

/// A slice of a resource's objects.
pub fn objects(
    api: &Api,
    resource: &'static Resource,
    namespace: Option<&str>,
    at: Option<&Cursor>,
    sink: &mut Sink,
) -> Result<Step, Problem> {
    let mut state: Paging = at.map_or(Ok(Paging::default()), Cursor::read)?;
    if state.version.is_empty() {
        state.version = match (resource.reading, resource.group) {
            (Reading::Controller, "apps" | "batch") => stable(api, resource)?,
            _ => version(api, resource)?,
        };
    }
    // It was there when the scopes were planned; if it is gone, so are its objects.
    if state.version.is_empty() {
        return Ok(Step::complete());
    }
    let version = state.version.clone();
    let listing = Listing {
        group: resource.group,
        version: &version,
        plural: resource.plural,
        namespace,
        limit: LIMIT,
    };
    list(api, &listing, state, sink, |report, object| workload::report(report, resource, object))
}

/// Cron jobs were `v1beta1` before Kubernetes 1.21.
fn stable(api: &Api, resource: &Resource) -> Result<String, Problem> {
    if resource.plural == "cronjobs" { version(api, resource) } else { Ok("v1".to_owned()) }
}

fn version(api: &Api, resource: &Resource) -> Result<String, Problem> {
    let mut served = api.discover(&[resource.group])?;
    Ok(served.remove(resource.group).and_then(|mut group| group.remove(resource.plural)).unwrap_or_default())
}

/// A slice of the pods.
pub fn pods(
    api: &Api,
    namespace: Option<&str>,
    at: Option<&Cursor>,
    sink: &mut Sink,
) -> Result<Step, Problem> {
    let state = at.map_or(Ok(Paging::default()), Cursor::read)?;
    let mut adoption = Adoption::default();
    list(api, &pod_listing(namespace), state, sink, |report, pod| {
        running::report(report, api, &mut adoption, pod);
    })
}

/// The list of pods.
pub fn pod_listing(namespace: Option<&str>) -> Listing<'_> {
    Listing { group: "core", version: "v1", plural: "pods", namespace, limit: LIMIT }
}

/// A slice of the nodes; the cluster itself comes with the first.
pub fn nodes(api: &Api, at: Option<&Cursor>, sink: &mut Sink) -> Result<Step, Problem> {
    let state: Paging = at.map_or(Ok(Paging::default()), Cursor::read)?;
    if state.token.is_none() {
        node::cluster(&mut Report::into_sink(sink), api);
    }
    let listing = Listing { group: "core", version: "v1", plural: "nodes", namespace: None, limit: LIMIT };
    list(api, &listing, state, sink, |report, object| {
        if let Some(identity) = Identity::of("core", "Node", object) {
            node::report(report, &identity, object);
        }
    })
}

/// The objects of several first pages and of those behind them.
pub fn rest_of(
    api: &Api,
    listing: &Listing<'_>,
    first: Page,
    max_pages: usize,
    mut each: impl FnMut(&Value),
) -> Result<bool, NoPage> {
    first.items.iter().for_each(&mut each);
    let mut token = first.next;
    for _ in 0..max_pages {
        let Some(next) = token else { return Ok(false) };
        let page = api.page(listing, Some(&next))?;
        page.items.iter().for_each(&mut each);
        token = page.next;
    }
    Ok(token.is_some())
}
