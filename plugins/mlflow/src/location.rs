//! What the place of a model or of a dataset says.

use inventar_analysis::names::Address;
use serde_json::Value;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// An object store or a web address: what others know it by.
    Url(String),
    /// The artifacts of a run.
    Run(String),
    /// A logged model, by its id.
    Logged(String),
    /// A registered model, or which of its versions: `name`, `name/3`, `name@alias`.
    Registered(String),
    /// On the server's own disk or behind its proxy: only the server knows.
    Inside,
}

/// Schemes of places that mean the same to everybody.
const SHARED: &[&str] = &["s3", "gs", "abfss", "wasbs", "https", "http", "hdfs", "r2", "hf", "dbfs", "oci"];

/// Reads a place as MLflow writes it.
pub fn read(text: &str) -> Location {
    let text = text.trim();
    match Address::read(text) {
        Some(Address::Run(id)) => return Location::Run(id),
        Some(Address::Logged(id)) => return Location::Logged(id),
        Some(address @ Address::Model(..)) => return Location::Registered(address.name().bare().to_owned()),
        None => {}
    }
    match text.split_once("://") {
        Some((scheme, rest)) if SHARED.contains(&scheme.to_ascii_lowercase().as_str()) => {
            match plain(scheme, rest) {
                Some(url) => Location::Url(url),
                None => Location::Inside,
            }
        }
        _ => Location::Inside,
    }
}

/// Without a user, a query, a fragment and a slash at the end.
fn plain(scheme: &str, rest: &str) -> Option<String> {
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    // A container of Azure stands where a user would: `abfss://container@account/…`.
    let authority = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => authority.rsplit('@').next().unwrap_or_default(),
        _ => authority,
    };
    let is_good = !authority.is_empty() && rest.chars().all(|c| !c.is_control() && !c.is_whitespace());
    is_good.then(|| format!("{}://{authority}{}", scheme.to_ascii_lowercase(), path.trim_end_matches('/')))
}

/// The place of a dataset: its `source` is JSON whose shape depends on the type.
pub fn of_dataset(source: &str) -> Location {
    let Ok(source) = serde_json::from_str::<Value>(source) else { return read(source) };
    let key = ["uri", "url", "path", "delta_table_name"].iter().find_map(|key| source.get(*key)?.as_str());
    key.map_or(Location::Inside, read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        use Location::*;
        for (text, place) in [
            ("s3://acme-models/churn/3", Url("s3://acme-models/churn/3".into())),
            ("S3://b/k/", Url("s3://b/k".into())),
            ("gs://b", Url("gs://b".into())),
            ("https://user:secret@host/p?sig=1#f", Url("https://host/p".into())),
            (
                "abfss://c@account.dfs.core.windows.net/x",
                Url("abfss://c@account.dfs.core.windows.net/x".into()),
            ),
            ("runs:/0123456789abcdef0123456789abcdef/model", Run("0123456789abcdef0123456789abcdef".into())),
            ("runs:/", Inside),
            (
                "models:/m-0123456789abcdef0123456789abcdef",
                Logged("m-0123456789abcdef0123456789abcdef".into()),
            ),
            ("models:/m-family/3", Registered("m-family/3".into())),
            ("models:/churn/3", Registered("churn/3".into())),
            ("models:/churn@champion", Registered("churn@champion".into())),
            ("mlflow-artifacts:/1/models/m-1/artifacts", Inside),
            ("/var/mlruns/1", Inside),
            ("file:///var/mlruns", Inside),
            ("s3://", Inside),
            ("s3://b/k with space", Inside),
            ("", Inside),
        ] {
            assert_eq!(read(text), place, "{text}");
        }
        assert_eq!(of_dataset(r#"{"uri": "s3://b/k"}"#), Url("s3://b/k".into()));
        assert_eq!(of_dataset(r#"{"tags": {}}"#), Inside);
        assert_eq!(of_dataset("not json"), Inside);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_place(text in ".{0,200}") {
            read(&text);
            of_dataset(&text);
        }
    }
}
