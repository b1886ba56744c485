//! Names of environment variables that hold the key of an AI service. Names only: Inventar never looks at values.

include!(concat!(env!("OUT_DIR"), "/secrets.rs"));

/// A variable that by convention holds a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The variable's name.
    pub name: &'static str,
    /// Whose service it opens.
    pub provider: &'static str,
    /// `model-api`, `gateway`, `model-hub`, `vector-database`, `observability`, `search`, `tool-api`, `agents`.
    pub kind: &'static str,
    /// The documentation that names it.
    pub source: &'static str,
    /// The day the entry was last looked at.
    pub reviewed: &'static str,
}

/// Every name, sorted.
pub fn secrets() -> &'static [Secret] {
    SECRETS
}

/// The secret that a variable of that name holds. Prefixes that front-end tools ask for are ignored
/// (`NEXT_PUBLIC_OPENAI_API_KEY`, `VITE_…`).
pub fn secret(env: &str) -> Option<&'static Secret> {
    let exact =
        |name: &str| SECRETS.binary_search_by(|secret| secret.name.cmp(name)).ok().map(|at| &SECRETS[at]);
    exact(env).or_else(|| PUBLISHED.iter().find_map(|prefix| exact(env.strip_prefix(prefix)?)))
}

const PUBLISHED: &[&str] = &["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_", "PUBLIC_"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, provider) in [
            ("OPENAI_API_KEY", "openai"),
            ("HF_TOKEN", "huggingface"),
            ("NEXT_PUBLIC_OPENAI_API_KEY", "openai"),
        ] {
            assert_eq!(secret(name).map(|secret| secret.provider), Some(provider), "{name}");
        }
        for name in [
            "",
            "API_KEY",
            "AUTH_SECRET",
            "OPENAI_MODEL",
            "OPENAI_BASE_URL",
            "openai_api_key",
            "GOOGLE_CX_KEY",
        ] {
            assert_eq!(secret(name), None, "{name}");
        }
    }
}
