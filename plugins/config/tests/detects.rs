//! What is seen in settings, kind by kind.
#![allow(clippy::unwrap_used)]

use inventar_plugin_config::Config;
use inventar_trial::found::{self, scan};

/// `kind name usage line`, in order of kind and name; the first place of each.
fn check(path: &str, text: &str, expected: &[&str]) {
    let mut expected: Vec<String> = expected.iter().map(|line| line.to_lowercase()).collect();
    expected.sort();
    assert_eq!(found::first_places(&scan::<Config>(path, text)), expected, "{path}\n{text}");
}

fn edges(path: &str, text: &str) -> Vec<String> {
    found::edges(&scan::<Config>(path, text))
}

#[test]
fn environment_files() {
    check(
        ".env.example",
        "OPENAI_API_KEY=sk-abc\nDATABASE_URL=postgres://u:p@h/d\nNEXTAUTH_SECRET=x\nOPENAI_MODEL=gpt-4o # why\n# ANTHROPIC_API_KEY=\nOLLAMA_BASE_URL=http://localhost:11434\nBING_API_KEY=\n",
        &[
            "secret-reference OPENAI_API_KEY runtime 1",
            "model-reference gpt-4o runtime 4",
            "secret-reference ANTHROPIC_API_KEY optional 5",
            "endpoint http://localhost:11434 runtime 6",
        ],
    );
    check(
        "frontend/.env.local",
        "VITE_OPENAI_API_KEY=x\nLLM_ENDPOINT=\n",
        &["secret-reference VITE_OPENAI_API_KEY runtime 1", "endpoint LLM_ENDPOINT runtime 2"],
    );
    check(".env.test", "OPENAI_API_KEY=x\n", &["secret-reference OPENAI_API_KEY test 1"]);
    check(".env", "# Use gpt-4o: the best model is claude-3-opus\n# See https://api.openai.com/v1\n", &[]);
}

#[test]
fn configurations_of_images() {
    let text = "{\n\"architecture\": \"amd64\",\n\"os\": \"linux\",\n\"config\": {\n\"Env\": [\n\"PATH=/bin\",\n\"HF_TOKEN=x\"\n],\n\
                \"Entrypoint\": [\n\"vllm\",\n\"serve\"\n],\n\"Cmd\": [\n\"Qwen/Qwen3-8B\"\n]\n}\n}\n";
    let expected = ["secret-reference HF_TOKEN runtime 7", "model-reference Qwen/Qwen3-8B runtime 14"];
    check("image-config.json", text, &expected);
}

#[test]
fn values_of_keys_never_leave() {
    let secret = "sk-proj-0123456789abcdefghij0123456789abcdefghij";
    for (path, text) in [
        (".env", format!("OPENAI_API_KEY={secret}\nOPENAI_MODEL=gpt-4o\n")),
        ("config.yaml", format!("llm:\n  model: gpt-4o\n  api_key: {secret}\n")),
        (
            "compose.yaml",
            format!(
                "services:\n  a:\n    image: ollama/ollama\n    environment:\n      OPENAI_API_KEY: {secret}\n"
            ),
        ),
    ] {
        let answer = scan::<Config>(path, &text);
        for asset in &answer.assets {
            assert!(
                !asset.name.contains(secret)
                    && !format!("{:?}{:?}", asset.properties, asset.identifiers).contains(secret)
            );
        }
    }
}

