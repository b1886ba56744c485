//! Kubeconfigs of every form.

use crate::bench::{Nowhere, credential, private, program, secrets, signed};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use inventar_broker::{Credential, Surroundings};
use inventar_model::CredentialKind::Kubeconfig;
use secrecy::ExposeSecret;
use std::path::Path;

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN EC PRIVATE KEY-----\ns3cret\n-----END EC PRIVATE KEY-----\n";

fn document(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: prod\ncontexts:\n\
         - {{name: prod, context: {{cluster: c1, user: u1, namespace: ml}}}}\n\
         - {{name: lab, context: {{cluster: c2, user: u1}}}}\n\
         - {{name: open, context: {{cluster: c1}}}}\n\
         - {{name: lost, context: {{cluster: c9, user: u1}}}}\n\
         - {{name: stranger, context: {{cluster: c1, user: u9}}}}\n\
         clusters:\n- {{name: c1, cluster: {{server: 'https://one.example:6443'{cluster}}}}}\n\
         - {{name: c2, cluster: {{server: 'https://two.example'}}}}\n\
         users:\n- name: u1\n  user: {user}\npreferences: {{}}\n"
    )
}

fn made(folder: &Path, text: &str, options: &[(&str, &str)]) -> Credential {
    let reference = format!("file:{}", private(&folder.join("config"), text));
    credential(Kubeconfig, &reference, options, Surroundings::with([("PATH", "/usr/bin:/bin")])).unwrap()
}

#[track_caller]
fn check_in(
    folder: &Path,
    cluster: &str,
    user: &str,
    options: &[(&str, &str)],
    expected: &str,
) -> Credential {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let made = made(folder, &document(cluster, user), options);
    let outcome = match runtime.block_on(signed(&made, &Nowhere)) {
        Ok(headers) => {
            let headers: Vec<String> =
                headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let server = made.cluster().unwrap().server;
            let tls = made.tls().map_or(String::new(), |tls| {
                let key = tls.key.is_some_and(|key| key.expose_secret() == KEY);
                format!(" ca={} cert={} key={key}", tls.authority.is_some(), tls.certificate.is_some())
            });
            format!("{server} [{}]{tls}", headers.join("; "))
        }
        Err(error) => error.to_string(),
    };
    assert!(outcome.contains(expected), "{outcome}");
    assert!(!outcome.contains("s3cret"), "{outcome}");
    made
}

#[track_caller]
fn check(cluster: &str, user: &str, expected: &str) -> Credential {
    check_in(tempfile::tempdir().unwrap().path(), cluster, user, &[], expected)
}

#[test]
fn ways_to_sign_in() {
    let made = check("", "{token: tok}", "https://one.example:6443 [authorization: Bearer tok]");
    assert_eq!(secrets(&made), ["tok"]);
    let made = check("", "{username: ann, password: pw}", "[authorization: Basic YW5uOnB3]");
    assert_eq!(secrets(&made), ["pw", "ann:pw"]);
    let ca = format!(", certificate-authority-data: {}", STANDARD.encode(PEM));
    check(&ca, "{token: tok}", "[authorization: Bearer tok] ca=true cert=false key=false");
    let pair = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        STANDARD.encode(PEM),
        STANDARD.encode(KEY)
    );
    let made = check(&ca, &pair, "[] ca=true cert=true key=true");
    assert_eq!(secrets(&made), [KEY]);
    assert!(!format!("{:?}{:?}", made.tls(), made.cluster()).contains("s3cret"));
}

#[test]
fn files_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    private(&at("ca.pem"), PEM);
    private(&at("cert.pem"), PEM);
    private(&at("key.pem"), KEY);
    private(&at("token"), "from-file\n");
    let check =
        |cluster: &str, user: &str, expected: &str| check_in(folder.path(), cluster, user, &[], expected);
    check(
        ", certificate-authority: ca.pem",
        "{tokenFile: token, token: old}",
        "[authorization: Bearer from-file] ca=true",
    );
    check("", "{client-certificate: cert.pem, client-key: key.pem}", "[] ca=false cert=true key=true");
    check(", certificate-authority: none.pem", "{token: t}", "is not there");
    check(", certificate-authority: token", "{token: t}", "its `certificate-authority` is no PEM");
    check("", "{client-certificate: cert.pem}", "its client certificate or the key to it is missing");
    check("", "{client-key-data: 's3cret!'}", "its `client-key-data` is no base64");
}

