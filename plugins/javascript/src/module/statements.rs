//! Statements: scopes, bindings, functions, imports and exports.

use super::{
    Export, Exported, Function, FunctionId, Import, ImportId, Kind, NONE, NodeId, Param, Prop, ScopeKind,
    SlotKind, Walk, When,
};
use oxc_ast::ast::{
    self, ArrowFunctionBody, ArrowFunctionExpression, Declaration, ExportDefaultDeclarationKind,
    ForStatementInit, ForStatementLeft, FormalParameters, ImportDeclarationSpecifier, ImportOrExportKind,
    ModuleDeclaration, ModuleExportName, Statement, TSEnumMemberName, TSModuleReference, VariableDeclaration,
};
use oxc_span::Span;

impl<'a> Walk<'a> {
    fn statements(&mut self, statements: &[Statement<'a>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn block(&mut self, statements: &[Statement<'a>]) {
        let outer = self.open(ScopeKind::Block);
        self.statements(statements);
        self.scope = outer;
    }

    pub(super) fn statement(&mut self, statement: &Statement<'a>) {
        if self.depth >= super::MAX_DEPTH {
            self.module.cut = true;
            return;
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.parent, NONE);
        self.statement_inside(statement);
        self.parent = before;
        self.depth -= 1;
    }

    fn statement_inside(&mut self, statement: &Statement<'a>) {
        match statement {
            Statement::BlockStatement(node) => self.block(&node.body),
            Statement::ExpressionStatement(node) => {
                // A text as a statement is a directive or nothing.
                if !matches!(node.expression, ast::Expression::StringLiteral(_)) {
                    self.expression(&node.expression);
                }
            }
            Statement::IfStatement(node) => {
                self.expression(&node.test);
                self.statement(&node.consequent);
                if let Some(alternate) = &node.alternate {
                    self.statement(alternate);
                }
            }
            Statement::ReturnStatement(node) => {
                if let Some(argument) = &node.argument {
                    let value = self.expression(argument);
                    self.returned(value);
                }
            }
            Statement::SwitchStatement(node) => {
                self.expression(&node.discriminant);
                let outer = self.open(ScopeKind::Block);
                for case in &node.cases {
                    if let Some(test) = &case.test {
                        let test = self.expression(test);
                        self.module.compared.insert(test);
                    }
                    self.statements(&case.consequent);
                }
                self.scope = outer;
            }
            Statement::ForStatement(node) => {
                let outer = self.open(ScopeKind::Block);
                match &node.init {
                    Some(ForStatementInit::VariableDeclaration(declaration)) => self.variables(declaration),
                    Some(other) => {
                        if let Some(expression) = other.as_expression() {
                            self.expression(expression);
                        }
                    }
                    None => {}
                }
                for expression in node.test.iter().chain(&node.update) {
                    self.expression(expression);
                }
                self.statement(&node.body);
                self.scope = outer;
            }
            Statement::ForOfStatement(node) => self.for_each(&node.left, &node.right, &node.body, node.span),
            Statement::ForInStatement(node) => self.for_each(&node.left, &node.right, &node.body, node.span),
            Statement::WhileStatement(node) => {
                self.expression(&node.test);
                self.statement(&node.body);
            }
            Statement::DoWhileStatement(node) => {
                self.statement(&node.body);
                self.expression(&node.test);
            }
            Statement::LabeledStatement(node) => self.statement(&node.body),
            Statement::ThrowStatement(node) => {
                self.expression(&node.argument);
            }
            Statement::TryStatement(node) => {
                let before = std::mem::replace(&mut self.guarded, node.handler.is_some());
                self.block(&node.block.body);
                self.guarded = before;
                if let Some(handler) = &node.handler {
                    self.block(&handler.body.body);
                }
                if let Some(finalizer) = &node.finalizer {
                    self.block(&finalizer.body);
                }
            }
            other => {
                if let Some(declaration) = other.as_declaration() {
                    self.declaration(declaration, false);
                } else if let Some(declaration) = other.as_module_declaration() {
                    self.module_declaration(declaration);
                }
            }
        }
    }