#[test]
fn settings_of_frameworks() {
    check(
        "src/main/resources/application.yml",
        "spring:\n  ai:\n    openai:\n      api-key: ${OPENAI_API_KEY}\n      base-url: ${LLM_URL:http://gateway:8080}\n      chat:\n        options:\n          model: ${CHAT_MODEL:gpt-4o-mini}\n",
        &[
            "secret-reference OPENAI_API_KEY runtime 4",
            "endpoint http://gateway:8080 runtime 5",
            "model-reference gpt-4o-mini runtime 8",
        ],
    );
    check(
        "application.properties",
        "spring.ai.ollama.chat.options.model=mistral\nspring.ai.openai.api-key=${OPENAI_API_KEY}\nspring.datasource.url=jdbc:x\n",
        &["model-reference mistral runtime 1", "secret-reference OPENAI_API_KEY runtime 2"],
    );
    check(
        "litellm_config.yaml",
        "model_list:\n  - model_name: my-alias\n    litellm_params:\n      model: azure/gpt-4o\n      api_base: https://my.openai.azure.com\n      api_key: os.environ/AZURE_EU_KEY\n",
        &[
            "model-reference azure/gpt-4o runtime 4",
            "endpoint https://my.openai.azure.com runtime 5",
            "secret-reference AZURE_EU_KEY runtime 6",
        ],
    );
    check(
        "appsettings.json",
        "{\n  \"AzureOpenAI\": {\n    \"Endpoint\": \"https://x.openai.azure.com/\",\n    \"DeploymentName\": \"gpt-4o\"\n  },\n  \"Logging\": {\"Url\": \"https://logs.example.net\"}\n}\n",
        &["endpoint https://x.openai.azure.com runtime 3", "model-reference gpt-4o runtime 4"],
    );
    check(
        "config.toml",
        "[llm]\nmodel = \"anthropic/claude-sonnet-4\"\n[embedding]\nmodel = \"BAAI/bge-m3\"\n[database]\nengine = \"postgres\"\n",
        &["model-reference anthropic/claude-sonnet-4 runtime 2", "model-reference BAAI/bge-m3 runtime 4"],
    );
}

#[test]
fn a_model_at_its_maker_and_at_bedrock_has_the_ids_of_both() {
    let ids = |path: &str, text: &str| -> Vec<String> {
        let answer = scan::<Config>(path, text);
        assert_eq!(answer.assets.len(), 1, "{text}");
        answer.assets[0].identifiers.iter().map(|id| format!("{}:{}", id.scheme, id.value)).collect()
    };
    let all = [
        "model:anthropic/claude-sonnet-4.6",
        "x-bedrock:anthropic.claude-sonnet-4-6",
        "x-bedrock:us.anthropic.claude-sonnet-4-6",
    ];
    let json = "{\"A\": {\"DefaultModel\": \"claude-sonnet-4-6\"}, \"B\": {\"DefaultModel\": \"anthropic.claude-sonnet-4-6\",\n\
                \"Eu\": {\"ModelId\": \"us.anthropic.claude-sonnet-4-6\"}}}";
    assert_eq!(ids("appsettings.json", json), all);
    let yaml = "a:\n  model: claude-sonnet-4-6\nb:\n  model-id: bedrock/anthropic.claude-sonnet-4-6\nc:\n  model: us.anthropic.claude-sonnet-4-6\n";
    assert_eq!(ids("config.yaml", yaml), all);
    let lines = "a.model=claude-sonnet-4-6\nb.model=anthropic.claude-sonnet-4-6\nc.model=us.anthropic.claude-sonnet-4-6\n";
    assert_eq!(ids("application.properties", lines), all);
    let env = "MODEL=claude-sonnet-4-6\nA_MODEL_ID=anthropic.claude-sonnet-4-6\nB_MODEL=us.anthropic.claude-sonnet-4-6\n";
    assert_eq!(ids(".env", env), all);
}

