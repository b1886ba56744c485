//! Credentials of every kind, from everywhere they can be kept, shown to a service that repeats them in every usual
//! spelling to a plugin that repeats everything: nothing of them may come to rest in a database, a recording, an output,
//! a log or the plugin's own memory, whatever goes wrong on the way.

use inventar_stories::{Canary, Echo, Ended, Hunt, Known, Server, Workbench, guest};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// A connected source, and what must not be seen of its credential.
struct Source {
    name: &'static str,
    /// What follows `--credential login=`.
    credential: String,
    variables: Vec<(String, String)>,
    canaries: Vec<Canary>,
    secure: bool,
    /// What its service must have seen, or the story shows nothing.
    proof: String,
}

/// A secret that was never there before, with everything in it that has to be escaped somewhere.
fn fresh(alphabet: &str) -> String {
    static STATE: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
    let letters: Vec<char> = alphabet.chars().collect();
    let letter = || {
        let next = |state: u64| {
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
        };
        let state = STATE.update(Ordering::SeqCst, Ordering::SeqCst, next);
        letters[(state >> 33) as usize % letters.len()]
    };
    let random = |length: usize| (0..length).map(|_| letter()).collect::<String>();
    let marks: String = alphabet.chars().filter(|c| !c.is_ascii_alphanumeric()).collect();
    // Marks in both halves, and neither at an end, where a program might trim.
    [random(14), marks.clone(), random(12), marks, random(14)].concat()
}

const WORD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What may stand in a header.
fn any() -> String {
    fresh(&format!("{WORD}/+\"&%<'=;"))
}

/// What may stand in a key of AWS.
fn key() -> String {
    fresh(&format!("{WORD}/+="))
}

/// Writes secrets beside the folders that are searched.
struct Keys<'a>(&'a Workbench);

impl Keys<'_> {
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = self.0.path("keys").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Collects the sources, and tells the service what to repeat for each.
struct Sources<'a> {
    keys: Keys<'a>,
    echo: &'a Echo,
    all: Vec<Source>,
}

