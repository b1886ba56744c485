//! AWS: keys from wherever they are, roles assumed with no more rights than the manifest needs, requests signed with
//! Signature Version 4.
//!
//! ```text
//!   env:PREFIX     PREFIX_ACCESS_KEY_ID, PREFIX_SECRET_ACCESS_KEY, PREFIX_SESSION_TOKEN      (AWS for the usual ones)
//!   profile:NAME   ~/.aws/config and ~/.aws/credentials: keys, role_arn, credential_process, web identity
//!   web-identity:  AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE
//!   others         JSON, as credential_process prints it
//! ```
//!
//! The option `role` names a role to assume with whatever those give.

mod policy;
mod profile;
mod signature;
mod sts;

pub(super) use signature::sign;
pub(super) use sts::caller;

use super::fault::Fault;
use super::reference::Reference;
use super::{Context, Identity, Material, Put, source};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Seconds that a session lives unless somebody says otherwise.
const SESSION: i64 = 3600;

/// What signs.
#[derive(Clone)]
pub(super) struct Keys {
    id: String,
    secret: SecretString,
    session: Option<SecretString>,
    expires: Option<Timestamp>,
}

impl Keys {
    fn new(id: &str, secret: &str, session: Option<&str>, expires: Option<Timestamp>) -> Result<Self, Fault> {
        let good = |text: &str| {
            !text.is_empty() && text.len() <= 16 * 1024 && text.bytes().all(|b| b.is_ascii_graphic())
        };
        if good(id) && good(secret) && session.is_none_or(good) {
            let session = session.map(SecretString::from);
            Ok(Self { id: id.to_owned(), secret: SecretString::from(secret), session, expires })
        } else {
            Err(Fault::malformed(
                "the keys hold blanks, line breaks or letters beyond ASCII",
                "check them for what was copied along",
            ))
        }
    }

    /// From JSON in the spelling of credential_process, of `aws sts`, of Vault, or of the variables.
    fn from_json(text: &str) -> Result<Self, Fault> {
        let root: Value =
            serde_json::from_str(text).map_err(|error| source::not_json(error.line(), error.column()))?;
        let root = root.get("Credentials").unwrap_or(&root);
        let find = |names: [&str; 3]| {
            names.into_iter().find_map(|name| root.get(name)?.as_str()).filter(|text| !text.is_empty())
        };
        let need = |names: [&str; 3]| {
            find(names).ok_or_else(|| {
                Fault::malformed(
                    format!("it has no `{}`", names[0]),
                    "write the JSON that a credential_process prints",
                )
            })
        };
        let expires = find(["Expiration", "expiration", "expires"]);
        let expires = expires.map(moment).transpose()?;
        Self::new(
            need(["AccessKeyId", "access_key", "aws_access_key_id"])?,
            need(["SecretAccessKey", "secret_key", "aws_secret_access_key"])?,
            find(["SessionToken", "security_token", "aws_session_token"]),
            expires,
        )
    }

    fn secrets(&self) -> impl Iterator<Item = SecretString> {
        [Some(self.secret.clone()), self.session.clone()].into_iter().flatten()
    }
}

/// A moment as AWS writes it.
fn moment(text: &str) -> Result<Timestamp, Fault> {
    text.parse().map_err(|_| Fault::malformed("its expiry is no date", "check what gives the keys"))
}

/// Keys and what was used to get them.
struct Got {
    keys: Keys,
    secrets: Vec<SecretString>,
    warnings: Vec<String>,
    fresh_for: Option<SignedDuration>,
    region: Option<String>,
}

impl From<Keys> for Got {
    fn from(keys: Keys) -> Self {
        Self { secrets: keys.secrets().collect(), keys, warnings: vec![], fresh_for: None, region: None }
    }
}

