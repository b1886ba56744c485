//! AWS: published signatures, every place for keys, roles with a session policy, and moto with IAM enforced.

use crate::bench::{
    Asked, Direct, Nowhere, Server, credential, get, private, program, rig, secrets, signed, slot,
};
use inventar_broker::{Credential, Incoming, Outgoing, SignFor, Surroundings, Transport};
use inventar_model::CredentialKind::Aws;
use inventar_model::HttpMethod;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Signs with the published keys and gives the signed headers and the signature.
fn signature(request: &mut Outgoing, service: &str, keys: [(&str, &str); 3], when: &str) -> (String, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let when: jiff::Timestamp = when.parse().unwrap();
    let env = Surroundings::with(keys).at(move || when);
    let credential = credential(Aws, "env:AWS", &[], env).unwrap();
    let slot = slot(Aws);
    let what = SignFor { service, region: None, slot: &slot };
    runtime.block_on(credential.sign(request, &what, &Nowhere)).unwrap();
    let value = &request.headers.iter().find(|(name, _)| name == "authorization").unwrap().1;
    let (head, signature) = value.rsplit_once(", Signature=").unwrap();
    (head.split("SignedHeaders=").nth(1).unwrap().to_owned(), signature.to_owned())
}

#[track_caller]
fn vector(method: HttpMethod, target: &str, token: &str, form: &str, headers: &str, expected: &str) {
    let mut request = get(&format!("https://example.amazonaws.com{target}"));
    request.method = method;
    request.body = form.into();
    if !form.is_empty() {
        request.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    }
    // Not signed: a transport may change them.
    request.headers.push(("accept".into(), "*/*".into()));
    request.headers.push(("user-agent".into(), "inventar".into()));
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", token),
    ];
    let signed = signature(&mut request, "service", keys, "2015-08-30T12:36:00Z");
    assert_eq!(signed, (headers.to_owned(), expected.to_owned()), "{target}");
}

/// The test suite that AWS publishes for Signature Version 4.
#[test]
fn published_signatures() {
    use HttpMethod::{Get, Post};
    let plain = "host;x-amz-date";
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    vector(Get, "/", "", "", plain, vanilla);
    vector(Post, "/", "", "", plain, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    let query = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11";
    vector(Post, "/?Param1=value1", "", "", plain, query);
    let sorted = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    vector(Get, "/?Param2=value2&Param1=value1", "", "", plain, sorted);
    let one = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb";
    vector(Get, "/?Param1=value1", "", "", plain, one);
    let unreserved = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    vector(
        Get,
        unreserved,
        "",
        "",
        plain,
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    );
    let form = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a";
    vector(Post, "/", "", "Param1=value1", "content-type;host;x-amz-date", form);
    let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    let with_token = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8";
    vector(Get, "/", token, "", "host;x-amz-date;x-amz-security-token", with_token);
}

/// A path that is escaped is escaped once more, but for S3.
#[test]
fn published_signature_of_an_escaped_path() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "ANOTREAL"),
        ("AWS_SECRET_ACCESS_KEY", "notrealrnrELgWzOk3IfjzDKtFBhDby"),
        ("AWS_SESSION_TOKEN", ""),
    ];
    let mut request =
        get("https://tj9n5r0m12.execute-api.us-east-1.amazonaws.com/test/@connections/JBDvjfGEIAMCERw%3D");
    request.method = HttpMethod::Post;
    let signed = signature(&mut request, "service", keys, "2015-08-30T12:36:00Z");
    let expected = "57d157672191bac40bae387e48bbe14b15303c001fdbb01f4abf295dccb09705";
    assert_eq!(signed, ("host;x-amz-date".to_owned(), expected.to_owned()));
}

/// The examples in the documentation of Amazon S3.
#[test]
fn published_signatures_of_s3() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_SESSION_TOKEN", ""),
    ];
    for (target, expected) in [
        ("?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ] {
        let mut request = get(&format!("https://examplebucket.s3.amazonaws.com/{target}"));
        let (headers, signature) = signature(&mut request, "s3", keys, "2013-05-24T00:00:00Z");
        assert_eq!(
            (headers.as_str(), signature.as_str()),
            ("host;x-amz-content-sha256;x-amz-date", expected)
        );
    }
}

