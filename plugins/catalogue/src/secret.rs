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

/// The words that name a service by themselves, at the beginning of a variable's name.
pub fn secret_begins() -> impl Iterator<Item = &'static str> {
    BEGINS.iter().map(|(begin, _)| *begin)
}

/// The secret that a variable of that name holds. Prefixes that front-end tools ask for are ignored
/// (`NEXT_PUBLIC_OPENAI_API_KEY`, `VITE_…`). A name that only begins with a service's own words and ends in a
/// credential's has the entry of the service's key.
pub fn secret(env: &str) -> Option<&'static Secret> {
    let known = |name: &str| exact(name).or_else(|| of_service(name));
    known(env).or_else(|| PUBLISHED.iter().find_map(|prefix| known(env.strip_prefix(prefix)?)))
}

fn exact(name: &str) -> Option<&'static Secret> {
    SECRETS.binary_search_by(|secret| secret.name.cmp(name)).ok().map(|at| &SECRETS[at])
}

/// `AZURE_OPENAI_TOKEN`, `ANTHROPIC_PROD_API_KEY`. What stands between may only say whose key it is, or for what:
/// `OPENAI_CACHE_KEY` and `OPENAI_MAX_TOKEN` are no credentials.
fn of_service(name: &str) -> Option<&'static Secret> {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let front = CREDENTIALS.iter().find_map(|end| name.strip_suffix(end))?;
    let mut front = front.strip_suffix('_')?;
    while let Some(shorter) = front.rsplit_once('_').filter(|(_, word)| is_between(word)) {
        front = shorter.0;
    }
    let at = BEGINS.binary_search_by(|(begin, _)| (*begin).cmp(front)).ok()?;
    Some(&SECRETS[BEGINS[at].1])
}

fn is_between(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) || BETWEEN.contains(&word)
}

/// Words that a credential's name ends in.
const CREDENTIALS: &[&str] = &["KEY", "TOKEN", "SECRET", "CREDENTIAL", "CREDENTIALS", "APIKEY"];

/// What says more of a credential: of what kind, in which environment, whose, for what.
const BETWEEN: &[&str] = &[
    "ACCESS",
    "ADMIN",
    "API",
    "AUDIO",
    "AUTH",
    "BACKUP",
    "BEARER",
    "CHAT",
    "CI",
    "CLIENT",
    "DEFAULT",
    "DEV",
    "EMBEDDING",
    "EMBEDDINGS",
    "EVAL",
    "FALLBACK",
    "IMAGE",
    "JUDGE",
    "LLM",
    "PRIMARY",
    "PROD",
    "PRODUCTION",
    "PROJECT",
    "REALTIME",
    "RERANK",
    "SECONDARY",
    "SECRET",
    "SERVICE",
    "SPEECH",
    "STAGING",
    "STT",
    "TEAM",
    "TEST",
    "TTS",
    "USER",
    "VISION",
];

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
            ("AZURE_OPENAI_TOKEN", "azure"),
            ("ANTHROPIC_PROD_API_KEY", "anthropic"),
            ("MISTRAL_SECRET", "mistral"),
            ("COHERE_CREDENTIALS", "cohere"),
            ("OPENAI_API_KEY_2", "openai"),
            ("VITE_DEEPSEEK_TOKEN", "deepseek"),
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
            "AZURE_STORAGE_KEY",
            "OPENAI_MAX_TOKENS",
            "OPENAI_MAX_TOKEN",
            "OPENAI_CACHE_KEY",
            "OPENAI_SETTINGS_KEY",
            "OPENAIKEY",
            "TOGETHER_SECRET",
            "QDRANT__SERVICE__API_KEY",
            "_KEY",
            "_2_KEY",
        ] {
            assert_eq!(secret(name), None, "{name}");
        }
    }
}
