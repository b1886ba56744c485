//! A Google service account's key becomes a signed statement, and that a bearer token.

use super::fault::Fault;
use super::oauth::{JSON, bearer};
use super::reference::Reference;
use super::token::{address, grant, post};
use super::{Context, Identity, Material, source};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";
const READ_ONLY: &str = "https://www.googleapis.com/auth/cloud-platform.read-only";
const LIFE: i64 = 3600;

/// The reference is the key file's JSON; `scope` is an option (reading only by default), and `token-url` for another
/// token service than Google's.
pub(super) async fn fetch(reference: &Reference, context: &Context<'_>) -> Result<Material, Fault> {
    let read = source::read(reference, context).await?;
    let file: Value = serde_json::from_str(read.text.expose_secret())
        .map_err(|error| source::not_json(error.line(), error.column()))?;
    let text = |name: &str| file.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let need = |name: &str| match text(name) {
        Some(text) => Ok(text),
        None => Err(Fault::malformed(format!("it has no `{name}`"), "use the key file as Google gave it")),
    };
    let url = token_url(text("token_uri"), context)?;
    let mut secrets = read.all_secrets();
    let (who, request) = match text("type") {
        Some("service_account") => {
            let mail = need("client_email")?;
            let key = need("private_key")?;
            let scope = context.option("scope").unwrap_or(READ_ONLY);
            let now = context.surroundings.now().as_second();
            let claims =
                json!({"iss": mail, "scope": scope, "aud": url.as_str(), "iat": now, "exp": now + LIFE});
            let statement = statement(&claims, text("private_key_id"), key)?;
            secrets.extend([SecretString::from(key), statement.clone()]);
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", statement.expose_secret()),
            ];
            (mail.to_owned(), post(url.clone(), &form, JSON))
        }
        Some("authorized_user") => {
            let (secret, refresh) = (need("client_secret")?, need("refresh_token")?);
            secrets.extend([SecretString::from(secret), SecretString::from(refresh)]);
            let form = [
                ("grant_type", "refresh_token"),
                ("client_id", need("client_id")?),
                ("client_secret", secret),
                ("refresh_token", refresh),
            ];
            (text("account").unwrap_or("a person's sign-in").to_owned(), post(url.clone(), &form, JSON))
        }
        _ => {
            return Err(Fault::unsupported(
                "its `type` is neither service_account nor authorized_user",
                "use a service account's key, or exec: with a program that prints a token, as the kind bearer",
            ));
        }
    };
    let token = grant(&request, context).await?;
    let account = text("project_id").map(str::to_owned);
    let who = Identity { who, account, warnings: read.warnings.clone(), expires: None };
    bearer(token, secrets, who, context)
}

/// The operator's word, or what the file says when that is Google: a file must not send its own statement elsewhere.
fn token_url(of_file: Option<&str>, context: &Context<'_>) -> Result<Url, Fault> {
    if let Some(written) = context.option("token-url") {
        return address(written, "the option `token-url`");
    }
    let url = address(of_file.unwrap_or(TOKEN_URL), "its `token_uri`")?;
    let host = url.host_str().unwrap_or_default();
    let google = host == "accounts.google.com" || host.ends_with(".googleapis.com");
    if google && url.scheme() == "https" && url.port().is_none() {
        Ok(url)
    } else {
        Err(Fault::malformed(
            "its `token_uri` is not an address of Google",
            "set the option `token-url` if it is meant to be so",
        ))
    }
}

/// A JSON web token signed with RS256.
fn statement(claims: &Value, key_id: Option<&str>, key: &str) -> Result<SecretString, Fault> {
    let wrong = |_| Fault::malformed("its `private_key` is no RSA key", "use the key file as Google gave it");
    let der = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).map_err(|_| wrong(()))?;
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| wrong(()))?;
    let mut header = json!({"alg": "RS256", "typ": "JWT"});
    if let (Some(id), Some(header)) = (key_id, header.as_object_mut()) {
        header.insert("kid".into(), id.into());
    }
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| wrong(()))?;
    Ok(SecretString::from(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
}