#[test]
fn signing_again_replaces() {
    let keys =
        [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", "t")];
    let mut request = get("https://example.amazonaws.com/");
    let first = signature(&mut request, "service", keys, "2015-08-30T12:36:00Z");
    let headers = request.headers.len();
    let later = signature(&mut request, "service", keys, "2015-08-30T12:36:05Z");
    assert_ne!(first, later);
    assert_eq!(request.headers.len(), headers);
    assert_eq!(signature(&mut request, "service", keys, "2015-08-30T12:36:00Z"), first);
}

/// A token service: whatever it is asked, and keys that say which action gave them.
fn sts(asked: &Asked) -> (u16, String) {
    let action = asked.form("Action");
    if action == "GetCallerIdentity" {
        let id = asked.header("authorization").split(['=', '/']).nth(1).unwrap_or_default().to_owned();
        return (
            200,
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/{id}</Arn>\
             <UserId>U</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        );
    }
    (
        200,
        format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n <{action}Result><Credentials>\n\
         <AccessKeyId>ASIA-{action}</AccessKeyId><SecretAccessKey>made/secret</SecretAccessKey>\
         <SessionToken>made-token</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
         </Credentials></{action}Result></{action}Response>"
        ),
    )
}

/// The access key that signs, and what the token service was asked.
async fn fetch(reference: &str, options: &[(&str, &str)], env: &[(&str, &str)]) -> (String, Vec<Asked>) {
    let server = Server::start(sts).await;
    let variables = env
        .iter()
        .copied()
        .chain([("AWS_ENDPOINT_URL_STS", server.address.as_str()), ("PATH", "/usr/bin:/bin")]);
    let made = credential(Aws, reference, options, Surroundings::with(variables));
    let outcome = match &made {
        Ok(made) => signed(made, &Direct).await,
        Err(error) => Err(error.clone()),
    };
    let outcome = match outcome {
        Ok(headers) => {
            let value = &headers.iter().find(|(name, _)| name == "authorization").unwrap().1;
            value.split(['=', '/']).nth(1).unwrap().to_owned()
        }
        Err(error) => error.to_string(),
    };
    if let (Ok(made), true) = (made, server.asked().len() == 1) {
        assert!(secrets(&made).iter().any(|secret| secret == "made/secret"));
        assert!(secrets(&made).iter().any(|secret| secret == "made-token"));
    }
    (outcome, server.asked())
}

#[track_caller]
fn check(reference: &str, options: &[(&str, &str)], env: &[(&str, &str)], expected: &str) -> Vec<Asked> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (outcome, asked) = runtime.block_on(fetch(reference, options, env));
    assert!(outcome.contains(expected), "{reference}: {outcome}");
    assert!(!outcome.contains("s3cret"), "{outcome}");
    asked
}

const USUAL: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIA1"), ("AWS_SECRET_ACCESS_KEY", "s3cret")];

#[test]
fn variables() {
    check("env:AWS", &[], &USUAL, "AKIA1");
    let other = [("PROD_ACCESS_KEY_ID", "AKIA2"), ("PROD_SECRET_ACCESS_KEY", "s3cret")];
    check("env:PROD", &[], &other, "AKIA2");
    check("env:AWS", &[], &USUAL[..1], "the variable `AWS_SECRET_ACCESS_KEY` is not set");
    check("env:AWS", &[], &[("AWS_PROFILE", "x")], "use `profile:NAME`: `AWS_PROFILE` is set");
    check("env:AWS", &[], &[("AWS_WEB_IDENTITY_TOKEN_FILE", "x")], "or use `web-identity:`");
    let blank = [("AWS_ACCESS_KEY_ID", "AKIA1"), ("AWS_SECRET_ACCESS_KEY", "s3cret x")];
    check("env:AWS", &[], &blank, "the keys hold blanks");
}

#[test]
fn roles() {
    let role = ("role", "arn:aws:iam::123456789012:role/path/scan");
    let options = [role, ("external-id", "x-1"), ("session-name", "nightly"), ("duration", "900")];
    let asked = check("env:AWS", &options, &USUAL, "ASIA-AssumeRole");
    let asked = asked.first().unwrap();
    assert_eq!(asked.form("RoleArn"), role.1);
    assert_eq!(asked.form("ExternalId"), "x-1");
    assert_eq!(asked.form("RoleSessionName"), "nightly");
    assert_eq!(asked.form("DurationSeconds"), "900");
    assert_eq!(
        asked.form("Policy"),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetRole","sagemaker:ListModels"],"Resource":"*"}]}"#
    );
    assert!(asked.header("authorization").contains("/us-east-1/sts/aws4_request"));
    let asked = check("env:AWS", &[role, ("region", "eu-west-1")], &USUAL, "ASIA-AssumeRole");
    assert!(asked[0].header("authorization").contains("/eu-west-1/sts/aws4_request"));
    let asked = check("env:AWS", &[("role", "arn:aws-cn:iam::1:role/scan")], &USUAL, "ASIA-AssumeRole");
    assert!(asked[0].header("authorization").contains("/cn-north-1/sts/aws4_request"));

    check("env:AWS", &[("role", "scan")], &USUAL, "the role is no ARN of a role");
    check("env:AWS", &[role, ("duration", "60")], &USUAL, "not 900 to 43200 seconds");
    check("env:AWS", &[role, ("session-name", "a b")], &USUAL, "the session's name is not");
    check("env:AWS", &[role, ("region", "evil.example/")], &USUAL, "the region is none");
    check("env:AWS", &[role, ("sts-url", "http://sts.example")], &USUAL, "the address of STS is not https");
}

