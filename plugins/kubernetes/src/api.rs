//! The API server: what it serves, and lists page by page.

use crate::resource::list_action;
use inventar_plugin_sdk::collector::{Failure, Problem, Request, send_all};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The manifest's credential slot.
const SLOT: &str = "cluster";

/// How many groups of a discovery are looked through.
const MAX_GROUPS: usize = 1_000;

/// How many versions of a group are asked for what they serve.
const MAX_VERSIONS: usize = 4;

/// Requests that are under way at the same time: what bounds the memory for their answers.
const AT_ONCE: usize = 4;

/// An API server.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
}

/// Which resources of a group are served, and in which version: plural → version.
pub type Served = BTreeMap<String, String>;

/// A list that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<'a> {
    /// `core` for the first group.
    pub group: &'a str,
    /// Of the group.
    pub version: &'a str,
    /// As in paths.
    pub plural: &'a str,
    /// None: all of the cluster.
    pub namespace: Option<&'a str>,
    /// Objects a page.
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// The objects, without `kind` and `apiVersion`.
    pub items: Vec<Value>,
    /// Where the next one begins; none: this was the last.
    pub next: Option<String>,
    /// How many objects are left, where the server says so.
    pub remaining: Option<u64>,
}

/// Why there is no page.
#[derive(Debug)]
pub enum NoPage {
    /// The server has no such resource.
    NotServed,
    /// The place where the page begins is too old.
    Expired,
    /// Refused, or no answer.
    Failed(Failure),
    /// An answer that is no list.
    Broken(Problem),
}

#[derive(Debug, Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
    #[serde(default, rename = "preferredVersion")]
    preferred: Option<GroupVersion>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct GroupVersion {
    version: String,
}

#[derive(Debug, Deserialize)]
struct Resources {
    #[serde(default)]
    resources: Vec<ServedResource>,
}

#[derive(Debug, Deserialize)]
struct ServedResource {
    name: String,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct List {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(default)]
    items: Option<Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListMeta {
    #[serde(default)]
    r#continue: Option<String>,
    #[serde(default)]
    remaining_item_count: Option<u64>,
}

impl Api {
    /// The server at an address: scheme, host, port and perhaps a path.
    pub fn at(endpoint: &str) -> Result<Self, Problem> {
        let base = endpoint.trim().trim_end_matches('/');
        if base.starts_with("https://") || base.starts_with("http://") {
            Ok(Self { base: base.to_owned() })
        } else {
            Err(Problem::new(
                "endpoint",
                "no address of an API server: connect the source with --endpoint https://HOST:PORT",
            ))
        }
    }

    /// The address.
    pub fn address(&self) -> &str {
        &self.base
    }

    fn get(&self, path: &str) -> Request {
        Request::get(format!("{}{path}", self.base)).header("accept", "application/json").credential(SLOT)
    }

    /// What the server says of itself: `gitVersion`.
    pub fn version(&self) -> Result<String, Failure> {
        let answer = self.get("/version").send()?.ok()?;
        let version: Value = answer.json().unwrap_or_default();
        Ok(version["gitVersion"].as_str().unwrap_or_default().to_owned())
    }

    /// What of these groups is served, by group. A group that is not there has no entry.
    pub fn discover(&self, wanted: &[&str]) -> Result<BTreeMap<String, Served>, Problem> {
        let answer = self
            .get("/apis")
            .send()
            .and_then(|answer| answer.ok())
            .map_err(|failure| refused("/apis", &failure))?;
        let groups: Groups = answer.json()?;
        let mut asked: Vec<(&str, String)> = vec![];
        for group in groups.groups.iter().take(MAX_GROUPS) {
            let Some(name) = wanted.iter().find(|name| **name == group.name) else { continue };
            // The preferred version first: what it serves is read in it.
            let preferred = group.preferred.iter();
            let others = group.versions.iter().filter(|version| Some(*version) != group.preferred.as_ref());
            asked.extend(
                preferred.chain(others).take(MAX_VERSIONS).map(|version| (*name, version.version.clone())),
            );
        }
        let requests =
            asked.iter().map(|(group, version)| self.get(&format!("/apis/{group}/{version}"))).collect();
        let mut served: BTreeMap<String, Served> = BTreeMap::new();
        for ((group, version), answer) in asked.iter().zip(send_all(requests)) {
            let at = format!("/apis/{group}/{version}");
            let answer = answer.and_then(|answer| answer.ok()).map_err(|failure| refused(&at, &failure))?;
            let resources: Resources = answer.json()?;
            let of_group = served.entry((*group).to_owned()).or_default();
            for resource in resources.resources {
                if resource.verbs.iter().any(|verb| verb == "list") {
                    of_group.entry(resource.name).or_insert_with(|| version.clone());
                }
            }
        }
        if wanted.contains(&"core") {
            served.insert("core".to_owned(), Served::new());
        }
        Ok(served)
    }

