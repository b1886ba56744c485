//! The configuration of a container image: with what its containers are started.
//!
//! Source: OCI image-spec 1.1 (config.md). Images of docker have the same fields. The name of the image stands beside them,
//! where the walk knows it.

use crate::command;
use crate::look::Look;
use crate::settings::{self, Context};
use inventar_documents::Node;

/// It says for which machines it is, and how it is started.
pub(crate) fn is_image_config(root: &Node) -> bool {
    let is_text = |key: &str| root.get(key).and_then(Node::text).is_some();
    is_text("architecture") && is_text("os") && root.get("config").is_some()
}

pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    let Some(config) = root.get("config") else { return };
    let image = root.get("name").and_then(|name| look.image(name.text()?, &name.span));
    let context = Context::of_ai(image.is_some());
    if let Some(variables) = config.entry("Env") {
        settings::walk_entry(look, variables, context);
    }
    // One command line in two parts, of which a container may replace the second.
    let parts = ["Entrypoint", "Cmd"].iter().filter_map(|key| config.get(key));
    let words: Vec<Node> = parts.flat_map(Node::items).cloned().collect();
    command::words(look, &words);
}
