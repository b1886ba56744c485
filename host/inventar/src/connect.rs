//! What an operator says of a service: where it is, who we are there, what a run may use.
//!
//! No argument ever holds a secret: a credential is named by where it is kept (`env:NAME`, `file:PATH` …), and a value
//! that looks like a secret is refused without being repeated.

mod budget;
mod credential;
mod network;

pub(crate) use budget::{budget, budget_in_words, bytes_in_words, cost_in_words, time_in_words};
pub(crate) use credential::credentials;
pub(crate) use network::{endpoint, private_network};

use crate::exit::Stop;
use inventar_model::{Digest, SourceName};
use inventar_runtime::Manifest;
use serde_json::{Map, Value};

/// The name of a connected source: one word, so that it is never taken for a path or a kind of target.
pub(crate) fn name(text: &str) -> Result<SourceName, Stop> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    let good = (1..=80).contains(&text.len())
        && text.bytes().all(plain)
        && text.as_bytes()[0].is_ascii_alphanumeric();
    if !good {
        return Err(Stop::usage(format!(
            "`{}` cannot be the name of a connected source",
            text.escape_debug()
        ))
        .hint("take one word of lower-case letters, digits, `-`, `_` and `.`, such as `aws-prod`"));
    }
    SourceName::new(text).map_err(|error| Stop::usage(error.to_string()))
}

/// What an operator decides by: everything of a manifest that changes what is called, as whom, and where. Words for
/// people and speed limits are not part of it.
pub(crate) fn permissions(manifest: &Manifest) -> Digest {
    let mut parts: Vec<String> = vec![manifest.id.to_string()];
    for slot in &manifest.credentials {
        let kinds: Vec<&str> = slot.kinds.iter().map(|kind| kind.as_str()).collect();
        parts.push(format!(
            "slot {} {} {}",
            slot.slot,
            kinds.join(","),
            slot.header.as_deref().unwrap_or("-")
        ));
    }
    for rule in &manifest.egress {
        parts.push(format!(
            "rule {} {} {} {} {} {}",
            rule.service,
            rule.hosts.join(","),
            rule.protocol,
            rule.target.as_deref().unwrap_or("-"),
            rule.credential.as_deref().unwrap_or("-"),
            rule.headers.join(",")
        ));
        let operations = rule.operations.iter();
        parts.extend(operations.map(|operation| operation.to_text(rule.protocol, &rule.service)));
    }
    Digest::of_parts(parts.iter().map(String::as_bytes))
}

/// `KEY=VALUE` settings of the plugin as canonical JSON, checked against its schema. A value is JSON where it can be
/// read as such, else text.
pub(crate) fn settings(given: &[String], manifest: &Manifest) -> Result<String, Stop> {
    let mut settings = Map::new();
    for text in given {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Stop::usage("a --setting is not KEY=VALUE").hint("write --setting regions=eu-west-1"));
        };
        refuse_secret("--setting", key, value)?;
        let parsed = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        let parsed = if takes_list(manifest, key) && !parsed.is_array() {
            let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
            Value::from(words.collect::<Vec<_>>())
        } else {
            parsed
        };
        if settings.insert(key.to_owned(), parsed).is_some() {
            return Err(Stop::usage(format!("the setting `{}` is given twice", key.escape_debug())));
        }
    }
    manifest.check_settings(&Value::Object(settings).to_string()).map_err(|error| {
        Stop::usage(format!("the settings of `{}` are wrong: {error}", manifest.id))
            .hint(format!("`inventar plugin inspect {} -o json` shows what it takes", manifest.id))
    })
}

/// Whether the plugin's schema wants a list for this key.
fn takes_list(manifest: &Manifest, key: &str) -> bool {
    let schema: Option<Value> =
        manifest.settings_schema.as_deref().and_then(|schema| serde_json::from_str(schema).ok());
    schema.is_some_and(|schema| schema["properties"][key]["type"] == "array")
}

/// Whether a plugin's schema has the property.
pub(crate) fn takes(manifest: &Manifest, key: &str) -> bool {
    let schema: Option<Value> =
        manifest.settings_schema.as_deref().and_then(|schema| serde_json::from_str(schema).ok());
    schema.is_some_and(|schema| schema["properties"].get(key).is_some())
}

/// Refuses a value that is a secret, or stands where one would: it is neither repeated nor kept.
pub(crate) fn refuse_secret(flag: &str, key: &str, value: &str) -> Result<(), Stop> {
    const NAMES: &[&str] =
        &["secret", "password", "passwd", "token", "apikey", "api-key", "access-key", "private-key"];
    let name = key.to_lowercase().replace('_', "-");
    let is_place = name.ends_with("-url") || name.ends_with("-file") || name.ends_with("-name");
    let by_name = !is_place && NAMES.iter().any(|word| name.contains(word));
    if by_name || looks_secret(value) {
        return Err(a_secret_in(flag));
    }
    Ok(())
}

/// Whether a text has the shape of a secret.
pub(crate) fn looks_secret(text: &str) -> bool {
    inventar_runtime::redact(text) != text
}

/// The refusal. It says nothing of the value.
pub(crate) fn a_secret_in(flag: &str) -> Stop {
    Stop::usage(format!("a value given to {flag} looks like a secret; it was not kept")).hint(
        "arguments are seen by everybody on this machine and stay in the shell's history: put the secret into an \
         environment variable (--credential SLOT=env:NAME), a file (file:PATH), a vault (vault:PATH#FIELD) or the \
         keyring (keyring:SERVICE/USER), and change it if it is real",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::manifest;

    #[test]
    fn names_of_sources() {
        for (text, good) in [
            ("aws-prod", true),
            ("a", true),
            ("a/b", false),
            ("aws:prod", false),
            ("", false),
            (".", false),
            ("A", false),
        ] {
            assert_eq!(name(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_grant_covers_what_is_called_and_not_the_words_about_it() {
        let granted = permissions(&manifest());
        let mut other = manifest();
        other.egress[0].reason = "Other words".into();
        other.egress[0].per_second = Some(3);
        assert_eq!(permissions(&other), granted);
        let changes: [fn(&mut Manifest); 5] = [
            |manifest| _ = manifest.egress[0].operations.pop(),
            |manifest| manifest.egress[0].hosts.push("example.com".into()),
            |manifest| manifest.egress[0].headers.push("x-more".into()),
            |manifest| manifest.egress[0].credential = Some("login".into()),
            |manifest| manifest.credentials[1].kinds.truncate(1),
        ];
        for change in changes {
            let mut other = manifest();
            change(&mut other);
            assert_ne!(permissions(&other), granted);
        }
    }

    #[track_caller]
    fn check_secret(key: &str, value: &str, refused: bool) {
        let stop = refuse_secret("--setting", key, value);
        assert_eq!(stop.is_err(), refused, "{key}");
        if let Err(stop) = stop {
            assert!(!stop.to_string().contains(value), "{stop}");
        }
    }

    #[test]
    fn secrets_are_refused_and_not_repeated() {
        check_secret("regions", "eu-west-1", false);
        check_secret("token-url", "https://login.example/token", false);
        check_secret("client-secret", "anything at all", true);
        check_secret("API_KEY", "abcdef", true);
        check_secret("note", &["AKIA", "IOSFODNN7EXAMPLQ"].concat(), true);
        check_secret("role", "arn:aws:iam::123456789012:role/reader", false);
    }
}
