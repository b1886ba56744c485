//! The files that coding assistants and agent tools read by convention: which is whose, and what it is.
//!
//! One row a product and purpose. A pattern is the end of a path, whole segments, where `*` stands for any text within
//! its segment and `**` for any folders; `plugin.toml` claims the same patterns (a test compares them).

/// What a file of a convention is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Instructions that an assistant always, or for some files, has before it.
    Rules,
    /// Instructions that an assistant loads when they fit.
    Skill,
    /// A prompt that a person calls by name.
    Command,
    /// An agent: instructions with tools and a model.
    Agent,
    /// An agent in a folder that has other documents too: its front matter must say so.
    PackagedAgent,
    /// A command in such a folder.
    PackagedCommand,
    /// Settings of an assistant: its model, its permissions, its hooks.
    Settings,
    /// What a package of skills, commands, agents and servers says of itself.
    Package,
    /// A job of CI that is written as a prompt.
    Workflow,
}

/// A convention of a product.
#[derive(Debug, PartialEq, Eq)]
pub struct Convention {
    /// What people call the product.
    pub product: &'static str,
    /// What the files are.
    pub purpose: Purpose,
    /// Its files.
    pub files: &'static [&'static str],
    /// The documentation that names them.
    pub source: &'static str,
}

/// The day the table was last looked at.
pub const REVIEWED: &str = "2026-11-23";

use Purpose::{Agent, Command, Package, PackagedAgent, PackagedCommand, Rules, Settings, Skill, Workflow};

const fn row(
    product: &'static str,
    purpose: Purpose,
    files: &'static [&'static str],
    source: &'static str,
) -> Convention {
    Convention { product, purpose, files, source }
}

