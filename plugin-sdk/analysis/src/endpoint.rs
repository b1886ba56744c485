//! Endpoints: whether a URL or the variable that holds one leads to a model, and the asset that it is.

use crate::names::Name;
use inventar_catalogue::{Endpoint, endpoint_of_url, secret};
use inventar_plugin_sdk::{Asset, AssetRef, Relation};

/// The key that endpoints of a URL have in a file.
pub fn key(url: &str) -> String {
    format!("endpoint:{url}")
}

/// The asset of a [`clean`] URL; `library` is the package whose client is given it.
pub fn asset(key: String, url: &str, library: Option<&str>) -> Asset {
    let known = endpoint_of_url(url);
    Asset::new(key, "endpoint", url)
        .identifier("url", url)
        .maybe("provider", known.map(|known| known.provider))
        .maybe("endpoint-kind", known.map(|known| known.kind))
        .maybe("library", library)
}

/// The edge to the service's own endpoint, for the asset of that key: a host that all accounts share says it by name.
pub fn home(key: &str, url: &str) -> Option<Relation> {
    let name = Name::of_url(url)?;
    Some(Relation::new(AssetRef::here(key), "resolves-to", name.reference()))
}

/// The asset of an endpoint that code calls by the name that the service has for it, as `written`.
pub fn named(key: String, name: &Name, written: &str, library: Option<&str>) -> Asset {
    Asset::new(key, "endpoint", written)
        .identifier(name.vendor_scheme(), name.identity())
        .property("provider", name.provider())
        .maybe("library", library)
}

/// The key that the endpoint of that name has in a file.
pub fn named_key(name: &Name) -> String {
    format!("endpoint:{name}")
}

/// The asset of an endpoint that is known only by the variable that holds it.
pub fn variable(key: String, name: &str) -> Asset {
    Asset::new(key, "endpoint", name).identifier("env", name).property("env", name)
}

/// The key that the endpoint of a variable has in a file.
pub fn variable_key(name: &str) -> String {
    format!("endpoint:${name}")
}

/// `MISTRAL_BASE_URL`, `OLLAMA_HOST`: a place of a service whose key name is known, or that runs models locally.
pub fn is_model_host(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "_BASE_URL",
        "_API_BASE",
        "_ENDPOINT",
        "_HOST",
        "_API_URL",
        "_URL",
        "_API_BASE_URL",
        "_API_ENDPOINT",
        "_SERVER_URL",
    ];
    const LOCAL: &[&str] = &[
        "OLLAMA",
        "VLLM",
        "LLM",
        "LITELLM",
        "LMSTUDIO",
        "LM_STUDIO",
        "LOCALAI",
        "XINFERENCE",
        "TGI",
        "LLAMA_CPP",
        "LLAMACPP",
    ];
    ENDS.iter().filter_map(|end| Some((name.strip_suffix(end)?, *end))).any(|(front, end)| {
        LOCAL.contains(&front)
            || !front.is_empty()
                && secret(&format!("{front}_API_KEY")).is_some_and(|secret| {
                    // Of a name that is only like a known one, a place that answers: not what watches it, nor where
                    // an image lies.
                    let is_conventional = format!("{front}_API_KEY").ends_with(secret.name);
                    is_conventional && secret.kind != "search"
                        || end != "_URL" && matches!(secret.kind, "model-api" | "gateway" | "model-hub")
                })
    })
}

