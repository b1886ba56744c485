//! Maven's and Gradle's manifests, and Gradle's lock.

pub mod gradle;
pub mod gradle_catalog;
pub mod gradle_lock;
pub mod pom;
