//! What a kubeconfig says.

use crate::credential::fault::Fault;
use secrecy::SecretString;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// One document, or several merged: the first to say something wins.
#[derive(Default)]
pub(super) struct Document {
    current: Option<String>,
    contexts: Vec<Named<Chosen>>,
    clusters: Vec<Named<Cluster>>,
    users: Vec<Named<User>>,
}

/// A part with its name and where its relative paths begin.
pub(super) struct Named<T> {
    name: String,
    pub(super) folder: PathBuf,
    pub(super) value: T,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "current-context")]
    current: Option<String>,
    contexts: Option<Vec<WireContext>>,
    clusters: Option<Vec<WireCluster>>,
    users: Option<Vec<WireUser>>,
}

#[derive(Deserialize)]
struct WireContext {
    name: String,
    context: Chosen,
}

#[derive(Deserialize)]
struct WireCluster {
    name: String,
    cluster: Cluster,
}

#[derive(Deserialize)]
struct WireUser {
    name: String,
    user: Option<User>,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    pub(super) cluster: String,
    #[serde(default)]
    pub(super) user: String,
}

#[derive(Deserialize)]
pub(super) struct Cluster {
    pub(super) server: String,
    #[serde(rename = "certificate-authority")]
    pub(super) authority: Option<String>,
    #[serde(rename = "certificate-authority-data")]
    pub(super) authority_data: Option<SecretString>,
    #[serde(rename = "insecure-skip-tls-verify", default)]
    pub(super) insecure: bool,
}

#[derive(Deserialize, Default)]
pub(super) struct User {
    pub(super) token: Option<SecretString>,
    #[serde(rename = "tokenFile")]
    pub(super) token_file: Option<String>,
    pub(super) username: Option<String>,
    pub(super) password: Option<SecretString>,
    #[serde(rename = "client-certificate")]
    pub(super) certificate: Option<String>,
    #[serde(rename = "client-certificate-data")]
    pub(super) certificate_data: Option<SecretString>,
    #[serde(rename = "client-key")]
    pub(super) key: Option<String>,
    #[serde(rename = "client-key-data")]
    pub(super) key_data: Option<SecretString>,
    pub(super) exec: Option<Exec>,
    #[serde(rename = "as")]
    impersonate: Option<String>,
    #[serde(rename = "auth-provider")]
    provider: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Exec {
    #[serde(rename = "apiVersion")]
    pub(super) version: String,
    pub(super) command: String,
    pub(super) args: Option<Vec<String>>,
    pub(super) env: Option<Vec<Variable>>,
    #[serde(rename = "provideClusterInfo", default)]
    pub(super) tell_cluster: bool,
}

#[derive(Deserialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
}

impl User {
    /// Refuses what would be ignored at a cost.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.impersonate.is_some() {
            // Leaving it out would act with more rights than the operator meant.
            return Err(Fault::unsupported(
                "its user acts as another (`as`)",
                "use a user of its own rights",
            ));
        }
        if self.provider.is_some() {
            return Err(Fault::unsupported(
                "its user has an `auth-provider`, which Kubernetes removed",
                "sign in again with a newer helper: it writes `exec`",
            ));
        }
        Ok(())
    }
}

impl Document {
    /// Adds a file's text. The parser's own words would repeat the text, so only the place is told.
    pub(super) fn add(&mut self, text: &str, folder: &Path) -> Result<(), Fault> {
        let wire: Wire = serde_saphyr::from_str(text).map_err(|error| {
            let place = error.location().map_or_else(String::new, |at| format!(" (line {})", at.line()));
            Fault::malformed(format!("it is no kubeconfig{place}"), "see `kubectl config view`")
        })?;
        let folder = || folder.to_owned();
        self.current = self.current.take().or(wire.current).filter(|name| !name.is_empty());
        for part in wire.contexts.unwrap_or_default() {
            self.contexts.push(Named { name: part.name, folder: folder(), value: part.context });
        }
        for part in wire.clusters.unwrap_or_default() {
            self.clusters.push(Named { name: part.name, folder: folder(), value: part.cluster });
        }
        for part in wire.users.unwrap_or_default() {
            self.users.push(Named {
                name: part.name,
                folder: folder(),
                value: part.user.unwrap_or_default(),
            });
        }
        Ok(())
    }

    /// The context with this name, or the current one, or the only one.
    pub(super) fn context(&self, name: Option<&str>) -> Result<(&str, &Chosen), Fault> {
        let name = match (name.or(self.current.as_deref()), self.contexts.as_slice()) {
            (Some(name), _) => name,
            (None, [only]) => &only.name,
            (None, _) => {
                return Err(Fault::missing(
                    "it has no current context",
                    "name one with the option `context`",
                ));
            }
        };
        match find(&self.contexts, name) {
            Some(context) => Ok((&context.name, &context.value)),
            None => Err(Fault::missing(
                format!("it has no context `{name}`"),
                "see `kubectl config get-contexts`, and name one with the option `context`",
            )),
        }
    }

    pub(super) fn cluster(&self, name: &str) -> Result<&Named<Cluster>, Fault> {
        find(&self.clusters, name)
            .ok_or_else(|| Fault::malformed(format!("it has no cluster `{name}`"), "mend the context"))
    }

    /// None for a context without a user.
    pub(super) fn user(&self, name: &str) -> Result<Option<&Named<User>>, Fault> {
        match find(&self.users, name) {
            None if !name.is_empty() => {
                Err(Fault::malformed(format!("it has no user `{name}`"), "mend the context"))
            }
            user => Ok(user),
        }
    }
}

fn find<'a, T>(parts: &'a [Named<T>], name: &str) -> Option<&'a Named<T>> {
    parts.iter().find(|part| part.name == name)
}
