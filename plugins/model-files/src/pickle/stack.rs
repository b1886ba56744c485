//! The unpickler's stack, with its marks as fences, in bounded memory.

use super::value::Value;

/// Values kept: 16 MiB.
const MAX_VALUES: usize = 2 << 20;
/// Values between two marks, and of those the ones that are kept when there are more: the first make a collection's
/// first entries, the last may still be popped.
const MAX_FRAME: usize = 1 << 18;
const KEPT_FIRST: usize = 128;
const KEPT_LAST: usize = 4096;

/// A stack; every method that takes something off says None when it is not there.
#[derive(Debug, Default)]
pub(super) struct Stack {
    values: Vec<Value>,
    marks: Vec<usize>,
    /// Where values are missing, and how many.
    forgotten: Vec<(usize, u64)>,
}

impl Stack {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.marks.clear();
        self.forgotten.clear();
    }

    /// Whether it has grown beyond what is kept.
    pub(super) fn is_full(&self) -> bool {
        self.values.len() > MAX_VALUES || self.marks.len() > MAX_VALUES
    }

    pub(super) fn push(&mut self, value: Value) {
        self.values.push(value);
        if self.values.len() - self.fence() > MAX_FRAME {
            self.forget();
        }
    }

    pub(super) fn mark(&mut self) {
        self.marks.push(self.values.len());
    }

    /// Whether the mark itself is on top.
    pub(super) fn is_at_mark(&self) -> bool {
        self.marks.last() == Some(&self.values.len())
    }

    pub(super) fn drop_mark(&mut self) {
        self.marks.pop();
    }

    pub(super) fn pop(&mut self) -> Option<Value> {
        if self.is_forgotten() {
            let (_, count) = self.forgotten.last_mut()?;
            *count -= 1;
            if *count == 0 {
                self.forgotten.pop();
            }
            return Some(Value::LOST);
        }
        if self.values.len() <= self.fence() { None } else { self.values.pop() }
    }

    pub(super) fn top(&self) -> Option<Value> {
        if self.is_forgotten() {
            return Some(Value::LOST);
        }
        self.values.last().copied().filter(|_| self.values.len() > self.fence())
    }

    /// The last `n`, in their order.
    pub(super) fn pop_n(&mut self, n: usize) -> Option<Vec<Value>> {
        let mut items = (0..n).map(|_| self.pop()).collect::<Option<Vec<_>>>()?;
        items.reverse();
        Some(items)
    }

    /// Everything above the last mark that is kept.
    pub(super) fn pop_to_mark(&mut self) -> Option<Vec<Value>> {
        let mark = self.marks.pop()?;
        while self.forgotten.last().is_some_and(|(at, _)| *at > mark) {
            self.forgotten.pop();
        }
        Some(self.values.split_off(mark.min(self.values.len())))
    }

    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    /// How many values were forgotten right below the top.
    fn is_forgotten(&self) -> bool {
        self.forgotten.last().is_some_and(|(at, _)| *at == self.values.len() && *at > self.fence())
    }

    /// Values between two marks that only a whole collection can still reach: their number is all that is kept.
    fn forget(&mut self) {
        let from = self.fence() + KEPT_FIRST;
        let to = self.values.len() - KEPT_LAST;
        self.values.drain(from..to);
        let count = (to - from) as u64;
        match self.forgotten.last_mut() {
            Some((at, before)) if *at == from => *before += count,
            _ => self.forgotten.push((from, count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_fences() {
        let mut stack = Stack::default();
        stack.push(Value::int(1));
        stack.mark();
        assert!(stack.is_at_mark());
        assert_eq!((stack.pop(), stack.top()), (None, None));
        stack.push(Value::int(2));
        stack.push(Value::int(3));
        assert_eq!(stack.pop_n(3), None);
        stack.push(Value::int(4));
        assert_eq!(stack.pop_to_mark(), Some(vec![Value::int(4)]));
        assert_eq!((stack.pop(), stack.pop(), stack.pop_to_mark()), (Some(Value::int(1)), None, None));
    }

    #[test]
    fn what_was_forgotten_is_counted() {
        let mut stack = Stack::default();
        for at in 0..1_000_000 {
            stack.push(Value::int(at));
        }
        assert!(!stack.is_full());
        for at in (0..1_000_000).rev() {
            let value = stack.pop();
            assert!(value == Some(Value::int(at)) || value == Some(Value::LOST), "{at}");
            if at < KEPT_FIRST as i64 {
                assert_eq!(value, Some(Value::int(at)));
            }
        }
        assert_eq!(stack.pop(), None);
    }

    #[test]
    fn a_mark_where_values_were_forgotten() {
        let mut stack = Stack::default();
        for at in 0..=MAX_FRAME as i64 {
            stack.push(Value::int(at));
        }
        for _ in 0..KEPT_LAST {
            stack.pop();
        }
        stack.mark();
        assert_eq!(stack.pop(), None);
        assert_eq!(stack.pop_to_mark(), Some(vec![]));
        assert_eq!(stack.pop(), Some(Value::LOST));
    }
}
