//! Which reader a file gets.

use inventar_documents::Format;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// `NAME=value`, names of variables.
    Environment,
    /// `a.b.c=value`, sections.
    Lines,
    /// Instructions that make an image.
    Dockerfile,
    /// Ollama's description of a model.
    Modelfile,
    /// Commands, a line each.
    Shell,
    /// A manifest of npm, which may be an extension of an editor.
    Extension,
    /// Azure's Bicep.
    Bicep,
    /// What a database is set up with.
    Sql,
    /// A document with a tree.
    Tree(Format),
}

/// What the name of a file ends in that is copied to be filled in; the manifest claims each behind the usual endings.
pub const EXAMPLES: &[&str] = &[".example", ".sample", ".template", ".dist", ".default"];

/// Manifests, locks and tool settings: other detectors read them, or nothing of AI is set there.
const OTHERS: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "composer.json",
    "composer.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "bun.lock",
    "deno.json",
    "deno.lock",
    "jsr.json",
    "turbo.json",
    "nx.json",
    "lerna.json",
    "angular.json",
    "tsconfig.json",
    "jsconfig.json",
    "components.json",
    "renovate.json",
    ".eslintrc.json",
    ".prettierrc.json",
    "biome.json",
    "cspell.json",
    "cargo.toml",
    "cargo.lock",
    "pyproject.toml",
    "pipfile",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "pylock.toml",
    "setup.cfg",
    "tox.ini",
    "pytest.ini",
    "mypy.ini",
    ".flake8",
    "packages.lock.json",
    "libs.versions.toml",
    "gradle.properties",
    "gradle-wrapper.properties",
    "mkdocs.yml",
    "mkdocs.yaml",
    "_config.yml",
    "docs.json",
    "mint.json",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "dependabot.yml",
    "dependabot.yaml",
    "codecov.yml",
    "readthedocs.yml",
    ".readthedocs.yaml",
    "citation.cff",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
    "special_tokens_map.json",
    "generation_config.json",
    "manifest.json",
    "mcp.json",
    ".mcp.json",
    "claude_desktop_config.json",
    "langgraph.json",
    "environment.yml",
    "environment.yaml",
    "environment.json",
    "pubspec.yaml",
    "pubspec.lock",
    "pixi.toml",
    "pixi.lock",
    "feed.json",
    "funding.yml",
    "labeler.yml",
    "typos.toml",
    "_typos.toml",
    "ruff.toml",
    "deny.toml",
    "rustfmt.toml",
    "clippy.toml",
    "book.toml",
    "codebook.toml",
    "netlify.toml",
];

/// Folders whose files are words for people, recordings or schemas, and not settings.
const DATA_FOLDERS: &[&str] = &[
    "locales",
    "locale",
    "i18n",
    "lang",
    "langs",
    "translations",
    "messages",
    "cassettes",
    "__snapshots__",
    "node_modules",
    "schemas",
    "schema",
    "_meta",
    "__snapshot__",
    "snapshots",
    "recordings",
];

impl Reader {
    /// By the file's name; none: nothing is set in it.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '!']).next()?.to_ascii_lowercase();
        let within = |names: &[&str]| {
            path.to_ascii_lowercase().split('/').rev().skip(1).any(|folder| names.contains(&folder))
        };
        if name == "package.json" {
            return Some(Self::Extension).filter(|_| !within(&["node_modules"]));
        }
        if OTHERS.contains(&name.as_str()) || within(DATA_FOLDERS) {
            return None;
        }
        if is_environment(&name) {
            return Some(Self::Environment);
        }
        if name.starts_with("dockerfile")
            || name.ends_with(".dockerfile")
            || name.starts_with("containerfile")
        {
            return Some(Self::Dockerfile);
        }
        if name == "modelfile" || name.starts_with("modelfile.") || name.ends_with(".modelfile") {
            return Some(Self::Modelfile);
        }
        let is_data = name.ends_with(".schema.json")
            || name.starts_with("tsconfig")
            || name.contains("openapi")
            || name.contains("swagger")
            || name.ends_with(".cy.json")
            || name.ends_with("-schema.json");
        if is_data {
            return None;
        }
        let name = name.strip_suffix(".tpl").or_else(|| name.strip_suffix(".j2")).unwrap_or(&name);
        let name = EXAMPLES.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        match name.rsplit_once('.')?.1 {
            "properties" | "ini" | "cfg" | "conf" => Some(Self::Lines),
            "sh" | "bash" | "service" => Some(Self::Shell),
            "bicep" => Some(Self::Bicep),
            "sql" => Some(Self::Sql),
            _ => Format::of(name).map(Self::Tree),
        }
    }
}

/// `.env`, `.env.local`, `prod.env`, `.example.env`, `env.example`.
fn is_environment(name: &str) -> bool {
    matches!(name, ".env" | ".envrc" | ".dev.vars" | "env.example" | "env.sample" | "env.template")
        || name.starts_with(".env.")
        || name.ends_with(".env")
        || name.starts_with(".env-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers() {
        for (path, reader) in [
            (".env.example", Some(Reader::Environment)),
            ("a/.example.env", Some(Reader::Environment)),
            ("docker/Dockerfile.gpu", Some(Reader::Dockerfile)),
            ("gpu.Dockerfile", Some(Reader::Dockerfile)),
            ("src/main/resources/application.properties", Some(Reader::Lines)),
            ("config.yaml", Some(Reader::Tree(Format::Yaml))),
            ("config.toml.example", Some(Reader::Tree(Format::Toml))),
            ("main.tf", Some(Reader::Tree(Format::Hcl))),
            ("scripts/pull.sh", Some(Reader::Shell)),
            ("package.json", Some(Reader::Extension)),
            ("node_modules/a/package.json", None),
            ("src/locales/en.json", None),
            ("mcp.json", None),
            ("main.py", None),
        ] {
            assert_eq!(Reader::of(path), reader, "{path}");
        }
    }
}
