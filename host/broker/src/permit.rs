//! Rule: which line of the manifest allows a request, if any. It has to read, and to say so in one way only.

mod content;

use crate::url::parameters;
use inventar_model::{
    CredentialKind, CredentialSlot, Denial, ENDPOINT, Egress, HttpMethod, Operation, Protocol,
};
use url::Url;

/// The rules of one connection.
#[derive(Debug, Clone)]
pub struct Permit {
    rules: Vec<Egress>,
    slots: Vec<CredentialSlot>,
    endpoint: Option<Url>,
}

/// A request that passed: by which rule, and where it goes.
#[derive(Debug, Clone)]
pub struct Permitted<'a> {
    /// The rule.
    pub rule: &'a Egress,
    /// What is called.
    pub operation: &'a Operation,
    /// The slot to fill; none: it goes without.
    pub slot: Option<&'a CredentialSlot>,
    /// What the first `*` of the host stands for.
    pub region: Option<String>,
    /// Where it is sent: the URL itself, or its path below the operator's endpoint.
    pub dial: Url,
    /// The operator's endpoint stands for AWS.
    pub stands_in: bool,
}

/// What is asked, after the URL was made canonical.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How.
    pub method: HttpMethod,
    /// Canonical.
    pub url: &'a Url,
    /// Names in lower case.
    pub headers: &'a [(String, String)],
    /// What is sent.
    pub body: &'a [u8],
    /// The slot.
    pub slot: Option<&'a str>,
}

impl Permit {
    /// The rules and slots of a manifest, and the address that the operator connected, canonical.
    pub fn new(rules: &[Egress], slots: &[CredentialSlot], endpoint: Option<Url>) -> Self {
        Self { rules: rules.to_vec(), slots: slots.to_vec(), endpoint }
    }

    /// The rules.
    pub fn rules(&self) -> &[Egress] {
        &self.rules
    }

    /// Finds the rule. The error is of the rule that came closest.
    pub fn check(&self, asked: Asked<'_>) -> Result<Permitted<'_>, Denial> {
        let mut closest = Denial::Host(host_of(asked.url));
        for rule in &self.rules {
            match self.by_rule(rule, asked) {
                Ok(permitted) => return Ok(permitted),
                Err(denial) if step(&denial) > step(&closest) => closest = denial,
                Err(_) => {}
            }
        }
        Err(closest)
    }

    fn by_rule<'a>(&'a self, rule: &'a Egress, asked: Asked<'_>) -> Result<Permitted<'a>, Denial> {
        let place = rule
            .hosts
            .iter()
            .find_map(|pattern| self.place(pattern, asked.url))
            .ok_or_else(|| Denial::Host(host_of(asked.url)))?;
        let operation = operation(rule, &place.path, asked)?;
        let slot = match asked.slot {
            None => None,
            Some(name) if rule.credential.as_deref() == Some(name) => {
                let slot = self.slots.iter().find(|slot| slot.slot == name);
                Some(slot.ok_or_else(|| Denial::Slot(printable(name)))?)
            }
            Some(name) => return Err(Denial::Slot(printable(name))),
        };
        let is_aws = slot.is_some_and(|slot| slot.kinds.contains(&CredentialKind::Aws));
        let stands_in = is_aws && place.dial.host() != asked.url.host();
        Ok(Permitted { rule, operation, slot, region: place.region, dial: place.dial, stands_in })
    }

    /// Where a URL goes under a host pattern, if it matches.
    fn place(&self, pattern: &str, url: &Url) -> Option<Place> {
        if pattern == ENDPOINT {
            let endpoint = self.endpoint.as_ref()?;
            let base = endpoint.path().trim_end_matches('/');
            let path = url.path().strip_prefix(base).filter(|rest| rest.starts_with('/'))?;
            return same_origin(endpoint, url).then(|| Place {
                path: path.to_owned(),
                region: None,
                dial: url.clone(),
            });
        }
        let host = match url.host() {
            Some(url::Host::Domain(host)) => host,
            _ => return None,
        };
        if url.scheme() != "https" || url.port().is_some() {
            return None;
        }
        let region = host_matches(pattern, host)?;
        let path = url.path().to_owned();
        let dial = match &self.endpoint {
            None => url.clone(),
            Some(endpoint) => {
                let mut dial = endpoint.clone();
                dial.set_path(&format!("{}{path}", endpoint.path().trim_end_matches('/')));
                dial.set_query(url.query());
                dial
            }
        };
        Some(Place { path, region, dial })
    }
}

/// A URL seen from a rule.
struct Place {
    /// Below the endpoint's base.
    path: String,
    region: Option<String>,
    dial: Url,
}

/// How far a request came.
fn step(denial: &Denial) -> u8 {
    match denial {
        Denial::Host(_) => 0,
        Denial::Method => 1,
        Denial::Path(_) => 2,
        Denial::Operation(_) => 3,
        Denial::Slot(_) => 4,
        Denial::Header(_) | Denial::Address | Denial::Redirect(_) => 5,
    }
}

fn host_of(url: &Url) -> String {
    match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    }
}

fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// What the first `*` stands for (outside) if the host has the pattern's labels, each `*` exactly one.
fn host_matches(pattern: &str, host: &str) -> Option<Option<String>> {
    let (mut labels, mut first) = (host.split('.'), None);
    for wanted in pattern.split('.') {
        let label = labels.next().filter(|label| !label.is_empty())?;
        match wanted {
            "*" => first = first.or(Some(label)),
            _ if wanted == label => {}
            _ => return None,
        }
    }
    labels.next().is_none().then(|| first.map(str::to_owned))
}

