//! `~/.aws/config` and `~/.aws/credentials`.

use super::{Got, Keys, duration, environment, sts};
use crate::credential::fault::Fault;
use crate::credential::reference::Command;
use crate::credential::{Context, source};
use crate::message::Later;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::time::Duration;

/// Profiles that lead to one another.
const MAX_CHAIN: usize = 5;
/// What sign-in helpers get: they may ask a person to touch a key.
const PROCESS_TIME: Duration = Duration::from_secs(60);

/// Keys of a profile; the policy cuts down the last role.
pub(super) async fn fetch(name: &str, policy: Option<&str>, context: &Context<'_>) -> Result<Got, Fault> {
    let profiles = Profiles::read(context).await?;
    let mut got = profiles.keys(name, policy, &mut vec![], context).await?;
    got.warnings.extend(profiles.warnings);
    Ok(got)
}

#[derive(Default)]
struct Profiles {
    by_name: BTreeMap<String, BTreeMap<String, SecretString>>,
    warnings: Vec<String>,
}

impl Profiles {
    /// The second file wins where both say something.
    async fn read(context: &Context<'_>) -> Result<Self, Fault> {
        let mut profiles = Self::default();
        let files =
            [("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")];
        let mut found = false;
        for (variable, usual) in files {
            let written = context.surroundings.plain(variable).unwrap_or_else(|| usual.to_owned());
            let path = context.surroundings.path(&written);
            if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
                continue;
            }
            found = true;
            let text = source::contents(&path).await?;
            if usual.ends_with("credentials") {
                profiles.warnings.extend(source::others_can_read(&path).await);
            }
            profiles.add(text.expose_secret());
        }
        if found {
            Ok(profiles)
        } else {
            Err(Fault::missing(
                "neither `~/.aws/config` nor `~/.aws/credentials` is there",
                "run `aws configure`",
            ))
        }
    }

    fn add(&mut self, text: &str) {
        let mut section = None;
        for line in text.lines() {
            let content = line.trim();
            if content.is_empty() || content.starts_with(['#', ';']) {
                continue;
            }
            if let Some(rest) = content.strip_prefix('[') {
                let name = rest.split(']').next().unwrap_or_default().trim();
                let name = name.strip_prefix("profile ").map_or(name, str::trim);
                // `[sso-session x]` and `[services x]` are no profiles.
                section = (!name.contains(' ')).then(|| name.to_owned());
                continue;
            }
            // What is indented belongs to the property above, and none of those matters here.
            if line.starts_with([' ', '\t']) {
                continue;
            }
            if let (Some(section), Some((key, value))) = (&section, content.split_once('=')) {
                let value =
                    [" #", " ;"].iter().fold(value, |value, mark| value.split(mark).next().unwrap_or(value));
                let profile = self.by_name.entry(section.clone()).or_default();
                profile.insert(key.trim().to_lowercase(), SecretString::from(value.trim()));
            }
        }
    }

    fn keys<'a>(
        &'a self,
        name: &'a str,
        policy: Option<&'a str>,
        chain: &'a mut Vec<String>,
        context: &'a Context<'_>,
    ) -> Later<'a, Result<Got, Fault>> {
        Box::pin(async move {
            let Some(profile) = self.by_name.get(name) else {
                return Err(Fault::missing(
                    format!("there is no profile `{name}`"),
                    "see `aws configure list-profiles`",
                ));
            };
            let said = |key: &str| {
                profile.get(key).map(ExposeSecret::expose_secret).filter(|value| !value.is_empty())
            };
            let region = said("region").map(str::to_owned);
            if chain.len() >= MAX_CHAIN {
                return Err(Fault::unsupported(
                    format!("profiles lead to one another more than {MAX_CHAIN} times"),
                    "shorten the chain of `source_profile`",
                ));
            }
            // A profile that is its own source has keys beside its role.
            let own_keys = chain.last().is_some_and(|last| last == name);
            let again = chain.iter().any(|known| known == name);
            if again && !own_keys {
                return Err(Fault::malformed(
                    "profiles lead to one another in a circle",
                    "mend `source_profile`",
                ));
            }
            chain.push(name.to_owned());
            let role = said("role_arn").filter(|_| !own_keys);
            let mut got = match role {
                Some(arn) => self.role(arn, &said, policy, chain, region.as_deref(), context).await?,
                None => of_profile(name, &said, context).await?,
            };
            got.region = region.or(got.region);
            Ok(got)
        })
    }

    async fn role<'a>(
        &'a self,
        arn: &str,
        said: &(dyn Fn(&str) -> Option<&'a str> + Sync),
        policy: Option<&'a str>,
        chain: &mut Vec<String>,
        region: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Got, Fault> {
        if said("mfa_serial").is_some() {
            return Err(Fault::unsupported(
                "its role wants a code from a device",
                "use a role without `mfa_serial`, or a `credential_process`",
            ));
        }
        let role = sts::Role {
            arn,
            external_id: said("external_id"),
            session_name: said("role_session_name"),
            seconds: duration(said("duration_seconds"))?,
            policy,
        };
        if let Some(path) = said("web_identity_token_file") {
            return sts::assume_with_token(&role, path, region, context).await;
        }
        let before = match (said("source_profile"), said("credential_source")) {
            (Some(source), _) => self.keys(source, None, chain, context).await?,
            (None, Some("Environment")) => environment("AWS", context)?,
            (None, Some(_)) => {
                return Err(Fault::unsupported(
                    "its `credential_source` is a machine's metadata",
                    "use `web-identity:`, or exec: with `aws configure export-credentials --format process`",
                ));
            }
            (None, None) => {
                return Err(Fault::malformed(
                    "its role has no `source_profile`",
                    "say with which keys the role is assumed",
                ));
            }
        };
        let region = region.or(before.region.as_deref());
        let keys = sts::assume(&role, &before.keys, region, context).await?;
        let secrets = before.secrets.into_iter().chain(keys.secrets()).collect();
        Ok(Got { keys, secrets, fresh_for: None, ..Got { secrets: vec![], ..before } })
    }
}

/// Keys that a profile has itself.
async fn of_profile<'a>(
    name: &str,
    said: &(dyn Fn(&str) -> Option<&'a str> + Sync),
    context: &Context<'_>,
) -> Result<Got, Fault> {
    if let (Some(id), Some(secret)) = (said("aws_access_key_id"), said("aws_secret_access_key")) {
        return Ok(Keys::new(id, secret, said("aws_session_token"), None)?.into());
    }
    if let Some(written) = said("credential_process") {
        let Some(command) = Command::parse(written) else {
            return Err(Fault::malformed("its `credential_process` is no command", "close its quotes"));
        };
        let run = source::Run {
            program: command.program(),
            arguments: command.arguments(),
            variables: &[],
            folder: None,
        };
        let text = source::run(&run, context.surroundings, PROCESS_TIME).await?;
        let keys = Keys::from_json(text.expose_secret())?;
        // Without an expiry the format means keys that last.
        return Ok(keys.into());
    }
    if said("sso_session").or(said("sso_start_url")).is_some() {
        return Err(Fault::unsupported(
            format!("the profile `{name}` signs in through a browser"),
            format!("use exec: with `aws configure export-credentials --profile {name} --format process`"),
        ));
    }
    Err(Fault::missing(
        format!("the profile `{name}` has no keys, role or credential_process"),
        format!("run `aws configure --profile {name}`"),
    ))
}
