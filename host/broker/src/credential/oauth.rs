//! OAuth 2 client credentials, and Microsoft Entra's form of them: a secret becomes a bearer token.

use super::fault::Fault;
use super::reference::Reference;
use super::token::{Token, address, basic, grant, post};
use super::{Context, Identity, Material, Put, header_value, source};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

pub(super) const JSON: &str = "application/json";
const ENTRA: &str = "https://login.microsoftonline.com";

/// The reference is the client's secret; `token-url`, `client-id`, `scope` and `audience` are options. The client
/// authenticates by header, or in the form with `client-auth=post`.
pub(super) async fn client(reference: &Reference, context: &Context<'_>) -> Result<Material, Fault> {
    let url = address(context.option("token-url").unwrap_or_default(), "the option `token-url`")?;
    let id = context.option("client-id").unwrap_or_default();
    let read = source::read(reference, context).await?;
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(context.option("scope").map(|scope| ("scope", scope)));
    form.extend(context.option("audience").map(|audience| ("audience", audience)));
    let mut header = None;
    let mut derived = vec![];
    match context.option("client-auth").unwrap_or("basic") {
        "basic" => {
            let value = basic(id, &read.text);
            derived.extend(value.strip_prefix("Basic ").map(SecretString::from));
            header = Some(("authorization".to_owned(), value));
        }
        "post" => {
            form.push(("client_id", id));
            form.push(("client_secret", read.text.expose_secret()));
        }
        _ => return Err(Fault::options("`client-auth` is neither basic nor post", "use one of them")),
    }
    let mut request = post(url, &form, JSON);
    request.headers.extend(header);
    let token = grant(&request, context).await?;
    let who = Identity { who: id.to_owned(), warnings: read.warnings.clone(), ..Identity::default() };
    derived.extend(read.all_secrets());
    bearer(token, derived, who, context)
}

/// The reference is the application's secret; `tenant`, `client-id` and `scope` are options, and `authority` for
/// national clouds.
pub(super) async fn azure(reference: &Reference, context: &Context<'_>) -> Result<Material, Fault> {
    let tenant = context.option("tenant").unwrap_or_default();
    let id = context.option("client-id").unwrap_or_default();
    if !tenant.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)) {
        return Err(Fault::options("`tenant` is neither an id nor a domain", "check it"));
    }
    let mut url = address(context.option("authority").unwrap_or(ENTRA), "the option `authority`")?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend([tenant, "oauth2", "v2.0", "token"]);
    }
    let read = source::read(reference, context).await?;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", read.text.expose_secret()),
        ("scope", context.option("scope").unwrap_or_default()),
    ];
    let token = grant(&post(url, &form, JSON), context).await?;
    let who = Identity {
        who: id.to_owned(),
        account: Some(tenant.to_owned()),
        warnings: read.warnings.clone(),
        expires: None,
    };
    bearer(token, read.all_secrets(), who, context)
}

/// A token as what a request gets.
pub(super) fn bearer(
    token: Token,
    mut secrets: Vec<SecretString>,
    who: Identity,
    context: &Context<'_>,
) -> Result<Material, Fault> {
    let value = header_value(format!("Bearer {}", token.text.expose_secret()))?;
    let life = SignedDuration::from_secs(token.seconds);
    secrets.push(token.text);
    Ok(Material {
        put: Put::Header("authorization".into(), value),
        expires: context.surroundings.now().checked_add(life).ok(),
        secrets,
        who,
        ..Material::default()
    })
}
