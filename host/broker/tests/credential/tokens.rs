//! OAuth 2, Google and Entra against a token service on this machine.

use crate::bench::{Asked, Direct, Server, authorization, credential, private, secrets, signed};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use inventar_broker::{Problem, Surroundings};
use inventar_model::CredentialKind;
use inventar_model::CredentialKind::{Azure, Gcp, OAuth2};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

const KEY: &str = include_str!("key-for-tests.pem");
const GIVEN: &str = r#"{"access_token":"derived","token_type":"Bearer","expires_in":3599}"#;

fn env() -> Surroundings {
    Surroundings::with([("SECRET", "s3cret/+&")])
}

/// Asks a service that answers so, and gives what it saw.
async fn ask(kind: CredentialKind, reference: &str, options: &[(&str, &str)], place: &str) -> Asked {
    let server = Server::start(|_| (200, GIVEN.into())).await;
    let mut options = options.to_vec();
    options.push((place, &server.address));
    let credential = credential(kind, reference, &options, env()).unwrap();
    assert_eq!(authorization(&credential, &Direct).await, "Bearer derived");
    assert!(secrets(&credential).contains(&"derived".to_owned()));
    server.asked().remove(0)
}

#[tokio::test]
async fn client_credentials() {
    let options = [("client-id", "me:1"), ("scope", "read all"), ("audience", "https://api")];
    let asked = ask(OAuth2, "env:SECRET", &options, "token-url").await;
    // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    assert_eq!(asked.header("authorization"), "Basic bWUlM0ExOnMzY3JldCUyRiUyQiUyNg==");
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(asked.form("grant_type"), "client_credentials");
    assert_eq!((asked.form("scope"), asked.form("audience")), ("read all".into(), "https://api".into()));
    assert_eq!(asked.form("client_secret"), "");

    let options = [("client-id", "me"), ("client-auth", "post")];
    let asked = ask(OAuth2, "env:SECRET", &options, "token-url").await;
    assert_eq!(asked.header("authorization"), "");
    assert_eq!((asked.form("client_id"), asked.form("client_secret")), ("me".into(), "s3cret/+&".into()));
}

#[tokio::test]
async fn entra() {
    let options = [("tenant", "contoso.example"), ("client-id", "app"), ("scope", "https://x/.default")];
    let asked = ask(Azure, "env:SECRET", &options, "authority").await;
    assert_eq!(asked.target, "/contoso.example/oauth2/v2.0/token");
    assert_eq!((asked.form("client_id"), asked.form("client_secret")), ("app".into(), "s3cret/+&".into()));
    assert_eq!(asked.form("scope"), "https://x/.default");
}

fn service_account(token_uri: &str) -> Value {
    json!({
        "type": "service_account", "project_id": "shop", "private_key_id": "k1", "private_key": KEY,
        "client_email": "scan@shop.example", "token_uri": token_uri,
    })
}

#[tokio::test]
async fn google() {
    let folder = tempfile::tempdir().unwrap();
    let file = service_account("https://oauth2.googleapis.com/token").to_string();
    let reference = format!("file:{}", private(&folder.path().join("key.json"), &file));
    let asked = ask(Gcp, &reference, &[], "token-url").await;
    assert_eq!(asked.form("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let statement = asked.form("assertion");
    let (signed, signature) = statement.rsplit_once('.').unwrap();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let der = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref().to_vec());
    public.verify(signed.as_bytes(), &decode(signature)).unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
    assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}));
    assert_eq!(claims["iss"], "scan@shop.example");
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/cloud-platform.read-only");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);

    let user =
        json!({"type": "authorized_user", "client_id": "c", "client_secret": "cs", "refresh_token": "rt"});
    let reference = format!("file:{}", private(&folder.path().join("user.json"), &user.to_string()));
    let asked = ask(Gcp, &reference, &[], "token-url").await;
    assert_eq!(
        (asked.form("grant_type"), asked.form("refresh_token")),
        ("refresh_token".into(), "rt".into())
    );
}

#[track_caller]
fn refused(
    kind: CredentialKind,
    reference: &str,
    options: &[(&str, &str)],
    answer: (u16, &str),
    expected: &str,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (status, body) = (answer.0, answer.1.to_owned());
    let error = runtime.block_on(async {
        let server = Server::start(move |_| (status, body.clone())).await;
        let place = match kind {
            Azure => "authority",
            _ => "token-url",
        };
        let mut options = options.to_vec();
        if !options.iter().any(|(name, _)| *name == place) {
            options.push((place, &server.address));
        }
        signed(&credential(kind, reference, &options, env()).unwrap(), &Direct).await.unwrap_err()
    });
    let text = error.to_string();
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn refusals() {
    let client = [("client-id", "me")];
    let check =
        |answer: (u16, &str), expected: &str| refused(OAuth2, "env:SECRET", &client, answer, expected);
    check((401, r#"{"error":"invalid_client"}"#), "refuses it (`invalid_client`); check the client's id");
    check((400, r#"{"error":"s3cret/+&","error_description":"s3cret/+&"}"#), "answered with status 400");
    check((403, "s3cret/+&"), "answered with status 403");
    check((200, "<html>"), "gave no token");
    check((200, r#"{"access_token":"a b"}"#), "gave no token");
    check((200, r#"{"access_token":"a","token_type":"mac"}"#), "no bearer token");
    let options = [("tenant", "t"), ("client-id", "app"), ("scope", "s")];
    let answer =
        (401, r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"s3cret/+&"}"#);
    refused(Azure, "env:SECRET", &options, answer, "(`invalid_client`, AADSTS7000215)");
}

#[test]
fn addresses() {
    let check = |url: &str, expected: &str| {
        refused(OAuth2, "env:SECRET", &[("client-id", "me"), ("token-url", url)], (200, GIVEN), expected);
    };
    check("http://token.example/", "the option `token-url` is not https");
    check("http://127.0.0.1.nip.example/", "is not https");
    check("https://u:s3cret@token.example/", "holds a user");
    check("token.example", "is no URL");
    check("file:///etc/passwd", "has no host");
    check("http://127.0.0.1:1/", "cannot be asked (connect)");
}

#[tokio::test]
async fn a_key_file_does_not_choose_who_gets_its_statement() {
    let folder = tempfile::tempdir().unwrap();
    for uri in [
        "https://evil.example/token",
        "https://oauth2.googleapis.com.evil.example/token",
        "https://oauth2.googleapis.com:8443/token",
        "http://127.0.0.1/token",
        "https://evilgoogleapis.com/token",
    ] {
        let file = service_account(uri).to_string();
        let reference = format!("file:{}", private(&folder.path().join("key.json"), &file));
        let error = signed(&credential(Gcp, &reference, &[], env()).unwrap(), &Direct).await.unwrap_err();
        assert_eq!(error.problem(), Problem::Malformed, "{uri}");
        assert!(error.to_string().contains("`token_uri` is not an address of Google"), "{error}");
    }
}
