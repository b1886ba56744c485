//! Which file is which: the formats by file name, with their readers.

use crate::dependency::{Lock, Manifest};
use crate::{cargo, elixir, golang, jvm, locks, npm, nuget, php, python, rlang, ruby, swift, trees};

/// A format: whose packages it names and how it is read.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The purl type.
    pub ecosystem: &'static str,
    /// The rule of its evidence.
    pub rule: &'static str,
    /// What reads it.
    pub reader: Reader,
    /// Locks and manifests of the same ecosystem that say more, by file name: wanted in the same folder and above it.
    pub asks: &'static [&'static str],
}

/// What reads a format.
#[derive(Debug, Clone, Copy)]
pub enum Reader {
    /// It says what a project depends on. The second argument is the file's name without its ending.
    Manifest(fn(&str, &str) -> Manifest),
    /// It constrains versions and depends on nothing.
    Constraints(fn(&str, &str) -> Manifest),
    /// It fixes versions.
    Lock(fn(&str) -> Lock),
}

const PYTHON_LOCKS: &[&str] = &["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"];
const NPM_LOCKS: &[&str] =
    &["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];
const GRADLE_ASKS: &[&str] = &["gradle/libs.versions.toml", "gradle.properties", "gradle.lockfile"];

impl Format {
    /// The format of a file by its path. Text files that another file includes are requirements.
    pub fn of(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let lower = name.to_ascii_lowercase();
        Self::by_name(&lower).or_else(|| Self::by_ending(&lower, folder))
    }

    fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "pyproject.toml" => {
                manifest("pypi", "pypi-pyproject", |text, _| python::pyproject::parse(text), PYTHON_LOCKS)
            }
            "pipfile" => manifest(
                "pypi",
                "pypi-pipfile",
                |text, _| python::pyproject::parse_pipfile(text),
                &["Pipfile.lock"],
            ),
            "setup.py" => {
                manifest("pypi", "pypi-setup", |text, _| python::setup::parse_py(text), PYTHON_LOCKS)
            }
            "setup.cfg" => {
                manifest("pypi", "pypi-setup", |text, _| python::setup::parse_cfg(text), PYTHON_LOCKS)
            }
            "uv.lock" => lock("pypi", "uv-lock", locks::parse),
            "poetry.lock" => lock("pypi", "poetry-lock", locks::parse),
            "pdm.lock" => lock("pypi", "pdm-lock", locks::parse),
            "pipfile.lock" => lock("pypi", "pipfile-lock", python::pipfile_lock::parse),
            "package.json" => {
                manifest("npm", "npm-package-json", |text, _| npm::package_json::parse(text), NPM_LOCKS)
            }
            "package-lock.json" | "npm-shrinkwrap.json" => lock("npm", "npm-lock", npm::package_lock::parse),
            "yarn.lock" => lock("npm", "yarn-lock", npm::yarn_lock::parse),
            "pnpm-lock.yaml" => lock("npm", "pnpm-lock", npm::pnpm_lock::parse),
            "bun.lock" => lock("npm", "bun-lock", npm::bun_lock::parse),
            "cargo.toml" => {
                manifest("cargo", "cargo-manifest", |text, _| cargo::parse(text), &["Cargo.lock"])
            }
            "cargo.lock" => lock("cargo", "cargo-lock", locks::parse),
            "go.mod" => manifest("golang", "go-mod", |text, _| golang::parse(text), &[]),
            "pom.xml" => manifest("maven", "maven-pom", |text, _| jvm::pom::parse(text), &[]),
            "gradle.lockfile" => lock("maven", "gradle-lock", jvm::gradle_lock::parse),
            "gradle.properties" => constraints("maven", "gradle-properties", |text, _| Manifest {
                variables: jvm::gradle::properties(text),
                ..Manifest::default()
            }),
            "pixi.toml" => manifest("pypi", "pixi-manifest", |text, _| trees::pixi(text), &[]),
            "deno.json" | "deno.jsonc" | "import_map.json" | "jsr.json" => {
                manifest("npm", "deno-imports", |text, _| trees::deno(text), &["deno.lock"])
            }
            "deno.lock" => lock("npm", "deno-lock", trees::deno_lock),
            "gemfile" | "gems.rb" => {
                manifest("gem", "gemfile", |text, _| ruby::gemfile(text), &["Gemfile.lock", "gems.locked"])
            }
            "gemfile.lock" | "gems.locked" => lock("gem", "gemfile-lock", ruby::lock),
            "composer.json" => {
                manifest("composer", "composer-manifest", |text, _| php::manifest(text), &["composer.lock"])
            }
            "composer.lock" => lock("composer", "composer-lock", php::lock),
            "mix.exs" => manifest("hex", "mix-project", |text, _| elixir::manifest(text), &["mix.lock"]),
            "mix.lock" => lock("hex", "mix-lock", elixir::lock),
            "pubspec.yaml" | "pubspec.yml" => {
                manifest("pub", "pubspec", |text, _| trees::pubspec(text), &["pubspec.lock"])
            }
            "pubspec.lock" => lock("pub", "pubspec-lock", trees::pubspec_lock),
            "package.swift" => {
                manifest("swift", "swift-package", |text, _| swift::manifest(text), &["Package.resolved"])
            }
            "package.resolved" => lock("swift", "swift-resolved", swift::lock),
            "description" => manifest("cran", "r-description", |text, _| rlang::description(text), &[]),
            "renv.lock" => manifest("cran", "renv-lock", |text, _| rlang::renv(text), &[]),
            "project.toml" | "juliaproject.toml" => manifest(
                "julia",
                "julia-project",
                |text, _| trees::julia(text),
                &["Manifest.toml", "JuliaManifest.toml"],
            ),
            "manifest.toml" | "juliamanifest.toml" => lock("julia", "julia-manifest", trees::julia_lock),
            "packages.config" => {
                manifest("nuget", "nuget-packages-config", |text, _| nuget::parse_packages_config(text), &[])
            }
            "packages.lock.json" => lock("nuget", "nuget-lock", nuget::parse_lock),
            "directory.packages.props" => {
                constraints("nuget", "nuget-central-versions", |text, _| nuget::parse_project(text))
            }
            _ => return None,
        })
    }

    fn by_ending(name: &str, folder: &str) -> Option<Self> {
        let (stem, ending) = name.rsplit_once('.')?;
        Some(match ending {
            "txt" | "in" | "pip" if stem.contains("constraint") => {
                constraints("pypi", "pypi-constraints", python::requirements::parse)
            }
            "txt" | "in" | "pip" => manifest("pypi", "pypi-requirements", python::requirements::parse, &[]),
            "toml" if stem.starts_with("pylock") => lock("pypi", "pylock", locks::parse),
            "toml" if stem.ends_with(".versions") => {
                manifest("maven", "gradle-catalog", |text, _| jvm::gradle_catalog::parse(text), &[])
            }
            "yml" | "yaml" if is_conda(stem, folder) => {
                manifest("pypi", "conda-environment", |text, _| python::conda::parse(text), &[])
            }
            "py" => manifest("pypi", "pypi-script", |text, _| python::script::parse(text), &[]),
            "gemspec" => manifest("gem", "gemspec", |text, _| ruby::gemspec(text), &["Gemfile.lock"]),
            "gradle" => manifest("maven", "gradle-build", |text, _| jvm::gradle::parse(text), GRADLE_ASKS),
            "kts" if stem.ends_with(".gradle") => {
                manifest("maven", "gradle-build", |text, _| jvm::gradle::parse(text), GRADLE_ASKS)
            }
            "csproj" | "fsproj" | "vbproj" | "props" | "targets" => manifest(
                "nuget",
                "nuget-project",
                |text, _| nuget::parse_project(text),
                &["Directory.Packages.props", "packages.lock.json"],
            ),
            _ => return None,
        })
    }
}