#[test]
fn servers_that_frameworks_make_of_the_program() {
    check(
        "src/main/resources/application.yaml",
        "spring:\n  application:\n    name: desk\n---\nspring:\n  ai:\n    mcp:\n      client:\n        name: caller\n      server:\n        \
         name: desk-tools\n        version: 1.2.0\n",
        &["mcp-server desk-tools runtime 11"],
    );
    check(
        "application.yml",
        "spring:\n  application:\n    name: desk\n  ai.mcp.server:\n    name: ${spring.application.name}\n",
        &["mcp-server desk runtime 5"],
    );
    check(
        "application.properties",
        "quarkus.mcp.server.server-info.name=Weather\nquarkus.mcp.server.alerts.server-info.name=${ALERTS:alerts}\n\
         %dev.quarkus.mcp.server.stdio.enabled=false\n%prod.quarkus.mcp.server.x.server-info.name=x-tools\n\
         quarkus.application.name=app\n#quarkus.mcp.server.y.server-info.name=off\n",
        &["mcp-server Weather runtime 1", "mcp-server alerts runtime 2", "mcp-server x-tools runtime 4"],
    );
    check(
        "application.toml",
        "[micronaut.mcp.server]\ntransport = \"STDIO\"\n[micronaut.mcp.server.info]\nname = \"games\"\nversion = \"1.0.0\"\n",
        &["mcp-server games runtime 4"],
    );
    check(
        "application.yml",
        "spring:\n  ai:\n    mcp:\n      server:\n        name: ${UNKNOWN}\nserver:\n  name: web\nmcp:\n  servers:\n    name: x\n",
        &[],
    );
}

#[test]
fn lists_parameters_and_documents_in_texts() {
    check(
        "models.yaml",
        "models:\n  - id: gpt-4o\n    name: GPT 4o\n  - id: internal\n  - name: claude-sonnet-4-5\n    input_cost: 3\n",
        &["model-reference gpt-4o runtime 2", "model-reference claude-sonnet-4-5 mentioned 5"],
    );
    check(
        "main.parameters.json",
        "{\"parameters\": {\n  \"chatModel\": {\"value\": \"${CHAT_MODEL=gpt-4o-mini}\"}\n}}",
        &["model-reference gpt-4o-mini runtime 2"],
    );
    check(
        ".env",
        "MODELS='[{\"id\": \"meta-llama/Llama-3.1-8B-Instruct\"}]'\n",
        &["model-reference meta-llama/Llama-3.1-8B-Instruct runtime 1"],
    );
}

#[test]
fn words_that_are_no_models() {
    check(
        "config.yaml",
        "car:\n  model: golf-7\n  engine: v8\ndata:\n  model: user\n  llm_model_dir: /models/x-1\n  model_type: gpt2\n",
        &[],
    );
    check("labels.json", "{\"title\": \"Use gpt-4o\", \"description\": \"claude-3-opus is fine\"}", &[]);
    check(
        "prices.json",
        "{\"gpt\": {\"model\": \"gpt-4o\", \"input_cost_per_token\": 1}}",
        &["model-reference gpt-4o mentioned 1"],
    );
    check(
        "team.yaml",
        "models:\n  gpt5-fast:\n    provider: openai\n    model: gpt-5-mini\nagents:\n  root:\n    model: gpt5-fast\n",
        &["model-reference gpt-5-mini runtime 4"],
    );
    check("package.json", "{\"dependencies\": {\"openai\": \"4\"}, \"model\": \"gpt-4o\"}", &[]);
    check("src/locales/en.json", "{\"model\": \"gpt-4o\"}", &[]);
}

/// The storage of a service of AI is none of AI's own.
#[test]
fn compose_with_storage() {
    check(
        "compose.yaml",
        "services:\n  traces:\n    image: langfuse/langfuse:3\n    environment:\n      LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT: http://minio:9000\n      LANGFUSE_BASE_URL: http://traces:3000\n",
        &[
            "endpoint http://traces:3000 runtime 6",
            "image langfuse/langfuse runtime 3",
            "workload traces runtime 2",
        ],
    );
}

