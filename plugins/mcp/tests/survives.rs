//! Hostile input costs no more than its bytes, and never the plugin.

use inventar_plugin_mcp::Mcp;
use inventar_trial::{any_bytes, any_pieces, cut_everywhere, holds, within};
use std::time::Duration;

const PATHS: &[&str] =
    &[".mcp.json", "settings.json", "application.properties", "application.yml", ".codex/config.toml"];

const SAMPLE: &str = "mcp.servers.a.command=npx,-y,x\n{\"mcp\": {\"servers\": {\"a\": {\"command\": \"npx\", \"args\": [\"-y\", \"x\"]}}}}\n[mcp_servers.a]\nurl = \"http://a/mcp\"\nmcp:\n  servers:\n    a: {url: http://a/sse, headers: {Authorization: \"Bearer ${T}\"}}\n";

#[test]
fn truncation_at_every_byte() {
    for path in PATHS {
        cut_everywhere::<Mcp>(path, SAMPLE, 1);
    }
}

#[test]
fn floods() {
    let texts = [
        "[".repeat(100_000),
        "{\"mcp\":".repeat(100_000),
        "mcp.a.b=1\n".repeat(90_000),
        (0..20_000).map(|n| format!("mcp.servers.s{n}.url=http://h/{n}\n")).collect(),
    ];
    for path in PATHS {
        for text in &texts {
            holds::<Mcp>(path, text.as_bytes());
        }
        holds::<Mcp>(path, b"mcp: \xff\xfe\n");
    }
}

#[test]
fn a_table_for_each_of_many_properties() {
    let text: String = (0..90_000).map(|n| format!("k{n:05}.a=1\n")).collect();
    within::<Mcp>(Duration::from_secs(20), "application.properties", &text);
}

#[test]
fn any_text() {
    any_bytes::<Mcp>(PATHS, 300);
    any_pieces::<Mcp>(
        PATHS,
        &[
            "mcp", ".", "servers", "=", ":", "\n", "  ", "{", "}", "\"", "command", "url", "http://a", "npx",
            "[", "]", ",",
        ],
    );
}
