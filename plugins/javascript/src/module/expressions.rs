//! Expressions to nodes.

use super::environment::is_variable;
use super::{Import, ImportId, Kind, MAX_DEPTH, MAX_NODES, NONE, NodeId, Prop, SlotKind, Walk, When};
use inventar_analysis::prompt::may_infill;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, AssignmentExpression, AssignmentTarget, BinaryExpression,
    BinaryOperator, CallExpression, ChainElement, Expression, LogicalOperator, MemberExpression,
    ObjectExpression, ObjectPropertyKind, PropertyKey, StringLiteral, TSType, TSTypeAnnotation, TSTypeName,
    TemplateLiteral,
};
use oxc_span::{GetSpan, Span};

impl<'a> Walk<'a> {
    pub(super) fn expression(&mut self, expression: &Expression<'a>) -> NodeId {
        if self.depth >= MAX_DEPTH || self.module.nodes.len() >= MAX_NODES {
            self.module.cut = true;
            return self.push(Kind::Other, expression.span());
        }
        self.depth += 1;
        let id = self.lower(expression);
        self.depth -= 1;
        id
    }

    fn lower(&mut self, expression: &Expression<'a>) -> NodeId {
        let at = expression.span();
        match expression {
            Expression::StringLiteral(node) => self.literal(node),
            Expression::TemplateLiteral(node) => self.template(node),
            Expression::Identifier(node) => self.push(Kind::Name(node.name.as_str()), at),
            Expression::NumericLiteral(node) => self.push(Kind::Number(node.value), at),
            Expression::ThisExpression(_) => self.push(Kind::This, at),
            Expression::ImportMeta(_) => self.push(Kind::Name("import.meta"), at),
            Expression::AwaitExpression(node) => self.expression(&node.argument),
            Expression::ParenthesizedExpression(node) => self.expression(&node.expression),
            Expression::TSAsExpression(node) => self.expression(&node.expression),
            Expression::TSSatisfiesExpression(node) => self.expression(&node.expression),
            Expression::TSTypeAssertion(node) => self.expression(&node.expression),
            Expression::TSNonNullExpression(node) => self.expression(&node.expression),
            Expression::TSInstantiationExpression(node) => self.expression(&node.expression),
            Expression::CallExpression(node) => self.call(node),
            Expression::NewExpression(node) => self.call_of(&node.callee, &node.arguments, true, at),
            Expression::ImportExpression(node) => match &node.source {
                Expression::StringLiteral(module) => self.late_import(module.value.as_str(), at),
                other => {
                    self.expression(other);
                    self.push(Kind::Other, at)
                }
            },
            Expression::ChainExpression(node) => match &node.expression {
                ChainElement::CallExpression(call) => self.call(call),
                ChainElement::TSNonNullExpression(inner) => self.expression(&inner.expression),
                other => match other.as_member_expression() {
                    Some(member) => self.member_expression(member),
                    None => self.push(Kind::Other, at),
                },
            },
            Expression::ObjectExpression(node) => self.object(node),
            Expression::ArrayExpression(node) => {
                let id = self.push(Kind::Other, at);
                let before = std::mem::replace(&mut self.parent, id);
                let items: Vec<NodeId> = node.elements.iter().map(|element| self.element(element)).collect();
                self.parent = before;
                let list = self.list(&items);
                self.set(id, Kind::Array(list));
                self.row(|module| &mut module.arrays, id);
                id
            }
            Expression::FunctionExpression(node) => self.function(node),
            Expression::ArrowFunctionExpression(node) => self.arrow(node),
            Expression::ClassExpression(node) => self.class(node),
            Expression::AssignmentExpression(node) => self.assignment(node),
            Expression::LogicalExpression(node) => {
                let id = self.push(Kind::Other, at);
                let before = std::mem::replace(&mut self.parent, id);
                let (left, right) = (self.expression(&node.left), self.expression(&node.right));
                self.parent = before;
                let kind = match node.operator {
                    LogicalOperator::And => Kind::Then(right),
                    LogicalOperator::Or | LogicalOperator::Coalesce => Kind::Or(left, right),
                };
                self.set(id, kind);
                id
            }
            Expression::ConditionalExpression(node) => {
                let id = self.push(Kind::Other, at);
                let before = std::mem::replace(&mut self.parent, id);
                self.expression(&node.test);
                let (yes, no) = (self.expression(&node.consequent), self.expression(&node.alternate));
                self.parent = before;
                self.set(id, Kind::Or(yes, no));
                id
            }
            Expression::BinaryExpression(node) => self.binary(node),
            Expression::SequenceExpression(node) => {
                let mut last = NONE;
                for expression in &node.expressions {
                    last = self.expression(expression);
                }
                if last == NONE { self.push(Kind::Other, at) } else { last }
            }
            Expression::TaggedTemplateExpression(node) => {
                let id = self.push(Kind::Other, at);
                let before = std::mem::replace(&mut self.parent, id);
                let tag = self.expression(&node.tag);
                let text = self.template(&node.quasi);
                self.parent = before;
                self.set(id, Kind::Tagged(tag, text));
                id
            }
            Expression::UnaryExpression(node) => {
                self.expression(&node.argument);
                self.push(Kind::Other, at)
            }
            Expression::YieldExpression(node) => {
                node.argument.iter().for_each(|argument| {
                    self.expression(argument);
                });
                self.push(Kind::Other, at)
            }
            Expression::JSXElement(node) => self.jsx(node),
            Expression::JSXFragment(node) => {
                self.children(&node.children);
                self.push(Kind::Other, at)
            }
            other => match other.as_member_expression() {
                Some(member) => self.member_expression(member),
                None => self.push(Kind::Other, at),
            },
        }
    }