#[test]
fn web_identity() {
    let folder = tempfile::tempdir().unwrap();
    let token = private(&folder.path().join("token"), "s3cret.jwt\n");
    let env = [("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"), ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str())];
    let asked = check("web-identity:", &[], &env, "ASIA-AssumeRoleWithWebIdentity");
    assert_eq!(asked[0].form("WebIdentityToken"), "s3cret.jwt");
    assert!(asked[0].form("Policy").contains("sagemaker:ListModels"));
    assert_eq!(asked[0].header("authorization"), "", "it is not signed");
    let asked = check("web-identity:", &[("role", "arn:aws:iam::2:role/scan")], &env, "ASIA-AssumeRole");
    assert_eq!(asked[0].form("Policy"), "", "only the last role is cut down");
    assert_eq!(asked[1].form("RoleArn"), "arn:aws:iam::2:role/scan");
    assert!(asked[1].form("Policy").contains("sagemaker:ListModels"));
    check("web-identity:", &[], &env[..1], "the variable `AWS_WEB_IDENTITY_TOKEN_FILE` is not set");
}

#[test]
fn profiles() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let helper = program(
        &at("helper"),
        r#"echo '{"Version":1,"AccessKeyId":"AKIAPROC","SecretAccessKey":"s3cret","Expiration":"2999-01-01T00:00:00Z"}'"#,
    );
    let token = private(&at("token"), "s3cret.jwt");
    let config = format!(
        "# a comment\n[default]\nregion = eu-central-1\ns3 =\n  max_concurrent_requests = 20\n\
         [profile plain]\naws_access_key_id=AKIAIGNORED\n\
         [profile role]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = plain\nexternal_id = e\nregion=us-west-2\n\
         [profile chain]\nrole_arn = arn:aws:iam::1:role/two\nsource_profile = role\n\
         [profile self]\nrole_arn = arn:aws:iam::1:role/three\nsource_profile = self\n\
         [profile env]\nrole_arn = arn:aws:iam::1:role/four\ncredential_source = Environment\n\
         [profile metadata]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = Ec2InstanceMetadata\n\
         [profile web]\nrole_arn = arn:aws:iam::1:role/five\nweb_identity_token_file = {token}\n\
         [profile process]\ncredential_process = '{helper}' --for \"a b\"\n\
         [profile ring]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = gnir\n\
         [profile gnir]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = ring\n\
         [profile mfa]\nrole_arn = arn:aws:iam::1:role/m\nsource_profile = plain\nmfa_serial = arn:aws:iam::1:mfa/a\n\
         [profile sso]\nsso_session = corp\n[sso-session corp]\nsso_start_url = https://x\n\
         [profile empty]\noutput = json\n"
    );
    let keys = "[default]\naws_access_key_id = AKIADEFAULT ; usual\naws_secret_access_key = s3cret\n\
                [plain]\naws_access_key_id = AKIAPLAIN\naws_secret_access_key = s3cret\n\
                [self]\naws_access_key_id = AKIASELF\naws_secret_access_key = s3cret\n";
    let (config, keys) = (private(&at("config"), &config), private(&at("credentials"), keys));
    let env = [&USUAL[..], &[("AWS_CONFIG_FILE", &config), ("AWS_SHARED_CREDENTIALS_FILE", &keys)]].concat();
    let check = |name: &str, expected: &str| check(&format!("profile:{name}"), &[], &env, expected);
    check("default", "AKIADEFAULT");
    check("plain", "AKIAPLAIN");
    check("process", "AKIAPROC");
    let asked = check("role", "ASIA-AssumeRole");
    assert!(asked[0].header("authorization").contains("AKIAPLAIN/"));
    assert!(asked[0].header("authorization").contains("/us-west-2/sts/"));
    assert_eq!(asked[0].form("ExternalId"), "e");
    assert!(asked[0].form("Policy").contains("sagemaker:ListModels"));
    let asked = check("chain", "ASIA-AssumeRole");
    assert_eq!(asked.len(), 2);
    assert_eq!(
        (asked[0].form("RoleArn"), asked[0].form("Policy")),
        ("arn:aws:iam::1:role/one".into(), String::new())
    );
    assert!(asked[1].header("authorization").contains("ASIA-AssumeRole/"));
    assert!(asked[1].form("Policy").contains("sagemaker:ListModels"));
    assert!(check("self", "ASIA-AssumeRole")[0].header("authorization").contains("AKIASELF/"));
    assert!(check("env", "ASIA-AssumeRole")[0].header("authorization").contains("AKIA1/"));
    assert_eq!(check("web", "ASIA-AssumeRoleWithWebIdentity")[0].form("WebIdentityToken"), "s3cret.jwt");
    check("metadata", "its `credential_source` is a machine's metadata");
    check("ring", "profiles lead to one another in a circle");
    check("mfa", "its role wants a code from a device");
    check("sso", "use exec: with `aws configure export-credentials --profile sso --format process`");
    check("empty", "the profile `empty` has no keys");
    check("nobody", "there is no profile `nobody`");
    let nowhere = [("HOME", "/nonexistent")];
    crate::aws::check("profile:default", &[], &nowhere, "neither `~/.aws/config` nor `~/.aws/credentials`");
}

