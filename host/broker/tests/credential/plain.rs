//! Secrets that go into a header as they are, from every place on this machine.

use crate::bench::{Nowhere, credential, private, program, secrets, signed};
use inventar_broker::{Problem, Surroundings};
use inventar_model::CredentialKind;
use inventar_model::CredentialKind::{Basic, Bearer, Header};

fn nothing() -> Surroundings {
    Surroundings::with([("PATH", "/usr/bin:/bin")])
}

#[track_caller]
fn check(kind: CredentialKind, reference: &str, options: &[(&str, &str)], env: Surroundings, expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = credential(kind, reference, options, env);
    let outcome = outcome.and_then(|credential| runtime.block_on(signed(&credential, &Nowhere)));
    match outcome {
        Ok(headers) => {
            let headers: Vec<String> =
                headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            assert_eq!(headers.join("; "), expected, "{reference}");
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains(expected), "{reference}: {error}");
            assert!(error.contains("; "), "says what to do next: {error}");
        }
    }
}

#[test]
fn variables() {
    let env = |value: &str| Surroundings::with([("TOKEN", value)]);
    check(Bearer, "env:TOKEN", &[], env("t0k"), "authorization: Bearer t0k");
    check(Bearer, "env:TOKEN", &[], env("t0k\n"), "authorization: Bearer t0k");
    check(Header, "env:TOKEN", &[], env("t0k"), "api-key: t0k");
    check(Basic, "env:TOKEN", &[], env("ann:pw"), "authorization: Basic YW5uOnB3");
    check(Basic, "env:TOKEN", &[("user", "ann")], env("pw"), "authorization: Basic YW5uOnB3");
    check(Basic, "env:TOKEN", &[], env("pw"), "it is not `user:password`");
    check(Bearer, "env:TOKEN", &[], env(""), "the variable `TOKEN` is not set");
    check(Bearer, "env:TOKEN", &[], env(" \n"), "it is empty");
    check(Bearer, "env:OTHER", &[], env("t0k"), "from `env:OTHER`: the variable `OTHER` is not set");
    check(Bearer, "env:TOKEN", &[], env("a\nx-injected: b"), "it holds line breaks");
    check(
        Bearer,
        "env:TOKEN",
        &[],
        env("ключ"),
        "it holds line breaks, control characters or letters beyond",
    );
    check(Bearer, "env:TOKEN", &[], env(&"x".repeat(20_000)), "it is longer than 16384 bytes");
}

#[test]
fn forms() {
    check(Bearer, "sk-live-0123", &[], nothing(), "the reference has no known form");
    check(Bearer, "profile:prod", &[], nothing(), "only the kind aws has profiles");
    check(
        Bearer,
        "env:A",
        &[("secret", "x")],
        nothing(),
        "an option that bearer does not have; leave it out",
    );
    check(Basic, "env:A", &[("usr", "x")], nothing(), "an option that basic does not have; use user");
    check(
        CredentialKind::OAuth2,
        "env:A",
        &[("client-id", "x")],
        nothing(),
        "oauth2 needs the option `token-url`",
    );
    check(CredentialKind::Azure, "env:A", &[], nothing(), "azure needs the option `tenant`");
}

