//! Settings of .NET: a secret is called by its path, `OpenAI:ApiKey`, in code as in whatever fills it in.

use crate::look::Look;
use inventar_documents::{Node, Value};

/// How deep tables of settings are read.
const MAX_DEPTH: usize = 8;

/// Whether a file holds settings of .NET.
pub(crate) fn is_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.starts_with("appsettings") || matches!(&*name, "local.settings.json" | "secrets.json")
}

/// The keys of AI services, whether somebody has filled them in or not.
pub(crate) fn keys(look: &mut Look<'_>, root: &Node) {
    below(look, root, &mut Vec::new());
}

fn below<'n>(look: &mut Look<'_>, node: &'n Node, path: &mut Vec<&'n str>) {
    let Value::Table(entries) = &node.value else { return };
    if path.len() > MAX_DEPTH {
        return;
    }
    for entry in entries {
        path.push(&entry.key);
        let is_text = matches!(entry.node.value, Value::Text(_) | Value::Nothing);
        if is_text {
            let name = path.join(":");
            if inventar_catalogue::setting(&name).is_some() {
                look.secret_setting(&name, &entry.key_span);
            }
        }
        below(look, &entry.node, path);
        path.pop();
    }
}
