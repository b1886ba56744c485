//! The token service of AWS: assume a role, and say who one is.

use super::{Got, Keys, moment, signature};
use crate::credential::fault::Fault;
use crate::credential::token::{address, ask, post, unexpected};
use crate::credential::{Context, SignFor, source};
use crate::message::Outgoing;
use inventar_model::CredentialSlot;
use quick_xml::Reader;
use quick_xml::events::Event;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;

const VERSION: (&str, &str) = ("Version", "2011-06-15");
const SESSION_NAME: &str = "inventar";
const WHOM: &str = "the token service of AWS";

/// A role to assume.
pub(super) struct Role<'a> {
    pub(super) arn: &'a str,
    pub(super) external_id: Option<&'a str>,
    pub(super) session_name: Option<&'a str>,
    pub(super) seconds: i64,
    /// What the session may do at most.
    pub(super) policy: Option<&'a str>,
}

impl Role<'_> {
    fn check(&self) -> Result<(), Fault> {
        let named = self.arn.starts_with("arn:") && self.arn.contains(":role/") && self.arn.len() <= 2048;
        if !named {
            return Err(Fault::options(
                "the role is no ARN of a role",
                "write arn:aws:iam::ACCOUNT:role/NAME",
            ));
        }
        let name = self.session_name.unwrap_or(SESSION_NAME);
        let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        if (2..=64).contains(&name.len()) && name.chars().all(plain) {
            Ok(())
        } else {
            Err(Fault::options(
                "the session's name is not 2 to 64 letters, digits and `+=,.@-_`",
                "change it",
            ))
        }
    }
}

/// Who a set of keys belongs to.
pub(in crate::credential) struct Caller {
    pub(in crate::credential) arn: String,
    pub(in crate::credential) account: String,
}

/// Assumes a role with keys.
pub(super) async fn assume(
    role: &Role<'_>,
    keys: &Keys,
    region: Option<&str>,
    context: &Context<'_>,
) -> Result<Keys, Fault> {
    role.check()?;
    let seconds = role.seconds.to_string();
    let mut form =
        vec![("Action", "AssumeRole"), VERSION, ("RoleArn", role.arn), ("DurationSeconds", &seconds)];
    form.push(("RoleSessionName", role.session_name.unwrap_or(SESSION_NAME)));
    form.extend(role.external_id.map(|id| ("ExternalId", id)));
    form.extend(role.policy.map(|policy| ("Policy", policy)));
    session(&call(&form, Some(keys), region_of(role.arn, region, context), context).await?)
}

/// Assumes a role with the token that a platform keeps in a file.
pub(super) async fn assume_with_token(
    role: &Role<'_>,
    path: &str,
    region: Option<&str>,
    context: &Context<'_>,
) -> Result<Got, Fault> {
    role.check()?;
    let token = source::contents(&context.surroundings.path(path)).await?;
    let token = SecretString::from(token.expose_secret().trim());
    let seconds = role.seconds.to_string();
    let mut form = vec![("Action", "AssumeRoleWithWebIdentity"), VERSION, ("RoleArn", role.arn)];
    form.push(("DurationSeconds", &seconds));
    form.push(("RoleSessionName", role.session_name.unwrap_or(SESSION_NAME)));
    form.push(("WebIdentityToken", token.expose_secret()));
    form.extend(role.policy.map(|policy| ("Policy", policy)));
    let mut got =
        Got::from(session(&call(&form, None, region_of(role.arn, region, context), context).await?)?);
    got.secrets.push(token);
    Ok(got)
}

/// Asks whose keys these are; no policy can deny it.
pub(in crate::credential) async fn caller(keys: &Keys, context: &Context<'_>) -> Result<Caller, Fault> {
    let form = [("Action", "GetCallerIdentity"), VERSION];
    let answer = call(&form, Some(keys), region_of("", None, context), context).await?;
    match (answer.get("Arn"), answer.get("Account")) {
        (Some(arn), Some(account)) => Ok(Caller { arn: arn.clone(), account: account.clone() }),
        _ => {
            Err(Fault::malformed(format!("{WHOM} did not say who it is"), "check the address it is asked at"))
        }
    }
}

/// A role's partition says where its token service is, unless somebody names a region.
fn region_of(arn: &str, region: Option<&str>, context: &Context<'_>) -> String {
    let variable = |name| context.surroundings.plain(name);
    context
        .option("region")
        .map(str::to_owned)
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .or_else(|| region.map(str::to_owned))
        .unwrap_or_else(|| match arn.split(':').nth(1) {
            Some("aws-cn") => "cn-north-1".into(),
            Some("aws-us-gov") => "us-gov-west-1".into(),
            _ => "us-east-1".into(),
        })
}

