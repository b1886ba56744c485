//! Libraries: by registry name and by what code imports.

use crate::ecosystem::Ecosystem;

include!(concat!(env!("OUT_DIR"), "/packages.rs"));

/// A library whose presence means AI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// The purl type of its registry: `pypi`, `npm`, `cargo`, `golang`, `maven`, `nuget`.
    pub ecosystem: &'static str,
    key: &'static str,
    /// As the registry spells it; Maven's are `group:artifact`, Go's the module path.
    pub name: &'static str,
    /// The asset kind: `sdk`, `framework`, `runtime` or `package`.
    pub kind: &'static str,
    /// What it is for: `model-api`, `agents`, `vector-database`, `observability` …
    pub category: &'static str,
    /// Whose service or models it reaches, or who makes it.
    pub provider: Option<&'static str>,
    /// What code imports it as; for npm and Go the name itself, for Java package prefixes.
    pub imports: &'static [&'static str],
    /// Imports that are just as likely something of the project's own: `agents`, `inference`. In the data they end in `?`.
    pub common_imports: &'static [&'static str],
    /// The day the entry was last looked at.
    pub reviewed: &'static str,
}

impl Package {
    /// Its package URL, without a version.
    pub fn purl(&self) -> String {
        purl(self.ecosystem, self.name)
    }

    /// Where the entry comes from: its registry's page.
    pub fn source(&self) -> String {
        Ecosystem::of(self.ecosystem).map(|ecosystem| ecosystem.page(self.name)).unwrap_or_default()
    }
}

/// Names that a maker gives to the parts of one AI product: what starts so is AI though nobody has listed it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The purl type of the registry.
    pub ecosystem: &'static str,
    /// In canonical spelling.
    pub prefix: &'static str,
    /// The asset kind.
    pub kind: &'static str,
    /// What it is for.
    pub category: &'static str,
    /// Who makes it.
    pub provider: Option<&'static str>,
}

/// Every package, sorted by registry and canonical name.
pub fn packages() -> &'static [Package] {
    PACKAGES
}

/// Every family of packages.
pub fn families() -> &'static [Family] {
    FAMILIES
}

/// The package of a registry by any spelling the registry takes for that name.
pub fn package(ecosystem: &str, name: &str) -> Option<&'static Package> {
    let ecosystem = Ecosystem::of(ecosystem)?;
    let key = ecosystem.canonical(name);
    let at = PACKAGES
        .binary_search_by(|package| (package.ecosystem, package.key).cmp(&(ecosystem.id, &key)))
        .ok()?;
    Some(&PACKAGES[at])
}

/// The family that a name belongs to; of several the longest prefix.
pub fn family(ecosystem: &str, name: &str) -> Option<&'static Family> {
    let key = Ecosystem::of(ecosystem)?.canonical(name);
    FAMILIES
        .iter()
        .filter(|family| {
            family.ecosystem == ecosystem && key.len() > family.prefix.len() && key.starts_with(family.prefix)
        })
        .max_by_key(|family| family.prefix.len())
}

/// The package that a module belongs to: the longest listed prefix of its path decides, so `google.genai.types` is
/// `google-genai` and `google.protobuf` is nothing. Of several packages with one module the first by name.
pub fn import(language: &str, module: &str) -> Option<&'static Package> {
    imports(language, module).next()
}

/// Every package that installs a module, by the longest listed prefix of its path.
pub fn imports(language: &str, module: &str) -> impl Iterator<Item = &'static Package> + use<> {
    longest_prefix(IMPORTS, language, module)
}

/// The packages that install a module whose name is just as likely one of the project's own (`agents`, `inference`):
/// worth believing only when the project declares one of them, or when what is imported from it says so.
pub fn common_imports(language: &str, module: &str) -> impl Iterator<Item = &'static Package> + use<> {
    longest_prefix(COMMON_IMPORTS, language, module)
}

/// The modules of a language, each with the index of its package, sorted.
type Modules = &'static [(&'static str, usize)];

/// The modules of a language, by the name it has in the tables.
fn modules_of(table: &'static [(&'static str, Modules)], language: &str) -> Modules {
    table.iter().find(|(name, _)| *name == language).map_or(&[], |(_, modules)| *modules)
}

