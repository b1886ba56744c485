//! Programs that sign in to a cluster: `client.authentication.k8s.io`.

use super::document::Exec;
use crate::credential::fault::Fault;
use crate::credential::{Context, source};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const VERSIONS: [&str; 2] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
const MAX_TIME: Duration = Duration::from_secs(30);

/// What a program gave.
pub(super) struct Status {
    pub(super) token: Option<SecretString>,
    pub(super) certificate: Option<SecretString>,
    pub(super) key: Option<SecretString>,
    pub(super) expires: Option<Timestamp>,
}

/// Runs it without a terminal and reads the credential that it prints.
pub(super) async fn run(
    plugin: &Exec,
    folder: &Path,
    server: &str,
    context: &Context<'_>,
) -> Result<Status, Fault> {
    if !VERSIONS.contains(&plugin.version.as_str()) {
        return Err(Fault::unsupported(
            "its program speaks another version than client.authentication.k8s.io/v1 and v1beta1",
            "update the helper and sign in again",
        ));
    }
    let mut spec = json!({"interactive": false});
    if plugin.tell_cluster
        && let Some(spec) = spec.as_object_mut()
    {
        spec.insert("cluster".into(), json!({"server": server}));
    }
    let about = json!({"apiVersion": plugin.version, "kind": "ExecCredential", "spec": spec});
    let variables: Vec<(String, String)> = plugin
        .env
        .iter()
        .flatten()
        .map(|variable| (variable.name.clone(), variable.value.clone()))
        .chain([("KUBERNETES_EXEC_INFO".to_owned(), about.to_string())])
        .collect();
    let run = source::Run {
        program: &plugin.command,
        arguments: plugin.args.as_deref().unwrap_or_default(),
        variables: &variables,
        folder: Some(folder),
    };
    let text = source::run(&run, context.surroundings, MAX_TIME).await?;
    status(text.expose_secret(), &plugin.version)
}

fn status(text: &str, version: &str) -> Result<Status, Fault> {
    let root: Value =
        serde_json::from_str(text).map_err(|error| source::not_json(error.line(), error.column()))?;
    let wrong = |what: &'static str| Fault::malformed(what, "run the program by hand");
    if root.get("apiVersion").and_then(Value::as_str) != Some(version) {
        return Err(wrong("its program answered in another version than it was asked in"));
    }
    let find = |name: &str| root.pointer(&format!("/status/{name}")).and_then(Value::as_str);
    let secret = |name: &str| find(name).filter(|text| !text.is_empty()).map(SecretString::from);
    let status = Status {
        token: secret("token"),
        certificate: secret("clientCertificateData"),
        key: secret("clientKeyData"),
        expires: find("expirationTimestamp")
            .map(|text| text.parse().map_err(|_| wrong("its program's expiry is no date")))
            .transpose()?,
    };
    match (&status.token, &status.certificate, &status.key) {
        (None, None, _) | (None, _, None) => Err(wrong("its program gave neither a token nor a certificate")),
        _ => Ok(status),
    }
}