#[test]
fn compose() {
    let text = "services:\n  llm:\n    image: vllm/vllm-openai:v0.6.3\n    command: [\"--model\", \"Qwen/Qwen2.5-7B-Instruct\"]\n    deploy:\n      resources:\n        reservations:\n          devices:\n            - capabilities: [gpu]\n  app:\n    build: .\n    environment:\n      - OPENAI_API_KEY\n      - OPENAI_BASE_URL=${OPENAI_BASE_URL}\n  db:\n    image: postgres:16\n";
    check(
        "docker-compose.yml",
        text,
        &[
            "workload llm runtime 2",
            "image vllm/vllm-openai runtime 3",
            "model-reference Qwen/Qwen2.5-7B-Instruct runtime 4",
            "workload app runtime 10",
            "secret-reference OPENAI_API_KEY runtime 13",
            "endpoint OPENAI_BASE_URL runtime 14",
        ],
    );
    let edges = edges("docker-compose.yml", text);
    assert!(edges.contains(&"workload:llm uses image:vllm/vllm-openai".to_owned()), "{edges:?}");
    assert!(edges.contains(&"workload:app reads-secret secret:OPENAI_API_KEY".to_owned()), "{edges:?}");
    check(
        "compose.yaml",
        "services:\n  e2e-tests:\n    image: app\n    environment:\n      OPENAI_API_KEY: x\nmodels:\n  llm:\n    model: ai/gemma3\n",
        &["secret-reference OPENAI_API_KEY test 5", "model-reference ai/gemma3 runtime 8"],
    );
}

#[test]
fn images_have_versions() {
    let answer = scan::<Config>(
        "compose.yaml",
        "services:\n  a:\n    image: qdrant/qdrant:v1.9.2\n  b:\n    image: ollama/ollama:latest\n",
    );
    let version = |name: &str| {
        answer.assets.iter().find(|asset| asset.name == name).and_then(|asset| asset.version.clone())
    };
    assert_eq!(version("qdrant/qdrant"), Some(inventar_plugin_sdk::Version::Exact("v1.9.2".into())));
    assert_eq!(version("ollama/ollama"), Some(inventar_plugin_sdk::Version::Floating("latest".into())));
}

#[test]
fn dockerfiles() {
    check(
        "Dockerfile",
        "FROM python:3.12 AS base\nRUN pip install --no-cache-dir \\\n    openai==1.40.0 requests \\\n    # the chain\n    langchain\nENV OPENAI_MODEL=gpt-4o\nFROM base\nCMD [\"vllm\", \"serve\", \"meta-llama/Llama-3.1-8B-Instruct\"]\n",
        &[
            "sdk openai runtime 3",
            "framework langchain runtime 5",
            "model-reference gpt-4o runtime 6",
            "model-reference meta-llama/Llama-3.1-8B-Instruct runtime 8",
        ],
    );
    check(
        "Modelfile",
        "FROM llama3.2\nPARAMETER temperature 1\nSYSTEM \"\"\"You are Mario from Super Mario Bros.\"\"\"\n",
        &["model-reference llama3.2 runtime 1", "prompt SYSTEM runtime 3"],
    );
}

#[test]
fn shell_scripts() {
    check(
        "scripts/pull.sh",
        "#!/bin/sh\n# ollama pull llama3\nset -eu\ndocker compose exec llm ollama pull gemma3:4b\nvllm serve \\\n  org/model-7b\n",
        &["model-reference gemma3:4b runtime 4", "model-reference org/model-7b runtime 6"],
    );
    // A comment ends with its line, and a command with the file.
    check(
        "pull.sh",
        "# first this \\\nollama pull llama3.2:1b \\",
        &["model-reference llama3.2:1b runtime 2"],
    );
    check("build.sh", "set -e\ncargo build\n", &[]);
}

