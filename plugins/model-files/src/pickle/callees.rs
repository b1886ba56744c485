//! What calling something does to what is known: which callables are used how, and what their result may be.

use super::calls::{DRIVERS, MAKERS, Use, is_scientific};
use super::inner;
use super::machine::{MAX_INNERS, MAX_LEVEL, MAX_PARTS, Machine};
use super::value::{Kind, Thing, Value};
use crate::model::Danger;

impl Machine<'_> {
    /// An object of a class, made without its constructor.
    pub(super) fn make(&mut self, class: Value, args: Value, at: u64) {
        self.pass(args);
        match class.kind() {
            Kind::Global(index) => self.used(index, Use::Made),
            Kind::Thing(_) | Kind::Plain => self.flag(Danger::Suspicious, "computed-callable", "", at),
            _ => {}
        }
        let result = self.thing(Thing::Call { callee: class, args });
        self.stack.push(result);
    }

    fn used(&mut self, index: u32, how: Use) {
        if let Some(global) = self.walk.globals.get_mut(index as usize) {
            global.how = global.how.max(how);
        }
    }

    fn excuse(&mut self, index: u32) {
        if let Some(global) = self.walk.globals.get_mut(index as usize) {
            global.is_excused = true;
        }
    }

    /// Whatever stands in arguments is handed to what is called.
    pub(super) fn pass(&mut self, args: Value) {
        if let Kind::Global(index) = args.kind() {
            return self.used(index, Use::Passed);
        }
        for at in 0..MAX_PARTS {
            match self.part(args, at).map(Value::kind) {
                Some(Kind::Global(index)) => self.used(index, Use::Passed),
                Some(_) => {}
                None => return,
            }
        }
    }

    pub(super) fn call(&mut self, callee: Value, args: Value, at: u64) {
        let mut result = None;
        match callee.kind() {
            Kind::Global(index) => {
                let name = self
                    .walk
                    .globals
                    .get(index as usize)
                    .map_or_else(String::new, |global| global.name.clone());
                if MAKERS.binary_search(&name.as_str()).is_ok() {
                    // Its class is the first argument.
                    if let Some(Kind::Global(class)) = self.part(args, 0).map(Value::kind) {
                        self.used(class, Use::Made);
                    }
                } else {
                    self.pass(args);
                }
                if DRIVERS.binary_search(&name.as_str()).is_ok()
                    && let Some(Kind::Global(driven)) = self.part(args, 0).map(Value::kind)
                {
                    self.used(driven, Use::Called);
                }
                if self.is_time_zone(&name, args) {
                    self.push_global("zoneinfo\0ZoneInfo._unpickle".to_owned(), at);
                    result = self.stack.pop();
                    self.excuse(index);
                } else if self.is_harmless(&name, args, at) {
                    result = Some(self.thing(Thing::Got));
                    self.excuse(index);
                } else {
                    self.used(index, Use::Called);
                }
                if name.starts_with("torch._utils._rebuild_tensor") {
                    self.tensor(args);
                }
            }
            // An attribute of an object, called: only the run shows what that is.
            Kind::Thing(index) if matches!(self.things.get(index as usize), Some(Thing::Got)) => {
                self.pass(args);
                self.flag(Danger::Unsafe, "computed-callable", "the result of a look-up", at);
            }
            Kind::Thing(_) | Kind::Plain => {
                self.pass(args);
                self.flag(Danger::Suspicious, "computed-callable", "", at);
            }
            Kind::Lost | Kind::Int(_) | Kind::Text(_) | Kind::Bytes(_) => {}
        }
        let result = result.unwrap_or_else(|| self.thing(Thing::Call { callee, args }));
        self.stack.push(result);
    }

    /// How protocols before 4 spell the one class method that Python's own library pickles.
    fn is_time_zone(&mut self, name: &str, args: Value) -> bool {
        let (Some(class), Some(method)) = (self.part(args, 0), self.part(args, 1)) else { return false };
        matches!(name, "builtins.getattr" | "__builtin__.getattr")
            && self.is_named(class, &["zoneinfo.ZoneInfo"])
            && self.spelt(method).as_deref() == Some("_unpickle")
    }

    /// Calls that are dangerous by what they are given, and given nothing dangerous.
    fn is_harmless(&mut self, name: &str, args: Value, at: u64) -> bool {
        let parts = (self.part(args, 0), self.part(args, 1));
        match name {
            // An attribute of an object that the pickle itself has made: a bound method as data.
            "builtins.getattr" | "__builtin__.getattr" => {
                let (Some(object), Some(attribute)) = parts else { return false };
                let is_own = match object.kind() {
                    Kind::Thing(index) => {
                        matches!(self.things.get(index as usize), Some(Thing::Call { .. } | Thing::Dict(_)))
                    }
                    Kind::Global(index) => {
                        let class = self.walk.globals.get(index as usize).map(|global| global.key.clone());
                        class.is_some_and(|class| {
                            is_scientific(&class.replace('\0', "."))
                                && super::danger(&class, Use::Made).is_none()
                        })
                    }
                    _ => false,
                };
                is_own
                    && self
                        .spelt(attribute)
                        .is_some_and(|name| !name.starts_with("__") && !name.contains('.'))
            }
            // NumPy's functions were once kept by module and name.
            "numpy.core._ufunc_reconstruct" | "numpy._core._ufunc_reconstruct" => {
                let (Some(module), Some(function)) = parts else { return false };
                let name = self.spelt(module).zip(self.spelt(function));
                name.is_some_and(|(module, function)| {
                    super::danger(&format!("{module}\0{function}"), Use::Named).is_none()
                        && is_scientific(&module)
                })
            }
            // A tensor in a pickle that is not PyTorch's own: a whole file of PyTorch's in bytes.
            "torch.storage._load_from_bytes" => {
                let Some(Kind::Bytes(start)) = parts.0.map(Value::kind) else { return false };
                let Some(bytes) = inner::bytes_at(&self.cursor, start) else { return false };
                if self.level >= MAX_LEVEL || self.inners >= MAX_INNERS {
                    return false;
                }
                self.inners += 1;
                let Some(inner) = super::walk_at(&bytes, self.level + 1) else { return false };
                self.walk.tensors.merge(&inner.tensors);
                let is_clean = inner.flags.is_empty()
                    && inner.is_torch_legacy
                    && inner.globals.iter().all(|global| global.danger().is_none());
                for global in inner.globals {
                    if global.danger().is_some() {
                        self.push_global(global.key.clone(), at);
                        if let Some(Kind::Global(index)) = self.stack.pop().map(Value::kind) {
                            self.used(index, global.how);
                        }
                    }
                }
                is_clean
            }
            _ => false,
        }
    }
}
