//! Names in JavaScript's spelling, as the words that all languages share: `systemPrompt`, `baseURL`, `modelId`.

use inventar_analysis::words::{self, Role};
use std::borrow::Cow;

/// The role of a member, an argument or a variable.
pub(crate) fn role(name: &str) -> Option<Role> {
    if name.len() > 60 || !may_have_role(name) {
        return None;
    }
    let snake = snake(name);
    match &*snake {
        "base_path" | "azure_open_ai_endpoint" | "runtime_url" | "proxy_url" => Some(Role::Url),
        // Roles of things that are no ids: `modelProvider`, `modelSettings`.
        "model_provider" | "model_settings" | "model_config" | "model_options" | "model_kwargs"
        | "llm_provider" | "model_type" | "embedding_provider" | "host" | "uri" | "base" => None,
        "fallback_model" | "title_model" => Some(Role::Model),
        "system_message" | "system" => Some(Role::System),
        word => words::role(word),
    }
}

/// Spares most names the rest.
fn may_have_role(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "odel",
        "ODEL",
        "rl",
        "RL",
        "ey",
        "EY",
        "oken",
        "TOKEN",
        "ystem",
        "YSTEM",
        "rompt",
        "ROMPT",
        "nstruction",
        "INSTRUCTION",
        "ool",
        "TOOL",
        "gent",
        "lm",
        "LM",
        "mbedding",
        "MBEDDING",
        "ndpoint",
        "NDPOINT",
        "ase",
        "BASE",
        "ngine",
        "eployment",
        "essages",
        "input",
        "contents",
        "emplate",
        "EMPLATE",
        "unctions",
        "andoffs",
        "embers",
        "redential",
        "articipants",
        "ackstory",
        "anker",
        "repo_id",
        "allbacks",
        "heckpoint",
        "ost",
        "path",
        "Path",
        "odifier",
    ];
    PARTS.iter().any(|part| name.contains(part))
}

/// `baseURL` and `BASE_URL` as `base_url`, `modelID` as `model_id`.
pub(crate) fn snake(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()) {
        return Cow::Borrowed(name);
    }
    let bytes = name.as_bytes();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, c) in name.char_indices() {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(at + 1);
        let starts = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    // The last capital of several starts the next word.
                    || before.is_ascii_uppercase() && after.is_some_and(u8::is_ascii_lowercase)
            });
        if starts {
            out.push('_');
        }
        out.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    Cow::Owned(out)
}

/// Words that hold a system text in any call, also in calls of this project's own functions.
pub(crate) fn is_strong_system(name: &str) -> bool {
    words::is_strong_system(&snake(name))
}

/// Words that hold an endpoint of a model in any call.
pub(crate) fn is_strong_url(name: &str) -> bool {
    words::is_strong_url(&snake(name))
}

/// Words that hold the address of a service in a call of its library; `websiteUrl` and `callbackUrl` do not.
pub(crate) fn is_base_url(name: &str) -> bool {
    let word = snake(name);
    let word = word.trim_start_matches('_');
    [
        "base_url",
        "api_base",
        "base_path",
        "endpoint",
        "api_url",
        "api_host",
        "server_url",
        "deployment_url",
        "host",
    ]
    .iter()
    .any(|end| word.ends_with(end))
        || matches!(word, "baseurl" | "runtime_url" | "endpoint_url" | "model_url" | "server" | "proxy_url")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (name, word) in [
            ("baseURL", "base_url"),
            ("apiKey", "api_key"),
            ("OPENAI_API_KEY", "openai_api_key"),
            ("modelID", "model_id"),
            ("azureOpenAIBasePath", "azure_open_ai_base_path"),
            ("HTMLParser", "html_parser"),
            ("gpt4Model", "gpt4_model"),
            ("snake_case", "snake_case"),
        ] {
            assert_eq!(snake(name), word, "{name}");
        }
    }

    #[test]
    fn roles() {
        for (name, expected) in [
            ("model", Some(Role::Model)),
            ("DEFAULT_CHAT_MODEL", Some(Role::Model)),
            ("embeddingModel", Some(Role::Model)),
            ("baseURL", Some(Role::Url)),
            ("basePath", Some(Role::Url)),
            ("apiKey", Some(Role::Key)),
            ("systemPrompt", Some(Role::System)),
            ("instructions", Some(Role::System)),
            ("tools", Some(Role::Tools)),
            ("modelProvider", None),
            ("children", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }
}
