//! Which names are names of secrets, which texts refer to variables, and how an argument is shown without its secret.

/// Words that make a name one of a secret, when they end it or stand before an id.
const SECRET_WORDS: &[&str] = &[
    "key",
    "apikey",
    "token",
    "secret",
    "password",
    "passwd",
    "pass",
    "credential",
    "credentials",
    "pat",
    "auth",
    "bearer",
    "cookie",
    "dsn",
    "passphrase",
    "authorization",
    "jwt",
    "accesstoken",
    "authtoken",
];

/// Words that say of what kind a thing is, behind a secret's word: `…_KEY_ID` is part of a credential.
const TRAILING: &[&str] = &["id", "value", "string"];

/// Words before `key` that make it something else.
const OTHER_KEYS: &[&str] =
    &["public", "primary", "foreign", "sort", "partition", "cache", "hot", "idempotency"];

/// Whether a variable, header, flag or query parameter of that name holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.ends_with(&["connection", "string"]) || words.ends_with(&["database", "url"]) {
        return true;
    }
    while words.len() > 1 && words.last().is_some_and(|word| TRAILING.contains(word)) {
        words.pop();
    }
    // GITHUB_TOKEN_2
    while words.len() > 1 && words.last().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        words.pop();
    }
    let Some((last, before)) = words.split_last() else { return false };
    SECRET_WORDS.contains(last)
        && !before.last().is_some_and(|word| *last == "key" && OTHER_KEYS.contains(word))
}