/// Whether a path is one of a pattern: `{name}` is one segment, `{name+}` the rest of at least one.
fn path_matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    for wanted in pattern.split('/') {
        let Some(segment) = segments.next() else { return false };
        let named = wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match named {
            Some(name) if name.ends_with('+') => return !segment.is_empty(),
            Some(_) if segment.is_empty() => return false,
            Some(_) => {}
            None if wanted != segment => return false,
            None => {}
        }
    }
    segments.next().is_none()
}

fn operation<'a>(rule: &'a Egress, path: &str, asked: Asked<'_>) -> Result<&'a Operation, Denial> {
    content::plain(asked)?;
    match rule.protocol {
        Protocol::Rest | Protocol::Kubernetes => by_path(rule, path, asked),
        Protocol::AwsJson => by_target(rule, path, asked),
        Protocol::AwsQuery => by_action(rule, path, asked),
    }
}

fn header<'a>(asked: Asked<'a>, name: &str) -> Option<&'a str> {
    asked.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The media type in lower case, without parameters.
fn content_type(asked: Asked<'_>) -> String {
    let text = header(asked, "content-type").unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn by_path<'a>(rule: &'a Egress, path: &str, asked: Asked<'_>) -> Result<&'a Operation, Denial> {
    let mut here =
        rule.operations.iter().filter(|o| o.paths.iter().any(|p| path_matches(p, path))).peekable();
    if here.peek().is_none() {
        return Err(Denial::Path(path.to_owned()));
    }
    let Some(operation) = here.find(|operation| operation.method == Some(asked.method)) else {
        return Err(Denial::Method);
    };
    if let Some(target) = header(asked, TARGET) {
        return Err(Denial::Operation(printable(target)));
    }
    if asked.method != HttpMethod::Post && !asked.body.is_empty() {
        return Err(Denial::Operation("a body where none belongs".into()));
    }
    // `list` does not end when it watches.
    let query = asked.url.query().unwrap_or_default();
    if rule.protocol == Protocol::Kubernetes
        && let Some((name, _)) = parameters(query.as_bytes()).find(|(name, _)| {
            ["watch", "follow", "sendinitialevents"].contains(&name.to_ascii_lowercase().as_str())
        })
    {
        return Err(Denial::Operation(printable(&name)));
    }
    if content::is_graphql(path) {
        content::only_queries(asked)?;
    }
    Ok(operation)
}

const TARGET: &str = "x-amz-target";

fn by_target<'a>(rule: &'a Egress, path: &str, asked: Asked<'_>) -> Result<&'a Operation, Denial> {
    if asked.method != HttpMethod::Post {
        return Err(Denial::Method);
    }
    if path != "/" || asked.url.query().is_some() {
        return Err(Denial::Path(path.to_owned()));
    }
    let target = header(asked, TARGET).unwrap_or_default();
    let name = target
        .split_once('.')
        .filter(|(service, _)| Some(*service) == rule.target.as_deref())
        .map(|(_, n)| n);
    let Some(operation) = rule.operations.iter().find(|operation| Some(operation.name.as_str()) == name)
    else {
        return Err(Denial::Operation(printable(target)));
    };
    // A service of several protocols chooses by the media type: a form's `Action` would be another operation.
    match content_type(asked).as_str() {
        "application/x-amz-json-1.0" | "application/x-amz-json-1.1" => Ok(operation),
        other => Err(Denial::Operation(format!("{} sent as {}", operation.name, printable(other)))),
    }
}

fn by_action<'a>(rule: &'a Egress, path: &str, asked: Asked<'_>) -> Result<&'a Operation, Denial> {
    if path != "/" {
        return Err(Denial::Path(path.to_owned()));
    }
    if let Some(target) = header(asked, TARGET) {
        return Err(Denial::Operation(printable(target)));
    }
    let refused = |why: &str| Err(Denial::Operation(why.to_owned()));
    let query = asked.url.query().unwrap_or_default().as_bytes();
    let form = match asked.method {
        HttpMethod::Head => return Err(Denial::Method),
        HttpMethod::Get if asked.body.is_empty() => query,
        HttpMethod::Get => return refused("a body where none belongs"),
        HttpMethod::Post if !query.is_empty() => {
            return refused("parameters in the URL beside those of the body");
        }
        HttpMethod::Post if content_type(asked) == "application/x-www-form-urlencoded" => asked.body,
        HttpMethod::Post => return refused("a body that is no form"),
    };
    // Some parsers also part parameters at semicolons, and see other names then.
    if form.contains(&b';') {
        return refused("a semicolon between parameters");
    }
    let actions: Vec<(String, String)> =
        parameters(form).filter(|(name, _)| name.trim().eq_ignore_ascii_case("action")).collect();
    match actions.as_slice() {
        [(name, value)] if name == "Action" => {
            let operation = rule.operations.iter().find(|operation| operation.name == *value);
            operation.ok_or_else(|| Denial::Operation(printable(value)))
        }
        [] => refused("no `Action`"),
        _ => refused("`Action` more than once"),
    }
}

/// A guest's word in a message: short and printable.
fn printable(text: &str) -> String {
    text.chars().take(128).map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

#[cfg(test)]
#[path = "permit/tests.rs"]
mod tests;
