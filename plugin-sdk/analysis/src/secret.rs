//! Secret references: names of variables that hold the key of an AI service. Names only, never values.

use inventar_plugin_sdk::Asset;

/// The key that a variable has in a file.
pub fn key(name: &str) -> String {
    format!("secret:{name}")
}

/// The asset of a variable, or of a setting.
pub fn asset(key: String, name: &str) -> Asset {
    let known = inventar_catalogue::secret(name).or_else(|| inventar_catalogue::setting(name));
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