impl Sources<'_> {
    /// One whose token service, if it has one, gives `issued`, and whose vault keeps `kept`.
    fn add(
        &mut self,
        name: &'static str,
        credential: impl Into<String>,
        variables: &[(&str, &str)],
        secrets: &[&str],
        issued: &str,
        kept: &str,
    ) -> &mut Source {
        let mut values: Vec<&str> = secrets.to_vec();
        values.extend([issued, kept].into_iter().filter(|text| !text.is_empty()));
        let named = |(n, value): (usize, &&str)| Canary::new(format!("{name} {n}"), *value);
        let canaries: Vec<Canary> = values.iter().enumerate().map(named).collect();
        let known = Known { secrets: canaries.clone(), issued: issued.to_owned(), kept: kept.to_owned() };
        self.echo.know(name, known);
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (credential, proof) = (credential.into(), values.last().copied().unwrap_or_default().to_owned());
        self.all.push(Source { name, credential, variables, canaries, secure: false, proof });
        self.all.last_mut().unwrap()
    }

    /// Where a source's token service is.
    fn at(&self, name: &str, path: &str) -> String {
        format!("{}/{name}/{path}", self.echo.url)
    }

    /// Secrets that go into a header as they are.
    fn plain(&mut self) {
        let secret = any();
        self.add("bearer-env", "env:CANARY,kind=bearer", &[("CANARY", &secret)], &[&secret], "", "");
        let secret = any();
        let file = self.keys.write("token", format!("{secret}\n"));
        self.add("bearer-file", format!("file:{file},kind=bearer"), &[], &[&secret], "", "");
        let secret = any();
        let file = self.keys.write("tokens.json", json!({"of": {"echo": secret}}).to_string());
        self.add("bearer-field", format!("file:{file}#of.echo,kind=bearer"), &[], &[&secret], "", "");
        let secret = any();
        let file = self.keys.write("spoken", &secret);
        self.add("bearer-exec", format!("exec:cat {file},kind=bearer"), &[], &[&secret], "", "");
        let (token, secret) = (fresh(WORD), any());
        let vault = [("VAULT_ADDR", &*self.at("bearer-vault", "")), ("VAULT_TOKEN", &token)];
        self.add("bearer-vault", "vault:secret/ml#key,kind=bearer", &vault, &[&token], "", &secret);
        let password = any();
        let pair = format!("ann:{password}");
        self.add("basic-env", "env:CANARY,kind=basic", &[("CANARY", &pair)], &[&password], "", "").proof =
            "Basic ".into();
        let password = any();
        let file = self.keys.write("password", &password);
        let basic =
            self.add("basic-file", format!("file:{file},kind=basic,user=ann"), &[], &[&password], "", "");
        basic.proof = "Basic ".into();
        let secret = any();
        self.add("header-env", "env:CANARY,kind=header", &[("CANARY", &secret)], &[&secret], "", "");
    }

    /// Keys that sign, and roles assumed with them.
    fn aws(&mut self) {
        let id = ("AWS_ACCESS_KEY_ID", "AKIA0123456789012345");
        let sts = |sources: &Self, name: &str| sources.at(name, "sts/");
        let (secret, session) = (key(), key());
        let sts_url = sts(self, "aws-static");
        let variables = [
            id,
            ("AWS_SECRET_ACCESS_KEY", &*secret),
            ("AWS_SESSION_TOKEN", &session),
            ("AWS_ENDPOINT_URL_STS", &sts_url),
        ];
        self.add("aws-static", "env:AWS", &variables, &[&secret, &session], "", "");

        let secret = key();
        let file = self.keys.write(
            "credentials",
            format!("[audit]\naws_access_key_id = {}\naws_secret_access_key = {secret}\n", id.1),
        );
        let sts_url = sts(self, "aws-profile");
        let variables = [("AWS_SHARED_CREDENTIALS_FILE", &*file), ("AWS_ENDPOINT_URL_STS", &sts_url)];
        self.add("aws-profile", "profile:audit", &variables, &[&secret], "", "").proof =
            "AWS4-HMAC-SHA256".into();

        let (secret, session) = (key(), key());
        let printed =
            json!({"Version": 1, "AccessKeyId": id.1, "SecretAccessKey": secret, "SessionToken": session});
        let file = self.keys.write("printed.json", printed.to_string());
        let config =
            self.keys.write("config", format!("[profile spoken]\ncredential_process = cat {file}\n"));
        let sts_url = sts(self, "aws-process");
        let variables = [("AWS_CONFIG_FILE", &*config), ("AWS_ENDPOINT_URL_STS", &sts_url)];
        self.add("aws-process", "profile:spoken", &variables, &[&secret, &session], "", "");

        let (token, issued) = (fresh(WORD), key());
        let file = self.keys.write("identity", &token);
        let sts_url = sts(self, "aws-web-identity");
        let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/audit");
        let variables = [role, ("AWS_WEB_IDENTITY_TOKEN_FILE", &*file), ("AWS_ENDPOINT_URL_STS", &sts_url)];
        self.add("aws-web-identity", "web-identity:", &variables, &[&token], &issued, "");

        let (secret, issued) = (key(), key());
        let credential = format!("env:AWS,role={},sts-url={}", role.1, sts(self, "aws-role"));
        self.add("aws-role", credential, &[id, ("AWS_SECRET_ACCESS_KEY", &*secret)], &[&secret], &issued, "");
    }

    /// Secrets that a token service changes into tokens.
    fn tokens(&mut self) {
        for (name, how) in [("oauth2-header", "basic"), ("oauth2-form", "post")] {
            let (secret, issued) = (any(), fresh(WORD));
            let credential = format!(
                "env:CANARY,kind=oauth2,client-id=me,client-auth={how},token-url={}",
                self.at(name, "token")
            );
            self.add(name, credential, &[("CANARY", &secret)], &[&secret], &issued, "");
        }
        let (secret, issued) = (any(), fresh(WORD));
        let credential = format!(
            "env:CANARY,kind=azure,client-id=me,tenant=contoso.example,scope=https://x/.default,authority={}",
            self.at("azure", "")
        );
        self.add("azure", credential, &[("CANARY", &secret)], &[&secret], &issued, "");

        let private = include_str!("../../host/broker/tests/credential/key-for-tests.pem");
        let file = json!({"type": "service_account", "project_id": "shop", "private_key_id": "k1", "private_key": private,
                          "client_email": "scan@shop.example"});
        let file = self.keys.write("service-account.json", file.to_string());
        let issued = fresh(WORD);
        let credential =
            format!("file:{file},kind=gcp,token-url={}", self.at("gcp-service-account", "token"));
        self.add("gcp-service-account", credential, &[], &[private], &issued, "");

        let (secret, refresh, issued) = (any(), fresh(WORD), fresh(WORD));
        let file = json!({"type": "authorized_user", "client_id": "c", "client_secret": secret, "refresh_token": refresh});
        let file = self.keys.write("person.json", file.to_string());
        let credential = format!("file:{file},kind=gcp,token-url={}", self.at("gcp-person", "token"));
        self.add("gcp-person", credential, &[], &[&secret, &refresh], &issued, "");
    }

    /// What a kubeconfig signs in with.
    fn clusters(&mut self) {
        let token = fresh(WORD);
        let file = self.kubeconfig("kube-token", &self.echo.url.clone(), json!({"token": token}));
        self.add("kube-token", format!("file:{file}"), &[], &[&token], "", "");

        let token = fresh(WORD);
        let printed = json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}});
        let printed = self.keys.write("exec-credential.json", printed.to_string());
        let exec = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "cat", "args": [printed]}});
        let file = self.kubeconfig("kube-exec", &self.echo.url.clone(), exec);
        self.add("kube-exec", format!("file:{file}"), &[], &[&token], "", "");

        let (certificate, private) = Echo::client();
        let private_key = fs::read_to_string(&private).unwrap();
        let user = json!({"client-certificate": certificate, "client-key": private});
        let file = self.kubeconfig("kube-certificate", &self.echo.secure.clone(), user);
        let source = self.add("kube-certificate", format!("file:{file}"), &[], &[&private_key], "", "");
        source.secure = true;
        // The service takes nobody without the certificate.
        source.proof = "GET /kube-certificate/repeat/words".into();
    }

    fn kubeconfig(&self, name: &str, server: &str, user: Value) -> String {
        let mut cluster = json!({"server": format!("{server}/{name}")});
        if server.starts_with("https") {
            cluster["certificate-authority"] = json!(Echo::authority());
        }
        let document = json!({
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
        });
        self.keys.write(&format!("{name}.yaml"), document.to_string())
    }
}

