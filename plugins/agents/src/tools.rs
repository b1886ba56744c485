//! Tools as data: what a model is offered, with a name, a description and the schema of what it takes.
//!
//! OpenAI wraps a tool (`{type: function, function: {…}}`), Gemini lists them (`functionDeclarations`), Anthropic and MCP
//! call the schema `input_schema` and `inputSchema`, and programs have spellings of their own. What they share is the
//! shape.

use inventar_documents::{Entry, Node, Value};
use std::ops::Range;

/// A tool's name, where it stands, and whose form it has.
pub(crate) struct Tool<'t> {
    pub(crate) name: &'t str,
    pub(crate) at: Range<usize>,
    pub(crate) form: &'static str,
}

/// The tool that a table is. `above` is the name of the list or table that it stands in; `says_tools`, whether the file's
/// name speaks of tools, which counts where nothing stands above.
pub(crate) fn tool<'t>(node: &'t Node, above: Option<&str>, says_tools: bool) -> Option<Tool<'t>> {
    let name = node.get("name").filter(|name| name.text().is_some_and(is_name))?;
    let found = |form| Some(Tool { name: name.text()?, at: name.span.clone(), form });
    let is_described = node.get("description").and_then(Node::text).is_some_and(|text| !text.is_empty());
    for (key, form) in [("input_schema", "anthropic"), ("inputSchema", "mcp")] {
        if node.get(key).is_some_and(|schema| is_schema(schema) || schema.get("json").is_some_and(is_schema))
        {
            return found(form);
        }
    }
    let above = above.unwrap_or_default();
    // Platforms have functions with a name and a description too; a schema says that it is a model that calls.
    if above == "function"
        && (node
            .get("parameters")
            .is_some_and(|schema| is_schema(schema) || is_empty(schema) || schema.get("$ref").is_some())
            || node.get("strict").is_some_and(|strict| strict.bool().is_some()))
    {
        return found("openai");
    }
    if matches!(above, "functionDeclarations" | "function_declarations") {
        return found("gemini");
    }
    if !is_described {
        return None;
    }
    const TAKES: &[&str] = &["parameters", "params", "arguments", "args_schema", "parametersJsonSchema"];
    let takes = TAKES.iter().chain(&["parameter_definitions"]).find_map(|key| node.get(key))?;
    if is_schema(takes) {
        let is_openai = node.get("type").and_then(Node::text) == Some("function");
        return found(if is_openai { "openai" } else { "declared" });
    }
    // Lists and tables of parameters are in the documentation of every language: that they are of tools must be said.
    let is_among_tools = if above.is_empty() { says_tools } else { speaks_of_tools(above) };
    let is_of_tools = is_among_tools || node.entries().iter().any(|entry| speaks_of_tools(&entry.key));
    if is_of_tools && are_parameters(takes) { found("declared") } else { None }
}

/// A tool that takes nothing, as OpenAI wraps it: `{type: function, function: {name, description}}`.
pub(crate) fn bare<'t>(node: &'t Node) -> Option<Tool<'t>> {
    let function =
        node.get("function").filter(|_| node.get("type").and_then(Node::text) == Some("function"))?;
    let name = function.get("name").filter(|name| name.text().is_some_and(is_name))?;
    let is_bare = function.get("description").is_some() && function.any(&["parameters", "strict"]).is_none();
    is_bare.then_some(Tool { name: name.text()?, at: name.span.clone(), form: "openai" })
}

/// Whether a file's or a key's name speaks of tools: `default-tool-specs.json`, `toolSpecs`. Functions are in the
/// documentation of every language.
pub(crate) fn speaks_of_tools(name: &str) -> bool {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c.is_ascii_uppercase() || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.iter().any(|word| matches!(word.as_str(), "tool" | "tools" | "toolset" | "toolspecs"))
}

/// Whether a key holds tools that were offered in a record.
pub(crate) fn is_offer(key: &str) -> bool {
    matches!(key, "function" | "functions") || speaks_of_tools(key)
}

/// Whether a record is of a conversation that took place, or of one to learn from: the tools in it were offered then.
pub(crate) fn is_record(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| {
        matches!(
            &*entry.key,
            "messages"
                | "conversations"
                | "conversation"
                | "question"
                | "ground_truth"
                | "trajectory"
                | "query"
        )
    })
}

/// Whether a table is a model's answer that was recorded: it repeats what was offered.
pub(crate) fn is_answer(node: &Node) -> bool {
    let is_kind = |kind: &str| matches!(kind, "response" | "realtime.response" | "chat.completion");
    node.get("object").and_then(Node::text).is_some_and(is_kind)
        || node.get("usage").is_some_and(|usage| !usage.entries().is_empty())
            && node
                .any(&["output", "choices", "candidates"])
                .is_some_and(|answers| answers.scalar().is_none())
}

/// As the services ask for it.
fn is_name(name: &str) -> bool {
    (2..=128).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:".contains(&byte))
        && !name.contains("://")
}

fn is_empty(node: &Node) -> bool {
    matches!(&node.value, Value::Table(entries) if entries.is_empty())
}

/// A JSON Schema of an object.
fn is_schema(node: &Node) -> bool {
    let is_object =
        node.get("type").and_then(Node::text).is_some_and(|text| text.eq_ignore_ascii_case("object"));
    let has_properties = node.get("properties").is_some_and(|properties| {
        properties
            .entries()
            .iter()
            .any(|property| property.node.any(&["type", "description", "enum", "$ref"]).is_some())
    });
    has_properties || is_object && node.get("value").is_none() && node.get("metadata").is_none()
}

/// `[{name, type, description}]`, or a table of parameters by name; a tool may take nothing.
fn are_parameters(node: &Node) -> bool {
    let is_parameter = |node: &Node| node.any(&["type", "description", "required"]).is_some();
    let by_name = |node: &Node| node.get("name").is_some_and(|name| name.text().is_some());
    node.entries().iter().all(|entry| is_parameter(&entry.node))
        && node.items().iter().all(|item| is_parameter(item) && by_name(item))
        && node.scalar().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tools() {
        for yes in ["default-tool-specs", "toolSpecs", "toolName", "MyTools", "tools"] {
            assert!(speaks_of_tools(yes), "{yes}");
        }
        for no in ["tooltip", "toolbars", "function", "functions", "retools", ""] {
            assert!(!speaks_of_tools(no), "{no}");
        }
    }
}
