//! Which keys of a program's own settings hold MCP servers.

use inventar_plugin_mcp::Mcp;
use inventar_trial::found::{first_places, scan};

fn check(path: &str, text: &str, expected: &[&str]) {
    let servers: Vec<String> = first_places(&scan::<Mcp>(path, text))
        .into_iter()
        .filter(|line| line.starts_with("mcp-server"))
        .collect();
    assert_eq!(servers, expected, "{path}\n{text}");
}

#[test]
fn servers_below_a_word() {
    check(
        "config.yaml",
        "mcp:\n  fetch:\n    command: uvx\n    args: [mcp-fetch]\n  files:\n    command: python\n    args: [files_mcp.py]\n",
        &["mcp-server fetch runtime 2", "mcp-server files runtime 5"],
    );
    check(
        "config.json",
        "{\"mcpClients\": {\"desk\": {\"command\": \"node\", \"args\": [\"desk.js\"]}, \"web\": {\"url\": \"https://a.example.net\"}}}",
        &["mcp-server desk runtime 1", "mcp-server web runtime 1"],
    );
    check(
        "application.properties",
        "%dev.app.mcp.clients.web.url=https://a.example.net/mcp\n",
        &["mcp-server web runtime 1"],
    );
}

#[test]
fn what_a_deployment_has_beside_a_server() {
    check(
        "values.yaml",
        "mcp:\n  livenessProbe:\n    exec:\n      command: [curl, -f, http://localhost/health]\n  lifecycle:\n    preStop:\n      command: [uvx, drain]\n  migration:\n    command: [alembic, upgrade, head]\n  worker:\n    command: [celery, -A, app]\n",
        &[],
    );
    check(
        "config.yaml",
        "mcpServer:\n  database:\n    url: postgres://db:5432/app\n  redis:\n    url: redis://redis:6379\n  cache:\n    url: http://cache:8080\n  repository:\n    type: git\n    url: https://github.com/acme/x\n",
        &[],
    );
    check(
        "config.yaml",
        "mcp:\n  servers:\n    code:\n      type: git\n      url: https://github.com/acme/x\n    queue:\n      url: amqp://queue:5672\n    own:\n      url: ${OWN_URL}\n",
        &["mcp-server own runtime 8"],
    );
}

#[test]
fn servers_that_describe_themselves() {
    let all = |path: &str, text: &str| first_places(&scan::<Mcp>(path, text));
    let manifest = "{\n\"manifest_version\": \"0.2\",\n\"name\": \"tides\",\n\"version\": \"1.2.0\",\n\"server\": {\"type\": \"node\", \"mcp_config\": {\"command\": \"node\", \"args\": [\"x.js\"]}},\n\"tools\": [{\"name\": \"next_tide\", \"description\": \"d\"}],\n\"prompts\": [{\"name\": \"plan\", \"text\": \"Plan it.\"}]}";
    assert_eq!(
        all("manifest.json", manifest),
        ["mcp-prompt plan runtime 7", "mcp-server tides runtime 3", "tool next_tide runtime 6"]
    );
    let entry = "{\n\"$schema\": \"https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json\",\n\"name\": \"net.example/tides\",\n\"packages\": [{\"registryType\": \"npm\", \"identifier\": \"@acme/tides\"}]}";
    assert_eq!(all("server.json", entry), ["mcp-server net.example/tides runtime 3"]);
    // A page that can be installed, and the settings of a server.
    assert!(all("manifest.json", "{\"name\": \"mcp\", \"start_url\": \"/\", \"icons\": []}").is_empty());
    assert!(all("server.json", "{\"name\": \"mcp\", \"port\": 80}").is_empty());
}