/// Whether a text is an absolute HTTP or WebSocket URL.
pub fn is_url(text: &str) -> bool {
    let text = text.trim_start();
    ["http://", "https://", "ws://", "wss://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Host and port of a URL.
pub fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// Whether a URL that no rule explains says something by itself: its host is a known service that models or their data
/// are reached by.
pub fn is_service(url: &str) -> bool {
    endpoint_of_url(url).is_some_and(|known| {
        matches!(
            known.kind,
            "model-api" | "gateway" | "cloud-platform" | "vector-database" | "search" | "local-server"
        )
    })
}

/// Vector databases that are run by oneself as well.
pub const DATABASES: &[&str] = &["chroma", "milvus", "pinecone", "qdrant", "weaviate"];

/// Whether a known host is a vector database, of a vendor or of one's own.
pub fn is_vector_database(known: &Endpoint) -> bool {
    known.kind == "vector-database" || known.kind == "local-server" && DATABASES.contains(&known.provider)
}

/// The vector database whose address a variable holds: `QDRANT_URL`, `MILVUS_HOST`.
pub fn vector_database_of(variable: &str) -> Option<&'static str> {
    let (front, rest) = variable.split_once('_')?;
    let is_address =
        matches!(rest, "URL" | "URI" | "HOST" | "ADDRESS" | "ENDPOINT" | "SERVER_URL" | "API_URL");
    DATABASES.iter().copied().find(|database| is_address && database.eq_ignore_ascii_case(front))
}

/// Whether a URL of no known host is where servers of models have theirs: `http://localhost:8000/v1`,
/// `https://…/v1/chat/completions`, `http://localhost:8080/generate`. Of a local route any program may have one of that
/// name: ask only where models are spoken of.
pub fn is_model_server(url: &str) -> bool {
    const LOCAL: &[&str] = &["localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal"];
    const CALLS: &[&str] = &["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/messages"];
    // What servers of models do, and others hardly: Triton, TEI, TGI, self-made ones.
    const SERVES: &[&str] = &["generate", "infer", "rerank", "tts", "transcribe"];
    let host = host_of(url);
    let path = url.split_once("://").and_then(|(_, rest)| rest.get(host.len()..)).unwrap_or_default();
    let name = host.split(':').next().unwrap_or(host);
    let is_local = LOCAL.contains(&name);
    let called = path.rsplit('/').next().unwrap_or_default();
    endpoint_of_url(url).is_none()
        && (CALLS.contains(&path) || is_local && (path == "/v1" || SERVES.contains(&called)))
}

/// The URL without credentials, query, fragment and final slash; parts known only at run time stay `{}`.
pub fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    if !is_url(text) || text.len() > 400 || text.bytes().any(|byte| byte <= b' ' || byte == b'"') {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or(authority).to_ascii_lowercase();
    let placeholder = host.is_empty()
        || ["example.com", "example.org", "your-", "your_", "<"].iter().any(|part| host.contains(part));
    (!placeholder).then(|| format!("{scheme}://{host}{}", path.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (text, url) in [
            ("https://user:pw@API.openai.com/v1/?key=x", Some("https://api.openai.com/v1")),
            ("http://localhost:11434/", Some("http://localhost:11434")),
            ("https://{}.openai.azure.com", Some("https://{}.openai.azure.com")),
            ("https://your-resource.openai.azure.com", None),
            ("https://your_details.openai.azure.com", None),
            ("https://<name>.openai.azure.com", None),
            ("ftp://x", None),
            ("https://a b", None),
        ] {
            assert_eq!(clean(text).as_deref(), url, "{text}");
        }
    }

    #[test]
    fn servers_of_models() {
        for url in
            ["http://localhost:8000/v1", "http://127.0.0.1/v1", "https://llm.acme.io/v1/chat/completions"]
        {
            assert!(is_model_server(url), "{url}");
        }
        assert!(
            is_model_server("http://localhost:8080/generate")
                && is_model_server("http://0.0.0.0:3000/rerank")
        );
        for url in [
            "http://localhost:8000",
            "http://localhost/v1/users",
            "https://api.acme.io/v1",
            "https://reports.acme.io/generate",
        ] {
            assert!(!is_model_server(url), "{url}");
        }
    }

    #[test]
    fn variables() {
        for name in [
            "OLLAMA_BASE_URL",
            "OPENAI_BASE_URL",
            "MISTRAL_BASE_URL",
            "AZURE_OPENAI_ENDPOINT",
            "OPENAI_CHAT_BASE_URL",
            "QDRANT_URL",
        ] {
            assert!(is_model_host(name), "{name}");
        }
        for name in [
            "DATABASE_URL",
            "REDIS_HOST",
            "LANGFUSE_HOST",
            "OLLAMA_IMAGE_URL",
            "OPENAI_DOCS_URL",
            "_URL",
            "BASE_URL",
        ] {
            assert!(!is_model_host(name), "{name}");
        }
    }
}
