//! One walk over the syntax tree, which leaves tables behind: scopes and what their names are bound to, classes,
//! functions, imports, calls, dictionaries, literals, and the *slots*, places whose name says what stands there.
//!
//! It knows Python and nothing of AI. Everything later reads these tables, so a file is walked once.

mod walk;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) type ScopeId = u32;
pub(crate) type FunctionId = u32;
pub(crate) type ClassId = u32;
pub(crate) type ImportId = u32;

/// Everything that a file says, in tables.
#[derive(Debug)]
pub(crate) struct Module<'a> {
    pub(crate) scopes: Vec<Scope<'a>>,
    pub(crate) functions: Vec<Function<'a>>,
    pub(crate) classes: Vec<Class<'a>>,
    pub(crate) imports: Vec<Import<'a>>,
    /// `from module import *`: any name that is bound nowhere else may be of these.
    pub(crate) stars: Vec<ImportId>,
    pub(crate) calls: Vec<Call<'a>>,
    /// Dictionaries with at least one text as key.
    pub(crate) dicts: Vec<(&'a ast::ExprDict, ScopeId)>,
    /// `("system", …)`.
    pub(crate) pairs: Vec<(&'a ast::ExprTuple, ScopeId)>,
    pub(crate) subscripts: Vec<(&'a ast::ExprSubscript, ScopeId)>,
    pub(crate) literals: Vec<Literal<'a>>,
    /// `f"https://…/{id}"`.
    pub(crate) urls: Vec<(&'a Expr, ScopeId)>,
    pub(crate) slots: Vec<Slot<'a>>,
    /// The name that a value is given: `x = Agent()`, `{"x": Agent()}`, `x=Agent()`.
    pub(crate) targets: FxHashMap<TextRange, &'a str>,
    /// Calls by the last part of what is called.
    pub(crate) calls_of: FxHashMap<&'a str, Vec<u32>>,
    /// What is compared with: `if x == "…"`, `"…" in x`.
    pub(crate) compared: FxHashSet<TextRange>,
    /// `"X" in os.environ`: the text and the container.
    pub(crate) contained: Vec<(&'a ast::ExprStringLiteral, &'a Expr)>,
}

/// Where names live.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) kind: ScopeKind,
    pub(crate) parent: Option<ScopeId>,
    pub(crate) names: FxHashMap<&'a str, Vec<Def<'a>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class(ClassId),
    Function(FunctionId),
}

/// What a name is bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Def<'a> {
    Import(ImportId),
    Value(&'a Expr, ScopeId, Pick),
    Param(FunctionId, u32),
    Function(FunctionId),
    Class(ClassId),
}

/// Which part of a value a name gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    Whole,
    /// `a, b = value`.
    Item(u32),
    /// `for a in value`.
    Each,
}

#[derive(Debug)]
pub(crate) struct Function<'a> {
    pub(crate) node: &'a ast::StmtFunctionDef,
    /// Where it is defined.
    pub(crate) outer: ScopeId,
    pub(crate) class: Option<ClassId>,
    pub(crate) returns: Vec<(&'a Expr, ScopeId)>,
    pub(crate) params: Vec<(&'a ast::Parameter, Option<&'a Expr>)>,
}

#[derive(Debug)]
pub(crate) struct Class<'a> {
    pub(crate) node: &'a ast::StmtClassDef,
    pub(crate) scope: ScopeId,
    pub(crate) outer: ScopeId,
    /// `name = …` in its body and `self.name = …` in its methods.
    pub(crate) attrs: FxHashMap<&'a str, Vec<(&'a Expr, ScopeId)>>,
}

#[derive(Debug)]
pub(crate) struct Import<'a> {
    /// `a.b`; empty in `from . import x`.
    pub(crate) module: &'a str,
    /// Leading dots.
    pub(crate) level: u32,
    /// `from module import name`; none for `import module`.
    pub(crate) name: Option<&'a str>,
    /// What it is bound to here.
    pub(crate) bound: &'a str,
    pub(crate) range: TextRange,
    pub(crate) when: When,
    /// At the top of the module or in a class; not in a function.
    pub(crate) global: bool,
}

/// On what an import depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    /// It runs with the module or the function.
    Always,
    /// In a branch of a function, or where its failure is caught.
    Maybe,
    /// For type checkers only.
    Typing,
}

