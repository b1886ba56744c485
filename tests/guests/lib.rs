//! Plugins that misbehave, each a folder with its manifest. Every one has a story in `stories/hostile_plugins.rs`.
//!
//! | guest | what it does |
//! |---|---|
//! | `spin` | never comes back |
//! | `hoard` | takes memory until there is none |
//! | `trap` | panics on one file and is honest about the others |
//! | `lie` | reports kinds it did not declare, places that end before they start, and one key twice |
//! | `flood` | writes more log lines and rows than anybody can read |
//! | `leak` | repeats every secret it is shown, wherever a text fits |
//! | `rogue` | a collector: each of its scopes is something a collector must not do |
//! | `parrot` | a collector: repeats what a service says wherever a text fits, and searches its own memory for secrets |
//!
//! And one that behaves, for the stories of connected sources: `library` lists shelves of models, page by page.
