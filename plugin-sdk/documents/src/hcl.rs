//! HCL: a block becomes a table below its type and labels, as in Terraform's own JSON form.

use crate::tree::{Entry, Node, Value};
use crate::{Broken, MAX_DEPTH};
use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::parser;
use hcl_edit::structure::{Block, Body, Structure};
use std::ops::Range;

pub(super) fn parse(text: &str) -> Result<Node, Broken> {
    let body = parser::parse_body(text).map_err(|error| {
        let at = error.location().offset().min(text.len());
        let why = error.message().trim().replace('\n', "; ");
        Broken { at, why: if why.is_empty() { "unexpected text".to_owned() } else { why } }
    })?;
    Tree { text }.body(&body, 0..text.len(), 0)
}

struct Tree<'t> {
    text: &'t str,
}

impl Tree<'_> {
    fn body(&self, body: &Body, span: Range<usize>, depth: usize) -> Result<Node, Broken> {
        if depth > MAX_DEPTH {
            return Err(Broken { at: span.start, why: "nested too deeply".into() });
        }
        let entry = |structure: &Structure| match structure {
            Structure::Attribute(attribute) => Ok(Entry {
                key: attribute.key.as_str().to_owned(),
                key_span: attribute.key.span().unwrap_or_default(),
                node: self.expression(&attribute.value, depth + 1)?,
            }),
            Structure::Block(block) => self.block(block, depth + 1),
        };
        let entries = body.iter().map(entry).collect::<Result<_, Broken>>()?;
        Ok(Node { value: Value::Table(entries), span })
    }

    /// `resource "a" "b" { … }` is `resource: {a: {b: {…}}}`.
    fn block(&self, block: &Block, depth: usize) -> Result<Entry, Broken> {
        let span = block.span().unwrap_or_default();
        let mut node = self.body(&block.body, span.clone(), depth)?;
        for label in block.labels.iter().rev() {
            let entry = Entry {
                key: label.as_str().to_owned(),
                key_span: label.span().unwrap_or_else(|| span.clone()),
                node,
            };
            node = Node { value: Value::Table(vec![entry]), span: span.clone() };
        }
        Ok(Entry { key: block.ident.as_str().to_owned(), key_span: block.ident.span().unwrap_or(span), node })
    }

    fn expression(&self, expression: &Expression, depth: usize) -> Result<Node, Broken> {
        let span = expression.span().unwrap_or_default();
        if depth > MAX_DEPTH {
            return Err(Broken { at: span.start, why: "nested too deeply".into() });
        }
        let source = || self.text.get(span.clone()).unwrap_or_default();
        let list = |items: Vec<&Expression>| {
            items.into_iter().map(|item| self.expression(item, depth + 1)).collect::<Result<_, _>>()
        };
        let value = match expression {
            Expression::Bool(yes) => Value::Bool(**yes),
            Expression::Number(number) => Value::Number(number.to_string()),
            Expression::String(text) => Value::Text(text.as_str().to_owned()),
            // What is filled in at run time stays as it is written.
            Expression::StringTemplate(_) => Value::Text(source().trim_matches('"').to_owned()),
            Expression::HeredocTemplate(_) => Value::Text(heredoc(source())),
            Expression::Array(array) => Value::List(list(array.iter().collect())?),
            Expression::Object(object) => {
                let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    let key_span = key.span().unwrap_or_default();
                    let key = match key {
                        ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                        ObjectKey::Expression(Expression::String(text)) => text.as_str().to_owned(),
                        ObjectKey::Expression(_) => {
                            self.text.get(key_span.clone()).unwrap_or_default().trim().to_owned()
                        }
                    };
                    Ok(Entry { key, key_span, node: self.expression(value.expr(), depth + 1)? })
                };
                Value::Table(object.iter().map(entry).collect::<Result<_, Broken>>()?)
            }
            Expression::Parenthesis(inner) => return self.expression(inner.inner(), depth + 1),
            // `jsonencode({…})` says what its argument says; `merge(a, b)` both.
            Expression::FuncCall(call) => {
                let arguments: Vec<&Expression> = call.args.iter().collect();
                match arguments[..] {
                    [only] => return self.expression(only, depth + 1),
                    _ => Value::List(list(arguments)?),
                }
            }
            Expression::Conditional(choice) => {
                Value::List(list(vec![&choice.true_expr, &choice.false_expr])?)
            }
            _ => Value::Nothing,
        };
        Ok(Node { value, span })
    }
}

/// The lines between the markers.
fn heredoc(source: &str) -> String {
    let inner = source.split_once('\n').map_or("", |(_, rest)| rest);
    inner.trim_end().rsplit_once('\n').map_or(String::new(), |(lines, _)| lines.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'n>(node: &'n Node, path: &str) -> &'n Node {
        path.split('.').fold(node, |node, key| node.get(key).unwrap_or_else(|| panic!("{key} of {path}")))
    }

    #[test]
    fn terraform() {
        let text = "resource \"aws_bedrockagent_agent\" \"a\" {\n  foundation_model = \"m\"\n  count = var.x ? 1 : 0\n  t = \"x-${var.y}\"\n  doc = jsonencode({ \"image\" = \"i\", env = [{ name = \"N\" }] })\n  text = <<-EOT\n    one\n    two\n  EOT\n}\n";
        let root = parse(text).unwrap();
        let agent = at(&root, "resource.aws_bedrockagent_agent.a");
        assert_eq!(at(agent, "foundation_model").text(), Some("m"));
        assert_eq!(at(agent, "t").text(), Some("x-${var.y}"));
        assert_eq!(at(agent, "doc.image").text(), Some("i"));
        assert_eq!(at(at(agent, "doc.env").items().first().unwrap(), "name").text(), Some("N"));
        assert_eq!(at(agent, "count").scalars(), ["1", "0"]);
        assert_eq!(at(agent, "text").text(), Some("    one\n    two"));
    }
}
