//! What may leave, and where to.

use crate::rig::{Act, Rig, Server, answer, get, post, rules, said, signed, slot};
use inventar_broker::{Broker, BrokerConfig, ConnectOptions, Later, Resolver};
use inventar_model::{Header, HttpMethod, HttpRequest};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// None of these reaches the server.
async fn check_all(cases: &[(HttpRequest, &str)]) {
    let server = Server::fixed(200, "", "reached").await;
    let line = Rig::at(&server.url()).line();
    for (request, expected) in cases {
        let outcome = line.send(request.clone()).await;
        assert_eq!(said(&outcome), *expected, "{request:?}");
    }
    assert_eq!(server.requests(), Vec::<String>::new());
    assert_eq!(line.spent().calls, 0);
}

#[tokio::test]
async fn look_alikes_of_a_host_are_no_host() {
    check_all(
        &[
            "https://api.acme.com.evil.example/v1/a",
            "https://api.acme.com@evil.example/v1/a",
            "https://evil.example#api.acme.com/v1/a",
            "https://evil.example\\@api.acme.com/v1/a",
            "https://api.acme.com./v1/a",
            "https://api.acme.com%2eevil.example/v1/a",
            "https://api.acme.com\t/v1/a",
            "https://api.acme.com/v1/a\n",
            "https://аpi.acme.com/v1/a",
            "https://xn--pi-6kc.acme.com/v1/a",
            "https://xn--pi-6kc.eu.acme.com/v1/a",
            "https://eu.acme.com/v1/a",
            "https://a.b.eu.acme.com/v1/a",
            "https://api.acme.com:8443/v1/a",
            "http://api.acme.com/v1/a",
            "https://2130706433/v1/a",
            "https://0x7f.1/v1/a",
            "https://0177.0.0.1/v1/a",
            "https://[::ffff:127.0.0.1]/v1/a",
            "https://[fe80::1%25eth0]/v1/a",
            "https://127.0.0.1/v1/a",
            "http://169.254.169.254/v1/a",
            "http://0.0.0.0/v1/a",
            "file:///etc/passwd",
            "",
        ]
        .map(|url| (get(url), "denied host")),
    )
    .await;
}

#[tokio::test]
async fn paths_and_methods_are_those_of_the_manifest() {
    let head = HttpRequest { method: HttpMethod::Head, ..get("https://api.acme.com/v1/a") };
    check_all(&[
        (get("https://api.acme.com/v2/a"), "denied path"),
        (get("https://api.acme.com/v1/../v2/a"), "denied path"),
        (get("https://api.acme.com/v1/%2e%2e/v2/a"), "denied path"),
        (get("https://api.acme.com/v1/a%2f..%2fb"), "denied path"),
        (get("https://api.acme.com/v1//a"), "denied path"),
        (get("https://api.acme.com/v1/a%00"), "denied path"),
        (head, "denied method"),
        (get("https://api.acme.com/v1/a?_method=DELETE"), "denied operation"),
        (post("https://api.acme.com/v1/a", &[], ""), "denied method"),
    ])
    .await;
}

#[tokio::test]
async fn operations_are_reading_ones_said_in_one_way() {
    let json = ("content-type", "application/x-amz-json-1.1");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let sagemaker = "https://api.sagemaker.eu-west-1.amazonaws.com/";
    let iam = "https://iam.amazonaws.com/";
    let denied = "denied operation";
    check_all(&[
        (post(sagemaker, &[json, ("x-amz-target", "SageMaker.DeleteModel")], "{}"), denied),
        (post(sagemaker, &[json, ("X-Amz-Target", "SageMaker.DeleteModel")], "{}"), denied),
        (post(sagemaker, &[json], "{}"), denied),
        (post(sagemaker, &[form, ("x-amz-target", "SageMaker.ListModels")], "Action=DeleteModel"), denied),
        (
            post(
                &format!("{sagemaker}?Action=DeleteModel"),
                &[json, ("x-amz-target", "SageMaker.ListModels")],
                "{}",
            ),
            "denied path",
        ),
        (post(iam, &[form], "Action=ListRoles&Action=DeleteRole"), denied),
        (post(iam, &[form], "Action=DeleteRole"), denied),
        (post(iam, &[form], "action=DeleteRole&Action=ListRoles"), denied),
        (post(&format!("{iam}?Action=DeleteRole"), &[form], "Action=ListRoles"), denied),
        (post(iam, &[form], "Action=ListRoles;Action=DeleteRole"), denied),
        (post("https://api.acme.com/v1/search", &[("x-amz-target", "SageMaker.DeleteModel")], ""), denied),
    ])
    .await;
}

