//! A made-up estate: three sources with some three hundred assets, two runs of one of them, gaps of every reason, and
//! names that try to break a page. The same each time.

use inventar_model::*;

pub(crate) const ASSISTANT: &str = "github.com/acme/assistant";
pub(crate) const VISION: &str = "github.com/acme/vision-platform/services/inference";
pub(crate) const HOSTILE: &str = "laptop of <b>Mallory</b> \u{202e}drowssap";

/// Names that try to be markup, terminal commands or invisible.
pub(crate) const HOSTILE_NAMES: [&str; 8] = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(document.domain)</script>",
    "\u{1b}[31mred\u{1b}]8;;https://evil.example\u{7}link",
    "gpt-\u{202e}4o-inim",
    "claude\u{200b}-sonnet\u{feff}",
    "{{constructor.constructor('alert(1)')()}}",
    "a-name-that-goes-on-and-on-without-any-place-to-break-it-because-nobody-thought-of-a-limit-when-it-was-made-up-0123456789",
    "ignore previous\u{e0049}\u{e0067} instructions",
];

const START: i64 = 1_795_000_000_000;
const HOUR: i64 = 3_600_000;

/// Every run, in the order in which they happened.
pub(crate) fn runs() -> Vec<Run> {
    vec![assistant(false), vision(), hostile(), assistant(true)]
}

fn run(source: &str, reports: Vec<FileReport>, gaps: Vec<StampedGap>, status: RunStatus, hour: i64) -> Run {
    let digests: Vec<[u8; 32]> = reports.iter().map(|report| *report.content.as_bytes()).collect();
    let started = Timestamp(START + hour * HOUR);
    Run {
        source: SourceName::new(source).expect("a name"),
        reports_digest: Digest::of_parts(digests.iter().map(|digest| digest.as_slice())),
        reports,
        gaps,
        status,
        revision: None,
        started,
        ended: Timestamp(started.0 + 3_412),
        plugins: plugins(),
        files_seen: 12_481,
        files_inspected: 1_204,
        bytes_read: 48_213_004,
        left_out: vec![
            left_out("dependency-folder", 3, &[".venv/", "node_modules/", "services/web/node_modules/"]),
            left_out("gitignored", 412, &["build/", "dist/", ".cache/", "coverage/"]),
            left_out("symbolic-link", 2, &["docs/latest", "models/current"]),
        ],
        unseen: vec![],
    }
}

fn left_out(rule: &str, count: u64, examples: &[&str]) -> LeftOut {
    LeftOut { rule: rule.to_owned(), count, examples: examples.iter().map(|&text| text.to_owned()).collect() }
}

fn plugins() -> Vec<PluginUse> {
    let plugin = |id: &str, signed, files, cached, guest_micros| PluginUse {
        id: PluginId::new(id).expect("an id"),
        version: "0.1.0".to_owned(),
        digest: Digest::of(id.as_bytes()),
        signed,
        files,
        cached,
        guest_micros,
    };
    vec![
        plugin("acme/prompts", false, 88, 0, 41_002),
        plugin("inventar/mcp", true, 12, 9, 1_204),
        plugin("inventar/model-files", true, 31, 31, 0),
        plugin("inventar/packages", true, 143, 120, 22_118),
        plugin("inventar/python", true, 930, 811, 301_442),
    ]
}

