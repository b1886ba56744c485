//! What the stack and the memo hold: eight bytes a value.

/// A value of which only so much is known as matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value(u64);

/// A value, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything.
    Plain,
    /// A whole number of at most 59 bits.
    Int(i64),
    /// A text, by the offset of its opcode.
    Text(u64),
    /// Bytes, by the offset of their opcode.
    Bytes(u64),
    /// A callable, by its index.
    Global(u32),
    /// A composite, by its index.
    Thing(u32),
    /// A composite that was too much to keep.
    Lost,
}

const PLAIN: u64 = 0;
const INT: u64 = 1;
const TEXT: u64 = 2;
const GLOBAL: u64 = 3;
const THING: u64 = 4;
const LOST: u64 = 5;
const BYTES: u64 = 6;
const BITS: u32 = 60;
const PAYLOAD: u64 = (1 << BITS) - 1;

impl Value {
    pub(super) const PLAIN: Self = Self(PLAIN << BITS);
    pub(super) const LOST: Self = Self(LOST << BITS);

    pub(super) fn int(number: i64) -> Self {
        let is_small = number.unsigned_abs() < 1 << (BITS - 1);
        if is_small { Self(INT << BITS | number as u64 & PAYLOAD) } else { Self::PLAIN }
    }
    pub(super) fn text(at: u64) -> Self {
        Self(TEXT << BITS | at & PAYLOAD)
    }
    pub(super) fn bytes(at: u64) -> Self {
        Self(BYTES << BITS | at & PAYLOAD)
    }
    pub(super) fn global(index: usize) -> Self {
        Self(GLOBAL << BITS | index as u64)
    }
    pub(super) fn thing(index: usize) -> Self {
        Self(THING << BITS | index as u64)
    }

    pub(super) fn kind(self) -> Kind {
        let payload = self.0 & PAYLOAD;
        match self.0 >> BITS {
            INT => Kind::Int((payload << (64 - BITS)) as i64 >> (64 - BITS)),
            TEXT => Kind::Text(payload),
            BYTES => Kind::Bytes(payload),
            GLOBAL => Kind::Global(payload as u32),
            THING => Kind::Thing(payload as u32),
            LOST => Kind::Lost,
            _ => Kind::Plain,
        }
    }
}

/// A composite of which the parts matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Thing {
    /// A tuple of at most eight parts.
    Tuple(Vec<Value>),
    /// A list: only its size matters.
    List,
    /// The first entries of a dictionary, keys and values in turn.
    Dict(Vec<Value>),
    /// What calling something gives.
    Call { callee: Value, args: Value },
    /// What a look-up gave that is harmless until it is called.
    Got,
    /// What PyTorch's loader makes of an id.
    Persistent(Value),
}

/// What the memo remembers.
#[derive(Debug, Default)]
pub(super) struct Memo {
    dense: Vec<Value>,
    sparse: std::collections::BTreeMap<u64, Value>,
    /// How many entries Python's memo would have: MEMOIZE stores there.
    len: u64,
}

/// Entries kept: 32 MiB.
const MAX_DENSE: usize = 4 << 20;
const MAX_SPARSE: usize = 1 << 16;

impl Memo {
    pub(super) fn clear(&mut self) {
        self.dense.clear();
        self.sparse.clear();
        self.len = 0;
    }

    /// Whether there is room for it.
    pub(super) fn put(&mut self, at: u64, value: Value) -> bool {
        if at == self.dense.len() as u64 && self.dense.len() < MAX_DENSE {
            // What was put ahead of its turn keeps its place until now.
            self.len += u64::from(self.sparse.remove(&at).is_none());
            self.dense.push(value);
            return true;
        }
        if let Some(slot) = usize::try_from(at).ok().and_then(|at| self.dense.get_mut(at)) {
            *slot = value;
            return true;
        }
        if self.sparse.len() >= MAX_SPARSE {
            return false;
        }
        self.len += u64::from(self.sparse.insert(at, value).is_none());
        true
    }

    /// CPython stores at the number of entries there are.
    pub(super) fn memoize(&mut self, value: Value) -> bool {
        self.put(self.len, value)
    }

    pub(super) fn get(&self, at: u64) -> Option<Value> {
        usize::try_from(at).ok().and_then(|at| self.dense.get(at)).or_else(|| self.sparse.get(&at)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_what_they_hold() {
        for number in [0, 1, -1, 1 << 40, -(1 << 40)] {
            assert_eq!(Value::int(number).kind(), Kind::Int(number));
        }
        assert_eq!(Value::int(i64::MIN).kind(), Kind::Plain);
        assert_eq!(Value::text(7).kind(), Kind::Text(7));
        assert_eq!(Value::LOST.kind(), Kind::Lost);
    }

    #[test]
    fn the_memo_counts_as_python_does() {
        let mut memo = Memo::default();
        memo.put(5, Value::int(5));
        memo.memoize(Value::int(1));
        assert_eq!(memo.get(1), Some(Value::int(1)));
        memo.put(0, Value::int(0));
        memo.put(0, Value::int(9));
        memo.memoize(Value::int(3));
        assert_eq!((memo.get(0), memo.get(3)), (Some(Value::int(9)), Some(Value::int(3))));
        assert_eq!(memo.get(2), None);
    }
}
