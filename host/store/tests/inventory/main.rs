//! What a person would notice: the life of an asset, bad luck with disks and processes, reading it all back.

#![allow(clippy::unwrap_used)]

mod bad_luck;
mod bench;
mod browse_assets;
mod life_of_an_asset;
mod look_back;
mod other_sources;
mod upgrade_keeps_data;