fn sources(bench: &Workbench, echo: &Echo) -> Vec<Source> {
    let mut sources = Sources { keys: Keys(bench), echo, all: vec![] };
    sources.plain();
    sources.aws();
    sources.tokens();
    sources.clusters();
    sources.all
}

/// The program as a person in trouble starts it: everything is logged, and a panic tells where it came from.
fn command(bench: &Workbench, source: &Source, args: &[&str]) -> Command {
    fs::create_dir_all(bench.path("tmp")).unwrap();
    let mut command = bench.command(args);
    command
        .envs(source.variables.iter().map(|(name, value)| (name, value)))
        .env("INVENTAR_PLUGIN_FILES", guest("parrot"))
        .env("RUST_BACKTRACE", "1")
        .env("TMPDIR", bench.path("tmp"));
    command
}

/// Runs the program and hunts through all it said.
struct Hunter<'a> {
    bench: &'a Workbench,
    hunt: Hunt,
    found: Vec<String>,
}

impl Hunter<'_> {
    fn run(&mut self, source: &Source, args: &[&str]) -> Ended {
        let ended = self.bench.end(command(self.bench, source, args));
        self.look_at(source, args, &ended);
        ended
    }

    fn look_at(&mut self, source: &Source, args: &[&str], ended: &Ended) {
        let place = |stream: &str| format!("{stream} of `{}` for {}", args.join(" "), source.name);
        self.found.extend(self.hunt.in_bytes(&place("stdout"), ended.stdout.as_bytes()));
        self.found.extend(self.hunt.in_bytes(&place("stderr"), ended.stderr.as_bytes()));
    }

    /// Everything that was written so far, also what a killed program left behind.
    fn look_around(&mut self) {
        for folder in ["data", "home", "tmp", "recordings"].map(|name| self.bench.path(name)) {
            if folder.is_dir() {
                self.found.extend(self.hunt.in_folder(&folder));
            }
        }
    }

    #[track_caller]
    fn nothing_was_found(&self) {
        let most: Vec<&str> = self.found.iter().take(40).map(String::as_str).collect();
        assert!(most.is_empty(), "{} finds:\n{}", self.found.len(), most.join("\n"));
    }
}

