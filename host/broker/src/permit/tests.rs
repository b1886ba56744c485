use super::*;
use crate::rule::rule;
use crate::url::canonical;
use inventar_model::CredentialKind;
use proptest::prelude::*;

fn permit(endpoint: Option<&str>) -> Permit {
    let rules = [
        rule("sagemaker", &["api.sagemaker.*.amazonaws.com"], Protocol::AwsJson, &["ListModels"]),
        rule("iam", &["iam.amazonaws.com"], Protocol::AwsQuery, &["ListRoles", "GetRole"]),
        rule(
            "acme",
            &["api.acme.com", "*.eu.acme.com"],
            Protocol::Rest,
            &[
                "List GET /v1/models",
                "Get GET /v1/models/{id}",
                "Search POST /v1/search/",
                "Read GET /v1/{b}/o/{k+}",
            ],
        ),
        rule(
            "graph",
            &["graph.acme.com"],
            Protocol::Rest,
            &["Query POST /v1/graphql", "Look GET /v1/graphql", "Old POST /GraphQL.php"],
        ),
        rule("cluster", &[ENDPOINT], Protocol::Kubernetes, &["list core/pods", "get /version"]),
    ];
    let slot = CredentialSlot {
        slot: "key".into(),
        kinds: vec![CredentialKind::Bearer],
        header: None,
        optional: false,
        reason: "a test".into(),
    };
    Permit::new(&rules, &[slot], endpoint.map(|url| canonical(url).expect("an endpoint")))
}

/// `METHOD URL [name=value …] [| BODY]` and the service and operation that allow it, or the denial.
#[track_caller]
fn check_at(endpoint: Option<&str>, asked: &str, expected: &str) {
    let (head, body) = asked.split_once(" | ").unwrap_or((asked, ""));
    let mut words = head.split(' ');
    let method = words.next().and_then(HttpMethod::from_word).expect("a method");
    let url = canonical(words.next().expect("a URL"));
    let mut slot = None;
    let mut headers = vec![];
    for word in words {
        match word.split_once('=') {
            Some(("slot", name)) => slot = Some(name),
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => panic!("{word}"),
        }
    }
    let permit = permit(endpoint);
    let outcome = url.and_then(|url| {
        let asked = Asked { method, url: &url, headers: &headers, body: body.as_bytes(), slot };
        let p = permit.check(asked)?;
        let region = p.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
        Ok(format!("{} {}{region} at {}", p.rule.service, p.operation.name, p.dial))
    });
    let outcome = outcome.unwrap_or_else(|denial| match denial {
        Denial::Host(what)
        | Denial::Path(what)
        | Denial::Operation(what)
        | Denial::Slot(what)
        | Denial::Header(what)
        | Denial::Redirect(what) => format!("{}: {what}", denial_word(asked, &what)),
        Denial::Method => "method".into(),
        Denial::Address => "address".into(),
    });
    assert_eq!(outcome, expected, "{asked}");
}

/// The denial's word is checked by asking again: the text alone would not tell it.
fn denial_word(_: &str, _: &str) -> &'static str {
    "no"
}

#[track_caller]
fn check(asked: &str, expected: &str) {
    check_at(None, asked, expected);
}

const JSON: &str = "content-type=application/x-amz-json-1.1";
const FORM: &str = "content-type=application/x-www-form-urlencoded";

#[test]
fn hosts() {
    check("GET https://api.acme.com/v1/models", "acme List at https://api.acme.com/v1/models");
    check("GET https://x.eu.acme.com/v1/models", "acme List in x at https://x.eu.acme.com/v1/models");
    for host in [
        "eu.acme.com",
        "a.b.eu.acme.com",
        "acme.com",
        "api.acme.com.evil.example",
        "evil-api.acme.com",
        "api-acme.com",
        "93.184.216.34",
    ] {
        check(&format!("GET https://{host}/v1/models"), &format!("no: {host}"));
    }
    check("GET http://api.acme.com/v1/models", "no: api.acme.com");
    check("GET https://api.acme.com:8443/v1/models", "no: api.acme.com:8443");
}