    fn for_each(
        &mut self,
        left: &ForStatementLeft<'a>,
        right: &ast::Expression<'a>,
        body: &Statement<'a>,
        at: Span,
    ) {
        let outer = self.open(ScopeKind::Block);
        let values = self.expression(right);
        let each = self.push(Kind::Each(values), at);
        if let ForStatementLeft::VariableDeclaration(declaration) = left {
            for declarator in &declaration.declarations {
                self.pattern(&declarator.id, each, 0);
            }
        }
        self.statement(body);
        self.scope = outer;
    }

    pub(super) fn returned(&mut self, value: NodeId) {
        if let Some(function) = self.module.function_of(self.scope) {
            let returns = &mut self.module.functions[function as usize].returns;
            if returns.len() < 24 {
                returns.push(value);
            }
        }
    }

    fn variables(&mut self, node: &VariableDeclaration<'a>) {
        for declarator in &node.declarations {
            let value = match &declarator.init {
                Some(init) => self.expression(init),
                None => match declarator.type_annotation.as_ref().and_then(|kind| self.annotation(kind)) {
                    // `let client: OpenAI;` says what it will be.
                    Some(_) | None => self.push(Kind::Other, declarator.span),
                },
            };
            self.pattern(&declarator.id, value, 0);
        }
    }

