//! Classes: fields, methods, what they extend and what decorates them.

use super::{Class, ClassId, FunctionId, Kind, NodeId, ScopeKind, SlotKind, Walk};
use oxc_ast::ast::{self, ClassElement, Decorator};
use oxc_span::GetSpan;
use rustc_hash::FxHashMap;

impl<'a> Walk<'a> {
    pub(super) fn class(&mut self, node: &ast::Class<'a>) -> NodeId {
        let id = self.module.classes.len() as ClassId;
        let value = self.push(Kind::Class(id), node.span);
        let extends = node.heritage.as_ref().map(|heritage| self.expression(&heritage.expression));
        let name = node.id.as_ref().map_or("", |id| id.name.as_str());
        if !name.is_empty() {
            self.bind(name, value);
        }
        self.module.classes.push(Class {
            name,
            name_at: node.id.as_ref().map_or(node.span, |id| id.span),
            at: node.span,
            extends,
            is_abstract: node.r#abstract,
            attrs: FxHashMap::default(),
            types: FxHashMap::default(),
            methods: FxHashMap::default(),
            decorators: vec![],
        });
        self.decorators(id, &node.decorators, None);
        let outer = self.open(ScopeKind::Class(id));
        for element in &node.body.body {
            self.class_element(id, element);
        }
        self.scope = outer;
        value
    }

    fn class_element(&mut self, class: ClassId, element: &ClassElement<'a>) {
        match element {
            ClassElement::MethodDefinition(method) => {
                let name = self.key(&method.key, method.computed);
                let value = self.function(&method.value);
                let Kind::Function(function) = self.module.kind(value) else { return };
                if let Some(name) = name {
                    let info = &mut self.module.functions[function as usize];
                    info.name.get_or_insert(name);
                    info.name_at = method.key.span();
                    self.module.classes[class as usize].methods.entry(name).or_insert(function);
                }
                self.decorators(class, &method.decorators, Some(function));
            }
            ClassElement::PropertyDefinition(field) => {
                let Some(name) = self.key(&field.key, field.computed) else { return };
                if let Some(annotation) = &field.type_annotation
                    && let Some(annotation) = self.annotation(annotation)
                {
                    self.module.classes[class as usize].types.insert(name, annotation);
                }
                let Some(value) = &field.value else { return };
                let value = self.expression(value);
                self.named(name, field.key.span(), value, SlotKind::Assign);
                if let Kind::Function(function) = self.module.kind(value) {
                    self.module.classes[class as usize].methods.entry(name).or_insert(function);
                } else {
                    let values = self.module.classes[class as usize].attrs.entry(name).or_default();
                    values.push(value);
                }
            }
            ClassElement::StaticBlock(block) => {
                for statement in &block.body {
                    self.statement(statement);
                }
            }
            ClassElement::AccessorProperty(_) | ClassElement::TSIndexSignature(_) => {}
        }
    }

    fn decorators(&mut self, class: ClassId, decorators: &[Decorator<'a>], function: Option<FunctionId>) {
        for decorator in decorators {
            let value = self.expression(&decorator.expression);
            self.module.classes[class as usize].decorators.push((value, function));
        }
    }
}
