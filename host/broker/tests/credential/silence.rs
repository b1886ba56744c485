//! Whatever the secret is and whatever goes wrong with it, no message and no `Debug` holds it.

use crate::bench::{Direct, Server, credential, private, slot, source};
use inventar_broker::{Credential, SignFor, Surroundings};
use inventar_model::CredentialKind;
use proptest::prelude::*;

/// Options that let every kind come as far as it can.
fn options(kind: CredentialKind, server: &str) -> Vec<(&'static str, String)> {
    let server = server.to_owned();
    match kind {
        CredentialKind::OAuth2 => vec![("token-url", server), ("client-id", "me".into())],
        CredentialKind::Gcp => vec![("token-url", server)],
        CredentialKind::Azure => {
            vec![
                ("authority", server),
                ("tenant", "t".into()),
                ("client-id", "me".into()),
                ("scope", "s".into()),
            ]
        }
        CredentialKind::Aws => {
            vec![("sts-url", server), ("role", "arn:aws:iam::1:role/r".into())]
        }
        _ => vec![],
    }
}

/// Documents that hold the secret where each kind looks for it, and where it does not.
fn documents(secret: &str) -> Vec<String> {
    let quoted = serde_json::Value::from(secret).to_string();
    vec![
        secret.to_owned(),
        format!("{{{quoted}: {quoted}, "),
        format!(r#"{{"AccessKeyId": "AKIA", "SecretAccessKey": {quoted}, "Expiration": {quoted}}}"#),
        format!(r#"{{"AccessKeyId": "AKIA", "SecretAccessKey": {quoted}}}"#),
        format!(r#"{{"type": "service_account", "client_email": "a@b", "private_key": {quoted}}}"#),
        format!(r#"{{"type": {quoted}, "token_uri": {quoted}}}"#),
        format!("clusters: {quoted}"),
        format!(
            "current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: 'https://x'}}}}]\n\
             users: [{{name: u, user: {{token: {quoted}, client-key-data: {quoted}}}}}]"
        ),
        format!(
            "current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: 'https://x'}}}}]\n\
             users: [{{name: u, user: {{exec: {{apiVersion: {quoted}, command: x, args: [{quoted}]}}}}}}]"
        ),
    ]
}

/// Everything a person or a log could see of it.
fn shown(made: &Credential, runtime: &tokio::runtime::Runtime) -> String {
    let slot = slot(made.kind());
    let mut request = crate::bench::get("https://service.example/path");
    let what = SignFor { service: "service", region: None, slot: &slot };
    let signed = runtime.block_on(made.sign(&mut request, &what, &Direct));
    let who = runtime.block_on(made.identity(&Direct));
    let errors = [signed.as_ref().err(), who.as_ref().err()];
    let errors: Vec<String> =
        errors.into_iter().flatten().map(|error| format!("{error} {error:?}")).collect();
    // A user's name is not secret; here it is part of the generated text.
    let who = who.ok().filter(|_| made.kind() != CredentialKind::Basic);
    format!(
        "{made:?} {request:?} {errors:?} {who:?} {:?} {:?} {:?}",
        made.secrets(),
        made.tls(),
        made.cluster()
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn nothing_shows_what_was_read(secret in "[ -~éΩ\\n]{0,12}CANARY-[a-zA-Z0-9/+:'\"{}]{8,24}", echo in 0usize..5) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let answer = secret.clone();
        let server = runtime.block_on(Server::start(move |_| match echo {
            0 => (400, serde_json::json!({"error": answer, "error_description": answer}).to_string()),
            1 => (200, serde_json::json!({"access_token": answer, "token_type": answer}).to_string()),
            2 => (403, format!("<Error><Code>{answer}</Code><Message>{answer}</Message></Error>")),
            3 => (200, format!("<R><AccessKeyId>A</AccessKeyId><SecretAccessKey>{answer}</SecretAccessKey><SessionToken>{answer}</SessionToken><Expiration>{answer}</Expiration></R>")),
            _ => (200, answer.clone()),
        }));
        for kind in CredentialKind::ALL {
            let options = options(*kind, &server.address);
            let options: Vec<(&str, &str)> = options.iter().map(|(name, value)| (*name, value.as_str())).collect();
            for text in documents(&secret) {
                let path = private(&folder.path().join("secret"), &text);
                for reference in [format!("file:{path}"), format!("file:{path}#a"), format!("exec:cat {path}")] {
                    let env = Surroundings::with([("PATH", "/usr/bin:/bin")]);
                    // Fields and programs are read alike for every kind.
                    if reference != format!("file:{path}") && *kind != CredentialKind::Bearer {
                        continue;
                    }
                    let made = credential(*kind, &reference, &options, env).unwrap();
                    let shown = shown(&made, &runtime);
                    prop_assert!(!shown.contains("CANARY"), "{kind} {reference}: {shown}");
                }
            }
        }
    }

    #[test]
    fn a_secret_in_the_place_of_a_reference_is_not_repeated(
        before in "[a-z]{0,8}[:#/ ]?", secret in "CANARY-[ -~\\n]{0,30}", option in "[ -~]{0,9}"
    ) {
        let form = format!("{before}{secret}");
        for kind in CredentialKind::ALL {
            let made = Credential::new(&source(*kind, &form, &[]), &slot(*kind), &[]);
            if let Err(error) = made {
                prop_assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
            }
            let name = format!("{option}CANARY");
            let given = source(*kind, "env:A", &[(&name, &secret)]);
            let error = Credential::new(&given, &slot(*kind), &[]).unwrap_err();
            prop_assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        }
    }
}