#[test]
fn documents() {
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| format!("file:{}", private(&folder.path().join("keys.json"), text));
    let check = |text: &str, expected: &str| check(&file(text), &[], &[], expected);
    check(r#"{"AccessKeyId":"AKIAJSON","SecretAccessKey":"s3cret"}"#, "AKIAJSON");
    check(
        r#"{"Credentials":{"AccessKeyId":"AKIASTS","SecretAccessKey":"s3cret","SessionToken":"t","Expiration":"2999-01-01T00:00:00+00:00"}}"#,
        "AKIASTS",
    );
    check(r#"{"access_key":"AKIAVAULT","secret_key":"s3cret","security_token":null}"#, "AKIAVAULT");
    check(r#"{"AccessKeyId":"AKIAJSON"}"#, "it has no `SecretAccessKey`");
    check(r#"{"AccessKeyId":"A","SecretAccessKey":"s3cret","Expiration":"s3cret"}"#, "its expiry is no date");
    check(
        r#"{"AccessKeyId":"A","SecretAccessKey":"s3cret","Expiration":"2001-01-01T00:00:00Z"}"#,
        "it has already ended",
    );
    check("AKIA:s3cret", "it is not JSON");
}

#[track_caller]
fn refusal(status: u16, body: &'static str, expected: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(async {
        let server = Server::start(move |_| (status, body.into())).await;
        let env = USUAL.into_iter().chain([("AWS_ENDPOINT_URL", server.address.as_str())]);
        let options = [("role", "arn:aws:iam::1:role/scan")];
        let made = credential(Aws, "env:AWS", &options, Surroundings::with(env)).unwrap();
        signed(&made, &Direct).await.unwrap_err().to_string()
    });
    assert!(error.contains(expected) && !error.contains("s3cret"), "{error}");
}

#[test]
fn refusals() {
    let denied = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>s3cret</Message></Error></ErrorResponse>";
    refusal(403, denied, "refuses it (`AccessDenied`); allow the identity `sts:AssumeRole` on the role");
    refusal(
        403,
        "<Error><Code>SignatureDoesNotMatch</Code></Error>",
        "check the secret access key and the clock",
    );
    refusal(403, "<Error><Code>s3cret</Code></Error>", "answered with status 403");
    refusal(400, "not xml < s3cret", "did not answer in XML");
    refusal(
        200,
        "<A><AccessKeyId>AKIA</AccessKeyId><SecretAccessKey>s3cret</SecretAccessKey></A>",
        "gave no `Expiration`",
    );
    refusal(200, "", "gave no `Expiration`");
}

#[tokio::test]
async fn who_it_is_is_asked() {
    let server = Server::start(sts).await;
    let env = USUAL.into_iter().chain([("AWS_ENDPOINT_URL", server.address.as_str())]);
    let made = credential(Aws, "env:AWS", &[], Surroundings::with(env)).unwrap();
    let who = made.identity(&Direct).await.unwrap();
    assert_eq!((who.who.as_str(), who.account.as_deref()), ("arn:aws:iam::1:user/AKIA1", Some("1")));
}

/// A call in AWS's query protocol.
async fn call(credential: &Credential, url: &str, service: &str, form: &str) -> Incoming {
    let mut request = get(url);
    request.method = HttpMethod::Post;
    request.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    request.body = form.into();
    let slot = slot(Aws);
    credential.sign(&mut request, &SignFor { service, region: None, slot: &slot }, &Direct).await.unwrap();
    Direct.exchange(&request).await.unwrap()
}

fn between(answer: &Incoming, name: &str) -> String {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {text}"));
    rest.split('<').next().unwrap().to_owned()
}

/// Makes moto as good as new, but that it checks signatures and rights after so many calls.
async fn guard_after(url: &str, calls: &str) {
    for (path, body) in [("reset", ""), ("reset-auth", calls)] {
        let mut request = get(&format!("{url}moto-api/{path}"));
        request.method = HttpMethod::Post;
        request.body = body.into();
        assert_eq!(Direct.exchange(&request).await.unwrap().status, 200, "{path}");
    }
}

#[tokio::test]
async fn real_signatures_and_roles() {
    let Some(address) = rig("INVENTAR_MOTO_GUARDED") else { return };
    let url = format!("{}/", address.trim_end_matches('/'));
    guard_after(&url, "5").await;
    let env = |id: &str, secret: &str| {
        let pairs =
            [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_ENDPOINT_URL", &url)];
        Surroundings::with(pairs)
    };
    let anybody = credential(Aws, "env:AWS", &[], env("any", "any")).unwrap();
    // The first five calls are not checked.
    let version = "Version=2010-05-08";
    let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let policy: String = url::form_urlencoded::byte_serialize(allow.as_bytes()).collect();
    call(&anybody, &url, "iam", &format!("Action=CreateUser&UserName=scanner&{version}")).await;
    let key =
        call(&anybody, &url, "iam", &format!("Action=CreateAccessKey&UserName=scanner&{version}")).await;
    let put = format!("Action=PutUserPolicy&UserName=scanner&PolicyName=p&PolicyDocument={policy}&{version}");
    call(&anybody, &url, "iam", &put).await;
    let role = format!("Action=CreateRole&RoleName=scan&AssumeRolePolicyDocument={policy}&{version}");
    let role = between(&call(&anybody, &url, "iam", &role).await, "Arn");
    let put = format!("Action=PutRolePolicy&RoleName=scan&PolicyName=p&PolicyDocument={policy}&{version}");
    call(&anybody, &url, "iam", &put).await;

    let (id, secret) = (between(&key, "AccessKeyId"), between(&key, "SecretAccessKey"));
    let list = format!("Action=ListUsers&{version}");
    let status = |answer: Incoming| answer.status;
    let own = credential(Aws, "env:AWS", &[], env(&id, &secret)).unwrap();
    assert_eq!(status(call(&own, &url, "iam", &list).await), 200, "a good signature is taken");
    let wrong = credential(Aws, "env:AWS", &[], env(&id, "wrong")).unwrap();
    assert_eq!(status(call(&wrong, &url, "iam", &list).await), 403, "and a bad one is not");
    let unknown = credential(Aws, "env:AWS", &[], env("AKIAUNKNOWN", "any")).unwrap();
    assert_eq!(status(call(&unknown, &url, "iam", &list).await), 403);

    let who = own.identity(&Direct).await.unwrap();
    assert!(who.who.ends_with(":user/scanner"), "{who:?}");
    let assumed = credential(Aws, "env:AWS", &[("role", &role)], env(&id, &secret)).unwrap();
    assert_eq!(status(call(&assumed, &url, "iam", &list).await), 200);
    let who = assumed.identity(&Direct).await.unwrap();
    assert!(who.who.contains(":assumed-role/scan/inventar"), "{who:?}");
    assert!(who.expires.is_some());
    let known = secrets(&assumed);
    assert!(known.contains(&secret) && known.len() == 3, "the key, the session's key and its token");
    let refused = credential(Aws, "env:AWS", &[("role", &role)], env(&id, "wrong")).unwrap();
    let error = signed(&refused, &Direct).await.unwrap_err().to_string();
    assert!(error.contains("(`SignatureDoesNotMatch`)") && !error.contains(&secret), "{error}");
}
