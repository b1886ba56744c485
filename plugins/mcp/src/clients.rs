//! The clients we know: where each keeps its configuration, and under which key the servers stand.
//!
//! One row a client. A file pattern is the end of a path, whole segments, where `*` in the last one stands for any
//! text; `plugin.toml` claims the same patterns (a test compares them). A key path names the tables to descend, `*`
//! stands for any name.

/// A program that starts or calls MCP servers.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    /// What people call it.
    pub name: &'static str,
    /// Its files.
    pub files: &'static [&'static str],
    /// Where in a file the servers are.
    pub keys: &'static [&'static [&'static str]],
    /// The documentation that says so.
    pub source: &'static str,
}

/// The day the table was last looked at.
pub const REVIEWED: &str = "2026-11-23";

const MCP_SERVERS: &[&[&str]] = &[&["mcpServers"]];
const SERVERS: &[&[&str]] = &[&["servers"], &["mcpServers"]];

/// Sorted by name, but for those whose pattern would also match another's: those come first.
pub const CLIENTS: &[Client] = &[
    // Editors that keep everything in `settings.json` are told by the key, not by the file.
    Client {
        name: "VS Code",
        files: &[".vscode/mcp.json", "Code/User/mcp.json", "Code - Insiders/User/mcp.json"],
        keys: SERVERS,
        source: "https://code.visualstudio.com/docs/copilot/customization/mcp-servers",
    },
    Client {
        name: "VS Code",
        files: &[".vscode/settings.json", "User/settings.json", "*.code-workspace", "devcontainer.json"],
        keys: &[
            &["mcp", "servers"],
            &["mcp.servers"],
            &["settings", "mcp", "servers"],
            &["settings", "mcp"],
            &["customizations", "vscode", "mcp", "servers"],
            &["customizations", "vscode", "settings", "mcp", "servers"],
            &["amp.mcpServers"],
            &["augment.advanced", "mcpServers"],
        ],
        source: "https://code.visualstudio.com/docs/copilot/customization/mcp-servers",
    },
    Client {
        name: "Aider Desk",
        files: &[".aider-desk/settings.json"],
        keys: MCP_SERVERS,
        source: "https://aiderdesk.hotovo.com/docs/configuration/mcp-servers",
    },
    Client {
        name: "Amazon Q",
        files: &[
            "amazonq/mcp.json",
            ".amazonq/mcp.json",
            ".amazonq/default.json",
            "amazonq/default.json",
            "cli-agents/*.json",
        ],
        keys: MCP_SERVERS,
        source: "https://docs.aws.amazon.com/amazonq/latest/qdeveloper-ug/command-line-mcp.html",
    },
    Client {
        name: "Amp",
        files: &["amp/settings.json", ".amp/settings.json"],
        keys: &[&["amp.mcpServers"]],
        source: "https://ampcode.com/manual#mcp",
    },
    Client {
        name: "Antigravity",
        files: &["antigravity/mcp_config.json"],
        keys: MCP_SERVERS,
        source: "https://antigravity.google/docs/mcp",
    },
    Client {
        name: "AnythingLLM",
        files: &["anythingllm_mcp_servers.json"],
        keys: MCP_SERVERS,
        source: "https://docs.anythingllm.com/mcp-compatibility/overview",
    },
    Client {
        name: "BoltAI",
        files: &[".boltai/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://docs.boltai.com/docs/plugins/mcp-servers",
    },
    Client {
        name: "Claude Code",
        files: &[".mcp.json"],
        keys: SERVERS,
        source: "https://docs.claude.com/en/docs/claude-code/mcp",
    },
    Client {
        name: "Claude Code",
        files: &[".claude.json"],
        keys: &[&["mcpServers"], &["projects", "*", "mcpServers"]],
        source: "https://docs.claude.com/en/docs/claude-code/mcp",
    },
    Client {
        name: "Claude Code",
        files: &[
            ".claude/settings.json",
            ".claude/settings.local.json",
            "managed-mcp.json",
            ".claude-plugin/plugin.json",
        ],
        keys: MCP_SERVERS,
        source: "https://docs.claude.com/en/docs/claude-code/mcp",
    },
    Client {
        name: "Claude Desktop",
        files: &["claude_desktop_config.json"],
        keys: MCP_SERVERS,
        source: "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
    },
    Client {
        name: "Cline",
        files: &["cline_mcp_settings.json"],
        keys: MCP_SERVERS,
        source: "https://docs.cline.bot/mcp/configuring-mcp-servers",
    },
    Client {
        name: "Codex",
        files: &[".codex/config.toml"],
        keys: &[&["mcp_servers"]],
        source: "https://developers.openai.com/codex/mcp",
    },
    Client {
        name: "Codex",
        files: &[".codex-plugin/plugin.json"],
        keys: MCP_SERVERS,
        source: "https://developers.openai.com/codex/mcp",
    },
    Client {
        name: "Continue",
        files: &[
            ".continue/config.yaml",
            ".continue/config.yml",
            ".continue/mcpServers/*.yaml",
            ".continue/mcpServers/*.yml",
            ".continue/assistants/*.yaml",
            ".continue/agents/*.yaml",
        ],
        keys: MCP_SERVERS,
        source: "https://docs.continue.dev/customize/deep-dives/mcp",
    },
    Client {
        name: "Continue",
        files: &[".continue/mcpServers/*.json", ".continue/config.json"],
        keys: &[&["mcpServers"], &["experimental", "modelContextProtocolServers"]],
        source: "https://docs.continue.dev/customize/deep-dives/mcp",
    },
    Client {
        name: "Copilot CLI",
        files: &[".copilot/mcp-config.json"],
        keys: MCP_SERVERS,
        source: "https://docs.github.com/copilot/how-tos/use-copilot-agents/use-copilot-cli",
    },
    Client {
        name: "Copilot for JetBrains",
        files: &["github-copilot/intellij/mcp.json"],
        keys: SERVERS,
        source: "https://docs.github.com/copilot/how-tos/context/model-context-protocol/extending-copilot-chat-with-mcp",
    },
    Client {
        name: "Crush",
        files: &["crush.json", ".crush.json"],
        keys: &[&["mcp"]],
        source: "https://github.com/charmbracelet/crush#mcps",
    },
    Client {
        name: "Cursor",
        files: &[".cursor/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://cursor.com/docs/context/mcp",
    },
    Client {
        name: "Factory Droid",
        files: &[".factory/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://docs.factory.ai/cli/configuration/mcp",
    },
    Client {
        name: "fast-agent",
        files: &["fastagent.config.yaml", "fastagent.secrets.yaml"],
        keys: &[&["mcp", "servers"]],
        source: "https://fast-agent.ai/mcp/",
    },
    Client {
        name: "Firebase Studio",
        files: &[".idx/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://firebase.google.com/docs/studio/mcp-servers",
    },
    Client {
        name: "Gemini CLI",
        files: &[".gemini/settings.json", "gemini-extension.json"],
        keys: MCP_SERVERS,
        source: "https://geminicli.com/docs/tools/mcp-server/",
    },
    Client {
        name: "Goose",
        files: &["goose/config.yaml", "goose/config.yml"],
        keys: &[&["extensions"]],
        source: "https://block.github.io/goose/docs/getting-started/using-extensions/",
    },
    Client {
        name: "gptme",
        files: &["gptme.toml", "gptme/config.toml"],
        keys: &[&["mcp", "servers"]],
        source: "https://gptme.org/docs/mcp.html",
    },
    Client {
        name: "iFlow",
        files: &[".iflow/settings.json"],
        keys: MCP_SERVERS,
        source: "https://platform.iflow.cn/en/cli/examples/mcp",
    },
    Client {
        name: "Junie",
        files: &[".junie/mcp/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://www.jetbrains.com/help/junie/model-context-protocol-mcp.html",
    },
    Client {
        name: "Kilo Code",
        files: &[".kilocode/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://kilo.ai/docs/features/mcp/using-mcp-in-kilo-code",
    },
    Client {
        name: "Kimi CLI",
        files: &[".kimi/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://moonshotai.github.io/kimi-cli/en/customization/mcp.html",
    },
    Client {
        name: "Kiro",
        files: &[".kiro/settings/mcp.json", ".kiro/agents/*.json"],
        keys: MCP_SERVERS,
        source: "https://kiro.dev/docs/mcp/configuration/",
    },
    Client {
        name: "LibreChat",
        files: &["librechat.yaml", "librechat.yml"],
        keys: MCP_SERVERS,
        source: "https://www.librechat.ai/docs/features/mcp",
    },
    Client {
        name: "LM Studio",
        files: &[".lmstudio/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://lmstudio.ai/docs/app/mcp",
    },
    Client {
        name: "mcp-agent",
        files: &["mcp_agent.config.yaml", "mcp_agent.secrets.yaml"],
        keys: &[&["mcp", "servers"]],
        source: "https://docs.mcp-agent.com/reference/configuration",
    },
    Client {
        name: "MCPHub for Neovim",
        files: &["mcphub/servers.json", ".mcphub/servers.json"],
        keys: MCP_SERVERS,
        source: "https://ravitemer.github.io/mcphub.nvim/",
    },
    Client {
        name: "Mistral Vibe",
        files: &[".vibe/config.toml"],
        keys: &[&["mcp_servers"]],
        source: "https://github.com/mistralai/mistral-vibe",
    },
    Client {
        name: "opencode",
        files: &["opencode.json", "opencode.jsonc"],
        keys: &[&["mcp"]],
        source: "https://opencode.ai/docs/mcp-servers/",
    },
    Client {
        name: "OpenHands",
        files: &[".openhands/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://docs.openhands.dev/usage/mcp",
    },
    Client {
        name: "Qwen Code",
        files: &[".qwen/settings.json"],
        keys: MCP_SERVERS,
        source: "https://qwenlm.github.io/qwen-code-docs/en/tools/mcp-server/",
    },
    Client {
        name: "Roo Code",
        files: &[".roo/mcp.json", "mcp_settings.json"],
        keys: MCP_SERVERS,
        source: "https://docs.roocode.com/features/mcp/using-mcp-in-roo",
    },
    Client {
        name: "Rovo Dev",
        files: &[".rovodev/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://support.atlassian.com/rovo/docs/connect-to-an-mcp-server-in-rovo-dev-cli/",
    },
    Client {
        name: "Spring AI",
        files: &[
            "application.yml",
            "application.yaml",
            "application.properties",
            "application-*.yml",
            "application-*.yaml",
            "application-*.properties",
        ],
        keys: &[
            &["spring", "ai", "mcp", "client", "stdio", "connections"],
            &["spring", "ai", "mcp", "client", "sse", "connections"],
            &["spring", "ai", "mcp", "client", "streamable-http", "connections"],
            &["spring", "ai", "mcp", "client", "streamable", "connections"],
        ],
        source: "https://docs.spring.io/spring-ai/reference/api/mcp/mcp-client-boot-starter-docs.html",
    },
    Client {
        name: "Tabnine",
        files: &[".tabnine/mcp_servers.json"],
        keys: MCP_SERVERS,
        source: "https://docs.tabnine.com/main/getting-started/tabnine-agent/mcp-intro-and-setup",
    },
    Client {
        name: "Trae",
        files: &[".trae/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://docs.trae.ai/ide/model-context-protocol",
    },
    Client {
        name: "Visual Studio",
        files: &[".vs/mcp.json"],
        keys: SERVERS,
        source: "https://learn.microsoft.com/visualstudio/ide/mcp-servers",
    },
    Client {
        name: "Void",
        files: &[".void-editor/mcp.json"],
        keys: MCP_SERVERS,
        source: "https://github.com/voideditor/void",
    },
    Client {
        name: "Windsurf",
        files: &["windsurf/mcp_config.json"],
        keys: MCP_SERVERS,
        source: "https://docs.windsurf.com/windsurf/cascade/mcp",
    },
    Client {
        name: "Zed",
        files: &[".zed/settings.json", "zed/settings.json"],
        keys: &[&["context_servers"]],
        source: "https://zed.dev/docs/ai/mcp",
    },
];

/// Keys that hold servers wherever they stand; what the many clients without a row use.
pub const COMMON_KEYS: &[&str] = &["mcpServers", "mcp_servers", "mcp.servers", "context_servers"];

/// The client whose file this is.
pub fn client(path: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.files.iter().any(|pattern| ends_with(path, pattern)))
}

fn ends_with(path: &str, pattern: &str) -> bool {
    let mut path = path.rsplit(['/', '!']);
    pattern.rsplit('/').all(|wanted| {
        path.next().is_some_and(|found| match wanted.split_once('*') {
            Some((before, after)) => {
                found.len() >= before.len() + after.len()
                    && found.starts_with(before)
                    && found.ends_with(after)
            }
            None => found == wanted,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        for (path, name) in [
            ("home/ann/.cursor/mcp.json", Some("Cursor")),
            (".mcp.json", Some("Claude Code")),
            ("x.mcp.json", None),
            (".continue/mcpServers/pg.yaml", Some("Continue")),
            ("app.code-workspace", Some("VS Code")),
            ("Library/Application Support/Code/User/settings.json", Some("VS Code")),
            ("mcp.json", None),
            (".config/zed/settings.json", Some("Zed")),
        ] {
            assert_eq!(client(path).map(|client| client.name), name, "{path}");
        }
    }

    #[test]
    fn the_manifest_claims_every_file_and_only_those() {
        let manifest = include_str!("../plugin.toml").parse::<toml::Table>().unwrap();
        let claims = manifest["claim"].as_array().unwrap();
        let claim = claims.iter().find(|claim| claim["name"].as_str() == Some("client")).unwrap();
        let mut claimed: Vec<&str> =
            claim["globs"].as_array().unwrap().iter().map(|glob| glob.as_str().unwrap()).collect();
        claimed.sort_unstable();
        let mut known: Vec<String> =
            CLIENTS.iter().flat_map(|client| client.files).map(|pattern| format!("**/{pattern}")).collect();
        known.sort_unstable();
        assert_eq!(claimed, known);
    }

    #[test]
    fn there_are_enough() {
        let mut names: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        names.dedup();
        assert!(names.len() >= 40, "{}", names.len());
        assert!(CLIENTS.iter().all(|client| client.source.starts_with("https://")));
        assert!(REVIEWED.len() == 10);
    }
}