#[test]
fn kubernetes() {
    let text = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: qwen\nspec:\n  predictor:\n    model:\n      modelFormat:\n        name: huggingface\n      storageUri: hf://Qwen/Qwen2.5-7B-Instruct\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  template:\n    spec:\n      containers:\n        - image: acme/api:1\n          env:\n            - name: OPENAI_API_KEY\n              valueFrom:\n                secretKeyRef: {name: keys, key: openai}\n          resources:\n            limits:\n              nvidia.com/gpu: 1\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - image: nginx:1\n";
    check(
        "k8s/all.yaml",
        text,
        &[
            "workload qwen runtime 4",
            "model-reference Qwen/Qwen2.5-7B-Instruct runtime 10",
            "workload api runtime 15",
            "secret-reference OPENAI_API_KEY runtime 22",
        ],
    );
    check(
        "chart/templates/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}-llm\nspec:\n  template:\n    spec:\n      containers:\n        - image: \"vllm/vllm-openai:{{ .Values.tag }}\"\n{{- if .Values.key }}\n          env:\n            - name: HF_TOKEN\n{{- end }}\n",
        &[
            "workload deployment runtime 4",
            "image vllm/vllm-openai runtime 9",
            "secret-reference HF_TOKEN runtime 12",
        ],
    );
    check(
        "values.yaml",
        "image:\n  repository: ollama/ollama\n  tag: 0.5.1\nservingEngineSpec:\n  modelSpec:\n    - modelURL: facebook/opt-125m\n",
        &["image ollama/ollama runtime 2", "model-reference facebook/opt-125m runtime 6"],
    );
}

#[test]
fn infrastructure_as_code() {
    check(
        "main.tf",
        "resource \"aws_bedrockagent_agent\" \"support\" {\n  foundation_model = \"anthropic.claude-3-5-sonnet-20241022-v2:0\"\n}\nresource \"aws_s3_bucket\" \"b\" {}\nmodule \"api\" {\n  source = \"./service\"\n  secrets = { OPENAI_API_KEY = var.key }\n}\nvariable \"embedding_model\" {\n  default = \"amazon.titan-embed-text-v2:0\"\n}\nmodule \"kb\" {\n  source = \"aws-ia/bedrock/aws\"\n}\n",
        &[
            "iac-resource aws_bedrockagent_agent.support runtime 1",
            "model-reference anthropic.claude-3-5-sonnet-20241022-v2:0 runtime 2",
            "workload api runtime 5",
            "secret-reference OPENAI_API_KEY runtime 7",
            "model-reference amazon.titan-embed-text-v2:0 runtime 10",
            "iac-resource module.kb runtime 12",
        ],
    );
    check(
        "template.yaml",
        "Resources:\n  Agent:\n    Type: AWS::Bedrock::Agent\n    Properties:\n      FoundationModel: anthropic.claude-v2\n  Bucket:\n    Type: AWS::S3::Bucket\n",
        &["iac-resource Agent runtime 2", "model-reference anthropic.claude-v2 runtime 5"],
    );
    check(
        "azuredeploy.json",
        "{\"resources\": [\n  {\"type\": \"Microsoft.CognitiveServices/accounts\", \"name\": \"ai\",\n   \"resources\": [{\"type\": \"deployments\", \"name\": \"chat\", \"properties\": {\"model\": {\"name\": \"gpt-4o\", \"format\": \"OpenAI\"}}}]}\n]}",
        &["iac-resource ai runtime 2", "iac-resource chat runtime 3", "model-reference gpt-4o runtime 3"],
    );
    check(
        "main.bicep",
        "param chatModel string = 'gpt-4o-mini'\nresource openai 'Microsoft.CognitiveServices/accounts@2023-05-01' = {\n  name: 'x'\n}\n",
        &["model-reference gpt-4o-mini runtime 1", "iac-resource openai runtime 2"],
    );
    check(
        "Pulumi.yaml",
        "runtime: yaml\nresources:\n  endpoint:\n    type: aws:sagemaker:Endpoint\n",
        &["iac-resource endpoint runtime 3"],
    );
}