/// More special patterns first.
pub const CONVENTIONS: &[Convention] = &[
    row("Agent Skills", Skill, &["SKILL.md"], "https://agentskills.io/specification"),
    row(
        "Claude Code",
        Agent,
        &[".claude/agents/**/*.md"],
        "https://docs.claude.com/en/docs/claude-code/sub-agents",
    ),
    row(
        "Claude Code",
        Command,
        &[".claude/commands/**/*.md"],
        "https://docs.claude.com/en/docs/claude-code/slash-commands",
    ),
    row(
        "Claude Code",
        Rules,
        &["CLAUDE.md", "CLAUDE.local.md", ".claude/rules/**/*.md", ".claude/output-styles/*.md"],
        "https://docs.claude.com/en/docs/claude-code/memory",
    ),
    row(
        "Claude Code",
        Settings,
        &[".claude/settings.json", ".claude/settings.local.json", "managed-settings.json"],
        "https://docs.claude.com/en/docs/claude-code/settings",
    ),
    row(
        "Claude Code",
        Package,
        &[".claude-plugin/plugin.json"],
        "https://docs.claude.com/en/docs/claude-code/plugins",
    ),
    row("AGENTS.md", Rules, &["AGENTS.md", "AGENTS.override.md", "AGENT.md"], "https://agents.md"),
    row("Codex", Settings, &[".codex/config.toml"], "https://developers.openai.com/codex/config-reference"),
    row("Codex", Command, &[".codex/prompts/*.md"], "https://developers.openai.com/codex/custom-prompts"),
    row("Codex", Agent, &[".codex/agents/*.toml"], "https://developers.openai.com/codex/subagents"),
    row("Codex", Package, &[".codex-plugin/plugin.json"], "https://developers.openai.com/codex/plugins"),
    row(
        "GitHub Copilot",
        Rules,
        &[".github/copilot-instructions.md", "*.instructions.md", "copilot-instructions.md"],
        "https://docs.github.com/copilot/customizing-copilot/adding-repository-custom-instructions-for-github-copilot",
    ),
    row(
        "GitHub Copilot",
        Agent,
        &["*.agent.md", "*.chatmode.md", ".github/agents/*.md"],
        "https://docs.github.com/copilot/concepts/agents/coding-agent/about-custom-agents",
    ),
    row(
        "GitHub Copilot",
        Command,
        &["*.prompt.md"],
        "https://code.visualstudio.com/docs/copilot/customization/prompt-files",
    ),
    row(
        "GitHub Copilot",
        Package,
        &[".github/plugin/plugin.json"],
        "https://docs.github.com/copilot/concepts/agents/about-plugins",
    ),
    row(
        "GitHub agentic workflows",
        Workflow,
        &[".github/workflows/*.md"],
        "https://github.github.com/gh-aw/",
    ),
    row(
        "Cursor",
        Rules,
        &[".cursorrules", "CURSOR_RULES.md", ".cursor/rules/**/*.mdc", ".cursor/rules/**/*.md"],
        "https://cursor.com/docs/context/rules",
    ),
    row("Cursor", Command, &[".cursor/commands/**/*.md"], "https://cursor.com/docs/agent/chat/commands"),
    row("Cursor", Agent, &[".cursor/agents/*.md"], "https://cursor.com/docs/context/subagents"),
    row(
        "Cursor",
        Settings,
        &[".cursor/hooks.json", ".cursor/cli.json"],
        "https://cursor.com/docs/agent/hooks",
    ),
    row("Cursor", Package, &[".cursor-plugin/plugin.json"], "https://cursor.com/docs/plugins"),
    row(
        "Windsurf",
        Rules,
        &[".windsurfrules", ".windsurf/rules/**/*.md"],
        "https://docs.windsurf.com/windsurf/cascade/memories",
    ),
    row(
        "Windsurf",
        Command,
        &[".windsurf/workflows/*.md"],
        "https://docs.windsurf.com/windsurf/cascade/workflows",
    ),
    row(
        "Cline",
        Rules,
        &[".clinerules", ".clinerules/**/*.md"],
        "https://docs.cline.bot/customization/cline-rules",
    ),
    row(
        "Roo Code",
        Rules,
        &[".roorules", ".roorules-*", ".roo/rules/**/*.md", ".roo/rules-*/**/*.md"],
        "https://docs.roocode.com/features/custom-instructions",
    ),
    row("Roo Code", Command, &[".roo/commands/*.md"], "https://docs.roocode.com/features/slash-commands"),
    row("Roo Code", Agent, &[".roomodes"], "https://docs.roocode.com/features/custom-modes"),
    row(
        "Kilo Code",
        Rules,
        &[".kilocode/rules/**/*.md", ".kilocoderules"],
        "https://kilo.ai/docs/customize/custom-rules",
    ),
    row("Kilo Code", Agent, &[".kilocodemodes"], "https://kilo.ai/docs/customize/custom-modes"),
    row("Gemini CLI", Rules, &["GEMINI.md"], "https://geminicli.com/docs/cli/gemini-md/"),
    row(
        "Gemini CLI",
        Command,
        &[".gemini/commands/**/*.toml"],
        "https://geminicli.com/docs/cli/custom-commands/",
    ),
    row("Gemini CLI", Agent, &[".gemini/agents/*.md"], "https://geminicli.com/docs/core/subagents/"),
    row(
        "Gemini CLI",
        Settings,
        &[".gemini/settings.json"],
        "https://geminicli.com/docs/get-started/configuration/",
    ),
    row("Gemini CLI", Package, &["gemini-extension.json"], "https://geminicli.com/docs/extensions/"),
    row(
        "Gemini Code Assist",
        Rules,
        &[".gemini/styleguide.md"],
        "https://developers.google.com/gemini-code-assist/docs/customize-gemini-behavior-github",
    ),
    row(
        "Gemini Code Assist",
        Settings,
        &[".gemini/config.yaml"],
        "https://developers.google.com/gemini-code-assist/docs/customize-gemini-behavior-github",
    ),
    row("Qwen Code", Rules, &["QWEN.md"], "https://qwenlm.github.io/qwen-code-docs/"),
    row("Qwen Code", Settings, &[".qwen/settings.json"], "https://qwenlm.github.io/qwen-code-docs/"),
    row(
        "opencode",
        Agent,
        &[".opencode/agent/*.md", ".opencode/agents/*.md"],
        "https://opencode.ai/docs/agents/",
    ),
    row(
        "opencode",
        Command,
        &[".opencode/command/*.md", ".opencode/commands/*.md"],
        "https://opencode.ai/docs/commands/",
    ),
    row("opencode", Settings, &["opencode.json", "opencode.jsonc"], "https://opencode.ai/docs/config/"),
    row(
        "aider",
        Settings,
        &[".aider.conf.yml", ".aider.model.settings.yml"],
        "https://aider.chat/docs/config/aider_conf.html",
    ),
    row("aider", Rules, &["CONVENTIONS.md"], "https://aider.chat/docs/usage/conventions.html"),
    row("Kiro", Rules, &[".kiro/steering/**/*.md"], "https://kiro.dev/docs/steering/"),
    row(
        "Kiro",
        Agent,
        &[".kiro/agents/*.json", ".kiro/agents/*.md"],
        "https://kiro.dev/docs/cli/custom-agents/",
    ),
    row("Kiro", Settings, &[".kiro/hooks/*.kiro.hook", ".kiro/hooks/*.json"], "https://kiro.dev/docs/hooks/"),
    row(
        "Amazon Q",
        Rules,
        &[".amazonq/rules/**/*.md"],
        "https://docs.aws.amazon.com/amazonq/latest/qdeveloper-ug/context-project-rules.html",
    ),
    row(
        "Amazon Q",
        Agent,
        &[".amazonq/cli-agents/*.json"],
        "https://docs.aws.amazon.com/amazonq/latest/qdeveloper-ug/command-line-custom-agents.html",
    ),
    row(
        "Junie",
        Rules,
        &[".junie/guidelines.md", ".junie/AGENTS.md"],
        "https://www.jetbrains.com/help/junie/customize-guidelines.html",
    ),
    row(
        "JetBrains AI",
        Rules,
        &[".aiassistant/rules/*.md"],
        "https://www.jetbrains.com/help/ai-assistant/configure-project-rules.html",
    ),
    row(
        "Continue",
        Rules,
        &[".continue/rules/**/*.md", ".continuerules"],
        "https://docs.continue.dev/customize/rules",
    ),
    row(
        "Continue",
        Command,
        &[".continue/prompts/*.md", ".continue/prompts/*.prompt"],
        "https://docs.continue.dev/customize/prompts",
    ),
    row(
        "Continue",
        Settings,
        &[".continue/config.yaml", ".continue/config.json"],
        "https://docs.continue.dev/reference",
    ),
    row(
        "Augment",
        Rules,
        &[".augment/rules/**/*.md", ".augment-guidelines"],
        "https://docs.augmentcode.com/setup-augment/guidelines",
    ),
    row("Augment", Command, &[".augment/commands/*.md"], "https://docs.augmentcode.com/cli/custom-commands"),
    row("Amp", Settings, &[".amp/settings.json"], "https://ampcode.com/manual"),
    row("goose", Rules, &[".goosehints"], "https://block.github.io/goose/docs/guides/using-goosehints/"),
    row("Warp", Rules, &["WARP.md"], "https://docs.warp.dev/knowledge-and-collaboration/rules"),
    row("Zed", Rules, &[".rules"], "https://zed.dev/docs/ai/rules"),
    row("Trae", Rules, &[".trae/rules/*.md", ".trae/project_rules.md"], "https://docs.trae.ai/ide/rules"),
    row("Crush", Rules, &["CRUSH.md"], "https://github.com/charmbracelet/crush"),
    row("Crush", Settings, &["crush.json", ".crush.json"], "https://github.com/charmbracelet/crush"),
    row(
        "Factory Droid",
        Agent,
        &[".factory/droids/*.md"],
        "https://docs.factory.ai/cli/configuration/custom-droids",
    ),
    row(
        "Factory Droid",
        Command,
        &[".factory/commands/*.md"],
        "https://docs.factory.ai/cli/configuration/custom-slash-commands",
    ),
    row(
        "OpenHands",
        Rules,
        &[".openhands/microagents/*.md", ".openhands_instructions"],
        "https://docs.openhands.dev/usage/prompting/microagents-overview",
    ),
    row(
        "Firebase Studio",
        Rules,
        &[".idx/airules.md"],
        "https://firebase.google.com/docs/studio/set-up-gemini",
    ),
    row("Replit", Rules, &["replit.md"], "https://docs.replit.com/replitai/replit-dot-md"),
    row("v0", Rules, &["v0.md"], "https://v0.dev/docs"),
    row("Lovable", Rules, &[".lovable/*.md"], "https://docs.lovable.dev"),
    row("Devin", Rules, &[".devin/*.md", ".devin/wiki.json"], "https://docs.devin.ai"),
    row("Tabnine", Rules, &[".tabnine/guidelines/*.md"], "https://docs.tabnine.com"),
    row(
        "Sourcegraph Cody",
        Command,
        &[".cody/commands.json", ".vscode/cody.json"],
        "https://sourcegraph.com/docs/cody/capabilities/commands",
    ),
    row(
        "CodeRabbit",
        Settings,
        &[".coderabbit.yaml", ".coderabbit.yml"],
        "https://docs.coderabbit.ai/reference/configuration",
    ),
    row(
        "PR-Agent",
        Settings,
        &[".pr_agent.toml"],
        "https://qodo-merge-docs.qodo.ai/usage-guide/configuration_options/",
    ),
    row("Sweep", Settings, &["sweep.yaml"], "https://docs.sweep.dev"),
    row("Ellipsis", Settings, &["ellipsis.yaml"], "https://docs.ellipsis.dev"),
    row("Greptile", Settings, &["greptile.json"], "https://www.greptile.com/docs"),
    row("Void", Rules, &[".voidrules"], "https://voideditor.com"),
    row(
        "LLM rules",
        Rules,
        &[".ai/rules/**/*.md", ".agents/rules/**/*.md", ".rulesync/rules/*.md", ".ruler/*.md"],
        "https://github.com/intellectronica/ruler",
    ),
    row("Agents", Agent, &[".agents/agents/*.md"], "https://agents.md"),
    // Packages keep them beside their manifest; only front matter tells them from other documents.
    row(
        "Claude Code",
        PackagedAgent,
        &["agents/*.md"],
        "https://docs.claude.com/en/docs/claude-code/plugins",
    ),
    row(
        "Claude Code",
        PackagedCommand,
        &["commands/*.md"],
        "https://docs.claude.com/en/docs/claude-code/plugins",
    ),
    row("Prompty", Command, &["*.prompty"], "https://prompty.ai/docs"),
    row("Dotprompt", Command, &["*.prompt"], "https://google.github.io/dotprompt/reference/frontmatter/"),
];

