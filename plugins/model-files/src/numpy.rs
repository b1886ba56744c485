//! NumPy's `.npy`: a magic, a Python literal that says type and shape, the array; or a pickle where an array would be.

use crate::bytes::{Broken, Cursor, ReadAt, Window};
use crate::model::{Danger, Model, Tensors};
use crate::pickle;

/// The longest header numpy itself accepts without being told.
const MAX_HEADER: u64 = 64 << 10;

/// Reads a header, and the pickle behind it.
pub fn read(bytes: &dyn ReadAt) -> Model {
    let mut model = Model::new("npy");
    model.is_judged = true;
    if let Err(broken) = header(bytes, &mut model) {
        model.broken(broken.why.into_owned(), broken.at);
    }
    model
}

fn header(bytes: &dyn ReadAt, model: &mut Model) -> Result<(), Broken> {
    let mut cursor = Cursor::new(bytes, 6);
    let [major, _] = cursor.array()?;
    let len = if major == 1 { u64::from(cursor.u16()?) } else { u64::from(cursor.u32()?) };
    if len > MAX_HEADER || len > cursor.left() {
        return Err(cursor.broken("the header is longer than it may be"));
    }
    let text = String::from_utf8_lossy(cursor.take(len as usize)?).into_owned();
    let Some((dtype, shape)) = literal(&text) else {
        // NumPy evaluates the header as Python does a literal, escapes and all: what follows may be a pickle.
        if let Some(walk) = pickle::walk(&Window::new(bytes, cursor.at(), u64::MAX)) {
            pickle::describe(&walk, None, model);
            model.metadata.remove("protocol");
        }
        return Err(Broken::new(10, "the header is not the literal it should be"));
    };
    model.set("dtype", dtype.clone());
    model.set("shape", shape.clone());
    if holds_objects(&dtype) {
        let rest = Window::new(bytes, cursor.at(), u64::MAX);
        match pickle::walk(&rest) {
            Some(walk) => pickle::describe(&walk, None, model),
            None => model.broken("an array of objects is no pickle", cursor.at()),
        }
        model.metadata.remove("protocol");
        model.flag(Danger::Suspicious, "object-array", dtype, 10);
        return Ok(());
    }
    let mut tensors = Tensors::new();
    let elements = tensors.add(&dtype, &shape);
    match elements.and_then(|elements| elements.checked_mul(item_size(&dtype)?)) {
        Some(size) if size > cursor.left() => {
            return Err(cursor.broken("the array goes past the end of the file"));
        }
        None if elements.is_none() => return Err(cursor.broken("the shape overflows")),
        _ => {}
    }
    if let Some(elements) = elements {
        model.set("parameters", elements);
    }
    Ok(())
}

/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`
fn literal(text: &str) -> Option<(String, Vec<u64>)> {
    let descr = text.split_once("'descr':")?.1.trim_start();
    let dtype = match descr.strip_prefix('\'') {
        Some(rest) => rest.split_once('\'')?.0.to_owned(),
        None => descr.get(..descr.find("], '").map_or(descr.len(), |end| end + 1))?.to_owned(),
    };
    let shape = text.split_once("'shape':")?.1.trim_start().strip_prefix('(')?.split_once(')')?.0;
    let dims = shape.split(',').map(str::trim).filter(|dim| !dim.is_empty());
    let shape = dims.map(|dim| dim.trim_end_matches('L').parse().ok()).collect::<Option<Vec<u64>>>()?;
    let is_plain = text.trim().starts_with('{')
        && text.trim().ends_with('}')
        && !text.contains("__")
        && !text.contains('\\')
        && shape.len() <= 64;
    is_plain.then_some((dtype, shape))
}

/// Whether a type, or a field of it at any depth, is Python's objects: `|O`, `O8`, `object`.
fn holds_objects(dtype: &str) -> bool {
    dtype.split('\'').any(|word| {
        let word = word.trim_start_matches(['<', '>', '|', '=']);
        word == "object"
            || word == "object_"
            || word.strip_prefix('O').is_some_and(|size| size.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

fn item_size(dtype: &str) -> Option<u64> {
    let digits = dtype.trim_start_matches(|c: char| !c.is_ascii_digit());
    let size: u64 = digits.parse().ok()?;
    Some(if dtype.contains('U') { size.checked_mul(4)? } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
    }

    #[test]
    fn headers() {
        for (header, data, verdict) in [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", &[0; 48][..], "benign"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", &[0; 47], "suspicious"),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }",
                &[0; 47],
                "suspicious",
            ),
            (
                "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
                b"cos\nsystem\n(S'x'\ntR.",
                "unsafe",
            ),
            (
                "{'descr': [('a', '<f4'), ('b', [('c', 'O8')])], 'fortran_order': False, 'shape': (1,), }",
                b"cos\nsystem\n(S'x'\ntR.",
                "unsafe",
            ),
            (
                "{'descr': '\\x7cO', 'fortran_order': False, 'shape': (1,), }",
                b"cos\nsystem\n(S'x'\ntR.",
                "unsafe",
            ),
            ("__import__('os')", &[], "suspicious"),
        ] {
            assert_eq!(read(&file(header, data)).verdict(), Some(verdict), "{header}");
        }
        let model = read(&file("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", &[0; 48]));
        assert_eq!(model.number("parameters"), Some(12));
    }

    proptest! {
        #[test]
        fn nothing_panics(tail in proptest::collection::vec(any::<u8>(), 0..120)) {
            read(&[&b"\x93NUMPY"[..], &tail].concat());
        }
    }
}