    pub(super) fn literal(&mut self, node: &StringLiteral<'a>) -> NodeId {
        self.text(node.value.as_str(), node.span)
    }

    fn text(&mut self, text: &'a str, at: Span) -> NodeId {
        let id = self.push(Kind::Text(text), at);
        if opens_prompt(text) {
            self.row(|module| &mut module.openings, id);
        }
        if may_infill(text) {
            self.row(|module| &mut module.infills, id);
        }
        if (2..=160).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.row(|module| &mut module.literals, id);
        }
        id
    }

    fn template(&mut self, node: &TemplateLiteral<'a>) -> NodeId {
        let quasi = |at: usize| {
            let quasi = &node.quasis[at];
            (quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw).as_str(), quasi.span)
        };
        if node.expressions.is_empty() && node.quasis.len() == 1 {
            return self.text(quasi(0).0, node.span);
        }
        let id = self.push(Kind::Other, node.span);
        let before = std::mem::replace(&mut self.parent, id);
        let mut parts = Vec::with_capacity(node.quasis.len() * 2);
        for at in 0..node.quasis.len() {
            let (text, span) = quasi(at);
            if !text.is_empty() {
                parts.push(self.push(Kind::Text(text), span));
                if at == 0 && opens_prompt(text) {
                    self.row(|module| &mut module.openings, id);
                }
                if may_infill(text) {
                    self.row(|module| &mut module.infills, id);
                }
                if at == 0 && text.starts_with("http") {
                    self.row(|module| &mut module.urls, id);
                }
            }
            if let Some(expression) = node.expressions.get(at) {
                parts.push(self.expression(expression));
            }
        }
        self.parent = before;
        let list = self.list(&parts);
        self.set(id, Kind::Template(list));
        id
    }

    fn element(&mut self, element: &ArrayExpressionElement<'a>) -> NodeId {
        match element {
            ArrayExpressionElement::SpreadElement(spread) => self.spread(&spread.argument, spread.span),
            ArrayExpressionElement::Elision(hole) => self.push(Kind::Other, hole.span),
            other => match other.as_expression() {
                Some(expression) => self.expression(expression),
                None => self.push(Kind::Other, other.span()),
            },
        }
    }

    fn spread(&mut self, argument: &Expression<'a>, at: Span) -> NodeId {
        let id = self.push(Kind::Other, at);
        let before = std::mem::replace(&mut self.parent, id);
        let value = self.expression(argument);
        self.parent = before;
        self.set(id, Kind::Spread(value));
        id
    }

    fn call(&mut self, node: &CallExpression<'a>) -> NodeId {
        if let Expression::Identifier(callee) = &node.callee
            && callee.name == "require"
            && let [Argument::StringLiteral(module)] = node.arguments.as_slice()
        {
            return self.late_import(module.value.as_str(), node.span);
        }
        self.call_of(&node.callee, &node.arguments, false, node.span)
    }

    fn call_of(
        &mut self,
        callee: &Expression<'a>,
        arguments: &[Argument<'a>],
        new: bool,
        at: Span,
    ) -> NodeId {
        let id = self.push(Kind::Other, at);
        let before = std::mem::replace(&mut self.parent, id);
        let callee = self.expression(callee);
        let items: Vec<NodeId> = arguments
            .iter()
            .map(|argument| match argument {
                Argument::SpreadElement(spread) => self.spread(&spread.argument, spread.span),
                other => match other.as_expression() {
                    Some(expression) => self.expression(expression),
                    None => self.push(Kind::Other, other.span()),
                },
            })
            .collect();
        self.parent = before;
        let arguments = self.list(&items);
        self.set(id, Kind::Call { callee, arguments, new });
        if let Some(last) = self.module.last_part(callee) {
            // `id.includes("…")`: looked for, as by a comparison.
            if matches!(last, "includes" | "startsWith" | "endsWith" | "indexOf") {
                self.module.compared.extend(items.iter().copied());
            }
            self.module.calls_of.entry(last).or_default().push(id);
        }
        // `Deno.env.get("NAME")`, `getEnv("NAME")`.
        if let Some(name) = items.first().and_then(|first| self.module.text(*first))
            && is_variable(name)
            && self.reads_environment(callee)
        {
            self.module.variables.push((name, id));
        }
        self.row(|module| &mut module.calls, id);
        id
    }

    /// `require("…")`, `import("…")`.
    fn late_import(&mut self, module: &'a str, at: Span) -> NodeId {
        let when = if self.guarded || self.module.function_of(self.scope).is_some() {
            When::Maybe
        } else {
            When::Always
        };
        let id = self.module.imports.len() as ImportId;
        let module = specifier(module);
        self.module.imports.push(Import { module, name: None, bound: "", at, when });
        self.push(Kind::Import(id), at)
    }

    fn member_expression(&mut self, member: &MemberExpression<'a>) -> NodeId {
        let at = member.span();
        let id = self.push(Kind::Other, at);
        let before = std::mem::replace(&mut self.parent, id);
        let kind = match member {
            MemberExpression::StaticMemberExpression(node) => {
                Kind::Member(self.expression(&node.object), node.property.name.as_str())
            }
            MemberExpression::PrivateFieldExpression(node) => {
                Kind::Member(self.expression(&node.object), node.field.name.as_str())
            }
            MemberExpression::ComputedMemberExpression(node) => {
                let object = self.expression(&node.object);
                match &node.expression {
                    Expression::StringLiteral(key) => Kind::Member(object, key.value.as_str()),
                    other => Kind::Index(object, self.expression(other)),
                }
            }
        };
        self.parent = before;
        self.set(id, kind);
        if let Kind::Member(object, name) = kind {
            self.variable(object, name, id);
        }
        id
    }

    fn object(&mut self, node: &ObjectExpression<'a>) -> NodeId {
        let id = self.push(Kind::Other, node.span);
        let before = std::mem::replace(&mut self.parent, id);
        let mut props = Vec::with_capacity(node.properties.len());
        for property in &node.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let key = self.module.nodes.len() as NodeId;
                    let name = self.key(&property.key, property.computed);
                    let value = self.expression(&property.value);
                    if matches!(property.key, PropertyKey::StringLiteral(_)) {
                        self.module.keys.insert(key, value);
                    }
                    let at = property.key.span();
                    if let Some(name) = name {
                        self.named(name, at, value, SlotKind::Member(id));
                    }
                    props.push(Prop { name, at, value, spread: false });
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let value = self.expression(&spread.argument);
                    props.push(Prop { name: None, at: spread.span, value, spread: true });
                }
            }
        }
        self.parent = before;
        let list = self.prop_list(&props);
        self.set(id, Kind::Object(list));
        self.row(|module| &mut module.objects, id);
        id
    }

    /// The name of a member, if the source says it.
    pub(super) fn key(&mut self, key: &PropertyKey<'a>, computed: bool) -> Option<&'a str> {
        match key {
            PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
            PropertyKey::PrivateIdentifier(name) => Some(name.name.as_str()),
            PropertyKey::StringLiteral(text) => {
                // Keys are literals too: tables of models have them.
                self.literal(text);
                Some(text.value.as_str())
            }
            other if computed => {
                if let Some(expression) = other.as_expression() {
                    self.expression(expression);
                }
                None
            }
            _ => None,
        }
    }

    fn binary(&mut self, node: &BinaryExpression<'a>) -> NodeId {
        let id = self.push(Kind::Other, node.span);
        let before = std::mem::replace(&mut self.parent, id);
        if node.operator == BinaryOperator::Addition {
            // Left-deep chains are flattened: a prompt of two hundred lines is one text.
            let mut parts = vec![&node.right];
            let mut left = &node.left;
            loop {
                match left {
                    Expression::BinaryExpression(inner) if inner.operator == BinaryOperator::Addition => {
                        parts.push(&inner.right);
                        left = &inner.left;
                    }
                    Expression::ParenthesizedExpression(inner) => left = &inner.expression,
                    _ => break,
                }
            }
            parts.push(left);
            let parts: Vec<NodeId> = parts.into_iter().rev().map(|part| self.expression(part)).collect();
            let list = self.list(&parts);
            self.set(id, Kind::Sum(list));
        } else {
            let (left, right) = (self.expression(&node.left), self.expression(&node.right));
            if node.operator.is_compare()
                || node.operator.is_equality()
                || node.operator == BinaryOperator::In
            {
                self.module.compared.extend([left, right]);
            }
        }
        self.parent = before;
        id
    }

    fn assignment(&mut self, node: &AssignmentExpression<'a>) -> NodeId {
        let value = self.expression(&node.right);
        match &node.left {
            AssignmentTarget::AssignmentTargetIdentifier(name) => {
                let appends = node.operator == oxc_ast::ast::AssignmentOperator::Addition;
                if !appends {
                    // Where the name lives, if that is known yet.
                    let (name, at) = (name.name.as_str(), name.span);
                    self.assign_to(name, value);
                    self.named(name, at, value, SlotKind::Assign);
                }
            }
            target => {
                if let Some(target) = target.as_simple_assignment_target()
                    && let Some(member) = target.as_member_expression()
                {
                    let target = self.member_expression(member);
                    self.assign_member(target, value, member.span());
                }
            }
        }
        value
    }

    fn assign_to(&mut self, name: &'a str, value: NodeId) {
        let mut scope = Some(self.scope);
        while let Some(at) = scope {
            let here = &mut self.module.scopes[at as usize];
            if let Some(defs) = here.names.get_mut(name) {
                if defs.len() < 12 {
                    defs.push(value);
                }
                return;
            }
            scope = here.parent;
        }
        self.bind(name, value);
    }

    fn assign_member(&mut self, target: NodeId, value: NodeId, at: Span) {
        let Kind::Member(object, name) = self.module.kind(target) else { return };
        match self.module.kind(object) {
            Kind::This => {
                if let Some(class) = self.module.class_of(self.scope) {
                    let values = self.module.classes[class as usize].attrs.entry(name).or_default();
                    if values.len() < 8 {
                        values.push(value);
                    }
                }
            }
            // `module.exports = …`, `exports.name = …`.
            Kind::Name("module") if name == "exports" => return self.export_all(value),
            Kind::Name("exports") => self.export(name, value),
            Kind::Member(base, "exports") if matches!(self.module.kind(base), Kind::Name("module")) => {
                self.export(name, value);
            }
            _ => {}
        }
        self.named(name, at, value, SlotKind::Assign);
    }

    /// The name of a type, as a node: `OpenAI`, `OpenAI | null`, `ns.Client`.
    pub(super) fn annotation(&mut self, annotation: &TSTypeAnnotation<'a>) -> Option<NodeId> {
        let named = |kind: &TSType<'a>| match kind {
            TSType::TSTypeReference(reference) => Some(match &reference.type_name {
                TSTypeName::IdentifierReference(name) => (name.name.as_str(), None, name.span),
                TSTypeName::QualifiedName(name) => match &name.left {
                    TSTypeName::IdentifierReference(left) => {
                        (left.name.as_str(), Some(name.right.name.as_str()), name.span)
                    }
                    _ => return None,
                },
                TSTypeName::ThisExpression(_) => return None,
            }),
            _ => None,
        };
        let (name, member, at) = match &annotation.type_annotation {
            TSType::TSUnionType(union) => union.types.iter().find_map(named),
            other => named(other),
        }?;
        let id = self.push(Kind::Name(name), at);
        Some(match member {
            Some(member) => self.push(Kind::Member(id, member), at),
            None => id,
        })
    }
}

/// `You are a …`: only a look at the first words.
fn opens_prompt(text: &str) -> bool {
    let text = text.trim_start();
    text.len() >= 30
        && [
            "You are a ",
            "You are an ",
            "You are the ",
            "You're a ",
            "You're an ",
            "Act as a",
            "You will be given",
        ]
        .iter()
        .any(|front| text.starts_with(front))
}

/// The package that a specifier names: `npm:openai@4`, `https://esm.sh/openai@4` and `openai` are one.
pub(super) fn specifier(module: &str) -> &str {
    const FRONTS: &[&str] = &[
        "npm:",
        "node:",
        "jsr:",
        "https://esm.sh/",
        "https://cdn.skypack.dev/",
        "https://unpkg.com/",
        "https://cdn.jsdelivr.net/npm/",
        "https://deno.land/x/",
    ];
    let Some(rest) = FRONTS.iter().find_map(|front| module.strip_prefix(front)) else { return module };
    match rest.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => &rest[..at],
        None => rest,
    }
}
