//! What a callee is called in its library: `client.chat.completions.create` is `openai.OpenAI.chat.completions.create`
//! when `client = OpenAI()` and `from openai import OpenAI`.

use crate::flow::Flow;
use crate::module::{Def, Pick, ScopeId};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

/// How many names and members one question follows.
const MAX_DEPTH: u8 = 10;

impl<'a> Flow<'_, 'a> {
    /// The dotted path of an expression from the import it comes from; a path that starts with a dot is this
    /// project's. Calls on the way are left out: an instance has the path of its class.
    pub(crate) fn path(&self, expr: &'a Expr, scope: ScopeId) -> Option<String> {
        self.path_at(expr, scope, 0)
    }

    fn path_at(&self, expr: &'a Expr, scope: ScopeId, depth: u8) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        match expr {
            Expr::Name(name) => self.path_of_name(&name.id, expr, scope, depth),
            Expr::Attribute(attribute) => {
                if let Expr::Name(base) = &*attribute.value
                    && matches!(base.id.as_str(), "self" | "cls")
                    && let Some(class) = self.module.class_of(scope)
                {
                    let values = self.module.classes[class as usize].attrs.get(attribute.attr.as_str());
                    let values = values.into_iter().flatten();
                    return values.filter_map(|(value, of)| self.path_at(value, *of, depth + 1)).next();
                }
                let mut path = self.path_at(&attribute.value, scope, depth + 1)?;
                path.push('.');
                path.push_str(&attribute.attr);
                (path.len() < 400).then_some(path)
            }
            Expr::Call(call) => self.path_at(&call.func, scope, depth + 1),
            Expr::Await(node) => self.path_at(&node.value, scope, depth + 1),
            Expr::Named(node) => self.path_at(&node.value, scope, depth + 1),
            Expr::If(node) => self
                .path_at(&node.body, scope, depth + 1)
                .or_else(|| self.path_at(&node.orelse, scope, depth + 1)),
            Expr::BoolOp(node) => {
                node.values.iter().rev().find_map(|value| self.path_at(value, scope, depth + 1))
            }
            // `Agent[Context](…)`; what a dictionary holds under a key is another thing.
            Expr::Subscript(node) if !node.slice.is_literal_expr() => {
                self.path_at(&node.value, scope, depth + 1)
            }
            _ => None,
        }
    }

    fn path_of_name(&self, name: &str, expr: &'a Expr, scope: ScopeId, depth: u8) -> Option<String> {
        let mut best: Option<String> = None;
        let Some(defs) = self.defs(name, scope) else { return self.path_of_star(name) };
        for def in defs.iter().rev() {
            let path = match *def {
                Def::Import(import) => {
                    let import = &self.module.imports[import as usize];
                    let mut path = ".".repeat(import.level.min(8) as usize);
                    match import.name {
                        Some(name) if import.module.is_empty() => path.push_str(name),
                        Some(name) => {
                            path.push_str(import.module);
                            path.push('.');
                            path.push_str(name);
                        }
                        // `import a.b` binds `a`; `import a.b as c` binds all of it.
                        None if import.module.starts_with(import.bound)
                            && import.module[import.bound.len()..].starts_with('.') =>
                        {
                            path.push_str(import.bound);
                        }
                        None => path.push_str(import.module),
                    }
                    Some(path)
                }
                Def::Value(value, of, Pick::Whole) if value.range() != expr.range() => {
                    self.path_at(value, of, depth + 1)
                }
                Def::Param(function, at) => {
                    let info = &self.module.functions[function as usize];
                    let (param, default) = info.params.get(at as usize)?;
                    let annotation = param.annotation.as_deref().and_then(named_type);
                    annotation
                        .and_then(|annotation| self.path_at(annotation, info.outer, depth + 1))
                        .or_else(|| default.and_then(|default| self.path_at(default, info.outer, depth + 1)))
                }
                // An instance of a local class is known by the library class it extends.
                Def::Class(class) => {
                    let info = &self.module.classes[class as usize];
                    info.node.bases().iter().find_map(|base| self.path_at(base, info.outer, depth + 1))
                }
                _ => None,
            };
            if path.as_ref().is_some_and(|path| !path.starts_with('.')) {
                return path;
            }
            best = best.or(path);
        }
        best
    }
}

impl Flow<'_, '_> {
    /// A name that is bound nowhere is of the library whose names were all imported.
    fn path_of_star(&self, name: &str) -> Option<String> {
        let stars = self.module.stars.iter().map(|star| &self.module.imports[*star as usize]);
        let mut libraries = stars.filter(|import| {
            import.level == 0 && inventar_catalogue::import("python", import.module).is_some()
        });
        libraries.next().map(|import| format!("{}.{name}", import.module))
    }
}

/// The class in `X`, `X | None`, `Optional[X]`, `Annotated[X, …]`.
fn named_type(annotation: &Expr) -> Option<&Expr> {
    match annotation {
        Expr::Name(_) | Expr::Attribute(_) => Some(annotation),
        Expr::BinOp(ast::ExprBinOp { left, right, .. }) => {
            named_type(if left.is_none_literal_expr() { right } else { left })
        }
        Expr::Subscript(node) => match crate::module::last_part(&node.value) {
            Some("Optional" | "Annotated" | "Union" | "type" | "Type") => match &*node.slice {
                Expr::Tuple(tuple) => tuple.elts.first().and_then(named_type),
                other => named_type(other),
            },
            _ => named_type(&node.value),
        },
        _ => None,
    }
}