fn longest_prefix(
    table: &'static [(&'static str, Modules)],
    language: &str,
    module: &str,
) -> impl Iterator<Item = &'static Package> + use<> {
    let found = Ecosystem::of_language(language).map_or(&[][..], |ecosystem| {
        let modules = modules_of(table, ecosystem.language);
        // Nearly every import is of a module whose first part begins no listed one.
        let head = module.find(ecosystem.separator).map_or(module, |end| &module[..end]);
        let start = modules.partition_point(|(module, _)| *module < head);
        let len = modules[start..].partition_point(|(module, _)| module.starts_with(head));
        let near = &modules[start..start + len];
        let mut path = module;
        loop {
            if near.is_empty() {
                break &[];
            }
            let start = near.partition_point(|(module, _)| *module < path);
            let len = near[start..].partition_point(|(module, _)| *module == path);
            if len > 0 {
                break &near[start..start + len];
            }
            match path.rsplit_once(ecosystem.separator) {
                Some((parent, _)) => path = parent,
                None => break &[],
            }
        }
    });
    found.iter().map(|(_, at)| &PACKAGES[*at])
}

/// The package URL of any name of a registry, listed or not.
pub fn purl(ecosystem: &str, name: &str) -> String {
    Ecosystem::of(ecosystem).map_or_else(|| format!("pkg:generic/{name}"), |ecosystem| ecosystem.purl(name))
}

/// What a claim must look for to see every import of a language: each listed module, sorted; without common ones.
pub fn literals(language: &str) -> Vec<&'static str> {
    let language = Ecosystem::of_language(language).map_or(language, |ecosystem| ecosystem.language);
    let mut modules: Vec<&str> = modules_of(IMPORTS, language).iter().map(|(module, _)| *module).collect();
    modules.dedup();
    modules
}

/// What a claim must look for to see every package of a registry: each listed name in canonical spelling, and the
/// prefixes of families; sorted.
pub fn names(ecosystem: &str) -> Vec<&'static str> {
    let listed = PACKAGES.iter().filter(|package| package.ecosystem == ecosystem).map(|package| package.key);
    let families = FAMILIES.iter().filter(|family| family.ecosystem == ecosystem).map(|family| family.prefix);
    let mut names: Vec<&str> = listed.chain(families).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name() {
        for (ecosystem, name, purl) in [
            ("pypi", "openai", "pkg:pypi/openai"),
            ("pypi", "LangChain_OpenAI", "pkg:pypi/langchain-openai"),
            ("npm", "@ai-sdk/openai", "pkg:npm/%40ai-sdk/openai"),
            ("cargo", "async_openai", "pkg:cargo/async-openai"),
            ("golang", "github.com/openai/openai-go", "pkg:golang/github.com/openai/openai-go"),
            ("maven", "dev.langchain4j:langchain4j", "pkg:maven/dev.langchain4j/langchain4j"),
            ("nuget", "microsoft.semantickernel", "pkg:nuget/Microsoft.SemanticKernel"),
        ] {
            assert_eq!(
                package(ecosystem, name).map(Package::purl).as_deref(),
                Some(purl),
                "{ecosystem} {name}"
            );
        }
        for (ecosystem, name) in
            [("pypi", "requests"), ("npm", "openai-fetcher"), ("conan", "openai"), ("pypi", "")]
        {
            assert_eq!(package(ecosystem, name), None, "{ecosystem} {name}");
        }
    }

    #[test]
    fn by_import() {
        for (language, module, name) in [
            ("python", "openai", "openai"),
            ("python", "openai.types.chat", "openai"),
            ("python", "google.genai.types", "google-genai"),
            ("python", "google.generativeai", "google-generativeai"),
            ("python", "azure.ai.inference.models", "azure-ai-inference"),
            ("python", "langchain_openai", "langchain-openai"),
            ("javascript", "@ai-sdk/react/internal", "@ai-sdk/react"),
            ("typescript", "ai", "ai"),
            ("java", "dev.langchain4j.model.openai.OpenAiChatModel", "dev.langchain4j:langchain4j-open-ai"),
            ("go", "github.com/openai/openai-go/option", "github.com/openai/openai-go"),
            ("rust", "async_openai::types", "async-openai"),
            ("csharp", "Microsoft.SemanticKernel.Connectors", "Microsoft.SemanticKernel"),
        ] {
            assert_eq!(
                import(language, module).map(|package| package.name),
                Some(name),
                "{language} {module}"
            );
        }
        for (language, module) in [
            ("python", "google"),
            ("python", "google.protobuf"),
            ("python", "openai2"),
            ("python", "agents"),
            ("perl", "x"),
        ] {
            assert_eq!(import(language, module), None, "{language} {module}");
        }
        assert_eq!(
            common_imports("python", "agents.mcp").next().map(|package| package.name),
            Some("openai-agents")
        );
    }

    #[test]
    fn ecosystems_are_sorted() {
        assert!(crate::ECOSYSTEMS.is_sorted_by_key(|ecosystem| ecosystem.id));
    }
}
