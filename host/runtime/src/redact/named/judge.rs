//! Whether a name is the name of a secret.

/// How sure a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// `password`: whatever stands there is one.
    Password,
    /// `api_key`, `token`, `secret`.
    Token,
    /// `key`: only what looks like nothing else.
    Key,
}

/// One word that says it all, alone or at the end.
const PASSWORDS: &str = "password passwd passphrase pwd passcode";
const TOKENS: &str = "\
    secret apikey token credential credentials accountkey sharedaccesskey sharedaccesssignature authtoken \
    accesstoken refreshtoken apitoken bottoken usertoken idtoken secretkey accesskey privatekey clientsecret \
    authkey apisecret appsecret authorization signingkey encryptionkey pat";
/// What makes a `key` a secret.
const KEYS: &str = "\
    api access secret private account auth signing encryption subscription service master admin app \
    application consumer client functions function storage shared management deploy host write read bot \
    session webhook license jwt hmac openai anthropic azure google gemini cohere mistral wandb groq together \
    replicate pinecone weaviate qdrant langchain langsmith langfuse huggingface deepseek openrouter \
    fireworks perplexity tavily serper serpapi exa elevenlabs deepgram assemblyai stability ai21 voyage jina \
    nvidia databricks xai comet neptune helicone portkey braintrust supabase firecrawl stripe sendgrid \
    twilio datadog search cognitive speech bing zilliz milvus redis mongo mongodb elastic weather maps \
    unsplash brave e2b composio agentops mem0";
/// Tokens of text, of a tokenizer, of a page, of a parser.
const NOT_TOKENS: &str = "\
    pad eos bos unk sep cls mask image special stop start end max min next prompt prev previous page \
    continuation sync per first last new num n audio video completion input output decoder begin separator \
    vocab word sub json text design pagination audience cancel cancellation boi eoi box trigger";
/// Keys of tables and caches, and those meant to be read.
const NOT_KEYS: &str = "public primary foreign sort partition cache";
/// Whose personal access tokens go by `pat`.
const PAT_HOSTS: &str = "github gitlab gh gl azure devops ado";
/// What a name may end with and still be the same name.
const SUFFIXES: &str = "\
    prod production dev development test testing staging stage live backup old new default value primary \
    secondary main base64 b64 raw str string plain plaintext local ci";

/// Whether a list of words has this one.
fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

/// The strength of a name, if it names a secret.
pub(super) fn judge(name: &str) -> Option<Strength> {
    let words = words(name);
    let mut words: &[String] = &words;
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && (last.bytes().all(|b| b.is_ascii_digit()) || has(SUFFIXES, last))
    {
        words = rest;
    }
    let (last, before) = words.split_last()?;
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let previous = before.last().map(String::as_str);
    if PASSWORDS.split(' ').any(|word| last.ends_with(word)) || last == "pass" && previous.is_some() {
        return Some(Strength::Password);
    }
    match last {
        "token" if previous.is_some_and(|word| has(NOT_TOKENS, word)) => None,
        "pat" if !previous.is_some_and(|word| has(PAT_HOSTS, word)) => None,
        "keys" | "secrets" => None,
        _ if has(TOKENS, last) => Some(Strength::Token),
        _ if last.ends_with("apikey") || last.ends_with("secretkey") => Some(Strength::Token),
        "key" if previous.is_some_and(|word| has(KEYS, word)) => Some(Strength::Token),
        "key" if before.iter().any(|word| word == "secret" || word == "api") => Some(Strength::Token),
        "key" if previous.is_none_or(|word| !has(NOT_KEYS, word)) => Some(Strength::Key),
        _ => None,
    }
}

/// `OPENAI_API_KEY`, `openAiApiKey`, `spring.ai.openai.api-key` → lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let Some(word) = words.last_mut() else { break };
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let after_lower = at > 0 && (chars[at - 1].is_ascii_lowercase() || chars[at - 1].is_ascii_digit());
        let before_lower = chars.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let after_upper = at > 0 && chars[at - 1].is_ascii_uppercase();
        if c.is_ascii_uppercase() && !word.is_empty() && (after_lower || after_upper && before_lower) {
            words.push(c.to_ascii_lowercase().to_string());
        } else {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<Strength>) {
        assert_eq!(judge(name), expected, "{name}");
    }

    #[test]
    fn names() {
        for name in [
            "password",
            "DB_PASSWORD",
            "userPassword",
            "dbpasswd",
            "PGPASSWORD",
            "smtp.pass",
            "Pwd",
            "password_2",
        ] {
            check(name, Some(Strength::Password));
        }
        for name in [
            "api_key",
            "apiKey",
            "API-KEY",
            "OPENAI_API_KEY",
            "openAIApiKey",
            "x-api-key",
            "WANDB_KEY",
            "AZURE_OPENAI_KEY",
            "aws_secret_access_key",
            "AccountKey",
            "SharedAccessKey",
            "client_secret",
            "token",
            "GITHUB_TOKEN",
            "--token",
            "accessToken",
            "spring.ai.openai.api-key",
            "API_KEY_PROD",
            "api_key1",
            "OPENAI_API_KEY_2",
            "secret",
            "APIKey",
            "GITHUB_PAT",
            "--api-key",
            "openai_apikey",
            "credentials",
        ] {
            check(name, Some(Strength::Token));
        }
        for name in ["key", "object_key", "my-key"] {
            check(name, Some(Strength::Key));
        }
        for name in [
            "max_tokens",
            "pad_token",
            "eosToken",
            "next_token",
            "tokenizer",
            "token_count",
            "api_key_env",
            "secretName",
            "password_file",
            "keys",
            "primary_key",
            "public_key",
            "author",
            "pattern",
            "path",
            "pass",
            "compass",
            "monkey",
            "keyboard",
            "secretKeyRef",
            "token_url",
            "pat",
            "bypass",
            "api_keys",
        ] {
            check(name, None);
        }
    }
}
