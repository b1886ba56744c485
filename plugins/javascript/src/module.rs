//! The tables that one walk over a syntax tree leaves behind.
//!
//! The tree of the parser has a type for every form of syntax. What is asked later is asked of values, wherever they
//! stand, so the walk writes them into one table of [`Node`]s: casts, parentheses and `await` are gone, destructuring has
//! become member access, `a ?? b` and `a || b` are the same. A node is known by its place in the table.

mod classes;
mod elements;
mod environment;
mod expressions;
mod patterns;
mod statements;

use oxc_ast::ast::Program;
use oxc_span::Span;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) type NodeId = u32;
pub(crate) type ScopeId = u32;
pub(crate) type FunctionId = u32;
pub(crate) type ClassId = u32;
pub(crate) type ImportId = u32;

/// No node: the parent of a statement.
pub(crate) const NONE: NodeId = NodeId::MAX;

/// What a file says, as far as it matters.
#[derive(Debug)]
pub(crate) struct Module<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    lists: Vec<NodeId>,
    props: Vec<Prop<'a>>,
    /// The first is the module itself.
    pub(crate) scopes: Vec<Scope<'a>>,
    pub(crate) functions: Vec<Function<'a>>,
    pub(crate) classes: Vec<Class<'a>>,
    pub(crate) imports: Vec<Import<'a>>,
    pub(crate) exports: Vec<Export<'a>>,
    /// `export * from "…"`, `export * as name from "…"`.
    pub(crate) stars: Vec<(&'a str, Option<&'a str>)>,
    pub(crate) calls: Vec<NodeId>,
    /// Calls by the last part of what is called.
    pub(crate) calls_of: FxHashMap<&'a str, Vec<NodeId>>,
    pub(crate) objects: Vec<NodeId>,
    pub(crate) arrays: Vec<NodeId>,
    pub(crate) elements: Vec<NodeId>,
    /// Short texts: ids, URLs, names.
    pub(crate) literals: Vec<NodeId>,
    /// `https://…/${id}`.
    pub(crate) urls: Vec<NodeId>,
    pub(crate) slots: Vec<Slot<'a>>,
    /// The name that a value is given: `x = new Agent()`, `{ x: new Agent() }`.
    pub(crate) targets: FxHashMap<NodeId, &'a str>,
    /// What is compared with: `a === "…"`, `case "…":`.
    pub(crate) compared: FxHashSet<NodeId>,
    /// Texts that open like an instruction to a model.
    pub(crate) openings: Vec<NodeId>,
    /// Texts with a mark for where a model of code is to fill something in.
    pub(crate) infills: Vec<NodeId>,
    /// `process.env.NAME` in all its forms.
    pub(crate) variables: Vec<(&'a str, NodeId)>,
    /// `anything.NAME` that is no variable by what it is a member of.
    pub(crate) capitals: Vec<(&'a str, NodeId)>,
    /// Quoted keys of objects, with their values.
    pub(crate) keys: FxHashMap<NodeId, NodeId>,
    cut: bool,
}

/// A value.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) at: Span,
    pub(crate) scope: ScopeId,
    /// The value around it.
    pub(crate) parent: NodeId,
}

/// What it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'a> {
    Text(&'a str),
    /// Texts and values by turns.
    Template(List),
    /// `` tag`…` ``.
    Tagged(NodeId, NodeId),
    Name(&'a str),
    This,
    Member(NodeId, &'a str),
    Index(NodeId, NodeId),
    /// The item of a destructured array.
    Item(NodeId, u32),
    /// `for (const x of …)`.
    Each(NodeId),
    Call {
        callee: NodeId,
        arguments: List,
        new: bool,
    },
    Object(List),
    Array(List),
    Function(FunctionId),
    Class(ClassId),
    Param(FunctionId, u32),
    /// A name of another module.
    Import(ImportId),
    /// `a ?? b`, `a || b`, `c ? a : b`, a default.
    Or(NodeId, NodeId),
    /// The second of two: `a && b`.
    Then(NodeId),
    Sum(List),
    Spread(NodeId),
    /// `<Name a={b}>`.
    Element(NodeId, List),
    Number(f64),
    Other,
}

/// A run of one of the tables of lists.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct List {
    start: u32,
    len: u32,
}

impl List {
    pub(crate) fn len(self) -> usize {
        self.len as usize
    }
}

/// A member of an object, an attribute of an element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prop<'a> {
    /// None for `...value` and for names that only run time knows.
    pub(crate) name: Option<&'a str>,
    pub(crate) at: Span,
    pub(crate) value: NodeId,
    pub(crate) spread: bool,
}

/// Where names live.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) kind: ScopeKind,
    pub(crate) parent: Option<ScopeId>,
    pub(crate) names: FxHashMap<&'a str, Vec<NodeId>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class(ClassId),
    Function(FunctionId),
    Block,
}