#[test]
fn continuous_integration() {
    check(
        ".github/workflows/review.yml",
        "on: pull_request\njobs:\n  review:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n          github_token: ${{ secrets.GITHUB_TOKEN }}\n          claude_args: --model claude-sonnet-4-5-20250929\n      - run: |\n          npx @openai/codex exec \"review\"\n          codex exec --model gpt-5 \"x\"\n          cd claude && ls\n",
        &[
            "ci-agent Claude Code development 6",
            "secret-reference ANTHROPIC_API_KEY development 8",
            "model-reference claude-sonnet-4-5-20250929 development 10",
            "ci-agent Codex development 12",
            "model-reference gpt-5 development 13",
        ],
    );
    check(
        ".gitlab-ci.yml",
        "review:\n  image: python:3.12\n  services:\n    - ollama/ollama:latest\n  script:\n    - aider --message \"fix\" --model gpt-4o\n",
        &[
            "image ollama/ollama development 4",
            "ci-agent aider development 6",
            "model-reference gpt-4o development 6",
        ],
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let answer = scan::<Config>("config.yaml", "llm:\n  model: gpt-4o\n bad: [\n");
    assert_eq!(answer.gaps.len(), 1);
    assert!(answer.gaps[0].detail.starts_with("line "), "{:?}", answer.gaps);
    let answer = scan::<Config>(".env", b"OPENAI_API_KEY=\xff\xfe");
    assert_eq!(answer.gaps.len(), 1);
}

#[test]
fn registered_models() {
    for (path, text, expected) in [
        (".env", "SCORER=models:/churn@champion\n", "resolves-to name:mlflow/model/churn@champion"),
        ("config.yaml", "scoring:\n  model_uri: models:/churn/3\n", "resolves-to name:mlflow/model/churn/3"),
        (
            "compose.yaml",
            "services:\n  a:\n    image: acme/a\n    environment:\n      MODEL: models:/churn/latest\n",
            "instance-of name:mlflow/model/churn",
        ),
    ] {
        let edges = edges(path, text);
        assert!(edges.iter().any(|edge| edge.ends_with(expected)), "{path}: {edges:?}");
    }
    assert!(edges(".env", "PLACES=models:/\nVOLUME=models:/models\nLEFT=runs:/data\n").is_empty());
}

#[test]
fn gateways_stores_and_connection_strings() {
    check(
        "compose.yaml",
        "services:\n  tools:\n    image: docker/mcp-gateway:latest\n    command:\n      - --transport=sse\n      - --servers=duckduckgo,fetch\n      - --tools=search\n",
        &[
            "workload tools runtime 2",
            "image docker/mcp-gateway runtime 3",
            "mcp-server duckduckgo runtime 6",
            "mcp-server fetch runtime 6",
        ],
    );
    check(
        "compose.yaml",
        "services:\n  tickets:\n    image: ghcr.io/acme/tickets-mcp:2\n  looker:\n    image: acme/mcp-inspector\n  web:\n    image: nginx\n",
        &["mcp-server tickets runtime 3"],
    );
    check(
        "application.properties",
        "spring.ai.vectorstore.chroma.client.port=8000\nspring.ai.vectorstore.observations.log-query-response=true\n",
        &["vector-store chroma runtime 1"],
    );
    check(
        "application.yml",
        "spring:\n  ai:\n    vectorstore:\n      type: pgvector\n",
        &["vector-store pgvector runtime 4"],
    );
    check(
        "appsettings.json",
        "{\"ConnectionStrings\": {\n\"chat\": \"Endpoint=https://acme.openai.azure.com/;Key=c2VjcmV0==;Deployment=gpt-4o\",\n\"db\": \"Server=db;Database=shop;User Id=sa\"}}",
        &["endpoint https://acme.openai.azure.com runtime 2", "model-reference gpt-4o runtime 2"],
    );
    check("app.toml", "openai_api_key = \"env:ACME_KEY\"\n", &["secret-reference ACME_KEY runtime 1"]);
}

#[test]
fn keys_of_dotnet_settings() {
    check(
        "appsettings.Development.json",
        "{\"OpenAI\": {\n\"ApiKey\": \"\"},\n\"Weather\": {\"ApiKey\": \"\"},\n\"AI\": {\"AnthropicOptions\": {\n\"ApiKey\": null}}}",
        &[
            "secret-reference AI:AnthropicOptions:ApiKey runtime 5",
            "secret-reference OpenAI:ApiKey runtime 2",
        ],
    );
    check("package.json", "{\"OpenAI\": {\"ApiKey\": \"\"}}", &[]);
}

#[test]
fn keys_of_properties() {
    check(
        "application.properties",
        "openai.token=\nbot.token=\ngemini.api-key=${GEMINI_API_KEY}\n",
        &["secret-reference GEMINI_API_KEY runtime 3", "secret-reference openai.token runtime 1"],
    );
}

#[test]
fn databases_that_keep_vectors() {
    check(
        "db/init.sql",
        "CREATE TABLE a (id int);\ncreate extension if not exists \"vector\";\n",
        &["vector-store pgvector runtime 2"],
    );
    check(
        "db/init.sh",
        "psql <<-EOSQL\n  CREATE EXTENSION IF NOT EXISTS vector;\nEOSQL\n",
        &["vector-store pgvector runtime 2"],
    );
    check("db/other.sql", "CREATE EXTENSION IF NOT EXISTS citext;\n-- vector\n", &[]);
}

#[test]
fn extensions_of_editors() {
    let manifest = |inner: &str| {
        format!(
            "{{\n\"name\": \"pair\", \"description\": \"A pair with AI\", \"engines\": {{\"vscode\": \"^1.90.0\"}},\n\"contributes\": {{\n{inner}\n}}}}"
        )
    };
    check(
        "package.json",
        &manifest(
            "\"configuration\": {\"properties\": {\n\"pair.model\": {\"type\": \"string\", \"default\": \"tune-coder:7b-q4_0\",\n\"enum\": [\"tune-coder:7b-q4_0\",\n\"gpt-4o\",\n\"custom\"]},\n\"pair.endpoint\": {\"default\": \"http://localhost:11434\"},\n\"pair.openaiApiKey\": {\"type\": \"string\", \"default\": \"\"},\n\"pair.modelTimeout\": {\"default\": \"60\"}}},\n\"languageModelTools\": [{\"name\": \"pair_search\", \"modelDescription\": \"d\"}],\n\"chatParticipants\": [{\"id\": \"acme.pair\", \"name\": \"pair\"}]",
        ),
        &[
            "model-reference tune-coder:7b-q4_0 runtime 5",
            "model-reference gpt-4o runtime 7",
            "endpoint http://localhost:11434 runtime 9",
            "secret-reference pair.openaiApiKey runtime 10",
            "tool pair_search runtime 12",
            "agent pair runtime 13",
        ],
    );
    // A car has a model, too; and a package that is none of an editor.
    check(
        "package.json",
        "{\"name\": \"cars\", \"engines\": {\"vscode\": \"^1\"}, \"contributes\": {\"configuration\": {\"properties\": {\"cars.model\": {\"enum\": [\"t-100\", \"t-200\"], \"default\": \"t-100\"}}}}}",
        &[],
    );
    check(
        "package.json",
        "{\"name\": \"a\", \"dependencies\": {\"openai\": \"^4\"}, \"config\": {\"model\": \"gpt-4o\"}}",
        &[],
    );
}

#[test]
fn choices_of_models() {
    check(
        "action-settings.yaml",
        "inputs:\n  chat_model:\n    type: choice\n    options: [gpt-4o, claude-sonnet-4-5]\n    default: gpt-4o\n  car_model:\n    options: [t-100, t-200]\n  model_type:\n    options: [gpt2]\n",
        &["model-reference gpt-4o runtime 4", "model-reference claude-sonnet-4-5 runtime 4"],
    );
    check(
        "supported.json",
        "{\n\"small\": {\"base_model\": \"acme/base-7b-hf\", \"peft\": \"False\"},\n\"adapter\": {\"base_model\": \"acme/base-7b-hf\", \"load_in_8bit\": true, \"lora_model_id\": \"acme/lora-tune\"},\n\"printer\": {\"base_model\": \"acme/laser\"},\n\"supported_models\": {\"acme/chat-1.5B\": {\"dtype\": \"auto\"}}\n}",
        &[
            "model-reference acme/base-7b-hf runtime 2",
            "model-reference acme/lora-tune runtime 3",
            "model-reference acme/chat-1.5B runtime 5",
        ],
    );
}

#[test]
fn scripts_that_train_and_serve() {
    check(
        "train.sh",
        "#!/bin/bash\nBASE=${BASE_MODEL:-acme/base-7b}\nexport BASE_MODEL=acme/base-13b\ntorchrun train.py \\\n    --base_model 'acme/base-30b' \\\n    --data_path data.json\n",
        &["model-reference acme/base-13b runtime 3", "model-reference acme/base-30b runtime 5"],
    );
    check(
        "serve.sh",
        "python -m sglang.launch_server --model-path /model --served-model-name Acme_30B --port 1\nprinter --model lj-4000\n",
        &["model-reference Acme_30B runtime 1"],
    );
    check(
        "deploy/llm.service",
        "[Service]\nExecStart=/usr/bin/vllm serve acme/chat-7b --port 8000\nRestart=always\n",
        &["model-reference acme/chat-7b runtime 2"],
    );
    check(
        ".env",
        "SGLANG_MODEL=Acme_30B\nCAR_MODEL=t-100\nOPENAI_API_BASE_URLS=http://a:8000/v1;http://b:8000/v1\n",
        &[
            "model-reference Acme_30B runtime 1",
            "endpoint http://a:8000/v1 runtime 3",
            "endpoint http://b:8000/v1 runtime 3",
        ],
    );
}

#[test]
fn steps_that_run_an_agent_of_ones_own() {
    let workflow = |step: &str| {
        format!(
            "name: Reviews\non: pull_request\njobs:\n  review:\n    steps:\n      - name: {step}\n        run: dotnet run -- --pr ${{{{ github.event.pull_request.number }}}}\n        env:\n          AI_ENDPOINT: ${{{{ vars.AI_ENDPOINT || 'https://api.openai.com/v1' }}}}\n          Ai__ApiKey: ${{{{ secrets.AI_API_KEY }}}}\n          Hub__GitHubToken: ${{{{ secrets.GITHUB_TOKEN }}}}\n"
        )
    };
    let endpoint = "endpoint https://api.openai.com/v1 development 9";
    check(
        ".github/workflows/review.yml",
        &workflow("Ask the reviewer"),
        &[
            "ci-agent Reviews development 7",
            endpoint,
            "secret-reference AI_API_KEY development 10",
            "secret-reference Ai__ApiKey development 10",
        ],
    );
    check(".github/workflows/review.yml", &workflow("Integration tests"), &[endpoint]);
    check(
        ".github/workflows/e2e.yml",
        "name: Agent\non: push\njobs:\n  a:\n    steps:\n      - run: make\n        env:\n          OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}\n",
        &["secret-reference OPENAI_API_KEY development 8"],
    );
}

#[test]
fn words_about_keys_are_no_keys() {
    check("src/messages.properties", "settings.openai.apiKey=Your API key\nopenai.model=x\n", &[]);
    check(
        "application.properties",
        "openai.apiKey=changeme\n",
        &["secret-reference openai.apiKey runtime 1"],
    );
}

#[test]
fn addresses_under_names_of_services() {
    check(
        "config.json",
        "{\n\"llamaCppUrl\": \"http://10.0.0.7:8080\",\n\"qwen_base_url\": \"http://gpu.example.net/v1\",\n\"shopUrl\": \"http://10.0.0.8\",\n\"huggingfaceUrl\": \"https://huggingface.co/acme/tune\"\n}",
        &["endpoint http://10.0.0.7:8080 runtime 2", "endpoint http://gpu.example.net/v1 runtime 3"],
    );
}
