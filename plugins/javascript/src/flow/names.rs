//! Names and members: what they are bound to.

use super::{Flow, Found, Value, Way};
use crate::module::{ClassId, FunctionId, Kind, NodeId};

impl<'a> Flow<'_, 'a> {
    pub(super) fn name(&self, name: &'a str, node: NodeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let Some(defs) = self.module.defs(name, self.module.node(node).scope) else { return };
        for def in defs {
            // `x = x ?? "a"` would never end; `values` bounds it, this spares the steps.
            if *def != node && self.enter(*def) {
                let named = !matches!(self.module.kind(*def), Kind::Member(..));
                self.eval(*def, if named { way.through(name) } else { way.deeper() }, out);
            }
        }
    }

    pub(super) fn each(&self, value: NodeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let mut found = Vec::new();
        self.eval(value, way.deeper(), &mut found);
        for found in found {
            if let Value::List(list) = found.value
                && let Kind::Array(items) = self.module.kind(list)
            {
                self.module.list(items).iter().for_each(|item| self.eval(*item, way.deeper(), out));
            }
        }
    }

    pub(super) fn item(&self, value: NodeId, at: u32, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        // `const [model, setModel] = useState("…")`.
        if at == 0
            && let Kind::Call { .. } = self.module.kind(value)
            && self.module.called(value).is_some_and(|called| called.starts_with("use") && called.len() > 3)
        {
            let arguments = self.module.arguments(value);
            let initial = if arguments.len() > 1 { arguments.get(1) } else { arguments.first() };
            if let Some(initial) = initial {
                self.eval(*initial, way.deeper(), out);
            }
            return;
        }
        let mut found = Vec::new();
        self.eval(value, way.deeper(), &mut found);
        for found in found {
            if let Value::List(list) = found.value
                && let Kind::Array(items) = self.module.kind(list)
                && let Some(item) = self.module.list(items).get(at as usize)
            {
                self.eval(*item, way.deeper(), out);
            }
        }
    }

    /// A parameter: its default, and what calls in this file pass.
    pub(super) fn param(&self, function: FunctionId, at: u32, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let info = &self.module.functions[function as usize];
        let Some(param) = info.params.get(at as usize) else { return };
        if let Some(default) = param.default {
            self.eval(default, way.deeper(), out);
        }
        let name = match info.class {
            // A constructor is called by its class's name.
            Some(class) if info.name == Some("constructor") => Some(self.module.classes[class as usize].name),
            _ => info.name,
        };
        let Some(name) = name else { return };
        for call in self.module.calls_of.get(name).into_iter().flatten().take(6) {
            let arguments = self.module.arguments(*call);
            if let Some(value) = arguments.get(at as usize)
                && !arguments[..=at as usize]
                    .iter()
                    .any(|argument| matches!(self.module.kind(*argument), Kind::Spread(_)))
            {
                self.eval(*value, way.deeper(), out);
            }
        }
        // `<Component model="…">`.
        if at == 0 && name.starts_with(|c: char| c.is_ascii_uppercase()) {
            let elements =
                self.module.elements.iter().take(400).filter(|element| match self.module.kind(**element) {
                    Kind::Element(of, _) => matches!(self.module.kind(of), Kind::Name(of) if of == name),
                    _ => false,
                });
            for element in elements.take(6) {
                self.eval(*element, way.deeper(), out);
            }
        }
    }

    pub(super) fn member(
        &self,
        node: NodeId,
        object: NodeId,
        name: &'a str,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
        let at = self.module.at(node);
        if self.module.variables.binary_search_by_key(&node, |(_, node)| *node).is_ok() {
            out.push(Found { env: Some(name), ..way.found(Value::Env(name), node, at) });
            return;
        }
        if matches!(self.module.kind(object), Kind::This) {
            if let Some(class) = self.module.class_of(self.module.node(node).scope) {
                self.class_attr(class, name, way.through(name), out);
            }
            return;
        }
        let mut bases = Vec::new();
        self.eval(object, way.deeper(), &mut bases);
        for base in bases {
            let way = Way { env: base.env.or(way.env), ..way };
            match base.value {
                Value::Object(object) => self.object_member(object, name, way.through(name), out),
                Value::Class(class) => self.class_attr(class, name, way.through(name), out),
                Value::Made(call) => {
                    if let Some(class) = self.called_class(call, way) {
                        self.class_attr(class, name, way.through(name), out);
                    }
                }
                Value::Foreign(import, mut rest) if rest.len() < 80 => {
                    rest.push('.');
                    rest.push_str(name);
                    out.push(way.through(name).found(Value::Foreign(import, rest), node, at));
                }
                // `ref("…").value`.
                value @ (Value::Text { .. } | Value::Env(_)) if matches!(name, "value" | "current") => {
                    out.push(Found { value, ..base });
                }
                _ => {}
            }
        }
    }

    fn object_member(&self, object: NodeId, name: &'a str, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        if !self.step(way, out) {
            return;
        }
        let mut spreads = Vec::new();
        for prop in self.module.members(object) {
            match prop.name {
                Some(own) if own == name => return self.eval(prop.value, way, out),
                None if prop.spread => spreads.push(prop.value),
                _ => {}
            }
        }
        for spread in spreads.into_iter().take(6) {
            let mut bases = Vec::new();
            self.eval(spread, way.deeper(), &mut bases);
            for base in bases {
                match base.value {
                    Value::Object(inner) if inner != object => {
                        self.object_member(inner, name, way.deeper(), out)
                    }
                    Value::Foreign(import, rest) if rest.len() < 80 => {
                        let rest = format!("{rest}.{name}");
                        out.push(way.found(Value::Foreign(import, rest), base.node, base.at));
                    }
                    _ => {}
                }
            }
        }
    }

    /// What a member of a class or of its instances may be; its base is asked when it has none itself.
    pub(super) fn class_attr(&self, class: ClassId, name: &'a str, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        if !self.step(way, out) {
            return;
        }
        let info = &self.module.classes[class as usize];
        let start = out.len();
        for value in info.attrs.get(name).into_iter().flatten() {
            self.eval(*value, way.deeper(), out);
        }
        if let Some(function) = info.methods.get(name) {
            let function_at = self.module.functions[*function as usize].name_at;
            out.push(way.found(Value::Function(*function), 0, function_at));
        }
        if out.len() == start
            && let Some(extends) = info.extends
        {
            let mut bases = Vec::new();
            self.eval(extends, way.deeper(), &mut bases);
            for base in bases {
                match base.value {
                    Value::Class(base) if base != class => self.class_attr(base, name, way.deeper(), out),
                    Value::Foreign(import, rest) if rest.len() < 80 => {
                        let rest = format!("{rest}.{name}");
                        out.push(way.found(Value::Foreign(import, rest), base.node, base.at));
                    }
                    _ => {}
                }
            }
        }
    }

    pub(super) fn index(&self, object: NodeId, index: NodeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let mut bases = Vec::new();
        self.eval(object, way.deeper(), &mut bases);
        let key = match self.module.kind(index) {
            Kind::Number(_) => None,
            _ => self.one_text(index, way.deeper()),
        };
        for base in bases {
            match base.value {
                Value::Object(object) => {
                    for prop in self.module.members(object).iter().take(200) {
                        match (&key, prop.name) {
                            (Some(key), Some(name)) if key == name => {
                                self.eval(prop.value, way.through(name), out)
                            }
                            // Whatever the reader picks.
                            (None, _) => self.eval(prop.value, way.deeper(), out),
                            _ => {}
                        }
                    }
                }
                Value::List(list) => {
                    let Kind::Array(items) = self.module.kind(list) else { continue };
                    let items = self.module.list(items);
                    match self.module.kind(index) {
                        Kind::Number(at) if at >= 0.0 => {
                            if let Some(item) = items.get(at as usize) {
                                self.eval(*item, way.deeper(), out);
                            }
                        }
                        _ => items.iter().take(24).for_each(|item| self.eval(*item, way.deeper(), out)),
                    }
                }
                Value::Foreign(import, rest) if rest.len() < 80 => {
                    if let Some(key) = &key {
                        let rest = format!("{rest}.{key}");
                        out.push(way.deeper().found(Value::Foreign(import, rest), base.node, base.at));
                    }
                }
                _ => {}
            }
        }
    }
}