#[derive(Debug)]
pub(crate) struct Function<'a> {
    /// Its own, or that of the constant or member it is assigned to.
    pub(crate) name: Option<&'a str>,
    pub(crate) name_at: Span,
    pub(crate) at: Span,
    /// Where it is defined.
    pub(crate) outer: ScopeId,
    pub(crate) class: Option<ClassId>,
    pub(crate) returns: Vec<NodeId>,
    pub(crate) params: Vec<Param>,
}

#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) default: Option<NodeId>,
    /// The name of its type.
    pub(crate) annotation: Option<NodeId>,
}

#[derive(Debug)]
pub(crate) struct Class<'a> {
    pub(crate) name: &'a str,
    pub(crate) name_at: Span,
    pub(crate) at: Span,
    pub(crate) extends: Option<NodeId>,
    pub(crate) is_abstract: bool,
    /// Fields, and `this.name = …` in its methods.
    pub(crate) attrs: FxHashMap<&'a str, Vec<NodeId>>,
    /// The types of fields.
    pub(crate) types: FxHashMap<&'a str, NodeId>,
    pub(crate) methods: FxHashMap<&'a str, FunctionId>,
    /// What stands above it and above its members: `@Injectable()`.
    pub(crate) decorators: Vec<(NodeId, Option<FunctionId>)>,
}

#[derive(Debug)]
pub(crate) struct Import<'a> {
    pub(crate) module: &'a str,
    /// None for the module as a whole.
    pub(crate) name: Option<&'a str>,
    /// What it is bound to here; empty when nothing is.
    pub(crate) bound: &'a str,
    pub(crate) at: Span,
    pub(crate) when: When,
}

/// On what an import depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    /// It runs with the module.
    Always,
    /// In a function or where its failure is caught.
    Maybe,
    /// For the compiler only.
    Typing,
}

#[derive(Debug)]
pub(crate) struct Export<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Exported<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Exported<'a> {
    /// A name of the module.
    Local(&'a str),
    Value(NodeId),
}

/// A place with a name and a value: an assignment, a member, a default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: NodeId,
    pub(crate) kind: SlotKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotKind {
    Assign,
    Default,
    /// Of an object or an element.
    Member(NodeId),
}

/// Files with more rows than this in a table are read up to there.
const MAX_ROWS: usize = 60_000;
/// Values of one file.
const MAX_NODES: usize = 1_000_000;

impl<'a> Module<'a> {
    /// Walks a parsed module.
    pub(crate) fn of(program: &Program<'a>) -> Self {
        let module = Module {
            nodes: Vec::with_capacity(1024),
            lists: vec![],
            props: vec![],
            scopes: vec![Scope { kind: ScopeKind::Module, parent: None, names: FxHashMap::default() }],
            functions: vec![],
            classes: vec![],
            imports: vec![],
            exports: vec![],
            stars: vec![],
            calls: vec![],
            calls_of: FxHashMap::default(),
            objects: vec![],
            arrays: vec![],
            elements: vec![],
            literals: vec![],
            urls: vec![],
            slots: vec![],
            targets: FxHashMap::default(),
            compared: FxHashSet::default(),
            openings: vec![],
            infills: vec![],
            variables: vec![],
            capitals: vec![],
            keys: FxHashMap::default(),
            cut: false,
        };
        Walk::new(module).program(program)
    }