#[tokio::test]
async fn headers_are_those_of_the_list() {
    let with = |name: &str, value: &str| {
        let header = Header { name: name.into(), value: value.into() };
        (HttpRequest { headers: vec![header], ..get("https://api.acme.com/v1/a") }, "denied header")
    };
    let twice = HttpRequest {
        headers: ["Accept", "accept"].map(|name| Header { name: name.into(), value: "a".into() }).into(),
        ..get("https://api.acme.com/v1/a")
    };
    check_all(&[
        with("Host", "evil.example"),
        with("Authorization", "Bearer x"),
        with("Cookie", "a=b"),
        with("Transfer-Encoding", "chunked"),
        with("Content-Length", "0"),
        with("Proxy-Authorization", "x"),
        with("X-Forwarded-Host", "evil.example"),
        with("Metadata-Flavor", "Google"),
        with("X-aws-ec2-metadata-token", "x"),
        with("X-HTTP-Method-Override", "DELETE"),
        with("Impersonate-User", "admin"),
        with("Connection", "upgrade"),
        with("x-unknown", "1"),
        with("accept", "a\r\nHost: evil.example"),
        with("accept\r\nhost", "evil.example"),
        with("accept", "a\0"),
        (twice, "denied header"),
    ])
    .await;
}

#[tokio::test]
async fn a_slot_is_used_where_it_is_bound() {
    let other = HttpRequest { credential: Some("other".into()), ..get("https://api.acme.com/v1/a") };
    check_all(&[(signed("https://open.acme.com/v1/a"), "denied slot"), (other, "denied slot")]).await;
}

#[tokio::test]
async fn what_is_allowed_arrives_as_it_was_checked() {
    let server = Server::fixed(200, "content-type: text/plain\r\nset-cookie: a=b\r\n", "hello").await;
    let line = Rig::at(&server.url()).line();
    let header = Header { name: "X-Acme".into(), value: "1".into() };
    let request = HttpRequest { headers: vec![header], ..signed("https://API.acme.com:443/v1/a?b=c%20d") };
    let response = line.send(request).await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, &b"hello"[..]));
    let names: Vec<&str> = response.headers.iter().map(|header| header.name.as_str()).collect();
    assert_eq!(names, ["content-type"]);
    let seen = server.requests().remove(0).to_ascii_lowercase();
    assert!(seen.starts_with("get /v1/a?b=c%20d http/1.1\r\n"), "{seen}");
    assert!(
        seen.contains("\r\nx-acme: 1\r\n") && seen.contains("\r\nauthorization: bearer canary/"),
        "{seen}"
    );
    assert!(seen.contains(&format!("\r\nhost: {}\r\n", server.address)), "{seen}");
    assert!(!seen.contains("cookie") && !seen.contains("referer"), "{seen}");
}

#[tokio::test]
async fn without_a_slot_no_credential_leaves() {
    let server = Server::fixed(200, "", "").await;
    Rig::at(&server.url()).line().send(get("https://api.acme.com/v1/a")).await.unwrap();
    assert!(!server.requests()[0].to_ascii_lowercase().contains("authorization"));
}