fn connect(hunter: &mut Hunter<'_>, echo: &Echo, source: &Source) {
    let endpoint = format!("{}/{}", if source.secure { &echo.secure } else { &echo.url }, source.name);
    let credential = format!("login={}", source.credential);
    let add = ["source", "add", source.name, "--plugin", "parrot", "--yes", "--endpoint", &endpoint];
    let access = ["--allow-private", "127.0.0.1/32", "--credential", &credential];
    hunter.run(source, &[&add[..], &access[..]].concat()).expect(0);
}

/// What the guest says of its memory.
#[track_caller]
fn memory_is_clean(scan: &Ended, source: &Source) {
    let memory = scan.asset("model-version", "memory");
    let number = |name: &str| -> u64 {
        let found = memory["properties"].as_object().and_then(|all| all.get(name)).or(memory.get(name));
        found
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| panic!("no {name}: {memory}"))
    };
    assert!(number("bytes") >= 1 << 20, "{}: {memory}", source.name);
    assert!(number("marked") > 0, "{}: the search sees nothing: {memory}", source.name);
    assert_eq!(number("found"), 0, "{}: a secret is in the guest's memory", source.name);
}

#[test]
fn whatever_kind_they_are_and_whatever_goes_wrong() {
    let (bench, echo) = (Workbench::new(), Echo::start());
    let sources = sources(&bench, &echo);
    let canaries: Vec<Canary> = sources.iter().flat_map(|source| source.canaries.clone()).collect();
    let mut hunter = Hunter { bench: &bench, hunt: Hunt::after(&canaries), found: vec![] };
    fs::create_dir_all(bench.path("recordings")).unwrap();
    for source in &sources {
        let name = source.name;
        connect(&mut hunter, &echo, source);
        hunter.run(source, &["source", "test", name, "-vvv"]);
        hunter.run(source, &["plan", name, "-vv"]);
        // One scope is refused, one panics, one ends with a problem: what could be read is there.
        let scan = hunter.run(source, &["scan", name, "-vvv", "-o", "ndjson"]).expect(3);
        memory_is_clean(&scan, source);
        assert!(
            echo.asked().iter().any(|request| request.contains(&source.proof)),
            "{name}: it was never shown"
        );
        let recording = bench.path("recordings").join(format!("{name}.jsonl"));
        hunter.run(source, &["plugin", "record", name, "-vv", "-o", recording.to_str().unwrap()]);
        assert!(
            fs::read_to_string(&recording).unwrap().contains("[redacted]"),
            "{name}: nothing was recorded"
        );
    }
    hunter.look_around();
    hunter.nothing_was_found();

    // Every way to look at it, and every way to log.
    let first = &sources[0];
    for format in ["table", "json", "ndjson", "csv", "cyclonedx"] {
        for log in ["text", "json"] {
            hunter.run(first, &["scan", first.name, "-vv", "--log-format", log, "-o", format]);
        }
    }
    for args in [
        &["get", "all", "-o", "json"][..],
        &["get", "all", "-o", "table"],
        &["get", "all", "-o", "csv"],
        &["coverage", "-o", "json"],
        &["coverage", "--missing", "-o", "json"],
        &["coverage", "--missing", "--fix-policy"],
        &["bom", "generate", "--spec", "1.6"],
        &["bom", "generate", "--spec", "1.7"],
        &["diff", "--source", first.name, "-o", "json"],
        &["source", "list", "-o", "json"],
        &["config", "view"],
        &["doctor"],
    ] {
        hunter.run(first, args);
    }
    served(&mut hunter, &sources);

    // The machine is lost while a request is under way.
    for source in &sources {
        echo.hold(&format!("/{}/repeat/slow", source.name));
        let args = ["scan", source.name, "-vvv", "-o", "ndjson"];
        let before = echo.asked().len();
        let running = bench.start(command(&bench, source, &args));
        echo.wait_for("/repeat/slow", before);
        running.kill();
        let ended = running.end();
        hunter.look_at(source, &args, &ended);
        echo.release();
    }
    hunter.look_around();

    // The token services say no, and repeat what they were sent.
    echo.refuse();
    for source in &sources {
        let refused = hunter.run(source, &["source", "test", source.name, "-vvv"]);
        hunter.run(source, &["scan", source.name, "-vvv", "-o", "json"]);
        let asks = ["aws-web-identity", "aws-role", "oauth2", "azure", "gcp", "bearer-vault"];
        if asks.iter().any(|kind| source.name.starts_with(kind)) {
            assert_ne!(refused.code, 0, "{}: {refused}", source.name);
        }
    }
    hunter.look_around();
    hunter.nothing_was_found();
}

