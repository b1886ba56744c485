//! Libraries by what is imported.

use super::Look;
use crate::language::Imports;
use crate::scan::Kind;
use inventar_analysis::{Extent, Seen};
use inventar_catalogue::{Package, family, purl};
use inventar_plugin_sdk::{Asset, Method, Usage};

impl<'o> Look<'_, 'o, '_> {
    /// Every import of a listed package.
    pub(super) fn imports(&mut self) {
        let outline = self.outline();
        let own = self.flow.package(&outline.package).map(|package| package.name);
        let modules = self.modules();
        let is_module = |path: &str| {
            let first = path.split("::").next().unwrap_or_default();
            outline.language().imports == Imports::Rust
                && (modules.contains(&first)
                    || outline
                        .declaration(first)
                        .is_some_and(|declared| outline.tokens.is(declared.keyword, "mod")))
        };
        // `use async_openai as openai; use openai::Client;`.
        let is_alias = |path: &str| {
            path.split_once("::").is_some_and(|(first, _)| {
                outline.imports.iter().take(500).any(|import| {
                    import.alias == first && !import.path.contains("::") && import.path != first
                })
            })
        };
        for import in &outline.imports {
            let at = self.extent(import.at.0, import.at.1.saturating_sub(1));
            match self.flow.package(&import.path) {
                // A library that imports itself does not use itself.
                Some(package) if Some(package.name) == own => {}
                // `mod qdrant_client; use qdrant_client::Client;`.
                Some(_) if is_module(&import.path) || is_alias(&import.path) => {}
                Some(package) => {
                    self.ai = true;
                    let name = module_name(package, &import.path);
                    self.package(&name, package.kind, package.category, package.provider, at);
                }
                None => self.of_family(&import.path, at),
            }
        }
        if outline.language().imports == Imports::Rust {
            self.paths(&modules);
        }
    }

    /// Rust's `mod anthropic;`: a file of the project, whatever library has the same name.
    fn modules(&self) -> Vec<&'o str> {
        let tokens = &self.outline().tokens;
        let is_rust = self.outline().language().imports == Imports::Rust;
        let all = (0..tokens.len()).filter(|at| is_rust && tokens.is(*at, "mod") && tokens.is(at + 2, ";"));
        all.take(500).map(|at| tokens.text(at + 1)).collect()
    }

    /// Go's modules inside a listed family are named by what is imported.
    fn of_family(&mut self, path: &str, at: Extent) {
        if self.outline().language().imports != Imports::Go {
            return;
        }
        if let Some(family) = family("golang", path) {
            self.ai = true;
            self.package(path, family.kind, family.category, family.provider, at);
        }
    }

    /// `rig::providers::openai::Client` without a `use`.
    fn paths(&mut self, modules: &[&str]) {
        let outline = self.outline();
        let tokens = &outline.tokens;
        let mut at = 0;
        while at + 2 < tokens.len() {
            if tokens.kind(at) == Kind::Word
                && tokens.is(at + 1, "::")
                && (at == 0 || !matches!(tokens.text(at - 1), "::" | "." | "use" | "{" | ","))
                && let Some(package) = self.flow.package(tokens.text(at))
                && outline.declaration(tokens.text(at)).is_none()
                && !modules.contains(&tokens.text(at))
                && outline.binding(tokens.text(at), at).is_none()
                && !outline
                    .imports
                    .iter()
                    .take(500)
                    .any(|import| import.alias == tokens.text(at) && import.path != import.alias)
            {
                self.ai = true;
                let place = self.extent(at, at);
                self.package(package.name, package.kind, package.category, package.provider, place);
            }
            at += 1;
        }
    }

    fn package(
        &mut self,
        name: &str,
        kind: &'static str,
        category: &'static str,
        provider: Option<&'static str>,
        at: Extent,
    ) {
        let usage = self.usage_at(at);
        // The first import says it; a later one adds something only when it is less conditional.
        let key = format!("package:{name}");
        if self.packages.get(name).is_some_and(|before| *before <= usage) {
            return;
        }
        self.packages.insert(name.to_owned(), usage);
        let seen = Seen { at, rule: "import", method: Method::Parsed, usage, confidence: 95 };
        let ecosystem = match self.outline().language().imports {
            Imports::Go => "golang",
            Imports::Jvm => "maven",
            Imports::Dotnet => "nuget",
            Imports::Rust => "cargo",
        };
        self.out.see(&key, seen, |key| {
            Asset::new(key, kind, name)
                .identifier("purl", purl(ecosystem, name))
                .property("category", category)
                .maybe("provider", provider)
        });
    }

    pub(super) fn usage_or_mentioned(&self, at: Extent, mentioned: bool) -> Usage {
        if mentioned { Usage::Mentioned } else { self.usage_at(at) }
    }
}

/// Go's major versions are modules of their own: `github.com/openai/openai-go/v2`.
fn module_name(package: &Package, path: &str) -> String {
    if package.ecosystem != "golang" {
        return package.name.to_owned();
    }
    let version = path.get(package.name.len() + 1..).and_then(|rest| rest.split('/').next()).filter(|part| {
        part.strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    });
    match version {
        Some(version) => format!("{}/{version}", package.name),
        None => package.name.to_owned(),
    }
}
