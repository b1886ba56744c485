//! What detectors of different languages judge alike.
//!
//! A detector parses its language and knows where a value stands: the `model` argument of a client, the system message
//! of a conversation, a constant called `BASE_URL`. Whether the text there is a model, a prompt or an endpoint, what the
//! asset is called, and how it is reported does not depend on the language, and stands here.
//!
//! ```
//! use inventar_analysis::{Extent, Seen, Sightings, model, words};
//! use inventar_plugin_sdk::{File, Method, Usage};
//!
//! let file = File::of("app.go", "const Model = \"gpt-4o\"");
//! let mut out = Sightings::new(&file);
//! assert_eq!(words::role("Model"), Some(words::Role::Model));
//! let (sighted, confidence) = model::named("gpt-4o", false, || None).expect("the catalogue knows it");
//! let seen = Seen {
//!     at: Extent::new(15, 21), rule: "model-name", method: Method::Parsed, usage: Usage::Runtime, confidence,
//! };
//! out.model(sighted, seen);
//! assert_eq!(out.finish().assets[0].name, "gpt-4o");
//! ```
//!
//! | ask | of |
//! |---|---|
//! | what does a keyword, member or variable of this name hold? | [`words`] |
//! | is this text a model, and which asset is it? | [`model`] |
//! | what does a call of a known library make? | [`calls`] |
//! | what does a registry or a cloud call this? | [`names`] |
//! | is this URL or variable an endpoint? | [`endpoint`] |
//! | may this variable hold a key? | [`secret`] |
//! | does this text speak to a model? | [`prompt`] |
//! | what does the place of a file say of everything in it? | [`place`] |
//! | what do the files that this one imports from say? | [`link`] |
//! | collect assets and edges, each once, with their places | [`Sightings`] |

pub mod calls;
pub mod endpoint;
pub mod link;
pub mod model;
pub mod names;
pub mod place;
pub mod prompt;
pub mod secret;
mod sightings;
pub mod words;

pub use sightings::{Extent, Seen, Sightings};
