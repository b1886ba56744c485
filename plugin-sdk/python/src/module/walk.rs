//! The walk that fills the tables.

use super::{
    Call, Class, ClassId, Def, Function, FunctionId, Import, ImportId, Literal, MAX_ROWS, Module, Pick,
    Scope, ScopeId, ScopeKind, Slot, SlotKind, When, last_part,
};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;
use rustc_hash::FxHashMap;

/// Fills the tables of an empty module.
pub(super) fn walk<'a>(module: Module<'a>, tree: &'a ast::ModModule) -> Module<'a> {
    let mut walk =
        Walk { module, scope: 0, when: When::Always, in_function: false, literal: Stand::default() };
    walk.body(&tree.body);
    walk.module
}

struct Walk<'a> {
    module: Module<'a>,
    scope: ScopeId,
    when: When,
    in_function: bool,
    /// How the next literal stands: as the key of a value, as an argument.
    literal: Stand<'a>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stand<'a> {
    key_of: Option<&'a Expr>,
    argument_of: Option<&'a ast::ExprCall>,
}

impl<'a> Walk<'a> {
    fn body(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            self.visit_stmt(stmt);
        }
    }

    fn open(&mut self, kind: ScopeKind) -> ScopeId {
        let id = self.module.scopes.len() as ScopeId;
        self.module.scopes.push(Scope { kind, parent: Some(self.scope), names: FxHashMap::default() });
        id
    }

    fn bind(&mut self, name: &'a str, def: Def<'a>) {
        let defs = self.module.scopes[self.scope as usize].names.entry(name).or_default();
        // A name that is bound over and over says nothing more.
        if defs.len() < 12 {
            defs.push(def);
        }
    }

    fn slot(&mut self, name: &'a str, value: &'a Expr, kind: SlotKind<'a>) {
        if self.module.slots.len() < MAX_ROWS {
            self.module.slots.push(Slot { name, value, scope: self.scope, kind });
        }
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr, pick: Pick) {
        match target {
            Expr::Name(name) => {
                self.bind(&name.id, Def::Value(value, self.scope, pick));
                if let ScopeKind::Class(class) = self.module.scopes[self.scope as usize].kind
                    && pick == Pick::Whole
                {
                    self.attr(class, &name.id, value);
                }
                self.named(&name.id, value, pick);
            }
            Expr::Attribute(attribute) => {
                if pick == Pick::Whole
                    && let Expr::Name(base) = &*attribute.value
                    && matches!(base.id.as_str(), "self" | "cls")
                    && let Some(class) = self.module.class_of(self.scope)
                {
                    self.attr(class, &attribute.attr, value);
                }
                self.named(&attribute.attr, value, pick);
            }
            Expr::Subscript(subscript) => {
                if let Expr::StringLiteral(key) = &*subscript.slice {
                    self.named(key.value.to_str(), value, pick);
                }
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                let values = match value {
                    Expr::Tuple(tuple) if tuple.elts.len() == elts.len() && pick == Pick::Whole => {
                        Some(&tuple.elts)
                    }
                    _ => None,
                };
                for (at, target) in elts.iter().enumerate() {
                    match values {
                        Some(values) => self.assign(target, &values[at], Pick::Whole),
                        None if pick == Pick::Whole => self.assign(target, value, Pick::Item(at as u32)),
                        None => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn attr(&mut self, class: ClassId, name: &'a str, value: &'a Expr) {
        let values = self.module.classes[class as usize].attrs.entry(name).or_default();
        if values.len() < 8 {
            values.push((value, self.scope));
        }
    }

    fn named(&mut self, name: &'a str, value: &'a Expr, pick: Pick) {
        if pick == Pick::Whole {
            self.slot(name, value, SlotKind::Assign);
            self.module.targets.insert(value.range(), name);
            if let Expr::Await(inner) = value {
                self.module.targets.insert(inner.value.range(), name);
            }
        }
    }

    fn import(&mut self, module: &'a str, level: u32, alias: &'a ast::Alias, from: bool) {
        let name = from.then(|| alias.name.as_str());
        let whole = if from { module } else { alias.name.as_str() };
        // `import a.b` binds `a`.
        let bound = match (&alias.asname, from) {
            (Some(asname), _) => asname.as_str(),
            (None, true) => alias.name.as_str(),
            (None, false) => whole.split('.').next().unwrap_or(whole),
        };
        let id = self.module.imports.len() as ImportId;
        if name == Some("*") {
            self.module.stars.push(id);
        }
        let global = !self.in_function;
        let when = self.when;
        self.module.imports.push(Import {
            module: whole,
            level,
            name,
            bound,
            range: alias.range,
            when,
            global,
        });
        self.bind(bound, Def::Import(id));
    }

    fn under(&mut self, when: When, body: &'a [Stmt]) {
        let before = self.when;
        self.when = before.max(when);
        self.body(body);
        self.when = before;
    }

    fn function(&mut self, node: &'a ast::StmtFunctionDef) {
        let id = self.module.functions.len() as FunctionId;
        let class = match self.module.scopes[self.scope as usize].kind {
            ScopeKind::Class(class) => Some(class),
            _ => None,
        };
        self.bind(&node.name.id, Def::Function(id));
        for decorator in &node.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        let params: Vec<(&ast::Parameter, Option<&Expr>)> = node
            .parameters
            .iter_non_variadic_params()
            .map(|param| (&param.parameter, param.default()))
            .collect();
        for (param, default) in &params {
            if let Some(default) = default {
                self.slot(&param.name.id, default, SlotKind::Default);
                self.visit_expr(default);
            }
        }
        self.module.functions.push(Function { node, outer: self.scope, class, returns: vec![], params });
        let outer = self.scope;
        self.scope = self.open(ScopeKind::Function(id));
        let before = (std::mem::replace(&mut self.in_function, true), self.when);
        for at in 0..self.module.functions[id as usize].params.len() {
            let name = self.module.functions[id as usize].params[at].0.name.id.as_str();
            self.bind(name, Def::Param(id, at as u32));
        }
        self.body(&node.body);
        (self.in_function, self.when) = before;
        self.scope = outer;
    }

    fn class(&mut self, node: &'a ast::StmtClassDef) {
        let id = self.module.classes.len() as ClassId;
        self.bind(&node.name.id, Def::Class(id));
        for decorator in &node.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        if let Some(arguments) = &node.arguments {
            self.visit_arguments(arguments);
        }
        let outer = self.scope;
        let scope = self.open(ScopeKind::Class(id));
        self.module.classes.push(Class { node, scope, outer, attrs: FxHashMap::default() });
        self.scope = scope;
        self.body(&node.body);
        self.scope = outer;
    }

    fn literal(&mut self, node: &'a ast::ExprStringLiteral) {
        let Stand { key_of, argument_of } = self.literal;
        let text = node.value.to_str();
        if (2..=120).contains(&text.len())
            && self.module.literals.len() < MAX_ROWS
            && text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            self.module.literals.push(Literal { node, key_of, argument_of });
        }
    }

    fn items(&mut self, elts: &'a [Expr]) {
        for element in elts {
            self.literal = Stand::default();
            self.visit_expr(element);
        }
        self.literal = Stand::default();
    }
}

/// `typing.TYPE_CHECKING`.
fn is_type_checking(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.id == "TYPE_CHECKING",
        _ => false,
    }
}

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.literal = Stand::default();
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.import("", 0, alias, false);
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    self.import(module, import.level, alias, true);
                }
            }
            Stmt::FunctionDef(node) => self.function(node),
            Stmt::ClassDef(node) => self.class(node),
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.assign(target, &assign.value, Pick::Whole);
                    if let Expr::Subscript(_) = target {
                        self.visit_expr(target);
                    }
                }
                self.visit_expr(&assign.value);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&assign.target, value, Pick::Whole);
                    self.visit_expr(value);
                }
            }
            Stmt::AugAssign(assign) => {
                // `tools += […]` says more of a list; `text += …` only what comes after.
                if let Expr::Name(name) = &*assign.target
                    && assign.value.is_list_expr()
                {
                    self.bind(&name.id, Def::Value(&assign.value, self.scope, Pick::Whole));
                }
                self.visit_expr(&assign.value);
            }
            Stmt::Return(ret) => {
                if let Some(value) = ret.value.as_deref() {
                    if let ScopeKind::Function(function) = self.module.scopes[self.scope as usize].kind {
                        self.module.functions[function as usize].returns.push((value, self.scope));
                    }
                    self.visit_expr(value);
                }
            }
            Stmt::For(node) => {
                self.assign(&node.target, &node.iter, Pick::Each);
                self.visit_expr(&node.iter);
                self.body(&node.body);
                self.body(&node.orelse);
            }
            Stmt::With(node) => {
                for item in &node.items {
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, &item.context_expr, Pick::Whole);
                    }
                    self.visit_expr(&item.context_expr);
                }
                self.body(&node.body);
            }
            Stmt::If(node) => {
                self.visit_expr(&node.test);
                let branch = match is_type_checking(&node.test) {
                    true => When::Typing,
                    // At the top of a module a branch chooses a platform or a version.
                    false if self.in_function => When::Maybe,
                    false => When::Always,
                };
                self.under(branch, &node.body);
                for clause in &node.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                    }
                    let other = if branch == When::Typing { When::Always } else { branch };
                    self.under(other, &clause.body);
                }
            }
            Stmt::Try(node) => {
                let guarded = node.handlers.iter().any(|handler| {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    handler.type_.as_deref().is_none_or(catches_import_errors)
                });
                self.under(if guarded { When::Maybe } else { When::Always }, &node.body);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    self.under(if guarded { When::Maybe } else { When::Always }, &handler.body);
                }
                self.body(&node.orelse);
                self.body(&node.finalbody);
            }
            // A text as a statement is documentation.
            Stmt::Expr(node) if node.value.is_string_literal_expr() => {}
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let how = std::mem::take(&mut self.literal);
        match expr {
            Expr::StringLiteral(node) => {
                self.literal = how;
                self.literal(node);
                self.literal = Stand::default();
            }
            Expr::FString(node) => {
                let start = node.value.elements().next();
                if let Some(ast::InterpolatedStringElement::Literal(start)) = start
                    && start.value.starts_with("http")
                    && self.module.urls.len() < MAX_ROWS
                {
                    self.module.urls.push((expr, self.scope));
                }
                walk_expr(self, expr);
            }
            Expr::Call(node) => {
                if self.module.calls.len() < MAX_ROWS {
                    let at = self.module.calls.len() as u32;
                    if let Some(last) = last_part(&node.func) {
                        let calls = self.module.calls_of.entry(last).or_default();
                        calls.push(at);
                    }
                    self.module.calls.push(Call { node, scope: self.scope });
                }
                self.visit_expr(&node.func);
                for argument in &node.arguments.args {
                    self.literal = Stand { argument_of: Some(node), ..Stand::default() };
                    self.visit_expr(argument);
                }
                self.literal = Stand::default();
                for keyword in &node.arguments.keywords {
                    if let Some(name) = &keyword.arg {
                        self.slot(name.as_str(), &keyword.value, SlotKind::Keyword);
                        self.module.targets.entry(keyword.value.range()).or_insert(name.as_str());
                    }
                    self.visit_expr(&keyword.value);
                }
            }
            Expr::Dict(node) => {
                let mut keyed = false;
                for item in &node.items {
                    if let Some(Expr::StringLiteral(key)) = &item.key {
                        keyed = true;
                        self.slot(key.value.to_str(), &item.value, SlotKind::Member(node));
                        self.module.targets.insert(item.value.range(), key.value.to_str());
                        self.literal = Stand { key_of: Some(&item.value), ..Stand::default() };
                        self.literal(key);
                        self.literal = Stand::default();
                    } else if let Some(key) = &item.key {
                        self.visit_expr(key);
                    }
                    self.visit_expr(&item.value);
                }
                if keyed && self.module.dicts.len() < MAX_ROWS {
                    self.module.dicts.push((node, self.scope));
                }
            }
            Expr::Tuple(node) => {
                if let [Expr::StringLiteral(_), _] = node.elts.as_slice()
                    && self.module.pairs.len() < MAX_ROWS
                {
                    self.module.pairs.push((node, self.scope));
                }
                self.items(&node.elts);
            }
            Expr::List(node) => self.items(&node.elts),
            Expr::Set(node) => self.items(&node.elts),
            Expr::Subscript(node) => {
                if node.slice.is_string_literal_expr() && self.module.subscripts.len() < MAX_ROWS {
                    self.module.subscripts.push((node, self.scope));
                }
                self.visit_expr(&node.value);
                if !node.slice.is_string_literal_expr() {
                    self.visit_expr(&node.slice);
                }
            }
            Expr::Compare(node) => {
                let mut sides = std::iter::once(&*node.left).chain(&node.comparators);
                for side in sides.clone() {
                    self.module.compared.insert(side.range());
                }
                if let (Some(Expr::StringLiteral(text)), Some(container)) = (sides.next(), sides.next())
                    && self.module.contained.len() < MAX_ROWS
                {
                    self.module.contained.push((text, container));
                }
                walk_expr(self, expr);
            }
            Expr::Named(node) => {
                self.assign(&node.target, &node.value, Pick::Whole);
                self.visit_expr(&node.value);
            }
            Expr::ListComp(ast::ExprListComp { generators, .. })
            | Expr::SetComp(ast::ExprSetComp { generators, .. })
            | Expr::Generator(ast::ExprGenerator { generators, .. })
            | Expr::DictComp(ast::ExprDictComp { generators, .. }) => {
                for generator in generators {
                    self.assign(&generator.target, &generator.iter, Pick::Each);
                }
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }
}

/// `except ImportError`, `except (ImportError, …)`, `except Exception`.
fn catches_import_errors(kind: &Expr) -> bool {
    match kind {
        Expr::Tuple(tuple) => tuple.elts.iter().any(catches_import_errors),
        _ => last_part(kind).is_some_and(|name| {
            matches!(name, "ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException")
        }),
    }
}
