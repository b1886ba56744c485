//! The environment and the clock that a credential is read in: the process's, or the caller's own.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Environment variables and the time of day.
#[derive(Clone)]
pub struct Surroundings {
    variables: Option<Arc<BTreeMap<String, SecretString>>>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Surroundings {
    /// The variables and the clock of this process.
    pub fn of_process() -> Self {
        Self { variables: None, clock: Arc::new(Timestamp::now) }
    }

    /// These variables and no others; programs that are started get these too.
    pub fn with<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), SecretString::from(value.into())))
            .collect();
        Self { variables: Some(Arc::new(variables)), ..Self::of_process() }
    }

    /// This clock.
    #[must_use]
    pub fn at(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<SecretString> {
        let value = match &self.variables {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok().map(SecretString::from),
        };
        value.filter(|value| !value.expose_secret().is_empty())
    }

    /// A variable that holds no secret.
    pub(super) fn plain(&self, name: &str) -> Option<String> {
        self.variable(name).map(|value| value.expose_secret().to_owned())
    }

    pub(super) fn home(&self) -> Option<PathBuf> {
        self.plain("HOME").or_else(|| self.plain("USERPROFILE")).map(PathBuf::from)
    }

    /// A path as a person writes it: `~/` is the home.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        match (written.strip_prefix("~/"), self.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => Path::new(written).to_owned(),
        }
    }

    /// Gives a program the variables that it should see.
    pub(super) fn pass_to(&self, command: &mut tokio::process::Command) {
        if let Some(variables) = &self.variables {
            command.env_clear();
            command.envs(variables.iter().map(|(name, value)| (name, value.expose_secret())));
        }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.variables.is_some() { "Surroundings(given)" } else { "Surroundings(process)" })
    }
}
