//! JSX: an element is a call with named arguments.

use super::{Kind, MAX_DEPTH, NodeId, Prop, SlotKind, Walk};
use oxc_ast::ast::{
    JSXAttributeItem, JSXAttributeName, JSXAttributeValue, JSXChild, JSXElement, JSXElementName,
    JSXExpression,
};
use oxc_span::GetSpan;

impl<'a> Walk<'a> {
    pub(super) fn jsx(&mut self, node: &JSXElement<'a>) -> NodeId {
        let at = node.opening_element.span;
        if self.depth >= MAX_DEPTH {
            self.module.cut = true;
            return self.push(Kind::Other, at);
        }
        self.depth += 1;
        let id = self.push(Kind::Other, at);
        let before = std::mem::replace(&mut self.parent, id);
        let name = match &node.opening_element.name {
            JSXElementName::IdentifierReference(name) => name.name.as_str(),
            JSXElementName::Identifier(name) => name.name.as_str(),
            JSXElementName::MemberExpression(member) => member.property.name.as_str(),
            _ => "",
        };
        let name = self.push(Kind::Name(name), node.opening_element.name.span());
        let mut props = Vec::new();
        for attribute in &node.opening_element.attributes {
            match attribute {
                JSXAttributeItem::SpreadAttribute(spread) => {
                    let value = self.expression(&spread.argument);
                    props.push(Prop { name: None, at: spread.span, value, spread: true });
                }
                JSXAttributeItem::Attribute(attribute) => {
                    let JSXAttributeName::Identifier(name) = &attribute.name else { continue };
                    let value = match &attribute.value {
                        Some(JSXAttributeValue::StringLiteral(text)) => self.literal(text),
                        Some(JSXAttributeValue::ExpressionContainer(container)) => {
                            match container.expression.as_expression() {
                                Some(expression) => self.expression(expression),
                                None => continue,
                            }
                        }
                        Some(JSXAttributeValue::Element(element)) => self.jsx(element),
                        _ => continue,
                    };
                    let name = name.name.as_str();
                    self.named(name, attribute.span, value, SlotKind::Member(id));
                    props.push(Prop { name: Some(name), at: attribute.span, value, spread: false });
                }
            }
        }
        let list = self.prop_list(&props);
        self.set(id, Kind::Element(name, list));
        self.row(|module| &mut module.elements, id);
        self.children(&node.children);
        self.parent = before;
        self.depth -= 1;
        id
    }

    pub(super) fn children(&mut self, children: &[JSXChild<'a>]) {
        for child in children {
            match child {
                JSXChild::Element(element) => {
                    self.jsx(element);
                }
                JSXChild::Fragment(fragment) if self.depth < MAX_DEPTH => {
                    self.depth += 1;
                    self.children(&fragment.children);
                    self.depth -= 1;
                }
                JSXChild::ExpressionContainer(container) => {
                    if !matches!(container.expression, JSXExpression::EmptyExpression(_))
                        && let Some(expression) = container.expression.as_expression()
                    {
                        self.expression(expression);
                    }
                }
                JSXChild::Spread(spread) => {
                    self.expression(&spread.expression);
                }
                JSXChild::Text(_) | JSXChild::Fragment(_) => {}
            }
        }
    }
}