pub(super) async fn fetch(
    reference: &Reference,
    actions: &[String],
    context: &Context<'_>,
) -> Result<Material, Fault> {
    let policy = policy::session(actions)?;
    let then = context.option("role");
    // Only the last role is cut down: the ones before must be allowed to assume it.
    let direct = if then.is_none() { Some(policy.as_str()) } else { None };
    let mut got = match reference {
        Reference::Env(prefix) => environment(prefix, context)?,
        Reference::Profile(name) => profile::fetch(name, direct, context).await?,
        Reference::WebIdentity => web_identity(direct, context).await?,
        _ => {
            let read = source::read(reference, context).await?;
            let got = Got::from(Keys::from_json(read.text.expose_secret())?);
            let secrets = got.secrets.into_iter().chain(read.all_secrets()).collect();
            Got { secrets, warnings: read.warnings, fresh_for: read.fresh_for, ..got }
        }
    };
    if let Some(role) = then {
        let role = sts::Role {
            arn: role,
            external_id: context.option("external-id"),
            session_name: context.option("session-name"),
            seconds: duration(context.option("duration"))?,
            policy: Some(&policy),
        };
        let region = got.region.clone();
        let keys = sts::assume(&role, &got.keys, region.as_deref(), context).await?;
        got.secrets.extend(keys.secrets());
        // The session outlives a look at where the keys are kept.
        got = Got { keys, fresh_for: None, ..got };
    }
    let who = Identity { who: got.keys.id.clone(), warnings: got.warnings, ..Identity::default() };
    Ok(Material {
        expires: got.keys.expires,
        put: Put::Aws(got.keys),
        fresh_for: got.fresh_for,
        secrets: got.secrets,
        who,
        ..Material::default()
    })
}

fn environment(prefix: &str, context: &Context<'_>) -> Result<Got, Fault> {
    let variable = |end: &str| context.surroundings.variable(&format!("{prefix}_{end}"));
    let need = |end: &str| {
        variable(end).ok_or_else(|| {
            let set = |name: &str| prefix == "AWS" && context.surroundings.variable(name).is_some();
            let next = if set("AWS_WEB_IDENTITY_TOKEN_FILE") {
                "set it, or use `web-identity:`, for which the variables are set"
            } else if set("AWS_PROFILE") {
                "set it, or use `profile:NAME`: `AWS_PROFILE` is set"
            } else {
                "set it for this program, or use `profile:NAME`"
            };
            Fault::missing(format!("the variable `{prefix}_{end}` is not set"), next)
        })
    };
    let (id, secret) = (need("ACCESS_KEY_ID")?, need("SECRET_ACCESS_KEY")?);
    let session = variable("SESSION_TOKEN");
    let session = session.as_ref().map(ExposeSecret::expose_secret);
    Ok(Keys::new(id.expose_secret(), secret.expose_secret(), session, None)?.into())
}

async fn web_identity(policy: Option<&str>, context: &Context<'_>) -> Result<Got, Fault> {
    let need = |name: &str| {
        context.surroundings.plain(name).ok_or_else(|| {
            Fault::missing(
                format!("the variable `{name}` is not set"),
                "run where the platform sets it, such as a service account with a role",
            )
        })
    };
    let (arn, path) = (need("AWS_ROLE_ARN")?, need("AWS_WEB_IDENTITY_TOKEN_FILE")?);
    let session_name = context.surroundings.plain("AWS_ROLE_SESSION_NAME");
    let role = sts::Role {
        arn: &arn,
        external_id: None,
        session_name: context.option("session-name").or(session_name.as_deref()),
        seconds: duration(context.option("duration"))?,
        policy,
    };
    sts::assume_with_token(&role, &path, None, context).await
}

/// Seconds that a session lives.
fn duration(written: Option<&str>) -> Result<i64, Fault> {
    let Some(written) = written else {
        return Ok(SESSION);
    };
    written.parse().ok().filter(|seconds| (900..=43_200).contains(seconds)).ok_or_else(|| {
        Fault::options("the duration of a session is not 900 to 43200 seconds", "write seconds, such as 3600")
    })
}