/// What the server of the console says of all of it.
fn served(hunter: &mut Hunter<'_>, sources: &[Source]) {
    let server = Server::start(hunter.bench);
    let mut paths: Vec<String> =
        ["assets?limit=200", "facets", "sources", "version"].map(|path| format!("/api/v1/{path}")).into();
    for source in sources {
        paths.extend(
            ["coverage", "changes", "runs", "bom"]
                .map(|what| format!("/api/v1/{what}?source={}", source.name)),
        );
        paths.push(format!("/api/v1/assets?source={}&limit=200", source.name));
    }
    let all = server.get("/api/v1/assets?limit=200", &[]).1;
    let all: Value = serde_json::from_str(&all).unwrap_or_default();
    let uids = all["items"].as_array().or(all["assets"].as_array()).into_iter().flatten();
    paths.extend(uids.filter_map(|asset| asset["uid"].as_str()).map(|uid| format!("/api/v1/assets/{uid}")));
    assert!(paths.len() > sources.len() * 5 + 20, "the server knows hardly anything");
    for path in paths {
        let (status, body) = server.get(&path, &[]);
        assert_eq!(status, 200, "{path}: {body}");
        hunter.found.extend(hunter.hunt.in_bytes(&path, body.as_bytes()));
    }
}

/// Memory of a process that has crashed is no place for a secret either.
#[cfg(target_os = "linux")]
#[test]
fn no_core_is_left_behind() {
    let (bench, echo) = (Workbench::new(), Echo::start());
    let source = &sources(&bench, &echo)[0];
    let mut hunter = Hunter { bench: &bench, hunt: Hunt::after(&source.canaries), found: vec![] };
    connect(&mut hunter, &echo, source);
    echo.hold("/repeat/probe");
    // Wherever the story runs, the shell first allows what the program has to forbid.
    let allowed = command(&bench, source, &[]);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -c \"$(ulimit -Hc)\"; exec \"$0\" scan \"$1\""])
        .arg(allowed.get_program())
        .arg(source.name);
    shell.env_clear().envs(allowed.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let running = bench.start(shell);
    echo.wait_for("/repeat/probe", 0);
    let limits =
        fs::read_to_string(Path::new("/proc").join(running.id().to_string()).join("limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().next(), Some("0"), "{limits}");
}
