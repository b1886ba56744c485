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
    let ends = |end: &&'static str| Some((*end, name.strip_suffix(end)?.strip_suffix('_')?));
    let (end, mut front) = CREDENTIALS.iter().find_map(ends)?;
    while let Some(shorter) = front.rsplit_once('_').filter(|(_, word)| is_between(word)) {
        front = shorter.0;
    }
    let at = BEGINS.binary_search_by(|(begin, _)| (*begin).cmp(front)).ok()?;
    // An exchange of that name gives its customers a key and a secret.
    let is_of_exchange = front == "GEMINI" && end == "SECRET";
    (!is_of_exchange).then(|| &SECRETS[BEGINS[at].1])
}

/// The secret that a setting of that path holds, in the spelling of configurations: `Gemini:ApiKey`, `openai.token`,
/// `AzureOpenAiApiKey`, `llm.open-router.api_key`. How the words are joined says nothing, so they are compared without;
/// words before the service's are the program's own.
pub fn setting(name: &str) -> Option<&'static Secret> {
    if name.len() > MAX_SETTING || !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let words = words(name);
    let last = words.last()?;
    if !CREDENTIALS.iter().any(|end| last.ends_with(end)) {
        return None;
    }
    let whole = words.concat();
    let is_whole = |secret: &&Secret| is_joined(secret.name, &whole);
    SECRETS.iter().find(is_whole).or_else(|| {
        (0..words.len()).find_map(|start| {
            // The longest service that begins here, as `AZURE_OPENAI` before `AZURE`.
            (start + 1..words.len()).rev().find_map(|end| {
                let service = words[start..end].concat();
                let (begin, _) = BEGINS.iter().find(|(begin, _)| is_joined(begin, &service))?;
                let rest = words[end..].iter().filter(|word| !OF_SETTINGS.contains(&&***word));
                let spelled: Vec<&str> = std::iter::once(*begin).chain(rest.map(String::as_str)).collect();
                of_service(&spelled.join("_"))
            })
        })
    })
}

/// A longer path is none of a setting.
const MAX_SETTING: usize = 80;

/// What a table of settings is called after.
const OF_SETTINGS: &[&str] =
    &["BACKEND", "CONFIG", "CONFIGURATION", "OPTIONS", "PROVIDER", "SETTINGS", "SUBSCRIPTION"];

/// Whether a name in capitals and underscores is that word in capitals.
fn is_joined(name: &str, word: &str) -> bool {
    name.bytes().filter(|byte| *byte != b'_').eq(word.bytes())
}

/// The words of a name in capitals: `AzureOpenAIOptions` is `AZURE`, `OPEN`, `AI`, `OPTIONS`.
fn words(name: &str) -> Vec<String> {
    let bytes = name.as_bytes();
    let is = |at: usize, test: fn(&u8) -> bool| bytes.get(at).is_some_and(test);
    let mut words: Vec<String> = vec![];
    let mut is_open = false;
    for (at, byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            is_open = false;
            continue;
        }
        let starts = byte.is_ascii_uppercase()
            && at > 0
            && (is(at - 1, u8::is_ascii_lowercase)
                || is(at - 1, u8::is_ascii_uppercase) && is(at + 1, u8::is_ascii_lowercase));
        let letter = char::from(byte.to_ascii_uppercase());
        match words.last_mut().filter(|_| is_open && !starts) {
            Some(word) => word.push(letter),
            None => words.push(letter.into()),
        }
        is_open = true;
    }
    words
}

fn is_between(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) || BETWEEN.contains(&word)
}

/// Words that a credential's name ends in.
const CREDENTIALS: &[&str] =
    &["KEY", "KEYS", "TOKEN", "SECRET", "CREDENTIAL", "CREDENTIALS", "APIKEY", "APIKEYS"];

/// What says more of a credential: of what kind, in which environment, whose, for what.
const BETWEEN: &[&str] = &[
    "ACCESS",
    "ADMIN",
    "AI",
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
            ("GROQ_APIKEY", "groq"),
            ("GEMINI_API_KEYS", "google"),
            ("MISTRAL_PROD_APIKEY", "mistral"),
            ("GEMINI_TOKEN", "google"),
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
            "GEMINI_API_SECRET",
            "_APIKEY",
        ] {
            assert_eq!(secret(name), None, "{name}");
        }
    }

    #[test]
    fn settings() {
        for (name, provider) in [
            ("Gemini:ApiKey", "google"),
            ("gemini.apikey", "google"),
            ("openai.token", "openai"),
            ("openAiApiKey", "openai"),
            ("OpenAI:ApiKey", "openai"),
            ("AzureOpenAiApiKey", "azure"),
            ("AzureOpenAI:ApiKey", "azure"),
            ("AzureOpenAIOptions:Key", "azure"),
            ("Services:AzureOpenAI:ApiKey", "azure"),
            ("AnthropicConfiguration__ApiKey", "anthropic"),
            ("DeepSeek:ApiKey", "deepseek"),
            ("DashScope:ApiKey", "alibaba"),
            ("SiliconFlow:ApiKey", "siliconflow"),
            ("langSmith.apiKey", "langchain"),
            ("spring.ai.openai.chat.api-key", "openai"),
            ("HuggingFace:ApiToken", "huggingface"),
            ("Tavily:ApiKey", "tavily"),
        ] {
            assert_eq!(setting(name).map(|secret| secret.provider), Some(provider), "{name}");
        }
        for name in [
            "",
            "Weather:ApiKey",
            "openai.max-token",
            "openai.cache.key",
            "OpenAI:CacheKey",
            "ApiKey",
            "OPENAI_API_KEY",
            "openai.model",
            "Gemini:ApiSecret",
            "monkey",
            "é:key",
        ] {
            assert_eq!(setting(name), None, "{name}");
        }
    }
}