#[tokio::test]
async fn private_addresses_need_a_grant() {
    let server = Server::fixed(200, "", "reached").await;
    let mut rig = Rig::at(&server.url());
    rig.connection.allow_private = vec![];
    let url = format!("{}/v1/a", server.url());
    assert_eq!(said(&rig.line().send(get(&url)).await), "denied address");
    rig.connection.allow_private = vec!["10.0.0.0/8".into()];
    assert_eq!(said(&rig.line().send(get(&url)).await), "denied address");
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
    rig.connection.allow_private = vec!["127.0.0.1".into()];
    assert_eq!(said(&rig.line().send(get(&url)).await), "200 reached");
}

#[tokio::test]
async fn metadata_services_need_their_own_address_granted() {
    for endpoint in ["http://169.254.169.254", "http://[fd00:ec2::254]", "http://[::ffff:169.254.169.254]"] {
        let mut rig = Rig::at(endpoint);
        rig.connection.allow_private = ["0.0.0.0/0", "::/0", "169.254.0.0/16"].map(String::from).into();
        assert_eq!(
            said(&rig.line().send(get(&format!("{endpoint}/v1/a"))).await),
            "denied address",
            "{endpoint}"
        );
    }
}

/// Gives another answer each time.
struct Fickle {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Fickle {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(parse).collect()),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolver for Fickle {
    fn resolve(&self, _: String) -> Later<'static, std::io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(async move { Ok(answer) })
    }
}