#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) node: &'a ast::ExprCall,
    pub(crate) scope: ScopeId,
}

#[derive(Debug)]
pub(crate) struct Literal<'a> {
    pub(crate) node: &'a ast::ExprStringLiteral,
    /// A key of a dictionary, with its value.
    pub(crate) key_of: Option<&'a Expr>,
    /// A positional argument of a call.
    pub(crate) argument_of: Option<&'a ast::ExprCall>,
}

/// A place with a name and a value: an assignment, a keyword, a default, a member.
#[derive(Debug)]
pub(crate) struct Slot<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a Expr,
    pub(crate) scope: ScopeId,
    pub(crate) kind: SlotKind<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum SlotKind<'a> {
    Assign,
    Keyword,
    Default,
    Member(&'a ast::ExprDict),
}

/// Files with more than this many calls, literals or slots are read up to there.
const MAX_ROWS: usize = 60_000;

impl<'a> Module<'a> {
    /// Walks a parsed module.
    pub(crate) fn of(tree: &'a ast::ModModule) -> Self {
        let module = Module {
            scopes: vec![Scope { kind: ScopeKind::Module, parent: None, names: FxHashMap::default() }],
            functions: vec![],
            classes: vec![],
            imports: vec![],
            stars: vec![],
            calls: vec![],
            dicts: vec![],
            pairs: vec![],
            subscripts: vec![],
            literals: vec![],
            urls: vec![],
            slots: vec![],
            targets: FxHashMap::default(),
            calls_of: FxHashMap::default(),
            compared: FxHashSet::default(),
            contained: vec![],
        };
        walk::walk(module, tree)
    }

    /// Whether a table is full, so that something was left out.
    pub(crate) fn is_cut(&self) -> bool {
        self.calls.len() >= MAX_ROWS || self.literals.len() >= MAX_ROWS || self.slots.len() >= MAX_ROWS
    }

    /// The function around a scope, and the class around that.
    pub(crate) fn function_of(&self, mut scope: ScopeId) -> Option<FunctionId> {
        loop {
            match self.scopes[scope as usize].kind {
                ScopeKind::Function(function) => return Some(function),
                ScopeKind::Module => return None,
                ScopeKind::Class(_) => scope = self.scopes[scope as usize].parent?,
            }
        }
    }

    /// The nearest class around a scope.
    pub(crate) fn class_of(&self, mut scope: ScopeId) -> Option<ClassId> {
        loop {
            match self.scopes[scope as usize].kind {
                ScopeKind::Class(class) => return Some(class),
                _ => scope = self.scopes[scope as usize].parent?,
            }
        }
    }
}

/// `c` of `a.b.c` and of `c`.
pub(crate) fn last_part(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(&name.id),
        Expr::Attribute(attribute) => Some(&attribute.attr.id),
        Expr::Subscript(subscript) => last_part(&subscript.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_imports_run() {
        let text = "import a\nfrom . import b as c\nif TYPE_CHECKING:\n import d\nelse:\n import e\ntry:\n import f\nexcept ImportError:\n import g\ndef x():\n if y:\n  import h\n";
        let parsed = crate::source::parse(text);
        let module = Module::of(parsed.syntax());
        let seen: Vec<(&str, When, bool)> =
            module.imports.iter().map(|import| (import.bound, import.when, import.global)).collect();
        assert_eq!(
            seen,
            [
                ("a", When::Always, true),
                ("c", When::Always, true),
                ("d", When::Typing, true),
                ("e", When::Always, true),
                ("f", When::Maybe, true),
                ("g", When::Maybe, true),
                ("h", When::Maybe, false),
            ]
        );
    }

    #[test]
    fn attributes_of_a_class() {
        let text = "class A(B):\n    model = 'm'\n    def __init__(self, key='k'):\n        self.key = key\n";
        let parsed = crate::source::parse(text);
        let module = Module::of(parsed.syntax());
        let mut names: Vec<&str> = module.classes[0].attrs.keys().copied().collect();
        names.sort_unstable();
        assert_eq!(names, ["key", "model"]);
        assert_eq!(module.functions[0].params.len(), 2);
        assert_eq!(module.slots.iter().map(|slot| slot.name).collect::<Vec<_>>(), ["model", "key", "key"]);
    }
}