async fn call(
    form: &[(&str, &str)],
    keys: Option<&Keys>,
    region: String,
    context: &Context<'_>,
) -> Result<BTreeMap<String, String>, Fault> {
    if region.len() > 32 || !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err(Fault::options("the region is none", "write it as us-east-1"));
    }
    let variable = |name| context.surroundings.plain(name);
    let written = context
        .option("sts-url")
        .map(str::to_owned)
        .or_else(|| variable("AWS_ENDPOINT_URL_STS"))
        .or_else(|| variable("AWS_ENDPOINT_URL"))
        .unwrap_or_else(|| {
            let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://sts.{region}.{domain}/")
        });
    let mut request: Outgoing = post(address(&written, "the address of STS")?, form, "text/xml");
    if let Some(keys) = keys {
        let slot = CredentialSlot {
            slot: "sts".into(),
            kinds: vec![],
            header: None,
            optional: false,
            reason: String::new(),
        };
        let what = SignFor { service: "sts", region: Some(&region), slot: &slot };
        signature::sign(keys, &mut request, &what, context.surroundings.now())?;
    }
    let answer = ask(&request, WHOM, context).await?;
    let body = texts(&answer.body)?;
    if answer.status == 200 { Ok(body) } else { Err(refusal(&body, answer.status)) }
}

/// Keys of a session.
fn session(answer: &BTreeMap<String, String>) -> Result<Keys, Fault> {
    let need = |name: &str| {
        answer.get(name).map(String::as_str).ok_or_else(|| {
            Fault::malformed(format!("{WHOM} gave no `{name}`"), "check the address it is asked at")
        })
    };
    let expires = moment(need("Expiration")?)?;
    Keys::new(need("AccessKeyId")?, need("SecretAccessKey")?, Some(need("SessionToken")?), Some(expires))
}

/// What its refusals mean. Nothing else it says is repeated.
const REFUSALS: &[(&str, &str)] = &[
    (
        "AccessDenied",
        "allow the identity `sts:AssumeRole` on the role, name it in the role's trust policy, and check `external-id`",
    ),
    ("InvalidClientTokenId", "check the access key: it is unknown, disabled or of another partition"),
    ("InvalidAccessKeyId", "check the access key: it is unknown, disabled or of another partition"),
    ("UnrecognizedClientException", "check the access key: it is unknown or disabled"),
    ("SignatureDoesNotMatch", "check the secret access key and the clock of this machine"),
    ("RequestExpired", "set the clock of this machine"),
    ("ExpiredToken", "sign in again: the session has ended"),
    ("ExpiredTokenException", "sign in again: the session has ended"),
    ("InvalidIdentityToken", "check the role's identity provider"),
    ("IDPRejectedClaim", "check the condition of the role's trust policy"),
    ("ValidationError", "check the role's ARN, and that `duration` is not above what the role allows"),
    ("PackedPolicyTooLarge", "give the role itself the printed policy, and assume it with a profile"),
    ("MalformedPolicyDocument", "report it with the plugin's name"),
    ("RegionDisabledException", "enable the region's token service, or set the option `region`"),
];

fn refusal(body: &BTreeMap<String, String>, status: u16) -> Fault {
    let said = body.get("Code").map(String::as_str).unwrap_or_default();
    match REFUSALS.iter().find(|(code, _)| *code == said) {
        Some((code, next)) => Fault::refused(format!("{WHOM} refuses it (`{code}`)"), *next),
        None => unexpected(WHOM, status),
    }
}

/// The text of every element, by its name; the first of each.
fn texts(body: &[u8]) -> Result<BTreeMap<String, String>, Fault> {
    let wrong =
        || Fault::malformed(format!("{WHOM} did not answer in XML"), "check the address it is asked at");
    let body = std::str::from_utf8(body).map_err(|_| wrong())?;
    let mut reader = Reader::from_str(body);
    let (mut texts, mut name) = (BTreeMap::new(), None::<String>);
    loop {
        match reader.read_event().map_err(|_| wrong())? {
            Event::Start(start) => {
                name = Some(start.local_name().as_ref().to_owned());
            }
            Event::Text(text) => {
                let text: &str = &text;
                if let Some(name) = &name
                    && !text.trim().is_empty()
                {
                    texts.entry(name.clone()).or_insert_with(|| text.trim().to_owned());
                }
            }
            Event::End(_) => name = None,
            Event::Eof => return Ok(texts),
            _ => {}
        }
    }
}
