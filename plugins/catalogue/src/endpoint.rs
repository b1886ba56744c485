//! Hosts of model APIs, gateways, vector databases and what watches them.

include!(concat!(env!("OUT_DIR"), "/endpoints.rs"));

/// A service by its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// `api.openai.com`, or a pattern: a leading `*` stands for one or more labels, one elsewhere for part of a label;
    /// `*:11434` is that port of any host.
    pub host: &'static str,
    /// The beginnings of paths without which the host means nothing for AI, any of them: `/inference`. One that ends in
    /// `$` is all of the path.
    pub paths: &'static [&'static str],
    /// Who runs it.
    pub provider: &'static str,
    /// `model-api`, `gateway`, `cloud-platform`, `vector-database`, `observability`, `model-hub`, `search`, `tool-api`,
    /// `local-server`.
    pub kind: &'static str,
    /// The documentation that names it.
    pub source: &'static str,
    /// The day the entry was last looked at.
    pub reviewed: &'static str,
}

/// Every endpoint: exact hosts, then patterns, each sorted.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    EXACT.iter().chain(PATTERNS)
}

/// The service behind a host (without a port); upper case is ignored. Entries that need a path are left out.
pub fn endpoint(host: &str) -> Option<&'static Endpoint> {
    lookup(host).filter(|endpoint| endpoint.paths.is_empty())
}

/// The service behind a URL, with or without a scheme, credentials, port, path and query.
pub fn endpoint_of_url(url: &str) -> Option<&'static Endpoint> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    // A port is part of what tells a local server.
    let found = lookup(host).or_else(|| lookup(host.split(':').next().unwrap_or(host)))?;
    let fits = |start: &&str| match start.strip_suffix('$') {
        Some(all) => path.trim_end_matches('/') == all,
        None => path.starts_with(*start),
    };
    (found.paths.is_empty() || found.paths.iter().any(fits)).then_some(found)
}

fn lookup(host: &str) -> Option<&'static Endpoint> {
    if host.is_empty() || host.len() > 253 {
        return None;
    }
    let host = host.to_ascii_lowercase();
    if let Ok(at) = EXACT.binary_search_by(|endpoint| endpoint.host.cmp(&host)) {
        return Some(&EXACT[at]);
    }
    PATTERNS.iter().find(|endpoint| matches(endpoint.host, &host))
}

/// A leading `*` takes labels, a later one stays inside its label.
fn matches(pattern: &str, host: &str) -> bool {
    if pattern.starts_with("*:") {
        // A host that is only known at run time is none.
        let named = |front: &str| {
            !front.is_empty()
                && front.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte))
        };
        return host.strip_suffix(&pattern[1..]).is_some_and(named);
    }
    let mut patterns = pattern.rsplit('.');
    let mut labels = host.rsplit('.');
    loop {
        match (patterns.next(), labels.next()) {
            (None, None) => return true,
            (None, Some(_)) | (Some(_), None) => return false,
            (Some("*"), Some(label)) if patterns.clone().next().is_none() => return !label.is_empty(),
            (Some(pattern), Some(label)) => {
                let fits = match pattern.split_once('*') {
                    None => pattern == label,
                    Some((front, back)) => {
                        label.len() >= front.len() + back.len()
                            && label.starts_with(front)
                            && label.ends_with(back)
                            && !label.is_empty()
                    }
                };
                if !fits {
                    return false;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (host, provider) in [
            ("api.openai.com", "openai"),
            ("API.OpenAI.com", "openai"),
            ("contoso.openai.azure.com", "azure"),
            ("bedrock-runtime.eu-central-1.amazonaws.com", "aws"),
            ("europe-west4-aiplatform.googleapis.com", "google"),
        ] {
            assert_eq!(endpoint(host).map(|endpoint| endpoint.provider), Some(provider), "{host}");
        }
        for host in [
            "openai.com",
            "chatgpt.com",
            "claude.ai",
            "platform.openai.com",
            "openai.azure.com",
            "s3.amazonaws.com",
            "",
        ] {
            assert_eq!(endpoint(host), None, "{host}");
        }
    }

    #[test]
    fn urls() {
        for (url, provider) in [
            ("https://api.openai.com/v1", Some("openai")),
            ("https://user:x@api.openai.com:443/v1?x=1", Some("openai")),
            ("http://localhost:11434/v1", Some("ollama")),
            ("http://gpu-3.lan.example.net:11434", Some("ollama")),
            ("http://[::1]:11434/api/chat", Some("ollama")),
            ("http://{}:11434", None),
            ("http://:11434", None),
            ("http://localhost:114340", None),
            ("http://localhost:1234/v1", Some("lmstudio")),
            ("http://localhost:1234/api/v1/", Some("lmstudio")),
            ("http://localhost:1234/api/v1/chat", Some("lmstudio")),
            ("http://localhost:1234/api/v1/users", None),
            ("http://localhost:1234", None),
            ("https://aip.baidubce.com/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/eb", Some("baidu")),
            ("http://localhost:8080", None),
            ("not a url", None),
        ] {
            assert_eq!(endpoint_of_url(url).map(|endpoint| endpoint.provider), provider, "{url}");
        }
    }
}