async fn rebinding(grant: &[&str], answers: &[&[&str]], expected: &[&str]) {
    let server = Server::fixed(200, "", "reached").await;
    let endpoint = format!("http://models.internal:{}", server.address.port());
    let fickle = Fickle::new(answers);
    let mut rig = Rig::at(&endpoint);
    rig.connection.allow_private = grant.iter().map(|text| (*text).into()).collect();
    rig.resolver = Some(Arc::clone(&fickle) as Arc<dyn Resolver>);
    let line = rig.line();
    for (n, expected) in expected.iter().enumerate() {
        assert_eq!(said(&line.send(get(&format!("{endpoint}/v1/a"))).await), *expected, "{answers:?} {n}");
        assert_eq!(fickle.asked.load(Ordering::SeqCst), n + 1, "one lookup a connection");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_checked_each_time() {
    let local = &["127.0.0.1/32"];
    rebinding(local, &[&["127.0.0.1"], &["169.254.169.254"]], &["200 reached", "denied address"]).await;
    rebinding(local, &[&["127.0.0.1"], &["127.0.0.2"]], &["200 reached", "denied address"]).await;
    rebinding(local, &[&["169.254.169.254", "127.0.0.1"]], &["200 reached"]).await;
    rebinding(local, &[&["::ffff:169.254.169.254"]], &["denied address"]).await;
    rebinding(&[], &[&["127.0.0.1"]], &["denied address"]).await;
    rebinding(&[], &[&["::ffff:127.0.0.1"]], &["denied address"]).await;
    rebinding(&[], &[&["10.0.0.1", "192.168.0.1", "fd00::1"]], &["denied address"]).await;
    rebinding(&[], &[&["0.0.0.0"]], &["denied address"]).await;
    rebinding(local, &[&[]], &["dns"]).await;
    // Without encryption a public address needs a grant, too.
    rebinding(local, &[&["93.184.216.34"]], &["denied address"]).await;
}

#[tokio::test]
async fn a_public_name_at_a_private_address_is_refused() {
    let mut rig = Rig::at("https://unused.example");
    rig.connection.endpoint = None;
    rig.connection.allow_private = vec![];
    let fickle = Fickle::new(&[&["127.0.0.1"], &["100.64.0.1"], &["2002:7f00:1::"]]);
    rig.resolver = Some(fickle);
    let line = rig.line();
    for _ in 0..3 {
        assert_eq!(said(&line.send(signed("https://api.acme.com/v1/a")).await), "denied address");
    }
}

/// Where a redirect leads, and what is said.
async fn redirect(location: &str, expected: &str) -> Vec<String> {
    let location = location.to_owned();
    let server = Server::start(move |request, _| {
        vec![Act::Send(match request.starts_with("GET /v1/from") {
            true => answer(302, &format!("location: {location}\r\n"), b""),
            false => answer(200, "", b"arrived"),
        })]
    })
    .await;
    let line = Rig::at(&server.url()).line();
    assert_eq!(said(&line.send(signed("https://api.acme.com/v1/from")).await), expected);
    server.requests()
}

#[tokio::test]
async fn redirects_pass_every_check_again() {
    for (location, expected) in [
        ("/v1/to", "200 arrived"),
        ("https://api.acme.com/v1/to", "200 arrived"),
        ("http://169.254.169.254/latest/meta-data/", "denied redirect"),
        ("http://[fd00:ec2::254]/v1/to", "denied redirect"),
        ("https://evil.example/v1/to", "denied redirect"),
        ("//evil.example/v1/to", "denied redirect"),
        ("/v2/admin", "denied redirect"),
        ("/v1/../v2/admin", "denied redirect"),
        ("http://user:pass@127.0.0.1/v1/to", "denied redirect"),
        ("file:///etc/passwd", "denied redirect"),
        ("gopher://127.0.0.1/", "denied redirect"),
    ] {
        let requests = redirect(location, expected).await;
        let reached = if expected == "200 arrived" { 2 } else { 1 };
        assert_eq!(requests.len(), reached, "{location}");
    }
}

#[tokio::test]
async fn a_credential_does_not_follow_to_where_it_is_not_bound() {
    let requests = redirect("https://open.acme.com/v1/to", "200 arrived").await;
    assert!(requests[0].contains("uthorization: Bearer"), "{requests:?}");
    assert!(!requests[1].to_ascii_lowercase().contains("authorization"), "{requests:?}");
    let requests = redirect("https://x.eu.acme.com/v1/to", "200 arrived").await;
    assert!(requests[1].to_ascii_lowercase().contains("authorization: bearer"), "{requests:?}");
}

#[tokio::test]
async fn redirects_end() {
    let server =
        Server::start(|_, n| vec![Act::Send(answer(307, &format!("location: /v1/{n}\r\n"), b""))]).await;
    let line = Rig::at(&server.url()).line();
    assert_eq!(said(&line.send(get("https://api.acme.com/v1/a")).await), "denied redirect");
    assert_eq!(server.requests().len(), 4);
    assert_eq!(line.spent().calls, 4);
}

#[tokio::test]
async fn what_cannot_be_connected_says_so() {
    let check = |change: fn(&mut Rig), expected: &str| {
        let mut rig = Rig::at("https://a.example");
        change(&mut rig);
        let broker = Broker::new(BrokerConfig::default());
        let outcome = broker.connect(&rig.connection, &rules(), &[slot()], ConnectOptions::default());
        let said = outcome.map_or_else(|error| error.to_string(), |_| "connected".into());
        assert!(said.starts_with(expected), "{said}");
    };
    check(|_| {}, "connected");
    check(|rig| rig.connection.endpoint = Some("a.example".into()), "the endpoint is not acceptable");
    check(
        |rig| rig.connection.endpoint = Some("https://u:p@a.example".into()),
        "the endpoint is not acceptable",
    );
    check(
        |rig| rig.connection.endpoint = Some("https://a.example/?x=1".into()),
        "the endpoint is not acceptable",
    );
    check(|rig| rig.connection.allow_private = vec!["10/8".into()], "`10/8` is no network");
    check(|rig| rig.connection.authority = Some("/nowhere/ca.pem".into()), "cannot use the authority's file");
    check(
        |rig| {
            let source = rig.connection.credentials.remove("key").unwrap();
            rig.connection.credentials.insert("other".into(), source);
        },
        "the plugin has no credential slot `other`; it has key",
    );
}

#[tokio::test]
async fn a_server_without_encryption_is_not_spoken_to_as_if_it_had_one() {
    let server = Server::fixed(200, "", "reached").await;
    let endpoint = format!("https://{}", server.address);
    let line = Rig::at(&endpoint).line();
    assert_eq!(said(&line.send(signed(&format!("{endpoint}/v1/a"))).await), "tls");
    assert!(!server.requests().iter().any(|request| request.contains("canary")));
}
