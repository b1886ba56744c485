//! PyPI's manifests and locks, and conda's environments.

pub mod conda;
pub mod pipfile_lock;
pub mod pyproject;
pub mod requirement;
pub mod requirements;
pub mod script;
pub mod setup;