/// The convention whose file this is.
pub fn convention(path: &str) -> Option<&'static Convention> {
    let segments: Vec<&str> = path.split('/').collect();
    CONVENTIONS.iter().find(|row| row.files.iter().any(|pattern| fits_end(pattern, &segments)))
}

/// Whether a path ends as a pattern says.
fn fits_end(pattern: &str, path: &[&str]) -> bool {
    // Nearly every file already has another name.
    let last = pattern.rsplit('/').next().unwrap_or(pattern);
    if last != "**" && !path.last().is_some_and(|name| fits_segment(last, name)) {
        return false;
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let least = pattern.iter().filter(|segment| **segment != "**").count();
    (0..=path.len().saturating_sub(least)).any(|from| fits(&pattern, &path[from..]))
}

fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => (0..=path.len()).any(|skip| fits(rest, &path[skip..])),
        (Some((segment, rest)), Some((name, path))) => fits_segment(segment, name) && fits(rest, path),
        _ => false,
    }
}

fn fits_segment(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((front, back)) => {
            name.len() >= front.len() + back.len() && name.starts_with(front) && name.ends_with(back)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        for (path, found) in [
            ("CLAUDE.md", Some(("Claude Code", Rules))),
            ("a/b/AGENTS.md", Some(("AGENTS.md", Rules))),
            (".cursor/rules/x/y.mdc", Some(("Cursor", Rules))),
            (".claude/agents/review.md", Some(("Claude Code", Agent))),
            ("skills/pdf/SKILL.md", Some(("Agent Skills", Skill))),
            (".github/workflows/triage.md", Some(("GitHub agentic workflows", Workflow))),
            ("prompts/a.prompt.md", Some(("GitHub Copilot", Command))),
            (".clinerules", Some(("Cline", Rules))),
            (".clinerules/01.md", Some(("Cline", Rules))),
            ("README.md", None),
            ("claude.md", None),
            ("xCLAUDE.md", None),
        ] {
            assert_eq!(convention(path).map(|row| (row.product, row.purpose)), found, "{path}");
        }
    }

    #[test]
    fn rows_are_sound() {
        for row in CONVENTIONS {
            assert!(row.source.starts_with("https://") && !row.files.is_empty(), "{row:?}");
        }
        let mut products: Vec<&str> = CONVENTIONS.iter().map(|row| row.product).collect();
        products.sort_unstable();
        products.dedup();
        assert!(products.len() >= 40, "{}", products.len());
    }

    #[test]
    fn the_manifest_claims_every_file_and_only_those() {
        let manifest = include_str!("../plugin.toml").parse::<toml::Table>().unwrap();
        let claims = manifest["claim"].as_array().unwrap();
        let claim = claims.iter().find(|claim| claim["name"].as_str() == Some("conventions")).unwrap();
        let mut claimed: Vec<&str> =
            claim["globs"].as_array().unwrap().iter().map(|glob| glob.as_str().unwrap()).collect();
        claimed.sort_unstable();
        let mut known: Vec<String> =
            CONVENTIONS.iter().flat_map(|row| row.files).map(|pattern| format!("**/{pattern}")).collect();
        known.sort_unstable();
        known.dedup();
        assert_eq!(claimed, known);
    }
}
