use super::*;
use proptest::prelude::*;

/// `secret` must be gone from the redacted text.
fn gone(text: &str, secret: &str) {
    assert!(text.contains(secret), "the case itself: {text:?}");
    let redacted = redact(text);
    assert!(!redacted.contains(secret), "{secret:?} survived in {redacted:?}");
    assert!(redacted.contains(MARK), "{redacted:?}");
    assert_eq!(redact(&redacted), redacted, "again");
}

fn kept(text: &str) {
    assert_eq!(redact(text), text);
}

fn check(text: &str, expected: &str) {
    assert_eq!(redact(text), expected);
    assert_eq!(redact(expected), expected, "again");
}

fn value_kept(key: &str, text: &str) {
    assert_eq!(redact_value(key, text), text, "{key}");
}

fn value_gone(key: &str, text: &str) {
    assert!(!redact_value(key, text).contains(text), "{key}: {text}");
}

/// Prefix, alphabet, length of the random part, what follows.
const GENERATED: &[(&str, &str, usize, &str)] = &[
    ("sk-", ALNUM, 48, ""),
    ("sk-", HEX, 32, ""),
    ("sk-proj-", URL, 74, ""),
    ("sk-svcacct-", URL, 60, ""),
    ("sk-ant-api03-", URL, 93, "AA"),
    ("sk-ant-admin01-", URL, 93, ""),
    ("sk-or-v1-", HEX, 64, ""),
    ("hf_", ALPHA, 34, ""),
    ("AIza", URL, 35, ""),
    ("ya29.a0", URL, 60, ""),
    ("GOCSPX-", URL, 28, ""),
    ("AKIA", UPPER, 16, ""),
    ("ASIA", UPPER, 16, ""),
    ("ghp_", ALNUM, 36, ""),
    ("gho_", ALNUM, 36, ""),
    ("ghs_", ALNUM, 36, ""),
    ("github_pat_", ALNUM, 82, ""),
    ("glpat-", ALNUM, 20, ""),
    ("xoxb-", DIGIT, 12, "-abcdefghijkl"),
    ("xoxp-", DIGIT, 12, "-abcdefghijkl"),
    ("sk_live_", ALNUM, 24, ""),
    ("rk_live_", ALNUM, 24, ""),
    ("whsec_", ALNUM, 32, ""),
    ("npm_", ALNUM, 36, ""),
    ("pypi-AgEIcHlwaS5vcmc", URL, 80, ""),
    ("eyJhbGciOiJIUzI1NiJ9.eyJ", URL, 40, ".abcdefghijk"),
    ("gsk_", ALNUM, 52, ""),
    ("r8_", ALNUM, 37, ""),
    ("pcsk_", ALNUM, 60, ""),
    ("lsv2_pt_", HEX, 32, "_0123456789"),
    ("dapi", HEX, 32, ""),
    ("tvly-", ALNUM, 32, ""),
    ("pplx-", ALNUM, 48, ""),
    ("xai-", ALNUM, 80, ""),
    ("nvapi-", URL, 64, ""),
    ("dop_v1_", HEX, 64, ""),
    ("SK", HEX, 32, ""),
    ("SG.", ALNUM, 22, ".abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    ("shpat_", HEX, 32, ""),
    ("hvs.", ALNUM, 90, ""),
    ("AGE-SECRET-KEY-1", UPPER, 58, ""),
    ("csk-", ALNUM, 48, ""),
    ("fc-", HEX, 32, ""),
    ("jina_", ALNUM, 60, ""),
    ("sk-lf-", HEX, 32, ""),
    ("glsa_", ALNUM, 40, ""),
    ("dckr_pat_", URL, 27, ""),
    ("llx-", ALNUM, 48, ""),
    ("tgp_v1_", URL, 43, ""),
    ("123456789:", URL, 35, ""),
    ("postgres://app:", ALNUM, 12, "@db.internal/app"),
    ("Authorization: Basic dXNlcjpw", "abcd", 20, ""),
    ("Bearer ", ALNUM, 32, ""),
    ("AccountKey=", ALNUM, 86, "=="),
    ("Password=", ALNUM, 12, ";"),
    ("&sig=", ALNUM, 40, "%3D"),
    ("OPENAI_API_KEY=", ALNUM, 20, ""),
    ("aws_secret_access_key = ", ALNUM, 40, ""),
    ("--api-key ", ALNUM, 20, ""),
    ("\"cohere_api_key\": \"", ALNUM, 40, "\""),
    ("WANDB_API_KEY: ", HEX, 40, ""),
    ("MISTRAL_API_KEY='", ALNUM, 32, "'"),
    ("AZURE_OPENAI_KEY=\"", HEX, 32, "\""),
    ("password: ", ALNUM, 9, ""),
];
const DIGIT: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALPHA: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A secret and its random part.
fn secret() -> impl Strategy<Value = (String, String)> {
    (0..GENERATED.len(), prop::collection::vec(any::<prop::sample::Index>(), 100)).prop_map(|(at, picks)| {
        let (prefix, alphabet, len, suffix) = GENERATED[at];
        let mut random: Vec<u8> =
            picks[..len].iter().map(|pick| alphabet.as_bytes()[pick.index(alphabet.len())]).collect();
        // Random texts of that length have both; a generated one must too.
        if alphabet == ALNUM || alphabet == HEX {
            random[0] = b'a';
            random[1] = b'7';
        }
        let random = String::from_utf8(random).unwrap();
        (format!("{prefix}{random}{suffix}"), random)
    })
}

proptest! {
    #[test]
    fn no_generated_secret_survives((secret, random) in secret(), before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let text = format!("{before}\n{secret}\n{after}");
        let redacted = redact(&text);
        prop_assert!(!redacted.contains(&random), "{:?}", redacted);
        let again = redact(&redacted);
        prop_assert_eq!(&again, &redacted);
    }

    #[test]
    fn no_generated_secret_survives_in_code((secret, random) in secret(), open in "[ (,=>|\t]", close in "[ ),<|\t;]") {
        let text = format!("x{open}{secret}{close}y");
        prop_assert!(!redact(&text).contains(&random), "{}", text);
    }

    #[test]
    fn any_text_is_redacted_once(text in "(\\PC|[\\n\"':=_-]|password|key|://|@|sk-|api|token|eyJ|Bearer |--){0,60}") {
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once), once.as_str());
        let value = redact_value("api_key", &text).into_owned();
        prop_assert_eq!(redact_value("api_key", &value), value.as_str());
    }

    #[test]
    fn values_beside_names(
        name in prop::sample::select(vec!["api_key", "apiKey", "OPENAI_API_KEY", "password", "client_secret", "auth_token", "x-api-key", "DB_PASSWORD"]),
        form in 0..12usize,
        value in "[a-zA-Z][a-zA-Z0-9]{10,30}[0-9][a-z]",
    ) {
        let text = match form {
            0 => format!("{name}={value}"),
            1 => format!("{name} = \"{value}\""),
            2 => format!("\"{name}\": \"{value}\","),
            3 => format!("{name}: {value}"),
            4 => format!("{name}: str = '{value}'"),
            5 => format!("os.environ[\"{name}\"] = '{value}'"),
            6 => format!("{{\\\"{name}\\\":\\\"{value}\\\"}}"),
            7 => format!("https://x.example/?a=1&{name}={value}&b=2"),
            8 => format!("setenv(\"{name}\", \"{value}\")"),
            9 => format!("--{name} {value} --model gpt-4o"),
            10 => format!("<{name}>{value}</{name}>"),
            _ => format!("Client({name}={value:?}, model='gpt-4o')"),
        };
        prop_assert!(!redact(&text).contains(&value), "{}", text);
    }
}

