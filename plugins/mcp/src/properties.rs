//! Java properties as a tree: `spring.ai.mcp.client.stdio.connections.files.command=npx`.

use inventar_documents::lines::{self, Line};
use inventar_documents::{Entry, Node, Value};

/// A longer path is none of ours.
const MAX_PARTS: usize = 16;

/// The properties of a text.
pub fn tree(text: &str) -> Node {
    let mut entries = vec![];
    for line in lines::read(text).iter().filter(|line| !line.is_comment) {
        // Quarkus: `%prod.quarkus.…` is so in one profile.
        let profile = line.name.starts_with('%');
        let path: Vec<&str> = line.name.split('.').skip(usize::from(profile)).collect();
        if path.len() <= MAX_PARTS {
            put(&mut entries, &path, line);
        }
    }
    Node { value: Value::Table(entries), span: 0..text.len() }
}

fn put(entries: &mut Vec<Entry>, path: &[&str], line: &Line<'_>) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        let node = Node { value: value(key, line.value), span: line.value_at.clone() };
        return entries.push(Entry { key: (*key).to_owned(), key_span: line.at.clone(), node });
    }
    let is_table = |entry: &Entry| entry.key == *key && matches!(entry.node.value, Value::Table(_));
    let at = entries.iter().position(is_table).unwrap_or_else(|| {
        let node = Node { value: Value::Table(vec![]), span: line.at.clone() };
        entries.push(Entry { key: (*key).to_owned(), key_span: line.at.clone(), node });
        entries.len() - 1
    });
    if let Value::Table(inner) = &mut entries[at].node.value {
        put(inner, rest, line);
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
