//! Everything a plugin author imports.
//!
//! A plugin answers questions about files that the host found for it. It never opens anything: the host walks the
//! source, matches the claims in `plugin.toml`, and hands over each file with its content.
//!
//! ```
//! use inventar_plugin_sdk::{Answer, Asset, Detector, File, Method, NoSettings, Usage};
//!
//! struct Acme;
//!
//! impl Detector for Acme {
//!     type Settings = NoSettings;
//!
//!     fn scan(_settings: &NoSettings, file: &File) -> Answer {
//!         let mut answer = Answer::default();
//!         let Some(text) = file.text() else { return answer };
//!         for (at, _) in text.match_indices("acme.flow(") {
//!             let seen = file.evidence(at..at + 9, "flow-call", Method::Parsed, Usage::Runtime);
//!             answer.asset(Asset::new(format!("flow@{at}"), "x-acme.flow", "flow").seen(seen));
//!         }
//!         answer
//!     }
//! }
//!
//! inventar_plugin_sdk::detector!(Acme);
//! ```
//!
//! A plugin that must know what *another* file says (a constant across an import, a manifest's lock file) returns
//! [`Want`]s and facts from `scan` and implements [`LinkingDetector::link`]; it exports itself with
//! [`linking_detector!`].
//!
//! A plugin that asks services instead of files is a [`collector::Collector`].
//!
//! | part | what it is |
//! |---|---|
//! | [`File`] | one candidate: path, what matched, content |
//! | [`Answer`] | what the file says: assets, relations, findings, gaps, facts, wants |
//! | [`Subject`] | a file with the facts of the files it asked for |
//! | [`Lines`] | byte offsets to line numbers |
//! | [`Excerpt`] | a text that stands in a file in pieces, with the place of each byte |
//! | [`log`] | lines for the operator; counted and cut by the host |
//!
//! Two rules keep rescans cheap and results true, and the host relies on both: an answer depends on settings, path
//! and content only, and every key is unique and stable inside its file.

mod answer;
pub mod collector;
mod evidence;
mod excerpt;
mod file;
mod lines;
pub mod log;
mod subject;

#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod export;

pub use answer::{
    Answer, Asset, AssetRef, Finding, Gap, GapReason, Identifier, IntoValue, Property, Relation, Severity,
    Value, Version, Want,
};
pub use evidence::{Evidence, Method, Place, Span, Usage, cut_before, cut_behind};
pub use excerpt::Excerpt;
pub use file::{Content, File, Hit};
pub use lines::Lines;
pub use subject::{Part, Subject, Wanted};

use serde::de::DeserializeOwned;

/// A plugin that can say everything from one file.
pub trait Detector {
    /// Deserialised from the operator's settings, which the host has checked against the manifest's schema.
    type Settings: DeserializeOwned + Default;

    /// What this file says. Called for one file at a time; what it returns may depend on nothing but its arguments.
    fn scan(settings: &Self::Settings, file: &File) -> Answer;
}

/// A plugin that also needs what other files say.
pub trait LinkingDetector: Detector {
    /// What is known of `subject.file()` now that its wants are answered. An asset with the key of one that `scan`
    /// reported replaces it; everything else is added. Facts and wants of the answer are ignored here.
    fn link(settings: &Self::Settings, subject: &Subject) -> Answer;
}

/// For plugins without settings.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// Exports a [`Detector`] as a component of world `detector`.
#[macro_export]
macro_rules! detector {
    ($plugin:ident) => {
        $crate::detect_export!($plugin);
    };
}

/// Exports a [`LinkingDetector`] as a component of world `linking-detector`.
#[macro_export]
macro_rules! linking_detector {
    ($plugin:ident) => {
        $crate::detect_export!($plugin);
        impl $crate::bindings::link::Guest for $plugin {
            fn link(
                settings: ::std::string::String,
                batch: ::std::vec::Vec<$crate::bindings::link::Subject>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::bindings::types::Report>,
                $crate::bindings::types::Problem,
            > {
                $crate::export::link::<$plugin>(&settings, batch)
            }
        }
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::export_linking!($plugin with_types_in $crate::bindings::linking);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! detect_export {
    ($plugin:ident) => {
        impl $crate::bindings::detect::Guest for $plugin {
            fn scan(
                settings: ::std::string::String,
                batch: ::std::vec::Vec<$crate::bindings::detect::Candidate>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::bindings::detect::Answer>,
                $crate::bindings::types::Problem,
            > {
                $crate::export::scan::<$plugin>(&settings, batch)
            }
        }
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::export_detector!($plugin with_types_in $crate::bindings::detector);
    };
}
