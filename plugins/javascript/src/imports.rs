//! Libraries by what is imported.

use crate::look::Look;
use crate::module::{Import, When};
use inventar_analysis::{Extent, Seen};
use inventar_catalogue::Package;
use inventar_plugin_sdk::{Asset, Method, Usage};
use oxc_span::Span;

/// A library that the catalogue knows, by name or by its maker's scope.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) category: &'static str,
    pub(crate) provider: Option<&'static str>,
}

/// The library that a module belongs to: `@langchain/openai` of `@langchain/openai/chat_models`.
pub(crate) fn library(module: &str) -> Option<Library> {
    let front = module.as_bytes().first()?;
    if !front.is_ascii_alphanumeric() && *front != b'@' || module.starts_with("@/") {
        return None;
    }
    if let Some(package) = inventar_catalogue::import("javascript", module) {
        let Package { name, kind, category, provider, .. } = package;
        return Some(Library { name: (*name).to_owned(), kind, category, provider: *provider });
    }
    let parts = if module.starts_with('@') { 2 } else { 1 };
    let name: Vec<&str> = module.splitn(parts + 1, '/').take(parts).collect();
    let name = name.join("/");
    let family = inventar_catalogue::family("npm", &name)?;
    Some(Library { name, kind: family.kind, category: family.category, provider: family.provider })
}

impl Look<'_, '_, '_> {
    /// Every import of a listed module, by package.
    pub(crate) fn imports(&mut self) {
        let module = self.module();
        for import in &module.imports {
            let Some(library) = self.library(import.module) else { continue };
            if self.is_inside(&library.name) {
                continue;
            }
            if import.when != When::Typing {
                self.ai = true;
            }
            self.package(&library, import);
        }
    }

    /// A listed package that imports itself does not use itself: `packages/openai/src` of the package `@ai-sdk/openai`.
    fn is_inside(&self, package: &str) -> bool {
        let last = package.rsplit('/').next().unwrap_or(package);
        let mut folders = self.out.file().path.split('/');
        folders.any(|folder| folder == "packages") && folders.next() == Some(last)
    }

    fn package(&mut self, library: &Library, import: &Import<'_>) {
        let usage = self.usage.at_most(match import.when {
            When::Always => Usage::Runtime,
            When::Maybe => Usage::Optional,
            When::Typing => Usage::Development,
        });
        // The first import says it; a later one adds something only when it is less conditional.
        if self.packages.get(&library.name).is_some_and(|before| *before <= usage) {
            return;
        }
        self.packages.insert(library.name.clone(), usage);
        let rule = if import.when == When::Maybe { "late-import" } else { "import" };
        let seen = Seen { at: extent(import.at), rule, method: Method::Parsed, usage, confidence: 95 };
        self.out.see(&format!("package:{}", library.name), seen, |key| {
            Asset::new(key, library.kind, library.name.as_str())
                .identifier("purl", inventar_catalogue::purl("npm", &library.name))
                .property("category", library.category)
                .maybe("provider", library.provider)
        });
    }
}

/// A range of the parser as one of a file.
pub(crate) fn extent(at: Span) -> Extent {
    Extent::new(at.start, at.end)
}