fn is_conda(stem: &str, folder: &str) -> bool {
    stem.starts_with("environment")
        || stem.starts_with("conda")
        || stem.ends_with("environment")
        || folder.ends_with("conda")
}

const fn manifest(
    ecosystem: &'static str,
    rule: &'static str,
    read: fn(&str, &str) -> Manifest,
    asks: &'static [&'static str],
) -> Format {
    Format { ecosystem, rule, reader: Reader::Manifest(read), asks }
}

const fn constraints(
    ecosystem: &'static str,
    rule: &'static str,
    read: fn(&str, &str) -> Manifest,
) -> Format {
    Format { ecosystem, rule, reader: Reader::Constraints(read), asks: &[] }
}

const fn lock(ecosystem: &'static str, rule: &'static str, read: fn(&str) -> Lock) -> Format {
    Format { ecosystem, rule, reader: Reader::Lock(read), asks: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_path() {
        for (path, rule) in [
            ("pyproject.toml", "pypi-pyproject"),
            ("a/requirements-dev.txt", "pypi-requirements"),
            ("requirements/base.in", "pypi-requirements"),
            ("constraints.txt", "pypi-constraints"),
            ("Pipfile", "pypi-pipfile"),
            ("Pipfile.lock", "pipfile-lock"),
            ("x/environment.yml", "conda-environment"),
            ("package.json", "npm-package-json"),
            ("Cargo.toml", "cargo-manifest"),
            ("gradle/libs.versions.toml", "gradle-catalog"),
            ("app/build.gradle.kts", "gradle-build"),
            ("src/App/App.csproj", "nuget-project"),
            ("Directory.Packages.props", "nuget-central-versions"),
            ("tools/run.py", "pypi-script"),
            ("pixi.toml", "pixi-manifest"),
            ("deno.jsonc", "deno-imports"),
            ("Gemfile", "gemfile"),
            ("app.gemspec", "gemspec"),
            ("composer.json", "composer-manifest"),
            ("mix.exs", "mix-project"),
            ("pubspec.yaml", "pubspec"),
            ("Package.swift", "swift-package"),
            ("DESCRIPTION", "r-description"),
            ("renv.lock", "renv-lock"),
            ("Project.toml", "julia-project"),
        ] {
            assert_eq!(Format::of(path).map(|format| format.rule), Some(rule), "{path}");
        }
        for path in ["tsconfig.json", "compose.yaml", "src/main.rs", "Makefile"] {
            assert!(Format::of(path).is_none(), "{path}");
        }
    }
}
