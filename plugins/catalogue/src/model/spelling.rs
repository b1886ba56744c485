//! Taking an id apart: routes, hub organisation, the id itself in one spelling.

use super::{BEDROCK, ROUTES, hub_organisation, row};

/// A text, taken apart.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    pub(super) route: Option<&'static str>,
    pub(super) hub: Option<String>,
    pub(super) bedrock: Option<String>,
    pub(super) bare: String,
}

impl Spelling {
    pub(super) fn of(text: &str) -> Self {
        let mut spelling = Self::default();
        let mut rest = text;
        if let Some(arn) = rest.strip_prefix("arn:aws") {
            spelling.route = Some("bedrock");
            rest = arn.rsplit('/').next().unwrap_or(arn);
        }
        // projects/…/publishers/google/models/gemini-2.5-pro, accounts/fireworks/models/…, models/…
        let is_path = rest.as_bytes().contains(&b'/');
        let models = if is_path { rest.rfind("models/") } else { None };
        if let Some(at) = models.filter(|at| *at == 0 || rest.as_bytes()[at - 1] == b'/') {
            spelling.route = match () {
                () if rest.starts_with("accounts/fireworks/") || rest.starts_with("fireworks") => {
                    Some("fireworks")
                }
                () if rest.starts_with("projects/") || rest.starts_with("publishers/") => Some("vertex"),
                () if at == 0 => Some("google"),
                () => spelling.route,
            };
            rest = &rest[at + "models/".len()..];
        }
        while let Some((route, after)) = route_of(rest) {
            // The outermost route is through whom it is reached.
            spelling.hub =
                Some(rest.to_owned()).filter(|rest| rest.as_bytes()[rest.len() - after.len() - 1] == b'/');
            spelling.route.get_or_insert(route);
            rest = after;
        }
        if let Some((organisation, name)) = rest.split_once('/')
            && hub_organisation(organisation).is_some()
            && !name.contains('/')
        {
            spelling.hub = Some(rest.to_owned());
            rest = name;
        }
        spelling.hub = spelling.hub.filter(|hub| {
            hub.split_once('/').is_some_and(|(organisation, name)| {
                !name.contains('/') && !name.contains(':') && hub_organisation(organisation).is_some()
            })
        });
        let lower = rest.to_ascii_lowercase();
        let bare = without_bedrock_vendor(&lower);
        if bare.len() != lower.len() && (spelling.route == Some("bedrock") || is_of_bedrock(&lower)) {
            spelling.route.get_or_insert("bedrock");
            spelling.bedrock = Some(lower.clone());
        }
        spelling.bare = one_spelling(bare);
        spelling
    }
}

/// `openai:…`, `azure/…`, `@cf/…`: a known route and what follows it.
fn route_of(text: &str) -> Option<(&'static str, &str)> {
    let end = text.find([':', '/'])?;
    let name = text[..end].to_ascii_lowercase();
    let at = ROUTES.binary_search_by(|(route, _)| (*route).cmp(&name)).ok()?;
    let rest = &text[end + 1..];
    (!rest.is_empty()).then_some((ROUTES[at].0, rest))
}

/// Where Bedrock may run what it is asked for.
const REGIONS: &[&str] = &["us-gov", "us", "eu", "apac", "jp", "au", "ca", "global"];

/// Whether an id with its maker before it is Bedrock's. Other clouds write `cohere.command-r-plus` and
/// `google.gemini-2.5-pro`; only Bedrock names a region, or its own version behind: `…-v1:0`, `…-v3`.
fn is_of_bedrock(text: &str) -> bool {
    let first = text.split('.').next().unwrap_or_default();
    let has_version = text.rsplit_once("-v").is_some_and(|(_, version)| {
        version.starts_with(|c: char| c.is_ascii_digit())
            && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'k')
    });
    let is_numbered = text.rsplit_once(':').is_some_and(|(_, number)| number == "0");
    REGIONS.contains(&first) || matches!(first, "anthropic" | "amazon") || has_version || is_numbered
}

/// `us.anthropic.claude-…` → `claude-…`.
fn without_bedrock_vendor(text: &str) -> &str {
    let mut rest = text;
    if let Some((region, after)) = rest.split_once('.')
        && REGIONS.contains(&region)
    {
        rest = after;
    }
    match rest.split_once('.') {
        Some((vendor, after)) if row(BEDROCK, vendor).is_some() && !after.is_empty() => after,
        _ => text,
    }
}

/// Makers, clouds and resellers write one id several ways; this is the one that identifies it.
fn one_spelling(id: &str) -> String {
    // Bedrock: `claude-3-5-sonnet-20240620-v1:0`, `nova-pro-v1:0:300k`. Behind a date the number is the reseller's.
    let id = match id.rsplit_once("-v") {
        Some((front, version))
            if version.starts_with(|c: char| c.is_ascii_digit()) && version.contains(':') =>
        {
            let dated = front.len() > 9 && front.as_bytes()[front.len() - 8..].iter().all(u8::is_ascii_digit);
            if dated || front.starts_with("claude-") {
                front
            } else {
                &id[..id.len() - version.len() + version.find(':').unwrap_or(0)]
            }
        }
        _ => id,
    };
    let mut id = id.replace('@', "-");
    if let Some(rest) = id.strip_prefix("gpt-35") {
        id = format!("gpt-3.5{rest}");
    }
    if id.starts_with("claude") {
        id = dotted_version(&id);
    }
    id
}

/// `claude-3-5-sonnet` → `claude-3.5-sonnet`: a hyphen between two single digits is a point.
fn dotted_version(id: &str) -> String {
    let bytes = id.as_bytes();
    let single = |at: usize| {
        bytes.get(at).is_some_and(u8::is_ascii_digit)
            && at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_digit())
            && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    };
    id.char_indices()
        .map(|(at, c)| if c == '-' && at > 0 && single(at - 1) && single(at + 1) { '.' } else { c })
        .collect()
}
