//! Destructuring to members: `const { a: b = "c" } = d` binds `b` to `d.a`, or else `"c"`.

use super::{Kind, NodeId, SlotKind, Walk};
use oxc_ast::ast::{BindingPattern, ObjectPattern};
use oxc_span::{GetSpan, Span};

impl<'a> Walk<'a> {
    /// Binds the names of a pattern to parts of a value.
    pub(super) fn pattern(&mut self, pattern: &BindingPattern<'a>, value: NodeId, depth: u32) {
        if depth > 20 {
            return;
        }
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                self.bind(name.name.as_str(), value);
                match self.module.kind(value) {
                    // `const { model } = config` names nothing anew.
                    Kind::Member(..) | Kind::Item(..) | Kind::Param(..) | Kind::Import(_) => {}
                    _ => self.named(name.name.as_str(), name.span, value, SlotKind::Assign),
                }
            }
            BindingPattern::ObjectPattern(object) => self.object_pattern(object, value, depth),
            BindingPattern::ArrayPattern(array) => {
                for (at, item) in array.elements.iter().enumerate() {
                    if let Some(item) = item {
                        let part = self.push(Kind::Item(value, at as u32), item.span());
                        self.pattern(item, part, depth + 1);
                    }
                }
            }
            BindingPattern::AssignmentPattern(node) => {
                let default = self.expression(&node.right);
                let both = self.or_default(value, default, node.span);
                if let BindingPattern::BindingIdentifier(name) = &node.left {
                    self.bind(name.name.as_str(), both);
                    self.named(name.name.as_str(), name.span, default, SlotKind::Default);
                } else {
                    self.pattern(&node.left, both, depth + 1);
                }
            }
        }
    }

    pub(super) fn or_default(&mut self, value: NodeId, default: NodeId, at: Span) -> NodeId {
        self.push(Kind::Or(value, default), at)
    }

    fn object_pattern(&mut self, object: &ObjectPattern<'a>, value: NodeId, depth: u32) {
        for property in &object.properties {
            let part = match self.key(&property.key, property.computed) {
                Some(name) => {
                    let id = self.push(Kind::Member(value, name), property.key.span());
                    self.variable(value, name, id);
                    id
                }
                None => self.push(Kind::Other, property.span),
            };
            self.pattern(&property.value, part, depth + 1);
        }
        if let Some(rest) = &object.rest {
            self.pattern(&rest.argument, value, depth + 1);
        }
    }
}
