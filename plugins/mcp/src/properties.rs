//! Java properties as a tree: `spring.ai.mcp.client.stdio.connections.files.command=npx`.

use inventar_documents::lines::{self, Line};
use inventar_documents::{Entry, Node, Value};
use std::collections::HashMap;

/// A longer path is none of ours.
const MAX_PARTS: usize = 16;

/// The properties of a text.
pub fn tree(text: &str) -> Node {
    let mut root = Table::default();
    for line in lines::read(text).iter().filter(|line| !line.is_comment) {
        let path: Vec<&str> = line.bare_name().split('.').collect();
        if path.len() <= MAX_PARTS {
            root.put(&path, line);
        }
    }
    Node { value: Value::Table(root.entries()), span: 0..text.len() }
}

/// A table that is being filled: its entries in order, and where each of its tables is.
#[derive(Default)]
struct Table<'t> {
    members: Vec<(Entry, Option<Table<'t>>)>,
    tables: HashMap<&'t str, usize>,
}

impl<'t> Table<'t> {
    fn put(&mut self, path: &[&'t str], line: &Line<'t>) {
        let Some((key, rest)) = path.split_first() else { return };
        let entry = |value, span| Entry {
            key: (*key).to_owned(),
            key_span: line.at.clone(),
            node: Node { value, span },
        };
        if rest.is_empty() {
            return self.members.push((entry(value(key, line.value), line.value_at.clone()), None));
        }
        let at = *self.tables.entry(key).or_insert_with(|| {
            self.members.push((entry(Value::Nothing, line.at.clone()), Some(Table::default())));
            self.members.len() - 1
        });
        if let Some(inner) = &mut self.members[at].1 {
            inner.put(rest, line);
        }
    }

    fn entries(self) -> Vec<Entry> {
        let filled = |(mut entry, table): (Entry, Option<Table<'_>>)| {
            if let Some(table) = table {
                entry.node.value = Value::Table(table.entries());
            }
            entry
        };
        self.members.into_iter().map(filled).collect()
    }
}

/// A program and its arguments are a list.
fn value(key: &str, text: &str) -> Value {
    let item = |text: &str| Node { value: Value::Text(text.trim().to_owned()), span: 0..0 };
    if matches!(key, "command" | "args" | "arguments") && text.contains(',') {
        Value::List(text.split(',').take(200).map(item).collect())
    } else {
        Value::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::tree;

    #[test]
    fn paths_become_tables() {
        let text = "a.b.command=npx,-y,x\n%prod.a.b.url=u\n#a.c=1\na.b=2\n";
        let root = tree(text);
        let b = root.get("a").and_then(|a| a.entries().iter().find(|entry| entry.key == "b")).unwrap();
        assert_eq!(b.node.get("command").unwrap().scalars(), ["npx", "-y", "x"]);
        assert_eq!(b.node.get("url").unwrap().text(), Some("u"));
        assert!(root.get("a").unwrap().get("c").is_none());
        let deep = "a.".repeat(500) + "b=1";
        assert!(tree(&deep).entries().is_empty());
    }
}