#[test]
fn contexts() {
    let folder = tempfile::tempdir().unwrap();
    let check = |context: &str, expected: &str| {
        check_in(folder.path(), "", "{token: tok}", &[("context", context)], expected)
    };
    assert_eq!(check("lab", "https://two.example [auth").cluster().unwrap().context, "lab");
    check("open", "https://one.example:6443 []");
    check("none", "it has no context `none`; see `kubectl config get-contexts`");
    check("lost", "it has no cluster `c9`");
    check("stranger", "it has no user `u9`");
}

#[test]
fn refused() {
    check(", insecure-skip-tls-verify: true", "{token: t}", "its cluster has `insecure-skip-tls-verify`");
    check("", "{token: t, as: admin}", "its user acts as another (`as`)");
    check("", "{auth-provider: {name: gcp, config: {}}}", "its user has an `auth-provider`");
    check("", "{token: [s3cret, s3cret]}", "it is no kubeconfig (line ");
    check("", "{token: \"s3cret\\nx: y\"}", "it holds line breaks");
}

#[test]
fn programs() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let api = "client.authentication.k8s.io/v1";
    let answer = |status: &str| {
        format!(r#"echo "{{\"apiVersion\":\"{api}\",\"kind\":\"ExecCredential\",\"status\":{status}}}""#)
    };
    program(
        &at("ok"),
        &answer(r#"{\"token\":\"$1-$STAGE\",\"expirationTimestamp\":\"2999-01-01T00:00:00Z\"}"#),
    );
    program(
        &at("told"),
        &format!(
            "case \"$KUBERNETES_EXEC_INFO\" in *one.example:6443*) t=told;; *interactive*) t=asked;; esac\n{}",
            answer(r#"{\"token\":\"$t\"}"#)
        ),
    );
    program(&at("ended"), &answer(r#"{\"token\":\"t\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"}"#));
    program(&at("empty"), &answer("{}"));
    program(&at("s3cret-args"), "echo s3cret; exit 1");
    let pair = serde_json::json!({"clientCertificateData": PEM, "clientKeyData": KEY});
    let answered =
        serde_json::json!({"apiVersion": api, "kind": "ExecCredential", "status": pair}).to_string();
    program(&at("cert"), &format!("cat {}", private(&at("cert.json"), &answered)));
    let check = |command: &str, more: &str, expected: &str| {
        let user = format!("{{exec: {{apiVersion: {api}, command: {command}{more}}}}}");
        check_in(folder.path(), "", &user, &[], expected)
    };
    let more = ", args: [prod], env: [{name: STAGE, value: blue}], interactiveMode: Never";
    let made = check("./ok", more, "[authorization: Bearer prod-blue]");
    assert_eq!(secrets(&made), ["prod-blue"]);
    check("./told", "", "Bearer asked]");
    check("./told", ", provideClusterInfo: true", "Bearer told]");
    check("./cert", "", "[] ca=false cert=true key=true");
    check("./ended", "", "it has already ended");
    check("./empty", "", "its program gave neither a token nor a certificate");
    check("./none", "", "the program `./none` is not there");
    check("echo", ", args: ['{}']", "its program answered in another version");
    check("echo", ", args: [s3cret]", "it is not JSON");
    let old = "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}";
    check_in(folder.path(), "", old, &[], "its program speaks another version");
}

#[tokio::test]
async fn the_files_of_kubectl() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let one = private(&at("one"), &document("", "{token: from-one}"));
    let two = document("", "{token: from-two}")
        .replace("name: u1", "name: u9")
        .replace("name: prod", "name: extra");
    let two = private(&at("two"), &two);
    std::fs::create_dir(at(".kube")).unwrap();
    private(&at(".kube/config"), &document("", "{token: from-home}"));
    let home = crate::bench::written(folder.path());
    let fetch = async |variable: &str, options: &[(&str, &str)]| {
        let env = Surroundings::with([("KUBECONFIG", variable), ("HOME", &home)]);
        let made = credential(Kubeconfig, "env:KUBECONFIG", options, env).unwrap();
        signed(&made, &Nowhere).await.unwrap()[0].1.clone()
    };
    assert_eq!(fetch("", &[]).await, "Bearer from-home");
    assert_eq!(fetch(&one, &[]).await, "Bearer from-one");
    let both = format!("{one}:{}/none:{two}", home);
    assert_eq!(fetch(&both, &[]).await, "Bearer from-one", "the first to say something wins");
    assert_eq!(fetch(&both, &[("context", "stranger")]).await, "Bearer from-two");
    assert_eq!(fetch(&document("", "{token: inline}"), &[]).await, "Bearer inline");
}