#[test]
fn methods_and_paths() {
    check("GET https://api.acme.com/v1/models/m-1", "acme Get at https://api.acme.com/v1/models/m-1");
    check("GET https://api.acme.com/v1/b/o/k/k2", "acme Read at https://api.acme.com/v1/b/o/k/k2");
    check("POST https://api.acme.com/v1/search/ | {}", "acme Search at https://api.acme.com/v1/search/");
    check("POST https://api.acme.com/v1/models", "method");
    check("HEAD https://api.acme.com/v1/models", "method");
    check("GET https://api.acme.com/v1/search/", "method");
    check("GET https://api.acme.com/v1/models/", "no: /v1/models/");
    check("GET https://api.acme.com/v1/models/a/b", "no: /v1/models/a/b");
    check("GET https://api.acme.com/v1/b/o/", "no: /v1/b/o/");
    check("GET https://api.acme.com/V1/models", "no: /V1/models");
    check(
        "GET https://api.acme.com/v1/models/%2e%2e",
        "no: a segment has an escaped slash, dot, percent sign, semicolon or control character",
    );
    check("GET https://api.acme.com/v1/models?_method=DELETE", "no: a parameter that overrides the method");
    check(
        "GET https://api.acme.com/v1/models?X-HTTP-Method-Override=PUT",
        "no: a parameter that overrides the method",
    );
    check("GET https://api.acme.com/v1/models | x", "no: a body where none belongs");
    check(
        "POST https://api.acme.com/v1/search/ x-amz-target=SageMaker.DeleteModel",
        "no: SageMaker.DeleteModel",
    );
}

#[test]
fn operations_by_target() {
    let url = "POST https://api.sagemaker.eu-west-1.amazonaws.com/";
    let good = format!("{url} {JSON} x-amz-target=SageMaker.ListModels | {{}}");
    check(&good, "sagemaker ListModels in eu-west-1 at https://api.sagemaker.eu-west-1.amazonaws.com/");
    for target in [
        "SageMaker.DeleteModel",
        "SageMaker.ListModels.DeleteModel",
        "SageMaker.listmodels",
        "sagemaker.ListModels",
        "Other.ListModels",
        "ListModels",
        "SageMaker.",
    ] {
        check(&format!("{url} {JSON} x-amz-target={target}"), &format!("no: {target}"));
    }
    check(&format!("{url} {JSON}"), "no: ");
    check(&format!("{url} x-amz-target=SageMaker.ListModels"), "no: ListModels sent as ");
    check(
        &format!("{url} {FORM} x-amz-target=SageMaker.ListModels | Action=DeleteModel"),
        "no: ListModels sent as application/x-www-form-urlencoded",
    );
    check(&format!("{url}?Action=DeleteModel {JSON} x-amz-target=SageMaker.ListModels"), "no: /");
    check(&format!("{url}x {JSON} x-amz-target=SageMaker.ListModels"), "no: /x");
    check("GET https://api.sagemaker.eu-west-1.amazonaws.com/ x-amz-target=SageMaker.ListModels", "method");
}

#[test]
fn operations_by_action() {
    let url = "POST https://iam.amazonaws.com/";
    check(
        &format!("{url} {FORM} | Action=ListRoles&Version=1"),
        "iam ListRoles at https://iam.amazonaws.com/",
    );
    check(
        &format!("{url} {FORM};charset=utf-8 | %41ction=GetRole"),
        "iam GetRole at https://iam.amazonaws.com/",
    );
    check(
        "GET https://iam.amazonaws.com/?Action=ListRoles",
        "iam ListRoles at https://iam.amazonaws.com/?Action=ListRoles",
    );
    for (form, why) in [
        ("Action=ListRoles&Action=DeleteRole", "`Action` more than once"),
        ("Action=ListRoles&action=DeleteRole", "`Action` more than once"),
        ("Action=ListRoles&%41ction=DeleteRole", "`Action` more than once"),
        ("Action=DeleteRole", "DeleteRole"),
        ("action=ListRoles", "`Action` more than once"),
        ("Action=ListRoles;Action=DeleteRole", "a semicolon between parameters"),
        ("Version=1", "no `Action`"),
        ("", "no `Action`"),
        ("Action=", ""),
        ("Action=ListRoles%00", "ListRoles?"),
    ] {
        check(&format!("{url} {FORM} | {form}"), &format!("no: {why}"));
    }
    check(
        &format!("{url}?Action=DeleteRole {FORM} | Action=ListRoles"),
        "no: parameters in the URL beside those of the body",
    );
    check(
        "GET https://iam.amazonaws.com/?Action=ListRoles | Action=DeleteRole",
        "no: a body where none belongs",
    );
    check(&format!("{url} {JSON} | Action=ListRoles"), "no: a body that is no form");
    check(&format!("{url} {FORM} x-amz-target=X.DeleteRole | Action=ListRoles"), "no: X.DeleteRole");
}

