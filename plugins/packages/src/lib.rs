//! Packages: which AI libraries a project declares, and at which versions.
//!
//! Manifests and lock files of PyPI (and conda), npm (and Deno), Cargo, Go, Maven, Gradle, NuGet, RubyGems, Composer, Hex,
//! pub, Swift, CRAN and Julia are compared with the catalogue
//! (`inventar-catalogue`); what is not in it is not reported. A manifest makes assets. A lock makes none: what it has
//! only because others need it is not in use by the project itself. It fixes versions, and tells them to the manifests
//! that ask for it by link, so that a dependency is shown with both places as evidence:
//!
//! ```
//! use inventar_plugin_packages::Packages;
//! use inventar_plugin_sdk::{Detector, File, NoSettings, Version};
//!
//! let file = File::of("app/requirements.txt", "requests\nopenai==1.40.0\n");
//! let answer = Packages::scan(&NoSettings::default(), &file);
//! assert_eq!(answer.assets.len(), 1);
//! assert_eq!(answer.assets[0].identifiers[0].value, "pkg:pypi/openai");
//! assert_eq!(answer.assets[0].version, Some(Version::Exact("1.40.0".into())));
//! assert_eq!(answer.assets[0].evidence[0].span().line, 2);
//! ```
//!
//! | part | what it does |
//! |---|---|
//! | [`format`] | tells formats by file name |
//! | [`python`], [`npm`], [`cargo`], [`golang`], [`jvm`], [`nuget`], [`ruby`], [`php`], [`elixir`], [`swift`], [`rlang`], [`trees`], [`locks`] | turn text into [`dependency`] values; they know nothing of Inventar's assets |
//! | [`json`], [`toml_tree`], [`xml`] | values with their places |
//! | [`scan`] | one file: assets, facts, wants |
//! | [`link`] | a manifest and what it asked for: exact versions |
//! | [`facts`] | how the two phases and files talk |

pub mod asset;
pub mod cargo;
pub mod dependency;
pub mod elixir;
pub mod facts;
pub mod format;
pub mod golang;
pub mod json;
pub mod jvm;
pub mod link;
pub mod locks;
pub mod npm;
pub mod nuget;
pub mod page;
pub mod php;
pub mod python;
pub mod rlang;
pub mod ruby;
pub mod scan;
pub mod swift;
pub mod toml_tree;
pub mod trees;
pub mod xml;

use inventar_plugin_sdk::{Answer, Detector, File, LinkingDetector, NoSettings, Subject};

/// The plugin.
#[derive(Debug)]
pub struct Packages;

impl Detector for Packages {
    type Settings = NoSettings;

    fn scan(_: &NoSettings, file: &File) -> Answer {
        scan::scan(file)
    }
}

impl LinkingDetector for Packages {
    fn link(_: &NoSettings, subject: &Subject) -> Answer {
        link::link(subject)
    }
}

inventar_plugin_sdk::linking_detector!(Packages);