    fn declaration(&mut self, declaration: &Declaration<'a>, exported: bool) {
        match declaration {
            Declaration::VariableDeclaration(node) => {
                self.variables(node);
                if exported {
                    for declarator in &node.declarations {
                        self.export_names(&declarator.id);
                    }
                }
            }
            Declaration::FunctionDeclaration(node) => {
                let value = self.function(node);
                if let Some(id) = &node.id {
                    self.bind(id.name.as_str(), value);
                    if exported {
                        self.export_local(id.name.as_str());
                    }
                }
            }
            Declaration::ClassDeclaration(node) => {
                self.class(node);
                if let Some(id) = &node.id
                    && exported
                {
                    self.export_local(id.name.as_str());
                }
            }
            Declaration::TSEnumDeclaration(node) => {
                let id = self.push(Kind::Other, node.span);
                let before = std::mem::replace(&mut self.parent, id);
                let mut props = Vec::new();
                for member in &node.body.members {
                    let (name, at) = match &member.id {
                        TSEnumMemberName::Identifier(name) => (name.name.as_str(), name.span),
                        TSEnumMemberName::String(name) | TSEnumMemberName::ComputedString(name) => {
                            (name.value.as_str(), name.span)
                        }
                        TSEnumMemberName::ComputedTemplateString(_) => continue,
                    };
                    if let Some(value) = &member.initializer {
                        let value = self.expression(value);
                        self.named(name, at, value, SlotKind::Member(id));
                        props.push(Prop { name: Some(name), at, value, spread: false });
                    }
                }
                self.parent = before;
                let list = self.prop_list(&props);
                self.set(id, Kind::Object(list));
                self.row(|module| &mut module.objects, id);
                self.bind(node.id.name.as_str(), id);
                self.module.targets.insert(id, node.id.name.as_str());
                if exported {
                    self.export_local(node.id.name.as_str());
                }
            }
            Declaration::TSImportEqualsDeclaration(node) => {
                if let TSModuleReference::ExternalModuleReference(reference) = &node.module_reference {
                    let when = kind_of(node.import_kind);
                    let bound = node.id.name.as_str();
                    self.import(reference.expression.value.as_str(), None, bound, node.span, when);
                }
            }
            Declaration::TSNamespaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_)
            | Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_) => {}
        }
    }

    fn module_declaration(&mut self, declaration: &ModuleDeclaration<'a>) {
        match declaration {
            ModuleDeclaration::ImportDeclaration(node) => {
                let (module, when) = (node.source.value.as_str(), kind_of(node.import_kind));
                let Some(specifiers) = &node.specifiers else {
                    self.import(module, None, "", node.span, when);
                    return;
                };
                for specifier in specifiers {
                    match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            let when = when.max(kind_of(one.import_kind));
                            let name = export_name(&one.imported);
                            self.import(module, Some(name), one.local.name.as_str(), node.span, when);
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                            self.import(module, Some("default"), one.local.name.as_str(), node.span, when);
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                            self.import(module, None, one.local.name.as_str(), node.span, when);
                        }
                    }
                }
            }
            ModuleDeclaration::ExportAllDeclaration(node) => {
                let module = node.source.value.as_str();
                self.module.stars.push((module, node.exported.as_ref().map(export_name)));
                let when = kind_of(node.export_kind);
                self.import(module, None, "", node.span, when);
            }
            ModuleDeclaration::ExportFromDeclaration(node) => {
                let module = node.source.value.as_str();
                for specifier in &node.specifiers {
                    let when = kind_of(node.export_kind).max(kind_of(specifier.export_kind));
                    let name = export_name(&specifier.local);
                    let value = self.import(module, Some(name), "", node.span, when);
                    self.export(export_name(&specifier.exported), value);
                }
            }
            ModuleDeclaration::ExportNamedDeclaration(node) => {
                for specifier in &node.specifiers {
                    let local = export_name(&specifier.local);
                    let value = Exported::Local(local);
                    self.module.exports.push(Export { name: export_name(&specifier.exported), value });
                }
            }
            ModuleDeclaration::ExportDeclaration(node) => self.declaration(&node.declaration, true),
            ModuleDeclaration::ExportDefaultDeclaration(node) => match &node.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(node) => {
                    let value = self.function(node);
                    if let Some(id) = &node.id {
                        self.bind(id.name.as_str(), value);
                    }
                    self.export("default", value);
                }
                ExportDefaultDeclarationKind::ClassDeclaration(node) => {
                    let value = self.class(node);
                    self.export("default", value);
                }
                other => {
                    if let Some(expression) = other.as_expression() {
                        let value = self.expression(expression);
                        self.export("default", value);
                    }
                }
            },
            ModuleDeclaration::TSExportAssignment(node) => {
                let value = self.expression(&node.expression);
                self.export_all(value);
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
        }
    }

    fn import(
        &mut self,
        module: &'a str,
        name: Option<&'a str>,
        bound: &'a str,
        at: Span,
        when: When,
    ) -> NodeId {
        let id = self.module.imports.len() as ImportId;
        let module = super::expressions::specifier(module);
        self.module.imports.push(Import { module, name, bound, at, when });
        let value = self.push(Kind::Import(id), at);
        if !bound.is_empty() {
            self.bind(bound, value);
        }
        value
    }

    pub(super) fn export(&mut self, name: &'a str, value: NodeId) {
        if self.module.exports.len() < 2_000 {
            self.module.exports.push(Export { name, value: Exported::Value(value) });
        }
    }

    fn export_local(&mut self, name: &'a str) {
        if self.module.exports.len() < 2_000 {
            self.module.exports.push(Export { name, value: Exported::Local(name) });
        }
    }

    /// `module.exports = { a, b }`.
    pub(super) fn export_all(&mut self, value: NodeId) {
        self.export("default", value);
        for prop in self.module.members(value).to_vec() {
            if let Some(name) = prop.name {
                self.export(name, prop.value);
            }
        }
    }

    fn export_names(&mut self, pattern: &ast::BindingPattern<'a>) {
        match pattern {
            ast::BindingPattern::BindingIdentifier(name) => self.export_local(name.name.as_str()),
            ast::BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    self.export_names(&property.value);
                }
            }
            ast::BindingPattern::ArrayPattern(array) => {
                for item in array.elements.iter().flatten() {
                    self.export_names(item);
                }
            }
            ast::BindingPattern::AssignmentPattern(node) => self.export_names(&node.left),
        }
    }

    pub(super) fn function(&mut self, node: &ast::Function<'a>) -> NodeId {
        let name = node.id.as_ref().map(|id| (id.name.as_str(), id.span));
        let (id, outer) = self.open_function(name, node.span);
        self.params(id, &node.params);
        if let Some(body) = &node.body {
            self.statements(&body.statements);
        }
        self.close_function(id, outer, node.span)
    }

    pub(super) fn arrow(&mut self, node: &ArrowFunctionExpression<'a>) -> NodeId {
        let (id, outer) = self.open_function(None, node.span);
        self.params(id, &node.params);
        match &node.body {
            ArrowFunctionBody::FunctionBody(body) => self.statements(&body.statements),
            other => {
                if let Some(expression) = other.as_expression() {
                    let value = self.expression(expression);
                    self.returned(value);
                }
            }
        }
        self.close_function(id, outer, node.span)
    }

    /// Opens a function with its scope; the scope and parent around it come back for [`Self::close_function`].
    fn open_function(
        &mut self,
        name: Option<(&'a str, Span)>,
        at: Span,
    ) -> (FunctionId, (super::ScopeId, NodeId, bool)) {
        let id = self.module.functions.len() as FunctionId;
        let class = match self.module.scopes[self.scope as usize].kind {
            ScopeKind::Class(class) => Some(class),
            _ => None,
        };
        self.module.functions.push(Function {
            name: name.map(|(name, _)| name),
            name_at: name.map_or(at, |(_, name_at)| name_at),
            at,
            outer: self.scope,
            class,
            returns: vec![],
            params: vec![],
        });
        let outer = self.open(ScopeKind::Function(id));
        (id, (outer, std::mem::replace(&mut self.parent, NONE), std::mem::replace(&mut self.guarded, false)))
    }

    fn close_function(&mut self, id: FunctionId, outer: (super::ScopeId, NodeId, bool), at: Span) -> NodeId {
        (self.scope, self.parent, self.guarded) = outer;
        self.push(Kind::Function(id), at)
    }

    fn params(&mut self, function: FunctionId, params: &FormalParameters<'a>) {
        for (at, item) in params.items.iter().enumerate() {
            let mut value = self.push(Kind::Param(function, at as u32), item.span);
            let name = match &item.pattern {
                ast::BindingPattern::BindingIdentifier(name) => Some(name.name.as_str()),
                _ => None,
            };
            let annotation = item.type_annotation.as_ref().and_then(|kind| self.annotation(kind));
            let default = item.initializer.as_ref().map(|default| self.expression(default));
            if let Some(default) = default {
                match name {
                    Some(name) => self.named(name, item.span, default, SlotKind::Default),
                    None => value = self.or_default(value, default, item.span),
                }
            }
            self.module.functions[function as usize].params.push(Param { default, annotation });
            self.pattern(&item.pattern, value, 0);
            // `constructor(private readonly client: OpenAI)` makes a field.
            if (item.accessibility.is_some() || item.readonly)
                && let (Some(name), Some(class)) = (name, self.module.functions[function as usize].class)
            {
                let class = &mut self.module.classes[class as usize];
                class.attrs.entry(name).or_default().push(value);
                if let Some(annotation) = annotation {
                    class.types.insert(name, annotation);
                }
            }
        }
    }
}

fn kind_of(kind: ImportOrExportKind) -> When {
    match kind {
        ImportOrExportKind::Value => When::Always,
        ImportOrExportKind::Type => When::Typing,
    }
}

fn export_name<'a>(name: &ModuleExportName<'a>) -> &'a str {
    match name {
        ModuleExportName::IdentifierName(name) => name.name.as_str(),
        ModuleExportName::IdentifierReference(name) => name.name.as_str(),
        ModuleExportName::StringLiteral(text) => text.value.as_str(),
    }
}