#[test]
fn mutations() {
    let url = "POST https://graph.acme.com/v1/graphql";
    check(
        &format!("{url} | {{\"query\":\"{{Get{{A}}}}\"}}"),
        "graph Query at https://graph.acme.com/v1/graphql",
    );
    check(
        &format!("{url} | {{\"query\":\"query A{{a}} mutation B{{b}}\"}}"),
        "no: a mutation or a subscription",
    );
    for (body, why) in [
        (r#"{"query":"\u006dutation B{b}"}"#, "a mutation or a subscription"),
        (r#"{"query":"{a}","query":"mutation{b}"}"#, "a mutation or a subscription"),
        (r#"[{"query":"{a}"}]"#, "a body that is not one document of GraphQL in JSON"),
        ("query=mutation", "a mutation or a subscription"),
        ("query={a}", "a body that is not one document of GraphQL in JSON"),
        (r#"{"id":"stored"}"#, "`id` beside a query"),
        (r#"{"query":"{a}","extensions":{"persistedQuery":{}}}"#, "`extensions` beside a query"),
        (r#"{"variables":{}}"#, "not one query"),
    ] {
        check(&format!("{url} | {body}"), &format!("no: {why}"));
    }
    let good = r#"{"query":"query A($n:Int){a(n:$n)}","variables":{"n":1},"operationName":"A"}"#;
    check(&format!("{url} | {good}"), "graph Query at https://graph.acme.com/v1/graphql");
    check(&format!("{url}?query=x | {good}"), "no: parameters in the URL beside the document of the body");
    let url = "GET https://graph.acme.com/v1/graphql";
    check(&format!("{url}?query=%7Ba%7D"), "graph Look at https://graph.acme.com/v1/graphql?query=%7Ba%7D");
    check(&format!("{url}?query=%6dutation%7Ba%7D"), "no: a mutation or a subscription");
    check(&format!("{url}?query=a&query=b"), "no: not one query");
    check(&format!("{url}?extensions=x"), "no: `extensions` beside a query");
    check("POST https://graph.acme.com/GraphQL.php | mutation", "no: a mutation or a subscription");
}

/// The same bytes have to be the same request to everybody.
#[test]
fn bodies_that_say_two_things() {
    let url = "POST https://api.acme.com/v1/search/";
    let json = "content-type=application/json";
    let allowed = "acme Search at https://api.acme.com/v1/search/";
    check(&format!("{url} {json};charset=UTF-8 | {{}}"), allowed);
    check(&format!("{url} {json} | {{\"filter\":{{\"payment_method\":\"card\"}}}}"), allowed);
    for (asked, why) in [
        (format!("{json};charset=utf-16 | {{}}"), "a body in other letters than UTF-8"),
        (format!("{json};CharSet=\"ibm037\" | {{}}"), "a body in other letters than UTF-8"),
        (format!("{json} | {{\"_method\":\"DELETE\"}}"), "a field that overrides the method"),
        (format!("{json} | {{\"\\u005fmethod\":\"DELETE\"}}"), "a field that overrides the method"),
        (format!("{json} | \u{feff}{{\"_method\":\"DELETE\"}}"), "a body that only some read as JSON"),
        (format!("{json} | {{\"_method\":\"DELETE\",}}"), "a body that only some read as JSON"),
        (format!("{json} | {{\"_method\":\"DELETE\",\"n\":1e999}}"), "a body that only some read as JSON"),
        (format!("{json} | {{\"a\":{}", "[".repeat(200)), "a body that only some read as JSON"),
        (format!("{FORM} | q=1&_method=delete"), "a field that overrides the method"),
        (format!("{FORM} | q=1&%5fMethod=delete"), "a field that overrides the method"),
        ("content-type=multipart/form-data;boundary=x | --x".to_owned(), "a body in parts"),
    ] {
        check(&format!("{url} {asked}"), &format!("no: {why}"));
    }
    check(
        &format!("POST https://iam.amazonaws.com/ {FORM};charset=utf-7 | Action=ListRoles"),
        "no: a body in other letters than UTF-8",
    );
}

#[test]
fn clusters() {
    let at = Some("https://10.0.0.1:6443/base/");
    let url = "GET https://10.0.0.1:6443/base";
    check_at(
        at,
        &format!("{url}/api/v1/pods?limit=5"),
        "cluster list core/pods at https://10.0.0.1:6443/base/api/v1/pods?limit=5",
    );
    check_at(at, &format!("{url}/version"), "cluster get /version at https://10.0.0.1:6443/base/version");
    check_at(at, &format!("{url}/api/v1/pods?watch=true"), "no: watch");
    check_at(at, &format!("{url}/api/v1/pods?%77atch=true"), "no: watch");
    check_at(at, &format!("{url}/api/v1/namespaces/a/pods/b/exec"), "no: /api/v1/namespaces/a/pods/b/exec");
    check_at(at, &format!("{url}/api/v1/secrets"), "no: /api/v1/secrets");
    check_at(at, "GET https://10.0.0.1:6443/version", "no: 10.0.0.1:6443");
    check_at(at, "GET https://10.0.0.1:6443/baseversion", "no: 10.0.0.1:6443");
    check_at(at, "GET http://10.0.0.1:6443/base/version", "no: 10.0.0.1:6443");
    check_at(at, "GET https://10.0.0.1/base/version", "no: 10.0.0.1");
    check_at(None, "GET https://10.0.0.1:6443/version", "no: 10.0.0.1:6443");
}

#[test]
fn an_endpoint_is_dialled_instead() {
    check_at(
        Some("http://127.0.0.1:5566/moto"),
        &format!(
            "POST https://api.sagemaker.us-east-1.amazonaws.com/ {JSON} x-amz-target=SageMaker.ListModels"
        ),
        "sagemaker ListModels in us-east-1 at http://127.0.0.1:5566/moto/",
    );
    check_at(
        Some("http://127.0.0.1:5566"),
        "GET https://api.acme.com/v1/models?a=b",
        "acme List at http://127.0.0.1:5566/v1/models?a=b",
    );
}

#[test]
fn slots() {
    check("GET https://api.acme.com/v1/models slot=key", "acme List at https://api.acme.com/v1/models");
    check("GET https://api.acme.com/v1/models slot=other", "no: other");
}

#[test]
fn each_denial_says_which_check() {
    let permit = permit(None);
    let word = |url: &str, method, slot| {
        let url = canonical(url).expect("canonical");
        match permit.check(Asked { method, url: &url, headers: &[], body: &[], slot }) {
            Ok(_) => "allowed",
            Err(denial) => denial.as_str(),
        }
    };
    assert_eq!(word("https://evil.example/", HttpMethod::Get, None), "host");
    assert_eq!(word("https://api.acme.com/x", HttpMethod::Get, None), "path");
    assert_eq!(word("https://api.acme.com/v1/models", HttpMethod::Post, None), "method");
    assert_eq!(word("https://api.acme.com/v1/models", HttpMethod::Get, Some("x")), "slot");
    assert_eq!(word("https://iam.amazonaws.com/", HttpMethod::Get, None), "operation");
    assert_eq!(word("https://api.acme.com/v1/models", HttpMethod::Get, Some("key")), "allowed");
}

/// The slow reference: a pattern as the list of all label-by-label equalities.
fn slow_host(pattern: &str, host: &str) -> bool {
    let (pattern, host): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    pattern.len() == host.len()
        && (0..host.len()).all(|n| !host[n].is_empty() && (pattern[n] == "*" || pattern[n] == host[n]))
}

/// The slow reference for paths.
fn slow_path(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    match pattern.iter().position(|segment| segment.ends_with("+}")) {
        Some(at) => {
            path.len() > at && !path[at].is_empty() && (0..at).all(|n| slow_segment(pattern[n], path[n]))
        }
        None => pattern.len() == path.len() && (0..path.len()).all(|n| slow_segment(pattern[n], path[n])),
    }
}

fn slow_segment(pattern: &str, segment: &str) -> bool {
    if pattern.starts_with('{') { !segment.is_empty() } else { pattern == segment }
}

proptest! {
    #[test]
    fn hosts_match_as_the_slow_reference(pattern in "([ab]|\\*)(\\.([ab]|\\*)){0,3}", host in "[ab]?(\\.[ab]?){0,4}") {
        prop_assert_eq!(host_matches(&pattern, &host).is_some(), slow_host(&pattern, &host));
    }

    #[test]
    fn paths_match_as_the_slow_reference(
        pattern in "(/([ab]|\\{x\\})){0,3}(/|/\\{x\\+\\})?",
        path in "(/[ab]?){0,5}",
    ) {
        prop_assert_eq!(path_matches(&pattern, &path), slow_path(&pattern, &path), "{} {}", pattern, path);
    }
}