/// `OPENAI_API_KEY`, `openaiApiKey`, `X-Api-Key`, `--api-key`: lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        let is_new = !c.is_alphanumeric() || c.is_uppercase() && was_lower;
        if is_new {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The variables that a value takes its text from: `${X}`, `${X:-default}`, `${env:X}`, `$X`, `{env:X}`, `%X%`,
/// `${{ secrets.X }}`. A prompt for input (`${input:x}`) is none.
pub fn variables(value: &str) -> Vec<&str> {
    let mut found = vec![];
    let mut rest = value;
    while let Some(at) = rest.find(['$', '{', '%']) {
        let tail = &rest[at..];
        let (name, used) = reference(tail);
        if let Some(name) = name.filter(|name| is_variable(name))
            && !found.contains(&name)
        {
            found.push(name);
        }
        rest = &tail[used..];
    }
    found
}

fn reference(text: &str) -> (Option<&str>, usize) {
    let enclosed = |open: &str, close: &str| {
        let inner = text.strip_prefix(open)?;
        let end = inner.find(close)?;
        Some((&inner[..end], open.len() + end + close.len()))
    };
    if let Some((inner, used)) = enclosed("${{", "}}") {
        let inner = inner.trim();
        return (inner.strip_prefix("secrets.").or_else(|| inner.strip_prefix("env.")), used);
    }
    if let Some((inner, used)) = enclosed("${", "}") {
        let inner = inner.strip_prefix("env:").or_else(|| inner.strip_prefix("env.")).unwrap_or(inner);
        let name = inner.split([':', '-']).next().unwrap_or_default();
        let is_other = inner[name.len()..].starts_with(':') && !inner[name.len()..].starts_with(":-");
        return ((!is_other).then_some(name), used);
    }
    if let Some((inner, used)) = enclosed("{env:", "}") {
        return (Some(inner), used);
    }
    if let Some((inner, used)) = enclosed("%", "%")
        && is_variable(inner)
    {
        return (Some(inner), used);
    }
    if let Some(inner) = text.strip_prefix('$') {
        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
        return (Some(&inner[..end]), 1 + end);
    }
    (None, text.chars().next().map_or(1, char::len_utf8))
}

/// Whether a text can be a variable's name.
pub fn is_variable(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a text stands where a secret should be: empty, a reference, or words that ask for one.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let value = value.strip_prefix("bearer ").unwrap_or(&value);
    value.is_empty()
        || value.starts_with(['$', '%', '<', '['])
        || value.contains("${")
        || value.contains("{env:")
        || [
            "your",
            "xxx",
            "***",
            "...",
            "…",
            "changeme",
            "change-me",
            "placeholder",
            "-here",
            "_here",
            "example",
            "dummy",
        ]
        .iter()
        .any(|word| value.contains(word))
}

/// Stands where a secret stood.
pub const MASK: &str = "***";

/// Arguments as they may be shown: what stands behind a secret's name, or looks like a secret, is masked. A reference
/// to a variable says nothing and stays.
pub fn masked(args: &[String]) -> Vec<String> {
    let mut is_next_secret = false;
    args.iter()
        .map(|arg| {
            let is_secret = std::mem::take(&mut is_next_secret);
            if is_secret && !arg.starts_with('-') {
                return keep_references(arg);
            }
            if arg.starts_with('-') && !arg.contains('=') && !arg.contains(' ') {
                is_next_secret = is_secret_name(arg);
                return arg.clone();
            }
            one(arg)
        })
        .collect()
}

fn one(arg: &str) -> String {
    // `--token=x`, `TOKEN=x`, `Authorization: Bearer x`
    for separator in ['=', ':'] {
        if let Some((name, value)) = arg.split_once(separator) {
            let is_name =
                !name.is_empty() && !name.contains(['/', ' ', '?', '&']) && !value.starts_with("//");
            if is_name && is_secret_name(name) {
                return format!("{name}{separator}{}", keep_references(value));
            }
        }
    }
    if arg.contains(' ') {
        // A line for a shell.
        let words: Vec<String> = arg.split(' ').map(str::to_owned).collect();
        return masked(&words).join(" ");
    }
    if arg.contains("://") {
        return clean_url(arg);
    }
    if looks_random(arg) { MASK.to_owned() } else { arg.to_owned() }
}

fn keep_references(value: &str) -> String {
    let is_reference = value.starts_with(['$', '{', '%', '<']) || value.is_empty();
    if is_reference { value.to_owned() } else { MASK.to_owned() }
}

/// A token of no known shape: long, of one word, with digits among letters of both cases, or long hex.
fn looks_random(text: &str) -> bool {
    let text = text.rsplit('=').next().unwrap_or(text);
    let is_word =
        text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    is_word
        && (digits >= 2 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
            || text.len() >= 32 && digits >= 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A URL without user, password, query and fragment.
pub fn clean_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (host, path) = rest[..end].split_at(rest[..end].find('/').unwrap_or(end));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path: Vec<&str> = path.split('/').map(|part| if looks_random(part) { MASK } else { part }).collect();
    format!("{scheme}://{host}{}", path.join("/"))
}

/// A URL in the one spelling by which it is known: scheme and host in lower case, no default port, no closing slash.
/// None if host or path are only known at run time.
pub fn canonical_url(url: &str) -> Option<String> {
    let clean = clean_url(url.trim());
    let (scheme, rest) = clean.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "ws" | "wss")
        || rest.contains(['$', '{', '<', '%', ' ', '*'])
    {
        return None;
    }
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.to_ascii_lowercase();
    let port = if matches!(scheme.as_str(), "https" | "wss") { ":443" } else { ":80" };
    let host = host.strip_suffix(port).unwrap_or(&host);
    (!host.is_empty()).then(|| format!("{scheme}://{host}{}", path.trim_end_matches('/')))
}

/// The names of a URL's query parameters that hold a secret.
pub fn secret_parameters(url: &str) -> Vec<&str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let names = query.split('#').next().unwrap_or_default().split('&');
    names.filter_map(|pair| pair.split('=').next()).filter(|name| is_secret_name(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for yes in [
            "OPENAI_API_KEY",
            "GITHUB_PERSONAL_ACCESS_TOKEN",
            "GITHUB_PAT",
            "apiKey",
            "exaApiKey",
            "--api-key",
            "X-API-Key",
            "Authorization",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "DB_PASSWORD",
            "AZURE_STORAGE_CONNECTION_STRING",
            "DATABASE_URL",
            "SENTRY_DSN",
            "GITHUB_TOKEN_2",
            "JWT",
        ] {
            assert!(is_secret_name(yes), "{yes}");
        }
        for no in [
            "NODE_ENV",
            "MAX_TOKENS",
            "TOKEN_LIMIT",
            "KEY_PATH",
            "PUBLIC_KEY",
            "SSH_AUTH_SOCK",
            "AUTH_MODE",
            "PATH",
            "",
            "PRIMARY_KEY",
            "--monkey",
            "Content-Type",
            "-e",
            "BYPASS",
            "PWD",
        ] {
            assert!(!is_secret_name(no), "{no}");
        }
    }

    #[test]
    fn references() {
        for (value, names) in [
            ("${API_KEY}", vec!["API_KEY"]),
            ("Bearer ${env:API_KEY}", vec!["API_KEY"]),
            ("${A:-x}-$B/{env:C}", vec!["A", "B", "C"]),
            ("%APPDATA%\\x", vec!["APPDATA"]),
            ("${{ secrets.X }}", vec!["X"]),
            ("${input:key} ${workspaceFolder:x}", vec![]),
            ("100% of ${", vec![]),
            ("ä$é", vec![]),
            ("plain", vec![]),
        ] {
            assert_eq!(variables(value), names, "{value}");
        }
    }

    #[test]
    fn placeholders() {
        for yes in [
            "",
            "<your key>",
            "your-api-key",
            "Bearer ${X}",
            "$X",
            "sk-xxxx",
            "nvapi-…",
            "put-token-here",
            "Bearer ntn_****",
        ] {
            assert!(is_placeholder(yes), "{yes}");
        }
        for no in ["s3cr3t-s3cr3t", "Bearer abc", "postgres://u:p@h/d"] {
            assert!(!is_placeholder(no), "{no}");
        }
    }

    #[test]
    fn arguments_without_secrets() {
        for (args, shown) in [
            (vec!["--api-key", "abc", "-v"], vec!["--api-key", "***", "-v"]),
            (vec!["--api-key", "${KEY}"], vec!["--api-key", "${KEY}"]),
            (
                vec!["--token=abc", "-e", "TOKEN=abc", "-e", "TOKEN"],
                vec!["--token=***", "-e", "TOKEN=***", "-e", "TOKEN"],
            ),
            (vec!["--header", "Authorization: Bearer abc"], vec!["--header", "Authorization:***"]),
            (vec!["postgresql://u:p@h:5432/db?sslmode=x"], vec!["postgresql://h:5432/db"]),
            (vec!["https://h/mcp?apiKey=1"], vec!["https://h/mcp"]),
            (
                vec!["-c", "run --token abc --url http://u:p@h/"],
                vec!["-c", "run --token *** --url http://h/"],
            ),
            (vec!["Zx81kQp20LmN3oVb77Ty"], vec!["***"]),
            (
                vec!["@modelcontextprotocol/server-filesystem@2025.1.14"],
                vec!["@modelcontextprotocol/server-filesystem@2025.1.14"],
            ),
            (vec!["mcp-server-sqlite-with-long-name"], vec!["mcp-server-sqlite-with-long-name"]),
        ] {
            let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
            assert_eq!(masked(&args), shown);
        }
    }

    #[test]
    fn urls() {
        for (url, canonical) in [
            ("HTTPS://u:p@API.Example.com:443/mcp/?k=1#x", Some("https://api.example.com/mcp")),
            ("http://localhost:8080/sse", Some("http://localhost:8080/sse")),
            ("https://${HOST}/mcp", None),
            ("stdio", None),
        ] {
            assert_eq!(canonical_url(url).as_deref(), canonical, "{url}");
        }
        assert_eq!(secret_parameters("https://h/?apiKey=1&page=2#a"), ["apiKey"]);
    }
}
