//! Package registries: how they spell names, what their packages are imported as, where they list them.
//!
//! The build script uses this file too, so that tables and lookups agree.

/// One package registry and the language whose imports name its packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ecosystem {
    /// The purl type: `pypi`, `npm`, `cargo`, `golang`, `maven`, `nuget`, `gem`, `composer`, `hex`, `pub`, `swift`,
    /// `cran`, `julia`.
    pub id: &'static str,
    /// The language, as the lookup by import spells it.
    pub language: &'static str,
    /// What separates the parts of an import.
    pub separator: &'static str,
    /// The page of a package; `{name}` stands for its name.
    pub page: &'static str,
}

/// Every registry that the catalogue lists packages of, sorted by id.
pub const ECOSYSTEMS: &[Ecosystem] = &[
    Ecosystem { id: "cargo", language: "rust", separator: "::", page: "https://crates.io/crates/{name}" },
    Ecosystem {
        id: "composer",
        language: "php",
        separator: "\\",
        page: "https://packagist.org/packages/{name}",
    },
    Ecosystem {
        id: "cran",
        language: "r",
        separator: ".",
        page: "https://cran.r-project.org/package={name}",
    },
    Ecosystem { id: "gem", language: "ruby", separator: "/", page: "https://rubygems.org/gems/{name}" },
    Ecosystem { id: "golang", language: "go", separator: "/", page: "https://pkg.go.dev/{name}" },
    Ecosystem { id: "hex", language: "elixir", separator: ".", page: "https://hex.pm/packages/{name}" },
    Ecosystem {
        id: "julia",
        language: "julia",
        separator: ".",
        page: "https://juliahub.com/ui/Packages/General/{name}",
    },
    Ecosystem {
        id: "maven",
        language: "java",
        separator: ".",
        page: "https://central.sonatype.com/artifact/{name}",
    },
    Ecosystem {
        id: "npm",
        language: "javascript",
        separator: "/",
        page: "https://www.npmjs.com/package/{name}",
    },
    Ecosystem {
        id: "nuget",
        language: "csharp",
        separator: ".",
        page: "https://www.nuget.org/packages/{name}",
    },
    Ecosystem { id: "pub", language: "dart", separator: "/", page: "https://pub.dev/packages/{name}" },
    Ecosystem { id: "pypi", language: "python", separator: ".", page: "https://pypi.org/project/{name}/" },
    Ecosystem { id: "swift", language: "swift", separator: ".", page: "https://{name}" },
];

impl Ecosystem {
    /// The registry with that purl type.
    pub fn of(id: &str) -> Option<&'static Self> {
        ECOSYSTEMS.iter().find(|ecosystem| ecosystem.id == id)
    }

    /// The registry whose packages that language imports.
    pub fn of_language(language: &str) -> Option<&'static Self> {
        let language = match language {
            "typescript" => "javascript",
            "kotlin" | "scala" | "groovy" => "java",
            "dotnet" | "fsharp" => "csharp",
            other => other,
        };
        ECOSYSTEMS.iter().find(|ecosystem| ecosystem.language == language)
    }

    /// The spelling under which a name is looked up: names that the registry takes for the same are the same here.
    pub fn canonical(&self, name: &str) -> String {
        match self.id {
            "pypi" => pypi_name(name),
            "cargo" => name.to_ascii_lowercase().replace('_', "-"),
            _ => name.to_ascii_lowercase(),
        }
    }

    /// What a package is imported as where the data does not say.
    pub fn usual_import(&self, name: &str) -> Option<String> {
        match self.id {
            "pypi" => Some(pypi_name(name).replace('-', "_")),
            "cargo" => Some(name.replace('-', "_")),
            // A Java package tells nothing of its artifact.
            "maven" | "composer" | "swift" | "hex" => None,
            _ => Some(name.to_owned()),
        }
    }

    /// The package URL of a name, without a version.
    pub fn purl(&self, name: &str) -> String {
        let path = match self.id {
            "pypi" => pypi_name(name),
            "golang" => name.to_ascii_lowercase(),
            "maven" => name.replace(':', "/"),
            "npm" | "composer" | "hex" | "pub" => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        // Julia's type asks for a UUID, which a name does not have.
        let kind = if self.id == "julia" { "generic/julia" } else { self.id };
        format!("pkg:{kind}/{}", path.replace('@', "%40").replace('+', "%2B"))
    }

    /// The registry's page of a package.
    pub fn page(&self, name: &str) -> String {
        let name = if self.id == "maven" { name.replace(':', "/") } else { name.to_owned() };
        self.page.replace("{name}", &name)
    }
}

/// PEP 503: lower case, and runs of `-`, `_` and `.` are one hyphen.
fn pypi_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}
