//! What AI looks like from outside: the packages, models, endpoints and key names that detectors look for.
//!
//! The catalogue is data: `data/*.toml`, each file or entry with its source and date. The build script checks it and
//! turns it into sorted static tables, so that a lookup is a binary search and a plugin carries no parser. It knows
//! nothing of Inventar's contract and builds for `wasm32-unknown-unknown` as it does natively.
//!
//! ```
//! let package = inventar_catalogue::import("python", "langchain_openai.chat_models").expect("listed");
//! assert_eq!(package.purl(), "pkg:pypi/langchain-openai");
//! assert_eq!(package.provider, Some("openai"));
//!
//! let model = inventar_catalogue::model("us.anthropic.claude-3-5-sonnet-20240620-v1:0").expect("a model");
//! assert_eq!(model.identity(), "anthropic/claude-3.5-sonnet-20240620");
//! assert_eq!(inventar_catalogue::model("gpt-researcher"), None);
//!
//! assert_eq!(inventar_catalogue::endpoint("api.openai.com").map(|e| e.provider), Some("openai"));
//! assert_eq!(inventar_catalogue::secret("OPENAI_API_KEY").map(|s| s.provider), Some("openai"));
//! ```
//!
//! | ask | with | answer |
//! |---|---|---|
//! | is this package AI? | [`package`], else [`family`] | [`Package`], [`Family`] |
//! | what does this import belong to? | [`import`], [`imports`]; perhaps, [`common_imports`] | [`Package`] |
//! | is this text a model? | [`model`]; where a model must stand, [`model_at_model_place`] | [`Model`] |
//! | whose hub organisation is it? | [`hub_organisation`] | the provider |
//! | whose host is it? | [`endpoint`], [`endpoint_of_url`] | [`Endpoint`] |
//! | does this variable hold an AI key? | [`secret`] | [`Secret`] |
//! | does this setting? | [`setting`] | [`Secret`] |
//! | does this resource, image or step of CI run AI? | [`resource_type`], [`container_image`], [`ci_action`], [`ci_program`] | [`ResourceType`], [`Image`], [`CiTool`] |
//! | what must a claim look for? | [`literals`], [`names`] | sorted texts |

mod ecosystem;
mod endpoint;
mod infrastructure;
mod model;
mod package;
mod secret;

pub use ecosystem::{ECOSYSTEMS, Ecosystem};
pub use endpoint::{Endpoint, endpoint, endpoint_of_url, endpoints};
pub use infrastructure::{
    CiTool, Image, ResourceType, ci_action, ci_program, ci_tools, container_image, container_images,
    repository, resource_type, resource_types,
};
pub use model::{
    Model, ModelFamily, hub_organisation, model, model_at_model_place, model_families, model_pattern_count,
};
pub use package::{
    Family, Package, common_imports, families, family, import, imports, literals, names, package, packages,
    purl,
};
pub use secret::{Secret, secret, secret_begins, secrets, setting};
