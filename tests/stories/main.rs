//! What a person does, and sees. One module a story; see ../README.md.

#![allow(clippy::unwrap_used, reason = "a story stops at the first surprise")]

mod bad_input;
mod browse_the_inventory;
mod code_cloud_and_registry;
mod compare_two_scans;
mod configuration;
mod connect_a_service;
mod credentials_stay_out;
mod exit_codes;
mod export_a_bom;
mod hostile_plugins;
mod images_from_a_registry;
mod incremental_equals_cold;
mod inside_archives_and_images;
mod interrupted_scan;
mod labelled_trees;
mod real_services;
mod scan_a_directory;
mod secrets_stay_out;
