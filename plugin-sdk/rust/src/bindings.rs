//! The generated side of the contract. Nothing here is meant for authors.
#![allow(missing_debug_implementations, unreachable_pub, unsafe_code, clippy::all)]

/// World `detector`.
pub mod detector {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "detector",
        pub_export_macro: true,
        export_macro_name: "export_detector",
        default_bindings_module: "inventar_plugin_sdk::bindings::detector",
        generate_all,
    });
}

/// What `linking-detector` exports beyond `detector`. The tool that makes the component joins the two descriptions,
/// so that both worlds share one set of types here.
pub mod linking {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package inventar:sdk; world linking { export inventar:discovery/link@0.1.0; }",
        world: "inventar:sdk/linking",
        pub_export_macro: true,
        export_macro_name: "export_linking",
        default_bindings_module: "inventar_plugin_sdk::bindings::linking",
        with: { "inventar:discovery/types@0.1.0": super::detector::inventar::discovery::types },
    });
}

/// World `collector`, with the types of `detector`.
pub mod collector {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "collector",
        pub_export_macro: true,
        export_macro_name: "export_collector",
        default_bindings_module: "inventar_plugin_sdk::bindings::collector",
        generate_all,
        with: {
            "inventar:discovery/types@0.1.0": super::detector::inventar::discovery::types,
            "inventar:discovery/log@0.1.0": super::detector::inventar::discovery::log,
        },
    });
}

pub use collector::export_collector;
pub use collector::exports::inventar::discovery::collect;
pub use collector::inventar::discovery::{http, sink};
pub use detector::export_detector;
pub use detector::exports::inventar::discovery::detect;
pub use detector::inventar::discovery::{blobs, log, types};
pub use linking::export_linking;
pub use linking::exports::inventar::discovery::link;
