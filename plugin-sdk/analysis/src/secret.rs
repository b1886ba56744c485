//! Secret references: names of variables that hold the key of an AI service. Names only, never values.

use inventar_plugin_sdk::Asset;

/// The key that a variable has in a file.
pub fn key(name: &str) -> String {
    format!("secret:{name}")
}

/// The asset of a variable.
pub fn asset(key: String, name: &str) -> Asset {
    let known = inventar_catalogue::secret(name);
    Asset::new(key, "secret-reference", name)
        .identifier("env", name)
        .maybe("provider", known.map(|known| known.provider))
        .maybe("secret-kind", known.map(|known| known.kind))
}

/// Whether a variable's name may hold a credential: a client's `token=os.getenv("USER")` does not.
pub fn reads_like_key(name: &str) -> bool {
    inventar_catalogue::secret(name).is_some()
        || ["KEY", "TOKEN", "SECRET", "PAT", "CREDENTIALS", "PASSWORD"].iter().any(|end| name.ends_with(end))
}

/// Whether a setting is called like a known variable, in the spelling of configurations: `Gemini:ApiKey`, `openai.token`,
/// `AzureOpenAiApiKey`.
pub fn is_known_setting(name: &str) -> bool {
    if name.len() > 80 || !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let mut spelled = String::with_capacity(name.len() + 8);
    let mut before_is_lower = false;
    for char in name.chars() {
        let is_part = char.is_ascii_alphanumeric();
        let starts = !is_part || char.is_ascii_uppercase() && before_is_lower;
        if starts && !spelled.is_empty() && !spelled.ends_with('_') {
            spelled.push('_');
        }
        if is_part {
            spelled.push(char.to_ascii_uppercase());
        }
        before_is_lower = char.is_ascii_lowercase();
    }
    // The one name that camel case takes apart.
    inventar_catalogue::secret(&spelled.replace("OPEN_AI", "OPENAI")).is_some()
}

/// Whether a variable is named after the storage, the login, the CI, the office or a source of news and numbers beside
/// AI: by a word of its name, or by the beginning of one where that is long enough to tell (`POSTGRESQL`).
pub fn is_of_another_service(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "GITHUB",
        "GH",
        "GITLAB",
        "NPM",
        "PYPI",
        "DOCKER",
        "AWS",
        "S3",
        "DB",
        "POSTGRES",
        "MYSQL",
        "REDIS",
        "JWT",
        "AUTH",
        "SESSION",
        "COOKIE",
        "NEXTAUTH",
        "STRIPE",
        "SENTRY",
        "SLACK",
        "DISCORD",
        "TELEGRAM",
        "SMTP",
        "MAIL",
        "EMAIL",
        "GMAIL",
        "MAILGUN",
        "CODECOV",
        "SONAR",
        "SSH",
        "GPG",
        "ENCRYPTION",
        "SALT",
        "WEBHOOK",
        "MASTER_KEY",
        "APP_KEY",
        "SECRET_KEY",
        "TWILIO",
        "SENDGRID",
        "NOTION",
        "LINEAR",
        "JIRA",
        "CONFLUENCE",
        "ATLASSIAN",
        "AIRTABLE",
        "HUBSPOT",
        "SALESFORCE",
        "SHOPIFY",
        "DATADOG",
        "GRAFANA",
        "MINIO",
        "WEATHER",
        "OPENWEATHER",
        "TWITTER",
        "REDDIT",
        "YOUTUBE",
        "SPOTIFY",
        "MAPS",
        "NEWS",
        "STOCK",
        "ALPHAVANTAGE",
        "ALPHA_VANTAGE",
    ];
    let begins = |rest: &str| {
        WORDS.iter().any(|word| {
            rest.strip_prefix(word)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_') || word.len() > 5)
        })
    };
    begins(name) || name.match_indices('_').any(|(at, _)| begins(&name[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        for name in ["Gemini:ApiKey", "openai.token", "AzureOpenAiApiKey", "openai.api-key", "OpenAI:ApiKey"]
        {
            assert!(is_known_setting(name), "{name}");
        }
        for name in ["Weather:ApiKey", "openai.max-token", "ApiKey", "OPENAI_API_KEY", "openai.model", ""] {
            assert!(!is_known_setting(name), "{name}");
        }
    }

    #[test]
    fn services_beside_ai() {
        assert!(is_of_another_service("SLACK_MCP_API_KEY") && is_of_another_service("STRIPE_API_KEY"));
        assert!(is_of_another_service("POSTGRESQL_PASSWORD") && is_of_another_service("MY_DB_API_KEY"));
        assert!(is_of_another_service("OPENWEATHERMAP_API_KEY"));
        for name in ["ACME_API_KEY", "OPENAI_API_KEY", "VECTORDB_API_KEY", "MYDB_API_KEY", "OPENMAIL_API_KEY"]
        {
            assert!(!is_of_another_service(name), "{name}");
        }
    }
}