#[test]
fn shapes_keep_their_prefix() {
    check("key sk-abcdefghijklmnop1234 here", "key sk-…[redacted] here");
    check("AKIAIOSFODNN7EXAMPLE", "AKIA…[redacted]");
    check("xoxb-123456789012-abcdef", "xoxb-…[redacted]");
    check("postgres://app:hunter2@db/app", "postgres://app:…[redacted]@db/app");
    check("Password=p@ss!1;Server=x", "Password=…[redacted];Server=x");
    check("api_key = \"abc123def\"", "api_key = \"…[redacted]\"");
    check("?token=abc123def&x=1", "?token=…[redacted]&x=1");
    check("curl -H 'Authorization: Bearer abcdef123456'", "curl -H 'Authorization: Bearer …[redacted]'");
    check("secret: x7", "secret: …[redacted]");
    check("f(api_key=abc123def)", "f(api_key=…[redacted])");
}

#[test]
fn armoured_keys() {
    gone(
        "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\nb",
        "MIIEowIBAAKCAQEA",
    );
    gone("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE", "b3BlbnNzaC1rZXktdjE");
    gone(r#""-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n""#, "MIIEvQIBADANBg");
    kept("-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE\n-----END CERTIFICATE-----");
    kept("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B\n-----END PUBLIC KEY-----");
}

#[test]
fn urls() {
    gone("redis://:s3cr3t@cache:6379/0", "s3cr3t");
    gone("mongodb+srv://u:p%40ss@c.example.net/db", "p%40ss");
    gone("https://x-access-token:abc@github.com/a/b", "abc@");
    gone("amqp://u:pa/ss@host", "pa/ss");
    gone("https://0123456789abcdef0123456789abcdef@sentry.example/1", "0123456789abcdef0123456789abcdef");
    kept("ssh://git@github.com/a/b.git");
    kept("http://localhost:11434/v1/@me");
    kept("https://api.openai.com:443/v1?mail=a@b.example");
    kept("postgres://${USER}:${PASSWORD}@db/app");
    kept("postgresql://user:<password>@db/app");
    kept("postgresql://user:password@localhost/db");
}

#[test]
fn names_and_values() {
    gone("DB_PASSWORD=hunter2", "hunter2");
    gone("\"password\" : \"correct horse battery staple\"", "horse");
    gone("$env:OPENAI_API_KEY = 'abcd1234'", "abcd1234");
    gone("export ANTHROPIC_API_KEY=\"abc-123-def\"", "abc-123-def");
    gone("args: [\"--api-key\", \"abc123def456\"]", "abc123def456");
    gone("{\"name\": \"X_API_KEY\", \"value\": \"abcdef12\"}", "abcdef12");
    gone("client.set(\"api_token\", \"abc123def456\")", "abc123def456");
    gone("os.getenv(\"API_KEY\", \"live9f8e7d6c5b\")", "live9f8e7d6c5b");
    gone("if password == \"letmein1\":", "letmein1");
    gone("api_key: str = \"abc123def\"", "abc123def");
    gone("api_key = \"\"\"abc123def\"\"\"", "abc123def");
    gone("Endpoint=sb://x/;SharedAccessKeyName=root;SharedAccessKey=AbC123+/dEf=", "AbC123");
    gone("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFyMTIz==;", "Zm9vYmFyMTIz");
    gone("x-api-key: 0a1b2c3d4e5f", "0a1b2c3d4e5f");
    gone("password: hunter2 # prod", "hunter2");
    gone("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI");
    gone("\"key\": \"0123456789abcdef0123456789abcdef\"", "0123456789abcdef");
    gone("<add key=\"x\" /><Password>hunter2</Password>", "hunter2");
    gone("token = \"3f2b8c1a-1111-4222-8333-444455556666\"", "3f2b8c1a");
}

#[test]
fn harmless_texts_stay() {
    for text in [
        "",
        "import openai",
        "api_key=os.getenv(\"OPENAI_API_KEY\")",
        "api_key = os.environ[\"OPENAI_API_KEY\"]",
        "apiKey: process.env.OPENAI_API_KEY",
        "apiKey: process.env[\"OPENAI_API_KEY\"]!",
        "api_key=${OPENAI_API_KEY}",
        "OPENAI_API_KEY=${{ secrets.OPENAI_API_KEY }}",
        "OPENAI_API_KEY=$OPENAI_API_KEY",
        "OPENAI_API_KEY=",
        "OPENAI_API_KEY=your-api-key-here",
        "OPENAI_API_KEY=<your key>",
        "OPENAI_API_KEY=xxxxxxxx",
        "api_key = settings.openai_api_key",
        "api_key=api_key",
        "client = OpenAI(api_key=key, base_url=url)",
        "def connect(password: str, token: Optional[str] = None) -> None:",
        "password: string;",
        "token: string | null",
        "max_tokens=4096, temperature=0.2",
        "\"max_tokens\": 4096",
        "pad_token = \"[PAD]\"",
        "eos_token=\"</s>\"",
        "tokenizer = AutoTokenizer.from_pretrained(\"gpt2\")",
        "tokens_per_minute: 90000",
        "next_token: abc123def456",
        "model = \"claude-3-5-sonnet-20241022\"",
        "meta-llama/Llama-3.1-8B-Instruct",
        "pplx-70b-online",
        "sk-learn",
        "scikit-learn==1.5.0",
        "xai-org/grok-1",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "--hash=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "\"integrity\": \"sha512-Yk1m0fsBQWbVHg1Q3l1Y9f5zvBQ0o2aJc8Hq7Vt6n3w==\"",
        "550e8400-e29b-41d4-a716-446655440000",
        "commit 1f7f0a1b2c3d4e5f60718293a4b5c6d7e8f90123",
        "key: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "pkg:npm/%40ai-sdk/openai",
        "pkg:pypi/tiktoken",
        "\"jsonwebtoken\": \"^9.0.2\"",
        "\"passport-client-password\": \"^0.1.2\"",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/openai",
        "password_file: /run/secrets/db_password",
        "secret_key_ref: openai",
        "ssl_key: /etc/ssl/private/server.key",
        "api_key_env = \"OPENAI_API_KEY\"",
        "the API key: see the documentation",
        "reads the token: it is short",
        "Basic authentication is used",
        "bearer authentication",
        "primary_key=True",
        "for key, value in config.items():",
        "os.getenv(\"OPENAI_API_KEY\")",
        "os.getenv(\"API_KEY\", \"\")",
        "secrets = [\"OPENAI_API_KEY\", \"HF_TOKEN\"]",
        "@pytest.mark.parametrize(\"key\", [\"a\", \"b\"])",
        "password=get_password()",
        "token = await session.fetch_token(url)",
        "git+https://github.com/acme/flow.git@v1.2.3",
        "https://huggingface.co/meta-llama/Llama-3.1-8B",
        "2024-01-01T00:00:00Z 1699999999:ok",
        "AIzaSomething short",
        "ghp_short",
        "data:image/png;base64,iVBORw0KGgo=",
        "name: sk-test",
        "passkeys: enabled",
        "Token::Comma,",
        "pub semi_token: Option<Token![;]>,",
        "fn contains_token(&self, token: C1) -> bool {",
        "type Token = u8;",
        "id-token: write",
        "Authorization: f\"Bearer {token}\"",
        "headers[\"Authorization\"] = \"Bearer {}\".format(access_token)",
        "if token == START_ELEMENT:",
        "let gguf_token = match value {",
        "for _, token := range tokens {",
        ":param token: The `Token` for this lexer.",
        "Token: '#ABB2BF'",
        "pub const NO_ENCRYPTION_KEY: i32 = -1540i32;",
        "ALLOW_EMPTY_PASSWORD: 1",
        "raise Error('cannot load credentials: ' + str(error))",
        "($token:ident) => {",
        "# api_key=\"sk-...\"",
        "\"ecr:GetAuthorizationToken\", \"ecr:GetDownloadUrlForLayer\"",
    ] {
        kept(text);
    }
}

#[test]
fn values_by_key() {
    value_gone("password", "hunter2");
    value_gone("api_key", "abc123");
    value_gone("OPENAI_API_KEY", "0123456789abcdef");
    value_gone("client-secret", "aB3~xyz");
    value_gone("x", "ghp_0123456789abcdefghijABCDEFGHIJ012345");
    assert_eq!(redact_value("api_key", "sk-proj-abcdef0123456789abcdef"), "sk-proj-…[redacted]");
    value_kept("env", "OPENAI_API_KEY");
    value_kept("api-key", "OPENAI_API_KEY");
    value_kept("api-key", "${OPENAI_API_KEY}");
    value_kept("token", "<your token>");
    value_kept("tokens", "4096");
    value_kept("max-token", "4096");
    value_kept("sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    value_kept("model", "gpt-4o-mini");
    value_kept("api-key-source", "os.environ");
    value_kept("secret-name", "prod/openai");
}

#[test]
fn lists_and_documents() {
    let args = ["-y", "server", "--api-key", "plainvalue1", "--model", "gpt-4o"].map(str::to_owned);
    assert_eq!(texts("args", &args, 100)[3..], ["…[redacted]", "--model", "gpt-4o"]);
    let document = serde_json::json!({
        "args": ["--token", "plainvalue1", "plainvalue2"],
        "env": {"API_KEY": "plainvalue1", "MODE": "plainvalue2"},
        "list": [{"name": "DB_PASSWORD", "value": "plainvalue1"}],
        "headers": {"Authorization": "Bearer plainvalue1abc"},
    });
    let redacted = json("config", document.clone(), 8).unwrap().to_string();
    assert!(!redacted.contains("plainvalue1"), "{redacted}");
    assert_eq!(redacted.matches("plainvalue2").count(), 2, "{redacted}");
    assert_eq!(json("config", document, 2), None);
}

#[test]
fn keys_stay_apart() {
    let [a, b] = ["1", "2"].map(|n| key(&format!("ghp_{}", n.repeat(36))));
    assert_ne!(a, b);
    assert!(a.starts_with("ghp_…[redacted]#"));
    assert_eq!(key("model:gpt-4o"), "model:gpt-4o");
}

#[test]
fn terminals_are_not_fooled() {
    assert_eq!(line("a\u{1b}[31mb\nc", 100), "a\u{fffd}[31mb c");
    assert_eq!(line("user\u{202e}txt.exe", 100), "user\u{fffd}txt.exe");
    assert_eq!(snippet("a\r\n\tb\0", 100), "a\n\tb\u{fffd}");
    assert_eq!(line("äöü", 5), "ä…");
    assert_eq!(line("zwj \u{1f468}\u{200d}\u{1f469}", 100), "zwj \u{1f468}\u{200d}\u{1f469}");
}

#[test]
fn a_secret_at_the_cut_is_still_recognised() {
    let secret = format!("{} ghp_{}", "x".repeat(88), "a1".repeat(20));
    assert_eq!(snippet(&secret, 99), format!("{} ghp_…", "x".repeat(88)));
}

#[test]
fn pieces_of_tokens_at_the_ends_of_a_snippet() {
    let check = |text: &str, expected: &str| {
        assert_eq!(snippet(text, 512), expected);
        assert_eq!(snippet(expected, 512), expected, "again");
    };
    check("yYTWmE4lBYOvfZ8UzDzV8fUkkibjL5DZ\", base_url=x", "…[redacted]\", base_url=x");
    check("x = call(\"gpt\") # yYTWmE4lBYOvfZ8UzDzV8fUkkibjL5DZ", "x = call(\"gpt\") # …[redacted]");
    check("yYTWmE4lBYOvfZ8UzDzV8fUkkibjL5DZ", "…[redacted]");
    for text in [
        "",
        "from openai import OpenAI",
        "Qwen2_5_VLForConditionalGeneration.from_pretrained(x)",
        "meta-llama/Llama-3.1-8B-Instruct",
        "TheBloke/Mistral-7B-Instruct-v0.2-GGUF",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "text-embedding-3-large",
        "ünïcödé",
        "//server/share/a1B2c3D4e5F6g7H8",
    ] {
        check(text, text);
    }
}

/// The work grows with the text, not with its square: ten times the text, less than forty times the CPU time.
#[test]
fn hostile_texts_cost_no_more_than_long_ones() {
    let cost = |text: &str| {
        let before = crate::platform::thread_cpu();
        let _ = redact(text);
        crate::platform::thread_cpu() - before
    };
    for piece in [
        "key=",
        "password=\"",
        "://a:",
        "sk-",
        "-----BEGIN PRIVATE KEY-----",
        "eyJ",
        "task-",
        "token: ",
        "--key ",
        "a.",
        "\"key\",\"",
        "Bearer ",
        "authorization:",
        "key:::",
        "\\\"key\\\":",
        "AKIA",
        "passwordpassword",
        "sk-a-",
        "<key>",
    ] {
        let _ = cost(piece);
        let short = cost(&piece.repeat(5_000 / piece.len())).max(std::time::Duration::from_millis(2));
        let long = cost(&piece.repeat(50_000 / piece.len()));
        assert!(long < short * 40, "{piece:?}: {short:?} then {long:?}");
    }
}
