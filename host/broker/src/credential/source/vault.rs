//! `vault:MOUNT/PATH#FIELD`: HashiCorp Vault or OpenBao, over its HTTP API.
//!
//! The address comes from the option `vault-address` or `VAULT_ADDR` (`BAO_ADDR`), the token from `VAULT_TOKEN`
//! (`BAO_TOKEN`) or `~/.vault-token`, the namespace from `vault-namespace` or `VAULT_NAMESPACE`. Which of the two
//! layouts a mount of secrets has is asked first; a token that may not ask reads it as it is written, and then the
//! newer way.

use super::{Read, contents, member};
use crate::credential::Context;
use crate::credential::fault::Fault;
use crate::credential::token::{address, ask, unexpected};
use crate::message::{Incoming, Outgoing};
use inventar_model::HttpMethod;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Secrets of a mount change when somebody changes them; dynamic ones say how long they live.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(5);

pub(super) async fn read(path: &str, field: Option<&str>, context: &Context<'_>) -> Result<Read, Fault> {
    let vault = Vault::of(context).await?;
    let answer = vault.secret(path).await?;
    let root: Value = serde_json::from_slice(&answer.body)
        .map_err(|error| super::not_json(error.line(), error.column()))?;
    let data = root.get("data").unwrap_or(&Value::Null);
    // The newer layout wraps the members and says which version they are.
    let members = match (data.get("data"), data.get("metadata")) {
        (Some(inner), Some(_)) => inner,
        _ => data,
    };
    if !members.is_object() {
        return Err(Fault::missing("there is no secret, or its last version was deleted", "check the path"));
    }
    let document = SecretString::from(members.to_string());
    let text = match field {
        Some(field) => member(document.expose_secret(), field)?,
        None => document,
    };
    let lease = root.get("lease_duration").and_then(Value::as_i64).filter(|seconds| *seconds > 0);
    let fresh_for = lease.map_or(FRESH_FOR, |seconds| FRESH_FOR.min(SignedDuration::from_secs(seconds) / 2));
    Ok(Read { secrets: vec![vault.token], ..Read::new(text, Some(fresh_for)) })
}

struct Vault<'a> {
    context: &'a Context<'a>,
    address: url::Url,
    token: SecretString,
    namespace: Option<String>,
}

impl<'a> Vault<'a> {
    async fn of(context: &'a Context<'a>) -> Result<Self, Fault> {
        let variable = |name| context.surroundings.plain(name);
        let written = context
            .option("vault-address")
            .map(str::to_owned)
            .or_else(|| variable("VAULT_ADDR"))
            .or_else(|| variable("BAO_ADDR"));
        let Some(written) = written else {
            return Err(Fault::missing(
                "nothing says where Vault is",
                "set `VAULT_ADDR`, or the option `vault-address`",
            ));
        };
        let address = address(&written, "the address of Vault")?;
        let token = ["VAULT_TOKEN", "BAO_TOKEN"].iter().find_map(|name| context.surroundings.variable(name));
        let token = match (token, context.surroundings.home()) {
            (Some(token), _) => token,
            (None, Some(home)) => match contents(&home.join(".vault-token")).await {
                Ok(token) => SecretString::from(token.expose_secret().trim()),
                Err(_) => return Err(no_token()),
            },
            (None, None) => return Err(no_token()),
        };
        let namespace = context
            .option("vault-namespace")
            .map(str::to_owned)
            .or_else(|| variable("VAULT_NAMESPACE"))
            .or_else(|| variable("BAO_NAMESPACE"));
        Ok(Self { context, address, token, namespace })
    }

    async fn secret(&self, path: &str) -> Result<Incoming, Fault> {
        let wrapped = |mount: usize| {
            let segments: Vec<&str> = path.split('/').collect();
            let (mount, rest) = segments.split_at(mount.min(segments.len()));
            match rest.first() {
                Some(&"data") => path.to_owned(),
                _ => format!("{}/data/{}", mount.join("/"), rest.join("/")),
            }
        };
        let about = self.get(&format!("sys/internal/ui/mounts/{path}")).await?;
        let tries = match about.status {
            200 => {
                let about: Value = serde_json::from_slice(&about.body).unwrap_or_default();
                let version = about.pointer("/data/options/version").and_then(Value::as_str);
                let mount = about.pointer("/data/path").and_then(Value::as_str).unwrap_or_default();
                let mount = mount.trim_end_matches('/').split('/').count();
                if version == Some("2") { vec![wrapped(mount)] } else { vec![path.to_owned()] }
            }
            _ => vec![path.to_owned(), wrapped(1)],
        };
        let mut last = about;
        for path in tries {
            last = self.get(&path).await?;
            if last.status == 200 {
                return Ok(last);
            }
        }
        Err(match last.status {
            403 => Fault::refused(
                "Vault denies it, or the token has ended",
                format!("sign in again, or give the token's policy `read` on `{path}`"),
            ),
            404 => Fault::missing("Vault has no such secret", "check the path and the namespace"),
            503 => Fault::unreachable("Vault is sealed or down", "unseal it"),
            status => unexpected("Vault", status),
        })
    }

    async fn get(&self, path: &str) -> Result<Incoming, Fault> {
        let mut url = self.address.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => {
                segments.pop_if_empty().push("v1").extend(path.split('/'));
            }
            Err(()) => {
                return Err(Fault::options("the address of Vault is no base", "write https://HOST:PORT"));
            }
        }
        let token = self.token.expose_secret();
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Fault::malformed("the token of Vault is no token", "sign in again"));
        }
        let mut headers = vec![
            ("x-vault-token".to_owned(), token.to_owned()),
            ("x-vault-request".to_owned(), "true".into()),
        ];
        headers.extend(self.namespace.clone().map(|name| ("x-vault-namespace".to_owned(), name)));
        let request = Outgoing { method: HttpMethod::Get, url, headers, body: vec![] };
        ask(&request, "Vault", self.context).await
    }
}

fn no_token() -> Fault {
    Fault::missing(
        "there is no token for Vault",
        "set `VAULT_TOKEN`, or sign in so that `~/.vault-token` is there",
    )
}
