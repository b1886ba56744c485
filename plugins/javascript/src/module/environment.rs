//! Variables of the environment, in all the ways they are read.

use super::{Kind, MAX_ROWS, NodeId, Walk};

impl<'a> Walk<'a> {
    pub(super) fn reads_environment(&self, callee: NodeId) -> bool {
        match self.module.kind(callee) {
            Kind::Name(name) => is_getter(name),
            Kind::Member(base, name) => {
                is_getter(name)
                    || matches!(name, "get" | "getOrThrow" | "getString")
                        && matches!(
                            self.module.last_part(base),
                            Some("env" | "config" | "configService" | "process" | "secrets" | "Env")
                        )
            }
            _ => false,
        }
    }

    /// Notes `process.env.NAME`, `env.NAME`.
    pub(super) fn variable(&mut self, object: NodeId, name: &'a str, id: NodeId) {
        if !is_variable(name) {
            return;
        }
        // `loadEnv().NAME`.
        let called =
            self.module.called(object).is_some_and(|called| called.to_ascii_lowercase().contains("env"));
        if called || is_environment(self.module.last_part(object)) {
            self.module.variables.push((name, id));
        } else if self.module.capitals.len() < MAX_ROWS {
            self.module.capitals.push((name, id));
        }
    }
}

/// Names of variables are capitals.
pub(super) fn is_variable(name: &str) -> bool {
    name.len() > 2
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// `process.env`, `import.meta.env`, `Bun.env`, `env`, `c.env`.
fn is_environment(last: Option<&str>) -> bool {
    matches!(last, Some("env" | "ENV" | "serverEnv" | "Env"))
}

/// `getEnv("NAME")` and its relatives.
fn is_getter(name: &str) -> bool {
    matches!(
        name,
        "getEnv"
            | "getEnvVar"
            | "getEnvVariable"
            | "getEnvironmentVariable"
            | "requireEnv"
            | "readEnv"
            | "loadApiKey"
            | "env"
            | "mustGetEnv"
            | "assertEnv"
            | "useEnv"
    )
}