    /// Whether something was left out: a full table, nesting.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    pub(crate) fn kind(&self, id: NodeId) -> Kind<'a> {
        self.nodes[id as usize].kind
    }

    pub(crate) fn at(&self, id: NodeId) -> Span {
        self.nodes[id as usize].at
    }

    pub(crate) fn list(&self, list: List) -> &[NodeId] {
        &self.lists[list.start as usize..(list.start + list.len) as usize]
    }

    pub(crate) fn props(&self, list: List) -> &[Prop<'a>] {
        &self.props[list.start as usize..(list.start + list.len) as usize]
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self, object: NodeId) -> &[Prop<'a>] {
        match self.kind(object) {
            Kind::Object(props) | Kind::Element(_, props) => self.props(props),
            _ => &[],
        }
    }

    /// One member of an object.
    pub(crate) fn member(&self, object: NodeId, name: &str) -> Option<NodeId> {
        self.members(object).iter().find(|prop| prop.name == Some(name)).map(|prop| prop.value)
    }

    pub(crate) fn arguments(&self, call: NodeId) -> &[NodeId] {
        match self.kind(call) {
            Kind::Call { arguments, .. } => self.list(arguments),
            _ => &[],
        }
    }

    pub(crate) fn callee(&self, call: NodeId) -> Option<NodeId> {
        match self.kind(call) {
            Kind::Call { callee, .. } => Some(callee),
            _ => None,
        }
    }

    /// A text that stands there itself.
    pub(crate) fn text(&self, id: NodeId) -> Option<&'a str> {
        match self.kind(id) {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `c` of `a.b.c` and of `c`; of `a(…)`, `a`.
    pub(crate) fn last_part(&self, mut id: NodeId) -> Option<&'a str> {
        loop {
            match self.kind(id) {
                Kind::Name(name) | Kind::Member(_, name) => return Some(name),
                Kind::Index(base, _) => id = base,
                Kind::Import(import) => {
                    let import = &self.imports[import as usize];
                    return import.name.or(Some(import.bound));
                }
                _ => return None,
            }
        }
    }

    /// The last part of what a call calls.
    pub(crate) fn called(&self, call: NodeId) -> Option<&'a str> {
        self.last_part(self.callee(call)?)
    }

    /// The function around a scope.
    pub(crate) fn function_of(&self, mut scope: ScopeId) -> Option<FunctionId> {
        loop {
            match self.scopes[scope as usize].kind {
                ScopeKind::Function(function) => return Some(function),
                ScopeKind::Module => return None,
                ScopeKind::Class(_) | ScopeKind::Block => scope = self.scopes[scope as usize].parent?,
            }
        }
    }

    /// The nearest function around a scope that has a name.
    pub(crate) fn named_function_of(&self, mut scope: ScopeId) -> Option<FunctionId> {
        loop {
            let function = self.function_of(scope)?;
            if self.functions[function as usize].name.is_some() {
                return Some(function);
            }
            scope = self.functions[function as usize].outer;
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

    /// What a name is bound to, from the inside out.
    pub(crate) fn defs(&self, name: &str, scope: ScopeId) -> Option<&[NodeId]> {
        let mut at = scope;
        loop {
            let here = &self.scopes[at as usize];
            if let Some(defs) = here.names.get(name) {
                return Some(defs);
            }
            at = here.parent?;
        }
    }

    /// Whether a value is evaluated in no function.
    pub(crate) fn is_top(&self, id: NodeId) -> bool {
        self.function_of(self.node(id).scope).is_none()
    }
}

/// The walk that fills the tables.
struct Walk<'a> {
    module: Module<'a>,
    scope: ScopeId,
    parent: NodeId,
    /// How deep the walk is in the tree.
    depth: u32,
    /// In a `try`: what is imported here may fail.
    guarded: bool,
}

/// Values nested deeper are left out; chains of operators and members reach this, brackets do not.
const MAX_DEPTH: u32 = 300;

impl<'a> Walk<'a> {
    fn new(module: Module<'a>) -> Self {
        Self { module, scope: 0, parent: NONE, depth: 0, guarded: false }
    }

    fn program(mut self, program: &Program<'a>) -> Module<'a> {
        for statement in &program.body {
            self.statement(statement);
        }
        // Asked for by node.
        self.module.variables.sort_unstable_by_key(|(_, node)| *node);
        self.module
    }

    fn push(&mut self, kind: Kind<'a>, at: Span) -> NodeId {
        let id = self.module.nodes.len() as NodeId;
        self.module.nodes.push(Node { kind, at, scope: self.scope, parent: self.parent });
        id
    }

    fn set(&mut self, id: NodeId, kind: Kind<'a>) {
        self.module.nodes[id as usize].kind = kind;
    }

    fn list(&mut self, items: &[NodeId]) -> List {
        let start = self.module.lists.len() as u32;
        self.module.lists.extend_from_slice(items);
        List { start, len: items.len() as u32 }
    }

    fn prop_list(&mut self, items: &[Prop<'a>]) -> List {
        let start = self.module.props.len() as u32;
        self.module.props.extend_from_slice(items);
        List { start, len: items.len() as u32 }
    }

    fn bind(&mut self, name: &'a str, value: NodeId) {
        let defs = self.module.scopes[self.scope as usize].names.entry(name).or_default();
        // A name that is bound over and over says nothing more.
        if defs.len() < 12 {
            defs.push(value);
        }
    }

    fn slot(&mut self, name: &'a str, value: NodeId, kind: SlotKind) {
        if self.module.slots.len() < MAX_ROWS {
            self.module.slots.push(Slot { name, value, kind });
        } else {
            self.module.cut = true;
        }
    }

    /// A value gets a name; a function takes it for its own when it has none.
    fn named(&mut self, name: &'a str, name_at: Span, value: NodeId, kind: SlotKind) {
        self.slot(name, value, kind);
        self.module.targets.entry(value).or_insert(name);
        if let Kind::Function(function) = self.module.kind(value) {
            let function = &mut self.module.functions[function as usize];
            if function.name.is_none() {
                function.name = Some(name);
                function.name_at = name_at;
            }
        }
    }

    fn open(&mut self, kind: ScopeKind) -> ScopeId {
        let id = self.module.scopes.len() as ScopeId;
        self.module.scopes.push(Scope { kind, parent: Some(self.scope), names: FxHashMap::default() });
        std::mem::replace(&mut self.scope, id)
    }

    fn row(&mut self, table: for<'m> fn(&'m mut Module<'a>) -> &'m mut Vec<NodeId>, id: NodeId) {
        let rows = table(&mut self.module);
        if rows.len() < MAX_ROWS {
            rows.push(id);
        } else {
            self.module.cut = true;
        }
    }
}

#[cfg(test)]
mod tests;
