//! npm's manifest and the locks of npm, Yarn, pnpm and Bun.

pub mod bun_lock;
pub mod package_json;
pub mod package_lock;
pub mod pnpm_lock;
pub mod yarn_lock;