#[test]
fn a_slot_takes_its_kinds() {
    use crate::bench::{slot, source};
    let other = source(Basic, "env:A", &[]);
    let error = inventar_broker::Credential::new(&other, &slot(Bearer), &[]).unwrap_err();
    assert_eq!(error.to_string(), "credential `main`: the slot takes bearer, not basic; name another kind");
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let token = private(&at("token"), "t0k\r\n");
    let json = private(&at("keys.json"), r#"{"a": {"b": "t0k", "n": 7, "z": null}}"#);
    let broken = private(&at("broken.json"), "{\"a\": t0k-secret}");
    check(Bearer, &format!("file:{token}"), &[], nothing(), "authorization: Bearer t0k");
    check(Bearer, &format!("file:{json}#a.b"), &[], nothing(), "authorization: Bearer t0k");
    check(Bearer, &format!("file:{json}#a.n"), &[], nothing(), "authorization: Bearer 7");
    check(Bearer, &format!("file:{json}#a.z"), &[], nothing(), "it has no field `a.z`");
    check(Bearer, &format!("file:{json}#b"), &[], nothing(), "it has no field `b`");
    check(Bearer, &format!("file:{broken}#a"), &[], nothing(), "it is not JSON (line 1, column ");
    check(Bearer, &format!("file:{token}.not"), &[], nothing(), "is not there");
    check(
        Bearer,
        &format!("file:{}", crate::bench::written(folder.path())),
        &[],
        nothing(),
        "is no regular file",
    );
    check(Bearer, "file:/dev/zero", &[], nothing(), "is no regular file");
    let long = private(&at("long"), &"x".repeat(1024 * 1024 + 1));
    check(Bearer, &format!("file:{long}"), &[], nothing(), "it is longer than 1048576 bytes");
    std::fs::write(at("bytes"), [0xff, 0xfe]).unwrap();
    let bytes = crate::bench::written(&at("bytes"));
    check(Bearer, &format!("file:{bytes}"), &[], nothing(), "it is not UTF-8");
    let home = Surroundings::with([("HOME", crate::bench::written(folder.path()))]);
    check(Bearer, "file:~/token", &[], home, "authorization: Bearer t0k");
}

#[tokio::test]
async fn a_file_that_others_can_read_is_pointed_out() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    for (mode, expected) in [(0o600, ""), (0o640, "its group"), (0o644, "every user"), (0o400, "")] {
        private(&path, "t0k");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let reference = format!("file:{}", path.display());
        let credential = credential(Bearer, &reference, &[], nothing()).unwrap();
        let warnings = credential.identity(&Nowhere).await.unwrap().warnings.join(" ");
        assert!(
            warnings.contains(expected) && warnings.is_empty() == expected.is_empty(),
            "{mode:o}: {warnings}"
        );
    }
}

#[test]
fn programs() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, script: &str| format!("exec:{}", program(&folder.path().join(name), script));
    check(Bearer, &make("ok", "echo t0k"), &[], nothing(), "authorization: Bearer t0k");
    check(
        Bearer,
        &format!("{} 'a b' c", make("args", "echo \"$1-$#\"")),
        &[],
        nothing(),
        "authorization: Bearer a b-2",
    );
    check(
        Bearer,
        &make("bad", "echo t0k-secret; echo t0k-secret >&2; exit 3"),
        &[],
        nothing(),
        "exit status: 3",
    );
    check(Bearer, &make("none", "true"), &[], nothing(), "it is empty");
    check(
        Bearer,
        &make("long", "head -c 2000000 /dev/zero"),
        &[],
        nothing(),
        "it is longer than 1048576 bytes",
    );
    check(Bearer, &make("ask", "read line; echo got-$line"), &[], nothing(), "authorization: Bearer got-");
    check(Bearer, "exec:/no/such/program x", &[], nothing(), "`exec:/no/such/program …`: the program");
    // No shell: this is one program with an odd name, and it is not there.
    check(Bearer, "exec:echo;id", &[], nothing(), "the program `echo;id` is not there");
    check(Bearer, "exec:echo $HOME", &[], nothing(), "authorization: Bearer $HOME");
    let env = Surroundings::with([("PATH", "/usr/bin:/bin"), ("ONLY", "t0k")]);
    check(Bearer, &make("env", "echo $ONLY$CARGO"), &[], env, "authorization: Bearer t0k");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn keyring() {
    use keyring_core::api::CredentialStoreApi;
    let store = linux_keyutils_keyring_store::Store::new().unwrap();
    let user = format!("test-{}", std::process::id());
    let entry = store.build("inventar-test", &user, None).unwrap();
    match entry.set_password("t0k") {
        Ok(()) => {
            let credential =
                credential(Bearer, &format!("keyring:inventar-test/{user}"), &[], nothing()).unwrap();
            let read = signed(&credential, &Nowhere).await;
            entry.delete_credential().unwrap();
            assert_eq!(read.unwrap()[0].1, "Bearer t0k");
            assert_eq!(secrets(&credential), ["t0k"]);
        }
        // A container may forbid the kernel's keyring altogether; then it says so.
        Err(_) => eprintln!("the kernel's keyring is closed here: only the refusal is tested"),
    }
    let missing = credential(Bearer, "keyring:inventar-test/nobody", &[], nothing()).unwrap();
    let error = signed(&missing, &Nowhere).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Missing | Problem::Unreadable), "{error}");
}

#[tokio::test]
async fn what_to_look_for_is_the_secret_in_its_parts() {
    let env = Surroundings::with([("PAIR", "ann:pw-1")]);
    let credential = credential(Basic, "env:PAIR", &[], env).unwrap();
    assert!(secrets(&credential).is_empty(), "nothing is read before it is needed");
    credential.prepare(&Nowhere).await.unwrap();
    assert_eq!(secrets(&credential), ["pw-1", "ann:pw-1"]);
    assert_eq!(credential.identity(&Nowhere).await.unwrap().who, "ann");
}
