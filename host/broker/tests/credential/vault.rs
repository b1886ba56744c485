//! Vault and OpenBao.

use crate::bench::{Asked, Direct, Server, authorization, credential, get, rig, secrets, signed};
use inventar_broker::{Outgoing, Surroundings, Transport};
use inventar_model::CredentialKind::{Basic, Bearer};
use inventar_model::HttpMethod;

const MOUNT_2: &str = r#"{"data":{"options":{"version":"2"},"path":"team/kv/","type":"kv"}}"#;
const MOUNT_1: &str = r#"{"data":{"options":null,"path":"secret/","type":"kv"}}"#;

/// Routes by path, 404 for the rest.
fn routes(known: &'static [(&'static str, u16, &'static str)]) -> impl Fn(&Asked) -> (u16, String) {
    move |asked| match known.iter().find(|(path, _, _)| asked.target == *path) {
        Some((_, status, body)) => (*status, (*body).to_owned()),
        None => (404, r#"{"errors":[]}"#.into()),
    }
}

#[track_caller]
fn check(reference: &str, known: &'static [(&'static str, u16, &'static str)], expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(async {
        let server = Server::start(routes(known)).await;
        let env = Surroundings::with([("VAULT_TOKEN", "hvs.t0k"), ("VAULT_ADDR", &server.address)]);
        let credential = credential(Bearer, reference, &[], env).unwrap();
        let outcome = signed(&credential, &Direct).await;
        assert!(server.asked().iter().all(|asked| asked.header("x-vault-token") == "hvs.t0k"));
        assert_eq!(outcome.is_ok(), secrets(&credential).contains(&"hvs.t0k".to_owned()));
        outcome
    });
    let outcome = outcome.map_or_else(|error| error.to_string(), |headers| headers[0].1.clone());
    assert!(outcome.contains(expected), "{reference}: {outcome}");
    assert!(!outcome.contains("hvs"), "{outcome}");
}

#[test]
fn layouts() {
    check(
        "vault:team/kv/ml#key",
        &[
            ("/v1/sys/internal/ui/mounts/team/kv/ml", 200, MOUNT_2),
            ("/v1/team/kv/data/ml", 200, r#"{"data":{"data":{"key":"v2"},"metadata":{"version":3}}}"#),
        ],
        "Bearer v2",
    );
    check(
        "vault:team/kv/data/ml#key",
        &[
            ("/v1/sys/internal/ui/mounts/team/kv/data/ml", 200, MOUNT_2),
            ("/v1/team/kv/data/ml", 200, r#"{"data":{"data":{"key":"v2"},"metadata":{"version":3}}}"#),
        ],
        "Bearer v2",
    );
    check(
        "vault:secret/ml#key",
        &[
            ("/v1/sys/internal/ui/mounts/secret/ml", 200, MOUNT_1),
            ("/v1/secret/ml", 200, r#"{"data":{"key":"v1","data":"x"},"lease_duration":2764800}"#),
        ],
        "Bearer v1",
    );
    // A token that may not ask which layout it is.
    check(
        "vault:secret/ml#key",
        &[
            ("/v1/sys/internal/ui/mounts/secret/ml", 403, ""),
            ("/v1/secret/data/ml", 200, r#"{"data":{"data":{"key":"v2"},"metadata":{}}}"#),
        ],
        "Bearer v2",
    );
}

#[test]
fn troubles() {
    const ASKED: (&str, u16, &str) = ("/v1/sys/internal/ui/mounts/secret/ml", 200, MOUNT_1);
    check("vault:secret/ml#key", &[ASKED], "Vault has no such secret");
    check("vault:secret/ml#key", &[ASKED, ("/v1/secret/ml", 403, "hvs.t0k")], "Vault denies it");
    check("vault:secret/ml#key", &[ASKED, ("/v1/secret/ml", 200, "hvs.t0k")], "it is not JSON (line 1");
    check("vault:secret/ml#key", &[ASKED, ("/v1/secret/ml", 200, "{}")], "there is no secret");
    check(
        "vault:secret/ml#key",
        &[ASKED, ("/v1/secret/ml", 200, r#"{"data":{"a":"b"}}"#)],
        "it has no field `key`",
    );
}

#[tokio::test]
async fn where_and_with_which_token() {
    let bare =
        credential(Bearer, "vault:a/b#c", &[], Surroundings::with([("HOME", "/nonexistent")])).unwrap();
    let error = signed(&bare, &Direct).await.unwrap_err().to_string();
    assert!(error.contains("nothing says where Vault is; set `VAULT_ADDR`"), "{error}");
    let options = [("vault-address", "http://127.0.0.1:1")];
    let env = Surroundings::with([("HOME", "/nonexistent")]);
    let error =
        signed(&credential(Bearer, "vault:a/b#c", &options, env).unwrap(), &Direct).await.unwrap_err();
    assert!(error.to_string().contains("there is no token for Vault"), "{error}");
    let env = Surroundings::with([("VAULT_ADDR", "http://vault.example"), ("VAULT_TOKEN", "t")]);
    let error = signed(&credential(Bearer, "vault:a/b#c", &[], env).unwrap(), &Direct).await.unwrap_err();
    assert!(error.to_string().contains("the address of Vault is not https"), "{error}");
}

async fn post(address: &str, token: &str, path: &str, body: &str) {
    let mut request: Outgoing = get(&format!("{address}/v1/{path}"));
    request.method = HttpMethod::Post;
    request.headers = vec![("x-vault-token".into(), token.into())];
    request.body = body.into();
    let answer = Direct.exchange(&request).await.unwrap();
    assert!(answer.status < 300, "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
}

#[tokio::test]
async fn real_openbao() {
    let Some(address) = rig("INVENTAR_OPENBAO") else { return };
    let token = std::env::var("INVENTAR_OPENBAO_LOGIN").unwrap();
    let post = async |path: &str, body: &str| post(&address, &token, path, body).await;
    post("secret/data/ml/registry", r#"{"data":{"key":"from-v2","pair":"ann:pw"}}"#).await;
    let old = format!("old-{}", std::process::id());
    post(&format!("sys/mounts/{old}"), r#"{"type":"kv","options":{"version":"1"}}"#).await;
    post(&format!("{old}/ml/registry"), r#"{"key":"from-v1"}"#).await;
    let root = || Surroundings::with([("BAO_TOKEN", token.clone()), ("BAO_ADDR", address.clone())]);
    let read = |reference: String| credential(Bearer, &reference, &[], root()).unwrap();
    assert_eq!(authorization(&read("vault:secret/ml/registry#key".into()), &Direct).await, "Bearer from-v2");
    assert_eq!(authorization(&read(format!("vault:{old}/ml/registry#key")), &Direct).await, "Bearer from-v1");
    let pair = credential(Basic, "vault:secret/ml/registry#pair", &[], root()).unwrap();
    assert_eq!(authorization(&pair, &Direct).await, "Basic YW5uOnB3");
    for (reference, expected) in [
        ("vault:secret/ml/nothing#key", "Vault has no such secret"),
        ("vault:nowhere/ml#key", "Vault has no such secret"),
        ("vault:secret/ml/registry#none", "it has no field `none`"),
    ] {
        let error = signed(&read(reference.into()), &Direct).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let other = Surroundings::with([("BAO_TOKEN", "wrong".to_owned()), ("BAO_ADDR", address.clone())]);
    let denied = credential(Bearer, "vault:secret/ml/registry#key", &[], other).unwrap();
    let error = signed(&denied, &Direct).await.unwrap_err().to_string();
    assert!(error.contains("Vault denies it") && !error.contains("wrong"), "{error}");
}
