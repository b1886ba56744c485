//! No bytes make a reader panic, and what it tells stays inside the file.

use inventar_plugin_packages::Packages;
use inventar_plugin_sdk::{
    Content, Detector, File, LinkingDetector, NoSettings, Part, Property, Subject, Wanted,
};
use proptest::prelude::*;

/// One file name of every format.
const NAMES: &[&str] = &[
    "pyproject.toml",
    "Pipfile",
    "Pipfile.lock",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "constraints.txt",
    "environment.yml",
    "uv.lock",
    "pylock.toml",
    "package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "Cargo.toml",
    "Cargo.lock",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "libs.versions.toml",
    "gradle.properties",
    "gradle.lockfile",
    "App.csproj",
    "packages.config",
    "Directory.Packages.props",
    "packages.lock.json",
    "tool.py",
    "pixi.toml",
    "deno.json",
    "deno.lock",
    "Gemfile",
    "Gemfile.lock",
    "app.gemspec",
    "composer.json",
    "composer.lock",
    "mix.exs",
    "mix.lock",
    "pubspec.yaml",
    "pubspec.lock",
    "Package.swift",
    "Package.resolved",
    "DESCRIPTION",
    "renv.lock",
    "Project.toml",
    "Manifest.toml",
];

/// Pieces that formats are made of, so that random texts get past the first byte.
const PIECES: &[&str] = &[
    "openai",
    "gem ",
    ".package(url: \"https://github.com/",
    "{:",
    "# /// script\n# dependencies = [",
    "Imports: ",
    "dependencies",
    "langchain",
    "==1.2.3",
    ">=1",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "=",
    "\n",
    "  ",
    "\t",
    "#",
    "/*",
    "*/",
    "[[package]]\n",
    "name = \"",
    "version",
    "dependencies",
    "node_modules/",
    "packages",
    "importers:\n",
    "  .:\n",
    "require (\n",
    " v1.0.0",
    "<dependency>",
    "</dependency>",
    "<artifactId>",
    "<PackageReference Include=\"",
    "/>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "implementation '",
    "libs.",
    "${",
    "install_requires=[",
    "é",
    "\u{1F600}",
    "\\",
    "-r ",
    "@npm:^4",
    "\r\n",
    "\u{feff}",
    "[project]\n",
];

fn check(name: &str, bytes: Vec<u8>) {
    let len = bytes.len() as u64;
    let answer = Packages::scan(&NoSettings::default(), &File::of(name, bytes.clone()));
    for asset in &answer.assets {
        for evidence in &asset.evidence {
            assert!(
                evidence.span().start <= evidence.span().end && evidence.span().end <= len,
                "{name}: {evidence:?}"
            );
            assert!(evidence.span().line > 0);
        }
    }
    let facts: usize = answer.facts.iter().map(|fact| format!("{:?}", fact.value).len()).sum();
    assert!(facts < 64 << 10);
    let pieces = File::new(name, vec![], Content::Memory { head: 3, bytes });
    assert_eq!(Packages::scan(&NoSettings::default(), &pieces), answer, "{name} in pieces");
    let part =
        |path: &str, facts: &[Property]| Part { path: path.into(), facts: facts.to_vec(), wants: vec![] };
    let mut manifest = part(name, &answer.facts);
    manifest.wants.push(Wanted { serves: None, name: None, part: Some(1) });
    let parts = NAMES.iter().map(|other| part(other, &answer.facts));
    Packages::link(
        &NoSettings::default(),
        &Subject { parts: std::iter::once(manifest).chain(parts).collect() },
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(name in proptest::sample::select(NAMES), bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(name, bytes);
    }

    #[test]
    fn any_pieces(name in proptest::sample::select(NAMES), pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        check(name, pieces.concat().into_bytes());
    }
}

#[test]
fn nesting_and_length_are_bounded() {
    for name in NAMES {
        for piece in ["[", "{\"a\":", "<a>", "- ", "a: ", "(", "install_requires=["] {
            check(name, piece.repeat(20_000).into_bytes());
        }
    }
}