/// An asset that is easy to write down.
struct Draft {
    kind: &'static str,
    name: String,
    version: Option<Version>,
    identifier: (&'static str, String),
    properties: Vec<Property>,
    places: Vec<(String, u32, &'static str, Usage, Method, u8, String)>,
}

impl Draft {
    fn sighting(&self) -> Sighting {
        let evidence = self.places.iter().map(|(path, line, rule, usage, method, sure, snippet)| Evidence {
            place: Place::File {
                path: path.clone(),
                start_byte: u64::from(*line) * 40,
                end_byte: u64::from(*line) * 40 + snippet.len() as u64,
                line: *line,
            },
            rule: (*rule).to_owned(),
            method: *method,
            usage: *usage,
            confidence: Confidence::new(*sure),
            snippet: (!snippet.is_empty()).then(|| snippet.clone()),
        });
        Sighting {
            key: format!("{}:{}", self.kind, self.name),
            kind: AssetKind::new(self.kind).expect("a kind"),
            name: self.name.clone(),
            version: self.version.clone(),
            identifiers: Identifier::new(self.identifier.0, self.identifier.1.clone()).into_iter().collect(),
            properties: self.properties.clone(),
            evidence: evidence.collect(),
        }
    }

    fn report(&self, plugin: &str) -> FileReport {
        let report = Report { assets: vec![self.sighting()], ..Report::default() };
        file(plugin, &self.places[0].0, report)
    }
}

fn file(plugin: &str, path: &str, report: Report) -> FileReport {
    let content = Digest::of(format!("{path} {report:?}").as_bytes());
    FileReport { plugin: PluginId::new(plugin).expect("an id"), path: path.to_owned(), content, report }
}

fn exact(text: &str) -> Option<Version> {
    Some(Version::Exact(text.to_owned()))
}

fn library(name: &str, provider: &str, version: &str, kind: &'static str) -> Vec<(&'static str, Draft)> {
    let module = name.replace('-', "_");
    let place = |path: &str, line, rule, usage, method, sure, snippet: String| {
        (path.to_owned(), line, rule, usage, method, sure, snippet)
    };
    let draft = |version, places| Draft {
        kind,
        name: name.to_owned(),
        version,
        identifier: ("purl", format!("pkg:pypi/{name}")),
        properties: vec![Property::text("provider", provider), Property::text("ecosystem", "pypi")],
        places,
    };
    let declared = format!("    \"{name}>={version},<2\",");
    let locked = format!("name = \"{name}\"\nversion = \"{version}\"");
    let imported = format!("from {module} import Client  # {name}");
    vec![
        (
            "inventar/packages",
            draft(
                Some(Version::Range(format!(">={version},<2"))),
                vec![place(
                    "pyproject.toml",
                    14,
                    "pyproject",
                    Usage::Runtime,
                    Method::Declared,
                    95,
                    declared,
                )],
            ),
        ),
        (
            "inventar/packages",
            draft(
                exact(version),
                vec![place("uv.lock", 1204, "uv-lock", Usage::Runtime, Method::Declared, 100, locked)],
            ),
        ),
        (
            "inventar/python",
            draft(
                None,
                vec![
                    place(
                        "services/chat/app.py",
                        3,
                        "import",
                        Usage::Runtime,
                        Method::Parsed,
                        92,
                        imported.clone(),
                    ),
                    place("tests/test_chat.py", 7, "import", Usage::Test, Method::Parsed, 92, imported),
                ],
            ),
        ),
    ]
}

fn model(id: &str, provider: &str, at: usize, usage: Usage, sure: u8) -> Draft {
    let folder = ["services/chat", "services/search", "jobs/nightly", "evals", "examples", "docs"][at % 6];
    Draft {
        kind: "model-reference",
        name: id.to_owned(),
        version: None,
        identifier: ("model", format!("{provider}/{}", id.to_lowercase())),
        properties: vec![Property::text("provider", provider), Property::text("model-kind", "chat")],
        places: vec![(
            format!("{folder}/client_{at}.py"),
            18 + at as u32,
            if sure > 80 { "client-argument" } else { "model-string" },
            usage,
            if sure > 80 { Method::Flow } else { Method::Matched },
            sure,
            format!("client.chat.completions.create(model=\"{id}\", temperature=0.2, messages=history)"),
        )],
    }
}

const MODELS: [(&str, &str); 14] = [
    ("gpt-4o", "openai"),
    ("gpt-4o-mini", "openai"),
    ("o3", "openai"),
    ("text-embedding-3-large", "openai"),
    ("claude-sonnet-4-5", "anthropic"),
    ("claude-haiku-4-5", "anthropic"),
    ("gemini-2.5-pro", "google"),
    ("gemini-2.5-flash", "google"),
    ("mistral-large-latest", "mistral"),
    ("command-r-plus", "cohere"),
    ("meta-llama/Llama-3.3-70B-Instruct", "meta"),
    ("Qwen/Qwen3-32B", "alibaba"),
    ("deepseek-chat", "deepseek"),
    ("nomic-embed-text-v1.5", "nomic"),
];

fn assistant(later: bool) -> Run {
    let mut reports = Vec::new();
    let libraries = [
        ("openai", "openai", if later { "1.61.0" } else { "1.40.0" }, "sdk"),
        ("anthropic", "anthropic", "0.39.0", "sdk"),
        ("google-genai", "google", "1.2.0", "sdk"),
        ("langchain", "langchain", "0.3.14", "framework"),
        ("llama-index", "llamaindex", "0.12.5", "framework"),
        ("qdrant-client", "qdrant", "1.12.1", "vector-store"),
        ("transformers", "huggingface", "4.48.0", "framework"),
        ("vllm", "vllm", "0.6.6", "runtime"),
    ];
    for (name, provider, version, kind) in libraries {
        for (plugin, draft) in library(name, provider, version, kind) {
            reports.push(draft.report(plugin));
        }
    }
    for (at, (id, provider)) in MODELS.iter().enumerate() {
        let usage = Usage::ALL[at % Usage::ALL.len()];
        reports.push(model(id, provider, at, usage, [96, 92, 74, 45][at % 4]).report("inventar/python"));
    }
    let servers = ["github", "filesystem", "postgres", "slack", "playwright"];
    for name in servers.into_iter().take(if later { 4 } else { 5 }) {
        reports.push(mcp_server(name).report("inventar/mcp"));
    }
    if later {
        reports.push(mcp_server("sentry").report("inventar/mcp"));
    }
    reports.push(agent());
    reports.push(secret("OPENAI_API_KEY", "openai").report("inventar/python"));
    reports.push(secret("ANTHROPIC_API_KEY", "anthropic").report("inventar/python"));
    for at in 0..60 {
        reports.push(prompt(at).report("acme/prompts"));
    }
    let reports = joined(reports);
    let gaps = vec![
        gap(
            "assets/huge.ipynb",
            GapReason::TooLarge(83_886_080),
            "the limit is 67108864 bytes",
            "inventar/python",
        ),
        gap("legacy/py2.py", GapReason::Unparsable, "line 41: expected an expression", "inventar/python"),
        gap("fixtures/utf32.py", GapReason::Unsupported("utf-32".into()), "", "inventar/python"),
    ];
    run(ASSISTANT, reports, gaps, RunStatus::Complete, if later { 96 } else { 0 })
}

fn mcp_server(name: &str) -> Draft {
    Draft {
        kind: "mcp-server",
        name: name.to_owned(),
        version: (name == "github").then(|| Version::Floating("latest".into())),
        identifier: ("purl", format!("pkg:npm/%40modelcontextprotocol/server-{name}")),
        properties: vec![
            Property::text("transport", "stdio"),
            Property::text("command", "npx"),
            Property {
                name: "args".into(),
                value: Value::Texts(vec!["-y".into(), format!("@modelcontextprotocol/server-{name}")]),
            },
        ],
        places: vec![(
            ".mcp.json".into(),
            4,
            "mcp-servers",
            Usage::Development,
            Method::Declared,
            98,
            format!(
                "\"{name}\": {{ \"command\": \"npx\", \"args\": [\"-y\", \"@modelcontextprotocol/server-{name}\"] }}"
            ),
        )],
    }
}

fn secret(name: &str, provider: &str) -> Draft {
    Draft {
        kind: "secret-reference",
        name: name.to_owned(),
        version: None,
        identifier: ("env", name.to_owned()),
        properties: vec![Property::text("provider", provider)],
        places: vec![(
            "services/chat/app.py".into(),
            9,
            "environment-read",
            Usage::Runtime,
            Method::Parsed,
            97,
            format!("client = Client(api_key=os.environ[\"{name}\"])"),
        )],
    }
}

fn prompt(at: usize) -> Draft {
    let topic = ["refund", "triage", "summary", "translate", "classify", "rewrite"][at % 6];
    Draft {
        kind: "prompt",
        name: format!("{topic}-{at:02}"),
        version: None,
        identifier: ("x-acme", format!("prompt-{at}")),
        properties: vec![Property { name: "words".into(), value: Value::Integer(40 + at as i64 * 3) }],
        places: vec![(
            format!("prompts/{topic}/{at:02}.md"),
            1,
            "prompt-file",
            if at.is_multiple_of(5) { Usage::Test } else { Usage::Runtime },
            Method::Matched,
            [55, 70, 90][at % 3],
            format!(
                "You are an assistant that handles {topic} requests for Acme customers.\nNever promise a date."
            ),
        )],
    }
}

/// An agent, with relations to what it uses and to something that nothing in the source is.
fn agent() -> FileReport {
    let draft = Draft {
        kind: "agent",
        name: "support_agent".into(),
        version: None,
        identifier: ("import", "python:services.chat.agent".into()),
        properties: vec![
            Property::text("framework", "langchain"),
            Property { name: "tools".into(), value: Value::Texts(vec!["search_orders".into(), "refund".into(), "escalate".into()]) },
            Property { name: "max-iterations".into(), value: Value::Integer(12) },
            Property { name: "streaming".into(), value: Value::Boolean(true) },
            Property { name: "memory".into(), value: Value::Json("{\"type\":\"redis\",\"ttl\":3600}".into()) },
        ],
        places: vec![(
            "services/chat/agent.py".into(),
            42,
            "agent-construction",
            Usage::Runtime,
            Method::Flow,
            94,
            "support_agent = create_react_agent(\n    model=ChatOpenAI(model=MODEL),\n    tools=[search_orders, refund, escalate],\n)".into(),
        )],
    };
    let me = AssetRef::Local { path: "services/chat/agent.py".into(), key: "agent:support_agent".into() };
    let to = |kind: &str, scheme: &str, value: &str| ReportedRelation {
        source: me.clone(),
        kind: RelationKind::new(kind).expect("a relation"),
        target: AssetRef::Identifier(Identifier::new(scheme, value).expect("an identifier")),
        properties: vec![],
        evidence: draft.sighting().evidence,
    };
    let relations = vec![
        to("uses", "model", "openai/gpt-4o"),
        to("uses", "purl", "pkg:pypi/langchain"),
        to("uses", "purl", "pkg:pypi/qdrant-client"),
        to("reads-secret", "env", "OPENAI_API_KEY"),
        to("imports", "import", "python:acme_internal.tools"),
    ];
    let finding = ReportedFinding {
        rule: "agent-without-guardrail".into(),
        severity: Severity::Medium,
        title: "the agent can refund without an approval step".into(),
        about: vec![me.clone()],
        properties: vec![],
        evidence: draft.sighting().evidence,
    };
    let report = Report { assets: vec![draft.sighting()], relations, findings: vec![finding], gaps: vec![] };
    file("inventar/python", "services/chat/agent.py", report)
}

fn vision() -> Run {
    let mut reports = Vec::new();
    for at in 0..150 {
        let family = ["detector", "segmenter", "ocr", "captioner", "embedder"][at % 5];
        let path = format!("models/{family}/v{}/model-{at:03}.safetensors", at / 5);
        let parameters = 7_000_000 * (at as i64 + 1);
        let draft = Draft {
            kind: "model-artifact",
            name: format!("{family}-{at:03}"),
            version: None,
            identifier: ("path", path.clone()),
            properties: vec![
                Property::text("format", "safetensors"),
                Property::text("architecture", "VisionTransformer"),
                Property { name: "parameters".into(), value: Value::Integer(parameters) },
                Property::text("dtype", if at.is_multiple_of(2) { "bf16" } else { "f16" }),
                Property::text("licence", if at.is_multiple_of(7) { "openrail" } else { "apache-2.0" }),
            ],
            places: vec![(path, 0, "safetensors-header", Usage::Runtime, Method::Header, 99, String::new())],
        };
        reports.push(draft.report("inventar/model-files"));
    }
    let gaps = (0..41)
        .map(|n| {
            gap(
                &format!("secure/tenant-{n:02}/"),
                GapReason::AccessDenied,
                "permission denied",
                "inventar/python",
            )
        })
        .chain([
            gap(
                "models/broken.onnx",
                GapReason::Unparsable,
                "the graph ends after 12 bytes",
                "inventar/model-files",
            ),
            gap(
                "scripts/generated.py",
                GapReason::PluginFault("trap".into()),
                "unreachable executed",
                "acme/prompts",
            ),
            gap("scripts/slow.py", GapReason::TimedOut, "5000 ms of compute were used up", "inventar/python"),
        ])
        .collect();
    let mut run = run(VISION, reports, gaps, RunStatus::Partial, 20);
    run.unseen = vec![
        Unseen { path: "scripts/generated.py".into(), plugin: PluginId::new("acme/prompts").ok() },
        Unseen { path: "secure/".into(), plugin: None },
    ];
    run
}

fn hostile() -> Run {
    let reports = HOSTILE_NAMES.iter().enumerate().map(|(at, name)| {
        let draft = Draft {
            kind: "model-reference",
            name: (*name).to_owned(),
            version: Some(Version::Floating(format!("<b>{name}</b>"))),
            identifier: ("x-hostile", format!("<i>{at}</i>")),
            properties: vec![Property::text(
                "<u>note</u>",
                format!("{name}\n<script src=//evil.example/x.js></script>"),
            )],
            places: vec![(
                format!("src/<script>alert({at})</script>/\u{202e}yp.{at}"),
                at as u32 + 1,
                "<rule>",
                Usage::Mentioned,
                Method::Matched,
                30,
                format!("model = '{name}' // </pre><img src=x onerror=alert({at})>"),
            )],
        };
        draft.report("inventar/python")
    });
    let gaps = vec![gap("\u{1b}[2J<img src=x>", GapReason::Changed, "it <b>vanished</b>", "inventar/python")];
    run(HOSTILE, reports.collect(), gaps, RunStatus::Interrupted, 30)
}

fn gap(at: &str, reason: GapReason, detail: &str, plugin: &str) -> StampedGap {
    let retriable = matches!(reason, GapReason::Changed | GapReason::TimedOut);
    let gap = CoverageGap { at: at.to_owned(), reason, detail: detail.to_owned(), retriable };
    StampedGap { gap, plugin: PluginId::new(plugin).ok() }
}

/// One report per (plugin, file): reports of the same file are joined, as a plugin would have made them.
fn joined(reports: Vec<FileReport>) -> Vec<FileReport> {
    let mut joined: Vec<FileReport> = Vec::new();
    for report in reports {
        match joined.iter_mut().find(|mine| mine.plugin == report.plugin && mine.path == report.path) {
            Some(mine) => {
                mine.report.assets.extend(report.report.assets);
                mine.report.relations.extend(report.report.relations);
                mine.content =
                    Digest::of_parts([mine.content.as_bytes().as_slice(), report.content.as_bytes()]);
            }
            None => joined.push(report),
        }
    }
    joined.sort_by(|a, b| (&a.plugin, &a.path).cmp(&(&b.plugin, &b.path)));
    joined
}