    fn list_request(&self, listing: &Listing<'_>, token: Option<&str>) -> Request {
        let root = match listing.group {
            "core" => format!("/api/{}", listing.version),
            group => format!("/apis/{group}/{}", listing.version),
        };
        let within = listing.namespace.map_or(String::new(), |name| format!("/namespaces/{name}"));
        let mut path = format!("{root}{within}/{}?limit={}", listing.plural, listing.limit);
        if let Some(token) = token {
            path.push_str("&continue=");
            path.push_str(&encoded(token));
        }
        self.get(&path)
    }

    /// One page.
    pub fn page(&self, listing: &Listing<'_>, token: Option<&str>) -> Result<Page, NoPage> {
        page(self.list_request(listing, token).send())
    }

    /// The first pages of several lists, in order.
    pub fn first_pages(&self, listings: &[Listing<'_>]) -> Vec<Result<Page, NoPage>> {
        let mut pages = vec![];
        for chunk in listings.chunks(AT_ONCE) {
            let requests = chunk.iter().map(|listing| self.list_request(listing, None)).collect();
            pages.extend(send_all(requests).into_iter().map(page));
        }
        pages
    }

    /// All pages of a list, at most so many; the flag says that there are more.
    pub fn all(
        &self,
        listing: &Listing<'_>,
        max_pages: usize,
        mut each: impl FnMut(Vec<Value>),
    ) -> Result<bool, NoPage> {
        let mut token: Option<String> = None;
        for _ in 0..max_pages {
            let page = self.page(listing, token.as_deref())?;
            each(page.items);
            match page.next {
                Some(next) => token = Some(next),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

impl Listing<'_> {
    /// `list apps/deployments`.
    pub fn action(&self) -> String {
        list_action(self.group, self.plural)
    }
}

fn page(answer: Result<inventar_plugin_sdk::collector::Response, Failure>) -> Result<Page, NoPage> {
    let answer = match answer.and_then(|answer| answer.ok()) {
        Ok(answer) => answer,
        Err(failure) => {
            return Err(match failure.status() {
                Some(404 | 405) => NoPage::NotServed,
                Some(410) => NoPage::Expired,
                _ => NoPage::Failed(failure),
            });
        }
    };
    let list: List = answer.json().map_err(NoPage::Broken)?;
    Ok(Page {
        items: list.items.unwrap_or_default(),
        next: list.metadata.r#continue.filter(|token| !token.is_empty()),
        remaining: list.metadata.remaining_item_count,
    })
}

/// Why nothing can be done at all, and what to do about it.
fn refused(path: &str, failure: &Failure) -> Problem {
    match failure.status() {
        Some(401) => Problem::new("credential", "the API server does not know the credential (401)"),
        Some(403) => Problem::new(
            "discovery",
            format!("the identity may not get `{path}`: bind it to the cluster role `system:discovery`"),
        ),
        _ => Problem::new("unreachable", format!("cannot get `{path}`: {failure}")),
    }
}

/// A value of a query.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_lists() {
        let api = Api::at("https://rancher.example/k8s/clusters/c-1/").unwrap();
        let check = |group, namespace, token, expected: &str| {
            let listing = Listing { group, version: "v1", plural: "things", namespace, limit: 5 };
            assert_eq!(api.list_request(&listing, token).url, expected);
        };
        let base = "https://rancher.example/k8s/clusters/c-1";
        check("core", None, None, &format!("{base}/api/v1/things?limit=5"));
        check("core", Some("a"), None, &format!("{base}/api/v1/namespaces/a/things?limit=5"));
        check("apps", None, Some("a=b&c"), &format!("{base}/apis/apps/v1/things?limit=5&continue=a%3Db%26c"));
        assert!(Api::at("").is_err());
        assert!(Api::at("file:///etc").is_err());
    }
}
