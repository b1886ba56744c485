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

/// Whether a variable is named after the storage, the login, the CI, the office or a
/// source of news and numbers beside AI.
pub fn is_of_another_service(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "GITHUB",
        "GH_",
        "GITLAB",
        "NPM",
        "PYPI",
        "DOCKER",
        "AWS_",
        "S3_",
        "DB_",
        "POSTGRES",
        "MYSQL",
        "REDIS",
        "JWT",
        "AUTH_",
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
        "LINEAR_",
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
    WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_beside_ai() {
        assert!(is_of_another_service("SLACK_MCP_API_KEY") && is_of_another_service("STRIPE_API_KEY"));
        assert!(!is_of_another_service("ACME_API_KEY") && !is_of_another_service("OPENAI_API_KEY"));
    }
}
