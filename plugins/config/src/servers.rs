//! MCP servers that a framework makes of the program, by the name that its settings give them.
//!
//! Frameworks write the same thing at paths of their own: `spring.ai.mcp.server.name`,
//! `quarkus.mcp.server.server-info.name`, `micronaut.mcp.server.info.name`. What they share is an MCP server with a name.

use crate::look::Look;
use crate::names::is_documentation;
use crate::value::parts;
use inventar_documents::Node;
use inventar_documents::lines::Line;
use std::collections::BTreeMap;
use std::ops::Range;

/// Deeper names are not looked for, and longer paths are none.
const MAX_DEPTH: usize = 8;
const MAX_PATH: usize = 200;

/// Names and values by their paths: what a placeholder in one takes from another.
type Paths<'t> = BTreeMap<String, (&'t str, Range<usize>)>;

/// The servers that a tree of settings names.
pub(crate) fn of_tree(look: &mut Look<'_>, root: &Node) {
    let mut paths = Paths::new();
    collect(root, "", 0, &mut paths);
    report(look, &paths);
}

/// The servers that lines of properties name.
pub(crate) fn of_lines(look: &mut Look<'_>, lines: &[Line<'_>]) {
    let paths = lines.iter().filter(|line| !line.is_comment).map(|line| {
        let name = line.bare_name();
        let section = if line.section.is_empty() { "" } else { "." };
        let path = format!("{}{section}{name}", line.section).to_ascii_lowercase();
        (path, (line.value, line.value_at.clone()))
    });
    report(look, &paths.collect());
}

fn collect<'t>(node: &'t Node, above: &str, depth: usize, paths: &mut Paths<'t>) {
    for entry in node.entries() {
        let path = format!("{above}{}", entry.key.to_ascii_lowercase());
        if path.len() > MAX_PATH || is_documentation(&entry.key) {
            continue;
        }
        if let Some(text) = entry.node.scalar() {
            paths.insert(path, (text, entry.node.span.clone()));
        } else if depth < MAX_DEPTH {
            collect(&entry.node, &format!("{path}."), depth + 1, paths);
        }
    }
}

fn report(look: &mut Look<'_>, paths: &Paths<'_>) {
    for (path, (value, at)) in paths {
        let Some(table) = path.strip_suffix(".name").filter(|table| is_server(table)) else { continue };
        let Some(name) = text_of(value, paths) else { continue };
        let version = paths.get(&format!("{table}.version")).and_then(|(version, _)| text_of(version, paths));
        look.served(name, path.split('.').next().unwrap_or_default(), version, at);
    }
}

/// The value, or the default or other setting that it refers to: `${spring.application.name}`.
fn text_of<'t>(value: &'t str, paths: &Paths<'t>) -> Option<&'t str> {
    let referred = value.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let other = referred.and_then(|path| paths.get(&path.to_ascii_lowercase())).map(|(other, _)| *other);
    let text = parts(other.unwrap_or(value)).text.map(str::trim)?;
    (!text.is_empty() && text.len() <= 120 && !text.contains(['$', '{', '@', '\n'])).then_some(text)
}

/// Whether a table's path is that of an MCP server, or of what it says of itself.
fn is_server(table: &str) -> bool {
    const SERVERS: &[&str] = &["mcp.server", "mcp-server", "mcp_server", "mcpserver"];
    let ends_in_server = |path: &str| {
        SERVERS.iter().any(|server| {
            path.strip_suffix(server).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    };
    let about = [".server-info", ".server_info", ".serverinfo", ".info"];
    match about.iter().find_map(|info| table.strip_suffix(info)) {
        // One of several servers has its name before what it says of itself.
        Some(server) => {
            ends_in_server(server)
                || server.rsplit_once('.').is_some_and(|(server, _)| ends_in_server(server))
        }
        None => ends_in_server(table),
    }
}

#[cfg(test)]
mod tests {
    use super::is_server;

    #[test]
    fn tables_of_servers() {
        for yes in [
            "spring.ai.mcp.server",
            "quarkus.mcp.server.server-info",
            "quarkus.mcp.server.weather.server-info",
            "micronaut.mcp.server.info",
            "mcp.server",
            "app.mcp-server",
        ] {
            assert!(is_server(yes), "{yes}");
        }
        for no in [
            "mcp",
            "mcp.client.server",
            "server",
            "tmcp.server",
            "mcp.server.http",
            "mcp.servers",
            "build.info",
        ] {
            assert!(!is_server(no), "{no}");
        }
    }
}
