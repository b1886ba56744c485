//! From dependencies to assets.

use crate::dependency::Dependency;
use inventar_plugin_sdk::{Asset, Usage, Version};

/// What the catalogue knows of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// As the registry spells it.
    pub name: String,
    /// The asset kind.
    pub kind: &'static str,
    /// What it is for.
    pub category: &'static str,
    /// Whose it is, or whom it reaches.
    pub provider: Option<&'static str>,
}

impl Known {
    /// The entry of a package; a name that only belongs to a family keeps its spelling.
    pub fn of(ecosystem: &str, name: &str) -> Option<Self> {
        if let Some(package) = inventar_catalogue::package(ecosystem, name) {
            let (kind, category, provider) = (package.kind, package.category, package.provider);
            return Some(Self { name: package.name.to_owned(), kind, category, provider });
        }
        let family = inventar_catalogue::family(ecosystem, name)?;
        let (kind, category, provider) = (family.kind, family.category, family.provider);
        Some(Self { name: name.to_owned(), kind, category, provider })
    }

    /// An asset without version and evidence.
    pub fn asset(&self, key: String, ecosystem: &str, scope: &str) -> Asset {
        Asset::new(key, self.kind, self.name.clone())
            .identifier("purl", inventar_catalogue::purl(ecosystem, &self.name))
            .property("ecosystem", ecosystem)
            .property("category", self.category)
            .maybe("provider", self.provider)
            .maybe("scope", Some(scope).filter(|scope| !scope.is_empty()))
    }
}

/// The name under which one file's sightings of a package meet.
pub fn key(ecosystem: &str, name: &str) -> String {
    inventar_catalogue::purl(ecosystem, name)
}

/// How a dependency is used, by its group and by where its file stands.
pub fn usage(dependency: &Dependency, path: &str) -> Usage {
    let file = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    // `App.Tests.csproj` is a test project wherever it lies.
    let mut words = file.split('.').rev().skip(1);
    let by_name = if words
        .any(|word| matches!(word, "tests" | "test" | "unittests" | "integrationtests" | "benchmarks"))
    {
        Usage::Test
    } else {
        Usage::Runtime
    };
    dependency.usage.at_most(Usage::of_path(path)).at_most(by_name)
}

/// The better founded of two versions: a pin before a range before a name that moves.
pub fn better(a: Option<Version>, b: Option<Version>) -> Option<Version> {
    let rank = |version: &Option<Version>| match version {
        Some(Version::Exact(_)) => 0,
        Some(Version::Range(_)) => 1,
        Some(Version::Floating(_)) => 2,
        None => 3,
    };
    if rank(&b) < rank(&a) { b } else { a }
}
